/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-streams.c: the streams of changes this store knows, and what the author of each change had seen.
 *
 * A stream is cut into segments wherever its author had taken something in; all changes of a segment had seen the same.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-merge-private.h"

static void
segment_free (gpointer pointer) {
  TesseraSegment *segment = pointer;

  g_array_unref (segment->seen);
  g_free (segment);
}

static void
stream_free (gpointer pointer) {
  TesseraStream *stream = pointer;

  if (!stream)
    return;
  g_clear_pointer (&stream->segments, g_ptr_array_unref);
  g_free (stream);
}

void
tessera_streams_free (TesseraStreams *self) {
  if (!self)
    return;
  g_ptr_array_unref (self->by_sid);
  g_free (self);
}

static void
copy_id (TesseraStatement *statement, int column, guint8 *bytes) {
  gsize size;
  gconstpointer found = tessera_statement_peek_bytes (statement, column, &size);

  if (found && size == TESSERA_STREAM_SIZE)
    memcpy (bytes, found, size);
}

static TesseraStream *
insert_stream (TesseraStreams *self, gint64 sid) {
  TesseraStream *stream = g_new0 (TesseraStream, 1);

  stream->sid = sid;
  stream->last = -1;
  if ((gint64) self->by_sid->len <= sid)
    g_ptr_array_set_size (self->by_sid, (int) sid + 1);
  g_clear_pointer (&self->by_sid->pdata[sid], stream_free);
  self->by_sid->pdata[sid] = stream;
  return stream;
}

TesseraStreams *
tessera_streams_load (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStreams) self = g_new0 (TesseraStreams, 1);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT s.sid, s.id, s.device, s.circle, v.seq, v.clock, s.last FROM stream s"
                             " JOIN vv v USING (sid)", NULL, error);
  GError *local_error = NULL;

  self->transaction = transaction;
  self->by_sid = g_ptr_array_new_with_free_func (stream_free);
  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    TesseraStream *stream = insert_stream (self, tessera_statement_get_integer (statement, 0));

    copy_id (statement, 1, stream->id);
    copy_id (statement, 2, stream->device);
    copy_id (statement, 3, stream->circle);
    stream->sequence = tessera_statement_get_integer (statement, 4);
    stream->clock = tessera_statement_get_integer (statement, 5);
    if (!tessera_statement_is_null (statement, 6))
      stream->last = tessera_statement_get_integer (statement, 6);
  }
  if (!local_error)
    return g_steal_pointer (&self);
  g_propagate_error (error, local_error);
  return NULL;
}

void
tessera_stream_format (const guint8 *id, char ret_text[2 * TESSERA_STREAM_SIZE + 1]) {
  sodium_bin2hex (ret_text, 2 * TESSERA_STREAM_SIZE + 1, id, TESSERA_STREAM_SIZE);
}

TesseraStream *
tessera_streams_get (TesseraStreams *self, gint64 sid) {
  return sid >= 0 && sid < (gint64) self->by_sid->len ? self->by_sid->pdata[sid] : NULL;
}

TesseraStream *
tessera_streams_find (TesseraStreams *self, const guint8 *id) {
  for (guint i = 0; i < self->by_sid->len; i++) {
    TesseraStream *stream = self->by_sid->pdata[i];

    if (stream && memcmp (stream->id, id, TESSERA_STREAM_SIZE) == 0)
      return stream;
  }
  return NULL;
}

TesseraStream *
tessera_streams_add (TesseraStreams *self, const guint8 *id, const guint8 *device, const guint8 *circle,
                     GError **error) {
  TesseraConnection *connection = self->transaction->connection;
  g_autoptr (TesseraStatement) add = tessera_connection_prepare (
    connection, "INSERT INTO stream (sid, id, device, circle) VALUES (?1, ?2, ?3, ?4)", NULL, error);
  g_autoptr (TesseraStatement) begin = tessera_connection_prepare (
    connection, "INSERT INTO vv (sid, seq, clock) VALUES (?1, 0, 0)", NULL, error);
  gint64 sid = MAX (1, (gint64) self->by_sid->len);
  TesseraStream *stream;

  if (!add || !begin)
    return NULL;
  tessera_statement_bind_integer (add, 1, sid);
  tessera_statement_bind_raw (add, 2, id, TESSERA_STREAM_SIZE);
  tessera_statement_bind_raw (add, 3, device, TESSERA_STREAM_SIZE);
  tessera_statement_bind_raw (add, 4, circle, TESSERA_STREAM_SIZE);
  tessera_statement_bind_integer (begin, 1, sid);
  if (!tessera_statement_run (add, error) || !tessera_statement_run (begin, error))
    return NULL;
  stream = insert_stream (self, sid);
  memcpy (stream->id, id, TESSERA_STREAM_SIZE);
  memcpy (stream->device, device, TESSERA_STREAM_SIZE);
  memcpy (stream->circle, circle, TESSERA_STREAM_SIZE);
  return stream;
}

