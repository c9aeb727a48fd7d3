/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-rows.c: facts as rows about persons under random numbers.
 *
 * No row says more about a person than the person's own row does about the same thing; what would be data on health or
 * protection is left out.
 */
#include "config.h"
#include <string.h>

#include "tessera-facts-private.h"

#define DAY_MSEC (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)
/* Days in 400 years over months in 400 years. */
#define MONTH_DAYS (146097.0 / 4800)
#define MOST_MONTHS 24
#define MOST_DAYS 90
#define FLUSH_EVERY 4096

typedef struct {
  TesseraFactsWriter *writer;
  gint64 end;
  gint64 numbers[TESSERA_N_TABLES];
  guint unflushed;
} Rows;

typedef struct {
  char text[24];
} Cell;

static const char *
format (Cell *cell, gint64 number) {
  if (number == TESSERA_FACTS_NO_NUMBER)
    return NULL;
  g_snprintf (cell->text, sizeof cell->text, "%" G_GINT64_FORMAT, number);
  return cell->text;
}

static const char *
format_month (Cell *cell, gint64 at) {
  tessera_facts_find_month (at, cell->text);
  return cell->text;
}

static const char *
number_row (Rows *self, TesseraFactsTableId table, Cell *cell) {
  return format (cell, ++self->numbers[table]);
}

static void
add_registration (Rows *self, const TesseraFact *fact) {
  Cell person, month;
  const char *cells[] = { format (&person, fact->person->key), format_month (&month, fact->at) };

  tessera_facts_writer_add (self->writer, TESSERA_TABLE_REGISTRATION, cells);
}

static void
add_domains (Rows *self, const char *visit, const char *domains) {
  g_auto (GStrv) codes = g_strsplit (domains ? domains : "", ",", -1);

  for (guint i = 0; codes[i]; i++) {
    const char *cells[] = { visit, codes[i] };

    if (tessera_vocabulary_has (tessera_vocabulary_find ("domain"), codes[i]) && !tessera_facts_is_reserved (codes[i]))
      tessera_facts_writer_add (self->writer, TESSERA_TABLE_VISIT_DOMAIN, cells);
  }
}

static void
add_visit (Rows *self, const TesseraFact *fact) {
  Cell visit, person, week;
  const char *cells[] = { number_row (self, TESSERA_TABLE_VISIT, &visit), format (&person, fact->person->key),
                          week.text, fact->codes[0], fact->codes[1] };

  tessera_facts_find_week (fact->at, week.text);
  tessera_facts_writer_add (self->writer, TESSERA_TABLE_VISIT, cells);
  add_domains (self, cells[0], fact->codes[2]);
}

static gint64
count_months (const TesseraFact *fact) {
  double days;

  if (fact->person->registered_at == TESSERA_FACTS_NO_NUMBER)
    return TESSERA_FACTS_NO_NUMBER;
  days = (double) (fact->at - fact->person->registered_at) / (double) DAY_MSEC;
  return (gint64) CLAMP (days / MONTH_DAYS, 0, MOST_MONTHS);
}

static void
add_step_change (Rows *self, const TesseraFact *fact) {
  Cell number, person, month, months;
  gboolean hidden = strcmp (fact->person->quasi[TESSERA_QUASI_STEP], TESSERA_FACTS_SUPPRESSED) == 0;
  const char *cells[] = { number_row (self, TESSERA_TABLE_STEP_CHANGE, &number),
                          format (&person, fact->person->key),
                          format_month (&month, fact->at),
                          fact->codes[2],
                          hidden && fact->codes[0] ? TESSERA_FACTS_SUPPRESSED : fact->codes[0],
                          hidden ? TESSERA_FACTS_SUPPRESSED : fact->codes[1],
                          format (&months, count_months (fact)) };

  tessera_facts_writer_add (self->writer, TESSERA_TABLE_STEP_CHANGE, cells);
}

static gint64
check_level (gint64 level) {
  return level >= 1 && level <= 5 ? level : TESSERA_FACTS_NO_NUMBER;
}

static void
add_score (Rows *self, const TesseraFact *fact) {
  Cell number, person, month, worker, client;
  const char *cells[] = { NULL,
                          format (&person, fact->person->key),
                          format_month (&month, fact->at),
                          fact->codes[0],
                          format (&worker, check_level (fact->numbers[0])),
                          format (&client, check_level (fact->numbers[1])) };

  if (tessera_facts_is_reserved (fact->codes[0]))
    return;
  cells[0] = number_row (self, TESSERA_TABLE_ASSESSMENT, &number);
  tessera_facts_writer_add (self->writer, TESSERA_TABLE_ASSESSMENT, cells);
}

