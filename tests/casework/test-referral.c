/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-referral.c: a referral in the store: made, sent, answered, received; and what may not be done to it.
 */
#include "casework-fixture.h"
#include "tessera-consent.h"
#include "tessera-referral.h"

typedef struct {
  TesseraRecord *client;
  TesseraRecord *partner;
  TesseraRecord *consent;
} People;

static void
people_clear (People *self) {
  g_clear_object (&self->client);
  g_clear_object (&self->partner);
  g_clear_object (&self->consent);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (People, people_clear)

static People
make_people (TesseraTransaction *tx) {
  const char *const groups[] = { "identity", "contact", "needs", NULL };
  People people = { casework_add_client (tx, "Amal Synthetic"), casework_add_partner (tx, "North Shelter"),
                    NULL };
  TesseraConsentGift gift = { .client = tessera_record_get_id (people.client), .purpose = "share_for_service",
                              .partner = tessera_record_get_id (people.partner), .groups = groups };
  g_autoptr (GError) error = NULL;

  people.consent = tessera_consent_give (tx, &gift, &error);
  g_assert_no_error (error);
  return people;
}

static TesseraRecord *
draft (TesseraTransaction *tx, const People *people) {
  return casework_new (tx, "referral", "client", tessera_record_get_id (people->client), "partner",
                       tessera_record_get_id (people->partner), "reason", "A bed for tonight", NULL);
}

static TesseraRecord *
create (TesseraTransaction *tx, const People *people) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *referral = draft (tx, people);

  tessera_referral_create (tx, referral, &error);
  g_assert_no_error (error);
  return referral;
}

static void
send_referral (TesseraTransaction *tx, TesseraRecord *referral) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) event = tessera_referral_send (tx, tessera_record_get_id (referral), "bundle-1",
                                                           &error);

  g_assert_no_error (error);
}

static void
assert_status (TesseraTransaction *tx, TesseraRecord *referral, const char *status) {
  g_autoptr (TesseraRecord) now = casework_reload (tx, referral);

  g_assert_cmpstr (tessera_record_get (now, "status"), ==, status);
}

static gboolean
create_and_send (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) referral = create (tx, &people);
  g_autoptr (TesseraRecord) sent = NULL;
  g_autoptr (GPtrArray) waiting = NULL;
  TesseraReferralQuery query = { .direction = "out", .waiting = TRUE,
                                 .client = tessera_record_get_id (people.client) };

  g_assert_cmpstr (tessera_record_get (referral, "status"), ==, "draft");
  g_assert_cmpstr (tessera_record_get (referral, "kind"), ==, "refer");
  g_assert_cmpstr (tessera_record_get (referral, "groups"), ==, "contact,identity,needs");
  g_assert_cmpstr (tessera_record_get (referral, "consent"), ==, tessera_record_get_id (people.consent));
  send_referral (tx, referral);
  sent = casework_reload (tx, referral);
  g_assert_cmpstr (tessera_record_get (sent, "status"), ==, "sent");
  g_assert_cmpstr (tessera_record_get (sent, "due_on"), ==, "2026-12-05");
  waiting = tessera_referral_list (tx, &query, 0, error);
  g_assert_cmpuint (waiting->len, ==, 1);
  query.direction = "in";
  g_clear_pointer (&waiting, g_ptr_array_unref);
  waiting = tessera_referral_list (tx, &query, 0, error);
  g_assert_cmpuint (waiting->len, ==, 0);
  return TRUE;
}

static void
refuse_create (TesseraTransaction *tx, TesseraRecord *referral, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_referral_create (tx, referral, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, code);
}

