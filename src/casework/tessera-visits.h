/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-visits.h: what happened at the desk, written down once.
 *
 * Visits are only ever added; a correction is a new visit that names the one it corrects.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * tessera_visits_record:
 * @visit: a filled `visit` record; `client` may be the id of a merged client
 *
 * Fills time (now), worker (the acting one) and language (the client's) where empty, moves the client's last
 * contact forward, adds a `task` when next_step is given and an `advice` when told is given, and saves all of
 * it.
 */
gboolean tessera_visits_record (TesseraTransaction *transaction, TesseraRecord *visit, GError **error);

/**
 * tessera_visits_correct:
 * @visit: id of the visit to correct
 * @corrected: the visit as it should have read; its id must be its own
 *
 * Adds @corrected with `corrects` set; client and time are taken over where empty. Both stay readable. The
 * task of the wrong visit follows: changed to the corrected next step if still open, else left.
 */
gboolean tessera_visits_correct (TesseraTransaction *transaction, const char *visit, TesseraRecord *corrected,
                                 GError **error);

/** tessera_visits_list: (transfer full) (element-type TesseraRecord): visits of @client (an id, merges
 * followed), newest first, without those that were corrected. @limit 0 is all. */
GPtrArray *tessera_visits_list (TesseraTransaction *transaction, const char *client, guint limit,
                                GError **error);

G_END_DECLS
