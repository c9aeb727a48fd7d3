/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup.c: making one backup.
 *
 * The copy is taken in a read transaction of its own, so that it is the store of one moment however much is written
 * meanwhile, and goes to a file with ".new" behind its name, which gets its name only when all of it was read again.
 */
#include "config.h"

#include "tessera-backup-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tessera-identifier.h"
#include "tessera-store-private.h"
#include "tessera-vault-file.h"

#define STEPS_BETWEEN_QUESTIONS 10000

/* A slow disk must not keep somebody from locking the vault for longer than it needs for these. */
#define PAGES_BETWEEN_FLUSHES 2048

G_DEFINE_BOXED_TYPE (TesseraBackup, tessera_backup, tessera_backup_copy, tessera_backup_free)

TesseraBackup *
tessera_backup_copy (const TesseraBackup *self) {
  TesseraBackup *copy = g_memdup2 (self, sizeof *self);

  copy->path = g_strdup (self->path);
  copy->id = g_strdup (self->id);
  copy->vault = g_strdup (self->vault);
  return copy;
}

void
tessera_backup_free (TesseraBackup *self) {
  if (!self)
    return;
  g_free (self->path);
  g_free (self->id);
  g_free (self->vault);
  g_free (self);
}

/* ---- telling and stopping ---- */

static gboolean
is_stopped (TesseraBackupWork *self) {
  if (self->stopped)
    return TRUE;
  if (self->store)
    return tessera_store_should_stop (self->store, self->cancellable, &self->stopped);
  return g_cancellable_set_error_if_cancelled (self->cancellable, &self->stopped);
}

gboolean
tessera_backup_work_go_on (guint64 done, guint64 total, gpointer work) {
  TesseraBackupWork *self = work;

  if (self->relay)
    tessera_relay_tell (self->relay, NULL, (int) self->stage, done, total);
  else if (self->progress)
    self->progress (self->stage, done, total, self->progress_data);
  if (self->file && done >= self->flushed + PAGES_BETWEEN_FLUSHES) {
    tessera_backup_file_flush (self->file);
    self->flushed = done;
  }
  return !is_stopped (self);
}

/* Called by SQLite every so often while it works. */
static int
interrupt (gpointer work) {
  return is_stopped (work);
}

/* ---- verifying ---- */

static char *
query_text (sqlite3 *database, const char *sql, int *ret_code) {
  sqlite3_stmt *statement = NULL;
  char *text = NULL;

  *ret_code = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);
  if (*ret_code == SQLITE_OK) {
    *ret_code = sqlite3_step (statement);
    if (*ret_code == SQLITE_ROW)
      text = g_strdup ((const char *) sqlite3_column_text (statement, 0));
    if (*ret_code == SQLITE_ROW || *ret_code == SQLITE_DONE)
      *ret_code = SQLITE_OK;
  }
  sqlite3_finalize (statement);
  return text;
}

/* Number and hash of the last entry, or "" without one. */
static char *
read_audit_head (sqlite3 *database, int *ret_code) {
  return query_text (database, "SELECT coalesce ((SELECT number || ' ' || hex (hash) FROM audit ORDER BY number DESC"
                               " LIMIT 1), '')", ret_code);
}

gboolean
tessera_backup_work_check (TesseraBackupWork *self, sqlite3 *database, int *ret_code) {
  g_autofree char *found = NULL;

  *ret_code = tessera_database_read_all (database, tessera_backup_work_go_on, self);
  if (*ret_code == SQLITE_OK) {
    sqlite3_progress_handler (database, STEPS_BETWEEN_QUESTIONS, interrupt, self);
    found = query_text (database, "PRAGMA integrity_check (1)", ret_code);
    sqlite3_progress_handler (database, 0, NULL, NULL);
    if (*ret_code == SQLITE_OK && g_strcmp0 (found, "ok") != 0)
      *ret_code = SQLITE_CORRUPT;
  }
  if (self->stopped)
    *ret_code = SQLITE_OK;
  return *ret_code == SQLITE_OK && !self->stopped;
}

typedef struct {
  const char *head;
  gboolean found;
} AuditQuestion;

