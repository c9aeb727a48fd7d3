/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-certificate.c: writing, signing and reading device certificates. Format: docs/bundle-format.md.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "tessera-certificate.h"
#include "tessera-manifest.h"
#include "tessera-strict-json.h"

#define FORMAT_FAMILY "tessera-cert/"

static void
set_text (JsonObject *object, const char *name, char *value)
{
  json_object_set_string_member (object, name, value);
  g_free (value);
}

char *
tessera_certificate_to_text (const TesseraCertificate *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *line = NULL;

  json_node_take_object (root, object);
  json_object_set_string_member (object, "fmt", TESSERA_CERTIFICATE_FORMAT);
  json_object_set_string_member (object, "org", self->organization);
  json_object_set_string_member (object, "dev", self->device);
  set_text (object, "sign", tessera_minisign_public_key_to_text (self->signing_key));
  set_text (object, "created", tessera_instant_to_text (self->created));
  set_text (object, "expires", tessera_instant_to_text (self->expires));
  line = json_to_string (root, FALSE);

  return g_strconcat (line, "\n", NULL);
}

char *
tessera_certificate_sign (const TesseraSecret *key, const char *text, GError **error)
{
  return tessera_minisign_sign (key, text, strlen (text), TESSERA_CERTIFICATE_FORMAT " device of this organization",
                                error);
}

static const char *
peek_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_get_string (node)
           : "";
}

static gboolean
read_fields (TesseraCertificate *self, JsonObject *object)
{
  const char *organization = peek_text (object, "org");
  const char *device = peek_text (object, "dev");

  if (!tessera_is_hex (organization, TESSERA_MANIFEST_ID_DIGITS)
      || !tessera_is_hex (device, TESSERA_MANIFEST_ID_DIGITS)
      || !tessera_minisign_public_key_from_text (peek_text (object, "sign"), self->signing_key, NULL, NULL)
      || !tessera_instant_from_text (peek_text (object, "created"), &self->created)
      || !tessera_instant_from_text (peek_text (object, "expires"), &self->expires))
    return FALSE;
  self->organization = g_strdup (organization);
  self->device = g_strdup (device);

  return TRUE;
}

TesseraCertificate *
tessera_certificate_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (TesseraCertificate) self = g_new0 (TesseraCertificate, 1);
  g_autoptr (JsonNode) root = NULL;
  const char *format;

  if (length > TESSERA_CERTIFICATE_MAX_SIZE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("The sender's certificate is longer than allowed; ask for a new one."));
    return NULL;
  }
  if (length > 1 && memchr (text, '\n', length) == text + length - 1)
    root = tessera_strict_json_parse (text, length - 1);
  format = root != NULL ? peek_text (json_node_get_object (root), "fmt") : "";
  if (g_str_has_prefix (format, FORMAT_FAMILY) && strcmp (format, TESSERA_CERTIFICATE_FORMAT) != 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                         _("The sender's certificate was made by a newer Tessera; update Tessera and try again."));
    return NULL;
  }
  if (strcmp (format, TESSERA_CERTIFICATE_FORMAT) != 0 || !read_fields (self, json_node_get_object (root))) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                         _("The sender's certificate does not follow its format; ask for a new one."));
    return NULL;
  }

  return g_steal_pointer (&self);
}

void
tessera_certificate_free (TesseraCertificate *self)
{
  if (self == NULL)
    return;
  g_free (self->organization);
  g_free (self->device);
  g_free (self);
}
