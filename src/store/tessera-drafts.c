/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-drafts.c: what is typed but not yet saved, and small settings; both stay on this device.
 */
#include "config.h"

#include "tessera-connection.h"

gboolean
tessera_transaction_put_draft (TesseraTransaction *self, const char *key, const char *body, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "INSERT OR REPLACE INTO draft (key, worker, at, body) VALUES (?1, ?2, ?3, ?4)", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, key);
  tessera_statement_bind_id (statement, 2, self->worker);
  tessera_statement_bind_integer (statement, 3, self->now);
  tessera_statement_bind_text (statement, 4, body);
  g_hash_table_add (self->changed, (gpointer) "draft");
  return tessera_statement_run (statement, error);
}

static char *
read_text (TesseraTransaction *self, const char *sql, const char *key) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (self, sql, NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, key);
  return tessera_statement_step (statement, NULL) ? g_strdup (tessera_statement_get_text (statement, 0)) : NULL;
}

char *
tessera_transaction_get_draft (TesseraTransaction *self, const char *key) {
  return read_text (self, "SELECT body FROM draft WHERE key = ?1", key);
}

gboolean
tessera_transaction_drop_draft (TesseraTransaction *self, const char *key, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (self, "DELETE FROM draft WHERE key = ?1",
                                                                        error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, key);
  g_hash_table_add (self->changed, (gpointer) "draft");
  return tessera_statement_run (statement, error);
}

GPtrArray *
tessera_transaction_list_drafts (TesseraTransaction *self) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "SELECT key FROM draft ORDER BY at DESC, key", NULL);
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);

  while (statement && tessera_statement_step (statement, NULL))
    g_ptr_array_add (keys, g_strdup (tessera_statement_get_text (statement, 0)));
  return keys;
}

char *
tessera_transaction_get_setting (TesseraTransaction *self, const char *key) {
  return read_text (self, "SELECT value FROM setting WHERE key = ?1", key);
}

gboolean
tessera_transaction_set_setting (TesseraTransaction *self, const char *key, const char *value, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, key);
  tessera_statement_bind_text (statement, 2, value);
  g_hash_table_add (self->changed, (gpointer) "setting");
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_drop_setting (TesseraTransaction *self, const char *key, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "DELETE FROM setting WHERE key = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, key);
  g_hash_table_add (self->changed, (gpointer) "setting");
  return tessera_statement_run (statement, error);
}
