/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-directory.c: the demo directory in two languages: import, search, view, call list, export and back.
 */
#include <string.h>

#include "tessera-directory-error.h"
#include "tessera-directory-import.h"
#include "tessera-directory-language.h"
#include "tessera-directory-search.h"
#include "tessera-directory-view.h"
#include "tessera-fixture.h"
#include "tessera-hsds-writer.h"
#include "tessera-identifier.h"

#define SERVICE "f4470ae9-7c9e-5a25-a37d-95526a7a4d89"
#define ARABIC_EDUCATION "\xd8\xa7\xd9\x84\xd8\xaa\xd8\xb9\xd9\x84\xd9\x8a\xd9\x85"
#define ARABIC_EDUCATION_BARE "\xd8\xaa\xd8\xb9\xd9\x84\xd9\x8a\xd9\x85"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

/* The directory in both languages, made once: for tests that only read. */
static Fixture shop;

static void
set_up (Fixture *fixture, gconstpointer data) {
  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* One import, as the command line does it: read outside, store inside one transaction. */
typedef struct {
  TesseraHsds *hsds;
  const char *language;
  gboolean complete;
  gboolean fail;
  TesseraDirectorySummary *summary;
} Job;

static gboolean
run_import (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;

  if (!tessera_directory_import (tx, job->hsds, job->language, job->complete, &job->summary, error))
    return FALSE;
  if (job->fail)
    g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_FAILED, "The test stops here.");
  return !job->fail;
}

static TesseraHsds *
read_data (TesseraStore *store, const char *language) {
  g_autofree char *name = g_strdup_printf ("services-jordan-2015.%s.hsds.json", language);
  g_autofree char *path = g_build_filename (g_getenv ("TESSERA_DIRECTORY_DATA"), name, NULL);
  g_autoptr (GError) error = NULL;
  TesseraHsds *hsds = tessera_hsds_read_file (tessera_store_get_registry (store), path, &error);

  g_assert_no_error (error);
  return hsds;
}

static TesseraDirectorySummary *
import (TesseraStore *store, TesseraHsds *hsds, const char *language, gboolean complete) {
  Job job = { .hsds = hsds, .language = language, .complete = complete };
  g_autoptr (GError) error = NULL;

  tessera_store_write (store, run_import, &job, &error);
  g_assert_no_error (error);
  return job.summary;
}

static void
import_data (TesseraStore *store, const char *language) {
  g_autoptr (TesseraHsds) hsds = read_data (store, language);
  g_autoptr (TesseraDirectorySummary) summary = import (store, hsds, NULL, FALSE);
}

static TesseraDirectorySummary *
import_text (TesseraStore *store, const char *text, const char *language, gboolean complete) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraHsds) hsds = NULL;

  hsds =
    tessera_hsds_read_text (tessera_store_get_registry (store), "test.json", text, strlen (text), &error);
  g_assert_no_error (error);
  return import (store, hsds, language, complete);
}

static void
read_or_fail (TesseraStore *store, TesseraStoreFunc func, gpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_read (store, func, data, &error);
  g_assert_no_error (error);
}

/* All directory rows but verifications, as text, for comparing stores. */
static gboolean
dump (TesseraTransaction *tx, gpointer data, GError **error) {
  const TesseraEntity *const *entities =
    tessera_registry_get_entities (tessera_transaction_get_registry (tx));
  GString *out = data;

  for (guint i = 0; entities[i] != NULL; i++) {
    g_autoptr (GPtrArray) records = NULL;

    if (!(entities[i]->flags & TESSERA_ENTITY_DIRECTORY))
      continue;
    records = tessera_transaction_select_records (tx, entities[i]->name, "ORDER BY id", NULL, error);
    if (records == NULL)
      return FALSE;
    for (guint j = 0; j < records->len; j++) {
      g_autoptr (JsonObject) object = tessera_record_to_json (g_ptr_array_index (records, j));
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      g_autofree char *text = NULL;

      json_node_set_object (node, object);
      text = json_to_string (node, FALSE);
      g_string_append_printf (out, "%s %s\n", entities[i]->name, text);
    }
  }
  return TRUE;
}

static char *
dump_store (TesseraStore *store) {
  g_autoptr (GString) out = g_string_new (NULL);

  read_or_fail (store, dump, out);
  return g_strdup (out->str);
}

typedef struct {
  TesseraDirectoryQuery query;
  GPtrArray *rows;
  guint count;
} Search;

