/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-setup.c: vaults and workers from nothing.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <glib/gstdio.h>
#include <string.h>

#include "tessera-cli-private.h"
#include "tessera-cli-setup.h"
#include "tessera-identity.h"
#include "tessera-joining.h"

gboolean
tessera_cli_parse_work_factor (TesseraCli *self, TesseraWorkFactor *ret_work_factor, GError **error) {
  const char *text = tessera_cli_get_option (self, "work-factor");

  *ret_work_factor = TESSERA_WORK_FACTOR_MEASURED;
  if (text == NULL || g_str_equal (text, "measured"))
    return TRUE;
  if (g_str_equal (text, "minimum")) {
    *ret_work_factor = TESSERA_WORK_FACTOR_MINIMUM;
    return TRUE;
  }
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
               _("The work factor is measured or minimum, not “%s”."), text);
  return FALSE;
}

/* "pt_PT.UTF-8" is "pt-PT"; the locale "C" says nothing and is taken for English. */
static char *
get_locale_language (void) {
  char *tag = g_strdup (g_get_language_names ()[0]);

  tag[strcspn (tag, ".@")] = '\0';
  g_strdelimit (tag, "_", '-');
  if (tessera_language_is_valid (tag) && !g_str_equal (tag, "C") && !g_str_equal (tag, "POSIX"))
    return tag;
  g_free (tag);
  return g_strdup ("en");
}

/* Checked before anything is written, so that a mistyped role leaves no half-made vault. */
static TesseraRecord *
make_worker (TesseraCli *self, const TesseraSetup *setup, GError **error) {
  g_autoptr (TesseraRecord) worker = tessera_record_new (self->registry, "worker");
  g_autofree char *language = setup->language != NULL ? g_strdup (setup->language) : get_locale_language ();

  tessera_record_set_boolean (worker, "active", TRUE);
  if (!tessera_record_parse (worker, "name", setup->worker, error)
      || !tessera_record_parse (worker, "role", setup->role != NULL ? setup->role : "supervisor", error)
      || !tessera_record_parse (worker, "language", language, error)
      || !tessera_record_validate (worker, error))
    return NULL;
  return g_steal_pointer (&worker);
}

static char *
check_organization (TesseraCli *self, const char *name, GError **error) {
  g_autoptr (TesseraRecord) organization = tessera_record_new (self->registry, "organization");

  if (!tessera_record_parse (organization, "name", name, error)
      || !tessera_record_validate (organization, error))
    return NULL;
  return g_strdup (tessera_record_get (organization, "name"));
}

typedef struct {
  TesseraIdentityFacts facts;
  TesseraRecord *worker;
} Identity;

static gboolean
make_identity (TesseraTransaction *transaction, gpointer data, GError **error) {
  Identity *identity = data;

  identity->worker = tessera_identity_create (transaction, &identity->facts, error);
  return identity->worker != NULL;
}

static gboolean
prepare_joining (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_joining_prepare (transaction, data, error);
}

typedef struct {
  TesseraRecord *worker;
  guint slot;
} NewWorker;

static gboolean
save_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  NewWorker *new = data;

  return tessera_transaction_save (transaction, new->worker, error)
         && tessera_identity_set_slot (transaction, new->slot, tessera_record_get_id (new->worker), error);
}

/* Takes away what a failed creation left in a folder that held no vault before. */
static void
remove_half_made (const char *folder) {
  static const char *const files[] = { "vault.keys", "vault.keys.new", "vault.keys.previous", "vault.last",
                                       "vault.tries", "store.db",      "store.db-wal",    "store.db-journal" };
  static const char *const folders[] = { "outbox", "inbox", "backups", "." };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i], NULL);

    g_unlink (path);
  }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path =
      g_str_equal (folders[i], ".") ? g_strdup (folder) : g_build_filename (folder, folders[i], NULL);

    g_rmdir (path);
  }
}

/* Organization, keys and first worker; with their id the store goes on. */
static TesseraRecord *
fill (TesseraCli *self, TesseraVault *vault, TesseraRecord *draft, const char *organization, GError **error) {
  Identity identity = { .facts = { .organization = organization,
                                   .worker = tessera_record_get (draft, "name"),
                                   .role = tessera_record_get (draft, "role"),
                                   .language = tessera_record_get (draft, "language"),
                                   .slot = tessera_vault_get_slot (vault) } };

  if (!tessera_cli_adopt (self, vault, error)
      || !tessera_store_write (self->store, make_identity, &identity, error)) {
    g_clear_object (&identity.worker);
    return NULL;
  }
  tessera_store_set_worker (self->store, tessera_record_get_id (identity.worker));
  return identity.worker;
}

