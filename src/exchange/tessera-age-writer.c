/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age-writer.c: sealing. One stanza per recipient in random order, decoys, then chunks.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age-private.h"

#define SEALED_SIZE (TESSERA_AGE_CHUNK_SIZE + TESSERA_AGE_TAG_SIZE)
/* Chunks written at a time: fewer and larger calls. */
#define N_SEALED 8

struct _TesseraAgeWriter {
  GOutputStream *output;
  TesseraAgeKeys *keys; /* sodium_malloc */
  guint8 *plain;        /* one chunk, sodium_malloc */
  gsize filled;
  guint8 *sealed; /* chunks that are not written yet */
  gsize n_sealed;
  guint64 counter;
  gboolean finished;
};

static gsize
count_with_decoys (gsize n)
{
  gsize total = 2;

  while (total < n)
    total *= 2;

  return total;
}

static void
append_base64 (GString *header, const guint8 *data, gsize size)
{
  char text[TESSERA_AGE_BASE64_32 + 1];

  sodium_bin2base64 (text, sizeof text, data, size, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  g_string_append (header, text);
}

static void
append_stanza (GString *header, const guint8 *share, const guint8 *body)
{
  g_string_append (header, "-> " TESSERA_AGE_X25519 " ");
  append_base64 (header, share, TESSERA_AGE_KEY_SIZE);
  g_string_append_c (header, '\n');
  append_base64 (header, body, TESSERA_AGE_WRAPPED_SIZE);
  g_string_append_c (header, '\n');
}

static gboolean
append_recipient (GString *header, TesseraAgeKeys *keys, const guint8 *public_key)
{
  guint8 *ephemeral = keys->scratch;
  guint8 *shared = keys->scratch + 32;
  guint8 *wrap_key = keys->scratch + 64;
  guint8 share[TESSERA_AGE_KEY_SIZE];
  guint8 body[TESSERA_AGE_WRAPPED_SIZE];
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };

  randombytes_buf (ephemeral, 32);
  crypto_scalarmult_base (share, ephemeral);
  if (crypto_scalarmult (shared, ephemeral, public_key) != 0)
    return FALSE;
  tessera_age_derive_wrap_key (shared, share, public_key, wrap_key);
  crypto_aead_chacha20poly1305_ietf_encrypt (body, NULL, keys->file_key, sizeof keys->file_key, NULL, 0, NULL, nonce,
                                             wrap_key);
  append_stanza (header, share, body);

  return TRUE;
}

/* Looks like any other stanza; nobody has the key. */
static void
append_decoy (GString *header, TesseraAgeKeys *keys)
{
  guint8 share[TESSERA_AGE_KEY_SIZE];
  guint8 body[TESSERA_AGE_WRAPPED_SIZE];

  randombytes_buf (keys->scratch, 32);
  crypto_scalarmult_base (share, keys->scratch);
  randombytes_buf (body, sizeof body);
  append_stanza (header, share, body);
}

static void
shuffle (gsize *order, gsize n)
{
  for (gsize i = 0; i < n; i++)
    order[i] = i;
  for (gsize i = n; i > 1; i--) {
    gsize j = randombytes_uniform (i);
    gsize kept = order[i - 1];

    order[i - 1] = order[j];
    order[j] = kept;
  }
}

static gboolean
write_all (TesseraAgeWriter *self, gconstpointer data, gsize size, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_output_stream_write_all (self->output, data, size, NULL, NULL, &cause))
    return TRUE;

  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
               _("The bundle cannot be written (%s); make room or choose another place."), cause->message);
  return FALSE;
}

static gboolean
write_header (TesseraAgeWriter *self, const guint8 *public_keys, gsize n, gsize total, GError **error)
{
  g_autoptr (GString) header = g_string_new (TESSERA_AGE_MAGIC "\n");
  gsize order[TESSERA_AGE_MAX_STANZAS];
  guint8 mac[TESSERA_AGE_MAC_SIZE];
  guint8 nonce[TESSERA_AGE_NONCE_SIZE];

  shuffle (order, total);
  for (gsize i = 0; i < total; i++) {
    if (order[i] >= n) {
      append_decoy (header, self->keys);
    } else if (!append_recipient (header, self->keys, public_keys + order[i] * TESSERA_AGE_KEY_SIZE)) {
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                           _("A recipient's key is unusable; ask the partner for a new card."));
      return FALSE;
    }
  }
  g_string_append (header, "---");
  tessera_age_header_mac (self->keys->file_key, header->str, header->len, mac);
  g_string_append_c (header, ' ');
  append_base64 (header, mac, sizeof mac);
  g_string_append_c (header, '\n');

  randombytes_buf (nonce, sizeof nonce);
  tessera_age_derive (self->keys->file_key, TESSERA_AGE_FILE_KEY_SIZE, nonce, sizeof nonce, "payload",
                      self->keys->derived_key);

  return write_all (self, header->str, header->len, error) && write_all (self, nonce, sizeof nonce, error);
}

