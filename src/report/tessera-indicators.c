/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-indicators.c: counting, and hiding what is small.
 *
 * Counts are gathered as rows with the sums that bind them; only when all are there are small ones hidden,
 * and only then are shares made, from numbers that are shown anyway.
 */
#include "config.h"
#include <string.h>

#include "tessera-indicators.h"
#include "tessera-period.h"
#include "tessera-report-sql.h"

#define UNRECORDED "unrecorded"
#define OTHER "other"
#define DAY_MSEC (24.0 * 60 * 60 * 1000)

#define VISITS \
  " FROM visit v WHERE " IN_PERIOD ("v.at") \
  " AND v.id NOT IN (SELECT corrects FROM visit WHERE corrects IS NOT NULL)"
/* Referrals sent by us in the period: when first sent, and when first answered by the other side. */
#define SENT \
  " sent AS (SELECT r.client, r.partner, r.status," \
  " coalesce (nullif (hex (r.service), ''), lower (r.service_name), '') AS service, " \
  FIRST_EVENT ("sender", "'sent'") " AS at, " FIRST_EVENT ("receiver", ANSWERS) " AS answered" \
  " FROM referral r WHERE r.direction = 'out' AND r.status <> 'void')"

/* What one kind of row is and how it is counted: code and number; for languages also how many people. */
typedef struct {
  const char *group;
  /* Codes that are listed even when nothing has them, separated by blanks, or a vocabulary. */
  const char *codes;
  const char *vocabulary;
  gboolean are_languages;
  const char *sql;
} Count;

static const Count clients_count = {
  "clients", "registered", NULL, FALSE,
  "SELECT 'registered', count (*) FROM client WHERE merged_into IS NULL AND " IN_PERIOD ("registered_at"),
};

static const Count language_count = {
  "clients_language", NULL, NULL, TRUE,
  PERSONS " SELECT c.language, count (DISTINCT c.id), count (DISTINCT c.id)"
          " FROM client c JOIN person p ON p.person = c.id"
          " WHERE p.id IN (SELECT v.client" VISITS ") GROUP BY c.language ORDER BY 2 DESC, 1",
};

static const Count step_count = {
  "open_step", NULL, "step", FALSE,
  "SELECT step, count (*) FROM client WHERE merged_into IS NULL AND case_state IS NOT 'closed'"
  " AND ?1 IS NOT NULL AND ?2 IS NOT NULL GROUP BY step",
};

static const Count how_count = {
  "visits_how", NULL, "visit_how", FALSE, "SELECT v.how, count (*)" VISITS " GROUP BY v.how",
};

static const Count mediator_count = {
  "visits_mediator", NULL, "mediator", FALSE, "SELECT v.mediator, count (*)" VISITS " GROUP BY v.mediator",
};

static const Count unmet_count = {
  "mediator_unmet", NULL, NULL, TRUE,
  "SELECT v.language, count (*), count (DISTINCT v.client)" VISITS " AND v.mediator = 'not-available'"
  " GROUP BY v.language ORDER BY 2 DESC, 1",
};

static const Count domains_count = {
  "domains", NULL, "domain", FALSE,
  "SELECT v.domains, count (*)" VISITS " AND v.domains <> '' GROUP BY v.domains",
};

static const Count movement_count = {
  "step_changes", "forward back same first", NULL, FALSE,
  "SELECT " STEP_WAY " AS way, count (*)"
  " FROM step_change WHERE " IN_PERIOD ("at") " AND reason <> 'correction' GROUP BY way",
};

static const Count tasks_count = {
  "tasks_done", NULL, "who", FALSE,
  "SELECT done_by, count (*) FROM task WHERE " IN_PERIOD ("done_at") " GROUP BY done_by",
};

static const Count referrals_count = {
  "referrals", "accepted declined unanswered withdrawn", NULL, FALSE,
  "WITH" SENT " SELECT " OUTCOME " AS outcome, count (*)"
  " FROM sent WHERE " IN_PERIOD ("at") " GROUP BY outcome",
};

static const Count doors_count = {
  "doors", "1 2 3+", NULL, FALSE,
  PERSONS "," SENT " SELECT CASE n WHEN 1 THEN '1' WHEN 2 THEN '2' ELSE '3+' END AS doors, count (*)"
  " FROM (SELECT count (DISTINCT hex (s.partner) || s.service) AS n"
  " FROM sent s JOIN person p ON p.id = s.client WHERE " IN_PERIOD ("s.at") " AND s.status IN (" TAKEN_IN ")"
  " GROUP BY p.person) GROUP BY doors",
};

static const char answer_days_sql[] =
  "WITH" SENT " SELECT max (answered - at, 0) AS wait FROM sent WHERE " IN_PERIOD ("at")
  " AND answered IS NOT NULL ORDER BY wait";

