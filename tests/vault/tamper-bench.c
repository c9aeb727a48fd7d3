/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tamper-bench.c: a small store at several moments of its life, and a judge of what is read from changed files.
 */
#include "config.h"

#include "tamper-bench.h"

#include <string.h>

#define STORE "/vault/store.db"
#define NEXT_VERSION 40
#define LONG_BYTES(self) ((self)->page_size * 3 / 2)
/* A little less than half a page: two rows on each. */
#define ROW_BYTES(self, version) ((self)->page_size * 2 / 5 + (version) * 7)
#define FILLER_BYTES(self) ((self)->page_size * 2)
#define MARK_BYTES 144
#define LOG_HEADER_BYTES 96

static const char *const names[TAMPER_FILES] = { STORE, STORE "-wal", STORE "-journal" };

/* ---- files ---- */

static GByteArray *
copy_bytes (const GByteArray *bytes)
{
  GByteArray *copy = g_byte_array_sized_new (bytes->len);

  return g_byte_array_append (copy, bytes->data, bytes->len);
}

void
tamper_files_copy (TamperFiles *self, const TamperFiles *from)
{
  for (guint i = 0; i < TAMPER_FILES; i++)
    self->bytes[i] = from->bytes[i] != NULL ? copy_bytes (from->bytes[i]) : NULL;
}

void
tamper_files_clear (TamperFiles *self)
{
  for (guint i = 0; i < TAMPER_FILES; i++)
    g_clear_pointer (&self->bytes[i], g_byte_array_unref);
}

static gboolean
is_same (const GByteArray *one, const GByteArray *other)
{
  if (one == NULL || other == NULL)
    return one == other;
  return one->len == other->len && memcmp (one->data, other->data, one->len) == 0;
}

gboolean
tamper_files_are_same (const TamperFiles *one, const TamperFiles *other)
{
  for (guint i = 0; i < TAMPER_FILES; i++)
    if (!is_same (one->bytes[i], other->bytes[i]))
      return FALSE;
  return TRUE;
}

void
tamper_files_take (TamperFiles *files, FaultDisk *disk)
{
  for (guint i = 0; i < TAMPER_FILES; i++) {
    int file = fault_disk_look_up (disk, names[i]);

    files->bytes[i] = NULL;
    if (file < 0)
      continue;
    files->bytes[i] = g_byte_array_new ();
    g_byte_array_set_size (files->bytes[i], (guint) fault_disk_get_size (disk, file));
    fault_disk_read (disk, file, 0, files->bytes[i]->data, files->bytes[i]->len);
  }
}

FaultDisk *
tamper_files_to_disk (const TamperFiles *files)
{
  FaultDisk *disk = fault_disk_new ();

  for (guint i = 0; i < TAMPER_FILES; i++) {
    if (files->bytes[i] == NULL)
      continue;
    fault_disk_write (disk, fault_disk_create (disk, names[i], TRUE), 0, files->bytes[i]->data,
                      files->bytes[i]->len);
  }
  return disk;
}

/* ---- SQL ---- */

static int
run (sqlite3 *database, const char *sql)
{
  return sqlite3_exec (database, sql, NULL, NULL, NULL);
}

static void
must_run (sqlite3 *database, const char *sql)
{
  int rc = run (database, sql);

  if (rc != SQLITE_OK)
    g_error ("%s: %s (%d)", sql, sqlite3_errmsg (database), sqlite3_extended_errcode (database));
}

