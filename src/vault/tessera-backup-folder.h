/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-folder.h: the folder of a vault that is made from a backup.
 *
 * It is made under another name beside its place and gets its own when it is whole, so that a program killed meanwhile
 * leaves nothing that looks like a vault.
 */
#pragma once

#include "tessera-backup-file.h"

G_BEGIN_DECLS

/**
 * tessera_backup_folder_create:
 * @folder: does not exist, or is empty
 *
 * Begins to make a vault: makes the folder @folder with ".new" behind its name, replacing one that was left by a restore
 * that was killed, with the key file in it. Unlock it there.
 * Returns: (transfer full): its name
 */
char *tessera_backup_folder_create (TesseraBackupFile *file, const char *folder, GError **error);

/** tessera_backup_folder_begin_store: (transfer full): the empty database to be the store of @vault, which was unlocked in
 * that folder; close it with sqlite3_close(). */
sqlite3 *tessera_backup_folder_begin_store (TesseraVault *vault, GError **error);

/** tessera_backup_folder_finish_store: from now on it is the store. */
gboolean tessera_backup_folder_finish_store (TesseraVault *vault, GError **error);

/** tessera_backup_folder_finish: gives the folder, whose vault is closed, the name @folder. */
gboolean tessera_backup_folder_finish (const char *folder_new, const char *folder, GError **error);

/** tessera_backup_folder_remove: after a failure; nothing but what restoring puts there is removed. */
void tessera_backup_folder_remove (const char *folder_new);

G_END_DECLS