/* Only keys; who works on it and in what role is decided when it is admitted. */
static gboolean
fill_joining (TesseraCli *self, TesseraVault *vault, TesseraRecord *draft, const char *device, GError **error) {
  TesseraJoiningFacts facts = { .worker = tessera_record_get (draft, "name"),
                                .language = tessera_record_get (draft, "language"),
                                .device = device,
                                .slot = tessera_vault_get_slot (vault) };

  return tessera_cli_adopt (self, vault, error)
         && tessera_store_write (self->store, prepare_joining, &facts, error);
}

static JsonObject *
describe (TesseraCli *self, TesseraRecord *worker, const char *organization) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", tessera_vault_get_id (self->vault));
  json_object_set_string_member (object, "folder", tessera_vault_get_folder (self->vault));
  if (organization != NULL)
    json_object_set_string_member (object, "organization", organization);
  json_object_set_string_member (object, "worker", tessera_record_get (worker, "name"));
  if (organization != NULL) {
    json_object_set_string_member (object, "worker_id", tessera_record_get_id (worker));
    json_object_set_string_member (object, "role", tessera_record_get (worker, "role"));
  }
  json_object_set_string_member (object, "language", tessera_record_get (worker, "language"));
  return object;
}

static gboolean
check_kind (const TesseraSetup *setup, GError **error) {
  if (setup->joining && setup->role != NULL) {
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                         _("The role of who joins is decided by the supervisor who admits them; leave --role out."));
    return FALSE;
  }
  if (setup->joining != (setup->organization != NULL))
    return TRUE;
  g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                       _("Give --organization to found one, or --joining to join one."));
  return FALSE;
}

JsonObject *
tessera_cli_set_up (TesseraCli *self, const TesseraSetup *setup, TesseraSecret **ret_recovery_key,
                    GError **error) {
  const char *folder = tessera_cli_get_folder (self);
  g_autofree char *organization = NULL;
  g_autoptr (TesseraRecord) draft = NULL;
  g_autoptr (TesseraRecord) worker = NULL;
  g_autoptr (TesseraSecret) passphrase = NULL;
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (TesseraVault) vault = NULL;

  if (!check_kind (setup, error))
    return NULL;
  organization = setup->joining ? NULL : check_organization (self, setup->organization, error);
  draft = setup->joining || organization != NULL ? make_worker (self, setup, error) : NULL;
  if (draft == NULL)
    return NULL;
  passphrase = tessera_cli_read_new_passphrase (self, TRUE, error);
  if (passphrase == NULL)
    return NULL;
  vault = tessera_vault_create (folder, tessera_record_get (draft, "name"), passphrase, setup->work_factor,
                                &recovery_key, error);
  if (vault == NULL)
    return NULL;
  if (!setup->joining)
    worker = fill (self, vault, draft, organization, error);
  else if (fill_joining (self, vault, draft, setup->device, error))
    worker = g_object_ref (draft);
  if (worker == NULL) {
    tessera_cli_close (self);
    remove_half_made (folder);
    return NULL;
  }
  *ret_recovery_key = g_steal_pointer (&recovery_key);
  return describe (self, worker, organization);
}

TesseraRecord *
tessera_cli_add_worker (TesseraCli *self, const TesseraSetup *setup, GError **error) {
  g_autoptr (TesseraRecord) worker = make_worker (self, setup, error);
  g_autoptr (TesseraSecret) passphrase = NULL;
  const char *name;
  NewWorker new = { worker, 0 };

  if (worker == NULL)
    return NULL;
  passphrase = tessera_cli_read_new_passphrase (self, FALSE, error);
  name = tessera_record_get (worker, "name");
  if (passphrase == NULL
      || !tessera_vault_add_worker (self->vault, name, passphrase, setup->work_factor, &new.slot, error))
    return NULL;
  if (!tessera_store_write (self->store, save_worker, &new, error)) {
    tessera_vault_remove_worker (self->vault, name, NULL);
    return NULL;
  }
  return g_steal_pointer (&worker);
}
