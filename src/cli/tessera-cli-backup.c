/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-backup.c: `vault backup`, `vault restore`, `vault check`.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-backup.h"
#include "tessera-check.h"
#include "tessera-cli-backup.h"
#include "tessera-identifier.h"

static void
show_progress (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data) {
  tessera_cli_progress (data, (guint) done, (guint) total);
}

static void
set_instant (JsonObject *object, const char *name, gint64 instant) {
  g_autofree char *text = tessera_instant_format (instant);

  json_object_set_string_member (object, name, text);
}

static JsonObject *
describe (const TesseraBackup *backup) {
  JsonObject *object = json_object_new ();
  g_autofree char *path = g_filename_display_name (backup->path);

  json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "id", backup->id);
  json_object_set_string_member (object, "vault", backup->vault);
  set_instant (object, "created", backup->created);
  json_object_set_int_member (object, "size", (gint64) backup->size);
  json_object_set_int_member (object, "key_slots", backup->n_workers);
  return object;
}

/* Without a file: one in the vault's own folder, at most once a day. */
static gboolean
back_up_inside (TesseraCli *self, GError **error) {
  TesseraStore *store = tessera_cli_get_store (self);
  g_autoptr (GPtrArray) backups = NULL;
  JsonObject *object;
  gboolean made;

  if (!tessera_store_backup_if_due (store, &made, NULL, error))
    return FALSE;
  backups = tessera_store_list_backups (store);
  object = backups->len > 0 ? describe (g_ptr_array_index (backups, 0)) : json_object_new ();
  json_object_set_boolean_member (object, "made", made);
  tessera_cli_put_object (self, object);
  tessera_cli_put_line (self, "%s", _("It lies on the disk of the vault; keep another one elsewhere."));
  return TRUE;
}

gboolean
tessera_cli_backup (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraBackupFlags flags = tessera_cli_has (self, "overwrite") ? TESSERA_BACKUP_OVERWRITE : TESSERA_BACKUP_NONE;
  g_autoptr (TesseraBackup) backup = NULL;
  JsonObject *object;

  if (tessera_cli_count_arguments (self) == 0)
    return back_up_inside (self, error);
  backup = tessera_store_backup (tessera_cli_get_store (self), tessera_cli_get_argument (self, 0), flags,
                                 show_progress, self, NULL, error);
  if (backup == NULL)
    return FALSE;
  object = describe (backup);
  json_object_set_boolean_member (object, "elsewhere", backup->is_elsewhere);
  tessera_cli_put_object (self, object);
  if (!backup->is_elsewhere)
    tessera_cli_put_line (self, "%s", _("It lies on the disk of the vault; keep another one elsewhere."));
  return TRUE;
}

/* ---- restoring ---- */

static TesseraSecret *
read_key (TesseraCli *self, gboolean is_recovery_key, GError **error) {
  return tessera_cli_read_passphrase (self, is_recovery_key ? _("Recovery key") : _("Passphrase"), error);
}

gboolean
tessera_cli_restore (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  gboolean by_recovery_key = tessera_cli_has (self, "recovery-key");
  TesseraRestore restore = { .path = tessera_cli_get_argument (self, 0),
                             .folder = tessera_cli_get_folder (self),
                             .worker = tessera_cli_get_worker (self),
                             .erased = tessera_cli_get_option (self, "erased"),
                             .registry = tessera_cli_get_registry (self) };
  g_autoptr (TesseraBackup) backup = tessera_backup_inspect (restore.path, error);
  g_autoptr (TesseraSecret) key = backup != NULL ? read_key (self, by_recovery_key, error) : NULL;
  JsonObject *object;

  if (key == NULL)
    return FALSE;
  if (by_recovery_key)
    restore.recovery_key = key;
  else
    restore.passphrase = key;
  if (!tessera_backup_restore (&restore, show_progress, self, NULL, error))
    return FALSE;
  object = describe (backup);
  json_object_set_string_member (object, "folder", restore.folder);
  tessera_cli_put_object (self, object);
  tessera_cli_put_line (self, "%s",
                        _("Use only one of the two vaults from now on; what was done after the backup is not in it."));
  return TRUE;
}

/* ---- checking ---- */

static void
show_part (const char *part, guint64 done, guint64 total, gpointer data) {
  if (total > 0)
    tessera_cli_progress (data, (guint) done, (guint) total);
}

/* With a file: that backup, and whether the vault goes on from it. */
static gboolean
check_backup (TesseraCli *self, const char *path, GError **error) {
  g_autoptr (TesseraBackup) backup = tessera_backup_inspect (path, error);

  if (backup == NULL
      || !tessera_store_verify_backup (tessera_cli_get_store (self), path, show_progress, self, NULL, error))
    return FALSE;
  tessera_cli_put_object (self, describe (backup));
  return TRUE;
}

gboolean
tessera_cli_check (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) parts = NULL;
  JsonObject *object;
  guint n_damaged = 0;

  if (tessera_cli_count_arguments (self) > 0)
    return check_backup (self, tessera_cli_get_argument (self, 0), error);
  parts = tessera_store_check (tessera_cli_get_store (self), show_part, self, NULL, error);
  if (parts == NULL)
    return FALSE;
  object = json_object_new ();
  for (guint i = 0; i < parts->len; i++) {
    const TesseraCheckPart *part = g_ptr_array_index (parts, i);
    g_autofree char *counted = g_strconcat (part->name, "_count", NULL);

    json_object_set_string_member (object, part->name, part->problem != NULL ? "damaged" : "ok");
    json_object_set_int_member (object, counted, part->count);
    if (part->problem != NULL) {
      tessera_cli_warn (self, "%s: %s", part->name, part->problem);
      n_damaged++;
    }
  }
  tessera_cli_put_object (self, object);
  if (n_damaged == 0)
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_DAMAGED,
               g_dngettext (GETTEXT_PACKAGE, "%u of %u parts of this vault is damaged.",
                            "%u of %u parts of this vault are damaged.", n_damaged),
               n_damaged, parts->len);
  return FALSE;
}

/* ---- vault info ---- */

static void
describe_last (JsonObject *object, const char *name, const TesseraBackup *backup) {
  g_autofree char *at = NULL;
  g_autofree char *file = NULL;

  if (backup == NULL)
    return;
  at = g_strconcat (name, "_at", NULL);
  file = g_strconcat (name, "_file", NULL);
  set_instant (object, at, backup->created);
  json_object_set_string_member (object, file, backup->path);
}

void
tessera_cli_describe_backups (TesseraTransaction *transaction, JsonObject *object) {
  g_autoptr (TesseraBackupState) state = tessera_transaction_get_backup_state (transaction);

  describe_last (object, "last_backup", state->outside);
  describe_last (object, "last_backup_elsewhere", state->elsewhere);
  describe_last (object, "last_local_backup", state->local);
  json_object_set_boolean_member (object, "backup_due", state->is_reminder_due);
}
