/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-manifest.c: writing and strictly reading the manifest. Its fields: docs/bundle-format.md, "Manifest".
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-manifest.h"
#include "tessera-strict-json.h"

#define FORMAT_FAMILY "tessera/"

static const char *const flow_names[] = { "team", "snapshot", "roster", "referral", "directory" };

static const char *const known_fields[] = {
  "fmt", "flow", "id", "org", "dev", "to", "stream", "from", "upto", "prev", "vv", "schema", "min_reader",
  "roster", "created", "expires", "parts", "crit",
};

const char *
tessera_flow_to_text (TesseraFlow flow)
{
  return flow_names[flow];
}

/* ---- the struct ---- */

void
tessera_manifest_part_free (TesseraManifestPart *part)
{
  g_free (part->name);
  g_free (part->hash);
  g_free (part);
}

TesseraManifest *
tessera_manifest_new (void)
{
  TesseraManifest *self = g_new0 (TesseraManifest, 1);

  self->recipients = g_ptr_array_new_with_free_func (g_free);
  self->version_vector = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->schema = 1;
  self->min_reader = 1;
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_manifest_part_free);
  self->critical = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
tessera_manifest_free (TesseraManifest *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->organization);
  g_free (self->device);
  g_ptr_array_unref (self->recipients);
  g_free (self->stream);
  g_free (self->previous);
  g_hash_table_unref (self->version_vector);
  g_ptr_array_unref (self->parts);
  g_ptr_array_unref (self->critical);
  g_clear_pointer (&self->fields, json_object_unref);
  g_free (self);
}

static char *
to_hex (const guint8 *bytes, gsize size)
{
  char *text = g_malloc (2 * size + 1);

  return sodium_bin2hex (text, 2 * size + 1, bytes, size);
}

char *
tessera_manifest_new_id (void)
{
  guint8 bytes[TESSERA_MANIFEST_ID_SIZE];

  randombytes_buf (bytes, sizeof bytes);

  return to_hex (bytes, sizeof bytes);
}

static char *
hash_recipient (const guint8 *public_key)
{
  guint8 hash[TESSERA_MANIFEST_ID_SIZE];

  crypto_generichash (hash, sizeof hash, public_key, 32, NULL, 0);

  return to_hex (hash, sizeof hash);
}

static gboolean
find_text (const GPtrArray *list, const char *text)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (list->pdata[i], text) == 0)
      return TRUE;

  return FALSE;
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
tessera_manifest_add_recipient (TesseraManifest *self, const guint8 *public_key)
{
  g_autofree char *hash = hash_recipient (public_key);

  if (find_text (self->recipients, hash))
    return;
  g_ptr_array_add (self->recipients, g_steal_pointer (&hash));
  g_ptr_array_sort (self->recipients, compare_text);
}

gboolean
tessera_manifest_has_recipient (const TesseraManifest *self, const guint8 *public_key)
{
  g_autofree char *hash = hash_recipient (public_key);

  return find_text (self->recipients, hash);
}

void
tessera_manifest_set_sequence (TesseraManifest *self, const char *stream, gint64 sequence)
{
  gint64 *value = g_new (gint64, 1);

  *value = sequence;
  g_hash_table_replace (self->version_vector, g_strdup (stream), value);
}

gint64
tessera_manifest_get_sequence (const TesseraManifest *self, const char *stream)
{
  const gint64 *value = g_hash_table_lookup (self->version_vector, stream);

  return value != NULL ? *value : 0;
}

void
tessera_manifest_add_part (TesseraManifest *self, const char *name, gint64 size, const char *hash, gint64 raw)
{
  TesseraManifestPart *part = g_new0 (TesseraManifestPart, 1);

  part->name = g_strdup (name);
  part->size = size;
  part->hash = g_strdup (hash);
  part->raw = raw;
  g_ptr_array_add (self->parts, part);
}

char *
tessera_manifest_hash (const char *text, gsize length)
{
  guint8 hash[32];

  crypto_generichash (hash, sizeof hash, (const guint8 *) text, length, NULL, 0);

  return to_hex (hash, sizeof hash);
}

