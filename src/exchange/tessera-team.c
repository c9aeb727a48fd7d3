/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team.c: see the header.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"
#include "tessera-json-fields.h"
#include "tessera-merge.h"
#include "tessera-roster-table.h"
#include "tessera-team.h"

static gboolean
refuse (GError **error, const char *message) {
  g_set_error_literal (error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED, message);
  return FALSE;
}

static gboolean
matches (const TesseraRosterDevice *device, const char *id, const char *text) {
  return strcmp (device->id, id) == 0 || strcmp (device->name, text) == 0
         || tessera_fingerprint_matches (device->signing_key, text);
}

const TesseraRosterDevice *
tessera_team_resolve (const TesseraRoster *roster, const char *text, GError **error) {
  g_autofree char *plain = tessera_identity_strip_dashes (text);
  const TesseraRosterDevice *found = NULL;

  for (guint i = 0; i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (!matches (device, plain, text))
      continue;
    if (found) {
      refuse (error, _("Several devices have this name; use the id or the fingerprint that “team list” shows."));
      return NULL;
    }
    found = device;
  }
  if (!found)
    refuse (error, _("There is no such device; “team list” shows them."));
  return found;
}

/* The device to be changed, in a roster that nobody else has. */
static TesseraRosterDevice *
find_for_change (TesseraRoster *roster, const char *text, GError **error) {
  return (TesseraRosterDevice *) tessera_team_resolve (roster, text, error);
}

static gboolean
check_other (TesseraTransaction *transaction, const TesseraRosterDevice *device, GError **error) {
  g_autofree char *own = tessera_identity_get_device (transaction);

  return strcmp (device->id, own) != 0
         || refuse (error, _("This is the device you are working on; do it on another one that holds the root key."));
}

static gboolean
note (TesseraTransaction *transaction, const char *action, const TesseraRosterDevice *device, const char *detail,
      GError **error) {
  g_autofree char *uuid = tessera_identity_add_dashes (device->id);

  return tessera_transaction_audit (transaction, action, "device", uuid, detail, error);
}

/* ---- leaving ---- */

/* Never more than an earlier decision left. */
static void
lower (GHashTable *vector, GHashTable *before) {
  GHashTableIter iter;
  gpointer stream, sequence;

  g_hash_table_iter_init (&iter, vector);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    *(gint64 *) sequence = MIN (*(gint64 *) sequence, tessera_vector_get (before, stream));
}

gboolean
tessera_team_revoke (TesseraTransaction *transaction, const char *text, gint64 until, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_begin_next (transaction, error);
  TesseraRosterDevice *device = roster ? find_for_change (roster, text, error) : NULL;
  g_autoptr (GHashTable) last = NULL;

  if (!device || !check_other (transaction, device, error))
    return FALSE;
  last = tessera_transaction_get_vector_until (transaction, device->id, until ? until : G_MAXINT64, error);
  if (!last)
    return FALSE;
  if (device->last)
    lower (last, device->last);
  if (device->state != TESSERA_DEVICE_REVOKED)
    device->since = tessera_transaction_get_now (transaction) / 1000 * 1000;
  device->state = TESSERA_DEVICE_REVOKED;
  g_clear_pointer (&device->last, g_hash_table_unref);
  device->last = g_steal_pointer (&last);
  return tessera_roster_publish (transaction, roster, error);
}

gboolean
tessera_team_retire (TesseraTransaction *transaction, const char *text, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_begin_next (transaction, error);
  TesseraRosterDevice *device = roster ? find_for_change (roster, text, error) : NULL;

  if (!device || !check_other (transaction, device, error))
    return FALSE;
  if (device->state != TESSERA_DEVICE_ACTIVE)
    return refuse (error, _("This device is retired or revoked already."));
  device->state = TESSERA_DEVICE_RETIRED;
  device->since = tessera_transaction_get_now (transaction) / 1000 * 1000;
  return tessera_roster_publish (transaction, roster, error) && note (transaction, "retire", device, NULL, error);
}

/* ---- roles and circles ---- */

static gboolean
save_worker_role (TesseraTransaction *transaction, const TesseraRosterDevice *device, const char *role, GError **error) {
  g_autofree char *uuid = device->worker ? tessera_identity_add_dashes (device->worker) : NULL;
  g_autoptr (TesseraRecord) worker = uuid ? tessera_transaction_find (transaction, "worker", uuid) : NULL;

  return !worker
         || (tessera_record_parse (worker, "role", role, error) && tessera_transaction_save (transaction, worker, error));
}

gboolean
tessera_team_set_role (TesseraTransaction *transaction, const char *text, const char *role, GError **error) {
  static const char *const roles[] = { "worker", "mediator", "supervisor", NULL };
  g_autoptr (TesseraRoster) roster = NULL;
  TesseraRosterDevice *device;

  if (!g_strv_contains (roles, role))
    return refuse (error, _("A role is worker, mediator or supervisor."));
  roster = tessera_roster_begin_next (transaction, error);
  device = roster ? find_for_change (roster, text, error) : NULL;
  if (!device || !check_other (transaction, device, error))
    return FALSE;
  if (device->state != TESSERA_DEVICE_ACTIVE)
    return refuse (error, _("This device is retired or revoked already."));
  g_free (device->role);
  device->role = g_strdup (role);
  return save_worker_role (transaction, device, role, error) && tessera_roster_publish (transaction, roster, error)
         && note (transaction, "role", device, role, error);
}

