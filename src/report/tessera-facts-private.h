/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-private.h: the parts of an export of facts, for the files tessera-facts*.c and their test.
 *
 * People are read and described, facts about them are read one by one, and go either into rows or into counts; a writer
 * puts tables into files.
 */
#pragma once

#include "tessera-facts.h"

G_BEGIN_DECLS

#define TESSERA_FACTS_SUPPRESSED "suppressed"
#define TESSERA_FACTS_UNRECORDED "unrecorded"
#define TESSERA_FACTS_OTHER "other"
/* A number that is not known. */
#define TESSERA_FACTS_NO_NUMBER G_MININT64

/* What describes a person, in the order in which it is given up. */
typedef enum {
  TESSERA_QUASI_HOUSEHOLD,
  TESSERA_QUASI_AGE,
  TESSERA_QUASI_LANGUAGE,
  TESSERA_QUASI_GENDER,
  TESSERA_QUASI_STEP,
  TESSERA_N_QUASI,
} TesseraQuasi;

/**
 * TesseraFactsPerson:
 * @key: random, of this export
 * @quasi: interned codes
 * @is_in: appears in the export
 * @said_no: to statistics
 */
typedef struct {
  gint64 key;
  gint64 registered_at;
  const char *quasi[TESSERA_N_QUASI];
  gboolean is_in;
  gboolean said_no;
} TesseraFactsPerson;

/** TesseraFactsPeople: @by_id: ids of clients, also of merged ones, to #TesseraFactsPerson; @all: everybody. */
typedef struct {
  GHashTable *by_id;
  GPtrArray *all;
} TesseraFactsPeople;

/** tessera_facts_people_read: @year: in which ages are counted. */
TesseraFactsPeople *tessera_facts_people_read (TesseraTransaction *transaction, int year, GError **error);
void tessera_facts_people_free (TesseraFactsPeople *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraFactsPeople, tessera_facts_people_free)

/**
 * tessera_facts_generalize:
 * @people: (element-type TesseraFactsPerson)
 * @smallest: not more than there are people
 *
 * Makes descriptions coarser until each fits at least @smallest of @people. Returns: of how many nothing is left.
 */
guint tessera_facts_generalize (GPtrArray *people, guint smallest);

/** tessera_facts_merge_languages: languages of fewer than @smallest of @people become "other". */
void tessera_facts_merge_languages (GPtrArray *people, guint smallest);

typedef enum {
  TESSERA_FACT_REGISTRATION,
  TESSERA_FACT_VISIT,
  TESSERA_FACT_STEP_CHANGE,
  TESSERA_FACT_SCORE,
  TESSERA_FACT_NEED,
  TESSERA_FACT_REFERRAL,
  TESSERA_FACT_TASK,
  TESSERA_N_FACTS,
} TesseraFactKind;

/**
 * TesseraFact: one thing that happened. By kind,
 * @codes: visit: how, mediator, domains · step change: from, to, way · score, need: domain · referral: kind, priority,
 *   outcome, code · task: done by
 * @numbers: score: worker's level, client's · need: urgent, met at · referral: answered at
 * @theme: of a referral's service
 */
typedef struct {
  TesseraFactKind kind;
  TesseraFactsPerson *person;
  gint64 at;
  const char *codes[4];
  gint64 numbers[2];
  const char *theme;
} TesseraFact;

typedef gboolean (*TesseraFactFunc) (const TesseraFact *fact, gpointer data, GError **error);
/** TesseraFactPauseFunc: some facts have passed and what is in memory may go. */
typedef gboolean (*TesseraFactPauseFunc) (gpointer data, GError **error);

/** TesseraFactsPeriod: @begin is in it, @end is not. */
typedef struct {
  gint64 begin;
  gint64 end;
} TesseraFactsPeriod;

/** tessera_facts_read: every fact of the period about people who did not say no; the order tells nothing below a week
 * for visits, and nothing at all for others. @pause: (nullable) */
gboolean tessera_facts_read (TesseraTransaction *transaction, const TesseraFactsPeriod *period,
                             TesseraFactsPeople *people, TesseraFactFunc func, TesseraFactPauseFunc pause,
                             gpointer data, GError **error);

/** tessera_facts_find_month, _find_week: "YYYY-MM-DD" of the first day of the local month or ISO week of @at. */
void tessera_facts_find_month (gint64 at, char ret_date[11]);
void tessera_facts_find_week (gint64 at, char ret_date[11]);

