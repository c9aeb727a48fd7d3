/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-page.h: one service of the directory, its languages side by side, and noting that it was
 * checked.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SERVICE_PAGE (tessera_service_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraServicePage, tessera_service_page, TESSERA, SERVICE_PAGE, AdwBin)

/** tessera_service_page_new: @service: id. */
GtkWidget *tessera_service_page_new (TesseraSession *session, const char *service);

G_END_DECLS
