/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-in.c: who sent it, whether they may, and its lines into the store.
 *
 * The device's certificate is signed by our root key; that it is still ours says the roster. Nothing of the lines is read
 * before the whole bundle was verified.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-strict-json.h"
#include "tessera-team-contents.h"
#include "tessera-team-in.h"
#include "tessera-team.h"

#define LINES_BETWEEN_QUESTIONS 256
#define DAY G_GINT64_CONSTANT (86400000)
/* Contents of rows that have not come by then are of clients who went elsewhere. */
#define WAIT_DAYS 60
#define MOST_ROSTERS 64

typedef struct {
  TesseraTransaction *transaction;
  TesseraTeamArrival *arrival;
  TesseraTeamGoOn go_on;
  gpointer data;
  TesseraRoster *roster;         /* the newest here; NULL on a device that is joining */
  char *role;                    /* of the sender, under the roster it named */
  char *circle;
  TesseraMerging *merging;
  TesseraTeamContents *contents; /* of a bundle that holds those */
  TesseraTeamAuthor author;
  GPtrArray *rosters;            /* texts, oldest first */
  gint64 n_lines;
} Reading;

static void
reading_clear (Reading *self) {
  g_clear_pointer (&self->roster, tessera_roster_free);
  g_clear_pointer (&self->merging, tessera_merging_free);
  g_clear_pointer (&self->contents, tessera_team_contents_free);
  g_free (self->role);
  g_free (self->circle);
  g_clear_pointer (&self->rosters, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

void
tessera_team_arrival_clear (TesseraTeamArrival *self) {
  g_clear_pointer (&self->manifest, g_free);
  g_clear_pointer (&self->sender, g_free);
  g_clear_pointer (&self->mine, g_free);
  g_clear_error (&self->incomplete);
}

static void
replace_text (char **place, const char *text) {
  g_free (*place);
  *place = g_strdup (text);
}

static gboolean
refuse (GError **error, TesseraBundleError code, const char *message) {
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, (gint) code, message);
  return FALSE;
}

/* ---- the sender ---- */

static gboolean
find_root (TesseraBundleSigner signer, const guint8 *number, guint8 *public_key, gpointer data) {
  Reading *self = data;
  guint8 candidate[TESSERA_MINISIGN_NUMBER_SIZE];

  if (signer != TESSERA_BUNDLE_SIGNER_ORGANIZATION
      || !tessera_identity_get_root_key (self->transaction, public_key, NULL))
    return FALSE;
  tessera_minisign_key_number (public_key, candidate);
  return memcmp (candidate, number, sizeof candidate) == 0;
}

static gboolean
is_known_bundle (TesseraTransaction *transaction, const char *manifest) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM bundle WHERE manifest_id = ?1 AND (direction = 'out' OR state IN ('applied',"
                 " 'quarantined'))", NULL);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, manifest);
  return tessera_statement_step (statement, NULL);
}

/* What a revoked laptop made after it was lost, or what somebody kept back until now. */
static gboolean
check_state (const TesseraRosterDevice *device, GError **error) {
  if (device->state == TESSERA_DEVICE_REVOKED)
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle is from a laptop that was revoked; nothing of it was taken in."));
  return TRUE;
}

static gboolean
check_role (Reading *self, const TesseraManifest *manifest, GError **error) {
  gboolean supervisor = g_strcmp0 (self->role, "supervisor") == 0;

  if (manifest->flow == TESSERA_FLOW_TEAM || supervisor)
    return TRUE;
  g_set_error_literal (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NOT_ALLOWED,
                       _("Only a supervisor's laptop may send this; it was set aside. Ask a supervisor."));
  return FALSE;
}

/* A device that is joining knows nobody yet; it has the root key, and the certificate is signed with it. */
static gboolean
accept_first (Reading *self, const TesseraManifest *manifest, GError **error) {
  self->role = g_strdup ("supervisor");
  return manifest->flow == TESSERA_FLOW_ROSTER
         || refuse (error, TESSERA_BUNDLE_ERROR_TOO_EARLY,
                    _("The list of the organization's laptops has not arrived yet; this waits for it."));
}

/* The sender chooses which roster it names, so one in which it still was a supervisor does not make it one again. */
static const char *
get_role (const TesseraRosterDevice *now, const TesseraRosterDevice *then) {
  return then && strcmp (now->role, "supervisor") == 0 ? then->role : now->role;
}

static gboolean
accept_known (Reading *self, const TesseraManifest *manifest, const guint8 *signing_key, GError **error) {
  const TesseraRosterDevice *device = tessera_roster_find_device (self->roster, manifest->device);
  g_autoptr (TesseraRoster) named = NULL;

  if (manifest->roster > self->roster->version && manifest->flow != TESSERA_FLOW_ROSTER)
    return refuse (error, TESSERA_BUNDLE_ERROR_TOO_EARLY,
                   _("A newer list of the organization's laptops has not arrived yet; this waits for it."));
  if (!device)
    return refuse (error, TESSERA_BUNDLE_ERROR_TOO_EARLY,
                   _("This bundle is from a laptop that is not in the organization's list here; it waits for a newer list."));
  self->arrival->sender = g_strdup (device->name ? device->name : device->id);
  if (memcmp (device->signing_key, signing_key, sizeof device->signing_key) != 0)
    return refuse (error, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE,
                   _("This bundle is signed with another key than the laptop it names; do not use it."));
  if (!check_state (device, error))
    return FALSE;
  named = tessera_roster_load_version (self->transaction, manifest->roster, NULL);
  self->role = g_strdup (get_role (device, named ? tessera_roster_find_device (named, manifest->device) : NULL));
  return check_role (self, manifest, error);
}

