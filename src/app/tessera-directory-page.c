/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-page.c: the service map of the town; see the header.
 */
#include "config.h"
#include "tessera-directory-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-directory-import.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-screen.h"
#include "tessera-service-list.h"
#include "tessera-window.h"

/* More warnings than this are counted, not shown. */
#define SHOWN_WARNINGS 3

struct _TesseraDirectoryPage {
  AdwBin parent_instance;

  TesseraSession *session;
  GtkFileChooserNative *chooser;
  GQueue files; /* paths still to import */
  gboolean importing;

  GtkBox *header_box;
  GtkSpinner *spinner;
  GtkButton *import_button;
  GtkRevealer *progress_revealer;
  GtkLabel *progress_label;
  TesseraServiceList *service_list;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraDirectoryPage,
                               tessera_directory_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static void import_next (TesseraDirectoryPage *self);

static void
show_progress (TesseraDirectoryPage *self, const char *text) {
  gtk_label_set_label (self->progress_label, text != NULL ? text : "");
  gtk_revealer_set_reveal_child (self->progress_revealer, text != NULL);
}

static void
set_importing (TesseraDirectoryPage *self, gboolean importing) {
  self->importing = importing;
  gtk_spinner_set_spinning (self->spinner, importing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->import_button), !importing);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "directory.import", !importing);
}

/* ---- importing: read in a thread of its own, store on the store's
 * ------------------------------------------------ */

typedef struct {
  char *name;
  TesseraHsds *hsds;
  TesseraDirectorySummary *summary;
} Import;

static void
import_free (gpointer data) {
  Import *import = data;

  g_free (import->name);
  g_clear_pointer (&import->hsds, tessera_hsds_free);
  g_clear_pointer (&import->summary, tessera_directory_summary_free);
  g_free (import);
}

static gboolean
store_import (TesseraTransaction *transaction, gpointer data, GError **error) {
  Import *import = data;

  return tessera_directory_import (transaction, import->hsds, NULL, FALSE, &import->summary, error);
}

static char *
describe_summary (const Import *import) {
  TesseraDirectorySummary *summary = import->summary;
  g_autofree char *language = tessera_language_get_name (summary->language);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (
    text, g_dngettext (GETTEXT_PACKAGE, "%s (%s): %u service.", "%s (%s): %u services.", summary->services),
    import->name, language, summary->services);
  if (summary->added + summary->changed + summary->translations == 0) {
    g_string_append_printf (text, " %s", _("Nothing new: all of it was known."));
  } else {
    g_string_append (text, " ");
    g_string_append_printf (text, _("New entries: %u. Changed: %u. Texts in this language: %u."),
                            summary->added, summary->changed, summary->translations);
  }
  for (guint i = 0; i < MIN (summary->warnings->len, SHOWN_WARNINGS); i++)
    g_string_append_printf (text, "\n%s", (const char *)g_ptr_array_index (summary->warnings, i));
  if (summary->warnings->len > SHOWN_WARNINGS) {
    guint more = summary->warnings->len - SHOWN_WARNINGS;

    g_string_append (text, "\n");
    g_string_append_printf (
      text, g_dngettext (GETTEXT_PACKAGE, "And %u more remark.", "And %u more remarks.", more), more);
  }
  return g_strdup (text->str);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDirectoryPage) self = data;
  g_autoptr (GError) error = NULL;
  Import *import = tessera_store_result_get_data (result);
  g_autofree char *text = NULL;

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    text = g_strdup (error->message);
  } else {
    text = describe_summary (import);
    tessera_screen_toast (GTK_WIDGET (self), _("Services imported"));
  }
  if (self->service_list == NULL)
    return;
  show_progress (self, text);
  import_next (self);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  GError *error = NULL;
  TesseraHsds *hsds = NULL;
  TesseraRegistry *registry = g_object_get_data (G_OBJECT (task), "registry");

  hsds = tessera_hsds_read_file (registry, data, &error);
  if (hsds == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, hsds, (GDestroyNotify)tessera_hsds_free);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  TesseraDirectoryPage *self = TESSERA_DIRECTORY_PAGE (source);
  g_autoptr (GError) error = NULL;
  TesseraHsds *hsds = g_task_propagate_pointer (G_TASK (result), &error);
  TesseraStore *store = tessera_session_get_store (self->session);
  Import *import = NULL;

  if (self->service_list == NULL || hsds == NULL || store == NULL) {
    if (self->service_list != NULL && error != NULL)
      show_progress (self, error->message);
    g_clear_pointer (&hsds, tessera_hsds_free);
    if (self->service_list != NULL)
      import_next (self);
    return;
  }
  import = g_new0 (Import, 1);
  import->hsds = hsds;
  import->name = g_path_get_basename (g_task_get_task_data (G_TASK (result)));
  tessera_store_write_async (store, store_import, import, import_free, NULL, stored_cb, g_object_ref (self));
}

