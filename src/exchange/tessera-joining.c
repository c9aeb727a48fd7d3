/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining.c: asking, admitting and joining, in the store. What the files look like is in
 * tessera-joining-request.c and tessera-joining-invitation.c.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-attachment.h"
#include "tessera-certificate.h"
#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"
#include "tessera-joining.h"
#include "tessera-json-fields.h"
#include "tessera-merge.h"

/* Encryption keys of a device in the roster: the current one and the one before. */
#define KEPT_KEYS 2

G_DEFINE_QUARK (tessera-joining-error-quark, tessera_joining_error)

static gboolean
fail (GError **error, TesseraJoiningError code, const char *message) {
  g_set_error_literal (error, TESSERA_JOINING_ERROR, (gint) code, message);
  return FALSE;
}

static gint64
get_second (TesseraTransaction *transaction) {
  return tessera_transaction_get_now (transaction) / 1000 * 1000;
}

/* ---- asking ---- */

static gboolean
check_fresh (TesseraTransaction *transaction, GError **error) {
  g_autofree char *organization = tessera_transaction_get_setting (transaction, "organization.id");

  return (!organization && !tessera_identity_is_joining (transaction))
         || fail (error, TESSERA_JOINING_ERROR_JOINED, _("This vault belongs to an organization already."));
}

gboolean
tessera_joining_prepare (TesseraTransaction *transaction, const TesseraJoiningFacts *facts, GError **error) {
  g_autofree char *slot = g_strdup_printf ("%u", facts->slot);
  const char *device = facts->device ? facts->device : facts->worker;

  if (!check_fresh (transaction, error))
    return FALSE;
  if (!tessera_json_is_name (facts->worker) || !tessera_json_is_name (device))
    return fail (error, TESSERA_JOINING_ERROR_REFUSED,
                 _("A name has 1 to 200 characters, and none that hide or reorder text."));
  return tessera_identity_make_device_keys (transaction, error)
         && tessera_transaction_set_setting (transaction, "joining.worker", facts->worker, error)
         && tessera_transaction_set_setting (transaction, "joining.language", facts->language ? facts->language : "en",
                                             error)
         && tessera_transaction_set_setting (transaction, "joining.device", device, error)
         && tessera_transaction_set_setting (transaction, "joining.slot", slot, error);
}

/* Of a device that joined, or founded the organization, the rows know better. */
static gboolean
describe_people (TesseraTransaction *transaction, TesseraRequest *request, GError **error) {
  const char *acting = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = acting ? tessera_transaction_find (transaction, "worker", acting) : NULL;
  g_autoptr (TesseraRecord) device = tessera_transaction_find (transaction, "device",
                                                               tessera_transaction_get_device (transaction));

  request->worker = worker ? g_strdup (tessera_record_get (worker, "name"))
                           : tessera_transaction_get_setting (transaction, "joining.worker");
  request->language = worker ? g_strdup (tessera_record_get (worker, "language"))
                             : tessera_transaction_get_setting (transaction, "joining.language");
  request->name = device ? g_strdup (tessera_record_get (device, "name")) : NULL;
  if (!request->name)
    request->name = tessera_transaction_get_setting (transaction, "joining.device");
  if (!request->name)
    request->name = g_strdup (request->worker);
  if (!request->language)
    request->language = g_strdup ("en");
  return request->worker
         || fail (error, TESSERA_JOINING_ERROR_REFUSED,
                  _("This vault was not made to join an organization; make one with “vault create --joining”."));
}

char *
tessera_joining_request (TesseraTransaction *transaction, char **ret_fingerprint, GError **error) {
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  g_autoptr (TesseraSecret) encryption = signing ? tessera_identity_get_encryption_key (transaction, error) : NULL;
  g_autoptr (TesseraRequest) request = g_new0 (TesseraRequest, 1);
  guint8 key[TESSERA_AGE_KEY_SIZE];
  char *text;

  if (!encryption || !describe_people (transaction, request, error))
    return NULL;
  request->device = tessera_identity_get_device (transaction);
  tessera_minisign_key_get_public (signing, request->signing_key);
  tessera_age_key_get_public (encryption, key);
  request->encryption = tessera_age_public_key_to_text (key);
  request->created = get_second (transaction);
  text = tessera_request_sign (request, signing, error);
  if (text && ret_fingerprint)
    *ret_fingerprint = tessera_request_get_fingerprint (request);
  return text;
}

