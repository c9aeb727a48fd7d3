/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-store-pages.c: SQLite on the sealing page layer does what SQLite does.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "vault-fixture.h"

#define MARKER "MARKERWORDNEVERINCLEAR"

static void
check_sound (sqlite3 *database)
{
  g_autofree char *text = query_text (database, "PRAGMA integrity_check", NULL);

  g_assert_cmpstr (text, ==, "ok");
}

static void
test_settings (VaultFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *pragma;
    const char *value;
  } settings[] = {
    { "journal_mode", "wal" },  { "page_size", "4096" }, { "temp_store", "2" },   { "secure_delete", "1" },
    { "cache_size", "-65536" }, { "synchronous", "2" },  { "foreign_keys", "0" }, { "trusted_schema", "0" },
  };
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  g_autofree char *shared = fixture_path (fixture, "store.db-shm");
  int reserved = -1;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *sql = g_strdup_printf ("PRAGMA %s", settings[i].pragma);
    g_autofree char *value = query_text (database, sql, NULL);

    g_assert_cmpstr (value, ==, settings[i].value);
  }
  sqlite3_file_control (database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  g_assert_cmpint (reserved, ==, 40);
  must_run (database, "CREATE TABLE t (a)");
  g_assert_false (g_file_test (shared, G_FILE_TEST_EXISTS));
  sqlite3_close (database);
}

static void
test_several_connections (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *writer = fixture_open (vault, TRUE);
  sqlite3 *old = fixture_open (vault, FALSE);
  sqlite3 *fresh = fixture_open (vault, FALSE);

  must_run (writer, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  must_run (old, "BEGIN");
  g_assert_cmpint (must_count (old, "SELECT count (*) FROM t"), ==, 1);
  must_run (writer, "INSERT INTO t VALUES (2); PRAGMA wal_checkpoint (PASSIVE); INSERT INTO t VALUES (3)");
  g_assert_cmpint (must_count (old, "SELECT count (*) FROM t"), ==, 1);
  g_assert_cmpint (must_count (fresh, "SELECT count (*) FROM t"), ==, 3);
  must_run (old, "COMMIT");
  g_assert_cmpint (must_count (old, "SELECT count (*) FROM t"), ==, 3);
  /* The log starts anew under the readers' handles. */
  for (guint i = 0; i < 5; i++) {
    must_run (writer, "PRAGMA wal_checkpoint (RESTART); INSERT INTO t VALUES (4)");
    g_assert_cmpint (must_count (fresh, "SELECT count (*) FROM t"), ==, 4 + i);
  }
  must_run (writer, "PRAGMA wal_checkpoint (TRUNCATE); INSERT INTO t VALUES (5)");
  g_assert_cmpint (must_count (old, "SELECT count (*) FROM t"), ==, 9);
  sqlite3_close (writer);
  g_assert_cmpint (must_count (old, "SELECT count (*) FROM t"), ==, 9);
  sqlite3_close (old);
  sqlite3_close (fresh);
}

static void
test_journal_modes (VaultFixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { "DELETE", "PERSIST", "TRUNCATE", "MEMORY" };
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database, "CREATE TABLE t (a, b)");
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree char *sql = g_strdup_printf ("PRAGMA journal_mode = %s", modes[i]);

    must_run (database, sql);
    /* A small cache makes SQLite spill in the middle, so that there are several journal headers to roll back.
     */
    must_run (database,
              "PRAGMA cache_size = 10; BEGIN;"
              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
              " INSERT INTO t SELECT i, randomblob (900) FROM n; COMMIT;"
              "BEGIN; UPDATE t SET b = randomblob (1000); SAVEPOINT s; DELETE FROM t WHERE a % 3 = 0;"
              "ROLLBACK TO s; UPDATE t SET a = -1; ROLLBACK;");
    g_assert_cmpint (must_count (database, "SELECT count (*) FROM t WHERE a > 0"), ==, 300 * (i + 1));
    /* Shorter than the one before, whose remains are still in a persistent journal. */
    for (guint j = 0; j < 5; j++)
      must_run (database, "BEGIN; UPDATE t SET b = randomblob (1000) WHERE a % 7 = 0; COMMIT");
    check_sound (database);
    must_run (database, "VACUUM");
    check_sound (database);
  }
  must_run (database, "PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1, 2)");
  sqlite3_close (database);
  database = fixture_open (vault, TRUE);
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM t"), ==, 300 * G_N_ELEMENTS (modes) + 1);
  check_sound (database);
  sqlite3_close (database);
}

