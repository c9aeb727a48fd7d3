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

static void
assert_fails (GError **error, int code) {
  g_assert_error (*error, TESSERA_CARRIER_ERROR, code);
  g_clear_error (error);
}

/* A wrong password is tried once for each thing that is wanted, never in a loop. */
static void
test_wrong_password (Fixture *fixture, gconstpointer data) {
  static const char *const passwords[] = { "battery staple", "", NULL };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 5, 100);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (passwords); i++) {
    want_password (fixture, passwords[i]);
    fixture->asked = 0;
    g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &error));
    g_assert_false (tessera_carrier_error_is_temporary (error));
    assert_fails (&error, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
    g_assert_cmpuint (fixture->asked, ==, 1);
    g_assert_false (
      tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
    assert_fails (&error, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
    carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  }
  fixture->password = "correct horse";
  g_assert_true (tessera_carrier_check (fixture->carrier, NULL, &error));
}

/* It was right, and is no longer: an app password that somebody withdrew. */
static void
test_withdrawn_password (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  want_password (fixture, "correct horse");
  carrier_assert_listed (fixture->carrier, 0);
  fake_server_want_password (fixture->server, "another");
  g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  fixture->password = "another";
  carrier_assert_listed (fixture->carrier, 0);
}

static void
test_addresses (void) {
  static const char *const good[] = { "https://cloud.example",
                                      "https://cloud.example:8443/remote.php/dav/files/al%20ice",
                                      "http://localhost/x/", "http://127.0.0.1:8080/", "http://[::1]/dav",
                                      "HTTPS://cloud.example/" };
  static const char *const bad[] = { "", "cloud.example", "/dav", "https:", "https://", "https:///dav",
                                     "http://cloud.example/dav", "http://127.0.0.1.example/", "http://10.0.0.1/",
                                     "ftp://localhost/", "file:///tmp", "https://alice@cloud.example/",
                                     "https://alice:secret@cloud.example/", "https://cloud.example/?dav",
                                     "https://cloud.example/#dav", "https://cloud.example/\xff", "https://a b/" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraWebdavCarrier) carrier = tessera_webdav_carrier_new (good[i], carrier_check_name, &error);

    g_assert_no_error (error);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_webdav_carrier_new (bad[i], carrier_check_name, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
  }
}

/* ---- refusals ---- */

typedef struct {
  guint status;
  int code;
} Refusal;

static const Refusal refusals[] = {
  { 400, TESSERA_CARRIER_ERROR_FAILED },       { 401, TESSERA_CARRIER_ERROR_NOT_ALLOWED },
  { 403, TESSERA_CARRIER_ERROR_NOT_ALLOWED },  { 408, TESSERA_CARRIER_ERROR_BUSY },
  { 413, TESSERA_CARRIER_ERROR_FULL },         { 423, TESSERA_CARRIER_ERROR_BUSY },
  { 429, TESSERA_CARRIER_ERROR_BUSY },         { 500, TESSERA_CARRIER_ERROR_BUSY },
  { 501, TESSERA_CARRIER_ERROR_FAILED },       { 502, TESSERA_CARRIER_ERROR_BUSY },
  { 503, TESSERA_CARRIER_ERROR_BUSY },         { 504, TESSERA_CARRIER_ERROR_BUSY },
  { 507, TESSERA_CARRIER_ERROR_FULL },
};

static gboolean
do_with (Fixture *fixture, const char *method, CarrierFile *file, GError **error) {
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autoptr (GPtrArray) items = NULL;

  if (strcmp (method, "PROPFIND") == 0)
    return (items = tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, error)) != NULL;
  if (strcmp (method, "GET") == 0)
    return tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, error);
  if (strcmp (method, "DELETE") == 0)
    return tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, error);
  return tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, error);
}

