/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-caseload.c: the list of clients from the indexes, fifty rows at a time.
 *
 * The order decides which index is walked (client_list or client_silence); both hold what the filters ask, so
 * that skipping to the middle of the list reads no rows, and a page never sorts the table. Names sort by
 * their bytes; who has no full name comes first.
 */
#include "config.h"
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-caseload.h"

void
tessera_caseload_row_free (TesseraCaseloadRow *self) {
  g_free (self->client_id);
  g_free (self->code);
  g_free (self->name);
  g_free (self->how_to_call);
  g_free (self->language);
  g_free (self->interpreter_needed);
  g_free (self->step);
  g_free (self->next_due);
  g_free (self->next_what);
  g_free (self->household_name);
  g_free (self->worker_name);
  g_free (self);
}

void
tessera_caseload_count_free (TesseraCaseloadCount *self) {
  g_free (self->worker);
  g_free (self->worker_name);
  g_free (self);
}

/* Places of what is bound in every statement here. */
enum { WORDS = 1, STEP, WORKER, SILENT, TODAY, LIMIT, OFFSET };

/* Words and tasks of a merged record count for the one it was merged into. */
#define FOLLOW(table) \
  " UNION SELECT m._rowid, m.merged_into FROM " table " f JOIN client m ON m.id = f.goes_into" \
  " WHERE f.goes_into IS NOT NULL)"
#define FOUND \
  "found(place, goes_into) AS (SELECT m._rowid, m.merged_into FROM client_words w JOIN client m ON m._rowid = w.rowid" \
  " WHERE client_words MATCH ?1" FOLLOW ("found")
#define LATE \
  "late(place, goes_into) AS (SELECT m._rowid, m.merged_into FROM task t JOIN client m ON m.id = t.client" \
  " WHERE t.due < ?5 AND t.done_at IS NULL" FOLLOW ("late")
#define IS_OVERDUE \
  "(c.last_contact < ?4 OR (c.last_contact IS NULL AND c.registered_at < ?4) OR c._rowid IN (SELECT place FROM late))"

/* The first task still open of a client and of all records merged into it. */
#define NEXT_TASK \
  "(WITH RECURSIVE alias(id) AS (SELECT c.id UNION SELECT m.id FROM alias a JOIN client m ON m.merged_into = a.id)" \
  " SELECT t._rowid FROM alias a CROSS JOIN task t ON t.client = a.id WHERE t.done_at IS NULL" \
  " ORDER BY t.due IS NULL, t.due LIMIT 1)"

static gboolean
has_words (const TesseraCaseloadQuery *query) {
  g_autofree char *expression = query->words ? tessera_search_query (query->words) : NULL;

  return expression != NULL;
}

static void
append_with (GString *sql, const TesseraCaseloadQuery *query) {
  if (has_words (query))
    g_string_append_printf (sql, "WITH RECURSIVE " FOUND "%s ", query->overdue ? ", " LATE : "");
  else if (query->overdue)
    g_string_append (sql, "WITH RECURSIVE " LATE " ");
}

/* With words few rows are left, and those are looked up. */
static void
append_from (GString *sql, const TesseraCaseloadQuery *query, gboolean by_name) {
  g_string_append (sql, " FROM client c");
  if (!has_words (query))
    g_string_append (sql, by_name ? " INDEXED BY client_list" : " INDEXED BY client_silence");
}

static void
append_where (GString *sql, const TesseraCaseloadQuery *query) {
  g_string_append (sql, " WHERE c.merged_into IS NULL");
  g_string_append (sql, query->closed ? " AND c.case_state = 'closed'" : " AND c.case_state IS NOT 'closed'");
  if (has_words (query))
    g_string_append (sql, " AND c._rowid IN (SELECT place FROM found)");
  if (query->step)
    g_string_append (sql, " AND c.step = ?2");
  if (query->worker)
    g_string_append (sql, " AND c.worker = ?3");
  if (query->overdue)
    g_string_append (sql, " AND " IS_OVERDUE);
}

static const char *
get_order (const TesseraCaseloadQuery *query) {
  switch (query->order) {
  case TESSERA_CASELOAD_LONGEST_SILENT:
    return " ORDER BY c.last_contact, c._rowid";
  case TESSERA_CASELOAD_NEWEST_CONTACT:
    return " ORDER BY c.last_contact DESC, c._rowid DESC";
  case TESSERA_CASELOAD_BY_NAME:
  default:
    return " ORDER BY c.name, c._rowid";
  }
}

static void
bind_overdue (TesseraTransaction *transaction, TesseraStatement *statement) {
  gint64 now = tessera_transaction_get_now (transaction);
  g_autofree char *today = tessera_casework_date (now, 0);

  tessera_statement_bind_integer (statement, SILENT, now - TESSERA_CASELOAD_SILENT_DAYS * TESSERA_DAY_MSEC);
  tessera_statement_bind_text (statement, TODAY, today);
}

static void
bind_query (TesseraTransaction *transaction, TesseraStatement *statement, const TesseraCaseloadQuery *query) {
  g_autofree char *words = query->words ? tessera_search_query (query->words) : NULL;

  if (words)
    tessera_statement_bind_text (statement, WORDS, words);
  if (query->step)
    tessera_statement_bind_text (statement, STEP, query->step);
  if (query->worker)
    tessera_statement_bind_id (statement, WORKER, query->worker);
  if (query->overdue)
    bind_overdue (transaction, statement);
}

