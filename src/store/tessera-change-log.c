/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-change-log.c: one change per saved row, numbered without gaps (design section 6).
 *
 * A creating change stores no body: the row serves until it is first edited; then its first values are copied into
 * that change before the row is touched. The clock is one 64-bit number, milliseconds shifted by 16 bits or one more
 * than the last, so that it never runs backwards and never stops exchange.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-kept.h"
#include "tessera-merge-private.h"

/* The first stream of a store is its device's, and so is the first active one of the same device: others are of
 * colleagues, of further circles, or ended when the store was restored. */
gboolean
tessera_change_log_open (TesseraConnection *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self, "SELECT s.sid, s.device, v.seq, (SELECT max(clock) FROM vv) FROM stream s JOIN vv v USING (sid)"
          " WHERE s.device = (SELECT device FROM stream WHERE sid = 1) AND s.state = 'active' ORDER BY s.sid LIMIT 1", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  if (!tessera_statement_step (statement, &local_error)) {
    if (local_error)
      g_propagate_error (error, local_error);
    else
      tessera_vault_set_sqlite_error (error, self->database, SQLITE_CORRUPT);
    return FALSE;
  }
  self->stream = tessera_statement_get_integer (statement, 0);
  self->device = tessera_statement_get_id (statement, 1);
  self->sequence = tessera_statement_get_integer (statement, 2);
  self->clock = tessera_statement_get_integer (statement, 3);
  return TRUE;
}

static gboolean
keep_first_values (TesseraTransaction *self, TesseraRecord *before, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (before);
  g_autofree char *sql = g_strdup_printf (
    "UPDATE change SET body = ?1 WHERE body IS NULL AND (sid, seq) = (SELECT _sid, _seq FROM \"%s\" WHERE id = ?2)",
    entity->name);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);
  g_autoptr (GString) body = g_string_new (NULL);

  if (!statement)
    return FALSE;
  tessera_json_append_record (body, before);
  tessera_statement_bind_text (statement, 1, body->str);
  tessera_statement_bind_id (statement, 2, tessera_record_get_id (before));
  return tessera_statement_run (statement, error);
}

static const char *
get_subject (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  return entity->subject ? tessera_record_get (record, entity->subject) : NULL;
}

gboolean
tessera_change_insert (TesseraTransaction *self, const TesseraDot *dot, guint entity, const guint8 *row,
                       const guint8 *subject, TesseraChangeKind kind, gint64 schema, guint flags, const char *body,
                       gssize body_length, GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (self->connection, TESSERA_KEPT_ADD_CHANGE, NULL, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, dot->sid);
  sqlite3_bind_int64 (statement, 2, dot->sequence);
  sqlite3_bind_int64 (statement, 3, dot->clock);
  sqlite3_bind_int64 (statement, 4, entity);
  sqlite3_bind_blob (statement, 5, row, 16, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 6, subject, subject ? 16 : 0, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 7, kind);
  sqlite3_bind_int64 (statement, 8, schema);
  sqlite3_bind_int64 (statement, 9, flags);
  sqlite3_bind_text (statement, 10, body, (int) body_length, SQLITE_STATIC);
  return tessera_kept_run (self->connection, statement, error);
}

static gboolean
insert_change (TesseraTransaction *self, TesseraRecord *record, TesseraChangeKind kind, const char *body,
               GError **error) {
  const TesseraDot dot = { self->connection->stream, self->connection->sequence, self->connection->clock };
  const char *subject = get_subject (record);
  guint8 row[16], bytes[16];

  tessera_uuid_parse (tessera_record_get_id (record), row);
  return tessera_change_insert (self, &dot, tessera_record_get_entity (record)->number, row,
                                subject && tessera_uuid_parse (subject, bytes) ? bytes : NULL, kind, 1, 0, body, -1,
                                error);
}

/* A local write has seen every earlier one, so it alone is left of each field it touches. */
static gboolean
replace_sibling (TesseraTransaction *self, TesseraRecord *record, const char *key, const char *value, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  TesseraSiblingWrite write = {
    { self->connection->stream, self->connection->sequence, self->connection->clock }, (char *) value,
  };
  guint8 row[16];

  tessera_uuid_parse (tessera_record_get_id (record), row);
  return tessera_siblings_drop (self, entity, row, key, NULL, error)
         && tessera_siblings_add (self, entity, row, key, &write, error);
}

