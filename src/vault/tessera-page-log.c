/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-log.c: the write-ahead log.
 *
 * SQLite's offsets are translated: its header of 32 bytes stands sealed in 96, and the header of 24 bytes of
 * each frame in 64, because its checksums are made from readable pages; the page that follows is sealed in
 * place. Frames are bound to the nonce of the log's header, which is new whenever SQLite starts the log
 * again, so that frames of an earlier time do not open. The header of a frame can be written again without
 * its page, and the other way round.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define MAGIC "Tessera log 1\0\0" /* and the closing zero: 16 bytes */
#define MAGIC_BYTES 16
#define FRAME_SALTS_AT 8
#define FRAME_SUM_AT 16
#define SEALED_BODY (TESSERA_LOG_SEALED_HEADER - MAGIC_BYTES - TESSERA_PAGE_RESERVED)
G_STATIC_ASSERT (sizeof MAGIC == MAGIC_BYTES);
G_STATIC_ASSERT (SEALED_BODY == TESSERA_LOG_HEADER + 8);

/* There is no log before there is a page; the default is for whoever asks all the same. */
static guint32
page_size_of (TesseraPageFile *self)
{
  return self->node->page_size > 0 ? self->node->page_size : TESSERA_PAGE_SIZE;
}

/* As SQLite counts ... */
static gint64
plain_frame_size (TesseraPageFile *self)
{
  return TESSERA_LOG_FRAME_HEADER + (gint64) page_size_of (self);
}

/* ... and as it is on the disk. */
static gint64
sealed_frame_size (TesseraPageFile *self)
{
  return TESSERA_LOG_SEALED_FRAME_HEADER + (gint64) page_size_of (self);
}

static sqlite3_int64
frame_offset (TesseraPageFile *self, guint32 frame)
{
  return TESSERA_LOG_SEALED_HEADER + (sqlite3_int64) (frame - 1) * sealed_frame_size (self);
}

static void
header_aad (TesseraPageAad *aad, TesseraPageFile *self)
{
  tessera_page_aad_begin (aad, self->vfs->id, TESSERA_PAGE_KIND_LOG_HEADER);
  tessera_page_aad_add (aad, MAGIC, MAGIC_BYTES);
}

static void
frame_aad (TesseraPageAad *aad, TesseraPageFile *self, TesseraPageKind kind, const guint8 *generation,
           guint32 frame)
{
  tessera_page_aad_begin (aad, self->vfs->id, kind);
  tessera_page_aad_add (aad, generation, TESSERA_PAGE_NONCE);
  tessera_page_aad_add32 (aad, frame);
}

static void
page_aad (TesseraPageAad *aad, TesseraPageFile *self, const guint8 *generation, guint32 frame, guint32 page)
{
  frame_aad (aad, self, TESSERA_PAGE_KIND_LOG_PAGE, generation, frame);
  tessera_page_aad_add32 (aad, page);
}

/* The nonce of the log's header, if there is a header that counts. */
static gboolean
get_generation (TesseraPageFile *self, guint8 generation[TESSERA_PAGE_NONCE])
{
  gboolean known;

  g_mutex_lock (&self->node->lock);
  known = self->node->generation_known;
  memcpy (generation, self->node->generation, TESSERA_PAGE_NONCE);
  g_mutex_unlock (&self->node->lock);
  return known;
}

/* Opens the header on the disk into @plain. *@ret_opens tells whether it is one of ours and of this store. */
static int
load_header (TesseraPageFile *self, guint8 plain[SEALED_BODY], guint8 generation[TESSERA_PAGE_NONCE],
             gboolean *ret_opens)
{
  guint8 block[TESSERA_LOG_SEALED_HEADER];
  TesseraPageAad aad;
  int rc = self->real->pMethods->xRead (self->real, block, sizeof block, 0);

  *ret_opens = FALSE;
  if (rc == SQLITE_IOERR_SHORT_READ)
    return SQLITE_OK;
  if (rc != SQLITE_OK)
    return rc;
  header_aad (&aad, self);
  *ret_opens = memcmp (block, MAGIC, MAGIC_BYTES) == 0 &&
               tessera_page_open (self->vfs->key, &aad, plain, block + MAGIC_BYTES, SEALED_BODY);
  memcpy (generation, block + MAGIC_BYTES + SEALED_BODY, TESSERA_PAGE_NONCE);
  return SQLITE_OK;
}

