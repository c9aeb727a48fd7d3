/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-documents-page.c: the papers of one person; see the header.
 *
 * Files are taken in one after the other, each with its progress. Neither the toolkit's list of recent files nor a
 * thumbnail gets to know of them.
 */
#include "config.h"
#include "tessera-documents-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-document-work.h"
#include "tessera-documents.h"
#include "tessera-intake.h"
#include "tessera-page.h"
#include "tessera-screen.h"
#include "tessera-text.h"
#include "tessera-timeline-row.h"
#include "tessera-window.h"
#include "tessera-wrap-layout.h"

struct _TesseraDocumentsPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraRecord *client;
  char *open_id;             /* of the row that is open */
  double scroll;
  gboolean stale;
  GtkFileChooserNative *chooser;
  char *saving_id;           /* of the document whose copy is asked for */
  GQueue files;              /* GFile: still to be taken in */
  guint n_chosen;            /* how many were chosen together */
  GCancellable *cancellable; /* while a file is on its way */

  GtkWidget *add_button;
  GtkWidget *work_box;
  GtkLabel *work_label;
  GtkProgressBar *progress_bar;
  GtkWidget *notice_box;
  GtkLabel *notice_label;
  GtkWidget *empty_pane;
  GtkScrolledWindow *scroller;
  GtkListBox *list;
};

static void page_iface_init (TesseraPageInterface *iface);
static void take_next (TesseraDocumentsPage *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraDocumentsPage, tessera_documents_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  char *client_id;
  TesseraRecord *client;
  GPtrArray *documents;
} Loading;

static void
loading_free (gpointer data) {
  Loading *loading = data;

  g_free (loading->client_id);
  g_clear_object (&loading->client);
  g_clear_pointer (&loading->documents, g_ptr_array_unref);
  g_free (loading);
}

static gboolean
read_documents (TesseraTransaction *transaction, gpointer data, GError **error) {
  Loading *loading = data;

  loading->client = tessera_intake_resolve (transaction, loading->client_id, error);
  if (loading->client == NULL)
    return FALSE;
  loading->documents = tessera_documents_list (transaction, tessera_record_get_id (loading->client), error);
  for (guint i = 0; loading->documents != NULL && i < loading->documents->len; i++) {
    TesseraRecord *document = g_ptr_array_index (loading->documents, i);

    g_object_set_data (G_OBJECT (document), "awaited",
                       GINT_TO_POINTER (tessera_documents_is_awaited (transaction, document)));
  }
  return loading->documents != NULL;
}

static void
show_notice (TesseraDocumentsPage *self, const char *text) {
  gtk_label_set_label (self->notice_label, text);
  gtk_widget_set_visible (self->notice_box, TRUE);
}

static void
close_notice_cb (TesseraDocumentsPage *self) {
  gtk_widget_set_visible (self->notice_box, FALSE);
}

/* ---- the list ---- */

/* Found out where the document was read. */
static gboolean
is_awaited (TesseraRecord *document) {
  return g_object_get_data (G_OBJECT (document), "awaited") != NULL;
}

static char *
describe (TesseraRecord *document) {
  const char *date = tessera_record_get (document, "date");
  const char *kind = tessera_vocabulary_get_label ("document_kind", tessera_record_get (document, "kind"));
  g_autofree char *size = g_format_size ((guint64) tessera_record_get_integer (document, "size"));
  g_autofree char *added = tessera_text_ago (tessera_record_get_integer (document, "added_at"));
  g_autofree char *when = date != NULL ? tessera_text_date (date) : NULL;

  if (tessera_record_get (document, "attachment") == NULL)
    return g_strdup (kind);
  if (is_awaited (document))
    return g_strdup_printf ("%s · %s", kind, _("The content has not arrived yet"));
  return g_strdup_printf ("%s · %s · \xe2\x81\xa8%s\xe2\x81\xa9", kind, when != NULL ? when : added, size);
}

static void
add_detail (AdwExpanderRow *row, const char *title, const char *text) {
  if (text != NULL)
    adw_expander_row_add_row (row, tessera_detail_row_new (title, text));
}

