/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-schedule.c: patience with carriers.
 */
#include "config.h"

#include "tessera-schedule.h"

#define SECOND G_GINT64_CONSTANT (1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

const TesseraSchedulePace tessera_schedule_pace = {
  .after_save = 30 * SECOND,
  .folder = MINUTE,
  .server = 15 * MINUTE,
  .hint = 10 * SECOND,
};

static gint64
vary (gint64 span) {
  return (gint64) ((double) span * g_random_double_range (0.8, 1.2));
}

gint64
tessera_schedule_back_off (guint n_failures) {
  gint64 span = 30 * SECOND;

  for (guint i = 0; i < n_failures && span < HOUR; i++)
    span *= 2;
  span = vary (span);
  return MIN (span, HOUR);
}

/* Looking whether a stick is there again costs nothing; asking a server with a wrong password gets people locked out. */
gint64
tessera_schedule_next (const TesseraSchedulePace *pace, const TesseraCarrierSettings *settings, gint64 now) {
  if (settings->paused)
    return TESSERA_SCHEDULE_NEVER;
  if (settings->kind == TESSERA_CARRIER_FOLDER)
    return now + pace->folder;
  if (settings->needs_person)
    return TESSERA_SCHEDULE_NEVER;
  /* A clock that was set back must not make anybody wait for years. */
  return settings->n_failures > 0 ? CLAMP (settings->next_try, now, now + DAY) : now + vary (pace->server);
}

gint64
tessera_schedule_soon (const TesseraCarrierSettings *settings, gint64 now, gint64 delay) {
  if (settings->paused)
    return TESSERA_SCHEDULE_NEVER;
  if (settings->kind == TESSERA_CARRIER_FOLDER)
    return now + delay;
  if (settings->needs_person)
    return TESSERA_SCHEDULE_NEVER;
  return settings->n_failures > 0 ? CLAMP (settings->next_try, now + delay, now + DAY) : now + delay;
}
