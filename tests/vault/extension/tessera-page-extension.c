/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-extension.c: the page layer as a loadable extension of SQLite, for tests only.
 *
 * Makes the page layer the default VFS of the program that loads it, under a key that everybody knows, so
 * that SQLite's own programs run on it unchanged. It protects nothing and is never installed.
 * docs/vault-format.md says how to use it.
 *
 * Besides registering, it does what the application does for its store and SQLite's programs do not know
 * of: it asks SQLite to keep the reserved bytes of every new database free, attached ones too. And it lends
 * the page layer the calls of the platform's VFS that a default VFS must have and an application's need
 * not: those for loading extensions, and those that SQLite's tests use to make system calls fail.
 *
 * The SQL function tessera_seen() tells what SQLite sees of a file, for tests that look at the file itself.
 *
 * The environment variable TESSERA_PAGE_BENEATH may name the VFS to stand on. If there is none of that name
 * yet, the platform's is made the default, so that it can be made upon it; loading again then finds it.
 * SQLite's crash tests put their simulated disk there.
 */
#include "config.h"

#include <gmodule.h>
#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-page-private.h"
#include "tessera-sodium.h"

SQLITE_EXTENSION_INIT1

#define PLATFORM_VFS "unix-excl"

/* Asks a file whether it is the one at this address. Only has to differ from SQLite's own (below 100). */
#define CONTROL_IS_IT_YOU 0x54455353

/* What the extension keeps for each open file, behind what the page layer keeps. */
typedef struct {
  sqlite3 **connection; /* whoever is using the file now */
} Extra;

