/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sodium.h: libsodium made ready, once, before its first use.
 *
 * Nothing but the start-up of the library.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** tessera_sodium_ensure: initializes libsodium; from any thread, as often as one likes. Aborts if the system
 * has no source of randomness, because nothing may be sealed then. */
void tessera_sodium_ensure (void);

G_END_DECLS
