/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-rotate.c: another data key for a vault.
 *
 * The store is copied under the new key to store.db.rotating. When the copy is complete and checked, the key file is
 * replaced: that is the moment from which the new key holds. Then the copy takes the place of the store. Interrupted
 * before that moment, the copy is worthless, because nobody has its key; interrupted after it, the copy is the store.
 * Which of the two it is shows by trying: a file either opens under the data key of the key file or it does not.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-database-copy.h"
#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

typedef struct {
  TesseraVault *vault;
  TesseraVaultProgress progress;
  gpointer progress_data;
  GCancellable *cancellable;
  TesseraKeys keys;      /* the new data key, the old derivation key */
  TesseraPageVfs *pages; /* of the copy */
  sqlite3 *original;     /* open to the end: where folders cannot be locked, its lock keeps other programs out */
  gboolean checking;     /* all is copied and is being read back */
} Rotation;

static void
rotation_clear (Rotation *self)
{
  sqlite3_close (self->original);
  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  tessera_keys_clear (&self->keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rotation, rotation_clear)

/* ---- the copy ---- */

static void
remove_copy (TesseraVault *vault)
{
  static const char *const names[] = { TESSERA_VAULT_STORE_ROTATING "-wal", TESSERA_VAULT_STORE_ROTATING "-journal",
                                       TESSERA_VAULT_STORE_ROTATING };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (vault->place, names[i], NULL);

    g_unlink (path);
  }
}

static gboolean
make_copy_file (TesseraVault *vault, GError **error)
{
  g_autofree char *path = g_build_filename (vault->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  int descriptor;

  remove_copy (vault);
  descriptor = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  close (descriptor);
  return TRUE;
}

/* The store with nobody else in it and no log beside it: only the last connection can leave the mode with the log. */
static sqlite3 *
open_original (TesseraVault *vault, GError **error)
{
  sqlite3 *database = tessera_vault_connect_store (vault, TRUE, error);
  int rc;

  if (database == NULL)
    return NULL;
  sqlite3_busy_timeout (database, 0);
  rc = sqlite3_exec (database, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    return database;
  if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
                 _("The store is still open; close what works with it and try again."));
  else
    tessera_vault_set_sqlite_error (error, database, rc);
  sqlite3_close (database);
  return NULL;
}

static gboolean
tell (guint64 done, guint64 total, gpointer data)
{
  Rotation *self = data;

  if (self->progress != NULL)
    self->progress ((gint64) (self->checking ? total + done : done), (gint64) (2 * total), self->progress_data);
  return !g_cancellable_is_cancelled (self->cancellable);
}

/* @rc came from @database while pages were copied or read. */
static gboolean
is_done (Rotation *self, sqlite3 *database, int rc, GError **error)
{
  if (rc == SQLITE_OK)
    return TRUE;
  if (rc != SQLITE_ABORT || !g_cancellable_set_error_if_cancelled (self->cancellable, error))
    tessera_vault_set_sqlite_error (error, database, rc);
  return FALSE;
}

/* Never with a log: what is renamed must be one file. */
static gboolean
copy_pages (Rotation *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->vault->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  sqlite3 *to = tessera_vault_open_empty (path, self->pages, error);
  gboolean done = to != NULL && is_done (self, to, tessera_database_copy (self->original, to, tell, self), error);

  /* Closing writes nothing: the copy was committed and synchronized by its last step. */
  sqlite3_close (to);
  return done;
}

/* SQLite has done so already; but everything will hang on it. */
static gboolean
sync_copy (Rotation *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->vault->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  int rc = descriptor < 0 ? -1 : fsync (descriptor);
  int saved = errno;

  /* Whoever checks it shall read the disk and not the memory. */
  if (rc == 0)
    posix_fadvise (descriptor, 0, 0, POSIX_FADV_DONTNEED);
  if (descriptor >= 0)
    close (descriptor);
  if (rc == 0)
    return tessera_vault_file_sync_folder (self->vault->place, error);
  tessera_vault_file_set_error (error, saved, path);
  return FALSE;
}

/* Reads every page of the copy back from the disk. */
static gboolean
check_copy (Rotation *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->vault->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  sqlite3 *database = tessera_vault_open_still (path, self->pages);
  gboolean good;

  self->checking = TRUE;
  if (database == NULL) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("The copy of the store cannot be read back, so the data key was not changed; the disk may be failing."));
    return FALSE;
  }
  good = is_done (self, database, tessera_database_read_all (database, tell, self), error);
  sqlite3_close (database);
  return good;
}

