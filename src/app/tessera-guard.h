/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-guard.h: locks the vault when nobody is there, before the computer sleeps, and with the desktop's own lock.
 *
 * It watches the keys and the mouse in every window of the program. It does not know what the windows show.
 */
#pragma once

#include <gtk/gtk.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_GUARD (tessera_guard_get_type ())
G_DECLARE_FINAL_TYPE (TesseraGuard, tessera_guard, TESSERA, GUARD, GObject)

/*
 * Signals:
 * TesseraGuard::warned (self, guint seconds): the vault is locked in that many seconds unless somebody touches a key;
 *   0: somebody did, or it is locked now.
 */

/** tessera_guard_new: @limit: seconds without a key or the mouse. */
TesseraGuard *tessera_guard_new (TesseraSession *session, guint limit);

/** tessera_guard_set_limit: seconds, from now on. */
void tessera_guard_set_limit (TesseraGuard *self, guint limit);

G_END_DECLS
