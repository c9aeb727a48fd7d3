/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-stamps.c: numbered blocks, and by which nonce the last one written is known.
 *
 * Every block is sealed under a random nonce of its own; its first eight bytes tell the newest block of a
 * page from all its earlier ones, which are as genuine. Only memory; for the disk see tessera-page-table.c.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define SMALLEST_CAPACITY 64

guint64
tessera_page_stamp (const guint8 nonce[TESSERA_PAGE_NONCE])
{
  return tessera_page_get64 (nonce);
}

static int
reserve (TesseraPageStamps *self, guint32 count)
{
  guint64 capacity = MAX (self->capacity, SMALLEST_CAPACITY);
  guint64 *stamps;

  if (count <= self->capacity)
    return SQLITE_OK;
  while (capacity < count)
    capacity += capacity / 2;
  stamps = sqlite3_realloc64 (self->stamps, capacity * sizeof *stamps);
  if (stamps == NULL)
    return SQLITE_NOMEM;
  self->stamps = stamps;
  self->capacity = (guint32) MIN (capacity, G_MAXUINT32);
  return SQLITE_OK;
}

int
tessera_page_stamps_set (TesseraPageStamps *self, guint32 number, guint64 stamp)
{
  int rc = reserve (self, number);

  if (rc != SQLITE_OK)
    return rc;
  if (number > self->count) {
    memset (self->stamps + self->count, 0, (number - self->count) * sizeof *self->stamps);
    self->count = number;
  }
  self->stamps[number - 1] = stamp;
  return SQLITE_OK;
}

/* 0 for a number that was never set. */
guint64
tessera_page_stamps_get (const TesseraPageStamps *self, guint32 number)
{
  return number <= self->count ? self->stamps[number - 1] : 0;
}

void
tessera_page_stamps_cut (TesseraPageStamps *self, guint32 count)
{
  self->count = MIN (self->count, count);
}

void
tessera_page_stamps_clear (TesseraPageStamps *self)
{
  sqlite3_free (self->stamps);
  *self = (TesseraPageStamps){ 0 };
}
