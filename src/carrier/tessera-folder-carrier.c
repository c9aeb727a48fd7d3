/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-folder-carrier.c: listing, fetching, putting and removing files of a folder that others write to as
 * well.
 *
 * Every name is checked against the pattern and used relative to the open folder, and no link is ever
 * followed, so that nothing outside the folder can be read or written.
 */
#include "config.h"

#include "tessera-folder-carrier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tessera-carrier-private.h"
#include "tessera-carrier-transfer.h"

#define BLOCK_SIZE (256 * 1024)
/* Left to others on a drive, and for the file system's own tables. */
#define SPACE_MARGIN (64 * 1024)
/* A temporary file of somebody who crashed may go after a day. */
#define PART_LIFE_SECONDS (24 * 60 * 60)

struct _TesseraFolderCarrier {
  GObject parent_instance;
  char *folder;
  TesseraCarrierCheck check;
};

static void tessera_folder_carrier_implement (TesseraCarrierInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraFolderCarrier, tessera_folder_carrier, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_CARRIER, tessera_folder_carrier_implement))

/* One file on its way from descriptor to descriptor. */
typedef struct {
  int from;
  gint64 total;
  TesseraCarrierProgress progress;
  gpointer data;
  GCancellable *cancellable;
} FolderCopy;

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

/* ---- finding the way ---- */

/* Consumes @above. Descriptor of the folder @name in it, or -1 and @reason; a link is none. */
static int
descend (int above, const char *name, gboolean make, int *reason) {
  int make_reason = make && mkdirat (above, name, 0777) != 0 ? errno : 0;
  int folder;

  if (make && make_reason == 0)
    tessera_carrier_sync (above);
  folder = openat (above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  /* The system says ENOTDIR of a link as well; to us it is something that is in our way. */
  if (folder < 0)
    *reason = errno == ENOTDIR ? ELOOP : errno == ENOENT && make_reason != 0 ? make_reason : errno;
  close (above);
  return folder;
}

/* Descriptor of the mailbox; or -1, with @reason 0 and an error when the folder itself is not there. */
static int
open_mailbox (TesseraFolderCarrier *self, const char *mailbox, gboolean make, int *reason, GError **error) {
  int folder = tessera_carrier_open_folder (self->folder, error);

  *reason = 0;
  if (folder >= 0)
    folder = descend (folder, TESSERA_CARRIER_ROOT, make, reason);
  if (folder >= 0)
    folder = descend (folder, mailbox, make, reason);
  return folder;
}

/* ---- listing ---- */

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

typedef struct {
  GPtrArray *items;
  GCancellable *cancellable;
} FolderListing;

static gboolean
take_name (int folder, const char *name, gpointer data) {
  FolderListing *listing = data;
  struct stat status;

  if (tessera_carrier_is_name (name) && fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && S_ISREG (status.st_mode) && status.st_size <= TESSERA_CARRIER_SIZE_LIMIT)
    g_ptr_array_add (listing->items, tessera_carrier_item_new (name, status.st_size));
  return listing->items->len < TESSERA_CARRIER_LIST_LIMIT && !g_cancellable_is_cancelled (listing->cancellable);
}

static GPtrArray *
tessera_folder_carrier_list (TesseraCarrier *carrier, const char *mailbox, GCancellable *cancellable,
                             GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_carrier_item_free);
  FolderListing listing = { items, cancellable };
  int reason;
  int folder = open_mailbox (self, mailbox, FALSE, &reason, error);

  if (folder < 0 && reason == 0)
    return NULL;
  if (folder >= 0)
    reason = walk (folder, take_name, &listing);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (reason != 0 && reason != ENOENT) {
    tessera_carrier_set_read_error (error, reason, self->folder);
    return NULL;
  }
  tessera_carrier_sort_items (items);
  return g_steal_pointer (&items);
}

/* ---- fetching ---- */

/* 0 at the end of the file, -1 and errno on failure. */
static gssize
read_block (int descriptor, guint8 *block) {
  gssize size;

  do
    size = read (descriptor, block, BLOCK_SIZE);
  while (size < 0 && errno == EINTR);
  return size;
}

static void
tell (const FolderCopy *copy, gint64 done) {
  if (copy->progress != NULL)
    copy->progress (done, copy->total, copy->data);
}

