/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-folder-carrier.c: a folder that others write to, drives that are full or protected, and dying while
 * writing.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carrier-fixture.h"
#include "tessera-carrier-private.h"
#include "tessera-durable-file.h"
#include "tessera-folder-carrier.h"

#define NOBODY 65534

typedef struct {
  char *ours;    /* private files */
  char *folder;  /* what was chosen */
  char *mailbox; /* where the files are in it */
  TesseraCarrier *carrier;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  fixture->ours = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->mailbox = g_build_filename (fixture->folder, TESSERA_CARRIER_ROOT, CARRIER_MAILBOX, NULL);
  fixture->carrier = TESSERA_CARRIER (tessera_folder_carrier_new (fixture->folder, carrier_check_name));
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  g_assert_finalize_object (fixture->carrier);
  carrier_remove_folder (fixture->folder);
  carrier_remove_folder (fixture->ours);
  g_free (fixture->mailbox);
  g_free (fixture->folder);
  g_free (fixture->ours);
}

/* What somebody else left in the mailbox. */
static void
write_raw (Fixture *fixture, const char *name, GBytes *content, gsize size) {
  g_autofree char *path = g_build_filename (fixture->mailbox, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (fixture->mailbox, 0700), ==, 0);
  g_file_set_contents (path, g_bytes_get_data (content, NULL), (gssize) size, &error);
  g_assert_no_error (error);
}

static void
assert_put_fails (Fixture *fixture, const char *name, const char *path, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_false (
    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, name, path, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, code);
}

static void
assert_remove_fails (Fixture *fixture, const char *name, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, name, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, code);
}

static void
test_round (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 1, 700000);
  g_autoptr (CarrierFile) empty = carrier_file_new (fixture->ours, 1, 0);
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_carrier_check (fixture->carrier, NULL, &error));
  carrier_assert_listed (fixture->carrier, 0);
  g_assert_cmpuint (carrier_count_entries (fixture->folder), ==, 0);
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_put (fixture->carrier, empty);
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_listed (fixture->carrier, 2);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 2);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  carrier_assert_fetches (fixture->carrier, empty, fixture->ours);
  g_assert_true (tessera_carrier_flush (fixture->carrier, NULL, &error));
  g_assert_true (tessera_carrier_check (fixture->carrier, NULL, &error));
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_MAILBOX, file->name, NULL, &error));
  g_assert_true (tessera_carrier_remove (fixture->carrier, CARRIER_OTHER_MAILBOX, file->name, NULL, &error));
  g_assert_no_error (error);
  carrier_assert_listed (fixture->carrier, 1);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_FOUND);
}

/* What sync clients, file managers and people leave in a folder. */
static void
test_foreign_names (Fixture *fixture, gconstpointer data) {
  static const char *const patterns[] = {
    ".syncthing.%s.tmp", "~syncthing~%s.tmp", ".%s.1a2B3c", "%s.part", "%s~", "Copy of %s",
    "%s (conflicted copy)", "%s (conflicted copy 2026-11-21 093000).age", "~$%s",
    "a%s", "%sx", ".up-%s", "%s.sync-conflict-20261121-093000-ABCDEFG.age",
  };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 2, 100);
  g_autofree char *upper = g_ascii_strup (file->name, -1);
  g_autofree char *digit = g_strdup (file->name);
  guint before;

  carrier_assert_put (fixture->carrier, file);
  digit[5] = '1';
  write_raw (fixture, upper, file->content, 100);
  write_raw (fixture, digit, file->content, 100);
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++) {
    g_auto (GStrv) halves = g_strsplit (patterns[i], "%s", 2);
    g_autofree char *foreign = g_strconcat (halves[0], file->name, halves[1], NULL);

    g_assert_false (tessera_carrier_is_name (foreign));
    write_raw (fixture, foreign, file->content, 100);
    carrier_assert_refuses (fixture->carrier, foreign, fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
  }
  before = carrier_count_entries (fixture->mailbox);
  carrier_assert_listed (fixture->carrier, 1);
  carrier_assert_put (fixture->carrier, file);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, before);
}

