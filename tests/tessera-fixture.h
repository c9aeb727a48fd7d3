/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-fixture.h: a throw-away vault and store for unit tests.
 */
#pragma once

#include <ftw.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "tessera-store.h"

G_GNUC_UNUSED static int
fixture_remove_entry (const char *path, const struct stat *information, int kind, struct FTW *place) {
  return g_remove (path);
}

G_GNUC_UNUSED static void
fixture_remove_folder (const char *folder) {
  nftw (folder, fixture_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* A fresh folder; remove it with fixture_remove_folder(). */
G_GNUC_UNUSED static char *
fixture_make_folder (void) {
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

#define FIXTURE_PASSPHRASE "correct horse battery"

G_GNUC_UNUSED static TesseraVault *
fixture_create_vault (const char *folder) {
  g_autoptr (TesseraSecret) passphrase = tessera_secret_new_from_bytes (FIXTURE_PASSPHRASE,
                                                                        strlen (FIXTURE_PASSPHRASE));
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (GError) error = NULL;
  TesseraVault *vault = tessera_vault_create (folder, "Test Worker", passphrase, TESSERA_WORK_FACTOR_MINIMUM,
                                              &recovery_key, &error);

  g_assert_no_error (error);
  return vault;
}

G_GNUC_UNUSED static TesseraVault *
fixture_unlock_vault (const char *folder) {
  g_autoptr (TesseraSecret) passphrase = tessera_secret_new_from_bytes (FIXTURE_PASSPHRASE,
                                                                        strlen (FIXTURE_PASSPHRASE));
  g_autoptr (GError) error = NULL;
  TesseraVault *vault = tessera_vault_unlock (folder, NULL, passphrase, &error);

  g_assert_no_error (error);
  return vault;
}

/* Vault and store in a folder made by fixture_make_folder(). */
G_GNUC_UNUSED static TesseraStore *
fixture_open_store (TesseraVault *vault) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (GError) error = NULL;
  TesseraStore *store = tessera_store_open (vault, registry, &error);

  g_assert_no_error (error);
  return store;
}

G_GNUC_UNUSED static void
fixture_close (TesseraStore **store, TesseraVault **vault) {
  tessera_store_close (*store);
  /* News of changes still on their way to the main context hold the store. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (g_steal_pointer (store));
  tessera_vault_close (*vault);
  g_assert_finalize_object (g_steal_pointer (vault));
}
