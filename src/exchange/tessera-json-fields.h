/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-json-fields.h: reading fields of JSON that somebody else wrote, and writing ours.
 *
 * A field that is missing and one of another type are the same: not there.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/** Characters of a name that is shown in lists. */
#define TESSERA_JSON_LONGEST_NAME 200

/** tessera_json_peek_text: the text in @name, or an empty one. */
const char *tessera_json_peek_text (JsonObject *object, const char *name);

/** tessera_json_peek_array: (nullable) */
JsonArray *tessera_json_peek_array (JsonObject *object, const char *name);

/** tessera_json_peek_element_text: element @index, or an empty text. */
const char *tessera_json_peek_element_text (JsonArray *array, guint index);

/** tessera_json_peek_element_object: (nullable) */
JsonObject *tessera_json_peek_element_object (JsonArray *array, guint index);

/** tessera_json_read_number: a whole number from 1 to %TESSERA_MANIFEST_MAX_NUMBER. */
gboolean tessera_json_read_number (JsonObject *object, const char *name, gint64 *ret_number);

/** tessera_json_read_name: (transfer full) (nullable): what may be shown to people: 1 to %TESSERA_JSON_LONGEST_NAME
 * printable characters. */
char *tessera_json_read_name (JsonObject *object, const char *name);

/** tessera_json_is_name: whether @text is such a name. */
gboolean tessera_json_is_name (const char *text);

/** tessera_json_read_tags: (transfer full): language tags of an array, comma-separated; what is none is dropped. */
char *tessera_json_read_tags (JsonObject *object, const char *name);

/** tessera_json_build_tags: (transfer full): the opposite; @tags (nullable). */
JsonArray *tessera_json_build_tags (const char *tags);

/** tessera_json_take_text: sets @name to @value (transfer full). */
void tessera_json_take_text (JsonObject *object, const char *name, char *value);

G_END_DECLS
