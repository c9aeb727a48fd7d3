/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store-fuzz.h: fuzz input as changes to the files of a store, before or after they are sealed.
 *
 * Random bytes never open under a key, so only what is read before that would be tried. Hence most changes are made
 * to what is sealed, which is then sealed again with the right key: as if somebody had it, or Tessera had written
 * nonsense. Then the code behind the authentication sees it, and SQLite.
 */
#pragma once

#include "tamper-bench.h"

/* Makes the changes that @data describes to the store as it was at @moment, opens it, reads, and writes. It must hold. */
void store_fuzz (TamperMoment moment, const guint8 *data, gsize size);
