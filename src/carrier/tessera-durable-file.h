/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-durable-file.h: one file written to a place that a person chose, wholly or not at all.
 *
 * For exports ("save as"). Files of a carrier have their own rules: see tessera-folder-carrier.h.
 */
#pragma once

#include "tessera-carrier-error.h"

G_BEGIN_DECLS

/**
 * tessera_carrier_write_file:
 * @path: where to; its folder must exist
 * @bytes: the whole file
 *
 * Writes to a temporary name in the same folder, brings it to the disk, and gives it its name, so that @path
 * is never half a file, whatever happens. An ordinary file that is there already is replaced (the person was
 * asked); a link, a device or a folder is refused. Only the user may read the file.
 */
gboolean tessera_carrier_write_file (const char *path, GBytes *bytes, GError **error);

G_END_DECLS
