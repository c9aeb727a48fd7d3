/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-join-page.h: a new laptop becomes one of the organization's: it asks, takes in its invitation, and fetches what
 * the others wrote.
 *
 * Where it is stands in the vault, so that it goes on there after an interruption.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_JOIN_PAGE (tessera_join_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraJoinPage, tessera_join_page, TESSERA, JOIN_PAGE, AdwBin)

GtkWidget *tessera_join_page_new (TesseraSession *session, const char *argument);

/** tessera_join_page_take_over: goes on where @old is, with the invitation that is being looked at. */
void tessera_join_page_take_over (TesseraJoinPage *self, TesseraJoinPage *old);

G_END_DECLS
