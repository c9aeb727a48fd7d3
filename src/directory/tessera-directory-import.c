/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-import.c: rows of a file against rows of the store, one by one, in one transaction.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-directory-error.h"
#include "tessera-directory-import.h"
#include "tessera-directory-language.h"

/* @stale: services whose stored row is newer; what hangs under them is left alone too
 * @created: "entity/id" of rows this import added
 * @siblings: rows of the file by entity and owner
 * @pairs: rows of the file that stand for a stored row with another id (or for none) */
typedef struct {
  TesseraTransaction *transaction;
  TesseraHsds *hsds;
  TesseraDirectorySummary *summary;
  gboolean translating;
  GHashTable *stale;
  GHashTable *created;
  GHashTable *siblings;
  GHashTable *pairs;
} Import;

static void
absent_free (gpointer data) {
  TesseraAbsentService *absent = data;

  g_free (absent->id);
  g_free (absent->name);
  g_free (absent);
}

static TesseraDirectorySummary *
summary_new (TesseraHsds *hsds) {
  TesseraDirectorySummary *self = g_new0 (TesseraDirectorySummary, 1);

  self->services = tessera_hsds_count (hsds, "service");
  self->organizations = tessera_hsds_count (hsds, "organization");
  self->locations = tessera_hsds_count (hsds, "location");
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->absent = g_ptr_array_new_with_free_func (absent_free);
  for (guint i = 0; i < hsds->warnings->len; i++)
    g_ptr_array_add (self->warnings, g_strdup (g_ptr_array_index (hsds->warnings, i)));
  return self;
}

void
tessera_directory_summary_free (TesseraDirectorySummary *self) {
  g_free (self->language);
  g_free (self->base);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->absent);
  g_free (self);
}

static JsonArray *
absent_to_json (GPtrArray *absent) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < absent->len; i++) {
    TesseraAbsentService *service = g_ptr_array_index (absent, i);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "id", service->id);
    json_object_set_string_member (object, "name", service->name);
    json_array_add_object_element (array, object);
  }
  return array;
}

JsonObject *
tessera_directory_summary_to_json (TesseraDirectorySummary *self) {
  JsonObject *object = json_object_new ();
  JsonArray *warnings = json_array_new ();

  for (guint i = 0; i < self->warnings->len; i++)
    json_array_add_string_element (warnings, g_ptr_array_index (self->warnings, i));
  json_object_set_string_member (object, "language", self->language);
  json_object_set_string_member (object, "base", self->base);
  json_object_set_int_member (object, "services", self->services);
  json_object_set_int_member (object, "organizations", self->organizations);
  json_object_set_int_member (object, "locations", self->locations);
  json_object_set_int_member (object, "added", self->added);
  json_object_set_int_member (object, "changed", self->changed);
  json_object_set_int_member (object, "translations", self->translations);
  json_object_set_array_member (object, "warnings", warnings);
  json_object_set_array_member (object, "absent", absent_to_json (self->absent));
  return object;
}

static gboolean
save_translation (Import *self, const char *entity, const char *row, const char *field, const char *text,
                  const char *base, GError **error) {
  g_autofree char *id = tessera_translation_id (entity, row, field, self->summary->language);
  g_autoptr (TesseraRecord) record = tessera_transaction_find (self->transaction, "translation", id);
  TesseraRegistry *registry = tessera_transaction_get_registry (self->transaction);

  if (record == NULL && g_strcmp0 (text, base) == 0)
    return TRUE;
  if (record != NULL && g_strcmp0 (text, tessera_record_get (record, "text")) == 0)
    return TRUE;
  if (record == NULL) {
    record = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "translation"), id);
    tessera_record_set (record, "entity", entity);
    tessera_record_set (record, "row", row);
    tessera_record_set (record, "field", field);
    tessera_record_set (record, "language", self->summary->language);
  }
  tessera_record_set (record, "text", text);
  self->summary->translations++;
  return tessera_transaction_save (self->transaction, record, error);
}

/* @base (nullable): the stored row; without it every text is kept as a translation, so that the language of a
 * row that exists in one language only is known. */
static gboolean
save_translations (Import *self, TesseraRecord *given, const char *row, TesseraRecord *base, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (given);

  for (guint i = 0; i < entity->n_fields; i++) {
    const char *text = tessera_record_get_at (given, i);

    if (text == NULL || !(entity->fields[i].flags & TESSERA_FIELD_TRANSLATED))
      continue;
    if (!save_translation (self, entity->name, row, entity->fields[i].name, text,
                           base != NULL ? tessera_record_get_at (base, i) : NULL, error))
      return FALSE;
  }
  return TRUE;
}

/* Somebody here may have checked the service after the file was written. */
static gboolean
goes_back (const TesseraField *field, const char *have, const char *given) {
  return strcmp (field->name, "assured_date") == 0 && have != NULL && strcmp (given, have) < 0;
}

