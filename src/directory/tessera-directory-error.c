/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-error.c: the error domain of the service directory, and nothing else.
 */
#include "config.h"
#include "tessera-directory-error.h"

G_DEFINE_QUARK (tessera-directory-error-quark, tessera_directory_error)
