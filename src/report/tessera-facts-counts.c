/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-counts.c: facts as numbers of people, by month and for the whole period.
 *
 * People are counted, not visits: five visits of one person are one person. Numbers that add up are hidden together; a
 * person may be in several of the others (domains, outcomes), which therefore do not.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>

#include "tessera-facts-private.h"
#include "tessera-suppression.h"

#define WHOLE ""
#define LANGUAGE_TOPIC "language"

/* Of the mediators in a month that one tells most of which comes first here. */
static const char *const mediators[] = { "not-available", "phone", "present", "not-needed", TESSERA_FACTS_UNRECORDED };

/* What a person is counted under by what they are, not by what they did. */
static const struct {
  const char *topic;
  TesseraQuasi quasi;
  const char *codes;
} breakdowns[] = {
  { "step", TESSERA_QUASI_STEP, "@step unrecorded" },
  { LANGUAGE_TOPIC, TESSERA_QUASI_LANGUAGE, NULL },
  { "age", TESSERA_QUASI_AGE, "under-18 18-24 25-34 35-44 45-54 55-64 65-or-over unrecorded" },
  { "gender", TESSERA_QUASI_GENDER, "@gender unrecorded" },
};

static const struct {
  const char *topic;
  const char *codes;
} overlapping[] = {
  { "domain", "@domain" },
  { "moved", "first forward back same" },
  { "referred", "accepted declined withdrawn unanswered" },
  { "theme",
    "housing food goods money language orientation learning childcare work digital community translation other" },
  { "need", "@domain" },
  { "task", "@who unrecorded" },
};

/* @sets: "month topic code" to the set of persons; @months: those there are. */
typedef struct {
  GHashTable *sets;
  GPtrArray *months;
  gint64 end;
} Counts;

typedef struct {
  const char *topic;
  char *code;
  gint64 people;
} Cell;

/* Cells of one month, or those of one topic in all months, with the sums that bind them. */
typedef struct {
  GArray *cells;
  GArray *sums;
} Block;

static GHashTable *
get_set (Counts *self, const char *month, const char *topic, const char *code, gboolean may_make) {
  g_autofree char *name = g_strjoin (" ", month, topic, code, NULL);
  GHashTable *set = g_hash_table_lookup (self->sets, name);

  if (!set && may_make) {
    set = g_hash_table_new (g_direct_hash, g_direct_equal);
    g_hash_table_insert (self->sets, g_steal_pointer (&name), set);
  }
  return set;
}

static void
note_month (Counts *self, const char *month) {
  for (guint i = 0; i < self->months->len; i++)
    if (strcmp (self->months->pdata[i], month) == 0)
      return;
  g_ptr_array_add (self->months, g_strdup (month));
}

static void
count (Counts *self, const TesseraFact *fact, const char *topic, const char *code) {
  char month[11];

  tessera_facts_find_month (fact->at, month);
  note_month (self, month);
  g_hash_table_add (get_set (self, month, topic, code, TRUE), fact->person);
  g_hash_table_add (get_set (self, WHOLE, topic, code, TRUE), fact->person);
}

static void
count_visit (Counts *self, const TesseraFact *fact) {
  g_auto (GStrv) domains = g_strsplit (fact->codes[2] ? fact->codes[2] : "", ",", -1);

  count (self, fact, "served", "all");
  count (self, fact, "mediator", fact->codes[1] ? fact->codes[1] : TESSERA_FACTS_UNRECORDED);
  for (guint i = 0; domains[i]; i++)
    count (self, fact, "domain", domains[i]);
}

/* Not met on the last day: a number of that day, not of a month. */
static void
count_need (Counts *self, const TesseraFact *fact) {
  if (fact->numbers[1] == TESSERA_FACTS_NO_NUMBER || fact->numbers[1] >= self->end)
    g_hash_table_add (get_set (self, WHOLE, "need", fact->codes[0], TRUE), fact->person);
}

