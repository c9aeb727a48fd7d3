/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-decoder.c: from the bytes of data.ndjson.zst to lines: one zstd frame, one skippable frame of
 * zeros, nothing else; never more bytes than were signed for, never a larger window than stated.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "tessera-bundle-private.h"
#include "tessera-strict-json.h"

#define OUTPUT_SIZE (1 << 17)

struct _TesseraBundleDecoder {
  ZSTD_DCtx *context;
  guint8 *output;
  GByteArray *line; /* the beginning of a line that is not complete */
  gint64 raw;
  gint64 produced;
  guint64 n_lines;
  guint64 n_fed;
  gboolean frame_done;
  guint8 padding_header[TESSERA_BUNDLE_MIN_PADDING];
  gsize n_padding;
  TesseraBundleLineFunc line_func;
  gpointer user_data;
};

TesseraBundleDecoder *
tessera_bundle_decoder_new (gint64 raw, TesseraBundleLineFunc line_func, gpointer user_data)
{
  TesseraBundleDecoder *self = g_new0 (TesseraBundleDecoder, 1);

  self->context = ZSTD_createDCtx ();
  ZSTD_DCtx_setParameter (self->context, ZSTD_d_windowLogMax, TESSERA_BUNDLE_WINDOW_LOG);
  self->output = g_malloc (OUTPUT_SIZE);
  self->line = g_byte_array_new ();
  self->raw = raw;
  self->line_func = line_func;
  self->user_data = user_data;

  return self;
}

static gboolean
fail (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("The data of this bundle cannot be unpacked; ask the sender to make it again."));
  return FALSE;
}

static gboolean
fail_too_large (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                       _("The data of this bundle unpacks to more than it states; do not use it, and ask the sender."));
  return FALSE;
}

static gboolean
emit_line (TesseraBundleDecoder *self, const char *line, gsize length, GError **error)
{
  self->n_lines++;
  if (length > TESSERA_BUNDLE_MAX_LINE) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                 _("Line %" PRIu64 " of this bundle is longer than allowed; ask the sender to shorten it."),
                 self->n_lines);
    return FALSE;
  }
  if (!tessera_strict_json_check (line, length)) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                 _("Line %" PRIu64 " of this bundle is not proper JSON; ask the sender to make it again."),
                 self->n_lines);
    return FALSE;
  }

  return self->line_func == NULL || self->line_func (line, length, self->n_lines, self->user_data, error);
}

static gboolean
split_lines (TesseraBundleDecoder *self, const char *text, gsize size, GError **error)
{
  while (size > 0) {
    const char *end = memchr (text, '\n', size);
    gsize length = end != NULL ? (gsize) (end - text) : size;
    gboolean good;

    if (end != NULL && self->line->len == 0) {
      good = emit_line (self, text, length, error);
    } else {
      g_byte_array_append (self->line, (const guint8 *) text, length);
      /* A line is given up before it fills the memory. */
      good = end == NULL && self->line->len <= TESSERA_BUNDLE_MAX_LINE;
      if (!good) {
        good = emit_line (self, (const char *) self->line->data, self->line->len, error);
        g_byte_array_set_size (self->line, 0);
      }
    }
    if (!good)
      return FALSE;
    length += end != NULL;
    text += length;
    size -= length;
  }

  return TRUE;
}

static gboolean
decompress (TesseraBundleDecoder *self, ZSTD_inBuffer *input, GError **error)
{
  while (!self->frame_done) {
    ZSTD_outBuffer output = { .dst = self->output, .size = OUTPUT_SIZE };
    gsize result = ZSTD_decompressStream (self->context, &output, input);

    if (ZSTD_isError (result))
      return ZSTD_getErrorCode (result) == ZSTD_error_frameParameter_windowTooLarge ? fail_too_large (error)
                                                                                    : fail (error);
    self->produced += output.pos;
    if (self->produced > self->raw)
      return fail_too_large (error);
    if (!split_lines (self, (const char *) self->output, output.pos, error))
      return FALSE;
    self->frame_done = result == 0;
    /* With room left in the output, all that can be made of this input has been made. */
    if (input->pos == input->size && output.pos < output.size)
      break;
  }

  return TRUE;
}

static gboolean
take_padding (TesseraBundleDecoder *self, const guint8 *data, gsize size, GError **error)
{
  for (gsize i = 0; i < size; i++, self->n_padding++) {
    if (self->n_padding < sizeof self->padding_header)
      self->padding_header[self->n_padding] = data[i];
    else if (data[i] != 0)
      return fail (error);
  }

  return TRUE;
}

static guint32
load_number (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

gboolean
tessera_bundle_decoder_feed (TesseraBundleDecoder *self, const guint8 *data, gsize size, GError **error)
{
  ZSTD_inBuffer input = { .src = data, .size = size };

  /* Formats older than the standard have other magic numbers, and decoders nobody needs. */
  if (self->n_fed == 0 && (size < 4 || load_number (data) != TESSERA_ZSTD_MAGIC))
    return fail (error);
  self->n_fed += size;

  return decompress (self, &input, error) && take_padding (self, data + input.pos, size - input.pos, error);
}

gboolean
tessera_bundle_decoder_finish (TesseraBundleDecoder *self, GError **error)
{
  if (!self->frame_done || self->n_padding < sizeof self->padding_header
      || load_number (self->padding_header) != TESSERA_ZSTD_SKIPPABLE_MAGIC
      || load_number (self->padding_header + 4) != self->n_padding - sizeof self->padding_header
      || self->produced != self->raw || self->line->len > 0)
    return fail (error);

  return TRUE;
}

void
tessera_bundle_decoder_free (TesseraBundleDecoder *self)
{
  if (self == NULL)
    return;
  ZSTD_freeDCtx (self->context);
  g_free (self->output);
  g_byte_array_unref (self->line);
  g_free (self);
}
