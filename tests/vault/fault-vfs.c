/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-vfs.c: SQLite on a disk of fault-disk.h, and calls that fail when they are told to.
 *
 * For one thread. Nothing here takes memory from SQLite's allocator, so that it can be made to fail without
 * the disk failing too.
 */
#include "config.h"

#include "fault-vfs.h"

#include <string.h>

#define SHARED_LOCKS SQLITE_SHM_NLOCK
#define LARGEST_FILE (4 << 20) /* it is all in memory */

/* What the handles of one open database file share. */
typedef struct {
  int file;
  guint references;
  GPtrArray *handles; /* Handle, not owned */
  GPtrArray *regions; /* of shared memory */
} Shared;

typedef struct {
  sqlite3_file base;
  FaultVfs *vfs;
  int file;
  gboolean sync_folder; /* with the first synchronization: the name may be new */
  Shared *shared; /* of a database */
  int level;      /* of the lock */
  gboolean is_mapped;
  guint shared_mask; /* of locks on the shared memory */
  guint exclusive_mask;
} Handle;

struct _FaultVfs {
  sqlite3_vfs base;
  char *name;
  FaultDisk *disk;
  GPtrArray *shared; /* Shared */
  guint open_files;
  GByteArray *calls; /* FaultCall of each call made */
  const FaultError *error; /* NULL if nothing shall fail */
  guint fail_at;
  gboolean lasting;
  guint failed;
};

const FaultError fault_errors[] = {
  { FAULT_CALL_OPEN, SQLITE_CANTOPEN, FAULT_DONE_NOTHING, "open" },
  { FAULT_CALL_READ, SQLITE_IOERR_READ, FAULT_DONE_NOTHING, "read" },
  { FAULT_CALL_READ, SQLITE_IOERR_READ, FAULT_DONE_HALF, "read half" },
  { FAULT_CALL_WRITE, SQLITE_IOERR_WRITE, FAULT_DONE_NOTHING, "write" },
  { FAULT_CALL_WRITE, SQLITE_IOERR_WRITE, FAULT_DONE_ALL, "write, done" },
  { FAULT_CALL_WRITE, SQLITE_FULL, FAULT_DONE_NOTHING, "disk full" },
  { FAULT_CALL_WRITE, SQLITE_FULL, FAULT_DONE_HALF, "disk full, half" },
  { FAULT_CALL_TRUNCATE, SQLITE_IOERR_TRUNCATE, FAULT_DONE_NOTHING, "truncate" },
  { FAULT_CALL_SYNC, SQLITE_IOERR_FSYNC, FAULT_DONE_NOTHING, "synchronize" },
  { FAULT_CALL_SIZE, SQLITE_IOERR_FSTAT, FAULT_DONE_NOTHING, "size" },
  { FAULT_CALL_DELETE, SQLITE_IOERR_DELETE, FAULT_DONE_NOTHING, "delete" },
  { FAULT_CALL_DELETE, SQLITE_IOERR_DIR_FSYNC, FAULT_DONE_ALL, "synchronize folder" },
  { FAULT_CALL_ACCESS, SQLITE_IOERR_ACCESS, FAULT_DONE_NOTHING, "access" },
  { FAULT_CALL_LOCK, SQLITE_IOERR_LOCK, FAULT_DONE_NOTHING, "lock" },
  { FAULT_CALL_SHARE, SQLITE_IOERR_SHMMAP, FAULT_DONE_NOTHING, "share memory" },
  { 0 },
};

/* ---- failing ---- */

/* Counts a call. Returns the error it must fail with, or NULL. */
static const FaultError *
count_call (FaultVfs *self, FaultCall call)
{
  guint8 kind = (guint8) call;
  guint index = self->calls->len;

  g_byte_array_append (self->calls, &kind, 1);
  if (self->error == NULL || index < self->fail_at || (!self->lasting && index > self->fail_at) ||
      self->error->call != call)
    return NULL;
  self->failed++;
  return self->error;
}

