/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-casework-error.c: the error domain of the rules.
 */
#include "config.h"

#include "tessera-casework-error.h"

G_DEFINE_QUARK (tessera-casework-error-quark, tessera_casework_error)
