/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-record.c: registry consistency, field checking, identifiers and folding.
 */
#include <locale.h>
#include <string.h>

#include "tessera-fold.h"
#include "tessera-identifier.h"
#include "tessera-record.h"

static void
test_registry_is_consistent (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  const TesseraEntity *const *entities = tessera_registry_get_entities (registry);
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  for (guint e = 0; entities[e]; e++) {
    const TesseraEntity *entity = entities[e];

    g_assert_true (g_hash_table_add (numbers, GUINT_TO_POINTER (entity->number)));
    if (entity->subject && strcmp (entity->subject, "id") != 0)
      g_assert_cmpint (tessera_entity_find_field (entity, entity->subject), >=, 0);
    for (guint f = 0; f < entity->n_fields; f++) {
      const TesseraField *field = &entity->fields[f];

      g_assert_cmpint (tessera_entity_find_field (entity, field->name), ==, (int) f);
      if (field->type == TESSERA_FIELD_REFERENCE)
        g_assert_nonnull (tessera_registry_get_entity (registry, field->of));
      if (field->type == TESSERA_FIELD_CHOICE
          || (field->type == TESSERA_FIELD_SET && strcmp (field->of, "language") != 0))
        g_assert_nonnull (tessera_vocabulary_find (field->of));
      /* What a worker noted for themselves never leaves, whatever a consent says. */
      if (field->category == TESSERA_CATEGORY_NOTES)
        g_assert_cmpint (field->share, ==, TESSERA_SHARE_NEVER);
      /* The service map is public; nothing about a person is. */
      if (field->share == TESSERA_SHARE_PUBLIC)
        g_assert_cmpint (field->category, ==, TESSERA_CATEGORY_NONE);
      g_assert_null (strstr (field->name, "nationality"));
      g_assert_null (strstr (field->name, "residence"));
      if (entity->flags & TESSERA_ENTITY_APPEND_ONLY)
        g_assert_cmpint (field->merge, ==, TESSERA_MERGE_APPEND_ONLY);
    }
  }
}

static void
test_own_fields (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (TesseraRegistry) other = tessera_registry_new ();
  g_autoptr (GError) error = NULL;
  TesseraField field = { "x_shoe_size", "Shoe size", TESSERA_FIELD_INTEGER, TESSERA_CATEGORY_NEEDS,
                         TESSERA_SHARE_CONSENT, TESSERA_MERGE_LAST_WRITER, TESSERA_FIELD_PLAIN, NULL };
  g_autoptr (TesseraRecord) client = NULL;

  g_assert_true (tessera_registry_add_field (registry, "client", &field, &error));
  client = tessera_record_new (registry, "client");
  g_assert_true (tessera_record_parse (client, "x_shoe_size", "42", &error));
  g_assert_cmpint (tessera_record_get_integer (client, "x_shoe_size"), ==, 42);
  g_assert_false (tessera_registry_add_field (registry, "client", &field, &error));
  g_clear_error (&error);
  field.name = "name";
  g_assert_false (tessera_registry_add_field (registry, "client", &field, &error));
  g_assert_cmpint (tessera_entity_find_field (tessera_registry_get_entity (other, "client"), "x_shoe_size"), ==, -1);
}

static void
assert_check (const char *entity, const char *field, const char *text, const char *expected) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (TesseraRecord) record = tessera_record_new (registry, entity);
  g_autoptr (GError) error = NULL;
  gboolean ok = tessera_record_parse (record, field, text, &error);

  if (expected) {
    g_assert_no_error (error);
    g_assert_true (ok);
    g_assert_cmpstr (tessera_record_get (record, field), ==, *expected ? expected : NULL);
  } else {
    g_assert_false (ok);
    g_assert_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID);
    g_assert_null (tessera_record_get (record, field));
  }
}

