/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-caseload.c: pages that join without a seam, filters that agree with the records, and the indexes they
 * walk.
 */
#include "casework-fixture.h"
#include "tessera-casework-private.h"
#include "tessera-caseload.h"

#define N_CLIENTS 137

static const char *const steps[] = { "basic-needs", "inclusion", "autonomy" };

/* Clients of every sort; some without a name, some closed, some merged, some with tasks late, coming or done.
 * */
static void
add_clients (TesseraTransaction *tx) {
  g_autoptr (TesseraRecord) household = casework_new (tx, "household", "name", "House of Tests", NULL);
  gint64 now = tessera_transaction_get_now (tx);
  g_autofree char *last = NULL;

  casework_save (tx, household);
  for (guint i = 0; i < N_CLIENTS; i++) {
    g_autofree char *name = g_strdup_printf ("Synthetic %c%u", 'A' + (char) (i * 7 % 26), i % 40);
    g_autoptr (TesseraRecord) client = casework_new (tx, "client", "how_to_call", "Friend", "step",
                                                     steps[i % 3], "household", i % 5 ? NULL
                                                     : tessera_record_get_id (household), NULL);
    g_autoptr (GError) error = NULL;

    if (i % 11)
      tessera_record_set (client, "name", name);
    if (i % 4)
      tessera_record_set_integer (client, "last_contact", now - (gint64) (i % 60) * TESSERA_DAY_MSEC);
    if (i % 9 == 0)
      tessera_record_set (client, "case_state", "closed");
    if (i % 13 == 0)
      tessera_record_set (client, "worker", "00000000-0000-7000-8000-000000000001");
    if (i % 17 == 1)
      tessera_record_set (client, "merged_into", last);
    tessera_intake_register (tx, client, &error);
    g_assert_no_error (error);
    for (guint j = 0; j < i % 4; j++) {
      g_autofree char *due = tessera_casework_date (now, (int) (i % 9) - 4 + (int) j);
      g_autoptr (TesseraRecord) task = casework_new (tx, "task", "client", tessera_record_get_id (client),
                                                     "text",
                                                     due, "due", due, "done_at", j == 2 ? "1000" : NULL,
                                                     NULL);

      casework_save (tx, task);
    }
    g_free (last);
    last = g_strdup (tessera_record_get_id (client));
  }
}

static GPtrArray *
page (TesseraTransaction *tx, const TesseraCaseloadQuery *query, guint offset, guint limit) {
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = tessera_caseload_page (tx, query, offset, limit, &error);

  g_assert_no_error (error);
  return rows;
}

static gint64
count (TesseraTransaction *tx, const TesseraCaseloadQuery *query) {
  g_autoptr (GError) error = NULL;
  gint64 n = tessera_caseload_count (tx, query, &error);

  g_assert_no_error (error);
  return n;
}

/* Read in windows of any size, the list is the same list, and as long as counted. */
static void
assert_seamless (TesseraTransaction *tx, const TesseraCaseloadQuery *query) {
  g_autoptr (GPtrArray) all = page (tx, query, 0, 10000);
  guint size = (guint) g_test_rand_int_range (1, 40);

  g_assert_cmpint (count (tx, query), ==, all->len);
  for (guint offset = 0; offset <= all->len; offset += size) {
    g_autoptr (GPtrArray) rows = page (tx, query, offset, size);

    g_assert_cmpuint (rows->len, ==, MIN (size, all->len - offset));
    for (guint i = 0; i < rows->len; i++)
      g_assert_cmpstr (((TesseraCaseloadRow *) rows->pdata[i])->client_id, ==,
                       ((TesseraCaseloadRow *) all->pdata[offset + i])->client_id);
  }
}

static gboolean
has_open_late_task (TesseraTransaction *tx, const char *client) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tasks = tessera_intake_select (tx, "task", client, "AND done_at IS NULL", &error);

  for (guint i = 0; i < tasks->len; i++)
    if (g_strcmp0 (tessera_record_get (tasks->pdata[i], "due"), TODAY) < 0)
      return TRUE;
  return FALSE;
}

/* The same question asked of one record. */
static gboolean
is_in (TesseraTransaction *tx, TesseraRecord *client, const TesseraCaseloadQuery *query) {
  gint64 contact = tessera_record_get_integer (client, "last_contact");
  gint64 limit = tessera_transaction_get_now (tx) - TESSERA_CASELOAD_SILENT_DAYS * TESSERA_DAY_MSEC;
  gboolean closed = g_strcmp0 (tessera_record_get (client, "case_state"), "closed") == 0;

  if (tessera_record_get (client, "merged_into") || closed != query->closed)
    return FALSE;
  if (query->step && g_strcmp0 (tessera_record_get (client, "step"), query->step) != 0)
    return FALSE;
  if (query->worker && g_strcmp0 (tessera_record_get (client, "worker"), query->worker) != 0)
    return FALSE;
  return !query->overdue || (contact && contact < limit) || has_open_late_task (tx,
                                                                                tessera_record_get_id (client));
}

static void
assert_filtered (TesseraTransaction *tx, const TesseraCaseloadQuery *query) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) clients = tessera_transaction_select_records (tx, "client", "", NULL, &error);
  gint64 expected = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < clients->len; i++)
    expected += is_in (tx, clients->pdata[i], query);
  g_assert_cmpint (count (tx, query), ==, expected);
}

