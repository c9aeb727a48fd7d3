/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-store.c: saving, change log, search, audit, drafts, threads.
 */
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "tessera-fixture.h"
#include "tessera-identifier.h"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data) {
  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static void
write_or_fail (Fixture *fixture, TesseraStoreFunc func, gpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, func, data, &error);
  g_assert_no_error (error);
}

static TesseraRecord *
new_client (TesseraTransaction *tx, const char *name) {
  TesseraRecord *client = tessera_transaction_new_record (tx, "client");

  tessera_record_set (client, "name", name);
  return client;
}

static gint64
count (TesseraTransaction *tx, const char *sql) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, sql, &error);

  g_assert_no_error (error);
  g_assert_true (tessera_statement_step (statement, &error));
  return tessera_statement_get_integer (statement, 0);
}

static gboolean
save_and_load (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) loaded = NULL;
  g_autoptr (TesseraRecord) missing = NULL;

  tessera_record_set (client, "languages", "ar,fr");
  tessera_record_set_integer (client, "birth_year", 1990);
  g_assert_true (tessera_transaction_save (tx, client, error));
  loaded = tessera_transaction_load (tx, "client", tessera_record_get_id (client), error);
  for (guint i = 0; i < tessera_record_get_entity (client)->n_fields; i++)
    g_assert_cmpstr (tessera_record_get_at (client, i), ==, tessera_record_get_at (loaded, i));
  missing = tessera_transaction_load (tx, "client", "00000000-0000-7000-8000-000000000000", error);
  g_assert_null (missing);
  g_assert_error (*error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND);
  g_clear_error (error);
  return TRUE;
}

static void
test_save_and_load (Fixture *fixture, gconstpointer data) {
  write_or_fail (fixture, save_and_load, NULL);
}

static gboolean
write_changes (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Before");
  g_autoptr (TesseraStatement) body = NULL;

  tessera_record_set (client, "languages", "ar,fr");
  g_assert_true (tessera_transaction_save (tx, client, error));
  g_assert_cmpint (count (tx, "SELECT count(*) FROM change WHERE body IS NOT NULL"), ==, 0);
  g_assert_true (tessera_transaction_save (tx, client, error));   /* nothing differs */
  g_assert_cmpint (count (tx, "SELECT count(*) FROM change"), ==, 1);

  tessera_record_set (client, "name", "After");
  tessera_record_set (client, "languages", "ar,ti");
  g_assert_true (tessera_transaction_save (tx, client, error));
  g_assert_cmpint (count (tx, "SELECT count(*) FROM change"), ==, 2);
  g_assert_cmpint (count (tx, "SELECT count(*) FROM sibling"), ==, 3);
  body = tessera_transaction_prepare (tx, "SELECT body FROM change ORDER BY seq", error);
  g_assert_true (tessera_statement_step (body, error));
  g_assert_nonnull (strstr (tessera_statement_get_text (body, 0), "Before"));
  g_assert_true (tessera_statement_step (body, error));
  g_assert_nonnull (strstr (tessera_statement_get_text (body, 0), "\"+\":[\"ti\"],\"-\":[\"fr\"]"));
  return TRUE;
}

static gboolean
fail_after_saving (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Never saved");

  g_assert_true (tessera_transaction_save (tx, client, error));
  g_set_error_literal (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED, "on purpose");
  return FALSE;
}

static gboolean
check_no_gaps (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Third");

  g_assert_true (tessera_transaction_save (tx, client, error));
  g_assert_cmpint (count (tx, "SELECT max(seq) = count(*) FROM change"), ==, 1);
  g_assert_cmpint (count (tx, "SELECT count(*) FROM change"), ==, 3);
  g_assert_cmpint (count (tx, "SELECT count(*) FROM (SELECT clock, lag(clock) OVER (ORDER BY seq) AS last FROM change)"
                              " WHERE clock <= last"), ==, 0);
  return TRUE;
}

