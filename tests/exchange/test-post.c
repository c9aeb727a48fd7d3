/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-post.c: two organizations exchange cards, a referral and its answer; stock tools open and verify the bundle;
 * everything a careless or hostile partner can do is refused and changes nothing.
 */
#include <locale.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-casework-error.h"
#include "tessera-consent.h"
#include "tessera-fixture.h"
#include "tessera-identity.h"
#include "tessera-intake.h"
#include "tessera-partners.h"
#include "tessera-post.h"
#include "tessera-referral.h"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
  char *partner;    /* the other one, as known here */
} House;

typedef struct {
  House ours;
  House theirs;
  char *client;
  char *consent;
  char *referral;
} Fixture;

/* What one transaction gives to the next. */
typedef struct {
  Fixture *fixture;
  House *house;
  const char *text;
  const char *other;
  char *out;
  GBytes *file;
  TesseraPostArrival *arrival;
} Job;

static void
run (House *house, TesseraStoreFunc func, Job *job) {
  g_autoptr (GError) error = NULL;

  job->house = house;
  tessera_store_write (house->store, func, job, &error);
  g_assert_no_error (error);
}

static gboolean
create_identity (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  TesseraIdentityFacts facts = { job->text, "Worker Example", NULL, "en", 1 };
  g_autoptr (TesseraRecord) worker = tessera_identity_create (tx, &facts, error);

  if (!worker)
    return FALSE;
  job->out = tessera_identity_make_card (tx, error);
  return job->out != NULL;
}

static gboolean
add_partner (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) partner = tessera_partners_add (tx, job->text, strlen (job->text), error);

  if (!partner)
    return FALSE;
  job->house->partner = g_strdup (tessera_record_get_id (partner));
  g_assert_cmpstr (tessera_record_get (partner, "trust"), ==, "none");
  return TRUE;
}

static gboolean
trust_partner (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (tx, job->house->partner, error);
  g_autofree char *lower = g_ascii_strdown (tessera_record_get (partner, "fingerprint"), -1);

  g_assert_false (tessera_partners_trust (tx, job->house->partner, "0000-0000-0000-0000-0000", "spoken", error));
  g_assert_error (*error, TESSERA_PARTNERS_ERROR, TESSERA_PARTNERS_ERROR_MISMATCH);
  g_clear_error (error);
  return tessera_partners_trust (tx, job->house->partner, lower, "spoken", error);
}

static gboolean
register_client (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");

  tessera_record_set (client, "name", "Amal Synthetic");
  tessera_record_set (client, "language", "ar");
  tessera_record_set (client, "expectation", "A place for the winter");
  tessera_record_set (client, "phone", "MARKERPHONE");
  tessera_record_set (client, "health_note", "MARKERHEALTH");
  tessera_record_set (client, "notes", "MARKERNOTES");
  tessera_record_set (client, "protection_note", "MARKERPROTECTION");
  if (!tessera_intake_register (tx, client, error))
    return FALSE;
  job->fixture->client = g_strdup (tessera_record_get_id (client));
  return TRUE;
}

static gboolean
give_consent (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  const char *groups[] = { "identity", "needs", NULL };
  TesseraConsentGift gift = { .client = job->fixture->client, .partner = job->house->partner,
                              .purpose = "share_for_service", .groups = groups };
  g_autoptr (TesseraRecord) consent = tessera_consent_give (tx, &gift, error);

  if (!consent)
    return FALSE;
  job->fixture->consent = g_strdup (tessera_record_get_id (consent));
  return TRUE;
}

static gboolean
create_referral (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_transaction_new_record (tx, "referral");

  tessera_record_set (referral, "client", job->fixture->client);
  tessera_record_set (referral, "partner", job->house->partner);
  tessera_record_set (referral, "consent", job->fixture->consent);
  tessera_record_set (referral, "service_name", "Winter shelter");
  tessera_record_set (referral, "reason", "No heating");
  if (!tessera_referral_create (tx, referral, error))
    return FALSE;
  job->fixture->referral = g_strdup (tessera_record_get_id (referral));
  return TRUE;
}

