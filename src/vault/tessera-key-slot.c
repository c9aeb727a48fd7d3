/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-key-slot.c: what a slot of vault.keys holds: the keys of the vault, sealed for one person.
 *
 * Whoever is present can change the data key, but has only their own slot key. So each slot also shows a public key,
 * and the new data key is left for the others in a box that only they can open. Inside the box it is sealed under a
 * subkey of the derivation key, which is known to those who could ever open the vault and to nobody else: without it
 * anybody who can write the folder could leave a data key of their own choosing.
 */
#include "config.h"

#include "tessera-key-slot.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-vault.h"

#define KEY_BYTES TESSERA_KEY_FILE_KEY_BYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define INNER_BYTES (NONCE_BYTES + KEY_BYTES + TAG_BYTES)

#define CONTEXT_RECOVERY "TesRecov"
#define CONTEXT_PAIR "TesKPair"
#define CONTEXT_BOX "TesKyBox"

G_STATIC_ASSERT (TESSERA_KEY_FILE_SEALED_BYTES == NONCE_BYTES + 2 * KEY_BYTES + TAG_BYTES);
G_STATIC_ASSERT (TESSERA_KEY_FILE_BOX_BYTES == crypto_box_SEALBYTES + INNER_BYTES);
G_STATIC_ASSERT (KEY_BYTES == crypto_box_PUBLICKEYBYTES && KEY_BYTES == crypto_box_SECRETKEYBYTES &&
                 KEY_BYTES == crypto_box_SEEDBYTES);

void
tessera_keys_clear (TesseraKeys *self)
{
  g_clear_pointer (&self->data, tessera_secret_free);
  g_clear_pointer (&self->derivation, tessera_secret_free);
}

TesseraSecret *
tessera_key_slot_derive (const TesseraKeySlot *slot, const TesseraSecret *passphrase, GError **error)
{
  g_autoptr (TesseraSecret) key = tessera_secret_new (KEY_BYTES);

  if (crypto_pwhash (tessera_secret_get_writable (key), KEY_BYTES,
                     (const char *) tessera_secret_get_data (passphrase),
                     tessera_secret_get_size (passphrase), slot->salt, slot->passes,
                     (gsize) slot->kibibytes * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0)
    return g_steal_pointer (&key);
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
               _("Unlocking needs %u MiB of free memory; close other programs and try again."),
               slot->kibibytes / 1024);
  return NULL;
}

TesseraSecret *
tessera_key_slot_derive_recovery (const TesseraSecret *recovery_key)
{
  return tessera_key_file_subkey (recovery_key, CONTEXT_RECOVERY, 0);
}

/* Nonce, ciphertext and tag of @plain, bound to the slot. */
static void
seal (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *key, const TesseraSecret *plain,
      const guint8 *nonce, guint8 *out)
{
  g_autofree char *facts = tessera_key_file_describe_slot (self, slot);

  if (nonce != NULL)
    memcpy (out, nonce, NONCE_BYTES);
  else
    randombytes_buf (out, NONCE_BYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt (
    out + NONCE_BYTES, NULL, tessera_secret_get_data (plain), tessera_secret_get_size (plain),
    (const guint8 *) facts, strlen (facts), NULL, out, tessera_secret_get_data (key));
}

/* The @size bytes that seal() sealed; %NULL if they are not. */
static TesseraSecret *
unseal (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *key, const guint8 *sealed,
        gsize size)
{
  g_autofree char *facts = tessera_key_file_describe_slot (self, slot);
  g_autoptr (TesseraSecret) plain = tessera_secret_new (size);

  if (crypto_aead_xchacha20poly1305_ietf_decrypt (
        tessera_secret_get_writable (plain), NULL, NULL, sealed + NONCE_BYTES, size + TAG_BYTES,
        (const guint8 *) facts, strlen (facts), sealed, tessera_secret_get_data (key)) != 0)
    return NULL;
  return g_steal_pointer (&plain);
}

/* The slot's key pair. Returns the secret half. */
static TesseraSecret *
make_pair (const TesseraSecret *slot_key, guint8 public_key[KEY_BYTES])
{
  g_autoptr (TesseraSecret) seed = tessera_key_file_subkey (slot_key, CONTEXT_PAIR, 0);
  TesseraSecret *secret = tessera_secret_new (KEY_BYTES);

  crypto_box_seed_keypair (public_key, tessera_secret_get_writable (secret), tessera_secret_get_data (seed));
  return secret;
}

void
tessera_key_slot_seal (TesseraKeyFile *self, TesseraKeySlot *slot, const TesseraSecret *slot_key,
                       const TesseraKeys *keys, const guint8 *nonce)
{
  g_autoptr (TesseraSecret) both = tessera_secret_new (2 * KEY_BYTES);

  tessera_secret_free (make_pair (slot_key, slot->public_key));
  slot->has_box = FALSE;
  memset (slot->box, 0, sizeof slot->box);
  memcpy (tessera_secret_get_writable (both), tessera_secret_get_data (keys->data), KEY_BYTES);
  memcpy (tessera_secret_get_writable (both) + KEY_BYTES, tessera_secret_get_data (keys->derivation), KEY_BYTES);
  seal (self, slot, slot_key, both, nonce, slot->sealed);
}

gboolean
tessera_key_slot_box (TesseraKeyFile *self, TesseraKeySlot *slot, const TesseraKeys *keys)
{
  g_autoptr (TesseraSecret) key = tessera_key_file_subkey (keys->derivation, CONTEXT_BOX, 0);
  guint8 inner[INNER_BYTES];

  seal (self, slot, key, keys->data, NULL, inner);
  slot->has_box = crypto_box_seal (slot->box, inner, sizeof inner, slot->public_key) == 0;
  sodium_memzero (inner, sizeof inner); /* many know the derivation key */
  return slot->has_box;
}

/* The data key in the slot's box; %NULL if it is not from somebody who knows @derivation. */
static TesseraSecret *
open_box (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *slot_key,
          const TesseraSecret *derivation)
{
  guint8 public_key[KEY_BYTES], inner[INNER_BYTES];
  g_autoptr (TesseraSecret) secret = make_pair (slot_key, public_key);
  g_autoptr (TesseraSecret) key = tessera_key_file_subkey (derivation, CONTEXT_BOX, 0);
  TesseraSecret *data = NULL;

  if (crypto_box_seal_open (inner, slot->box, sizeof slot->box, public_key, tessera_secret_get_data (secret)) == 0)
    data = unseal (self, slot, key, inner, KEY_BYTES);
  sodium_memzero (inner, sizeof inner);
  return data;
}

gboolean
tessera_key_slot_open (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *slot_key,
                       TesseraKeys *keys, GError **error)
{
  g_autoptr (TesseraSecret) both = unseal (self, slot, slot_key, slot->sealed, 2 * KEY_BYTES);
  g_autoptr (TesseraSecret) derivation = NULL;
  g_autoptr (TesseraSecret) data = NULL;

  if (both == NULL)
    return FALSE;
  derivation = tessera_secret_new_from_bytes (tessera_secret_get_data (both) + KEY_BYTES, KEY_BYTES);
  if (slot->has_box)
    data = open_box (self, slot, slot_key, derivation);
  else
    data = tessera_secret_new_from_bytes (tessera_secret_get_data (both), KEY_BYTES);
  if (data == NULL) {
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
      _("The key file “%s” was changed by somebody without the key; put a copy from a backup in its place."),
      TESSERA_KEY_FILE_NAME);
    return FALSE;
  }
  keys->data = g_steal_pointer (&data);
  keys->derivation = g_steal_pointer (&derivation);
  return TRUE;
}