static void
test_change_log (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  write_or_fail (fixture, write_changes, NULL);
  g_assert_false (tessera_store_write (fixture->store, fail_after_saving, NULL, &error));
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED);
  write_or_fail (fixture, check_no_gaps, NULL);
}

static gboolean
append_only (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Someone");
  g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (tx, "visit");

  g_assert_true (tessera_transaction_save (tx, client, error));
  tessera_record_set (visit, "client", tessera_record_get_id (client));
  g_assert_false (tessera_transaction_save (tx, visit, error));
  g_assert_error (*error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_MISSING);
  g_clear_error (error);
  tessera_record_set_integer (visit, "at", tessera_transaction_get_now (tx));
  tessera_record_set (visit, "how", "phone");
  g_assert_true (tessera_transaction_save (tx, visit, error));
  tessera_record_set (visit, "how", "home");
  g_assert_false (tessera_transaction_save (tx, visit, error));
  g_assert_error (*error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_APPEND_ONLY);
  g_clear_error (error);
  return TRUE;
}

static void
test_append_only (Fixture *fixture, gconstpointer data) {
  write_or_fail (fixture, append_only, NULL);
}

static void
assert_found (TesseraTransaction *tx, const char *words, const char *name) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = tessera_transaction_search (tx, "client", words, 10, &error);

  g_assert_no_error (error);
  if (!name) {
    g_assert_cmpuint (found->len, ==, 0);
    return;
  }
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (tessera_record_get (found->pdata[0], "name"), ==, name);
}

static gboolean
search (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const names[] = { "Muḥammad al-Synthetic", "Олена Вигадана", "Nguyễn Thị Giả", "ፍቅርተ ምሳሌ",
                                       "فاطمة المثال" };
  g_autoptr (TesseraRecord) phoned = new_client (tx, "Phone Example");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (TesseraRecord) client = new_client (tx, names[i]);

    g_assert_true (tessera_transaction_save (tx, client, error));
  }
  tessera_record_set (phoned, "phone", "+351 275 000 123");
  tessera_record_set (phoned, "code", "T-7K3F-92QX");
  g_assert_true (tessera_transaction_save (tx, phoned, error));

  assert_found (tx, "muhamm", names[0]);
  assert_found (tx, "Mohammed", names[0]);
  assert_found (tx, "محمد", names[0]);
  assert_found (tx, "synthetic MUHAMMAD", names[0]);
  assert_found (tx, "олен", names[1]);
  assert_found (tx, "olena", names[1]);
  assert_found (tx, "nguyen thi", names[2]);
  assert_found (tx, "ፍቅርተ", names[3]);
  assert_found (tx, "fatima", names[4]);
  assert_found (tx, "0123", "Phone Example");
  assert_found (tx, "7k3f-92qx", "Phone Example");
  assert_found (tx, "nobody", NULL);
  assert_found (tx, "\" OR * NEAR(", NULL);
  assert_found (tx, "", NULL);

  tessera_record_set (phoned, "name", "Renamed Person");
  g_assert_true (tessera_transaction_save (tx, phoned, error));
  assert_found (tx, "example phone", NULL);
  assert_found (tx, "renamed", "Renamed Person");
  g_assert_true (tessera_transaction_delete (tx, phoned, error));
  assert_found (tx, "renamed", NULL);
  return TRUE;
}

static void
test_search (Fixture *fixture, gconstpointer data) {
  write_or_fail (fixture, search, NULL);
}

static gboolean
audit (TesseraTransaction *tx, gpointer data, GError **error) {
  gint64 entries = 0;

  for (int i = 0; i < 20; i++)
    g_assert_true (tessera_transaction_audit (tx, "open", "client", NULL, "test", error));
  g_assert_true (tessera_transaction_verify_audit (tx, &entries, error));
  g_assert_cmpint (entries, ==, 20);
  return TRUE;
}

static gboolean
tamper_with_audit (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, data, error);

  g_assert_no_error (*error);
  tessera_statement_step (statement, error);
  g_assert_false (tessera_transaction_verify_audit (tx, NULL, error));
  g_assert_error (*error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  return FALSE;
}

