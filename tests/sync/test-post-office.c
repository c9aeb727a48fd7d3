/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-post-office.c: visits to a carrier that fails at every call in turn, and what they must never do: lose a file,
 * take one in twice, or leave one behind.
 */
#include "config.h"

#include <locale.h>

#include "sync-fixture.h"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
  FakeExchange *exchange;
  FakeCarrier *carrier;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_setenv ("TESSERA_NOW", "2026-11-22T08:00:00Z", TRUE);
  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  fixture->exchange = fake_exchange_begin (fixture->store);
  fixture->carrier = fake_carrier_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  g_object_unref (fixture->carrier);
  fake_exchange_end ();
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static TesseraPostVisit *
visit_with (Fixture *fixture, const char *name, FakeCarrier *carrier, guint max_files) {
  return tessera_post_visit_with (fixture->store, name, TESSERA_CARRIER (carrier), &fake_ways, max_files, NULL, NULL,
                                  NULL);
}

static TesseraPostVisit *
visit (Fixture *fixture) {
  TesseraPostVisit *done = visit_with (fixture, "stick", fixture->carrier, 100);

  g_assert_no_error (done->error);
  return done;
}

static void
visit_quietly (Fixture *fixture) {
  tessera_post_visit_free (visit (fixture));
}

static gboolean
is_in (Fixture *fixture, const char *box, const char *name) {
  g_autofree char *path = g_build_filename (fixture->folder, box, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

typedef struct {
  const char *name;
  char *state;
} StateOf;

static gboolean
read_state (TesseraTransaction *transaction, gpointer data, GError **error) {
  StateOf *job = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT state FROM bundle WHERE file_name = ?1", error);

  tessera_statement_bind_text (statement, 1, job->name);
  if (tessera_statement_step (statement, error))
    job->state = g_strdup (tessera_statement_get_text (statement, 0));
  return TRUE;
}

static void
assert_state (Fixture *fixture, const char *name, const char *expected) {
  StateOf job = { name, NULL };

  g_assert_true (tessera_store_read (fixture->store, read_state, &job, NULL));
  g_assert_cmpstr (job.state, ==, expected);
  g_free (job.state);
}

static gboolean
read_counts (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_post_count (transaction, data, error);
}

static void
assert_counts (Fixture *fixture, gint64 waiting, gint64 on_the_way) {
  TesseraPostCounts counts = { 0, 0 };

  g_assert_true (tessera_store_read (fixture->store, read_counts, &counts, NULL));
  g_assert_cmpint (counts.n_waiting, ==, waiting);
  g_assert_cmpint (counts.n_on_the_way, ==, on_the_way);
}

static void
test_there_and_back (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autofree char *letter = fake_exchange_write (fixture->exchange, TO_PARTNER, "letter");
  g_autofree char *theirs = fake_carrier_lay (fixture->carrier, CIRCLE, "theirs");
  g_autofree char *answer = fake_carrier_lay (fixture->carrier, FROM_PARTNER, "answer");
  g_autoptr (TesseraPostVisit) first = visit (fixture);
  g_autoptr (TesseraPostVisit) second = NULL;

  g_assert_cmpuint (first->n_sealed, ==, 2);
  g_assert_cmpuint (first->n_sent, ==, 2);
  g_assert_cmpuint (tessera_post_visit_count (first, TESSERA_ARRIVAL_APPLIED), ==, 2);
  g_assert_true (tessera_post_visit_is_fruitful (first));
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  g_assert_true (fake_carrier_has (fixture->carrier, TO_PARTNER, letter));
  /* A colleague's file stays for the others; what a partner sent us is taken out. */
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, theirs));
  g_assert_false (fake_carrier_has (fixture->carrier, FROM_PARTNER, answer));
  g_assert_false (is_in (fixture, "inbox", theirs));
  g_assert_true (is_in (fixture, "outbox", ours));
  assert_state (fixture, ours, "on_carrier");
  assert_counts (fixture, 0, 2);

  second = visit (fixture);
  g_assert_cmpuint (second->n_sent, ==, 0);
  g_assert_cmpuint (second->items->len, ==, 0);
  g_assert_cmpuint (fixture->carrier->n_puts, ==, 2);
  g_assert_cmpuint (fixture->carrier->n_fetches, ==, 2);

  /* Everybody has it. */
  g_hash_table_add (fixture->exchange->done, g_strdup (ours));
  visit_quietly (fixture);
  g_assert_false (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  g_assert_false (is_in (fixture, "outbox", ours));
  assert_state (fixture, ours, "acknowledged");
  assert_counts (fixture, 0, 1);
  visit_quietly (fixture);
  g_assert_cmpuint (fixture->carrier->n_puts, ==, 2);
}

/* What came makes an answer wait, which goes in the same visit. */
static void
test_answers_at_once (Fixture *fixture, gconstpointer data) {
  g_autofree char *question = fake_carrier_lay (fixture->carrier, FROM_PARTNER, "question");

  visit_quietly (fixture);
  g_assert_cmpuint (fixture->exchange->n_seals, ==, 2);
  visit_quietly (fixture);
  g_assert_cmpuint (fixture->exchange->n_seals, ==, 3);
}

/* Parked, set aside and of an unknown sender: kept here, and left there until something final is known. */
static void
test_what_waits_is_kept (Fixture *fixture, gconstpointer data) {
  static const char *const texts[] = { "parked 1", "quarantined 2", "unknown 3" };
  g_autofree char *refused = fake_carrier_lay (fixture->carrier, FROM_PARTNER, "refused 4");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (fake_carrier_lay (fixture->carrier, FROM_PARTNER, texts[i]));
  visit_quietly (fixture);
  visit_quietly (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *name = fake_name (texts[i]);

    g_assert_true (fake_carrier_has (fixture->carrier, FROM_PARTNER, name));
    g_assert_true (is_in (fixture, "inbox", name));
    g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, name));
  }
  g_assert_false (fake_carrier_has (fixture->carrier, FROM_PARTNER, refused));
  g_assert_false (is_in (fixture, "inbox", refused));
  g_assert_cmpuint (fixture->carrier->n_fetches, ==, 4);
}

