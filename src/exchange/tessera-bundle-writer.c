/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-writer.c: lines are checked and compressed, attachments named, all of it hashed on its way into
 * spools; then sizes are reckoned, the manifest is signed, and the spools go into the envelope.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#include "tessera-archive.h"
#include "tessera-bundle-private.h"
#include "tessera-bundle-writer.h"
#include "tessera-hash-stream.h"
#include "tessera-hasher.h"
#include "tessera-read-ahead.h"
#include "tessera-spool.h"
#include "tessera-strict-json.h"

/* Lines are compressed so many bytes at a time, attachments read so. */
#define BLOCK_SIZE (1 << 17)
/* What may wait in memory, data and attachments each: most bundles never touch the disk before they are sealed. */
#define SPOOL_MEMORY (1 << 20)

/* A member that the manifest lists: a text or a spool. */
typedef struct {
  char *name;
  const char *text;
  TesseraSpool *spool;
  TesseraHasher *hasher; /* of the data alone, until its padding is known */
  char *hash;
  gint64 size;
  gint64 raw;
} Part;

struct _TesseraBundleWriter {
  char *folder;
  gsize memory; /* that attachments may still take */
  ZSTD_CCtx *context;
  guint8 *lines; /* waiting to be compressed */
  gsize n_lines;
  guint8 *packed;
  gsize n_packed;
  Part *data;
  GPtrArray *blobs; /* of Part */
  gint64 size;      /* bytes in all spools */
};

/* What finishing needs besides. */
typedef struct {
  TesseraBundleWriter *writer;
  TesseraManifest *manifest;
  const TesseraBundleSeal *seal;
  GPtrArray *parts; /* of Part, borrowed, in the order of the archive */
  guint64 padding;
  char *comment;
  char *text;
  char *signature;
  char *sums;
} Finish;

static Part *
part_new (const char *name)
{
  Part *part = g_new0 (Part, 1);

  part->name = g_strdup (name);
  part->raw = -1;

  return part;
}

static void
part_free (Part *part)
{
  g_free (part->name);
  tessera_spool_free (part->spool);
  tessera_hasher_free (part->hasher);
  g_free (part->hash);
  g_free (part);
}

static Part *
part_new_text (const char *name, const char *text)
{
  Part *part = part_new (name);

  part->text = text;
  part->size = strlen (text);
  part->hash = tessera_bundle_hash (text, part->size, TESSERA_BUNDLE_HASH_SIZE);

  return part;
}

TesseraBundleWriter *
tessera_bundle_writer_new (const char *folder, GError **error)
{
  g_autoptr (TesseraBundleWriter) self = g_new0 (TesseraBundleWriter, 1);

  self->folder = g_strdup (folder);
  self->memory = SPOOL_MEMORY;
  self->blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
  self->data = part_new (TESSERA_BUNDLE_DATA);
  self->data->raw = 0;
  self->data->spool = tessera_spool_new (folder, SPOOL_MEMORY);
  self->data->hasher = tessera_hasher_new (TESSERA_BUNDLE_HASH_SIZE);
  self->lines = g_malloc (BLOCK_SIZE);
  self->n_packed = ZSTD_CStreamOutSize ();
  self->packed = g_malloc (self->n_packed);
  self->context = ZSTD_createCCtx ();
  if (self->context == NULL
      || ZSTD_isError (ZSTD_CCtx_setParameter (self->context, ZSTD_c_compressionLevel, TESSERA_BUNDLE_LEVEL))) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                         _("There is not enough memory to prepare the bundle; close other programs and try again."));
    return NULL;
  }

  return g_steal_pointer (&self);
}

static gboolean
fail_too_much (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                       _("This is too much for one bundle; send fewer records or attachments at a time."));
  return FALSE;
}

/* Padding, headers and chunk tags add at most a sixteenth. */
static gboolean
count (TesseraBundleWriter *self, gsize size, GError **error)
{
  self->size += size;

  return self->size <= TESSERA_BUNDLE_MAX_FILE / 16 * 15 || fail_too_much (error);
}

