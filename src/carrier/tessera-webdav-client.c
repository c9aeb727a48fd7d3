/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-client.c: libsoup, driven in the calling thread by a main context of its own.
 *
 * The asynchronous calls are used because a timer can then end a request that drips; the context is pushed for each
 * call, so that calls may come from different threads, one after the other.
 */
#include "config.h"

#include "tessera-webdav-client.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-carrier-private.h"
#include "tessera-webdav-error.h"

#define DEFAULT_TIMEOUT_SECONDS 30
#define MAX_CONNECTIONS 2
#define MAX_REDIRECTS 5
#define BLOCK_SIZE (64 * 1024)
/* Fewer bytes than these in so many timeouts are no transfer. */
#define STALL_BYTES 4096
#define STALL_TIMEOUTS 4
/* What is read of an answer that nobody wants, to use the connection again. */
#define UNWANTED_LIMIT (64 * 1024)
#define URI_LIMIT 2048
#define PIN_DIGITS 64

struct _TesseraWebdavClient {
  GUri *base;
  char *host;
  GMainContext *context;
  SoupSession *session;
  guint timeout;

  char *user;
  TesseraWebdavPassword password;
  gpointer password_data;
  GDestroyNotify password_destroy;

  char *pin;
  char *seen_pin;
  GTlsCertificateFlags seen_flags;
  char *retry_after;
};

/* One message on its way. */
typedef struct {
  TesseraWebdavClient *client;
  const TesseraWebdavRequest *request;
  GCancellable *cancellable;
  GAsyncResult *result;
  gint64 sent;
  gint64 moved; /* bytes in either direction since the last look */
  gboolean is_stalled;
  int file_reason; /* why the file to send could not be opened */
} Exchange;

/* ---- the client ---- */

static gboolean
is_this_computer (const char *host) {
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

static gboolean
has_path_only (GUri *uri) {
  const char *host = g_uri_get_host (uri);

  return host != NULL && *host != '\0' && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL
         && g_uri_get_fragment (uri) == NULL;
}

static gboolean
check_base (GUri *uri, GError **error) {
  if (uri == NULL || !has_path_only (uri))
    g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
                         _("This is not the address of a WebDAV folder; it begins with https:// and has neither name "
                           "nor password in it."));
  else if (strcmp (g_uri_get_scheme (uri), "https") != 0
           && (strcmp (g_uri_get_scheme (uri), "http") != 0 || !is_this_computer (g_uri_get_host (uri))))
    g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
                         _("Others could read along on the way to this address; use one that begins with https://."));
  else
    return TRUE;
  return FALSE;
}

/* The folder's address ends with a slash, so that names can be put behind it. */
static GUri *
parse_base (const char *text) {
  g_autoptr (GUri) uri = NULL;
  g_autofree char *path = NULL;

  if (strlen (text) > URI_LIMIT || !g_utf8_validate (text, -1, NULL) || strpbrk (text, " \t\r\n") != NULL)
    return NULL;
  uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL || g_str_has_suffix (g_uri_get_path (uri), "/"))
    return g_steal_pointer (&uri);
  path = g_strconcat (g_uri_get_path (uri), "/", NULL);
  return soup_uri_copy (uri, SOUP_URI_PATH, path, SOUP_URI_NONE);
}

TesseraWebdavClient *
tessera_webdav_client_new (const char *text, GError **error) {
  g_autoptr (GUri) uri = parse_base (text);
  TesseraWebdavClient *self;

  if (!check_base (uri, error))
    return NULL;
  self = g_new0 (TesseraWebdavClient, 1);
  self->host = g_strdup (g_uri_get_host (uri));
  self->base = g_steal_pointer (&uri);
  self->context = g_main_context_new ();
  self->timeout = DEFAULT_TIMEOUT_SECONDS;
  return self;
}

static void
forget_session (TesseraWebdavClient *self) {
  if (self->session == NULL)
    return;
  g_main_context_push_thread_default (self->context);
  soup_session_abort (self->session);
  g_clear_object (&self->session);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
}

