/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway-loading.h: a client and where they stand in the twelve domains, read for a page or a dialog that
 * changes one of the two. It shows nothing.
 */
#pragma once

#include "tessera-pathway.h"
#include "tessera-store.h"

G_BEGIN_DECLS

/** TesseraPathwayLoading: data of tessera_store_read_async(); @client and @states are there when it succeeded. */
typedef struct {
  char *client_id;
  TesseraRecord *client;
  TesseraDomainStates *states;
} TesseraPathwayLoading;

/** tessera_pathway_loading_new: (transfer full): for the client with id or code @client_id. */
TesseraPathwayLoading *tessera_pathway_loading_new (const char *client_id);
void tessera_pathway_loading_free (gpointer loading);

/** tessera_pathway_loading_run: a #TesseraStoreFunc. */
gboolean tessera_pathway_loading_run (TesseraTransaction *transaction, gpointer loading, GError **error);

G_END_DECLS
