/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity-private.h: our keys and certificate, for those in this layer who seal and open.
 */
#pragma once

#include "tessera-age.h"
#include "tessera-identity.h"
#include "tessera-roster.h"

G_BEGIN_DECLS

#define TESSERA_IDENTITY_DAY G_GINT64_CONSTANT (86400000)

/** Our organization's and device's ids: 32 hexadecimal digits. (transfer full) */
char *tessera_identity_get_organization (TesseraTransaction *transaction, GError **error);
char *tessera_identity_get_device (TesseraTransaction *transaction);

/** tessera_identity_strip_dashes: (transfer full): a UUID as 32 hexadecimal digits. */
char *tessera_identity_strip_dashes (const char *uuid);
/** tessera_identity_add_dashes: (transfer full): the opposite; @digits are 32 hexadecimal ones. */
char *tessera_identity_add_dashes (const char *digits);

/** Secret keys. (transfer full) (nullable): %NULL with an error when the vault has no identity. */
TesseraSecret *tessera_identity_get_signing_key (TesseraTransaction *transaction, GError **error);
TesseraSecret *tessera_identity_get_encryption_key (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_encryption_keys: (transfer full) (nullable) (element-type TesseraSecret): the current one first,
 * then the one before it, with which bundles may still be opened that were sealed before the change was known. */
GPtrArray *tessera_identity_get_encryption_keys (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_root: (transfer full) (nullable): the organization's secret root key, if this device holds it;
 * else an error that says who does. */
TesseraSecret *tessera_identity_get_root (TesseraTransaction *transaction, GError **error);

/** tessera_identity_make_device_keys: signing and encryption key of this device. */
gboolean tessera_identity_make_device_keys (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_certificate: our device certificate and its signature, renewed when it is nearly over; only a
 * device that holds the root key renews its own. */
gboolean tessera_identity_get_certificate (TesseraTransaction *transaction, char **ret_certificate,
                                           char **ret_signature, GError **error);

/** tessera_identity_make_certificate: for any device of ours, signed with @root, valid for two years.
 * @device: 32 hexadecimal digits. */
gboolean tessera_identity_make_certificate (TesseraTransaction *transaction, const TesseraSecret *root,
                                            const char *device, const guint8 *signing_key, char **ret_certificate,
                                            char **ret_signature, GError **error);

/** tessera_identity_make_card_for: tessera_identity_make_card() with the devices of @roster (nullable: the newest). */
char *tessera_identity_make_card_for (TesseraTransaction *transaction, const TesseraRoster *roster, GError **error);

/** tessera_identity_keep_card: a card of ours that came with the roster. */
gboolean tessera_identity_keep_card (TesseraTransaction *transaction, const char *text, GError **error);

/** tessera_roster_check_supervisor: whether the acting worker decides who belongs to the organization. */
gboolean tessera_roster_check_supervisor (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_root_key: public, 32 bytes. */
gboolean tessera_identity_get_root_key (TesseraTransaction *transaction, guint8 *ret_key, GError **error);

G_END_DECLS
