/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-output.c: records and objects as aligned text or as one JSON document.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "tessera-cli-private.h"

/* Widest cell of a table, in terminal columns: longer texts are cut so that a row stays a line. */
#define WIDEST_CELL 40

static int
measure_character (gunichar c) {
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

static int
measure (const char *text) {
  int width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += measure_character (g_utf8_get_char (at));
  return width;
}

/* Control characters could steer a terminal, and texts may come from partners. */
static char *
tame (const char *text, const char *newline) {
  GString *tamed = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (c == '\n')
      g_string_append (tamed, newline);
    else if (g_unichar_iscntrl (c))
      g_string_append_c (tamed, ' ');
    else
      g_string_append_unichar (tamed, c);
  }
  return g_string_free (tamed, FALSE);
}

static char *
make_cell (const char *text) {
  g_autofree char *tamed = tame (text != NULL ? text : "", " ");
  GString *cell;
  int width = 0;

  if (measure (tamed) <= WIDEST_CELL)
    return g_steal_pointer (&tamed);
  cell = g_string_new (NULL);
  for (const char *at = tamed; *at != '\0'; at = g_utf8_next_char (at)) {
    width += measure_character (g_utf8_get_char (at));
    if (width >= WIDEST_CELL)
      break;
    g_string_append_unichar (cell, g_utf8_get_char (at));
  }
  g_string_append (cell, "…");
  return g_string_free (cell, FALSE);
}

static void
append_padded (GString *text, const char *cell, int width) {
  g_string_append (text, cell);
  for (int i = measure (cell); i < width; i++)
    g_string_append_c (text, ' ');
}

/* @rows: arrays of as many cells as @n_columns; the first row is the heading. */
static void
append_table (GString *text, GPtrArray *rows, guint n_columns) {
  g_autofree int *widths = g_new0 (int, n_columns);

  for (guint i = 0; i < rows->len; i++) {
    GPtrArray *row = g_ptr_array_index (rows, i);

    for (guint j = 0; j < n_columns; j++)
      widths[j] = MAX (widths[j], measure (g_ptr_array_index (row, j)));
  }
  for (guint i = 0; i < rows->len; i++) {
    GPtrArray *row = g_ptr_array_index (rows, i);

    for (guint j = 0; j < n_columns; j++)
      append_padded (text, g_ptr_array_index (row, j), j + 1 < n_columns ? widths[j] + 2 : 0);
    g_string_append_c (text, '\n');
  }
}

/* What a reference points at, by the word people use for it. */
static char *
name_reference (TesseraCli *self, const TesseraField *field, const char *id) {
  static const char *const naming_fields[] = { "code", "name" };
  g_autoptr (TesseraRecord) target = NULL;

  if (self->transaction == NULL || field->of == NULL)
    return g_strdup (id);
  target = tessera_transaction_find (self->transaction, field->of, id);
  for (guint i = 0; target != NULL && i < G_N_ELEMENTS (naming_fields); i++) {
    if (tessera_entity_find_field (tessera_record_get_entity (target), naming_fields[i]) >= 0
        && tessera_record_get (target, naming_fields[i]) != NULL)
      return g_strdup (tessera_record_get (target, naming_fields[i]));
  }
  return g_strdup (id);
}

static char *
format_field (TesseraCli *self, TesseraRecord *record, const char *name) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  const char *value = tessera_record_get (record, name);
  int index = tessera_entity_find_field (entity, name);

  if (value == NULL)
    return g_strdup ("");
  if (index < 0)
    return g_strdup (value);
  if (entity->fields[index].type == TESSERA_FIELD_REFERENCE)
    return name_reference (self, &entity->fields[index], value);
  return tessera_field_format (&entity->fields[index], value);
}

/* What has been put before and now comes more: the document becomes an array. Commands put one thing; this is
 * so that nothing is lost if one puts two. */
static void
put_node (TesseraCli *self, JsonNode *node) {
  JsonArray *array;

  if (self->document == NULL) {
    self->document = node;
    return;
  }
  array = json_array_new ();
  json_array_add_element (array, self->document);
  json_array_add_element (array, node);
  self->document = json_node_init_array (json_node_alloc (), array);
  json_array_unref (array);
}

