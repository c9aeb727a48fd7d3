/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-private.h: what the parts of backing up and restoring share.
 */
#pragma once

#include "tessera-backup-file.h"
#include "tessera-backup.h"
#include "tessera-database-copy.h"
#include "tessera-relay.h"

G_BEGIN_DECLS

/* One backup, restore or verification at work: whom it tells how far it is, and who may stop it. */
typedef struct {
  TesseraStore *store;        /* nullable: of a restore */
  GCancellable *cancellable;  /* nullable */
  TesseraBackupProgressFunc progress; /* nullable */
  gpointer progress_data;
  TesseraRelay *relay;        /* nullable: instead of @progress */
  TesseraBackupFile *file;    /* nullable: what is being written, so that it reaches the disk little by little */
  guint64 flushed;            /* pages */
  TesseraBackupStage stage;
  GError *stopped;            /* why it was stopped */
} TesseraBackupWork;

/** tessera_backup_work_go_on: a #TesseraCopyFunc on a #TesseraBackupWork. */
gboolean tessera_backup_work_go_on (guint64 done, guint64 total, gpointer work);

/** tessera_backup_work_check: reads every page of @database and lets SQLite check its structures; *@ret_code is what was
 * wrong, SQLITE_OK if it was stopped. */
gboolean tessera_backup_work_check (TesseraBackupWork *self, sqlite3 *database, int *ret_code);

/** tessera_backup_work_verify: the same for a finished backup of the work's store, with sentences; @expected_head:
 * (nullable): the audit must end with it; without it, the store's audit must go on from where the backup's ends. */
gboolean tessera_backup_work_verify (TesseraBackupWork *self, const char *path, const char *expected_head,
                                     GError **error);

/** tessera_backup_write: @is_local: in the vault's own folder, over whatever is there. */
TesseraBackup *tessera_backup_write (TesseraBackupWork *work, const char *path, TesseraBackupFlags flags,
                                     gboolean is_local, GError **error);

/** tessera_backup_describe: (transfer full): @file as the facts about it. */
TesseraBackup *tessera_backup_describe (TesseraBackupFile *file, const char *path, const char *folder);

/** tessera_backup_record: (transfer none): remembers a backup that a person made. */
gboolean tessera_backup_record (TesseraTransaction *transaction, const TesseraBackup *backup, GError **error);

/** tessera_backup_list: (transfer full): the backups in @folder, a vault's, newest first. */
GPtrArray *tessera_backup_list (const char *folder);

/** tessera_backup_list_paths: (transfer full) (element-type filename): everything there that has the name of one. */
GPtrArray *tessera_backup_list_paths (const char *folder);

/** tessera_backup_get_number: a setting that is a number. */
guint tessera_backup_get_number (TesseraTransaction *transaction, const char *setting, guint fallback);

/** tessera_backup_choose: which of @names (newest first, beginning with dates) are no longer kept.
 * Returns: (transfer container): some of @names */
GPtrArray *tessera_backup_choose (GPtrArray *names, guint daily, guint weekly, guint monthly);

G_END_DECLS
