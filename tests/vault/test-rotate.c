/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-rotate.c: another data key for a vault: who can open it afterwards and who cannot, and what is left of it when
 * it is stopped at any system call that writes.
 */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tessera-key-slot.h"
#include "vault-fixture.h"

#define SECOND "Second Worker"
#define SECOND_PASSPHRASE "another passphrase"
#define ROWS 60

/* ---- a vault of two workers with something in it ---- */

static TesseraVault *
create_shared (VaultFixture *fixture, TesseraSecret **ret_recovery_key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraSecret) second = secret_from (SECOND_PASSPHRASE);
  TesseraVault *vault = tessera_vault_create (fixture->folder, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM,
                                              ret_recovery_key, &error);
  sqlite3 *database;

  g_assert_no_error (error);
  g_assert_true (tessera_vault_add_worker (vault, SECOND, second, TESSERA_WORK_FACTOR_MINIMUM, NULL, &error));
  database = fixture_open (vault, TRUE);
  must_run (database, "CREATE TABLE t (a, b); CREATE INDEX i ON t (b, a);"
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                      " INSERT INTO t SELECT i, printf ('%.*c', 700, 'x') FROM n");
  sqlite3_close (database);
  return vault;
}

static TesseraVault *
unlock_second (VaultFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (SECOND_PASSPHRASE);
  TesseraVault *vault = tessera_vault_unlock (fixture->folder, SECOND, passphrase, &error);

  g_assert_no_error (error);
  return vault;
}

static TesseraVault *
unlock_recovery (VaultFixture *fixture, const TesseraSecret *recovery_key)
{
  g_autoptr (GError) error = NULL;
  TesseraVault *vault = tessera_vault_unlock_with_recovery_key (fixture->folder, recovery_key, &error);

  g_assert_no_error (error);
  return vault;
}

static void
expect_rows (TesseraVault *vault, gint64 rows)
{
  sqlite3 *database = fixture_open (vault, TRUE);
  g_autofree char *sound = query_text (database, "PRAGMA integrity_check", NULL);

  g_assert_cmpstr (sound, ==, "ok");
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM t"), ==, rows);
  sqlite3_close (database);
}

static void
add_row (TesseraVault *vault)
{
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database, "INSERT INTO t VALUES (0, 'more')");
  sqlite3_close (database);
}