static char *
describe_type (const char *media_type) {
  g_autofree char *type = media_type != NULL ? g_content_type_from_mime_type (media_type) : NULL;

  return type != NULL ? g_content_type_get_description (type) : NULL;
}

static void
add_button (GtkWidget *box, const char *label, const char *action, const char *id) {
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
  gtk_box_append (GTK_BOX (box), button);
}

static GtkWidget *
make_buttons (TesseraRecord *document) {
  const char *id = tessera_record_get_id (document);
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = tessera_wrap_box_new ();

  if (tessera_record_get (document, "attachment") != NULL && !is_awaited (document))
    add_button (box, _("Save a Copy…"), "documents.save", id);
  add_button (box, _("Edit"), "documents.edit", id);
  add_button (box, _("Remove"), "documents.remove", id);
  gtk_widget_add_css_class (box, "form-text");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

/* Only when it opens: in GTK 4.8 screen readers see what is in a closed row. */
static void
fill_row (TesseraDocumentsPage *self, AdwExpanderRow *row) {
  g_autoptr (TesseraRecord) document = g_object_steal_data (G_OBJECT (row), "document");
  g_autofree char *added = NULL;
  g_autofree char *said = NULL;

  if (document == NULL)
    return;
  added = tessera_text_instant (tessera_record_get_integer (document, "added_at"));
  said = describe_type (tessera_record_get (document, "media_type"));
  add_detail (row, _("Note"), tessera_record_get (document, "note"));
  add_detail (row, _("File name"), tessera_record_get (document, "file_name"));
  add_detail (row, _("File type"), said);
  add_detail (row, _("Added"), added);
  add_detail (row, _("Worker"),
              tessera_session_get_worker_name (self->session, tessera_record_get (document, "worker")));
  adw_expander_row_add_row (row, make_buttons (document));
}

static void
expanded_cb (TesseraDocumentsPage *self, GParamSpec *pspec, GObject *row) {
  const char *id = g_object_get_data (row, "id");

  if (adw_expander_row_get_expanded (ADW_EXPANDER_ROW (row))) {
    g_free (self->open_id);
    self->open_id = g_strdup (id);
    fill_row (self, ADW_EXPANDER_ROW (row));
  } else if (g_strcmp0 (self->open_id, id) == 0) {
    g_clear_pointer (&self->open_id, g_free);
  }
}

static GtkWidget *
make_row (TesseraDocumentsPage *self, TesseraRecord *document) {
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *below = describe (document);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tessera_record_get (document, "title"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), below);
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), gtk_image_new_from_icon_name ("tessera-document-symbolic"));
  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (tessera_record_get_id (document)), g_free);
  g_object_set_data_full (G_OBJECT (row), "document", g_object_ref (document), g_object_unref);
  g_signal_connect_object (row, "notify::expanded", G_CALLBACK (expanded_cb), self, G_CONNECT_SWAPPED);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row),
                                 g_strcmp0 (self->open_id, tessera_record_get_id (document)) == 0);
  return row;
}

static void
show_documents (TesseraDocumentsPage *self, GPtrArray *documents) {
  GtkWidget *row = NULL;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < documents->len; i++)
    gtk_list_box_append (self->list, make_row (self, g_ptr_array_index (documents, i)));
  gtk_widget_set_visible (self->empty_pane, documents->len == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->scroller), documents->len > 0);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentsPage) self = data;
  Loading *loading = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean read = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL)
    return;
  if (!read) {
    if (!g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED))
      show_notice (self, error->message);
    return;
  }
  g_set_object (&self->client, loading->client);
  show_documents (self, loading->documents);
  tessera_page_title_changed (TESSERA_PAGE (self));
  if (self->scroll > 0)
    tessera_screen_scroll_later (self->scroller, self->scroll);
  self->scroll = 0;
}

static void
load (TesseraDocumentsPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Loading *loading = NULL;

  if (store == NULL)
    return;
  if (self->scroll <= 0)
    self->scroll = gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller));
  loading = g_new0 (Loading, 1);
  loading->client_id = g_strdup (self->client_id);
  tessera_store_read_async (store, read_documents, loading, loading_free, NULL, read_cb, g_object_ref (self));
}

