/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-indicators.c: what is counted, on which day, and how it is written out.
 */
#include "casework-fixture.h"
#include "tessera-indicators.h"
#include "tessera-pathway.h"
#include "tessera-visits.h"

#define assert_shown(sheet, group, code, expected) \
  G_STMT_START { \
    const TesseraIndicator *row = tessera_indicators_find (sheet, group, code); \
    g_autofree char *shown = row ? tessera_indicator_format (row) : NULL; \
    g_assert_cmpstr (shown, ==, expected); \
  } G_STMT_END

static TesseraIndicators *
collect (TesseraTransaction *tx, const char *from, const char *to) {
  g_autoptr (GError) error = NULL;
  TesseraIndicators *sheet = tessera_indicators_collect (tx, from, to, &error);

  g_assert_no_error (error);
  return sheet;
}

static char *
make_instant (const char *local) {
  gint64 instant;

  g_assert_true (tessera_instant_parse (local, &instant));
  return g_strdup_printf ("%" G_GINT64_FORMAT, instant);
}

static TesseraRecord *
add_visit (TesseraTransaction *tx, TesseraRecord *client, const char *at, const char *how,
           const char *mediator, const char *language, const char *domains) {
  g_autofree char *instant = make_instant (at);
  TesseraRecord *visit
    = casework_new (tx, "visit", "client", tessera_record_get_id (client), "at", instant, "how", how,
                    "mediator", mediator, "language", language, "domains", domains, NULL);

  casework_save (tx, visit);
  return visit;
}

static GPtrArray *
add_clients (TesseraTransaction *tx, guint count) {
  GPtrArray *clients = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf ("Sample Person %u", i);

    g_ptr_array_add (clients, casework_add_client (tx, name));
  }
  return clients;
}

static gboolean
test_visits (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 10);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < 10; i++) {
    g_autoptr (TesseraRecord) one
      = add_visit (tx, clients->pdata[i], "2026-11-10T10:00:00", "in-person", "present", "ar",
                   i < 6 ? "home,work" : "home");
    g_autoptr (TesseraRecord) two = add_visit (tx, clients->pdata[i], "2026-11-11T10:00:00", "phone",
                                               i < 8 ? "not-available" : NULL, "ar", NULL);
    g_autoptr (TesseraRecord) before
      = add_visit (tx, clients->pdata[i], "2026-10-01T10:00:00", "online", NULL, "ar", NULL);
  }
  sheet = collect (tx, "2026-11-01", "2026-11-30");
  assert_shown (sheet, "clients", "registered", "10");
  assert_shown (sheet, "clients", "seen", "10");
  assert_shown (sheet, "clients_language", "ar", "10");
  assert_shown (sheet, "open_step", "total", "10");
  assert_shown (sheet, "visits", "total", "20");
  assert_shown (sheet, "visits_how", "in-person", "10");
  assert_shown (sheet, "visits_how", "phone", "10");
  assert_shown (sheet, "visits_how", "online", "0");
  /* 10, 8 and 2 that nobody wrote down: the 2 are hidden, and another with them. Not the 8, which the
   * languages below them would give away again. */
  assert_shown (sheet, "visits_mediator", "unrecorded", "<5");
  assert_shown (sheet, "visits_mediator", "present", "hidden");
  assert_shown (sheet, "visits_mediator", "not-available", "8");
  assert_shown (sheet, "mediator_unmet", "ar", "8");
  assert_shown (sheet, "domains", "home", "10");
  assert_shown (sheet, "domains", "work", "6");
  assert_shown (sheet, "domains", "health", "0");
  return TRUE;
}

