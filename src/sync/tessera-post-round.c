/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-round.c: visits with the real exchange.
 */
#include "config.h"

#include "tessera-post-office-private.h"
#include "tessera-post.h"

const TesseraExchangeWays tessera_exchange_ways = {
  .seal_waiting = tessera_exchange_seal_waiting,
  .take_in = tessera_exchange_take_in,
  .list_mailboxes = tessera_exchange_list_mailboxes,
  .has_file = tessera_exchange_has_file,
  .is_done = tessera_exchange_is_done,
  .may_go = tessera_post_may_go,
  .retry_parked = tessera_exchange_retry_parked,
};

TesseraPostVisit *
tessera_post_visit_carrier (TesseraStore *store, const char *name, TesseraCarrier *carrier,
                            TesseraPostProgressFunc progress, gpointer data, GCancellable *cancellable) {
  return tessera_post_visit_with (store, name, carrier, &tessera_exchange_ways, TESSERA_POST_MAX_FILES, progress, data,
                                  cancellable);
}

TesseraPostVisit *
tessera_post_visit_by_name (TesseraStore *store, const char *name, TesseraPostProgressFunc progress, gpointer data,
                            GCancellable *cancellable) {
  return tessera_post_visit_by_name_with (store, name, &tessera_exchange_ways, progress, data, cancellable);
}