gint64
tessera_caseload_count (TesseraTransaction *transaction, const TesseraCaseloadQuery *query, GError **error) {
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (TesseraStatement) statement = NULL;

  append_with (sql, query);
  g_string_append (sql, "SELECT count(*)");
  append_from (sql, query, FALSE);
  append_where (sql, query);
  statement = tessera_transaction_prepare (transaction, sql->str, error);
  if (!statement)
    return -1;
  bind_query (transaction, statement, query);
  return tessera_statement_step (statement, error) ? tessera_statement_get_integer (statement, 0) : -1;
}

static TesseraCaseloadRow *
read_row (TesseraStatement *statement) {
  TesseraCaseloadRow *row = g_new0 (TesseraCaseloadRow, 1);

  row->client_id = tessera_statement_get_id (statement, 0);
  row->code = g_strdup (tessera_statement_get_text (statement, 1));
  row->name = g_strdup (tessera_statement_get_text (statement, 2));
  row->how_to_call = g_strdup (tessera_statement_get_text (statement, 3));
  row->language = g_strdup (tessera_statement_get_text (statement, 4));
  row->interpreter_needed = g_strdup (tessera_statement_get_text (statement, 5));
  row->step = g_strdup (tessera_statement_get_text (statement, 6));
  row->last_contact = tessera_statement_get_integer (statement, 7);
  row->next_due = g_strdup (tessera_statement_get_text (statement, 8));
  row->next_what = g_strdup (tessera_statement_get_text (statement, 9));
  row->household_name = g_strdup (tessera_statement_get_text (statement, 10));
  row->worker_name = g_strdup (tessera_statement_get_text (statement, 11));
  return row;
}

char *
tessera_caseload_build_page_sql (const TesseraCaseloadQuery *query) {
  GString *sql = g_string_new (NULL);

  append_with (sql, query);
  g_string_append (sql,
                   "SELECT c.id, c.code, c.name, c.how_to_call, c.language, c.interpreter_needed, c.step,"
                        " c.last_contact, n.due, n.text, h.name, k.name FROM (SELECT c._rowid AS place");
  append_from (sql, query, query->order == TESSERA_CASELOAD_BY_NAME);
  append_where (sql, query);
  g_string_append (sql, get_order (query));
  g_string_append (sql,
                   " LIMIT ?6 OFFSET ?7) p CROSS JOIN client c ON c._rowid = p.place LEFT JOIN task n ON n._rowid = " NEXT_TASK
                        " LEFT JOIN household h ON h.id = c.household LEFT JOIN worker k ON k.id = c.worker");
  g_string_append (sql, get_order (query));
  return g_string_free (sql, FALSE);
}

GPtrArray *
tessera_caseload_page (TesseraTransaction *transaction, const TesseraCaseloadQuery *query, guint offset,
                       guint limit, GError **error) {
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_caseload_row_free);
  g_autofree char *sql = tessera_caseload_build_page_sql (query);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  bind_query (transaction, statement, query);
  tessera_statement_bind_integer (statement, LIMIT, limit);
  tessera_statement_bind_integer (statement, OFFSET, offset);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (rows, read_row (statement));
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  return g_steal_pointer (&rows);
}

static TesseraCaseloadCount *
take_count (GPtrArray *counts, TesseraStatement *statement) {
  g_autofree char *worker = tessera_statement_get_id (statement, 0);
  TesseraCaseloadCount *last = counts->len ? g_ptr_array_index (counts, counts->len - 1) : NULL;

  if (last && g_strcmp0 (last->worker, worker) == 0)
    return last;
  last = g_new0 (TesseraCaseloadCount, 1);
  last->worker = g_steal_pointer (&worker);
  last->worker_name = g_strdup (tessera_statement_get_text (statement, 1));
  g_ptr_array_add (counts, last);
  return last;
}

static void
add_step_count (TesseraCaseloadCount *count, const char *step, guint n) {
  if (g_strcmp0 (step, "autonomy") == 0)
    count->autonomy += n;
  else if (g_strcmp0 (step, "inclusion") == 0)
    count->inclusion += n;
  else
    count->basic_needs += n;
}

GPtrArray *
tessera_caseload_summarize (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) counts = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_caseload_count_free);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
                                           "WITH RECURSIVE " LATE " SELECT c.worker, k.name, c.step, count(*),"
                                           " sum(" IS_OVERDUE ") FROM client c LEFT JOIN worker k ON k.id = c.worker"
                                           " WHERE c.merged_into IS NULL AND c.case_state IS NOT 'closed'"
                                           " GROUP BY c.worker, c.step ORDER BY k.name, c.worker", error);
  if (!statement)
    return NULL;
  bind_overdue (transaction, statement);
  while (tessera_statement_step (statement, &local_error)) {
    TesseraCaseloadCount *count = take_count (counts, statement);

    add_step_count (count, tessera_statement_get_text (statement, 2),
                    (guint) tessera_statement_get_integer (statement, 3));
    count->overdue += (guint) tessera_statement_get_integer (statement, 4);
  }
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  return g_steal_pointer (&counts);
}