/* The first and the last minute of the local days count, those around them do not. */
static gboolean
test_days (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const inside[]
    = { "2026-11-10T00:00:00", "2026-11-10T23:59:00", "2026-11-11T00:30:00", "2026-11-11T12:00:00",
        "2026-11-11T23:59:00" };
  static const char *const outside[] = { "2026-11-09T23:59:00", "2026-11-12T00:00:00" };
  g_autoptr (GPtrArray) clients = add_clients (tx, 1);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    g_object_unref (add_visit (tx, clients->pdata[0], inside[i], "phone", NULL, "ar", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    g_object_unref (add_visit (tx, clients->pdata[0], outside[i], "phone", NULL, "ar", NULL));
  sheet = collect (tx, "2026-11-10", "2026-11-11");
  assert_shown (sheet, "visits", "total", "5");
  assert_shown (sheet, "clients", "seen", "<5");
  return TRUE;
}

static gboolean
test_merged_and_corrected (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 7);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < 7; i++) {
    g_autoptr (TesseraRecord) visit = add_visit (tx, clients->pdata[i], TODAY, "phone", NULL, "ar", NULL);
    g_autoptr (TesseraRecord) right = casework_new (tx, "visit", "how", "in-person", NULL);

    g_assert_true (tessera_visits_correct (tx, tessera_record_get_id (visit), right, error));
  }
  for (guint i = 1; i <= 2; i++) {
    g_autoptr (TesseraRecord) merged = casework_reload (tx, clients->pdata[i]);

    tessera_record_set (merged, "merged_into", tessera_record_get_id (clients->pdata[i - 1]));
    casework_save (tx, merged);
  }
  sheet = collect (tx, TODAY, TODAY);
  assert_shown (sheet, "visits", "total", "7");
  assert_shown (sheet, "visits_how", "in-person", "7");
  assert_shown (sheet, "visits_how", "phone", "0");
  assert_shown (sheet, "clients", "seen", "5");
  assert_shown (sheet, "clients", "registered", "5");
  return TRUE;
}

static gboolean
test_languages (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const languages[]
    = { "ar", "ar", "ar", "ar", "ar", "ar", "ti", "ti", "ti", "uk", "uk", "prs" };
  g_autoptr (GPtrArray) clients = add_clients (tx, G_N_ELEMENTS (languages));
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < clients->len; i++) {
    g_autoptr (TesseraRecord) client = casework_reload (tx, clients->pdata[i]);

    tessera_record_set (client, "language", languages[i]);
    casework_save (tx, client);
    g_object_unref (add_visit (tx, client, TODAY, "phone", "not-needed", languages[i], NULL));
  }
  sheet = collect (tx, TODAY, TODAY);
  assert_shown (sheet, "clients_language", "ar", "6");
  assert_shown (sheet, "clients_language", "other", "6");
  g_assert_null (tessera_indicators_find (sheet, "clients_language", "prs"));
  assert_shown (sheet, "mediator_unmet", "ar", NULL);
  assert_shown (sheet, "visits_mediator", "not-available", "0");
  return TRUE;
}

/* One person who came often does not make a language common. */
static gboolean
test_rare_language (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 1);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < 6; i++)
    g_object_unref (add_visit (tx, clients->pdata[0], TODAY, "phone", "not-available", "dz", NULL));
  sheet = collect (tx, TODAY, TODAY);
  assert_shown (sheet, "visits_mediator", "not-available", "6");
  assert_shown (sheet, "mediator_unmet", "other", "6");
  g_assert_null (tessera_indicators_find (sheet, "mediator_unmet", "dz"));
  return TRUE;
}