static void
test_audit (Fixture *fixture, gconstpointer data) {
  static const char *const tampering[] = {
    "UPDATE audit SET action = 'export' WHERE number = 7", "DELETE FROM audit WHERE number = 7",
    "UPDATE audit SET at = at + 1 WHERE number = 20", "DELETE FROM audit WHERE number = 1",
  };

  write_or_fail (fixture, audit, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tampering); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (tessera_store_write (fixture->store, tamper_with_audit, (gpointer) tampering[i], &error));
  }
}

static gboolean
put_draft (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_put_draft (tx, "visit:1", "{\"summary\":\"half a sen\"}", error)
         && tessera_transaction_set_setting (tx, "organization.name", "Harbor", error);
}

static gboolean
read_draft (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *draft = tessera_transaction_get_draft (tx, "visit:1");
  g_autofree char *name = tessera_transaction_get_setting (tx, "organization.name");
  g_autofree char *none = tessera_transaction_get_setting (tx, "nothing");

  g_assert_cmpstr (draft, ==, "{\"summary\":\"half a sen\"}");
  g_assert_cmpstr (name, ==, "Harbor");
  g_assert_null (none);
  return TRUE;
}

static void
test_survives_reopening (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  g_autofree char *device = NULL;

  write_or_fail (fixture, write_changes, NULL);
  write_or_fail (fixture, put_draft, NULL);
  fixture_close (&fixture->store, &fixture->vault);
  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  g_assert_true (tessera_store_read (fixture->store, read_draft, NULL, &error));
  write_or_fail (fixture, check_no_gaps, NULL);
}

static gboolean
find_column (TesseraTransaction *tx, gpointer data, GError **error) {
  g_assert_cmpint (count (tx, "SELECT count(x_bed) FROM client"), ==, 0);
  return TRUE;
}

static void
test_own_field_becomes_a_column (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GError) error = NULL;
  TesseraField field = { "x_bed", "Bed", TESSERA_FIELD_TEXT, TESSERA_CATEGORY_HOUSING, TESSERA_SHARE_NEVER,
                         TESSERA_MERGE_LAST_WRITER, TESSERA_FIELD_PLAIN, NULL };

  write_or_fail (fixture, write_changes, NULL);
  tessera_store_close (fixture->store);
  g_clear_object (&fixture->store);
  g_assert_true (tessera_registry_add_field (registry, "client", &field, &error));
  fixture->store = tessera_store_open (fixture->vault, registry, &error);
  g_assert_no_error (error);
  g_assert_true (tessera_store_read (fixture->store, find_column, NULL, &error));
}

static gboolean
save_one (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = new_client (tx, "Queued");

  return tessera_transaction_save (tx, client, error);
}

static void
count_finished (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_store_finish (TESSERA_STORE (source), result, &error));
  (*(int *) data)++;
}

static void
note_changed (TesseraStore *store, const char *entities, gpointer data) {
  g_assert_cmpstr (entities, ==, "client");
  (*(int *) data)++;
}

static gboolean
count_clients (TesseraTransaction *tx, gpointer data, GError **error) {
  *(gint64 *) data = count (tx, "SELECT count(*) FROM client");
  return TRUE;
}

/* Whether the search index is sound, and of the rows that are there. */
static gboolean
check_words (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement =
    tessera_transaction_prepare (tx, "INSERT INTO client_words (client_words) VALUES ('integrity-check')", error);

  return statement && (tessera_statement_step (statement, error) || !*error)
         && count (tx, "SELECT count(*) FROM client_words") == count (tx, "SELECT count(*) FROM client");
}

