/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-fetching.c: what lies in the mailboxes and was never here, into the inbox and from there taken in.
 *
 * Everything there is foreign. Somebody may have filled a mailbox with any number of files: a visit fetches so many and
 * no more, in turn from each mailbox, and from a different place in it each time.
 */
#include "config.h"
#include <glib/gstdio.h>

#include "tessera-post-office-private.h"

#define PART ".part"
/* What an interrupted download left is gone on with for so long. */
#define PART_AGE (G_GINT64_CONSTANT (7) * 24 * 60 * 60)

/* ---- in the inbox ---- */

typedef struct {
  TesseraPostRound *round;
  const char *name;
  TesseraIncoming incoming;
} Asking;

static gboolean
ask_incoming (TesseraTransaction *transaction, gpointer data, GError **error) {
  Asking *asking = data;

  asking->incoming = tessera_post_books_get_incoming (transaction, asking->name);
  if (asking->incoming == TESSERA_INCOMING_NEW && asking->round->ways->has_file (transaction, asking->name))
    asking->incoming = TESSERA_INCOMING_WAITS;
  return TRUE;
}

static gboolean
is_final (TesseraArrivalState state) {
  return state == TESSERA_ARRIVAL_APPLIED || state == TESSERA_ARRIVAL_KNOWN || state == TESSERA_ARRIVAL_REFUSED;
}

/* An error is of this store or disk: the file stays in the inbox and is tried again at the next visit. */
static gboolean
take_in (TesseraPostRound *round, const TesseraMailbox *mailbox, const char *name) {
  g_autofree char *path = g_build_filename (round->inbox, name, NULL);
  GError *error = NULL;
  TesseraArrival *arrival = round->ways->take_in (round->store, path, NULL, NULL, round->cancellable, &error);
  gboolean done;

  if (!arrival)
    return tessera_post_endure (round, error);
  done = is_final (arrival->state);
  tessera_post_visit_add (round->visit, name, mailbox ? mailbox->label : NULL, arrival);
  if (!done)
    return TRUE;
  g_unlink (path);
  if (!mailbox || !mailbox->may_remove)
    return TRUE;
  if (!tessera_carrier_remove (round->carrier, mailbox->name, name, round->cancellable, &error))
    return tessera_post_endure (round, error);
  round->visit->n_removed++;
  return TRUE;
}

static gboolean
settle_leftover (TesseraPostRound *round, const char *name) {
  g_autofree char *path = g_build_filename (round->inbox, name, NULL);
  Asking asking = { round, name, TESSERA_INCOMING_NEW };
  GError *error = NULL;

  if (!tessera_store_read (round->store, ask_incoming, &asking, &error))
    return tessera_post_endure (round, error);
  if (asking.incoming == TESSERA_INCOMING_NEW)
    return take_in (round, NULL, name);
  if (asking.incoming == TESSERA_INCOMING_FINAL)
    g_unlink (path);
  return TRUE;
}

static void
drop_old_part (TesseraPostRound *round, const char *file) {
  g_autofree char *path = g_build_filename (round->inbox, file, NULL);
  GStatBuf about;

  if (g_str_has_suffix (file, PART) && g_stat (path, &about) == 0
      && g_get_real_time () / G_USEC_PER_SEC - about.st_mtime > PART_AGE)
    g_unlink (path);
}

