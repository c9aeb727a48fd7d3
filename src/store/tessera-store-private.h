/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-store-private.h: work that takes long and has a connection of its own, beside the store's two threads.
 *
 * Closing the store (that is, locking it) stops such work and waits for it, so that no key is in use when the vault is
 * closed.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * tessera_store_begin_long:
 *
 * Every call that returns %TRUE is followed by tessera_store_end_long() in any thread.
 */
gboolean tessera_store_begin_long (TesseraStore *self, GError **error);
void tessera_store_end_long (TesseraStore *self);

/** tessera_store_should_stop: sets %TESSERA_STORE_ERROR_CLOSED when the store is being closed, %G_IO_ERROR_CANCELLED when
 * @cancellable (nullable) is; to be asked several times a second. */
gboolean tessera_store_should_stop (TesseraStore *self, GCancellable *cancellable, GError **error);

/** tessera_store_begin_backup: the same for a backup, of which there is one at a time. */
gboolean tessera_store_begin_backup (TesseraStore *self, GError **error);
void tessera_store_end_backup (TesseraStore *self);

G_END_DECLS
