/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-fingerprint.h: a public key short enough to be read aloud.
 *
 * The first 100 bits of the BLAKE2b-256 of an organization's public key, as 20 characters of Crockford's base 32
 * (digits and upper-case letters without I, L, O, U) in five groups of four: `7K3F-92QX-0ABC-DEFG-HJKM`. Two people
 * compare it by telephone; it is not a key and nothing can be checked with it alone.
 */
#pragma once

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

#define TESSERA_FINGERPRINT_ALPHABET "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#define TESSERA_FINGERPRINT_BITS 100
#define TESSERA_FINGERPRINT_CHARACTERS 20
#define TESSERA_FINGERPRINT_GROUP 4
/** Bytes of the public key that it is made of. */
#define TESSERA_FINGERPRINT_KEY_SIZE 32

/** tessera_fingerprint_new: Returns: (transfer full): five groups of four with dashes between */
char *tessera_fingerprint_new (const guint8 *public_key);

/**
 * tessera_fingerprint_parse:
 *
 * What somebody typed, as tessera_fingerprint_new() would write it. Spaces, dashes and case do not matter; O is
 * read as 0, I and L as 1.
 *
 * Returns: (transfer full) (nullable): %NULL with %TESSERA_BUNDLE_ERROR_INVALID
 */
char *tessera_fingerprint_parse (const char *text, GError **error);

/** tessera_fingerprint_matches: whether @text, as typed, is the fingerprint of @public_key. */
gboolean tessera_fingerprint_matches (const guint8 *public_key, const char *text);

G_END_DECLS