static gboolean
run_search (TesseraTransaction *tx, gpointer data, GError **error) {
  Search *search = data;

  search->rows = tessera_directory_find (tx, &search->query, &search->count, error);
  return search->rows != NULL;
}

static guint
count_found (TesseraStore *store, TesseraDirectoryQuery query) {
  Search search = { .query = query };

  read_or_fail (store, run_search, &search);
  g_ptr_array_unref (search.rows);
  return search.count;
}

static void
test_two_languages (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraHsds) english = read_data (fixture->store, "en");
  g_autoptr (TesseraHsds) arabic = read_data (fixture->store, "ar");
  g_autoptr (TesseraDirectorySummary) first = import (fixture->store, english, NULL, FALSE);
  g_autoptr (TesseraDirectorySummary) second = import (fixture->store, arabic, NULL, FALSE);

  g_assert_cmpstr (first->language, ==, "en");
  g_assert_cmpstr (first->base, ==, "en");
  g_assert_cmpuint (first->services, ==, 160);
  g_assert_cmpuint (first->organizations, ==, 43);
  g_assert_cmpuint (first->locations, ==, 54);
  g_assert_cmpuint (first->translations, ==, 0);
  g_assert_cmpuint (first->warnings->len, ==, 0);
  g_assert_cmpuint (first->added, ==, english->rows->len);
  g_assert_cmpstr (second->language, ==, "ar");
  g_assert_cmpstr (second->base, ==, "en");
  g_assert_cmpuint (second->services, ==, 160);
  g_assert_cmpuint (second->translations, >, 160 * 4);
  g_assert_cmpuint (second->added, ==, 0);
  g_assert_cmpuint (second->changed, ==, 0);
  g_assert_cmpuint (second->warnings->len, ==, 0);
}

static void
test_again_changes_nothing (void) {
  g_autoptr (TesseraHsds) english = read_data (shop.store, "en");
  g_autoptr (TesseraHsds) arabic = read_data (shop.store, "ar");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (TesseraDirectorySummary) first = NULL;
  g_autoptr (TesseraDirectorySummary) second = NULL;

  before = dump_store (shop.store);
  first = import (shop.store, english, "en", FALSE);
  second = import (shop.store, arabic, "ara", FALSE);
  after = dump_store (shop.store);
  g_assert_cmpuint (first->added + first->changed + first->translations, ==, 0);
  g_assert_cmpuint (second->added + second->changed + second->translations, ==, 0);
  g_assert_cmpstr (before, ==, after);
}

static gboolean
check_view (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraServiceView) english = tessera_directory_load_service (tx, SERVICE, NULL, error);
  g_autoptr (TesseraServiceView) arabic = NULL;
  g_autoptr (TesseraServiceView) french = NULL;
  g_autoptr (JsonObject) json = NULL;
  TesseraServicePlace *place;

  g_assert_no_error (*error);
  arabic = tessera_directory_load_service (tx, SERVICE, "ar-JO", error);
  french = tessera_directory_load_service (tx, SERVICE, "fr", error);
  g_assert_no_error (*error);
  g_assert_true (g_str_has_prefix (tessera_service_view_get (english, "name"), "Education opportunities"));
  g_assert_cmpstr (english->organization, ==, "IOCC");
  g_assert_cmpuint (english->places->len, ==, 1);
  place = g_ptr_array_index (english->places, 0);
  g_assert_cmpstr (place->name, ==, "Liwa Qasabat As Salt");
  g_assert_true (place->has_coordinates);
  g_assert_cmpfloat_with_epsilon (place->latitude, 32.03917, 1e-9);
  g_assert_cmpuint (english->schedules->len, ==, 1);
  g_assert_cmpuint (english->terms->len, ==, 1);
  g_assert_cmpuint (g_strv_length (english->areas), ==, 1);
  g_assert_cmpuint (g_strv_length (english->available), ==, 2);
  g_assert_cmpint (english->freshness, ==, TESSERA_FRESHNESS_CHECKED);
  g_assert_cmpstr (french->language, ==, "en");
  g_assert_cmpstr (tessera_service_view_get (french, "name"), ==, tessera_service_view_get (english, "name"));
  g_assert_nonnull (strstr (tessera_service_view_get (arabic, "name"), ARABIC_EDUCATION));
  g_assert_cmpstr (tessera_service_view_get (arabic, "assured_date"), ==, "2015-03-22");
  g_assert_cmpstr (((TesseraTerm *) g_ptr_array_index (arabic->terms, 0))->name, ==, ARABIC_EDUCATION);
  json = tessera_service_view_to_json (arabic);
  g_assert_cmpstr (json_object_get_string_member (json, "freshness"), ==, "checked");
  return TRUE;
}

