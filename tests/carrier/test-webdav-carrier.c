/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-webdav-carrier.c: a server that refuses, hangs, lies, is cut off, or is not the one it should be.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "carrier-fixture.h"
#include "fake-server.h"
#include "tessera-webdav-carrier.h"

#define MAILBOX_PATH "/dav/" TESSERA_CARRIER_ROOT "/" CARRIER_MAILBOX "/"

typedef struct {
  char *ours;
  FakeServer *server;
  TesseraCarrier *carrier;
  const char *password;
  guint asked;
} Fixture;

static char *
give_password (gpointer data) {
  Fixture *fixture = data;

  fixture->asked++;
  return g_strdup (fixture->password);
}

static TesseraWebdavCarrier *
make_carrier (FakeServer *server) {
  g_autoptr (GError) error = NULL;
  TesseraWebdavCarrier *carrier
    = tessera_webdav_carrier_new (fake_server_get_uri (server), carrier_check_name, &error);

  g_assert_no_error (error);
  tessera_webdav_carrier_set_timeout (carrier, 1);
  return carrier;
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  fixture->ours = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->server = fake_server_start (NULL);
  fixture->carrier = TESSERA_CARRIER (make_carrier (fixture->server));
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  g_assert_finalize_object (fixture->carrier);
  fake_server_stop (fixture->server);
  carrier_remove_folder (fixture->ours);
  g_free (fixture->ours);
}

static char *
path_of (CarrierFile *file) {
  return g_strconcat (MAILBOX_PATH, file->name, NULL);
}

static void
test_round (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 1, 700000);
  g_autoptr (CarrierFile) large = carrier_file_new (fixture->ours, 2, 3000000);
  g_autoptr (CarrierFile) empty = carrier_file_new (fixture->ours, 3, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;

  g_assert_true (tessera_carrier_check (fixture->carrier, NULL, &error));
  carrier_assert_listed (fixture->carrier, 0);
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_put (fixture->carrier, empty);
  carrier_assert_put (fixture->carrier, large);
  carrier_assert_put (fixture->carrier, file);
  g_free (fake_server_take_log (fixture->server));
  carrier_assert_put (fixture->carrier, large);
  log = fake_server_take_log (fixture->server);
  g_assert_null (strstr (log, "PUT"));
  g_assert_cmpuint (fake_server_count_files (fixture->server), ==, 3);
  carrier_assert_listed (fixture->carrier, 3);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  carrier_assert_fetches (fixture->carrier, empty, fixture->ours);
  carrier_assert_fetches (fixture->carrier, large, fixture->ours);
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  g_assert_true (tessera_carrier_flush (fixture->carrier, NULL, &error));
  g_assert_no_error (error);
  carrier_assert_listed (fixture->carrier, 2);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_FOUND);
}

/* ---- who we are ---- */

static void
want_password (Fixture *fixture, const char *password) {
  fixture->password = password;
  fake_server_want_password (fixture->server, "correct horse");
  tessera_webdav_carrier_set_credentials (TESSERA_WEBDAV_CARRIER (fixture->carrier), "alice", give_password, fixture,
                                          NULL);
}

/* A request with a body that is asked for the password is the one that hangs if the body is not given again. */
static void
test_password (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 4, 700000);
  g_autofree char *path = path_of (file);
  g_autoptr (GBytes) there = NULL;

  want_password (fixture, "correct horse");
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  carrier_assert_listed (fixture->carrier, 1);
  g_assert_cmpuint (fixture->asked, ==, 1);
  /* The server forgets us in the middle: the file itself has to be sent twice. */
  fake_server_set_file (fixture->server, path, NULL);
  fake_server_fail (fixture->server, &(FakeFault) { "PUT", FAKE_ANSWER, 1, 401,
                                                    "WWW-Authenticate: Basic realm=\"new\"\r\n", NULL, 0 });
  carrier_assert_put (fixture->carrier, file);
  there = fake_server_get_file (fixture->server, path);
  g_assert_true (g_bytes_equal (there, file->content));
}

#define add(path, func) g_test_add ("/webdav/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  add ("round", test_round);
  add ("password", test_password);
  return g_test_run ();
}
