/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-transaction.c: loading, saving and deleting records.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-kept.h"
#include "tessera-merge.h"
#include "tessera-store.h"

TesseraRegistry *
tessera_transaction_get_registry (TesseraTransaction *self) {
  return self->connection->registry;
}

gint64
tessera_transaction_get_now (TesseraTransaction *self) {
  return self->now;
}

const char *
tessera_transaction_get_worker (TesseraTransaction *self) {
  return self->worker;
}

const char *
tessera_transaction_get_device (TesseraTransaction *self) {
  return self->connection->device;
}

TesseraRecord *
tessera_transaction_new_record (TesseraTransaction *self, const char *entity) {
  return tessera_record_new (self->connection->registry, entity);
}

TesseraStatement *
tessera_transaction_prepare (TesseraTransaction *self, const char *sql, GError **error) {
  return tessera_connection_prepare (self->connection, sql, NULL, error);
}

TesseraStatement *
tessera_transaction_select (TesseraTransaction *self, const char *name, const char *tail, GError **error) {
  const TesseraEntity *entity = tessera_registry_get_entity (self->connection->registry, name);
  g_autofree char *columns = NULL;
  g_autofree char *sql = NULL;

  g_return_val_if_fail (entity != NULL, NULL);
  columns = tessera_entity_columns (entity);
  sql = g_strdup_printf ("SELECT %s FROM \"%s\" %s", columns, name, tail);
  return tessera_connection_prepare (self->connection, sql, entity, error);
}

GPtrArray *
tessera_transaction_select_records (TesseraTransaction *self, const char *entity, const char *tail, const char *id,
                                    GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (self, entity, tail, error);

  if (!statement)
    return NULL;
  if (id)
    tessera_statement_bind_id (statement, 1, id);
  return tessera_statement_collect (statement, error);
}

/* A row by its id, ready to look at its columns; tessera_kept_done() if it was found. */
static gboolean
seek (TesseraTransaction *self, const TesseraEntity *entity, const char *id, sqlite3_stmt **ret_statement,
      gboolean *ret_found, GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (self->connection, TESSERA_KEPT_LOAD, entity, error);
  guint8 bytes[16];

  *ret_statement = statement;
  *ret_found = FALSE;
  if (!statement)
    return FALSE;
  if (!tessera_uuid_parse (id, bytes))
    return TRUE;
  sqlite3_bind_blob (statement, 1, bytes, sizeof bytes, SQLITE_TRANSIENT);
  return tessera_kept_find (self->connection, statement, ret_found, error);
}

