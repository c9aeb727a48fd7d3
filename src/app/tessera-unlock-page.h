/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-unlock-page.h: who are you, and the passphrase
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_UNLOCK_PAGE (tessera_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraUnlockPage, tessera_unlock_page, TESSERA, UNLOCK_PAGE, AdwBin)

GtkWidget *tessera_unlock_page_new (TesseraSession *session, const char *argument);

/** tessera_unlock_page_take_over: goes on where @old is, with everything typed there. */
void tessera_unlock_page_take_over (TesseraUnlockPage *self, TesseraUnlockPage *old);

G_END_DECLS
