/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-shop.h: what `tessera --demo` fills its throw-away vault with.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/** tessera_demo_shop_fill: two hundred invented people, and the sample directory in its two languages.
 * Blocks; call it in a thread, with the first worker saved. */
gboolean tessera_demo_shop_fill (TesseraStore *store, GError **error);

G_END_DECLS
