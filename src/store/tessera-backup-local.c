/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-local.c: backups in the vault's own folder: at most one a day, and fewer the older they are.
 *
 * They help against mistakes and damaged files, not against a lost disk. They are named by date, and the rule which are
 * kept looks at nothing but the names.
 */
#include "config.h"

#include "tessera-backup-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "tessera-identifier.h"
#include "tessera-merge.h"
#include "tessera-store-private.h"
#include "tessera-vault-file.h"

#define DAILY 7
#define WEEKLY 4
#define MONTHLY 6
#define DATE_LENGTH 10
#define ROOM_TIMES 3 /* the size of the store must be free */

/* ---- which are there ---- */

static gboolean
is_dated (const char *name) {
  g_autofree char *date = g_strndup (name, DATE_LENGTH);

  return strlen (name) > DATE_LENGTH && tessera_date_is_valid (date)
         && strcmp (name + DATE_LENGTH, TESSERA_BACKUP_SUFFIX) == 0;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) b, *(const char *const *) a);
}

/* Names, newest first. */
static GPtrArray *
list_names (const char *folder) {
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *place = g_build_filename (folder, TESSERA_BACKUP_FOLDER, NULL);
  g_autoptr (GDir) entries = g_dir_open (place, 0, NULL);
  const char *name;

  while (entries && (name = g_dir_read_name (entries)))
    if (is_dated (name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_newest_first);
  return names;
}

GPtrArray *
tessera_backup_list_paths (const char *folder) {
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) names = list_names (folder);

  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (paths, g_build_filename (folder, TESSERA_BACKUP_FOLDER, names->pdata[i], NULL));
  return paths;
}

GPtrArray *
tessera_backup_list (const char *folder) {
  GPtrArray *backups = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_backup_free);
  g_autoptr (GPtrArray) paths = tessera_backup_list_paths (folder);

  for (guint i = 0; i < paths->len; i++) {
    TesseraBackup *backup = tessera_backup_inspect (paths->pdata[i], NULL);

    if (backup)
      g_ptr_array_add (backups, backup);
  }
  return backups;
}

GPtrArray *
tessera_store_list_backups (TesseraStore *self) {
  return tessera_backup_list (tessera_vault_get_folder (tessera_store_get_vault (self)));
}

/* ---- which are kept ---- */

/* Days since the year 1, of the name's date; and the weeks and months they fall into. */
static guint
get_day (const char *name) {
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) g_ascii_strtoull (name + 8, NULL, 10),
                  (GDateMonth) g_ascii_strtoull (name + 5, NULL, 10), (GDateYear) g_ascii_strtoull (name, NULL, 10));
  return g_date_get_julian (&date);
}

/* The first of January of the year 1, number 1, was a Monday. */
static guint
get_week (const char *name) {
  return (get_day (name) - 1) / 7;
}

static guint
get_month (const char *name) {
  return (guint) (g_ascii_strtoull (name, NULL, 10) * 12 + g_ascii_strtoull (name + 5, NULL, 10));
}

/* Keeps the newest of each of the newest @most days, weeks or months that have one. */
static void
keep (GPtrArray *names, guint (*get_period) (const char *name), guint most, GHashTable *kept) {
  guint last = 0, n_periods = 0;

  for (guint i = 0; i < names->len && n_periods < most; i++) {
    guint period = get_period (names->pdata[i]);

    if (n_periods > 0 && period == last)
      continue;
    g_hash_table_add (kept, names->pdata[i]);
    last = period;
    n_periods++;
  }
}

GPtrArray *
tessera_backup_choose (GPtrArray *names, guint daily, guint weekly, guint monthly) {
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  GPtrArray *dropped = g_ptr_array_new ();

  keep (names, get_day, daily, kept);
  keep (names, get_week, weekly, kept);
  keep (names, get_month, monthly, kept);
  for (guint i = 0; i < names->len; i++)
    if (!g_hash_table_contains (kept, names->pdata[i]))
      g_ptr_array_add (dropped, names->pdata[i]);
  return dropped;
}