gboolean
tessera_team_add_circle (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (TesseraRoster) roster = NULL;

  if (!tessera_json_is_name (name))
    return refuse (error, _("A name has 1 to 200 characters, and none that hide or reorder text."));
  roster = tessera_roster_begin_next (transaction, error);
  if (!roster)
    return FALSE;
  if (tessera_roster_find_circle_by_name (roster, name, NULL))
    return refuse (error, _("There is a circle with this name already."));
  tessera_roster_add_circle (roster, NULL, name);
  return tessera_roster_publish (transaction, roster, error)
         && tessera_transaction_audit (transaction, "circle", NULL, NULL, NULL, error);
}

gboolean
tessera_team_put_in_circle (TesseraTransaction *transaction, const char *text, const char *name, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_begin_next (transaction, error);
  TesseraRosterDevice *device = roster ? find_for_change (roster, text, error) : NULL;
  const TesseraRosterCircle *circle = device ? tessera_roster_find_circle_by_name (roster, name, error) : NULL;

  if (!circle)
    return FALSE;
  if (device->state != TESSERA_DEVICE_ACTIVE)
    return refuse (error, _("This device is retired or revoked already."));
  if (device->circles->len > 0 && circle != roster->circles->pdata[0]
      && !tessera_roster_device_is_in (device, ((TesseraRosterCircle *) roster->circles->pdata[0])->id))
    return refuse (error, _("A laptop holds the clients of one team, or everybody's; this one has a team already."));
  tessera_roster_put_in (device, circle->id);
  return tessera_roster_publish (transaction, roster, error) && note (transaction, "circle", device, circle->id, error);
}

gboolean
tessera_team_move_client (TesseraTransaction *transaction, const char *client, const char *name, GError **error) {
  g_autoptr (TesseraRoster) roster = NULL;
  g_autoptr (TesseraRecord) record = NULL;
  const TesseraRosterCircle *circle;

  if (!tessera_roster_check_supervisor (transaction, error))
    return FALSE;
  roster = tessera_roster_load (transaction, error);
  circle = roster ? tessera_roster_find_circle_by_name (roster, name, error) : NULL;
  record = circle ? tessera_transaction_load (transaction, "client", client, error) : NULL;
  if (!record)
    return FALSE;
  tessera_record_set (record, "team", circle == roster->circles->pdata[0] ? NULL : circle->id);
  return tessera_transaction_save (transaction, record, error);
}

/* ---- clocks ---- */

static char *
clock_setting (const char *device) {
  return g_strconcat ("exchange.clock.", device, NULL);
}

gboolean
tessera_team_trust_clock (TesseraTransaction *transaction, const char *text, GError **error) {
  g_autoptr (TesseraRoster) roster = NULL;
  const TesseraRosterDevice *device;
  g_autofree char *key = NULL;

  if (!tessera_roster_check_supervisor (transaction, error))
    return FALSE;
  roster = tessera_roster_load (transaction, error);
  device = roster ? tessera_team_resolve (roster, text, error) : NULL;
  if (!device)
    return FALSE;
  key = clock_setting (device->id);
  return tessera_transaction_set_setting (transaction, key, "trusted", error)
         && note (transaction, "clock", device, NULL, error);
}

gboolean
tessera_team_clock_is_trusted (TesseraTransaction *transaction, const char *device) {
  g_autofree char *key = clock_setting (device);
  g_autofree char *value = tessera_transaction_get_setting (transaction, key);

  return value != NULL;
}

/* ---- another encryption key ---- */

static char *
describe_key (const TesseraSecret *key) {
  guint8 public_key[TESSERA_AGE_KEY_SIZE];

  tessera_age_key_get_public (key, public_key);
  return tessera_age_public_key_to_text (public_key);
}

/* Two changes in a row would lose the key that colleagues still seal to. */
static gboolean
check_known (TesseraTransaction *transaction, const TesseraRosterDevice *device, GError **error) {
  g_autoptr (TesseraSecret) current = tessera_identity_get_encryption_key (transaction, error);
  g_autofree char *text = current ? describe_key (current) : NULL;

  if (!text)
    return FALSE;
  return (device && g_strcmp0 (device->encryption->pdata[0], text) == 0)
         || refuse (error, _("The last change of the key has not been admitted yet; have the request of this device "
                             "admitted first."));
}

static gboolean
replace_key (TesseraTransaction *transaction, char **ret_text, GError **error) {
  g_autoptr (TesseraSecret) current = tessera_identity_get_encryption_key (transaction, error);
  g_autoptr (TesseraSecret) fresh = tessera_age_key_generate ();

  if (!current || !tessera_transaction_put_secret (transaction, "device.encryption.previous", current, error)
      || !tessera_transaction_put_secret (transaction, "device.encryption", fresh, error))
    return FALSE;
  *ret_text = describe_key (fresh);
  return TRUE;
}

gboolean
tessera_team_rotate (TesseraTransaction *transaction, gboolean *ret_published, GError **error) {
  gboolean has_root = tessera_identity_has_root (transaction);
  g_autoptr (TesseraRoster) roster = has_root ? tessera_roster_begin_next (transaction, error)
                                              : tessera_roster_load (transaction, error);
  g_autofree char *own = tessera_identity_get_device (transaction);
  TesseraRosterDevice *device = roster ? (TesseraRosterDevice *) tessera_roster_find_device (roster, own) : NULL;
  g_autofree char *text = NULL;

  *ret_published = has_root;
  if (!roster || !check_known (transaction, device, error) || !replace_key (transaction, &text, error))
    return FALSE;
  g_ptr_array_insert (device->encryption, 0, g_strdup (text));
  g_ptr_array_set_size (device->encryption, MIN (2, (int) device->encryption->len));
  return (!has_root || tessera_roster_publish (transaction, roster, error))
         && note (transaction, "rotate", device, NULL, error);
}