static char *
get_outbox (House *house) {
  return g_build_filename (house->folder, "vault", "outbox", NULL);
}

static gboolean
deliver (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autofree char *outbox = get_outbox (job->house);
  g_autoptr (TesseraPostLetter) letter = tessera_post_deliver (tx, outbox, job->house->partner, NULL, job->text, error);

  if (letter)
    job->file = g_bytes_ref (letter->file);
  return letter != NULL;
}

static gboolean
take_in (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;

  job->arrival = tessera_post_take_in (tx, job->file, error);
  return job->arrival != NULL;
}

static gboolean
answer (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_post_answer (tx, job->fixture->referral, job->text, job->other, NULL, NULL,
                                                            TRUE, error);

  if (!referral)
    return FALSE;
  if (strcmp (job->text, "accept") == 0) {
    g_autoptr (TesseraRecord) client = tessera_transaction_load (tx, "client", tessera_record_get (referral, "client"),
                                                                 error);

    g_assert_cmpstr (tessera_record_get (client, "name"), ==, "Amal Synthetic");
    g_assert_null (tessera_record_get (client, "phone"));
  }
  return TRUE;
}

static gboolean
check_status (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_transaction_load (tx, "referral", job->fixture->referral, error);

  g_assert_nonnull (referral);
  g_assert_cmpstr (tessera_record_get (referral, "status"), ==, job->text);
  return TRUE;
}

static void
set_up_house (Fixture *fixture, House *house, const char *name, char **ret_card) {
  Job job = { .fixture = fixture, .text = name };
  g_autofree char *folder = NULL;

  house->folder = fixture_make_folder ();
  folder = g_build_filename (house->folder, "vault", NULL);
  house->vault = fixture_create_vault (folder);
  house->store = fixture_open_store (house->vault);
  run (house, create_identity, &job);
  *ret_card = job.out;
}

static void
meet (Fixture *fixture, House *house, const char *card) {
  Job job = { .fixture = fixture, .text = card };

  run (house, add_partner, &job);
  run (house, trust_partner, &job);
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autofree char *our_card = NULL;
  g_autofree char *their_card = NULL;
  Job job = { .fixture = fixture };

  set_up_house (fixture, &fixture->ours, "Harbor Aid", &our_card);
  set_up_house (fixture, &fixture->theirs, "St Anne Clinic", &their_card);
  meet (fixture, &fixture->ours, their_card);
  meet (fixture, &fixture->theirs, our_card);
  run (&fixture->ours, register_client, &job);
  run (&fixture->ours, give_consent, &job);
  run (&fixture->ours, create_referral, &job);
}

static void
tear_down_house (House *house) {
  fixture_close (&house->store, &house->vault);
  fixture_remove_folder (house->folder);
  g_free (house->folder);
  g_free (house->partner);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  tear_down_house (&fixture->ours);
  tear_down_house (&fixture->theirs);
  g_free (fixture->client);
  g_free (fixture->consent);
  g_free (fixture->referral);
}

static GBytes *
send_letter (Fixture *fixture, House *house) {
  Job job = { .fixture = fixture };

  run (house, deliver, &job);
  return job.file;
}

static void
receive_letter (Fixture *fixture, House *house, GBytes *file, gboolean expect_new) {
  Job job = { .fixture = fixture, .file = file };

  run (house, take_in, &job);
  g_assert_cmpstr (job.arrival->referral, ==, fixture->referral);
  g_assert_cmpint (job.arrival->is_new, ==, expect_new);
  g_assert_false (job.arrival->known);
  tessera_post_arrival_free (job.arrival);
}

static void
expect_status (Fixture *fixture, House *house, const char *status) {
  Job job = { .fixture = fixture, .text = status };

  run (house, check_status, &job);
}

