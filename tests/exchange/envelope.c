/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * envelope.c: see the header. Every part is made with the right keys, so that only what is asked for is wrong.
 */
#include "config.h"

#include <string.h>

#include "envelope.h"
#include "exchange-fixture.h"
#include "tessera-age-private.h"

static void
append_base64 (GString *text, const guint8 *data, gsize size)
{
  char encoded[128];

  sodium_bin2base64 (encoded, sizeof encoded, data, size, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  g_string_append (text, encoded);
}

static void
append_reader (const Envelope *self, GString *header, const guint8 *file_key)
{
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  guint8 ephemeral[32];
  guint8 share[32];
  guint8 shared[32];
  guint8 wrap_key[32];
  guint8 body[TESSERA_AGE_WRAPPED_SIZE];
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };

  tessera_age_key_get_public (reader, public_key);
  randombytes_buf (ephemeral, sizeof ephemeral);
  crypto_scalarmult_base (share, ephemeral);
  g_assert_cmpint (crypto_scalarmult (shared, ephemeral, public_key), ==, 0);
  tessera_age_derive_wrap_key (shared, share, public_key, wrap_key);
  crypto_aead_chacha20poly1305_ietf_encrypt (body, NULL, file_key, TESSERA_AGE_FILE_KEY_SIZE, NULL, 0, NULL, nonce,
                                             wrap_key);
  g_string_append_printf (header, "-> %s ", self->type != NULL ? self->type : TESSERA_AGE_X25519);
  append_base64 (header, share, sizeof share);
  g_string_append_printf (header, "%s\n", self->arguments != NULL ? self->arguments : "");
  append_base64 (header, body, sizeof body);
  g_string_append (header, self->body_end != NULL ? self->body_end : "\n");
}

static void
append_header (const Envelope *self, GString *file, const guint8 *file_key)
{
  guint8 mac[TESSERA_AGE_MAC_SIZE];

  g_string_append (file, self->version != NULL ? self->version : TESSERA_AGE_MAGIC "\n");
  g_string_append (file, self->before != NULL ? self->before : "");
  if (!self->without_reader)
    append_reader (self, file, file_key);
  g_string_append (file, self->after != NULL ? self->after : "");
  g_string_append (file, "---");
  tessera_age_header_mac (file_key, file->str, file->len, mac);
  g_string_append_c (file, ' ');
  append_base64 (file, mac, sizeof mac);
  g_string_append (file, self->mac_end != NULL ? self->mac_end : "\n");
}

static void
append_chunk (GString *file, const guint8 *key, guint64 counter, const guint8 *plain, gsize size, gboolean last)
{
  g_autofree guint8 *sealed = g_malloc (size + TESSERA_AGE_TAG_SIZE);
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

  tessera_age_chunk_nonce (counter, last, nonce);
  crypto_aead_chacha20poly1305_ietf_encrypt (sealed, NULL, plain, size, NULL, 0, NULL, nonce, key);
  g_string_append_len (file, (const char *) sealed, size + TESSERA_AGE_TAG_SIZE);
}

static void
append_chunks (const Envelope *self, GString *file, const guint8 *key, GBytes *content)
{
  gsize left;
  const guint8 *plain = g_bytes_get_data (content, &left);
  guint64 counter = 0;

  while (left > 0) {
    gsize size = self->payload == ENVELOPE_SHORT_FIRST && counter == 0 ? MIN (left, 1000)
                                                                      : MIN (left, TESSERA_AGE_CHUNK_SIZE);
    gboolean last = size == left && self->payload != ENVELOPE_NONE_LAST && self->payload != ENVELOPE_EMPTY_LAST;

    append_chunk (file, key, counter++, plain, size, last);
    plain += size;
    left -= size;
  }
  if (self->payload == ENVELOPE_EMPTY_LAST)
    append_chunk (file, key, counter, (const guint8 *) "", 0, TRUE);
}

GBytes *
envelope_seal (const Envelope *self, GBytes *content)
{
  GString *file = g_string_new (NULL);
  guint8 file_key[TESSERA_AGE_FILE_KEY_SIZE];
  guint8 nonce[TESSERA_AGE_NONCE_SIZE];
  guint8 key[32];

  randombytes_buf (file_key, sizeof file_key);
  randombytes_buf (nonce, sizeof nonce);
  append_header (self, file, file_key);
  g_string_append_len (file, (const char *) nonce, sizeof nonce);
  tessera_age_derive (file_key, sizeof file_key, nonce, sizeof nonce, "payload", key);
  if (self->payload != ENVELOPE_NOTHING)
    append_chunks (self, file, key, content);

  return g_string_free_to_bytes (file);
}
