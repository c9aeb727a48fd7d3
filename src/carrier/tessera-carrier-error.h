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
} TesseraCarrierError;

G_END_DECLS
