/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erasing.c: erasing in a team, and how far it got.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-backup.h"
#include "tessera-casework-error.h"
#include "tessera-erasing.h"
#include "tessera-erasure.h"
#include "tessera-identity-private.h"
#include "tessera-merge.h"
#include "tessera-roster.h"

/* (transfer full) (nullable): %NULL also for a device that is in no team. */
static TesseraRoster *
load_roster (TesseraTransaction *transaction, GError **error) {
  GError *local_error = NULL;
  TesseraRoster *roster = tessera_roster_load (transaction, &local_error);

  if (g_error_matches (local_error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING))
    g_clear_error (&local_error);
  if (local_error)
    g_propagate_error (error, local_error);
  return roster;
}

static gboolean
check_device (TesseraTransaction *transaction, GError **error) {
  GError *local_error = NULL;
  g_autoptr (TesseraRoster) roster = load_roster (transaction, &local_error);
  g_autofree char *id = tessera_identity_get_device (transaction);
  const TesseraRosterDevice *own = roster ? tessera_roster_find_device (roster, id) : NULL;

  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  if (!roster || (own && own->state == TESSERA_DEVICE_ACTIVE && g_strcmp0 (own->role, "supervisor") == 0))
    return TRUE;
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                       _("In a team, clients are erased on a supervisor’s laptop; colleagues would not follow this one."));
  return FALSE;
}

gboolean
tessera_exchange_erase (TesseraTransaction *transaction, const char *client, const char *reason, guint *ret_partners,
                        GError **error) {
  return check_device (transaction, error) && tessera_client_erase (transaction, client, reason, ret_partners, error);
}

static gboolean
read_pending (TesseraTransaction *transaction, gpointer data, GError **error) {
  gboolean *pending = data;
  g_autofree char *backups = tessera_transaction_get_setting (transaction, TESSERA_ERASE_SETTING_BACKUPS);

  *pending = backups != NULL;
  return TRUE;
}

gboolean
tessera_exchange_finish_erasing (TesseraStore *store, gboolean *ret_scrubbed, GCancellable *cancellable,
                                 GError **error) {
  gboolean pending = FALSE, scrubbed;
  GError *local_error = NULL;

  if (!tessera_exchange_withdraw (store, error))
    return FALSE;
  scrubbed = tessera_store_scrub (store, &local_error);
  if (ret_scrubbed)
    *ret_scrubbed = scrubbed;
  if (!scrubbed && !g_error_matches (local_error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  g_clear_error (&local_error);
  return tessera_store_read (store, read_pending, &pending, error)
         && (!pending || !scrubbed || tessera_store_backup_if_due (store, NULL, cancellable, error));
}

/* ---- how far it got ---- */

void
tessera_erasure_state_free (TesseraErasureState *self) {
  if (!self)
    return;
  g_free (self->erased);
  g_free (self->reason);
  g_free (self->device);
  g_free (self);
}

/* The device that erased has done so; of the others, those that say they have taken in the change. */
static gboolean
has_erased (TesseraTransaction *transaction, const TesseraErasure *erasure, const char *device, const char *own) {
  g_autoptr (GHashTable) vector = NULL;

  if (g_strcmp0 (device, own) == 0 || g_strcmp0 (device, erasure->device) == 0)
    return TRUE;
  if (!erasure->stream)
    return FALSE;
  vector = tessera_transaction_get_acknowledged (transaction, device, NULL, NULL);
  return vector && tessera_vector_get (vector, erasure->stream) >= erasure->sequence;
}

static void
count_devices (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraErasure *erasure,
               TesseraErasureState *state) {
  g_autofree char *own = tessera_identity_get_device (transaction);

  if (!roster) {
    state->n_devices = state->n_done = 1;
    return;
  }
  for (guint i = 0; i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (g_strcmp0 (device->id, erasure->device) == 0)
      state->device = g_strdup (device->name);
    if (device->state != TESSERA_DEVICE_ACTIVE)
      continue;
    state->n_devices++;
    state->n_done += has_erased (transaction, erasure, device->id, own);
  }
}

static gboolean
count_partners (TesseraTransaction *transaction, TesseraErasureState *state, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*), count(answered_at) FROM erasure_request WHERE erased = ?1 AND direction = 'out'",
    error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, state->erased);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  state->n_asked = (guint) tessera_statement_get_integer (statement, 0);
  state->n_answered = (guint) tessera_statement_get_integer (statement, 1);
  return TRUE;
}

GPtrArray *
tessera_exchange_list_erasures (TesseraTransaction *transaction, GError **error) {
  GError *local_error = NULL;
  g_autoptr (TesseraRoster) roster = load_roster (transaction, &local_error);
  g_autoptr (GPtrArray) erasures = local_error ? NULL : tessera_transaction_list_erasures (transaction, &local_error);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_erasure_state_free);

  for (guint i = 0; erasures && i < erasures->len; i++) {
    const TesseraErasure *erasure = erasures->pdata[i];
    TesseraErasureState *state = g_new0 (TesseraErasureState, 1);

    g_ptr_array_add (states, state);
    state->erased = g_strdup (erasure->client);
    state->reason = g_strdup (erasure->reason);
    state->at = erasure->at;
    count_devices (transaction, roster, erasure, state);
    if (!count_partners (transaction, state, &local_error))
      break;
  }
  if (!local_error)
    return g_steal_pointer (&states);
  g_propagate_error (error, local_error);
  return NULL;
}
