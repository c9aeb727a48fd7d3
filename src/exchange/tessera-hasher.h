/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hasher.h: the BLAKE2b of bytes that pass by once.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _TesseraHasher TesseraHasher;

/** tessera_hasher_new: @hash_size: bytes of the hash, 16 to 64. Returns: (transfer full) */
TesseraHasher *tessera_hasher_new (gsize hash_size);

void tessera_hasher_update (TesseraHasher *self, gconstpointer data, gsize size);

/** tessera_hasher_final: @hash (out) receives the bytes; nothing may follow. */
void tessera_hasher_final (TesseraHasher *self, guint8 *hash);

/** tessera_hasher_final_text: the same in hexadecimal. Returns: (transfer full) */
char *tessera_hasher_final_text (TesseraHasher *self);

void tessera_hasher_free (TesseraHasher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraHasher, tessera_hasher_free)

G_END_DECLS
