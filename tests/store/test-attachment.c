/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-attachment.c: content that goes into the store and comes out of it the same, or not at all.
 */
#include <locale.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>

#include "tessera-attachment.h"
#include "tessera-fixture.h"

#define MARKER "MARKER-of-a-paper-nobody-else-may-read"
#define NOBODY "00000000-0000-7000-8000-000000000000"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

static void
open_again (Fixture *fixture) {
  fixture->vault = fixture_unlock_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* The same bytes for the same seed. */
static GBytes *
make_content (gsize size, guint8 seed) {
  guint8 key[randombytes_SEEDBYTES] = { seed };
  guint8 *bytes = g_malloc (size + 1);

  randombytes_buf_deterministic (bytes, size, key);
  return g_bytes_new_take (bytes, size);
}

static TesseraAttachment *
take_in (Fixture *fixture, GBytes *content, GError **error) {
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (content);

  return tessera_store_add_attachment (fixture->store, stream, -1, NULL, NULL, NULL, error);
}

typedef struct {
  TesseraAttachment *attachment;
  char *document;
} Saving;

static gboolean
save_document (TesseraTransaction *tx, gpointer data, GError **error) {
  Saving *saving = data;
  g_autoptr (TesseraRecord) document = tessera_transaction_new_record (tx, "document");

  tessera_record_set (document, "client", NOBODY);
  tessera_record_set (document, "title", "Synthetic paper");
  tessera_record_set (document, "kind", "other");
  tessera_record_set (document, "attachment", tessera_attachment_get_id (saving->attachment));
  saving->document = g_strdup (tessera_record_get_id (document));
  return tessera_transaction_keep_attachment (tx, saving->attachment, error)
         && tessera_transaction_save (tx, document, error);
}

/* Takes in and keeps with a document of its own, whose id is returned. */
static char *
keep (Fixture *fixture, GBytes *content, char **ret_attachment) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraAttachment) attachment = take_in (fixture, content, &error);
  Saving saving = { attachment, NULL };

  g_assert_no_error (error);
  g_assert_cmpint (tessera_attachment_get_size (attachment), ==, (gint64) g_bytes_get_size (content));
  g_assert_true (tessera_store_write (fixture->store, save_document, &saving, &error));
  g_assert_no_error (error);
  if (ret_attachment)
    *ret_attachment = g_strdup (tessera_attachment_get_id (attachment));
  return saving.document;
}

static GBytes *
read_back (Fixture *fixture, const char *id, GError **error) {
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();

  if (!tessera_store_copy_attachment (fixture->store, id, out, NULL, NULL, NULL, error)
      || !g_output_stream_close (out, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static void
assert_content (Fixture *fixture, const char *id, GBytes *content) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) back = read_back (fixture, id, &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (back, content));
}

typedef struct {
  const char *sql;
  gint64 number;
} Question;

static gboolean
answer (TesseraTransaction *tx, gpointer data, GError **error) {
  Question *question = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, question->sql, error);

  if (!statement)
    return FALSE;
  if (tessera_statement_step (statement, error))
    question->number = tessera_statement_get_integer (statement, 0);
  return !*error;
}

/* On the writing thread, behind everything queued there; changes what @sql says. */
static gint64
ask (Fixture *fixture, const char *sql) {
  g_autoptr (GError) error = NULL;
  Question question = { sql, 0 };

  tessera_store_write (fixture->store, answer, &question, &error);
  g_assert_no_error (error);
  return question.number;
}

static void
wait_until_swept (Fixture *fixture, gint64 rows) {
  for (int i = 0; i < 500 && ask (fixture, "SELECT count(*) FROM attachment") != rows; i++)
    g_usleep (10000);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment"), ==, rows);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment_chunk c WHERE NOT EXISTS"
                                 " (SELECT 1 FROM attachment a WHERE a.number = c.attachment)"), ==, 0);
}

static gboolean
delete_document (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) document = tessera_transaction_load (tx, "document", data, error);

  return document && tessera_transaction_delete (tx, document, error);
}

