/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-file.h: small files in a vault's folder, whole or not at all.
 *
 * Reads, and replaces so that a crash leaves the old file or the new one. It does not look at what they say.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** tessera_vault_file_read: at most @limit bytes of @name in @folder. @error in the domain %G_FILE_ERROR. */
char *tessera_vault_file_read (const char *folder, const char *name, gsize limit, gsize *ret_size,
                               GError **error);

/** tessera_vault_file_replace: writes @name ".new", synchronizes, renames, synchronizes the folder. @error in
 * the domain %TESSERA_VAULT_ERROR. */
gboolean tessera_vault_file_replace (const char *folder, const char *name, const char *text, GError **error);

/** tessera_vault_file_sync_folder: makes creations, renames and removals in @folder durable. */
gboolean tessera_vault_file_sync_folder (const char *folder, GError **error);

/** tessera_vault_file_set_error: a %TESSERA_VAULT_ERROR from @code (errno) for something done to @path. */
void tessera_vault_file_set_error (GError **error, int code, const char *path);

G_END_DECLS
