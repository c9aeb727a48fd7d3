/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-parts.c: the pieces a bundle is made of: signatures, archive, JSON, manifest, certificate, fingerprint, names.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "tessera-archive.h"
#include "tessera-base64.h"
#include "tessera-card.h"
#include "tessera-fingerprint.h"
#include "tessera-strict-json.h"

/* ---- base64 ---- */

/* Of all texts one byte away from a good one, none may decode to the same bytes. */
static void
test_base64 (void)
{
  static const guint8 data[32] = { 0, 16, 131, 255, 77, 254, 3 };
  g_autofree char *text = g_base64_encode (data, sizeof data);
  gsize length = strlen (text);
  guint8 decoded[32];
  gsize size;

  g_assert_true (tessera_base64_decode (text, length, TRUE, decoded, sizeof decoded, &size));
  g_assert_cmpmem (decoded, size, data, sizeof data);
  g_assert_false (tessera_base64_decode (text, length, FALSE, decoded, sizeof decoded, &size));
  g_assert_true (tessera_base64_decode (text, length - 1, FALSE, decoded, sizeof decoded, &size));
  g_assert_false (tessera_base64_decode (text, length - 1, TRUE, decoded, sizeof decoded, &size));
  for (gsize i = 0; i < length; i++) {
    for (guint change = 1; change < 256; change++) {
      text[i] ^= change;
      g_assert_false (tessera_base64_decode (text, length, TRUE, decoded, sizeof decoded, &size)
                      && size == sizeof data && memcmp (decoded, data, size) == 0);
      text[i] ^= change;
    }
  }
}

/* ---- signatures ---- */

static void
test_signature (void)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = tessera_minisign_sign (key, "hello", 5, "for \xd9\x84\xe2\x80\x8c people", &error);
  g_autoptr (TesseraMinisignSignature) signature = NULL;
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 number[TESSERA_MINISIGN_NUMBER_SIZE];

  g_assert_no_error (error);
  tessera_minisign_key_get_public (key, public_key);
  tessera_minisign_key_number (public_key, number);
  signature = tessera_minisign_signature_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signature->number, 8, number, 8);
  g_assert_cmpstr (signature->trusted_comment, ==, "for \xd9\x84\xe2\x80\x8c people");
  g_assert_true (tessera_minisign_signature_verify (signature, public_key, "hello", 5, NULL));
  g_assert_false (tessera_minisign_signature_verify (signature, public_key, "hellO", 5, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  public_key[3] ^= 1;
  g_assert_false (tessera_minisign_signature_verify (signature, public_key, "hello", 5, NULL));
}

static void
test_signature_changed (void)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autofree char *text = tessera_minisign_sign (key, "hello", 5, "comment", NULL);
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  gsize length = strlen (text);
  gsize line = strlen ("untrusted comment: signature from a Tessera device");

  tessera_minisign_key_get_public (key, public_key);
  for (gsize i = 0; i < length; i++) {
    /* The untrusted comment may say anything; the key number is only a hint. */
    if ((i >= strlen ("untrusted comment: ") && i < line) || (i >= line + 3 && i < line + 16))
      continue;
    for (guint bit = 0; bit < 8; bit++) {
      g_autoptr (TesseraMinisignSignature) signature = NULL;

      text[i] ^= 1 << bit;
      signature = tessera_minisign_signature_parse (text, length, NULL);
      g_assert_true (signature == NULL
                     || !tessera_minisign_signature_verify (signature, public_key, "hello", 5, NULL));
      text[i] ^= 1 << bit;
    }
  }
  for (gsize i = 0; i < length; i++)
    g_assert_null (tessera_minisign_signature_parse (text, i, NULL));
}

