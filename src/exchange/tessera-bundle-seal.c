/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-seal.c: a bundle in memory, of contents in memory.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-bundle-writer.h"

static gboolean
add_lines (TesseraBundleWriter *writer, GBytes *data, GError **error)
{
  gsize rest;
  const char *line = g_bytes_get_data (data, &rest);

  while (rest > 0) {
    const char *end = memchr (line, '\n', rest);

    if (end == NULL) {
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                           _("A record cannot be sent because it is not proper JSON or too long; shorten it."));
      return FALSE;
    }
    if (!tessera_bundle_writer_add_line (writer, line, end - line, error))
      return FALSE;
    rest -= end - line + 1;
    line = end + 1;
  }

  return TRUE;
}

static gboolean
add_blobs (TesseraBundleWriter *writer, GPtrArray *blobs, GError **error)
{
  for (guint i = 0; blobs != NULL && i < blobs->len; i++) {
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (blobs->pdata[i]);

    if (!tessera_bundle_writer_add_blob (writer, stream, NULL, error))
      return FALSE;
  }

  return TRUE;
}

GBytes *
tessera_bundle_seal (TesseraManifest             *manifest,
                     const TesseraBundleContents *contents,
                     const TesseraSecret         *key,
                     const guint8                *public_keys,
                     gsize                        n_public_keys,
                     char                       **ret_name,
                     char                       **ret_manifest_hash,
                     GError                     **error)
{
  const TesseraBundleSeal seal = {
    .certificate = contents->certificate,
    .certificate_signature = contents->certificate_signature,
    .comment = contents->comment,
    .key = key,
    .public_keys = public_keys,
    .n_public_keys = n_public_keys,
  };
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (NULL, error);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

  if (writer == NULL || !add_lines (writer, contents->data, error) || !add_blobs (writer, contents->blobs, error)
      || !tessera_bundle_writer_finish (writer, manifest, &seal, output, ret_name, ret_manifest_hash, error)
      || !g_output_stream_close (output, NULL, error))
    return NULL;

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}
