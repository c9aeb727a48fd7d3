/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-block-ring.c: one mutex, one condition; blocks are so large that neither is felt.
 */
#include "config.h"

#include <sodium.h>

#include "tessera-block-ring.h"

#define N_BLOCKS 4

struct _TesseraBlockRing {
  GMutex mutex;
  GCond changed;
  TesseraBlock blocks[N_BLOCKS];
  guint first;  /* to be emptied next */
  guint n_full;
  gboolean ended;
  gboolean stopped;
};

TesseraBlockRing *
tessera_block_ring_new (void)
{
  TesseraBlockRing *self = g_new0 (TesseraBlockRing, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  for (guint i = 0; i < N_BLOCKS; i++)
    self->blocks[i].data = g_malloc (TESSERA_BLOCK_SIZE);

  return self;
}

TesseraBlock *
tessera_block_ring_get_empty (TesseraBlockRing *self)
{
  TesseraBlock *block = NULL;

  g_mutex_lock (&self->mutex);
  while (self->n_full == N_BLOCKS && !self->stopped)
    g_cond_wait (&self->changed, &self->mutex);
  if (!self->stopped)
    block = &self->blocks[(self->first + self->n_full) % N_BLOCKS];
  g_mutex_unlock (&self->mutex);

  return block;
}

void
tessera_block_ring_give_full (TesseraBlockRing *self)
{
  g_mutex_lock (&self->mutex);
  self->n_full++;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

TesseraBlock *
tessera_block_ring_get_full (TesseraBlockRing *self)
{
  TesseraBlock *block = NULL;

  g_mutex_lock (&self->mutex);
  while (self->n_full == 0 && !self->ended)
    g_cond_wait (&self->changed, &self->mutex);
  if (self->n_full > 0)
    block = &self->blocks[self->first];
  g_mutex_unlock (&self->mutex);

  return block;
}

void
tessera_block_ring_give_empty (TesseraBlockRing *self)
{
  g_mutex_lock (&self->mutex);
  self->blocks[self->first].size = 0;
  self->first = (self->first + 1) % N_BLOCKS;
  self->n_full--;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
set_flag (TesseraBlockRing *self, gboolean *flag)
{
  g_mutex_lock (&self->mutex);
  *flag = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

void
tessera_block_ring_end (TesseraBlockRing *self)
{
  set_flag (self, &self->ended);
}

void
tessera_block_ring_stop (TesseraBlockRing *self)
{
  set_flag (self, &self->stopped);
}

void
tessera_block_ring_free (TesseraBlockRing *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < N_BLOCKS; i++) {
    sodium_memzero (self->blocks[i].data, TESSERA_BLOCK_SIZE);
    g_free (self->blocks[i].data);
  }
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}