/* As the vault does, but for settings that make no difference here. */
int
tamper_bench_open (TamperBench *self, int flags, sqlite3 **ret_database)
{
  int reserved = TESSERA_PAGE_RESERVED;
  int rc = sqlite3_open_v2 (STORE, ret_database, SQLITE_OPEN_READWRITE | flags,
                            tessera_page_vfs_get_name (self->pages));

  if (rc != SQLITE_OK)
    return rc;
  sqlite3_extended_result_codes (*ret_database, 1);
  rc = sqlite3_file_control (*ret_database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  if (rc == SQLITE_OK && flags & SQLITE_OPEN_CREATE) {
    g_autofree char *page_size = g_strdup_printf ("PRAGMA page_size = %d", self->page_size);

    rc = run (*ret_database, page_size);
  }
  return rc == SQLITE_OK ? run (*ret_database, "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL") : rc;
}

static sqlite3 *
must_open (TamperBench *self, int flags)
{
  sqlite3 *database = NULL;

  g_assert_cmpint (tamper_bench_open (self, flags, &database), ==, SQLITE_OK);
  must_run (database, "PRAGMA wal_autocheckpoint = 0");
  return database;
}

static int
set_version (TamperBench *self, sqlite3 *database, int version)
{
  g_autofree char *sql = g_strdup_printf (
    "BEGIN; UPDATE t SET v = %d, b = printf ('%%.*c', %d, char (%d + k %% 20));"
    "UPDATE long SET v = %d, b = printf ('%%.*c', %d, char (%d)); COMMIT",
    version, ROW_BYTES (self, version), 40 + version, version, LONG_BYTES (self), 40 + version);

  return run (database, sql);
}

static void
must_set_versions (TamperBench *self, sqlite3 *database, int from, int to)
{
  for (int version = from; version <= to; version++)
    g_assert_cmpint (set_version (self, database, version), ==, SQLITE_OK);
}

static void
make_tables (TamperBench *self, sqlite3 *database)
{
  g_autofree char *sql = g_strdup_printf (
    "CREATE TABLE t (k INTEGER PRIMARY KEY, v, b); CREATE TABLE long (v, b); CREATE INDEX by_v ON t (v);"
    "CREATE TABLE filler (b); INSERT INTO filler VALUES (zeroblob (%d)); INSERT INTO long VALUES (0, '');"
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
    " INSERT INTO t SELECT i, 0, '' FROM n",
    FILLER_BYTES (self), self->rows);

  must_run (database, sql);
}

/* ---- the moments ---- */

static void
keep (TamperBench *self, TamperMoment moment, int least, int most)
{
  tamper_files_take (&self->moments[moment], fault_vfs_get_disk (self->beneath));
  self->least[moment] = least;
  self->most[moment] = most;
}

/* Versions 1 to 4, each time closed. */
static void
make_whole_moments (TamperBench *self)
{
  sqlite3 *database = must_open (self, SQLITE_OPEN_CREATE);

  make_tables (self, database);
  must_set_versions (self, database, 1, 2);
  sqlite3_close (database);
  keep (self, TAMPER_EARLY, 2, 2);
  database = must_open (self, 0);
  must_set_versions (self, database, 3, 4);
  sqlite3_close (database);
  keep (self, TAMPER_LATER, 4, 4);
}

/* Versions 5 to 11, in a log. A reader holds the first checkpoint back, which takes what fills pages: of the rest
 * there are newer pages in the log already. */
static void
make_log_moments (TamperBench *self)
{
  sqlite3 *database = must_open (self, 0), *reader = must_open (self, 0);

  must_set_versions (self, database, 5, 7);
  must_run (database, "CREATE TEMP TABLE kept AS SELECT b FROM filler; DELETE FROM filler;"
                      "INSERT INTO filler SELECT b FROM kept; DROP TABLE kept");
  keep (self, TAMPER_LOGGED, 4, 7);
  must_run (reader, "BEGIN; SELECT count (*) FROM t");
  must_set_versions (self, database, 8, 8);
  must_run (database, "PRAGMA wal_checkpoint (PASSIVE)");
  must_set_versions (self, database, 9, 9);
  keep (self, TAMPER_HALF, 8, 9);
  must_run (reader, "COMMIT");
  must_run (database, "PRAGMA wal_checkpoint (RESTART)");
  must_set_versions (self, database, 10, 11);
  keep (self, TAMPER_AGAIN, 9, 11);
  sqlite3_close (reader);
  sqlite3_close (database);
}

/* A transaction begun under a journal after @version, with few pages in memory. */
static void
make_journal_moment (TamperBench *self, TamperMoment moment, int version)
{
  sqlite3 *database = must_open (self, 0);

  must_run (database, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; BEGIN; UPDATE t SET v = 99, b = 'x'");
  sqlite3_db_cacheflush (database);
  keep (self, moment, version, version);
  g_assert_nonnull (self->moments[moment].bytes[TAMPER_JOURNAL]);
  must_run (database, "ROLLBACK");
  sqlite3_close (database);
}

static void
make_last_moments (TamperBench *self)
{
  sqlite3 *database = must_open (self, 0);

  must_set_versions (self, database, 12, 13);
  sqlite3_close (database);
  keep (self, TAMPER_LAST, 13, 13);
  database = must_open (self, 0);
  must_run (database, "DELETE FROM filler; VACUUM");
  must_set_versions (self, database, 14, 14);
  sqlite3_close (database);
  keep (self, TAMPER_SHRUNK, 14, 14);
}

static TamperBench *
make (const guint8 id[TESSERA_PAGE_ID_BYTES], const TesseraSecret *key, int page_size, int rows)
{
  TamperBench *self = g_new0 (TamperBench, 1);
  g_autoptr (FaultDisk) disk = fault_disk_new ();

  self->page_size = page_size;
  self->rows = rows;
  self->key = tessera_secret_copy (key);
  memcpy (self->id, id, sizeof self->id);
  self->beneath = fault_vfs_new ();
  fault_vfs_insert (self->beneath, disk);
  self->pages = tessera_page_vfs_register (&(TesseraPageVfsOptions){
    .store = STORE, .id = self->id, .key = self->key, .beneath = fault_vfs_get_name (self->beneath) });
  g_assert_nonnull (self->pages);
  make_whole_moments (self);
  make_journal_moment (self, TAMPER_TRIED, 4);
  make_log_moments (self);
  make_journal_moment (self, TAMPER_UNDONE, 11);
  make_last_moments (self);
  return self;
}

static void
fill (guint8 *bytes, gsize size, guint seed)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (seed + i);
}

TamperBench *
tamper_bench_new (guint seed, int page_size, int rows)
{
  g_autoptr (TesseraSecret) key = tessera_secret_new (TESSERA_PAGE_KEY_BYTES);
  guint8 id[TESSERA_PAGE_ID_BYTES];

  fill (id, sizeof id, seed);
  fill (tessera_secret_get_writable (key), TESSERA_PAGE_KEY_BYTES, seed + 100);
  return make (id, key, page_size, rows);
}

TamperBench *
tamper_bench_new_sibling (const TamperBench *of, guint seed)
{
  guint8 id[TESSERA_PAGE_ID_BYTES];

  fill (id, sizeof id, seed);
  return make (id, of->key, of->page_size, of->rows);
}

void
tamper_bench_free (TamperBench *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < TAMPER_MOMENTS; i++)
    tamper_files_clear (&self->moments[i]);
  tessera_page_vfs_unregister (self->pages);
  fault_vfs_free (self->beneath);
  tessera_secret_free (self->key);
  g_free (self);
}

