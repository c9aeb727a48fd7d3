/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-visit.c: what a visit tells, and how much went wrong before it ends.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-post-office-private.h"
#include "tessera-store.h"

/* So many failures in a row are the carrier's, not a file's. */
#define FAILURES_TO_END 3

static void
item_free (TesseraPostItem *self) {
  g_free (self->file);
  g_free (self->mailbox);
  tessera_arrival_free (self->arrival);
  g_free (self);
}

void
tessera_post_visit_free (TesseraPostVisit *self) {
  if (!self)
    return;
  g_free (self->carrier);
  g_clear_error (&self->error);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->mailboxes, g_ptr_array_unref);
  g_free (self);
}

TesseraPostVisit *
tessera_post_visit_new (const char *carrier) {
  TesseraPostVisit *self = g_new0 (TesseraPostVisit, 1);

  self->carrier = g_strdup (carrier);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  return self;
}

void
tessera_post_visit_add (TesseraPostVisit *self, const char *file, const char *mailbox, TesseraArrival *arrival) {
  TesseraPostItem *item = g_new0 (TesseraPostItem, 1);

  item->file = g_strdup (file);
  item->mailbox = g_strdup (mailbox);
  item->arrival = arrival;
  g_ptr_array_add (self->items, item);
}

guint
tessera_post_visit_count (const TesseraPostVisit *self, TesseraArrivalState state) {
  guint count = 0;

  for (guint i = 0; i < self->items->len; i++)
    count += ((TesseraPostItem *) self->items->pdata[i])->arrival->state == state;
  return count;
}

gboolean
tessera_post_visit_is_fruitful (const TesseraPostVisit *self) {
  return tessera_post_visit_count (self, TESSERA_ARRIVAL_APPLIED) > 0
         || tessera_post_visit_count (self, TESSERA_ARRIVAL_PARKED) > 0;
}

/* ---- for whoever looks on ---- */

const char *
tessera_post_phase_to_text (TesseraPostPhase phase) {
  static const char *const texts[] = {
    [TESSERA_POST_SEALING] = N_("Sealing what waits"),
    [TESSERA_POST_LOOKING] = N_("Looking what is there"),
    [TESSERA_POST_SENDING] = N_("Sending"),
    [TESSERA_POST_FETCHING] = N_("Fetching"),
    [TESSERA_POST_TIDYING] = N_("Tidying up"),
  };

  return _(texts[phase]);
}

static void
show (TesseraPostRound *round, const TesseraPostProgress *progress) {
  if (round->show)
    round->show (progress, round->show_data);
}

void
tessera_post_begin_phase (TesseraPostRound *round, TesseraPostPhase phase, guint n_files, gint64 bytes) {
  round->progress = (TesseraPostProgress) { .phase = phase, .n_files = n_files, .bytes = bytes };
  show (round, &round->progress);
}

void
tessera_post_end_file (TesseraPostRound *round, gint64 bytes) {
  round->progress.n_done++;
  round->progress.bytes_done += MAX (bytes, 0);
  show (round, &round->progress);
}

void
tessera_post_show_bytes (gint64 done, gint64 total, gpointer data) {
  TesseraPostRound *round = data;
  TesseraPostProgress progress = round->progress;

  progress.bytes_done += MAX (done, 0);
  show (round, &progress);
}

/* ---- what went wrong ---- */

static gboolean
is_of_one_file (const GError *error) {
  return g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE)
         || g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
}

static gboolean
is_of_writing (const GError *error) {
  return g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL)
         || g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_READ_ONLY);
}

static gboolean
ends_everything (const GError *error) {
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
         || g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED)
         || (error->domain == TESSERA_CARRIER_ERROR && !tessera_carrier_error_is_temporary (error));
}

/* The first thing that went wrong is told; but what ended the visit counts for more than what was endured. */
static void
remember (TesseraPostRound *round, GError *error, gboolean ends) {
  if (round->visit->error && !ends) {
    g_error_free (error);
    return;
  }
  g_clear_error (&round->visit->error);
  round->visit->error = error;
}

void
tessera_post_succeed (TesseraPostRound *round) {
  round->n_failures = 0;
}

gboolean
tessera_post_endure (TesseraPostRound *round, GError *error) {
  gboolean ends;

  if (is_of_one_file (error)) {
    round->visit->n_incomplete++;
    g_error_free (error);
    return TRUE;
  }
  if (is_of_writing (error)) {
    round->cannot_write = TRUE;
    remember (round, error, FALSE);
    return TRUE;
  }
  ends = ends_everything (error) || ++round->n_failures >= FAILURES_TO_END;
  remember (round, error, ends);
  return !ends;
}
