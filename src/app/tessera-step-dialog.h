/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-step-dialog.h: on which of the three steps a client is, and why.
 *
 * It shows what the last assessment suggests and lets people decide; a step back is as easy as one forward.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_STEP_DIALOG (tessera_step_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStepDialog, tessera_step_dialog, TESSERA, STEP_DIALOG, AdwWindow)

/** tessera_step_dialog_new: @client: id. */
GtkWidget *tessera_step_dialog_new (TesseraSession *session, const char *client);

G_END_DECLS
