/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-reader.c: walks the JSON tree once and flattens it into checked rows.
 *
 * The guard has bounded size and depth before, so walking by recursion is safe here. Every refusal names the
 * entry of the file and the path of the member within it.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-directory-error.h"
#include "tessera-hsds-reader.h"
#include "tessera-hsds-shape.h"
#include "tessera-identifier.h"
#include "tessera-json-guard.h"

#define WARNING_LIMIT 100
#define ID_LIMIT 256

typedef struct {
  TesseraRegistry *registry;
  TesseraHsds *hsds;
  guint entry;
  char *entry_name;
  GString *path;
  gint64 modified;
  gboolean warned_ids;
} Reader;

/* The row being filled: what is read of one JSON object. */
typedef struct {
  TesseraHsdsRow *row;
  const TesseraEntity *entity;
  JsonObject *extra;
} Item;

static void
row_free (gpointer data) {
  TesseraHsdsRow *row = data;

  g_clear_object (&row->record);
  g_free (row->owner);
  g_free (row);
}

static TesseraHsds *
hsds_new (const char *name) {
  TesseraHsds *self = g_new0 (TesseraHsds, 1);

  self->name = g_utf8_make_valid (name, -1);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_node_unref);
  return self;
}

void
tessera_hsds_free (TesseraHsds *self) {
  g_free (self->name);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->warnings);
  g_hash_table_unref (self->by_key);
  g_clear_pointer (&self->services, g_hash_table_unref);
  g_free (self);
}

static char *
key_of (const char *entity, const char *id) {
  return g_strconcat (entity, "/", id, NULL);
}

TesseraHsdsRow *
tessera_hsds_find (TesseraHsds *self, const char *entity, const char *id) {
  g_autofree char *key = key_of (entity, id);

  return g_hash_table_lookup (self->by_key, key);
}

guint
tessera_hsds_count (TesseraHsds *self, const char *entity) {
  guint count = 0;

  for (guint i = 0; i < self->rows->len; i++) {
    TesseraHsdsRow *row = g_ptr_array_index (self->rows, i);

    count += !row->incomplete && g_str_equal (tessera_record_get_entity (row->record)->name, entity);
  }
  return count;
}

/* Where we are, for a person: `entry 3 “Clinic”, service_at_locations[0].location.latitude`. */
static char *
describe_place (Reader *self, const char *member) {
  const char *dot = self->path->len > 0 && member != NULL ? "." : "";
  g_autofree char *path = g_strconcat (self->path->str, dot, member, NULL);
  g_autofree char *entry = NULL;

  if (self->entry == 0)
    return g_steal_pointer (&path);
  if (self->entry_name != NULL)
    /* TRANSLATORS: number and name of one entry of a file */
    entry = g_strdup_printf (_("entry %u “%s”"), self->entry, self->entry_name);
  else
    entry = g_strdup_printf (_("entry %u"), self->entry);
  return *path != '\0' ? g_strconcat (entry, ", ", path, NULL) : g_steal_pointer (&entry);
}

static void warn (Reader *self, const char *member, const char *format, ...) G_GNUC_PRINTF (3, 4);
static gboolean refuse (Reader *self, TesseraDirectoryError code, const char *member, GError **error,
                        const char *format, ...) G_GNUC_PRINTF (5, 6);

static void
warn (Reader *self, const char *member, const char *format, ...) {
  g_autofree char *place = describe_place (self, member);
  g_autofree char *what = NULL;
  va_list arguments;

  if (++self->hsds->n_warnings > WARNING_LIMIT)
    return;
  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* TRANSLATORS: file name, place in the file, what is the matter */
  g_ptr_array_add (self->hsds->warnings, g_strdup_printf (_("“%s”, %s: %s"), self->hsds->name, place, what));
}

