/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault.c: making, unlocking and closing a vault, and its key slots.
 *
 * Connections are in tessera-vault-store.c, the key file in tessera-key-file.c.
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
#include "tessera-work-factor.h"

#define CONTEXT_PAGES "TesPages"
#define PASSPHRASE_CHARACTERS 8
#define NAME_CHARACTERS 200
#define LAST_LIMIT 16
#define WORKER_LIMIT 100

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

/* ---- what a person typed ---- */

static gboolean
check_worker (const char *worker, GError **error)
{
  g_autofree char *stripped = NULL;

  if (worker != NULL && g_utf8_validate (worker, -1, NULL)) {
    stripped = g_strstrip (g_strdup (worker));
    if (stripped[0] != '\0' && g_utf8_strlen (stripped, -1) <= NAME_CHARACTERS)
      return TRUE;
  }
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
               _("A worker's name must be text of 1 to %d characters."), NAME_CHARACTERS);
  return FALSE;
}

static gboolean
check_passphrase (const TesseraSecret *passphrase, GError **error)
{
  const char *text = (const char *) tessera_secret_get_data (passphrase);
  gsize size = tessera_secret_get_size (passphrase);
  glong characters = g_utf8_validate_len (text, size, NULL) ? g_utf8_strlen (text, (gssize) size)
                                                            : (glong) size;

  if (characters >= PASSPHRASE_CHARACTERS)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
               _("A passphrase needs at least %d characters; four or five words are good."),
               PASSPHRASE_CHARACTERS);
  return FALSE;
}

/* ---- opening ---- */

/* The data key is known and the lock is held: makes the page layer ready. */
static gboolean
become_unlocked (TesseraVault *self, TesseraSecret *data_key, guint slot, GError **error)
{
  g_autoptr (TesseraSecret) page_key = tessera_key_file_subkey (data_key, CONTEXT_PAGES, 0);
  g_autofree char *store = g_build_filename (self->place, TESSERA_VAULT_STORE, NULL);

  self->pages = tessera_page_vfs_register (&(TesseraPageVfsOptions){
    .store = store,
    .id = self->key_file->id,
    .key = page_key,
  });
  if (self->pages == NULL) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
                 _("SQLite on this computer cannot open an encrypted store; reinstall it."));
    return FALSE;
  }
  sodium_bin2hex (self->id, sizeof self->id, self->key_file->id, sizeof self->key_file->id);
  self->data_key = tessera_secret_copy (data_key);
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
  g_autofree char *previous = g_build_filename (self->place, TESSERA_KEY_FILE_PREVIOUS, NULL);
  g_autofree char *text = g_strdup_printf ("%u\n", self->slot);

  g_unlink (previous);
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
check_mac (TesseraVault *self, TesseraSecret *data_key, GError **error)
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

/* Opens @slot with @passphrase. Without a slot, does the work of one all the same. */
static TesseraSecret *
open_slot (TesseraVault *self, const TesseraKeySlot *slot, const TesseraSecret *passphrase, GError **error)
{
  TesseraKeySlot tried = slot != NULL ? *slot : g_array_index (self->key_file->slots, TesseraKeySlot, 1);
  g_autoptr (TesseraSecret) slot_key = tessera_key_slot_derive (&tried, passphrase, error);
  TesseraSecret *data_key;

  if (slot_key == NULL)
    return NULL;
  if (slot == NULL)
    randombytes_buf (tried.sealed, sizeof tried.sealed);
  data_key = tessera_key_slot_open (self->key_file, &tried, slot_key);
  if (data_key == NULL)
    set_wrong_error (error);
  return data_key;
}

TesseraVault *
tessera_vault_unlock (const char *folder, const char *worker, const TesseraSecret *passphrase, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_autoptr (TesseraSecret) data_key = NULL;
  TesseraKeySlot *slot = NULL;

  g_return_val_if_fail (folder != NULL && passphrase != NULL, NULL);

  self = vault_new (folder);
  if (!take_lock (self, error))
    return NULL;
  self->key_file = tessera_key_file_load (self->place, error);
  if (self->key_file == NULL || !choose_slot (self, worker, &slot, error))
    return NULL;
  data_key = open_slot (self, slot, passphrase, error);
  if (data_key == NULL || !check_mac (self, data_key, error) ||
      !become_unlocked (self, data_key, slot->number, error))
    return NULL;
  tidy_after_unlock (self);
  return g_steal_pointer (&self);
}

