/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-page.h: refers a client to a partner, showing exactly what they will see
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_REFER_PAGE (tessera_refer_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraReferPage, tessera_refer_page, TESSERA, REFER_PAGE, AdwBin)

GtkWidget *tessera_refer_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
