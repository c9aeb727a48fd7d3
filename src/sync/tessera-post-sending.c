/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-sending.c: looking into the mailboxes, putting there what they lack, taking away what is done.
 */
#include "config.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-post-office-private.h"

/* ---- what is there ---- */

static TesseraMailbox *
find_mailbox (TesseraPostRound *round, const char *name) {
  for (guint i = 0; i < round->visit->mailboxes->len; i++) {
    TesseraMailbox *mailbox = round->visit->mailboxes->pdata[i];

    if (g_str_equal (mailbox->name, name))
      return mailbox;
  }
  return NULL;
}

gboolean
tessera_post_is_emptied (TesseraPostRound *round, const char *name) {
  const TesseraMailbox *mailbox = find_mailbox (round, name);

  return !mailbox || !mailbox->reads || mailbox->may_remove;
}

static int
compare_item (gconstpointer name, gconstpointer item) {
  return strcmp (name, (*(TesseraCarrierItem *const *) item)->name);
}

const TesseraCarrierItem *
tessera_post_find_item (TesseraPostRound *round, const char *mailbox, const char *name) {
  GPtrArray *items = g_hash_table_lookup (round->listings, mailbox);
  TesseraCarrierItem **found = items && items->len > 0
                                 ? bsearch (name, items->pdata, items->len, sizeof (gpointer), compare_item) : NULL;

  return found ? *found : NULL;
}

typedef struct {
  TesseraPostRound *round;
  GPtrArray *outgoing;
} Books;

static gboolean
read_books (TesseraTransaction *transaction, gpointer data, GError **error) {
  Books *books = data;
  TesseraPostRound *round = books->round;

  if (!round->visit->mailboxes)
    round->visit->mailboxes = round->ways->list_mailboxes (transaction, error);
  if (round->visit->mailboxes)
    books->outgoing = tessera_post_books_list_outgoing (transaction, round->visit->carrier, round->ways->is_done,
                                                        round->ways->may_go, error);
  return books->outgoing != NULL;
}

static GPtrArray *
list_outgoing (TesseraPostRound *round) {
  Books books = { round, NULL };
  GError *error = NULL;

  if (tessera_store_read_long (round->store, read_books, &books, &error))
    return books.outgoing;
  g_clear_pointer (&books.outgoing, g_ptr_array_unref);
  tessera_post_endure (round, error);
  return NULL;
}

/* Mailboxes we read, and those where something of ours should still lie. */
static GHashTable *
choose_mailboxes (TesseraPostRound *round, GPtrArray *outgoing) {
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < round->visit->mailboxes->len; i++) {
    TesseraMailbox *mailbox = round->visit->mailboxes->pdata[i];

    if (mailbox->reads && tessera_carrier_is_mailbox (mailbox->name))
      g_hash_table_add (names, mailbox->name);
  }
  for (guint i = 0; i < outgoing->len; i++) {
    TesseraOutgoing *file = outgoing->pdata[i];

    if (file->delivered_at > 0 && !file->is_done && !file->is_withheld && tessera_carrier_is_mailbox (file->mailbox))
      g_hash_table_add (names, file->mailbox);
  }
  return names;
}

/* Whoever lends us a mailbox to put letters into need not let us see what is in it. */
static gboolean
may_not_look (TesseraPostRound *round, const char *name, const GError *error) {
  const TesseraMailbox *mailbox = find_mailbox (round, name);

  return (!mailbox || !mailbox->reads)
         && g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_ALLOWED);
}

static gboolean
look_into (TesseraPostRound *round, const char *mailbox) {
  GError *error = NULL;
  GPtrArray *items = tessera_carrier_list (round->carrier, mailbox, round->cancellable, &error);

  if (!items && may_not_look (round, mailbox, error)) {
    g_error_free (error);
    return TRUE;
  }
  if (!items)
    return tessera_post_endure (round, error);
  tessera_post_succeed (round);
  g_hash_table_insert (round->listings, g_strdup (mailbox), items);
  return TRUE;
}

gboolean
tessera_post_look (TesseraPostRound *round) {
  g_autoptr (GPtrArray) outgoing = list_outgoing (round);
  g_autoptr (GHashTable) names = NULL;
  GHashTableIter iterator;
  gpointer name;
  gboolean goes_on = TRUE;

  if (!outgoing)
    return FALSE;
  names = choose_mailboxes (round, outgoing);
  tessera_post_begin_phase (round, TESSERA_POST_LOOKING, g_hash_table_size (names), 0);
  g_hash_table_iter_init (&iterator, names);
  while (goes_on && g_hash_table_iter_next (&iterator, &name, NULL)) {
    goes_on = look_into (round, name);
    tessera_post_end_file (round, 0);
  }
  return goes_on;
}

/* ---- what is done ---- */

typedef gboolean (*Note) (TesseraTransaction *transaction, const char *bundle, const char *carrier, GError **error);

typedef struct {
  Note note;
  const char *bundle;
  const char *carrier;
} Noting;

static gboolean
run_note (TesseraTransaction *transaction, gpointer data, GError **error) {
  Noting *noting = data;

  return noting->note (transaction, noting->bundle, noting->carrier, error);
}