static void
test_view (void) {
  read_or_fail (shop.store, check_view, NULL);
}

/* Documents have other ids in the Arabic file; they are translations all the same, not more documents. */
static gboolean
check_documents (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  statement = tessera_transaction_prepare (tx,
                                           "SELECT (SELECT count(*) FROM required_document), (SELECT count(*)"
                                           " FROM translation WHERE entity = 'required_document')",
                                           error);
  g_assert_true (tessera_statement_step (statement, error));
  g_assert_cmpint (tessera_statement_get_integer (statement, 0), >, 0);
  g_assert_cmpint (tessera_statement_get_integer (statement, 0), ==,
                   tessera_statement_get_integer (statement, 1));
  return TRUE;
}

static void
test_documents_are_paired (void) {
  read_or_fail (shop.store, check_documents, NULL);
}

static void
test_search (Fixture *fixture, gconstpointer data) {
  Search search = { .query = { .words = ARABIC_EDUCATION, .language = "ar", .limit = 5 } };
  TesseraServiceRow *row;
  g_autoptr (JsonObject) json = NULL;

  import_data (fixture->store, "en");
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery){ .words = ARABIC_EDUCATION }), ==,
                    0);
  read_or_fail (shop.store, run_search, &search);
  g_assert_cmpuint (search.count, >=, 15);
  g_assert_cmpuint (search.rows->len, ==, 5);
  row = g_ptr_array_index (search.rows, 0);
  g_assert_cmpstr (row->language, ==, "ar");
  g_assert_nonnull (strstr (row->name, ARABIC_EDUCATION));
  g_assert_nonnull (row->organization);
  g_assert_nonnull (row->place);
  json = tessera_service_row_to_json (row);
  g_assert_cmpstr (json_object_get_string_member (json, "id"), ==, row->id);
  g_ptr_array_unref (search.rows);
}

static void
test_search_words (void) {
  guint education, with_place, all;

  all = count_found (shop.store, (TesseraDirectoryQuery) { 0 });
  education = count_found (shop.store, (TesseraDirectoryQuery) { .words = "educ" });
  /* One word of the service, one of the organization, one of the place, in any order and case. */
  with_place = count_found (shop.store, (TesseraDirectoryQuery) { .words = "SALT iocc education" });
  g_assert_cmpuint (all, ==, 160);
  g_assert_cmpuint (education, >=, 15);
  g_assert_cmpuint (education, <, all);
  g_assert_cmpuint (with_place, >=, 1);
  g_assert_cmpuint (with_place, <, education);
  g_assert_cmpuint (count_found (shop.store, (TesseraDirectoryQuery){ .words = ARABIC_EDUCATION_BARE }), >=,
                    15);
  g_assert_cmpuint (count_found (shop.store, (TesseraDirectoryQuery) { .words = "education zzzz" }), ==, 0);
  g_assert_cmpuint (count_found (shop.store, (TesseraDirectoryQuery){ .words = "\"' -- * NEAR(zzzz, 2) OR" }),
                    ==, 0);
  g_assert_cmpuint (count_found (shop.store, (TesseraDirectoryQuery) { .words = " - " }), ==, all);
}

/* Typed in English, read in Arabic: the name that matches comes first all the same. */
static void
test_search_across_languages (void) {
  Search search = { .query = { .words = "health irbid", .language = "ar", .limit = 1 } };
  TesseraServiceRow *row;

  read_or_fail (shop.store, run_search, &search);
  g_assert_cmpuint (search.rows->len, ==, 1);
  row = g_ptr_array_index (search.rows, 0);
  g_assert_cmpstr (row->language, ==, "ar");
  g_assert_cmpstr (row->theme_code, ==, "HEALTH");
  g_ptr_array_unref (search.rows);
}

