/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts.h: what happened between two days, for people who analyze it elsewhere: rows without names, or counts.
 *
 * Rows are about persons under random numbers of this one export, described so coarsely that each description fits
 * several of them; they remain personal data (docs/facts.md says what this protects from and what not). Counts are of
 * people, with small ones hidden. What may be in a row is an allow-list here; no field is taken from the registry just
 * because it is there, an organization's own fields never are.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_FACTS_SMALLEST: people who share a description at least, unless asked for otherwise. */
#define TESSERA_FACTS_SMALLEST 10
/** TESSERA_FACTS_SMALLEST_LEAST, TESSERA_FACTS_SMALLEST_MOST: what may be asked for. */
#define TESSERA_FACTS_SMALLEST_LEAST 5
#define TESSERA_FACTS_SMALLEST_MOST 1000

/**
 * TesseraFactsOptions:
 * @from: first local day, YYYY-MM-DD
 * @to: last local day
 * @smallest: people who share a description, or who are counted in a shown number, at least
 * @aggregate: counts instead of rows
 * @one_file: one file of SQL that creates and fills, instead of CSV files with a schema
 */
typedef struct {
  const char *from;
  const char *to;
  guint smallest;
  gboolean aggregate;
  gboolean one_file;
} TesseraFactsOptions;

/**
 * TesseraFactsSummary: for whoever made the export; not part of it.
 * @people: persons who appear in it
 * @suppressed: of these, those of whom nothing is said but what they did
 * @left_out: persons who do not appear because they said no to statistics
 * @rows: rows written, of all tables together
 */
typedef struct {
  guint people;
  guint suppressed;
  guint left_out;
  guint64 rows;
} TesseraFactsSummary;

/** TesseraFactsFolder: the files of one export, which get their names all at once or not at all. */
typedef struct _TesseraFactsFolder TesseraFactsFolder;

/** tessera_facts_folder_new: @path is made if it is not there (but not what is above it). */
TesseraFactsFolder *tessera_facts_folder_new (const char *path, GError **error);

/** tessera_facts_folder_publish: gives the files their names. A name that is taken by then is an error, and none of the
 * files is left. */
gboolean tessera_facts_folder_publish (TesseraFactsFolder *self, GError **error);

/** tessera_facts_folder_get_names: (transfer none) (element-type utf8): of the files, in the order they were begun. */
GPtrArray *tessera_facts_folder_get_names (TesseraFactsFolder *self);

/** tessera_facts_folder_free: what has not been published is removed, with the folder if it was made for it. */
void tessera_facts_folder_free (TesseraFactsFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraFactsFolder, tessera_facts_folder_free)

/**
 * tessera_facts_write:
 *
 * Writes the export into @folder, under names that are not yet the final ones. Never writes over a file. Refuses with
 * %TESSERA_CASEWORK_ERROR_INVALID days that are none, and with %TESSERA_CASEWORK_ERROR_NOT_ALLOWED rows about fewer
 * than @smallest people. Memory grows with the number of people, not of visits.
 */
gboolean tessera_facts_write (TesseraTransaction *transaction, const TesseraFactsOptions *options,
                              TesseraFactsFolder *folder, TesseraFactsSummary *ret_summary, GError **error);

G_END_DECLS
