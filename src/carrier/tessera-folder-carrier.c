/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-folder-carrier.c: listing, reading, writing and removing files of a folder that others write to as
 * well.
 *
 * Every name is checked against the pattern and used relative to the open folder, and no link is ever
 * followed, so that nothing outside the folder can be read or written.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-folder-carrier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-carrier-private.h"

#define NAME_DIGITS "abcdefghijklmnopqrstuvwxyz234567"
#define NAME_SUFFIX ".age"
#define BLOCK_SIZE (1024 * 1024)
/* A temporary file of somebody who crashed may go after a day. */
#define PART_LIFE_SECONDS (24 * 60 * 60)

struct _TesseraFolderCarrier {
  GObject parent_instance;
  char *folder;
  TesseraCarrierCheck check;
};

G_DEFINE_FINAL_TYPE (TesseraFolderCarrier, tessera_folder_carrier, G_TYPE_OBJECT)

static void
tessera_folder_carrier_finalize (GObject *object) {
  g_free (TESSERA_FOLDER_CARRIER (object)->folder);
  G_OBJECT_CLASS (tessera_folder_carrier_parent_class)->finalize (object);
}

static void
tessera_folder_carrier_class_init (TesseraFolderCarrierClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_folder_carrier_finalize;
}

static void
tessera_folder_carrier_init (TesseraFolderCarrier *self) {
}

TesseraFolderCarrier *
tessera_folder_carrier_new (const char *folder, TesseraCarrierCheck check) {
  TesseraFolderCarrier *self = g_object_new (TESSERA_TYPE_FOLDER_CARRIER, NULL);

  self->folder = g_strdup (folder);
  self->check = check;
  return self;
}

const char *
tessera_folder_carrier_get_folder (TesseraFolderCarrier *self) {
  return self->folder;
}

gboolean
tessera_carrier_is_name (const char *name) {
  gsize digits = strspn (name, NAME_DIGITS);

  return digits == TESSERA_CARRIER_NAME_LENGTH - strlen (NAME_SUFFIX)
         && strcmp (name + digits, NAME_SUFFIX) == 0;
}

/* The folder, for a call about @name; -1 with an error when the name is not one of ours. */
static int
open_for (TesseraFolderCarrier *self, const char *name, GError **error) {
  if (tessera_carrier_is_name (name))
    return tessera_carrier_open_folder (self->folder, error);
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
               _("“%s” is not a name that carriers use; nothing was read or written."), name);
  return -1;
}

static int
compare_names (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
is_fetchable (int folder, const char *name) {
  struct stat status;

  return tessera_carrier_is_name (name) && fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (status.st_mode) && (guint64) status.st_size <= TESSERA_CARRIER_SIZE_LIMIT;
}

/* Calls @func for every name until it says %FALSE. Consumes @folder. Returns 0 or an errno. */
static int
walk (int folder, gboolean (*func) (int folder, const char *name, gpointer data), gpointer data) {
  DIR *entries = fdopendir (folder);
  struct dirent *entry;
  int reason = 0;

  if (entries == NULL) {
    reason = errno;
    close (folder);
    return reason;
  }
  errno = 0;
  while ((entry = readdir (entries)) != NULL && func (folder, entry->d_name, data))
    errno = 0;
  if (entry == NULL)
    reason = errno;
  closedir (entries);
  return reason;
}

static gboolean
take_name (int folder, const char *name, gpointer data) {
  GPtrArray *names = data;

  if (is_fetchable (folder, name))
    g_ptr_array_add (names, g_strdup (name));
  return names->len < TESSERA_CARRIER_LIST_LIMIT;
}

GPtrArray *
tessera_folder_carrier_list (TesseraFolderCarrier *self, GError **error) {
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int folder = tessera_carrier_open_folder (self->folder, error);
  int reason;

  if (folder < 0)
    return NULL;
  reason = walk (folder, take_name, names);
  if (reason != 0) {
    tessera_carrier_set_read_error (error, reason, self->folder);
    return NULL;
  }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* At most one byte more than allowed, whatever the file's size is said to be: it may grow while we read. */
static int
read_all (int descriptor, GByteArray *content) {
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);

  while (content->len <= TESSERA_CARRIER_SIZE_LIMIT) {
    gssize size = read (descriptor, block, MIN (BLOCK_SIZE, TESSERA_CARRIER_SIZE_LIMIT + 1 - content->len));

    if (size == 0)
      return 0;
    if (size > 0)
      g_byte_array_append (content, block, (guint) size);
    else if (errno != EINTR)
      return errno;
  }
  return EFBIG;
}

static void
set_size_error (GError **error, const char *name) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
               _("The file “%s” is larger than 256 MiB and is left alone; ask who sent it."), name);
}

/* Size of an ordinary file that is not too large, or -1. */
static goffset
check_kind (int descriptor, const char *name, GError **error) {
  struct stat status;

  if (fstat (descriptor, &status) != 0) {
    tessera_carrier_set_read_error (error, errno, name);
    return -1;
  }
  if (!S_ISREG (status.st_mode)) {
    tessera_carrier_set_unsafe_error (error, name);
    return -1;
  }
  if ((guint64) status.st_size <= TESSERA_CARRIER_SIZE_LIMIT)
    return status.st_size;
  set_size_error (error, name);
  return -1;
}

