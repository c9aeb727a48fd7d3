/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster-store.c: the rosters that are kept here: loading, accepting, publishing.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-identity-private.h"
#include "tessera-merge.h"
#include "tessera-roster-table.h"
#include "tessera-roster.h"

#define ROSTER_DAYS 365

static gboolean
fail (GError **error, TesseraRosterError code, const char *message) {
  g_set_error_literal (error, TESSERA_ROSTER_ERROR, (gint) code, message);
  return FALSE;
}

static gint64
get_second (TesseraTransaction *transaction) {
  return tessera_transaction_get_now (transaction) / 1000 * 1000;
}

/* ---- the first one ---- */

static gboolean
describe_own_device (TesseraTransaction *transaction, TesseraRosterDevice *device, GError **error) {
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  g_autoptr (TesseraSecret) encryption = tessera_identity_get_encryption_key (transaction, error);
  g_autoptr (TesseraRecord) row = tessera_transaction_find (transaction, "device",
                                                            tessera_transaction_get_device (transaction));
  g_autoptr (GPtrArray) workers = tessera_transaction_select_records (
    transaction, "worker", "WHERE role = 'supervisor' AND active IS NOT 0 ORDER BY _rowid LIMIT 1", NULL, error);
  TesseraRecord *worker = workers && workers->len ? workers->pdata[0] : NULL;
  const char *name = row ? tessera_record_get (row, "name") : NULL;
  guint8 key[32];

  if (!signing || !encryption || !workers)
    return FALSE;
  tessera_minisign_key_get_public (signing, device->signing_key);
  tessera_age_key_get_public (encryption, key);
  g_ptr_array_add (device->encryption, tessera_age_public_key_to_text (key));
  if (!name && worker)
    name = tessera_record_get (worker, "name");
  device->name = g_strdup (name ? name : _("First device"));
  device->worker = worker ? tessera_identity_strip_dashes (tessera_record_get_id (worker)) : NULL;
  /* Whoever holds the root key decides who belongs to the organization. */
  device->role = g_strdup ("supervisor");
  device->since = get_second (transaction);
  return TRUE;
}

static TesseraRoster *
make_first (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_new ();
  g_autofree char *circle = tessera_transaction_get_circle (transaction, error);
  g_autofree char *id = tessera_identity_get_device (transaction);
  TesseraRosterDevice *device;

  if (!circle)
    return NULL;
  roster->organization = tessera_identity_get_organization (transaction, error);
  roster->name = tessera_identity_get_organization_name (transaction);
  tessera_roster_add_circle (roster, circle, roster->name);
  device = tessera_roster_add_device (roster, id);
  tessera_roster_put_in (device, circle);
  if (!roster->organization || !describe_own_device (transaction, device, error)
      || !tessera_roster_publish (transaction, roster, error))
    return NULL;
  return g_steal_pointer (&roster);
}

/* ---- loading ---- */

static TesseraRoster *
parse_own (TesseraTransaction *transaction, const char *text, GError **error) {
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  return tessera_identity_get_root_key (transaction, key, error) ? tessera_roster_parse (text, strlen (text), key, error)
                                                                 : NULL;
}

char *
tessera_roster_load_text (TesseraTransaction *transaction, gint64 version, GError **error) {
  char *text;

  if (!tessera_transaction_find_roster (transaction, version, &text, error))
    return NULL;
  if (!text)
    fail (error, TESSERA_ROSTER_ERROR_MISSING,
          _("The roster of the organization has not arrived on this device yet; exchange with a colleague first."));
  return text;
}

TesseraRoster *
tessera_roster_load_version (TesseraTransaction *transaction, gint64 version, GError **error) {
  g_autofree char *text = tessera_roster_load_text (transaction, version, error);

  return text ? parse_own (transaction, text, error) : NULL;
}

TesseraRoster *
tessera_roster_load (TesseraTransaction *transaction, GError **error) {
  g_autofree char *joined = tessera_transaction_get_setting (transaction, "organization.roster");
  g_autofree char *text = NULL;

  if (!tessera_transaction_find_roster (transaction, 0, &text, error))
    return NULL;
  if (text)
    return parse_own (transaction, text, error);
  /* A device that joined waits for the one there is, even if somebody put the root key onto it. */
  if (!joined && tessera_identity_has_root (transaction) && tessera_transaction_may_write (transaction))
    return make_first (transaction, error);
  return tessera_roster_load_version (transaction, 0, error);
}

