/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-slots.c: who can unlock a vault: adding, removing and renewing key slots.
 *
 * Each change is a new key file in the place of the old one. What a slot holds is in tessera-key-slot.c.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>

#include "tessera-recovery-key.h"
#include "tessera-vault-private.h"
#include "tessera-work-factor.h"

#define PASSPHRASE_CHARACTERS 8
#define NAME_CHARACTERS 200
#define WORKER_LIMIT 100

/* ---- what a person typed ---- */

gboolean
tessera_vault_check_worker (const char *worker, GError **error)
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

gboolean
tessera_vault_check_passphrase (const TesseraSecret *passphrase, GError **error)
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

/* ---- filling slots ---- */

void
tessera_vault_append_recovery (TesseraKeyFile *key_file, const TesseraKeys *keys, TesseraSecret **ret_recovery_key)
{
  g_autoptr (TesseraSecret) bytes = tessera_secret_new_random (TESSERA_RECOVERY_KEY_BYTES);
  g_autoptr (TesseraSecret) slot_key = tessera_key_slot_derive_recovery (bytes);
  TesseraKeySlot slot = { .number = TESSERA_KEY_FILE_RECOVERY_SLOT };

  tessera_key_slot_seal (key_file, &slot, slot_key, keys, NULL);
  g_array_append_val (key_file->slots, slot);
  *ret_recovery_key = tessera_recovery_key_format (bytes);
}

/* New salt, new seal, for the work factor that is in @slot. */
static gboolean
seal_worker_slot (TesseraKeyFile *key_file, TesseraKeySlot *slot, const TesseraSecret *passphrase,
                  const TesseraKeys *keys, GError **error)
{
  g_autoptr (TesseraSecret) slot_key = NULL;

  randombytes_buf (slot->salt, sizeof slot->salt);
  slot_key = tessera_key_slot_derive (slot, passphrase, error);
  if (slot_key == NULL)
    return FALSE;
  tessera_key_slot_seal (key_file, slot, slot_key, keys, NULL);
  return TRUE;
}

/* New salt, new work factor, new seal; number and name stay. */
static gboolean
fill_worker_slot (TesseraKeyFile *key_file, TesseraKeySlot *slot, const TesseraSecret *passphrase,
                  const TesseraKeys *keys, TesseraWorkFactor work_factor, GError **error)
{
  tessera_work_factor_choose (work_factor, &slot->passes, &slot->kibibytes);
  return seal_worker_slot (key_file, slot, passphrase, keys, error);
}

gboolean
tessera_vault_append_worker (TesseraKeyFile *key_file, const char *worker, const TesseraSecret *passphrase,
                             const TesseraKeys *keys, TesseraWorkFactor work_factor, guint *ret_slot,
                             GError **error)
{
  TesseraKeySlot slot = { .number = key_file->next };

  tessera_key_file_hash_name (key_file, worker, slot.name);
  if (!fill_worker_slot (key_file, &slot, passphrase, keys, work_factor, error))
    return FALSE;
  key_file->next++;
  g_array_append_val (key_file->slots, slot);
  *ret_slot = slot.number;
  return TRUE;
}

/* ---- slots of an open vault ---- */

/* Where folders cannot be locked, or when somebody puts another key file in its place by hand, what is on the disk is not
 * what is known here: to write over it could take away the only way to the store. */
gboolean
tessera_vault_check_key_file (TesseraVault *self, GError **error)
{
  g_autoptr (TesseraKeyFile) present = tessera_key_file_load (self->place, NULL);
  g_autofree char *theirs = present != NULL ? tessera_key_file_serialize (present, NULL) : NULL;
  g_autofree char *ours = tessera_key_file_serialize (self->key_file, NULL);

  if (g_strcmp0 (theirs, ours) == 0)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY,
               _("The key file “%s” was changed meanwhile, and not from here; lock the vault and unlock it again."),
               TESSERA_KEY_FILE_NAME);
  return FALSE;
}

