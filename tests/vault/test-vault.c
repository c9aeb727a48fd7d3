/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-vault.c: making, unlocking and closing a vault, its workers, and each way it can refuse.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tessera-work-factor.h"
#include "vault-fixture.h"

static void
test_round_trip (VaultFixture *fixture, gconstpointer data)
{
  TesseraVault *vault = fixture_create (fixture);
  g_autofree char *id = g_strdup (tessera_vault_get_id (vault));
  sqlite3 *database = fixture_open (vault, TRUE);
  int rc;
  g_autofree char *text = NULL;

  g_assert_cmpuint (strlen (id), ==, 32);
  g_assert_cmpuint (tessera_vault_get_slot (vault), ==, 1);
  g_assert_cmpstr (tessera_vault_get_folder (vault), ==, fixture->folder);
  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES ('one'), ('two')");
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  tessera_vault_close (vault);
  g_object_unref (vault);

  vault = fixture_unlock (fixture);
  g_assert_cmpstr (tessera_vault_get_id (vault), ==, id);
  database = fixture_open (vault, FALSE);
  text = query_text (database, "SELECT group_concat (a) FROM t", &rc);
  g_assert_cmpstr (text, ==, "one,two");
  g_assert_cmpint (sqlite3_exec (database, "INSERT INTO t VALUES (3)", NULL, NULL, NULL), ==,
                   SQLITE_READONLY);
  sqlite3_close (database);
  g_object_unref (vault);
}

/* ---- refusals ---- */

static void
expect_unlock (const char *folder, const char *worker, const char *passphrase, TesseraVaultError expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) secret = secret_from (passphrase);
  TesseraVault *vault = tessera_vault_unlock (folder, worker, secret, &error);

  g_assert_null (vault);
  g_assert_error (error, TESSERA_VAULT_ERROR, (int) expected);
}

static void
expect_no_store (TesseraVault *vault, TesseraVaultError expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, (int) expected);
}

static void
test_wrong_passphrase (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (GError) unknown = NULL;
  g_autoptr (TesseraSecret) bad = secret_from ("correct horse batterx");

  g_object_unref (fixture_create (fixture));
  g_assert_null (tessera_vault_unlock (fixture->folder, WORKER, bad, &wrong));
  g_assert_null (tessera_vault_unlock (fixture->folder, "Nobody", bad, &unknown));
  g_assert_error (wrong, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_error (unknown, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_cmpstr (wrong->message, ==, unknown->message);
  /* The right passphrase of somebody else's name. */
  expect_unlock (fixture->folder, "Nobody", PASSPHRASE, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
}

static void
test_names_fold (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) vault = NULL;

  vault = tessera_vault_create (fixture->folder, "Zo\u00eb Example", passphrase, TESSERA_WORK_FACTOR_MINIMUM,
                                NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&vault);
  vault = tessera_vault_unlock (fixture->folder, " ZOE\u0308 EXAMPLE ", passphrase, &error);
  g_assert_no_error (error);
}

static void
test_bad_input (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraSecret) good = secret_from (PASSPHRASE);
  g_autoptr (TesseraSecret) short_one = secret_from ("1234567");
  static const char *const names[] = { "", "   ", "\xff\xfe" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (
      tessera_vault_create (fixture->folder, names[i], good, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID);
  }
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (
      tessera_vault_create (fixture->folder, WORKER, short_one, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID);
  }
  g_assert_false (g_file_test (fixture->folder, G_FILE_TEST_EXISTS));
}

static void
test_no_vault (VaultFixture *fixture, gconstpointer data)
{
  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  expect_unlock (fixture->root, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  g_assert_false (tessera_vault_exists (fixture->folder));
  g_assert_cmpuint (tessera_vault_count_workers (fixture->folder), ==, 0);
}

static void
test_exists (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) error_full = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);

  g_object_unref (fixture_create (fixture));
  g_assert_true (tessera_vault_exists (fixture->folder));
  g_assert_null (
    tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
  g_assert_null (
    tessera_vault_create (fixture->root, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error_full));
  g_assert_error (error_full, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
}

static void
test_busy_here (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);

  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_BUSY);
  tessera_vault_close (vault);
  g_object_unref (fixture_unlock (fixture));
}

/* In another process, as a second program would: exit status 0 if it was told "busy". */
static void
test_busy_elsewhere (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  int status;
  pid_t child = fork ();

  if (child == 0) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
    TesseraVault *second = tessera_vault_unlock (fixture->folder, WORKER, passphrase, &error);

    _exit (second == NULL && g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY) ? 0 : 1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  must_run (database, "CREATE TABLE still_ours (a)");
  sqlite3_close (database);
}

static void
test_two_vaults (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "second", NULL);
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) one = fixture_create (fixture);
  g_autoptr (TesseraVault)
    two = tessera_vault_create (folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL);
  sqlite3 *first = fixture_open (one, TRUE);
  sqlite3 *second = fixture_open (two, TRUE);

  must_run (first, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  must_run (second, "CREATE TABLE t (a); INSERT INTO t VALUES (2)");
  g_assert_cmpint (must_count (first, "SELECT a FROM t"), ==, 1);
  g_assert_cmpint (must_count (second, "SELECT a FROM t"), ==, 2);
  sqlite3_close (first);
  sqlite3_close (second);
}

