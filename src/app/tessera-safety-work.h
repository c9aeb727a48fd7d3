/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-safety-work.h: who can unlock the vault, changed in a thread, because keys are slow on purpose.
 *
 * The rules are those of vault and store. No widgets here.
 */
#pragma once

#include "tessera-session.h"

G_BEGIN_DECLS

/**
 * tessera_safety_change_passphrase_async:
 * @present: (transfer full): is asked for again, because the desk may be somebody else's
 * @fresh: (transfer full)
 *
 * Of the worker who is signed in.
 */
void tessera_safety_change_passphrase_async (TesseraSession *session, TesseraSecret *present, TesseraSecret *fresh,
                                             GAsyncReadyCallback callback, gpointer user_data);

/** tessera_safety_add_worker_async: @role: a code; @passphrase: (transfer full): the new worker's. */
void tessera_safety_add_worker_async (TesseraSession *session, const char *name, const char *role,
                                      const char *language, TesseraSecret *passphrase, GAsyncReadyCallback callback,
                                      gpointer user_data);

/** tessera_safety_remove_worker_async: takes the slot of the worker of that @name; what they wrote stays theirs. */
void tessera_safety_remove_worker_async (TesseraSession *session, const char *name, GAsyncReadyCallback callback,
                                         gpointer user_data);

/** tessera_safety_finish: for all of them. */
gboolean tessera_safety_finish (TesseraSession *session, GAsyncResult *result, GError **error);

G_END_DECLS