static void
test_fields_are_checked (void) {
  g_autofree char *long_text = g_strnfill (TESSERA_TEXT_LIMIT + 1, 'a');

  assert_check ("client", "name", "  Amal Synthetic \n", "Amal Synthetic");
  assert_check ("client", "name", "e\xcc\x81", "\xc3\xa9");
  assert_check ("client", "name", "bad\xff", NULL);
  assert_check ("client", "name", "bell\a", NULL);
  assert_check ("client", "name", long_text, NULL);
  assert_check ("client", "address", "one\r\ntwo", "one\ntwo");
  assert_check ("client", "birth_date", "2026-02-28", "2026-02-28");
  assert_check ("client", "birth_date", "2026-02-31", NULL);
  assert_check ("client", "birth_date", "31.2.2026", NULL);
  assert_check ("client", "birth_year", "1990", "1990");
  assert_check ("client", "birth_year", "19x", NULL);
  assert_check ("client", "gender", "woman", "woman");
  assert_check ("client", "gender", "femme", NULL);
  assert_check ("client", "language", "zh-Hant", "zh-Hant");
  assert_check ("client", "language", "Arabic!", NULL);
  assert_check ("client", "languages", "fr; ar, fr", "ar,fr");
  assert_check ("client", "languages", "fr,-", NULL);
  assert_check ("client", "phone", "", "");
  assert_check ("client", "household", "F4470AE9-7C9E-5A25-A37D-95526A7A4D89", "f4470ae9-7c9e-5a25-a37d-95526a7a4d89");
  assert_check ("client", "household", "12", NULL);
  assert_check ("visit", "at", "2026-11-21T09:30:00Z", "1795253400000");
  assert_check ("visit", "at", "tomorrow", NULL);
  assert_check ("visit", "domains", "work home", "home,work");
  assert_check ("need", "urgent", "Yes", "1");
  assert_check ("need", "urgent", "maybe", NULL);
  assert_check ("location", "latitude", "35.7333333333333", "35.7333333333333");
  assert_check ("location", "latitude", "0x10", NULL);
  assert_check ("location", "latitude", "nan", NULL);
}

static void
test_json_round_trip (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (TesseraRecord) visit = tessera_record_new (registry, "visit");
  g_autoptr (TesseraRecord) copy = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  tessera_record_parse (visit, "domains", "work,home", &error);
  tessera_record_parse (visit, "minutes", "25", &error);
  tessera_record_parse (visit, "summary", "said “hello”", &error);
  g_assert_no_error (error);
  object = tessera_record_to_json (visit);
  g_assert_cmpint (json_object_get_int_member (object, "minutes"), ==, 25);
  json_object_set_string_member (object, "from_the_future", "x");
  copy = tessera_record_new_for (registry, tessera_record_get_entity (visit), tessera_record_get_id (visit));
  g_assert_true (tessera_record_set_from_json (copy, object, unknown, &error));
  g_assert_cmpuint (unknown->len, ==, 1);
  for (guint i = 0; i < tessera_record_get_entity (visit)->n_fields; i++)
    g_assert_cmpstr (tessera_record_get_at (copy, i), ==, tessera_record_get_at (visit, i));
  json_object_set_object_member (object, "summary", json_object_new ());
  g_assert_false (tessera_record_set_from_json (copy, object, NULL, &error));
}

