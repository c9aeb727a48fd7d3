/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-tamper.c: whatever is done to the files, what is read is what was written, or an error.
 *
 * Every transaction of the sample sets all rows to the same new version, so a mixture of an older and a newer
 * state shows. An older whole state is allowed only where the end of the log was cut off.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "tessera-key-slot.h"
#include "tessera-page-vfs.h"
#include "vault-fixture.h"

#define ROWS 12
#define VERSIONS 8

typedef struct {
  GBytes *store;
  GBytes *log; /* or NULL */
} Files;

/* What came of reading: the version, or minus one for an error. Anything else fails the test. */
static int
read_version (TesseraVault *vault)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  sqlite3 *database = tessera_vault_open_database (vault, FALSE, &error);
  int rc, version = -1;

  if (database == NULL) {
    g_assert_nonnull (error);
    return -1;
  }
  text = query_text (
    database,
    "SELECT count (*) || ' ' || min (v) || ' ' || max (v) || ' ' || sum (length (b)) || ' ' ||"
    " sum (b = printf ('%.*c', 2100 + v * 17, char (65 + v))) || ' ' ||"
    " (SELECT sum (b = printf ('%.6000c', char (65 + v))) FROM long) FROM t",
    &rc);
  if (text != NULL) {
    int count, least, most, length, right, long_right;

    g_assert_cmpint (sscanf (text, "%d %d %d %d %d %d", &count, &least, &most, &length, &right, &long_right),
                     ==, 6);
    g_assert_cmpint (count, ==, ROWS);
    g_assert_cmpint (least, ==, most);
    g_assert_cmpint (length, ==, ROWS * (2100 + least * 17));
    g_assert_cmpint (right, ==, ROWS);
    g_assert_cmpint (long_right, ==, 1);
    version = least;
  } else
    g_assert_cmpint (rc, !=, SQLITE_OK);
  sqlite3_close (database);
  return version;
}

static void
set_version (sqlite3 *database, int version)
{
  g_autofree char *sql = g_strdup_printf (
    "BEGIN; UPDATE t SET v = %d, b = printf ('%%.*c', %d, char (%d));"
    "UPDATE long SET v = %d, b = printf ('%%.6000c', char (%d)); COMMIT",
    version, 2100 + version * 17, 65 + version, version, 65 + version);

  must_run (database, sql);
}

static void
make_tables (sqlite3 *database)
{
  must_run (database,
            "CREATE TABLE t (v, b); CREATE TABLE long (v, b); INSERT INTO long VALUES (0, '');"
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " G_STRINGIFY (
              ROWS) ")"
                    " INSERT INTO t SELECT 0, '' FROM n; PRAGMA wal_autocheckpoint = 0");
}

static Files
load_files (VaultFixture *fixture)
{
  g_autofree char *log = fixture_path (fixture, "store.db-wal");
  Files files = { .store = fixture_load (fixture, "store.db") };

  if (g_file_test (log, G_FILE_TEST_EXISTS))
    files.log = fixture_load (fixture, "store.db-wal");
  return files;
}

static void
put_bytes (VaultFixture *fixture, const char *name, GBytes *bytes)
{
  g_autofree char *path = fixture_path (fixture, name);

  if (bytes != NULL)
    fixture_save (fixture, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else
    g_remove (path);
}

static void
put_files (VaultFixture *fixture, const Files *files)
{
  put_bytes (fixture, "store.db", files->store);
  put_bytes (fixture, "store.db-wal", files->log);
}

static void
clear_files (Files *files)
{
  g_clear_pointer (&files->store, g_bytes_unref);
  g_clear_pointer (&files->log, g_bytes_unref);
}

static GBytes *
with_flip (GBytes *bytes, gsize at)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  guint8 *copy = g_memdup2 (data, size);

  copy[at] ^= 1 << g_test_rand_int_range (0, 8);
  return g_bytes_new_take (copy, size);
}

/* All of it in the database, no log. */
static Files
make_checkpointed (VaultFixture *fixture, TesseraVault *vault)
{
  sqlite3 *database = fixture_open (vault, TRUE);

  make_tables (database);
  for (int version = 1; version <= VERSIONS; version++)
    set_version (database, version);
  sqlite3_close (database);
  return load_files (fixture);
}

