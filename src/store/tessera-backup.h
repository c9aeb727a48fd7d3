/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup.h: copies of the whole store in one encrypted file, and vaults made from them again.
 *
 * A backup is made while the store is worked on, and shows it as it was at one moment. It opens with the passphrases
 * and the recovery key that opened the vault at that moment. The file is specified in docs/vault-format.md. Which
 * carrier a backup goes to, and who takes it home, is no matter of this file.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/** TESSERA_BACKUP_SUFFIX: what names of backups end with. */
#define TESSERA_BACKUP_SUFFIX ".tessera-backup"

/** TESSERA_BACKUP_FOLDER: the folder inside a vault in which it keeps its own backups. */
#define TESSERA_BACKUP_FOLDER "backups"

/**
 * Settings (tessera_transaction_set_setting()); each is a decimal number and has the value given when it is missing or
 * makes no sense.
 */
#define TESSERA_BACKUP_SETTING_REMIND "backup.remind_days" /* days until the reminder, 0 for never; 7 */
#define TESSERA_BACKUP_SETTING_DAILY "backup.keep_daily"   /* backups kept in the vault: of days; 7; 0: make none */
#define TESSERA_BACKUP_SETTING_WEEKLY "backup.keep_weekly" /* … of weeks; 4 */
#define TESSERA_BACKUP_SETTING_MONTHLY "backup.keep_monthly" /* … of months; 6 */

/**
 * TesseraBackupStage:
 * @TESSERA_BACKUP_STAGE_COPY: pages are copied
 * @TESSERA_BACKUP_STAGE_VERIFY: what was written is read again and checked
 */
typedef enum {
  TESSERA_BACKUP_STAGE_COPY,
  TESSERA_BACKUP_STAGE_VERIFY,
} TesseraBackupStage;

/**
 * TesseraBackupProgressFunc:
 * @done: of @total pages, in this stage; both stages have the same total
 *
 * Of a call that waits it runs in the calling thread, of an `_async` one in the caller's thread-default main context,
 * at most ten times a second, and never after the callback.
 */
typedef void (*TesseraBackupProgressFunc) (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data);

/**
 * TesseraBackupFlags:
 * @TESSERA_BACKUP_OVERWRITE: a file of that name may be replaced whatever it is; without it only an older backup of the
 * same vault is
 */
typedef enum {
  TESSERA_BACKUP_NONE = 0,
  TESSERA_BACKUP_OVERWRITE = 1 << 0,
} TesseraBackupFlags;

#define TESSERA_TYPE_BACKUP (tessera_backup_get_type ())

/**
 * TesseraBackup:
 * @path: of the file
 * @id: 32 hexadecimal digits, random
 * @vault: 32 hexadecimal digits: the vault it is of
 * @created: milliseconds since 1970, UTC
 * @size: bytes
 * @n_workers: how many workers can open it
 * @is_elsewhere: whether, when it was made, it lay on another disk than the vault; only such a backup is one when the
 * disk fails or the computer is stolen
 *
 * What is known of one backup.
 */
typedef struct {
  char *path;
  char *id;
  char *vault;
  gint64 created;
  guint64 size;
  guint n_workers;
  gboolean is_elsewhere;
} TesseraBackup;

GType tessera_backup_get_type (void);
TesseraBackup *tessera_backup_copy (const TesseraBackup *self);
void tessera_backup_free (TesseraBackup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBackup, tessera_backup_free)

/**
 * tessera_backup_inspect:
 *
 * What a file says of itself without any passphrase (@is_elsewhere is %FALSE). Nothing of it is proven before it is
 * opened. Fails with %TESSERA_VAULT_ERROR_FOREIGN if it is no backup, %TESSERA_VAULT_ERROR_TOO_NEW,
 * %TESSERA_VAULT_ERROR_DAMAGED.
 * Returns: (transfer full)
 */
TesseraBackup *tessera_backup_inspect (const char *path, GError **error);

/** tessera_backup_suggest_name: (transfer full): a file name for a backup made now, with the local date. */
char *tessera_backup_suggest_name (void);

/**
 * tessera_store_backup:
 * @path: the file to be; not inside the vault
 * @progress: (nullable)
 *
 * Copies the store as it is now, with its key file, to one file, reads it again, every page and every table, and only
 * then gives it its name: at any moment @path is what it was or the new backup, whole. Reading and writing the store go
 * on meanwhile. A backup is entered in the audit.
 *
 * Errors are %TESSERA_VAULT_ERROR (full, read-only, damaged, exists: something else has that name, invalid: a folder, or
 * inside the vault), %TESSERA_STORE_ERROR_CLOSED (also when the store is closed meanwhile) and %G_IO_ERROR_CANCELLED;
 * after each there is no trace of it.
 * Returns: (transfer full)
 */
TesseraBackup *tessera_store_backup (TesseraStore *self, const char *path, TesseraBackupFlags flags,
                                     TesseraBackupProgressFunc progress, gpointer progress_data,
                                     GCancellable *cancellable, GError **error);

