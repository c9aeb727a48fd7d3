/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-team.h: the commands of `team` that are in files of their own: joining, and the root key on paper.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

gboolean tessera_cli_team_request (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_team_admit (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_team_join (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_team_rotate (TesseraCli *self, TesseraTransaction *transaction, GError **error);

gboolean tessera_cli_root_print (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_root_restore (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_root_remove (TesseraCli *self, TesseraTransaction *transaction, GError **error);

G_END_DECLS
