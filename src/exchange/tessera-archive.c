/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-archive.c: ustar members of one fixed shape. Layout: POSIX.1-2017, pax, "ustar Interchange Format".
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-archive.h"

#define BLOCK TESSERA_ARCHIVE_BLOCK_SIZE
#define NAME_AT 0
#define MODE_AT 100
#define OWNER_AT 108
#define GROUP_AT 116
#define SIZE_AT 124
#define SIZE_DIGITS 11
#define TIME_AT 136
#define SUM_AT 148
#define KIND_AT 156
#define MAGIC_AT 257
#define DEVICE_MAJOR_AT 329
#define DEVICE_MINOR_AT 337

struct _TesseraArchiveWriter {
  TesseraArchiveSink sink;
  gpointer user_data;
  guint64 left;  /* bytes of the current member not written yet */
  guint filling; /* zero bytes to come behind them */
};

struct _TesseraArchiveReader {
  GInputStream *input;
  char name[TESSERA_ARCHIVE_MAX_NAME + 1];
  guint64 left;    /* bytes of the current member not read yet */
  guint filling;   /* zero bytes behind them */
  gboolean ended;
};

static guint
filling_of (guint64 size)
{
  return (BLOCK - size % BLOCK) % BLOCK;
}

guint64
tessera_archive_member_space (guint64 size)
{
  return BLOCK + size + filling_of (size);
}

static void
write_octal (guint8 *field, guint digits, guint64 number)
{
  for (guint i = digits; i > 0; i--) {
    field[i - 1] = '0' + (number & 7);
    number >>= 3;
  }
}

/* The only header a member of this name and size may have. */
static void
make_header (guint8 *header, const char *name, guint64 size)
{
  guint sum = 0;

  memset (header, 0, BLOCK);
  memcpy (header + NAME_AT, name, strlen (name));
  write_octal (header + MODE_AT, 7, 0600);
  write_octal (header + OWNER_AT, 7, 0);
  write_octal (header + GROUP_AT, 7, 0);
  write_octal (header + SIZE_AT, SIZE_DIGITS, size);
  write_octal (header + TIME_AT, 11, 0);
  header[KIND_AT] = '0';
  memcpy (header + MAGIC_AT, "ustar\00000", 8);
  write_octal (header + DEVICE_MAJOR_AT, 7, 0);
  write_octal (header + DEVICE_MINOR_AT, 7, 0);

  /* The sum is taken as if its own field held spaces. */
  memset (header + SUM_AT, ' ', 8);
  for (guint i = 0; i < BLOCK; i++)
    sum += header[i];
  write_octal (header + SUM_AT, 6, sum);
  header[SUM_AT + 6] = '\0';
}

/* ---- writing ---- */

TesseraArchiveWriter *
tessera_archive_writer_new (TesseraArchiveSink sink, gpointer user_data)
{
  TesseraArchiveWriter *self = g_new0 (TesseraArchiveWriter, 1);

  self->sink = sink;
  self->user_data = user_data;

  return self;
}

static gboolean
write_zeros (TesseraArchiveWriter *self, guint n, GError **error)
{
  static const guint8 zeros[TESSERA_ARCHIVE_END_SIZE] = { 0 };

  return n == 0 || self->sink (zeros, n, self->user_data, error);
}

static gboolean
fill_up (TesseraArchiveWriter *self, GError **error)
{
  guint filling = self->filling;

  g_return_val_if_fail (self->left == 0, FALSE);

  self->filling = 0;

  return write_zeros (self, filling, error);
}

gboolean
tessera_archive_writer_begin (TesseraArchiveWriter *self, const char *name, guint64 size, GError **error)
{
  guint8 header[BLOCK];

  g_return_val_if_fail (strlen (name) <= TESSERA_ARCHIVE_MAX_NAME, FALSE);
  g_return_val_if_fail (size <= TESSERA_ARCHIVE_MAX_MEMBER, FALSE);

  if (!fill_up (self, error))
    return FALSE;
  make_header (header, name, size);
  self->left = size;
  self->filling = filling_of (size);

  return self->sink (header, sizeof header, self->user_data, error);
}

gboolean
tessera_archive_writer_write (TesseraArchiveWriter *self, gconstpointer data, gsize size, GError **error)
{
  g_return_val_if_fail (size <= self->left, FALSE);

  self->left -= size;

  return size == 0 || self->sink (data, size, self->user_data, error);
}

gboolean
tessera_archive_writer_add (TesseraArchiveWriter *self, const char *name, gconstpointer data, gsize size,
                            GError **error)
{
  return tessera_archive_writer_begin (self, name, size, error)
         && tessera_archive_writer_write (self, data, size, error);
}

gboolean
tessera_archive_writer_finish (TesseraArchiveWriter *self, GError **error)
{
  return fill_up (self, error) && write_zeros (self, TESSERA_ARCHIVE_END_SIZE, error);
}

