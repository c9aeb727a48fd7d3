/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral.h: the life of a referral, on both sides.
 *
 * A state change is an event that is only ever added; each side numbers its own without gaps, and the state
 * is derived from the events of both, however they arrived. It moves no files: bundles are made and read
 * elsewhere.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_REFERRAL_EXPIRE_DAYS: sent and without an answer for so long, a referral expires. */
#define TESSERA_REFERRAL_EXPIRE_DAYS 30
/** TESSERA_REFERRAL_REMIND_DAYS: so often a reminder is due. */
#define TESSERA_REFERRAL_REMIND_DAYS 10
/** TESSERA_REFERRAL_EVENT_LIMIT: most events one side may have; more is refused. */
#define TESSERA_REFERRAL_EVENT_LIMIT 200

/**
 * tessera_referral_is_legal:
 * @from: status code; "draft" for a new one
 * @kind: status code the event leads to
 * @side: "sender" or "receiver"
 *
 * Whether that side may take that step. Pure.
 */
gboolean tessera_referral_is_legal (const char *from, const char *kind, const char *side);

/** tessera_referral_list_next: (transfer container): %NULL-terminated status codes @side may go to from
 * @from. */
const char **tessera_referral_list_next (const char *from, const char *side);

/** tessera_referral_is_final: declined, completed, failed, withdrawn, expired, void. */
gboolean tessera_referral_is_final (const char *status);
/** tessera_referral_is_waiting: sent and not yet decided by the other side. */
gboolean tessera_referral_is_waiting (const char *status);

/**
 * TesseraReferralState:
 * @status: derived status code
 * @code: (nullable): reason code of the event that made it
 * @at: when, milliseconds UTC; 0 for a draft without events
 * @collision: both sides took steps that exclude each other; both are to be shown and a person asked (a withdrawal
 *   needs no asking)
 */
typedef struct {
  const char *status;
  const char *code;
  gint64 at;
  gboolean collision;
} TesseraReferralState;

/**
 * tessera_referral_derive:
 * @events: (element-type TesseraRecord): `referral_event` records of one referral, in any order, duplicates
 *   allowed
 *
 * The state they lead to, whatever order they came in and whatever the clocks said: the interleaving of the
 * two sides that makes the fewest events illegal. A withdrawal always wins; an answer beats an expiry. Pure.
 * The strings belong to @events or are static.
 */
TesseraReferralState tessera_referral_derive (GPtrArray *events);

/** tessera_referral_get_side: the side we are on: "sender" for direction out, "receiver" for in. */
const char *tessera_referral_get_side (TesseraRecord *referral);

/** tessera_referral_get_due: (transfer full): date an answer is due: @from (milliseconds UTC) plus 1 day
 * (emergency), 3 days (urgent) or 14 days (routine and unknown). */
char *tessera_referral_get_due (const char *priority, gint64 from);

/**
 * tessera_referral_create:
 * @referral: filled `referral`: client, partner, reason; service or service_name; kind (refer unless set),
 *   priority (routine unless set), consent, groups (those of the consent unless set)
 *
 * Checks that the consent is the client's, valid, to that partner and covers the groups, and saves an
 * outgoing draft. Without a consent given the valid one is looked for. Kind `ask-opinion` must not have group
 * identity.
 */
gboolean tessera_referral_create (TesseraTransaction *transaction, TesseraRecord *referral, GError **error);

/**
 * tessera_referral_send:
 * @bundle: (nullable): id of the bundle that carries it
 *
 * The `sent` event of an outgoing referral; checks the consent once more and starts the clock.
 * Returns: (transfer full): the event
 */
TesseraRecord *tessera_referral_send (TesseraTransaction *transaction, const char *referral,
                                      const char *bundle, GError **error);

/** TesseraReferralStep: one step taken by our side. Everything but @kind may be %NULL. */
typedef struct {
  const char *kind;
  const char *code;
  const char *text;
  const char *on_date;
  const char *bundle;
  gboolean may_tell_client;
} TesseraReferralStep;

