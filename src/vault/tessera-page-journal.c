/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-journal.c: the rollback journal.
 *
 * A store lives in write-ahead-log mode; a journal exists while it is being made, and in between for whoever
 * changes the mode. Offsets are SQLite's own. A page record is its number in the clear, the page sealed in
 * place, and SQLite's checksum masked, because it is made from the readable page. A journal header holds only
 * counts; it stays readable, and its unused bytes carry the journal's random id, to which the records are
 * bound, and an authenticator. The head of the store names the one journal that counts; any other is treated
 * as empty, so that an old journal cannot undo anything. Super-journals (transactions over several stores)
 * are refused.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define HEADER_SECTOR 512
#define HEADER_PLAIN 28
#define HEADER_CHECKSUM_AT 12
#define HEADER_ID_AT 32
#define HEADER_MAC_AT 48
#define HEADER_MAC_BYTES 16
#define HEADER_USED (HEADER_MAC_AT + HEADER_MAC_BYTES)
#define CHECKSUM_STRIDE 200
#define HEADER_COUNT 12 /* magic and record count, which SQLite writes again when it has synchronized */

static const guint8 journal_magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  return sodium_is_zero (bytes, size);
}

static void
header_mac (TesseraPageFile *self, sqlite3_int64 offset, const guint8 *header, guint8 mac[HEADER_MAC_BYTES])
{
  crypto_generichash_state state;
  TesseraPageAad aad;
  guint8 place[8];

  tessera_page_put64 (place, (guint64) offset);
  tessera_page_aad_begin (&aad, self->vfs->id, TESSERA_PAGE_KIND_JOURNAL_HEADER);
  tessera_page_aad_add (&aad, place, sizeof place);
  crypto_generichash_init (&state, tessera_secret_get_data (self->vfs->key), TESSERA_PAGE_KEY_BYTES,
                           HEADER_MAC_BYTES);
  crypto_generichash_update (&state, aad.bytes, aad.size);
  crypto_generichash_update (&state, header, HEADER_MAC_AT);
  crypto_generichash_final (&state, mac, HEADER_MAC_BYTES);
}

/* Reads and checks the header at @offset. */
static int
load_header (TesseraPageFile *self, sqlite3_int64 offset, guint8 header[HEADER_USED])
{
  guint8 mac[HEADER_MAC_BYTES];
  int rc = self->real->pMethods->xRead (self->real, header, HEADER_USED, offset);

  if (rc != SQLITE_OK)
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_IOERR_DATA : rc;
  header_mac (self, offset, header, mac);
  if (sodium_memcmp (mac, header + HEADER_MAC_AT, sizeof mac) != 0)
    return SQLITE_IOERR_DATA;
  if (offset == 0) {
    memcpy (self->journal_id, header + HEADER_ID_AT, sizeof self->journal_id);
    self->journal_id_known = TRUE;
  } else if (self->journal_id_known &&
             memcmp (self->journal_id, header + HEADER_ID_AT, sizeof self->journal_id) != 0)
    return SQLITE_IOERR_DATA;
  return SQLITE_OK;
}

static int
ensure_journal_id (TesseraPageFile *self)
{
  guint8 header[HEADER_USED];

  return self->journal_id_known ? SQLITE_OK : load_header (self, 0, header);
}

static int
store_header (TesseraPageFile *self, sqlite3_int64 offset, guint8 *header, int size)
{
  header_mac (self, offset, header, header + HEADER_MAC_AT);
  return self->real->pMethods->xWrite (self->real, header, size, offset);
}

/* A new journal stands where the old one stood: that the old one is not needed must be surely on the disk. */
static int
make_certain (TesseraPageFile *self)
{
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = tessera_page_mark_make_certain (self->database);
  g_mutex_unlock (&self->node->lock);
  return rc;
}

/* A new header: a whole sector. */
static int
write_header (TesseraPageFile *self, const guint8 *plain, sqlite3_int64 offset)
{
  guint8 header[HEADER_SECTOR];
  int rc = SQLITE_OK;

  if (!is_zero (plain + HEADER_PLAIN, HEADER_SECTOR - HEADER_PLAIN))
    return SQLITE_IOERR_WRITE;
  if (offset == 0)
    rc = make_certain (self);
  if (rc == SQLITE_OK && offset == 0) {
    randombytes_buf (self->journal_id, sizeof self->journal_id);
    self->journal_id_known = TRUE;
    self->journal_is_own = TRUE;
    self->journal_sectors = self->counted_sectors = 0;
  } else if (rc == SQLITE_OK)
    rc = ensure_journal_id (self);
  if (rc != SQLITE_OK)
    return rc;
  memcpy (header, plain, HEADER_SECTOR);
  memcpy (header + HEADER_ID_AT, self->journal_id, sizeof self->journal_id);
  self->uncounted_from = offset;
  return store_header (self, offset, header, HEADER_SECTOR);
}