gboolean
tessera_is_hex (const char *text, gsize digits)
{
  for (gsize i = 0; i < digits; i++)
    if (!g_ascii_isdigit (text[i]) && (text[i] < 'a' || text[i] > 'f'))
      return FALSE;

  return text[digits] == '\0';
}

/* ---- instants ---- */

char *
tessera_instant_to_text (gint64 instant)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (instant / 1000);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

gboolean
tessera_instant_from_text (const char *text, gint64 *ret_instant)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  g_autofree char *again = NULL;

  if (time == NULL)
    return FALSE;
  *ret_instant = g_date_time_to_unix (time) * 1000;
  again = tessera_instant_to_text (*ret_instant);

  return strcmp (again, text) == 0;
}

/* ---- writing ---- */

static void
set_text (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
set_number (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
set_list (JsonBuilder *builder, const char *name, const GPtrArray *list)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    json_builder_add_string_value (builder, list->pdata[i]);
  json_builder_end_array (builder);
}

static void
set_instant (JsonBuilder *builder, const char *name, gint64 instant)
{
  g_autofree char *text = tessera_instant_to_text (instant);

  set_text (builder, name, text);
}

static void
set_version_vector (JsonBuilder *builder, GHashTable *version_vector)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (version_vector), (GCompareFunc) strcmp);

  json_builder_set_member_name (builder, "vv");
  json_builder_begin_object (builder);
  for (GList *l = keys; l != NULL; l = l->next) {
    const gint64 *sequence = g_hash_table_lookup (version_vector, l->data);

    set_number (builder, l->data, *sequence);
  }
  json_builder_end_object (builder);
}

static void
set_parts (JsonBuilder *builder, const GPtrArray *parts)
{
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < parts->len; i++) {
    const TesseraManifestPart *part = parts->pdata[i];

    json_builder_begin_object (builder);
    set_text (builder, "name", part->name);
    set_number (builder, "size", part->size);
    set_text (builder, "b2", part->hash);
    if (part->raw >= 0)
      set_number (builder, "raw", part->raw);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static JsonNode *
build (const TesseraManifest *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  set_text (builder, "fmt", TESSERA_MANIFEST_FORMAT);
  set_text (builder, "flow", tessera_flow_to_text (self->flow));
  set_text (builder, "id", self->id);
  set_text (builder, "org", self->organization);
  set_text (builder, "dev", self->device);
  set_list (builder, "to", self->recipients);
  set_text (builder, "stream", self->stream);
  if (self->from > 0 || self->upto > 0) {
    set_number (builder, "from", self->from);
    set_number (builder, "upto", self->upto);
  }
  set_text (builder, "prev", self->previous);
  set_version_vector (builder, self->version_vector);
  set_number (builder, "schema", self->schema);
  set_number (builder, "min_reader", self->min_reader);
  set_number (builder, "roster", self->roster);
  set_instant (builder, "created", self->created);
  if (self->expires != 0)
    set_instant (builder, "expires", self->expires);
  set_parts (builder, self->parts);
  set_list (builder, "crit", self->critical);
  json_builder_end_object (builder);

  return json_builder_get_root (builder);
}

char *
tessera_manifest_to_text (const TesseraManifest *self, GError **error)
{
  g_autoptr (JsonNode) root = build (self);
  g_autofree char *line = json_to_string (root, FALSE);
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autoptr (TesseraManifest) again = tessera_manifest_parse (text, strlen (text), error);

  return again != NULL ? g_steal_pointer (&text) : NULL;
}

/* ---- reading ---- */

static void
set_malformed (GError **error, const char *field)
{
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
               _("The field “%s” of this bundle's manifest is wrong or missing; ask the sender to make it again."),
               field);
}

static void
set_too_large (GError **error, const char *field)
{
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
               _("The field “%s” of this bundle's manifest is longer than allowed; it was not read."), field);
}

static const char *
peek_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_get_string (node)
           : NULL;
}

static gboolean
get_hex (JsonObject *object, const char *name, gsize digits, gboolean required, char **ret_text, GError **error)
{
  const char *text = peek_text (object, name);

  if (!required && !json_object_has_member (object, name))
    return TRUE;
  if (text == NULL || !tessera_is_hex (text, digits)) {
    set_malformed (error, name);
    return FALSE;
  }
  *ret_text = g_strdup (text);

  return TRUE;
}

