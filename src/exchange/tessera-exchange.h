/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange.h: everything that goes out and comes in, by files: for whoever carries them.
 *
 * What waits is sealed into the vault's outbox, and a `bundle` row says for which mailbox; what was fetched is taken in
 * from a file and, whatever becomes of it, a `bundle` row says so. It moves no files to or from carriers.
 */
#pragma once

#include "tessera-bundle.h"
#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * tessera_exchange_seal_waiting:
 * @count: (out) (optional): bundles newly sealed
 *
 * Seals, for every circle of this device, what colleagues have not been sent (nothing, when nothing was written or
 * received since), rosters, snapshots for devices that need one, and what waits for partners. Each file is in the outbox
 * and on the disk before its row says `spooled`. Blocks; memory does not grow with the amount.
 */
gboolean tessera_exchange_seal_waiting (TesseraStore *store, guint *count, GFileProgressCallback progress,
                                        gpointer data, GCancellable *cancellable, GError **error);

/**
 * TesseraArrivalState:
 * @TESSERA_ARRIVAL_APPLIED: taken in
 * @TESSERA_ARRIVAL_KNOWN: had been here before; nothing changed
 * @TESSERA_ARRIVAL_PARKED: authentic, but something that belongs before it has not arrived, or a newer Tessera is needed;
 *   it is kept and tried again
 * @TESSERA_ARRIVAL_QUARANTINED: authentic, but its sender may not do what it does; kept for a supervisor
 * @TESSERA_ARRIVAL_UNKNOWN_SENDER: kept unopened until the sender's card or roster is here
 * @TESSERA_ARRIVAL_REFUSED: damaged, forged, not for us, expired; the file is not kept
 */
typedef enum {
  TESSERA_ARRIVAL_APPLIED,
  TESSERA_ARRIVAL_KNOWN,
  TESSERA_ARRIVAL_PARKED,
  TESSERA_ARRIVAL_QUARANTINED,
  TESSERA_ARRIVAL_UNKNOWN_SENDER,
  TESSERA_ARRIVAL_REFUSED,
} TesseraArrivalState;

/**
 * TesseraArrival:
 * @flow: `team`, `snapshot`, `roster`, `referral`; %NULL when it could not be opened
 * @sender: (nullable): name of the device or partner, for people
 * @reason: (nullable): one sentence, unless it was applied
 * @n_changes: changes applied; @n_conflicts: fields for a person to decide
 */
typedef struct {
  TesseraArrivalState state;
  char *flow;
  char *sender;
  char *bundle;
  char *referral;
  char *reason;
  gint64 n_changes;
  gint64 n_conflicts;
} TesseraArrival;

void tessera_arrival_free (TesseraArrival *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraArrival, tessera_arrival_free)

/**
 * tessera_exchange_take_in:
 * @path: a file that nobody else changes (a private copy in the vault's inbox, or one a person chose)
 *
 * Opens, verifies and applies a bundle of any flow in one transaction, then whatever was parked and can now be applied.
 * A refusal is an arrival with its reason, not an error; an error means that the store or the disk failed and nothing is
 * known. Parked and quarantined files are copied to the inbox when @path is elsewhere.
 * Returns: (transfer full) (nullable)
 */
TesseraArrival *tessera_exchange_take_in (TesseraStore *store, const char *path, GFileProgressCallback progress,
                                          gpointer data, GCancellable *cancellable, GError **error);

/** tessera_exchange_retry_parked: tries again what waits, after a roster, a card or an update came. */
gboolean tessera_exchange_retry_parked (TesseraStore *store, guint *ret_applied, GError **error);

/** TesseraMailbox: a folder on a carrier that is of interest to this device.
 * @may_remove: whether its files are ours to remove after reading (a partner inbox), or their author's (a circle) */
typedef struct {
  char *name;
  char *label; /* for people: name of the circle or partner */
  gboolean reads;
  gboolean may_remove;
} TesseraMailbox;

void tessera_mailbox_free (TesseraMailbox *self);

/** tessera_exchange_list_mailboxes: (transfer full) (element-type TesseraMailbox): of circles and trusted partners. */
GPtrArray *tessera_exchange_list_mailboxes (TesseraTransaction *transaction, GError **error);

/** tessera_exchange_has_file: whether a bundle of this carrier name came in before, so that it need not be fetched. */
gboolean tessera_exchange_has_file (TesseraTransaction *transaction, const char *name);

/** tessera_exchange_is_done: whether a file of ours may go from carrier and outbox: every active reader said that it has
 * what is in it, or it is older than 60 days. @bundle: a record of `bundle`, direction out. */
gboolean tessera_exchange_is_done (TesseraTransaction *transaction, TesseraRecord *bundle);

G_END_DECLS