/* ---- admitting ---- */

static gboolean
check_request (const TesseraRequest *request, const TesseraAdmission *admission, const TesseraRoster *roster,
               GError **error) {
  const TesseraRosterDevice *same = tessera_roster_find_device (roster, request->device);
  const TesseraRosterDevice *signer = tessera_roster_find_signer (roster, request->signing_key);

  if (admission->fingerprint && !tessera_fingerprint_matches (request->signing_key, admission->fingerprint))
    return fail (error, TESSERA_JOINING_ERROR_MISMATCH,
                 _("This is not the fingerprint of the request; nothing was changed. Have it read again on the new "
                   "device, and if it still differs, bring the request again on another way."));
  if (same != signer)
    return fail (error, TESSERA_JOINING_ERROR_REFUSED,
                 _("Another device of the organization has this number or this key; make a new vault on the new device."));
  if (same && same->state == TESSERA_DEVICE_REVOKED)
    return fail (error, TESSERA_JOINING_ERROR_REVOKED,
                 _("This device was revoked and cannot come back; make a new vault on it and join with that."));
  return TRUE;
}

/* The active worker of that name, if there is exactly one. */
static TesseraRecord *
find_worker (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "worker", "WHERE name = ?1 AND active IS NOT 0 ORDER BY _rowid LIMIT 2", error);
  g_autoptr (GPtrArray) found = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, name);
  found = tessera_statement_collect (statement, error);
  if (found && found->len > 1)
    fail (error, TESSERA_JOINING_ERROR_REFUSED,
          _("Two workers have this name; rename one of them, so that it is clear who works on the new device."));
  return found && found->len == 1 ? g_object_ref (found->pdata[0]) : NULL;
}

static TesseraRecord *
take_worker (TesseraTransaction *transaction, const TesseraRequest *request, const char *role, GError **error) {
  GError *local_error = NULL;
  g_autoptr (TesseraRecord) worker = find_worker (transaction, request->worker, &local_error);

  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  if (worker)
    return g_steal_pointer (&worker);
  worker = tessera_transaction_new_record (transaction, "worker");
  if (!tessera_record_parse (worker, "name", request->worker, error)
      || !tessera_record_parse (worker, "language", request->language, error)
      || !tessera_record_parse (worker, "role", role, error))
    return NULL;
  tessera_record_set_boolean (worker, "active", TRUE);
  return tessera_transaction_save (transaction, worker, error) ? g_steal_pointer (&worker) : NULL;
}

static gboolean
put_in_circles (const TesseraRoster *roster, TesseraRosterDevice *device, const char *const *names, GError **error) {
  if (!names) {
    tessera_roster_put_in (device, ((TesseraRosterCircle *) roster->circles->pdata[0])->id);
    return TRUE;
  }
  for (guint i = 0; names[i]; i++) {
    const TesseraRosterCircle *circle = tessera_roster_find_circle_by_name (roster, names[i], error);

    if (!circle)
      return FALSE;
    tessera_roster_put_in (device, circle->id);
  }
  return TRUE;
}

/* The new key goes first; bundles that are on their way are still sealed to the one before. */
static void
put_key (TesseraRosterDevice *device, const char *key) {
  guint place;

  if (g_ptr_array_find_with_equal_func (device->encryption, key, g_str_equal, &place))
    g_ptr_array_remove_index (device->encryption, place);
  g_ptr_array_insert (device->encryption, 0, g_strdup (key));
  if (device->encryption->len > KEPT_KEYS)
    g_ptr_array_set_size (device->encryption, KEPT_KEYS);
}

