/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-restore.c: a vault made from a backup.
 *
 * It is made and checked under another name and gets its own last. It goes on as the device it was, in a new stream of
 * changes: the store that was backed up may have gone on and given the next numbers to other changes.
 */
#include "config.h"

#include "tessera-backup-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-backup-folder.h"
#include "tessera-connection.h"
#include "tessera-erased-list.h"

#define SETTING_RESTORED "restored"

/* ---- filling the store ---- */

static gboolean
copy_out (TesseraBackupWork *work, TesseraBackupFile *file, TesseraVault *vault, sqlite3 *from, GError **error) {
  sqlite3 *to = tessera_backup_folder_begin_store (vault, error);
  int rc;

  if (!to)
    return FALSE;
  rc = tessera_database_copy (from, to, tessera_backup_work_go_on, work);
  if (work->stopped)
    g_propagate_error (error, g_steal_pointer (&work->stopped));
  else if (rc == SQLITE_IOERR_DATA || (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
    tessera_backup_file_set_error (file, error, from, rc);
  else if (rc != SQLITE_OK)
    tessera_vault_set_sqlite_error (error, to, rc);
  sqlite3_close (to);
  return rc == SQLITE_OK;
}

static gboolean
fill_store (TesseraBackupWork *work, TesseraBackupFile *file, TesseraVault *vault, GError **error) {
  sqlite3 *from = tessera_backup_file_read (file, vault, error);
  gboolean done;

  if (!from)
    return FALSE;
  work->stage = TESSERA_BACKUP_STAGE_COPY;
  done = copy_out (work, file, vault, from, error);
  sqlite3_close (from);
  return done && tessera_backup_folder_finish_store (vault, error);
}

static gboolean
check_store (TesseraBackupWork *work, TesseraBackupFile *file, TesseraVault *vault, GError **error) {
  sqlite3 *database = tessera_vault_open_database (vault, FALSE, error);
  gboolean whole;
  int rc;

  if (!database)
    return FALSE;
  work->stage = TESSERA_BACKUP_STAGE_VERIFY;
  whole = tessera_backup_work_check (work, database, &rc);
  if (work->stopped)
    g_propagate_error (error, g_steal_pointer (&work->stopped));
  else if (!whole)
    tessera_backup_file_set_error (file, error, database, rc);
  sqlite3_close_v2 (database);
  return whole;
}

/* ---- what it remembers of it ---- */

typedef struct {
  const TesseraBackup *backup;
  GPtrArray *lists;    /* texts of tessera_erased_list_load() */
  guint n_erased;
} Note;

/* Before anybody can look at it. */
static gboolean
erase_again (TesseraTransaction *transaction, Note *note, GError **error) {
  for (guint i = 0; i < note->lists->len; i++)
    if (!tessera_erased_list_apply (transaction, note->lists->pdata[i], &note->n_erased, error))
      return FALSE;
  return TRUE;
}

static gboolean
note_restore (TesseraTransaction *transaction, gpointer data, GError **error) {
  Note *note = data;
  const TesseraBackup *backup = note->backup;
  g_autofree char *now = g_strdup_printf ("%" PRId64, tessera_transaction_get_now (transaction));

  return tessera_transaction_verify_audit (transaction, NULL, error)
         && tessera_change_log_start_stream (transaction, error)
         && tessera_transaction_set_setting (transaction, SETTING_RESTORED, now, error)
         && tessera_backup_record (transaction, backup, error)
         && tessera_transaction_audit (transaction, "restore", NULL, NULL, backup->id, error)
         && erase_again (transaction, note, error);
}

static gboolean
add_list (GPtrArray *lists, const char *path, gboolean must_exist, GError **error) {
  GError *local_error = NULL;
  char *text = tessera_erased_list_load (path, &local_error);

  if (text) {
    g_ptr_array_add (lists, text);
    return TRUE;
  }
  if (!local_error && must_exist)
    g_set_error (&local_error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("There is no list of erased clients at “%s”; check the path."), path);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* The one that was named, the one beside the backup, and, for a backup in its vault's own folder, the vault's. */
static gboolean
find_lists (const TesseraRestore *restore, GPtrArray *lists, GError **error) {
  g_autofree char *beside = g_strconcat (restore->path, TESSERA_ERASED_SUFFIX, NULL);
  g_autofree char *folder = g_path_get_dirname (restore->path);
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *of_vault = g_build_filename (folder, "..", TESSERA_ERASED_LIST, NULL);

  return (!restore->erased || add_list (lists, restore->erased, TRUE, error))
         && add_list (lists, beside, FALSE, error)
         && (strcmp (name, TESSERA_BACKUP_FOLDER) != 0 || add_list (lists, of_vault, FALSE, error));
}

static gboolean
note_in_store (const TesseraRestore *restore, TesseraBackupFile *file, TesseraVault *vault, GError **error) {
  g_autoptr (TesseraStore) store = tessera_store_open (vault, restore->registry, error);
  g_autoptr (TesseraBackup) backup = NULL;
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_free);
  Note note = { .lists = lists };
  gboolean done;

  if (!store)
    return FALSE;
  note.backup = backup = tessera_backup_describe (file, restore->path, tessera_vault_get_folder (vault));
  done = find_lists (restore, lists, error) && tessera_store_write (store, note_restore, &note, error)
         && (note.n_erased == 0 || tessera_store_scrub (store, error));
  tessera_store_close (store);
  return done;
}

/* ---- the whole ---- */

static TesseraVault *
unlock (const TesseraRestore *restore, const char *folder, GError **error) {
  if (restore->recovery_key)
    return tessera_vault_unlock_with_recovery_key (folder, restore->recovery_key, error);
  return tessera_vault_unlock (folder, restore->worker, restore->passphrase, error);
}

static gboolean
make_vault (TesseraBackupWork *work, const TesseraRestore *restore, TesseraBackupFile *file, const char *folder_new,
            GError **error) {
  g_autoptr (TesseraVault) vault = unlock (restore, folder_new, error);
  gboolean done;

  if (!vault)
    return FALSE;
  done = fill_store (work, file, vault, error) && check_store (work, file, vault, error)
         && note_in_store (restore, file, vault, error);
  tessera_vault_close (vault);
  return done;
}

static gboolean
run (TesseraBackupWork *work, const TesseraRestore *restore, GError **error) {
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (restore->path, error);
  g_autofree char *folder_new = file ? tessera_backup_folder_create (file, restore->folder, error) : NULL;

  if (!folder_new)
    return FALSE;
  if (make_vault (work, restore, file, folder_new, error)
      && tessera_backup_folder_finish (folder_new, restore->folder, error))
    return TRUE;
  tessera_backup_folder_remove (folder_new);
  return FALSE;
}

gboolean
tessera_backup_restore (const TesseraRestore *restore, TesseraBackupProgressFunc progress, gpointer progress_data,
                        GCancellable *cancellable, GError **error) {
  TesseraBackupWork work = { .cancellable = cancellable, .progress = progress, .progress_data = progress_data };

  g_return_val_if_fail ((restore->passphrase == NULL) != (restore->recovery_key == NULL), FALSE);
  return run (&work, restore, error);
}

/* ---- in a thread ---- */

typedef struct {
  TesseraRestore restore;
  TesseraBackupProgressFunc progress;
  gpointer progress_data;
  TesseraRelay *relay;
} Order;

static void
order_free (gpointer pointer) {
  Order *order = pointer;

  g_free ((char *) order->restore.path);
  g_free ((char *) order->restore.folder);
  g_free ((char *) order->restore.worker);
  g_free ((char *) order->restore.erased);
  g_clear_pointer ((TesseraSecret **) &order->restore.passphrase, tessera_secret_free);
  g_clear_pointer ((TesseraSecret **) &order->restore.recovery_key, tessera_secret_free);
  g_clear_object (&order->restore.registry);
  g_clear_pointer (&order->relay, tessera_relay_unref);
  g_free (order);
}

static void
relay_progress (const char *what, int number, guint64 done, guint64 total, gpointer data) {
  Order *order = data;

  order->progress ((TesseraBackupStage) number, done, total, order->progress_data);
}

static void
run_restore (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Order *order = data;
  TesseraBackupWork work = { .cancellable = cancellable, .relay = order->relay };
  GError *error = NULL;

  if (run (&work, &order->restore, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
tessera_backup_restore_async (const TesseraRestore *restore, TesseraBackupProgressFunc progress, gpointer progress_data,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Order *order = g_new0 (Order, 1);

  g_return_if_fail ((restore->passphrase == NULL) != (restore->recovery_key == NULL));
  order->restore.path = g_strdup (restore->path);
  order->restore.folder = g_strdup (restore->folder);
  order->restore.worker = g_strdup (restore->worker);
  order->restore.erased = g_strdup (restore->erased);
  order->restore.passphrase = restore->passphrase ? tessera_secret_copy (restore->passphrase) : NULL;
  order->restore.recovery_key = restore->recovery_key ? tessera_secret_copy (restore->recovery_key) : NULL;
  order->restore.registry = g_object_ref (restore->registry);
  order->progress = progress;
  order->progress_data = progress_data;
  if (progress)
    order->relay = tessera_relay_new (relay_progress, order);
  g_task_set_source_tag (task, tessera_backup_restore_async);
  g_task_set_task_data (task, order, order_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_restore);
}

gboolean
tessera_backup_restore_finish (GAsyncResult *result, GError **error) {
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