static void
test_there_and_back (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = NULL;
  g_autoptr (GBytes) reply = NULL;
  Job job = { .fixture = fixture, .text = "accept" };
  Job again = { .fixture = fixture };

  letter = send_letter (fixture, &fixture->ours);
  expect_status (fixture, &fixture->ours, "sent");
  receive_letter (fixture, &fixture->theirs, letter, TRUE);
  expect_status (fixture, &fixture->theirs, "received");
  run (&fixture->theirs, answer, &job);
  expect_status (fixture, &fixture->theirs, "accepted");
  reply = send_letter (fixture, &fixture->theirs);
  receive_letter (fixture, &fixture->ours, reply, FALSE);
  expect_status (fixture, &fixture->ours, "accepted");

  again.file = reply;
  run (&fixture->ours, take_in, &again);
  g_assert_true (again.arrival->known);
  tessera_post_arrival_free (again.arrival);
}

static gboolean
save_age_key (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraSecret) key = tessera_transaction_get_secret (tx, "device.encryption");
  g_autoptr (TesseraSecret) text = tessera_age_key_to_text (key);

  return g_file_set_contents (job->text, (const char *) tessera_secret_get_data (text), -1, error);
}

static gboolean
save_sender_key (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) device = tessera_transaction_load (tx, "device", tessera_transaction_get_device (tx), error);

  job->out = g_strdup (tessera_record_get (device, "signing_key"));
  return TRUE;
}

static void
test_stock_tools_open_it (Fixture *fixture, gconstpointer data) {
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *key = g_build_filename (folder, "key.txt", NULL);
  g_autofree char *bundle = g_build_filename (folder, "bundle.age", NULL);
  g_autofree char *command = NULL;
  g_autofree char *lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) letter = NULL;
  Job send = { .fixture = fixture, .text = bundle };
  Job reader = { .fixture = fixture, .text = key };
  Job sender = { .fixture = fixture };
  int status;

  run (&fixture->ours, deliver, &send);
  letter = send.file;
  run (&fixture->theirs, save_age_key, &reader);
  run (&fixture->ours, save_sender_key, &sender);
  command = g_strdup_printf ("sh -ec 'cd %s && age -d -i key.txt bundle.age | tar x && minisign -q -VHm manifest.json -P %s"
                             " >/dev/null && b2sum --quiet -c SUMS && zstd -q -d -c data.ndjson.zst'", folder, sender.out);
  g_assert_true (g_spawn_command_line_sync (command, &lines, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_nonnull (strstr (lines, "Amal Synthetic"));
  g_assert_nonnull (strstr (lines, "A place for the winter"));
  g_assert_null (strstr (lines, "MARKER"));
  g_free (sender.out);
  fixture_remove_folder (folder);
}

static gboolean
expect_refusal (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraPostArrival) arrival = tessera_post_take_in (tx, job->file, error);

  g_assert_null (arrival);
  g_assert_nonnull (*error);
  g_assert_true ((*error)->domain == TESSERA_BUNDLE_ERROR);
  return FALSE;
}

static gboolean
count_rows (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    tx, "SELECT (SELECT count(*) FROM referral) + (SELECT count(*) FROM bundle) + (SELECT count(*) FROM change)", error);

  g_assert_true (tessera_statement_step (statement, error));
  g_assert_cmpint (tessera_statement_get_integer (statement, 0), ==, *(gint64 *) data);
  return TRUE;
}

static gboolean
read_rows (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    tx, "SELECT (SELECT count(*) FROM referral) + (SELECT count(*) FROM bundle) + (SELECT count(*) FROM change)", error);

  g_assert_true (tessera_statement_step (statement, error));
  *(gint64 *) data = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static void
refuse (Fixture *fixture, House *house, GBytes *file, int code) {
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture, .file = file };
  gint64 rows;

  g_assert_true (tessera_store_read (house->store, read_rows, &rows, NULL));
  g_assert_false (tessera_store_write (house->store, expect_refusal, &job, &error));
  if (code >= 0)
    g_assert_cmpint (error->code, ==, code);
  g_assert_true (tessera_store_read (house->store, count_rows, &rows, NULL));
}

