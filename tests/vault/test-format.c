/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-format.c: the formats of docs/vault-format.md, byte for byte, so that they cannot drift.
 *
 * The vectors are those of the specification; the sample vaults beside this file were written by the first
 * version of the format and must open for ever. read-vault.py reads the same samples without any code of
 * ours.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "tessera-backup-folder.h"
#include "tessera-database-copy.h"
#include "tessera-key-slot.h"
#include "tessera-page-private.h"
#include "tessera-recovery-key.h"
#include "vault-fixture.h"

#define SAMPLE_BACKUP "sample.tessera-backup"
#define SAMPLE_BACKUP_CREATED 1700000000000

static TesseraSecret *
counting_secret (guint8 first)
{
  TesseraSecret *secret = tessera_secret_new (32);

  for (guint8 i = 0; i < 32; i++)
    tessera_secret_get_writable (secret)[i] = first + i;
  return secret;
}

static void
fill_counting (guint8 *bytes, gsize size, guint8 first)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (first + i);
}

static void
assert_hex (const guint8 *bytes, gsize size, const char *expected)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

/* ---- recovery key ---- */

#define RECOVERY_TEXT "000G0-40R47-0M30J-E209D-185GT-R38E6-1W81Q-24GK4-2GAHK-C5RRE-34D11-P70XS-3RFGB"

static void
test_recovery_key (void)
{
  g_autoptr (TesseraSecret) key = counting_secret (0);
  g_autoptr (TesseraSecret) text = tessera_recovery_key_format (key);
  g_autoptr (TesseraSecret) parsed = tessera_recovery_key_parse (text, NULL);

  g_assert_cmpstr ((const char *) tessera_secret_get_data (text), ==, RECOVERY_TEXT);
  g_assert_cmpmem (tessera_secret_get_data (parsed), 32, tessera_secret_get_data (key), 32);
}

static void
expect_typo (const char *text, guint group)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) typed = secret_from (text);
  g_autofree char *named = g_strdup_printf ("Group %u ", group);

  g_assert_null (tessera_recovery_key_parse (typed, &error));
  g_assert_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID);
  if (group > 0 && !g_str_has_prefix (error->message, named))
    g_error ("%s: %s", text, error->message);
}

/* Every character replaced by every other, every two neighbours swapped: the right group is named. */
static void
test_recovery_key_typos (void)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZU!";
  char text[] = RECOVERY_TEXT;

  for (gsize at = 0; at < strlen (text); at++) {
    char good = text[at], next = text[at + 1];

    if (good == '-')
      continue;
    for (gsize i = 0; i < strlen (alphabet); i++) {
      if (alphabet[i] == good)
        continue;
      text[at] = alphabet[i];
      expect_typo (text, (guint) (at / 6 + 1));
    }
    text[at] = good;
    if (next == '-' || next == '\0' || next == good)
      continue;
    text[at] = next;
    text[at + 1] = good;
    expect_typo (text, (guint) (at / 6 + 1));
    text[at] = good;
    text[at + 1] = next;
  }
  text[strlen (text) - 1] = '\0';
  expect_typo (text, 0);
  expect_typo (RECOVERY_TEXT "0", 0);
  expect_typo ("", 0);
}

/* Random keys survive the way onto paper and back, typed carelessly. */
static void
test_recovery_key_random (void)
{
  for (guint i = 0; i < 200; i++) {
    g_autoptr (TesseraSecret) key = tessera_secret_new_random (32);
    g_autoptr (TesseraSecret) text = tessera_recovery_key_format (key);
    g_autofree char *typed = g_ascii_strdown ((const char *) tessera_secret_get_data (text), -1);
    g_autoptr (TesseraSecret) careless = NULL;
    g_autoptr (TesseraSecret) parsed = NULL;

    for (char *c = typed; *c != '\0'; c++)
      *c = *c == '0' ? 'o' : *c == '1' ? (i % 2 ? 'l' : 'I') : *c == '-' ? ' ' : *c;
    careless = secret_from (typed);
    parsed = tessera_recovery_key_parse (careless, NULL);
    g_assert_nonnull (parsed);
    g_assert_cmpmem (tessera_secret_get_data (parsed), 32, tessera_secret_get_data (key), 32);
  }
}

/* ---- key file ---- */