static TesseraRosterDevice *
fill_device (TesseraTransaction *transaction, TesseraRoster *roster, const TesseraRequest *request,
             const TesseraAdmission *admission, GError **error) {
  TesseraRosterDevice *device = (TesseraRosterDevice *) tessera_roster_find_device (roster, request->device);
  gboolean is_new = !device;
  g_autoptr (TesseraRecord) worker = NULL;

  if (is_new) {
    device = tessera_roster_add_device (roster, request->device);
    memcpy (device->signing_key, request->signing_key, sizeof device->signing_key);
    device->since = get_second (transaction);
  }
  if (!device->worker) {
    worker = take_worker (transaction, request, admission->role, error);
    if (!worker)
      return NULL;
    device->worker = tessera_identity_strip_dashes (tessera_record_get_id (worker));
  }
  if (admission->name || is_new) {
    g_free (device->name);
    device->name = g_strdup (admission->name ? admission->name : request->name);
  }
  g_free (device->role);
  device->role = g_strdup (admission->role);
  device->state = TESSERA_DEVICE_ACTIVE;
  put_key (device, request->encryption);
  if ((is_new || admission->circles) && !put_in_circles (roster, device, admission->circles, error))
    return NULL;
  return device;
}

static char *
write_invitation (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraRosterDevice *device,
                  GError **error) {
  g_autoptr (TesseraInvitation) invitation = tessera_invitation_new ();
  g_autoptr (TesseraSecret) root = tessera_identity_get_root (transaction, error);

  if (!root
      || !tessera_identity_make_certificate (transaction, root, device->id, device->signing_key,
                                             &invitation->certificate, &invitation->certificate_signature, error))
    return NULL;
  invitation->organization = g_strdup (roster->organization);
  invitation->name = g_strdup (roster->name);
  tessera_minisign_key_get_public (root, invitation->root_key);
  invitation->languages = tessera_transaction_get_setting (transaction, "organization.languages");
  invitation->device = g_strdup (device->id);
  invitation->worker = g_strdup (device->worker);
  invitation->role = g_strdup (device->role);
  invitation->attachment_key = tessera_transaction_get_attachment_key (transaction);
  invitation->roster = roster->version;
  invitation->created = get_second (transaction);
  invitation->expires = invitation->created + TESSERA_INVITATION_DAYS * TESSERA_IDENTITY_DAY;
  for (guint i = 0; i < device->circles->len; i++) {
    const TesseraRosterCircle *circle = tessera_roster_find_circle (roster, device->circles->pdata[i]);

    g_ptr_array_add (invitation->circles, tessera_roster_circle_new (circle->id, circle->name, circle->mailbox));
  }
  return tessera_invitation_seal (invitation, root, device->encryption->pdata[0], error);
}

static gboolean
check_admission (const TesseraAdmission *admission, GError **error) {
  static const char *const roles[] = { "worker", "mediator", "supervisor", NULL };

  if (!g_strv_contains (roles, admission->role))
    return fail (error, TESSERA_JOINING_ERROR_REFUSED, _("A role is worker, mediator or supervisor."));
  if (admission->name && !tessera_json_is_name (admission->name))
    return fail (error, TESSERA_JOINING_ERROR_REFUSED,
                 _("A name has 1 to 200 characters, and none that hide or reorder text."));
  return TRUE;
}

char *
tessera_joining_admit (TesseraTransaction *transaction, const char *text, gsize length,
                       const TesseraAdmission *admission, char **ret_device, GError **error) {
  g_autoptr (TesseraRequest) request = NULL;
  g_autoptr (TesseraRoster) roster = NULL;
  g_autofree char *uuid = NULL;
  TesseraRosterDevice *device;

  if (!check_admission (admission, error))
    return NULL;
  roster = tessera_roster_begin_next (transaction, error);
  request = roster ? tessera_request_parse (text, length, error) : NULL;
  if (!request || !check_request (request, admission, roster, error))
    return NULL;
  device = fill_device (transaction, roster, request, admission, error);
  if (!device || !tessera_roster_publish (transaction, roster, error))
    return NULL;
  uuid = tessera_identity_add_dashes (device->id);
  if (!tessera_transaction_audit (transaction, "admit", "device", uuid, device->role, error))
    return NULL;
  if (ret_device)
    *ret_device = g_strdup (device->id);
  return write_invitation (transaction, roster, device, error);
}

