/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-table.c: the table that says which block of each page is the last one.
 *
 * A page that somebody kept and put back later is as genuine as the one that stood there. So the store keeps,
 * for every page, the stamp of its last block (tessera-page-stamps.c), in sealed blocks of its own: two
 * places stand before each group of pages, and a block is written into the one that does not count, so that a
 * crash leaves the other. Which one counts is told by its edition, and that all of them are there and none is
 * old by a digest over their nonces; edition and digest are in the mark (tessera-page-head.c), with which a
 * new table comes into force. Between two marks pages may be newer than the table on the disk; log or journal
 * then hold them, and SQLite reads them from there.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define PLACES 2
#define EDITION_BYTES 8
#define STAMP_BYTES 8
#define SMALLEST_CAPACITY 16

gboolean
tessera_page_is_size (guint32 page_size)
{
  return page_size >= TESSERA_PAGE_SMALLEST && page_size <= TESSERA_PAGE_LARGEST &&
         (page_size & (page_size - 1)) == 0;
}

/* Pages whose stamps fit into one block. */
static guint32
stamps_per_block (guint32 page_size)
{
  return (page_size - TESSERA_PAGE_RESERVED - EDITION_BYTES) / STAMP_BYTES;
}

static sqlite3_int64
block_offset (guint32 page_size, guint32 block, guint place)
{
  sqlite3_int64 group = (sqlite3_int64) (stamps_per_block (page_size) + PLACES) * page_size;

  return TESSERA_PAGE_HEAD_BYTES + block * group + (sqlite3_int64) place * page_size;
}

sqlite3_int64
tessera_page_table_place_of (guint32 page_size, guint32 number)
{
  guint32 per_block = stamps_per_block (page_size);

  return block_offset (page_size, (number - 1) / per_block, PLACES) +
         (sqlite3_int64) ((number - 1) % per_block) * page_size;
}

/* What is left of a file of @file_size bytes without head and table. */
sqlite3_int64
tessera_page_table_pages_size (guint32 page_size, sqlite3_int64 file_size)
{
  sqlite3_int64 rest = MAX (file_size - TESSERA_PAGE_HEAD_BYTES, 0);
  sqlite3_int64 pages = (sqlite3_int64) stamps_per_block (page_size) * page_size;
  sqlite3_int64 places = (sqlite3_int64) PLACES * page_size;

  return rest / (pages + places) * pages + MAX (rest % (pages + places) - places, 0);
}

static guint32
count_blocks (guint32 page_size, guint32 pages)
{
  return page_size > 0 ? (pages + stamps_per_block (page_size) - 1) / stamps_per_block (page_size) : 0;
}

static void
block_aad (TesseraPageAad *aad, TesseraPageFile *database, guint32 block, guint place)
{
  tessera_page_aad_begin (aad, database->vfs->id, TESSERA_PAGE_KIND_TABLE);
  tessera_page_aad_add32 (aad, block);
  tessera_page_aad_add32 (aad, place);
}

/* ---- in memory ---- */

static int
reserve_blocks (TesseraPageTable *self, guint32 count)
{
  guint64 capacity = MAX (self->capacity, SMALLEST_CAPACITY);
  TesseraPageTableBlock *blocks;

  if (count > self->capacity) {
    while (capacity < count)
      capacity += capacity / 2;
    blocks = sqlite3_realloc64 (self->blocks, capacity * sizeof *blocks);
    if (blocks == NULL)
      return SQLITE_NOMEM;
    self->blocks = blocks;
    self->capacity = (guint32) capacity;
  }
  for (; self->count < count; self->count++)
    self->blocks[self->count] = (TesseraPageTableBlock){ .place = PLACES - 1, .changed = TRUE };
  return SQLITE_OK;
}

int
tessera_page_table_set (TesseraPageNode *node, guint32 number, guint64 stamp)
{
  TesseraPageTable *table = &node->table;
  guint32 block = (number - 1) / stamps_per_block (node->page_size);
  int rc = reserve_blocks (table, block + 1);

  if (rc == SQLITE_OK)
    rc = tessera_page_stamps_set (&table->stamps, number, stamp);
  if (rc != SQLITE_OK)
    return rc;
  table->blocks[block].changed = TRUE;
  table->changed = TRUE;
  return SQLITE_OK;
}