/* ---- failing ---- */

static const char *const incoming[] = { "circle one", "circle two", "parked circle three" };
static const char *const received[] = { "partner one", "refused partner two", "partner three" };

/* Each trial has texts of its own, so that one vault serves for all. */
static char *
number (const char *text, guint trial) {
  return g_strdup_printf ("%s %u", text, trial);
}

static char *
write_numbered (Fixture *fixture, const char *mailbox, const char *text, guint trial) {
  g_autofree char *numbered = number (text, trial);

  return fake_exchange_write (fixture->exchange, mailbox, numbered);
}

static void
lay_all (Fixture *fixture, guint trial) {
  for (guint i = 0; i < G_N_ELEMENTS (incoming); i++) {
    g_autofree char *one = number (incoming[i], trial);
    g_autofree char *other = number (received[i], trial);

    g_free (fake_carrier_lay (fixture->carrier, CIRCLE, one));
    g_free (fake_carrier_lay (fixture->carrier, FROM_PARTNER, other));
  }
}

static void
assert_all_taken_in (Fixture *fixture, guint trial) {
  for (guint i = 0; i < G_N_ELEMENTS (incoming); i++) {
    g_autofree char *one = number (incoming[i], trial);
    g_autofree char *other = number (received[i], trial);
    g_autofree char *name = fake_name (one);
    g_autofree char *partners = fake_name (other);

    g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, name));
    g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, name));
    g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, partners));
  }
  g_assert_cmpuint (fake_carrier_count (fixture->carrier, FROM_PARTNER), ==, 0);
  g_assert_cmpuint (fake_carrier_count (fixture->carrier, CIRCLE), ==, G_N_ELEMENTS (incoming) + 2);
}

/* Everything of this trial goes away, for the next one. */
static void
clear_away (Fixture *fixture, const char *const *names) {
  for (guint i = 0; names[i]; i++)
    g_hash_table_add (fixture->exchange->done, g_strdup (names[i]));
  visit_quietly (fixture);
  assert_counts (fixture, 0, 0);
  g_object_unref (fixture->carrier);
  fixture->carrier = fake_carrier_new ();
}

