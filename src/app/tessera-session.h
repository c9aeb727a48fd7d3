/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-session.h: who sits at this desk, and the open store they work in.
 *
 * One session lives as long as the application; the store and the vault in it come with unlocking and go with
 * locking. Screens ask it for the store each time and never keep it.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * TesseraSessionState:
 * @TESSERA_SESSION_EMPTY: the folder holds no vault yet (first run)
 * @TESSERA_SESSION_LOCKED: there is a vault and nobody has unlocked it
 * @TESSERA_SESSION_OPEN: store, vault, worker are there
 */
typedef enum {
  TESSERA_SESSION_EMPTY,
  TESSERA_SESSION_LOCKED,
  TESSERA_SESSION_OPEN,
} TesseraSessionState;

#define TESSERA_TYPE_SESSION (tessera_session_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSession, tessera_session, TESSERA, SESSION, GObject)

/*
 * Signals:
 * TesseraSession::state-changed (self): locked, unlocked or created.
 * TesseraSession::locking (self): the store is about to close: write drafts down now.
 * TesseraSession::changed (self, const char *entities): TesseraStore::changed of the store that is open;
 *   see tessera_session_concerns().
 */

/** tessera_session_new: @folder of the vault, which need not exist yet; @demo: a throw-away shop; @work_factor: for a
 * vault or a passphrase that is made in this session. */
TesseraSession *tessera_session_new (const char *folder, gboolean demo, TesseraWorkFactor work_factor);

TesseraSessionState tessera_session_get_state (TesseraSession *self);
const char *tessera_session_get_folder (TesseraSession *self);
gboolean tessera_session_is_demo (TesseraSession *self);

/** tessera_session_get_store: (nullable): %NULL while locked. */
TesseraStore *tessera_session_get_store (TesseraSession *self);
TesseraVault *tessera_session_get_vault (TesseraSession *self);
/** tessera_session_get_registry: always there. */
TesseraRegistry *tessera_session_get_registry (TesseraSession *self);
/** tessera_session_get_worker: (nullable): record of who is signed in. */
TesseraRecord *tessera_session_get_worker (TesseraSession *self);
/** tessera_session_get_worker_id: (nullable) */
const char *tessera_session_get_worker_id (TesseraSession *self);
/** tessera_session_get_workers: (transfer none) (element-type TesseraRecord): everyone of the organization.
 */
GPtrArray *tessera_session_get_workers (TesseraSession *self);
/** tessera_session_get_worker_name: (nullable): name of the worker with @id. */
const char *tessera_session_get_worker_name (TesseraSession *self, const char *id);
/** tessera_session_get_organization: (nullable): its name. */
const char *tessera_session_get_organization (TesseraSession *self);

/** tessera_session_get_last_name: (nullable): name of who was signed in before the lock, in this run. */
const char *tessera_session_get_last_name (TesseraSession *self);

/** tessera_session_concerns: whether @entity is among the comma-separated @entities of a changed signal. */
gboolean tessera_session_concerns (const char *entities, const char *entity);

/**
 * tessera_session_create_async:
 * @organization: name of the shop
 * @worker: name of the first worker, who becomes supervisor
 * @language: tag of the language the worker reads
 * @passphrase: (transfer full)
 *
 * First run: makes vault, organization and worker, with the slow part in a thread. On success the session is
 * open.
 */
void tessera_session_create_async (TesseraSession *self,
                                   const char *organization,
                                   const char *worker,
                                   const char *language,
                                   TesseraSecret *passphrase,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

gboolean tessera_session_create_finish (TesseraSession *self, GAsyncResult *result, GError **error);

/** tessera_session_get_recovery_key: (nullable): after creating, the key to be shown once, until it is
 * forgotten. */
const TesseraSecret *tessera_session_get_recovery_key (TesseraSession *self);
/** tessera_session_forget_recovery_key: it was written down: wipes it. */
void tessera_session_forget_recovery_key (TesseraSession *self);

/**
 * tessera_session_unlock_async:
 * @worker: (nullable): who
 * @secret: (transfer full): passphrase or, with @recovery, the recovery key
 */
void tessera_session_unlock_async (TesseraSession *self, const char *worker, TesseraSecret *secret,
                                   gboolean recovery, GAsyncReadyCallback callback, gpointer user_data);
gboolean tessera_session_unlock_finish (TesseraSession *self, GAsyncResult *result, GError **error);

/** TESSERA_SESSION_DEMO_PASSPHRASE: of every demonstration shop; it is shown to whoever opens one. */
#define TESSERA_SESSION_DEMO_PASSPHRASE "demonstration"

/** tessera_session_create_demo_async: makes and fills a demonstration shop in the session's folder, in a
 * thread. Finish with tessera_session_create_finish(). */
void
tessera_session_create_demo_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data);

/** tessera_session_lock: writes down what is pending, closes the store, wipes the keys. */
void tessera_session_lock (TesseraSession *self);

G_END_DECLS
