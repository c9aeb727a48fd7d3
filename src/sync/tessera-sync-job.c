/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-job.c: see the header.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-store.h"
#include "tessera-sync-job.h"

#define SHOW_INTERVAL (G_TIME_SPAN_SECOND / 10)

static void
pass_on_cancel (GCancellable *outer, gpointer inner) {
  g_cancellable_cancel (inner);
}

TesseraSyncJob *
tessera_sync_job_new (TesseraStore *store, const TesseraExchangeWays *ways, const char *const *names, GTask *task) {
  TesseraSyncJob *self = g_new0 (TesseraSyncJob, 1);
  GCancellable *outer = task ? g_task_get_cancellable (task) : NULL;

  self->store = g_object_ref (store);
  self->ways = ways;
  self->names = g_strdupv ((char **) names);
  self->task = task;
  self->cancellable = g_cancellable_new ();
  if (outer)
    self->cancel_handler = g_cancellable_connect (outer, G_CALLBACK (pass_on_cancel),
                                                  g_object_ref (self->cancellable), g_object_unref);
  self->visits = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_post_visit_free);
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
  return self;
}

void
tessera_sync_job_free (TesseraSyncJob *self) {
  if (!self)
    return;
  if (self->cancel_handler)
    g_cancellable_disconnect (g_task_get_cancellable (self->task), self->cancel_handler);
  g_clear_object (&self->task);
  g_object_unref (self->store);
  g_object_unref (self->cancellable);
  g_strfreev (self->names);
  g_clear_pointer (&self->visits, g_ptr_array_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self->carrier);
  g_free (self);
}

void
tessera_sync_job_refuse (TesseraSyncJob *self) {
  if (self->task)
    g_task_return_new_error (self->task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             _("Exchange was stopped; nothing is lost, and it goes on the next time."));
  tessera_sync_job_free (self);
}

/* ---- in the thread ---- */

static gboolean
list_names (TesseraTransaction *transaction, gpointer data, GError **error) {
  char ***ret_names = data;
  g_autoptr (GPtrArray) carriers = tessera_carriers_list (transaction, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; carriers && i < carriers->len; i++) {
    const TesseraCarrierSettings *settings = carriers->pdata[i];

    if (!settings->paused)
      g_strv_builder_add (names, settings->name);
  }
  *ret_names = g_strv_builder_end (names);
  return carriers != NULL;
}

/* The owner waits for the job's end, which comes after this in the same main context. */
static gboolean
tell_progress (gpointer data) {
  TesseraSyncJob *self = data;

  self->on_progress (self, self->data);
  return G_SOURCE_REMOVE;
}

/* Always there: in the owner's context, even while nobody runs it. */
static void
tell (TesseraSyncJob *self) {
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell_progress, self, NULL);
  g_source_attach (source, self->context);
}

static void
show_progress (const TesseraPostProgress *progress, gpointer data) {
  TesseraSyncJob *self = data;
  gint64 now = g_get_monotonic_time ();
  gboolean is_time;

  g_mutex_lock (&self->lock);
  is_time = progress->phase != self->progress.phase || now - self->shown_at >= SHOW_INTERVAL;
  self->progress = *progress;
  if (is_time)
    self->shown_at = now;
  g_mutex_unlock (&self->lock);
  if (is_time)
    tell (self);
}

static void
set_carrier (TesseraSyncJob *self, const char *name) {
  g_mutex_lock (&self->lock);
  g_free (self->carrier);
  self->carrier = g_strdup (name);
  self->progress = (TesseraPostProgress) { .phase = TESSERA_POST_SEALING };
  g_mutex_unlock (&self->lock);
  tell (self);
}

static void
run (GTask *task, gpointer owner, gpointer data, GCancellable *cancellable) {
  TesseraSyncJob *self = data;

  if (self->is_first)
    self->ways->retry_parked (self->store, NULL, NULL);
  if (!self->names && !tessera_store_read (self->store, list_names, &self->names, NULL))
    self->names = g_new0 (char *, 1);
  for (guint i = 0; self->names[i] && !g_cancellable_is_cancelled (self->cancellable); i++) {
    set_carrier (self, self->names[i]);
    g_ptr_array_add (self->visits, tessera_post_visit_by_name_with (self->store, self->names[i], self->ways,
                                                                    show_progress, self, self->cancellable));
  }
  g_task_return_boolean (task, TRUE);
}

/* ---- in the owner's ---- */

char *
tessera_sync_job_peek (TesseraSyncJob *self, TesseraPostProgress *ret_progress) {
  char *carrier;

  g_mutex_lock (&self->lock);
  carrier = g_strdup (self->carrier);
  *ret_progress = self->progress;
  g_mutex_unlock (&self->lock);
  return carrier;
}

static void
on_done (GObject *owner, GAsyncResult *result, gpointer data) {
  TesseraSyncJob *self = data;

  self->on_end (self, self->data);
}

void
tessera_sync_job_begin (TesseraSyncJob *self, GObject *owner, TesseraSyncJobFunc on_progress,
                        TesseraSyncJobFunc on_end) {
  g_autoptr (GTask) task = g_task_new (owner, NULL, on_done, self);

  self->on_progress = on_progress;
  self->on_end = on_end;
  self->data = owner;
  /* What was told before it was done comes first. */
  g_task_set_priority (task, G_PRIORITY_DEFAULT);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, run);
}
