/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-tamper-campaign.c: every change that somebody could make to the files of a store, as far as there is time.
 *
 * What is read then is what was written last; or, where the end of the log was cut off, what was written
 * earlier, whole; or nothing, with an error. With "-m slow" every byte and every block has its turn, else a
 * sample of them. The few that need a passphrase are in test-tamper.c.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tamper-bench.h"
#include "tessera-key-file.h"
#include "tessera-page-private.h"

/* On average. */
#define SAMPLE_STRIDE 211
#define SAMPLE_STRIDE_IN_MARK 4
#define WHOLE_STRIDE 11

static const char *const moment_names[TAMPER_MOMENTS] = {
  "early", "later", "tried", "logged", "half", "again", "undone", "last", "shrunk",
};

/* One vault, at several times; another one; and one that has the same key but another id. */
typedef struct {
  TamperBench *bench;
  TamperBench *others[2];
  guint tried, same, older, refused, mended;
} Campaign;

typedef struct {
  int page_size;
  int rows;
} Size;
static const Size small = { 1024, 4 }, usual = { 4096, 4 }, many_pages = { 1024, 260 }, large_pages = { 65536, 2 };

static guint
size_of (const Campaign *self, guint moment, TamperFile file)
{
  const GByteArray *bytes = self->bench->moments[moment].bytes[file];

  return bytes != NULL ? bytes->len : 0;
}

static void
campaign_set_up (Campaign *self, gconstpointer data)
{
  const Size *size = data;

  self->bench = tamper_bench_new (1, size->page_size, size->rows);
  for (guint i = 0; i < TAMPER_MOMENTS; i++)
    g_test_message ("%s: %u bytes, %u of a log, %u of a journal", moment_names[i], size_of (self, i, TAMPER_STORE),
                    size_of (self, i, TAMPER_LOG), size_of (self, i, TAMPER_JOURNAL));
  self->others[0] = tamper_bench_new (7, size->page_size, size->rows);
  self->others[1] = tamper_bench_new_sibling (self->bench, 9);
}

static void
campaign_tear_down (Campaign *self, gconstpointer data)
{
  g_test_message ("%u changes: %u without effect, %u gave an earlier state, %u refused (%u of them after a change, mended again)",
                  self->tried, self->same, self->older, self->refused, self->mended);
  tamper_bench_free (self->bench);
  tamper_bench_free (self->others[0]);
  tamper_bench_free (self->others[1]);
}

/* How far to the next byte or length: one in a whole campaign, but for files that differ little from others. */
static gsize
stride (TamperMoment moment, TamperFile file, gsize at)
{
  gboolean in_mark = file == TAMPER_STORE && at >= TESSERA_PAGE_SIZE && at < TESSERA_PAGE_HEAD_BYTES &&
                     at % TESSERA_PAGE_SIZE < TESSERA_PAGE_MARK_SEALED;
  gboolean every = in_mark || file == TAMPER_JOURNAL || moment == TAMPER_HALF || moment == TAMPER_LATER;

  if (g_test_slow ())
    return every ? 1 : (gsize) g_test_rand_int_range (1, WHOLE_STRIDE * 2);
  return (gsize) g_test_rand_int_range (1, in_mark ? SAMPLE_STRIDE_IN_MARK * 2 : SAMPLE_STRIDE * 2);
}

/* The marks are not stepped over. */
static gsize
next (TamperMoment moment, TamperFile file, gsize at)
{
  gsize there = at + stride (moment, file, at);

  for (guint copy = 1; file == TAMPER_STORE && copy <= 2; copy++)
    if (at < copy * TESSERA_PAGE_SIZE && there > copy * TESSERA_PAGE_SIZE)
      return copy * TESSERA_PAGE_SIZE;
  return there;
}

static gboolean
in_sample (guint one_in)
{
  return g_test_slow () || g_test_rand_int_range (0, (gint32) one_in) == 0;
}

/* ---- judging ---- */

