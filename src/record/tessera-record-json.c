/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-record-json.c: records as JSON objects, out (for scripts and bundles) and in (foreign, so checked).
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-record.h"

static void
add_set (JsonObject *object, const char *name, const char *value) {
  g_auto (GStrv) codes = g_strsplit (value, ",", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; codes[i]; i++)
    json_array_add_string_element (array, codes[i]);
  json_object_set_array_member (object, name, array);
}

static void
add_member (JsonObject *object, const TesseraField *field, const char *value) {
  if (field->type == TESSERA_FIELD_INTEGER || field->type == TESSERA_FIELD_INSTANT)
    json_object_set_int_member (object, field->name, g_ascii_strtoll (value, NULL, 10));
  else if (field->type == TESSERA_FIELD_NUMBER)
    json_object_set_double_member (object, field->name, g_ascii_strtod (value, NULL));
  else if (field->type == TESSERA_FIELD_BOOLEAN)
    json_object_set_boolean_member (object, field->name, *value == '1');
  else if (field->type == TESSERA_FIELD_SET)
    add_set (object, field->name, value);
  else
    json_object_set_string_member (object, field->name, value);
}

JsonObject *
tessera_record_to_json (TesseraRecord *self) {
  const TesseraEntity *entity = tessera_record_get_entity (self);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", tessera_record_get_id (self));
  for (guint i = 0; i < entity->n_fields; i++) {
    const char *value = tessera_record_get_at (self, i);

    if (value)
      add_member (object, &entity->fields[i], value);
  }
  return object;
}

static char *
array_to_text (JsonArray *array) {
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_STRING) {
      g_string_free (out, TRUE);
      return NULL;
    }
    g_string_append_printf (out, "%s%s", i ? "," : "", json_node_get_string (element));
  }
  return g_string_free (out, FALSE);
}

/* Foreign JSON as the text tessera_record_parse() checks; NULL for what no field can hold. */
static char *
node_to_text (JsonNode *node) {
  GType type;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return array_to_text (json_node_get_array (node));
  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  type = json_node_get_value_type (node);
  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "1" : "0");
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup (g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
}

gboolean
tessera_record_set_from_json (TesseraRecord *self, JsonObject *object, GPtrArray *ret_unknown, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (self);
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *name = names; name; name = name->next) {
    g_autofree char *text = NULL;

    if (strcmp (name->data, "id") == 0)
      continue;
    if (tessera_entity_find_field (entity, name->data) < 0) {
      if (ret_unknown)
        g_ptr_array_add (ret_unknown, g_strdup (name->data));
      continue;
    }
    text = node_to_text (json_object_get_member (object, name->data));
    if (!text) {
      g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID,
                   _("The value of “%s” is not of a kind this field can hold."), (char *) name->data);
      return FALSE;
    }
    if (!tessera_record_parse (self, name->data, text, error))
      return FALSE;
  }
  return TRUE;
}
