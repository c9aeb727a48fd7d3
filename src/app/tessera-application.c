/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-application.c: the running program; see the header.
 */
#include "config.h"
#include "tessera-application.h"

#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib-unix.h>
#include <glib/gstdio.h>

#include "tessera-backup.h"
#include "tessera-clipboard.h"
#include "tessera-guard.h"
#include "tessera-language.h"
#include "tessera-session.h"
#include "tessera-window.h"

/* As the settings say where they are installed. */
#define DEFAULT_LOCK_MINUTES 5

/* The backup in the vault's own folder: looked for some time after unlocking, and then every hour. */
#define BACKUP_SOON_SECONDS 60
#define BACKUP_LATER_SECONDS 3600

struct _TesseraApplication {
  AdwApplication parent_instance;

  GSettings *settings;
  TesseraSession *session;
  TesseraGuard *guard;
  char *folder;
  char *demo_folder;
  gboolean named;          /* the folder was asked for by name */
  gboolean demo;
  gboolean quick_keys;
  gboolean no_exchange;
  int lock_after;          /* seconds, for tests; 0: as the settings say */
  guint backup_timeout;
};

G_DEFINE_FINAL_TYPE (TesseraApplication, tessera_application, ADW_TYPE_APPLICATION)

/* Not installed, or only half: then preferences last as long as the program. */
static GSettings *
open_settings (void) {
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static const TesseraLanguage *
choose_language (TesseraApplication *self) {
  g_autofree char *tag = self->settings != NULL ? g_settings_get_string (self->settings, "language") : NULL;
  const TesseraLanguage *language = tessera_language_find (tag);

  return language != NULL ? language : tessera_language_get_preferred ();
}

static TesseraWindow *
get_window (TesseraApplication *self) {
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (TESSERA_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

static void
language_changed_cb (TesseraApplication *self, GVariant *value, GSimpleAction *action) {
  const TesseraLanguage *language = tessera_language_find (g_variant_get_string (value, NULL));

  if (language == NULL || language == tessera_language_get_current ())
    return;
  g_simple_action_set_state (action, g_variant_new_string (language->tag));
  tessera_language_apply (language);
  if (self->settings != NULL)
    g_settings_set_string (self->settings, "language", language->tag);
  if (get_window (self) != NULL)
    tessera_window_rebuild (get_window (self));
}

static void
about_cb (TesseraApplication *self) {
  adw_show_about_window (GTK_WINDOW (get_window (self)),
                         "application-name", "Tessera",
                         "application-icon", APPLICATION_ID,
                         "version", PACKAGE_VERSION,
                         "comments", _("Case work for one-stop shops for newcomers. Works without a network; "
                                       "nothing leaves the house unless the person agreed."),
                         "developer-name", _("The Tessera contributors"),
                         "copyright", "© 2026 The Tessera contributors",
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: put your names here, one per line. */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static gboolean
close_cb (gpointer data) {
  TesseraApplication *self = data;
  TesseraWindow *window = get_window (self);

  if (window != NULL)
    gtk_window_close (GTK_WINDOW (window));
  else
    g_application_quit (G_APPLICATION (self));
  return G_SOURCE_REMOVE;
}

/* A moment later: GTK 4.8 holds the widgets a key press went through until it is done with it, and an entry that outlives
 * its row speaks to it once more. */
static void
quit_cb (TesseraApplication *self) {
  g_idle_add_full (G_PRIORITY_HIGH, close_cb, g_object_ref (self), g_object_unref);
}

static void
add_actions (TesseraApplication *self) {
  g_autoptr (GSimpleAction) about = g_simple_action_new ("about", NULL);
  g_autoptr (GSimpleAction) quit = g_simple_action_new ("quit", NULL);
  g_autoptr (GSimpleAction) language =
    g_simple_action_new_stateful ("language", G_VARIANT_TYPE_STRING,
                                  g_variant_new_string (tessera_language_get_current ()->tag));

  g_signal_connect_swapped (about, "activate", G_CALLBACK (about_cb), self);
  g_signal_connect_swapped (quit, "activate", G_CALLBACK (quit_cb), self);
  g_signal_connect_swapped (language, "change-state", G_CALLBACK (language_changed_cb), self);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (about));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (quit));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (language));
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit",
                                         (const char *const[]) { "<Control>q", NULL });
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "win.show-help-overlay",
                                         (const char *const[]) { "<Control>question", NULL });
}

static gboolean
terminated_cb (gpointer user_data) {
  quit_cb (user_data);
  return G_SOURCE_CONTINUE;
}

