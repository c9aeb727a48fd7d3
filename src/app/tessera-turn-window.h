/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-turn-window.h: the screen turned to the client: large words in their language, the worker's small
 * below.
 *
 * Made for what is read together: consent, questions. It shows texts and asks one question; it stores
 * nothing.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_TURN_WINDOW (tessera_turn_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTurnWindow, tessera_turn_window, TESSERA, TURN_WINDOW, AdwWindow)

/* Signal: answered (const char *code): one of the answers was pressed; the window closes itself. */

/** tessera_turn_window_new: fills the screen over @parent, which may not be used while it is open. */
TesseraTurnWindow *tessera_turn_window_new (GtkWindow *parent);

/** tessera_turn_window_set_text: @language: tag of @text, which decides its direction. @small: (nullable):
 * the same in the worker's language @small_language. */
void tessera_turn_window_set_text (TesseraTurnWindow *self,
                                   const char *text,
                                   const char *language,
                                   const char *small,
                                   const char *small_language);

/** tessera_turn_window_add_answer: a large button; @label in the client's language, @small (nullable) in the
 * worker's. */
void tessera_turn_window_add_answer (
  TesseraTurnWindow *self, const char *code, const char *label, const char *small, gboolean suggested);

G_END_DECLS
