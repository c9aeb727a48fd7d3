/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-change-line.c: reading lines of changes.
 *
 * A small reader of JSON (RFC 8259) that knows what it looks for: no tree is built, strings are unescaped into one
 * buffer, and what is not looked for is passed over but still has to be JSON.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-change-line.h"
#include "tessera-identifier.h"

#define DEPTH_LIMIT 16

typedef struct {
  const char *at;
  const char *end;
  GString *text;
} Reader;

/* While the buffer grows, the texts of a field are known by their places in it; they become pointers in the end. */
typedef struct {
  gsize name;
  gsize text;
  gsize removed;
} Place;

static const char *const kinds[] = { NULL, "put", "add", "delete", "erase", "stub", "new" };

const char *
tessera_change_kind_to_text (TesseraChangeKind kind) {
  return kinds[kind];
}

void
tessera_change_line_init (TesseraChangeLine *self) {
  memset (self, 0, sizeof *self);
  self->seen = g_array_new (FALSE, FALSE, sizeof (TesseraLineSeen));
  self->fields = g_array_new (FALSE, FALSE, sizeof (TesseraLineField));
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  self->text = g_string_new (NULL);
}

void
tessera_change_line_clear (TesseraChangeLine *self) {
  g_clear_pointer (&self->seen, g_array_unref);
  g_clear_pointer (&self->fields, g_array_unref);
  g_clear_pointer (&self->places, g_array_unref);
  if (self->text)
    g_string_free (g_steal_pointer (&self->text), TRUE);
}

static gboolean
fail (GError **error) {
  g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_MALFORMED,
               _("A line of this bundle does not follow the format; ask the sender to update Tessera and send it again."));
  return FALSE;
}

/* ---- the smallest pieces ---- */

static void
skip_space (Reader *reader) {
  while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
    reader->at++;
}

static gboolean
take (Reader *reader, char expected) {
  skip_space (reader);
  if (reader->at >= reader->end || *reader->at != expected)
    return FALSE;
  reader->at++;
  return TRUE;
}

static gboolean
peek (Reader *reader, char expected) {
  skip_space (reader);
  return reader->at < reader->end && *reader->at == expected;
}

static gboolean
read_hex4 (Reader *reader, gunichar *ret_code) {
  *ret_code = 0;
  if (reader->end - reader->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (*reader->at++);

    if (digit < 0)
      return FALSE;
    *ret_code = *ret_code << 4 | (gunichar) digit;
  }
  return TRUE;
}

static gboolean
read_unicode_escape (Reader *reader) {
  gunichar code, low;

  if (!read_hex4 (reader, &code) || code == 0)
    return FALSE;
  if (code >= 0xd800 && code < 0xdc00) {
    if (reader->end - reader->at < 6 || reader->at[0] != '\\' || reader->at[1] != 'u')
      return FALSE;
    reader->at += 2;
    if (!read_hex4 (reader, &low) || low < 0xdc00 || low > 0xdfff)
      return FALSE;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return FALSE;
  }
  g_string_append_unichar (reader->text, code);
  return TRUE;
}

static gboolean
read_escape (Reader *reader) {
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *place;

  if (reader->at >= reader->end)
    return FALSE;
  if (*reader->at == 'u') {
    reader->at++;
    return read_unicode_escape (reader);
  }
  place = memchr (from, *reader->at++, sizeof from - 1);
  if (!place)
    return FALSE;
  g_string_append_c (reader->text, to[place - from]);
  return TRUE;
}

/* Appends the string and a zero byte to the buffer; its place there, since the buffer moves while it grows. */
static gboolean
read_string (Reader *reader, gsize *ret_place) {
  if (!take (reader, '"'))
    return FALSE;
  *ret_place = reader->text->len;
  for (;;) {
    const char *start = reader->at;

    while (reader->at < reader->end && (guchar) *reader->at >= 0x20 && *reader->at != '"' && *reader->at != '\\')
      reader->at++;
    g_string_append_len (reader->text, start, reader->at - start);
    if (reader->at >= reader->end || (guchar) *reader->at < 0x20)
      return FALSE;
    if (*reader->at++ == '"')
      break;
    if (!read_escape (reader))
      return FALSE;
  }
  g_string_append_c (reader->text, '\0');
  return TRUE;
}