static gboolean
copy_to_transfer (TesseraTransfer *transfer, gpointer data, GError **error) {
  const FolderCopy *copy = data;
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  gssize size;

  if (transfer->size > copy->total && !tessera_transfer_restart (transfer, error))
    return FALSE;
  if (lseek (copy->from, transfer->size, SEEK_SET) < 0) {
    tessera_carrier_set_read_error (error, errno, transfer->name);
    return FALSE;
  }
  while ((size = read_block (copy->from, block)) > 0) {
    if (g_cancellable_set_error_if_cancelled (copy->cancellable, error)
        || !tessera_transfer_write (transfer, block, (gsize) size, error))
      return FALSE;
    tell (copy, transfer->size);
  }
  if (size == 0)
    return TRUE;
  tessera_carrier_set_read_error (error, errno, transfer->name);
  return FALSE;
}

/* Descriptor of an ordinary file that is not too large, or -1. */
static int
open_file (int folder, const char *name, gint64 *ret_size, GError **error) {
  /* Not waiting for a writer, should it be a pipe. */
  int descriptor = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat status;

  if (descriptor < 0 && errno == ENOENT)
    tessera_carrier_set_gone_error (error, name);
  else if (descriptor < 0 || fstat (descriptor, &status) != 0)
    tessera_carrier_set_read_error (error, errno, name);
  else if (!S_ISREG (status.st_mode))
    tessera_carrier_set_unsafe_error (error, name);
  else if (status.st_size > TESSERA_CARRIER_SIZE_LIMIT)
    tessera_carrier_set_size_error (error, name);
  else {
    *ret_size = status.st_size;
    return descriptor;
  }
  if (descriptor >= 0)
    close (descriptor);
  return -1;
}

static gboolean
tessera_folder_carrier_fetch (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
                              TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                              GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
  FolderCopy copy = { -1, 0, progress, data, cancellable };
  int reason;
  int folder = open_mailbox (self, mailbox, FALSE, &reason, error);
  gboolean done;

  if (folder < 0) {
    if (reason == ENOENT)
      tessera_carrier_set_gone_error (error, name);
    else if (reason != 0)
      tessera_carrier_set_read_error (error, reason, self->folder);
    return FALSE;
  }
  copy.from = open_file (folder, name, &copy.total, error);
  close (folder);
  if (copy.from < 0)
    return FALSE;
  done = tessera_transfer_run (name, path, self->check, copy_to_transfer, &copy, error);
  close (copy.from);
  return done;
}

/* ---- putting ---- */

static gboolean
has_space (TesseraFolderCarrier *self, int folder, gint64 size, GError **error) {
  struct statvfs space;

  /* Some file systems of the network do not know; there the write itself tells. */
  if (fstatvfs (folder, &space) != 0 || space.f_blocks == 0
      || (guint64) space.f_bavail * space.f_frsize >= (guint64) size + SPACE_MARGIN)
    return TRUE;
  tessera_carrier_set_write_error (error, ENOSPC, self->folder);
  return FALSE;
}

/* 0, or an errno; ECANCELED when it was cancelled. */
static int
copy_to_part (const FolderCopy *copy, int part) {
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  gint64 done = 0;
  gssize size;

  while ((size = read_block (copy->from, block)) > 0) {
    int reason = g_cancellable_is_cancelled (copy->cancellable)
                   ? ECANCELED
                   : tessera_carrier_write_all (part, block, (gsize) size);

    if (reason != 0)
      return reason;
    done += size;
    tell (copy, done);
  }
  if (size < 0)
    return errno;
  return done == copy->total ? 0 : EIO;
}

/* Something has that name, and not what fits it: half a file, which may be replaced if it is an ordinary one. */
static int
replace (int folder, const char *part, const char *name) {
  struct stat status;

  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG (status.st_mode))
    return ELOOP;
  return renameat (folder, part, folder, name) == 0 ? 0 : errno;
}

/* 0, or an errno. */
static int
put_in_mailbox (int folder, const char *name, const FolderCopy *copy) {
  g_autofree char *part = NULL;
  /* Others read it through their own accounts: what the umask allows. */
  int descriptor = tessera_carrier_create_part (folder, 0666, &part);
  int reason, close_reason;

  if (descriptor < 0)
    return errno;
  reason = copy_to_part (copy, descriptor);
  close_reason = tessera_carrier_close_part (descriptor);
  if (reason == 0)
    reason = close_reason;
  if (reason == 0)
    reason = tessera_carrier_rename_new (folder, part, name, TESSERA_RENAME_ATOMIC);
  if (reason == EEXIST)
    reason = replace (folder, part, name);
  if (reason != 0)
    unlinkat (folder, part, 0);
  else
    reason = tessera_carrier_sync (folder);
  return reason;
}

