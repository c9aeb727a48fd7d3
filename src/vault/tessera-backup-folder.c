/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-folder.c: the folder of a vault that is made from a backup.
 *
 * The store too is filled under another name: a key file without its store is refused as half a vault, should somebody
 * point a program at the folder that a killed restore left.
 */
#include "config.h"

#include "tessera-backup-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

#define STORE_NEW TESSERA_VAULT_STORE ".new"

/* In the folder while it is made, with the folder's own name in it; without it a folder of that name is somebody's
 * vault. When the folder gets its place, the name is wrong and the mark means nothing any more. */
#define MARK "vault.restoring"
#define MARK_LIMIT 4096

/* The folder is not there, or empty. */
static gboolean
check_place (const char *folder, GError **error)
{
  g_autoptr (GDir) entries = NULL;
  g_autofree char *shown = g_filename_display_name (folder);
  GStatBuf facts;

  if (g_lstat (folder, &facts) != 0 && errno == ENOENT)
    return TRUE;
  entries = g_dir_open (folder, 0, NULL);
  if (entries != NULL && g_dir_read_name (entries) == NULL)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
               _("There is already something in “%s”; choose a folder that is new or empty."), shown);
  return FALSE;
}

static gboolean
is_ours (const char *name)
{
  return g_str_has_prefix (name, "vault.") || g_str_has_prefix (name, TESSERA_VAULT_STORE);
}

void
tessera_backup_folder_remove (const char *folder_new)
{
  g_autoptr (GDir) entries = g_dir_open (folder_new, 0, NULL);
  g_autofree char *mark = g_build_filename (folder_new, MARK, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree char *path = g_build_filename (folder_new, name, NULL);

    if (is_ours (name) && strcmp (name, MARK) != 0)
      g_unlink (path);
  }
  g_unlink (mark);
  g_rmdir (folder_new);
}

static gboolean
is_marked (const char *folder_new)
{
  g_autofree char *name = g_path_get_basename (folder_new);
  g_autofree char *text = NULL;
  gsize size;

  text = tessera_vault_file_read (folder_new, MARK, MARK_LIMIT, &size, NULL);
  return text != NULL && strcmp (text, name) == 0;
}

/* What a restore that was killed left; not what one at work in another program has locked. */
static void
remove_leftovers (const char *folder_new)
{
  g_autofree char *mark_new = g_build_filename (folder_new, MARK ".new", NULL);
  int lock;

  /* Killed before there was a mark. */
  g_unlink (mark_new);
  if (g_rmdir (folder_new) == 0 || !is_marked (folder_new))
    return;
  lock = open (folder_new, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0)
    return;
  if (flock (lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    tessera_backup_folder_remove (folder_new);
  close (lock);
}

/* Without a slash at its end, so that there is a beside. */
static char *
name_beside (const char *folder)
{
  g_autofree char *place = g_canonicalize_filename (folder, NULL);

  return g_strconcat (place, ".new", NULL);
}

static gboolean
make_parents (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_mkdir_with_parents (parent, 0700) == 0)
    return TRUE;
  tessera_vault_file_set_error (error, errno, parent);
  return FALSE;
}

char *
tessera_backup_folder_create (TesseraBackupFile *file, const char *folder, GError **error)
{
  g_autofree char *folder_new = name_beside (folder);
  g_autofree char *name = g_path_get_basename (folder_new);
  g_autofree char *text = tessera_backup_file_get_keys (file);

  if (!check_place (folder, error) || !make_parents (folder_new, error))
    return NULL;
  remove_leftovers (folder_new);
  if (g_mkdir (folder_new, 0700) != 0) {
    if (errno == EEXIST)
      g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                   _("“%s” is in the way: another restore is at work there, or it holds other files; choose another "
                     "folder."), folder_new);
    else
      tessera_vault_file_set_error (error, errno, folder_new);
    return NULL;
  }
  if (!tessera_vault_file_replace (folder_new, MARK, name, error)
      || !tessera_vault_file_replace (folder_new, TESSERA_KEY_FILE_NAME, text, error)) {
    tessera_backup_folder_remove (folder_new);
    return NULL;
  }
  return g_steal_pointer (&folder_new);
}

sqlite3 *
tessera_backup_folder_begin_store (TesseraVault *vault, GError **error)
{
  g_autofree char *path = g_build_filename (vault->place, STORE_NEW, NULL);
  int descriptor = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (descriptor < 0) {
    tessera_vault_file_set_error (error, errno, path);
    return NULL;
  }
  close (descriptor);
  return tessera_vault_open_empty (path, vault->pages, error);
}

/* SQLite has synchronized what it wrote; the key file says already that there is a store. */
gboolean
tessera_backup_folder_finish_store (TesseraVault *vault, GError **error)
{
  g_autofree char *path = g_build_filename (vault->place, TESSERA_VAULT_STORE, NULL);
  g_autofree char *path_new = g_build_filename (vault->place, STORE_NEW, NULL);

  if (g_rename (path_new, path) != 0) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  return tessera_vault_file_sync_folder (vault->place, error);
}

gboolean
tessera_backup_folder_finish (const char *folder_new, const char *folder, GError **error)
{
  g_autofree char *place = g_canonicalize_filename (folder, NULL);
  g_autofree char *parent = g_path_get_dirname (place);
  g_autofree char *mark = g_build_filename (place, MARK, NULL);

  if (!check_place (place, error))
    return FALSE;
  /* An empty folder in its place is replaced; the system refuses to replace anything else. */
  if (g_rename (folder_new, place) != 0) {
    tessera_vault_file_set_error (error, errno, folder);
    return FALSE;
  }
  g_unlink (mark);
  return tessera_vault_file_sync_folder (place, error) && tessera_vault_file_sync_folder (parent, error);
}
