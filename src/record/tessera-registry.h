/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-registry.h: what a client, a visit, a referral is.
 *
 * The one table of entities and fields that the schema, the forms, the change log, search, the bundle filter and
 * every output read. It holds no data and no behavior: adding a field is one line here.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TesseraFieldType:
 *
 * The canonical text of each type, as held by a #TesseraRecord and shown in JSON and CSV:
 * text as it is; integer and number in decimal with a point; boolean 0 or 1; date ISO 8601
 * (2026-11-21); instant milliseconds since 1970 UTC; choice a code of the field's vocabulary; language BCP 47; id and
 * reference a lower-case UUID; set codes in byte order, separated by commas; blob the name of an attachment, 64 lower-case
 * hexadecimal digits (its bytes are never in a record).
 */
typedef enum {
  TESSERA_FIELD_TEXT,
  TESSERA_FIELD_INTEGER,
  TESSERA_FIELD_NUMBER,
  TESSERA_FIELD_DATE,
  TESSERA_FIELD_INSTANT,
  TESSERA_FIELD_BOOLEAN,
  TESSERA_FIELD_CHOICE,
  TESSERA_FIELD_LANGUAGE,
  TESSERA_FIELD_ID,
  TESSERA_FIELD_REFERENCE,
  TESSERA_FIELD_SET,
  TESSERA_FIELD_BLOB,
} TesseraFieldType;

/**
 * TesseraCategory: what kind of data a field is; the word a consent uses (design section 4).
 *
 * NONE is for what is not about a client (directory, organization). Health, protection and legal are special: they
 * are shared only when a consent names them.
 */
typedef enum {
  TESSERA_CATEGORY_NONE,
  TESSERA_CATEGORY_IDENTITY,
  TESSERA_CATEGORY_CONTACT,
  TESSERA_CATEGORY_HOUSEHOLD,
  TESSERA_CATEGORY_NEEDS,
  TESSERA_CATEGORY_PATHWAY,
  TESSERA_CATEGORY_VISITS,
  TESSERA_CATEGORY_NOTES,
  TESSERA_CATEGORY_HEALTH,
  TESSERA_CATEGORY_PROTECTION,
  TESSERA_CATEGORY_LEGAL,
  TESSERA_CATEGORY_HOUSING,
  TESSERA_CATEGORY_WORK,
  TESSERA_CATEGORY_DOCUMENTS,
  TESSERA_CATEGORY_STORY,
  TESSERA_N_CATEGORIES,
} TesseraCategory;

/**
 * TesseraShare:
 * @TESSERA_SHARE_NEVER: never leaves the organization (worker's notes, internal links)
 * @TESSERA_SHARE_CONSENT: leaves only when a consent to that partner names the field's category
 * @TESSERA_SHARE_REFERRAL: part of the referral form itself; goes with any referral (code, reason, languages)
 * @TESSERA_SHARE_PUBLIC: may be published (the service directory)
 */
typedef enum {
  TESSERA_SHARE_NEVER,
  TESSERA_SHARE_CONSENT,
  TESSERA_SHARE_REFERRAL,
  TESSERA_SHARE_PUBLIC,
} TesseraShare;

/** TesseraMerge: how concurrent writes of two devices meet (design section 4). */
typedef enum {
  TESSERA_MERGE_LAST_WRITER,
  TESSERA_MERGE_APPEND_ONLY,
  TESSERA_MERGE_SET,
  TESSERA_MERGE_CONFLICT,
} TesseraMerge;

/**
 * TesseraFieldFlags:
 * @TESSERA_FIELD_REQUIRED: a row cannot be saved without it
 * @TESSERA_FIELD_SEARCHED: its words are in the search index
 * @TESSERA_FIELD_LONG: several lines in a form
 * @TESSERA_FIELD_TRANSLATED: may have translations (directory): see the translation entity
 * @TESSERA_FIELD_AUTOMATIC: filled by the application; not offered in forms or on the command line
 * @TESSERA_FIELD_INDEXED: the schema has an index on it
 */
typedef enum {
  TESSERA_FIELD_PLAIN = 0,
  TESSERA_FIELD_REQUIRED = 1 << 0,
  TESSERA_FIELD_SEARCHED = 1 << 1,
  TESSERA_FIELD_LONG = 1 << 2,
  TESSERA_FIELD_TRANSLATED = 1 << 3,
  TESSERA_FIELD_AUTOMATIC = 1 << 4,
  TESSERA_FIELD_INDEXED = 1 << 5,
} TesseraFieldFlags;

/**
 * TesseraField:
 * @name: column name, JSON member, command-line word
 * @label: English label, marked for translation; show with tessera_field_get_label()
 * @of: vocabulary of a choice or set ("language" for a set of languages); entity of a reference
 */
