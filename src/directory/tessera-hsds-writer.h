/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-writer.h: the directory as a file others can read: HSDS 3 JSON, shaped as one API page of
 * services.
 *
 * What the reader kept aside is written back, so that a directory survives passing through here. It holds no
 * client data and may be published. It is not a backup: an organization, place or program without any service
 * has no place in a page of services, and verifications stay here.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * tessera_hsds_write:
 * @language: (nullable): language of the texts; what has no translation is written in the base language
 *
 * Province and postal code, which HSDS requires of an address, are written as "-" where there are none.
 *
 * Returns: (transfer full): UTF-8 JSON
 */
GBytes *tessera_hsds_write (TesseraTransaction *transaction, const char *language, GError **error);

G_END_DECLS
