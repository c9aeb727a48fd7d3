/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-in.h: a bundle of a colleague, opened and applied in one transaction. What becomes of the file is
 * tessera-exchange.h's business.
 */
#pragma once

#include "tessera-team-private.h"

G_BEGIN_DECLS

/**
 * TesseraTeamArrival: what a bundle brought.
 * @incomplete: (nullable): some was applied, the rest waits for this reason
 * @ahead: milliseconds by which its author's clock is ahead of ours; 0 when it is not
 */
typedef struct {
  TesseraFlow flow;
  char *manifest;
  char *sender;
  char *mine;
  gint64 n_changes;
  gint64 n_conflicts;
  gboolean known;
  GError *incomplete;
  gint64 ahead;
} TesseraTeamArrival;

void tessera_team_arrival_clear (TesseraTeamArrival *self);

/** TesseraTeamGoOn: asked now and then while lines are applied; %FALSE stops with an error. */
typedef gboolean (*TesseraTeamGoOn) (gint64 n_lines, gpointer data, GError **error);

/** tessera_team_is_ours: whether the bundle in @source is signed in our organization's name, as far as its first bytes
 * say. */
gboolean tessera_team_is_ours (TesseraTransaction *transaction, GInputStream *source);

/**
 * tessera_team_take_in:
 * @arrival: (out): filled as far as it was understood, also on an error
 *
 * On an error the transaction must be rolled back: %TESSERA_BUNDLE_ERROR, %TESSERA_MERGE_ERROR, %TESSERA_ROSTER_ERROR.
 */
gboolean tessera_team_take_in (TesseraTransaction *transaction, GInputStream *source, TesseraTeamGoOn go_on,
                               gpointer data, TesseraTeamArrival *arrival, GError **error);

G_END_DECLS
