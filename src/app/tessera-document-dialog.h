/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-document-dialog.h: what a paper is: title, kind, date, note.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DOCUMENT_DIALOG (tessera_document_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDocumentDialog, tessera_document_dialog, TESSERA, DOCUMENT_DIALOG, AdwWindow)

/** tessera_document_dialog_new: @argument: id of the document. */
GtkWidget *tessera_document_dialog_new (TesseraSession *session, const char *argument);

G_END_DECLS