static int
write_header_count (TesseraPageFile *self, const guint8 count[HEADER_COUNT], sqlite3_int64 offset)
{
  guint8 header[HEADER_USED];
  int rc = load_header (self, offset, header);

  if (rc != SQLITE_OK)
    return rc;
  memcpy (header, count, HEADER_COUNT);
  rc = store_header (self, offset, header, HEADER_USED);
  self->uncounted_from = -1;
  if (rc == SQLITE_OK)
    self->counted_sectors = (guint32) (offset / HEADER_SECTOR + 1);
  return rc;
}

static void
record_aad (TesseraPageAad *aad, TesseraPageFile *self, sqlite3_int64 offset, guint32 page)
{
  guint8 place[8];

  tessera_page_put64 (place, (guint64) offset);
  tessera_page_aad_begin (aad, self->vfs->id, TESSERA_PAGE_KIND_JOURNAL_PAGE);
  tessera_page_aad_add (aad, self->journal_id, sizeof self->journal_id);
  tessera_page_aad_add (aad, place, sizeof place);
  tessera_page_aad_add32 (aad, page);
}

/* The four bytes that hide the checksum behind a sealed page. */
static void
prepare_mask (TesseraPageFile *self, const guint8 *nonce, sqlite3_int64 checksum_at)
{
  TesseraPageAad aad;
  guint8 mask[crypto_generichash_BYTES_MIN];

  tessera_page_aad_begin (&aad, self->vfs->id, TESSERA_PAGE_KIND_JOURNAL_MASK);
  tessera_page_aad_add (&aad, nonce, TESSERA_PAGE_NONCE);
  crypto_generichash (mask, sizeof mask, aad.bytes, aad.size, tessera_secret_get_data (self->vfs->key),
                      TESSERA_PAGE_KEY_BYTES);
  memcpy (self->checksum_mask, mask, sizeof self->checksum_mask);
  self->checksum_at = checksum_at;
}

static int
find_page_number (TesseraPageFile *self, sqlite3_int64 offset)
{
  guint8 number[4];
  int rc;

  if (self->page_number_at == offset)
    return SQLITE_OK;
  rc = self->real->pMethods->xRead (self->real, number, sizeof number, offset);
  if (rc != SQLITE_OK)
    return rc;
  self->page_number_at = offset;
  self->page_number = tessera_page_get32 (number);
  return SQLITE_OK;
}

static int
write_page (TesseraPageFile *self, const guint8 *page, sqlite3_int64 offset)
{
  guint32 page_size = self->scratch->page_size, body = page_size - TESSERA_PAGE_RESERVED;
  guint8 *block = self->scratch->block;
  TesseraPageAad aad;
  int rc = ensure_journal_id (self);

  if (rc == SQLITE_OK)
    rc = find_page_number (self, offset - 4);
  if (rc != SQLITE_OK)
    return rc;
  if (!is_zero (page + body, TESSERA_PAGE_RESERVED))
    return SQLITE_IOERR_WRITE;
  record_aad (&aad, self, offset, self->page_number);
  tessera_page_seal (self->vfs->key, &aad, tessera_page_next_nonce (self), block, page, body);
  prepare_mask (self, block + body, offset + page_size);
  return self->real->pMethods->xWrite (self->real, block, (int) page_size, offset);
}

static void
mask_checksum (TesseraPageFile *self, guint8 out[4], const guint8 in[4])
{
  for (guint i = 0; i < 4; i++)
    out[i] = in[i] ^ self->checksum_mask[i];
}

static int
write_four_bytes (TesseraPageFile *self, const guint8 bytes[4], sqlite3_int64 offset)
{
  guint8 masked[4];

  if (offset == self->checksum_at) {
    mask_checksum (self, masked, bytes);
    return self->real->pMethods->xWrite (self->real, masked, 4, offset);
  }
  self->page_number_at = offset;
  self->page_number = tessera_page_get32 (bytes);
  return self->real->pMethods->xWrite (self->real, bytes, 4, offset);
}

/* The journal is over. */
static int
forget_journal (TesseraPageFile *self)
{
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = tessera_page_mark_forget_journal (self->database);
  g_mutex_unlock (&self->node->lock);
  if (rc == SQLITE_OK) {
    self->journal_is_own = FALSE;
    self->journal_id_known = FALSE;
  }
  return rc;
}

static int
write_zeros (TesseraPageFile *self, const guint8 *zeros, int amount, sqlite3_int64 offset)
{
  int rc = offset == 0 ? forget_journal (self) : SQLITE_OK;

  return rc == SQLITE_OK ? self->real->pMethods->xWrite (self->real, zeros, amount, offset) : rc;
}

