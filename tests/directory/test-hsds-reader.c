/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-hsds-reader.c: what is accepted, what is refused and with which words, and that nothing crashes the
 * reader.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tessera-directory-error.h"
#include "tessera-directory-language.h"
#include "tessera-hsds-reader.h"

#define SERVICE "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"
#define PLACE "33333333-3333-4333-8333-333333333333"
#define LINK "44444444-4444-4444-8444-444444444444"
#define ORGANIZATION "55555555-5555-4555-8555-555555555555"

static TesseraHsds *
read_text (const char *text, GError **error) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();

  return tessera_hsds_read_text (registry, "test.json", text, strlen (text), error);
}

static TesseraHsds *
read_or_fail (const char *text) {
  g_autoptr (GError) error = NULL;
  TesseraHsds *hsds = read_text (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (hsds);
  return hsds;
}

static const char *
value_of (TesseraHsds *hsds, const char *entity, const char *id, const char *field) {
  TesseraHsdsRow *row = tessera_hsds_find (hsds, entity, id);

  g_assert_nonnull (row);
  return tessera_record_get (row->record, field);
}

#define SMALL(id, more) "{\"id\":\"" id "\",\"name\":\"Sewing class\",\"status\":\"active\"" more "}"

/* Every wrapper the same two services come in. */
static void
test_shapes (void) {
  static const char *const shapes[] = {
    "[" SMALL (SERVICE, "") "," SMALL (OTHER, "") "]",
    "{\"total_items\":2,\"contents\":[" SMALL (SERVICE, "") "," SMALL (OTHER, "") "]}",
    SMALL (SERVICE, "") "\n" SMALL (OTHER, "") "\n",
    "\xef\xbb\xbf" SMALL (SERVICE, "") "\r\n\r\n" SMALL (OTHER, "") "\r\n",
    "{\"id\":\"" ORGANIZATION "\",\"name\":\"Town library\",\"services\":[" SMALL (SERVICE, "") ","
      SMALL (OTHER, "") "]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (TesseraHsds) hsds = read_or_fail (shapes[i]);

    g_assert_cmpuint (tessera_hsds_count (hsds, "service"), ==, 2);
    g_assert_cmpstr (value_of (hsds, "service", OTHER, "name"), ==, "Sewing class");
    g_assert_cmpuint (hsds->warnings->len, ==, 0);
  }
}

static void
test_single (void) {
  g_autoptr (TesseraHsds) hsds = read_or_fail (SMALL (SERVICE, ""));

  g_assert_cmpuint (hsds->rows->len, ==, 1);
}

static const char nested[] =
  "{\"id\":\"" SERVICE "\",\"name\":\"Class\",\"status\":\"active\",\"minimum_age\":16,\"last_modified\":"
  "\"2026-03-01T00:00:00Z\",\"assured_date\":\"2026-09-01T10:00:00Z\",\"wait_time\":{\"days\":[1,2]},"
  "\"organization\":{\"id\":\"" ORGANIZATION "\",\"name\":\"Town library\"},"
  "\"service_at_locations\":[{\"id\":\"" LINK "\",\"location\":{\"id\":\"" PLACE
  "\",\"location_type\":\"physical\","
  "\"latitude\":32.03917,\"longitude\":35.7,\"addresses\":[{\"id\":\"" OTHER
  "\",\"address_1\":\"Main street 1\","
  "\"state_province\":\"-\",\"postal_code\":\"-\",\"address_type\":\"physical\"}]}}],"
  "\"phones\":[{\"id\":\"" OTHER "\",\"number\":\"\\\"+962 6 000 0000\\\"\",\"extension\":12}],"
  "\"attributes\":[{\"id\":\"" OTHER "\",\"taxonomy_term\":{\"id\":\"" PLACE
  "\",\"code\":\"no-papers-asked\","
  "\"language\":\"eng\"}}]}";

static void
test_nested (void) {
  g_autoptr (TesseraHsds) hsds = read_or_fail (nested);
  g_autofree char *language = tessera_hsds_guess_language (hsds);

  g_assert_cmpstr (value_of (hsds, "service", SERVICE, "organization"), ==, ORGANIZATION);
  g_assert_cmpstr (value_of (hsds, "service", SERVICE, "minimum_age"), ==, "16");
  g_assert_cmpstr (value_of (hsds, "service", SERVICE, "assured_date"), ==, "2026-09-01");
  g_assert_cmpstr (value_of (hsds, "service", SERVICE, "extra"), ==, "{\"wait_time\":{\"days\":[1,2]}}");
  g_assert_cmpstr (value_of (hsds, "service_at_location", LINK, "service"), ==, SERVICE);
  g_assert_cmpstr (value_of (hsds, "service_at_location", LINK, "location"), ==, PLACE);
  g_assert_cmpstr (value_of (hsds, "location", PLACE, "latitude"), ==, "32.03917");
  g_assert_cmpstr (value_of (hsds, "address", OTHER, "location"), ==, PLACE);
  g_assert_null (value_of (hsds, "address", OTHER, "state_province"));
  g_assert_null (value_of (hsds, "address", OTHER, "postal_code"));
  g_assert_cmpstr (value_of (hsds, "phone", OTHER, "number"), ==, "+962 6 000 0000");
  g_assert_cmpstr (value_of (hsds, "phone", OTHER, "extension"), ==, "12");
  g_assert_cmpstr (value_of (hsds, "attribute", OTHER, "link_id"), ==, SERVICE);
  g_assert_cmpstr (value_of (hsds, "attribute", OTHER, "link_entity"), ==, "service");
  g_assert_cmpstr (value_of (hsds, "attribute", OTHER, "taxonomy_term"), ==, PLACE);
  g_assert_cmpstr (value_of (hsds, "taxonomy_term", PLACE, "name"), ==, "no-papers-asked");
  g_assert_cmpstr (language, ==, "en");
  g_assert_cmpuint (hsds->warnings->len, ==, 0);
}

/* Traps: values nobody can use stay aside, the row stays. */
static void
test_kept_aside (void) {
  g_autoptr (TesseraHsds) hsds = read_or_fail (
    SMALL (SERVICE, ",\"service_at_locations\":[{\"id\":\"" LINK "\",\"location\":{\"id\":\"" PLACE "\","
           "\"location_type\":\"redacted\",\"latitude\":100,\"longitude\":35.5}}]"));

  g_assert_null (value_of (hsds, "location", PLACE, "latitude"));
  g_assert_cmpstr (value_of (hsds, "location", PLACE, "longitude"), ==, "35.5");
  g_assert_null (value_of (hsds, "location", PLACE, "location_type"));
  g_assert_cmpstr (value_of (hsds, "location", PLACE, "extra"), ==,
                   "{\"location_type\":\"redacted\",\"latitude\":100}");
  g_assert_cmpuint (hsds->warnings->len, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (hsds->warnings, 1), "latitude"));
}