static const char key_file_text[] =
  "tessera vault keys 2\n"
  "vault a0a1a2a3a4a5a6a7a8a9aaabacadaeaf\n"
  "store none\n"
  "next 2\n"
  "slot 0 recovery 520b957fc697d12b0c77646058505432d180111a3cc638e45be859a5056af008 c0c1c2c3c4c5c6c"
  "7c8c9cacbcccdcecfd0d1d2d3d4d5d6d74d711eaebfdd28b04a7657bad73f7728f416af644da8a2c3eff3e7c7098b89f"
  "b52c4c54d98a5785fe3f3fc18155d220f21b3a6d43d212a768489f80e4b4184d0ac8761b4794fcbd7fb9b65b63dcc1ce"
  "c 9fd7ad6dcff4298dd3f96d5b1b2af910a0535b1488d7f8fabb349a982880b615005b0df067375fd82a00c29bfbd4d7"
  "bf2ca5b2400c0ab17115dc8bfd9105f71d8afbced4f6ea28914396b6d6f8f62c23324f433586a3f9ee91987fe473284e"
  "040136cc3b67d95c578c2efef7d86e3877f92a2e30bbc32d7f\n"
  "slot 1 worker ad5bbaecf9c8d8f0e4f66fc1d0550394 argon2id13 2 8192 808182838485868788898a8b8c8d8e8"
  "f 0701ef72daa3940504b58e86be4029ffd2c995a8508ad527ba9bd1eafe54c85f e0e1e2e3e4e5e6e7e8e9eaebecede"
  "eeff0f1f2f3f4f5f6f7691a11b117ae36fea6510d0fd45cd86c1db5105b66d6273db65bf16aeee75cb01948cf968a75f"
  "0ed58a667dbf425638ca6c2b875559c0f8679bc1327bd48af16f28d5aa4c264b5a8a1eb5586d3f0276f\n"
  "mac e335f08a6e2bd6223afa07d2f5a177db7ba33b97501fea4f0fa978b06ca701ee\n"
  "sum f72191dc4e9ac6d7b80d9b7ee5e61262\n";

/* crypto_box_seal() draws a key pair; this is the same with one that is given. */
static void
box_with (TesseraKeySlot *slot, const TesseraSecret *sender, const guint8 *inner, gsize size)
{
  guint8 nonce[crypto_box_NONCEBYTES];
  crypto_generichash_state state;

  g_assert_cmpuint (size + crypto_box_SEALBYTES, ==, sizeof slot->box);
  crypto_scalarmult_base (slot->box, tessera_secret_get_data (sender));
  crypto_generichash_init (&state, NULL, 0, sizeof nonce);
  crypto_generichash_update (&state, slot->box, 32);
  crypto_generichash_update (&state, slot->public_key, 32);
  crypto_generichash_final (&state, nonce, sizeof nonce);
  g_assert_cmpint (crypto_box_easy (slot->box + 32, inner, size, nonce, slot->public_key,
                                    tessera_secret_get_data (sender)), ==, 0);
  slot->has_box = TRUE;
}

/* The recovery slot was sealed before the data key was changed; the worker's slot after it. */
static void
make_recovery_slot (TesseraKeyFile *self, TesseraKeySlot *slot, const TesseraKeys *keys)
{
  g_autoptr (TesseraSecret) recovery_key = counting_secret (0);
  g_autoptr (TesseraSecret) slot_key = tessera_key_slot_derive_recovery (recovery_key);
  g_autoptr (TesseraSecret) old_data_key = counting_secret (0x20);
  g_autoptr (TesseraSecret) sender = counting_secret (0x90);
  g_autoptr (TesseraSecret) box_key = tessera_key_file_subkey (keys->derivation, "TesKyBox", 0);
  const TesseraKeys old = { old_data_key, keys->derivation };
  g_autofree char *facts = NULL;
  guint8 nonce[24], inner[24 + 32 + 16];

  fill_counting (nonce, sizeof nonce, 0xc0);
  tessera_key_slot_seal (self, slot, slot_key, &old, nonce);
  facts = tessera_key_file_describe_slot (self, slot);
  fill_counting (inner, 24, 0xd0);
  crypto_aead_xchacha20poly1305_ietf_encrypt (inner + 24, NULL, tessera_secret_get_data (keys->data), 32,
                                              (const guint8 *) facts, strlen (facts), NULL, inner,
                                              tessera_secret_get_data (box_key));
  box_with (slot, sender, inner, sizeof inner);
}

