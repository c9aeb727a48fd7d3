/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-audit.c: who did what, each entry bound to the one before.
 *
 * hash = BLAKE2b-256, keyed with the vault's audit subkey, over the previous hash and the entry's columns, each text
 * preceded by its length. Changing, dropping or reordering entries breaks the chain; cutting its end off is seen only
 * by a colleague who holds a later hash.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-store.h"

#define HASH_SIZE 32

typedef struct {
  gint64 number;
  gint64 at;
  const char *worker;
  const char *action;
  const char *entity;
  const char *row;
  const char *detail;
} AuditEntry;

static void
hash_integer (crypto_generichash_state *state, gint64 value) {
  guint64 bytes = GUINT64_TO_LE ((guint64) value);

  crypto_generichash_update (state, (const guint8 *) &bytes, sizeof bytes);
}

static void
hash_text (crypto_generichash_state *state, const char *text) {
  hash_integer (state, text ? (gint64) strlen (text) : -1);
  if (text)
    crypto_generichash_update (state, (const guint8 *) text, strlen (text));
}

static void
compute_hash (TesseraConnection *connection, const guint8 *previous, const AuditEntry *entry, guint8 *ret_hash) {
  crypto_generichash_state state;

  crypto_generichash_init (&state, tessera_secret_get_data (connection->audit_key),
                           tessera_secret_get_size (connection->audit_key), HASH_SIZE);
  crypto_generichash_update (&state, previous, HASH_SIZE);
  hash_integer (&state, entry->number);
  hash_integer (&state, entry->at);
  hash_text (&state, entry->worker);
  hash_text (&state, entry->action);
  hash_text (&state, entry->entity);
  hash_text (&state, entry->row);
  hash_text (&state, entry->detail);
  crypto_generichash_final (&state, ret_hash, HASH_SIZE);
}

static gboolean
read_last (TesseraTransaction *self, gint64 *ret_number, guint8 ret_hash[HASH_SIZE], GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", error);
  g_autoptr (GBytes) hash = NULL;
  GError *local_error = NULL;

  *ret_number = 0;
  memset (ret_hash, 0, HASH_SIZE);
  if (!statement)
    return FALSE;
  if (tessera_statement_step (statement, &local_error)) {
    hash = tessera_statement_get_bytes (statement, 1);
    *ret_number = tessera_statement_get_integer (statement, 0);
    if (hash && g_bytes_get_size (hash) == HASH_SIZE)
      memcpy (ret_hash, g_bytes_get_data (hash, NULL), HASH_SIZE);
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
insert_entry (TesseraTransaction *self, const AuditEntry *entry, const guint8 *hash, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "INSERT INTO audit (number, at, worker, action, entity, row, detail, hash)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, entry->number);
  tessera_statement_bind_integer (statement, 2, entry->at);
  tessera_statement_bind_id (statement, 3, entry->worker);
  tessera_statement_bind_text (statement, 4, entry->action);
  tessera_statement_bind_text (statement, 5, entry->entity);
  tessera_statement_bind_id (statement, 6, entry->row);
  tessera_statement_bind_text (statement, 7, entry->detail);
  tessera_statement_bind_raw (statement, 8, hash, HASH_SIZE);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_audit (TesseraTransaction *self, const char *action, const char *entity, const char *id,
                           const char *detail, GError **error) {
  AuditEntry entry = { 0, self->now, self->worker, action, entity, id, detail };
  guint8 previous[HASH_SIZE], hash[HASH_SIZE];

  g_return_val_if_fail (self->writable, FALSE);
  if (!read_last (self, &entry.number, previous, error))
    return FALSE;
  entry.number++;
  compute_hash (self->connection, previous, &entry, hash);
  return insert_entry (self, &entry, hash, error);
}

static gboolean
check_entry (TesseraTransaction *self, TesseraStatement *statement, gint64 number, guint8 *chain) {
  g_autofree char *worker = tessera_statement_get_id (statement, 2);
  g_autofree char *row = tessera_statement_get_id (statement, 5);
  g_autoptr (GBytes) stored = tessera_statement_get_bytes (statement, 7);
  AuditEntry entry = {
    tessera_statement_get_integer (statement, 0), tessera_statement_get_integer (statement, 1), worker,
    tessera_statement_get_text (statement, 3), tessera_statement_get_text (statement, 4), row,
    tessera_statement_get_text (statement, 6),
  };
  guint8 hash[HASH_SIZE];

  compute_hash (self->connection, chain, &entry, hash);
  memcpy (chain, hash, HASH_SIZE);
  return entry.number == number && stored && g_bytes_get_size (stored) == HASH_SIZE
         && sodium_memcmp (hash, g_bytes_get_data (stored, NULL), HASH_SIZE) == 0;
}

gboolean
tessera_transaction_verify_audit (TesseraTransaction *self, gint64 *ret_count, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "SELECT number, at, worker, action, entity, row, detail, hash FROM audit ORDER BY number", error);
  guint8 chain[HASH_SIZE] = { 0 };
  gint64 count = 0;
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    if (!check_entry (self, statement, ++count, chain)) {
      g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                   _("The audit trail was changed at entry %" PRId64 "; compare it with a backup."), count);
      return FALSE;
    }
  }
  if (ret_count)
    *ret_count = count;
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}