/* ---- accepting ---- */

/* A revoked device stays in the list, revoked, and a key belongs to one device for ever. */
static gboolean
check_devices (const TesseraRoster *before, const TesseraRoster *next, GError **error) {
  for (guint i = 0; i < before->devices->len; i++) {
    const TesseraRosterDevice *old = before->devices->pdata[i];
    const TesseraRosterDevice *new = tessera_roster_find_device (next, old->id);

    if (old->state == TESSERA_DEVICE_REVOKED && (!new || new->state != TESSERA_DEVICE_REVOKED))
      return fail (error, TESSERA_ROSTER_ERROR_REFUSED,
                   _("A device that was revoked cannot come back; it must join again as a new one."));
    if (new && memcmp (old->signing_key, new->signing_key, sizeof old->signing_key) != 0)
      return fail (error, TESSERA_ROSTER_ERROR_REFUSED,
                   _("A device cannot change its signing key; it must join again as a new one."));
  }
  return TRUE;
}

static gboolean
check_follows (const TesseraRoster *before, const char *before_text, const TesseraRoster *next, GError **error) {
  g_autofree char *hash = tessera_roster_hash (before_text);

  if (next->version > before->version + 1) {
    g_set_error (error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_GAP,
                 _("This is version %" PRId64 " of the roster and version %" PRId64 " is here; it waits for those "
                   "between."),
                 next->version, before->version);
    return FALSE;
  }
  if (strcmp (next->previous, hash) != 0)
    return fail (error, TESSERA_ROSTER_ERROR_FORKED,
                 _("This roster does not follow the one that is here; two were made at the same time, or a supervisor's "
                   "vault was set back. The supervisors must agree on one of them."));
  return check_devices (before, next, error);
}

/* Of a version that is here, or older. */
static gboolean
check_known (TesseraTransaction *transaction, gint64 version, const char *text, GError **error) {
  g_autofree char *here = NULL;

  if (!tessera_transaction_find_roster (transaction, version, &here, error))
    return FALSE;
  return !here || strcmp (here, text) == 0
         || fail (error, TESSERA_ROSTER_ERROR_FORKED,
                  _("Another roster with this version is here already; two were made at the same time, or somebody is "
                    "showing an altered list of devices. Ask the supervisors."));
}

/* A device that is joining knows one thing: the version under which it was admitted. */
static gboolean
check_joining (TesseraTransaction *transaction, const TesseraRoster *next, GError **error) {
  g_autofree char *least = tessera_transaction_get_setting (transaction, "organization.roster");

  return !least || next->version >= g_ascii_strtoll (least, NULL, 10)
         || fail (error, TESSERA_ROSTER_ERROR_REFUSED,
                  _("This roster is older than the invitation of this device; it was not taken in."));
}

static gboolean
is_changed (const TesseraRosterDevice *old, const TesseraRosterDevice *new) {
  GHashTableIter iter;
  gpointer stream, sequence;

  if (!old || old->state != TESSERA_DEVICE_REVOKED || !old->last != !new->last)
    return TRUE;
  if (!new->last || g_hash_table_size (old->last) != g_hash_table_size (new->last))
    return new->last != NULL;
  g_hash_table_iter_init (&iter, new->last);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    if (!g_hash_table_contains (old->last, stream) || tessera_vector_get (old->last, stream) != *(gint64 *) sequence)
      return TRUE;
  return FALSE;
}

/* Those it is known to have, and those that the roster names: of these some may not have come here yet. */
static GPtrArray *
list_streams (TesseraTransaction *transaction, const TesseraRosterDevice *device, GError **error) {
  GPtrArray *streams = tessera_transaction_list_streams (transaction, device->id, error);
  GHashTableIter iter;
  gpointer stream;

  if (!streams)
    return NULL;
  g_hash_table_iter_init (&iter, device->last);
  while (g_hash_table_iter_next (&iter, &stream, NULL))
    if (!g_ptr_array_find_with_equal_func (streams, stream, g_str_equal, NULL))
      g_ptr_array_add (streams, g_strdup (stream));
  return streams;
}

