/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erasing.h: a client is erased on this device, and what of them is under way is taken back.
 *
 * The rules are casework's, the files of the store are the store's; this knows who in the team may, which bundles carry
 * the person, and who has heard.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-store.h"

G_BEGIN_DECLS

/** tessera_exchange_erase: tessera_client_erase(); in a team only on a supervisor's device, because colleagues would
 * refuse it from another. tessera_exchange_finish_erasing() must follow. */
gboolean tessera_exchange_erase (TesseraTransaction *transaction, const char *client, const char *reason,
                                 guint *ret_partners, GError **error);

/**
 * tessera_exchange_finish_erasing:
 * @ret_scrubbed: (out) (optional): whether nothing is left in the files now; otherwise it is done when nobody reads
 *
 * What follows an erasure here or by a colleague, in any thread: bundles that carry the person and are not acknowledged
 * by everybody are taken back, the store is scrubbed, the vault's own backups are made anew. Each part that fails is done
 * by a later call; nothing to do is no error.
 */
gboolean tessera_exchange_finish_erasing (TesseraStore *store, gboolean *ret_scrubbed, GCancellable *cancellable,
                                          GError **error);

/**
 * tessera_exchange_withdraw:
 *
 * The first part of it: files of ours that carry what was erased go from the outbox, are marked `withdrawn` so that they
 * go from carriers too, and what else they carried is sealed again, with empty numbers in the place of the person. What
 * colleagues have taken in already they erase themselves. Whoever had a letter about the person is asked to erase.
 */
gboolean tessera_exchange_withdraw (TesseraStore *store, GError **error);

/**
 * TesseraErasureState: an erasure, and how far it got. No personal data.
 * @erased: random id of who is gone
 * @reason: (nullable): code
 * @device: (nullable): name of the device that erased
 * @n_devices: active devices of the team, this one included; 1 without a team
 * @n_done: those of which it is known that they erased too
 * @n_asked, @n_answered: referrals whose partner was asked to erase, and who said it was done
 */
typedef struct {
  char *erased;
  char *reason;
  char *device;
  gint64 at;
  guint n_devices;
  guint n_done;
  guint n_asked;
  guint n_answered;
} TesseraErasureState;

void tessera_erasure_state_free (TesseraErasureState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraErasureState, tessera_erasure_state_free)

/** tessera_exchange_list_erasures: (transfer full) (element-type TesseraErasureState): newest first. */
GPtrArray *tessera_exchange_list_erasures (TesseraTransaction *transaction, GError **error);

G_END_DECLS