/* Whatever is refused, and where: the right error, and the next time it works. */
static void
test_refusals (Fixture *fixture, gconstpointer data) {
  static const char *const methods[] = { "PROPFIND", "GET", "PUT", "MOVE", "DELETE", "MKCOL" };
  g_autofree char *long_body = g_strnfill (200000, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (methods) * G_N_ELEMENTS (refusals); i++) {
    const char *method = methods[i / G_N_ELEMENTS (refusals)];
    const Refusal *refusal = &refusals[i % G_N_ELEMENTS (refusals)];
    g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 1000 + i, 100);
    g_autofree char *path = path_of (file);
    g_autoptr (GError) error = NULL;
    gboolean is_upload = strcmp (method, "PUT") == 0 || strcmp (method, "MOVE") == 0 || strcmp (method, "MKCOL") == 0;

    if (!is_upload)
      fake_server_set_file (fixture->server, path, file->content);
    if (strcmp (method, "MKCOL") == 0) {
      g_object_unref (fixture->carrier);
      fixture->carrier = TESSERA_CARRIER (make_carrier (fixture->server));
      fake_server_remove_folder (fixture->server, MAILBOX_PATH);
    }
    /* Both MKCOL of a put that way, and both of anything else. */
    fake_server_fail (fixture->server, &(FakeFault) { method, FAKE_ANSWER, 2, refusal->status, NULL,
                                                      i % 2 == 0 ? long_body : NULL, 0 });
    g_assert_false (do_with (fixture, method, file, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, refusal->code);
    fake_server_fail (fixture->server, &(FakeFault) { 0 });
    g_clear_error (&error);
    do_with (fixture, method, file, &error);
    g_assert_no_error (error);
  }
}

static void
test_retry_after (Fixture *fixture, gconstpointer data) {
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) later = g_date_time_add_seconds (now, 600);
  g_autofree char *date = g_date_time_format (later, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n");
  const struct {
    const char *header;
    guint least, most;
  } cases[] = { { "Retry-After: 120\r\n", 120, 120 },
                { "Retry-After: 99999999999999999999\r\n", 0, 86400 },
                { "Retry-After: 99999999\r\n", 86400, 86400 },
                { "Retry-After: -5\r\n", 0, 0 },
                { "Retry-After: tomorrow\r\n", 0, 0 },
                { "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", 0, 0 },
                { date, 590, 600 },
                { NULL, 0, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    fake_server_fail (fixture->server, &(FakeFault) { NULL, FAKE_ANSWER, 1, i % 2 == 0 ? 429 : 503, cases[i].header,
                                                      NULL, 0 });
    g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_BUSY);
    g_assert_true (tessera_carrier_error_is_temporary (error));
    g_assert_cmpuint (tessera_carrier_error_get_retry_after (error), >=, cases[i].least);
    g_assert_cmpuint (tessera_carrier_error_get_retry_after (error), <=, cases[i].most);
  }
}

/* ---- uploads ---- */

static void
test_already_there (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 6, 5000);
  g_autofree char *path = path_of (file);
  g_autoptr (GBytes) half = g_bytes_new_from_bytes (file->content, 0, 2500);
  g_autoptr (GBytes) there = NULL;
  g_autofree char *log = NULL;

  carrier_assert_put (fixture->carrier, file);
  g_free (fake_server_take_log (fixture->server));
  carrier_assert_put (fixture->carrier, file);
  log = fake_server_take_log (fixture->server);
  g_assert_nonnull (strstr (log, "MOVE " MAILBOX_PATH ".up-"));
  g_assert_cmpuint (fake_server_count_files (fixture->server), ==, 1);
  fake_server_set_file (fixture->server, path, half);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  carrier_assert_put (fixture->carrier, file);
  there = fake_server_get_file (fixture->server, path);
  g_assert_true (g_bytes_equal (there, file->content));
  g_assert_cmpuint (fake_server_count_files (fixture->server), ==, 1);
}

/* Somebody else is at it: what is refused under the usual temporary name goes under another, or is there already. */
static void
test_in_the_way (Fixture *fixture, gconstpointer data) {
  static const char *const methods[] = { "PUT", "MOVE" };
  static const guint statuses[] = { 403, 404 };

  for (guint i = 0; i < 8; i++) {
    g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 60 + i, 5000);
    g_autofree char *path = path_of (file);
    g_autofree char *log = NULL;
    g_autoptr (GBytes) there = NULL;
    const char *first = NULL;

    if (i >= 4)
      fake_server_set_file (fixture->server, path, file->content);
    fake_server_fail (fixture->server,
                      &(FakeFault) { methods[i % 2], FAKE_ANSWER, 1, statuses[i / 2 % 2], NULL, NULL, 0 });
    g_free (fake_server_take_log (fixture->server));
    carrier_assert_put (fixture->carrier, file);
    there = fake_server_get_file (fixture->server, path);
    g_assert_true (g_bytes_equal (there, file->content));
    log = fake_server_take_log (fixture->server);
    first = strstr (log, "PUT");
    g_assert_nonnull (first);
    /* A 404 to a PUT means first of all that there is no mailbox. */
    if (statuses[i / 2 % 2] == 403)
      g_assert_true ((strstr (first + 1, "PUT") != NULL) == (i < 4));
  }
}