static void
session_changed_cb (TesseraDocumentsPage *self, const char *entities) {
  if (!tessera_session_concerns (entities, "document") && !tessera_session_concerns (entities, "client"))
    return;
  self->stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->stale)
    load (self);
}

static void
tessera_documents_page_map (GtkWidget *widget) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (widget);

  GTK_WIDGET_CLASS (tessera_documents_page_parent_class)->map (widget);
  if (self->stale)
    load (self);
  self->stale = FALSE;
}

/* ---- files that come in and copies that go out ---- */

static void
progress_cb (GObject *listener, double done) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (listener);

  if (self->session != NULL)
    gtk_progress_bar_set_fraction (self->progress_bar, done);
}

static void
begin_work (TesseraDocumentsPage *self, const char *text) {
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_label_set_label (self->work_label, text);
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  gtk_widget_set_visible (self->work_box, TRUE);
  gtk_widget_set_visible (self->notice_box, FALSE);
}

static void
end_work (TesseraDocumentsPage *self) {
  g_clear_object (&self->cancellable);
  gtk_widget_set_visible (self->work_box, FALSE);
}

static void
cancel_cb (TesseraDocumentsPage *self) {
  g_queue_clear_full (&self->files, g_object_unref);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static char *
name_file (GFile *file) {
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = base != NULL ? g_filename_display_name (base) : NULL;
  g_autofree char *clean = name != NULL ? tessera_documents_clean_name (name) : NULL;

  return tessera_text_isolate (clean != NULL ? clean : "");
}

/* What went wrong, under the name of the file it went wrong with. */
static void
report (TesseraDocumentsPage *self, GAsyncResult *result, const GError *error) {
  g_autofree char *name = name_file (tessera_document_work_get_file (result));
  g_autofree char *text = g_strdup_printf ("%s: %s", name, error->message);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED))
    show_notice (self, text);
}

/* GTK may have written the name of the file down for every program to see, and may do so a while after it was chosen. */
static void
forget_recent (GFile *file) {
  g_autofree char *uri = g_file_get_uri (file);

  gtk_recent_manager_remove_item (gtk_recent_manager_get_default (), uri, NULL);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentsPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = tessera_document_work_finish (result, &error);

  if (self->session == NULL)
    return;
  end_work (self);
  forget_recent (tessera_document_work_get_file (result));
  if (id == NULL)
    report (self, result, error);
  else if (self->n_chosen == 1 && tessera_window_get_for (GTK_WIDGET (self)) != NULL
           && gtk_widget_get_mapped (GTK_WIDGET (self)))
    tessera_window_push (tessera_window_get_for (GTK_WIDGET (self)), "document", id);
  else
    tessera_screen_toast (GTK_WIDGET (self), _("Document added"));
  take_next (self);
}

static void
take_next (TesseraDocumentsPage *self) {
  g_autoptr (GFile) file = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (self->cancellable != NULL)
    return;
  file = g_queue_pop_head (&self->files);
  if (file == NULL)
    return;
  name = name_file (file);
  /* Translators: %s is the name of a file. */
  text = g_strdup_printf (_("Adding %s…"), name);
  begin_work (self, text);
  tessera_document_work_take_async (self->session, self->client_id, file, self->cancellable, G_OBJECT (self),
                                    progress_cb, taken_cb, g_object_ref (self));
}

static void
take_files (TesseraDocumentsPage *self, guint n_chosen) {
  self->n_chosen = n_chosen;
  take_next (self);
}

static void
chosen_cb (TesseraDocumentsPage *self, int response) {
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT) {
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));
    for (guint i = 0; i < g_list_model_get_n_items (files); i++) {
      GFile *file = g_list_model_get_item (files, i);

      forget_recent (file);
      g_queue_push_tail (&self->files, file);
    }
    take_files (self, g_list_model_get_n_items (files));
  }
  g_clear_object (&self->chooser);
}

static gboolean
make_chooser (TesseraDocumentsPage *self, const char *title, GtkFileChooserAction action, const char *accept) {
  if (self->chooser != NULL)
    return FALSE;
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action,
                                               accept, _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  return TRUE;
}

