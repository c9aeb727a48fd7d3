/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-language.h: language tags of the directory and the texts of a row in one of them.
 *
 * A row holds its texts in the directory's base language; other languages are rows of `translation`. What has
 * no translation is shown in the base language: a service in another language is better than a hidden one.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_SETTING_DIRECTORY_LANGUAGE: setting that holds the base language; set by the first import. */
#define TESSERA_SETTING_DIRECTORY_LANGUAGE "directory.language"

/** tessera_directory_canonical_language: (transfer full) (nullable): BCP 47 with the shortest language code
 * ("eng" becomes "en"); %NULL for what is no language tag. @tag (nullable). */
char *tessera_directory_canonical_language (const char *tag);

/** tessera_directory_same_language: whether two tags are written alike once canonical. */
gboolean tessera_directory_same_language (const char *a, const char *b);

/** tessera_directory_get_language: (transfer full): base language of the directory; "en" before the first
 * import. */
char *tessera_directory_get_language (TesseraTransaction *transaction);

/** tessera_translation_id: (transfer full): the id of the translation row: a UUIDv5 of what it translates, so
 * that two devices that import the same file make the same row. */
char *tessera_translation_id (const char *entity, const char *row, const char *field, const char *language);

/** TesseraTexts: translations of the directory into one language. */
typedef struct _TesseraTexts TesseraTexts;

/**
 * tessera_texts_new:
 * @language: (nullable): wanted language; "ar-SY" also accepts "ar"; %NULL is the base language
 *
 * For lists, whose rows share few queries: tessera_texts_preload() reads all translations of one field at
 * once.
 */
TesseraTexts *tessera_texts_new (TesseraTransaction *transaction, const char *language);
void tessera_texts_free (TesseraTexts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraTexts, tessera_texts_free)

/** tessera_texts_preload: reads the translations of @field (nullable: all fields) of all rows of @entity. */
gboolean tessera_texts_preload (TesseraTexts *self, const char *entity, const char *field, GError **error);

/** tessera_texts_load_row: reads the translations of one row. */
gboolean tessera_texts_load_row (TesseraTexts *self, const char *entity, const char *row, GError **error);

/** tessera_texts_lookup: (nullable): the translation, if loaded and there is one. */
const char *tessera_texts_lookup (TesseraTexts *self, const char *entity, const char *row, const char *field);

/** tessera_texts_get: (nullable): the translation, else @base. */
const char *tessera_texts_get (TesseraTexts *self, const char *entity, const char *row, const char *field,
                               const char *base);

/** tessera_texts_get_language: language of the translations; the base language when it is the wanted one. */
const char *tessera_texts_get_language (TesseraTexts *self);
/** tessera_texts_get_base: base language of the directory. */
const char *tessera_texts_get_base (TesseraTexts *self);

G_END_DECLS