static gboolean
verify (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_verify_attachments (tx, data, error);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data) {
  static const gsize sizes[] = { 0, 1, TESSERA_ATTACHMENT_CHUNK - 1, TESSERA_ATTACHMENT_CHUNK,
                                 TESSERA_ATTACHMENT_CHUNK + 1, 8 * TESSERA_ATTACHMENT_CHUNK,
                                 8 * TESSERA_ATTACHMENT_CHUNK + 1, 5000000 };
  g_autoptr (GError) error = NULL;
  gint64 count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) content = make_content (sizes[i], (guint8) i);
    g_autofree char *id = NULL;
    g_autofree char *document = keep (fixture, content, &id);

    g_assert_cmpuint (strlen (id), ==, 64);
    assert_content (fixture, id, content);
  }
  g_assert_true (tessera_store_read (fixture->store, verify, &count, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count, ==, G_N_ELEMENTS (sizes));
  g_assert_cmpint (ask (fixture, "SELECT sum(chunks) FROM attachment"), ==, 0 + 1 + 1 + 1 + 2 + 8 + 9 + 39);
}

/* Kept once whoever has it; the last document takes it along. */
static void
test_same_content (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (300000, 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) gone = NULL;
  g_autofree char *first_id = NULL, *second_id = NULL;
  g_autofree char *first = keep (fixture, content, &first_id);
  g_autofree char *second = keep (fixture, content, &second_id);

  g_assert_cmpstr (first_id, ==, second_id);
  wait_until_swept (fixture, 1);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment_chunk"), ==, 3);

  g_assert_true (tessera_store_write (fixture->store, delete_document, first, &error));
  assert_content (fixture, first_id, content);
  g_assert_true (tessera_store_write (fixture->store, delete_document, second, &error));
  g_assert_no_error (error);
  gone = read_back (fixture, first_id, &error);
  g_assert_null (gone);
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND);
  wait_until_swept (fixture, 0);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment_chunk"), ==, 0);
}

/* The name is made with a key of this vault: another vault calls the same content otherwise. */
static void
test_name_is_keyed (Fixture *fixture, gconstpointer data) {
  Fixture other;
  g_autoptr (GBytes) content = make_content (1000, 3);
  g_autofree char *here = NULL, *there = NULL;
  g_autofree char *document = keep (fixture, content, &here);
  g_autofree char *other_document = NULL;

  set_up (&other, NULL);
  other_document = keep (&other, content, &there);
  g_assert_cmpstr (here, !=, there);
  tear_down (&other, NULL);
}

static gboolean
set_limit (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_set_attachment_limit (tx, *(gint64 *) data, error);
}

static void
test_limit (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (300000, 5);
  g_autoptr (GBytes) small = make_content (299999, 5);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new ();
  g_autoptr (GError) error = NULL;
  TesseraAttachment *attachment;
  gint64 limit = 299999;
  char *document;

  g_assert_true (tessera_store_write (fixture->store, set_limit, &limit, &error));
  attachment = take_in (fixture, content, &error);
  g_assert_null (attachment);
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  /* A size that was told is refused before anything is read. */
  attachment = tessera_store_add_attachment (fixture->store, stream, limit + 1, NULL, NULL, NULL, &error);
  g_assert_null (attachment);
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  document = keep (fixture, small, NULL);
  g_free (document);
  wait_until_swept (fixture, 1);
  limit = 0;
  g_assert_false (tessera_store_write (fixture->store, set_limit, &limit, &error));
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED);
}

static void
cancel_after_a_portion (goffset done, goffset total, gpointer cancellable) {
  g_assert_cmpint (total, ==, -1);
  if (done >= 2000000)
    g_cancellable_cancel (cancellable);
}

static void
test_cancel (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (5000000, 9);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (content);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  TesseraAttachment *attachment = tessera_store_add_attachment (fixture->store, stream, -1, cancellable,
                                                                cancel_after_a_portion, cancellable, &error);

  g_assert_null (attachment);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_until_swept (fixture, 0);
}

static gboolean
keep_and_fail (TesseraTransaction *tx, gpointer data, GError **error) {
  g_assert_true (save_document (tx, data, error));
  g_set_error_literal (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED, "on purpose");
  return FALSE;
}

static gboolean
keep_for_nobody (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_keep_attachment (tx, data, error);
}

