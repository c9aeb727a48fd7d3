/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-admit-dialog.h: a supervisor admits a laptop: whose request it is, what it may do, and then its invitation.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_ADMIT_DIALOG (tessera_admit_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAdmitDialog, tessera_admit_dialog, TESSERA, ADMIT_DIALOG, AdwWindow)

/** tessera_admit_dialog_new: (nullable): @request: the file; @circles: (element-type utf8): of the organization, its own
 * first. %NULL with an error when the file is no request. */
GtkWidget *tessera_admit_dialog_new (TesseraSession *session, GtkWindow *parent, GBytes *request, GPtrArray *circles,
                                     GError **error);

G_END_DECLS
