/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-login.c: sleep and the locked screen, by D-Bus; see the header.
 */
#include "config.h"
#include "tessera-login.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#define LOGIND "org.freedesktop.login1"
#define LOGIND_PATH "/org/freedesktop/login1"
#define LOGIND_MANAGER "org.freedesktop.login1.Manager"
#define LOGIND_SESSION "org.freedesktop.login1.Session"
#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_INHIBIT "org.freedesktop.portal.Inhibit"
#define MOST_SUBSCRIPTIONS 8

struct _TesseraLogin {
  GObject parent_instance;

  GCancellable *cancellable;
  GDBusConnection *system;
  GDBusConnection *session;
  guint system_subscriptions[MOST_SUBSCRIPTIONS];
  guint session_subscriptions[MOST_SUBSCRIPTIONS];
  gboolean wanted;         /* the delay */
  gboolean asking;
  int delay;
};

G_DEFINE_FINAL_TYPE (TesseraLogin, tessera_login, G_TYPE_OBJECT)

static guint lock_signal;

static void
say_lock (TesseraLogin *self) {
  g_signal_emit (self, lock_signal, 0);
}

/* The names of the desktops' screen savers; their signal is the same. */
static const char *const screen_savers[] = { "org.gnome.ScreenSaver", "org.freedesktop.ScreenSaver",
                                             "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver",
                                             "org.xfce.ScreenSaver" };

static void
subscribe (GDBusConnection *bus, guint *subscriptions, const char *sender, const char *interface,
           const char *member, const char *path, GDBusSignalCallback callback, TesseraLogin *self) {
  for (guint i = 0; i < MOST_SUBSCRIPTIONS; i++) {
    if (subscriptions[i] != 0)
      continue;
    subscriptions[i] = g_dbus_connection_signal_subscribe (bus, sender, interface, member, path, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, callback, self, NULL);
    return;
  }
  g_return_if_reached ();
}

static void
unsubscribe (GDBusConnection *bus, guint *subscriptions) {
  for (guint i = 0; bus != NULL && i < MOST_SUBSCRIPTIONS; i++)
    if (subscriptions[i] != 0)
      g_dbus_connection_signal_unsubscribe (bus, subscriptions[i]);
}

/* ---- the delay ---- */

static void
delay_given_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraLogin) self = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = NULL;
  int index = -1;

  self->asking = FALSE;
  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &descriptors, result, NULL);
  if (reply == NULL || descriptors == NULL)
    return;
  g_variant_get (reply, "(h)", &index);
  self->delay = g_unix_fd_list_get (descriptors, index, NULL);
  if (!self->wanted)
    tessera_login_release (self);
}

static void
ask_for_delay (TesseraLogin *self) {
  if (self->system == NULL || !self->wanted || self->asking || self->delay >= 0)
    return;
  self->asking = TRUE;
  g_dbus_connection_call_with_unix_fd_list (
    self->system, LOGIND, LOGIND_PATH, LOGIND_MANAGER, "Inhibit",
    g_variant_new ("(ssss)", "sleep", "Tessera", _("Lock the vault"), "delay"), G_VARIANT_TYPE ("(h)"),
    G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->cancellable, delay_given_cb, g_object_ref (self));
}

void
tessera_login_hold (TesseraLogin *self) {
  g_return_if_fail (TESSERA_IS_LOGIN (self));
  self->wanted = TRUE;
  ask_for_delay (self);
}

void
tessera_login_release (TesseraLogin *self) {
  g_return_if_fail (TESSERA_IS_LOGIN (self));
  self->wanted = FALSE;
  if (self->delay >= 0)
    close (self->delay);
  self->delay = -1;
}

/* ---- logind ---- */

static void
sleep_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *member,
          GVariant *arguments, gpointer data) {
  gboolean before = FALSE;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (arguments, "(b)", &before);
  /* Afterwards as well: where the delay was not given the signal may come too late. */
  say_lock (data);
}

static void
lock_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *member,
         GVariant *arguments, gpointer data) {
  say_lock (data);
}

static void
hint_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *member,
         GVariant *arguments, gpointer data) {
  g_autoptr (GVariant) properties = NULL;
  gboolean locked = FALSE;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  properties = g_variant_get_child_value (arguments, 1);
  if (g_variant_lookup (properties, "LockedHint", "b", &locked) && locked)
    say_lock (data);
}

