/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-head.c: the head of a store file: whose it is, and how it stands to its log.
 *
 * Three blocks of 4096 bytes stand before everything else. The first names the format and the vault, in the
 * clear. The other two each hold the same sealed mark. Without it, somebody who shortens or takes away the
 * log after part of it has gone into the database would leave a mixture of old and new pages, each of them
 * genuine; the mark says how much of which log must be there, and which rollback journal (any other log or
 * journal counts for nothing), and brings a new table of pages into force. It is written twice, first over
 * the copy that is not surely on the disk, so that a crash leaves one of them whole.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define MAGIC_STEM "Tessera store "
#define MAGIC MAGIC_STEM "2"
#define MAGIC_EARLY MAGIC_STEM "1"
#define MAGIC_BYTES 16
#define PLAIN_HEAD_BYTES (MAGIC_BYTES + TESSERA_PAGE_ID_BYTES)
#define MARKS 2

static void
mark_aad (TesseraPageAad *aad, TesseraPageFile *database, guint slot)
{
  tessera_page_aad_begin (aad, database->vfs->id, TESSERA_PAGE_KIND_MARK);
  tessera_page_aad_add32 (aad, slot);
}

static void
mark_to_bytes (const TesseraPageMark *mark, guint8 bytes[TESSERA_PAGE_MARK_PLAIN])
{
  tessera_page_put64 (bytes, mark->sequence);
  memcpy (bytes + 8, mark->generation, TESSERA_PAGE_NONCE);
  tessera_page_put32 (bytes + 32, mark->frames);
  memcpy (bytes + 36, mark->journal, TESSERA_PAGE_JOURNAL_ID);
  tessera_page_put32 (bytes + 52, mark->journal_sectors);
  tessera_page_put32 (bytes + 56, mark->page_size);
  tessera_page_put32 (bytes + 60, mark->pages);
  tessera_page_put64 (bytes + 64, mark->edition);
  memcpy (bytes + 72, mark->digest, TESSERA_PAGE_DIGEST);
}

static void
mark_from_bytes (TesseraPageMark *mark, const guint8 bytes[TESSERA_PAGE_MARK_PLAIN])
{
  mark->sequence = tessera_page_get64 (bytes);
  memcpy (mark->generation, bytes + 8, TESSERA_PAGE_NONCE);
  mark->frames = tessera_page_get32 (bytes + 32);
  memcpy (mark->journal, bytes + 36, TESSERA_PAGE_JOURNAL_ID);
  mark->journal_sectors = tessera_page_get32 (bytes + 52);
  mark->page_size = tessera_page_get32 (bytes + 56);
  mark->pages = tessera_page_get32 (bytes + 60);
  mark->edition = tessera_page_get64 (bytes + 64);
  memcpy (mark->digest, bytes + 72, TESSERA_PAGE_DIGEST);
}

/* ---- the file, from where the store begins in it ---- */

int
tessera_page_disk_read (TesseraPageFile *database, void *out, int amount, sqlite3_int64 offset)
{
  return database->real->pMethods->xRead (database->real, out, amount, database->vfs->offset + offset);
}

int
tessera_page_disk_write (TesseraPageFile *database, const void *bytes, int amount, sqlite3_int64 offset)
{
  return database->real->pMethods->xWrite (database->real, bytes, amount, database->vfs->offset + offset);
}

int
tessera_page_disk_truncate (TesseraPageFile *database, sqlite3_int64 size)
{
  return database->real->pMethods->xTruncate (database->real, database->vfs->offset + size);
}

int
tessera_page_disk_size (TesseraPageFile *database, sqlite3_int64 *ret_size)
{
  sqlite3_int64 size = 0;
  int rc = database->real->pMethods->xFileSize (database->real, &size);

  *ret_size = MAX (size - database->vfs->offset, 0);
  return rc;
}

/* ---- the mark ---- */

static int
write_copy (TesseraPageFile *database, const TesseraPageMark *mark, guint copy)
{
  guint8 plain[TESSERA_PAGE_MARK_PLAIN], sealed[TESSERA_PAGE_MARK_SEALED];
  guint8 nonce[TESSERA_PAGE_NONCE];
  TesseraPageAad aad;

  mark_aad (&aad, database, copy);
  mark_to_bytes (mark, plain);
  randombytes_buf (nonce, sizeof nonce);
  tessera_page_seal (database->vfs->key, &aad, nonce, sealed, plain, sizeof plain);
  return tessera_page_disk_write (database, sealed, sizeof sealed,
                                  (sqlite3_int64) TESSERA_PAGE_SIZE * (1 + copy));
}

/* What was read may be in the cache of the system alone: the program that wrote it may have died, and the power
 * may yet go. Before anything relies on it, or one of its copies is written over, it has to be on the disk. */
