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
#include "tessera-identity-private.h"
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
  g_autoptr (TesseraRecord) worker = NULL;

  /* What a vault is whose making was interrupted just before. */
  g_assert_false (tessera_identity_check (tx, error));
  g_assert_error (*error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT);
  g_clear_error (error);
  worker = tessera_identity_create (tx, &facts, error);
  if (!worker || !tessera_identity_check (tx, error))
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
  g_free (job->fixture->consent);
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
  g_free (job->fixture->referral);
  job->fixture->referral = g_strdup (tessera_record_get_id (referral));
  return TRUE;
}

static char *
get_outbox (House *house) {
  return g_build_filename (house->folder, "vault", "outbox", NULL);
}

static GBytes *
read_letter (const char *outbox, const TesseraPostLetter *letter) {
  g_autofree char *path = g_build_filename (outbox, letter->name, NULL);
  char *contents;
  gsize size;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_cmpint (size, ==, letter->size);
  return g_bytes_new_take (contents, size);
}

static gboolean
deliver (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autofree char *outbox = get_outbox (job->house);
  g_autoptr (TesseraPostLetter) letter = tessera_post_deliver (tx, outbox, job->house->partner, NULL, job->text, error);

  if (letter)
    job->file = read_letter (outbox, letter);
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
  /* Only steps about a referral of our own are answers. */
  g_assert_cmpint (job.arrival->answered, ==, house == &fixture->ours);
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
  g_autoptr (GBytes) letter = NULL;
  Job job = { .fixture = fixture };

  run (&fixture->ours, end_consent, &job);
  expect_nothing_sent (fixture, &fixture->ours, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
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

/* ---- a partner who writes what they like ---- */

static gboolean
forge (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraManifest) manifest = tessera_manifest_new ();
  g_autoptr (TesseraRecord) partner = tessera_transaction_load (tx, "partner", job->house->partner, error);
  const char *text = tessera_record_get (partner, "card");
  g_autoptr (TesseraCard) card = tessera_card_parse (text, strlen (text), 0, error);
  g_autoptr (TesseraSecret) key = tessera_identity_get_signing_key (tx, error);
  g_autoptr (GBytes) lines = g_bytes_new (job->text, strlen (job->text));
  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;
  TesseraBundleContents contents = { .data = lines };
  guint8 reader[TESSERA_AGE_KEY_SIZE];

  if (!tessera_identity_get_certificate (tx, &certificate, &signature, error)
      || !tessera_age_public_key_from_text (((TesseraCardDevice *) card->devices->pdata[0])->encryption, reader, error))
    return FALSE;
  manifest->flow = TESSERA_FLOW_REFERRAL;
  manifest->id = job->other ? g_strdup (job->other) : tessera_manifest_new_id ();
  manifest->organization = tessera_identity_get_organization (tx, error);
  manifest->device = tessera_identity_get_device (tx);
  manifest->stream = g_strdup ("0123456789abcdef0123456789abcdef");
  manifest->created = tessera_transaction_get_now (tx) / 1000 * 1000;
  manifest->expires = manifest->created + 86400000;
  manifest->from = manifest->upto = 1;
  contents.certificate = certificate;
  contents.certificate_signature = signature;
  job->file = tessera_bundle_seal (manifest, &contents, key, reader, 1, NULL, NULL, error);
  return job->file != NULL;
}

static GBytes *
forge_letter (Fixture *fixture, const char *lines) {
  Job job = { .fixture = fixture, .text = lines };

  run (&fixture->theirs, forge, &job);
  return job.file;
}

/* Ids and lines of forged letters. */
#define ROW(digits) "01a20086-4aa8-7136-9cfe-a00fa8457f" digits
#define LINE(entity, id, fields) "{\"e\":\"" entity "\",\"i\":\"" id "\",\"f\":{" fields "}}\n"
#define NEW_REFERRAL LINE ("referral", ROW ("01"), "\"kind\":\"refer\",\"reason\":\"Cough\"")
#define SENT LINE ("referral_event", ROW ("02"), "\"side\":\"sender\",\"number\":1,\"kind\":\"sent\",\"at\":1795305000000")
#define STEP(id, fields) LINE ("referral_event", ROW (id), fields)

/* @steps of the referral that we sent to the partner. */
static char *
make_steps (Fixture *fixture, const char *steps) {
  return g_strdup_printf (LINE ("referral", "%s", "") "%s", fixture->referral, steps);
}

static void
refuse_forged (Fixture *fixture, const char *lines, int code) {
  g_autoptr (GBytes) file = forge_letter (fixture, lines);

  refuse (fixture, &fixture->ours, file, code);
}

static void
take_forged (Fixture *fixture, const char *lines) {
  g_autoptr (GBytes) file = forge_letter (fixture, lines);
  Job job = { .fixture = fixture, .file = file };

  run (&fixture->ours, take_in, &job);
  g_assert_false (job.arrival->known);
  tessera_post_arrival_free (job.arrival);
}

/* All refused with a sentence about the letter, kept as refusals; and none leaves anything behind. */
static void
test_forged_letters (Fixture *fixture, gconstpointer data) {
  static const char *const malformed[] = {
    SENT, NEW_REFERRAL, NEW_REFERRAL NEW_REFERRAL SENT,
    NEW_REFERRAL LINE ("client", ROW ("03"), "\"name\":{\"a\":1}") SENT,
    NEW_REFERRAL LINE ("client", ROW ("03"), "\"name\":\"A\"") LINE ("client", ROW ("04"), "\"name\":\"B\"") SENT,
    NEW_REFERRAL SENT LINE ("referral_event", ROW ("05"),
                            "\"side\":\"sender\",\"number\":2,\"kind\":\"withdrawn\",\"at\":1795305000000"),
    LINE ("referral", ROW ("01"), "\"kind\":\"refer\"") SENT,
    LINE ("referral", ROW ("01"), "\"kind\":\"refer\",\"reason\":\"x\",\"due_on\":\"2026-02-31\"") SENT,
    NEW_REFERRAL LINE ("referral_event", ROW ("05"), "\"side\":\"sender\",\"number\":1,\"kind\":\"sent\""),
  };
  static const char *const refused[] = {
    STEP ("11", "\"side\":\"sender\",\"number\":2,\"kind\":\"withdrawn\",\"at\":1795305000000"),
    STEP ("12", "\"number\":2,\"kind\":\"withdrawn\",\"at\":1795305000000"),
    STEP ("13", "\"side\":\"receiver\",\"number\":0,\"kind\":\"accepted\",\"at\":1795305000000"),
    STEP ("14", "\"side\":\"receiver\",\"number\":-1,\"kind\":\"accepted\",\"at\":1795305000000"),
    STEP ("15", "\"side\":\"receiver\",\"number\":9007199254740992,\"kind\":\"accepted\",\"at\":1795305000000"),
  };
  g_autofree char *gap = NULL;
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);

  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    refuse_forged (fixture, malformed[i], TESSERA_BUNDLE_ERROR_MALFORMED);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *lines = make_steps (fixture, refused[i]);

    refuse_forged (fixture, lines, TESSERA_BUNDLE_ERROR_REFUSED);
  }
  gap = make_steps (fixture, STEP ("16", "\"side\":\"receiver\",\"number\":7,\"kind\":\"accepted\",\"at\":1795305000000"));
  refuse_forged (fixture, gap, TESSERA_BUNDLE_ERROR_TOO_EARLY);
  refuse_forged (fixture, LINE ("referral", ROW ("01"), "") SENT, TESSERA_BUNDLE_ERROR_TOO_EARLY);
}

