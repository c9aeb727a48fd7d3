/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-period.c: days of the calendar, checked and found on the clock.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-casework-error.h"
#include "tessera-identifier.h"
#include "tessera-period.h"

gint64
tessera_period_find_midnight (const char *date, int days) {
  g_auto (GStrv) parts = g_strsplit (date, "-", 3);
  g_autoptr (GDateTime) day
    = g_date_time_new_local (atoi (parts[0]), atoi (parts[1]), atoi (parts[2]), 0, 0, 0);
  g_autoptr (GDateTime) then = day ? g_date_time_add_days (day, days) : NULL;

  return then ? g_date_time_to_unix (then) * 1000 : G_MAXINT64;
}

gboolean
tessera_period_check (const char *from, const char *to, GError **error) {
  const char *wrong = !tessera_date_is_valid (from) ? from : !tessera_date_is_valid (to) ? to : NULL;

  if (wrong)
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” is not a day of the calendar; write it like 2026-11-21."), wrong);
  else if (strcmp (from, to) > 0)
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("The period ends on %s, before it begins on %s; exchange the two days."), to, from);
  else
    return TRUE;
  return FALSE;
}