static GBytes *
read_descriptor (int descriptor, const char *name, GError **error) {
  g_autoptr (GByteArray) content = NULL;
  goffset size = check_kind (descriptor, name, error);
  int reason;

  if (size < 0)
    return NULL;
  content = g_byte_array_sized_new ((guint) size);
  reason = read_all (descriptor, content);
  if (reason == 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&content));
  if (reason == EFBIG)
    set_size_error (error, name);
  else
    tessera_carrier_set_read_error (error, reason, name);
  return NULL;
}

static GBytes *
read_file (int folder, const char *name, GError **error) {
  /* Not waiting for a writer, should it be a pipe. */
  int descriptor = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  GBytes *file;

  if (descriptor < 0) {
    tessera_carrier_set_read_error (error, errno, name);
    return NULL;
  }
  file = read_descriptor (descriptor, name, error);
  close (descriptor);
  return file;
}

GBytes *
tessera_folder_carrier_fetch (TesseraFolderCarrier *self, const char *name, GError **error) {
  int folder = open_for (self, name, error);
  g_autoptr (GBytes) file = NULL;

  if (folder < 0)
    return NULL;
  file = read_file (folder, name, error);
  close (folder);
  if (file == NULL || self->check (name, file))
    return g_steal_pointer (&file);
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE,
               _("The file “%s” is not complete or was changed; wait until it is copied or ask for it again."),
               name);
  return NULL;
}

/* Something has that name. Ours is the only content that fits it, so anything else is half a file and may go;
 * but only an ordinary file is looked at. */
static gboolean
settle (TesseraFolderCarrier *self, int folder, const char *part, const char *name, GBytes *file,
        GError **error) {
  g_autoptr (GBytes) there = read_file (folder, name, error);
  int reason;

  if (there == NULL || g_bytes_equal (there, file)) {
    unlinkat (folder, part, 0);
    return there != NULL;
  }
  if (renameat (folder, part, folder, name) == 0)
    return TRUE;
  reason = errno;
  unlinkat (folder, part, 0);
  tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}

static gboolean
put_in_folder (TesseraFolderCarrier *self, int folder, const char *name, GBytes *file, GError **error) {
  /* Others read it through their own accounts: what the umask allows. */
  g_autofree char *part = tessera_carrier_write_part (folder, file, 0666, self->folder, error);
  int reason;

  if (part == NULL)
    return FALSE;
  reason = tessera_carrier_rename_new (folder, part, name, TESSERA_RENAME_ATOMIC);
  if (reason == EEXIST) {
    if (!settle (self, folder, part, name, file, error))
      return FALSE;
    reason = 0;
  } else if (reason != 0) {
    unlinkat (folder, part, 0);
  }
  if (reason == 0)
    reason = tessera_carrier_sync (folder);
  if (reason == 0)
    return TRUE;
  tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}

static gboolean
drop_old_part (int folder, const char *name, gpointer data) {
  const gint64 *now = data;
  struct stat status;

  if (tessera_carrier_is_part (name) && fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && S_ISREG (status.st_mode) && status.st_mtime < *now - PART_LIFE_SECONDS)
    unlinkat (folder, name, 0);
  return TRUE;
}

gboolean
tessera_folder_carrier_put (TesseraFolderCarrier *self, const char *name, GBytes *file, GError **error) {
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  int folder;
  gboolean done;

  if (g_bytes_get_size (file) > TESSERA_CARRIER_SIZE_LIMIT) {
    set_size_error (error, name);
    return FALSE;
  }
  folder = open_for (self, name, error);
  if (folder < 0)
    return FALSE;
  if (!self->check (name, file)) {
    close (folder);
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE,
                 _("The file “%s” does not fit its name and was not written; make it again."), name);
    return FALSE;
  }
  done = put_in_folder (self, folder, name, file, error);
  /* Tidying is a favor to others; that it fails is no reason to fail. */
  walk (folder, drop_old_part, &now);
  return done;
}

gboolean
tessera_folder_carrier_remove (TesseraFolderCarrier *self, const char *name, GError **error) {
  int folder = open_for (self, name, error);
  struct stat status;
  int reason = 0;

  if (folder < 0)
    return FALSE;
  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    reason = errno;
  } else if (!S_ISREG (status.st_mode)) {
    close (folder);
    tessera_carrier_set_unsafe_error (error, name);
    return FALSE;
  } else if (unlinkat (folder, name, 0) != 0) {
    reason = errno;
  } else {
    reason = tessera_carrier_sync (folder);
  }
  close (folder);
  if (reason == 0 || reason == ENOENT)
    return TRUE;
  tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}

gboolean
tessera_folder_carrier_flush (TesseraFolderCarrier *self, GError **error) {
  int folder = tessera_carrier_open_folder (self->folder, error);
  int reason;

  if (folder < 0)
    return FALSE;
  reason = syncfs (folder) == 0 ? 0 : errno;
  close (folder);
  if (reason == 0)
    return TRUE;
  tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}
