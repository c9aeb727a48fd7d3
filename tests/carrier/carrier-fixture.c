/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * carrier-fixture.c: see carrier-fixture.h.
 */
#include "carrier-fixture.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>

static char *
name_checksum (GChecksum *checksum) {
  static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
  GString *name = g_string_new (NULL);
  guint8 hash[33] = { 0 };
  gsize size = 32;

  g_checksum_get_digest (checksum, hash, &size);
  for (guint bit = 0; bit < 256; bit += 5) {
    guint pair = (guint) hash[bit / 8] << 8 | hash[bit / 8 + 1];

    g_string_append_c (name, digits[pair >> (11 - bit % 8) & 31]);
  }
  g_string_append (name, ".age");
  return g_string_free (name, FALSE);
}

char *
carrier_name_content (GBytes *content) {
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, g_bytes_get_data (content, NULL), (gssize) g_bytes_get_size (content));
  return name_checksum (checksum);
}

gboolean
carrier_check_name (const char *name, GInputStream *source, GError **error) {
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *block = g_malloc (65536);
  g_autofree char *expected = NULL;
  gssize size;

  while ((size = g_input_stream_read (source, block, 65536, NULL, error)) > 0)
    g_checksum_update (checksum, block, size);
  expected = name_checksum (checksum);
  if (size == 0 && strcmp (expected, name) == 0)
    return TRUE;
  if (size == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the name is another");
  return FALSE;
}

GBytes *
carrier_make_content (guint seed, gsize size) {
  guint8 *content = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    content[i] = (guint8) (i * 31 + seed * 7 + (i >> 8));
  if (size >= sizeof seed)
    memcpy (content, &seed, sizeof seed);
  return g_bytes_new_take (content, size);
}

CarrierFile *
carrier_file_new (const char *folder, guint seed, gsize size) {
  CarrierFile *self = g_new (CarrierFile, 1);
  g_autofree char *base = g_strdup_printf ("%u-%" G_GSIZE_FORMAT, seed, size);
  g_autoptr (GError) error = NULL;

  self->content = carrier_make_content (seed, size);
  self->name = carrier_name_content (self->content);
  self->path = g_build_filename (folder, base, NULL);
  g_file_set_contents (self->path, g_bytes_get_data (self->content, NULL), (gssize) size, &error);
  g_assert_no_error (error);
  return self;
}

void
carrier_file_free (CarrierFile *self) {
  g_bytes_unref (self->content);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

static int
remove_entry (const char *path, const struct stat *information, int kind, struct FTW *place) {
  return g_remove (path);
}

void
carrier_remove_folder (const char *folder) {
  nftw (folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

guint
carrier_count_entries (const char *folder) {
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  guint count = 0;

  while (entries != NULL && g_dir_read_name (entries) != NULL)
    count++;
  return count;
}

void
carrier_assert_put (TesseraCarrier *carrier, CarrierFile *file) {
  g_autoptr (GError) error = NULL;
  gboolean done = tessera_carrier_put (carrier, CARRIER_MAILBOX, file->name, file->path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (done);
}

void
carrier_assert_fetches (TesseraCarrier *carrier, CarrierFile *file, const char *folder) {
  g_autofree char *path = g_build_filename (folder, "fetched", NULL);
  guint before = carrier_count_entries (folder);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  GStatBuf status;
  gsize size;

  tessera_carrier_fetch (carrier, CARRIER_MAILBOX, file->name, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &content, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (content, size, g_bytes_get_data (file->content, NULL), g_bytes_get_size (file->content));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpuint (carrier_count_entries (folder), ==, before + 1);
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
carrier_assert_refuses (TesseraCarrier *carrier, const char *name, const char *folder, int code) {
  g_autofree char *path = g_build_filename (folder, "fetched", NULL);
  guint before = carrier_count_entries (folder);
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_carrier_fetch (carrier, CARRIER_MAILBOX, name, path, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CARRIER_ERROR, code);
  g_assert_cmpuint (carrier_count_entries (folder), ==, before);
}

void
carrier_assert_listed (TesseraCarrier *carrier, guint expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = tessera_carrier_list (carrier, CARRIER_MAILBOX, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, expected);
}
