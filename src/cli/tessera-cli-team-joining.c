/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-team-joining.c: `team request`, `team admit`, `team join`, `team rotate`.
 *
 * A vault that has not joined yet is opened for its request and for joining only, and for nothing else.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-age-armor.h"
#include "tessera-cli-team.h"
#include "tessera-identity.h"
#include "tessera-joining.h"
#include "tessera-team.h"

static gboolean
open_unjoined (TesseraCli *self, GError **error) {
  return tessera_cli_unlock (self, error)
         && tessera_cli_adopt (self, tessera_cli_get_vault (self), error);
}

static gboolean
write_file (TesseraCli *self, const char *path, const char *text, GError **error) {
  return tessera_cli_check_target (self, path, error) && g_file_set_contents (path, text, -1, error);
}

/* ---- request ---- */

typedef struct {
  char *text;
  char *fingerprint;
} Request;

static gboolean
make_request (TesseraTransaction *transaction, gpointer data, GError **error) {
  Request *request = data;

  request->text = tessera_joining_request (transaction, &request->fingerprint, error);
  return request->text != NULL;
}

static gboolean
put_request (TesseraCli *self, Request *request, const char *path, GError **error) {
  gboolean written = write_file (self, path, request->text, error);
  JsonObject *object;

  if (written) {
    object = json_object_new ();
    json_object_set_string_member (object, "file", path);
    json_object_set_string_member (object, "fingerprint", request->fingerprint);
    tessera_cli_put_object (self, object);
    tessera_cli_put_line (self, "%s", _("Give the file to a supervisor, and read the fingerprint to them aloud."));
  }
  g_free (request->text);
  g_free (request->fingerprint);
  return written;
}

gboolean
tessera_cli_team_request (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  Request request = { NULL, NULL };

  return open_unjoined (self, error)
         && tessera_store_read (tessera_cli_get_store (self), make_request, &request, error)
         && put_request (self, &request, tessera_cli_get_argument (self, 0), error);
}

/* ---- admit ---- */

static char *
load_organization_fingerprint (TesseraTransaction *transaction, GError **error) {
  return tessera_identity_get_fingerprint (transaction, error);
}

static JsonObject *
describe_device (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);
  const TesseraRosterDevice *device = roster != NULL ? tessera_roster_find_device (roster, id) : NULL;
  JsonObject *object;

  if (device == NULL)
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "name", device->name);
  json_object_set_string_member (object, "role", device->role);
  json_object_set_int_member (object, "roster", roster->version);
  return object;
}

static char *
get_request_fingerprint (GBytes *file) {
  g_autoptr (TesseraRequest) request = tessera_request_parse (g_bytes_get_data (file, NULL), g_bytes_get_size (file), NULL);

  return tessera_request_get_fingerprint (request);
}

static gboolean
put_admitted (TesseraCli *self, TesseraTransaction *transaction, GBytes *file, const char *id, GError **error) {
  g_autofree char *organization = load_organization_fingerprint (transaction, error);
  JsonObject *object = organization != NULL ? describe_device (transaction, id, error) : NULL;
  g_autofree char *fingerprint = NULL;

  if (object == NULL)
    return FALSE;
  fingerprint = get_request_fingerprint (file);
  json_object_set_string_member (object, "file", tessera_cli_get_argument (self, 1));
  json_object_set_string_member (object, "fingerprint", fingerprint);
  json_object_set_string_member (object, "organization_fingerprint", organization);
  tessera_cli_put_object (self, object);
  if (!tessera_cli_has (self, "fingerprint"))
    tessera_cli_warn (self, _("Have this fingerprint read from the new device before you hand over the invitation: %s"),
                      fingerprint);
  return TRUE;
}

gboolean
tessera_cli_team_admit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *circles = tessera_cli_get_option (self, "circle");
  g_auto (GStrv) names = circles != NULL ? g_strsplit (circles, ",", -1) : NULL;
  TesseraAdmission admission = { .role = tessera_cli_get_option (self, "role"),
                                 .fingerprint = tessera_cli_get_option (self, "fingerprint"),
                                 .name = tessera_cli_get_option (self, "name"),
                                 .circles = (const char *const *) names };
  g_autoptr (GBytes) file = tessera_cli_read_file (tessera_cli_get_argument (self, 0), TESSERA_REQUEST_MAX_SIZE, error);
  g_autofree char *invitation = NULL;
  g_autofree char *id = NULL;

  if (file == NULL || !tessera_cli_check_target (self, tessera_cli_get_argument (self, 1), error))
    return FALSE;
  invitation = tessera_joining_admit (transaction, g_bytes_get_data (file, NULL), g_bytes_get_size (file), &admission,
                                      &id, error);
  return invitation != NULL && put_admitted (self, transaction, file, id, error)
         && write_file (self, tessera_cli_get_argument (self, 1), invitation, error);
}

/* ---- join ---- */

typedef struct {
  GBytes *file;
  const char *fingerprint;
  char *organization;
  char *root;
} Joining;

static gboolean
join (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;

  if (!tessera_joining_join (transaction, g_bytes_get_data (joining->file, NULL), g_bytes_get_size (joining->file),
                             joining->fingerprint, error))
    return FALSE;
  joining->organization = tessera_identity_get_organization_name (transaction);
  joining->root = tessera_identity_get_fingerprint (transaction, error);
  return joining->root != NULL;
}

static void
put_joined (TesseraCli *self, const Joining *joining) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "organization", joining->organization);
  json_object_set_string_member (object, "fingerprint", joining->root);
  tessera_cli_put_object (self, object);
  if (joining->fingerprint == NULL)
    tessera_cli_warn (self, _("Compare this fingerprint with the one the supervisor reads to you; if it differs, delete "
                              "this vault: %s"), joining->root);
}

gboolean
tessera_cli_team_join (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GBytes) file =
    tessera_cli_read_file (tessera_cli_get_argument (self, 0), TESSERA_AGE_ARMOR_MAX_SIZE, error);
  Joining joining = { .file = file, .fingerprint = tessera_cli_get_option (self, "fingerprint") };
  gboolean joined;

  joined = file != NULL && open_unjoined (self, error)
           && tessera_store_write (tessera_cli_get_store (self), join, &joining, error);
  if (joined)
    put_joined (self, &joining);
  g_free (joining.organization);
  g_free (joining.root);
  return joined;
}

/* ---- rotate ---- */

gboolean
tessera_cli_team_rotate (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  Request request = { NULL, NULL };
  JsonObject *object;
  gboolean published;

  if (path == NULL && !tessera_identity_has_root (transaction)) {
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                         _("This device does not hold the root key: name a file for the request that a supervisor then "
                           "admits."));
    return FALSE;
  }
  if (!tessera_team_rotate (transaction, &published, error))
    return FALSE;
  if (!published)
    return make_request (transaction, &request, error) && put_request (self, &request, path, error);
  object = json_object_new ();
  json_object_set_string_member (object, "encryption_key", "changed");
  tessera_cli_put_object (self, object);
  return TRUE;
}