/* What an earlier visit fetched and could not take in any more, and what it could no longer clear away. */
gboolean
tessera_post_take_in_leftovers (TesseraPostRound *round) {
  g_autoptr (GDir) folder = g_dir_open (round->inbox, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  gboolean goes_on = TRUE;

  while (folder && (name = g_dir_read_name (folder))) {
    if (tessera_carrier_is_name (name))
      g_ptr_array_add (names, g_strdup (name));
    else
      drop_old_part (round, name);
  }
  for (guint i = 0; i < names->len && goes_on; i++)
    goes_on = settle_leftover (round, names->pdata[i]);
  return goes_on;
}

/* ---- what is new there ---- */

typedef struct {
  const TesseraMailbox *mailbox;
  const TesseraCarrierItem *item;
} Wanted;

typedef struct {
  TesseraPostRound *round;
  GArray *columns; /* GArray of Wanted for each mailbox */
  GArray *read;    /* Wanted: were read before, and are still there */
} Choice;

static void
choose_item (TesseraTransaction *transaction, Choice *choice, GArray *column, const TesseraMailbox *mailbox,
             const TesseraCarrierItem *item) {
  TesseraPostRound *round = choice->round;
  Wanted wanted = { mailbox, item };

  if (!tessera_carrier_is_name (item->name) || tessera_post_books_is_own (transaction, item->name))
    return;
  if (!round->ways->has_file (transaction, item->name)) {
    if (column->len < round->max_files)
      g_array_append_val (column, wanted);
    else
      round->visit->more = TRUE;
  } else if (mailbox->may_remove && choice->read->len < round->max_files
             && tessera_post_books_get_incoming (transaction, item->name) == TESSERA_INCOMING_FINAL) {
    g_array_append_val (choice->read, wanted);
  }
}

/* Beginning anywhere, so that files which can never be fetched do not keep us from the others for ever. */
static void
choose_from (TesseraTransaction *transaction, Choice *choice, const TesseraMailbox *mailbox) {
  GPtrArray *items = g_hash_table_lookup (choice->round->listings, mailbox->name);
  GArray *column = g_array_new (FALSE, FALSE, sizeof (Wanted));
  guint first = items && items->len > choice->round->max_files ? (guint) g_random_int_range (0, (gint) items->len) : 0;

  for (guint i = 0; items && i < items->len; i++)
    choose_item (transaction, choice, column, mailbox, items->pdata[(first + i) % items->len]);
  g_array_append_val (choice->columns, column);
}

static gboolean
choose (TesseraTransaction *transaction, gpointer data, GError **error) {
  Choice *choice = data;
  GPtrArray *mailboxes = choice->round->visit->mailboxes;

  for (guint i = 0; i < mailboxes->len; i++)
    if (((TesseraMailbox *) mailboxes->pdata[i])->reads)
      choose_from (transaction, choice, mailboxes->pdata[i]);
  return TRUE;
}

/* One of each mailbox in turn, as many as a visit fetches. */
static GArray *
interleave (TesseraPostRound *round, GArray *columns, gint64 *ret_bytes) {
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Wanted));
  gboolean found = TRUE;

  *ret_bytes = 0;
  for (guint row = 0; found; row++) {
    found = FALSE;
    for (guint i = 0; i < columns->len; i++) {
      GArray *column = g_array_index (columns, GArray *, i);

      if (row >= column->len)
        continue;
      found = TRUE;
      if (all->len == round->max_files || *ret_bytes >= TESSERA_POST_MAX_BYTES) {
        round->visit->more = TRUE;
        return all;
      }
      g_array_append_val (all, g_array_index (column, Wanted, row));
      *ret_bytes += MAX (g_array_index (column, Wanted, row).item->size, 0);
    }
  }
  return all;
}

static gboolean
fetch_file (TesseraPostRound *round, const Wanted *wanted) {
  g_autofree char *path = g_build_filename (round->inbox, wanted->item->name, NULL);
  GError *error = NULL;

  if (!tessera_carrier_fetch (round->carrier, wanted->mailbox->name, wanted->item->name, path, tessera_post_show_bytes,
                              round, round->cancellable, &error))
    return tessera_post_endure (round, error);
  tessera_post_succeed (round);
  tessera_post_end_file (round, wanted->item->size);
  return take_in (round, wanted->mailbox, wanted->item->name);
}

static gboolean
remove_read (TesseraPostRound *round, const Wanted *wanted) {
  GError *error = NULL;

  if (!tessera_carrier_remove (round->carrier, wanted->mailbox->name, wanted->item->name, round->cancellable, &error))
    return tessera_post_endure (round, error);
  round->visit->n_removed++;
  return TRUE;
}

static gboolean
fetch_chosen (TesseraPostRound *round, Choice *choice) {
  gint64 bytes;
  g_autoptr (GArray) wanted = interleave (round, choice->columns, &bytes);
  gboolean goes_on = TRUE;

  tessera_post_begin_phase (round, TESSERA_POST_FETCHING, wanted->len, bytes);
  for (guint i = 0; i < wanted->len && goes_on; i++)
    goes_on = fetch_file (round, &g_array_index (wanted, Wanted, i));
  for (guint i = 0; i < choice->read->len && goes_on && !round->cannot_write; i++)
    goes_on = remove_read (round, &g_array_index (choice->read, Wanted, i));
  return goes_on;
}

gboolean
tessera_post_fetch (TesseraPostRound *round) {
  Choice choice = { round, g_array_new (FALSE, FALSE, sizeof (GArray *)), g_array_new (FALSE, FALSE, sizeof (Wanted)) };
  GError *error = NULL;
  gboolean goes_on;

  /* Somebody may have laid thousands of files there: nobody else waits while each is looked up. */
  goes_on = tessera_store_read_long (round->store, choose, &choice, &error) ? fetch_chosen (round, &choice)
                                                                            : tessera_post_endure (round, error);

  for (guint i = 0; i < choice.columns->len; i++)
    g_array_unref (g_array_index (choice.columns, GArray *, i));
  g_array_unref (choice.columns);
  g_array_unref (choice.read);
  return goes_on;
}
