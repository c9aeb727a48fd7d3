/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hasher.h: the BLAKE2b of bytes that pass by once, reckoned beside whatever else is done with them.
 *
 * A bundle's bytes are hashed three times, and that takes longer than sealing them. So when there are many, a hasher
 * works in a thread of its own; few are hashed at once. Each hasher belongs to one thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _TesseraHasher TesseraHasher;

/** tessera_hasher_new: @hash_size: bytes of the hash, 16 to 64. Returns: (transfer full) */
TesseraHasher *tessera_hasher_new (gsize hash_size);

/** tessera_hasher_update: @data may change as soon as this returns. */
void tessera_hasher_update (TesseraHasher *self, gconstpointer data, gsize size);

/** tessera_hasher_final: @hash (out) receives the bytes; nothing may follow. */
void tessera_hasher_final (TesseraHasher *self, guint8 *hash);

/** tessera_hasher_final_text: the same in hexadecimal. Returns: (transfer full) */
char *tessera_hasher_final_text (TesseraHasher *self);

void tessera_hasher_free (TesseraHasher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraHasher, tessera_hasher_free)

G_END_DECLS
