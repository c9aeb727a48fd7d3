/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sync-fixture.c: see the header.
 */
#include "config.h"

#include <string.h>

#include "sync-fixture.h"
#include "tessera-bundle.h"

/* ---- the carrier ---- */

static void fake_carrier_interface_init (TesseraCarrierInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeCarrier, fake_carrier, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_CARRIER, fake_carrier_interface_init))

char *
fake_name (const char *text) {
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return tessera_bundle_name (bytes);
}

static GHashTable *
get_mailbox (FakeCarrier *self, const char *name) {
  GHashTable *mailbox = g_hash_table_lookup (self->mailboxes, name);

  if (!mailbox) {
    mailbox = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    g_hash_table_insert (self->mailboxes, g_strdup (name), mailbox);
  }
  return mailbox;
}

typedef enum { GOES_WELL, FAILS_FIRST, FAILS_LAST } Fate;

static Fate
begin_call (FakeCarrier *self, GCancellable *cancellable, GError **error) {
  self->n_calls++;
  while (self->blocks && !g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FAILS_FIRST;
  if (self->fail_at == 0 || self->n_calls < self->fail_at || self->n_calls - self->fail_at >= self->fail_for)
    return GOES_WELL;
  if (!self->fail_late)
    g_propagate_error (error, g_error_copy (self->failure));
  return self->fail_late ? FAILS_LAST : FAILS_FIRST;
}

static gboolean
end_call (FakeCarrier *self, Fate fate, GError **error) {
  if (fate != FAILS_LAST)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->failure));
  return FALSE;
}

static gboolean
fake_check (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  return begin_call (FAKE_CARRIER (carrier), cancellable, error) == GOES_WELL;
}

static int
compare_items (gconstpointer a, gconstpointer b) {
  return strcmp ((*(TesseraCarrierItem *const *) a)->name, (*(TesseraCarrierItem *const *) b)->name);
}

static GPtrArray *
fake_list (TesseraCarrier *carrier, const char *mailbox, GCancellable *cancellable, GError **error) {
  FakeCarrier *self = FAKE_CARRIER (carrier);
  Fate fate = begin_call (self, cancellable, error);
  GPtrArray *items;
  GHashTableIter iterator;
  gpointer name, bytes;

  if (fate == FAILS_FIRST || !end_call (self, fate, error))
    return NULL;
  items = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_carrier_item_free);
  g_hash_table_iter_init (&iterator, get_mailbox (self, mailbox));
  while (g_hash_table_iter_next (&iterator, &name, &bytes)) {
    TesseraCarrierItem *item = g_new0 (TesseraCarrierItem, 1);

    item->name = g_strdup (name);
    item->size = (gint64) g_bytes_get_size (bytes);
    g_ptr_array_add (items, item);
  }
  g_ptr_array_sort (items, compare_items);
  return items;
}

static gboolean
fake_fetch (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
            TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error) {
  FakeCarrier *self = FAKE_CARRIER (carrier);
  Fate fate = begin_call (self, cancellable, error);
  GBytes *bytes = g_hash_table_lookup (get_mailbox (self, mailbox), name);
  g_autofree char *proper = bytes ? tessera_bundle_name (bytes) : NULL;

  if (fate == FAILS_FIRST)
    return FALSE;
  self->n_fetches++;
  if (g_strcmp0 (proper, name) != 0) {
    g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE, "It is not whole.");
    return FALSE;
  }
  progress ((gint64) g_bytes_get_size (bytes), (gint64) g_bytes_get_size (bytes), data);
  return g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), error)
         && end_call (self, fate, error);
}

static gboolean
fake_put (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
          TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error) {
  FakeCarrier *self = FAKE_CARRIER (carrier);
  Fate fate = begin_call (self, cancellable, error);
  char *contents;
  gsize size;

  if (fate == FAILS_FIRST || !g_file_get_contents (path, &contents, &size, error))
    return FALSE;
  self->n_puts++;
  progress ((gint64) size, (gint64) size, data);
  g_hash_table_insert (get_mailbox (self, mailbox), g_strdup (name), g_bytes_new_take (contents, size));
  return end_call (self, fate, error);
}

static gboolean
fake_remove (TesseraCarrier *carrier, const char *mailbox, const char *name, GCancellable *cancellable,
             GError **error) {
  FakeCarrier *self = FAKE_CARRIER (carrier);
  Fate fate = begin_call (self, cancellable, error);

  if (fate == FAILS_FIRST)
    return FALSE;
  g_hash_table_remove (get_mailbox (self, mailbox), name);
  return end_call (self, fate, error);
}

