/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-undo.c: what a lost laptop wrote after its last good change is taken back.
 *
 * The changes stay in the log, marked, so that numbers have no holes; rows they touched are made again without them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-merge-private.h"

typedef struct {
  guint entity;
  guint8 row[16];
} Touched;

static GArray *
list_touched (TesseraTransaction *transaction, gint64 sid, gint64 last, GError **error) {
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Touched));
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT DISTINCT entity, row FROM change WHERE sid = ?1 AND seq > ?2"
                             " AND kind NOT IN (4, 5) AND entity <> 0", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, sid);
  tessera_statement_bind_integer (statement, 2, last);
  while (tessera_statement_step (statement, &local_error)) {
    Touched touched = { (guint) tessera_statement_get_integer (statement, 0), { 0 } };
    gsize size;
    gconstpointer row = tessera_statement_peek_bytes (statement, 1, &size);

    if (row && size == sizeof touched.row)
      memcpy (touched.row, row, size);
    g_array_append_val (list, touched);
  }
  if (!local_error)
    return g_steal_pointer (&list);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
run (TesseraTransaction *transaction, const char *sql, gint64 sid, gint64 last, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (transaction->connection, sql, NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, sid);
  tessera_statement_bind_integer (statement, 2, last);
  return tessera_statement_run (statement, error);
}

/* Rows that were never changed are the bodies of the changes that made them; those must outlive them. */
static gboolean
keep_rows (TesseraTransaction *transaction, const GArray *touched, GError **error) {
  for (guint i = 0; i < touched->len; i++) {
    const Touched *one = &g_array_index (touched, Touched, i);
    const TesseraEntity *entity = tessera_registry_get_entity_by_number (transaction->connection->registry, one->entity);
    g_auto (TesseraMergeRow) row = { 0 };

    if (entity && (!tessera_merge_row_load (transaction, entity, one->row, &row, error)
                   || (row.record && !tessera_merge_row_keep (transaction, &row, error))))
      return FALSE;
  }
  return TRUE;
}

static gboolean
rebuild_rows (TesseraTransaction *transaction, const GArray *touched, GError **error) {
  g_autoptr (TesseraStreams) streams = tessera_streams_load (transaction, error);

  if (!streams)
    return FALSE;
  for (guint i = 0; i < touched->len; i++) {
    const Touched *one = &g_array_index (touched, Touched, i);
    const TesseraEntity *entity = tessera_registry_get_entity_by_number (transaction->connection->registry, one->entity);

    if (entity && !tessera_merge_row_rebuild (streams, entity, one->row, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_id (const char *text, guint8 *bytes) {
  for (guint i = 0; i < TESSERA_STREAM_SIZE; i++) {
    int high = g_ascii_xdigit_value (text[2 * i]);
    int low = high < 0 ? -1 : g_ascii_xdigit_value (text[2 * i + 1]);

    if (low < 0)
      return FALSE;
    bytes[i] = (guint8) (high << 4 | low);
  }
  return text[2 * TESSERA_STREAM_SIZE] == '\0';
}

/* Of which circle an unknown stream is shows with its first segment. */
static TesseraStream *
find_or_add (TesseraStreams *streams, const char *device, const char *stream, GError **error) {
  static const guint8 no_circle[TESSERA_STREAM_SIZE] = { 0 };
  guint8 device_id[TESSERA_STREAM_SIZE], id[TESSERA_STREAM_SIZE];
  TesseraStream *found;

  if (!parse_id (device, device_id) || !parse_id (stream, id)) {
    g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_MALFORMED,
                 _("The list of laptops names a stream of changes that cannot be; ask a supervisor for a new one."));
    return NULL;
  }
  found = tessera_streams_find (streams, id);
  return found ? found : tessera_streams_add (streams, id, device_id, no_circle, error);
}

gboolean
tessera_transaction_undo_stream (TesseraTransaction *self, const char *device, const char *stream, gint64 last,
                                 GError **error) {
  g_autoptr (TesseraStreams) streams = NULL;
  g_autoptr (GArray) touched = NULL;
  TesseraStream *found;

  if (!tessera_change_log_finish (self, error))
    return FALSE;
  streams = tessera_streams_load (self, error);
  found = streams ? find_or_add (streams, device, stream, error) : NULL;
  touched = found ? list_touched (self, found->sid, last, error) : NULL;
  return touched && keep_rows (self, touched, error)
         && run (self, "UPDATE stream SET state = 'revoked', last = ?2 WHERE sid = ?1", found->sid, last, error)
         && run (self, "UPDATE change SET flags = flags | 2 WHERE sid = ?1 AND seq > ?2 AND kind NOT IN (4, 5)",
                 found->sid, last, error)
         && rebuild_rows (self, touched, error);
}
