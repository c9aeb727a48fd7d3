/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bundle-cases.c: the recipes. Each starts from a good bundle and changes one thing.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>
#include <zstd.h>

#include "bundle-cases.h"
#include "envelope.h"
#include "exchange-fixture.h"
#include "tessera-archive.h"

#define MANIFEST "manifest.json"
#define SIGNATURE "manifest.json.minisig"
#define DATA "data.ndjson.zst"

/* ---- right ---- */

static GBytes *
make_small (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  return fixture_pack (members);
}

static GBytes *
make_padded (void)
{
  return fixture_seal (NULL);
}

static GPtrArray *
members_with_certificate (const char *device, gint64 expires)
{
  g_autofree char *signature = NULL;
  g_autofree char *certificate = fixture_certificate (device, expires, &signature);
  g_autoptr (GBytes) lines = g_bytes_new_static (FIXTURE_LINES, strlen (FIXTURE_LINES));
  const TesseraBundleContents contents = {
    .data = lines,
    .certificate = certificate,
    .certificate_signature = signature,
    .comment = FIXTURE_COMMENT,
  };

  return fixture_members (&contents);
}

static GBytes *
make_certificate (void)
{
  g_autoptr (GPtrArray) members = members_with_certificate (FIXTURE_DEVICE, FIXTURE_NOW + 86400000);

  return fixture_pack (members);
}

static GPtrArray *
members_with_blobs (void)
{
  g_autoptr (GBytes) lines = g_bytes_new_static (FIXTURE_LINES, strlen (FIXTURE_LINES));
  g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const TesseraBundleContents contents = { .data = lines, .blobs = blobs, .comment = FIXTURE_COMMENT };

  g_ptr_array_add (blobs, g_bytes_new_static ("a letter", 8));
  g_ptr_array_add (blobs, g_bytes_new_static ("", 0));
  g_ptr_array_add (blobs, g_bytes_new_static ("a letter", 8));

  return fixture_members (&contents);
}

static GBytes *
make_blobs (void)
{
  g_autoptr (GPtrArray) members = members_with_blobs ();

  g_assert_cmpuint (members->len, ==, 6);

  return fixture_pack (members);
}

static GBytes *
make_empty (void)
{
  g_autoptr (GBytes) lines = g_bytes_new_static ("", 0);
  const TesseraBundleContents contents = { .data = lines, .comment = FIXTURE_COMMENT };
  g_autoptr (GPtrArray) members = fixture_members (&contents);

  return fixture_pack (members);
}

/* Changes the manifest's text, signs it again, and leaves SUMS out since it would have to follow. */
static GBytes *
with_manifest (const char *old, const char *new)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_replace (members, MANIFEST, old, new);
  fixture_sign (members, "sender", NULL);
  g_ptr_array_remove (members, fixture_find (members, "SUMS"));

  return fixture_pack (members);
}

static GBytes *
make_unknown_field (void)
{
  return with_manifest ("\"crit\":[]", "\"crit\":[],\"later\":{\"x\":[1.5,null]}");
}

static GBytes *
make_without_sums (void)
{
  return with_manifest ("\"schema\":1", "\"schema\":1");
}

/* ---- other files ---- */

static GBytes *
make_not_age (void)
{
  return g_bytes_new_static ("a letter that is no bundle\n", 27);
}

static GBytes *
make_other_content (void)
{
  g_autofree char *text = g_strnfill (2000, 'x');

  return fixture_encrypt (text, 2000, (const char *[]) { "reader", NULL });
}

static GBytes *
make_other_format (void)
{
  return with_manifest ("tessera/1", "something/1");
}

/* ---- the envelope ---- */

static GBytes *
cut (gssize from_end, gsize length)
{
  g_autoptr (GBytes) file = make_small ();

  return g_bytes_new (g_bytes_get_data (file, NULL), length > 0 ? length : g_bytes_get_size (file) - from_end);
}

static GBytes *
make_cut_header (void)
{
  return cut (0, 100);
}

static GBytes *
make_cut_nonce (void)
{
  return cut (0, 180);
}

static GBytes *
make_cut_payload (void)
{
  return cut (700, 0);
}

static GBytes *
change_byte (const char *mark, gsize offset)
{
  g_autoptr (GBytes) file = make_small ();
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (file, &size), g_bytes_get_size (file));
  guint8 *place = memmem (bytes, size, mark, strlen (mark));

  g_assert_nonnull (place);
  place[offset] ^= 1;

  return g_bytes_new (bytes, size);
}

static GBytes *
make_changed_payload (void)
{
  return change_byte ("\n---", 1000);
}