/** tessera_facts_is_reserved: whether a domain goes out only in counts, because being in it is health or protection. */
gboolean tessera_facts_is_reserved (const char *domain);

typedef enum {
  TESSERA_TABLE_EXPORT,
  TESSERA_TABLE_PERSON,
  TESSERA_TABLE_REGISTRATION,
  TESSERA_TABLE_VISIT,
  TESSERA_TABLE_VISIT_DOMAIN,
  TESSERA_TABLE_STEP_CHANGE,
  TESSERA_TABLE_ASSESSMENT,
  TESSERA_TABLE_NEED,
  TESSERA_TABLE_REFERRAL,
  TESSERA_TABLE_TASK,
  TESSERA_TABLE_PEOPLE_COUNT,
  TESSERA_N_TABLES,
} TesseraFactsTableId;

/** TesseraFactsColumnKind: what a cell can hold; anything else does not get into a file. */
typedef enum {
  TESSERA_COLUMN_KEY,
  TESSERA_COLUMN_PERSON,
  TESSERA_COLUMN_VISIT,
  TESSERA_COLUMN_DAY,
  TESSERA_COLUMN_WEEK,
  TESSERA_COLUMN_MONTH,
  TESSERA_COLUMN_CODE,
  TESSERA_COLUMN_LANGUAGE,
  TESSERA_COLUMN_NUMBER,
  TESSERA_COLUMN_FLAG,
} TesseraFactsColumnKind;

/**
 * TesseraFactsColumn:
 * @codes: (nullable): of a code, separated by blanks: codes, "@" and a vocabulary, "-" and a code that is not
 * @least, @most: of a number
 */
typedef struct {
  const char *name;
  TesseraFactsColumnKind kind;
  const char *codes;
  gboolean is_optional;
  int least;
  int most;
  const char *comment;
} TesseraFactsColumn;

/** TesseraFactsTable: @primary_key: (nullable): when it is not the first column. */
typedef struct {
  const char *name;
  const char *comment;
  const char *primary_key;
  gboolean of_counts;
  gboolean of_rows;
  guint n_columns;
  const TesseraFactsColumn *columns;
} TesseraFactsTable;

const TesseraFactsTable *tessera_facts_get_table (TesseraFactsTableId id);
gboolean tessera_facts_has_table (TesseraFactsTableId id, gboolean aggregate);
/** tessera_facts_list_codes: (transfer full): what @column may hold, "unlisted" last. */
GPtrArray *tessera_facts_list_codes (const TesseraFactsColumn *column);

/** tessera_facts_format_schema, _format_load, _format_queries: (transfer full): for PostgreSQL's psql. */
char *tessera_facts_format_schema (gboolean aggregate);
char *tessera_facts_format_load (gboolean aggregate);
char *tessera_facts_format_queries (gboolean aggregate);

typedef struct _TesseraFactsWriter TesseraFactsWriter;

/** tessera_facts_writer_new: begins the files. */
TesseraFactsWriter *tessera_facts_writer_new (TesseraFactsFolder *folder, gboolean aggregate, gboolean one_file,
                                              GError **error);
/** tessera_facts_writer_add: a row of text cells, %NULL for nothing; kept in memory until the next flush. Codes that
 * the column does not list become "unlisted": no text can get out as a code. */
void tessera_facts_writer_add (TesseraFactsWriter *self, TesseraFactsTableId table, const char *const *cells);
gboolean tessera_facts_writer_flush (TesseraFactsWriter *self, GError **error);
gboolean tessera_facts_writer_finish (TesseraFactsWriter *self, GError **error);
guint64 tessera_facts_writer_get_rows (TesseraFactsWriter *self);
void tessera_facts_writer_free (TesseraFactsWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraFactsWriter, tessera_facts_writer_free)

/** tessera_facts_folder_create: (transfer full): a new file that gets the name @name with the others. */
GOutputStream *tessera_facts_folder_create (TesseraFactsFolder *self, const char *name, GError **error);

/** tessera_facts_write_rows, _write_counts: the two kinds of export. */
gboolean tessera_facts_write_rows (TesseraTransaction *transaction, const TesseraFactsPeriod *period,
                                   TesseraFactsPeople *people, TesseraFactsWriter *writer, GError **error);
gboolean tessera_facts_write_counts (TesseraTransaction *transaction, const TesseraFactsPeriod *period, guint smallest,
                                     TesseraFactsPeople *people, TesseraFactsWriter *writer, GError **error);

G_END_DECLS