static gboolean
check_themes (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) themes = tessera_directory_list_terms (tx, TESSERA_TERM_THEME, "ar", error);
  TesseraStore *store = data;
  guint sum = 0;

  g_assert_no_error (*error);
  g_assert_cmpuint (themes->len, ==, 8);
  for (guint i = 0; i < themes->len; i++) {
    TesseraTerm *term = g_ptr_array_index (themes, i);
    TesseraDirectoryQuery query = { .theme = term->code };
    g_autoptr (GPtrArray) rows = NULL;
    guint count;

    rows = tessera_directory_find (tx, &query, &count, error);
    g_assert_no_error (*error);
    g_assert_cmpuint (count, ==, term->count);
    sum += count;
  }
  g_assert_cmpuint (sum, ==, 160);
  g_assert_nonnull (store);
  return TRUE;
}

static void
test_themes (void) {
  read_or_fail (shop.store, check_themes, shop.store);
  g_assert_cmpuint (count_found (shop.store, (TesseraDirectoryQuery) { .theme = "no such theme" }), ==, 0);
}

#define SMALL(id, more) "{\"id\":\"" id "\",\"name\":\"Sewing class\",\"status\":\"active\"" more "}"
#define ONE "11111111-1111-4111-8111-111111111111"
#define TWO "22222222-2222-4222-8222-222222222222"

static void
test_condition_and_pages (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) summary = import_text (fixture->store,
    "[" SMALL (ONE, ",\"attributes\":[{\"id\":\"" TWO "\",\"taxonomy_term\":{\"id\":\"" TWO "\",\"code\":"
    "\"no-papers-asked\",\"name\":\"No papers\"}}]") "," SMALL (TWO, "") "]", "en", FALSE);
  Search search = { .query = { .limit = 1, .offset = 1 } };
  Search beyond = { .query = { .limit = 4294967295u, .offset = 4294967295u } };

  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery){ .condition = "No-Papers-Asked" }),
                    ==, 1);
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery){ .theme = "no-papers-asked" }), ==,
                    0);
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery) { .words = "papers" }), ==, 1);
  read_or_fail (fixture->store, run_search, &search);
  g_assert_cmpuint (search.count, ==, 2);
  g_assert_cmpuint (search.rows->len, ==, 1);
  read_or_fail (fixture->store, run_search, &beyond);
  g_assert_cmpuint (beyond.rows->len, ==, 0);
  g_ptr_array_unref (search.rows);
  g_ptr_array_unref (beyond.rows);
}

static void
test_failure_leaves_nothing (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraHsds) hsds = read_data (fixture->store, "en");
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL;
  Job job = { .hsds = hsds, .fail = TRUE };

  g_assert_false (tessera_store_write (fixture->store, run_import, &job, &error));
  g_assert_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_FAILED);
  rows = dump_store (fixture->store);
  g_assert_cmpstr (rows, ==, "");
  tessera_directory_summary_free (job.summary);
}

static void
test_wrong_language (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraHsds) hsds = read_data (fixture->store, "en");
  g_autoptr (GError) error = NULL;
  Job job = { .hsds = hsds, .language = "English language" };

  g_assert_false (tessera_store_write (fixture->store, run_import, &job, &error));
  g_assert_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_INVALID);
}

#define THREE "33333333-3333-4333-8333-333333333333"
#define NAMED(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"status\":\"active\"}"

/* A French file that does not say so must not write over the English texts. */
static void
test_unsaid_language (Fixture *fixture, gconstpointer data) {
  const char *french = "[" NAMED (ONE, "Couture") "," NAMED (TWO, "Cuisine") "," NAMED (THREE, "Danse") "]";
  g_autoptr (TesseraDirectorySummary) english = import_text (fixture->store,
    "[" NAMED (ONE, "Sewing") "," NAMED (TWO, "Cooking") "," NAMED (THREE, "Dance") "]", "en", FALSE);
  g_autoptr (TesseraDirectorySummary) named = NULL;
  g_autoptr (TesseraHsds) hsds = NULL;
  g_autoptr (GError) error = NULL;
  Job job = { 0 };

  hsds = tessera_hsds_read_text (tessera_store_get_registry (fixture->store), "test.json", french,
                                 strlen (french), &error);
  job.hsds = hsds;
  g_assert_false (tessera_store_write (fixture->store, run_import, &job, &error));
  g_assert_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "--language"));
  named = import_text (fixture->store, french, "fr", FALSE);
  g_assert_cmpuint (named->translations, ==, 3);
  g_assert_cmpuint (named->changed, ==, 0);
}

