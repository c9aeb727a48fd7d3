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

#include "tessera-connection.h"
#include "tessera-identifier.h"

/* Numbers of the format; never reuse one. */
enum {
  CHANGE_PUT = 1,
  CHANGE_ADD = 2,
  CHANGE_DELETE = 3,
};

/* The first stream of a store is its device's, and so is the newest of the same device: others are of colleagues, or
 * ended when the store was restored. */
gboolean
tessera_change_log_open (TesseraConnection *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self, "SELECT s.sid, s.device, v.seq, (SELECT max(clock) FROM vv) FROM stream s JOIN vv v USING (sid)"
          " WHERE s.device = (SELECT device FROM stream WHERE sid = 1) ORDER BY s.sid DESC LIMIT 1", NULL, error);
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

static void
add_set_change (JsonObject *body, const char *name, const char *before, const char *after) {
  g_auto (GStrv) old = g_strsplit (before ? before : "", ",", -1);
  g_auto (GStrv) new = g_strsplit (after ? after : "", ",", -1);
  JsonArray *added = json_array_new ();
  JsonArray *removed = json_array_new ();
  JsonObject *change = json_object_new ();

  for (guint i = 0; new[i]; i++)
    if (*new[i] && !g_strv_contains ((const char *const *) old, new[i]))
      json_array_add_string_element (added, new[i]);
  for (guint i = 0; old[i]; i++)
    if (*old[i] && !g_strv_contains ((const char *const *) new, old[i]))
      json_array_add_string_element (removed, old[i]);
  json_object_set_array_member (change, "+", added);
  json_object_set_array_member (change, "-", removed);
  json_object_set_object_member (body, name, change);
}

static char *
json_to_text (JsonObject *object) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

static char *
build_difference (TesseraRecord *before, TesseraRecord *after) {
  const TesseraEntity *entity = tessera_record_get_entity (after);
  g_autoptr (JsonObject) values = tessera_record_to_json (after);
  g_autoptr (JsonObject) body = json_object_new ();

  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *old = tessera_record_get_at (before, i);
    const char *new = tessera_record_get_at (after, i);

    if (g_strcmp0 (old, new) == 0)
      continue;
    if (field->merge == TESSERA_MERGE_SET)
      add_set_change (body, field->name, old, new);
    else if (new)
      json_object_set_member (body, field->name, json_node_copy (json_object_get_member (values, field->name)));
    else
      json_object_set_null_member (body, field->name);
  }
  return json_to_text (body);
}

static gboolean
keep_first_values (TesseraTransaction *self, TesseraRecord *before, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (before);
  g_autofree char *sql = g_strdup_printf (
    "UPDATE change SET body = ?1 WHERE body IS NULL AND (sid, seq) = (SELECT _sid, _seq FROM \"%s\" WHERE id = ?2)",
    entity->name);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);
  g_autoptr (JsonObject) values = NULL;
  g_autofree char *text = NULL;

  if (!statement)
    return FALSE;
  values = tessera_record_to_json (before);
  text = json_to_text (values);
  tessera_statement_bind_text (statement, 1, text);
  tessera_statement_bind_id (statement, 2, tessera_record_get_id (before));
  return tessera_statement_run (statement, error);
}

static const char *
get_subject (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  return entity->subject ? tessera_record_get (record, entity->subject) : NULL;
}

static gboolean
insert_change (TesseraTransaction *self, TesseraRecord *record, int kind, const char *body, GError **error) {
  TesseraConnection *connection = self->connection;
  const TesseraEntity *entity = tessera_record_get_entity (record);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    connection, "INSERT INTO change (sid, seq, clock, entity, row, subject, kind, schema, body)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, connection->stream);
  tessera_statement_bind_integer (statement, 2, connection->sequence);
  tessera_statement_bind_integer (statement, 3, connection->clock);
  tessera_statement_bind_integer (statement, 4, entity->number);
  tessera_statement_bind_id (statement, 5, tessera_record_get_id (record));
  tessera_statement_bind_id (statement, 6, get_subject (record));
  tessera_statement_bind_integer (statement, 7, kind);
  tessera_statement_bind_text (statement, 8, body);
  return tessera_statement_run (statement, error);
}

static gboolean
replace_sibling (TesseraTransaction *self, TesseraRecord *record, guint index, GError **error) {
  TesseraConnection *connection = self->connection;
  const TesseraEntity *entity = tessera_record_get_entity (record);
  g_autoptr (TesseraStatement) drop = tessera_connection_prepare (
    connection, "DELETE FROM sibling WHERE entity = ?1 AND row = ?2 AND field = ?3", NULL, error);
  g_autoptr (TesseraStatement) add = tessera_connection_prepare (
    connection, "INSERT INTO sibling (entity, row, field, sid, seq, clock, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    NULL, error);

  if (!drop || !add)
    return FALSE;
  for (int i = 0; i < 2; i++) {
    TesseraStatement *statement = i ? add : drop;

    tessera_statement_bind_integer (statement, 1, entity->number);
    tessera_statement_bind_id (statement, 2, tessera_record_get_id (record));
    tessera_statement_bind_text (statement, 3, entity->fields[index].name);
  }
  tessera_statement_bind_integer (add, 4, connection->stream);
  tessera_statement_bind_integer (add, 5, connection->sequence);
  tessera_statement_bind_integer (add, 6, connection->clock);
  tessera_statement_bind_text (add, 7, tessera_record_get_at (record, index));
  return tessera_statement_run (drop, error) && tessera_statement_run (add, error);
}

/* A local write has seen every earlier one, so it alone is left of each field it touches. */
static gboolean
replace_siblings (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (after);

  for (guint i = 0; i < entity->n_fields; i++)
    if (g_strcmp0 (tessera_record_get_at (before, i), tessera_record_get_at (after, i)) != 0
        && !replace_sibling (self, after, i, error))
      return FALSE;
  return TRUE;
}

gboolean
tessera_change_log_add (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, gint64 *ret_sequence,
                        gint64 *ret_clock, GError **error) {
  TesseraConnection *connection = self->connection;
  const TesseraEntity *entity = tessera_record_get_entity (after ? after : before);
  g_autofree char *body = NULL;
  int kind = CHANGE_PUT;

  if (entity->flags & TESSERA_ENTITY_LOCAL) {
    *ret_sequence = *ret_clock = 0;
    return TRUE;
  }
  if (before && !keep_first_values (self, before, error))
    return FALSE;
  connection->sequence++;
  connection->clock = MAX (connection->clock + 1, self->now << 16);
  *ret_sequence = connection->sequence;
  *ret_clock = connection->clock;
  if (!after)
    kind = CHANGE_DELETE;
  else if (before)
    body = build_difference (before, after);
  else if (entity->flags & TESSERA_ENTITY_APPEND_ONLY)
    kind = CHANGE_ADD;
  return insert_change (self, after ? after : before, kind, body, error)
         && (!before || !after || replace_siblings (self, before, after, error));
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
