/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-scratch.c: the memory in which one handle seals and opens.
 *
 * SQLite's allocator, so that a lack of memory is an error and not the end of the program.
 */
#include "config.h"

#include "tessera-page-private.h"

static gsize
block_bytes (guint32 page_size)
{
  return TESSERA_LOG_SEALED_FRAME_HEADER + page_size;
}

TesseraPageScratch *
tessera_page_scratch_new (void)
{
  TesseraPageScratch *self = sqlite3_malloc (sizeof *self);

  if (self == NULL)
    return NULL;
  self->used = TESSERA_PAGE_NONCE_BATCH;
  self->page_size = 0;
  self->block = NULL;
  self->plain = NULL;
  return self;
}

static void
drop_buffers (TesseraPageScratch *self)
{
  if (self->block != NULL)
    sodium_memzero (self->block, block_bytes (self->page_size));
  if (self->plain != NULL)
    sodium_memzero (self->plain, self->page_size);
  sqlite3_free (self->block);
  sqlite3_free (self->plain);
  self->block = NULL;
  self->plain = NULL;
}

/* Makes room for pages of @page_size; once there, it stays. */
int
tessera_page_scratch_fit (TesseraPageScratch *self, guint32 page_size)
{
  if (self->page_size == page_size && self->plain != NULL)
    return SQLITE_OK;
  drop_buffers (self);
  self->page_size = page_size;
  self->block = sqlite3_malloc64 (block_bytes (page_size));
  self->plain = sqlite3_malloc64 (page_size);
  if (self->block != NULL && self->plain != NULL)
    return SQLITE_OK;
  drop_buffers (self);
  return SQLITE_NOMEM;
}

void
tessera_page_scratch_free (TesseraPageScratch *self)
{
  if (self == NULL)
    return;
  drop_buffers (self);
  sqlite3_free (self);
}
