/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-page-sizes.c: the page layer without a vault: every page size, a table of many blocks, a store that does not
 * begin where its file does.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tessera-page-private.h"
#include "vault-fixture.h"

typedef struct {
  char *folder;
  char *path;
  guint8 id[TESSERA_PAGE_ID_BYTES];
  TesseraSecret *key;
  sqlite3_int64 offset;
  TesseraPageVfs *vfs;
} Pages;

static void
set_up (Pages *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "pages.db", NULL);
  memset (self->id, 7, sizeof self->id);
  self->key = tessera_secret_new_random (TESSERA_PAGE_KEY_BYTES);
}

static void
start (Pages *self)
{
  TesseraPageVfsOptions options = { .store = self->path, .id = self->id, .key = self->key, .offset = self->offset };

  self->vfs = tessera_page_vfs_register (&options);
  g_assert_nonnull (self->vfs);
}

static void
tear_down (Pages *self, gconstpointer data)
{
  g_clear_pointer (&self->vfs, tessera_page_vfs_unregister);
  tessera_secret_free (self->key);
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static sqlite3 *
open_pages (Pages *self)
{
  int reserved = TESSERA_PAGE_RESERVED;
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open_v2 (self->path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                    tessera_page_vfs_get_name (self->vfs)),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_file_control (database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved), ==, SQLITE_OK);
  must_run (database, "PRAGMA temp_store = MEMORY");
  return database;
}

/* A new VFS, as after the program was started again: nothing is remembered. */
static sqlite3 *
reopen (Pages *self, sqlite3 *database)
{
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  g_clear_pointer (&self->vfs, tessera_page_vfs_unregister);
  start (self);
  return open_pages (self);
}

static void
check_integrity (sqlite3 *database)
{
  g_autofree char *answer = query_text (database, "PRAGMA integrity_check", NULL);

  g_assert_cmpstr (answer, ==, "ok");
}

static void
grow_shrink_and_check (Pages *self, guint page_size, const char *mode)
{
  g_autofree char *settings =
    g_strdup_printf ("PRAGMA page_size = %u; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = %s;", page_size, mode);
  sqlite3 *database = open_pages (self);

  must_run (database, settings);
  must_run (database, "CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t (b);"
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                      " INSERT INTO t SELECT i, printf ('%.200c', char (65 + i % 26)) FROM n");
  g_assert_cmpint (must_count (database, "PRAGMA page_size"), ==, page_size);
  database = reopen (self, database);
  check_integrity (database);
  must_run (database, "DELETE FROM t WHERE a > 100; PRAGMA incremental_vacuum");
  database = reopen (self, database);
  check_integrity (database);
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM t"), ==, 100);
  must_run (database, "INSERT INTO t SELECT a + 1000, b FROM t; VACUUM");
  database = reopen (self, database);
  check_integrity (database);
  g_assert_cmpint (must_count (database, "SELECT sum (length (b)) FROM t"), ==, 200 * 200);
  sqlite3_close (database);
}

static void
test_sizes (Pages *self, gconstpointer data)
{
  static const char *const modes[] = { "WAL", "DELETE", "TRUNCATE", "PERSIST", "MEMORY", "OFF" };

  for (guint page_size = TESSERA_PAGE_SMALLEST; page_size <= TESSERA_PAGE_LARGEST; page_size *= 2)
    for (guint i = 0; i < (page_size == TESSERA_PAGE_SIZE ? G_N_ELEMENTS (modes) : 2); i++) {
      start (self);
      grow_shrink_and_check (self, page_size, modes[i]);
      g_clear_pointer (&self->vfs, tessera_page_vfs_unregister);
      g_assert_cmpint (g_remove (self->path), ==, 0);
    }
}

/* With pages in it, another size is refused, and nothing is lost. */
static void
test_size_stays (Pages *self, gconstpointer data)
{
  sqlite3 *database;

  start (self);
  database = open_pages (self);
  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA page_size = 8192");
  g_assert_cmpint (sqlite3_exec (database, "VACUUM", NULL, NULL, NULL), !=, SQLITE_OK);
  database = reopen (self, database);
  check_integrity (database);
  g_assert_cmpint (must_count (database, "PRAGMA page_size"), ==, 4096);
  g_assert_cmpint (must_count (database, "SELECT a FROM t"), ==, 1);
  sqlite3_close (database);
}

/* The bytes before the store are another's and stay what they are. */
static void
test_offset (Pages *self, gconstpointer data)
{
  g_autofree char *before = g_strnfill (70000, 'x');
  g_autofree char *after = NULL;
  gsize size;

  self->offset = 70000;
  g_assert_true (g_file_set_contents (self->path, before, 70000, NULL));
  start (self);
  grow_shrink_and_check (self, 4096, "WAL");
  g_assert_cmpint (truncate (self->path, 70000), ==, 0);
  grow_shrink_and_check (self, 4096, "DELETE");
  g_assert_true (g_file_get_contents (self->path, &after, &size, NULL));
  g_assert_cmpuint (size, >, 70000 + TESSERA_PAGE_HEAD_BYTES);
  g_assert_cmpmem (after, 70000, before, 70000);
}

/* Blocks of the table of an earlier time: one alone does no harm where it does not count, and is refused where it
 * does; both at once are refused. */
static void
test_old_table (Pages *self, gconstpointer data)
{
  g_autofree char *old = NULL;
  g_autofree char *now = NULL;
  gsize old_size, size, refused = 0;
  sqlite3 *database;

  start (self);
  database = open_pages (self);
  must_run (database, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  database = reopen (self, database);
  sqlite3_close (database);
  g_assert_true (g_file_get_contents (self->path, &old, &old_size, NULL));
  database = open_pages (self);
  must_run (database, "UPDATE t SET a = 2");
  database = reopen (self, database);
  must_run (database, "UPDATE t SET a = 3");
  sqlite3_close (database);
  g_assert_true (g_file_get_contents (self->path, &now, &size, NULL));
  for (guint which = 1; which <= 3; which++) {
    g_autofree char *copy = g_memdup2 (now, size);
    g_autofree char *text = NULL;
    int rc;

    for (guint place = 0; place < 2; place++)
      if (which & 1 << place)
        memcpy (copy + TESSERA_PAGE_HEAD_BYTES + place * 4096, old + TESSERA_PAGE_HEAD_BYTES + place * 4096, 4096);
    g_clear_pointer (&self->vfs, tessera_page_vfs_unregister);
    g_assert_true (g_file_set_contents (self->path, copy, (gssize) size, NULL));
    start (self);
    if (sqlite3_open_v2 (self->path, &database, SQLITE_OPEN_READWRITE, tessera_page_vfs_get_name (self->vfs)) ==
        SQLITE_OK)
      text = query_text (database, "SELECT a FROM t", &rc);
    sqlite3_close (database);
    g_assert_true (text == NULL || g_str_equal (text, "3"));
    refused += text == NULL;
  }
  g_assert_cmpuint (refused, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/page-sizes/every-size", Pages, NULL, set_up, test_sizes, tear_down);
  g_test_add ("/page-sizes/stays", Pages, NULL, set_up, test_size_stays, tear_down);
  g_test_add ("/page-sizes/offset", Pages, NULL, set_up, test_offset, tear_down);
  g_test_add ("/page-sizes/old-table", Pages, NULL, set_up, test_old_table, tear_down);
  return g_test_run ();
}