static void
test_comment (void)
{
  static const char *const bad[] = { "a\nb", "a\x7f", "\xff", "\xe2\x80\xae", "\xe2\x80\xa8", "\xef\xbf\xbf", "\t",
                                     "\xe2\x81\xa6" };
  static const char *const good[] = { "", "plain", "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe2\x80\x8f",
                                      "\xe0\xa4\xa8", "\xf0\x9f\x8f\xa0" };
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");
  g_autofree char *long_comment = g_strnfill (TESSERA_MINISIGN_MAX_TRUSTED_COMMENT + 1, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (tessera_minisign_comment_is_printable (bad[i], strlen (bad[i])));
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (tessera_minisign_comment_is_printable (good[i], strlen (good[i])));
  g_assert_false (tessera_minisign_comment_is_printable ("a\0b", 3));
  g_assert_null (tessera_minisign_sign (key, "", 0, "a\nb", NULL));
  g_assert_null (tessera_minisign_sign (key, "", 0, long_comment, NULL));
}

static void
test_public_key (void)
{
  g_autoptr (TesseraSecret) key = tessera_minisign_key_generate ();
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 parsed[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autofree char *text = NULL;

  tessera_minisign_key_get_public (key, public_key);
  text = tessera_minisign_public_key_to_text (public_key);
  g_assert_true (g_str_has_prefix (text, "RW"));
  g_assert_cmpuint (strlen (text), ==, 56);
  g_assert_true (tessera_minisign_public_key_from_text (text, parsed, NULL, NULL));
  g_assert_cmpmem (public_key, 32, parsed, 32);
  text[0] = 'Q';
  g_assert_false (tessera_minisign_public_key_from_text (text, parsed, NULL, NULL));
  g_assert_false (tessera_minisign_public_key_from_text ("", parsed, NULL, NULL));
}

/* ---- archive ---- */

static void
test_archive (void)
{
  static const gsize sizes[] = { 0, 1, 511, 512, 513, 70000 };
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree guint8 *data = g_malloc (70000);
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (TesseraArchiveReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  guint64 space = TESSERA_ARCHIVE_END_SIZE;
  const char *name;
  guint64 size;
  g_autoptr (TesseraArchiveWriter) writer = tessera_archive_writer_new (fixture_append, archive);

  memset (data, 'x', 70000);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    gsize half = sizes[i] / 2;

    /* In two pieces: nothing depends on how a member is cut. */
    g_assert_true (tessera_archive_writer_begin (writer, "member", sizes[i], &error));
    g_assert_true (tessera_archive_writer_write (writer, data, half, &error));
    g_assert_true (tessera_archive_writer_write (writer, data + half, sizes[i] - half, &error));
    space += tessera_archive_member_space (sizes[i]);
  }
  g_assert_true (tessera_archive_writer_finish (writer, &error));
  g_assert_cmpuint (archive->len, ==, space);

  input = g_memory_input_stream_new_from_data (archive->data, archive->len, NULL);
  reader = tessera_archive_reader_new (input);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) read = NULL;

    g_assert_true (tessera_archive_reader_next (reader, &name, &size, &error));
    g_assert_cmpstr (name, ==, "member");
    g_assert_cmpuint (size, ==, sizes[i]);
    /* Every second member is read over. */
    if (i % 2 == 0)
      continue;
    read = tessera_archive_reader_read_member (reader, size, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (g_bytes_get_data (read, NULL), g_bytes_get_size (read), data, sizes[i]);
  }
  g_assert_true (tessera_archive_reader_next (reader, &name, &size, &error));
  g_assert_null (name);
}

/* Whether an archive is read to its end without complaint. */
static gboolean
archive_is_good (const guint8 *bytes, gsize size)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data (bytes, size, NULL);
  g_autoptr (TesseraArchiveReader) reader = tessera_archive_reader_new (input);
  const char *name = "";
  guint64 member_size;

  while (name != NULL)
    if (!tessera_archive_reader_next (reader, &name, &member_size, NULL))
      return FALSE;

  return TRUE;
}

static void
test_archive_changed (void)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autoptr (TesseraArchiveWriter) writer = tessera_archive_writer_new (fixture_append, archive);

  g_assert_true (tessera_archive_writer_add (writer, "member", "content", 7, NULL));
  g_assert_true (tessera_archive_writer_finish (writer, NULL));
  g_assert_true (archive_is_good (archive->data, archive->len));
  for (gsize i = 0; i < archive->len; i++) {
    gboolean is_content = i >= 512 && i < 519;

    archive->data[i] ^= 1;
    /* The name is the caller's to judge, but its sum must fit. */
    g_assert_true (archive_is_good (archive->data, archive->len) == is_content);
    archive->data[i] ^= 1;
    g_assert_false (archive_is_good (archive->data, i));
  }
}

/* ---- JSON ---- */

