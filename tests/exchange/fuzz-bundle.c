/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-bundle.c: any bytes as what the data member decompresses from, and as the inside of a sealed file that was
 * signed by the right sender: the reader must hold even against a partner.
 */
#include "config.h"

#include "exchange-fixture.h"
#include "exchange-fuzz.h"
#include "tessera-bundle-private.h"

static void
fuzz_decoder (const guint8 *data, gsize size)
{
  g_autoptr (TesseraBundleDecoder) decoder = tessera_bundle_decoder_new (1 << 20, NULL, NULL);

  if (tessera_bundle_decoder_feed (decoder, data, size, NULL))
    tessera_bundle_decoder_finish (decoder, NULL);
}

static void
fuzz_signed (const guint8 *data, gsize size)
{
  static GPtrArray *members;
  g_autoptr (GBytes) file = NULL;

  if (members == NULL)
    members = fixture_members (NULL);
  fixture_set (members, "manifest.json", data, size);
  fixture_sign (members, "sender", NULL);
  file = fixture_pack (members);
  fixture_read (file);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) file = NULL;

  if (size < 1)
    return 0;
  switch (data[0] % 3) {
  case 0:
    fuzz_decoder (data + 1, size - 1);
    break;
  case 1:
    fuzz_signed (data + 1, size - 1);
    break;
  default:
    file = fixture_encrypt (data + 1, size - 1, (const char *[]) { "reader", NULL });
    fixture_read (file);
    break;
  }

  return 0;
}