static gboolean
count_fact (const TesseraFact *fact, gpointer data, GError **error) {
  Counts *self = data;

  if (fact->kind == TESSERA_FACT_VISIT)
    count_visit (self, fact);
  else if (fact->kind == TESSERA_FACT_NEED)
    count_need (self, fact);
  else if (fact->kind == TESSERA_FACT_REGISTRATION)
    count (self, fact, "registered", "all");
  else if (fact->kind == TESSERA_FACT_STEP_CHANGE)
    count (self, fact, "moved", fact->codes[2]);
  else if (fact->kind == TESSERA_FACT_TASK)
    count (self, fact, "task", fact->codes[0] ? fact->codes[0] : TESSERA_FACTS_UNRECORDED);
  else if (fact->kind == TESSERA_FACT_REFERRAL) {
    count (self, fact, "referred", fact->codes[2]);
    count (self, fact, "theme", fact->theme);
  }
  return TRUE;
}

static guint
add_cell (Block *block, const char *topic, const char *code, gint64 people) {
  Cell cell = { topic, g_strdup (code), people };

  g_array_append_val (block->cells, cell);
  return block->cells->len - 1;
}

static guint
add_set (Block *block, Counts *self, const char *month, const char *topic, const char *code) {
  GHashTable *set = get_set (self, month, topic, code, FALSE);

  return add_cell (block, topic, code, set ? g_hash_table_size (set) : 0);
}

/* What follows @first adds up to the cell @total. */
static void
add_sum (Block *block, guint total, guint first) {
  TesseraSum sum = { total, first, block->cells->len - first };

  if (sum.n_parts > 0)
    g_array_append_val (block->sums, sum);
}

static GPtrArray *
list_codes (const char *codes) {
  TesseraFactsColumn column = { .codes = codes };

  return tessera_facts_list_codes (&column);
}

/* Codes to numbers of the people in @served. */
static GHashTable *
tally (GHashTable *served, TesseraQuasi quasi) {
  GHashTable *numbers = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer person;

  g_hash_table_iter_init (&iter, served);
  while (g_hash_table_iter_next (&iter, &person, NULL)) {
    char *code = (char *) ((TesseraFactsPerson *) person)->quasi[quasi];

    g_hash_table_insert (numbers, code, GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (numbers, code)) + 1));
  }
  return numbers;
}