/* Puts lines in front of the first stanza. */
static GBytes *
with_stanza (const char *stanza)
{
  g_autoptr (GBytes) file = make_small ();
  gsize size;
  const char *bytes = g_bytes_get_data (file, &size);
  gsize start = strlen (TESSERA_AGE_MAGIC) + 1;
  GByteArray *changed = g_byte_array_new ();

  g_byte_array_append (changed, (const guint8 *) bytes, start);
  g_byte_array_append (changed, (const guint8 *) stanza, strlen (stanza));
  g_byte_array_append (changed, (const guint8 *) bytes + start, size - start);

  return g_byte_array_free_to_bytes (changed);
}

static GBytes *
make_changed_header (void)
{
  return with_stanza ("-> other argument\n\n");
}

static GBytes *
make_huge_header (void)
{
  g_autoptr (GString) stanza = g_string_new ("-> other argument\n");

  for (guint i = 0; i < 1100; i++)
    g_string_append (stanza, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
  g_string_append_c (stanza, '\n');

  return with_stanza (stanza->str);
}

static GBytes *
make_many_stanzas (void)
{
  g_autoptr (GString) stanza = g_string_new (NULL);

  for (guint i = 0; i < TESSERA_AGE_MAX_STANZAS; i++)
    g_string_append (stanza, "-> other\n\n");

  return with_stanza (stanza->str);
}

static GBytes *
make_short_share (void)
{
  return with_stanza ("-> X25519 AAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
}

static GBytes *
make_loose_base64 (void)
{
  return with_stanza ("-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
}

/* A byte beyond ASCII that a careless decoder takes for the letter it was. */
static GBytes *
make_loose_mac (void)
{
  g_autoptr (GBytes) file = make_small ();
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (file, &size), g_bytes_get_size (file));
  guint8 *mac = (guint8 *) memmem (bytes, size, "\n--- ", 5) + 5;

  *mac ^= 0x80;

  return g_bytes_new (bytes, size);
}

static GBytes *
make_low_point (void)
{
  return with_stanza ("-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
}

static GBytes *
encrypt_to (const char *first, const char *second)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);

  return fixture_encrypt (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive),
                          (const char *[]) { first, second, NULL });
}

static GBytes *
make_not_for_us (void)
{
  return encrypt_to ("stranger", NULL);
}

/* The fixture addresses `reader`; here somebody who could read it seals it again for others. */
static GBytes *
make_forwarded (void)
{
  g_autoptr (TesseraSecret) stranger = fixture_age_key ("stranger");
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  FixtureMember *member = fixture_find (members, MANIFEST);
  g_autoptr (TesseraManifest) changed
    = tessera_manifest_parse ((const char *) member->data->data, member->data->len, NULL);

  g_ptr_array_set_size (changed->recipients, 0);
  tessera_age_key_get_public (stranger, public_key);
  tessera_manifest_add_recipient (changed, public_key);
  text = tessera_manifest_to_text (changed, NULL);
  fixture_set (members, MANIFEST, text, strlen (text));
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

/* ---- envelopes with the right MAC ---- */

/* A body of nothing, as a stanza of any other kind may have. */
#define OTHER_STANZA "-> other argument\n\n"
#define SCRYPT_STANZA "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static GBytes *
in_envelope (const Envelope *envelope)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);

  return envelope_seal (envelope, archive);
}

static GBytes *
make_other_stanza (void)
{
  return in_envelope (&(Envelope) {
    .before = "-> other argument\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
    .after = "-> grease-x [?\nAAAA\n",
  });
}

static GBytes *
make_scrypt_beside (void)
{
  return in_envelope (&(Envelope) { .after = SCRYPT_STANZA });
}

static GBytes *
make_scrypt_before (void)
{
  return in_envelope (&(Envelope) { .before = SCRYPT_STANZA });
}

static GBytes *
make_scrypt_alone (void)
{
  return in_envelope (&(Envelope) { .before = SCRYPT_STANZA, .without_reader = TRUE });
}

static GBytes *
make_no_stanza (void)
{
  return in_envelope (&(Envelope) { .without_reader = TRUE });
}

static GBytes *
make_version_crlf (void)
{
  return in_envelope (&(Envelope) { .version = TESSERA_AGE_MAGIC "\r\n" });
}

static GBytes *
make_version_two (void)
{
  return in_envelope (&(Envelope) { .version = "age-encryption.org/v2\n" });
}

static GBytes *
make_version_upper (void)
{
  return in_envelope (&(Envelope) { .version = "AGE-ENCRYPTION.ORG/V1\n" });
}

static GBytes *
make_stanza_crlf (void)
{
  return in_envelope (&(Envelope) { .arguments = "\r" });
}

