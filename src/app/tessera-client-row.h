/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-client-row.h: one person in the list of clients.
 */
#pragma once

#include <adwaita.h>

#include "tessera-caseload-model.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CLIENT_ROW (tessera_client_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraClientRow, tessera_client_row, TESSERA, CLIENT_ROW, AdwBin)

GtkWidget *tessera_client_row_new (void);

/** tessera_client_row_set_item: (nullable): shows @item and follows it while its row is being read. */
void tessera_client_row_set_item (TesseraClientRow *self, TesseraCaseloadItem *item);

/** tessera_client_row_style_step: makes @label a pill that says the step (nullable code: hidden). */
void tessera_client_row_style_step (GtkLabel *label, const char *step);

G_END_DECLS
