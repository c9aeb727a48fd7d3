/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-work.c: what the refer page reads and writes; see the header.
 */
#include "config.h"
#include "tessera-refer-work.h"

#include "tessera-consent.h"
#include "tessera-intake.h"
#include "tessera-post.h"
#include "tessera-referral.h"

TesseraReferFacts *
tessera_refer_facts_new (const char *client_id) {
  TesseraReferFacts *self = g_new0 (TesseraReferFacts, 1);

  self->client_id = g_strdup (client_id);
  return self;
}

void
tessera_refer_facts_free (gpointer data) {
  TesseraReferFacts *self = data;

  g_free (self->client_id);
  g_clear_object (&self->client);
  g_clear_pointer (&self->partners, g_ptr_array_unref);
  g_clear_pointer (&self->consents, g_ptr_array_unref);
  g_free (self);
}

gboolean
tessera_refer_facts_load (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraReferFacts *self = data;

  self->client = tessera_intake_resolve (transaction, self->client_id, error);
  if (self->client == NULL)
    return FALSE;
  self->partners = tessera_transaction_select_records (transaction, "partner",
                                                       "WHERE revoked_at IS NULL ORDER BY name", NULL, error);
  if (self->partners == NULL)
    return FALSE;
  self->consents = tessera_consent_list (transaction, tessera_record_get_id (self->client), error);
  return self->consents != NULL;
}

TesseraReferPlan *
tessera_refer_plan_new (const char *client_id, TesseraRecord *referral) {
  TesseraReferPlan *self = g_new0 (TesseraReferPlan, 1);

  self->client_id = g_strdup (client_id);
  self->referral = g_object_ref (referral);
  return self;
}

void
tessera_refer_plan_free (gpointer data) {
  TesseraReferPlan *self = data;

  g_free (self->client_id);
  g_free (self->partner_id);
  g_clear_object (&self->referral);
  g_strfreev (self->groups);
  g_free (self->consent_id);
  g_free (self->answer);
  g_free (self->text);
  g_free (self->language);
  g_free (self->expires_on);
  g_free (self->how);
  g_free (self->given_by);
  g_free (self->signature);
  g_free (self->draft_key);
  g_free (self->outbox);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self);
}

/* What casework takes when nobody says otherwise. */
static char *
get_default_end (TesseraTransaction *transaction) {
  g_autoptr (GDateTime) now
    = g_date_time_new_from_unix_local (tessera_transaction_get_now (transaction) / 1000);
  g_autoptr (GDateTime) end = g_date_time_add_months (now, TESSERA_CONSENT_MONTHS);

  return g_strdup_printf ("%04d-%02d-%02d", g_date_time_get_year (end), g_date_time_get_month (end),
                          g_date_time_get_day_of_month (end));
}

/* The consent as it would be after a yes; never saved. */
static TesseraRecord *
imagine_consent (TesseraTransaction *transaction, TesseraReferPlan *self, const char *client_id) {
  TesseraRecord *consent = tessera_transaction_new_record (transaction, "consent");
  g_autofree char *groups = g_strjoinv (",", self->groups);
  g_autofree char *end = get_default_end (transaction);

  tessera_record_set (consent, "client", client_id);
  tessera_record_set (consent, "partner", self->partner_id);
  tessera_record_set (consent, "purpose", "share_for_service");
  tessera_record_set (consent, "groups", groups);
  tessera_record_set (consent, "answer", "yes");
  tessera_record_set (consent, "text", self->text);
  tessera_record_set (consent, "language", self->language);
  tessera_record_set (consent, "expires_on", self->expires_on != NULL ? self->expires_on : end);
  tessera_record_set (consent, "how", self->how);
  tessera_record_set (consent, "given_by", self->given_by);
  tessera_record_set (consent, "signature", self->signature);
  tessera_record_set_integer (consent, "given_at", tessera_transaction_get_now (transaction));
  return consent;
}

gboolean
tessera_refer_plan_preview (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraReferPlan *self = data;
  gint64 now = tessera_transaction_get_now (transaction);
  g_autoptr (TesseraRecord) client = tessera_intake_resolve (transaction, self->client_id, error);
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (GPtrArray) collected = NULL;
  g_autofree char *groups = g_strjoinv (",", self->groups);

  if (client == NULL)
    return FALSE;
  consent = imagine_consent (transaction, self, tessera_record_get_id (client));
  collected = tessera_consent_collect (transaction, consent, tessera_record_get_id (client),
                                       tessera_record_get (self->referral, "kind"), NULL, error);
  if (collected == NULL)
    return FALSE;
  tessera_record_set (self->referral, "groups", groups);
  self->records = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->records, tessera_consent_filter (consent, self->referral, now));
  for (guint i = 0; i < collected->len; i++)
    g_ptr_array_add (self->records, g_object_ref (g_ptr_array_index (collected, i)));
  g_ptr_array_add (self->records, tessera_consent_filter (consent, consent, now));
  return TRUE;
}

static TesseraRecord *
keep_answer (TesseraTransaction *transaction, TesseraReferPlan *self, GError **error) {
  TesseraConsentGift gift = {
    .client = self->client_id,
    .partner = self->partner_id,
    .purpose = "share_for_service",
    .groups = (const char *const *)self->groups,
    .answer = self->answer,
    .expires_on = self->expires_on,
    .language = self->language,
    .how = self->how,
    .given_by = self->given_by,
    .signature = self->signature,
    .text = self->text,
  };

  return tessera_consent_give (transaction, &gift, error);
}

/* The one place where a referral leaves the screen. */
static gboolean
dispatch (TesseraTransaction *transaction, TesseraReferPlan *self, GError **error) {
  g_autoptr (TesseraPostLetter) letter = tessera_post_deliver (
    transaction, self->outbox, self->partner_id, tessera_record_get_id (self->referral), NULL, error);

  self->sealed = letter != NULL;
  return self->sealed;
}

gboolean
tessera_refer_plan_carry_out (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraReferPlan *self = data;
  g_autofree char *groups = g_strjoinv (",", self->groups);
  g_autofree char *consent_id = g_strdup (self->consent_id);

  if (consent_id == NULL) {
    g_autoptr (TesseraRecord) consent = keep_answer (transaction, self, error);

    if (consent == NULL)
      return FALSE;
    consent_id = g_strdup (tessera_record_get_id (consent));
  }
  if (self->consent_id != NULL || g_strcmp0 (self->answer, "yes") == 0) {
    tessera_record_set (self->referral, "direction", "out");
    tessera_record_set (self->referral, "client", self->client_id);
    tessera_record_set (self->referral, "partner", self->partner_id);
    tessera_record_set (self->referral, "consent", consent_id);
    tessera_record_set (self->referral, "groups", groups);
    if (!tessera_referral_create (transaction, self->referral, error) || !dispatch (transaction, self, error))
      return FALSE;
  }
  return self->draft_key == NULL || tessera_transaction_drop_draft (transaction, self->draft_key, error);
}
