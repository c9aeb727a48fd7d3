/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-safety-window.h: passphrase, locking, backups; for supervisors also who can unlock, and the key.
 *
 * Shows and asks; what is done is in tessera-safety-work.h and in the store.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SAFETY_WINDOW (tessera_safety_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSafetyWindow, tessera_safety_window, TESSERA, SAFETY_WINDOW, AdwPreferencesWindow)

GtkWidget *tessera_safety_window_new (TesseraSession *session, const char *argument);

G_END_DECLS
