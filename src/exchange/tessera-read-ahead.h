/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-read-ahead.h: a stream read by a thread of its own, so that opening what comes next goes on while what came
 * last is being used.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TesseraReadAhead TesseraReadAhead;

/** tessera_read_ahead_new: @input is not to be used by anybody else until this is freed. Returns: (transfer full) */
TesseraReadAhead *tessera_read_ahead_new (GInputStream *input);

/**
 * tessera_read_ahead_next:
 * @ret_data: (out) (transfer none): valid until the next call
 * @ret_size: (out): its bytes; 0 at the end
 *
 * %FALSE with the stream's error, after all that was read before it.
 */
gboolean tessera_read_ahead_next (TesseraReadAhead *self, const guint8 **ret_data, gsize *ret_size, GError **error);

void tessera_read_ahead_free (TesseraReadAhead *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraReadAhead, tessera_read_ahead_free)

G_END_DECLS