static void
expect_keys (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *slot_key,
             const TesseraKeys *expected)
{
  g_auto (TesseraKeys) keys = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_key_slot_open (self, slot, slot_key, &keys, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (tessera_secret_get_data (keys.data), 32, tessera_secret_get_data (expected->data), 32);
  g_assert_cmpmem (tessera_secret_get_data (keys.derivation), 32, tessera_secret_get_data (expected->derivation),
                   32);
}

static void
test_key_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraKeyFile) self = tessera_key_file_new ();
  g_autoptr (TesseraKeyFile) parsed = NULL;
  g_auto (TesseraKeys) keys = { counting_secret (0x40), counting_secret (0x60) };
  g_autoptr (TesseraSecret) recovery_key = counting_secret (0);
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraSecret) recovery_slot_key = tessera_key_slot_derive_recovery (recovery_key);
  g_autoptr (TesseraSecret) slot_key = NULL;
  TesseraKeySlot recovery = { .number = 0 };
  TesseraKeySlot worker = { .number = 1, .passes = 2, .kibibytes = 8192 };
  guint8 nonce[24];
  g_autofree char *text = NULL;

  fill_counting (self->id, sizeof self->id, 0xa0);
  self->next = 2;
  make_recovery_slot (self, &recovery, &keys);
  fill_counting (worker.salt, sizeof worker.salt, 0x80);
  tessera_key_file_hash_name (self, "  SYNTHETIC worker", worker.name);
  slot_key = tessera_key_slot_derive (&worker, passphrase, &error);
  g_assert_no_error (error);
  fill_counting (nonce, sizeof nonce, 0xe0);
  tessera_key_slot_seal (self, &worker, slot_key, &keys, nonce);
  g_array_append_val (self->slots, recovery);
  g_array_append_val (self->slots, worker);
  text = tessera_key_file_serialize (self, keys.data);
  g_assert_cmpstr (text, ==, key_file_text);

  parsed = tessera_key_file_parse (key_file_text, strlen (key_file_text), &error);
  g_assert_no_error (error);
  g_assert_true (tessera_key_file_verify (parsed, keys.data));
  expect_keys (parsed, tessera_key_file_find (parsed, WORKER), slot_key, &keys);
  expect_keys (parsed, tessera_key_file_find_number (parsed, 0), recovery_slot_key, &keys);
}

/* ---- pages ---- */

static void
test_page (void)
{
  g_autoptr (TesseraSecret) data_key = counting_secret (0x40);
  g_autoptr (TesseraSecret) key = tessera_key_file_subkey (data_key, "TesPages", 0);
  g_autofree guint8 *page = g_malloc0 (TESSERA_PAGE_SIZE);
  guint8 id[16], nonce[24];
  TesseraPageAad aad;

  fill_counting (id, sizeof id, 0xa0);
  fill_counting (nonce, sizeof nonce, 0xc0);
  fill_counting (page, (TESSERA_PAGE_SIZE - TESSERA_PAGE_RESERVED), 0);
  assert_hex (tessera_secret_get_data (key), 32,
              "ab201e2d0d9dc61d6e114f00967c3bc8f38e3d9a3eea87e21bf92a886ec84f27");
  tessera_page_aad_begin (&aad, id, TESSERA_PAGE_KIND_DATABASE);
  tessera_page_aad_add32 (&aad, 7);
  assert_hex (aad.bytes, aad.size, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf0000000100000007");
  tessera_page_seal (key, &aad, nonce, page, page, (TESSERA_PAGE_SIZE - TESSERA_PAGE_RESERVED));
  assert_hex (page, 16, "eab7bf280ca44707be402271c919f940");
  assert_hex (page + (TESSERA_PAGE_SIZE - TESSERA_PAGE_RESERVED) + 24, 16, "565fc9c0e49e32466e661969c450b6bd");
}

/* ---- sample vaults ---- */

static char *
sample_path (const char *sample, const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "vault", sample, name, NULL);
}