/* Reads @files, which @what was done to, and now and then goes on with them. Returns whether they could be read. */
static gboolean
judge (Campaign *self, const TamperFiles *files, TamperFiles *left, const char *what, gsize one, gsize other)
{
  int least = 0, most = 0, code;
  gboolean allowed = tamper_bench_allows (self->bench, files, &least, &most);
  int version = tamper_bench_read (self->bench, files, self->tried % 4 == 0, left, &code);

  self->tried++;
  if (version == TAMPER_VERSION_ERROR) {
    self->refused++;
    return FALSE;
  }
  if (!allowed || version < least || version > most)
    g_error ("%s %" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT ": version %d was read where only %d to %d may be", what, one,
             other, version, least, most);
  if (version == most)
    self->same++;
  else
    self->older++;
  return TRUE;
}

/* ---- single bytes ---- */

/* An error must not have made anything worse: with the right byte in its place again, all is well. */
static void
judge_flip (Campaign *self, TamperFiles *files, TamperFile file, gsize at, TamperMoment moment)
{
  guint8 *byte = files->bytes[file]->data + at;
  guint8 bit = (guint8) (1 << g_test_rand_int_range (0, 8));
  TamperFiles left = { 0 };
  int code;

  *byte ^= bit;
  if (!judge (self, files, &left, moment_names[moment], file, at) && !tamper_files_are_same (files, &left)) {
    if (left.bytes[file] == NULL || at >= left.bytes[file]->len)
      g_error ("%s %d %" G_GSIZE_FORMAT ": not read, and not there any more", moment_names[moment], file, at);
    if (left.bytes[file]->data[at] == *byte)
      left.bytes[file]->data[at] ^= bit;
    if (tamper_bench_read (self->bench, &left, FALSE, NULL, &code) < self->bench->least[moment])
      g_error ("%s %d %" G_GSIZE_FORMAT ": mended, and not read (%d)", moment_names[moment], file, at, code);
    self->mended++;
  }
  *byte ^= bit;
  tamper_files_clear (&left);
}

static void
test_flips (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    TamperFiles files;

    tamper_files_copy (&files, &self->bench->moments[moment]);
    for (guint file = 0; file < TAMPER_FILES; file++)
      for (gsize at = 0; files.bytes[file] != NULL && at < files.bytes[file]->len; at = next (moment, file, at))
        judge_flip (self, &files, (TamperFile) file, at, (TamperMoment) moment);
    tamper_files_clear (&files);
  }
  g_assert_cmpuint (self->refused, >, self->tried / 8);
}

#define JOURNAL_HEADER 512

/* SQLite takes a wrong checksum for the end of a journal, and would delete what it did not play back. */
static void
test_checksums (Campaign *self, gconstpointer data)
{
  gsize record = 4 + (gsize) self->bench->page_size + 4;
  TamperFiles files;

  tamper_files_copy (&files, &self->bench->moments[TAMPER_UNDONE]);
  for (gsize end = JOURNAL_HEADER + record; end <= files.bytes[TAMPER_JOURNAL]->len; end += record)
    for (gsize at = end - 4; at < end; at++)
      judge_flip (self, &files, TAMPER_JOURNAL, at, TAMPER_UNDONE);
  /* Behind a second header they stand elsewhere. */
  g_assert_cmpuint (self->refused, >=, 12);
  tamper_files_clear (&files);
}

/* ---- lengths ---- */

/* The file at every length, the others as they are. */
static void
cut (Campaign *self, TamperMoment moment, TamperFile file)
{
  TamperFiles files;
  gsize size;

  tamper_files_copy (&files, &self->bench->moments[moment]);
  size = files.bytes[file] != NULL ? files.bytes[file]->len : 0;
  for (gsize length = 0; length < size; length = next (moment, file, length)) {
    g_byte_array_set_size (files.bytes[file], (guint) length);
    judge (self, &files, NULL, moment_names[moment], file, length);
    g_byte_array_set_size (files.bytes[file], (guint) size);
    memcpy (files.bytes[file]->data + length, self->bench->moments[moment].bytes[file]->data + length,
            size - length);
  }
  tamper_files_clear (&files);
}

