/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-writer.c: any bytes as lines and attachments: what the writer takes, every reader accepts and gets back.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "exchange-fuzz.h"
#include "tessera-bundle-writer.h"
#include "tessera-strict-json.h"

static GBytes *
finish (TesseraBundleWriter *writer)
{
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  const TesseraBundleSeal seal = { .key = key, .public_keys = public_key, .n_public_keys = 1 };

  tessera_age_key_get_public (reader, public_key);
  g_assert_true (tessera_bundle_writer_finish (writer, manifest, &seal, output, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (output, NULL, NULL));

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

/* Each line that is no JSON is an attachment. What passes the strict check is JSON for json-glib too. */
static void
add_piece (TesseraBundleWriter *writer, const char *piece, gsize size)
{
  if (tessera_bundle_writer_add_line (writer, piece, size, NULL)) {
    g_autoptr (JsonNode) node = tessera_strict_json_parse (piece, size);

    g_assert_nonnull (node);
  } else {
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (piece, size, NULL);

    tessera_bundle_writer_add_blob (writer, stream, NULL, NULL);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (NULL, NULL);
  const char *piece = (const char *) data;
  g_autoptr (GBytes) file = NULL;

  for (guint i = 0; size > 0 && i < 100; i++) {
    const char *end = memchr (piece, '\n', size);
    gsize length = end != NULL ? (gsize) (end - piece) : size;

    add_piece (writer, piece, length);
    length += end != NULL;
    piece += length;
    size -= length;
  }
  file = finish (writer);
  g_assert_cmpint (fixture_read (file), ==, -1);

  return 0;
}
