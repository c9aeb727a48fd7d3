/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-json-fields.c: see the header.
 */
#include "config.h"

#include <string.h>

#include "tessera-json-fields.h"
#include "tessera-manifest.h"
#include "tessera-minisign.h"

#define MOST_TAGS 64
#define LONGEST_TAG 35

static gboolean
holds (JsonNode *node, GType type) {
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
tessera_json_peek_text (JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member (object, name);

  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : "";
}

JsonArray *
tessera_json_peek_array (JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
tessera_json_peek_element_text (JsonArray *array, guint index) {
  JsonNode *node = json_array_get_element (array, index);

  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : "";
}

JsonObject *
tessera_json_peek_element_object (JsonArray *array, guint index) {
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

gboolean
tessera_json_read_number (JsonObject *object, const char *name, gint64 *ret_number) {
  JsonNode *node = json_object_get_member (object, name);

  if (!holds (node, G_TYPE_INT64))
    return FALSE;
  *ret_number = json_node_get_int (node);
  return *ret_number >= 1 && *ret_number <= TESSERA_MANIFEST_MAX_NUMBER;
}

gboolean
tessera_json_is_name (const char *text) {
  return *text && g_utf8_strlen (text, -1) <= TESSERA_JSON_LONGEST_NAME
         && tessera_minisign_comment_is_printable (text, strlen (text));
}

char *
tessera_json_read_name (JsonObject *object, const char *name) {
  const char *text = tessera_json_peek_text (object, name);

  return tessera_json_is_name (text) ? g_strdup (text) : NULL;
}

char *
tessera_json_read_tags (JsonObject *object, const char *name) {
  JsonArray *array = tessera_json_peek_array (object, name);
  GString *out = g_string_new (NULL);

  for (guint i = 0; array && i < json_array_get_length (array) && i < MOST_TAGS; i++) {
    const char *tag = tessera_json_peek_element_text (array, i);

    if (*tag && strlen (tag) <= LONGEST_TAG)
      g_string_append_printf (out, "%s%s", out->len ? "," : "", tag);
  }
  return g_string_free (out, FALSE);
}

JsonArray *
tessera_json_build_tags (const char *tags) {
  g_auto (GStrv) words = g_strsplit (tags ? tags : "", ",", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; words[i]; i++)
    if (*words[i])
      json_array_add_string_element (array, words[i]);
  return array;
}

void
tessera_json_take_text (JsonObject *object, const char *name, char *value) {
  json_object_set_string_member (object, name, value);
  g_free (value);
}