static gboolean
check_two_kinds_of_dates (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) schedule = tessera_transaction_load (tx, "schedule", ONE, error);
  g_autoptr (TesseraServiceView) view = tessera_directory_load_service (tx, ONE, NULL, error);

  g_assert_no_error (*error);
  g_assert_cmpstr (tessera_record_get (schedule, "valid_from"), ==, "2015-01-01");
  g_assert_cmpstr (tessera_record_get (schedule, "dtstart"), ==, "2015-02-01");
  g_assert_cmpstr (tessera_record_get (schedule, "until"), ==, "2015-06-30");
  /* The file changed yesterday; nobody asked the service. */
  g_assert_cmpint (view->freshness, ==, TESSERA_FRESHNESS_NEVER);
  return TRUE;
}

static void
test_dates (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) summary =
    import_text (fixture->store,
                 SMALL (ONE, ",\"last_modified\":\"2015-04-30T00:00:00Z\",\"schedules\":[{\"id\":\"" ONE
                             "\",\"valid_from\":"
                             "\"2015-01-01\",\"dtstart\":\"2015-02-01\",\"until\":\"2015-06-30\"}]"),
                 "en", FALSE);

  read_or_fail (fixture->store, check_two_kinds_of_dates, NULL);
}

static void
test_complete_proposes (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) both =
    import_text (fixture->store, "[" SMALL (ONE, "") "," SMALL (TWO, "") "]", "en", TRUE);
  g_autoptr (TesseraDirectorySummary) one = import_text (fixture->store, SMALL (ONE, ""), "en", TRUE);
  g_autoptr (TesseraDirectorySummary) part = import_text (fixture->store, SMALL (ONE, ""), "en", FALSE);
  g_autoptr (JsonObject) json = tessera_directory_summary_to_json (one);

  g_assert_cmpuint (both->absent->len, ==, 0);
  g_assert_cmpuint (part->absent->len, ==, 0);
  g_assert_cmpuint (one->absent->len, ==, 1);
  g_assert_cmpstr (((TesseraAbsentService *) g_ptr_array_index (one->absent, 0))->id, ==, TWO);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json, "absent")), ==, 1);
  /* Proposed only: it is still offered. */
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery) { 0 }), ==, 2);
}

static gboolean
set_two_inactive (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  g_ptr_array_add (ids, (gpointer) TWO);
  return tessera_directory_set_inactive (tx, ids, error);
}

static void
test_set_inactive (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) both =
    import_text (fixture->store, "[" SMALL (ONE, "") "," SMALL (TWO, "") "]", "en", FALSE);
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, set_two_inactive, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery) { 0 }), ==, 1);
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery) { .all_states = TRUE }), ==, 2);
}

static gboolean
check_dates (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) record = tessera_transaction_load (tx, "service", ONE, error);

  g_assert_cmpstr (tessera_record_get (record, "assured_date"), ==, "2026-05-01");
  g_assert_cmpstr (tessera_record_get (record, "description"), ==, "Later text");
  g_assert_cmpstr (tessera_record_get (record, "email"), ==, "a@example.org");
  return TRUE;
}

/* An older file undoes neither a later one nor a later check; what a file leaves out stays. */
static void
test_older_file (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) first = import_text (fixture->store,
    SMALL (ONE, ",\"last_modified\":\"2026-03-01T00:00:00Z\",\"assured_date\":\"2026-05-01\",\"email\":"
           "\"a@example.org\",\"description\":\"First text\""), "en", FALSE);
  g_autoptr (TesseraDirectorySummary) later = import_text (fixture->store,
    SMALL (ONE, ",\"last_modified\":\"2026-04-01T00:00:00Z\",\"assured_date\":\"2026-01-01\","
           "\"description\":\"Later text\""), "en", FALSE);
  g_autoptr (TesseraDirectorySummary) older = import_text (
    fixture->store,
    SMALL (
      ONE,
      ",\"last_modified\":\"2025-01-01T00:00:00Z\",\"description\":\"Old text\",\"schedules\":[{\"id\":\"" TWO
      "\",\"byday\":\"MO\"}]"),
    "en", FALSE);

  g_assert_cmpuint (later->changed, ==, 1);
  g_assert_cmpuint (older->changed + older->added, ==, 0);
  g_assert_cmpuint (older->warnings->len, ==, 1);
  read_or_fail (fixture->store, check_dates, NULL);
}

static gboolean
check_only_arabic (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraServiceView) view = tessera_directory_load_service (tx, TWO, "ar", error);
  g_autofree char *base = tessera_directory_get_language (tx);

  g_assert_cmpstr (base, ==, "en");
  g_assert_cmpstr (view->language, ==, "ar");
  g_assert_cmpstr (tessera_service_view_get (view, "name"), ==, ARABIC_EDUCATION);
  g_assert_cmpuint (view->schedules->len, ==, 1);
  return TRUE;
}

