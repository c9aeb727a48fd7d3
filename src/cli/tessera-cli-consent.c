/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-consent.c: `consent …`: what a client agreed to show, to whom, until when.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-cli-fields.h"
#include "tessera-consent.h"

#define COLUMNS "id client partner purpose groups answer given_at expires_on withdrawn_at"

/* The text as it is read to the client, for purposes that name a partner. */
static char *
build_text (TesseraTransaction *transaction, const char *partner_id, const char *const *groups,
            const char *expires) {
  g_autoptr (TesseraRecord) partner = NULL;
  g_autofree char *organization = NULL;

  if (partner_id == NULL)
    return NULL;
  partner = tessera_transaction_find (transaction, "partner", partner_id);
  organization = tessera_transaction_get_setting (transaction, "organization.name");
  return tessera_consent_build_text (tessera_record_get (partner, "name"),
                                     organization != NULL ? organization : "", groups, expires);
}

static char **
split_groups (const char *text) {
  char **groups = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; groups[i] != NULL; i++)
    g_strstrip (groups[i]);
  return groups;
}

/* The language of the words this command uses, which is the one the kept text is in. */
static char *
get_text_language (void) {
  const char *name = g_get_language_names ()[0];
  g_auto (GStrv) parts = g_strsplit_set (name, "_.@", 2);

  return g_strdup (strcmp (parts[0], "C") == 0 ? "en" : parts[0]);
}

static gboolean
give (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) consent = NULL;
  g_auto (GStrv) groups = split_groups (tessera_cli_get_option (self, "groups"));
  g_autofree char *partner = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_language = get_text_language ();
  TesseraConsentGift gift = { .purpose = tessera_cli_get_option (self, "purpose"),
                              .groups = (const char *const *) groups,
                              .answer = tessera_cli_get_option (self, "answer"),
                              .expires_on = tessera_cli_get_option (self, "expires"),
                              .language = tessera_cli_get_option (self, "language"),
                              .how = tessera_cli_get_option (self, "how"),
                              .given_by = tessera_cli_get_option (self, "given-by"),
                              .signature = tessera_cli_get_option (self, "signature") };

  if (client == NULL || !tessera_cli_check_code ("purpose", gift.purpose, error)
      || !tessera_cli_resolve_option (self, transaction, "to", "partner", &partner, error))
    return FALSE;
  text = build_text (transaction, partner, gift.groups, gift.expires_on);
  gift.client = tessera_record_get_id (client);
  gift.partner = partner;
  gift.text = text;
  if (gift.language == NULL)
    gift.language = text_language;
  consent = tessera_consent_give (transaction, &gift, error);
  if (consent == NULL)
    return FALSE;
  tessera_cli_put_record (self, consent);
  return TRUE;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (GPtrArray) consents = NULL;

  if (tessera_cli_count_arguments (self) == 0) {
    consents =
      tessera_transaction_select_records (transaction, "consent", "ORDER BY given_at DESC", NULL, error);
  } else {
    client = tessera_cli_resolve_client (self, transaction, 0, error);
    if (client == NULL)
      return FALSE;
    consents = tessera_consent_list (transaction, tessera_record_get_id (client), error);
  }
  if (consents == NULL)
    return FALSE;
  tessera_cli_put_records (self, consents, COLUMNS);
  return TRUE;
}

static gboolean
withdraw (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (TesseraRecord) after = NULL;

  consent = tessera_cli_resolve (transaction, "consent", tessera_cli_get_argument (self, 0), error);
  if (consent == NULL
      || !tessera_consent_withdraw (transaction, tessera_record_get_id (consent),
                                    tessera_cli_get_option (self, "reason"), error))
    return FALSE;
  after = tessera_transaction_load (transaction, "consent", tessera_record_get_id (consent), error);
  if (after == NULL)
    return FALSE;
  tessera_cli_put_record (self, after);
  return TRUE;
}

const TesseraCommand tessera_consent_commands[] = {
  { "consent", "give",
    "CLIENT --purpose PURPOSE [--to PARTNER] [--groups GROUP,…] [--answer yes|no|later] [--expires DATE] "
    "[--language TAG] [--how HOW] [--given-by WHO] [--signature HOW]",
    N_("Keeps a client's answer; sharing needs --to and --groups."), TESSERA_ACCESS_WRITE, give },
  { "consent", "list", "[CLIENT]", N_("Lists consents, newest first."), TESSERA_ACCESS_READ, list },
  { "consent", "withdraw", "ID [--reason TEXT]",
    N_("Ends a consent now and recalls what was sent under it."), TESSERA_ACCESS_WRITE, withdraw },
  { NULL },
};
