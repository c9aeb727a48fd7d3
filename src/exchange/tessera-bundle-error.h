/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-error.h: what can be wrong with a bundle.
 *
 * One error domain for the age file, the archive, the signature, the manifest and the bundle around them, so that a
 * caller decides by code what to do: try again later, ask the sender, ask a supervisor, update Tessera.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_BUNDLE_ERROR (tessera_bundle_error_quark ())
GQuark tessera_bundle_error_quark (void);

/**
 * TesseraBundleError:
 * @TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE: some other kind of file
 * @TESSERA_BUNDLE_ERROR_TRUNCATED: the beginning of a bundle; the rest has not arrived
 * @TESSERA_BUNDLE_ERROR_DAMAGED: bytes were changed after sealing, or a part does not match the signed manifest
 * @TESSERA_BUNDLE_ERROR_NOT_FOR_US: sealed to other keys than ours
 * @TESSERA_BUNDLE_ERROR_FORWARDED: sealed to our key, but the signer addressed it to somebody else
 * @TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER: signed by a key we have no card or roster entry for
 * @TESSERA_BUNDLE_ERROR_BAD_SIGNATURE: not signed by the key it claims, or with the legacy signature kind
 * @TESSERA_BUNDLE_ERROR_TOO_NEW: needs a newer Tessera; keep the file
 * @TESSERA_BUNDLE_ERROR_EXPIRED: the bundle or its certificate is past its date
 * @TESSERA_BUNDLE_ERROR_TOO_LARGE: beyond a stated limit of size, count or depth
 * @TESSERA_BUNDLE_ERROR_MALFORMED: authentic bytes that do not follow the format
 * @TESSERA_BUNDLE_ERROR_REFUSED: the sender is known but may not send this (revoked, no right, chain broken)
 * @TESSERA_BUNDLE_ERROR_INVALID: an argument cannot be used (key text, fingerprint, comment)
 * @TESSERA_BUNDLE_ERROR_FAILED: the operating system refused; the message says what
 * @TESSERA_BUNDLE_ERROR_TOO_EARLY: authentic, but something that belongs before it is not here; keep the file, try again
 *   when more has arrived
 *
 * Every message is one sentence fit to be shown.
 */
typedef enum {
  TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
  TESSERA_BUNDLE_ERROR_TRUNCATED,
  TESSERA_BUNDLE_ERROR_DAMAGED,
  TESSERA_BUNDLE_ERROR_NOT_FOR_US,
  TESSERA_BUNDLE_ERROR_FORWARDED,
  TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER,
  TESSERA_BUNDLE_ERROR_BAD_SIGNATURE,
  TESSERA_BUNDLE_ERROR_TOO_NEW,
  TESSERA_BUNDLE_ERROR_EXPIRED,
  TESSERA_BUNDLE_ERROR_TOO_LARGE,
  TESSERA_BUNDLE_ERROR_MALFORMED,
  TESSERA_BUNDLE_ERROR_REFUSED,
  TESSERA_BUNDLE_ERROR_INVALID,
  TESSERA_BUNDLE_ERROR_FAILED,
  TESSERA_BUNDLE_ERROR_TOO_EARLY,
} TesseraBundleError;

G_END_DECLS
