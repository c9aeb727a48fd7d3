/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-vault.c: making, unlocking and closing a vault, its workers, and each way it can refuse.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault-fixture.h"

static void
test_round_trip (VaultFixture *fixture, gconstpointer data)
{
  TesseraVault *vault = fixture_create (fixture);
  g_autofree char *id = g_strdup (tessera_vault_get_id (vault));
  sqlite3 *database = fixture_open (vault, TRUE);
  int rc;
  g_autofree char *text = NULL;

  g_assert_cmpuint (strlen (id), ==, 32);
  g_assert_cmpuint (tessera_vault_get_slot (vault), ==, 1);
  g_assert_cmpstr (tessera_vault_get_folder (vault), ==, fixture->folder);
  must_run (database, "CREATE TABLE t (a); INSERT INTO t VALUES ('one'), ('two')");
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  tessera_vault_close (vault);
  g_object_unref (vault);

  vault = fixture_unlock (fixture);
  g_assert_cmpstr (tessera_vault_get_id (vault), ==, id);
  database = fixture_open (vault, FALSE);
  text = query_text (database, "SELECT group_concat (a) FROM t", &rc);
  g_assert_cmpstr (text, ==, "one,two");
  g_assert_cmpint (sqlite3_exec (database, "INSERT INTO t VALUES (3)", NULL, NULL, NULL), ==, SQLITE_READONLY);
  sqlite3_close (database);
  g_object_unref (vault);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add (path, VaultFixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/vault/round-trip", test_round_trip);
#undef ADD
  return g_test_run ();
}
