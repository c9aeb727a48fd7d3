/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault.c: making, unlocking and closing a vault.
 *
 * Connections are in tessera-vault-store.c, the changing of slots in tessera-vault-slots.c, of the data key in
 * tessera-vault-rotate.c, the key file in tessera-key-file.c.
 */
#include "config.h"

#include "tessera-vault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tessera-recovery-key.h"
#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

#define CONTEXT_PAGES "TesPages"
#define LAST_LIMIT 16

G_DEFINE_FINAL_TYPE (TesseraVault, tessera_vault, G_TYPE_OBJECT)

static void
tessera_vault_finalize (GObject *object)
{
  TesseraVault *self = TESSERA_VAULT (object);

  tessera_vault_close (self);
  g_clear_pointer (&self->key_file, tessera_key_file_free);
  g_mutex_clear (&self->guard);
  g_free (self->folder);
  g_free (self->place);
  G_OBJECT_CLASS (tessera_vault_parent_class)->finalize (object);
}

static void
tessera_vault_class_init (TesseraVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_vault_finalize;
}

static void
tessera_vault_init (TesseraVault *self)
{
  self->lock = -1;
  g_mutex_init (&self->guard);
}

static TesseraVault *
vault_new (const char *folder)
{
  TesseraVault *self = g_object_new (TESSERA_TYPE_VAULT, NULL);

  self->folder = g_strdup (folder);
  self->place = g_canonicalize_filename (folder, NULL);
  return self;
}

static gboolean
is_there (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* ---- the lock ---- */

/* The folder itself is locked: that needs no file, works in a folder that cannot be written, is forgotten by
 * the system when the program dies, and does not care that vault.keys is replaced. flock() is per open file,
 * so it also keeps this program from opening the vault twice. */
static gboolean
take_lock (TesseraVault *self, GError **error)
{
  self->lock = open (self->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->lock < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
                 _("There is no folder “%s”; choose another folder or create a vault."), self->folder);
    return FALSE;
  }
  if (self->lock < 0) {
    tessera_vault_file_set_error (error, errno, self->place);
    return FALSE;
  }
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno == EWOULDBLOCK) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
                 _("This vault is already open in another Tessera; close it there and try again."));
    close (self->lock);
    self->lock = -1;
    return FALSE;
  }
  /* A file system without locks for folders: SQLite's own lock on the store is what remains. */
  return TRUE;
}

static void
release_lock (TesseraVault *self)
{
  if (self->lock < 0)
    return;
  flock (self->lock, LOCK_UN);
  close (self->lock);
  self->lock = -1;
}

/* ---- changing ---- */

gboolean
tessera_vault_begin_change (TesseraVault *self, GError **error)
{
  g_mutex_lock (&self->guard);
  if (self->state == TESSERA_VAULT_STATE_READY)
    return TRUE;
  if (self->state == TESSERA_VAULT_STATE_ROTATING)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
                 _("The vault is getting a new data key; wait until that is done."));
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
                 _("The change of the data key was interrupted; lock the vault and unlock it again."));
  g_mutex_unlock (&self->guard);
  return FALSE;
}

void
tessera_vault_end_change (TesseraVault *self)
{
  g_mutex_unlock (&self->guard);
}

/* ---- opening ---- */

TesseraPageVfs *
tessera_vault_register_pages (TesseraVault *self, const char *name, const TesseraSecret *data_key, GError **error)
{
  g_autoptr (TesseraSecret) page_key = tessera_key_file_subkey (data_key, CONTEXT_PAGES, 0);
  g_autofree char *store = g_build_filename (self->place, name, NULL);
  TesseraPageVfs *pages = tessera_page_vfs_register (&(TesseraPageVfsOptions){
    .store = store,
    .id = self->key_file->id,
    .key = page_key,
  });

  if (pages == NULL)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("SQLite on this computer cannot open an encrypted store; reinstall it."));
  return pages;
}

/* The keys are known and the lock is held: makes the page layer ready. */
static gboolean
become_unlocked (TesseraVault *self, const TesseraKeys *keys, guint slot, GError **error)
{
  self->pages = tessera_vault_register_pages (self, TESSERA_VAULT_STORE, keys->data, error);
  if (self->pages == NULL)
    return FALSE;
  sodium_bin2hex (self->id, sizeof self->id, self->key_file->id, sizeof self->key_file->id);
  self->data_key = tessera_secret_copy (keys->data);
  self->derivation_key = tessera_secret_copy (keys->derivation);
  self->slot = slot;
  return TRUE;
}

