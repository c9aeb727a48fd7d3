/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-suppression.c: a reader who tries every table that fits what is shown must not find out what is
 * hidden.
 */
#include <string.h>

#include "tessera-suppression.h"

/* A total with two breakdowns, and a breakdown of one of their parts:
 * cell 0 = 1 + 2 + 3 = 4 + 5, cell 1 = 6 + 7. */
static const TesseraSum sums[] = { { 0, 1, 3 }, { 0, 4, 2 }, { 1, 6, 2 } };
#define N_CELLS 8
/* Larger values the reader does not try: fewer possibilities, so the test is stricter. Cell 4 may be nearly
 * the total. */
#define MOST(cell) ((cell) == 4 ? 60 : 14)

typedef struct {
  const gint64 *values;
  const TesseraSuppression *marks;
  guint64 possible[N_CELLS];
} Reader;

static gboolean
is_all_hidden (const Reader *reader) {
  for (guint i = 0; i < N_CELLS; i++)
    if (reader->marks[i] != TESSERA_SUPPRESSION_COMPLEMENTARY)
      return FALSE;
  return TRUE;
}

/* Whether @value is possible for @cell by its mark alone; the parts of a small total, and a table that is all
 * hidden, may be anything. */
static gboolean
fits (const Reader *reader, guint cell, gint64 value) {
  gboolean under_small = (cell > 0 && reader->marks[0] == TESSERA_SUPPRESSION_SMALL)
                         || (cell >= 6 && reader->marks[1] == TESSERA_SUPPRESSION_SMALL);

  switch (reader->marks[cell]) {
  case TESSERA_SUPPRESSION_SMALL:
    return value >= 1 && value <= 4;
  case TESSERA_SUPPRESSION_COMPLEMENTARY:
    return value >= (under_small || is_all_hidden (reader) ? 0 : 5);
  case TESSERA_SUPPRESSION_NONE:
  default:
    return value == reader->values[cell];
  }
}

static void
note (Reader *reader, const gint64 *cells) {
  for (guint i = 0; i < N_CELLS; i++)
    reader->possible[i] |= G_GUINT64_CONSTANT (1) << MIN (cells[i], 63);
}

/* Cells 2, 3, 4, 6 and 7 are free; the others follow. */
static void
try_all (Reader *reader) {
  static const guint free_cells[] = { 6, 7, 2, 3, 4 };
  gint64 cells[N_CELLS] = { 0 };
  guint level = 0;

  for (guint i = 0; i < G_N_ELEMENTS (free_cells); i++)
    cells[free_cells[i]] = -1;
  while (TRUE) {
    gint64 *cell = &cells[free_cells[level]];

    do
      (*cell)++;
    while (*cell <= MOST (free_cells[level]) && !fits (reader, free_cells[level], *cell));
    cells[1] = cells[6] + cells[7];
    cells[0] = cells[1] + cells[2] + cells[3];
    cells[5] = cells[0] - cells[4];
    if (*cell > MOST (free_cells[level])) {
      if (level == 0)
        return;
      *cell = -1;
      level--;
    } else if ((level == 1 && !fits (reader, 1, cells[1])) || (level == 3 && !fits (reader, 0, cells[0]))) {
      continue;
    } else if (level < G_N_ELEMENTS (free_cells) - 1) {
      level++;
    } else if (cells[5] >= 0 && fits (reader, 5, cells[5])) {
      note (reader, cells);
    }
  }
}

static void
print_table (const gint64 *values, const TesseraSuppression *marks) {
  for (guint i = 0; i < N_CELLS; i++)
    g_test_message ("cell %u: %" G_GINT64_FORMAT ", mark %d", i, values[i], marks[i]);
}

static void
assert_hidden (const gint64 *values, const TesseraSuppression *marks) {
  Reader reader = { values, marks, { 0 } };

  try_all (&reader);
  for (guint i = 0; i < N_CELLS; i++) {
    gboolean is_small = values[i] >= 1 && values[i] <= 4;
    gboolean kept = marks[i] == TESSERA_SUPPRESSION_NONE ? !is_small
                    : marks[i] == TESSERA_SUPPRESSION_SMALL
                      ? is_small && (reader.possible[i] & 0x1e) == 0x1e
                      : (reader.possible[i] & (reader.possible[i] - 1)) != 0;

    if (!kept)
      print_table (values, marks);
    g_assert_true (kept);
  }
}