void
tessera_page_table_cut (TesseraPageNode *node, guint32 pages)
{
  TesseraPageTable *table = &node->table;

  if (pages >= table->stamps.count)
    return;
  tessera_page_stamps_cut (&table->stamps, pages);
  table->count = count_blocks (node->page_size, pages);
  if (table->count > 0)
    table->blocks[table->count - 1].changed = TRUE;
  table->changed = TRUE;
}

void
tessera_page_table_clear (TesseraPageTable *self)
{
  tessera_page_stamps_clear (&self->stamps);
  sqlite3_free (self->blocks);
  *self = (TesseraPageTable){ 0 };
}

/* Over the nonces of all blocks: those that count, or those that will. */
static void
make_digest (const TesseraPageTable *self, gboolean next, guint8 digest[TESSERA_PAGE_DIGEST])
{
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, TESSERA_PAGE_DIGEST);
  for (guint32 i = 0; i < self->count; i++) {
    const TesseraPageTableBlock *block = &self->blocks[i];

    crypto_generichash_update (&state, next && block->changed ? block->next_nonce : block->nonce,
                               TESSERA_PAGE_NONCE);
  }
  crypto_generichash_final (&state, digest, TESSERA_PAGE_DIGEST);
}

/* ---- from the disk ---- */

static int
take_stamps (TesseraPageNode *node, guint32 number, const guint8 *plain, guint32 pages)
{
  guint32 per_block = stamps_per_block (node->page_size);
  guint32 first = number * per_block;
  int rc = SQLITE_OK;

  for (guint32 i = 0; rc == SQLITE_OK && i < per_block && first + i < pages; i++)
    rc = tessera_page_stamps_set (&node->table.stamps, first + i + 1,
                                  tessera_page_get64 (plain + EDITION_BYTES + (gsize) i * STAMP_BYTES));
  return rc;
}

/* Of the two places of block @number, which stand in @sealed, takes the one that counts. One of a later
 * edition was being written when the program died: it counts for nothing, and must be written over with the
 * next edition, before its own comes. */
static int
load_block (TesseraPageFile *database, const TesseraPageMark *mark, guint32 number, const guint8 *sealed)
{
  TesseraPageNode *node = database->node;
  TesseraPageTableBlock *block = &node->table.blocks[number];
  guint8 *plain = database->scratch->plain;
  gboolean left_over = FALSE, found = FALSE;
  int rc = SQLITE_OK;

  for (guint place = 0; rc == SQLITE_OK && place < PLACES; place++) {
    const guint8 *candidate = sealed + (gsize) place * node->page_size;
    guint32 body = node->page_size - TESSERA_PAGE_RESERVED;
    TesseraPageAad aad;
    guint64 edition;

    block_aad (&aad, database, number, place);
    if (!tessera_page_open (database->vfs->key, &aad, plain, candidate, body))
      continue;
    edition = tessera_page_get64 (plain);
    node->table.highest = MAX (node->table.highest, edition);
    left_over = left_over || edition > mark->edition;
    if (edition > mark->edition || (found && edition <= block->edition))
      continue;
    found = TRUE;
    *block = (TesseraPageTableBlock){ .edition = edition, .place = (guint8) place };
    memcpy (block->nonce, candidate + body, TESSERA_PAGE_NONCE);
    rc = take_stamps (node, number, plain, mark->pages);
  }
  block->changed = left_over;
  return rc == SQLITE_OK && !found ? SQLITE_IOERR_DATA : rc;
}

static int
load_blocks (TesseraPageFile *database, const TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;
  guint32 count = count_blocks (mark->page_size, mark->pages);
  gsize size = (gsize) PLACES * mark->page_size;
  guint8 *sealed = sqlite3_malloc64 (size);
  int rc = sealed == NULL ? SQLITE_NOMEM : reserve_blocks (&node->table, count);

  for (guint32 i = 0; rc == SQLITE_OK && i < count; i++) {
    rc = tessera_page_disk_read (database, sealed, (int) size, block_offset (mark->page_size, i, 0));
    if (rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ)
      rc = load_block (database, mark, i, sealed);
  }
  sqlite3_free (sealed);
  return rc;
}

