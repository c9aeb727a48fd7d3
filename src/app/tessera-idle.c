/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-idle.c: how long nobody was there; see the header.
 *
 * Main-loop timeouts stand still while the computer sleeps. A timer of the kernel on CLOCK_BOOTTIME does not: it goes
 * off at once when the lid is opened an hour later.
 */
#include "config.h"
#include "tessera-idle.h"

#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define WARNING_SECONDS 30
/* CLOCK_MONOTONIC stands still in sleep, CLOCK_BOOTTIME does not: more than this between them was a sleep. */
#define SLEEP_MICROSECONDS G_USEC_PER_SEC

struct _TesseraIdle {
  GObject parent_instance;

  int timer;
  guint source;
  guint limit;             /* 0: not counting */
  gint64 last;             /* microseconds of CLOCK_BOOTTIME */
  gint64 slept;            /* CLOCK_BOOTTIME - CLOCK_MONOTONIC when counting began */
  gboolean warned;
};

G_DEFINE_FINAL_TYPE (TesseraIdle, tessera_idle, G_TYPE_OBJECT)

enum { SIGNAL_WARNED, SIGNAL_EXPIRED, N_SIGNALS };

static guint signals[N_SIGNALS];

static gint64
read_clock (clockid_t clock) {
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint64
get_slept (void) {
  return read_clock (CLOCK_BOOTTIME) - read_clock (CLOCK_MONOTONIC);
}

static guint
get_warning (TesseraIdle *self) {
  return MIN (WARNING_SECONDS, self->limit / 2);
}

/* @at: microseconds of CLOCK_BOOTTIME; 0 for never. */
static void
set_timer (TesseraIdle *self, gint64 at) {
  struct itimerspec when = { .it_value = { at / G_USEC_PER_SEC, (at % G_USEC_PER_SEC) * 1000 } };

  timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
set_next_timer (TesseraIdle *self) {
  gint64 seconds = self->warned ? self->limit : self->limit - get_warning (self);

  set_timer (self, self->last + seconds * G_USEC_PER_SEC);
}

static gboolean
is_over (TesseraIdle *self) {
  return read_clock (CLOCK_BOOTTIME) - self->last >= (gint64) self->limit * G_USEC_PER_SEC
         || get_slept () - self->slept > SLEEP_MICROSECONDS;
}

static void
expire (TesseraIdle *self) {
  tessera_idle_stop (self);
  g_signal_emit (self, signals[SIGNAL_EXPIRED], 0);
}

static gboolean
timer_cb (int descriptor, GIOCondition condition, gpointer data) {
  TesseraIdle *self = data;
  guint64 times = 0;
  gint64 quiet = read_clock (CLOCK_BOOTTIME) - self->last;

  if (read (descriptor, &times, sizeof times) != sizeof times || self->limit == 0)
    return G_SOURCE_CONTINUE;
  if (is_over (self)) {
    expire (self);
    return G_SOURCE_CONTINUE;
  }
  if (!self->warned && quiet >= (gint64) (self->limit - get_warning (self)) * G_USEC_PER_SEC) {
    self->warned = TRUE;
    g_signal_emit (self, signals[SIGNAL_WARNED], 0, get_warning (self));
  }
  if (self->limit > 0)
    set_next_timer (self);
  return G_SOURCE_CONTINUE;
}

static void
unwarn (TesseraIdle *self) {
  if (!self->warned)
    return;
  self->warned = FALSE;
  g_signal_emit (self, signals[SIGNAL_WARNED], 0, 0);
}

void
tessera_idle_start (TesseraIdle *self, guint limit) {
  g_return_if_fail (TESSERA_IS_IDLE (self) && limit > 0);
  if (self->limit == 0) {
    self->last = read_clock (CLOCK_BOOTTIME);
    self->slept = get_slept ();
  }
  self->limit = limit;
  unwarn (self);
  set_next_timer (self);
}

void
tessera_idle_stop (TesseraIdle *self) {
  g_return_if_fail (TESSERA_IS_IDLE (self));
  self->limit = 0;
  set_timer (self, 0);
  unwarn (self);
}

/* The timer is left as it is, because this is called at every move of the mouse; it looks again when it goes off. */
gboolean
tessera_idle_touch (TesseraIdle *self) {
  g_return_val_if_fail (TESSERA_IS_IDLE (self), TRUE);
  if (self->limit == 0)
    return TRUE;
  if (is_over (self)) {
    expire (self);
    return FALSE;
  }
  self->last = read_clock (CLOCK_BOOTTIME);
  if (!self->warned)
    return TRUE;
  unwarn (self);
  set_next_timer (self);
  return TRUE;
}

static void
tessera_idle_finalize (GObject *object) {
  TesseraIdle *self = TESSERA_IDLE (object);

  g_clear_handle_id (&self->source, g_source_remove);
  if (self->timer >= 0)
    close (self->timer);
  G_OBJECT_CLASS (tessera_idle_parent_class)->finalize (object);
}

static void
tessera_idle_class_init (TesseraIdleClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_idle_finalize;
  signals[SIGNAL_WARNED] = g_signal_new ("warned", TESSERA_TYPE_IDLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_EXPIRED] = g_signal_new ("expired", TESSERA_TYPE_IDLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
}

static void
tessera_idle_init (TesseraIdle *self) {
  self->timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->timer < 0)
    g_error ("no timer: %s", g_strerror (errno));
  self->source = g_unix_fd_add (self->timer, G_IO_IN, timer_cb, self);
}

TesseraIdle *
tessera_idle_new (void) {
  return g_object_new (TESSERA_TYPE_IDLE, NULL);
}
