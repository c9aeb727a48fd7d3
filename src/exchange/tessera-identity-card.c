/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity-card.c: making our card.
 *
 * A device without the root key gives out the newest card that came with the roster.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-base32.h"
#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"

#define CARD_DAYS 365

static gboolean
add_devices (TesseraTransaction *transaction, TesseraCard *card, GError **error) {
  g_autoptr (GPtrArray) devices = tessera_transaction_select_records (
    transaction, "device", "WHERE encryption_key IS NOT NULL ORDER BY id", NULL, error);

  if (!devices)
    return FALSE;
  for (guint i = 0; i < devices->len && i < TESSERA_CARD_MAX_DEVICES; i++) {
    g_autofree char *id = tessera_identity_strip_dashes (tessera_record_get_id (devices->pdata[i]));

    tessera_card_add_device (card, id, tessera_record_get (devices->pdata[i], "encryption_key"));
  }
  return TRUE;
}

static TesseraCard *
load_last (TesseraTransaction *transaction) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, "card.text");

  return text ? tessera_card_parse (text, strlen (text), 0, NULL) : NULL;
}

/* Partners' carriers have folders named after it: it stays the same for ever. */
static gboolean
choose_mailbox (TesseraTransaction *transaction, TesseraCard *card, const TesseraCard *last, GError **error) {
  card->mailbox = tessera_transaction_get_setting (transaction, "card.mailbox");
  if (card->mailbox)
    return TRUE;
  card->mailbox = last && last->mailbox ? g_strdup (last->mailbox) : tessera_base32_new_mailbox ();
  return tessera_transaction_set_setting (transaction, "card.mailbox", card->mailbox, error);
}

/* The number grows only when what the card says has changed, so that showing it twice is one card; and it goes on from
 * a card that another device with the root key made. */
static gboolean
number_card (TesseraTransaction *transaction, TesseraCard *card, const TesseraCard *last, GError **error) {
  g_autofree char *last_number = tessera_transaction_get_setting (transaction, "card.number");
  g_autofree char *last_content = tessera_transaction_get_setting (transaction, "card.content");
  g_autoptr (GString) content = g_string_new (card->name);
  g_autofree char *number = NULL;

  g_string_append_printf (content, "\n%s\n%s", card->languages, card->mailbox);
  for (guint i = 0; i < card->devices->len; i++)
    g_string_append_printf (content, "\n%s", ((TesseraCardDevice *) card->devices->pdata[i])->encryption);
  card->number = last_number ? g_ascii_strtoll (last_number, NULL, 10) : 0;
  card->number = MAX (card->number, last ? last->number : 0);
  if (g_strcmp0 (content->str, last_content) == 0)
    return TRUE;
  card->number++;
  number = g_strdup_printf ("%" G_GINT64_FORMAT, card->number);
  return tessera_transaction_set_setting (transaction, "card.number", number, error)
         && tessera_transaction_set_setting (transaction, "card.content", content->str, error);
}

static char *
sign_card (TesseraTransaction *transaction, const TesseraSecret *root, GError **error) {
  g_autoptr (TesseraCard) card = tessera_card_new ();
  g_autoptr (TesseraCard) last = load_last (transaction);
  g_autofree char *text = NULL;

  card->organization = tessera_identity_get_organization (transaction, error);
  card->name = tessera_identity_get_organization_name (transaction);
  card->languages = tessera_transaction_get_setting (transaction, "organization.languages");
  tessera_minisign_key_get_public (root, card->root_key);
  card->created = tessera_transaction_get_now (transaction) / 1000 * 1000;
  card->expires = card->created + CARD_DAYS * TESSERA_IDENTITY_DAY;
  if (!card->organization || !choose_mailbox (transaction, card, last, error)
      || !add_devices (transaction, card, error) || !number_card (transaction, card, last, error))
    return NULL;
  text = tessera_card_sign (card, root, error);
  return text && tessera_transaction_set_setting (transaction, "card.text", text, error) ? g_steal_pointer (&text)
                                                                                         : NULL;
}

char *
tessera_identity_make_card (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) root = tessera_transaction_get_secret (transaction, "organization.root");
  g_autofree char *text = NULL;
  g_autoptr (TesseraCard) card = NULL;

  if (root)
    return sign_card (transaction, root, error);
  text = tessera_transaction_get_setting (transaction, "card.text");
  card = text ? tessera_card_parse (text, strlen (text), tessera_transaction_get_now (transaction), NULL) : NULL;
  if (card)
    return g_steal_pointer (&text);
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                       _("The card of the organization has not arrived on this device, or is past its date; exchange "
                         "with the supervisor who holds the root key."));
  return NULL;
}

char *
tessera_identity_get_fingerprint (TesseraTransaction *transaction, GError **error) {
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  return tessera_identity_get_root_key (transaction, key, error) ? tessera_fingerprint_new (key) : NULL;
}