static gboolean
look_up (TesseraTransaction *self, const char *name, const char *id, TesseraRecord **ret_record, GError **error) {
  const TesseraEntity *entity = tessera_registry_get_entity (self->connection->registry, name);
  sqlite3_stmt *statement;
  gboolean found;

  *ret_record = NULL;
  g_return_val_if_fail (entity != NULL, FALSE);
  if (!seek (self, entity, id, &statement, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  *ret_record = tessera_column_get_record (statement, self->connection->registry, entity);
  tessera_kept_done (statement);
  return TRUE;
}

TesseraRecord *
tessera_transaction_load (TesseraTransaction *self, const char *entity, const char *id, GError **error) {
  TesseraRecord *record;

  if (!look_up (self, entity, id, &record, error))
    return NULL;
  if (!record)
    g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND,
                 _("There is no %s with the id “%s” here; look it up in the list."), entity, id ? id : "");
  return record;
}

TesseraRecord *
tessera_transaction_find (TesseraTransaction *self, const char *entity, const char *id) {
  TesseraRecord *record = NULL;

  return id && look_up (self, entity, id, &record, NULL) ? record : NULL;
}

static void
note_change (TesseraTransaction *self, const TesseraEntity *entity) {
  g_hash_table_add (self->changed, (gpointer) entity->name);
}

/* What happened to which row; not to directory rows and local bookkeeping, of which there are thousands. */
static gboolean
audit_save (TesseraTransaction *self, const char *action, TesseraRecord *record, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  if (entity->flags & (TESSERA_ENTITY_LOCAL | TESSERA_ENTITY_DIRECTORY))
    return TRUE;
  return tessera_transaction_audit (self, action, entity->name, tessera_record_get_id (record), NULL, error);
}

gboolean
tessera_transaction_insert_row (TesseraTransaction *self, const TesseraEntity *entity, const guint8 *id,
                                const char *const *values, gint64 sid, gint64 sequence, gint64 clock,
                                GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (self->connection, TESSERA_KEPT_INSERT, entity, error);
  int n_fields = (int) entity->n_fields;

  if (!statement)
    return FALSE;
  sqlite3_bind_blob (statement, 1, id, 16, SQLITE_STATIC);
  for (int i = 0; i < n_fields; i++)
    tessera_kept_bind_field (statement, i + 2, &entity->fields[i], values[i]);
  sqlite3_bind_int64 (statement, n_fields + 2, sid);
  sqlite3_bind_int64 (statement, n_fields + 3, sequence);
  sqlite3_bind_int64 (statement, n_fields + 4, clock);
  return tessera_kept_run (self->connection, statement, error);
}

/* On a laptop that holds one team's clients, whoever is registered is that team's. */
static void
choose_team (TesseraTransaction *self, TesseraRecord *record) {
  g_autofree char *team = NULL;

  if (strcmp (tessera_record_get_entity (record)->name, "client") != 0 || tessera_record_get (record, "team"))
    return;
  team = tessera_transaction_get_setting (self, TESSERA_SETTING_TEAM);
  tessera_record_set (record, "team", team);
}

static gboolean
insert (TesseraTransaction *self, TesseraRecord *record, GError **error) {
  gint64 sequence, clock;
  guint8 id[16];

  choose_team (self, record);
  tessera_uuid_parse (tessera_record_get_id (record), id);
  return tessera_change_log_add (self, NULL, record, &sequence, &clock, error)
         && tessera_transaction_insert_row (self, tessera_record_get_entity (record), id,
                                            tessera_record_peek_values (record), self->connection->stream, sequence,
                                            clock, error)
         && tessera_search_update (self, NULL, record, sqlite3_last_insert_rowid (self->connection->database), error)
         && audit_save (self, "create", record, error);
}

gboolean
tessera_transaction_update_row (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after,
                                GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after);
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (TesseraStatement) statement = NULL;
  int place = 2;

  g_string_append_printf (sql, "UPDATE \"%s\" SET", entity->name);
  for (guint i = 0; i < entity->n_fields; i++)
    if (g_strcmp0 (tessera_record_get_at (before, i), tessera_record_get_at (after, i)) != 0) {
      g_string_append_printf (sql, "%s \"%s\" = ?%d", place > 2 ? "," : "", entity->fields[i].name, place);
      place++;
    }
  g_string_append (sql, " WHERE id = ?1");
  statement = tessera_connection_prepare (self->connection, sql->str, NULL, error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, tessera_record_get_id (after));
  place = 2;
  for (guint i = 0; i < entity->n_fields; i++)
    if (g_strcmp0 (tessera_record_get_at (before, i), tessera_record_get_at (after, i)) != 0)
      tessera_statement_bind_field (statement, place++, &entity->fields[i], tessera_record_get_at (after, i));
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_find_row_number (TesseraTransaction *self, TesseraRecord *record, gint64 *ret_row,
                                     GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  sqlite3_stmt *statement;
  gboolean found;

  if (!seek (self, entity, tessera_record_get_id (record), &statement, &found, error))
    return FALSE;
  if (found)
    *ret_row = sqlite3_column_int64 (statement, (int) entity->n_fields + 1);
  if (found)
    tessera_kept_done (statement);
  return found;
}

static gboolean
update (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after);
  gint64 sequence, clock, row;

  if (entity->flags & TESSERA_ENTITY_APPEND_ONLY) {
    g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_APPEND_ONLY,
                 _("A saved %s cannot be changed; record a correction instead."), entity->name);
    return FALSE;
  }
  return tessera_change_log_add (self, before, after, &sequence, &clock, error)
         && tessera_transaction_find_row_number (self, after, &row, error)
         && tessera_transaction_update_row (self, before, after, error)
         && tessera_search_update (self, before, after, row, error)
         && audit_save (self, "edit", after, error);
}

static gboolean
is_same (TesseraRecord *a, TesseraRecord *b) {
  for (guint i = 0; i < tessera_record_get_entity (a)->n_fields; i++)
    if (g_strcmp0 (tessera_record_get_at (a, i), tessera_record_get_at (b, i)) != 0)
      return FALSE;
  return TRUE;
}

gboolean
tessera_transaction_save (TesseraTransaction *self, TesseraRecord *record, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  g_autoptr (TesseraRecord) before = NULL;

  g_return_val_if_fail (self->writable, FALSE);
  if (!tessera_record_validate (record, error)
      || !look_up (self, entity->name, tessera_record_get_id (record), &before, error))
    return FALSE;
  if (before && is_same (before, record))
    return TRUE;
  note_change (self, entity);
  tessera_attachments_note (self, before);
  tessera_attachments_note (self, record);
  return before ? update (self, before, record, error) : insert (self, record, error);
}

gboolean
tessera_transaction_delete (TesseraTransaction *self, TesseraRecord *record, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  g_autofree char *sql = g_strdup_printf ("DELETE FROM \"%s\" WHERE id = ?1", entity->name);
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (TesseraRecord) before = NULL;
  gint64 sequence, clock, row;

  g_return_val_if_fail (self->writable, FALSE);
  before = tessera_transaction_load (self, entity->name, tessera_record_get_id (record), error);
  if (!before || !tessera_transaction_find_row_number (self, before, &row, error)
      || !tessera_change_log_add (self, before, NULL, &sequence, &clock, error)
      || !tessera_search_update (self, before, NULL, row, error))
    return FALSE;
  statement = tessera_connection_prepare (self->connection, sql, NULL, error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, tessera_record_get_id (before));
  note_change (self, entity);
  tessera_attachments_note (self, before);
  return tessera_statement_run (statement, error) && audit_save (self, "delete", before, error);
}
