/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-import.h: registering the people of a table.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/** tessera_cli_import_clients: the command `client import`. Rows that cannot be taken are named and left out.
 */
gboolean tessera_cli_import_clients (TesseraCli *self, TesseraTransaction *transaction, GError **error);

G_END_DECLS