static void
grow (Campaign *self, TamperMoment moment, TamperFile file)
{
  static const guint lengths[] = { 1, 4, 24, 64, 511, 512, 513, 4096, 4160, 20000, 140000 };
  guint8 noise[140000];

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    for (guint kind = 0; kind < 4; kind++) {
      TamperFiles files;

      tamper_files_copy (&files, &self->bench->moments[moment]);
      if (files.bytes[file] != NULL) {
        memset (noise, 0, sizeof noise);
        if (kind % 2 == 1)
          randombytes_buf (noise, lengths[i]);
        if (kind < 2)
          g_byte_array_append (files.bytes[file], noise, lengths[i]);
        else
          g_byte_array_prepend (files.bytes[file], noise, lengths[i]);
        judge (self, &files, NULL, "grown", file, lengths[i]);
      }
      tamper_files_clear (&files);
    }
  }
}

static void
test_lengths (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    for (guint file = 0; file < TAMPER_FILES; file++) {
      cut (self, (TamperMoment) moment, (TamperFile) file);
      grow (self, (TamperMoment) moment, (TamperFile) file);
    }
  }
}

/* ---- blocks of the store: head, marks, table, pages ---- */

#define HEAD_BLOCKS 3

static gsize
block_at (const Campaign *self, gsize block)
{
  return block < HEAD_BLOCKS ? block * TESSERA_PAGE_SIZE
                             : TESSERA_PAGE_HEAD_BYTES + (block - HEAD_BLOCKS) * (gsize) self->bench->page_size;
}

static gsize
block_size (const Campaign *self, gsize block)
{
  return block < HEAD_BLOCKS ? TESSERA_PAGE_SIZE : (gsize) self->bench->page_size;
}

static gsize
count_blocks (const Campaign *self, const GByteArray *store)
{
  return HEAD_BLOCKS + (store->len - TESSERA_PAGE_HEAD_BYTES) / (gsize) self->bench->page_size;
}

static void
copy_block (const Campaign *self, GByteArray *to, gsize to_block, const GByteArray *from, gsize from_block)
{
  gsize size = MIN (block_size (self, to_block), block_size (self, from_block));
  gsize to_at = block_at (self, to_block), from_at = block_at (self, from_block);

  if (to_at + size <= to->len && from_at + size <= from->len)
    memmove (to->data + to_at, from->data + from_at, size);
}

/* @block of @moment comes from every place of every store there is. */
static void
replace_block (Campaign *self, TamperMoment moment, gsize block, TamperBench *source)
{
  TamperFiles files;

  tamper_files_copy (&files, &self->bench->moments[moment]);
  for (guint i = 0; i < TAMPER_MOMENTS; i++) {
    const GByteArray *from = source->moments[i].bytes[TAMPER_STORE];
    gsize count = count_blocks (self, from);

    for (gsize other = 0; other < count; other++) {
      /* In its own place always: it may be genuine there. */
      if (other != block && !in_sample (40))
        continue;
      copy_block (self, files.bytes[TAMPER_STORE], block, from, other);
      judge (self, &files, NULL, "block", block, other);
      copy_block (self, files.bytes[TAMPER_STORE], block, self->bench->moments[moment].bytes[TAMPER_STORE], block);
    }
  }
  tamper_files_clear (&files);
}

static void
test_blocks (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    gsize count = count_blocks (self, self->bench->moments[moment].bytes[TAMPER_STORE]);

    for (gsize block = 0; block < count; block++) {
      if (!in_sample (2))
        continue;
      replace_block (self, (TamperMoment) moment, block, self->bench);
      if (moment == TAMPER_LATER || moment == TAMPER_HALF) {
        replace_block (self, (TamperMoment) moment, block, self->others[0]);
        replace_block (self, (TamperMoment) moment, block, self->others[1]);
      }
    }
  }
  g_assert_cmpuint (self->refused, >, self->tried / 4);
}

