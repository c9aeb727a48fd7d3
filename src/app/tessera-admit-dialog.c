/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-admit-dialog.c: a supervisor admits a laptop; see the header.
 */
#include "config.h"
#include "tessera-admit-dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-exchange-work.h"
#include "tessera-qr.h"

#define SUFFIX ".tessera-invitation"

static const char *const roles[] = { "worker", "mediator", "supervisor" };

struct _TesseraAdmitDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  GBytes *file;
  TesseraRequest *request;
  char *invitation;
  GPtrArray *circle_switches;  /* GtkSwitch, with the name of the circle as data */
  GtkFileChooserNative *chooser;
  gboolean busy;

  GtkWidget *cancel_button;
  GtkWidget *admit_button;
  GtkWidget *done_button;
  GtkWidget *request_box;
  GtkLabel *fingerprint_label;
  GtkSwitch *same_switch;
  AdwActionRow *worker_row;
  GtkWidget *name_row;
  AdwComboRow *role_row;
  AdwPreferencesGroup *circles_group;
  GtkWidget *invitation_box;
  GtkWidget *save_button;
  GtkLabel *own_label;
  GtkWidget *qr_group;
  GtkPicture *qr_picture;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (TesseraAdmitDialog, tessera_admit_dialog, ADW_TYPE_WINDOW)

static const char *
get_name (TesseraAdmitDialog *self) {
  return gtk_editable_get_text (GTK_EDITABLE (self->name_row));
}

static void
show_message (TesseraAdmitDialog *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
update (TesseraAdmitDialog *self) {
  gtk_widget_set_sensitive (self->request_box, !self->busy);
  gtk_widget_set_sensitive (self->admit_button,
                            !self->busy && *get_name (self) != '\0' && gtk_switch_get_active (self->same_switch));
}

/* ---- the invitation ---- */

static void
show_invitation (TesseraAdmitDialog *self, const char *fingerprint) {
  g_autoptr (GdkPaintable) qr = tessera_qr_new (self->invitation);

  gtk_label_set_label (self->own_label, fingerprint);
  gtk_picture_set_paintable (self->qr_picture, qr);
  if (qr != NULL)
    gtk_widget_set_size_request (GTK_WIDGET (self->qr_picture), -1, gdk_paintable_get_intrinsic_height (qr));
  gtk_widget_set_visible (self->qr_group, qr != NULL);
  gtk_widget_set_visible (self->invitation_box, TRUE);
  gtk_widget_set_visible (self->done_button, TRUE);
  /* Before what has the focus is hidden: GTK 4.8 moves it a frame later, wherever it is then. */
  gtk_widget_grab_focus (self->save_button);
  gtk_widget_set_visible (self->request_box, FALSE);
  gtk_widget_set_visible (self->admit_button, FALSE);
  gtk_widget_set_visible (self->cancel_button, FALSE);
}

static void
admitted_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraAdmitDialog) self = data;
  g_autoptr (GError) error = NULL;
  TesseraAdmitting *admitting = tessera_store_result_get_data (result);
  gboolean admitted = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL)
    return;
  self->busy = FALSE;
  update (self);
  show_message (self, admitted ? NULL : error->message);
  if (!admitted)
    return;
  self->invitation = g_steal_pointer (&admitting->invitation);
  show_invitation (self, admitting->fingerprint);
}

static char **
list_circles (TesseraAdmitDialog *self) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->circle_switches->len; i++)
    if (gtk_switch_get_active (g_ptr_array_index (self->circle_switches, i)))
      g_strv_builder_add (builder, g_object_get_data (g_ptr_array_index (self->circle_switches, i), "circle"));
  return g_strv_builder_end (builder);
}

static void
admit_cb (TesseraAdmitDialog *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  TesseraAdmitting *admitting = NULL;

  if (self->busy || store == NULL)
    return;
  admitting = g_new0 (TesseraAdmitting, 1);
  admitting->request = g_bytes_ref (self->file);
  admitting->role = g_strdup (roles[MIN (adw_combo_row_get_selected (self->role_row), G_N_ELEMENTS (roles) - 1)]);
  admitting->name = g_strdup (get_name (self));
  if (self->circle_switches->len > 0)
    admitting->circles = list_circles (self);
  self->busy = TRUE;
  show_message (self, NULL);
  update (self);
  tessera_store_write_async (store, tessera_exchange_admit, admitting, tessera_admitting_free, NULL, admitted_cb,
                             g_object_ref (self));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraAdmitDialog) self = data;
  g_autoptr (GError) error = NULL;
  gboolean saved = g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);

  if (self->session != NULL)
    show_message (self, saved ? _("Saved. Bring it to the other laptop.") : error->message);
}

