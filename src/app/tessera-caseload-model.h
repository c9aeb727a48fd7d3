/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-caseload-model.h: the clients of a query as a list that reads only what is looked at.
 *
 * The number of rows comes from one COUNT, the rows from pages read in the background as the list view asks
 * for them. The same object stays at a place as long as its page is kept.
 */
#pragma once

#include "tessera-caseload.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_CASELOAD_ITEM (tessera_caseload_item_get_type ())
G_DECLARE_FINAL_TYPE (TesseraCaseloadItem, tessera_caseload_item, TESSERA, CASELOAD_ITEM, GObject)

/** tessera_caseload_item_get_row: (nullable): %NULL until its page was read; then
 * TesseraCaseloadItem::changed. */
const TesseraCaseloadRow *tessera_caseload_item_get_row (TesseraCaseloadItem *self);

#define TESSERA_TYPE_CASELOAD_MODEL (tessera_caseload_model_get_type ())
G_DECLARE_FINAL_TYPE (TesseraCaseloadModel, tessera_caseload_model, TESSERA, CASELOAD_MODEL, GObject)

/*
 * Signals:
 * TesseraCaseloadModel::loaded (self): the answer to the last query is in the list.
 * TesseraCaseloadModel::failed (self, const char *message)
 */

TesseraCaseloadModel *tessera_caseload_model_new (TesseraSession *session);

/** tessera_caseload_model_set_query: reads @query (copied) in the background; the list changes when the
 * answer is there. */
void tessera_caseload_model_set_query (TesseraCaseloadModel *self, const TesseraCaseloadQuery *query);

/** tessera_caseload_model_refresh: reads again, keeping places where the number of rows is the same. */
void tessera_caseload_model_refresh (TesseraCaseloadModel *self);

G_END_DECLS