/* Two blocks change places, or both are zeros. */
static void
judge_pair (Campaign *self, TamperMoment moment, gsize one, gsize other)
{
  const GByteArray *genuine = self->bench->moments[moment].bytes[TAMPER_STORE];

  for (guint kind = 0; kind < 2; kind++) {
    TamperFiles files;
    GByteArray *store;

    tamper_files_copy (&files, &self->bench->moments[moment]);
    store = files.bytes[TAMPER_STORE];
    if (kind == 0) {
      copy_block (self, store, one, genuine, other);
      copy_block (self, store, other, genuine, one);
    } else {
      memset (store->data + block_at (self, one), 0, block_size (self, one));
      memset (store->data + block_at (self, other), 0, block_size (self, other));
    }
    judge (self, &files, NULL, kind == 0 ? "swapped" : "zeroed", one, other);
    tamper_files_clear (&files);
  }
}

static void
test_pairs (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    gsize count = count_blocks (self, self->bench->moments[moment].bytes[TAMPER_STORE]);

    for (gsize one = 0; one < count; one++)
      for (gsize other = one; other < count; other++)
        if (in_sample (30))
          judge_pair (self, (TamperMoment) moment, one, other);
  }
}

/* Marks, table and pages of two moments, in every combination of the first four, with all pages of the one or
 * the other, or all but one. */
static void
mix (Campaign *self, TamperMoment base, TamperMoment other, guint parts)
{
  const GByteArray *from = self->bench->moments[other].bytes[TAMPER_STORE];
  gsize count = count_blocks (self, from);
  gsize first_page = HEAD_BLOCKS + 2;

  for (gsize page = first_page - 1; page <= count; page++) {
    for (guint kind = 0; kind < 4; kind++) {
      TamperFiles files;

      if (!in_sample (200))
        continue;
      tamper_files_copy (&files, &self->bench->moments[base]);
      for (guint part = 0; part < 4; part++)
        if (parts & (1u << part))
          copy_block (self, files.bytes[TAMPER_STORE], 1 + part, from, 1 + part);
      /* The one page, or all but that. */
      for (gsize i = first_page; i < count; i++)
        if ((i == page) == (kind % 2 == 0))
          copy_block (self, files.bytes[TAMPER_STORE], i, from, i);
      for (guint file = TAMPER_LOG; kind >= 2 && file < TAMPER_FILES; file++) {
        g_clear_pointer (&files.bytes[file], g_byte_array_unref);
        if (self->bench->moments[other].bytes[file] != NULL)
          files.bytes[file] = g_byte_array_ref (self->bench->moments[other].bytes[file]);
      }
      judge (self, &files, NULL, moment_names[base], other, parts * 1000 + page);
      tamper_files_clear (&files);
    }
  }
}

static void
test_mixtures (Campaign *self, gconstpointer data)
{
  for (guint base = 0; base < TAMPER_MOMENTS; base++)
    for (guint other = 0; other < TAMPER_MOMENTS; other++)
      for (guint parts = 0; base != other && parts < 16; parts++)
        mix (self, (TamperMoment) base, (TamperMoment) other, parts);
}

/* ---- frames of the log ---- */

typedef enum {
  PART_FRAME,
  PART_HEADER,
  PART_PAGE,
} FramePart;

static gsize
frame_at (const Campaign *self, gsize frame)
{
  return TESSERA_LOG_SEALED_HEADER + frame * (gsize) (TESSERA_LOG_SEALED_FRAME_HEADER + self->bench->page_size);
}

static gsize
count_frames (const Campaign *self, const GByteArray *log)
{
  return (log->len - TESSERA_LOG_SEALED_HEADER) / (gsize) (TESSERA_LOG_SEALED_FRAME_HEADER + self->bench->page_size);
}

