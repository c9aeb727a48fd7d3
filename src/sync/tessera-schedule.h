/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-schedule.h: when a carrier is visited next. Numbers only; it starts nothing.
 */
#pragma once

#include "tessera-carriers.h"

G_BEGIN_DECLS

/** TesseraSchedulePace: in milliseconds: after own saves; between looks at a folder; between visits to a server (20 %
 * more or less, so that laptops do not all come at once); between two hints that a line is there. */
typedef struct {
  gint64 after_save;
  gint64 folder;
  gint64 server;
  gint64 hint;
} TesseraSchedulePace;

extern const TesseraSchedulePace tessera_schedule_pace;

/** TESSERA_SCHEDULE_NEVER: not by itself. */
#define TESSERA_SCHEDULE_NEVER G_MAXINT64

/** tessera_schedule_back_off: how long to wait after a failure that @n_failures others came before: 30 s and twice as
 * long each time, at most an hour, with a fifth more or less. */
gint64 tessera_schedule_back_off (guint n_failures);

/** tessera_schedule_next: the time of the next visit by itself after one that ended at @now, or
 * %TESSERA_SCHEDULE_NEVER. */
gint64 tessera_schedule_next (const TesseraSchedulePace *pace, const TesseraCarrierSettings *settings, gint64 now);

/** tessera_schedule_soon: the same when there is something to send: @delay from now, but not before a carrier that fails
 * is to be tried again. */
gint64 tessera_schedule_soon (const TesseraCarrierSettings *settings, gint64 now, gint64 delay);

G_END_DECLS
