/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-story.c: visits and what follows from them, the timeline, and the page of today.
 */
#include "casework-fixture.h"
#include "tessera-consent.h"
#include "tessera-pathway.h"
#include "tessera-referral.h"
#include "tessera-timeline.h"
#include "tessera-today.h"
#include "tessera-visits.h"

static GPtrArray *
select_all (TesseraTransaction *tx, const char *entity, TesseraRecord *client) {
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = tessera_intake_select (tx, entity, tessera_record_get_id (client), "ORDER BY id", &error);

  g_assert_no_error (error);
  return rows;
}

static gboolean
record_visit (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) visit = casework_new (tx, "visit", "client", tessera_record_get_id (client),
                                                  "how",
                                                  "in-person", "domains", "home", "told", "Doors open at eight",
                                                  "next_step", "Call the shelter", "next_who", "worker", "next_by",
                                                  TODAY, NULL);
  g_autoptr (TesseraRecord) early = casework_new (tx, "visit", "client", tessera_record_get_id (client),
                                                  "how", "phone", "at", "1000", NULL);
  g_autoptr (TesseraRecord) lost = casework_new (tx, "visit", "client", "nobody", "how", "phone", NULL);
  g_autoptr (TesseraRecord) after = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GPtrArray) advice = NULL;

  g_assert_true (tessera_visits_record (tx, visit, error));
  g_assert_true (tessera_visits_record (tx, early, error));
  g_assert_cmpint (tessera_record_get_integer (visit, "at"), ==, tessera_transaction_get_now (tx));
  g_assert_cmpstr (tessera_record_get (visit, "language"), ==, "ar");
  g_assert_cmpstr (tessera_record_get (visit, "worker"), ==, tessera_transaction_get_worker (tx));
  after = casework_reload (tx, client);
  g_assert_cmpint (tessera_record_get_integer (after, "last_contact"), ==, tessera_transaction_get_now (tx));
  tasks = select_all (tx, "task", client);
  g_assert_cmpuint (tasks->len, ==, 1);
  g_assert_cmpstr (tessera_record_get (tasks->pdata[0], "text"), ==, "Call the shelter");
  g_assert_cmpstr (tessera_record_get (tasks->pdata[0], "due"), ==, TODAY);
  g_assert_cmpstr (tessera_record_get (tasks->pdata[0], "visit"), ==, tessera_record_get_id (visit));
  advice = select_all (tx, "advice", client);
  g_assert_cmpuint (advice->len, ==, 1);
  g_assert_cmpstr (tessera_record_get (advice->pdata[0], "domain"), ==, "home");
  g_assert_false (tessera_visits_record (tx, lost, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  g_clear_error (error);
  return TRUE;
}

static gboolean
correct_visit (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) wrong = casework_new (tx, "visit", "client", tessera_record_get_id (client),
                                                  "how",
                                                  "phone", "next_step", "Call", "summary", "Wrong", "at",
                                                  "1900000000000", NULL);
  g_autoptr (TesseraRecord) right = casework_new (tx, "visit", "next_step", "Call twice", "summary", "Right",
                                                  "at", "1700000000000", NULL);
  g_autoptr (TesseraRecord) again = casework_new (tx, "visit", "summary", "Once more", NULL);
  g_autoptr (TesseraRecord) after = NULL;
  g_autoptr (GPtrArray) visits = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GPtrArray) items = NULL;
  TesseraTimelineItem *item;

  g_assert_true (tessera_visits_record (tx, wrong, error));
  g_assert_true (tessera_visits_correct (tx, tessera_record_get_id (wrong), right, error));
  g_assert_cmpstr (tessera_record_get (right, "how"), ==, "phone");
  after = casework_reload (tx, client);
  /* a year typed wrong does not keep a client from ever being overdue */
  g_assert_cmpstr (tessera_record_get (after, "last_contact"), ==, "1700000000000");
  visits = tessera_visits_list (tx, tessera_record_get_id (client), 0, error);
  g_assert_cmpuint (visits->len, ==, 1);
  tasks = select_all (tx, "task", client);
  g_assert_cmpuint (tasks->len, ==, 1);
  g_assert_cmpstr (tessera_record_get (tasks->pdata[0], "text"), ==, "Call twice");
  g_assert_false (tessera_visits_correct (tx, tessera_record_get_id (wrong), again, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  items = tessera_timeline_load (tx, tessera_record_get_id (client), 0, error);
  g_assert_cmpuint (items->len, ==, 2);
  item = items->pdata[1];
  g_assert_cmpint (item->kind, ==, TESSERA_TIMELINE_VISIT);
  g_assert_cmpstr (tessera_record_get (item->related->pdata[0], "summary"), ==, "Wrong");
  return TRUE;
}

static TesseraRecord *
add_full_story (TesseraTransaction *tx) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  const char *const groups[] = { "identity", NULL };
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  TesseraConsentGift gift = { .client = id, .partner = tessera_record_get_id (partner), .groups = groups,
                              .purpose = "share_for_service", .expires_on = "2026-12-01" };
  const TesseraScore score = { "home", 2, 3 };
  g_autoptr (TesseraRecord) visit = casework_new (tx, "visit", "client", id, "how", "phone", "next_step",
                                                  "Call", "next_by", "2026-11-20", "told", "News", NULL);
  g_autoptr (TesseraRecord) note = casework_new (tx, "note", "client", id, "at", "1700000000000", "text", "N",
                                                 NULL);
  g_autoptr (TesseraRecord) appointment = casework_new (tx, "appointment", "client", id, NULL);
  g_autoptr (TesseraRecord) referral = casework_new (tx, "referral", "client", id, "partner", gift.partner,
                                                     "reason", "A bed", "priority", "emergency", NULL);
  g_autoptr (TesseraRecord) consent = tessera_consent_give (tx, &gift, &error);
  g_autoptr (TesseraRecord) assessment = tessera_pathway_assess (tx, id, &score, 1, NULL, NULL, NULL, &error);
  g_autoptr (TesseraRecord) step = tessera_pathway_set_step (tx, id, "inclusion", "assessment", NULL, &error);
  g_autoptr (TesseraRecord) event = NULL;

  g_assert_no_error (error);
  tessera_record_set_integer (appointment, "at", tessera_transaction_get_now (tx) + 60000);
  casework_save (tx, appointment);
  casework_save (tx, note);
  g_assert_true (tessera_visits_record (tx, visit, &error));
  g_assert_true (tessera_referral_create (tx, referral, &error));
  event = tessera_referral_send (tx, tessera_record_get_id (referral), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (tessera_transaction_put_draft (tx, "client:new", "{}", &error));
  return client;
}

static gboolean
timeline (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = add_full_story (tx);
  g_autoptr (GPtrArray) items = tessera_timeline_load (tx, tessera_record_get_id (client), 0, error);
  guint seen[TESSERA_TIMELINE_REFERRAL_EVENT + 1] = { 0 };

  g_assert_nonnull (items);
  for (guint i = 0; i < items->len; i++) {
    TesseraTimelineItem *item = items->pdata[i];

    seen[item->kind]++;
    g_assert_cmpuint (strlen (tessera_timeline_kind_get_code (item->kind)), >, 0);
    g_assert_null (item->source);
    if (i > 0)
      g_assert_cmpint (((TesseraTimelineItem *) items->pdata[i - 1])->at, >=, item->at);
    if (item->kind == TESSERA_TIMELINE_ASSESSMENT)
      g_assert_cmpuint (item->related->len, ==, 1);
  }
  g_assert_cmpuint (items->len, ==, 9);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_VISIT], ==, 1);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_ADVICE], ==, 0);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_NOTE], ==, 1);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_REFERRAL], ==, 1);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_REFERRAL_EVENT], ==, 1);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_CONSENT], ==, 1);
  g_assert_cmpuint (seen[TESSERA_TIMELINE_STEP], ==, 1);
  /* the newest few are the same few */
  for (guint limit = 1; limit < items->len; limit++) {
    g_autoptr (GPtrArray) few = tessera_timeline_load (tx, tessera_record_get_id (client), limit, error);

    g_assert_cmpuint (few->len, ==, limit);
    for (guint i = 0; i < limit; i++)
      g_assert_cmpstr (tessera_record_get_id (((TesseraTimelineItem *) few->pdata[i])->record), ==,
                       tessera_record_get_id (((TesseraTimelineItem *) items->pdata[i])->record));
  }
  return TRUE;
}

