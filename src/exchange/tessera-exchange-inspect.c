/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-inspect.c: see the header.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-exchange-inspect.h"
#include "tessera-post.h"
#include "tessera-team-in.h"

/* A team's bundle may hold a whole shop; this many lines are shown, the others counted. */
#define SHOWN_LINES 1000

typedef struct {
  TesseraTransaction *transaction;
  TesseraRoster *roster;
  const TesseraRosterDevice *device; /* of @roster, once the sender is known */
} Looking;

static void
looking_clear (Looking *self) {
  g_clear_pointer (&self->roster, tessera_roster_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Looking, looking_clear)

static gboolean
find_root (TesseraBundleSigner signer, const guint8 *number, guint8 *public_key, gpointer data) {
  Looking *self = data;
  guint8 candidate[TESSERA_MINISIGN_NUMBER_SIZE];

  if (signer != TESSERA_BUNDLE_SIGNER_ORGANIZATION
      || !tessera_identity_get_root_key (self->transaction, public_key, NULL))
    return FALSE;
  tessera_minisign_key_number (public_key, candidate);
  return memcmp (candidate, number, sizeof candidate) == 0;
}

static gboolean
accept_colleague (const TesseraManifest *manifest, const guint8 *signing_key, const guint8 *organization_key,
                  gpointer data, GError **error) {
  Looking *self = data;

  self->device = tessera_roster_find_device (self->roster, manifest->device);
  if (self->device && memcmp (self->device->signing_key, signing_key, sizeof self->device->signing_key) == 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER,
                       _("This bundle is from a laptop that is not in the organization's list here; take in a newer list "
                         "first."));
  return FALSE;
}

static TesseraBundle *
open_of_colleague (Looking *self, GInputStream *source, GError **error) {
  g_autoptr (GPtrArray) keys = tessera_identity_get_encryption_keys (self->transaction, error);
  TesseraBundleTrust trust = { find_root, accept_colleague, self, TESSERA_TEAM_SCHEMA,
                               tessera_transaction_get_now (self->transaction) };

  if (keys)
    self->roster = tessera_roster_load (self->transaction, error);
  return self->roster ? tessera_bundle_open (source, (const TesseraSecret *const *) keys->pdata, keys->len, &trust,
                                             error)
                      : NULL;
}

static void
add_device (JsonNode *seen, const TesseraRosterDevice *device) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  if (device->name)
    json_object_set_string_member (object, "name", device->name);
  if (device->role)
    json_object_set_string_member (object, "role", device->role);
  json_object_set_boolean_member (object, "active", device->state == TESSERA_DEVICE_ACTIVE);
  json_object_set_object_member (json_node_get_object (seen), "device", object);
}

static GInputStream *
open_file (const char *path, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return (GInputStream *) g_file_read (file, NULL, error);
}

static gboolean
is_of_colleague (TesseraTransaction *transaction, GInputStream *source, gboolean *ret_is, GError **error) {
  *ret_is = tessera_team_is_ours (transaction, source);
  return g_seekable_seek (G_SEEKABLE (source), 0, G_SEEK_SET, NULL, error);
}

/* A partner's letter is small and read whole. */
static GBytes *
load (const char *path, GError **error) {
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  return file ? g_mapped_file_get_bytes (file) : NULL;
}

JsonNode *
tessera_exchange_inspect (TesseraTransaction *transaction, const char *path, GError **error) {
  g_auto (Looking) self = { .transaction = transaction };
  g_autoptr (GInputStream) source = open_file (path, error);
  g_autoptr (TesseraBundle) bundle = NULL;
  g_autoptr (GBytes) file = NULL;
  gboolean is_ours;
  JsonNode *seen;

  if (!source || !is_of_colleague (transaction, source, &is_ours, error))
    return NULL;
  if (!is_ours) {
    file = load (path, error);
    return file ? tessera_post_inspect (transaction, file, error) : NULL;
  }
  bundle = open_of_colleague (&self, source, error);
  seen = bundle ? tessera_bundle_inspect (bundle, SHOWN_LINES, error) : NULL;
  if (seen)
    add_device (seen, self.device);
  return seen;
}

gboolean
tessera_exchange_verify (TesseraTransaction *transaction, const char *path, GError **error) {
  g_auto (Looking) self = { .transaction = transaction };
  g_autoptr (GInputStream) source = open_file (path, error);
  g_autoptr (TesseraBundle) bundle = NULL;
  g_autoptr (GBytes) file = NULL;
  gboolean is_ours;

  if (!source || !is_of_colleague (transaction, source, &is_ours, error))
    return FALSE;
  if (!is_ours) {
    file = load (path, error);
    return file && tessera_post_verify (transaction, file, error);
  }
  bundle = open_of_colleague (&self, source, error);
  return bundle && tessera_bundle_verify (bundle, error);
}
