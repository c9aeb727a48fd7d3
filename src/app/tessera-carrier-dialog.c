/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-dialog.c: a new carrier; see the header.
 */
#include "config.h"
#include "tessera-carrier-dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-exchange-work.h"

/* Digits of a certificate's fingerprint that stand together, so that people can compare them. */
#define PIN_GROUP 4

struct _TesseraCarrierDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *folder;
  char *seen_pin;
  GCancellable *cancellable;   /* while it is reached for */

  GtkWidget *add_button;
  GtkWidget *fields;
  GtkWidget *name_row;
  AdwActionRow *folder_row;
  GtkWidget *address_row;
  GtkWidget *user_row;
  GtkWidget *password_row;
  GtkWidget *pin_row;
  GtkWidget *working_box;
  GtkSpinner *spinner;
  GtkLabel *message;
  GtkWidget *pin_group;
  GtkLabel *pin_label;
  GtkWidget *hint;
};

G_DEFINE_FINAL_TYPE (TesseraCarrierDialog, tessera_carrier_dialog, ADW_TYPE_WINDOW)

static const char *
get_text (GtkWidget *row) {
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

/* What is left empty is not there. */
static const char *
get_optional (GtkWidget *row) {
  return *get_text (row) != '\0' ? get_text (row) : NULL;
}

static void
show_message (TesseraCarrierDialog *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
update (TesseraCarrierDialog *self) {
  gboolean busy = self->cancellable != NULL;
  gboolean complete = *get_text (self->name_row) != '\0'
                      && (self->folder != NULL || *get_text (self->address_row) != '\0');

  gtk_widget_set_sensitive (self->fields, !busy);
  gtk_widget_set_sensitive (self->add_button, !busy && complete);
  gtk_widget_set_visible (self->working_box, busy);
  gtk_spinner_set_spinning (self->spinner, busy);
}

static void
show_pin (TesseraCarrierDialog *self) {
  g_autoptr (GString) text = g_string_new (NULL);

  gtk_widget_set_visible (self->pin_group, self->seen_pin != NULL);
  for (gsize i = 0; self->seen_pin != NULL && self->seen_pin[i] != '\0'; i++) {
    if (i > 0 && i % PIN_GROUP == 0)
      g_string_append_c (text, ' ');
    g_string_append_c (text, self->seen_pin[i]);
  }
  gtk_label_set_label (self->pin_label, text->str);
}

/* What is true of a carrier one has is not true of one that was not kept: nobody tries it again. */
static const char *
describe_failure (const GError *error) {
  if (g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_OFFLINE))
    return _("The server cannot be reached now, so nothing was added. Check the address and the line, and try again.");
  return error->message;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraCarrierDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *pin = NULL;
  gboolean added = tessera_exchange_add_carrier_finish (TESSERA_SESSION (source), result, &pin, &error);

  g_clear_object (&self->cancellable);
  if (self->session == NULL)
    return;
  if (added) {
    gtk_window_destroy (GTK_WINDOW (self));
    return;
  }
  g_free (self->seen_pin);
  self->seen_pin = g_error_matches (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_CERTIFICATE)
                     ? g_steal_pointer (&pin) : NULL;
  show_message (self, describe_failure (error));
  show_pin (self);
  update (self);
  gtk_widget_grab_focus (self->folder != NULL ? self->name_row : self->address_row);
}

static TesseraCarrierSettings *
read_settings (TesseraCarrierDialog *self, GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = NULL;
  g_autofree char *uri = self->folder != NULL ? g_filename_to_uri (self->folder, NULL, error) : NULL;
  g_autofree char *address = g_strstrip (g_strdup (get_text (self->address_row)));

  if (self->folder != NULL && uri == NULL)
    return NULL;
  settings = tessera_carrier_settings_new (get_text (self->name_row), uri != NULL ? uri : address, error);
  if (settings == NULL)
    return NULL;
  if (self->folder == NULL
      && (!tessera_carrier_settings_set_user (settings, get_optional (self->user_row), error)
          || !tessera_carrier_settings_set_pin (settings, get_optional (self->pin_row), error)))
    return NULL;
  return g_steal_pointer (&settings);
}

static void
add_cb (TesseraCarrierDialog *self) {
  const char *password = get_text (self->password_row);
  g_autoptr (GError) error = NULL;
  TesseraCarrierSettings *settings = NULL;

  if (self->cancellable != NULL || !gtk_widget_get_sensitive (self->add_button)
      || tessera_session_get_store (self->session) == NULL)
    return;
  settings = read_settings (self, &error);
  show_message (self, error != NULL ? error->message : NULL);
  if (settings == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  update (self);
  tessera_exchange_add_carrier_async (
    self->session, settings,
    self->folder == NULL && *password != '\0' ? tessera_secret_new_from_bytes (password, strlen (password)) : NULL,
    self->cancellable, added_cb, g_object_ref (self));
}

static void
accept_pin_cb (TesseraCarrierDialog *self) {
  if (self->seen_pin == NULL || self->cancellable != NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->pin_row), self->seen_pin);
  g_clear_pointer (&self->seen_pin, g_free);
  show_pin (self);
  add_cb (self);
}

void
tessera_carrier_dialog_focus (TesseraCarrierDialog *self) {
  gtk_widget_grab_focus (self->name_row);
}

static void
tessera_carrier_dialog_dispose (GObject *object) {
  TesseraCarrierDialog *self = TESSERA_CARRIER_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->session != NULL) {
    g_clear_object (&self->session);
    /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
    gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
  }
  G_OBJECT_CLASS (tessera_carrier_dialog_parent_class)->dispose (object);
}

