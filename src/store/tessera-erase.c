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
#include "tessera-kept.h"
#include "tessera-merge-private.h"
#include "tessera-store.h"

gboolean
tessera_erase_is_erased (TesseraTransaction *transaction, const guint8 *subject, gboolean *ret_erased,
                         GError **error) {
  sqlite3_stmt *statement = tessera_kept_get (transaction->connection, TESSERA_KEPT_FIND_ERASED, NULL, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_blob (statement, 1, subject, 16, SQLITE_STATIC);
  if (!tessera_kept_find (transaction->connection, statement, ret_erased, error))
    return FALSE;
  tessera_kept_done (statement);
  return TRUE;
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

static gboolean
remember (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot, const char *reason,
          GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "INSERT INTO erased (subject, sid, seq, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)"
                             " ON CONFLICT DO UPDATE SET sid = excluded.sid, seq = excluded.seq, at = excluded.at"
                             " WHERE erased.sid <= 0", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, subject, 16);
  tessera_statement_bind_integer (statement, 2, dot->sid);
  tessera_statement_bind_integer (statement, 3, dot->sequence);
  tessera_statement_bind_integer (statement, 4, dot->clock >> 16);
  tessera_statement_bind_text (statement, 5, reason);
  return tessera_statement_run (statement, error);
}

static gboolean
note_bundles (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autofree char *waiting = tessera_transaction_get_setting (transaction, TESSERA_ERASE_SETTING_BUNDLES);
  g_autofree char *all = waiting ? g_strconcat (waiting, ",", id, NULL) : g_strdup (id);

  return tessera_transaction_set_setting (transaction, TESSERA_ERASE_SETTING_BUNDLES, all, error);
}

static gboolean
erase_drafts (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "DELETE FROM draft WHERE instr(key, ?1) > 0 OR instr(body, ?1) > 0", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, id);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_erase_is_part (const TesseraEntity *entity, const TesseraField *field) {
  int subject = entity->subject ? tessera_entity_find_field (entity, entity->subject) : -1;

  return subject >= 0 && !(entity->fields[subject].flags & TESSERA_FIELD_REQUIRED)
         && (entity->flags & TESSERA_ENTITY_APPEND_ONLY) && field->type == TESSERA_FIELD_REFERENCE;
}

/* Rows that may belong to nobody: somebody who does not know yet whose they are could bring them again under their own
 * id, and what was written while they were nobody's names no subject in the log. */
static gboolean
may_be_nobodys (const TesseraEntity *entity) {
  int field;

  if (entity->flags & TESSERA_ENTITY_LOCAL)
    return FALSE;
  if (!entity->subject)
    return strcmp (entity->name, "household") == 0;
  field = tessera_entity_find_field (entity, entity->subject);
  return field >= 0 && !(entity->fields[field].flags & TESSERA_FIELD_REQUIRED);
}

static gboolean
erase_log_of_row (TesseraTransaction *transaction, const guint8 *row, GError **error) {
  return run_for_subject (transaction, "UPDATE change SET body = NULL, kind = 5, flags = 0 WHERE row = ?1 AND kind <> 4"
                                       " AND (body IS NOT NULL OR kind = 3)", row, error);
}

static gboolean
forget_id (TesseraTransaction *transaction, const char *text, const guint8 *id, const TesseraDot *dot,
           const char *reason, GError **error) {
  return erase_log_of_row (transaction, id, error) && erase_drafts (transaction, text, error)
         && remember (transaction, id, dot, reason, error) && note_bundles (transaction, text, error);
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
erase_rows (TesseraTransaction *transaction, const TesseraEntity *entity, const char *column, const char *subject,
            const guint8 *bytes, const TesseraDot *dot, const char *reason, GError **error);

/* The events of a referral, whoever it belonged to when they were written. */
static gboolean
erase_parts (TesseraTransaction *transaction, const TesseraEntity *whole, const char *text, const guint8 *id,
             const TesseraDot *dot, const char *reason, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (transaction->connection->registry);

  for (guint i = 0; entities[i]; i++)
    for (guint j = 0; j < entities[i]->n_fields; j++) {
      const TesseraField *field = &entities[i]->fields[j];

      if (tessera_erase_is_part (entities[i], field) && g_strcmp0 (field->of, whole->name) == 0
          && !erase_rows (transaction, entities[i], field->name, text, id, dot, reason, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
erase_rows (TesseraTransaction *transaction, const TesseraEntity *entity, const char *column, const char *subject,
            const guint8 *bytes, const TesseraDot *dot, const char *reason, GError **error) {
  g_autofree char *tail = g_strdup_printf ("WHERE \"%s\" = ?1", column);
  g_autofree char *sql = g_strdup_printf ("DELETE FROM \"%s\" %s", entity->name, tail);
  g_autoptr (GPtrArray) rows = tessera_transaction_select_records (transaction, entity->name, tail, subject, error);

  if (!rows)
    return FALSE;
  if (rows->len == 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++) {
    const char *text = tessera_record_get_id (rows->pdata[i]);
    guint8 id[16];

    tessera_uuid_parse (text, id);
    if (!forget_row (transaction, entity, rows->pdata[i], error)
        || (dot && may_be_nobodys (entity)
            && (!forget_id (transaction, text, id, dot, reason, error)
                || !erase_parts (transaction, entity, text, id, dot, reason, error))))
      return FALSE;
  }
  g_hash_table_add (transaction->changed, (gpointer) entity->name);
  return run_for_subject (transaction, sql, bytes, error);
}

/* Rows that were deleted before have siblings no more, but bodies in the log. */
static gboolean
erase_log (TesseraTransaction *transaction, const guint8 *subject, GError **error) {
  return run_for_subject (transaction, "UPDATE change SET body = NULL, kind = 5, flags = 0 WHERE subject = ?1 AND kind <> 4",
                          subject, error);
}

/* What must follow the transaction, and outlive a crash: see tessera-scrub.c, tessera-backup-local.c, and exchange. */
static gboolean
note_what_follows (TesseraTransaction *transaction, GError **error) {
  transaction->connection->unscrubbed = TRUE;
  return tessera_transaction_set_setting (transaction, TESSERA_ERASE_SETTING_SCRUB, "1", error)
         && tessera_transaction_set_setting (transaction, TESSERA_ERASE_SETTING_BACKUPS, "1", error);
}

/* @dot: (nullable): without it nothing is remembered, and it may come back. */
static gboolean
erase_entity (TesseraTransaction *transaction, const TesseraEntity *entity, const char *text, const guint8 *subject,
              const TesseraDot *dot, const char *reason, GError **error) {
  return (!entity->subject || erase_rows (transaction, entity, entity->subject, text, subject, dot, reason, error))
         && (!dot || !may_be_nobodys (entity)
             || erase_rows (transaction, entity, "id", text, subject, dot, reason, error));
}

static gboolean
erase_all (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot, const char *reason,
           GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (transaction->connection->registry);
  char text[37];

  tessera_uuid_format (subject, text);
  for (guint i = 0; entities[i]; i++)
    if (!erase_entity (transaction, entities[i], text, subject, dot, reason, error))
      return FALSE;
  return erase_drafts (transaction, text, error) && erase_log (transaction, subject, error);
}

gboolean
tessera_erase_contents (TesseraTransaction *transaction, const guint8 *subject, GError **error) {
  return erase_all (transaction, subject, NULL, NULL, error);
}

gboolean
tessera_erase_apply (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot,
                     const char *reason, GError **error) {
  char text[37];

  tessera_uuid_format (subject, text);
  return tessera_contents_forget (transaction, text, error)
         && erase_all (transaction, subject, dot, reason, error)
         && remember (transaction, subject, dot, reason, error)
         && note_bundles (transaction, text, error) && note_what_follows (transaction, error)
         && tessera_transaction_audit (transaction, "erase", "client", text, reason, error);
}

gboolean
tessera_transaction_erase_row (TesseraTransaction *self, const char *name, const char *id, const char *reason,
                               GError **error) {
  TesseraConnection *connection = self->connection;
  const TesseraEntity *entity = tessera_registry_get_entity (connection->registry, name);
  TesseraDot dot;
  guint8 bytes[16];
  g_autofree char *body = NULL;

  g_return_val_if_fail (self->writable && entity && tessera_uuid_parse (id, bytes), FALSE);
  if (!tessera_change_log_next (self, &dot.sequence, &dot.clock, error))
    return FALSE;
  dot.sid = connection->stream;
  body = reason ? g_strdup_printf ("{\"reason\":\"%s\"}", reason) : NULL;
  return tessera_change_insert (self, &dot, entity->number, bytes, bytes, TESSERA_CHANGE_ERASE, 1, 0, body, -1, error)
         && tessera_erase_apply (self, bytes, &dot, reason, error);
}

gboolean
tessera_transaction_erase (TesseraTransaction *self, const char *subject, const char *reason, GError **error) {
  return tessera_transaction_erase_row (self, "client", subject, reason, error);
}
