/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-today.h: what is due today, for the first page of the morning.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_TODAY_RECENT_DAYS: answers to referrals are news for so long. */
#define TESSERA_TODAY_RECENT_DAYS 14
/** TESSERA_TODAY_CONSENT_DAYS: consents ending within so many days are shown. */
#define TESSERA_TODAY_CONSENT_DAYS 30

/**
 * TesseraTodayItem:
 * @record: appointment, task, referral or consent
 * @client: (nullable): the client it is about (the kept one of merged records)
 * @partner: (nullable): partner of a referral or consent
 */
typedef struct {
  TesseraRecord *record;
  TesseraRecord *client;
  TesseraRecord *partner;
} TesseraTodayItem;

/**
 * TesseraTodayList:
 * @items: (element-type TesseraTodayItem): at most as many as asked for, most pressing first
 * @count: how many there are in all
 */
typedef struct {
  GPtrArray *items;
  guint count;
} TesseraTodayList;

/**
 * TesseraToday:
 * @appointments: today, by time
 * @tasks: open tasks due today or before, oldest first
 * @procedures: running procedures due today or before
 * @unanswered: outgoing referrals whose answer is past due
 * @answered: outgoing referrals decided by the partner in the last days
 * @received: incoming referrals that wait for our answer
 * @consents: ending within thirty days
 * @drafts: (element-type utf8): keys of drafts, newest first, at most as many as asked for
 */
typedef struct {
  TesseraTodayList appointments;
  TesseraTodayList tasks;
  TesseraTodayList procedures;
  TesseraTodayList unanswered;
  TesseraTodayList answered;
  TesseraTodayList received;
  TesseraTodayList consents;
  GPtrArray *drafts;
  guint n_drafts;
} TesseraToday;

void tessera_today_free (TesseraToday *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraToday, tessera_today_free)

/**
 * tessera_today_load:
 * @worker: (nullable): only what is this worker's (appointments, tasks, clients); %NULL for everybody's
 * @limit: most items of each list
 *
 * Returns: (transfer full)
 */
TesseraToday *tessera_today_load (TesseraTransaction *transaction, const char *worker, guint limit,
                                  GError **error);

G_END_DECLS