/* A service that exists only in the second language comes in whole. */
static void
test_new_in_translation (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) first = import_text (fixture->store, SMALL (ONE, ""), "en", FALSE);
  g_autoptr (TesseraDirectorySummary) second =
    import_text (fixture->store,
                 "[{\"id\":\"" TWO "\",\"name\":\"" ARABIC_EDUCATION
                 "\",\"status\":\"active\",\"schedules\":[{\"id\":\"" TWO
                 "\",\"description\":\"" ARABIC_EDUCATION "\"}]}]",
                 NULL, FALSE);

  g_assert_cmpstr (second->language, ==, "ar");
  g_assert_cmpuint (second->added, ==, 2);
  read_or_fail (fixture->store, check_only_arabic, NULL);
}

static gboolean
export (TesseraTransaction *tx, gpointer data, GError **error) {
  gpointer *arguments = data;

  arguments[1] = tessera_hsds_write (tx, arguments[0], error);
  return arguments[1] != NULL;
}

static char *
export_store (TesseraStore *store, const char *language) {
  gpointer arguments[2] = { (gpointer) language, NULL };
  g_autoptr (GBytes) bytes = NULL;

  read_or_fail (store, export, arguments);
  bytes = arguments[1];
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* What goes out and comes into an empty store, in both languages, is what was there. */
static void
test_round_trip (Fixture *fixture, gconstpointer data) {
  g_autofree char *english = NULL;
  g_autofree char *arabic = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (TesseraDirectorySummary) first = NULL;
  g_autoptr (TesseraDirectorySummary) second = NULL;

  english = export_store (shop.store, NULL);
  arabic = export_store (shop.store, "ar");
  first = import_text (fixture->store, english, NULL, FALSE);
  second = import_text (fixture->store, arabic, NULL, FALSE);
  before = dump_store (shop.store);
  after = dump_store (fixture->store);
  g_assert_cmpuint (first->services, ==, 160);
  g_assert_cmpuint (first->warnings->len + second->warnings->len, ==, 0);
  g_assert_cmpstr (second->language, ==, "ar");
  g_assert_cmpstr (before, ==, after);
}

static const char rich[] =
  "{\"id\":\"" ONE
  "\",\"name\":\"Class <b>\",\"status\":\"temporarily closed\",\"minimum_age\":16.5,\"x-unknown\":"
  "{\"deep\":[1,2.5,null,\"t\"]},\"organization\":{\"id\":\"source--9\","
  "\"name\":\"Town library\",\"tax_id\":\"77\","
  "\"phones\":[{\"id\":\"" ONE "\",\"number\":\"+962\",\"languages\":[{\"id\":\"" TWO
  "\",\"code\":\"ar\"}]}]},"
  "\"program\":{\"id\":\"" ONE "\",\"name\":\"Learning\"},"
  "\"service_at_locations\":[{\"id\":\"" ONE "\",\"schedules\":[{\"id\":\"" ONE
  "\",\"freq\":\"WEEKLY\",\"byday\":"
  "\"TU,TH\",\"interval\":2,\"opens_at\":\"19:00+01:00\",\"timezone\":1}],\"location\":{\"id\":\"" ONE "\","
  "\"location_type\":\"physical\",\"latitude\":100,\"longitude\":-7.5,\"accessibility\":[{\"id\":\"" ONE "\","
  "\"description\":\"Lift\"}],\"addresses\":[{\"id\":\"" ONE
  "\",\"address_1\":\"Main street 1\",\"city\":\"Salt\","
  "\"country\":\"JO\",\"address_type\":\"physical\"}]}}],"
  "\"contacts\":[{\"id\":\"" ONE "\",\"name\":\"Desk\",\"phones\":[{\"id\":\"" TWO "\",\"number\":\"1\"}]}],"
  "\"cost_options\":[{\"id\":\"" ONE "\",\"option\":\"free\",\"amount\":0,\"currency\":\"EUR\"}],"
  "\"capacities\":[{\"id\":\"" ONE
  "\",\"available\":3,\"updated\":\"2026-01-01T08:00:00Z\",\"unit\":{\"id\":\"" TWO
  "\",\"name\":\"beds\"}}],\"funding\":[{\"id\":\"" TWO "\",\"source\":\"Town\"}],"
  "\"attributes\":[{\"id\":\"" ONE "\",\"value\":\"v\",\"taxonomy_term\":{\"id\":\"" ONE "\",\"code\":\"c\","
  "\"name\":\"C\",\"taxonomy_id\":\"t-1\"}}]}";

static void
test_round_trip_of_everything (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraDirectorySummary) first = import_text (fixture->store, rich, "en", FALSE);
  g_autofree char *text = export_store (fixture->store, NULL);
  g_autofree char *before = dump_store (fixture->store);
  g_autofree char *after = NULL;
  g_autoptr (TesseraDirectorySummary) second = NULL;
  Fixture other = { 0 };

  set_up (&other, NULL);
  second = import_text (other.store, text, "en", FALSE);
  after = dump_store (other.store);
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (strstr (before, "x-unknown"));
  g_assert_nonnull (strstr (text, "\"timezone\""));
  g_assert_nonnull (strstr (text, "\"tessera_original_id\""));
  g_assert_nonnull (strstr (text, "\"postal_code\" : \"-\""));
  g_assert_cmpuint (second->added, ==, first->added);
  tear_down (&other, NULL);
}

