/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-client-page.h: one person: head, timeline, pathway
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CLIENT_PAGE (tessera_client_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraClientPage, tessera_client_page, TESSERA, CLIENT_PAGE, AdwBin)

GtkWidget *tessera_client_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
