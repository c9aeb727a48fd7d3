/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-writer.c: rows back into the tree of HSDS, by the same table the reader uses.
 */
#include "config.h"
#include <json-glib/json-glib.h>
#include <string.h>

#include "tessera-directory-language.h"
#include "tessera-hsds-shape.h"
#include "tessera-hsds-writer.h"
#include "tessera-identifier.h"

typedef struct {
  TesseraTransaction *transaction;
  TesseraTexts *texts;
} Writer;

static JsonObject *write_record (Writer *self, TesseraRecord *record, const char *back, GError **error);

static void
set_number (JsonObject *object, const char *member, const char *value) {
  gint64 whole;

  if (g_ascii_string_to_signed (value, 10, -G_GINT64_CONSTANT (9007199254740992),
                                G_GINT64_CONSTANT (9007199254740992), &whole, NULL))
    json_object_set_int_member (object, member, whole);
  else
    json_object_set_double_member (object, member, g_ascii_strtod (value, NULL));
}

static void
write_field (JsonObject *object, const TesseraField *field, const char *value) {
  g_autofree char *member = tessera_hsds_member_name (field);

  if (field->type == TESSERA_FIELD_INTEGER || field->type == TESSERA_FIELD_NUMBER) {
    set_number (object, member, value);
  } else if (field->type == TESSERA_FIELD_BOOLEAN) {
    json_object_set_boolean_member (object, member, *value == '1');
  } else if (field->type == TESSERA_FIELD_INSTANT) {
    g_autofree char *instant = tessera_instant_format (g_ascii_strtoll (value, NULL, 10));

    json_object_set_string_member (object, member, instant);
  } else {
    json_object_set_string_member (object, member, value);
  }
}

/* @back is left out: standing inside the owner says the same. An attribute's link is written, as HSDS
 *   requires it. */
static void
write_fields (Writer *self, JsonObject *object, TesseraRecord *record, const char *back) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  const char *id = tessera_record_get_id (record);

  json_object_set_string_member (object, "id", id);
  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *value = tessera_texts_get (self->texts, entity->name, id, field->name,
                                           tessera_record_get_at (record, i));

    if (value == NULL || strcmp (field->name, "extra") == 0)
      continue;
    if (field->type == TESSERA_FIELD_REFERENCE && g_strcmp0 (back, field->name) == 0)
      continue;
    write_field (object, field, value);
  }
}

/* Members the reader kept aside. Where one has the name of a field (a code we did not know) the field won
 * already, except a capacity's unit, which is an object in HSDS 3.1 and only its name is ours. */
static void
write_extra (JsonObject *object, TesseraRecord *record) {
  const char *extra = tessera_record_get (record, "extra");
  g_autoptr (JsonNode) node = extra != NULL ? json_from_string (extra, NULL) : NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &member, &value)) {
    if (!json_object_has_member (object, member) || JSON_NODE_HOLDS_OBJECT (value))
      json_object_set_member (object, member, json_node_copy (value));
  }
}

static void
complete_address (JsonObject *object, TesseraRecord *address) {
  static const char *const required[] = { "address_1", "city", "state_province", "postal_code" };

  if (strcmp (tessera_record_get_entity (address)->name, "address") != 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (required); i++) {
    if (!json_object_has_member (object, required[i]))
      json_object_set_string_member (object, required[i], "-");
  }
}

/* A term says which language it is in; a translated one is in the language written. */
static void
correct_term_language (Writer *self, JsonObject *object, TesseraRecord *term) {
  if (strcmp (tessera_record_get_entity (term)->name, "taxonomy_term") == 0
      && tessera_texts_lookup (self->texts, "taxonomy_term", tessera_record_get_id (term), "name") != NULL)
    json_object_set_string_member (object, "language", tessera_texts_get_language (self->texts));
}

static GPtrArray *
select_children (Writer *self, const TesseraHsdsNest *nest, const char *owner, GError **error) {
  g_autofree char *tail = g_strdup_printf ("WHERE \"%s\" = ?1 ORDER BY _rowid", nest->back);
  g_autoptr (TesseraStatement) statement = NULL;

  if (strcmp (nest->back, "link_id") != 0)
    return tessera_transaction_select_records (self->transaction, nest->child, tail, owner, error);
  statement = tessera_transaction_select (self->transaction, nest->child, tail, error);
  if (statement == NULL)
    return NULL;
  tessera_statement_bind_text (statement, 1, owner);
  return tessera_statement_collect (statement, error);
}