/* Whether the whole file is there already. An error when what has its name is to be left alone. */
static gboolean
is_there (TesseraFolderCarrier *self, int folder, const char *name, GError **error) {
  g_autoptr (GError) cause = NULL;
  gint64 size;
  int descriptor = open_file (folder, name, &size, &cause);
  gboolean fits;

  if (descriptor < 0) {
    if (g_error_matches (cause, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE))
      g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  fits = tessera_carrier_descriptor_fits (descriptor, name, self->check);
  close (descriptor);
  return fits;
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

static gboolean
put_copy (TesseraFolderCarrier *self, int folder, const char *name, const FolderCopy *copy, GError **error) {
  g_autoptr (GError) cause = NULL;
  int reason;

  if (is_there (self, folder, name, &cause))
    return TRUE;
  if (cause != NULL) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  if (!has_space (self, folder, copy->total, error))
    return FALSE;
  reason = put_in_mailbox (folder, name, copy);
  if (reason == 0)
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (copy->cancellable, error)) {
    if (reason == ELOOP)
      tessera_carrier_set_unsafe_error (error, name);
    else
      tessera_carrier_set_write_error (error, reason, self->folder);
  }
  return FALSE;
}

static gboolean
tessera_folder_carrier_put (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
                            TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                            GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
  FolderCopy copy = { -1, 0, progress, data, cancellable };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  int reason;
  int folder = -1;
  gboolean done = FALSE;

  copy.from = tessera_carrier_open_source (path, name, self->check, &copy.total, error);
  if (copy.from < 0)
    return FALSE;
  folder = open_mailbox (self, mailbox, TRUE, &reason, error);
  if (folder >= 0) {
    done = put_copy (self, folder, name, &copy, error);
    /* Tidying is a favor to others; that it fails is no reason to fail. */
    walk (folder, drop_old_part, &now);
  } else if (reason == ELOOP) {
    tessera_carrier_set_unsafe_error (error, TESSERA_CARRIER_ROOT);
  } else if (reason != 0) {
    tessera_carrier_set_write_error (error, reason, self->folder);
  }
  close (copy.from);
  return done;
}

/* ---- removing, and the drive as a whole ---- */

/* 0, or an errno; ELOOP when it is no ordinary file. */
static int
remove_from (int folder, const char *name) {
  struct stat status;

  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno;
  if (!S_ISREG (status.st_mode))
    return ELOOP;
  return unlinkat (folder, name, 0) == 0 ? tessera_carrier_sync (folder) : errno;
}

static gboolean
tessera_folder_carrier_remove (TesseraCarrier *carrier, const char *mailbox, const char *name,
                               GCancellable *cancellable, GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
  int reason;
  int folder = open_mailbox (self, mailbox, FALSE, &reason, error);

  if (folder < 0 && reason == 0)
    return FALSE;
  if (folder >= 0) {
    reason = remove_from (folder, name);
    close (folder);
  }
  if (reason == 0 || reason == ENOENT)
    return TRUE;
  if (reason == ELOOP)
    tessera_carrier_set_unsafe_error (error, name);
  else
    tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}

static gboolean
tessera_folder_carrier_flush (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
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

/* The rights to write where the next folder or mailbox would be made. */
static gboolean
tessera_folder_carrier_check (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  TesseraFolderCarrier *self = TESSERA_FOLDER_CARRIER (carrier);
  int folder = tessera_carrier_open_folder (self->folder, error);
  int reason = 0;
  int inside;

  if (folder < 0)
    return FALSE;
  inside = openat (folder, TESSERA_CARRIER_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (inside < 0 && errno != ENOENT)
    reason = errno == ENOTDIR ? ELOOP : errno;
  else if (faccessat (inside >= 0 ? inside : folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
    reason = errno;
  if (inside >= 0)
    close (inside);
  close (folder);
  if (reason == 0)
    return TRUE;
  if (reason == ELOOP)
    tessera_carrier_set_unsafe_error (error, TESSERA_CARRIER_ROOT);
  else
    tessera_carrier_set_write_error (error, reason, self->folder);
  return FALSE;
}

static void
tessera_folder_carrier_implement (TesseraCarrierInterface *interface) {
  interface->check = tessera_folder_carrier_check;
  interface->list = tessera_folder_carrier_list;
  interface->fetch = tessera_folder_carrier_fetch;
  interface->put = tessera_folder_carrier_put;
  interface->remove = tessera_folder_carrier_remove;
  interface->flush = tessera_folder_carrier_flush;
}
