/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-head.c: the head of a store file: whose it is, and how it stands to its log.
 *
 * Three blocks of 4096 bytes stand before the first page. The first names the format and the vault, in the
 * clear. The other two each hold the same sealed mark. Without it, somebody who shortens or takes away the
 * log after part of it has gone into the database would leave a mixture of old and new pages, each of them
 * genuine; the mark says how much of which log must be there, and which rollback journal; any other log or
 * journal counts for nothing. It is written twice, one after the other, so that a crash leaves one of them
 * whole.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define MAGIC_STEM "Tessera store "
#define MAGIC MAGIC_STEM "1"
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
  memset (bytes, 0, TESSERA_PAGE_MARK_PLAIN);
  tessera_page_put64 (bytes, mark->sequence);
  memcpy (bytes + 8, mark->generation, TESSERA_PAGE_NONCE);
  tessera_page_put32 (bytes + 32, mark->frames);
  tessera_page_put32 (bytes + 36, mark->pages);
  memcpy (bytes + 40, mark->journal, TESSERA_PAGE_JOURNAL_ID);
  tessera_page_put32 (bytes + 56, mark->journal_sectors);
}

static void
mark_from_bytes (TesseraPageMark *mark, const guint8 bytes[TESSERA_PAGE_MARK_PLAIN])
{
  mark->sequence = tessera_page_get64 (bytes);
  memcpy (mark->generation, bytes + 8, TESSERA_PAGE_NONCE);
  mark->frames = tessera_page_get32 (bytes + 32);
  mark->pages = tessera_page_get32 (bytes + 36);
  memcpy (mark->journal, bytes + 40, TESSERA_PAGE_JOURNAL_ID);
  mark->journal_sectors = tessera_page_get32 (bytes + 56);
}

static int
write_mark (TesseraPageFile *database, TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;

  mark->sequence = node->mark.sequence + 1;
  for (guint slot = 0; slot < MARKS; slot++) {
    guint8 plain[TESSERA_PAGE_MARK_PLAIN], sealed[TESSERA_PAGE_MARK_SEALED];
    guint8 nonce[TESSERA_PAGE_NONCE];
    TesseraPageAad aad;
    int rc;

    mark_aad (&aad, database, slot);
    mark_to_bytes (mark, plain);
    randombytes_buf (nonce, sizeof nonce);
    tessera_page_seal (database->vfs->key, &aad, nonce, sealed, plain, sizeof plain);
    rc = database->real->pMethods->xWrite (database->real, sealed, sizeof sealed,
                                           (sqlite3_int64) TESSERA_PAGE_SIZE * (1 + slot));
    if (rc == SQLITE_OK)
      rc = database->real->pMethods->xSync (database->real, SQLITE_SYNC_NORMAL);
    if (rc != SQLITE_OK)
      return rc;
  }
  node->mark = *mark;
  return SQLITE_OK;
}

/* Makes the head of an empty file. It is on the disk before any page is. */
int
tessera_page_head_create (TesseraPageFile *database)
{
  guint8 head[PLAIN_HEAD_BYTES] = MAGIC;
  TesseraPageMark mark = { 0 };
  static const guint8 last = 0;
  int rc;

  memcpy (head + MAGIC_BYTES, database->vfs->id, TESSERA_PAGE_ID_BYTES);
  rc = database->real->pMethods->xWrite (database->real, head, sizeof head, 0);
  if (rc == SQLITE_OK)
    rc = database->real->pMethods->xWrite (database->real, &last, 1, TESSERA_PAGE_HEAD_BYTES - 1);
  if (rc != SQLITE_OK)
    return rc;
  randombytes_buf (mark.generation, sizeof mark.generation);
  return write_mark (database, &mark);
}

/* Whether this is a store, of this vault, of this version. */
int
tessera_page_head_check (TesseraPageFile *database)
{
  guint8 head[PLAIN_HEAD_BYTES];
  int rc = database->real->pMethods->xRead (database->real, head, sizeof head, 0);
  TesseraPageProblem problem = TESSERA_PAGE_PROBLEM_NONE;

  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
    return rc;
  if (memcmp (head, MAGIC_STEM, strlen (MAGIC_STEM)) != 0)
    problem = TESSERA_PAGE_PROBLEM_NOT_A_STORE;
  else if (memcmp (head, MAGIC, MAGIC_BYTES) != 0)
    problem = TESSERA_PAGE_PROBLEM_TOO_NEW;
  else if (memcmp (head + MAGIC_BYTES, database->vfs->id, TESSERA_PAGE_ID_BYTES) != 0)
    problem = TESSERA_PAGE_PROBLEM_OTHER_VAULT;
  if (problem == TESSERA_PAGE_PROBLEM_NONE)
    return SQLITE_OK;
  tessera_page_vfs_report (database->vfs, problem);
  return SQLITE_NOTADB;
}

/* Of the two marks, the newer one that opens. */
int
tessera_page_mark_load (TesseraPageFile *database)
{
  TesseraPageNode *node = database->node;

  if (node->mark_known)
    return SQLITE_OK;
  for (guint slot = 0; slot < MARKS; slot++) {
    guint8 sealed[TESSERA_PAGE_MARK_SEALED], plain[TESSERA_PAGE_MARK_PLAIN];
    TesseraPageMark mark;
    TesseraPageAad aad;
    int rc = database->real->pMethods->xRead (database->real, sealed, sizeof sealed,
                                              (sqlite3_int64) TESSERA_PAGE_SIZE * (1 + slot));

    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
      return rc;
    mark_aad (&aad, database, slot);
    if (rc != SQLITE_OK || !tessera_page_open (database->vfs->key, &aad, plain, sealed, sizeof plain))
      continue;
    mark_from_bytes (&mark, plain);
    if (!node->mark_known || mark.sequence > node->mark.sequence)
      node->mark = mark;
    node->mark_known = TRUE;
  }
  if (node->mark_known)
    return SQLITE_OK;
  tessera_page_vfs_report (database->vfs, TESSERA_PAGE_PROBLEM_DAMAGED);
  return SQLITE_IOERR_DATA;
}

/* To be called before a log gets a new header: the database is complete, and only this log will count. */
int
tessera_page_mark_begin_generation (TesseraPageFile *database, const guint8 generation[TESSERA_PAGE_NONCE])
{
  TesseraPageMark mark = { 0 };
  sqlite3_int64 size = 0;
  int rc = database->base.pMethods->xFileSize (&database->base, &size);

  if (rc != SQLITE_OK)
    return rc;
  memcpy (mark.generation, generation, TESSERA_PAGE_NONCE);
  mark.pages = (guint32) (size / TESSERA_PAGE_SIZE);
  return write_mark (database, &mark);
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
  TesseraPageMark mark = { 0 };
  int rc;

  if (!node->generation_known && node->mark.frames == 0)
    return SQLITE_OK;
  randombytes_buf (mark.generation, sizeof mark.generation);
  rc = write_mark (database, &mark);
  if (rc == SQLITE_OK) {
    node->generation_known = FALSE;
    node->floor = 0;
    node->last_commit = 0;
    node->serial++;
  }
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
    return SQLITE_OK;
  memset (mark.journal, 0, sizeof mark.journal);
  mark.journal_sectors = 0;
  return write_mark (database, &mark);
}