/* ---- making and dropping ---- */

typedef struct {
  guint daily;
  guint weekly;
  guint monthly;
  gboolean erased; /* since the last one */
} Rule;

static gboolean
read_rule (TesseraTransaction *transaction, gpointer data, GError **error) {
  Rule *rule = data;
  g_autofree char *erased = tessera_transaction_get_setting (transaction, TESSERA_ERASE_SETTING_BACKUPS);

  rule->erased = erased != NULL;

  rule->daily = tessera_backup_get_number (transaction, TESSERA_BACKUP_SETTING_DAILY, DAILY);
  rule->weekly = tessera_backup_get_number (transaction, TESSERA_BACKUP_SETTING_WEEKLY, WEEKLY);
  rule->monthly = tessera_backup_get_number (transaction, TESSERA_BACKUP_SETTING_MONTHLY, MONTHLY);
  return TRUE;
}

/* Whether it says it is a backup of this vault, but was made before the data key was changed. */
static gboolean
is_under_old_key (TesseraVault *vault, const char *path) {
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, NULL);

  return file && strcmp (tessera_backup_file_get_vault (file), tessera_vault_get_id (vault)) == 0
         && !tessera_backup_file_opens_with (file, vault);
}

/* Those the rule no longer keeps, and those that open with an old data key: it was changed so that somebody cannot open
 * the vault any more, who could open them. Only files that say they are backups of this vault; a damaged one is left for
 * people to look at. */
static void
drop_old (TesseraVault *vault, const char *folder, const Rule *rule) {
  g_autoptr (GPtrArray) names = list_names (folder);
  g_autoptr (GPtrArray) dropped = tessera_backup_choose (names, rule->daily, rule->weekly, rule->monthly);

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, TESSERA_BACKUP_FOLDER, names->pdata[i], NULL);
    g_autoptr (TesseraBackup) backup = tessera_backup_inspect (path, NULL);

    if (backup && strcmp (backup->vault, tessera_vault_get_id (vault)) == 0
        && (g_ptr_array_find (dropped, names->pdata[i], NULL) || is_under_old_key (vault, path)))
      g_unlink (path);
  }
}

/* Every other backup of this vault still holds what was erased; damaged ones are no longer worth keeping for that. */
static void
drop_others (TesseraVault *vault, const char *folder, const char *kept) {
  g_autoptr (GPtrArray) paths = tessera_backup_list_paths (folder);

  for (guint i = 0; i < paths->len; i++) {
    g_autoptr (TesseraBackup) backup = tessera_backup_inspect (paths->pdata[i], NULL);

    if (g_strcmp0 (paths->pdata[i], kept) != 0
        && (!backup || strcmp (backup->vault, tessera_vault_get_id (vault)) == 0))
      g_unlink (paths->pdata[i]);
  }
}

/* What a program that was killed on another day left; a vault is open in one program only. */
static void
drop_unfinished (const char *folder) {
  g_autofree char *place = g_build_filename (folder, TESSERA_BACKUP_FOLDER, NULL);
  g_autoptr (GDir) entries = g_dir_open (place, 0, NULL);
  const char *name;

  while (entries && (name = g_dir_read_name (entries))) {
    g_autofree char *path = g_build_filename (place, name, NULL);

    if (g_str_has_suffix (name, TESSERA_BACKUP_SUFFIX ".new") && tessera_backup_file_is_unfinished (path))
      g_unlink (path);
  }
}