static void
copy_frame (const Campaign *self, GByteArray *to, gsize to_frame, const GByteArray *from, gsize from_frame,
            FramePart part)
{
  gsize skip = part == PART_PAGE ? TESSERA_LOG_SEALED_FRAME_HEADER : 0;
  gsize end = TESSERA_LOG_SEALED_FRAME_HEADER + (part == PART_HEADER ? 0 : (gsize) self->bench->page_size);

  memcpy (to->data + frame_at (self, to_frame) + skip, from->data + frame_at (self, from_frame) + skip, end - skip);
}

/* Every frame of every log in the place of @frame. */
static void
replace_frame (Campaign *self, TamperMoment moment, gsize frame, TamperBench *source, guint one_in)
{
  const GByteArray *genuine = self->bench->moments[moment].bytes[TAMPER_LOG];
  TamperFiles files;

  tamper_files_copy (&files, &self->bench->moments[moment]);
  for (guint i = 0; i < TAMPER_MOMENTS; i++) {
    const GByteArray *from = source->moments[i].bytes[TAMPER_LOG];
    gsize count = from != NULL ? count_frames (self, from) : 0;

    for (gsize other = 0; other < count; other++) {
      FramePart part = (FramePart) g_test_rand_int_range (0, 3);

      if (other != frame && (!in_sample (100) || g_test_rand_int_range (0, (gint32) one_in) != 0))
        continue;
      copy_frame (self, files.bytes[TAMPER_LOG], frame, from, other, part);
      judge (self, &files, NULL, "frame", frame, other * 10 + part);
      copy_frame (self, files.bytes[TAMPER_LOG], frame, genuine, frame, PART_FRAME);
    }
  }
  tamper_files_clear (&files);
}

/* The header of one log before the frames of another; from some frame on, the frames of another. */
static void
splice_logs (Campaign *self, TamperMoment moment, const GByteArray *from)
{
  const GByteArray *genuine = self->bench->moments[moment].bytes[TAMPER_LOG];
  gsize count = MIN (count_frames (self, genuine), count_frames (self, from));
  TamperFiles files;

  tamper_files_copy (&files, &self->bench->moments[moment]);
  memcpy (files.bytes[TAMPER_LOG]->data, from->data, TESSERA_LOG_SEALED_HEADER);
  judge (self, &files, NULL, "header of a log", moment, 0);
  memcpy (files.bytes[TAMPER_LOG]->data, genuine->data, TESSERA_LOG_SEALED_HEADER);
  for (gsize frame = count; frame-- > 0;) {
    copy_frame (self, files.bytes[TAMPER_LOG], frame, from, frame, PART_FRAME);
    if (in_sample (10))
      judge (self, &files, NULL, "frames of another log from", frame, moment);
  }
  tamper_files_clear (&files);
}

static void
test_frames (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    const GByteArray *log = self->bench->moments[moment].bytes[TAMPER_LOG];

    for (gsize frame = 0; log != NULL && frame < count_frames (self, log); frame++) {
      replace_frame (self, (TamperMoment) moment, frame, self->bench, 1);
      replace_frame (self, (TamperMoment) moment, frame, self->others[0], 8);
      replace_frame (self, (TamperMoment) moment, frame, self->others[1], 8);
    }
    for (guint i = 0; log != NULL && i < TAMPER_MOMENTS; i++) {
      if (self->bench->moments[i].bytes[TAMPER_LOG] == NULL)
        continue;
      splice_logs (self, (TamperMoment) moment, self->bench->moments[i].bytes[TAMPER_LOG]);
      splice_logs (self, (TamperMoment) moment, self->others[0]->moments[i].bytes[TAMPER_LOG]);
      splice_logs (self, (TamperMoment) moment, self->others[1]->moments[i].bytes[TAMPER_LOG]);
    }
  }
}

/* ---- while the store is open ---- */

#define LOG_NAME "/vault/store.db-wal"

