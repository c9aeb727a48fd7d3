/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-database.c: the pages of the store file.
 *
 * Page N stands, sealed, at (N + 2) × 4096, behind the head. SQLite uses 4056 bytes of it; the last 40, which
 * it was told to leave alone, hold nonce and tag. An all-zero page on the disk is never genuine: gaps are
 * filled with sealed pages of zeros when the file grows.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define FILE_HEADER_BYTES 100

static sqlite3_int64
page_offset (guint32 number)
{
  return TESSERA_PAGE_HEAD_BYTES + (sqlite3_int64) (number - 1) * TESSERA_PAGE_SIZE;
}

static void
page_aad (TesseraPageAad *aad, TesseraPageFile *file, guint32 number)
{
  tessera_page_aad_begin (aad, file->vfs->id, TESSERA_PAGE_KIND_DATABASE);
  tessera_page_aad_add32 (aad, number);
}

static int
database_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  sqlite3_int64 size = 0;
  int rc = self->real->pMethods->xFileSize (self->real, &size);

  *ret_size = MAX (size - TESSERA_PAGE_HEAD_BYTES, 0);
  return rc;
}

/* A page that is not wholly there: SQLite may ask for pages behind the end and expects zeros. But one that
 * the log or the head says must be there was cut off, and zeros would pass for data. */
static int
missing_page (TesseraPageFile *self, guint32 number)
{
  sqlite3_int64 size;
  guint32 floor;
  int rc = database_size (&self->base, &size);

  if (rc != SQLITE_OK)
    return rc;
  if (size > (sqlite3_int64) (number - 1) * TESSERA_PAGE_SIZE)
    return SQLITE_IOERR_DATA;
  g_mutex_lock (&self->node->lock);
  floor = self->node->floor;
  g_mutex_unlock (&self->node->lock);
  return number <= floor ? SQLITE_IOERR_DATA : SQLITE_IOERR_SHORT_READ;
}

/* Reads page @number into @out (4096 bytes). */
static int
read_page (TesseraPageFile *self, guint32 number, guint8 *out)
{
  guint8 *block = self->scratch->block;
  TesseraPageAad aad;
  int rc = self->real->pMethods->xRead (self->real, block, TESSERA_PAGE_SIZE, page_offset (number));

  if (rc == SQLITE_IOERR_SHORT_READ)
    rc = missing_page (self, number);
  if (rc != SQLITE_OK) {
    memset (out, 0, TESSERA_PAGE_SIZE);
    return rc;
  }
  page_aad (&aad, self, number);
  if (!tessera_page_open (self->vfs->key, &aad, out, block, TESSERA_PAGE_BODY)) {
    memset (out, 0, TESSERA_PAGE_SIZE);
    return SQLITE_IOERR_DATA;
  }
  memset (out + TESSERA_PAGE_BODY, 0, TESSERA_PAGE_RESERVED);
  return SQLITE_OK;
}

/* Pages were changed under a journal that is not here: what is on the disk is a mixture. */
static gboolean
is_unfinished (TesseraPageFile *self)
{
  gboolean needed;

  if (self->journal != NULL)
    return FALSE; /* it checks itself */
  g_mutex_lock (&self->node->lock);
  needed = tessera_page_mark_needs_journal (self->node);
  g_mutex_unlock (&self->node->lock);
  if (needed)
    tessera_page_vfs_report (self->vfs, TESSERA_PAGE_PROBLEM_LOG_MISSING);
  return needed;
}

/* The first thing SQLite reads, before it looks for a log or journal. If a crash tore page 1, its good copy
 * is in one of them, and all that SQLite needs to get there is always the same. */
static int
read_file_header (TesseraPageFile *self, guint8 *out, int amount)
{
  int rc = read_page (self, 1, self->scratch->plain);

  if (rc == SQLITE_IOERR_DATA) {
    memset (self->scratch->plain, 0, FILE_HEADER_BYTES);
    self->scratch->plain[16] = TESSERA_PAGE_SIZE >> 8;
    self->scratch->plain[20] = TESSERA_PAGE_RESERVED;
    rc = SQLITE_OK;
  }
  memcpy (out, self->scratch->plain, amount);
  return rc;
}

/* Whole pages, or a piece of one: SQLite reads the first 100 bytes, and the change counter, before it knows
 * more. */
static int
database_read (sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  gsize within = offset % TESSERA_PAGE_SIZE;
  guint32 number = (guint32) (offset / TESSERA_PAGE_SIZE + 1);
  int rc;

  if (offset == 0 && amount == FILE_HEADER_BYTES)
    return read_file_header (self, buffer, amount);
  if (is_unfinished (self))
    return SQLITE_IOERR_DATA;
  if (within == 0 && amount == TESSERA_PAGE_SIZE)
    return read_page (self, number, buffer);
  if (amount < 0 || within + amount > TESSERA_PAGE_SIZE)
    return SQLITE_IOERR_READ;
  rc = read_page (self, number, self->scratch->plain);
  memcpy (buffer, self->scratch->plain + within, amount);
  return rc;
}

