/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-changes-out.c: the change log as lines, for other devices.
 *
 * Segments are handed out so that each stands behind everything its author had seen. A row that was never changed is
 * read for the change that made it.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-kept.h"
#include "tessera-merge-private.h"

/* A part of a stream that waits to be handed out: from @first to @last. */
typedef struct {
  TesseraStream *stream;
  gint64 begin;         /* first change of the segment it is of */
  gint64 first;
  gint64 last;
  GArray *seen;         /* nullable */
  gboolean done;
} Part;

typedef struct {
  TesseraTransaction *transaction;
  TesseraStreams *streams;
  GArray *parts;
  GArray *given;        /* sequence by stream number: what the receiver will have */
  GString *line;
  const char *team;     /* NULL: everybody */
  GHashTable *in_team;  /* subject as text -> GINT 1 or 0; households too */
  TesseraChangeLineFunc func;
  gpointer data;
} Writing;

static void
writing_clear (Writing *self) {
  g_clear_pointer (&self->streams, tessera_streams_free);
  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->given, g_array_unref);
  g_clear_pointer (&self->in_team, g_hash_table_unref);
  if (self->line)
    g_string_free (g_steal_pointer (&self->line), TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writing, writing_clear)

static gboolean
hand_out (Writing *self, GError **error) {
  return self->func (self->line->str, self->line->len, self->data, error);
}

/* ---- what to hand out ---- */

static gboolean
is_wanted (const TesseraStream *stream, const char *const *wanted) {
  char text[33];

  tessera_stream_format (stream->id, text);
  return !wanted || g_strv_contains (wanted, text);
}

static gint64
get_end (const TesseraStream *stream) {
  return stream->last >= 0 ? MIN (stream->last, stream->sequence) : stream->sequence;
}

static gboolean
add_parts (Writing *self, TesseraStream *stream, gint64 after, GError **error) {
  gint64 end = get_end (stream);
  gint64 next = after + 1;

  while (next <= end) {
    const TesseraDot dot = { stream->sid, next, 0 };
    GError *local_error = NULL;
    Part part = { stream, 1, next, end, tessera_streams_seen (self->streams, &dot, &local_error), FALSE };

    if (local_error) {
      g_propagate_error (error, local_error);
      return FALSE;
    }
    for (guint i = 0; stream->segments && i < stream->segments->len; i++) {
      const TesseraSegment *segment = stream->segments->pdata[i];

      if (segment->first <= next)
        part.begin = segment->first;
      else {
        part.last = MIN (end, segment->first - 1);
        break;
      }
    }
    g_array_append_val (self->parts, part);
    next = part.last + 1;
  }
  return TRUE;
}

