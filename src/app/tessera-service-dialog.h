/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-dialog.h: picks one service of the directory.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SERVICE_DIALOG (tessera_service_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraServiceDialog, tessera_service_dialog, TESSERA, SERVICE_DIALOG, AdwWindow)

/* Signal: chosen (const char *id, const char *name, const char *organization_id, const char *organization):
 * the last two may be NULL. The window closes itself. */

TesseraServiceDialog *tessera_service_dialog_new (TesseraSession *session, GtkWindow *parent);

G_END_DECLS