static void
test_climbing_names (Fixture *fixture, gconstpointer data) {
  static const char *const names[] = {
    "", ".", "..", "../x.age", "/etc/passwd", "a/b.age", ".age", "\xff\xfe",
    "../aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ag/",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age\n",
  };
  static const char *const mailboxes[] = { "", ".", "..", "../aaaaaaaaaaaaaaaaaaaaaaa", "abcdefghijklmnopqrstuvwxy",
                                           "abcdefghijklmnopqrstuvwxyzz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 3, 10);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    carrier_assert_refuses (fixture->carrier, names[i], fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
    assert_put_fails (fixture, names[i], file->path, TESSERA_CARRIER_ERROR_UNSAFE);
    assert_remove_fails (fixture, names[i], TESSERA_CARRIER_ERROR_UNSAFE);
  }
  for (guint i = 0; i < G_N_ELEMENTS (mailboxes); i++) {
    g_autoptr (GError) list_error = NULL;
    g_autoptr (GError) put_error = NULL;

    g_assert_null (tessera_carrier_list (fixture->carrier, mailboxes[i], NULL, &list_error));
    g_assert_error (list_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
    g_assert_false (tessera_carrier_put (fixture->carrier, mailboxes[i], file->name, file->path, NULL, NULL,
                                         NULL, &put_error));
    g_assert_error (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
  }
  g_assert_cmpuint (carrier_count_entries (fixture->folder), ==, 0);
}

static void
test_half_written (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 4, 5000);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 5, 5000);

  write_raw (fixture, file->name, file->content, 4096);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  write_raw (fixture, file->name, other->content, 5000);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  carrier_assert_put (fixture->carrier, file);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 1);
  assert_put_fails (fixture, file->name, other->path, TESSERA_CARRIER_ERROR_NOT_COMPLETE);
  assert_put_fails (fixture, file->name, "/nowhere/at/all", TESSERA_CARRIER_ERROR_NOT_FOUND);
  carrier_assert_fetches (fixture->carrier, file, fixture->ours);
}

/* A fetch that was interrupted goes on where it was; what is of another file, or longer, is no beginning. */
static void
test_resumed (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 18, 600000);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 19, 700000);
  g_autofree char *part = g_build_filename (fixture->ours, "fetched.part", NULL);
  const struct {
    CarrierFile *of;
    gsize size;
  } beginnings[] = { { file, 300000 }, { file, 600000 }, { other, 300000 }, { other, 700000 } };

  carrier_assert_put (fixture->carrier, file);
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++) {
    g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
    g_autofree char *content = NULL;
    gsize size;

    g_assert_true (g_file_set_contents (part, g_bytes_get_data (beginnings[i].of->content, NULL),
                                        (gssize) beginnings[i].size, NULL));
    g_assert_true (
      tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, NULL));
    g_assert_true (g_file_get_contents (path, &content, &size, NULL));
    g_assert_cmpmem (content, size, g_bytes_get_data (file->content, NULL), 600000);
    g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  }
}

static void
stop_half_way (gint64 done, gint64 total, gpointer data) {
  g_assert_cmpint (done, <=, total);
  if (done > total / 2)
    g_cancellable_cancel (data);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 20, 3000000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, stop_half_way,
                                       cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 0);
  carrier_assert_put (fixture->carrier, file);
  g_cancellable_reset (cancellable);
  g_assert_false (tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, stop_half_way,
                                         cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (
    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, NULL));
}

static void
assert_left_alone (Fixture *fixture, CarrierFile *file) {
  guint before = carrier_count_entries (fixture->mailbox);

  carrier_assert_listed (fixture->carrier, 0);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
  assert_put_fails (fixture, file->name, file->path, TESSERA_CARRIER_ERROR_UNSAFE);
  assert_remove_fails (fixture, file->name, TESSERA_CARRIER_ERROR_UNSAFE);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, before);
}

