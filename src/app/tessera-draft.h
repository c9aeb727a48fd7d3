/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-draft.h: what is half-written on a screen that is not only a form, kept in the store as it changes.
 *
 * #TesseraForm keeps its own; this is for screens with more than rows. The body is a #GVariant in text form,
 * made and read by the screen alone.
 */
#pragma once

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DRAFT (tessera_draft_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDraft, tessera_draft, TESSERA, DRAFT, GObject)

/**
 * TesseraDraftMake: the state of the screen now. (transfer full, may be floating)
 * TesseraDraftTake: the state the draft had, or %NULL when there is none.
 */
typedef GVariant *(*TesseraDraftMake) (gpointer screen);
typedef void (*TesseraDraftTake) (gpointer screen, GVariant *state);

/** tessera_draft_new: @type: of the states; a draft of another type (an older Tessera) is left alone.
 * @screen is not kept alive: drop the draft before it goes. */
TesseraDraft *tessera_draft_new (
  TesseraSession *session, const char *key, const char *type, gpointer screen, TesseraDraftMake make);

/** tessera_draft_load: reads it; @take runs later on the main loop, and not at all if the screen has gone. */
void tessera_draft_load (TesseraDraft *self, TesseraDraftTake take);

/** tessera_draft_touch: the screen changed: write within a tenth of a second. */
void tessera_draft_touch (TesseraDraft *self);

/** tessera_draft_flush: write now what was touched. */
void tessera_draft_flush (TesseraDraft *self);

/** tessera_draft_forget: it was saved or thrown away: nothing more is written, the stored draft goes. */
void tessera_draft_forget (TesseraDraft *self);

/** tessera_draft_get_key: for the transaction that saves and drops it together. */
const char *tessera_draft_get_key (TesseraDraft *self);

/** tessera_draft_close: flushes and lets go of the screen; call it in dispose. */
void tessera_draft_close (TesseraDraft *self);

G_END_DECLS
