/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erase.c: everything about a person goes, for ever.
 *
 * The change that says so carries no personal data. Rows, siblings, conflicts, attachments, search words, drafts and the
 * bodies in the change log go; numbers stay, so that streams have no holes; what comes later about that person becomes
 * such an empty number too.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-contents.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-store.h"

gboolean
tessera_erase_is_erased (TesseraTransaction *transaction, const guint8 *subject, gboolean *ret_erased,
                         GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT 1 FROM erased WHERE subject = ?1", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, subject, 16);
  *ret_erased = tessera_statement_step (statement, &local_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_transaction_is_erased (TesseraTransaction *self, const char *subject) {
  guint8 bytes[16];
  gboolean erased = FALSE;

  return subject && tessera_uuid_parse (subject, bytes) && tessera_erase_is_erased (self, bytes, &erased, NULL)
         && erased;
}

static gboolean
run_for_subject (TesseraTransaction *transaction, const char *sql, const guint8 *subject, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (transaction->connection, sql, NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, subject, 16);
  return tessera_statement_run (statement, error);
}

/* Words and attachments first: they are found through the row. */
static gboolean
forget_row (TesseraTransaction *transaction, const TesseraEntity *entity, TesseraRecord *record, GError **error) {
  guint8 id[16];
  gint64 number;

  tessera_uuid_parse (tessera_record_get_id (record), id);
  tessera_attachments_note (transaction, record);
  return tessera_transaction_find_row_number (transaction, record, &number, error)
         && tessera_search_update (transaction, record, NULL, number, error)
         && tessera_siblings_drop_row (transaction, entity, id, error)
         && tessera_conflict_drop_row (transaction, entity, id, error);
}

static gboolean
erase_rows (TesseraTransaction *transaction, const TesseraEntity *entity, const char *subject, const guint8 *bytes,
            GError **error) {
  g_autofree char *tail = g_strdup_printf ("WHERE \"%s\" = ?1", entity->subject);
  g_autofree char *sql = g_strdup_printf ("DELETE FROM \"%s\" %s", entity->name, tail);
  g_autoptr (GPtrArray) rows = tessera_transaction_select_records (transaction, entity->name, tail, subject, error);

  if (!rows)
    return FALSE;
  if (rows->len == 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    if (!forget_row (transaction, entity, rows->pdata[i], error))
      return FALSE;
  g_hash_table_add (transaction->changed, (gpointer) entity->name);
  return run_for_subject (transaction, sql, bytes, error);
}

static gboolean
erase_drafts (TesseraTransaction *transaction, const char *subject, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "DELETE FROM draft WHERE instr(key, ?1) > 0 OR instr(body, ?1) > 0", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, subject);
  return tessera_statement_run (statement, error);
}

/* Rows that were deleted before have siblings no more, but bodies in the log. */
static gboolean
erase_log (TesseraTransaction *transaction, const guint8 *subject, GError **error) {
  return run_for_subject (transaction, "UPDATE change SET body = NULL, kind = 5, flags = 0 WHERE subject = ?1 AND kind <> 4",
                          subject, error);
}

static gboolean
remember (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot, const char *reason,
          GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "INSERT OR IGNORE INTO erased (subject, sid, seq, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, subject, 16);
  tessera_statement_bind_integer (statement, 2, dot->sid);
  tessera_statement_bind_integer (statement, 3, dot->sequence);
  tessera_statement_bind_integer (statement, 4, dot->clock >> 16);
  tessera_statement_bind_text (statement, 5, reason);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_erase_contents (TesseraTransaction *transaction, const guint8 *subject, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (transaction->connection->registry);
  char text[37];

  tessera_uuid_format (subject, text);
  for (guint i = 0; entities[i]; i++)
    if (entities[i]->subject && !erase_rows (transaction, entities[i], text, subject, error))
      return FALSE;
  return erase_drafts (transaction, text, error) && erase_log (transaction, subject, error);
}

gboolean
tessera_erase_apply (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot,
                     const char *reason, GError **error) {
  char text[37];

  tessera_uuid_format (subject, text);
  return tessera_contents_forget (transaction, text, error) && tessera_erase_contents (transaction, subject, error)
         && remember (transaction, subject, dot, reason, error)
         && tessera_transaction_audit (transaction, "erase", "client", text, reason, error);
}

gboolean
tessera_transaction_erase (TesseraTransaction *self, const char *subject, const char *reason, GError **error) {
  TesseraConnection *connection = self->connection;
  const TesseraEntity *entity = tessera_registry_get_entity (connection->registry, "client");
  TesseraDot dot;
  guint8 bytes[16];
  g_autofree char *body = NULL;

  g_return_val_if_fail (self->writable && tessera_uuid_parse (subject, bytes), FALSE);
  if (!tessera_change_log_next (self, &dot.sequence, &dot.clock, error))
    return FALSE;
  dot.sid = connection->stream;
  body = reason ? g_strdup_printf ("{\"reason\":\"%s\"}", reason) : NULL;
  return tessera_change_insert (self, &dot, entity->number, bytes, bytes, TESSERA_CHANGE_ERASE, 1, 0, body, -1, error)
         && tessera_erase_apply (self, bytes, &dot, reason, error);
}