static gboolean
refuse (Reader *self, TesseraDirectoryError code, const char *member, GError **error, const char *format,
        ...) {
  g_autofree char *place = describe_place (self, member);
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* TRANSLATORS: file name, place in the file, what is wrong and what to do */
  g_set_error (error, TESSERA_DIRECTORY_ERROR, code, _("“%s” was not imported, %s: %s"), self->hsds->name,
               place, what);
  return FALSE;
}

static gboolean
refuse_type (Reader *self, const char *member, const char *wanted, GError **error) {
  return refuse (self, TESSERA_DIRECTORY_ERROR_INVALID, member, error,
                 _("this must be %s; correct the file."), wanted);
}

static gboolean
is_string (JsonNode *node) {
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
is_number (JsonNode *node) {
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) != G_TYPE_STRING
         && json_node_get_value_type (node) != G_TYPE_BOOLEAN;
}

/* Shortest text that reads back as the same number, so that 32.03917 stays 32.03917. */
static char *
number_text (JsonNode *node) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double value;

  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  value = json_node_get_double (node);
  if (value == floor (value) && fabs (value) < 1e15)
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) value);
  for (int digits = 15; digits <= 17; digits++) {
    char format[8];

    g_snprintf (format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd (text, sizeof text, format, value);
    if (g_ascii_strtod (text, NULL) == value)
      break;
  }
  return g_strdup (text);
}

/* The text the field is to be checked with, or NULL after refusing the type. */
static char *
member_text (Reader *self, const TesseraField *field, const char *member, JsonNode *node, GError **error) {
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (is_string (node))
    return g_strdup (json_node_get_string (node));
  switch ((guint) field->type) {
  case TESSERA_FIELD_NUMBER:
  case TESSERA_FIELD_INTEGER:
    if (is_number (node))
      return number_text (node);
    refuse_type (self, member, _("a number"), error);
    return NULL;
  case TESSERA_FIELD_BOOLEAN:
    if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
      return g_strdup (json_node_get_boolean (node) ? "1" : "0");
    refuse_type (self, member, _("true or false"), error);
    return NULL;
  case TESSERA_FIELD_TEXT:
    /* HSDS calls phone.extension a number; sources also give postal codes as numbers. */
    if (is_number (node))
      return number_text (node);
    G_GNUC_FALLTHROUGH;
  default:
    refuse_type (self, member, _("a text"), error);
    return NULL;
  }
}

/* What sources do to values, undone: see the entry of each field. */
static void
tidy_text (const TesseraEntity *entity, const TesseraField *field, char **text) {
  g_strstrip (*text);
  /* Quotation marks around phone numbers come from spreadsheets that had to be kept from calculating. */
  if (g_str_equal (entity->name, "phone") && g_str_equal (field->name, "number")) {
    gsize length = strlen (*text);

    if (length >= 2 && ((*text)[0] == '"' || (*text)[0] == '\'') && (*text)[length - 1] == (*text)[0]) {
      (*text)[length - 1] = '\0';
      memmove (*text, *text + 1, length - 1);
    }
    return;
  }
  /* HSDS requires province and postal code; "-" is how to say that there is none. */
  if (g_str_equal (entity->name, "address") && g_str_equal (*text, "-")) {
    (*text)[0] = '\0';
    return;
  }
  /* A day given with a time of day means the day. */
  if (field->type == TESSERA_FIELD_DATE && strlen (*text) > 10 && (*text)[10] == 'T')
    (*text)[10] = '\0';
}

static gboolean
is_possible_coordinate (const TesseraField *field, const char *text) {
  double limit = g_str_equal (field->name, "latitude") ? 90 : 180;

  return fabs (g_ascii_strtod (text, NULL)) <= limit;
}

static gboolean
is_coordinate (const TesseraEntity *entity, const TesseraField *field) {
  return g_str_equal (entity->name, "location")
         && (g_str_equal (field->name, "latitude") || g_str_equal (field->name, "longitude"));
}

