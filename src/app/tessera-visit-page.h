/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-visit-page.h: writing down a visit while it happens.
 *
 * One screen for everything a visit is: how, in which language, what was talked about, what happens next.
 * What is typed is a draft of the store at once; saving makes the visit. It never changes a visit that is
 * saved.
 */
#pragma once

#include <adwaita.h>

#include "tessera-page.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_VISIT_PAGE (tessera_visit_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraVisitPage, tessera_visit_page, TESSERA, VISIT_PAGE, AdwBin)

/** tessera_visit_page_new: @client: id. Its draft has the key "visit:@client". */
GtkWidget *tessera_visit_page_new (TesseraSession *session, const char *client);

G_END_DECLS