static gboolean
update_row (Import *self, TesseraRecord *stored, TesseraRecord *given, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (stored);
  gboolean differs = FALSE;

  for (guint i = 0; i < entity->n_fields; i++) {
    const char *have = tessera_record_get_at (stored, i);
    const char *text = tessera_record_get_at (given, i);

    if (text == NULL || g_strcmp0 (have, text) == 0 || goes_back (&entity->fields[i], have, text))
      continue;
    tessera_record_set_at (stored, i, text);
    differs = TRUE;
  }
  if (!differs)
    return TRUE;
  self->summary->changed++;
  return tessera_transaction_save (self->transaction, stored, error);
}

static char *
key_of (const char *entity, const char *id) {
  return g_strconcat (entity, "/", id, NULL);
}

static gboolean
insert_row (Import *self, TesseraRecord *given, GError **error) {
  const char *entity = tessera_record_get_entity (given)->name;
  const char *id = tessera_record_get_id (given);

  self->summary->added++;
  g_hash_table_add (self->created, key_of (entity, id));
  if (!tessera_transaction_save (self->transaction, given, error))
    return FALSE;
  return !self->translating || save_translations (self, given, id, NULL, error);
}

static gboolean
is_stale (Import *self, TesseraRecord *stored, TesseraRecord *given) {
  return strcmp (tessera_record_get_entity (stored)->name, "service") == 0
         && tessera_record_get (given, "last_modified") != NULL
         && tessera_record_get_integer (given, "last_modified")
              < tessera_record_get_integer (stored, "last_modified");
}

static gboolean
has_translated_text (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++) {
    if ((entity->fields[i].flags & TESSERA_FIELD_TRANSLATED) && tessera_record_get_at (record, i) != NULL)
      return TRUE;
  }
  return FALSE;
}

static gboolean
was_created (Import *self, TesseraHsdsRow *row) {
  g_autofree char *key = key_of (row->owner_entity, row->owner);

  return g_hash_table_contains (self->created, key);
}

/* The stored rows of the same entity and owner that the file does not name, in the order they came in. */
static GPtrArray *
find_unnamed (Import *self, TesseraHsdsRow *row, const char *owner_field, GError **error) {
  const char *entity = tessera_record_get_entity (row->record)->name;
  g_autofree char *tail = g_strdup_printf ("WHERE \"%s\" = ?1 ORDER BY _rowid", owner_field);
  g_autoptr (GPtrArray) records = NULL;

  records = tessera_transaction_select_records (self->transaction, entity, tail, row->owner, error);
  if (records == NULL)
    return NULL;
  for (guint i = records->len; i > 0; i--) {
    TesseraRecord *record = g_ptr_array_index (records, i - 1);

    if (tessera_hsds_find (self->hsds, entity, tessera_record_get_id (record)) != NULL)
      g_ptr_array_remove_index (records, i - 1);
  }
  return g_steal_pointer (&records);
}

static char *
siblings_key (TesseraHsdsRow *row) {
  return g_strjoin ("/", tessera_record_get_entity (row->record)->name, row->owner_entity, row->owner, NULL);
}

/* Rows of one entity under one owner, found at once: a file has tens of thousands. */
static void
index_siblings (Import *self) {
  for (guint i = 0; i < self->hsds->rows->len; i++) {
    TesseraHsdsRow *row = g_ptr_array_index (self->hsds->rows, i);
    g_autofree char *key = row->owner != NULL ? siblings_key (row) : NULL;
    GPtrArray *siblings = key != NULL ? g_hash_table_lookup (self->siblings, key) : NULL;

    if (key == NULL)
      continue;
    if (siblings == NULL) {
      siblings = g_ptr_array_new ();
      g_hash_table_insert (self->siblings, g_steal_pointer (&key), siblings);
    }
    g_ptr_array_add (siblings, row);
  }
}

/* The rows of the file under the same owner that the store does not know. */
static GPtrArray *
find_unknown (Import *self, TesseraHsdsRow *row) {
  const char *entity = tessera_record_get_entity (row->record)->name;
  g_autofree char *key = siblings_key (row);
  GPtrArray *siblings = g_hash_table_lookup (self->siblings, key);
  GPtrArray *unknown = g_ptr_array_new ();

  for (guint i = 0; siblings != NULL && i < siblings->len; i++) {
    TesseraHsdsRow *other = g_ptr_array_index (siblings, i);
    g_autoptr (TesseraRecord) stored = NULL;

    stored = tessera_transaction_find (self->transaction, entity, tessera_record_get_id (other->record));
    if (stored == NULL)
      g_ptr_array_add (unknown, other);
  }
  return unknown;
}

/* Some publishers derive the ids of list entries from their text, so that the same entry has another id in
 * every language. Equal numbers under the same owner are taken as the same list in the same order. */