static int
compare_codes (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Languages that enough people speak by name, in byte order; the others as one. */
static void
add_languages (Block *block, GHashTable *numbers, guint smallest) {
  g_autofree gpointer *languages = g_hash_table_get_keys_as_array (numbers, NULL);
  gint64 others = 0;
  guint n_languages = g_hash_table_size (numbers);

  qsort (languages, n_languages, sizeof *languages, compare_codes);
  for (guint i = 0; i < n_languages; i++) {
    gint64 people = GPOINTER_TO_INT (g_hash_table_lookup (numbers, languages[i]));
    gboolean is_named = people >= smallest && strcmp (languages[i], TESSERA_FACTS_OTHER) != 0;

    if (is_named || strcmp (languages[i], TESSERA_FACTS_UNRECORDED) == 0)
      add_cell (block, LANGUAGE_TOPIC, languages[i], people);
    else
      others += people;
  }
  add_cell (block, LANGUAGE_TOPIC, TESSERA_FACTS_OTHER, others);
}

static void
add_breakdown (Block *block, GHashTable *served, guint place, guint smallest) {
  g_autoptr (GHashTable) numbers = tally (served, breakdowns[place].quasi);
  g_autoptr (GPtrArray) codes = NULL;
  guint first = block->cells->len;

  if (!breakdowns[place].codes) {
    add_languages (block, numbers, smallest);
  } else {
    codes = list_codes (breakdowns[place].codes);
    for (guint i = 0; i + 1 < codes->len; i++)
      add_cell (block, breakdowns[place].topic, codes->pdata[i],
                GPOINTER_TO_INT (g_hash_table_lookup (numbers, codes->pdata[i])));
  }
  add_sum (block, 0, first);
}

/* Each person once, under the first mediator of the list. */
static void
add_mediators (Block *block, Counts *self, const char *month) {
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  guint first = block->cells->len;

  for (guint i = 0; i < G_N_ELEMENTS (mediators); i++) {
    GHashTable *set = get_set (self, month, "mediator", mediators[i], FALSE);
    guint before = g_hash_table_size (seen);
    GHashTableIter iter;
    gpointer person;

    if (set)
      g_hash_table_iter_init (&iter, set);
    while (set && g_hash_table_iter_next (&iter, &person, NULL))
      g_hash_table_add (seen, person);
    add_cell (block, "mediator", mediators[i], g_hash_table_size (seen) - before);
  }
  add_sum (block, 0, first);
}

static void
fill_block (Block *block, Counts *self, const char *month, guint smallest) {
  GHashTable *served = get_set (self, month, "served", "all", TRUE);

  add_set (block, self, month, "served", "all");
  for (guint i = 0; i < G_N_ELEMENTS (breakdowns); i++)
    add_breakdown (block, served, i, smallest);
  add_mediators (block, self, month);
  for (guint i = 0; i < G_N_ELEMENTS (overlapping); i++) {
    g_autoptr (GPtrArray) codes = list_codes (overlapping[i].codes);

    if (strcmp (overlapping[i].topic, "need") == 0 && *month)
      continue;
    for (guint j = 0; j + 1 < codes->len; j++)
      add_set (block, self, month, overlapping[i].topic, codes->pdata[j]);
  }
}

static void
write_cell (TesseraFactsWriter *writer, const char *month, const Cell *cell, TesseraSuppression mark, guint number) {
  static const char *const hidden[] = { NULL, "small", "complementary" };
  g_autofree char *number_text = g_strdup_printf ("%u", number);
  g_autofree char *people = mark ? NULL : g_strdup_printf ("%" G_GINT64_FORMAT, cell->people);
  gboolean is_language = strcmp (cell->topic, LANGUAGE_TOPIC) == 0;
  const char *cells[] = { number_text,
                          *month ? month : NULL,
                          cell->topic,
                          is_language ? NULL : cell->code,
                          is_language ? cell->code : NULL,
                          people,
                          hidden[mark] };

  tessera_facts_writer_add (writer, TESSERA_TABLE_PEOPLE_COUNT, cells);
}

/* @months: one for all cells, or one for each. */
static void
write_block (TesseraFactsWriter *writer, const Block *block, const char *const *months, gboolean one_month,
             guint smallest, guint *number) {
  guint n = block->cells->len;
  g_autofree gint64 *values = g_new (gint64, n);
  g_autofree TesseraSuppression *marks = g_new (TesseraSuppression, n);

  for (guint i = 0; i < n; i++)
    values[i] = g_array_index (block->cells, Cell, i).people;
  tessera_suppress_below (smallest, values, n, (const TesseraSum *) block->sums->data, block->sums->len, marks);
  for (guint i = 0; i < n; i++)
    write_cell (writer, months[one_month ? 0 : i], &g_array_index (block->cells, Cell, i), marks[i], ++*number);
}

static void
clear_cell (gpointer cell) {
  g_free (((Cell *) cell)->code);
}

static void
begin_block (Block *block) {
  block->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  block->sums = g_array_new (FALSE, FALSE, sizeof (TesseraSum));
  g_array_set_clear_func (block->cells, clear_cell);
}

static void
end_block (Block *block) {
  g_array_unref (block->cells);
  g_array_unref (block->sums);
}

/* Everybody is new once, so the months add up to the whole. */
static void
write_registered (TesseraFactsWriter *writer, Counts *self, guint smallest, guint *number) {
  Block block;

  begin_block (&block);
  for (guint i = 0; i < self->months->len; i++)
    add_set (&block, self, self->months->pdata[i], "registered", "all");
  add_sum (&block, 0, 1);
  write_block (writer, &block, (const char *const *) self->months->pdata, FALSE, smallest, number);
  end_block (&block);
}

static void
write_month (TesseraFactsWriter *writer, Counts *self, const char *month, guint smallest, guint *number) {
  Block block;

  begin_block (&block);
  fill_block (&block, self, month, smallest);
  write_block (writer, &block, &month, TRUE, smallest, number);
  end_block (&block);
}

gboolean
tessera_facts_write_counts (TesseraTransaction *transaction, const TesseraFactsPeriod *period, guint smallest,
                            TesseraFactsPeople *people, TesseraFactsWriter *writer, GError **error) {
  g_autoptr (GHashTable) sets
    = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  g_autoptr (GPtrArray) months = g_ptr_array_new_with_free_func (g_free);
  Counts self = { sets, months, period->end };
  guint number = 0;

  note_month (&self, WHOLE);
  if (!tessera_facts_read (transaction, period, people, count_fact, NULL, &self, error))
    return FALSE;
  /* The whole period sorts before its months. */
  g_ptr_array_sort (months, compare_codes);
  write_registered (writer, &self, smallest, &number);
  for (guint i = 0; i < months->len; i++)
    write_month (writer, &self, months->pdata[i], smallest, &number);
  return TRUE;
}
