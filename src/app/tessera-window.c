/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-window.c: the application window; see the header.
 *
 * The window itself is never rebuilt, only its face: so it keeps its place and size when the language
 * changes.
 */
#include "config.h"
#include "tessera-window.h"

#include <glib/gi18n-lib.h>

#include "tessera-desk.h"
#include "tessera-first-run-page.h"
#include "tessera-join-page.h"
#include "tessera-restore-dialog.h"
#include "tessera-unlock-page.h"

struct _TesseraWindow {
  AdwApplicationWindow parent_instance;

  TesseraSession *session;
  GtkBox *box;
  AdwToastOverlay *overlay;
  GtkLabel *status;
  GtkWidget *banner;
  GtkWidget *face;
  AdwToast *warning_toast;
  GtkWindow *warning_dialog;
};

G_DEFINE_FINAL_TYPE (TesseraWindow, tessera_window, ADW_TYPE_APPLICATION_WINDOW)

typedef struct {
  void (*undo) (gpointer data);
  gpointer data;
  GDestroyNotify destroy;
} Undo;

static void
undo_free (gpointer data) {
  Undo *undo = data;

  if (undo->destroy != NULL)
    undo->destroy (undo->data);
  g_free (undo);
}

static TesseraDesk *
get_desk (TesseraWindow *self) {
  return self->face != NULL && TESSERA_IS_DESK (self->face) ? TESSERA_DESK (self->face) : NULL;
}

static void
update_actions (TesseraWindow *self) {
  static const char *const desk_actions[]
    = { "win.new-client", "win.section", "win.search", "win.safety", "win.exchange", NULL };

  for (guint i = 0; desk_actions[i] != NULL; i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), desk_actions[i], get_desk (self) != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.lock",
                                 get_desk (self) != NULL || TESSERA_IS_JOIN_PAGE (self->face));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.restore",
                                 tessera_session_get_store (self->session) == NULL
                                   && !tessera_session_is_demo (self->session));
}

/* Without the focus: libadwaita 1.2 tells a row that had it once more when it has gone. */
static void
drop_face (TesseraWindow *self) {
  if (self->face == NULL)
    return;
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_box_remove (self->box, self->face);
  self->face = NULL;
}

/* Shows @face instead of what is there. */
static void
set_face (TesseraWindow *self, GtkWidget *face) {
  drop_face (self);
  self->face = face;
  gtk_widget_set_vexpand (face, TRUE);
  gtk_box_append (self->box, face);
  update_actions (self);
}

static void
demo_made_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!tessera_session_create_finish (TESSERA_SESSION (source), result, &error) && self->session != NULL)
    tessera_window_toast_error (self, error);
}

/* While the demonstration is being made. */
static GtkWidget *
make_waiting_face (void) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_widget_set_size_request (spinner, 48, 48);
  gtk_spinner_start (GTK_SPINNER (spinner));
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), APPLICATION_ID);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _("Making a Demonstration Shop"));
  adw_status_page_set_child (ADW_STATUS_PAGE (page), spinner);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), page);
  return box;
}

static void
cancel_rotation_cb (TesseraWindow *self) {
  tessera_session_cancel_rotation (self->session);
}

/* While the vault gets another key. */
static GtkWidget *
make_rotating_face (TesseraWindow *self) {
  GtkWidget *face = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *bar = gtk_progress_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_label (_("Cancel"));

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (bar, 240, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Changing the Key"), -1);
  gtk_widget_set_halign (cancel, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (cancel, "pill");
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (cancel_rotation_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "progress", G_CALLBACK (gtk_progress_bar_set_fraction), bar,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), cancel);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "tessera-lock-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _("Changing the Key"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page),
                                   _("Everything is sealed again under a new key. Even a power cut now loses nothing."));
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (face), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (face), page);
  return face;
}

static GtkWidget *
make_face (TesseraWindow *self) {
  switch (tessera_session_get_state (self->session)) {
  case TESSERA_SESSION_ROTATING:
    return make_rotating_face (self);
  case TESSERA_SESSION_OPEN:
    return tessera_desk_new (self->session);
  case TESSERA_SESSION_JOINING:
    return tessera_join_page_new (self->session, NULL);
  case TESSERA_SESSION_LOCKED:
    return tessera_unlock_page_new (self->session, NULL);
  case TESSERA_SESSION_EMPTY:
  default:
    if (tessera_session_is_demo (self->session))
      return make_waiting_face ();
    return tessera_first_run_page_new (self->session, NULL);
  }
}