void
tessera_cli_put_line (TesseraCli *self, const char *format, ...) {
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->text, format, arguments);
  va_end (arguments);
  g_string_append_c (self->text, '\n');
}

static void
append_pair (GString *text, const char *label, const char *value, int width) {
  g_autofree char *tamed = tame (value, "\n    ");

  append_padded (text, label, width + 2);
  g_string_append (text, tamed);
  g_string_append_c (text, '\n');
}

/* Long texts the application keeps for itself (a partner's card, the lines that came) are for programs: --json. */
static gboolean
is_for_people (const TesseraField *field) {
  return !((field->flags & TESSERA_FIELD_AUTOMATIC) && field->type == TESSERA_FIELD_TEXT
           && ((field->flags & TESSERA_FIELD_LONG) || strcmp (field->name, "card") == 0));
}

static void
put_record_text (TesseraCli *self, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  int width = measure ("id");

  for (guint i = 0; i < entity->n_fields; i++) {
    if (tessera_record_get_at (record, i) != NULL)
      width = MAX (width, measure (tessera_field_get_label (&entity->fields[i])));
  }
  append_pair (self->text, "id", tessera_record_get_id (record), width);
  for (guint i = 0; i < entity->n_fields; i++) {
    g_autofree char *value = NULL;

    if (tessera_record_get_at (record, i) == NULL || !is_for_people (&entity->fields[i]))
      continue;
    value = format_field (self, record, entity->fields[i].name);
    append_pair (self->text, tessera_field_get_label (&entity->fields[i]), value, width);
  }
}

void
tessera_cli_put_record (TesseraCli *self, TesseraRecord *record) {
  JsonNode *node;

  if (!self->json) {
    put_record_text (self, record);
    return;
  }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, tessera_record_to_json (record));
  put_node (self, node);
}

static const char *
get_heading (GPtrArray *records, const char *name) {
  const TesseraEntity *entity = tessera_record_get_entity (g_ptr_array_index (records, 0));
  int index = tessera_entity_find_field (entity, name);

  return index < 0 ? name : tessera_field_get_label (&entity->fields[index]);
}

static void
put_records_text (TesseraCli *self, GPtrArray *records, const char *columns) {
  g_auto (GStrv) names = g_strsplit (columns, " ", -1);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  guint n_columns = g_strv_length (names);
  GPtrArray *row;

  if (records->len == 0)
    return;
  row = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n_columns; i++)
    g_ptr_array_add (row, make_cell (get_heading (records, names[i])));
  g_ptr_array_add (rows, row);
  for (guint i = 0; i < records->len; i++) {
    row = g_ptr_array_new_with_free_func (g_free);
    for (guint j = 0; j < n_columns; j++) {
      g_autofree char *value = format_field (self, g_ptr_array_index (records, i), names[j]);

      g_ptr_array_add (row, make_cell (value));
    }
    g_ptr_array_add (rows, row);
  }
  append_table (self->text, rows, n_columns);
}

void
tessera_cli_put_records (TesseraCli *self, GPtrArray *records, const char *columns) {
  JsonArray *array;
  JsonNode *node;

  if (!self->json) {
    put_records_text (self, records, columns);
    return;
  }
  array = json_array_sized_new (records->len);
  for (guint i = 0; i < records->len; i++)
    json_array_add_object_element (array, tessera_record_to_json (g_ptr_array_index (records, i)));
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  put_node (self, node);
}

static char *format_node (JsonNode *node);

static char *
format_array (JsonArray *array) {
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);
    g_autofree char *value = format_node (element);

    if (i > 0)
      g_string_append (text, JSON_NODE_HOLDS_VALUE (element) ? ", " : "\n");
    g_string_append (text, value);
  }
  return g_string_free (text, FALSE);
}

static char *
format_object (JsonObject *object) {
  GString *text = g_string_new (NULL);
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next) {
    g_autofree char *value = format_node (json_object_get_member (object, l->data));

    g_string_append_printf (text, "%s%s: %s", l == members ? "" : "; ", (char *) l->data, value);
  }
  return g_string_free (text, FALSE);
}

