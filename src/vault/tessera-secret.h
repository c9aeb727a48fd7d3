/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-secret.h: bytes that must not leak.
 *
 * A length-counted buffer in sodium_malloc memory (guard pages, locked where the system allows, left out of
 * core dumps), wiped when freed. It is neither a string nor copyable by accident.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TesseraSecret TesseraSecret;

/** tessera_secret_new: @size zero bytes, with one more zero byte behind them so that text may be read as a C
 * string. */
TesseraSecret *tessera_secret_new (gsize size);

/** tessera_secret_new_from_bytes: copies @size bytes; the caller still owns and should wipe the source. */
TesseraSecret *tessera_secret_new_from_bytes (gconstpointer bytes, gsize size);

/** tessera_secret_new_random: @size random bytes. */
TesseraSecret *tessera_secret_new_random (gsize size);

/**
 * tessera_secret_read_line:
 * @descriptor: an open file descriptor; read byte by byte to the first newline or the end, at most 4096 bytes
 *
 * Reads a passphrase. Returns: (transfer full) (nullable): without the newline
 */
TesseraSecret *tessera_secret_read_line (int descriptor, GError **error);

TesseraSecret *tessera_secret_copy (const TesseraSecret *self);
void tessera_secret_free (TesseraSecret *self);

/** tessera_secret_get_data: valid as long as the secret; followed by a zero byte. */
const guint8 *tessera_secret_get_data (const TesseraSecret *self);
guint8 *tessera_secret_get_writable (TesseraSecret *self);
gsize tessera_secret_get_size (const TesseraSecret *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSecret, tessera_secret_free)

G_END_DECLS
