/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-draft.c: what is half-written on a screen; see the header.
 */
#include "config.h"
#include "tessera-draft.h"

/* Between a keystroke and its being stored; a burst of keys is one write. */
#define DELAY_MILLISECONDS 80

struct _TesseraDraft {
  GObject parent_instance;

  TesseraSession *session;
  char *key;
  char *type;
  gpointer screen;
  TesseraDraftMake make;
  TesseraDraftTake take;
  guint timeout;
  gboolean stored;
};

G_DEFINE_FINAL_TYPE (TesseraDraft, tessera_draft, G_TYPE_OBJECT)

typedef struct {
  char *key;
  char *body;
} Entry;

static void
entry_free (gpointer data) {
  Entry *entry = data;

  g_free (entry->key);
  g_free (entry->body);
  g_free (entry);
}

static Entry *
entry_new (const char *key, char *body) {
  Entry *entry = g_new0 (Entry, 1);

  entry->key = g_strdup (key);
  entry->body = body;
  return entry;
}

static gboolean
put_entry (TesseraTransaction *transaction, gpointer data, GError **error) {
  Entry *entry = data;

  return tessera_transaction_put_draft (transaction, entry->key, entry->body, error);
}

static gboolean
get_entry (TesseraTransaction *transaction, gpointer data, GError **error) {
  Entry *entry = data;

  entry->body = tessera_transaction_get_draft (transaction, entry->key);
  return TRUE;
}

static gboolean
drop_entry (TesseraTransaction *transaction, gpointer data, GError **error) {
  Entry *entry = data;

  return tessera_transaction_drop_draft (transaction, entry->key, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDraft) self = data;
  g_autoptr (GVariant) state = NULL;
  Entry *entry = tessera_store_result_get_data (result);

  if (self->screen == NULL || !tessera_store_finish (TESSERA_STORE (source), result, NULL))
    return;
  if (entry->body != NULL)
    state = g_variant_parse (G_VARIANT_TYPE (self->type), entry->body, NULL, NULL, NULL);
  self->stored = state != NULL;
  self->take (self->screen, state);
}

static void
write_now (TesseraDraft *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  g_autoptr (GVariant) state = NULL;

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (store == NULL || self->screen == NULL)
    return;
  state = g_variant_ref_sink (self->make (self->screen));
  self->stored = TRUE;
  tessera_store_write_async (store, put_entry, entry_new (self->key, g_variant_print (state, TRUE)),
                             entry_free, NULL, NULL, NULL);
}

static gboolean
timeout_cb (gpointer data) {
  TesseraDraft *self = data;

  self->timeout = 0;
  write_now (self);
  return G_SOURCE_REMOVE;
}

static void
locking_cb (TesseraDraft *self) {
  tessera_draft_flush (self);
}

static void
tessera_draft_dispose (GObject *object) {
  TesseraDraft *self = TESSERA_DRAFT (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  self->screen = NULL;
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_draft_parent_class)->dispose (object);
}

static void
tessera_draft_finalize (GObject *object) {
  TesseraDraft *self = TESSERA_DRAFT (object);

  g_free (self->key);
  g_free (self->type);
  G_OBJECT_CLASS (tessera_draft_parent_class)->finalize (object);
}

static void
tessera_draft_class_init (TesseraDraftClass *klass) {
  G_OBJECT_CLASS (klass)->dispose = tessera_draft_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_draft_finalize;
}

static void
tessera_draft_init (TesseraDraft *self) {}

TesseraDraft *
tessera_draft_new (
  TesseraSession *session, const char *key, const char *type, gpointer screen, TesseraDraftMake make) {
  TesseraDraft *self = g_object_new (TESSERA_TYPE_DRAFT, NULL);

  self->session = g_object_ref (session);
  self->key = g_strdup (key);
  self->type = g_strdup (type);
  self->screen = screen;
  self->make = make;
  g_signal_connect_object (session, "locking", G_CALLBACK (locking_cb), self, G_CONNECT_SWAPPED);
  return self;
}

void
tessera_draft_load (TesseraDraft *self, TesseraDraftTake take) {
  TesseraStore *store = tessera_session_get_store (self->session);

  self->take = take;
  if (store != NULL)
    tessera_store_read_async (store, get_entry, entry_new (self->key, NULL), entry_free, NULL, loaded_cb,
                              g_object_ref (self));
}

void
tessera_draft_touch (TesseraDraft *self) {
  if (self->timeout == 0)
    self->timeout = g_timeout_add (DELAY_MILLISECONDS, timeout_cb, self);
}

void
tessera_draft_flush (TesseraDraft *self) {
  if (self->timeout != 0)
    write_now (self);
}

void
tessera_draft_forget (TesseraDraft *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (store != NULL && self->stored)
    tessera_store_write_async (store, drop_entry, entry_new (self->key, NULL), entry_free, NULL, NULL, NULL);
  self->stored = FALSE;
}

const char *
tessera_draft_get_key (TesseraDraft *self) {
  return self->key;
}

void
tessera_draft_close (TesseraDraft *self) {
  if (self->timeout != 0)
    write_now (self);
  self->screen = NULL;
}
