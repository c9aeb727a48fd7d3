/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-database-copy.c: every page of a database, copied to another or only read.
 *
 * No pragma of SQLite's reads the pages that hold nothing at present; its backup does. So reading everything is a
 * backup to a file system that forgets: nothing is written, and no second copy is held in memory.
 */
#include "config.h"

#include "tessera-database-copy.h"

#include <string.h>

#define PAGES_A_STEP 256

/* ---- the file system that forgets ---- */

typedef struct {
  sqlite3_file base;
  sqlite3_int64 size;
} Nothing;

static int
nothing_close (sqlite3_file *file)
{
  return SQLITE_OK;
}

static int
nothing_read (sqlite3_file *file, void *out, int amount, sqlite3_int64 offset)
{
  memset (out, 0, (gsize) amount);
  return SQLITE_IOERR_SHORT_READ;
}

static int
nothing_write (sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 offset)
{
  Nothing *self = (Nothing *) file;

  self->size = MAX (self->size, offset + amount);
  return SQLITE_OK;
}

static int
nothing_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  ((Nothing *) file)->size = size;
  return SQLITE_OK;
}

static int
nothing_size (sqlite3_file *file, sqlite3_int64 *ret_size)
{
  *ret_size = ((Nothing *) file)->size;
  return SQLITE_OK;
}

static int
nothing_number (sqlite3_file *file, int number)
{
  return SQLITE_OK;
}

static int
nothing_reserved (sqlite3_file *file, int *ret_reserved)
{
  *ret_reserved = 0;
  return SQLITE_OK;
}

static int
nothing_control (sqlite3_file *file, int operation, void *argument)
{
  return SQLITE_NOTFOUND;
}

static int
nothing_fact (sqlite3_file *file)
{
  return 0;
}

static const sqlite3_io_methods nothing_methods = {
  .iVersion = 1,
  .xClose = nothing_close,
  .xRead = nothing_read,
  .xWrite = nothing_write,
  .xTruncate = nothing_truncate,
  .xSync = nothing_number,
  .xFileSize = nothing_size,
  .xLock = nothing_number,
  .xUnlock = nothing_number,
  .xCheckReservedLock = nothing_reserved,
  .xFileControl = nothing_control,
  .xSectorSize = nothing_fact,
  .xDeviceCharacteristics = nothing_fact,
};

static int
nowhere_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
  memset (file, 0, sizeof (Nothing));
  file->pMethods = &nothing_methods;
  if (ret_flags != NULL)
    *ret_flags = flags;
  return SQLITE_OK;
}

static int
nowhere_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  return SQLITE_OK;
}

static int
nowhere_access (sqlite3_vfs *vfs, const char *path, int flags, int *ret_answer)
{
  *ret_answer = 0;
  return SQLITE_OK;
}

static int
nowhere_full_path (sqlite3_vfs *vfs, const char *path, int size, char *out)
{
  g_strlcpy (out, path, (gsize) size);
  return SQLITE_OK;
}

static int
nowhere_randomness (sqlite3_vfs *vfs, int size, char *out)
{
  memset (out, 0, (gsize) size);
  return size;
}

static int
nowhere_sleep (sqlite3_vfs *vfs, int microseconds)
{
  return 0;
}

static int
nowhere_time (sqlite3_vfs *vfs, double *ret_time)
{
  *ret_time = 0;
  return SQLITE_OK;
}

static int
nowhere_error (sqlite3_vfs *vfs, int size, char *out)
{
  return 0;
}

/* ---- copying ---- */

/* Not busy for ever: the source is ours, the target nobody else's. */
static int
step_to_end (sqlite3_backup *backup, TesseraCopyFunc progress, gpointer data)
{
  int rc;

  do {
    rc = sqlite3_backup_step (backup, PAGES_A_STEP);
    if ((rc == SQLITE_OK || rc == SQLITE_DONE) && progress != NULL) {
      guint64 total = (guint64) sqlite3_backup_pagecount (backup);

      if (!progress (total - (guint64) sqlite3_backup_remaining (backup), total, data))
        return SQLITE_ABORT;
    }
  } while (rc == SQLITE_OK);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
tessera_database_copy (sqlite3 *from, sqlite3 *to, TesseraCopyFunc progress, gpointer data)
{
  sqlite3_backup *backup = sqlite3_backup_init (to, "main", from, "main");
  int stepped, finished;

  if (backup == NULL)
    return sqlite3_extended_errcode (to);
  stepped = step_to_end (backup, progress, data);
  finished = sqlite3_backup_finish (backup);
  return stepped != SQLITE_OK ? stepped : finished;
}

int
tessera_database_read_all (sqlite3 *from, TesseraCopyFunc progress, gpointer data)
{
  sqlite3_vfs nowhere = {
    .iVersion = 1,
    .szOsFile = sizeof (Nothing),
    .mxPathname = 64,
    .xOpen = nowhere_open,
    .xDelete = nowhere_delete,
    .xAccess = nowhere_access,
    .xFullPathname = nowhere_full_path,
    .xRandomness = nowhere_randomness,
    .xSleep = nowhere_sleep,
    .xCurrentTime = nowhere_time,
    .xGetLastError = nowhere_error,
  };
  /* The address makes it this process's only one of that name. */
  g_autofree char *name = g_strdup_printf ("tessera-nowhere-%p", (void *) &nowhere);
  sqlite3 *to = NULL;
  int rc;

  nowhere.zName = name;
  rc = sqlite3_vfs_register (&nowhere, FALSE);
  if (rc != SQLITE_OK)
    return rc;
  rc = sqlite3_open_v2 ("nothing", &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, name);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec (to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF", NULL,
                       NULL, NULL);
  if (rc == SQLITE_OK)
    rc = tessera_database_copy (from, to, progress, data);
  sqlite3_close (to);
  sqlite3_vfs_unregister (&nowhere);
  return rc;
}