static void
test_vacuum (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database, "CREATE TABLE t (a, b);"
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                      " INSERT INTO t SELECT i, randomblob (700) FROM n;"
                      "PRAGMA wal_checkpoint (TRUNCATE); DELETE FROM t WHERE a > 20; VACUUM;"
                      "PRAGMA wal_checkpoint (TRUNCATE)");
  g_assert_cmpint (must_count (database, "PRAGMA page_count"), <, 20);
  check_sound (database);
  must_run (database, "INSERT INTO t SELECT a, randomblob (90000) FROM t; VACUUM");
  sqlite3_close (database);
  database = fixture_open (vault, TRUE);
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM t"), ==, 40);
  check_sound (database);
  sqlite3_close (database);
}

static void
copy_database (sqlite3 *to, sqlite3 *from)
{
  sqlite3_backup *backup = sqlite3_backup_init (to, "main", from, "main");

  g_assert_nonnull (backup);
  g_assert_cmpint (sqlite3_backup_step (backup, 3), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_backup_step (backup, -1), ==, SQLITE_DONE);
  g_assert_cmpint (sqlite3_backup_finish (backup), ==, SQLITE_OK);
}

/* From one vault straight into another: the pages are sealed anew on the way. */
static void
test_backup (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "second", NULL);
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) one = fixture_create (fixture);
  g_autoptr (TesseraVault)
    two = tessera_vault_create (folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL);
  sqlite3 *from = fixture_open (one, TRUE);
  sqlite3 *to = fixture_open (two, TRUE);

  must_run (from, "CREATE TABLE t (a); INSERT INTO t VALUES (randomblob (100000)), ('x')");
  copy_database (to, from);
  g_assert_cmpint (must_count (to, "SELECT sum (length (a)) FROM t"), ==, 100001);
  check_sound (to);
  sqlite3_close (from);
  sqlite3_close (to);
  to = fixture_open (two, FALSE);
  g_assert_cmpint (must_count (to, "SELECT sum (length (a)) FROM t"), ==, 100001);
  sqlite3_close (to);
}

static void
test_big_blob (VaultFixture *fixture, gconstpointer data)
{
  const int size = 5 * 1000 * 1000;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autofree guint8 *again = g_malloc (size);
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  sqlite3_blob *blob = NULL;

  for (int i = 0; i < size; i++)
    bytes[i] = (guint8) g_test_rand_int_range (0, 256);
  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob (5000000))");
  g_assert_cmpint (sqlite3_blob_open (database, "main", "t", "a", 1, 1, &blob), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_blob_write (blob, bytes, size, 0), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_blob_close (blob), ==, SQLITE_OK);
  sqlite3_close (database);
  database = fixture_open (vault, FALSE);
  g_assert_cmpint (sqlite3_blob_open (database, "main", "t", "a", 1, 0, &blob), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_blob_read (blob, again, size, 0), ==, SQLITE_OK);
  sqlite3_blob_close (blob);
  g_assert_cmpmem (bytes, size, again, size);
  sqlite3_close (database);
}

static void
test_refused_files (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *plain = g_build_filename (fixture->root, "plain.db", NULL);
  g_autofree char *attach = g_strdup_printf ("ATTACH '%s' AS other", plain);
  g_autofree char *into = g_strdup_printf ("VACUUM INTO '%s'", plain);
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES ('" MARKER "')");
  g_assert_cmpint (sqlite3_exec (database, attach, NULL, NULL, NULL), ==, SQLITE_CANTOPEN);
  g_assert_cmpint (sqlite3_exec (database, into, NULL, NULL, NULL), ==, SQLITE_CANTOPEN);
  /* Even told to, SQLite cannot put temporary tables on the disk. */
  must_run (database, "PRAGMA temp_store = FILE; PRAGMA temp.cache_size = 1");
  sqlite3_exec (
    database,
    "CREATE TEMP TABLE big AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
    " i < 3000) SELECT randomblob (1000) FROM n",
    NULL, NULL, NULL);
  g_assert_false (g_file_test (plain, G_FILE_TEST_EXISTS));
  sqlite3_close (database);
}

