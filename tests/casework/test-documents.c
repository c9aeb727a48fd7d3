/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-documents.c: papers in and out of a client's file, and who gets to hear of them.
 */
#include <glib/gstdio.h>

#include "casework-fixture.h"
#include "tessera-consent.h"
#include "tessera-documents.h"
#include "tessera-timeline.h"

static void
test_names (void) {
  static const struct {
    const char *name;
    const char *clean;
  } names[] = {
    { "letter.pdf", "letter.pdf" },
    { "../../etc/passwd", "_.._etc_passwd" },
    { "a\\b:c*d?e\"f<g>h|i", "a_b_c_d_e_f_g_h_i" },
    { "  .hidden. ", "hidden" },
    { "fdp\xe2\x80\xae" "exe.pdf", "fdpexe.pdf" },
    { "two\nlines\tand\x01" "bell", "two lines andbell" },
    { "\xe2\x81\xa8", NULL },
    { "...", NULL },
    { "", NULL },
    { "e\xcc\x81t\xc3\xa9.txt", "\xc3\xa9t\xc3\xa9.txt" },
    { "رسالة.pdf", "رسالة.pdf" },
  };
  g_autofree char *many = g_strnfill (200, 'x');
  g_autofree char *long_name = g_strconcat (many, ".jpeg", NULL);
  g_autofree char *shortened = tessera_documents_clean_name (long_name);
  g_autofree char *bytes = tessera_documents_clean_name ("bad\xff.png");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *clean = tessera_documents_clean_name (names[i].name);

    g_assert_cmpstr (clean, ==, names[i].clean);
  }
  g_assert_cmpuint (g_utf8_strlen (shortened, -1), ==, 60);
  g_assert_true (g_str_has_suffix (shortened, "x.jpeg"));
  g_assert_true (g_utf8_validate (bytes, -1, NULL) && g_str_has_suffix (bytes, ".png"));
}

static void
assert_type (const char *head, const char *name, const char *expected) {
  g_autoptr (GBytes) bytes = g_bytes_new (head, strlen (head));
  g_autofree char *type = tessera_documents_guess_type (bytes, name);

  g_assert_cmpstr (type, ==, expected);
}

static void
test_types (void) {
  assert_type ("%PDF-1.4\n", "scan.pdf", "application/pdf");
  assert_type ("%PDF-1.4\n", NULL, "application/pdf");
  assert_type ("%PDF-1.4\n", "photo.jpg", "application/pdf");
  assert_type ("\x89PNG\r\n\x1a\n", "letter.pdf", "image/png");
  assert_type ("name,year\nAmal,1990\n", "table.csv", "text/csv");
  assert_type ("\x01\x02\x03\xff\xfe", "photo.jpg", "application/octet-stream");
}

typedef struct {
  TesseraRecord *client;
  TesseraRecord *document;
  TesseraAttachment *content;
} Case;

static gboolean
register_client (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;

  self->client = casework_new (tx, "client", "name", "Amal Synthetic", NULL);
  return tessera_intake_register (tx, self->client, error);
}

static gboolean
add (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;

  return tessera_documents_add (tx, self->document, self->content, "a letter.txt", error);
}

static TesseraRecord *
add_text (Fixture *fixture, Case *self, const char *kind, const char *text) {
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (text, (gssize) strlen (text), NULL);
  g_autoptr (TesseraAttachment) content = NULL;
  g_autoptr (GError) error = NULL;

  content = tessera_store_add_attachment (fixture->store, stream, -1, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  self->content = content;
  self->document = tessera_record_new (tessera_store_get_registry (fixture->store), "document");
  tessera_record_set (self->document, "client", tessera_record_get_id (self->client));
  tessera_record_set (self->document, "kind", kind);
  tessera_store_write (fixture->store, add, self, &error);
  g_assert_no_error (error);
  return self->document;
}

static void
make_case (Fixture *fixture, Case *self) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, register_client, self, &error);
  g_assert_no_error (error);
}

static gboolean
count_documents (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;
  const char *client = tessera_record_get_id (self->client);
  g_autoptr (GPtrArray) documents = tessera_documents_list (tx, client, error);
  g_autoptr (GPtrArray) timeline = tessera_timeline_load (tx, client, 0, error);

  g_assert_cmpuint (documents->len, ==, 1);
  g_assert_cmpuint (timeline->len, ==, 2);
  return TRUE;
}