static void
tessera_application_startup (GApplication *application) {
  TesseraApplication *self = TESSERA_APPLICATION (application);

  G_APPLICATION_CLASS (tessera_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (APPLICATION_ID);
  self->settings = open_settings ();
  tessera_language_apply (choose_language (self));
  add_actions (self);
  /* Drafts are written and the vault is closed also when the computer shuts down or the
   * terminal goes. */
  g_unix_signal_add (SIGTERM, terminated_cb, self);
  g_unix_signal_add (SIGINT, terminated_cb, self);
  g_unix_signal_add (SIGHUP, terminated_cb, self);
}

static void
locking_cb (TesseraApplication *self) {
  tessera_clipboard_clear (gdk_display_get_default ());
}

static void
window_closed_cb (TesseraApplication *self) {
  tessera_session_lock (self->session);
}

static gboolean
make_demo_folder (TesseraApplication *self) {
  g_autoptr (GError) error = NULL;

  self->demo_folder = g_dir_make_tmp ("tessera-demo-XXXXXX", &error);
  if (self->demo_folder == NULL) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  g_free (self->folder);
  self->folder = g_build_filename (self->demo_folder, "vault", NULL);
  return TRUE;
}

static int
remove_entry (const char *path, const struct stat *information, int kind, struct FTW *place) {
  /* Whatever cannot be removed must not keep the rest. */
  g_remove (path);
  return 0;
}

static guint
get_lock_limit (TesseraApplication *self) {
  g_autoptr (GVariant) minutes = g_action_group_get_action_state (G_ACTION_GROUP (self), "lock-after");

  return self->lock_after > 0 ? (guint) self->lock_after : 60 * g_variant_get_uint32 (minutes);
}

/* "lock-after" is a setting where settings are kept, and lasts as long as the program where they are not. */
static void
lock_after_changed_cb (TesseraApplication *self, GVariant *value, GSimpleAction *action) {
  guint minutes = CLAMP (g_variant_get_uint32 (value), 1, 60);

  g_simple_action_set_state (action, g_variant_new_uint32 (minutes));
  if (self->settings != NULL)
    g_settings_set_uint (self->settings, "lock-after-minutes", minutes);
  tessera_guard_set_limit (self->guard, get_lock_limit (self));
}

static void
add_lock_action (TesseraApplication *self) {
  guint minutes
    = self->settings != NULL ? g_settings_get_uint (self->settings, "lock-after-minutes") : DEFAULT_LOCK_MINUTES;
  g_autoptr (GSimpleAction) action
    = g_simple_action_new_stateful ("lock-after", G_VARIANT_TYPE_UINT32, g_variant_new_uint32 (minutes));

  g_signal_connect_swapped (action, "change-state", G_CALLBACK (lock_after_changed_cb), self);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

/* ---- the daily backup ---- */

static void
backed_up_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraApplication) self = data;
  g_autoptr (GError) error = NULL;

  if (!tessera_store_backup_if_due_finish (TESSERA_STORE (source), result, NULL, &error)
      && !g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED)
      && !g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_BUSY) && get_window (self) != NULL)
    tessera_window_toast_error (get_window (self), error);
}

static gboolean
backup_timeout_cb (gpointer data) {
  TesseraApplication *self = data;

  if (tessera_session_get_store (self->session) != NULL)
    tessera_store_backup_if_due_async (tessera_session_get_store (self->session), NULL, backed_up_cb,
                                       g_object_ref (self));
  self->backup_timeout = g_timeout_add_seconds (BACKUP_LATER_SECONDS, backup_timeout_cb, self);
  return G_SOURCE_REMOVE;
}

/* A restored vault is the one that is opened from now on, unless another is asked for by name. */
static void
remember_folder (TesseraApplication *self) {
  const char *folder = tessera_session_get_folder (self->session);

  if (g_strcmp0 (folder, self->folder) == 0)
    return;
  g_free (self->folder);
  self->folder = g_strdup (folder);
  if (self->settings != NULL && !self->named)
    g_settings_set_string (self->settings, "vault-folder", folder);
}

static char *
find_folder (TesseraApplication *self) {
  g_autofree char *folder = self->settings != NULL ? g_settings_get_string (self->settings, "vault-folder") : NULL;

  if (folder != NULL && *folder != '\0' && tessera_vault_exists (folder))
    return g_steal_pointer (&folder);
  return g_build_filename (g_get_user_data_dir (), "tessera", "vault", NULL);
}

/* Not at once, when somebody waits for the first page. */
static void
state_changed_cb (TesseraApplication *self) {
  remember_folder (self);
  g_clear_handle_id (&self->backup_timeout, g_source_remove);
  if (tessera_session_get_state (self->session) == TESSERA_SESSION_OPEN && !self->demo)
    self->backup_timeout = g_timeout_add_seconds (BACKUP_SOON_SECONDS, backup_timeout_cb, self);
}