/* The file chooser has asked before a file is replaced. */
static void
file_chosen_cb (TesseraAdmitDialog *self, int response) {
  g_autoptr (GFile) file = NULL;
  g_autoptr (GBytes) text = g_bytes_new (self->invitation, strlen (self->invitation));

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file != NULL)
    g_file_replace_contents_bytes_async (file, text, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, saved_cb,
                                         g_object_ref (self));
}

static void
save_cb (TesseraAdmitDialog *self) {
  g_autofree char *name = g_strconcat (get_name (self), SUFFIX, NULL);

  if (self->chooser != NULL)
    return;
  g_strdelimit (name, "/", '-');
  self->chooser = gtk_file_chooser_native_new (_("Save the Invitation"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _("Save"), _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (file_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- the request ---- */

/* Nothing to choose where there is only the organization's own. */
static void
add_circles (TesseraAdmitDialog *self, GPtrArray *circles) {
  gtk_widget_set_visible (GTK_WIDGET (self->circles_group), circles->len > 1);
  for (guint i = 0; circles->len > 1 && i < circles->len; i++) {
    const char *name = g_ptr_array_index (circles, i);
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *widget = gtk_switch_new ();

    gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
    gtk_switch_set_active (GTK_SWITCH (widget), i == 0);
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_object_set_data_full (G_OBJECT (widget), "circle", g_strdup (name), g_free);
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
    adw_preferences_group_add (self->circles_group, row);
    g_ptr_array_add (self->circle_switches, widget);
  }
}

static void
show_request (TesseraAdmitDialog *self) {
  g_autofree char *fingerprint = tessera_request_get_fingerprint (self->request);
  g_autofree char *worker = g_markup_escape_text (self->request->worker, -1);

  gtk_label_set_label (self->fingerprint_label, fingerprint);
  adw_action_row_set_subtitle (self->worker_row, worker);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), self->request->name);
}

static void
tessera_admit_dialog_dispose (GObject *object) {
  TesseraAdmitDialog *self = TESSERA_ADMIT_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  G_OBJECT_CLASS (tessera_admit_dialog_parent_class)->dispose (object);
}

static void
tessera_admit_dialog_finalize (GObject *object) {
  TesseraAdmitDialog *self = TESSERA_ADMIT_DIALOG (object);

  g_clear_pointer (&self->file, g_bytes_unref);
  g_clear_pointer (&self->request, tessera_request_free);
  g_ptr_array_unref (self->circle_switches);
  g_free (self->invitation);
  G_OBJECT_CLASS (tessera_admit_dialog_parent_class)->finalize (object);
}

static void
tessera_admit_dialog_class_init (TesseraAdmitDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_admit_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_admit_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-admit-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, admit_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, done_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, request_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, fingerprint_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, same_switch);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, worker_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, role_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, circles_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, invitation_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, own_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, qr_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, qr_picture);
  gtk_widget_class_bind_template_child (widget_class, TesseraAdmitDialog, message);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, admit_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
}

static void
tessera_admit_dialog_init (TesseraAdmitDialog *self) {
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  self->circle_switches = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("role", roles[i]));
  adw_combo_row_set_model (self->role_row, G_LIST_MODEL (labels));
  gtk_widget_set_direction (GTK_WIDGET (self->fingerprint_label), GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->own_label), GTK_TEXT_DIR_LTR);
}

GtkWidget *
tessera_admit_dialog_new (TesseraSession *session, GtkWindow *parent, GBytes *request, GPtrArray *circles,
                          GError **error) {
  TesseraRequest *parsed = tessera_request_parse (g_bytes_get_data (request, NULL), g_bytes_get_size (request), error);
  TesseraAdmitDialog *self = NULL;

  if (parsed == NULL)
    return NULL;
  self = g_object_new (TESSERA_TYPE_ADMIT_DIALOG, "transient-for", parent, NULL);
  self->session = g_object_ref (session);
  self->file = g_bytes_ref (request);
  self->request = parsed;
  add_circles (self, circles);
  show_request (self);
  update (self);
  return GTK_WIDGET (self);
}
