/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-facts.c: that descriptions fit enough people, whom and what rows are about, and what counts hide.
 */
#include <glib/gstdio.h>

#include "casework-fixture.h"
#include "tessera-facts-private.h"
#include "tessera-visits.h"

#define PERIOD_FROM "2026-11-01"
#define PERIOD_TO "2026-11-30"
#define NOTHING_LEFT "suppressed|suppressed|suppressed|suppressed|suppressed"

static const char *const no_one[] = { NULL };

static GPtrArray *
make_people (GRand *random, guint count) {
  static const char *const values[TESSERA_N_QUASI][6] = {
    { "alone", "two", "three-or-four", "five-or-more", "unrecorded", "unrecorded" },
    { "under-18", "18-24", "25-34", "35-44", "55-64", "65-or-over" },
    { "ar", "ar", "ar", "uk", "ti", "dz" },
    { "woman", "woman", "man", "man", "man", "other" },
    { "basic-needs", "basic-needs", "inclusion", "inclusion", "autonomy", "unrecorded" },
  };
  GPtrArray *people = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < count; i++) {
    TesseraFactsPerson *person = g_new0 (TesseraFactsPerson, 1);

    person->key = i + 1;
    for (guint j = 0; j < TESSERA_N_QUASI; j++)
      person->quasi[j] = g_intern_string (values[j][g_rand_int_range (random, 0, 6)]);
    g_ptr_array_add (people, person);
  }
  return people;
}

static char *
describe (const TesseraFactsPerson *person) {
  const char *const *quasi = person->quasi;

  return g_strjoin ("|", quasi[0], quasi[1], quasi[2], quasi[3], quasi[4], NULL);
}

static GHashTable *
count_descriptions (GPtrArray *people) {
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < people->len; i++) {
    char *description = describe (people->pdata[i]);

    g_hash_table_insert (counts, description,
                         GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, description)) + 1));
  }
  return counts;
}

/* Who is described like enough others from the start keeps all; who is not, is so in the end. */
static void
check_generalized (GPtrArray *people, guint smallest) {
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GHashTable) after = NULL;
  g_autoptr (GPtrArray) descriptions = g_ptr_array_new_with_free_func (g_free);
  guint suppressed;
  guint kept = 0;

  tessera_facts_merge_languages (people, smallest);
  before = count_descriptions (people);
  for (guint i = 0; i < people->len; i++)
    g_ptr_array_add (descriptions, describe (people->pdata[i]));
  suppressed = tessera_facts_generalize (people, smallest);
  after = count_descriptions (people);
  for (guint i = 0; i < people->len; i++) {
    g_autofree char *description = describe (people->pdata[i]);

    g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (after, description)), >=, smallest);
    kept += strcmp (description, descriptions->pdata[i]) == 0;
    if (GPOINTER_TO_UINT (g_hash_table_lookup (before, descriptions->pdata[i])) >= smallest && suppressed == 0)
      g_assert_cmpstr (description, ==, descriptions->pdata[i]);
  }
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (after, NOTHING_LEFT)), ==, suppressed);
  if (people->len > 20000)
    g_assert_cmpuint (kept, >, people->len / 2);
}

static void
test_generalize (void) {
  static const guint sizes[] = { 5, 6, 11, 40, 300, 3000, 30000 };
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (guint smallest = 5; smallest <= MIN (sizes[i], 25); smallest += 5) {
      g_autoptr (GPtrArray) people = make_people (random, sizes[i]);

      check_generalized (people, smallest);
    }
  }
}

/* Those of whom nothing is said take the smallest group along when they are too few. */
static void
test_few_suppressed (void) {
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (GPtrArray) people = make_people (random, 27);

  for (guint i = 0; i < people->len; i++) {
    TesseraFactsPerson *person = people->pdata[i];

    for (guint j = 0; j < TESSERA_N_QUASI; j++)
      person->quasi[j] = "unrecorded";
    person->quasi[TESSERA_QUASI_STEP] = i < 14 ? "inclusion" : i < 24 ? "autonomy" : "basic-needs";
  }
  g_assert_cmpuint (tessera_facts_generalize (people, 10), ==, 13);
  for (guint i = 0; i < people->len; i++) {
    const TesseraFactsPerson *person = people->pdata[i];

    g_assert_cmpstr (person->quasi[TESSERA_QUASI_STEP], ==, i < 14 ? "inclusion" : "suppressed");
    g_assert_cmpstr (person->quasi[TESSERA_QUASI_AGE], ==, i < 14 ? "unrecorded" : "suppressed");
  }
}

