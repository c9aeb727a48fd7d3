/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster-text.c: writing and reading rosters. Format: docs/bundle-format.md, Roster.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-base32.h"
#include "tessera-card.h"
#include "tessera-json-fields.h"
#include "tessera-manifest.h"
#include "tessera-merge.h"
#include "tessera-roster.h"
#include "tessera-signed-line.h"

/* Encryption keys of one device: the current one and those that bundles on their way may still be sealed to. */
#define MOST_KEYS 4
#define MOST_CIRCLES 256
/* Circles of one device, and streams of a revoked one. */
#define MOST_STREAMS 1024

static const TesseraSignedLine kind = {
  TESSERA_ROSTER_FORMAT, TESSERA_ROSTER_MAX_SIZE,
  N_("This file is not a roster; ask a supervisor for the roster of your organization."),
  N_("This roster was not signed by your organization, or was changed afterwards; nothing was taken in."),
};

static const char *const states[] = { "active", "retired", "revoked" };

const char *
tessera_device_state_to_text (TesseraDeviceState state) {
  return states[state];
}

char *
tessera_roster_hash (const char *text) {
  return tessera_manifest_hash (text, strlen (text));
}

/* ---- writing ---- */

static JsonArray *
build_texts (const GPtrArray *texts) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < texts->len; i++)
    json_array_add_string_element (array, texts->pdata[i]);
  return array;
}

static JsonArray *
build_circles (const TesseraRoster *self) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < self->circles->len; i++) {
    const TesseraRosterCircle *circle = self->circles->pdata[i];
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "id", circle->id);
    json_object_set_string_member (object, "name", circle->name);
    json_object_set_string_member (object, "mailbox", circle->mailbox);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* In the order of the streams' ids, so that the same roster is always the same text. */
static JsonObject *
build_last (GHashTable *last) {
  g_autoptr (GList) streams = g_list_sort (g_hash_table_get_keys (last), (GCompareFunc) strcmp);
  JsonObject *object = json_object_new ();

  for (GList *stream = streams; stream; stream = stream->next)
    json_object_set_int_member (object, stream->data, tessera_vector_get (last, stream->data));
  return object;
}

static JsonObject *
build_device (const TesseraRosterDevice *device) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "name", device->name);
  if (device->worker)
    json_object_set_string_member (object, "worker", device->worker);
  json_object_set_string_member (object, "role", device->role);
  tessera_json_take_text (object, "sign", tessera_minisign_public_key_to_text (device->signing_key));
  json_object_set_array_member (object, "enc", build_texts (device->encryption));
  json_object_set_array_member (object, "circles", build_texts (device->circles));
  json_object_set_string_member (object, "state", states[device->state]);
  tessera_json_take_text (object, "since", tessera_instant_to_text (device->since));
  if (device->last)
    json_object_set_object_member (object, "last", build_last (device->last));
  return object;
}

static JsonObject *
build_object (const TesseraRoster *self) {
  JsonObject *object = json_object_new ();
  JsonArray *devices = json_array_new ();

  for (guint i = 0; i < self->devices->len; i++)
    json_array_add_object_element (devices, build_device (self->devices->pdata[i]));
  json_object_set_string_member (object, "org", self->organization);
  json_object_set_string_member (object, "name", self->name);
  json_object_set_int_member (object, "n", self->version);
  if (self->previous)
    json_object_set_string_member (object, "prev", self->previous);
  tessera_json_take_text (object, "created", tessera_instant_to_text (self->created));
  tessera_json_take_text (object, "expires", tessera_instant_to_text (self->expires));
  json_object_set_array_member (object, "circles", build_circles (self));
  json_object_set_array_member (object, "devices", devices);
  if (self->card)
    json_object_set_string_member (object, "card", self->card);
  return object;
}

char *
tessera_roster_sign (const TesseraRoster *self, const TesseraSecret *root, GError **error) {
  g_autofree char *about = g_strdup_printf ("version %" G_GINT64_FORMAT " of the devices of this organization",
                                            self->version);
  g_autofree char *text = tessera_signed_line_write (&kind, build_object (self), about, root, error);
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autoptr (TesseraRoster) read = NULL;

  if (!text)
    return NULL;
  tessera_minisign_key_get_public (root, key);
  read = tessera_roster_parse (text, strlen (text), key, error);
  return read ? g_steal_pointer (&text) : NULL;
}