static gboolean
make_story (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = add_full_story (tx);

  return TRUE;
}

static void
assert_list (const TesseraTodayList *list, guint count) {
  g_assert_cmpuint (list->count, ==, count);
  g_assert_cmpuint (list->items->len, ==, MIN (count, 1));
  if (count)
    g_assert_nonnull (((TesseraTodayItem *) list->items->pdata[0])->client);
}

static gboolean
read_today (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraToday) today = tessera_today_load (tx, tessera_transaction_get_worker (tx), 1, error);
  g_autoptr (TesseraToday) stranger = NULL;

  g_assert_nonnull (today);
  assert_list (&today->appointments, 1);
  assert_list (&today->tasks, 1);
  assert_list (&today->procedures, 0);
  assert_list (&today->unanswered, 0);
  assert_list (&today->answered, 0);
  assert_list (&today->received, 0);
  assert_list (&today->consents, 1);
  g_assert_cmpuint (today->n_drafts, ==, 1);
  stranger = tessera_today_load (tx, "00000000-0000-7000-8000-000000000000", 1, error);
  assert_list (&stranger->appointments, 0);
  return TRUE;
}

static gboolean
read_later (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraToday) today = tessera_today_load (tx, NULL, 1, error);

  assert_list (&today->appointments, 0);
  assert_list (&today->tasks, 1);
  assert_list (&today->unanswered, 1);
  g_assert_nonnull (((TesseraTodayItem *) today->unanswered.items->pdata[0])->partner);
  return TRUE;
}

static void
test_today (Fixture *fixture, gconstpointer data) {
  casework_run (fixture, make_story);
  casework_run (fixture, read_today);
  casework_set_now ("2026-11-26T12:00:00Z");
  casework_run (fixture, read_later);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  casework_set_now (TODAY_NOON);
  casework_add ("/story/record-visit", record_visit);
  casework_add ("/story/correct-visit", correct_visit);
  casework_add ("/story/timeline", timeline);
  g_test_add ("/story/today", Fixture, NULL, casework_set_up, test_today, casework_tear_down);
  return g_test_run ();
}
