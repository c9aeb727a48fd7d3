/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-suppression.h: which numbers of a table may be shown so that nobody can be recognized in it.
 *
 * Counts from 1 to 4 are hidden, and as many others as it takes that the hidden ones cannot be computed back
 * from totals. Pure: it knows numbers and what adds up to what, not what they mean. It does not compare two
 * tables (last month's with this month's).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** TESSERA_SUPPRESSION_LIMIT: the smallest count other than 0 that is shown. */
#define TESSERA_SUPPRESSION_LIMIT 5

/**
 * TesseraSuppression:
 * @TESSERA_SUPPRESSION_NONE: shown
 * @TESSERA_SUPPRESSION_SMALL: hidden, known to be 1 to 4; show "<5"
 * @TESSERA_SUPPRESSION_COMPLEMENTARY: hidden so that another number stays hidden
 */
typedef enum {
  TESSERA_SUPPRESSION_NONE,
  TESSERA_SUPPRESSION_SMALL,
  TESSERA_SUPPRESSION_COMPLEMENTARY,
} TesseraSuppression;

/** TesseraSum: the cell @total is the sum of the @n_parts cells from @first on. A cell may be the total of
 * several sums and a part of one (a tree); the total is listed in an earlier sum than its parts' own sums, if
 * they have such. */
typedef struct {
  guint total;
  guint first;
  guint n_parts;
} TesseraSum;

/**
 * tessera_suppress:
 * @values: (array length=n_values): counts, 0 or more, for which every sum holds
 * @ret_marks: (array length=n_values) (out caller-allocates)
 *
 * Afterwards somebody who sees the shown values, the marks, and knows these rules finds all of 1 to 4
 * possible for every cell marked SMALL, and at least two values for every cell marked COMPLEMENTARY. Where a
 * total is small, all its parts are hidden, also those that are 0; where nothing else helps, all cells that
 * are tied together by sums.
 */
void tessera_suppress (const gint64 *values, guint n_values, const TesseraSum *sums, guint n_sums,
                       TesseraSuppression *ret_marks);

/** tessera_suppress_below: the same with another smallest count, @limit, instead of %TESSERA_SUPPRESSION_LIMIT. */
void tessera_suppress_below (gint64 limit, const gint64 *values, guint n_values, const TesseraSum *sums, guint n_sums,
                             TesseraSuppression *ret_marks);

G_END_DECLS
