/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-error.c: one sentence for each thing that a person can do something about, or has to wait for.
 */
#include "config.h"

#include "tessera-webdav-error.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "tessera-carrier-private.h"

#define LONGEST_WAIT (24 * 60 * 60)
/* Insufficient Storage (RFC 4918); libsoup has it, but not the one of RFC 6585. */
#define STATUS_TOO_MANY_REQUESTS 429

guint
tessera_webdav_parse_retry_after (const char *text, gint64 now) {
  g_autoptr (GDateTime) date = NULL;
  guint64 seconds;

  if (text == NULL)
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seconds, NULL))
    return (guint) MIN (seconds, LONGEST_WAIT);
  date = soup_date_time_new_from_http_string (text);
  if (date == NULL)
    return 0;
  return (guint) CLAMP (g_date_time_to_unix (date) - now, 0, LONGEST_WAIT);
}

static void
set_busy_error (GError **error, guint status, const char *host, const char *retry_after) {
  GError *busy = g_error_new (TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_BUSY,
                              _("The server “%s” cannot do this now (%u); it will be tried again later."), host,
                              status);

  tessera_carrier_error_set_retry_after (
    busy, tessera_webdav_parse_retry_after (retry_after, g_get_real_time () / G_USEC_PER_SEC));
  g_propagate_error (error, busy);
}

void
tessera_webdav_set_status_error (GError **error, guint status, const char *host, const char *retry_after) {
  switch (status) {
  case SOUP_STATUS_UNAUTHORIZED:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED,
                 _("The server “%s” does not accept the user name or the password; enter them again."), host);
    return;
  case SOUP_STATUS_PROXY_UNAUTHORIZED:
    g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED,
                         _("The proxy of this network wants a password; ask who runs it."));
    return;
  case SOUP_STATUS_FORBIDDEN:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED,
                 _("The server “%s” does not let this account do that; ask its administrator for the right to write "
                   "in that folder."),
                 host);
    return;
  case SOUP_STATUS_NOT_FOUND:
  case SOUP_STATUS_GONE:
  case SOUP_STATUS_CONFLICT:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND,
                 _("The folder is not on the server “%s”; check the address, or make the folder there."), host);
    return;
  case SOUP_STATUS_INSUFFICIENT_STORAGE:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL,
                 _("There is no space left on the server “%s”; free some there or ask its administrator."), host);
    return;
  case SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL,
                 _("The server “%s” does not take files of this size; ask its administrator to allow them."), host);
    return;
  case SOUP_STATUS_REQUEST_TIMEOUT:
  case SOUP_STATUS_LOCKED:
  case STATUS_TOO_MANY_REQUESTS:
    set_busy_error (error, status, host, retry_after);
    return;
  default:
    if (status >= 500 && status != SOUP_STATUS_NOT_IMPLEMENTED)
      set_busy_error (error, status, host, retry_after);
    else
      g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED,
                   _("The server “%s” does not answer as a WebDAV folder does (%u); check the address."), host, status);
  }
}

static void
set_certificate_error (GError **error, const char *host, GTlsCertificateFlags flags) {
  if (flags & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED))
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_CERTIFICATE,
                 _("The certificate of the server “%s” is not valid today; check this computer’s clock, or ask the "
                   "server’s administrator."),
                 host);
  else if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_CERTIFICATE,
                 _("The certificate shown for “%s” is that of another server; nothing was sent. Check the address."),
                 host);
  else
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_CERTIFICATE,
                 _("The server “%s” cannot prove that it is the one you mean; nothing was sent. Ask its administrator "
                   "for the fingerprint of its certificate."),
                 host);
}

void
tessera_webdav_set_line_error (GError **error, const GError *cause, const char *host, GTlsCertificateFlags flags) {
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_error_copy (cause));
  else if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    set_certificate_error (error, host, flags);
  else
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE,
                 _("The server “%s” cannot be reached (%s); it will be tried again later."), host, cause->message);
}

void
tessera_webdav_set_elsewhere_error (GError **error, const char *host, const char *location) {
  g_autofree char *shown = location != NULL ? g_strescape (location, NULL) : g_strdup ("?");

  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_ELSEWHERE,
               _("The server “%s” sends us elsewhere (%.200s), and we did not go there; check the address, and whether "
                 "this network wants you to sign in."),
               host, shown);
}

void
tessera_webdav_set_slow_error (GError **error, const char *host) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE,
               _("The line to the server “%s” is too slow now; it will be tried again later."), host);
}
