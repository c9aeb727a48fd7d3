/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-team.c: `team …`: which devices belong to the organization, and what becomes of them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-fields.h"
#include "tessera-cli-team.h"
#include "tessera-fingerprint.h"
#include "tessera-identifier.h"
#include "tessera-identity.h"
#include "tessera-roster-table.h"
#include "tessera-team.h"

/* ---- list ---- */

static void
set_worker (TesseraTransaction *transaction, JsonObject *object, const TesseraRosterDevice *device) {
  g_autoptr (GString) uuid = g_string_new (device->worker);
  g_autoptr (TesseraRecord) worker = NULL;

  if (device->worker == NULL)
    return;
  for (guint i = 0; i < 4; i++)
    g_string_insert_c (uuid, 8 + 5 * (gssize) i, '-');
  json_object_set_string_member (object, "worker_id", uuid->str);
  worker = tessera_transaction_find (transaction, "worker", uuid->str);
  if (worker != NULL)
    json_object_set_string_member (object, "worker", tessera_record_get (worker, "name"));
}

static JsonArray *
list_circle_names (const TesseraRoster *roster, const TesseraRosterDevice *device) {
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < device->circles->len; i++)
    json_array_add_string_element (names, tessera_roster_find_circle (roster, device->circles->pdata[i])->name);
  return names;
}

static void
set_instant (JsonObject *object, const char *name, gint64 instant) {
  g_autofree char *text = tessera_instant_format (instant);

  json_object_set_string_member (object, name, text);
}

static JsonObject *
describe (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraRosterDevice *device) {
  g_autofree char *fingerprint = tessera_fingerprint_new (device->signing_key);
  gint64 heard = tessera_transaction_get_last_heard (transaction, device->id);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "name", device->name);
  set_worker (transaction, object, device);
  json_object_set_string_member (object, "role", device->role);
  json_object_set_string_member (object, "state", tessera_device_state_to_text (device->state));
  set_instant (object, "since", device->since);
  json_object_set_string_member (object, "fingerprint", fingerprint);
  json_object_set_array_member (object, "circles", list_circle_names (roster, device));
  if (heard > 0)
    set_instant (object, "last_heard", heard);
  return object;
}

static gboolean
put_devices (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);
  JsonArray *devices;

  if (roster == NULL)
    return FALSE;
  devices = json_array_new ();
  for (guint i = 0; i < roster->devices->len; i++)
    json_array_add_object_element (devices, describe (transaction, roster, roster->devices->pdata[i]));
  tessera_cli_put_objects (self, devices, "id name worker role state since fingerprint last_heard");
  if (tessera_roster_is_expired (roster, tessera_transaction_get_now (transaction)))
    tessera_cli_warn (self, "%s",
                      _("This list is past its date: it still holds, but no newer one has come for a long time; exchange "
                        "with the supervisor who holds the root key."));
  return TRUE;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return put_devices (self, transaction, error);
}

/* ---- decisions ---- */

static gboolean
revoke_device (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *since = tessera_cli_get_option (self, "since");
  gint64 until = 0;

  if (since != NULL && (!tessera_instant_parse (since, &until) || until <= 0)) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                 _("“%s” is not a date or time such as 2026-11-21T10:00:00Z (--since)."), since);
    return FALSE;
  }
  return tessera_team_revoke (transaction, tessera_cli_get_argument (self, 0), until, error)
         && put_devices (self, transaction, error);
}

static gboolean
retire (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return tessera_team_retire (transaction, tessera_cli_get_argument (self, 0), error)
         && put_devices (self, transaction, error);
}

static gboolean
set_role (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return tessera_team_set_role (transaction, tessera_cli_get_argument (self, 0), tessera_cli_get_argument (self, 1),
                                error)
         && put_devices (self, transaction, error);
}

/* ---- circles ---- */