/* Fails at call @at and at @count from there on; then visits that go well must bring everything in order. */
static gboolean
fail_and_recover (Fixture *fixture, guint trial, guint at, guint count, gboolean late, GQuark domain, int code) {
  g_autofree char *ours = write_numbered (fixture, CIRCLE, "ours", trial);
  g_autofree char *done = write_numbered (fixture, CIRCLE, "done", trial);
  g_autofree char *letter = write_numbered (fixture, TO_PARTNER, "letter", trial);
  g_autofree char *newer = NULL;
  g_autoptr (TesseraPostVisit) failed = NULL;
  gboolean was_reached;

  visit_quietly (fixture);
  g_hash_table_add (fixture->exchange->done, g_strdup (done));
  newer = write_numbered (fixture, CIRCLE, "newer", trial);
  lay_all (fixture, trial);

  fake_carrier_fail (fixture->carrier, at, count, late, domain, code);
  failed = visit_with (fixture, "stick", fixture->carrier, 100);
  was_reached = fixture->carrier->n_calls >= at;
  fake_carrier_fail (fixture->carrier, 0, 0, FALSE, 0, 0);
  visit_quietly (fixture);
  visit_quietly (fixture);

  assert_all_taken_in (fixture, trial);
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, newer));
  g_assert_true (fake_carrier_has (fixture->carrier, TO_PARTNER, letter));
  g_assert_false (fake_carrier_has (fixture->carrier, CIRCLE, done));
  g_assert_false (is_in (fixture, "outbox", done));
  assert_state (fixture, done, "acknowledged");
  assert_counts (fixture, 0, 3);
  clear_away (fixture, (const char *[]) { ours, newer, letter, NULL });
  return was_reached;
}

static void
fail_every_call (Fixture *fixture, gboolean late) {
  static const struct {
    guint count;
    gboolean cancelled;
    int code;
  } ways[] = { { 1, FALSE, TESSERA_CARRIER_ERROR_OFFLINE },
               { 1000, TRUE, G_IO_ERROR_CANCELLED },
               { 1000, FALSE, TESSERA_CARRIER_ERROR_FULL } };
  gboolean reached = TRUE;
  guint trial = 0;
  guint at;

  for (at = 1; reached; at++) {
    reached = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
      reached |= fail_and_recover (fixture, trial++, at, ways[i].count, late,
                                   ways[i].cancelled ? G_IO_ERROR : TESSERA_CARRIER_ERROR, ways[i].code);
  }
  g_test_message ("calls that failed in turn: %u, trials: %u", at - 2, trial);
  g_assert_cmpuint (at, >, 12);
}

static void
test_every_call_fails (Fixture *fixture, gconstpointer data) {
  fail_every_call (fixture, FALSE);
}

static void
test_every_call_fails_late (Fixture *fixture, gconstpointer data) {
  fail_every_call (fixture, TRUE);
}

/* Killed between taking in and noticing it. */
static void
test_killed_after_taking_in (Fixture *fixture, gconstpointer data) {
  g_autofree char *name = fake_carrier_lay (fixture->carrier, FROM_PARTNER, "letter");
  g_autoptr (TesseraPostVisit) killed = NULL;

  fixture->exchange->breaks_after_taking_in = TRUE;
  killed = visit_with (fixture, "stick", fixture->carrier, 100);
  g_assert_error (killed->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (is_in (fixture, "inbox", name));
  fixture->exchange->breaks_after_taking_in = FALSE;
  visit_quietly (fixture);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, name));
  g_assert_false (is_in (fixture, "inbox", name));
  g_assert_false (fake_carrier_has (fixture->carrier, FROM_PARTNER, name));
}

