/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-work.h: what the inbox reads and writes, as work for the store's threads.
 *
 * Cards, bundles and answers; the rules are those of exchange and casework. No widgets here.
 */
#pragma once

#include "tessera-exchange.h"
#include "tessera-store.h"

G_BEGIN_DECLS

/** TESSERA_INBOX_LIMIT: most rows of each list; the newest. */
#define TESSERA_INBOX_LIMIT 50

/**
 * TesseraInboxLine: several bundles that are told in one line.
 * @sender: (nullable): name of the laptop or partner
 * @reason: (nullable): of the first of them
 * @n_changes: changes taken in
 * @at: when the last of them came
 */
typedef struct {
  char *sender;
  char *reason;
  guint n_bundles;
  gint64 n_changes;
  gint64 at;
} TesseraInboxLine;

/**
 * TesseraInboxFacts: all lists of the inbox.
 * @asked: (element-type TesseraRecord): referrals to us that wait for our answer
 * @answered: outgoing ones that were decided, or about which they ask
 * @waiting: outgoing ones without an answer
 * @conflicts, @settled: (element-type TesseraDisagreement): to be decided, and decided lately
 * @changes: (element-type TesseraInboxLine): what colleagues changed in the last days, one for each laptop and day
 * @parked: (element-type TesseraInboxLine): what waits for something, one for each sender
 * @set_aside, @unknown: (element-type TesseraRecord): `bundle` rows whose sender may not do that, or is not known
 * @refused: (element-type TesseraInboxLine): files that were refused and nobody has seen yet
 * @colleagues: laptops; see tessera_colleagues_load()
 * @partners: by name
 * @names: partner id to name
 * @fingerprint: (nullable): our own
 * @n_unsealed: answers of ours that no bundle carries yet
 */
typedef struct {
  GPtrArray *asked;
  GPtrArray *answered;
  GPtrArray *waiting;
  GPtrArray *conflicts;
  GPtrArray *settled;
  GPtrArray *changes;
  GPtrArray *parked;
  GPtrArray *set_aside;
  GPtrArray *unknown;
  GPtrArray *refused;
  GHashTable *colleagues;
  GPtrArray *partners;
  GHashTable *names;
  char *fingerprint;
  gint64 n_unsealed;
} TesseraInboxFacts;

TesseraInboxFacts *tessera_inbox_facts_new (void);
void tessera_inbox_facts_free (gpointer data);
/** tessera_inbox_facts_load: a #TesseraStoreFunc. */
gboolean tessera_inbox_facts_load (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_is_waiting: whether the file @name in the vault's inbox is there because something is waited for. */
gboolean tessera_inbox_is_waiting (TesseraTransaction *transaction, const char *name);

/** tessera_inbox_is_on_the_way: whether a carrier has the file @name of the vault's outbox. */
gboolean tessera_inbox_is_on_the_way (TesseraTransaction *transaction, const char *name);

/**
 * tessera_inbox_take_in:
 * @ret_sentence: (out) (transfer full): what became of it, for people
 *
 * Takes in the file at @path; blocks. What is not kept goes from the vault's inbox. %FALSE with an error when nothing is
 * known about the file.
 */
gboolean tessera_inbox_take_in (TesseraStore *store, const char *path, TesseraArrivalState *ret_state,
                                char **ret_sentence, GCancellable *cancellable, GError **error);

/** TesseraInboxCard: a card that came in. @partner: (out): whose it is */
typedef struct {
  GBytes *bytes;
  TesseraRecord *partner;
} TesseraInboxCard;

TesseraInboxCard *tessera_inbox_card_new (GBytes *bytes);
void tessera_inbox_card_free (gpointer data);
/** tessera_inbox_take_card: a #TesseraStoreFunc on a #TesseraInboxCard. */
gboolean tessera_inbox_take_card (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_drop: a #TesseraStoreFunc on the id of a `bundle` row that was set aside: a supervisor says that it will
 * never be taken in. Its file is then no longer needed. */
gboolean tessera_inbox_drop (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_forget_refused: a #TesseraStoreFunc: what was refused until now has been seen. */
gboolean tessera_inbox_forget_refused (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_make_card: a #TesseraStoreFunc on a char **: our card as the text of a file. */
gboolean tessera_inbox_make_card (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_seal_waiting: a #TesseraStoreFunc on a const char *, the outbox folder: seals what waits for
 * partners that may be sent to. */
gboolean tessera_inbox_seal_waiting (TesseraTransaction *transaction, gpointer data, GError **error);

G_END_DECLS
