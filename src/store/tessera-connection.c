/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-connection.c: opening a connection for one thread, and keeping its prepared statements.
 */
#include "config.h"

#include "tessera-kept.h"
#include "tessera-statement-private.h"

/* More statements than the application has different queries would only hold memory. */
#define MOST_CACHED_STATEMENTS 256

static void
cached_statement_free (gpointer pointer) {
  TesseraCachedStatement *cached = pointer;

  sqlite3_finalize (cached->statement);
  g_free (cached);
}

TesseraConnection *
tessera_connection_new (TesseraRegistry *registry) {
  TesseraConnection *self = g_new0 (TesseraConnection, 1);

  self->registry = g_object_ref (registry);
  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, cached_statement_free);
  return self;
}

TesseraConnection *
tessera_connection_open (TesseraVault *vault, TesseraRegistry *registry, gboolean writable, GError **error) {
  TesseraConnection *self = tessera_connection_new (registry);

  self->audit_key = tessera_vault_derive (vault, "auditlog");
  self->erased_key = tessera_vault_derive (vault, "erasures");
  self->folder = g_canonicalize_filename (tessera_vault_get_folder (vault), NULL);
  self->database = tessera_vault_open_database (vault, writable, error);
  if (!self->database || (writable && !tessera_schema_prepare (self, error))
      || !tessera_change_log_open (self, error)
      || !tessera_attachments_open (self, vault, writable, error)) {
    tessera_connection_close (self);
    return NULL;
  }
  if (writable)
    tessera_scrub_open (self);
  return self;
}

gboolean
tessera_connection_renew (TesseraConnection *self, TesseraVault *vault, gboolean writable, GError **error) {
  sqlite3 *database = tessera_vault_open_database (vault, writable, error);

  if (!database)
    return FALSE;
  g_hash_table_remove_all (self->statements);
  tessera_kept_clear (self);
  sqlite3_close_v2 (self->database);
  self->database = database;
  return TRUE;
}

void
tessera_connection_close (TesseraConnection *self) {
  if (!self)
    return;
  g_hash_table_unref (self->statements);
  tessera_kept_clear (self);
  g_clear_pointer (&self->database, sqlite3_close_v2);
  g_clear_pointer (&self->audit_key, tessera_secret_free);
  g_clear_pointer (&self->attachment_key, tessera_secret_free);
  g_clear_pointer (&self->erased_key, tessera_secret_free);
  g_clear_pointer (&self->pending, g_hash_table_unref);
  g_clear_object (&self->registry);
  g_free (self->device);
  g_free (self->folder);
  g_free (self);
}

gboolean
tessera_connection_execute (TesseraConnection *self, const char *sql, GError **error) {
  int code = sqlite3_exec (self->database, sql, NULL, NULL, NULL);

  if (code == SQLITE_OK)
    return TRUE;
  tessera_vault_set_sqlite_error (error, self->database, code);
  return FALSE;
}

TesseraStatement *
tessera_connection_prepare (TesseraConnection *self, const char *sql, const TesseraEntity *entity, GError **error) {
  TesseraCachedStatement *cached = g_hash_table_lookup (self->statements, sql);
  sqlite3_stmt *statement = NULL;
  int code;

  g_assert (self->thread == NULL || self->thread == g_thread_self ());
  if (cached && !cached->lent) {
    cached->lent = TRUE;
    return tessera_statement_new (self, cached->statement, cached, entity);
  }
  code = sqlite3_prepare_v3 (self->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (code != SQLITE_OK) {
    tessera_vault_set_sqlite_error (error, self->database, code);
    return NULL;
  }
  if (cached || !statement || g_hash_table_size (self->statements) >= MOST_CACHED_STATEMENTS)
    return tessera_statement_new (self, statement, NULL, entity);
  cached = g_new (TesseraCachedStatement, 1);
  *cached = (TesseraCachedStatement) { statement, TRUE };
  g_hash_table_insert (self->statements, (gpointer) sqlite3_sql (statement), cached);
  return tessera_statement_new (self, statement, cached, entity);
}

void
tessera_connection_give_back (sqlite3_stmt *statement, TesseraCachedStatement *cached) {
  if (!cached) {
    sqlite3_finalize (statement);
    return;
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  cached->lent = FALSE;
}
