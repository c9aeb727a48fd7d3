/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-changes.c: any bytes as lines of changes, taken in by a store in memory. Whatever is accepted leaves a change log
 * without holes, rows that name the change that made them, and the same rows when they are made again from the log alone.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-store.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static TesseraConnection *
get_connection (void) {
  static TesseraConnection *connection;
  g_autoptr (TesseraRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;

  if (connection)
    return connection;
  g_assert_cmpint (sodium_init (), >=, 0);
  registry = tessera_registry_new ();
  connection = tessera_connection_new (registry);
  connection->audit_key = tessera_secret_new_from_bytes ("0123456789abcdef0123456789abcdef", 32);
  g_assert_cmpint (sqlite3_open (":memory:", &connection->database), ==, SQLITE_OK);
  g_assert_true (tessera_schema_prepare (connection, &error));
  g_assert_true (tessera_change_log_open (connection, &error));
  return connection;
}

static gboolean
take_in (TesseraMerging *merging, const char *text, gsize size) {
  while (size > 0) {
    const char *end = memchr (text, '\n', size);
    gsize length = end ? (gsize) (end - text) : size;
    g_autoptr (GError) error = NULL;

    if (!tessera_merging_line (merging, text, length, &error)) {
      g_assert_nonnull (error);
      g_assert_true (error->domain == TESSERA_MERGE_ERROR);
      return g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_GAP)
             || g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NEEDS);
    }
    length += end != NULL;
    text += length;
    size -= length;
  }
  return TRUE;
}

static char *
describe (TesseraTransaction *transaction) {
  GString *out = g_string_new (NULL);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT hex(id) || ifnull(name, '-') || ifnull(languages, '-') FROM client UNION ALL"
                 " SELECT hex(row) || field || ifnull(value, '-') || sid || ' ' || seq FROM sibling ORDER BY 1", NULL);

  while (tessera_statement_step (statement, NULL))
    g_string_append_printf (out, "%s\n", tessera_statement_get_text (statement, 0));
  return g_string_free (out, FALSE);
}

static void
rebuild (TesseraTransaction *transaction) {
  g_autoptr (TesseraStreams) streams = tessera_streams_load (transaction, NULL);
  const TesseraEntity *entity = tessera_registry_get_entity (transaction->connection->registry, "client");
  g_autoptr (GPtrArray) rows = tessera_transaction_select_records (transaction, "client", "", NULL, NULL);

  for (guint i = 0; i < rows->len; i++) {
    guint8 id[16];

    tessera_uuid_parse (tessera_record_get_id (rows->pdata[i]), id);
    g_assert_true (tessera_merge_row_rebuild (streams, entity, id, NULL));
  }
}

static void
check (TesseraTransaction *transaction) {
  g_autofree char *before = describe (transaction);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gint64 count = 0;

  tessera_change_log_check (transaction, &count, &error);
  g_assert_no_error (error);
  rebuild (transaction);
  after = describe (transaction);
  g_assert_cmpstr (before, ==, after);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size) {
  TesseraConnection *connection = get_connection ();
  TesseraTransaction transaction = { connection, TRUE, G_GINT64_CONSTANT (1795262400000), NULL,
                                     g_hash_table_new (g_str_hash, g_str_equal), NULL };
  TesseraMerging *merging;

  g_assert_true (tessera_connection_execute (connection, "BEGIN IMMEDIATE", NULL));
  merging = tessera_merging_new (&transaction, NULL, NULL);
  if (take_in (merging, (const char *) data, size) && tessera_merging_finish (merging, NULL, NULL, NULL))
    check (&transaction);
  tessera_merging_free (merging);
  g_assert_true (tessera_connection_execute (connection, "ROLLBACK", NULL));
  g_clear_pointer (&connection->device, g_free);
  g_assert_true (tessera_change_log_open (connection, NULL));
  g_hash_table_unref (transaction.changed);
  g_clear_pointer (&transaction.attachments, g_hash_table_unref);
  return 0;
}