static void
keep_as_extra (Item *item, const char *member, JsonNode *node) {
  json_object_set_member (item->extra, member, json_node_copy (node));
}

/* A code we do not know, or a coordinate outside the Earth, is somebody else's truth: kept, shown nowhere,
 * written back. */
static gboolean
set_checked (Reader *self, Item *item, guint index, const char *member, const char *text, JsonNode *node,
             GError **error) {
  const TesseraField *field = &item->entity->fields[index];
  g_autoptr (GError) local_error = NULL;
  g_autofree char *value = tessera_field_check (field, text, &local_error);

  if (value == NULL && (field->type == TESSERA_FIELD_CHOICE || field->type == TESSERA_FIELD_LANGUAGE)) {
    warn (self, member, _("“%s” is not a code Tessera knows; it was kept aside."), text);
    keep_as_extra (item, member, node);
    return TRUE;
  }
  if (value == NULL) {
    g_autofree char *shown = g_utf8_substring (text, 0, MIN (40, g_utf8_strlen (text, -1)));

    /* TRANSLATORS: a value from a file, and the rule it breaks */
    return refuse (self, TESSERA_DIRECTORY_ERROR_INVALID, member, error, _("“%s” cannot be used; %s"), shown,
                   local_error->message);
  }
  if (*value != '\0' && is_coordinate (item->entity, field) && !is_possible_coordinate (field, value)) {
    warn (self, member, _("%s is no place on Earth; the place was kept without it."), value);
    keep_as_extra (item, member, node);
    return TRUE;
  }
  tessera_record_set_at (item->row->record, index, value);
  return TRUE;
}

static gboolean
read_field (Reader *self, Item *item, guint index, const char *member, JsonNode *node, GError **error) {
  const TesseraField *field = &item->entity->fields[index];
  g_autofree char *text = member_text (self, field, member, node, error);

  if (text == NULL)
    return FALSE;
  tidy_text (item->entity, field, &text);
  if (*text == '\0')
    return TRUE;
  if (field->type == TESSERA_FIELD_REFERENCE) {
    g_autofree char *id = tessera_hsds_canonical_id (field->of, text, NULL);

    tessera_record_set_at (item->row->record, index, id);
    return TRUE;
  }
  return set_checked (self, item, index, member, text, node, error);
}

static TesseraHsdsRow *read_object (Reader *self, const TesseraEntity *entity, JsonNode *node,
                                    const TesseraHsdsNest *nest, TesseraRecord *owner, GError **error);

static gboolean
read_nested_one (Reader *self, Item *item, const TesseraHsdsNest *nest, JsonNode *node, GError **error) {
  const TesseraEntity *child = tessera_registry_get_entity (self->registry, nest->child);
  gsize length = self->path->len;
  TesseraHsdsRow *row;

  g_string_append_printf (self->path, "%s%s", length > 0 ? "." : "", nest->member);
  row = read_object (self, child, node, nest, item->row->record, error);
  g_string_truncate (self->path, length);
  if (row == NULL)
    return FALSE;
  if (nest->forward != NULL)
    tessera_record_set (item->row->record, nest->forward, tessera_record_get_id (row->record));
  return TRUE;
}

static gboolean
read_nested_many (Reader *self, Item *item, const TesseraHsdsNest *nest, JsonNode *node, GError **error) {
  const TesseraEntity *child = tessera_registry_get_entity (self->registry, nest->child);
  JsonArray *array;
  gsize length = self->path->len;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse_type (self, nest->member, _("a list"), error);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    TesseraHsdsRow *row;

    g_string_append_printf (self->path, "%s%s[%u]", length > 0 ? "." : "", nest->member, i);
    row = read_object (self, child, json_array_get_element (array, i), nest, item->row->record, error);
    g_string_truncate (self->path, length);
    if (row == NULL)
      return FALSE;
  }
  return TRUE;
}