static void
show_chooser (TesseraDocumentsPage *self, GCallback callback) {
  g_signal_connect_object (self->chooser, "response", callback, self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
add_cb (TesseraDocumentsPage *self) {
  if (!make_chooser (self, _("Add a Document"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Add")))
    return;
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  show_chooser (self, G_CALLBACK (chosen_cb));
}

static gboolean
dropped_cb (TesseraDocumentsPage *self, const GValue *value) {
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  for (GSList *l = files; l != NULL; l = l->next)
    g_queue_push_tail (&self->files, g_object_ref (l->data));
  take_files (self, g_slist_length (files));
  return TRUE;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentsPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = tessera_document_work_finish (result, &error);

  if (self->session == NULL)
    return;
  end_work (self);
  forget_recent (tessera_document_work_get_file (result));
  if (id == NULL)
    report (self, result, error);
  else
    tessera_screen_toast (GTK_WIDGET (self), _("Unprotected copy saved"));
  take_next (self);
}

static void
place_chosen_cb (TesseraDocumentsPage *self, int response) {
  g_autoptr (GFile) file = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL || self->cancellable != NULL)
    return;
  forget_recent (file);
  name = name_file (file);
  /* Translators: %s is the name of a file. */
  text = g_strdup_printf (_("Saving a copy as %s…"), name);
  begin_work (self, text);
  tessera_document_work_save_async (self->session, self->saving_id, file, self->cancellable, G_OBJECT (self),
                                    progress_cb, saved_cb, g_object_ref (self));
}

static void
warned_cb (TesseraDocumentsPage *self, const char *response, GtkWidget *dialog) {
  const char *name = g_object_get_data (G_OBJECT (dialog), "name");

  if (g_strcmp0 (response, "save") != 0 || self->session == NULL
      || !make_chooser (self, _("Save a Copy"), GTK_FILE_CHOOSER_ACTION_SAVE, _("Save")))
    return;
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  show_chooser (self, G_CALLBACK (place_chosen_cb));
}

static void
ask_to_save (TesseraDocumentsPage *self, const char *name) {
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                              _("Save an Unprotected Copy?"), NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                               _("The copy is not protected: whoever gets at this computer or the stick can read it. "
                                 "Delete it when it has served. That a copy was made is written down."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "save", _("Save a Copy…"),
                                    NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "name", g_strdup (name), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (warned_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
save_loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentsPage) self = data;
  TesseraScreenLoad *loading = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    if (self->session != NULL)
      show_notice (self, error->message);
    return;
  }
  if (self->session != NULL && gtk_widget_get_root (GTK_WIDGET (self)) != NULL)
    ask_to_save (self, tessera_record_get (loading->record, "file_name"));
}

static void
screen_load_free (gpointer data) {
  TesseraScreenLoad *loading = data;

  g_free (loading->id);
  g_clear_object (&loading->record);
  g_free (loading);
}

static gboolean
read_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraScreenLoad *loading = data;

  loading->record = tessera_documents_load (transaction, loading->id, error);
  return loading->record != NULL;
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  TesseraScreenLoad *loading = NULL;

  if (store == NULL || self->cancellable != NULL)
    return;
  g_free (self->saving_id);
  self->saving_id = g_variant_dup_string (parameter, NULL);
  loading = g_new0 (TesseraScreenLoad, 1);
  loading->id = g_strdup (self->saving_id);
  tessera_store_read_async (store, read_document, loading, screen_load_free, NULL, save_loaded_cb, g_object_ref (self));
}

static void
edit_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraWindow *window = tessera_window_get_for (widget);

  if (window != NULL)
    tessera_window_push (window, "document", g_variant_get_string (parameter, NULL));
}

/* ---- removing ---- */

/* What was removed can be brought back as long as this lives; then it goes for good. */
typedef struct {
  TesseraSession *session;
  char *id;
  gboolean undone;
} Removal;

static gboolean
remove_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_documents_remove (transaction, data, error);
}

static gboolean
restore_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_documents_restore (transaction, data, error);
}

static gboolean
purge_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_documents_purge (transaction, data, error);
}

