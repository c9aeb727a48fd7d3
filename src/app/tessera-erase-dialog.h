/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erase-dialog.h: erasing a client for ever, asked once, with everything said before.
 *
 * It cannot be undone, so it is one of the few places where the program asks: the client's code has to be typed.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_ERASE_DIALOG (tessera_erase_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraEraseDialog, tessera_erase_dialog, TESSERA, ERASE_DIALOG, AdwWindow)

/** tessera_erase_dialog_new: once the client is gone, the window below @parent goes back by its action `win.back`. */
TesseraEraseDialog *tessera_erase_dialog_new (TesseraSession *session, GtkWindow *parent, TesseraRecord *client);

G_END_DECLS
