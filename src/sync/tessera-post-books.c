/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-books.c: rows of `bundle` (one for each file) and of `delivery` (one for each carrier that has it).
 */
#include "config.h"

#include "tessera-post-books.h"

#define DAY (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)
/* Age at which exchange counts a file as done though nobody answered; see tessera_exchange_is_done(). */
#define GIVEN_UP_AFTER (60 * DAY)

void
tessera_outgoing_free (TesseraOutgoing *self) {
  if (!self)
    return;
  g_free (self->bundle);
  g_free (self->name);
  g_free (self->mailbox);
  g_free (self);
}

/* Row id to when this carrier got it. */
static GHashTable *
list_deliveries (TesseraTransaction *transaction, const char *carrier, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT bundle, at FROM delivery WHERE carrier = ?1", error);
  g_autoptr (GHashTable) deliveries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, carrier);
  while (tessera_statement_step (statement, &local_error)) {
    gint64 at = tessera_statement_get_integer (statement, 1);

    g_hash_table_insert (deliveries, tessera_statement_get_id (statement, 0), g_memdup2 (&at, sizeof at));
  }
  if (!local_error)
    return g_steal_pointer (&deliveries);
  g_propagate_error (error, local_error);
  return NULL;
}

static gboolean
is_final (const char *state) {
  return g_strcmp0 (state, "acknowledged") == 0 || g_strcmp0 (state, "given_up") == 0
         || g_strcmp0 (state, "withdrawn") == 0;
}

/* A team's file without changes only says what its author has. */
static gboolean
is_acknowledgement (TesseraRecord *bundle) {
  return g_strcmp0 (tessera_record_get (bundle, "flow"), "team") == 0
         && tessera_record_get_integer (bundle, "number") == 0;
}

/* Time alone makes a file done only when it had that time on a carrier: what was sealed long ago and never sent, because
 * the laptop lay in a drawer, still goes. */
static gboolean
is_done (TesseraTransaction *transaction, TesseraRecord *bundle, TesseraOutgoingIsDone func) {
  gint64 now = tessera_transaction_get_now (transaction);
  gint64 carried = tessera_record_get_integer (bundle, "carried_at");

  if (is_final (tessera_record_get (bundle, "state")))
    return TRUE;
  if (carried == 0 || !func (transaction, bundle))
    return FALSE;
  if (is_acknowledgement (bundle))
    return now - carried >= DAY;
  return now - tessera_record_get_integer (bundle, "at") < GIVEN_UP_AFTER || now - carried >= GIVEN_UP_AFTER;
}

static TesseraOutgoing *
outgoing_new (TesseraRecord *bundle, const gint64 *delivered_at) {
  TesseraOutgoing *self = g_new0 (TesseraOutgoing, 1);

  self->bundle = g_strdup (tessera_record_get_id (bundle));
  self->name = g_strdup (tessera_record_get (bundle, "file_name"));
  self->mailbox = g_strdup (tessera_record_get (bundle, "mailbox"));
  self->size = tessera_record_get_integer (bundle, "size");
  self->sealed_at = tessera_record_get_integer (bundle, "at");
  self->delivered_at = delivered_at ? *delivered_at : 0;
  return self;
}

GPtrArray *
tessera_post_books_list_outgoing (TesseraTransaction *transaction, const char *carrier, TesseraOutgoingIsDone func,
                                  TesseraOutgoingMayGo may_go, GError **error) {
  g_autoptr (GHashTable) deliveries = list_deliveries (transaction, carrier, error);
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) bundles = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_outgoing_free);

  if (!deliveries)
    return NULL;
  statement = tessera_transaction_select (
    transaction, "bundle", "WHERE direction = 'out' AND mailbox IS NOT NULL AND file_name IS NOT NULL"
                           " AND (state IN ('spooled', 'on_carrier')"
                           " OR id IN (SELECT bundle FROM delivery WHERE carrier = ?1)) ORDER BY _rowid", error);
  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, carrier);
  bundles = tessera_statement_collect (statement, error);
  for (guint i = 0; bundles && i < bundles->len; i++) {
    TesseraRecord *bundle = bundles->pdata[i];
    TesseraOutgoing *outgoing = outgoing_new (bundle, g_hash_table_lookup (deliveries, tessera_record_get_id (bundle)));

    outgoing->is_done = is_done (transaction, bundle, func);
    outgoing->is_withheld = !outgoing->is_done && !may_go (transaction, bundle, NULL);
    g_ptr_array_add (list, outgoing);
  }
  return bundles ? g_steal_pointer (&list) : NULL;
}