/* Part of the log is in the database: a reader held the checkpoint back at half of the versions. As after a
 * crash. */
static Files
make_half_checkpointed (VaultFixture *fixture, TesseraVault *vault)
{
  sqlite3 *database = fixture_open (vault, TRUE);
  sqlite3 *reader = fixture_open (vault, FALSE);
  Files files;

  make_tables (database);
  set_version (database, 1);
  must_run (database, "PRAGMA wal_checkpoint (TRUNCATE)");
  for (int version = 2; version <= VERSIONS; version++) {
    set_version (database, version);
    if (version == VERSIONS / 2) {
      must_run (reader, "BEGIN");
      must_count (reader, "SELECT count (*) FROM t");
    }
  }
  must_run (database, "PRAGMA wal_checkpoint (PASSIVE)");
  files = load_files (fixture);
  must_run (reader, "COMMIT");
  sqlite3_close (reader);
  sqlite3_close (database);
  return files;
}

/* None of the log is in the database. */
static Files
make_logged (VaultFixture *fixture, TesseraVault *vault)
{
  sqlite3 *database = fixture_open (vault, TRUE);
  Files files;

  make_tables (database);
  set_version (database, 1);
  must_run (database, "PRAGMA wal_checkpoint (TRUNCATE)");
  for (int version = 2; version <= VERSIONS; version++)
    set_version (database, version);
  files = load_files (fixture);
  sqlite3_close (database);
  return files;
}

static void
test_flips_in_store (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_checkpointed (fixture, vault);
  gsize size = g_bytes_get_size (files.store);
  guint refused = 0, tried = 0;

  for (gsize at = 0; at < size; at += at % 4096 < 40 || at % 4096 >= 4048 ? 5 : 257) {
    Files changed = { .store = with_flip (files.store, at) };
    int version;

    put_files (fixture, &changed);
    version = read_version (vault);
    g_assert_true (version == -1 || version == VERSIONS);
    refused += version == -1;
    tried += at >= TESSERA_PAGE_HEAD_BYTES;
    clear_files (&changed);
  }
  /* Free pages are never read, the rest must be noticed. */
  g_assert_cmpuint (refused, >, tried / 2);
  clear_files (&files);
}

/* A page in another's place, of zeros, cut off. */
static void
test_pages_in_store (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_checkpointed (fixture, vault);
  gsize size, pages;
  const guint8 *bytes = g_bytes_get_data (files.store, &size);
  guint refused = 0;

  pages = size / TESSERA_PAGE_SIZE;
  for (gsize i = 1; i < pages; i++) {
    for (gsize j = 1; j <= pages; j += i == j ? 1 : 3) {
      g_autofree guint8 *copy = g_memdup2 (bytes, size);
      int version;

      if (j == pages)
        memset (copy + i * TESSERA_PAGE_SIZE, 0, TESSERA_PAGE_SIZE);
      else
        memcpy (copy + i * TESSERA_PAGE_SIZE, bytes + j * TESSERA_PAGE_SIZE, TESSERA_PAGE_SIZE);
      fixture_save (fixture, "store.db", copy, size);
      version = read_version (vault);
      g_assert_true (version == -1 || version == VERSIONS);
      refused += version == -1;
    }
  }
  g_assert_cmpuint (refused, >, 10);
  for (gsize cut = 0; cut < size; cut += 1024) {
    fixture_save (fixture, "store.db", bytes, cut);
    g_assert_cmpint (read_version (vault), ==, -1);
  }
  clear_files (&files);
}

