/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-caseload.c: how long the lists take with 10,000 clients and 100,000 visits (or as many clients as the
 * first argument says).
 */
#include <stdlib.h>

#include "casework-fixture.h"
#include "tessera-casework-private.h"
#include "tessera-timeline.h"
#include "tessera-today.h"
#include "tessera-visits.h"

#define VISITS_EACH 10

static const char *const given[] = { "Amal", "Yusuf", "Oksana", "محمد", "Оксана", "Selam", "Fatou", "ሰላም",
                                     "Nour", "Ivan" };
static const char *const family[] = { "Haddad", "Karimi", "Kovalenko", "حداد", "Коваленко", "Tesfaye",
                                      "Diallo", "Rahimi", "Petrov", "Okafor" };

static gboolean
fill (TesseraTransaction *tx, gpointer data, GError **error) {
  guint n = GPOINTER_TO_UINT (data);
  gint64 now = tessera_transaction_get_now (tx);

  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%s %s %u", given[i % 10], family[i / 10 % 10], i);
    g_autoptr (TesseraRecord) client = casework_add_client (tx, name);

    for (guint j = 0; j < VISITS_EACH; j++) {
      g_autofree char *due = tessera_casework_date (now, (int) (i % 40) - 2);
      g_autoptr (TesseraRecord) visit = casework_new (tx, "visit", "client", tessera_record_get_id (client),
                                                      "how",
                                                      "phone", "summary", "Talked about the next days.", NULL);

      tessera_record_set_integer (visit, "at", now - (gint64) (i % 25 + j) * TESSERA_DAY_MSEC);
      if (j == 0) {
        tessera_record_set (visit, "next_step", "Call them");
        tessera_record_set (visit, "next_by", due);
      }
      if (!tessera_visits_record (tx, visit, error))
        return FALSE;
    }
  }
  return TRUE;
}

static void
report (const char *what, gint64 start, guint rows) {
  g_print ("%-42s %8.2f ms  %u rows\n", what, (double) (g_get_monotonic_time () - start) / 1000, rows);
}

/* The best of several: what it costs when nothing else runs on the computer. */
#define ROUNDS 7

static void
time_page (TesseraTransaction *tx, const char *what, TesseraCaseloadQuery query, guint offset) {
  gint64 best = G_MAXINT64;
  guint n_rows = 0;

  for (guint i = 0; i < ROUNDS; i++) {
    g_autoptr (GError) error = NULL;
    gint64 start = g_get_monotonic_time ();
    g_autoptr (GPtrArray) rows = tessera_caseload_page (tx, &query, offset, 50, &error);

    g_assert_no_error (error);
    best = MIN (best, g_get_monotonic_time () - start);
    n_rows = rows->len;
  }
  report (what, g_get_monotonic_time () - best, n_rows);
}

static void
time_count (TesseraTransaction *tx, const char *what, TesseraCaseloadQuery query) {
  gint64 best = G_MAXINT64, count = 0;

  for (guint i = 0; i < ROUNDS; i++) {
    g_autoptr (GError) error = NULL;
    gint64 start = g_get_monotonic_time ();

    count = tessera_caseload_count (tx, &query, &error);
    g_assert_no_error (error);
    best = MIN (best, g_get_monotonic_time () - start);
  }
  report (what, g_get_monotonic_time () - best, (guint) count);
}

static void
time_pages (TesseraTransaction *tx, guint n) {
  time_page (tx, "page, first", (TesseraCaseloadQuery) { 0 }, 0);
  time_page (tx, "page, middle", (TesseraCaseloadQuery) { 0 }, n / 2);
  time_page (tx, "page, last", (TesseraCaseloadQuery) { 0 }, n - 50);
  time_page (tx, "page of a step", (TesseraCaseloadQuery) { .step = "basic-needs" }, n / 2);
  time_page (tx, "page, longest silent", (TesseraCaseloadQuery) { .order = TESSERA_CASELOAD_LONGEST_SILENT },
             n / 2);
  time_page (tx, "page, overdue", (TesseraCaseloadQuery) { .overdue = TRUE }, 0);
  time_page (tx, "page, words", (TesseraCaseloadQuery) { .words = "kovalenko" }, 0);
  time_page (tx, "page, one letter", (TesseraCaseloadQuery) { .words = "a" }, 0);
  time_count (tx, "count", (TesseraCaseloadQuery) { 0 });
  time_count (tx, "count of overdue", (TesseraCaseloadQuery) { .overdue = TRUE });
  time_count (tx, "count of words", (TesseraCaseloadQuery) { .words = "kovalenko" });
}

static void
time_people (TesseraTransaction *tx) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) probe = casework_new (tx, "client", "name", "Oksana Kovalenko", NULL);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GPtrArray) like = tessera_intake_find_similar (tx, probe, 10, &error);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) timeline = NULL;
  g_autoptr (TesseraToday) today = NULL;
  g_autoptr (TesseraRecord) client = NULL;

  g_assert_no_error (error);
  report ("similar clients", start, like->len);
  start = g_get_monotonic_time ();
  found = tessera_intake_find (tx, "oksana kovalenko 1990", 10, &error);
  g_assert_no_error (error);
  report ("found by words", start, found->len);
  client = g_object_ref (((TesseraSimilarity *) found->pdata[0])->client);
  start = g_get_monotonic_time ();
  timeline = tessera_timeline_load (tx, tessera_record_get_id (client), 50, &error);
  g_assert_no_error (error);
  report ("timeline", start, timeline->len);
  start = g_get_monotonic_time ();
  today = tessera_today_load (tx, NULL, 50, &error);
  g_assert_no_error (error);
  report ("today", start, today->tasks.count);
}

static gboolean
measure (TesseraTransaction *tx, gpointer data, GError **error) {
  time_pages (tx, GPOINTER_TO_UINT (data));
  time_people (tx);
  return TRUE;
}

int
main (int argc, char **argv) {
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 start;

  setlocale (LC_ALL, "C.UTF-8");
  casework_set_up (&fixture, NULL);
  start = g_get_monotonic_time ();
  tessera_store_write (fixture.store, fill, GUINT_TO_POINTER (n), &error);
  g_assert_no_error (error);
  report ("made in one transaction", start, n * (1 + VISITS_EACH));
  tessera_store_read (fixture.store, measure, GUINT_TO_POINTER (n), &error);
  g_assert_no_error (error);
  casework_tear_down (&fixture, NULL);
  return 0;
}
