/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-page.h: what came from partners and what waits to go to them, and who these partners are.
 *
 * Nothing that comes in changes a client's file by itself: a person looks first.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_INBOX_PAGE (tessera_inbox_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraInboxPage, tessera_inbox_page, TESSERA, INBOX_PAGE, AdwBin)

/** tessera_inbox_page_new: @argument is not used. */
GtkWidget *tessera_inbox_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