static void
test_freshness (void) {
  static const struct {
    const char *checked;
    TesseraFreshness freshness;
  } cases[] = {
    { "2026-11-21", TESSERA_FRESHNESS_CHECKED }, { "2026-11-22", TESSERA_FRESHNESS_CHECKED },
    { "2026-05-21", TESSERA_FRESHNESS_CHECKED }, { "2026-05-20", TESSERA_FRESHNESS_AMBER },
    { "2025-11-21", TESSERA_FRESHNESS_AMBER },   { "2025-11-20", TESSERA_FRESHNESS_RED },
    { "2099-01-01", TESSERA_FRESHNESS_NEVER },   { NULL, TESSERA_FRESHNESS_NEVER },
    { "2026-02-31", TESSERA_FRESHNESS_NEVER },
  };
  int age;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (tessera_freshness_of (cases[i].checked, "2026-11-21", NULL), ==, cases[i].freshness);
  tessera_freshness_of ("2026-11-01", "2026-11-21", &age);
  g_assert_cmpint (age, ==, 20);
  tessera_freshness_of (NULL, "2026-11-21", &age);
  g_assert_cmpint (age, ==, -1);
}

static gboolean
send_referral (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) partner = tessera_transaction_new_record (tx, "partner");
  g_autoptr (TesseraRecord) referral = tessera_transaction_new_record (tx, "referral");

  tessera_record_set (partner, "name", "Partner");
  tessera_record_set (partner, "organization_key", "key");
  tessera_record_set (referral, "direction", "out");
  tessera_record_set (referral, "partner", tessera_record_get_id (partner));
  tessera_record_set (referral, "service", TWO);
  tessera_record_set (referral, "kind", "refer");
  tessera_record_set (referral, "reason", "Sewing");
  tessera_record_set_integer (referral, "created_at", tessera_transaction_get_now (tx));
  return tessera_transaction_save (tx, partner, error) && tessera_transaction_save (tx, referral, error);
}

static gboolean
check_due (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) due = tessera_directory_due (tx, NULL, error);
  TesseraDueService *first;

  g_assert_no_error (*error);
  g_assert_cmpuint (due->len, ==, GPOINTER_TO_UINT (data));
  if (due->len < 2)
    return TRUE;
  first = g_ptr_array_index (due, 0);
  g_assert_cmpstr (first->id, ==, TWO);
  g_assert_cmpuint (first->referrals, ==, 1);
  g_assert_cmpstr (first->phone, ==, "+962");
  return TRUE;
}

typedef struct {
  const char *service;
  const char *result;
} Check;

static gboolean
verify (TesseraTransaction *tx, gpointer data, GError **error) {
  Check *check = data;
  g_autoptr (TesseraRecord) verification = NULL;

  verification = tessera_directory_verify (tx, check->service, check->result, "Asked by phone", error);
  return verification != NULL;
}

static void
verify_or_fail (TesseraStore *store, const char *service, const char *result) {
  Check check = { service, result };
  g_autoptr (GError) error = NULL;

  tessera_store_write (store, verify, &check, &error);
  g_assert_no_error (error);
}

