/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-text.c: the texts of a bundle that its writer and its reader must make alike.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-bundle-private.h"

char *
tessera_bundle_hash (gconstpointer data, gsize size, gsize hash_size)
{
  guint8 hash[TESSERA_BUNDLE_HASH_SIZE];
  char *text = g_malloc (2 * hash_size + 1);

  crypto_generichash (hash, hash_size, data, size, NULL, 0);

  return sodium_bin2hex (text, 2 * hash_size + 1, hash, hash_size);
}

char *
tessera_bundle_make_sums (GBytes *manifest, const GPtrArray *parts)
{
  GString *sums = g_string_new (NULL);
  gsize size;
  gconstpointer text = g_bytes_get_data (manifest, &size);
  g_autofree char *hash = tessera_bundle_hash (text, size, TESSERA_BUNDLE_HASH_SIZE);

  g_string_append_printf (sums, "%s  %s\n", hash, TESSERA_BUNDLE_MANIFEST);
  for (guint i = 0; i < parts->len; i++) {
    const TesseraManifestPart *part = parts->pdata[i];

    g_string_append_printf (sums, "%s  %s\n", part->hash, part->name);
  }

  return g_string_free (sums, FALSE);
}

char *
tessera_bundle_comment_start (TesseraFlow flow)
{
  return g_strdup_printf (TESSERA_MANIFEST_FORMAT " %s ", tessera_flow_to_text (flow));
}
