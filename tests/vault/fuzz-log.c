/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-log.c: any change to a log of which part is in the database, sealed or not.
 */
#include "config.h"

#include "store-fuzz.h"
#include "vault-fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  store_fuzz (TAMPER_HALF, data, size);
  return 0;
}