static void
session_found_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraLogin) self = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  const char *path = NULL;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&o)", &path);
  subscribe (self->system, self->system_subscriptions, LOGIND, LOGIND_SESSION, "Lock", path, lock_cb, self);
  subscribe (self->system, self->system_subscriptions, LOGIND, "org.freedesktop.DBus.Properties",
             "PropertiesChanged", path, hint_cb, self);
}

static void
system_bus_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraLogin) self = data;
  GDBusConnection *bus = g_bus_get_finish (result, NULL);

  if (bus == NULL)
    return;
  self->system = bus;
  /* Losing that bus is no reason to lose what is open here. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  subscribe (bus, self->system_subscriptions, LOGIND, LOGIND_MANAGER, "PrepareForSleep", LOGIND_PATH, sleep_cb, self);
  /* "auto": the session of this process, or the one on this user's screen when it was started outside of any. */
  g_dbus_connection_call (bus, LOGIND, LOGIND_PATH, LOGIND_MANAGER, "GetSession", g_variant_new ("(s)", "auto"),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable,
                          session_found_cb, g_object_ref (self));
  ask_for_delay (self);
}

/* ---- the desktop ---- */

static void
screen_saver_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
                 const char *member, GVariant *arguments, gpointer data) {
  gboolean active = FALSE;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (arguments, "(b)", &active);
  if (active)
    say_lock (data);
}

static void
monitor_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *member,
            GVariant *arguments, gpointer data) {
  g_autoptr (GVariant) state = NULL;
  gboolean active = FALSE;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(oa{sv})")))
    return;
  state = g_variant_get_child_value (arguments, 1);
  if (g_variant_lookup (state, "screensaver-active", "b", &active) && active)
    say_lock (data);
}

static void
monitor_made_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
}

static void
ask_portal (TesseraLogin *self) {
  g_autofree char *token = g_strdup_printf ("tessera%u", g_random_int ());
  GVariantBuilder options;

  subscribe (self->session, self->session_subscriptions, PORTAL, PORTAL_INHIBIT, "StateChanged", PORTAL_PATH, monitor_cb,
             self);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options, "{sv}", "session_handle_token", g_variant_new_string (token));
  g_dbus_connection_call (self->session, PORTAL, PORTAL_PATH, PORTAL_INHIBIT, "CreateMonitor",
                          g_variant_new ("(sa{sv})", "", &options), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          self->cancellable, monitor_made_cb, NULL);
}

static gboolean
is_in_sandbox (void) {
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_getenv ("SNAP") != NULL;
}

static void
session_bus_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraLogin) self = data;
  GDBusConnection *bus = g_bus_get_finish (result, NULL);

  if (bus == NULL)
    return;
  self->session = bus;
  if (is_in_sandbox ()) {
    ask_portal (self);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (screen_savers); i++)
    subscribe (bus, self->session_subscriptions, screen_savers[i], screen_savers[i], "ActiveChanged", NULL,
               screen_saver_cb, self);
}

static void
tessera_login_dispose (GObject *object) {
  TesseraLogin *self = TESSERA_LOGIN (object);

  g_cancellable_cancel (self->cancellable);
  tessera_login_release (self);
  unsubscribe (self->system, self->system_subscriptions);
  unsubscribe (self->session, self->session_subscriptions);
  g_clear_object (&self->system);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_login_parent_class)->dispose (object);
}

static void
tessera_login_finalize (GObject *object) {
  g_object_unref (TESSERA_LOGIN (object)->cancellable);
  G_OBJECT_CLASS (tessera_login_parent_class)->finalize (object);
}

static void
tessera_login_class_init (TesseraLoginClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tessera_login_dispose;
  object_class->finalize = tessera_login_finalize;
  lock_signal = g_signal_new ("lock", TESSERA_TYPE_LOGIN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_login_init (TesseraLogin *self) {
  self->delay = -1;
  self->cancellable = g_cancellable_new ();
}

TesseraLogin *
tessera_login_new (void) {
  TesseraLogin *self = g_object_new (TESSERA_TYPE_LOGIN, NULL);

  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, system_bus_cb, g_object_ref (self));
  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, session_bus_cb, g_object_ref (self));
  return self;
}
