/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-key-file-disk.c: vault.keys on the disk: loading, and replacing without ever being without one.
 */
#include "config.h"

#include "tessera-key-file.h"

#include <glib/gi18n-lib.h>

#include "tessera-vault-file.h"
#include "tessera-vault.h"

#define SIZE_LIMIT (128 * 1024)
#define STORE_NAME "store.db"

static gboolean
is_there (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
set_missing_error (const char *folder, GError **error)
{
  if (is_there (folder, TESSERA_KEY_FILE_PREVIOUS))
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The key file “%s” is missing; rename “%s” to that name."), TESSERA_KEY_FILE_NAME,
                 TESSERA_KEY_FILE_PREVIOUS);
  else if (is_there (folder, STORE_NAME))
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
      _("This folder holds a store but not its key file “%s”; put a copy from a backup beside it."),
      TESSERA_KEY_FILE_NAME);
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
                 _("This folder holds no Tessera vault; choose another folder or create a vault."));
}

TesseraKeyFile *
tessera_key_file_load (const char *folder, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;
  gsize size = 0;

  text = tessera_vault_file_read (folder, TESSERA_KEY_FILE_NAME, SIZE_LIMIT, &size, &failure);
  if (text != NULL)
    return tessera_key_file_parse (text, size, error);
  if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
      g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
    set_missing_error (folder, error);
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("The key file “%s” cannot be read: %s."), TESSERA_KEY_FILE_NAME, failure->message);
  return NULL;
}

/* A copy, not a link or a rename: there is never a moment without vault.keys, and no file system need know
 * links. */
static gboolean
keep_previous (const char *folder, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;

  text = tessera_vault_file_read (folder, TESSERA_KEY_FILE_NAME, SIZE_LIMIT, &size, NULL);
  return text == NULL || tessera_vault_file_replace (folder, TESSERA_KEY_FILE_PREVIOUS, text, error);
}

gboolean
tessera_key_file_store (TesseraKeyFile *self, const char *folder, const TesseraSecret *data_key,
                        GError **error)
{
  g_autofree char *text = tessera_key_file_serialize (self, data_key);

  return keep_previous (folder, error) &&
         tessera_vault_file_replace (folder, TESSERA_KEY_FILE_NAME, text, error);
}
