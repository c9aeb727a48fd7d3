/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange-fixture.c: see the header.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "exchange-fixture.h"
#include "tessera-archive.h"

static TesseraSecret *
seed_of (const char *name)
{
  g_autofree char *text = g_strconcat ("tessera test key ", name, NULL);
  TesseraSecret *seed = tessera_secret_new (32);

  crypto_generichash (tessera_secret_get_writable (seed), 32, (const guint8 *) text, strlen (text), NULL, 0);

  return seed;
}

TesseraSecret *
fixture_signing_key (const char *name)
{
  g_autoptr (TesseraSecret) seed = seed_of (name);

  return tessera_minisign_key_from_seed (seed);
}

TesseraSecret *
fixture_age_key (const char *name)
{
  return seed_of (name);
}

static gboolean
find_key (TesseraBundleSigner signer, const guint8 *number, guint8 *public_key, gpointer user_data)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key (signer == TESSERA_BUNDLE_SIGNER_DEVICE ? "sender" : "root");
  guint8 own_number[TESSERA_MINISIGN_NUMBER_SIZE];

  tessera_minisign_key_get_public (key, public_key);
  tessera_minisign_key_number (public_key, own_number);

  return memcmp (number, own_number, sizeof own_number) == 0;
}

static gboolean
accept (const TesseraManifest *manifest,
        const guint8          *signing_key,
        const guint8          *organization_key,
        gpointer               user_data,
        GError               **error)
{
  if (strcmp (manifest->device, FIXTURE_REVOKED_DEVICE) != 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_REFUSED, "revoked");

  return FALSE;
}

const TesseraBundleTrust fixture_trust = { find_key, accept, NULL, 1, FIXTURE_NOW };

TesseraManifest *
fixture_manifest (void)
{
  TesseraManifest *manifest = tessera_manifest_new ();

  manifest->flow = TESSERA_FLOW_REFERRAL;
  manifest->id = g_strdup ("44444444444444444444444444444444");
  manifest->organization = g_strdup (FIXTURE_ORGANIZATION);
  manifest->device = g_strdup (FIXTURE_DEVICE);
  manifest->stream = g_strdup (FIXTURE_STREAM);
  manifest->from = 1;
  manifest->upto = 2;
  tessera_manifest_set_sequence (manifest, FIXTURE_STREAM, 2);
  manifest->roster = 3;
  manifest->created = FIXTURE_NOW - 3600 * 1000;
  manifest->expires = FIXTURE_NOW + G_GINT64_CONSTANT (7) * 86400 * 1000;

  return manifest;
}

char *
fixture_certificate (const char *device, gint64 expires, char **ret_signature)
{
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  g_autoptr (TesseraSecret) sender = fixture_signing_key ("sender");
  TesseraCertificate certificate = {
    .organization = (char *) FIXTURE_ORGANIZATION,
    .device = (char *) device,
    .created = FIXTURE_NOW - 86400000,
    .expires = expires,
  };
  char *text;

  tessera_minisign_key_get_public (sender, certificate.signing_key);
  text = tessera_certificate_to_text (&certificate);
  *ret_signature = tessera_certificate_sign (root, text, NULL);

  return text;
}

GBytes *
fixture_seal (const TesseraBundleContents *contents)
{
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (GBytes) lines = g_bytes_new_static (FIXTURE_LINES, strlen (FIXTURE_LINES));
  TesseraBundleContents plain = { .data = lines, .comment = FIXTURE_COMMENT };
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  g_autoptr (GError) error = NULL;
  GBytes *file;

  tessera_age_key_get_public (reader, public_key);
  file = tessera_bundle_seal (manifest, contents != NULL ? contents : &plain, key, public_key, 1, NULL, NULL, &error);
  g_assert_no_error (error);

  return file;
}

