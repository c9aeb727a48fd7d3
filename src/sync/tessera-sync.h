/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync.h: exchange by itself, as long as a vault is open.
 *
 * Visits the carriers one after the other in a thread of its own: at the start, when a line or a stick appears, soon
 * after something was saved, every so often, and when a person asks. The main loop never waits. Everything here is
 * called, and every signal comes, in the thread that made the object.
 */
#pragma once

#include "tessera-post-office.h"

G_BEGIN_DECLS

/**
 * TesseraSyncState: of one carrier.
 * @TESSERA_SYNC_IDLE: nothing to do now
 * @TESSERA_SYNC_WORKING: being visited
 * @TESSERA_SYNC_WAITING: it did not go, or may not go on this line; it will be tried again by itself
 * @TESSERA_SYNC_NEEDS_ATTENTION: it did not go, and a person has to do something
 * @TESSERA_SYNC_PAUSED: a person said so
 */
typedef enum {
  TESSERA_SYNC_IDLE,
  TESSERA_SYNC_WORKING,
  TESSERA_SYNC_WAITING,
  TESSERA_SYNC_NEEDS_ATTENTION,
  TESSERA_SYNC_PAUSED,
} TesseraSyncState;

/**
 * TesseraSyncStatus:
 * @sentence: what is going on, or why not, for people
 * @next_try: when, in milliseconds; 0 when not by itself
 * @succeeded_at: last whole exchange; 0 for none
 */
typedef struct {
  char *name;
  TesseraCarrierKind kind;
  TesseraSyncState state;
  char *sentence;
  gint64 next_try;
  gint64 succeeded_at;
} TesseraSyncStatus;

void tessera_sync_status_free (TesseraSyncStatus *self);

#define TESSERA_TYPE_SYNC (tessera_sync_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSync, tessera_sync, TESSERA, SYNC, GObject)

/** tessera_sync_new: does nothing until it is started or asked. */
TesseraSync *tessera_sync_new (TesseraStore *store);

/** tessera_sync_start: from now on by itself. */
void tessera_sync_start (TesseraSync *self);

/** tessera_sync_stop: no more by itself, and what goes on is cut off; before the vault is locked. Does not wait:
 * closing the store does. */
void tessera_sync_stop (TesseraSync *self);

/** tessera_sync_cancel: cuts off what goes on; the next visit goes on with it. */
void tessera_sync_cancel (TesseraSync *self);

/**
 * tessera_sync_now_async:
 * @carrier: (nullable): only this one; all that are not paused
 *
 * A person asks: whatever was waited for, and on any line.
 */
void tessera_sync_now_async (TesseraSync *self, const char *carrier, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);

/** tessera_sync_now_finish: (transfer full) (element-type TesseraPostVisit): one for each carrier; failures are theirs. */
GPtrArray *tessera_sync_now_finish (TesseraSync *self, GAsyncResult *result, GError **error);

/** tessera_sync_list_status: (transfer full) (element-type TesseraSyncStatus): of every carrier, by name. */
GPtrArray *tessera_sync_list_status (TesseraSync *self);

/** tessera_sync_get_progress: %FALSE when nothing goes on. @ret_carrier: (out) (transfer none) */
gboolean tessera_sync_get_progress (TesseraSync *self, const char **ret_carrier, TesseraPostProgress *ret_progress);

gboolean tessera_sync_get_online (TesseraSync *self);
gint64 tessera_sync_get_waiting (TesseraSync *self);
gint64 tessera_sync_get_on_the_way (TesseraSync *self);
gint64 tessera_sync_get_last_success (TesseraSync *self);

/*
 * Properties (notify): "online" (gboolean), "working" (gboolean), "waiting", "on-the-way", "last-success" (gint64).
 * TesseraSync::changed: (TesseraSync *self): tessera_sync_list_status() has something new to tell
 * TesseraSync::progress: (TesseraSync *self): tessera_sync_get_progress() has; at most ten times a second
 * TesseraSync::visited: (TesseraSync *self, gpointer visit): a #TesseraPostVisit ended, valid during the signal
 */

G_END_DECLS
