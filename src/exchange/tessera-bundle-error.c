/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-error.c: the error domain of bundles. No logic.
 */
#include "config.h"

#include "tessera-bundle-error.h"

G_DEFINE_QUARK (tessera-bundle-error-quark, tessera_bundle_error)