static int
count_frames (TesseraPageFile *self, guint32 *ret_frames)
{
  sqlite3_int64 size = 0;
  int rc = self->real->pMethods->xFileSize (self->real, &size);

  *ret_frames = (guint32) (MAX (size - TESSERA_LOG_SEALED_HEADER, 0) / sealed_frame_size (self));
  return rc;
}

/* Holds the log on the disk against the mark in the store's head. A log of another generation counts as
 * empty: what it held is in the database, or it is not ours. A log of which part is already in the database
 * must be there, at least up to that part. Call with the node's lock held. *@ret_counts: whether the header
 * is the one that counts. */
static int
check_header (TesseraPageFile *self, guint8 plain[SEALED_BODY], gboolean *ret_counts)
{
  TesseraPageNode *node = self->node;
  guint8 generation[TESSERA_PAGE_NONCE];
  guint32 frames = 0;
  int rc = load_header (self, plain, generation, ret_counts);

  if (rc == SQLITE_OK)
    rc = count_frames (self, &frames);
  if (rc != SQLITE_OK)
    return rc;
  if (*ret_counts && memcmp (generation, node->mark.generation, TESSERA_PAGE_NONCE) != 0)
    *ret_counts = FALSE;
  if (node->mark.frames > 0 && (!*ret_counts || frames < node->mark.frames)) {
    tessera_page_vfs_report (self->vfs, TESSERA_PAGE_PROBLEM_LOG_MISSING);
    return SQLITE_IOERR_DATA;
  }
  if (*ret_counts &&
      (!node->generation_known || memcmp (generation, node->generation, TESSERA_PAGE_NONCE) != 0)) {
    memcpy (node->generation, generation, TESSERA_PAGE_NONCE);
    node->generation_known = TRUE;
    node->last_commit = 0;
    tessera_page_stamps_cut (&node->frames, 0);
    node->serial++;
  }
  return SQLITE_OK;
}

/* When a log is opened, before SQLite looks at it: SQLite would not read a log that is empty. */
int
tessera_page_log_check (TesseraPageFile *self)
{
  guint8 plain[SEALED_BODY];
  gboolean counts;
  int rc = SQLITE_OK;

  g_mutex_lock (&self->node->lock);
  if (!self->node->generation_known && self->node->mark.frames > 0)
    rc = check_header (self, plain, &counts);
  g_mutex_unlock (&self->node->lock);
  return rc;
}

static int
read_header (TesseraPageFile *self, guint8 out[TESSERA_LOG_HEADER])
{
  guint8 plain[SEALED_BODY];
  gboolean counts;
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = check_header (self, plain, &counts);
  g_mutex_unlock (&self->node->lock);
  if (rc != SQLITE_OK)
    return rc;
  if (counts)
    memcpy (out, plain, TESSERA_LOG_HEADER);
  else
    memset (out, 0, TESSERA_LOG_HEADER);
  return SQLITE_OK;
}

static int
write_header (TesseraPageFile *self, const guint8 header[TESSERA_LOG_HEADER])
{
  TesseraPageNode *node = self->node;
  guint8 block[TESSERA_LOG_SEALED_HEADER] = MAGIC, plain[SEALED_BODY] = { 0 };
  guint8 generation[TESSERA_PAGE_NONCE];
  TesseraPageAad aad;
  int rc;

  memcpy (generation, tessera_page_next_nonce (self), sizeof generation);
  memcpy (plain, header, TESSERA_LOG_HEADER);
  header_aad (&aad, self);
  tessera_page_seal (self->vfs->key, &aad, generation, block + MAGIC_BYTES, plain, sizeof plain);

  g_mutex_lock (&node->lock);
  rc = tessera_page_mark_begin_generation (self->database, generation);
  if (rc == SQLITE_OK)
    rc = self->real->pMethods->xWrite (self->real, block, sizeof block, 0);
  if (rc == SQLITE_OK) {
    memcpy (node->generation, generation, sizeof generation);
    node->generation_known = TRUE;
  }
  g_mutex_unlock (&node->lock);
  return rc;
}

