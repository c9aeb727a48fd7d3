/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-office-private.h: what the files of a visit share, and what tests put in the place of exchange.
 */
#pragma once

#include "tessera-post-books.h"
#include "tessera-post-office.h"

G_BEGIN_DECLS

/** TesseraExchangeWays: the functions of tessera-exchange.h that a visit uses. */
typedef struct {
  gboolean (*seal_waiting) (TesseraStore *store, guint *count, GFileProgressCallback progress, gpointer data,
                            GCancellable *cancellable, GError **error);
  TesseraArrival *(*take_in) (TesseraStore *store, const char *path, GFileProgressCallback progress, gpointer data,
                              GCancellable *cancellable, GError **error);
  GPtrArray *(*list_mailboxes) (TesseraTransaction *transaction, GError **error);
  gboolean (*has_file) (TesseraTransaction *transaction, const char *name);
  gboolean (*is_done) (TesseraTransaction *transaction, TesseraRecord *bundle);
  gboolean (*may_go) (TesseraTransaction *transaction, TesseraRecord *bundle, GError **error);
  gboolean (*retry_parked) (TesseraStore *store, guint *ret_applied, GError **error);
} TesseraExchangeWays;

extern const TesseraExchangeWays tessera_exchange_ways;

/** tessera_post_visit_with: tessera_post_visit_carrier() with @ways and at most @max_files fetched. */
TesseraPostVisit *tessera_post_visit_with (TesseraStore *store, const char *name, TesseraCarrier *carrier,
                                           const TesseraExchangeWays *ways, guint max_files,
                                           TesseraPostProgressFunc progress, gpointer data, GCancellable *cancellable);

/** tessera_post_visit_by_name_with: tessera_post_visit_by_name() with @ways. */
TesseraPostVisit *tessera_post_visit_by_name_with (TesseraStore *store, const char *name,
                                                   const TesseraExchangeWays *ways, TesseraPostProgressFunc progress,
                                                   gpointer data, GCancellable *cancellable);

/** tessera_post_note_outcome: writes into the settings of @visit's carrier how it went, when that is news. */
gboolean tessera_post_note_outcome (TesseraStore *store, const TesseraPostVisit *visit, GError **error);

/** tessera_post_visit_new: (transfer full): nothing done yet. */
TesseraPostVisit *tessera_post_visit_new (const char *carrier);

/** tessera_post_visit_add: @arrival (transfer full). */
void tessera_post_visit_add (TesseraPostVisit *self, const char *file, const char *mailbox, TesseraArrival *arrival);

/**
 * TesseraPostRound: a visit while it goes on.
 * @listings: (element-type utf8 GPtrArray): what is in each mailbox that was looked into
 * @sent: (element-type utf8): names of what this visit put there
 * @n_failures: calls to the carrier that failed in a row
 */
typedef struct {
  TesseraStore *store;
  TesseraCarrier *carrier;
  const TesseraExchangeWays *ways;
  GCancellable *cancellable;
  TesseraPostVisit *visit;
  TesseraPostProgress progress;
  TesseraPostProgressFunc show;
  gpointer show_data;
  GHashTable *listings;
  GHashTable *sent;
  char *outbox;
  char *inbox;
  guint max_files;
  guint n_failures;
  gboolean cannot_write;
} TesseraPostRound;

/**
 * tessera_post_endure:
 * @error: (transfer full)
 *
 * One call failed: remembers what to tell, and says whether the visit goes on with other files. A file that is not
 * whole is no trouble; a full stick can still be read; a dropped line or a wrong password ends the visit.
 */
gboolean tessera_post_endure (TesseraPostRound *round, GError *error);

/** tessera_post_succeed: a call to the carrier went well. */
void tessera_post_succeed (TesseraPostRound *round);

/** tessera_post_begin_phase, tessera_post_end_file: for whoever looks on. */
void tessera_post_begin_phase (TesseraPostRound *round, TesseraPostPhase phase, guint n_files, gint64 bytes);
void tessera_post_end_file (TesseraPostRound *round, gint64 bytes);
/** tessera_post_show_bytes: a #TesseraCarrierProgress and #GFileProgressCallback; @data is the round. */
void tessera_post_show_bytes (gint64 done, gint64 total, gpointer data);

/** tessera_post_find_item: (nullable): @name in what was seen of @mailbox. */
const TesseraCarrierItem *tessera_post_find_item (TesseraPostRound *round, const char *mailbox, const char *name);

/** tessera_post_is_emptied: whether files in @mailbox are removed by whoever reads them: every mailbox but a circle's. */
gboolean tessera_post_is_emptied (TesseraPostRound *round, const char *mailbox);

/** The parts of a visit; %FALSE when it ends with them. */
gboolean tessera_post_seal (TesseraPostRound *round);
gboolean tessera_post_look (TesseraPostRound *round);
gboolean tessera_post_send (TesseraPostRound *round);
gboolean tessera_post_take_in_leftovers (TesseraPostRound *round);
gboolean tessera_post_fetch (TesseraPostRound *round);

G_END_DECLS