static gboolean
make_copy (Rotation *self, GError **error)
{
  self->original = open_original (self->vault, error);
  return self->original != NULL && make_copy_file (self->vault, error) && copy_pages (self, error) && sync_copy (self, error) &&
         check_copy (self, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* ---- the switch ---- */

/* A key file with the new data key in a box for everybody, the one who is present too. */
static TesseraKeyFile *
make_key_file (Rotation *self, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->vault->key_file);

  for (guint i = 0; i < changed->slots->len; i++) {
    if (!tessera_key_slot_box (changed, &g_array_index (changed->slots, TesseraKeySlot, i), &self->keys)) {
      g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                   _("The key file “%s” was changed by somebody without the key; put a copy from a backup in its "
                     "place."),
                   TESSERA_KEY_FILE_NAME);
      return NULL;
    }
  }
  return g_steal_pointer (&changed);
}

/* Whether the key file on the disk is surely still the one of before. */
static gboolean
is_key_file_unchanged (TesseraVault *vault)
{
  g_autoptr (TesseraKeyFile) present = tessera_key_file_load (vault->place, NULL);

  return present != NULL && tessera_key_file_verify (present, vault->data_key);
}

static gboolean
put_copy_in_place (TesseraVault *vault, GError **error)
{
  g_autofree char *copy = g_build_filename (vault->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  g_autofree char *store = g_build_filename (vault->place, TESSERA_VAULT_STORE, NULL);

  if (g_rename (copy, store) == 0)
    return tessera_vault_file_sync_folder (vault->place, error);
  tessera_vault_file_set_error (error, errno, store);
  return FALSE;
}

/* The key file of before opens nothing that is here any more. */
static void
remove_previous (TesseraVault *vault)
{
  g_autofree char *path = g_build_filename (vault->place, TESSERA_KEY_FILE_PREVIOUS, NULL);

  g_unlink (path);
}

/* The new key file is on the disk: the vault goes on with it. */
static gboolean
change_over (Rotation *self, TesseraKeyFile *changed, GError **error)
{
  TesseraVault *vault = self->vault;
  TesseraPageVfs *pages;

  if (!put_copy_in_place (vault, error))
    return FALSE;
  pages = tessera_vault_register_pages (vault, TESSERA_VAULT_STORE, self->keys.data, error);
  if (pages == NULL)
    return FALSE;
  tessera_page_vfs_unregister (vault->pages);
  vault->pages = pages;
  tessera_key_file_free (vault->key_file);
  vault->key_file = tessera_key_file_copy (changed);
  tessera_secret_free (vault->data_key);
  vault->data_key = tessera_secret_copy (self->keys.data);
  remove_previous (vault);
  return TRUE;
}

/* @ret_state: how the vault is left. */
static gboolean
switch_keys (Rotation *self, TesseraVaultState *ret_state, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = make_key_file (self, error);

  if (changed == NULL || !tessera_vault_check_key_file (self->vault, error))
    return FALSE;
  if (!tessera_key_file_store (changed, self->vault->place, self->keys.data, error)) {
    /* It may be in place all the same, though perhaps not after a loss of power. Then nothing may be written to the
     * store any more, and the copy must stay. */
    if (!is_key_file_unchanged (self->vault))
      *ret_state = TESSERA_VAULT_STATE_UNFINISHED;
    return FALSE;
  }
  if (change_over (self, changed, error))
    return TRUE;
  *ret_state = TESSERA_VAULT_STATE_UNFINISHED;
  return FALSE;
}

static gboolean
rotate (Rotation *self, TesseraVaultState *ret_state, GError **error)
{
  TesseraVault *vault = self->vault;

  self->keys.data = tessera_secret_new_random (TESSERA_KEY_FILE_KEY_BYTES);
  self->keys.derivation = tessera_secret_copy (vault->derivation_key);
  self->pages = tessera_vault_register_pages (vault, TESSERA_VAULT_STORE_ROTATING, self->keys.data, error);
  if (self->pages == NULL)
    return FALSE;
  if (make_copy (self, error) && switch_keys (self, ret_state, error))
    return TRUE;
  if (*ret_state == TESSERA_VAULT_STATE_READY)
    remove_copy (vault);
  return FALSE;
}

gboolean
tessera_vault_rotate (TesseraVault *self, TesseraVaultProgress progress, gpointer progress_data,
                      GCancellable *cancellable, GError **error)
{
  g_auto (Rotation) rotation = { self, progress, progress_data, cancellable, { NULL, NULL }, NULL, NULL, FALSE };
  TesseraVaultState state = TESSERA_VAULT_STATE_READY;
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);

  /* Minutes may pass: nobody waits for the guard, but is told. */
  if (!tessera_vault_begin_change (self, error))
    return FALSE;
  self->state = TESSERA_VAULT_STATE_ROTATING;
  tessera_vault_end_change (self);

  done = rotate (&rotation, &state, error);

  g_mutex_lock (&self->guard);
  self->state = state;
  g_mutex_unlock (&self->guard);
  return done;
}

