/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-store.c: connections to store.db.
 *
 * Makes the store, opens it, and gives every connection the settings it must have. Of tables it knows
 * nothing.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

#define STORE_NEW TESSERA_VAULT_STORE ".new"
#define BUSY_MILLISECONDS 10000

/* page_size only counts while there is no page; the rest must be set on every connection. Moving the log into the
 * database costs a few synchronizations more than SQLite's own, so it is done less often than SQLite would: when
 * 16 MiB of pages are in the log, which a crash leaves to be read in some 30 ms. */
static const char common_settings[] = "PRAGMA page_size = 4096;"
                                      "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA mmap_size = 0;"
                                      "PRAGMA secure_delete = ON;"
                                      "PRAGMA cache_size = -65536;"
                                      "PRAGMA wal_autocheckpoint = 4000;"
                                      "PRAGMA foreign_keys = OFF;"
                                      "PRAGMA trusted_schema = OFF;"
                                      "PRAGMA cell_size_check = ON;";

/* Why the page layer refused, if it said so; SQLite's own code otherwise. */
static void
set_open_error (TesseraPageVfs *pages, GError **error, sqlite3 *database, int code)
{
  switch (tessera_page_vfs_take_problem (pages)) {
  case TESSERA_PAGE_PROBLEM_NOT_A_STORE:
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN,
                 _("“%s” is no Tessera store; put the right file in its place or restore a backup."),
                 TESSERA_VAULT_STORE);
    break;
  case TESSERA_PAGE_PROBLEM_OTHER_VAULT:
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN,
                 _("“%s” belongs to another vault; put the right file in its place or restore a backup."),
                 TESSERA_VAULT_STORE);
    break;
  case TESSERA_PAGE_PROBLEM_TOO_NEW:
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_TOO_NEW,
                 _("The store was written by a newer Tessera; update Tessera on this computer."));
    break;
  case TESSERA_PAGE_PROBLEM_TOO_OLD:
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_TOO_OLD,
                 _("The store was written by a trial version of Tessera, which is no longer read; make a new "
                   "vault."));
    break;
  case TESSERA_PAGE_PROBLEM_DAMAGED:
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The head of the store is damaged or was tampered with; restore it from a backup."));
    break;
  case TESSERA_PAGE_PROBLEM_LOG_MISSING:
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
      _("“%s-wal” is missing or damaged, and the store is not whole without it; restore a backup."),
      TESSERA_VAULT_STORE);
    break;
  case TESSERA_PAGE_PROBLEM_NONE:
  default:
    tessera_vault_set_sqlite_error (error, database, code);
    break;
  }
}

static gboolean
run (sqlite3 *database, const char *sql, int *ret_code)
{
  *ret_code = sqlite3_exec (database, sql, NULL, NULL, NULL);
  return *ret_code == SQLITE_OK;
}

/* Whether the one value @sql gives is @expected; *@ret_code is not SQLITE_OK if it is not. */
static gboolean
gives (sqlite3 *database, const char *sql, const char *expected, int *ret_code)
{
  sqlite3_stmt *statement = NULL;
  gboolean same = FALSE;
  int rc = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  if (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW)
    same = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), expected) == 0;
  sqlite3_finalize (statement);
  if (same)
    *ret_code = SQLITE_OK;
  else
    *ret_code = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
  return same;
}

