/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle.c: reading a bundle in the one safe order: header, signature, manifest, trust; then, and only then,
 * the hashes of everything; then the contents.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-archive.h"
#include "tessera-bundle-private.h"
#include "tessera-hasher.h"
#include "tessera-strict-json.h"

struct _TesseraBundle {
  GInputStream *source;
  TesseraSecret *keys[TESSERA_AGE_MAX_KEYS];
  gsize n_keys;
  gsize key_index;
  gsize n_stanzas;

  GBytes *manifest_text;
  GBytes *signature_text;
  GBytes *certificate_text;           /* nullable */
  GBytes *certificate_signature_text; /* nullable */

  char *manifest_hash;
  TesseraMinisignSignature *signature;
  TesseraManifest *manifest;
  TesseraCertificate *certificate; /* nullable */
  guint8 signing_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 organization_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  gboolean verified;
  gboolean has_sums;
};

/* What pass 2 does with the parts; pass 1 has none. */
typedef struct {
  TesseraBundleLineFunc line_func;
  TesseraBundleBlobFunc blob_func;
  gpointer user_data;
} Sink;

static void
set_malformed (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("The members of this bundle are not those it must have; ask the sender to make it again."));
}

static gboolean
fail_damaged (GError **error, const char *name)
{
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_DAMAGED,
               _("The part “%s” is not the one that was signed; do not use this bundle, and ask the sender again."),
               name);
  return FALSE;
}

/* ---- the file ---- */

static gboolean
rewind_source (TesseraBundle *self, GError **error)
{
  GSeekable *seekable = G_SEEKABLE (self->source);
  g_autoptr (GError) cause = NULL;

  if (!g_seekable_seek (seekable, 0, G_SEEK_END, NULL, &cause)) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                 _("The bundle cannot be read (%s); try again or copy it to this computer first."), cause->message);
    return FALSE;
  }
  if (g_seekable_tell (seekable) > TESSERA_BUNDLE_MAX_FILE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("This file is larger than a bundle may be; it was not opened."));
    return FALSE;
  }
  if (!g_seekable_seek (seekable, 0, G_SEEK_SET, NULL, &cause)) {
    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                 _("The bundle cannot be read (%s); try again or copy it to this computer first."), cause->message);
    return FALSE;
  }

  return TRUE;
}

static TesseraArchiveReader *
start (TesseraBundle *self, GError **error)
{
  g_autoptr (TesseraAgeInputStream) input = NULL;

  if (!rewind_source (self, error))
    return NULL;
  input = tessera_age_input_stream_new (self->source, (const TesseraSecret *const *) self->keys, self->n_keys, error);
  if (input == NULL)
    return NULL;
  self->key_index = tessera_age_input_stream_get_key_index (input);
  self->n_stanzas = tessera_age_input_stream_get_n_stanzas (input);

  return tessera_archive_reader_new (G_INPUT_STREAM (input));
}

/* ---- the first members ---- */

static GBytes *
read_named (TesseraArchiveReader *reader, const char *expected, gsize limit, GError **error)
{
  const char *name;
  guint64 size;

  if (!tessera_archive_reader_next (reader, &name, &size, error))
    return NULL;
  if (g_strcmp0 (name, expected) != 0) {
    set_malformed (error);
    return NULL;
  }

  return tessera_archive_reader_read_member (reader, limit, error);
}

/* Some other program's age file is not a broken bundle. */
static void
soften_first_error (GError **error)
{
  if (error == NULL || !g_error_matches (*error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED))
    return;
  g_clear_error (error);
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
                       _("This file is sealed but holds no Tessera bundle; open it with the program it is for."));
}