/* What no document refers to at the end of a transaction has no name; a failed one can be tried again. */
static void
test_no_document (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (200000, 11);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraAttachment) attachment = take_in (fixture, content, &error);
  Saving saving = { attachment, NULL };
  g_autofree char *first = NULL, *second = NULL;

  g_assert_false (tessera_store_write (fixture->store, keep_and_fail, &saving, &error));
  first = saving.document;
  g_clear_error (&error);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment WHERE id IS NOT NULL"), ==, 0);
  g_assert_true (tessera_store_write (fixture->store, keep_for_nobody, attachment, &error));
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment WHERE id IS NOT NULL"), ==, 0);
  g_assert_true (tessera_store_write (fixture->store, save_document, &saving, &error));
  g_assert_no_error (error);
  second = saving.document;
  assert_content (fixture, tessera_attachment_get_id (attachment), content);
}

static void
assert_damaged (Fixture *fixture, const char *sql) {
  Fixture victim;
  g_autoptr (GBytes) content = make_content (400000, 13);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) back = NULL;
  g_autofree char *id = NULL;
  g_autofree char *document = NULL;

  set_up (&victim, NULL);
  document = keep (&victim, content, &id);
  ask (&victim, sql);
  back = read_back (&victim, id, &error);
  g_assert_null (back);
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_false (tessera_store_read (victim.store, verify, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  tear_down (&victim, NULL);
}

static void
test_damage (Fixture *fixture, gconstpointer data) {
  assert_damaged (fixture, "UPDATE attachment_chunk SET bytes = zeroblob(131072) WHERE number = 1");
  assert_damaged (fixture, "UPDATE attachment_chunk SET bytes = substr(bytes, 1, 100) WHERE number = 3");
  assert_damaged (fixture, "UPDATE attachment_chunk SET number = 9 - number WHERE number IN (0, 1)");
  assert_damaged (fixture, "DELETE FROM attachment_chunk WHERE number = 3");
  assert_damaged (fixture, "UPDATE attachment SET chunks = 3");
  assert_damaged (fixture, "UPDATE attachment SET chunks = 3, size = 393216");
  assert_damaged (fixture, "UPDATE attachment SET size = 399999");
}

/* A read that failed does not end quietly when it is asked again. */
static void
test_damage_stays (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (100, 17);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *document = keep (fixture, content, &id);
  char buffer[50];

  ask (fixture, "UPDATE attachment SET size = 99");
  stream = tessera_store_read_attachment (fixture->store, id, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    g_assert_cmpint (g_input_stream_read (stream, buffer, sizeof buffer, NULL, &error), ==, 50);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpint (g_input_stream_read (stream, buffer, sizeof buffer, NULL, &error), ==, -1);
    g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
    g_clear_error (&error);
  }
}

static void
test_missing (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (100, 19);
  g_autoptr (GError) error = NULL;
  g_autofree char *document = keep (fixture, content, NULL);

  ask (fixture, "DELETE FROM attachment");
  g_assert_false (tessera_store_read (fixture->store, verify, NULL, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
}

static void
die_after_a_portion (goffset done, goffset total, gpointer data) {
  if (done >= 2000000)
    _exit (0);
}

/* Dies in the middle of taking in: nothing is to be seen of it, and the next start clears it away. */
static void
test_crash (void) {
  Fixture fixture = { .folder = fixture_make_folder () };
  g_autoptr (GBytes) content = make_content (5000000, 21);
  g_autoptr (GError) error = NULL;
  gint64 count = -1;
  int status = -1;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (content);

    fixture.vault = fixture_create_vault (fixture.folder);
    fixture.store = fixture_open_store (fixture.vault);
    tessera_store_add_attachment (fixture.store, stream, -1, NULL, die_after_a_portion, NULL, NULL);
    _exit (1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  open_again (&fixture);
  g_assert_true (tessera_store_read (fixture.store, verify, &count, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count, ==, 0);
  wait_until_swept (&fixture, 0);
  g_assert_cmpint (ask (&fixture, "SELECT count(*) FROM attachment_chunk"), ==, 0);
  tear_down (&fixture, NULL);
}

/* What is given up at the last moment is cleared away before the store is closed. */
static void
test_close (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (3000000, 23);
  g_autoptr (GError) error = NULL;
  TesseraAttachment *attachment = take_in (fixture, content, &error);

  g_assert_no_error (error);
  tessera_store_close (fixture->store);
  g_object_unref (attachment);
  fixture_close (&fixture->store, &fixture->vault);
  open_again (fixture);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment"), ==, 0);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM attachment_chunk"), ==, 0);
}

/* A stream of any length that holds nothing. */
#define TEST_TYPE_ENDLESS (test_endless_get_type ())
G_DECLARE_FINAL_TYPE (TestEndless, test_endless, TEST, ENDLESS, GInputStream)

struct _TestEndless {
  GInputStream parent_instance;
  gsize left;
};

G_DEFINE_FINAL_TYPE (TestEndless, test_endless, G_TYPE_INPUT_STREAM)

static gssize
test_endless_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error) {
  TestEndless *self = TEST_ENDLESS (stream);
  gsize size = MIN (count, self->left);

  memset (buffer, (int) (self->left / 1000), size);
  self->left -= size;
  return (gssize) size;
}

static void
test_endless_class_init (TestEndlessClass *class) {
  G_INPUT_STREAM_CLASS (class)->read_fn = test_endless_read;
}

static void
test_endless_init (TestEndless *self) {
}

/* SQLite may keep as many pages as its cache is allowed; beyond that, size must not matter. */
static void
test_memory (Fixture *fixture, gconstpointer data) {
  g_autoptr (TestEndless) stream = g_object_new (TEST_TYPE_ENDLESS, NULL);
  g_autoptr (TesseraAttachment) attachment = NULL;
  g_autoptr (GError) error = NULL;
  gint64 before;

  stream->left = 24000000;
  ask (fixture, "PRAGMA cache_size = -1024");
  before = sqlite3_memory_used ();
  sqlite3_memory_highwater (TRUE);
  attachment = tessera_store_add_attachment (fixture->store, G_INPUT_STREAM (stream), 24000000, NULL, NULL, NULL,
                                             &error);
  g_assert_no_error (error);
  g_test_message ("memory of SQLite: %d KiB before, at most %d KiB while taking in 24 MB", (int) (before / 1024),
                  (int) (sqlite3_memory_highwater (FALSE) / 1024));
  g_assert_cmpint (sqlite3_memory_highwater (FALSE) - before, <, 4 * 1024 * 1024);
}

static gboolean
save_something (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");

  tessera_record_set (client, "name", "Saved Meanwhile");
  return tessera_transaction_save (tx, client, error);
}

static int taken_in;

static gpointer
take_in_thread (gpointer data) {
  Fixture *fixture = data;
  g_autoptr (TestEndless) stream = g_object_new (TEST_TYPE_ENDLESS, NULL);
  TesseraAttachment *attachment;

  stream->left = 8000000;
  attachment = tessera_store_add_attachment (fixture->store, G_INPUT_STREAM (stream), -1, NULL, NULL, NULL, NULL);
  g_atomic_int_set (&taken_in, 1);
  return attachment;
}

/* While a large file is taken in, saves go in between. */
static void
test_others_save (Fixture *fixture, gconstpointer data) {
  GThread *thread = g_thread_new ("taking-in", take_in_thread, fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraAttachment) attachment = NULL;
  gint64 longest = 0, total = 0;
  int saved = 0;

  for (; !g_atomic_int_get (&taken_in); saved++) {
    gint64 start = g_get_monotonic_time ();

    g_assert_true (tessera_store_write (fixture->store, save_something, NULL, &error));
    longest = MAX (longest, g_get_monotonic_time () - start);
    total += g_get_monotonic_time () - start;
  }
  attachment = g_thread_join (thread);
  g_assert_nonnull (attachment);
  g_test_message ("%d saves while 8 MB were taken in: %.1f ms on average, %.1f ms at most", saved,
                  (double) total / 1000 / saved, (double) longest / 1000);
  g_assert_cmpint (saved, >=, 5);
}

static int
search_file (const char *path, const struct stat *information, int kind, struct FTW *place) {
  g_autofree char *contents = NULL;
  gsize size = 0;

  if (kind != FTW_F)
    return 0;
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_null (memmem (contents, size, MARKER, strlen (MARKER)));
  return 0;
}

static void
test_unreadable (Fixture *fixture, gconstpointer data) {
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) content = NULL;
  g_autofree char *document = NULL;

  while (text->len < 300000)
    g_string_append (text, MARKER);
  content = g_bytes_new (text->str, text->len);
  document = keep (fixture, content, NULL);
  g_assert_cmpint (nftw (fixture->folder, search_file, 8, FTW_PHYS), ==, 0);
  fixture_close (&fixture->store, &fixture->vault);
  g_assert_cmpint (nftw (fixture->folder, search_file, 8, FTW_PHYS), ==, 0);
  open_again (fixture);
}

/* A store from before there were attachments gets their tables when it is opened. */
static void
test_older_store (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (1000, 29);
  g_autofree char *id = NULL;
  g_autofree char *document = NULL;

  ask (fixture, "DROP TABLE attachment_chunk");
  ask (fixture, "DROP TABLE attachment");
  ask (fixture, "DROP TABLE document");
  ask (fixture, "DROP TABLE document_words");
  ask (fixture, "DELETE FROM secret WHERE name = 'attachment.key'");
  fixture_close (&fixture->store, &fixture->vault);
  open_again (fixture);
  document = keep (fixture, content, &id);
  assert_content (fixture, id, content);
}

#define TEST(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

/* ---- keys of an organization ---- */

static gboolean
adopt (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_transaction_adopt_attachment_key (tx, data, error);
}

static gboolean
adopt_and_fail (TesseraTransaction *tx, gpointer data, GError **error) {
  if (!adopt (tx, data, error))
    return FALSE;
  g_set_error_literal (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED, "given up");
  return FALSE;
}

/* The name that content gets with @key in an empty store, in which something was read before. */
static char *
name_with (TesseraSecret *key, TesseraStoreFunc func, GBytes *content) {
  Fixture fixture;
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  char *name = NULL;

  set_up (&fixture, NULL);
  g_assert_null (read_back (&fixture, NOBODY, &error));
  g_clear_error (&error);
  tessera_store_write (fixture.store, func, key, NULL);
  document = keep (&fixture, content, &name);
  assert_content (&fixture, name, content);
  tear_down (&fixture, NULL);
  return name;
}

static void
test_shared_key (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraSecret) key = tessera_secret_new_random (TESSERA_ATTACHMENT_KEY_SIZE);
  g_autoptr (GBytes) content = make_content (300000, 31);
  g_autofree char *one = name_with (key, adopt, content);
  g_autofree char *two = name_with (key, adopt, content);
  g_autofree char *rolled_back = name_with (key, adopt_and_fail, content);

  g_assert_cmpstr (one, ==, two);
  g_assert_cmpstr (one, !=, rolled_back);
}

