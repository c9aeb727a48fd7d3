/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-consent.c: giving, withdrawing, finding a consent, and the words it is asked with.
 *
 * What a consent lets out is decided in tessera-consent-filter.c.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-consent.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"
#include "tessera-referral.h"

static gboolean
is_sharing_purpose (const char *purpose) {
  return g_strcmp0 (purpose, "share_for_service") == 0 || g_strcmp0 (purpose, "share_summary") == 0;
}

static gboolean
check_groups (const char *const *groups, GError **error) {
  for (guint i = 0; groups && groups[i]; i++) {
    TesseraCategory category;

    if (tessera_category_parse (groups[i], &category) && tessera_category_is_shareable (category))
      continue;
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” is not a group of data that can be shared; choose groups from the list."),
                 groups[i]);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_expiry (TesseraTransaction *transaction, const char *expires_on, GError **error) {
  g_autofree char *today = tessera_casework_date (tessera_transaction_get_now (transaction), 0);

  if (!expires_on)
    return TRUE;
  if (!tessera_date_is_valid (expires_on)) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” is not a date; write it as year-month-day, for example 2027-03-31."), expires_on);
    return FALSE;
  }
  if (strcmp (expires_on, today) < 0) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("The consent would end on %s, which is over; choose a later date."), expires_on);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_partner (TesseraTransaction *transaction, const TesseraConsentGift *gift, GError **error) {
  g_autoptr (TesseraRecord) partner = NULL;

  if (gift->partner) {
    partner = tessera_casework_load (transaction, "partner", gift->partner, error);
    return partner != NULL;
  }
  if (!is_sharing_purpose (gift->purpose))
    return TRUE;
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                       _("A consent to share needs a partner it is for; choose one."));
  return FALSE;
}

static gboolean
check_gift (TesseraTransaction *transaction, const TesseraConsentGift *gift, GError **error) {
  return tessera_casework_check_code ("purpose", gift->purpose ? gift->purpose : "", error)
         && tessera_casework_check_code ("consent_answer", gift->answer, error)
         && tessera_casework_check_code ("consent_how", gift->how, error)
         && tessera_casework_check_code ("given_by", gift->given_by, error)
         && tessera_casework_check_code ("signature", gift->signature, error)
         && check_groups (gift->groups, error)
         && check_expiry (transaction, gift->expires_on, error)
         && check_partner (transaction, gift, error);
}

static char *
default_expiry (gint64 now) {
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (now / 1000);
  g_autoptr (GDateTime) end = g_date_time_add_months (then, TESSERA_CONSENT_MONTHS);

  return g_date_time_format (end, "%Y-%m-%d");
}

static void
fill_text (TesseraRecord *consent, const char *text) {
  g_autofree char *digest = NULL;
  g_autofree char *tagged = NULL;

  if (!text || !*text)
    return;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  tagged = g_strconcat ("sha256:", digest, NULL);
  tessera_record_set (consent, "text", text);
  tessera_record_set (consent, "text_hash", tagged);
  tessera_record_set (consent, "text_version", TESSERA_CONSENT_TEXT_VERSION);
}

static gboolean
fill_consent (TesseraTransaction *transaction, TesseraRecord *consent, const TesseraConsentGift *gift,
              GError **error) {
  gint64 now = tessera_transaction_get_now (transaction);
  g_autofree char *groups = gift->groups ? g_strjoinv (",", (char **) gift->groups) : g_strdup ("");
  g_autofree char *expires = gift->expires_on ? g_strdup (gift->expires_on) : default_expiry (now);
  const char *answer = gift->answer ? gift->answer : "yes";

  tessera_record_set (consent, "partner", gift->partner);
  tessera_record_set (consent, "purpose", gift->purpose);
  tessera_record_set (consent, "answer", answer);
  tessera_record_set (consent, "how", gift->how);
  tessera_record_set (consent, "given_by", gift->given_by ? gift->given_by : "self");
  tessera_record_set (consent, "signature", gift->signature);
  tessera_record_set (consent, "explained_by", tessera_transaction_get_worker (transaction));
  tessera_record_set_integer (consent, "given_at", now);
  tessera_record_set (consent, "expires_on", strcmp (answer, "yes") == 0 ? expires : NULL);
  fill_text (consent, gift->text);
  return (!*groups || tessera_record_parse (consent, "groups", groups, error))
         && (!gift->language || tessera_record_parse (consent, "language", gift->language, error));
}

static gboolean
shares_groups (TesseraRecord *consent, const char *const *groups) {
  if (!groups || !groups[0])
    return TRUE;
  for (guint i = 0; groups[i]; i++)
    if (tessera_record_set_contains (consent, "groups", groups[i]))
      return TRUE;
  return FALSE;
}

