/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-work.c: what the inbox reads and writes; see the header.
 */
#include "config.h"
#include "tessera-inbox-work.h"

#include "tessera-identity.h"
#include "tessera-partners.h"
#include "tessera-post.h"

#define LIMIT G_STRINGIFY (TESSERA_INBOX_LIMIT)

TesseraInboxFacts *
tessera_inbox_facts_new (void) {
  return g_new0 (TesseraInboxFacts, 1);
}

void
tessera_inbox_facts_free (gpointer data) {
  TesseraInboxFacts *self = data;

  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->answered, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->refused, g_ptr_array_unref);
  g_clear_pointer (&self->partners, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self->fingerprint);
  g_free (self);
}

static gboolean
load_referrals (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->asked = tessera_transaction_select_records (
    transaction, "referral",
    "WHERE direction = 'in' AND status IN ('sent', 'received', 'under_review', 'info_needed') "
    "ORDER BY CASE priority WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END, status_at DESC "
    "LIMIT " LIMIT,
    NULL, error);
  if (self->asked == NULL)
    return FALSE;
  self->answered
    = tessera_transaction_select_records (transaction, "referral",
                                          "WHERE direction = 'out' AND status NOT IN ('draft', 'sent', "
                                          "'received', 'under_review', 'withdrawn', 'void') "
                                          "ORDER BY status_at DESC LIMIT " LIMIT,
                                          NULL, error);
  if (self->answered == NULL)
    return FALSE;
  self->waiting = tessera_transaction_select_records (
    transaction, "referral",
    "WHERE direction = 'out' AND status IN ('draft', 'sent', 'received', 'under_review') "
    "ORDER BY due_on, created_at LIMIT " LIMIT,
    NULL, error);
  return self->waiting != NULL;
}

static gboolean
load_partners (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->partners = tessera_transaction_select_records (transaction, "partner",
                                                       "ORDER BY revoked_at IS NOT NULL, name", NULL, error);
  if (self->partners == NULL)
    return FALSE;
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < self->partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (self->partners, i);

    g_hash_table_insert (self->names, g_strdup (tessera_record_get_id (partner)),
                         g_strdup (tessera_record_get (partner, "name")));
  }
  return TRUE;
}

gboolean
tessera_inbox_facts_load (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxFacts *self = data;

  if (!load_referrals (transaction, self, error) || !load_partners (transaction, self, error))
    return FALSE;
  self->refused = tessera_transaction_select_records (
    transaction, "bundle",
    "WHERE direction = 'in' AND state IN ('refused', 'quarantined') ORDER BY at DESC LIMIT " LIMIT, NULL,
    error);
  if (self->refused == NULL)
    return FALSE;
  self->n_unsealed = MAX (0, tessera_post_count_waiting (transaction, NULL, NULL));
  self->fingerprint = tessera_identity_get_fingerprint (transaction, NULL);
  return TRUE;
}

TesseraInboxFile *
tessera_inbox_file_new (GBytes *bytes) {
  TesseraInboxFile *self = g_new0 (TesseraInboxFile, 1);

  self->bytes = g_bytes_ref (bytes);
  return self;
}

void
tessera_inbox_file_free (gpointer data) {
  TesseraInboxFile *self = data;

  g_bytes_unref (self->bytes);
  g_free (self->refusal);
  g_clear_object (&self->partner);
  g_free (self);
}

gboolean
tessera_inbox_take_bundle (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxFile *self = data;
  g_autoptr (TesseraPostArrival) arrival = tessera_post_take_in (transaction, self->bytes, error);

  if (arrival == NULL)
    return FALSE;
  self->known = arrival->known;
  self->is_new = arrival->is_new;
  self->answered = arrival->answered;
  return TRUE;
}

gboolean
tessera_inbox_note_refusal (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxFile *self = data;

  return tessera_post_note_refusal (transaction, self->bytes, self->refusal, error);
}

gboolean
tessera_inbox_take_card (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxFile *self = data;
  gsize length = 0;
  const char *text = g_bytes_get_data (self->bytes, &length);

  self->partner = tessera_partners_add (transaction, text != NULL ? text : "", length, error);
  return self->partner != NULL;
}

gboolean
tessera_inbox_make_card (TesseraTransaction *transaction, gpointer data, GError **error) {
  char **ret_text = data;

  *ret_text = tessera_identity_make_card (transaction, error);
  return *ret_text != NULL;
}

/* As many letters as wait for one partner: one bundle speaks of one person only. */
static gboolean
seal_for (TesseraTransaction *transaction, const char *outbox, TesseraRecord *partner, GError **error) {
  const char *id = tessera_record_get_id (partner);
  gint64 waiting = tessera_post_count_waiting (transaction, id, error);

  for (; waiting > 0; waiting--) {
    g_autoptr (GError) local_error = NULL;
    g_autoptr (TesseraPostLetter) letter
      = tessera_post_deliver (transaction, outbox, id, NULL, NULL, &local_error);

    if (local_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (letter == NULL)
      break;
  }
  return waiting >= 0;
}

gboolean
tessera_inbox_seal_waiting (TesseraTransaction *transaction, gpointer data, GError **error) {
  const char *outbox = data;
  gint64 now = tessera_transaction_get_now (transaction);
  g_autoptr (GPtrArray) partners
    = tessera_transaction_select_records (transaction, "partner", "ORDER BY name", NULL, error);

  if (partners == NULL)
    return FALSE;
  for (guint i = 0; i < partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (partners, i);

    if (tessera_partners_check_sending (partner, now, NULL)
        && !seal_for (transaction, outbox, partner, error))
      return FALSE;
  }
  return TRUE;
}