/* Fetched, killed, and then the stick is gone: what is in the inbox is taken in all the same, and no other name is. */
static void
test_leftovers (Fixture *fixture, gconstpointer data) {
  g_autofree char *name = fake_name ("letter");
  g_autofree char *inbox = g_build_filename (fixture->folder, "inbox", NULL);
  g_autofree char *path = g_build_filename (inbox, name, NULL);
  g_autofree char *other = g_build_filename (inbox, "letter.txt", NULL);
  g_autoptr (TesseraPostVisit) done = NULL;

  g_mkdir_with_parents (inbox, 0700);
  g_assert_true (g_file_set_contents (path, "letter", -1, NULL));
  g_assert_true (g_file_set_contents (other, "letter", -1, NULL));
  fake_carrier_fail (fixture->carrier, 1, 1000, FALSE, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  done = visit_with (fixture, "stick", fixture->carrier, 100);
  g_assert_error (done->error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, name));
  g_assert_cmpuint (done->items->len, ==, 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* A stick without room brings what it has, and says that it is full. */
static void
test_full_stick (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autofree char *theirs = fake_carrier_lay (fixture->carrier, CIRCLE, "theirs");
  g_autoptr (TesseraPostVisit) done = NULL;

  /* The third call: two mailboxes were looked into. */
  fake_carrier_fail (fixture->carrier, 3, 1, FALSE, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL);
  done = visit_with (fixture, "stick", fixture->carrier, 100);
  g_assert_error (done->error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, theirs));
  assert_state (fixture, ours, "spooled");
}

/* A wrong password is tried once. */
static void
test_wrong_password (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraPostVisit) done = NULL;

  fake_carrier_fail (fixture->carrier, 1, 1000, FALSE, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  done = visit_with (fixture, "cloud", fixture->carrier, 100);
  g_assert_error (done->error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  g_assert_cmpuint (fixture->carrier->n_calls, ==, 1);
}

/* One file that always fails does not keep us from the others. */
static void
test_one_bad_file (Fixture *fixture, gconstpointer data) {
  g_autofree char *one = fake_carrier_lay (fixture->carrier, CIRCLE, "one");
  g_autofree char *two = fake_carrier_lay (fixture->carrier, CIRCLE, "two");
  g_autoptr (TesseraPostVisit) done = NULL;

  fake_carrier_fail (fixture->carrier, 3, 1, FALSE, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED);
  done = visit_with (fixture, "stick", fixture->carrier, 100);
  g_assert_error (done->error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED);
  g_assert_cmpuint (tessera_post_visit_count (done, TESSERA_ARRIVAL_APPLIED), ==, 1);
}

/* Half a file, and a name that is none, are left alone. */
static void
test_not_whole (Fixture *fixture, gconstpointer data) {
  g_autofree char *name = fake_name ("the whole text");
  g_autofree char *other = fake_carrier_lay (fixture->carrier, CIRCLE, "half a text");
  g_autoptr (TesseraPostVisit) done = NULL;
  GHashTable *mailbox = g_hash_table_lookup (fixture->carrier->mailboxes, CIRCLE);

  g_hash_table_insert (mailbox, g_strdup (name), g_bytes_new_static ("the wh", 6));
  g_hash_table_insert (mailbox, g_strdup ("../../store.db"), g_bytes_new_static ("evil", 4));
  g_hash_table_insert (mailbox, g_strdup ("holiday.jpg"), g_bytes_new_static ("sea", 3));
  done = visit (fixture);
  g_assert_cmpuint (done->n_incomplete, ==, 1);
  g_assert_cmpuint (done->items->len, ==, 1);
  g_assert_cmpuint (fixture->carrier->n_fetches, ==, 2);
  g_free (fake_carrier_lay (fixture->carrier, CIRCLE, "the whole text"));
  visit_quietly (fixture);
  g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, name));
}

/* ---- vanished, elsewhere, old ---- */

static void
test_vanished (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autofree char *letter = fake_exchange_write (fixture->exchange, TO_PARTNER, "letter");

  visit_quietly (fixture);
  fake_carrier_drop (fixture->carrier, CIRCLE, ours);
  fake_carrier_drop (fixture->carrier, TO_PARTNER, letter);
  visit_quietly (fixture);
  /* Nobody may take it out of the circle's; the partner has probably read theirs. */
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  g_assert_false (fake_carrier_has (fixture->carrier, TO_PARTNER, letter));
  g_setenv ("TESSERA_NOW", "2026-11-23T09:00:00Z", TRUE);
  visit_quietly (fixture);
  g_assert_true (fake_carrier_has (fixture->carrier, TO_PARTNER, letter));
  fake_carrier_drop (fixture->carrier, TO_PARTNER, letter);
  g_setenv ("TESSERA_NOW", "2026-11-24T08:30:00Z", TRUE);
  visit_quietly (fixture);
  g_assert_false (fake_carrier_has (fixture->carrier, TO_PARTNER, letter));
  /* Somebody cut it. */
  g_hash_table_insert (g_hash_table_lookup (fixture->carrier->mailboxes, CIRCLE), g_strdup (ours),
                       g_bytes_new_static ("o", 1));
  visit_quietly (fixture);
  g_assert_cmpuint (g_bytes_get_size (g_hash_table_lookup (g_hash_table_lookup (fixture->carrier->mailboxes, CIRCLE),
                                                           ours)), ==, 4);
}