static gboolean
find_audit_entry (TesseraTransaction *transaction, gpointer data, GError **error) {
  AuditQuestion *question = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM audit WHERE number = ?1 AND number || ' ' || hex (hash) = ?2", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, g_ascii_strtoll (question->head, NULL, 10));
  tessera_statement_bind_text (statement, 2, question->head);
  question->found = tessera_statement_step (statement, NULL);
  return TRUE;
}

/* Of a vault that was set back to an older copy, the backups made since know more than it does. */
static gboolean
check_goes_on (TesseraStore *store, const char *path, const char *head, GError **error) {
  AuditQuestion question = { head, *head == '\0' };
  g_autofree char *shown = g_filename_display_name (path);

  if (!question.found && !tessera_store_read (store, find_audit_entry, &question, error))
    return FALSE;
  if (question.found)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("“%s” is whole, but this vault does not go on from it: the vault was set back to an older copy, or "
                 "restored from one; compare the two."), shown);
  return FALSE;
}

gboolean
tessera_backup_work_verify (TesseraBackupWork *self, const char *path, const char *expected_head, GError **error) {
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, error);
  sqlite3 *database = file ? tessera_backup_file_read (file, tessera_store_get_vault (self->store), error) : NULL;
  g_autofree char *head = NULL;
  gboolean whole;
  int rc;

  if (!database)
    return FALSE;
  self->stage = TESSERA_BACKUP_STAGE_VERIFY;
  whole = tessera_backup_work_check (self, database, &rc);
  if (whole) {
    head = read_audit_head (database, &rc);
    whole = rc == SQLITE_OK;
  }
  if (whole && expected_head && strcmp (head, expected_head) != 0) {
    rc = SQLITE_CORRUPT;
    whole = FALSE;
  }
  if (self->stopped)
    g_propagate_error (error, g_steal_pointer (&self->stopped));
  else if (!whole)
    tessera_backup_file_set_error (file, error, database, rc);
  sqlite3_close (database);
  return whole && (expected_head || check_goes_on (self->store, path, head, error));
}

/* ---- where it goes ---- */

static gboolean
lies_inside (const char *path, const char *folder) {
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static gboolean
is_inside_vault (TesseraVault *vault, const char *path) {
  g_autofree char *parent = g_path_get_dirname (path);
  char *place = realpath (parent, NULL);
  char *folder = realpath (tessera_vault_get_folder (vault), NULL);
  gboolean inside = place && folder && lies_inside (place, folder);

  free (place);
  free (folder);
  return inside;
}

static gboolean
is_backup_of (TesseraVault *vault, const char *path) {
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, NULL);

  return file && strcmp (tessera_backup_file_get_vault (file), tessera_vault_get_id (vault)) == 0;
}

static gboolean
check_target (TesseraVault *vault, const char *path, TesseraBackupFlags flags, GError **error) {
  g_autofree char *shown = g_filename_display_name (path);
  GStatBuf facts;

  if (is_inside_vault (vault, path)) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
                 _("“%s” lies inside the vault, whose files belong to Tessera; choose another place."), shown);
    return FALSE;
  }
  if (g_stat (path, &facts) != 0)
    return TRUE;
  if (!S_ISREG (facts.st_mode)) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
                 _("“%s” is a folder or no ordinary file; give the name of a file."), shown);
    return FALSE;
  }
  if ((flags & TESSERA_BACKUP_OVERWRITE) || is_backup_of (vault, path))
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
               _("“%s” is there already and is no backup of this vault; choose another name."), shown);
  return FALSE;
}

/* What a killed backup left. Anything else of that name is left alone, and then cannot be created. */
static void
remove_leftover (TesseraVault *vault, const char *path_new) {
  if (tessera_backup_file_is_unfinished (path_new) || is_backup_of (vault, path_new))
    g_unlink (path_new);
}

static gboolean
is_elsewhere (const char *path, const char *folder) {
  g_autofree char *parent = g_path_get_dirname (path);
  GStatBuf there, here;

  return g_stat (parent, &there) == 0 && g_stat (folder, &here) == 0 && there.st_dev != here.st_dev;
}

