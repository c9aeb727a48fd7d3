/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-forget.c: a laptop that holds one team's clients lets go of whoever went to another.
 *
 * Like erasing, but only here and not for ever: the changes become stubs, and should the client come back, they are
 * filled again by somebody who holds them.
 */
#include "config.h"

#include "tessera-contents.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"

static gboolean
is_of (const char *team, const char *const *teams) {
  return team && g_strv_contains (teams, team);
}

/* Of other teams, and nothing written here about them that others do not have. */
static GPtrArray *
list_others (TesseraTransaction *self, const char *const *teams, gint64 sent, GError **error) {
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT c.id, c.team FROM client c WHERE c.team IS NOT NULL AND NOT EXISTS (SELECT 1 FROM change x"
                      " WHERE x.subject = c.id AND x.sid = ?1 AND x.seq > ?2)", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  tessera_statement_bind_integer (statement, 2, sent);
  while (tessera_statement_step (statement, &local_error))
    if (!is_of (tessera_statement_get_text (statement, 1), teams))
      g_ptr_array_add (others, tessera_statement_get_id (statement, 0));
  if (!local_error)
    return g_steal_pointer (&others);
  g_propagate_error (error, local_error);
  return NULL;
}

gboolean
tessera_transaction_forget_others (TesseraTransaction *self, const char *const *teams, gint64 sent, GError **error) {
  g_autoptr (GPtrArray) others = NULL;

  if (!tessera_change_log_finish (self, error))
    return FALSE;
  others = list_others (self, teams, sent, error);
  for (guint i = 0; others && i < others->len; i++) {
    guint8 subject[16];

    tessera_uuid_parse (others->pdata[i], subject);
    if (!tessera_contents_await (self, others->pdata[i], error) || !tessera_erase_contents (self, subject, error)
        || !tessera_transaction_audit (self, "forget", "client", others->pdata[i], NULL, error))
      return FALSE;
  }
  return others != NULL;
}