static void
forget_credentials (TesseraWebdavClient *self) {
  g_clear_pointer (&self->user, g_free);
  if (self->password_destroy != NULL)
    self->password_destroy (self->password_data);
  self->password = NULL;
  self->password_destroy = NULL;
}

void
tessera_webdav_client_free (TesseraWebdavClient *self) {
  if (self == NULL)
    return;
  forget_session (self);
  forget_credentials (self);
  g_main_context_unref (self->context);
  g_uri_unref (self->base);
  g_free (self->host);
  g_free (self->pin);
  g_free (self->seen_pin);
  g_free (self->retry_after);
  g_free (self);
}

const char *
tessera_webdav_client_get_host (TesseraWebdavClient *self) {
  return self->host;
}

void
tessera_webdav_client_set_credentials (TesseraWebdavClient *self, const char *user, TesseraWebdavPassword password,
                                       gpointer data, GDestroyNotify destroy) {
  forget_session (self);
  forget_credentials (self);
  self->user = g_strdup (user);
  self->password = password;
  self->password_data = data;
  self->password_destroy = destroy;
}

void
tessera_webdav_client_set_timeout (TesseraWebdavClient *self, guint seconds) {
  forget_session (self);
  self->timeout = seconds;
}

/* ---- certificates ---- */

/* As openssl and browsers print it, with or without colons. */
static char *
normalize_pin (const char *text) {
  GString *pin = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (*text != ':' && !g_ascii_isspace (*text))
      g_string_append_c (pin, g_ascii_tolower (*text));
  if (pin->len == PIN_DIGITS && strspn (pin->str, "0123456789abcdef") == PIN_DIGITS)
    return g_string_free (pin, FALSE);
  g_string_free (pin, TRUE);
  return NULL;
}

gboolean
tessera_webdav_client_set_pin (TesseraWebdavClient *self, const char *text, GError **error) {
  g_autofree char *pin = text != NULL ? normalize_pin (text) : NULL;

  if (text != NULL && pin == NULL) {
    g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
                         _("A certificate’s fingerprint has 64 digits from 0 to f (SHA-256); copy it again."));
    return FALSE;
  }
  forget_session (self);
  g_free (self->pin);
  self->pin = g_steal_pointer (&pin);
  return TRUE;
}

const char *
tessera_webdav_client_get_seen_pin (TesseraWebdavClient *self) {
  return self->seen_pin;
}

static char *
fingerprint (GTlsCertificate *certificate) {
  g_autoptr (GByteArray) bytes = NULL;

  g_object_get (certificate, "certificate", &bytes, NULL);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
}

/* Called when the system does not trust it; always, when there is a pin, since then the system trusts none. */
static gboolean
accept_certificate (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags flags, gpointer data) {
  TesseraWebdavClient *self = data;

  g_free (self->seen_pin);
  self->seen_pin = fingerprint (certificate);
  self->seen_flags = self->pin != NULL ? G_TLS_CERTIFICATE_UNKNOWN_CA : flags;
  return self->pin != NULL && strcmp (self->pin, self->seen_pin) == 0;
}

/* Servers differ in HTTP/2 where it brings nothing here, so it is not offered. */
static void
watch_connection (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer data) {
  const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
}

/* ---- password ---- */

static gboolean
authenticate (SoupMessage *message, SoupAuth *auth, gboolean retrying, gpointer data) {
  TesseraWebdavClient *self = data;
  char *password;

  /* Asked again, the password is wrong; and a proxy is not whom it is for. */
  if (retrying || soup_auth_is_for_proxy (auth) || self->password == NULL)
    return FALSE;
  password = self->password (self->password_data);
  if (password == NULL)
    return FALSE;
  soup_auth_authenticate (auth, self->user, password);
  explicit_bzero (password, strlen (password));
  g_free (password);
  return TRUE;
}

/* ---- a message ---- */