static gboolean
write_down (TesseraPostRound *round, Note note, const TesseraOutgoing *file) {
  Noting noting = { note, file->bundle, round->visit->carrier };
  GError *error = NULL;

  return tessera_store_write (round->store, run_note, &noting, &error) || tessera_post_endure (round, error);
}

static gboolean
note_done (TesseraTransaction *transaction, const char *bundle, const char *carrier, GError **error) {
  return tessera_post_books_note_removed (transaction, bundle, carrier, error)
         && tessera_post_books_note_done (transaction, bundle, error);
}

/* From this carrier now, from others when they are visited; from the outbox at once. */
static gboolean
clear_away (TesseraPostRound *round, const TesseraOutgoing *file) {
  g_autofree char *path = g_build_filename (round->outbox, file->name, NULL);
  GError *error = NULL;

  if (file->delivered_at > 0
      && !tessera_carrier_remove (round->carrier, file->mailbox, file->name, round->cancellable, &error))
    return tessera_post_endure (round, error);
  tessera_post_succeed (round);
  g_unlink (path);
  round->visit->n_removed += file->delivered_at > 0;
  return write_down (round, note_done, file);
}

/* Nobody may read it any more, if nobody has; it stays in the outbox, for a client may agree again. */
static gboolean
take_back (TesseraPostRound *round, const TesseraOutgoing *file) {
  GError *error = NULL;

  if (file->delivered_at == 0)
    return TRUE;
  if (!tessera_carrier_remove (round->carrier, file->mailbox, file->name, round->cancellable, &error))
    return tessera_post_endure (round, error);
  tessera_post_succeed (round);
  round->visit->n_removed++;
  return write_down (round, tessera_post_books_note_removed, file);
}

static gboolean
clear_away_all (TesseraPostRound *round, GPtrArray *outgoing) {
  gboolean goes_on = TRUE;

  round->visit->n_withheld = 0;
  for (guint i = 0; i < outgoing->len && goes_on; i++) {
    const TesseraOutgoing *file = outgoing->pdata[i];

    if (!tessera_carrier_is_mailbox (file->mailbox))
      continue;
    round->visit->n_withheld += file->is_withheld;
    if (file->is_done)
      goes_on = clear_away (round, file);
    else if (file->is_withheld)
      goes_on = take_back (round, file);
  }
  return goes_on;
}

/* ---- what is lacking ---- */

static gboolean
is_there (TesseraPostRound *round, const TesseraOutgoing *file) {
  const TesseraCarrierItem *item = tessera_post_find_item (round, file->mailbox, file->name);

  return item && (item->size < 0 || file->size <= 0 || item->size == file->size);
}

/* A mailbox that could not be looked into says nothing about what is in it. */
static gboolean
is_lacking (TesseraPostRound *round, const TesseraOutgoing *file, gint64 now) {
  if (file->is_done || file->is_withheld || g_hash_table_contains (round->sent, file->name)
      || !tessera_carrier_is_mailbox (file->mailbox))
    return FALSE;
  if (file->delivered_at == 0)
    return TRUE;
  return g_hash_table_contains (round->listings, file->mailbox) && !is_there (round, file)
         && tessera_post_books_is_due_again (file, tessera_post_is_emptied (round, file->mailbox), now);
}

static gboolean
send_file (TesseraPostRound *round, const TesseraOutgoing *file) {
  g_autofree char *path = g_build_filename (round->outbox, file->name, NULL);
  GError *error = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    round->visit->n_missing++;
    return TRUE;
  }
  if (!tessera_carrier_put (round->carrier, file->mailbox, file->name, path, tessera_post_show_bytes, round,
                            round->cancellable, &error))
    return tessera_post_endure (round, error);
  tessera_post_succeed (round);
  round->visit->n_sent++;
  g_hash_table_add (round->sent, g_strdup (file->name));
  tessera_post_end_file (round, file->size);
  return write_down (round, tessera_post_books_note_sent, file);
}

static gboolean
send_lacking (TesseraPostRound *round, GPtrArray *outgoing) {
  g_autoptr (GPtrArray) lacking = g_ptr_array_new ();
  gint64 now = tessera_now ();
  gint64 bytes = 0;
  gboolean goes_on = TRUE;

  for (guint i = 0; i < outgoing->len; i++) {
    TesseraOutgoing *file = outgoing->pdata[i];

    if (!is_lacking (round, file, now))
      continue;
    g_ptr_array_add (lacking, file);
    bytes += file->size;
  }
  tessera_post_begin_phase (round, TESSERA_POST_SENDING, lacking->len, bytes);
  for (guint i = 0; i < lacking->len && goes_on && !round->cannot_write; i++)
    goes_on = send_file (round, lacking->pdata[i]);
  return goes_on;
}

gboolean
tessera_post_send (TesseraPostRound *round) {
  g_autoptr (GPtrArray) outgoing = list_outgoing (round);

  /* First what makes room. */
  return outgoing && clear_away_all (round, outgoing) && send_lacking (round, outgoing);
}