static void
test_damage_is_refused (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  gsize size = g_bytes_get_size (letter);

  for (gsize length = 0; length < size; length += 1 + size / 40) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (letter, 0, length);

    refuse (fixture, &fixture->theirs, cut, -1);
  }
  for (gsize place = 0; place < size; place += 1 + size / 200) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (letter, NULL), size);
    g_autoptr (GBytes) flipped = NULL;

    copy[place] ^= 1;
    flipped = g_bytes_new (copy, size);
    refuse (fixture, &fixture->theirs, flipped, -1);
  }
  refuse (fixture, &fixture->ours, letter, TESSERA_BUNDLE_ERROR_NOT_FOR_US);
  receive_letter (fixture, &fixture->theirs, letter, TRUE);
}

static gboolean
revoke_partner (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;

  return tessera_partners_revoke (tx, job->house->partner, error);
}

static void
test_revoked_partner (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture };

  run (&fixture->theirs, revoke_partner, &job);
  refuse (fixture, &fixture->theirs, letter, TESSERA_BUNDLE_ERROR_REFUSED);
  run (&fixture->ours, revoke_partner, &job);
  run (&fixture->ours, create_referral, &job);
  g_assert_false (tessera_store_write (fixture->ours.store, deliver, &job, &error));
  g_assert_error (error, TESSERA_PARTNERS_ERROR, TESSERA_PARTNERS_ERROR_REVOKED);
}

static gboolean
add_own_card (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *card = tessera_identity_make_card (tx, error);
  g_autoptr (TesseraRecord) partner = tessera_partners_add (tx, card, strlen (card), error);

  g_assert_null (partner);
  g_assert_error (*error, TESSERA_PARTNERS_ERROR, TESSERA_PARTNERS_ERROR_OWN_CARD);
  return FALSE;
}

static gboolean
add_changed_cards (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *card = tessera_identity_make_card (tx, error);
  gsize length = strlen (card);

  for (gsize i = 0; i < length; i++) {
    g_autofree char *changed = g_strdup (card);
    g_autoptr (TesseraCard) parsed = NULL;
    g_autoptr (TesseraCard) cut = NULL;

    changed[i] ^= 1;
    parsed = tessera_card_parse (changed, length, 0, NULL);
    cut = tessera_card_parse (card, i, 0, NULL);
    /* The untrusted comment and the unused key number are the only bytes that prove nothing. */
    if (parsed)
      g_assert_cmpmem (parsed->name, strlen (parsed->name), "Harbor Aid", 10);
    g_assert_true (!cut || i + 1 == length);
  }
  return TRUE;
}

static void
test_cards (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture };

  g_assert_false (tessera_store_write (fixture->ours.store, add_own_card, NULL, &error));
  run (&fixture->ours, add_changed_cards, &job);
}

static gboolean
withdraw (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;

  return tessera_consent_withdraw (tx, job->fixture->consent, "changed her mind", error);
}

static void
test_withdrawn_consent (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) recall = NULL;
  Job job = { .fixture = fixture };

  receive_letter (fixture, &fixture->theirs, letter, TRUE);
  run (&fixture->ours, withdraw, &job);
  expect_status (fixture, &fixture->ours, "withdrawn");
  recall = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, recall, FALSE);
  expect_status (fixture, &fixture->theirs, "withdrawn");
}

static void
test_withdrawn_before_sending (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture, .house = &fixture->ours };

  run (&fixture->ours, withdraw, &job);
  if (!tessera_store_write (fixture->ours.store, deliver, &job, &error))
    g_assert_null (job.file);
  g_assert_null (job.file);
}

static void
test_lost_file_is_written_again (Fixture *fixture, gconstpointer data) {
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "again.age", NULL);
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) again = NULL;
  Job job = { .fixture = fixture, .text = path };

  run (&fixture->ours, deliver, &job);
  again = job.file;
  g_assert_true (g_bytes_equal (letter, again));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  fixture_remove_folder (folder);
}

