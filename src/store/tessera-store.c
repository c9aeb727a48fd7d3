/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-store.c: the threads that own the connections, and their queues.
 *
 * One thread writes, one reads; each runs its requests in order. Closing puts a last request behind all others and
 * waits, so nothing queued is ever dropped.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-store-private.h"

typedef struct {
  GThread *thread;
  GAsyncQueue *queue;          /* of Request */
  TesseraConnection *connection;
  gboolean writable;
  gboolean spoiled;            /* SQLite failed; its handle is to be renewed */
} Lane;

#define SCRUB_AGAIN (2 * G_USEC_PER_SEC)

struct _TesseraStore {
  GObject parent_instance;

  TesseraVault *vault;
  TesseraRegistry *registry;
  GMainContext *context;       /* where "changed" is emitted */
  Lane writing;
  Lane reading;
  gboolean closed;
  GMutex lock;                 /* guards closed and the last request's place, and what is below */
  GCond calm;                  /* no long work goes on any more */
  char *worker;
  guint n_long;
  gboolean closing;
  gboolean backing_up;
};

typedef struct {
  TesseraStoreFunc func;       /* NULL: the last request */
  gpointer data;
  GDestroyNotify destroy;
  GTask *task;                 /* NULL for a caller who waits, and when nobody does */
  gboolean posted;             /* nobody waits */
  gboolean scrubs;             /* it is tessera_store_scrub(): outside a transaction */
  GMutex lock;
  GCond condition;
  gboolean done;
  GError *error;
} Request;

G_DEFINE_QUARK (tessera-store-error-quark, tessera_store_error)
G_DEFINE_FINAL_TYPE (TesseraStore, tessera_store, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
request_free (gpointer pointer) {
  Request *request = pointer;

  if (request->destroy)
    request->destroy (request->data);
  g_clear_error (&request->error);
  g_mutex_clear (&request->lock);
  g_cond_clear (&request->condition);
  g_free (request);
}

static Request *
request_new (TesseraStoreFunc func, gpointer data) {
  Request *request = g_new0 (Request, 1);

  request->func = func;
  request->data = data;
  g_mutex_init (&request->lock);
  g_cond_init (&request->condition);
  return request;
}

typedef struct {
  TesseraStore *store;
  char *entities;
} Notification;

static void
notification_free (gpointer pointer) {
  Notification *notification = pointer;

  g_object_unref (notification->store);
  g_free (notification->entities);
  g_free (notification);
}

static gboolean
emit_changed (gpointer pointer) {
  Notification *notification = pointer;

  g_signal_emit (notification->store, signals[SIGNAL_CHANGED], 0, notification->entities);
  return G_SOURCE_REMOVE;
}

static void
announce (TesseraStore *self, GHashTable *changed) {
  g_autofree const char **names = (const char **) g_hash_table_get_keys_as_array (changed, NULL);
  Notification *notification;
  GSource *source;

  if (g_hash_table_size (changed) == 0)
    return;
  notification = g_new0 (Notification, 1);
  notification->store = g_object_ref (self);
  notification->entities = g_strjoinv (",", (char **) names);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, emit_changed, notification, notification_free);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

static void
set_closed_error (GError **error) {
  g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED,
               _("The vault is locked; unlock it and try again."));
}

static gboolean
is_closing (TesseraStore *self) {
  gboolean closing;

  g_mutex_lock (&self->lock);
  closing = self->closing;
  g_mutex_unlock (&self->lock);
  return closing;
}

