/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-private.h: what the parts of the vault share.
 */
#pragma once

#include "tessera-key-slot.h"
#include "tessera-page-vfs.h"
#include "tessera-vault.h"

G_BEGIN_DECLS

#define TESSERA_VAULT_STORE "store.db"
#define TESSERA_VAULT_STORE_ROTATING TESSERA_VAULT_STORE ".rotating"
#define TESSERA_VAULT_TRIES "vault.tries"

/* TesseraVaultState: whether the key file and the store may be changed now. */
typedef enum {
  TESSERA_VAULT_STATE_READY,
  TESSERA_VAULT_STATE_ROTATING,
  TESSERA_VAULT_STATE_UNFINISHED, /* a rotation got stuck half way; only the next unlock can go on */
} TesseraVaultState;

struct _TesseraVault {
  GObject parent_instance;

  char *folder; /* as given */
  char *place;  /* absolute: the working directory may change */
  int lock;     /* descriptor of the folder, locked; -1 when closed */
  char id[2 * TESSERA_KEY_FILE_ID_BYTES + 1];
  guint slot;
  GMutex guard; /* of the state, the key file and of making the store */
  TesseraVaultState state;
  TesseraKeyFile *key_file;
  TesseraSecret *data_key;       /* NULL when closed */
  TesseraSecret *derivation_key; /* likewise */
  TesseraPageVfs *pages;
};

/* tessera-vault.c */

/* Locks the guard; %FALSE with the guard not locked if the vault is being rotated. */
gboolean tessera_vault_begin_change (TesseraVault *self, GError **error);
void tessera_vault_end_change (TesseraVault *self);

/* The page layer for the store file @name under @data_key; %NULL if SQLite refused. */
TesseraPageVfs *tessera_vault_register_pages (TesseraVault *self, const char *name, const TesseraSecret *data_key,
                                              GError **error);

/* tessera-vault-slots.c */

/* Whether the key file on the disk is still the one that is known. */
gboolean tessera_vault_check_key_file (TesseraVault *self, GError **error);

/* Puts @changed on the disk and, only if that worked, in the place of the present key file. Takes @changed over. */
gboolean tessera_vault_adopt_key_file (TesseraVault *self, TesseraKeyFile *changed, GError **error);

gboolean tessera_vault_check_worker (const char *worker, GError **error);
gboolean tessera_vault_check_passphrase (const TesseraSecret *passphrase, GError **error);

/* @ret_recovery_key: (out) (transfer full): as text */
void tessera_vault_append_recovery (TesseraKeyFile *key_file, const TesseraKeys *keys,
                                    TesseraSecret **ret_recovery_key);
gboolean tessera_vault_append_worker (TesseraKeyFile *key_file, const char *worker, const TesseraSecret *passphrase,
                                      const TesseraKeys *keys, TesseraWorkFactor work_factor, guint *ret_slot,
                                      GError **error);

/* After a good unlock: empties the box of the slot that opened the vault, and, with a @passphrase, makes the slot more
 * costly to guess if Argon2id took only @elapsed microseconds or has little memory. A folder that cannot be written is
 * no reason to stay locked: then it is left for another time. */
void tessera_vault_renew_slot (TesseraVault *self, const TesseraSecret *slot_key, const TesseraSecret *passphrase,
                               gint64 elapsed);

/* tessera-vault-delay.c */
gboolean tessera_vault_check_delay (const char *folder, GError **error);
void tessera_vault_count_wrong_try (const char *folder);
void tessera_vault_forget_wrong_tries (const char *folder);

/* tessera-vault-rotate.c: to be called when the vault has just been unlocked. */
gboolean tessera_vault_finish_rotation (TesseraVault *self, GError **error);

/* Whether store.db is there, but surely not under the vault's data key: the key file may not be the one that belongs to
 * it. */
gboolean tessera_vault_has_foreign_store (TesseraVault *self);

/* tessera-vault-store.c */

/* A connection to the file @name through @pages, with all settings. */
sqlite3 *tessera_vault_connect (TesseraVault *self, TesseraPageVfs *pages, const char *name, int flags,
                                gboolean writable, GError **error);

/* The same to the store, which is made if it was never there. The caller holds the guard or has the vault to itself. */
sqlite3 *tessera_vault_connect_store (TesseraVault *self, gboolean writable, GError **error);

/* tessera_vault_open_empty: an empty database in the file @place, which is there and empty, to be filled page by page from
 * another one; without log or journal, so it is whole only when that is done. Close it with sqlite3_close(). */
sqlite3 *tessera_vault_open_empty (const char *place, TesseraPageVfs *pages, GError **error);

/* tessera_vault_open_still: the database in a file that nobody writes, for reading only, without looking for a log or
 * taking locks. Returns: (nullable): %NULL if its first pages do not open */
sqlite3 *tessera_vault_open_still (const char *place, TesseraPageVfs *pages);

G_END_DECLS