static GBytes *
make_body_crlf (void)
{
  return in_envelope (&(Envelope) { .body_end = "\r\n" });
}

static GBytes *
make_mac_crlf (void)
{
  return in_envelope (&(Envelope) { .mac_end = "\r\n" });
}

static GBytes *
make_mac_space (void)
{
  return in_envelope (&(Envelope) { .mac_end = " \n" });
}

static GBytes *
make_type_lower (void)
{
  return in_envelope (&(Envelope) { .type = "x25519" });
}

static GBytes *
make_third_argument (void)
{
  return in_envelope (&(Envelope) { .arguments = " more" });
}

static GBytes *
make_empty_argument (void)
{
  return in_envelope (&(Envelope) { .before = "-> other  argument\n\n" });
}

static GBytes *
make_trailing_space (void)
{
  return in_envelope (&(Envelope) { .arguments = " " });
}

static GBytes *
make_padded_base64 (void)
{
  return in_envelope (&(Envelope) { .arguments = "=" });
}

static GBytes *
make_long_body (void)
{
  return in_envelope (&(Envelope) { .body_end = "AAAA\n" });
}

static GBytes *
make_body_unfinished (void)
{
  return in_envelope (&(Envelope) {
    .before = "-> other\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
  });
}

static GBytes *
make_wide_body (void)
{
  return in_envelope (&(Envelope) {
    .before = "-> other\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
  });
}

static GBytes *
make_stanza_space (void)
{
  return in_envelope (&(Envelope) { .before = " " OTHER_STANZA });
}

/* Armored, as age writes it for pasting into mail: no bundle is. */
static GBytes *
make_armored (void)
{
  g_autoptr (GBytes) file = make_small ();
  gsize size;
  const guint8 *bytes = g_bytes_get_data (file, &size);
  g_autofree char *text = g_base64_encode (bytes, size);
  GString *armored = g_string_new ("-----BEGIN AGE ENCRYPTED FILE-----\n");

  for (gsize i = 0; i < strlen (text); i += 64)
    g_string_append_printf (armored, "%.64s\n", text + i);
  g_string_append (armored, "-----END AGE ENCRYPTED FILE-----\n");

  return g_string_free_to_bytes (armored);
}

/* A good bundle whose archive fills whole chunks. */
static GBytes *
make_full_chunks (EnvelopePayload payload)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  FixtureMember *data = fixture_find (members, DATA);
  g_autoptr (GBytes) archive = fixture_archive (members);
  guint32 frame = 0;

  /* Twice: the first time the manifest may grow with the number that it states. */
  for (guint i = 0; i < 2; i++) {
    guint missing = TESSERA_AGE_CHUNK_SIZE - g_bytes_get_size (archive);
    guint8 *magic = memmem (data->data->data, data->data->len, "\x50\x2a\x4d\x18", 4);
    gsize place = magic + 4 - data->data->data;
    guint old = data->data->len;

    g_byte_array_set_size (data->data, old + missing);
    memset (data->data->data + old, 0, missing);
    frame = GUINT32_TO_LE (data->data->len - place - 4);
    memcpy (data->data->data + place, &frame, 4);
    fixture_describe (members);
    fixture_sign (members, "sender", NULL);
    g_clear_pointer (&archive, g_bytes_unref);
    archive = fixture_archive (members);
  }
  g_assert_cmpuint (g_bytes_get_size (archive), ==, TESSERA_AGE_CHUNK_SIZE);

  return envelope_seal (&(Envelope) { .payload = payload }, archive);
}

static GBytes *
make_full_chunk (void)
{
  return make_full_chunks (ENVELOPE_WHOLE);
}

static GBytes *
make_empty_chunk (void)
{
  return make_full_chunks (ENVELOPE_EMPTY_LAST);
}

static GBytes *
make_no_last_chunk (void)
{
  return make_full_chunks (ENVELOPE_NONE_LAST);
}

static GBytes *
make_short_chunk (void)
{
  return in_envelope (&(Envelope) { .payload = ENVELOPE_SHORT_FIRST });
}

static GBytes *
make_no_chunk (void)
{
  return in_envelope (&(Envelope) { .payload = ENVELOPE_NOTHING });
}

static GBytes *
make_empty_payload (void)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  return envelope_seal (&(Envelope) { .payload = ENVELOPE_EMPTY_LAST }, nothing);
}