/* A vault's store beside another vault's key file, and a plain SQLite file. */
static void
test_foreign_store (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "second", NULL);
  g_autofree char *path = fixture_path (fixture, "store.db");
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) one = fixture_create (fixture);
  g_autoptr (TesseraVault)
    two = tessera_vault_create (folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL);
  g_autoptr (GBytes) mine = NULL;
  sqlite3 *plain;

  sqlite3_close (fixture_open (one, TRUE));
  sqlite3_close (fixture_open (two, TRUE));
  mine = fixture_load (fixture, "store.db");
  fixture_copy (fixture, "../second/store.db", "store.db");
  expect_no_store (one, TESSERA_VAULT_ERROR_FOREIGN);

  g_remove (path);
  sqlite3_open (path, &plain);
  must_run (plain, "CREATE TABLE t (a); CREATE TABLE u (b); CREATE TABLE v (c); CREATE TABLE w (d)");
  sqlite3_close (plain);
  expect_no_store (one, TESSERA_VAULT_ERROR_FOREIGN);

  fixture_save (fixture, "store.db", g_bytes_get_data (mine, NULL), g_bytes_get_size (mine));
  sqlite3_close (fixture_open (one, TRUE));
}

static void
test_newer_store (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  gsize size;

  sqlite3_close (fixture_open (vault, TRUE));
  bytes = fixture_load (fixture, "store.db");
  text = g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));
  text[strlen ("Tessera store ")] = '3';
  fixture_save (fixture, "store.db", text, size);
  expect_no_store (vault, TESSERA_VAULT_ERROR_TOO_NEW);
}