static gboolean
remove_it (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_documents_remove (tx, tessera_record_get_id (((Case *) data)->document), error);
}

static gboolean
restore_it (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_documents_restore (tx, tessera_record_get_id (((Case *) data)->document), error);
}

static gboolean
purge_all (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_documents_purge (tx, NULL, error);
}

static gboolean
find_nothing (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;
  const char *client = tessera_record_get_id (self->client);
  g_autoptr (GPtrArray) documents = tessera_documents_list (tx, client, error);
  g_autoptr (GPtrArray) timeline = tessera_timeline_load (tx, client, 0, error);
  g_autoptr (TesseraRecord) loaded = NULL;

  g_assert_cmpuint (documents->len, ==, 0);
  g_assert_cmpuint (timeline->len, ==, 1);
  loaded = tessera_documents_load (tx, tessera_record_get_id (self->document), error);
  g_assert_null (loaded);
  g_clear_error (error);
  return TRUE;
}

/* Removed is out of sight at once, back as long as nobody cleared up, and gone for good afterwards. */
static void
test_remove (Fixture *fixture, gconstpointer data) {
  Case self = { NULL };
  g_autoptr (TesseraRecord) document = NULL;
  g_autoptr (GError) error = NULL;
  GInputStream *stream;

  make_case (fixture, &self);
  document = add_text (fixture, &self, "letter", "Synthetic letter.");
  g_assert_cmpstr (tessera_record_get (document, "title"), ==, "a letter");
  g_assert_cmpstr (tessera_record_get (document, "media_type"), ==, "text/plain");
  tessera_store_write (fixture->store, purge_all, NULL, &error);
  tessera_store_read (fixture->store, count_documents, &self, &error);
  g_assert_true (tessera_store_write (fixture->store, remove_it, &self, &error));
  tessera_store_read (fixture->store, find_nothing, &self, &error);
  g_assert_true (tessera_store_write (fixture->store, restore_it, &self, &error));
  tessera_store_read (fixture->store, count_documents, &self, &error);
  g_assert_true (tessera_store_write (fixture->store, remove_it, &self, &error));
  g_assert_true (tessera_store_write (fixture->store, purge_all, NULL, &error));
  g_assert_no_error (error);
  tessera_store_read (fixture->store, find_nothing, &self, &error);
  stream = tessera_store_read_attachment (fixture->store, tessera_record_get (document, "attachment"), &error);
  g_assert_null (stream);
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (tessera_store_write (fixture->store, restore_it, &self, &error));
  g_object_unref (self.client);
}

static gboolean
count_exports (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    tx, "SELECT count(*) FROM audit WHERE action = 'export' AND entity = 'document'", error);

  g_assert_true (tessera_statement_step (statement, error));
  *(gint64 *) data = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static gboolean
damage (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    tx, "UPDATE attachment_chunk SET bytes = zeroblob(length(bytes))", error);

  tessera_statement_step (statement, error);
  return TRUE;
}

