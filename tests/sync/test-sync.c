/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-sync.c: exchange by itself over real folders: at the start, after saving, when something appears, and not when it
 * should not.
 */
#include "config.h"

#include <locale.h>

#include "sync-fixture.h"
#include "tessera-folder-carrier.h"
#include "tessera-sync-private.h"

/* As for people, only sooner. */
static const TesseraSchedulePace pace = { .after_save = 50, .folder = 200, .server = 100000, .hint = 50 };

typedef struct {
  char *folder;
  char *stick;
  TesseraVault *vault;
  TesseraStore *store;
  FakeExchange *exchange;
  TesseraSync *sync;
  GPtrArray *visits; /* what each visit's error or success was, as text */
  guint n_progress;
} Fixture;

static void
on_visited (TesseraSync *sync, gpointer data, Fixture *fixture) {
  const TesseraPostVisit *visit = data;

  g_ptr_array_add (fixture->visits, g_strdup (visit->error ? visit->error->message : "done"));
}

static void
on_progress (TesseraSync *sync, Fixture *fixture) {
  const char *carrier = NULL;
  TesseraPostProgress progress;

  if (tessera_sync_get_progress (sync, &carrier, &progress))
    g_assert_nonnull (carrier);
  fixture->n_progress++;
}

typedef struct {
  const char *name;
  const char *place;
  gboolean paused;
  gboolean metered;
} NewCarrier;

static gboolean
add_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  NewCarrier *new = data;
  g_autoptr (TesseraCarrierSettings) settings = tessera_carrier_settings_new (new->name, new->place, error);

  g_assert_nonnull (settings);
  settings->paused = new->paused;
  settings->metered = new->metered;
  return tessera_carriers_add (transaction, settings, NULL, error);
}

