/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-backup.c: backups made while others write, restored, tampered with, cut off, cancelled, killed, rotated.
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tessera-backup-private.h"
#include "tessera-check.h"
#include "tessera-fixture.h"

#define MARKER "Zyxwvut Unmistakable"
#define KILLS 8

typedef struct {
  char *root;
  char *folder;      /* of the vault */
  char *file;        /* of the backup */
  char *restored;    /* folder of the vault made from it */
  TesseraSecret *passphrase;
  TesseraSecret *recovery_key;
  TesseraRegistry *registry;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

static gboolean
save_client (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");
  g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (tx, "visit");

  tessera_record_set (client, "name", data);
  tessera_record_set (visit, "client", tessera_record_get_id (client));
  tessera_record_set_integer (visit, "at", tessera_transaction_get_now (tx));
  tessera_record_set (visit, "how", "phone");
  tessera_record_set (visit, "summary", data);
  return tessera_transaction_save (tx, client, error) && tessera_transaction_save (tx, visit, error);
}

static void
save_clients (TesseraStore *store, guint n) {
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%s %u", MARKER, i);
    g_autoptr (GError) error = NULL;

    tessera_store_write (store, save_client, name, &error);
    g_assert_no_error (error);
  }
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  const char *place = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
  g_autoptr (GError) error = NULL;

  g_setenv ("TESSERA_NOW", "2026-03-02T10:00:00Z", TRUE);
  fixture->root = g_build_filename (place, "tessera-backup-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (fixture->root));
  fixture->folder = g_build_filename (fixture->root, "vault", NULL);
  fixture->file = g_build_filename (fixture->root, "a file %?.tessera-backup", NULL);
  fixture->restored = g_build_filename (fixture->root, "new", "restored", NULL);
  fixture->registry = tessera_registry_new ();
  fixture->passphrase = tessera_secret_new_from_bytes (FIXTURE_PASSPHRASE, strlen (FIXTURE_PASSPHRASE));
  fixture->vault = tessera_vault_create (fixture->folder, "Test Worker", fixture->passphrase,
                                         TESSERA_WORK_FACTOR_MINIMUM, &fixture->recovery_key, &error);
  g_assert_no_error (error);
  fixture->store = fixture_open_store (fixture->vault);
  save_clients (fixture->store, 5);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  if (fixture->store)
    fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->root);
  tessera_secret_free (fixture->passphrase);
  tessera_secret_free (fixture->recovery_key);
  g_object_unref (fixture->registry);
  g_free (fixture->root);
  g_free (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->restored);
  g_unsetenv ("TESSERA_NOW");
}

static void
back_up (Fixture *fixture) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBackup) backup = tessera_store_backup (fixture->store, fixture->file, TESSERA_BACKUP_NONE, NULL,
                                                           NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (backup);
}

static gboolean
restore (Fixture *fixture, GError **error) {
  TesseraRestore wanted = { .path = fixture->file, .folder = fixture->restored, .passphrase = fixture->passphrase,
                            .registry = fixture->registry };

  return tessera_backup_restore (&wanted, NULL, NULL, NULL, error);
}

static gboolean
is_there (const char *path) {
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
assert_no_trace (const char *path) {
  g_autofree char *path_new = g_strconcat (path, ".new", NULL);

  g_assert_false (is_there (path));
  g_assert_false (is_there (path_new));
}

static void
assert_fine (TesseraStore *store) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = tessera_store_check (store, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < parts->len; i++)
    g_assert_cmpstr (((TesseraCheckPart *) parts->pdata[i])->problem, ==, NULL);
}

typedef struct {
  const char *sql;
  gint64 number;
} Question;

