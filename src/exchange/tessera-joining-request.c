/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining-request.c: writing and reading requests. Format: docs/bundle-format.md, Request.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-fingerprint.h"
#include "tessera-joining.h"
#include "tessera-json-fields.h"
#include "tessera-manifest.h"
#include "tessera-registry.h"
#include "tessera-signed-line.h"

static const TesseraSignedLine kind = {
  TESSERA_REQUEST_FORMAT, TESSERA_REQUEST_MAX_SIZE,
  N_("This file is not a request; ask for the one that “team request” wrote on the new device."),
  N_("This request was changed after it was made; have it made again on the new device."),
};

char *
tessera_request_sign (const TesseraRequest *self, const TesseraSecret *key, GError **error) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "dev", self->device);
  json_object_set_string_member (object, "name", self->name);
  json_object_set_string_member (object, "worker", self->worker);
  json_object_set_string_member (object, "language", self->language);
  tessera_json_take_text (object, "sign", tessera_minisign_public_key_to_text (self->signing_key));
  json_object_set_string_member (object, "enc", self->encryption);
  tessera_json_take_text (object, "created", tessera_instant_to_text (self->created));
  return tessera_signed_line_write (&kind, object, "request of a device to be admitted", key, error);
}

static gboolean
read_fields (TesseraRequest *self, JsonObject *object) {
  guint8 encryption[TESSERA_AGE_KEY_SIZE];

  self->device = g_strdup (tessera_json_peek_text (object, "dev"));
  self->name = tessera_json_read_name (object, "name");
  self->worker = tessera_json_read_name (object, "worker");
  self->language = g_strdup (tessera_json_peek_text (object, "language"));
  self->encryption = g_strdup (tessera_json_peek_text (object, "enc"));
  return tessera_is_hex (self->device, TESSERA_MANIFEST_ID_DIGITS) && self->name && self->worker
         && tessera_language_is_valid (self->language)
         && tessera_minisign_public_key_from_text (tessera_json_peek_text (object, "sign"), self->signing_key, NULL, NULL)
         && tessera_age_public_key_from_text (self->encryption, encryption, NULL)
         && tessera_instant_from_text (tessera_json_peek_text (object, "created"), &self->created);
}

TesseraRequest *
tessera_request_parse (const char *text, gsize length, GError **error) {
  g_autoptr (JsonNode) root = tessera_signed_line_parse (&kind, text, length, error);
  g_autoptr (TesseraRequest) self = root ? g_new0 (TesseraRequest, 1) : NULL;

  if (!root)
    return NULL;
  if (!read_fields (self, json_node_get_object (root))) {
    tessera_signed_line_set_malformed (error);
    return NULL;
  }
  return tessera_signed_line_verify (&kind, text, length, self->signing_key, error) ? g_steal_pointer (&self) : NULL;
}

char *
tessera_request_get_fingerprint (const TesseraRequest *self) {
  return tessera_fingerprint_new (self->signing_key);
}

void
tessera_request_free (TesseraRequest *self) {
  if (!self)
    return;
  g_free (self->device);
  g_free (self->name);
  g_free (self->worker);
  g_free (self->language);
  g_free (self->encryption);
  g_free (self);
}