/* Whether the file can hold what @mark says: otherwise room would be made for a table that cannot be there. */
static int
check_sizes (TesseraPageFile *database, const TesseraPageMark *mark)
{
  guint32 page_size = mark->page_size;
  sqlite3_int64 size = 0;
  int rc;

  if (page_size == 0)
    return mark->pages == 0 ? SQLITE_OK : SQLITE_IOERR_DATA;
  if (!tessera_page_is_size (page_size))
    return SQLITE_IOERR_DATA;
  rc = tessera_page_disk_size (database, &size);
  if (rc == SQLITE_OK && tessera_page_table_pages_size (page_size, size) / page_size < mark->pages)
    rc = SQLITE_IOERR_DATA;
  return rc;
}

/* Reads the table that @mark says is in force. SQLITE_IOERR_DATA if it is not there as it should be. */
int
tessera_page_table_load (TesseraPageFile *database, const TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;
  guint8 digest[TESSERA_PAGE_DIGEST];
  int rc = check_sizes (database, mark);

  tessera_page_table_clear (&node->table);
  node->page_size = mark->page_size;
  node->table.highest = mark->edition;
  if (rc == SQLITE_OK && mark->page_size > 0)
    rc = tessera_page_scratch_fit (database->scratch, mark->page_size);
  if (rc == SQLITE_OK && mark->pages > 0)
    rc = load_blocks (database, mark);
  if (rc == SQLITE_OK) {
    make_digest (&node->table, FALSE, digest);
    if (sodium_memcmp (digest, mark->digest, sizeof digest) != 0)
      rc = SQLITE_IOERR_DATA;
  }
  if (rc != SQLITE_OK) {
    tessera_page_table_clear (&node->table);
    node->page_size = 0;
  }
  return rc;
}

/* ---- to the disk ---- */

static int
write_block (TesseraPageFile *database, guint32 number, guint64 edition)
{
  TesseraPageNode *node = database->node;
  TesseraPageTableBlock *block = &node->table.blocks[number];
  guint8 *plain = database->scratch->plain;
  guint32 per_block = stamps_per_block (node->page_size);
  guint place = PLACES - 1 - block->place;
  TesseraPageAad aad;

  tessera_page_put64 (plain, edition);
  for (guint32 i = 0; i < per_block; i++)
    tessera_page_put64 (plain + EDITION_BYTES + (gsize) i * STAMP_BYTES,
                        tessera_page_stamps_get (&node->table.stamps, number * per_block + i + 1));
  memcpy (block->next_nonce, tessera_page_next_nonce (database), TESSERA_PAGE_NONCE);
  block_aad (&aad, database, number, place);
  tessera_page_seal (database->vfs->key, &aad, block->next_nonce, database->scratch->block, plain,
                     node->page_size - TESSERA_PAGE_RESERVED);
  return tessera_page_disk_write (database, database->scratch->block, (int) node->page_size,
                                  block_offset (node->page_size, number, place));
}

/* Writes what changed, not yet in force, and says so in @mark. */
int
tessera_page_table_write (TesseraPageFile *database, TesseraPageMark *mark)
{
  TesseraPageNode *node = database->node;
  TesseraPageTable *table = &node->table;
  guint64 edition = ++table->highest;
  int rc = table->count > 0 ? tessera_page_scratch_fit (database->scratch, node->page_size) : SQLITE_OK;

  for (guint32 i = 0; rc == SQLITE_OK && i < table->count; i++)
    if (table->blocks[i].changed)
      rc = write_block (database, i, edition);
  if (rc != SQLITE_OK)
    return rc;
  mark->page_size = node->page_size;
  mark->pages = table->stamps.count;
  mark->edition = edition;
  make_digest (table, TRUE, mark->digest);
  return SQLITE_OK;
}

/* The mark is on the disk, and the table with it in force. */
void
tessera_page_table_written (TesseraPageNode *node, const TesseraPageMark *mark)
{
  TesseraPageTable *table = &node->table;

  for (guint32 i = 0; i < table->count; i++) {
    TesseraPageTableBlock *block = &table->blocks[i];

    if (!block->changed)
      continue;
    memcpy (block->nonce, block->next_nonce, TESSERA_PAGE_NONCE);
    block->place = PLACES - 1 - block->place;
    block->edition = mark->edition;
    block->changed = FALSE;
  }
  table->changed = FALSE;
}
