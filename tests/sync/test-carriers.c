/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-carriers.c: carriers as settings, what people type for them, and when they are visited.
 */
#include "config.h"

#include <locale.h>

#include "sync-fixture.h"
#include "tessera-schedule.h"

static void
test_places (void) {
  static const struct {
    const char *place;
    const char *uri; /* NULL: refused */
  } cases[] = {
    { "/media/stick", "file:///media/stick" },
    { "/media/stick/../other/", "file:///media/other" },
    { "file:///media/a%20stick", "file:///media/a%20stick" },
    { "https://cloud.example.org/dav/ana/", "https://cloud.example.org/dav/ana/" },
    { "https://cloud.example.org:8443/dav", "https://cloud.example.org:8443/dav" },
    { "http://127.0.0.1:8080/dav", "http://127.0.0.1:8080/dav" },
    { "http://[::1]:8080/dav", "http://[::1]:8080/dav" },
    { "http://localhost/dav", "http://localhost/dav" },
    { "http://cloud.example.org/dav", NULL },
    { "http://127.0.0.1.example.org/dav", NULL },
    { "http://localhost.example.org/dav", NULL },
    { "https://ana:secret@cloud.example.org/dav", NULL },
    { "https://ana@cloud.example.org/dav", NULL },
    { "https:///dav", NULL },
    { "https://cloud.example.org/dav?token=1", NULL },
    { "https://cloud.example.org/dav#here", NULL },
    { "https://cloud example.org/dav", NULL },
    { "file://server/share", NULL },
    { "ftp://cloud.example.org/", NULL },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraCarrierSettings) settings = tessera_carrier_settings_new ("stick", cases[i].place, &error);

    g_assert_cmpstr (settings ? settings->uri : NULL, ==, cases[i].uri);
    if (!cases[i].uri)
      g_assert_error (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_INVALID);
  }
}

