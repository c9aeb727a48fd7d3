/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-long-read.c: reading that takes seconds, on a connection of its own, so that no list on screen waits for it.
 */
#include "config.h"

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-store-private.h"

static gboolean
read_all (TesseraConnection *connection, TesseraStoreFunc func, gpointer data, GError **error) {
  TesseraTransaction transaction = { connection, FALSE, tessera_now (), NULL, NULL, NULL };
  gboolean ok;

  transaction.changed = g_hash_table_new (g_str_hash, g_str_equal);
  ok = tessera_connection_execute (connection, "BEGIN", error) && func (&transaction, data, error);
  sqlite3_exec (connection->database, "ROLLBACK", NULL, NULL, NULL);
  g_hash_table_unref (transaction.changed);
  return ok;
}

gboolean
tessera_store_read_long (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error) {
  TesseraConnection *connection;
  gboolean ok = FALSE;

  if (!tessera_store_begin_long (self, error))
    return FALSE;
  connection = tessera_connection_open (tessera_store_get_vault (self), tessera_store_get_registry (self), FALSE, error);
  if (connection) {
    connection->thread = g_thread_self ();
    ok = read_all (connection, func, data, error);
    tessera_connection_close (connection);
  }
  tessera_store_end_long (self);
  return ok;
}

gboolean
tessera_store_should_go_on (TesseraStore *self, GCancellable *cancellable, GError **error) {
  return !tessera_store_should_stop (self, cancellable, error);
}
