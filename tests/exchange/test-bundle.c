/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-bundle.c: whole bundles: every case of the table fresh and from the stored vectors, every byte changed, every
 * length cut, and a bounded run of random changes.
 */
#include "config.h"

#include <string.h>

#include "bundle-cases.h"
#include "exchange-fixture.h"

#define MUTATION_SECONDS 0.5

static void
test_case (gconstpointer data)
{
  const BundleCase *item = data;
  g_autoptr (GBytes) file = item->make ();

  g_assert_cmpstr (fixture_code_name (fixture_read (file)), ==, fixture_code_name (item->code));
}

static void
test_vector (gconstpointer data)
{
  const BundleCase *item = data;
  g_autofree char *base = g_strconcat (item->name, ".age", NULL);
  g_autofree char *path = fixture_vector (base);
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  file = g_bytes_new_take (g_steal_pointer (&contents), size);
  g_assert_cmpstr (fixture_code_name (fixture_read (file)), ==, fixture_code_name (item->code));
}

/* ---- contents ---- */

typedef struct {
  GString *lines;
  GString *blobs;
} Seen;

static gboolean
see_line (const char *line, gsize length, guint64 number, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  g_string_append_len (seen->lines, line, length);
  g_string_append_c (seen->lines, '\n');

  return TRUE;
}

static gboolean
see_blob (const char *hash, gconstpointer piece, gsize size, gboolean last, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  g_string_append_len (seen->blobs, piece, size);
  if (last)
    g_string_append (seen->blobs, "|");

  return TRUE;
}

static TesseraBundle *
open_bundle (GBytes *file)
{
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (TesseraSecret) previous = fixture_age_key ("previous");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { previous, reader };
  g_autoptr (GError) error = NULL;
  TesseraBundle *bundle = tessera_bundle_open (source, keys, 2, &fixture_trust, &error);

  g_assert_no_error (error);

  return bundle;
}

/* Lines longer than any buffer, and enough of them that every chunk border falls somewhere. */
static GBytes *
make_many_lines (void)
{
  GString *lines = g_string_new (NULL);
  g_autofree char *filler = g_strnfill (300000, 'y');
  guint32 state = 1;

  for (guint i = 0; i < 4000; i++) {
    state = state * 1664525 + 1013904223;
    g_string_append_printf (lines, "{\"n\":%u,\"x\":\"%08x\"}\n", i, state);
    if (i % 1000 == 500)
      g_string_append_printf (lines, "{\"long\":\"%s\"}\n", filler);
  }

  return g_string_free_to_bytes (lines);
}

static void
test_contents (void)
{
  g_autoptr (GBytes) data = make_many_lines ();
  g_autofree char *signature = NULL;
  g_autofree char *certificate = fixture_certificate (FIXTURE_DEVICE, FIXTURE_NOW + 1000, &signature);
  g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree guint8 *noise = g_malloc0 (200000);
  const TesseraBundleContents contents = { data, blobs, certificate, signature, FIXTURE_COMMENT };
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  Seen seen = { lines, pieces };
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GBytes) archive = NULL;
  g_autoptr (TesseraBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 200000; i++)
    noise[i] = (i * 2654435761u) >> 13;
  g_ptr_array_add (blobs, g_bytes_new (noise, 200000));
  g_ptr_array_add (blobs, g_bytes_new_static ("", 0));
  file = fixture_seal (&contents);
  archive = fixture_decrypt (file);
  g_assert_cmpuint (g_bytes_get_size (archive), ==, tessera_bundle_padded_size (g_bytes_get_size (archive)));

  bundle = open_bundle (file);
  g_assert_nonnull (tessera_bundle_get_certificate (bundle));
  g_assert_nonnull (tessera_bundle_get_organization_key (bundle));
  g_assert_true (g_str_has_prefix (tessera_bundle_get_comment (bundle),
                                   "tessera/1 referral from=\"Harbour Aid\" to=\"St Anne Clinic\" created=2026-11-21 id="));
  g_assert_true (tessera_bundle_read (bundle, see_line, see_blob, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (lines->str, lines->len, g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  g_assert_cmpuint (pieces->len, ==, 200002);
}

static void
test_inspect (void)
{
  g_autoptr (GBytes) file = fixture_seal (NULL);
  g_autoptr (TesseraBundle) bundle = open_bundle (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = tessera_bundle_inspect (bundle, 1, &error);
  JsonObject *object;
  JsonArray *lines;

  g_assert_no_error (error);
  object = json_node_get_object (root);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "members")), ==, 4);
  g_assert_cmpint (json_object_get_int_member (object, "line_count"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "stanzas"), ==, 2);
  lines = json_object_get_array_member (object, "lines");
  g_assert_cmpuint (json_array_get_length (lines), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (lines, 0), "event"), ==, "sent");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (object, "manifest"), "fmt"), ==,
                   "tessera/1");
}

/* A heartbeat, a short answer and a longer one must look the same from outside. */
static void
test_same_size (void)
{
  gsize first = 0;

  for (guint n = 0; n < 40; n += 13) {
    GString *text = g_string_new (NULL);
    g_autoptr (GBytes) data = NULL;
    g_autoptr (GBytes) file = NULL;

    for (guint i = 0; i < n; i++)
      g_string_append_printf (text, "{\"n\":%u}\n", i * i * 7919);
    data = g_string_free_to_bytes (text);
    file = fixture_seal (&(TesseraBundleContents) { .data = data });
    if (first == 0)
      first = g_bytes_get_size (file);
    g_assert_cmpuint (g_bytes_get_size (file), ==, first);
  }
}