static void
must_run (sqlite3 *database, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* Whether all rows were written twice; or an error. */
static gboolean
read_second (Campaign *self)
{
  sqlite3 *reader = NULL;
  sqlite3_stmt *statement = NULL;
  gboolean done = FALSE;

  if (tamper_bench_open (self->bench, 0, &reader) == SQLITE_OK &&
      sqlite3_prepare_v2 (reader, "SELECT count (*), sum (b LIKE 'second first %') FROM t", -1, &statement, NULL) ==
        SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW) {
    g_assert_cmpint (sqlite3_column_int (statement, 0), ==, self->bench->rows);
    g_assert_cmpint (sqlite3_column_int (statement, 1), ==, self->bench->rows);
    done = TRUE;
  }
  sqlite3_finalize (statement);
  sqlite3_close (reader);
  return done;
}

/* A transaction that writes its pages into the log twice, into the same frames: the first ones, put back under a
 * program that has the store open, are as genuine as the second ones. */
static void
test_while_open (Campaign *self, gconstpointer data)
{
  g_autoptr (FaultDisk) disk = tamper_files_to_disk (&self->bench->moments[TAMPER_LATER]);
  TamperFiles first, second;
  sqlite3 *writer = NULL;
  int log;

  fault_vfs_insert (self->bench->beneath, disk);
  g_assert_cmpint (tamper_bench_open (self->bench, 0, &writer), ==, SQLITE_OK);
  must_run (writer, "BEGIN; UPDATE t SET b = 'first ' || b");
  g_assert_cmpint (sqlite3_db_cacheflush (writer), ==, SQLITE_OK);
  tamper_files_take (&first, disk);
  must_run (writer, "UPDATE t SET b = 'second ' || b; COMMIT");
  tamper_files_take (&second, disk);
  g_assert_true (read_second (self));
  log = fault_disk_look_up (disk, LOG_NAME);
  for (gsize frame = 0; frame < count_frames (self, first.bytes[TAMPER_LOG]); frame++) {
    gsize at = frame_at (self, frame), size = frame_at (self, 1) - frame_at (self, 0);

    fault_disk_write (disk, log, (gint64) at, first.bytes[TAMPER_LOG]->data + at, size);
    self->tried++;
    if (read_second (self))
      self->same++;
    else
      self->refused++;
    fault_disk_write (disk, log, (gint64) at, second.bytes[TAMPER_LOG]->data + at, size);
  }
  g_assert_cmpuint (self->refused, >, 0);
  g_assert_true (read_second (self));
  sqlite3_close (writer);
  tamper_files_clear (&first);
  tamper_files_clear (&second);
}

/* ---- companions of other stores and times ---- */

/* All files that ever lay beside a store, and none. */
static GPtrArray *
collect_companions (Campaign *self)
{
  TamperBench *benches[] = { self->bench, self->others[0], self->others[1] };
  GPtrArray *companions = g_ptr_array_new ();

  g_ptr_array_add (companions, NULL);
  for (guint b = 0; b < G_N_ELEMENTS (benches); b++)
    for (guint moment = 0; moment < TAMPER_MOMENTS; moment++)
      for (guint file = 0; file < TAMPER_FILES; file++) {
        GByteArray *bytes = benches[b]->moments[moment].bytes[file];

        if (bytes != NULL && (file != TAMPER_STORE || moment == TAMPER_LATER))
          g_ptr_array_add (companions, bytes);
      }
  return companions;
}

static void
test_companions (Campaign *self, gconstpointer data)
{
  g_autoptr (GPtrArray) companions = collect_companions (self);

  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++)
    for (guint log = 0; log < companions->len; log++)
      for (guint journal = 0; journal < companions->len; journal++) {
        TamperFiles files = { .bytes = { self->bench->moments[moment].bytes[TAMPER_STORE],
                                         g_ptr_array_index (companions, log),
                                         g_ptr_array_index (companions, journal) } };

        if (in_sample (30))
          judge (self, &files, NULL, moment_names[moment], log, journal);
      }
}

/* ---- several changes at random ---- */

static gsize
random_below (gsize end)
{
  return end > 0 ? (gsize) g_test_rand_int_range (0, (gint32) end) : 0;
}