/* The mailbox was made by somebody else between our question and our request. */
static void
test_mailbox_race (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 70, 5000);
  g_autoptr (TesseraWebdavCarrier) other = make_carrier (fixture->server);

  carrier_assert_put (fixture->carrier, file);
  fake_server_fail (fixture->server, &(FakeFault) { "MKCOL", FAKE_ANSWER, 2, 403, NULL, NULL, 0 });
  /* Its first question is answered as if nothing were there. */
  fake_server_fail_also (fixture->server, &(FakeFault) { "PROPFIND", FAKE_ANSWER, 1, 404, NULL, NULL, 0 });
  carrier_assert_put (TESSERA_CARRIER (other), file);
}

/* Nobody sees half a file, and the folder that was chosen is never made. */
static void
test_requests (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 7, 5000);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 8, 5000);
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;
  g_autofree char *expected = g_strdup_printf ("PROPFIND " MAILBOX_PATH " 0\n"
                                               "MKCOL /dav/tessera1/\n"
                                               "MKCOL " MAILBOX_PATH "\n"
                                               "PUT " MAILBOX_PATH ".up-%.52s\n"
                                               "MOVE " MAILBOX_PATH ".up-%.52s " MAILBOX_PATH "%s\n"
                                               "PROPFIND " MAILBOX_PATH " 1\n"
                                               "GET " MAILBOX_PATH "%s\n"
                                               "DELETE " MAILBOX_PATH "%s\n",
                                               file->name, file->name, file->name, file->name, file->name);

  carrier_assert_put (fixture->carrier, file);
  carrier_assert_listed (fixture->carrier, 1);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  log = fake_server_take_log (fixture->server);
  g_assert_cmpstr (log, ==, expected);
  /* Others removed the mailbox. */
  fake_server_remove_folder (fixture->server, MAILBOX_PATH);
  carrier_assert_put (fixture->carrier, other);
  /* And then everything. */
  fake_server_remove_folder (fixture->server, MAILBOX_PATH);
  fake_server_remove_folder (fixture->server, "/dav/tessera1/");
  fake_server_remove_folder (fixture->server, "/dav/");
  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_NOT_FOUND);
}

static void
test_cut_upload (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 9, 3000000);
  g_autoptr (GError) error = NULL;

  fake_server_fail (fixture->server, &(FakeFault) { "PUT", FAKE_CUT_REQUEST, 5, 0, NULL, NULL, 1000000 });
  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
  g_assert_true (tessera_carrier_error_is_temporary (error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_OFFLINE);
  carrier_assert_listed (fixture->carrier, 0);
  fake_server_fail (fixture->server, &(FakeFault) { 0 });
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
}

/* ---- downloads ---- */

static void
test_cut_download (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 10, 3000000);
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  carrier_assert_put (fixture->carrier, file);
  fake_server_fail (fixture->server, &(FakeFault) { "GET", FAKE_CUT_ANSWER, 1, 0, NULL, NULL, 2000000 });
  g_assert_false (
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_OFFLINE);
  g_assert_cmpint (g_stat (part, &status), ==, 0);
  g_assert_cmpint (status.st_size, >, 1000000);
  g_assert_cmpint (status.st_size, <=, 2000000);
  g_free (fake_server_take_log (fixture->server));
  g_assert_true (
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  log = fake_server_take_log (fixture->server);
  g_assert_nonnull (strstr (log, " bytes="));
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
}

/* What is here is the beginning, the whole, of another file, or longer; and the server knows ranges or not, or lies. */
static void
test_resumed (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 11, 600000);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 12, 700000);
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  const struct {
    CarrierFile *of;
    gsize size;
  } beginnings[] = { { file, 300000 }, { file, 600000 }, { other, 300000 }, { other, 700000 } };

  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (beginnings); i++) {
    g_autofree char *content = NULL;
    g_autoptr (GError) error = NULL;
    gsize size;

    g_assert_true (g_file_set_contents (part, g_bytes_get_data (beginnings[i / 2].of->content, NULL),
                                        (gssize) beginnings[i / 2].size, NULL));
    if (i % 2 == 1)
      fake_server_fail (fixture->server, &(FakeFault) { "GET", FAKE_WHOLE, 1, 0, NULL, NULL, 0 });
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (path, &content, &size, NULL));
    g_assert_cmpmem (content, size, g_bytes_get_data (file->content, NULL), 600000);
    g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  }
}

