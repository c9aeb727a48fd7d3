/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-columns.h: a main and a side widget, side by side where there is room and one under the other where
 * not.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_COLUMNS (tessera_columns_get_type ())
G_DECLARE_FINAL_TYPE (TesseraColumns, tessera_columns, TESSERA, COLUMNS, GtkWidget)

GtkWidget *tessera_columns_new (GtkWidget *main_child, GtkWidget *side_child);

G_END_DECLS
