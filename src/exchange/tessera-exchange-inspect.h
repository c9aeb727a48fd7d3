/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-inspect.h: looking at a bundle of a partner or a colleague without taking it in.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** tessera_exchange_inspect: (transfer full) (nullable): exactly what a reader sees (tessera_bundle_inspect()), and who
 * sent it: `partner`, or `device` of our own organization. Changes nothing. */
JsonNode *tessera_exchange_inspect (TesseraTransaction *transaction, const char *path, GError **error);

/** tessera_exchange_verify: signature, sender, addressee, hashes; without reading the data. */
gboolean tessera_exchange_verify (TesseraTransaction *transaction, const char *path, GError **error);

G_END_DECLS
