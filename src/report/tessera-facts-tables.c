/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-tables.c: what tables an export has and what their cells may hold: the allow-list of everything that
 * gets out. The schema for PostgreSQL and the writer both read it.
 */
#include "config.h"
#include <string.h>

#include "tessera-facts-private.h"

#define UNLISTED "unlisted"

static const TesseraFactsColumn export_columns[] = {
  { "export", TESSERA_COLUMN_NUMBER, NULL, FALSE, 1, 1, "always 1: there is one export in a schema" },
  { "from_day", TESSERA_COLUMN_DAY, NULL, FALSE, 0, 0, "first day of the period" },
  { "to_day", TESSERA_COLUMN_DAY, NULL, FALSE, 0, 0, "last day of the period" },
  { "smallest", TESSERA_COLUMN_NUMBER, NULL, FALSE, TESSERA_FACTS_SMALLEST_LEAST, TESSERA_FACTS_SMALLEST_MOST,
    "how many people share a description, or are behind a number that is shown, at least" },
  { "format", TESSERA_COLUMN_NUMBER, NULL, FALSE, 1, 1, "version of these tables" },
};

static const TesseraFactsColumn person_columns[] = {
  { "person", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "random number, of this export only; another export has others" },
  { "household", TESSERA_COLUMN_CODE, "alone two three-or-four five-or-more unrecorded suppressed", FALSE, 0, 0,
    "people in the household" },
  { "age_band", TESSERA_COLUMN_CODE,
    "under-18 18-24 25-34 35-44 45-54 55-64 65-or-over 18-34 35-64 unrecorded suppressed", FALSE, 0, 0,
    "age in the year the period ends; where too few are alike, a wider band" },
  { "language", TESSERA_COLUMN_LANGUAGE, NULL, FALSE, 0, 0,
    "preferred language (ISO 639), without region or script; rare ones are other" },
  { "gender", TESSERA_COLUMN_CODE, "@gender unrecorded suppressed", FALSE, 0, 0, "as the person says" },
  { "step", TESSERA_COLUMN_CODE, "@step unrecorded suppressed", FALSE, 0, 0, "on the day of the export" },
};

static const TesseraFactsColumn registration_columns[] = {
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "month", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month" },
};