TesseraBackup *
tessera_backup_describe (TesseraBackupFile *file, const char *path, const char *folder) {
  TesseraBackup *backup = g_new0 (TesseraBackup, 1);

  backup->path = g_canonicalize_filename (path, NULL);
  backup->id = g_strdup (tessera_backup_file_get_id (file));
  backup->vault = g_strdup (tessera_backup_file_get_vault (file));
  backup->created = tessera_backup_file_get_created (file);
  backup->size = tessera_backup_file_get_size (file);
  backup->n_workers = tessera_backup_file_count_workers (file);
  backup->is_elsewhere = folder && is_elsewhere (backup->path, folder);
  return backup;
}

TesseraBackup *
tessera_backup_inspect (const char *path, GError **error) {
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, error);

  return file ? tessera_backup_describe (file, path, NULL) : NULL;
}

char *
tessera_backup_suggest_name (void) {
  g_autofree char *today = tessera_today ();

  return g_strconcat ("Tessera ", today, TESSERA_BACKUP_SUFFIX, NULL);
}

/* ---- copying ---- */

/* A connection that sees the store of this moment until it is closed. */
static sqlite3 *
open_snapshot (TesseraVault *vault, GError **error) {
  sqlite3 *database = tessera_vault_open_database (vault, FALSE, error);
  int rc;

  if (!database)
    return NULL;
  rc = sqlite3_exec (database, "BEGIN; SELECT count (*) FROM sqlite_schema", NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    return database;
  tessera_vault_set_sqlite_error (error, database, rc);
  sqlite3_close_v2 (database);
  return NULL;
}

static gboolean
is_damage (int code) {
  return code == SQLITE_IOERR_DATA || (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

static gboolean
copy_into (TesseraBackupWork *work, sqlite3 *from, TesseraBackupFile *file, GError **error) {
  sqlite3 *to = tessera_backup_file_begin (file, error);
  int rc;

  if (!to)
    return FALSE;
  work->file = file;
  rc = tessera_database_copy (from, to, tessera_backup_work_go_on, work);
  work->file = NULL;
  if (work->stopped)
    g_propagate_error (error, g_steal_pointer (&work->stopped));
  else if (is_damage (rc))
    tessera_vault_set_sqlite_error (error, from, rc);
  else if (rc != SQLITE_OK)
    tessera_backup_file_set_error (file, error, to, rc);
  sqlite3_close (to);
  return rc == SQLITE_OK;
}

/* From the snapshot to a finished and verified file under another name. */
static gboolean
write_new (TesseraBackupWork *work, TesseraBackupFile *file, const char *path_new, GError **error) {
  TesseraVault *vault = tessera_store_get_vault (work->store);
  sqlite3 *from = open_snapshot (vault, error);
  g_autofree char *head = NULL;
  gboolean done = FALSE;
  int rc;

  if (!from)
    return FALSE;
  work->stage = TESSERA_BACKUP_STAGE_COPY;
  head = read_audit_head (from, &rc);
  if (rc != SQLITE_OK)
    tessera_vault_set_sqlite_error (error, from, rc);
  else
    done = copy_into (work, from, file, error);
  sqlite3_close_v2 (from);
  return done && tessera_backup_file_finish (file, error)
         && tessera_backup_work_verify (work, path_new, head, error);
}

static gboolean
take_place (const char *path_new, const char *path, GError **error) {
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_rename (path_new, path) != 0) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  return tessera_vault_file_sync_folder (parent, error);
}

typedef struct {
  const TesseraBackup *backup;
  gboolean is_local;
} Note;

static gboolean
note_backup (TesseraTransaction *transaction, gpointer data, GError **error) {
  Note *note = data;

  if (note->is_local)
    return tessera_transaction_audit (transaction, "backup", NULL, NULL, "local", error);
  return tessera_backup_record (transaction, note->backup, error)
         && tessera_transaction_audit (transaction, "backup", NULL, NULL,
                                       note->backup->is_elsewhere ? "elsewhere" : "same-disk", error);
}

TesseraBackup *
tessera_backup_write (TesseraBackupWork *work, const char *path, TesseraBackupFlags flags, gboolean is_local,
                      GError **error) {
  TesseraVault *vault = tessera_store_get_vault (work->store);
  g_autofree char *place = g_canonicalize_filename (path, NULL);
  g_autofree char *path_new = g_strconcat (place, ".new", NULL);
  g_autoptr (TesseraBackupFile) file = NULL;
  g_autoptr (TesseraBackup) backup = NULL;
  Note note = { NULL, is_local };

  if (!is_local && !check_target (vault, place, flags, error))
    return NULL;
  remove_leftover (vault, path_new);
  file = tessera_backup_file_create (vault, path_new, tessera_now (), error);
  if (!file)
    return NULL;
  if (!write_new (work, file, path_new, error) || !take_place (path_new, place, error)) {
    g_unlink (path_new);
    return NULL;
  }
  note.backup = backup = tessera_backup_describe (file, place, tessera_vault_get_folder (vault));
  /* The backup is there and whole; that the vault's own disk has no room to note it does not undo that. */
  tessera_store_write (work->store, note_backup, &note, NULL);
  return g_steal_pointer (&backup);
}

/* ---- for everybody ---- */

static TesseraBackup *
back_up (TesseraBackupWork *work, const char *path, TesseraBackupFlags flags, GError **error) {
  TesseraBackup *backup;

  if (!tessera_store_begin_backup (work->store, error))
    return NULL;
  backup = tessera_backup_write (work, path, flags, FALSE, error);
  tessera_store_end_backup (work->store);
  return backup;
}

TesseraBackup *
tessera_store_backup (TesseraStore *self, const char *path, TesseraBackupFlags flags,
                      TesseraBackupProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
                      GError **error) {
  TesseraBackupWork work = { .store = self, .cancellable = cancellable, .progress = progress,
                             .progress_data = progress_data };

  return back_up (&work, path, flags, error);
}

gboolean
tessera_store_verify_backup (TesseraStore *self, const char *path, TesseraBackupProgressFunc progress,
                             gpointer progress_data, GCancellable *cancellable, GError **error) {
  TesseraBackupWork work = { .store = self, .cancellable = cancellable, .progress = progress,
                             .progress_data = progress_data };
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, error);
  gboolean whole = FALSE;

  if (!file || !tessera_store_begin_long (self, error))
    return FALSE;
  if (tessera_backup_file_opens_with (file, tessera_store_get_vault (self))) {
    whole = tessera_backup_work_verify (&work, path, NULL, error);
  } else {
    g_autofree char *shown = g_filename_display_name (path);

    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN,
                 _("“%s” is of another vault or was made before the keys were changed; only restoring it can tell "
                   "whether it is whole."), shown);
  }
  tessera_store_end_long (self);
  return whole;
}