static void
tessera_carrier_dialog_finalize (GObject *object) {
  TesseraCarrierDialog *self = TESSERA_CARRIER_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_free (self->folder);
  g_free (self->seen_pin);
  G_OBJECT_CLASS (tessera_carrier_dialog_parent_class)->finalize (object);
}

static void
tessera_carrier_dialog_class_init (TesseraCarrierDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_carrier_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_carrier_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-carrier-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, add_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, fields);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, folder_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, user_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, password_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, pin_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, working_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, pin_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, pin_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarrierDialog, hint);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, accept_pin_cb);
}

static void
tessera_carrier_dialog_init (TesseraCarrierDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Digits are compared left to right, whatever the language around them. */
  gtk_widget_set_direction (GTK_WIDGET (self->pin_label), GTK_TEXT_DIR_LTR);
}

static void
show_folder (TesseraCarrierDialog *self) {
  g_autofree char *shown = g_filename_display_name (self->folder);
  g_autofree char *markup = g_markup_escape_text (shown, -1);
  g_autofree char *name = g_filename_display_basename (self->folder);

  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
  adw_action_row_set_subtitle (self->folder_row, markup);
}

GtkWidget *
tessera_carrier_dialog_new (TesseraSession *session, GtkWindow *parent, const char *folder) {
  TesseraCarrierDialog *self = g_object_new (TESSERA_TYPE_CARRIER_DIALOG, "transient-for", parent, NULL);
  gboolean server = folder == NULL;

  gtk_window_set_default_size (GTK_WINDOW (self), 480, server ? 620 : 320);
  self->session = g_object_ref (session);
  self->folder = g_strdup (folder);
  if (!server)
    show_folder (self);
  gtk_widget_set_visible (GTK_WIDGET (self->folder_row), !server);
  gtk_widget_set_visible (self->address_row, server);
  gtk_widget_set_visible (self->user_row, server);
  gtk_widget_set_visible (self->password_row, server);
  gtk_widget_set_visible (self->pin_row, server);
  gtk_widget_set_visible (self->hint, server);
  update (self);
  return GTK_WIDGET (self);
}
