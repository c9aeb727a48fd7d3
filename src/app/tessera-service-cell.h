/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-cell.h: one line of a list of services.
 */
#pragma once

#include <adwaita.h>

#include "tessera-directory-search.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SERVICE_CELL (tessera_service_cell_get_type ())
G_DECLARE_FINAL_TYPE (TesseraServiceCell, tessera_service_cell, TESSERA, SERVICE_CELL, GtkBox)

GtkWidget *tessera_service_cell_new (void);

/** tessera_service_cell_show: Returns: (transfer full): what a screen reader says of the line. */
char *tessera_service_cell_show (TesseraServiceCell *self, TesseraServiceRow *row);

G_END_DECLS