/* A stick gets what the server has already, and each is tidied when it is there. */
static void
test_two_carriers (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autoptr (FakeCarrier) server = fake_carrier_new ();
  g_autoptr (TesseraPostVisit) one = visit_with (fixture, "server", server, 100);
  g_autoptr (TesseraPostVisit) two = visit (fixture);
  g_autoptr (TesseraPostVisit) three = NULL;

  g_assert_true (fake_carrier_has (server, CIRCLE, ours));
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  g_hash_table_add (fixture->exchange->done, g_strdup (ours));
  three = visit_with (fixture, "server", server, 100);
  g_assert_false (fake_carrier_has (server, CIRCLE, ours));
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  visit_quietly (fixture);
  g_assert_false (fake_carrier_has (fixture->carrier, CIRCLE, ours));
}

/* Sealed, and then the laptop lay in a drawer: it still goes, and has its time from then on. */
static void
test_old_but_never_sent (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  guint count = 0;

  g_autofree char *outbox = g_build_filename (fixture->folder, "outbox", NULL);

  g_mkdir_with_parents (outbox, 0700);
  g_assert_true (fake_ways.seal_waiting (fixture->store, &count, NULL, NULL, NULL, NULL));
  g_setenv ("TESSERA_NOW", "2027-03-01T08:00:00Z", TRUE);
  visit_quietly (fixture);
  visit_quietly (fixture);
  g_assert_true (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  assert_state (fixture, ours, "on_carrier");
  g_setenv ("TESSERA_NOW", "2027-05-02T08:00:00Z", TRUE);
  visit_quietly (fixture);
  g_assert_false (fake_carrier_has (fixture->carrier, CIRCLE, ours));
  assert_state (fixture, ours, "given_up");
}

/* A client takes the consent back before anybody read the letter: it does not go, and comes back from where it is. */
static void
test_withheld (Fixture *fixture, gconstpointer data) {
  g_autofree char *sent = fake_exchange_write (fixture->exchange, TO_PARTNER, "sent");
  g_autofree char *sealed = NULL;
  g_autoptr (TesseraPostVisit) done = NULL;

  visit_quietly (fixture);
  sealed = fake_exchange_write (fixture->exchange, TO_PARTNER, "sealed");
  g_hash_table_add (fixture->exchange->withheld, g_strdup (sent));
  g_hash_table_add (fixture->exchange->withheld, g_strdup (sealed));
  done = visit (fixture);
  g_assert_cmpuint (done->n_withheld, ==, 2);
  g_assert_cmpuint (done->n_sent, ==, 0);
  g_assert_cmpuint (fake_carrier_count (fixture->carrier, TO_PARTNER), ==, 0);
  g_assert_true (is_in (fixture, "outbox", sent));
  g_hash_table_remove_all (fixture->exchange->withheld);
  visit_quietly (fixture);
  g_assert_cmpuint (fake_carrier_count (fixture->carrier, TO_PARTNER), ==, 2);
}

static void
test_missing_in_outbox (Fixture *fixture, gconstpointer data) {
  g_autofree char *ours = fake_exchange_write (fixture->exchange, CIRCLE, "ours");
  g_autofree char *path = g_build_filename (fixture->folder, "outbox", ours, NULL);
  g_autofree char *outbox = g_build_filename (fixture->folder, "outbox", NULL);
  g_autoptr (TesseraPostVisit) done = NULL;
  guint count = 0;

  g_mkdir_with_parents (outbox, 0700);
  g_assert_true (fake_ways.seal_waiting (fixture->store, &count, NULL, NULL, NULL, NULL));
  g_unlink (path);
  done = visit (fixture);
  g_assert_cmpuint (done->n_missing, ==, 1);
  assert_state (fixture, ours, "spooled");
}

/* ---- floods ---- */

static void
test_flood (Fixture *fixture, gconstpointer data) {
  g_autofree char *letter = fake_carrier_lay (fixture->carrier, FROM_PARTNER, "letter");
  guint n_visits = 0;
  gboolean more = TRUE;

  for (guint i = 0; i < 25; i++) {
    g_autofree char *text = g_strdup_printf ("refused %u", i);

    g_free (fake_carrier_lay (fixture->carrier, CIRCLE, text));
  }
  while (more) {
    g_autoptr (TesseraPostVisit) done = visit_with (fixture, "stick", fixture->carrier, 4);

    g_assert_no_error (done->error);
    g_assert_cmpuint (done->items->len, <=, 4);
    /* One mailbox that is full of rubbish does not hold up another. */
    g_assert_true (fake_exchange_is_taken_in_once (fixture->exchange, letter));
    g_assert_true (n_visits == 0 || !tessera_post_visit_is_fruitful (done));
    more = done->more;
    n_visits++;
  }
  g_assert_cmpuint (n_visits, ==, 7);
  g_assert_cmpuint (fixture->carrier->n_fetches, ==, 26);
}

/* Files that are never whole cannot hide the others for ever. */
static void
test_flood_of_halves (Fixture *fixture, gconstpointer data) {
  g_autofree char *good = fake_carrier_lay (fixture->carrier, CIRCLE, "good");
  GHashTable *mailbox = g_hash_table_lookup (fixture->carrier->mailboxes, CIRCLE);
  guint n_visits = 0;

  for (guint i = 0; i < 40; i++) {
    g_autofree char *text = g_strdup_printf ("half %u", i);

    g_hash_table_insert (mailbox, fake_name (text), g_bytes_new_static ("ha", 2));
  }
  for (; !fake_exchange_is_taken_in_once (fixture->exchange, good) && n_visits < 1000; n_visits++)
    tessera_post_visit_free (visit_with (fixture, "stick", fixture->carrier, 5));
  g_assert_cmpuint (n_visits, <, 1000);
}

/* ---- locking ---- */

static gpointer
close_store (gpointer data) {
  Fixture *fixture = data;

  while (fixture->carrier->n_calls == 0)
    g_usleep (1000);
  tessera_store_close (fixture->store);
  return NULL;
}

static void
test_locking_ends_a_visit (Fixture *fixture, gconstpointer data) {
  GThread *thread = g_thread_new ("closing", close_store, fixture);
  g_autoptr (TesseraPostVisit) done = NULL;

  fixture->carrier->blocks = TRUE;
  done = visit_with (fixture, "stick", fixture->carrier, 100);
  g_assert_error (done->error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED);
  g_thread_join (thread);
}

static gpointer
cancel (gpointer data) {
  g_usleep (20000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (Fixture *fixture, gconstpointer data) {
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancelling", cancel, cancellable);
  g_autoptr (TesseraPostVisit) done = NULL;

  fixture->carrier->blocks = TRUE;
  done = tessera_post_visit_with (fixture->store, "stick", TESSERA_CARRIER (fixture->carrier), &fake_ways, 100, NULL,
                                  NULL, cancellable);
  g_assert_error (done->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

#define ADD(name, function) g_test_add ("/post-office/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("there-and-back", test_there_and_back);
  ADD ("answers-at-once", test_answers_at_once);
  ADD ("what-waits-is-kept", test_what_waits_is_kept);
  ADD ("every-call-fails", test_every_call_fails);
  ADD ("every-call-fails-late", test_every_call_fails_late);
  ADD ("killed-after-taking-in", test_killed_after_taking_in);
  ADD ("leftovers", test_leftovers);
  ADD ("full-stick", test_full_stick);
  ADD ("wrong-password", test_wrong_password);
  ADD ("one-bad-file", test_one_bad_file);
  ADD ("not-whole", test_not_whole);
  ADD ("vanished", test_vanished);
  ADD ("two-carriers", test_two_carriers);
  ADD ("old-but-never-sent", test_old_but_never_sent);
  ADD ("withheld", test_withheld);
  ADD ("missing-in-outbox", test_missing_in_outbox);
  ADD ("flood", test_flood);
  ADD ("flood-of-halves", test_flood_of_halves);
  ADD ("locking-ends-a-visit", test_locking_ends_a_visit);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}
