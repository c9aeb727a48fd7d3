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
#include "tessera-roster-table.h"

#define CARD_DAYS 365

static gboolean
add_rows (TesseraTransaction *transaction, TesseraCard *card, GError **error) {
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

/* There is room for some: those of supervisors first, who see everything. */
static void
add_members (const TesseraRoster *roster, TesseraCard *card) {
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < roster->devices->len && card->devices->len < TESSERA_CARD_MAX_DEVICES; i++) {
      const TesseraRosterDevice *device = roster->devices->pdata[i];
      gboolean is_first = strcmp (device->role, "supervisor") == 0;

      if (device->state == TESSERA_DEVICE_ACTIVE && is_first == (round == 0))
        tessera_card_add_device (card, device->id, device->encryption->pdata[0]);
    }
}

static gboolean
add_devices (TesseraTransaction *transaction, TesseraCard *card, const TesseraRoster *given, GError **error) {
  g_autoptr (TesseraRoster) stored = NULL;
  g_autofree char *text = NULL;

  if (given) {
    add_members (given, card);
    return TRUE;
  }
  if (!tessera_transaction_find_roster (transaction, 0, &text, error))
    return FALSE;
  if (!text)
    return add_rows (transaction, card, error);
  stored = tessera_roster_parse (text, strlen (text), card->root_key, error);
  if (stored)
    add_members (stored, card);
  return stored != NULL;
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

static char *
describe (const TesseraCard *card) {
  GString *content = g_string_new (card->name);

  g_string_append_printf (content, "\n%s\n%s", card->languages, card->mailbox ? card->mailbox : "");
  for (guint i = 0; i < card->devices->len; i++)
    g_string_append_printf (content, "\n%s", ((TesseraCardDevice *) card->devices->pdata[i])->encryption);
  return g_string_free (content, FALSE);
}

/* The number grows only when what the card says has changed, so that showing it twice is one card; and it goes on from
 * a card that another device with the root key made. Older vaults noted only the number. */
static void
number_card (TesseraTransaction *transaction, TesseraCard *card, const TesseraCard *last) {
  g_autofree char *noted = tessera_transaction_get_setting (transaction, "card.number");
  g_autofree char *before = last ? describe (last) : NULL;
  g_autofree char *now = describe (card);
  gint64 number = noted ? g_ascii_strtoll (noted, NULL, 10) : 0;

  if (last)
    number = MAX (number, last->number);
  card->number = number + (g_strcmp0 (before, now) == 0 ? 0 : 1);
}

static char *
sign_card (TesseraTransaction *transaction, const TesseraSecret *root, const TesseraRoster *roster, GError **error) {
  g_autoptr (TesseraCard) card = tessera_card_new ();
  g_autoptr (TesseraCard) last = load_last (transaction);
  g_autofree char *languages = tessera_transaction_get_setting (transaction, "organization.languages");
  g_autofree char *text = NULL;

  card->organization = tessera_identity_get_organization (transaction, error);
  card->name = tessera_identity_get_organization_name (transaction);
  card->languages = g_strdup (languages ? languages : "");
  tessera_minisign_key_get_public (root, card->root_key);
  card->created = tessera_transaction_get_now (transaction) / 1000 * 1000;
  card->expires = card->created + CARD_DAYS * TESSERA_IDENTITY_DAY;
  if (!card->organization || !choose_mailbox (transaction, card, last, error)
      || !add_devices (transaction, card, roster, error))
    return NULL;
  number_card (transaction, card, last);
  text = tessera_card_sign (card, root, error);
  return text && tessera_transaction_set_setting (transaction, "card.text", text, error) ? g_steal_pointer (&text)
                                                                                         : NULL;
}

char *
tessera_identity_make_card_for (TesseraTransaction *transaction, const TesseraRoster *roster, GError **error) {
  g_autoptr (TesseraSecret) root = tessera_transaction_get_secret (transaction, "organization.root");
  g_autofree char *text = NULL;
  g_autoptr (TesseraCard) card = NULL;

  if (root)
    return sign_card (transaction, root, roster, error);
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
tessera_identity_make_card (TesseraTransaction *transaction, GError **error) {
  return tessera_identity_make_card_for (transaction, NULL, error);
}

/* A card that a newer Tessera made is passed over: what is here goes on being shown. */
gboolean
tessera_identity_keep_card (TesseraTransaction *transaction, const char *text, GError **error) {
  g_autoptr (TesseraCard) card = tessera_card_parse (text, strlen (text), 0, NULL);
  g_autoptr (TesseraCard) last = load_last (transaction);
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!tessera_identity_get_root_key (transaction, key, error))
    return FALSE;
  if (!card || memcmp (card->root_key, key, sizeof key) != 0 || (last && last->number > card->number))
    return TRUE;
  return (!card->mailbox || tessera_transaction_set_setting (transaction, "card.mailbox", card->mailbox, error))
         && tessera_transaction_set_setting (transaction, "card.text", text, error);
}

char *
tessera_identity_get_fingerprint (TesseraTransaction *transaction, GError **error) {
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  return tessera_identity_get_root_key (transaction, key, error) ? tessera_fingerprint_new (key) : NULL;
}