gboolean
tessera_vault_adopt_key_file (TesseraVault *self, TesseraKeyFile *changed, GError **error)
{
  if (!tessera_vault_check_key_file (self, error) ||
      !tessera_key_file_store (changed, self->place, self->data_key, error)) {
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
  const TesseraKeys keys = { self->data_key, self->derivation_key };
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
  if (!tessera_vault_append_worker (changed, worker, passphrase, &keys, work_factor, &slot, error) ||
      !tessera_vault_adopt_key_file (self, g_steal_pointer (&changed), error))
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
  if (!tessera_vault_check_worker (worker, error) || !tessera_vault_check_passphrase (passphrase, error))
    return FALSE;
  if (!tessera_vault_begin_change (self, error))
    return FALSE;
  done = add_worker_locked (self, worker, passphrase, work_factor, ret_slot, error);
  tessera_vault_end_change (self);
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
  return tessera_vault_adopt_key_file (self, g_steal_pointer (&changed), error);
}

gboolean
tessera_vault_remove_worker (TesseraVault *self, const char *worker, GError **error)
{
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!tessera_vault_check_worker (worker, error))
    return FALSE;
  if (!tessera_vault_begin_change (self, error))
    return FALSE;
  done = remove_worker_locked (self, worker, error);
  tessera_vault_end_change (self);
  return done;
}

static gboolean
change_passphrase_locked (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                          TesseraWorkFactor work_factor, GError **error)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);
  const TesseraKeys keys = { self->data_key, self->derivation_key };
  TesseraKeySlot *slot = require_slot (changed, worker, error);

  return slot != NULL && fill_worker_slot (changed, slot, passphrase, &keys, work_factor, error) &&
         tessera_vault_adopt_key_file (self, g_steal_pointer (&changed), error);
}

gboolean
tessera_vault_change_passphrase (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                                 TesseraWorkFactor work_factor, GError **error)
{
  gboolean done;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!tessera_vault_check_worker (worker, error) || !tessera_vault_check_passphrase (passphrase, error))
    return FALSE;
  if (!tessera_vault_begin_change (self, error))
    return FALSE;
  done = change_passphrase_locked (self, worker, passphrase, work_factor, error);
  tessera_vault_end_change (self);
  return done;
}

/* The slot is copied under the guard and tried without it: this takes about a second. */
gboolean
tessera_vault_verify_passphrase (TesseraVault *self, const char *worker, const TesseraSecret *passphrase,
                                 GError **error)
{
  g_autoptr (TesseraKeyFile) key_file = NULL;
  g_autoptr (TesseraSecret) slot_key = NULL;
  g_auto (TesseraKeys) keys = { NULL, NULL };
  TesseraKeySlot *slot;

  g_return_val_if_fail (TESSERA_IS_VAULT (self) && self->data_key != NULL, FALSE);
  if (!tessera_vault_begin_change (self, error))
    return FALSE;
  key_file = tessera_key_file_copy (self->key_file);
  tessera_vault_end_change (self);
  slot = require_slot (key_file, worker, error);
  if (slot == NULL || !tessera_vault_check_delay (self->place, error))
    return FALSE;
  slot_key = tessera_key_slot_derive (slot, passphrase, error);
  if (slot_key == NULL)
    return FALSE;
  if (tessera_key_slot_open (key_file, slot, slot_key, &keys, NULL))
    return TRUE;
  tessera_vault_count_wrong_try (self->place);
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE,
               _("The present passphrase is not right; nothing was changed."));
  return FALSE;
}

/* ---- after a good unlock ---- */

/* A copy of @slot with more work, sealed; %FALSE if it has enough or the computer has no more to give. */
static gboolean
raise_slot (TesseraKeyFile *key_file, TesseraKeySlot *slot, const TesseraSecret *passphrase, const TesseraKeys *keys,
            gint64 elapsed)
{
  TesseraKeySlot raised = *slot;

  if (!tessera_work_factor_raise (&raised.passes, &raised.kibibytes, elapsed) ||
      !seal_worker_slot (key_file, &raised, passphrase, keys, NULL))
    return FALSE;
  *slot = raised;
  return TRUE;
}

void
tessera_vault_renew_slot (TesseraVault *self, const TesseraSecret *slot_key, const TesseraSecret *passphrase,
                          gint64 elapsed)
{
  g_autoptr (TesseraKeyFile) changed = tessera_key_file_copy (self->key_file);
  const TesseraKeys keys = { self->data_key, self->derivation_key };
  TesseraKeySlot *slot = tessera_key_file_find_number (changed, self->slot);
  gboolean raised = passphrase != NULL && raise_slot (changed, slot, passphrase, &keys, elapsed);

  if (!raised && !slot->has_box)
    return;
  if (!raised)
    tessera_key_slot_seal (changed, slot, slot_key, &keys, NULL);
  tessera_vault_adopt_key_file (self, g_steal_pointer (&changed), NULL);
}
