/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-webdav-servers.c: the carrier against real servers: Apache with mod_dav (with TLS and without), lighttpd with
 * mod_webdav, rclone.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#include "carrier-fixture.h"
#include "tessera-webdav-carrier.h"
#include "webdav-servers.h"

#define MANY 10000

typedef struct {
  char *ours;
  char *mailbox; /* on the server's side */
  WebdavServer *server;
  TesseraCarrier *carrier;
} Fixture;

static char *
give_password (gpointer data) {
  return g_strdup (data);
}

static TesseraCarrier *
make_carrier (const char *uri, const char *password) {
  g_autoptr (GError) error = NULL;
  TesseraWebdavCarrier *carrier = tessera_webdav_carrier_new (uri, carrier_check_name, &error);

  g_assert_no_error (error);
  tessera_webdav_carrier_set_credentials (carrier, WEBDAV_USER, give_password, (gpointer) password, NULL);
  tessera_webdav_carrier_set_timeout (carrier, 10);
  return TESSERA_CARRIER (carrier);
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  fixture->ours = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  fixture->server = (WebdavServer *) data;
  if (fixture->server->process == NULL)
    return;
  webdav_server_next_folder (fixture->server);
  fixture->mailbox = g_build_filename (fixture->server->files, TESSERA_CARRIER_ROOT, CARRIER_MAILBOX, NULL);
  fixture->carrier = make_carrier (fixture->server->uri, WEBDAV_PASSWORD);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  if (fixture->carrier != NULL)
    g_assert_finalize_object (fixture->carrier);
  carrier_remove_folder (fixture->ours);
  g_free (fixture->ours);
  g_free (fixture->mailbox);
}

static gboolean
is_missing (Fixture *fixture) {
  if (fixture->server->process == NULL)
    g_test_skip ("this server is not installed");
  return fixture->server->process == NULL;
}

/* Beside the server's back, as a colleague of the administrator would. */
static void
write_raw (Fixture *fixture, CarrierFile *file, gsize size) {
  g_autofree char *path = g_build_filename (fixture->mailbox, file->name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (fixture->mailbox, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (file->content, NULL), (gssize) size, NULL));
  webdav_server_own (fixture->server, fixture->server->files);
}

static void
test_round (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) half = carrier_file_new (fixture->ours, 1, 700000);
  g_autoptr (CarrierFile) empty = carrier_file_new (fixture->ours, 2, 0);
  g_autoptr (CarrierFile) large = carrier_file_new (fixture->ours, 3, 20000000);
  CarrierFile *const files[] = { half, empty, large };
  g_autoptr (GError) error = NULL;

  if (is_missing (fixture))
    return;
  /* The first thing sent is a file, and its mailbox is there, with half of it. */
  write_raw (fixture, half, 300000);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (files); i++)
    carrier_assert_put (fixture->carrier, files[i % G_N_ELEMENTS (files)]);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, G_N_ELEMENTS (files));
  carrier_assert_listed (fixture->carrier, G_N_ELEMENTS (files));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    carrier_assert_fetches (fixture->carrier, files[i], fixture->ours);
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, half->name, NULL, &error));
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, half->name, NULL, &error));
  g_assert_no_error (error);
  carrier_assert_listed (fixture->carrier, G_N_ELEMENTS (files) - 1);
  carrier_assert_refuses (fixture->carrier, half->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_FOUND);
}

/* Nothing is there yet, and then only what is ours. */
static void
test_first_time (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 4, 5000);
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = NULL;

  if (is_missing (fixture))
    return;
  carrier_assert_listed (fixture->carrier, 0);
  g_assert_cmpuint (carrier_count_entries (fixture->server->files), ==, 0);
  carrier_assert_put (fixture->carrier, file);
  g_assert_cmpuint (carrier_count_entries (fixture->server->files), ==, 1);
  g_assert_true (tessera_carrier_check (fixture->carrier, NULL, &error));
  g_assert_no_error (error);
  g_object_unref (fixture->carrier);
  nowhere = g_strconcat (fixture->server->uri, "/nowhere", NULL);
  fixture->carrier = make_carrier (nowhere, WEBDAV_PASSWORD);
  g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_cmpuint (carrier_count_entries (fixture->server->files), ==, 1);
}

static void
test_wrong_password (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 5, 3000000);
  g_autoptr (GError) error = NULL;

  if (is_missing (fixture))
    return;
  g_object_unref (fixture->carrier);
  fixture->carrier = make_carrier (fixture->server->uri, "another");
  g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
}

