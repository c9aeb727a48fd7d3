/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-merge-row.c: a foreign change meets a row that is here.
 *
 * Each field holds the set of writes that no other write had seen; the one with the largest clock is shown. This is the
 * quick way, change by change; tessera-merge-rebuild.c comes to the same from the log alone.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-kept.h"
#include "tessera-merge-private.h"

void
tessera_merge_row_clear (TesseraMergeRow *self) {
  g_clear_object (&self->record);
}

gboolean
tessera_merge_row_load (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *id,
                        TesseraMergeRow *self, GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (transaction->connection, TESSERA_KEPT_LOAD, entity, error);
  int column = (int) entity->n_fields + 1;
  gboolean found;

  self->record = NULL;
  if (!statement)
    return FALSE;
  sqlite3_bind_blob (statement, 1, id, 16, SQLITE_STATIC);
  if (!tessera_kept_find (transaction->connection, statement, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  self->record = tessera_column_get_record (statement, transaction->connection->registry, entity);
  self->number = sqlite3_column_int64 (statement, column);
  self->dot.sid = sqlite3_column_int64 (statement, column + 1);
  self->dot.sequence = sqlite3_column_int64 (statement, column + 2);
  self->dot.clock = sqlite3_column_int64 (statement, column + 3);
  tessera_kept_done (statement);
  return TRUE;
}

static void
get_row_id (TesseraRecord *record, guint8 *bytes) {
  tessera_uuid_parse (tessera_record_get_id (record), bytes);
}

static void
note_row (TesseraTransaction *transaction, TesseraRecord *before, TesseraRecord *after) {
  g_hash_table_add (transaction->changed, (gpointer) tessera_record_get_entity (after ? after : before)->name);
  tessera_attachments_note (transaction, before);
  tessera_attachments_note (transaction, after);
}

/* ---- rows ---- */

gboolean
tessera_merge_row_insert_values (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *id,
                                 const char *const *values, const TesseraDot *dot, GError **error) {
  TesseraConnection *connection = transaction->connection;

  g_hash_table_add (transaction->changed, (gpointer) entity->name);
  tessera_attachments_note_values (transaction, entity, values);
  return tessera_transaction_insert_row (transaction, entity, id, values, dot->sid, dot->sequence, dot->clock, error)
         && tessera_search_add (transaction, entity, values, sqlite3_last_insert_rowid (connection->database), error);
}

gboolean
tessera_merge_row_insert (TesseraTransaction *transaction, TesseraRecord *record, const TesseraDot *dot,
                          GError **error) {
  guint8 id[16];

  get_row_id (record, id);
  return tessera_merge_row_insert_values (transaction, tessera_record_get_entity (record), id,
                                          tessera_record_peek_values (record), dot, error);
}

static gboolean
delete_row (TesseraTransaction *transaction, TesseraMergeRow *self, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (self->record);
  g_autofree char *sql = g_strdup_printf ("DELETE FROM \"%s\" WHERE _rowid = ?1", entity->name);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (transaction->connection, sql, NULL, error);

  if (!statement || !tessera_search_update (transaction, self->record, NULL, self->number, error))
    return FALSE;
  tessera_statement_bind_integer (statement, 1, self->number);
  note_row (transaction, self->record, NULL);
  return tessera_statement_run (statement, error);
}

static gboolean
set_dot (TesseraTransaction *transaction, TesseraMergeRow *self, const TesseraDot *dot, GError **error) {
  g_autofree char *sql = g_strdup_printf ("UPDATE \"%s\" SET _sid = ?1, _seq = ?2, _clock = ?3 WHERE _rowid = ?4",
                                          tessera_record_get_entity (self->record)->name);
  g_autoptr (TesseraStatement) statement = NULL;

  if (self->dot.sid == dot->sid && self->dot.sequence == dot->sequence)
    return TRUE;
  statement = tessera_connection_prepare (transaction->connection, sql, NULL, error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, dot->sid);
  tessera_statement_bind_integer (statement, 2, dot->sequence);
  tessera_statement_bind_integer (statement, 3, dot->clock);
  tessera_statement_bind_integer (statement, 4, self->number);
  return tessera_statement_run (statement, error);
}

static gboolean
update_values (TesseraTransaction *transaction, TesseraMergeRow *self, TesseraRecord *after, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after);
  gboolean differs = FALSE;

  for (guint i = 0; i < entity->n_fields && !differs; i++)
    differs = g_strcmp0 (tessera_record_get_at (self->record, i), tessera_record_get_at (after, i)) != 0;
  if (!differs)
    return TRUE;
  note_row (transaction, self->record, after);
  return tessera_transaction_update_row (transaction, self->record, after, error)
         && tessera_search_update (transaction, self->record, after, self->number, error);
}

gboolean
tessera_merge_row_replace (TesseraTransaction *transaction, TesseraMergeRow *self, TesseraRecord *after,
                           const TesseraDot *dot, GError **error) {
  if (!self->record)
    return !after || tessera_merge_row_insert (transaction, after, dot, error);
  if (!after)
    return delete_row (transaction, self, error);
  return update_values (transaction, self, after, error) && set_dot (transaction, self, dot, error);
}

gboolean
tessera_merge_row_keep (TesseraTransaction *transaction, const TesseraMergeRow *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "UPDATE change SET body = ?1 WHERE sid = ?2 AND seq = ?3 AND body IS NULL", NULL, error);
  g_autoptr (GString) body = g_string_new (NULL);

  if (!statement)
    return FALSE;
  tessera_json_append_record (body, self->record);
  tessera_statement_bind_text (statement, 1, body->str);
  tessera_statement_bind_integer (statement, 2, self->dot.sid);
  tessera_statement_bind_integer (statement, 3, self->dot.sequence);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_merge_row_has_history (TesseraTransaction *transaction, const guint8 *id, gboolean *ret_has, GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (transaction->connection, TESSERA_KEPT_FIND_HISTORY, NULL, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_blob (statement, 1, id, 16, SQLITE_STATIC);
  if (!tessera_kept_find (transaction->connection, statement, ret_has, error))
    return FALSE;
  tessera_kept_done (statement);
  return TRUE;
}

/* ---- one write ---- */

typedef struct {
  TesseraStreams *streams;
  TesseraMergeRow *row;
  const TesseraRowWrite *write;
  TesseraRecord *after;
  const TesseraEntity *entity;
  guint8 id[16];
} Writing;

/* What is left of the siblings of @key once @write has come; while nobody wrote the field, what the row was made with
 * (@own_value, if anything) counts. */
static GArray *
meet (Writing *self, const char *key, const char *own_value, const char *value, GError **error) {
  TesseraTransaction *transaction = self->streams->transaction;
  const TesseraRowWrite *write = self->write;
  g_autoptr (GArray) siblings = tessera_siblings_load (transaction, self->entity, self->id, key, error);
  TesseraSiblingWrite added = { write->dot, g_strdup (value) };

  if (!siblings) {
    g_free (added.value);
    return NULL;
  }
  if (siblings->len == 0 && own_value && !tessera_dot_saw (&write->dot, write->seen, &self->row->dot)) {
    TesseraSiblingWrite own = { self->row->dot, g_strdup (own_value) };

    g_array_append_val (siblings, own);
    if (!tessera_siblings_add (transaction, self->entity, self->id, key, &own, error)) {
      g_free (added.value);
      return NULL;
    }
  }
  for (guint i = siblings->len; i > 0; i--) {
    const TesseraDot dot = g_array_index (siblings, TesseraSiblingWrite, i - 1).dot;

    if (!tessera_dot_saw (&write->dot, write->seen, &dot))
      continue;
    g_array_remove_index (siblings, i - 1);
    if (!tessera_siblings_drop (transaction, self->entity, self->id, key, &dot, error)) {
      g_free (added.value);
      return NULL;
    }
  }
  g_array_append_val (siblings, added);
  return tessera_siblings_add (transaction, self->entity, self->id, key, &added, error) ? g_steal_pointer (&siblings)
                                                                                        : NULL;
}

static const char *
pick_shown (TesseraStreams *streams, const GArray *siblings) {
  const TesseraSiblingWrite *shown = NULL;

  for (guint i = 0; i < siblings->len; i++) {
    const TesseraSiblingWrite *write = &g_array_index (siblings, TesseraSiblingWrite, i);

    if (!shown || tessera_streams_compare (streams, &write->dot, &shown->dot) > 0)
      shown = write;
  }
  return shown ? shown->value : NULL;
}

static const char *
get_subject (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  return entity->subject ? tessera_record_get (record, entity->subject) : NULL;
}

static gboolean
write_value (Writing *self, guint index, const char *value, GError **error) {
  const TesseraField *field = &self->entity->fields[index];
  g_autoptr (GArray) siblings = meet (self, field->name, tessera_record_get_at (self->row->record, index), value, error);

  if (!siblings)
    return FALSE;
  tessera_record_set_at (self->after, index, pick_shown (self->streams, siblings));
  return field->merge != TESSERA_MERGE_CONFLICT
         || tessera_conflict_note (self->streams->transaction, self->entity, self->id, field,
                                   get_subject (self->after), siblings, error);
}

/* A member is in the set as long as one of the writes left says so. */
static gboolean
write_member (Writing *self, guint index, const char *member, gboolean add, GHashTable *members, GError **error) {
  const char *name = self->entity->fields[index].name;
  g_autofree char *key = tessera_member_key (name, member);
  g_autoptr (GArray) siblings = NULL;
  gboolean in = FALSE;

  siblings = meet (self, key, tessera_record_set_contains (self->row->record, name, member) ? "1" : NULL,
                   add ? "1" : "0", error);
  if (!siblings)
    return FALSE;
  for (guint i = 0; i < siblings->len; i++)
    in = in || g_strcmp0 (g_array_index (siblings, TesseraSiblingWrite, i).value, "1") == 0;
  if (in)
    g_hash_table_add (members, g_strdup (member));
  else
    g_hash_table_remove (members, member);
  return TRUE;
}

static int
compare_texts (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
join_members (GHashTable *members) {
  guint n;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (members, &n);

  qsort (keys, n, sizeof *keys, compare_texts);
  return n > 0 ? g_strjoinv (",", (char **) keys) : NULL;
}

static gboolean
write_codes (Writing *self, guint index, const char *codes, gboolean add, GHashTable *members, GError **error) {
  g_auto (GStrv) list = g_strsplit (codes ? codes : "", ",", -1);

  for (guint i = 0; list[i]; i++)
    if (*list[i] && !write_member (self, index, list[i], add, members, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_set (Writing *self, guint index, const TesseraLineField *value, GError **error) {
  const char *name = self->entity->fields[index].name;
  g_auto (GStrv) now = tessera_record_get_set (self->row->record, name);
  g_autoptr (GHashTable) members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *joined = NULL;

  for (guint i = 0; now[i]; i++)
    g_hash_table_add (members, g_strdup (now[i]));
  if (!write_codes (self, index, value->text, TRUE, members, error)
      || !write_codes (self, index, value->kind == TESSERA_VALUE_MEMBERS ? value->removed : NULL, FALSE, members, error))
    return FALSE;
  joined = join_members (members);
  tessera_record_set_at (self->after, index, joined);
  return TRUE;
}

gboolean
tessera_merge_row_write (TesseraStreams *streams, TesseraMergeRow *row, const TesseraRowWrite *write, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (row->record);
  g_autoptr (TesseraRecord) after = tessera_record_copy (row->record);
  Writing self = { streams, row, write, after, entity, { 0 } };

  get_row_id (row->record, self.id);
  for (guint i = 0; i < write->fields->len; i++) {
    const TesseraLineField *value = &g_array_index (write->fields, TesseraLineField, i);
    int index = tessera_entity_find_field (entity, value->name);

    if (index < 0)
      continue;
    if (entity->fields[index].merge == TESSERA_MERGE_SET ? !write_set (&self, (guint) index, value, error)
                                                         : !write_value (&self, (guint) index, value->text, error))
      return FALSE;
  }
  return tessera_merge_row_replace (streams->transaction, row, after, &row->dot, error);
}

/* ---- what a field can hold ---- */

static gboolean
is_plain_text (const char *text) {
  for (; *text; text++)
    if (((guchar) *text < 0x20 && *text != '\n' && *text != '\t') || *text == 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
is_whole (const char *text) {
  gsize length;

  if (*text == '-')
    text++;
  length = strspn (text, "0123456789");
  return length > 0 && length <= 18 && text[length] == '\0';
}

static gboolean
text_fits (const TesseraField *field, const char *text) {
  guint8 bytes[16];

  switch (field->type) {
  case TESSERA_FIELD_INTEGER:
  case TESSERA_FIELD_INSTANT:
    return is_whole (text);
  case TESSERA_FIELD_BOOLEAN:
    return strcmp (text, "0") == 0 || strcmp (text, "1") == 0;
  case TESSERA_FIELD_ID:
  case TESSERA_FIELD_REFERENCE:
    return tessera_uuid_parse (text, bytes);
  case TESSERA_FIELD_DATE:
    return tessera_date_is_valid (text);
  case TESSERA_FIELD_BLOB:
    return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
  case TESSERA_FIELD_CHOICE:
  case TESSERA_FIELD_LANGUAGE:
  case TESSERA_FIELD_NUMBER:
    return *text && strlen (text) <= TESSERA_LINE_NAME_LIMIT && is_plain_text (text);
  case TESSERA_FIELD_TEXT:
  case TESSERA_FIELD_SET:
  default:
    return *text && is_plain_text (text);
  }
}

/* A code that is not known here is kept: a newer Tessera may have more of them. */
gboolean
tessera_value_fits (const TesseraField *field, const TesseraLineField *value) {
  if (value->kind == TESSERA_VALUE_NULL)
    return field->merge != TESSERA_MERGE_SET;
  if (field->type == TESSERA_FIELD_SET)
    return (value->kind == TESSERA_VALUE_SET && (field->merge == TESSERA_MERGE_SET || *value->text))
           || (value->kind == TESSERA_VALUE_MEMBERS && field->merge == TESSERA_MERGE_SET);
  if (field->type == TESSERA_FIELD_BOOLEAN ? value->kind != TESSERA_VALUE_BOOLEAN : value->kind != TESSERA_VALUE_TEXT)
    return FALSE;
  return text_fits (field, value->text);
}
