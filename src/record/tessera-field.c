/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-field.c: from what a person or a file gave to a field's canonical text, and back to what a person reads.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-record.h"

G_DEFINE_QUARK (tessera-record-error-quark, tessera_record_error)

static char *
refuse (const TesseraField *field, GError **error, const char *rule) {
  g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID, "%s (%s): %s",
               tessera_field_get_label (field), field->name, rule);
  return NULL;
}

static gboolean
has_control_characters (const char *text) {
  for (const char *c = text; *c; c++)
    if ((guchar) *c < 0x20 && *c != '\n' && *c != '\t')
      return TRUE;
    else if (*c == 0x7f)
      return TRUE;
  return FALSE;
}

static char *
check_text (const TesseraField *field, const char *text, GError **error) {
  g_autofree char *unix_lines = NULL;
  g_auto (GStrv) lines = NULL;

  if (strchr (text, '\r')) {
    lines = g_strsplit (text, "\r\n", -1);
    unix_lines = g_strjoinv ("\n", lines);
    text = unix_lines;
  }
  if (has_control_characters (text))
    return refuse (field, error, _("the text has characters that cannot be stored; type it again."));
  return g_utf8_normalize (text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
}

static char *
check_integer (const TesseraField *field, const char *text, GError **error) {
  gint64 value;

  if (!g_ascii_string_to_signed (text, 10, -((gint64) 1 << 53), (gint64) 1 << 53, &value, NULL))
    return refuse (field, error, _("a whole number is needed."));
  return g_strdup_printf ("%" G_GINT64_FORMAT, value);
}

static char *
check_number (const TesseraField *field, const char *text, GError **error) {
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || *end || !(value > -1e300 && value < 1e300) || strpbrk (text, "xXnNpP"))
    return refuse (field, error, _("a number is needed, with a point for decimals."));
  return g_strdup (text);
}

static char *
check_date (const TesseraField *field, const char *text, GError **error) {
  if (!tessera_date_is_valid (text))
    return refuse (field, error, _("a day of the calendar is needed, written 2026-11-21."));
  return g_strdup (text);
}

static char *
check_instant (const TesseraField *field, const char *text, GError **error) {
  gint64 instant;

  if (!tessera_instant_parse (text, &instant))
    return refuse (field, error, _("a day and time are needed, written 2026-11-21T09:30."));
  return g_strdup_printf ("%" G_GINT64_FORMAT, instant);
}

static char *
check_boolean (const TesseraField *field, const char *text, GError **error) {
  static const char *const yes[] = { "1", "yes", "true", NULL };
  static const char *const no[] = { "0", "no", "false", NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (g_strv_contains (yes, lower))
    return g_strdup ("1");
  if (g_strv_contains (no, lower))
    return g_strdup ("0");
  return refuse (field, error, _("yes or no is needed."));
}

static gboolean
is_code_of (const TesseraField *field, const char *code) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (field->of);

  if (strcmp (field->of, "language") == 0)
    return tessera_language_is_valid (code);
  return vocabulary && tessera_vocabulary_has (vocabulary, code);
}

static char *
list_codes (const TesseraField *field) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (field->of);
  GString *out = g_string_new (NULL);

  for (guint i = 0; vocabulary && i < vocabulary->n_choices; i++)
    g_string_append_printf (out, "%s%s", i ? ", " : "", vocabulary->choices[i].code);
  return g_string_free (out, FALSE);
}

static char *
refuse_code (const TesseraField *field, const char *code, GError **error) {
  g_autofree char *codes = list_codes (field);
  g_autofree char *rule = NULL;

  if (*codes)
    rule = g_strdup_printf (_("“%s” is not one of: %s."), code, codes);
  else
    rule = g_strdup_printf (_("“%s” is not a language code such as en, ar or fr."), code);
  return refuse (field, error, rule);
}

static char *
check_choice (const TesseraField *field, const char *text, GError **error) {
  return is_code_of (field, text) ? g_strdup (text) : refuse_code (field, text, error);
}

static char *
check_language (const TesseraField *field, const char *text, GError **error) {
  if (tessera_language_is_valid (text))
    return g_strdup (text);
  return refuse (field, error, _("a language code such as en, ar or fr is needed."));
}

static char *
check_reference (const TesseraField *field, const char *text, GError **error) {
  guint8 bytes[16];
  char canonical[37];

  if (!tessera_uuid_parse (text, bytes))
    return refuse (field, error, _("an id in its long form is needed."));
  tessera_uuid_format (bytes, canonical);
  return g_strdup (canonical);
}

