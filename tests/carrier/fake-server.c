/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake-server.c: see fake-server.h. One thread accepts, one serves each connection.
 */
#include "fake-server.h"

#include <string.h>

#define BODY_LIMIT (64 * 1024 * 1024)

struct _FakeServer {
  GSocketListener *listener;
  GTlsCertificate *certificate;
  GCancellable *stop;
  GThread *thread;
  char *uri;

  GMutex lock;
  GPtrArray *connections;
  GHashTable *files;   /* path to GBytes */
  GHashTable *folders; /* with a slash at the end */
  char *authorization;
  FakeFault faults[2];
  GString *log;
};

typedef struct {
  char *method;
  char *path;
  GHashTable *headers; /* lower case */
  GByteArray *body;
} Request;

typedef struct {
  FakeServer *server;
  GIOStream *stream;
  GDataInputStream *input;
  GOutputStream *output;
} Connection;

static void
request_free (Request *self) {
  g_free (self->method);
  g_free (self->path);
  g_hash_table_unref (self->headers);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static const char *
header (Request *request, const char *name) {
  const char *value = g_hash_table_lookup (request->headers, name);

  return value != NULL ? value : "";
}

static Request *
read_head (Connection *connection) {
  g_autofree char *line = g_data_input_stream_read_line (connection->input, NULL, connection->server->stop, NULL);
  g_auto (GStrv) words = line != NULL ? g_strsplit (line, " ", 3) : NULL;
  Request *request;

  if (words == NULL || g_strv_length (words) != 3)
    return NULL;
  request = g_new0 (Request, 1);
  request->method = g_strdup (words[0]);
  request->path = g_strdup (words[1]);
  request->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (;;) {
    g_autofree char *field = g_data_input_stream_read_line (connection->input, NULL, connection->server->stop, NULL);
    char *colon = field != NULL ? strchr (field, ':') : NULL;

    if (colon == NULL)
      return request;
    g_hash_table_insert (request->headers, g_ascii_strdown (field, colon - field),
                         g_strdup (g_strstrip (colon + 1)));
  }
}

/* At most @limit bytes of it. */
static void
read_body (Connection *connection, Request *request, gsize limit) {
  gsize length = MIN (MIN ((gsize) g_ascii_strtoull (header (request, "content-length"), NULL, 10), BODY_LIMIT), limit);
  gsize got = 0;

  request->body = g_byte_array_new ();
  g_byte_array_set_size (request->body, (guint) length);
  if (length > 0)
    g_input_stream_read_all (G_INPUT_STREAM (connection->input), request->body->data, length, &got,
                             connection->server->stop, NULL);
  g_byte_array_set_size (request->body, (guint) got);
}

static gboolean
send_bytes (Connection *connection, gconstpointer data, gsize size) {
  return g_output_stream_write_all (connection->output, data, size, NULL, connection->server->stop, NULL);
}

/* %FALSE: the connection is to be closed. @length is what is announced, @size what is sent. */
static gboolean
answer_cut (Connection *connection, guint status, const char *headers, gconstpointer body, gsize length, gsize size) {
  g_autofree char *head
    = headers != NULL && strstr (headers, "Content-Length") != NULL
        ? g_strdup_printf ("HTTP/1.1 %u Said\r\n%s\r\n", status, headers)
        : g_strdup_printf ("HTTP/1.1 %u Said\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", status,
                           headers != NULL ? headers : "", length);

  return send_bytes (connection, head, strlen (head)) && (size == 0 || send_bytes (connection, body, size))
         && size == length;
}

static gboolean
answer (Connection *connection, guint status, const char *headers, const char *body) {
  gsize size = body != NULL ? strlen (body) : 0;

  return answer_cut (connection, status, headers, body, size, size);
}

/* ---- the good server ---- */

static char *
parent_of (const char *path) {
  gsize length = strlen (path);

  while (length > 1 && path[length - 2] != '/')
    length--;
  return g_strndup (path, length - 1);
}

static gboolean
has_parent (FakeServer *self, const char *path) {
  g_autofree char *parent = parent_of (path);

  return g_hash_table_contains (self->folders, parent);
}

static guint
do_put (FakeServer *self, Request *request) {
  if (!has_parent (self, request->path))
    return 409;
  g_hash_table_insert (self->files, g_strdup (request->path),
                       g_bytes_new (request->body->data, request->body->len));
  return 201;
}

static guint
do_make (FakeServer *self, Request *request) {
  if (g_hash_table_contains (self->folders, request->path))
    return 405;
  if (!has_parent (self, request->path))
    return 409;
  g_hash_table_add (self->folders, g_strdup (request->path));
  return 201;
}

static guint
do_move (FakeServer *self, Request *request) {
  g_autoptr (GUri) target = g_uri_parse (header (request, "destination"), G_URI_FLAGS_ENCODED, NULL);
  GBytes *file = g_hash_table_lookup (self->files, request->path);

  if (target == NULL || file == NULL)
    return 404;
  if (strcmp (header (request, "overwrite"), "F") == 0 && g_hash_table_contains (self->files, g_uri_get_path (target)))
    return 412;
  g_hash_table_insert (self->files, g_strdup (g_uri_get_path (target)), g_bytes_ref (file));
  g_hash_table_remove (self->files, request->path);
  return 201;
}

static void
add_entry (GString *xml, const char *path, GBytes *file) {
  g_string_append_printf (xml, "<D:response><D:href>%s</D:href><D:propstat><D:prop>", path);
  if (file != NULL)
    g_string_append_printf (xml, "<D:getcontentlength>%" G_GSIZE_FORMAT "</D:getcontentlength><D:resourcetype/>",
                            g_bytes_get_size (file));
  else
    g_string_append (xml, "<D:resourcetype><D:collection/></D:resourcetype>");
  g_string_append (xml, "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\n");
}

/* (nullable) */
static char *
list (FakeServer *self, Request *request) {
  g_autoptr (GString) xml = g_string_new ("<?xml version=\"1.0\"?>\n<D:multistatus xmlns:D=\"DAV:\">\n");
  GBytes *file = g_hash_table_lookup (self->files, request->path);
  GHashTableIter iterator;
  gpointer path, content;

  if (file == NULL && !g_hash_table_contains (self->folders, request->path))
    return NULL;
  add_entry (xml, request->path, file);
  g_hash_table_iter_init (&iterator, self->files);
  while (strcmp (header (request, "depth"), "1") == 0 && g_hash_table_iter_next (&iterator, &path, &content)) {
    g_autofree char *parent = parent_of (path);

    if (strcmp (parent, request->path) == 0)
      add_entry (xml, path, content);
  }
  g_string_append (xml, "</D:multistatus>\n");
  return g_strdup (xml->str);
}

static gboolean
serve_file (Connection *connection, Request *request, gsize cut) {
  GBytes *found = g_hash_table_lookup (connection->server->files, request->path);
  g_autoptr (GBytes) file = found != NULL ? g_bytes_ref (found) : NULL;
  const char *range = header (request, "range");
  g_autofree char *headers = NULL;
  const char *data;
  gsize from = 0, size;

  g_mutex_unlock (&connection->server->lock);
  if (file == NULL)
    return answer (connection, 404, NULL, NULL);
  data = g_bytes_get_data (file, &size);
  if (g_str_has_prefix (range, "bytes="))
    from = (gsize) g_ascii_strtoull (range + strlen ("bytes="), NULL, 10);
  if (from > 0 && from >= size)
    return answer (connection, 416, NULL, NULL);
  if (from > 0)
    headers = g_strdup_printf ("Content-Range: bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT "\r\n",
                               from, size - 1, size);
  return answer_cut (connection, from > 0 ? 206 : 200, headers, data + from, size - from, MIN (cut, size - from));
}

/* Entered with the lock, left without. */
static gboolean
serve (Connection *connection, Request *request, gsize cut) {
  FakeServer *self = connection->server;
  g_autofree char *xml = NULL;
  guint status = 501;

  if (strcmp (request->method, "GET") == 0)
    return serve_file (connection, request, cut);
  if (strcmp (request->method, "PUT") == 0)
    status = do_put (self, request);
  else if (strcmp (request->method, "MKCOL") == 0)
    status = do_make (self, request);
  else if (strcmp (request->method, "MOVE") == 0)
    status = do_move (self, request);
  else if (strcmp (request->method, "DELETE") == 0)
    status = g_hash_table_remove (self->files, request->path) ? 204 : 404;
  else if (strcmp (request->method, "PROPFIND") == 0)
    status = (xml = list (self, request)) != NULL ? 207 : 404;
  g_mutex_unlock (&self->lock);
  if (xml != NULL)
    return answer_cut (connection, status, NULL, xml, strlen (xml), MIN (cut, strlen (xml)));
  return answer (connection, status, NULL, NULL);
}

/* ---- the bad one ---- */

static gboolean
drip (Connection *connection, const FakeFault *fault) {
  gsize length = strlen (fault->body);
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 %u Said\r\nContent-Length: 1000000\r\n\r\n", fault->status);

  if (!send_bytes (connection, head, strlen (head)))
    return FALSE;
  for (gsize i = 0; send_bytes (connection, fault->body + i % length, 1); i++)
    g_usleep (fault->size * 1000);
  return FALSE;
}

static gboolean
fail (Connection *connection, Request *request, const FakeFault *fault) {
  switch (fault->kind) {
  case FAKE_ANSWER:
    return answer (connection, fault->status, fault->headers, fault->body);
  case FAKE_HANG:
    while (!g_cancellable_is_cancelled (connection->server->stop))
      g_usleep (10000);
    return FALSE;
  case FAKE_DRIP:
    return drip (connection, fault);
  case FAKE_CUT_ANSWER:
    g_mutex_lock (&connection->server->lock);
    serve (connection, request, fault->size);
    return FALSE;
  case FAKE_WHOLE:
    g_hash_table_remove (request->headers, "range");
    g_mutex_lock (&connection->server->lock);
    return serve (connection, request, G_MAXSIZE);
  case FAKE_CUT_REQUEST:
  default:
    return FALSE;
  }
}

static void
note (FakeServer *self, Request *request) {
  g_autoptr (GUri) target = g_uri_parse (header (request, "destination"), G_URI_FLAGS_ENCODED, NULL);

  g_string_append_printf (self->log, "%s %s", request->method, request->path);
  if (*header (request, "depth") != '\0')
    g_string_append_printf (self->log, " %s", header (request, "depth"));
  if (*header (request, "range") != '\0')
    g_string_append_printf (self->log, " %s", header (request, "range"));
  if (target != NULL)
    g_string_append_printf (self->log, " %s", g_uri_get_path (target));
  if (*header (request, "user-agent") != '\0' || *header (request, "accept-encoding") != '\0'
      || *header (request, "accept-language") != '\0' || *header (request, "cookie") != '\0')
    g_string_append (self->log, " talkative");
  g_string_append_c (self->log, '\n');
}

static gboolean
take_fault (FakeServer *self, Request *request, FakeFault *ret_fault) {
  for (guint i = 0; i < G_N_ELEMENTS (self->faults); i++) {
    FakeFault *fault = &self->faults[i];

    if (fault->times == 0 || (fault->method != NULL && strcmp (fault->method, request->method) != 0))
      continue;
    fault->times--;
    *ret_fault = *fault;
    return TRUE;
  }
  return FALSE;
}

static gboolean
serve_request (Connection *connection) {
  FakeServer *self = connection->server;
  g_autoptr (Request) request = read_head (connection);
  gboolean has_fault;
  FakeFault fault;

  if (request == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  has_fault = take_fault (self, request, &fault);
  note (self, request);
  g_mutex_unlock (&self->lock);
  read_body (connection, request, has_fault && fault.kind == FAKE_CUT_REQUEST ? fault.size : G_MAXSIZE);
  if (has_fault)
    return fail (connection, request, &fault);
  g_mutex_lock (&self->lock);
  if (self->authorization == NULL || strcmp (header (request, "authorization"), self->authorization) == 0)
    return serve (connection, request, G_MAXSIZE);
  g_mutex_unlock (&self->lock);
  return answer (connection, 401, "WWW-Authenticate: Basic realm=\"fake\"\r\n", NULL);
}

static gpointer
serve_connection (gpointer data) {
  Connection *self = data;

  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (self->stream));
  g_data_input_stream_set_newline_type (self->input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  self->output = g_io_stream_get_output_stream (self->stream);
  while (serve_request (self))
    ;
  g_io_stream_close (self->stream, NULL, NULL);
  g_object_unref (self->input);
  g_object_unref (self->stream);
  g_free (self);
  return NULL;
}

static gpointer
accept_connections (gpointer data) {
  FakeServer *self = data;
  GSocketConnection *accepted;

  while ((accepted = g_socket_listener_accept (self->listener, NULL, self->stop, NULL)) != NULL) {
    Connection *connection = g_new0 (Connection, 1);

    connection->server = self;
    connection->stream = G_IO_STREAM (accepted);
    if (self->certificate != NULL) {
      connection->stream = g_tls_server_connection_new (G_IO_STREAM (accepted), self->certificate, NULL);
      g_object_unref (accepted);
    }
    g_ptr_array_add (self->connections, g_thread_new ("fake-connection", serve_connection, connection));
  }
  return NULL;
}

/* ---- for tests ---- */

FakeServer *
fake_server_start (const char *certificate) {
  FakeServer *self = g_new0 (FakeServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  self->stop = g_cancellable_new ();
  self->connections = g_ptr_array_new ();
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->folders, g_strdup ("/dav/"));
  self->log = g_string_new (NULL);
  if (certificate != NULL)
    self->certificate = g_tls_certificate_new_from_file (certificate, &error);
  g_assert_no_error (error);
  self->listener = g_socket_listener_new ();
  g_socket_listener_add_address (self->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
                                 &error);
  g_assert_no_error (error);
  self->uri = g_strdup_printf ("%s://127.0.0.1:%u/dav", certificate != NULL ? "https" : "http",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  self->thread = g_thread_new ("fake-server", accept_connections, self);
  return self;
}

void
fake_server_stop (FakeServer *self) {
  g_cancellable_cancel (self->stop);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->connections->len; i++)
    g_thread_join (g_ptr_array_index (self->connections, i));
  g_ptr_array_unref (self->connections);
  g_object_unref (self->listener);
  g_clear_object (&self->certificate);
  g_object_unref (self->stop);
  g_hash_table_unref (self->files);
  g_hash_table_unref (self->folders);
  g_string_free (self->log, TRUE);
  g_free (self->authorization);
  g_free (self->uri);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const char *
fake_server_get_uri (FakeServer *self) {
  return self->uri;
}

void
fake_server_want_password (FakeServer *self, const char *password) {
  g_autofree char *both = g_strconcat ("alice:", password, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) both, strlen (both));

  g_mutex_lock (&self->lock);
  g_free (self->authorization);
  self->authorization = g_strconcat ("Basic ", encoded, NULL);
  g_mutex_unlock (&self->lock);
}

void
fake_server_fail (FakeServer *self, const FakeFault *fault) {
  g_mutex_lock (&self->lock);
  self->faults[0] = *fault;
  g_mutex_unlock (&self->lock);
}

void
fake_server_fail_also (FakeServer *self, const FakeFault *fault) {
  g_mutex_lock (&self->lock);
  self->faults[1] = *fault;
  g_mutex_unlock (&self->lock);
}

void
fake_server_set_file (FakeServer *self, const char *path, GBytes *content) {
  g_mutex_lock (&self->lock);
  if (content != NULL)
    g_hash_table_insert (self->files, g_strdup (path), g_bytes_ref (content));
  else
    g_hash_table_remove (self->files, path);
  g_mutex_unlock (&self->lock);
}

void
fake_server_remove_folder (FakeServer *self, const char *path) {
  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->folders, path);
  g_mutex_unlock (&self->lock);
}

GBytes *
fake_server_get_file (FakeServer *self, const char *path) {
  GBytes *file;

  g_mutex_lock (&self->lock);
  file = g_hash_table_lookup (self->files, path);
  if (file != NULL)
    g_bytes_ref (file);
  g_mutex_unlock (&self->lock);
  return file;
}

guint
fake_server_count_files (FakeServer *self) {
  guint count;

  g_mutex_lock (&self->lock);
  count = g_hash_table_size (self->files);
  g_mutex_unlock (&self->lock);
  return count;
}

char *
fake_server_take_log (FakeServer *self) {
  char *log;

  g_mutex_lock (&self->lock);
  log = g_strdup (self->log->str);
  g_string_truncate (self->log, 0);
  g_mutex_unlock (&self->lock);
  return log;
}
