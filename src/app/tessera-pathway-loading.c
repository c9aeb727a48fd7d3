/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway-loading.c: see the header.
 */
#include "config.h"

#include "tessera-intake.h"
#include "tessera-pathway-loading.h"

TesseraPathwayLoading *
tessera_pathway_loading_new (const char *client_id) {
  TesseraPathwayLoading *self = g_new0 (TesseraPathwayLoading, 1);

  self->client_id = g_strdup (client_id);
  return self;
}

void
tessera_pathway_loading_free (gpointer data) {
  TesseraPathwayLoading *self = data;

  g_free (self->client_id);
  g_clear_object (&self->client);
  g_clear_pointer (&self->states, tessera_domain_states_free);
  g_free (self);
}

gboolean
tessera_pathway_loading_run (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraPathwayLoading *self = data;

  self->client = tessera_intake_resolve (transaction, self->client_id, error);
  if (self->client == NULL)
    return FALSE;
  self->states = tessera_pathway_load_states (transaction, self->client_id, error);
  return self->states != NULL;
}
