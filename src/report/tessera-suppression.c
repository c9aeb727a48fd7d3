/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-suppression.c: hiding small counts, then playing the reader who wants them back, until that reader
 * fails.
 *
 * What a reader can find out is the range of each cell: what its mark says, narrowed by every sum it is part
 * of. As the sums form trees, narrowing one sum after the other until nothing changes gives the exact ranges.
 */
#include "config.h"

#include "tessera-suppression.h"

#define SMALLEST 1
#define UNBOUNDED ((gint64) 1 << 52)

typedef struct {
  gint64 low;
  gint64 high;
} Range;

typedef struct {
  gint64 limit;
  const gint64 *values;
  guint n_values;
  const TesseraSum *sums;
  guint n_sums;
  TesseraSuppression *marks;
  /* Parts of a small total, and all of a tree of which nothing is shown. */
  gboolean *may_be_anything;
  Range *ranges;
} Table;

static void
mark_small (Table *table) {
  for (guint i = 0; i < table->n_values; i++)
    table->marks[i] = table->values[i] >= SMALLEST && table->values[i] < table->limit ? TESSERA_SUPPRESSION_SMALL
                                                                                      : TESSERA_SUPPRESSION_NONE;
  for (guint i = 0; i < table->n_sums; i++) {
    const TesseraSum *sum = &table->sums[i];

    if (table->marks[sum->total] != TESSERA_SUPPRESSION_SMALL && !table->may_be_anything[sum->total])
      continue;
    for (guint j = sum->first; j < sum->first + sum->n_parts; j++) {
      table->may_be_anything[j] = TRUE;
      table->marks[j] = TESSERA_SUPPRESSION_COMPLEMENTARY;
    }
  }
}

/* What the mark alone says. */
static Range
read_mark (const Table *table, guint cell) {
  if (table->marks[cell] == TESSERA_SUPPRESSION_NONE)
    return (Range) { table->values[cell], table->values[cell] };
  if (table->marks[cell] == TESSERA_SUPPRESSION_SMALL)
    return (Range) { SMALLEST, table->limit - 1 };
  return (Range) { table->may_be_anything[cell] ? 0 : table->limit, UNBOUNDED };
}

static gboolean
narrow (Range *range, gint64 low, gint64 high) {
  gboolean narrower = low > range->low || high < range->high;

  range->low = MAX (range->low, low);
  range->high = MIN (range->high, high);
  return narrower;
}

static gboolean
is_bounded (const Range *range) {
  return range->high < UNBOUNDED;
}

/* Bounds of the other parts are those from before the loop: a little late, never wrong. */
static gboolean
narrow_by_sum (Table *table, const TesseraSum *sum) {
  Range *total = &table->ranges[sum->total];
  const Range *parts = &table->ranges[sum->first];
  Range all = { 0, 0 };
  guint n_unbounded = 0;
  gboolean narrower;

  for (guint i = 0; i < sum->n_parts; i++) {
    all.low += parts[i].low;
    all.high += is_bounded (&parts[i]) ? parts[i].high : 0;
    n_unbounded += !is_bounded (&parts[i]);
  }
  narrower = narrow (total, all.low, n_unbounded > 0 ? UNBOUNDED : all.high);
  for (guint i = 0; i < sum->n_parts; i++) {
    Range *part = &table->ranges[sum->first + i];
    gboolean others_bounded = n_unbounded == (is_bounded (part) ? 0 : 1);
    gint64 others_high = all.high - (is_bounded (part) ? part->high : 0);

    narrower |= narrow (part, others_bounded ? total->low - others_high : 0,
                        is_bounded (total) ? total->high - (all.low - part->low) : UNBOUNDED);
  }
  return narrower;
}

static void
find_ranges (Table *table) {
  gboolean narrower = TRUE;

  for (guint i = 0; i < table->n_values; i++)
    table->ranges[i] = read_mark (table, i);
  while (narrower) {
    narrower = FALSE;
    for (guint i = 0; i < table->n_sums; i++)
      narrower |= narrow_by_sum (table, &table->sums[i]);
  }
}