static gboolean
has_bytes (const guint8 *bytes, gsize size, const char *word)
{
  return memmem (bytes, size, word, strlen (word)) != NULL;
}

/* In every file of the folder, in both journal modes, while open and after. */
static void
check_folder_is_opaque (VaultFixture *fixture)
{
  g_autoptr (GDir) entries = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (entries)) != NULL) {
    g_autoptr (GBytes) bytes = fixture_load (fixture, name);
    gsize size;
    const guint8 *data = g_bytes_get_data (bytes, &size);

    g_assert_false (has_bytes (data, size, MARKER));
    g_assert_false (has_bytes (data, size, "marker_table"));
    g_assert_false (has_bytes (data, size, "SQLite format"));
    g_assert_false (has_bytes (data, size, "CREATE TABLE"));
    g_assert_false (has_bytes (data, size, "Synthetic"));
  }
}

static void
test_markers (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database,
            "CREATE TABLE marker_table (a, b);"
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
            " INSERT INTO marker_table SELECT '" MARKER "', i FROM n;"
            "CREATE VIRTUAL TABLE words USING fts5 (a); INSERT INTO words SELECT a FROM marker_table");
  check_folder_is_opaque (fixture);
  must_run (database, "PRAGMA wal_checkpoint (PASSIVE)");
  check_folder_is_opaque (fixture);
  must_run (database, "PRAGMA journal_mode = PERSIST; BEGIN; UPDATE marker_table SET b = b + 1; COMMIT");
  check_folder_is_opaque (fixture);
  must_run (database, "PRAGMA cache_size = 5; BEGIN; UPDATE marker_table SET b = randomblob (500)");
  check_folder_is_opaque (fixture);
  must_run (database, "ROLLBACK; PRAGMA journal_mode = WAL");
  sqlite3_close (database);
  check_folder_is_opaque (fixture);
}

/* ---- several threads, as the application has them ---- */

typedef struct {
  sqlite3 *database;
  int stop; /* atomic */
  guint reads;
} ReadingThread;

/* Every row always has the same value; the reader must never see two. */
static gpointer
read_all_the_time (gpointer data)
{
  ReadingThread *self = data;

  while (!g_atomic_int_get (&self->stop)) {
    g_assert_cmpint (must_count (self->database, "SELECT max (v) - min (v) FROM t"), ==, 0);
    self->reads++;
  }
  return NULL;
}

static void
test_threads (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *writer = fixture_open (vault, TRUE);
  ReadingThread readers[2] = { 0 };
  GThread *threads[2];

  must_run (writer, "CREATE TABLE t (v, b); PRAGMA wal_autocheckpoint = 20;"
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
                    " INSERT INTO t SELECT 0, randomblob (900) FROM n");
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    readers[i].database = fixture_open (vault, FALSE);
    /* So that pages are read from the disk again and again. */
    must_run (readers[i].database, "PRAGMA cache_size = 2");
    threads[i] = g_thread_new ("reader", read_all_the_time, &readers[i]);
  }
  for (guint i = 1; i < 120; i++) {
    g_autofree char *sql = g_strdup_printf ("BEGIN; UPDATE t SET v = %u, b = randomblob (%u); COMMIT", i,
                                            500 + i * 3);

    must_run (writer, sql);
    if (i % 40 == 0)
      sqlite3_wal_checkpoint_v2 (writer, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    g_atomic_int_set (&readers[i].stop, 1);
    g_thread_join (threads[i]);
    g_assert_cmpuint (readers[i].reads, >, 0);
    sqlite3_close (readers[i].database);
  }
  check_sound (writer);
  sqlite3_close (writer);
}

