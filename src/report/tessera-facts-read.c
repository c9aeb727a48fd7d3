/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-read.c: what happened, one fact at a time, in an order that tells nothing.
 *
 * Visits, the many, pass week by week so that memory does not grow with them. The others are sorted by chance in one
 * go.
 */
#include "config.h"
#include <string.h>

#include "tessera-facts-private.h"
#include "tessera-report-sql.h"

#define COLUMN_CODES 2
#define COLUMN_NUMBERS 6
#define COLUMN_ID 8
#define DAY_MSEC (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/* Columns: client, instant, four codes, two numbers, and the id of the visit itself or of the service. */
static const char *const queries[TESSERA_N_FACTS] = {
  [TESSERA_FACT_REGISTRATION] =
    "SELECT id, registered_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM client"
    " WHERE merged_into IS NULL AND " IN_PERIOD ("registered_at") " ORDER BY random ()",
  [TESSERA_FACT_VISIT] =
    "SELECT client, at, how, mediator, domains, NULL, NULL, NULL, id FROM visit"
    " WHERE " IN_PERIOD ("at") " ORDER BY random ()",
  [TESSERA_FACT_STEP_CHANGE] =
    "SELECT client, at, from_step, to_step, " STEP_WAY ", NULL, NULL, NULL, NULL FROM step_change"
    " WHERE " IN_PERIOD ("at") " AND reason <> 'correction' ORDER BY random ()",
  [TESSERA_FACT_SCORE] =
    "SELECT s.client, a.at, s.domain, NULL, NULL, NULL, s.worker_level, s.client_level, NULL FROM assessment a"
    " JOIN assessment_score s ON s.assessment = a.id WHERE " IN_PERIOD ("a.at")
    " AND (s.worker_level BETWEEN 1 AND 5 OR s.client_level BETWEEN 1 AND 5) ORDER BY random ()",
  /* All that were open at some time of the period. */
  [TESSERA_FACT_NEED] =
    "SELECT client, opened_at, domain, NULL, NULL, NULL, coalesce (urgent, 0), met_at, NULL FROM need"
    " WHERE opened_at < ?2 AND (met_at IS NULL OR met_at >= ?1) ORDER BY random ()",
  [TESSERA_FACT_REFERRAL] =
    "SELECT client, at, kind, priority, " OUTCOME ", code, answered, NULL, service FROM (SELECT r.*, "
    FIRST_EVENT ("sender", "'sent'") " AS at, " FIRST_EVENT ("receiver", ANSWERS) " AS answered FROM referral r"
    " WHERE r.direction = 'out' AND r.status <> 'void') WHERE " IN_PERIOD ("at") " ORDER BY random ()",
  [TESSERA_FACT_TASK] =
    "SELECT client, done_at, done_by, NULL, NULL, NULL, NULL, NULL, NULL FROM task"
    " WHERE " IN_PERIOD ("done_at") " ORDER BY random ()",
};

/* What a publisher's term becomes. Nothing about health, protection or the law is here, and terms that are not here
 * become "other" together with these, so that "other" says nothing. */
static const struct {
  const char *term;
  const char *theme;
} themes[] = {
  { "housing", "housing" },
  { "shelter", "housing" },
  { "food", "food" },
  { "clothing", "goods" },
  { "nfi", "goods" },
  { "wash", "goods" },
  { "cash", "money" },
  { "money", "money" },
  { "language-class", "language" },
  { "civic-orientation", "orientation" },
  { "education", "learning" },
  { "school", "learning" },
  { "training", "learning" },
  { "recognition", "learning" },
  { "childcare", "childcare" },
  { "job-search", "work" },
  { "work-rights", "work" },
  { "digital", "digital" },
  { "leisure", "community" },
  { "community", "community" },
  { "translation", "translation" },
};

typedef struct {
  TesseraTransaction *transaction;
  TesseraFactsPeople *people;
  GHashTable *themes;
  GHashTable *corrected;
  TesseraFactFunc func;
  TesseraFactPauseFunc pause;
  gpointer data;
} Reading;

gboolean
tessera_facts_is_reserved (const char *domain) {
  return g_str_equal (domain, "health") || g_str_equal (domain, "safety");
}

static void
format_day (GDateTime *day, char ret_date[11]) {
  g_snprintf (ret_date, 11, "%04d-%02d-%02d", g_date_time_get_year (day), g_date_time_get_month (day),
              g_date_time_get_day_of_month (day));
}

static GDateTime *
find_monday (gint64 at) {
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / 1000);

  return g_date_time_add_days (time, 1 - g_date_time_get_day_of_week (time));
}

void
tessera_facts_find_week (gint64 at, char ret_date[11]) {
  g_autoptr (GDateTime) monday = find_monday (at);

  format_day (monday, ret_date);
}

void
tessera_facts_find_month (gint64 at, char ret_date[11]) {
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / 1000);

  format_day (time, ret_date);
  memcpy (ret_date + 8, "01", 2);
}

/* The midnight that ends the week of @at. */
static gint64
find_week_end (gint64 at) {
  g_autoptr (GDateTime) monday = find_monday (at);
  g_autoptr (GDateTime) next = g_date_time_add_days (monday, 7);
  g_autoptr (GDateTime) midnight = g_date_time_new_local (
    g_date_time_get_year (next), g_date_time_get_month (next), g_date_time_get_day_of_month (next), 0, 0, 0);

  return midnight ? g_date_time_to_unix (midnight) * 1000 : at + 7 * DAY_MSEC;
}

