/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-record.h: one row of one entity, in memory.
 *
 * Values are held as canonical text (see #TesseraFieldType) so that forms, JSON, bundles and the store speak alike.
 * A record does not know the store; saving is the store's work.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-registry.h"

G_BEGIN_DECLS

#define TESSERA_RECORD_ERROR (tessera_record_error_quark ())
GQuark tessera_record_error_quark (void);

/**
 * TesseraRecordError:
 * @TESSERA_RECORD_ERROR_UNKNOWN_ENTITY: no such entity
 * @TESSERA_RECORD_ERROR_UNKNOWN_FIELD: no such field; the message lists those there are
 * @TESSERA_RECORD_ERROR_INVALID: the value is not of the field's type; the message names the field and the rule
 * @TESSERA_RECORD_ERROR_MISSING: a required field has no value
 */
typedef enum {
  TESSERA_RECORD_ERROR_UNKNOWN_ENTITY,
  TESSERA_RECORD_ERROR_UNKNOWN_FIELD,
  TESSERA_RECORD_ERROR_INVALID,
  TESSERA_RECORD_ERROR_MISSING,
} TesseraRecordError;

/** TESSERA_TEXT_LIMIT: longest text of one field in bytes; more is refused. */
#define TESSERA_TEXT_LIMIT (256 * 1024)

#define TESSERA_TYPE_RECORD (tessera_record_get_type ())
G_DECLARE_FINAL_TYPE (TesseraRecord, tessera_record, TESSERA, RECORD, GObject)

/** tessera_record_new: an empty record of @entity (which must exist) with a fresh UUIDv7 as id. */
TesseraRecord *tessera_record_new (TesseraRegistry *registry, const char *entity);

/** tessera_record_new_for: the same for an entity at hand; @id (nullable) is a canonical UUID. */
TesseraRecord *tessera_record_new_for (TesseraRegistry *registry, const TesseraEntity *entity, const char *id);

/** tessera_record_copy: (transfer full): same id, same values. */
TesseraRecord *tessera_record_copy (TesseraRecord *self);

const TesseraEntity *tessera_record_get_entity (TesseraRecord *self);
TesseraRegistry *tessera_record_get_registry (TesseraRecord *self);
const char *tessera_record_get_id (TesseraRecord *self);

/** tessera_record_get: (nullable): canonical text of @field ("id" too); %NULL when empty. Programming error if the
 * entity has no such field. Valid until the field is set again. */
const char *tessera_record_get (TesseraRecord *self, const char *field);
/** tessera_record_get_at: the same by field index, for loops over the registry. */
const char *tessera_record_get_at (TesseraRecord *self, guint index);
/** tessera_record_peek_values: (transfer none): all of them, in the order of the entity's fields. */
const char *const *tessera_record_peek_values (TesseraRecord *self);
/** tessera_record_get_integer: 0 when empty; also for instants (milliseconds). */
gint64 tessera_record_get_integer (TesseraRecord *self, const char *field);
gboolean tessera_record_get_boolean (TesseraRecord *self, const char *field);
/** tessera_record_get_set: (transfer full): codes of a set; empty vector when empty. */
char **tessera_record_get_set (TesseraRecord *self, const char *field);
gboolean tessera_record_set_contains (TesseraRecord *self, const char *field, const char *code);

/** tessera_record_set: @value (nullable) is canonical text we made ourselves; empty text empties the field. */
void tessera_record_set (TesseraRecord *self, const char *field, const char *value);
void tessera_record_set_at (TesseraRecord *self, guint index, const char *value);
void tessera_record_set_integer (TesseraRecord *self, const char *field, gint64 value);
void tessera_record_set_boolean (TesseraRecord *self, const char *field, gboolean value);

/**
 * tessera_record_parse:
 * @text: (nullable): what a person or a file gave; surrounding white space is dropped, booleans may be
 *   yes/no/true/false, sets may use commas, semicolons or spaces, instants may be ISO 8601
 *
 * Validates and normalizes (UTF-8, no NUL or other control characters, NFC, type, vocabulary, length) foreign input.
 */
gboolean tessera_record_parse (TesseraRecord *self, const char *field, const char *text, GError **error);

/** tessera_record_validate: whether every required field has a value. */
gboolean tessera_record_validate (TesseraRecord *self, GError **error);

/** tessera_record_to_json: (transfer full): an object with `id` and every non-empty field, typed: integers, instants
 * (milliseconds) and booleans as such, sets as arrays, everything else as strings. */
JsonObject *tessera_record_to_json (TesseraRecord *self);

/** tessera_record_set_from_json: validates foreign JSON members through tessera_record_parse(); unknown members
 * are skipped and, if @ret_unknown is given, collected there by name. */
gboolean tessera_record_set_from_json (TesseraRecord *self, JsonObject *object, GPtrArray *ret_unknown,
                                       GError **error);

/** tessera_field_check: (transfer full) (nullable): canonical form of @text for @field, or an error. */
char *tessera_field_check (const TesseraField *field, const char *text, GError **error);

/** tessera_field_format: (transfer full): @value as a person reads it now: label of a choice, local date … */
char *tessera_field_format (const TesseraField *field, const char *value);

G_END_DECLS
