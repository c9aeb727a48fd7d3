/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-database.c: the pages of the store file.
 *
 * Of each page SQLite uses all but the last 40 bytes; these, which it was told to leave alone, hold nonce and
 * tag on the disk. Only the block that the table names is the page (tessera-page-table.c): an older one is
 * refused, and where the table names none there are zeros, whatever the disk holds. So a gap in the file
 * needs no filling.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define FILE_HEADER_BYTES 100

static void
page_aad (TesseraPageAad *aad, TesseraPageFile *file, guint32 number)
{
  tessera_page_aad_begin (aad, file->vfs->id, TESSERA_PAGE_KIND_DATABASE);
  tessera_page_aad_add32 (aad, number);
}

/* The table never names pages that are not surely in the file; if they are missing, it was cut off. */
static int
database_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  TesseraPageNode *node = self->node;
  guint32 page_size, pages;
  sqlite3_int64 size = 0;
  int rc = tessera_page_disk_size (self, &size);

  g_mutex_lock (&node->lock);
  page_size = node->page_size;
  pages = node->mark.pages;
  g_mutex_unlock (&node->lock);
  *ret_size = page_size > 0 ? tessera_page_table_pages_size (page_size, size) : 0;
  if (rc != SQLITE_OK || *ret_size >= (sqlite3_int64) pages * page_size)
    return rc;
  tessera_page_vfs_report (self->vfs, TESSERA_PAGE_PROBLEM_DAMAGED);
  return SQLITE_IOERR_DATA;
}

static guint64
find_stamp (TesseraPageFile *self, guint32 number)
{
  guint64 stamp;

  g_mutex_lock (&self->node->lock);
  stamp = tessera_page_stamps_get (&self->node->table.stamps, number);
  g_mutex_unlock (&self->node->lock);
  return stamp;
}

/* Reads page @number into @out (a page). */
static int
read_page (TesseraPageFile *self, guint32 number, guint8 *out)
{
  guint32 page_size = self->scratch->page_size, body = page_size - TESSERA_PAGE_RESERVED;
  guint8 *block = self->scratch->block;
  guint64 stamp = find_stamp (self, number);
  TesseraPageAad aad;
  int rc = SQLITE_IOERR_SHORT_READ;

  page_aad (&aad, self, number);
  if (stamp != 0) {
    rc =
      tessera_page_disk_read (self, block, (int) page_size, tessera_page_table_place_of (page_size, number));
    if (rc == SQLITE_IOERR_SHORT_READ ||
        (rc == SQLITE_OK && (tessera_page_stamp (block + body) != stamp ||
                             !tessera_page_open (self->vfs->key, &aad, out, block, body))))
      rc = SQLITE_IOERR_DATA;
  }
  if (rc == SQLITE_OK)
    memset (out + body, 0, TESSERA_PAGE_RESERVED);
  else
    memset (out, 0, page_size);
  return rc;
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
  guint8 *plain = self->scratch->plain;
  int rc = read_page (self, 1, plain);

  if (rc == SQLITE_IOERR_DATA) {
    memset (plain, 0, FILE_HEADER_BYTES);
    plain[16] = (guint8) (self->scratch->page_size >> 8);
    plain[17] = (guint8) (self->scratch->page_size >> 16);
    plain[20] = TESSERA_PAGE_RESERVED;
    rc = SQLITE_OK;
  }
  memcpy (out, plain, amount);
  return rc;
}

/* The size of a page, which SQLite does not tell: 0 as long as there is none. */
static guint32
get_page_size (TesseraPageFile *self)
{
  guint32 page_size;

  g_mutex_lock (&self->node->lock);
  page_size = self->node->page_size;
  g_mutex_unlock (&self->node->lock);
  return page_size;
}

/* Whole pages, or a piece of one: SQLite reads the first 100 bytes, and the change counter, before it knows
 * more. */