static void
expect_absent (VaultFixture *fixture, const char *name)
{
  g_autofree char *path = fixture_path (fixture, name);

  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
expect_no_leftovers (VaultFixture *fixture)
{
  expect_absent (fixture, "store.db.rotating");
  expect_absent (fixture, "store.db.rotating-wal");
  expect_absent (fixture, "store.db.rotating-journal");
  expect_absent (fixture, "vault.keys.new");
}

static guint
count_boxes (VaultFixture *fixture)
{
  g_autoptr (TesseraKeyFile) key_file = tessera_key_file_load (fixture->folder, NULL);
  guint count = 0;

  for (guint i = 0; i < key_file->slots->len; i++)
    count += g_array_index (key_file->slots, TesseraKeySlot, i).has_box;
  return count;
}

static void
must_rotate (TesseraVault *vault)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_vault_rotate (vault, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* ---- what it is for ---- */

typedef struct {
  gint64 done;
  gint64 total;
} Seen;

static void
see_progress (gint64 done, gint64 total, gpointer data)
{
  Seen *seen = data;

  g_assert_cmpint (done, >=, seen->done);
  g_assert_cmpint (done, <=, total);
  seen->done = done;
  seen->total = total;
}

static void
test_everybody_stays (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, &recovery_key);
  g_autoptr (TesseraSecret) derived = tessera_vault_derive (vault, "TestOne_");
  g_autoptr (TesseraSecret) again = NULL;
  g_autoptr (GBytes) before = fixture_load (fixture, "store.db");
  g_autoptr (GBytes) after = NULL;
  Seen seen = { 0, 0 };

  tessera_vault_rotate (vault, see_progress, &seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (seen.total, >, 20);
  g_assert_cmpint (seen.done, ==, seen.total);
  after = fixture_load (fixture, "store.db");
  g_assert_false (g_bytes_equal (before, after));
  expect_no_leftovers (fixture);
  expect_absent (fixture, "vault.keys.previous");
  g_assert_cmpuint (count_boxes (fixture), ==, 3);

  /* The vault goes on as it is, and what was derived before holds. */
  expect_rows (vault, ROWS);
  add_row (vault);
  again = tessera_vault_derive (vault, "TestOne_");
  g_assert_cmpmem (tessera_secret_get_data (derived), 32, tessera_secret_get_data (again), 32);

  g_clear_object (&vault);
  vault = unlock_second (fixture);
  g_assert_cmpuint (count_boxes (fixture), ==, 2);
  expect_rows (vault, ROWS + 1);
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  g_clear_pointer (&again, tessera_secret_free);
  again = tessera_vault_derive (vault, "TestOne_");
  g_assert_cmpmem (tessera_secret_get_data (derived), 32, tessera_secret_get_data (again), 32);
  g_clear_object (&vault);
  vault = unlock_recovery (fixture, recovery_key);
  g_assert_cmpuint (count_boxes (fixture), ==, 0);
  expect_rows (vault, ROWS + 1);
  g_clear_object (&vault);
  g_object_unref (unlock_second (fixture));
}

/* Again and again while somebody is away; with slots that come and go, and passphrases that change. */
static void
test_several (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) vault = create_shared (fixture, &recovery_key);

  for (guint i = 0; i < 3; i++)
    must_rotate (vault);
  g_assert_true (
    tessera_vault_change_passphrase (vault, WORKER, passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL));
  g_assert_true (
    tessera_vault_add_worker (vault, "Third", passphrase, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL));
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  must_rotate (vault);
  g_clear_object (&vault);
  vault = unlock_second (fixture);
  expect_rows (vault, ROWS);
  g_clear_object (&vault);
  vault = tessera_vault_unlock (fixture->folder, "Third", passphrase, NULL);
  expect_rows (vault, ROWS);
  must_rotate (vault);
  g_clear_object (&vault);
  vault = unlock_recovery (fixture, recovery_key);
  expect_rows (vault, ROWS);
}

/* Somebody was removed, but has kept the key file from before. */
static void
test_removed_worker (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autoptr (GBytes) before = fixture_load (fixture, "vault.keys");
  gsize size;
  const char *text = g_bytes_get_data (before, &size);

  g_assert_true (tessera_vault_remove_worker (vault, SECOND, NULL));
  g_clear_object (&vault);
  /* Removing alone does not keep them out. */
  fixture_copy (fixture, "vault.keys", "vault.keys.kept");
  fixture_save (fixture, "vault.keys", text, size);
  vault = unlock_second (fixture);
  expect_rows (vault, ROWS);
  g_clear_object (&vault);
  fixture_copy (fixture, "vault.keys.kept", "vault.keys");

  vault = fixture_unlock (fixture);
  must_rotate (vault);
  g_clear_object (&vault);
  fixture_copy (fixture, "vault.keys", "vault.keys.kept");
  fixture_save (fixture, "vault.keys", text, size);
  vault = unlock_second (fixture);
  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_object (&vault);
  fixture_copy (fixture, "vault.keys.kept", "vault.keys");
  vault = fixture_unlock (fixture);
  expect_rows (vault, ROWS);
}

/* What the removed worker knows, the data key of before and the derivation key, does not open a box. */
static void
test_box_needs_slot_key (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraKeyFile) self = tessera_key_file_new ();
  g_autoptr (TesseraSecret) slot_key = tessera_secret_new_random (32);
  g_autoptr (TesseraSecret) other = tessera_secret_new_random (32);
  g_auto (TesseraKeys) keys = { tessera_secret_new_random (32), tessera_secret_new_random (32) };
  g_auto (TesseraKeys) fresh = { tessera_secret_new_random (32), tessera_secret_copy (keys.derivation) };
  g_auto (TesseraKeys) opened = { NULL, NULL };
  TesseraKeySlot slot = { .number = 0 }, theirs = { .number = 0 };

  tessera_key_slot_seal (self, &slot, slot_key, &keys, NULL);
  tessera_key_slot_seal (self, &theirs, other, &keys, NULL);
  g_assert_true (tessera_key_slot_box (self, &slot, &fresh));
  memcpy (theirs.box, slot.box, sizeof slot.box);
  theirs.has_box = TRUE;
  g_assert_false (tessera_key_slot_open (self, &theirs, other, &opened, NULL));
  g_assert_true (tessera_key_slot_open (self, &slot, slot_key, &opened, NULL));
  g_assert_cmpmem (tessera_secret_get_data (opened.data), 32, tessera_secret_get_data (fresh.data), 32);
}