/**
 * tessera_referral_append:
 * @referral: id
 *
 * Our side takes a step: refused if the rules do not allow it (%TESSERA_CASEWORK_ERROR_ILLEGAL_STEP names
 * what is possible) or if a needed reason code is missing or of another kind of step.
 * Returns: (transfer full): the saved `referral_event`; the referral's status is derived anew
 */
TesseraRecord *tessera_referral_append (TesseraTransaction *transaction, const char *referral,
                                        const TesseraReferralStep *step, GError **error);

/**
 * tessera_referral_answer:
 * @answer: what a person says: accept, decline, receive, review, info (or ask), waitlist, schedule, start,
 *   complete, fail, withdraw; or the status code itself
 *
 * tessera_referral_append() in words of the command line and the buttons.
 */
TesseraRecord *tessera_referral_answer (TesseraTransaction *transaction, const char *referral,
                                        const char *answer, const char *code, const char *text,
                                        const char *on_date, gboolean may_tell_client, GError **error);

/**
 * tessera_referral_receive:
 * @referral: `referral` as the partner sent it: same id, the fields of the form; direction and status are set
 *   here
 * @partner: id of the partner it came from
 *
 * Saves an incoming referral (once; again is harmless and keeps what is ours), or refuses one whose id is
 * already taken by another partner. Its events follow with tessera_referral_receive_event().
 */
gboolean tessera_referral_receive (TesseraTransaction *transaction, TesseraRecord *referral,
                                   const char *partner, GError **error);

/**
 * tessera_referral_receive_event:
 * @event: `referral_event` of the other side, as it came
 * @partner: id of the partner it came from, which must be the referral's
 * @ret_new: (out) (optional): %FALSE when we had it already
 *
 * Adds an event of the other side: never one of ours, never changing one we have, none missing before it.
 */
gboolean tessera_referral_receive_event (TesseraTransaction *transaction, TesseraRecord *event,
                                         const char *partner, gboolean *ret_new, GError **error);

/** tessera_referral_link_client: an incoming referral is about our client @client (an id). */
gboolean tessera_referral_link_client (TesseraTransaction *transaction, const char *referral,
                                       const char *client, GError **error);

/** tessera_referral_list_events: (transfer full) (element-type TesseraRecord): by side and number; @side
 * (nullable) only of that side. */
GPtrArray *tessera_referral_list_events (TesseraTransaction *transaction, const char *referral,
                                         const char *side, GError **error);

/** tessera_referral_update: derives and stores the status anew (after a merge brought events). */
gboolean tessera_referral_update (TesseraTransaction *transaction, const char *referral, GError **error);

/** tessera_referral_expire_due: writes `expired` for outgoing referrals without an answer for
 * %TESSERA_REFERRAL_EXPIRE_DAYS. @ret_count (out) (optional): how many. */
gboolean tessera_referral_expire_due (TesseraTransaction *transaction, guint *ret_count, GError **error);

/**
 * TesseraReferralQuery:
 * @direction: (nullable): "in" or "out"
 * @client: (nullable): client id (merges followed)
 * @partner: (nullable): partner id
 * @status: (nullable): status code
 * @waiting: only those sent and not decided
 */
typedef struct {
  const char *direction;
  const char *client;
  const char *partner;
  const char *status;
  gboolean waiting;
} TesseraReferralQuery;

/** tessera_referral_list: (transfer full) (element-type TesseraRecord): newest first; @limit 0 is all. */
GPtrArray *tessera_referral_list (TesseraTransaction *transaction, const TesseraReferralQuery *query,
                                  guint limit, GError **error);

/** tessera_referral_list_codes: (transfer container): %NULL-terminated reason codes (vocabulary
 * referral_code) that fit a step to @kind; empty when it needs none. */
const char **tessera_referral_list_codes (const char *kind);

G_END_DECLS
