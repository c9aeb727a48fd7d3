/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-secrets.c: private keys of this device, kept in the encrypted store and handed out in guarded memory.
 *
 * SQLite's page cache holds them too while the vault is open; closing the vault frees and wipes it
 * (tessera-memory.h).
 */
#include "config.h"

#include "tessera-connection.h"

gboolean
tessera_transaction_put_secret (TesseraTransaction *self, const char *name, const TesseraSecret *secret,
                                GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "INSERT OR REPLACE INTO secret (name, value) VALUES (?1, ?2)", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, name);
  tessera_statement_bind_secret (statement, 2, secret);
  return tessera_statement_run (statement, error);
}

TesseraSecret *
tessera_transaction_get_secret (TesseraTransaction *self, const char *name) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "SELECT value FROM secret WHERE name = ?1", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_secret (statement, 0) : NULL;
}

gboolean
tessera_transaction_drop_secret (TesseraTransaction *self, const char *name, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "DELETE FROM secret WHERE name = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_run (statement, error);
}