static gint64
pick (void) {
  switch (g_test_rand_int_range (0, 4)) {
  case 0:
    return 0;
  case 1:
    return g_test_rand_int_range (1, 5);
  default:
    return g_test_rand_int_range (3, 12);
  }
}

static void
test_nothing_derivable (void) {
  for (guint i = 0; i < 200; i++) {
    gint64 values[N_CELLS];
    TesseraSuppression marks[N_CELLS];

    values[2] = pick ();
    values[3] = pick ();
    values[6] = pick ();
    values[7] = pick ();
    values[1] = values[6] + values[7];
    values[0] = values[1] + values[2] + values[3];
    values[4] = g_test_rand_int_range (0, (int) values[0] + 1);
    values[5] = values[0] - values[4];
    tessera_suppress (values, N_CELLS, sums, G_N_ELEMENTS (sums), marks);
    assert_hidden (values, marks);
  }
}

/* N nothing, S small, C complementary. */
static const struct {
  gint64 values[8];
  const char *marks;
} tables[] = {
  { { 40, 10, 10, 20 }, "NNNN" },
  { { 0, 0, 0, 0 }, "NNNN" },
  /* one small: the next larger goes with it */
  { { 43, 3, 10, 30 }, "NSCN" },
  /* 5 would not do: 6 - 5 = 1 */
  { { 36, 1, 5, 30 }, "NSNC" },
  /* two small ones protect each other only if anything from 1 to 4 is possible */
  { { 34, 2, 2, 30 }, "NSSC" },
  { { 35, 2, 3, 30 }, "NSSN" },
  /* nothing else to hide: the total */
  { { 6, 1, 5, 0 }, "CSNN" },
  /* a small total hides all its parts, with and without anybody in them */
  { { 3, 3, 0, 0 }, "SCCC" },
  { { 4, 1, 1, 2 }, "SCCC" },
};

static void
test_tables (void) {
  static const TesseraSum sum = { 0, 1, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    TesseraSuppression marks[4];
    char shown[5] = { 0 };

    tessera_suppress (tables[i].values, 4, &sum, 1, marks);
    for (guint j = 0; j < 4; j++)
      shown[j] = "NSC"[marks[j]];
    g_assert_cmpstr (shown, ==, tables[i].marks);
  }
}

static void
test_without_sums (void) {
  const gint64 values[] = { 0, 1, 4, 5, 1000 };
  TesseraSuppression marks[5];

  tessera_suppress (values, 5, NULL, 0, marks);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (marks[i], ==, i == 1 || i == 2 ? TESSERA_SUPPRESSION_SMALL : TESSERA_SUPPRESSION_NONE);
  tessera_suppress (NULL, 0, NULL, 0, NULL);
}

/* Where ten are the fewest to be shown, 9 is small, and 10 hides no 1: 11 - 10 = 1. */
static void
test_other_limit (void) {
  const gint64 values[] = { 71, 1, 10, 60 };
  const gint64 pair[] = { 40, 4, 9, 27 };
  static const TesseraSum sum = { 0, 1, 3 };
  TesseraSuppression marks[4];

  tessera_suppress_below (10, values, 4, &sum, 1, marks);
  g_assert_cmpint (marks[1], ==, TESSERA_SUPPRESSION_SMALL);
  g_assert_cmpint (marks[2], ==, TESSERA_SUPPRESSION_NONE);
  g_assert_cmpint (marks[3], ==, TESSERA_SUPPRESSION_COMPLEMENTARY);
  tessera_suppress_below (10, pair, 4, &sum, 1, marks);
  g_assert_cmpint (marks[1], ==, TESSERA_SUPPRESSION_SMALL);
  g_assert_cmpint (marks[2], ==, TESSERA_SUPPRESSION_SMALL);
  g_assert_cmpint (marks[3], ==, TESSERA_SUPPRESSION_COMPLEMENTARY);
}

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suppression/tables", test_tables);
  g_test_add_func ("/suppression/without-sums", test_without_sums);
  g_test_add_func ("/suppression/other-limit", test_other_limit);
  g_test_add_func ("/suppression/nothing-derivable", test_nothing_derivable);
  return g_test_run ();
}