static void
test_markup_stays_text (void) {
  g_autoptr (TesseraHsds) hsds = read_or_fail (
    SMALL (SERVICE, ",\"description\":\"<b onclick='x()'>Free</b> &amp; [open](http://x)\\r\\nDaily\""));

  g_assert_cmpstr (value_of (hsds, "service", SERVICE, "description"), ==,
                   "<b onclick='x()'>Free</b> &amp; [open](http://x)\nDaily");
}

static void
test_foreign_ids (void) {
  g_autoptr (TesseraHsds) hsds = read_or_fail (
    "[{\"id\":\"source--17\",\"name\":\"A\",\"status\":\"active\",\"organization_id\":\"o-1\"},"
    "{\"id\":\"o-1\",\"name\":\"Org\",\"legal_status\":\"association\"},"
    "{\"id\":\"11111111-1111-4111-8111-AAAAAAAAAAAA\",\"name\":\"B\",\"status\":\"active\"}]");
  TesseraHsdsRow *service = g_ptr_array_index (hsds->rows, 0);
  TesseraHsdsRow *organization = g_ptr_array_index (hsds->rows, 1);

  g_assert_cmpuint (strlen (tessera_record_get_id (service->record)), ==, 36);
  g_assert_cmpstr (tessera_record_get (service->record, "organization"), ==,
                   tessera_record_get_id (organization->record));
  g_assert_cmpstr (tessera_record_get (service->record, "extra"), ==,
                   "{\"tessera_original_id\":\"source--17\"}");
  g_assert_nonnull (tessera_hsds_find (hsds, "service", "11111111-1111-4111-8111-aaaaaaaaaaaa"));
  g_assert_cmpuint (hsds->warnings->len, ==, 1);
}