/* HSDS 3.1 gives a capacity's unit as an object; its name is what a person reads, the rest is kept. */
static gboolean
read_capacity_unit (Reader *self, Item *item, const char *member, JsonNode *node, GError **error) {
  JsonObject *unit = json_node_get_object (node);
  JsonNode *name = json_object_get_member (unit, "name");
  int index = tessera_entity_find_field (item->entity, "unit");

  keep_as_extra (item, member, node);
  return name == NULL || read_field (self, item, (guint) index, member, name, error);
}

static gboolean
read_member (Reader *self, Item *item, const char *member, JsonNode *node, GError **error) {
  const TesseraHsdsNest *nest = tessera_hsds_find_nest (item->entity->name, member);
  int index;

  if (g_str_equal (member, "id"))
    return TRUE;
  if (nest != NULL && JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (nest != NULL)
    return nest->many ? read_nested_many (self, item, nest, node, error)
                      : read_nested_one (self, item, nest, node, error);
  if (g_str_equal (item->entity->name, "capacity") && g_str_equal (member, "unit")
      && JSON_NODE_HOLDS_OBJECT (node))
    return read_capacity_unit (self, item, member, node, error);
  index = tessera_hsds_find_field (item->entity, member);
  if (index >= 0)
    return read_field (self, item, (guint) index, member, node, error);
  if (!JSON_NODE_HOLDS_NULL (node))
    keep_as_extra (item, member, node);
  return TRUE;
}

static char *
read_id (Reader *self, const TesseraEntity *entity, JsonObject *object, JsonObject *extra, GError **error) {
  JsonNode *node = json_object_get_member (object, "id");
  gboolean derived;
  g_autofree char *text = NULL;
  g_autofree char *id = NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node)) {
    refuse (self, TESSERA_DIRECTORY_ERROR_IDENTIFIER, NULL, error,
            _("the %s has no “id”; every object of HSDS needs one, ask the publisher to add it."),
            entity->name);
    return NULL;
  }
  if (!is_string (node)) {
    refuse_type (self, "id", _("a text"), error);
    return NULL;
  }
  text = g_strstrip (g_strdup (json_node_get_string (node)));
  if (*text == '\0' || strlen (text) > ID_LIMIT) {
    refuse (self, TESSERA_DIRECTORY_ERROR_IDENTIFIER, "id", error,
            _("the id is empty or too long; ask the publisher for ids that are UUIDs."));
    return NULL;
  }
  id = tessera_hsds_canonical_id (entity->name, text, &derived);
  if (derived) {
    json_object_set_string_member (extra, TESSERA_HSDS_ORIGINAL_ID, text);
    if (!self->warned_ids)
      warn (self, "id", _("“%s” is not a UUID; Tessera made its own ids from those of this file."), text);
    self->warned_ids = TRUE;
  }
  return g_steal_pointer (&id);
}

static void
set_owner (Item *item, const TesseraHsdsNest *nest, TesseraRecord *owner) {
  if (nest == NULL || nest->back == NULL)
    return;
  tessera_record_set (item->row->record, nest->back, tessera_record_get_id (owner));
  if (g_str_equal (item->entity->name, "attribute")
      && tessera_record_get (item->row->record, "link_entity") == NULL)
    tessera_record_set (item->row->record, "link_entity", tessera_record_get_entity (owner)->name);
  if (!nest->shared) {
    item->row->owner = g_strdup (tessera_record_get_id (owner));
    item->row->owner_entity = tessera_record_get_entity (owner)->name;
  }
}

static gboolean
store_extra (Reader *self, Item *item, GError **error) {
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (json_object_get_size (item->extra) == 0 || tessera_entity_find_field (item->entity, "extra") < 0)
    return TRUE;
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, item->extra);
  text = json_to_string (node, FALSE);
  if (strlen (text) > TESSERA_TEXT_LIMIT)
    return refuse (self, TESSERA_DIRECTORY_ERROR_TOO_LARGE, NULL, error,
                   _("the members Tessera does not know take more than 256 KiB; take them out of the file."));
  tessera_record_set (item->row->record, "extra", text);
  return TRUE;
}

