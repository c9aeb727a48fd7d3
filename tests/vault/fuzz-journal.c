/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-journal.c: any change to a rollback journal to be played back, sealed or not.
 */
#include "config.h"

#include "store-fuzz.h"
#include "vault-fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  store_fuzz (TAMPER_UNDONE, data, size);
  return 0;
}
