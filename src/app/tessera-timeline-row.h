/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-timeline-row.h: one thing that happened, as a row that opens.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"
#include "tessera-timeline.h"

G_BEGIN_DECLS

/** TesseraTimelineGroup: what a person filters by. */
typedef enum {
  TESSERA_TIMELINE_GROUP_VISITS,
  TESSERA_TIMELINE_GROUP_PATHWAY,
  TESSERA_TIMELINE_GROUP_REFERRALS,
  TESSERA_TIMELINE_GROUP_DOCUMENTS,
  TESSERA_TIMELINE_N_GROUPS,
} TesseraTimelineGroup;

TesseraTimelineGroup tessera_timeline_row_get_group (TesseraTimelineKind kind);

/** tessera_timeline_row_group_label: translated. */
const char *tessera_timeline_row_group_label (TesseraTimelineGroup group);

/** tessera_timeline_row_new: an AdwExpanderRow that keeps what it needs of @item. Its inside is made when it
 * opens. */
GtkWidget *tessera_timeline_row_new (TesseraSession *session, const TesseraTimelineItem *item);

/** tessera_detail_row_new: a row with a small @title and @text under it in its own direction. */
GtkWidget *tessera_detail_row_new (const char *title, const char *text);

G_END_DECLS
