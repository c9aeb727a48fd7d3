/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity.h: who we are to others: the organization's root key, this device's keys, and our card.
 *
 * Keys are made once, with the vault, and kept as secrets of the store. Nothing here decides whom to trust.
 */
#pragma once

#include "tessera-card.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * TesseraIdentityFacts: what a new organization says of itself.
 * @organization: its name as partners see it
 * @worker: name, role and language of the first worker; role %NULL is supervisor
 */
typedef struct {
  const char *organization;
  const char *worker;
  const char *role;
  const char *language;
  guint slot;
} TesseraIdentityFacts;

/**
 * tessera_identity_create:
 *
 * What every new vault needs before anything else is written: organization id, name and root key; this device's signing
 * and encryption keys and its certificate; the `device` row and the first `worker` row. Refused when it was done before.
 * Returns: (transfer full): the worker
 */
TesseraRecord *tessera_identity_create (TesseraTransaction *transaction, const TesseraIdentityFacts *facts,
                                        GError **error);

/** tessera_identity_check: refuses a store in which tessera_identity_create() never ran, because the program was
 * stopped before, and says what to do. */
gboolean tessera_identity_check (TesseraTransaction *transaction, GError **error);

/** tessera_identity_is_joining: whether this vault was made to join an organization and has not yet. */
gboolean tessera_identity_is_joining (TesseraTransaction *transaction);

/** tessera_identity_has_root: whether this device holds the organization's secret root key. */
gboolean tessera_identity_has_root (TesseraTransaction *transaction);

/* ---- who has which key slot; each vault knows only its own ---- */

/** tessera_identity_find_worker: (transfer full) (nullable): the worker whose key slot has number @slot. On a device that
 * has just joined, and before the worker's row came with the first exchange, a record of what the invitation said. */
TesseraRecord *tessera_identity_find_worker (TesseraTransaction *transaction, guint slot);

/** tessera_identity_set_slot: the key slot @slot is that of @worker (UUID); %NULL: nobody's any more. */
gboolean tessera_identity_set_slot (TesseraTransaction *transaction, guint slot, const char *worker, GError **error);

/** tessera_identity_clear_worker: @worker has no key slot in this vault any more. */
gboolean tessera_identity_clear_worker (TesseraTransaction *transaction, const char *worker, GError **error);

/** tessera_identity_list_unlockers: (transfer full) (element-type TesseraRecord): the workers who have a key slot in this
 * vault, in the order of the slots. */
GPtrArray *tessera_identity_list_unlockers (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_organization_name: (transfer full) (nullable) */
char *tessera_identity_get_organization_name (TesseraTransaction *transaction);

/** tessera_identity_make_card: (transfer full): our card as a file's text (see tessera-card.h), newly signed, valid for
 * a year, with the next number if what it says has changed. */
char *tessera_identity_make_card (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_fingerprint: (transfer full): of our root key: five groups of four, read aloud. */
char *tessera_identity_get_fingerprint (TesseraTransaction *transaction, GError **error);

G_END_DECLS