/* ---- lines ---- */

static gboolean
keep_packed (TesseraBundleWriter *self, gsize size, GError **error)
{
  tessera_hasher_update (self->data->hasher, self->packed, size);
  self->data->size += size;

  return count (self, size, error) && tessera_spool_write (self->data->spool, self->packed, size, error);
}

static gboolean
compress (TesseraBundleWriter *self, ZSTD_EndDirective directive, GError **error)
{
  ZSTD_inBuffer input = { .src = self->lines, .size = self->n_lines };
  gsize left;

  do {
    ZSTD_outBuffer output = { .dst = self->packed, .size = self->n_packed };

    left = ZSTD_compressStream2 (self->context, &output, &input, directive);
    if (ZSTD_isError (left)) {
      g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                   _("The data cannot be compressed (%s); close other programs and try again."),
                   ZSTD_getErrorName (left));
      return FALSE;
    }
    if (output.pos > 0 && !keep_packed (self, output.pos, error))
      return FALSE;
  } while (input.pos < input.size || (directive == ZSTD_e_end && left > 0));
  self->n_lines = 0;

  return TRUE;
}

static gboolean
append (TesseraBundleWriter *self, const char *text, gsize length, GError **error)
{
  while (length > 0) {
    gsize part = MIN (length, BLOCK_SIZE - self->n_lines);

    memcpy (self->lines + self->n_lines, text, part);
    self->n_lines += part;
    text += part;
    length -= part;
    /* A block is only given away when there is more, so that a small bundle is compressed in one go. */
    if (length > 0 && !compress (self, ZSTD_e_continue, error))
      return FALSE;
  }

  return TRUE;
}

gboolean
tessera_bundle_writer_add_line (TesseraBundleWriter *self, const char *line, gsize length, GError **error)
{
  /* The same rules a reader applies, so that nobody is sent what they must refuse. */
  if (length > TESSERA_BUNDLE_MAX_LINE || !tessera_strict_json_check (line, length)
      || memchr (line, '\n', length) != NULL) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("A record cannot be sent because it is not proper JSON or too long; shorten it."));
    return FALSE;
  }
  if (self->data->raw + (gint64) length + 1 > TESSERA_BUNDLE_MAX_RAW)
    return fail_too_much (error);
  self->data->raw += length + 1;

  return append (self, line, length, error) && append (self, "\n", 1, error);
}

gint64
tessera_bundle_writer_get_raw (TesseraBundleWriter *self)
{
  return self->data->raw;
}

/* ---- attachments ---- */

static gboolean
read_some (GInputStream *stream, guint8 *block, gsize *ret_size, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_input_stream_read_all (stream, block, BLOCK_SIZE, ret_size, NULL, &cause))
    return TRUE;
  if (cause->domain != G_IO_ERROR)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                 _("An attachment cannot be read (%s); try again."), cause->message);

  return FALSE;
}

/* Into the spool, and hashed for the manifest and for its own name. */
static Part *
read_blob (TesseraBundleWriter *self, GInputStream *stream, GError **error)
{
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  g_autoptr (TesseraSpool) spool = tessera_spool_new (self->folder, self->memory);
  g_autoptr (TesseraHasher) hasher = tessera_hasher_new (TESSERA_BUNDLE_HASH_SIZE);
  g_autoptr (TesseraHasher) name_hasher = tessera_hasher_new (TESSERA_BUNDLE_BLOB_HASH_SIZE);
  g_autofree char *hash = NULL;
  g_autofree char *name = NULL;
  Part *part;
  gsize size;

  do {
    if (!read_some (stream, block, &size, error) || !count (self, size, error)
        || !tessera_spool_write (spool, block, size, error))
      return NULL;
    tessera_hasher_update (hasher, block, size);
    tessera_hasher_update (name_hasher, block, size);
  } while (size == BLOCK_SIZE);
  if (!tessera_spool_finish (spool, error))
    return NULL;

  hash = tessera_hasher_final_text (name_hasher);
  name = g_strconcat (TESSERA_BUNDLE_BLOB_PREFIX, hash, NULL);
  part = part_new (name);
  part->hash = tessera_hasher_final_text (hasher);
  part->size = tessera_spool_get_size (spool);
  part->spool = g_steal_pointer (&spool);

  return part;
}