static gboolean
write_many (Writer *self, JsonObject *object, TesseraRecord *owner, const TesseraHsdsNest *nest,
            GError **error) {
  g_autoptr (GPtrArray) children = select_children (self, nest, tessera_record_get_id (owner), error);
  g_autoptr (JsonArray) array = json_array_new ();

  if (children == NULL)
    return FALSE;
  for (guint i = 0; i < children->len; i++) {
    JsonObject *child = write_record (self, g_ptr_array_index (children, i), nest->back, error);

    if (child == NULL)
      return FALSE;
    json_array_add_object_element (array, child);
  }
  if (json_array_get_length (array) > 0)
    json_object_set_array_member (object, nest->member, g_steal_pointer (&array));
  return TRUE;
}

static gboolean
write_one (Writer *self, JsonObject *object, TesseraRecord *owner, const TesseraHsdsNest *nest,
           GError **error) {
  const char *id = tessera_record_get (owner, nest->forward);
  g_autoptr (TesseraRecord) record = tessera_transaction_find (self->transaction, nest->child, id);
  JsonObject *child;

  if (record == NULL)
    return TRUE;
  child = write_record (self, record, NULL, error);
  if (child != NULL)
    json_object_set_object_member (object, nest->member, child);
  return child != NULL;
}

static gboolean
write_nest (Writer *self, JsonObject *object, TesseraRecord *record, const TesseraHsdsNest *nest,
            GError **error) {
  return nest->many ? write_many (self, object, record, nest, error)
                    : write_one (self, object, record, nest, error);
}

static gboolean
write_nested (Writer *self, JsonObject *object, TesseraRecord *record, GError **error) {
  const char *entity = tessera_record_get_entity (record)->name;
  const TesseraHsdsNest *attributes = tessera_hsds_find_nest (entity, "attributes");

  for (const TesseraHsdsNest *nest = tessera_hsds_nests; nest->parent != NULL; nest++) {
    if (nest->write && strcmp (nest->parent, entity) == 0 && !write_nest (self, object, record, nest, error))
      return FALSE;
  }
  return attributes == NULL || write_nest (self, object, record, attributes, error);
}

static JsonObject *
write_record (Writer *self, TesseraRecord *record, const char *back, GError **error) {
  g_autoptr (JsonObject) object = json_object_new ();

  write_fields (self, object, record, back);
  write_extra (object, record);
  complete_address (object, record);
  correct_term_language (self, object, record);
  return write_nested (self, object, record, error) ? g_steal_pointer (&object) : NULL;
}

static gboolean
preload_texts (Writer *self, GError **error) {
  const TesseraEntity *const *entities =
    tessera_registry_get_entities (tessera_transaction_get_registry (self->transaction));

  for (guint i = 0; entities[i] != NULL; i++) {
    if ((entities[i]->flags & TESSERA_ENTITY_DIRECTORY)
        && !tessera_texts_preload (self->texts, entities[i]->name, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static JsonArray *
write_services (Writer *self, GError **error) {
  g_autoptr (GPtrArray) services = NULL;
  g_autoptr (JsonArray) contents = json_array_new ();

  services =
    tessera_transaction_select_records (self->transaction, "service", "ORDER BY _rowid", NULL, error);
  if (services == NULL)
    return NULL;
  for (guint i = 0; i < services->len; i++) {
    JsonObject *service = write_record (self, g_ptr_array_index (services, i), NULL, error);

    if (service == NULL)
      return NULL;
    json_array_add_object_element (contents, service);
  }
  return g_steal_pointer (&contents);
}

static GBytes *
write_page (JsonArray *contents) {
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) page = json_object_new ();
  guint count = json_array_get_length (contents);
  char *text;

  json_object_set_int_member (page, "total_items", count);
  json_object_set_int_member (page, "total_pages", 1);
  json_object_set_int_member (page, "page_number", 1);
  json_object_set_int_member (page, "size", count);
  json_object_set_boolean_member (page, "first_page", TRUE);
  json_object_set_boolean_member (page, "last_page", TRUE);
  json_object_set_boolean_member (page, "empty", count == 0);
  json_object_set_array_member (page, "contents", json_array_ref (contents));
  json_node_set_object (root, page);
  text = json_to_string (root, TRUE);
  return g_bytes_new_take (text, strlen (text));
}

GBytes *
tessera_hsds_write (TesseraTransaction *transaction, const char *language, GError **error) {
  g_autoptr (TesseraTexts) texts = tessera_texts_new (transaction, language);
  g_autoptr (JsonArray) contents = NULL;
  Writer writer = { .transaction = transaction, .texts = texts };

  if (!preload_texts (&writer, error))
    return NULL;
  contents = write_services (&writer, error);
  return contents != NULL ? write_page (contents) : NULL;
}
