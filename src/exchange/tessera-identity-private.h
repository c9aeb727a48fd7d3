/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identity-private.h: our keys and certificate, for those in this layer who seal and open.
 */
#pragma once

#include "tessera-identity.h"

G_BEGIN_DECLS

/** Our organization's and device's ids: 32 hexadecimal digits. (transfer full) */
char *tessera_identity_get_organization (TesseraTransaction *transaction, GError **error);
char *tessera_identity_get_device (TesseraTransaction *transaction);

/** Secret keys. (transfer full) (nullable): %NULL with an error when the vault has no identity. */
TesseraSecret *tessera_identity_get_signing_key (TesseraTransaction *transaction, GError **error);
TesseraSecret *tessera_identity_get_encryption_key (TesseraTransaction *transaction, GError **error);

/** tessera_identity_get_certificate: our device certificate and its signature, renewed when it is nearly over. */
gboolean tessera_identity_get_certificate (TesseraTransaction *transaction, char **ret_certificate,
                                           char **ret_signature, GError **error);

/** tessera_identity_get_root_key: public, 32 bytes. */
gboolean tessera_identity_get_root_key (TesseraTransaction *transaction, guint8 *ret_key, GError **error);

G_END_DECLS
