/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-search.c: the words of records, and finding records by words.
 *
 * Words are folded here, so that the index holds Latin transliterations whatever script was typed; names also leave
 * their sound, marked with _, for spellings that differ. Each entity has its own table: a list searches only its own.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-fold.h"
#include "tessera-kept.h"
#include "tessera-vault.h"

#define SHORTEST_SOUND 3   /* letters; below, a sound says nothing */

static gboolean
is_phone (const TesseraField *field) {
  return strcmp (field->name, "phone") == 0;
}

static void
append_sounds (GString *out, const char *value) {
  g_autofree char *sound = tessera_fold_sound (value);
  g_auto (GStrv) sounds = g_strsplit (sound, " ", -1);

  for (guint i = 0; sounds[i]; i++)
    if (strlen (sounds[i]) >= SHORTEST_SOUND)
      g_string_append_printf (out, " _%s", sounds[i]);
}

/* A number is looked for whole or by its last four digits, however it is spaced. */
static void
append_phone (GString *out, const char *value) {
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *c = value; *c; c++)
    if (g_ascii_isdigit (*c))
      g_string_append_c (digits, *c);
  if (digits->len > 4)
    g_string_append_printf (out, " %s %s", digits->str, digits->str + digits->len - 4);
}

static void
append_words (GString *out, const TesseraEntity *entity, const char *const *values) {
  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *value = values[i];

    if (!(field->flags & TESSERA_FIELD_SEARCHED) || !value)
      continue;
    if (out->len)
      g_string_append_c (out, ' ');
    tessera_fold_append_latin (out, value);
    if (field->category == TESSERA_CATEGORY_IDENTITY && !(field->flags & TESSERA_FIELD_AUTOMATIC))
      append_sounds (out, value);
    if (is_phone (field))
      append_phone (out, value);
  }
}

static char *
collect_words (TesseraRecord *record) {
  GString *out = g_string_new (NULL);

  append_words (out, tessera_record_get_entity (record), tessera_record_peek_values (record));
  return g_string_free (out, FALSE);
}

static gboolean
drop_words (TesseraTransaction *self, const TesseraEntity *entity, gint64 row, GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (self->connection, TESSERA_KEPT_DROP_WORDS, entity, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row);
  return tessera_kept_run (self->connection, statement, error);
}

static gboolean
add_words (TesseraTransaction *self, const TesseraEntity *entity, gint64 row, const char *words, gsize length,
           GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (self->connection, TESSERA_KEPT_ADD_WORDS, entity, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row);
  sqlite3_bind_text64 (statement, 2, words, length, SQLITE_STATIC, SQLITE_UTF8);
  return tessera_kept_run (self->connection, statement, error);
}

gboolean
tessera_search_add (TesseraTransaction *self, const TesseraEntity *entity, const char *const *values, gint64 row,
                    GError **error) {
  g_autoptr (GString) words = NULL;

  if (!tessera_entity_is_searched (entity))
    return TRUE;
  words = g_string_sized_new (512);
  append_words (words, entity, values);
  return words->len == 0 || add_words (self, entity, row, words->str, words->len, error);
}

gboolean
tessera_search_update (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, gint64 row,
                       GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after ? after : before);
  g_autofree char *old = NULL;
  g_autofree char *new = NULL;

  if (!tessera_entity_is_searched (entity))
    return TRUE;
  old = before ? collect_words (before) : g_strdup ("");
  new = after ? collect_words (after) : g_strdup ("");
  if (strcmp (old, new) == 0)
    return TRUE;
  return (!*old || drop_words (self, entity, row, error))
         && (!*new || add_words (self, entity, row, new, strlen (new), error));
}

/* One typed word: its beginning in any script, or, when long enough, its sound. */
static void
append_word (GString *query, const char *word) {
  g_autofree char *sound = tessera_fold_sound (word);

  g_string_append_printf (query, "%s(\"%s\" *", query->len ? " AND " : "", word);
  if (strlen (sound) >= SHORTEST_SOUND)
    g_string_append_printf (query, " OR \"_%s\"", sound);
  g_string_append_c (query, ')');
}