static gboolean
accept_sender (const TesseraManifest *manifest, const guint8 *signing_key, const guint8 *organization_key, gpointer data,
               GError **error) {
  Reading *self = data;
  g_autofree char *organization = tessera_identity_get_organization (self->transaction, error);

  if (!organization)
    return FALSE;
  self->arrival->flow = manifest->flow;
  replace_text (&self->arrival->manifest, manifest->id);
  if (!organization_key || strcmp (organization, manifest->organization) != 0
      || (manifest->flow != TESSERA_FLOW_TEAM && manifest->flow != TESSERA_FLOW_SNAPSHOT
          && manifest->flow != TESSERA_FLOW_ROSTER))
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("A colleague may not send a bundle of this kind; it was not taken in."));
  return self->roster ? accept_known (self, manifest, signing_key, error) : accept_first (self, manifest, error);
}

/* ---- the lines ---- */

static gboolean
read_roster_line (Reading *self, const char *line, gsize length, GError **error) {
  g_autoptr (JsonNode) node = tessera_strict_json_parse (line, length);
  JsonObject *object = node ? json_node_get_object (node) : NULL;
  JsonNode *text = object ? json_object_get_member (object, "roster") : NULL;

  if (!text || !JSON_NODE_HOLDS_VALUE (text) || json_node_get_value_type (text) != G_TYPE_STRING
      || self->rosters->len == MOST_ROSTERS)
    return refuse (error, TESSERA_BUNDLE_ERROR_MALFORMED,
                   _("This bundle should hold a list of laptops and does not; ask a supervisor to send it again."));
  g_ptr_array_add (self->rosters, json_node_dup_string (text));
  return TRUE;
}

static gboolean
is_early (const GError *error) {
  return g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_GAP)
         || g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NEEDS);
}

static gboolean
read_line (const char *line, gsize length, guint64 number, gpointer data, GError **error) {
  Reading *self = data;

  self->n_lines++;
  if (self->n_lines % LINES_BETWEEN_QUESTIONS == 0 && self->go_on && !self->go_on (self->n_lines, self->data, error))
    return FALSE;
  if (self->arrival->flow == TESSERA_FLOW_ROSTER)
    return read_roster_line (self, line, length, error);
  if (self->contents)
    return tessera_team_contents_line (self->contents, line, length, error);
  /* What comes behind a gap waits; the rest of the bundle is only checked. */
  if (self->arrival->incomplete)
    return TRUE;
  if (tessera_merging_line (self->merging, line, length, &self->arrival->incomplete)
      || is_early (self->arrival->incomplete))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->arrival->incomplete));
  return FALSE;
}

/* ---- applying ---- */

static gboolean
apply_changes (Reading *self, TesseraBundle *bundle, GError **error) {
  const TesseraManifest *manifest = tessera_bundle_get_manifest (bundle);

  self->author = (TesseraTeamAuthor) { manifest->device, self->role, manifest->flow == TESSERA_FLOW_SNAPSHOT,
                                       tessera_team_clock_is_trusted (self->transaction, manifest->device) };
  self->merging = tessera_merging_new (self->transaction, tessera_team_may, &self->author);
  return tessera_bundle_read (bundle, read_line, NULL, self, error)
         && tessera_merging_finish (self->merging, &self->arrival->n_changes, &self->arrival->n_conflicts, error);
}

static gboolean
read_piece (const char *hash, gconstpointer piece, gsize size, gboolean last, gpointer data, GError **error) {
  Reading *self = data;

  self->n_lines++;
  return (!self->go_on || self->go_on (self->n_lines, self->data, error))
         && tessera_team_contents_piece (self->contents, hash, piece, size, last, error);
}

static void
wait_for_rows (Reading *self) {
  g_set_error_literal (&self->arrival->incomplete, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_EARLY,
                       _("The documents whose contents these are have not arrived here yet; it waits for them."));
}

static gboolean
apply_contents (Reading *self, TesseraBundle *bundle, GError **error) {
  const TesseraManifest *manifest = tessera_bundle_get_manifest (bundle);
  gboolean old = manifest->created < tessera_transaction_get_now (self->transaction) - WAIT_DAYS * DAY;
  gint64 n_early;

  self->contents = tessera_team_contents_new (self->transaction);
  if (!tessera_bundle_read (bundle, read_line, read_piece, self, error)
      || !tessera_team_contents_finish (self->contents, &self->arrival->n_changes, &n_early, error))
    return FALSE;
  if (n_early > 0 && !old)
    wait_for_rows (self);
  return TRUE;
}

