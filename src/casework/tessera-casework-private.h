/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-casework-private.h: what the files of this folder share and nobody else needs.
 */
#pragma once

#include "tessera-caseload.h"
#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_DAY_MSEC (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/** tessera_casework_load: tessera_transaction_load() that also refuses what is no UUID, as not found. */
TesseraRecord *tessera_casework_load (TesseraTransaction *transaction, const char *entity, const char *id,
                                      GError **error);

/** tessera_casework_resolve_client: (transfer full): the client that @id stands for today; @id is a UUID. */
TesseraRecord *tessera_casework_resolve_client (TesseraTransaction *transaction, const char *id,
                                                GError **error);

/** tessera_casework_point_to_client: sets field `client` of @record to the client it stands for today. */
TesseraRecord *tessera_casework_point_to_client (TesseraTransaction *transaction, TesseraRecord *record,
                                                 GError **error);

/** tessera_casework_check_code: %FALSE with an error that lists the codes there are; a %NULL @code passes. */
gboolean tessera_casework_check_code (const char *vocabulary, const char *code, GError **error);

/** tessera_casework_set_if_empty: sets @field unless it has a value. */
void tessera_casework_set_if_empty (TesseraRecord *record, const char *field, const char *value);

/** tessera_casework_refresh_last_contact: sets it from the newest visit of all records that stand for
 * @client. */
gboolean tessera_casework_refresh_last_contact (TesseraTransaction *transaction, TesseraRecord *client,
                                                GError **error);

/** tessera_casework_date: (transfer full): local date of @instant plus @days. */
char *tessera_casework_date (gint64 instant, int days);

/** tessera_caseload_build_page_sql: (transfer full): the statement behind tessera_caseload_page(), for a test
 * that asks SQLite how it means to run it. */
char *tessera_caseload_build_page_sql (const TesseraCaseloadQuery *query);

G_END_DECLS
