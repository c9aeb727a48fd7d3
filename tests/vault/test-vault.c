/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-vault.c: making, unlocking and closing a vault, its workers, and each way it can refuse.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tessera-key-slot.h"
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

/* Processor time of an unlock that must fail, which a busy computer does not lengthen. */
static clock_t
time_refusal (VaultFixture *fixture, const char *worker)
{
  g_autofree char *tries = fixture_path (fixture, "vault.tries");
  clock_t start = clock ();

  expect_unlock (fixture->folder, worker, "correct horse batterx", TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  g_remove (tries);
  return clock () - start;
}

/* The work is done for a name that nobody has, too. */
static void
test_same_time (VaultFixture *fixture, gconstpointer data)
{
  clock_t wrong = 0, unknown = 0;

  g_object_unref (fixture_create (fixture));
  for (guint i = 0; i < 8; i++) {
    wrong += time_refusal (fixture, WORKER);
    unknown += time_refusal (fixture, "Nobody");
  }
  g_test_message ("wrong passphrase %ld us, unknown name %ld us", (long) wrong / 8, (long) unknown / 8);
  g_assert_cmpint (unknown, <, wrong * 2);
  g_assert_cmpint (wrong, <, unknown * 2);
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
  TesseraVault *vault = fixture_create (fixture);

  sqlite3_close (fixture_open (vault, TRUE));
  g_object_unref (vault);
  g_assert_true (tessera_vault_exists (fixture->folder));
  g_assert_null (
    tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
  g_assert_null (
    tessera_vault_create (fixture->root, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error_full));
  g_assert_error (error_full, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
}

/* Killed before there was a store: nothing was lost, and nobody has seen its recovery key. So it is made again. */
static void
test_interrupted_creation (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  TesseraVault *vault = fixture_create (fixture);
  g_autofree char *id = g_strdup (tessera_vault_get_id (vault));

  g_assert_null (
    tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_clear_object (&vault);
  g_assert_false (tessera_vault_exists (fixture->folder));
  fixture_save (fixture, "vault.keys.new", "half", 4);
  fixture_save (fixture, "store.db.new", "half", 4);
  vault = fixture_create (fixture);
  g_assert_cmpstr (tessera_vault_get_id (vault), !=, id);
  sqlite3_close (fixture_open (vault, TRUE));
  g_clear_object (&vault);
  g_object_unref (fixture_unlock (fixture));
}

/* Told before anybody types a passphrase. */
static void
expect_check (VaultFixture *fixture, TesseraVaultError expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_vault_check (fixture->folder, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, (int) expected);
}

static void
test_check (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_path (fixture, "vault.keys");
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  TesseraVault *vault = NULL;

  expect_check (fixture, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  vault = fixture_create (fixture);
  sqlite3_close (fixture_open (vault, TRUE));
  g_clear_object (&vault);
  g_assert_true (tessera_vault_check (fixture->folder, &error));
  fixture_save (fixture, "vault.keys", "tessera vault keys 3\n", 21);
  expect_check (fixture, TESSERA_VAULT_ERROR_TOO_NEW);
  fixture_save (fixture, "vault.keys", "tessera vault keys 1\n", 21);
  expect_check (fixture, TESSERA_VAULT_ERROR_TOO_OLD);
  fixture_save (fixture, "vault.keys", "tessera vault ke", 16);
  expect_check (fixture, TESSERA_VAULT_ERROR_DAMAGED);
  /* A store that has lost its key file is no empty folder. */
  g_remove (path);
  expect_check (fixture, TESSERA_VAULT_ERROR_DAMAGED);
  g_assert_true (tessera_vault_exists (fixture->folder));
  g_assert_null (
    tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
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
  expect_no_store (vault, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  expect_no_store (vault, TESSERA_VAULT_ERROR_DAMAGED);
  fixture_save (fixture, "store.db", "", 0);
  expect_no_store (vault, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_object (&vault);
  g_remove (keys);
  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_DAMAGED);
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

static guint32
slot_work (VaultFixture *fixture, guint32 *ret_kibibytes)
{
  g_autoptr (TesseraKeyFile) key_file = tessera_key_file_load (fixture->folder, NULL);
  const TesseraKeySlot *slot = tessera_key_file_find (key_file, WORKER);

  *ret_kibibytes = slot->kibibytes;
  return slot->passes;
}

/* Gives the worker's slot other work, as if it had been made on a smaller computer. */
static void
weaken_slot (VaultFixture *fixture, guint32 passes, guint32 kibibytes)
{
  g_autoptr (TesseraKeyFile) key_file = tessera_key_file_load (fixture->folder, NULL);
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraSecret) old_key = NULL;
  g_autoptr (TesseraSecret) new_key = NULL;
  g_auto (TesseraKeys) keys = { NULL, NULL };
  TesseraKeySlot *slot = tessera_key_file_find (key_file, WORKER);

  old_key = tessera_key_slot_derive (slot, passphrase, NULL);
  g_assert_true (tessera_key_slot_open (key_file, slot, old_key, &keys, NULL));
  slot->passes = passes;
  slot->kibibytes = kibibytes;
  new_key = tessera_key_slot_derive (slot, passphrase, NULL);
  tessera_key_slot_seal (key_file, slot, new_key, &keys, NULL);
  g_assert_true (tessera_key_file_store (key_file, fixture->folder, keys.data, NULL));
}

static void
test_work_raised (VaultFixture *fixture, gconstpointer data)
{
  guint32 passes, kibibytes, once;

  g_object_unref (fixture_create (fixture));
  /* The throw-away work factor stays. */
  g_object_unref (fixture_unlock (fixture));
  passes = slot_work (fixture, &kibibytes);
  g_assert_cmpuint (kibibytes, ==, 8 * 1024);
  g_assert_cmpuint (passes, ==, 2);

  weaken_slot (fixture, 1, 16 * 1024);
  g_object_unref (fixture_unlock (fixture));
  passes = slot_work (fixture, &kibibytes);
  g_assert_cmpuint (kibibytes, >=, 64 * 1024);
  g_assert_cmpuint (passes, >=, 2);
  /* The new slot opens, and is never made cheaper again. */
  once = passes;
  g_object_unref (fixture_unlock (fixture));
  passes = slot_work (fixture, &kibibytes);
  g_assert_cmpuint (passes, >=, once);
}

/* A folder that takes no new key file: unlocked all the same. */
static void
test_work_not_raised (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *obstacle = fixture_path (fixture, "vault.keys.previous.new");
  guint32 kibibytes;

  g_object_unref (fixture_create (fixture));
  weaken_slot (fixture, 1, 16 * 1024);
  g_assert_cmpint (g_mkdir (obstacle, 0700), ==, 0);
  g_object_unref (fixture_unlock (fixture));
  slot_work (fixture, &kibibytes);
  g_assert_cmpuint (kibibytes, ==, 16 * 1024);
}

static void
test_work_raise_rule (void)
{
  guint32 passes = 2, kibibytes = 8 * 1024;

  g_assert_false (tessera_work_factor_raise (&passes, &kibibytes, 1));
  /* Slow enough, and memory enough. */
  passes = 2;
  kibibytes = 256 * 1024;
  g_assert_false (tessera_work_factor_raise (&passes, &kibibytes, G_USEC_PER_SEC / 2));
  g_assert_cmpuint (passes, ==, 2);
  /* More than any measurement gives is never lowered. */
  passes = 15;
  kibibytes = 1024 * 1024;
  g_assert_false (tessera_work_factor_raise (&passes, &kibibytes, 1));
  g_assert_cmpuint (kibibytes, ==, 1024 * 1024);
}

/* ---- wrong passphrases ---- */

static void
test_delay_grows (VaultFixture *fixture, gconstpointer data)
{
  static const guint expected[] = { 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60 };
  g_autofree char *path = fixture_path (fixture, "vault.tries");

  g_object_unref (fixture_create (fixture));
  g_assert_cmpuint (tessera_vault_get_delay (fixture->folder), ==, 0);
  for (guint wrong = 1; wrong < G_N_ELEMENTS (expected); wrong++) {
    g_autofree char *text = NULL;
    g_autofree char *before = NULL;
    gint64 now = g_get_real_time () / 1000;

    /* As if the one before had been long ago. */
    before = g_strdup_printf ("%u %" G_GINT64_FORMAT "\n", wrong - 1, now - 3600 * 1000);
    if (wrong > 1)
      fixture_save (fixture, "vault.tries", before, strlen (before));
    expect_unlock (fixture->folder, wrong % 2 ? WORKER : "Nobody", "correct horse batterx",
                   TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
    g_assert_cmpuint (tessera_vault_get_delay (fixture->folder), <=, expected[wrong]);
    g_assert_cmpuint (tessera_vault_get_delay (fixture->folder) + 1, >=, expected[wrong]);
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_assert_cmpint (g_ascii_strtoll (text, NULL, 10), ==, wrong);
  }
  /* The right one is not even tried, so nothing can be learned from how long it takes. */
  expect_unlock (fixture->folder, WORKER, PASSPHRASE, TESSERA_VAULT_ERROR_WAIT);
  expect_unlock (fixture->folder, "Nobody", PASSPHRASE, TESSERA_VAULT_ERROR_WAIT);
}

/* Whatever the file says and the clock shows, nobody is locked out for longer than a minute. */
static void
test_delay_never_locks_out (VaultFixture *fixture, gconstpointer data)
{
  static const char *const harmless[] = {
    "1000 99999999999999999\n", "1000 4102444800000\n", "1000 0\n", "1000 -5\n", "-1 0\n", "0 0\n", "",
    "garbage\n", "1000\n", "99999999999999999999999 99999999999999999999999\n", "\xff\xfe", "1000 1 1\n",
  };
  g_autofree char *path = fixture_path (fixture, "vault.tries");
  g_autofree char *recent = NULL;

  g_object_unref (fixture_create (fixture));
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++) {
    fixture_save (fixture, "vault.tries", harmless[i], strlen (harmless[i]));
    g_assert_cmpuint (tessera_vault_get_delay (fixture->folder), ==, 0);
    g_object_unref (fixture_unlock (fixture));
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  }
  recent = g_strdup_printf ("1000000 %" G_GINT64_FORMAT "\n", g_get_real_time () / 1000);
  fixture_save (fixture, "vault.tries", recent, strlen (recent));
  g_assert_cmpuint (tessera_vault_get_delay (fixture->folder), <=, 60);
  g_assert_cmpuint (tessera_vault_get_delay (fixture->folder), >=, 59);
}

/* ---- copies ---- */

/* A copy of the folder is a vault of its own: nothing in it can tell, and neither disturbs the other. */
static void
test_copy (VaultFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "vault.keys", "store.db" };
  g_autofree char *folder = g_build_filename (fixture->root, "copy", NULL);
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (TesseraVault) copy = NULL;
  sqlite3 *one, *two;

  one = fixture_open (vault, TRUE);
  must_run (one, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  sqlite3_close (one);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *to = g_build_filename ("..", "copy", names[i], NULL);

    fixture_copy (fixture, names[i], to);
  }
  copy = tessera_vault_unlock (folder, WORKER, passphrase, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tessera_vault_get_id (copy), ==, tessera_vault_get_id (vault));
  one = fixture_open (vault, TRUE);
  two = fixture_open (copy, TRUE);
  must_run (one, "INSERT INTO t VALUES (2), (3)");
  must_run (two, "INSERT INTO t VALUES (4)");
  g_assert_cmpint (must_count (one, "SELECT count (*) FROM t"), ==, 3);
  g_assert_cmpint (must_count (two, "SELECT count (*) FROM t"), ==, 2);
  sqlite3_close (one);
  sqlite3_close (two);
}

/* ---- a disk that is full when the vault is locked ---- */

static void
test_full_while_closing (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *store = fixture_path (fixture, "store.db");
  TesseraVault *vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  struct rlimit before, tight;
  GStatBuf facts;

  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob (200000))");
  g_assert_cmpint (g_stat (store, &facts), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  tight = before;
  tight.rlim_cur = (rlim_t) facts.st_size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  /* What was committed is in the log, which cannot go into the database now. */
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  tessera_vault_close (vault);
  g_object_unref (vault);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  g_assert_cmpint (g_stat (store, &facts), ==, 0);
  g_assert_cmpint (facts.st_size, <, 200000);

  vault = fixture_unlock (fixture);
  database = fixture_open (vault, TRUE);
  g_assert_cmpint (must_count (database, "SELECT length (a) FROM t"), ==, 200000);
  sqlite3_close (database);
  g_object_unref (vault);
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

/* Another key file, put in place while the vault is open, is not written over. */
static void
test_key_file_changed (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) second = secret_from ("another passphrase");
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GBytes) after = NULL;

  sqlite3_close (fixture_open (vault, TRUE));
  fixture_copy (fixture, "vault.keys", "kept");
  g_assert_true (tessera_vault_add_worker (vault, "Second", second, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL));
  changed = fixture_load (fixture, "kept");
  fixture_copy (fixture, "kept", "vault.keys");
  g_assert_false (tessera_vault_remove_worker (vault, "Second", &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (tessera_vault_rotate (vault, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  after = fixture_load (fixture, "vault.keys");
  g_assert_true (g_bytes_equal (changed, after));
  g_clear_object (&vault);
  g_object_unref (fixture_unlock (fixture));
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
  ADD ("/vault/same-time", test_same_time);
  ADD ("/vault/names-fold", test_names_fold);
  ADD ("/vault/bad-input", test_bad_input);
  ADD ("/vault/no-vault", test_no_vault);
  ADD ("/vault/exists", test_exists);
  ADD ("/vault/interrupted-creation", test_interrupted_creation);
  ADD ("/vault/check", test_check);
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
  ADD ("/vault/work-raised", test_work_raised);
  ADD ("/vault/work-not-raised", test_work_not_raised);
  ADD ("/vault/delay/grows", test_delay_grows);
  ADD ("/vault/delay/never-locks-out", test_delay_never_locks_out);
  ADD ("/vault/copy", test_copy);
  ADD ("/vault/full-while-closing", test_full_while_closing);
  ADD ("/vault/workers", test_workers);
  ADD ("/vault/previous-key-file", test_previous_key_file);
  ADD ("/vault/key-file-changed", test_key_file_changed);
  ADD ("/vault/recovery", test_recovery);
  ADD ("/vault/other-recovery-key", test_other_recovery_key);
  ADD ("/vault/derive", test_derive);
  ADD ("/vault/modes", test_modes);
#undef ADD
  g_test_add_func ("/vault/read-line", test_read_line);
  g_test_add_func ("/vault/work-factor", test_work_factor);
  g_test_add_func ("/vault/work-factor/raise-rule", test_work_raise_rule);
  return g_test_run ();
}
