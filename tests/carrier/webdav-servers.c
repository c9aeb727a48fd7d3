/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * webdav-servers.c: configurations as an administrator would write them, with all paths in one folder and ports that
 * are free. Started by the administrator (as in a build container), the servers run as nobody.
 */
#include "webdav-servers.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "carrier-fixture.h"

#define NOBODY 65534
#define START_ATTEMPTS 100
/* Folders for tests; one more is read only. */
#define FOLDERS 16

struct _WebdavServerKind {
  const char *program;
  const char *scheme;
  const char *config; /* @FOLDER@, @PORT@ */
  const char *arguments[16];
};

#define APACHE_MODULE(name) "LoadModule " #name "_module /usr/lib/apache2/modules/mod_" #name ".so\n"
#define APACHE_CONFIG \
  "ServerRoot @FOLDER@\n" \
  "PidFile @FOLDER@/pid\n" \
  "ServerName localhost\n" \
  "Listen 127.0.0.1:@PORT@\n" \
  "ErrorLog @FOLDER@/errors\n" \
  APACHE_MODULE (mpm_event) APACHE_MODULE (authn_core) APACHE_MODULE (authn_file) APACHE_MODULE (authz_core) \
  APACHE_MODULE (authz_user) APACHE_MODULE (auth_basic) APACHE_MODULE (dav) APACHE_MODULE (dav_fs) \
  APACHE_MODULE (setenvif) \
  "DavLockDB @FOLDER@/lock/db\n" \
  "DocumentRoot @FOLDER@/files\n" \
  "<Directory @FOLDER@/files>\n" \
  "  Dav On\n" \
  "  AuthType Basic\n" \
  "  AuthName mailbox\n" \
  "  AuthUserFile @FOLDER@/passwords\n" \
  "  Require valid-user\n" \
  "</Directory>\n" \
  "<Directory @FOLDER@/files/readonly>\n" \
  "  <LimitExcept GET PROPFIND OPTIONS>\n" \
  "    Require all denied\n" \
  "  </LimitExcept>\n" \
  "</Directory>\n"

static const WebdavServerKind apache
  = { "/usr/sbin/apache2", "http", APACHE_CONFIG, { "-f", "@FOLDER@/config", "-D", "FOREGROUND" } };

/* HTTP/2 is offered as well, as it usually is. */
static const WebdavServerKind apache_tls = {
  "/usr/sbin/apache2",
  "https",
  APACHE_CONFIG APACHE_MODULE (ssl) APACHE_MODULE (socache_shmcb) APACHE_MODULE (http2)
  "Protocols h2 http/1.1\n"
  "LogFormat \"%H %m %>s\" short\n"
  "CustomLog @FOLDER@/requests short\n"
  "SSLEngine on\n"
  "SSLCertificateFile @FOLDER@/certificate\n",
  { "-f", "@FOLDER@/config", "-D", "FOREGROUND" },
};

static const WebdavServerKind lighttpd = {
  "/usr/sbin/lighttpd",
  "http",
  "server.port = @PORT@\n"
  "server.bind = \"127.0.0.1\"\n"
  "server.document-root = \"@FOLDER@/files\"\n"
  "server.upload-dirs = (\"@FOLDER@/uploads\")\n"
  "server.pid-file = \"@FOLDER@/pid\"\n"
  "server.errorlog = \"@FOLDER@/errors\"\n"
  "server.modules = (\"mod_auth\", \"mod_authn_file\", \"mod_webdav\")\n"
  "auth.backend = \"htpasswd\"\n"
  "auth.backend.htpasswd.userfile = \"@FOLDER@/passwords\"\n"
  "auth.require = (\"\" => (\"method\" => \"basic\", \"realm\" => \"mailbox\", \"require\" => \"valid-user\"))\n"
  "webdav.activate = \"enable\"\n"
  "webdav.is-readonly = \"disable\"\n"
  "webdav.sqlite-db-name = \"@FOLDER@/lock/db.sqlite\"\n",
  { "-D", "-f", "@FOLDER@/config" },
};

static const WebdavServerKind rclone = {
  "/usr/bin/rclone",
  "http",
  "",
  { "serve", "webdav", "@FOLDER@/files", "--addr", "127.0.0.1:@PORT@", "--user", WEBDAV_USER, "--pass",
    WEBDAV_PASSWORD, "--config", "@FOLDER@/config", "--cache-dir", "@FOLDER@/uploads" },
};

const WebdavServerKind *const webdav_apache = &apache;
const WebdavServerKind *const webdav_apache_tls = &apache_tls;
const WebdavServerKind *const webdav_lighttpd = &lighttpd;
const WebdavServerKind *const webdav_rclone = &rclone;

static char *
fill_in (const char *template, const char *folder, guint port) {
  g_autofree char *number = g_strdup_printf ("%u", port);
  GString *text = g_string_new (template);

  g_string_replace (text, "@FOLDER@", folder, 0);
  g_string_replace (text, "@PORT@", number, 0);
  return g_string_free (text, FALSE);
}

