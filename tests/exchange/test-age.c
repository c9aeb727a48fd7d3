/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-age.c: sealing and opening, the text of keys, and what happens to files that were cut.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "tessera-age.h"

static const gsize sizes[] = { 0, 1, 65535, 65536, 65537, 131072 };

static guint8 *
make_data (gsize size)
{
  guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = (i * 7919) >> 5;

  return data;
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree guint8 *data = make_data (sizes[i]);
    g_autoptr (GBytes) file = fixture_encrypt (data, sizes[i], (const char *[]) { "a", "reader", "b", NULL });
    g_autoptr (GBytes) plain = fixture_decrypt (file);

    g_assert_cmpmem (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), data, sizes[i]);
  }
}

/* Opens and reads with `reader`: -1 or an error code. */
static int
read_code (gconstpointer bytes, gsize size)
{
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_data (bytes, size, NULL);
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraAgeInputStream) input = tessera_age_input_stream_new (source, keys, 1, &error);
  guint8 block[5000];
  gssize got = 1;

  while (input != NULL && got > 0)
    got = g_input_stream_read (G_INPUT_STREAM (input), block, sizeof block, NULL, &error);
  if (error == NULL)
    return -1;
  g_assert_true (error->domain == TESSERA_BUNDLE_ERROR);
  /* A broken stream stays broken. */
  if (input != NULL)
    g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (input), block, 1, NULL, NULL), ==, -1);

  return error->code;
}

static void
test_truncated (void)
{
  g_autofree guint8 *data = make_data (131072);
  g_autoptr (GBytes) file = fixture_encrypt (data, 131072, (const char *[]) { "reader", NULL });
  const guint8 *bytes = g_bytes_get_data (file, NULL);
  gsize size = g_bytes_get_size (file);
  gsize header = size - 2 * (65536 + 16);

  g_assert_cmpint (read_code (bytes, size), ==, -1);
  for (gsize length = 0; length <= header + 16; length++)
    g_assert_cmpint (read_code (bytes, length), ==,
                     length == header + 16 ? TESSERA_BUNDLE_ERROR_DAMAGED : TESSERA_BUNDLE_ERROR_TRUNCATED);
  g_assert_cmpint (read_code (bytes, header + 65536 + 16), ==, TESSERA_BUNDLE_ERROR_TRUNCATED);
  g_assert_cmpint (read_code (bytes, header + 65536 + 20), ==, TESSERA_BUNDLE_ERROR_TRUNCATED);
  for (gsize length = header + 17; length < size; length += 4099)
    g_assert_cmpint (read_code (bytes, length), !=, -1);
  g_assert_cmpint (read_code (bytes, size - 1), !=, -1);
}

static void
test_chunks (void)
{
  g_autofree guint8 *data = make_data (131072);
  g_autoptr (GBytes) file = fixture_encrypt (data, 131072, (const char *[]) { "reader", NULL });
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (file, &size), g_bytes_get_size (file));
  guint8 *first = bytes + size - 2 * 65552;
  g_autofree guint8 *kept = g_memdup2 (first, 65552);
  g_autofree guint8 *longer = g_malloc0 (size + 1);

  memcpy (longer, bytes, size);
  memmove (first, first + 65552, 65552);
  memcpy (first + 65552, kept, 65552);
  g_assert_cmpint (read_code (bytes, size), ==, TESSERA_BUNDLE_ERROR_DAMAGED);
  g_assert_cmpint (read_code (longer, size + 1), ==, TESSERA_BUNDLE_ERROR_DAMAGED);
}

static void
test_recipients (void)
{
  static const struct {
    gsize n;
    gsize stanzas;
  } counts[] = { { 1, 2 }, { 2, 2 }, { 3, 4 }, { 5, 8 }, { 33, 64 }, { 64, 64 } };
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (TesseraSecret) previous = fixture_age_key ("previous");
  const TesseraSecret *keys[] = { previous, reader };
  guint8 public_keys[65 * TESSERA_AGE_KEY_SIZE];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 65; i++) {
    g_autoptr (TesseraSecret) key = i == 0 ? fixture_age_key ("reader") : tessera_age_key_generate ();

    tessera_age_key_get_public (key, public_keys + i * TESSERA_AGE_KEY_SIZE);
  }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
    g_autoptr (TesseraAgeWriter) writer
      = tessera_age_writer_new (output, public_keys, counts[i].n, TRUE, NULL);
    g_autoptr (GInputStream) source = NULL;
    g_autoptr (TesseraAgeInputStream) input = NULL;
    g_autoptr (GBytes) file = NULL;

    g_assert_true (tessera_age_writer_finish (writer, NULL));
    g_output_stream_close (output, NULL, NULL);
    file = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
    source = g_memory_input_stream_new_from_bytes (file);
    input = tessera_age_input_stream_new (source, keys, 2, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (tessera_age_input_stream_get_n_stanzas (input), ==, counts[i].stanzas);
    g_assert_cmpuint (tessera_age_input_stream_get_key_index (input), ==, 1);
  }
  {
    g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

    g_assert_null (tessera_age_writer_new (output, public_keys, 65, TRUE, &error));
    g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_null (tessera_age_writer_new (output, public_keys, 0, TRUE, NULL));
    memset (public_keys, 0, TESSERA_AGE_KEY_SIZE);
    g_assert_null (tessera_age_writer_new (output, public_keys, 1, TRUE, &error));
    g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  }
}

static void
test_key_text (void)
{
  g_autoptr (TesseraSecret) key = fixture_age_key ("reader");
  g_autoptr (TesseraSecret) text = tessera_age_key_to_text (key);
  g_autoptr (TesseraSecret) again = tessera_age_key_from_text (text, NULL);
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  guint8 parsed[TESSERA_AGE_KEY_SIZE];
  g_autofree char *public_text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (again);
  g_assert_cmpmem (tessera_secret_get_data (key), 32, tessera_secret_get_data (again), 32);
  tessera_age_key_get_public (key, public_key);
  public_text = tessera_age_public_key_to_text (public_key);
  g_assert_true (g_str_has_prefix (public_text, "age1"));
  g_assert_cmpuint (strlen (public_text), ==, 62);
  g_assert_true (tessera_age_public_key_from_text (public_text, parsed, NULL));
  g_assert_cmpmem (public_key, 32, parsed, 32);

  /* Every single change of a character must be noticed. */
  for (gsize i = 0; i < strlen (public_text); i++) {
    char kept = public_text[i];

    public_text[i] = kept == 'q' ? 'p' : 'q';
    g_assert_false (tessera_age_public_key_from_text (public_text, parsed, NULL));
    public_text[i] = g_ascii_toupper (kept);
    if (public_text[i] != kept)
      g_assert_false (tessera_age_public_key_from_text (public_text, parsed, NULL));
    public_text[i] = kept;
  }
  g_assert_false (tessera_age_public_key_from_text ("", parsed, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  g_assert_false (tessera_age_public_key_from_text ("age1", parsed, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exchange/age/round-trip", test_round_trip);
  g_test_add_func ("/exchange/age/truncated", test_truncated);
  g_test_add_func ("/exchange/age/chunks", test_chunks);
  g_test_add_func ("/exchange/age/recipients", test_recipients);
  g_test_add_func ("/exchange/age/key-text", test_key_text);

  return g_test_run ();
}
