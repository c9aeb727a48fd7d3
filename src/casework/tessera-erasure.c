/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erasure.c: what is about a person, and whom to ask that they erase it too.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-casework-private.h"
#include "tessera-erasure.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"
#include "tessera-merge.h"
#include "tessera-referral.h"

static gboolean
refuse (GError **error, const char *message) {
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED, message);
  return FALSE;
}

static gboolean
check_supervisor (TesseraTransaction *transaction, GError **error) {
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = id ? tessera_transaction_find (transaction, "worker", id) : NULL;

  return (worker && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0)
         || refuse (error, _("Only a supervisor can erase a client, because it cannot be undone; ask one."));
}

/* ---- partners ---- */

/* The same wherever it is made, and another than the referral's, which is gone for ever. */
static char *
make_id (const char *referral) {
  g_autofree char *text = g_strconcat ("erasure_request ", referral, NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf ("%.8s-%.4s-8%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12, hash + 15, hash + 18);
}

TesseraRecord *
tessera_erasure_find_request (TesseraTransaction *transaction, const char *referral) {
  g_autofree char *id = make_id (referral);

  return tessera_transaction_find (transaction, "erasure_request", id);
}

gboolean
tessera_erasure_note_request (TesseraTransaction *transaction, const char *referral, const char *partner,
                              const char *direction, gint64 last, const char *erased, GError **error) {
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  g_autoptr (TesseraRecord) known = tessera_erasure_find_request (transaction, referral);
  g_autoptr (TesseraRecord) request = NULL;
  g_autofree char *id = make_id (referral);
  g_autofree char *event = tessera_uuid_new ();

  if (known)
    return TRUE;
  request = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "erasure_request"), id);
  tessera_record_set (request, "referral", referral);
  tessera_record_set (request, "direction", direction);
  tessera_record_set (request, "partner", partner);
  tessera_record_set (request, "erased", erased);
  tessera_record_set_integer (request, "number", last + 1);
  tessera_record_set (request, "event", event);
  tessera_record_set_integer (request, "asked_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, request, error);
}

gboolean
tessera_referral_is_erased (TesseraTransaction *transaction, const char *referral) {
  g_autoptr (TesseraRecord) request = tessera_erasure_find_request (transaction, referral);

  return request || tessera_transaction_is_erased (transaction, referral);
}

/* The last number of our side: of events, and of letters of this device. @ret_told: whether the partner may have anything
 * of it. */
static gboolean
find_last (TesseraTransaction *transaction, TesseraRecord *referral, gint64 *ret_last, gboolean *ret_told,
           GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT max((SELECT coalesce(max(number), 0) FROM referral_event WHERE referral = ?1 AND side = ?2),"
                 " (SELECT coalesce(max(number), 0) FROM bundle WHERE referral = ?1 AND direction = 'out')),"
                 " EXISTS (SELECT 1 FROM referral_event WHERE referral = ?1 AND kind = 'sent')"
                 " OR EXISTS (SELECT 1 FROM bundle WHERE referral = ?1 AND direction = 'out')", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, tessera_record_get_id (referral));
  tessera_statement_bind_text (statement, 2, tessera_referral_get_side (referral));
  if (!tessera_statement_step (statement, error))
    return FALSE;
  *ret_last = tessera_statement_get_integer (statement, 0);
  *ret_told = tessera_statement_get_integer (statement, 1) != 0;
  return TRUE;
}

static gboolean
note_referral (TesseraTransaction *transaction, TesseraRecord *referral, const char *client, guint *count,
               GError **error) {
  const char *direction = tessera_record_get (referral, "direction");
  gboolean is_ours = g_strcmp0 (direction, "out") == 0;
  gboolean told;
  gint64 last;

  if (!find_last (transaction, referral, &last, &told, error))
    return FALSE;
  if (is_ours ? !told : !tessera_record_get (referral, "erasure_asked_at"))
    return TRUE;
  *count += is_ours;
  return tessera_erasure_note_request (transaction, tessera_record_get_id (referral),
                                       tessera_record_get (referral, "partner"), direction, last, client, error);
}

static gboolean
note_referrals (TesseraTransaction *transaction, const char *client, guint *count, GError **error) {
  g_autoptr (GPtrArray) referrals = tessera_transaction_select_records (transaction, "referral", "WHERE client = ?1",
                                                                       client, error);

  if (!referrals)
    return FALSE;
  for (guint i = 0; i < referrals->len; i++)
    if (!note_referral (transaction, referrals->pdata[i], client, count, error))
      return FALSE;
  return TRUE;
}

/* ---- the household ---- */

static gboolean
add_households (TesseraTransaction *transaction, const char *client, GHashTable *households, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT household FROM client WHERE id = ?1 AND household IS NOT NULL"
                 " UNION SELECT household FROM household_member WHERE client = ?1", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, client);
  while (tessera_statement_step (statement, &local_error))
    g_hash_table_add (households, tessera_statement_get_id (statement, 0));
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
is_lived_in (TesseraTransaction *transaction, const char *household) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM client WHERE household = ?1"
                 " UNION SELECT 1 FROM household_member WHERE household = ?1 AND client IS NOT NULL", NULL);

  if (!statement)
    return TRUE;
  tessera_statement_bind_id (statement, 1, household);
  return tessera_statement_step (statement, NULL);
}

