/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-writer.c: making a bundle: compress, pad, describe, sign, seal.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>
#include <zstd.h>

#include "tessera-archive.h"
#include "tessera-bundle-private.h"
#include "tessera-strict-json.h"

typedef struct {
  char *name;
  GBytes *data;
  gint64 raw;
} Member;

typedef struct {
  TesseraManifest *manifest;
  const TesseraBundleContents *contents;
  const TesseraSecret *key;
  GPtrArray *members; /* of Member: all that the manifest lists */
  Member *data;
  gsize n_compressed;
} Writer;

static void
member_free (Member *member)
{
  g_free (member->name);
  g_bytes_unref (member->data);
  g_free (member);
}

char *
tessera_bundle_hash (gconstpointer data, gsize size, gsize hash_size)
{
  guint8 hash[TESSERA_BUNDLE_HASH_SIZE];
  char *text = g_malloc (2 * hash_size + 1);

  crypto_generichash (hash, hash_size, data, size, NULL, 0);

  return sodium_bin2hex (text, 2 * hash_size + 1, hash, hash_size);
}

static char *
hash_bytes (GBytes *bytes, gsize hash_size)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  return tessera_bundle_hash (data, size, hash_size);
}

char *
tessera_bundle_make_sums (GBytes *manifest, const GPtrArray *parts)
{
  GString *sums = g_string_new (NULL);
  g_autofree char *hash = hash_bytes (manifest, TESSERA_BUNDLE_HASH_SIZE);

  g_string_append_printf (sums, "%s  %s\n", hash, TESSERA_BUNDLE_MANIFEST);
  for (guint i = 0; i < parts->len; i++) {
    const TesseraManifestPart *part = parts->pdata[i];

    g_string_append_printf (sums, "%s  %s\n", part->hash, part->name);
  }

  return g_string_free (sums, FALSE);
}

char *
tessera_bundle_comment_start (TesseraFlow flow)
{
  return g_strdup_printf (TESSERA_MANIFEST_FORMAT " %s ", tessera_flow_to_text (flow));
}

/* ---- the members ---- */

static Member *
add_member (Writer *self, const char *name, GBytes *data, gint64 raw)
{
  Member *member = g_new0 (Member, 1);

  member->name = g_strdup (name);
  member->data = g_bytes_ref (data);
  member->raw = raw;
  g_ptr_array_add (self->members, member);

  return member;
}

static void
add_text (Writer *self, const char *name, const char *text)
{
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));

  add_member (self, name, data, -1);
}

static void
set_invalid (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                       _("A record cannot be sent because it is not proper JSON or too long; shorten it."));
}

/* The same rules a reader applies, so that nobody is sent what they must refuse. */
static gboolean
check_lines (GBytes *data, GError **error)
{
  gsize rest;
  const char *line = g_bytes_get_data (data, &rest);

  if (rest > TESSERA_BUNDLE_MAX_RAW) {
    set_invalid (error);
    return FALSE;
  }
  while (rest > 0) {
    const char *end = memchr (line, '\n', rest);

    if (end == NULL || end - line > TESSERA_BUNDLE_MAX_LINE || !tessera_strict_json_check (line, end - line)) {
      set_invalid (error);
      return FALSE;
    }
    rest -= end - line + 1;
    line = end + 1;
  }

  return TRUE;
}

static void
store_number (guint8 *bytes, guint32 number)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = number >> (8 * i);
}

/* The compressed data and behind it the padding: a skippable frame of zeros. */
static GBytes *
compress (GBytes *data, gsize *ret_compressed, GError **error)
{
  gsize size;
  gconstpointer raw = g_bytes_get_data (data, &size);
  gsize bound = ZSTD_compressBound (size);
  g_autofree guint8 *packed = g_malloc (bound);
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  gsize result;

  ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, TESSERA_BUNDLE_LEVEL);
  result = ZSTD_compress2 (context, packed, bound, raw, size);
  ZSTD_freeCCtx (context);
  if (ZSTD_isError (result)) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                 _("The data cannot be compressed (%s); close other programs and try again."),
                 ZSTD_getErrorName (result));
    return NULL;
  }
  *ret_compressed = result;

  return g_bytes_new_take (g_steal_pointer (&packed), result);
}