static gboolean
run_in_transaction (Lane *lane, TesseraTransaction *transaction, Request *request, GError **error) {
  TesseraConnection *connection = lane->connection;

  if (!tessera_connection_execute (connection, lane->writable ? "BEGIN IMMEDIATE" : "BEGIN", error))
    return FALSE;
  if (request->func (transaction, request->data, error)
      && (!lane->writable || (tessera_attachments_finish (transaction, error)
                              && tessera_change_log_finish (transaction, error)))
      && tessera_connection_execute (connection, "COMMIT", error))
    return TRUE;
  sqlite3_exec (connection->database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* After the disk or the memory failed a writing transaction, SQLite's search index may still hold words that were rolled
 * back, and the next transaction would put them on the disk. A fresh connection knows only what is there. */
static gboolean
is_spoiled_by (const GError *error) {
  return error && error->domain == TESSERA_VAULT_ERROR;
}

static gboolean
run (TesseraStore *self, Lane *lane, Request *request, GError **error) {
  TesseraConnection *connection = lane->connection;
  gint64 stream = connection->stream;
  gint64 sequence = connection->sequence;
  gint64 clock = connection->clock;
  TesseraTransaction transaction = { connection, lane->writable, tessera_now (), NULL, NULL, NULL };
  gboolean ok;

  if (lane->spoiled && !tessera_connection_renew (connection, self->vault, lane->writable, error))
    return FALSE;
  lane->spoiled = FALSE;
  g_mutex_lock (&self->lock);
  transaction.worker = g_strdup (self->worker);
  g_mutex_unlock (&self->lock);
  transaction.changed = g_hash_table_new (g_str_hash, g_str_equal);
  ok = run_in_transaction (lane, &transaction, request, error);
  if (ok) {
    announce (self, transaction.changed);
  } else {
    /* The numbers of changes that never happened are given again. */
    connection->stream = stream;
    connection->sequence = sequence;
    connection->clock = clock;
    lane->spoiled = lane->writable && is_spoiled_by (*error);
    if (!*error)
      g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED,
                   _("Nothing was saved, for a reason that was not told; try again."));
  }
  g_hash_table_unref (transaction.changed);
  g_clear_pointer (&transaction.attachments, g_hash_table_unref);
  g_free (transaction.worker);
  return ok;
}

static void
finish_request (Request *request, gboolean ok, GError *error) {
  GTask *task = request->task;

  if (request->posted) {
    g_clear_error (&error);
    request_free (request);
    return;
  }
  if (task) {
    if (ok)
      g_task_return_boolean (task, TRUE);
    else
      g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_mutex_lock (&request->lock);
  request->error = error;
  request->done = TRUE;
  g_cond_signal (&request->condition);
  g_mutex_unlock (&request->lock);
}

/* When nobody wants anything is the time to clear away. Who still reads what was erased will have read it soon. */
static Request *
next_request (Lane *lane) {
  Request *request;

  while (!(request = g_async_queue_try_pop (lane->queue))) {
    if (!lane->writable || lane->spoiled)
      return g_async_queue_pop (lane->queue);
    if (tessera_attachments_sweep (lane->connection))
      continue;
    if (tessera_scrub (lane->connection, NULL))
      return g_async_queue_pop (lane->queue);
    request = g_async_queue_timeout_pop (lane->queue, SCRUB_AGAIN);
    if (request)
      return request;
  }
  return request;
}

/* Let the next start find fresh statistics and an empty log; a failure here costs only time. */
static void
finish_writing (TesseraConnection *connection) {
  /* What is still being taken in can no longer be kept. */
  g_hash_table_remove_all (connection->pending);
  connection->unswept = TRUE;
  while (tessera_attachments_sweep (connection))
    ;
  tessera_scrub (connection, NULL);
  sqlite3_exec (connection->database, "PRAGMA analysis_limit = 400; PRAGMA optimize", NULL, NULL, NULL);
  sqlite3_wal_checkpoint_v2 (connection->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static gpointer
serve (gpointer pointer) {
  gpointer *arguments = pointer;
  TesseraStore *self = arguments[0];
  Lane *lane = arguments[1];
  Request *request;

  g_free (arguments);
  lane->connection->thread = g_thread_self ();
  while ((request = next_request (lane))->func) {
    GError *error = NULL;
    gboolean ok = FALSE;

    if (request->task && g_cancellable_set_error_if_cancelled (g_task_get_cancellable (request->task), &error))
      ok = FALSE;
    else if (request->task && !lane->writable && is_closing (self))
      set_closed_error (&error); /* nobody is left to read for */
    else if (request->scrubs)
      ok = tessera_scrub (lane->connection, &error);
    else
      ok = run (self, lane, request, &error);
    finish_request (request, ok, error);
  }
  if (lane->writable)
    finish_writing (lane->connection);
  request_free (request);
  return NULL;
}

static void
start_lane (TesseraStore *self, Lane *lane, const char *name) {
  gpointer *arguments = g_new (gpointer, 2);

  arguments[0] = self;
  arguments[1] = lane;
  lane->thread = g_thread_new (name, serve, arguments);
}

static void
stop_lane (Lane *lane) {
  if (lane->thread) {
    g_async_queue_push (lane->queue, request_new (NULL, NULL));
    g_clear_pointer (&lane->thread, g_thread_join);
  }
  g_clear_pointer (&lane->connection, tessera_connection_close);
}

static void
tessera_store_dispose (GObject *object) {
  TesseraStore *self = TESSERA_STORE (object);

  tessera_store_close (self);
  g_clear_object (&self->vault);
  g_clear_object (&self->registry);
  G_OBJECT_CLASS (tessera_store_parent_class)->dispose (object);
}

static void
tessera_store_finalize (GObject *object) {
  TesseraStore *self = TESSERA_STORE (object);

  g_async_queue_unref (self->writing.queue);
  g_async_queue_unref (self->reading.queue);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->calm);
  g_free (self->worker);
  G_OBJECT_CLASS (tessera_store_parent_class)->finalize (object);
}

static void
tessera_store_class_init (TesseraStoreClass *class) {
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = tessera_store_dispose;
  object_class->finalize = tessera_store_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tessera_store_init (TesseraStore *self) {
  g_mutex_init (&self->lock);
  g_cond_init (&self->calm);
  self->context = g_main_context_ref_thread_default ();
  self->writing.queue = g_async_queue_new ();
  self->reading.queue = g_async_queue_new ();
  self->writing.writable = TRUE;
}

TesseraStore *
tessera_store_open (TesseraVault *vault, TesseraRegistry *registry, GError **error) {
  g_autoptr (TesseraStore) self = g_object_new (TESSERA_TYPE_STORE, NULL);

  self->vault = g_object_ref (vault);
  self->registry = g_object_ref (registry);
  self->writing.connection = tessera_connection_open (vault, registry, TRUE, error);
  if (!self->writing.connection)
    return NULL;
  self->reading.connection = tessera_connection_open (vault, registry, FALSE, error);
  if (!self->reading.connection)
    return NULL;
  start_lane (self, &self->writing, "store-writing");
  start_lane (self, &self->reading, "store-reading");
  return g_steal_pointer (&self);
}

/* The lanes still serve what such work asks of them before it ends. */
static void
await_calm (TesseraStore *self) {
  g_mutex_lock (&self->lock);
  while (self->n_long > 0)
    g_cond_wait (&self->calm, &self->lock);
  g_mutex_unlock (&self->lock);
}

void
tessera_store_refuse (TesseraStore *self) {
  g_mutex_lock (&self->lock);
  self->closing = TRUE;
  g_mutex_unlock (&self->lock);
  if (self->reading.connection)
    sqlite3_interrupt (self->reading.connection->database);
}

void
tessera_store_close (TesseraStore *self) {
  tessera_store_refuse (self);
  await_calm (self);
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
  /* Readers first: the last checkpoint needs the log to itself. */
  stop_lane (&self->reading);
  stop_lane (&self->writing);
}

TesseraVault *
tessera_store_get_vault (TesseraStore *self) {
  return self->vault;
}

TesseraRegistry *
tessera_store_get_registry (TesseraStore *self) {
  return self->registry;
}

void
tessera_store_set_worker (TesseraStore *self, const char *worker) {
  g_mutex_lock (&self->lock);
  g_free (self->worker);
  self->worker = g_strdup (worker);
  g_mutex_unlock (&self->lock);
}

const char *
tessera_store_get_worker (TesseraStore *self) {
  return self->worker;
}

/* Requests come from several threads: whatever is queued stands before the last request, so it is served. While the store
 * is closing only long work, which waits for its answer, still asks. */
static gboolean
enqueue (TesseraStore *self, Lane *lane, Request *request, GError **error) {
  gboolean open;

  g_mutex_lock (&self->lock);
  open = !self->closed && (!self->closing || request->task == NULL);
  if (open)
    g_async_queue_push (lane->queue, request);
  g_mutex_unlock (&self->lock);
  if (!open)
    set_closed_error (error);
  return open;
}

gboolean
tessera_store_begin_long (TesseraStore *self, GError **error) {
  gboolean closing;

  g_mutex_lock (&self->lock);
  closing = self->closing;
  if (!closing)
    self->n_long++;
  g_mutex_unlock (&self->lock);
  if (closing)
    set_closed_error (error);
  return !closing;
}

void
tessera_store_end_long (TesseraStore *self) {
  g_mutex_lock (&self->lock);
  if (--self->n_long == 0)
    g_cond_broadcast (&self->calm);
  g_mutex_unlock (&self->lock);
}

gboolean
tessera_store_begin_backup (TesseraStore *self, GError **error) {
  gboolean free_to_go;

  if (!tessera_store_begin_long (self, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  free_to_go = !self->backing_up;
  self->backing_up = TRUE;
  g_mutex_unlock (&self->lock);
  if (free_to_go)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
               _("A backup is being made at this moment; try again when it is done."));
  tessera_store_end_long (self);
  return FALSE;
}

void
tessera_store_end_backup (TesseraStore *self) {
  g_mutex_lock (&self->lock);
  self->backing_up = FALSE;
  g_mutex_unlock (&self->lock);
  tessera_store_end_long (self);
}

gboolean
tessera_store_should_stop (TesseraStore *self, GCancellable *cancellable, GError **error) {
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return TRUE;
  if (!is_closing (self))
    return FALSE;
  set_closed_error (error);
  return TRUE;
}

static gboolean
run_request (TesseraStore *self, Lane *lane, Request *request, GError **error) {
  gboolean ok;

  if (!enqueue (self, lane, request, error)) {
    request_free (request);
    return FALSE;
  }
  g_mutex_lock (&request->lock);
  while (!request->done)
    g_cond_wait (&request->condition, &request->lock);
  g_mutex_unlock (&request->lock);
  ok = request->error == NULL;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&request->error));
  request_free (request);
  return ok;
}

static gboolean
run_and_wait (TesseraStore *self, Lane *lane, TesseraStoreFunc func, gpointer data, GError **error) {
  return run_request (self, lane, request_new (func, data), error);
}

static gboolean
do_nothing (TesseraTransaction *transaction, gpointer data, GError **error) {
  return TRUE;
}

gboolean
tessera_store_scrub (TesseraStore *self, GError **error) {
  Request *request = request_new (do_nothing, NULL);

  request->scrubs = TRUE;
  return run_request (self, &self->writing, request, error);
}

gboolean
tessera_store_write (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error) {
  return run_and_wait (self, &self->writing, func, data, error);
}

gboolean
tessera_store_read (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error) {
  return run_and_wait (self, &self->reading, func, data, error);
}

static void
run_later (TesseraStore *self, Lane *lane, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = request_new (func, data);
  GError *error = NULL;

  request->destroy = destroy;
  request->task = task;
  g_task_set_source_tag (task, run_later);
  g_task_set_task_data (task, request, request_free);
  /* What was written was written: a late cancel must not hide it. */
  g_task_set_check_cancellable (task, FALSE);
  if (enqueue (self, lane, request, &error))
    return;
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
tessera_store_write_async (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  run_later (self, &self->writing, func, data, destroy, cancellable, callback, user_data);
}

void
tessera_store_read_async (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  run_later (self, &self->reading, func, data, destroy, cancellable, callback, user_data);
}

void
tessera_store_post (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy) {
  Request *request = request_new (func, data);

  request->destroy = destroy;
  request->posted = TRUE;
  if (!enqueue (self, &self->writing, request, NULL))
    request_free (request);
}

gboolean
tessera_store_finish (TesseraStore *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gpointer
tessera_store_result_get_data (GAsyncResult *result) {
  Request *request = g_task_get_task_data (G_TASK (result));

  return request->data;
}