/* ---- the same operations on a plain database in memory ---- */

static char *
random_operation (void)
{
  int a = g_test_rand_int_range (0, 400), b = g_test_rand_int_range (0, 400),
      size = g_test_rand_int_range (0, 9000);

  switch (g_test_rand_int_range (0, 12)) {
  case 0:
  case 1:
  case 2:
  case 3:
    return g_strdup_printf ("INSERT OR REPLACE INTO t VALUES (%d, printf ('%%.*c', %d, 'x') || %d)", a, size,
                            b);
  case 4:
  case 5:
    return g_strdup_printf ("UPDATE t SET b = b || %d WHERE a BETWEEN %d AND %d", b, a, a + 20);
  case 6:
    return g_strdup_printf ("DELETE FROM t WHERE a BETWEEN %d AND %d", a, a + 30);
  case 7:
    return g_strdup_printf ("BEGIN; UPDATE t SET b = 'gone' WHERE a > %d; ROLLBACK", a);
  case 8:
    return g_strdup_printf ("BEGIN; SAVEPOINT s; DELETE FROM t WHERE a %% 2 = 0; ROLLBACK TO s;"
                            " INSERT OR IGNORE INTO t VALUES (%d, 'kept'); COMMIT",
                            a);
  case 9:
    return g_strdup_printf ("CREATE TABLE IF NOT EXISTS u%d AS SELECT * FROM t WHERE a < %d", a % 3, b);
  case 10:
    return g_strdup_printf ("DROP TABLE IF EXISTS u%d", a % 3);
  default:
    return g_strdup ("UPDATE OR REPLACE t SET a = a + 1000 WHERE a < 5; DELETE FROM t WHERE a > 1000");
  }
}

static void
check_same (sqlite3 *one, sqlite3 *two)
{
  static const char sql[] = "SELECT count (*) || '/' || coalesce (group_concat (a || b), '') FROM"
                            " (SELECT a, b FROM t ORDER BY a)";
  g_autofree char *left = query_text (one, sql, NULL);
  g_autofree char *right = query_text (two, sql, NULL);

  g_assert_nonnull (left);
  g_assert_cmpstr (left, ==, right);
}

static sqlite3 *
disturb (TesseraVault *vault, sqlite3 *database)
{
  static const char *const others[] = { "VACUUM",
                                        "PRAGMA wal_checkpoint (PASSIVE)",
                                        "PRAGMA wal_checkpoint (TRUNCATE)",
                                        "PRAGMA cache_size = 8",
                                        "PRAGMA journal_mode = DELETE",
                                        "PRAGMA journal_mode = WAL" };
  int choice = g_test_rand_int_range (0, 8);

  if (choice < 6) {
    must_run (database, others[choice]);
    return database;
  }
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  return fixture_open (vault, TRUE);
}

static void
test_model (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  sqlite3 *model;

  sqlite3_open (":memory:", &model);
  must_run (database,
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t (b); PRAGMA synchronous = OFF");
  must_run (model, "CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t (b)");
  for (guint i = 0; i < 300; i++) {
    g_autofree char *sql = random_operation ();

    must_run (database, sql);
    must_run (model, sql);
    if (i % 15 == 0) {
      database = disturb (vault, database);
      check_same (database, model);
    }
  }
  check_same (database, model);
  check_sound (database);
  sqlite3_close (database);
  sqlite3_close (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, VaultFixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/pages/settings", test_settings);
  ADD ("/pages/several-connections", test_several_connections);
  ADD ("/pages/journal-modes", test_journal_modes);
  ADD ("/pages/vacuum", test_vacuum);
  ADD ("/pages/backup", test_backup);
  ADD ("/pages/big-blob", test_big_blob);
  ADD ("/pages/refused-files", test_refused_files);
  ADD ("/pages/markers", test_markers);
  ADD ("/pages/threads", test_threads);
  ADD ("/pages/model", test_model);
#undef ADD
  return g_test_run ();
}
