/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-clients-page.h: the caseload: search first, one row per person
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CLIENTS_PAGE (tessera_clients_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraClientsPage, tessera_clients_page, TESSERA, CLIENTS_PAGE, AdwBin)

GtkWidget *tessera_clients_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