static gboolean
test_steps_and_tasks (TesseraTransaction *tx, gpointer data, GError **error) {
  static const char *const steps[] = { "inclusion", "autonomy", "inclusion" };
  g_autoptr (GPtrArray) clients = add_clients (tx, 10);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < 10; i++) {
    const char *id = tessera_record_get_id (clients->pdata[i]);
    g_autoptr (TesseraRecord) task
      = casework_new (tx, "task", "client", id, "text", "Go to the office", NULL);

    casework_save (tx, task);
    g_assert_true (tessera_pathway_complete_task (tx, tessera_record_get_id (task),
                                                  i < 5 ? "client" : "together", error));
    for (guint j = 0; j < G_N_ELEMENTS (steps); j++) {
      g_autoptr (TesseraRecord) change
        = tessera_pathway_set_step (tx, id, steps[j], "assessment", NULL, error);

      g_assert_nonnull (change);
    }
  }
  sheet = collect (tx, TODAY, TODAY);
  assert_shown (sheet, "step_changes", "back", "10");
  assert_shown (sheet, "open_step", "inclusion", "10");
  assert_shown (sheet, "tasks_done", "total", "10");
  assert_shown (sheet, "tasks_done", "client", "5");
  assert_shown (sheet, "tasks_done", "share_alone", "50");
  assert_shown (sheet, "tasks_done", "share_together", "50");
  return TRUE;
}

static void
add_event (TesseraTransaction *tx, const char *referral, const char *side, const char *kind, const char *at) {
  g_autofree char *instant = make_instant (at);
  g_autoptr (TesseraRecord) event
    = casework_new (tx, "referral_event", "referral", referral, "side", side, "number", "1",
                    "kind", kind, "at", instant, NULL);

  casework_save (tx, event);
}

static void
add_referral (TesseraTransaction *tx, TesseraRecord *client, TesseraRecord *partner, const char *service,
              const char *status) {
  g_autoptr (TesseraRecord) referral
    = casework_new (tx, "referral", "direction", "out", "client", tessera_record_get_id (client), "partner",
                    tessera_record_get_id (partner), "service_name", service, "kind", "refer", "reason",
                    "A bed", "status", status, NULL);
  const char *id = tessera_record_get_id (referral);

  casework_save (tx, referral);
  if (strcmp (status, "draft") != 0)
    add_event (tx, id, "sender", "sent", "2026-11-10T12:00:00");
  if (strcmp (status, "accepted") == 0)
    add_event (tx, id, "receiver", "accepted", "2026-11-13T00:00:00");
}

static gboolean
test_referrals (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 6);
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "Harbor Housing");
  g_autoptr (TesseraIndicators) sheet = NULL;
  g_autoptr (TesseraIndicators) later = NULL;

  for (guint i = 0; i < 6; i++) {
    add_referral (tx, clients->pdata[i], partner, "Night shelter", "accepted");
    add_referral (tx, clients->pdata[i], partner, "Language course", "accepted");
    add_referral (tx, clients->pdata[i], partner, "language course", "accepted");
    add_referral (tx, clients->pdata[i], partner, "Advice", "sent");
    add_referral (tx, clients->pdata[i], partner, "Advice", "draft");
    add_referral (tx, clients->pdata[i], partner, "Advice", "void");
  }
  sheet = collect (tx, "2026-11-01", "2026-11-30");
  assert_shown (sheet, "referrals", "sent", "24");
  assert_shown (sheet, "referrals", "accepted", "18");
  assert_shown (sheet, "referrals", "unanswered", "6");
  assert_shown (sheet, "referrals", "declined", "0");
  assert_shown (sheet, "referrals", "share_accepted", "75");
  assert_shown (sheet, "referrals", "median_days", "2.5");
  assert_shown (sheet, "doors", "total", "6");
  assert_shown (sheet, "doors", "1", "0");
  assert_shown (sheet, "doors", "2", "6");
  later = collect (tx, "2026-11-11", "2026-11-30");
  assert_shown (later, "referrals", "sent", "0");
  assert_shown (later, "referrals", "share_accepted", "");
  assert_shown (later, "referrals", "median_days", "");
  return TRUE;
}

