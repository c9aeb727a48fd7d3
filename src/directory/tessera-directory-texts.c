/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-texts.c: translations looked up by row and field, with the base language behind them.
 */
#include "config.h"
#include <string.h>

#include "tessera-directory-language.h"
#include "tessera-identifier.h"

/* Namespace of translation rows (RFC 9562 section 5.5); a random UUID, fixed for ever. */
#define TRANSLATION_SPACE "0f4a6f6e-7d0b-4a8e-9c37-2a1b6f0d5e92"

struct _TesseraTexts {
  TesseraTransaction *transaction;
  char *base;
  char *language;
  GHashTable *texts;
};

char *
tessera_directory_get_language (TesseraTransaction *transaction) {
  g_autofree char *setting =
    tessera_transaction_get_setting (transaction, TESSERA_SETTING_DIRECTORY_LANGUAGE);

  return setting != NULL ? g_steal_pointer (&setting) : g_strdup ("en");
}

char *
tessera_translation_id (const char *entity, const char *row, const char *field, const char *language) {
  g_autofree char *name = g_strjoin ("/", entity, row, field, language, NULL);

  return tessera_uuid_for_name (TRANSLATION_SPACE, name);
}

TesseraTexts *
tessera_texts_new (TesseraTransaction *transaction, const char *language) {
  TesseraTexts *self = g_new0 (TesseraTexts, 1);

  self->transaction = transaction;
  self->base = tessera_directory_get_language (transaction);
  self->language = tessera_directory_canonical_language (language);
  if (self->language == NULL)
    self->language = g_strdup (self->base);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
tessera_texts_free (TesseraTexts *self) {
  g_free (self->base);
  g_free (self->language);
  g_hash_table_unref (self->texts);
  g_free (self);
}

static char *
key_of (const char *entity, const char *row, const char *field) {
  return g_strjoin ("/", entity, row, field, NULL);
}

/* Columns: entity, row, field, text. A later round overwrites, so the wider language is read first. */
static gboolean
take_rows (TesseraTexts *self, TesseraStatement *statement, GError **error) {
  GError *local_error = NULL;

  while (tessera_statement_step (statement, &local_error)) {
    const char *text = tessera_statement_get_text (statement, 3);

    if (text != NULL)
      g_hash_table_replace (self->texts,
                            key_of (tessera_statement_get_text (statement, 0),
                                    tessera_statement_get_text (statement, 1),
                                    tessera_statement_get_text (statement, 2)),
                            g_strdup (text));
  }
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
load_language (TesseraTexts *self, const char *condition, const char *entity, const char *which,
               const char *language, GError **error) {
  g_autofree char *sql =
    g_strconcat ("SELECT entity, \"row\", field, text FROM translation WHERE language = ?1"
                 " AND entity = ?2",
                 condition, NULL);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (self->transaction, sql, error);

  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_text (statement, 1, language);
  tessera_statement_bind_text (statement, 2, entity);
  if (which != NULL)
    tessera_statement_bind_text (statement, 3, which);
  return take_rows (self, statement, error);
}

static gboolean
load (TesseraTexts *self, const char *condition, const char *entity, const char *which, GError **error) {
  const char *dash = strchr (self->language, '-');

  if (strcmp (self->language, self->base) == 0)
    return TRUE;
  if (dash != NULL) {
    g_autofree char *wider = g_strndup (self->language, (gsize) (dash - self->language));

    /* Swiss French with a French directory: the rows are right as they are. */
    if (strcmp (wider, self->base) != 0 && !load_language (self, condition, entity, which, wider, error))
      return FALSE;
  }
  return load_language (self, condition, entity, which, self->language, error);
}

gboolean
tessera_texts_preload (TesseraTexts *self, const char *entity, const char *field, GError **error) {
  return load (self, field != NULL ? " AND field = ?3" : "", entity, field, error);
}

gboolean
tessera_texts_load_row (TesseraTexts *self, const char *entity, const char *row, GError **error) {
  return load (self, " AND \"row\" = ?3", entity, row, error);
}

const char *
tessera_texts_lookup (TesseraTexts *self, const char *entity, const char *row, const char *field) {
  g_autofree char *key = key_of (entity, row, field);

  return g_hash_table_lookup (self->texts, key);
}

const char *
tessera_texts_get (TesseraTexts *self, const char *entity, const char *row, const char *field,
                   const char *base) {
  const char *text = tessera_texts_lookup (self, entity, row, field);

  return text != NULL ? text : base;
}

const char *
tessera_texts_get_language (TesseraTexts *self) {
  return self->language;
}

const char *
tessera_texts_get_base (TesseraTexts *self) {
  return self->base;
}