static Part *
find_blob (TesseraBundleWriter *self, const char *name)
{
  for (guint i = 0; i < self->blobs->len; i++) {
    Part *part = self->blobs->pdata[i];

    if (strcmp (part->name, name) == 0)
      return part;
  }

  return NULL;
}

static gboolean
keep_blob (TesseraBundleWriter *self, Part *part, GError **error)
{
  if (find_blob (self, part->name) != NULL) {
    self->size -= part->size;
    part_free (part);
    return TRUE;
  }
  if (self->blobs->len == TESSERA_BUNDLE_MAX_BLOBS) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                 _("A bundle holds at most %d attachments; send the others separately."), TESSERA_BUNDLE_MAX_BLOBS);
    part_free (part);
    return FALSE;
  }
  if (self->folder != NULL)
    self->memory -= tessera_spool_get_memory (part->spool);
  g_ptr_array_add (self->blobs, part);

  return TRUE;
}

gboolean
tessera_bundle_writer_add_blob (TesseraBundleWriter *self, GInputStream *stream, char **ret_hash, GError **error)
{
  Part *part = read_blob (self, stream, error);
  g_autofree char *hash = NULL;

  if (part == NULL)
    return FALSE;
  hash = g_strdup (part->name + strlen (TESSERA_BUNDLE_BLOB_PREFIX));
  if (!keep_blob (self, part, error))
    return FALSE;
  if (ret_hash != NULL)
    *ret_hash = g_steal_pointer (&hash);

  return TRUE;
}

/* ---- size, manifest, signature ---- */

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *const *first = a;
  const Part *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

static void
collect_parts (Finish *self)
{
  TesseraBundleWriter *writer = self->writer;

  if (self->seal->certificate != NULL) {
    g_ptr_array_add (self->parts, part_new_text (TESSERA_BUNDLE_CERTIFICATE, self->seal->certificate));
    g_ptr_array_add (self->parts,
                     part_new_text (TESSERA_BUNDLE_CERTIFICATE_SIGNATURE, self->seal->certificate_signature));
  }
  g_ptr_array_add (self->parts, g_steal_pointer (&writer->data));
  g_ptr_array_sort (writer->blobs, compare_parts);
  g_ptr_array_extend_and_steal (self->parts, g_steal_pointer (&writer->blobs));
}

static void
list_parts (Finish *self)
{
  g_ptr_array_set_size (self->manifest->parts, 0);
  for (guint i = 0; i < self->parts->len; i++) {
    const Part *part = self->parts->pdata[i];
    gint64 size = part->size + (part->raw >= 0 ? (gint64) self->padding : 0);

    tessera_manifest_add_part (self->manifest, part->name, size, part->hash, part->raw);
  }
}

static gboolean
describe (Finish *self, GError **error)
{
  list_parts (self);
  g_free (self->text);
  self->text = tessera_manifest_to_text (self->manifest, error);

  return self->text != NULL;
}

static gboolean
sign (Finish *self, GError **error)
{
  g_free (self->signature);
  self->signature = tessera_minisign_sign (self->seal->key, self->text, strlen (self->text), self->comment, error);

  return self->signature != NULL;
}

static void
sum_up (Finish *self)
{
  g_autoptr (GBytes) text = g_bytes_new_static (self->text, strlen (self->text));

  g_free (self->sums);
  self->sums = tessera_bundle_make_sums (text, self->manifest->parts);
}