static guint
read_last_slot (TesseraVault *self)
{
  g_autofree char *text = NULL;
  guint64 number;
  gsize size;

  text = tessera_vault_file_read (self->place, TESSERA_KEY_FILE_LAST, LAST_LIMIT, &size, NULL);
  if (text == NULL || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, G_MAXUINT16, &number, NULL))
    return TESSERA_KEY_FILE_RECOVERY_SLOT;
  return (guint) number;
}

/* Conveniences after a good unlock; a folder that cannot be written is no reason to stay locked. */
static void
tidy_after_unlock (TesseraVault *self)
{
  static const char *const past[] = { TESSERA_KEY_FILE_PREVIOUS, TESSERA_KEY_FILE_PREVIOUS ".new",
                                      TESSERA_KEY_FILE_NEW };
  g_autofree char *text = g_strdup_printf ("%u\n", self->slot);

  for (guint i = 0; i < G_N_ELEMENTS (past); i++) {
    g_autofree char *path = g_build_filename (self->place, past[i], NULL);

    g_unlink (path);
  }
  if (self->slot != TESSERA_KEY_FILE_RECOVERY_SLOT && read_last_slot (self) != self->slot)
    tessera_vault_file_replace (self->place, TESSERA_KEY_FILE_LAST, text, NULL);
}

static void
set_wrong_error (GError **error)
{
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
               _("The name or the passphrase is not right; check both and try again."));
}

/* The MAC shows whether somebody without the data key changed the file: lowered work factors, put in an old
 * slot. */
static gboolean
check_mac (TesseraVault *self, const TesseraSecret *data_key, GError **error)
{
  if (tessera_key_file_verify (self->key_file, data_key))
    return TRUE;
  g_set_error (
    error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
    _("The key file “%s” was changed by somebody without the key; put a copy from a backup in its place."),
    TESSERA_KEY_FILE_NAME);
  return FALSE;
}

/* The slot to try. *@ret_slot is %NULL for a worker who has none: that must not be told apart from a wrong
 * passphrase. %FALSE if nobody was named and nobody can be guessed. */
static gboolean
choose_slot (TesseraVault *self, const char *worker, TesseraKeySlot **ret_slot, GError **error)
{
  if (worker != NULL) {
    *ret_slot = tessera_key_file_find (self->key_file, worker);
    return TRUE;
  }
  if (tessera_key_file_count_workers (self->key_file) == 1)
    *ret_slot = &g_array_index (self->key_file->slots, TesseraKeySlot, 1);
  else
    *ret_slot = tessera_key_file_find_number (self->key_file, read_last_slot (self));
  if (*ret_slot != NULL && (*ret_slot)->number != TESSERA_KEY_FILE_RECOVERY_SLOT)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
               _("Several workers can unlock this vault; say who you are."));
  return FALSE;
}

/* The slot key of @slot. Without a slot, does the work of one all the same: *@tried is the slot that was worked on. */
static TesseraSecret *
work_on_slot (TesseraVault *self, const TesseraKeySlot *slot, const TesseraSecret *passphrase, TesseraKeySlot *tried,
              gint64 *ret_elapsed, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  TesseraSecret *slot_key;

  *tried = slot != NULL ? *slot : g_array_index (self->key_file->slots, TesseraKeySlot, 1);
  slot_key = tessera_key_slot_derive (tried, passphrase, error);
  *ret_elapsed = g_get_monotonic_time () - start;
  if (slot == NULL)
    randombytes_buf (tried->sealed, sizeof tried->sealed);
  return slot_key;
}

/* The slot has opened: whatever else stands between its keys and an open vault. @passphrase: (nullable) */
static gboolean
enter (TesseraVault *self, TesseraKeys *keys, guint slot, const TesseraSecret *slot_key,
       const TesseraSecret *passphrase, gint64 elapsed, GError **error)
{
  if (!check_mac (self, keys->data, error) || !become_unlocked (self, keys, slot, error) ||
      !tessera_vault_finish_rotation (self, error))
    return FALSE;
  tessera_vault_forget_wrong_tries (self->place);
  /* The key file of before may be the one that opens the store: then it must not go, nor be written over. */
  if (is_there (self->place, TESSERA_KEY_FILE_PREVIOUS) && tessera_vault_has_foreign_store (self))
    return TRUE;
  tidy_after_unlock (self);
  tessera_vault_renew_slot (self, slot_key, passphrase, elapsed);
  return TRUE;
}

