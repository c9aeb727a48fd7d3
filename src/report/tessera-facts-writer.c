/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-writer.c: rows into CSV files (RFC 4180), one per table, or into one file of SQL.
 *
 * Cells are made from what a column may hold and from nothing else, so none needs quotes, and none is a formula for a
 * spreadsheet. In the one file, what has come since the last flush becomes a COPY block per table.
 */
#include "config.h"
#include <string.h>

#include "tessera-facts-private.h"

#define UNLISTED "unlisted"

typedef struct {
  const TesseraFactsTable *table;
  GString *rows;
  GOutputStream *stream;
  /* For each column the set of its codes; no set for columns without. */
  GPtrArray *codes;
} Output;

struct _TesseraFactsWriter {
  Output outputs[TESSERA_N_TABLES];
  GOutputStream *one_file;
  gboolean aggregate;
  guint64 n_rows;
};

static gboolean
put (GOutputStream *stream, const char *text, GError **error) {
  return g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, error);
}

static char *
join_names (const TesseraFactsTable *table, const char *separator) {
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < table->n_columns; i++)
    g_string_append_printf (names, "%s%s", i ? separator : "", table->columns[i].name);
  return g_string_free (names, FALSE);
}

static GHashTable *
make_set (const TesseraFactsColumn *column) {
  g_autoptr (GPtrArray) codes = tessera_facts_list_codes (column);
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < codes->len; i++)
    g_hash_table_add (set, g_strdup (codes->pdata[i]));
  return set;
}

static void
set_up (Output *output, const TesseraFactsTable *table) {
  output->table = table;
  output->rows = g_string_new (NULL);
  output->codes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  for (guint i = 0; i < table->n_columns; i++)
    g_ptr_array_add (output->codes, make_set (&table->columns[i]));
}

static gboolean
begin_table (Output *output, TesseraFactsFolder *folder, GError **error) {
  g_autofree char *name = g_strconcat (output->table->name, ".csv", NULL);
  g_autofree char *heading = join_names (output->table, ",");

  output->stream = tessera_facts_folder_create (folder, name, error);
  return output->stream && put (output->stream, heading, error) && put (output->stream, "\r\n", error);
}

static gboolean
write_text (TesseraFactsFolder *folder, const char *name, char *text, GError **error) {
  g_autofree char *owned = text;
  g_autoptr (GOutputStream) stream = tessera_facts_folder_create (folder, name, error);

  return stream && put (stream, owned, error) && g_output_stream_close (stream, NULL, error);
}

static gboolean
begin_one_file (TesseraFactsWriter *self, TesseraFactsFolder *folder, GError **error) {
  g_autofree char *schema = tessera_facts_format_schema (self->aggregate);

  self->one_file = tessera_facts_folder_create (folder, "facts.sql", error);
  return self->one_file && put (self->one_file, "BEGIN;\n", error) && put (self->one_file, schema, error);
}

static gboolean
begin (TesseraFactsWriter *self, TesseraFactsFolder *folder, gboolean one_file, GError **error) {
  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++)
    if (tessera_facts_has_table (id, self->aggregate))
      set_up (&self->outputs[id], tessera_facts_get_table (id));
  if (one_file && !begin_one_file (self, folder, error))
    return FALSE;
  if (!one_file && !write_text (folder, "schema.sql", tessera_facts_format_schema (self->aggregate), error))
    return FALSE;
  if (!one_file && !write_text (folder, "load.sql", tessera_facts_format_load (self->aggregate), error))
    return FALSE;
  for (TesseraFactsTableId id = 0; !one_file && id < TESSERA_N_TABLES; id++)
    if (self->outputs[id].table && !begin_table (&self->outputs[id], folder, error))
      return FALSE;
  return write_text (folder, "queries.sql", tessera_facts_format_queries (self->aggregate), error);
}

