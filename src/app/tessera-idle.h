/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-idle.h: how long nobody has touched the computer's keys or the mouse in this program.
 *
 * Counts on a clock that goes on while the computer sleeps. It does not watch windows (whoever does calls
 * tessera_idle_touch()) and does not lock anything.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_IDLE (tessera_idle_get_type ())
G_DECLARE_FINAL_TYPE (TesseraIdle, tessera_idle, TESSERA, IDLE, GObject)

/*
 * Signals:
 * TesseraIdle::warned (self, guint seconds): that many seconds are left; 0 when somebody is there after all.
 * TesseraIdle::expired (self): nobody was there for the whole time, or the computer slept. Counting has stopped.
 */

TesseraIdle *tessera_idle_new (void);

/**
 * tessera_idle_start:
 * @limit: seconds until TesseraIdle::expired
 *
 * Begins to count, or counts on with another limit. The warning comes half a minute before the end, or at half of a
 * limit that is shorter than a minute.
 */
void tessera_idle_start (TesseraIdle *self, guint limit);
void tessera_idle_stop (TesseraIdle *self);

/** tessera_idle_touch: somebody is there. Too late, it expires instead: %FALSE. */
gboolean tessera_idle_touch (TesseraIdle *self);

G_END_DECLS
