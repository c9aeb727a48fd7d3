/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-office.h: one visit to a carrier: what waits goes there, what came is taken in.
 *
 * A visit may be cut off anywhere – the program killed, the line dropped, the stick pulled – and the next one goes on:
 * a file counts as sent once the carrier has it, as done once its readers said so, as read once it was taken in. It
 * knows neither what files say (exchange) nor how they travel (carrier).
 */
#pragma once

#include "tessera-carriers.h"
#include "tessera-exchange.h"

G_BEGIN_DECLS

/** TESSERA_POST_MAX_FILES, TESSERA_POST_MAX_BYTES: most that one visit fetches; the next one goes on. */
#define TESSERA_POST_MAX_FILES 1000
#define TESSERA_POST_MAX_BYTES (G_GINT64_CONSTANT (512) * 1024 * 1024)

typedef enum {
  TESSERA_POST_SEALING,
  TESSERA_POST_LOOKING,
  TESSERA_POST_SENDING,
  TESSERA_POST_FETCHING,
  TESSERA_POST_TIDYING,
} TesseraPostPhase;

/** tessera_post_phase_to_text: what is being done, as people read it. */
const char *tessera_post_phase_to_text (TesseraPostPhase phase);

/** TesseraPostProgress: @n_files and @bytes are those of this phase, 0 when not known. */
typedef struct {
  TesseraPostPhase phase;
  guint n_done;
  guint n_files;
  gint64 bytes_done;
  gint64 bytes;
} TesseraPostProgress;

/** TesseraPostProgressFunc: called in the thread that visits. */
typedef void (*TesseraPostProgressFunc) (const TesseraPostProgress *progress, gpointer data);

/** TesseraPostItem: a file that came. @file: its name on the carrier; @mailbox: circle or partner, for people. */
typedef struct {
  char *file;
  char *mailbox;
  TesseraArrival *arrival;
} TesseraPostItem;

/**
 * TesseraPostVisit: what a visit did, also when it did not end well.
 * @error: (nullable): why not everything was done; what the rest of this says was done all the same
 * @items: (element-type TesseraPostItem)
 * @n_removed: files that everybody has now, or that were read
 * @n_incomplete: files there that are not whole (yet) or not to be touched
 * @n_withheld: letters held back: the client took the consent back, or the partner is no longer trusted
 * @n_missing: files of ours that should be in the outbox and are not
 * @more: the limits were reached; another visit goes on
 * @mailboxes: (element-type TesseraMailbox): those of interest
 */
typedef struct {
  char *carrier;
  GError *error;
  GPtrArray *items;
  guint n_sealed;
  guint n_sent;
  guint n_removed;
  guint n_incomplete;
  guint n_withheld;
  guint n_missing;
  gboolean more;
  GPtrArray *mailboxes;
} TesseraPostVisit;

void tessera_post_visit_free (TesseraPostVisit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraPostVisit, tessera_post_visit_free)

/** tessera_post_visit_count: how many of what came ended as @state. */
guint tessera_post_visit_count (const TesseraPostVisit *self, TesseraArrivalState state);

/** tessera_post_visit_is_fruitful: whether something useful came, so that it is worth going on at once when there is
 * more. */
gboolean tessera_post_visit_is_fruitful (const TesseraPostVisit *self);

/**
 * tessera_post_visit_carrier:
 * @name: the carrier's name in the settings
 * @progress: (nullable)
 *
 * One visit. Blocks for as long as the carrier does; locking the vault ends it. Returns: (transfer full): never %NULL;
 * see its `error`
 */
TesseraPostVisit *tessera_post_visit_carrier (TesseraStore *store, const char *name, TesseraCarrier *carrier,
                                              TesseraPostProgressFunc progress, gpointer data,
                                              GCancellable *cancellable);

/** tessera_post_visit_by_name: the same with a carrier from the settings, where it notes how it went. */
TesseraPostVisit *tessera_post_visit_by_name (TesseraStore *store, const char *name, TesseraPostProgressFunc progress,
                                              gpointer data, GCancellable *cancellable);

/**
 * TesseraPostCounts:
 * @n_waiting: messages and files that no carrier has
 * @n_on_the_way: files that a carrier has and not all their readers
 */
typedef struct {
  gint64 n_waiting;
  gint64 n_on_the_way;
} TesseraPostCounts;

gboolean tessera_post_count (TesseraTransaction *transaction, TesseraPostCounts *ret_counts, GError **error);

/** tessera_post_count_on: the same for one carrier: files that it lacks, and files it has. */
gboolean tessera_post_count_on (TesseraTransaction *transaction, const char *carrier, TesseraPostCounts *ret_counts,
                                GError **error);

G_END_DECLS
