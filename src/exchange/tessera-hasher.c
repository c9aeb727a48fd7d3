/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hasher.c: libsodium's state where its alignment is right.
 */
#include "config.h"

#include <sodium.h>

#include "tessera-hasher.h"

#define ALIGNMENT 64

struct _TesseraHasher {
  crypto_generichash_state *state;
  gsize hash_size;
};

TesseraHasher *
tessera_hasher_new (gsize hash_size)
{
  TesseraHasher *self = g_new0 (TesseraHasher, 1);

  self->state = g_aligned_alloc (1, sizeof *self->state, ALIGNMENT);
  self->hash_size = hash_size;
  crypto_generichash_init (self->state, NULL, 0, hash_size);

  return self;
}

void
tessera_hasher_update (TesseraHasher *self, gconstpointer data, gsize size)
{
  crypto_generichash_update (self->state, data, size);
}

void
tessera_hasher_final (TesseraHasher *self, guint8 *hash)
{
  crypto_generichash_final (self->state, hash, self->hash_size);
}

char *
tessera_hasher_final_text (TesseraHasher *self)
{
  guint8 hash[crypto_generichash_BYTES_MAX];
  char *text = g_malloc (2 * self->hash_size + 1);

  tessera_hasher_final (self, hash);

  return sodium_bin2hex (text, 2 * self->hash_size + 1, hash, self->hash_size);
}

void
tessera_hasher_free (TesseraHasher *self)
{
  if (self == NULL)
    return;
  g_aligned_free (self->state);
  g_free (self);
}
