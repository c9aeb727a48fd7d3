/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-people.c: persons under random numbers, described no finer than several of them share.
 *
 * The description of a person is made coarser only as long as too few share it, one thing after the other, always in
 * the same order (docs/facts.md); everybody else keeps theirs.
 */
#include "config.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-facts-private.h"
#include "tessera-report-sql.h"
#include "tessera-sodium.h"

/* Fifteen decimal digits: what spreadsheets keep without rounding. */
#define KEYS G_GUINT64_CONSTANT (999999999999999)

static const char people_sql[] =
  PERSONS " SELECT p.id, p.person, c.registered_at, c.birth_year, substr (c.birth_date, 1, 4), c.gender, c.language,"
          " c.step, coalesce (h.size, c.household_size) FROM person p JOIN client c ON c.id = p.person"
          " LEFT JOIN household h ON h.id = c.household ORDER BY p.id <> p.person";
/* The last word of a person on statistics. */
static const char refusals_sql[] =
  "SELECT c.client FROM consent c WHERE c.purpose = 'statistics' AND (c.answer = 'no' OR c.withdrawn_at IS NOT NULL)"
  " AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.client = c.client AND n.purpose = 'statistics'"
  " AND n.given_at > c.given_at)";

/* Ages and the coarser bands they become. */
static const struct {
  int below;
  const char *band;
  const char *wide_band;
} ages[] = {
  { 18, "under-18", "under-18" }, { 25, "18-24", "18-34" },       { 35, "25-34", "18-34" },
  { 45, "35-44", "35-64" },       { 55, "45-54", "35-64" },       { 65, "55-64", "35-64" },
  { 130, "65-or-over", "65-or-over" },
};

static const char *
find_age_band (int age) {
  for (guint i = 0; age >= 0 && i < G_N_ELEMENTS (ages); i++)
    if (age < ages[i].below)
      return ages[i].band;
  return TESSERA_FACTS_UNRECORDED;
}

static const char *
widen_age (const char *band) {
  for (guint i = 0; i < G_N_ELEMENTS (ages); i++)
    if (strcmp (ages[i].band, band) == 0)
      return ages[i].wide_band;
  return band;
}

static const char *
hide (const char *code) {
  return TESSERA_FACTS_SUPPRESSED;
}

static const struct {
  TesseraQuasi quasi;
  const char *(*make_coarser) (const char *code);
} ladder[] = {
  { TESSERA_QUASI_HOUSEHOLD, hide }, { TESSERA_QUASI_AGE, widen_age }, { TESSERA_QUASI_AGE, hide },
  { TESSERA_QUASI_LANGUAGE, hide },  { TESSERA_QUASI_GENDER, hide },   { TESSERA_QUASI_STEP, hide },
};

static const char *
find_household_band (gint64 size) {
  if (size < 1)
    return TESSERA_FACTS_UNRECORDED;
  return size == 1 ? "alone" : size == 2 ? "two" : size <= 4 ? "three-or-four" : "five-or-more";
}

/* Only the language itself: a region or script after it says where somebody is from. */
static const char *
find_language (const char *tag) {
  gsize length = tag ? strcspn (tag, "-") : 0;
  g_autofree char *language = NULL;

  if (length < 2 || length > 3)
    return length == 0 ? TESSERA_FACTS_UNRECORDED : TESSERA_FACTS_OTHER;
  language = g_ascii_strdown (tag, (gssize) length);
  return g_intern_string (language);
}

/* A code that this version does not know is written like one that is not there. */
static const char *
find_code (const char *vocabulary, const char *code) {
  return code && tessera_vocabulary_has (tessera_vocabulary_find (vocabulary), code) ? g_intern_string (code)
                                                                                     : TESSERA_FACTS_UNRECORDED;
}

static int
find_birth_year (TesseraStatement *statement) {
  if (!tessera_statement_is_null (statement, 4))
    return atoi (tessera_statement_get_text (statement, 4));
  return (int) tessera_statement_get_integer (statement, 3);
}

static TesseraFactsPerson *
read_person (TesseraStatement *statement, int year) {
  TesseraFactsPerson *self = g_new0 (TesseraFactsPerson, 1);
  int birth_year = find_birth_year (statement);

  self->registered_at
    = tessera_statement_is_null (statement, 2) ? TESSERA_FACTS_NO_NUMBER : tessera_statement_get_integer (statement, 2);
  self->quasi[TESSERA_QUASI_AGE] = find_age_band (birth_year > 0 ? year - birth_year : -1);
  self->quasi[TESSERA_QUASI_GENDER] = find_code ("gender", tessera_statement_get_text (statement, 5));
  self->quasi[TESSERA_QUASI_LANGUAGE] = find_language (tessera_statement_get_text (statement, 6));
  self->quasi[TESSERA_QUASI_STEP] = find_code ("step", tessera_statement_get_text (statement, 7));
  self->quasi[TESSERA_QUASI_HOUSEHOLD] = find_household_band (tessera_statement_get_integer (statement, 8));
  return self;
}

/* Nobody can compute a number back, or find it again in another export. */
static void
give_key (TesseraFactsPerson *person, GHashTable *keys) {
  do {
    guint64 random;

    randombytes_buf (&random, sizeof random);
    person->key = (gint64) (random % KEYS) + 1;
  } while (!g_hash_table_add (keys, &person->key));
}

