/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-caseload.h: the list of clients, a window at a time.
 *
 * Light rows for a list of thousands; the whole record is loaded when one is opened.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_CASELOAD_SILENT_DAYS: without contact for so long, a client counts as overdue. */
#define TESSERA_CASELOAD_SILENT_DAYS 30

/** TesseraCaseloadOrder: by name; who waited longest first; newest contact first. */
typedef enum {
  TESSERA_CASELOAD_BY_NAME,
  TESSERA_CASELOAD_LONGEST_SILENT,
  TESSERA_CASELOAD_NEWEST_CONTACT,
} TesseraCaseloadOrder;

/**
 * TesseraCaseloadQuery:
 * @words: (nullable): as typed in a search entry; every word must match, in any script
 * @step: (nullable): step code
 * @worker: (nullable): worker id
 * @overdue: only clients with an open task due before today, or without contact for thirty days
 * @closed: only closed cases, instead of only open ones
 *
 * All zero is every open case by name. Merged records are never listed.
 */
typedef struct {
  const char *words;
  const char *step;
  const char *worker;
  gboolean overdue;
  gboolean closed;
  TesseraCaseloadOrder order;
} TesseraCaseloadQuery;

/**
 * TesseraCaseloadRow:
 * @last_contact: milliseconds UTC, 0 for never
 * @next_due: (nullable): date of the earliest open task
 * @next_what: (nullable): its text
 *
 * Strings may be %NULL where the record has nothing.
 */
typedef struct {
  char *client_id;
  char *code;
  char *name;
  char *how_to_call;
  char *language;
  char *interpreter_needed;
  char *step;
  gint64 last_contact;
  char *next_due;
  char *next_what;
  char *household_name;
  char *worker_name;
} TesseraCaseloadRow;

void tessera_caseload_row_free (TesseraCaseloadRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraCaseloadRow, tessera_caseload_row_free)

/** tessera_caseload_count: how many rows @query has; -1 on an error. */
gint64 tessera_caseload_count (TesseraTransaction *transaction, const TesseraCaseloadQuery *query,
                               GError **error);

/** tessera_caseload_page: (transfer full) (element-type TesseraCaseloadRow): at most @limit rows from row @offset
 * on. */
GPtrArray *tessera_caseload_page (TesseraTransaction *transaction, const TesseraCaseloadQuery *query,
                                  guint offset, guint limit, GError **error);

/** TesseraCaseloadCount: open cases of one worker (worker %NULL for nobody's), by step and overdue. */
typedef struct {
  char *worker;
  char *worker_name;
  guint basic_needs;
  guint inclusion;
  guint autonomy;
  guint overdue;
} TesseraCaseloadCount;

void tessera_caseload_count_free (TesseraCaseloadCount *self);

/** tessera_caseload_summarize: (transfer full) (element-type TesseraCaseloadCount): one per worker, for
 * supervision. */
GPtrArray *tessera_caseload_summarize (TesseraTransaction *transaction, GError **error);

G_END_DECLS
