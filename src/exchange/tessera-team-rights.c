/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-rights.c: who may write what: a pure function of a device's role and the change, so that every device
 * answers the same.
 *
 * Colleagues trust each other with clients; only who belongs to the team, and what goes for ever, is the supervisors'.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-team-private.h"

#define DAY G_GINT64_CONSTANT (86400000)
#define MOST_DAYS_AHEAD 366

static gboolean
refuse (GError **error, const char *sentence) {
  g_set_error_literal (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NOT_ALLOWED, sentence);
  return FALSE;
}

static gboolean
writes_field (const TesseraMergeChange *change, const char *name) {
  for (guint i = 0; i < change->fields->len; i++)
    if (strcmp (change->fields->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* Whoever is ahead wins every edit made at the same time, and takes all other clocks along. */
static gboolean
check_clock (TesseraTransaction *transaction, const TesseraMergeChange *change, const TesseraTeamAuthor *author,
             GError **error) {
  gint64 ahead = (change->clock >> 16) - tessera_transaction_get_now (transaction);

  if (author->any_clock || ahead < MOST_DAYS_AHEAD * DAY)
    return TRUE;
  g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_CLOCK,
               _("It was written by a clock that is %" PRId64 " days ahead of this computer's; it waits until the wrong "
                 "one of them is set."), ahead / DAY);
  return FALSE;
}

gboolean
tessera_team_may (TesseraTransaction *transaction, const TesseraMergeChange *change, gpointer data, GError **error) {
  const TesseraTeamAuthor *author = data;
  gboolean supervisor = strcmp (author->role, "supervisor") == 0;

  if (!check_clock (transaction, change, author, error))
    return FALSE;
  /* The author of a snapshot passes on what others wrote, and was asked when it came there. */
  if (author->is_snapshot)
    return TRUE;
  if (change->is_fill || strcmp (change->device, author->device) != 0)
    return refuse (error, _("This bundle has changes in another laptop's name; it was set aside for a supervisor."));
  if (supervisor)
    return TRUE;
  if (change->kind == TESSERA_CHANGE_ERASE)
    return refuse (error, _("Only a supervisor can erase a client; this bundle was set aside for a supervisor."));
  if (g_strcmp0 (change->entity, "worker") == 0 && (!change->exists || writes_field (change, "role")))
    return refuse (error, _("Only a supervisor can add workers or change their role; this bundle was set aside for a "
                            "supervisor."));
  if (g_strcmp0 (change->entity, "client") == 0 && change->kind == TESSERA_CHANGE_DELETE)
    return refuse (error, _("Only a supervisor can remove a client; this bundle was set aside for a supervisor."));
  return TRUE;
}