/* A hidden number is nowhere in what is written. */
static gboolean
test_hidden_is_gone (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = add_clients (tx, 3);
  g_autoptr (TesseraIndicators) sheet = NULL;

  for (guint i = 0; i < 3; i++)
    g_object_unref (add_visit (tx, clients->pdata[i], TODAY, "phone", "present", "ar", "home"));
  sheet = collect (tx, TODAY, TODAY);
  for (guint i = 0; i < sheet->rows->len; i++) {
    const TesseraIndicator *row = sheet->rows->pdata[i];

    g_assert_cmpfloat (row->value, ==, 0);
  }
  assert_shown (sheet, "visits", "total", "<5");
  assert_shown (sheet, "visits_how", "phone", "hidden");
  assert_shown (sheet, "visits_how", "online", "hidden");
  return TRUE;
}

static void
assert_refused (TesseraTransaction *tx, const char *from, const char *to) {
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_indicators_collect (tx, from, to, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
}

static gboolean
test_wrong_periods (TesseraTransaction *tx, gpointer data, GError **error) {
  assert_refused (tx, "2026-11-31", "2026-12-01");
  assert_refused (tx, "2026-11-01", "soon");
  assert_refused (tx, "2026-11-02", "2026-11-01");
  return TRUE;
}

static void
test_csv (void) {
  TesseraIndicator rows[] = {
    { "visits", (char *) "total", TESSERA_INDICATOR_COUNT, 1234, TESSERA_SUPPRESSION_NONE, FALSE },
    { "visits_how", (char *) "phone", TESSERA_INDICATOR_COUNT, 0, TESSERA_SUPPRESSION_SMALL, FALSE },
    { "visits_how", (char *) "=HYPERLINK(\"x\",\"y\")", TESSERA_INDICATOR_COUNT, 0,
      TESSERA_SUPPRESSION_COMPLEMENTARY, FALSE },
    { "referrals", (char *) "median_days", TESSERA_INDICATOR_DAYS, 2.5, TESSERA_SUPPRESSION_NONE, FALSE },
    { "clients_language", (char *) "+x", TESSERA_INDICATOR_COUNT, 5, TESSERA_SUPPRESSION_NONE, TRUE },
  };
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  TesseraIndicators sheet = { (char *) "2026-01-01", (char *) "2026-12-31", all };
  g_autofree char *csv = NULL;
  g_autoptr (JsonObject) json = NULL;
  JsonArray *indicators;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_ptr_array_add (all, &rows[i]);
  csv = tessera_indicators_to_csv (&sheet);
  g_assert_cmpstr (csv, ==,
                   "from,to,group,code,label,unit,value,suppressed\r\n"
                   "2026-01-01,2026-12-31,visits,total,All,count,1234,\r\n"
                   "2026-01-01,2026-12-31,visits_how,phone,By phone,count,<5,small\r\n"
                   "2026-01-01,2026-12-31,visits_how,\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\","
                   "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",count,hidden,complementary\r\n"
                   "2026-01-01,2026-12-31,referrals,median_days,Median days to the first answer,days,2.5,\r\n"
                   "2026-01-01,2026-12-31,clients_language,\"'+x\",\"'+x\",count,,\r\n");
  json = tessera_indicators_to_json (&sheet);
  indicators = json_object_get_array_member (json, "indicators");
  g_assert_cmpuint (json_array_get_length (indicators), ==, G_N_ELEMENTS (rows));
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (indicators, 0), "value"), ==,
                   1234);
  g_assert_true (json_object_get_null_member (json_array_get_object_element (indicators, 1), "value"));
}

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  casework_add ("/indicators/visits", test_visits);
  casework_add ("/indicators/days", test_days);
  casework_add ("/indicators/merged-and-corrected", test_merged_and_corrected);
  casework_add ("/indicators/languages", test_languages);
  casework_add ("/indicators/rare-language", test_rare_language);
  casework_add ("/indicators/steps-and-tasks", test_steps_and_tasks);
  casework_add ("/indicators/referrals", test_referrals);
  casework_add ("/indicators/hidden-is-gone", test_hidden_is_gone);
  casework_add ("/indicators/wrong-periods", test_wrong_periods);
  g_test_add_func ("/indicators/csv", test_csv);
  return g_test_run ();
}