static GBytes *
make_behind_last_chunk (void)
{
  g_autoptr (GBytes) file = make_full_chunk ();
  GByteArray *longer = g_byte_array_new ();

  g_byte_array_append (longer, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_byte_array_append (longer, (const guint8 *) "more", 4);

  return g_byte_array_free_to_bytes (longer);
}

/* ---- signatures ---- */

static GBytes *
make_unknown_sender (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_sign (members, "stranger", NULL);

  return fixture_pack (members);
}

static GBytes *
make_changed_manifest (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_replace (members, MANIFEST, "\"roster\":3", "\"roster\":4");

  return fixture_pack (members);
}

static GBytes *
make_changed_comment (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_replace (members, SIGNATURE, "St Anne", "St Paul");

  return fixture_pack (members);
}

static GBytes *
make_other_comment (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_sign (members, "sender", "tessera/1 team from=\"Harbour Aid\"");

  return fixture_pack (members);
}

/* Rewrites the first bytes (kind, key number) of the signature line. */
static void
change_signature_head (GPtrArray *members, const guint8 *head, gsize size)
{
  FixtureMember *member = fixture_find (members, SIGNATURE);
  g_autofree char *text = g_strndup ((const char *) member->data->data, member->data->len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gsize decoded;
  g_autofree guint8 *bytes = g_base64_decode (lines[1], &decoded);
  g_autofree char *again = NULL;

  memcpy (bytes, head, size);
  g_free (lines[1]);
  lines[1] = g_base64_encode (bytes, decoded);
  again = g_strjoinv ("\n", lines);
  fixture_set (members, SIGNATURE, again, strlen (again));
}

static GBytes *
make_forged_number (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (TesseraSecret) sender = fixture_signing_key ("sender");
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 head[2 + TESSERA_MINISIGN_NUMBER_SIZE] = { 'E', 'D' };

  tessera_minisign_key_get_public (sender, public_key);
  tessera_minisign_key_number (public_key, head + 2);
  fixture_sign (members, "stranger", NULL);
  change_signature_head (members, head, sizeof head);

  return fixture_pack (members);
}

/* A real legacy signature: over the text itself instead of its hash. */
static GBytes *
make_legacy_signature (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (TesseraSecret) sender = fixture_signing_key ("sender");
  FixtureMember *manifest = fixture_find (members, MANIFEST);
  static const char comment[] = "tessera/1 referral " FIXTURE_COMMENT;
  guint8 head[2 + TESSERA_MINISIGN_NUMBER_SIZE + 64] = { 'E', 'd' };
  guint8 *signature = head + 2 + TESSERA_MINISIGN_NUMBER_SIZE;
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 covered[64 + sizeof comment];
  guint8 comment_signature[64];
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *text = NULL;

  tessera_minisign_key_get_public (sender, public_key);
  tessera_minisign_key_number (public_key, head + 2);
  crypto_sign_detached (signature, NULL, manifest->data->data, manifest->data->len, tessera_secret_get_data (sender));
  memcpy (covered, signature, 64);
  memcpy (covered + 64, comment, strlen (comment));
  crypto_sign_detached (comment_signature, NULL, covered, 64 + strlen (comment), tessera_secret_get_data (sender));
  first = g_base64_encode (head, sizeof head);
  second = g_base64_encode (comment_signature, 64);
  text = g_strdup_printf ("untrusted comment: old\n%s\ntrusted comment: %s\n%s\n", first, comment, second);
  fixture_set (members, SIGNATURE, text, strlen (text));

  return fixture_pack (members);
}

static GBytes *
make_certificate_ended (void)
{
  g_autoptr (GPtrArray) members = members_with_certificate (FIXTURE_DEVICE, FIXTURE_NOW - 1000);

  return fixture_pack (members);
}

static GBytes *
make_certificate_other_device (void)
{
  g_autoptr (GPtrArray) members = members_with_certificate (FIXTURE_STREAM, FIXTURE_NOW + 86400000);

  return fixture_pack (members);
}

static GBytes *
make_certificate_changed (void)
{
  g_autoptr (GPtrArray) members = members_with_certificate (FIXTURE_DEVICE, FIXTURE_NOW - 1000);

  fixture_replace (members, "cert.json", "2026-11-21T11", "2027-11-21T11");
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

static GBytes *
make_certificate_unlisted (void)
{
  g_autoptr (GPtrArray) listed = members_with_certificate (FIXTURE_DEVICE, FIXTURE_NOW + 86400000);
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  FixtureMember *certificate = fixture_find (listed, "cert.json");
  FixtureMember *signature = fixture_find (listed, "cert.json.minisig");
  FixtureMember *moved;

  fixture_set (members, "cert.json", certificate->data->data, certificate->data->len);
  fixture_set (members, "cert.json.minisig", signature->data->data, signature->data->len);
  for (guint i = 0; i < 2; i++) {
    moved = g_ptr_array_steal_index (members, members->len - 1);
    g_ptr_array_insert (members, 2, moved);
  }

  return fixture_pack (members);
}

/* ---- the manifest ---- */

static GBytes *
make_newer_format (void)
{
  return with_manifest ("tessera/1", "tessera/2");
}

static GBytes *
make_unknown_critical (void)
{
  return with_manifest ("\"crit\":[]", "\"crit\":[\"later\"],\"later\":1");
}

static GBytes *
make_critical_absent (void)
{
  return with_manifest ("\"crit\":[]", "\"crit\":[\"later\"]");
}

static GBytes *
make_unknown_flow (void)
{
  return with_manifest ("\"referral\"", "\"carrier-pigeon\"");
}

static GBytes *
make_newer_reader (void)
{
  return with_manifest ("\"min_reader\":1", "\"min_reader\":2");
}

static GBytes *
make_expired (void)
{
  return with_manifest ("2026-11-28T12:00:00Z", "2026-11-21T11:59:59Z");
}

static GBytes *
make_revoked (void)
{
  return with_manifest (FIXTURE_DEVICE, FIXTURE_REVOKED_DEVICE);
}

static GBytes *
make_not_json (void)
{
  return with_manifest ("{\"fmt\"", "{/* */\"fmt\"");
}

static GBytes *
make_repeated_name (void)
{
  return with_manifest ("\"roster\":3", "\"roster\":3,\"roster\":4");
}

static GBytes *
make_two_lines (void)
{
  return with_manifest (",\"flow\"", ",\n\"flow\"");
}

static GBytes *
make_deep (void)
{
  g_autofree char *open = g_strnfill (5000, '[');
  g_autofree char *close = g_strnfill (5000, ']');
  g_autofree char *field = g_strconcat ("\"crit\":[],\"x\":", open, close, NULL);

  return with_manifest ("\"crit\":[]", field);
}

static GBytes *
make_long_manifest (void)
{
  g_autofree char *filler = g_strnfill (TESSERA_MANIFEST_MAX_SIZE, 'x');
  g_autofree char *field = g_strconcat ("\"crit\":[],\"x\":\"", filler, "\"", NULL);

  return with_manifest ("\"crit\":[]", field);
}

static GBytes *
make_bad_date (void)
{
  return with_manifest ("2026-11-28T12:00:00Z", "2026-02-31T12:00:00Z");
}

static GBytes *
make_huge_raw (void)
{
  return with_manifest ("\"raw\":", "\"raw\":99999999");
}

static GBytes *
make_other_part (void)
{
  return with_manifest ("\"name\":\"data.ndjson.zst\"", "\"name\":\"../data.ndjson.zst\"");
}

/* ---- members ---- */

static GBytes *
make_reordered (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  FixtureMember *sums = g_ptr_array_steal_index (members, 3);

  g_ptr_array_insert (members, 2, sums);

  return fixture_pack (members);
}

static GBytes *
make_extra (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_set (members, "extra.txt", "x", 1);

  return fixture_pack (members);
}

static GBytes *
make_missing (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  g_ptr_array_remove_index (members, 2);

  return fixture_pack (members);
}

/* Changes one header field of the data member and mends the header's sum. */
static GBytes *
with_header (gsize offset, char value)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (archive, &size), g_bytes_get_size (archive));
  guint8 *header = memmem (bytes, size, DATA "\0", strlen (DATA) + 1);
  guint sum = 0;

  while ((header - bytes) % TESSERA_ARCHIVE_BLOCK_SIZE != 0)
    header = memmem (header + 1, bytes + size - header - 1, DATA "\0", strlen (DATA) + 1);
  header[offset] = value;
  memset (header + 148, ' ', 8);
  for (guint i = 0; i < TESSERA_ARCHIVE_BLOCK_SIZE; i++)
    sum += header[i];
  g_snprintf ((char *) header + 148, 7, "%06o", sum);

  return fixture_encrypt (bytes, size, (const char *[]) { "reader", NULL });
}

static GBytes *
make_link (void)
{
  return with_header (156, '2');
}

static GBytes *
make_time (void)
{
  return with_header (146, '1');
}

static GBytes *
make_behind_end (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);
  g_autoptr (GByteArray) longer = g_byte_array_new ();

  g_byte_array_append (longer, g_bytes_get_data (archive, NULL), g_bytes_get_size (archive));
  g_byte_array_append (longer, (const guint8 *) "\0", 1);

  return fixture_encrypt (longer->data, longer->len, (const char *[]) { "reader", NULL });
}