/* SQLite knows one default VFS per process, so there is one of these. */
static struct {
  TesseraPageVfs *pages;
  sqlite3_vfs *vfs;
  int file_size; /* of the page layer's part */
  int (*open) (sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
  sqlite3_io_methods methods;
} extension;

static Extra *
get_extra (sqlite3_file *file)
{
  return (Extra *) ((char *) file + extension.file_size);
}

static gboolean
is_of_schema (sqlite3 *db, const char *schema, sqlite3_file *file)
{
  sqlite3_file *asked = file;

  return sqlite3_file_control (db, schema, CONTROL_IS_IT_YOU, &asked) == SQLITE_OK && asked == NULL;
}

static void
reserve (sqlite3_file *file)
{
  Extra *extra = get_extra (file);
  int bytes = TESSERA_PAGE_RESERVED;
  sqlite3 *db;
  const char *schema;

  if (extra->connection == NULL || *extra->connection == NULL)
    return;
  db = *extra->connection;
  for (int i = 0; (schema = sqlite3_db_name (db, i)) != NULL; i++)
    if (is_of_schema (db, schema, file))
      sqlite3_file_control (db, schema, SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

/* A database with nothing in it: nothing of it is fixed yet. */
static void
reserve_if_new (sqlite3_file *file)
{
  sqlite3_int64 size = 0;

  if (file->pMethods->xFileSize (file, &size) == SQLITE_OK && size == 0)
    reserve (file);
}

/* SQLite locks a database, of whatever schema, before it looks whether there is something in it. */
static int
lock_and_reserve (sqlite3_file *file, int level)
{
  int rc = tessera_page_file_lock (file, level);

  if (rc == SQLITE_OK && level == SQLITE_LOCK_SHARED)
    reserve_if_new (file);
  return rc;
}

static int
control (sqlite3_file *file, int operation, void *argument)
{
  sqlite3_file **asked = argument;

  if (operation == SQLITE_FCNTL_PDB)
    get_extra (file)->connection = argument;
  /* Pages of 512 bytes would leave too little, and SQLite knows it if it knows how much is reserved. */
  if (operation == SQLITE_FCNTL_PRAGMA)
    reserve_if_new (file);
  if (operation != CONTROL_IS_IT_YOU)
    return tessera_page_database_methods.xFileControl (file, operation, argument);
  if (*asked == file)
    *asked = NULL;
  return SQLITE_OK;
}

static int
open_file (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
  int rc = extension.open (vfs, path, file, flags, ret_flags);

  if (rc != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0)
    return rc;
  get_extra (file)->connection = NULL;
  file->pMethods = &extension.methods;
  return SQLITE_OK;
}

static void
lend_methods (sqlite3_vfs *vfs, const sqlite3_vfs *platform)
{
  vfs->iVersion = 3;
  vfs->xDlOpen = platform->xDlOpen;
  vfs->xDlError = platform->xDlError;
  vfs->xDlSym = platform->xDlSym;
  vfs->xDlClose = platform->xDlClose;
  vfs->xSetSystemCall = platform->xSetSystemCall;
  vfs->xGetSystemCall = platform->xGetSystemCall;
  vfs->xNextSystemCall = platform->xNextSystemCall;
}

/* The page key and the vault id of the vectors in docs/vault-format.md. */
static TesseraPageVfs *
register_pages (const char *beneath)
{
  g_autoptr (TesseraSecret) data_key = tessera_secret_new (crypto_kdf_KEYBYTES);
  g_autoptr (TesseraSecret) key = tessera_secret_new (TESSERA_PAGE_KEY_BYTES);
  guint8 id[TESSERA_PAGE_ID_BYTES];

  for (guint i = 0; i < crypto_kdf_KEYBYTES; i++)
    tessera_secret_get_writable (data_key)[i] = (guint8) (0x40 + i);
  for (guint i = 0; i < sizeof id; i++)
    id[i] = (guint8) (0xa0 + i);
  crypto_kdf_derive_from_key (tessera_secret_get_writable (key), TESSERA_PAGE_KEY_BYTES, 0, "TesPages",
                              tessera_secret_get_data (data_key));
  return tessera_page_vfs_register (&(TesseraPageVfsOptions){
    .id = id, .key = key, .beneath = beneath, .any_path = TRUE, .as_default = TRUE });
}

/* sqlite3_shutdown() and a new start make the platform's first VFS the default again. Any other was made the
 * default by somebody, upon this one. */
static gboolean
is_default_of_platform (void)
{
  return g_strcmp0 (sqlite3_vfs_find (NULL)->zName, "unix") == 0;
}

/* Once per process; later only the place at the head of SQLite's list. */
static int
ensure_registered (char **message)
{
  const char *beneath = getenv ("TESSERA_PAGE_BENEATH");
  sqlite3_vfs *platform = sqlite3_vfs_find (PLATFORM_VFS);

  if (extension.vfs != NULL)
    return is_default_of_platform () ? sqlite3_vfs_register (extension.vfs, TRUE) : SQLITE_OK;
  if (beneath != NULL && sqlite3_vfs_find (beneath) == NULL)
    return sqlite3_vfs_register (platform, TRUE);
  tessera_sodium_ensure ();
  extension.pages = register_pages (beneath);
  if (extension.pages == NULL) {
    *message = sqlite3_mprintf ("the page layer could not be registered");
    return SQLITE_ERROR;
  }
  extension.vfs = sqlite3_vfs_find (tessera_page_vfs_get_name (extension.pages));
  lend_methods (extension.vfs, platform);
  extension.methods = tessera_page_database_methods;
  extension.methods.xLock = lock_and_reserve;
  extension.methods.xFileControl = control;
  extension.open = extension.vfs->xOpen;
  extension.vfs->xOpen = open_file;
  extension.file_size = (extension.vfs->szOsFile + 7) & ~7;
  extension.vfs->szOsFile = extension.file_size + (int) sizeof (Extra);
  return SQLITE_OK;
}

/* ---- what SQLite sees of a file, for tests that look at files themselves ---- */

typedef struct {
  const char *name; /* made by SQLite */
  sqlite3_file *database;
  sqlite3_file *log; /* or NULL */
} Seen;

static void
seen_close (Seen *seen)
{
  if (seen->log != NULL && seen->log->pMethods != NULL)
    seen->log->pMethods->xClose (seen->log);
  if (seen->database != NULL && seen->database->pMethods != NULL)
    seen->database->pMethods->xClose (seen->database);
  g_free (seen->log);
  g_free (seen->database);
  sqlite3_free_filename ((char *) seen->name);
}

static int
open_part (sqlite3_file **file, const char *name, int kind)
{
  int flags;

  *file = g_malloc0 ((gsize) extension.vfs->szOsFile);
  return extension.vfs->xOpen (extension.vfs, name, *file, SQLITE_OPEN_READWRITE | kind, &flags);
}

static int
seen_open (Seen *seen, const char *path)
{
  g_autofree char *full = g_malloc0 ((gsize) extension.vfs->mxPathname + 1);
  g_autofree char *journal = NULL, *log = NULL;
  gboolean is_log = g_str_has_suffix (path, "-wal");
  int rc = extension.vfs->xFullPathname (extension.vfs, path, extension.vfs->mxPathname, full);

  if (is_log)
    full[strlen (full) - strlen ("-wal")] = '\0';
  journal = g_strconcat (full, "-journal", NULL);
  log = g_strconcat (full, "-wal", NULL);
  seen->name = sqlite3_create_filename (full, journal, log, 0, NULL);
  if (rc == SQLITE_OK)
    rc = open_part (&seen->database, seen->name, SQLITE_OPEN_MAIN_DB);
  if (rc == SQLITE_OK && is_log)
    rc = open_part (&seen->log, sqlite3_filename_wal (seen->name), SQLITE_OPEN_WAL);
  return rc;
}

/* tessera_seen(path): how large SQLite sees a database or log. tessera_seen(path, offset, amount): what it reads
 * there. */
static void
seen_function (sqlite3_context *context, int count, sqlite3_value **arguments)
{
  Seen seen = { NULL };
  int rc = seen_open (&seen, (const char *) sqlite3_value_text (arguments[0]));
  sqlite3_file *file = seen.log != NULL ? seen.log : seen.database;

  if (rc == SQLITE_OK && count == 1) {
    sqlite3_int64 size = 0;

    rc = file->pMethods->xFileSize (file, &size);
    sqlite3_result_int64 (context, size);
  } else if (rc == SQLITE_OK) {
    int amount = sqlite3_value_int (arguments[2]);
    g_autofree char *bytes = g_malloc0 ((gsize) amount);

    rc = file->pMethods->xRead (file, bytes, amount, sqlite3_value_int64 (arguments[1]));
    sqlite3_result_blob (context, bytes, amount, SQLITE_TRANSIENT);
  }
  if (rc != SQLITE_OK)
    sqlite3_result_error_code (context, rc);
  seen_close (&seen);
}

/* SQLite finds this function by the name of the file. */
G_MODULE_EXPORT int sqlite3_tesserapageextension_init (sqlite3 *db, char **message,
                                                       const sqlite3_api_routines *api);

int
sqlite3_tesserapageextension_init (sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
  int rc;

  SQLITE_EXTENSION_INIT2 (api)
  rc = ensure_registered (message);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function (db, "tessera_seen", 1, SQLITE_UTF8, NULL, seen_function, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function (db, "tessera_seen", 3, SQLITE_UTF8, NULL, seen_function, NULL, NULL);
  return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}
