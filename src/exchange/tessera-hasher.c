/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hasher.c: a ring of blocks between the thread that has the bytes and the one that hashes them.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-hasher.h"

/* What libsodium asks for its state. */
#define ALIGNMENT 64
/* So few bytes are hashed sooner than a thread starts. */
#define FEW (1 << 19)
#define BLOCK_SIZE (1 << 17)
#define N_BLOCKS 4

typedef struct {
  guint8 *data;
  gsize size;
} Block;

struct _TesseraHasher {
  crypto_generichash_state *state;
  gsize hash_size;
  gsize n_few; /* bytes hashed at once */

  GThread *thread;
  GMutex mutex;
  GCond changed;
  Block blocks[N_BLOCKS];
  guint first;   /* to be hashed next */
  guint n_ready; /* blocks given away and not hashed yet */
  gboolean ended;
};

TesseraHasher *
tessera_hasher_new (gsize hash_size)
{
  TesseraHasher *self = g_new0 (TesseraHasher, 1);

  self->state = g_aligned_alloc (1, sizeof *self->state, ALIGNMENT);
  self->hash_size = hash_size;
  crypto_generichash_init (self->state, NULL, 0, hash_size);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);

  return self;
}

/* ---- the other thread ---- */

/* The next block to hash; stays the reader's until it is given back. */
static Block *
wait_for_block (TesseraHasher *self)
{
  Block *block = NULL;

  g_mutex_lock (&self->mutex);
  while (self->n_ready == 0 && !self->ended)
    g_cond_wait (&self->changed, &self->mutex);
  if (self->n_ready > 0)
    block = &self->blocks[self->first];
  g_mutex_unlock (&self->mutex);

  return block;
}

static void
give_back (TesseraHasher *self)
{
  g_mutex_lock (&self->mutex);
  self->blocks[self->first].size = 0;
  self->first = (self->first + 1) % N_BLOCKS;
  self->n_ready--;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static gpointer
hash_blocks (gpointer data)
{
  TesseraHasher *self = data;
  const Block *block;

  while ((block = wait_for_block (self)) != NULL) {
    crypto_generichash_update (self->state, block->data, block->size);
    give_back (self);
  }

  return NULL;
}

/* ---- this thread ---- */

static gboolean
start (TesseraHasher *self)
{
  for (guint i = 0; i < N_BLOCKS; i++) {
    self->blocks[i].data = g_malloc (BLOCK_SIZE);
    self->blocks[i].size = 0;
  }
  self->thread = g_thread_try_new ("hasher", hash_blocks, self, NULL);

  return self->thread != NULL;
}

/* The block that is being filled: behind those that are ready. */
static Block *
get_open_block (TesseraHasher *self)
{
  guint place;

  g_mutex_lock (&self->mutex);
  while (self->n_ready == N_BLOCKS)
    g_cond_wait (&self->changed, &self->mutex);
  place = (self->first + self->n_ready) % N_BLOCKS;
  g_mutex_unlock (&self->mutex);

  return &self->blocks[place];
}

static void
give_away (TesseraHasher *self)
{
  g_mutex_lock (&self->mutex);
  self->n_ready++;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
hand_over (TesseraHasher *self, const guint8 *bytes, gsize size)
{
  while (size > 0) {
    Block *block = get_open_block (self);
    gsize part = MIN (size, BLOCK_SIZE - block->size);

    memcpy (block->data + block->size, bytes, part);
    block->size += part;
    bytes += part;
    size -= part;
    if (block->size == BLOCK_SIZE)
      give_away (self);
  }
}

void
tessera_hasher_update (TesseraHasher *self, gconstpointer data, gsize size)
{
  if (self->thread == NULL && size <= FEW - self->n_few) {
    crypto_generichash_update (self->state, data, size);
    self->n_few += size;
  } else if (self->thread != NULL || (self->blocks[0].data == NULL && start (self))) {
    hand_over (self, data, size);
  } else {
    /* No thread is to be had: slower, and as right. */
    crypto_generichash_update (self->state, data, size);
  }
}

static void
stop (TesseraHasher *self)
{
  if (self->thread == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (g_steal_pointer (&self->thread));
}

void
tessera_hasher_final (TesseraHasher *self, guint8 *hash)
{
  if (self->thread != NULL) {
    if (get_open_block (self)->size > 0)
      give_away (self);
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
  for (guint i = 0; i < N_BLOCKS && self->blocks[i].data != NULL; i++) {
    sodium_memzero (self->blocks[i].data, BLOCK_SIZE);
    g_free (self->blocks[i].data);
  }
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_aligned_free (self->state);
  g_free (self);
}