static gboolean
accept_forged (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_post_answer (tx, ROW ("01"), "accept", NULL, NULL, NULL, TRUE, error);
  g_autoptr (TesseraRecord) ours = tessera_transaction_load (tx, "client", job->fixture->client, error);
  g_autoptr (TesseraRecord) client = NULL;

  g_assert_nonnull (referral);
  client = tessera_transaction_load (tx, "client", tessera_record_get (referral, "client"), error);
  g_assert_cmpstr (tessera_record_get_id (client), !=, job->fixture->client);
  g_assert_cmpstr (tessera_record_get (client, "name"), ==, "Forged Example");
  g_assert_cmpstr (tessera_record_get (client, "step"), ==, "basic-needs");
  g_assert_null (tessera_record_get (client, "notes"));
  g_assert_cmpstr (tessera_record_get (ours, "name"), ==, "Amal Synthetic");
  g_assert_cmpstr (tessera_record_get (ours, "notes"), ==, "MARKERNOTES");
  return TRUE;
}

/* A row under the id of a client of ours makes a new client, and never fills what is only ours to write. */
static void
test_forged_client (Fixture *fixture, gconstpointer data) {
  g_autofree char *lines = g_strdup_printf (
    NEW_REFERRAL LINE ("client", "%s", "\"name\":\"Forged Example\",\"notes\":\"Forged\",\"step\":\"autonomy\"") SENT,
    fixture->client);
  Job job = { .fixture = fixture };

  take_forged (fixture, lines);
  run (&fixture->ours, accept_forged, &job);
}