/* Once a transaction has written over one of its own frames, SQLite writes the next ones without salts and
 * checksum, and makes them all when it commits. */
static void
note_unsummed (TesseraPageFile *self, guint32 frame, const guint8 header[TESSERA_LOG_FRAME_HEADER])
{
  if (!sodium_is_zero (header + FRAME_SALTS_AT, TESSERA_LOG_FRAME_HEADER - FRAME_SALTS_AT)) {
    self->unsummed = 0;
    return;
  }
  if (self->unsummed == 0 || frame < self->unsummed)
    self->unsummed = frame;
  self->last_unsummed = frame;
}

static int
write_frame_header (TesseraPageFile *self, guint32 frame, const guint8 header[TESSERA_LOG_FRAME_HEADER])
{
  guint8 block[TESSERA_LOG_SEALED_FRAME_HEADER], generation[TESSERA_PAGE_NONCE];
  TesseraPageAad aad;
  int rc;

  if (!get_generation (self, generation))
    return SQLITE_IOERR_WRITE;
  frame_aad (&aad, self, TESSERA_PAGE_KIND_LOG_FRAME_HEADER, generation, frame);
  tessera_page_seal (self->vfs->key, &aad, tessera_page_next_nonce (self), block, header,
                     TESSERA_LOG_FRAME_HEADER);
  rc = self->real->pMethods->xWrite (self->real, block, sizeof block, frame_offset (self, frame));
  self->header_frame = rc == SQLITE_OK ? frame : 0;
  self->header_page = tessera_page_get32 (header);
  self->header_commit = tessera_page_get32 (header + 4);
  note_unsummed (self, frame, header);
  return rc;
}

/* Opens the header of @frame from @block. */
static gboolean
open_frame_header (TesseraPageFile *self, const guint8 *generation, guint32 frame, const guint8 *block,
                   guint8 header[TESSERA_LOG_FRAME_HEADER])
{
  TesseraPageAad aad;

  frame_aad (&aad, self, TESSERA_PAGE_KIND_LOG_FRAME_HEADER, generation, frame);
  return tessera_page_open (self->vfs->key, &aad, header, block, TESSERA_LOG_FRAME_HEADER);
}

/* SQLite writes a page right behind its header, or again later over one of the same transaction. */
static int
find_frame_page (TesseraPageFile *self, const guint8 *generation, guint32 frame)
{
  guint8 block[TESSERA_LOG_SEALED_FRAME_HEADER], header[TESSERA_LOG_FRAME_HEADER];
  int rc;

  if (self->header_frame == frame)
    return SQLITE_OK;
  rc = self->real->pMethods->xRead (self->real, block, sizeof block, frame_offset (self, frame));
  if (rc != SQLITE_OK)
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_IOERR_WRITE : rc;
  if (!open_frame_header (self, generation, frame, block, header))
    return SQLITE_IOERR_DATA;
  self->header_frame = frame;
  self->header_page = tessera_page_get32 (header);
  self->header_commit = tessera_page_get32 (header + 4);
  return SQLITE_OK;
}

/* The page of @frame was written or found: by @stamp it is known from now on. If it ends a transaction,
 * remember where. */
static int
note_frame (TesseraPageFile *self, guint32 frame, guint64 stamp, gboolean is_commit)
{
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = tessera_page_stamps_set (&self->node->frames, frame, stamp);
  if (rc == SQLITE_OK && is_commit)
    self->node->last_commit = frame;
  g_mutex_unlock (&self->node->lock);
  return rc;
}