/* A toast may name somebody, and goes slowly; what holds it goes at once. */
static void
renew_overlay (TesseraWindow *self) {
  GtkBox *outer = GTK_BOX (gtk_widget_get_parent (GTK_WIDGET (self->overlay)));
  GtkWidget *overlay = adw_toast_overlay_new ();

  g_object_ref (self->box);
  adw_toast_overlay_set_child (self->overlay, NULL);
  gtk_widget_set_vexpand (overlay, TRUE);
  gtk_box_insert_child_after (outer, overlay, GTK_WIDGET (self->overlay));
  gtk_box_remove (outer, GTK_WIDGET (self->overlay));
  self->overlay = ADW_TOAST_OVERLAY (overlay);
  adw_toast_overlay_set_child (self->overlay, GTK_WIDGET (self->box));
  g_object_unref (self->box);
  gtk_label_set_label (self->status, "");
}

/* Dialogs, the screen turned to the client, file choosers: each may show a record or have one in its title. */
static void
close_other_windows (TesseraWindow *self) {
  GListModel *windows = gtk_window_get_toplevels ();
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (!TESSERA_IS_WINDOW (window))
      g_ptr_array_add (others, g_steal_pointer (&window));
  }
  for (guint i = 0; i < others->len; i++) {
    GtkWindow *window = g_ptr_array_index (others, i);

    if (GTK_IS_SHORTCUTS_WINDOW (window))
      gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
    else if (GTK_IS_FILE_CHOOSER (window))
      gtk_window_close (window);
    else
      gtk_window_destroy (window);
  }
}

static void
show_state (TesseraWindow *self) {
  g_autoptr (GVariant) place = NULL;

  /* Locking on the way out: the window is going and shows nothing any more. */
  if (self->session == NULL)
    return;
  set_face (self, make_face (self));
  place = tessera_session_take_place (self->session, G_VARIANT_TYPE (TESSERA_DESK_STATE_TYPE));
  if (tessera_session_get_state (self->session) != TESSERA_SESSION_OPEN) {
    tessera_window_warn (self, 0);
    close_other_windows (self);
    renew_overlay (self);
  }
  if (get_desk (self) != NULL && place != NULL) {
    tessera_desk_restore_state (get_desk (self), place);
  } else if (get_desk (self) != NULL) {
    tessera_page_focus (tessera_desk_get_page (get_desk (self)));
  } else if (TESSERA_IS_PAGE (self->face)) {
    tessera_page_focus (TESSERA_PAGE (self->face));
  }
}

/* The recovery key is shown by the first-run page after the vault is open: it asks for the desk when it is
 * done. */
static void
state_changed_cb (TesseraWindow *self) {
  if (TESSERA_IS_FIRST_RUN_PAGE (self->face) && tessera_session_get_store (self->session) != NULL)
    return;
  show_state (self);
}

static void
locking_cb (TesseraWindow *self) {
  g_autoptr (GVariant) state = NULL;

  if (get_desk (self) == NULL)
    return;
  state = tessera_desk_save_state (get_desk (self));
  tessera_session_keep_place (self->session, state);
}

static void
set_help_overlay (TesseraWindow *self) {
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (RESOURCE_PATH "/ui/tessera-shortcuts.ui");
  GtkShortcutsWindow *window = GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "help_overlay"));

  gtk_application_window_set_help_overlay (GTK_APPLICATION_WINDOW (self), window);
}

static GtkWidget *
make_banner (void) {
  g_autofree char *text =
    g_strdup_printf (_("A demonstration with invented people. Nothing is kept. The passphrase is “%s”."),
                     TESSERA_SESSION_DEMO_PASSPHRASE);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (label, "demo-banner");
  return label;
}

static void
set_banner (TesseraWindow *self) {
  GtkBox *box = GTK_BOX (gtk_widget_get_parent (GTK_WIDGET (self->overlay)));

  if (self->banner != NULL)
    gtk_box_remove (box, self->banner);
  self->banner = NULL;
  if (!tessera_session_is_demo (self->session))
    return;
  self->banner = make_banner ();
  gtk_box_prepend (box, self->banner);
}

void
tessera_window_rebuild (TesseraWindow *self) {
  g_autoptr (GVariant) state = NULL;
  GtkWidget *face = NULL;

  set_help_overlay (self);
  set_banner (self);
  if (get_desk (self) != NULL) {
    state = tessera_desk_save_state (get_desk (self));
    set_face (self, tessera_desk_new (self->session));
    tessera_desk_restore_state (get_desk (self), state);
    return;
  }
  /* What is typed here is secret: it goes from entry to entry and never through a GVariant. */
  if (TESSERA_IS_FIRST_RUN_PAGE (self->face)) {
    face = tessera_first_run_page_new (self->session, NULL);
    tessera_first_run_page_take_over (TESSERA_FIRST_RUN_PAGE (face), TESSERA_FIRST_RUN_PAGE (self->face));
  } else if (TESSERA_IS_JOIN_PAGE (self->face)) {
    face = tessera_join_page_new (self->session, NULL);
    tessera_join_page_take_over (TESSERA_JOIN_PAGE (face), TESSERA_JOIN_PAGE (self->face));
  } else if (!TESSERA_IS_UNLOCK_PAGE (self->face)) {
    set_face (self, make_face (self));
    return;
  } else {
    face = tessera_unlock_page_new (self->session, NULL);
    tessera_unlock_page_take_over (TESSERA_UNLOCK_PAGE (face), TESSERA_UNLOCK_PAGE (self->face));
  }
  set_face (self, face);
  tessera_page_focus (TESSERA_PAGE (self->face));
}

