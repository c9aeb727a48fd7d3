/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange-fixture.h: the same keys, dates and taking-apart for all tests of bundles.
 */
#pragma once

#include "tessera-bundle.h"

G_BEGIN_DECLS

/** 2026-11-21T12:00:00Z, the day on which all test bundles are read. */
#define FIXTURE_NOW G_GINT64_CONSTANT (1795262400000)
#define FIXTURE_ORGANIZATION "11111111111111111111111111111111"
#define FIXTURE_DEVICE "22222222222222222222222222222222"
/** The fixture's trust refuses this device, as a revoked one. */
#define FIXTURE_REVOKED_DEVICE "ffffffffffffffffffffffffffffffff"
#define FIXTURE_STREAM "33333333333333333333333333333333"
#define FIXTURE_COMMENT "from=\"Harbour Aid\" to=\"St Anne Clinic\""
#define FIXTURE_LINES "{\"event\":\"sent\",\"n\":1}\n{\"event\":\"asked\",\"n\":2,\"text\":\"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7\"}\n"

/** Secret keys made from their names: the same in every run. */
TesseraSecret *fixture_signing_key (const char *name);
TesseraSecret *fixture_age_key (const char *name);

/** Trust that knows the device `sender` and the organization `root`. */
extern const TesseraBundleTrust fixture_trust;

/** A manifest of flow referral, events 1 to 2, valid until a week after %FIXTURE_NOW. */
TesseraManifest *fixture_manifest (void);

/** A certificate of %FIXTURE_DEVICE for the signing key `sender`, and the signature of `root` under it. */
char *fixture_certificate (const char *device, gint64 expires, char **ret_signature);

/** A padded bundle as the program makes it, from `sender` to `reader`. */
GBytes *fixture_seal (const TesseraBundleContents *contents);

/** Opens with the key `reader`, reads to the end. Returns: -1 or the code of the error (which must be of our domain). */
int fixture_read (GBytes *file);

/** All of a sealed file, opened with the key `reader`. */
GBytes *fixture_decrypt (GBytes *file);
GBytes *fixture_encrypt (gconstpointer data, gsize size, const char *const *readers);

/** A bundle taken apart, to be changed and put together again. */
typedef struct {
  char *name;
  GByteArray *data;
} FixtureMember;

/** The members of the fixture's bundle without padding, so that what is made of it stays small. */
GPtrArray *fixture_members (const TesseraBundleContents *contents);
GPtrArray *fixture_unpack (GBytes *archive);
FixtureMember *fixture_find (GPtrArray *members, const char *name);
void fixture_set (GPtrArray *members, const char *name, gconstpointer data, gsize size);
/** Replaces @old, which must be there, in the text of a member. */
void fixture_replace (GPtrArray *members, const char *name, const char *old, const char *new);
/** Sets sizes and hashes in the manifest to those of the members, and SUMS too. */
void fixture_describe (GPtrArray *members);
/** Signs the manifest again. */
void fixture_sign (GPtrArray *members, const char *key, const char *comment);
GBytes *fixture_pack (GPtrArray *members);
GBytes *fixture_archive (GPtrArray *members);
/** A sink for archives: appends to a GByteArray. */
gboolean fixture_append (gconstpointer data, gsize size, gpointer user_data, GError **error);

char *fixture_vector (const char *file);
const char *fixture_code_name (int code);

G_END_DECLS
