/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pending.c: changes with entities or fields that were not known when they came, applied once they are.
 */
#include "config.h"
#include <string.h>

#include "tessera-merge-private.h"

typedef struct {
  TesseraDot dot;
  guint entity;
  guint8 row[16];
  char *body;
} Pending;

static void
pending_clear (gpointer pointer) {
  g_free (((Pending *) pointer)->body);
}

static GArray *
list_pending (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Pending));
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT sid, seq, clock, entity, row, body FROM change WHERE flags <> 0 AND flags & 3 = 1"
                             " ORDER BY clock", NULL, error);
  GError *local_error = NULL;

  g_array_set_clear_func (list, pending_clear);
  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    Pending pending = {
      { tessera_statement_get_integer (statement, 0), tessera_statement_get_integer (statement, 1),
        tessera_statement_get_integer (statement, 2) },
      (guint) tessera_statement_get_integer (statement, 3), { 0 }, g_strdup (tessera_statement_get_text (statement, 5)),
    };
    gsize size;
    gconstpointer row = tessera_statement_peek_bytes (statement, 4, &size);

    if (row && size == sizeof pending.row)
      memcpy (pending.row, row, size);
    g_array_append_val (list, pending);
  }
  if (!local_error)
    return g_steal_pointer (&list);
  g_propagate_error (error, local_error);
  return NULL;
}

/* Whether all fields of the parsed line or body have a column now. */
static gboolean
is_known (const TesseraEntity *entity, const TesseraChangeLine *line) {
  for (guint i = 0; i < line->fields->len; i++) {
    const TesseraLineField *value = &g_array_index (line->fields, TesseraLineField, i);
    int index = tessera_entity_find_field (entity, value->name);

    if (index < 0 || !tessera_value_fits (&entity->fields[index], value))
      return FALSE;
  }
  return TRUE;
}

static gboolean
set_change (TesseraTransaction *transaction, const Pending *pending, guint entity, guint flags, const char *body,
            gsize length, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "UPDATE change SET entity = ?3, flags = ?4, body = ?5 WHERE sid = ?1 AND seq = ?2", NULL,
    error);
  g_autofree char *text = body ? g_strndup (body, length) : NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, pending->dot.sid);
  tessera_statement_bind_integer (statement, 2, pending->dot.sequence);
  tessera_statement_bind_integer (statement, 3, entity);
  tessera_statement_bind_integer (statement, 4, flags);
  tessera_statement_bind_text (statement, 5, text);
  return tessera_statement_run (statement, error);
}

/* A change of a whole entity that was unknown was kept as its line; one with unknown fields as its body. */
static gboolean
apply_one (TesseraStreams *streams, const Pending *pending, TesseraChangeLine *line, GError **error) {
  TesseraTransaction *transaction = streams->transaction;
  TesseraRegistry *registry = transaction->connection->registry;
  const TesseraEntity *entity;

  if (pending->entity != 0) {
    entity = tessera_registry_get_entity_by_number (registry, pending->entity);
    if (!entity || !pending->body || !tessera_change_line_parse_body (line, pending->body, strlen (pending->body), NULL)
        || !is_known (entity, line))
      return TRUE;
    return set_change (transaction, pending, entity->number, 0, pending->body, strlen (pending->body), error)
           && tessera_merge_row_rebuild (streams, entity, pending->row, error);
  }
  if (!pending->body || !tessera_change_line_parse (line, pending->body, strlen (pending->body), NULL) || !line->entity)
    return TRUE;
  entity = tessera_registry_get_entity (registry, line->entity);
  if (!entity)
    return TRUE;
  return set_change (transaction, pending, entity->number, is_known (entity, line) ? 0 : TESSERA_CHANGE_PENDING,
                     line->body, line->body_length, error)
         && tessera_merge_row_rebuild (streams, entity, pending->row, error);
}

gboolean
tessera_pending_apply (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GArray) list = list_pending (transaction, error);
  g_autoptr (TesseraStreams) streams = NULL;
  TesseraChangeLine line;
  gboolean ok = TRUE;

  if (!list)
    return FALSE;
  if (list->len == 0)
    return TRUE;
  streams = tessera_streams_load (transaction, error);
  if (!streams)
    return FALSE;
  tessera_change_line_init (&line);
  for (guint i = 0; i < list->len && ok; i++)
    ok = apply_one (streams, &g_array_index (list, Pending, i), &line, error);
  tessera_change_line_clear (&line);
  return ok;
}
