/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-driver.c: gives a fuzz target its seeds and some mutations of them, the same each time.
 *
 * What every run of the tests can afford; it does not look for new paths as libFuzzer does. Arguments: the folder
 * of seeds, and how many mutations.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "vault-fuzz.h"

#define LARGEST 4096

static int
compare_names (gconstpointer one, gconstpointer other)
{
  return strcmp (*(const char *const *) one, *(const char *const *) other);
}

static GPtrArray *
load_seeds (const char *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (entries);
  while ((name = g_dir_read_name (entries)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  /* As a folder lists them is not the same everywhere. */
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
    char *bytes;
    gsize size;

    g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
    g_ptr_array_add (seeds, g_bytes_new_take (bytes, size));
  }
  return seeds;
}

/* One change: a bit, a byte of one of the values at which programs err, a piece left out, twice, or of another. */
static void
mutate (GRand *random, GByteArray *input, GBytes *other)
{
  static const guint8 edges[] = { 0, 1, 0x7f, 0x80, 0xff, ' ', '\n', '9' };
  guint at = input->len > 0 ? (guint) g_rand_int_range (random, 0, (gint32) input->len) : 0;
  guint left = input->len - at, length = left > 0 ? (guint) g_rand_int_range (random, 0, (gint32) MIN (left, 64)) : 0;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (other, &size);

  switch (left > 0 ? g_rand_int_range (random, 0, 5) : 4) {
  case 0:
    input->data[at] ^= (guint8) (1 << g_rand_int_range (random, 0, 8));
    break;
  case 1:
    input->data[at] = edges[g_rand_int_range (random, 0, G_N_ELEMENTS (edges))];
    break;
  case 2:
    g_byte_array_remove_range (input, at, length);
    break;
  case 3:
    /* Grown first: appending may move what is appended. */
    g_byte_array_set_size (input, input->len + length);
    memcpy (input->data + input->len - length, input->data + at, length);
    break;
  default:
    if (size > 0)
      g_byte_array_append (input, bytes, (guint) g_rand_int_range (random, 0, (gint32) size) + 1);
    break;
  }
  if (input->len > LARGEST)
    g_byte_array_set_size (input, LARGEST);
}

static GBytes *
pick (GRand *random, GPtrArray *seeds)
{
  return g_ptr_array_index (seeds, g_rand_int_range (random, 0, (gint32) seeds->len));
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) seeds = load_seeds (argv[1]);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint mutations = (guint) atoi (argv[2]);

  g_assert_cmpuint (seeds->len, >, 0);
  g_assert_cmpuint (mutations, >, 0);
  for (guint i = 0; i < seeds->len; i++) {
    gsize size;
    const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (seeds, i), &size);

    LLVMFuzzerTestOneInput (bytes, size);
  }
  for (guint i = 0; i < mutations; i++) {
    g_autoptr (GByteArray) input = g_byte_array_new ();
    GBytes *seed = pick (random, seeds);

    g_byte_array_append (input, g_bytes_get_data (seed, NULL), (guint) g_bytes_get_size (seed));
    for (int changes = g_rand_int_range (random, 1, 6); changes > 0; changes--)
      mutate (random, input, pick (random, seeds));
    LLVMFuzzerTestOneInput (input->data, input->len);
  }
  g_print ("1..1\nok 1 %u seeds and %u mutations of them\n", seeds->len, mutations);
  return 0;
}
