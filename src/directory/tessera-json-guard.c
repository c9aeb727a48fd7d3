/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-json-guard.c: a JSON checker with a stack of bits instead of recursion (RFC 8259).
 *
 * The grammar is driven by what may come next: a value, a member name, or what follows a value. Nothing is
 * kept of what was read except where each top-level value lies.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-directory-error.h"
#include "tessera-json-guard.h"

#define STACK_LIMIT 256

typedef enum {
  EXPECT_VALUE,
  EXPECT_VALUE_OR_END,
  EXPECT_NAME,
  EXPECT_NAME_OR_END,
  EXPECT_AFTER,
} Expectation;

typedef struct {
  const char *name;
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  gboolean in_object[STACK_LIMIT];
  guint max_depth;
  gsize n_values;
  gsize max_values;
} Guard;

static void
place_of (Guard *self, guint *ret_line, guint *ret_column) {
  const char *line_start = self->start;
  guint line = 1;

  for (const char *p = self->start; p < self->at; p++) {
    if (*p == '\n') {
      line++;
      line_start = p + 1;
    }
  }
  *ret_line = line;
  *ret_column = (guint) (self->at - line_start) + 1;
}

static gboolean
refuse (Guard *self, GError **error) {
  guint line, column;

  place_of (self, &line, &column);
  if (self->at >= self->end)
    g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_NOT_JSON,
                 _("“%s” ends in the middle (line %u): get the whole file again from its publisher."),
                 self->name, line);
  else
    g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_NOT_JSON,
                 _("“%s” is not JSON (line %u, column %u): choose a service directory in HSDS JSON."),
                 self->name, line, column);
  return FALSE;
}