static gboolean
pair_rows (Import *self, TesseraHsdsRow *row, const char *owner_field, GError **error) {
  g_autoptr (GPtrArray) stored = find_unnamed (self, row, owner_field, error);
  g_autoptr (GPtrArray) unknown = NULL;

  if (stored == NULL)
    return FALSE;
  unknown = find_unknown (self, row);
  for (guint i = 0; i < unknown->len; i++) {
    TesseraRecord *partner = stored->len == unknown->len ? g_ptr_array_index (stored, i) : NULL;

    g_hash_table_insert (self->pairs, g_ptr_array_index (unknown, i),
                         partner ? g_object_ref (partner) : NULL);
  }
  return TRUE;
}

static const char *
find_owner_field (TesseraHsdsRow *row) {
  const TesseraEntity *entity = tessera_record_get_entity (row->record);

  if (row->owner == NULL || strcmp (entity->name, "attribute") == 0)
    return NULL;
  return tessera_entity_find_field (entity, row->owner_entity) >= 0 ? row->owner_entity : NULL;
}

/* A row the store does not know, in a file of another language than the base. */
static gboolean
import_unknown_translation (Import *self, TesseraHsdsRow *row, GError **error) {
  const char *owner_field = find_owner_field (row);
  TesseraRecord *partner;

  if (owner_field == NULL || was_created (self, row) || !has_translated_text (row->record))
    return insert_row (self, row->record, error);
  if (!g_hash_table_contains (self->pairs, row) && !pair_rows (self, row, owner_field, error))
    return FALSE;
  partner = g_hash_table_lookup (self->pairs, row);
  if (partner != NULL)
    return save_translations (self, row->record, tessera_record_get_id (partner), partner, error);
  g_ptr_array_add (self->summary->warnings,
                   g_strdup_printf (_("“%s”: the %s %s has no counterpart in %s and was left out."),
                                    self->hsds->name, tessera_record_get_entity (row->record)->name,
                                    tessera_record_get_id (row->record), self->summary->base));
  return TRUE;
}

static gboolean
under_stale_service (Import *self, TesseraHsdsRow *row) {
  return row->owner != NULL && g_hash_table_contains (self->stale, row->owner);
}

static gboolean
import_known (Import *self, TesseraHsdsRow *row, TesseraRecord *stored, GError **error) {
  const char *id = tessera_record_get_id (stored);

  if (self->translating)
    return save_translations (self, row->record, id, stored, error);
  if (!is_stale (self, stored, row->record))
    return update_row (self, stored, row->record, error);
  g_hash_table_add (self->stale, g_strdup (id));
  g_ptr_array_add (self->summary->warnings,
                   g_strdup_printf (_("“%s”: the directory has a later state of “%s”, which was kept."),
                                    self->hsds->name, tessera_record_get (stored, "name")));
  return TRUE;
}

static gboolean
import_row (Import *self, TesseraHsdsRow *row, GError **error) {
  const char *entity = tessera_record_get_entity (row->record)->name;
  const char *id = tessera_record_get_id (row->record);
  g_autoptr (TesseraRecord) stored = NULL;

  if (row->incomplete)
    return TRUE;
  if (under_stale_service (self, row)) {
    g_hash_table_add (self->stale, g_strdup (id));
    return TRUE;
  }
  stored = tessera_transaction_find (self->transaction, entity, id);
  if (stored != NULL)
    return import_known (self, row, stored, error);
  if (self->translating)
    return import_unknown_translation (self, row, error);
  return insert_row (self, row->record, error);
}

static gboolean
import_rows (Import *self, GError **error) {
  if (self->translating)
    index_siblings (self);
  for (guint i = 0; i < self->hsds->rows->len; i++) {
    if (!import_row (self, g_ptr_array_index (self->hsds->rows, i), error))
      return FALSE;
  }
  return TRUE;
}

#define FEWEST_NAMES 3

/* Whether most services that both know have another name in the file: then it is hardly in the base
 * language. */
static gboolean
names_differ (Import *self) {
  guint known = 0, differing = 0;

  for (guint i = 0; i < self->hsds->rows->len; i++) {
    TesseraHsdsRow *row = g_ptr_array_index (self->hsds->rows, i);
    g_autoptr (TesseraRecord) stored = NULL;

    if (strcmp (tessera_record_get_entity (row->record)->name, "service") != 0)
      continue;
    stored = tessera_transaction_find (self->transaction, "service", tessera_record_get_id (row->record));
    if (stored == NULL)
      continue;
    known++;
    differing +=
      g_strcmp0 (tessera_record_get (stored, "name"), tessera_record_get (row->record, "name")) != 0;
  }
  return known >= FEWEST_NAMES && differing * 2 > known;
}

