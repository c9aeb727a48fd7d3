/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity-slots.c: which worker a key slot of this vault belongs to.
 *
 * The numbers of slots mean nothing on another laptop, so they are settings ("slot.N.worker"), which stay here. Vaults
 * made before several laptops could share an organization wrote them into the worker's row; that counts only as long as
 * no such setting exists.
 */
#include "config.h"
#include <string.h>

#include "tessera-identity-private.h"

#define SLOTS "SELECT key, value FROM setting WHERE key GLOB 'slot.[0-9]*.worker' AND value <> ''" \
              " ORDER BY CAST(substr(key, 6) AS INTEGER)"

static char *
make_key (gint64 slot) {
  return g_strdup_printf ("slot.%" G_GINT64_FORMAT ".worker", slot);
}

static gboolean
has_settings (TesseraTransaction *transaction) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM setting WHERE key GLOB 'slot.[0-9]*.worker' LIMIT 1", NULL);

  return statement && tessera_statement_step (statement, NULL);
}

/* From the rows to settings, once. */
static gboolean
adopt_rows (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) workers = NULL;

  if (has_settings (transaction))
    return TRUE;
  workers = tessera_transaction_select_records (transaction, "worker", "WHERE slot IS NOT NULL ORDER BY active, _rowid",
                                                NULL, error);
  for (guint i = 0; workers && i < workers->len; i++) {
    g_autofree char *key = make_key (tessera_record_get_integer (workers->pdata[i], "slot"));

    if (!tessera_transaction_set_setting (transaction, key, tessera_record_get_id (workers->pdata[i]), error))
      return FALSE;
  }
  return workers != NULL;
}

static TesseraRecord *
find_by_row (TesseraTransaction *transaction, guint slot) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "worker", "WHERE slot = ?1 ORDER BY active DESC LIMIT 1", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, slot);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_record (statement) : NULL;
}

/* The row comes with the first exchange. */
static TesseraRecord *
make_expected (TesseraTransaction *transaction, const char *id) {
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  g_autofree char *expected = tessera_transaction_get_setting (transaction, "joining.worker_id");
  g_autofree char *name = tessera_transaction_get_setting (transaction, "joining.worker");
  g_autofree char *role = tessera_transaction_get_setting (transaction, "joining.role");
  g_autofree char *language = tessera_transaction_get_setting (transaction, "joining.language");
  TesseraRecord *worker;

  if (g_strcmp0 (expected, id) != 0)
    return NULL;
  worker = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "worker"), id);
  tessera_record_set (worker, "name", name);
  tessera_record_set (worker, "role", role);
  tessera_record_set (worker, "language", language);
  tessera_record_set_boolean (worker, "active", TRUE);
  return worker;
}

static TesseraRecord *
find_worker (TesseraTransaction *transaction, const char *id) {
  TesseraRecord *worker = tessera_transaction_find (transaction, "worker", id);

  return worker ? worker : make_expected (transaction, id);
}

TesseraRecord *
tessera_identity_find_worker (TesseraTransaction *transaction, guint slot) {
  g_autofree char *key = make_key (slot);
  g_autofree char *id = NULL;

  if (!has_settings (transaction))
    return find_by_row (transaction, slot);
  id = tessera_transaction_get_setting (transaction, key);
  return id && *id ? find_worker (transaction, id) : NULL;
}

gboolean
tessera_identity_set_slot (TesseraTransaction *transaction, guint slot, const char *worker, GError **error) {
  g_autofree char *key = make_key (slot);

  return adopt_rows (transaction, error)
         && tessera_transaction_set_setting (transaction, key, worker ? worker : "", error);
}

gboolean
tessera_identity_clear_worker (TesseraTransaction *transaction, const char *worker, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  GError *local_error = NULL;

  if (!adopt_rows (transaction, error))
    return FALSE;
  statement = tessera_transaction_prepare (transaction, SLOTS, error);
  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error))
    if (g_strcmp0 (tessera_statement_get_text (statement, 1), worker) == 0)
      g_ptr_array_add (keys, g_strdup (tessera_statement_get_text (statement, 0)));
  g_clear_object (&statement);
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  for (guint i = 0; i < keys->len; i++)
    if (!tessera_transaction_set_setting (transaction, keys->pdata[i], "", error))
      return FALSE;
  return TRUE;
}

GPtrArray *
tessera_identity_list_unlockers (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  if (!has_settings (transaction))
    return tessera_transaction_select_records (transaction, "worker", "WHERE slot IS NOT NULL ORDER BY slot", NULL,
                                               error);
  statement = tessera_transaction_prepare (transaction, SLOTS, error);
  while (statement && tessera_statement_step (statement, &local_error)) {
    TesseraRecord *worker = find_worker (transaction, tessera_statement_get_text (statement, 1));

    if (worker)
      g_ptr_array_add (workers, worker);
  }
  if (local_error)
    g_propagate_error (error, local_error);
  return statement && !local_error ? g_steal_pointer (&workers) : NULL;
}