/* No is no: an earlier yes to the same partner about the same data does not outlive it. */
static gboolean
end_earlier (TesseraTransaction *transaction, const TesseraConsentGift *gift, GError **error) {
  g_autoptr (GPtrArray) earlier = tessera_consent_list (transaction, gift->client, error);
  gint64 now = tessera_transaction_get_now (transaction);

  if (!earlier)
    return FALSE;
  for (guint i = 0; i < earlier->len; i++) {
    TesseraRecord *consent = g_ptr_array_index (earlier, i);

    if (g_strcmp0 (tessera_record_get (consent, "partner"), gift->partner) == 0
        && tessera_consent_is_valid (consent, now) && shares_groups (consent, gift->groups)
        && !tessera_consent_withdraw (transaction, tessera_record_get_id (consent), NULL, error))
      return FALSE;
  }
  return TRUE;
}

TesseraRecord *
tessera_consent_give (TesseraTransaction *transaction, const TesseraConsentGift *gift, GError **error) {
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (TesseraRecord) consent = NULL;

  if (!check_gift (transaction, gift, error))
    return NULL;
  client = tessera_casework_resolve_client (transaction, gift->client, error);
  if (!client)
    return NULL;
  if (g_strcmp0 (gift->answer, "no") == 0 && is_sharing_purpose (gift->purpose)
      && !end_earlier (transaction, gift, error))
    return NULL;
  consent = tessera_transaction_new_record (transaction, "consent");
  tessera_record_set (consent, "client", tessera_record_get_id (client));
  tessera_record_set (consent, "language", tessera_record_get (client, "language"));
  if (!fill_consent (transaction, consent, gift, error)
      || !tessera_transaction_save (transaction, consent, error))
    return NULL;
  return g_steal_pointer (&consent);
}

/* A referral that left is called back; one that did not is void. */
static gboolean
end_referral (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  const char *status = tessera_record_get (referral, "status");
  TesseraReferralStep step = { .code = "consent_withdrawn", .may_tell_client = TRUE };
  g_autoptr (TesseraRecord) event = NULL;

  if (g_strcmp0 (tessera_record_get (referral, "direction"), "out") != 0
      || tessera_referral_is_final (status ? status : "draft"))
    return TRUE;
  step.kind = !status || strcmp (status, "draft") == 0 ? "void" : "withdrawn";
  event = tessera_referral_append (transaction, tessera_record_get_id (referral), &step, error);
  return event != NULL;
}

gboolean
tessera_consent_withdraw (TesseraTransaction *transaction, const char *id, const char *reason,
                          GError **error) {
  g_autoptr (TesseraRecord) consent = tessera_casework_load (transaction, "consent", id, error);
  g_autoptr (GPtrArray) referrals = NULL;

  if (!consent)
    return FALSE;
  if (tessera_record_get (consent, "withdrawn_at"))
    return TRUE;
  tessera_record_set_integer (consent, "withdrawn_at", tessera_transaction_get_now (transaction));
  tessera_record_set (consent, "withdrawn_reason", reason);
  if (!tessera_transaction_save (transaction, consent, error))
    return FALSE;
  referrals = tessera_transaction_select_records (transaction, "referral", "WHERE consent = ?1 ORDER BY id",
                                                  id, error);
  if (!referrals)
    return FALSE;
  for (guint i = 0; i < referrals->len; i++)
    if (!end_referral (transaction, g_ptr_array_index (referrals, i), error))
      return FALSE;
  return TRUE;
}

gboolean
tessera_consent_check (TesseraRecord *consent, gint64 now, GError **error) {
  g_autofree char *today = tessera_casework_date (now, 0);
  const char *expires_on = tessera_record_get (consent, "expires_on");

  if (g_strcmp0 (tessera_record_get (consent, "answer"), "yes") != 0
      || !is_sharing_purpose (tessera_record_get (consent, "purpose"))) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                         _("The client has not agreed to share anything here; ask them first."));
    return FALSE;
  }
  if (tessera_record_get (consent, "withdrawn_at")) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED,
                         _("The client has withdrawn this consent; nothing more may be sent under it."));
    return FALSE;
  }
  if (!expires_on || strcmp (expires_on, today) < 0) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED,
                 _("This consent ended on %s; ask the client again."), expires_on ? expires_on : "—");
    return FALSE;
  }
  return TRUE;
}

gboolean
tessera_consent_is_valid (TesseraRecord *consent, gint64 now) {
  return tessera_consent_check (consent, now, NULL);
}

