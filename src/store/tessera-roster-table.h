/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster-table.h: where the texts of rosters are kept, and what this store has of a device's changes.
 *
 * It reads no roster; that is for those who can check its signature.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** tessera_transaction_may_write: whether this is a writing transaction. */
gboolean tessera_transaction_may_write (TesseraTransaction *self);

/** tessera_transaction_put_roster: refused when there is one of that version. */
gboolean tessera_transaction_put_roster (TesseraTransaction *self, gint64 version, const char *text, GError **error);

/** tessera_transaction_find_roster: @ret_text (out) (transfer full) (nullable): of @version, or the newest for 0; %NULL
 * when there is none. */
gboolean tessera_transaction_find_roster (TesseraTransaction *self, gint64 version, char **ret_text, GError **error);

/**
 * tessera_transaction_get_vector_until:
 * @device: 32 hexadecimal digits
 * @until: Unix milliseconds; %G_MAXINT64 for everything
 *
 * Up to which change this store has each stream of @device, leaving out what its clock says was made after @until. The
 * clock of one stream never runs backwards.
 * Returns: (transfer full) (nullable) (element-type utf8 gint64)
 */
GHashTable *tessera_transaction_get_vector_until (TesseraTransaction *self, const char *device, gint64 until,
                                                  GError **error);

/** tessera_transaction_get_last_heard: when the newest change of @device that is here was made, as its clock says; 0 when
 * there is none. */
gint64 tessera_transaction_get_last_heard (TesseraTransaction *self, const char *device);

G_END_DECLS
