/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * team-fixture.h: laptops of one organization and the carrier between them, for tests.
 */
#pragma once

#include "tessera-exchange.h"

G_BEGIN_DECLS

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
  guint n_taken;               /* files of the post that it looked at */
} Laptop;

typedef struct {
  GPtrArray *paths;            /* of files on the carrier, in the order they came */
  GHashTable *names;
  char *copies;        /* folder of files that their author no longer has; NULL for none */
} Carrier;

typedef gboolean (*Func) (TesseraTransaction *transaction, gpointer data, GError **error);

void team_run (Laptop *laptop, Func func, gpointer data);
void team_set_worker (Laptop *laptop, TesseraRecord *worker);
void team_open_laptop (Laptop *laptop);
void team_close_laptop (Laptop *laptop);
void team_add_laptop_to (Laptop *supervisor, Laptop *laptop, const char *name, const char *role, const char *circle);
void team_add_laptop (Laptop *supervisor, Laptop *laptop, const char *name, const char *role);
/** team_found: a laptop that makes the organization. */
void team_found (Laptop *laptop);
void team_carrier_init (Carrier *carrier);
void team_carrier_clear (Carrier *carrier);
/** team_send: returns how many bundles were sealed. */
guint team_send (Laptop *laptop, Carrier *carrier);
/** team_keep_copies: the author takes files back that carry somebody who was erased; this keeps them as somebody would
 * who has a copy. */
void team_keep_copies (Laptop *laptop, Carrier *carrier);
void team_drop_copies (Carrier *carrier);
TesseraArrival *team_take (Laptop *laptop, const char *path);
/** team_fetch: everything on the carrier that this laptop has not looked at; returns how many changes it brought. */
gint64 team_fetch (Laptop *laptop, Carrier *carrier);
/** team_let_time_pass: an hour, so that nobody finds it too early to say what they have. */
void team_let_time_pass (void);
/** team_exchange: an hour passes, all send, all fetch; @rounds times. */
void team_exchange (Carrier *carrier, Laptop *const *laptops, guint n_laptops, guint rounds);

G_END_DECLS
