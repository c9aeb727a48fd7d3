/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-work.h: what the window "Team and Exchange" reads and changes: laptops of the organization, carriers.
 *
 * Functions for tessera_store_write_async() and its twin, with what they take and give back; and the one thing that waits
 * for a server. The rules are those of exchange and sync. No widgets here.
 */
#pragma once

#include "tessera-joining.h"
#include "tessera-post-office.h"
#include "tessera-session.h"

G_BEGIN_DECLS

/* ---- laptops ---- */

/**
 * TesseraTeamLaptop: a laptop of the organization.
 * @worker: (nullable): name of who works on it
 * @circles: (element-type utf8): names
 * @heard_at: when something of it came last; 0 for never
 */
typedef struct {
  char *device;
  char *name;
  char *worker;
  char *role;
  char *fingerprint;
  GPtrArray *circles;
  TesseraDeviceState state;
  gint64 since;
  gint64 heard_at;
  gboolean is_own;
} TesseraTeamLaptop;

/**
 * TesseraTeamFacts:
 * @members: (element-type TesseraTeamLaptop)
 * @circles: (element-type utf8): names, the organization's first
 * @fingerprint: of the organization
 * @may_change: the root key is here, and a supervisor works here
 */
typedef struct {
  GPtrArray *members;
  GPtrArray *circles;
  char *fingerprint;
  gboolean has_root;
  gboolean may_change;
  gboolean is_expired;
} TesseraTeamFacts;

void tessera_team_facts_free (gpointer data);

/** tessera_exchange_load_team: @data is a cleared #TesseraTeamFacts. Needs a writing transaction, as the first roster of an
 * organization is made when somebody looks. */
gboolean tessera_exchange_load_team (TesseraTransaction *transaction, gpointer data, GError **error);

typedef enum {
  TESSERA_TEAM_SET_ROLE,
  TESSERA_TEAM_RETIRE,
  TESSERA_TEAM_REVOKE,
} TesseraTeamVerb;

/** TesseraTeamDecision: @role and @before: of TESSERA_TEAM_SET_ROLE, what it becomes and what it was. */
typedef struct {
  TesseraTeamVerb verb;
  char *device;
  char *role;
  char *before;
} TesseraTeamDecision;

TesseraTeamDecision *tessera_team_decision_new (TesseraTeamVerb verb, const char *device);
void tessera_team_decision_free (gpointer data);

/** tessera_exchange_decide: @data is a #TesseraTeamDecision. */
gboolean tessera_exchange_decide (TesseraTransaction *transaction, gpointer data, GError **error);

/**
 * TesseraAdmitting:
 * @request: the file
 * @circles: (nullable): names
 * @invitation, @fingerprint: (out): the text of the file, and the organization's fingerprint
 */
typedef struct {
  GBytes *request;
  char *role;
  char *name;
  char **circles;
  char *invitation;
  char *fingerprint;
} TesseraAdmitting;

void tessera_admitting_free (gpointer data);

/** tessera_exchange_admit: @data is a #TesseraAdmitting. */
gboolean tessera_exchange_admit (TesseraTransaction *transaction, gpointer data, GError **error);

/* ---- carriers ---- */

/** TesseraCarrierFacts: @carriers: (element-type TesseraCarrierSettings); @oldest: when what waits longest was sealed; 0
 * when it is not known. */
typedef struct {
  GPtrArray *carriers;
  TesseraPostCounts counts;
  gint64 oldest;
} TesseraCarrierFacts;

void tessera_carrier_facts_free (gpointer data);

/** tessera_exchange_load_carriers: @data is a cleared #TesseraCarrierFacts. */
gboolean tessera_exchange_load_carriers (TesseraTransaction *transaction, gpointer data, GError **error);

/** TesseraCarrierSwitch: @paused and @metered: -1 leaves it. */
typedef struct {
  char *name;
  int paused;
  int metered;
} TesseraCarrierSwitch;

TesseraCarrierSwitch *tessera_carrier_switch_new (const char *name, int paused, int metered);
void tessera_carrier_switch_free (gpointer data);

/** tessera_exchange_switch_carrier: @data is a #TesseraCarrierSwitch. */
gboolean tessera_exchange_switch_carrier (TesseraTransaction *transaction, gpointer data, GError **error);

/** TesseraRemovedCarrier: @settings and @password: what it was, to be brought back. */
typedef struct {
  char *name;
  TesseraCarrierSettings *settings;
  TesseraSecret *password;
} TesseraRemovedCarrier;

TesseraRemovedCarrier *tessera_removed_carrier_new (const char *name);
TesseraRemovedCarrier *tessera_removed_carrier_steal (TesseraRemovedCarrier *self);
void tessera_removed_carrier_free (gpointer data);

/** tessera_exchange_remove_carrier, tessera_exchange_restore_carrier: @data is a #TesseraRemovedCarrier. */
gboolean tessera_exchange_remove_carrier (TesseraTransaction *transaction, gpointer data, GError **error);
gboolean tessera_exchange_restore_carrier (TesseraTransaction *transaction, gpointer data, GError **error);

/**
 * tessera_exchange_add_carrier_async:
 * @settings: (transfer full)
 * @password: (transfer full) (nullable)
 *
 * Reaches for the carrier, in a thread, and keeps it only if it can be used.
 */
void tessera_exchange_add_carrier_async (TesseraSession *session, TesseraCarrierSettings *settings,
                                         TesseraSecret *password, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

/** tessera_exchange_add_carrier_finish: @ret_pin (out) (transfer full) (nullable): the fingerprint of a certificate that
 * is not trusted, for a person to compare. */
gboolean tessera_exchange_add_carrier_finish (TesseraSession *session, GAsyncResult *result, char **ret_pin,
                                              GError **error);

/* ---- small files ---- */

/** tessera_exchange_read_file_async: @file, at most @limit bytes of it; what is longer is refused. */
void tessera_exchange_read_file_async (GFile *file, gsize limit, GAsyncReadyCallback callback, gpointer user_data);
/** tessera_exchange_read_file_finish: (transfer full) */
GBytes *tessera_exchange_read_file_finish (GFile *file, GAsyncResult *result, GError **error);

G_END_DECLS
