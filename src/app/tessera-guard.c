/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-guard.c: when the vault is locked; see the header.
 *
 * While a new recovery key is on the screen nothing locks: it would be gone, and there is no record yet to protect.
 */
#include "config.h"
#include "tessera-guard.h"

#include <malloc.h>

#include "tessera-idle.h"
#include "tessera-login.h"

#define WATCHED_KEY "tessera-guard"

struct _TesseraGuard {
  GObject parent_instance;

  TesseraSession *session;
  TesseraIdle *idle;
  TesseraLogin *login;
  guint limit;
  double x;
  double y;
};

G_DEFINE_FINAL_TYPE (TesseraGuard, tessera_guard, G_TYPE_OBJECT)

static guint warned_signal;

static gboolean
is_open (TesseraGuard *self) {
  TesseraSessionState state = tessera_session_get_state (self->session);

  return state == TESSERA_SESSION_OPEN || state == TESSERA_SESSION_JOINING;
}

static gboolean
is_unlocked (TesseraGuard *self) {
  return is_open (self) || tessera_session_get_state (self->session) == TESSERA_SESSION_ROTATING;
}

static void
locked_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraGuard) self = data;

  tessera_session_lock_finish (TESSERA_SESSION (source), result);
  /* Somebody may have unlocked it again while it was closing. */
  if (!is_unlocked (self))
    tessera_login_release (self->login);
}

static void
lock (TesseraGuard *self) {
  if (is_unlocked (self) && tessera_session_get_recovery_key (self->session) == NULL)
    tessera_session_lock_async (self->session, locked_cb, g_object_ref (self));
}

static gboolean
lock_later_cb (gpointer data) {
  lock (data);
  return G_SOURCE_REMOVE;
}

/* Windows make up moves of the mouse when what is under it changes: only a new place is a person. */
static gboolean
is_person (TesseraGuard *self, GdkEvent *event) {
  double x = 0, y = 0;

  switch (gdk_event_get_event_type (event)) {
  case GDK_KEY_PRESS:
  case GDK_KEY_RELEASE:
  case GDK_BUTTON_PRESS:
  case GDK_BUTTON_RELEASE:
  case GDK_SCROLL:
  case GDK_TOUCH_BEGIN:
  case GDK_TOUCH_UPDATE:
  case GDK_TOUCH_END:
  case GDK_TOUCHPAD_SWIPE:
  case GDK_TOUCHPAD_PINCH:
  case GDK_PAD_BUTTON_PRESS:
  case GDK_PAD_RING:
  case GDK_PAD_STRIP:
  case GDK_DRAG_MOTION:
    return TRUE;
  case GDK_MOTION_NOTIFY:
    gdk_event_get_position (event, &x, &y);
    if (x == self->x && y == self->y)
      return FALSE;
    self->x = x;
    self->y = y;
    return TRUE;
  case GDK_DELETE:
  case GDK_ENTER_NOTIFY:
  case GDK_LEAVE_NOTIFY:
  case GDK_FOCUS_CHANGE:
  case GDK_PROXIMITY_IN:
  case GDK_PROXIMITY_OUT:
  case GDK_DRAG_ENTER:
  case GDK_DRAG_LEAVE:
  case GDK_DROP_START:
  case GDK_TOUCH_CANCEL:
  case GDK_PAD_BUTTON_RELEASE:
  case GDK_PAD_GROUP_MODE:
  case GDK_GRAB_BROKEN:
  case GDK_TOUCHPAD_HOLD:
  case GDK_EVENT_LAST:
  default:
    return FALSE;
  }
}

/* What comes too late is not let through to a window that should have been locked. */
static gboolean
event_cb (TesseraGuard *self, GdkEvent *event) {
  if (!is_open (self) || !is_person (self, event) || tessera_idle_touch (self->idle))
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
watch_window (TesseraGuard *self, GtkWidget *window) {
  GtkEventController *controller = NULL;

  if (g_object_get_data (G_OBJECT (window), WATCHED_KEY) != NULL)
    return;
  g_object_set_data (G_OBJECT (window), WATCHED_KEY, self);
  controller = gtk_event_controller_legacy_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (controller, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (window, controller);
}

static void
windows_changed_cb (TesseraGuard *self, guint position, guint removed, guint added, GListModel *windows) {
  for (guint i = position; i < position + added; i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    watch_window (self, window);
  }
}

static void
watch_windows (TesseraGuard *self) {
  GListModel *windows = gtk_window_get_toplevels ();

  g_signal_connect_object (windows, "items-changed", G_CALLBACK (windows_changed_cb), self, G_CONNECT_SWAPPED);
  windows_changed_cb (self, 0, 0, g_list_model_get_n_items (windows), windows);
}

static gboolean
trim_cb (gpointer data) {
  malloc_trim (0);
  return G_SOURCE_REMOVE;
}

static void
state_changed_cb (TesseraGuard *self) {
  if (is_open (self)) {
    tessera_idle_start (self->idle, self->limit);
    tessera_login_hold (self->login);
    return;
  }
  tessera_idle_stop (self->idle);
  /* When the screens that were left are gone, give what they used back to the system. */
  g_timeout_add_full (G_PRIORITY_LOW, 500, trim_cb, NULL, NULL);
}

static void
idle_warned_cb (TesseraGuard *self, guint seconds) {
  if (tessera_session_get_recovery_key (self->session) == NULL)
    g_signal_emit (self, warned_signal, 0, seconds);
}

/* A moment later: GTK 4.8 holds the widgets a key press went through until it is done with it. */
static void
idle_expired_cb (TesseraGuard *self) {
  if (tessera_session_get_recovery_key (self->session) != NULL)
    tessera_idle_start (self->idle, self->limit);
  else
    g_idle_add_full (G_PRIORITY_HIGH, lock_later_cb, g_object_ref (self), g_object_unref);
}

static void
tessera_guard_dispose (GObject *object) {
  TesseraGuard *self = TESSERA_GUARD (object);

  if (self->idle != NULL)
    tessera_idle_stop (self->idle);
  g_clear_object (&self->idle);
  if (self->login != NULL)
    g_object_run_dispose (G_OBJECT (self->login));
  g_clear_object (&self->login);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_guard_parent_class)->dispose (object);
}

static void
tessera_guard_class_init (TesseraGuardClass *klass) {
  G_OBJECT_CLASS (klass)->dispose = tessera_guard_dispose;
  warned_signal = g_signal_new ("warned", TESSERA_TYPE_GUARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_UINT);
}

static void
tessera_guard_init (TesseraGuard *self) {
  self->idle = tessera_idle_new ();
  self->login = tessera_login_new ();
  g_signal_connect_object (self->idle, "warned", G_CALLBACK (idle_warned_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->idle, "expired", G_CALLBACK (idle_expired_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->login, "lock", G_CALLBACK (lock), self, G_CONNECT_SWAPPED);
}

TesseraGuard *
tessera_guard_new (TesseraSession *session, guint limit) {
  TesseraGuard *self = g_object_new (TESSERA_TYPE_GUARD, NULL);

  self->session = g_object_ref (session);
  self->limit = limit;
  g_signal_connect_object (session, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  watch_windows (self);
  return self;
}

void
tessera_guard_set_limit (TesseraGuard *self, guint limit) {
  g_return_if_fail (TESSERA_IS_GUARD (self) && limit > 0);
  self->limit = limit;
  if (is_open (self))
    tessera_idle_start (self->idle, limit);
}