static gboolean
ask (TesseraTransaction *tx, gpointer data, GError **error) {
  Question *question = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, question->sql, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  question->number = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static gint64
count (TesseraStore *store, const char *sql) {
  g_autoptr (GError) error = NULL;
  Question question = { sql, -1 };

  tessera_store_read (store, ask, &question, &error);
  g_assert_no_error (error);
  return question.number;
}

/* Opens the restored vault for @func to look at. */
static void
with_restored (Fixture *fixture, void (*func) (Fixture *fixture, TesseraStore *store)) {
  g_autoptr (GError) error = NULL;
  TesseraVault *vault = tessera_vault_unlock (fixture->restored, NULL, fixture->passphrase, &error);
  TesseraStore *store;

  g_assert_no_error (error);
  store = fixture_open_store (vault);
  func (fixture, store);
  fixture_close (&store, &vault);
}

/* ---- making and restoring ---- */

static gpointer
write_on (gpointer data) {
  Fixture *fixture = data;

  save_clients (fixture->store, 150);
  return NULL;
}

/* One moment of the store: never a client without the visit that was saved with it. */
static void
look_consistent (Fixture *fixture, TesseraStore *store) {
  gint64 clients = count (store, "SELECT count(*) FROM client");

  g_assert_cmpint (clients, >=, 5);
  g_assert_cmpint (clients, ==, count (store, "SELECT count(*) FROM visit"));
  g_assert_cmpint (clients * 2, ==, count (store, "SELECT count(*) FROM change"));
  assert_fine (store);
}

static void
test_while_written (Fixture *fixture, gconstpointer data) {
  GThread *writer = g_thread_new ("writer", write_on, fixture);
  g_autoptr (GError) error = NULL;

  g_usleep (20000);
  back_up (fixture);
  g_thread_join (writer);
  restore (fixture, &error);
  g_assert_no_error (error);
  with_restored (fixture, look_consistent);
  assert_fine (fixture->store);
}

static void
look_continued (Fixture *fixture, TesseraStore *store) {
  g_assert_cmpint (count (store, "SELECT count(*) FROM client"), ==, 5);
  g_assert_cmpint (count (store, "SELECT count(*) FROM stream"), ==, 2);
  g_assert_cmpint (count (store, "SELECT count(DISTINCT device) FROM stream"), ==, 1);
  g_assert_cmpint (count (store, "SELECT count(*) FROM audit WHERE action = 'restore'"), ==, 1);
  g_assert_cmpint (count (store, "SELECT count(*) FROM setting WHERE key = 'restored'"), ==, 1);
  g_assert_cmpint (count (store, "SELECT seq FROM vv WHERE sid = 2"), ==, 0);
  g_assert_cmpint (count (store, "SELECT json_array_length('[' || deps || ']') FROM segment WHERE sid = 2"), ==, 1);
  save_clients (store, 1);
  g_assert_cmpint (count (store, "SELECT seq FROM vv WHERE sid = 1"), ==, 10);
  g_assert_cmpint (count (store, "SELECT seq FROM vv WHERE sid = 2"), ==, 2);
  g_assert_cmpint (count (store, "SELECT count(*) FROM change WHERE sid = 2"), ==, 2);
  g_assert_cmpint (count (store, "SELECT (SELECT min(clock) FROM change WHERE sid = 2)"
                                 " > (SELECT max(clock) FROM change WHERE sid = 1)"), ==, 1);
  assert_fine (store);
}

static void
look_again (Fixture *fixture, TesseraStore *store) {
  save_clients (store, 1);
  g_assert_cmpint (count (store, "SELECT seq FROM vv WHERE sid = 2"), ==, 4);
}

static void
test_restored (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  TesseraRestore by_key = { .path = fixture->file, .folder = fixture->restored, .recovery_key = fixture->recovery_key,
                            .registry = fixture->registry };

  back_up (fixture);
  restore (fixture, &error);
  g_assert_no_error (error);
  with_restored (fixture, look_continued);
  with_restored (fixture, look_again);

  /* Never into a folder with something in it. */
  g_assert_false (restore (fixture, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS);
  g_clear_error (&error);

  /* With the recovery key, into a folder that is there and empty. */
  fixture_remove_folder (fixture->restored);
  g_assert_cmpint (g_mkdir (fixture->restored, 0700), ==, 0);
  tessera_backup_restore (&by_key, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  with_restored (fixture, look_continued);
}

static void
test_wrong_passphrase (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraSecret) wrong = tessera_secret_new_from_bytes ("something else", 14);
  TesseraRestore wanted = { .path = fixture->file, .folder = fixture->restored, .passphrase = wrong,
                            .registry = fixture->registry };
  g_autoptr (GError) error = NULL;

  back_up (fixture);
  g_assert_false (tessera_backup_restore (&wanted, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE);
  assert_no_trace (fixture->restored);
}

static void
test_no_marker (Fixture *fixture, gconstpointer data) {
  g_autofree char *bytes = NULL;
  gsize size;
  struct stat facts;

  back_up (fixture);
  g_assert_true (g_file_get_contents (fixture->file, &bytes, &size, NULL));
  g_assert_null (memmem (bytes, size, "Zyxwvut", 7));
  g_assert_null (memmem (bytes, size, "SQLite", 6));
  g_assert_cmpint (stat (fixture->file, &facts), ==, 0);
  g_assert_cmpint (facts.st_mode & 0777, ==, 0600);
}

/* ---- what the disk does to it ---- */

/* Every kind of place: all of the head that says something, and of the pages one byte in so many. */
static void
test_tampered (Fixture *fixture, gconstpointer data) {
  g_autofree char *bytes = NULL;
  guint n_refused = 0, n_tried = 0;
  gsize size;

  back_up (fixture);
  g_assert_true (g_file_get_contents (fixture->file, &bytes, &size, NULL));
  for (gsize at = 0; at < size; at += at < 60 ? 1 : at < TESSERA_BACKUP_HEAD_BYTES ? 9001 : 9973) {
    int descriptor = open (fixture->file, O_WRONLY | O_CLOEXEC);
    char other = (char) (bytes[at] ^ (1 << g_test_rand_int_range (0, 8)));
    g_autoptr (GError) error = NULL;
    gboolean whole;

    g_assert_cmpint (pwrite (descriptor, &other, 1, (off_t) at), ==, 1);
    whole = tessera_store_verify_backup (fixture->store, fixture->file, NULL, NULL, NULL, &error);
    /* In the head, nothing can be changed; behind it, only what does not count: the other copy of the mark, the other
     * place of a table, and what is left over of their blocks. */
    if (!whole && error->domain == TESSERA_VAULT_ERROR
        && (error->code == TESSERA_VAULT_ERROR_DAMAGED || error->code == TESSERA_VAULT_ERROR_FOREIGN
            || error->code == TESSERA_VAULT_ERROR_TOO_NEW))
      n_refused++;
    else
      g_assert_no_error (error);
    g_assert_true (!whole || at >= TESSERA_BACKUP_HEAD_BYTES);
    g_assert_true (!whole || at < TESSERA_BACKUP_HEAD_BYTES + 5 * 4096);
    n_tried++;
    g_assert_cmpint (pwrite (descriptor, bytes + at, 1, (off_t) at), ==, 1);
    close (descriptor);
  }
  g_test_message ("%u of %u refused", n_refused, n_tried);
  g_assert_cmpuint (n_refused, >, n_tried * 9 / 10);
  g_assert_true (tessera_store_verify_backup (fixture->store, fixture->file, NULL, NULL, NULL, NULL));
}

static void
test_cut_off (Fixture *fixture, gconstpointer data) {
  struct stat facts;
  off_t length;

  back_up (fixture);
  g_assert_cmpint (stat (fixture->file, &facts), ==, 0);
  g_assert_cmpint (truncate (fixture->file, facts.st_size + 1), ==, 0);
  for (length = facts.st_size + 1; length >= 0; length -= length > 40 ? 7777 : 1) {
    g_autoptr (GError) error = NULL;

    if (length == facts.st_size)
      continue;
    g_assert_cmpint (truncate (fixture->file, length), ==, 0);
    g_assert_false (restore (fixture, &error));
    g_assert_true (g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED)
                   || g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN));
    assert_no_trace (fixture->restored);
  }
}

/* Two genuine backups of one vault, put together from halves. */
static void
test_mixed (Fixture *fixture, gconstpointer data) {
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;
  gsize first_size, second_size;

  back_up (fixture);
  g_assert_true (g_file_get_contents (fixture->file, &first, &first_size, NULL));
  back_up (fixture);
  g_assert_true (g_file_get_contents (fixture->file, &second, &second_size, NULL));
  g_assert_cmpuint (first_size, ==, second_size);
  memcpy (second, first, TESSERA_BACKUP_HEAD_BYTES);
  g_assert_true (g_file_set_contents (fixture->file, second, (gssize) second_size, NULL));
  g_assert_false (restore (fixture, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  assert_no_trace (fixture->restored);
}

/* The store's own file, put behind the head of its backup, says nothing there. */
static void
test_store_put_in (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "store.db", NULL);
  g_autofree char *store = NULL;
  g_autofree char *backup = NULL;
  gsize store_size, backup_size;
  g_autoptr (GError) error = NULL;

  back_up (fixture);
  fixture_close (&fixture->store, &fixture->vault);
  g_assert_true (g_file_get_contents (path, &store, &store_size, NULL));
  g_assert_true (g_file_get_contents (fixture->file, &backup, &backup_size, NULL));
  /* Without its head and table, and with them. */
  for (gsize from = 0; from <= 5 * 4096; from += 5 * 4096) {
    g_autofree char *mixed = g_memdup2 (backup, backup_size);

    memcpy (mixed + TESSERA_BACKUP_HEAD_BYTES + from, store + from,
            MIN (store_size, backup_size - TESSERA_BACKUP_HEAD_BYTES) - from);
    g_assert_true (g_file_set_contents (fixture->file, mixed, (gssize) backup_size, NULL));
    g_assert_false (restore (fixture, &error));
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
    g_clear_error (&error);
    assert_no_trace (fixture->restored);
  }
}

static void
limit_files (rlim_t most) {
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = most == RLIM_INFINITY ? limit.rlim_max : most;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
test_no_room (Fixture *fixture, gconstpointer data) {
  static const rlim_t limits[] = { 10, 100000, 140000, 250000 };

  signal (SIGXFSZ, SIG_IGN);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraBackup) backup = NULL;

    limit_files (limits[i]);
    backup = tessera_store_backup (fixture->store, fixture->file, TESSERA_BACKUP_NONE, NULL, NULL, NULL, &error);
    limit_files (RLIM_INFINITY);
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FULL);
    g_assert_null (backup);
    assert_no_trace (fixture->file);
  }
  back_up (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_autoptr (GError) error = NULL;

    limit_files (limits[i]);
    g_assert_false (restore (fixture, &error));
    limit_files (RLIM_INFINITY);
    g_assert_nonnull (error);
    assert_no_trace (fixture->restored);
  }
}