gboolean
tessera_streams_settle_circle (TesseraStreams *self, TesseraStream *stream, const guint8 *circle, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  if (!sodium_is_zero (stream->circle, TESSERA_STREAM_SIZE))
    return TRUE;
  statement = tessera_connection_prepare (self->transaction->connection, "UPDATE stream SET circle = ?1 WHERE sid = ?2",
                                          NULL, error);
  if (!statement)
    return FALSE;
  memcpy (stream->circle, circle, TESSERA_STREAM_SIZE);
  tessera_statement_bind_raw (statement, 1, circle, TESSERA_STREAM_SIZE);
  tessera_statement_bind_integer (statement, 2, stream->sid);
  return tessera_statement_run (statement, error);
}

/* ---- segments ---- */

static gint64
seen_of (const GArray *seen, gint64 sid) {
  return sid >= 0 && sid < (gint64) seen->len ? g_array_index (seen, gint64, sid) : 0;
}

static void
set_seen (GArray *seen, gint64 sid, gint64 sequence) {
  if ((gint64) seen->len <= sid)
    g_array_set_size (seen, (guint) sid + 1);
  g_array_index (seen, gint64, sid) = sequence;
}

/* {"stream":sequence,…} as this program wrote it. */
static GArray *
parse_deps (TesseraStreams *self, const char *text) {
  GArray *seen = g_array_new (FALSE, TRUE, sizeof (gint64));
  g_autofree char *line = g_strdup_printf (
    "{\"k\":\"segment\",\"s\":\"%1$s\",\"d\":\"%1$s\",\"c\":\"%1$s\",\"from\":1,\"deps\":%2$s}",
    "00000000000000000000000000000000", text);
  TesseraChangeLine parsed;

  tessera_change_line_init (&parsed);
  if (tessera_change_line_parse (&parsed, line, strlen (line), NULL))
    for (guint i = 0; i < parsed.seen->len; i++) {
      const TesseraLineSeen *entry = &g_array_index (parsed.seen, TesseraLineSeen, i);
      TesseraStream *stream = tessera_streams_find (self, entry->stream);

      if (stream)
        set_seen (seen, stream->sid, entry->sequence);
    }
  tessera_change_line_clear (&parsed);
  return seen;
}

static void
append_segment (TesseraStream *stream, gint64 first, GArray *seen) {
  TesseraSegment *segment = g_new0 (TesseraSegment, 1);

  segment->first = first;
  segment->seen = g_array_ref (seen);
  g_ptr_array_add (stream->segments, segment);
}

static gboolean
load_segments (TesseraStreams *self, TesseraStream *stream, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  if (stream->segments)
    return TRUE;
  statement = tessera_connection_prepare (self->transaction->connection,
                                          "SELECT first, deps FROM segment WHERE sid = ?1 ORDER BY first", NULL, error);
  if (!statement)
    return FALSE;
  stream->segments = g_ptr_array_new_with_free_func (segment_free);
  tessera_statement_bind_integer (statement, 1, stream->sid);
  while (tessera_statement_step (statement, &local_error)) {
    g_autoptr (GArray) seen = parse_deps (self, tessera_statement_get_text (statement, 1));

    append_segment (stream, tessera_statement_get_integer (statement, 0), seen);
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_streams_add_segment (TesseraStreams *self, TesseraStream *stream, gint64 first, const char *deps, GArray *seen,
                             GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "INSERT OR REPLACE INTO segment (sid, first, deps) VALUES (?1, ?2, ?3)", NULL,
    error);

  if (!statement || !load_segments (self, stream, error))
    return FALSE;
  tessera_statement_bind_integer (statement, 1, stream->sid);
  tessera_statement_bind_integer (statement, 2, first);
  tessera_statement_bind_text (statement, 3, deps);
  if (!tessera_statement_run (statement, error))
    return FALSE;
  if (stream->segments->len > 0
      && ((TesseraSegment *) stream->segments->pdata[stream->segments->len - 1])->first == first)
    g_ptr_array_set_size (stream->segments, (int) stream->segments->len - 1);
  append_segment (stream, first, seen);
  return TRUE;
}

GArray *
tessera_streams_seen (TesseraStreams *self, const TesseraDot *dot, GError **error) {
  TesseraStream *stream = tessera_streams_get (self, dot->sid);
  GArray *found = NULL;

  if (!stream || !load_segments (self, stream, error))
    return NULL;
  for (guint i = 0; i < stream->segments->len; i++) {
    TesseraSegment *segment = stream->segments->pdata[i];

    if (segment->first > dot->sequence)
      break;
    found = segment->seen;
  }
  return found;
}

gboolean
tessera_dot_saw (const TesseraDot *dot, const GArray *seen, const TesseraDot *other) {
  if (dot->sid == other->sid)
    return other->sequence < dot->sequence;
  return seen && other->sequence <= seen_of (seen, other->sid);
}

int
tessera_streams_compare (TesseraStreams *self, const TesseraDot *a, const TesseraDot *b) {
  TesseraStream *first, *second;

  if (a->clock != b->clock)
    return a->clock < b->clock ? -1 : 1;
  first = tessera_streams_get (self, a->sid);
  second = tessera_streams_get (self, b->sid);
  if (!first || !second || first == second)
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
  return memcmp (first->id, second->id, TESSERA_STREAM_SIZE);
}

gboolean
tessera_streams_save (TesseraStreams *self, const TesseraStream *stream, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "UPDATE vv SET seq = ?1, clock = ?2 WHERE sid = ?3", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, stream->sequence);
  tessera_statement_bind_integer (statement, 2, stream->clock);
  tessera_statement_bind_integer (statement, 3, stream->sid);
  return tessera_statement_run (statement, error);
}