int
fixture_read (GBytes *file)
{
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (TesseraBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  bundle = tessera_bundle_open (source, keys, 1, &fixture_trust, &error);
  if (bundle != NULL && tessera_bundle_read (bundle, NULL, NULL, NULL, &error))
    return -1;
  g_assert_nonnull (error);
  g_assert_true (error->domain == TESSERA_BUNDLE_ERROR);
  g_assert_cmpint (strlen (error->message), >, 0);

  return error->code;
}

GBytes *
fixture_decrypt (GBytes *file)
{
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  g_autoptr (TesseraAgeInputStream) input = tessera_age_input_stream_new (source, keys, 1, NULL);

  g_assert_nonnull (input);
  g_assert_cmpint (g_output_stream_splice (output, G_INPUT_STREAM (input), G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                                           NULL), >=, 0);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

GBytes *
fixture_encrypt (gconstpointer data, gsize size, const char *const *readers)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (TesseraAgeWriter) writer = NULL;
  guint8 public_keys[TESSERA_AGE_MAX_STANZAS * TESSERA_AGE_KEY_SIZE];
  gsize n = 0;

  for (; readers[n] != NULL; n++) {
    g_autoptr (TesseraSecret) key = fixture_age_key (readers[n]);

    tessera_age_key_get_public (key, public_keys + n * TESSERA_AGE_KEY_SIZE);
  }
  writer = tessera_age_writer_new (output, public_keys, n, FALSE, NULL);
  g_assert_true (tessera_age_writer_write (writer, data, size, NULL));
  g_assert_true (tessera_age_writer_finish (writer, NULL));
  g_assert_true (g_output_stream_close (output, NULL, NULL));

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

/* ---- taking apart ---- */

static void
member_free (FixtureMember *member)
{
  g_free (member->name);
  g_byte_array_unref (member->data);
  g_free (member);
}

FixtureMember *
fixture_find (GPtrArray *members, const char *name)
{
  for (guint i = 0; i < members->len; i++) {
    FixtureMember *member = members->pdata[i];

    if (strcmp (member->name, name) == 0)
      return member;
  }

  return NULL;
}

void
fixture_set (GPtrArray *members, const char *name, gconstpointer data, gsize size)
{
  FixtureMember *member = fixture_find (members, name);

  if (member == NULL) {
    member = g_new0 (FixtureMember, 1);
    member->name = g_strdup (name);
    member->data = g_byte_array_new ();
    g_ptr_array_add (members, member);
  }
  g_byte_array_set_size (member->data, 0);
  g_byte_array_append (member->data, data, size);
}

GPtrArray *
fixture_unpack (GBytes *archive)
{
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (archive);
  g_autoptr (TesseraArchiveReader) reader = tessera_archive_reader_new (source);
  GPtrArray *members = g_ptr_array_new_with_free_func ((GDestroyNotify) member_free);
  const char *name;
  guint64 size;

  while (tessera_archive_reader_next (reader, &name, &size, NULL) && name != NULL) {
    g_autoptr (GBytes) data = tessera_archive_reader_read_member (reader, size, NULL);

    fixture_set (members, name, g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  }

  return members;
}

void
fixture_replace (GPtrArray *members, const char *name, const char *old, const char *new)
{
  FixtureMember *member = fixture_find (members, name);
  g_autoptr (GString) text = g_string_new_len ((const char *) member->data->data, member->data->len);

  g_assert_cmpuint (g_string_replace (text, old, new, 1), ==, 1);
  fixture_set (members, name, text->str, text->len);
}

static char *
hash_of (GByteArray *data)
{
  guint8 hash[64];
  char *text = g_malloc (129);

  crypto_generichash (hash, sizeof hash, data->data, data->len, NULL, 0);

  return sodium_bin2hex (text, 129, hash, sizeof hash);
}

void
fixture_describe (GPtrArray *members)
{
  FixtureMember *text = fixture_find (members, "manifest.json");
  g_autoptr (TesseraManifest) manifest
    = tessera_manifest_parse ((const char *) text->data->data, text->data->len, NULL);
  g_autoptr (GString) sums = g_string_new (NULL);
  g_autofree char *again = NULL;
  g_autofree char *hash = NULL;

  for (guint i = 0; i < manifest->parts->len; i++) {
    TesseraManifestPart *part = manifest->parts->pdata[i];
    FixtureMember *member = fixture_find (members, part->name);

    g_free (part->hash);
    part->hash = hash_of (member->data);
    part->size = member->data->len;
    g_string_append_printf (sums, "%s  %s\n", part->hash, part->name);
  }
  again = tessera_manifest_to_text (manifest, NULL);
  fixture_set (members, "manifest.json", again, strlen (again));
  hash = hash_of (fixture_find (members, "manifest.json")->data);
  g_string_prepend (sums, "  manifest.json\n");
  g_string_prepend (sums, hash);
  fixture_set (members, "SUMS", sums->str, sums->len);
}

void
fixture_sign (GPtrArray *members, const char *key_name, const char *comment)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key (key_name);
  FixtureMember *text = fixture_find (members, "manifest.json");
  g_autofree char *signature
    = tessera_minisign_sign (key, text->data->data, text->data->len,
                             comment != NULL ? comment : "tessera/1 referral " FIXTURE_COMMENT, NULL);

  fixture_set (members, "manifest.json.minisig", signature, strlen (signature));
}

GPtrArray *
fixture_members (const TesseraBundleContents *contents)
{
  g_autoptr (GBytes) file = fixture_seal (contents);
  g_autoptr (GBytes) archive = fixture_decrypt (file);
  GPtrArray *members = fixture_unpack (archive);
  FixtureMember *data = fixture_find (members, "data.ndjson.zst");
  guint8 *padding;

  /* The padding is the rest of the member behind the only skippable frame's magic number. */
  padding = memmem (data->data->data, data->data->len, "\x50\x2a\x4d\x18", 4);
  memset (padding + 4, 0, 4);
  g_byte_array_set_size (data->data, padding + 8 - data->data->data);
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return members;
}

gboolean
fixture_append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, size);

  return TRUE;
}

GBytes *
fixture_archive (GPtrArray *members)
{
  GByteArray *archive = g_byte_array_new ();
  g_autoptr (TesseraArchiveWriter) writer = tessera_archive_writer_new (fixture_append, archive);

  for (guint i = 0; i < members->len; i++) {
    FixtureMember *member = members->pdata[i];

    g_assert_true (tessera_archive_writer_add (writer, member->name, member->data->data, member->data->len, NULL));
  }
  g_assert_true (tessera_archive_writer_finish (writer, NULL));

  return g_byte_array_free_to_bytes (archive);
}

GBytes *
fixture_pack (GPtrArray *members)
{
  g_autoptr (GBytes) archive = fixture_archive (members);

  return fixture_encrypt (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive),
                          (const char *[]) { "reader", NULL });
}

char *
fixture_vector (const char *file)
{
  return g_test_build_filename (G_TEST_DIST, "exchange", "vectors", file, NULL);
}

const char *
fixture_code_name (int code)
{
  static const char *const names[] = {
    "ok", "not-a-bundle", "truncated", "damaged", "not-for-us", "forwarded", "unknown-sender", "bad-signature",
    "too-new", "expired", "too-large", "malformed", "refused", "invalid", "failed",
    "too-early",
  };

  return names[code + 1];
}