/* ---- after an interruption ---- */

static gboolean
is_regular (const char *path)
{
  GStatBuf facts;

  return g_lstat (path, &facts) == 0 && S_ISREG (facts.st_mode);
}

/* Whether the file @name opens through @pages, without changing it. *@ret_foreign: whether it surely does not, which is
 * not the same as "not now". */
static gboolean
opens (TesseraVault *vault, TesseraPageVfs *pages, const char *name, gboolean *ret_foreign)
{
  g_autofree char *path = g_build_filename (vault->place, name, NULL);
  sqlite3 *database;

  tessera_page_vfs_take_problem (pages);
  database = tessera_vault_open_still (path, pages);
  *ret_foreign = database == NULL && tessera_page_vfs_take_problem (pages) == TESSERA_PAGE_PROBLEM_DAMAGED;
  sqlite3_close (database);
  return database != NULL;
}

gboolean
tessera_vault_has_foreign_store (TesseraVault *self)
{
  gboolean foreign = FALSE;

  opens (self, self->pages, TESSERA_VAULT_STORE, &foreign);
  return foreign;
}

gboolean
tessera_vault_finish_rotation (TesseraVault *self, GError **error)
{
  g_autofree char *copy = g_build_filename (self->place, TESSERA_VAULT_STORE_ROTATING, NULL);
  g_autofree char *store = g_build_filename (self->place, TESSERA_VAULT_STORE, NULL);
  g_autoptr (TesseraPageVfs) pages = NULL;
  gboolean foreign = FALSE;

  if (!is_regular (copy))
    return TRUE;
  if (opens (self, self->pages, TESSERA_VAULT_STORE, &foreign)) {
    remove_copy (self);
    return TRUE;
  }
  /* A store that cannot be read at this moment, or whose log is gone, must not be replaced. */
  if (!foreign && g_file_test (store, G_FILE_TEST_EXISTS))
    return TRUE;
  pages = tessera_vault_register_pages (self, TESSERA_VAULT_STORE_ROTATING, self->data_key, error);
  if (pages == NULL)
    return FALSE;
  /* If neither opens, everything stays as it is, and opening the store will say what is wrong with it. The key file
   * must be durable before the store of before it is given up. */
  return !opens (self, pages, TESSERA_VAULT_STORE_ROTATING, &foreign) ||
         (tessera_vault_file_sync_folder (self->place, error) && put_copy_in_place (self, error));
}
