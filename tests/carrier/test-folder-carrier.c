/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-folder-carrier.c: a folder that others write to, drives that are full or protected, and dying while
 * writing.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tessera-carrier-private.h"
#include "tessera-durable-file.h"
#include "tessera-folder-carrier.h"

#define NOBODY 65534

typedef struct {
  char *folder;
  TesseraFolderCarrier *carrier;
} Fixture;

/* Any 256-bit hash does here: the carrier does not know which one it is. */
static char *
name_content (GBytes *file) {
  static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  GString *name = g_string_new (NULL);
  guint8 hash[33] = { 0 };
  gsize size = 32;

  g_checksum_update (checksum, g_bytes_get_data (file, NULL), (gssize) g_bytes_get_size (file));
  g_checksum_get_digest (checksum, hash, &size);
  for (guint bit = 0; bit < 256; bit += 5) {
    guint pair = (guint) hash[bit / 8] << 8 | hash[bit / 8 + 1];

    g_string_append_c (name, digits[pair >> (11 - bit % 8) & 31]);
  }
  g_string_append (name, ".age");
  return g_string_free (name, FALSE);
}

static gboolean
check (const char *name, GBytes *file) {
  g_autofree char *expected = name_content (file);

  return strcmp (name, expected) == 0;
}

static GBytes *
make_file (guint seed, gsize size) {
  guint8 *content = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    content[i] = (guint8) (i * 31 + seed * 7 + (i >> 8));
  if (size >= sizeof seed)
    memcpy (content, &seed, sizeof seed);
  return g_bytes_new_take (content, size);
}

static int
remove_entry (const char *path, const struct stat *information, int kind, struct FTW *place) {
  return g_remove (path);
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->carrier = tessera_folder_carrier_new (fixture->folder, check);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  g_assert_finalize_object (fixture->carrier);
  nftw (fixture->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  g_free (fixture->folder);
}

static void
write_raw (Fixture *fixture, const char *name, GBytes *content, gsize size) {
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (content, NULL), (gssize) size, &error);
  g_assert_no_error (error);
}

static char *
put (Fixture *fixture, GBytes *file) {
  g_autoptr (GError) error = NULL;
  char *name = name_content (file);

  g_assert_true (tessera_folder_carrier_put (fixture->carrier, name, file, &error));
  g_assert_no_error (error);
  return name;
}

static void
assert_fetches (Fixture *fixture, const char *name, GBytes *file) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) fetched = tessera_folder_carrier_fetch (fixture->carrier, name, &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (fetched, file));
}

static void
assert_refuses (Fixture *fixture, const char *name, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_folder_carrier_fetch (fixture->carrier, name, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, code);
}

static void
assert_listed (Fixture *fixture, guint expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = tessera_folder_carrier_list (fixture->carrier, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (names->len, ==, expected);
}

static guint
count_entries (const char *folder) {
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (entries) != NULL)
    count++;
  return count;
}

static void
test_round (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (1, 70000);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = put (fixture, file);
  g_autofree char *empty_name = put (fixture, empty);
  g_autofree char *again = put (fixture, file);

  assert_listed (fixture, 2);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 2);
  assert_fetches (fixture, name, file);
  assert_fetches (fixture, empty_name, empty);
  g_assert_true (tessera_folder_carrier_flush (fixture->carrier, &error));
  g_assert_true (tessera_folder_carrier_remove (fixture->carrier, name, &error));
  g_assert_true (tessera_folder_carrier_remove (fixture->carrier, name, &error));
  g_assert_no_error (error);
  assert_listed (fixture, 1);
  assert_refuses (fixture, name, TESSERA_CARRIER_ERROR_NOT_FOUND);
}

