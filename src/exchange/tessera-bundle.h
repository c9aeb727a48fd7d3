/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle.h: one file that carries changes, referrals or services from one desk to another.
 *
 * An age file around a ustar archive around a signed manifest, zstd-compressed NDJSON and attachments, as
 * docs/bundle-format.md specifies. Here it is made, checked in the one safe order, and read. What the lines mean,
 * whom to trust and what to do with them is for others. Nothing readable is written anywhere.
 */
#pragma once

#include "tessera-age.h"
#include "tessera-certificate.h"
#include "tessera-manifest.h"
#include "tessera-minisign.h"

G_BEGIN_DECLS

/** Bytes of a bundle file. */
#define TESSERA_BUNDLE_MAX_FILE (G_GINT64_CONSTANT (256) << 20)
/** Bytes of the data when decompressed. */
#define TESSERA_BUNDLE_MAX_RAW (G_GINT64_CONSTANT (1) << 30)
/** Bytes of one line of data, without its line feed. */
#define TESSERA_BUNDLE_MAX_LINE (64 << 20)
#define TESSERA_BUNDLE_MAX_BLOBS 128
/** Bytes of the SUMS member. */
#define TESSERA_BUNDLE_MAX_SUMS 65536
/** Largest zstd window a reader allots: 8 MiB. */
#define TESSERA_BUNDLE_WINDOW_LOG 23
#define TESSERA_BUNDLE_LEVEL 3
/** Archives are padded to at least this many bytes. */
#define TESSERA_BUNDLE_MIN_ARCHIVE 16384
/** Bytes of a skippable frame that pads nothing. */
#define TESSERA_BUNDLE_MIN_PADDING 8
/** Base-32 characters of a carrier name before `.age`. */
#define TESSERA_BUNDLE_NAME_CHARACTERS 52
#define TESSERA_BUNDLE_SUFFIX ".age"

/* ---- names on carriers ---- */

/** tessera_bundle_name: name of this file on a carrier: base 32 of its BLAKE2b-256 and `.age`. */
char *tessera_bundle_name (GBytes *file);

/** tessera_bundle_name_of_stream: (transfer full) (nullable): the same of what is left in @source. */
char *tessera_bundle_name_of_stream (GInputStream *source, GError **error);

/** tessera_bundle_is_name: whether a carrier's file name has that form; all other files are none of our business. */
gboolean tessera_bundle_is_name (const char *name);

/**
 * tessera_bundle_check_name:
 * @source: read from where it stands to its end
 *
 * Whether the file is complete. %TESSERA_BUNDLE_ERROR_TRUNCATED means: look again later.
 */
gboolean tessera_bundle_check_name (const char *name, GInputStream *source, GError **error);

/** tessera_bundle_padded_size: Padmé size for @size bytes, at least %TESSERA_BUNDLE_MIN_ARCHIVE. */
guint64 tessera_bundle_padded_size (guint64 size);

/* ---- making ---- */

/**
 * TesseraBundleContents:
 * @data: NDJSON: JSON objects, one to a line, each line ended; may be empty
 * @blobs: (nullable) (element-type GBytes): attachments; each is named by its own hash
 * @certificate: (nullable): the sender's device certificate, for flows between organizations
 * @certificate_signature: (nullable): the organization's signature under it
 * @comment: for people who open the bundle by hand; no client's name. `from="Harbour Aid" to="St Anne Clinic"`
 */
typedef struct {
  GBytes *data;
  GPtrArray *blobs;
  const char *certificate;
  const char *certificate_signature;
  const char *comment;
} TesseraBundleContents;

/**
 * tessera_bundle_seal:
 * @manifest: the facts; recipients and parts are filled in here
 * @key: the sending device's signing key
 * @public_keys: recipients, @n_public_keys times 32 bytes
 * @ret_name: (out) (optional): the carrier name
 * @ret_manifest_hash: (out) (optional): what the next manifest of the same thread says in `prev`
 *
 * Returns: (transfer full) (nullable): the file
 */
GBytes *tessera_bundle_seal (TesseraManifest             *manifest,
                             const TesseraBundleContents *contents,
                             const TesseraSecret         *key,
                             const guint8                *public_keys,
                             gsize                        n_public_keys,
                             char                       **ret_name,
                             char                       **ret_manifest_hash,
                             GError                     **error);

/* ---- reading ---- */

/**
 * TesseraBundleSigner:
 * @TESSERA_BUNDLE_SIGNER_DEVICE: a device of the roster, which signed the manifest
 * @TESSERA_BUNDLE_SIGNER_ORGANIZATION: a partner's root key, which signed the certificate of the device
 */