static const char *
find_theme (const char *term) {
  for (guint i = 0; term && i < G_N_ELEMENTS (themes); i++)
    if (g_ascii_strcasecmp (themes[i].term, term) == 0)
      return themes[i].theme;
  return NULL;
}

/* Services to their first theme that may be named. */
static GHashTable *
read_themes (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) by_service = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
                                           "SELECT a.link_id, t.code FROM attribute a JOIN taxonomy_term t"
                                           " ON t.id = a.taxonomy_term WHERE a.link_entity = 'service'"
                                           " ORDER BY a._rowid DESC",
                                           error);
  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    const char *theme = find_theme (tessera_statement_get_text (statement, 1));

    if (theme)
      g_hash_table_insert (by_service, g_strdup (tessera_statement_get_text (statement, 0)), (gpointer) theme);
  }
  if (!local_error)
    return g_steal_pointer (&by_service);
  g_propagate_error (error, local_error);
  return NULL;
}

/* Visits that a later one corrects: few, and without an index, so they are read once. */
static GHashTable *
read_corrected (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) corrected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (TesseraStatement) statement
    = tessera_transaction_prepare (transaction, "SELECT corrects FROM visit WHERE corrects IS NOT NULL", error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error))
    g_hash_table_add (corrected, tessera_statement_get_id (statement, 0));
  if (!local_error)
    return g_steal_pointer (&corrected);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
is_corrected (Reading *self, TesseraStatement *statement) {
  g_autofree char *visit = tessera_statement_get_id (statement, COLUMN_ID);

  return g_hash_table_contains (self->corrected, visit);
}

static const char *
read_theme (Reading *self, TesseraStatement *statement) {
  g_autofree char *service = tessera_statement_get_id (statement, COLUMN_ID);
  const char *theme = service ? g_hash_table_lookup (self->themes, service) : NULL;

  return theme ? theme : TESSERA_FACTS_OTHER;
}

/* Facts about nobody (erased, or not our client) and about people who said no are not facts. */
static gboolean
pass (Reading *self, TesseraFactKind kind, TesseraStatement *statement, GError **error) {
  g_autofree char *client = tessera_statement_get_id (statement, 0);
  TesseraFact fact = { .kind = kind };

  fact.person = client ? g_hash_table_lookup (self->people->by_id, client) : NULL;
  if (!fact.person || fact.person->said_no || (kind == TESSERA_FACT_VISIT && is_corrected (self, statement)))
    return TRUE;
  fact.at = tessera_statement_get_integer (statement, 1);
  for (guint i = 0; i < G_N_ELEMENTS (fact.codes); i++)
    fact.codes[i] = tessera_statement_get_text (statement, COLUMN_CODES + (int) i);
  for (int i = 0; i < (int) G_N_ELEMENTS (fact.numbers); i++)
    fact.numbers[i] = tessera_statement_is_null (statement, COLUMN_NUMBERS + i)
                        ? TESSERA_FACTS_NO_NUMBER
                        : tessera_statement_get_integer (statement, COLUMN_NUMBERS + i);
  if (kind == TESSERA_FACT_REFERRAL)
    fact.theme = read_theme (self, statement);
  return self->func (&fact, self->data, error);
}

static gboolean
read_between (Reading *self, TesseraFactKind kind, gint64 begin, gint64 end, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (self->transaction, queries[kind], error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, begin);
  tessera_statement_bind_integer (statement, 2, end);
  while (tessera_statement_step (statement, &local_error))
    if (!pass (self, kind, statement, error))
      return FALSE;
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  return !self->pause || self->pause (self->data, error);
}

/* From the first visit there is, so that a period of a thousand years is no thousand years of weeks. */
static gboolean
find_visits (TesseraTransaction *transaction, const TesseraFactsPeriod *period, TesseraFactsPeriod *ret_part,
             GError **error) {
  g_autoptr (TesseraStatement) statement
    = tessera_transaction_prepare (transaction, "SELECT min (at), max (at) FROM visit", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  *ret_part = (TesseraFactsPeriod) { 0, 0 };
  if (tessera_statement_step (statement, &local_error) && !tessera_statement_is_null (statement, 0)) {
    ret_part->begin = MAX (period->begin, tessera_statement_get_integer (statement, 0));
    ret_part->end = MIN (period->end, tessera_statement_get_integer (statement, 1) + 1);
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
read_visits (Reading *self, const TesseraFactsPeriod *period, GError **error) {
  TesseraFactsPeriod part;

  if (!find_visits (self->transaction, period, &part, error))
    return FALSE;
  while (part.begin < part.end) {
    gint64 end = MIN (find_week_end (part.begin), part.end);

    if (!read_between (self, TESSERA_FACT_VISIT, part.begin, end, error))
      return FALSE;
    part.begin = end;
  }
  return TRUE;
}

gboolean
tessera_facts_read (TesseraTransaction *transaction, const TesseraFactsPeriod *period, TesseraFactsPeople *people,
                    TesseraFactFunc func, TesseraFactPauseFunc pause, gpointer data, GError **error) {
  g_autoptr (GHashTable) services = read_themes (transaction, error);
  g_autoptr (GHashTable) corrected = services ? read_corrected (transaction, error) : NULL;
  Reading self = { transaction, people, services, corrected, func, pause, data };

  if (!corrected)
    return FALSE;
  for (TesseraFactKind kind = 0; kind < TESSERA_N_FACTS; kind++) {
    if (kind == TESSERA_FACT_VISIT ? !read_visits (&self, period, error)
                                   : !read_between (&self, kind, period->begin, period->end, error))
      return FALSE;
  }
  return TRUE;
}
