/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-dialog.h: a new carrier: what it is called, where it is, and who we are there.
 *
 * It is reached for before it is kept, so that what does not work is said at once.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CARRIER_DIALOG (tessera_carrier_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraCarrierDialog, tessera_carrier_dialog, TESSERA, CARRIER_DIALOG, AdwWindow)

/** tessera_carrier_dialog_new: @folder: (nullable): the path that was chosen; %NULL for a server. */
GtkWidget *tessera_carrier_dialog_new (TesseraSession *session, GtkWindow *parent, const char *folder);

/** tessera_carrier_dialog_focus: puts the keyboard on the first row. */
void tessera_carrier_dialog_focus (TesseraCarrierDialog *self);

G_END_DECLS
