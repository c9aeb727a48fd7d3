/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-erase.c: after an erasure no word of the person is left in the files: looked for in a plain store and its log, byte
 * by byte. And rows that belonged to nobody when they were written go too.
 */
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-merge.h"

#define MARKER "quokkamarker"

typedef struct {
  char *folder;
  char *path;
  TesseraRegistry *registry;
  TesseraConnection *connection;
} Fixture;

static void
execute (sqlite3 *database, const char *sql) {
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

static void
set_up (Fixture *self, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("tessera-erase-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "plain.db", NULL);
  self->registry = tessera_registry_new ();
  self->connection = tessera_connection_new (self->registry);
  self->connection->audit_key = tessera_secret_new (32);
  g_assert_cmpint (sqlite3_open (self->path, &self->connection->database), ==, SQLITE_OK);
  execute (self->connection->database, "PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON");
  g_assert_true (tessera_schema_prepare (self->connection, &error));
  g_assert_true (tessera_change_log_open (self->connection, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data) {
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autofree char *index = g_strconcat (self->path, "-shm", NULL);

  tessera_connection_close (self->connection);
  g_object_unref (self->registry);
  g_unlink (self->path);
  g_unlink (log);
  g_unlink (index);
  g_rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

static TesseraTransaction
begin (Fixture *self) {
  TesseraTransaction transaction = { self->connection, TRUE, 1795305000000, NULL,
                                     g_hash_table_new (g_str_hash, g_str_equal), NULL };

  execute (self->connection->database, "BEGIN IMMEDIATE");
  return transaction;
}

static void
commit (TesseraTransaction *transaction) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_change_log_finish (transaction, &error));
  g_assert_no_error (error);
  execute (transaction->connection->database, "COMMIT");
  g_hash_table_unref (transaction->changed);
  g_clear_pointer (&transaction->attachments, g_hash_table_unref);
}

static void
save (TesseraTransaction *transaction, TesseraRecord *record) {
  g_autoptr (GError) error = NULL;

  tessera_transaction_save (transaction, record, &error);
  g_assert_no_error (error);
}

/* A client with visits, edits, a draft; gives the id. */
static char *
add_client (Fixture *self) {
  TesseraTransaction transaction = begin (self);
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (&transaction, "client");
  const char *id = tessera_record_get_id (client);
  g_autofree char *key = g_strconcat ("visit:", id, NULL);

  tessera_record_set (client, "name", "Amal " MARKER);
  save (&transaction, client);
  for (guint i = 0; i < 40; i++) {
    g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (&transaction, "visit");
    g_autofree char *summary = g_strdup_printf ("Came again %u " MARKER, i);

    tessera_record_set (visit, "client", id);
    tessera_record_set_integer (visit, "at", 1795305000000);
    tessera_record_set (visit, "how", "phone");
    tessera_record_set (visit, "summary", summary);
    save (&transaction, visit);
  }
  g_assert_true (tessera_transaction_put_draft (&transaction, key, "{\"summary\":\"" MARKER "\"}", NULL));
  commit (&transaction);
  transaction = begin (self);
  tessera_record_set (client, "notes", MARKER " said nothing");
  save (&transaction, client);
  commit (&transaction);
  return g_strdup (id);
}

static void
erase (Fixture *self, const char *id) {
  TesseraTransaction transaction = begin (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_transaction_erase (&transaction, id, "asked-by-person", &error));
  g_assert_no_error (error);
  commit (&transaction);
}

static gboolean
is_in_file (const char *path) {
  g_autofree char *contents = NULL;
  gsize size = 0;

  return g_file_get_contents (path, &contents, &size, NULL) && memmem (contents, size, MARKER, strlen (MARKER));
}

static gboolean
is_left (Fixture *self) {
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);

  return is_in_file (self->path) || is_in_file (log);
}

static void
test_scrub (Fixture *self, gconstpointer data) {
  g_autofree char *id = add_client (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (is_left (self));
  erase (self, id);
  g_assert_true (self->connection->unscrubbed);
  /* Deleting alone is not enough: the log still has the pages as they were. */
  g_assert_true (is_left (self));
  g_assert_true (tessera_scrub (self->connection, &error));
  g_assert_no_error (error);
  g_assert_false (is_left (self));
  g_assert_false (self->connection->unscrubbed);
}

/* Whoever reads holds up the scrubbing, which is then still to be done, also after a start. */
static void
test_reader (Fixture *self, gconstpointer data) {
  g_autofree char *id = add_client (self);
  g_autoptr (GError) error = NULL;
  sqlite3 *reader;

  g_assert_cmpint (sqlite3_open (self->path, &reader), ==, SQLITE_OK);
  execute (reader, "BEGIN; SELECT count(*) FROM client");
  erase (self, id);
  g_assert_false (tessera_scrub (self->connection, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY);
  self->connection->unscrubbed = FALSE;
  tessera_scrub_open (self->connection);
  g_assert_true (self->connection->unscrubbed);
  execute (reader, "COMMIT");
  g_assert_true (tessera_scrub (self->connection, NULL));
  g_assert_false (is_left (self));
  tessera_scrub_open (self->connection);
  g_assert_false (self->connection->unscrubbed);
  sqlite3_close (reader);
}

static TesseraRecord *
new_referral (TesseraTransaction *transaction, const char *partner) {
  TesseraRecord *referral = tessera_transaction_new_record (transaction, "referral");

  tessera_record_set (referral, "direction", "in");
  tessera_record_set (referral, "partner", partner);
  tessera_record_set (referral, "kind", "refer");
  tessera_record_set (referral, "reason", MARKER);
  return referral;
}

/* A referral came before anybody knew whose it was; its client is erased; a colleague who knows less sends it again. */
static void
test_nobodys (Fixture *self, gconstpointer data) {
  g_autofree char *id = add_client (self);
  g_autofree char *partner = tessera_uuid_new ();
  g_autofree char *line = NULL;
  TesseraTransaction transaction = begin (self);
  g_autoptr (TesseraRecord) referral = new_referral (&transaction, partner);
  g_autoptr (TesseraRecord) event = tessera_transaction_new_record (&transaction, "referral_event");
  TesseraMerging *merging;
  g_autoptr (GError) error = NULL;
  g_autofree char *circle = tessera_transaction_get_circle (&transaction, &error);
  g_autofree char *head = NULL;

  save (&transaction, referral);
  tessera_record_set (event, "referral", tessera_record_get_id (referral));
  tessera_record_set (event, "side", "sender");
  tessera_record_set_integer (event, "number", 1);
  tessera_record_set (event, "kind", "sent");
  tessera_record_set (event, "text", MARKER);
  tessera_record_set_integer (event, "at", 1795305000000);
  save (&transaction, event);
  tessera_record_set (referral, "received", "[\"" MARKER "\"]");
  save (&transaction, referral);
  tessera_record_set (referral, "client", id);
  save (&transaction, referral);
  commit (&transaction);
  erase (self, id);
  g_assert_true (tessera_scrub (self->connection, NULL));
  g_assert_false (is_left (self));

  head = g_strdup_printf ("{\"k\":\"segment\",\"s\":\"000000000000000000000000000000a1\",\"d\":"
                          "\"000000000000000000000000000000a1\",\"c\":\"%s\",\"from\":1,\"deps\":{}}", circle);
  line = g_strdup_printf ("{\"n\":1,\"t\":117657108480000000,\"k\":\"new\",\"e\":\"referral\",\"i\":\"%s\",\"v\":1,\"f\":"
                          "{\"direction\":\"in\",\"partner\":\"%s\",\"kind\":\"refer\",\"reason\":\"" MARKER "\"}}",
                          tessera_record_get_id (referral), partner);
  transaction = begin (self);
  merging = tessera_merging_new (&transaction, NULL, NULL);
  g_assert_true (tessera_merging_line (merging, head, strlen (head), &error));
  g_assert_no_error (error);
  g_assert_true (tessera_merging_line (merging, line, strlen (line), &error));
  g_assert_no_error (error);
  g_assert_true (tessera_merging_finish (merging, NULL, NULL, &error));
  tessera_merging_free (merging);
  g_assert_null (tessera_transaction_find (&transaction, "referral", tessera_record_get_id (referral)));
  commit (&transaction);
  g_assert_false (is_left (self));
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/erase/scrub", Fixture, NULL, set_up, test_scrub, tear_down);
  g_test_add ("/erase/reader", Fixture, NULL, set_up, test_reader, tear_down);
  g_test_add ("/erase/nobodys", Fixture, NULL, set_up, test_nobodys, tear_down);
  return g_test_run ();
}