static void
change_anything (Campaign *self, TamperFiles *files)
{
  TamperBench *benches[] = { self->bench, self->bench, self->others[0], self->others[1] };
  const TamperFiles *source = &benches[random_below (4)]->moments[random_below (TAMPER_MOMENTS)];
  TamperFile file = (TamperFile) random_below (TAMPER_FILES);
  GByteArray *bytes = files->bytes[file];
  const GByteArray *from = source->bytes[file];
  guint kind = (guint) random_below (6);

  if (kind == 0 || bytes == NULL || bytes->len == 0) {
    g_clear_pointer (&files->bytes[file], g_byte_array_unref);
    if (from != NULL)
      files->bytes[file] = g_byte_array_append (g_byte_array_new (), from->data, from->len);
  } else if (kind == 1)
    bytes->data[random_below (bytes->len)] ^= (guint8) (1 << random_below (8));
  else if (kind == 2)
    g_byte_array_set_size (bytes, (guint) random_below (bytes->len));
  else if (from != NULL && file == TAMPER_STORE && bytes->len > TESSERA_PAGE_HEAD_BYTES) {
    gsize block = random_below (kind < 5 ? 5 : count_blocks (self, bytes));

    copy_block (self, bytes, block, from, kind < 5 ? block : random_below (count_blocks (self, from)));
  } else if (from != NULL && file == TAMPER_LOG && bytes->len > frame_at (self, 1)) {
    gsize frame = random_below (count_frames (self, bytes));

    copy_frame (self, bytes, frame, from, MIN (frame, count_frames (self, from) - 1), (FramePart) random_below (3));
  } else if (from != NULL) {
    gsize at = random_below (MIN (bytes->len, from->len));

    memcpy (bytes->data + at, from->data + at, random_below (MIN (bytes->len, from->len) - at));
  }
}

static void
test_several (Campaign *self, gconstpointer data)
{
  for (guint i = 0, end = g_test_slow () ? 5000 : 200; i < end; i++) {
    TamperMoment moment = (TamperMoment) random_below (TAMPER_MOMENTS);
    TamperFiles files;

    tamper_files_copy (&files, &self->bench->moments[moment]);
    for (guint change = 0; change < 2 + i % 3; change++)
      change_anything (self, &files);
    judge (self, &files, NULL, moment_names[moment], i, 0);
    tamper_files_clear (&files);
  }
}

/* The campaign itself must be able to tell: what was not changed is read as it is. */
static void
test_unchanged (Campaign *self, gconstpointer data)
{
  for (guint moment = 0; moment < TAMPER_MOMENTS; moment++) {
    const TamperFiles *files = &self->bench->moments[moment];
    TamperFiles without = *files;

    g_assert_true (judge (self, files, NULL, moment_names[moment], 0, 0));
    without.bytes[TAMPER_LOG] = NULL;
    if (moment == TAMPER_LOGGED || moment == TAMPER_AGAIN) {
      g_assert_true (judge (self, &without, NULL, moment_names[moment], 0, 0));
      g_assert_cmpuint (self->older, >, 0);
    } else if (moment == TAMPER_HALF)
      g_assert_false (judge (self, &without, NULL, moment_names[moment], 0, 0));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, size, function)                                                                                    \
  g_test_add ("/tamper-campaign/" path, Campaign, &size, campaign_set_up, function, campaign_tear_down)
  ADD ("unchanged", usual, test_unchanged);
  ADD ("flips", small, test_flips);
  ADD ("checksums", small, test_checksums);
  ADD ("lengths", small, test_lengths);
  ADD ("blocks", usual, test_blocks);
  ADD ("pairs", usual, test_pairs);
  ADD ("mixtures", usual, test_mixtures);
  ADD ("frames", usual, test_frames);
  ADD ("while-open", usual, test_while_open);
  ADD ("companions", usual, test_companions);
  ADD ("several", usual, test_several);
  ADD ("several/many-pages", many_pages, test_several);
  ADD ("several/large-pages", large_pages, test_several);
#undef ADD
  return g_test_run ();
}
