/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity.c: making and keeping our own keys and certificate.
 *
 * The organization's root key lives with the device that created the vault, and those on which a supervisor restored it
 * from its sheets. Devices that join later get a certificate, not the root key.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-certificate.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-manifest.h"
#include "tessera-vault.h"

#define CERTIFICATE_DAYS 730
#define RENEW_DAYS 90

char *
tessera_identity_strip_dashes (const char *uuid) {
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  return g_strjoinv (NULL, parts);
}

char *
tessera_identity_add_dashes (const char *digits) {
  return g_strdup_printf ("%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16, digits + 20);
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

GPtrArray *
tessera_identity_get_encryption_keys (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_secret_free);
  TesseraSecret *current = tessera_identity_get_encryption_key (transaction, error);
  TesseraSecret *previous;

  if (!current)
    return NULL;
  g_ptr_array_add (keys, current);
  previous = tessera_transaction_get_secret (transaction, "device.encryption.previous");
  if (previous)
    g_ptr_array_add (keys, previous);
  return g_steal_pointer (&keys);
}

TesseraSecret *
tessera_identity_get_root (TesseraTransaction *transaction, GError **error) {
  TesseraSecret *root = tessera_transaction_get_secret (transaction, "organization.root");

  if (!root)
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                         _("The organization's root key is not on this device; ask a supervisor who holds it, or "
                           "bring it back from its sheets."));
  return root;
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
  return tessera_identity_strip_dashes (tessera_transaction_get_device (transaction));
}

char *
tessera_identity_get_organization_name (TesseraTransaction *transaction) {
  return tessera_transaction_get_setting (transaction, "organization.name");
}

/* Vaults made before organizations had several devices hold the secret key and no copy of the public one. */
gboolean
tessera_identity_get_root_key (TesseraTransaction *transaction, guint8 *ret_key, GError **error) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, "organization.root_key");
  g_autoptr (TesseraSecret) root = NULL;

  if (text)
    return tessera_minisign_public_key_from_text (text, ret_key, NULL, error);
  root = get_key (transaction, "organization.root", error);
  if (!root)
    return FALSE;
  tessera_minisign_key_get_public (root, ret_key);
  return TRUE;
}

static gboolean
make_root (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) root = tessera_minisign_key_generate ();
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autofree char *text = NULL;

  tessera_minisign_key_get_public (root, key);
  text = tessera_minisign_public_key_to_text (key);
  return tessera_transaction_put_secret (transaction, "organization.root", root, error)
         && tessera_transaction_set_setting (transaction, "organization.root_key", text, error);
}

gboolean
tessera_identity_make_device_keys (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) signing = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) encryption = tessera_age_key_generate ();

  return tessera_transaction_put_secret (transaction, "device.signing", signing, error)
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
  tessera_record_set_boolean (worker, "active", TRUE);
  return tessera_transaction_save (transaction, worker, error)
             && tessera_identity_set_slot (transaction, facts->slot, tessera_record_get_id (worker), error)
           ? g_steal_pointer (&worker) : NULL;
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
  g_autofree char *organization = tessera_identity_strip_dashes (uuid);
  const char *language = facts->language ? facts->language : "en";

  if (existing || tessera_identity_is_joining (transaction)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("This vault belongs to an organization already."));
    return NULL;
  }
  if (!check_name (facts->organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.id", organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.name", facts->organization, error)
      || !tessera_transaction_set_setting (transaction, "organization.languages", language, error)
      || !make_root (transaction, error) || !tessera_identity_make_device_keys (transaction, error)
      || !make_device_row (transaction, error))
    return NULL;
  return make_worker (transaction, facts, error);
}

gboolean
tessera_identity_is_joining (TesseraTransaction *transaction) {
  g_autofree char *organization = tessera_transaction_get_setting (transaction, "organization.id");
  g_autofree char *worker = tessera_transaction_get_setting (transaction, "joining.worker");

  return !organization && worker;
}

gboolean
tessera_identity_has_root (TesseraTransaction *transaction) {
  g_autoptr (TesseraSecret) root = tessera_transaction_get_secret (transaction, "organization.root");

  return root != NULL;
}

gboolean
tessera_identity_check (TesseraTransaction *transaction, GError **error) {
  g_autofree char *organization = tessera_identity_get_organization_name (transaction);
  g_autoptr (GPtrArray) workers = NULL;

  if (organization != NULL)
    return TRUE;
  if (tessera_identity_is_joining (transaction)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_REFUSED,
                         _("This vault has not joined its organization yet: make a request with “team request”, have a "
                           "supervisor admit it, and take in the invitation with “team join”."));
    return FALSE;
  }
  workers = tessera_transaction_select_records (transaction, "worker", "LIMIT 1", NULL, error);
  if (workers == NULL || workers->len > 0)
    return workers != NULL;
  g_set_error_literal (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
                       _("The making of this vault was interrupted before anything was in it; delete its folder and "
                         "make it again."));
  return FALSE;
}

gboolean
tessera_identity_make_certificate (TesseraTransaction *transaction, const TesseraSecret *root, const char *device,
                                   const guint8 *signing_key, char **ret_certificate, char **ret_signature,
                                   GError **error) {
  gint64 now = tessera_transaction_get_now (transaction) / 1000 * 1000;
  g_autofree char *organization = tessera_identity_get_organization (transaction, error);
  TesseraCertificate certificate = { organization, (char *) device, { 0 }, now,
                                     now + CERTIFICATE_DAYS * TESSERA_IDENTITY_DAY };
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;

  if (!organization)
    return FALSE;
  memcpy (certificate.signing_key, signing_key, sizeof certificate.signing_key);
  text = tessera_certificate_to_text (&certificate);
  signature = tessera_certificate_sign (root, text, error);
  if (!signature)
    return FALSE;
  *ret_certificate = g_steal_pointer (&text);
  *ret_signature = g_steal_pointer (&signature);
  return TRUE;
}

static gboolean
renew_certificate (TesseraTransaction *transaction, const TesseraSecret *root, char **ret_certificate,
                   char **ret_signature, GError **error) {
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  g_autofree char *device = tessera_identity_get_device (transaction);
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!signing)
    return FALSE;
  tessera_minisign_key_get_public (signing, key);
  if (!tessera_identity_make_certificate (transaction, root, device, key, &text, &signature, error)
      || !tessera_transaction_set_setting (transaction, "device.certificate", text, error)
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
  g_autoptr (TesseraSecret) root = tessera_transaction_get_secret (transaction, "organization.root");
  gint64 now = tessera_transaction_get_now (transaction);
  gboolean usable = certificate && signature && certificate->expires >= now;

  if (root && (!usable || certificate->expires < now + RENEW_DAYS * TESSERA_IDENTITY_DAY))
    return renew_certificate (transaction, root, ret_certificate, ret_signature, error);
  if (!usable) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_EXPIRED,
                         _("The certificate of this device is past its date; make a request with “team request”, have "
                           "it admitted, and join again with the new invitation."));
    return FALSE;
  }
  *ret_certificate = g_steal_pointer (&text);
  *ret_signature = g_steal_pointer (&signature);
  return TRUE;
}
