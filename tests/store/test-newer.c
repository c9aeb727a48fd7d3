/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-newer.c: changes of a newer Tessera: fields and whole kinds of rows that are not known here are kept, passed on as
 * they came, and are there after an update.
 */
#include <locale.h>
#include <sodium.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-fixture.h"
#include "tessera-merge-private.h"
#include "tessera-merge.h"
#include "tessera-store.h"

#define STREAM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CLIENT "01900000-0000-7000-8000-000000000001"
#define OTHER "01900000-0000-7000-8000-000000000002"

static const char *const lines[] = {
  "{\"k\":\"segment\",\"s\":\"" STREAM "\",\"d\":\"dddddddddddddddddddddddddddddddd\",\"c\":\"cccccccccccccccccccccccccccccccc\","
  "\"from\":1,\"deps\":{}}",
  "{\"n\":1,\"t\":100,\"k\":\"new\",\"p\":\"" CLIENT "\",\"e\":\"client\",\"i\":\"" CLIENT "\",\"v\":2,"
  "\"f\":{\"name\":\"Amal Test\",\"x_color\":\"green\"}}",
  "{\"n\":2,\"t\":101,\"k\":\"put\",\"p\":\"" CLIENT "\",\"e\":\"client\",\"i\":\"" CLIENT "\",\"v\":2,"
  "\"f\":{\"x_color\":\"blue\",\"phone\":\"+000\"}}",
  "{\"n\":3,\"t\":102,\"k\":\"new\",\"e\":\"lantern\",\"i\":\"" OTHER "\",\"v\":2,\"f\":{\"light\":[{\"deep\":1}]}}",
};

static TesseraConnection *
open_store (TesseraRegistry *registry, const char *path) {
  TesseraConnection *connection = tessera_connection_new (registry);
  g_autoptr (GError) error = NULL;

  connection->audit_key = tessera_secret_new_from_bytes ("0123456789abcdef0123456789abcdef", 32);
  g_assert_cmpint (sqlite3_open (path, &connection->database), ==, SQLITE_OK);
  g_assert_true (tessera_schema_prepare (connection, &error));
  g_assert_true (tessera_change_log_open (connection, &error));
  return connection;
}

static TesseraTransaction
begin (TesseraConnection *connection) {
  TesseraTransaction tx = { connection, TRUE, G_GINT64_CONSTANT (1795262400000), NULL,
                            g_hash_table_new (g_str_hash, g_str_equal), NULL };

  g_assert_true (tessera_connection_execute (connection, "BEGIN IMMEDIATE", NULL));
  return tx;
}

static void
commit (TesseraTransaction *tx) {
  g_assert_true (tessera_change_log_finish (tx, NULL));
  g_assert_true (tessera_connection_execute (tx->connection, "COMMIT", NULL));
  g_hash_table_unref (tx->changed);
  g_clear_pointer (&tx->attachments, g_hash_table_unref);
}

static void
take_in (TesseraConnection *connection, const char *const *text, guint n) {
  TesseraTransaction tx = begin (connection);
  g_autoptr (TesseraMerging) merging = tessera_merging_new (&tx, NULL, NULL);
  g_autoptr (GError) error = NULL;
  gint64 changes;

  for (guint i = 0; i < n; i++) {
    tessera_merging_line (merging, text[i], strlen (text[i]), &error);
    g_assert_no_error (error);
  }
  g_assert_true (tessera_merging_finish (merging, &changes, NULL, &error));
  g_clear_pointer (&merging, tessera_merging_free);
  commit (&tx);
}

static TesseraRegistry *
make_newer (void) {
  TesseraRegistry *registry = tessera_registry_new ();
  TesseraField field = { "x_color", "Color", TESSERA_FIELD_TEXT, TESSERA_CATEGORY_IDENTITY, TESSERA_SHARE_NEVER,
                         TESSERA_MERGE_LAST_WRITER, TESSERA_FIELD_PLAIN, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_registry_add_field (registry, "client", &field, &error));
  return registry;
}

static gboolean
keep_line (const char *line, gsize length, gpointer data, GError **error) {
  g_ptr_array_add (data, g_strndup (line, length));
  return TRUE;
}

static void
assert_client (TesseraConnection *connection, const char *field, const char *expected) {
  TesseraTransaction tx = begin (connection);
  g_autoptr (TesseraRecord) client = tessera_transaction_find (&tx, "client", CLIENT);

  g_assert_nonnull (client);
  g_assert_cmpstr (tessera_record_get (client, field), ==, expected);
  g_clear_object (&client);
  commit (&tx);
}

static GPtrArray *
write_out (TesseraConnection *connection) {
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  TesseraTransaction tx = begin (connection);
  g_autoptr (GHashTable) nothing = tessera_vector_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_transaction_write_changes (&tx, NULL, NULL, nothing, keep_line, out, &error));
  g_assert_no_error (error);
  commit (&tx);
  return out;
}

static void
test_passed_on (void) {
  g_autoptr (TesseraRegistry) older = tessera_registry_new ();
  g_autoptr (TesseraRegistry) newer = make_newer ();
  TesseraConnection *between = open_store (older, ":memory:");
  TesseraConnection *last = open_store (newer, ":memory:");
  g_autoptr (GPtrArray) out = NULL;

  take_in (between, lines, G_N_ELEMENTS (lines));
  assert_client (between, "phone", "+000");
  out = write_out (between);
  take_in (last, (const char *const *) out->pdata, out->len);
  assert_client (last, "x_color", "blue");
  assert_client (last, "phone", "+000");
  g_assert_nonnull (strstr (out->pdata[out->len - 1], "lantern"));
  g_assert_nonnull (strstr (out->pdata[out->len - 1], "{\"deep\":1}"));
  tessera_connection_close (last);
  tessera_connection_close (between);
}

/* The same store, opened by a newer program. */
static void
test_after_update (void) {
  g_autoptr (TesseraRegistry) older = tessera_registry_new ();
  g_autoptr (TesseraRegistry) newer = make_newer ();
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "plain.db", NULL);
  TesseraConnection *connection = open_store (older, path);
  TesseraTransaction tx;
  gint64 count = 0;
  g_autoptr (GError) error = NULL;

  take_in (connection, lines, G_N_ELEMENTS (lines));
  tessera_connection_close (connection);
  connection = open_store (newer, path);
  tx = begin (connection);
  g_assert_true (tessera_pending_apply (&tx, &error));
  g_assert_no_error (error);
  tessera_change_log_check (&tx, &count, &error);
  g_assert_no_error (error);
  commit (&tx);
  assert_client (connection, "x_color", "blue");
  assert_client (connection, "name", "Amal Test");
  tessera_connection_close (connection);
  fixture_remove_folder (folder);
}

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/newer/passed-on", test_passed_on);
  g_test_add_func ("/newer/after-update", test_after_update);
  return g_test_run ();
}