/* One string around @size bytes, behind so many letters that they stand at every place of a word. */
static gboolean
string_is_good (const guint8 *bytes, gsize size, guint n_before)
{
  char text[64] = "{\"a\":\"abcdefghijklmnop";
  gsize length = 6 + n_before;

  memcpy (text + length, bytes, size);
  length += size;
  memcpy (text + length, "xyz\"}", 5);

  return tessera_strict_json_check (text, length + 5);
}

/* What is UTF-8 is decided as GLib decides it, for every combination of bytes that stand at some border. */
static void
test_json_utf8 (void)
{
  static const guint8 borders[] = {
    0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
    0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  };
  const guint n = G_N_ELEMENTS (borders);

  for (guint i = 0; i < n * n * n * n; i++) {
    const guint8 bytes[] = { borders[i % n], borders[i / n % n], borders[i / n / n % n], borders[i / n / n / n] };

    g_assert_true (string_is_good (bytes, 4, i % 9) == g_utf8_validate_len ((const char *) bytes, 4, NULL));
  }
}

/* Every byte at every place: a quotation mark ends the string early, a control character never stands in one. */
static void
test_json_bytes (void)
{
  for (guint place = 0; place < 17; place++) {
    for (guint byte = 0; byte < 0x80; byte++) {
      const guint8 bytes[] = { byte };
      gboolean expected = byte >= ' ' && byte != '"' && byte != '\\';

      g_assert_true (string_is_good (bytes, 1, place) == expected);
    }
    g_assert_true (string_is_good ((const guint8 *) "\\n", 2, place));
    g_assert_false (string_is_good ((const guint8 *) "\\x", 2, place));
  }
}

/* As many names as are allowed, and none twice, at any depth. */
static void
test_json_names (void)
{
  static const guint counts[] = { 1, 63, 64, 65, 500, TESSERA_STRICT_JSON_MAX_NAMES, TESSERA_STRICT_JSON_MAX_NAMES + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autoptr (GString) inner = g_string_new ("{\"n0\":1");
    g_autoptr (GString) text = NULL;
    gboolean allowed = counts[i] <= TESSERA_STRICT_JSON_MAX_NAMES;

    for (guint j = 1; j < counts[i]; j++)
      g_string_append_printf (inner, ",\"n%u\":%u", j, j);
    /* The same names in one object inside another are not the same. */
    text = g_string_new (NULL);
    g_string_printf (text, "%s,\"m\":%s}}", inner->str, inner->str);
    if (counts[i] < TESSERA_STRICT_JSON_MAX_NAMES)
      g_assert_true (tessera_strict_json_check (text->str, text->len));
    g_string_printf (text, "%s}", inner->str);
    g_assert_true (tessera_strict_json_check (text->str, text->len) == allowed);
    g_string_printf (text, "%s,\"n%u\":1}", inner->str, counts[i] / 2);
    g_assert_false (tessera_strict_json_check (text->str, text->len));
  }
}