static gboolean
read_certificate_pair (TesseraBundle *self, TesseraArchiveReader *reader, GError **error)
{
  const char *name;
  guint64 size;

  if (!tessera_archive_reader_next (reader, &name, &size, error))
    return FALSE;
  if (g_strcmp0 (name, TESSERA_BUNDLE_CERTIFICATE) != 0)
    return TRUE;
  self->certificate_text = tessera_archive_reader_read_member (reader, TESSERA_CERTIFICATE_MAX_SIZE, error);
  if (self->certificate_text == NULL)
    return FALSE;
  self->certificate_signature_text
    = read_named (reader, TESSERA_BUNDLE_CERTIFICATE_SIGNATURE, TESSERA_MINISIGN_MAX_FILE, error);

  return self->certificate_signature_text != NULL;
}

static gboolean
read_first_members (TesseraBundle *self, GError **error)
{
  g_autoptr (TesseraArchiveReader) reader = start (self, error);

  if (reader == NULL)
    return FALSE;
  self->manifest_text = read_named (reader, TESSERA_BUNDLE_MANIFEST, TESSERA_MANIFEST_MAX_SIZE, error);
  if (self->manifest_text == NULL) {
    soften_first_error (error);
    return FALSE;
  }
  self->signature_text
    = read_named (reader, TESSERA_BUNDLE_MANIFEST_SIGNATURE, TESSERA_MINISIGN_MAX_FILE, error);

  return self->signature_text != NULL && read_certificate_pair (self, reader, error);
}

/* ---- signatures ---- */

static gboolean
find_key (const TesseraBundleTrust *trust,
          TesseraBundleSigner       signer,
          const guint8             *number,
          guint8                   *public_key,
          GError                  **error)
{
  if (trust->find_key (signer, number, public_key, trust->user_data))
    return TRUE;

  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER,
                       _("This bundle is from somebody unknown; import the sender's card and compare the fingerprint."));
  return FALSE;
}

static TesseraMinisignSignature *
parse_signature (GBytes *text, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  return tessera_minisign_signature_parse (data, size, error);
}

static gboolean
verify_text (const TesseraMinisignSignature *signature, const guint8 *public_key, GBytes *text, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (text, &size);

  return tessera_minisign_signature_verify (signature, public_key, data, size, error);
}

static gboolean
verify_certificate (TesseraBundle *self, const TesseraBundleTrust *trust, GError **error)
{
  g_autoptr (TesseraMinisignSignature) signature = parse_signature (self->certificate_signature_text, error);
  const char *text;
  gsize size;

  if (signature == NULL
      || !find_key (trust, TESSERA_BUNDLE_SIGNER_ORGANIZATION, signature->number, self->organization_key, error)
      || !verify_text (signature, self->organization_key, self->certificate_text, error))
    return FALSE;
  /* So that nothing else the root key ever signed can be passed off as a certificate. */
  if (!g_str_has_prefix (signature->trusted_comment, TESSERA_CERTIFICATE_FORMAT " ")) {
    set_malformed (error);
    return FALSE;
  }
  text = g_bytes_get_data (self->certificate_text, &size);
  self->certificate = tessera_certificate_parse (text, size, error);
  if (self->certificate == NULL)
    return FALSE;
  memcpy (self->signing_key, self->certificate->signing_key, sizeof self->signing_key);

  return TRUE;
}

static gboolean
verify_signatures (TesseraBundle *self, const TesseraBundleTrust *trust, GError **error)
{
  self->signature = parse_signature (self->signature_text, error);
  if (self->signature == NULL)
    return FALSE;
  if (self->certificate_text != NULL) {
    if (!verify_certificate (self, trust, error))
      return FALSE;
  } else if (!find_key (trust, TESSERA_BUNDLE_SIGNER_DEVICE, self->signature->number, self->signing_key, error)) {
    return FALSE;
  }

  return verify_text (self->signature, self->signing_key, self->manifest_text, error);
}

/* ---- the manifest ---- */

static gboolean
is_blob_name (const char *name)
{
  return g_str_has_prefix (name, TESSERA_BUNDLE_BLOB_PREFIX)
         && tessera_is_hex (name + strlen (TESSERA_BUNDLE_BLOB_PREFIX), 2 * TESSERA_BUNDLE_BLOB_HASH_SIZE);
}

