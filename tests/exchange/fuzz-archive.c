/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-archive.c: any bytes as an archive.
 */
#include "config.h"

#include "exchange-fuzz.h"
#include "tessera-archive.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data (data, size, NULL);
  g_autoptr (TesseraArchiveReader) reader = tessera_archive_reader_new (input);
  const char *name;
  guint64 member_size;

  while (tessera_archive_reader_next (reader, &name, &member_size, NULL) && name != NULL) {
    GBytes *member = tessera_archive_reader_read_member (reader, 65536, NULL);

    g_clear_pointer (&member, g_bytes_unref);
  }

  return 0;
}