void
tessera_archive_writer_free (TesseraArchiveWriter *self)
{
  g_free (self);
}

/* ---- reading ---- */

TesseraArchiveReader *
tessera_archive_reader_new (GInputStream *input)
{
  TesseraArchiveReader *self = g_new0 (TesseraArchiveReader, 1);

  self->input = g_object_ref (input);

  return self;
}

static void
set_malformed (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("The inside of this file is not laid out like a bundle; ask the sender to make it again."));
}

/* Errors of our own streams pass; what the system reports gets a sentence around it. */
static gboolean
read_some (TesseraArchiveReader *self, gpointer buffer, gsize size, gsize *ret_size, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_input_stream_read_all (self->input, buffer, size, ret_size, NULL, &cause))
    return TRUE;
  if (cause->domain == TESSERA_BUNDLE_ERROR)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                 _("The bundle cannot be read (%s); try again or copy it to this computer first."), cause->message);

  return FALSE;
}

/* The stream below notices a file that was cut; an archive that ends early in a whole file was made so. */
static gboolean
read_exactly (TesseraArchiveReader *self, gpointer buffer, gsize size, GError **error)
{
  gsize got;

  if (!read_some (self, buffer, size, &got, error))
    return FALSE;
  if (got < size) {
    set_malformed (error);
    return FALSE;
  }

  return TRUE;
}

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (bytes[i] != 0)
      return FALSE;

  return TRUE;
}

static gboolean
read_filling (TesseraArchiveReader *self, GError **error)
{
  guint8 block[BLOCK];

  if (!read_exactly (self, block, self->filling, error))
    return FALSE;
  if (!is_zero (block, self->filling)) {
    set_malformed (error);
    return FALSE;
  }
  self->filling = 0;

  return TRUE;
}

static gboolean
read_end (TesseraArchiveReader *self, GError **error)
{
  guint8 block[BLOCK];
  gsize got;

  if (!read_exactly (self, block, sizeof block, error))
    return FALSE;
  if (!is_zero (block, sizeof block)) {
    set_malformed (error);
    return FALSE;
  }
  if (!read_some (self, block, 1, &got, error))
    return FALSE;
  if (got > 0) {
    set_malformed (error);
    return FALSE;
  }
  self->ended = TRUE;

  return TRUE;
}

static gboolean
parse_header (TesseraArchiveReader *self, const guint8 *header)
{
  guint8 expected[BLOCK];
  guint64 size = 0;

  if (memchr (header, 0, TESSERA_ARCHIVE_MAX_NAME + 1) == NULL || header[0] == 0)
    return FALSE;
  for (guint i = 0; i < SIZE_DIGITS; i++) {
    guint8 digit = header[SIZE_AT + i];

    if (digit < '0' || digit > '7')
      return FALSE;
    size = size << 3 | (digit - '0');
  }
  memcpy (self->name, header, sizeof self->name);
  make_header (expected, self->name, size);
  if (memcmp (expected, header, BLOCK) != 0)
    return FALSE;
  self->left = size;
  self->filling = filling_of (size);

  return TRUE;
}

gboolean
tessera_archive_reader_next (TesseraArchiveReader *self, const char **ret_name, guint64 *ret_size, GError **error)
{
  guint8 header[BLOCK];

  *ret_name = NULL;
  *ret_size = 0;
  if (self->ended)
    return TRUE;
  while (self->left > 0) {
    guint8 skipped[4096];
    gsize got;

    if (!tessera_archive_reader_read (self, skipped, sizeof skipped, &got, error))
      return FALSE;
  }
  if (!read_filling (self, error) || !read_exactly (self, header, sizeof header, error))
    return FALSE;
  if (is_zero (header, sizeof header))
    return read_end (self, error);
  if (!parse_header (self, header)) {
    set_malformed (error);
    return FALSE;
  }
  *ret_name = self->name;
  *ret_size = self->left;

  return TRUE;
}

gboolean
tessera_archive_reader_read (TesseraArchiveReader *self, gpointer buffer, gsize size, gsize *ret_size, GError **error)
{
  *ret_size = MIN (size, self->left);
  if (!read_exactly (self, buffer, *ret_size, error))
    return FALSE;
  self->left -= *ret_size;

  return TRUE;
}

GBytes *
tessera_archive_reader_read_member (TesseraArchiveReader *self, gsize limit, GError **error)
{
  g_autofree guint8 *data = NULL;
  gsize size;

  if (self->left > limit) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                 _("The part “%s” of this bundle is larger than allowed; it was not read."), self->name);
    return NULL;
  }
  size = self->left;
  data = g_malloc (size + 1);
  if (!tessera_archive_reader_read (self, data, size, &size, error))
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&data), size);
}

void
tessera_archive_reader_free (TesseraArchiveReader *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->input);
  g_free (self);
}