static void
cancel_half_way (gint64 done, gint64 total, gpointer data) {
  if (done > total / 2)
    g_cancellable_cancel (data);
}

/* The line drops half way up and half way down. */
static void
test_cut (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 6, 20000000);
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  if (is_missing (fixture))
    return;
  g_assert_false (tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, cancel_half_way,
                                       cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  carrier_assert_listed (fixture->carrier, 0);
  carrier_assert_put (fixture->carrier, file);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 1);
  g_cancellable_reset (cancellable);
  g_assert_false (tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, cancel_half_way,
                                         cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_stat (part, &status), ==, 0);
  g_assert_cmpint (status.st_size, >, 10000000);
  g_assert_cmpint (status.st_size, <, 20000000);
  g_clear_error (&error);
  tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* A part that is whole, too long, or of something else: what servers say to a range that is not there. */
static void
test_resumed (Fixture *fixture, gconstpointer data) {
  static const gsize sizes[] = { 1, 4095, 5000, 6000 };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 7, 5000);
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);

  if (is_missing (fixture))
    return;
  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++) {
    gsize size = sizes[i / 2];
    g_autofree char *beginning = g_malloc0 (size);
    g_autofree char *content = NULL;
    g_autoptr (GError) error = NULL;
    gsize length;

    if (i % 2 == 0)
      memcpy (beginning, g_bytes_get_data (file->content, NULL), MIN (size, 5000));
    g_assert_true (g_file_set_contents (part, beginning, (gssize) size, NULL));
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_cmpmem (content, length, g_bytes_get_data (file->content, NULL), 5000);
  }
}

typedef struct {
  const char *uri;
  GPtrArray *files;
} Putter;

/* A server may say that it is busy with the same thing. */
static void
put_patiently (TesseraCarrier *carrier, CarrierFile *file) {
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++) {
    g_clear_error (&error);
    if (tessera_carrier_put (carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error))
      return;
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_BUSY);
    g_usleep (20000);
  }
  g_assert_no_error (error);
}

static gpointer
put_all (gpointer data) {
  const Putter *putter = data;
  TesseraCarrier *carrier = make_carrier (putter->uri, WEBDAV_PASSWORD);

  for (guint i = 0; i < putter->files->len; i++)
    put_patiently (carrier, g_ptr_array_index (putter->files, i));
  g_object_unref (carrier);
  return NULL;
}

/* Two colleagues carry the same post at the same time. */
static void
test_concurrent (Fixture *fixture, gconstpointer data) {
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) carrier_file_free);
  Putter putter = { NULL, files };
  GThread *threads[2];

  if (is_missing (fixture))
    return;
  putter.uri = fixture->server->uri;
  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (files, carrier_file_new (fixture->ours, 100 + i, 100000 * i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("put", put_all, &putter);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < files->len; i++)
    carrier_assert_fetches (fixture->carrier, g_ptr_array_index (files, i), fixture->ours);
  carrier_assert_listed (fixture->carrier, files->len);
}

static void
test_many (Fixture *fixture, gconstpointer data) {
  if (is_missing (fixture))
    return;
  g_assert_cmpint (g_mkdir_with_parents (fixture->mailbox, 0700), ==, 0);
  for (guint i = 0; i < MANY; i++) {
    char name[TESSERA_CARRIER_NAME_LENGTH + 1] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age";
    g_autofree char *path = NULL;
    int descriptor;

    for (guint rest = i, at = 0; rest > 0; rest /= 26, at++)
      name[at] = (char) ('a' + rest % 26);
    path = g_build_filename (fixture->mailbox, name, NULL);
    descriptor = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    g_assert_cmpint (descriptor, >=, 0);
    close (descriptor);
  }
  webdav_server_own (fixture->server, fixture->server->files);
  g_test_timer_start ();
  carrier_assert_listed (fixture->carrier, MANY);
  g_test_message ("%u files listed in %.0f ms", MANY, g_test_timer_elapsed () * 1000);
  g_assert_cmpfloat (g_test_timer_last (), <, 20.0);
}

/* A folder that this account may only read. */
static void
test_read_only (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 8, 5000);
  g_autoptr (GError) error = NULL;

  if (is_missing (fixture))
    return;
  g_object_unref (fixture->carrier);
  fixture->carrier = make_carrier (fixture->server->locked_uri, WEBDAV_PASSWORD);
  carrier_assert_listed (fixture->carrier, 0);
  g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
}

