/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-file.h: the one file that a backup is.
 *
 * Its head, with the key file of the vault, and the database behind it, to be filled or read. It does not copy by itself,
 * and of tables it knows nothing. The format is specified in docs/vault-format.md.
 */
#pragma once

#include "tessera-vault.h"

G_BEGIN_DECLS

/** TESSERA_BACKUP_HEAD_BYTES: what stands before the database in the file. */
#define TESSERA_BACKUP_HEAD_BYTES (33 * 4096)

/**
 * TesseraBackupFile:
 *
 * One backup, being written or to be read. Used by one thread at a time.
 */
typedef struct _TesseraBackupFile TesseraBackupFile;

/**
 * tessera_backup_file_create:
 * @vault: unlocked, for as long as this lives
 * @path: must not exist
 * @created: milliseconds since 1970, UTC
 *
 * Makes an empty file with a fresh id, for nobody but its owner to read.
 */
TesseraBackupFile *tessera_backup_file_create (TesseraVault *vault, const char *path, gint64 created, GError **error);

/** tessera_backup_file_open: reads the head of an existing one, and checks what can be checked without a key. */
TesseraBackupFile *tessera_backup_file_open (const char *path, GError **error);

/** tessera_backup_file_is_unfinished: whether @path is a file that tessera_backup_file_create() made and nobody finished. */
gboolean tessera_backup_file_is_unfinished (const char *path);

/** tessera_backup_file_free: (nullable): its database must be closed. */
void tessera_backup_file_free (TesseraBackupFile *self);

/** tessera_backup_file_get_id: 32 hexadecimal digits. */
const char *tessera_backup_file_get_id (TesseraBackupFile *self);
/** tessera_backup_file_get_vault: 32 hexadecimal digits: the id of the vault it is of. */
const char *tessera_backup_file_get_vault (TesseraBackupFile *self);
/** tessera_backup_file_get_created: milliseconds since 1970, UTC. */
gint64 tessera_backup_file_get_created (TesseraBackupFile *self);
/** tessera_backup_file_get_size: bytes; 0 until it is finished. */
guint64 tessera_backup_file_get_size (TesseraBackupFile *self);
/** tessera_backup_file_count_workers: how many can open it with a passphrase. */
guint tessera_backup_file_count_workers (TesseraBackupFile *self);

/** tessera_backup_file_get_keys: (transfer full): the text of the key file in one that is read. */
char *tessera_backup_file_get_keys (TesseraBackupFile *self);

/** tessera_backup_file_begin: (transfer full): the empty database of a backup being made; close it with
 * sqlite3_close() before finishing. */
sqlite3 *tessera_backup_file_begin (TesseraBackupFile *self, GError **error);

/** tessera_backup_file_flush: waits until what was written so far is on the disk; to be called now and then, so that the
 * end does not take long. Whether it worked shows when it is finished. */
void tessera_backup_file_flush (TesseraBackupFile *self);

/** tessera_backup_file_finish: writes the head, without which the file is no backup, and waits for the disk. */
gboolean tessera_backup_file_finish (TesseraBackupFile *self, GError **error);

/** tessera_backup_file_opens_with: whether it was made under the data key that @vault has now. */
gboolean tessera_backup_file_opens_with (TesseraBackupFile *self, TesseraVault *vault);

/**
 * tessera_backup_file_read:
 * @vault: one that has its data key: the vault it is of, or one made from it
 *
 * Returns: (transfer full): the database, for reading; close it with sqlite3_close() before this is freed
 */
sqlite3 *tessera_backup_file_read (TesseraBackupFile *self, TesseraVault *vault, GError **error);

/**
 * tessera_backup_file_set_error:
 * @code: of SQLite, of a call on @database
 *
 * Says in a %TESSERA_VAULT_ERROR what went wrong with a database given out by this, and what to do.
 */
void tessera_backup_file_set_error (TesseraBackupFile *self, GError **error, sqlite3 *database, int code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBackupFile, tessera_backup_file_free)

G_END_DECLS
