/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-first-run-page.h: makes the vault, with an organization or to join one, and shows the recovery key once
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_FIRST_RUN_PAGE (tessera_first_run_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFirstRunPage, tessera_first_run_page, TESSERA, FIRST_RUN_PAGE, AdwBin)

GtkWidget *tessera_first_run_page_new (TesseraSession *session, const char *argument);

/** tessera_first_run_page_take_over: goes on where @old is, with everything typed there. */
void tessera_first_run_page_take_over (TesseraFirstRunPage *self, TesseraFirstRunPage *old);

G_END_DECLS
