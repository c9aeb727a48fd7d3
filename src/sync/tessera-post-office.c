/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-office.c: the order of a visit.
 *
 * Own things go first, since a line may last only a moment; what came may call for an answer, which goes at once.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "tessera-post-office-private.h"
#include "tessera-post.h"
#include "tessera-schedule.h"
#include "tessera-store-private.h"

/* How often somebody looks whether the vault is being locked while a carrier keeps us waiting. */
#define WATCH_INTERVAL (G_TIME_SPAN_SECOND / 10)
/* The time of the last success is written down this often when nothing else is news: a stick is looked at every
 * minute. */
#define NOTE_INTERVAL (G_GINT64_CONSTANT (15) * 60 * 1000)

/* ---- locking ends a visit ---- */

typedef struct {
  TesseraStore *store;
  GCancellable *cancellable;
  GMutex lock;
  GCond condition;
  gboolean over;
} Watch;

static gpointer
watch (gpointer data) {
  Watch *self = data;

  g_mutex_lock (&self->lock);
  while (!self->over) {
    g_cond_wait_until (&self->condition, &self->lock, g_get_monotonic_time () + WATCH_INTERVAL);
    if (tessera_store_should_stop (self->store, NULL, NULL))
      g_cancellable_cancel (self->cancellable);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
end_watch (Watch *self, GThread *thread) {
  g_mutex_lock (&self->lock);
  self->over = TRUE;
  g_cond_signal (&self->condition);
  g_mutex_unlock (&self->lock);
  g_thread_join (thread);
}

static void
pass_on_cancel (GCancellable *outer, gpointer inner) {
  g_cancellable_cancel (inner);
}

/* ---- a visit ---- */

gboolean
tessera_post_seal (TesseraPostRound *round) {
  GError *error = NULL;
  guint count = 0;

  tessera_post_begin_phase (round, TESSERA_POST_SEALING, 0, 0);
  if (!round->ways->seal_waiting (round->store, &count, tessera_post_show_bytes, round, round->cancellable, &error))
    return tessera_post_endure (round, error);
  round->visit->n_sealed += count;
  return TRUE;
}

static gboolean
flush (TesseraPostRound *round) {
  GError *error = NULL;

  if (round->visit->n_sent == 0 && round->visit->n_removed == 0)
    return TRUE;
  tessera_post_begin_phase (round, TESSERA_POST_TIDYING, 0, 0);
  return tessera_carrier_flush (round->carrier, round->cancellable, &error) || tessera_post_endure (round, error);
}

/* What waited for us may have made something of ours ready to go: an answer, at least that it was received. */
static gboolean
answer (TesseraPostRound *round) {
  gboolean changed = FALSE;

  for (guint i = 0; i < round->visit->items->len; i++) {
    const TesseraArrival *arrival = ((TesseraPostItem *) round->visit->items->pdata[i])->arrival;

    changed |= arrival->state == TESSERA_ARRIVAL_APPLIED || arrival->n_changes > 0;
  }
  if (!changed)
    return TRUE;
  return tessera_post_seal (round) && tessera_post_send (round);
}

static void
run (TesseraPostRound *round) {
  if (tessera_post_take_in_leftovers (round) && tessera_post_seal (round) && tessera_post_look (round)
      && tessera_post_send (round) && tessera_post_fetch (round) && answer (round))
    flush (round);
}

static gboolean
make_folder (const char *path, GError **error) {
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _("The vault's folder cannot be written to; free some space and check its permissions."));
  return FALSE;
}

static gboolean
prepare (TesseraPostRound *round, GError **error) {
  const char *folder = tessera_vault_get_folder (tessera_store_get_vault (round->store));

  round->outbox = g_build_filename (folder, "outbox", NULL);
  round->inbox = g_build_filename (folder, "inbox", NULL);
  return make_folder (round->outbox, error) && make_folder (round->inbox, error);
}

static void
run_watched (TesseraPostRound *round) {
  Watch self = { .store = round->store, .cancellable = round->cancellable };
  GThread *thread;

  g_mutex_init (&self.lock);
  g_cond_init (&self.condition);
  thread = g_thread_new ("post-watch", watch, &self);
  if (prepare (round, &round->visit->error))
    run (round);
  end_watch (&self, thread);
  g_mutex_clear (&self.lock);
  g_cond_clear (&self.condition);
  /* Locking the vault is what happened, not that somebody pressed a button. */
  if (g_error_matches (round->visit->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_autoptr (GError) closed = NULL;

    if (tessera_store_should_stop (round->store, NULL, &closed)) {
      g_clear_error (&round->visit->error);
      round->visit->error = g_steal_pointer (&closed);
    }
  }
}

TesseraPostVisit *
tessera_post_visit_with (TesseraStore *store, const char *name, TesseraCarrier *carrier,
                         const TesseraExchangeWays *ways, guint max_files, TesseraPostProgressFunc progress,
                         gpointer data, GCancellable *cancellable) {
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  TesseraPostRound round = { .store = store, .carrier = carrier, .ways = ways, .cancellable = inner,
                             .show = progress, .show_data = data, .max_files = max_files };
  gulong handler = 0;

  round.visit = tessera_post_visit_new (name);
  if (!tessera_store_begin_long (store, &round.visit->error))
    return round.visit;
  round.listings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  round.sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on_cancel), g_object_ref (inner), g_object_unref);
  run_watched (&round);
  if (handler)
    g_cancellable_disconnect (cancellable, handler);
  tessera_store_end_long (store);
  g_hash_table_unref (round.listings);
  g_hash_table_unref (round.sent);
  g_free (round.outbox);
  g_free (round.inbox);
  return round.visit;
}

