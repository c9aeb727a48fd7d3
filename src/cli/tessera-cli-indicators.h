/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-indicators.h: `report indicators`, which is too long for the file of its noun.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/** tessera_cli_report_indicators: a #TesseraCommandFunc. */
gboolean tessera_cli_report_indicators (TesseraCli *self, TesseraTransaction *transaction, GError **error);

G_END_DECLS