/* Whether @amount is that of a page, and if so, makes room for one. */
static int
fit_page (TesseraPageFile *self, int amount, gboolean *ret_is_page)
{
  guint32 page_size;

  g_mutex_lock (&self->node->lock);
  page_size = self->node->page_size;
  g_mutex_unlock (&self->node->lock);
  *ret_is_page = page_size > 0 && amount == (int) page_size;
  return *ret_is_page ? tessera_page_scratch_fit (self->scratch, page_size) : SQLITE_OK;
}

/* SQLite writes a journal in few shapes; whatever is none of them is refused, so that nothing readable slips
 * by. */
static int
journal_write (sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  gboolean at_sector = offset % HEADER_SECTOR == 0;
  gboolean is_page;
  int rc = fit_page (self, amount, &is_page);

  if (rc != SQLITE_OK)
    return rc;
  if (is_page)
    return write_page (self, buffer, offset);
  if (amount == 4)
    return write_four_bytes (self, buffer, offset);
  if (amount == HEADER_SECTOR && at_sector)
    return write_header (self, buffer, offset);
  if (amount == HEADER_COUNT && at_sector)
    return write_header_count (self, buffer, offset);
  /* The end of the journal is a zero where a header would be; in persistent mode zeros make a journal
   * invalid. */
  if (is_zero (buffer, amount))
    return write_zeros (self, buffer, amount, offset);
  return SQLITE_IOERR_WRITE;
}

/* SQLite's, of the page just read. */
static guint32
compute_checksum (TesseraPageFile *self, const guint8 *page)
{
  guint32 checksum = self->checksum_start;

  for (int i = (int) self->scratch->page_size - CHECKSUM_STRIDE; i > 0; i -= CHECKSUM_STRIDE)
    checksum += page[i];
  return checksum;
}

/* As long as SQLite has not written how many records follow the last header, it reads its own journal to
 * the end of the file, and there the remains of an earlier, longer one may stand. For it they are then
 * as good as cut off. */
static gboolean
is_uncounted (const TesseraPageFile *self, sqlite3_int64 offset)
{
  return self->journal_is_own && self->uncounted_from >= 0 && offset > self->uncounted_from;
}

static int
read_page (TesseraPageFile *self, guint8 *page, sqlite3_int64 offset)
{
  guint32 page_size = self->scratch->page_size, body = page_size - TESSERA_PAGE_RESERVED;
  guint8 *block = self->scratch->block;
  TesseraPageAad aad;
  int rc = ensure_journal_id (self);

  self->page_number_at = -1;
  memset (page, 0, page_size);
  if (rc == SQLITE_OK)
    rc = find_page_number (self, offset - 4);
  if (rc == SQLITE_OK)
    rc = self->real->pMethods->xRead (self->real, block, (int) page_size, offset);
  if (rc != SQLITE_OK)
    return rc;
  record_aad (&aad, self, offset, self->page_number);
  if (!tessera_page_open (self->vfs->key, &aad, page, block, body)) {
    memset (page, 0, page_size);
    return is_uncounted (self, offset) ? SQLITE_IOERR_SHORT_READ : SQLITE_IOERR_DATA;
  }
  memset (page + body, 0, TESSERA_PAGE_RESERVED);
  prepare_mask (self, block + body, offset + page_size);
  self->checksum = compute_checksum (self, page);
  return SQLITE_OK;
}

/* To SQLite a wrong checksum is the end of the journal, and it would delete what it did not play back.
 * Behind a page that opened it can only be damage. */