/** tessera_store_backup_async: the same on a thread of its own. */
void tessera_store_backup_async (TesseraStore *self, const char *path, TesseraBackupFlags flags,
                                 TesseraBackupProgressFunc progress, gpointer progress_data,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
TesseraBackup *tessera_store_backup_finish (TesseraStore *self, GAsyncResult *result, GError **error);

/**
 * tessera_store_backup_if_due:
 * @ret_made: (out) (optional): whether there was one to make
 *
 * Makes today's backup in the vault's own folder if there is none yet under the present data key, and then removes those
 * that the rule of docs/vault-format.md no longer keeps, and those made under an earlier data key. After an erasure, here
 * or by a colleague, it is always made, and all others in the folder go. To be called after unlocking, after the data key
 * was changed, after an erasure, and now and then.
 */
gboolean tessera_store_backup_if_due (TesseraStore *self, gboolean *ret_made, GCancellable *cancellable,
                                      GError **error);
void tessera_store_backup_if_due_async (TesseraStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean tessera_store_backup_if_due_finish (TesseraStore *self, GAsyncResult *result, gboolean *ret_made,
                                             GError **error);

/** tessera_store_list_backups: (transfer full) (element-type TesseraBackup): those in the vault's own folder, newest
 * first; files there that are no backups are left out. */
GPtrArray *tessera_store_list_backups (TesseraStore *self);

/**
 * TesseraBackupState:
 * @outside: (nullable): the last one that a person made
 * @elsewhere: (nullable): the last of those on another disk than the vault
 * @local: (nullable): the newest in the vault's own folder
 * @is_reminder_due: @elsewhere is older than the setting says, or there is none although there is something to lose
 * @days: whole days since @elsewhere was made, or, without one, since the first entry in the audit
 *
 * How the vault stands. Backups on the disk of the vault do not count for the reminder: they go when it goes.
 */
typedef struct {
  TesseraBackup *outside;
  TesseraBackup *elsewhere;
  TesseraBackup *local;
  gboolean is_reminder_due;
  guint days;
} TesseraBackupState;

/** tessera_transaction_get_backup_state: (transfer full): may be called from any #TesseraStoreFunc. */
TesseraBackupState *tessera_transaction_get_backup_state (TesseraTransaction *self);

/** tessera_store_get_last_backup: (transfer full): the same, waiting for it; for the command line. */
TesseraBackupState *tessera_store_get_last_backup (TesseraStore *self, GError **error);

void tessera_backup_state_free (TesseraBackupState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraBackupState, tessera_backup_state_free)

/**
 * tessera_store_verify_backup:
 *
 * Reads every page and table of a backup of this vault, of any age, with the key of the open vault, and looks whether
 * the vault's audit goes on from where the backup's ends: if not, the vault was set back (%TESSERA_VAULT_ERROR_DAMAGED).
 * Fails with %TESSERA_VAULT_ERROR_FOREIGN if it is another vault's or was made before the data key was changed: only restoring,
 * with the passphrase of that time, can tell whether it is whole.
 */
gboolean tessera_store_verify_backup (TesseraStore *self, const char *path, TesseraBackupProgressFunc progress,
                                      gpointer progress_data, GCancellable *cancellable, GError **error);

/**
 * TesseraRestore:
 * @path: the backup
 * @folder: of the vault to be; it does not exist or is empty
 * @worker: (nullable): whose passphrase it is, as for tessera_vault_unlock()
 * @passphrase: (nullable): one that opened the vault when the backup was made
 * @recovery_key: (nullable): or the recovery key, if @passphrase is %NULL
 * @registry: of this program
 * @erased: (nullable): a list of what was erased since (a vault's file `erased`), besides one that lies beside the backup
 *
 * What restoring needs.
 */
typedef struct {
  const char *path;
  const char *folder;
  const char *worker;
  const TesseraSecret *passphrase;
  const TesseraSecret *recovery_key;
  TesseraRegistry *registry;
  const char *erased;
} TesseraRestore;

/**
 * tessera_backup_restore:
 *
 * Makes a vault from a backup, under another name beside @folder, checks it, and only then gives it its name; whatever
 * happens before, there is nothing at @folder. The vault opens with the passphrases of the backup. It goes on as the same
 * device, but numbers its changes in a new stream, because the store the backup was made of may have gone on; that it
 * was restored is in its audit and in its setting "restored" (milliseconds). Clients that the lists name as erased since
 * are erased before anybody can see them.
 */
gboolean tessera_backup_restore (const TesseraRestore *restore, TesseraBackupProgressFunc progress,
                                 gpointer progress_data, GCancellable *cancellable, GError **error);
void tessera_backup_restore_async (const TesseraRestore *restore, TesseraBackupProgressFunc progress,
                                   gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean tessera_backup_restore_finish (GAsyncResult *result, GError **error);

G_END_DECLS