static guint64
reckon_size (Finish *self)
{
  guint64 size = TESSERA_ARCHIVE_END_SIZE + tessera_archive_member_space (strlen (self->text))
                 + tessera_archive_member_space (strlen (self->signature))
                 + tessera_archive_member_space (strlen (self->sums));

  for (guint i = 0; i < self->manifest->parts->len; i++) {
    const TesseraManifestPart *part = self->manifest->parts->pdata[i];

    size += tessera_archive_member_space (part->size);
  }

  return size;
}

/* More padding may lengthen the number that says so, and with it the manifest: repeat until it fits. What is not known
 * yet, the hash of the data with its padding, has as many digits as any. */
static gboolean
reckon_padding (Finish *self, Part *data, GError **error)
{
  guint64 size;
  guint64 target;

  self->padding = TESSERA_BUNDLE_MIN_PADDING;
  data->hash = g_strnfill (2 * TESSERA_BUNDLE_HASH_SIZE, '0');
  if (!describe (self, error) || !sign (self, error))
    return FALSE;
  sum_up (self);
  for (;;) {
    size = reckon_size (self);
    target = tessera_bundle_padded_size (size);
    if (target == size)
      break;
    self->padding += target - size;
    if (!describe (self, error))
      return FALSE;
  }
  g_clear_pointer (&data->hash, g_free);

  return TRUE;
}

static void
store_number (guint8 *bytes, guint32 number)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = number >> (8 * i);
}

/* The padding is a skippable frame of zeros behind the compressed data. */
static gboolean
pad (Finish *self, Part *data, GError **error)
{
  g_autofree guint8 *block = g_malloc0 (BLOCK_SIZE);
  guint64 left = self->padding;

  store_number (block, TESSERA_ZSTD_SKIPPABLE_MAGIC);
  store_number (block + 4, self->padding - TESSERA_BUNDLE_MIN_PADDING);
  while (left > 0) {
    gsize size = MIN (left, BLOCK_SIZE);

    tessera_hasher_update (data->hasher, block, size);
    if (!tessera_spool_write (data->spool, block, size, error))
      return FALSE;
    memset (block, 0, TESSERA_BUNDLE_MIN_PADDING);
    left -= size;
  }
  data->size += self->padding;
  data->hash = tessera_hasher_final_text (data->hasher);
  self->padding = 0;

  return tessera_spool_finish (data->spool, error);
}

static char *
make_comment (const TesseraManifest *manifest, const char *words)
{
  g_autofree char *start = tessera_bundle_comment_start (manifest->flow);
  g_autofree char *created = tessera_instant_to_text (manifest->created);

  return g_strdup_printf ("%s%s%screated=%.10s id=%s", start, words != NULL ? words : "",
                          words != NULL && *words ? " " : "", created, manifest->id);
}

/* ---- the envelope ---- */

static gboolean
write_sealed (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  return tessera_age_writer_write (user_data, data, size, error);
}

static gboolean
write_spool (TesseraArchiveWriter *archive, TesseraSpool *spool, GError **error)
{
  g_autoptr (GInputStream) input = tessera_spool_open (spool, error);
  g_autoptr (TesseraReadAhead) ahead = input != NULL ? tessera_read_ahead_new (input) : NULL;
  const guint8 *data;
  gsize size;

  if (ahead == NULL)
    return FALSE;
  do {
    if (!tessera_read_ahead_next (ahead, &data, &size, error)
        || !tessera_archive_writer_write (archive, data, size, error))
      return FALSE;
  } while (size > 0);

  return TRUE;
}

/* What is in memory is there already; from a file, reading and opening run beside sealing. */
static gboolean
write_memory (TesseraArchiveWriter *archive, TesseraSpool *spool, GError **error)
{
  return tessera_archive_writer_write (archive, tessera_spool_peek_memory (spool), tessera_spool_get_memory (spool),
                                       error);
}

