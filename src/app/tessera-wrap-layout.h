/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-wrap-layout.h: children in a line that goes on below when it is full, like words: for chips.
 *
 * A child with halign "end" stands at the end of its line; one with hexpand has a line of its own.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_WRAP_LAYOUT (tessera_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWrapLayout, tessera_wrap_layout, TESSERA, WRAP_LAYOUT, GtkLayoutManager)

GtkLayoutManager *tessera_wrap_layout_new (void);

/** tessera_wrap_box_new: an empty box with this layout; add children with gtk_box_append(). */
GtkWidget *tessera_wrap_box_new (void);

G_END_DECLS
