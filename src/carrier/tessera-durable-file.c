/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-durable-file.c: writing under a temporary name, syncing, renaming, syncing the folder.
 *
 * After a crash or a pulled stick there is the old file, the new one, or a ".part" beside them; never half of
 * one.
 */
#include "config.h"

#include "tessera-durable-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-carrier-private.h"

/* Says nothing of who writes here. */
#define PART_PREFIX "up-"
/* Sync clients know this ending and do not carry such files. */
#define PART_SUFFIX ".part"
#define PART_DIGITS 16
#define PART_ATTEMPTS 100

int
tessera_carrier_open_folder (const char *path, GError **error) {
  int folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (folder < 0)
    tessera_carrier_set_read_error (error, errno, path);
  return folder;
}

int
tessera_carrier_write_all (int descriptor, gconstpointer data, gsize size) {
  const char *rest = data;

  while (size > 0) {
    gssize written = write (descriptor, rest, size);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno;
    rest += written;
    size -= (gsize) written;
  }
  return 0;
}

int
tessera_carrier_sync (int descriptor) {
  if (fsync (descriptor) == 0 || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
    return 0;
  return errno;
}

/* The name is random, and taken all the same if a copy of this process died here. */
int
tessera_carrier_create_part (int folder, guint mode, char **ret_name) {
  int descriptor = -1;

  for (guint i = 0; i < PART_ATTEMPTS && descriptor < 0 && (i == 0 || errno == EEXIST); i++) {
    g_free (*ret_name);
    *ret_name = g_strdup_printf (PART_PREFIX "%08x%08x" PART_SUFFIX, g_random_int (), g_random_int ());
    descriptor = openat (folder, *ret_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         (mode_t) mode);
  }
  return descriptor;
}

gboolean
tessera_carrier_is_part (const char *name) {
  gsize digits = strspn (name + (g_str_has_prefix (name, PART_PREFIX) ? strlen (PART_PREFIX) : 0),
                         "0123456789abcdef");

  return g_str_has_prefix (name, PART_PREFIX) && digits == PART_DIGITS
         && strcmp (name + strlen (PART_PREFIX) + PART_DIGITS, PART_SUFFIX) == 0;
}

int
tessera_carrier_close_part (int descriptor) {
  int reason = tessera_carrier_sync (descriptor);

  /* Network file systems tell of a full disk only here. */
  if (close (descriptor) != 0 && reason == 0 && errno != EINTR)
    reason = errno;
  return reason;
}

static int
fill_part (int descriptor, GBytes *bytes) {
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  int reason = tessera_carrier_write_all (descriptor, data, size);
  int close_reason = tessera_carrier_close_part (descriptor);

  return reason != 0 ? reason : close_reason;
}

char *
tessera_carrier_write_part (int folder, GBytes *bytes, guint mode, const char *where, GError **error) {
  g_autofree char *name = NULL;
  int descriptor = tessera_carrier_create_part (folder, mode, &name);
  int reason;

  if (descriptor < 0) {
    tessera_carrier_set_write_error (error, errno, where);
    return NULL;
  }
  reason = fill_part (descriptor, bytes);
  if (reason != 0) {
    unlinkat (folder, name, 0);
    tessera_carrier_set_write_error (error, reason, where);
    return NULL;
  }
  return g_steal_pointer (&name);
}

static gboolean
is_unknown_to_file_system (int reason) {
  return reason == EINVAL || reason == ENOSYS || reason == EOPNOTSUPP || reason == EPERM || reason == EMLINK;
}

static int
rename_once (int folder, const char *from, const char *to, TesseraRenameWay way) {
  struct stat there;

  switch (way) {
  case TESSERA_RENAME_ATOMIC:
    return renameat2 (folder, from, folder, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
  case TESSERA_RENAME_LINK:
    if (linkat (folder, from, folder, to, 0) != 0)
      return errno;
    unlinkat (folder, from, 0);
    return 0;
  case TESSERA_RENAME_LOOK:
  default:
    if (fstatat (folder, to, &there, AT_SYMLINK_NOFOLLOW) == 0)
      return EEXIST;
    return renameat (folder, from, folder, to) == 0 ? 0 : errno;
  }
}

int
tessera_carrier_rename_new (int folder, const char *from, const char *to, TesseraRenameWay way) {
  int reason = rename_once (folder, from, to, way);

  if (way != TESSERA_RENAME_LOOK && is_unknown_to_file_system (reason))
    return tessera_carrier_rename_new (folder, from, to, way + 1);
  return reason;
}

static gboolean
may_be_replaced (int folder, const char *name) {
  struct stat there;

  return fstatat (folder, name, &there, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG (there.st_mode);
}

static gboolean
write_in_folder (int folder, const char *name, const char *path, GBytes *bytes, GError **error) {
  g_autofree char *part = NULL;
  int reason = 0;

  if (*name == '\0' || !may_be_replaced (folder, name)) {
    tessera_carrier_set_unsafe_error (error, path);
    return FALSE;
  }
  part = tessera_carrier_write_part (folder, bytes, 0600, path, error);
  if (part == NULL)
    return FALSE;
  if (renameat (folder, part, folder, name) != 0) {
    reason = errno;
    unlinkat (folder, part, 0);
  } else {
    reason = tessera_carrier_sync (folder);
  }
  if (reason == 0)
    return TRUE;
  tessera_carrier_set_write_error (error, reason, path);
  return FALSE;
}

gboolean
tessera_carrier_write_file (const char *path, GBytes *bytes, GError **error) {
  g_autofree char *parent = g_path_get_dirname (path);
  const char *slash = strrchr (path, G_DIR_SEPARATOR);
  int folder = tessera_carrier_open_folder (parent, error);
  gboolean done;

  if (folder < 0)
    return FALSE;
  done = write_in_folder (folder, slash != NULL ? slash + 1 : path, path, bytes, error);
  close (folder);
  return done;
}