static int
write_frame_page (TesseraPageFile *self, guint32 frame, const guint8 *page)
{
  static const guint8 zeros[TESSERA_PAGE_RESERVED];
  guint32 body = page_size_of (self) - TESSERA_PAGE_RESERVED;
  guint8 generation[TESSERA_PAGE_NONCE];
  const guint8 *nonce;
  TesseraPageAad aad;
  int rc;

  if (memcmp (page + body, zeros, sizeof zeros) != 0 || !get_generation (self, generation))
    return SQLITE_IOERR_WRITE;
  rc = find_frame_page (self, generation, frame);
  if (rc != SQLITE_OK)
    return rc;
  page_aad (&aad, self, generation, frame, self->header_page);
  nonce = tessera_page_next_nonce (self);
  tessera_page_seal (self->vfs->key, &aad, nonce, self->scratch->block, page, body);
  rc = self->real->pMethods->xWrite (self->real, self->scratch->block, (int) page_size_of (self),
                                     frame_offset (self, frame) + TESSERA_LOG_SEALED_FRAME_HEADER);
  return rc == SQLITE_OK ? note_frame (self, frame, tessera_page_stamp (nonce), self->header_commit != 0) : rc;
}

/* As long as the disk may hold another mark than memory, a crash could make this log count for nothing. */
static int
make_certain (TesseraPageFile *self)
{
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = tessera_page_mark_make_certain (self->database);
  g_mutex_unlock (&self->node->lock);
  return rc;
}

static int
log_write (sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  sqlite3_int64 in_frames = offset - TESSERA_LOG_HEADER;
  guint32 frame = (guint32) (in_frames / plain_frame_size (self) + 1);
  gint64 within = in_frames % plain_frame_size (self);
  int rc = tessera_page_scratch_fit (self->scratch, page_size_of (self));

  if (rc == SQLITE_OK)
    rc = make_certain (self);
  if (rc != SQLITE_OK)
    return rc;
  self->recovering = FALSE;
  if (offset == 0 && amount == TESSERA_LOG_HEADER)
    return write_header (self, buffer);
  if (in_frames >= 0 && within == 0 && amount == TESSERA_LOG_FRAME_HEADER)
    return write_frame_header (self, frame, buffer);
  if (in_frames >= 0 && within == TESSERA_LOG_FRAME_HEADER && amount == (int) page_size_of (self))
    return write_frame_page (self, frame, buffer);
  return SQLITE_IOERR_WRITE;
}

/* Opens @frame from scratch memory: header and, unless %NULL, page (4096 bytes). */
static gboolean
open_frame (TesseraPageFile *self, const guint8 *generation, guint32 frame,
            guint8 header[TESSERA_LOG_FRAME_HEADER], guint8 *page)
{
  const guint8 *block = self->scratch->block;
  guint32 body = page_size_of (self) - TESSERA_PAGE_RESERVED;
  TesseraPageAad aad;

  if (!open_frame_header (self, generation, frame, block, header))
    return FALSE;
  if (page == NULL)
    return TRUE;
  page_aad (&aad, self, generation, frame, tessera_page_get32 (header));
  if (!tessera_page_open (self->vfs->key, &aad, page, block + TESSERA_LOG_SEALED_FRAME_HEADER, body))
    return FALSE;
  memset (page + body, 0, TESSERA_PAGE_RESERVED);
  return TRUE;
}

/* While SQLite looks for the end of the log, a frame that does not open is the end (zeros are no frame to
 * it), unless the head says that this frame must be there. At any other time it is damage. */
static int
closed_frame (TesseraPageFile *self, guint32 frame)
{
  guint32 needed;

  g_mutex_lock (&self->node->lock);
  needed = self->node->mark.frames;
  g_mutex_unlock (&self->node->lock);
  if (self->recovering && frame > needed)
    return SQLITE_OK;
  return SQLITE_IOERR_DATA;
}

/* The stamp of the page whose frame is in scratch memory. */
static guint64
stamp_in_scratch (TesseraPageFile *self)
{
  return tessera_page_stamp (self->scratch->block + TESSERA_LOG_SEALED_FRAME_HEADER + page_size_of (self) -
                             TESSERA_PAGE_RESERVED);
}

/* Whether the page in scratch memory is the one that was written last into @frame, or found there by SQLite,
 * whose checksums tell. */
static gboolean
is_last_written (TesseraPageFile *self, guint32 frame)
{
  guint64 stamp;

  if (self->recovering)
    return TRUE;
  g_mutex_lock (&self->node->lock);
  stamp = tessera_page_stamps_get (&self->node->frames, frame);
  g_mutex_unlock (&self->node->lock);
  return stamp == stamp_in_scratch (self);
}