static const TesseraManifestPart *
get_part (const TesseraBundle *self, guint i)
{
  return i < self->manifest->parts->len ? self->manifest->parts->pdata[i] : NULL;
}

static gboolean
part_is (const TesseraManifestPart *part, const char *name, gboolean compressed)
{
  return part != NULL && strcmp (part->name, name) == 0 && (part->raw >= 0) == compressed;
}

/* Names and order of parts leave no choice: certificate pair if there is one, data, attachments by name. */
static gboolean
check_part_names (const TesseraBundle *self)
{
  guint i = 0;
  const char *last = "";

  if (self->certificate != NULL
      && (!part_is (get_part (self, i++), TESSERA_BUNDLE_CERTIFICATE, FALSE)
          || !part_is (get_part (self, i++), TESSERA_BUNDLE_CERTIFICATE_SIGNATURE, FALSE)))
    return FALSE;
  if (!part_is (get_part (self, i++), TESSERA_BUNDLE_DATA, TRUE))
    return FALSE;
  for (; i < self->manifest->parts->len; i++) {
    const TesseraManifestPart *part = get_part (self, i);

    if (part->raw >= 0 || !is_blob_name (part->name) || strcmp (last, part->name) >= 0)
      return FALSE;
    last = part->name;
  }

  return TRUE;
}

static gboolean
check_parts (const TesseraBundle *self, GError **error)
{
  gint64 total = 0;

  if (!check_part_names (self)) {
    set_malformed (error);
    return FALSE;
  }
  for (guint i = 0; i < self->manifest->parts->len; i++) {
    const TesseraManifestPart *part = get_part (self, i);

    total += part->size;
    if (part->size > TESSERA_BUNDLE_MAX_FILE || total > TESSERA_BUNDLE_MAX_FILE || part->raw > TESSERA_BUNDLE_MAX_RAW) {
      g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                   _("The part “%s” of this bundle is larger than allowed; it was not read."), part->name);
      return FALSE;
    }
  }

  return TRUE;
}

static gboolean
check_comment (const TesseraBundle *self, GError **error)
{
  g_autofree char *start_text = tessera_bundle_comment_start (self->manifest->flow);

  if (g_str_has_prefix (self->signature->trusted_comment, start_text))
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("The signature belongs to another kind of file; ask the sender to make the bundle again."));
  return FALSE;
}

static gboolean
check_certificate (const TesseraBundle *self, gint64 now, GError **error)
{
  if (self->certificate == NULL)
    return TRUE;
  if (strcmp (self->certificate->organization, self->manifest->organization) != 0
      || strcmp (self->certificate->device, self->manifest->device) != 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE,
                         _("The certificate is for another device than the one named; do not use this bundle."));
    return FALSE;
  }
  if (now != 0 && now > self->certificate->expires) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_EXPIRED,
                         _("The sender's certificate has ended; ask them for a bundle made with a new one."));
    return FALSE;
  }

  return TRUE;
}

static gboolean
check_recipient (const TesseraBundle *self, GError **error)
{
  guint8 public_key[TESSERA_AGE_KEY_SIZE];

  tessera_age_key_get_public (self->keys[self->key_index], public_key);
  if (tessera_manifest_has_recipient (self->manifest, public_key))
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FORWARDED,
                       _("The signer wrote this bundle for somebody else and it was passed on to you; do not use it."));
  return FALSE;
}

static gboolean
check_age (const TesseraBundle *self, const TesseraBundleTrust *trust, GError **error)
{
  if (trust->schema != 0 && self->manifest->min_reader > trust->schema) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                         _("This bundle needs a newer Tessera; update Tessera and open it again."));
    return FALSE;
  }
  if (trust->now != 0 && self->manifest->expires != 0 && trust->now > self->manifest->expires) {
    g_autofree char *date = tessera_instant_to_text (self->manifest->expires);

    g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_EXPIRED,
                 _("This bundle was valid until %.10s; ask the sender for a current one."), date);
    return FALSE;
  }

  return TRUE;
}

