/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-document-name.c: what a file is called and what it is, without believing it too much.
 */
#include "config.h"
#include <string.h>

#include "tessera-documents.h"

/* Longest name in characters; file systems take 255 bytes, and a letter may have four. */
#define LONGEST_NAME 60
#define LONGEST_ENDING 10

/* Letters that are not seen or turn what follows around could make "fdp.exe" look like "exe.pdf". */
static gboolean
is_visible (gunichar c) {
  GUnicodeType type = g_unichar_type (c);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_SURROGATE
         && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR
         && type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_UNASSIGNED;
}

static char *
replace_letters (const char *name) {
  GString *clean = g_string_new (NULL);

  for (const char *at = name; *at; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (c < 128 && strchr ("/\\:*?\"<>|", (int) c))
      g_string_append_c (clean, '_');
    else if (g_unichar_isspace (c))
      g_string_append_c (clean, ' ');
    else if (is_visible (c))
      g_string_append_unichar (clean, c);
  }
  return g_string_free (clean, FALSE);
}

/* Keeps the ending, by which other programs know what to do with the file. */
static char *
shorten (const char *name) {
  const char *ending = strrchr (name, '.');
  glong length = g_utf8_strlen (name, -1), ending_length;
  g_autofree char *beginning = NULL;

  if (length <= LONGEST_NAME)
    return g_strdup (name);
  ending_length = ending ? g_utf8_strlen (ending, -1) : 0;
  if (ending_length > LONGEST_ENDING)
    ending = NULL, ending_length = 0;
  beginning = g_utf8_substring (name, 0, LONGEST_NAME - ending_length);
  g_strchomp (beginning);
  return g_strconcat (beginning, ending, NULL);
}

char *
tessera_documents_clean_name (const char *name) {
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  g_autofree char *clean = replace_letters (normal);
  const char *start = clean + strspn (clean, ". ");
  gsize length = strlen (start);

  /* Dots and spaces at the ends hide a file or get lost on some systems. */
  while (length > 0 && (start[length - 1] == '.' || start[length - 1] == ' '))
    length--;
  clean[(start - clean) + (gssize) length] = '\0';
  return length > 0 ? shorten (start) : NULL;
}

char *
tessera_documents_guess_type (GBytes *head, const char *name) {
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (head, &size);
  g_autofree char *seen = g_content_type_guess (NULL, bytes, size, NULL);
  g_autofree char *named = name ? g_content_type_guess (name, bytes, size, NULL) : NULL;
  const char *type = seen;

  if (named && !g_content_type_is_unknown (seen) && g_content_type_is_a (named, seen))
    type = named;
  return g_content_type_get_mime_type (type);
}
