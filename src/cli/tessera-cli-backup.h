/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-backup.h: the commands of the noun `vault` that copy, restore and check one.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/* TesseraCommandFunc; see the table of tessera-cli-vault.c. */
gboolean tessera_cli_backup (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_restore (TesseraCli *self, TesseraTransaction *transaction, GError **error);
gboolean tessera_cli_check (TesseraCli *self, TesseraTransaction *transaction, GError **error);

/** tessera_cli_describe_backups: what `vault info` says about them. */
void tessera_cli_describe_backups (TesseraTransaction *transaction, JsonObject *object);

G_END_DECLS
