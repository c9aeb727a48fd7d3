/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-strict-json.c: one pass over the text, recursion bounded by the stated depth. RFC 8259 sections 2 to 8.
 */
#include "config.h"

#include <string.h>

#include "tessera-strict-json.h"

typedef struct {
  const char *position;
  const char *end;
  guint depth;
} Scanner;

typedef struct {
  const char *text;
  gsize length;
} Name;

static gboolean scan_value (Scanner *self);

static char
peek (Scanner *self)
{
  return self->position < self->end ? *self->position : '\0';
}

static gboolean
accept (Scanner *self, char c)
{
  if (peek (self) != c || self->position == self->end)
    return FALSE;
  self->position++;

  return TRUE;
}

static void
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

static gboolean
scan_string (Scanner *self, gboolean *ret_escaped)
{
  *ret_escaped = FALSE;
  if (!accept (self, '"'))
    return FALSE;
  while (self->position < self->end) {
    guchar c = *self->position++;

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

  return FALSE;
}

/* A name spelled with escapes could repeat one spelled without, so names have none. */
static gboolean
scan_name (Scanner *self, GArray *names)
{
  Name name = { .text = self->position };
  gboolean escaped;

  if (!scan_string (self, &escaped) || escaped || names->len == TESSERA_STRICT_JSON_MAX_NAMES)
    return FALSE;
  name.length = self->position - name.text;
  for (guint i = 0; i < names->len; i++) {
    const Name *other = &g_array_index (names, Name, i);

    if (other->length == name.length && memcmp (other->text, name.text, name.length) == 0)
      return FALSE;
  }
  g_array_append_val (names, name);
  skip_space (self);

  return accept (self, ':');
}

static gboolean
scan_object (Scanner *self)
{
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (Name));

  skip_space (self);
  if (accept (self, '}'))
    return TRUE;
  for (;;) {
    skip_space (self);
    if (!scan_name (self, names) || !scan_value (self))
      return FALSE;
    if (accept (self, '}'))
      return TRUE;
    if (!accept (self, ','))
      return FALSE;
  }
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
  Scanner scanner = { .position = text, .end = text + length };

  if (!g_utf8_validate_len (text, length, NULL))
    return FALSE;
  skip_space (&scanner);

  return peek (&scanner) == '{' && scan_value (&scanner) && scanner.position == scanner.end;
}

JsonNode *
tessera_strict_json_parse (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();

  if (!tessera_strict_json_check (text, length) || !json_parser_load_from_data (parser, text, length, NULL))
    return NULL;

  return json_parser_steal_root (parser);
}