/* Every page of an earlier time, put back alone: each is genuine, and none may pass. */
static void
test_old_pages (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files old = make_checkpointed (fixture, vault);
  sqlite3 *database = fixture_open (vault, TRUE);
  Files files;
  gsize size;
  const guint8 *bytes;
  guint replaced = 0, refused = 0;

  set_version (database, VERSIONS + 1);
  sqlite3_close (database);
  files = load_files (fixture);
  bytes = g_bytes_get_data (files.store, &size);
  for (gsize at = TESSERA_PAGE_SIZE; at + TESSERA_PAGE_SIZE <= g_bytes_get_size (old.store);
       at += TESSERA_PAGE_SIZE) {
    const guint8 *earlier = (const guint8 *) g_bytes_get_data (old.store, NULL) + at;
    g_autofree guint8 *copy = g_memdup2 (bytes, size);
    int version;

    if (memcmp (copy + at, earlier, TESSERA_PAGE_SIZE) == 0)
      continue;
    memcpy (copy + at, earlier, TESSERA_PAGE_SIZE);
    fixture_save (fixture, "store.db", copy, size);
    version = read_version (vault);
    g_assert_true (version == -1 || version == VERSIONS + 1);
    replaced++;
    refused += version == -1;
  }
  /* One copy of the mark and one place of the table may be damaged without harm. */
  g_assert_cmpuint (replaced, >, ROWS);
  g_assert_cmpuint (refused, >=, replaced - 4);
  put_files (fixture, &files);
  g_assert_cmpint (read_version (vault), ==, VERSIONS + 1);
  clear_files (&old);
  clear_files (&files);
}

static void
check_log_flips (VaultFixture *fixture, TesseraVault *vault, const Files *files, int least)
{
  gsize size = g_bytes_get_size (files->log);
  guint changed_count = 0;

  put_files (fixture, files);
  g_assert_cmpint (read_version (vault), ==, VERSIONS);
  for (gsize at = 0; at < size; at += at < 96 ? 7 : (at - 96) % 4160 < 64 ? 61 : 2039) {
    Files changed = { .store = files->store, .log = with_flip (files->log, at) };
    int version;

    put_files (fixture, &changed);
    version = read_version (vault);
    if (version != -1) {
      g_assert_cmpint (version, >=, least);
      g_assert_cmpint (version, <=, VERSIONS);
    }
    changed_count += version != VERSIONS;
    g_bytes_unref (changed.log);
  }
  g_assert_cmpuint (changed_count, >, size / 4160);
}

static void
check_log_cuts (VaultFixture *fixture, TesseraVault *vault, const Files *files, int least)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (files->log, &size);

  for (gsize cut = 0; cut < size; cut += 1024) {
    int version;

    put_bytes (fixture, "store.db", files->store);
    fixture_save (fixture, "store.db-wal", bytes, cut);
    version = read_version (vault);
    g_assert_true (version == -1 || (version >= least && version <= VERSIONS));
  }
}

static void
test_log (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_logged (fixture, vault);
  Files none = { .store = files.store };

  check_log_flips (fixture, vault, &files, 1);
  check_log_cuts (fixture, vault, &files, 1);
  put_files (fixture, &none);
  g_assert_cmpint (read_version (vault), ==, 1);
  clear_files (&files);
}

