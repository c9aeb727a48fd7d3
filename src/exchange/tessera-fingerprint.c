/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-fingerprint.c: making and reading fingerprints.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-fingerprint.h"

static void
append_character (GString *text, guint n, char character)
{
  if (n > 0 && n % TESSERA_FINGERPRINT_GROUP == 0)
    g_string_append_c (text, '-');
  g_string_append_c (text, character);
}

char *
tessera_fingerprint_new (const guint8 *public_key)
{
  GString *text = g_string_new (NULL);
  guint8 hash[32];

  crypto_generichash (hash, sizeof hash, public_key, TESSERA_FINGERPRINT_KEY_SIZE, NULL, 0);
  for (guint i = 0; i < TESSERA_FINGERPRINT_CHARACTERS; i++) {
    guint value = 0;

    for (guint bit = 5 * i; bit < 5 * i + 5; bit++)
      value = value << 1 | ((hash[bit / 8] >> (7 - bit % 8)) & 1);
    append_character (text, i, TESSERA_FINGERPRINT_ALPHABET[value]);
  }

  return g_string_free (text, FALSE);
}

static char
canonical_character (char c)
{
  c = g_ascii_toupper (c);
  if (c == 'O')
    return '0';
  if (c == 'I' || c == 'L')
    return '1';

  return c != '\0' && strchr (TESSERA_FINGERPRINT_ALPHABET, c) != NULL ? c : '\0';
}

char *
tessera_fingerprint_parse (const char *text, GError **error)
{
  g_autoptr (GString) parsed = g_string_new (NULL);
  gboolean good = TRUE;
  guint n = 0;

  for (const char *p = text; *p && good; p++) {
    char c;

    if (g_ascii_isspace (*p) || *p == '-')
      continue;
    c = canonical_character (*p);
    good = c != '\0' && n < TESSERA_FINGERPRINT_CHARACTERS;
    if (good)
      append_character (parsed, n++, c);
  }
  if (!good || n != TESSERA_FINGERPRINT_CHARACTERS) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                 _("A fingerprint has %d letters and digits in groups of %d; read all of it again."),
                 TESSERA_FINGERPRINT_CHARACTERS, TESSERA_FINGERPRINT_GROUP);
    return NULL;
  }

  return g_string_free (g_steal_pointer (&parsed), FALSE);
}

gboolean
tessera_fingerprint_matches (const guint8 *public_key, const char *text)
{
  g_autofree char *typed = tessera_fingerprint_parse (text, NULL);
  g_autofree char *expected = tessera_fingerprint_new (public_key);

  return g_strcmp0 (typed, expected) == 0;
}