static gboolean
check_times (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (TesseraRecord) referral = tessera_transaction_load (tx, "referral", job->fixture->referral, error);
  g_autoptr (TesseraRecord) incoming = tessera_transaction_load (tx, "referral", ROW ("01"), error);
  gint64 since = tessera_record_get_integer (referral, "status_at");
  gint64 now = tessera_transaction_get_now (tx);

  g_assert_cmpstr (tessera_record_get (referral, "status"), ==, job->text);
  g_assert_cmpint (since, <=, now);
  g_assert_cmpint (since, >=, now - 3600000);
  g_assert_cmpint (tessera_record_get_integer (incoming, "created_at"), <=, now);
  return TRUE;
}

/* The partner's clock may say what it likes: our lists and our waiting times stay true. */
static void
test_wild_clocks (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) letter = send_letter (fixture, &fixture->ours);
  g_autofree char *early = make_steps (
    fixture, STEP ("21", "\"side\":\"receiver\",\"number\":1,\"kind\":\"received\",\"at\":-62135596800000"));
  g_autofree char *late = make_steps (
    fixture, STEP ("22", "\"side\":\"receiver\",\"number\":2,\"kind\":\"under_review\",\"at\":253402300799999"));
  Job job = { .fixture = fixture };

  take_forged (fixture, LINE ("referral", ROW ("01"), "\"kind\":\"refer\",\"reason\":\"x\","
                                                      "\"created_at\":253402300799999") SENT);
  take_forged (fixture, early);
  job.text = "received";
  run (&fixture->ours, check_times, &job);
  take_forged (fixture, late);
  job.text = "under_review";
  run (&fixture->ours, check_times, &job);
}

#define MANIFEST "fedcba9876543210fedcba9876543210"

static gboolean
add_foreign_bundle (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (tx, "bundle");

  tessera_record_set (row, "direction", "in");
  tessera_record_set (row, "manifest_id", MANIFEST);
  tessera_record_set (row, "partner", ROW ("31"));
  tessera_record_set (row, "state", "applied");
  return tessera_transaction_save (tx, row, error);
}

/* One partner's bundle is not taken for known because another partner used its id. */
static void
test_same_manifest_id (Fixture *fixture, gconstpointer data) {
  Job forged = { .fixture = fixture, .text = NEW_REFERRAL SENT, .other = MANIFEST };
  Job job = { .fixture = fixture };

  run (&fixture->ours, add_foreign_bundle, &job);
  run (&fixture->theirs, forge, &forged);
  job.file = forged.file;
  run (&fixture->ours, take_in, &job);
  g_assert_false (job.arrival->known);
  g_assert_true (job.arrival->is_new);
  tessera_post_arrival_free (job.arrival);
  g_bytes_unref (forged.file);
}

/* ---- letters that come in another order, and from a restored copy ---- */

static gboolean
say (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  TesseraReferralStep step = { .kind = job->text, .text = job->other };
  g_autoptr (TesseraRecord) event = tessera_referral_append (tx, job->fixture->referral, &step, error);

  return event != NULL;
}

