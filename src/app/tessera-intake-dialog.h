/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-intake-dialog.h: a new client: looks for the person first, then registers
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_INTAKE_DIALOG (tessera_intake_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraIntakeDialog, tessera_intake_dialog, TESSERA, INTAKE_DIALOG, AdwWindow)

GtkWidget *tessera_intake_dialog_new (TesseraSession *session, const char *argument);

G_END_DECLS