static gboolean
collect_parts (Writing *self, const char *const *wanted, GHashTable *after, GError **error) {
  for (guint i = 0; i < self->streams->by_sid->len; i++) {
    TesseraStream *stream = self->streams->by_sid->pdata[i];
    gint64 have = 0;
    char text[33];

    if (!stream) {
      g_array_append_val (self->given, have);
      continue;
    }
    tessera_stream_format (stream->id, text);
    have = after ? tessera_vector_get (after, text) : 0;
    /* A stream that is not handed out is the receiver's own business. */
    if (!is_wanted (stream, wanted)) {
      have = G_MAXINT64;
      g_array_append_val (self->given, have);
      continue;
    }
    g_array_append_val (self->given, have);
    if (!add_parts (self, stream, have, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_ready (Writing *self, const Part *part) {
  if (g_array_index (self->given, gint64, part->stream->sid) != part->first - 1
      && g_array_index (self->given, gint64, part->stream->sid) < part->first)
    return FALSE;
  for (guint i = 0; part->seen && i < part->seen->len && i < self->given->len; i++) {
    TesseraStream *stream = tessera_streams_get (self->streams, i);
    gint64 needed = g_array_index (part->seen, gint64, i);

    if (stream && i != (guint) part->stream->sid && MIN (needed, get_end (stream)) > g_array_index (self->given, gint64, i))
      return FALSE;
  }
  return TRUE;
}

/* ---- lines ---- */

static gboolean
write_segment (Writing *self, const Part *part, GError **error) {
  GString *line = self->line;
  gboolean first = TRUE;

  g_string_assign (line, "{\"k\":\"segment\",\"s\":\"");
  tessera_json_append_hex (line, part->stream->id);
  g_string_append (line, "\",\"d\":\"");
  tessera_json_append_hex (line, part->stream->device);
  g_string_append (line, "\",\"c\":\"");
  tessera_json_append_hex (line, part->stream->circle);
  g_string_append_printf (line, "\",\"from\":%" PRId64 ",\"deps\":{", part->begin);
  for (guint i = 0; part->seen && i < part->seen->len; i++) {
    TesseraStream *stream = tessera_streams_get (self->streams, i);
    gint64 sequence = g_array_index (part->seen, gint64, i);

    if (!stream || sequence == 0)
      continue;
    g_string_append (line, first ? "\"" : ",\"");
    tessera_json_append_hex (line, stream->id);
    g_string_append_printf (line, "\":%" PRId64, sequence);
    first = FALSE;
  }
  g_string_append (line, "}}");
  return hand_out (self, error);
}

static void
append_subject (Writing *self, TesseraStatement *change) {
  gsize size;
  const guint8 *subject = tessera_statement_peek_bytes (change, 3, &size);

  if (!subject || size != 16)
    return;
  g_string_append (self->line, ",\"p\":\"");
  tessera_json_append_uuid (self->line, subject);
  g_string_append_c (self->line, '"');
}

static void
begin_change (Writing *self, TesseraStatement *change, TesseraChangeKind kind) {
  g_string_assign (self->line, "{\"n\":");
  tessera_json_append_integer (self->line, tessera_statement_get_integer (change, 0));
  g_string_append (self->line, ",\"t\":");
  tessera_json_append_integer (self->line, tessera_statement_get_integer (change, 1));
  g_string_append (self->line, ",\"k\":\"");
  g_string_append (self->line, tessera_change_kind_to_text (kind));
  g_string_append_c (self->line, '"');
  append_subject (self, change);
}

/* ---- whose clients ---- */

static gboolean
look_up_team (Writing *self, const char *sql, const guint8 *id, gboolean *ret_in, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->transaction->connection, sql, NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, id, 16);
  tessera_statement_bind_text (statement, 2, self->team);
  *ret_in = tessera_statement_step (statement, &local_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
is_in_team (Writing *self, const char *sql, const guint8 *id, gboolean *ret_in, GError **error) {
  char text[37];
  gpointer known;

  tessera_uuid_format (id, text);
  if (!self->in_team)
    self->in_team = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_lookup_extended (self->in_team, text, NULL, &known)) {
    *ret_in = GPOINTER_TO_INT (known);
    return TRUE;
  }
  if (!look_up_team (self, sql, id, ret_in, error))
    return FALSE;
  g_hash_table_insert (self->in_team, g_strdup (text), GINT_TO_POINTER (*ret_in));
  return TRUE;
}

static gboolean
is_personal (const TesseraEntity *entity) {
  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].category != TESSERA_CATEGORY_NONE)
      return TRUE;
  return FALSE;
}

/* That a client goes to another team those must hear who held it; nothing else is in that change. */
static gboolean
is_farewell (const TesseraEntity *entity, TesseraStatement *change) {
  const char *body = tessera_statement_get_text (change, 7);

  return entity && strcmp (entity->name, "client") == 0
         && tessera_statement_get_integer (change, 5) == TESSERA_CHANGE_PUT && body
         && g_str_has_prefix (body, "{\"team\":") && !strchr (body, ',');
}

static gboolean
may_be_told (Writing *self, TesseraStatement *change, const TesseraEntity *entity, gboolean *ret_may, GError **error) {
  gsize size;
  const guint8 *subject = tessera_statement_peek_bytes (change, 3, &size);

  *ret_may = TRUE;
  if (!self->team || tessera_statement_get_integer (change, 5) == TESSERA_CHANGE_ERASE || is_farewell (entity, change))
    return TRUE;
  if (subject && size == 16)
    return is_in_team (self, "SELECT 1 FROM client WHERE id = ?1 AND team = ?2", subject, ret_may, error);
  if (!entity || !is_personal (entity))
    return TRUE;
  *ret_may = FALSE;
  if (strcmp (entity->name, "household") != 0)
    return TRUE;
  return is_in_team (self, "SELECT 1 FROM client WHERE household = ?1 AND team = ?2 LIMIT 1",
                     tessera_statement_peek_bytes (change, 2, &size), ret_may, error);
}

/* ---- lines of changes ---- */

/* Nothing of it is kept, or nothing may be told any more. */
static gboolean
write_stub (Writing *self, TesseraStatement *change, GError **error) {
  begin_change (self, change, TESSERA_CHANGE_STUB);
  g_string_append_c (self->line, '}');
  return hand_out (self, error);
}

/* As tessera_json_append_record() writes it, without a record. */
static void
append_columns (GString *line, const TesseraEntity *entity, sqlite3_stmt *statement) {
  gboolean first = TRUE;

  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    int column = (int) i + 1;
    const char *value;
    char id[37];

    if (sqlite3_column_type (statement, column) == SQLITE_NULL)
      continue;
    if (field->type == TESSERA_FIELD_REFERENCE || field->type == TESSERA_FIELD_ID)
      value = tessera_column_get_id (statement, column, id) ? id : "";
    else
      value = (const char *) sqlite3_column_text (statement, column);
    if (!value || !*value)
      continue;
    g_string_append_c (line, first ? '{' : ',');
    tessera_json_append_string (line, field->name);
    g_string_append_c (line, ':');
    tessera_json_append_value (line, field, value);
    first = FALSE;
  }
  g_string_append (line, first ? "{}" : "}");
}

static gboolean
append_row (Writing *self, TesseraStatement *change, const TesseraEntity *entity, const guint8 *row, gboolean *ret_found,
            GError **error) {
  TesseraConnection *connection = self->transaction->connection;
  sqlite3_stmt *statement = tessera_kept_get (connection, TESSERA_KEPT_LOAD, entity, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_blob (statement, 1, row, 16, SQLITE_STATIC);
  if (!tessera_kept_find (connection, statement, ret_found, error))
    return FALSE;
  if (!*ret_found)
    return TRUE;
  *ret_found = sqlite3_column_int64 (statement, (int) entity->n_fields + 3) == tessera_statement_get_integer (change, 0);
  if (*ret_found)
    append_columns (self->line, entity, statement);
  tessera_kept_done (statement);
  return TRUE;
}

static gboolean
append_reason (Writing *self, const char *body) {
  static const char start[] = "{\"reason\":";

  if (body && g_str_has_prefix (body, start) && body[strlen (body) - 1] == '}')
    g_string_append_printf (self->line, ",\"r\":%.*s", (int) (strlen (body) - strlen (start) - 1), body + strlen (start));
  return TRUE;
}

static gboolean
write_known (Writing *self, TesseraStatement *change, const TesseraEntity *entity, TesseraChangeKind kind,
             GError **error) {
  const char *body = tessera_statement_get_text (change, 7);
  gsize size;
  const guint8 *row = tessera_statement_peek_bytes (change, 2, &size);
  gboolean found = TRUE;

  begin_change (self, change, kind);
  g_string_append (self->line, ",\"e\":\"");
  g_string_append (self->line, entity->name);
  g_string_append (self->line, "\",\"i\":\"");
  tessera_json_append_uuid (self->line, row);
  g_string_append (self->line, "\",\"v\":");
  tessera_json_append_integer (self->line, tessera_statement_get_integer (change, 6));
  if (kind == TESSERA_CHANGE_ERASE)
    append_reason (self, body);
  if (kind == TESSERA_CHANGE_PUT || kind == TESSERA_CHANGE_ADD || kind == TESSERA_CHANGE_NEW) {
    g_string_append (self->line, ",\"f\":");
    if (body)
      g_string_append (self->line, body);
    else if (!append_row (self, change, entity, row, &found, error))
      return FALSE;
  }
  if (!found)
    return write_stub (self, change, error);
  g_string_append_c (self->line, '}');
  return hand_out (self, error);
}

static gboolean
write_change (Writing *self, TesseraStatement *change, GError **error) {
  TesseraChangeKind kind = (TesseraChangeKind) tessera_statement_get_integer (change, 5);
  guint number = (guint) tessera_statement_get_integer (change, 4);
  const TesseraEntity *entity = tessera_registry_get_entity_by_number (self->transaction->connection->registry, number);
  gboolean may;

  if (!may_be_told (self, change, entity, &may, error))
    return FALSE;
  if (kind == TESSERA_CHANGE_STUB || !may)
    return write_stub (self, change, error);
  if (entity)
    return write_known (self, change, entity, kind, error);
  /* What is not known here is passed on as it came. */
  if (!tessera_statement_get_text (change, 7))
    return write_stub (self, change, error);
  g_string_assign (self->line, tessera_statement_get_text (change, 7));
  return hand_out (self, error);
}

static gboolean
write_part (Writing *self, Part *part, GError **error) {
  g_autoptr (TesseraStatement) change = tessera_connection_prepare (
    self->transaction->connection, "SELECT seq, clock, row, subject, entity, kind, schema, body FROM change"
                                   " WHERE sid = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq", NULL, error);
  GError *local_error = NULL;

  if (!change || !write_segment (self, part, error))
    return FALSE;
  tessera_statement_bind_integer (change, 1, part->stream->sid);
  tessera_statement_bind_integer (change, 2, part->first);
  tessera_statement_bind_integer (change, 3, part->last);
  while (tessera_statement_step (change, &local_error))
    if (!write_change (self, change, error))
      return FALSE;
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  part->done = TRUE;
  g_array_index (self->given, gint64, part->stream->sid) = part->last;
  return TRUE;
}

/* What one part waits for is in another, so each round hands out at least one; what the receiver has to bring itself is
 * handed out at the end, and waits there. */
static gboolean
write_parts (Writing *self, GError **error) {
  gboolean moved = TRUE, ready_only = TRUE;

  while (moved || ready_only) {
    ready_only = moved;
    moved = FALSE;
    for (guint i = 0; i < self->parts->len; i++) {
      Part *part = &g_array_index (self->parts, Part, i);

      if (part->done || (ready_only && !is_ready (self, part)))
        continue;
      if (!write_part (self, part, error))
        return FALSE;
      moved = TRUE;
    }
  }
  return TRUE;
}

gboolean
tessera_transaction_write_changes (TesseraTransaction *self, const char *team, const char *const *streams,
                                   GHashTable *after, TesseraChangeLineFunc func, gpointer data, GError **error) {
  g_auto (Writing) writing = { .transaction = self, .team = team, .func = func, .data = data };

  writing.streams = tessera_streams_load (self, error);
  writing.parts = g_array_new (FALSE, FALSE, sizeof (Part));
  writing.given = g_array_new (FALSE, TRUE, sizeof (gint64));
  writing.line = g_string_new (NULL);
  return writing.streams && collect_parts (&writing, streams, after, error) && write_parts (&writing, error);
}

/* ---- filling ---- */

#define FILL_CHANGES "SELECT seq, clock, row, subject, entity, kind, schema, body, sid FROM change" \
  " WHERE subject = ?1 OR row = (SELECT household FROM client WHERE id = ?1) ORDER BY sid, seq"

static gboolean
write_fill_of (Writing *self, const char *subject, GError **error) {
  g_autoptr (TesseraStatement) change = tessera_connection_prepare (self->transaction->connection, FILL_CHANGES, NULL,
                                                                    error);
  GError *local_error = NULL;
  gint64 last_sid = -1;

  if (!change)
    return FALSE;
  tessera_statement_bind_id (change, 1, subject);
  while (tessera_statement_step (change, &local_error)) {
    TesseraStream *stream = tessera_streams_get (self->streams, tessera_statement_get_integer (change, 8));
    Part part = { .stream = stream, .begin = 1 };

    if (!stream || (stream->last >= 0 && tessera_statement_get_integer (change, 0) > stream->last))
      continue;
    if (stream->sid != last_sid && !write_segment (self, &part, error))
      return FALSE;
    last_sid = stream->sid;
    if (!write_change (self, change, error))
      return FALSE;
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_transaction_write_fill (TesseraTransaction *self, GPtrArray *subjects, TesseraChangeLineFunc func,
                                gpointer data, GError **error) {
  g_auto (Writing) writing = { .transaction = self, .func = func, .data = data };

  writing.streams = tessera_streams_load (self, error);
  writing.line = g_string_new ("{\"k\":\"fill\"}");
  if (!writing.streams || !hand_out (&writing, error))
    return FALSE;
  for (guint i = 0; i < subjects->len; i++)
    if (!write_fill_of (&writing, subjects->pdata[i], error))
      return FALSE;
  return TRUE;
}
