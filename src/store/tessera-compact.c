/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-compact.c: what the log need not remember any more: the contents of changes that were overwritten by others which
 * everybody has, and of rows that are gone for everybody. Their numbers stay, as stubs.
 *
 * Whatever may still arrive was written by somebody who had seen the overwriting change; that is for the caller to know
 * (tessera_transaction_get_stable()). Which changes a row no longer needs is in tessera-merge-rebuild.c.
 */
#include "config.h"
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-merge-private.h"

/* Rows that one call looks at: some hundreds of milliseconds of the writing thread. */
#define ROWS_AT_ONCE 2000
#define SETTING_PLACE "exchange.compacted"

typedef struct {
  TesseraTransaction *transaction;
  TesseraStreams *streams;
  GArray *cut;         /* gint64, by stream number */
  gint64 clock;        /* older changes only */
  gint64 n_dropped;
} Compacting;

typedef struct {
  guint entity;
  guint8 row[16];
} Place;

static void
compacting_clear (Compacting *self) {
  g_clear_pointer (&self->streams, tessera_streams_free);
  g_clear_pointer (&self->cut, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Compacting, compacting_clear)

/* ---- the stable cut ---- */

static void
keep_least (GHashTable *stable, GHashTable *vector) {
  GHashTableIter iter;
  gpointer stream, sequence;

  g_hash_table_iter_init (&iter, stable);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    *(gint64 *) sequence = MIN (*(gint64 *) sequence, tessera_vector_get (vector, stream));
}

/* Everything @device had written itself when it said what it has is here. */
static gboolean
is_whole_here (TesseraTransaction *self, const char *device, GHashTable *mine, GHashTable *theirs, gboolean *ret_whole,
               GError **error) {
  g_autoptr (GPtrArray) streams = tessera_transaction_list_streams (self, device, error);

  *ret_whole = TRUE;
  for (guint i = 0; streams && i < streams->len; i++)
    if (tessera_vector_get (theirs, streams->pdata[i]) > tessera_vector_get (mine, streams->pdata[i]))
      *ret_whole = FALSE;
  return streams != NULL;
}

GHashTable *
tessera_transaction_get_stable (TesseraTransaction *self, const GPtrArray *devices, GError **error) {
  g_autoptr (GHashTable) stable = tessera_transaction_get_vector (self, error);
  g_autoptr (GHashTable) mine = stable ? tessera_transaction_get_vector (self, error) : NULL;

  if (!mine)
    return NULL;
  for (guint i = 0; i < devices->len; i++) {
    g_autoptr (GHashTable) theirs = tessera_transaction_get_acknowledged (self, devices->pdata[i], NULL, error);
    gboolean whole;

    if (!theirs || !is_whole_here (self, devices->pdata[i], mine, theirs, &whole, error))
      return NULL;
    if (!whole)
      g_hash_table_remove_all (stable);
    keep_least (stable, theirs);
  }
  return g_steal_pointer (&stable);
}

/* ---- rows ---- */

static GArray *
make_cut (TesseraStreams *streams, GHashTable *stable) {
  GArray *cut = g_array_new (FALSE, TRUE, sizeof (gint64));

  g_array_set_size (cut, streams->by_sid->len);
  for (guint i = 0; i < streams->by_sid->len; i++) {
    const TesseraStream *stream = streams->by_sid->pdata[i];
    char text[2 * TESSERA_STREAM_SIZE + 1];

    if (!stream)
      continue;
    tessera_stream_format (stream->id, text);
    g_array_index (cut, gint64, i) = tessera_vector_get (stable, text);
  }
  return cut;
}

/* In the order of their ids, from where the last call ended. */
static GArray *
list_rows (TesseraTransaction *self, gint64 clock, GError **error) {
  g_autofree char *place = tessera_transaction_get_setting (self, SETTING_PLACE);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (Place));
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT row, max(entity) FROM change WHERE (body IS NOT NULL OR kind = 3) AND row > ?1"
                      " GROUP BY row HAVING max(kind IN (1, 3) AND clock < ?2) LIMIT ?3", NULL, error);
  guint8 after[16] = { 0 };
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  if (place)
    tessera_uuid_parse (place, after);
  tessera_statement_bind_raw (statement, 1, after, sizeof after);
  tessera_statement_bind_integer (statement, 2, clock);
  tessera_statement_bind_integer (statement, 3, ROWS_AT_ONCE);
  while (tessera_statement_step (statement, &local_error)) {
    Place one = { (guint) tessera_statement_get_integer (statement, 1), { 0 } };
    gsize size;
    gconstpointer row = tessera_statement_peek_bytes (statement, 0, &size);

    if (row && size == sizeof one.row)
      memcpy (one.row, row, size);
    g_array_append_val (rows, one);
  }
  if (!local_error)
    return g_steal_pointer (&rows);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
drop_body (Compacting *self, const TesseraDot *dot, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "UPDATE change SET body = NULL, kind = 5 WHERE sid = ?1 AND seq = ?2", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, dot->sid);
  tessera_statement_bind_integer (statement, 2, dot->sequence);
  self->n_dropped++;
  return tessera_statement_run (statement, error);
}

static gboolean
compact_row (Compacting *self, const Place *place, GError **error) {
  TesseraRegistry *registry = self->transaction->connection->registry;
  const TesseraEntity *entity = tessera_registry_get_entity_by_number (registry, place->entity);
  g_autoptr (GArray) spent = NULL;

  if (!entity)
    return TRUE;
  spent = tessera_merge_row_list_spent (self->streams, entity, place->row, self->cut, self->clock, error);
  for (guint i = 0; spent && i < spent->len; i++)
    if (!drop_body (self, &g_array_index (spent, TesseraDot, i), error))
      return FALSE;
  return spent != NULL;
}

static gboolean
note_place (TesseraTransaction *self, const GArray *rows, gboolean *ret_more, GError **error) {
  char text[37] = "";

  *ret_more = rows->len == ROWS_AT_ONCE;
  if (*ret_more)
    tessera_uuid_format (g_array_index (rows, Place, rows->len - 1).row, text);
  return tessera_transaction_set_setting (self, SETTING_PLACE, text, error);
}

gboolean
tessera_transaction_compact (TesseraTransaction *self, GHashTable *stable, gint64 older_than, gint64 *ret_count,
                             gboolean *ret_more, GError **error) {
  g_auto (Compacting) compacting = { .transaction = self, .clock = older_than << 16 };
  g_autoptr (GArray) rows = NULL;

  g_return_val_if_fail (self->writable, FALSE);
  if (!tessera_change_log_finish (self, error))
    return FALSE;
  compacting.streams = tessera_streams_load (self, error);
  rows = compacting.streams ? list_rows (self, compacting.clock, error) : NULL;
  if (!rows)
    return FALSE;
  compacting.cut = make_cut (compacting.streams, stable);
  for (guint i = 0; i < rows->len; i++)
    if (!compact_row (&compacting, &g_array_index (rows, Place, i), error))
      return FALSE;
  *ret_count = compacting.n_dropped;
  return note_place (self, rows, ret_more, error);
}
