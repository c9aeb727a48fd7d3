/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-statement.c: a typed wrapper over one prepared statement; rows become records or columns.
 */
#include "config.h"
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-statement-private.h"

struct _TesseraStatement {
  GObject parent_instance;

  TesseraConnection *connection;
  sqlite3_stmt *statement;
  TesseraCachedStatement *cached; /* nullable */
  const TesseraEntity *entity;
};

G_DEFINE_FINAL_TYPE (TesseraStatement, tessera_statement, G_TYPE_OBJECT)

static void
tessera_statement_finalize (GObject *object) {
  TesseraStatement *self = TESSERA_STATEMENT (object);

  tessera_connection_give_back (self->statement, self->cached);
  G_OBJECT_CLASS (tessera_statement_parent_class)->finalize (object);
}

static void
tessera_statement_class_init (TesseraStatementClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_statement_finalize;
}

static void
tessera_statement_init (TesseraStatement *self) {
}

TesseraStatement *
tessera_statement_new (TesseraConnection *connection, sqlite3_stmt *statement, TesseraCachedStatement *cached,
                       const TesseraEntity *entity) {
  TesseraStatement *self = g_object_new (TESSERA_TYPE_STATEMENT, NULL);

  self->connection = connection;
  self->statement = statement;
  self->cached = cached;
  self->entity = entity;
  return self;
}

void
tessera_statement_bind_null (TesseraStatement *self, int place) {
  sqlite3_bind_null (self->statement, place);
}

void
tessera_statement_bind_text (TesseraStatement *self, int place, const char *value) {
  sqlite3_bind_text (self->statement, place, value, -1, SQLITE_TRANSIENT);
}

void
tessera_statement_bind_text_of_length (TesseraStatement *self, int place, const char *value, gssize length) {
  sqlite3_bind_text (self->statement, place, value, (int) length, SQLITE_TRANSIENT);
}

void
tessera_statement_bind_integer (TesseraStatement *self, int place, gint64 value) {
  sqlite3_bind_int64 (self->statement, place, value);
}

void
tessera_statement_bind_raw (TesseraStatement *self, int place, const guint8 *bytes, gsize size) {
  sqlite3_bind_blob64 (self->statement, place, bytes, size, SQLITE_TRANSIENT);
}

void
tessera_statement_bind_secret (TesseraStatement *self, int place, const TesseraSecret *secret) {
  sqlite3_bind_blob64 (self->statement, place, tessera_secret_get_data (secret), tessera_secret_get_size (secret),
                       SQLITE_STATIC);
}

void
tessera_statement_bind_id (TesseraStatement *self, int place, const char *uuid) {
  guint8 bytes[16];

  if (uuid && tessera_uuid_parse (uuid, bytes))
    tessera_statement_bind_raw (self, place, bytes, sizeof bytes);
  else
    sqlite3_bind_null (self->statement, place);
}

void
tessera_statement_bind_bytes (TesseraStatement *self, int place, GBytes *value) {
  gsize size;
  gconstpointer data = g_bytes_get_data (value, &size);

  tessera_statement_bind_raw (self, place, data ? data : (gconstpointer) "", size);
}

void
tessera_statement_bind_field (TesseraStatement *self, int place, const TesseraField *field, const char *value) {
  if (!value)
    sqlite3_bind_null (self->statement, place);
  else if (field->type == TESSERA_FIELD_INTEGER || field->type == TESSERA_FIELD_INSTANT
           || field->type == TESSERA_FIELD_BOOLEAN)
    sqlite3_bind_int64 (self->statement, place, g_ascii_strtoll (value, NULL, 10));
  else if (field->type == TESSERA_FIELD_REFERENCE || field->type == TESSERA_FIELD_ID)
    tessera_statement_bind_id (self, place, value);
  else
    tessera_statement_bind_text (self, place, value);
}

