/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-state.c: when the last backups were made, and whether it is time to remind of one.
 */
#include "config.h"

#include "tessera-backup-private.h"
#include "tessera-connection.h"

#define SETTING_OUTSIDE "backup.outside"
#define SETTING_ELSEWHERE "backup.elsewhere"
#define REMIND_DAYS 7
#define MOST 36500
#define DAY (24 * 60 * 60 * (gint64) 1000)

guint
tessera_backup_get_number (TesseraTransaction *transaction, const char *setting, guint fallback) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, setting);
  guint64 number;

  return text && g_ascii_string_to_unsigned (text, 10, 0, MOST, &number, NULL) ? (guint) number : fallback;
}

static char *
backup_to_text (const TesseraBackup *backup) {
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *path = g_filename_display_name (backup->path);

  json_object_set_string_member (object, "path", path);
  json_object_set_string_member (object, "id", backup->id);
  json_object_set_string_member (object, "vault", backup->vault);
  json_object_set_int_member (object, "created", backup->created);
  json_object_set_int_member (object, "size", (gint64) backup->size);
  json_object_set_int_member (object, "workers", backup->n_workers);
  json_object_set_boolean_member (object, "elsewhere", backup->is_elsewhere);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

static TesseraBackup *
backup_from_text (const char *text) {
  g_autoptr (JsonNode) node = text ? json_from_string (text, NULL) : NULL;
  JsonObject *object;
  TesseraBackup *backup;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  object = json_node_get_object (node);
  backup = g_new0 (TesseraBackup, 1);
  backup->path = g_strdup (json_object_get_string_member_with_default (object, "path", ""));
  backup->id = g_strdup (json_object_get_string_member_with_default (object, "id", ""));
  backup->vault = g_strdup (json_object_get_string_member_with_default (object, "vault", ""));
  backup->created = json_object_get_int_member_with_default (object, "created", 0);
  backup->size = (guint64) json_object_get_int_member_with_default (object, "size", 0);
  backup->n_workers = (guint) json_object_get_int_member_with_default (object, "workers", 0);
  backup->is_elsewhere = json_object_get_boolean_member_with_default (object, "elsewhere", FALSE);
  return backup;
}

gboolean
tessera_backup_record (TesseraTransaction *transaction, const TesseraBackup *backup, GError **error) {
  g_autofree char *text = backup_to_text (backup);

  return tessera_transaction_set_setting (transaction, SETTING_OUTSIDE, text, error)
         && (!backup->is_elsewhere || tessera_transaction_set_setting (transaction, SETTING_ELSEWHERE, text, error));
}

static TesseraBackup *
read_backup (TesseraTransaction *self, const char *setting) {
  g_autofree char *text = tessera_transaction_get_setting (self, setting);

  return backup_from_text (text);
}

/* When the vault was first used; now, if it never was. */
static gint64
read_beginning (TesseraTransaction *self) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self, "SELECT at FROM audit ORDER BY number LIMIT 1", NULL);

  if (!statement || !tessera_statement_step (statement, NULL))
    return tessera_transaction_get_now (self);
  return tessera_statement_get_integer (statement, 0);
}

TesseraBackupState *
tessera_transaction_get_backup_state (TesseraTransaction *self) {
  TesseraBackupState *state = g_new0 (TesseraBackupState, 1);
  guint remind = tessera_backup_get_number (self, TESSERA_BACKUP_SETTING_REMIND, REMIND_DAYS);
  g_autoptr (GPtrArray) local = tessera_backup_list (self->connection->folder);
  gint64 since, elapsed;

  state->outside = read_backup (self, SETTING_OUTSIDE);
  state->elsewhere = read_backup (self, SETTING_ELSEWHERE);
  if (local->len > 0)
    state->local = tessera_backup_copy (local->pdata[0]);
  since = state->elsewhere ? state->elsewhere->created : read_beginning (self);
  /* A clock that was set back counts for nothing. */
  elapsed = MAX (tessera_transaction_get_now (self) - since, 0);
  state->days = (guint) MIN (elapsed / DAY, MOST);
  state->is_reminder_due = remind > 0 && elapsed > remind * DAY;
  return state;
}

void
tessera_backup_state_free (TesseraBackupState *self) {
  if (!self)
    return;
  g_clear_pointer (&self->outside, tessera_backup_free);
  g_clear_pointer (&self->elsewhere, tessera_backup_free);
  g_clear_pointer (&self->local, tessera_backup_free);
  g_free (self);
}

static gboolean
read_state (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraBackupState **state = data;

  *state = tessera_transaction_get_backup_state (transaction);
  return TRUE;
}

TesseraBackupState *
tessera_store_get_last_backup (TesseraStore *self, GError **error) {
  TesseraBackupState *state = NULL;

  return tessera_store_read (self, read_state, &state, error) ? state : NULL;
}
