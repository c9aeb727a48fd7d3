/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers-box.h: the carriers of this laptop: how each of them goes, exchange now, add, pause, remove.
 *
 * In the window "Team and Exchange", and on the page of a laptop that joins. Shows and asks; what is done is in
 * tessera-exchange-work.h and in sync.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CARRIERS_BOX (tessera_carriers_box_get_type ())
G_DECLARE_FINAL_TYPE (TesseraCarriersBox, tessera_carriers_box, TESSERA, CARRIERS_BOX, AdwBin)

/*
 * Signals:
 * TesseraCarriersBox::visited (self): an exchange with a carrier ended.
 */

GtkWidget *tessera_carriers_box_new (TesseraSession *session);

/** tessera_carriers_box_focus: puts the keyboard where work begins. */
void tessera_carriers_box_focus (TesseraCarriersBox *self);

G_END_DECLS
