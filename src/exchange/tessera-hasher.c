/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hasher.c: libsodium's state, and for many bytes a thread that fills it.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-block-ring.h"
#include "tessera-hasher.h"

/* What libsodium asks for its state. */
#define ALIGNMENT 64
/* So few bytes are hashed sooner than a thread starts. */
#define FEW (1 << 19)

struct _TesseraHasher {
  crypto_generichash_state *state;
  gsize hash_size;
  gsize n_few; /* bytes hashed at once */
  TesseraBlockRing *ring;
  GThread *thread;
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

static gpointer
hash_blocks (gpointer data)
{
  TesseraHasher *self = data;
  const TesseraBlock *block;

  while ((block = tessera_block_ring_get_full (self->ring)) != NULL) {
    crypto_generichash_update (self->state, block->data, block->size);
    tessera_block_ring_give_empty (self->ring);
  }

  return NULL;
}

/* Tried once. */
static gboolean
start (TesseraHasher *self)
{
  if (self->ring == NULL) {
    self->ring = tessera_block_ring_new ();
    self->thread = g_thread_try_new ("hasher", hash_blocks, self, NULL);
  }

  return self->thread != NULL;
}

static void
hand_over (TesseraHasher *self, const guint8 *bytes, gsize size)
{
  while (size > 0) {
    TesseraBlock *block = tessera_block_ring_get_empty (self->ring);
    gsize part = MIN (size, TESSERA_BLOCK_SIZE - block->size);

    memcpy (block->data + block->size, bytes, part);
    block->size += part;
    bytes += part;
    size -= part;
    if (block->size == TESSERA_BLOCK_SIZE)
      tessera_block_ring_give_full (self->ring);
  }
}

void
tessera_hasher_update (TesseraHasher *self, gconstpointer data, gsize size)
{
  gboolean few = self->ring == NULL && size <= FEW - self->n_few;

  /* Without a thread, slower, and as right. */
  if (!few && start (self)) {
    hand_over (self, data, size);
    return;
  }
  crypto_generichash_update (self->state, data, size);
  self->n_few += few ? size : 0;
}

static void
stop (TesseraHasher *self)
{
  if (self->thread == NULL)
    return;
  tessera_block_ring_end (self->ring);
  g_thread_join (g_steal_pointer (&self->thread));
}

void
tessera_hasher_final (TesseraHasher *self, guint8 *hash)
{
  if (self->thread != NULL) {
    if (tessera_block_ring_get_empty (self->ring)->size > 0)
      tessera_block_ring_give_full (self->ring);
    stop (self);
  }
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
  stop (self);
  tessera_block_ring_free (self->ring);
  g_aligned_free (self->state);
  g_free (self);
}