static void
test_due_and_verify (Fixture *fixture, gconstpointer data) {
  Check wrong = { ONE, "maybe" };
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraDirectorySummary) summary = import_text (
    fixture->store,
    "[" SMALL (ONE, ",\"assured_date\":\"2014-09-01\"") "," SMALL (
      TWO, ",\"assured_date\":\"2014-09-01\",\"phones\":[{\"id\":\"" ONE "\",\"number\":\"+962\"}]") "]",
    "en", FALSE);

  tessera_store_write (fixture->store, send_referral, NULL, &error);
  g_assert_no_error (error);
  read_or_fail (fixture->store, check_due, GUINT_TO_POINTER (2));
  verify_or_fail (fixture->store, ONE, "not-reached");
  read_or_fail (fixture->store, check_due, GUINT_TO_POINTER (2));
  verify_or_fail (fixture->store, ONE, "confirmed");
  read_or_fail (fixture->store, check_due, GUINT_TO_POINTER (1));
  g_assert_false (tessera_store_write (fixture->store, verify, &wrong, &error));
  g_assert_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID);
  verify_or_fail (fixture->store, TWO, "ended");
  read_or_fail (fixture->store, check_due, GUINT_TO_POINTER (0));
  g_assert_cmpuint (count_found (fixture->store, (TesseraDirectoryQuery) { 0 }), ==, 1);
}

static void
test_red_goes_last (Fixture *fixture, gconstpointer data) {
  Search search = { 0 };
  g_autoptr (TesseraDirectorySummary) summary =
    import_text (fixture->store,
                 "[{\"id\":\"" ONE "\",\"name\":\"A\",\"status\":\"active\",\"assured_date\":\"2010-01-01\"},"
                 "{\"id\":\"" TWO "\",\"name\":\"B\",\"status\":\"active\",\"assured_date\":\"2015-04-01\"}]",
                 "en", FALSE);

  read_or_fail (fixture->store, run_search, &search);
  g_assert_cmpstr (((TesseraServiceRow *) g_ptr_array_index (search.rows, 0))->id, ==, TWO);
  g_assert_cmpint (((TesseraServiceRow *) g_ptr_array_index (search.rows, 1))->freshness, ==,
                   TESSERA_FRESHNESS_RED);
  g_ptr_array_unref (search.rows);
}

static void
test_schedule_text (void) {
  TesseraServiceSchedule days = { .days = (char *) "MO,2FR",
                                  .opens_at = (char *) "08:00",
                                  .closes_at = (char *) "12:00" };
  TesseraServiceSchedule text = { .description = (char *) "Daily" };
  g_autofree char *first = tessera_service_schedule_format (&days);
  g_autofree char *second = tessera_service_schedule_format (&text);

  g_assert_cmpstr (first, ==, "Mon, 2FR, 08:00 to 12:00");
  g_assert_cmpstr (second, ==, "Daily");
}

#define ADD(path, function) g_test_add ("/directory/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv) {
  int result;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("TESSERA_NOW", "2015-05-01T09:00:00Z", TRUE);
  set_up (&shop, NULL);
  import_data (shop.store, "en");
  import_data (shop.store, "ar");
  ADD ("two-languages", test_two_languages);
  g_test_add_func ("/directory/again-changes-nothing", test_again_changes_nothing);
  g_test_add_func ("/directory/view", test_view);
  g_test_add_func ("/directory/documents-are-paired", test_documents_are_paired);
  ADD ("search", test_search);
  g_test_add_func ("/directory/search-words", test_search_words);
  g_test_add_func ("/directory/search-across-languages", test_search_across_languages);
  g_test_add_func ("/directory/themes", test_themes);
  ADD ("condition-and-pages", test_condition_and_pages);
  ADD ("failure-leaves-nothing", test_failure_leaves_nothing);
  ADD ("wrong-language", test_wrong_language);
  ADD ("unsaid-language", test_unsaid_language);
  ADD ("dates", test_dates);
  ADD ("complete-proposes", test_complete_proposes);
  ADD ("set-inactive", test_set_inactive);
  ADD ("older-file", test_older_file);
  ADD ("new-in-translation", test_new_in_translation);
  ADD ("round-trip", test_round_trip);
  ADD ("round-trip-of-everything", test_round_trip_of_everything);
  g_test_add_func ("/directory/freshness", test_freshness);
  ADD ("due-and-verify", test_due_and_verify);
  ADD ("red-goes-last", test_red_goes_last);
  g_test_add_func ("/directory/schedule-text", test_schedule_text);
  result = g_test_run ();
  tear_down (&shop, NULL);
  return result;
}