/* What is left of @size. */
static int
shorten (const FaultError *error, int size)
{
  if (error == NULL || error->done == FAULT_DONE_ALL)
    return size;
  return error->done == FAULT_DONE_HALF ? size / 2 : 0;
}

static int
code_of (const FaultError *error)
{
  return error != NULL ? error->code : SQLITE_OK;
}

/* ---- reading and writing ---- */

static int
file_read (sqlite3_file *base, void *out, int size, sqlite3_int64 offset)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_READ);
  int wanted = shorten (error, size);
  gsize there = fault_disk_read (self->vfs->disk, self->file, offset, out, (gsize) wanted);

  if (error != NULL)
    return error->code;
  return there < (gsize) size ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_write (sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_WRITE);
  int written = shorten (error, size);

  if (offset + size > LARGEST_FILE)
    return SQLITE_FULL;
  if (written > 0)
    fault_disk_write (self->vfs->disk, self->file, offset, bytes, (gsize) written);
  return code_of (error);
}

static int
file_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_TRUNCATE);

  if (error == NULL)
    fault_disk_truncate (self->vfs->disk, self->file, size);
  return code_of (error);
}

static int
file_sync (sqlite3_file *base, int flags)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_SYNC);

  if (error != NULL)
    return error->code;
  fault_disk_sync (self->vfs->disk, self->file);
  if (self->sync_folder)
    fault_disk_sync_folder (self->vfs->disk);
  self->sync_folder = FALSE;
  return SQLITE_OK;
}

static int
file_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_SIZE);

  if (error == NULL)
    *ret_size = fault_disk_get_size (self->vfs->disk, self->file);
  return code_of (error);
}

static int
file_control (sqlite3_file *base, int operation, void *argument)
{
  return SQLITE_NOTFOUND;
}

static int
file_sector_size (sqlite3_file *base)
{
  return 4096;
}

static int
file_characteristics (sqlite3_file *base)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks on the database ---- */

/* The highest lock that another handle holds. */
static int
highest_other (const Handle *self)
{
  int level = SQLITE_LOCK_NONE;

  for (guint i = 0; i < self->shared->handles->len; i++) {
    const Handle *other = g_ptr_array_index (self->shared->handles, i);

    if (other != self)
      level = MAX (level, other->level);
  }
  return level;
}

