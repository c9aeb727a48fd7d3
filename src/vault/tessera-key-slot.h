/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-key-slot.h: from one passphrase, or the recovery key, to the keys of the vault.
 *
 * What a slot of vault.keys holds, sealed and opened. It neither reads nor writes files.
 */
#pragma once

#include "tessera-key-file.h"

G_BEGIN_DECLS

/* TesseraKeys: what a slot opens to. The data key seals the store and can be changed; the derivation key is made once,
 * for tessera_vault_derive() and for slots to recognize a changed data key by. */
typedef struct {
  TesseraSecret *data;
  TesseraSecret *derivation;
} TesseraKeys;

void tessera_keys_clear (TesseraKeys *self);

/** tessera_key_slot_derive: Argon2id; slow on purpose. */
TesseraSecret *tessera_key_slot_derive (const TesseraKeySlot *slot, const TesseraSecret *passphrase,
                                        GError **error);

/** tessera_key_slot_derive_recovery: @recovery_key has 32 bytes. */
TesseraSecret *tessera_key_slot_derive_recovery (const TesseraSecret *recovery_key);

/** tessera_key_slot_seal: fills in the public key and what is sealed, and drops a box; @nonce: (nullable): %NULL for a
 * random one. */
void tessera_key_slot_seal (TesseraKeyFile *self, TesseraKeySlot *slot, const TesseraSecret *slot_key,
                            const TesseraKeys *keys, const guint8 *nonce);

/** tessera_key_slot_box: leaves the data key of @keys in the slot for its owner to find, without the slot key. %FALSE if
 * the slot's public key is none. */
gboolean tessera_key_slot_box (TesseraKeyFile *self, TesseraKeySlot *slot, const TesseraKeys *keys);

/**
 * tessera_key_slot_open:
 * @keys: (out): empty before; to be cleared by the caller
 * @error: with %TESSERA_VAULT_ERROR_DAMAGED if @slot_key is right but the box is not; not set for another @slot_key
 */
gboolean tessera_key_slot_open (TesseraKeyFile *self, const TesseraKeySlot *slot, const TesseraSecret *slot_key,
                                TesseraKeys *keys, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TesseraKeys, tessera_keys_clear)

G_END_DECLS
