/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-vault.c: `vault …`: make a vault, look after it, and say who may open it.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-backup.h"
#include "tessera-cli-fields.h"
#include "tessera-cli-setup.h"
#include "tessera-identity.h"

static gboolean
create (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraSetup setup = { .joining = tessera_cli_has (self, "joining"),
                         .device = tessera_cli_get_option (self, "device"),
                         .organization = tessera_cli_get_option (self, "organization"),
                         .worker = tessera_cli_get_option (self, "worker"),
                         .role = tessera_cli_get_option (self, "role"),
                         .language = tessera_cli_get_option (self, "language") };
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!tessera_cli_parse_work_factor (self, &setup.work_factor, error))
    return FALSE;
  if (setup.worker == NULL)
    setup.worker = tessera_cli_get_worker (self);
  object = tessera_cli_set_up (self, &setup, &recovery_key, error);
  if (object == NULL)
    return FALSE;
  json_object_set_string_member (object, "recovery_key",
                                 (const char *) tessera_secret_get_data (recovery_key));
  tessera_cli_put_object (self, g_steal_pointer (&object));
  tessera_cli_put_line (self, "%s",
                        _("Write the recovery key down now and keep it away from the computer: it is "
                           "shown only once."));
  return TRUE;
}

static gint64
count_rows (TesseraTransaction *transaction, const char *entity, GError **error) {
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM \"%s\"", entity);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);

  if (statement == NULL || !tessera_statement_step (statement, error))
    return -1;
  return tessera_statement_get_integer (statement, 0);
}

static void
describe_worker (TesseraTransaction *transaction, JsonObject *object) {
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = NULL;

  if (id != NULL)
    worker = tessera_transaction_find (transaction, "worker", id);
  if (worker == NULL)
    return;
  json_object_set_string_member (object, "worker", tessera_record_get (worker, "name"));
  json_object_set_string_member (object, "role", tessera_record_get (worker, "role"));
}

static gboolean
info (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  static const char *const counted[] = { "worker", "client", "visit", "referral", "partner", "service" };
  static const char *const names[] = { "workers", "clients", "visits", "referrals", "partners", "services" };
  TesseraVault *vault = tessera_store_get_vault (tessera_cli_get_store (self));
  g_autofree char *organization = tessera_transaction_get_setting (transaction, "organization.name");
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", tessera_vault_get_id (vault));
  json_object_set_string_member (object, "folder", tessera_vault_get_folder (vault));
  json_object_set_string_member (object, "organization", organization != NULL ? organization : "");
  describe_worker (transaction, object);
  json_object_set_string_member (object, "device", tessera_transaction_get_device (transaction));
  json_object_set_int_member (object, "key_slots",
                              tessera_vault_count_workers (tessera_vault_get_folder (vault)));
  for (guint i = 0; i < G_N_ELEMENTS (counted); i++) {
    gint64 count = count_rows (transaction, counted[i], error);

    if (count < 0)
      return FALSE;
    json_object_set_int_member (object, names[i], count);
  }
  tessera_cli_describe_backups (transaction, object);
  tessera_cli_put_object (self, g_steal_pointer (&object));
  return TRUE;
}

/* What scripts get where people get a sentence. */
static void
put_worker (TesseraCli *self, const char *name) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "worker", name);
  if (tessera_cli_is_json (self))
    tessera_cli_put_object (self, object);
  else
    json_object_unref (object);
}

/* Name of the worker in whose name the vault is open. */
static gboolean
load_worker_name (TesseraTransaction *transaction, gpointer data, GError **error) {
  char **name = data;
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = NULL;

  if (id != NULL)
    worker = tessera_transaction_load (transaction, "worker", id, error);
  else
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                         _("It is not known which worker this is; say so with --worker."));
  if (worker == NULL)
    return FALSE;
  *name = g_strdup (tessera_record_get (worker, "name"));
  return TRUE;
}