static const TesseraField *
find_missing (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++) {
    if ((entity->fields[i].flags & TESSERA_FIELD_REQUIRED) && tessera_record_get_at (record, i) == NULL)
      return &entity->fields[i];
  }
  return NULL;
}

/* What a directory is about; without these rows being whole there is nothing to show. */
static gboolean
is_main_entity (const char *entity) {
  return g_str_equal (entity, "service") || g_str_equal (entity, "organization");
}

static gboolean
require_fields (Reader *self, Item *item, GError **error) {
  const TesseraField *missing;

  /* A term without a name still has a code; better a code on the screen than a refused directory. */
  if (g_str_equal (item->entity->name, "taxonomy_term")
      && tessera_record_get (item->row->record, "name") == NULL)
    tessera_record_set (item->row->record, "name", tessera_record_get (item->row->record, "code"));
  missing = find_missing (item->row->record);
  if (missing == NULL)
    return TRUE;
  if (!is_main_entity (item->entity->name)) {
    item->row->incomplete = TRUE;
    warn (self, missing->name, _("the %s has no “%s” and was left out."), item->entity->name, missing->name);
    return TRUE;
  }
  return refuse (self, TESSERA_DIRECTORY_ERROR_INVALID, missing->name, error,
                 _("the %s has no “%s”; fill it in and import the file again."), item->entity->name,
                 missing->name);
}

static gboolean
is_owner_field (const char *field) {
  static const char *const owners[] = { "service", "location", "contact", "phone", "service_at_location",
                                        "link_id", NULL };

  return g_strv_contains (owners, field);
}

/* A copy of a row we have: fills what is empty; where both speak, the copy under the service changed last is
 * right. */
static gboolean
merge_copy (Reader *self, TesseraHsdsRow *row, TesseraHsdsRow *copy, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (row->record);
  gboolean newer = copy->modified > row->modified;
  gboolean differs = FALSE;

  for (guint i = 0; i < entity->n_fields; i++) {
    const char *have = tessera_record_get_at (row->record, i);
    const char *given = tessera_record_get_at (copy->record, i);

    if (given == NULL || g_strcmp0 (have, given) == 0)
      continue;
    if (have != NULL && is_owner_field (entity->fields[i].name) && row->owner != NULL && copy->owner != NULL)
      return refuse (
        self, TESSERA_DIRECTORY_ERROR_IDENTIFIER, "id", error,
        _("the id %s is used for two different rows of %s; ask the publisher to give each its own."),
        tessera_record_get_id (row->record), entity->name);
    if (have == NULL || newer)
      tessera_record_set_at (row->record, i, given);
    differs |= have != NULL;
  }
  if (differs)
    warn (self, NULL, _("there are different copies of the %s %s; the one changed last was taken."),
          entity->name, tessera_record_get_id (row->record));
  row->modified = MAX (row->modified, copy->modified);
  row->incomplete = find_missing (row->record) != NULL;
  return TRUE;
}

static TesseraHsdsRow *
add_row (Reader *self, TesseraHsdsRow *row, GError **error) {
  const char *entity = tessera_record_get_entity (row->record)->name;
  TesseraHsdsRow *known = tessera_hsds_find (self->hsds, entity, tessera_record_get_id (row->record));

  if (known != NULL && known != row) {
    gboolean merged = merge_copy (self, known, row, error);

    row_free (row);
    return merged ? known : NULL;
  }
  g_hash_table_insert (self->hsds->by_key, key_of (entity, tessera_record_get_id (row->record)), row);
  g_ptr_array_add (self->hsds->rows, row);
  return row;
}