/* ---- refusals ---- */

static void
test_busy (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  sqlite3 *writing = fixture_open (vault, TRUE);
  sqlite3 *reading = fixture_open (vault, FALSE);

  sqlite3_close (writing);
  g_assert_false (tessera_vault_rotate (vault, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_assert_cmpint (must_count (reading, "SELECT count (*) FROM t"), ==, ROWS);
  sqlite3_close (reading);
  expect_no_leftovers (fixture);
  must_rotate (vault);
  expect_rows (vault, ROWS);
}

static void
expect_nothing_goes (gint64 done, gint64 total, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);

  g_assert_null (tessera_vault_open_database (data, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (tessera_vault_remove_worker (data, SECOND, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (tessera_vault_rotate (data, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
}

static void
test_busy_meanwhile (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);

  g_assert_true (tessera_vault_rotate (vault, expect_nothing_goes, vault, NULL, &error));
  expect_rows (vault, ROWS);
}

static void
cancel (gint64 done, gint64 total, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
test_cancel (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autoptr (GBytes) before = fixture_load (fixture, "vault.keys");
  g_autoptr (GBytes) after = NULL;

  g_assert_false (tessera_vault_rotate (vault, cancel, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_no_leftovers (fixture);
  after = fixture_load (fixture, "vault.keys");
  g_assert_true (g_bytes_equal (before, after));
  expect_rows (vault, ROWS);
  g_clear_object (&vault);
  g_object_unref (unlock_second (fixture));
}

/* A disk that takes no more: nothing is changed, nothing left behind. */
static void
test_no_room (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  struct rlimit before, tight;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  tight = before;
  tight.rlim_cur = 40000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  g_assert_false (tessera_vault_rotate (vault, NULL, NULL, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  g_assert_cmpuint (error->domain, ==, TESSERA_VAULT_ERROR);
  expect_no_leftovers (fixture);
  expect_rows (vault, ROWS);
  must_rotate (vault);
  expect_rows (vault, ROWS);
}

/* A key file that cannot be replaced: the same. */
static void
test_key_file_stuck (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autofree char *obstacle = fixture_path (fixture, "vault.keys.new");

  g_assert_cmpint (g_mkdir (obstacle, 0700), ==, 0);
  g_assert_false (tessera_vault_rotate (vault, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED);
  g_assert_cmpint (g_rmdir (obstacle), ==, 0);
  expect_no_leftovers (fixture);
  expect_rows (vault, ROWS);
}

/* ---- half way ---- */

/* Puts a folder in the place of the store when all has been copied. */
static void
obstruct (gint64 done, gint64 total, gpointer data)
{
  VaultFixture *fixture = data;
  g_autofree char *store = fixture_path (fixture, "store.db");
  g_autofree char *aside = fixture_path (fixture, "aside");

  if (done < total / 2 || g_file_test (aside, G_FILE_TEST_EXISTS))
    return;
  g_assert_cmpint (g_rename (store, aside), ==, 0);
  g_assert_cmpint (g_mkdir (store, 0700), ==, 0);
  fixture_save (fixture, "store.db/something", "x", 1);
}

/* The new key file is there, but the copy cannot be put in place. Nothing may be written to the store of before. */
static void
test_store_stuck (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autofree char *store = fixture_path (fixture, "store.db");
  g_autofree char *aside = fixture_path (fixture, "aside");

  g_assert_false (tessera_vault_rotate (vault, obstruct, fixture, NULL, &error));
  g_assert_cmpuint (error->domain, ==, TESSERA_VAULT_ERROR);
  g_clear_error (&error);
  remove_tree (store);
  g_assert_cmpint (g_rename (aside, store), ==, 0);
  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  g_clear_object (&vault);
  vault = unlock_second (fixture);
  expect_no_leftovers (fixture);
  expect_rows (vault, ROWS);
}

/* A copy that belongs to nothing is left alone while the store does not open either. */
static void
test_neither_opens (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autoptr (GBytes) store = fixture_load (fixture, "store.db");
  g_autofree char *copy = fixture_path (fixture, "store.db.rotating");
  g_autofree guint8 *noise = g_malloc (40000);
  gsize size;
  gconstpointer bytes = g_bytes_get_data (store, &size);

  g_clear_object (&vault);
  memset (noise, 7, 40000);
  fixture_save (fixture, "store.db.rotating", noise, 40000);
  fixture_save (fixture, "store.db", noise, 40000);
  vault = fixture_unlock (fixture);
  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
  g_clear_object (&vault);
  /* It goes once the store is whole. */
  fixture_save (fixture, "store.db", bytes, size);
  vault = fixture_unlock (fixture);
  expect_no_leftovers (fixture);
  expect_rows (vault, ROWS);
}

/* The key file of now beside the store of before, and no copy: unlocking must not take away the key file of before,
 * which is all there is to open the store with. */
static void
test_previous_is_needed (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autoptr (GBytes) store = fixture_load (fixture, "store.db");
  gsize size;
  gconstpointer bytes = g_bytes_get_data (store, &size);

  fixture_copy (fixture, "vault.keys", "kept");
  must_rotate (vault);
  g_clear_object (&vault);
  fixture_copy (fixture, "kept", "vault.keys.previous");
  fixture_save (fixture, "store.db", bytes, size);
  for (guint i = 0; i < 2; i++) {
    vault = i == 0 ? fixture_unlock (fixture) : unlock_second (fixture);
    g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
    g_clear_error (&error);
    g_clear_object (&vault);
  }
  fixture_copy (fixture, "vault.keys.previous", "vault.keys");
  vault = unlock_second (fixture);
  expect_rows (vault, ROWS);
  expect_absent (fixture, "vault.keys.previous");
}

/* A genuine copy, brought back by whatever synchronizes folders: the store that is there wins, also when it cannot be
 * opened just because its log has gone. */
static void
test_copy_brought_back (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = fixture_path (fixture, "store.db.rotating");
  g_autofree char *log = fixture_path (fixture, "store.db-wal");
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  sqlite3 *database;

  fixture_copy (fixture, "store.db", "store.db.rotating");
  add_row (vault);
  g_clear_object (&vault);
  vault = fixture_unlock (fixture);
  expect_no_leftovers (fixture);
  expect_rows (vault, ROWS + 1);

  fixture_copy (fixture, "store.db", "store.db.rotating");
  database = fixture_open (vault, TRUE);
  must_run (database, "UPDATE t SET b = b || 'y'; PRAGMA wal_checkpoint (PASSIVE)");
  fixture_copy (fixture, "store.db", "kept");
  sqlite3_close (database);
  g_clear_object (&vault);
  fixture_copy (fixture, "kept", "store.db");
  g_remove (log);
  vault = fixture_unlock (fixture);
  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
}

/* A box of an earlier change, put back by somebody who can only write the folder. */
static void
test_old_box (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (SECOND_PASSPHRASE);
  g_autoptr (TesseraVault) vault = create_shared (fixture, NULL);
  g_autoptr (TesseraKeyFile) old = NULL;
  g_autoptr (TesseraKeyFile) present = NULL;
  g_autofree char *text = NULL;

  must_rotate (vault);
  old = tessera_key_file_load (fixture->folder, NULL);
  must_rotate (vault);
  g_clear_object (&vault);
  present = tessera_key_file_load (fixture->folder, NULL);
  *tessera_key_file_find (present, SECOND) = *tessera_key_file_find (old, SECOND);
  text = tessera_key_file_serialize (present, NULL);
  fixture_save (fixture, "vault.keys", text, strlen (text));
  g_assert_null (tessera_vault_unlock (fixture->folder, SECOND, passphrase, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
}

/* ---- killed at every system call that writes ---- */

static void
copy_folder (const char *from, const char *to)
{
  g_autoptr (GDir) entries = g_dir_open (from, 0, NULL);
  const char *name;

  remove_tree (to);
  g_assert_cmpint (g_mkdir (to, 0700), ==, 0);
  while ((name = g_dir_read_name (entries)) != NULL) {
    g_autofree char *source = g_build_filename (from, name, NULL);
    g_autofree char *target = g_build_filename (to, name, NULL);
    g_autofree char *bytes = NULL;
    gsize size;
    FILE *file;

    g_assert_true (g_file_get_contents (source, &bytes, &size, NULL));
    file = g_fopen (target, "wb");
    g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
    fclose (file);
  }
}

static gboolean
writes (guint64 number)
{
  static const guint64 numbers[] = {
    SYS_write,    SYS_pwrite64,  SYS_fsync,     SYS_fdatasync, SYS_ftruncate, SYS_openat,
    SYS_renameat, SYS_renameat2, SYS_unlinkat,
#ifdef SYS_rename
    SYS_rename,
#endif
#ifdef SYS_unlink
    SYS_unlink,
#endif
#ifdef SYS_open
    SYS_open,
#endif
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i] == number)
      return TRUE;
  return FALSE;
}

typedef enum {
  STOPPED_BY_US,
  FINISHED,
  NOT_TRACEABLE,
} Outcome;

static gboolean
is_writing_call (pid_t child)
{
  struct __ptrace_syscall_info info;

  return ptrace (PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0 &&
         info.op == PTRACE_SYSCALL_INFO_ENTRY && writes (info.entry.nr);
}

/* Runs @work in a child and kills it before its writing system call number @target, from 0. */
static Outcome
run_until (VaultFixture *fixture, void (*work) (VaultFixture *fixture), guint target)
{
  guint calls = 0;
  int status, pass_on = 0;
  pid_t child = fork ();

  if (child == 0) {
    if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) != 0)
      _exit (77);
    work (fixture);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    return NOT_TRACEABLE;
  g_assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGSTOP);
  ptrace (PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    if (ptrace (PTRACE_SYSCALL, child, NULL, GINT_TO_POINTER (pass_on)) != 0)
      g_error ("ptrace: %s", g_strerror (errno));
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    if (WIFEXITED (status)) {
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      return FINISHED;
    }
    g_assert_true (WIFSTOPPED (status));
    pass_on = 0;
    if (WSTOPSIG (status) != (SIGTRAP | 0x80))
      pass_on = WSTOPSIG (status);
    else if (is_writing_call (child) && calls++ == target)
      break;
  }
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  return STOPPED_BY_US;
}

static void
work_rotate (VaultFixture *fixture)
{
  TesseraVault *vault = fixture_unlock (fixture);

  raise (SIGSTOP);
  must_rotate (vault);
}

static void
work_unlock (VaultFixture *fixture)
{
  raise (SIGSTOP);
  add_row (unlock_second (fixture));
}

/* All three ways in, beginning with another one each time, lead to the same whole store. */
static void
expect_whole (VaultFixture *fixture, const TesseraSecret *recovery_key, guint first, gint64 rows)
{
  for (guint i = 0; i < 3; i++) {
    guint who = (first + i) % 3;
    g_autoptr (TesseraVault) vault = who == 0   ? fixture_unlock (fixture)
                                     : who == 1 ? unlock_second (fixture)
                                                : unlock_recovery (fixture, recovery_key);

    expect_no_leftovers (fixture);
    expect_rows (vault, rows + i);
    add_row (vault);
  }
}

static gboolean
differs (const char *folder, const char *other, const char *name)
{
  g_autofree char *one = g_build_filename (folder, name, NULL);
  g_autofree char *two = g_build_filename (other, name, NULL);
  g_autofree char *text = NULL;
  g_autofree char *text_two = NULL;

  return g_file_get_contents (one, &text, NULL, NULL) && g_file_get_contents (two, &text_two, NULL, NULL) &&
         strcmp (text, text_two) != 0;
}

static void
test_killed (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autofree char *pristine = g_build_filename (fixture->root, "pristine", NULL);
  g_autofree char *half = g_build_filename (fixture->root, "half", NULL);
  g_autofree char *copy = fixture_path (fixture, "store.db.rotating");
  guint stops = 0, switched = 0;
  Outcome outcome;

  g_object_unref (create_shared (fixture, &recovery_key));
  copy_folder (fixture->folder, pristine);
  for (guint target = 0;; target++) {
    copy_folder (pristine, fixture->folder);
    outcome = run_until (fixture, work_rotate, target);
    if (outcome != STOPPED_BY_US)
      break;
    stops++;
    /* The new key holds, but the store is not in its place yet. */
    if (differs (fixture->folder, pristine, "vault.keys") && g_file_test (copy, G_FILE_TEST_EXISTS)) {
      copy_folder (fixture->folder, half);
      switched++;
    }
    expect_whole (fixture, recovery_key, target, ROWS);
  }
  if (outcome == NOT_TRACEABLE) {
    g_test_skip ("processes cannot be traced here");
    return;
  }
  expect_whole (fixture, recovery_key, 0, ROWS);
  g_test_message ("rotation killed at %u system calls, %u of them between the key file and the store", stops,
                  switched);
  g_assert_cmpuint (stops, >, 20);
  g_assert_cmpuint (switched, >, 0);

  /* And the finishing of it, with the renewal of the slot and a first transaction, killed as well. */
  for (guint target = 0;; target++) {
    gint64 rows;
    g_autoptr (TesseraVault) vault = NULL;
    sqlite3 *database;

    copy_folder (half, fixture->folder);
    if (run_until (fixture, work_unlock, target) == FINISHED)
      break;
    stops++;
    vault = fixture_unlock (fixture);
    database = fixture_open (vault, TRUE);
    rows = must_count (database, "SELECT count (*) FROM t");
    g_assert_true (rows == ROWS || rows == ROWS + 1);
    sqlite3_close (database);
    g_clear_object (&vault);
    expect_whole (fixture, recovery_key, target, rows);
  }
  g_test_message ("killed at %u system calls in all", stops);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, VaultFixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/rotate/everybody-stays", test_everybody_stays);
  ADD ("/rotate/several", test_several);
  ADD ("/rotate/removed-worker", test_removed_worker);
  ADD ("/rotate/box-needs-slot-key", test_box_needs_slot_key);
  ADD ("/rotate/busy", test_busy);
  ADD ("/rotate/busy-meanwhile", test_busy_meanwhile);
  ADD ("/rotate/cancel", test_cancel);
  ADD ("/rotate/no-room", test_no_room);
  ADD ("/rotate/key-file-stuck", test_key_file_stuck);
  ADD ("/rotate/store-stuck", test_store_stuck);
  ADD ("/rotate/neither-opens", test_neither_opens);
  ADD ("/rotate/previous-is-needed", test_previous_is_needed);
  ADD ("/rotate/copy-brought-back", test_copy_brought_back);
  ADD ("/rotate/old-box", test_old_box);
  ADD ("/rotate/killed", test_killed);
#undef ADD
  return g_test_run ();
}