/* ---- joining ---- */

static TesseraInvitation *
open_with_our_keys (TesseraTransaction *transaction, const char *text, gsize length, GError **error) {
  g_autoptr (GPtrArray) keys = tessera_identity_get_encryption_keys (transaction, error);
  GError *local_error = NULL;
  TesseraInvitation *invitation;

  if (!keys)
    return NULL;
  invitation = tessera_invitation_open (text, length, (const TesseraSecret *const *) keys->pdata, keys->len, &local_error);
  if (g_error_matches (local_error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_FOR_US)) {
    g_clear_error (&local_error);
    fail (error, TESSERA_JOINING_ERROR_OTHER_DEVICE,
          _("This invitation is for another device; take the one that was written for the request of this device."));
  } else if (local_error) {
    g_propagate_error (error, local_error);
  }
  return invitation;
}

static gboolean
check_addressed (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  g_autofree char *device = tessera_identity_get_device (transaction);
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  g_autoptr (TesseraCertificate) certificate = NULL;
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!signing)
    return FALSE;
  tessera_minisign_key_get_public (signing, key);
  certificate = tessera_certificate_parse (invitation->certificate, strlen (invitation->certificate), error);
  if (!certificate)
    return FALSE;
  if (strcmp (invitation->device, device) != 0 || memcmp (certificate->signing_key, key, sizeof key) != 0)
    return fail (error, TESSERA_JOINING_ERROR_OTHER_DEVICE,
                 _("This invitation is for another device; take the one that was written for the request of this device."));
  if (invitation->expires < tessera_transaction_get_now (transaction)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_EXPIRED,
                         _("This invitation is past its date; have the request admitted again."));
    return FALSE;
  }
  return TRUE;
}

TesseraInvitation *
tessera_joining_read (TesseraTransaction *transaction, const char *text, gsize length, GError **error) {
  g_autoptr (TesseraInvitation) invitation = open_with_our_keys (transaction, text, length, error);

  return invitation && check_addressed (transaction, invitation, error) ? g_steal_pointer (&invitation) : NULL;
}

static gboolean
check_not_revoked (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load_version (transaction, 0, NULL);
  g_autofree char *id = tessera_identity_get_device (transaction);
  const TesseraRosterDevice *device = roster ? tessera_roster_find_device (roster, id) : NULL;

  return !device || device->state != TESSERA_DEVICE_REVOKED
         || fail (error, TESSERA_JOINING_ERROR_REVOKED,
                  _("This device was revoked and cannot come back; make a new vault on it and join with that."));
}

/* A second invitation of the same organization brings a newer certificate, and nothing else. */
static gboolean
check_renewal (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  g_autofree char *organization = tessera_transaction_get_setting (transaction, "organization.id");
  g_autofree char *text = tessera_transaction_get_setting (transaction, "device.certificate");
  g_autoptr (TesseraCertificate) ours = text ? tessera_certificate_parse (text, strlen (text), NULL) : NULL;
  g_autoptr (TesseraCertificate) theirs = tessera_certificate_parse (invitation->certificate,
                                                                     strlen (invitation->certificate), error);
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!theirs || !tessera_identity_get_root_key (transaction, key, error))
    return FALSE;
  if (strcmp (organization, invitation->organization) != 0 || memcmp (key, invitation->root_key, sizeof key) != 0)
    return fail (error, TESSERA_JOINING_ERROR_JOINED,
                 _("This vault belongs to another organization; make a new vault to join this one."));
  if (ours && ours->created >= theirs->created)
    return fail (error, TESSERA_JOINING_ERROR_JOINED,
                 _("This device has joined already; this invitation has nothing new for it."));
  return check_not_revoked (transaction, error);
}

static gboolean
keep_certificate (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  return tessera_transaction_set_setting (transaction, "device.certificate", invitation->certificate, error)
         && tessera_transaction_set_setting (transaction, "device.certificate_signature",
                                             invitation->certificate_signature, error);
}

