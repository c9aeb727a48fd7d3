/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-carrier.h: a folder on a WebDAV server (Nextcloud, Apache and others) as a carrier.
 *
 * Only what all servers do alike is used: MKCOL, PUT under a temporary name, MOVE that replaces nothing, GET, PROPFIND,
 * DELETE of files. Nothing the server says is relied on but that; files are checked against their names after fetching.
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

/** TesseraWebdavPassword: (transfer full) (nullable): the password of now; it is wiped after use. Called in the thread
 * that uses the carrier. */
typedef char *(*TesseraWebdavPassword) (gpointer data);

#define TESSERA_TYPE_WEBDAV_CARRIER (tessera_webdav_carrier_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWebdavCarrier, tessera_webdav_carrier, TESSERA, WEBDAV_CARRIER, GObject)

/**
 * tessera_webdav_carrier_new:
 * @uri: of the folder: https, or http to this very computer; without name and password
 *
 * Nothing is asked of the server yet. The folder is never made, only `tessera1` in it.
 * Returns: (transfer full) (nullable): %TESSERA_CARRIER_ERROR_UNSAFE when @uri may not be used
 */
TesseraWebdavCarrier *tessera_webdav_carrier_new (const char *uri, TesseraCarrierCheck check, GError **error);

/** tessera_webdav_carrier_set_credentials: who we are to the server. @password is asked when the server does, and never
 * twice for one request. */
void tessera_webdav_carrier_set_credentials (TesseraWebdavCarrier *self, const char *user,
                                             TesseraWebdavPassword password, gpointer data,
                                             GDestroyNotify destroy);

/**
 * tessera_webdav_carrier_set_pin:
 * @pin: (nullable): SHA-256 of the server's certificate (DER), 64 hexadecimal digits, with or without colons
 *
 * With a pin this certificate is accepted and no other, whoever signed it and until when. Without, those that the
 * system trusts for this name.
 */
gboolean tessera_webdav_carrier_set_pin (TesseraWebdavCarrier *self, const char *pin, GError **error);

/** tessera_webdav_carrier_get_seen_pin: (nullable): of the certificate that was looked at last because the system does
 * not trust it or there is a pin; for a person to compare. */
const char *tessera_webdav_carrier_get_seen_pin (TesseraWebdavCarrier *self);

/** tessera_webdav_carrier_set_timeout: after so many seconds of silence the server counts as not reachable (30 unless
 * told). */
void tessera_webdav_carrier_set_timeout (TesseraWebdavCarrier *self, guint seconds);

G_END_DECLS