/* Members of the one set that are not in the other. */
static gboolean
replace_members (TesseraTransaction *self, TesseraRecord *record, const char *field, const char *of,
                 const char *without, const char *value, GError **error) {
  g_auto (GStrv) codes = g_strsplit (of ? of : "", ",", -1);
  g_auto (GStrv) others = g_strsplit (without ? without : "", ",", -1);

  for (guint i = 0; codes[i]; i++) {
    g_autofree char *key = tessera_member_key (field, codes[i]);

    if (*codes[i] && !g_strv_contains ((const char *const *) others, codes[i])
        && !replace_sibling (self, record, key, value, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
close_conflict (TesseraTransaction *self, TesseraRecord *record, const TesseraField *field, const char *value,
                GError **error) {
  TesseraSiblingWrite write = {
    { self->connection->stream, self->connection->sequence, self->connection->clock }, (char *) value,
  };
  g_autoptr (GArray) siblings = NULL;
  guint8 row[16];

  if (field->merge != TESSERA_MERGE_CONFLICT)
    return TRUE;
  siblings = g_array_new (FALSE, FALSE, sizeof write);
  g_array_append_val (siblings, write);
  tessera_uuid_parse (tessera_record_get_id (record), row);
  return tessera_conflict_note (self, tessera_record_get_entity (record), row, field, get_subject (record), siblings,
                                error);
}

static gboolean
replace_siblings (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after);

  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *old = tessera_record_get_at (before, i);
    const char *new = tessera_record_get_at (after, i);

    if (g_strcmp0 (old, new) == 0)
      continue;
    if (field->merge == TESSERA_MERGE_SET) {
      if (!replace_members (self, after, field->name, new, old, "1", error)
          || !replace_members (self, after, field->name, old, new, "0", error))
        return FALSE;
    } else if (!replace_sibling (self, after, field->name, new, error)
               || !close_conflict (self, after, field, new, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
drop_siblings (TesseraTransaction *self, TesseraRecord *record, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  guint8 row[16];

  tessera_uuid_parse (tessera_record_get_id (record), row);
  return tessera_siblings_drop_row (self, entity, row, error)
         && tessera_conflict_drop_row (self, entity, row, error);
}

gboolean
tessera_change_log_next (TesseraTransaction *self, gint64 *ret_sequence, gint64 *ret_clock, GError **error) {
  TesseraConnection *connection = self->connection;

  connection->sequence++;
  connection->clock = MAX (connection->clock + 1, self->now << 16);
  *ret_sequence = connection->sequence;
  *ret_clock = connection->clock;
  return TRUE;
}

gboolean
tessera_change_log_add (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, gint64 *ret_sequence,
                        gint64 *ret_clock, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after ? after : before);
  g_autoptr (GString) body = NULL;
  TesseraChangeKind kind = TESSERA_CHANGE_PUT;

  if (entity->flags & TESSERA_ENTITY_LOCAL) {
    *ret_sequence = *ret_clock = 0;
    return TRUE;
  }
  if ((before && !keep_first_values (self, before, error))
      || !tessera_change_log_next (self, ret_sequence, ret_clock, error))
    return FALSE;
  if (!after) {
    kind = TESSERA_CHANGE_DELETE;
  } else if (!before) {
    kind = entity->flags & TESSERA_ENTITY_APPEND_ONLY ? TESSERA_CHANGE_ADD : TESSERA_CHANGE_NEW;
  } else {
    body = g_string_new (NULL);
    tessera_json_append_difference (body, before, after);
  }
  if (!insert_change (self, after ? after : before, kind, body ? body->str : NULL, error))
    return FALSE;
  if (!after)
    return drop_siblings (self, before, error);
  return !before || replace_siblings (self, before, after, error);
}

gboolean
tessera_change_log_confirm (TesseraTransaction *self, TesseraRecord *record, guint index, GError **error) {
  const TesseraField *field = &tessera_record_get_entity (record)->fields[index];
  const char *value = tessera_record_get_at (record, index);
  g_autoptr (GString) body = g_string_new ("{");
  gint64 sequence, clock;

  tessera_json_append_string (body, field->name);
  g_string_append_c (body, ':');
  tessera_json_append_value (body, field, value);
  g_string_append_c (body, '}');
  g_hash_table_add (self->changed, (gpointer) tessera_record_get_entity (record)->name);
  return keep_first_values (self, record, error) && tessera_change_log_next (self, &sequence, &clock, error)
         && insert_change (self, record, TESSERA_CHANGE_PUT, body->str, error)
         && replace_sibling (self, record, field->name, value, error)
         && close_conflict (self, record, field, value, error);
}

gboolean
tessera_change_log_finish (TesseraTransaction *self, GError **error) {
  TesseraConnection *connection = self->connection;
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    connection, "UPDATE vv SET seq = ?1, clock = ?2 WHERE sid = ?3 AND seq < ?1", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, connection->sequence);
  tessera_statement_bind_integer (statement, 2, connection->clock);
  tessera_statement_bind_integer (statement, 3, connection->stream);
  return tessera_statement_run (statement, error);
}

/* From the next change on, our own segment says that its author has seen what is here now. */
static const char note_seen[] =
  "INSERT OR REPLACE INTO segment (sid, first, deps) SELECT o.sid, v.seq + 1,"
  " (SELECT json_group_object(lower(hex(s.id)), CASE WHEN s.last < w.seq THEN s.last ELSE w.seq END)"
  "  FROM stream s JOIN vv w USING (sid) WHERE s.sid <> o.sid AND w.seq > 0)"
  " FROM stream o JOIN vv v USING (sid) WHERE o.state = 'active'"
  " AND o.device = (SELECT device FROM stream WHERE sid = 1)";

gboolean
tessera_change_log_note_seen (TesseraTransaction *self, GError **error) {
  g_autoptr (TesseraStatement) note = NULL;
  g_autoptr (TesseraStatement) statement = NULL;

  if (!tessera_change_log_finish (self, error))
    return FALSE;
  note = tessera_connection_prepare (self->connection, note_seen, NULL, error);
  if (!note || !tessera_statement_run (note, error))
    return FALSE;
  /* A clock never falls behind what it has seen. */
  statement = tessera_connection_prepare (self->connection, "SELECT max(clock) FROM vv", NULL, error);
  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  self->connection->clock = MAX (self->connection->clock, tessera_statement_get_integer (statement, 0));
  return TRUE;
}

/* What the new stream's author has seen is everything here, the ended stream too. */
static const char start_stream[] =
  "UPDATE stream SET state = 'ended' WHERE sid = %1$" PRId64 ";"
  "INSERT INTO stream (sid, id, device, circle) SELECT (SELECT max(sid) + 1 FROM stream), randomblob(16), device, circle"
  " FROM stream WHERE sid = %1$" PRId64 ";"
  "INSERT INTO vv (sid, seq, clock) SELECT last_insert_rowid(), 0, max(clock) FROM vv;"
  "INSERT INTO segment (sid, first, deps) SELECT (SELECT max(sid) FROM stream), 1,"
  " json_group_object(lower(hex(id)), seq) FROM stream JOIN vv USING (sid) WHERE seq > 0;";

gboolean
tessera_change_log_start_stream (TesseraTransaction *self, GError **error) {
  TesseraConnection *connection = self->connection;
  g_autofree char *sql = g_strdup_printf (start_stream, connection->stream);

  g_clear_pointer (&connection->device, g_free);
  /* The numbers given so far in this transaction belong to the stream that ends. */
  return tessera_change_log_finish (self, error) && tessera_connection_execute (connection, sql, error)
         && tessera_change_log_open (connection, error);
}

/* ---- checking ---- */

static gboolean
set_numbering_error (GError **error) {
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The numbering of changes has gaps, so that colleagues could miss some; restore a backup."));
  return FALSE;
}

/* Each stream holds every number from the first that is kept to the last that was given. */
static gboolean
check_numbers (TesseraTransaction *self, gint64 *count, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT v.seq - v.floor, count(c.seq), coalesce(min(c.seq), v.floor + 1) = v.floor + 1,"
                      " coalesce(max(c.seq), v.floor) = v.seq, (SELECT count(*) FROM stream s WHERE s.sid = v.sid)"
                      " FROM vv v LEFT JOIN change c ON c.sid = v.sid AND c.seq > v.floor GROUP BY v.sid", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    if (tessera_statement_get_integer (statement, 0) != tessera_statement_get_integer (statement, 1)
        || !tessera_statement_get_integer (statement, 2) || !tessera_statement_get_integer (statement, 3)
        || tessera_statement_get_integer (statement, 4) != 1)
      return set_numbering_error (error);
    *count += tessera_statement_get_integer (statement, 1);
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Every row names the change that made it, unless that is no longer kept. */
static gboolean
check_rows (TesseraTransaction *self, const TesseraEntity *entity, GError **error) {
  g_autofree char *sql = g_strdup_printf (
    "SELECT count(*) FROM \"%s\" r WHERE NOT EXISTS (SELECT 1 FROM change c WHERE c.sid = r._sid AND c.seq = r._seq"
    " AND c.row = r.id AND c.entity = %u) AND NOT EXISTS (SELECT 1 FROM vv v WHERE v.sid = r._sid AND r._seq <= v.floor)",
    entity->name, entity->number);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  return tessera_statement_get_integer (statement, 0) == 0 || set_numbering_error (error);
}

gboolean
tessera_change_log_check (TesseraTransaction *self, gint64 *count, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->connection->registry);

  if (!check_numbers (self, count, error))
    return FALSE;
  for (guint i = 0; entities[i]; i++)
    if (!(entities[i]->flags & TESSERA_ENTITY_LOCAL) && !check_rows (self, entities[i], error))
      return FALSE;
  return TRUE;
}
