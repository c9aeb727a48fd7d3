/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-root.h: the organization's root key on paper.
 *
 * Who holds it decides who belongs to the organization, so it must neither be lost nor be with one person only. It is
 * written on one sheet, or on two of which each alone says nothing (the key and a random pad, and the pad), kept by two
 * supervisors. Format: docs/bundle-format.md, Root sheets.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** Sheets that the key may be on. */
#define TESSERA_ROOT_MAX_SHEETS 2

/** tessera_root_split: @n_sheets times the text of a sheet, from the 32-byte @seed. Returns: (transfer full) (element-type
 * TesseraSecret) */
GPtrArray *tessera_root_split (const TesseraSecret *seed, guint n_sheets);

/** tessera_root_join: (transfer full) (nullable): the seed; an error names the group that is mistyped. What comes of sheets
 * that do not belong together cannot be told from a seed here. */
TesseraSecret *tessera_root_join (GPtrArray *sheets, GError **error);

/** tessera_root_print: (transfer full) (nullable) (element-type TesseraSecret): the sheets of the root key on this device,
 * to be written down and not kept. */
GPtrArray *tessera_root_print (TesseraTransaction *transaction, gboolean split, GError **error);

/** tessera_root_restore: puts the key on @sheets onto this device, if it is our organization's. */
gboolean tessera_root_restore (TesseraTransaction *transaction, GPtrArray *sheets, GError **error);

/** tessera_root_remove: takes the key off this device; refused while it was never on a sheet. */
gboolean tessera_root_remove (TesseraTransaction *transaction, GError **error);

G_END_DECLS