static int
file_lock (sqlite3_file *base, int level)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_LOCK);
  int other;

  if (error != NULL)
    return error->code;
  if (self->shared == NULL || self->level >= level)
    return SQLITE_OK;
  other = highest_other (self);
  if (other >= (level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && other >= SQLITE_LOCK_SHARED) {
    self->level = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  self->level = level;
  return SQLITE_OK;
}

static int
file_unlock (sqlite3_file *base, int level)
{
  Handle *self = (Handle *) base;

  self->level = MIN (self->level, level);
  return SQLITE_OK;
}

static int
file_check_reserved (sqlite3_file *base, int *ret_reserved)
{
  Handle *self = (Handle *) base;

  *ret_reserved =
    self->shared != NULL && (self->level >= SQLITE_LOCK_RESERVED || highest_other (self) >= SQLITE_LOCK_RESERVED);
  return SQLITE_OK;
}

/* ---- shared memory ---- */

static int
file_share_map (sqlite3_file *base, int region, int size, int extend, void volatile **ret_address)
{
  Handle *self = (Handle *) base;
  const FaultError *error = count_call (self->vfs, FAULT_CALL_SHARE);
  GPtrArray *regions = self->shared->regions;

  *ret_address = NULL;
  if (error != NULL)
    return error->code;
  self->is_mapped = TRUE;
  while (extend && regions->len <= (guint) region)
    g_ptr_array_add (regions, g_malloc0 ((gsize) size));
  if ((guint) region < regions->len)
    *ret_address = g_ptr_array_index (regions, region);
  return SQLITE_OK;
}

static int
file_share_lock (sqlite3_file *base, int offset, int count, int flags)
{
  Handle *self = (Handle *) base;
  guint mask = ((1u << count) - 1) << offset;
  guint in_the_way = 0;

  if (flags & SQLITE_SHM_UNLOCK) {
    self->shared_mask &= ~mask;
    self->exclusive_mask &= ~mask;
    return SQLITE_OK;
  }
  for (guint i = 0; i < self->shared->handles->len; i++) {
    const Handle *other = g_ptr_array_index (self->shared->handles, i);

    if (other != self)
      in_the_way |= other->exclusive_mask | (flags & SQLITE_SHM_EXCLUSIVE ? other->shared_mask : 0);
  }
  if (in_the_way & mask)
    return SQLITE_BUSY;
  if (flags & SQLITE_SHM_EXCLUSIVE)
    self->exclusive_mask |= mask;
  else
    self->shared_mask |= mask;
  return SQLITE_OK;
}

static void
file_share_barrier (sqlite3_file *base)
{
}

/* The last one to leave takes the memory along. */
static int
file_share_unmap (sqlite3_file *base, int delete_it)
{
  Handle *self = (Handle *) base;

  self->is_mapped = FALSE;
  self->shared_mask = self->exclusive_mask = 0;
  for (guint i = 0; i < self->shared->handles->len; i++)
    if (((const Handle *) g_ptr_array_index (self->shared->handles, i))->is_mapped)
      return SQLITE_OK;
  g_ptr_array_set_size (self->shared->regions, 0);
  return SQLITE_OK;
}

/* ---- opening and closing ---- */

static void
shared_free (gpointer data)
{
  Shared *self = data;

  g_ptr_array_unref (self->handles);
  g_ptr_array_unref (self->regions);
  g_free (self);
}

static Shared *
shared_of (FaultVfs *self, int file)
{
  Shared *shared;

  for (guint i = 0; i < self->shared->len; i++) {
    shared = g_ptr_array_index (self->shared, i);
    if (shared->file == file)
      return shared;
  }
  shared = g_new0 (Shared, 1);
  shared->file = file;
  shared->handles = g_ptr_array_new ();
  shared->regions = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->shared, shared);
  return shared;
}

static int
file_close (sqlite3_file *base)
{
  Handle *self = (Handle *) base;

  if (self->shared != NULL) {
    g_ptr_array_remove_fast (self->shared->handles, self);
    if (self->shared->handles->len == 0)
      g_ptr_array_remove_fast (self->vfs->shared, self->shared);
  }
  self->vfs->open_files--;
  base->pMethods = NULL;
  return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_share_map,
  .xShmLock = file_share_lock,
  .xShmBarrier = file_share_barrier,
  .xShmUnmap = file_share_unmap,
};

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *ret_flags)
{
  FaultVfs *self = (FaultVfs *) vfs;
  Handle *handle = (Handle *) base;
  const FaultError *error = count_call (self, FAULT_CALL_OPEN);
  gboolean is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  int file;

  memset (handle, 0, sizeof *handle);
  if (error != NULL || path == NULL)
    return error != NULL ? error->code : SQLITE_CANTOPEN;
  file = fault_disk_look_up (self->disk, path);
  if (file < 0) {
    if (!(flags & SQLITE_OPEN_CREATE))
      return SQLITE_CANTOPEN;
    /* Whoever makes a store synchronizes the folder. */
    file = fault_disk_create (self->disk, path, is_database);
  }
  /* Even if it is there already: the program that made it may have died before. */
  handle->sync_folder = !is_database && (flags & SQLITE_OPEN_CREATE);
  handle->vfs = self;
  handle->file = file;
  if (is_database) {
    handle->shared = shared_of (self, file);
    g_ptr_array_add (handle->shared->handles, handle);
  }
  self->open_files++;
  base->pMethods = &file_methods;
  if (ret_flags != NULL)
    *ret_flags = flags;
  return SQLITE_OK;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  FaultVfs *self = (FaultVfs *) vfs;
  const FaultError *error = count_call (self, FAULT_CALL_DELETE);

  if (error != NULL && error->done == FAULT_DONE_NOTHING)
    return error->code;
  if (fault_disk_look_up (self->disk, path) < 0)
    return SQLITE_IOERR_DELETE_NOENT;
  fault_disk_delete (self->disk, path);
  if (error == NULL && sync_folder)
    fault_disk_sync_folder (self->disk);
  return code_of (error);
}

