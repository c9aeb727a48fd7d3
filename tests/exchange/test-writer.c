/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-writer.c: bundles made piece by piece: the same file whatever its size, memory that does not grow, nothing
 * readable on the disk; spools and the outbox by themselves.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "exchange-fixture.h"
#include "tessera-bundle-writer.h"
#include "tessera-hasher.h"
#include "tessera-outbox.h"
#include "tessera-read-ahead.h"
#include "tessera-spool.h"

#define MIB (1 << 20)

typedef struct {
  char *folder;
} Place;

static void
place_set_up (Place *place, gconstpointer unused)
{
  place->folder = g_dir_make_tmp ("tessera-writer-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
}

static void
place_tear_down (Place *place, gconstpointer unused)
{
  g_autoptr (GDir) names = g_dir_open (place->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (names)) != NULL) {
    g_autofree char *path = g_build_filename (place->folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (place->folder);
  g_free (place->folder);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) names = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (names) != NULL)
    n++;

  return n;
}

/* ---- making and reading ---- */

typedef struct {
  GChecksum *lines;
  GChecksum *blobs;
  guint64 n_lines;
  guint n_blobs;
  GString *names;
} Seen;

static gboolean
see_line (const char *line, gsize length, guint64 number, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  g_checksum_update (seen->lines, (const guchar *) line, length);
  seen->n_lines = number;

  return TRUE;
}

static gboolean
see_blob (const char *hash, gconstpointer piece, gsize size, gboolean last, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  g_checksum_update (seen->blobs, piece, size);
  if (last) {
    seen->n_blobs++;
    g_string_append_printf (seen->names, "%s\n", hash);
  }

  return TRUE;
}

static void
read_back (GInputStream *source, Seen *seen)
{
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBundle) bundle = tessera_bundle_open (source, keys, 1, &fixture_trust, &error);

  g_assert_no_error (error);
  seen->lines = g_checksum_new (G_CHECKSUM_SHA256);
  seen->blobs = g_checksum_new (G_CHECKSUM_SHA256);
  seen->names = g_string_new (NULL);
  tessera_bundle_read (bundle, see_line, see_blob, seen, &error);
  g_assert_no_error (error);
}

static void
seen_clear (Seen *seen)
{
  g_checksum_free (seen->lines);
  g_checksum_free (seen->blobs);
  g_string_free (seen->names, TRUE);
}

/* Finishes with the fixture's sender and reader. */
static gboolean
finish (TesseraBundleWriter *writer, GOutputStream *output, char **ret_name, char **ret_hash, GError **error)
{
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  const TesseraBundleSeal seal = { .comment = FIXTURE_COMMENT, .key = key, .public_keys = public_key,
                                   .n_public_keys = 1 };

  tessera_age_key_get_public (reader, public_key);

  return tessera_bundle_writer_finish (writer, manifest, &seal, output, ret_name, ret_hash, error);
}

/* Half of each line says something new, so that compression does not make everything small. */
static gsize
make_line (char *line, gsize size, guint32 number, GRand *random)
{
  int length = g_snprintf (line, size, "{\"n\":%u,\"f\":{\"name\":\"Sample %u\",\"x\":\"", number, number);

  for (guint i = 0; i < 16; i++) {
    guint32 word = g_rand_int (random);

    for (guint j = 0; j < 8; j++, word >>= 4)
      line[length++] = "0123456789abcdef"[word & 15];
  }

  return length + g_snprintf (line + length, size - length, "\"}}");
}

static void
add_lines (TesseraBundleWriter *writer, gint64 raw, GChecksum *checksum)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261122 + (guint32) raw);
  char line[512];
  g_autoptr (GError) error = NULL;

  for (guint32 i = 0; tessera_bundle_writer_get_raw (writer) < raw; i++) {
    gsize length = make_line (line, sizeof line, i, random);

    tessera_bundle_writer_add_line (writer, line, length, &error);
    g_assert_no_error (error);
    g_checksum_update (checksum, (const guchar *) line, length);
  }
}