TesseraVault *
tessera_vault_unlock (const char *folder, const char *worker, const TesseraSecret *passphrase, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_autoptr (TesseraSecret) slot_key = NULL;
  g_auto (TesseraKeys) keys = { NULL, NULL };
  GError *failure = NULL;
  TesseraKeySlot *slot = NULL;
  TesseraKeySlot tried;
  gint64 elapsed = 0;

  g_return_val_if_fail (folder != NULL && passphrase != NULL, NULL);

  self = vault_new (folder);
  if (!take_lock (self, error))
    return NULL;
  self->key_file = tessera_key_file_load (self->place, error);
  if (self->key_file == NULL || !choose_slot (self, worker, &slot, error) ||
      !tessera_vault_check_delay (self->place, error))
    return NULL;
  slot_key = work_on_slot (self, slot, passphrase, &tried, &elapsed, error);
  if (slot_key == NULL)
    return NULL;
  if (!tessera_key_slot_open (self->key_file, &tried, slot_key, &keys, &failure)) {
    if (failure != NULL) {
      g_propagate_error (error, failure);
      return NULL;
    }
    tessera_vault_count_wrong_try (self->place);
    set_wrong_error (error);
    return NULL;
  }
  if (!enter (self, &keys, tried.number, slot_key, passphrase, elapsed, error))
    return NULL;
  return g_steal_pointer (&self);
}