typedef struct {
  TesseraTransaction *transaction;
  gint64 begin;
  gint64 end;
  GPtrArray *rows;
  GArray *sums;
} Collection;

static TesseraIndicator *
get_row (GPtrArray *rows, guint place) {
  return g_ptr_array_index (rows, place);
}

static void
free_indicator (TesseraIndicator *self) {
  g_free (self->code);
  g_free (self);
}

void
tessera_indicators_free (TesseraIndicators *self) {
  g_free (self->from);
  g_free (self->to);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/* Adds @number to the row, which is made if it is not there. Rows of a group stand together. */
static TesseraIndicator *
count_row (GPtrArray *rows, guint first, const char *group, const char *code, double number) {
  TesseraIndicator *row;

  for (guint i = first; i < rows->len; i++) {
    row = g_ptr_array_index (rows, i);
    if (strcmp (row->code, code) == 0) {
      row->value += number;
      return row;
    }
  }
  row = g_new0 (TesseraIndicator, 1);
  row->group = group;
  row->code = g_strdup (code);
  row->value = number;
  g_ptr_array_add (rows, row);
  return row;
}

static void
list_codes (GPtrArray *rows, guint first, const Count *count) {
  const TesseraVocabulary *vocabulary = count->vocabulary ? tessera_vocabulary_find (count->vocabulary)
    : NULL;
  g_auto (GStrv) codes = g_strsplit (count->codes ? count->codes : "", " ", -1);

  for (guint i = 0; codes[i] && *codes[i]; i++)
    count_row (rows, first, count->group, codes[i], 0);
  for (guint i = 0; vocabulary && i < vocabulary->n_choices; i++)
    count_row (rows, first, count->group, vocabulary->choices[i].code, 0);
}

/* A set is counted once for each of its members. A language that few people speak is not named, however often
 * they came: the name alone may be enough to know them. */
static void
count_code (GPtrArray *rows, guint first, const Count *count, TesseraStatement *statement) {
  const char *text = tessera_statement_get_text (statement, 0);
  gint64 number = tessera_statement_get_integer (statement, 1);
  g_auto (GStrv) codes = NULL;
  const char *code = text && *text ? text : UNRECORDED;
  gboolean is_rare = count->are_languages
                     && tessera_statement_get_integer (statement, 2) < TESSERA_SUPPRESSION_LIMIT;

  if (text && is_rare)
    code = OTHER;
  codes = g_strsplit (code, ",", -1);
  for (guint i = 0; codes[i]; i++)
    count_row (rows, first, count->group, codes[i], (double) number);
}

static TesseraStatement *
prepare (Collection *self, const char *sql, GError **error) {
  TesseraStatement *statement = tessera_transaction_prepare (self->transaction, sql, error);

  if (statement) {
    tessera_statement_bind_integer (statement, 1, self->begin);
    tessera_statement_bind_integer (statement, 2, self->end);
  }
  return statement;
}

static gboolean
add_count (Collection *self, const Count *count, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, count->sql, error);
  guint first = self->rows->len;
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  list_codes (self->rows, first, count);
  while (tessera_statement_step (statement, &local_error))
    count_code (self->rows, first, count, statement);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* The rows of @count add up to the row @total, or to a new one named @code before them when @total is
 * negative. Returns the place of the total, or -1. */
static int
add_sum (Collection *self, int total, const char *group, const char *code, const Count *count,
         GError **error) {
  TesseraSum sum = { 0 };
  gboolean is_new = total < 0;

  if (is_new) {
    total = (int) self->rows->len;
    count_row (self->rows, self->rows->len, group, code, 0);
  }
  sum.total = (guint) total;
  sum.first = self->rows->len;
  if (!add_count (self, count, error))
    return -1;
  sum.n_parts = self->rows->len - sum.first;
  if (sum.n_parts > 0)
    g_array_append_val (self->sums, sum);
  for (guint i = sum.first; is_new && i < self->rows->len; i++)
    get_row (self->rows, sum.total)->value += get_row (self->rows, i)->value;
  return total;
}

static int
find_row (GPtrArray *rows, const char *group, const char *code) {
  for (guint i = 0; i < rows->len; i++) {
    const TesseraIndicator *row = g_ptr_array_index (rows, i);

    if (strcmp (row->group, group) == 0 && strcmp (row->code, code) == 0)
      return (int) i;
  }
  return -1;
}

static gboolean
collect_counts (Collection *self, GError **error) {
  int visits;
  int unmet;

  if (!add_count (self, &clients_count, error)
      || add_sum (self, -1, "clients", "seen", &language_count, error) < 0
      || add_sum (self, -1, "open_step", "total", &step_count, error) < 0)
    return FALSE;
  visits = add_sum (self, -1, "visits", "total", &how_count, error);
  if (visits < 0 || add_sum (self, visits, NULL, NULL, &mediator_count, error) < 0)
    return FALSE;
  unmet = find_row (self->rows, "visits_mediator", "not-available");
  return add_sum (self, unmet, NULL, NULL, &unmet_count, error) >= 0
         && add_count (self, &domains_count, error)
         && add_sum (self, -1, "step_changes", "total", &movement_count, error) >= 0
         && add_sum (self, -1, "tasks_done", "total", &tasks_count, error) >= 0
         && add_sum (self, -1, "referrals", "sent", &referrals_count, error) >= 0
         && add_sum (self, -1, "doors", "total", &doors_count, error) >= 0;
}

/* What is hidden is taken out of the data. */
static void
suppress (Collection *self) {
  g_autofree gint64 *values = g_new (gint64, self->rows->len);
  g_autofree TesseraSuppression *marks = g_new (TesseraSuppression, self->rows->len);

  for (guint i = 0; i < self->rows->len; i++)
    values[i] = (gint64) get_row (self->rows, i)->value;
  tessera_suppress (values, self->rows->len, (const TesseraSum *) self->sums->data, self->sums->len, marks);
  for (guint i = 0; i < self->rows->len; i++) {
    TesseraIndicator *row = get_row (self->rows, i);

    row->suppressed = marks[i];
    if (marks[i] != TESSERA_SUPPRESSION_NONE)
      row->value = 0;
  }
}

static double
round_up_half (double number) {
  return (double) (gint64) (number + 0.5);
}

/* A row made of others, after the last of its group. */
static TesseraIndicator *
add_derived (GPtrArray *rows, const char *group, const char *code, TesseraIndicatorUnit unit) {
  TesseraIndicator *row = g_new0 (TesseraIndicator, 1);
  guint place = rows->len;

  while (place > 0 && strcmp (get_row (rows, place - 1)->group, group) != 0)
    place--;
  row->group = group;
  row->code = g_strdup (code);
  row->unit = unit;
  g_ptr_array_insert (rows, (int) place, row);
  return row;
}

/* A share is made of shown numbers only: it says nothing that is not there already. */
static void
add_share (GPtrArray *rows, const char *group, const char *code, const char *part_code,
           const char *whole_code) {
  const TesseraIndicator *part = g_ptr_array_index (rows, find_row (rows, group, part_code));
  const TesseraIndicator *whole = g_ptr_array_index (rows, find_row (rows, group, whole_code));
  TesseraIndicator *share = add_derived (rows, group, code, TESSERA_INDICATOR_PERCENT);

  if (part->suppressed || whole->suppressed)
    share->suppressed = TESSERA_SUPPRESSION_COMPLEMENTARY;
  else if (whole->value > 0)
    share->value = round_up_half (100 * part->value / whole->value);
  else
    share->is_empty = TRUE;
}

static double
find_median (GArray *sorted) {
  guint half = sorted->len / 2;
  double upper = g_array_index (sorted, double, half);

  return sorted->len % 2 ? upper : (upper + g_array_index (sorted, double, half - 1)) / 2;
}

static gboolean
add_answer_days (Collection *self, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, answer_days_sql, error);
  g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (double));
  TesseraIndicator *median;
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    double days = (double) tessera_statement_get_integer (statement, 0) / DAY_MSEC;

    g_array_append_val (waits, days);
  }
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  median = add_derived (self->rows, "referrals", "median_days", TESSERA_INDICATOR_DAYS);
  median->is_empty = waits->len == 0;
  if (waits->len >= TESSERA_SUPPRESSION_LIMIT)
    median->value = round_up_half (10 * find_median (waits)) / 10;
  else if (waits->len > 0)
    median->suppressed = TESSERA_SUPPRESSION_COMPLEMENTARY;
  return TRUE;
}

TesseraIndicators *
tessera_indicators_collect (TesseraTransaction *transaction, const char *from, const char *to,
                            GError **error) {
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) free_indicator);
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (TesseraSum));
  Collection collection = { transaction, 0, 0, rows, sums };
  TesseraIndicators *self;

  if (!tessera_period_check (from, to, error))
    return NULL;
  collection.begin = tessera_period_find_midnight (from, 0);
  collection.end = tessera_period_find_midnight (to, 1);
  if (!collect_counts (&collection, error))
    return NULL;
  suppress (&collection);
  add_share (rows, "tasks_done", "share_alone", "client", "total");
  add_share (rows, "tasks_done", "share_together", "together", "total");
  add_share (rows, "referrals", "share_accepted", "accepted", "sent");
  if (!add_answer_days (&collection, error))
    return NULL;
  self = g_new0 (TesseraIndicators, 1);
  self->from = g_strdup (from);
  self->to = g_strdup (to);
  self->rows = g_steal_pointer (&rows);
  return self;
}

const TesseraIndicator *
tessera_indicators_find (const TesseraIndicators *self, const char *group, const char *code) {
  int place = find_row (self->rows, group, code);

  return place < 0 ? NULL : g_ptr_array_index (self->rows, place);
}