/* A copy is entered before it is made; what cannot be made whole leaves neither a half nor harm. */
static void
test_save (Fixture *fixture, gconstpointer data) {
  Case self = { NULL };
  g_autoptr (TesseraRecord) document = NULL;
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "copy", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) rest = NULL;
  const char *id;
  gint64 exports = 0;

  make_case (fixture, &self);
  document = add_text (fixture, &self, "letter", "Synthetic letter.");
  id = tessera_record_get_id (document);
  g_assert_true (tessera_documents_save_file (fixture->store, id, file, FALSE, NULL, NULL, NULL, &error));
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "Synthetic letter.");
  g_assert_false (tessera_documents_save_file (fixture->store, id, file, FALSE, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  tessera_store_write (fixture->store, damage, NULL, &error);
  g_assert_false (tessera_documents_save_file (fixture->store, id, file, TRUE, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_error (&error);
  g_clear_pointer (&contents, g_free);
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "Synthetic letter.");
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_false (tessera_documents_save_file (fixture->store, id, file, FALSE, NULL, NULL, NULL, &error));
  g_clear_error (&error);
  rest = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (rest));
  tessera_store_read (fixture->store, count_exports, &exports, &error);
  g_assert_cmpint (exports, ==, 4);
  fixture_remove_folder (folder);
  g_object_unref (self.client);
}

static gboolean
collect (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;
  const char *client = tessera_record_get_id (self->client);
  static const char *const groups[] = { "documents", "identity,documents", "documents,health", "identity" };
  static const guint expected[] = { 1, 1, 2, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++) {
    g_autoptr (TesseraRecord) consent = casework_new (tx, "consent", "client", client, "answer", "yes", "purpose",
                                                      "share_for_service", "groups", groups[i], "expires_on",
                                                      "2027-01-31", NULL);
    g_autoptr (GPtrArray) rows = NULL;
    guint documents = 0;

    tessera_record_set_integer (consent, "given_at", tessera_transaction_get_now (tx));
    rows = tessera_consent_collect (tx, consent, client, "refer", NULL, error);
    g_assert_no_error (*error);
    g_assert_nonnull (rows);
    for (guint j = 0; j < rows->len; j++) {
      TesseraRecord *row = rows->pdata[j];

      if (strcmp (tessera_record_get_entity (row)->name, "document") != 0)
        continue;
      documents++;
      g_assert_nonnull (tessera_record_get (row, "title"));
      g_assert_null (tessera_record_get (row, "attachment"));
      g_assert_null (tessera_record_get (row, "note"));
      g_assert_null (tessera_record_get (row, "file_name"));
    }
    g_assert_cmpuint (documents, ==, expected[i]);
  }
  return TRUE;
}

/* Title, kind and date go where documents were agreed to, medical papers only where health was too; the content of
 * none, and a removed one not at all. */
static void
test_consent (Fixture *fixture, gconstpointer data) {
  Case self = { NULL };
  g_autoptr (TesseraRecord) letter = NULL;
  g_autoptr (TesseraRecord) medical = NULL;
  g_autoptr (TesseraRecord) removed = NULL;
  g_autoptr (GError) error = NULL;

  make_case (fixture, &self);
  letter = add_text (fixture, &self, "letter", "Synthetic letter.");
  medical = add_text (fixture, &self, "medical", "Synthetic finding.");
  removed = add_text (fixture, &self, "letter", "Another synthetic letter.");
  g_assert_true (tessera_store_write (fixture->store, remove_it, &self, &error));
  g_assert_true (tessera_store_write (fixture->store, collect, &self, &error));
  g_assert_no_error (error);
  g_object_unref (self.client);
}

/* Papers of a merged record are in the file of the kept one. */
static gboolean
merge (TesseraTransaction *tx, gpointer data, GError **error) {
  Case *self = data;
  g_autoptr (TesseraRecord) keep = casework_new (tx, "client", "name", "Amal Synthetic", NULL);
  g_autoptr (GPtrArray) documents = NULL;

  g_assert_true (tessera_intake_register (tx, keep, error));
  g_assert_true (tessera_intake_merge (tx, tessera_record_get_id (keep), tessera_record_get_id (self->client), error));
  documents = tessera_documents_list (tx, tessera_record_get_id (keep), error);
  g_assert_cmpuint (documents->len, ==, 1);
  return TRUE;
}

static void
test_merge (Fixture *fixture, gconstpointer data) {
  Case self = { NULL };
  g_autoptr (TesseraRecord) document = NULL;
  g_autoptr (GError) error = NULL;

  make_case (fixture, &self);
  document = add_text (fixture, &self, "letter", "Synthetic letter.");
  tessera_store_write (fixture->store, merge, &self, &error);
  g_assert_no_error (error);
  g_object_unref (self.client);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/documents/names", test_names);
  g_test_add_func ("/documents/types", test_types);
  g_test_add ("/documents/remove", Fixture, NULL, casework_set_up, test_remove, casework_tear_down);
  g_test_add ("/documents/save", Fixture, NULL, casework_set_up, test_save, casework_tear_down);
  g_test_add ("/documents/consent", Fixture, NULL, casework_set_up, test_consent, casework_tear_down);
  g_test_add ("/documents/merge", Fixture, NULL, casework_set_up, test_merge, casework_tear_down);
  return g_test_run ();
}