static void
add (Fixture *fixture, const char *name, const char *place, gboolean paused) {
  NewCarrier new = { name, place, paused, FALSE };

  g_assert_true (tessera_store_write (fixture->store, add_carrier, &new, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_unsetenv ("TESSERA_NOW");
  fixture->folder = fixture_make_folder ();
  fixture->stick = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  fixture->exchange = fake_exchange_begin (fixture->store);
  fixture->visits = g_ptr_array_new_with_free_func (g_free);
  fixture->sync = tessera_sync_new (fixture->store);
  tessera_sync_set_pace (fixture->sync, &pace);
  tessera_sync_set_ways (fixture->sync, &fake_ways);
  tessera_sync_set_metered (fixture->sync, FALSE);
  g_signal_connect (fixture->sync, "visited", G_CALLBACK (on_visited), fixture);
  g_signal_connect (fixture->sync, "progress", G_CALLBACK (on_progress), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  tessera_sync_stop (fixture->sync);
  tessera_store_close (fixture->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->sync);
  fake_exchange_end ();
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  fixture_remove_folder (fixture->stick);
  g_free (fixture->folder);
  g_free (fixture->stick);
  g_ptr_array_unref (fixture->visits);
}

static gboolean
on_deadline (gpointer data) {
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the loop until @count visits ended. */
static void
await_visits (Fixture *fixture, guint count) {
  gboolean late = FALSE;
  guint deadline = g_timeout_add_seconds (30, on_deadline, &late);

  while (fixture->visits->len < count && !late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (late);
  g_source_remove (deadline);
}

static void
run_for (guint milliseconds) {
  gboolean over = FALSE;

  g_timeout_add (milliseconds, on_deadline, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static char *
get_path (Fixture *fixture, const char *mailbox, const char *name) {
  return g_build_filename (fixture->stick, TESSERA_CARRIER_ROOT, mailbox, name, NULL);
}

/* Somebody else brings a file: under another name first, as they all do. */
static char *
bring (Fixture *fixture, const char *mailbox, const char *text) {
  char *name = fake_name (text);
  g_autofree char *path = get_path (fixture, mailbox, name);
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return name;
}

static gboolean
save_something (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) task = tessera_transaction_new_record (transaction, "partner");

  tessera_record_set (task, "name", "Example");
  tessera_record_set (task, "organization_key", tessera_record_get_id (task));
  return tessera_transaction_save (transaction, task, error);
}

static TesseraSyncStatus *
get_status (Fixture *fixture, const char *name, GPtrArray **ret_list) {
  GPtrArray *list = tessera_sync_list_status (fixture->sync);

  *ret_list = list;
  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (((TesseraSyncStatus *) list->pdata[i])->name, name))
      return list->pdata[i];
  return NULL;
}

static void
assert_state (Fixture *fixture, const char *name, TesseraSyncState state) {
  g_autoptr (GPtrArray) list = NULL;
  TesseraSyncStatus *status = get_status (fixture, name, &list);

  g_assert_nonnull (status);
  g_assert_cmpint (status->state, ==, state);
  g_assert_cmpuint (strlen (status->sentence), >, 0);
}

static void
test_by_itself (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autofree char *path = get_path (fixture, CIRCLE, ours);
  g_autofree char *theirs = bring (fixture, CIRCLE, "theirs");
  g_autofree char *later = NULL;
  guint count;

  add (fixture, "stick", fixture->stick, FALSE);
  tessera_sync_start (fixture->sync);
  await_visits (fixture, 1);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, theirs));
  run_for (50);
  assert_state (fixture, "stick", TESSERA_SYNC_IDLE);
  g_assert_cmpint (tessera_sync_get_on_the_way (fixture->sync), ==, 1);
  g_assert_cmpint (tessera_sync_get_waiting (fixture->sync), ==, 0);
  g_assert_cmpint (tessera_sync_get_last_success (fixture->sync), >, 0);
  g_assert_cmpuint (fixture->n_progress, >, 0);
  /* It goes on looking. */
  later = bring (fixture, CIRCLE, "later");
  count = fixture->visits->len;
  await_visits (fixture, count + 2);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, later));
}

/* A stick that is pulled is waited for; one that comes back is noticed. */
static void
test_stick_comes_and_goes (Fixture *fixture, gconstpointer data) {
  g_autofree char *away = g_strconcat (fixture->stick, ".away", NULL);
  guint count;

  g_assert_cmpint (g_rename (fixture->stick, away), ==, 0);
  add (fixture, "stick", fixture->stick, FALSE);
  tessera_sync_start (fixture->sync);
  await_visits (fixture, 1);
  run_for (50);
  g_free (fake_exchange_write (fixture->exchange, CIRCLE, "ours"));
  await_visits (fixture, 3);
  run_for (20);
  assert_state (fixture, "stick", TESSERA_SYNC_WAITING);
  g_assert_cmpint (g_rename (away, fixture->stick), ==, 0);
  count = fixture->visits->len;
  await_visits (fixture, count + 2);
  g_assert_cmpstr (fixture->visits->pdata[fixture->visits->len - 1], ==, "done");
  run_for (20);
  assert_state (fixture, "stick", TESSERA_SYNC_IDLE);
}

/* What is saved goes soon, once. */
static void
test_after_saving (Fixture *fixture, gconstpointer data) {
  const TesseraSchedulePace slow = { .after_save = 50, .folder = 100000, .server = 100000, .hint = 100000 };

  tessera_sync_set_pace (fixture->sync, &slow);
  add (fixture, "stick", fixture->stick, FALSE);
  tessera_sync_start (fixture->sync);
  await_visits (fixture, 1);
  run_for (300);
  g_assert_cmpuint (fixture->visits->len, ==, 1);
  for (guint i = 0; i < 5; i++)
    g_assert_true (tessera_store_write (fixture->store, save_something, NULL, NULL));
  await_visits (fixture, 2);
  run_for (300);
  g_assert_cmpuint (fixture->visits->len, ==, 2);
}

/* A file that appears is noticed without waiting for the next look. */
static void
test_appearing (Fixture *fixture, gconstpointer data) {
  const TesseraSchedulePace slow = { .after_save = 100000, .folder = 100000, .server = 100000, .hint = 50 };
  g_autofree char *first = bring (fixture, CIRCLE, "first");
  g_autofree char *second = NULL;

  tessera_sync_set_pace (fixture->sync, &slow);
  add (fixture, "stick", fixture->stick, FALSE);
  tessera_sync_start (fixture->sync);
  await_visits (fixture, 1);
  run_for (100);
  second = bring (fixture, CIRCLE, "second");
  for (guint i = 0; i < 100 && !fake_exchange_is_taken_in_once (fixture->exchange, second); i++)
    run_for (50);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, first));
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, second));
}