#define WITH_ORGANIZATION(id, modified, name)                                                                \
  SMALL (id, ",\"last_modified\":\"" modified "\",\"organization\":{\"id\":\"" ORGANIZATION                  \
             "\",\"name\":\"" name "\"}")

static void
test_copies_collapse (void) {
  g_autoptr (TesseraHsds) same = read_or_fail ("[" SMALL (SERVICE, "") "," SMALL (SERVICE, "") "]");
  g_autoptr (TesseraHsds) hsds = read_or_fail (
    "[" WITH_ORGANIZATION (SERVICE, "2026-01-01T00:00:00Z", "Old name") ","
    WITH_ORGANIZATION (OTHER, "2026-02-01T00:00:00Z", "New name") ","
    WITH_ORGANIZATION (LINK, "2025-01-01T00:00:00Z", "Oldest name") "]");

  g_assert_cmpuint (tessera_hsds_count (same, "service"), ==, 1);
  g_assert_cmpuint (tessera_hsds_count (hsds, "organization"), ==, 1);
  g_assert_cmpstr (value_of (hsds, "organization", ORGANIZATION, "name"), ==, "New name");
  g_assert_cmpuint (hsds->warnings->len, ==, 2);
}

static void
test_incomplete_rows (void) {
  g_autoptr (TesseraHsds) hsds =
    read_or_fail (SMALL (SERVICE, ",\"phones\":[{\"id\":\"" OTHER "\",\"number\":\"\"},{\"id\":\"" LINK
                                  "\",\"number\":\"1\"}]"));

  g_assert_cmpuint (tessera_hsds_count (hsds, "phone"), ==, 1);
  g_assert_cmpuint (hsds->warnings->len, ==, 1);
}

static void
test_language_by_script (void) {
  g_autoptr (TesseraHsds) arabic = read_or_fail (
    "{\"id\":\"" SERVICE
    "\",\"name\":\"\xd9\x81\xd8\xb1\xd8\xb5 \xd8\xa7\xd9\x84\xd8\xaa\xd8\xb9\xd9\x84\xd9\x8a\xd9\x85 NGO\","
    "\"status\":\"active\"}");
  g_autoptr (TesseraHsds) latin = read_or_fail (SMALL (SERVICE, ""));
  g_autofree char *first = tessera_hsds_guess_language (arabic);
  g_autofree char *second = tessera_hsds_guess_language (latin);

  g_assert_cmpstr (first, ==, "ar");
  g_assert_null (second);
  g_assert_true (tessera_directory_same_language ("ara", "AR"));
  g_assert_false (tessera_directory_same_language ("en", "fr"));
}

typedef struct {
  const char *file;
  TesseraDirectoryError code;
  const char *names;
} BadFile;