static void
skip_space (Guard *self) {
  while (self->at < self->end
         && (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

/* Reads the four digits of \uXXXX; -1 if they are not hexadecimal. */
static gint32
read_code_unit (Guard *self) {
  gint32 unit = 0;

  for (guint i = 0; i < 4; i++) {
    if (self->at >= self->end || !g_ascii_isxdigit (*self->at))
      return -1;
    unit = unit * 16 + g_ascii_xdigit_value (*self->at);
    self->at++;
  }
  return unit;
}

static gboolean
check_unicode_escape (Guard *self, GError **error) {
  gint32 unit = read_code_unit (self);

  if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return refuse (self, error);
  if (unit < 0xd800 || unit > 0xdbff)
    return TRUE;
  if (self->end - self->at < 2 || self->at[0] != '\\' || self->at[1] != 'u')
    return refuse (self, error);
  self->at += 2;
  unit = read_code_unit (self);
  return unit >= 0xdc00 && unit <= 0xdfff ? TRUE : refuse (self, error);
}

static gboolean
check_string (Guard *self, GError **error) {
  self->at++;
  while (self->at < self->end) {
    guchar c = (guchar) *self->at;

    if (c == '"') {
      self->at++;
      return TRUE;
    }
    if (c < 0x20)
      return refuse (self, error);
    self->at++;
    if (c != '\\')
      continue;
    if (self->at >= self->end || *self->at == '\0' || strchr ("\"\\/bfnrtu", *self->at) == NULL)
      return refuse (self, error);
    if (*self->at++ == 'u' && !check_unicode_escape (self, error))
      return FALSE;
  }
  return refuse (self, error);
}

static gboolean
skip_digits (Guard *self) {
  const char *from = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > from;
}

static gboolean
check_number (Guard *self, GError **error) {
  const char *from = self->at;

  if (*self->at == '-')
    self->at++;
  if (self->at < self->end && *self->at == '0')
    self->at++;
  else if (!skip_digits (self))
    return refuse (self, error);
  if (self->at < self->end && *self->at == '.') {
    self->at++;
    if (!skip_digits (self))
      return refuse (self, error);
  }
  if (self->at < self->end && (*self->at == 'e' || *self->at == 'E')) {
    self->at++;
    if (self->at < self->end && (*self->at == '+' || *self->at == '-'))
      self->at++;
    if (!skip_digits (self))
      return refuse (self, error);
  }
  /* No number of a directory is longer; json-glib would round or saturate it without a word. */
  return self->at - from <= 64 ? TRUE : refuse (self, error);
}

static gboolean
check_word (Guard *self, const char *word, GError **error) {
  gsize length = strlen (word);

  if ((gsize) (self->end - self->at) < length || memcmp (self->at, word, length) != 0)
    return refuse (self, error);
  self->at += length;
  return TRUE;
}

static gboolean
open_container (Guard *self, gboolean object, GError **error) {
  if (self->depth >= self->max_depth) {
    g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_TOO_LARGE,
                 _("“%s” nests deeper than %u levels, which no service directory does: choose another file."),
                 self->name, self->max_depth);
    return FALSE;
  }
  self->in_object[self->depth++] = object;
  self->at++;
  return TRUE;
}

static gboolean
count_value (Guard *self, GError **error) {
  if (++self->n_values <= self->max_values)
    return TRUE;
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_TOO_LARGE,
               _("“%s” holds more than %zu values: split it into several files."),
               self->name, self->max_values);
  return FALSE;
}

/* One scalar, or the opening bracket of a container; @expect says what comes next. */
static gboolean
check_value (Guard *self, Expectation *expect, GError **error) {
  char c = *self->at;

  if (!count_value (self, error))
    return FALSE;
  if (c == '{' || c == '[') {
    *expect = c == '{' ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
    return open_container (self, c == '{', error);
  }
  *expect = EXPECT_AFTER;
  if (c == '"')
    return check_string (self, error);
  if (c == 't')
    return check_word (self, "true", error);
  if (c == 'f')
    return check_word (self, "false", error);
  if (c == 'n')
    return check_word (self, "null", error);
  if (c == '-' || g_ascii_isdigit (c))
    return check_number (self, error);
  return refuse (self, error);
}

static gboolean
check_name (Guard *self, Expectation *expect, GError **error) {
  if (*self->at != '"')
    return refuse (self, error);
  if (!check_string (self, error))
    return FALSE;
  skip_space (self);
  if (self->at >= self->end || *self->at != ':')
    return refuse (self, error);
  self->at++;
  *expect = EXPECT_VALUE;
  return TRUE;
}

static gboolean
check_after (Guard *self, Expectation *expect, GError **error) {
  gboolean object = self->in_object[self->depth - 1];

  if (*self->at == ',') {
    self->at++;
    *expect = object ? EXPECT_NAME : EXPECT_VALUE;
    return TRUE;
  }
  if (*self->at != (object ? '}' : ']'))
    return refuse (self, error);
  self->at++;
  self->depth--;
  return TRUE;
}

static gboolean
check_step (Guard *self, Expectation *expect, GError **error) {
  gboolean ends = (*expect == EXPECT_NAME_OR_END && *self->at == '}')
                  || (*expect == EXPECT_VALUE_OR_END && *self->at == ']');

  if (ends) {
    *expect = EXPECT_AFTER;
    return check_after (self, expect, error);
  }
  switch (*expect) {
  case EXPECT_NAME:
  case EXPECT_NAME_OR_END:
    return check_name (self, expect, error);
  case EXPECT_AFTER:
    return check_after (self, expect, error);
  case EXPECT_VALUE:
  case EXPECT_VALUE_OR_END:
  default:
    return check_value (self, expect, error);
  }
}

static gboolean
check_top_level_value (Guard *self, GError **error) {
  Expectation expect = EXPECT_VALUE;

  do {
    skip_space (self);
    if (self->at >= self->end)
      return refuse (self, error);
    if (!check_step (self, &expect, error))
      return FALSE;
  } while (self->depth > 0 || expect != EXPECT_AFTER);
  return TRUE;
}

static gboolean
check_encoding (Guard *self, GError **error) {
  const char *bad;
  guint line, column;

  if (g_utf8_validate_len (self->at, self->end - self->at, &bad))
    return TRUE;
  self->at = bad;
  place_of (self, &line, &column);
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_NOT_JSON,
               _("“%s” is not UTF-8 text (line %u, column %u): save it again with the encoding UTF-8."),
               self->name, line, column);
  return FALSE;
}

GArray *
tessera_json_guard (const char *name, const char *text, gsize length, guint max_depth, gsize max_values,
                    GError **error) {
  Guard self = { .name = name, .start = text, .at = text, .end = text + length,
                 .max_depth = MIN (max_depth, STACK_LIMIT), .max_values = max_values };
  g_autoptr (GArray) slices = g_array_new (FALSE, FALSE, sizeof (TesseraJsonSlice));

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    self.at += 3;
  if (!check_encoding (&self, error))
    return NULL;
  skip_space (&self);
  while (self.at < self.end) {
    TesseraJsonSlice slice = { .start = (gsize) (self.at - text) };

    if (!check_top_level_value (&self, error))
      return NULL;
    slice.length = (gsize) (self.at - text) - slice.start;
    g_array_append_val (slices, slice);
    skip_space (&self);
  }
  return g_steal_pointer (&slices);
}