static GBytes *
say_and_send (Fixture *fixture, House *house, const char *kind, const char *words) {
  Job job = { .fixture = fixture, .text = kind, .other = words };

  run (house, say, &job);
  return send_letter (fixture, house);
}

static TesseraPostArrival *
receive_any (Fixture *fixture, House *house, GBytes *file) {
  Job job = { .fixture = fixture, .file = file };

  run (house, take_in, &job);
  return job.arrival;
}

/* Lost by the carrier, or late: nothing is applied over a gap, nothing is lost by waiting. */
static void
test_letters_out_of_order (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) first = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) question = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GBytes) third = NULL;
  TesseraPostArrival *arrival;

  receive_letter (fixture, &fixture->theirs, first, TRUE);
  question = say_and_send (fixture, &fixture->theirs, "info_needed", "Which days?");
  receive_letter (fixture, &fixture->ours, question, FALSE);
  second = say_and_send (fixture, &fixture->ours, "sent", "Any day");
  third = say_and_send (fixture, &fixture->ours, "withdrawn", NULL);

  refuse (fixture, &fixture->theirs, third, TESSERA_BUNDLE_ERROR_TOO_EARLY);
  expect_status (fixture, &fixture->theirs, "info_needed");
  arrival = receive_any (fixture, &fixture->theirs, second);
  g_assert_false (arrival->follows_unknown);
  tessera_post_arrival_free (arrival);
  arrival = receive_any (fixture, &fixture->theirs, third);
  g_assert_false (arrival->follows_unknown);
  tessera_post_arrival_free (arrival);
  expect_status (fixture, &fixture->theirs, "withdrawn");
}

/* A letter about another referral went missing: the next is taken in, and says so. */
static void
test_missing_letter_is_noted (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) missing = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) next = NULL;
  TesseraPostArrival *arrival;
  Job job = { .fixture = fixture };

  run (&fixture->ours, create_referral, &job);
  next = send_letter (fixture, &fixture->ours);
  arrival = receive_any (fixture, &fixture->theirs, next);
  g_assert_true (arrival->is_new);
  g_assert_true (arrival->follows_unknown);
  tessera_post_arrival_free (arrival);
  arrival = receive_any (fixture, &fixture->theirs, missing);
  g_assert_true (arrival->is_new);
  g_assert_false (arrival->follows_unknown);
  tessera_post_arrival_free (arrival);
}

static void
copy_vault (House *house, const char *from, const char *to) {
  const char *arguments[] = { "cp", "-a", NULL, NULL, NULL };
  g_autofree char *source = g_build_filename (house->folder, from, NULL);
  g_autofree char *target = g_build_filename (house->folder, to, NULL);
  g_autoptr (GError) error = NULL;
  int status;

  arguments[2] = source;
  arguments[3] = target;
  g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                               &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

static void
reopen (House *house, const char *name) {
  g_autofree char *folder = g_build_filename (house->folder, name, NULL);

  house->vault = fixture_unlock_vault (folder);
  house->store = fixture_open_store (house->vault);
}

/* The vault as it is now is put aside; what happens from here on is lost when it is taken out again. */
static void
keep_copy (House *house) {
  fixture_close (&house->store, &house->vault);
  copy_vault (house, "vault", "copy");
  reopen (house, "vault");
}

static void
return_to_copy (House *house) {
  fixture_close (&house->store, &house->vault);
  reopen (house, "copy");
}

static gboolean
list_words (TesseraTransaction *tx, gpointer data, GError **error) {
  Job *job = data;
  g_autoptr (GPtrArray) events = tessera_referral_list_events (tx, job->fixture->referral, "sender", error);
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++) {
    const char *text = tessera_record_get (events->pdata[i], "text");

    g_string_append_printf (words, "%" G_GINT64_FORMAT " %s %s\n", tessera_record_get_integer (events->pdata[i], "number"),
                            tessera_record_get (events->pdata[i], "kind"), text ? text : "-");
  }
  job->out = g_strdup (words->str);
  return TRUE;
}

