/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-hsds.c: libFuzzer entry of the directory reader: whatever the bytes, it returns rows or an error.
 */
#include "tessera-hsds-reader.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraHsds) hsds = NULL;

  hsds = tessera_hsds_read_text (registry, "fuzz", (const char *) data, size, &error);
  g_assert ((hsds == NULL) == (error != NULL));
  return 0;
}
