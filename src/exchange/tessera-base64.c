/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-base64.c: an alphabet check in front of libsodium's decoder.
 */
#include "config.h"

#include <sodium.h>

#include "tessera-base64.h"

gboolean
tessera_base64_decode (const char *text, gsize length, gboolean padded, guint8 *bytes, gsize size, gsize *ret_size)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/' && !(padded && text[i] == '='))
      return FALSE;

  return sodium_base642bin (bytes, size, text, length, NULL, ret_size, NULL,
                            padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}
