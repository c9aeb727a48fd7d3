/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault.h: a folder that nobody can read without a passphrase.
 *
 * Creates, unlocks and closes vaults, keeps their key slots, and hands out encrypted SQLite connections and
 * subkeys. It knows nothing of what is stored. The format is specified in docs/vault-format.md.
 */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#include "tessera-secret.h"

G_BEGIN_DECLS

#define TESSERA_VAULT_ERROR (tessera_vault_error_quark ())
GQuark tessera_vault_error_quark (void);

/**
 * TesseraVaultError:
 * @TESSERA_VAULT_ERROR_FAILED: the operating system refused (permissions, disk); the message says what
 * @TESSERA_VAULT_ERROR_NOT_A_VAULT: the folder holds no vault
 * @TESSERA_VAULT_ERROR_EXISTS: there is already a vault, or a worker of that name
 * @TESSERA_VAULT_ERROR_WRONG_PASSPHRASE: the same for an unknown worker and for a wrong passphrase
 * @TESSERA_VAULT_ERROR_DAMAGED: key file or store do not authenticate, or one of them is missing
 * @TESSERA_VAULT_ERROR_FOREIGN: the store belongs to another key file, or is no Tessera store
 * @TESSERA_VAULT_ERROR_TOO_NEW: written by a newer Tessera
 * @TESSERA_VAULT_ERROR_TOO_OLD: written by a Tessera so old that this one does not read it
 * @TESSERA_VAULT_ERROR_BUSY: another running program has this vault open
 * @TESSERA_VAULT_ERROR_FULL: no space left; nothing was changed
 * @TESSERA_VAULT_ERROR_READ_ONLY: the folder cannot be written
 * @TESSERA_VAULT_ERROR_INVALID: an argument a person typed cannot be used (empty name, short passphrase …)
 * @TESSERA_VAULT_ERROR_WAIT: too many wrong passphrases; the message says for how many seconds to wait
 *
 * What can go wrong with a vault, by what a person can do about it. Every message is one sentence fit to be
 * shown.
 */
typedef enum {
  TESSERA_VAULT_ERROR_FAILED,
  TESSERA_VAULT_ERROR_NOT_A_VAULT,
  TESSERA_VAULT_ERROR_EXISTS,
  TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
  TESSERA_VAULT_ERROR_DAMAGED,
  TESSERA_VAULT_ERROR_FOREIGN,
  TESSERA_VAULT_ERROR_TOO_NEW,
  TESSERA_VAULT_ERROR_BUSY,
  TESSERA_VAULT_ERROR_FULL,
  TESSERA_VAULT_ERROR_READ_ONLY,
  TESSERA_VAULT_ERROR_INVALID,
  TESSERA_VAULT_ERROR_TOO_OLD,
  TESSERA_VAULT_ERROR_WAIT,
} TesseraVaultError;

/**
 * TesseraWorkFactor:
 * @TESSERA_WORK_FACTOR_MEASURED: about one second on this machine and at least 256 MiB where there is memory
 * @TESSERA_WORK_FACTOR_MINIMUM: libsodium's interactive minimum; for tests and throw-away demonstrations only
 */
typedef enum {
  TESSERA_WORK_FACTOR_MEASURED,
  TESSERA_WORK_FACTOR_MINIMUM,
} TesseraWorkFactor;

#define TESSERA_TYPE_VAULT (tessera_vault_get_type ())
G_DECLARE_FINAL_TYPE (TesseraVault, tessera_vault, TESSERA, VAULT, GObject)

/** tessera_vault_exists: whether @folder holds a vault, or half of one (tessera_vault_check() says what is wrong with
 * it). One whose creation was interrupted before there was a store does not count: it can be made again. */
gboolean tessera_vault_exists (const char *folder);

/**
 * tessera_vault_check:
 *
 * What can be said about the vault in @folder before anybody types a passphrase: the key file is there, whole, and of
 * a version this program reads. Whether it is genuine only shows when it is unlocked.
 */
gboolean tessera_vault_check (const char *folder, GError **error);

/**
 * tessera_vault_create:
 * @folder: a folder that does not exist or is empty; made with mode 0700. One in which an earlier creation was
 * interrupted before there was a store will do too
 * @worker: the first worker's name, UTF-8; it finds the slot and is stored only as a keyed hash
 * @passphrase: at least 8 characters
 * @ret_recovery_key: (out) (transfer full): grouped Crockford base 32 with checksum, to be shown once
 *
 * Makes a vault and leaves it unlocked.
 */
TesseraVault *tessera_vault_create (const char          *folder,
                                    const char          *worker,
                                    const TesseraSecret *passphrase,
                                    TesseraWorkFactor    work_factor,
                                    TesseraSecret      **ret_recovery_key,
                                    GError             **error);

/**
 * tessera_vault_unlock:
 * @worker: (nullable): who; %NULL for the only slot, or the one last used on this computer
 *
 * Derives the slot key (this is the slow part: call it from a thread), opens the data key, checks the MAC
 * over the key file, and takes the vault's lock so that no second program opens it.
 *
 * Also finishes or takes back a rotation of the data key that was interrupted, and makes the slot as costly to guess
 * as this computer allows if it is much cheaper than that (then this once takes some seconds; a slot made with
 * %TESSERA_WORK_FACTOR_MINIMUM stays as it is). After several wrong passphrases it refuses for a while, without
 * trying, with %TESSERA_VAULT_ERROR_WAIT.
 */
TesseraVault *tessera_vault_unlock (const char          *folder,
                                    const char          *worker,
                                    const TesseraSecret *passphrase,
                                    GError             **error);

