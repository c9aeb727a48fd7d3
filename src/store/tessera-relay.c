/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-relay.c: brings news of long work from its thread to the main context of whoever asked for it.
 */
#include "config.h"

#include "tessera-relay.h"

#define MICROSECONDS_BETWEEN (100 * 1000)

struct _TesseraRelay {
  gatomicrefcount references;
  GMainContext *context;
  TesseraRelayFunc func;
  gpointer data;
  gint64 last;        /* when something was told ... */
  int last_number;    /* ... and of which part; both only for the thread that tells */
};

typedef struct {
  TesseraRelay *relay;
  const char *what;
  int number;
  guint64 done;
  guint64 total;
} News;

TesseraRelay *
tessera_relay_new (TesseraRelayFunc func, gpointer data) {
  TesseraRelay *self = g_new0 (TesseraRelay, 1);

  g_atomic_ref_count_init (&self->references);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->data = data;
  self->last_number = -1;
  return self;
}

void
tessera_relay_unref (TesseraRelay *self) {
  if (!self || !g_atomic_ref_count_dec (&self->references))
    return;
  g_main_context_unref (self->context);
  g_free (self);
}

static void
news_free (gpointer pointer) {
  News *news = pointer;

  tessera_relay_unref (news->relay);
  g_free (news);
}

static gboolean
deliver (gpointer pointer) {
  News *news = pointer;

  news->relay->func (news->what, news->number, news->done, news->total, news->relay->data);
  return G_SOURCE_REMOVE;
}

/* Of the priority of a task's return, so that nothing is told after it. */
void
tessera_relay_tell (TesseraRelay *self, const char *what, int number, guint64 done, guint64 total) {
  gint64 now = g_get_monotonic_time ();
  GSource *source;
  News *news;

  if (number == self->last_number && done < total && now < self->last + MICROSECONDS_BETWEEN)
    return;
  self->last = now;
  self->last_number = number;
  news = g_new (News, 1);
  *news = (News) { self, what, number, done, total };
  g_atomic_ref_count_inc (&self->references);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, news, news_free);
  g_source_attach (source, self->context);
  g_source_unref (source);
}