static GBytes *
make_early_end (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  g_autoptr (GBytes) archive = fixture_archive (members);

  return fixture_encrypt (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive) - 512,
                          (const char *[]) { "reader", NULL });
}

static GBytes *
make_changed_data (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_find (members, DATA)->data->data[12] ^= 1;

  return fixture_pack (members);
}

static GBytes *
make_longer_data (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  g_byte_array_append (fixture_find (members, DATA)->data, (const guint8 *) "", 1);

  return fixture_pack (members);
}

static GBytes *
make_changed_sums (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_replace (members, "SUMS", "  manifest.json", " *manifest.json");

  return fixture_pack (members);
}

static GBytes *
make_misnamed_blob (void)
{
  g_autoptr (GPtrArray) members = members_with_blobs ();

  for (guint i = 0; i < members->len; i++) {
    FixtureMember *member = members->pdata[i];

    if (member->data->len == strlen ("a letter"))
      fixture_set (members, member->name, "a lettre", 8);
  }
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

/* ---- the data ---- */

static GBytes *
with_data (gconstpointer data, gsize size)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);

  fixture_set (members, DATA, data, size);
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

/* Unlike the program, compresses anything, with any window, and states the size the good data had. */
static GBytes *
with_text (const char *text, gsize size, int window_log)
{
  gsize bound = ZSTD_compressBound (size) + 64;
  g_autofree guint8 *packed = g_malloc0 (bound);
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  ZSTD_inBuffer input = { text, size, 0 };
  ZSTD_outBuffer output = { packed, bound, 0 };

  if (window_log != 0)
    ZSTD_CCtx_setParameter (context, ZSTD_c_windowLog, window_log);
  ZSTD_compressStream2 (context, &output, &input, ZSTD_e_flush);
  ZSTD_compressStream2 (context, &output, &input, ZSTD_e_end);
  ZSTD_freeCCtx (context);
  memcpy (packed + output.pos, "\x50\x2a\x4d\x18", 4);

  return with_data (packed, output.pos + 8);
}