static gboolean
give_login (SoupMessage *message, SoupAuth *auth, gboolean retrying, gpointer data) {
  if (!retrying)
    soup_auth_authenticate (auth, WEBDAV_USER, WEBDAV_PASSWORD);
  return !retrying;
}

/* Another program, that locks what it shows. */
static void
lock_file (Fixture *fixture, const char *name) {
  g_autofree char *uri
    = g_strdup_printf ("%s/" TESSERA_CARRIER_ROOT "/" CARRIER_MAILBOX "/%s", fixture->server->uri, name);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) bare = soup_message_new ("OPTIONS", uri);
  g_autoptr (SoupMessage) message = soup_message_new ("LOCK", uri);
  static const char lock[] = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/></locktype>"
                             "</lockinfo>";
  g_autoptr (GBytes) body = g_bytes_new_static (lock, strlen (lock));
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (bare, "authenticate", G_CALLBACK (give_login), NULL);
  first = soup_session_send_and_read (session, bare, NULL, &error);
  g_assert_no_error (error);
  soup_message_set_request_body_from_bytes (message, "application/xml", body);
  answer = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
}

static void
test_locked (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 9, 5000);
  g_autoptr (GError) error = NULL;

  if (is_missing (fixture))
    return;
  carrier_assert_put (fixture->carrier, file);
  lock_file (fixture, file->name);
  g_assert_false (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_BUSY);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
}

/* The server goes while a connection to it is open. */
static void
test_server_stops (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 10, 5000);
  g_autoptr (GError) error = NULL;

  if (is_missing (fixture))
    return;
  carrier_assert_put (fixture->carrier, file);
  webdav_server_stop (fixture->server);
  g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE);
}

/* Although the server offers HTTP/2. */
static void
test_protocol (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 11, 5000);
  g_autofree char *path = NULL;
  g_autofree char *log = NULL;

  if (is_missing (fixture))
    return;
  carrier_assert_put (fixture->carrier, file);
  webdav_server_stop (fixture->server);
  path = g_build_filename (fixture->server->folder, "requests", NULL);
  g_assert_true (g_file_get_contents (path, &log, NULL, NULL));
  g_assert_nonnull (strstr (log, "HTTP/1.1 PUT 201"));
  g_assert_null (strstr (log, "HTTP/2"));
}

/* Returns: (transfer full): the folder they are in. */
static char *
make_certificates (void) {
  char *certificates = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  g_autofree char *maker = g_test_build_filename (G_TEST_DIST, "carrier", "make-certificates", NULL);
  g_autofree char *authority = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  authority = g_build_filename (certificates, "authority.pem", NULL);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, maker,
                              certificates, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  database = g_tls_file_database_new (authority, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  return certificates;
}

#define add(path, server, func) g_test_add ("/webdav-servers/" path, Fixture, server, set_up, func, tear_down)
#define add_all(name, server) \
  add (name "/round", server, test_round); \
  add (name "/first-time", server, test_first_time); \
  add (name "/wrong-password", server, test_wrong_password); \
  add (name "/cut", server, test_cut); \
  add (name "/resumed", server, test_resumed); \
  add (name "/concurrent", server, test_concurrent); \
  add (name "/many", server, test_many)

int
main (int argc, char *argv[]) {
  g_autofree char *certificates = NULL;
  const WebdavServerKind *const kinds[] = { webdav_apache, webdav_apache_tls, webdav_lighttpd, webdav_rclone };
  WebdavServer *servers[G_N_ELEMENTS (kinds)];
  int result;

  g_test_init (&argc, &argv, NULL);
  certificates = make_certificates ();
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    servers[i] = webdav_server_new (kinds[i], certificates);
  add_all ("apache", servers[0]);
  add_all ("apache-tls", servers[1]);
  add_all ("lighttpd", servers[2]);
  add_all ("rclone", servers[3]);
  add ("apache/read-only", servers[0], test_read_only);
  add ("apache/locked", servers[0], test_locked);
  add ("lighttpd/locked", servers[2], test_locked);
  add ("apache-tls/protocol", servers[1], test_protocol);
  add ("lighttpd/stops", servers[2], test_server_stops);
  add ("rclone/stops", servers[3], test_server_stops);
  result = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    webdav_server_free (servers[i]);
  carrier_remove_folder (certificates);
  return result;
}