gboolean
tessera_statement_step (TesseraStatement *self, GError **error) {
  int code = sqlite3_step (self->statement);

  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    tessera_vault_set_sqlite_error (error, self->connection->database, code);
  return FALSE;
}

gboolean
tessera_statement_run (TesseraStatement *self, GError **error) {
  int code = sqlite3_step (self->statement);

  if (code == SQLITE_DONE || code == SQLITE_ROW)
    return TRUE;
  tessera_vault_set_sqlite_error (error, self->connection->database, code);
  return FALSE;
}

const char *
tessera_statement_get_text (TesseraStatement *self, int column) {
  return (const char *) sqlite3_column_text (self->statement, column);
}

gint64
tessera_statement_get_integer (TesseraStatement *self, int column) {
  return sqlite3_column_int64 (self->statement, column);
}

double
tessera_statement_get_number (TesseraStatement *self, int column) {
  return sqlite3_column_double (self->statement, column);
}

gboolean
tessera_statement_is_null (TesseraStatement *self, int column) {
  return sqlite3_column_type (self->statement, column) == SQLITE_NULL;
}

gboolean
tessera_column_get_id (sqlite3_stmt *statement, int column, char ret_text[37]) {
  const guint8 *bytes = sqlite3_column_blob (statement, column);

  if (!bytes || sqlite3_column_bytes (statement, column) != 16)
    return FALSE;
  tessera_uuid_format (bytes, ret_text);
  return TRUE;
}

char *
tessera_statement_get_id (TesseraStatement *self, int column) {
  char text[37];

  return tessera_column_get_id (self->statement, column, text) ? g_strdup (text) : NULL;
}

GBytes *
tessera_statement_get_bytes (TesseraStatement *self, int column) {
  if (tessera_statement_is_null (self, column))
    return NULL;
  return g_bytes_new (sqlite3_column_blob (self->statement, column),
                      (gsize) sqlite3_column_bytes (self->statement, column));
}

gconstpointer
tessera_statement_peek_bytes (TesseraStatement *self, int column, gsize *ret_size) {
  gconstpointer bytes = sqlite3_column_blob (self->statement, column);

  *ret_size = (gsize) sqlite3_column_bytes (self->statement, column);
  return bytes;
}

TesseraSecret *
tessera_statement_get_secret (TesseraStatement *self, int column) {
  gconstpointer bytes = sqlite3_column_blob (self->statement, column);

  if (!bytes)
    return NULL;
  return tessera_secret_new_from_bytes (bytes, (gsize) sqlite3_column_bytes (self->statement, column));
}

TesseraRecord *
tessera_column_get_record (sqlite3_stmt *statement, TesseraRegistry *registry, const TesseraEntity *entity) {
  TesseraRecord *record;
  char id[37];

  if (!tessera_column_get_id (statement, 0, id))
    return NULL;
  record = tessera_record_new_for (registry, entity, id);
  for (guint i = 0; i < entity->n_fields; i++) {
    TesseraFieldType type = entity->fields[i].type;
    int column = (int) i + 1;
    char text[37];

    if (sqlite3_column_type (statement, column) == SQLITE_NULL)
      continue;
    if (type == TESSERA_FIELD_REFERENCE || type == TESSERA_FIELD_ID)
      tessera_record_set_at (record, i, tessera_column_get_id (statement, column, text) ? text : NULL);
    else
      tessera_record_set_at (record, i, (const char *) sqlite3_column_text (statement, column));
  }
  return record;
}

TesseraRecord *
tessera_statement_get_record (TesseraStatement *self) {
  g_return_val_if_fail (self->entity != NULL, NULL);
  return tessera_column_get_record (self->statement, self->connection->registry, self->entity);
}

GPtrArray *
tessera_statement_collect (TesseraStatement *self, GError **error) {
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  GError *local_error = NULL;

  while (tessera_statement_step (self, &local_error))
    g_ptr_array_add (records, tessera_statement_get_record (self));
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  return g_steal_pointer (&records);
}
