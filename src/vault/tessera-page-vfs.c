/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-vfs.c: which files SQLite may open, and the calls that need no cipher.
 *
 * Over unix-excl, because that keeps the wal-index in the heap (no file, shared by the connections of this
 * process) and other processes out. The contents of files are in tessera-page-database.c, -log.c and
 * -journal.c.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define PATH_LIMIT 4096
#define LOG_SUFFIX "-wal"
#define JOURNAL_SUFFIX "-journal"

static void
vfs_unref (TesseraPageVfs *self)
{
  if (!g_atomic_int_dec_and_test (&self->references))
    return;
  g_hash_table_unref (self->nodes);
  g_mutex_clear (&self->lock);
  tessera_secret_free (self->key);
  g_free (self->store);
  g_free (self->store_new);
  g_free (self->name);
  g_free (self);
}

void
tessera_page_vfs_report (TesseraPageVfs *self, TesseraPageProblem problem)
{
  g_mutex_lock (&self->lock);
  self->problem = problem;
  g_mutex_unlock (&self->lock);
}

TesseraPageProblem
tessera_page_vfs_take_problem (TesseraPageVfs *self)
{
  TesseraPageProblem problem;

  g_mutex_lock (&self->lock);
  problem = self->problem;
  self->problem = TESSERA_PAGE_PROBLEM_NONE;
  g_mutex_unlock (&self->lock);
  return problem;
}

static void
node_free (gpointer data)
{
  TesseraPageNode *node = data;

  g_mutex_clear (&node->lock);
  g_ptr_array_unref (node->databases);
  g_free (node->path);
  g_free (node);
}

/* The node of @path, made if it is the first handle's; with one more reference. */
static TesseraPageNode *
node_acquire (TesseraPageVfs *self, const char *path)
{
  TesseraPageNode *node;

  g_mutex_lock (&self->lock);
  node = g_hash_table_lookup (self->nodes, path);
  if (node == NULL) {
    node = g_new0 (TesseraPageNode, 1);
    node->path = g_strdup (path);
    node->databases = g_ptr_array_new ();
    g_mutex_init (&node->lock);
    g_hash_table_insert (self->nodes, node->path, node);
  }
  node->references++;
  g_mutex_unlock (&self->lock);
  return node;
}

static void
node_release (TesseraPageVfs *self, TesseraPageNode *node)
{
  g_mutex_lock (&self->lock);
  if (--node->references == 0)
    g_hash_table_remove (self->nodes, node->path);
  g_mutex_unlock (&self->lock);
}

/* ---- calls on open files that all three kinds share ---- */

int
tessera_page_file_close (sqlite3_file *base)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = SQLITE_OK;

  if (self->node != NULL) {
    g_mutex_lock (&self->node->lock);
    g_ptr_array_remove_fast (self->node->databases, self);
    g_mutex_unlock (&self->node->lock);
    if (self->database != NULL && self->database->log == self)
      self->database->log = NULL;
    if (self->database != NULL && self->database->journal == self)
      self->database->journal = NULL;
    node_release (self->vfs, self->node);
  }
  if (self->real->pMethods != NULL)
    rc = self->real->pMethods->xClose (self->real);
  if (self->scratch != NULL)
    sodium_memzero (self->scratch, sizeof *self->scratch);
  sqlite3_free (self->scratch);
  vfs_unref (self->vfs);
  base->pMethods = NULL;
  return rc;
}

int
tessera_page_file_sync (sqlite3_file *base, int flags)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xSync (self->real, flags);
}

int
tessera_page_file_lock (sqlite3_file *base, int level)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xLock (self->real, level);
}

int
tessera_page_file_unlock (sqlite3_file *base, int level)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xUnlock (self->real, level);
}

int
tessera_page_file_check_reserved (sqlite3_file *base, int *ret_reserved)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xCheckReservedLock (self->real, ret_reserved);
}

int
tessera_page_file_control (sqlite3_file *base, int operation, void *argument)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = self->real->pMethods->xFileControl (self->real, operation, argument);

  if (operation == SQLITE_FCNTL_VFSNAME && rc == SQLITE_OK) {
    char **name = argument;

    *name = sqlite3_mprintf ("%s/%z", self->vfs->name, *name);
  }
  return rc;
}

int
tessera_page_file_sector_size (sqlite3_file *base)
{
  TesseraPageFile *self = (TesseraPageFile *) base;

  return self->real->pMethods->xSectorSize (self->real);
}