static gboolean
change_passphrase (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autofree char *name = g_strdup (tessera_cli_get_worker (self));
  g_autoptr (TesseraSecret) passphrase = NULL;
  TesseraWorkFactor work_factor;

  if (!tessera_cli_parse_work_factor (self, &work_factor, error)
      || (name == NULL && !tessera_store_read (tessera_cli_get_store (self), load_worker_name, &name, error)))
    return FALSE;
  passphrase = tessera_cli_read_new_passphrase (self, FALSE, error);
  if (passphrase == NULL
      || !tessera_vault_change_passphrase (tessera_store_get_vault (tessera_cli_get_store (self)), name,
                                           passphrase, work_factor, error))
    return FALSE;
  tessera_cli_put_line (self, _("The passphrase of %s is changed."), name);
  put_worker (self, name);
  return TRUE;
}

static gboolean
add_worker (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraSetup setup = { .worker = tessera_cli_get_argument (self, 0),
                         .role = tessera_cli_get_option (self, "role"),
                         .language = tessera_cli_get_option (self, "language") };
  g_autoptr (TesseraRecord) worker = NULL;

  if (!tessera_cli_parse_work_factor (self, &setup.work_factor, error))
    return FALSE;
  worker = tessera_cli_add_worker (self, &setup, error);
  if (worker == NULL)
    return FALSE;
  tessera_cli_put_record (self, worker);
  return TRUE;
}

/* Who has a key slot here and is called @name. */
static TesseraRecord *
find_unlocker (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (GPtrArray) workers = tessera_identity_list_unlockers (transaction, error);

  for (guint i = 0; workers != NULL && i < workers->len; i++)
    if (g_strcmp0 (tessera_record_get (workers->pdata[i], "name"), name) == 0)
      return g_object_ref (workers->pdata[i]);
  return NULL;
}

/* The row stays, for the visits it is named in; it only loses its slot. */
static gboolean
retire_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  GError *local_error = NULL;
  g_autoptr (TesseraRecord) worker = find_unlocker (transaction, data, &local_error);

  if (local_error != NULL) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  if (worker == NULL)
    return TRUE;
  tessera_record_set_boolean (worker, "active", FALSE);
  return tessera_identity_clear_worker (transaction, tessera_record_get_id (worker), error)
         && tessera_transaction_save (transaction, worker, error);
}

static gboolean
remove_worker (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *name = tessera_cli_get_argument (self, 0);
  TesseraVault *vault = tessera_store_get_vault (tessera_cli_get_store (self));
  gint64 pages;

  if (!tessera_vault_remove_worker (vault, name, error)
      || !tessera_store_write (tessera_cli_get_store (self), retire_worker, (gpointer) name, error))
    return FALSE;
  if (!tessera_cli_has (self, "rotate")) {
    tessera_cli_put_line (self,
                          _("%s can no longer open this vault. Who has kept a copy of its key file still could; "
                            "“vault rotate” changes the data key and keeps them out."),
                          name);
  } else if (tessera_cli_rotate (self, &pages, error)) {
    tessera_cli_put_line (self, _("%s can no longer open this vault, and its data key is changed."), name);
  } else {
    tessera_cli_warn (self, _("%s was removed, but the data key is not changed."), name);
    return FALSE;
  }
  put_worker (self, name);
  return TRUE;
}

static gboolean
rotate (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  JsonObject *object;
  gint64 pages;

  if (!tessera_cli_unlock (self, error) || !tessera_cli_rotate (self, &pages, error))
    return FALSE;
  tessera_cli_put_line (self, _("The data key is changed; everybody's passphrase and the recovery key stay the same."));
  object = json_object_new ();
  json_object_set_string_member (object, "data_key", "changed");
  json_object_set_int_member (object, "pages", pages);
  if (tessera_cli_is_json (self))
    tessera_cli_put_object (self, object);
  else
    json_object_unref (object);
  return TRUE;
}

/* Names of the workers who have a slot. */
static gboolean
list_slot_names (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray *names = data;
  g_autoptr (GPtrArray) workers = NULL;

  workers = tessera_identity_list_unlockers (transaction, error);
  for (guint i = 0; workers != NULL && i < workers->len; i++)
    g_ptr_array_add (names, g_strdup (tessera_record_get (g_ptr_array_index (workers, i), "name")));
  return workers != NULL;
}

