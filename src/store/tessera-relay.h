/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-relay.h: brings news of long work from its thread to the main context of whoever asked for it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** TesseraRelayFunc: @what is the code of the part or stage at work. */
typedef void (*TesseraRelayFunc) (const char *what, int number, guint64 done, guint64 total, gpointer data);

typedef struct _TesseraRelay TesseraRelay;

/** tessera_relay_new: @func will run in the thread-default main context of the calling thread. */
TesseraRelay *tessera_relay_new (TesseraRelayFunc func, gpointer data);

/** tessera_relay_tell: from any one thread; @what: (nullable): a static string. What comes too soon after the last is
 * dropped, unless it is the end or another part. */
void tessera_relay_tell (TesseraRelay *self, const char *what, int number, guint64 done, guint64 total);

void tessera_relay_unref (TesseraRelay *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraRelay, tessera_relay_unref)

G_END_DECLS