static gboolean
node_is_number (JsonNode *node, gint64 least, gint64 *ret_number)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *ret_number = json_node_get_int (node);

  return *ret_number >= least && *ret_number <= TESSERA_MANIFEST_MAX_NUMBER;
}

static gboolean
get_number (JsonObject *object, const char *name, gint64 least, gint64 *ret_number, GError **error)
{
  if (node_is_number (json_object_get_member (object, name), least, ret_number))
    return TRUE;
  set_malformed (error, name);

  return FALSE;
}

static JsonArray *
get_array (JsonObject *object, const char *name, guint limit, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)) {
    set_malformed (error, name);
    return NULL;
  }
  if (json_array_get_length (json_node_get_array (node)) > limit) {
    set_too_large (error, name);
    return NULL;
  }

  return json_node_get_array (node);
}

static const char *
array_text (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                                         : NULL;
}

static gboolean
read_format (TesseraManifest *self, JsonObject *object, GError **error)
{
  const char *format = peek_text (object, "fmt");

  if (g_strcmp0 (format, TESSERA_MANIFEST_FORMAT) == 0)
    return TRUE;
  if (format != NULL && g_str_has_prefix (format, FORMAT_FAMILY))
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                         _("This bundle was made by a newer Tessera; update Tessera and open it again."));
  else
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
                         _("This file is sealed but holds no Tessera bundle; open it with the program it is for."));

  return FALSE;
}

static gboolean
is_known_field (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_fields); i++)
    if (strcmp (known_fields[i], name) == 0)
      return TRUE;

  return FALSE;
}

/* Before anything else is judged: a newer writer may have given a field another form. */
static gboolean
read_critical (TesseraManifest *self, JsonObject *object, GError **error)
{
  JsonArray *array = get_array (object, "crit", TESSERA_MANIFEST_MAX_CRITICAL, error);

  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    const char *name = array_text (array, i);

    if (name == NULL || !json_object_has_member (object, name)) {
      set_malformed (error, "crit");
      return FALSE;
    }
    if (!is_known_field (name)) {
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                           _("This bundle needs something this Tessera does not know; update Tessera and open it again."));
      return FALSE;
    }
    g_ptr_array_add (self->critical, g_strdup (name));
  }

  return TRUE;
}

static gboolean
read_flow (TesseraManifest *self, JsonObject *object, GError **error)
{
  const char *name = peek_text (object, "flow");

  if (name == NULL) {
    set_malformed (error, "flow");
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (flow_names); i++) {
    if (strcmp (flow_names[i], name) == 0) {
      self->flow = i;
      return TRUE;
    }
  }
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                       _("This kind of bundle is unknown to this Tessera; update Tessera and open it again."));

  return FALSE;
}

/* Ascending and each once, so that one set of recipients has one spelling. */
static gboolean
read_recipients (TesseraManifest *self, JsonObject *object, GError **error)
{
  JsonArray *array = get_array (object, "to", TESSERA_MANIFEST_MAX_RECIPIENTS, error);
  const char *last = "";

  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    const char *hash = array_text (array, i);

    if (hash == NULL || !tessera_is_hex (hash, TESSERA_MANIFEST_ID_DIGITS) || strcmp (last, hash) >= 0) {
      set_malformed (error, "to");
      return FALSE;
    }
    g_ptr_array_add (self->recipients, g_strdup (hash));
    last = hash;
  }
  if (self->recipients->len == 0) {
    set_malformed (error, "to");
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_range (TesseraManifest *self, JsonObject *object, GError **error)
{
  if (!get_hex (object, "stream", TESSERA_MANIFEST_ID_DIGITS, FALSE, &self->stream, error))
    return FALSE;
  if (!json_object_has_member (object, "from") && !json_object_has_member (object, "upto"))
    return TRUE;

  return get_number (object, "from", 1, &self->from, error)
         && get_number (object, "upto", self->from, &self->upto, error);
}

static gboolean
read_version_vector (TesseraManifest *self, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "vv");
  JsonObject *vector;
  g_autoptr (GList) streams = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)) {
    set_malformed (error, "vv");
    return FALSE;
  }
  vector = json_node_get_object (node);
  if (json_object_get_size (vector) > TESSERA_MANIFEST_MAX_STREAMS) {
    set_too_large (error, "vv");
    return FALSE;
  }
  streams = json_object_get_members (vector);
  for (GList *l = streams; l != NULL; l = l->next) {
    gint64 sequence;

    if (!tessera_is_hex (l->data, TESSERA_MANIFEST_ID_DIGITS)
        || !node_is_number (json_object_get_member (vector, l->data), 0, &sequence)) {
      set_malformed (error, "vv");
      return FALSE;
    }
    tessera_manifest_set_sequence (self, l->data, sequence);
  }

  return TRUE;
}

