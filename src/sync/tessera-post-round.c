/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-round.c: visits with the real exchange, and with carriers from the settings.
 */
#include "config.h"

#include "tessera-post-office-private.h"

const TesseraExchangeWays tessera_exchange_ways = {
  .seal_waiting = tessera_exchange_seal_waiting,
  .take_in = tessera_exchange_take_in,
  .list_mailboxes = tessera_exchange_list_mailboxes,
  .has_file = tessera_exchange_has_file,
  .is_done = tessera_exchange_is_done,
};

TesseraPostVisit *
tessera_post_visit_carrier (TesseraStore *store, const char *name, TesseraCarrier *carrier,
                            TesseraPostProgressFunc progress, gpointer data, GCancellable *cancellable) {
  return tessera_post_visit_with (store, name, carrier, &tessera_exchange_ways, TESSERA_POST_MAX_FILES, progress, data,
                                  cancellable);
}

typedef struct {
  const char *name;
  TesseraCarrier *carrier;
} Opening;

static gboolean
open_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  Opening *opening = data;
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, opening->name, error);

  opening->carrier = settings ? tessera_carriers_open (transaction, settings, error) : NULL;
  return opening->carrier != NULL;
}

TesseraPostVisit *
tessera_post_visit_by_name (TesseraStore *store, const char *name, TesseraPostProgressFunc progress, gpointer data,
                            GCancellable *cancellable) {
  Opening opening = { name, NULL };
  TesseraPostVisit *visit;
  GError *error = NULL;

  if (!tessera_store_read (store, open_carrier, &opening, &error)) {
    visit = tessera_post_visit_new (name);
    visit->error = error;
    return visit;
  }
  visit = tessera_post_visit_carrier (store, name, opening.carrier, progress, data, cancellable);
  g_object_unref (opening.carrier);
  tessera_post_note_outcome (store, visit, visit->error ? NULL : &visit->error);
  return visit;
}

