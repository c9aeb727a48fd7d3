/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age.c: the keys of age files, their text form, and the derivations reading and writing share.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age-private.h"
#include "tessera-bech32.h"

#define TEXT_LENGTH(prefix) (sizeof (prefix) - 1 + 1 + TESSERA_BECH32_DATA_LENGTH + TESSERA_BECH32_CHECKSUM_LENGTH)

TesseraSecret *
tessera_age_key_generate (void)
{
  return tessera_secret_new_random (TESSERA_AGE_KEY_SIZE);
}

void
tessera_age_key_get_public (const TesseraSecret *key, guint8 *public_key)
{
  g_return_if_fail (tessera_secret_get_size (key) == TESSERA_AGE_KEY_SIZE);

  crypto_scalarmult_base (public_key, tessera_secret_get_data (key));
}

TesseraSecret *
tessera_age_key_to_text (const TesseraSecret *key)
{
  TesseraSecret *text = tessera_secret_new (TEXT_LENGTH (TESSERA_AGE_SECRET_PREFIX));

  /* The zero byte goes where every secret has one anyway. */
  tessera_bech32_encode (TESSERA_AGE_SECRET_PREFIX, tessera_secret_get_data (key),
                         (char *) tessera_secret_get_writable (text));

  return text;
}

TesseraSecret *
tessera_age_key_from_text (const TesseraSecret *text, GError **error)
{
  g_autoptr (TesseraSecret) key = tessera_secret_new (TESSERA_AGE_KEY_SIZE);

  if (tessera_secret_get_size (text) != TEXT_LENGTH (TESSERA_AGE_SECRET_PREFIX)
      || !tessera_bech32_decode (TESSERA_AGE_SECRET_PREFIX, (const char *) tessera_secret_get_data (text),
                                 tessera_secret_get_writable (key))) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("This is not a complete secret key; copy it again from AGE-SECRET-KEY-1 to its end."));
    return NULL;
  }

  return g_steal_pointer (&key);
}

char *
tessera_age_public_key_to_text (const guint8 *public_key)
{
  char *text = g_malloc (TEXT_LENGTH (TESSERA_AGE_PUBLIC_PREFIX) + 1);

  tessera_bech32_encode (TESSERA_AGE_PUBLIC_PREFIX, public_key, text);

  return text;
}

gboolean
tessera_age_public_key_from_text (const char *text, guint8 *public_key, GError **error)
{
  if (tessera_bech32_decode (TESSERA_AGE_PUBLIC_PREFIX, text, public_key))
    return TRUE;

  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                       _("This is not a complete public key; copy it again from age1 to its end."));
  return FALSE;
}

void
tessera_age_derive (const guint8 *secret,
                    gsize         secret_size,
                    const guint8 *salt,
                    gsize         salt_size,
                    const char   *info,
                    guint8       *key)
{
  crypto_auth_hmacsha256_state state;
  guint8 extracted[crypto_auth_hmacsha256_BYTES];
  const guint8 block_number = 1;

  crypto_auth_hmacsha256_init (&state, salt, salt_size);
  crypto_auth_hmacsha256_update (&state, secret, secret_size);
  crypto_auth_hmacsha256_final (&state, extracted);

  crypto_auth_hmacsha256_init (&state, extracted, sizeof extracted);
  crypto_auth_hmacsha256_update (&state, (const guint8 *) info, strlen (info));
  crypto_auth_hmacsha256_update (&state, &block_number, 1);
  crypto_auth_hmacsha256_final (&state, key);

  sodium_memzero (&state, sizeof state);
  sodium_memzero (extracted, sizeof extracted);
}

void
tessera_age_derive_wrap_key (const guint8 *shared, const guint8 *share, const guint8 *recipient, guint8 *key)
{
  guint8 salt[2 * TESSERA_AGE_KEY_SIZE];

  memcpy (salt, share, TESSERA_AGE_KEY_SIZE);
  memcpy (salt + TESSERA_AGE_KEY_SIZE, recipient, TESSERA_AGE_KEY_SIZE);
  tessera_age_derive (shared, TESSERA_AGE_KEY_SIZE, salt, sizeof salt, TESSERA_AGE_X25519_INFO, key);
}

void
tessera_age_header_mac (const guint8 *file_key, gconstpointer header, gsize size, guint8 *mac)
{
  crypto_auth_hmacsha256_state state;
  guint8 key[32];

  /* An absent salt is a key of zeros, which HMAC makes of an empty key. */
  tessera_age_derive (file_key, TESSERA_AGE_FILE_KEY_SIZE, (const guint8 *) "", 0, "header", key);
  crypto_auth_hmacsha256_init (&state, key, sizeof key);
  crypto_auth_hmacsha256_update (&state, header, size);
  crypto_auth_hmacsha256_final (&state, mac);
  sodium_memzero (&state, sizeof state);
  sodium_memzero (key, sizeof key);
}

void
tessera_age_chunk_nonce (guint64 counter, gboolean last, guint8 *nonce)
{
  memset (nonce, 0, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
  for (guint i = 0; i < 8; i++)
    nonce[10 - i] = counter >> (8 * i);
  nonce[11] = last ? 1 : 0;
}