static GBytes *
make_bomb (void)
{
  g_autofree char *zeros = g_malloc0 (8 << 20);

  return with_text (zeros, 8 << 20, 0);
}

static GBytes *
make_wide_window (void)
{
  return with_text (FIXTURE_LINES, strlen (FIXTURE_LINES), TESSERA_BUNDLE_WINDOW_LOG + 1);
}

static GBytes *
make_less_data (void)
{
  return with_text ("{}\n", 3, 0);
}

/* As long as the good data, so that only what it says is wrong. */
static GBytes *
with_same_length (const char *text)
{
  g_autofree char *line = g_strnfill (strlen (FIXTURE_LINES), ' ');

  memcpy (line, text, strlen (text));
  line[strlen (FIXTURE_LINES) - 1] = g_str_has_suffix (text, "\n") ? '\n' : ' ';

  return with_text (line, strlen (FIXTURE_LINES), 0);
}

static GBytes *
make_line_not_json (void)
{
  return with_same_length ("{'event':1}\n");
}

static GBytes *
make_line_not_utf8 (void)
{
  return with_same_length ("{\"event\":\"\xc3\x28\"}\n");
}

static GBytes *
make_line_unfinished (void)
{
  return with_same_length ("{}");
}

static GBytes *
make_not_zstd (void)
{
  return with_data (FIXTURE_LINES, strlen (FIXTURE_LINES));
}