/* A link to the right content, links to nowhere and to outside, a folder and a pipe under a good name. */
static void
test_links (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 6, 100);
  g_autofree char *path = g_build_filename (fixture->mailbox, file->name, NULL);
  g_autofree char *outside = g_build_filename (fixture->mailbox, "outside", NULL);
  g_autofree char *content = NULL;

  write_raw (fixture, "outside", file->content, 100);
  g_assert_cmpint (symlink ("outside", path), ==, 0);
  assert_left_alone (fixture, file);
  g_remove (path);
  g_assert_cmpint (symlink ("/nowhere/at/all", path), ==, 0);
  assert_left_alone (fixture, file);
  g_remove (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  assert_left_alone (fixture, file);
  g_remove (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_left_alone (fixture, file);
  g_assert_true (g_file_get_contents (outside, &content, NULL, NULL));
}

/* The root or the mailbox itself is a link to somewhere else, or a file. */
static void
test_linked_mailbox (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 21, 100);
  g_autofree char *elsewhere = g_build_filename (fixture->ours, "elsewhere", NULL);
  g_autofree char *root = g_build_filename (fixture->folder, TESSERA_CARRIER_ROOT, NULL);
  const char *const places[] = { root, fixture->mailbox };

  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (places); i++) {
    const char *place = places[i / 2];
    g_autoptr (GError) error = NULL;

    if (i % 2 == 0)
      g_assert_cmpint (symlink (elsewhere, place), ==, 0);
    else
      g_assert_true (g_file_set_contents (place, "", 0, NULL));
    assert_put_fails (fixture, file->name, file->path, TESSERA_CARRIER_ERROR_UNSAFE);
    assert_remove_fails (fixture, file->name, TESSERA_CARRIER_ERROR_UNSAFE);
    carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
    g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error));
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE);
    if (place == root)
      g_assert_false (tessera_carrier_check (fixture->carrier, NULL, NULL));
    g_assert_cmpint (g_remove (place), ==, 0);
    if (i == 1)
      g_assert_cmpint (g_mkdir (root, 0700), ==, 0);
  }
  g_assert_cmpuint (carrier_count_entries (elsewhere), ==, 0);
}

static void
test_too_large (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 7, 10);
  g_autofree char *path = g_build_filename (fixture->mailbox, file->name, NULL);

  write_raw (fixture, file->name, file->content, 10);
  g_assert_cmpint (truncate (path, (off_t) TESSERA_CARRIER_SIZE_LIMIT + 1), ==, 0);
  carrier_assert_listed (fixture->carrier, 0);
  carrier_assert_refuses (fixture->carrier, file->name, fixture->ours, TESSERA_CARRIER_ERROR_UNSAFE);
  g_assert_cmpint (truncate (file->path, (off_t) TESSERA_CARRIER_SIZE_LIMIT + 1), ==, 0);
  assert_put_fails (fixture, file->name, file->path, TESSERA_CARRIER_ERROR_UNSAFE);
}

static void
test_many (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;

  for (guint i = 0; i < 10000; i++) {
    char name[TESSERA_CARRIER_NAME_LENGTH + 1] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age";
    g_autofree char *path = NULL;
    int descriptor;

    for (guint rest = i, at = 0; rest > 0; rest /= 26, at++)
      name[at] = (char) ('a' + rest % 26);
    path = g_build_filename (fixture->mailbox, name, NULL);
    if (i == 0)
      g_assert_cmpint (g_mkdir_with_parents (fixture->mailbox, 0700), ==, 0);
    descriptor = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    g_assert_cmpint (descriptor, >=, 0);
    close (descriptor);
  }
  g_test_timer_start ();
  items = tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (g_test_timer_elapsed (), <, 2.0);
  g_assert_cmpuint (items->len, ==, 10000);
  for (guint i = 1; i < items->len; i++)
    g_assert_cmpstr (((TesseraCarrierItem *) g_ptr_array_index (items, i - 1))->name, <,
                     ((TesseraCarrierItem *) g_ptr_array_index (items, i))->name);
}