static int
configure (sqlite3 *database, gboolean writable)
{
  int reserved = TESSERA_PAGE_RESERVED;
  int rc;

  sqlite3_extended_result_codes (database, 1);
  sqlite3_busy_timeout (database, BUSY_MILLISECONDS);
  /* One is what VACUUM needs. */
  sqlite3_limit (database, SQLITE_LIMIT_ATTACHED, 1);
  rc = sqlite3_file_control (database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  if (rc != SQLITE_OK)
    return rc;
  if (!run (database, common_settings, &rc))
    return rc;
  /* Reading the schema proves that the key opens the pages. */
  if (!gives (database, "PRAGMA journal_mode = WAL", "wal", &rc) ||
      !gives (database, "SELECT count (*) >= 0 FROM sqlite_schema", "1", &rc))
    return rc;
  run (database, writable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = FULL; PRAGMA query_only = ON",
       &rc);
  return rc;
}

/* Without SQLite's own lock, a tenth of the time of many small statements: a connection is used by one thread at a time,
 * and only sqlite3_interrupt() by another. Never opened read-only, not even for a connection that only reads: only a writable handle keeps the
 * wal-index in the heap and other processes out. */
sqlite3 *
tessera_vault_connect (TesseraVault *self, TesseraPageVfs *pages, const char *name, int flags, gboolean writable,
                       GError **error)
{
  g_autofree char *path = g_build_filename (self->place, name, NULL);
  sqlite3 *database = NULL;
  int rc;

  tessera_page_vfs_take_problem (pages);
  rc = sqlite3_open_v2 (path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | flags,
                        tessera_page_vfs_get_name (pages));
  if (rc == SQLITE_OK)
    rc = configure (database, writable);
  if (rc == SQLITE_OK)
    return database;
  set_open_error (pages, error, database, rc);
  sqlite3_close_v2 (database);
  return NULL;
}

sqlite3 *
tessera_vault_open_empty (const char *place, TesseraPageVfs *pages, GError **error)
{
  int reserved = TESSERA_PAGE_RESERVED;
  int number;
  sqlite3 *database = NULL;
  int rc = sqlite3_open_v2 (place, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                            tessera_page_vfs_get_name (pages));

  if (rc == SQLITE_OK) {
    sqlite3_extended_result_codes (database, 1);
    rc = sqlite3_file_control (database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  }
  if (rc == SQLITE_OK && run (database, common_settings, &rc))
    run (database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;"
         "PRAGMA cache_size = -1024", &rc);
  if (rc == SQLITE_OK)
    return database;
  number = database != NULL ? sqlite3_system_errno (database) : ENOMEM;
  tessera_vault_file_set_error (error, number != 0 ? number : EIO, place);
  sqlite3_close (database);
  return NULL;
}

sqlite3 *
tessera_vault_open_still (const char *place, TesseraPageVfs *pages)
{
  g_autofree char *address = g_filename_to_uri (place, NULL, NULL);
  g_autofree char *still = g_strconcat (address, "?immutable=1", NULL);
  sqlite3 *database = NULL;
  int rc = sqlite3_open_v2 (still, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                            tessera_page_vfs_get_name (pages));

  if (rc == SQLITE_OK) {
    sqlite3_extended_result_codes (database, 1);
    sqlite3_limit (database, SQLITE_LIMIT_ATTACHED, 0);
    run (database, common_settings, &rc);
  }
  if (rc == SQLITE_OK && gives (database, "SELECT count (*) >= 0 FROM sqlite_schema", "1", &rc))
    return database;
  sqlite3_close (database);
  return NULL;
}

static void
remove_leftovers (TesseraVault *self)
{
  static const char *const names[] = { STORE_NEW, STORE_NEW "-wal", STORE_NEW "-journal",
                                       TESSERA_VAULT_STORE "-wal", TESSERA_VAULT_STORE "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (self->place, names[i], NULL);

    g_unlink (path);
  }
}

/* Makes the store under another name, so that store.db, once there, is whole. */
static gboolean
make_store (TesseraVault *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->place, TESSERA_VAULT_STORE, NULL);
  g_autofree char *path_new = g_build_filename (self->place, STORE_NEW, NULL);
  sqlite3 *database;
  int descriptor;

  remove_leftovers (self);
  /* SQLite would let others read it; log and journal take over the mode. */
  descriptor = open (path_new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  close (descriptor);
  database = tessera_vault_connect (self, self->pages, STORE_NEW, SQLITE_OPEN_CREATE, TRUE, error);
  if (database == NULL)
    return FALSE;
  sqlite3_close (database);
  if (g_rename (path_new, path) != 0) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  return tessera_vault_file_sync_folder (self->place, error);
}

/* From now on a missing store is a loss and not a new vault. */
static gboolean
record_store (TesseraVault *self, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);

  changed->has_store = TRUE;
  return tessera_vault_adopt_key_file (self, g_steal_pointer (&changed), error);
}

/* Only looks at the size: to open and close the file would give up SQLite's locks on it (POSIX locks belong
 * to the process and the file). */
static gboolean
check_store_size (const GStatBuf *facts, GError **error)
{
  if (facts->st_size >= TESSERA_PAGE_HEAD_BYTES + TESSERA_PAGE_SIZE)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("“%s” was cut off; restore it from a backup."), TESSERA_VAULT_STORE);
  return FALSE;
}

static gboolean
ensure_store (TesseraVault *self, gboolean writable, GError **error)
{
  g_autofree char *path = g_build_filename (self->place, TESSERA_VAULT_STORE, NULL);
  GStatBuf facts;

  if (g_stat (path, &facts) == 0)
    return check_store_size (&facts, error) &&
           (self->key_file->has_store || !writable || record_store (self, error));
  if (errno != ENOENT) {
    tessera_vault_file_set_error (error, errno, path);
    return FALSE;
  }
  if (self->key_file->has_store) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("This folder holds a key file but its store “%s” is missing; restore it from a backup."),
                 TESSERA_VAULT_STORE);
    return FALSE;
  }
  if (!writable) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
                 _("This vault is new and holds nothing to read yet."));
    return FALSE;
  }
  return make_store (self, error) && record_store (self, error);
}

sqlite3 *
tessera_vault_connect_store (TesseraVault *self, gboolean writable, GError **error)
{
  if (!ensure_store (self, writable, error))
    return NULL;
  return tessera_vault_connect (self, self->pages, TESSERA_VAULT_STORE, 0, writable, error);
}

sqlite3 *
tessera_vault_open_database (TesseraVault *self, gboolean writable, GError **error)
{
  sqlite3 *database;

  g_return_val_if_fail (TESSERA_IS_VAULT (self), NULL);
  g_return_val_if_fail (self->data_key != NULL, NULL);

  if (!tessera_vault_begin_change (self, error))
    return NULL;
  database = tessera_vault_connect_store (self, writable, error);
  tessera_vault_end_change (self);
  return database;
}
