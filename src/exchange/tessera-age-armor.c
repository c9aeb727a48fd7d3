/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age-armor.c: see the header.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age-armor.h"
#include "tessera-base64.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define END "-----END AGE ENCRYPTED FILE-----"
#define LINE 64

char *
tessera_age_armor (GBytes *file) {
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  g_autofree char *base64 = g_base64_encode (data, size);
  gsize length = strlen (base64);
  GString *text = g_string_new (BEGIN "\n");

  for (gsize at = 0; at < length; at += LINE) {
    g_string_append_len (text, base64 + at, (gssize) MIN (LINE, length - at));
    g_string_append_c (text, '\n');
  }
  g_string_append (text, END "\n");
  return g_string_free (text, FALSE);
}

/* All lines but the last are full; a carriage return before a line feed is what some mail programs add. */
static GString *
join_lines (char **lines) {
  g_autoptr (GString) base64 = g_string_new (NULL);
  guint n = g_strv_length (lines);

  if (n < 3 || strcmp (g_strchomp (lines[0]), BEGIN) != 0 || strcmp (g_strchomp (lines[n - 1]), END) != 0)
    return NULL;
  for (guint i = 1; i < n - 1; i++) {
    gsize length;

    if (g_str_has_suffix (lines[i], "\r"))
      lines[i][strlen (lines[i]) - 1] = '\0';
    length = strlen (lines[i]);
    if (length == 0 || length > LINE || (length < LINE && i < n - 2))
      return NULL;
    g_string_append_len (base64, lines[i], (gssize) length);
  }
  return g_steal_pointer (&base64);
}

GBytes *
tessera_age_dearmor (const char *text, gsize length, GError **error) {
  g_autofree char *copy = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) base64 = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize size = 0;

  if (length > TESSERA_AGE_ARMOR_MAX_SIZE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("This file is longer than its kind may be; it was not taken in."));
    return NULL;
  }
  copy = g_strndup (text, length);
  lines = g_strsplit (g_strstrip (copy), "\n", -1);
  if (!lines[0] || !g_str_has_prefix (lines[0], BEGIN)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
                         _("This file is not an invitation; ask the supervisor for the one that “team admit” wrote."));
    return NULL;
  }
  base64 = join_lines (lines);
  bytes = base64 ? g_malloc (base64->len) : NULL;
  if (!base64 || !tessera_base64_decode (base64->str, base64->len, TRUE, bytes, base64->len, &size)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                         _("This file was cut off or changed on its way; ask for it again."));
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}
