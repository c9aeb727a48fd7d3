/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-schema-check.c: whether the tables are those that this program would make.
 *
 * It makes them, in memory and empty, and compares. What a newer Tessera added stays unmentioned: tables and columns more
 * do no harm. Triggers and views, which could change what is read and written, are never ours.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-connection.h"

/* Name, kind, and everything about it and its columns, as one text. */
static const char describe_tables[] =
  "SELECT s.name, s.type, CASE WHEN s.type = 'table' THEN"
  " (SELECT t.type || t.wr || t.strict FROM pragma_table_list(s.name) t WHERE t.schema = 'main')"
  " || CASE WHEN s.sql LIKE 'CREATE VIRTUAL%' THEN s.sql ELSE '' END ELSE s.tbl_name END"
  " FROM sqlite_schema s WHERE s.type IN ('table', 'index') AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";

static const char describe_columns[] =
  "SELECT name, type || '/' || \"notnull\" || '/' || coalesce (dflt_value, '') || '/' || pk || '/' || hidden"
  " FROM pragma_table_xinfo(?1)";

static const char count_strangers[] = "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')";

/* A connection to an empty store in memory, with all tables. It holds no data, so it need not be encrypted. */
static TesseraConnection *
make_model (TesseraRegistry *registry, GError **error) {
  TesseraConnection *model = tessera_connection_new (registry);

  if (sqlite3_open_v2 (":memory:", &model->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK
      && tessera_schema_prepare (model, error))
    return model;
  if (error && !*error)
    tessera_vault_set_sqlite_error (error, model->database, SQLITE_NOMEM);
  tessera_connection_close (model);
  return NULL;
}

/* First to second and third column of what @sql gives. */
static GHashTable *
collect (TesseraConnection *connection, const char *sql, const char *table, GError **error) {
  g_autoptr (GHashTable) rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (connection, sql, NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  if (table)
    tessera_statement_bind_text (statement, 1, table);
  while (tessera_statement_step (statement, &local_error)) {
    const char *more = table ? NULL : tessera_statement_get_text (statement, 2);

    g_hash_table_insert (rows, g_strdup (tessera_statement_get_text (statement, 0)),
                         g_strconcat (tessera_statement_get_text (statement, 1), more ? " " : NULL, more, NULL));
  }
  if (!local_error)
    return g_steal_pointer (&rows);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
set_schema_error (const char *name, GError **error) {
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("“%s” in the store is missing or not as this Tessera makes it; restore a backup."), name);
  return FALSE;
}

/* Everything that is in @expected is in @actual, and the same. Returns the name of what is not. */
static const char *
find_difference (GHashTable *expected, GHashTable *actual) {
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (g_strcmp0 (value, g_hash_table_lookup (actual, name)) != 0)
      return name;
  return NULL;
}

static gboolean
check_columns (TesseraConnection *connection, TesseraConnection *model, const char *table, GError **error) {
  g_autoptr (GHashTable) expected = collect (model, describe_columns, table, error);
  g_autoptr (GHashTable) actual = expected ? collect (connection, describe_columns, table, error) : NULL;

  if (!actual)
    return FALSE;
  return !find_difference (expected, actual) || set_schema_error (table, error);
}

static gboolean
check_strangers (TesseraConnection *connection, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (connection, count_strangers, NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  if (tessera_statement_get_integer (statement, 0) == 0)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The store holds instructions that no Tessera puts there; restore a backup."));
  return FALSE;
}

static gboolean
compare (TesseraConnection *connection, TesseraConnection *model, gint64 *count, GError **error) {
  g_autoptr (GHashTable) expected = collect (model, describe_tables, NULL, error);
  g_autoptr (GHashTable) actual = expected ? collect (connection, describe_tables, NULL, error) : NULL;
  const char *different = actual ? find_difference (expected, actual) : NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (!actual)
    return FALSE;
  if (different)
    return set_schema_error (different, error);
  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    if (g_str_has_prefix (value, "table") && !check_columns (connection, model, name, error))
      return FALSE;
    (*count)++;
  }
  return check_strangers (connection, error);
}

gboolean
tessera_schema_check (TesseraTransaction *self, gint64 *count, GError **error) {
  TesseraConnection *model = make_model (self->connection->registry, error);
  gboolean same = model && compare (self->connection, model, count, error);

  tessera_connection_close (model);
  return same;
}