/* ---- reading ---- */

static gboolean
is_id (const char *text) {
  return tessera_is_hex (text, TESSERA_MANIFEST_ID_DIGITS);
}

static gboolean
read_circle (TesseraRoster *self, GHashTable *seen, JsonObject *object) {
  const char *id = object ? tessera_json_peek_text (object, "id") : "";
  const char *mailbox = object ? tessera_json_peek_text (object, "mailbox") : "";
  g_autofree char *name = object ? tessera_json_read_name (object, "name") : NULL;

  if (!is_id (id) || !name || !tessera_base32_is_mailbox (mailbox) || !g_hash_table_add (seen, g_strdup (id))
      || !g_hash_table_add (seen, g_strdup (mailbox)))
    return FALSE;
  g_ptr_array_add (self->circles, tessera_roster_circle_new (id, name, mailbox));
  return TRUE;
}

static gboolean
read_circles (TesseraRoster *self, GHashTable *seen, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "circles");
  guint count = array ? json_array_get_length (array) : 0;

  if (count < 1 || count > MOST_CIRCLES)
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (!read_circle (self, seen, tessera_json_peek_element_object (array, i)))
      return FALSE;
  return TRUE;
}

static gboolean
read_keys (TesseraRosterDevice *device, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "enc");
  guint count = array ? json_array_get_length (array) : 0;
  guint8 key[TESSERA_AGE_KEY_SIZE];

  for (guint i = 0; i < count && i <= MOST_KEYS; i++) {
    const char *text = tessera_json_peek_element_text (array, i);

    if (!tessera_age_public_key_from_text (text, key, NULL))
      return FALSE;
    g_ptr_array_add (device->encryption, g_strdup (text));
  }
  return count >= 1 && count <= MOST_KEYS;
}

static gboolean
read_memberships (const TesseraRoster *self, TesseraRosterDevice *device, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "circles");
  guint count = array ? json_array_get_length (array) : MOST_CIRCLES + 1;

  if (count > MOST_CIRCLES)
    return FALSE;
  for (guint i = 0; i < count; i++) {
    const char *circle = tessera_json_peek_element_text (array, i);

    if (!tessera_roster_find_circle (self, circle) || tessera_roster_device_is_in (device, circle))
      return FALSE;
    tessera_roster_put_in (device, circle);
  }
  return TRUE;
}

static gboolean
read_state (TesseraRosterDevice *device, JsonObject *object) {
  const char *text = tessera_json_peek_text (object, "state");

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (strcmp (text, states[i]) == 0) {
      device->state = (TesseraDeviceState) i;
      return TRUE;
    }
  return FALSE;
}

/* Zero is a number here: a stream of which nothing counts. */
static gboolean
read_last (TesseraRosterDevice *device, JsonObject *object) {
  JsonNode *node = json_object_get_member (object, "last");
  g_autoptr (GList) streams = NULL;

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node) || device->state != TESSERA_DEVICE_REVOKED
      || json_object_get_size (json_node_get_object (node)) > MOST_STREAMS)
    return FALSE;
  device->last = tessera_vector_new ();
  streams = json_object_get_members (json_node_get_object (node));
  for (GList *stream = streams; stream; stream = stream->next) {
    JsonNode *number = json_object_get_member (json_node_get_object (node), stream->data);

    if (!is_id (stream->data) || !JSON_NODE_HOLDS_VALUE (number) || json_node_get_value_type (number) != G_TYPE_INT64
        || json_node_get_int (number) < 0 || json_node_get_int (number) > TESSERA_MANIFEST_MAX_NUMBER)
      return FALSE;
    tessera_vector_set (device->last, stream->data, json_node_get_int (number));
  }
  return TRUE;
}