/* Nobody shall miss a visit because a backup that nobody asked for took the last of the disk. */
static gboolean
check_room (const char *folder, GError **error) {
  g_autofree char *store = g_build_filename (folder, "store.db", NULL);
  struct statvfs disk;
  GStatBuf facts;

  if (g_stat (store, &facts) != 0 || statvfs (folder, &disk) != 0
      || (guint64) disk.f_bavail * disk.f_frsize >= ROOM_TIMES * (guint64) facts.st_size)
    return TRUE;
  tessera_vault_file_set_error (error, ENOSPC, TESSERA_BACKUP_FOLDER);
  return FALSE;
}

static gboolean
make_folder (const char *folder, GError **error) {
  g_autofree char *place = g_build_filename (folder, TESSERA_BACKUP_FOLDER, NULL);

  if (g_mkdir (place, 0700) == 0)
    return tessera_vault_file_sync_folder (folder, error);
  if (errno == EEXIST)
    return TRUE;
  tessera_vault_file_set_error (error, errno, place);
  return FALSE;
}

static gboolean
make_todays (TesseraBackupWork *work, const char *folder, const char *path, GError **error) {
  g_autoptr (TesseraBackup) backup = NULL;

  if (!check_room (folder, error) || !make_folder (folder, error)
      || !tessera_store_begin_backup (work->store, error))
    return FALSE;
  drop_unfinished (folder);
  backup = tessera_backup_write (work, path, TESSERA_BACKUP_NONE, TRUE, error);
  tessera_store_end_backup (work->store);
  return backup != NULL;
}

static gboolean
note_renewed (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_transaction_drop_setting (transaction, TESSERA_ERASE_SETTING_BACKUPS, error);
}

/* The new one first, unless the organization wants none here. */
static gboolean
renew (TesseraBackupWork *work, const Rule *rule, const char *folder, const char *path, gboolean *ret_made,
       GError **error) {
  if (!tessera_store_scrub (work->store, error))
    return FALSE;
  if (rule->daily > 0 && !make_todays (work, folder, path, error))
    return FALSE;
  drop_others (tessera_store_get_vault (work->store), folder, rule->daily > 0 ? path : NULL);
  if (ret_made)
    *ret_made = rule->daily > 0;
  return tessera_store_write (work->store, note_renewed, NULL, error);
}

gboolean
tessera_store_backup_if_due (TesseraStore *self, gboolean *ret_made, GCancellable *cancellable, GError **error) {
  TesseraBackupWork work = { .store = self, .cancellable = cancellable };
  const char *folder = tessera_vault_get_folder (tessera_store_get_vault (self));
  g_autofree char *today = tessera_today ();
  g_autofree char *name = g_strconcat (today, TESSERA_BACKUP_SUFFIX, NULL);
  g_autofree char *path = g_build_filename (folder, TESSERA_BACKUP_FOLDER, name, NULL);
  Rule rule;

  if (ret_made)
    *ret_made = FALSE;
  if (!tessera_store_read (self, read_rule, &rule, error))
    return FALSE;
  if (rule.erased)
    return renew (&work, &rule, folder, path, ret_made, error);
  if (rule.daily == 0
      || (g_file_test (path, G_FILE_TEST_EXISTS) && !is_under_old_key (tessera_store_get_vault (self), path)))
    return TRUE;
  if (!make_todays (&work, folder, path, error))
    return FALSE;
  if (ret_made)
    *ret_made = TRUE;
  drop_old (tessera_store_get_vault (self), folder, &rule);
  return TRUE;
}

static void
run_if_due (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  GError *error = NULL;
  gboolean made;

  if (tessera_store_backup_if_due (source, &made, cancellable, &error))
    g_task_return_int (task, made);
  else
    g_task_return_error (task, error);
}

void
tessera_store_backup_if_due_async (TesseraStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tessera_store_backup_if_due_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_if_due);
}

gboolean
tessera_store_backup_if_due_finish (TesseraStore *self, GAsyncResult *result, gboolean *ret_made, GError **error) {
  gssize made;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  made = g_task_propagate_int (G_TASK (result), error);
  if (ret_made)
    *ret_made = made > 0;
  return made >= 0;
}