TesseraFactsWriter *
tessera_facts_writer_new (TesseraFactsFolder *folder, gboolean aggregate, gboolean one_file, GError **error) {
  g_autoptr (TesseraFactsWriter) self = g_new0 (TesseraFactsWriter, 1);

  self->aggregate = aggregate;
  return begin (self, folder, one_file, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
is_language (const char *cell) {
  gsize length = strspn (cell, "abcdefghijklmnopqrstuvwxyz");

  return (cell[length] == '\0' && (length == 2 || length == 3)) || g_str_equal (cell, TESSERA_FACTS_OTHER)
         || g_str_equal (cell, TESSERA_FACTS_UNRECORDED) || g_str_equal (cell, TESSERA_FACTS_SUPPRESSED);
}

static const char *
check_code (const TesseraFactsColumn *column, GHashTable *codes, const char *cell) {
  if (cell)
    return g_hash_table_contains (codes, cell) ? cell : UNLISTED;
  if (column->is_optional)
    return "";
  return g_hash_table_contains (codes, TESSERA_FACTS_UNRECORDED) ? TESSERA_FACTS_UNRECORDED : UNLISTED;
}

/* What gets out for @cell. */
static const char *
check_cell (const Output *output, guint place, const char *cell) {
  const TesseraFactsColumn *column = &output->table->columns[place];

  if (column->kind == TESSERA_COLUMN_CODE)
    return check_code (column, output->codes->pdata[place], cell);
  if (column->kind == TESSERA_COLUMN_LANGUAGE)
    return !cell ? "" : is_language (cell) ? cell : TESSERA_FACTS_OTHER;
  if (column->kind == TESSERA_COLUMN_FLAG)
    return g_strcmp0 (cell, "1") == 0 ? "true" : "false";
  return cell && cell[strspn (cell, "0123456789-")] == '\0' ? cell : "";
}

void
tessera_facts_writer_add (TesseraFactsWriter *self, TesseraFactsTableId table, const char *const *cells) {
  Output *output = &self->outputs[table];

  g_return_if_fail (output->table);
  for (guint i = 0; i < output->table->n_columns; i++) {
    g_string_append (output->rows, i ? "," : "");
    g_string_append (output->rows, check_cell (output, i, cells[i]));
  }
  g_string_append (output->rows, self->one_file ? "\n" : "\r\n");
  self->n_rows++;
}

static gboolean
flush_into_one_file (TesseraFactsWriter *self, Output *output, GError **error) {
  g_autofree char *names = join_names (output->table, ", ");
  g_autofree char *head
    = g_strdup_printf ("\nCOPY %s (%s) FROM stdin WITH (FORMAT csv);\n", output->table->name, names);

  return put (self->one_file, head, error) && put (self->one_file, output->rows->str, error)
         && put (self->one_file, "\\.\n", error);
}

gboolean
tessera_facts_writer_flush (TesseraFactsWriter *self, GError **error) {
  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++) {
    Output *output = &self->outputs[id];

    if (!output->table || output->rows->len == 0)
      continue;
    if (self->one_file ? !flush_into_one_file (self, output, error)
                       : !put (output->stream, output->rows->str, error))
      return FALSE;
    g_string_truncate (output->rows, 0);
  }
  return TRUE;
}

gboolean
tessera_facts_writer_finish (TesseraFactsWriter *self, GError **error) {
  if (!tessera_facts_writer_flush (self, error))
    return FALSE;
  if (self->one_file)
    return put (self->one_file, "\nCOMMIT;\nANALYZE;\n", error)
           && g_output_stream_close (self->one_file, NULL, error);
  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++)
    if (self->outputs[id].stream && !g_output_stream_close (self->outputs[id].stream, NULL, error))
      return FALSE;
  return TRUE;
}

guint64
tessera_facts_writer_get_rows (TesseraFactsWriter *self) {
  return self->n_rows;
}

void
tessera_facts_writer_free (TesseraFactsWriter *self) {
  for (TesseraFactsTableId id = 0; id < TESSERA_N_TABLES; id++) {
    Output *output = &self->outputs[id];

    if (!output->table)
      continue;
    g_string_free (output->rows, TRUE);
    g_ptr_array_unref (output->codes);
    g_clear_object (&output->stream);
  }
  g_clear_object (&self->one_file);
  g_free (self);
}
