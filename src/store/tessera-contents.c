/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-contents.c: the queue of contents that colleagues should get. It moves no content.
 */
#include "config.h"
#include <string.h>

#include "tessera-attachment.h"
#include "tessera-connection.h"
#include "tessera-contents.h"
#include "tessera-merge.h"

#define OF_TEAM " AND (?2 IS NULL OR EXISTS (SELECT 1 FROM client k WHERE k.id = d.client AND k.team = ?2))"

void
tessera_content_due_free (TesseraContentDue *self) {
  if (!self)
    return;
  g_free (self->row);
  g_free (self->client);
  g_free (self->attachment);
  g_free (self);
}

static TesseraStatement *
prepare (TesseraTransaction *self, const char *sql, const char *first, const char *second, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, first);
  if (second)
    tessera_statement_bind_text (statement, 2, second);
  return g_steal_pointer (&statement);
}

/* ---- owing ---- */

/* New rows, and those whose content was exchanged; an edited title does not send the content again. */
static const char owe_own[] =
  "INSERT OR IGNORE INTO content_due SELECT ?1, d.id, d.attachment FROM change c JOIN stream s ON s.sid = c.sid"
  " JOIN document d ON d.id = c.row WHERE s.id = ?3 AND c.seq > ?4 AND c.seq <= ?5 AND c.entity = 11"
  " AND (c.kind IN (2, 6) OR instr(c.body, '\"attachment\":')) AND d.attachment IS NOT NULL" OF_TEAM;

static gboolean
owe_stream (TesseraTransaction *self, const char *audience, const char *team, const char *stream, gint64 after,
            gint64 upto, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, owe_own, audience, team, error);
  guint8 id[16];

  if (!statement)
    return FALSE;
  for (guint i = 0; i < sizeof id; i++)
    id[i] = (guint8) (g_ascii_xdigit_value (stream[2 * i]) << 4 | g_ascii_xdigit_value (stream[2 * i + 1]));
  tessera_statement_bind_raw (statement, 3, id, sizeof id);
  tessera_statement_bind_integer (statement, 4, after);
  tessera_statement_bind_integer (statement, 5, upto);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_owe_own_contents (TesseraTransaction *self, const char *audience, const char *team,
                                      GHashTable *after, GHashTable *upto, GError **error) {
  g_autofree char *device = g_strdup (self->connection->device);
  g_auto (GStrv) parts = g_strsplit (device, "-", -1);
  g_autofree char *digits = g_strjoinv ("", parts);
  g_autoptr (GPtrArray) streams = tessera_transaction_list_streams (self, digits, error);

  for (guint i = 0; streams && i < streams->len; i++) {
    const char *stream = streams->pdata[i];
    gint64 first = tessera_vector_get (after, stream), last = tessera_vector_get (upto, stream);

    if (first < last && !owe_stream (self, audience, team, stream, first, last, error))
      return FALSE;
  }
  return streams != NULL;
}

gboolean
tessera_transaction_owe_all_contents (TesseraTransaction *self, const char *audience, const char *team, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (
    self, "INSERT OR IGNORE INTO content_due SELECT ?1, d.id, d.attachment FROM document d"
          " WHERE d.attachment IS NOT NULL" OF_TEAM, audience, team, error);

  return statement && tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_owe_contents_of (TesseraTransaction *self, const char *audience, const char *client,
                                     GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (
    self, "INSERT OR IGNORE INTO content_due SELECT ?1, d.id, d.attachment FROM document d"
          " WHERE d.attachment IS NOT NULL AND d.client = ?2", audience, NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 2, client);
  return tessera_statement_run (statement, error);
}

/* ---- sending ---- */

/* And which bundles are no longer under way. */
static gboolean
drop_unreferred (TesseraTransaction *self, const char *audience, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (
    self, "DELETE FROM content_due WHERE audience = ?1 AND NOT EXISTS (SELECT 1 FROM document d"
          " WHERE d.id = \"row\" AND d.attachment = content_due.attachment)", audience, NULL, error);

  return statement && tessera_statement_run (statement, error)
         && tessera_connection_execute (
           self->connection, "DELETE FROM content_sent WHERE bundle NOT IN (SELECT manifest_id FROM bundle"
                             " WHERE direction = 'out' AND state IN ('spooled', 'on_carrier') AND manifest_id IS NOT NULL)",
           error);
}

static const char list_owed[] =
  "SELECT q.\"row\", d.client, q.attachment, a.size FROM content_due q JOIN document d ON d.id = q.\"row\""
  " JOIN attachment a ON a.id = q.attachment WHERE q.audience = ?1 AND a.size <= ?3" OF_TEAM " ORDER BY a.number";

GPtrArray *
tessera_transaction_list_owed_contents (TesseraTransaction *self, const char *audience, const char *team,
                                        gint64 largest, GError **error) {
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_content_due_free);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  if (!drop_unreferred (self, audience, error))
    return NULL;
  statement = prepare (self, list_owed, audience, team, error);
  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 3, largest);
  while (tessera_statement_step (statement, &local_error)) {
    TesseraContentDue *due = g_new0 (TesseraContentDue, 1);

    due->row = tessera_statement_get_id (statement, 0);
    due->client = tessera_statement_get_id (statement, 1);
    due->attachment = g_strdup (tessera_statement_get_text (statement, 2));
    due->size = tessera_statement_get_integer (statement, 3);
    g_ptr_array_add (list, due);
  }
  if (!local_error)
    return g_steal_pointer (&list);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
