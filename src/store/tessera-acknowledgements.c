/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-acknowledgements.c: what other devices said they have applied. Nobody's word for what is applied here.
 */
#include "config.h"

#include "tessera-connection.h"
#include "tessera-merge.h"

static gboolean
note_one (TesseraTransaction *self, const char *device, const char *stream, gint64 sequence, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "INSERT INTO acknowledgement (device, stream, seq, at) VALUES (?1, ?2, ?3, ?4)"
                      " ON CONFLICT (device, stream) DO UPDATE SET seq = max(seq, excluded.seq), at = excluded.at", NULL,
    error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, device);
  tessera_statement_bind_text (statement, 2, stream);
  tessera_statement_bind_integer (statement, 3, sequence);
  tessera_statement_bind_integer (statement, 4, self->now);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_note_acknowledged (TesseraTransaction *self, const char *device, GHashTable *vector,
                                       GError **error) {
  GHashTableIter iter;
  gpointer stream, sequence;

  g_hash_table_iter_init (&iter, vector);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    if (!note_one (self, device, stream, *(gint64 *) sequence, error))
      return FALSE;
  /* That it was heard, even if it has nothing yet. */
  return note_one (self, device, "", 0, error);
}

GHashTable *
tessera_transaction_get_acknowledged (TesseraTransaction *self, const char *device, gint64 *ret_heard_at,
                                      GError **error) {
  g_autoptr (GHashTable) vector = tessera_vector_new ();
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT stream, seq, at FROM acknowledgement WHERE device = ?1", NULL, error);
  GError *local_error = NULL;

  if (ret_heard_at)
    *ret_heard_at = 0;
  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, device);
  while (tessera_statement_step (statement, &local_error)) {
    if (ret_heard_at)
      *ret_heard_at = MAX (*ret_heard_at, tessera_statement_get_integer (statement, 2));
    if (tessera_statement_get_integer (statement, 1) > 0)
      tessera_vector_set (vector, tessera_statement_get_text (statement, 0),
                          tessera_statement_get_integer (statement, 1));
  }
  if (!local_error)
    return g_steal_pointer (&vector);
  g_propagate_error (error, local_error);
  return NULL;
}