static char *
make_instant (const char *local) {
  gint64 instant;

  g_assert_true (tessera_instant_parse (local, &instant));
  return g_strdup_printf ("%" G_GINT64_FORMAT, instant);
}

static TesseraRecord *
add_visit (TesseraTransaction *tx, TesseraRecord *client, const char *at, const char *domains) {
  g_autofree char *instant = make_instant (at);
  TesseraRecord *visit = casework_new (tx, "visit", "client", tessera_record_get_id (client), "at", instant, "how",
                                       "phone", "domains", domains, "summary", "Synthetic words", NULL);

  casework_save (tx, visit);
  return visit;
}

static GPtrArray *
add_clients (TesseraTransaction *tx, guint count) {
  GPtrArray *clients = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf ("Sample Person %u", i);

    g_ptr_array_add (clients, casework_add_client (tx, name));
    g_object_unref (add_visit (tx, clients->pdata[i], "2026-11-10T10:00:00", "home,health"));
  }
  return clients;
}

static void
set_field (TesseraTransaction *tx, TesseraRecord *client, const char *field, const char *value) {
  g_autoptr (TesseraRecord) record = casework_reload (tx, client);

  tessera_record_set (record, field, value);
  casework_save (tx, record);
}

/* The files of an export by name, each as its lines without the heading. */
static GHashTable *
export (TesseraTransaction *tx, gboolean aggregate, TesseraFactsSummary *summary) {
  TesseraFactsOptions options = { PERIOD_FROM, PERIOD_TO, 5, aggregate, FALSE };
  GHashTable *files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  char *path = fixture_make_folder ();
  g_autoptr (TesseraFactsFolder) folder = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *names;

  folder = tessera_facts_folder_new (path, &error);
  g_assert_no_error (error);
  tessera_facts_write (tx, &options, folder, summary, &error);
  g_assert_no_error (error);
  tessera_facts_folder_publish (folder, &error);
  g_assert_no_error (error);
  names = tessera_facts_folder_get_names (folder);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);
    g_autofree char *text = NULL;
    char *body;

    g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
    body = strchr (text, '\n') + 1;
    if (g_str_has_suffix (body, "\r\n"))
      body[strlen (body) - 2] = '\0';
    g_hash_table_insert (files, g_strdup (names->pdata[i]), g_strsplit (body, "\r\n", -1));
  }
  fixture_remove_folder (path);
  g_free (path);
  return files;
}

static const char *const *
get_lines (GHashTable *files, const char *name) {
  const char *const *lines = g_hash_table_lookup (files, name);

  g_assert_nonnull (lines);
  return lines[0] && *lines[0] ? lines : no_one;
}

static guint
count_lines (GHashTable *files, const char *name, const char *with) {
  const char *const *lines = get_lines (files, name);
  guint n = 0;

  for (guint i = 0; lines[i]; i++)
    n += strstr (lines[i], with) != NULL;
  return n;
}

static gboolean
test_people (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 8);
  g_autoptr (TesseraRecord) away = casework_add_client (tx, "Sample Absent");
  g_autoptr (TesseraRecord) no
    = casework_new (tx, "consent", "client", tessera_record_get_id (clients->pdata[7]), "purpose", "statistics",
                    "answer", "no", "given_at", "1700000000000", NULL);
  g_autofree char *long_ago = make_instant ("2020-01-01T10:00:00");
  g_autoptr (GHashTable) files = NULL;
  TesseraFactsSummary summary;

  casework_save (tx, no);
  for (guint i = 0; i < 8; i++) {
    set_field (tx, clients->pdata[i], "language", i % 2 ? "pt-BR" : "pt-PT");
    set_field (tx, clients->pdata[i], i % 2 ? "birth_year" : "birth_date", i % 2 ? "1990" : "1990-05-04");
  }
  set_field (tx, clients->pdata[1], "merged_into", tessera_record_get_id (clients->pdata[0]));
  set_field (tx, away, "registered_at", long_ago);
  files = export (tx, FALSE, &summary);
  /* Eight, of whom one said no and two are one; who did nothing is not there. */
  g_assert_cmpuint (summary.people, ==, 6);
  g_assert_cmpuint (summary.left_out, ==, 1);
  g_assert_cmpuint (count_lines (files, "person.csv", ",35-44,pt,"), ==, 6);
  g_assert_cmpuint (count_lines (files, "visit.csv", ",2026-11-09,phone,unrecorded"), ==, 7);
  g_assert_cmpuint (count_lines (files, "registration.csv", ",2026-11-01"), ==, 6);
  g_assert_cmpuint (count_lines (files, "visit_domain.csv", ",home"), ==, 7);
  g_assert_cmpuint (count_lines (files, "visit_domain.csv", ","), ==, 7);
  return TRUE;
}