static gboolean
end_consent (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) consent = tessera_transaction_load (tx, "consent", job->fixture->consent, error);

  tessera_record_set (consent, "expires_on", "2020-01-01");
  return tessera_transaction_save (tx, consent, error);
}

static void
expect_nothing_sent (Fixture *fixture, House *house, GQuark domain, int code) {
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "again.age", NULL);
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture, .house = house, .text = path };

  g_assert_false (tessera_store_write (house->store, deliver, &job, &error));
  g_assert_error (error, domain, code);
  g_assert_null (job.file);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  fixture_remove_folder (folder);
}

/* The person is not sent once more under a consent that has ended, nor to a partner who was revoked. */
static void
test_nothing_again_without_consent (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  Job job = { .fixture = fixture };

  run (&fixture->ours, end_consent, &job);
  expect_nothing_sent (fixture, &fixture->ours, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
}

static void
test_nothing_again_to_the_revoked (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  Job job = { .fixture = fixture };

  run (&fixture->ours, revoke_partner, &job);
  expect_nothing_sent (fixture, &fixture->ours, TESSERA_PARTNERS_ERROR, TESSERA_PARTNERS_ERROR_REVOKED);
}

static gboolean
count_waiting (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;

  job->out = g_strdup_printf ("%d", (int) tessera_post_count_waiting (tx, job->house->partner, error));
  return TRUE;
}

/* A referral whose consent ended does not keep the others at home; alone, it says why it stays. */
static void
test_ended_consent_blocks_nothing (Fixture *fixture, gconstpointer data) {
  g_autofree char *blocked = g_strdup (fixture->referral);
  g_autoptr (GBytes) letter = NULL;
  Job job = { .fixture = fixture };

  run (&fixture->ours, end_consent, &job);
  expect_nothing_sent (fixture, &fixture->ours, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
  g_free (fixture->consent);
  g_free (fixture->referral);
  run (&fixture->ours, give_consent, &job);
  run (&fixture->ours, create_referral, &job);
  run (&fixture->ours, count_waiting, &job);
  g_assert_cmpstr (job.out, ==, "1");
  g_free (job.out);
  letter = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, letter, TRUE);
  expect_status (fixture, &fixture->ours, "sent");
}

static gboolean
send_by_hand (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) event = tessera_referral_send (tx, job->fixture->referral, NULL, error);

  return event != NULL;
}

/* Marked as sent, called back, and no file was ever made: there is nothing to tell and nobody to tell it to. */
static void
test_called_back_before_it_left (Fixture *fixture, gconstpointer data) {
  Job job = { .fixture = fixture, .house = &fixture->ours };

  run (&fixture->ours, send_by_hand, &job);
  run (&fixture->ours, withdraw, &job);
  expect_status (fixture, &fixture->ours, "withdrawn");
  run (&fixture->ours, count_waiting, &job);
  g_assert_cmpstr (job.out, ==, "0");
  g_free (job.out);
  tessera_store_write (fixture->ours.store, deliver, &job, NULL);
  g_assert_null (job.file);
}

static gboolean
inspect (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (JsonNode) seen = tessera_post_inspect (tx, job->file, error);

  if (seen)
    job->out = json_to_string (seen, FALSE);
  return seen != NULL;
}

static char *
see (Fixture *fixture, House *house, GBytes *file) {
  Job job = { .fixture = fixture, .file = file };

  run (house, inspect, &job);
  return job.out;
}

static gboolean
complete_with_words (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) after = tessera_post_answer (tx, job->fixture->referral, "complete", "need_met",
                                                         "MARKERWORDS", NULL, TRUE, error);

  return after != NULL;
}

/* After the consent the partner hears that it is over, and nothing about the client: neither the reason once more nor
 * words that were waiting to leave. */