/* ---- how it went ---- */

static gboolean
is_interruption (const GError *error) {
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
         || g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED);
}

static void
note_success (TesseraCarrierSettings *settings, const TesseraPostVisit *visit, gint64 now) {
  gboolean is_news = settings->n_failures > 0 || visit->n_sent > 0 || visit->n_removed > 0 || visit->items->len > 0
                     || now - settings->succeeded_at >= NOTE_INTERVAL;

  g_clear_pointer (&settings->problem, g_free);
  settings->needs_person = FALSE;
  settings->n_failures = 0;
  settings->next_try = 0;
  if (is_news)
    settings->succeeded_at = now;
}

/* A folder that is not there is looked for again and again; only the first time is news. */
static void
note_failure (TesseraCarrierSettings *settings, const TesseraPostVisit *visit, gint64 now) {
  gint64 asked = (gint64) tessera_carrier_error_get_retry_after (visit->error) * 1000;
  gint64 pause = tessera_schedule_back_off (settings->n_failures);

  if (settings->kind == TESSERA_CARRIER_FOLDER && g_strcmp0 (settings->problem, visit->error->message) == 0)
    return;
  g_free (settings->problem);
  settings->problem = g_strdup (visit->error->message);
  settings->needs_person = visit->error->domain == TESSERA_CARRIER_ERROR
                           && !tessera_carrier_error_is_temporary (visit->error);
  settings->next_try = now + MAX (pause, asked);
  settings->n_failures++;
}

static gboolean
note_outcome (TesseraTransaction *transaction, gpointer data, GError **error) {
  const TesseraPostVisit *visit = data;
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, visit->carrier, error);

  if (!settings)
    return FALSE;
  if (visit->error)
    note_failure (settings, visit, tessera_transaction_get_now (transaction));
  else
    note_success (settings, visit, tessera_transaction_get_now (transaction));
  return tessera_carriers_save (transaction, settings, error);
}

gboolean
tessera_post_note_outcome (TesseraStore *store, const TesseraPostVisit *visit, GError **error) {
  return is_interruption (visit->error) || tessera_store_write (store, note_outcome, (gpointer) visit, error);
}

/* ---- with a carrier from the settings ---- */

typedef struct {
  const char *name;
  TesseraCarrier *carrier;
} Opening;

static gboolean
open_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  Opening *opening = data;
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, opening->name, error);

  opening->carrier = settings ? tessera_carriers_open (transaction, settings, error) : NULL;
  return opening->carrier != NULL;
}

TesseraPostVisit *
tessera_post_visit_by_name_with (TesseraStore *store, const char *name, const TesseraExchangeWays *ways,
                                 TesseraPostProgressFunc progress, gpointer data, GCancellable *cancellable) {
  Opening opening = { name, NULL };
  TesseraPostVisit *visit;
  GError *error = NULL;

  if (!tessera_store_read (store, open_carrier, &opening, &error)) {
    visit = tessera_post_visit_new (name);
    visit->error = error;
    return visit;
  }
  visit = tessera_post_visit_with (store, name, opening.carrier, ways, TESSERA_POST_MAX_FILES, progress, data,
                                   cancellable);
  g_object_unref (opening.carrier);
  tessera_post_note_outcome (store, visit, visit->error ? NULL : &visit->error);
  return visit;
}

/* ---- counts ---- */

gboolean
tessera_post_count (TesseraTransaction *transaction, TesseraPostCounts *ret_counts, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT (SELECT count(*) FROM bundle WHERE direction = 'out' AND mailbox IS NOT NULL"
                 " AND state = 'spooled'), (SELECT count(*) FROM bundle WHERE direction = 'out'"
                 " AND mailbox IS NOT NULL AND state = 'on_carrier')", error);
  gint64 letters = statement ? tessera_post_count_waiting (transaction, NULL, error) : -1;

  if (letters < 0 || !tessera_statement_step (statement, error))
    return FALSE;
  ret_counts->n_waiting = letters + tessera_statement_get_integer (statement, 0);
  ret_counts->n_on_the_way = tessera_statement_get_integer (statement, 1);
  return TRUE;
}

gboolean
tessera_post_count_on (TesseraTransaction *transaction, const char *carrier, TesseraPostCounts *ret_counts,
                       GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) - count(d.id), count(d.id) FROM bundle b"
                 " LEFT JOIN delivery d ON d.bundle = b.id AND d.carrier = ?1 WHERE b.direction = 'out'"
                 " AND b.mailbox IS NOT NULL AND b.state IN ('spooled', 'on_carrier')", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, carrier);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  ret_counts->n_waiting = tessera_statement_get_integer (statement, 0);
  ret_counts->n_on_the_way = tessera_statement_get_integer (statement, 1);
  return TRUE;
}
