/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-step-dialog.h: sets the step with a reason
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_STEP_DIALOG (tessera_step_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStepDialog, tessera_step_dialog, TESSERA, STEP_DIALOG, AdwWindow)

GtkWidget *tessera_step_dialog_new (TesseraSession *session, const char *argument);

G_END_DECLS
