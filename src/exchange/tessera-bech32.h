/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bech32.h: 32-byte keys as text, the way age writes them.
 *
 * Bech32 (BIP 173, checksum constant 1) without its 90-character limit, as the age specification asks. Only for
 * 32-byte keys; knows nothing of what a key is for.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_BECH32_KEY_SIZE 32
/** Five-bit groups of 32 bytes, and of the checksum. */
#define TESSERA_BECH32_DATA_LENGTH 52
#define TESSERA_BECH32_CHECKSUM_LENGTH 6

/**
 * tessera_bech32_encode:
 * @prefix: human-readable part; if it is upper case the whole text is
 * @key: 32 bytes
 * @text: (out): strlen (@prefix) + 1 + 58 characters and a zero byte are written here
 */
void tessera_bech32_encode (const char *prefix, const guint8 *key, char *text);

/**
 * tessera_bech32_decode:
 * @text: exactly as tessera_bech32_encode() writes it; other case, other lengths and non-zero padding are refused
 * @key: (out): 32 bytes, wiped on failure
 */
gboolean tessera_bech32_decode (const char *prefix, const char *text, guint8 *key);

G_END_DECLS