static void
test_paused_and_metered (Fixture *fixture, gconstpointer data) {
  tessera_sync_set_metered (fixture->sync, TRUE);
  add (fixture, "stick", fixture->stick, TRUE);
  /* Nobody listens there. */
  add (fixture, "cloud", "http://127.0.0.1:9/dav/", FALSE);
  tessera_sync_start (fixture->sync);
  run_for (500);
  g_assert_cmpuint (fixture->visits->len, ==, 0);
  assert_state (fixture, "stick", TESSERA_SYNC_PAUSED);
  assert_state (fixture, "cloud", TESSERA_SYNC_WAITING);
}

typedef struct {
  GPtrArray *visits;
  GError *error;
  gboolean done;
} Asked;

static void
on_asked (GObject *sync, GAsyncResult *result, gpointer data) {
  Asked *asked = data;

  asked->visits = tessera_sync_now_finish (TESSERA_SYNC (sync), result, &asked->error);
  asked->done = TRUE;
}

static void
ask (Fixture *fixture, const char *carrier, Asked *asked) {
  *asked = (Asked) { NULL };
  tessera_sync_now_async (fixture->sync, carrier, NULL, on_asked, asked);
  while (!asked->done)
    g_main_context_iteration (NULL, TRUE);
}

/* What a person asks for is done on any line, by name even when it is paused, and each carrier has its own answer. */
static void
test_asking (Fixture *fixture, gconstpointer data) {
  g_autofree char *theirs = bring (fixture, CIRCLE, "theirs");
  Asked asked;

  tessera_sync_set_metered (fixture->sync, TRUE);
  add (fixture, "cloud", "http://127.0.0.1:9/dav/", FALSE);
  add (fixture, "stick", fixture->stick, FALSE);
  add (fixture, "spare", "/nowhere", TRUE);
  ask (fixture, NULL, &asked);
  g_assert_no_error (asked.error);
  g_assert_cmpuint (asked.visits->len, ==, 2);
  g_assert_nonnull (((TesseraPostVisit *) asked.visits->pdata[0])->error);
  g_assert_no_error (((TesseraPostVisit *) asked.visits->pdata[1])->error);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, theirs));
  g_ptr_array_unref (asked.visits);
  run_for (50);
  assert_state (fixture, "cloud", TESSERA_SYNC_WAITING);
  ask (fixture, "spare", &asked);
  g_assert_cmpuint (asked.visits->len, ==, 1);
  g_assert_error (((TesseraPostVisit *) asked.visits->pdata[0])->error, TESSERA_CARRIER_ERROR,
                  TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_ptr_array_unref (asked.visits);
  ask (fixture, "no such", &asked);
  g_assert_error (((TesseraPostVisit *) asked.visits->pdata[0])->error, TESSERA_CARRIERS_ERROR,
                  TESSERA_CARRIERS_ERROR_NOT_FOUND);
  g_ptr_array_unref (asked.visits);
}

/* Locking while a person waits for an answer: they get one. */
static void
test_locking (Fixture *fixture, gconstpointer data) {
  Asked first = { NULL }, second = { NULL };

  add (fixture, "stick", fixture->stick, FALSE);
  tessera_sync_start (fixture->sync);
  tessera_sync_now_async (fixture->sync, NULL, NULL, on_asked, &first);
  tessera_sync_now_async (fixture->sync, NULL, NULL, on_asked, &second);
  tessera_sync_stop (fixture->sync);
  tessera_store_close (fixture->store);
  while (!first.done || !second.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&first.visits, g_ptr_array_unref);
  g_clear_error (&first.error);
  g_clear_error (&second.error);
}

#define ADD(name, function) g_test_add ("/sync/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("by-itself", test_by_itself);
  ADD ("stick-comes-and-goes", test_stick_comes_and_goes);
  ADD ("after-saving", test_after_saving);
  ADD ("appearing", test_appearing);
  ADD ("paused-and-metered", test_paused_and_metered);
  ADD ("asking", test_asking);
  ADD ("locking", test_locking);
  return g_test_run ();
}