/* No file may grow beyond @size, or as before with 0: what a full disk is to the store. */
static void
limit_files (rlim_t size) {
  struct rlimit limit;

  signal (SIGXFSZ, size > 0 ? SIG_IGN : SIG_DFL);
  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = size > 0 ? size : limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* After the disk was full, what is saved next is saved, and the search index knows of nothing that was rolled back. */
static void
test_full_disk_passes (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "store.db", NULL);
  GStatBuf facts;
  gint64 clients = 0;
  int saved = 0;

  for (; saved < 20; saved++)
    write_or_fail (fixture, save_one, NULL);
  for (guint round = 0; round < 5; round++) {
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (g_stat (path, &facts), ==, 0);
    limit_files (facts.st_size);
    while (saved < 5000 && tessera_store_write (fixture->store, save_one, NULL, &error))
      saved++;
    g_assert_nonnull (error);
    limit_files (0);
    write_or_fail (fixture, save_one, NULL);
    saved++;
  }
  write_or_fail (fixture, count_clients, &clients);
  g_assert_cmpint (clients, ==, saved);
  write_or_fail (fixture, check_words, NULL);
}

/* The disk is full when the vault is locked: what was saved is saved, what is refused is said, and closing neither
 * fails nor loses anything. */
static void
test_full_disk_while_closing (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "store.db", NULL);
  g_autoptr (GError) error = NULL;
  gint64 clients = 0;
  int saved = 0;
  GStatBuf facts;

  for (; saved < 20; saved++)
    write_or_fail (fixture, save_one, NULL);
  g_assert_cmpint (g_stat (path, &facts), ==, 0);
  limit_files (facts.st_size);
  while (saved < 5000 && tessera_store_write (fixture->store, save_one, NULL, &error))
    saved++;
  g_assert_nonnull (error);
  g_assert_cmpuint (error->domain, ==, TESSERA_VAULT_ERROR);
  fixture_close (&fixture->store, &fixture->vault);
  limit_files (0);

  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  write_or_fail (fixture, count_clients, &clients);
  g_assert_cmpint (clients, ==, saved);
  write_or_fail (fixture, save_one, NULL);
}

static void
test_nothing_queued_is_dropped (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  int finished = 0, changed = 0;
  gint64 clients = 0;

  g_signal_connect (fixture->store, "changed", G_CALLBACK (note_changed), &changed);
  for (int i = 0; i < 50; i++)
    tessera_store_write_async (fixture->store, save_one, NULL, NULL, NULL, count_finished, &finished);
  tessera_store_close (fixture->store);
  g_assert_false (tessera_store_write (fixture->store, save_one, NULL, &error));
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED);
  g_clear_error (&error);
  while (finished < 50 || changed < 50)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&fixture->store);
  fixture->store = fixture_open_store (fixture->vault);
  g_assert_true (tessera_store_read (fixture->store, count_clients, &clients, &error));
  g_assert_cmpint (clients, ==, 50);
}

static void
expect_cancelled (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_store_finish (TESSERA_STORE (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  (*(int *) data)++;
}

static void
test_cancelled_before_it_began (Fixture *fixture, gconstpointer data) {
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  int cancelled = 0;
  gint64 clients = 1;

  g_cancellable_cancel (cancellable);
  tessera_store_write_async (fixture->store, save_one, NULL, NULL, cancellable, expect_cancelled, &cancelled);
  while (!cancelled)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (tessera_store_read (fixture->store, count_clients, &clients, &error));
  g_assert_cmpint (clients, ==, 0);
}

#define ADD(name, function) \
  g_test_add ("/store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("save-and-load", test_save_and_load);
  ADD ("change-log", test_change_log);
  ADD ("append-only", test_append_only);
  ADD ("search", test_search);
  ADD ("audit", test_audit);
  ADD ("survives-reopening", test_survives_reopening);
  ADD ("own-field-becomes-a-column", test_own_field_becomes_a_column);
  ADD ("full-disk-while-closing", test_full_disk_while_closing);
  ADD ("full-disk-passes", test_full_disk_passes);
  ADD ("nothing-queued-is-dropped", test_nothing_queued_is_dropped);
  ADD ("cancelled-before-it-began", test_cancelled_before_it_began);
  return g_test_run ();
}
