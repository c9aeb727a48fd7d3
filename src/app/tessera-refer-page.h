/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-page.h: sending a client's request to a partner, showing exactly what the partner will see.
 *
 * Service, partner, kind, groups, consent, reason: one page, in any order, kept as a draft. What may be sent
 * is decided by casework; this page only asks.
 */
#pragma once

#include <adwaita.h>

#include "tessera-page.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_REFER_PAGE (tessera_refer_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraReferPage, tessera_refer_page, TESSERA, REFER_PAGE, AdwBin)

/** tessera_refer_page_new: @client: id. Its draft has the key "refer:@client". */
GtkWidget *tessera_refer_page_new (TesseraSession *session, const char *client);

G_END_DECLS
