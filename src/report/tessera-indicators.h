/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-indicators.h: what the shop did between two days, in numbers that may leave the house.
 *
 * Every number is a count of records (or made from such counts) with small ones hidden; there are no names
 * and no codes of clients in it, and nothing about anybody's status. A hidden number is not in the data at
 * all.
 */
#pragma once

#include "tessera-suppression.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TesseraIndicatorUnit: a count; whole percent of a count; days, to one decimal. */
typedef enum {
  TESSERA_INDICATOR_COUNT,
  TESSERA_INDICATOR_PERCENT,
  TESSERA_INDICATOR_DAYS,
} TesseraIndicatorUnit;

/**
 * TesseraIndicator:
 * @group: what is counted: "clients", "visits_how" …
 * @code: which of them: "total", a code of the group's vocabulary, a language tag
 * @value: 0 when @suppressed
 * @suppressed: why the value is not shown
 * @is_empty: there is nothing to take a share or a median of
 */
typedef struct {
  const char *group;
  char *code;
  TesseraIndicatorUnit unit;
  double value;
  TesseraSuppression suppressed;
  gboolean is_empty;
} TesseraIndicator;

/** TesseraIndicators: @from and @to are local days, both included; @rows hold #TesseraIndicator. */
typedef struct {
  char *from;
  char *to;
  GPtrArray *rows;
} TesseraIndicators;

/**
 * tessera_indicators_collect:
 * @from: first day, YYYY-MM-DD
 * @to: last day
 *
 * Counts by local day. Merged clients count once, corrected visits not at all. The groups:
 *
 * - clients: registered; seen (at least one visit); by language of those seen
 * - open_step: open cases by step, now (not at the end of the period)
 * - visits: by way of contact; by mediator; of those that lacked a mediator, by language
 * - domains: visits in which a domain was talked about (a visit may have several)
 * - step_changes: forward, back, same, first; corrections of mistakes do not count
 * - tasks_done: by who did them, and the share done by the client alone and together
 * - referrals: sent by us in the period and what became of them until now; median days to the first answer
 * - doors: clients by number of different services of partners that took them in, of the referrals sent in
 *   the period
 *
 * Languages of fewer than five people are put together as "other".
 * Returns: (transfer full): or %TESSERA_CASEWORK_ERROR_INVALID for days that are none
 */
TesseraIndicators *tessera_indicators_collect (TesseraTransaction *transaction, const char *from,
                                               const char *to, GError **error);
void tessera_indicators_free (TesseraIndicators *self);

/** tessera_indicators_find: (nullable): the row, for tests and charts. */
const TesseraIndicator *tessera_indicators_find (const TesseraIndicators *self, const char *group,
                                                 const char *code);

/** tessera_indicator_get_group_label / _get_label: translated now: do it on the thread that shows them. */
const char *tessera_indicator_get_group_label (const TesseraIndicator *self);
const char *tessera_indicator_get_label (const TesseraIndicator *self);

/** tessera_indicator_format: (transfer full): "12", "<5", "40", "2.5"; "hidden" when complementary, "" when
 * there is nothing to say. The same in every language. */
char *tessera_indicator_format (const TesseraIndicator *self);

/**
 * tessera_indicators_to_csv:
 *
 * RFC 4180, UTF-8, with the columns from, to, group, code, label, unit, value, suppressed, which stay the
 * same so that last year's sheet still fits. `suppressed` is empty, "small" or "complementary". No cell can
 * be read as a formula.
 * Returns: (transfer full)
 */
char *tessera_indicators_to_csv (const TesseraIndicators *self);

/** tessera_indicators_to_json: (transfer full): from, to, and indicators with the members of the CSV's
 * columns; `value` is a number, or null when suppressed or empty. */
JsonObject *tessera_indicators_to_json (const TesseraIndicators *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraIndicators, tessera_indicators_free)

G_END_DECLS
