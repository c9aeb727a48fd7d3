/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-today.c: the lists of the first page, each capped and counted.
 */
#include "config.h"
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-today.h"

typedef enum { TODAY = 2, SOON, MIDNIGHT, NEXT_MIDNIGHT, RECENT, WORKER, LIMIT } Place;

/* What the conditions below are about; each list names only what it needs. */
typedef struct {
  char *today;
  char *soon;
  gint64 midnight;
  gint64 next_midnight;
  gint64 recent;
  const char *worker;
} Day;

static void
day_clear (Day *self) {
  g_free (self->today);
  g_free (self->soon);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Day, day_clear)

#define OF_WORKER "(worker = ?7 OR (worker IS NULL AND client IN (SELECT id FROM client WHERE worker = ?7)))"
#define OF_CLIENTS_WORKER "client IN (SELECT id FROM client WHERE worker = ?7)"

typedef struct {
  const char *entity;
  const char *condition;
  const char *worker_condition;
  const char *order;
} Question;

static const Question appointments = {
  "appointment", "\"at\" >= ?4 AND \"at\" < ?5 AND (state IS NULL OR state = 'planned')", OF_WORKER, "\"at\", id",
};
static const Question tasks = { "task", "done_at IS NULL AND due <= ?2", OF_WORKER, "due, id" };
static const Question procedures = { "procedure", "done_at IS NULL AND due <= ?2", OF_CLIENTS_WORKER,
                                     "due, id" };
static const Question unanswered = {
  "referral", "direction = 'out' AND status IN ('sent', 'received', 'under_review') AND due_on < ?2", OF_WORKER,
  "due_on, id",
};
static const Question answered = {
  "referral",
  "direction = 'out' AND status IN ('info_needed', 'accepted', 'waitlisted', 'scheduled', 'in_progress', 'declined',"
  " 'completed', 'failed') AND status_at >= ?6", OF_WORKER, "status_at DESC, id",
};
static const Question received = {
  "referral", "direction = 'in' AND status IN ('sent', 'received', 'under_review')", "(worker = ?7 OR worker IS NULL)",
  "due_on IS NULL, due_on, id",
};
/* One that was given anew meanwhile does not end for anybody. */
static const Question consents = {
  "consent",
  "answer = 'yes' AND withdrawn_at IS NULL AND expires_on >= ?2 AND expires_on <= ?3 AND NOT EXISTS"
  " (SELECT 1 FROM consent n WHERE n.client = consent.client AND n.partner IS consent.partner"
  " AND n.purpose = consent.purpose AND n.answer = 'yes' AND n.withdrawn_at IS NULL"
  " AND n.expires_on > consent.expires_on)", OF_CLIENTS_WORKER, "expires_on, id",
};

static gboolean
asks_for (const char *sql, Place place) {
  char mark[4] = { '?', (char) ('0' + place), 0 };

  return strstr (sql, mark) != NULL;
}

static void
bind_day (TesseraStatement *statement, const char *sql, const Day *day, guint limit) {
  if (asks_for (sql, TODAY))
    tessera_statement_bind_text (statement, TODAY, day->today);
  if (asks_for (sql, SOON))
    tessera_statement_bind_text (statement, SOON, day->soon);
  if (asks_for (sql, MIDNIGHT))
    tessera_statement_bind_integer (statement, MIDNIGHT, day->midnight);
  if (asks_for (sql, NEXT_MIDNIGHT))
    tessera_statement_bind_integer (statement, NEXT_MIDNIGHT, day->next_midnight);
  if (asks_for (sql, RECENT))
    tessera_statement_bind_integer (statement, RECENT, day->recent);
  if (asks_for (sql, WORKER))
    tessera_statement_bind_id (statement, WORKER, day->worker);
  if (asks_for (sql, LIMIT))
    tessera_statement_bind_integer (statement, LIMIT, limit);
}

static char *
build_where (const Question *question, const Day *day) {
  return g_strdup_printf ("WHERE %s%s%s", question->condition, day->worker ? " AND " : "",
                          day->worker ? question->worker_condition : "");
}

static gboolean
count_rows (TesseraTransaction *transaction, const Question *question, const Day *day, guint *ret_count,
            GError **error) {
  g_autofree char *where = build_where (question, day);
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM \"%s\" %s", question->entity, where);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);

  if (!statement)
    return FALSE;
  bind_day (statement, sql, day, 0);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  *ret_count = (guint) tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static void
today_item_free (gpointer data) {
  TesseraTodayItem *item = data;

  g_clear_object (&item->record);
  g_clear_object (&item->client);
  g_clear_object (&item->partner);
  g_free (item);
}