static gboolean
list_circles (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);
  JsonArray *circles;

  if (roster == NULL)
    return FALSE;
  circles = json_array_new ();
  for (guint i = 0; i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "id", circle->id);
    json_object_set_string_member (object, "name", circle->name);
    json_object_set_string_member (object, "mailbox", circle->mailbox);
    json_object_set_int_member (object, "devices", tessera_roster_count_members (roster, circle->id));
    json_array_add_object_element (circles, object);
  }
  tessera_cli_put_objects (self, circles, "id name mailbox devices");
  return TRUE;
}

static gboolean
add_circle (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return tessera_team_add_circle (transaction, tessera_cli_get_argument (self, 0), error)
         && list_circles (self, transaction, error);
}

static gboolean
put_in_circle (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return tessera_team_put_in_circle (transaction, tessera_cli_get_argument (self, 0), tessera_cli_get_argument (self, 1),
                                     error)
         && put_devices (self, transaction, error);
}

static gboolean
move_client (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);

  return client != NULL
         && tessera_team_move_client (transaction, tessera_record_get_id (client), tessera_cli_get_argument (self, 1),
                                      error);
}

static gboolean
trust_clock (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return tessera_team_trust_clock (transaction, tessera_cli_get_argument (self, 0), error);
}

const TesseraCommand tessera_team_commands[] = {
  { "team", "request", "FILE",
    N_("Writes the request of this device to be admitted, or admitted again, and tells its fingerprint."),
    TESSERA_ACCESS_NONE, tessera_cli_team_request },
  { "team", "admit",
    "FILE INVITATION --role worker|mediator|supervisor [--fingerprint TEXT] [--name DEVICE] [--circle NAME,…]",
    N_("Admits the device that made the request in FILE, and writes the invitation for it."), TESSERA_ACCESS_WRITE,
    tessera_cli_team_admit },
  { "team", "join", "INVITATION [--fingerprint TEXT]",
    N_("Joins the organization that wrote the invitation, and tells its fingerprint."), TESSERA_ACCESS_NONE,
    tessera_cli_team_join },
  { "team", "list", "", N_("Lists the devices of the organization."), TESSERA_ACCESS_WRITE, list },
  { "team", "revoke", "DEVICE [--since INSTANT]",
    N_("A device was lost or stolen: what it writes from now on, or wrote after --since, counts for nothing."),
    TESSERA_ACCESS_WRITE, revoke_device },
  { "team", "retire", "DEVICE", N_("A device is no longer used; what it wrote stays."), TESSERA_ACCESS_WRITE, retire },
  { "team", "role", "DEVICE ROLE", N_("Changes what a device and its worker may do."), TESSERA_ACCESS_WRITE, set_role },
  { "team", "rotate", "[FILE]",
    N_("Gives this device another encryption key; without the root key, FILE is the request to be admitted."),
    TESSERA_ACCESS_WRITE, tessera_cli_team_rotate },
  { "team", "circle list", "", N_("Lists the circles: devices that may read the same people."), TESSERA_ACCESS_WRITE,
    list_circles },
  { "team", "circle add", "NAME", N_("Makes a circle; supervisors' devices are in every one."), TESSERA_ACCESS_WRITE,
    add_circle },
  { "team", "circle put", "DEVICE NAME", N_("Puts a device into a circle."), TESSERA_ACCESS_WRITE, put_in_circle },
  { "team", "circle move", "CLIENT NAME",
    N_("Gives a client to the devices of a circle; those of other circles forget them."), TESSERA_ACCESS_WRITE,
    move_client },
  { "team", "trust-clock", "DEVICE",
    N_("Takes in what a device wrote while its clock was far ahead; sync then brings it."), TESSERA_ACCESS_WRITE,
    trust_clock },
  { "team", "root print", "[--split]",
    N_("Prints the organization's root key, on one sheet or on two that are worth nothing alone."), TESSERA_ACCESS_WRITE,
    tessera_cli_root_print },
  { "team", "root restore", "[--root-fd N | --root-file FILE]",
    N_("Puts the root key onto this supervisor's device, from its sheets, one on each line."), TESSERA_ACCESS_WRITE,
    tessera_cli_root_restore },
  { "team", "root remove", "", N_("Takes the root key off this device; it must have been printed."),
    TESSERA_ACCESS_WRITE, tessera_cli_root_remove },
  { NULL },
};