static void
test_wrong_range (Fixture *fixture, gconstpointer data) {
  static const char *const headers[] = { "Content-Range: bytes 5-9/10\r\n", "", "Content-Range: nonsense\r\n",
                                         "Content-Type: multipart/byteranges; boundary=x\r\n" };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 13, 600000);
  g_autofree char *part = g_build_filename (fixture->ours, "fetched.part", NULL);

  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
    g_autoptr (GError) error = NULL;

    g_assert_true (g_file_set_contents (part, g_bytes_get_data (file->content, NULL), 1000, NULL));
    fake_server_fail (fixture->server, &(FakeFault) { "GET", FAKE_ANSWER, 1, 206, headers[i], "12345", 0 });
    g_assert_false (
      tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED);
    g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
    carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  }
}

static void
test_other_file (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 14, 5000);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 15, 5000);
  g_autofree char *path = path_of (file);

  fake_server_set_file (fixture->server, path, other->content);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  fake_server_fail (fixture->server,
                    &(FakeFault) { "GET", FAKE_ANSWER, 1, 200, "Content-Length: 268435457\r\n", "x", 0 });
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
  fake_server_fail (fixture->server,
                    &(FakeFault) { "GET", FAKE_ANSWER, 1, 200, "Content-Encoding: gzip\r\n", "squeezed", 0 });
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  fake_server_fail (fixture->server, &(FakeFault) { "GET", FAKE_ANSWER, 1, 204, NULL, NULL, 0 });
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
}

/* ---- time ---- */

static void
test_hangs (Fixture *fixture, gconstpointer data) {
  static const char *const methods[] = { "PROPFIND", "PUT" };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 16, 5000);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autoptr (GError) error = NULL;

    fake_server_fail (fixture->server, &(FakeFault) { methods[i], FAKE_HANG, 5, 0, NULL, NULL, 0 });
    g_test_timer_start ();
    g_assert_false (do_with (fixture, methods[i], file, &error));
    g_assert_cmpfloat (g_test_timer_elapsed (), <, 4.0);
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE);
  }
  fake_server_fail (fixture->server, &(FakeFault) { 0 });
  carrier_assert_put (fixture->carrier, file);
}

/* A byte now and then is not silence, and still no transfer. */
static void
test_drips (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 17, 5000);
  g_autoptr (GError) error = NULL;

  fake_server_fail (fixture->server, &(FakeFault) { "GET", FAKE_DRIP, 1, 200, NULL, "x", 50 });
  g_test_timer_start ();
  g_assert_false (do_with (fixture, "GET", file, &error));
  g_assert_cmpfloat (g_test_timer_elapsed (), <, 8.0);
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE);
}

static gpointer
cancel_soon (gpointer data) {
  g_usleep (150000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
cancel_half_way (gint64 done, gint64 total, gpointer data) {
  if (done > total / 2)
    g_cancellable_cancel (data);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data) {
  static const FakeFault faults[] = { { NULL, FAKE_HANG, 5, 0, NULL, NULL, 0 },
                                      { NULL, FAKE_DRIP, 5, 207, NULL, "<multistatus ", 20 } };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 18, 3000000);
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

    fake_server_fail (fixture->server, &faults[i]);
    g_test_timer_start ();
    g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, cancellable, &error));
    g_assert_cmpfloat (g_test_timer_elapsed (), <, 0.9);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_false (tessera_carrier_error_is_temporary (error));
    g_clear_error (&error);
    g_thread_join (thread);
    g_cancellable_reset (cancellable);
  }
  fake_server_fail (fixture->server, &(FakeFault) { 0 });
  g_assert_false (tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, cancel_half_way,
                                       cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  carrier_assert_listed (fixture->carrier, 0);
  carrier_assert_put (fixture->carrier, file);
  g_cancellable_reset (cancellable);
  g_assert_false (tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, cancel_half_way,
                                         cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, NULL));
}

static void
test_nobody_there (Fixture *fixture, gconstpointer data) {
  g_autoptr (FakeServer) gone = fake_server_start (NULL);
  g_autoptr (TesseraWebdavCarrier) carrier = make_carrier (gone);
  g_autoptr (GError) error = NULL;

  fake_server_stop (g_steal_pointer (&gone));
  g_assert_false (tessera_carrier_check (TESSERA_CARRIER (carrier), NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE);
}

static gpointer
list_in_thread (gpointer data) {
  carrier_assert_listed (data, 1);
  return NULL;
}

/* One after the other; the worker threads of an application are not always the same. */
static void
test_threads (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 19, 5000);

  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < 4; i++)
    g_thread_join (g_thread_new ("list", list_in_thread, fixture->carrier));
  carrier_assert_listed (fixture->carrier, 1);
}

