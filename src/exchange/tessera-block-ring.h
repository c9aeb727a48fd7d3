/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-block-ring.h: a few blocks of bytes that go round between a thread that fills them and one that empties them.
 *
 * Whoever is ahead waits. It knows nothing of what the bytes are for.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TESSERA_BLOCK_SIZE (1 << 17)

/** @size: bytes in it; an empty block is given to whoever fills it. */
typedef struct {
  guint8 *data;
  gsize size;
} TesseraBlock;

typedef struct _TesseraBlockRing TesseraBlockRing;

TesseraBlockRing *tessera_block_ring_new (void);

/** tessera_block_ring_get_empty: (transfer none) (nullable): the block to fill; %NULL when nobody empties any more. The
 * same one until it is given away. */
TesseraBlock *tessera_block_ring_get_empty (TesseraBlockRing *self);
void tessera_block_ring_give_full (TesseraBlockRing *self);

/** tessera_block_ring_get_full: (transfer none) (nullable): the next block; %NULL when nobody fills any more. */
TesseraBlock *tessera_block_ring_get_full (TesseraBlockRing *self);
void tessera_block_ring_give_empty (TesseraBlockRing *self);

/** tessera_block_ring_end: no more will be filled: what is full is still handed out. */
void tessera_block_ring_end (TesseraBlockRing *self);

/** tessera_block_ring_stop: no more will be emptied. */
void tessera_block_ring_stop (TesseraBlockRing *self);

/** tessera_block_ring_free: wipes the blocks. */
void tessera_block_ring_free (TesseraBlockRing *self);

G_END_DECLS
