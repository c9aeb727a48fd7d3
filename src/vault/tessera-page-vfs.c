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
  g_mutex_clear (&self->lock);
  tessera_secret_free (self->key);
  g_free (self->store);
  g_free (self->store_new);
  g_free (self->name);
  g_free (self);
}

/* Atomic and not under the lock: it is also told while a node's lock is held. */
void
tessera_page_vfs_report (TesseraPageVfs *self, TesseraPageProblem problem)
{
  g_atomic_int_set (&self->problem, problem);
}

TesseraPageProblem
tessera_page_vfs_take_problem (TesseraPageVfs *self)
{
  return (TesseraPageProblem) g_atomic_int_exchange (&self->problem, TESSERA_PAGE_PROBLEM_NONE);
}

/* SQLite's allocator, here and below: a lack of memory must not end the program. */
static TesseraPageNode *
node_new (const char *path)
{
  TesseraPageNode *node = sqlite3_malloc (sizeof *node);
  char *copy = sqlite3_mprintf ("%s", path);

  if (node == NULL || copy == NULL) {
    sqlite3_free (node);
    sqlite3_free (copy);
    return NULL;
  }
  memset (node, 0, sizeof *node);
  node->path = copy;
  node->good_copy = 1;
  g_mutex_init (&node->lock);
  return node;
}

static void
node_free (TesseraPageNode *node)
{
  tessera_page_table_clear (&node->table);
  tessera_page_stamps_clear (&node->frames);
  g_mutex_clear (&node->lock);
  sqlite3_free (node->path);
  sqlite3_free (node);
}

/* The node of @path, made if it is the first handle's; with one more reference. %NULL without memory. */
static TesseraPageNode *
node_acquire (TesseraPageVfs *self, const char *path)
{
  TesseraPageNode *node;

  g_mutex_lock (&self->lock);
  for (node = self->nodes; node != NULL && strcmp (node->path, path) != 0;)
    node = node->next;
  if (node == NULL && (node = node_new (path)) != NULL) {
    node->next = self->nodes;
    self->nodes = node;
  }
  if (node != NULL)
    node->references++;
  g_mutex_unlock (&self->lock);
  return node;
}

static void
node_release (TesseraPageVfs *self, TesseraPageNode *node)
{
  TesseraPageNode **link = &self->nodes;

  g_mutex_lock (&self->lock);
  if (--node->references == 0) {
    while (*link != node)
      link = &(*link)->next;
    *link = node->next;
    node_free (node);
  }
  g_mutex_unlock (&self->lock);
}

static void
add_database (TesseraPageNode *node, TesseraPageFile *file)
{
  g_mutex_lock (&node->lock);
  file->next_database = node->databases;
  node->databases = file;
  g_mutex_unlock (&node->lock);
}

static void
remove_database (TesseraPageNode *node, TesseraPageFile *file)
{
  TesseraPageFile **link = &node->databases;

  g_mutex_lock (&node->lock);
  while (*link != NULL && *link != file)
    link = &(*link)->next_database;
  if (*link != NULL)
    *link = file->next_database;
  g_mutex_unlock (&node->lock);
}

/* ---- calls on open files that all three kinds share ---- */

int
tessera_page_file_close (sqlite3_file *base)
{
  TesseraPageFile *self = (TesseraPageFile *) base;
  int rc = SQLITE_OK;

  if (self->node != NULL) {
    remove_database (self->node, self);
    if (self->database != NULL && self->database->log == self)
      self->database->log = NULL;
    if (self->database != NULL && self->database->journal == self)
      self->database->journal = NULL;
    node_release (self->vfs, self->node);
  }
  if (self->real->pMethods != NULL)
    rc = self->real->pMethods->xClose (self->real);
  tessera_page_scratch_free (self->scratch);
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

/* Makes the head of a new store file, or checks the one there. Called with the node's lock held. */
static int
prepare_head (TesseraPageFile *self, int flags)
{
  sqlite3_int64 size = 0;
  int rc = SQLITE_OK;

  if (self->node->mark_known)
    return SQLITE_OK;
  rc = tessera_page_disk_size (self, &size);
  if (rc != SQLITE_OK)
    return rc;
  if (size == 0 && (flags & SQLITE_OPEN_CREATE))
    return tessera_page_head_create (self);
  rc = tessera_page_head_check (self);
  return rc == SQLITE_OK ? tessera_page_mark_load (self) : rc;
}

static int
prepare_database (TesseraPageFile *self, int flags)
{
  int rc;

  g_mutex_lock (&self->node->lock);
  rc = prepare_head (self, flags);
  g_mutex_unlock (&self->node->lock);
  return rc;
}

/* The handle of the connection whose log or journal @path is, by the name that SQLite made: the very
 * one, not one that reads the same. Another connection's handle would not do: it may be at work in
 * another thread. Nor would sqlite3_database_file_object(): where another VFS stands upon this one, it
 * gives that one's structure. */
static TesseraPageFile *
find_database (TesseraPageVfs *self, const char *path)
{
  TesseraPageFile *found = NULL;

  g_mutex_lock (&self->lock);
  for (TesseraPageNode *node = self->nodes; node != NULL; node = node->next) {
    g_mutex_lock (&node->lock);
    for (TesseraPageFile *file = node->databases; file != NULL; file = file->next_database)
      if (sqlite3_filename_journal (file->name) == path || sqlite3_filename_wal (file->name) == path)
        found = file;
    g_mutex_unlock (&node->lock);
  }
  g_mutex_unlock (&self->lock);
  return found;
}

static int
open_database (TesseraPageVfs *self, TesseraPageFile *file, const char *path, int flags)
{
  int rc;

  file->name = path;
  file->node = node_acquire (self, path);
  if (file->node == NULL)
    return SQLITE_NOMEM;
  rc = prepare_database (file, flags);
  if (rc == SQLITE_OK) {
    add_database (file->node, file);
    file->base.pMethods = &tessera_page_database_methods;
  }
  return rc;
}

/* A log or journal, found by the database it belongs to. */
static int
open_companion (TesseraPageVfs *self, TesseraPageFile *file, const char *path, int flags)
{
  TesseraPageFile *database = find_database (self, path);
  int rc = SQLITE_OK;

  if (database == NULL)
    return SQLITE_CANTOPEN;
  file->node = node_acquire (self, database->node->path);
  if (file->node == NULL)
    return SQLITE_NOMEM;
  file->database = database;
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
    return self->any_path || strcmp (path, self->store) == 0 || strcmp (path, self->store_new) == 0;
  return (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
}

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *ret_flags)
{
  TesseraPageVfs *self = (TesseraPageVfs *) vfs;
  TesseraPageFile *file = (TesseraPageFile *) base;
  int rc;

  memset (file, 0, vfs->szOsFile);
  if (self->any_path && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) == 0)
    return self->real->xOpen (self->real, path, base, flags, ret_flags);
  /* Temporary, transient and statement files would hold readable data; plain databases are not ours to
   * attach. */
  if (!may_open (self, path, flags))
    return SQLITE_CANTOPEN;
  file->scratch = tessera_page_scratch_new ();
  if (file->scratch == NULL)
    return SQLITE_NOMEM;
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
