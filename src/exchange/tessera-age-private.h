/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age-private.h: what reading and writing an age file have in common. Only for tessera-age*.c.
 */
#pragma once

#include <sodium.h>

#include "tessera-age.h"

G_BEGIN_DECLS

#define TESSERA_AGE_FILE_KEY_SIZE 16
#define TESSERA_AGE_NONCE_SIZE 16
#define TESSERA_AGE_WRAPPED_SIZE (TESSERA_AGE_FILE_KEY_SIZE + TESSERA_AGE_TAG_SIZE)
#define TESSERA_AGE_MAC_SIZE 32
#define TESSERA_AGE_COLUMNS 64
#define TESSERA_AGE_X25519 "X25519"
#define TESSERA_AGE_X25519_INFO "age-encryption.org/v1/X25519"
/** Unpadded base64 of 32 bytes. */
#define TESSERA_AGE_BASE64_32 43

/** Everything secret in one place, kept in guarded memory. */
typedef struct {
  guint8 file_key[TESSERA_AGE_FILE_KEY_SIZE];
  guint8 derived_key[32];
  guint8 scratch[96];
} TesseraAgeKeys;

/** HKDF-SHA-256 (RFC 5869) for one block: @key (out) receives 32 bytes. */
void tessera_age_derive (const guint8 *secret, gsize secret_size, const guint8 *salt, gsize salt_size,
                         const char *info, guint8 *key);

/** Key that wraps the file key for one recipient, from the shared secret and both public keys. */
void tessera_age_derive_wrap_key (const guint8 *shared, const guint8 *share, const guint8 *recipient, guint8 *key);

/** MAC over the header, first byte to the three dashes: @mac (out) receives %TESSERA_AGE_MAC_SIZE bytes. */
void tessera_age_header_mac (const guint8 *file_key, gconstpointer header, gsize size, guint8 *mac);

/** Nonce of chunk number @counter: 11 bytes big-endian, then whether it is the last. */
void tessera_age_chunk_nonce (guint64 counter, gboolean last, guint8 *nonce);

G_END_DECLS