static GBytes *
make_padding_used (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  GByteArray *data = fixture_find (members, DATA)->data;

  data->data[data->len - 4] = 5;
  g_byte_array_append (data, (const guint8 *) "hello", 5);
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

static GBytes *
make_no_padding (void)
{
  g_autoptr (GPtrArray) members = fixture_members (NULL);
  GByteArray *data = fixture_find (members, DATA)->data;

  g_byte_array_set_size (data, data->len - 8);
  fixture_describe (members);
  fixture_sign (members, "sender", NULL);

  return fixture_pack (members);
}

#define CASE(name, code, function, what) { name, code, function, what }
#define BAD(name, code, function, what) { name, TESSERA_BUNDLE_ERROR_##code, function, what }

const BundleCase bundle_cases[] = {
  CASE ("ok-small", -1, make_small, "unpadded; readers do not ask for padding"),
  CASE ("ok-padded", -1, make_padded, "as the program makes it, with padding and a decoy"),
  CASE ("ok-certificate", -1, make_certificate, "device certified by the organization key"),
  CASE ("ok-blobs", -1, make_blobs, "two attachments, one of them empty"),
  CASE ("ok-empty", -1, make_empty, "no lines: an acknowledgement"),
  CASE ("ok-unknown-field", -1, make_unknown_field, "a field nobody knows, not critical"),
  CASE ("ok-without-sums", -1, make_without_sums, "SUMS left out"),
  CASE ("ok-other-stanza", -1, make_other_stanza, "stanzas of other kinds around ours"),
  CASE ("ok-full-chunk", -1, make_full_chunk, "the last chunk is full"),
  BAD ("other-file", NOT_A_BUNDLE, make_not_age, "plain text"),
  BAD ("other-content", NOT_A_BUNDLE, make_other_content, "an age file with something else inside"),
  BAD ("other-format", NOT_A_BUNDLE, make_other_format, "fmt of another family"),
  BAD ("cut-header", TRUNCATED, make_cut_header, "ends in the age header"),
  BAD ("cut-nonce", TRUNCATED, make_cut_nonce, "ends before the payload"),
  BAD ("cut-payload", DAMAGED, make_cut_payload, "ends within a chunk; cannot be told from a change"),
  BAD ("changed-payload", DAMAGED, make_changed_payload, "one bit of the payload"),
  BAD ("changed-header", DAMAGED, make_changed_header, "a stanza added; the header MAC does not fit"),
  BAD ("huge-header", TOO_LARGE, make_huge_header, "age header over 64 KiB"),
  BAD ("many-stanzas", TOO_LARGE, make_many_stanzas, "65 stanzas"),
  BAD ("short-share", MALFORMED, make_short_share, "malformed X25519 stanza beside a good one"),
  BAD ("loose-base64", MALFORMED, make_loose_base64, "unused bits set in base64"),
  BAD ("loose-mac", MALFORMED, make_loose_mac, "header MAC with a byte beyond ASCII"),
  BAD ("low-point", MALFORMED, make_low_point, "an X25519 share of zeros"),
  BAD ("version-crlf", MALFORMED, make_version_crlf, "first line ended as on another system"),
  BAD ("version-two", TOO_NEW, make_version_two, "age-encryption.org/v2"),
  BAD ("version-upper", NOT_A_BUNDLE, make_version_upper, "first line in capitals"),
  BAD ("armored", NOT_A_BUNDLE, make_armored, "age's text form"),
  BAD ("stanza-crlf", MALFORMED, make_stanza_crlf, "stanza line ended by CR LF"),
  BAD ("body-crlf", MALFORMED, make_body_crlf, "stanza body ended by CR LF"),
  BAD ("mac-crlf", MALFORMED, make_mac_crlf, "header MAC ended by CR LF"),
  BAD ("mac-space", MALFORMED, make_mac_space, "a space behind the header MAC"),
  BAD ("scrypt-beside", MALFORMED, make_scrypt_beside, "a passphrase stanza behind an X25519 one"),
  BAD ("scrypt-before", MALFORMED, make_scrypt_before, "a passphrase stanza before an X25519 one"),
  BAD ("scrypt-alone", NOT_FOR_US, make_scrypt_alone, "sealed with a passphrase"),
  BAD ("no-stanza", MALFORMED, make_no_stanza, "header without stanzas"),
  BAD ("type-lower", NOT_FOR_US, make_type_lower, "our stanza called x25519: another kind"),
  BAD ("third-argument", MALFORMED, make_third_argument, "X25519 stanza with one argument more"),
  BAD ("empty-argument", MALFORMED, make_empty_argument, "two spaces in a stanza line"),
  BAD ("trailing-space", MALFORMED, make_trailing_space, "a space at the end of a stanza line"),
  BAD ("stanza-space", MALFORMED, make_stanza_space, "a space before a stanza"),
  BAD ("padded-base64", MALFORMED, make_padded_base64, "base64 with padding in a stanza"),
  BAD ("long-body", MALFORMED, make_long_body, "X25519 body of 35 bytes"),
  BAD ("wide-body", MALFORMED, make_wide_body, "68 columns in a stanza body"),
  BAD ("body-unfinished", MALFORMED, make_body_unfinished, "stanza body without its short last line"),
  BAD ("empty-chunk", MALFORMED, make_empty_chunk, "an empty last chunk behind a full one"),
  BAD ("no-last-chunk", TRUNCATED, make_no_last_chunk, "no chunk marked as the last"),
  BAD ("short-chunk", DAMAGED, make_short_chunk, "a chunk before the last that is not full"),
  BAD ("no-chunk", TRUNCATED, make_no_chunk, "ends behind the nonce"),
  BAD ("behind-last-chunk", DAMAGED, make_behind_last_chunk, "four bytes behind the last chunk"),
  BAD ("empty-payload", NOT_A_BUNDLE, make_empty_payload, "nothing sealed"),
  BAD ("not-for-us", NOT_FOR_US, make_not_for_us, "sealed to another key"),
  BAD ("forwarded", FORWARDED, make_forwarded, "sealed to us, addressed to somebody else"),
  BAD ("unknown-sender", UNKNOWN_SENDER, make_unknown_sender, "signed by a key nobody knows"),
  BAD ("changed-manifest", BAD_SIGNATURE, make_changed_manifest, "manifest changed after signing"),
  BAD ("changed-comment", BAD_SIGNATURE, make_changed_comment, "trusted comment changed after signing"),
  BAD ("forged-number", BAD_SIGNATURE, make_forged_number, "another key with the sender's key number"),
  BAD ("legacy-signature", BAD_SIGNATURE, make_legacy_signature, "valid signature of the kind Ed"),
  BAD ("other-comment", MALFORMED, make_other_comment, "trusted comment of another flow"),
  BAD ("certificate-ended", EXPIRED, make_certificate_ended, "certificate past its date"),
  BAD ("certificate-other-device", BAD_SIGNATURE, make_certificate_other_device, "certificate of another device"),
  BAD ("certificate-changed", BAD_SIGNATURE, make_certificate_changed, "certificate changed after signing"),
  BAD ("certificate-unlisted", MALFORMED, make_certificate_unlisted, "certificate that the manifest does not list"),
  BAD ("newer-format", TOO_NEW, make_newer_format, "fmt tessera/2"),
  BAD ("unknown-critical", TOO_NEW, make_unknown_critical, "crit names a field nobody knows"),
  BAD ("critical-absent", MALFORMED, make_critical_absent, "crit names a field that is not there"),
  BAD ("unknown-flow", TOO_NEW, make_unknown_flow, "flow nobody knows"),
  BAD ("newer-reader", TOO_NEW, make_newer_reader, "min_reader 2 for a reader of schema 1"),
  BAD ("expired", EXPIRED, make_expired, "past expires"),
  BAD ("revoked", REFUSED, make_revoked, "device that the reader's trust refuses"),
  BAD ("manifest-comment", MALFORMED, make_not_json, "manifest with a comment in it"),
  BAD ("manifest-repeated-name", MALFORMED, make_repeated_name, "the same name twice"),
  BAD ("manifest-two-lines", MALFORMED, make_two_lines, "manifest on two lines"),
  BAD ("manifest-deep", MALFORMED, make_deep, "arrays 5000 deep"),
  BAD ("manifest-long", TOO_LARGE, make_long_manifest, "manifest over 64 KiB"),
  BAD ("manifest-bad-date", MALFORMED, make_bad_date, "31 February"),
  BAD ("manifest-huge-raw", TOO_LARGE, make_huge_raw, "states more than 1 GiB"),
  BAD ("manifest-other-part", MALFORMED, make_other_part, "part with a path for a name"),
  BAD ("members-reordered", MALFORMED, make_reordered, "SUMS before the data"),
  BAD ("member-extra", MALFORMED, make_extra, "one member too many"),
  BAD ("member-missing", MALFORMED, make_missing, "no data"),
  BAD ("member-link", MALFORMED, make_link, "member that is a symbolic link"),
  BAD ("member-time", MALFORMED, make_time, "member with a time"),
  BAD ("archive-behind-end", MALFORMED, make_behind_end, "a byte behind the end mark"),
  BAD ("archive-early-end", MALFORMED, make_early_end, "end mark cut in half before sealing"),
  BAD ("changed-data", DAMAGED, make_changed_data, "data other than signed"),
  BAD ("longer-data", DAMAGED, make_longer_data, "data longer than signed"),
  BAD ("changed-sums", DAMAGED, make_changed_sums, "SUMS that says something else"),
  BAD ("misnamed-blob", DAMAGED, make_misnamed_blob, "attachment that is not what its name says"),
  BAD ("data-bomb", TOO_LARGE, make_bomb, "unpacks to 8 MiB, states less"),
  BAD ("data-wide-window", TOO_LARGE, make_wide_window, "zstd window of 16 MiB"),
  BAD ("data-less", MALFORMED, make_less_data, "unpacks to less than stated"),
  BAD ("data-not-zstd", MALFORMED, make_not_zstd, "data not compressed"),
  BAD ("data-not-json", MALFORMED, make_line_not_json, "a line that is not JSON"),
  BAD ("data-not-utf8", MALFORMED, make_line_not_utf8, "a line that is not UTF-8"),
  BAD ("data-unfinished", MALFORMED, make_line_unfinished, "last line not ended"),
  BAD ("data-padding-used", MALFORMED, make_padding_used, "something in the padding"),
  BAD ("data-no-padding", MALFORMED, make_no_padding, "no skippable frame"),
};

const guint n_bundle_cases = G_N_ELEMENTS (bundle_cases);
