/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity.c: making and keeping our own keys, certificate and card.
 *
 * The organization's root key lives with the device that created the vault. Devices that join later get a certificate,
 * not the root key.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-certificate.h"
#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-manifest.h"
#include "tessera-vault.h"

#define DAY G_GINT64_CONSTANT (86400000)
#define CERTIFICATE_DAYS 730
#define RENEW_DAYS 90
#define CARD_DAYS 365

static char *
strip_dashes (const char *uuid) {
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  return g_strjoinv (NULL, parts);
}

static gint64
whole_seconds (gint64 instant) {
  return instant / 1000 * 1000;
}

static TesseraSecret *
get_key (TesseraTransaction *transaction, const char *name, GError **error) {
  TesseraSecret *key = tessera_transaction_get_secret (transaction, name);

  if (!key)
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                         _("This vault has no keys for exchange; create the organization first."));
  return key;
}

TesseraSecret *
tessera_identity_get_signing_key (TesseraTransaction *transaction, GError **error) {
  return get_key (transaction, "device.signing", error);
}

TesseraSecret *
tessera_identity_get_encryption_key (TesseraTransaction *transaction, GError **error) {
  return get_key (transaction, "device.encryption", error);
}

static TesseraSecret *
get_root (TesseraTransaction *transaction, GError **error) {
  return get_key (transaction, "organization.root", error);
}

char *
tessera_identity_get_organization (TesseraTransaction *transaction, GError **error) {
  char *id = tessera_transaction_get_setting (transaction, "organization.id");

  if (!id)
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                         _("This vault belongs to no organization yet; create the organization first."));
  return id;
}

char *
tessera_identity_get_device (TesseraTransaction *transaction) {
  return strip_dashes (tessera_transaction_get_device (transaction));
}

char *
tessera_identity_get_organization_name (TesseraTransaction *transaction) {
  return tessera_transaction_get_setting (transaction, "organization.name");
}

gboolean
tessera_identity_get_root_key (TesseraTransaction *transaction, guint8 *ret_key, GError **error) {
  g_autoptr (TesseraSecret) root = get_root (transaction, error);

  if (!root)
    return FALSE;
  tessera_minisign_key_get_public (root, ret_key);
  return TRUE;
}

static gboolean
make_keys (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) root = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) signing = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) encryption = tessera_age_key_generate ();

  return tessera_transaction_put_secret (transaction, "organization.root", root, error)
         && tessera_transaction_put_secret (transaction, "device.signing", signing, error)
         && tessera_transaction_put_secret (transaction, "device.encryption", encryption, error);
}

static gboolean
make_device_row (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) device = NULL;
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  g_autoptr (TesseraSecret) encryption = tessera_identity_get_encryption_key (transaction, error);
  const TesseraEntity *entity = tessera_registry_get_entity (tessera_transaction_get_registry (transaction), "device");
  guint8 key[32];
  g_autofree char *signing_text = NULL;
  g_autofree char *encryption_text = NULL;

  if (!signing || !encryption)
    return FALSE;
  tessera_minisign_key_get_public (signing, key);
  signing_text = tessera_minisign_public_key_to_text (key);
  tessera_age_key_get_public (encryption, key);
  encryption_text = tessera_age_public_key_to_text (key);
  device = tessera_record_new_for (tessera_transaction_get_registry (transaction), entity,
                                   tessera_transaction_get_device (transaction));
  tessera_record_set (device, "signing_key", signing_text);
  tessera_record_set (device, "encryption_key", encryption_text);
  tessera_record_set_integer (device, "registered_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, device, error);
}

static TesseraRecord *
make_worker (TesseraTransaction *transaction, const TesseraIdentityFacts *facts, GError **error) {
  g_autoptr (TesseraRecord) worker = tessera_transaction_new_record (transaction, "worker");

  if (!tessera_record_parse (worker, "name", facts->worker, error)
      || !tessera_record_parse (worker, "role", facts->role ? facts->role : "supervisor", error)
      || !tessera_record_parse (worker, "language", facts->language, error))
    return NULL;
  tessera_record_set_integer (worker, "slot", facts->slot);
  tessera_record_set_boolean (worker, "active", TRUE);
  return tessera_transaction_save (transaction, worker, error) ? g_steal_pointer (&worker) : NULL;
}

static gboolean
check_name (const char *name, GError **error) {
  if (name && *name && g_utf8_validate (name, -1, NULL) && g_utf8_strlen (name, -1) <= 200
      && tessera_minisign_comment_is_printable (name, strlen (name)) && !strchr (name, '"'))
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                       _("The organization needs a name of at most 200 characters, without quotation marks."));
  return FALSE;
}

TesseraRecord *
tessera_identity_create (TesseraTransaction *transaction, const TesseraIdentityFacts *facts, GError **error) {
  g_autofree char *existing = tessera_transaction_get_setting (transaction, "organization.id");
  g_autofree char *uuid = tessera_uuid_new ();
  g_autofree char *organization = strip_dashes (uuid);
  const char *language = facts->language ? facts->language : "en";

  if (existing) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("This vault belongs to an organization already."));
    return NULL;
  }
  if (!check_name (facts->organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.id", organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.name", facts->organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.languages", language, error)
      || !make_keys (transaction, error) || !make_device_row (transaction, error))
    return NULL;
  return make_worker (transaction, facts, error);
}