static int
write_page (TesseraPageFile *self, guint32 number, const guint8 *plain)
{
  TesseraPageAad aad;

  page_aad (&aad, self, number);
  tessera_page_seal (self->vfs->key, &aad, tessera_page_next_nonce (self), self->scratch->block, plain,
                     TESSERA_PAGE_BODY);
  return self->real->pMethods->xWrite (self->real, self->scratch->block, TESSERA_PAGE_SIZE,
                                       page_offset (number));
}

/* Sealed pages of zeros from the end of the file up to and including page @last. */
static int
fill_up_to (TesseraPageFile *self, guint32 last)
{
  static const guint8 zeros[TESSERA_PAGE_SIZE];
  sqlite3_int64 size;
  int rc = database_size (&self->base, &size);

  for (guint32 number = (guint32) (size / TESSERA_PAGE_SIZE) + 1; rc == SQLITE_OK && number <= last; number++)
    rc = write_page (self, number, zeros);
  return rc;
}

/* Pages move from the log into the database, or change under a journal: first say so in the head, so that the
 * one or the other cannot be taken away. */
static int
mark_before_change (TesseraPageFile *self)
{
  TesseraPageNode *node = self->node;
  TesseraPageFile *log = self->log;
  TesseraPageFile *journal = self->journal;
  int rc = SQLITE_OK;

  if (log == NULL && journal == NULL)
    return SQLITE_OK;
  g_mutex_lock (&node->lock);
  if (log != NULL && node->generation_known && log->synced_serial == node->serial &&
      log->synced > node->mark.frames)
    rc = tessera_page_mark_frames (self, log->synced);
  else if (journal != NULL && journal->journal_is_own &&
           (memcmp (journal->journal_id, node->mark.journal, sizeof node->mark.journal) != 0 ||
            journal->journal_sectors > node->mark.journal_sectors))
    rc = tessera_page_mark_journal (self, journal->journal_id, journal->journal_sectors);
  g_mutex_unlock (&node->lock);
  return rc;
}

/* What SQLite would lose without an error if it were written: another page size, data in the reserved bytes.
 */
static gboolean
is_writable_page (guint32 number, const guint8 *page)
{
  static const guint8 zeros[TESSERA_PAGE_RESERVED];

  if (number == 1 && (memcmp (page, "SQLite format 3", 16) != 0 || page[16] != TESSERA_PAGE_SIZE >> 8 ||
                      page[17] != 0 || page[20] != TESSERA_PAGE_RESERVED))
    return FALSE;
  return memcmp (page + TESSERA_PAGE_BODY, zeros, sizeof zeros) == 0;
}

static int
database_write (sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint32 number = (guint32) (offset / TESSERA_PAGE_SIZE + 1);
  int rc;

  if (amount != TESSERA_PAGE_SIZE || offset % TESSERA_PAGE_SIZE != 0 || !is_writable_page (number, buffer))
    return SQLITE_IOERR_WRITE;
  rc = mark_before_change (self);
  if (rc == SQLITE_OK)
    rc = fill_up_to (self, number - 1);
  return rc == SQLITE_OK ? write_page (self, number, buffer) : rc;
}

static int
database_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint32 pages = (guint32) ((size + TESSERA_PAGE_SIZE - 1) / TESSERA_PAGE_SIZE);
  sqlite3_int64 present;
  int rc = database_size (base, &present);

  if (rc == SQLITE_OK)
    rc = mark_before_change (self);
  if (rc != SQLITE_OK)
    return rc;
  if (present < (sqlite3_int64) pages * TESSERA_PAGE_SIZE)
    return fill_up_to (self, pages);
  return self->real->pMethods->xTruncate (self->real, page_offset (pages + 1));
}

static int
database_control (sqlite3_file *base, int operation, void *argument)
{
  /* Both would make the platform put zeros into the file that nobody sealed. */
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE)
    return SQLITE_OK;
  return tessera_page_file_control (base, operation, argument);
}

static int
database_shm_map (sqlite3_file *base, int region, int size, int extend, void volatile **ret_address)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xShmMap (self->real, region, size, extend, ret_address);
}

static int
database_shm_lock (sqlite3_file *base, int offset, int count, int flags)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xShmLock (self->real, offset, count, flags);
}

static void
database_shm_barrier (sqlite3_file *base)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  self->real->pMethods->xShmBarrier (self->real);
}

static int
database_shm_unmap (sqlite3_file *base, int delete_it)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xShmUnmap (self->real, delete_it);
}

/* Version 2: shared memory (in the heap, see unix-excl), but no memory-mapped pages. */
const sqlite3_io_methods tessera_page_database_methods = {
  .iVersion = 2,
  .xClose = tessera_page_file_close,
  .xRead = database_read,
  .xWrite = database_write,
  .xTruncate = database_truncate,
  .xSync = tessera_page_file_sync,
  .xFileSize = database_size,
  .xLock = tessera_page_file_lock,
  .xUnlock = tessera_page_file_unlock,
  .xCheckReservedLock = tessera_page_file_check_reserved,
  .xFileControl = database_control,
  .xSectorSize = tessera_page_file_sector_size,
  .xDeviceCharacteristics = tessera_page_file_characteristics,
  .xShmMap = database_shm_map,
  .xShmLock = database_shm_lock,
  .xShmBarrier = database_shm_barrier,
  .xShmUnmap = database_shm_unmap,
};