static int
database_read (sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint32 page_size = get_page_size (self);
  gint64 within;
  guint32 number;
  int rc;

  if (page_size == 0) {
    memset (buffer, 0, amount);
    return SQLITE_IOERR_SHORT_READ;
  }
  rc = tessera_page_scratch_fit (self->scratch, page_size);
  if (rc != SQLITE_OK)
    return rc;
  within = offset % page_size;
  number = (guint32) (offset / page_size + 1);
  if (offset == 0 && amount == FILE_HEADER_BYTES)
    return read_file_header (self, buffer, amount);
  if (is_unfinished (self))
    return SQLITE_IOERR_DATA;
  if (within == 0 && amount == (int) page_size)
    return read_page (self, number, buffer);
  if (amount < 0 || within + amount > page_size)
    return SQLITE_IOERR_READ;
  rc = read_page (self, number, self->scratch->plain);
  memcpy (buffer, self->scratch->plain + within, amount);
  return rc;
}

static int
write_page (TesseraPageFile *self, guint32 number, const guint8 *plain)
{
  guint32 page_size = self->scratch->page_size;
  const guint8 *nonce = tessera_page_next_nonce (self);
  TesseraPageAad aad;
  int rc;

  page_aad (&aad, self, number);
  tessera_page_seal (self->vfs->key, &aad, nonce, self->scratch->block, plain,
                     page_size - TESSERA_PAGE_RESERVED);
  rc = tessera_page_disk_write (self, self->scratch->block, (int) page_size,
                                tessera_page_table_place_of (page_size, number));
  if (rc != SQLITE_OK)
    return rc;
  g_mutex_lock (&self->node->lock);
  rc = tessera_page_table_set (self->node, number, tessera_page_stamp (nonce));
  g_mutex_unlock (&self->node->lock);
  return rc;
}

/* How much of the log must be there when pages of it go into the database: what was synchronized. Who told
 * SQLite not to synchronize gets it all the same, because otherwise the death of the program could leave
 * pages that neither table nor log explains. Called with the node's lock held. */
static int
mark_log (TesseraPageFile *self)
{
  TesseraPageNode *node = self->node;
  TesseraPageFile *log = self->log;

  if (!log->is_synchronized && node->last_commit > node->mark.frames) {
    int rc = log->real->pMethods->xSync (log->real, SQLITE_SYNC_NORMAL);

    return rc == SQLITE_OK ? tessera_page_mark_frames (self, node->last_commit) : rc;
  }
  if (log->synced_serial == node->serial && log->synced > node->mark.frames)
    return tessera_page_mark_frames (self, log->synced);
  return SQLITE_OK;
}

/* Pages move from the log into the database, or change under a journal: first say so in the head, so that the
 * one or the other cannot be taken away. */
static int
mark_before_change (TesseraPageFile *self)
{
  TesseraPageNode *node = self->node;
  TesseraPageFile *journal = self->journal;
  int rc;

  g_mutex_lock (&node->lock);
  rc = tessera_page_mark_make_certain (self);
  if (rc == SQLITE_OK && self->log != NULL && node->generation_known)
    rc = mark_log (self);
  else if (rc == SQLITE_OK && journal != NULL && journal->journal_is_own &&
           (memcmp (journal->journal_id, node->mark.journal, sizeof node->mark.journal) != 0 ||
            tessera_page_journal_sectors (journal) > node->mark.journal_sectors))
    rc = tessera_page_mark_journal (self, journal->journal_id, tessera_page_journal_sectors (journal));
  g_mutex_unlock (&node->lock);
  return rc;
}

/* The first page written to an empty store says how large pages are. */
static int
learn_page_size (TesseraPageFile *self, int amount)
{
  TesseraPageNode *node = self->node;
  guint32 page_size;

  g_mutex_lock (&node->lock);
  if ((node->page_size == 0 || node->table.stamps.count == 0) && amount > 0 &&
      tessera_page_is_size ((guint32) amount))
    node->page_size = (guint32) amount;
  page_size = node->page_size;
  g_mutex_unlock (&node->lock);
  return amount == (int) page_size ? tessera_page_scratch_fit (self->scratch, page_size) : SQLITE_IOERR_WRITE;
}

/* What SQLite would lose without an error if it were written: another page size, data in the reserved bytes.
 */