static gboolean
keep_organization (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  g_autofree char *key = tessera_minisign_public_key_to_text (invitation->root_key);
  g_autofree char *version = g_strdup_printf ("%" G_GINT64_FORMAT, invitation->roster);

  return tessera_transaction_set_setting (transaction, "organization.id", invitation->organization, error)
         && tessera_transaction_set_setting (transaction, "organization.name", invitation->name, error)
         && tessera_transaction_set_setting (transaction, "organization.root_key", key, error)
         && tessera_transaction_set_setting (transaction, "organization.languages", invitation->languages, error)
         && tessera_transaction_set_setting (transaction, "organization.roster", version, error);
}

static gboolean
keep_worker (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  g_autofree char *worker = tessera_identity_add_dashes (invitation->worker);
  g_autofree char *slot = tessera_transaction_get_setting (transaction, "joining.slot");

  return tessera_transaction_set_setting (transaction, "joining.worker_id", worker, error)
         && tessera_transaction_set_setting (transaction, "joining.role", invitation->role, error)
         && tessera_identity_set_slot (transaction, slot ? (guint) g_ascii_strtoull (slot, NULL, 10) : 1, worker, error);
}

/* Where the first exchange is looked for, before the roster is here. */
static gboolean
enter_circles (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < invitation->circles->len; i++) {
    const TesseraRosterCircle *circle = invitation->circles->pdata[i];

    g_string_append_printf (list, "%s%s %s %s", list->len ? "\n" : "", circle->id, circle->mailbox, circle->name);
    if (!tessera_transaction_enter_circle (transaction, circle->id, error))
      return FALSE;
  }
  return tessera_transaction_set_setting (transaction, "joining.circles", list->str, error);
}

GPtrArray *
tessera_joining_list_circles (TesseraTransaction *transaction) {
  g_autofree char *list = tessera_transaction_get_setting (transaction, "joining.circles");
  g_auto (GStrv) lines = g_strsplit (list ? list : "", "\n", -1);
  GPtrArray *circles = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_roster_circle_free);

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) words = g_strsplit (lines[i], " ", 3);

    if (g_strv_length (words) == 3)
      g_ptr_array_add (circles, tessera_roster_circle_new (words[0], words[2], words[1]));
  }
  return circles;
}

static gboolean
check_fingerprint (const TesseraInvitation *invitation, const char *fingerprint, GError **error) {
  return !fingerprint || tessera_fingerprint_matches (invitation->root_key, fingerprint)
         || fail (error, TESSERA_JOINING_ERROR_MISMATCH,
                  _("This is not the fingerprint of the organization that wrote the invitation; nothing was changed. "
                    "Have the supervisor read it again, and if it still differs, ask for a new invitation."));
}

/* So that content has the same name on all laptops of the organization. */
static gboolean
keep_attachment_key (TesseraTransaction *transaction, const TesseraInvitation *invitation, GError **error) {
  return !invitation->attachment_key
         || tessera_transaction_adopt_attachment_key (transaction, invitation->attachment_key, error);
}

gboolean
tessera_joining_join (TesseraTransaction *transaction, const char *text, gsize length, const char *fingerprint,
                      GError **error) {
  g_autofree char *organization = tessera_transaction_get_setting (transaction, "organization.id");
  g_autoptr (TesseraInvitation) invitation = tessera_joining_read (transaction, text, length, error);

  if (!invitation || !check_fingerprint (invitation, fingerprint, error))
    return FALSE;
  if (organization)
    return check_renewal (transaction, invitation, error) && keep_certificate (transaction, invitation, error)
           && keep_attachment_key (transaction, invitation, error)
           && tessera_transaction_audit (transaction, "renew", "device",
                                         tessera_transaction_get_device (transaction), NULL, error);
  return keep_certificate (transaction, invitation, error) && keep_organization (transaction, invitation, error)
         && keep_attachment_key (transaction, invitation, error) && keep_worker (transaction, invitation, error)
         && enter_circles (transaction, invitation, error)
         && tessera_transaction_audit (transaction, "join", "device", tessera_transaction_get_device (transaction),
                                       invitation->role, error);
}