static gboolean
check_manifest (TesseraBundle *self, const TesseraBundleTrust *trust, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (self->manifest_text, &size);

  self->manifest = tessera_manifest_parse (text, size, error);
  if (self->manifest == NULL)
    return FALSE;
  self->manifest_hash = tessera_manifest_hash (text, size);

  return check_comment (self, error) && check_recipient (self, error) && check_certificate (self, trust->now, error)
         && check_age (self, trust, error) && check_parts (self, error)
         && (trust->accept == NULL
             || trust->accept (self->manifest, self->signing_key, tessera_bundle_get_organization_key (self),
                               trust->user_data, error));
}

TesseraBundle *
tessera_bundle_open (GInputStream               *source,
                     const TesseraSecret *const *keys,
                     gsize                       n_keys,
                     const TesseraBundleTrust   *trust,
                     GError                    **error)
{
  g_autoptr (TesseraBundle) self = g_new0 (TesseraBundle, 1);
  g_autoptr (GError) problem = NULL;

  g_return_val_if_fail (G_IS_SEEKABLE (source), NULL);
  g_return_val_if_fail (n_keys > 0 && n_keys <= TESSERA_AGE_MAX_KEYS, NULL);

  self->source = g_object_ref (source);
  self->n_keys = n_keys;
  for (gsize i = 0; i < n_keys; i++)
    self->keys[i] = tessera_secret_copy (keys[i]);
  if (!read_first_members (self, &problem) || !verify_signatures (self, trust, &problem)
      || !check_manifest (self, trust, &problem)) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }

  return g_steal_pointer (&self);
}

const TesseraManifest *
tessera_bundle_get_manifest (TesseraBundle *self)
{
  return self->manifest;
}

const char *
tessera_bundle_get_manifest_hash (TesseraBundle *self)
{
  return self->manifest_hash;
}

const char *
tessera_bundle_get_comment (TesseraBundle *self)
{
  return self->signature->trusted_comment;
}

const guint8 *
tessera_bundle_get_signing_key (TesseraBundle *self)
{
  return self->signing_key;
}

const guint8 *
tessera_bundle_get_organization_key (TesseraBundle *self)
{
  return self->certificate != NULL ? self->organization_key : NULL;
}

const TesseraCertificate *
tessera_bundle_get_certificate (TesseraBundle *self)
{
  return self->certificate;
}

/* ---- the passes ---- */

static gboolean
check_same (TesseraArchiveReader *reader, const char *name, GBytes *expected, GError **error)
{
  g_autoptr (GBytes) found = read_named (reader, name, g_bytes_get_size (expected), error);

  if (found == NULL)
    return FALSE;

  return g_bytes_equal (found, expected) || fail_damaged (error, name);
}

static gboolean
hash_is (TesseraHasher *hasher, const char *expected)
{
  g_autofree char *text = tessera_hasher_final_text (hasher);

  return strcmp (text, expected) == 0;
}

static gboolean
deliver_blob (const Sink *sink, const char *name, gconstpointer piece, gsize size, gboolean last, GError **error)
{
  return sink->blob_func == NULL
         || sink->blob_func (name + strlen (TESSERA_BUNDLE_BLOB_PREFIX), piece, size, last, sink->user_data, error);
}

