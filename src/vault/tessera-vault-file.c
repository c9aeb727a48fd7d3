/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-file.c: small files in a vault's folder, whole or not at all.
 */
#include "config.h"

#include "tessera-vault-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-vault.h"

void
tessera_vault_file_set_error (GError **error, int code, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FULL,
                 _("There is no space left to write “%s”; nothing was changed; make room and try again."),
                 shown);
  else if (code == EFBIG)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FULL,
                 _("The disk takes no file as large as “%s” must be; choose another disk."), shown);
  else if (code == EROFS || code == EACCES || code == EPERM)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_READ_ONLY,
                 _("“%s” cannot be written; check that the folder is yours and is not write-protected."),
                 shown);
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("The computer refused to write or read “%s”: %s."), shown, g_strerror (code));
}

char *
tessera_vault_file_read (const char *folder, const char *name, gsize limit, gsize *ret_size, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = g_malloc (limit + 1);
  gsize size = 0;
  gssize got;
  int saved;
  int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (descriptor < 0) {
    saved = errno;
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s", g_strerror (saved));
    return NULL;
  }
  do {
    got = read (descriptor, text + size, limit - size);
    if (got > 0)
      size += (gsize) got;
  } while ((got > 0 && size < limit) || (got < 0 && errno == EINTR));
  saved = errno;
  close (descriptor);
  if (got < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s", g_strerror (saved));
    return NULL;
  }
  text[size] = '\0';
  *ret_size = size;
  return g_steal_pointer (&text);
}

gboolean
tessera_vault_file_sync_folder (const char *folder, GError **error)
{
  int descriptor = open (folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  int rc = descriptor < 0 ? -1 : fsync (descriptor);
  int saved = errno;

  if (descriptor >= 0)
    close (descriptor);
  /* Some file systems cannot synchronize a folder and say so; there is nothing better to do on them. */
  if (rc == 0 || saved == EINVAL)
    return TRUE;
  tessera_vault_file_set_error (error, saved, folder);
  return FALSE;
}

static gboolean
write_whole (int descriptor, const char *text)
{
  gsize left = strlen (text);

  while (left > 0) {
    gssize written = write (descriptor, text, left);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return FALSE;
    text += written;
    left -= (gsize) written;
  }
  return fsync (descriptor) == 0;
}

gboolean
tessera_vault_file_replace (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *path_new = g_strconcat (path, ".new", NULL);
  gboolean done = FALSE;
  int descriptor, saved;

  unlink (path_new); /* left behind by a crash, or put there by somebody else */
  descriptor = open (path_new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  saved = errno;
  if (descriptor >= 0) {
    done = write_whole (descriptor, text);
    saved = errno;
    if (close (descriptor) != 0 && done) {
      saved = errno;
      done = FALSE;
    }
    if (done && rename (path_new, path) != 0) {
      saved = errno;
      done = FALSE;
    }
    if (!done)
      unlink (path_new);
  }
  if (!done) {
    tessera_vault_file_set_error (error, saved, path);
    return FALSE;
  }
  return tessera_vault_file_sync_folder (folder, error);
}