static int
sync_cached (TesseraPageFile *database)
{
  TesseraPageNode *node = database->node;
  int rc = SQLITE_OK;

  if (node->mark_cached)
    rc = database->real->pMethods->xSync (database->real, SQLITE_SYNC_NORMAL);
  if (rc == SQLITE_OK)
    node->mark_cached = FALSE;
  return rc;
}

/* Over the copy that is not surely on the disk, synchronized; then over the other, which needs no
 * synchronizing: should it be lost, the first is there. */
static int
write_mark (TesseraPageFile *database, TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;
  guint first = MARKS - 1 - node->good_copy;
  int rc = sync_cached (database);

  if (rc != SQLITE_OK)
    return rc;
  mark->sequence = ++node->sequence;
  node->mark_uncertain = TRUE;
  rc = write_copy (database, mark, first);
  if (rc == SQLITE_OK)
    rc = database->real->pMethods->xSync (database->real, SQLITE_SYNC_NORMAL);
  if (rc != SQLITE_OK)
    return rc;
  node->good_copy = first;
  node->mark = *mark;
  node->mark_uncertain = FALSE;
  write_copy (database, mark, MARKS - 1 - first);
  return SQLITE_OK;
}

int
tessera_page_mark_make_certain (TesseraPageFile *database)
{
  TesseraPageMark mark = database->node->mark;

  return database->node->mark_uncertain ? write_mark (database, &mark) : sync_cached (database);
}

int
tessera_page_mark_with_table (TesseraPageFile *database, TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;
  gboolean changed = node->table.changed;
  int rc = SQLITE_OK;

  if (changed) {
    /* A mark that is perhaps on the disk may name the blocks that are written over now. */
    rc = tessera_page_mark_make_certain (database);
    if (rc == SQLITE_OK)
      rc = tessera_page_table_write (database, mark);
    /* The pages too: from now on they must be there. */
    if (rc == SQLITE_OK)
      rc = database->real->pMethods->xSync (database->real, SQLITE_SYNC_NORMAL);
  }
  if (rc == SQLITE_OK)
    rc = write_mark (database, mark);
  if (rc == SQLITE_OK && changed)
    tessera_page_table_written (node, mark);
  return rc;
}

/* To be called when pages were changed for good and neither a log nor a journal knows of it. */
int
tessera_page_mark_table (TesseraPageFile *database)
{
  TesseraPageMark mark = database->node->mark;

  return database->node->table.changed ? tessera_page_mark_with_table (database, &mark) : SQLITE_OK;
}

/* Makes the head of an empty file. It is on the disk before any page is. */
int
tessera_page_head_create (TesseraPageFile *database)
{
  TesseraPageNode *node = database->node;
  guint8 head[PLAIN_HEAD_BYTES] = MAGIC;
  TesseraPageMark mark = { 0 };
  static const guint8 last = 0;
  int rc;

  memcpy (head + MAGIC_BYTES, database->vfs->id, TESSERA_PAGE_ID_BYTES);
  rc = tessera_page_disk_write (database, head, sizeof head, 0);
  if (rc == SQLITE_OK)
    rc = tessera_page_disk_write (database, &last, 1, TESSERA_PAGE_HEAD_BYTES - 1);
  if (rc != SQLITE_OK)
    return rc;
  tessera_page_table_clear (&node->table);
  node->page_size = 0;
  randombytes_buf (mark.generation, sizeof mark.generation);
  rc = tessera_page_table_write (database, &mark);
  if (rc == SQLITE_OK)
    rc = write_mark (database, &mark);
  node->mark_known = rc == SQLITE_OK;
  return rc;
}

/* Whether this is a store, of this vault, of this version. */
int
tessera_page_head_check (TesseraPageFile *database)
{
  guint8 head[PLAIN_HEAD_BYTES];
  int rc = tessera_page_disk_read (database, head, sizeof head, 0);
  TesseraPageProblem problem = TESSERA_PAGE_PROBLEM_NONE;

  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
    return rc;
  if (memcmp (head, MAGIC_STEM, strlen (MAGIC_STEM)) != 0)
    problem = TESSERA_PAGE_PROBLEM_NOT_A_STORE;
  else if (memcmp (head, MAGIC_EARLY, MAGIC_BYTES) == 0)
    problem = TESSERA_PAGE_PROBLEM_TOO_OLD;
  else if (memcmp (head, MAGIC, MAGIC_BYTES) != 0)
    problem = TESSERA_PAGE_PROBLEM_TOO_NEW;
  else if (memcmp (head + MAGIC_BYTES, database->vfs->id, TESSERA_PAGE_ID_BYTES) != 0)
    problem = TESSERA_PAGE_PROBLEM_OTHER_VAULT;
  if (problem == TESSERA_PAGE_PROBLEM_NONE)
    return SQLITE_OK;
  tessera_page_vfs_report (database->vfs, problem);
  return SQLITE_NOTADB;
}