/* One that nobody has at this moment. */
static guint
find_port (void) {
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static void
wait_for_port (guint port, const char *folder) {
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree char *errors = g_build_filename (folder, "errors", NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < START_ATTEMPTS; i++) {
    g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) port, NULL, NULL);

    if (connection != NULL)
      return;
    g_usleep (50000);
  }
  g_file_get_contents (errors, &text, NULL, NULL);
  g_error ("the server does not start: %s", text != NULL ? text : "it says nothing");
}

static int
own (const char *path, const struct stat *status, int kind, struct FTW *place) {
  return lchown (path, NOBODY, NOBODY);
}

void
webdav_server_own (WebdavServer *self, const char *path) {
  if (geteuid () == 0)
    g_assert_cmpint (nftw (path, own, 8, FTW_PHYS), ==, 0);
}

/* In the child: without rights, and not longer than the test. */
static void
become_nobody (gpointer data) {
  if (geteuid () == 0 && (setgroups (0, NULL) != 0 || setgid (NOBODY) != 0 || setuid (NOBODY) != 0))
    _exit (1);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static void
write_passwords (const char *folder) {
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *path = g_build_filename (folder, "passwords", NULL);
  g_autofree char *encoded = NULL;
  g_autofree char *line = NULL;
  guint8 hash[20];
  gsize size = sizeof hash;

  g_checksum_update (checksum, (const guchar *) WEBDAV_PASSWORD, -1);
  g_checksum_get_digest (checksum, hash, &size);
  encoded = g_base64_encode (hash, size);
  line = g_strdup_printf (WEBDAV_USER ":{SHA}%s\n", encoded);
  g_assert_true (g_file_set_contents (path, line, -1, NULL));
}

static void
copy_certificate (const char *folder, const char *certificates) {
  g_autofree char *from = g_build_filename (certificates, "good.pem", NULL);
  g_autofree char *to = g_build_filename (folder, "certificate", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (to, text, -1, NULL));
}

static void
make_folder (WebdavServer *self, const char *name) {
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
}

static void
make_folders (WebdavServer *self) {
  for (guint i = 1; i <= FOLDERS; i++) {
    g_autofree char *name = g_strdup_printf ("files/Bureau de poste %u", i);

    make_folder (self, name);
  }
  make_folder (self, "files/readonly");
  make_folder (self, "lock");
  make_folder (self, "uploads");
}

static GSubprocess *
launch (const WebdavServerKind *kind, const char *folder, guint port) {
  g_autoptr (GSubprocessLauncher) launcher
    = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_ptr_array_add (arguments, g_strdup (kind->program));
  for (guint i = 0; kind->arguments[i] != NULL; i++)
    g_ptr_array_add (arguments, fill_in (kind->arguments[i], folder, port));
  g_ptr_array_add (arguments, NULL);
  g_subprocess_launcher_set_child_setup (launcher, become_nobody, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "HOME", folder, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_CHECK_");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments->pdata, &error);
  g_assert_no_error (error);
  return process;
}

WebdavServer *
webdav_server_new (const WebdavServerKind *kind, const char *certificates) {
  WebdavServer *self = g_new0 (WebdavServer, 1);
  g_autofree char *path = NULL;
  g_autofree char *config = NULL;

  if (!g_file_test (kind->program, G_FILE_TEST_IS_EXECUTABLE))
    return self;
  self->kind = kind;
  self->port = find_port ();
  self->folder = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  self->locked_uri = g_strdup_printf ("%s://127.0.0.1:%u/readonly/", kind->scheme, self->port);
  make_folders (self);
  write_passwords (self->folder);
  copy_certificate (self->folder, certificates);
  path = g_build_filename (self->folder, "config", NULL);
  config = fill_in (kind->config, self->folder, self->port);
  g_assert_true (g_file_set_contents (path, config, -1, NULL));
  webdav_server_own (self, self->folder);
  self->process = launch (kind, self->folder, self->port);
  wait_for_port (self->port, self->folder);
  return self;
}

void
webdav_server_next_folder (WebdavServer *self) {
  g_assert_cmpuint (++self->used, <=, FOLDERS);
  g_free (self->uri);
  g_free (self->files);
  self->uri = g_strdup_printf ("%s://127.0.0.1:%u/Bureau%%20de%%20poste%%20%u", self->kind->scheme, self->port,
                               self->used);
  self->files = g_strdup_printf ("%s/files/Bureau de poste %u", self->folder, self->used);
}

void
webdav_server_stop (WebdavServer *self) {
  if (self->process == NULL)
    return;
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

void
webdav_server_free (WebdavServer *self) {
  webdav_server_stop (self);
  if (self->folder != NULL)
    carrier_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->uri);
  g_free (self->files);
  g_free (self->locked_uri);
  g_free (self);
}