static gboolean
refuse_without_consent (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) stranger = casework_add_client (tx, "Somebody Else");
  g_autoptr (TesseraRecord) other = casework_add_partner (tx, "South Clinic");
  g_autoptr (TesseraRecord) referral = draft (tx, &people);
  g_autoptr (TesseraRecord) opinion = draft (tx, &people);
  g_autoptr (TesseraRecord) late = NULL;

  tessera_record_set (referral, "groups", "health,identity");
  refuse_create (tx, referral, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  tessera_record_set (referral, "consent", tessera_record_get_id (people.consent));
  refuse_create (tx, referral, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  tessera_record_set (referral, "groups", NULL);
  tessera_record_set (referral, "partner", tessera_record_get_id (other));
  refuse_create (tx, referral, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  tessera_record_set (referral, "consent", NULL);
  refuse_create (tx, referral, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  tessera_record_set (referral, "consent", tessera_record_get_id (people.consent));
  tessera_record_set (referral, "partner", tessera_record_get_id (people.partner));
  tessera_record_set (referral, "client", tessera_record_get_id (stranger));
  refuse_create (tx, referral, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  /* an opinion is asked without a name */
  tessera_record_set (opinion, "kind", "ask-opinion");
  tessera_record_set (opinion, "groups", "identity,needs");
  refuse_create (tx, opinion, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  tessera_record_set (opinion, "groups", NULL);
  g_assert_true (tessera_referral_create (tx, opinion, error));
  g_assert_cmpstr (tessera_record_get (opinion, "groups"), ==, "needs");
  /* a consent that ended between writing and sending */
  late = create (tx, &people);
  tessera_record_set (people.consent, "expires_on", "2026-11-01");
  casework_save (tx, people.consent);
  g_assert_null (tessera_referral_send (tx, tessera_record_get_id (late), NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
  g_clear_error (error);
  assert_status (tx, late, "draft");
  return TRUE;
}

static void
answer (TesseraTransaction *tx, TesseraRecord *referral, const char *word, const char *code) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) event = NULL;

  event = tessera_referral_answer (tx, tessera_record_get_id (referral), word, code, "In words.", NULL, TRUE,
                                   &error);
  g_assert_no_error (error);
}

static void
refuse_answer (TesseraTransaction *tx, TesseraRecord *referral, const char *word, const char *code,
               int expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) event = NULL;

  event = tessera_referral_answer (tx, tessera_record_get_id (referral), word, code, NULL, NULL, FALSE,
                                   &error);
  g_assert_null (event);
  g_assert_error (error, TESSERA_CASEWORK_ERROR, expected);
}

/* As it comes out of a bundle: only the fields of the form, and the sender's events. */
static TesseraRecord *
receive (TesseraTransaction *tx, TesseraRecord *partner) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) theirs = casework_new (tx, "referral", "kind", "refer", "priority", "urgent",
                                                   "reason", "A bed", "status", "completed", "client",
                                                   tessera_record_get_id (partner), NULL);

  tessera_referral_receive (tx, theirs, tessera_record_get_id (partner), &error);
  g_assert_no_error (error);
  return casework_reload (tx, theirs);
}

static TesseraRecord *
make_event (TesseraTransaction *tx, TesseraRecord *referral, const char *side, int number, const char *kind) {
  TesseraRecord *event = casework_new (tx, "referral_event", "referral", tessera_record_get_id (referral),
                                       "side", side, "kind", kind, "at", "1700000000000", NULL);

  tessera_record_set_integer (event, "number", number);
  return event;
}

static void
receive_event (TesseraTransaction *tx, TesseraRecord *event, TesseraRecord *partner, gboolean expect_new) {
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  g_assert_true (tessera_referral_receive_event (tx, event, tessera_record_get_id (partner), &is_new,
                                                 &error));
  g_assert_no_error (error);
  g_assert_cmpint (is_new, ==, expect_new);
}

static void
refuse_event (TesseraTransaction *tx, TesseraRecord *event, TesseraRecord *partner, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_referral_receive_event (tx, event, tessera_record_get_id (partner), NULL, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, code);
}

static gboolean
receive_and_answer (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) referral = receive (tx, people.partner);
  g_autoptr (TesseraRecord) sent = make_event (tx, referral, "sender", 1, "sent");
  g_autoptr (GPtrArray) ours = NULL;

  /* their words about our columns count for nothing */
  g_assert_cmpstr (tessera_record_get (referral, "direction"), ==, "in");
  g_assert_cmpstr (tessera_record_get (referral, "status"), ==, "draft");
  g_assert_null (tessera_record_get (referral, "client"));
  g_assert_cmpstr (tessera_referral_get_side (referral), ==, "receiver");
  refuse_answer (tx, referral, "accept", NULL, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP);
  receive_event (tx, sent, people.partner, TRUE);
  receive_event (tx, sent, people.partner, FALSE);
  assert_status (tx, referral, "sent");
  refuse_answer (tx, referral, "withdraw", NULL, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP);
  refuse_answer (tx, referral, "decline", NULL, TESSERA_CASEWORK_ERROR_INVALID);
  refuse_answer (tx, referral, "decline", "need_met", TESSERA_CASEWORK_ERROR_INVALID);
  refuse_answer (tx, referral, "accept", "full", TESSERA_CASEWORK_ERROR_INVALID);
  refuse_answer (tx, referral, "dance", NULL, TESSERA_CASEWORK_ERROR_INVALID);
  answer (tx, referral, "receive", NULL);
  answer (tx, referral, "accept", NULL);
  answer (tx, referral, "schedule", NULL);
  answer (tx, referral, "complete", NULL);
  assert_status (tx, referral, "completed");
  ours = tessera_referral_list_events (tx, tessera_record_get_id (referral), "receiver", error);
  g_assert_cmpuint (ours->len, ==, 4);
  for (guint i = 0; i < ours->len; i++)
    g_assert_cmpint (tessera_record_get_integer (ours->pdata[i], "number"), ==, i + 1);
  g_assert_cmpstr (tessera_record_get (ours->pdata[3], "code"), ==, "unknown");
  g_assert_true (tessera_referral_link_client (tx, tessera_record_get_id (referral),
                                               tessera_record_get_id (people.client), error));
  return TRUE;
}

static gboolean
refuse_foreign_events (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) stranger = casework_add_partner (tx, "Stranger");
  g_autoptr (TesseraRecord) referral = create (tx, &people);
  g_autoptr (TesseraRecord) ours = make_event (tx, referral, "sender", 2, "withdrawn");
  g_autoptr (TesseraRecord) nobody = make_event (tx, referral, "moon", 1, "accepted");
  g_autoptr (TesseraRecord) gap = make_event (tx, referral, "receiver", 2, "accepted");
  g_autoptr (TesseraRecord) zero = make_event (tx, referral, "receiver", 0, "accepted");
  g_autoptr (TesseraRecord) first = make_event (tx, referral, "receiver", 1, "received");
  g_autoptr (TesseraRecord) twin = make_event (tx, referral, "receiver", 1, "received");
  g_autoptr (TesseraRecord) changed = NULL;
  g_autoptr (TesseraRecord) lost = make_event (tx, people.client, "receiver", 1, "received");

  send_referral (tx, referral);
  refuse_event (tx, first, stranger, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  refuse_event (tx, ours, people.partner, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  refuse_event (tx, nobody, people.partner, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  refuse_event (tx, gap, people.partner, TESSERA_CASEWORK_ERROR_OUT_OF_ORDER);
  refuse_event (tx, zero, people.partner, TESSERA_CASEWORK_ERROR_INVALID);
  g_assert_false (tessera_referral_receive_event (tx, lost, tessera_record_get_id (people.partner), NULL,
                                                  error));
  g_clear_error (error);
  receive_event (tx, first, people.partner, TRUE);
  changed = tessera_record_copy (first);
  tessera_record_set (changed, "kind", "accepted");
  refuse_event (tx, changed, people.partner, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  receive_event (tx, twin, people.partner, TRUE);
  receive_event (tx, gap, people.partner, TRUE);
  assert_status (tx, referral, "accepted");
  return TRUE;
}

static gboolean
refuse_taken_ids (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) stranger = casework_add_partner (tx, "Stranger");
  g_autoptr (TesseraRecord) ours = create (tx, &people);
  g_autoptr (TesseraRecord) theirs = receive (tx, people.partner);
  g_autoptr (TesseraRecord) again = tessera_record_copy (theirs);
  g_autoptr (TesseraRecord) now = NULL;

  g_assert_false (tessera_referral_receive (tx, ours, tessera_record_get_id (people.partner), error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  g_assert_false (tessera_referral_receive (tx, theirs, tessera_record_get_id (stranger), error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  tessera_record_set (again, "reason", "Two beds");
  tessera_record_set (again, "status", "completed");
  g_assert_true (tessera_referral_receive (tx, again, tessera_record_get_id (people.partner), error));
  now = casework_reload (tx, theirs);
  g_assert_cmpstr (tessera_record_get (now, "reason"), ==, "Two beds");
  g_assert_cmpstr (tessera_record_get (now, "status"), ==, "draft");
  return TRUE;
}

static gboolean
ask_and_tell (TesseraTransaction *tx, gpointer data, GError **error) {
  g_auto (People) people = make_people (tx);
  g_autoptr (TesseraRecord) referral = create (tx, &people);
  g_autoptr (TesseraRecord) question = make_event (tx, referral, "receiver", 1, "info_needed");

  send_referral (tx, referral);
  receive_event (tx, question, people.partner, TRUE);
  assert_status (tx, referral, "info_needed");
  answer (tx, referral, "send", NULL);
  assert_status (tx, referral, "sent");
  answer (tx, referral, "withdraw", "client_declined");
  assert_status (tx, referral, "withdrawn");
  refuse_answer (tx, referral, "send", NULL, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP);
  return TRUE;
}

static gboolean
make_old (TesseraTransaction *tx, gpointer data, GError **error) {
  TesseraRecord **ret_referral = data;
  g_auto (People) people = make_people (tx);

  *ret_referral = create (tx, &people);
  send_referral (tx, *ret_referral);
  return TRUE;
}

static gboolean
expire (TesseraTransaction *tx, gpointer data, GError **error) {
  guint count;

  g_assert_true (tessera_referral_expire_due (tx, &count, error));
  g_assert_cmpuint (count, ==, 1);
  assert_status (tx, data, "expired");
  g_assert_true (tessera_referral_expire_due (tx, &count, error));
  g_assert_cmpuint (count, ==, 0);
  return TRUE;
}

static void
test_expire (Fixture *fixture, gconstpointer data) {
  g_autoptr (TesseraRecord) referral = NULL;
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, make_old, &referral, &error);
  g_assert_no_error (error);
  casework_set_now ("2026-12-23T12:00:00Z");
  tessera_store_write (fixture->store, expire, referral, &error);
  g_assert_no_error (error);
}

static void
test_due (void) {
  gint64 now;
  g_autofree char *emergency = NULL;
  g_autofree char *urgent = NULL;
  g_autofree char *routine = NULL;

  g_assert_true (tessera_instant_parse (TODAY_NOON, &now));
  emergency = tessera_referral_get_due ("emergency", now);
  urgent = tessera_referral_get_due ("urgent", now);
  routine = tessera_referral_get_due (NULL, now);
  g_assert_cmpstr (emergency, ==, "2026-11-22");
  g_assert_cmpstr (urgent, ==, "2026-11-24");
  g_assert_cmpstr (routine, ==, "2026-12-05");
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  casework_set_now (TODAY_NOON);
  g_test_add_func ("/referral/due", test_due);
  casework_add ("/referral/create-and-send", create_and_send);
  casework_add ("/referral/refuse-without-consent", refuse_without_consent);
  casework_add ("/referral/receive-and-answer", receive_and_answer);
  casework_add ("/referral/refuse-foreign-events", refuse_foreign_events);
  casework_add ("/referral/refuse-taken-ids", refuse_taken_ids);
  casework_add ("/referral/ask-and-tell", ask_and_tell);
  g_test_add ("/referral/expire", Fixture, NULL, casework_set_up, test_expire, casework_tear_down);
  return g_test_run ();
}
