/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sodium.c: libsodium made ready, once, before its first use.
 */
#include "config.h"

#include "tessera-sodium.h"

#include <sodium.h>

void
tessera_sodium_ensure (void)
{
  /* sodium_init() is its own once guard: thread-safe, and cheap when done. */
  if (sodium_init () < 0)
    g_error ("libsodium cannot be initialized");
}
