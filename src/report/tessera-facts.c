/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts.c: an export of facts from beginning to end.
 *
 * The facts are read twice: first to see who is in them, because how people may be described depends on how many there
 * are; then to write them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "tessera-casework-error.h"
#include "tessera-facts-private.h"
#include "tessera-period.h"

static gboolean
note_person (const TesseraFact *fact, gpointer data, GError **error) {
  fact->person->is_in = TRUE;
  return TRUE;
}

static GPtrArray *
list_present (TesseraFactsPeople *people, TesseraFactsSummary *summary) {
  GPtrArray *present = g_ptr_array_new ();

  for (guint i = 0; i < people->all->len; i++) {
    TesseraFactsPerson *person = people->all->pdata[i];

    if (person->is_in)
      g_ptr_array_add (present, person);
    summary->left_out += person->said_no;
  }
  summary->people = present->len;
  return present;
}

static gboolean
describe_people (GPtrArray *present, const TesseraFactsOptions *options, TesseraFactsSummary *summary, GError **error) {
  if (present->len >= options->smallest) {
    summary->suppressed = tessera_facts_generalize (present, options->smallest);
    return TRUE;
  }
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
               _("Only %u people are in this period, and rows are written about %u or more; choose a longer period, or "
                 "counts with --aggregate."),
               present->len, options->smallest);
  return FALSE;
}

static void
add_export (TesseraFactsWriter *writer, const TesseraFactsOptions *options) {
  g_autofree char *smallest = g_strdup_printf ("%u", options->smallest);
  const char *cells[] = { "1", options->from, options->to, smallest, "1" };

  tessera_facts_writer_add (writer, TESSERA_TABLE_EXPORT, cells);
}

static gboolean
write_files (TesseraTransaction *transaction, const TesseraFactsOptions *options, const TesseraFactsPeriod *period,
             TesseraFactsPeople *people, TesseraFactsFolder *folder, TesseraFactsSummary *summary, GError **error) {
  g_autoptr (TesseraFactsWriter) writer
    = tessera_facts_writer_new (folder, options->aggregate, options->one_file, error);

  if (!writer)
    return FALSE;
  add_export (writer, options);
  if (options->aggregate
        ? !tessera_facts_write_counts (transaction, period, options->smallest, people, writer, error)
        : !tessera_facts_write_rows (transaction, period, people, writer, error))
    return FALSE;
  summary->rows = tessera_facts_writer_get_rows (writer);
  return tessera_facts_writer_finish (writer, error);
}

gboolean
tessera_facts_write (TesseraTransaction *transaction, const TesseraFactsOptions *options, TesseraFactsFolder *folder,
                     TesseraFactsSummary *ret_summary, GError **error) {
  g_autoptr (TesseraFactsPeople) people = NULL;
  g_autoptr (GPtrArray) present = NULL;
  TesseraFactsPeriod period;

  *ret_summary = (TesseraFactsSummary) { 0 };
  if (!tessera_period_check (options->from, options->to, error))
    return FALSE;
  period = (TesseraFactsPeriod) { tessera_period_find_midnight (options->from, 0),
                                  tessera_period_find_midnight (options->to, 1) };
  people = tessera_facts_people_read (transaction, atoi (options->to), error);
  if (!people || !tessera_facts_read (transaction, &period, people, note_person, NULL, NULL, error))
    return FALSE;
  present = list_present (people, ret_summary);
  if (!options->aggregate && !describe_people (present, options, ret_summary, error))
    return FALSE;
  return write_files (transaction, options, &period, people, folder, ret_summary, error);
}
