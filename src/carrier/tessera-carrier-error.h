/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-error.h: what can go wrong between this computer and a carrier, by what a person can do
 * about it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_CARRIER_ERROR (tessera_carrier_error_quark ())
GQuark tessera_carrier_error_quark (void);

/**
 * TesseraCarrierError:
 * @TESSERA_CARRIER_ERROR_FULL: no space (or quota) left; nothing of the file stays behind
 * @TESSERA_CARRIER_ERROR_READ_ONLY: may not be written to: write protection, or rights
 * @TESSERA_CARRIER_ERROR_NOT_FOUND: the folder or the file is not there (stick pulled, server not mounted)
 * @TESSERA_CARRIER_ERROR_NOT_COMPLETE: the content does not fit the name: still being copied, cut, or changed
 * @TESSERA_CARRIER_ERROR_UNSAFE: a name that is not ours to use, a link, a device, or too large: never
 *   touched
 * @TESSERA_CARRIER_ERROR_FAILED: anything else; the message has the system's reason
 * @TESSERA_CARRIER_ERROR_NOT_ALLOWED: the server wants another password, or its account has no right to do this
 * @TESSERA_CARRIER_ERROR_CERTIFICATE: the server cannot prove that it is the one we mean; nothing was sent to it
 * @TESSERA_CARRIER_ERROR_OFFLINE: the server cannot be reached now, or the line was cut
 * @TESSERA_CARRIER_ERROR_BUSY: the server asks us to come back later
 * @TESSERA_CARRIER_ERROR_ELSEWHERE: the server sends us to another one, and we do not go there
 *
 * Every message is one translated sentence that says what happened and what to do.
 */
typedef enum {
  TESSERA_CARRIER_ERROR_FULL,
  TESSERA_CARRIER_ERROR_READ_ONLY,
  TESSERA_CARRIER_ERROR_NOT_FOUND,
  TESSERA_CARRIER_ERROR_NOT_COMPLETE,
  TESSERA_CARRIER_ERROR_UNSAFE,
  TESSERA_CARRIER_ERROR_FAILED,
  TESSERA_CARRIER_ERROR_NOT_ALLOWED,
  TESSERA_CARRIER_ERROR_CERTIFICATE,
  TESSERA_CARRIER_ERROR_OFFLINE,
  TESSERA_CARRIER_ERROR_BUSY,
  TESSERA_CARRIER_ERROR_ELSEWHERE,
} TesseraCarrierError;

/** tessera_carrier_error_is_temporary: whether trying again by itself, later, makes sense; if not, a person has to do
 * something first (password, certificate, rights, space). %FALSE for errors of other domains. */
gboolean tessera_carrier_error_is_temporary (const GError *error);

/** tessera_carrier_error_get_retry_after: how many seconds the carrier asked us to wait (at most a day), or 0. */
guint tessera_carrier_error_get_retry_after (const GError *error);

G_END_DECLS