static void
lock_warned_cb (TesseraApplication *self, guint seconds) {
  if (get_window (self) != NULL)
    tessera_window_warn (get_window (self), seconds);
}

static void
make_session (TesseraApplication *self) {
  self->session = tessera_session_new (self->folder, self->demo,
                                       self->demo || self->quick_keys ? TESSERA_WORK_FACTOR_MINIMUM
                                                                      : TESSERA_WORK_FACTOR_MEASURED);
  if (self->no_exchange)
    tessera_session_refuse_exchange (self->session);
  g_signal_connect_object (self->session, "locking", G_CALLBACK (locking_cb), self, G_CONNECT_SWAPPED);
  add_lock_action (self);
  self->guard = tessera_guard_new (self->session, get_lock_limit (self));
  g_signal_connect_object (self->guard, "warned", G_CALLBACK (lock_warned_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
}

static TesseraWindow *
make_window (TesseraApplication *self) {
  TesseraWindow *window = tessera_window_new (GTK_APPLICATION (self), self->session);

  if (self->settings != NULL) {
    g_settings_bind (self->settings, "window-width", window, "default-width", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind (self->settings, "window-height", window, "default-height", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind (self->settings, "window-maximized", window, "maximized", G_SETTINGS_BIND_DEFAULT);
  }
  g_signal_connect_object (window, "destroy", G_CALLBACK (window_closed_cb), self, G_CONNECT_SWAPPED);
  return window;
}

static void
tessera_application_activate (GApplication *application) {
  TesseraApplication *self = TESSERA_APPLICATION (application);
  TesseraWindow *window = get_window (self);

  if (self->session == NULL) {
    if (self->demo && !make_demo_folder (self))
      return;
    if (self->folder == NULL)
      self->folder = find_folder (self);
    make_session (self);
  }
  if (window == NULL)
    window = make_window (self);
  gtk_window_present (GTK_WINDOW (window));
}

static int
tessera_application_handle_local_options (GApplication *application, GVariantDict *options) {
  TesseraApplication *self = TESSERA_APPLICATION (application);
  g_autofree char *folder = NULL;

  if (g_variant_dict_lookup (options, "vault", "^ay", &folder))
    self->folder = g_canonicalize_filename (folder, NULL);
  self->named = self->folder != NULL;
  self->demo = g_variant_dict_contains (options, "demo");
  self->quick_keys = g_variant_dict_contains (options, "quick-keys");
  self->no_exchange = g_variant_dict_contains (options, "no-exchange");
  g_variant_dict_lookup (options, "lock-after", "i", &self->lock_after);
  return -1;
}

static void
tessera_application_shutdown (GApplication *application) {
  TesseraApplication *self = TESSERA_APPLICATION (application);

  if (gdk_display_get_default () != NULL)
    tessera_clipboard_clear (gdk_display_get_default ());
  if (self->session != NULL)
    tessera_session_lock (self->session);
  if (self->demo_folder != NULL)
    nftw (self->demo_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  G_APPLICATION_CLASS (tessera_application_parent_class)->shutdown (application);
}

static void
tessera_application_finalize (GObject *object) {
  TesseraApplication *self = TESSERA_APPLICATION (object);

  g_clear_handle_id (&self->backup_timeout, g_source_remove);
  g_clear_object (&self->guard);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_free (self->folder);
  g_free (self->demo_folder);
  G_OBJECT_CLASS (tessera_application_parent_class)->finalize (object);
}

static void
tessera_application_class_init (TesseraApplicationClass *klass) {
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tessera_application_finalize;
  application_class->startup = tessera_application_startup;
  application_class->activate = tessera_application_activate;
  application_class->shutdown = tessera_application_shutdown;
  application_class->handle_local_options = tessera_application_handle_local_options;
}

static void
tessera_application_init (TesseraApplication *self) {
  const GOptionEntry options[] = {
    { "vault", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Folder of the vault to open"), N_("DIR") },
    { "demo", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Open a throw-away demonstration shop"), NULL },
    /* For tests, which make many vaults that hold nothing. */
    { "quick-keys", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, "Make keys that are quick to guess", NULL },
    { "no-exchange", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, "Send and fetch nothing by itself", NULL },
    { "lock-after", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, NULL, "Lock when nobody is there for so long", "SECONDS" },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), NULL);
}

TesseraApplication *
tessera_application_new (void) {
  /* Not unique: two vaults may be open in two programs, and a vault's own lock keeps one from being opened
   * twice. */
  return g_object_new (TESSERA_TYPE_APPLICATION, "application-id", APPLICATION_ID, "resource-base-path",
                       RESOURCE_PATH, "flags", G_APPLICATION_NON_UNIQUE, NULL);
}