/* @names: what the sentence must name, so that a person finds the place. */
static const BadFile bad_files[] = {
  { "not-json.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "line 1" },
  { "comment.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "line 1" },
  { "trailing-comma.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "column" },
  { "truncated.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "ends in the middle" },
  { "empty.json", TESSERA_DIRECTORY_ERROR_NOT_HSDS, "no service" },
  { "no-service.json", TESSERA_DIRECTORY_ERROR_NOT_HSDS, "no service" },
  { "other-json.json", TESSERA_DIRECTORY_ERROR_NOT_HSDS, "entry 1" },
  { "number.json", TESSERA_DIRECTORY_ERROR_INVALID, "entry 1" },
  { "latin1.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "UTF-8" },
  { "utf16.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "UTF-8" },
  { "zero-character.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "line 1" },
  { "half-surrogate.json", TESSERA_DIRECTORY_ERROR_NOT_JSON, "line 1" },
  { "no-id.json", TESSERA_DIRECTORY_ERROR_IDENTIFIER, "Sewing class" },
  { "no-nested-id.json", TESSERA_DIRECTORY_ERROR_IDENTIFIER, "schedules[0]" },
  { "number-id.json", TESSERA_DIRECTORY_ERROR_INVALID, "id" },
  { "empty-id.json", TESSERA_DIRECTORY_ERROR_IDENTIFIER, "id" },
  { "no-name.json", TESSERA_DIRECTORY_ERROR_INVALID, "name" },
  { "twice.json", TESSERA_DIRECTORY_ERROR_IDENTIFIER, SERVICE },
  { "shared-schedule.json", TESSERA_DIRECTORY_ERROR_IDENTIFIER, PLACE },
  { "name-is-list.json", TESSERA_DIRECTORY_ERROR_INVALID, "name" },
  { "name-is-true.json", TESSERA_DIRECTORY_ERROR_INVALID, "name" },
  { "schedules-is-object.json", TESSERA_DIRECTORY_ERROR_INVALID, "schedules" },
  { "organization-is-text.json", TESSERA_DIRECTORY_ERROR_INVALID, "organization" },
  { "contents-is-object.json", TESSERA_DIRECTORY_ERROR_INVALID, "contents" },
  { "entry-is-text.json", TESSERA_DIRECTORY_ERROR_INVALID, "entry 1" },
  { "february-31.json", TESSERA_DIRECTORY_ERROR_INVALID, "entry 2 “Sewing class”, assured_date" },
  { "schedule-date.json", TESSERA_DIRECTORY_ERROR_INVALID, "schedules[0].valid_from" },
  { "latitude-is-word.json", TESSERA_DIRECTORY_ERROR_INVALID, "service_at_locations[0].location.latitude" },
  { "control-character.json", TESSERA_DIRECTORY_ERROR_INVALID, "name" },
};

static void
assert_one_sentence (const char *message) {
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_null (strchr (message, '\n'));
  g_assert_true (g_str_has_suffix (message, "."));
}

static void
test_bad_files (void) {
  const char *folder = g_getenv ("TESSERA_BAD_DIRECTORIES");
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  g_assert_cmpuint (count, ==, G_N_ELEMENTS (bad_files));
  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++) {
    g_autofree char *path = g_build_filename (folder, bad_files[i].file, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_hsds_read_file (registry, path, &error));
    g_test_message ("%s", error->message);
    g_assert_error (error, TESSERA_DIRECTORY_ERROR, (int) bad_files[i].code);
    g_assert_nonnull (strstr (error->message, bad_files[i].names));
    g_assert_nonnull (strstr (error->message, bad_files[i].file));
    assert_one_sentence (error->message);
  }
}

/* A file of 200 MB is refused by its size alone: it has holes, and reading it would take far longer. */
static void
test_huge_file (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  gint64 start;
  int fd = g_file_open_tmp ("tessera-huge-XXXXXX.json", &path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, 200 * 1000 * 1000), ==, 0);
  close (fd);
  start = g_get_monotonic_time ();
  g_assert_null (tessera_hsds_read_file (registry, path, &error));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 100 * 1000);
  g_assert_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_TOO_LARGE);
  assert_one_sentence (error->message);
  g_remove (path);
}

static void
test_unreadable (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) folder = NULL;

  g_assert_null (tessera_hsds_read_file (registry, "/nonexistent/services.json", &missing));
  g_assert_error (missing, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_FAILED);
  g_assert_null (tessera_hsds_read_file (registry, "/", &folder));
  g_assert_error (folder, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_FAILED);
}

static void
refuse_as_too_large (const char *text) {
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text (text, &error));
  g_assert_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_TOO_LARGE);
  assert_one_sentence (error->message);
}

