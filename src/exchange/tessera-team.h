/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team.h: what a supervisor decides about the devices that are in the organization.
 *
 * Each decision is the next version of the roster; it holds elsewhere when the roster has arrived there. All need the
 * organization's root key on this device, and a supervisor. Admitting is in tessera-joining.h.
 */
#pragma once

#include "tessera-roster.h"

G_BEGIN_DECLS

/** tessera_team_resolve: (transfer none): a device of @roster by id (with dashes or without), by the fingerprint of its
 * signing key, or by exact name if only one has it. */
const TesseraRosterDevice *tessera_team_resolve (const TesseraRoster *roster, const char *text, GError **error);

/**
 * tessera_team_revoke:
 * @until: Unix milliseconds: what it wrote later, as its clock says, counts for nothing; 0 keeps all that has come
 *
 * A laptop was lost or stolen. It gets nothing more, and what it writes from now on counts for nothing; once more with an
 * earlier @until takes more back, never less.
 */
gboolean tessera_team_revoke (TesseraTransaction *transaction, const char *device, gint64 until, GError **error);

/** tessera_team_retire: it is no longer used; what it wrote stays. It may be admitted again. */
gboolean tessera_team_retire (TesseraTransaction *transaction, const char *device, GError **error);

/** tessera_team_set_role: of the device, and of the worker it was admitted for. */
gboolean tessera_team_set_role (TesseraTransaction *transaction, const char *device, const char *role, GError **error);

/** tessera_team_add_circle: devices that may read the same people; supervisors' are in every one. */
gboolean tessera_team_add_circle (TesseraTransaction *transaction, const char *name, GError **error);

/** tessera_team_put_in_circle: @circle: its name. */
gboolean tessera_team_put_in_circle (TesseraTransaction *transaction, const char *device, const char *circle,
                                     GError **error);

/** tessera_team_move_client: from now on the client is one of the clients of the circle @name; laptops of other teams
 * forget it, those of this one are sent everything. By a supervisor. */
gboolean tessera_team_move_client (TesseraTransaction *transaction, const char *client, const char *name,
                                   GError **error);

/** tessera_team_trust_clock: what @device wrote while its clock was more than a year ahead is taken in here all the same,
 * so that it is not lost; its edits win over others made at the same time. By a supervisor. */
gboolean tessera_team_trust_clock (TesseraTransaction *transaction, const char *device, GError **error);

/** tessera_team_clock_is_trusted: @device: 32 hexadecimal digits */
gboolean tessera_team_clock_is_trusted (TesseraTransaction *transaction, const char *device);

/**
 * tessera_team_rotate:
 * @ret_published: (out): whether the next roster says so already; otherwise a request must be admitted
 *
 * Gives this device another encryption key; what is sealed to the one before can still be read. Refused while the roster
 * does not know the last change.
 */
gboolean tessera_team_rotate (TesseraTransaction *transaction, gboolean *ret_published, GError **error);

G_END_DECLS