/* Nothing about atomic or ordered writes: they would be promises about other bytes than those SQLite wrote.
 * That a write does not harm the bytes around it is as true of ours as of the platform's; the formats of log
 * and journal rely on SQLite knowing it (it then neither splits nor pads its writes). */
int
tessera_page_file_characteristics (sqlite3_file *base)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- opening ---- */

/* Makes the head of a new store file, or checks the one there. */
static int
prepare_database (TesseraPageFile *self, int flags)
{
  sqlite3_int64 size = 0;
  int rc = self->real->pMethods->xFileSize (self->real, &size);

  if (rc != SQLITE_OK)
    return rc;
  if (size == 0 && (flags & SQLITE_OPEN_CREATE))
    rc = tessera_page_head_create (self);
  else
    rc = tessera_page_head_check (self);
  if (rc != SQLITE_OK)
    return rc;
  g_mutex_lock (&self->node->lock);
  rc = tessera_page_mark_load (self);
  g_mutex_unlock (&self->node->lock);
  return rc;
}

static int
open_database (TesseraPageVfs *self, TesseraPageFile *file, const char *path, int flags)
{
  int rc;

  file->node = node_acquire (self, path);
  rc = prepare_database (file, flags);
  if (rc == SQLITE_OK) {
    g_mutex_lock (&file->node->lock);
    g_ptr_array_add (file->node->databases, file);
    g_mutex_unlock (&file->node->lock);
    file->base.pMethods = &tessera_page_database_methods;
  }
  return rc;
}

/* A log or journal, found by the database it belongs to. */
static int
open_companion (TesseraPageVfs *self, TesseraPageFile *file, const char *path, int flags)
{
  TesseraPageFile *database = (TesseraPageFile *) sqlite3_database_file_object (path);
  int rc = SQLITE_OK;

  file->database = database;
  file->node = node_acquire (self, database->node->path);
  if (flags & SQLITE_OPEN_WAL) {
    database->log = file;
    rc = tessera_page_log_check (file);
    file->base.pMethods = &tessera_page_log_methods;
  } else {
    database->journal = file;
    file->page_number_at = -1;
    file->checksum_at = -1;
    file->base.pMethods = &tessera_page_journal_methods;
  }
  return rc;
}

static gboolean
may_open (TesseraPageVfs *self, const char *path, int flags)
{
  if (path == NULL)
    return FALSE;
  if (flags & SQLITE_OPEN_MAIN_DB)
    return strcmp (path, self->store) == 0 || strcmp (path, self->store_new) == 0;
  return (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
}

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *ret_flags)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;
  TesseraPageFile *file = (TesseraPageFile *) base;
  int rc;

  memset (file, 0, vfs->szOsFile);
  /* Temporary, transient and statement files would hold readable data; plain databases are not ours to
   * attach. */
  if (!may_open (self, path, flags))
    return SQLITE_CANTOPEN;
  file->scratch = sqlite3_malloc (sizeof *file->scratch);
  if (file->scratch == NULL)
    return SQLITE_NOMEM;
  file->scratch->used = TESSERA_PAGE_NONCE_BATCH;
  file->vfs = self;
  file->real = (sqlite3_file *) (file + 1);
  g_atomic_int_inc (&self->references);

  rc = self->real->xOpen (self->real, path, file->real, flags, ret_flags);
  if (rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB))
    rc = open_database (self, file, path, flags);
  else if (rc == SQLITE_OK)
    rc = open_companion (self, file, path, flags);
  if (rc != SQLITE_OK)
    tessera_page_file_close (base);
  return rc;
}

/* ---- the rest of the file system ---- */

/* The handle of the connection that deletes @path, which is one of the names SQLite made for it. Another
 * connection's handle would not do: it may be at work in another thread. */
static TesseraPageFile *
find_database (TesseraPageVfs *self, const char *path)
{
  TesseraPageFile *database = (TesseraPageFile *) sqlite3_database_file_object (path);
  TesseraPageFile *found = NULL;
  TesseraPageNode *node;
  GHashTableIter iter;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &node)) {
    g_mutex_lock (&node->lock);
    if (g_ptr_array_find (node->databases, database, NULL))
      found = database;
    g_mutex_unlock (&node->lock);
  }
  g_mutex_unlock (&self->lock);
  return found;
}

