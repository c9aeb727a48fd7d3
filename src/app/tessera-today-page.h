/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-today-page.h: what is due, who comes, what came back, what is half-written
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_TODAY_PAGE (tessera_today_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTodayPage, tessera_today_page, TESSERA, TODAY_PAGE, AdwBin)

GtkWidget *tessera_today_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
