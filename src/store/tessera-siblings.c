/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-siblings.c: the writes of a field that no other write had seen.
 *
 * A field nobody changed since the row was made has none here: the row's own change is its only write. One member of a
 * set is kept like a field of its own, so that adding and taking away meet member by member.
 */
#include "config.h"

#include "tessera-merge-private.h"

#define WHERE_FIELD " WHERE entity = ?1 AND row = ?2 AND field = ?3"

void
tessera_sibling_write_clear (gpointer pointer) {
  g_clear_pointer (&((TesseraSiblingWrite *) pointer)->value, g_free);
}

char *
tessera_member_key (const char *field, const char *member) {
  return g_strconcat (field, "/", member, NULL);
}

static void
bind_place (TesseraStatement *statement, const TesseraEntity *entity, const guint8 *row, const char *field) {
  tessera_statement_bind_integer (statement, 1, entity->number);
  tessera_statement_bind_raw (statement, 2, row, 16);
  if (field)
    tessera_statement_bind_text (statement, 3, field);
}

GArray *
tessera_siblings_load (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                       const char *field, GError **error) {
  g_autoptr (GArray) siblings = g_array_new (FALSE, FALSE, sizeof (TesseraSiblingWrite));
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT sid, seq, clock, value FROM sibling" WHERE_FIELD, NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  g_array_set_clear_func (siblings, tessera_sibling_write_clear);
  bind_place (statement, entity, row, field);
  while (tessera_statement_step (statement, &local_error)) {
    TesseraSiblingWrite write = {
      { tessera_statement_get_integer (statement, 0), tessera_statement_get_integer (statement, 1),
        tessera_statement_get_integer (statement, 2) },
      g_strdup (tessera_statement_get_text (statement, 3)),
    };

    g_array_append_val (siblings, write);
  }
  if (!local_error)
    return g_steal_pointer (&siblings);
  g_propagate_error (error, local_error);
  return NULL;
}

gboolean
tessera_siblings_add (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                      const char *field, const TesseraSiblingWrite *write, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "INSERT OR REPLACE INTO sibling (entity, row, field, sid, seq, clock, value)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", NULL, error);

  if (!statement)
    return FALSE;
  bind_place (statement, entity, row, field);
  tessera_statement_bind_integer (statement, 4, write->dot.sid);
  tessera_statement_bind_integer (statement, 5, write->dot.sequence);
  tessera_statement_bind_integer (statement, 6, write->dot.clock);
  tessera_statement_bind_text (statement, 7, write->value);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_siblings_drop (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                       const char *field, const TesseraDot *dot, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, dot ? "DELETE FROM sibling" WHERE_FIELD " AND sid = ?4 AND seq = ?5"
                                 : "DELETE FROM sibling" WHERE_FIELD, NULL, error);

  if (!statement)
    return FALSE;
  bind_place (statement, entity, row, field);
  if (dot) {
    tessera_statement_bind_integer (statement, 4, dot->sid);
    tessera_statement_bind_integer (statement, 5, dot->sequence);
  }
  return tessera_statement_run (statement, error);
}

gboolean
tessera_siblings_drop_row (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                           GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "DELETE FROM sibling WHERE entity = ?1 AND row = ?2", NULL, error);

  if (!statement)
    return FALSE;
  bind_place (statement, entity, row, NULL);
  return tessera_statement_run (statement, error);
}
