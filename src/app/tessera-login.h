/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-login.h: what the computer says about sleeping and about its locked screen.
 *
 * Listens to logind, to the desktop's screen saver, and in a sandbox to the portal, all without waiting for any of them;
 * where one is missing nothing happens. It does not lock anything itself.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_LOGIN (tessera_login_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLogin, tessera_login, TESSERA, LOGIN, GObject)

/*
 * Signals:
 * TesseraLogin::lock (self): the computer is about to sleep, or its screen was locked.
 */

TesseraLogin *tessera_login_new (void);

/** tessera_login_hold: asks the computer to wait a moment (five seconds as a rule) before it sleeps, until
 * tessera_login_release(). */
void tessera_login_hold (TesseraLogin *self);
void tessera_login_release (TesseraLogin *self);

G_END_DECLS