/* ---- the judge ---- */

static gboolean
is_all (const guint8 *bytes, int size, int wanted_size, int character)
{
  if (size != wanted_size)
    return FALSE;
  for (int i = 0; i < size; i++)
    if (bytes[i] != character)
      return FALSE;
  return TRUE;
}

/* A row whose columns are k, v, b. */
static void
check_row (TamperBench *self, sqlite3_stmt *row, int number, int *version)
{
  int v = sqlite3_column_int (row, 1);
  const guint8 *text = sqlite3_column_text (row, 2);

  if (number == 0)
    *version = v;
  g_assert_cmpint (v, ==, *version);
  if (number < self->rows) {
    g_assert_cmpint (sqlite3_column_int (row, 0), ==, number + 1);
    g_assert_true (is_all (text, sqlite3_column_bytes (row, 2), ROW_BYTES (self, v), 40 + v + (number + 1) % 20));
  } else
    g_assert_true (is_all (text, sqlite3_column_bytes (row, 2), LONG_BYTES (self), 40 + v));
}

/* All rows; the version they agree on. */
static int
read_rows (TamperBench *self, sqlite3 *database, int *version)
{
  sqlite3_stmt *statement = NULL;
  int number = 0;
  int rc = sqlite3_prepare_v2 (database, "SELECT k, v, b FROM t UNION ALL SELECT 0, v, b FROM long", -1,
                               &statement, NULL);

  if (rc != SQLITE_OK)
    return rc;
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    check_row (self, statement, number++, version);
  sqlite3_finalize (statement);
  if (rc != SQLITE_DONE)
    return rc;
  g_assert_cmpint (number, ==, self->rows + 1);
  return SQLITE_OK;
}

/* The first value as text must be @wanted. */
static int
must_give (sqlite3 *database, const char *sql, const char *wanted)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  if (rc != SQLITE_OK)
    return rc;
  rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    g_assert_cmpstr ((const char *) sqlite3_column_text (statement, 0), ==, wanted);
  sqlite3_finalize (statement);
  return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The rows, once by the table and once by the index, and what fills pages and never changes. */