/* Each time the file is opened anew: libsoup may still be reading the stream it had. */
static void
set_file_body (Exchange *self, SoupMessage *message) {
  int descriptor = open (self->request->file, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
  g_autoptr (GInputStream) stream = NULL;

  if (descriptor < 0) {
    self->file_reason = errno;
    g_cancellable_cancel (self->cancellable);
    return;
  }
  stream = g_unix_input_stream_new (descriptor, TRUE);
  soup_message_set_request_body (message, "application/octet-stream", stream, self->request->size);
  self->sent = 0;
}

static void
set_body (Exchange *self, SoupMessage *message) {
  if (self->request->text != NULL) {
    g_autoptr (GBytes) body = g_bytes_new_static (self->request->text, strlen (self->request->text));

    soup_message_set_request_body_from_bytes (message, "application/xml; charset=utf-8", body);
  } else if (self->request->file != NULL) {
    set_file_body (self, message);
  }
}

/* libsoup has used up the body by then and would wait for it. */
static void
set_body_again (SoupMessage *message, gpointer data) {
  set_body (data, message);
}

static void
count_sent (SoupMessage *message, guint size, gpointer data) {
  Exchange *self = data;

  self->sent += size;
  self->moved += size;
  if (self->request->progress != NULL)
    self->request->progress (MIN (self->sent, self->request->size), self->request->size,
                             self->request->progress_data);
}

static GUri *
resolve (TesseraWebdavClient *self, const char *path) {
  g_autofree char *whole = g_strconcat (g_uri_get_path (self->base), path, NULL);

  return soup_uri_copy (self->base, SOUP_URI_PATH, whole, SOUP_URI_NONE);
}

static void
set_headers (Exchange *self, SoupMessage *message) {
  const TesseraWebdavRequest *request = self->request;
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  if (request->depth != NULL)
    soup_message_headers_replace (headers, "Depth", request->depth);
  if (request->from > 0)
    soup_message_headers_set_range (headers, request->from, -1);
  if (request->destination != NULL) {
    g_autoptr (GUri) target = resolve (self->client, request->destination);
    g_autofree char *text = g_uri_to_string (target);

    soup_message_headers_replace (headers, "Destination", text);
    soup_message_headers_replace (headers, "Overwrite", "F");
  }
}

static SoupMessage *
make_message (Exchange *self, GUri *uri) {
  SoupMessage *message = soup_message_new_from_uri (self->request->method, uri);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  set_headers (self, message);
  set_body (self, message);
  g_signal_connect (message, "authenticate", G_CALLBACK (authenticate), self->client);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate), self->client);
  g_signal_connect (message, "network-event", G_CALLBACK (watch_connection), NULL);
  g_signal_connect (message, "restarted", G_CALLBACK (set_body_again), self);
  if (self->request->file != NULL)
    g_signal_connect (message, "wrote-body-data", G_CALLBACK (count_sent), self);
  return message;
}

/* ---- waiting ---- */

static void
take_result (GObject *source, GAsyncResult *result, gpointer data) {
  ((Exchange *) data)->result = g_object_ref (result);
}

/* Returns: (transfer full): of the call that was just begun. */
static GAsyncResult *
wait_for_result (Exchange *self) {
  while (self->result == NULL)
    g_main_context_iteration (self->client->context, TRUE);
  return g_steal_pointer (&self->result);
}

static gboolean
look_at_watch (gpointer data) {
  Exchange *self = data;

  if (self->moved < STALL_BYTES) {
    self->is_stalled = TRUE;
    g_cancellable_cancel (self->cancellable);
  }
  self->moved = 0;
  return G_SOURCE_CONTINUE;
}

static GSource *
start_watch (Exchange *self) {
  GSource *watch = g_timeout_source_new_seconds (self->client->timeout * STALL_TIMEOUTS);

  g_source_set_callback (watch, look_at_watch, self, NULL);
  g_source_attach (watch, self->client->context);
  return watch;
}

/* ---- answers ---- */

