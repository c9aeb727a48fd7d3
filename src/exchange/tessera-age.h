/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age.h: files that only their recipients can read.
 *
 * The age v1 format (C2SP, "The age file encryption format"), binary form, X25519 recipients only, on libsodium
 * primitives, in constant memory. Stock `age` opens what this writes and the other way round. It authenticates
 * bytes, not senders: who wrote a file is for tessera-minisign.h to say.
 */
#pragma once

#include "tessera-bundle-error.h"
#include "tessera-secret.h"

G_BEGIN_DECLS

#define TESSERA_AGE_MAGIC "age-encryption.org/v1"
/** Bytes of an X25519 public or secret key. */
#define TESSERA_AGE_KEY_SIZE 32
/** Plain bytes in every sealed chunk but the last. */
#define TESSERA_AGE_CHUNK_SIZE 65536
/** Poly1305 tag behind every chunk. */
#define TESSERA_AGE_TAG_SIZE 16
/** Bytes of header, first line to MAC line, that a reader looks at before it gives up. */
#define TESSERA_AGE_MAX_HEADER 65536
/** Recipients of a file, decoys included. */
#define TESSERA_AGE_MAX_STANZAS 64
/** Secret keys a reader tries (current and previous ones). */
#define TESSERA_AGE_MAX_KEYS 8
#define TESSERA_AGE_PUBLIC_PREFIX "age"
#define TESSERA_AGE_SECRET_PREFIX "AGE-SECRET-KEY-"

/** tessera_age_key_generate: a new secret key of %TESSERA_AGE_KEY_SIZE bytes. Returns: (transfer full) */
TesseraSecret *tessera_age_key_generate (void);

/** tessera_age_key_get_public: @public_key (out) receives the %TESSERA_AGE_KEY_SIZE bytes that belong to @key. */
void tessera_age_key_get_public (const TesseraSecret *key, guint8 *public_key);

/** tessera_age_key_to_text: `AGE-SECRET-KEY-1…` as `age -i` reads it. Returns: (transfer full) */
TesseraSecret *tessera_age_key_to_text (const TesseraSecret *key);

/** tessera_age_key_from_text: the opposite; nothing around the key is accepted. Returns: (transfer full) (nullable) */
TesseraSecret *tessera_age_key_from_text (const TesseraSecret *text, GError **error);

/** tessera_age_public_key_to_text: `age1…` for @public_key, %TESSERA_AGE_KEY_SIZE bytes. Returns: (transfer full) */
char *tessera_age_public_key_to_text (const guint8 *public_key);

/** tessera_age_public_key_from_text: the opposite; @public_key (out) receives %TESSERA_AGE_KEY_SIZE bytes. */
gboolean tessera_age_public_key_from_text (const char *text, guint8 *public_key, GError **error);

/**
 * TesseraAgeWriter:
 *
 * Seals a stream. The file is complete only after tessera_age_writer_finish() returned %TRUE; freeing a writer
 * earlier leaves a file that every reader refuses as truncated.
 */
typedef struct _TesseraAgeWriter TesseraAgeWriter;

/**
 * tessera_age_writer_new:
 * @output: where the file goes; kept open, neither flushed nor closed
 * @public_keys: @n_public_keys times %TESSERA_AGE_KEY_SIZE bytes, one behind the other
 * @n_public_keys: 1 to %TESSERA_AGE_MAX_STANZAS
 * @decoys: whether to fill up with stanzas that belong to nobody, to the next of 2, 4, 8, 16, 32, 64
 *
 * Writes the header, its stanzas in random order.
 */
TesseraAgeWriter *tessera_age_writer_new (GOutputStream *output,
                                          const guint8  *public_keys,
                                          gsize          n_public_keys,
                                          gboolean       decoys,
                                          GError       **error);

gboolean tessera_age_writer_write (TesseraAgeWriter *self, gconstpointer data, gsize size, GError **error);

/** tessera_age_writer_finish: seals the last chunk. Nothing may be written afterwards. */
gboolean tessera_age_writer_finish (TesseraAgeWriter *self, GError **error);

void tessera_age_writer_free (TesseraAgeWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraAgeWriter, tessera_age_writer_free)

/**
 * TesseraAgeInputStream:
 *
 * The plain bytes of a sealed file, each chunk authenticated before one byte of it is handed out. Reading to the
 * end without an error is the proof that the file is complete. After an error every further read fails.
 */
#define TESSERA_TYPE_AGE_INPUT_STREAM (tessera_age_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAgeInputStream, tessera_age_input_stream, TESSERA, AGE_INPUT_STREAM, GInputStream)

/**
 * tessera_age_input_stream_new:
 * @input: the sealed file, at its beginning; kept open
 * @keys: secret keys to try, 1 to %TESSERA_AGE_MAX_KEYS
 *
 * Reads and checks the whole header. Unknown kinds of stanza are skipped; one malformed X25519 stanza refuses the
 * file even when another one opens.
 *
 * Returns: (transfer full) (nullable): %NULL with %TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, _TRUNCATED, _DAMAGED,
 * _MALFORMED, _TOO_LARGE, _NOT_FOR_US or _FAILED
 */
TesseraAgeInputStream *tessera_age_input_stream_new (GInputStream               *input,
                                                     const TesseraSecret *const *keys,
                                                     gsize                       n_keys,
                                                     GError                    **error);

/** tessera_age_input_stream_get_key_index: which of the keys opened the file. */
gsize tessera_age_input_stream_get_key_index (TesseraAgeInputStream *self);

/** tessera_age_input_stream_get_n_stanzas: how many stanzas the header holds, decoys included. */
gsize tessera_age_input_stream_get_n_stanzas (TesseraAgeInputStream *self);

G_END_DECLS