/* What sync clients, file managers and people leave in a folder. */
static void
test_foreign_names (Fixture *fixture, gconstpointer data) {
  static const char *const patterns[] = {
    ".syncthing.%s.tmp", "~syncthing~%s.tmp", ".%s.1a2B3c", "%s.part", "%s~", "Copy of %s",
    "%s (conflicted copy)",
    "a%s", "%sx", ".up-%s", "%s.sync-conflict-20261121-093000-ABCDEFG.age",
  };
  g_autoptr (GBytes) file = make_file (2, 100);
  g_autofree char *name = put (fixture, file);
  g_autofree char *upper = g_ascii_strup (name, -1);
  g_autofree char *digit = g_strdup (name);

  digit[5] = '1';
  write_raw (fixture, upper, file, 100);
  write_raw (fixture, digit, file, 100);
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++) {
    g_auto (GStrv) halves = g_strsplit (patterns[i], "%s", 2);
    g_autofree char *foreign = g_strconcat (halves[0], name, halves[1], NULL);

    g_assert_false (tessera_carrier_is_name (foreign));
    write_raw (fixture, foreign, file, 100);
    assert_refuses (fixture, foreign, TESSERA_CARRIER_ERROR_UNSAFE);
  }
  assert_listed (fixture, 1);
}

static void
test_climbing_names (Fixture *fixture, gconstpointer data) {
  static const char *const names[] = {
    "", ".", "..", "../x.age", "/etc/passwd", "a/b.age", ".age",
    "../aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ag/",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age\n",
  };
  g_autoptr (GBytes) file = make_file (3, 10);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) put_error = NULL;
    g_autoptr (GError) remove_error = NULL;

    assert_refuses (fixture, names[i], TESSERA_CARRIER_ERROR_UNSAFE);
    g_assert_false (tessera_folder_carrier_put (fixture->carrier, names[i], file, &put_error));
    g_assert_error (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
    g_assert_false (tessera_folder_carrier_remove (fixture->carrier, names[i], &remove_error));
    g_assert_error (remove_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
  }
  g_assert_cmpuint (count_entries (fixture->folder), ==, 0);
}