/* SQLite deletes a log when all of it is in the database, and a journal when the database is whole without
 * it; the head must stop asking for it before. */
static int
forget_companion (TesseraPageVfs *self, const char *path)
{
  gboolean is_log = g_str_has_suffix (path, LOG_SUFFIX);
  TesseraPageFile *database;
  int rc;

  if (!is_log && !g_str_has_suffix (path, JOURNAL_SUFFIX))
    return SQLITE_OK;
  database = find_database (self, path);
  if (database == NULL)
    return SQLITE_OK;
  g_mutex_lock (&database->node->lock);
  rc = is_log ? tessera_page_mark_forget_log (database) : tessera_page_mark_forget_journal (database);
  g_mutex_unlock (&database->node->lock);
  return rc;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;
  int rc = forget_companion (self, path);

  return rc == SQLITE_OK ? self->real->xDelete (self->real, path, sync_folder) : rc;
}

static int
vfs_access (sqlite3_vfs *vfs, const char *path, int flags, int *ret_answer)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xAccess (self->real, path, flags, ret_answer);
}

static int
vfs_full_path (sqlite3_vfs *vfs, const char *path, int size, char *out)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xFullPathname (self->real, path, size, out);
}

static int
vfs_randomness (sqlite3_vfs *vfs, int size, char *out)
{
  randombytes_buf (out, size);
  return size;
}

static int
vfs_sleep (sqlite3_vfs *vfs, int microseconds)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xSleep (self->real, microseconds);
}

static int
vfs_current_time (sqlite3_vfs *vfs, double *ret_time)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xCurrentTime (self->real, ret_time);
}

static int
vfs_current_time_int64 (sqlite3_vfs *vfs, sqlite3_int64 *ret_time)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xCurrentTimeInt64 (self->real, ret_time);
}

static int
vfs_last_error (sqlite3_vfs *vfs, int size, char *out)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;

  return self->real->xGetLastError (self->real, size, out);
}

/* ---- the VFS itself ---- */

static void
fill_in_methods (TesseraPageVfs *self)
{
  self->base = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = (int) sizeof (TesseraPageFile) + self->real->szOsFile,
    .mxPathname = self->real->mxPathname,
    .zName = self->name,
    .pAppData = self,
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
}

/* The store's path as SQLite will give it to xOpen. */
static gboolean
find_full_path (sqlite3_vfs *real, const char *store, char full[PATH_LIMIT + 1])
{
  int rc = real->xFullPathname (real, store, MIN (real->mxPathname, PATH_LIMIT), full);

  /* That a link was followed on the way is told by an extended "OK". */
  return (rc & 0xff) == SQLITE_OK;
}

TesseraPageVfs *
tessera_page_vfs_register (const TesseraPageVfsOptions *options)
{
  char full[PATH_LIMIT + 1] = "";
  sqlite3_vfs *real;
  TesseraPageVfs *self;

  g_return_val_if_fail (tessera_secret_get_size (options->key) == TESSERA_PAGE_KEY_BYTES, NULL);

  if (sqlite3_initialize () != SQLITE_OK)
    return NULL;
  real = sqlite3_vfs_find (options->beneath != NULL ? options->beneath : "unix-excl");
  if (real == NULL || (options->store != NULL && !find_full_path (real, options->store, full)))
    return NULL;

  self = g_new0 (TesseraPageVfs, 1);
  self->real = real;
  self->references = 1;
  /* The address makes it this process's only one of that name. */
  self->name = g_strdup_printf ("tessera-%p", (void *) self);
  self->store = g_strdup (full);
  self->store_new = g_strconcat (full, ".new", NULL);
  self->offset = options->offset;
  self->any_path = options->any_path;
  memcpy (self->id, options->id, TESSERA_PAGE_ID_BYTES);
  self->key = tessera_secret_copy (options->key);
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, node_free);
  g_mutex_init (&self->lock);
  fill_in_methods (self);
  if (sqlite3_vfs_register (&self->base, options->as_default) != SQLITE_OK) {
    vfs_unref (self);
    return NULL;
  }
  return self;
}

const char *
tessera_page_vfs_get_name (TesseraPageVfs *self)
{
  return self->name;
}

void
tessera_page_vfs_unregister (TesseraPageVfs *self)
{
  if (self == NULL)
    return;
  sqlite3_vfs_unregister (&self->base);
  vfs_unref (self);
}