static gboolean
read_whole_number (Reader *reader, gint64 *ret_number) {
  gint64 number = 0;
  guint n_digits = 0;

  skip_space (reader);
  while (reader->at < reader->end && g_ascii_isdigit (*reader->at) && n_digits < 19) {
    number = number * 10 + (*reader->at++ - '0');
    n_digits++;
  }
  *ret_number = number;
  return n_digits > 0 && n_digits < 19;
}

/* A number as it is written: sign, digits, point, exponent. */
static gboolean
read_number_text (Reader *reader, gsize *ret_place) {
  const char *start = reader->at;

  while (reader->at < reader->end && (g_ascii_isdigit (*reader->at) || memchr ("+-.eE", *reader->at, 5)))
    reader->at++;
  if (reader->at == start || reader->at - start > 40)
    return FALSE;
  *ret_place = reader->text->len;
  g_string_append_len (reader->text, start, reader->at - start);
  g_string_append_c (reader->text, '\0');
  return TRUE;
}

static gboolean
take_word (Reader *reader, const char *word) {
  gsize length = strlen (word);

  if ((gsize) (reader->end - reader->at) < length || memcmp (reader->at, word, length) != 0)
    return FALSE;
  reader->at += length;
  return TRUE;
}

static gboolean
skip_value (Reader *reader, guint depth) {
  gsize start = reader->text->len, place;
  gboolean is_object, ok = FALSE;

  skip_space (reader);
  if (depth > DEPTH_LIMIT || reader->at >= reader->end)
    return FALSE;
  if (*reader->at == '"') {
    ok = read_string (reader, &place);
  } else if (*reader->at == '{' || *reader->at == '[') {
    is_object = *reader->at++ == '{';
    if (take (reader, is_object ? '}' : ']'))
      return TRUE;
    do {
      if ((is_object && (!read_string (reader, &place) || !take (reader, ':'))) || !skip_value (reader, depth + 1))
        return FALSE;
    } while (take (reader, ','));
    ok = take (reader, is_object ? '}' : ']');
  } else {
    ok = take_word (reader, "null") || take_word (reader, "true") || take_word (reader, "false")
         || read_number_text (reader, &place);
  }
  g_string_truncate (reader->text, start);
  return ok;
}

/* ---- identifiers ---- */

