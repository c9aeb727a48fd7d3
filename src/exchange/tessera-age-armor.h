/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age-armor.h: a sealed file as text that can be pasted, or shown as a QR code; stock `age -d` opens it as it is.
 *
 * The armor of age (a strict form of PEM, RFC 7468): base64 in lines of 64 characters. Only for small files.
 */
#pragma once

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

/** Bytes of a text, lines and marks included. */
#define TESSERA_AGE_ARMOR_MAX_SIZE (64 * 1024)

/** tessera_age_armor: Returns: (transfer full) */
char *tessera_age_armor (GBytes *file);

/** tessera_age_dearmor: the opposite; white space around the text does no harm, everything else is refused. Returns:
 * (transfer full) (nullable): %NULL with %TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, _TOO_LARGE or _MALFORMED */
GBytes *tessera_age_dearmor (const char *text, gsize length, GError **error);

G_END_DECLS