static TesseraTodayItem *
make_item (TesseraTransaction *transaction, TesseraRecord *record) {
  TesseraTodayItem *item = g_new0 (TesseraTodayItem, 1);
  const TesseraEntity *entity = tessera_record_get_entity (record);
  const char *client = tessera_record_get (record, "client");
  const char *partner = tessera_entity_find_field (entity, "partner") >= 0
                        ? tessera_record_get (record, "partner") : NULL;

  item->record = g_object_ref (record);
  item->client = client ? tessera_casework_resolve_client (transaction, client, NULL) : NULL;
  item->partner = partner ? tessera_transaction_find (transaction, "partner", partner) : NULL;
  return item;
}

static gboolean
ask (TesseraTransaction *transaction, const Question *question, const Day *day, guint limit,
     TesseraTodayList *list, GError **error) {
  g_autofree char *where = build_where (question, day);
  g_autofree char *tail = g_strdup_printf ("%s ORDER BY %s LIMIT ?8", where, question->order);
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) records = NULL;

  if (!count_rows (transaction, question, day, &list->count, error))
    return FALSE;
  statement = tessera_transaction_select (transaction, question->entity, tail, error);
  if (!statement)
    return FALSE;
  bind_day (statement, tail, day, limit);
  records = tessera_statement_collect (statement, error);
  for (guint i = 0; records && i < records->len; i++)
    g_ptr_array_add (list->items, make_item (transaction, g_ptr_array_index (records, i)));
  return records != NULL;
}

static void
day_init (Day *self, TesseraTransaction *transaction, const char *worker) {
  gint64 now = tessera_transaction_get_now (transaction);
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (now / 1000);
  g_autoptr (GDateTime) midnight = NULL;
  g_autoptr (GDateTime) next = NULL;

  midnight = g_date_time_new_local (g_date_time_get_year (then), g_date_time_get_month (then),
                                    g_date_time_get_day_of_month (then), 0, 0, 0);
  next = g_date_time_add_days (midnight, 1);
  self->today = tessera_casework_date (now, 0);
  self->soon = tessera_casework_date (now, TESSERA_TODAY_CONSENT_DAYS);
  self->midnight = g_date_time_to_unix (midnight) * 1000;
  self->next_midnight = g_date_time_to_unix (next) * 1000;
  self->recent = now - TESSERA_TODAY_RECENT_DAYS * TESSERA_DAY_MSEC;
  self->worker = worker;
}

static void
list_init (TesseraTodayList *list) {
  list->items = g_ptr_array_new_with_free_func (today_item_free);
}

static TesseraToday *
today_new (void) {
  TesseraToday *today = g_new0 (TesseraToday, 1);

  list_init (&today->appointments);
  list_init (&today->tasks);
  list_init (&today->procedures);
  list_init (&today->unanswered);
  list_init (&today->answered);
  list_init (&today->received);
  list_init (&today->consents);
  return today;
}

void
tessera_today_free (TesseraToday *self) {
  g_ptr_array_unref (self->appointments.items);
  g_ptr_array_unref (self->tasks.items);
  g_ptr_array_unref (self->procedures.items);
  g_ptr_array_unref (self->unanswered.items);
  g_ptr_array_unref (self->answered.items);
  g_ptr_array_unref (self->received.items);
  g_ptr_array_unref (self->consents.items);
  g_clear_pointer (&self->drafts, g_ptr_array_unref);
  g_free (self);
}

TesseraToday *
tessera_today_load (TesseraTransaction *transaction, const char *worker, guint limit, GError **error) {
  g_autoptr (TesseraToday) today = today_new ();
  g_auto (Day) day = { 0 };

  day_init (&day, transaction, worker);
  if (!ask (transaction, &appointments, &day, limit, &today->appointments, error)
      || !ask (transaction, &tasks, &day, limit, &today->tasks, error)
      || !ask (transaction, &procedures, &day, limit, &today->procedures, error)
      || !ask (transaction, &unanswered, &day, limit, &today->unanswered, error)
      || !ask (transaction, &answered, &day, limit, &today->answered, error)
      || !ask (transaction, &received, &day, limit, &today->received, error)
      || !ask (transaction, &consents, &day, limit, &today->consents, error))
    return NULL;
  today->drafts = tessera_transaction_list_drafts (transaction);
  today->n_drafts = today->drafts->len;
  if (today->drafts->len > limit)
    g_ptr_array_set_size (today->drafts, (int) limit);
  return g_steal_pointer (&today);
}
