/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-job.h: visits to some carriers, one after the other, in a thread. It schedules nothing.
 */
#pragma once

#include "tessera-post-office-private.h"

G_BEGIN_DECLS

typedef struct _TesseraSyncJob TesseraSyncJob;

/** TesseraSyncJobFunc: in the thread that began the job. */
typedef void (*TesseraSyncJobFunc) (TesseraSyncJob *job, gpointer data);

/**
 * TesseraSyncJob:
 * @names: (nullable): of carriers; %NULL for all that are not paused
 * @is_first: what is parked is tried once more, too: Tessera may have been updated
 * @task: (nullable): of the person who asked
 * @visits: (element-type TesseraPostVisit): those that ended
 */
struct _TesseraSyncJob {
  TesseraStore *store;
  const TesseraExchangeWays *ways;
  char **names;
  gboolean is_first;
  GTask *task;
  GCancellable *cancellable;
  gulong cancel_handler;
  GPtrArray *visits;
  TesseraSyncJobFunc on_progress;
  TesseraSyncJobFunc on_end;
  gpointer data;
  GMainContext *context;

  GMutex lock; /* guards what is below */
  char *carrier;
  TesseraPostProgress progress;
  gint64 shown_at;
};

/** tessera_sync_job_new: @task: (transfer full) (nullable): a cancel of it is one of the job. */
TesseraSyncJob *tessera_sync_job_new (TesseraStore *store, const TesseraExchangeWays *ways, const char *const *names,
                                      GTask *task);

/** tessera_sync_job_begin: @owner stays alive until @on_end was called. */
void tessera_sync_job_begin (TesseraSyncJob *self, GObject *owner, TesseraSyncJobFunc on_progress,
                             TesseraSyncJobFunc on_end);

/** tessera_sync_job_peek: (transfer full) (nullable): the carrier that is being visited, and how far that is. */
char *tessera_sync_job_peek (TesseraSyncJob *self, TesseraPostProgress *ret_progress);

/** tessera_sync_job_refuse: it never begins; whoever asked is told that it was cancelled. */
void tessera_sync_job_refuse (TesseraSyncJob *self);

void tessera_sync_job_free (TesseraSyncJob *self);

G_END_DECLS
