/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-base32.c: see the header.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-base32.h"

char *
tessera_base32_encode (const guint8 *bytes, gsize size) {
  GString *text = g_string_new (NULL);

  for (gsize first = 0; first < size * 8; first += 5) {
    guint value = 0;

    for (gsize bit = first; bit < first + 5; bit++)
      value = value << 1 | (bit < size * 8 ? (bytes[bit / 8] >> (7 - bit % 8)) & 1 : 0);
    g_string_append_c (text, TESSERA_BASE32_ALPHABET[value]);
  }
  return g_string_free (text, FALSE);
}

char *
tessera_base32_new_mailbox (void) {
  guint8 bytes[16];

  randombytes_buf (bytes, sizeof bytes);
  return tessera_base32_encode (bytes, sizeof bytes);
}

gboolean
tessera_base32_is_mailbox (const char *text) {
  return strlen (text) == TESSERA_BASE32_MAILBOX && strspn (text, TESSERA_BASE32_ALPHABET) == TESSERA_BASE32_MAILBOX;
}
