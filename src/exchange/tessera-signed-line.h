/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-signed-line.h: small signed texts: cards, rosters, requests, invitations.
 *
 * One JSON object on the first line, and behind it the minisign signature of that line with its line feed; the trusted
 * comment begins with the format's name, so that the signature of one kind cannot be passed off as another's. By hand:
 * head -n 1 FILE > line; tail -n +2 FILE > line.minisig; minisign -VHm line -P KEY
 * Which key has to have signed is for the caller to know.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-minisign.h"

G_BEGIN_DECLS

/**
 * TesseraSignedLine: a kind of signed text.
 * @format: "tessera-card/1"
 * @limit: most bytes
 * @other: sentence for a file of another kind
 * @changed: sentence for a signature that does not fit
 *
 * The sentences are marked for translation, not translated.
 */
typedef struct {
  const char *format;
  gsize limit;
  const char *other;
  const char *changed;
} TesseraSignedLine;

/** tessera_signed_line_write: (transfer full): @object (transfer full) gets its `fmt` first and is signed with @key;
 * @about is for people who read the trusted comment. */
char *tessera_signed_line_write (const TesseraSignedLine *kind, JsonObject *object, const char *about,
                                 const TesseraSecret *key, GError **error);

/** tessera_signed_line_verify: whether @public_key signed @text as this kind; parses nothing. */
gboolean tessera_signed_line_verify (const TesseraSignedLine *kind, const char *text, gsize length,
                                     const guint8 *public_key, GError **error);

/** tessera_signed_line_parse: (transfer full) (nullable): the object, whoever signed it; its `fmt` is right. */
JsonNode *tessera_signed_line_parse (const TesseraSignedLine *kind, const char *text, gsize length, GError **error);

/** tessera_signed_line_set_malformed: sets %TESSERA_BUNDLE_ERROR_MALFORMED. Returns: %FALSE */
gboolean tessera_signed_line_set_malformed (GError **error);

G_END_DECLS