static gboolean
covers (TesseraRecord *consent, const char *const *groups) {
  for (guint i = 0; groups && groups[i]; i++)
    if (!tessera_record_set_contains (consent, "groups", groups[i]))
      return FALSE;
  return TRUE;
}

TesseraRecord *
tessera_consent_find_valid (TesseraTransaction *transaction, const char *client, const char *partner,
                            const char *const *groups, GError **error) {
  g_autoptr (GPtrArray) consents = tessera_consent_list (transaction, client, error);
  gint64 now = tessera_transaction_get_now (transaction);
  gboolean asks_any = !groups || !groups[0];
  TesseraRecord *best = NULL;

  for (guint i = 0; consents && i < consents->len; i++) {
    TesseraRecord *consent = g_ptr_array_index (consents, i);

    if (g_strcmp0 (tessera_record_get (consent, "partner"), partner) == 0
        && tessera_consent_is_valid (consent, now) && covers (consent, groups)
        && (!best || (!asks_any && strcmp (tessera_record_get (consent, "expires_on"),
                                           tessera_record_get (best, "expires_on")) > 0)))
      best = consent;
  }
  return best ? g_object_ref (best) : NULL;
}

GPtrArray *
tessera_consent_list (TesseraTransaction *transaction, const char *client, GError **error) {
  return tessera_intake_select (transaction, "consent", client, "ORDER BY given_at DESC, id DESC", error);
}

static char *
format_date (const char *date) {
  static const TesseraField field = { .name = "expires_on", .label = "", .type = TESSERA_FIELD_DATE };

  return tessera_field_format (&field, date);
}

/* What a group holds, said to the person it is about. */
static const char *const spoken_groups[TESSERA_N_CATEGORIES] = {
  [TESSERA_CATEGORY_IDENTITY] = N_("your name, your age, your gender and the languages you speak"),
  [TESSERA_CATEGORY_CONTACT] = N_("how to reach you safely: phone and address"),
  [TESSERA_CATEGORY_HOUSEHOLD] = N_("who you live with"),
  [TESSERA_CATEGORY_NEEDS] = N_("what you need and what you wish for"),
  [TESSERA_CATEGORY_PATHWAY] = N_("your goals, and the steps on the way to them"),
  [TESSERA_CATEGORY_VISITS] = N_("when you came and what we talked about"),
  [TESSERA_CATEGORY_HEALTH] = N_("your health: illness, disability, what helps you"),
  [TESSERA_CATEGORY_PROTECTION] = N_("your safety: violence, threats, danger"),
  [TESSERA_CATEGORY_LEGAL] = N_("legal matters you told us about"),
  [TESSERA_CATEGORY_HOUSING] = N_("where you live now"),
  [TESSERA_CATEGORY_WORK] = N_("your work, training and income"),
  [TESSERA_CATEGORY_DOCUMENTS] = N_("papers that are kept in your file"),
  [TESSERA_CATEGORY_STORY] = N_("your story, in your own words"),
};

static void
append_groups (GString *text, const char *const *groups) {
  for (guint i = 0; groups[i]; i++) {
    TesseraCategory category;

    if (tessera_category_parse (groups[i], &category) && spoken_groups[category])
      g_string_append_printf (text, "• %s\n", _(spoken_groups[category]));
  }
}

char *
tessera_consent_build_text (const char *partner, const char *organization, const char *const *groups,
                            const char *expires_on) {
  GString *text = g_string_new (NULL);
  g_autofree char *date = expires_on ? format_date (expires_on) : NULL;

  /* TRANSLATORS: read aloud to a client; first the receiving organization, then ours */
  g_string_append_printf (text, _("May %2$s show something about you to %1$s, so that they can help you?"),
                          partner, organization);
  g_string_append_c (text, '\n');
  g_string_append (text,
                   _("They will see a code instead of your file, the languages you speak and why you come."));
  g_string_append_c (text, '\n');
  if (groups && groups[0]) {
    g_string_append (text, _("They will also see:"));
    g_string_append_c (text, '\n');
    append_groups (text, groups);
  }
  g_string_append (text, _("Nothing else is shown to them."));
  g_string_append_c (text, '\n');
  if (date)
    g_string_append_printf (text, _("This holds until %s."), date);
  else
    g_string_append (text, _("This holds for twelve months."));
  g_string_append_c (text, '\n');
  g_string_append (text, _("You can say no. Nobody is refused help here for saying no."));
  g_string_append_c (text, '\n');
  g_string_append (text,
                   _("You can change your mind at any time: tell us, and we tell them to stop using it."));
  return g_string_free (text, FALSE);
}