/* Of the two copies, the newer one that opens. */
static int
find_mark (TesseraPageFile *database, gboolean *ret_found)
{
  TesseraPageNode *node = database->node;

  *ret_found = FALSE;
  for (guint copy = 0; copy < MARKS; copy++) {
    guint8 sealed[TESSERA_PAGE_MARK_SEALED], plain[TESSERA_PAGE_MARK_PLAIN];
    TesseraPageMark mark;
    TesseraPageAad aad;
    int rc = tessera_page_disk_read (database, sealed, sizeof sealed,
                                     (sqlite3_int64) TESSERA_PAGE_SIZE * (1 + copy));

    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
      return rc;
    mark_aad (&aad, database, copy);
    if (rc != SQLITE_OK || !tessera_page_open (database->vfs->key, &aad, plain, sealed, sizeof plain))
      continue;
    mark_from_bytes (&mark, plain);
    if (*ret_found && mark.sequence <= node->mark.sequence)
      continue;
    node->mark = mark;
    node->sequence = mark.sequence;
    node->good_copy = copy;
    *ret_found = TRUE;
  }
  return SQLITE_OK;
}

/* The mark, and the table it names. */
int
tessera_page_mark_load (TesseraPageFile *database)
{
  TesseraPageNode *node = database->node;
  gboolean found;
  int rc;

  if (node->mark_known)
    return SQLITE_OK;
  rc = find_mark (database, &found);
  if (rc == SQLITE_OK)
    rc = found ? tessera_page_table_load (database, &node->mark) : SQLITE_IOERR_DATA;
  node->mark_known = rc == SQLITE_OK;
  node->mark_cached = TRUE;
  if (rc == SQLITE_IOERR_DATA)
    tessera_page_vfs_report (database->vfs, TESSERA_PAGE_PROBLEM_DAMAGED);
  return rc;
}

static void
forget_generation (TesseraPageNode *node)
{
  node->generation_known = FALSE;
  node->last_commit = 0;
  tessera_page_stamps_cut (&node->frames, 0);
  node->serial++;
}

/* To be called before a log gets a new header: the database is complete, and only this log will count. */
int
tessera_page_mark_begin_generation (TesseraPageFile *database, const guint8 generation[TESSERA_PAGE_NONCE])
{
  TesseraPageMark mark = database->node->mark;

  forget_generation (database->node);
  memcpy (mark.generation, generation, TESSERA_PAGE_NONCE);
  mark.frames = 0;
  return tessera_page_mark_with_table (database, &mark);
}

/* To be called before frames up to @frames go into the database. */
int
tessera_page_mark_frames (TesseraPageFile *database, guint32 frames)
{
  TesseraPageMark mark = database->node->mark;

  mark.frames = frames;
  return write_mark (database, &mark);
}

/* To be called before a log is emptied or deleted, when all of it is in the database. */
int
tessera_page_mark_forget_log (TesseraPageFile *database)
{
  TesseraPageNode *node = database->node;
  TesseraPageMark mark = node->mark;
  int rc;

  if (!node->generation_known && node->mark.frames == 0 && !node->table.changed)
    return tessera_page_mark_make_certain (database);
  randombytes_buf (mark.generation, sizeof mark.generation);
  mark.frames = 0;
  rc = tessera_page_mark_with_table (database, &mark);
  if (rc == SQLITE_OK)
    forget_generation (node);
  return rc;
}

gboolean
tessera_page_mark_needs_journal (const TesseraPageNode *node)
{
  return !sodium_is_zero (node->mark.journal, sizeof node->mark.journal);
}

/* To be called before a page is changed of which @journal holds the old content. */
int
tessera_page_mark_journal (TesseraPageFile *database, const guint8 journal[TESSERA_PAGE_JOURNAL_ID],
                           guint32 sectors)
{
  TesseraPageMark mark = database->node->mark;

  memcpy (mark.journal, journal, sizeof mark.journal);
  mark.journal_sectors = sectors;
  return write_mark (database, &mark);
}

/* To be called before a journal is emptied or deleted, when the database is whole without it. */
int
tessera_page_mark_forget_journal (TesseraPageFile *database)
{
  TesseraPageMark mark = database->node->mark;

  if (!tessera_page_mark_needs_journal (database->node))
    return tessera_page_mark_make_certain (database);
  memset (mark.journal, 0, sizeof mark.journal);
  mark.journal_sectors = 0;
  return tessera_page_mark_with_table (database, &mark);
}