gboolean
tessera_post_books_is_due_again (const TesseraOutgoing *outgoing, gboolean others_empty_it, gint64 now) {
  gint64 pause = MAX (DAY, outgoing->delivered_at - outgoing->sealed_at);

  return !others_empty_it || now - outgoing->delivered_at >= pause;
}

/* ---- noting ---- */

static TesseraRecord *
find_delivery (TesseraTransaction *transaction, const char *bundle, const char *carrier) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "delivery", "WHERE bundle = ?1 AND carrier = ?2", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, bundle);
  tessera_statement_bind_text (statement, 2, carrier);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_record (statement) : NULL;
}

gboolean
tessera_post_books_note_sent (TesseraTransaction *transaction, const char *bundle, const char *carrier,
                              GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_load (transaction, "bundle", bundle, error);
  g_autoptr (TesseraRecord) delivery = find_delivery (transaction, bundle, carrier);
  gint64 now = tessera_transaction_get_now (transaction);

  if (!row)
    return FALSE;
  if (!delivery)
    delivery = tessera_transaction_new_record (transaction, "delivery");
  tessera_record_set (delivery, "bundle", bundle);
  tessera_record_set (delivery, "carrier", carrier);
  tessera_record_set_integer (delivery, "at", now);
  if (g_strcmp0 (tessera_record_get (row, "state"), "spooled") == 0) {
    tessera_record_set (row, "state", "on_carrier");
    tessera_record_set_integer (row, "carried_at", now);
  }
  return tessera_transaction_save (transaction, delivery, error) && tessera_transaction_save (transaction, row, error);
}

gboolean
tessera_post_books_note_removed (TesseraTransaction *transaction, const char *bundle, const char *carrier,
                                 GError **error) {
  g_autoptr (TesseraRecord) delivery = find_delivery (transaction, bundle, carrier);

  return !delivery || tessera_transaction_delete (transaction, delivery, error);
}

gboolean
tessera_post_books_note_done (TesseraTransaction *transaction, const char *bundle, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_load (transaction, "bundle", bundle, error);
  gboolean is_old;

  if (!row)
    return FALSE;
  if (is_final (tessera_record_get (row, "state")))
    return TRUE;
  is_old = tessera_transaction_get_now (transaction) - tessera_record_get_integer (row, "at") >= GIVEN_UP_AFTER;
  tessera_record_set (row, "state", is_old ? "given_up" : "acknowledged");
  return tessera_transaction_save (transaction, row, error);
}

/* ---- asking ---- */

static gboolean
ask (TesseraTransaction *transaction, const char *sql, const char *name) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, NULL);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_step (statement, NULL);
}

gboolean
tessera_post_books_is_own (TesseraTransaction *transaction, const char *name) {
  return ask (transaction, "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'out'", name);
}

TesseraIncoming
tessera_post_books_get_incoming (TesseraTransaction *transaction, const char *name) {
  if (ask (transaction, "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'in'"
                        " AND state NOT IN ('applied', 'refused')", name))
    return TESSERA_INCOMING_WAITS;
  return ask (transaction, "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'in'", name)
           ? TESSERA_INCOMING_FINAL : TESSERA_INCOMING_NEW;
}

gboolean
tessera_post_books_is_over (TesseraTransaction *transaction, const char *name) {
  return ask (transaction, "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'out'"
                           " AND state IN ('acknowledged', 'given_up', 'withdrawn')", name);
}