static int
read_checksum (TesseraPageFile *self, guint8 checksum[4])
{
  mask_checksum (self, checksum, checksum);
  return self->journal_is_own || tessera_page_get32 (checksum) == self->checksum ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/* Whether this is a journal that counts: the one written through this handle, or the one named in the store's
 * head. If the head names another, or a longer one, the database is not whole, and reading must fail. */
static int
check_counts (TesseraPageFile *self, gboolean *ret_counts)
{
  TesseraPageMark mark;
  guint8 header[HEADER_USED];
  sqlite3_int64 size = 0;
  gboolean any;
  int rc;

  *ret_counts = self->journal_is_own;
  if (self->journal_is_own)
    return SQLITE_OK;
  g_mutex_lock (&self->node->lock);
  any = tessera_page_mark_needs_journal (self->node);
  mark = self->node->mark;
  g_mutex_unlock (&self->node->lock);
  if (!any)
    return SQLITE_OK;
  self->journal_sectors = mark.journal_sectors;
  rc = self->real->pMethods->xFileSize (self->real, &size);
  if (rc == SQLITE_OK)
    rc = load_header (self, 0, header);
  if (rc == SQLITE_OK && (memcmp (self->journal_id, mark.journal, sizeof mark.journal) != 0 ||
                          size < (sqlite3_int64) mark.journal_sectors * HEADER_SECTOR))
    rc = SQLITE_IOERR_DATA;
  *ret_counts = rc == SQLITE_OK;
  if (rc == SQLITE_IOERR_DATA)
    tessera_page_vfs_report (self->vfs, TESSERA_PAGE_PROBLEM_LOG_MISSING);
  return rc;
}

/* What is cut off from a journal that must be played back was cut off by somebody. */
static int
refuse_short (TesseraPageFile *self, int rc)
{
  return rc == SQLITE_IOERR_SHORT_READ && !self->journal_is_own ? SQLITE_IOERR_DATA : rc;
}

/* Up to the last header that was synchronized, there is no end of the journal. */
static gboolean
is_needed_header (TesseraPageFile *self, sqlite3_int64 offset)
{
  return !self->journal_is_own && offset % HEADER_SECTOR == 0 &&
         offset / HEADER_SECTOR < self->journal_sectors;
}

/* Eight bytes are read where a header may begin, or where the name of a super-journal may end. In a journal
 * that is being written, SQLite only wants to know whether the remains of an earlier one must be made
 * invalid. In one that is played back, a header must be genuine, and what is none of this journal is its end;
 * of super-journals there is none. */
static int
read_magic (TesseraPageFile *self, guint8 *magic, sqlite3_int64 offset)
{
  guint8 header[HEADER_USED];
  int rc = self->real->pMethods->xRead (self->real, magic, sizeof journal_magic, offset);

  if (rc != SQLITE_OK || self->journal_is_own)
    return refuse_short (self, rc);
  if (memcmp (magic, journal_magic, sizeof journal_magic) != 0)
    return is_needed_header (self, offset) ? SQLITE_IOERR_DATA : SQLITE_OK;
  rc = offset % HEADER_SECTOR == 0 ? load_header (self, offset, header) : SQLITE_IOERR_DATA;
  if (rc == SQLITE_OK) {
    self->checksum_start = tessera_page_get32 (header + HEADER_CHECKSUM_AT);
    return SQLITE_OK;
  }
  memset (magic, 0, sizeof journal_magic);
  return rc == SQLITE_IOERR_DATA && !is_needed_header (self, offset) ? SQLITE_OK : rc;
}

static int
journal_read (sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  gboolean counts, is_page;
  int rc = check_counts (self, &counts);

  if (rc != SQLITE_OK)
    return rc;
  if (!counts) {
    memset (buffer, 0, amount);
    return SQLITE_OK;
  }
  rc = fit_page (self, amount, &is_page);
  if (rc != SQLITE_OK)
    return rc;
  if (is_page)
    return refuse_short (self, read_page (self, buffer, offset));
  if (amount == sizeof journal_magic)
    return read_magic (self, buffer, offset);
  rc = refuse_short (self, self->real->pMethods->xRead (self->real, buffer, amount, offset));
  return rc == SQLITE_OK && amount == 4 && offset == self->checksum_at ? read_checksum (self, buffer) : rc;
}

static int
journal_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = size == 0 ? forget_journal (self) : SQLITE_OK;

  return rc == SQLITE_OK ? self->real->pMethods->xTruncate (self->real, size) : rc;
}

/* Not all that was counted: pages are also put back, after an error, while the last header is still on its way to
 * the disk. Who told SQLite not to synchronize has no better than what was written. */
guint32
tessera_page_journal_sectors (const TesseraPageFile *self)
{
  return self->is_synchronized ? self->journal_sectors : self->counted_sectors;
}

static int
journal_sync (sqlite3_file *base, int flags)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = tessera_page_file_sync (base, flags);

  self->is_synchronized = TRUE;
  if (rc == SQLITE_OK && self->journal_is_own)
    self->journal_sectors = self->counted_sectors;
  return rc;
}

static int
journal_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xFileSize (self->real, ret_size);
}

const sqlite3_io_methods tessera_page_journal_methods = {
  .iVersion = 1,
  .xClose = tessera_page_file_close,
  .xRead = journal_read,
  .xWrite = journal_write,
  .xTruncate = journal_truncate,
  .xSync = journal_sync,
  .xFileSize = journal_size,
  .xLock = tessera_page_file_lock,
  .xUnlock = tessera_page_file_unlock,
  .xCheckReservedLock = tessera_page_file_check_reserved,
  .xFileControl = tessera_page_file_control,
  .xSectorSize = tessera_page_file_sector_size,
  .xDeviceCharacteristics = tessera_page_file_characteristics,
};