/* The name of an attachment: 32 bytes in hexadecimal. */
static char *
check_blob (const TesseraField *field, const char *text, GError **error) {
  if (strlen (text) != 64 || strspn (text, "0123456789abcdef") != 64)
    return refuse (field, error, _("the name of a kept file is needed."));
  return g_strdup (text);
}

static int
compare_codes (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
check_set (const TesseraField *field, const char *text, GError **error) {
  g_auto (GStrv) parts = g_strsplit_set (text, ",; \t\n", -1);
  g_autoptr (GPtrArray) codes = g_ptr_array_new ();
  GString *out;

  for (guint i = 0; parts[i]; i++) {
    if (!*parts[i] || g_ptr_array_find_with_equal_func (codes, parts[i], g_str_equal, NULL))
      continue;
    if (!is_code_of (field, parts[i]))
      return refuse_code (field, parts[i], error);
    g_ptr_array_add (codes, parts[i]);
  }
  g_ptr_array_sort (codes, compare_codes);
  out = g_string_new (NULL);
  for (guint i = 0; i < codes->len; i++)
    g_string_append_printf (out, "%s%s", i ? "," : "", (char *) codes->pdata[i]);
  return g_string_free (out, FALSE);
}

char *
tessera_field_check (const TesseraField *field, const char *foreign, GError **error) {
  g_autofree char *text = NULL;

  if (!g_utf8_validate (foreign, -1, NULL))
    return refuse (field, error, _("the text is not UTF-8; save the file as UTF-8 and try again."));
  if (strlen (foreign) > TESSERA_TEXT_LIMIT)
    return refuse (field, error, _("the text is longer than 256 KiB; shorten it."));
  text = g_strstrip (g_strdup (foreign));
  if (!*text)
    return g_steal_pointer (&text);

  switch (field->type) {
  case TESSERA_FIELD_TEXT:
    return check_text (field, text, error);
  case TESSERA_FIELD_BLOB:
    return check_blob (field, text, error);
  case TESSERA_FIELD_INTEGER:
    return check_integer (field, text, error);
  case TESSERA_FIELD_NUMBER:
    return check_number (field, text, error);
  case TESSERA_FIELD_DATE:
    return check_date (field, text, error);
  case TESSERA_FIELD_INSTANT:
    return check_instant (field, text, error);
  case TESSERA_FIELD_BOOLEAN:
    return check_boolean (field, text, error);
  case TESSERA_FIELD_CHOICE:
    return check_choice (field, text, error);
  case TESSERA_FIELD_LANGUAGE:
    return check_language (field, text, error);
  case TESSERA_FIELD_ID:
  case TESSERA_FIELD_REFERENCE:
    return check_reference (field, text, error);
  case TESSERA_FIELD_SET:
    return check_set (field, text, error);
  default:
    g_return_val_if_reached (NULL);
  }
}

static char *
format_set (const TesseraField *field, const char *value) {
  g_auto (GStrv) codes = g_strsplit (value, ",", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; codes[i]; i++)
    /* TRANSLATORS: separates the words of a short list */
    g_string_append_printf (out, "%s%s", i ? C_("list separator", ", ") : "",
                            tessera_vocabulary_get_label (field->of, codes[i]));
  return g_string_free (out, FALSE);
}

static char *
format_instant (const char *value) {
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (g_ascii_strtoll (value, NULL, 10) / 1000);

  /* As ISO 8601 writes it, because "11/12/26" means two days where two countries meet. */
  return time ? g_date_time_format (time, "%F %H:%M") : g_strdup (value);
}

static char *
format_date (const char *value) {
  g_autofree char *midday = g_strconcat (value, "T12:00:00Z", NULL);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (midday, NULL);

  return time ? g_date_time_format (time, "%F") : g_strdup (value);
}

char *
tessera_field_format (const TesseraField *field, const char *value) {
  if (!value)
    return g_strdup ("");
  if (field->type == TESSERA_FIELD_CHOICE)
    return g_strdup (tessera_vocabulary_get_label (field->of, value));
  if (field->type == TESSERA_FIELD_SET)
    return format_set (field, value);
  if (field->type == TESSERA_FIELD_BOOLEAN)
    return g_strdup (*value == '1' ? C_("answer", "Yes") : C_("answer", "No"));
  if (field->type == TESSERA_FIELD_INSTANT)
    return format_instant (value);
  if (field->type == TESSERA_FIELD_DATE)
    return format_date (value);
  return g_strdup (value);
}
