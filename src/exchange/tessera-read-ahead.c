/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-read-ahead.c: a thread that fills a ring of blocks.
 */
#include "config.h"

#include "tessera-block-ring.h"
#include "tessera-read-ahead.h"

struct _TesseraReadAhead {
  GInputStream *input;
  TesseraBlockRing *ring;
  GThread *thread; /* NULL when none is to be had */
  gboolean in_use; /* the block last handed out */
  gboolean at_end;
  GError *error;   /* the thread's, until the ring has ended */
};

/* Whether there is more to read. */
static gboolean
fill (TesseraReadAhead *self, TesseraBlock *block)
{
  gsize size = 0;
  gboolean good = g_input_stream_read_all (self->input, block->data, TESSERA_BLOCK_SIZE, &size, NULL, &self->error);

  /* Once given away, the block is somebody else's. */
  block->size = size;
  if (size > 0)
    tessera_block_ring_give_full (self->ring);

  return good && size == TESSERA_BLOCK_SIZE;
}

static gpointer
read_blocks (gpointer data)
{
  TesseraReadAhead *self = data;
  TesseraBlock *block;

  while ((block = tessera_block_ring_get_empty (self->ring)) != NULL)
    if (!fill (self, block))
      break;
  tessera_block_ring_end (self->ring);

  return NULL;
}

TesseraReadAhead *
tessera_read_ahead_new (GInputStream *input)
{
  TesseraReadAhead *self = g_new0 (TesseraReadAhead, 1);

  self->input = g_object_ref (input);
  self->ring = tessera_block_ring_new ();
  self->thread = g_thread_try_new ("read-ahead", read_blocks, self, NULL);

  return self;
}

/* Without a thread, each block is read when it is asked for. */
static void
fill_here (TesseraReadAhead *self)
{
  if (self->thread != NULL || self->at_end)
    return;
  if (!fill (self, tessera_block_ring_get_empty (self->ring))) {
    self->at_end = TRUE;
    tessera_block_ring_end (self->ring);
  }
}

gboolean
tessera_read_ahead_next (TesseraReadAhead *self, const guint8 **ret_data, gsize *ret_size, GError **error)
{
  const TesseraBlock *block;

  if (self->in_use)
    tessera_block_ring_give_empty (self->ring);
  fill_here (self);
  block = tessera_block_ring_get_full (self->ring);
  self->in_use = block != NULL;
  *ret_data = block != NULL ? block->data : NULL;
  *ret_size = block != NULL ? block->size : 0;
  if (block == NULL && self->error != NULL) {
    g_propagate_error (error, g_error_copy (self->error));
    return FALSE;
  }

  return TRUE;
}

void
tessera_read_ahead_free (TesseraReadAhead *self)
{
  if (self == NULL)
    return;
  tessera_block_ring_stop (self->ring);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  tessera_block_ring_free (self->ring);
  g_clear_error (&self->error);
  g_object_unref (self->input);
  g_free (self);
}