static void
test_strict_json (void)
{
  static const char *const good[] = {
    "{}", " { \"a\" : [ 1 , -2.5e+3 , true , false , null , \"\\u00e9\\ud83d\\ude00\\n\" ] } ",
    "{\"a\":{\"a\":{}},\"b\":0}", "{\"\":-0}",
  };
  static const char *const bad[] = {
    "", "[]", "1", "{", "{}x", "{}{}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":01}", "{\"a\":.5}",
    "{\"a\":1.}", "{\"a\":1e}", "{\"a\":+1}", "{\"a\":NaN}", "{'a':1}", "{a:1}", "{\"a\":1 /* x */}",
    "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    "{\"a\":\"\xc3\"}", "{\"a\":1234567890123456789}", "var x = {}", "{\"a\":[1,]}", "{\"a\":tru}",
    "[[[[[[[[[[[[[[[[[[[[", "{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (JsonNode) node = tessera_strict_json_parse (good[i], strlen (good[i]));

    g_assert_nonnull (node);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (tessera_strict_json_check (bad[i], strlen (bad[i])))
      g_error ("accepted: %s", bad[i]);
  g_assert_false (tessera_strict_json_check ("{\"a\":\"\0\"}", 9));
}

/* ---- manifest ---- */

static void
test_manifest (void)
{
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autofree char *hash = g_strnfill (128, 'a');
  g_autoptr (TesseraManifest) again = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint8 public_key[32] = { 1 };
  guint8 second_key[32] = { 2 };

  tessera_manifest_add_recipient (manifest, public_key);
  tessera_manifest_add_recipient (manifest, second_key);
  tessera_manifest_add_recipient (manifest, public_key);
  tessera_manifest_add_part (manifest, "data.ndjson.zst", 10, hash, 20);
  tessera_manifest_add_part (manifest, "blob/x", 11, hash, -1);
  manifest->previous = g_strnfill (64, 'b');
  text = tessera_manifest_to_text (manifest, &error);
  g_assert_no_error (error);
  again = tessera_manifest_parse (text, strlen (text), &error);
  g_assert_no_error (error);

  g_assert_cmpint (again->flow, ==, TESSERA_FLOW_REFERRAL);
  g_assert_cmpstr (again->id, ==, manifest->id);
  g_assert_cmpstr (again->organization, ==, FIXTURE_ORGANIZATION);
  g_assert_cmpstr (again->device, ==, FIXTURE_DEVICE);
  g_assert_cmpuint (again->recipients->len, ==, 2);
  g_assert_true (tessera_manifest_has_recipient (again, second_key));
  second_key[0] = 3;
  g_assert_false (tessera_manifest_has_recipient (again, second_key));
  g_assert_cmpstr (again->stream, ==, FIXTURE_STREAM);
  g_assert_cmpint (again->from, ==, 1);
  g_assert_cmpint (again->upto, ==, 2);
  g_assert_cmpstr (again->previous, ==, manifest->previous);
  g_assert_cmpint (tessera_manifest_get_sequence (again, FIXTURE_STREAM), ==, 2);
  g_assert_cmpint (tessera_manifest_get_sequence (again, FIXTURE_DEVICE), ==, 0);
  g_assert_cmpint (again->roster, ==, 3);
  g_assert_cmpint (again->created, ==, manifest->created);
  g_assert_cmpint (again->expires, ==, manifest->expires);
  g_assert_cmpuint (again->parts->len, ==, 2);
  g_assert_cmpint (((TesseraManifestPart *) again->parts->pdata[0])->raw, ==, 20);
  g_assert_cmpint (((TesseraManifestPart *) again->parts->pdata[1])->raw, ==, -1);
}

/* Each field wrong in turn; nothing else is. */
static void
test_manifest_fields (void)
{
  static const struct {
    const char *old;
    const char *new;
    int code;
  } changes[] = {
    { "\"fmt\":\"tessera/1\"", "\"fmt\":1", TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE },
    { "\"fmt\":\"tessera/1\"", "\"fmt\":\"tessera/10\"", TESSERA_BUNDLE_ERROR_TOO_NEW },
    { "\"flow\":\"referral\"", "\"flow\":null", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"id\":\"4", "\"id\":\"g", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"id\":\"4", "\"id\":\"44", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"org\":", "\"orc\":", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"dev\":\"22", "\"dev\":\"2", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"to\":[\"", "\"to\":[\"0000\",\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"to\":[", "\"to\":[1,", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"from\":1,", "", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"from\":1,", "\"from\":3,", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"from\":1,", "\"from\":0,", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"upto\":2", "\"upto\":2.0", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"vv\":{\"33", "\"vv\":{\"3", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "33\":2}", "33\":-2}", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"schema\":1", "\"schema\":\"1\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"schema\":1", "\"schema\":0", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"roster\":3", "\"roster\":999999999999999999", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "11:00:00Z", "11:00:00+00:00", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "11:00:00Z", "25:00:00Z", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"parts\":[", "\"parts\":[1,", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"size\":10", "\"size\":-10", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"b2\":\"a", "\"b2\":\"A", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"crit\":[]", "\"crit\":{}", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"crit\":[]", "\"crit\":[\"vv\"]", -1 },
    { "\"crit\":[]", "\"crit\":[],\"new\":1", -1 },
  };
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autofree char *hash = g_strnfill (128, 'a');
  g_autofree char *text = NULL;
  guint8 public_key[32] = { 1 };

  tessera_manifest_add_recipient (manifest, public_key);
  tessera_manifest_add_part (manifest, "data.ndjson.zst", 10, hash, 20);
  text = tessera_manifest_to_text (manifest, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autoptr (GString) changed = g_string_new (text);
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraManifest) parsed = NULL;

    g_assert_cmpuint (g_string_replace (changed, changes[i].old, changes[i].new, 1), ==, 1);
    parsed = tessera_manifest_parse (changed->str, changed->len, &error);
    if (changes[i].code >= 0)
      g_assert_error (error, TESSERA_BUNDLE_ERROR, changes[i].code);
    else
      g_assert_no_error (error);
  }
}

static void
test_manifest_limits (void)
{
  g_autoptr (TesseraManifest) manifest = fixture_manifest ();
  g_autofree char *hash = g_strnfill (128, 'a');
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  /* Everything at its limit at once still fits the manifest's own. */
  for (guint i = 0; i < TESSERA_MANIFEST_MAX_RECIPIENTS; i++) {
    guint8 public_key[32] = { i };

    tessera_manifest_add_recipient (manifest, public_key);
  }
  for (guint i = 0; i < TESSERA_MANIFEST_MAX_STREAMS - 1; i++) {
    g_autofree char *stream = g_strdup_printf ("%032x", i);

    tessera_manifest_set_sequence (manifest, stream, TESSERA_MANIFEST_MAX_NUMBER);
  }
  for (guint i = 0; i < TESSERA_MANIFEST_MAX_PARTS; i++) {
    g_autofree char *name = g_strdup_printf ("blob/%064x", i);

    tessera_manifest_add_part (manifest, name, TESSERA_BUNDLE_MAX_FILE, hash, -1);
  }
  text = tessera_manifest_to_text (manifest, &error);
  g_assert_no_error (error);

  tessera_manifest_add_part (manifest, "one more", 1, hash, -1);
  g_assert_null (tessera_manifest_to_text (manifest, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE);
}

/* ---- certificate, fingerprint, names ---- */

static void
test_certificate (void)
{
  g_autofree char *signature = NULL;
  g_autofree char *text = fixture_certificate (FIXTURE_DEVICE, FIXTURE_NOW, &signature);
  g_autoptr (TesseraCertificate) certificate = tessera_certificate_parse (text, strlen (text), NULL);
  g_autofree char *newer = g_strdup (text);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (signature);
  g_assert_nonnull (certificate);
  g_assert_cmpstr (certificate->device, ==, FIXTURE_DEVICE);
  g_assert_cmpint (certificate->expires, ==, FIXTURE_NOW);
  strstr (newer, "cert/1")[5] = '2';
  g_assert_null (tessera_certificate_parse (newer, strlen (newer), &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW);
  for (gsize i = 0; i < strlen (text); i++)
    g_assert_null (tessera_certificate_parse (text, i, NULL));
}

static void
test_fingerprint (void)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key ("root");
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autofree char *text = NULL;
  g_autofree char *typed = NULL;
  g_autofree char *parsed = NULL;
  g_autoptr (GError) error = NULL;

  tessera_minisign_key_get_public (key, public_key);
  text = tessera_fingerprint_new (public_key);
  g_assert_cmpuint (strlen (text), ==, 24);
  g_assert_true (g_regex_match_simple ("^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$", text, 0, 0));
  typed = g_ascii_strdown (text, -1);
  g_strdelimit (typed, "-", ' ');
  g_assert_true (tessera_fingerprint_matches (public_key, typed));
  public_key[0] ^= 1;
  g_assert_false (tessera_fingerprint_matches (public_key, typed));

  parsed = tessera_fingerprint_parse ("oOiI lL00-1111 22223333", NULL);
  g_assert_cmpstr (parsed, ==, "0011-1100-1111-2222-3333");
  g_assert_null (tessera_fingerprint_parse ("0011-1100-1111-2222-333", &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  g_assert_null (tessera_fingerprint_parse ("0011-1100-1111-2222-33334", NULL));
  g_assert_null (tessera_fingerprint_parse ("0011-1100-1111-2222-333U", NULL));
  g_assert_null (tessera_fingerprint_parse ("", NULL));
}

static void
test_names (void)
{
  g_autoptr (GBytes) file = g_bytes_new_static ("abc", 3);
  g_autofree char *name = tessera_bundle_name (file);
  g_autoptr (GInputStream) same = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (GInputStream) other = g_memory_input_stream_new_from_data ("abcd", 4, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_bundle_is_name (name));
  g_assert_true (tessera_bundle_check_name (name, same, &error));
  g_assert_false (tessera_bundle_check_name (name, other, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TRUNCATED);
  g_clear_error (&error);
  name[0] = 'A';
  g_assert_false (tessera_bundle_is_name (name));
  g_assert_false (tessera_bundle_check_name (name, same, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE);
  g_assert_false (tessera_bundle_is_name ("notes (conflicted copy).age"));
}

static void
test_padding (void)
{
  g_assert_cmpuint (tessera_bundle_padded_size (0), ==, 16384);
  g_assert_cmpuint (tessera_bundle_padded_size (16384), ==, 16384);
  g_assert_cmpuint (tessera_bundle_padded_size (16385), ==, 17408);
  for (guint64 size = 1; size < (1 << 28); size += 1 + size / 7) {
    guint64 padded = tessera_bundle_padded_size (size);

    g_assert_cmpuint (padded % 512, ==, 0);
    g_assert_cmpuint (padded, >=, size);
    g_assert_cmpuint (tessera_bundle_padded_size (padded), ==, padded);
    if (size > 16384)
      g_assert_cmpuint (padded - size, <=, size / 15);
  }
}

/* ---- mailbox of a card ---- */

static TesseraCard *
read_card_with (const char *mailbox, int *ret_code)
{
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  g_autoptr (TesseraCard) card = tessera_card_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  TesseraCard *read;

  card->organization = g_strdup (FIXTURE_ORGANIZATION);
  card->name = g_strdup ("Harbor Aid");
  card->mailbox = g_strdup (mailbox);
  card->number = 1;
  card->created = FIXTURE_NOW;
  card->expires = FIXTURE_NOW + 86400000;
  tessera_minisign_key_get_public (root, card->root_key);
  tessera_card_add_device (card, FIXTURE_DEVICE, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
  text = tessera_card_sign (card, root, NULL);
  read = tessera_card_parse (text, strlen (text), FIXTURE_NOW, &error);
  *ret_code = error ? error->code : -1;

  return read;
}

static void
test_card_mailbox (void)
{
  static const char *const wrong[] = { "", "short", "ABCDEFGHIJKLMNOPQRSTUVWXYA", "abcdefghijklmnopqrstuvwxy1",
                                       "abcdefghijklmnopqrstuvwxyab", "../defghijklmnopqrstuvwxya" };
  const char *good = "abcdefghijklmnopqrstuvwxya";
  g_autofree char *relation = tessera_card_relation_mailbox (good, FIXTURE_ORGANIZATION);
  g_autofree char *other = tessera_card_relation_mailbox (good, FIXTURE_DEVICE);
  int code;

  /* Computed with another implementation of BLAKE2b. */
  g_assert_cmpstr (relation, ==, "xvaw2g34zhcq7ni3fxva7rmwta");
  g_assert_cmpstr (relation, !=, other);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (TesseraCard) card = read_card_with (i ? good : NULL, &code);

    g_assert_cmpint (code, ==, -1);
    g_assert_cmpstr (card->mailbox, ==, i ? good : NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_null (read_card_with (wrong[i], &code));
    g_assert_cmpint (code, ==, TESSERA_BUNDLE_ERROR_MALFORMED);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exchange/base64", test_base64);
  g_test_add_func ("/exchange/minisign/signature", test_signature);
  g_test_add_func ("/exchange/minisign/changed", test_signature_changed);
  g_test_add_func ("/exchange/minisign/comment", test_comment);
  g_test_add_func ("/exchange/minisign/public-key", test_public_key);
  g_test_add_func ("/exchange/archive/round-trip", test_archive);
  g_test_add_func ("/exchange/archive/changed", test_archive_changed);
  g_test_add_func ("/exchange/json/strict", test_strict_json);
  g_test_add_func ("/exchange/json/utf8", test_json_utf8);
  g_test_add_func ("/exchange/json/bytes", test_json_bytes);
  g_test_add_func ("/exchange/json/names", test_json_names);
  g_test_add_func ("/exchange/manifest/round-trip", test_manifest);
  g_test_add_func ("/exchange/manifest/fields", test_manifest_fields);
  g_test_add_func ("/exchange/manifest/limits", test_manifest_limits);
  g_test_add_func ("/exchange/certificate", test_certificate);
  g_test_add_func ("/exchange/fingerprint", test_fingerprint);
  g_test_add_func ("/exchange/card/mailbox", test_card_mailbox);
  g_test_add_func ("/exchange/bundle/names", test_names);
  g_test_add_func ("/exchange/bundle/padding", test_padding);

  return g_test_run ();
}