static void
test_round_trip (Place *place, gconstpointer unused)
{
  /* Smaller and larger than what waits in memory. */
  static const gsize blob_sizes[] = { 0, 1, 65536, MIB - 1, 3 * MIB + 5, 3 * MIB + 5 };
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (place->folder, &error);
  g_autoptr (GOutputStream) output = tessera_outbox_begin (place->folder, &error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *noise = g_malloc (3 * MIB + 5);
  g_autofree char *name = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileInputStream) source = NULL;
  Seen seen = { 0 };

  g_assert_no_error (error);
  for (gsize i = 0; i < 3 * MIB + 5; i++)
    noise[i] = (i * 2654435761u) >> 15;
  for (guint i = 0; i < G_N_ELEMENTS (blob_sizes); i++) {
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (noise, blob_sizes[i], NULL);
    g_autofree char *blob = NULL;

    g_assert_true (tessera_bundle_writer_add_blob (writer, stream, &blob, &error));
    g_assert_cmpuint (strlen (blob), ==, 64);
    add_lines (writer, (i + 1) * MIB, checksum);
  }
  g_assert_true (finish (writer, output, &name, &hash, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (hash), ==, 64);
  g_assert_true (tessera_outbox_commit (output, name, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_files (place->folder), ==, 1);

  path = g_build_filename (place->folder, name, NULL);
  file = g_file_new_for_path (path);
  source = g_file_read (file, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (tessera_bundle_check_name (name, G_INPUT_STREAM (source), &error));
  read_back (G_INPUT_STREAM (source), &seen);
  g_assert_cmpstr (g_checksum_get_string (seen.lines), ==, g_checksum_get_string (checksum));
  g_assert_cmpuint (seen.n_blobs, ==, 5);
  seen_clear (&seen);
}

/* Whatever its size, an archive has the padded size that belongs to it: sizes around every carry of the padding. */
static void
test_padding (void)
{
  for (guint n = 0; n < 40; n++) {
    g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (NULL, NULL);
    g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
    g_autofree guint8 *noise = g_malloc (n * 4096 + 1);
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (noise, n * 4093, NULL);
    g_autoptr (GBytes) file = NULL;
    g_autoptr (GBytes) archive = NULL;
    g_autoptr (GPtrArray) members = NULL;
    g_autoptr (GError) error = NULL;

    memset (noise, (int) n, n * 4096 + 1);
    g_assert_true (tessera_bundle_writer_add_blob (writer, stream, NULL, &error));
    g_assert_true (finish (writer, output, NULL, NULL, &error));
    g_output_stream_close (output, NULL, NULL);
    file = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
    archive = fixture_decrypt (file);
    g_assert_cmpuint (g_bytes_get_size (archive), ==, tessera_bundle_padded_size (g_bytes_get_size (archive)));
    g_assert_cmpint (fixture_read (file), ==, -1);
    members = fixture_unpack (archive);
    g_assert_cmpuint (members->len, ==, 5);
  }
}

static void
test_limits (Place *place, gconstpointer unused)
{
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (place->folder, NULL);
  g_autofree char *text = g_strnfill (TESSERA_BUNDLE_MAX_LINE, ' ');
  g_autoptr (GError) error = NULL;

  text[0] = '{';
  text[TESSERA_BUNDLE_MAX_LINE - 1] = '}';
  g_assert_true (tessera_bundle_writer_add_line (writer, text, TESSERA_BUNDLE_MAX_LINE, &error));
  g_assert_false (tessera_bundle_writer_add_line (writer, "{\n}", 3, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  g_clear_error (&error);

  for (guint i = 0; i <= TESSERA_BUNDLE_MAX_BLOBS; i++) {
    g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (&i, sizeof i, NULL);
    g_autoptr (GInputStream) again = g_memory_input_stream_new_from_data (&i, sizeof i, NULL);
    gboolean good = tessera_bundle_writer_add_blob (writer, stream, NULL, &error);

    g_assert_true (good == (i < TESSERA_BUNDLE_MAX_BLOBS));
    /* One that is there already is not one more. */
    g_assert_true (!good || tessera_bundle_writer_add_blob (writer, again, NULL, NULL));
  }
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
}

/* ---- the hasher ---- */

/* In pieces of every size, on both sides of where a thread takes over. */
static void
test_hasher (void)
{
  static const gsize sizes[] = { 0, 1, 131072, (1 << 19) - 1, 1 << 19, (1 << 19) + 1, 3 * MIB + 7 };
  g_autofree guint8 *data = g_malloc (3 * MIB + 7);

  for (gsize i = 0; i < 3 * MIB + 7; i++)
    data[i] = (i * 7919) >> 3;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint8 expected[64];

    crypto_generichash (expected, 64, data, sizes[i], NULL, 0);
    for (gsize piece = 1000; piece < 4 * MIB; piece *= 5) {
      g_autoptr (TesseraHasher) hasher = tessera_hasher_new (64);
      guint8 hash[64];

      for (gsize done = 0; done < sizes[i]; done += MIN (piece, sizes[i] - done))
        tessera_hasher_update (hasher, data + done, MIN (piece, sizes[i] - done));
      tessera_hasher_final (hasher, hash);
      g_assert_cmpmem (hash, 64, expected, 64);
    }
  }
}

/* Given up in the middle, its thread ends with it. */
static void
test_hasher_given_up (void)
{
  g_autofree guint8 *data = g_malloc0 (3 * MIB);

  for (guint i = 0; i < 20; i++) {
    TesseraHasher *hasher = tessera_hasher_new (32);

    tessera_hasher_update (hasher, data, 3 * MIB);
    tessera_hasher_free (hasher);
  }
}

/* ---- reading ahead ---- */

static void
test_read_ahead (void)
{
  static const gsize sizes[] = { 0, 1, 131071, 131072, 131073, 3 * MIB + 7 };
  g_autofree guint8 *data = g_malloc (3 * MIB + 7);

  for (gsize i = 0; i < 3 * MIB + 7; i++)
    data[i] = (i * 7919) >> 3;
  for (guint round = 0; round < 20; round++) {
    gsize expected = sizes[round % G_N_ELEMENTS (sizes)];
    g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data (data, (gssize) expected, NULL);
    g_autoptr (TesseraReadAhead) ahead = tessera_read_ahead_new (input);
    gsize done = 0;
    const guint8 *piece;
    gsize size;

    do {
      g_assert_true (tessera_read_ahead_next (ahead, &piece, &size, NULL));
      g_assert_cmpuint (size, <=, expected - done);
      g_assert_cmpint (memcmp (piece != NULL ? piece : data, data + done, size), ==, 0);
      done += size;
      /* Given up half way, now and then. */
      if (round % 3 == 2 && done > expected / 2)
        break;
    } while (size > 0);
    g_assert_true (round % 3 == 2 || done == expected);
  }
}

/* What was good comes first, then the error, again and again. */
static void
test_read_ahead_error (void)
{
  g_autofree guint8 *data = g_malloc0 (MIB);
  g_autoptr (GBytes) sealed = fixture_encrypt (data, MIB, (const char *[]) { "reader", NULL });
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (sealed, 0, g_bytes_get_size (sealed) - 1);
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (cut);
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (TesseraAgeInputStream) input = tessera_age_input_stream_new (source, keys, 1, NULL);
  g_autoptr (TesseraReadAhead) ahead = tessera_read_ahead_new (G_INPUT_STREAM (input));
  gsize done = 0;
  const guint8 *piece;
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  while (tessera_read_ahead_next (ahead, &piece, &size, &error))
    done += size;
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_DAMAGED);
  g_assert_cmpuint (done, ==, MIB - TESSERA_AGE_CHUNK_SIZE);
  g_clear_error (&error);
  g_assert_false (tessera_read_ahead_next (ahead, &piece, &size, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_DAMAGED);
}

/* ---- the spool ---- */

static void
test_spool (Place *place, gconstpointer unused)
{
  static const gsize sizes[] = { 0, 1, MIB, MIB + 1, 5 * MIB };
  g_autofree guint8 *data = g_malloc (5 * MIB);

  for (gsize i = 0; i < 5 * MIB; i++)
    data[i] = (i * 7919) >> 3;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (TesseraSpool) spool = tessera_spool_new (place->folder, MIB);
    g_autoptr (GInputStream) stream = NULL;
    g_autofree guint8 *back = g_malloc (sizes[i] + 1);
    g_autoptr (GError) error = NULL;
    gsize size;

    for (gsize done = 0; done < sizes[i]; done += MIN (sizes[i] - done, 100000))
      g_assert_true (tessera_spool_write (spool, data + done, MIN (sizes[i] - done, 100000), &error));
    g_assert_cmpuint (tessera_spool_get_size (spool), ==, sizes[i]);
    g_assert_cmpuint (tessera_spool_get_memory (spool), ==, sizes[i] <= MIB ? sizes[i] : 0);
    g_assert_true (tessera_spool_finish (spool, &error));
    g_assert_cmpuint (count_files (place->folder), ==, 0);
    stream = tessera_spool_open (spool, &error);
    g_assert_no_error (error);
    g_assert_true (g_input_stream_read_all (stream, back, sizes[i] + 1, &size, NULL, &error));
    g_assert_cmpmem (back, size, data, sizes[i]);
  }
}

/* Everything this program has open that is a file in the place. */
static GPtrArray *
list_open_files (const char *folder)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) descriptors = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (descriptors)) != NULL) {
    g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
    g_autofree char *target = g_file_read_link (path, NULL);

    if (target != NULL && g_str_has_prefix (target, folder) && target[strlen (folder)] == '/')
      g_ptr_array_add (paths, g_steal_pointer (&path));
  }

  return paths;
}

