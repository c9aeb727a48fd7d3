/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-interop.c: what the format promises: stock age, minisign, tar, b2sum and zstd read what we write, and we read
 * what they write. The tools must be installed; without them this test fails and says which one is missing.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "exchange-fixture.h"

static const gsize sizes[] = { 0, 1, 65535, 65536, 65537, 131072 };

typedef struct {
  char *folder;
} Place;

static void
place_set_up (Place *place, gconstpointer data)
{
  static const char *const tools[] = { "age", "minisign", "tar", "b2sum", "zstd", "sh", "rm" };

  for (guint i = 0; i < G_N_ELEMENTS (tools); i++) {
    g_autofree char *path = g_find_program_in_path (tools[i]);

    if (path == NULL)
      g_error ("the program “%s” is needed for this test and is not installed", tools[i]);
  }
  place->folder = g_dir_make_tmp ("tessera-interop-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
}

/* Runs a shell command in the place. Returns: its exit status. */
static int
run (Place *place, const char *command)
{
  const char *const arguments[] = { "sh", "-c", command, NULL };
  g_autofree char *output = NULL;
  g_autofree char *complaint = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (place->folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &complaint,
                &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("%s: %s%s", command, output, complaint);

  return status;
}

static void
place_tear_down (Place *place, gconstpointer data)
{
  const char *const arguments[] = { "rm", "-rf", place->folder, NULL };

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (place->folder);
}

static void
put (Place *place, const char *name, gconstpointer data, gssize size)
{
  g_autofree char *path = g_build_filename (place->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, size, NULL));
}

static void
put_bytes (Place *place, const char *name, GBytes *bytes)
{
  put (place, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static GBytes *
get (Place *place, const char *name)
{
  g_autofree char *path = g_build_filename (place->folder, name, NULL);
  char *contents;
  gsize size;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);

  return g_bytes_new_take (contents, size);
}

static void
put_keys (Place *place)
{
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (TesseraSecret) text = tessera_age_key_to_text (reader);
  g_autoptr (TesseraSecret) sender = fixture_signing_key ("sender");
  guint8 public_key[32];
  g_autofree char *recipient = NULL;
  g_autofree char *signer = NULL;

  put (place, "reader.key", tessera_secret_get_data (text), tessera_secret_get_size (text));
  tessera_age_key_get_public (reader, public_key);
  recipient = tessera_age_public_key_to_text (public_key);
  put (place, "reader.pub", recipient, -1);
  tessera_minisign_key_get_public (sender, public_key);
  signer = tessera_minisign_public_key_to_file (public_key);
  put (place, "sender.pub", signer, -1);
}

static void
test_age (Place *place, gconstpointer unused)
{
  g_autofree guint8 *data = g_malloc (131072);

  for (guint i = 0; i < 131072; i++)
    data[i] = (i * 7919) >> 4;
  put_keys (place);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) ours = fixture_encrypt (data, sizes[i], (const char *[]) { "a", "reader", NULL });
    g_autoptr (GBytes) opened = NULL;
    g_autoptr (GBytes) theirs = NULL;
    g_autoptr (GBytes) plain = NULL;

    put_bytes (place, "ours.age", ours);
    g_assert_cmpint (run (place, "age -d -i reader.key ours.age > opened"), ==, 0);
    opened = get (place, "opened");
    g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), data, sizes[i]);

    put (place, "plain", (const char *) data, sizes[i]);
    g_assert_cmpint (run (place, "age -e -R reader.pub -o theirs.age plain"), ==, 0);
    theirs = get (place, "theirs.age");
    plain = fixture_decrypt (theirs);
    g_assert_cmpmem (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), data, sizes[i]);
    g_assert_cmpint (run (place, "rm -f theirs.age"), ==, 0);
  }
}

