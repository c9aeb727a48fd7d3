/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-work.h: what the inbox reads and writes, as work for the store's threads.
 *
 * Cards, bundles and answers; the rules are those of exchange and casework. No widgets here.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/** TESSERA_INBOX_LIMIT: most rows of each list; the newest. */
#define TESSERA_INBOX_LIMIT 50

/**
 * TesseraInboxFacts: all lists of the inbox.
 * @asked: (element-type TesseraRecord): referrals to us that wait for our answer
 * @answered: outgoing ones that were decided, or about which they ask
 * @waiting: outgoing ones without an answer
 * @refused: `bundle` rows of files that were refused
 * @partners: by name
 * @names: partner id to name
 * @fingerprint: (nullable): our own
 * @n_unsealed: answers of ours that no bundle carries yet
 */
typedef struct {
  GPtrArray *asked;
  GPtrArray *answered;
  GPtrArray *waiting;
  GPtrArray *refused;
  GPtrArray *partners;
  GHashTable *names;
  char *fingerprint;
  gint64 n_unsealed;
} TesseraInboxFacts;

TesseraInboxFacts *tessera_inbox_facts_new (void);
void tessera_inbox_facts_free (gpointer data);
/** tessera_inbox_facts_load: a #TesseraStoreFunc. */
gboolean tessera_inbox_facts_load (TesseraTransaction *transaction, gpointer data, GError **error);

/**
 * TesseraInboxFile: a file that came in.
 * @refusal: (nullable): why it was refused
 */
typedef struct {
  GBytes *bytes;
  char *refusal;
  gboolean known;
  gboolean is_new;
  gboolean answered;
  TesseraRecord *partner;
} TesseraInboxFile;

TesseraInboxFile *tessera_inbox_file_new (GBytes *bytes);
void tessera_inbox_file_free (gpointer data);
/** Each a #TesseraStoreFunc on a #TesseraInboxFile. The bundle is taken in, or the refusal noted (with
 * @refusal set); the card becomes @partner. */
gboolean tessera_inbox_take_bundle (TesseraTransaction *transaction, gpointer data, GError **error);
gboolean tessera_inbox_note_refusal (TesseraTransaction *transaction, gpointer data, GError **error);
gboolean tessera_inbox_take_card (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_make_card: a #TesseraStoreFunc on a char **: our card as the text of a file. */
gboolean tessera_inbox_make_card (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_inbox_seal_waiting: a #TesseraStoreFunc on a const char *, the outbox folder: seals what waits for
 * partners that may be sent to. */
gboolean tessera_inbox_seal_waiting (TesseraTransaction *transaction, gpointer data, GError **error);

G_END_DECLS