TesseraAgeWriter *
tessera_age_writer_new (GOutputStream *output,
                        const guint8  *public_keys,
                        gsize          n_public_keys,
                        gboolean       decoys,
                        GError       **error)
{
  g_autoptr (TesseraAgeWriter) self = NULL;

  if (n_public_keys == 0 || n_public_keys > TESSERA_AGE_MAX_STANZAS) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                 _("A bundle needs between 1 and %d recipients; choose other ones."), TESSERA_AGE_MAX_STANZAS);
    return NULL;
  }

  self = g_new0 (TesseraAgeWriter, 1);
  self->output = g_object_ref (output);
  if (sodium_init () < 0)
    g_error ("%s: libsodium does not start", G_STRFUNC);
  self->keys = sodium_malloc (sizeof *self->keys);
  self->plain = sodium_malloc (TESSERA_AGE_CHUNK_SIZE);
  self->sealed = g_malloc (N_SEALED * SEALED_SIZE);
  if (self->keys == NULL || self->plain == NULL)
    g_error ("%s: no guarded memory", G_STRFUNC);

  randombytes_buf (self->keys->file_key, sizeof self->keys->file_key);
  if (!write_header (self, public_keys, n_public_keys, decoys ? count_with_decoys (n_public_keys) : n_public_keys,
                     error))
    return NULL;
  sodium_memzero (self->keys->file_key, sizeof self->keys->file_key);
  sodium_memzero (self->keys->scratch, sizeof self->keys->scratch);

  return g_steal_pointer (&self);
}

static gboolean
write_sealed (TesseraAgeWriter *self, GError **error)
{
  gsize size = self->n_sealed;

  self->n_sealed = 0;

  return write_all (self, self->sealed, size, error);
}

static gboolean
seal_chunk (TesseraAgeWriter *self, const guint8 *plain, gsize size, gboolean last, GError **error)
{
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

  tessera_age_chunk_nonce (self->counter++, last, nonce);
  crypto_aead_chacha20poly1305_ietf_encrypt (self->sealed + self->n_sealed, NULL, plain, size, NULL, 0, NULL, nonce,
                                             self->keys->derived_key);
  self->n_sealed += size + TESSERA_AGE_TAG_SIZE;

  return (!last && self->n_sealed < N_SEALED * SEALED_SIZE) || write_sealed (self, error);
}

/* A full chunk waits until more comes: it may turn out to be the last. */
static gboolean
seal_full (TesseraAgeWriter *self, GError **error)
{
  if (self->filled < TESSERA_AGE_CHUNK_SIZE)
    return TRUE;
  self->filled = 0;

  return seal_chunk (self, self->plain, TESSERA_AGE_CHUNK_SIZE, FALSE, error);
}

gboolean
tessera_age_writer_write (TesseraAgeWriter *self, gconstpointer data, gsize size, GError **error)
{
  const guint8 *bytes = data;

  g_return_val_if_fail (!self->finished, FALSE);

  while (size > 0) {
    gsize part;

    if (!seal_full (self, error))
      return FALSE;
    /* From where it is, when more follows it. */
    while (self->filled == 0 && size > TESSERA_AGE_CHUNK_SIZE) {
      if (!seal_chunk (self, bytes, TESSERA_AGE_CHUNK_SIZE, FALSE, error))
        return FALSE;
      bytes += TESSERA_AGE_CHUNK_SIZE;
      size -= TESSERA_AGE_CHUNK_SIZE;
    }
    part = MIN (size, TESSERA_AGE_CHUNK_SIZE - self->filled);
    memcpy (self->plain + self->filled, bytes, part);
    self->filled += part;
    bytes += part;
    size -= part;
  }

  return TRUE;
}

gboolean
tessera_age_writer_finish (TesseraAgeWriter *self, GError **error)
{
  g_return_val_if_fail (!self->finished, FALSE);

  self->finished = TRUE;

  return seal_chunk (self, self->plain, self->filled, TRUE, error);
}

void
tessera_age_writer_free (TesseraAgeWriter *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->output);
  sodium_free (self->keys);
  sodium_free (self->plain);
  g_free (self->sealed);
  g_free (self);
}
