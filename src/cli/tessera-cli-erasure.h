/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-erasure.h: what `client` and `referral` call to erase somebody.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/** tessera_cli_erase_client: `client erase CLIENT --reason CODE`. */
gboolean tessera_cli_erase_client (TesseraCli *self, TesseraTransaction *transaction, GError **error);

/** tessera_cli_list_erased: `client erased`. */
gboolean tessera_cli_list_erased (TesseraCli *self, TesseraTransaction *transaction, GError **error);

/** tessera_cli_erase_referral: `referral answer ID erase-done`, inside the command's transaction. */
gboolean tessera_cli_erase_referral (TesseraCli *self, TesseraTransaction *transaction, const char *referral,
                                     GError **error);

G_END_DECLS
