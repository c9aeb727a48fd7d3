/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-minisign.h: who wrote something, and that nobody changed it.
 *
 * Ed25519 signatures in the minisign format, prehashed kind ("ED": the signature covers the BLAKE2b-512 of the
 * text) with a signed trusted comment. Stock `minisign -V` checks what this signs and the other way round. The
 * legacy kind ("Ed") is refused. Whether a key deserves trust is not decided here.
 */
#pragma once

#include "tessera-bundle-error.h"
#include "tessera-secret.h"

G_BEGIN_DECLS

/** Bytes of an Ed25519 public key. */
#define TESSERA_MINISIGN_PUBLIC_KEY_SIZE 32
/** Bytes of an Ed25519 secret key as libsodium keeps it: seed and public key. */
#define TESSERA_MINISIGN_SECRET_KEY_SIZE 64
/** Bytes of a seed that gives the same key pair every time. */
#define TESSERA_MINISIGN_SEED_SIZE 32
/** Bytes of a key number; a hint for finding the key, never a reason to trust it. */
#define TESSERA_MINISIGN_NUMBER_SIZE 8
/** Bytes of a signature file. */
#define TESSERA_MINISIGN_MAX_FILE 9000
/** Bytes of a trusted comment without its label. */
#define TESSERA_MINISIGN_MAX_TRUSTED_COMMENT 8192
/** Bytes of an untrusted comment without its label. */
#define TESSERA_MINISIGN_MAX_UNTRUSTED_COMMENT 512

/** tessera_minisign_key_generate: a new secret key. Returns: (transfer full) */
TesseraSecret *tessera_minisign_key_generate (void);

/** tessera_minisign_key_from_seed: for keys that must come out the same (tests, vectors). Returns: (transfer full) */
TesseraSecret *tessera_minisign_key_from_seed (const TesseraSecret *seed);

/** tessera_minisign_key_get_public: @public_key (out) receives %TESSERA_MINISIGN_PUBLIC_KEY_SIZE bytes. */
void tessera_minisign_key_get_public (const TesseraSecret *key, guint8 *public_key);

/**
 * tessera_minisign_key_number:
 * @number: (out): the first %TESSERA_MINISIGN_NUMBER_SIZE bytes of the BLAKE2b-256 of @public_key
 *
 * Stock minisign draws the number at random. Tessera derives it, so that the public key alone is enough to write
 * the public key file.
 */
void tessera_minisign_key_number (const guint8 *public_key, guint8 *number);

/** tessera_minisign_public_key_to_text: the one line `RW…` that `minisign -P` takes. Returns: (transfer full) */
char *tessera_minisign_public_key_to_text (const guint8 *public_key);

/** tessera_minisign_public_key_to_file: the two lines of a .pub file for `minisign -p`. Returns: (transfer full) */
char *tessera_minisign_public_key_to_file (const guint8 *public_key);

/**
 * tessera_minisign_public_key_from_text:
 * @text: one line `RW…`, as stock minisign or Tessera writes it
 * @number: (out) (optional): the key number written in it
 */
gboolean tessera_minisign_public_key_from_text (const char *text,
                                                guint8     *public_key,
                                                guint8     *number,
                                                GError    **error);

/**
 * tessera_minisign_comment_is_printable:
 *
 * Whether @text is valid UTF-8 without control characters, line ends, or characters that reorder or hide text. The
 * joiners and direction marks that Arabic, Persian and Indic spelling needs are allowed.
 */
gboolean tessera_minisign_comment_is_printable (const char *text, gsize length);

/**
 * tessera_minisign_sign:
 * @trusted_comment: printable, at most %TESSERA_MINISIGN_MAX_TRUSTED_COMMENT bytes; it is signed too
 *
 * Returns: (transfer full) (nullable): the text of a .minisig file
 */
char *tessera_minisign_sign (const TesseraSecret *key,
                             gconstpointer        data,
                             gsize                size,
                             const char          *trusted_comment,
                             GError             **error);

/** A signature file taken apart; nothing in it is true before tessera_minisign_signature_verify() says so. */
typedef struct {
  guint8 number[TESSERA_MINISIGN_NUMBER_SIZE];
  guint8 signature[64];
  guint8 comment_signature[64];
  char *trusted_comment;
} TesseraMinisignSignature;

/**
 * tessera_minisign_signature_parse:
 *
 * Exactly four lines, canonical base64, printable comments. Errors: %TESSERA_BUNDLE_ERROR_BAD_SIGNATURE (the
 * legacy kind among them) and %TESSERA_BUNDLE_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable)
 */
TesseraMinisignSignature *tessera_minisign_signature_parse (const char *text, gsize length, GError **error);

/** tessera_minisign_signature_verify: whether @public_key signed both these bytes and the trusted comment. */
gboolean tessera_minisign_signature_verify (const TesseraMinisignSignature *self,
                                            const guint8                   *public_key,
                                            gconstpointer                   data,
                                            gsize                           size,
                                            GError                        **error);

void tessera_minisign_signature_free (TesseraMinisignSignature *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMinisignSignature, tessera_minisign_signature_free)

G_END_DECLS