static gboolean
parse_hex (const char *text, guint8 *bytes) {
  if (strlen (text) != 2 * TESSERA_STREAM_SIZE)
    return FALSE;
  for (guint i = 0; i < TESSERA_STREAM_SIZE; i++) {
    if (!g_ascii_isxdigit (text[2 * i]) || !g_ascii_isxdigit (text[2 * i + 1]) || g_ascii_isupper (text[2 * i])
        || g_ascii_isupper (text[2 * i + 1]))
      return FALSE;
    bytes[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  }
  return TRUE;
}

static gboolean
read_hex_id (Reader *reader, guint8 *bytes) {
  gsize place;

  return read_string (reader, &place) && parse_hex (reader->text->str + place, bytes);
}

static gboolean
read_uuid (Reader *reader, guint8 *bytes) {
  gsize place;

  return read_string (reader, &place) && tessera_uuid_parse (reader->text->str + place, bytes);
}

/* ---- values ---- */

static gboolean
is_code (const char *text) {
  if (!*text || strlen (text) > TESSERA_LINE_NAME_LIMIT)
    return FALSE;
  for (; *text; text++)
    if ((guchar) *text <= 0x20 || *text == ',' || *text == '/' || *text == 0x7f)
      return FALSE;
  return TRUE;
}

static int
compare_members (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Members in byte order with commas between, each once; empty when there is none. */
static gboolean
read_members (Reader *reader, gsize *ret_place) {
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);
  gsize start = reader->text->len, place;

  if (!take (reader, '['))
    return FALSE;
  if (!take (reader, ']')) {
    do {
      if (members->len == TESSERA_LINE_MEMBER_LIMIT || !read_string (reader, &place)
          || !is_code (reader->text->str + place))
        return FALSE;
      g_ptr_array_add (members, g_strdup (reader->text->str + place));
    } while (take (reader, ','));
    if (!take (reader, ']'))
      return FALSE;
  }
  g_ptr_array_sort (members, compare_members);
  g_string_truncate (reader->text, start);
  *ret_place = start;
  for (guint i = 0; i < members->len; i++) {
    if (i > 0 && strcmp (members->pdata[i - 1], members->pdata[i]) == 0)
      return FALSE;
    if (i > 0)
      g_string_append_c (reader->text, ',');
    g_string_append (reader->text, members->pdata[i]);
  }
  g_string_append_c (reader->text, '\0');
  return TRUE;
}

static gboolean
read_member_change (Reader *reader, gsize *ret_added, gsize *ret_removed) {
  gsize name;

  if (!take (reader, '{') || !read_string (reader, &name) || strcmp (reader->text->str + name, "+") != 0
      || !take (reader, ':') || !read_members (reader, ret_added) || !take (reader, ',')
      || !read_string (reader, &name) || strcmp (reader->text->str + name, "-") != 0 || !take (reader, ':')
      || !read_members (reader, ret_removed))
    return FALSE;
  return take (reader, '}');
}

static gboolean
read_value (Reader *reader, TesseraLineField *field, Place *place) {
  const char *start;

  skip_space (reader);
  if (reader->at >= reader->end)
    return FALSE;
  start = reader->at;
  if (*start == '"') {
    field->kind = TESSERA_VALUE_TEXT;
    return read_string (reader, &place->text);
  }
  if (take_word (reader, "null")) {
    field->kind = TESSERA_VALUE_NULL;
    return TRUE;
  }
  if (take_word (reader, "true") || take_word (reader, "false")) {
    field->kind = TESSERA_VALUE_BOOLEAN;
    place->text = reader->text->len;
    g_string_append (reader->text, *start == 't' ? "1" : "0");
    g_string_append_c (reader->text, '\0');
    return TRUE;
  }
  if (*start == '-' || g_ascii_isdigit (*start)) {
    field->kind = TESSERA_VALUE_TEXT;
    return read_number_text (reader, &place->text);
  }
  field->kind = *start == '[' ? TESSERA_VALUE_SET : TESSERA_VALUE_MEMBERS;
  if (*start == '[' ? read_members (reader, &place->text) : read_member_change (reader, &place->text, &place->removed))
    return TRUE;
  /* A newer Tessera may know other shapes. */
  reader->at = start;
  field->kind = TESSERA_VALUE_OTHER;
  return skip_value (reader, 3);
}

static gboolean
read_fields (Reader *reader, GArray *fields, GArray *places) {
  g_array_set_size (fields, 0);
  g_array_set_size (places, 0);
  if (!take (reader, '{'))
    return FALSE;
  if (take (reader, '}'))
    return TRUE;
  do {
    TesseraLineField field = { 0 };
    Place place = { 0 };

    if (fields->len == TESSERA_LINE_FIELD_LIMIT || !read_string (reader, &place.name) || !take (reader, ':')
        || !read_value (reader, &field, &place) || !is_code (reader->text->str + place.name))
      return FALSE;
    g_array_append_val (fields, field);
    g_array_append_val (places, place);
  } while (take (reader, ','));
  return take (reader, '}');
}

/* When the buffer grows no more. */
static void
find_texts (TesseraChangeLine *self) {
  for (guint i = 0; i < self->fields->len; i++) {
    TesseraLineField *field = &g_array_index (self->fields, TesseraLineField, i);
    const Place *place = &g_array_index (self->places, Place, i);

    field->name = self->text->str + place->name;
    if (field->kind != TESSERA_VALUE_NULL && field->kind != TESSERA_VALUE_OTHER)
      field->text = self->text->str + place->text;
    if (field->kind == TESSERA_VALUE_MEMBERS)
      field->removed = self->text->str + place->removed;
  }
}

/* The same name twice would mean two things. */
static gboolean
names_differ (GArray *fields) {
  for (guint i = 0; i < fields->len; i++)
    for (guint j = 0; j < i; j++)
      if (strcmp (g_array_index (fields, TesseraLineField, i).name, g_array_index (fields, TesseraLineField, j).name)
          == 0)
        return FALSE;
  return TRUE;
}

/* ---- lines ---- */

static gboolean
read_seen (Reader *reader, GArray *seen) {
  g_array_set_size (seen, 0);
  if (!take (reader, '{'))
    return FALSE;
  if (take (reader, '}'))
    return TRUE;
  do {
    TesseraLineSeen entry;

    if (seen->len == TESSERA_LINE_STREAM_LIMIT || !read_hex_id (reader, entry.stream) || !take (reader, ':')
        || !read_whole_number (reader, &entry.sequence))
      return FALSE;
    g_array_append_val (seen, entry);
  } while (take (reader, ','));
  return take (reader, '}');
}

static gboolean
set_kind (TesseraChangeLine *self, const char *text) {
  self->is_segment = strcmp (text, "segment") == 0;
  self->is_fill = strcmp (text, "fill") == 0;
  if (self->is_segment || self->is_fill)
    return TRUE;
  for (guint i = 1; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (text, kinds[i]) == 0) {
      self->kind = (TesseraChangeKind) i;
      return TRUE;
    }
  return FALSE;
}

/* What was found of a line, one bit for each name. */
enum {
  HAS_KIND = 1 << 0,
  HAS_STREAM = 1 << 1,
  HAS_DEVICE = 1 << 2,
  HAS_CIRCLE = 1 << 3,
  HAS_FROM = 1 << 4,
  HAS_SEEN = 1 << 5,
  HAS_SEQUENCE = 1 << 6,
  HAS_CLOCK = 1 << 7,
  HAS_ENTITY = 1 << 8,
  HAS_ROW = 1 << 9,
  HAS_SUBJECT = 1 << 10,
  HAS_SCHEMA = 1 << 11,
  HAS_FIELDS = 1 << 12,
  HAS_REASON = 1 << 13,
};

typedef struct {
  TesseraChangeLine *line;
  gsize kind;
  gsize entity;
  gsize reason;
  guint found;
} Parsing;

static gboolean
read_body (Reader *reader, TesseraChangeLine *line) {
  skip_space (reader);
  line->body = reader->at;
  if (!read_fields (reader, line->fields, line->places))
    return FALSE;
  line->body_length = (gsize) (reader->at - line->body);
  return TRUE;
}

static gboolean
read_member (Reader *reader, Parsing *parsing, const char *name) {
  TesseraChangeLine *line = parsing->line;
  guint bit = 0;
  gboolean ok;

  if (strcmp (name, "k") == 0)
    bit = HAS_KIND, ok = read_string (reader, &parsing->kind);
  else if (strcmp (name, "s") == 0)
    bit = HAS_STREAM, ok = read_hex_id (reader, line->stream);
  else if (strcmp (name, "d") == 0)
    bit = HAS_DEVICE, ok = read_hex_id (reader, line->device);
  else if (strcmp (name, "c") == 0)
    bit = HAS_CIRCLE, ok = read_hex_id (reader, line->circle);
  else if (strcmp (name, "from") == 0)
    bit = HAS_FROM, ok = read_whole_number (reader, &line->from);
  else if (strcmp (name, "deps") == 0)
    bit = HAS_SEEN, ok = read_seen (reader, line->seen);
  else if (strcmp (name, "n") == 0)
    bit = HAS_SEQUENCE, ok = read_whole_number (reader, &line->sequence);
  else if (strcmp (name, "t") == 0)
    bit = HAS_CLOCK, ok = read_whole_number (reader, &line->clock);
  else if (strcmp (name, "e") == 0)
    bit = HAS_ENTITY, ok = read_string (reader, &parsing->entity);
  else if (strcmp (name, "i") == 0)
    bit = HAS_ROW, ok = read_uuid (reader, line->row);
  else if (strcmp (name, "p") == 0)
    bit = HAS_SUBJECT, ok = read_uuid (reader, line->subject);
  else if (strcmp (name, "v") == 0)
    bit = HAS_SCHEMA, ok = read_whole_number (reader, &line->schema);
  else if (strcmp (name, "f") == 0)
    bit = HAS_FIELDS, ok = read_body (reader, line);
  else if (strcmp (name, "r") == 0)
    bit = HAS_REASON, ok = read_string (reader, &parsing->reason);
  else
    ok = skip_value (reader, 1);
  if (!ok || (parsing->found & bit))
    return FALSE;
  parsing->found |= bit;
  return TRUE;
}

static gboolean
read_members_of_line (Reader *reader, Parsing *parsing) {
  if (!take (reader, '{'))
    return FALSE;
  do {
    gsize name;
    char short_name[8] = "";

    if (!read_string (reader, &name) || !take (reader, ':'))
      return FALSE;
    g_strlcpy (short_name, reader->text->str + name, sizeof short_name);
    if (!read_member (reader, parsing, short_name))
      return FALSE;
  } while (take (reader, ','));
  return take (reader, '}') && !peek (reader, '}') && reader->at == reader->end;
}

static gboolean
has_all (guint found, guint wanted) {
  return (found & wanted) == wanted;
}

static gboolean
check_change (TesseraChangeLine *self, guint found) {
  guint wanted = HAS_SEQUENCE | HAS_CLOCK;

  if (self->kind != TESSERA_CHANGE_STUB)
    wanted |= HAS_ENTITY | HAS_ROW | HAS_SCHEMA;
  if (self->kind == TESSERA_CHANGE_PUT || self->kind == TESSERA_CHANGE_ADD || self->kind == TESSERA_CHANGE_NEW)
    wanted |= HAS_FIELDS;
  else if (found & HAS_FIELDS)
    return FALSE;
  if (self->kind == TESSERA_CHANGE_ERASE)
    wanted |= HAS_SUBJECT;
  return has_all (found, wanted) && self->sequence > 0 && self->clock > 0;
}

gboolean
tessera_change_line_parse (TesseraChangeLine *self, const char *line, gsize length, GError **error) {
  Parsing parsing = { .line = self };
  Reader reader = { line, line + length, self->text };

  g_string_truncate (self->text, 0);
  g_array_set_size (self->fields, 0);
  self->body = NULL;
  self->body_length = 0;
  self->entity = self->reason = NULL;
  if (length > TESSERA_LINE_LIMIT || !g_utf8_validate_len (line, length, NULL)
      || !read_members_of_line (&reader, &parsing) || !(parsing.found & HAS_KIND)
      || !set_kind (self, self->text->str + parsing.kind))
    return fail (error);
  if (self->is_fill)
    return TRUE;
  if (self->is_segment)
    return (has_all (parsing.found, HAS_STREAM | HAS_DEVICE | HAS_CIRCLE | HAS_FROM | HAS_SEEN) && self->from > 0)
           || fail (error);
  if (!check_change (self, parsing.found))
    return fail (error);
  self->has_subject = (parsing.found & HAS_SUBJECT) != 0;
  find_texts (self);
  if (!names_differ (self->fields))
    return fail (error);
  if (parsing.found & HAS_ENTITY)
    self->entity = self->text->str + parsing.entity;
  if (parsing.found & HAS_REASON)
    self->reason = self->text->str + parsing.reason;
  return (!self->entity || is_code (self->entity)) && (!self->reason || is_code (self->reason)) ? TRUE : fail (error);
}

gboolean
tessera_change_line_parse_body (TesseraChangeLine *self, const char *body, gsize length, GError **error) {
  Reader reader = { body, body + length, self->text };

  g_string_truncate (self->text, 0);
  if (!read_fields (&reader, self->fields, self->places) || reader.at != reader.end)
    return fail (error);
  find_texts (self);
  return TRUE;
}
