/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-manifest.h: what a bundle says about itself, and the only thing in it that is signed.
 *
 * One JSON object on one line; docs/bundle-format.md describes every field. Reading is strict: a field that is known
 * must have its exact form, a field that is not known is left alone unless the writer listed it in `crit`. This file
 * knows nothing of signatures and does not judge what a sender may do.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

#define TESSERA_MANIFEST_FORMAT "tessera/1"
/** Bytes of the manifest, line feed included. */
#define TESSERA_MANIFEST_MAX_SIZE 65536
/** Bytes, and hexadecimal digits, of ids (bundle, organization, device, stream) and of recipient hashes. */
#define TESSERA_MANIFEST_ID_SIZE 16
#define TESSERA_MANIFEST_ID_DIGITS 32
/** Hexadecimal digits of BLAKE2b-256, for `prev`. */
#define TESSERA_MANIFEST_HASH_DIGITS 64
/** Hexadecimal digits of BLAKE2b-512, for parts, as b2sum prints it. */
#define TESSERA_MANIFEST_PART_DIGITS 128
#define TESSERA_MANIFEST_MAX_RECIPIENTS 64
#define TESSERA_MANIFEST_MAX_STREAMS 256
/** Certificate pair, data, and up to 128 attachments. */
#define TESSERA_MANIFEST_MAX_PARTS 131
#define TESSERA_MANIFEST_MAX_CRITICAL 32
/** Largest number of any field but sizes: far beyond use, far from overflow. */
#define TESSERA_MANIFEST_MAX_NUMBER G_GINT64_CONSTANT (999999999999999)

/**
 * TesseraFlow:
 * @TESSERA_FLOW_TEAM: changes of one device, for colleagues
 * @TESSERA_FLOW_SNAPSHOT: everything at one moment, for a device that joins
 * @TESSERA_FLOW_ROSTER: which devices belong to the organization
 * @TESSERA_FLOW_REFERRAL: events of referrals with one partner
 * @TESSERA_FLOW_DIRECTORY: services
 */
typedef enum {
  TESSERA_FLOW_TEAM,
  TESSERA_FLOW_SNAPSHOT,
  TESSERA_FLOW_ROSTER,
  TESSERA_FLOW_REFERRAL,
  TESSERA_FLOW_DIRECTORY,
} TesseraFlow;

/** tessera_flow_to_text: `team`, `snapshot` … */
const char *tessera_flow_to_text (TesseraFlow flow);

typedef struct {
  char *name;   /* as the archive member is called */
  gint64 size;  /* bytes of the member */
  char *hash;   /* BLAKE2b-512 of the member, hexadecimal */
  gint64 raw;   /* bytes after decompression; -1 where nothing is compressed */
} TesseraManifestPart;

void tessera_manifest_part_free (TesseraManifestPart *part);

/**
 * TesseraManifest:
 * @id: 32 hexadecimal digits, random, names the bundle
 * @organization: sender, 32 digits
 * @device: sender's device, 32 digits
 * @recipients: (element-type utf8): BLAKE2b-128 of each real recipient's public key, 32 digits, ascending
 * @stream: (nullable): 32 digits
 * @from: first change or event carried, 0 for none
 * @upto: last one, 0 for none
 * @previous: (nullable): BLAKE2b-256 of the sender's manifest before this one in the same thread, 64 digits
 * @version_vector: (element-type utf8 gint64): what the sender has applied: stream to sequence (as gint64 pointers)
 * @schema: data schema of the writer
 * @min_reader: oldest schema whose reader may apply this
 * @roster: version of the roster the sender knows
 * @created: Unix time in milliseconds, whole seconds; a claim
 * @expires: the same; 0 for never
 * @parts: (element-type TesseraManifestPart): in the order of the archive
 * @critical: (element-type utf8): fields a reader must understand
 * @fields: (nullable): the object as read, unknown fields included; %NULL for a manifest being made
 */
typedef struct {
  TesseraFlow flow;
  char *id;
  char *organization;
  char *device;
  GPtrArray *recipients;
  char *stream;
  gint64 from;
  gint64 upto;
  char *previous;
  GHashTable *version_vector;
  gint64 schema;
  gint64 min_reader;
  gint64 roster;
  gint64 created;
  gint64 expires;
  GPtrArray *parts;
  GPtrArray *critical;
  JsonObject *fields;
} TesseraManifest;

/** tessera_manifest_new: empty lists, schema and min_reader 1. Returns: (transfer full) */
TesseraManifest *tessera_manifest_new (void);
void tessera_manifest_free (TesseraManifest *self);

/** tessera_manifest_new_id: 32 random hexadecimal digits. Returns: (transfer full) */
char *tessera_manifest_new_id (void);

/** tessera_manifest_add_recipient: adds the hash of @public_key (32 bytes) in its place; once is enough. */
void tessera_manifest_add_recipient (TesseraManifest *self, const guint8 *public_key);

/** tessera_manifest_has_recipient: whether the sender addressed the owner of @public_key. */
gboolean tessera_manifest_has_recipient (const TesseraManifest *self, const guint8 *public_key);

/** tessera_manifest_set_sequence: in the version vector. */
void tessera_manifest_set_sequence (TesseraManifest *self, const char *stream, gint64 sequence);

/** tessera_manifest_get_sequence: from the version vector; 0 for a stream it does not name. */
gint64 tessera_manifest_get_sequence (const TesseraManifest *self, const char *stream);

/** tessera_manifest_add_part: @raw is -1 where nothing is compressed. */
void tessera_manifest_add_part (TesseraManifest *self, const char *name, gint64 size, const char *hash, gint64 raw);

/**
 * tessera_manifest_to_text:
 *
 * One line of JSON and a line feed. Checked by reading it back, so that nothing is sent that nobody would accept.
 *
 * Returns: (transfer full) (nullable): %NULL with the error a reader would get
 */
char *tessera_manifest_to_text (const TesseraManifest *self, GError **error);

/**
 * tessera_manifest_parse:
 *
 * Errors: %TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, _TOO_NEW (newer format, unknown flow, unknown critical field),
 * _TOO_LARGE, _MALFORMED.
 *
 * Returns: (transfer full) (nullable)
 */
TesseraManifest *tessera_manifest_parse (const char *text, gsize length, GError **error);

/** tessera_manifest_hash: BLAKE2b-256 of the text, 64 hexadecimal digits: what the next one's `prev` says. */
char *tessera_manifest_hash (const char *text, gsize length);

/** tessera_instant_to_text: `2026-11-21T10:00:00Z` for Unix milliseconds. Returns: (transfer full) */
char *tessera_instant_to_text (gint64 instant);

/** tessera_instant_from_text: the opposite, exactly that form. */
gboolean tessera_instant_from_text (const char *text, gint64 *ret_instant);

/** tessera_is_hex: whether @text is exactly @digits lower-case hexadecimal digits. */
gboolean tessera_is_hex (const char *text, gsize digits);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraManifest, tessera_manifest_free)

G_END_DECLS
