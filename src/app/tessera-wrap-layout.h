/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-wrap-layout.h: children beside each other, going on in the next line when the line is full.
 *
 * For chips. Unlike GtkFlowBox it has no columns, no selection and no focus of its own, so Tab simply visits every
 * chip. It mirrors itself in right-to-left languages.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_WRAP_LAYOUT (tessera_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWrapLayout, tessera_wrap_layout, TESSERA, WRAP_LAYOUT, GtkLayoutManager)

/** tessera_wrap_layout_new: @spacing: pixels between children and between lines. */
GtkLayoutManager *tessera_wrap_layout_new (int spacing);

G_END_DECLS