static const TesseraFactsColumn visit_columns[] = {
  { "visit", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number; the order within a week is by chance" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "week", TESSERA_COLUMN_WEEK, NULL, FALSE, 0, 0, "Monday of the ISO week" },
  { "how", TESSERA_COLUMN_CODE, "@visit_how unrecorded", FALSE, 0, 0, "way of contact" },
  { "mediator", TESSERA_COLUMN_CODE, "@mediator unrecorded", FALSE, 0, 0, "intercultural mediator" },
};

static const TesseraFactsColumn visit_domain_columns[] = {
  { "visit", TESSERA_COLUMN_VISIT, NULL, FALSE, 0, 0, "which visit" },
  { "domain", TESSERA_COLUMN_CODE, "@domain -health -safety", FALSE, 0, 0, "what was talked about" },
};

static const TesseraFactsColumn step_change_columns[] = {
  { "step_change", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number, by chance" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "month", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month" },
  { "way", TESSERA_COLUMN_CODE, "first forward back same", FALSE, 0, 0, "in which direction" },
  { "from_step", TESSERA_COLUMN_CODE, "@step suppressed", TRUE, 0, 0, "suppressed where the person's step is" },
  { "to_step", TESSERA_COLUMN_CODE, "@step suppressed", FALSE, 0, 0, "suppressed where the person's step is" },
  { "months_since_registration", TESSERA_COLUMN_NUMBER, NULL, TRUE, 0, 24, "24 is two years or more" },
};

static const TesseraFactsColumn assessment_columns[] = {
  { "assessment", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number, by chance; one row per domain" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "month", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month" },
  { "domain", TESSERA_COLUMN_CODE, "@domain -health -safety", FALSE, 0, 0, "domain of life" },
  { "worker_level", TESSERA_COLUMN_NUMBER, NULL, TRUE, 1, 5, "1 is worst" },
  { "client_level", TESSERA_COLUMN_NUMBER, NULL, TRUE, 1, 5, "what the person says" },
};

static const TesseraFactsColumn need_columns[] = {
  { "need", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number, by chance" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "domain", TESSERA_COLUMN_CODE, "@domain -health -safety", FALSE, 0, 0, "domain of life" },
  { "urgent", TESSERA_COLUMN_FLAG, NULL, FALSE, 0, 0, "whether it was urgent" },
  { "opened", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month; may be before the period" },
  { "met", TESSERA_COLUMN_MONTH, NULL, TRUE, 0, 0, "first day of the month; nothing if not met in the period" },
};

static const TesseraFactsColumn referral_columns[] = {
  { "referral", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number, by chance" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "month", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month it was sent in" },
  { "kind", TESSERA_COLUMN_CODE, "@referral_kind", FALSE, 0, 0, "what was asked for" },
  { "priority", TESSERA_COLUMN_CODE, "@priority unrecorded", FALSE, 0, 0, "how soon" },
  { "theme", TESSERA_COLUMN_CODE,
    "housing food goods money language orientation learning childcare work digital community translation other", FALSE,
    0, 0, "of the service; what is about health, protection or the law is among other" },
  { "outcome", TESSERA_COLUMN_CODE, "accepted declined withdrawn unanswered", FALSE, 0, 0,
    "until the day of the export" },
  { "days_to_answer", TESSERA_COLUMN_NUMBER, NULL, TRUE, 0, 90, "to the first answer; 90 is 90 or more" },
  { "declined_because", TESSERA_COLUMN_CODE,
    "full waiting_list_closed outside_area not_for_this_group missing_document service_ended language_not_covered"
    " wrong_service other",
    TRUE, 0, 0, "reasons that are about the service; all others are other" },
};

static const TesseraFactsColumn task_columns[] = {
  { "task", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "running number, by chance" },
  { "person", TESSERA_COLUMN_PERSON, NULL, FALSE, 0, 0, "who" },
  { "month", TESSERA_COLUMN_MONTH, NULL, FALSE, 0, 0, "first day of the month it was done in" },
  { "done_by", TESSERA_COLUMN_CODE, "@who unrecorded", FALSE, 0, 0, "who did it" },
};

static const TesseraFactsColumn people_count_columns[] = {
  { "number", TESSERA_COLUMN_KEY, NULL, FALSE, 0, 0, "place in the list" },
  { "month", TESSERA_COLUMN_MONTH, NULL, TRUE, 0, 0, "first day of the month; nothing for the whole period" },
  { "topic", TESSERA_COLUMN_CODE,
    "registered served step language age gender mediator domain moved referred theme need task", FALSE, 0, 0,
    "what is counted" },
  { "code", TESSERA_COLUMN_CODE,
    "all @step @gender @mediator @domain @who under-18 18-24 25-34 35-44 45-54 55-64 65-or-over"
    " first forward back same accepted declined withdrawn unanswered"
    " housing food goods money language orientation learning childcare work digital community translation other"
    " unrecorded",
    TRUE, 0, 0, "which of them; nothing in counts by language" },
  { "language", TESSERA_COLUMN_LANGUAGE, NULL, TRUE, 0, 0, "in counts by language" },
  { "people", TESSERA_COLUMN_NUMBER, NULL, TRUE, 0, G_MAXINT, "how many; nothing when hidden" },
  { "hidden", TESSERA_COLUMN_CODE, "small complementary", TRUE, 0, 0,
    "small: from 1 to below the smallest; complementary: hidden so that another stays hidden" },
};

#define COLUMNS(name) G_N_ELEMENTS (name##_columns), name##_columns

static const TesseraFactsTable tables[TESSERA_N_TABLES] = {
  [TESSERA_TABLE_EXPORT] = { "export", "What this is: one row", NULL, TRUE, TRUE, COLUMNS (export) },
  [TESSERA_TABLE_PERSON] = { "person", "Persons who came, were registered, referred … in the period", NULL, FALSE, TRUE,
                             COLUMNS (person) },
  [TESSERA_TABLE_REGISTRATION] = { "registration", "Who was new in the period", NULL, FALSE, TRUE,
                                   COLUMNS (registration) },
  [TESSERA_TABLE_VISIT] = { "visit", "Visits, calls, outreach", NULL, FALSE, TRUE, COLUMNS (visit) },
  [TESSERA_TABLE_VISIT_DOMAIN] = { "visit_domain", "What visits were about; health and safety are left out",
                                   "visit, domain", FALSE, TRUE, COLUMNS (visit_domain) },
  [TESSERA_TABLE_STEP_CHANGE] = { "step_change", "Changes of step, without corrections of mistakes", NULL, FALSE, TRUE,
                                  COLUMNS (step_change) },
  [TESSERA_TABLE_ASSESSMENT] = { "assessment", "Scores, one per domain; health and safety are left out", NULL, FALSE,
                                 TRUE, COLUMNS (assessment) },
  [TESSERA_TABLE_NEED] = { "need", "Needs open at some time of the period; health and safety are left out", NULL, FALSE,
                           TRUE, COLUMNS (need) },
  [TESSERA_TABLE_REFERRAL] = { "referral", "Referrals sent to partners in the period", NULL, FALSE, TRUE,
                               COLUMNS (referral) },
  [TESSERA_TABLE_TASK] = { "task", "Tasks done in the period", NULL, FALSE, TRUE, COLUMNS (task) },
  [TESSERA_TABLE_PEOPLE_COUNT] = { "people_count", "How many people, with small numbers hidden", NULL, TRUE, FALSE,
                                   COLUMNS (people_count) },
};

const TesseraFactsTable *
tessera_facts_get_table (TesseraFactsTableId id) {
  return &tables[id];
}

gboolean
tessera_facts_has_table (TesseraFactsTableId id, gboolean aggregate) {
  return aggregate ? tables[id].of_counts : tables[id].of_rows;
}

static gboolean
are_equal (gconstpointer a, gconstpointer b) {
  return strcmp (a, b) == 0;
}

static void
add_code (GPtrArray *codes, const char *code) {
  if (!g_ptr_array_find_with_equal_func (codes, code, are_equal, NULL))
    g_ptr_array_add (codes, g_strdup (code));
}

static void
add_vocabulary (GPtrArray *codes, const char *name) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (name);

  g_return_if_fail (vocabulary);
  for (guint i = 0; i < vocabulary->n_choices; i++)
    add_code (codes, vocabulary->choices[i].code);
}

static void
remove_code (GPtrArray *codes, const char *code) {
  guint place;

  if (g_ptr_array_find_with_equal_func (codes, code, are_equal, &place))
    g_ptr_array_remove_index (codes, place);
}

GPtrArray *
tessera_facts_list_codes (const TesseraFactsColumn *column) {
  GPtrArray *codes = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (column->codes ? column->codes : "", " ", -1);

  for (guint i = 0; words[i] && *words[i]; i++) {
    if (*words[i] == '@')
      add_vocabulary (codes, words[i] + 1);
    else if (*words[i] == '-')
      remove_code (codes, words[i] + 1);
    else
      add_code (codes, words[i]);
  }
  add_code (codes, UNLISTED);
  return codes;
}