/* SQLite takes an empty file for one that is not there. */
static int
vfs_access (sqlite3_vfs *vfs, const char *path, int flags, int *ret_answer)
{
  FaultVfs *self = (FaultVfs *) vfs;
  const FaultError *error = count_call (self, FAULT_CALL_ACCESS);
  int file = fault_disk_look_up (self->disk, path);

  *ret_answer = 0;
  if (error != NULL)
    return error->code;
  *ret_answer = file >= 0 && (flags != SQLITE_ACCESS_EXISTS || fault_disk_get_size (self->disk, file) > 0);
  return SQLITE_OK;
}

static int
vfs_full_path (sqlite3_vfs *vfs, const char *path, int size, char *out)
{
  g_strlcpy (out, path, (gsize) size);
  return SQLITE_OK;
}

static int
vfs_randomness (sqlite3_vfs *vfs, int size, char *out)
{
  memset (out, 7, (gsize) size);
  return size;
}

static int
vfs_sleep (sqlite3_vfs *vfs, int microseconds)
{
  return microseconds;
}

/* Time stands still. */
static int
vfs_current_time_int64 (sqlite3_vfs *vfs, sqlite3_int64 *ret_time)
{
  *ret_time = 212000000000000;
  return SQLITE_OK;
}

static int
vfs_current_time (sqlite3_vfs *vfs, double *ret_time)
{
  *ret_time = 212000000000000 / 86400000.0;
  return SQLITE_OK;
}

static int
vfs_last_error (sqlite3_vfs *vfs, int size, char *out)
{
  return SQLITE_OK;
}

FaultVfs *
fault_vfs_new (void)
{
  FaultVfs *self = g_new0 (FaultVfs, 1);

  self->name = g_strdup_printf ("fault-%p", (void *) self);
  self->shared = g_ptr_array_new_with_free_func (shared_free);
  self->calls = g_byte_array_new ();
  self->base = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = sizeof (Handle),
    .mxPathname = 512,
    .zName = self->name,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_current_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_current_time_int64,
  };
  g_assert_cmpint (sqlite3_vfs_register (&self->base, FALSE), ==, SQLITE_OK);
  return self;
}

void
fault_vfs_free (FaultVfs *self)
{
  if (self == NULL)
    return;
  g_assert_cmpuint (self->open_files, ==, 0);
  sqlite3_vfs_unregister (&self->base);
  g_ptr_array_unref (self->shared);
  g_byte_array_unref (self->calls);
  g_free (self->name);
  g_free (self);
}

const char *
fault_vfs_get_name (const FaultVfs *self)
{
  return self->name;
}

void
fault_vfs_insert (FaultVfs *self, FaultDisk *disk)
{
  g_assert_cmpuint (self->open_files, ==, 0);
  self->disk = disk;
  g_byte_array_set_size (self->calls, 0);
  self->failed = 0;
  self->error = NULL;
}

FaultDisk *
fault_vfs_get_disk (const FaultVfs *self)
{
  return self->disk;
}

guint
fault_vfs_get_open_files (const FaultVfs *self)
{
  return self->open_files;
}

guint
fault_vfs_get_calls (const FaultVfs *self)
{
  return self->calls->len;
}

FaultCall
fault_vfs_get_call (const FaultVfs *self, guint index)
{
  return self->calls->data[index];
}

void
fault_vfs_fail (FaultVfs *self, guint index, const FaultError *error, gboolean lasting)
{
  self->fail_at = index;
  self->error = error;
  self->lasting = lasting;
}

void
fault_vfs_mend (FaultVfs *self)
{
  self->error = NULL;
}

guint
fault_vfs_get_failed (const FaultVfs *self)
{
  return self->failed;
}
