/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-private.h: what tests set in a TesseraSync, and how it watches folders.
 */
#pragma once

#include "tessera-post-office-private.h"
#include "tessera-schedule.h"
#include "tessera-sync.h"

G_BEGIN_DECLS

/** tessera_sync_set_pace: other times than those for people. */
void tessera_sync_set_pace (TesseraSync *self, const TesseraSchedulePace *pace);

/** tessera_sync_set_ways: another exchange. */
void tessera_sync_set_ways (TesseraSync *self, const TesseraExchangeWays *ways);

/** tessera_sync_set_metered: for tests on a machine without lines; -1 asks the system. */
void tessera_sync_set_metered (TesseraSync *self, int metered);

/** TesseraSyncWatch: tells when something appears in the mailboxes of a folder. */
typedef struct _TesseraSyncWatch TesseraSyncWatch;

TesseraSyncWatch *tessera_sync_watch_new (GSourceFunc appeared, gpointer data);
void tessera_sync_watch_free (TesseraSyncWatch *self);

/** tessera_sync_watch_set: @folder is the carrier's; watches it and those of @mailboxes (element-type TesseraMailbox)
 * (nullable) that are there. */
void tessera_sync_watch_set (TesseraSyncWatch *self, const char *folder, GPtrArray *mailboxes);

G_END_DECLS