/* What went into the database must not be taken out of the log. */
static void
test_half_checkpointed_log (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_half_checkpointed (fixture, vault);
  Files none = { .store = files.store };
  g_autoptr (GError) error = NULL;

  check_log_flips (fixture, vault, &files, VERSIONS / 2);
  check_log_cuts (fixture, vault, &files, VERSIONS / 2);
  put_files (fixture, &none);
  g_assert_null (tessera_vault_open_database (vault, TRUE, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
  /* Put back, everything is there. */
  put_files (fixture, &files);
  g_assert_cmpint (read_version (vault), ==, VERSIONS);
  clear_files (&files);
}

static void
test_log_pages (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_logged (fixture, vault);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (files.log, &size);
  gsize frames = (size - 96) / 4160;

  for (guint i = 0; i < 60; i++) {
    gsize to = 96 + g_test_rand_int_range (0, frames) * 4160,
          from = 96 + g_test_rand_int_range (0, frames) * 4160;
    g_autofree guint8 *copy = g_memdup2 (bytes, size);
    int version;

    /* The frame, or only its header, or only its page. */
    if (i % 3 == 0)
      memcpy (copy + to, bytes + from, 4160);
    else if (i % 3 == 1)
      memcpy (copy + to, bytes + from, 64);
    else
      memcpy (copy + to + 64, bytes + from + 64, 4096);
    put_bytes (fixture, "store.db", files.store);
    fixture_save (fixture, "store.db-wal", copy, size);
    version = read_version (vault);
    g_assert_true (version == -1 || (version >= 1 && version <= VERSIONS));
  }
  clear_files (&files);
}

/* The log of an earlier time beside the store of today, and parts of it inside the log of today. */
static void
test_old_log (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  Files old, fresh, mixed;
  g_autofree guint8 *spliced = NULL;

  make_tables (database);
  for (int version = 1; version <= 4; version++)
    set_version (database, version);
  old = load_files (fixture);
  must_run (database, "PRAGMA wal_checkpoint (TRUNCATE)");
  for (int version = 5; version <= VERSIONS; version++)
    set_version (database, version);
  fresh = load_files (fixture);
  sqlite3_close (database);

  mixed = (Files){ .store = fresh.store, .log = old.log };
  put_files (fixture, &mixed);
  g_assert_cmpint (read_version (vault), ==, 4);

  spliced = g_memdup2 (g_bytes_get_data (fresh.log, NULL), g_bytes_get_size (fresh.log));
  memcpy (spliced + 96 + 4160 * 20, (const guint8 *) g_bytes_get_data (old.log, NULL) + 96 + 4160 * 20,
          4160 * 5);
  put_bytes (fixture, "store.db", fresh.store);
  fixture_save (fixture, "store.db-wal", spliced, g_bytes_get_size (fresh.log));
  g_assert_cmpint (read_version (vault), >=, 4);
  clear_files (&old);
  clear_files (&fresh);
}

/* Tails that a shortened database would read as zeros. */
static void
test_cut_store_with_log (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  Files files = make_logged (fixture, vault);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (files.store, &size);

  for (gsize cut = TESSERA_PAGE_HEAD_BYTES; cut < size; cut += 2048) {
    int version;

    fixture_save (fixture, "store.db", bytes, cut);
    put_bytes (fixture, "store.db-wal", files.log);
    version = read_version (vault);
    g_assert_true (version == -1 || version == VERSIONS);
  }
  clear_files (&files);
}

/* A hot rollback journal: every byte region of it, flipped. */
static void
test_journal (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  g_autoptr (GBytes) store = NULL;
  g_autoptr (GBytes) journal = NULL;
  guint restored = 0;
  gsize size;

  make_tables (database);
  set_version (database, 3);
  must_run (database, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 3; BEGIN;"
                      "UPDATE t SET v = 9, b = printf ('%.2200c', 'z')");
  sqlite3_db_cacheflush (database);
  store = fixture_load (fixture, "store.db");
  journal = fixture_load (fixture, "store.db-journal");
  must_run (database, "ROLLBACK");
  sqlite3_close (database);

  size = g_bytes_get_size (journal);
  g_assert_cmpuint (size, >, 20000);
  /* Without it, the store must not open. */
  put_bytes (fixture, "store.db", store);
  g_assert_cmpint (read_version (vault), ==, -1);
  for (gsize at = 0; at < size; at += at < 64 ? 5 : 499) {
    g_autoptr (GBytes) changed = at == 0 ? g_bytes_ref (journal) : with_flip (journal, at);
    int version;

    put_bytes (fixture, "store.db", store);
    put_bytes (fixture, "store.db-wal", NULL);
    put_bytes (fixture, "store.db-journal", changed);
    version = read_version (vault);
    if (at == 0)
      g_assert_cmpint (version, ==, 3);
    g_assert_true (version == -1 || version == 3);
    restored += version == 3;
  }
  g_assert_cmpuint (restored, >, 0);
}

/* A journal of an earlier time beside a whole store: it must not undo anything. */
static void
test_old_journal (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  g_autoptr (GBytes) journal = NULL;

  make_tables (database);
  set_version (database, 3);
  must_run (database, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 3; BEGIN;"
                      "UPDATE t SET v = 9, b = printf ('%.2200c', 'z')");
  sqlite3_db_cacheflush (database);
  journal = fixture_load (fixture, "store.db-journal");
  must_run (database, "ROLLBACK");
  set_version (database, VERSIONS);
  sqlite3_close (database);
  put_bytes (fixture, "store.db-journal", journal);
  g_assert_cmpint (read_version (vault), ==, VERSIONS);
}

/* A crash while page 1 was written, with its good copy in the log. */
static void
test_torn_first_page (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);
  Files files;
  g_autofree guint8 *torn = NULL;
  gsize size;

  must_run (database, "PRAGMA wal_autocheckpoint = 0");
  make_tables (database);
  set_version (database, VERSIONS);
  files = load_files (fixture);
  sqlite3_close (database);
  torn = g_memdup2 (g_bytes_get_data (files.store, &size), g_bytes_get_size (files.store));
  /* Behind the head stand the two places of the table's first block, then page 1. */
  memset (torn + TESSERA_PAGE_HEAD_BYTES + 2 * TESSERA_PAGE_SIZE + 2048, 0, 2048);
  put_files (fixture, &files);
  fixture_save (fixture, "store.db", torn, size);
  g_assert_cmpint (read_version (vault), ==, VERSIONS);
  clear_files (&files);
}

/* ---- the key file ---- */

static gboolean
unlocks (VaultFixture *fixture, TesseraVaultError *ret_error)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) vault = tessera_vault_unlock (fixture->folder, WORKER, passphrase, &error);

  if (vault == NULL) {
    g_assert_cmpuint (error->domain, ==, TESSERA_VAULT_ERROR);
    *ret_error = error->code;
  }
  return vault != NULL;
}

