/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-conflicts.c: fields of which several values are left that were written without knowing of each other, and the
 * person's decision.
 *
 * A row of `conflict` says which field of which row; the values are its siblings. It is local: every device comes to the
 * same conflicts by itself. Once settled the row stays, with when and on which device, until the field is in conflict
 * again.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-store.h"

void
tessera_sibling_free (TesseraSibling *self) {
  if (!self)
    return;
  g_free (self->value);
  g_free (self->device);
  g_free (self->stream);
  g_free (self);
}

static char *
make_id (const TesseraEntity *entity, const char *row, const char *field) {
  g_autofree char *name = g_strdup_printf ("conflict/%s/%s", entity->name, field);

  return tessera_uuid_for_name (row, name);
}

static guint
count_values (const GArray *siblings) {
  guint n = 0;

  for (guint i = 0; i < siblings->len; i++) {
    gboolean again = FALSE;

    for (guint j = 0; j < i && !again; j++)
      again = g_strcmp0 (g_array_index (siblings, TesseraSiblingWrite, i).value,
                         g_array_index (siblings, TesseraSiblingWrite, j).value) == 0;
    n += !again;
  }
  return n;
}

static char *
get_device_of (TesseraTransaction *transaction, gint64 sid) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT device FROM stream WHERE sid = ?1", NULL, NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, sid);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_id (statement, 0) : NULL;
}

static gboolean
open_conflict (TesseraTransaction *transaction, TesseraRecord *found, const char *id, const TesseraEntity *entity,
               const char *row, const char *field, const char *subject, GError **error) {
  TesseraRegistry *registry = transaction->connection->registry;
  g_autoptr (TesseraRecord) conflict = found
    ? tessera_record_copy (found)
    : tessera_record_new_for (registry, tessera_registry_get_entity (registry, "conflict"), id);

  if (found && !tessera_record_get (found, "resolved_at"))
    return TRUE;
  tessera_record_set (conflict, "client", subject);
  tessera_record_set (conflict, "entity", entity->name);
  tessera_record_set (conflict, "row", row);
  tessera_record_set (conflict, "field", field);
  tessera_record_set_integer (conflict, "opened_at", transaction->now);
  tessera_record_set (conflict, "resolved_at", NULL);
  tessera_record_set (conflict, "resolved_on", NULL);
  return tessera_transaction_save (transaction, conflict, error);
}

static gboolean
close_conflict (TesseraTransaction *transaction, TesseraRecord *found, const GArray *siblings, GError **error) {
  const TesseraSiblingWrite *last = NULL;
  g_autofree char *device = NULL;

  if (!found || tessera_record_get (found, "resolved_at"))
    return TRUE;
  for (guint i = 0; i < siblings->len; i++) {
    const TesseraSiblingWrite *write = &g_array_index (siblings, TesseraSiblingWrite, i);

    if (!last || write->dot.clock > last->dot.clock)
      last = write;
  }
  device = last ? get_device_of (transaction, last->dot.sid) : NULL;
  tessera_record_set (found, "resolved_on", device);
  tessera_record_set_integer (found, "resolved_at", last ? last->dot.clock >> 16 : transaction->now);
  return tessera_transaction_save (transaction, found, error);
}

gboolean
tessera_conflict_note (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                       const TesseraField *field, const char *subject, const GArray *siblings, GError **error) {
  char row_text[37];
  g_autofree char *id = NULL;
  g_autoptr (TesseraRecord) found = NULL;

  tessera_uuid_format (row, row_text);
  id = make_id (entity, row_text, field->name);
  found = tessera_transaction_find (transaction, "conflict", id);
  if (count_values (siblings) > 1)
    return open_conflict (transaction, found, id, entity, row_text, field->name, subject, error);
  return close_conflict (transaction, found, siblings, error);
}

gboolean
tessera_conflict_drop_row (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                           GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "DELETE FROM \"conflict\" WHERE entity = ?1 AND \"row\" = ?2", NULL, error);
  char text[37];

  if (!statement)
    return FALSE;
  tessera_uuid_format (row, text);
  tessera_statement_bind_text (statement, 1, entity->name);
  tessera_statement_bind_text (statement, 2, text);
  return tessera_statement_run (statement, error);
}

/* ---- for people ---- */

static const TesseraEntity *
get_entity (TesseraTransaction *self, const char *name) {
  const TesseraEntity *entity = tessera_registry_get_entity (self->connection->registry, name);

  g_return_val_if_fail (entity != NULL, NULL);
  return entity;
}

static char *
get_stream_of (TesseraTransaction *transaction, gint64 sid) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT lower(hex(id)) FROM stream WHERE sid = ?1", NULL, NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, sid);
  return tessera_statement_step (statement, NULL) ? g_strdup (tessera_statement_get_text (statement, 0)) : NULL;
}

static TesseraSibling *
describe (TesseraTransaction *transaction, const TesseraSiblingWrite *write) {
  TesseraSibling *sibling = g_new0 (TesseraSibling, 1);

  sibling->value = g_strdup (write->value);
  sibling->device = get_device_of (transaction, write->dot.sid);
  sibling->stream = get_stream_of (transaction, write->dot.sid);
  sibling->sequence = write->dot.sequence;
  sibling->at = write->dot.clock >> 16;
  sibling->mine = g_strcmp0 (sibling->device, transaction->connection->device) == 0;
  return sibling;
}

static int
compare_writes (gconstpointer a, gconstpointer b, gpointer streams) {
  return -tessera_streams_compare (streams, &((const TesseraSiblingWrite *) a)->dot,
                                   &((const TesseraSiblingWrite *) b)->dot);
}

GPtrArray *
tessera_transaction_list_siblings (TesseraTransaction *self, const char *entity_name, const char *row,
                                   const char *field, GError **error) {
  const TesseraEntity *entity = get_entity (self, entity_name);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_sibling_free);
  g_autoptr (TesseraStreams) streams = tessera_streams_load (self, error);
  g_autoptr (GArray) siblings = NULL;
  guint8 id[16];

  if (!streams || !tessera_uuid_parse (row, id))
    return NULL;
  siblings = tessera_siblings_load (self, entity, id, field, error);
  if (!siblings)
    return NULL;
  g_array_sort_with_data (siblings, compare_writes, streams);
  for (guint i = 0; i < siblings->len; i++) {
    TesseraSibling *sibling = describe (self, &g_array_index (siblings, TesseraSiblingWrite, i));

    sibling->shown = i == 0;
    g_ptr_array_add (list, sibling);
  }
  return g_steal_pointer (&list);
}

gboolean
tessera_transaction_settle (TesseraTransaction *self, const char *entity_name, const char *row, const char *field,
                            const char *value, GError **error) {
  const TesseraEntity *entity = get_entity (self, entity_name);
  g_autoptr (TesseraRecord) record = tessera_transaction_load (self, entity_name, row, error);
  g_autoptr (TesseraRecord) before = NULL;
  int index = tessera_entity_find_field (entity, field);

  g_return_val_if_fail (index >= 0, FALSE);
  if (!record)
    return FALSE;
  before = tessera_record_copy (record);
  if (g_strcmp0 (tessera_record_get (record, field), value) != 0) {
    tessera_record_set (record, field, value);
    return tessera_transaction_save (self, record, error);
  }
  return tessera_change_log_confirm (self, record, (guint) index, error)
         && tessera_transaction_audit (self, "edit", entity->name, row, NULL, error);
}