static void
test_names (void) {
  static const char *const good[] = { "stick", "Büro-Stick 2", "ذاكرة", "a" };
  static const char *const bad[] = { "", "   ", "two\nlines", "\xff",
                                     "1234567890123456789012345678901234567890123456789012345678901" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (TesseraCarrierSettings) settings = tessera_carrier_settings_new (good[i], "/media/stick", NULL);

    g_assert_nonnull (settings);
    g_assert_cmpstr (settings->name, ==, good[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_carrier_settings_new (bad[i], "/media/stick", &error));
    g_assert_error (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_INVALID);
  }
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_server_only (void) {
  g_autoptr (TesseraCarrierSettings) server = tessera_carrier_settings_new ("cloud", "https://cloud.example.org/", NULL);
  g_autoptr (TesseraCarrierSettings) folder = tessera_carrier_settings_new ("stick", "/media/stick", NULL);

  g_assert_true (tessera_carrier_settings_set_user (server, "ana", NULL));
  g_assert_false (tessera_carrier_settings_set_user (server, "ana:x", NULL));
  g_assert_false (tessera_carrier_settings_set_user (server, "", NULL));
  g_assert_false (tessera_carrier_settings_set_user (folder, "ana", NULL));
  g_assert_cmpstr (server->user, ==, "ana");
  g_assert_true (tessera_carrier_settings_set_pin (
    server, "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF", NULL));
  g_assert_cmpstr (server->pin, ==, HASH);
  g_assert_false (tessera_carrier_settings_set_pin (server, "0123", NULL));
  g_assert_false (tessera_carrier_settings_set_pin (server, HASH "0", NULL));
  g_assert_false (tessera_carrier_settings_set_pin (server, "x" HASH, NULL));
  g_assert_false (tessera_carrier_settings_set_pin (folder, HASH, NULL));
}

/* ---- in the store ---- */

static gboolean
add_two (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraCarrierSettings) folder = tessera_carrier_settings_new ("stick", "/media/stick", error);
  g_autoptr (TesseraCarrierSettings) server = tessera_carrier_settings_new ("cloud", "https://cloud.example.org/", error);
  g_autoptr (TesseraSecret) password = tessera_secret_new_from_bytes ("secret", 6);
  g_autoptr (GError) exists = NULL;

  server->metered = TRUE;
  g_assert_true (tessera_carrier_settings_set_user (server, "ana", error));
  g_assert_true (tessera_carriers_add (transaction, folder, NULL, error));
  g_assert_true (tessera_carriers_add (transaction, server, password, error));
  g_assert_false (tessera_carriers_add (transaction, server, password, &exists));
  g_assert_error (exists, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_EXISTS);
  return TRUE;
}

static gboolean
check_two (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (GPtrArray) carriers = tessera_carriers_list (transaction, error);
  g_autoptr (TesseraSecret) password = tessera_transaction_get_secret (transaction, "carrier.cloud.password");
  g_autoptr (TesseraCarrier) carrier = NULL;
  g_autoptr (GError) missing = NULL;
  TesseraCarrierSettings *cloud;

  g_assert_cmpuint (carriers->len, ==, 2);
  cloud = carriers->pdata[0];
  g_assert_cmpstr (cloud->name, ==, "cloud");
  g_assert_cmpint (cloud->kind, ==, TESSERA_CARRIER_WEBDAV);
  g_assert_cmpstr (cloud->user, ==, "ana");
  g_assert_true (cloud->metered);
  g_assert_cmpuint (tessera_secret_get_size (password), ==, 6);
  carrier = tessera_carriers_open (transaction, carriers->pdata[1], error);
  g_assert_nonnull (carrier);
  g_assert_null (tessera_carriers_find (transaction, "nowhere", &missing));
  g_assert_error (missing, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (missing->message, "cloud"));
  return TRUE;
}

static gboolean
remove_one (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) delivery = tessera_transaction_new_record (transaction, "delivery");
  g_autoptr (GPtrArray) deliveries = NULL;
  g_autoptr (GPtrArray) carriers = NULL;
  g_autoptr (TesseraSecret) password = NULL;

  tessera_record_set (delivery, "bundle", tessera_record_get_id (delivery));
  tessera_record_set (delivery, "carrier", "cloud");
  tessera_record_set_integer (delivery, "at", 1);
  g_assert_true (tessera_transaction_save (transaction, delivery, error));
  g_assert_true (tessera_carriers_remove (transaction, "cloud", error));
  carriers = tessera_carriers_list (transaction, error);
  deliveries = tessera_transaction_select_records (transaction, "delivery", "", NULL, error);
  password = tessera_transaction_get_secret (transaction, "carrier.cloud.password");
  g_assert_cmpuint (carriers->len, ==, 1);
  g_assert_cmpuint (deliveries->len, ==, 0);
  g_assert_null (password);
  g_assert_false (tessera_carriers_remove (transaction, "cloud", NULL));
  return TRUE;
}

static TesseraCarrierSettings *noted;

static gboolean
read_noted (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_clear_pointer (&noted, tessera_carrier_settings_free);
  noted = tessera_carriers_find (transaction, data, error);
  return noted != NULL;
}

static void
note (TesseraStore *store, const char *name, GError *failure) {
  TesseraPostVisit *visit = tessera_post_visit_new (name);

  visit->error = failure;
  g_assert_true (tessera_post_note_outcome (store, visit, NULL));
  tessera_post_visit_free (visit);
  g_assert_true (tessera_store_read (store, read_noted, (gpointer) name, NULL));
}

