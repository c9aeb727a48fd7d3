/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-store.h: the open store: one writing thread, one reading thread, and transactions run on them.
 *
 * Rules are plain functions on a #TesseraTransaction; this file runs them, in order, on the right thread, so that no
 * caller ever sees a connection. It does not know what a referral is.
 */
#pragma once

#include "tessera-transaction.h"
#include "tessera-vault.h"

G_BEGIN_DECLS

#define TESSERA_STORE_ERROR (tessera_store_error_quark ())
GQuark tessera_store_error_quark (void);

/**
 * TesseraStoreError:
 * @TESSERA_STORE_ERROR_FAILED: SQLite refused for a reason given in the message
 * @TESSERA_STORE_ERROR_NOT_FOUND: no row with that id (or code)
 * @TESSERA_STORE_ERROR_TOO_NEW: the store was written by a newer Tessera
 * @TESSERA_STORE_ERROR_APPEND_ONLY: an attempt to change what may only be added to
 * @TESSERA_STORE_ERROR_CLOSED: the store is closed (locked)
 * @TESSERA_STORE_ERROR_TOO_LARGE: a file is larger than the organization wants in the store
 *
 * Disk full, read-only, busy and damaged come as %TESSERA_VAULT_ERROR.
 */
typedef enum {
  TESSERA_STORE_ERROR_FAILED,
  TESSERA_STORE_ERROR_NOT_FOUND,
  TESSERA_STORE_ERROR_TOO_NEW,
  TESSERA_STORE_ERROR_APPEND_ONLY,
  TESSERA_STORE_ERROR_CLOSED,
  TESSERA_STORE_ERROR_TOO_LARGE,
} TesseraStoreError;

#define TESSERA_TYPE_STORE (tessera_store_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStore, tessera_store, TESSERA, STORE, GObject)

/**
 * TesseraStoreFunc: work done inside one transaction, on a store thread. Returning %FALSE rolls everything back.
 * It must not show text to people in the current locale (another thread owns it) nor touch widgets.
 */
typedef gboolean (*TesseraStoreFunc) (TesseraTransaction *transaction, gpointer data, GError **error);

/**
 * tessera_store_open:
 *
 * Opens the store inside @vault, makes or migrates the schema from @registry, and starts its threads.
 * The store keeps references on both.
 */
TesseraStore *tessera_store_open (TesseraVault *vault, TesseraRegistry *registry, GError **error);

/** tessera_store_refuse: begins to close: from now on asynchronous calls fail with %TESSERA_STORE_ERROR_CLOSED, reading
 * that goes on or waits is given up, and long work (backup, check) ends soon; what waits to be written is still written.
 * For whoever closes in another thread, because that may take a moment. */
void tessera_store_refuse (TesseraStore *self);

/** tessera_store_close: tessera_store_refuse(), then finishes everything that waits to be written, checkpoints and closes
 * the connections. Later calls, from any thread, fail with %TESSERA_STORE_ERROR_CLOSED. The vault stays unlocked until its
 * owner closes it. */
void tessera_store_close (TesseraStore *self);

TesseraVault *tessera_store_get_vault (TesseraStore *self);
TesseraRegistry *tessera_store_get_registry (TesseraStore *self);

/** tessera_store_set_worker: id of the worker (entity `worker`) in whose name later changes are made. */
void tessera_store_set_worker (TesseraStore *self, const char *worker);
const char *tessera_store_get_worker (TesseraStore *self);

/** tessera_store_write: runs @func in a writing transaction on the writing thread and waits for it; for the command
 * line and tests. */
gboolean tessera_store_write (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error);

/** tessera_store_read: the same in a read-only snapshot on the reading thread. */
gboolean tessera_store_read (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error);

/**
 * tessera_store_scrub:
 *
 * After an erasure: makes sure that nothing of it is left in the store's files, and that the list of what was erased is
 * beside them. The writing thread does so by itself when it is idle, for erasures of colleagues too; this waits for it and
 * tells when it could not be done yet (%TESSERA_VAULT_ERROR_BUSY while somebody still reads; then it is done later).
 */
gboolean tessera_store_scrub (TesseraStore *self, GError **error);

/** tessera_store_read_long: the same in the calling thread, on a connection of its own, for what takes seconds; @func asks
 * tessera_store_should_go_on() now and then. */
gboolean tessera_store_read_long (TesseraStore *self, TesseraStoreFunc func, gpointer data, GError **error);

/** tessera_store_should_go_on: %FALSE with an error when the store is being closed or @cancellable (nullable) is
 * cancelled. */
gboolean tessera_store_should_go_on (TesseraStore *self, GCancellable *cancellable, GError **error);

/**
 * tessera_store_write_async:
 * @destroy: (nullable): frees @data after the callback ran (data may carry results out)
 * @cancellable: (nullable): a cancelled request that has not begun does not run
 *
 * For the application: @callback runs in the caller's thread-default main context; fetch with
 * tessera_store_finish(). Requests run in the order they were made.
 */
void tessera_store_write_async (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
                                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void tessera_store_read_async (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

/** tessera_store_post: like tessera_store_write_async() for whom nobody waits; after closing, @func does not run.
 * From any thread. */
void tessera_store_post (TesseraStore *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy);

/** tessera_store_finish: for both; the data given to the call is at tessera_store_result_get_data(). */
gboolean tessera_store_finish (TesseraStore *self, GAsyncResult *result, GError **error);

/** tessera_store_result_get_data: (transfer none): the @data of the request that @result belongs to. */
gpointer tessera_store_result_get_data (GAsyncResult *result);

/*
 * TesseraStore::changed: (TesseraStore *self, const char *entities)
 * Emitted in the main context of the thread that opened the store, after a commit that changed rows: @entities lists
 * the changed entities, separated by commas ("client,visit"), so that a list knows whether to read again.
 */


G_END_DECLS
