/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hash-stream.h: a stream that knows the hash of what went through it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_HASH_STREAM (tessera_hash_stream_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHashStream, tessera_hash_stream, TESSERA, HASH_STREAM, GFilterOutputStream)

/** tessera_hash_stream_new: @base is kept open. Returns: (transfer full) */
TesseraHashStream *tessera_hash_stream_new (GOutputStream *base, gsize hash_size);

/** tessera_hash_stream_final: the BLAKE2b of all that @base took; nothing may follow. */
void tessera_hash_stream_final (TesseraHashStream *self, guint8 *hash);

G_END_DECLS