static gboolean
read_instant (JsonObject *object, const char *name, gint64 *ret_instant, GError **error)
{
  const char *text = peek_text (object, name);

  if (text != NULL && tessera_instant_from_text (text, ret_instant))
    return TRUE;
  set_malformed (error, name);

  return FALSE;
}

static gboolean
read_part (TesseraManifest *self, JsonNode *node, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = object != NULL ? peek_text (object, "name") : NULL;
  const char *hash = object != NULL ? peek_text (object, "b2") : NULL;
  gint64 size;
  gint64 raw = -1;

  if (name == NULL || hash == NULL || !tessera_is_hex (hash, TESSERA_MANIFEST_PART_DIGITS)
      || !node_is_number (json_object_get_member (object, "size"), 0, &size)
      || (json_object_has_member (object, "raw") && !node_is_number (json_object_get_member (object, "raw"), 0, &raw))) {
    set_malformed (error, "parts");
    return FALSE;
  }
  tessera_manifest_add_part (self, name, size, hash, raw);

  return TRUE;
}

static gboolean
read_parts (TesseraManifest *self, JsonObject *object, GError **error)
{
  JsonArray *array = get_array (object, "parts", TESSERA_MANIFEST_MAX_PARTS, error);

  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_part (self, json_array_get_element (array, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
read_fields (TesseraManifest *self, JsonObject *object, GError **error)
{
  return read_format (self, object, error) && read_critical (self, object, error) && read_flow (self, object, error)
         && get_hex (object, "id", TESSERA_MANIFEST_ID_DIGITS, TRUE, &self->id, error)
         && get_hex (object, "org", TESSERA_MANIFEST_ID_DIGITS, TRUE, &self->organization, error)
         && get_hex (object, "dev", TESSERA_MANIFEST_ID_DIGITS, TRUE, &self->device, error)
         && read_recipients (self, object, error) && read_range (self, object, error)
         && get_hex (object, "prev", TESSERA_MANIFEST_HASH_DIGITS, FALSE, &self->previous, error)
         && read_version_vector (self, object, error) && get_number (object, "schema", 1, &self->schema, error)
         && get_number (object, "min_reader", 1, &self->min_reader, error)
         && get_number (object, "roster", 0, &self->roster, error)
         && read_instant (object, "created", &self->created, error)
         && (!json_object_has_member (object, "expires") || read_instant (object, "expires", &self->expires, error))
         && read_parts (self, object, error);
}

TesseraManifest *
tessera_manifest_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (TesseraManifest) self = tessera_manifest_new ();
  g_autoptr (JsonNode) root = NULL;

  if (length > TESSERA_MANIFEST_MAX_SIZE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("The manifest of this bundle is longer than allowed; it was not read."));
    return NULL;
  }
  /* Exactly one line: what people see in a terminal is what was signed. */
  if (length > 1 && memchr (text, '\n', length) == text + length - 1)
    root = tessera_strict_json_parse (text, length - 1);
  if (root == NULL) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                         _("The manifest of this bundle is not proper JSON; ask the sender to make it again."));
    return NULL;
  }
  self->fields = json_object_ref (json_node_get_object (root));
  if (!read_fields (self, self->fields, error))
    return NULL;

  return g_steal_pointer (&self);
}
