/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-edit-page.h: everything known about a person, to be changed
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_EDIT_PAGE (tessera_edit_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraEditPage, tessera_edit_page, TESSERA, EDIT_PAGE, AdwBin)

GtkWidget *tessera_edit_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
