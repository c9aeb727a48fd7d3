/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-writer.h: making a bundle of any size in constant memory.
 *
 * Lines and attachments are given one after the other; what is compressed waits in a spool (in memory while it is
 * small, then in an unnamed file sealed with a key that exists only here), because the manifest with its size and hash
 * comes first. Then the whole is sealed to a stream. Nothing readable is written anywhere.
 */
#pragma once

#include "tessera-bundle.h"

G_BEGIN_DECLS

typedef struct _TesseraBundleWriter TesseraBundleWriter;

/** tessera_bundle_writer_new: @folder is where the spool may be (the vault's outbox); %NULL keeps everything in memory.
 * After an error of any function below, the writer can only be freed. Returns: (transfer full) (nullable) */
TesseraBundleWriter *tessera_bundle_writer_new (const char *folder, GError **error);

/** tessera_bundle_writer_add_line: one JSON object without a line end; refused unless every reader accepts it. */
gboolean tessera_bundle_writer_add_line (TesseraBundleWriter *self, const char *line, gsize length, GError **error);

/** tessera_bundle_writer_get_raw: bytes of lines so far, their line feeds included. */
gint64 tessera_bundle_writer_get_raw (TesseraBundleWriter *self);

/**
 * tessera_bundle_writer_add_blob:
 * @stream: read to its end
 * @ret_hash: (out) (optional): 64 hexadecimal digits, its name in the bundle
 *
 * Equal blobs are one. At most %TESSERA_BUNDLE_MAX_BLOBS.
 */
gboolean tessera_bundle_writer_add_blob (TesseraBundleWriter *self, GInputStream *stream, char **ret_hash,
                                         GError **error);

/** TesseraBundleSeal: who signs and who can read: as for tessera_bundle_seal(). */
typedef struct {
  const char *certificate;
  const char *certificate_signature;
  const char *comment;
  const TesseraSecret *key;
  const guint8 *public_keys;
  gsize n_public_keys;
} TesseraBundleSeal;

/**
 * tessera_bundle_writer_finish:
 * @output: receives the file; neither flushed nor closed
 *
 * Describes, pads, signs, seals. The names are as for tessera_bundle_seal(). Only once; the writer can then only be
 * freed.
 */
gboolean tessera_bundle_writer_finish (TesseraBundleWriter *self, TesseraManifest *manifest,
                                       const TesseraBundleSeal *seal, GOutputStream *output, char **ret_name,
                                       char **ret_manifest_hash, GError **error);

void tessera_bundle_writer_free (TesseraBundleWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBundleWriter, tessera_bundle_writer_free)

G_END_DECLS