static gboolean
fake_flush (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  Fate fate = begin_call (FAKE_CARRIER (carrier), cancellable, error);

  return fate != FAILS_FIRST && end_call (FAKE_CARRIER (carrier), fate, error);
}

static void
fake_carrier_interface_init (TesseraCarrierInterface *interface) {
  interface->check = fake_check;
  interface->list = fake_list;
  interface->fetch = fake_fetch;
  interface->put = fake_put;
  interface->remove = fake_remove;
  interface->flush = fake_flush;
}

static void
fake_carrier_finalize (GObject *object) {
  FakeCarrier *self = FAKE_CARRIER (object);

  g_hash_table_unref (self->mailboxes);
  g_clear_error (&self->failure);
  G_OBJECT_CLASS (fake_carrier_parent_class)->finalize (object);
}

static void
fake_carrier_class_init (FakeCarrierClass *class) {
  G_OBJECT_CLASS (class)->finalize = fake_carrier_finalize;
}

static void
fake_carrier_init (FakeCarrier *self) {
  self->mailboxes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
}

FakeCarrier *
fake_carrier_new (void) {
  return g_object_new (FAKE_TYPE_CARRIER, NULL);
}

char *
fake_carrier_lay (FakeCarrier *self, const char *mailbox, const char *text) {
  char *name = fake_name (text);

  g_hash_table_insert (get_mailbox (self, mailbox), g_strdup (name), g_bytes_new (text, strlen (text)));
  return name;
}

gboolean
fake_carrier_has (FakeCarrier *self, const char *mailbox, const char *name) {
  return g_hash_table_contains (get_mailbox (self, mailbox), name);
}

void
fake_carrier_drop (FakeCarrier *self, const char *mailbox, const char *name) {
  g_assert_true (g_hash_table_remove (get_mailbox (self, mailbox), name));
}

guint
fake_carrier_count (FakeCarrier *self, const char *mailbox) {
  return g_hash_table_size (get_mailbox (self, mailbox));
}

void
fake_carrier_fail (FakeCarrier *self, guint at, guint count, gboolean late, GQuark domain, int code) {
  self->n_calls = 0;
  self->fail_at = at;
  self->fail_for = count;
  self->fail_late = late;
  g_clear_error (&self->failure);
  if (at > 0)
    self->failure = g_error_new_literal (domain, code, "It fails.");
}

/* ---- the exchange ---- */

static FakeExchange *current;

FakeExchange *
fake_exchange_begin (TesseraStore *store) {
  g_assert_null (current);
  current = g_new0 (FakeExchange, 1);
  current->store = store;
  current->waiting = g_ptr_array_new_with_free_func (g_free);
  current->done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  current->withheld = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  current->applied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return current;
}

void
fake_exchange_end (void) {
  g_ptr_array_unref (current->waiting);
  g_hash_table_unref (current->done);
  g_hash_table_unref (current->withheld);
  g_hash_table_unref (current->applied);
  g_clear_pointer (&current, g_free);
}

char *
fake_exchange_write (FakeExchange *self, const char *mailbox, const char *text) {
  g_ptr_array_add (self->waiting, g_strconcat (mailbox, " ", text, NULL));
  return fake_name (text);
}

gboolean
fake_exchange_is_taken_in_once (FakeExchange *self, const char *name) {
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->applied, name)) == 1;
}

static gboolean
add_outgoing (TesseraTransaction *transaction, gpointer data, GError **error) {
  const char *letter = data;
  const char *text = strchr (letter, ' ') + 1;
  g_autofree char *mailbox = g_strndup (letter, (gsize) (text - letter) - 1);
  g_autofree char *name = fake_name (text);
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (transaction, "bundle");

  tessera_record_set (row, "direction", "out");
  tessera_record_set (row, "mailbox", mailbox);
  tessera_record_set (row, "file_name", name);
  tessera_record_set_integer (row, "size", (gint64) strlen (text));
  tessera_record_set (row, "state", "spooled");
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, row, error);
}

static gboolean
fake_seal_waiting (TesseraStore *store, guint *count, GFileProgressCallback progress, gpointer data,
                   GCancellable *cancellable, GError **error) {
  const char *folder = tessera_vault_get_folder (tessera_store_get_vault (store));

  current->n_seals++;
  while (current->waiting->len > 0) {
    const char *letter = current->waiting->pdata[0];
    const char *text = strchr (letter, ' ') + 1;
    g_autofree char *name = fake_name (text);
    g_autofree char *path = g_build_filename (folder, "outbox", name, NULL);

    if (!g_file_set_contents (path, text, -1, error)
        || !tessera_store_write (store, add_outgoing, (gpointer) letter, error))
      return FALSE;
    g_ptr_array_remove_index (current->waiting, 0);
    ++*count;
  }
  return TRUE;
}

