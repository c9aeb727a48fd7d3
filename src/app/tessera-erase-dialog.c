/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erase-dialog.c: the reason, the typed code, and a thread that erases; see the header.
 */
#include "config.h"
#include "tessera-erase-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-erasing.h"
#include "tessera-identifier.h"
#include "tessera-screen.h"

static const char *const reasons[] = { "asked-by-person", "retention-over", "recorded-by-mistake", "other" };

struct _TesseraEraseDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  TesseraRecord *client;
  gboolean busy;

  GtkButton *cancel_button;
  GtkButton *erase_button;
  GtkLabel *name_label;
  AdwComboRow *reason_row;
  AdwEntryRow *code_row;
  GtkSpinner *spinner;
  GtkLabel *result_label;
};

G_DEFINE_FINAL_TYPE (TesseraEraseDialog, tessera_erase_dialog, ADW_TYPE_WINDOW)

typedef struct {
  TesseraStore *store;
  char *client;
  const char *reason;
  guint n_partners;
} Erasing;

static void
erasing_free (gpointer data) {
  Erasing *erasing = data;

  g_object_unref (erasing->store);
  g_free (erasing->client);
  g_free (erasing);
}

static gboolean
erase (TesseraTransaction *transaction, gpointer data, GError **error) {
  Erasing *erasing = data;

  return tessera_exchange_erase (transaction, erasing->client, erasing->reason, &erasing->n_partners, error);
}

/* What follows is done again later where it fails now: the client is gone either way. */
static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Erasing *erasing = data;
  GError *error = NULL;

  if (!tessera_store_write (erasing->store, erase, erasing, &error)) {
    g_task_return_error (task, error);
    return;
  }
  tessera_exchange_finish_erasing (erasing->store, NULL, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
set_busy (TesseraEraseDialog *self, gboolean busy) {
  self->busy = busy;
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->reason_row), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->code_row), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->erase_button), !busy);
  if (busy)
    gtk_label_set_label (self->result_label, _("Erasing, and making the backup on this computer anew…"));
}

static void
erased_cb (GObject *source, GAsyncResult *result, gpointer data) {
  TesseraEraseDialog *self = TESSERA_ERASE_DIALOG (source);
  Erasing *erasing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  set_busy (self, FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    gtk_label_set_label (self->result_label, error->message);
    return;
  }
  if (parent != NULL) {
    tessera_screen_toast (GTK_WIDGET (parent), erasing->n_partners > 0
                                                 ? _("Erased here; partners are asked to erase with the next exchange")
                                                 : _("Erased"));
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.back", NULL);
  }
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
matches (TesseraEraseDialog *self) {
  g_autofree char *typed = tessera_client_code_normalize (gtk_editable_get_text (GTK_EDITABLE (self->code_row)));

  return typed != NULL && self->client != NULL && g_strcmp0 (typed, tessera_record_get (self->client, "code")) == 0;
}

static void
code_changed_cb (TesseraEraseDialog *self) {
  gtk_widget_set_sensitive (GTK_WIDGET (self->erase_button), !self->busy && matches (self));
}

static void
erase_clicked_cb (TesseraEraseDialog *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  g_autoptr (GTask) task = NULL;
  Erasing *erasing = NULL;

  if (store == NULL || self->busy || !matches (self))
    return;
  erasing = g_new0 (Erasing, 1);
  erasing->store = g_object_ref (store);
  erasing->client = g_strdup (tessera_record_get_id (self->client));
  erasing->reason = reasons[MIN (adw_combo_row_get_selected (self->reason_row), G_N_ELEMENTS (reasons) - 1)];
  set_busy (self, TRUE);
  task = g_task_new (self, NULL, erased_cb, NULL);
  g_task_set_source_tag (task, erase_clicked_cb);
  g_task_set_task_data (task, erasing, erasing_free);
  g_task_run_in_thread (task, run_in_thread);
}

/* While it erases the window stays, so that what came of it is seen. */
static gboolean
tessera_erase_dialog_close_request (GtkWindow *window) {
  return TESSERA_ERASE_DIALOG (window)->busy
         || GTK_WINDOW_CLASS (tessera_erase_dialog_parent_class)->close_request (window);
}

static void
tessera_erase_dialog_dispose (GObject *object) {
  TesseraEraseDialog *self = TESSERA_ERASE_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_erase_dialog_parent_class)->dispose (object);
}

static void
tessera_erase_dialog_class_init (TesseraEraseDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_erase_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = tessera_erase_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-erase-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, erase_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, name_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, reason_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, code_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraEraseDialog, result_label);
  gtk_widget_class_bind_template_callback (widget_class, erase_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, code_changed_cb);
}

static void
tessera_erase_dialog_init (TesseraEraseDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

TesseraEraseDialog *
tessera_erase_dialog_new (TesseraSession *session, GtkWindow *parent, TesseraRecord *client) {
  TesseraEraseDialog *self = g_object_new (TESSERA_TYPE_ERASE_DIALOG, "transient-for", parent, NULL);
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  const char *call = tessera_record_get (client, "how_to_call");
  const char *name = call != NULL ? call : tessera_record_get (client, "name");
  const char *code = tessera_record_get (client, "code");
  g_autofree char *title = NULL;

  self->session = g_object_ref (session);
  self->client = g_object_ref (client);
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("erasure_reason", reasons[i]));
  adw_combo_row_set_model (self->reason_row, G_LIST_MODEL (labels));
  title = name != NULL ? g_strdup_printf ("%s · %s", name, code) : g_strdup (code);
  gtk_label_set_label (self->name_label, title);
  return self;
}