static void
import_next (TesseraDirectoryPage *self) {
  char *path = g_queue_pop_head (&self->files);
  g_autoptr (GTask) task = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  set_importing (self, path != NULL);
  if (path == NULL)
    return;
  name = g_path_get_basename (path);
  text = g_strdup_printf (_("Reading %s …"), name);
  show_progress (self, text);
  task = g_task_new (self, NULL, read_cb, NULL);
  g_task_set_task_data (task, path, g_free);
  g_object_set_data_full (G_OBJECT (task), "registry",
                          g_object_ref (tessera_session_get_registry (self->session)), g_object_unref);
  g_task_run_in_thread (task, read_thread);
}

static void
chooser_response_cb (TesseraDirectoryPage *self, int response) {
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT) {
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));
    for (guint i = 0; i < g_list_model_get_n_items (files); i++) {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      char *path = g_file_get_path (file);

      if (path != NULL)
        g_queue_push_tail (&self->files, path);
    }
    import_next (self);
  }
  g_clear_object (&self->chooser);
}

static void
import_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraDirectoryPage *self = TESSERA_DIRECTORY_PAGE (widget);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  if (self->importing || self->chooser != NULL)
    return;
  self->chooser
    = gtk_file_chooser_native_new (_("Import Services"), GTK_WINDOW (gtk_widget_get_root (widget)),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _("Import"), _("Cancel"));
  gtk_file_filter_set_name (filter, _("Service directories (JSON)"));
  gtk_file_filter_add_pattern (filter, "*.json");
  gtk_file_filter_add_pattern (filter, "*.jsonl");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chooser_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
import_clicked_cb (TesseraDirectoryPage *self) {
  gtk_widget_activate_action (GTK_WIDGET (self), "directory.import", NULL);
}

static void
service_chosen_cb (TesseraDirectoryPage *self, TesseraServiceRow *row) {
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));

  if (window != NULL)
    tessera_window_push (window, "service", row->id);
}

static void
store_changed_cb (TesseraDirectoryPage *self, const char *entities) {
  if (tessera_session_concerns (entities, "service") || tessera_session_concerns (entities, "translation"))
    tessera_service_list_reload (self->service_list);
}

/* ---- the page
 * ---------------------------------------------------------------------------------------------------- */

static char *
tessera_directory_page_get_title (TesseraPage *page) {
  return g_strdup (_("Directory"));
}

static GtkWidget *
tessera_directory_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_DIRECTORY_PAGE (page)->header_box);
}

static GVariant *
tessera_directory_page_save_state (TesseraPage *page) {
  return tessera_service_list_save_state (TESSERA_DIRECTORY_PAGE (page)->service_list);
}

static void
tessera_directory_page_restore_state (TesseraPage *page, GVariant *state) {
  tessera_service_list_restore_state (TESSERA_DIRECTORY_PAGE (page)->service_list, state);
}

static void
tessera_directory_page_focus (TesseraPage *page) {
  tessera_service_list_focus (TESSERA_DIRECTORY_PAGE (page)->service_list);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_directory_page_get_title;
  iface->get_header_widget = tessera_directory_page_get_header_widget;
  iface->save_state = tessera_directory_page_save_state;
  iface->restore_state = tessera_directory_page_restore_state;
  iface->focus = tessera_directory_page_focus;
}

static void
tessera_directory_page_dispose (GObject *object) {
  TesseraDirectoryPage *self = TESSERA_DIRECTORY_PAGE (object);

  g_clear_object (&self->chooser);
  g_queue_clear_full (&self->files, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_DIRECTORY_PAGE);
  self->service_list = NULL;
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_directory_page_parent_class)->dispose (object);
}

static void
tessera_directory_page_class_init (TesseraDirectoryPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TESSERA_TYPE_SERVICE_LIST);
  G_OBJECT_CLASS (klass)->dispose = tessera_directory_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-directory-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, header_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, import_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, progress_revealer);
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, progress_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraDirectoryPage, service_list);
  gtk_widget_class_bind_template_callback (widget_class, import_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, service_chosen_cb);
  gtk_widget_class_install_action (widget_class, "directory.import", NULL, import_cb);
}

static void
tessera_directory_page_init (TesseraDirectoryPage *self) {
  g_queue_init (&self->files);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_directory_page_new (TesseraSession *session, const char *argument) {
  TesseraDirectoryPage *self = g_object_new (TESSERA_TYPE_DIRECTORY_PAGE, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  tessera_service_list_start (self->service_list, session);
  return GTK_WIDGET (self);
}
