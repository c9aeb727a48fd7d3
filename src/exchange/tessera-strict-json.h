/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-strict-json.h: JSON that means one thing only.
 *
 * json-glib accepts comments, repeated names and any depth. What comes from outside passes this check first: RFC
 * 8259 grammar, valid UTF-8, no zero bytes, no name twice in one object, a stated depth. It says whether a text is
 * JSON, not whether it is a good manifest.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

/** Objects and arrays inside each other, in anything a bundle carries. */
#define TESSERA_STRICT_JSON_MAX_DEPTH 16
/** Digits of a whole number, so that it always fits 64 bits. */
#define TESSERA_STRICT_JSON_MAX_DIGITS 18
/** Names in one object. */
#define TESSERA_STRICT_JSON_MAX_NAMES 1024

/** tessera_strict_json_check: whether @text is one JSON object and nothing else. No allocation per value. */
gboolean tessera_strict_json_check (const char *text, gsize length);

/** tessera_strict_json_parse: the same, parsed. Returns: (transfer full) (nullable): %NULL if it is not */
JsonNode *tessera_strict_json_parse (const char *text, gsize length);

G_END_DECLS