static char *
find_recovered_worker (TesseraCli *self, GError **error) {
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  if (tessera_cli_get_worker (self) != NULL)
    return g_strdup (tessera_cli_get_worker (self));
  if (!tessera_store_read (tessera_cli_get_store (self), list_slot_names, names, error))
    return NULL;
  if (names->len == 1)
    return g_strdup (g_ptr_array_index (names, 0));
  g_ptr_array_add (names, NULL);
  list = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
               _("Say with --worker whose passphrase is to be set: %s."), list);
  return NULL;
}

static gboolean
recover (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (TesseraSecret) passphrase = NULL;
  g_autoptr (TesseraVault) vault = NULL;
  g_autofree char *name = NULL;
  TesseraWorkFactor work_factor;

  if (!tessera_cli_parse_work_factor (self, &work_factor, error))
    return FALSE;
  recovery_key = tessera_cli_read_passphrase (self, _("Recovery key"), error);
  if (recovery_key == NULL)
    return FALSE;
  vault = tessera_vault_unlock_with_recovery_key (tessera_cli_get_folder (self), recovery_key, error);
  if (vault == NULL || !tessera_cli_adopt (self, vault, error))
    return FALSE;
  name = find_recovered_worker (self, error);
  if (name == NULL)
    return FALSE;
  passphrase = tessera_cli_read_new_passphrase (self, FALSE, error);
  if (passphrase == NULL || !tessera_vault_change_passphrase (vault, name, passphrase, work_factor, error))
    return FALSE;
  tessera_cli_put_line (self, _("The passphrase of %s is changed."), name);
  put_worker (self, name);
  return TRUE;
}

const TesseraCommand tessera_vault_commands[] = {
  { "vault", "create",
    "[--organization NAME | --joining] --worker NAME [--device NAME] [--role worker|mediator|supervisor] [--language TAG] "
    "[--work-factor measured|minimum]",
    N_("Makes the vault in --vault, of a new organization or to join one, and prints its recovery key once; minimum is "
       "for tests and demonstrations only."),
    TESSERA_ACCESS_NONE, create },
  { "vault", "info", "", N_("Facts about the vault."), TESSERA_ACCESS_READ, info },
  { "vault", "check", "[FILE]",
    N_("Checks every page, the tables, the search, the audit, the changes and the vault's own backups; or one backup."),
    TESSERA_ACCESS_STORE, tessera_cli_check },
  { "vault", "backup", "[FILE] [--overwrite]",
    N_("Makes an encrypted backup and verifies it; without FILE one inside the vault, at most once a day."),
    TESSERA_ACCESS_STORE, tessera_cli_backup },
  { "vault", "restore", "FILE [--recovery-key] [--erased LIST]",
    N_("Makes the vault in --vault from a backup, with a passphrase of that time or the recovery key; who was erased "
        "since, as LIST or the list beside FILE says, is not in it."),
    TESSERA_ACCESS_NONE, tessera_cli_restore },
  { "vault", "passphrase", "[--work-factor measured|minimum]", N_("Changes a passphrase."),
    TESSERA_ACCESS_STORE, change_passphrase },
  { "vault", "add-worker",
    "NAME --role worker|mediator|supervisor [--language TAG] [--work-factor measured|minimum]",
    N_("One more person can open the vault, with the new passphrase."), TESSERA_ACCESS_STORE, add_worker },
  { "vault", "remove-worker", "NAME [--rotate]",
    N_("Takes a person's key away; with --rotate, changes the data key too."), TESSERA_ACCESS_STORE,
    remove_worker },
  { "vault", "rotate", "",
    N_("Changes the data key, so that nobody opens the vault with an old copy of its key file."),
    TESSERA_ACCESS_NONE, rotate },
  { "vault", "recover", "[--work-factor measured|minimum]",
    N_("Sets a worker's passphrase with the recovery key, which is read where a passphrase would be."),
    TESSERA_ACCESS_NONE, recover },
  { NULL },
};