TesseraWindow *
tessera_window_get_for (GtkWidget *widget) {
  GtkRoot *root = gtk_widget_get_root (widget);

  while (root != NULL && !TESSERA_IS_WINDOW (root) && GTK_IS_WINDOW (root))
    root = GTK_ROOT (gtk_window_get_transient_for (GTK_WINDOW (root)));
  return root != NULL && TESSERA_IS_WINDOW (root) ? TESSERA_WINDOW (root) : NULL;
}

void
tessera_window_open_section (TesseraWindow *self, const char *section) {
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  if (get_desk (self) != NULL)
    tessera_desk_open_section (get_desk (self), section);
}

void
tessera_window_push (TesseraWindow *self, const char *kind, const char *argument) {
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  if (get_desk (self) != NULL)
    tessera_desk_push (get_desk (self), kind, argument);
}

void
tessera_window_pop (TesseraWindow *self) {
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  if (get_desk (self) != NULL)
    tessera_desk_pop (get_desk (self));
}

void
tessera_window_open_client (TesseraWindow *self, const char *client_id) {
  tessera_window_push (self, "client", client_id);
}

static void
toast_full (TesseraWindow *self, const char *text, Undo *undo) {
  g_autofree char *markup = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (markup);

  if (undo != NULL) {
    adw_toast_set_button_label (toast, _("Undo"));
    g_object_set_data_full (G_OBJECT (toast), "undo", undo, undo_free);
    g_signal_connect_swapped (toast, "button-clicked", G_CALLBACK (undo->undo), undo->data);
  }
  adw_toast_overlay_add_toast (self->overlay, toast);
  /* Toasts are silent for screen readers in GTK 4.8: a status label says the same. */
  gtk_label_set_label (self->status, text);
}

void
tessera_window_toast (TesseraWindow *self, const char *text) {
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  toast_full (self, text, NULL);
}

void
tessera_window_toast_error (TesseraWindow *self, const GError *error) {
  g_return_if_fail (error != NULL);
  tessera_window_toast (self, error->message);
}

void
tessera_window_toast_undo (TesseraWindow *self, const char *text, void (*undo) (gpointer data), gpointer data,
                           GDestroyNotify destroy) {
  Undo *closure = g_new0 (Undo, 1);

  closure->undo = undo;
  closure->data = data;
  closure->destroy = destroy;
  toast_full (self, text, closure);
}

static void
warning_dialog_gone_cb (TesseraWindow *self) {
  self->warning_dialog = NULL;
}

/* The window a person looks at, if it is one that stands before this one. */
static GtkWindow *
get_window_before (TesseraWindow *self) {
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (window != GTK_WINDOW (self) && gtk_window_is_active (window) && gtk_widget_get_mapped (GTK_WIDGET (window)))
      return window;
  }
  return NULL;
}

static void
show_warning (TesseraWindow *self, const char *text, GtkWindow *before) {
  AdwToast *toast = NULL;

  if (before != NULL) {
    GtkWidget *dialog = adw_message_dialog_new (before, text, NULL);

    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "stay", _("Keep It Open"));
    g_signal_connect_object (dialog, "destroy", G_CALLBACK (warning_dialog_gone_cb), self, G_CONNECT_SWAPPED);
    self->warning_dialog = GTK_WINDOW (dialog);
    gtk_window_present (self->warning_dialog);
    return;
  }
  toast = adw_toast_new (text);
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_button_label (toast, _("Keep It Open"));
  g_set_weak_pointer (&self->warning_toast, toast);
  adw_toast_overlay_add_toast (self->overlay, toast);
  gtk_label_set_label (self->status, text);
}