static GBytes *
with_padding (GBytes *compressed, gsize n_compressed, gsize padding)
{
  guint8 *padded = g_malloc0 (n_compressed + padding);

  memcpy (padded, g_bytes_get_data (compressed, NULL), n_compressed);
  store_number (padded + n_compressed, TESSERA_ZSTD_SKIPPABLE_MAGIC);
  store_number (padded + n_compressed + 4, padding - TESSERA_BUNDLE_MIN_PADDING);

  return g_bytes_new_take (padded, n_compressed + padding);
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *const *first = a;
  const Member *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

static gboolean
add_blobs (Writer *self, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GPtrArray *blobs = self->contents->blobs;
  guint start = self->members->len;

  if (blobs != NULL && blobs->len > TESSERA_BUNDLE_MAX_BLOBS) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                 _("A bundle holds at most %d attachments; send the others separately."), TESSERA_BUNDLE_MAX_BLOBS);
    return FALSE;
  }
  for (guint i = 0; blobs != NULL && i < blobs->len; i++) {
    g_autofree char *hash = hash_bytes (blobs->pdata[i], TESSERA_BUNDLE_BLOB_HASH_SIZE);
    g_autofree char *name = g_strconcat (TESSERA_BUNDLE_BLOB_PREFIX, hash, NULL);

    g_ptr_array_add (sorted, add_member (self, name, blobs->pdata[i], -1));
  }
  g_ptr_array_sort (sorted, compare_members);
  for (guint i = 0; i < sorted->len; i++)
    self->members->pdata[start + i] = sorted->pdata[i];
  /* Equal attachments are one member. */
  for (guint i = self->members->len - 1; i > start; i--)
    if (compare_members (&self->members->pdata[i - 1], &self->members->pdata[i]) == 0)
      g_ptr_array_remove_index (self->members, i);

  return TRUE;
}

/* ---- size, manifest, signature ---- */

static void
list_parts (Writer *self)
{
  g_ptr_array_set_size (self->manifest->parts, 0);
  for (guint i = 0; i < self->members->len; i++) {
    const Member *member = self->members->pdata[i];
    g_autofree char *hash = hash_bytes (member->data, TESSERA_BUNDLE_HASH_SIZE);

    tessera_manifest_add_part (self->manifest, member->name, g_bytes_get_size (member->data), hash, member->raw);
  }
}

static char *
make_comment (Writer *self)
{
  g_autofree char *start = tessera_bundle_comment_start (self->manifest->flow);
  g_autofree char *created = tessera_instant_to_text (self->manifest->created);
  const char *comment = self->contents->comment != NULL ? self->contents->comment : "";

  return g_strdup_printf ("%s%s%screated=%.10s id=%s", start, comment, *comment ? " " : "", created,
                          self->manifest->id);
}

/* The archive as it would be with the data member as it is now. */
static GByteArray *
make_archive (Writer *self, char **ret_manifest, GError **error)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *comment = make_comment (self);
  g_autofree char *manifest = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *sums = NULL;
  g_autoptr (GBytes) bytes = NULL;

  list_parts (self);
  manifest = tessera_manifest_to_text (self->manifest, error);
  if (manifest == NULL)
    return NULL;
  signature = tessera_minisign_sign (self->key, manifest, strlen (manifest), comment, error);
  if (signature == NULL)
    return NULL;

  tessera_archive_append_member (archive, TESSERA_BUNDLE_MANIFEST, manifest, strlen (manifest));
  tessera_archive_append_member (archive, TESSERA_BUNDLE_MANIFEST_SIGNATURE, signature, strlen (signature));
  for (guint i = 0; i < self->members->len; i++) {
    const Member *member = self->members->pdata[i];
    gsize size;
    gconstpointer data = g_bytes_get_data (member->data, &size);

    tessera_archive_append_member (archive, member->name, data, size);
  }
  bytes = g_bytes_new (manifest, strlen (manifest));
  sums = tessera_bundle_make_sums (bytes, self->manifest->parts);
  tessera_archive_append_member (archive, TESSERA_BUNDLE_SUMS, sums, strlen (sums));
  tessera_archive_append_end (archive);
  *ret_manifest = g_steal_pointer (&manifest);

  return g_steal_pointer (&archive);
}

