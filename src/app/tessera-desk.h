/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-desk.h: the unlocked face of the window: sidebar, header bar and the pages of each section.
 *
 * It knows which screens exist and which is on top; it knows nothing of what they show.
 */
#pragma once

#include <adwaita.h>

#include "tessera-page.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DESK (tessera_desk_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDesk, tessera_desk, TESSERA, DESK, AdwBin)

GtkWidget *tessera_desk_new (TesseraSession *session);

void tessera_desk_open_section (TesseraDesk *self, const char *section);
void tessera_desk_push (TesseraDesk *self, const char *kind, const char *argument);
void tessera_desk_pop (TesseraDesk *self);
gboolean tessera_desk_can_pop (TesseraDesk *self);

/** tessera_desk_get_page: the page on top of the current section. */
TesseraPage *tessera_desk_get_page (TesseraDesk *self);

/** TESSERA_DESK_STATE_TYPE: section, whether its content is in front, and of every open screen its section, kind,
 * argument and own state. */
#define TESSERA_DESK_STATE_TYPE "(uba(umsmsmv))"

/** tessera_desk_save_state: (transfer full): everything that is open and what is half-done in it, of
 * TESSERA_DESK_STATE_TYPE. It may name people: keep it nowhere but in the store. */
GVariant *tessera_desk_save_state (TesseraDesk *self);
void tessera_desk_restore_state (TesseraDesk *self, GVariant *state);

G_END_DECLS
