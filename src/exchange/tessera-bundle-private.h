/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-private.h: what making and reading a bundle have in common. Only for tessera-bundle*.c.
 */
#pragma once

#include "tessera-bundle.h"

G_BEGIN_DECLS

#define TESSERA_BUNDLE_MANIFEST "manifest.json"
#define TESSERA_BUNDLE_MANIFEST_SIGNATURE "manifest.json.minisig"
#define TESSERA_BUNDLE_CERTIFICATE "cert.json"
#define TESSERA_BUNDLE_CERTIFICATE_SIGNATURE "cert.json.minisig"
#define TESSERA_BUNDLE_DATA "data.ndjson.zst"
#define TESSERA_BUNDLE_BLOB_PREFIX "blob/"
#define TESSERA_BUNDLE_BLOB_HASH_SIZE 32
#define TESSERA_BUNDLE_SUMS "SUMS"

/** Magic numbers of RFC 8878, little-endian in the file. */
#define TESSERA_ZSTD_MAGIC 0xfd2fb528u
#define TESSERA_ZSTD_SKIPPABLE_MAGIC 0x184d2a50u

#define TESSERA_BUNDLE_HASH_SIZE 64

/** Text of the SUMS member for these parts, as b2sum prints it. Returns: (transfer full) */
char *tessera_bundle_make_sums (GBytes *manifest, const GPtrArray *parts);

/** Hexadecimal hash of @size bytes: BLAKE2b of @hash_size bytes. Returns: (transfer full) */
char *tessera_bundle_hash (gconstpointer data, gsize size, gsize hash_size);

/** Carrier name of a file with this BLAKE2b-256. Returns: (transfer full) */
char *tessera_bundle_name_of_hash (const guint8 *hash);

/** First words of the trusted comment: format and flow, each followed by a space. Returns: (transfer full) */
char *tessera_bundle_comment_start (TesseraFlow flow);

/* ---- decompression ---- */

typedef struct _TesseraBundleDecoder TesseraBundleDecoder;

/** @raw: bytes that must come out, no more and no less. Returns: (transfer full) */
TesseraBundleDecoder *tessera_bundle_decoder_new (gint64 raw, TesseraBundleLineFunc line_func, gpointer user_data);
gboolean tessera_bundle_decoder_feed (TesseraBundleDecoder *self, const guint8 *data, gsize size, GError **error);
/** To be called when the member ended. */
gboolean tessera_bundle_decoder_finish (TesseraBundleDecoder *self, GError **error);
void tessera_bundle_decoder_free (TesseraBundleDecoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBundleDecoder, tessera_bundle_decoder_free)

G_END_DECLS
