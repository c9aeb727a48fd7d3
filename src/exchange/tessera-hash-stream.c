/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hash-stream.c: writes first, then hashes what was written.
 */
#include "config.h"

#include "tessera-hash-stream.h"
#include "tessera-hasher.h"

struct _TesseraHashStream {
  GFilterOutputStream parent_instance;

  TesseraHasher *hasher;
};

G_DEFINE_FINAL_TYPE (TesseraHashStream, tessera_hash_stream, G_TYPE_FILTER_OUTPUT_STREAM)

TesseraHashStream *
tessera_hash_stream_new (GOutputStream *base, gsize hash_size)
{
  TesseraHashStream *self
    = g_object_new (TESSERA_TYPE_HASH_STREAM, "base-stream", base, "close-base-stream", FALSE, NULL);

  self->hasher = tessera_hasher_new (hash_size);

  return self;
}

void
tessera_hash_stream_final (TesseraHashStream *self, guint8 *hash)
{
  tessera_hasher_final (self->hasher, hash);
}

static gssize
tessera_hash_stream_write (GOutputStream *stream, const void *data, gsize size, GCancellable *cancellable,
                           GError **error)
{
  TesseraHashStream *self = TESSERA_HASH_STREAM (stream);
  GOutputStream *base = g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (stream));
  gssize written = g_output_stream_write (base, data, size, cancellable, error);

  if (written > 0)
    tessera_hasher_update (self->hasher, data, written);

  return written;
}

static void
tessera_hash_stream_finalize (GObject *object)
{
  g_clear_pointer (&TESSERA_HASH_STREAM (object)->hasher, tessera_hasher_free);

  G_OBJECT_CLASS (tessera_hash_stream_parent_class)->finalize (object);
}

static void
tessera_hash_stream_class_init (TesseraHashStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tessera_hash_stream_finalize;
  G_OUTPUT_STREAM_CLASS (class)->write_fn = tessera_hash_stream_write;
}

static void
tessera_hash_stream_init (TesseraHashStream *self)
{
}