/* ---- stopping ---- */

typedef struct {
  GCancellable *cancellable;
  TesseraBackupStage stage;
  guint n_told;
} Stop;

static void
stop_in_stage (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data) {
  Stop *stop = data;

  g_assert_cmpuint (done, <=, total);
  stop->n_told++;
  if (stage == stop->stage)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data) {
  TesseraRestore wanted = { .path = fixture->file, .folder = fixture->restored, .passphrase = fixture->passphrase,
                            .registry = fixture->registry };

  for (int stage = TESSERA_BACKUP_STAGE_COPY; stage <= TESSERA_BACKUP_STAGE_VERIFY; stage++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    Stop stop = { cancellable, (TesseraBackupStage) stage, 0 };
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_store_backup (fixture->store, fixture->file, TESSERA_BACKUP_NONE, stop_in_stage, &stop,
                                         cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    assert_no_trace (fixture->file);
    g_assert_cmpuint (stop.n_told, >, 0);
  }
  back_up (fixture);
  for (int stage = TESSERA_BACKUP_STAGE_COPY; stage <= TESSERA_BACKUP_STAGE_VERIFY; stage++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    Stop stop = { cancellable, (TesseraBackupStage) stage, 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (tessera_backup_restore (&wanted, stop_in_stage, &stop, cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    assert_no_trace (fixture->restored);
  }
}

typedef struct {
  TesseraBackup *backup;
  GError *error;
  gboolean done;
  guint n_told;
} Answer;

/* The thread of a task lets go of the store a moment after the answer. */
static void
wait_for (Fixture *fixture, Answer *answer) {
  while (!answer->done)
    g_main_context_iteration (NULL, TRUE);
  while (g_atomic_int_get (&G_OBJECT (fixture->store)->ref_count) > 1) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer data) {
  Answer *answer = data;

  answer->backup = tessera_store_backup_finish (TESSERA_STORE (source), result, &answer->error);
  answer->done = TRUE;
}

static void
on_progress (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data) {
  Answer *answer = data;

  g_assert_false (answer->done);
  answer->n_told++;
}

static void
test_in_a_thread (Fixture *fixture, gconstpointer data) {
  Answer answer = { NULL };

  tessera_store_backup_async (fixture->store, fixture->file, TESSERA_BACKUP_NONE, on_progress, &answer, NULL, on_made,
                              &answer);
  wait_for (fixture, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.n_told, >, 0);
  g_assert_cmpuint (answer.backup->n_workers, ==, 1);
  g_assert_cmpint (answer.backup->created, ==, 1772445600000);
  g_clear_pointer (&answer.backup, tessera_backup_free);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data) {
  Answer *answer = data;

  g_assert_true (tessera_backup_restore_finish (result, &answer->error));
  answer->done = TRUE;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data) {
  Answer *answer = data;
  g_autoptr (GPtrArray) parts = tessera_store_check_finish (TESSERA_STORE (source), result, &answer->error);

  g_assert_true (tessera_check_is_ok (parts));
  answer->done = TRUE;
}

static void
on_part (const char *part, guint64 done, guint64 total, gpointer data) {
  Answer *answer = data;

  g_assert_nonnull (part);
  g_assert_false (answer->done);
  answer->n_told++;
}

static void
on_due (GObject *source, GAsyncResult *result, gpointer data) {
  Answer *answer = data;
  gboolean made;

  g_assert_true (tessera_store_backup_if_due_finish (TESSERA_STORE (source), result, &made, &answer->error));
  g_assert_true (made);
  answer->done = TRUE;
}

static void
test_others_in_a_thread (Fixture *fixture, gconstpointer data) {
  TesseraRestore wanted = { .path = fixture->file, .folder = fixture->restored, .passphrase = fixture->passphrase,
                            .registry = fixture->registry };
  Answer restored = { NULL }, checked = { NULL }, due = { NULL };

  back_up (fixture);
  tessera_backup_restore_async (&wanted, on_progress, &restored, NULL, on_restored, &restored);
  tessera_store_check_async (fixture->store, on_part, &checked, NULL, on_checked, &checked);
  tessera_store_backup_if_due_async (fixture->store, NULL, on_due, &due);
  wait_for (fixture, &restored);
  wait_for (fixture, &checked);
  wait_for (fixture, &due);
  g_assert_cmpuint (restored.n_told, >, 1);
  g_assert_cmpuint (checked.n_told, >=, 7);
  with_restored (fixture, look_continued);
}

/* Locking does not wait for a backup: that stops, and leaves nothing. */
static void
test_closed_meanwhile (Fixture *fixture, gconstpointer data) {
  Answer answer = { NULL };

  save_clients (fixture->store, 100);
  tessera_store_backup_async (fixture->store, fixture->file, TESSERA_BACKUP_NONE, NULL, NULL, NULL, on_made, &answer);
  tessera_store_close (fixture->store);
  wait_for (fixture, &answer);
  if (answer.backup) { /* it was quicker */
    g_assert_true (is_there (fixture->file));
    g_clear_pointer (&answer.backup, tessera_backup_free);
  } else {
    g_assert_error (answer.error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED);
    assert_no_trace (fixture->file);
    g_clear_error (&answer.error);
  }
}

/* ---- where to ---- */

static void
assert_refused (Fixture *fixture, const char *path, int code) {
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_file_get_contents (path, &before, NULL, NULL);
  g_assert_null (tessera_store_backup (fixture->store, path, TESSERA_BACKUP_NONE, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, code);
  g_file_get_contents (path, &after, NULL, NULL);
  g_assert_cmpstr (before, ==, after);
}

static void
test_targets (Fixture *fixture, gconstpointer data) {
  g_autofree char *inside = g_build_filename (fixture->folder, "x.tessera-backup", NULL);
  g_autofree char *nowhere = g_build_filename (fixture->root, "missing", "x", NULL);
  g_autofree char *other = g_build_filename (fixture->root, "letter.txt", NULL);
  g_autofree char *other_new = g_strconcat (fixture->file, ".new", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBackup) backup = NULL;
  g_autoptr (TesseraBackup) again = NULL;

  assert_refused (fixture, fixture->root, TESSERA_VAULT_ERROR_INVALID);
  assert_refused (fixture, inside, TESSERA_VAULT_ERROR_INVALID);
  assert_refused (fixture, nowhere, TESSERA_VAULT_ERROR_FAILED);
  g_assert_true (g_file_set_contents (other, "Dear friend", -1, NULL));
  assert_refused (fixture, other, TESSERA_VAULT_ERROR_EXISTS);
  g_assert_null (tessera_backup_inspect (other, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN);
  g_clear_error (&error);

  /* What stands in the way of the file being written is not ours to remove. */
  g_assert_true (g_file_set_contents (other_new, "Dear friend", -1, NULL));
  assert_refused (fixture, fixture->file, TESSERA_VAULT_ERROR_FAILED);
  g_assert_true (g_file_get_contents (other_new, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "Dear friend");
  g_assert_cmpint (g_unlink (other_new), ==, 0);

  backup = tessera_store_backup (fixture->store, other, TESSERA_BACKUP_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  again = tessera_store_backup (fixture->store, other, TESSERA_BACKUP_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (backup->id, !=, again->id);
  g_assert_cmpstr (backup->vault, ==, tessera_vault_get_id (fixture->vault));
}

/* ---- killed ---- */

static void
work_until_killed (Fixture *fixture, gboolean restoring) {
  g_autoptr (GError) error = NULL;

  for (;;) {
    if (restoring) {
      if (!restore (fixture, &error))
        g_error ("%s", error->message);
      fixture_remove_folder (fixture->restored);
    } else {
      g_autoptr (TesseraBackup) backup = tessera_store_backup (fixture->store, fixture->file, TESSERA_BACKUP_NONE, NULL,
                                                               NULL, NULL, &error);

      if (!backup)
        g_error ("%s", error->message);
      g_unlink (fixture->file);
    }
  }
}

/* The child opens everything anew: threads do not survive a fork. */
static void
run_and_kill (Fixture *fixture, gboolean restoring, gulong microseconds) {
  int status;
  pid_t child = fork ();

  if (child == 0) {
    if (!restoring) {
      fixture->vault = fixture_unlock_vault (fixture->folder);
      fixture->store = fixture_open_store (fixture->vault);
    }
    work_until_killed (fixture, restoring);
    _exit (0);
  }
  g_usleep (microseconds);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

static void
look_complete (Fixture *fixture, TesseraStore *store) {
  g_assert_cmpint (count (store, "SELECT count(*) FROM client"), ==, 105);
  assert_fine (store);
}

static void
test_killed (Fixture *fixture, gconstpointer data) {
  gboolean restoring = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;

  save_clients (fixture->store, 100);
  back_up (fixture);
  fixture_close (&fixture->store, &fixture->vault);
  for (guint round = 0; round < KILLS; round++) {
    run_and_kill (fixture, restoring, (gulong) g_test_rand_int_range (5000, 150000));
    if (restoring && is_there (fixture->restored)) {
      /* It is whole, unless the test's own removal was cut short. */
      g_autofree char *keys = g_build_filename (fixture->restored, "vault.keys", NULL);
      g_autofree char *store = g_build_filename (fixture->restored, "store.db", NULL);

      if (is_there (keys) && is_there (store))
        with_restored (fixture, look_complete);
      fixture_remove_folder (fixture->restored);
    }
    if (!restoring && is_there (fixture->file)) {
      restore (fixture, &error);
      g_assert_no_error (error);
      with_restored (fixture, look_complete);
      fixture_remove_folder (fixture->restored);
    }
  }
  /* What was left does not stand in the way. */
  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  back_up (fixture);
  restore (fixture, &error);
  g_assert_no_error (error);
  with_restored (fixture, look_complete);
  assert_fine (fixture->store);
  fixture_remove_folder (fixture->restored);
  assert_no_trace (fixture->restored);
}

/* ---- the vault's own ---- */

static void
test_rule (void) {
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) dropped = NULL;
  g_autoptr (GString) kept = g_string_new (NULL);
  GDate day;

  g_date_clear (&day, 1);
  g_date_set_dmy (&day, 4, G_DATE_MARCH, 2026); /* a Wednesday */
  for (guint i = 0; i < 400; i++) {
    char name[32];

    g_date_strftime (name, sizeof name, "%Y-%m-%d" TESSERA_BACKUP_SUFFIX, &day);
    g_ptr_array_add (names, g_strdup (name));
    g_date_subtract_days (&day, 1);
  }
  dropped = tessera_backup_choose (names, 7, 4, 6);
  for (guint i = 0; i < names->len; i++)
    if (!g_ptr_array_find (dropped, names->pdata[i], NULL))
      g_string_append_printf (kept, "%.10s ", (char *) names->pdata[i]);
  g_assert_cmpstr (kept->str, ==,
                   "2026-03-04 2026-03-03 2026-03-02 2026-03-01 2026-02-28 2026-02-27 2026-02-26 "
                   "2026-02-22 2026-02-15 2026-01-31 2025-12-31 2025-11-30 2025-10-31 ");
}

static void
test_local (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *stranger = g_build_filename (fixture->folder, "backups", "1999-01-01.tessera-backup", NULL);
  g_autofree char *killed = g_build_filename (fixture->folder, "backups", "2026-02-01.tessera-backup.new", NULL);
  gboolean made;

  for (guint day = 1; day <= 12; day++) {
    g_autofree char *now = g_strdup_printf ("2026-03-%02uT10:00:00Z", day);

    g_setenv ("TESSERA_NOW", now, TRUE);
    g_assert_true (tessera_store_backup_if_due (fixture->store, &made, NULL, &error));
    g_assert_no_error (error);
    g_assert_true (made);
    g_assert_true (tessera_store_backup_if_due (fixture->store, &made, NULL, &error));
    g_assert_false (made);
    if (day == 1) {
      g_assert_true (g_file_set_contents (stranger, "not a backup", -1, NULL));
      g_assert_true (g_file_set_contents (killed, "Tessera backup ?and what was written", -1, NULL));
    }
  }
  g_assert_false (is_there (killed));
  backups = tessera_store_list_backups (fixture->store);
  /* Of days the 6th to the 12th, of weeks the 12th, 8th and 1st, of months the 12th. */
  g_assert_cmpuint (backups->len, ==, 8);
  g_assert_true (g_str_has_suffix (((TesseraBackup *) backups->pdata[0])->path, "/2026-03-12.tessera-backup"));
  g_assert_true (g_str_has_suffix (((TesseraBackup *) backups->pdata[7])->path, "/2026-03-01.tessera-backup"));
  g_assert_true (is_there (stranger));
  g_assert_cmpint (g_unlink (stranger), ==, 0);
  assert_fine (fixture->store);

  g_free (fixture->file);
  fixture->file = g_strdup (((TesseraBackup *) backups->pdata[7])->path);
  restore (fixture, &error);
  g_assert_no_error (error);
}

/* Whoever was kept out by another data key must not find the old one in a backup beside the store. */
static void
test_local_and_another_key (Fixture *fixture, gconstpointer data) {
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GError) error = NULL;
  gboolean made;

  g_assert_true (tessera_store_backup_if_due (fixture->store, NULL, NULL, &error));
  g_setenv ("TESSERA_NOW", "2026-03-03T10:00:00Z", TRUE);
  g_assert_true (tessera_store_backup_if_due (fixture->store, NULL, NULL, &error));
  back_up (fixture);
  before = tessera_store_list_backups (fixture->store);
  g_assert_cmpuint (before->len, ==, 2);

  tessera_store_close (fixture->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->store);
  g_assert_true (tessera_vault_rotate (fixture->vault, NULL, NULL, NULL, &error));
  fixture->store = fixture_open_store (fixture->vault);
  assert_fine (fixture->store);
  g_assert_false (tessera_store_verify_backup (fixture->store, fixture->file, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN);
  g_clear_error (&error);

  g_assert_true (tessera_store_backup_if_due (fixture->store, &made, NULL, &error));
  g_assert_true (made);
  after = tessera_store_list_backups (fixture->store);
  g_assert_cmpuint (after->len, ==, 1);
  g_assert_true (tessera_store_verify_backup (fixture->store, ((TesseraBackup *) after->pdata[0])->path, NULL, NULL, NULL,
                                              &error));
  g_assert_no_error (error);
  g_assert_true (tessera_store_backup_if_due (fixture->store, &made, NULL, &error));
  g_assert_false (made);
  /* One kept elsewhere goes on opening with what opened it then. */
  restore (fixture, &error);
  g_assert_no_error (error);
  with_restored (fixture, look_continued);
}

static gboolean
set_days (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_set_setting (tx, TESSERA_BACKUP_SETTING_REMIND, data, error);
}

static void
assert_reminder (Fixture *fixture, const char *now, gboolean due, guint days) {
  g_autoptr (TesseraBackupState) state = NULL;

  g_setenv ("TESSERA_NOW", now, TRUE);
  state = tessera_store_get_last_backup (fixture->store, NULL);
  g_assert_cmpint (state->is_reminder_due, ==, due);
  g_assert_cmpuint (state->days, ==, days);
}

static void
test_reminder (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraBackupState) state = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *elsewhere = g_dir_make_tmp ("tessera-elsewhere-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (elsewhere, "x.tessera-backup", NULL);
  g_autoptr (TesseraBackup) backup = NULL;

  assert_reminder (fixture, "2026-03-03T10:00:00Z", FALSE, 1);
  assert_reminder (fixture, "2026-03-09T10:00:01Z", TRUE, 7);
  /* Beside the vault, it is noted and does not count. */
  back_up (fixture);
  assert_reminder (fixture, "2026-03-09T11:00:00Z", TRUE, 7);
  state = tessera_store_get_last_backup (fixture->store, NULL);
  g_assert_cmpstr (state->outside->path, ==, fixture->file);
  g_assert_null (state->elsewhere);
  g_assert_null (state->local);

  backup = tessera_store_backup (fixture->store, file, TESSERA_BACKUP_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  if (backup->is_elsewhere) {
    assert_reminder (fixture, "2026-03-16T10:00:00Z", FALSE, 6);
    assert_reminder (fixture, "2026-03-17T10:00:00Z", TRUE, 7);
  }
  g_assert_true (tessera_store_write (fixture->store, set_days, (gpointer) "0", NULL));
  assert_reminder (fixture, "2027-03-17T10:00:00Z", FALSE, backup->is_elsewhere ? 372 : 380);
  fixture_remove_folder (elsewhere);
}

/* ---- the check ---- */

/* Statements, one a line. */
static gboolean
run_sql (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (GStrv) orders = g_strsplit (data, "\n", -1);

  for (guint i = 0; orders[i]; i++) {
    g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, orders[i], error);

    if (!statement)
      return FALSE;
    tessera_statement_step (statement, error);
    if (error && *error)
      return FALSE;
  }
  return TRUE;
}

/* Breaks one part behind the application's back and puts it together again. */
static void
test_check (Fixture *fixture, gconstpointer data) {
  static const struct {
    const char *part, *break_it, *mend_it;
  } cases[] = {
    { "search", "UPDATE client_words SET words = words || ' nobody' WHERE rowid = 2",
      "UPDATE client_words SET words = replace(words, ' nobody', '') WHERE rowid = 2" },
    { "search", "INSERT INTO client_words (rowid, words) VALUES (99, 'nobody')",
      "DELETE FROM client_words WHERE rowid = 99" },
    { "audit", "UPDATE audit SET at = at + 1 WHERE number = 3", "UPDATE audit SET at = at - 1 WHERE number = 3" },
    { "changes", "UPDATE change SET seq = 99 WHERE seq = 4", "UPDATE change SET seq = 4 WHERE seq = 99" },
    { "changes", "UPDATE vv SET seq = seq + 1", "UPDATE vv SET seq = seq - 1" },
    { "changes", "UPDATE visit SET _seq = 7 WHERE _rowid = 1", "UPDATE visit SET _seq = 2 WHERE _rowid = 1" },
    { "schema", "CREATE TRIGGER t AFTER INSERT ON visit BEGIN DELETE FROM client; END", "DROP TRIGGER t" },
    { "schema", "DROP INDEX client_list", NULL },
  };

  assert_fine (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) parts = NULL;

    tessera_store_write (fixture->store, run_sql, (gpointer) cases[i].break_it,
                         &error);
    g_assert_no_error (error);
    parts = tessera_store_check (fixture->store, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    for (guint j = 0; j < parts->len; j++) {
      const TesseraCheckPart *part = parts->pdata[j];

      g_test_message ("%s: %s: %s", cases[i].break_it, part->name, part->problem);
      g_assert_cmpint (part->problem != NULL, ==, strcmp (part->name, cases[i].part) == 0);
    }
    if (cases[i].mend_it)
      g_assert_true (tessera_store_write (fixture->store, run_sql, (gpointer) cases[i].mend_it, NULL));
  }
}

/* A damaged page is found even if nothing is stored in it any more. */
static void
test_check_free_page (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "store.db", NULL);
  g_autoptr (GPtrArray) parts = NULL;
  g_autoptr (GError) error = NULL;
  guint n_damaged = 0;
  struct stat facts;

  /* Free pages at the end: much is written and taken away again. */
  g_assert_true (tessera_store_write (fixture->store, run_sql, (gpointer) "INSERT INTO draft (key, at, body) VALUES"
                                      " ('x', 1, hex(zeroblob(200000)))\nDELETE FROM draft", &error));
  fixture_close (&fixture->store, &fixture->vault);
  g_assert_cmpint (stat (path, &facts), ==, 0);
  for (off_t at = facts.st_size - 20 * 4096; at < facts.st_size; at += 4096) {
    int descriptor = open (path, O_RDWR | O_CLOEXEC);
    guint8 byte;

    g_assert_cmpint (pread (descriptor, &byte, 1, at + 99), ==, 1);
    byte ^= 1;
    g_assert_cmpint (pwrite (descriptor, &byte, 1, at + 99), ==, 1);
    close (descriptor);
  }
  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  parts = tessera_store_check (fixture->store, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < parts->len; i++)
    if (((TesseraCheckPart *) parts->pdata[i])->problem)
      n_damaged++;
  g_assert_cmpstr (((TesseraCheckPart *) parts->pdata[0])->name, ==, "pages");
  g_assert_nonnull (((TesseraCheckPart *) parts->pdata[0])->problem);
  g_assert_cmpuint (n_damaged, <=, 2);
  g_assert_false (tessera_check_is_ok (parts));
  /* And what is damaged is not backed up as if it were whole. */
  g_assert_null (tessera_store_backup (fixture->store, fixture->file, TESSERA_BACKUP_NONE, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  assert_no_trace (fixture->file);
}

/* A store from before streams had ids gets them. */
static void
test_streams_get_ids (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, run_sql,
                       (gpointer) "CREATE TABLE old (sid INTEGER PRIMARY KEY, device BLOB NOT NULL, circle BLOB NOT NULL,"
                                  " state TEXT NOT NULL DEFAULT 'active', UNIQUE (device, circle)) STRICT\n"
                                  "INSERT INTO old SELECT sid, device, circle, state FROM stream\n"
                                  "DROP TABLE stream\nALTER TABLE old RENAME TO stream", &error);
  g_assert_no_error (error);
  fixture_close (&fixture->store, &fixture->vault);
  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM stream WHERE id = device AND sid = 1"), ==, 1);
  save_clients (fixture->store, 1);
  assert_fine (fixture->store);
  back_up (fixture);
  restore (fixture, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);

#define TEST(name, func) g_test_add ("/backup/" name, Fixture, NULL, set_up, func, tear_down)
  TEST ("while-written", test_while_written);
  TEST ("restored", test_restored);
  TEST ("wrong-passphrase", test_wrong_passphrase);
  TEST ("no-marker", test_no_marker);
  TEST ("tampered", test_tampered);
  TEST ("cut-off", test_cut_off);
  TEST ("mixed", test_mixed);
  TEST ("store-put-in", test_store_put_in);
  TEST ("no-room", test_no_room);
  TEST ("cancelled", test_cancelled);
  TEST ("in-a-thread", test_in_a_thread);
  TEST ("others-in-a-thread", test_others_in_a_thread);
  TEST ("closed-meanwhile", test_closed_meanwhile);
  TEST ("targets", test_targets);
  g_test_add ("/backup/killed-backing-up", Fixture, GINT_TO_POINTER (FALSE), set_up, test_killed, tear_down);
  g_test_add ("/backup/killed-restoring", Fixture, GINT_TO_POINTER (TRUE), set_up, test_killed, tear_down);
  g_test_add_func ("/backup/rule", test_rule);
  TEST ("local", test_local);
  TEST ("local-and-another-key", test_local_and_another_key);
  TEST ("reminder", test_reminder);
  TEST ("check", test_check);
  TEST ("check-free-page", test_check_free_page);
  TEST ("streams-get-ids", test_streams_get_ids);
  return g_test_run ();
}