/* Megabytes are not read again and again before what they belong to can be here. */
static gboolean
must_wait (Reading *self, TesseraBundle *bundle, gboolean *ret_must, GError **error) {
  gboolean has = TRUE;

  *ret_must = FALSE;
  if (!tessera_transaction_has_applied (self->transaction, tessera_bundle_get_manifest (bundle)->version_vector, &has,
                                        error))
    return FALSE;
  *ret_must = !has;
  if (!has)
    wait_for_rows (self);
  return TRUE;
}

static gboolean
apply_roster (Reading *self, TesseraBundle *bundle, GError **error) {
  gboolean is_new = FALSE;

  self->rosters = g_ptr_array_new_with_free_func (g_free);
  if (!tessera_bundle_read (bundle, read_line, NULL, self, error))
    return FALSE;
  if (self->rosters->len == 0)
    return refuse (error, TESSERA_BUNDLE_ERROR_MALFORMED,
                   _("This bundle should hold a list of laptops and does not; ask a supervisor to send it again."));
  /* A device that is joining begins with the newest; others take them one after the other. */
  for (guint i = self->roster ? 0 : self->rosters->len - 1; i < self->rosters->len; i++) {
    const char *text = self->rosters->pdata[i];

    if (!tessera_roster_take_in (self->transaction, text, strlen (text), &is_new, error))
      return FALSE;
    self->arrival->n_changes += is_new;
  }
  return TRUE;
}

static gboolean
note_heard (Reading *self, const TesseraManifest *manifest, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (self->transaction, NULL);
  const TesseraRosterDevice *sender = roster ? tessera_roster_find_device (roster, manifest->device) : NULL;
  const TesseraRosterCircle *audience = sender ? tessera_team_get_audience (roster, sender) : NULL;

  if (!audience)
    return TRUE;
  if (manifest->roster < roster->version && !tessera_team_note_behind (self->transaction, audience->id, error))
    return FALSE;
  return tessera_team_note_heard (self->transaction, audience->id, manifest->device, manifest->version_vector, error);
}

static gboolean
audit (Reading *self, GError **error) {
  g_autofree char *detail = g_strdup_printf ("%s %s %" G_GINT64_FORMAT, tessera_flow_to_text (self->arrival->flow),
                                             self->arrival->manifest, self->arrival->n_changes);

  return tessera_transaction_audit (self->transaction, "receive", NULL, NULL, detail, error);
}

static TesseraBundle *
open_bundle (Reading *self, GInputStream *source, GError **error) {
  g_autoptr (GPtrArray) keys = tessera_identity_get_encryption_keys (self->transaction, error);
  TesseraBundleTrust trust = { find_root, accept_sender, self, TESSERA_TEAM_SCHEMA,
                               tessera_transaction_get_now (self->transaction) };

  return keys ? tessera_bundle_open (source, (const TesseraSecret *const *) keys->pdata, keys->len, &trust, error) : NULL;
}

gboolean
tessera_team_is_ours (TesseraTransaction *transaction, GInputStream *source) {
  TesseraTeamArrival arrival = { 0 };
  g_auto (Reading) reading = { .transaction = transaction, .arrival = &arrival };
  g_autoptr (TesseraBundle) bundle = NULL;
  GError *error = NULL;
  gboolean ours;

  reading.roster = tessera_roster_load (transaction, NULL);
  bundle = open_bundle (&reading, source, &error);
  ours = bundle || arrival.manifest
         || !g_error_matches (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER);
  g_clear_error (&error);
  tessera_team_arrival_clear (&arrival);
  return ours;
}

gboolean
tessera_team_take_in (TesseraTransaction *transaction, GInputStream *source, TesseraTeamGoOn go_on, gpointer data,
                      TesseraTeamArrival *arrival, GError **error) {
  g_auto (Reading) self = { .transaction = transaction, .arrival = arrival, .go_on = go_on, .data = data };
  g_autoptr (TesseraBundle) bundle = NULL;
  GError *local_error = NULL;
  gboolean holds_contents, waits = FALSE;

  self.roster = tessera_roster_load (transaction, &local_error);
  if (local_error && !g_error_matches (local_error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  g_clear_error (&local_error);
  bundle = open_bundle (&self, source, error);
  if (!bundle)
    return FALSE;
  arrival->known = is_known_bundle (transaction, arrival->manifest);
  if (arrival->known)
    return TRUE;
  holds_contents = arrival->flow == TESSERA_FLOW_TEAM && !tessera_bundle_get_manifest (bundle)->stream;
  if (holds_contents && (!must_wait (&self, bundle, &waits, error) || waits))
    return waits;
  return (arrival->flow == TESSERA_FLOW_ROSTER ? apply_roster (&self, bundle, error)
          : holds_contents                     ? apply_contents (&self, bundle, error)
                                               : apply_changes (&self, bundle, error))
         && note_heard (&self, tessera_bundle_get_manifest (bundle), error) && audit (&self, error);
}