/* A line that is down is waited for longer and longer; a wrong password waits for a person; a success forgets both. */
static void
check_outcomes (TesseraStore *store) {
  gint64 first;

  note (store, "cloud", g_error_new_literal (TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE, "down"));
  g_assert_cmpstr (noted->problem, ==, "down");
  g_assert_false (noted->needs_person);
  first = noted->next_try;
  note (store, "cloud", g_error_new_literal (TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE, "down"));
  g_assert_cmpuint (noted->n_failures, ==, 2);
  g_assert_cmpint (noted->next_try, >, first);
  note (store, "cloud", g_error_new_literal (TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED, "who?"));
  g_assert_true (noted->needs_person);
  note (store, "cloud", g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop"));
  g_assert_true (noted->needs_person);
  note (store, "cloud", NULL);
  g_assert_null (noted->problem);
  g_assert_false (noted->needs_person);
  g_assert_cmpuint (noted->n_failures, ==, 0);
  g_assert_cmpint (noted->succeeded_at, >, 0);
  g_clear_pointer (&noted, tessera_carrier_settings_free);
}

static void
test_in_the_store (void) {
  g_autofree char *folder = fixture_make_folder ();
  TesseraVault *vault = fixture_create_vault (folder);
  TesseraStore *store = fixture_open_store (vault);

  g_assert_true (tessera_store_write (store, add_two, NULL, NULL));
  g_assert_true (tessera_store_read (store, check_two, NULL, NULL));
  check_outcomes (store);
  g_assert_true (tessera_store_write (store, remove_one, NULL, NULL));
  fixture_close (&store, &vault);
  fixture_remove_folder (folder);
}

/* ---- when ---- */

#define NOW G_GINT64_CONSTANT (1000000000000)
#define MINUTE G_GINT64_CONSTANT (60000)

static void
test_back_off (void) {
  for (guint i = 0; i < 1000; i++) {
    gint64 first = tessera_schedule_back_off (0);
    gint64 fourth = tessera_schedule_back_off (3);

    g_assert_cmpint (first, >=, 24000);
    g_assert_cmpint (first, <=, 36000);
    g_assert_cmpint (fourth, >=, 192000);
    g_assert_cmpint (fourth, <=, 288000);
    g_assert_cmpint (tessera_schedule_back_off (i), <=, 60 * MINUTE);
  }
  g_assert_cmpint (tessera_schedule_back_off (G_MAXUINT), >=, 48 * MINUTE);
}

static void
test_next (void) {
  TesseraCarrierSettings server = { .kind = TESSERA_CARRIER_WEBDAV };
  TesseraCarrierSettings folder = { .kind = TESSERA_CARRIER_FOLDER };
  const TesseraSchedulePace *pace = &tessera_schedule_pace;

  for (guint i = 0; i < 1000; i++) {
    gint64 next = tessera_schedule_next (pace, &server, NOW);

    g_assert_cmpint (next, >=, NOW + 12 * MINUTE);
    g_assert_cmpint (next, <=, NOW + 18 * MINUTE);
  }
  g_assert_cmpint (tessera_schedule_next (pace, &folder, NOW), ==, NOW + MINUTE);
  g_assert_cmpint (tessera_schedule_soon (&server, NOW, 5), ==, NOW + 5);
  server.n_failures = 1;
  server.next_try = NOW + 3 * MINUTE;
  g_assert_cmpint (tessera_schedule_next (pace, &server, NOW), ==, NOW + 3 * MINUTE);
  g_assert_cmpint (tessera_schedule_soon (&server, NOW, 5), ==, NOW + 3 * MINUTE);
  server.next_try = NOW * 2;
  g_assert_cmpint (tessera_schedule_next (pace, &server, NOW), ==, NOW + 24 * 60 * MINUTE);
  /* A wrong password is not tried again; whether the stick has room again is. */
  server.needs_person = folder.needs_person = TRUE;
  g_assert_cmpint (tessera_schedule_next (pace, &server, NOW), ==, TESSERA_SCHEDULE_NEVER);
  g_assert_cmpint (tessera_schedule_soon (&server, NOW, 5), ==, TESSERA_SCHEDULE_NEVER);
  g_assert_cmpint (tessera_schedule_next (pace, &folder, NOW), ==, NOW + MINUTE);
  folder.paused = TRUE;
  g_assert_cmpint (tessera_schedule_next (pace, &folder, NOW), ==, TESSERA_SCHEDULE_NEVER);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/carriers/places", test_places);
  g_test_add_func ("/carriers/names", test_names);
  g_test_add_func ("/carriers/server-only", test_server_only);
  g_test_add_func ("/carriers/in-the-store", test_in_the_store);
  g_test_add_func ("/carriers/back-off", test_back_off);
  g_test_add_func ("/carriers/next", test_next);
  return g_test_run ();
}