/* Taking a French file for an English one would write over every English text. */
static gboolean
check_guess (Import *self, const char *guess, GError **error) {
  if (guess != NULL || !names_differ (self))
    return TRUE;
  g_set_error (
    error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_INVALID,
    _("“%s” does not say its language, and most names differ from those in the directory (%s): import it"
       " again with its language named, for example --language fr."),
    self->hsds->name, self->summary->base);
  return FALSE;
}

/* The language of the file, and with the first file also that of the directory. */
static gboolean
settle_language (Import *self, const char *language, GError **error) {
  g_autofree char *setting = NULL;
  g_autofree char *guess = NULL;

  if (language != NULL) {
    guess = tessera_directory_canonical_language (language);
    if (guess == NULL) {
      g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_INVALID,
                   _("“%s” is not a language code: use one such as en, ar or fr."), language);
      return FALSE;
    }
  } else {
    guess = tessera_hsds_guess_language (self->hsds);
  }
  setting = tessera_transaction_get_setting (self->transaction, TESSERA_SETTING_DIRECTORY_LANGUAGE);
  self->summary->base = setting != NULL ? g_strdup (setting) : g_strdup (guess != NULL ? guess : "en");
  self->summary->language = g_strdup (guess != NULL ? guess : self->summary->base);
  self->translating = !tessera_directory_same_language (self->summary->base, self->summary->language);
  if (setting != NULL)
    return check_guess (self, guess, error);
  return tessera_transaction_set_setting (self->transaction, TESSERA_SETTING_DIRECTORY_LANGUAGE,
                                          self->summary->base, error);
}

/* HSDS does not say what was deleted (peers keep this vague); a complete file only lets us ask. */
static gboolean
find_absent (Import *self, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement =
    tessera_transaction_prepare (self->transaction,
                                 "SELECT id, name FROM service WHERE status IS NULL OR status NOT IN"
                                 " ('inactive', 'defunct') ORDER BY name",
                                 error);
  if (statement == NULL)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *id = tessera_statement_get_id (statement, 0);
    TesseraAbsentService *absent;

    if (tessera_hsds_find (self->hsds, "service", id) != NULL)
      continue;
    absent = g_new0 (TesseraAbsentService, 1);
    absent->id = g_steal_pointer (&id);
    absent->name = g_strdup (tessera_statement_get_text (statement, 1));
    g_ptr_array_add (self->summary->absent, absent);
  }
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
check_complete (TesseraHsds *hsds, gboolean complete, GError **error) {
  if (!complete || !hsds->partial)
    return TRUE;
  g_set_error (error, TESSERA_DIRECTORY_ERROR, TESSERA_DIRECTORY_ERROR_INVALID,
               _("“%s” is one page of several, so it cannot be complete: import it without that mark."),
               hsds->name);
  return FALSE;
}

static gboolean
run (Import *self, const char *language, gboolean complete, GError **error) {
  g_autofree char *detail = NULL;

  if (!check_complete (self->hsds, complete, error) || !settle_language (self, language, error)
      || !import_rows (self, error) || (complete && !find_absent (self, error)))
    return FALSE;
  detail = g_strdup_printf ("language=%s services=%u added=%u changed=%u translations=%u",
                            self->summary->language, self->summary->services, self->summary->added,
                            self->summary->changed, self->summary->translations);
  return tessera_transaction_audit (self->transaction, "import", "service", NULL, detail, error);
}

static void
unref_if_set (gpointer object) {
  if (object != NULL)
    g_object_unref (object);
}

gboolean
tessera_directory_import (TesseraTransaction *transaction, TesseraHsds *hsds, const char *language,
                          gboolean complete, TesseraDirectorySummary **ret_summary, GError **error) {
  g_autoptr (TesseraDirectorySummary) summary = summary_new (hsds);
  g_autoptr (GHashTable) stale = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) created = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) siblings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                           (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) pairs = g_hash_table_new_full (NULL, NULL, NULL, unref_if_set);
  Import import = { .transaction = transaction, .hsds = hsds, .summary = summary, .stale = stale,
                    .created = created, .siblings = siblings, .pairs = pairs };

  if (!run (&import, language, complete, error))
    return FALSE;
  if (ret_summary != NULL)
    *ret_summary = g_steal_pointer (&summary);
  return TRUE;
}

gboolean
tessera_directory_set_inactive (TesseraTransaction *transaction, GPtrArray *ids, GError **error) {
  for (guint i = 0; i < ids->len; i++) {
    g_autoptr (TesseraRecord) service = NULL;

    service = tessera_transaction_load (transaction, "service", g_ptr_array_index (ids, i), error);
    if (service == NULL)
      return FALSE;
    tessera_record_set (service, "status", "inactive");
    if (!tessera_transaction_save (transaction, service, error))
      return FALSE;
  }
  return TRUE;
}

