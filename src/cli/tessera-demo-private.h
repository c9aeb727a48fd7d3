/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-private.h: what the files of the demonstration generator share.
 */
#pragma once

#include "tessera-demo-names.h"
#include "tessera-demo-random.h"
#include "tessera-demo-texts.h"
#include "tessera-demo.h"

G_BEGIN_DECLS

#define TESSERA_DEMO_DAY (G_GINT64_CONSTANT (86400000))

/* A service of the directory, as referrals name it. */
typedef struct {
  char *id;
  char *name;
} TesseraDemoService;

/* One run. @own is the worker who is signed in, among @workers. A household may wait for a second client:
 * then
 * @household, @origin, @family and @address hold what the two share. */
typedef struct {
  TesseraTransaction *transaction;
  TesseraDemoRandom random;
  guint64 seed;
  gint64 now;
  guint visits_per_client;
  GPtrArray *workers;  /* TesseraRecord */
  GPtrArray *partners; /* TesseraRecord */
  GPtrArray *services; /* TesseraDemoService */
  const char *own;
  char *household;
  guint household_size;
  const TesseraDemoOrigin *origin;
  const TesseraDemoName *family;
} TesseraDemo;

/** tessera_demo_new_row: (transfer full): an empty row with an id of the time @at. */
TesseraRecord *tessera_demo_new_row (TesseraDemo *self, const char *entity, gint64 at);

/** tessera_demo_set_date: the day of @at. */
void tessera_demo_set_date (TesseraRecord *record, const char *field, gint64 at);

/** tessera_demo_at_desk: a working hour of the day @days before now, never in the future. */
gint64 tessera_demo_at_desk (TesseraDemo *self, int days);

/** tessera_demo_pick_worker: any worker; the one signed in more often. */
TesseraRecord *tessera_demo_pick_worker (TesseraDemo *self);

/** tessera_demo_pick_sentence: of a list ended by %NULL. */
const char *tessera_demo_pick_sentence (TesseraDemo *self, const char *const *list);

/** tessera_demo_add_staff: workers and partners, and the services there are. */
gboolean tessera_demo_add_staff (TesseraDemo *self, GError **error);

/** tessera_demo_add_partners: part of tessera_demo_add_staff(). */
gboolean tessera_demo_add_partners (TesseraDemo *self, GError **error);

/** tessera_demo_add_client: number @index with everything about them. */
gboolean tessera_demo_add_client (TesseraDemo *self, guint index, GError **error);

/** tessera_demo_add_visits: the visits of @client, with advice and tasks. */
gboolean tessera_demo_add_visits (TesseraDemo *self, TesseraRecord *client, int first_day, int last_day,
                                  GError **error);

/** tessera_demo_add_pathway: needs, assessments, steps, goals and an appointment of @client. */
gboolean tessera_demo_add_pathway (TesseraDemo *self, TesseraRecord *client, int first_day, int last_day,
                                   GError **error);

/** tessera_demo_add_referrals: perhaps a consent and a referral of @client, in the state that @index calls
 * for. */
gboolean tessera_demo_add_referrals (TesseraDemo *self, TesseraRecord *client, guint index, int first_day,
                                     GError **error);

G_END_DECLS