gboolean
tessera_identity_check (TesseraTransaction *transaction, GError **error) {
  g_autofree char *organization = tessera_identity_get_organization_name (transaction);
  g_autoptr (GPtrArray) workers = NULL;

  if (organization != NULL)
    return TRUE;
  workers = tessera_transaction_select_records (transaction, "worker", "LIMIT 1", NULL, error);
  if (workers == NULL || workers->len > 0)
    return workers != NULL;
  g_set_error_literal (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
                       _("The making of this vault was interrupted before anything was in it; delete its folder and "
                         "make it again."));
  return FALSE;
}

TesseraRecord *
tessera_identity_find_worker (TesseraTransaction *transaction, guint slot) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "worker", "WHERE slot = ?1 ORDER BY active DESC LIMIT 1", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, slot);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_record (statement) : NULL;
}

static gboolean
renew_certificate (TesseraTransaction *transaction, char **ret_certificate, char **ret_signature, GError **error) {
  gint64 now = whole_seconds (tessera_transaction_get_now (transaction));
  g_autoptr (TesseraSecret) root = get_root (transaction, error);
  g_autoptr (TesseraSecret) signing = root ? tessera_identity_get_signing_key (transaction, error) : NULL;
  g_autofree char *organization = signing ? tessera_identity_get_organization (transaction, error) : NULL;
  g_autofree char *device = tessera_identity_get_device (transaction);
  TesseraCertificate certificate = { organization, device, { 0 }, now, now + CERTIFICATE_DAYS * DAY };
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;

  if (!organization)
    return FALSE;
  tessera_minisign_key_get_public (signing, certificate.signing_key);
  text = tessera_certificate_to_text (&certificate);
  signature = tessera_certificate_sign (root, text, error);
  if (!signature || !tessera_transaction_set_setting (transaction, "device.certificate", text, error)
      || !tessera_transaction_set_setting (transaction, "device.certificate_signature", signature, error))
    return FALSE;
  *ret_certificate = g_steal_pointer (&text);
  *ret_signature = g_steal_pointer (&signature);
  return TRUE;
}

gboolean
tessera_identity_get_certificate (TesseraTransaction *transaction, char **ret_certificate, char **ret_signature,
                                  GError **error) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, "device.certificate");
  g_autofree char *signature = tessera_transaction_get_setting (transaction, "device.certificate_signature");
  g_autoptr (TesseraCertificate) certificate = text ? tessera_certificate_parse (text, strlen (text), NULL) : NULL;

  if (!certificate || !signature
      || certificate->expires < tessera_transaction_get_now (transaction) + RENEW_DAYS * DAY)
    return renew_certificate (transaction, ret_certificate, ret_signature, error);
  *ret_certificate = g_steal_pointer (&text);
  *ret_signature = g_steal_pointer (&signature);
  return TRUE;
}

static gboolean
add_devices (TesseraTransaction *transaction, TesseraCard *card, GError **error) {
  g_autoptr (GPtrArray) devices = tessera_transaction_select_records (
    transaction, "device", "WHERE encryption_key IS NOT NULL ORDER BY id", NULL, error);

  if (!devices)
    return FALSE;
  for (guint i = 0; i < devices->len && i < TESSERA_CARD_MAX_DEVICES; i++) {
    g_autofree char *id = strip_dashes (tessera_record_get_id (devices->pdata[i]));

    tessera_card_add_device (card, id, tessera_record_get (devices->pdata[i], "encryption_key"));
  }
  return TRUE;
}

/* The number grows only when what the card says has changed, so that showing it twice is one card. */
static gboolean
number_card (TesseraTransaction *transaction, TesseraCard *card, GError **error) {
  g_autofree char *last = tessera_transaction_get_setting (transaction, "card.number");
  g_autofree char *last_content = tessera_transaction_get_setting (transaction, "card.content");
  g_autoptr (GString) content = g_string_new (card->name);
  g_autofree char *number = NULL;

  g_string_append_printf (content, "\n%s", card->languages);
  for (guint i = 0; i < card->devices->len; i++)
    g_string_append_printf (content, "\n%s", ((TesseraCardDevice *) card->devices->pdata[i])->encryption);
  card->number = last ? g_ascii_strtoll (last, NULL, 10) : 0;
  if (g_strcmp0 (content->str, last_content) == 0)
    return TRUE;
  card->number++;
  number = g_strdup_printf ("%" G_GINT64_FORMAT, card->number);
  return tessera_transaction_set_setting (transaction, "card.number", number, error)
         && tessera_transaction_set_setting (transaction, "card.content", content->str, error);
}

char *
tessera_identity_make_card (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) root = get_root (transaction, error);
  g_autoptr (TesseraCard) card = tessera_card_new ();

  if (!root)
    return NULL;
  card->organization = tessera_identity_get_organization (transaction, error);
  card->name = tessera_identity_get_organization_name (transaction);
  card->languages = tessera_transaction_get_setting (transaction, "organization.languages");
  tessera_minisign_key_get_public (root, card->root_key);
  card->created = whole_seconds (tessera_transaction_get_now (transaction));
  card->expires = card->created + CARD_DAYS * DAY;
  if (!card->organization || !add_devices (transaction, card, error) || !number_card (transaction, card, error))
    return NULL;
  return tessera_card_sign (card, root, error);
}

char *
tessera_identity_get_fingerprint (TesseraTransaction *transaction, GError **error) {
  guint8 key[32];

  return tessera_identity_get_root_key (transaction, key, error) ? tessera_fingerprint_new (key) : NULL;
}