static void
add_need (Rows *self, const TesseraFact *fact) {
  Cell number, person, urgent, opened, met;
  gint64 met_at = fact->numbers[1];
  gboolean is_met = met_at != TESSERA_FACTS_NO_NUMBER && met_at < self->end;
  const char *cells[] = { NULL,
                          format (&person, fact->person->key),
                          fact->codes[0],
                          format (&urgent, fact->numbers[0]),
                          format_month (&opened, fact->at),
                          is_met ? format_month (&met, met_at) : NULL };

  if (tessera_facts_is_reserved (fact->codes[0]))
    return;
  cells[0] = number_row (self, TESSERA_TABLE_NEED, &number);
  tessera_facts_writer_add (self->writer, TESSERA_TABLE_NEED, cells);
}

static const char *
find_reason (const char *outcome, const char *code) {
  const TesseraFactsTable *table = tessera_facts_get_table (TESSERA_TABLE_REFERRAL);
  g_autoptr (GPtrArray) codes = NULL;

  if (!code || strcmp (outcome, "declined") != 0)
    return NULL;
  codes = tessera_facts_list_codes (&table->columns[table->n_columns - 1]);
  for (guint i = 0; i < codes->len; i++)
    if (strcmp (codes->pdata[i], code) == 0)
      return code;
  return TESSERA_FACTS_OTHER;
}

static gint64
count_days (const TesseraFact *fact) {
  if (fact->numbers[0] == TESSERA_FACTS_NO_NUMBER)
    return TESSERA_FACTS_NO_NUMBER;
  return CLAMP ((fact->numbers[0] - fact->at) / DAY_MSEC, 0, MOST_DAYS);
}

static void
add_referral (Rows *self, const TesseraFact *fact) {
  Cell number, person, month, days;
  const char *cells[] = { number_row (self, TESSERA_TABLE_REFERRAL, &number),
                          format (&person, fact->person->key),
                          format_month (&month, fact->at),
                          fact->codes[0],
                          fact->codes[1],
                          fact->theme,
                          fact->codes[2],
                          format (&days, count_days (fact)),
                          find_reason (fact->codes[2], fact->codes[3]) };

  tessera_facts_writer_add (self->writer, TESSERA_TABLE_REFERRAL, cells);
}

static void
add_task (Rows *self, const TesseraFact *fact) {
  Cell number, person, month;
  const char *cells[] = { number_row (self, TESSERA_TABLE_TASK, &number), format (&person, fact->person->key),
                          format_month (&month, fact->at), fact->codes[0] };

  tessera_facts_writer_add (self->writer, TESSERA_TABLE_TASK, cells);
}

static gboolean
flush (gpointer data, GError **error) {
  Rows *self = data;

  self->unflushed = 0;
  return tessera_facts_writer_flush (self->writer, error);
}

static gboolean
add (const TesseraFact *fact, gpointer data, GError **error) {
  static void (*const functions[TESSERA_N_FACTS]) (Rows *, const TesseraFact *) = {
    [TESSERA_FACT_REGISTRATION] = add_registration,
    [TESSERA_FACT_VISIT] = add_visit,
    [TESSERA_FACT_STEP_CHANGE] = add_step_change,
    [TESSERA_FACT_SCORE] = add_score,
    [TESSERA_FACT_NEED] = add_need,
    [TESSERA_FACT_REFERRAL] = add_referral,
    [TESSERA_FACT_TASK] = add_task,
  };
  Rows *self = data;

  functions[fact->kind] (self, fact);
  return ++self->unflushed < FLUSH_EVERY || flush (self, error);
}

static int
compare_keys (gconstpointer a, gconstpointer b) {
  const TesseraFactsPerson *one = *(const TesseraFactsPerson *const *) a;
  const TesseraFactsPerson *other = *(const TesseraFactsPerson *const *) b;

  return (one->key > other->key) - (one->key < other->key);
}

static void
add_people (TesseraFactsWriter *writer, TesseraFactsPeople *people) {
  g_ptr_array_sort (people->all, compare_keys);
  for (guint i = 0; i < people->all->len; i++) {
    const TesseraFactsPerson *person = people->all->pdata[i];
    Cell key;
    const char *cells[] = { format (&key, person->key), person->quasi[0], person->quasi[1],
                            person->quasi[2],           person->quasi[3], person->quasi[4] };

    if (person->is_in)
      tessera_facts_writer_add (writer, TESSERA_TABLE_PERSON, cells);
  }
}

gboolean
tessera_facts_write_rows (TesseraTransaction *transaction, const TesseraFactsPeriod *period,
                          TesseraFactsPeople *people, TesseraFactsWriter *writer, GError **error) {
  Rows self = { .writer = writer, .end = period->end };

  add_people (writer, people);
  return flush (&self, error) && tessera_facts_read (transaction, period, people, add, flush, &self, error);
}
