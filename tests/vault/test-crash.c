/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-crash.c: a program killed in the middle of writing loses nothing it was told is safe.
 *
 * Each round, a child unlocks the vault and writes one transaction after the other, telling the parent the
 * number of each when SQLite has called it durable. It is killed without warning; then the store must open,
 * be sound, and hold the last told transaction or the one that was being written.
 */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault-fixture.h"

/* Of each of four kinds; "-m slow" is the campaign. */
#define ROUNDS (g_test_slow () ? 125 : 15)

static void
write_until_killed (VaultFixture *fixture, const char *settings, int out)
{
  TesseraVault *vault = fixture_unlock (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  int version = (int) must_count (database, "SELECT max (v) FROM t");

  must_run (database, settings);
  for (;;) {
    g_autofree char *sql = g_strdup_printf (
      "BEGIN; UPDATE t SET v = %d, b = printf ('%%.*c', 900 + %d %% 700, 'x');"
      "DELETE FROM spare; INSERT INTO spare SELECT zeroblob (v %% 9000) FROM t;"
      "COMMIT",
      version + 1, version + 1);

    must_run (database, sql);
    version++;
    if (write (out, &version, sizeof version) != sizeof version)
      _exit (1);
  }
}

/* Kills the child so long after it began, or, if @wait, after its first transaction: a busy computer may not
 * come to it before. Returns the last number the child told. */
static int
run_and_kill (VaultFixture *fixture, const char *settings, gboolean wait, gulong microseconds, int told)
{
  int ends[2], status, version;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  if (child == 0) {
    close (ends[0]);
    write_until_killed (fixture, settings, ends[1]);
    _exit (0);
  }
  close (ends[1]);
  if (wait && read (ends[0], &version, sizeof version) == sizeof version)
    told = version;
  g_usleep (microseconds);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  while (read (ends[0], &version, sizeof version) == sizeof version)
    told = version;
  close (ends[0]);
  return told;
}

static void
test_killed (VaultFixture *fixture, gconstpointer data)
{
  const char *settings = data;
  TesseraVault *vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  int told = 0;

  must_run (database, "CREATE TABLE t (v, b); CREATE TABLE spare (a);"
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
                      " INSERT INTO t SELECT 0, '' FROM n");
  sqlite3_close (database);
  g_object_unref (vault);

  for (int round = 0; round < ROUNDS; round++) {
    g_autofree char *sound = NULL;
    int found;

    told = run_and_kill (fixture, settings, round % 3 != 0, (gulong) g_test_rand_int_range (2000, 30000),
                         told);
    vault = fixture_unlock (fixture);
    database = fixture_open (vault, TRUE);
    found = (int) must_count (database, "SELECT max (v) FROM t");
    g_assert_cmpint (must_count (database, "SELECT min (v) FROM t"), ==, found);
    g_assert_true (found == told || found == told + 1);
    sound = query_text (database, "PRAGMA integrity_check", NULL);
    g_assert_cmpstr (sound, ==, "ok");
    told = found;
    sqlite3_close (database);
    g_object_unref (vault);
  }
  g_assert_cmpint (told, >, 0);
  g_test_message ("killed %d times, %d transactions", ROUNDS, told);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  /* A log that is begun again often, so that kills fall into checkpoints. */
  g_test_add ("/crash/log", VaultFixture, "PRAGMA wal_autocheckpoint = 30", fixture_set_up, test_killed,
              fixture_tear_down);
  /* A cache so small that uncommitted pages reach the disk. */
  g_test_add ("/crash/log-spilled", VaultFixture, "PRAGMA wal_autocheckpoint = 100; PRAGMA cache_size = 5",
              fixture_set_up, test_killed, fixture_tear_down);
  g_test_add ("/crash/journal", VaultFixture, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5",
              fixture_set_up, test_killed, fixture_tear_down);
  g_test_add ("/crash/journal-persistent", VaultFixture,
              "PRAGMA journal_mode = PERSIST; PRAGMA cache_size = 5", fixture_set_up, test_killed,
              fixture_tear_down);
  return g_test_run ();
}
