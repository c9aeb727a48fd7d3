/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-checksum.c: the running checksum that SQLite keeps over a log's frames.
 *
 * Made here only for frames that SQLite forgets (tessera-page-log.c); nothing relies on it for authenticity.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

#define LOG_MAGIC 0x377f0682u /* and one more if words are big-endian */
#define SALTS_AT 16
#define HEADER_SUM_AT 24
#define FRAME_SALTS_AT 8
#define FRAME_SUM_AT 16

static guint32
get_word (const guint8 *bytes, gboolean big_endian)
{
  guint32 word;

  memcpy (&word, bytes, sizeof word);
  return big_endian ? GUINT32_FROM_BE (word) : GUINT32_FROM_LE (word);
}

/* @size is a multiple of eight. */
static void
add (guint32 sum[2], const guint8 *bytes, gsize size, gboolean big_endian)
{
  for (gsize i = 0; i < size; i += 8) {
    sum[0] += get_word (bytes + i, big_endian) + sum[1];
    sum[1] += get_word (bytes + i + 4, big_endian) + sum[0];
  }
}

/* Where the sums begin. */
void
tessera_page_checksum_first (const guint8 header[TESSERA_LOG_HEADER], guint8 sum[TESSERA_LOG_CHECKSUM])
{
  memcpy (sum, header + HEADER_SUM_AT, TESSERA_LOG_CHECKSUM);
}

/* Gives @frame, the header of a frame with @page, the log's salts and the sum that follows @sum, which moves
 * on. */
void
tessera_page_checksum_next (const guint8 header[TESSERA_LOG_HEADER],
                            guint8 frame[TESSERA_LOG_FRAME_HEADER],
                            const guint8 *page,
                            guint32 page_size,
                            guint8 sum[TESSERA_LOG_CHECKSUM])
{
  gboolean big_endian = tessera_page_get32 (header) != LOG_MAGIC;
  guint32 words[2] = { tessera_page_get32 (sum), tessera_page_get32 (sum + 4) };

  add (words, frame, FRAME_SALTS_AT, big_endian);
  add (words, page, page_size, big_endian);
  tessera_page_put32 (sum, words[0]);
  tessera_page_put32 (sum + 4, words[1]);
  memcpy (frame + FRAME_SALTS_AT, header + SALTS_AT, FRAME_SUM_AT - FRAME_SALTS_AT);
  memcpy (frame + FRAME_SUM_AT, sum, TESSERA_LOG_CHECKSUM);
}