static void
test_missing_folder (Fixture *fixture, gconstpointer data) {
  g_autofree char *nowhere = g_build_filename (fixture->folder, "not", "there", NULL);
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 8, 10);
  g_autoptr (GError) list_error = NULL;
  g_autoptr (GError) check_error = NULL;

  g_object_unref (fixture->carrier);
  fixture->carrier = TESSERA_CARRIER (tessera_folder_carrier_new (nowhere, carrier_check_name));
  g_assert_null (tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &list_error));
  g_assert_error (list_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_true (tessera_carrier_error_is_temporary (list_error));
  g_assert_cmpuint (tessera_carrier_error_get_retry_after (list_error), ==, 0);
  g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &check_error));
  g_assert_error (check_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND);
  assert_put_fails (fixture, file->name, file->path, TESSERA_CARRIER_ERROR_NOT_FOUND);
  assert_remove_fails (fixture, file->name, TESSERA_CARRIER_ERROR_NOT_FOUND);
  g_assert_cmpuint (carrier_count_entries (fixture->folder), ==, 0);
}

/* The administrator may write anywhere, so the test becomes somebody who may not. */
static void
test_read_only (Fixture *fixture, gconstpointer data) {
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 9, 10);
  g_autoptr (CarrierFile) other = carrier_file_new (fixture->ours, 10, 10);
  const char *const places[] = { fixture->mailbox, fixture->folder };
  g_autofree char *root = g_build_filename (fixture->folder, TESSERA_CARRIER_ROOT, NULL);
  gboolean is_root = geteuid () == 0;

  g_assert_cmpint (g_chmod (fixture->ours, 0755), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (GError) check_error = NULL;

    if (i == 0)
      carrier_assert_put (fixture->carrier, file);
    else
      carrier_remove_folder (root);
    g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
    g_assert_cmpint (g_chmod (places[i], 0555), ==, 0);
    if (is_root)
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
    assert_put_fails (fixture, other->name, other->path, TESSERA_CARRIER_ERROR_READ_ONLY);
    if (i == 0)
      assert_remove_fails (fixture, file->name, TESSERA_CARRIER_ERROR_READ_ONLY);
    else
      g_assert_false (tessera_carrier_check (fixture->carrier, NULL, &check_error));
    if (is_root)
      g_assert_cmpint (seteuid (0), ==, 0);
    g_chmod (places[i], 0700);
    if (i == 0)
      carrier_assert_fetches (fixture->carrier, file, fixture->ours);
    else
      g_assert_error (check_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_READ_ONLY);
  }
}

static void
fill_drive (Fixture *fixture) {
  g_autofree char *path = g_build_filename (fixture->folder, "filler", NULL);
  int descriptor = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  while (write (descriptor, path, 1) == 1)
    ;
  close (descriptor);
}

static void
count_calls (gint64 done, gint64 total, gpointer data) {
  ++*(guint *) data;
}

/* In a child with a drive of its own: 0 as expected, 1 not, 77 when such a drive cannot be had here. */
static int
fill_small_drive (Fixture *fixture) {
  g_autoptr (CarrierFile) large = carrier_file_new (fixture->ours, 11, 512 * 1024);
  g_autoptr (CarrierFile) small = carrier_file_new (fixture->ours, 12, 100);
  g_autofree char *path = g_build_filename (fixture->folder, "export", NULL);
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) write_error = NULL;

  guint calls = 0;
  int bad;

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", fixture->folder, "tmpfs", 0, "size=192k") != 0)
    return 77;
  bad = tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, large->name, large->path, count_calls, &calls, NULL,
                             &put_error)
        || calls != 0
         || !g_error_matches (put_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL)
         || carrier_count_entries (fixture->mailbox) != 0
         || tessera_carrier_write_file (path, large->content, &write_error)
         || !g_error_matches (write_error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL)
         || carrier_count_entries (fixture->folder) != 1
         || !tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, small->name, small->path, NULL, NULL, NULL,
                                  NULL);
  /* What is there needs no room. */
  fill_drive (fixture);
  return bad
         || !tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, small->name, small->path, NULL, NULL, NULL,
                                  NULL);
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
  int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);

  if (full < 0) {
    g_test_skip ("there is no /dev/full here");
    return;
  }
  g_assert_cmpint (tessera_carrier_write_all (full, "0123456789", 10), ==, ENOSPC);
  close (full);
}