static gboolean
write_part (TesseraArchiveWriter *archive, const Part *part, GError **error)
{
  if (part->text != NULL)
    return tessera_archive_writer_add (archive, part->name, part->text, part->size, error);

  if (!tessera_archive_writer_begin (archive, part->name, part->size, error))
    return FALSE;

  return tessera_spool_get_memory (part->spool) == tessera_spool_get_size (part->spool)
           ? write_memory (archive, part->spool, error)
           : write_spool (archive, part->spool, error);
}

static gboolean
write_archive (Finish *self, TesseraArchiveWriter *archive, GError **error)
{
  if (!tessera_archive_writer_add (archive, TESSERA_BUNDLE_MANIFEST, self->text, strlen (self->text), error)
      || !tessera_archive_writer_add (archive, TESSERA_BUNDLE_MANIFEST_SIGNATURE, self->signature,
                                      strlen (self->signature), error))
    return FALSE;
  for (guint i = 0; i < self->parts->len; i++)
    if (!write_part (archive, self->parts->pdata[i], error))
      return FALSE;

  return tessera_archive_writer_add (archive, TESSERA_BUNDLE_SUMS, self->sums, strlen (self->sums), error)
         && tessera_archive_writer_finish (archive, error);
}

static gboolean
write_file (Finish *self, GOutputStream *output, char **ret_name, GError **error)
{
  g_autoptr (TesseraHashStream) stream = tessera_hash_stream_new (output, 32);
  g_autoptr (TesseraAgeWriter) age = tessera_age_writer_new (G_OUTPUT_STREAM (stream), self->seal->public_keys,
                                                             self->seal->n_public_keys, TRUE, error);
  g_autoptr (TesseraArchiveWriter) archive = tessera_archive_writer_new (write_sealed, age);
  guint8 hash[32];

  if (age == NULL || !write_archive (self, archive, error) || !tessera_age_writer_finish (age, error))
    return FALSE;
  tessera_hash_stream_final (stream, hash);
  if (ret_name != NULL)
    *ret_name = tessera_bundle_name_of_hash (hash);

  return TRUE;
}

static gboolean
finish (Finish *self, GOutputStream *output, char **ret_name, char **ret_manifest_hash, GError **error)
{
  Part *data = self->writer->data;

  collect_parts (self);
  if (!reckon_padding (self, data, error) || !pad (self, data, error) || !describe (self, error)
      || !sign (self, error))
    return FALSE;
  sum_up (self);
  if (!write_file (self, output, ret_name, error))
    return FALSE;
  if (ret_manifest_hash != NULL)
    *ret_manifest_hash = tessera_manifest_hash (self->text, strlen (self->text));

  return TRUE;
}

gboolean
tessera_bundle_writer_finish (TesseraBundleWriter     *self,
                              TesseraManifest         *manifest,
                              const TesseraBundleSeal *seal,
                              GOutputStream           *output,
                              char                   **ret_name,
                              char                   **ret_manifest_hash,
                              GError                 **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
  Finish state = { .writer = self, .manifest = manifest, .seal = seal, .parts = parts };
  gboolean good;

  g_return_val_if_fail (self->data != NULL, FALSE);

  g_ptr_array_set_size (manifest->recipients, 0);
  for (gsize i = 0; i < seal->n_public_keys; i++)
    tessera_manifest_add_recipient (manifest, seal->public_keys + i * TESSERA_AGE_KEY_SIZE);
  state.comment = make_comment (manifest, seal->comment);
  good = compress (self, ZSTD_e_end, error) && finish (&state, output, ret_name, ret_manifest_hash, error);
  g_free (state.comment);
  g_free (state.text);
  g_free (state.signature);
  g_free (state.sums);

  return good;
}

void
tessera_bundle_writer_free (TesseraBundleWriter *self)
{
  if (self == NULL)
    return;
  ZSTD_freeCCtx (self->context);
  g_free (self->folder);
  g_free (self->lines);
  g_free (self->packed);
  g_clear_pointer (&self->data, part_free);
  g_clear_pointer (&self->blobs, g_ptr_array_unref);
  g_free (self);
}