static int
read_frame (TesseraPageFile *self, guint32 frame, guint8 header[TESSERA_LOG_FRAME_HEADER], guint8 *page)
{
  guint8 generation[TESSERA_PAGE_NONCE];
  int size = page != NULL ? (int) sealed_frame_size (self) : TESSERA_LOG_SEALED_FRAME_HEADER;
  int rc = self->real->pMethods->xRead (self->real, self->scratch->block, size, frame_offset (self, frame));

  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
    return rc;
  if (rc == SQLITE_OK && get_generation (self, generation) && (page == NULL || is_last_written (self, frame)) &&
      open_frame (self, generation, frame, header, page))
    return SQLITE_OK;
  memset (header, 0, TESSERA_LOG_FRAME_HEADER);
  if (page != NULL)
    memset (page, 0, page_size_of (self));
  return closed_frame (self, frame);
}

/* A whole frame is read when SQLite looks for the end of the log, or makes its checksums anew. */
static int
read_whole_frame (TesseraPageFile *self, guint32 frame, guint8 *out)
{
  int rc = read_frame (self, frame, out, out + TESSERA_LOG_FRAME_HEADER);
  guint32 page = tessera_page_get32 (out);
  guint32 commit = tessera_page_get32 (out + 4);

  if (rc == SQLITE_OK && self->recovering && page != 0)
    rc = note_frame (self, frame, stamp_in_scratch (self), commit != 0);
  return rc;
}

/* Gives frames @first to @last their checksums; @sum gets that of the last one. */
static int
sum_frames (TesseraPageFile *self, guint32 first, guint32 last, guint8 sum[TESSERA_LOG_CHECKSUM])
{
  guint8 log_header[TESSERA_LOG_HEADER], header[TESSERA_LOG_FRAME_HEADER];
  guint8 *page = self->scratch->plain;
  int rc = read_header (self, log_header);

  if (rc == SQLITE_OK && first > 1)
    rc = read_frame (self, first - 1, header, NULL);
  if (rc != SQLITE_OK)
    return rc;
  if (first > 1)
    memcpy (sum, header + FRAME_SUM_AT, TESSERA_LOG_CHECKSUM);
  else
    tessera_page_checksum_first (log_header, sum);
  for (guint32 frame = first; rc == SQLITE_OK && frame <= last; frame++) {
    rc = read_frame (self, frame, header, page);
    if (rc != SQLITE_OK)
      return rc;
    tessera_page_checksum_next (log_header, header, page, page_size_of (self), sum);
    rc = write_frame_header (self, frame, header);
  }
  return rc;
}

/* At the end of a transaction that wrote over frames of its own, SQLite asks for the checksum before the first
 * of these and makes all from there on. But if a savepoint was rolled back to an earlier frame meanwhile,
 * SQLite (3.40 at least) has since written frames before that one without a checksum, and forgets them: after
 * a crash the log would end there, and the transaction be lost or, worse, half in the database. So they get
 * theirs now, as if SQLite had remembered. */
static int
read_frame_sum (TesseraPageFile *self, guint32 frame, guint8 out[TESSERA_LOG_CHECKSUM])
{
  guint8 header[TESSERA_LOG_FRAME_HEADER];
  int rc;

  if (self->unsummed != 0 && self->unsummed <= frame)
    return sum_frames (self, self->unsummed, MIN (frame, self->last_unsummed), out);
  rc = read_frame (self, frame, header, NULL);
  memcpy (out, header + FRAME_SUM_AT, TESSERA_LOG_CHECKSUM);
  return rc;
}

/* A connection that does not know yet how large another one has made the pages asks for less. */
static int
read_start_of_page (TesseraPageFile *self, guint32 frame, guint8 *out, int amount)
{
  guint8 header[TESSERA_LOG_FRAME_HEADER];
  int rc;

  self->recovering = FALSE;
  rc = read_frame (self, frame, header, self->scratch->plain);
  memcpy (out, self->scratch->plain, amount);
  return rc;
}

