/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-modest-bin.h: holds one child and never asks for more width than it needs at least.
 *
 * So that a page with much to show does not change how the window divides itself.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_MODEST_BIN (tessera_modest_bin_get_type ())
G_DECLARE_FINAL_TYPE (TesseraModestBin, tessera_modest_bin, TESSERA, MODEST_BIN, GtkWidget)

void tessera_modest_bin_set_child (TesseraModestBin *self, GtkWidget *child);

G_END_DECLS