typedef enum {
  TESSERA_BUNDLE_SIGNER_DEVICE,
  TESSERA_BUNDLE_SIGNER_ORGANIZATION,
} TesseraBundleSigner;

/**
 * TesseraBundleTrust:
 * @find_key: looks up the full public key that goes with a key number, in the roster or among the cards; nothing
 *   of the bundle has been believed yet. %FALSE (no error needed) makes the sender unknown
 * @accept: (nullable): after signature, format and recipients are right: whether this sender may send this
 *   (revocation, rights, chain, range). @organization_key is %NULL without certificate. Sets
 *   %TESSERA_BUNDLE_ERROR_REFUSED or an error of its own
 * @user_data: for both
 * @schema: the newest data schema this reader can apply; 0 to skip that check
 * @now: Unix milliseconds, for expiry; 0 to skip that check
 */
typedef struct {
  gboolean (*find_key) (TesseraBundleSigner signer, const guint8 *number, guint8 *public_key, gpointer user_data);
  gboolean (*accept) (const TesseraManifest *manifest, const guint8 *signing_key, const guint8 *organization_key,
                      gpointer user_data, GError **error);
  gpointer user_data;
  gint64 schema;
  gint64 now;
} TesseraBundleTrust;

/**
 * TesseraBundle:
 *
 * A bundle whose sender, format and recipients were found right. Its contents are not known to be whole before
 * tessera_bundle_verify() or tessera_bundle_read().
 */
typedef struct _TesseraBundle TesseraBundle;

/**
 * tessera_bundle_open:
 * @source: the file; seekable, and not changed by others while in use (a private copy)
 * @keys: secret age keys to try, current and previous; kept as copies
 *
 * Reads the first members only and decides. Every refusal has its own code: see #TesseraBundleError.
 *
 * Returns: (transfer full) (nullable)
 */
TesseraBundle *tessera_bundle_open (GInputStream               *source,
                                    const TesseraSecret *const *keys,
                                    gsize                       n_keys,
                                    const TesseraBundleTrust   *trust,
                                    GError                    **error);

const TesseraManifest *tessera_bundle_get_manifest (TesseraBundle *self);
/** tessera_bundle_get_manifest_hash: 64 hexadecimal digits. */
const char *tessera_bundle_get_manifest_hash (TesseraBundle *self);
const char *tessera_bundle_get_comment (TesseraBundle *self);
/** tessera_bundle_get_signing_key: the device's 32 bytes. */
const guint8 *tessera_bundle_get_signing_key (TesseraBundle *self);
/** tessera_bundle_get_organization_key: (nullable): the root key behind the certificate. */
const guint8 *tessera_bundle_get_organization_key (TesseraBundle *self);
/** tessera_bundle_get_certificate: (nullable) */
const TesseraCertificate *tessera_bundle_get_certificate (TesseraBundle *self);

/**
 * tessera_bundle_verify:
 *
 * Pass 1: opens the file again, checks that every member is there, in order, and has the signed size and hash, and
 * that nothing else is. Nothing is decompressed or parsed.
 */
gboolean tessera_bundle_verify (TesseraBundle *self, GError **error);

/** TesseraBundleLineFunc: one JSON object, not ended by a zero byte; @number counts from 1. %FALSE stops. */
typedef gboolean (*TesseraBundleLineFunc) (const char *line, gsize length, guint64 number, gpointer user_data,
                                           GError **error);

/** TesseraBundleBlobFunc: a piece of the attachment @hash (64 hexadecimal digits); @last with its last piece. */
typedef gboolean (*TesseraBundleBlobFunc) (const char *hash, gconstpointer piece, gsize size, gboolean last,
                                           gpointer user_data, GError **error);

/**
 * tessera_bundle_read:
 * @line_func: (nullable)
 * @blob_func: (nullable)
 *
 * Pass 1 unless it was done, then pass 2: opens the file once more, hashes it once more, decompresses within the
 * signed size and hands out line by line. Keep what the functions do in one transaction and commit only when this
 * returns %TRUE.
 */
gboolean tessera_bundle_read (TesseraBundle         *self,
                              TesseraBundleLineFunc  line_func,
                              TesseraBundleBlobFunc  blob_func,
                              gpointer               user_data,
                              GError               **error);

/**
 * tessera_bundle_inspect:
 * @max_lines: lines to show; the others are checked and counted
 *
 * Exactly what a reader sees, as one object: `members` (name and size), `manifest`, `comment`, `signer`,
 * `organization_key`, `stanzas`, `line_count`, `lines`.
 *
 * Returns: (transfer full) (nullable)
 */
JsonNode *tessera_bundle_inspect (TesseraBundle *self, guint64 max_lines, GError **error);

void tessera_bundle_free (TesseraBundle *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBundle, tessera_bundle_free)

G_END_DECLS