static char *
format_node (JsonNode *node) {
  GValue value = G_VALUE_INIT;
  char *text;

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return format_array (json_node_get_array (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    return format_object (json_node_get_object (node));
  json_node_get_value (node, &value);
  if (G_VALUE_HOLDS_STRING (&value))
    text = g_value_dup_string (&value);
  else if (G_VALUE_HOLDS_BOOLEAN (&value))
    text = g_strdup (g_value_get_boolean (&value) ? _("yes") : _("no"));
  else if (G_VALUE_HOLDS_INT64 (&value))
    text = g_strdup_printf ("%" G_GINT64_FORMAT, g_value_get_int64 (&value));
  else
    text = g_strdup_printf ("%g", g_value_get_double (&value));
  g_value_unset (&value);
  return text;
}

static void
put_object_text (TesseraCli *self, JsonObject *object) {
  g_autoptr (GList) members = json_object_get_members (object);
  int width = 0;

  for (GList *l = members; l != NULL; l = l->next)
    width = MAX (width, measure (l->data));
  for (GList *l = members; l != NULL; l = l->next) {
    JsonNode *node = json_object_get_member (object, l->data);
    g_autofree char *value = format_node (node);
    gboolean is_list = JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0
                       && !JSON_NODE_HOLDS_VALUE (json_array_get_element (json_node_get_array (node), 0));

    if (is_list) {
      g_autofree char *below = g_strconcat ("\n", value, NULL);

      append_pair (self->text, l->data, below, 0);
    } else {
      append_pair (self->text, l->data, value, width);
    }
  }
}

void
tessera_cli_put_object (TesseraCli *self, JsonObject *object) {
  JsonNode *node;

  if (!self->json) {
    put_object_text (self, object);
    json_object_unref (object);
    return;
  }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  put_node (self, node);
}

static void
put_objects_text (TesseraCli *self, JsonArray *objects, const char *columns) {
  g_auto (GStrv) names = g_strsplit (columns, " ", -1);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  guint n_columns = g_strv_length (names);
  GPtrArray *row;

  if (json_array_get_length (objects) == 0)
    return;
  row = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n_columns; i++)
    g_ptr_array_add (row, g_strdup (names[i]));
  g_ptr_array_add (rows, row);
  for (guint i = 0; i < json_array_get_length (objects); i++) {
    JsonObject *object = json_array_get_object_element (objects, i);

    row = g_ptr_array_new_with_free_func (g_free);
    for (guint j = 0; j < n_columns; j++) {
      JsonNode *node = json_object_get_member (object, names[j]);
      g_autofree char *value = node != NULL ? format_node (node) : g_strdup ("");

      g_ptr_array_add (row, make_cell (value));
    }
    g_ptr_array_add (rows, row);
  }
  append_table (self->text, rows, n_columns);
}

void
tessera_cli_put_objects (TesseraCli *self, JsonArray *objects, const char *columns) {
  JsonNode *node;

  if (!self->json) {
    put_objects_text (self, objects, columns);
    json_array_unref (objects);
    return;
  }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, objects);
  put_node (self, node);
}

void
tessera_cli_warn (TesseraCli *self, const char *format, ...) {
  va_list arguments;
  g_autofree char *text = NULL;
  g_autofree char *tamed = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  tamed = tame (text, "\n");
  fprintf (stderr, "tessera-cli: %s\n", tamed);
}

void
tessera_cli_progress (TesseraCli *self, guint done, guint total) {
  if (!isatty (STDERR_FILENO))
    return;
  fprintf (stderr, "\r%u/%u%s", done, total, done >= total ? "\n" : "");
  fflush (stderr);
}

gboolean
tessera_cli_print (TesseraCli *self, GError **error) {
  gboolean written = TRUE;

  if (self->json && self->document != NULL) {
    g_autoptr (JsonGenerator) generator = json_generator_new ();
    g_autofree char *text = NULL;

    json_generator_set_pretty (generator, TRUE);
    json_generator_set_root (generator, self->document);
    text = json_generator_to_data (generator, NULL);
    written = fputs (text, stdout) >= 0 && putchar ('\n') != EOF;
  } else if (!self->json) {
    written = fputs (self->text->str, stdout) >= 0;
  }
  if (written && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("It was done, but the result cannot be written to standard output: %s"),
               g_strerror (errno));
  return FALSE;
}
