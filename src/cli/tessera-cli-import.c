/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-import.c: `client import`.
 *
 * The first row names the fields, as the registry does or as the file given with --map says. Each person is
 * one transaction: a row that cannot be taken is named with its line and the reason, the others are
 * registered.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <string.h>

#include "tessera-cli-fields.h"
#include "tessera-cli-import.h"
#include "tessera-csv.h"
#include "tessera-intake.h"

/* Larger tables are refused: nobody registers that many by hand, and the file is held in memory. */
#define LARGEST_FILE (64 * 1024 * 1024)

typedef struct {
  TesseraCli *cli;
  char **columns; /* field name of each column, empty for columns to leave out */
  char **cells;
  TesseraRecord *client;
} Row;

/* Lines COLUMN=FIELD; no field leaves the column out. */
static GHashTable *
read_map (const char *path, GError **error) {
  g_autoptr (GHashTable) map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GBytes) file = NULL;
  g_auto (GStrv) lines = NULL;

  if (path == NULL)
    return g_steal_pointer (&map);
  file = tessera_cli_read_file (path, LARGEST_FILE, error);
  if (file == NULL)
    return NULL;
  lines = g_strsplit (g_bytes_get_data (file, NULL), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *equals = strrchr (g_strstrip (lines[i]), '=');

    if (*lines[i] == '\0' || *lines[i] == '#')
      continue;
    if (equals == NULL) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("%s: line %u is not of the form COLUMN=FIELD."), path, i + 1);
      return NULL;
    }
    *equals = '\0';
    g_hash_table_replace (map, g_strdup (g_strstrip (lines[i])), g_strdup (g_strstrip (equals + 1)));
  }
  return g_steal_pointer (&map);
}

/* Checks the heading against the registry before anything is imported. */
static char **
map_columns (TesseraCli *self, char **heading, GHashTable *map, GError **error) {
  g_autoptr (TesseraRecord) probe = tessera_record_new (tessera_cli_get_registry (self), "client");
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; heading[i] != NULL; i++) {
    const char *name = g_strstrip (heading[i]);
    const char *mapped = g_hash_table_lookup (map, name);

    if (mapped != NULL)
      name = mapped;
    if (*name != '\0' && !tessera_cli_parse_field (NULL, probe, name, "", error))
      return NULL;
    g_ptr_array_add (columns, g_strdup (name));
  }
  g_ptr_array_add (columns, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&columns), FALSE);
}

static gboolean
register_row (TesseraTransaction *transaction, gpointer data, GError **error) {
  Row *row = data;

  g_set_object (&row->client, NULL);
  row->client = tessera_transaction_new_record (transaction, "client");
  for (guint i = 0; row->cells[i] != NULL; i++) {
    if (row->columns[i] == NULL) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("There are more cells than columns."));
      return FALSE;
    }
    if (*row->columns[i] != '\0'
        && !tessera_cli_parse_field (transaction, row->client, row->columns[i], row->cells[i], error))
      return FALSE;
  }
  return tessera_intake_register (transaction, row->client, error);
}

/* Disk full and the like will not pass for the next row. */
static gboolean
is_about_the_row (const GError *error) {
  return error->domain != TESSERA_VAULT_ERROR && error->domain != TESSERA_STORE_ERROR;
}

static gboolean
import_rows (TesseraCli *self, GPtrArray *rows, GArray *lines, char **columns, GError **error) {
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_refused = 0;

  for (guint i = 1; i < rows->len; i++) {
    Row row = { self, columns, g_ptr_array_index (rows, i), NULL };
    g_autoptr (GError) local_error = NULL;

    if (tessera_store_write (tessera_cli_get_store (self), register_row, &row, &local_error)) {
      g_ptr_array_add (clients, g_steal_pointer (&row.client));
    } else if (is_about_the_row (local_error)) {
      n_refused++;
      tessera_cli_warn (self, _("Line %u: %s"), g_array_index (lines, guint, i), local_error->message);
    } else {
      g_propagate_error (error, g_steal_pointer (&local_error));
      g_clear_object (&row.client);
      return FALSE;
    }
    g_clear_object (&row.client);
    tessera_cli_progress (self, i, rows->len - 1);
  }
  tessera_cli_put_records (self, clients, "code name language");
  if (n_refused == 0)
    return TRUE;
  g_set_error (
    error, TESSERA_CLI_ERROR, clients->len > 0 ? TESSERA_CLI_ERROR_SOME_REFUSED : TESSERA_CLI_ERROR_REFUSED,
    _("%u of %u rows were not imported; mend them and import only those."), n_refused, rows->len - 1);
  return FALSE;
}

gboolean
tessera_cli_import_clients (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) map = read_map (tessera_cli_get_option (self, "map"), error);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) lines = NULL;
  g_auto (GStrv) columns = NULL;
  g_autoptr (GBytes) file = NULL;

  if (map == NULL)
    return FALSE;
  file = tessera_cli_read_file (tessera_cli_get_argument (self, 0), LARGEST_FILE, error);
  if (file == NULL)
    return FALSE;
  rows = tessera_csv_parse (g_bytes_get_data (file, NULL), g_bytes_get_size (file), &lines, error);
  if (rows == NULL)
    return FALSE;
  if (rows->len == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The table is empty."));
    return FALSE;
  }
  columns = map_columns (self, g_ptr_array_index (rows, 0), map, error);
  return columns != NULL && import_rows (self, rows, lines, columns, error);
}
