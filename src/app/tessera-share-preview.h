/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-share-preview.h: records as the other side will read them, field by field, nothing added and
 * nothing left out but the ids of rows.
 */
#pragma once

#include <adwaita.h>

#include "tessera-record.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SHARE_PREVIEW (tessera_share_preview_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSharePreview, tessera_share_preview, TESSERA, SHARE_PREVIEW, AdwBin)

/** tessera_share_preview_show: @records: (element-type TesseraRecord): what leaves, in order; it is long or
 * short. */
void tessera_share_preview_show (TesseraSharePreview *self, GPtrArray *records);

/** tessera_share_preview_say: one sentence instead (nothing to show yet, or why not). */
void tessera_share_preview_say (TesseraSharePreview *self, const char *text);

/** tessera_share_preview_count: number of fields shown. */
guint tessera_share_preview_count (TesseraSharePreview *self);

G_END_DECLS
