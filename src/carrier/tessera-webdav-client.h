/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-client.h: one request to one server, and its answer: password, certificate, redirects, time limits.
 * What the requests mean is tessera-webdav-carrier.c's.
 */
#pragma once

#include <libsoup/soup.h>

#include "tessera-webdav-carrier.h"

G_BEGIN_DECLS

typedef struct _TesseraWebdavClient TesseraWebdavClient;

/**
 * TesseraWebdavRequest:
 * @path: behind the client's address; only characters that need no escaping
 * @destination: (nullable): path for MOVE, which must not replace anything
 * @depth: (nullable): for PROPFIND
 * @text: (nullable): an XML body
 * @file: (nullable): path of a file to send, of @size bytes
 * @from: first byte that is wanted
 * @begin: status and headers of a good answer; %FALSE without an error: its body is not wanted
 * @take: (nullable): a piece of its body; %FALSE without an error: enough; without it, @begin is not called either
 */
typedef struct {
  const char *method;
  const char *path;
  const char *destination;
  const char *depth;
  const char *text;
  const char *file;
  gint64 size;
  gint64 from;
  TesseraCarrierProgress progress;
  gpointer progress_data;
  gboolean (*begin) (guint status, SoupMessageHeaders *headers, gpointer data, GError **error);
  gboolean (*take) (gconstpointer bytes, gsize size, gpointer data, GError **error);
  gpointer data;
} TesseraWebdavRequest;

/** tessera_webdav_client_new: (transfer full) (nullable): @uri must be https, or http to this very computer, and
 * without name or password in it. */
TesseraWebdavClient *tessera_webdav_client_new (const char *uri, GError **error);
void tessera_webdav_client_free (TesseraWebdavClient *self);

const char *tessera_webdav_client_get_host (TesseraWebdavClient *self);

void tessera_webdav_client_set_credentials (TesseraWebdavClient *self, const char *user,
                                            TesseraWebdavPassword password, gpointer data, GDestroyNotify destroy);
gboolean tessera_webdav_client_set_pin (TesseraWebdavClient *self, const char *pin, GError **error);
const char *tessera_webdav_client_get_seen_pin (TesseraWebdavClient *self);
void tessera_webdav_client_set_timeout (TesseraWebdavClient *self, guint seconds);

/**
 * tessera_webdav_client_send:
 *
 * Returns: the status of the answer, whatever it is; 0 with an error when there was none, or @begin or @take failed
 */
guint tessera_webdav_client_send (TesseraWebdavClient *self, const TesseraWebdavRequest *request,
                                  GCancellable *cancellable, GError **error);

/** tessera_webdav_client_set_error: @status, the last answer's, as %TESSERA_CARRIER_ERROR. */
void tessera_webdav_client_set_error (TesseraWebdavClient *self, guint status, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraWebdavClient, tessera_webdav_client_free)

G_END_DECLS