/* Both answers to a question arrive: the one that the lost copy gave and the one given again under its number. */
static void
test_restored_copy_uses_numbers_again (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) first = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) question = NULL;
  g_autoptr (GBytes) lost = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) last = NULL;
  Job job = { .fixture = fixture };
  g_auto (GStrv) lines = NULL;

  receive_letter (fixture, &fixture->theirs, first, TRUE);
  question = say_and_send (fixture, &fixture->theirs, "info_needed", "Which days?");
  keep_copy (&fixture->ours);
  receive_letter (fixture, &fixture->ours, question, FALSE);
  lost = say_and_send (fixture, &fixture->ours, "sent", "Mondays");
  return_to_copy (&fixture->ours);
  receive_letter (fixture, &fixture->ours, question, FALSE);
  again = say_and_send (fixture, &fixture->ours, "sent", "Tuesdays");

  receive_letter (fixture, &fixture->theirs, again, FALSE);
  receive_letter (fixture, &fixture->theirs, lost, FALSE);
  last = say_and_send (fixture, &fixture->ours, "withdrawn", NULL);
  receive_letter (fixture, &fixture->theirs, last, FALSE);
  expect_status (fixture, &fixture->theirs, "withdrawn");
  run (&fixture->theirs, list_words, &job);
  lines = g_strsplit (job.out, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  g_assert_true (g_strv_contains ((const char *const *) lines, "1 sent -"));
  g_assert_true (g_strv_contains ((const char *const *) lines, "2 sent Mondays"));
  g_assert_true (g_strv_contains ((const char *const *) lines, "2 sent Tuesdays"));
  g_assert_true (g_strv_contains ((const char *const *) lines, "3 withdrawn -"));
  g_free (job.out);
}

/* What the copy had written but not sent goes again, meanwhile without its words: what follows it must not be lost. */
static void
test_restored_copy_sends_again (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) first = send_letter (fixture, &fixture->ours);
  g_autoptr (GBytes) question = NULL;
  g_autoptr (GBytes) lost = NULL;
  g_autoptr (GBytes) again = NULL;
  Job job = { .fixture = fixture, .text = "sent", .other = "Mondays" };

  receive_letter (fixture, &fixture->theirs, first, TRUE);
  question = say_and_send (fixture, &fixture->theirs, "info_needed", "Which days?");
  receive_letter (fixture, &fixture->ours, question, FALSE);
  run (&fixture->ours, say, &job);
  keep_copy (&fixture->ours);
  lost = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, lost, FALSE);
  return_to_copy (&fixture->ours);
  run (&fixture->ours, withdraw, &job);
  again = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, again, FALSE);
  expect_status (fixture, &fixture->theirs, "withdrawn");
  run (&fixture->theirs, list_words, &job);
  g_assert_cmpstr (job.out, ==, "1 sent -\n2 sent Mondays\n3 withdrawn -\n");
  g_free (job.out);
}

/* A referral that the lost copy had sent is sent once more: one referral, one person, both letters taken. */
static void
test_restored_copy_refers_again (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) lost = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) reply = NULL;
  Job job = { .fixture = fixture, .text = "accept" };

  keep_copy (&fixture->ours);
  lost = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, lost, TRUE);
  return_to_copy (&fixture->ours);
  again = send_letter (fixture, &fixture->ours);
  receive_letter (fixture, &fixture->theirs, again, FALSE);
  expect_status (fixture, &fixture->theirs, "received");
  run (&fixture->theirs, answer, &job);
  reply = send_letter (fixture, &fixture->theirs);
  receive_letter (fixture, &fixture->ours, reply, FALSE);
  expect_status (fixture, &fixture->ours, "accepted");
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
  ADD ("forged-letters", test_forged_letters);
  ADD ("forged-client", test_forged_client);
  ADD ("wild-clocks", test_wild_clocks);
  ADD ("same-manifest-id", test_same_manifest_id);
  ADD ("letters-out-of-order", test_letters_out_of_order);
  ADD ("missing-letter-is-noted", test_missing_letter_is_noted);
  ADD ("restored-copy-uses-numbers-again", test_restored_copy_uses_numbers_again);
  ADD ("restored-copy-sends-again", test_restored_copy_sends_again);
  ADD ("restored-copy-refers-again", test_restored_copy_refers_again);
  return g_test_run ();
}
