/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-signed-line.c: see the header.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-json-fields.h"
#include "tessera-signed-line.h"
#include "tessera-strict-json.h"

static gboolean
fail (GError **error, TesseraBundleError code, const char *message) {
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, (gint) code, message);
  return FALSE;
}

/* The format first: it is what people see when they open the file. */
static void
put_first (JsonObject *object, JsonObject *out, const char *format) {
  g_autoptr (GList) names = json_object_get_members (object);

  json_object_set_string_member (out, "fmt", format);
  for (GList *name = names; name; name = name->next)
    json_object_set_member (out, name->data, json_object_dup_member (object, name->data));
  json_object_unref (object);
}

char *
tessera_signed_line_write (const TesseraSignedLine *kind, JsonObject *object, const char *about,
                           const TesseraSecret *key, GError **error) {
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *comment = g_strdup_printf ("%s %s", kind->format, about);
  g_autofree char *json = NULL;
  g_autofree char *line = NULL;
  g_autofree char *signature = NULL;

  json_node_take_object (root, json_object_new ());
  put_first (object, json_node_get_object (root), kind->format);
  json = json_to_string (root, FALSE);
  line = g_strconcat (json, "\n", NULL);
  signature = tessera_minisign_sign (key, line, strlen (line), comment, error);
  return signature ? g_strconcat (line, signature, NULL) : NULL;
}

/* Bytes of the first line with its line feed; 0 when there is none. */
static gsize
measure_line (const TesseraSignedLine *kind, const char *text, gsize length) {
  const char *end = length <= kind->limit ? memchr (text, '\n', length) : NULL;

  return end ? (gsize) (end + 1 - text) : 0;
}

gboolean
tessera_signed_line_verify (const TesseraSignedLine *kind, const char *text, gsize length, const guint8 *public_key,
                            GError **error) {
  g_autofree char *prefix = g_strconcat (kind->format, " ", NULL);
  gsize line = measure_line (kind, text, length);
  g_autoptr (TesseraMinisignSignature) signature = NULL;

  if (line)
    signature = tessera_minisign_signature_parse (text + line, length - line, NULL);
  if (signature && g_str_has_prefix (signature->trusted_comment, prefix)
      && tessera_minisign_signature_verify (signature, public_key, text, line, NULL))
    return TRUE;
  return fail (error, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE, _(kind->changed));
}

JsonNode *
tessera_signed_line_parse (const TesseraSignedLine *kind, const char *text, gsize length, GError **error) {
  gsize line = measure_line (kind, text, length);
  g_autoptr (JsonNode) root = line ? tessera_strict_json_parse (text, line - 1) : NULL;
  const char *format = root ? tessera_json_peek_text (json_node_get_object (root), "fmt") : "";
  gsize family = (gsize) (strrchr (kind->format, '/') - kind->format) + 1;

  if (length > kind->limit) {
    fail (error, TESSERA_BUNDLE_ERROR_TOO_LARGE, _("This file is longer than its kind may be; it was not taken in."));
    return NULL;
  }
  if (strcmp (format, kind->format) == 0)
    return g_steal_pointer (&root);
  if (strncmp (format, kind->format, family) == 0)
    fail (error, TESSERA_BUNDLE_ERROR_TOO_NEW, _("This file was made by a newer Tessera; update Tessera first."));
  else
    fail (error, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, _(kind->other));
  return NULL;
}

gboolean
tessera_signed_line_set_malformed (GError **error) {
  return fail (error, TESSERA_BUNDLE_ERROR_MALFORMED, _("This file does not follow its format; ask for a new one."));
}