static void
undo_removal_cb (gpointer data) {
  Removal *removal = data;
  TesseraStore *store = tessera_session_get_store (removal->session);

  removal->undone = TRUE;
  if (store != NULL)
    tessera_store_write_async (store, restore_document, g_strdup (removal->id), g_free, NULL, NULL, NULL);
}

static void
removal_free (gpointer data) {
  Removal *removal = data;
  TesseraStore *store = tessera_session_get_store (removal->session);

  /* Where the vault is locked before, unlocking does it. */
  if (!removal->undone && store != NULL)
    tessera_store_post (store, purge_document, g_strdup (removal->id), g_free);
  g_object_unref (removal->session);
  g_free (removal->id);
  g_free (removal);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDocumentsPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean removed = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraWindow *window = NULL;
  Removal *removal = NULL;

  if (self->session == NULL)
    return;
  if (!removed) {
    show_notice (self, error->message);
    return;
  }
  removal = g_new0 (Removal, 1);
  removal->session = g_object_ref (self->session);
  removal->id = g_strdup (tessera_store_result_get_data (result));
  window = tessera_window_get_for (GTK_WIDGET (self));
  if (window != NULL)
    tessera_window_toast_undo (window, _("Document removed"), undo_removal_cb, removal, removal_free);
  else
    removal_free (removal);
}

static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_write_async (store, remove_document, g_variant_dup_string (parameter, NULL), g_free, NULL, removed_cb,
                               g_object_ref (self));
}

/* ---- as a page ---- */

static char *
tessera_documents_page_get_title (TesseraPage *page) {
  return g_strdup (_("Documents"));
}

static char *
tessera_documents_page_get_subtitle (TesseraPage *page) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (page);

  return self->client != NULL ? tessera_screen_name_client (self->client) : NULL;
}

static GtkWidget *
tessera_documents_page_get_header_widget (TesseraPage *page) {
  return TESSERA_DOCUMENTS_PAGE (page)->add_button;
}

static GVariant *
tessera_documents_page_save_state (TesseraPage *page) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (page);

  return g_variant_new ("(ds)", gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)),
                        self->open_id != NULL ? self->open_id : "");
}

static void
tessera_documents_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (page);

  g_clear_pointer (&self->open_id, g_free);
  g_variant_get (state, "(ds)", &self->scroll, &self->open_id);
}

static void
tessera_documents_page_focus (TesseraPage *page) {
  gtk_widget_grab_focus (TESSERA_DOCUMENTS_PAGE (page)->add_button);
}

static void
tessera_documents_page_dispose (GObject *object) {
  TesseraDocumentsPage *self = TESSERA_DOCUMENTS_PAGE (object);

  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_DOCUMENTS_PAGE);
  /* A file on its way is taken in all the same. */
  g_clear_object (&self->cancellable);
  g_queue_clear_full (&self->files, g_object_unref);
  g_clear_object (&self->chooser);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  g_clear_pointer (&self->open_id, g_free);
  g_clear_pointer (&self->saving_id, g_free);
  G_OBJECT_CLASS (tessera_documents_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_documents_page_get_title;
  iface->get_subtitle = tessera_documents_page_get_subtitle;
  iface->get_header_widget = tessera_documents_page_get_header_widget;
  iface->save_state = tessera_documents_page_save_state;
  iface->restore_state = tessera_documents_page_restore_state;
  iface->focus = tessera_documents_page_focus;
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, add_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, work_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, work_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, notice_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, notice_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, empty_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraDocumentsPage, list);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_notice_cb);
}

static void
tessera_documents_page_class_init (TesseraDocumentsPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_documents_page_dispose;
  widget_class->map = tessera_documents_page_map;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-documents-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "documents.save", "s", save_action);
  gtk_widget_class_install_action (widget_class, "documents.edit", "s", edit_action);
  gtk_widget_class_install_action (widget_class, "documents.remove", "s", remove_action);
}

static void
tessera_documents_page_init (TesseraDocumentsPage *self) {
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_queue_init (&self->files);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

GtkWidget *
tessera_documents_page_new (TesseraSession *session, const char *argument) {
  TesseraDocumentsPage *self = g_object_new (TESSERA_TYPE_DOCUMENTS_PAGE, NULL);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (argument);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  load (self);
  return GTK_WIDGET (self);
}
