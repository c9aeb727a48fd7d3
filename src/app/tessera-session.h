/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-session.h: who sits at this desk, and the open store they work in.
 *
 * One session lives as long as the application; the store and the vault in it come with unlocking and go with
 * locking. Screens ask it for the store each time and never keep it.
 */
#pragma once

#include "tessera-store.h"
#include "tessera-sync.h"

G_BEGIN_DECLS

/**
 * TesseraSessionState:
 * @TESSERA_SESSION_EMPTY: the folder holds no vault yet (first run)
 * @TESSERA_SESSION_LOCKED: there is a vault and nobody has unlocked it
 * @TESSERA_SESSION_OPEN: store, vault, worker are there
 * @TESSERA_SESSION_JOINING: store and vault are there, but they are of a laptop that has not joined its organization yet,
 *   or to which nothing of it has come
 * @TESSERA_SESSION_ROTATING: the vault is unlocked, but its store is closed while it gets another key
 */
typedef enum {
  TESSERA_SESSION_EMPTY,
  TESSERA_SESSION_LOCKED,
  TESSERA_SESSION_OPEN,
  TESSERA_SESSION_JOINING,
  TESSERA_SESSION_ROTATING,
} TesseraSessionState;

#define TESSERA_TYPE_SESSION (tessera_session_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSession, tessera_session, TESSERA, SESSION, GObject)

/*
 * Signals:
 * TesseraSession::state-changed (self): locked, unlocked or created.
 * TesseraSession::locking (self): the store is about to close: write drafts down now, and take note of the place.
 * TesseraSession::progress (self, double fraction): of a rotation.
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
/** tessera_session_get_sync: (nullable) (transfer none): exchange with colleagues and partners; %NULL while locked, when
 * the vault has not joined its organization yet, and after tessera_session_refuse_exchange(). It comes and goes with
 * the store. */
TesseraSync *tessera_session_get_sync (TesseraSession *self);
/** tessera_session_refuse_exchange: before unlocking: nothing is sent or fetched by itself in this run. */
void tessera_session_refuse_exchange (TesseraSession *self);
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
/** tessera_session_get_unlockers: (transfer none) (element-type TesseraRecord): those of them who have a key slot here. */
GPtrArray *tessera_session_get_unlockers (TesseraSession *self);
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

/** tessera_session_create_joining_async: the same for a laptop called @device that is to join an organization: keys, and
 * nothing else; the session is joining then. Finish with tessera_session_create_finish(). */
void tessera_session_create_joining_async (TesseraSession *self, const char *device, const char *worker,
                                           const char *language, TesseraSecret *passphrase,
                                           GAsyncReadyCallback callback, gpointer user_data);

/** tessera_session_note_joined: the invitation was accepted: who works here is known, and exchange begins. */
gboolean tessera_session_note_joined (TesseraSession *self, GError **error);

/** tessera_session_enter: from joining to the desk. */
void tessera_session_enter (TesseraSession *self);

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

/**
 * tessera_session_keep_place:
 * @place: (transfer floating): where this worker is, and what is half-done there
 *
 * Kept in the store, not in memory: it may name people. Call it from a handler of TesseraSession::locking.
 */
void tessera_session_keep_place (TesseraSession *self, GVariant *place);

/** tessera_session_take_place: (transfer full) (nullable): where the worker who just unlocked was when this run of the
 * program was locked last; once. */
GVariant *tessera_session_take_place (TesseraSession *self, const GVariantType *type);

/**
 * tessera_session_lock_async:
 *
 * Emits TesseraSession::locking, lets go of the store, and says that the state has changed, all before it returns. What
 * may take a moment is done in a thread: long work is canceled (tessera_session_begin_work()), what waits to be
 * written is written, the store is closed and the keys are wiped. Then @callback runs.
 */
void tessera_session_lock_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data);
void tessera_session_lock_finish (TesseraSession *self, GAsyncResult *result);

/** tessera_session_lock: the same, and waits for the end: for leaving the program. */
void tessera_session_lock (TesseraSession *self);

/**
 * tessera_session_rotate_async:
 *
 * Closes the store as for locking, gives the vault another data key, and opens it again: the same worker is at the same
 * place. When the session locks meanwhile (or tessera_session_cancel_rotation()) the key stays as it was.
 */
void tessera_session_rotate_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean tessera_session_rotate_finish (TesseraSession *self, GAsyncResult *result, GError **error);
void tessera_session_cancel_rotation (TesseraSession *self);

/** tessera_session_get_work_factor: for passphrases that are made in this session. */
TesseraWorkFactor tessera_session_get_work_factor (TesseraSession *self);

/** tessera_session_move: goes on, locked, with the vault in @folder. */
void tessera_session_move (TesseraSession *self, const char *folder);

/**
 * tessera_session_begin_work:
 *
 * Says that another thread is going to use vault or store for a while: they stay until tessera_session_end_work().
 * Returns: (transfer full): canceled when the session locks, for the work to end soon
 */
GCancellable *tessera_session_begin_work (TesseraSession *self);
/** tessera_session_end_work: from any thread. @work: (transfer full) */
void tessera_session_end_work (TesseraSession *self, GCancellable *work);

G_END_DECLS