/* A later yes is the last word. */
static gboolean
test_later_yes (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const answers[] = { "no", "yes" };
  static const char *const times[] = { "1700000000000", "1700000000001" };
  g_autoptr (GPtrArray) clients = add_clients (tx, 5);
  g_autoptr (GHashTable) files = NULL;
  TesseraFactsSummary summary;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (TesseraRecord) consent
      = casework_new (tx, "consent", "client", tessera_record_get_id (clients->pdata[0]), "purpose", "statistics",
                      "answer", answers[i], "given_at", times[i], NULL);

    casework_save (tx, consent);
  }
  files = export (tx, FALSE, &summary);
  g_assert_cmpuint (summary.people, ==, 5);
  g_assert_cmpuint (summary.left_out, ==, 0);
  return TRUE;
}

static gboolean
test_weeks (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const inside[] = { "2026-11-01T00:00:00", "2026-11-02T00:00:00", "2026-11-08T23:59:00",
                                        "2026-11-30T23:59:00" };
  static const char *const outside[] = { "2026-10-31T23:59:00", "2026-12-01T00:00:00" };
  g_autoptr (GPtrArray) clients = add_clients (tx, 5);
  g_autoptr (TesseraRecord) wrong = add_visit (tx, clients->pdata[0], "2026-11-20T10:00:00", "work");
  g_autoptr (TesseraRecord) right = casework_new (tx, "visit", "how", "home", NULL);
  g_autoptr (GHashTable) files = NULL;
  TesseraFactsSummary summary;

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    g_object_unref (add_visit (tx, clients->pdata[0], inside[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    g_object_unref (add_visit (tx, clients->pdata[0], outside[i], NULL));
  g_assert_true (tessera_visits_correct (tx, tessera_record_get_id (wrong), right, error));
  files = export (tx, FALSE, &summary);
  g_assert_cmpuint (count_lines (files, "visit.csv", ","), ==, 10);
  g_assert_cmpuint (count_lines (files, "visit.csv", ",2026-10-26,"), ==, 1);
  g_assert_cmpuint (count_lines (files, "visit.csv", ",2026-11-02,"), ==, 2);
  g_assert_cmpuint (count_lines (files, "visit.csv", ",2026-11-16,home,"), ==, 1);
  g_assert_cmpuint (count_lines (files, "visit.csv", ",2026-11-30,"), ==, 1);
  return TRUE;
}

static void
add_need (TesseraTransaction *tx, TesseraRecord *client, const char *domain, const char *opened, const char *met) {
  g_autofree char *opened_at = make_instant (opened);
  g_autofree char *met_at = met ? make_instant (met) : NULL;
  g_autoptr (TesseraRecord) need = casework_new (tx, "need", "client", tessera_record_get_id (client), "domain", domain,
                                                 "opened_at", opened_at, "met_at", met_at, NULL);

  casework_save (tx, need);
}

static gboolean
test_needs (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 5);
  g_autoptr (GHashTable) files = NULL;
  g_autoptr (GHashTable) counts = NULL;
  TesseraFactsSummary summary;

  for (guint i = 0; i < 5; i++) {
    add_need (tx, clients->pdata[i], "home", "2026-03-04T10:00:00", NULL);
    add_need (tx, clients->pdata[i], "work", "2026-11-04T10:00:00", "2026-11-20T10:00:00");
    add_need (tx, clients->pdata[i], "family", "2026-11-04T10:00:00", "2026-12-20T10:00:00");
    add_need (tx, clients->pdata[i], "people", "2026-03-04T10:00:00", "2026-10-20T10:00:00");
    add_need (tx, clients->pdata[i], "safety", "2026-11-04T10:00:00", NULL);
  }
  files = export (tx, FALSE, &summary);
  g_assert_cmpuint (count_lines (files, "need.csv", ","), ==, 15);
  g_assert_cmpuint (count_lines (files, "need.csv", ",home,false,2026-03-01,"), ==, 5);
  g_assert_cmpuint (count_lines (files, "need.csv", ",work,false,2026-11-01,2026-11-01"), ==, 5);
  g_assert_cmpuint (count_lines (files, "need.csv", ",family,false,2026-11-01,"), ==, 5);
  g_assert_cmpuint (count_lines (files, "need.csv", "2026-12"), ==, 0);
  counts = export (tx, TRUE, &summary);
  g_assert_cmpuint (count_lines (counts, "people_count.csv", ",,need,safety,,5,"), ==, 1);
  g_assert_cmpuint (count_lines (counts, "people_count.csv", ",,need,work,,0,"), ==, 1);
  return TRUE;
}

static void
add_event (TesseraTransaction *tx, const char *referral, const char *side, const char *kind, const char *at) {
  g_autofree char *instant = make_instant (at);
  g_autoptr (TesseraRecord) event
    = casework_new (tx, "referral_event", "referral", referral, "side", side, "number", "1", "kind", kind, "at", instant,
                    NULL);

  casework_save (tx, event);
}

static gboolean
test_referrals (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const terms[] = { "EDUCATION", "HEALTH", NULL };
  static const char *const codes[] = { "full", "afraid_or_no_trust", NULL };
  g_autoptr (GPtrArray) clients = add_clients (tx, 5);
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "Harbor Housing");
  g_autoptr (GHashTable) files = NULL;
  TesseraFactsSummary summary;

  for (guint i = 0; i < 3; i++) {
    g_autoptr (TesseraRecord) service = casework_new (tx, "service", "name", "Synthetic service", NULL);
    g_autoptr (TesseraRecord) term = casework_new (tx, "taxonomy_term", "name", "Term", "code", terms[i], NULL);
    g_autoptr (TesseraRecord) attribute
      = casework_new (tx, "attribute", "link_id", tessera_record_get_id (service), "link_entity", "service",
                      "taxonomy_term", tessera_record_get_id (term), NULL);
    g_autoptr (TesseraRecord) referral
      = casework_new (tx, "referral", "direction", "out", "client", tessera_record_get_id (clients->pdata[i]),
                      "partner", tessera_record_get_id (partner), "service", tessera_record_get_id (service), "kind", "refer",
                      "reason", "Synthetic", "status", "declined", "code", codes[i], NULL);

    casework_save (tx, service);
    casework_save (tx, term);
    casework_save (tx, attribute);
    casework_save (tx, referral);
    add_event (tx, tessera_record_get_id (referral), "sender", "sent", "2026-11-03T10:00:00");
    add_event (tx, tessera_record_get_id (referral), "receiver", "declined", "2026-11-05T11:00:00");
  }
  files = export (tx, FALSE, &summary);
  g_assert_cmpuint (count_lines (files, "referral.csv", "-01,refer,unrecorded,learning,declined,2,full"), ==, 1);
  g_assert_cmpuint (count_lines (files, "referral.csv", ",refer,unrecorded,other,declined,2,other"), ==, 1);
  g_assert_cmpuint (count_lines (files, "referral.csv", ",refer,unrecorded,other,declined,2,"), ==, 2);
  return TRUE;
}

static gboolean
test_steps (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 9);
  g_autofree char *registered_at = make_instant ("2026-07-05T10:00:00");
  g_autofree char *at = make_instant ("2026-11-10T10:00:00");
  g_autoptr (GHashTable) files = NULL;
  TesseraFactsSummary summary;

  for (guint i = 0; i < 9; i++) {
    const char *step = i < 5 ? "inclusion" : "autonomy";
    g_autoptr (TesseraRecord) change
      = casework_new (tx, "step_change", "client", tessera_record_get_id (clients->pdata[i]), "from_step",
                      "basic-needs", "to_step", step, "at", at, "reason", i == 4 ? "correction" : "assessment", NULL);

    set_field (tx, clients->pdata[i], "step", step);
    set_field (tx, clients->pdata[i], "registered_at", registered_at);
    casework_save (tx, change);
  }
  files = export (tx, FALSE, &summary);
  /* Four in autonomy are too few to say so, and they take the five others along, lest they be four. */
  g_assert_cmpuint (summary.suppressed, ==, 9);
  g_assert_cmpuint (count_lines (files, "step_change.csv", ",forward,suppressed,suppressed,4"), ==, 8);
  g_assert_cmpuint (count_lines (files, "step_change.csv", "inclusion"), ==, 0);
  return TRUE;
}

