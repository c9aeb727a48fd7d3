/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-manifest.c: any bytes as a manifest, a certificate, a signature; what is accepted must be written again.
 */
#include "config.h"

#include "exchange-fuzz.h"
#include "tessera-certificate.h"
#include "tessera-manifest.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (TesseraManifest) manifest = tessera_manifest_parse (text, size, NULL);

  tessera_certificate_free (tessera_certificate_parse (text, size, NULL));
  tessera_minisign_signature_free (tessera_minisign_signature_parse (text, size, NULL));
  if (manifest != NULL && manifest->critical->len == 0) {
    g_autofree char *again = tessera_manifest_to_text (manifest, NULL);

    g_assert_nonnull (again);
  }

  return 0;
}
