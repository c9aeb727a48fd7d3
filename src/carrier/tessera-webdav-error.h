/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-error.h: what servers, lines and certificates do to us, in the words of %TESSERA_CARRIER_ERROR.
 */
#pragma once

#include "tessera-carrier-error.h"

G_BEGIN_DECLS

/** tessera_webdav_set_status_error: an HTTP status that is no success. @retry_after: (nullable): that header. */
void tessera_webdav_set_status_error (GError **error, guint status, const char *host, const char *retry_after);

/** tessera_webdav_set_line_error: @cause came from the network. @flags: what is wrong with the
 * certificate, if it is that. */
void tessera_webdav_set_line_error (GError **error, const GError *cause, const char *host,
                                    GTlsCertificateFlags flags);

/** tessera_webdav_set_elsewhere_error: @location: (nullable): where the server sends us. */
void tessera_webdav_set_elsewhere_error (GError **error, const char *host, const char *location);

/** tessera_webdav_set_slow_error: hardly anything came for a long time. */
void tessera_webdav_set_slow_error (GError **error, const char *host);

/** tessera_webdav_parse_retry_after: seconds from now, at most a day; 0 when it says nothing of use. */
guint tessera_webdav_parse_retry_after (const char *text, gint64 now);

G_END_DECLS