/* Who has content already goes on naming it as before. */
static void
test_key_stays (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraSecret) key = tessera_secret_new_random (TESSERA_ATTACHMENT_KEY_SIZE);
  g_autoptr (GBytes) content = make_content (1000, 33);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *name = NULL;
  g_autofree char *again = NULL;

  first = keep (fixture, content, &name);
  g_assert_true (tessera_store_write (fixture->store, adopt, key, &error));
  second = keep (fixture, content, &again);
  g_assert_cmpstr (name, ==, again);
  assert_content (fixture, name, content);
}

/* What a colleague's row names may be missing, what was taken in here not. */
static void
test_awaited (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = make_content (1000, 33);
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  gint64 count;

  document = keep (fixture, content, NULL);
  ask (fixture, "UPDATE attachment SET id = NULL");
  g_assert_false (tessera_store_read (fixture->store, verify, &count, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  g_clear_error (&error);
  ask (fixture, "INSERT INTO stream (sid, id, device, circle) VALUES (2, randomblob(16), randomblob(16), x'00')");
  ask (fixture, "UPDATE document SET _sid = 2");
  g_assert_true (tessera_store_read (fixture->store, verify, &count, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  /* First, while this process has no threads yet that a fork would lose. */
  g_test_add_func ("/attachment/crash", test_crash);
  TEST ("/attachment/round-trip", test_round_trip);
  TEST ("/attachment/same-content", test_same_content);
  TEST ("/attachment/name-is-keyed", test_name_is_keyed);
  TEST ("/attachment/limit", test_limit);
  TEST ("/attachment/cancel", test_cancel);
  TEST ("/attachment/no-document", test_no_document);
  TEST ("/attachment/damage", test_damage);
  TEST ("/attachment/damage-stays", test_damage_stays);
  TEST ("/attachment/missing", test_missing);
  TEST ("/attachment/awaited", test_awaited);
  TEST ("/attachment/shared-key", test_shared_key);
  TEST ("/attachment/key-stays", test_key_stays);
  TEST ("/attachment/close", test_close);
  TEST ("/attachment/memory", test_memory);
  TEST ("/attachment/others-save", test_others_save);
  TEST ("/attachment/unreadable", test_unreadable);
  TEST ("/attachment/older-store", test_older_store);
  return g_test_run ();
}