static void
test_rename_ways (Fixture *fixture, gconstpointer data) {
  g_autoptr (GBytes) content = carrier_make_content (14, 10);
  int folder;

  write_raw (fixture, "from", content, 10);
  folder = open (fixture->mailbox, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (TesseraRenameWay way = TESSERA_RENAME_ATOMIC; way <= TESSERA_RENAME_LOOK; way++) {
    write_raw (fixture, "from", content, 10);
    g_assert_cmpint (tessera_carrier_rename_new (folder, "from", "to", way), ==, 0);
    g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 1);
    write_raw (fixture, "from", content, 10);
    g_assert_cmpint (tessera_carrier_rename_new (folder, "from", "to", way), ==, EEXIST);
    g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 2);
    unlinkat (folder, "to", 0);
  }
  close (folder);
}

static void
put_many (const char *ours, const char *folder) {
  g_autoptr (TesseraFolderCarrier) carrier = tessera_folder_carrier_new (folder, carrier_check_name);

  for (guint i = 0; i < 20; i++) {
    g_autoptr (CarrierFile) file = carrier_file_new (ours, 100 + i, 30000);

    carrier_assert_put (TESSERA_CARRIER (carrier), file);
  }
}

static gpointer
put_many_in_thread (gpointer data) {
  g_autofree char *ours = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);

  put_many (ours, data);
  carrier_remove_folder (ours);
  return NULL;
}

static void
test_concurrent (Fixture *fixture, gconstpointer data) {
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("put", put_many_in_thread, fixture->folder);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  carrier_assert_listed (fixture->carrier, 20);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, 20);
}

static void
put_until_killed (Fixture *fixture, guint round) {
  for (guint i = 0;; i++) {
    g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, round * 1000 + i, 300000);

    tessera_carrier_put (fixture->carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, NULL);
  }
}

/* Whenever a writer dies, every listed file is whole, and others go on. */
static void
test_killed (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->ours, "fetched", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;

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
  items = tessera_carrier_list (fixture->carrier, CARRIER_MAILBOX, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++) {
    TesseraCarrierItem *item = g_ptr_array_index (items, i);

    tessera_carrier_fetch (fixture->carrier, CARRIER_MAILBOX, item->name, path, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
  }
  put_many (fixture->ours, fixture->folder);
  carrier_assert_listed (fixture->carrier, items->len + 20);
}

/* What a dead writer left goes after a day; what a living one is at stays, and so does all that is not
 * ours. */
static void
test_old_parts (Fixture *fixture, gconstpointer data) {
  static const char *const names[] = { "up-0123456789abcdef.part", "up-fedcba9876543210.part", "thesis.part",
                                       "up-0123456789abcdef.parts" };
  const struct timespec long_ago[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
  g_autoptr (CarrierFile) file = carrier_file_new (fixture->ours, 15, 10);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (fixture->mailbox, names[i], NULL);

    write_raw (fixture, names[i], file->content, 10);
    if (i != 1)
      g_assert_cmpint (utimensat (AT_FDCWD, path, long_ago, 0), ==, 0);
  }
  carrier_assert_put (fixture->carrier, file);
  g_assert_cmpuint (carrier_count_entries (fixture->mailbox), ==, G_N_ELEMENTS (names));
  g_assert_false (tessera_carrier_is_part ("up-"));
  g_assert_false (tessera_carrier_is_part ("x"));
}

static void
test_export (Fixture *fixture, gconstpointer data) {
  g_autofree char *path = g_build_filename (fixture->folder, "guide.pdf", NULL);
  g_autofree char *link_path = g_build_filename (fixture->folder, "link", NULL);
  g_autofree char *under_file = g_build_filename (path, "x", NULL);
  g_autoptr (GBytes) first = carrier_make_content (16, 1000);
  g_autoptr (GBytes) second = carrier_make_content (17, 500);
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
  g_assert_cmpuint (carrier_count_entries (fixture->folder), ==, 2);
}

#define add(path, func) g_test_add ("/carrier/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  add ("round", test_round);
  add ("foreign-names", test_foreign_names);
  add ("climbing-names", test_climbing_names);
  add ("half-written", test_half_written);
  add ("resumed", test_resumed);
  add ("cancelled", test_cancelled);
  add ("links", test_links);
  add ("linked-mailbox", test_linked_mailbox);
  add ("too-large", test_too_large);
  add ("many", test_many);
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
