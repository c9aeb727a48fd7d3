/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-csv.c: the parser, one character at a time.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <string.h>

#include "tessera-csv.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

typedef struct {
  GPtrArray *rows;
  GArray *lines;
  GPtrArray *row;
  GString *cell;
  guint line;
  guint row_line;
} Parser;

static char
guess_separator (const char *text) {
  static const char candidates[] = { ',', ';', '\t' };
  gsize length = strcspn (text, "\r\n");
  char best = ',';
  guint most = 0;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++) {
    guint count = 0;

    for (gsize j = 0; j < length; j++)
      count += text[j] == candidates[i];
    if (count > most) {
      most = count;
      best = candidates[i];
    }
  }
  return best;
}

static void
end_cell (Parser *parser) {
  g_ptr_array_add (parser->row, g_strdup (parser->cell->str));
  g_string_truncate (parser->cell, 0);
}

/* A row of one empty cell is an empty line. */
static void
end_row (Parser *parser) {
  end_cell (parser);
  if (parser->row->len > 1 || *(char *) g_ptr_array_index (parser->row, 0) != '\0') {
    g_ptr_array_add (parser->row, NULL);
    g_ptr_array_add (parser->rows, g_ptr_array_free (parser->row, FALSE));
    g_array_append_val (parser->lines, parser->row_line);
  } else {
    g_free (g_ptr_array_index (parser->row, 0));
    g_ptr_array_free (parser->row, TRUE);
  }
  parser->row = g_ptr_array_new ();
  parser->row_line = parser->line;
}

/* Reads a quoted part from behind its first quote; gives what follows it, or %NULL if it never ends. */
static const char *
read_quoted (Parser *parser, const char *at) {
  for (; *at != '\0'; at++) {
    if (*at == '"' && at[1] != '"')
      return at + 1;
    if (*at == '"')
      at++;
    if (*at == '\n')
      parser->line++;
    g_string_append_c (parser->cell, *at);
  }
  return NULL;
}

static gboolean
parse (Parser *parser, const char *text, GError **error) {
  char separator = guess_separator (text);

  for (const char *at = text; *at != '\0';) {
    if (*at == '"' && parser->cell->len == 0) {
      guint begin = parser->line;

      at = read_quoted (parser, at + 1);
      if (at == NULL) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                     _("The quotation mark in line %u is never closed; mend the table and import it again."),
                     begin);
        return FALSE;
      }
    } else if (*at == '\r' || *at == '\n') {
      at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
      parser->line++;
      end_row (parser);
    } else if (*at == separator) {
      end_cell (parser);
      at++;
    } else {
      g_string_append_c (parser->cell, *at++);
    }
  }
  end_row (parser);
  return TRUE;
}

GPtrArray *
tessera_csv_parse (const char *text, gsize size, GArray **ret_lines, GError **error) {
  Parser parser = { .line = 1, .row_line = 1 };
  gboolean parsed;

  if (!g_utf8_validate (text, (gssize) size, NULL)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         _("The table is not UTF-8 text; save it as “CSV UTF-8” and import it again."));
    return NULL;
  }
  parser.rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  parser.lines = g_array_new (FALSE, FALSE, sizeof (guint));
  parser.row = g_ptr_array_new ();
  parser.cell = g_string_new (NULL);
  parsed =
    parse (&parser, g_str_has_prefix (text, BYTE_ORDER_MARK) ? text + strlen (BYTE_ORDER_MARK) : text, error);
  g_ptr_array_set_free_func (parser.row, g_free);
  g_ptr_array_unref (parser.row);
  g_string_free (parser.cell, TRUE);
  if (!parsed)
    g_clear_pointer (&parser.rows, g_ptr_array_unref);
  if (ret_lines != NULL && parsed)
    *ret_lines = parser.lines;
  else
    g_array_unref (parser.lines);
  return parser.rows;
}