/* The same service twice: harmless when it says the same, else nobody can tell which is right. */
static gboolean
check_repeated_service (Reader *self, const char *id, JsonNode *node, gboolean *ret_repeated,
                        GError **error) {
  JsonNode *first = g_hash_table_lookup (self->hsds->services, id);

  *ret_repeated = first != NULL;
  if (first == NULL) {
    g_hash_table_insert (self->hsds->services, g_strdup (id), json_node_ref (node));
    return TRUE;
  }
  if (json_node_equal (first, node))
    return TRUE;
  return refuse (self, TESSERA_DIRECTORY_ERROR_IDENTIFIER, "id", error,
                 _("the service %s is in the file twice with different content; take one of them out."), id);
}

static void
take_modified (Reader *self, JsonObject *object) {
  JsonNode *node = json_object_get_member (object, "last_modified");
  g_autofree char *text = NULL;

  self->modified = 0;
  if (node == NULL || !is_string (node))
    return;
  text = g_strdup (json_node_get_string (node));
  if (!tessera_instant_parse (text, &self->modified))
    self->modified = 0;
}

static gboolean
read_members (Reader *self, Item *item, JsonObject *object, GError **error) {
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &member, &node)) {
    if (!read_member (self, item, member, node, error))
      return FALSE;
  }
  return TRUE;
}

/* A row is listed before what is nested in it, so that owners are saved first; it is filled afterwards. */
static TesseraHsdsRow *
fill_row (Reader *self, Item *item, JsonObject *object, const TesseraHsdsNest *nest, TesseraRecord *owner,
          GError **error) {
  TesseraHsdsRow *row = item->row;
  gboolean known =
    tessera_hsds_find (self->hsds, item->entity->name, tessera_record_get_id (row->record)) != NULL;

  if (!known)
    add_row (self, row, NULL);
  if (!read_members (self, item, object, error)
      || !store_extra (self, item, error)) {
    if (known)
      row_free (row);
    return NULL;
  }
  set_owner (item, nest, owner);
  if (!known)
    return require_fields (self, item, error) ? row : NULL;
  return add_row (self, row, error);
}

static TesseraHsdsRow *
read_row (Reader *self, const TesseraEntity *entity, const char *id, JsonObject *object, JsonObject *extra,
          const TesseraHsdsNest *nest, TesseraRecord *owner, GError **error) {
  Item item = { .entity = entity, .extra = extra };

  item.row = g_new0 (TesseraHsdsRow, 1);
  item.row->record = tessera_record_new_for (self->registry, entity, id);
  item.row->modified = self->modified;
  return fill_row (self, &item, object, nest, owner, error);
}

static TesseraHsdsRow *
read_object (Reader *self, const TesseraEntity *entity, JsonNode *node, const TesseraHsdsNest *nest,
             TesseraRecord *owner, GError **error) {
  gboolean service = g_str_equal (entity->name, "service");
  gboolean repeated = FALSE;
  gint64 outer_modified = self->modified;
  g_autoptr (JsonObject) extra = json_object_new ();
  g_autofree char *id = NULL;
  JsonObject *object;
  TesseraHsdsRow *row;

  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    refuse_type (self, NULL, _("an object"), error);
    return NULL;
  }
  object = json_node_get_object (node);
  id = read_id (self, entity, object, extra, error);
  if (id == NULL)
    return NULL;
  if (service && (nest == NULL || nest->many) && !check_repeated_service (self, id, node, &repeated, error))
    return NULL;
  if (repeated)
    return tessera_hsds_find (self->hsds, "service", id);
  if (service)
    take_modified (self, object);
  row = read_row (self, entity, id, object, extra, nest, owner, error);
  self->modified = outer_modified;
  return row;
}

static gboolean
has_any (JsonObject *object, const char *const *members) {
  for (guint i = 0; members[i] != NULL; i++) {
    if (json_object_has_member (object, members[i]))
      return TRUE;
  }
  return FALSE;
}