/* ---- in a thread ---- */

typedef struct {
  char *path;
  TesseraBackupFlags flags;
  TesseraBackupProgressFunc progress;
  gpointer progress_data;
  TesseraRelay *relay;
} Order;

static void
order_free (gpointer pointer) {
  Order *order = pointer;

  g_free (order->path);
  g_clear_pointer (&order->relay, tessera_relay_unref);
  g_free (order);
}

static void
relay_progress (const char *what, int number, guint64 done, guint64 total, gpointer data) {
  Order *order = data;

  order->progress ((TesseraBackupStage) number, done, total, order->progress_data);
}

static void
run_backup (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Order *order = data;
  TesseraBackupWork work = { .store = source, .cancellable = cancellable, .relay = order->relay };
  GError *error = NULL;
  TesseraBackup *backup = back_up (&work, order->path, order->flags, &error);

  if (backup)
    g_task_return_pointer (task, backup, (GDestroyNotify) tessera_backup_free);
  else
    g_task_return_error (task, error);
}

void
tessera_store_backup_async (TesseraStore *self, const char *path, TesseraBackupFlags flags,
                            TesseraBackupProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Order *order = g_new0 (Order, 1);

  order->path = g_strdup (path);
  order->flags = flags;
  order->progress = progress;
  order->progress_data = progress_data;
  if (progress)
    order->relay = tessera_relay_new (relay_progress, order);
  g_task_set_source_tag (task, tessera_store_backup_async);
  g_task_set_task_data (task, order, order_free);
  /* What was made was made. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_backup);
}

TesseraBackup *
tessera_store_backup_finish (TesseraStore *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