static gboolean
read_people (TesseraFactsPeople *self, TesseraTransaction *transaction, int year, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, people_sql, error);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_int64_hash, g_int64_equal);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *id = tessera_statement_get_id (statement, 0);
    g_autofree char *person_id = tessera_statement_get_id (statement, 1);
    TesseraFactsPerson *person = g_hash_table_lookup (self->by_id, person_id);

    if (!person) {
      person = read_person (statement, year);
      give_key (person, keys);
      g_ptr_array_add (self->all, person);
    }
    g_hash_table_insert (self->by_id, g_steal_pointer (&id), person);
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
read_refusals (TesseraFactsPeople *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, refusals_sql, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *id = tessera_statement_get_id (statement, 0);
    TesseraFactsPerson *person = id ? g_hash_table_lookup (self->by_id, id) : NULL;

    if (person)
      person->said_no = TRUE;
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

TesseraFactsPeople *
tessera_facts_people_read (TesseraTransaction *transaction, int year, GError **error) {
  g_autoptr (TesseraFactsPeople) self = g_new0 (TesseraFactsPeople, 1);

  tessera_sodium_ensure ();
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->all = g_ptr_array_new_with_free_func (g_free);
  if (!read_people (self, transaction, year, error) || !read_refusals (self, transaction, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tessera_facts_people_free (TesseraFactsPeople *self) {
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->all);
  g_free (self);
}

void
tessera_facts_merge_languages (GPtrArray *people, guint smallest) {
  g_autoptr (GHashTable) counts = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (guint i = 0; i < people->len; i++) {
    TesseraFactsPerson *person = people->pdata[i];
    gpointer language = (gpointer) person->quasi[TESSERA_QUASI_LANGUAGE];

    g_hash_table_insert (counts, language,
                         GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, language)) + 1));
  }
  for (guint i = 0; i < people->len; i++) {
    TesseraFactsPerson *person = people->pdata[i];
    const char **language = &person->quasi[TESSERA_QUASI_LANGUAGE];

    if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, *language)) < smallest
        && strcmp (*language, TESSERA_FACTS_UNRECORDED) != 0)
      *language = TESSERA_FACTS_OTHER;
  }
}

static char *
describe (const TesseraFactsPerson *person) {
  const char *const *quasi = person->quasi;

  return g_strjoin (" ", quasi[0], quasi[1], quasi[2], quasi[3], quasi[4], NULL);
}

/* Descriptions to the people who share them. */
static GHashTable *
group (GPtrArray *people) {
  GHashTable *groups
    = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < people->len; i++) {
    g_autofree char *description = describe (people->pdata[i]);
    GPtrArray *alike = g_hash_table_lookup (groups, description);

    if (!alike) {
      alike = g_ptr_array_new ();
      g_hash_table_insert (groups, g_steal_pointer (&description), alike);
    }
    g_ptr_array_add (alike, people->pdata[i]);
  }
  return groups;
}

static void
make_small_groups_coarser (GPtrArray *people, guint smallest, guint rung) {
  g_autoptr (GHashTable) groups = group (people);
  TesseraQuasi quasi = ladder[rung].quasi;
  GHashTableIter iter;
  gpointer alike;

  g_hash_table_iter_init (&iter, groups);
  while (g_hash_table_iter_next (&iter, NULL, &alike)) {
    GPtrArray *members = alike;

    for (guint i = 0; members->len < smallest && i < members->len; i++) {
      TesseraFactsPerson *person = members->pdata[i];

      person->quasi[quasi] = ladder[rung].make_coarser (person->quasi[quasi]);
    }
  }
}

static gboolean
is_suppressed (const TesseraFactsPerson *person) {
  for (guint i = 0; i < TESSERA_N_QUASI; i++)
    if (strcmp (person->quasi[i], TESSERA_FACTS_SUPPRESSED) != 0)
      return FALSE;
  return TRUE;
}

static guint
count_suppressed (GPtrArray *people) {
  guint n = 0;

  for (guint i = 0; i < people->len; i++)
    n += is_suppressed (people->pdata[i]);
  return n;
}

/* The smallest group of which something is still said; of equally small ones the first in byte order. */
static GPtrArray *
find_smallest_group (GHashTable *groups) {
  const char *best = NULL;
  GPtrArray *best_members = NULL;
  GHashTableIter iter;
  gpointer description, alike;

  g_hash_table_iter_init (&iter, groups);
  while (g_hash_table_iter_next (&iter, &description, &alike)) {
    GPtrArray *members = alike;

    if (is_suppressed (members->pdata[0]))
      continue;
    if (!best || members->len < best_members->len
        || (members->len == best_members->len && strcmp (description, best) < 0)) {
      best = description;
      best_members = members;
    }
  }
  return best_members;
}

/* Those of whom nothing is left must be enough, too: the smallest group joins them. */
static void
join_the_suppressed (GPtrArray *people) {
  g_autoptr (GHashTable) groups = group (people);
  GPtrArray *members = find_smallest_group (groups);

  for (guint i = 0; members && i < members->len; i++) {
    TesseraFactsPerson *person = members->pdata[i];

    for (guint j = 0; j < TESSERA_N_QUASI; j++)
      person->quasi[j] = TESSERA_FACTS_SUPPRESSED;
  }
}

guint
tessera_facts_generalize (GPtrArray *people, guint smallest) {
  guint suppressed;

  g_return_val_if_fail (people->len >= smallest, 0);
  tessera_facts_merge_languages (people, smallest);
  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++)
    make_small_groups_coarser (people, smallest, i);
  while ((suppressed = count_suppressed (people)) > 0 && suppressed < smallest)
    join_the_suppressed (people);
  return suppressed;
}