static void
test_letters_after_consent_are_bare (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GBytes) last = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *seen = NULL;
  Job job = { .fixture = fixture, .text = "accept" };

  receive_letter (fixture, &fixture->theirs, letter, TRUE);
  run (&fixture->theirs, answer, &job);
  reply = send_letter (fixture, &fixture->theirs);
  receive_letter (fixture, &fixture->ours, reply, FALSE);
  run (&fixture->ours, complete_with_words, &job);
  run (&fixture->ours, end_consent, &job);
  last = send_letter (fixture, &fixture->ours);
  seen = see (fixture, &fixture->theirs, last);
  g_assert_nonnull (strstr (seen, "completed"));
  g_assert_null (strstr (seen, "MARKERWORDS"));
  g_assert_null (strstr (seen, "No heating"));
  receive_letter (fixture, &fixture->theirs, last, FALSE);
  expect_status (fixture, &fixture->theirs, "completed");
}

static void
test_no_words_after_consent (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GError) error = NULL;
  Job job = { .fixture = fixture, .text = "accept" };

  receive_letter (fixture, &fixture->theirs, letter, TRUE);
  run (&fixture->theirs, answer, &job);
  reply = send_letter (fixture, &fixture->theirs);
  receive_letter (fixture, &fixture->ours, reply, FALSE);
  run (&fixture->ours, end_consent, &job);
  g_assert_false (tessera_store_write (fixture->ours.store, complete_with_words, &job, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
}

static gboolean
ask_opinion (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_transaction_new_record (tx, "referral");

  tessera_record_set (referral, "client", job->fixture->client);
  tessera_record_set (referral, "partner", job->house->partner);
  tessera_record_set (referral, "consent", job->fixture->consent);
  tessera_record_set (referral, "kind", "ask-opinion");
  tessera_record_set (referral, "reason", "Which shelter takes families?");
  return tessera_referral_create (tx, referral, error);
}

static gboolean
read_consent (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) consent = tessera_transaction_load (tx, "consent", job->fixture->consent, error);

  job->out = g_strdup (tessera_record_get (consent, "given_at"));
  return TRUE;
}

/* The same partner has had the same client by name, under the same consent: nothing may join the two. */
static void
test_opinion_cannot_be_joined (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) question = NULL;
  g_autofree char *named = NULL;
  g_autofree char *seen = NULL;
  Job job = { .fixture = fixture };

  run (&fixture->ours, read_consent, &job);
  run (&fixture->ours, ask_opinion, &job);
  question = send_letter (fixture, &fixture->ours);
  named = see (fixture, &fixture->theirs, letter);
  seen = see (fixture, &fixture->theirs, question);
  g_assert_nonnull (strstr (seen, "Which shelter"));
  g_assert_nonnull (strstr (named, fixture->consent));
  g_assert_null (strstr (seen, fixture->consent));
  g_assert_null (strstr (seen, fixture->client));
  g_assert_null (strstr (seen, job.out));
  g_assert_null (strstr (seen, "identity"));
  g_free (job.out);
}

#define ADD(name, function) g_test_add ("/post/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("there-and-back", test_there_and_back);
  ADD ("stock-tools-open-it", test_stock_tools_open_it);
  ADD ("damage-is-refused", test_damage_is_refused);
  ADD ("revoked-partner", test_revoked_partner);
  ADD ("cards", test_cards);
  ADD ("withdrawn-consent", test_withdrawn_consent);
  ADD ("withdrawn-before-sending", test_withdrawn_before_sending);
  ADD ("lost-file-is-written-again", test_lost_file_is_written_again);
  ADD ("nothing-again-without-consent", test_nothing_again_without_consent);
  ADD ("nothing-again-to-the-revoked", test_nothing_again_to_the_revoked);
  ADD ("ended-consent-blocks-nothing", test_ended_consent_blocks_nothing);
  ADD ("called-back-before-it-left", test_called_back_before_it_left);
  ADD ("letters-after-consent-are-bare", test_letters_after_consent_are_bare);
  ADD ("no-words-after-consent", test_no_words_after_consent);
  ADD ("opinion-cannot-be-joined", test_opinion_cannot_be_joined);
  return g_test_run ();
}
