/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-strict-json.c: one pass over the text, recursion bounded by the stated depth. RFC 8259 sections 2 to 8. Beyond
 * ASCII nothing but strings is JSON, so that UTF-8 is checked there.
 */
#include "config.h"

#include <string.h>

#include "tessera-strict-json.h"

#define FEW_NAMES 64

/* The eight bytes of a word at once: @byte in each of them. */
#define EACH(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

typedef struct {
  const char *text;
  gsize length;
} Name;

/* The names of all objects that are open, the innermost last. */
typedef struct {
  const char *position;
  const char *end;
  guint depth;
  Name *names;
  guint n_names;
  guint n_room;
  Name few[FEW_NAMES];
} Scanner;

static gboolean scan_value (Scanner *self);

static inline char
peek (Scanner *self)
{
  return self->position < self->end ? *self->position : '\0';
}

static inline gboolean
accept (Scanner *self, char c)
{
  if (peek (self) != c || self->position == self->end)
    return FALSE;
  self->position++;

  return TRUE;
}

static inline void
skip_space (Scanner *self)
{
  while (peek (self) == ' ' || peek (self) == '\t' || peek (self) == '\n' || peek (self) == '\r')
    self->position++;
}

static gboolean
accept_word (Scanner *self, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->position) < length || memcmp (self->position, word, length) != 0)
    return FALSE;
  self->position += length;

  return TRUE;
}

static guint
scan_digits (Scanner *self)
{
  guint n = 0;

  while (g_ascii_isdigit (peek (self))) {
    self->position++;
    n++;
  }

  return n;
}

static gboolean
scan_number (Scanner *self)
{
  gboolean zero;
  guint digits;

  accept (self, '-');
  zero = peek (self) == '0';
  digits = scan_digits (self);
  if (digits == 0 || digits > TESSERA_STRICT_JSON_MAX_DIGITS || (zero && digits > 1))
    return FALSE;
  if (accept (self, '.') && scan_digits (self) == 0)
    return FALSE;
  if (accept (self, 'e') || accept (self, 'E')) {
    if (!accept (self, '+'))
      accept (self, '-');
    digits = scan_digits (self);
    if (digits == 0 || digits > 3)
      return FALSE;
  }

  return TRUE;
}

/* The four digits behind \u; zero is refused, since it would end a C string early. */
static gboolean
scan_code_unit (Scanner *self, guint *ret_unit)
{
  *ret_unit = 0;
  for (guint i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (peek (self));

    if (digit < 0)
      return FALSE;
    *ret_unit = *ret_unit << 4 | digit;
    self->position++;
  }

  return *ret_unit != 0;
}

