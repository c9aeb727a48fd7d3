/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining-work.c: see the header.
 */
#include "config.h"
#include "tessera-joining-work.h"

#include "tessera-fingerprint.h"
#include "tessera-identity.h"
#include "tessera-joining.h"

void
tessera_joining_state_free (gpointer data) {
  TesseraJoiningState *state = data;

  g_free (state->request);
  g_free (state->fingerprint);
  g_free (state->organization);
  g_free (state);
}

static gboolean
count_clients (TesseraTransaction *transaction, gint64 *ret_count, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, "SELECT count(*) FROM client",
                                                                       error);

  if (statement == NULL || !tessera_statement_step (statement, error))
    return FALSE;
  *ret_count = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

gboolean
tessera_joining_load (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraJoiningState *state = data;
  g_autofree char *roster = NULL;

  state->is_asking = tessera_identity_is_joining (transaction);
  if (state->is_asking) {
    state->request = tessera_joining_request (transaction, &state->fingerprint, error);
    return state->request != NULL;
  }
  roster = tessera_roster_load_text (transaction, 0, NULL);
  state->has_roster = roster != NULL;
  state->organization = tessera_identity_get_organization_name (transaction);
  return count_clients (transaction, &state->n_clients, error);
}

void
tessera_invited_free (gpointer data) {
  TesseraInvited *invited = data;

  g_clear_pointer (&invited->file, g_bytes_unref);
  g_free (invited->organization);
  g_free (invited->fingerprint);
  g_free (invited);
}

gboolean
tessera_joining_look (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInvited *invited = data;
  g_autoptr (TesseraInvitation) invitation = tessera_joining_read (
    transaction, g_bytes_get_data (invited->file, NULL), g_bytes_get_size (invited->file), error);

  if (invitation == NULL)
    return FALSE;
  invited->organization = g_strdup (invitation->name);
  invited->fingerprint = tessera_fingerprint_new (invitation->root_key);
  return TRUE;
}

gboolean
tessera_joining_accept (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInvited *invited = data;

  return tessera_joining_join (transaction, g_bytes_get_data (invited->file, NULL), g_bytes_get_size (invited->file),
                               invited->fingerprint, error);
}