/* A code that is none, from wherever it came, does not get out as text. */
static void
test_writer (void) {
  static const char *const visit[] = { "1", "2", "2026-11-02", "Amal called", NULL };
  static const char *const person[] = { "2", "=1+1", "18-24", "Arabic", "woman", "inclusion" };
  char *path = fixture_make_folder ();
  g_autofree char *visits = g_build_filename (path, "visit.csv", NULL);
  g_autofree char *people = g_build_filename (path, "person.csv", NULL);
  g_autoptr (TesseraFactsFolder) folder = NULL;
  g_autoptr (TesseraFactsWriter) writer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *visits_text = NULL;
  g_autofree char *people_text = NULL;

  folder = tessera_facts_folder_new (path, &error);
  g_assert_no_error (error);
  writer = tessera_facts_writer_new (folder, FALSE, FALSE, &error);
  g_assert_no_error (error);
  tessera_facts_writer_add (writer, TESSERA_TABLE_VISIT, visit);
  tessera_facts_writer_add (writer, TESSERA_TABLE_PERSON, person);
  g_assert_true (tessera_facts_writer_finish (writer, &error));
  g_assert_false (g_file_test (visits, G_FILE_TEST_EXISTS));
  g_assert_true (tessera_facts_folder_publish (folder, &error));
  g_assert_true (g_file_get_contents (visits, &visits_text, NULL, &error));
  g_assert_true (g_file_get_contents (people, &people_text, NULL, &error));
  g_assert_cmpstr (visits_text, ==, "visit,person,week,how,mediator\r\n1,2,2026-11-02,unlisted,unrecorded\r\n");
  g_assert_cmpstr (people_text, ==,
                   "person,household,age_band,language,gender,step\r\n2,unlisted,18-24,other,woman,inclusion\r\n");
  fixture_remove_folder (path);
  g_free (path);
}

