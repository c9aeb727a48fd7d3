/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-page.c: any change to the store file, sealed or not.
 */
#include "config.h"

#include "store-fuzz.h"
#include "vault-fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  store_fuzz (TAMPER_LATER, data, size);
  return 0;
}