static void
test_deep_and_many (void) {
  gsize count = 1000 * 1000;
  g_autofree char *brackets = g_strnfill (count, '[');
  g_autoptr (GString) objects = g_string_new (NULL);
  g_autoptr (GString) zeros = g_string_new ("[0");

  for (guint i = 0; i < 100000; i++)
    g_string_append (objects, "{\"a\":");
  for (guint i = 0; i < TESSERA_HSDS_VALUE_LIMIT; i++)
    g_string_append (zeros, ",0");
  g_string_append_c (zeros, ']');
  refuse_as_too_large (brackets);
  refuse_as_too_large (objects->str);
  refuse_as_too_large (zeros->str);
}

/* Every beginning of a good file, and a second of damaged ones. */
static void
test_truncated (void) {
  for (gsize length = 0; length < strlen (nested); length++) {
    g_autofree char *text = g_strndup (nested, length);
    g_autoptr (GError) error = NULL;

    g_assert_null (read_text (text, &error));
    assert_one_sentence (error->message);
  }
}

static void
mutate (GRand *rand, GString *text) {
  static const char *const pieces[] = { "{",
                                        "}",
                                        "[",
                                        "]",
                                        "\"",
                                        ",",
                                        ":",
                                        "null",
                                        "\\u0000",
                                        "\\ud83d",
                                        "-1e9",
                                        "\xff",
                                        "\"id\":\"x\",",
                                        "\"extra\":{},",
                                        "\"contents\":[",
                                        "1e400",
                                        "\n",
                                        "\\" };
  guint changes = (guint) g_rand_int_range (rand, 1, 5);

  for (guint i = 0; i < changes && text->len > 0; i++) {
    gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) text->len);
    gsize length = (gsize) g_rand_int_range (rand, 1, 40);

    if (g_rand_boolean (rand))
      text->str[at] = (char) g_rand_int_range (rand, 0, 256);
    else if (g_rand_boolean (rand))
      g_string_insert (text, (gssize) at, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
    else
      g_string_erase (text, (gssize) at, (gssize) MIN (text->len - at, length));
  }
}

static void
test_mutations (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC;
  guint read = 0, refused = 0;

  while (g_get_monotonic_time () < end) {
    g_autoptr (GString) text = g_string_new (nested);
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraHsds) hsds = NULL;

    mutate (rand, text);
    hsds = tessera_hsds_read_text (registry, "test.json", text->str, text->len, &error);
    g_assert_true ((hsds == NULL) == (error != NULL));
    if (error != NULL)
      assert_one_sentence (error->message);
    read += hsds != NULL;
    refused += error != NULL;
  }
  g_test_message ("%u read, %u refused", read, refused);
  g_assert_cmpuint (read, >, 0);
  g_assert_cmpuint (refused, >, 0);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hsds/shapes", test_shapes);
  g_test_add_func ("/hsds/single", test_single);
  g_test_add_func ("/hsds/nested", test_nested);
  g_test_add_func ("/hsds/kept-aside", test_kept_aside);
  g_test_add_func ("/hsds/markup-stays-text", test_markup_stays_text);
  g_test_add_func ("/hsds/foreign-ids", test_foreign_ids);
  g_test_add_func ("/hsds/copies-collapse", test_copies_collapse);
  g_test_add_func ("/hsds/incomplete-rows", test_incomplete_rows);
  g_test_add_func ("/hsds/language-by-script", test_language_by_script);
  g_test_add_func ("/hsds/bad-files", test_bad_files);
  g_test_add_func ("/hsds/huge-file", test_huge_file);
  g_test_add_func ("/hsds/unreadable", test_unreadable);
  g_test_add_func ("/hsds/deep-and-many", test_deep_and_many);
  g_test_add_func ("/hsds/truncated", test_truncated);
  g_test_add_func ("/hsds/mutations", test_mutations);
  return g_test_run ();
}