static void
test_minisign (Place *place, gconstpointer unused)
{
  g_autoptr (GBytes) public_file = NULL;
  g_autoptr (GBytes) signature_file = NULL;
  g_autoptr (TesseraMinisignSignature) signature = NULL;
  g_auto (GStrv) lines = NULL;
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 number[TESSERA_MINISIGN_NUMBER_SIZE];
  g_autoptr (GError) error = NULL;

  put (place, "text", "hello\n", -1);
  g_assert_cmpint (run (place, "minisign -G -W -p their.pub -s their.key"), ==, 0);
  g_assert_cmpint (run (place, "minisign -S -W -s their.key -t 'from them' -m text"), ==, 0);
  public_file = get (place, "their.pub");
  lines = g_strsplit (g_bytes_get_data (public_file, NULL), "\n", 3);
  g_assert_true (tessera_minisign_public_key_from_text (lines[1], public_key, number, &error));
  signature_file = get (place, "text.minisig");
  signature = tessera_minisign_signature_parse (g_bytes_get_data (signature_file, NULL),
                                                g_bytes_get_size (signature_file), &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signature->number, 8, number, 8);
  g_assert_cmpstr (signature->trusted_comment, ==, "from them");
  g_assert_true (tessera_minisign_signature_verify (signature, public_key, "hello\n", 6, &error));

  /* Their legacy kind is refused. */
  {
    g_autoptr (GBytes) legacy = NULL;

    g_assert_cmpint (run (place, "minisign -S -l -W -s their.key -m text"), ==, 0);
    legacy = get (place, "text.minisig");
    g_assert_null (
      tessera_minisign_signature_parse (g_bytes_get_data (legacy, NULL), g_bytes_get_size (legacy), &error));
    g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  }
}

static void
test_bundle (Place *place, gconstpointer unused)
{
  g_autoptr (GBytes) lines = g_bytes_new_static (FIXTURE_LINES, strlen (FIXTURE_LINES));
  g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *signature = NULL;
  g_autofree char *certificate = fixture_certificate (FIXTURE_DEVICE, FIXTURE_NOW + 1000, &signature);
  const TesseraBundleContents contents = { lines, blobs, certificate, signature, FIXTURE_COMMENT };
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GBytes) unpacked = NULL;
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  guint8 public_key[32];
  g_autofree char *root_file = NULL;

  g_ptr_array_add (blobs, g_bytes_new_static ("a letter", 8));
  file = fixture_seal (&contents);
  put_keys (place);
  put_bytes (place, "B.age", file);
  tessera_minisign_key_get_public (root, public_key);
  root_file = tessera_minisign_public_key_to_file (public_key);
  put (place, "root.pub", root_file, -1);

  /* The line of the documentation, in bash for its pipefail. */
  g_assert_cmpint (run (place, "bash -c 'set -eo pipefail; age -d -i reader.key B.age | tar x && minisign -VHm "
                               "manifest.json -p sender.pub && b2sum -c SUMS && zstd -d data.ndjson.zst'"), ==, 0);
  g_assert_cmpint (run (place, "minisign -VHm cert.json -p root.pub"), ==, 0);
  unpacked = get (place, "data.ndjson");
  g_assert_true (g_bytes_equal (unpacked, lines));
  g_assert_cmpint (run (place, "test \"$(stat -c %a manifest.json)\" = 600"), ==, 0);
  g_assert_cmpint (run (place, "test \"$(tar --version | head -1 | cut -c1-3)\" = tar && age -d -i reader.key B.age "
                               "| tar t | head -1 | grep -qx manifest.json"), ==, 0);

  /* Put together by hand with the stock tools, a bundle is a bundle. */
  g_assert_cmpint (run (place, "tar c --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=600 -b1 "
                               "manifest.json manifest.json.minisig cert.json cert.json.minisig data.ndjson.zst "
                               "blob/* SUMS | age -R reader.pub > hand.age"), ==, 0);
  {
    g_autoptr (GBytes) hand = get (place, "hand.age");

    g_assert_cmpstr (fixture_code_name (fixture_read (hand)), ==, "ok");
  }

  g_assert_cmpint (run (place, "printf x >> manifest.json && ! minisign -qVHm manifest.json -p sender.pub"), ==, 0);
}

#define ADD(path, function) g_test_add (path, Place, NULL, place_set_up, function, place_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/exchange/interop/age", test_age);
  ADD ("/exchange/interop/minisign", test_minisign);
  ADD ("/exchange/interop/bundle", test_bundle);

  return g_test_run ();
}
