/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-conflict-dialog.h: two laptops wrote a field differently; a person looks at the versions side by side and
 * decides, or leaves it open and makes a note to ask the client.
 */
#pragma once

#include <adwaita.h>

#include "tessera-disagreement.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CONFLICT_DIALOG (tessera_conflict_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraConflictDialog, tessera_conflict_dialog, TESSERA, CONFLICT_DIALOG, AdwWindow)

/** tessera_conflict_dialog_new: @conflict: id of the row. */
GtkWidget *tessera_conflict_dialog_new (TesseraSession *session, const char *conflict);

/** tessera_conflict_describe_value: (transfer full) (nullable): a value as people read it in the language of the window;
 * %NULL when it is empty. */
char *tessera_conflict_describe_value (const TesseraDisagreement *conflict, const TesseraVersion *version);

/** tessera_conflict_name_device: (transfer full): whose laptop it is, in words for people. @colleagues: see
 * tessera_colleagues_load(); @device: (nullable): UUID */
char *tessera_conflict_name_device (GHashTable *colleagues, const char *device);

G_END_DECLS