char *
tessera_search_query (const char *words) {
  g_autofree char *folded = tessera_fold_latin (words);
  g_auto (GStrv) parts = g_strsplit (folded, " ", -1);
  GString *query = g_string_new (NULL);

  for (guint i = 0; parts[i] && i < 12; i++)
    if (*parts[i])
      append_word (query, parts[i]);
  if (query->len)
    return g_string_free (query, FALSE);
  g_string_free (query, TRUE);
  return NULL;
}

static gboolean
search_entity (TesseraTransaction *self, const TesseraEntity *entity, const char *query, guint limit, GPtrArray *found,
               GError **error) {
  g_autofree char *tail = g_strdup_printf (
    "JOIN (SELECT rowid AS found FROM %s_words WHERE %s_words MATCH ?1 ORDER BY rank LIMIT ?2) ON found = _rowid",
    entity->name, entity->name);
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (self, entity->name, tail, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, query);
  tessera_statement_bind_integer (statement, 2, limit);
  while (found->len < limit && tessera_statement_step (statement, &local_error))
    g_ptr_array_add (found, tessera_statement_get_record (statement));
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

GPtrArray *
tessera_transaction_search (TesseraTransaction *self, const char *name, const char *words, guint limit,
                            GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->connection->registry);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *query = tessera_search_query (words);

  for (guint i = 0; query && entities[i]; i++) {
    if ((name && strcmp (entities[i]->name, name) != 0) || !tessera_entity_is_searched (entities[i]))
      continue;
    if (!search_entity (self, entities[i], query, limit, found, error))
      return NULL;
  }
  return g_steal_pointer (&found);
}

/* ---- checking ---- */

static gboolean
set_search_error (const TesseraEntity *entity, GError **error) {
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The search does not know the words of every %s any more and may miss some; restore a backup."),
               entity->name);
  return FALSE;
}

/* The words a row has in the index are those it has in its fields. */
static gboolean
check_rows (TesseraTransaction *self, const TesseraEntity *entity, gint64 *count, GError **error) {
  g_autofree char *columns = tessera_entity_columns (entity);
  g_autofree char *sql = g_strdup_printf (
    "SELECT %s, (SELECT words FROM %s_words w WHERE w.rowid = \"%s\"._rowid) FROM \"%s\"", columns, entity->name,
    entity->name, entity->name);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, entity, error);
  int n_fields = (int) entity->n_fields;
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    g_autoptr (TesseraRecord) record = tessera_statement_get_record (statement);
    g_autofree char *words = collect_words (record);
    const char *found = tessera_statement_get_text (statement, n_fields + 1);

    if (strcmp (words, found ? found : "") != 0)
      return set_search_error (entity, error);
    (*count)++;
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* No words are left of rows that are gone. */
static gboolean
check_no_others (TesseraTransaction *self, const TesseraEntity *entity, GError **error) {
  g_autofree char *sql = g_strdup_printf (
    "SELECT count(*) FROM %s_words w WHERE NOT EXISTS (SELECT 1 FROM \"%s\" WHERE _rowid = w.rowid)", entity->name,
    entity->name);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  return tessera_statement_get_integer (statement, 0) == 0 || set_search_error (entity, error);
}

gboolean
tessera_search_check (TesseraTransaction *self, gint64 *count, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->connection->registry);

  for (guint i = 0; entities[i]; i++)
    if (tessera_entity_is_searched (entities[i])
        && (!check_rows (self, entities[i], count, error) || !check_no_others (self, entities[i], error)))
      return FALSE;
  return TRUE;
}

gboolean
tessera_search_check_index (TesseraTransaction *self, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->connection->registry);

  for (guint i = 0; entities[i]; i++) {
    g_autofree char *sql = NULL;

    if (!tessera_entity_is_searched (entities[i]))
      continue;
    sql = g_strdup_printf ("INSERT INTO %s_words (%s_words) VALUES ('integrity-check')", entities[i]->name,
                           entities[i]->name);
    if (!tessera_connection_execute (self->connection, sql, NULL))
      return set_search_error (entities[i], error);
  }
  return TRUE;
}