/* HSDS objects do not say what they are; their members do. */
static const char *
recognize (JsonObject *object) {
  static const char *const at_location[] = { "service", "service_id", NULL };
  static const char *const place[] = { "location_type", "addresses", NULL };
  static const char *const organization[] = { "services", "locations", "programs", "legal_status",
                                              "year_incorporated", "organization_identifiers",
                                              "parent_organization_id", "website", "additional_websites",
                                              "tax_id", "tax_status", NULL };
  static const char *const service[] = { "status", "service_at_locations", "organization", "organization_id",
                                         "schedules", "eligibility_description", "application_process",
                                         "assured_date", "required_documents", "service_areas",
                                         "cost_options", "program", "program_id", "last_modified", NULL };

  if (json_object_has_member (object, "status") || json_object_has_member (object, "service_at_locations"))
    return "service";
  if (has_any (object, at_location))
    return "service_at_location";
  if (has_any (object, place))
    return "location";
  if (has_any (object, organization))
    return "organization";
  return has_any (object, service) ? "service" : NULL;
}

static void
begin_entry (Reader *self, JsonNode *node) {
  JsonNode *name = NULL;

  self->entry++;
  self->modified = 0;
  g_clear_pointer (&self->entry_name, g_free);
  g_string_truncate (self->path, 0);
  if (JSON_NODE_HOLDS_OBJECT (node))
    name = json_object_get_member (json_node_get_object (node), "name");
  if (name != NULL && is_string (name))
    self->entry_name = g_utf8_substring (json_node_get_string (name), 0,
                                         MIN (60, g_utf8_strlen (json_node_get_string (name), -1)));
}

static gboolean
read_entry (Reader *self, JsonNode *node, GError **error) {
  const char *name;

  begin_entry (self, node);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse_type (self, NULL, _("an object"), error);
  name = recognize (json_node_get_object (node));
  if (name == NULL)
    return refuse (self, TESSERA_DIRECTORY_ERROR_NOT_HSDS, NULL, error,
                   _("this is neither a service nor an organization of HSDS (a service has a “status”)."));
  return read_object (self, tessera_registry_get_entity (self->registry, name), node, NULL, NULL, error)
         != NULL;
}

static gboolean
read_list (Reader *self, JsonArray *array, GError **error) {
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (!read_entry (self, json_array_get_element (array, i), error))
      return FALSE;
  }
  return TRUE;
}

static void
note_page (Reader *self, JsonObject *page) {
  JsonNode *pages = json_object_get_member (page, "total_pages");

  if (pages == NULL || !is_number (pages) || json_node_get_double (pages) <= 1)
    return;
  self->hsds->partial = TRUE;
  g_ptr_array_add (self->hsds->warnings,
                   g_strdup_printf (_("“%s” is one page of %.0f; import the other pages too."),
                                    self->hsds->name, json_node_get_double (pages)));
}

/* API page of the HSDS API reference: {"total_items", "total_pages", …, "contents": […]}. */
static gboolean
read_top_level (Reader *self, JsonNode *node, GError **error) {
  JsonNode *contents;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return read_list (self, json_node_get_array (node), error);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return read_entry (self, node, error);
  contents = json_object_get_member (json_node_get_object (node), "contents");
  if (contents == NULL)
    return read_entry (self, node, error);
  if (!JSON_NODE_HOLDS_ARRAY (contents))
    return refuse_type (self, "contents", _("a list"), error);
  note_page (self, json_node_get_object (node));
  return read_list (self, json_node_get_array (contents), error);
}

static gboolean
read_slice (Reader *self, const char *text, const TesseraJsonSlice *slice, GError **error) {
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local_error = NULL;

  if (!json_parser_load_from_data (parser, text + slice->start, (gssize) slice->length, &local_error)) {
    g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_NOT_JSON,
                 _("“%s” could not be read as JSON (%s): get it again from its publisher."), self->hsds->name,
                 local_error->message);
    return FALSE;
  }
  return read_top_level (self, json_parser_get_root (parser), error);
}

