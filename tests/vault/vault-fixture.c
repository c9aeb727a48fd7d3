/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vault-fixture.c: a throw-away vault for a test, and what tests do to its files.
 */
#include "config.h"

#include "vault-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

void
fixture_set_up (VaultFixture *fixture, gconstpointer data)
{
  const char *place = g_getenv ("TMPDIR");

  /* In memory if possible: these tests synchronize thousands of times. */
  if (place == NULL)
    place = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
  fixture->root = g_build_filename (place, "tessera-vault-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (fixture->root));
  fixture->folder = g_build_filename (fixture->root, "vault", NULL);
}

void
remove_tree (const char *path)
{
  g_autoptr (GDir) entries = NULL;
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
    entries = g_dir_open (path, 0, NULL);
    while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  }
  g_remove (path);
}

void
fixture_tear_down (VaultFixture *fixture, gconstpointer data)
{
  remove_tree (fixture->root);
  g_free (fixture->root);
  g_free (fixture->folder);
}

TesseraSecret *
secret_from (const char *text)
{
  return tessera_secret_new_from_bytes (text, strlen (text));
}

TesseraVault *
fixture_create (VaultFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  TesseraVault *vault = tessera_vault_create (fixture->folder, WORKER, passphrase,
                                              TESSERA_WORK_FACTOR_MINIMUM, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (vault);
  return vault;
}

TesseraVault *
fixture_unlock (VaultFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  TesseraVault *vault = tessera_vault_unlock (fixture->folder, WORKER, passphrase, &error);

  g_assert_no_error (error);
  g_assert_nonnull (vault);
  return vault;
}

sqlite3 *
fixture_open (TesseraVault *vault, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  sqlite3 *database = tessera_vault_open_database (vault, writable, &error);

  g_assert_no_error (error);
  g_assert_nonnull (database);
  return database;
}

void
must_run (sqlite3 *database, const char *sql)
{
  int rc = sqlite3_exec (database, sql, NULL, NULL, NULL);

  if (rc != SQLITE_OK)
    g_error ("%s: %s (%d)", sql, sqlite3_errmsg (database), sqlite3_extended_errcode (database));
}

char *
query_text (sqlite3 *database, const char *sql, int *ret_code)
{
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  int rc = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    text = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  if (ret_code != NULL)
    *ret_code = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
  return text;
}

gint64
must_count (sqlite3 *database, const char *sql)
{
  int rc;
  g_autofree char *text = query_text (database, sql, &rc);

  g_assert_cmpint (rc, ==, SQLITE_OK);
  g_assert_nonnull (text);
  return g_ascii_strtoll (text, NULL, 10);
}

char *
fixture_path (VaultFixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

GBytes *
fixture_load (VaultFixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_path (fixture, name);
  char *bytes;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, size);
}

/* In place, without a temporary: some tests do this thousands of times. */
void
fixture_save (VaultFixture *fixture, const char *name, gconstpointer bytes, gsize size)
{
  g_autofree char *path = fixture_path (fixture, name);
  FILE *file = g_fopen (path, "wb");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

void
fixture_copy (VaultFixture *fixture, const char *from, const char *to)
{
  g_autoptr (GBytes) bytes = fixture_load (fixture, from);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  fixture_save (fixture, to, data, size);
}
