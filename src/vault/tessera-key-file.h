/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-key-file.h: vault.keys, the only way from a passphrase to the data key.
 *
 * Reads, checks, writes and replaces the file. The format is specified in docs/vault-format.md. It opens no store and
 * holds no lock.
 */
#pragma once

#include "tessera-secret.h"

G_BEGIN_DECLS

#define TESSERA_KEY_FILE_NAME "vault.keys"
#define TESSERA_KEY_FILE_NEW TESSERA_KEY_FILE_NAME ".new"
#define TESSERA_KEY_FILE_PREVIOUS TESSERA_KEY_FILE_NAME ".previous"
#define TESSERA_KEY_FILE_LAST "vault.last"

#define TESSERA_KEY_FILE_ID_BYTES 16
#define TESSERA_KEY_FILE_NAME_BYTES 16
#define TESSERA_KEY_FILE_SALT_BYTES 16
#define TESSERA_KEY_FILE_KEY_BYTES 32
#define TESSERA_KEY_FILE_SEALED_BYTES (24 + 2 * TESSERA_KEY_FILE_KEY_BYTES + 16)
#define TESSERA_KEY_FILE_BOX_BYTES (48 + 24 + TESSERA_KEY_FILE_KEY_BYTES + 16)
#define TESSERA_KEY_FILE_RECOVERY_SLOT 0

/* TesseraKeySlot: one way to the data key. The recovery slot has no name and needs no Argon2id. */
typedef struct {
  guint number;
  guint8 name[TESSERA_KEY_FILE_NAME_BYTES]; /* keyed hash of the worker's name */
  guint32 passes;                           /* Argon2id */
  guint32 kibibytes;                        /* Argon2id */
  guint8 salt[TESSERA_KEY_FILE_SALT_BYTES];
  guint8 public_key[TESSERA_KEY_FILE_KEY_BYTES]; /* X25519; who has the slot key has its other half */
  guint8 sealed[TESSERA_KEY_FILE_SEALED_BYTES];  /* nonce, data key and derivation key, tag */
  gboolean has_box;                              /* the data key was changed while this slot's owner was away */
  guint8 box[TESSERA_KEY_FILE_BOX_BYTES];        /* the data key it was changed to, for @public_key */
} TesseraKeySlot;

/* TesseraKeyFile: what the file says, in order. */
typedef struct {
  guint8 id[TESSERA_KEY_FILE_ID_BYTES];
  gboolean has_store; /* store.db was made, and must be there from now on */
  guint next;         /* number of the next slot; numbers are never used again */
  GArray *slots;      /* of TesseraKeySlot, by number, the recovery slot first */
  guint8 mac[32];
} TesseraKeyFile;

/** tessera_key_file_new: a random id, no slots. */
TesseraKeyFile *tessera_key_file_new (void);
TesseraKeyFile *tessera_key_file_copy (const TesseraKeyFile *self);
void tessera_key_file_free (TesseraKeyFile *self);

/** tessera_key_file_parse: refuses whatever tessera_key_file_serialize() would not have written. */
TesseraKeyFile *tessera_key_file_parse (const char *text, gsize size, GError **error);

/** tessera_key_file_serialize: the whole text; the MAC is made anew if @data_key is given. */
char *tessera_key_file_serialize (TesseraKeyFile *self, const TesseraSecret *data_key);

/** tessera_key_file_verify: whether the MAC is right under @data_key. */
gboolean tessera_key_file_verify (TesseraKeyFile *self, const TesseraSecret *data_key);

/** tessera_key_file_load: reads and parses vault.keys in @folder. */
TesseraKeyFile *tessera_key_file_load (const char *folder, GError **error);

/** tessera_key_file_store: replaces vault.keys in @folder so that a crash leaves the old or the new one; the
 * old one is kept as vault.keys.previous. */
gboolean tessera_key_file_store (TesseraKeyFile *self, const char *folder, const TesseraSecret *data_key,
                                 GError **error);

/** tessera_key_file_find: the worker slot of @worker, or %NULL. */
TesseraKeySlot *tessera_key_file_find (TesseraKeyFile *self, const char *worker);
TesseraKeySlot *tessera_key_file_find_number (TesseraKeyFile *self, guint number);
guint tessera_key_file_count_workers (TesseraKeyFile *self);
void tessera_key_file_hash_name (TesseraKeyFile *self, const char *worker,
                                 guint8 out[TESSERA_KEY_FILE_NAME_BYTES]);

/** tessera_key_file_describe_slot: (transfer full): the first two lines and the slot's line up to what is sealed: what
 * all that is sealed in the slot is bound to. */
char *tessera_key_file_describe_slot (const TesseraKeyFile *self, const TesseraKeySlot *slot);

/** tessera_key_file_subkey: 32 bytes from the data key, by crypto_kdf, for @context (8 characters) and number
 * @id. */
TesseraSecret *tessera_key_file_subkey (const TesseraSecret *data_key, const char *context, guint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraKeyFile, tessera_key_file_free)

G_END_DECLS