void
tessera_window_warn (TesseraWindow *self, guint seconds) {
  g_autofree char *text = NULL;

  g_return_if_fail (TESSERA_IS_WINDOW (self));
  if (self->warning_toast != NULL) {
    adw_toast_dismiss (self->warning_toast);
    gtk_label_set_label (self->status, "");
  }
  g_clear_weak_pointer (&self->warning_toast);
  if (self->warning_dialog != NULL)
    gtk_window_destroy (self->warning_dialog);
  if (seconds == 0 || get_desk (self) == NULL)
    return;
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Locking in %u second. Any key keeps it open.",
                                       "Locking in %u seconds. Any key keeps it open.", seconds),
                          seconds);
  show_warning (self, text, get_window_before (self));
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_pop (TESSERA_WINDOW (widget));
}

static gboolean
lock_cb (gpointer data) {
  tessera_session_lock_async (TESSERA_SESSION (data), NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* A moment later: GTK 4.8 holds the widgets a key press went through until it is done with it. */
static void
lock_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  g_idle_add_full (G_PRIORITY_HIGH, lock_cb, g_object_ref (TESSERA_WINDOW (widget)->session), g_object_unref);
}

static void
section_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_open_section (TESSERA_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_open_section (TESSERA_WINDOW (widget), "clients");
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_restore_dialog_ask (TESSERA_WINDOW (widget)->session, GTK_WINDOW (widget));
}

static void
safety_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_push (TESSERA_WINDOW (widget), "safety", NULL);
}

static void
exchange_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_push (TESSERA_WINDOW (widget), "exchange", NULL);
}

static void
new_client_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_window_push (TESSERA_WINDOW (widget), "intake", NULL);
}

/* Ctrl+N: a visit of the client on the screen; where there is none, a new client. */
static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraDesk *desk = get_desk (TESSERA_WINDOW (widget));

  if (desk != NULL &&
      !gtk_widget_activate_action (GTK_WIDGET (tessera_desk_get_page (desk)), "client.push", "s", "visit"))
    tessera_window_push (TESSERA_WINDOW (widget), "intake", NULL);
}

static void
enter_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  tessera_session_forget_recovery_key (TESSERA_WINDOW (widget)->session);
  show_state (TESSERA_WINDOW (widget));
}

static void
tessera_window_dispose (GObject *object) {
  TesseraWindow *self = TESSERA_WINDOW (object);

  /* The session outlives the window, and locks when it goes. */
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_weak_pointer (&self->warning_toast);
  /* While the window is whole: GTK 4.8 crashes when a page that had an open menu goes with the window. */
  drop_face (self);
  G_OBJECT_CLASS (tessera_window_parent_class)->dispose (object);
}

static void
bind_keys (GtkWidgetClass *widget_class) {
  static const char *const section_names[] = { "today", "clients", "inbox", "directory" };

  for (guint i = 0; i < G_N_ELEMENTS (section_names); i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + i, GDK_CONTROL_MASK, "win.section", "s",
                                         section_names[i]);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_l, GDK_CONTROL_MASK, "win.lock", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "win.new", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "win.search", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                       "win.new-client", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
}

static void
tessera_window_class_init (TesseraWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_window_dispose;
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, lock_action);
  gtk_widget_class_install_action (widget_class, "win.section", "s", section_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.restore", NULL, restore_action);
  gtk_widget_class_install_action (widget_class, "win.safety", NULL, safety_action);
  gtk_widget_class_install_action (widget_class, "win.exchange", NULL, exchange_action);
  gtk_widget_class_install_action (widget_class, "win.new-client", NULL, new_client_action);
  /* After the recovery key was written down: on to the desk. */
  gtk_widget_class_install_action (widget_class, "win.enter", NULL, enter_action);
  gtk_widget_class_install_action (widget_class, "win.new", NULL, new_action);
  bind_keys (widget_class);
}

static void
tessera_window_init (TesseraWindow *self) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->overlay = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->status = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS,
                                          "ellipsize", PANGO_ELLIPSIZE_END, NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "unseen");
  gtk_widget_set_can_target (GTK_WIDGET (self->status), FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->overlay), TRUE);
  adw_toast_overlay_set_child (self->overlay, GTK_WIDGET (self->box));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->overlay));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->status));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);
  gtk_widget_set_size_request (GTK_WIDGET (self), 360, 294);
}

TesseraWindow *
tessera_window_new (GtkApplication *application, TesseraSession *session) {
  TesseraWindow *self
    = g_object_new (TESSERA_TYPE_WINDOW, "application", application, "title", "Tessera", "icon-name",
                    APPLICATION_ID, "default-width", 1000, "default-height", 700, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "locking", G_CALLBACK (locking_cb), self, G_CONNECT_SWAPPED);
  set_help_overlay (self);
  set_banner (self);
  show_state (self);
  if (tessera_session_is_demo (session) && tessera_session_get_state (session) == TESSERA_SESSION_EMPTY)
    tessera_session_create_demo_async (session, demo_made_cb, g_object_ref (self));
  return self;
}