static void
test_uuids_increase (void) {
  g_autofree char *last = tessera_uuid_new ();
  g_autofree char *named = tessera_uuid_for_name ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com");

  for (int i = 0; i < 20000; i++) {
    char *next = tessera_uuid_new ();

    g_assert_cmpstr (last, <, next);
    g_assert_cmpint (next[14], ==, '7');
    g_free (last);
    last = next;
  }
  /* The example of RFC 9562 appendix A.4. */
  g_assert_cmpstr (named, ==, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void
test_client_codes (void) {
  static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXY";

  for (int n = 0; n < 200; n++) {
    g_autofree char *code = tessera_client_code_new ();
    g_autofree char *lower = g_ascii_strdown (code, -1);
    g_autofree char *again = tessera_client_code_normalize (lower);

    g_assert_cmpuint (strlen (code), ==, 11);
    g_assert_cmpstr (again, ==, code);
    for (int i = 2; i < 11; i++) {
      char kept = code[i];

      if (kept == '-')
        continue;
      for (const char *d = digits; *d; d++) {
        g_autofree char *wrong = NULL;

        if (*d == kept)
          continue;
        code[i] = *d;
        wrong = tessera_client_code_normalize (code);
        g_assert_null (wrong);
      }
      code[i] = kept;
    }
    for (int i = 2; i < 10; i++) {
      g_autofree char *swapped = g_strdup (code);
      g_autofree char *wrong = NULL;
      int next = code[i + 1] == '-' ? i + 2 : i + 1;

      if (code[i] == '-' || code[i] == code[next])
        continue;
      swapped[i] = code[next];
      swapped[next] = code[i];
      wrong = tessera_client_code_normalize (swapped);
      g_assert_null (wrong);
    }
  }
  g_assert_null (tessera_client_code_normalize ("T-"));
  g_assert_null (tessera_client_code_normalize (""));
}

static void
test_instants (void) {
  gint64 instant = 0;
  g_autofree char *text = tessera_instant_format (1795253400123);
  g_autofree char *before = tessera_instant_format (-1);

  g_assert_cmpstr (text, ==, "2026-11-21T09:30:00.123Z");
  g_assert_cmpstr (before, ==, "1969-12-31T23:59:59.999Z");
  g_assert_true (tessera_instant_parse (text, &instant));
  g_assert_cmpint (instant, ==, 1795253400123);
  g_assert_true (tessera_instant_parse ("2026-11-21T09:30", &instant));
  g_assert_cmpint (instant % 60000, ==, 0);
  g_assert_false (tessera_instant_parse ("2026-11-21T29:30", &instant));
  g_assert_false (tessera_instant_parse ("2026-02-31", &instant));
  g_assert_false (tessera_instant_parse ("", &instant));
}

static void
assert_same_sound (const char *a, const char *b) {
  g_autofree char *first = tessera_fold_sound (a);
  g_autofree char *second = tessera_fold_sound (b);

  g_assert_cmpstr (first, ==, second);
}

static void
test_folding (void) {
  g_autofree char *marks = tessera_fold_latin ("Nguyễn  Đặng-O'Brien");
  g_autofree char *cyrillic = tessera_fold ("Мухаммад");
  g_autofree char *empty = tessera_fold ("  … ");

  g_assert_cmpstr (marks, ==, "nguyen dang obrien");
  g_assert_nonnull (strstr (cyrillic, "мухаммад"));
  g_assert_nonnull (strstr (cyrillic, "muhammad"));
  g_assert_cmpstr (empty, ==, "");
  assert_same_sound ("Mohammed", "محمد");
  assert_same_sound ("Muḥammad", "Мухаммад");
  assert_same_sound ("Fatima", "فاطمة");
  assert_same_sound ("Yusuf", "Yousef");
  assert_same_sound ("Oleksandr", "Олександр");
}

/* Plain ASCII goes a short way of its own; a dash, which parts words too, makes the same text go the long one. */
static void
test_folding_ascii (void) {
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < 3000; i++) {
    guint length = (guint) g_rand_int_range (random, 0, 40);
    g_autoptr (GString) text = g_string_new (NULL);
    g_autofree char *longer = NULL;
    g_autofree char *quick = NULL;
    g_autofree char *slow = NULL;

    for (guint j = 0; j < length; j++)
      g_string_append_c (text, (char) (g_rand_boolean (random) ? g_rand_int_range (random, 1, 128)
                                                               : "aZ '`-09"[g_rand_int_range (random, 0, 8)]));
    longer = g_strconcat ("\u2013", text->str, "\u2013", NULL);
    quick = tessera_fold_latin (text->str);
    slow = tessera_fold_latin (longer);
    g_assert_cmpstr (quick, ==, slow);
    g_string_assign (text, "before");
    tessera_fold_append_latin (text, longer);
    g_assert_true (g_str_has_prefix (text->str, "before"));
    g_assert_cmpstr (text->str + strlen ("before"), ==, quick);
  }
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/registry-is-consistent", test_registry_is_consistent);
  g_test_add_func ("/record/own-fields", test_own_fields);
  g_test_add_func ("/record/fields-are-checked", test_fields_are_checked);
  g_test_add_func ("/record/json-round-trip", test_json_round_trip);
  g_test_add_func ("/record/uuids-increase", test_uuids_increase);
  g_test_add_func ("/record/client-codes", test_client_codes);
  g_test_add_func ("/record/instants", test_instants);
  g_test_add_func ("/record/folding", test_folding);
  g_test_add_func ("/record/folding-ascii", test_folding_ascii);
  return g_test_run ();
}