static void
test_key_file_flips (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize size;
  const char *text;
  TesseraVaultError code;

  g_object_unref (fixture_create (fixture));
  bytes = fixture_load (fixture, "vault.keys");
  text = g_bytes_get_data (bytes, &size);
  for (gsize at = 0; at < size; at++) {
    for (guint bit = 0; bit < 8; bit++) {
      g_autofree char *copy = g_memdup2 (text, size);

      copy[at] ^= 1 << bit;
      fixture_save (fixture, "vault.keys", copy, size);
      g_assert_false (unlocks (fixture, &code));
      g_assert_true (code == TESSERA_VAULT_ERROR_DAMAGED || code == TESSERA_VAULT_ERROR_TOO_NEW);
    }
  }
  for (gsize cut = 0; cut < size; cut++) {
    fixture_save (fixture, "vault.keys", text, cut);
    g_assert_false (unlocks (fixture, &code));
    g_assert_cmpint (code, ==, TESSERA_VAULT_ERROR_DAMAGED);
  }
  fixture_save (fixture, "vault.keys", text, size);
  g_assert_true (unlocks (fixture, &code));
}

/* Writes the text of @self with a fitting checksum, but without knowing the data key. */
static void
forge (VaultFixture *fixture, TesseraKeyFile *self)
{
  g_autofree char *text = tessera_key_file_serialize (self, NULL);

  fixture_save (fixture, "vault.keys", text, strlen (text));
}

static TesseraKeyFile *
load_key_file (VaultFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  TesseraKeyFile *key_file = tessera_key_file_load (fixture->folder, &error);

  g_assert_no_error (error);
  return key_file;
}

/* A data key of the forger's own, in a box that the worker's slot opens; but the derivation key is not known. */
static void
forge_box (TesseraKeyFile *self, TesseraKeySlot *slot)
{
  g_auto (TesseraKeys) keys = { tessera_secret_new_random (32), tessera_secret_new_random (32) };
  g_autofree char *text = NULL;

  g_assert_true (tessera_key_slot_box (self, slot, &keys));
  text = tessera_key_file_serialize (self, keys.data);
}

