/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erasures.c: which clients were erased, and by which change.
 */
#include "config.h"

#include "tessera-connection.h"
#include "tessera-merge.h"

void
tessera_erasure_free (TesseraErasure *self) {
  if (!self)
    return;
  g_free (self->client);
  g_free (self->reason);
  g_free (self->device);
  g_free (self->stream);
  g_free (self);
}

static TesseraErasure *
read_erasure (TesseraStatement *statement) {
  TesseraErasure *self = g_new0 (TesseraErasure, 1);

  self->client = tessera_statement_get_id (statement, 0);
  self->reason = g_strdup (tessera_statement_get_text (statement, 1));
  self->device = g_strdup (tessera_statement_get_text (statement, 2));
  self->stream = g_strdup (tessera_statement_get_text (statement, 3));
  self->sequence = tessera_statement_get_integer (statement, 4);
  self->at = tessera_statement_get_integer (statement, 5);
  return self;
}

/* Rows that went along with a client are not told apart here: the change that erased them names the client. */
GPtrArray *
tessera_transaction_list_erasures (TesseraTransaction *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection,
    "SELECT e.subject, e.reason, lower(hex(s.device)), lower(hex(s.id)), e.seq, e.at FROM erased e"
    " LEFT JOIN stream s ON s.sid = e.sid LEFT JOIN change c ON c.sid = e.sid AND c.seq = e.seq"
    " WHERE e.sid = 0 OR (c.subject = e.subject AND c.entity = 4) ORDER BY e.at DESC, e.subject", NULL, error);
  g_autoptr (GPtrArray) erasures = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_erasure_free);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (erasures, read_erasure (statement));
  if (!local_error)
    return g_steal_pointer (&erasures);
  g_propagate_error (error, local_error);
  return NULL;
}
