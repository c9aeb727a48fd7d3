/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-outbox.h: a file that appears in a folder complete and on the disk, or not at all.
 *
 * It is written under a temporary name, because a bundle's name is only known when its last byte is. It knows nothing
 * of bundles, and does not say to the store that the file exists: do that after tessera_outbox_commit().
 */
#pragma once

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

/**
 * tessera_outbox_begin:
 * @folder: must be there: a stick that is not plugged in is not to be replaced by a folder of its name
 *
 * A new file (mode 0600) to be written from its beginning. If the stream is freed without tessera_outbox_commit(), the
 * file is removed; what a crash leaves behind is removed by a later call.
 *
 * Returns: (transfer full) (nullable)
 */
GOutputStream *tessera_outbox_begin (const char *folder, GError **error);

/**
 * tessera_outbox_commit:
 * @stream: of tessera_outbox_begin(); is closed
 * @name: base name; a file that has it is replaced
 *
 * Syncs the file, gives it its name, syncs the folder. When this returns %TRUE the file survives a power cut.
 */
gboolean tessera_outbox_commit (GOutputStream *stream, const char *name, GError **error);

/** tessera_outbox_get_size: bytes written so far. */
gint64 tessera_outbox_get_size (GOutputStream *stream);

G_END_DECLS
