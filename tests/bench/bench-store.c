/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-store.c: the store in its vault against the same schema, rows and code on plain SQLite, in one run.
 *
 *   bench-store [CLIENTS [VISITS-PER-CLIENT]]   default 10000 10
 *
 * A demo shop is made in a vault and copied, page by page, to a plain database beside it. Then both are opened with the
 * same settings and the same functions run on both in turn, so that the ratio holds when the machine's speed drifts.
 * Every figure is the median; the list's figures also stand in milliseconds, since a person waits for them.
 */
#include <locale.h>
#include <stdlib.h>

#include "tessera-caseload.h"
#include "tessera-connection.h"
#include "tessera-demo.h"
#include "tessera-fixture.h"
#include "tessera-timeline.h"
#include "tessera-visits.h"

#define ROUNDS 7

typedef struct {
  TesseraConnection *connection;
  GPtrArray *clients;     /* ids */
  guint next;             /* so that each round touches other rows */
} Subject;

typedef void (*Task) (TesseraTransaction *transaction, Subject *subject);

static void
begin (Subject *subject, TesseraTransaction *tx, gboolean writable) {
  *tx = (TesseraTransaction) { subject->connection, writable, g_get_real_time () / 1000, NULL,
                               g_hash_table_new (g_str_hash, g_str_equal) };
  g_assert_true (tessera_connection_execute (subject->connection, writable ? "BEGIN IMMEDIATE" : "BEGIN", NULL));
}

static void
commit (TesseraTransaction *tx) {
  if (tx->writable)
    g_assert_true (tessera_change_log_finish (tx, NULL));
  g_assert_true (tessera_connection_execute (tx->connection, "COMMIT", NULL));
  g_hash_table_unref (tx->changed);
}

static void
load_page (TesseraTransaction *tx, const TesseraCaseloadQuery *query, guint offset) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = tessera_caseload_page (tx, query, offset, 50, &error);

  g_assert_no_error (error);
}

static void
open_list (TesseraTransaction *tx, Subject *subject) {
  TesseraCaseloadQuery query = { 0 };

  g_assert_cmpint (tessera_caseload_count (tx, &query, NULL), >, 0);
  load_page (tx, &query, 0);
}

static void
scroll_list (TesseraTransaction *tx, Subject *subject) {
  TesseraCaseloadQuery query = { 0 };

  for (guint page = 0; page < 50; page++)
    load_page (tx, &query, page * 150);
}

static void
search_list (TesseraTransaction *tx, Subject *subject) {
  static const char *const typed[] = { "a", "am", "ama", "amal", "mohammed", "olena", "محمد", "nguyen", "sara test", "zz" };

  for (guint i = 0; i < G_N_ELEMENTS (typed); i++) {
    TesseraCaseloadQuery query = { .words = typed[i] };

    tessera_caseload_count (tx, &query, NULL);
    load_page (tx, &query, 0);
  }
}

static const char *
next_client (Subject *subject) {
  subject->next = (subject->next + 7919) % subject->clients->len;
  return subject->clients->pdata[subject->next];
}

static void
open_clients (TesseraTransaction *tx, Subject *subject) {
  for (int i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) items = tessera_timeline_load (tx, next_client (subject), 0, &error);

    g_assert_no_error (error);
  }
}

static void
save_visit (TesseraTransaction *tx, Subject *subject) {
  g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (tx, "visit");
  g_autoptr (GError) error = NULL;

  tessera_record_set (visit, "client", next_client (subject));
  tessera_record_set (visit, "how", "in-person");
  tessera_record_set (visit, "summary", "They came to ask about the language class and the letter from the landlord.");
  tessera_record_set (visit, "told", "The class starts on Monday; bring the letter on Thursday.");
  tessera_visits_record (tx, visit, &error);
  g_assert_no_error (error);
}

static void
scan_visits (TesseraTransaction *tx, Subject *subject) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    tx, "SELECT count(*), sum(length(summary)) FROM visit NOT INDEXED", NULL);

  g_assert_true (tessera_statement_step (statement, NULL));
}

static double
time_task (Subject *subject, Task task, gboolean writable, int times) {
  gint64 start = g_get_monotonic_time ();

  for (int i = 0; i < times; i++) {
    TesseraTransaction tx;

    begin (subject, &tx, writable);
    task (&tx, subject);
    commit (&tx);
  }
  return (double) (g_get_monotonic_time () - start) / 1000.0;
}