/* ---- redirects ---- */

static void
test_elsewhere (Fixture *fixture, gconstpointer data) {
  static const char *const methods[] = { "PROPFIND", "GET", "PUT", "DELETE" };
  g_autoptr (FakeServer) other = fake_server_start (NULL);
  g_autofree char *to_other = g_strdup_printf ("Location: %s/\r\n", fake_server_get_uri (other));
  const char *const headers[] = { to_other, "Location: https://portal.example/sign-in\r\n", "",
                                  "Location: //portal.example/\r\n", "Location: file:///etc/passwd\r\n",
                                  "Location: http://[\r\n" };
  static const guint statuses[] = { 301, 302, 303, 307, 308, 300 };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 20, 100);
  g_autofree char *log = NULL;

  want_password (fixture, "correct horse");
  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < G_N_ELEMENTS (methods) * G_N_ELEMENTS (headers); i++) {
    g_autoptr (GError) error = NULL;

    fake_server_fail (fixture->server,
                      &(FakeFault) { methods[i % G_N_ELEMENTS (methods)], FAKE_ANSWER, 1,
                                     statuses[i % G_N_ELEMENTS (statuses)], headers[i / G_N_ELEMENTS (methods)], NULL,
                                     0 });
    g_assert_false (do_with (fixture, methods[i % G_N_ELEMENTS (methods)], file, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_ELSEWHERE);
    g_assert_false (tessera_carrier_error_is_temporary (error));
  }
  log = fake_server_take_log (other);
  g_assert_cmpstr (log, ==, "");
}

static void
test_same_origin (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 21, 3000000);
  g_autofree char *location = g_strdup_printf ("Location: " MAILBOX_PATH ".up-%.52s\r\n", file->name);
  g_autofree char *whole = g_strdup_printf ("Location: %.*s" MAILBOX_PATH "\r\n",
                                            (int) strlen (fake_server_get_uri (fixture->server)) - 4,
                                            fake_server_get_uri (fixture->server));
  g_autoptr (GError) error = NULL;

  fake_server_fail (fixture->server, &(FakeFault) { "PUT", FAKE_ANSWER, 1, 307, location, NULL, 0 });
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  fake_server_fail (fixture->server, &(FakeFault) { "PROPFIND", FAKE_ANSWER, 3, 301, whole, NULL, 0 });
  carrier_assert_listed (fixture->carrier, 1);
  fake_server_fail (fixture->server, &(FakeFault) { "PROPFIND", FAKE_ANSWER, 100, 302, whole, NULL, 0 });
  g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
  assert_fails (&error, TESSERA_CARRIER_ERROR_ELSEWHERE);
}

/* ---- listings ---- */

static void
test_bad_listings (Fixture *fixture, gconstpointer data) {
  g_autofree char *huge = g_strnfill (34 * 1024 * 1024, ' ');
  const struct {
    guint status;
    const char *body;
    int code;
  } cases[] = { { 207, "", TESSERA_CARRIER_ERROR_FAILED },
                { 207, "<html><body>Welcome</body></html>", TESSERA_CARRIER_ERROR_FAILED },
                { 207, "<multistatus><response>", TESSERA_CARRIER_ERROR_FAILED },
                { 207, "<!DOCTYPE x [<!ENTITY a \"b\">]><multistatus>&a;</multistatus>", TESSERA_CARRIER_ERROR_FAILED },
                { 207, huge, TESSERA_CARRIER_ERROR_FAILED },
                { 200, "<html>sign in</html>", TESSERA_CARRIER_ERROR_FAILED },
                { 204, NULL, TESSERA_CARRIER_ERROR_FAILED } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    fake_server_fail (fixture->server,
                      &(FakeFault) { "PROPFIND", FAKE_ANSWER, 1, cases[i].status, NULL, cases[i].body, 0 });
    g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, cases[i].code);
  }
  carrier_assert_listed (fixture->carrier, 0);
}

/* ---- certificates ---- */

typedef struct {
  const char *name;
  gboolean is_good;
  int pin; /* 0: none, 1: its own, 2: another */
} CertificateCase;