run_for_row (TesseraTransaction *self, const char *sql, const char *audience, const char *bundle,
             const TesseraContentDue *due, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, sql, audience, due->attachment, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 3, due->row);
  if (bundle)
    tessera_statement_bind_text (statement, 4, bundle);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_note_content_sent (TesseraTransaction *self, const char *audience, const char *bundle,
                                       const TesseraContentDue *due, GError **error) {
  return run_for_row (self, "DELETE FROM content_due WHERE audience = ?1 AND attachment = ?2 AND \"row\" = ?3", audience,
                      NULL, due, error)
         && run_for_row (self, "INSERT OR IGNORE INTO content_sent (audience, attachment, \"row\", bundle)"
                               " VALUES (?1, ?2, ?3, ?4)", audience, bundle, due, error);
}

static gboolean
run_for_bundle (TesseraTransaction *self, const char *sql, const char *bundle, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, sql, bundle, NULL, error);

  return statement && tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_note_contents_withdrawn (TesseraTransaction *self, const char *bundle, GError **error) {
  return run_for_bundle (self, "INSERT OR IGNORE INTO content_due SELECT audience, \"row\", attachment FROM content_sent"
                               " WHERE bundle = ?1", bundle, error)
         && run_for_bundle (self, "DELETE FROM content_sent WHERE bundle = ?1", bundle, error);
}

gboolean
tessera_transaction_drop_owed_contents (TesseraTransaction *self, const char *audience, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, "DELETE FROM content_due WHERE audience = ?1", audience, NULL,
                                                    error);

  return statement && tessera_statement_run (statement, error);
}

/* ---- letting go ---- */

gboolean
tessera_contents_await (TesseraTransaction *self, const char *client, GError **error) {
  return tessera_transaction_owe_contents_of (self, "", client, error);
}

gboolean
tessera_contents_forget (TesseraTransaction *self, const char *client, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "DELETE FROM content_due WHERE \"row\" IN (SELECT row FROM change WHERE subject = ?1)", NULL,
    error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, client);
  return tessera_statement_run (statement, error);
}

/* ---- what comes ---- */

static const char is_awaited[] =
  "SELECT 1 FROM document d WHERE d.id = ?2 AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = ?1)"
  " AND ((SELECT device FROM stream s WHERE s.sid = d._sid) <> (SELECT device FROM stream WHERE sid = 1)"
  " OR EXISTS (SELECT 1 FROM content_due q WHERE q.audience = '' AND q.\"row\" = d.id))";

gboolean
tessera_transaction_is_content_awaited (TesseraTransaction *self, const char *row, const char *attachment,
                                        gboolean *ret_awaited, GError **error) {
  g_autoptr (TesseraStatement) statement = prepare (self, is_awaited, attachment, NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 2, row);
  *ret_awaited = tessera_statement_step (statement, &local_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* A row that is not here though the log knows it was deleted. */
static gboolean
weigh_absent (TesseraTransaction *self, const char *row, TesseraContentWish *ret_wish, GError **error) {
  g_autoptr (TesseraStatement) known = tessera_connection_prepare (
    self->connection, "SELECT 1 FROM change WHERE row = ?1 AND kind = 3 LIMIT 1", NULL, error);
  GError *local_error = NULL;

  if (!known)
    return FALSE;
  tessera_statement_bind_id (known, 1, row);
  *ret_wish = tessera_statement_step (known, &local_error) ? TESSERA_CONTENT_UNWANTED : TESSERA_CONTENT_EARLY;
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_transaction_weigh_content (TesseraTransaction *self, const char *row, const char *client,
                                   const char *attachment, TesseraContentWish *ret_wish, GError **error) {
  g_autoptr (TesseraRecord) document = NULL;
  gboolean is_here;

  *ret_wish = TESSERA_CONTENT_UNWANTED;
  if (tessera_transaction_is_erased (self, client))
    return TRUE;
  document = tessera_transaction_find (self, "document", row);
  if (!document)
    return weigh_absent (self, row, ret_wish, error);
  if (g_strcmp0 (tessera_record_get (document, "attachment"), attachment) != 0)
    return TRUE;
  if (!tessera_transaction_has_attachment (self, attachment, &is_here, error))
    return FALSE;
  *ret_wish = is_here ? TESSERA_CONTENT_UNWANTED : TESSERA_CONTENT_WANTED;
  return TRUE;
}
