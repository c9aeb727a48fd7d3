/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * webdav-servers.h: real WebDAV servers, started on loopback by whoever runs the tests, in a folder of their own.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WEBDAV_USER "alice"
#define WEBDAV_PASSWORD "a synthetic password"

/** WebdavServerKind: how one is started; see webdav-servers.c. */
typedef struct _WebdavServerKind WebdavServerKind;

extern const WebdavServerKind *const webdav_apache;
extern const WebdavServerKind *const webdav_apache_tls;
extern const WebdavServerKind *const webdav_lighttpd;
extern const WebdavServerKind *const webdav_rclone;

/**
 * WebdavServer:
 * @uri: of the folder to use; its name needs escaping
 * @files: the same folder on this computer
 * @locked_uri: a folder that may be read only, where the server was told so
 * @process: %NULL when it is not installed, or was stopped
 */
typedef struct {
  const WebdavServerKind *kind;
  char *folder;
  guint port;
  guint used;
  char *uri;
  char *files;
  char *locked_uri;
  GSubprocess *process;
} WebdavServer;

/** webdav_server_new: started, if it is installed. @certificates: folder made by make-certificates. */
WebdavServer *webdav_server_new (const WebdavServerKind *kind, const char *certificates);
void webdav_server_free (WebdavServer *self);

/** webdav_server_next_folder: an empty one for the next test. */
void webdav_server_next_folder (WebdavServer *self);
void webdav_server_stop (WebdavServer *self);

/** webdav_server_own: gives all in @path to the account that the server runs under. */
void webdav_server_own (WebdavServer *self, const char *path);

G_END_DECLS