static void
test_half_written (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (4, 5000);
  g_autoptr (GBytes) other = make_file (5, 5000);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = name_content (file);
  g_autofree char *put_name = NULL;

  write_raw (fixture, name, file, 4096);
  assert_refuses (fixture, name, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  write_raw (fixture, name, other, 5000);
  assert_refuses (fixture, name, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  put_name = put (fixture, file);
  assert_fetches (fixture, name, file);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 1);
  g_assert_false (tessera_folder_carrier_put (fixture->carrier, name, other, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  assert_fetches (fixture, name, file);
}

static void
assert_left_alone (Fixture *fixture, const char *name, GBytes *file) {
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) remove_error = NULL;
  guint before = count_entries (fixture->folder);

  assert_listed (fixture, 0);
  assert_refuses (fixture, name, TESSERA_CARRIER_ERROR_UNSAFE);
  g_assert_false (tessera_folder_carrier_put (fixture->carrier, name, file, &put_error));
  g_assert_error (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
  g_assert_false (tessera_folder_carrier_remove (fixture->carrier, name, &remove_error));
  g_assert_error (remove_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
  g_assert_cmpuint (count_entries (fixture->folder), ==, before);
}

/* A link to the right content, links to nowhere and to outside, a folder and a pipe under a good name. */
static void
test_links (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (6, 100);
  g_autofree char *name = name_content (file);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *outside = g_build_filename (fixture->folder, "outside", NULL);
  g_autofree char *content = NULL;

  write_raw (fixture, "outside", file, 100);
  g_assert_cmpint (symlink ("outside", path), ==, 0);
  assert_left_alone (fixture, name, file);
  g_remove (path);
  g_assert_cmpint (symlink ("/nowhere/at/all", path), ==, 0);
  assert_left_alone (fixture, name, file);
  g_remove (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  assert_left_alone (fixture, name, file);
  g_remove (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_left_alone (fixture, name, file);
  g_assert_true (g_file_get_contents (outside, &content, NULL, NULL));
}

static void
test_too_large (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (7, 10);
  g_autofree char *name = name_content (file);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  write_raw (fixture, name, file, 10);
  g_assert_cmpint (truncate (path, (off_t) TESSERA_CARRIER_SIZE_LIMIT + 1), ==, 0);
  assert_listed (fixture, 0);
  assert_refuses (fixture, name, TESSERA_CARRIER_ERROR_UNSAFE);
}

static void
test_missing_folder (Fixture *fixture, gconstpointer data) {
  g_autofree char *nowhere = g_build_filename (fixture->folder, "not", "there", NULL);
  g_autoptr (TesseraFolderCarrier) carrier = tessera_folder_carrier_new (nowhere, check);
  g_autoptr (GBytes) file = make_file (8, 10);
  g_autofree char *name = name_content (file);
  g_autoptr (GError) list_error = NULL;
  g_autoptr (GError) put_error = NULL;

  g_assert_null (tessera_folder_carrier_list (carrier, &list_error));
  g_assert_error (list_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_false (tessera_folder_carrier_put (carrier, name, file, &put_error));
  g_assert_error (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 0);
}

static void
test_read_only (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (9, 10);
  g_autofree char *name = put (fixture, file);
  g_autoptr (GBytes) other = make_file (10, 10);
  g_autofree char *other_name = name_content (other);
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) remove_error = NULL;
  gboolean is_root = geteuid () == 0;

  /* The administrator may write anywhere, so the test becomes somebody who may not. */
  g_assert_cmpint (g_chmod (fixture->folder, 0555), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  g_assert_false (tessera_folder_carrier_put (fixture->carrier, other_name, other, &put_error));
  g_assert_false (tessera_folder_carrier_remove (fixture->carrier, name, &remove_error));
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_chmod (fixture->folder, 0700);
  g_assert_error (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_READ_ONLY);
  g_assert_error (remove_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_READ_ONLY);
  assert_fetches (fixture, name, file);
}

/* In a child with a drive of its own: 0 as expected, 1 not, 77 when such a drive cannot be had here. */
static int
fill_small_drive (Fixture *fixture) {
  g_autoptr (GBytes) large = make_file (11, 512 * 1024);
  g_autoptr (GBytes) small = make_file (12, 100);
  g_autofree char *large_name = name_content (large);
  g_autofree char *small_name = name_content (small);
  g_autofree char *path = g_build_filename (fixture->folder, "export", NULL);
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) write_error = NULL;

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", fixture->folder, "tmpfs", 0, "size=128k") != 0)
    return 77;
  return tessera_folder_carrier_put (fixture->carrier, large_name, large, &put_error)
         || !g_error_matches (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL)
         || tessera_carrier_write_file (path, large, &write_error)
         || !g_error_matches (write_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL)
         || count_entries (fixture->folder) != 0
         || !tessera_folder_carrier_put (fixture->carrier, small_name, small, NULL);
}

static void
test_full_drive (Fixture *fixture, gconstpointer data) {
  pid_t child = fork ();
  int status;

  if (child == 0)
    _exit (fill_small_drive (fixture));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("no small drive can be mounted here");
  else
    g_assert_cmpint (status, ==, 0);
}

static void
test_full_device (void) {
  g_autoptr (GBytes) file = make_file (13, 10);
  int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);

  if (full < 0) {
    g_test_skip ("there is no /dev/full here");
    return;
  }
  g_assert_cmpint (tessera_carrier_write_all (full, file), ==, ENOSPC);
  close (full);
}

static void
test_rename_ways (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) file = make_file (14, 10);
  int folder = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (TesseraRenameWay way = TESSERA_RENAME_ATOMIC; way <= TESSERA_RENAME_LOOK; way++) {
    write_raw (fixture, "from", file, 10);
    g_assert_cmpint (tessera_carrier_rename_new (folder, "from", "to", way), ==, 0);
    g_assert_cmpuint (count_entries (fixture->folder), ==, 1);
    write_raw (fixture, "from", file, 10);
    g_assert_cmpint (tessera_carrier_rename_new (folder, "from", "to", way), ==, EEXIST);
    g_assert_cmpuint (count_entries (fixture->folder), ==, 2);
    unlinkat (folder, "to", 0);
  }
  close (folder);
}

static gpointer
put_many (gpointer data) {
  const char *folder = data;
  g_autoptr (TesseraFolderCarrier) carrier = tessera_folder_carrier_new (folder, check);

  for (guint i = 0; i < 20; i++) {
    g_autoptr (GBytes) file = make_file (100 + i, 30000);
    g_autofree char *name = name_content (file);
    g_autoptr (GError) error = NULL;

    tessera_folder_carrier_put (carrier, name, file, &error);
    g_assert_no_error (error);
  }
  return NULL;
}

static void
test_concurrent (Fixture *fixture, gconstpointer data) {
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("put", put_many, fixture->folder);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_listed (fixture, 20);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 20);
}

static void
put_until_killed (Fixture *fixture, guint round) {
  for (guint i = 0;; i++) {
    g_autoptr (GBytes) file = make_file (round * 1000 + i, 300000);
    g_autofree char *name = name_content (file);

    tessera_folder_carrier_put (fixture->carrier, name, file, NULL);
  }
}

/* Whenever a writer dies, every listed file is whole, and others go on. */
static void
test_killed (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL;

  for (guint round = 1; round <= 12; round++) {
    pid_t child = fork ();
    int status;

    if (child == 0)
      put_until_killed (fixture, round);
    g_usleep ((gulong) g_test_rand_int_range (2000, 25000));
    kill (child, SIGKILL);
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status));
  }
  names = tessera_folder_carrier_list (fixture->carrier, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < names->len; i++) {
    g_autoptr (GBytes) file
      = tessera_folder_carrier_fetch (fixture->carrier, g_ptr_array_index (names, i), &error);

    g_assert_no_error (error);
  }
  put_many (fixture->folder);
  assert_listed (fixture, names->len + 20);
}

/* What a dead writer left goes after a day; what a living one is at stays, and so does all that is not
 * ours. */
static void
test_old_parts (Fixture *fixture, gconstpointer data) {
  static const char *const names[] = { "up-0123456789abcdef.part", "up-fedcba9876543210.part", "thesis.part",
                                       "up-0123456789abcdef.parts" };
  const struct timespec long_ago[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
  g_autoptr (GBytes) file = make_file (15, 10);
  g_autofree char *name = NULL;
  int folder = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    write_raw (fixture, names[i], file, 10);
    if (i != 1)
      g_assert_cmpint (utimensat (folder, names[i], long_ago, 0), ==, 0);
  }
  close (folder);
  name = put (fixture, file);
  g_assert_cmpuint (count_entries (fixture->folder), ==, G_N_ELEMENTS (names));
  g_assert_false (tessera_carrier_is_part ("up-"));
  g_assert_false (tessera_carrier_is_part ("x"));
}

static void
test_export (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "guide.pdf", NULL);
  g_autofree char *link_path = g_build_filename (fixture->folder, "link", NULL);
  g_autofree char *under_file = g_build_filename (path, "x", NULL);
  g_autoptr (GBytes) first = make_file (16, 1000);
  g_autoptr (GBytes) second = make_file (17, 500);
  const char *const unsafe[] = { link_path, fixture->folder, "/dev/null" };
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_assert_true (tessera_carrier_write_file (path, first, &error));
  g_assert_true (tessera_carrier_write_file (path, second, &error));
  g_assert_true (g_file_get_contents (path, &content, &size, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (content, size, g_bytes_get_data (second, NULL), g_bytes_get_size (second));
  g_assert_cmpint (symlink ("guide.pdf", link_path), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (unsafe); i++) {
    g_assert_false (tessera_carrier_write_file (unsafe[i], first, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
    g_clear_error (&error);
  }
  g_assert_false (tessera_carrier_write_file (under_file, first, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 2);
}

#define add(path, func) g_test_add ("/carrier/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  add ("round", test_round);
  add ("foreign-names", test_foreign_names);
  add ("climbing-names", test_climbing_names);
  add ("half-written", test_half_written);
  add ("links", test_links);
  add ("too-large", test_too_large);
  add ("missing-folder", test_missing_folder);
  add ("read-only", test_read_only);
  add ("full-drive", test_full_drive);
  g_test_add_func ("/carrier/full-device", test_full_device);
  add ("rename-ways", test_rename_ways);
  add ("concurrent", test_concurrent);
  add ("killed", test_killed);
  add ("old-parts", test_old_parts);
  add ("export", test_export);
  return g_test_run ();
}
