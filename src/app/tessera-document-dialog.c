/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-document-dialog.c: what a paper is; see the header.
 */
#include "config.h"
#include "tessera-document-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-documents.h"
#include "tessera-form.h"
#include "tessera-page.h"
#include "tessera-screen.h"

static const char *const fields[] = { "title", "kind", "date", "note", NULL };

struct _TesseraDocumentDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *document_id;
  TesseraForm *form;
  GVariant *state; /* what was typed in another language, until the document is read */
  gboolean loaded;
  gboolean saving;

  GtkBox *content;
  GtkLabel *error_label;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraDocumentDialog, tessera_document_dialog, ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  char *id;
  TesseraRecord *document; /* read, or to be saved */
} Work;

static void
work_free (gpointer data) {
  Work *work = data;

  g_clear_object (&work->document);
  g_free (work->id);
  g_free (work);
}

static void
show_error (TesseraDocumentDialog *self, const char *text) {
  gtk_label_set_label (self->error_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), TRUE);
}

static gboolean
read_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  Work *work = data;

  work->document = tessera_documents_load (transaction, work->id, error);
  return work->document != NULL;
}

/* Only what this dialog shows is written: what came meanwhile stays. */
static gboolean
save_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  Work *work = data;
  g_autoptr (TesseraRecord) stored = tessera_documents_load (transaction, work->id, error);

  if (stored == NULL)
    return FALSE;
  for (guint i = 0; fields[i] != NULL; i++)
    tessera_record_set (stored, fields[i], tessera_record_get (work->document, fields[i]));
  return tessera_transaction_save (transaction, stored, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentDialog) self = data;
  Work *work = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;

  if (self->form == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_error (self, error->message);
    return;
  }
  self->loaded = TRUE;
  tessera_form_set_record (self->form, work->document);
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), TRUE);
  if (self->state != NULL) {
    tessera_form_restore_state (self->form, self->state);
    g_clear_pointer (&self->state, g_variant_unref);
  } else {
    tessera_form_focus (self->form);
  }
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentDialog) self = data;
  g_autoptr (GError) error = NULL;

  self->saving = FALSE;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    if (self->form != NULL)
      show_error (self, error->message);
    return;
  }
  tessera_screen_toast (GTK_WIDGET (self), _("Saved"));
  gtk_window_close (GTK_WINDOW (self));
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraDocumentDialog *self = TESSERA_DOCUMENT_DIALOG (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  Work *work = NULL;

  if (store == NULL || !self->loaded || self->saving || !tessera_form_validate (self->form))
    return;
  self->saving = TRUE;
  work = g_new0 (Work, 1);
  work->id = g_strdup (self->document_id);
  work->document = tessera_record_copy (tessera_form_get_record (self->form));
  tessera_store_write_async (store, save_document, work, work_free, NULL, saved_cb, g_object_ref (self));
}

static char *
tessera_document_dialog_get_title (TesseraPage *page) {
  return g_strdup (_("About This Document"));
}

static GVariant *
tessera_document_dialog_save_state (TesseraPage *page) {
  TesseraDocumentDialog *self = TESSERA_DOCUMENT_DIALOG (page);

  return self->loaded ? tessera_form_save_state (self->form) : NULL;
}

static void
tessera_document_dialog_restore_state (TesseraPage *page, GVariant *state) {
  TesseraDocumentDialog *self = TESSERA_DOCUMENT_DIALOG (page);

  g_clear_pointer (&self->state, g_variant_unref);
  self->state = g_variant_ref (state);
}

static void
tessera_document_dialog_dispose (GObject *object) {
  TesseraDocumentDialog *self = TESSERA_DOCUMENT_DIALOG (object);

  g_clear_object (&self->form);
  g_clear_pointer (&self->state, g_variant_unref);
  g_clear_object (&self->session);
  g_clear_pointer (&self->document_id, g_free);
  G_OBJECT_CLASS (tessera_document_dialog_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_document_dialog_get_title;
  iface->save_state = tessera_document_dialog_save_state;
  iface->restore_state = tessera_document_dialog_restore_state;
}

static void
tessera_document_dialog_class_init (TesseraDocumentDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_document_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-document-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentDialog, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentDialog, error_label);
  gtk_widget_class_install_action (widget_class, "document.save", NULL, save_cb);
}

static void
tessera_document_dialog_init (TesseraDocumentDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_document_dialog_new (TesseraSession *session, const char *argument) {
  TesseraDocumentDialog *self = g_object_new (TESSERA_TYPE_DOCUMENT_DIALOG, NULL);
  TesseraStore *store = tessera_session_get_store (session);

  self->session = g_object_ref (session);
  self->document_id = g_strdup (argument);
  self->form = TESSERA_FORM (g_object_ref_sink (tessera_form_new (session, "document", fields, NULL)));
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), FALSE);
  gtk_box_prepend (self->content, GTK_WIDGET (self->form));
  if (store != NULL) {
    Work *work = g_new0 (Work, 1);

    work->id = g_strdup (argument);
    tessera_store_read_async (store, read_document, work, work_free, NULL, read_cb, g_object_ref (self));
  }
  return GTK_WIDGET (self);
}