static gboolean
is_safe (const Table *table, guint cell) {
  const Range *range = &table->ranges[cell];

  if (table->marks[cell] == TESSERA_SUPPRESSION_SMALL)
    return range->low <= SMALLEST && range->high >= table->limit - 1;
  return table->marks[cell] == TESSERA_SUPPRESSION_NONE || range->low < range->high;
}

static int
find_unsafe (Table *table) {
  find_ranges (table);
  for (guint i = 0; i < table->n_values; i++)
    if (!is_safe (table, i))
      return (int) i;
  return -1;
}

static gboolean
is_in_sum (const TesseraSum *sum, guint cell) {
  return cell == sum->total || (cell >= sum->first && cell < sum->first + sum->n_parts);
}

/* Adds to the set @near all cells of the sums it touches; %FALSE when there were none to add. */
static gboolean
grow (const Table *table, gboolean *near) {
  g_autofree gboolean *before = g_memdup2 (near, table->n_values * sizeof *near);
  gboolean grown = FALSE;

  for (guint i = 0; i < table->n_sums; i++) {
    gboolean touched = FALSE;

    for (guint j = 0; j < table->n_values && !touched; j++)
      touched = before[j] && is_in_sum (&table->sums[i], j);
    for (guint j = 0; j < table->n_values && touched; j++)
      if (is_in_sum (&table->sums[i], j) && !near[j])
        grown = near[j] = TRUE;
  }
  return grown;
}

static gboolean
would_help (Table *table, guint cell, guint unsafe) {
  gboolean helps;

  table->marks[cell] = TESSERA_SUPPRESSION_COMPLEMENTARY;
  find_ranges (table);
  helps = is_safe (table, unsafe) && is_safe (table, cell);
  table->marks[cell] = TESSERA_SUPPRESSION_NONE;
  return helps;
}

/* Among the cells @near that are shown and not 0: the smallest that makes @unsafe safe; if none does so
 * alone, the largest, and the next round goes on. -1 when all are hidden. A total is larger than its parts,
 * so it goes last. */
static int
choose (Table *table, const gboolean *near, guint unsafe) {
  int best = -1;
  int largest = -1;

  for (guint i = 0; i < table->n_values; i++) {
    if (!near[i] || table->marks[i] != TESSERA_SUPPRESSION_NONE || table->values[i] == 0)
      continue;
    if (largest < 0 || table->values[i] > table->values[largest])
      largest = (int) i;
    if ((best < 0 || table->values[i] < table->values[best]) && would_help (table, i, unsafe))
      best = (int) i;
  }
  return best >= 0 ? best : largest;
}

/* All that is tied together by sums: too few people for any of it to be shown. */
static void
hide_all (Table *table, const gboolean *tied) {
  for (guint i = 0; i < table->n_values; i++) {
    if (!tied[i])
      continue;
    table->marks[i] = TESSERA_SUPPRESSION_COMPLEMENTARY;
    table->may_be_anything[i] = TRUE;
  }
}

static void
hide_another (Table *table, guint unsafe) {
  g_autofree gboolean *near = g_new0 (gboolean, table->n_values);
  int chosen = -1;

  near[unsafe] = TRUE;
  while (chosen < 0 && grow (table, near))
    chosen = choose (table, near, unsafe);
  if (chosen >= 0)
    table->marks[chosen] = TESSERA_SUPPRESSION_COMPLEMENTARY;
  else
    hide_all (table, near);
}

void
tessera_suppress_below (gint64 limit, const gint64 *values, guint n_values, const TesseraSum *sums, guint n_sums,
                        TesseraSuppression *ret_marks) {
  g_autofree gboolean *may_be_anything = g_new0 (gboolean, n_values);
  g_autofree Range *ranges = g_new0 (Range, n_values);
  Table table = { limit, values, n_values, sums, n_sums, ret_marks, may_be_anything, ranges };
  int unsafe;

  mark_small (&table);
  while ((unsafe = find_unsafe (&table)) >= 0)
    hide_another (&table, (guint) unsafe);
}

void
tessera_suppress (const gint64 *values, guint n_values, const TesseraSum *sums, guint n_sums,
                  TesseraSuppression *ret_marks) {
  tessera_suppress_below (TESSERA_SUPPRESSION_LIMIT, values, n_values, sums, n_sums, ret_marks);
}