TesseraVault *
tessera_vault_unlock_with_recovery_key (const char *folder, const TesseraSecret *recovery_key, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_autoptr (TesseraSecret) bytes = NULL;
  g_autoptr (TesseraSecret) slot_key = NULL;
  g_autoptr (TesseraSecret) data_key = NULL;
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
  data_key = tessera_key_slot_open (self->key_file, slot, slot_key);
  if (data_key == NULL) {
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
      _("This recovery key does not open this vault; look for the sheet printed when it was made."));
    return NULL;
  }
  if (!check_mac (self, data_key, error) ||
      !become_unlocked (self, data_key, TESSERA_KEY_FILE_RECOVERY_SLOT, error))
    return NULL;
  tidy_after_unlock (self);
  return g_steal_pointer (&self);
}

/* ---- making ---- */

/* A folder that is empty, but for what an interrupted creation leaves. */
static gboolean
prepare_folder (TesseraVault *self, GError **error)
{
  g_autoptr (GDir) entries = NULL;
  const char *name;

  if (g_mkdir_with_parents (self->place, 0700) != 0) {
    tessera_vault_file_set_error (error, errno, self->place);
    return FALSE;
  }
  if (tessera_vault_exists (self->place)) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                 _("There is already a vault in “%s”; unlock it or choose another folder."), self->folder);
    return FALSE;
  }
  entries = g_dir_open (self->place, 0, NULL);
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    if (strcmp (name, TESSERA_KEY_FILE_NEW) != 0) {
      g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                   _("“%s” is not empty; choose an empty folder for the vault."), self->folder);
      return FALSE;
    }
  }
  return TRUE;
}

static void
add_recovery_slot (TesseraKeyFile *key_file, const TesseraSecret *data_key, TesseraSecret **ret_recovery_key)
{
  g_autoptr (TesseraSecret) bytes = tessera_secret_new_random (TESSERA_RECOVERY_KEY_BYTES);
  g_autoptr (TesseraSecret) slot_key = tessera_key_slot_derive_recovery (bytes);
  TesseraKeySlot slot = { .number = TESSERA_KEY_FILE_RECOVERY_SLOT };

  tessera_key_slot_seal (key_file, &slot, slot_key, data_key, NULL);
  g_array_append_val (key_file->slots, slot);
  if (ret_recovery_key != NULL)
    *ret_recovery_key = tessera_recovery_key_format (bytes);
}

/* New salt, new work factor, new seal; number and name stay. */
static gboolean
fill_worker_slot (TesseraKeyFile *key_file, TesseraKeySlot *slot, const TesseraSecret *passphrase,
                  const TesseraSecret *data_key, TesseraWorkFactor work_factor, GError **error)
{
  g_autoptr (TesseraSecret) slot_key = NULL;

  tessera_work_factor_choose (work_factor, &slot->passes, &slot->kibibytes);
  randombytes_buf (slot->salt, sizeof slot->salt);
  slot_key = tessera_key_slot_derive (slot, passphrase, error);
  if (slot_key == NULL)
    return FALSE;
  tessera_key_slot_seal (key_file, slot, slot_key, data_key, NULL);
  return TRUE;
}

static gboolean
append_worker_slot (TesseraKeyFile *key_file, const char *worker, const TesseraSecret *passphrase,
                    const TesseraSecret *data_key, TesseraWorkFactor work_factor, guint *ret_slot,
                    GError **error)
{
  TesseraKeySlot slot = { .number = key_file->next };

  tessera_key_file_hash_name (key_file, worker, slot.name);
  if (!fill_worker_slot (key_file, &slot, passphrase, data_key, work_factor, error))
    return FALSE;
  key_file->next++;
  g_array_append_val (key_file->slots, slot);
  *ret_slot = slot.number;
  return TRUE;
}

TesseraVault *
tessera_vault_create (const char *folder, const char *worker, const TesseraSecret *passphrase,
                      TesseraWorkFactor work_factor, TesseraSecret **ret_recovery_key, GError **error)
{
  g_autoptr (TesseraVault) self = NULL;
  g_autoptr (TesseraSecret) data_key = NULL;
  g_autoptr (TesseraSecret) recovery_key = NULL;
  guint slot = 0;

  g_return_val_if_fail (folder != NULL && passphrase != NULL, NULL);

  if (!check_worker (worker, error) || !check_passphrase (passphrase, error))
    return NULL;
  self = vault_new (folder);
  if (!prepare_folder (self, error) || !take_lock (self, error))
    return NULL;
  data_key = tessera_secret_new_random (TESSERA_KEY_FILE_KEY_BYTES);
  self->key_file = tessera_key_file_new ();
  add_recovery_slot (self->key_file, data_key, &recovery_key);
  if (!append_worker_slot (self->key_file, worker, passphrase, data_key, work_factor, &slot, error) ||
      !tessera_key_file_store (self->key_file, self->place, data_key, error) ||
      !become_unlocked (self, data_key, slot, error))
    return NULL;
  tidy_after_unlock (self);
  if (ret_recovery_key != NULL)
    *ret_recovery_key = g_steal_pointer (&recovery_key);
  return g_steal_pointer (&self);
}