static void
fetch_sample (VaultFixture *fixture, const char *sample)
{
  static const char *const names[] = { "vault.keys", "store.db", "store.db-wal", "store.db-journal" };

  g_assert_cmpint (g_mkdir (fixture->folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = sample_path (sample, names[i]);
    g_autofree char *bytes = NULL;
    gsize size;

    if (g_file_get_contents (path, &bytes, &size, NULL))
      fixture_save (fixture, names[i], bytes, size);
  }
}

static void
test_sample (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = NULL;
  g_autofree char *text = NULL;
  sqlite3 *database;

  fetch_sample (fixture, data);
  vault = fixture_unlock (fixture);
  database = fixture_open (vault, TRUE);
  text = query_text (database, "SELECT group_concat (a) FROM (SELECT a FROM sample ORDER BY rowid)", NULL);
  g_assert_cmpstr (text, ==, "in the database,in the log");
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM filler"), ==, 8);
  sqlite3_close (database);
}

/* The same of a backup: read, and made into a vault. */
static void
test_sample_backup (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vault", SAMPLE_BACKUP, NULL);
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (path, &error);
  g_autofree char *folder = NULL;
  g_autofree char *text = NULL;
  g_autoptr (TesseraSecret) passphrase = secret_from (PASSPHRASE);
  g_autoptr (TesseraVault) vault = NULL;
  sqlite3 *database;

  g_assert_no_error (error);
  g_assert_cmpint (tessera_backup_file_get_created (file), ==, SAMPLE_BACKUP_CREATED);
  folder = tessera_backup_folder_create (file, fixture->folder, &error);
  g_assert_no_error (error);
  vault = tessera_vault_unlock (folder, WORKER, passphrase, &error);
  g_assert_no_error (error);
  database = tessera_backup_file_read (file, vault, &error);
  g_assert_no_error (error);
  text = query_text (database, "SELECT group_concat (a) FROM (SELECT a FROM sample ORDER BY rowid)", NULL);
  g_assert_cmpstr (text, ==, "in the database,in the log");
  g_assert_cmpint (must_count (database, "SELECT count (*) FROM filler"), ==, 8);
  sqlite3_close (database);
}

static void
keep (VaultFixture *fixture, const char *name, const char *sample)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TESSERA_MAKE_SAMPLES"), sample, NULL);
  g_autofree char *to = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) bytes = fixture_load (fixture, name);

  g_mkdir (folder, 0700);
  g_assert_true (
    g_file_set_contents (to, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));
}

static void
keep_backup (TesseraVault *vault, sqlite3 *database)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("TESSERA_MAKE_SAMPLES"), SAMPLE_BACKUP, NULL);
  g_autoptr (TesseraBackupFile) file = tessera_backup_file_create (vault, path, SAMPLE_BACKUP_CREATED, &error);
  sqlite3 *copy;

  g_assert_no_error (error);
  copy = tessera_backup_file_begin (file, &error);
  g_assert_no_error (error);
  must_run (database, "BEGIN; SELECT a FROM sample");
  g_assert_cmpint (tessera_database_copy (database, copy, NULL, NULL), ==, SQLITE_OK);
  must_run (database, "COMMIT");
  g_assert_cmpint (sqlite3_close (copy), ==, SQLITE_OK);
  tessera_backup_file_finish (file, &error);
  g_assert_no_error (error);
}

/* How the samples were made, with TESSERA_MAKE_SAMPLES naming a folder for them. */
static void
make_samples (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (TesseraVault) vault = fixture_create (fixture);
  sqlite3 *database = fixture_open (vault, TRUE);

  must_run (database,
            "CREATE TABLE sample (a); INSERT INTO sample VALUES ('in the database');"
            "CREATE TABLE filler (b); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
            " i < 8) INSERT INTO filler SELECT zeroblob (1500) FROM n;"
            "PRAGMA wal_checkpoint (TRUNCATE); INSERT INTO sample VALUES ('in the log')");
  keep (fixture, "vault.keys", "sample-log");
  keep (fixture, "store.db", "sample-log");
  keep (fixture, "store.db-wal", "sample-log");
  keep_backup (vault, database);
  must_run (database, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN; DELETE FROM sample;"
                      "UPDATE filler SET b = zeroblob (1400)");
  sqlite3_db_cacheflush (database);
  keep (fixture, "vault.keys", "sample-journal");
  keep (fixture, "store.db", "sample-journal");
  keep (fixture, "store.db-journal", "sample-journal");
  must_run (database, "ROLLBACK");
  sqlite3_close (database);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/recovery-key", test_recovery_key);
  g_test_add_func ("/format/recovery-key/typos", test_recovery_key_typos);
  g_test_add_func ("/format/recovery-key/random", test_recovery_key_random);
  g_test_add_func ("/format/key-file", test_key_file);
  g_test_add_func ("/format/page", test_page);
  if (g_getenv ("TESSERA_MAKE_SAMPLES") != NULL)
    g_test_add ("/format/make-samples", VaultFixture, NULL, fixture_set_up, make_samples, fixture_tear_down);
  g_test_add ("/format/sample-log", VaultFixture, "sample-log", fixture_set_up, test_sample,
              fixture_tear_down);
  g_test_add ("/format/sample-journal", VaultFixture, "sample-journal", fixture_set_up, test_sample,
              fixture_tear_down);
  g_test_add ("/format/sample-backup", VaultFixture, NULL, fixture_set_up, test_sample_backup,
              fixture_tear_down);
  return g_test_run ();
}
