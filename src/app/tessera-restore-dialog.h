/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-restore-dialog.h: a vault made from a backup, before there is one or in the place of one that is damaged.
 *
 * Always into a folder that is new or empty; nothing that is there is touched.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_RESTORE_DIALOG (tessera_restore_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraRestoreDialog, tessera_restore_dialog, TESSERA, RESTORE_DIALOG, AdwWindow)

/** tessera_restore_dialog_ask: asks for the file, then for the rest. In the end the session goes on, locked, with the vault
 * that was made. */
void tessera_restore_dialog_ask (TesseraSession *session, GtkWindow *parent);

G_END_DECLS
