/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-partners.c: partner rows from cards, and the comparing of fingerprints.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-partners.h"

G_DEFINE_QUARK (tessera-partners-error-quark, tessera_partners_error)

static gboolean
fail (GError **error, TesseraPartnersError code, const char *message) {
  g_set_error_literal (error, TESSERA_PARTNERS_ERROR, (gint) code, message);
  return FALSE;
}

static TesseraRecord *
find_by (TesseraTransaction *transaction, const char *tail, const char *text, guint *ret_count) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (transaction, "partner", tail, NULL);
  g_autoptr (GPtrArray) found = NULL;

  *ret_count = 0;
  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, text);
  found = tessera_statement_collect (statement, NULL);
  *ret_count = found ? found->len : 0;
  return *ret_count == 1 ? g_object_ref (found->pdata[0]) : NULL;
}

static gboolean
check_is_other (TesseraTransaction *transaction, const TesseraCard *card, GError **error) {
  guint8 own[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (tessera_identity_get_root_key (transaction, own, NULL) && memcmp (own, card->root_key, sizeof own) == 0)
    return fail (error, TESSERA_PARTNERS_ERROR_OWN_CARD,
                 _("This is our own card; give it to the partner and ask for theirs."));
  return TRUE;
}

static void
fill_partner (TesseraRecord *partner, const TesseraCard *card, const char *text) {
  g_autofree char *key = tessera_minisign_public_key_to_text (card->root_key);
  g_autofree char *fingerprint = tessera_fingerprint_new (card->root_key);

  tessera_record_set (partner, "name", card->name);
  tessera_record_set (partner, "organization_key", key);
  tessera_record_set (partner, "fingerprint", fingerprint);
  tessera_record_set (partner, "card", text);
  tessera_record_set_integer (partner, "card_number", card->number);
  if (!tessera_record_parse (partner, "languages", card->languages, NULL))
    tessera_record_set (partner, "languages", NULL);
  if (!tessera_record_get (partner, "trust"))
    tessera_record_set (partner, "trust", "none");
}

TesseraRecord *
tessera_partners_add (TesseraTransaction *transaction, const char *text, gsize length, GError **error) {
  g_autoptr (TesseraCard) card = tessera_card_parse (text, length, tessera_transaction_get_now (transaction), error);
  g_autofree char *key = card ? tessera_minisign_public_key_to_text (card->root_key) : NULL;
  g_autofree char *copy = g_strndup (text, length);
  g_autoptr (TesseraRecord) partner = NULL;
  guint count;

  if (!card || !check_is_other (transaction, card, error))
    return NULL;
  partner = find_by (transaction, "WHERE organization_key = ?1", key, &count);
  if (partner && tessera_record_get_integer (partner, "card_number") > card->number) {
    fail (error, TESSERA_PARTNERS_ERROR_OLDER, _("We already hold a newer card of this partner; nothing was changed."));
    return NULL;
  }
  if (!partner)
    partner = tessera_transaction_new_record (transaction, "partner");
  fill_partner (partner, card, copy);
  return tessera_transaction_save (transaction, partner, error) ? g_steal_pointer (&partner) : NULL;
}

TesseraRecord *
tessera_partners_resolve (TesseraTransaction *transaction, const char *text, GError **error) {
  g_autofree char *fingerprint = tessera_fingerprint_parse (text, NULL);
  TesseraRecord *partner = tessera_transaction_find (transaction, "partner", text);
  guint count = 0;

  if (!partner && fingerprint)
    partner = find_by (transaction, "WHERE fingerprint = ?1", fingerprint, &count);
  if (!partner)
    partner = find_by (transaction, "WHERE name = ?1", text, &count);
  if (!partner && count > 1)
    fail (error, TESSERA_PARTNERS_ERROR_NOT_FOUND,
          _("Several partners have this name; use the fingerprint that “partner list” shows."));
  else if (!partner)
    fail (error, TESSERA_PARTNERS_ERROR_NOT_FOUND, _("There is no such partner; import their card first."));
  return partner;
}

gboolean
tessera_partners_trust (TesseraTransaction *transaction, const char *id, const char *fingerprint, const char *how,
                        GError **error) {
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (transaction, id, error);
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!partner)
    return FALSE;
  if (!tessera_minisign_public_key_from_text (tessera_record_get (partner, "organization_key"), key, NULL, error))
    return FALSE;
  if (!tessera_fingerprint_matches (key, fingerprint))
    return fail (error, TESSERA_PARTNERS_ERROR_MISMATCH,
                 _("This is not the fingerprint of the card we hold; nothing was changed. Ask the partner to read it "
                   "again, and if it still differs, ask for a new card."));
  tessera_record_set (partner, "trust", how);
  tessera_record_set_integer (partner, "trusted_at", tessera_transaction_get_now (transaction));
  tessera_record_set (partner, "revoked_at", NULL);
  return tessera_transaction_save (transaction, partner, error);
}

gboolean
tessera_partners_revoke (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (transaction, id, error);

  if (!partner)
    return FALSE;
  tessera_record_set (partner, "trust", "none");
  tessera_record_set_integer (partner, "revoked_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, partner, error);
}

gboolean
tessera_partners_check_sending (TesseraRecord *partner, gint64 now, GError **error) {
  const char *trust = tessera_record_get (partner, "trust");
  const char *text = tessera_record_get (partner, "card");
  g_autoptr (TesseraCard) card = NULL;

  if (tessera_record_get (partner, "revoked_at"))
    return fail (error, TESSERA_PARTNERS_ERROR_REVOKED, _("This partner was revoked here; nothing is sent to them."));
  if (g_strcmp0 (trust, "spoken") != 0 && g_strcmp0 (trust, "in-person") != 0)
    return fail (error, TESSERA_PARTNERS_ERROR_NOT_TRUSTED,
                 _("The fingerprint of this partner was never compared; call them, compare it, and send then."));
  card = text ? tessera_card_parse (text, strlen (text), 0, error) : NULL;
  if (!card)
    return FALSE;
  if (card->expires < now)
    return fail (error, TESSERA_PARTNERS_ERROR_EXPIRED, _("The card of this partner is past its date; ask for a new one."));
  return TRUE;
}