static gssize
read_body (Exchange *self, GInputStream *body, guint8 *block, GError **error) {
  g_autoptr (GAsyncResult) result = NULL;
  gssize size;

  g_input_stream_read_async (body, block, BLOCK_SIZE, G_PRIORITY_DEFAULT, self->cancellable, take_result, self);
  result = wait_for_result (self);
  size = g_input_stream_read_finish (body, result, error);
  if (size > 0)
    self->moved += size;
  return size;
}

/* What is left of the body is not read: a connection with more on it is closed. */
static void
close_body (Exchange *self, GInputStream *body, gboolean is_at_end) {
  g_autoptr (GAsyncResult) result = NULL;

  if (!is_at_end)
    g_cancellable_cancel (self->cancellable);
  g_input_stream_close_async (body, G_PRIORITY_DEFAULT, self->cancellable, take_result, self);
  result = wait_for_result (self);
  g_input_stream_close_finish (body, result, NULL);
}

/* @ret_at_end: whether nothing of the body is left. */
static gboolean
give_body (Exchange *self, GInputStream *body, gboolean *ret_at_end, gboolean *ret_from_line, GError **error) {
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  gssize size;

  while ((size = read_body (self, body, block, error)) > 0) {
    g_autoptr (GError) cause = NULL;

    if (self->request->take (block, (gsize) size, self->request->data, &cause))
      continue;
    if (cause == NULL)
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  *ret_at_end = size == 0;
  *ret_from_line = size < 0;
  return size == 0;
}

static gboolean
drop_body (Exchange *self, GInputStream *body) {
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  gsize total = 0;
  gssize size = 1;

  while (total < UNWANTED_LIMIT && (size = read_body (self, body, block, NULL)) > 0)
    total += (gsize) size;
  return size == 0;
}

/* Errors of the line are put into words by the caller; @ret_from_line says whether it is one. */
static gboolean
take_answer (Exchange *self, SoupMessage *message, GInputStream *body, gboolean *ret_from_line, GError **error) {
  const TesseraWebdavRequest *request = self->request;
  guint status = soup_message_get_status (message);
  gboolean is_wanted = SOUP_STATUS_IS_SUCCESSFUL (status) && request->take != NULL;
  gboolean done = TRUE, is_at_end = FALSE;
  g_autoptr (GError) cause = NULL;

  if (is_wanted)
    is_wanted = request->begin (status, soup_message_get_response_headers (message), request->data, &cause);
  if (is_wanted)
    done = give_body (self, body, &is_at_end, ret_from_line, error);
  else if (cause == NULL)
    is_at_end = drop_body (self, body);
  close_body (self, body, is_at_end);
  if (cause == NULL)
    return done;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

static void
keep_retry_after (TesseraWebdavClient *self, SoupMessage *message) {
  g_free (self->retry_after);
  self->retry_after
    = g_strdup (soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After"));
}

static void
set_exchange_error (Exchange *self, const GError *cause, GCancellable *cancellable, GError **error) {
  if (self->file_reason != 0)
    tessera_carrier_set_read_error (error, self->file_reason, self->request->file);
  else if (self->is_stalled && !g_cancellable_is_cancelled (cancellable))
    tessera_webdav_set_slow_error (error, self->client->host);
  else
    tessera_webdav_set_line_error (error, cause, self->client->host, self->client->seen_flags);
}

static SoupSession *
get_session (TesseraWebdavClient *self) {
  if (self->session != NULL)
    return self->session;
  self->session = soup_session_new_with_options ("timeout", self->timeout, "idle-timeout", self->timeout,
                                                 "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
                                                 MAX_CONNECTIONS, NULL);
  /* Parts of a file are of the file itself, and an answer is as long as it is. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  if (self->pin != NULL)
    soup_session_set_tls_database (self->session, NULL);
  return self->session;
}

static void
pass_on_cancelling (GCancellable *cancellable, gpointer data) {
  g_cancellable_cancel (data);
}

/* Sends @message and takes its answer. Returns the status, or 0. */
static guint
run_message (Exchange *self, SoupMessage *message, GCancellable *cancellable, GError **error) {
  g_autoptr (GSource) watch = start_watch (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) cause = NULL;
  SoupSession *session = get_session (self->client);
  gboolean from_line = TRUE, done = FALSE;

  self->client->seen_flags = 0;
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, self->cancellable, take_result, self);
  result = wait_for_result (self);
  body = soup_session_send_finish (session, result, &cause);
  if (body != NULL) {
    from_line = FALSE;
    keep_retry_after (self->client, message);
    done = take_answer (self, message, body, &from_line, &cause);
  }
  g_source_destroy (watch);
  if (done)
    return soup_message_get_status (message);
  if (from_line)
    set_exchange_error (self, cause, cancellable, error);
  else
    g_propagate_error (error, g_steal_pointer (&cause));
  return 0;
}

static guint
run_in_context (TesseraWebdavClient *self, const TesseraWebdavRequest *request, SoupMessage **ret_message, GUri *uri,
                GCancellable *cancellable, GError **error) {
  g_autoptr (GCancellable) own = g_cancellable_new ();
  Exchange exchange = { .client = self, .request = request, .cancellable = own };
  gulong handler = 0;
  guint status;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return 0;
  *ret_message = make_message (&exchange, uri);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on_cancelling), own, NULL);
  g_main_context_push_thread_default (self->context);
  status = run_message (&exchange, *ret_message, cancellable, error);
  g_main_context_pop_thread_default (self->context);
  g_cancellable_disconnect (cancellable, handler);
  g_signal_handlers_disconnect_by_data (*ret_message, &exchange);
  return status;
}

/* ---- redirects ---- */

static gboolean
is_redirect (guint status) {
  return SOUP_STATUS_IS_REDIRECTION (status) && status != SOUP_STATUS_NOT_MODIFIED;
}

static gboolean
is_same_origin (GUri *one, GUri *other) {
  return g_strcmp0 (g_uri_get_scheme (one), g_uri_get_scheme (other)) == 0
         && g_uri_get_host (other) != NULL
         && g_ascii_strcasecmp (g_uri_get_host (one), g_uri_get_host (other)) == 0
         && g_uri_get_port (one) == g_uri_get_port (other) && g_uri_get_userinfo (other) == NULL;
}

/* Where the request may be sent again; %NULL with an error when that is another server, or would be another request. */
static GUri *
follow (TesseraWebdavClient *self, SoupMessage *message, GError **error) {
  guint status = soup_message_get_status (message);
  const char *location
    = soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  g_autoptr (GUri) target = NULL;

  if (location != NULL && strlen (location) <= URI_LIMIT && status != SOUP_STATUS_SEE_OTHER)
    target = g_uri_parse_relative (soup_message_get_uri (message), location, SOUP_HTTP_URI_FLAGS, NULL);
  if (target != NULL && is_same_origin (self->base, target))
    return g_steal_pointer (&target);
  tessera_webdav_set_elsewhere_error (error, self->host, location);
  return NULL;
}

guint
tessera_webdav_client_send (TesseraWebdavClient *self, const TesseraWebdavRequest *request,
                            GCancellable *cancellable, GError **error) {
  g_autoptr (GUri) uri = resolve (self, request->path);

  for (guint i = 0; i <= MAX_REDIRECTS; i++) {
    g_autoptr (SoupMessage) message = NULL;
    guint status = run_in_context (self, request, &message, uri, cancellable, error);

    if (!is_redirect (status))
      return status;
    g_uri_unref (uri);
    uri = follow (self, message, error);
    if (uri == NULL)
      return 0;
  }
  tessera_webdav_set_elsewhere_error (error, self->host, NULL);
  return 0;
}

void
tessera_webdav_client_set_error (TesseraWebdavClient *self, guint status, GError **error) {
  tessera_webdav_set_status_error (error, status, self->host, self->retry_after);
}
