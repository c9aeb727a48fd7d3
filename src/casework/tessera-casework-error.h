/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-casework-error.h: what the rules of case work may refuse, by what a person can do about it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_CASEWORK_ERROR (tessera_casework_error_quark ())
GQuark tessera_casework_error_quark (void);

/**
 * TesseraCaseworkError:
 * @TESSERA_CASEWORK_ERROR_NOT_FOUND: nobody and nothing has that id or code
 * @TESSERA_CASEWORK_ERROR_INVALID: a value cannot be used; the message names it and the rule
 * @TESSERA_CASEWORK_ERROR_AMBIGUOUS: what was typed fits several; the message says so
 * @TESSERA_CASEWORK_ERROR_NOT_ALLOWED: the rules forbid it here (merging a client into itself, answering an
 *   own referral)
 * @TESSERA_CASEWORK_ERROR_NO_CONSENT: the client has not agreed to this partner or these groups
 * @TESSERA_CASEWORK_ERROR_CONSENT_ENDED: there was a consent; it expired or was withdrawn
 * @TESSERA_CASEWORK_ERROR_ILLEGAL_STEP: a referral cannot go from its state to that one
 * @TESSERA_CASEWORK_ERROR_OUT_OF_ORDER: an event of the other side came before one that is missing
 *
 * Every message is one translated sentence that says what happened and what to do. Errors of the store pass
 * through unchanged.
 */
typedef enum {
  TESSERA_CASEWORK_ERROR_NOT_FOUND,
  TESSERA_CASEWORK_ERROR_INVALID,
  TESSERA_CASEWORK_ERROR_AMBIGUOUS,
  TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
  TESSERA_CASEWORK_ERROR_NO_CONSENT,
  TESSERA_CASEWORK_ERROR_CONSENT_ENDED,
  TESSERA_CASEWORK_ERROR_ILLEGAL_STEP,
  TESSERA_CASEWORK_ERROR_OUT_OF_ORDER,
} TesseraCaseworkError;

G_END_DECLS