static gboolean
erase_household (TesseraTransaction *transaction, const char *household, const char *reason, GError **error) {
  g_autoptr (GPtrArray) members = NULL;

  if (is_lived_in (transaction, household))
    return TRUE;
  members = tessera_transaction_select_records (transaction, "household_member", "WHERE household = ?1", household,
                                                error);
  if (!members)
    return FALSE;
  for (guint i = 0; i < members->len; i++)
    if (!tessera_transaction_erase_row (transaction, "household_member", tessera_record_get_id (members->pdata[i]),
                                        reason, error))
      return FALSE;
  return tessera_transaction_erase_row (transaction, "household", household, reason, error);
}

/* ---- the whole ---- */

static gboolean
erase_ids (TesseraTransaction *transaction, GPtrArray *ids, const char *reason, guint *count, GError **error) {
  g_autoptr (GHashTable) households = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer household;

  for (guint i = 0; i < ids->len; i++)
    if (!note_referrals (transaction, ids->pdata[i], count, error)
        || !add_households (transaction, ids->pdata[i], households, error))
      return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!tessera_transaction_erase (transaction, ids->pdata[i], reason, error))
      return FALSE;
  g_hash_table_iter_init (&iter, households);
  while (g_hash_table_iter_next (&iter, &household, NULL))
    if (!erase_household (transaction, household, reason, error))
      return FALSE;
  return TRUE;
}

gboolean
tessera_client_erase (TesseraTransaction *transaction, const char *client, const char *reason, guint *ret_partners,
                      GError **error) {
  g_autoptr (GPtrArray) ids = NULL;
  guint count = 0;

  if (!check_supervisor (transaction, error))
    return FALSE;
  if (!reason)
    return refuse (error, _("Erasing needs a reason; give one of the codes."));
  if (!tessera_casework_check_code ("erasure_reason", reason, error))
    return FALSE;
  ids = tessera_intake_list_ids (transaction, client, error);
  if (!ids || !erase_ids (transaction, ids, reason, &count, error))
    return FALSE;
  if (ret_partners)
    *ret_partners = count;
  return TRUE;
}

gboolean
tessera_referral_erase (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) referral = tessera_casework_load (transaction, "referral", id, error);
  guint count = 0;

  if (!referral || !check_supervisor (transaction, error))
    return FALSE;
  if (!tessera_record_get (referral, "erasure_asked_at"))
    return refuse (error, _("The partner has not asked to erase this; erase the client if it must go."));
  if (tessera_record_get (referral, "client"))
    return refuse (error, _("This person is registered here; erase the client, and the partner is told by itself."));
  return note_referral (transaction, referral, NULL, &count, error)
         && tessera_transaction_erase_row (transaction, "referral", id, "asked-by-person", error);
}
