/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-change-text.c: writing the text of changes.
 */
#include "config.h"
#include <string.h>

#include "tessera-change-line.h"
#include "tessera-identifier.h"

void
tessera_json_append_string (GString *out, const char *text) {
  const char *start = text;

  g_string_append_c (out, '"');
  for (; *text; text++) {
    guchar c = (guchar) *text;

    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    g_string_append_len (out, start, text - start);
    start = text + 1;
    if (c == '\n')
      g_string_append (out, "\\n");
    else if (c == '"' || c == '\\')
      g_string_append_printf (out, "\\%c", c);
    else
      g_string_append_printf (out, "\\u%04x", c);
  }
  g_string_append_len (out, start, text - start);
  g_string_append_c (out, '"');
}

static void
append_members (GString *out, const char *value) {
  g_auto (GStrv) codes = g_strsplit (value ? value : "", ",", -1);

  g_string_append_c (out, '[');
  for (guint i = 0; codes[i]; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    tessera_json_append_string (out, codes[i]);
  }
  g_string_append_c (out, ']');
}

void
tessera_json_append_value (GString *out, const TesseraField *field, const char *value) {
  if (!value)
    g_string_append (out, "null");
  else if (field->type == TESSERA_FIELD_INTEGER || field->type == TESSERA_FIELD_INSTANT)
    g_string_append (out, value);
  else if (field->type == TESSERA_FIELD_BOOLEAN)
    g_string_append (out, *value == '1' ? "true" : "false");
  else if (field->type == TESSERA_FIELD_SET)
    append_members (out, value);
  else
    tessera_json_append_string (out, value);
}

void
tessera_json_append_integer (GString *out, gint64 number) {
  char digits[24];
  char *start = digits + sizeof digits;
  guint64 left = number < 0 ? -(guint64) number : (guint64) number;

  do
    *--start = (char) ('0' + left % 10);
  while ((left /= 10) > 0);
  if (number < 0)
    *--start = '-';
  g_string_append_len (out, start, digits + sizeof digits - start);
}

void
tessera_json_append_hex (GString *out, const guint8 *bytes) {
  static const char digits[] = "0123456789abcdef";
  char text[2 * TESSERA_STREAM_SIZE];

  for (guint i = 0; i < TESSERA_STREAM_SIZE; i++) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  g_string_append_len (out, text, sizeof text);
}

void
tessera_json_append_uuid (GString *out, const guint8 *bytes) {
  char text[37];

  tessera_uuid_format (bytes, text);
  g_string_append (out, text);
}

static void
append_name (GString *out, const char *name, gsize start) {
  if (out->len > start)
    g_string_append_c (out, ',');
  tessera_json_append_string (out, name);
  g_string_append_c (out, ':');
}

void
tessera_json_append_record (GString *out, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  gsize start;

  g_string_append_c (out, '{');
  start = out->len;
  for (guint i = 0; i < entity->n_fields; i++) {
    const char *value = tessera_record_get_at (record, i);

    if (!value)
      continue;
    append_name (out, entity->fields[i].name, start);
    tessera_json_append_value (out, &entity->fields[i], value);
  }
  g_string_append_c (out, '}');
}

/* Members of @of that are not in @without. */
static void
append_missing (GString *out, const char *of, const char *without) {
  g_auto (GStrv) codes = g_strsplit (of ? of : "", ",", -1);
  g_auto (GStrv) others = g_strsplit (without ? without : "", ",", -1);
  gboolean first = TRUE;

  g_string_append_c (out, '[');
  for (guint i = 0; codes[i]; i++) {
    if (!*codes[i] || g_strv_contains ((const char *const *) others, codes[i]))
      continue;
    if (!first)
      g_string_append_c (out, ',');
    tessera_json_append_string (out, codes[i]);
    first = FALSE;
  }
  g_string_append_c (out, ']');
}

void
tessera_json_append_difference (GString *out, TesseraRecord *before, TesseraRecord *after) {
  const TesseraEntity *entity = tessera_record_get_entity (after);
  gsize start;

  g_string_append_c (out, '{');
  start = out->len;
  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *old = tessera_record_get_at (before, i);
    const char *new = tessera_record_get_at (after, i);

    if (g_strcmp0 (old, new) == 0)
      continue;
    append_name (out, field->name, start);
    if (field->merge != TESSERA_MERGE_SET) {
      tessera_json_append_value (out, field, new);
      continue;
    }
    g_string_append (out, "{\"+\":");
    append_missing (out, new, old);
    g_string_append (out, ",\"-\":");
    append_missing (out, old, new);
    g_string_append_c (out, '}');
  }
  g_string_append_c (out, '}');
}
