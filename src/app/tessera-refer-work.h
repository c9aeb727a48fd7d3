/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-work.h: what the refer page reads and writes, as work for the store's threads.
 *
 * The preview and the sending use the same filter (tessera_consent_collect()), so that what is shown is what
 * goes. No widgets here.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * TesseraReferFacts: everything the page shows before anybody chooses.
 * @partners: (element-type TesseraRecord): not revoked, by name
 * @consents: (element-type TesseraRecord): the client's, newest first
 */
typedef struct {
  char *client_id;
  TesseraRecord *client;
  GPtrArray *partners;
  GPtrArray *consents;
} TesseraReferFacts;

TesseraReferFacts *tessera_refer_facts_new (const char *client_id);
void tessera_refer_facts_free (gpointer data);
/** tessera_refer_facts_load: a #TesseraStoreFunc. */
gboolean tessera_refer_facts_load (TesseraTransaction *transaction, gpointer data, GError **error);

/**
 * TesseraReferPlan: what is about to be sent.
 * @client_id: id of the client
 * @partner_id: (nullable)
 * @referral: a new `referral` with kind, priority, reason, service and service_name as far as chosen
 * @groups: category codes
 * @consent_id: (nullable): a consent given earlier that covers it; %NULL to write @answer down as a new one
 * @answer: (nullable): "yes", "no" or "later"
 * @text: (nullable): consent text as read, in @language
 * @expires_on, @how, @given_by, @signature: (nullable): of the new consent
 * @draft_key: (nullable): dropped with success
 * @outbox: folder of sealed bundles that wait to be carried
 * @records: out of tessera_refer_plan_preview(): (element-type TesseraRecord): what the partner will see
 * @sealed: out of tessera_refer_plan_carry_out(): the referral is in the outbox, not only written down
 */
typedef struct {
  char *client_id;
  char *partner_id;
  TesseraRecord *referral;
  char **groups;
  char *consent_id;
  char *answer;
  char *text;
  char *language;
  char *expires_on;
  char *how;
  char *given_by;
  char *signature;
  char *draft_key;
  char *outbox;
  GPtrArray *records;
  gboolean sealed;
} TesseraReferPlan;

TesseraReferPlan *tessera_refer_plan_new (const char *client_id, TesseraRecord *referral);
void tessera_refer_plan_free (gpointer data);

/** tessera_refer_plan_preview: a #TesseraStoreFunc for reading: fills @records as if the client said yes. */
gboolean tessera_refer_plan_preview (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_refer_plan_carry_out: a #TesseraStoreFunc for writing: keeps the answer and, if it is yes, makes
 * the referral and hands it to the exchange. All of it or nothing. */
gboolean tessera_refer_plan_carry_out (TesseraTransaction *transaction, gpointer data, GError **error);

G_END_DECLS