static int
compare_numbers (gconstpointer a, gconstpointer b) {
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

static double
median (double *numbers) {
  qsort (numbers, ROUNDS, sizeof *numbers, compare_numbers);
  return numbers[ROUNDS / 2];
}

static void
compare (const char *name, Subject *vault, Subject *plain, Task task, gboolean writable, int times) {
  double sealed_times[ROUNDS], plain_times[ROUNDS], ratios[ROUNDS];

  for (int i = 0; i < ROUNDS; i++) {
    sealed_times[i] = time_task (vault, task, writable, times);
    plain_times[i] = time_task (plain, task, writable, times);
    ratios[i] = sealed_times[i] / plain_times[i];
  }
  g_print ("%-44s %9.2f ms %9.2f ms   %5.2f\n", name, median (sealed_times), median (plain_times), median (ratios));
}

static sqlite3 *
open_plain (const char *path) {
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix-excl"), ==,
                   SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                           "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
                                           "PRAGMA wal_autocheckpoint = 4000;"
                                           "PRAGMA secure_delete = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  return database;
}

static void
copy_plain (TesseraVault *vault, const char *path) {
  sqlite3 *from = tessera_vault_open_database (vault, FALSE, NULL);
  sqlite3 *to;
  sqlite3_backup *copy;

  g_assert_cmpint (sqlite3_open_v2 (path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), ==, SQLITE_OK);
  copy = sqlite3_backup_init (to, "main", from, "main");
  g_assert_nonnull (copy);
  g_assert_cmpint (sqlite3_backup_step (copy, -1), ==, SQLITE_DONE);
  sqlite3_backup_finish (copy);
  sqlite3_close (to);
  sqlite3_close (from);
}

static void
finalize_statement (gpointer statement) {
  sqlite3_finalize (statement);
}

static TesseraConnection *
connect_plain (const char *path, TesseraVault *vault, TesseraRegistry *registry) {
  TesseraConnection *connection = g_new0 (TesseraConnection, 1);

  connection->registry = g_object_ref (registry);
  connection->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, finalize_statement);
  connection->audit_key = tessera_vault_derive (vault, "auditlog");
  connection->database = open_plain (path);
  g_assert_true (tessera_change_log_open (connection, NULL));
  return connection;
}

static GPtrArray *
list_clients (Subject *subject) {
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  TesseraTransaction tx;

  begin (subject, &tx, FALSE);
  {
    g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (&tx, "SELECT id FROM client ORDER BY id", NULL);

    while (tessera_statement_step (statement, NULL))
      g_ptr_array_add (ids, tessera_statement_get_id (statement, 0));
  }
  commit (&tx);
  return ids;
}

static void
make_shop (TesseraVault *vault, guint clients, guint visits) {
  g_autoptr (GError) error = NULL;
  TesseraStore *store = fixture_open_store (vault);
  TesseraDemoOptions options = { .clients = clients, .visits_per_client = visits, .seed = 1 };
  gint64 start = g_get_monotonic_time ();

  tessera_demo_fill (store, &options, &error);
  g_assert_no_error (error);
  tessera_store_close (store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (store);
  g_print ("made %u clients with %u visits each in %.1f s\n\n", clients, visits,
           (double) (g_get_monotonic_time () - start) / 1e6);
}

int
main (int argc, char **argv) {
  guint clients = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  guint visits = argc > 2 ? (guint) atoi (argv[2]) : 10;
  g_autofree char *folder = NULL;
  g_autofree char *inside = NULL;
  g_autofree char *path = NULL;
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  Subject sealed = { 0 }, plain = { 0 };
  TesseraVault *vault;

  setlocale (LC_ALL, "C.UTF-8");
  folder = fixture_make_folder ();
  inside = g_build_filename (folder, "vault", NULL);
  path = g_build_filename (folder, "plain.db", NULL);
  vault = fixture_create_vault (inside);
  make_shop (vault, clients, visits);
  copy_plain (vault, path);
  sealed.connection = tessera_connection_open (vault, registry, TRUE, NULL);
  plain.connection = connect_plain (path, vault, registry);
  sealed.clients = list_clients (&sealed);
  plain.clients = list_clients (&plain);

  g_print ("%-44s %12s %12s   %s\n", "", "vault", "plain SQLite", "ratio");
  compare ("open the list: count and first 50 rows", &sealed, &plain, open_list, FALSE, 1);
  compare ("scroll: 50 pages of 50 rows", &sealed, &plain, scroll_list, FALSE, 1);
  compare ("search: 10 words as typed", &sealed, &plain, search_list, FALSE, 1);
  compare ("open 50 clients: their whole timeline", &sealed, &plain, open_clients, FALSE, 1);
  compare ("save 50 visits, each its own transaction", &sealed, &plain, save_visit, TRUE, 50);
  compare ("read every visit once", &sealed, &plain, scan_visits, FALSE, 1);

  g_ptr_array_unref (sealed.clients);
  g_ptr_array_unref (plain.clients);
  tessera_connection_close (sealed.connection);
  tessera_connection_close (plain.connection);
  tessera_vault_close (vault);
  g_object_unref (vault);
  fixture_remove_folder (folder);
  return 0;
}
