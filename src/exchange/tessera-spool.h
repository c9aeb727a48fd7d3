/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-spool.h: bytes that wait until they are needed again, readable by nobody else.
 *
 * Small ones wait in memory; more go to an unnamed file, sealed (tessera-age.h) to a key that exists only in this
 * spool. When it is freed, or the program ends in any way, nothing of it is left that could be opened.
 */
#pragma once

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

typedef struct _TesseraSpool TesseraSpool;

/**
 * tessera_spool_new:
 * @folder: (nullable): where the unnamed file may be; %NULL keeps everything in memory
 * @memory: bytes that may wait in memory when there is a folder
 */
TesseraSpool *tessera_spool_new (const char *folder, gsize memory);

gboolean tessera_spool_write (TesseraSpool *self, gconstpointer data, gsize size, GError **error);

/** tessera_spool_get_size: bytes written to it. */
guint64 tessera_spool_get_size (TesseraSpool *self);

/** tessera_spool_get_memory: how many of them are in memory: all or none. */
gsize tessera_spool_get_memory (TesseraSpool *self);

/** tessera_spool_peek_memory: (transfer none) (nullable): those, until something is written or the spool is freed. */
const guint8 *tessera_spool_peek_memory (TesseraSpool *self);

/** tessera_spool_finish: nothing more will be written. */
gboolean tessera_spool_finish (TesseraSpool *self, GError **error);

/** tessera_spool_open: reads it from its beginning, after tessera_spool_finish(). Only one such stream may be in use, and
 * none after the spool is freed. Returns: (transfer full) (nullable) */
GInputStream *tessera_spool_open (TesseraSpool *self, GError **error);

void tessera_spool_free (TesseraSpool *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSpool, tessera_spool_free)

G_END_DECLS