/* ---- slots of an open vault ---- */

/* Puts @changed on the disk and, only if that worked, in the place of the present key file. Takes @changed
 * over. */
static gboolean
adopt_key_file (TesseraVault *self, TesseraKeyFile *changed, GError **error)
{
  if (!tessera_key_file_store (changed, self->place, self->data_key, error)) {
    tessera_key_file_free (changed);
    return FALSE;
  }
  tessera_key_file_free (self->key_file);
  self->key_file = changed;
  return TRUE;
}

static gboolean
add_worker_locked (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                   TesseraWorkFactor work_factor, guint *ret_slot, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);
  guint slot = 0;

  if (tessera_key_file_find (changed, worker) != NULL) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_EXISTS,
                 _("There is already a worker called “%s”; choose another name."), worker);
    return FALSE;
  }
  if (tessera_key_file_count_workers (changed) >= WORKER_LIMIT || changed->next >= G_MAXUINT16) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
                 _("A vault takes at most %d workers; remove somebody who has left first."), WORKER_LIMIT);
    return FALSE;
  }
  if (!append_worker_slot (changed, worker, passphrase, self->data_key, work_factor, &slot, error) ||
      !adopt_key_file (self, g_steal_pointer (&changed), error))
    return FALSE;
  if (ret_slot != NULL)
    *ret_slot = slot;
  return TRUE;
}

gboolean
tessera_vault_add_worker (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                          TesseraWorkFactor work_factor, guint *ret_slot, GError **error)
{
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!check_worker (worker, error) || !check_passphrase (passphrase, error))
    return FALSE;
  g_mutex_lock (&self->guard);
  done = add_worker_locked (self, worker, passphrase, work_factor, ret_slot, error);
  g_mutex_unlock (&self->guard);
  return done;
}

/* The slot of @worker in @key_file, or an error. */
static TesseraKeySlot *
require_slot (TesseraKeyFile *key_file, const char *worker, GError **error)
{
  TesseraKeySlot *slot = tessera_key_file_find (key_file, worker);

  if (slot == NULL)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
                 _("No worker called “%s” can unlock this vault; check the name."), worker);
  return slot;
}

static gboolean
remove_worker_locked (TesseraVault *self, const char *worker, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);
  TesseraKeySlot *slot = require_slot (changed, worker, error);

  if (slot == NULL)
    return FALSE;
  if (tessera_key_file_count_workers (changed) == 1) {
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
      _("The last worker cannot be removed, because nobody could unlock the vault; add somebody first."));
    return FALSE;
  }
  g_array_remove_index (changed->slots, (guint) (slot - (TesseraKeySlot *) (gpointer) changed->slots->data));
  return adopt_key_file (self, g_steal_pointer (&changed), error);
}

gboolean
tessera_vault_remove_worker (TesseraVault *self, const char *worker, GError **error)
{
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!check_worker (worker, error))
    return FALSE;
  g_mutex_lock (&self->guard);
  done = remove_worker_locked (self, worker, error);
  g_mutex_unlock (&self->guard);
  return done;
}

static gboolean
change_passphrase_locked (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                          TesseraWorkFactor work_factor, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);
  TesseraKeySlot *slot = require_slot (changed, worker, error);

  return slot != NULL && fill_worker_slot (changed, slot, passphrase, self->data_key, work_factor, error) &&
         adopt_key_file (self, g_steal_pointer (&changed), error);
}

gboolean
tessera_vault_change_passphrase (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                                 TesseraWorkFactor work_factor, GError **error)
{
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!check_worker (worker, error) || !check_passphrase (passphrase, error))
    return FALSE;
  g_mutex_lock (&self->guard);
  done = change_passphrase_locked (self, worker, passphrase, work_factor, error);
  g_mutex_unlock (&self->guard);
  return done;
}

/* ---- facts, subkeys, the end ---- */

gboolean
tessera_vault_exists (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, TESSERA_KEY_FILE_NAME, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
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
  return tessera_key_file_subkey (self->data_key, context, 1);
}

void
tessera_vault_close (TesseraVault *self)
{
  g_return_if_fail (TESSERA_IS_VAULT (self));

  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  g_clear_pointer (&self->data_key, tessera_secret_free);
  release_lock (self);
}