static gboolean
undo_device (TesseraTransaction *transaction, const TesseraRosterDevice *device, GError **error) {
  g_autofree char *uuid = tessera_identity_add_dashes (device->id);
  g_autoptr (GPtrArray) streams = device->last ? list_streams (transaction, device, error) : NULL;

  if (device->last && !streams)
    return FALSE;
  for (guint i = 0; streams && i < streams->len; i++)
    if (!tessera_transaction_undo_stream (transaction, device->id, streams->pdata[i],
                                          tessera_vector_get (device->last, streams->pdata[i]), error))
      return FALSE;
  return tessera_transaction_audit (transaction, "revoke", "device", uuid, NULL, error);
}

/* Our own changes are for others to take back: a laptop that was stolen has not got to do anything. */
static gboolean
undo_revoked (TesseraTransaction *transaction, const TesseraRoster *before, const TesseraRoster *next, GError **error) {
  g_autofree char *own = tessera_identity_get_device (transaction);

  for (guint i = 0; i < next->devices->len; i++) {
    const TesseraRosterDevice *device = next->devices->pdata[i];
    const TesseraRosterDevice *old = before ? tessera_roster_find_device (before, device->id) : NULL;

    if (device->state == TESSERA_DEVICE_REVOKED && strcmp (device->id, own) != 0 && is_changed (old, device)
        && !undo_device (transaction, device, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
enter_circles (TesseraTransaction *transaction, const TesseraRoster *roster, GError **error) {
  g_autofree char *own = tessera_identity_get_device (transaction);
  const TesseraRosterDevice *device = tessera_roster_find_device (roster, own);

  for (guint i = 0; device && device->state == TESSERA_DEVICE_ACTIVE && i < device->circles->len; i++)
    if (!tessera_transaction_enter_circle (transaction, device->circles->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
keep_facts (TesseraTransaction *transaction, const TesseraRoster *roster, GError **error) {
  return tessera_transaction_set_setting (transaction, "organization.name", roster->name, error)
         && (!roster->card || tessera_identity_keep_card (transaction, roster->card, error));
}

static gboolean
accept (TesseraTransaction *transaction, const TesseraRoster *before, const TesseraRoster *next, const char *text,
        GError **error) {
  return tessera_transaction_put_roster (transaction, next->version, text, error)
         && keep_facts (transaction, next, error) && enter_circles (transaction, next, error)
         && undo_revoked (transaction, before, next, error);
}

gboolean
tessera_roster_take_in (TesseraTransaction *transaction, const char *bytes, gsize length, gboolean *ret_is_new,
                        GError **error) {
  g_autofree char *organization = tessera_identity_get_organization (transaction, error);
  g_autofree char *text = NULL;
  g_autofree char *before_text = NULL;
  g_autoptr (TesseraRoster) before = NULL;
  g_autoptr (TesseraRoster) next = NULL;
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (ret_is_new)
    *ret_is_new = FALSE;
  if (!organization || !tessera_identity_get_root_key (transaction, key, error))
    return FALSE;
  next = tessera_roster_parse (bytes, length, key, error);
  if (!next || !tessera_transaction_find_roster (transaction, 0, &before_text, error))
    return FALSE;
  if (strcmp (next->organization, organization) != 0)
    return fail (error, TESSERA_ROSTER_ERROR_REFUSED, _("This roster is of another organization."));
  text = g_strndup (bytes, length);
  before = before_text ? parse_own (transaction, before_text, error) : NULL;
  if (before_text && !before)
    return FALSE;
  if (before && next->version <= before->version)
    return check_known (transaction, next->version, text, error);
  if (before ? !check_follows (before, before_text, next, error) : !check_joining (transaction, next, error))
    return FALSE;
  if (ret_is_new)
    *ret_is_new = TRUE;
  return accept (transaction, before, next, text, error);
}

/* ---- publishing ---- */

gboolean
tessera_roster_check_supervisor (TesseraTransaction *transaction, GError **error) {
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = id ? tessera_transaction_find (transaction, "worker", id) : NULL;

  return (worker && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0)
         || fail (error, TESSERA_ROSTER_ERROR_REFUSED,
                  _("Only a supervisor decides who belongs to the organization; sign in as one."));
}

TesseraRoster *
tessera_roster_begin_next (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) root = NULL;

  if (!tessera_roster_check_supervisor (transaction, error))
    return NULL;
  root = tessera_identity_get_root (transaction, error);
  return root ? tessera_roster_load (transaction, error) : NULL;
}

/* What colleagues see in lists; the roster itself is what counts. */
static gboolean
save_device_row (TesseraTransaction *transaction, const TesseraRosterDevice *device, GError **error) {
  g_autofree char *uuid = tessera_identity_add_dashes (device->id);
  g_autoptr (TesseraRecord) row = tessera_transaction_find (transaction, "device", uuid);
  g_autofree char *signing = tessera_minisign_public_key_to_text (device->signing_key);

  if (!row) {
    TesseraRegistry *registry = tessera_transaction_get_registry (transaction);

    row = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "device"), uuid);
    tessera_record_set_integer (row, "registered_at", tessera_transaction_get_now (transaction));
  }
  tessera_record_set (row, "name", device->name);
  tessera_record_set (row, "signing_key", signing);
  tessera_record_set (row, "encryption_key", device->encryption->pdata[0]);
  return tessera_transaction_save (transaction, row, error);
}

static gboolean
save_rows (TesseraTransaction *transaction, const TesseraRoster *roster, GError **error) {
  for (guint i = 0; i < roster->devices->len; i++)
    if (!save_device_row (transaction, roster->devices->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
settle_circles (TesseraRoster *roster, GError **error) {
  for (guint i = 0; i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];

    for (guint j = 0; j < roster->devices->len; j++) {
      TesseraRosterDevice *device = roster->devices->pdata[j];

      if (device->state == TESSERA_DEVICE_ACTIVE && strcmp (device->role, "supervisor") == 0)
        tessera_roster_put_in (device, circle->id);
    }
    if (tessera_roster_count_members (roster, circle->id) > TESSERA_ROSTER_MAX_MEMBERS) {
      g_set_error (error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED,
                   _("The circle “%s” would have more than %d devices; make another circle for some of them."),
                   circle->name, TESSERA_ROSTER_MAX_MEMBERS);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
number_version (TesseraTransaction *transaction, TesseraRoster *roster, GError **error) {
  g_autofree char *before = NULL;
  g_autoptr (TesseraRoster) last = NULL;

  if (!tessera_transaction_find_roster (transaction, 0, &before, error))
    return FALSE;
  g_clear_pointer (&roster->previous, g_free);
  roster->version = 1;
  if (before) {
    last = parse_own (transaction, before, error);
    if (!last)
      return FALSE;
    roster->version = last->version + 1;
    roster->previous = tessera_roster_hash (before);
  }
  roster->created = get_second (transaction);
  roster->expires = roster->created + ROSTER_DAYS * TESSERA_IDENTITY_DAY;
  return TRUE;
}

gboolean
tessera_roster_publish (TesseraTransaction *transaction, TesseraRoster *roster, GError **error) {
  g_autoptr (TesseraSecret) root = tessera_identity_get_root (transaction, error);
  g_autofree char *text = NULL;
  g_autofree char *detail = NULL;
  gboolean is_new;

  if (!root || !settle_circles (roster, error) || !number_version (transaction, roster, error)
      || !save_rows (transaction, roster, error))
    return FALSE;
  g_free (roster->card);
  roster->card = tessera_identity_make_card_for (transaction, roster, error);
  if (!roster->card)
    return FALSE;
  text = tessera_roster_sign (roster, root, error);
  detail = g_strdup_printf ("version=%" G_GINT64_FORMAT " devices=%u", roster->version, roster->devices->len);
  return text && tessera_roster_take_in (transaction, text, strlen (text), &is_new, error)
         && tessera_transaction_audit (transaction, "roster", NULL, NULL, detail, error);
}
