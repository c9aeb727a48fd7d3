/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-documents-page.h: the papers kept in one person's file.
 *
 * Files come in through the button or by dropping them here; a copy goes out where a person says. What is in a paper is
 * not shown, and nothing of it is written anywhere else.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DOCUMENTS_PAGE (tessera_documents_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDocumentsPage, tessera_documents_page, TESSERA, DOCUMENTS_PAGE, AdwBin)

/** tessera_documents_page_new: @argument: id of the client. */
GtkWidget *tessera_documents_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