static void
test_nothing_readable (Place *place, gconstpointer unused)
{
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (place->folder, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;

  while (text->len < 2 * MIB)
    g_string_append (text, "Sample Person lives in Sample Street. ");
  stream = g_memory_input_stream_new_from_data (text->str, text->len, NULL);
  g_assert_true (tessera_bundle_writer_add_blob (writer, stream, NULL, &error));
  files = list_open_files (place->folder);
  g_assert_cmpuint (files->len, ==, 1);
  for (guint i = 0; i < files->len; i++) {
    g_autofree char *contents = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (files->pdata[i], &contents, &size, &error));
    g_assert_cmpuint (size, >, MIB);
    g_assert_null (memmem (contents, size, "Sample", 6));
  }
  g_assert_cmpuint (count_files (place->folder), ==, 0);
  g_clear_pointer (&writer, tessera_bundle_writer_free);
  g_clear_pointer (&files, g_ptr_array_unref);
  files = list_open_files (place->folder);
  g_assert_cmpuint (files->len, ==, 0);
}

static void
test_bad_folder (void)
{
  g_autoptr (TesseraSpool) spool = tessera_spool_new ("/nowhere/at/all", 10);
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_spool_write (spool, "0123456789", 10, &error));
  g_assert_false (tessera_spool_write (spool, "0", 1, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED);
}