static int
read_all (TamperBench *self, sqlite3 *database, int *version)
{
  g_autofree char *by_index = NULL;
  g_autofree char *filler =
    g_strdup_printf ("SELECT coalesce (min (b = zeroblob (%d)), 1) FROM filler", FILLER_BYTES (self));
  g_autofree char *count = g_strdup_printf ("%d", self->rows);
  int rc = read_rows (self, database, version);

  if (rc == SQLITE_OK)
    rc = must_give (database, filler, "1");
  if (rc != SQLITE_OK)
    return rc;
  by_index = g_strdup_printf ("SELECT count (*) FROM t INDEXED BY by_v WHERE v = %d", *version);
  return must_give (database, by_index, count);
}

static gboolean
is_clean_error (int code)
{
  int primary = code & 0xff;

  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

/* Opens the store and reads it; if @write, makes it a newer one. *@ret_version stays an error if it could not
 * be read. */
static int
visit (TamperBench *self, gboolean write, int *ret_version)
{
  sqlite3 *database = NULL;
  int version = TAMPER_VERSION_ERROR;
  int rc = tamper_bench_open (self, 0, &database);

  if (rc == SQLITE_OK)
    rc = read_all (self, database, &version);
  if (rc == SQLITE_OK)
    *ret_version = version;
  if (rc == SQLITE_OK && write)
    rc = set_version (self, database, NEXT_VERSION);
  if (rc == SQLITE_OK && write)
    rc = run (database, "PRAGMA wal_checkpoint");
  sqlite3_close (database);
  g_assert_cmpuint (fault_vfs_get_open_files (self->beneath), ==, 0);
  if (rc != SQLITE_OK && !is_clean_error (rc))
    g_error ("no clean error: %s (%d)", sqlite3_errstr (rc), rc);
  return rc;
}

int
tamper_bench_read (TamperBench *self, const TamperFiles *files, gboolean write, TamperFiles *left, int *ret_code)
{
  g_autoptr (FaultDisk) disk = tamper_files_to_disk (files);
  int version = TAMPER_VERSION_ERROR, again = TAMPER_VERSION_ERROR;

  fault_vfs_insert (self->beneath, disk);
  *ret_code = visit (self, write, &version);
  if (version >= 0 && write && visit (self, FALSE, &again) == SQLITE_OK)
    g_assert_true (again == NEXT_VERSION || (*ret_code != SQLITE_OK && again == version));
  if (left != NULL)
    tamper_files_take (left, disk);
  return version;
}

/* Whether a mark of @moment stands in @store. */
static gboolean
has_mark (const TamperBench *self, const GByteArray *store, TamperMoment moment)
{
  const GByteArray *genuine = self->moments[moment].bytes[TAMPER_STORE];

  for (guint copy = 1; copy <= 2; copy++) {
    gsize at = copy * TESSERA_PAGE_SIZE;

    if (store->len >= at + MARK_BYTES && memcmp (store->data + at, genuine->data + at, MARK_BYTES) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The log may have grown after @moment. */
static int
find_most (const TamperBench *self, TamperMoment moment)
{
  const GByteArray *log = self->moments[moment].bytes[TAMPER_LOG];
  int most = self->most[moment];

  for (guint i = 0; log != NULL && i < TAMPER_MOMENTS; i++) {
    const GByteArray *other = self->moments[i].bytes[TAMPER_LOG];

    if (other != NULL && memcmp (other->data, log->data, LOG_HEADER_BYTES) == 0)
      most = MAX (most, self->most[i]);
  }
  return most;
}

gboolean
tamper_bench_allows (const TamperBench *self, const TamperFiles *files, int *ret_least, int *ret_most)
{
  const GByteArray *store = files->bytes[TAMPER_STORE];
  gboolean is_whole;

  /* Later moments have marks of higher sequence. */
  for (guint i = TAMPER_MOMENTS; store != NULL && i-- > 0;) {
    if (!has_mark (self, store, (TamperMoment) i))
      continue;
    is_whole = is_same (files->bytes[TAMPER_LOG], self->moments[i].bytes[TAMPER_LOG]);
    *ret_least = is_whole ? self->most[i] : self->least[i];
    *ret_most = is_whole ? self->most[i] : find_most (self, (TamperMoment) i);
    return TRUE;
  }
  return FALSE;
}