static void
test_half_a_vault (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *store = fixture_path (fixture, "store.db");
  g_autofree char *keys = fixture_path (fixture, "vault.keys");
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (GError) error = NULL;

  /* Not made yet: nothing to read, but it can be made. */
  g_assert_null (tessera_vault_open_database (vault, FALSE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  sqlite3_close (fixture_open (vault, TRUE));
  g_remove (store);
  /* Made and gone: never silently an empty one. */
  expect_no_store (vault, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  expect_no_store (vault, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  fixture_save (fixture, "store.db", "", 0);
  expect_no_store (vault, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_object (&vault);
  g_remove (keys);
  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_NOT_A_VAULT);
}

/* What a crash while the store is made can leave behind. */
static void
test_interrupted_making (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database;

  fixture_save (fixture, "store.db.new", "half", 4);
  fixture_save (fixture, "store.db.new-journal", "half", 4);
  fixture_save (fixture, "vault.keys.new", "half", 4);
  database = fixture_open (vault, TRUE);
  must_run (database, "CREATE TABLE t (a)");
  sqlite3_close (database);
}

/* The same between the store's last name and the note in the key file. */
static void
test_interrupted_note (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (GBytes) before = fixture_load (fixture, "vault.keys");
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES (7)");
  sqlite3_close (database);
  g_clear_object (&vault);
  fixture_save (fixture, "vault.keys", g_bytes_get_data (before, NULL), g_bytes_get_size (before));
  vault = fixture_unlock (fixture);
  database = fixture_open (vault, TRUE);
  g_assert_cmpint (must_count (database, "SELECT a FROM t"), ==, 7);
  sqlite3_close (database);
}

static void
test_read_only_folder (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = NULL;

  if (geteuid () == 0) {
    g_test_skip ("the superuser may write everywhere");
    return;
  }
  vault = fixture_create (fixture);
  g_chmod (fixture->folder, 0500);
  expect_no_store (vault, TESSERA_VAULT_ERROR_READ_ONLY);
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  g_chmod (fixture->folder, 0700);
}

static void
test_full (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  int rc;

  must_run (database, "CREATE TABLE t (a); PRAGMA max_page_count = 10");
  rc = sqlite3_exec (database, "INSERT INTO t VALUES (zeroblob (100000))", NULL, NULL, NULL);
  tessera_vault_set_sqlite_error (&error, database, rc);
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FULL);
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM t"), ==, 0);
  sqlite3_close (database);
}

static void
test_work_factor (void)
{
  guint32 passes, kibibytes;

  tessera_work_factor_choose (TESSERA_WORK_FACTOR_MINIMUM, &passes, &kibibytes);
  g_assert_cmpuint (kibibytes, ==, 8 * 1024);
  tessera_work_factor_choose (TESSERA_WORK_FACTOR_MEASURED, &passes, &kibibytes);
  g_assert_cmpuint (passes, >=, 2);
  g_assert_cmpuint (kibibytes, >=, 64 * 1024);
  g_test_message ("%u passes over %u MiB", passes, kibibytes / 1024);
}

/* ---- workers ---- */

static void
test_workers (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) second = secret_from ("another passphrase");
  g_autoptr (TesseraSecret) third = secret_from ("a third passphrase");
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  guint slot = 0;

  g_assert_false (tessera_vault_remove_worker (vault, WORKER, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (
    tessera_vault_add_worker (vault, "Second", second, TESSERA_WORK_FACTOR_MINIMUM, &slot, &error));
  g_assert_cmpuint (slot, ==, 2);
  g_assert_false (
    tessera_vault_add_worker (vault, "SECOND", second, TESSERA_WORK_FACTOR_MINIMUM, &slot, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_cmpuint (tessera_vault_count_workers (fixture->folder), ==, 2);
  g_clear_object (&vault);

  vault = tessera_vault_unlock (fixture->folder, "second", second, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tessera_vault_get_slot (vault), ==, 2);
  g_assert_true (
    tessera_vault_change_passphrase (vault, "Second", third, TESSERA_WORK_FACTOR_MINIMUM, &error));
  g_assert_false (
    tessera_vault_change_passphrase (vault, "Nobody", third, TESSERA_WORK_FACTOR_MINIMUM, NULL));
  g_clear_object (&vault);
  expect_unlock (fixture->folder, "Second", "another passphrase", TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);

  /* Nobody named: the one who was last. */
  vault = tessera_vault_unlock (fixture->folder, NULL, third, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tessera_vault_get_slot (vault), ==, 2);
  g_assert_true (tessera_vault_remove_worker (vault, "Second", &error));
  /* Numbers are not used again. */
  g_assert_true (
    tessera_vault_add_worker (vault, "Fourth", second, TESSERA_WORK_FACTOR_MINIMUM, &slot, &error));
  g_assert_cmpuint (slot, ==, 3);
  g_clear_object (&vault);
  expect_unlock (fixture->folder, "Second", "a third passphrase", TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  /* The last one was removed, two are left. */
  expect_unlock (fixture->folder, NULL, PASSPHRASE, TESSERA_VAULT_ERROR_INVALID);
  fixture_save (fixture, "vault.last", "garbage", 7);
  expect_unlock (fixture->folder, NULL, PASSPHRASE, TESSERA_VAULT_ERROR_INVALID);
  g_object_unref (fixture_unlock (fixture));
}

static void
test_previous_key_file (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraSecret) changed = secret_from ("another passphrase");
  g_autofree char *previous = fixture_path (fixture, "vault.keys.previous");
  g_autoptr (TesseraVault) vault = fixture_create (fixture);

  g_assert_false (g_file_test (previous, G_FILE_TEST_EXISTS));
  g_assert_true (tessera_vault_change_passphrase (vault, WORKER, changed, TESSERA_WORK_FACTOR_MINIMUM, NULL));
  g_assert_true (g_file_test (previous, G_FILE_TEST_EXISTS));
  g_clear_object (&vault);
  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_true (g_file_test (previous, G_FILE_TEST_EXISTS));
  vault = tessera_vault_unlock (fixture->folder, NULL, changed, NULL);
  g_assert_nonnull (vault);
  g_assert_false (g_file_test (previous, G_FILE_TEST_EXISTS));
}

static void
test_recovery (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraSecret) changed = secret_from ("another passphrase");
  g_autoptr (TesseraSecret) key = NULL;
  g_autoptr (TesseraSecret) sloppy = NULL;
  g_autoptr (TesseraVault) vault = NULL;
  g_autofree char *text = NULL;

  vault = tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, &key,
                                &error);
  g_assert_no_error (error);
  g_clear_object (&vault);

  text = g_ascii_strdown ((const char *) tessera_secret_get_data (key), -1);
  g_strdelimit (text, "-", ' ');
  sloppy = secret_from (text);
  vault = tessera_vault_unlock_with_recovery_key (fixture->folder, sloppy, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tessera_vault_get_slot (vault), ==, 0);
  g_assert_true (
    tessera_vault_change_passphrase (vault, WORKER, changed, TESSERA_WORK_FACTOR_MINIMUM, &error));
  g_clear_object (&vault);
  vault = tessera_vault_unlock (fixture->folder, WORKER, changed, &error);
  g_assert_no_error (error);
}

static void
test_other_recovery_key (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) key = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autofree char *folder = g_build_filename (fixture->root, "second", NULL);

  g_object_unref (fixture_create (fixture));
  g_object_unref (tessera_vault_create (folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, &key, NULL));
  g_assert_null (tessera_vault_unlock_with_recovery_key (fixture->folder, key, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
}

static void
test_derive (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (TesseraSecret) one = tessera_vault_derive (vault, "TestOne_");
  g_autoptr (TesseraSecret) two = tessera_vault_derive (vault, "TestTwo_");
  g_autoptr (TesseraSecret) again = NULL;

  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  again = tessera_vault_derive (vault, "TestOne_");
  g_assert_cmpmem (tessera_secret_get_data (one), 32, tessera_secret_get_data (again), 32);
  g_assert_cmpint (memcmp (tessera_secret_get_data (one), tessera_secret_get_data (two), 32), !=, 0);
}

static void
test_modes (VaultFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "vault.keys", "store.db", "store.db-wal", "vault.last" };
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  GStatBuf facts;

  must_run (database, "CREATE TABLE t (a)");
  g_assert_cmpint (g_stat (fixture->folder, &facts), ==, 0);
  g_assert_cmpint (facts.st_mode & 0777, ==, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = fixture_path (fixture, names[i]);

    g_assert_cmpint (g_stat (path, &facts), ==, 0);
    g_assert_cmpint (facts.st_mode & 0777, ==, 0600);
  }
  sqlite3_close (database);
}

static void
test_read_line (void)
{
  static const char input[] = "a pass phrase\nrest";
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) line = NULL;
  g_autoptr (TesseraSecret) last = NULL;
  g_autoptr (TesseraSecret) none = NULL;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (write (ends[1], input, strlen (input)), ==, (int) strlen (input));
  close (ends[1]);
  line = tessera_secret_read_line (ends[0], &error);
  g_assert_no_error (error);
  g_assert_cmpstr ((const char *) tessera_secret_get_data (line), ==, "a pass phrase");
  last = tessera_secret_read_line (ends[0], &error);
  g_assert_cmpstr ((const char *) tessera_secret_get_data (last), ==, "rest");
  none = tessera_secret_read_line (ends[0], &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tessera_secret_get_size (none), ==, 0);
  close (ends[0]);
  g_assert_null (tessera_secret_read_line (ends[0], &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, VaultFixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/vault/round-trip", test_round_trip);
  ADD ("/vault/wrong-passphrase", test_wrong_passphrase);
  ADD ("/vault/names-fold", test_names_fold);
  ADD ("/vault/bad-input", test_bad_input);
  ADD ("/vault/no-vault", test_no_vault);
  ADD ("/vault/exists", test_exists);
  ADD ("/vault/busy-here", test_busy_here);
  ADD ("/vault/busy-elsewhere", test_busy_elsewhere);
  ADD ("/vault/two-vaults", test_two_vaults);
  ADD ("/vault/foreign-store", test_foreign_store);
  ADD ("/vault/newer-store", test_newer_store);
  ADD ("/vault/half-a-vault", test_half_a_vault);
  ADD ("/vault/interrupted-making", test_interrupted_making);
  ADD ("/vault/interrupted-note", test_interrupted_note);
  ADD ("/vault/read-only-folder", test_read_only_folder);
  ADD ("/vault/full", test_full);
  ADD ("/vault/workers", test_workers);
  ADD ("/vault/previous-key-file", test_previous_key_file);
  ADD ("/vault/recovery", test_recovery);
  ADD ("/vault/other-recovery-key", test_other_recovery_key);
  ADD ("/vault/derive", test_derive);
  ADD ("/vault/modes", test_modes);
#undef ADD
  g_test_add_func ("/vault/read-line", test_read_line);
  g_test_add_func ("/vault/work-factor", test_work_factor);
  return g_test_run ();
}