typedef struct {
  const char *name;
  const char *state;
  gboolean known;
} Incoming;

static gboolean
add_incoming (TesseraTransaction *transaction, gpointer data, GError **error) {
  Incoming *incoming = data;
  g_autoptr (TesseraRecord) row = NULL;

  incoming->known = tessera_post_books_get_incoming (transaction, incoming->name) != TESSERA_INCOMING_NEW;
  if (incoming->known)
    return TRUE;
  row = tessera_transaction_new_record (transaction, "bundle");
  tessera_record_set (row, "direction", "in");
  tessera_record_set (row, "file_name", incoming->name);
  tessera_record_set (row, "state", incoming->state);
  return tessera_transaction_save (transaction, row, error);
}

/* The first word of a file says what becomes of it. */
static TesseraArrivalState
get_state (const char *text, const char **ret_row_state) {
  static const struct {
    const char *word;
    const char *row_state;
    TesseraArrivalState state;
  } words[] = {
    { "parked", "parked", TESSERA_ARRIVAL_PARKED },
    { "quarantined", "quarantined", TESSERA_ARRIVAL_QUARANTINED },
    { "unknown", "parked", TESSERA_ARRIVAL_UNKNOWN_SENDER },
    { "refused", "refused", TESSERA_ARRIVAL_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (text, words[i].word)) {
      *ret_row_state = words[i].row_state;
      return words[i].state;
    }
  *ret_row_state = "applied";
  return TESSERA_ARRIVAL_APPLIED;
}

static TesseraArrival *
fake_take_in (TesseraStore *store, const char *path, GFileProgressCallback progress, gpointer data,
              GCancellable *cancellable, GError **error) {
  g_autofree char *contents = NULL;
  g_autofree char *name = g_path_get_basename (path);
  Incoming incoming = { name, NULL, FALSE };
  TesseraArrival *arrival;
  TesseraArrivalState state;
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (current->applied, name));

  if (!g_file_get_contents (path, &contents, NULL, error))
    return NULL;
  state = get_state (contents, &incoming.state);
  if (!tessera_store_write (store, add_incoming, &incoming, error))
    return NULL;
  if (!incoming.known)
    g_hash_table_insert (current->applied, g_strdup (name), GUINT_TO_POINTER (count + 1));
  if (current->breaks_after_taking_in) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Gone.");
    return NULL;
  }
  arrival = g_new0 (TesseraArrival, 1);
  arrival->state = incoming.known ? TESSERA_ARRIVAL_KNOWN : state;
  return arrival;
}

static void
add_mailbox (GPtrArray *mailboxes, const char *name, gboolean reads, gboolean may_remove) {
  TesseraMailbox *mailbox = g_new0 (TesseraMailbox, 1);

  mailbox->name = g_strdup (name);
  mailbox->label = g_strdup ("Example");
  mailbox->reads = reads;
  mailbox->may_remove = may_remove;
  g_ptr_array_add (mailboxes, mailbox);
}

static GPtrArray *
fake_list_mailboxes (TesseraTransaction *transaction, GError **error) {
  GPtrArray *mailboxes = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_mailbox_free);

  add_mailbox (mailboxes, CIRCLE, TRUE, FALSE);
  add_mailbox (mailboxes, FROM_PARTNER, TRUE, TRUE);
  add_mailbox (mailboxes, TO_PARTNER, FALSE, FALSE);
  return mailboxes;
}

static gboolean
fake_has_file (TesseraTransaction *transaction, const char *name) {
  return tessera_post_books_get_incoming (transaction, name) != TESSERA_INCOMING_NEW;
}

/* Like the real one, age alone is enough. */
static gboolean
fake_is_done (TesseraTransaction *transaction, TesseraRecord *bundle) {
  return g_hash_table_contains (current->done, tessera_record_get (bundle, "file_name"))
         || tessera_transaction_get_now (transaction) - tessera_record_get_integer (bundle, "at")
              > G_GINT64_CONSTANT (60) * 86400000;
}

static gboolean
fake_may_go (TesseraTransaction *transaction, TesseraRecord *bundle, GError **error) {
  return !g_hash_table_contains (current->withheld, tessera_record_get (bundle, "file_name"));
}

static gboolean
fake_retry_parked (TesseraStore *store, guint *ret_applied, GError **error) {
  return TRUE;
}

const TesseraExchangeWays fake_ways = {
  .seal_waiting = fake_seal_waiting,
  .take_in = fake_take_in,
  .list_mailboxes = fake_list_mailboxes,
  .has_file = fake_has_file,
  .is_done = fake_is_done,
  .may_go = fake_may_go,
  .retry_parked = fake_retry_parked,
};
