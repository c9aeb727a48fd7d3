/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * load-at-start.c: loads the page layer into a program that has SQLite's source inside and cannot load
 * anything by itself: SQLite's testfixture and speedtest1.
 *
 * SQLite is compiled with -DSQLITE_EXTRA_INIT=tessera_load_at_start, so that this runs at the end of every
 * sqlite3_initialize(): SQLite's tests shut it down and start it again, and each start makes the platform's
 * VFS the default one. The environment variable TESSERA_PAGE_EXTENSION names the module; without it the
 * program is plain.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int tessera_load_at_start (const char *unused);

int
tessera_load_at_start (const char *unused)
{
  const char *module = getenv ("TESSERA_PAGE_EXTENSION");
  sqlite3 *db = NULL;
  char *message = NULL;
  int rc;

  if (module == NULL || *module == '\0')
    return SQLITE_OK;
  rc = sqlite3_open_v2 (":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_load_extension (db, module, NULL, &message);
  if (rc != SQLITE_OK)
    fprintf (stderr, "%s: %s\n", module, message != NULL ? message : sqlite3_errstr (rc));
  sqlite3_free (message);
  sqlite3_close (db);
  return rc;
}
