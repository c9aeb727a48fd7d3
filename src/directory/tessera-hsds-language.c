/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-language.c: guesses which language a directory file is written in.
 */
#include "config.h"
#include <string.h>
#include <unicode/uloc.h>

#include "tessera-directory-language.h"
#include "tessera-hsds-reader.h"

typedef struct {
  GUnicodeScript script;
  const char *language;
} ScriptLanguage;

/* Only scripts that nearly always mean one language where our users work. */
static const ScriptLanguage script_languages[] = {
  { G_UNICODE_SCRIPT_ARABIC, "ar" },   { G_UNICODE_SCRIPT_ARMENIAN, "hy" },
  { G_UNICODE_SCRIPT_BENGALI, "bn" },  { G_UNICODE_SCRIPT_ETHIOPIC, "am" },
  { G_UNICODE_SCRIPT_GEORGIAN, "ka" }, { G_UNICODE_SCRIPT_GREEK, "el" },
  { G_UNICODE_SCRIPT_HEBREW, "he" },   { G_UNICODE_SCRIPT_TAMIL, "ta" },
  { G_UNICODE_SCRIPT_THAI, "th" },
};

char *
tessera_directory_canonical_language (const char *tag) {
  char locale[ULOC_FULLNAME_CAPACITY];
  char canonical[ULOC_FULLNAME_CAPACITY];
  UErrorCode status = U_ZERO_ERROR;

  if (tag == NULL || !tessera_language_is_valid (tag))
    return NULL;
  uloc_forLanguageTag (tag, locale, sizeof locale, NULL, &status);
  uloc_toLanguageTag (locale, canonical, sizeof canonical, FALSE, &status);
  if (U_FAILURE (status) || strcmp (canonical, "und") == 0 || !tessera_language_is_valid (canonical))
    return NULL;
  return g_strdup (canonical);
}

gboolean
tessera_directory_same_language (const char *a, const char *b) {
  g_autofree char *canonical_a = tessera_directory_canonical_language (a);
  g_autofree char *canonical_b = tessera_directory_canonical_language (b);

  return g_strcmp0 (canonical_a, canonical_b) == 0;
}

static char *
most_frequent (GHashTable *counts) {
  GHashTableIter iter;
  gpointer key, value;
  const char *best = NULL;
  guint best_count = 0;

  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if (GPOINTER_TO_UINT (value) > best_count) {
      best = key;
      best_count = GPOINTER_TO_UINT (value);
    }
  }
  return g_strdup (best);
}

static char *
language_of_terms (TesseraHsds *self) {
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->rows->len; i++) {
    TesseraHsdsRow *row = g_ptr_array_index (self->rows, i);
    char *language;

    if (strcmp (tessera_record_get_entity (row->record)->name, "taxonomy_term") != 0)
      continue;
    language = tessera_directory_canonical_language (tessera_record_get (row->record, "language"));
    if (language != NULL) {
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, language));

      g_hash_table_replace (counts, language, GUINT_TO_POINTER (count + 1));
    }
  }
  return most_frequent (counts);
}

static void
count_scripts (const char *text, guint counts[G_N_ELEMENTS (script_languages)], guint *ret_letters) {
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    GUnicodeScript script = g_unichar_get_script (g_utf8_get_char (p));

    if (!g_unichar_isalpha (g_utf8_get_char (p)))
      continue;
    (*ret_letters)++;
    for (guint i = 0; i < G_N_ELEMENTS (script_languages); i++)
      counts[i] += script == script_languages[i].script;
  }
}

static char *
language_of_script (TesseraHsds *self) {
  guint counts[G_N_ELEMENTS (script_languages)] = { 0 };
  guint letters = 0;

  for (guint i = 0; i < self->rows->len; i++) {
    TesseraHsdsRow *row = g_ptr_array_index (self->rows, i);

    if (strcmp (tessera_record_get_entity (row->record)->name, "service") == 0
        && tessera_record_get (row->record, "name") != NULL)
      count_scripts (tessera_record_get (row->record, "name"), counts, &letters);
  }
  for (guint i = 0; i < G_N_ELEMENTS (script_languages); i++) {
    if (counts[i] * 2 > letters)
      return g_strdup (script_languages[i].language);
  }
  return NULL;
}

char *
tessera_hsds_guess_language (TesseraHsds *self) {
  char *language = language_of_terms (self);

  return language != NULL ? language : language_of_script (self);
}