typedef struct {
  const char *name;
  const char *label;
  TesseraFieldType type;
  TesseraCategory category;
  TesseraShare share;
  TesseraMerge merge;
  TesseraFieldFlags flags;
  const char *of;
} TesseraField;

/**
 * TesseraEntityFlags:
 * @TESSERA_ENTITY_APPEND_ONLY: rows are added, never changed; a correction is a new row
 * @TESSERA_ENTITY_LOCAL: stays on this device: no change log, no bundle (drafts, audit, inbox state)
 * @TESSERA_ENTITY_DIRECTORY: HSDS data, not about clients
 */
typedef enum {
  TESSERA_ENTITY_PLAIN = 0,
  TESSERA_ENTITY_APPEND_ONLY = 1 << 0,
  TESSERA_ENTITY_LOCAL = 1 << 1,
  TESSERA_ENTITY_DIRECTORY = 1 << 2,
} TesseraEntityFlags;

/**
 * TesseraEntity:
 * @number: stable number for the change log; never reused
 * @subject: field that names the client a row is about: "id" for the client itself, %NULL when it is about nobody
 * @fields: without the implicit `id`, which every entity has
 */
typedef struct {
  const char *name;
  const char *label;
  guint number;
  TesseraEntityFlags flags;
  const char *subject;
  const TesseraField *fields;
  guint n_fields;
} TesseraEntity;

/** TesseraChoice: one code of a vocabulary with its English label (marked for translation). */
typedef struct {
  const char *code;
  const char *label;
} TesseraChoice;

typedef struct {
  const char *name;
  const TesseraChoice *choices;
  guint n_choices;
} TesseraVocabulary;

#define TESSERA_TYPE_REGISTRY (tessera_registry_get_type ())
G_DECLARE_FINAL_TYPE (TesseraRegistry, tessera_registry, TESSERA, REGISTRY, GObject)

/** tessera_registry_new: the built-in entities; an organization's own fields are added with
 * tessera_registry_add_field() before a store is opened on it. Entities live as long as the registry. */
TesseraRegistry *tessera_registry_new (void);

/** tessera_registry_add_field: adds an organization's own field (name must begin with "x_") to @entity. All strings
 * are copied. Fails on an unknown entity or vocabulary, or a name in use. */
gboolean tessera_registry_add_field (TesseraRegistry *self, const char *entity, const TesseraField *field,
                                     GError **error);

/** tessera_registry_get_entity: (nullable) */
const TesseraEntity *tessera_registry_get_entity (TesseraRegistry *self, const char *name);
const TesseraEntity *tessera_registry_get_entity_by_number (TesseraRegistry *self, guint number);

/** tessera_registry_get_entities: (transfer none): %NULL-terminated, in schema order. */
const TesseraEntity *const *tessera_registry_get_entities (TesseraRegistry *self);

/** tessera_entity_find_field: index of the field named @name, or -1. `id` is not a field. */
int tessera_entity_find_field (const TesseraEntity *entity, const char *name);

/** tessera_entity_get_label: translated now, in the current language. */
const char *tessera_entity_get_label (const TesseraEntity *entity);
const char *tessera_field_get_label (const TesseraField *field);

/** tessera_category_get_code: "identity", "needs" …; "none". */
const char *tessera_category_get_code (TesseraCategory category);
const char *tessera_category_get_label (TesseraCategory category);
/** tessera_category_get_description: one translated sentence saying what is in it, for consent screens. */
const char *tessera_category_get_description (TesseraCategory category);
/** tessera_category_parse: %FALSE if @code names none. */
gboolean tessera_category_parse (const char *code, TesseraCategory *ret_category);
/** tessera_category_is_special: health, protection, legal. */
gboolean tessera_category_is_special (TesseraCategory category);
/** tessera_category_is_shareable: whether a consent may name it (not none, not notes). */
gboolean tessera_category_is_shareable (TesseraCategory category);

/** tessera_vocabulary_find: (nullable): "step", "domain", "visit_how" … */
const TesseraVocabulary *tessera_vocabulary_find (const char *name);
/** tessera_vocabulary_get_label: translated label of @code; @code itself when unknown (a newer colleague's code). */
const char *tessera_vocabulary_get_label (const char *vocabulary, const char *code);
gboolean tessera_vocabulary_has (const TesseraVocabulary *vocabulary, const char *code);

/** tessera_language_is_valid: whether @tag has the shape of a BCP 47 tag (language[-script][-region]). */
gboolean tessera_language_is_valid (const char *tag);

G_END_DECLS