/** tessera_vault_get_delay: for how many seconds tessera_vault_unlock() will refuse to try, because of wrong
 * passphrases before; 0 to 60. Told without unlocking, from the computer's clock. */
guint tessera_vault_get_delay (const char *folder);

/** tessera_vault_unlock_with_recovery_key: the same with the printed key; spaces, dashes, case do not matter.
 * It is not guessable, so it never has to wait. */
TesseraVault *tessera_vault_unlock_with_recovery_key (const char          *folder,
                                                      const TesseraSecret *recovery_key,
                                                      GError             **error);

/** tessera_vault_get_folder: the vault's folder, as given. */
const char *tessera_vault_get_folder (TesseraVault *self);

/** tessera_vault_get_id: 32 hexadecimal digits: random, made at creation. */
const char *tessera_vault_get_id (TesseraVault *self);

/** tessera_vault_get_slot: number of the key slot that opened the vault; 0 is the recovery slot. */
guint tessera_vault_get_slot (TesseraVault *self);

/** tessera_vault_count_workers: how many worker slots (not counting recovery) the key file in @folder has,
 * without unlocking; 0 if it cannot be read. */
guint tessera_vault_count_workers (const char *folder);

/** tessera_vault_add_worker: one more slot; @ret_slot (out) (optional) tells its number. Key file replaced
 * atomically. */
gboolean tessera_vault_add_worker (TesseraVault        *self,
                                   const char          *worker,
                                   const TesseraSecret *passphrase,
                                   TesseraWorkFactor    work_factor,
                                   guint               *ret_slot,
                                   GError             **error);

/** tessera_vault_remove_worker: removes the slot of @worker; the last worker slot is never removed. */
gboolean tessera_vault_remove_worker (TesseraVault *self, const char *worker, GError **error);

/** tessera_vault_change_passphrase: re-wraps the data key of @worker's slot (must exist); pages are not
 * touched. */
gboolean tessera_vault_change_passphrase (TesseraVault        *self,
                                          const char          *worker,
                                          const TesseraSecret *passphrase,
                                          TesseraWorkFactor    work_factor,
                                          GError             **error);

/** tessera_vault_verify_passphrase: whether @passphrase is the one of @worker, for asking again before something that
 * only they may do. Slow; wrong ones count as at unlocking. */
gboolean tessera_vault_verify_passphrase (TesseraVault        *self,
                                          const char          *worker,
                                          const TesseraSecret *passphrase,
                                          GError             **error);

/** TesseraVaultProgress: @done of @total pages to be written and read; called in the thread that does the work. */
typedef void (*TesseraVaultProgress) (gint64 done, gint64 total, gpointer data);

/**
 * tessera_vault_rotate:
 * @progress: (nullable): called now and then
 * @cancellable: (nullable): leaves the vault as it was; without effect once the copy is complete
 *
 * Gives the vault a new data key: copies the store page by page under it, checks the copy, and puts both in place of
 * the old ones. Who kept an old copy of the key file, a removed worker say, cannot open what is written from then on.
 * All workers and the recovery key keep working, whoever is present. No connection may be open
 * (%TESSERA_VAULT_ERROR_BUSY), and while it runs everything else asked of the vault is refused with the same; needs as
 * much room on the disk as the store (%TESSERA_VAULT_ERROR_FULL). Slow: call it from a thread. The vault stays unlocked.
 *
 * Killed at any moment, it leaves the old key and store or the new ones; the next unlock tidies up.
 */
gboolean tessera_vault_rotate (TesseraVault        *self,
                               TesseraVaultProgress progress,
                               gpointer             progress_data,
                               GCancellable        *cancellable,
                               GError             **error);

/**
 * tessera_vault_open_database:
 * @writable: %FALSE for a reading connection
 *
 * Opens store.db through the encrypting page layer with the settings every connection must have (WAL, heap
 * wal-index, temporary data in memory, no mmap, secure_delete, 64 MiB cache, full synchronization for the
 * writing one, foreign keys off, trusted_schema off). The first writable open creates the file.
 *
 * It has no lock of its own: one thread at a time may use it, except for sqlite3_interrupt().
 *
 * While a connection is open, nothing else in this process may open and close store.db: POSIX would give up
 * SQLite's locks on it. Copy a store with sqlite3_backup_init(), into another vault's connection if it must
 * be a file.
 *
 * Returns: (transfer full): close with sqlite3_close_v2() before the vault is closed
 */
sqlite3 *tessera_vault_open_database (TesseraVault *self, gboolean writable, GError **error);

/**
 * tessera_vault_derive:
 * @context: exactly 8 ASCII characters naming the use (crypto_kdf context)
 *
 * A 32-byte subkey of the vault's derivation key; the same for the same @context for the life of the vault, whatever
 * happens to the data key. So everybody who could ever unlock the vault knows it: fit for keyed hashes over what lies
 * in the store, not for encrypting anything that lies elsewhere.
 * Returns: (transfer full)
 */
TesseraSecret *tessera_vault_derive (TesseraVault *self, const char *context);

/** tessera_vault_set_sqlite_error: turns a failed SQLite call into a %TESSERA_VAULT_ERROR with a sentence
 * that says what to do (busy, full, read-only, damaged, not a store …). */
void tessera_vault_set_sqlite_error (GError **error, sqlite3 *database, int code);

/** tessera_vault_close: wipes the keys and gives the lock back; database connections must be closed before.
 */
void tessera_vault_close (TesseraVault *self);

G_END_DECLS