/* One part: read, hashed, handed on, compared. The hashes of a blob are that of the manifest and its own name. */
static gboolean
walk_part (const TesseraManifestPart *part, TesseraArchiveReader *reader, const Sink *sink, GError **error)
{
  g_autofree guint8 *block = g_malloc (TESSERA_AGE_CHUNK_SIZE);
  gboolean is_blob = is_blob_name (part->name);
  g_autoptr (TesseraBundleDecoder) decoder = NULL;
  g_autoptr (TesseraHasher) hasher = tessera_hasher_new (TESSERA_BUNDLE_HASH_SIZE);
  g_autoptr (TesseraHasher) name_hasher = is_blob ? tessera_hasher_new (TESSERA_BUNDLE_BLOB_HASH_SIZE) : NULL;
  gint64 left = part->size;

  if (sink != NULL && part->raw >= 0)
    decoder = tessera_bundle_decoder_new (part->raw, sink->line_func, sink->user_data);
  do {
    gsize got;

    if (!tessera_archive_reader_read (reader, block, TESSERA_AGE_CHUNK_SIZE, &got, error))
      return FALSE;
    left -= got;
    tessera_hasher_update (hasher, block, got);
    if (is_blob)
      tessera_hasher_update (name_hasher, block, got);
    if (decoder != NULL && !tessera_bundle_decoder_feed (decoder, block, got, error))
      return FALSE;
    if (sink != NULL && is_blob && !deliver_blob (sink, part->name, block, got, left == 0, error))
      return FALSE;
  } while (left > 0);

  if (!hash_is (hasher, part->hash)
      || (is_blob && !hash_is (name_hasher, part->name + strlen (TESSERA_BUNDLE_BLOB_PREFIX))))
    return fail_damaged (error, part->name);

  return decoder == NULL || tessera_bundle_decoder_finish (decoder, error);
}

static gboolean
walk_parts (TesseraBundle *self, TesseraArchiveReader *reader, const Sink *sink, GError **error)
{
  for (guint i = 0; i < self->manifest->parts->len; i++) {
    const TesseraManifestPart *part = get_part (self, i);
    const char *name;
    guint64 size;

    if (!tessera_archive_reader_next (reader, &name, &size, error))
      return FALSE;
    if (g_strcmp0 (name, part->name) != 0) {
      set_malformed (error);
      return FALSE;
    }
    if (size != (guint64) part->size)
      return fail_damaged (error, part->name);
    if (!walk_part (part, reader, sink, error))
      return FALSE;
  }

  return TRUE;
}

/* SUMS is not signed, so it may only repeat what is. Reading to the archive's end also proves the file complete. */
static gboolean
walk_end (TesseraBundle *self, TesseraArchiveReader *reader, GError **error)
{
  g_autofree char *sums = NULL;
  g_autoptr (GBytes) found = NULL;
  const char *name;
  guint64 size;

  if (!tessera_archive_reader_next (reader, &name, &size, error))
    return FALSE;
  self->has_sums = g_strcmp0 (name, TESSERA_BUNDLE_SUMS) == 0;
  if (self->has_sums) {
    found = tessera_archive_reader_read_member (reader, TESSERA_BUNDLE_MAX_SUMS, error);
    if (found == NULL)
      return FALSE;
    sums = tessera_bundle_make_sums (self->manifest_text, self->manifest->parts);
    if (g_bytes_get_size (found) != strlen (sums) || memcmp (g_bytes_get_data (found, NULL), sums, strlen (sums)) != 0)
      return fail_damaged (error, TESSERA_BUNDLE_SUMS);
    if (!tessera_archive_reader_next (reader, &name, &size, error))
      return FALSE;
  }
  if (name != NULL) {
    set_malformed (error);
    return FALSE;
  }

  return TRUE;
}

static gboolean
walk (TesseraBundle *self, const Sink *sink, GError **error)
{
  g_autoptr (TesseraArchiveReader) reader = start (self, error);

  return reader != NULL && check_same (reader, TESSERA_BUNDLE_MANIFEST, self->manifest_text, error)
         && check_same (reader, TESSERA_BUNDLE_MANIFEST_SIGNATURE, self->signature_text, error)
         && walk_parts (self, reader, sink, error) && walk_end (self, reader, error);
}