static gboolean
is_writable_page (guint32 number, const guint8 *page, guint32 page_size)
{
  static const guint8 zeros[TESSERA_PAGE_RESERVED];

  if (number == 1 && (memcmp (page, "SQLite format 3", 16) != 0 || page[16] != (guint8) (page_size >> 8) ||
                      page[17] != (guint8) (page_size >> 16) || page[20] != TESSERA_PAGE_RESERVED))
    return FALSE;
  return memcmp (page + page_size - TESSERA_PAGE_RESERVED, zeros, sizeof zeros) == 0;
}

static int
database_write (sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = learn_page_size (self, amount);
  guint32 number;

  if (rc != SQLITE_OK)
    return rc;
  number = (guint32) (offset / amount + 1);
  if (offset % amount != 0 || !is_writable_page (number, buffer, (guint32) amount))
    return SQLITE_IOERR_WRITE;
  rc = mark_before_change (self);
  return rc == SQLITE_OK ? write_page (self, number, buffer) : rc;
}

/* First the table forgets the pages, on the disk too, and then they go: otherwise, after a crash, they would
 * be missing. */
static int
forget_pages (TesseraPageFile *self, guint32 pages)
{
  TesseraPageNode *node = self->node;
  int rc;

  g_mutex_lock (&node->lock);
  tessera_page_table_cut (node, pages);
  rc = node->mark.pages > pages ? tessera_page_mark_table (self) : SQLITE_OK;
  g_mutex_unlock (&node->lock);
  return rc;
}

static int
database_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint32 page_size = get_page_size (self);
  sqlite3_int64 present;
  guint32 pages;
  int rc = database_size (base, &present);

  if (rc != SQLITE_OK || size >= present)
    return rc;
  pages = (guint32) ((size + page_size - 1) / page_size);
  rc = mark_before_change (self);
  if (rc == SQLITE_OK)
    rc = forget_pages (self, pages);
  if (rc != SQLITE_OK)
    return rc;
  return tessera_page_disk_truncate (self, pages == 0 ? TESSERA_PAGE_HEAD_BYTES
                                                      : tessera_page_table_place_of (page_size, pages) +
                                                          page_size);
}

/* Changes that neither a log nor a journal explains (SQLite was told to keep none, or keeps it in memory):
 * they count from here. */
static int
settle (TesseraPageFile *self)
{
  TesseraPageNode *node = self->node;
  int rc = SQLITE_OK;

  g_mutex_lock (&node->lock);
  if (!node->generation_known && !tessera_page_mark_needs_journal (node))
    rc = tessera_page_mark_table (self);
  g_mutex_unlock (&node->lock);
  return rc;
}

static int
database_unlock (sqlite3_file *base, int level)
{
  int rc = settle ((TesseraPageFile *) base);
  int unlocked = tessera_page_file_unlock (base, level);

  return rc == SQLITE_OK ? unlocked : rc;
}

static int
database_close (sqlite3_file *base)
{
  int rc = settle ((TesseraPageFile *) base);
  int closed = tessera_page_file_close (base);

  return rc == SQLITE_OK ? closed : rc;
}

static int
database_control (sqlite3_file *base, int operation, void *argument)
{
  /* Both would make the platform put zeros into the file that nobody sealed. */
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE)
    return SQLITE_OK;
  if (operation == SQLITE_FCNTL_COMMIT_PHASETWO) {
    int rc = settle ((TesseraPageFile *) base);

    if (rc != SQLITE_OK)
      return rc;
  }
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
  .xClose = database_close,
  .xRead = database_read,
  .xWrite = database_write,
  .xTruncate = database_truncate,
  .xSync = tessera_page_file_sync,
  .xFileSize = database_size,
  .xLock = tessera_page_file_lock,
  .xUnlock = database_unlock,
  .xCheckReservedLock = tessera_page_file_check_reserved,
  .xFileControl = database_control,
  .xSectorSize = tessera_page_file_sector_size,
  .xDeviceCharacteristics = tessera_page_file_characteristics,
  .xShmMap = database_shm_map,
  .xShmLock = database_shm_lock,
  .xShmBarrier = database_shm_barrier,
  .xShmUnmap = database_shm_unmap,
};