static void
test_refuses_to_seal (void)
{
  static const char *const bad[] = { "{}", "{}\nx\n", "\n", "[1]\n", "{\"a\":\"\xff\"}\n" };
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  guint8 public_key[TESSERA_AGE_KEY_SIZE] = { 9 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GBytes) data = g_bytes_new_static (bad[i], strlen (bad[i]));
    const TesseraBundleContents contents = { .data = data };
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_bundle_seal (manifest, &contents, key, public_key, 1, NULL, NULL, &error));
    g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  }
}

/* ---- changes ---- */

static GBytes *
small_file (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  return fixture_pack (members);
}

static int
read_bytes (const guint8 *bytes, gsize size)
{
  g_autoptr (GBytes) file = g_bytes_new_static (bytes, size);

  return fixture_read (file);
}

static void
test_every_byte (void)
{
  g_autoptr (GBytes) file = small_file ();
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (file, &size), g_bytes_get_size (file));
  const guint8 *header_end = (guint8 *) memmem (bytes, size, "\n--- ", 5) + 5 + 44;

  for (gsize i = 0; i < size; i++) {
    gboolean in_header = bytes + i < header_end;

    /* The header is text, where more than one spelling might hide: every bit of it. */
    for (guint bit = in_header ? 0 : i % 8; bit < (in_header ? 8 : i % 8 + 1); bit++) {
      bytes[i] ^= 1 << bit;
      g_assert_cmpint (read_bytes (bytes, size), !=, -1);
      bytes[i] ^= 1 << bit;
    }
  }
  g_assert_cmpint (read_bytes (bytes, size), ==, -1);
}

static void
test_every_length (void)
{
  g_autoptr (GBytes) file = small_file ();
  gsize size;
  const guint8 *bytes = g_bytes_get_data (file, &size);

  for (gsize length = 0; length < size; length += length < 400 ? 1 : 13)
    g_assert_cmpint (read_bytes (bytes, length), !=, -1);
  g_assert_cmpint (read_bytes (bytes, size - 1), !=, -1);
}

/* The sealed inside changed, as a reader's own key holder could: nothing but names in the untrusted comment and the
 * key number is without protection. */
static void
test_every_inner_byte (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (archive, &size), g_bytes_get_size (archive));
  const guint8 *comment = memmem (bytes, size, "untrusted comment: ", 19);
  gsize free_start = comment + 19 - bytes;
  gsize free_end = free_start + strlen ("signature from a Tessera device");
  gsize step = g_test_slow () ? 1 : 11;

  for (gsize i = 0; i < size; i += step) {
    g_autoptr (GBytes) file = NULL;

    if (i >= free_start && i < free_end)
      continue;
    bytes[i] ^= 1 << (i % 7);
    file = fixture_encrypt (bytes, size, (const char *[]) { "reader", NULL });
    g_assert_cmpint (fixture_read (file), !=, -1);
    bytes[i] ^= 1 << (i % 7);
  }
}

/* Several random changes at once, in the sealed file and in the inside, from a fixed seed: nothing may crash, and
 * what is read to the end must be the unchanged bundle. */
static void
test_mutation (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);
  g_autoptr (GBytes) sealed = fixture_pack (members);
  g_autoptr (GRand) random = g_rand_new_with_seed (20261121);
  g_autoptr (GTimer) timer = g_timer_new ();
  guint rounds = 0;

  while (g_timer_elapsed (timer, NULL) < MUTATION_SECONDS) {
    gboolean inner = rounds++ % 2 == 0;
    GBytes *original = inner ? archive : sealed;
    gsize size;
    g_autoptr (GByteArray) changed = g_byte_array_new ();
    g_autoptr (GBytes) file = NULL;

    g_byte_array_append (changed, g_bytes_get_data (original, &size), g_bytes_get_size (original));
    for (int n = g_rand_int_range (random, 1, 6); n > 0; n--) {
      guint at = g_rand_int_range (random, 0, changed->len);
      guint length = g_rand_int_range (random, 1, 700);

      length = MIN (length, changed->len - at);
      switch (g_rand_int_range (random, 0, 4)) {
      case 0:
        changed->data[at] = g_rand_int (random);
        break;
      case 1:
        if (length < changed->len)
          g_byte_array_remove_range (changed, at, length);
        break;
      case 2:
        memset (changed->data + at, g_rand_int_range (random, 0, 3) * 0x30, MIN (length, 20));
        break;
      default:
        memmove (changed->data + at, changed->data + g_rand_int_range (random, 0, changed->len - length + 1), length);
        break;
      }
    }
    file = inner ? fixture_encrypt (changed->data, changed->len, (const char *[]) { "reader", NULL })
                 : g_bytes_new (changed->data, changed->len);
    fixture_read (file);
  }
  g_test_message ("%u rounds", rounds);
}

static void
add_cases (const char *group, GTestDataFunc function)
{
  for (guint i = 0; i < n_bundle_cases; i++) {
    g_autofree char *path = g_strdup_printf ("/exchange/bundle/%s/%s", group, bundle_cases[i].name);

    g_test_add_data_func (path, &bundle_cases[i], function);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_cases ("case", test_case);
  add_cases ("vector", test_vector);
  g_test_add_func ("/exchange/bundle/contents", test_contents);
  g_test_add_func ("/exchange/bundle/inspect", test_inspect);
  g_test_add_func ("/exchange/bundle/same-size", test_same_size);
  g_test_add_func ("/exchange/bundle/refuses-to-seal", test_refuses_to_seal);
  g_test_add_func ("/exchange/bundle/every-byte", test_every_byte);
  g_test_add_func ("/exchange/bundle/every-length", test_every_length);
  g_test_add_func ("/exchange/bundle/every-inner-byte", test_every_inner_byte);
  g_test_add_func ("/exchange/bundle/mutation", test_mutation);

  return g_test_run ();
}