static gboolean
read_who (TesseraRosterDevice *device, JsonObject *object) {
  static const char *const roles[] = { "worker", "mediator", "supervisor", NULL };
  const char *worker = tessera_json_peek_text (object, "worker");

  device->name = tessera_json_read_name (object, "name");
  device->role = g_strdup (tessera_json_peek_text (object, "role"));
  if (json_object_has_member (object, "worker"))
    device->worker = g_strdup (worker);
  return device->name && g_strv_contains (roles, device->role) && (!device->worker || is_id (worker));
}

static gboolean
read_device (TesseraRoster *self, GHashTable *seen, JsonObject *object) {
  const char *id = object ? tessera_json_peek_text (object, "id") : "";
  const char *key = object ? tessera_json_peek_text (object, "sign") : "";
  TesseraRosterDevice *device;

  /* Of a key only the bytes count, not the key number written before them. */
  if (!is_id (id) || !g_hash_table_add (seen, g_strdup (id)))
    return FALSE;
  device = tessera_roster_add_device (self, id);
  if (!tessera_minisign_public_key_from_text (key, device->signing_key, NULL, NULL)
      || !g_hash_table_add (seen, tessera_minisign_public_key_to_text (device->signing_key)))
    return FALSE;
  return read_who (device, object) && read_keys (device, object) && read_memberships (self, device, object)
         && read_state (device, object)
         && tessera_instant_from_text (tessera_json_peek_text (object, "since"), &device->since)
         && read_last (device, object);
}

static gboolean
read_devices (TesseraRoster *self, GHashTable *seen, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "devices");
  guint count = array ? json_array_get_length (array) : 0;

  if (count < 1 || count > TESSERA_ROSTER_MAX_DEVICES)
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (!read_device (self, seen, tessera_json_peek_element_object (array, i)))
      return FALSE;
  return TRUE;
}

static gboolean
check_members (const TesseraRoster *self) {
  for (guint i = 0; i < self->circles->len; i++)
    if (tessera_roster_count_members (self, ((TesseraRosterCircle *) self->circles->pdata[i])->id)
        > TESSERA_ROSTER_MAX_MEMBERS)
      return FALSE;
  return TRUE;
}

/* The first version follows nothing, every other one does. */
static gboolean
read_version (TesseraRoster *self, JsonObject *object) {
  const char *previous = tessera_json_peek_text (object, "prev");

  if (!tessera_json_read_number (object, "n", &self->version)
      || json_object_has_member (object, "prev") != (self->version > 1))
    return FALSE;
  if (self->version > 1)
    self->previous = g_strdup (previous);
  return self->version == 1 || tessera_is_hex (previous, TESSERA_MANIFEST_HASH_DIGITS);
}

/* The card inside is checked when it is used; here only its size is. */
static gboolean
read_card (TesseraRoster *self, JsonObject *object) {
  const char *card = tessera_json_peek_text (object, "card");

  if (json_object_has_member (object, "card"))
    self->card = g_strdup (card);
  return !self->card || (*card && strlen (card) <= TESSERA_CARD_MAX_SIZE);
}

static gboolean
read_fields (TesseraRoster *self, JsonObject *object) {
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->organization = g_strdup (tessera_json_peek_text (object, "org"));
  self->name = tessera_json_read_name (object, "name");
  return is_id (self->organization) && self->name && read_version (self, object)
         && tessera_instant_from_text (tessera_json_peek_text (object, "created"), &self->created)
         && tessera_instant_from_text (tessera_json_peek_text (object, "expires"), &self->expires)
         && read_circles (self, seen, object) && read_devices (self, seen, object) && read_card (self, object)
         && check_members (self);
}

TesseraRoster *
tessera_roster_parse (const char *text, gsize length, const guint8 *root_key, GError **error) {
  g_autoptr (TesseraRoster) self = tessera_roster_new ();
  g_autoptr (JsonNode) root = NULL;

  if (length > TESSERA_ROSTER_MAX_SIZE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("This roster is longer than allowed; it was not taken in."));
    return NULL;
  }
  if (!tessera_signed_line_verify (&kind, text, length, root_key, error))
    return NULL;
  root = tessera_signed_line_parse (&kind, text, length, error);
  if (!root)
    return NULL;
  if (read_fields (self, json_node_get_object (root)))
    return g_steal_pointer (&self);
  tessera_signed_line_set_malformed (error);
  return NULL;
}