/* Changes by somebody who can compute the checksum: the MAC shows them, or the slot does not open. */
static void
test_key_file_forged (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraKeyFile) good = NULL;
  TesseraVaultError code;

  g_object_unref (fixture_create (fixture));
  good = load_key_file (fixture);
  for (guint i = 0; i < 9; i++) {
    g_autoptr (TesseraKeyFile) bad = tessera_key_file_copy (good);
    TesseraKeySlot *recovery = &g_array_index (bad->slots, TesseraKeySlot, 0);
    TesseraKeySlot *worker = &g_array_index (bad->slots, TesseraKeySlot, 1);
    static const TesseraVaultError expected[] = {
      TESSERA_VAULT_ERROR_DAMAGED,          TESSERA_VAULT_ERROR_DAMAGED, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
      TESSERA_VAULT_ERROR_WRONG_PASSPHRASE, TESSERA_VAULT_ERROR_DAMAGED, TESSERA_VAULT_ERROR_DAMAGED,
      TESSERA_VAULT_ERROR_WRONG_PASSPHRASE, TESSERA_VAULT_ERROR_DAMAGED, TESSERA_VAULT_ERROR_DAMAGED,
    };

    if (i == 0)
      bad->has_store = TRUE;
    else if (i == 1)
      recovery->sealed[30] ^= 1;
    else if (i == 2)
      worker->passes = 1;
    else if (i == 3)
      worker->sealed[30] ^= 1;
    else if (i == 4)
      worker->kibibytes = 64 * 1024 * 1024;
    else if (i == 5)
      worker->passes = 1000000;
    else if (i == 6)
      worker->public_key[0] ^= 1;
    else if (i == 7)
      recovery->public_key[0] ^= 1;
    else
      forge_box (bad, worker);
    forge (fixture, bad);
    g_assert_false (unlocks (fixture, &code));
    g_assert_cmpint (code, ==, expected[i]);
  }
  forge (fixture, good);
  g_assert_true (unlocks (fixture, &code));
}

/* A removed worker's slot, put back in from an older copy of the file. */
static void
test_key_file_old_slot (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) second = secret_from ("another passphrase");
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  g_autoptr (TesseraKeyFile) old = NULL;
  g_autoptr (TesseraKeyFile) fresh = NULL;

  g_assert_true (tessera_vault_add_worker (vault, "Second", second, TESSERA_WORK_FACTOR_MINIMUM, NULL, NULL));
  old = load_key_file (fixture);
  g_assert_true (tessera_vault_remove_worker (vault, "Second", NULL));
  g_clear_object (&vault);
  fresh = load_key_file (fixture);
  g_array_append_val (fresh->slots, g_array_index (old->slots, TesseraKeySlot, 2));
  forge (fixture, fresh);
  g_assert_null (tessera_vault_unlock (fixture->folder, "Second", second, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED);
}

static void
test_key_file_newer (VaultFixture *fixture, gconstpointer data)
{
  static const char text[] = "tessera vault keys 3\nwhatever comes then\n";
  TesseraVaultError code;

  g_object_unref (fixture_create (fixture));
  fixture_save (fixture, "vault.keys", text, strlen (text));
  g_assert_false (unlocks (fixture, &code));
  g_assert_cmpint (code, ==, TESSERA_VAULT_ERROR_TOO_NEW);
}

static void
test_key_file_older (VaultFixture *fixture, gconstpointer data)
{
  static const char text[] = "tessera vault keys 1\nwhatever came then\n";
  TesseraVaultError code;

  g_object_unref (fixture_create (fixture));
  fixture_save (fixture, "vault.keys", text, strlen (text));
  g_assert_false (unlocks (fixture, &code));
  g_assert_cmpint (code, ==, TESSERA_VAULT_ERROR_TOO_OLD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, VaultFixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/tamper/store/flips", test_flips_in_store);
  ADD ("/tamper/store/pages", test_pages_in_store);
  ADD ("/tamper/store/old-pages", test_old_pages);
  ADD ("/tamper/store/cut-with-log", test_cut_store_with_log);
  ADD ("/tamper/log", test_log);
  ADD ("/tamper/log/half-checkpointed", test_half_checkpointed_log);
  ADD ("/tamper/log/pages", test_log_pages);
  ADD ("/tamper/log/old", test_old_log);
  ADD ("/tamper/journal", test_journal);
  ADD ("/tamper/journal/old", test_old_journal);
  ADD ("/tamper/torn-first-page", test_torn_first_page);
  ADD ("/tamper/key-file/flips", test_key_file_flips);
  ADD ("/tamper/key-file/forged", test_key_file_forged);
  ADD ("/tamper/key-file/old-slot", test_key_file_old_slot);
  ADD ("/tamper/key-file/newer", test_key_file_newer);
  ADD ("/tamper/key-file/older", test_key_file_older);
#undef ADD
  return g_test_run ();
}
