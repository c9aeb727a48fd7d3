/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-arrival.h: what came in, in words and as JSON; for `bundle import` and `sync`.
 */
#pragma once

#include "tessera-cli.h"
#include "tessera-exchange.h"

G_BEGIN_DECLS

/** tessera_cli_arrival_to_code: "applied", "known", "parked", "quarantined", "unknown-sender", "refused". */
const char *tessera_cli_arrival_to_code (TesseraArrivalState state);

/** tessera_cli_arrival_is_refused: whether somebody has to be told: set aside, unknown or refused. */
gboolean tessera_cli_arrival_is_refused (const TesseraArrival *arrival);

/** tessera_cli_describe_arrival: (transfer full): as an object with @file. */
JsonObject *tessera_cli_describe_arrival (const TesseraArrival *arrival, const char *file);

G_END_DECLS