/* ---- memory ---- */

/* Counted by the allocator, so that neither page cache nor other programs disturb it; large blocks are mapped. */
static gsize
memory_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static void
test_memory (Place *place, gconstpointer unused)
{
  gsize grown[2];

  for (guint i = 0; i < 2; i++) {
    gsize before = memory_in_use ();
    gsize most = before;
    g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (place->folder, NULL);
    g_autoptr (GOutputStream) output = tessera_outbox_begin (place->folder, NULL);
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    g_autoptr (GError) error = NULL;

    for (gint64 raw = MIB; raw <= (i == 0 ? 8 : 30) * (gint64) MIB; raw += MIB) {
      add_lines (writer, raw, checksum);
      most = MAX (most, memory_in_use ());
    }
    g_assert_true (finish (writer, output, NULL, NULL, &error));
    most = MAX (most, memory_in_use ());
    grown[i] = most - before;
    g_test_message ("%u: %" G_GSIZE_FORMAT " bytes", i, grown[i]);
  }
  /* Four times the lines, the same memory. */
  g_assert_cmpuint (grown[1], <, grown[0] + MIB / 2);
  g_assert_cmpuint (grown[1], <, 8 * MIB);
}

/* ---- the outbox ---- */

static void
test_outbox (Place *place, gconstpointer unused)
{
  const char *folder = place->folder;
  g_autofree char *path = g_build_filename (folder, "name", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GOutputStream) stream = tessera_outbox_begin (folder, &error);

    g_assert_no_error (error);
    g_assert_true (g_output_stream_write_all (stream, "content", 7, NULL, NULL, &error));
    g_assert_cmpint (tessera_outbox_get_size (stream), ==, 7);
    g_assert_cmpuint (count_files (folder), ==, 1 + i);
    g_assert_true (tessera_outbox_commit (stream, "name", &error));
    g_assert_no_error (error);
    g_assert_cmpuint (count_files (folder), ==, 1);
  }
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "content");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_outbox_given_up (Place *place, gconstpointer unused)
{
  g_autofree char *old = g_build_filename (place->folder, ".tessera-sealing-left", NULL);
  g_autofree char *other = g_build_filename (place->folder, "letter.age", NULL);
  GOutputStream *stream;
  g_autoptr (GError) error = NULL;
  struct utimbuf times = { 1000000000, 1000000000 };

  g_assert_true (g_file_set_contents (old, "x", 1, NULL) && g_file_set_contents (other, "x", 1, NULL));
  stream = tessera_outbox_begin (place->folder, &error);
  g_assert_cmpuint (count_files (place->folder), ==, 3);
  g_assert_true (g_output_stream_write_all (stream, "half", 4, NULL, NULL, &error));
  g_object_unref (stream);
  g_assert_cmpuint (count_files (place->folder), ==, 2);

  /* What a crash left is removed once nobody can be writing it, and nothing else is. */
  g_assert_cmpint (g_utime (old, &times), ==, 0);
  g_assert_cmpint (g_utime (other, &times), ==, 0);
  stream = tessera_outbox_begin (place->folder, &error);
  g_object_unref (stream);
  g_assert_cmpuint (count_files (place->folder), ==, 1);
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));

  stream = tessera_outbox_begin ("/proc/nowhere", &error);
  g_assert_null (stream);
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED);
}

#define ADD(path, function) g_test_add ("/exchange/writer/" path, Place, NULL, place_set_up, function, place_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  g_test_add_func ("/exchange/writer/padding", test_padding);
  g_test_add_func ("/exchange/writer/hasher", test_hasher);
  g_test_add_func ("/exchange/writer/hasher-given-up", test_hasher_given_up);
  g_test_add_func ("/exchange/writer/read-ahead", test_read_ahead);
  g_test_add_func ("/exchange/writer/read-ahead-error", test_read_ahead_error);
  ADD ("limits", test_limits);
  ADD ("spool", test_spool);
  ADD ("nothing-readable", test_nothing_readable);
  g_test_add_func ("/exchange/writer/bad-folder", test_bad_folder);
  ADD ("memory", test_memory);
  ADD ("outbox", test_outbox);
  ADD ("outbox-given-up", test_outbox_given_up);

  return g_test_run ();
}