gboolean
tessera_bundle_verify (TesseraBundle *self, GError **error)
{
  if (!self->verified)
    self->verified = walk (self, NULL, error);

  return self->verified;
}

gboolean
tessera_bundle_read (TesseraBundle         *self,
                     TesseraBundleLineFunc  line_func,
                     TesseraBundleBlobFunc  blob_func,
                     gpointer               user_data,
                     GError               **error)
{
  const Sink sink = { line_func, blob_func, user_data };

  return tessera_bundle_verify (self, error) && walk (self, &sink, error);
}

/* ---- inspection ---- */

typedef struct {
  JsonArray *lines;
  guint64 max_lines;
  guint64 n_lines;
} Inspection;

static gboolean
inspect_line (const char *line, gsize length, guint64 number, gpointer user_data, GError **error)
{
  Inspection *inspection = user_data;

  inspection->n_lines = number;
  if (number <= inspection->max_lines)
    json_array_add_element (inspection->lines, tessera_strict_json_parse (line, length));

  return TRUE;
}

static void
add_member (JsonArray *members, const char *name, gint64 size)
{
  JsonObject *member = json_object_new ();

  json_object_set_string_member (member, "name", name);
  json_object_set_int_member (member, "size", size);
  json_array_add_object_element (members, member);
}

static JsonArray *
list_members (TesseraBundle *self)
{
  JsonArray *members = json_array_new ();

  add_member (members, TESSERA_BUNDLE_MANIFEST, g_bytes_get_size (self->manifest_text));
  add_member (members, TESSERA_BUNDLE_MANIFEST_SIGNATURE, g_bytes_get_size (self->signature_text));
  for (guint i = 0; i < self->manifest->parts->len; i++)
    add_member (members, get_part (self, i)->name, get_part (self, i)->size);
  if (self->has_sums) {
    g_autofree char *sums = tessera_bundle_make_sums (self->manifest_text, self->manifest->parts);

    add_member (members, TESSERA_BUNDLE_SUMS, strlen (sums));
  }

  return members;
}

static void
add_key (JsonObject *object, const char *name, const guint8 *public_key)
{
  g_autofree char *text = public_key != NULL ? tessera_minisign_public_key_to_text (public_key) : NULL;

  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

JsonNode *
tessera_bundle_inspect (TesseraBundle *self, guint64 max_lines, GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  Inspection inspection = { .lines = json_array_new (), .max_lines = max_lines };

  json_node_take_object (root, object);
  if (!tessera_bundle_read (self, inspect_line, NULL, &inspection, error)) {
    json_array_unref (inspection.lines);
    return NULL;
  }
  json_object_set_array_member (object, "members", list_members (self));
  json_object_set_object_member (object, "manifest", json_object_ref (self->manifest->fields));
  json_object_set_string_member (object, "comment", tessera_bundle_get_comment (self));
  add_key (object, "signer", self->signing_key);
  add_key (object, "organization_key", tessera_bundle_get_organization_key (self));
  json_object_set_int_member (object, "stanzas", self->n_stanzas);
  json_object_set_int_member (object, "line_count", inspection.n_lines);
  json_object_set_array_member (object, "lines", inspection.lines);

  return g_steal_pointer (&root);
}

void
tessera_bundle_free (TesseraBundle *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->source);
  for (gsize i = 0; i < self->n_keys; i++)
    tessera_secret_free (self->keys[i]);
  g_clear_pointer (&self->manifest_text, g_bytes_unref);
  g_clear_pointer (&self->signature_text, g_bytes_unref);
  g_clear_pointer (&self->certificate_text, g_bytes_unref);
  g_clear_pointer (&self->certificate_signature_text, g_bytes_unref);
  g_free (self->manifest_hash);
  tessera_minisign_signature_free (self->signature);
  tessera_manifest_free (self->manifest);
  tessera_certificate_free (self->certificate);
  g_free (self);
}