static int
log_read (sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint8 header[TESSERA_LOG_HEADER];
  sqlite3_int64 in_frames = offset - TESSERA_LOG_HEADER;
  guint32 frame = (guint32) (in_frames / plain_frame_size (self) + 1);
  gint64 within = in_frames % plain_frame_size (self);
  int rc = tessera_page_scratch_fit (self->scratch, page_size_of (self));

  if (rc != SQLITE_OK)
    return rc;
  if (offset + amount <= TESSERA_LOG_HEADER) {
    rc = read_header (self, header);
    if (rc == SQLITE_OK)
      memcpy (buffer, header + offset, amount);
    self->recovering = rc == SQLITE_OK && amount == TESSERA_LOG_HEADER;
    return rc;
  }
  if (in_frames < 0 || within + amount > plain_frame_size (self))
    return SQLITE_IOERR_READ;
  if (within == 0 && amount == plain_frame_size (self))
    return read_whole_frame (self, frame, buffer);
  if (within == TESSERA_LOG_FRAME_HEADER && amount == (int) page_size_of (self)) {
    self->recovering = FALSE;
    return read_frame (self, frame, header, buffer);
  }
  if (within == TESSERA_LOG_FRAME_HEADER)
    return read_start_of_page (self, frame, buffer, amount);
  if (within == FRAME_SUM_AT && amount == TESSERA_LOG_CHECKSUM)
    return read_frame_sum (self, frame, buffer);
  if (within + amount > TESSERA_LOG_FRAME_HEADER)
    return SQLITE_IOERR_READ;
  rc = read_frame (self, frame, header, NULL);
  memcpy (buffer, header + within, amount);
  return rc;
}

static int
log_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  sqlite3_int64 size = 0, rest;
  int rc = self->real->pMethods->xFileSize (self->real, &size);

  if (size < TESSERA_LOG_SEALED_HEADER) {
    *ret_size = MIN (size, TESSERA_LOG_HEADER - 1);
    return rc;
  }
  size -= TESSERA_LOG_SEALED_HEADER;
  rest = size % sealed_frame_size (self);
  *ret_size = TESSERA_LOG_HEADER + size / sealed_frame_size (self) * plain_frame_size (self) +
              MIN (rest, plain_frame_size (self) - 1);
  return rc;
}

static int
log_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  sqlite3_int64 sealed = 0;
  int rc = SQLITE_OK;

  self->header_frame = 0;
  self->unsummed = 0;
  if (size == 0) {
    g_mutex_lock (&self->node->lock);
    rc = tessera_page_mark_forget_log (self->database);
    g_mutex_unlock (&self->node->lock);
  } else {
    gint64 whole = plain_frame_size (self);

    sealed = TESSERA_LOG_SEALED_HEADER +
             (MAX (size - TESSERA_LOG_HEADER, 0) + whole - 1) / whole * sealed_frame_size (self);
  }
  return rc == SQLITE_OK ? self->real->pMethods->xTruncate (self->real, sealed) : rc;
}

static int
log_sync (sqlite3_file *base, int flags)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  guint32 commit;
  guint serial;
  int rc;

  g_mutex_lock (&self->node->lock);
  commit = self->node->last_commit;
  serial = self->node->serial;
  g_mutex_unlock (&self->node->lock);
  self->is_synchronized = TRUE;
  rc = tessera_page_file_sync (base, flags);
  if (rc == SQLITE_OK) {
    self->synced = commit;
    self->synced_serial = serial;
  }
  return rc;
}

const sqlite3_io_methods tessera_page_log_methods = {
  .iVersion = 1,
  .xClose = tessera_page_file_close,
  .xRead = log_read,
  .xWrite = log_write,
  .xTruncate = log_truncate,
  .xSync = log_sync,
  .xFileSize = log_size,
  .xLock = tessera_page_file_lock,
  .xUnlock = tessera_page_file_unlock,
  .xCheckReservedLock = tessera_page_file_check_reserved,
  .xFileControl = tessera_page_file_control,
  .xSectorSize = tessera_page_file_sector_size,
  .xDeviceCharacteristics = tessera_page_file_characteristics,
};
