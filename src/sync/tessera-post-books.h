/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-books.h: what the store knows about files on their way: which of ours a carrier still lacks, which are
 * done, which of theirs were here before. It touches no file and no carrier.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * TesseraOutgoing: a file of ours.
 * @bundle: its row
 * @delivered_at: when this carrier got it; 0 for never
 * @is_done: may go from carrier and outbox
 * @is_withheld: must not be handed over (any more)
 */
typedef struct {
  char *bundle;
  char *name;
  char *mailbox;
  gint64 size;
  gint64 sealed_at;
  gint64 delivered_at;
  gboolean is_done;
  gboolean is_withheld;
} TesseraOutgoing;

/** TesseraOutgoingIsDone: tessera_exchange_is_done(). */
typedef gboolean (*TesseraOutgoingIsDone) (TesseraTransaction *transaction, TesseraRecord *bundle);
/** TesseraOutgoingMayGo: tessera_post_may_go(). */
typedef gboolean (*TesseraOutgoingMayGo) (TesseraTransaction *transaction, TesseraRecord *bundle, GError **error);

/** tessera_post_books_list_outgoing: (transfer full) (element-type TesseraOutgoing): in the order they were sealed. */
GPtrArray *tessera_post_books_list_outgoing (TesseraTransaction *transaction, const char *carrier,
                                             TesseraOutgoingIsDone is_done, TesseraOutgoingMayGo may_go,
                                             GError **error);

/** tessera_post_books_is_due_again: whether a file that is no longer in its mailbox is to be put there once more.
 * @others_empty_it: a partner's inbox, which whoever reads it empties: then not before a day has passed, and ever more
 * seldom. */
gboolean tessera_post_books_is_due_again (const TesseraOutgoing *outgoing, gboolean others_empty_it, gint64 now);

/** tessera_post_books_note_sent: the carrier has it. */
gboolean tessera_post_books_note_sent (TesseraTransaction *transaction, const char *bundle, const char *carrier,
                                       GError **error);

/** tessera_post_books_note_removed: the carrier has it no longer, because we took it away. */
gboolean tessera_post_books_note_removed (TesseraTransaction *transaction, const char *bundle, const char *carrier,
                                          GError **error);

/** tessera_post_books_note_done: everybody has it, or nobody answered for too long. */
gboolean tessera_post_books_note_done (TesseraTransaction *transaction, const char *bundle, GError **error);

/** tessera_post_books_is_own: whether a file of that name is ours. */
gboolean tessera_post_books_is_own (TesseraTransaction *transaction, const char *name);

/** TesseraIncoming: what became of a file that came: nothing yet; something is kept and waits; nothing more will. */
typedef enum {
  TESSERA_INCOMING_NEW,
  TESSERA_INCOMING_WAITS,
  TESSERA_INCOMING_FINAL,
} TesseraIncoming;

TesseraIncoming tessera_post_books_get_incoming (TesseraTransaction *transaction, const char *name);

/** tessera_post_books_is_over: whether the file of ours called @name is done and need not stay in the outbox. */
gboolean tessera_post_books_is_over (TesseraTransaction *transaction, const char *name);

void tessera_outgoing_free (TesseraOutgoing *self);

G_END_DECLS
