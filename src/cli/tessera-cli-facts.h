/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-facts.h: `report facts`, which is too long for the file of its noun.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/** tessera_cli_report_facts: a #TesseraCommandFunc. */
gboolean tessera_cli_report_facts (TesseraCli *self, TesseraTransaction *transaction, GError **error);

G_END_DECLS