/* ---- for those who only ask ---- */

GHashTable *
tessera_vector_new (void) {
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
tessera_vector_set (GHashTable *vector, const char *stream, gint64 sequence) {
  g_hash_table_replace (vector, g_strdup (stream), g_memdup2 (&sequence, sizeof sequence));
}

gint64
tessera_vector_get (GHashTable *vector, const char *stream) {
  gint64 *sequence = g_hash_table_lookup (vector, stream);

  return sequence ? *sequence : 0;
}

GHashTable *
tessera_transaction_get_vector (TesseraTransaction *self, GError **error) {
  g_autoptr (GHashTable) vector = tessera_vector_new ();
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT lower(hex(s.id)), CASE WHEN s.last < v.seq THEN s.last"
                      " WHEN s.sid = ?1 THEN max(v.seq, ?2) ELSE v.seq END AS n"
                      " FROM stream s JOIN vv v USING (sid) WHERE n > 0", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  tessera_statement_bind_integer (statement, 2, self->connection->sequence);
  while (tessera_statement_step (statement, &local_error))
    tessera_vector_set (vector, tessera_statement_get_text (statement, 0),
                        tessera_statement_get_integer (statement, 1));
  if (!local_error)
    return g_steal_pointer (&vector);
  g_propagate_error (error, local_error);
  return NULL;
}

GPtrArray *
tessera_transaction_list_streams (TesseraTransaction *self, const char *device, GError **error) {
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT lower(hex(id)) FROM stream WHERE lower(hex(device)) = ?1 ORDER BY sid", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, device);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (streams, g_strdup (tessera_statement_get_text (statement, 0)));
  if (!local_error)
    return g_steal_pointer (&streams);
  g_propagate_error (error, local_error);
  return NULL;
}

gboolean
tessera_transaction_has_applied (TesseraTransaction *self, GHashTable *vector, gboolean *ret_has, GError **error) {
  g_autoptr (GHashTable) mine = tessera_transaction_get_vector (self, error);
  g_autoptr (TesseraStreams) streams = mine ? tessera_streams_load (self, error) : NULL;
  GHashTableIter iter;
  gpointer text, sequence;

  *ret_has = TRUE;
  if (!streams)
    return FALSE;
  g_hash_table_iter_init (&iter, vector);
  while (*ret_has && g_hash_table_iter_next (&iter, &text, &sequence)) {
    guint8 id[TESSERA_STREAM_SIZE];
    const TesseraStream *stream;
    gint64 have = tessera_vector_get (mine, text);

    if (have >= *(gint64 *) sequence)
      continue;
    for (guint i = 0; i < sizeof id; i++)
      id[i] = (guint8) (g_ascii_xdigit_value (((char *) text)[2 * i]) << 4
                        | g_ascii_xdigit_value (((char *) text)[2 * i + 1]));
    stream = tessera_streams_find (streams, id);
    *ret_has = stream && stream->last >= 0 && have >= stream->last;
  }
  return TRUE;
}
