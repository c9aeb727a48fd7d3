/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-age.c: any bytes as an age file. Mostly the header, which is read before anything is authenticated.
 */
#include "config.h"

#include "exchange-fixture.h"
#include "exchange-fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static TesseraSecret *reader;
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_data (data, size, NULL);
  g_autoptr (TesseraAgeInputStream) input = NULL;
  guint8 block[4096];

  if (reader == NULL)
    reader = fixture_age_key ("reader");
  input = tessera_age_input_stream_new (source, (const TesseraSecret *const[]) { reader }, 1, NULL);
  while (input != NULL && g_input_stream_read (G_INPUT_STREAM (input), block, sizeof block, NULL, NULL) > 0)
    ;

  return 0;
}
