/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-bundle.c: bundles against the stock programs on the same bytes, in one run.
 *
 *   bench-bundle [MEBIBYTES]   default 100
 *
 * What is compared runs in turn, so that the ratio holds when the machine's speed drifts; every figure is the median.
 * Bytes that do not compress are sealed by us (checked, hashed, signed, written under their carrier name) and by
 * `minisign -S` and `age`, which leave out the hashes; then by the stock programs with everything that
 * docs/bundle-format.md asks for. Reading lines is measured against `age -d | tar xO | zstd -d`.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "exchange-fixture.h"
#include "tessera-bundle-writer.h"
#include "tessera-fixture.h"
#include "tessera-outbox.h"
#include "tessera-strict-json.h"

#define ROUNDS 5
#define MIB (1 << 20)
#define N_LINES 111000
#define LINE_SIZE 604

typedef struct {
  char *folder;
  char *name;
  gsize size;
  GString *lines;
  gboolean keep;
} Bench;

static void
run (Bench *self, const char *command) {
  const char *arguments[] = { "sh", "-ec", command, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (self->folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static void
put (Bench *self, const char *name, gconstpointer data, gsize size) {
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
prepare (Bench *self) {
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (TesseraSecret) text = tessera_age_key_to_text (reader);
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  g_autofree char *recipient = NULL;
  g_autofree guint8 *noise = g_malloc (self->size);
  guint64 state = 88172645463325252;

  for (gsize i = 0; i + 8 <= self->size; i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy (noise + i, &state, 8);
  }
  put (self, "blob", noise, self->size);
  tessera_age_key_get_public (reader, public_key);
  recipient = tessera_age_public_key_to_text (public_key);
  put (self, "reader.pub", recipient, strlen (recipient));
  put (self, "reader.key", tessera_secret_get_data (text), tessera_secret_get_size (text));
  run (self, "minisign -G -W -f -p m.pub -s m.key");

  self->lines = g_string_new (NULL);
  for (guint i = 0; i < N_LINES; i++) {
    gsize start = self->lines->len;

    g_string_append_printf (self->lines, "{\"n\":%u,\"t\":\"0123456789abcdef\",\"k\":\"put\",\"e\":\"client\",\"i\":"
                            "\"01a20086-4aa8-7136-9cfe-%012x\",\"v\":1,\"f\":{\"name\":\"Sample %u\",\"languages\":"
                            "[\"ar\",\"fr\"],\"household_size\":%u,\"note\":\"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 ",
                            i, i * 2654435761u, i, i % 9);
    while (self->lines->len - start < LINE_SIZE - 5)
      g_string_append_printf (self->lines, "word%u ", (i * 7919u + (guint) self->lines->len) % 5000);
    g_string_append (self->lines, "\"}}\n");
  }
}

static TesseraBundleWriter *
new_writer (Bench *self) {
  g_autoptr (GError) error = NULL;
  TesseraBundleWriter *writer = tessera_bundle_writer_new (self->folder, &error);

  g_assert_no_error (error);
  return writer;
}

/* Kept only when it is to be read: the stock programs do not sync either. */
static void
finish (Bench *self, TesseraBundleWriter *writer) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GOutputStream) output = tessera_outbox_begin (self->folder, &error);
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  const TesseraBundleSeal seal = { .comment = FIXTURE_COMMENT, .key = key, .public_keys = public_key,
                                   .n_public_keys = 1 };

  tessera_age_key_get_public (reader, public_key);
  g_free (self->name);
  tessera_bundle_writer_finish (writer, manifest, &seal, output, &self->name, NULL, &error);
  g_assert_no_error (error);
  if (self->keep)
    g_assert_true (tessera_outbox_commit (output, "kept.age", &error));
  else
    g_assert_true (g_output_stream_close (output, NULL, NULL));
}

static void
seal_blob (Bench *self) {
  g_autoptr (TesseraBundleWriter) writer = new_writer (self);
  g_autofree char *path = g_build_filename (self->folder, "blob", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, NULL);

  g_assert_true (tessera_bundle_writer_add_blob (writer, G_INPUT_STREAM (input), NULL, NULL));
  finish (self, writer);
}

static void
seal_blob_stock (Bench *self) {
  run (self, "minisign -S -W -s m.key -m blob; age -R reader.pub -o stock.age blob");
}

static void
seal_blob_by_hand (Bench *self) {
  run (self, "b2sum blob; b2sum -l 256 blob; echo manifest > m; minisign -S -W -s m.key -m m;"
             " tar c --format=ustar m m.minisig blob | age -R reader.pub > hand.age; b2sum -l 256 hand.age");
}

static void
check_lines (Bench *self) {
  const char *line = self->lines->str;
  const char *end;

  for (; (end = strchr (line, '\n')); line = end + 1)
    g_assert_true (tessera_strict_json_check (line, end - line));
}

static void
seal_lines (Bench *self) {
  g_autoptr (TesseraBundleWriter) writer = new_writer (self);
  const char *line = self->lines->str;
  const char *end;

  for (; (end = strchr (line, '\n')); line = end + 1)
    g_assert_true (tessera_bundle_writer_add_line (writer, line, end - line, NULL));
  finish (self, writer);
}

static void
compress_stock (Bench *self) {
  run (self, "zstd -3 -q -f -o lines.zst lines");
}

static void
read_kept (Bench *self) {
  g_autofree char *path = g_build_filename (self->folder, "kept.age", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) source = g_file_read (file, NULL, NULL);
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBundle) bundle = tessera_bundle_open (G_INPUT_STREAM (source), keys, 1, &fixture_trust, &error);

  g_assert_no_error (error);
  tessera_bundle_read (bundle, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
read_lines_stock (Bench *self) {
  run (self, "age -d -i reader.key kept.age | tar xO data.ndjson.zst | zstd -d -q > opened");
}

static void
read_blob_stock (Bench *self) {
  run (self, "age -d -i reader.key kept.age | tar xO --wildcards 'blob/*' > opened; b2sum opened;"
             " minisign -V -p m.pub -m blob");
}

/* ---- figures ---- */

typedef void (*Task) (Bench *self);

static int
compare (gconstpointer a, gconstpointer b) {
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

static void
measure (Bench *self, const Task *tasks, guint n_tasks, double *medians) {
  double seconds[4][ROUNDS];

  for (guint round = 0; round < ROUNDS; round++) {
    for (guint i = 0; i < n_tasks; i++) {
      gint64 start = g_get_monotonic_time ();

      tasks[i] (self);
      seconds[i][round] = (g_get_monotonic_time () - start) / 1e6;
      run (self, "rm -f stock.age hand.age lines.zst opened");
    }
  }
  for (guint i = 0; i < n_tasks; i++) {
    qsort (seconds[i], ROUNDS, sizeof (double), compare);
    medians[i] = seconds[i][ROUNDS / 2];
  }
}

static void
measure_blob (Bench *self) {
  static const Task tasks[] = { seal_blob, seal_blob_stock, seal_blob_by_hand };
  double s[3];

  measure (self, tasks, 3, s);
  g_print ("seal %.0f MiB that do not compress: %.3f s; age and minisign %.3f s, ratio %.2f; the whole format by hand "
           "%.3f s, ratio %.2f\n", self->size / (double) MIB, s[0], s[1], s[0] / s[1], s[2], s[0] / s[2]);
}

static void
measure_reading_blob (Bench *self) {
  static const Task tasks[] = { read_kept, read_blob_stock };
  double s[2];

  self->keep = TRUE;
  seal_blob (self);
  self->keep = FALSE;
  measure (self, tasks, 2, s);
  g_print ("read them, everything checked before and again: %.3f s; age, tar, b2sum, minisign %.3f s, ratio %.2f\n",
           s[0], s[1], s[0] / s[1]);
}

static void
measure_lines (Bench *self) {
  static const Task check[] = { check_lines };
  static const Task seal[] = { seal_lines, compress_stock };
  static const Task read[] = { read_kept, read_lines_stock };
  double s[2];

  put (self, "lines", self->lines->str, self->lines->len);
  measure (self, check, 1, s);
  g_print ("check %d lines, %.1f MB: %.3f s\n", N_LINES, self->lines->len / 1e6, s[0]);
  measure (self, seal, 2, s);
  g_print ("seal them: %.3f s; zstd -3 alone %.3f s\n", s[0], s[1]);
  self->keep = TRUE;
  seal_lines (self);
  self->keep = FALSE;
  measure (self, read, 2, s);
  g_print ("read them: %.3f s; age | tar | zstd %.3f s, ratio %.2f\n", s[0], s[1], s[0] / s[1]);
}

/* What the allocator gave out at most while 200 MB of lines went through. */
static void
measure_memory (Bench *self) {
  g_autoptr (TesseraBundleWriter) writer = NULL;
  struct mallinfo2 before = mallinfo2 ();
  gsize most = 0;

  writer = new_writer (self);
  while (tessera_bundle_writer_get_raw (writer) < 200000000) {
    const char *line = self->lines->str;
    const char *end;
    struct mallinfo2 now;

    for (; (end = strchr (line, '\n')); line = end + 1)
      g_assert_true (tessera_bundle_writer_add_line (writer, line, end - line, NULL));
    now = mallinfo2 ();
    most = MAX (most, now.uordblks + now.hblkhd - before.uordblks - before.hblkhd);
  }
  finish (self, writer);
  g_print ("memory for 200 MB of lines: %.1f MiB\n", most / (double) MIB);
}

int
main (int argc, char *argv[]) {
  Bench self = { .size = (gsize) (argc > 1 ? atoi (argv[1]) : 100) * MIB };

  self.folder = fixture_make_folder ();
  prepare (&self);
  measure_memory (&self);
  measure_blob (&self);
  measure_reading_blob (&self);
  measure_lines (&self);
  fixture_remove_folder (self.folder);
  g_string_free (self.lines, TRUE);
  g_free (self.folder);
  g_free (self.name);
  return 0;
}
