/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-kept.c: prepared statements by number.
 *
 * Making the text of a statement and looking for it costs more than running it on one row.
 */
#include "config.h"

#include "tessera-identifier.h"
#include "tessera-kept.h"

static char *
build_insert (const TesseraEntity *entity) {
  g_autofree char *columns = tessera_entity_columns (entity);
  GString *sql = g_string_new (NULL);

  g_string_append_printf (sql, "INSERT INTO \"%s\" (%s, _sid, _seq, _clock) VALUES (?1", entity->name, columns);
  for (guint i = 0; i < entity->n_fields + 3; i++)
    g_string_append_printf (sql, ", ?%u", i + 2);
  g_string_append_c (sql, ')');
  return g_string_free (sql, FALSE);
}

static char *
build_load (const TesseraEntity *entity) {
  g_autofree char *columns = tessera_entity_columns (entity);

  return g_strdup_printf ("SELECT %s, _rowid, _sid, _seq, _clock FROM \"%s\" WHERE id = ?1", columns, entity->name);
}

static char *
build (TesseraKept kept, const TesseraEntity *entity) {
  switch (kept) {
  case TESSERA_KEPT_INSERT:
    return build_insert (entity);
  case TESSERA_KEPT_LOAD:
    return build_load (entity);
  case TESSERA_KEPT_ADD_WORDS:
    return g_strdup_printf ("INSERT INTO %s_words (rowid, words) VALUES (?1, ?2)", entity->name);
  case TESSERA_KEPT_DROP_WORDS:
    return g_strdup_printf ("DELETE FROM %s_words WHERE rowid = ?1", entity->name);
  case TESSERA_KEPT_ADD_CHANGE:
    return g_strdup ("INSERT INTO change (sid, seq, clock, entity, row, subject, kind, schema, flags, body)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  case TESSERA_KEPT_FIND_ERASED:
    return g_strdup ("SELECT 1 FROM erased WHERE subject = ?1");
  case TESSERA_KEPT_FIND_HISTORY:
    return g_strdup ("SELECT 1 FROM change WHERE row = ?1 AND (body IS NOT NULL OR kind = 3) LIMIT 1");
  case TESSERA_KEPT_KINDS:
  default:
    g_assert_not_reached ();
  }
}

static void
finalize_statement (gpointer statement) {
  sqlite3_finalize (statement);
}

sqlite3_stmt *
tessera_kept_get (TesseraConnection *connection, TesseraKept kept, const TesseraEntity *entity, GError **error) {
  guint place = (entity ? entity->number : 0) * TESSERA_KEPT_KINDS + (guint) kept;
  g_autofree char *sql = NULL;
  sqlite3_stmt *statement = NULL;
  int code;

  g_assert (connection->thread == NULL || connection->thread == g_thread_self ());
  if (!connection->kept)
    connection->kept = g_ptr_array_new_with_free_func (finalize_statement);
  if (place < connection->kept->len && connection->kept->pdata[place])
    return connection->kept->pdata[place];
  sql = build (kept, entity);
  code = sqlite3_prepare_v3 (connection->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (code != SQLITE_OK) {
    tessera_vault_set_sqlite_error (error, connection->database, code);
    return NULL;
  }
  if (place >= connection->kept->len)
    g_ptr_array_set_size (connection->kept, (int) place + 1);
  connection->kept->pdata[place] = statement;
  return statement;
}

void
tessera_kept_done (sqlite3_stmt *statement) {
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

gboolean
tessera_kept_find (TesseraConnection *connection, sqlite3_stmt *statement, gboolean *ret_found, GError **error) {
  int code = sqlite3_step (statement);

  *ret_found = code == SQLITE_ROW;
  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    tessera_vault_set_sqlite_error (error, connection->database, code);
  tessera_kept_done (statement);
  return code == SQLITE_DONE;
}

gboolean
tessera_kept_run (TesseraConnection *connection, sqlite3_stmt *statement, GError **error) {
  gboolean found;

  if (!tessera_kept_find (connection, statement, &found, error))
    return FALSE;
  if (found)
    tessera_kept_done (statement);
  return TRUE;
}

void
tessera_kept_bind_field (sqlite3_stmt *statement, int place, const TesseraField *field, const char *value) {
  guint8 bytes[16];

  if (!value)
    sqlite3_bind_null (statement, place);
  else if (field->type == TESSERA_FIELD_INTEGER || field->type == TESSERA_FIELD_INSTANT
           || field->type == TESSERA_FIELD_BOOLEAN)
    sqlite3_bind_int64 (statement, place, g_ascii_strtoll (value, NULL, 10));
  else if (field->type != TESSERA_FIELD_REFERENCE && field->type != TESSERA_FIELD_ID)
    sqlite3_bind_text (statement, place, value, -1, SQLITE_STATIC);
  else if (tessera_uuid_parse (value, bytes))
    sqlite3_bind_blob (statement, place, bytes, sizeof bytes, SQLITE_TRANSIENT);
  else
    sqlite3_bind_null (statement, place);
}

void
tessera_kept_clear (TesseraConnection *connection) {
  g_clear_pointer (&connection->kept, g_ptr_array_unref);
}
