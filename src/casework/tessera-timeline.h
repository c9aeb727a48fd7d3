/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-timeline.h: one client's story in one order.
 *
 * It gathers and sorts; wording and looks belong to whoever shows it.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

typedef enum {
  TESSERA_TIMELINE_REGISTERED,
  TESSERA_TIMELINE_VISIT,
  TESSERA_TIMELINE_ADVICE,
  TESSERA_TIMELINE_NOTE,
  TESSERA_TIMELINE_NEED,
  TESSERA_TIMELINE_ASSESSMENT,
  TESSERA_TIMELINE_STEP,
  TESSERA_TIMELINE_GOAL_DONE,
  TESSERA_TIMELINE_TASK_DONE,
  TESSERA_TIMELINE_PROCEDURE,
  TESSERA_TIMELINE_APPOINTMENT,
  TESSERA_TIMELINE_CONSENT,
  TESSERA_TIMELINE_CONSENT_WITHDRAWN,
  TESSERA_TIMELINE_REFERRAL,
  TESSERA_TIMELINE_REFERRAL_EVENT,
  TESSERA_TIMELINE_DOCUMENT,
} TesseraTimelineKind;

/**
 * TesseraTimelineItem:
 * @at: milliseconds UTC
 * @record: the row: client, visit, advice, note …
 * @related: (nullable) (element-type TesseraRecord): scores of an assessment; the visit that a visit
 *   corrects; the referral of a referral event
 * @source: (nullable): code of the merged record the row came from, if not the kept one's
 */
typedef struct {
  TesseraTimelineKind kind;
  gint64 at;
  TesseraRecord *record;
  GPtrArray *related;
  char *source;
} TesseraTimelineItem;

void tessera_timeline_item_free (TesseraTimelineItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraTimelineItem, tessera_timeline_item_free)

/** tessera_timeline_kind_get_code: "visit", "referral_event" … for JSON and filters. */
const char *tessera_timeline_kind_get_code (TesseraTimelineKind kind);

/**
 * tessera_timeline_load:
 * @client: client id (merges followed; rows of merged records are included)
 * @limit: most items; 0 is all
 *
 * Advice that belongs to a visit is told by the visit and has no item of its own; corrected visits are shown
 * only as what their correction corrects.
 * Returns: (transfer full) (element-type TesseraTimelineItem): newest first
 */
GPtrArray *tessera_timeline_load (TesseraTransaction *transaction, const char *client, guint limit,
                                  GError **error);

G_END_DECLS