static char *
read_fingerprint (const char *folder, const char *name) {
  g_autofree char *path = g_strdup_printf ("%s/%s.pem", folder, name);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);
  g_autoptr (GByteArray) bytes = NULL;

  g_object_get (certificate, "certificate", &bytes, NULL);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
}

static void
try_certificate (const char *folder, const CertificateCase *try) {
  g_autofree char *path = g_strdup_printf ("%s/%s.pem", folder, try->name);
  g_autofree char *fingerprint = read_fingerprint (folder, try->name);
  g_autofree char *pin = g_ascii_strup (fingerprint, -1);
  g_autoptr (FakeServer) server = fake_server_start (path);
  g_autoptr (TesseraWebdavCarrier) carrier = make_carrier (server);
  g_autoptr (CarrierFile) file = carrier_file_new (folder, 22, 700000);
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;

  if (try->pin == 2)
    pin[0] = pin[0] == '0' ? '1' : '0';
  if (try->pin != 0)
    g_assert_true (tessera_webdav_carrier_set_pin (carrier, pin, NULL));
  if (try->is_good) {
    carrier_assert_put (TESSERA_CARRIER (carrier), file);
    carrier_assert_fetches (TESSERA_CARRIER (carrier), file, folder);
    return;
  }
  g_assert_false (tessera_carrier_check (TESSERA_CARRIER (carrier), NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_CERTIFICATE);
  g_assert_false (tessera_carrier_error_is_temporary (error));
  g_assert_cmpstr (tessera_webdav_carrier_get_seen_pin (carrier), ==, fingerprint);
  log = fake_server_take_log (server);
  g_assert_cmpstr (log, ==, "");
}

static void
test_certificates (void) {
  static const CertificateCase cases[] = {
    { "good", TRUE, 0 },  { "good", TRUE, 1 },  { "good", FALSE, 2 },  { "expired", FALSE, 0 },
    { "expired", TRUE, 1 }, { "other", FALSE, 0 }, { "other", TRUE, 1 }, { "alone", FALSE, 0 },
    { "alone", TRUE, 1 }, { "alone", FALSE, 2 },
  };
  g_autofree char *folder = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  g_autofree char *maker = g_test_build_filename (G_TEST_DIST, "carrier", "make-certificates", NULL);
  g_autofree char *authority = g_build_filename (folder, "authority.pem", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, maker,
                              folder, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  database = g_tls_file_database_new (authority, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    try_certificate (folder, &cases[i]);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  carrier_remove_folder (folder);
}

static void
test_pins (Fixture *fixture, gconstpointer data) {
  static const char *const bad[] = {
    "", "00", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef00",
  };
  TesseraWebdavCarrier *carrier = TESSERA_WEBDAV_CARRIER (fixture->carrier);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (tessera_webdav_carrier_set_pin (carrier, bad[i], &error));
    assert_fails (&error, TESSERA_CARRIER_ERROR_UNSAFE);
  }
  g_assert_true (tessera_webdav_carrier_set_pin (
    carrier, "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF",
    &error));
  g_assert_true (tessera_webdav_carrier_set_pin (carrier, NULL, &error));
  g_assert_null (tessera_webdav_carrier_get_seen_pin (carrier));
}

#define add(path, func) g_test_add ("/webdav/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  add ("round", test_round);
  add ("password", test_password);
  add ("wrong-password", test_wrong_password);
  add ("withdrawn-password", test_withdrawn_password);
  g_test_add_func ("/webdav/addresses", test_addresses);
  add ("refusals", test_refusals);
  add ("retry-after", test_retry_after);
  add ("already-there", test_already_there);
  add ("in-the-way", test_in_the_way);
  add ("mailbox-race", test_mailbox_race);
  add ("requests", test_requests);
  add ("cut-upload", test_cut_upload);
  add ("cut-download", test_cut_download);
  add ("resumed", test_resumed);
  add ("wrong-range", test_wrong_range);
  add ("other-file", test_other_file);
  add ("hangs", test_hangs);
  add ("drips", test_drips);
  add ("cancelled", test_cancelled);
  add ("nobody-there", test_nobody_there);
  add ("threads", test_threads);
  add ("elsewhere", test_elsewhere);
  add ("same-origin", test_same_origin);
  add ("bad-listings", test_bad_listings);
  g_test_add_func ("/webdav/certificates", test_certificates);
  add ("pins", test_pins);
  return g_test_run ();
}
