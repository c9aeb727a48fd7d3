/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-visit-page.h: records a visit
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_VISIT_PAGE (tessera_visit_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraVisitPage, tessera_visit_page, TESSERA, VISIT_PAGE, AdwBin)

GtkWidget *tessera_visit_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