static void
finish_warnings (TesseraHsds *hsds) {
  if (hsds->n_warnings <= WARNING_LIMIT)
    return;
  g_ptr_array_add (hsds->warnings,
                   g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "“%s”: %u more remark of the same kind.",
                                                 "“%s”: %u more remarks of the same kind.",
                                                 hsds->n_warnings - WARNING_LIMIT),
                                    hsds->name, hsds->n_warnings - WARNING_LIMIT));
}

static gboolean
read_slices (Reader *self, const char *text, GArray *slices, GError **error) {
  for (guint i = 0; i < slices->len; i++) {
    if (!read_slice (self, text, &g_array_index (slices, TesseraJsonSlice, i), error))
      return FALSE;
  }
  if (self->hsds->rows->len > 0)
    return TRUE;
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_NOT_HSDS,
               _("“%s” holds no service: choose a service directory in HSDS JSON."), self->hsds->name);
  return FALSE;
}

TesseraHsds *
tessera_hsds_read_text (TesseraRegistry *registry, const char *name, const char *text, gsize length,
                        GError **error) {
  g_autoptr (TesseraHsds) hsds = hsds_new (name);
  g_autoptr (GArray) slices = NULL;
  g_autoptr (GString) path = g_string_new (NULL);
  Reader reader = { .registry = registry, .hsds = hsds, .path = path };

  gboolean whole;

  slices =
    tessera_json_guard (hsds->name, text, length, TESSERA_HSDS_DEPTH_LIMIT, TESSERA_HSDS_VALUE_LIMIT, error);
  whole = slices != NULL && read_slices (&reader, text, slices, error);
  g_free (reader.entry_name);
  if (!whole)
    return NULL;
  finish_warnings (hsds);
  g_clear_pointer (&hsds->services, g_hash_table_unref);
  return g_steal_pointer (&hsds);
}

static gboolean
refuse_size (const char *name, GError **error) {
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_TOO_LARGE,
               _("“%s” is larger than %u MiB: split it into several files and import them one by one."), name,
               (guint) (TESSERA_HSDS_FILE_LIMIT / 1024 / 1024));
  return FALSE;
}

static gboolean
refuse_errno (const char *name, int code, GError **error) {
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_FAILED,
               _("“%s” cannot be read (%s): check its name and permissions."), name, g_strerror (code));
  return FALSE;
}

/* Also for pipes, whose size nobody knows before; never holds more than the limit. */
static gboolean
read_descriptor (int fd, const char *name, GByteArray *bytes, GError **error) {
  guint8 block[65536];

  for (;;) {
    ssize_t got = read (fd, block, sizeof block);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return refuse_errno (name, errno, error);
    if (got == 0)
      return TRUE;
    if (bytes->len + (gsize) got > TESSERA_HSDS_FILE_LIMIT)
      return refuse_size (name, error);
    g_byte_array_append (bytes, block, (guint) got);
  }
}

static gboolean
check_descriptor (int fd, const char *name, GError **error) {
  struct stat status;

  if (fstat (fd, &status) != 0)
    return refuse_errno (name, errno, error);
  if (S_ISDIR (status.st_mode))
    return refuse_errno (name, EISDIR, error);
  if (S_ISREG (status.st_mode) && status.st_size > TESSERA_HSDS_FILE_LIMIT)
    return refuse_size (name, error);
  return TRUE;
}

TesseraHsds *
tessera_hsds_read_file (TesseraRegistry *registry, const char *path, GError **error) {
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean read_whole;

  if (fd < 0) {
    refuse_errno (name, errno, error);
    return NULL;
  }
  read_whole = check_descriptor (fd, name, error) && read_descriptor (fd, name, bytes, error);
  close (fd);
  if (!read_whole)
    return NULL;
  return tessera_hsds_read_text (registry, name, bytes->len > 0 ? (const char *) bytes->data : "", bytes->len,
                                 error);
}