/* Somebody else took a name in the meantime: it stays theirs, and none of ours is left. */
static void
test_publish (void) {
  static const char *const names[] = { "one.csv", "two.csv" };
  char *path = fixture_make_folder ();
  g_autofree char *first = g_build_filename (path, names[0], NULL);
  g_autofree char *second = g_build_filename (path, names[1], NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  TesseraFactsFolder *folder = tessera_facts_folder_new (path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GOutputStream) stream = tessera_facts_folder_create (folder, names[i], &error);

    g_assert_no_error (error);
  }
  g_assert_true (g_file_set_contents (second, "mine", -1, NULL));
  g_assert_false (tessera_facts_folder_publish (folder, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  tessera_facts_folder_free (folder);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (second, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpint (g_unlink (second), ==, 0);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  g_free (path);
}

static gboolean
test_too_few (TesseraTransaction *tx, gpointer data, GError **error) {
  TesseraFactsOptions options = { PERIOD_FROM, PERIOD_TO, 5, FALSE, FALSE };
  g_autoptr (GPtrArray) clients = add_clients (tx, 4);
  char *path = fixture_make_folder ();
  g_autoptr (TesseraFactsFolder) folder = tessera_facts_folder_new (path, error);
  g_autoptr (GHashTable) counts = NULL;
  g_autoptr (GError) refused = NULL;
  TesseraFactsSummary summary;

  g_assert_false (tessera_facts_write (tx, &options, folder, &summary, &refused));
  g_assert_error (refused, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  fixture_remove_folder (path);
  g_free (path);
  counts = export (tx, TRUE, &summary);
  g_assert_cmpuint (count_lines (counts, "people_count.csv", ",,served,all,,,small"), ==, 1);
  g_assert_cmpuint (count_lines (counts, "people_count.csv", ",,step,autonomy,,,complementary"), ==, 1);
  g_assert_cmpuint (count_lines (counts, "people_count.csv", ",4,"), ==, 0);
  return TRUE;
}

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/generalize", test_generalize);
  g_test_add_func ("/facts/few-suppressed", test_few_suppressed);
  g_test_add_func ("/facts/writer", test_writer);
  g_test_add_func ("/facts/publish", test_publish);
  casework_add ("/facts/people", test_people);
  casework_add ("/facts/later-yes", test_later_yes);
  casework_add ("/facts/weeks", test_weeks);
  casework_add ("/facts/needs", test_needs);
  casework_add ("/facts/referrals", test_referrals);
  casework_add ("/facts/steps", test_steps);
  casework_add ("/facts/too-few", test_too_few);
  return g_test_run ();
}