/* More padding may lengthen the number that says so, and with it the manifest: repeat until it fits. */
static GByteArray *
make_padded_archive (Writer *self, char **ret_manifest, GError **error)
{
  g_autoptr (GBytes) compressed = g_bytes_ref (self->data->data);
  gsize padding = TESSERA_BUNDLE_MIN_PADDING;

  for (;;) {
    g_autofree char *manifest = NULL;
    g_autoptr (GByteArray) archive = NULL;
    guint64 target;

    g_bytes_unref (self->data->data);
    self->data->data = with_padding (compressed, self->n_compressed, padding);
    archive = make_archive (self, &manifest, error);
    if (archive == NULL)
      return NULL;
    target = tessera_bundle_padded_size (archive->len);
    if (target == archive->len) {
      *ret_manifest = g_steal_pointer (&manifest);
      return g_steal_pointer (&archive);
    }
    padding += target - archive->len;
  }
}

static gboolean
collect (Writer *self, GError **error)
{
  const TesseraBundleContents *contents = self->contents;
  g_autoptr (GBytes) compressed = NULL;
  guint64 total = 0;

  if (contents->certificate != NULL) {
    add_text (self, TESSERA_BUNDLE_CERTIFICATE, contents->certificate);
    add_text (self, TESSERA_BUNDLE_CERTIFICATE_SIGNATURE, contents->certificate_signature);
  }
  if (!check_lines (contents->data, error))
    return FALSE;
  compressed = compress (contents->data, &self->n_compressed, error);
  if (compressed == NULL)
    return FALSE;
  self->data = add_member (self, TESSERA_BUNDLE_DATA, compressed, g_bytes_get_size (contents->data));
  if (!add_blobs (self, error))
    return FALSE;

  for (guint i = 0; i < self->members->len; i++)
    total += g_bytes_get_size (((Member *) self->members->pdata[i])->data);
  /* Padding, headers and chunk tags add at most a sixteenth. */
  if (total > TESSERA_BUNDLE_MAX_FILE / 16 * 15) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("This is too much for one bundle; send fewer records or attachments at a time."));
    return FALSE;
  }

  return TRUE;
}

static GBytes *
seal (GByteArray *archive, const guint8 *public_keys, gsize n_public_keys, GError **error)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (TesseraAgeWriter) writer = tessera_age_writer_new (output, public_keys, n_public_keys, TRUE, error);

  if (writer == NULL || !tessera_age_writer_write (writer, archive->data, archive->len, error)
      || !tessera_age_writer_finish (writer, error) || !g_output_stream_close (output, NULL, error))
    return NULL;

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

GBytes *
tessera_bundle_seal (TesseraManifest             *manifest,
                     const TesseraBundleContents *contents,
                     const TesseraSecret         *key,
                     const guint8                *public_keys,
                     gsize                        n_public_keys,
                     char                       **ret_name,
                     char                       **ret_manifest_hash,
                     GError                     **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func ((GDestroyNotify) member_free);
  Writer self = { .manifest = manifest, .contents = contents, .key = key, .members = members };
  g_autoptr (GByteArray) archive = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) file = NULL;

  g_ptr_array_set_size (manifest->recipients, 0);
  for (gsize i = 0; i < n_public_keys; i++)
    tessera_manifest_add_recipient (manifest, public_keys + i * TESSERA_AGE_KEY_SIZE);
  if (!collect (&self, error))
    return NULL;
  archive = make_padded_archive (&self, &text, error);
  if (archive == NULL)
    return NULL;
  file = seal (archive, public_keys, n_public_keys, error);
  sodium_memzero (archive->data, archive->len);
  if (file == NULL)
    return NULL;

  if (ret_name != NULL)
    *ret_name = tessera_bundle_name (file);
  if (ret_manifest_hash != NULL)
    *ret_manifest_hash = tessera_manifest_hash (text, strlen (text));

  return g_steal_pointer (&file);
}