TesseraVault *
tessera_vault_unlock_with_recovery_key (const char *folder, const TesseraSecret *recovery_key, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_autoptr (TesseraSecret) bytes = NULL;
  g_autoptr (TesseraSecret) slot_key = NULL;
  g_auto (TesseraKeys) keys = { NULL, NULL };
  GError *failure = NULL;
  TesseraKeySlot *slot;

  g_return_val_if_fail (folder != NULL && recovery_key != NULL, NULL);

  bytes = tessera_recovery_key_parse (recovery_key, error);
  if (bytes == NULL)
    return NULL;
  self = vault_new (folder);
  if (!take_lock (self, error))
    return NULL;
  self->key_file = tessera_key_file_load (self->place, error);
  if (self->key_file == NULL)
    return NULL;
  slot = tessera_key_file_find_number (self->key_file, TESSERA_KEY_FILE_RECOVERY_SLOT);
  slot_key = tessera_key_slot_derive_recovery (bytes);
  if (!tessera_key_slot_open (self->key_file, slot, slot_key, &keys, &failure)) {
    if (failure != NULL)
      g_propagate_error (error, failure);
    else
      g_set_error (
        error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
        _("This recovery key does not open this vault; look for the sheet printed when it was made."));
    return NULL;
  }
  if (!enter (self, &keys, TESSERA_KEY_FILE_RECOVERY_SLOT, slot_key, NULL, 0, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- making ---- */

/* What an interrupted creation leaves. A store is not among it: the key file of one must not be replaced. */
static gboolean
is_leftover (const char *name)
{
  static const char *const names[] = { TESSERA_KEY_FILE_NAME, TESSERA_KEY_FILE_NEW, TESSERA_KEY_FILE_PREVIOUS,
                                       TESSERA_KEY_FILE_PREVIOUS ".new", TESSERA_KEY_FILE_LAST,
                                       TESSERA_KEY_FILE_LAST ".new", TESSERA_VAULT_TRIES,
                                       TESSERA_VAULT_TRIES ".new",
                                       /* empty of anything a person entered: only renaming it makes it a store */
                                       TESSERA_VAULT_STORE ".new", TESSERA_VAULT_STORE ".new-wal",
                                       TESSERA_VAULT_STORE ".new-journal", NULL };

  return g_strv_contains (names, name);
}

/* A folder that is empty, but for what an interrupted creation leaves. The lock is held: nobody is about to go on with
 * that creation. */
static gboolean
check_folder (TesseraVault *self, GError **error)
{
  g_autoptr (GDir) entries = NULL;
  const char *name;

  if (tessera_vault_exists (self->place)) {
    if (!tessera_vault_check (self->place, error))
      return FALSE;
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                 _("There is already a vault in “%s”; unlock it or choose another folder."), self->folder);
    return FALSE;
  }
  entries = g_dir_open (self->place, 0, NULL);
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    if (!is_leftover (name)) {
      g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                   _("“%s” is not empty; choose an empty folder for the vault."), self->folder);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
make_folder (TesseraVault *self, GError **error)
{
  if (g_mkdir_with_parents (self->place, 0700) == 0)
    return TRUE;
  tessera_vault_file_set_error (error, errno, self->place);
  return FALSE;
}

TesseraVault *
tessera_vault_create (const char *folder, const char *worker, const TesseraSecret *passphrase,
                      TesseraWorkFactor work_factor, TesseraSecret **ret_recovery_key, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_auto (TesseraKeys) keys = { NULL, NULL };
  g_autoptr (TesseraSecret) recovery_key = NULL;
  guint slot = 0;

  g_return_val_if_fail (folder != NULL && passphrase != NULL, NULL);

  if (!tessera_vault_check_worker (worker, error) || !tessera_vault_check_passphrase (passphrase, error))
    return NULL;
  self = vault_new (folder);
  if (!make_folder (self, error) || !take_lock (self, error) || !check_folder (self, error))
    return NULL;
  keys.data = tessera_secret_new_random (TESSERA_KEY_FILE_KEY_BYTES);
  keys.derivation = tessera_secret_new_random (TESSERA_KEY_FILE_KEY_BYTES);
  self->key_file = tessera_key_file_new ();
  tessera_vault_append_recovery (self->key_file, &keys, &recovery_key);
  if (!tessera_vault_append_worker (self->key_file, worker, passphrase, &keys, work_factor, &slot, error) ||
      !tessera_key_file_store (self->key_file, self->place, keys.data, error) ||
      !become_unlocked (self, &keys, slot, error))
    return NULL;
  tidy_after_unlock (self);
  if (ret_recovery_key != NULL)
    *ret_recovery_key = g_steal_pointer (&recovery_key);
  return g_steal_pointer (&self);
}

/* ---- facts, subkeys, the end ---- */

/* Half a vault is one too: it must be mended, and never be taken for an empty folder. */
gboolean
tessera_vault_exists (const char *folder)
{
  g_autoptr (TesseraKeyFile) key_file = NULL;

  if (is_there (folder, TESSERA_VAULT_STORE))
    return TRUE;
  if (!is_there (folder, TESSERA_KEY_FILE_NAME))
    return FALSE;
  key_file = tessera_key_file_load (folder, NULL);
  return key_file == NULL || key_file->has_store;
}

gboolean
tessera_vault_check (const char *folder, GError **error)
{
  g_autoptr (TesseraKeyFile) key_file = tessera_key_file_load (folder, error);

  return key_file != NULL;
}

guint
tessera_vault_count_workers (const char *folder)
{
  g_autoptr (TesseraKeyFile) key_file = tessera_key_file_load (folder, NULL);

  return key_file != NULL ? tessera_key_file_count_workers (key_file) : 0;
}

const char *
tessera_vault_get_folder (TesseraVault *self)
{
  g_return_val_if_fail (TESSERA_IS_VAULT (self), NULL);
  return self->folder;
}

const char *
tessera_vault_get_id (TesseraVault *self)
{
  g_return_val_if_fail (TESSERA_IS_VAULT (self), NULL);
  return self->id;
}

guint
tessera_vault_get_slot (TesseraVault *self)
{
  g_return_val_if_fail (TESSERA_IS_VAULT (self), 0);
  return self->slot;
}

TesseraSecret *
tessera_vault_derive (TesseraVault *self, const char *context)
{
  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, NULL);
  g_return_val_if_fail (context != NULL && strlen (context) == crypto_kdf_CONTEXTBYTES, NULL);

  /* Number 1: the vault's own subkeys have number 0, so no context can collide with them. */
  return tessera_key_file_subkey (self->derivation_key, context, 1);
}

void
tessera_vault_close (TesseraVault *self)
{
  g_return_if_fail (TESSERA_IS_VAULT (self));

  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  g_clear_pointer (&self->data_key, tessera_secret_free);
  g_clear_pointer (&self->derivation_key, tessera_secret_free);
  release_lock (self);
}