static gboolean
scan_escape (Scanner *self)
{
  char c = peek (self);
  guint unit;

  if (c == '\0' || strchr ("\"\\/bfnrtu", c) == NULL)
    return FALSE;
  self->position++;
  if (c != 'u')
    return TRUE;
  if (!scan_code_unit (self, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
    return FALSE;
  if (unit < 0xd800 || unit > 0xdbff)
    return TRUE;

  return accept_word (self, "\\u") && scan_code_unit (self, &unit) && unit >= 0xdc00 && unit <= 0xdfff;
}

/* Which bytes of a word are below @limit, or equal to @byte: their highest bit is set. Only the first one is certain, and
 * only while no byte before it is beyond ASCII. */
static inline guint64
find_below (guint64 word, guint8 limit)
{
  return (word - EACH (limit)) & ~word & EACH (0x80);
}

static inline guint64
find_byte (guint64 word, guint8 byte)
{
  return find_below (word ^ EACH (byte), 1);
}

/* Over all that needs no thought inside a string. */
static inline void
skip_plain (Scanner *self)
{
  while (self->end - self->position >= 8) {
    guint64 word;
    guint64 found;

    memcpy (&word, self->position, sizeof word);
    word = GUINT64_FROM_LE (word);
    found = (word & EACH (0x80)) | find_below (word, ' ') | find_byte (word, '"') | find_byte (word, '\\');
    if (found != 0) {
      self->position += __builtin_ctzll (found) / 8;
      return;
    }
    self->position += 8;
  }
}

static inline gboolean
is_tail (const guchar *byte)
{
  return (*byte & 0xc0) == 0x80;
}

/* One character beyond ASCII, as table 3-7 of the Unicode Standard allows it: shortest form, no surrogates. */
static inline gboolean
scan_character (Scanner *self)
{
  const guchar *c = (const guchar *) self->position;
  gsize left = self->end - self->position;
  gsize length;

  if (c[0] >= 0xc2 && c[0] <= 0xdf && left >= 2 && is_tail (c + 1))
    length = 2;
  else if ((c[0] & 0xf0) == 0xe0 && left >= 3 && is_tail (c + 1) && is_tail (c + 2)
           && (c[0] != 0xe0 || c[1] >= 0xa0) && (c[0] != 0xed || c[1] < 0xa0))
    length = 3;
  else if (c[0] >= 0xf0 && c[0] <= 0xf4 && left >= 4 && is_tail (c + 1) && is_tail (c + 2) && is_tail (c + 3)
           && (c[0] != 0xf0 || c[1] >= 0x90) && (c[0] != 0xf4 || c[1] < 0x90))
    length = 4;
  else
    return FALSE;
  self->position += length;

  return TRUE;
}

static gboolean
scan_string (Scanner *self, gboolean *ret_escaped)
{
  *ret_escaped = FALSE;
  if (!accept (self, '"'))
    return FALSE;
  for (;;) {
    guchar c;

    skip_plain (self);
    if (self->position == self->end)
      return FALSE;
    c = *self->position;
    if (c >= 0x80) {
      if (!scan_character (self))
        return FALSE;
      continue;
    }
    self->position++;
    if (c == '"')
      return TRUE;
    if (c < ' ')
      return FALSE;
    if (c != '\\')
      continue;
    *ret_escaped = TRUE;
    if (!scan_escape (self))
      return FALSE;
  }
}

static void
push_name (Scanner *self, const Name *name)
{
  if (self->n_names == self->n_room) {
    Name *larger = g_new (Name, 2 * self->n_room);

    memcpy (larger, self->names, self->n_names * sizeof *larger);
    if (self->names != self->few)
      g_free (self->names);
    self->names = larger;
    self->n_room *= 2;
  }
  self->names[self->n_names++] = *name;
}

/* A name spelled with escapes could repeat one spelled without, so names have none. @first: the object's first name. */
static gboolean
scan_name (Scanner *self, guint first)
{
  Name name = { .text = self->position };
  gboolean escaped;

  if (!scan_string (self, &escaped) || escaped || self->n_names - first == TESSERA_STRICT_JSON_MAX_NAMES)
    return FALSE;
  name.length = self->position - name.text;
  for (guint i = first; i < self->n_names; i++) {
    const Name *other = &self->names[i];

    /* Most names of one length differ in their first letter, which stands behind the quotation mark. */
    if (other->length == name.length && other->text[1] == name.text[1]
        && memcmp (other->text, name.text, name.length) == 0)
      return FALSE;
  }
  push_name (self, &name);
  skip_space (self);

  return accept (self, ':');
}

static gboolean
scan_members (Scanner *self, guint first)
{
  for (;;) {
    skip_space (self);
    if (!scan_name (self, first) || !scan_value (self))
      return FALSE;
    if (accept (self, '}'))
      return TRUE;
    if (!accept (self, ','))
      return FALSE;
  }
}

static gboolean
scan_object (Scanner *self)
{
  guint first = self->n_names;
  gboolean good;

  skip_space (self);
  if (accept (self, '}'))
    return TRUE;
  good = scan_members (self, first);
  self->n_names = first;

  return good;
}

static gboolean
scan_array (Scanner *self)
{
  skip_space (self);
  if (accept (self, ']'))
    return TRUE;
  for (;;) {
    if (!scan_value (self))
      return FALSE;
    if (accept (self, ']'))
      return TRUE;
    if (!accept (self, ','))
      return FALSE;
  }
}

static gboolean
scan_container (Scanner *self)
{
  gboolean good;

  if (++self->depth > TESSERA_STRICT_JSON_MAX_DEPTH)
    return FALSE;
  good = accept (self, '{') ? scan_object (self) : accept (self, '[') && scan_array (self);
  self->depth--;

  return good;
}

static gboolean
scan_value (Scanner *self)
{
  gboolean escaped;
  gboolean good;

  skip_space (self);
  switch (peek (self)) {
  case '{':
  case '[':
    good = scan_container (self);
    break;
  case '"':
    good = scan_string (self, &escaped);
    break;
  case 't':
    good = accept_word (self, "true");
    break;
  case 'f':
    good = accept_word (self, "false");
    break;
  case 'n':
    good = accept_word (self, "null");
    break;
  default:
    good = scan_number (self);
    break;
  }
  skip_space (self);

  return good;
}

gboolean
tessera_strict_json_check (const char *text, gsize length)
{
  Scanner scanner;
  gboolean good;

  /* Not the names: they need no value before they get one. */
  scanner.position = text;
  scanner.end = text + length;
  scanner.depth = 0;
  scanner.names = scanner.few;
  scanner.n_names = 0;
  scanner.n_room = FEW_NAMES;
  skip_space (&scanner);
  good = peek (&scanner) == '{' && scan_value (&scanner) && scanner.position == scanner.end;
  if (scanner.names != scanner.few)
    g_free (scanner.names);

  return good;
}

JsonNode *
tessera_strict_json_parse (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();

  if (!tessera_strict_json_check (text, length) || !json_parser_load_from_data (parser, text, length, NULL))
    return NULL;

  return json_parser_steal_root (parser);
}