static void
assert_first_tasks (TesseraTransaction *tx) {
  TesseraCaseloadQuery query = { 0 };
  g_autoptr (GPtrArray) rows = page (tx, &query, 0, 1000);

  for (guint i = 0; i < rows->len; i++) {
    TesseraCaseloadRow *row = rows->pdata[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) tasks = tessera_intake_select (tx, "task", row->client_id,
                                                         "AND done_at IS NULL ORDER BY due", &error);

    g_assert_no_error (error);
    g_assert_cmpstr (row->next_due, ==, tasks->len ? tessera_record_get (tasks->pdata[0], "due") : NULL);
    g_assert_cmpstr (row->next_what, ==, row->next_due);
    if (row->household_name)
      g_assert_cmpstr (row->household_name, ==, "House of Tests");
  }
}

static gboolean
pages (TesseraTransaction *tx, gpointer data, GError **error) {
  add_clients (tx);
  for (guint i = 0; i < 3 * 2 * 2 * 2 * 4; i++) {
    TesseraCaseloadQuery query = { .order = i % 3, .overdue = i / 3 % 2, .closed = i / 6 % 2,
                                   .worker = i / 12 % 2 ? "00000000-0000-7000-8000-000000000001" : NULL,
                                   .step = i / 24 ? steps[i / 24 - 1] : NULL };

    assert_seamless (tx, &query);
    assert_filtered (tx, &query);
  }
  assert_first_tasks (tx);
  return TRUE;
}

static gboolean
words (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) oksana = casework_add_client (tx, "Оксана Коваленко");
  g_autoptr (TesseraRecord) alias = casework_add_client (tx, "Xenia Kowal");
  TesseraCaseloadQuery query = { .words = "kovalenko" };
  g_autoptr (GPtrArray) latin = NULL;
  g_autoptr (GPtrArray) merged = NULL;

  add_clients (tx);
  latin = page (tx, &query, 0, 50);
  g_assert_cmpuint (latin->len, ==, 1);
  g_assert_cmpstr (((TesseraCaseloadRow *) latin->pdata[0])->name, ==, "Оксана Коваленко");
  /* somebody known by the name of a record that was merged is found under the one that was kept */
  g_assert_true (tessera_intake_merge (tx, tessera_record_get_id (oksana), tessera_record_get_id (alias),
                                       error));
  query.words = "xenia";
  merged = page (tx, &query, 0, 50);
  g_assert_cmpuint (merged->len, ==, 1);
  g_assert_cmpstr (((TesseraCaseloadRow *) merged->pdata[0])->client_id, ==, tessera_record_get_id (oksana));
  query.words = "synthetic";
  assert_seamless (tx, &query);
  query.overdue = TRUE;
  query.step = "inclusion";
  assert_seamless (tx, &query);
  query = (TesseraCaseloadQuery) { .words = "  ,. " };
  g_assert_cmpint (count (tx, &query), ==, count (tx, &(TesseraCaseloadQuery) { 0 }));
  query.words = "\" OR 1=1 --";
  g_assert_cmpint (count (tx, &query), ==, 0);
  return TRUE;
}

static gboolean
summary (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) counts = NULL;
  guint all = 0, overdue = 0;

  add_clients (tx);
  counts = tessera_caseload_summarize (tx, error);
  g_assert_nonnull (counts);
  g_assert_cmpuint (counts->len, ==, 2);
  for (guint i = 0; i < counts->len; i++) {
    TesseraCaseloadCount *line = counts->pdata[i];

    all += line->basic_needs + line->inclusion + line->autonomy;
    overdue += line->overdue;
  }
  g_assert_cmpint (all, ==, count (tx, &(TesseraCaseloadQuery) { 0 }));
  g_assert_cmpint (overdue, ==, count (tx, &(TesseraCaseloadQuery) { .overdue = TRUE }));
  return TRUE;
}

static char *
explain (TesseraTransaction *tx, const TesseraCaseloadQuery *query) {
  g_autofree char *sql = tessera_caseload_build_page_sql (query);
  g_autofree char *question = g_strconcat ("EXPLAIN QUERY PLAN ", sql, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, question, &error);
  GString *plan = g_string_new (NULL);

  g_assert_no_error (error);
  while (tessera_statement_step (statement, &error))
    g_string_append_printf (plan, "%s\n", tessera_statement_get_text (statement, 3));
  g_assert_no_error (error);
  return g_string_free (plan, FALSE);
}

/* A page walks the index of its order from the start; nothing reads a whole table for it. */
static gboolean
plans (TesseraTransaction *tx, gpointer data, GError **error) {
  const char *const index[] = { "client_list", "client_silence", "client_silence" };

  add_clients (tx);
  for (guint i = 0; i < 3 * 2 * 2; i++) {
    TesseraCaseloadQuery query = { .order = i % 3, .overdue = i / 3 % 2, .step = i / 6 ? "inclusion" : NULL };
    g_autofree char *plan = explain (tx, &query);
    g_autofree char *walk = g_strdup_printf ("SCAN c USING COVERING INDEX %s", index[query.order]);

    g_test_message ("%s", plan);
    g_assert_nonnull (strstr (plan, walk));
    g_assert_null (strstr (plan, "SCAN t\n"));
    g_assert_null (strstr (plan, "SCAN n\n"));
    g_assert_null (strstr (plan, "AUTOMATIC"));
  }
  return TRUE;
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  casework_set_now (TODAY_NOON);
  casework_add ("/caseload/pages", pages);
  casework_add ("/caseload/words", words);
  casework_add ("/caseload/summary", summary);
  casework_add ("/caseload/plans", plans);
  return g_test_run ();
}
