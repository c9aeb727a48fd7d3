/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-moved.c: what a team's laptops lack because its author did not know, or could not know, that they should have
 * it. Asked on a device that holds everything.
 */
#include "config.h"
#include <string.h>

#include "tessera-merge-private.h"

typedef struct {
  TesseraHoldsTeam is_member;
  gpointer data;
  GHashTable *moved;
} Looking;

static void
add (Looking *self, const char *team, char *subject) {
  GPtrArray *subjects = g_hash_table_lookup (self->moved, team);

  if (!subjects) {
    subjects = g_ptr_array_new_with_free_func (g_free);
    g_hash_table_insert (self->moved, g_strdup (team), subjects);
  }
  if (g_ptr_array_find_with_equal_func (subjects, subject, g_str_equal, NULL))
    g_free (subject);
  else
    g_ptr_array_add (subjects, subject);
}

/* The client was given to the team, or got a household there, or the author is no member. */
static gboolean
is_lacking (Looking *self, const char *device, const char *team, gint64 kind, const char *body) {
  if (kind == TESSERA_CHANGE_PUT && body && (strstr (body, "\"team\":") || strstr (body, "\"household\":")))
    return TRUE;
  return !self->is_member (device, team, self->data);
}

static gboolean
look_at_stream (TesseraTransaction *transaction, Looking *self, const TesseraStream *stream, gint64 after,
                GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT c.subject, k.team, c.kind, CASE c.entity WHEN 4 THEN c.body END FROM change c"
                             " JOIN client k ON k.id = c.subject"
                             " WHERE c.sid = ?1 AND c.seq > ?2 AND k.team IS NOT NULL AND c.kind NOT IN (4, 5)", NULL,
    error);
  char device[2 * TESSERA_STREAM_SIZE + 1];
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_stream_format (stream->device, device);
  tessera_statement_bind_integer (statement, 1, stream->sid);
  tessera_statement_bind_integer (statement, 2, after);
  while (tessera_statement_step (statement, &local_error)) {
    const char *team = tessera_statement_get_text (statement, 1);

    if (is_lacking (self, device, team, tessera_statement_get_integer (statement, 2),
                    tessera_statement_get_text (statement, 3)))
      add (self, team, tessera_statement_get_id (statement, 0));
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

GHashTable *
tessera_transaction_list_moved (TesseraTransaction *self, GHashTable *after, TesseraHoldsTeam is_member, gpointer data,
                                GError **error) {
  g_autoptr (GHashTable) moved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                        (GDestroyNotify) g_ptr_array_unref);
  Looking looking = { is_member, data, moved };
  g_autoptr (TesseraStreams) streams = NULL;

  if ((self->writable && !tessera_change_log_finish (self, error)))
    return NULL;
  streams = tessera_streams_load (self, error);
  for (guint i = 0; streams && i < streams->by_sid->len; i++) {
    TesseraStream *stream = streams->by_sid->pdata[i];
    char id[2 * TESSERA_STREAM_SIZE + 1];

    if (!stream)
      continue;
    tessera_stream_format (stream->id, id);
    if (!look_at_stream (self, &looking, stream, tessera_vector_get (after, id), error))
      return NULL;
  }
  return streams ? g_steal_pointer (&moved) : NULL;
}
