/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-restore-dialog.c: a vault made from a backup; see the header.
 */
#include "config.h"
#include "tessera-restore-dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-backup.h"
#include "tessera-screen.h"
#include "tessera-text.h"

struct _TesseraRestoreDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  TesseraBackup *backup;
  char *folder;
  GtkFileChooserNative *chooser;
  GCancellable *cancellable;   /* while it is being made */

  GtkLabel *facts_label;
  GtkWidget *fields;
  AdwActionRow *folder_row;
  GtkWidget *folder_button;
  GtkWidget *name_row;
  GtkWidget *passphrase_row;
  GtkWidget *recovery_row;
  GtkLabel *message;
  GtkProgressBar *progress_bar;
  GtkWidget *restore_button;
};

G_DEFINE_FINAL_TYPE (TesseraRestoreDialog, tessera_restore_dialog, ADW_TYPE_WINDOW)

static const char *
get_text (GtkWidget *row) {
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
show_message (TesseraRestoreDialog *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
update (TesseraRestoreDialog *self) {
  gboolean busy = self->cancellable != NULL;
  gboolean has_key = *get_text (self->passphrase_row) != '\0' || *get_text (self->recovery_row) != '\0';

  gtk_widget_set_sensitive (self->fields, !busy);
  gtk_widget_set_sensitive (self->restore_button, !busy && has_key && self->folder != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), busy);
}

static void
show_folder (TesseraRestoreDialog *self) {
  g_autofree char *shown = self->folder != NULL ? g_filename_display_name (self->folder) : NULL;

  adw_action_row_set_subtitle (self->folder_row, shown != NULL ? shown : _("Choose an empty folder."));
  update (self);
}

static void
progress_cb (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data) {
  TesseraRestoreDialog *self = data;

  if (self->session == NULL)
    return;
  gtk_progress_bar_set_text (self->progress_bar,
                             stage == TESSERA_BACKUP_STAGE_COPY ? _("Copying") : _("Reading it again"));
  gtk_progress_bar_set_fraction (self->progress_bar, total > 0 ? (double) done / (double) total : 0);
}

/* What is asked of the thread; its copy of the keys goes with it. */
typedef struct {
  TesseraRestoreDialog *dialog;
  TesseraRestore restore;
  TesseraSecret *passphrase;
  TesseraSecret *recovery_key;
  char *worker;
} Restoring;

static void
restoring_free (Restoring *restoring) {
  g_clear_object (&restoring->dialog);
  g_clear_pointer (&restoring->passphrase, tessera_secret_free);
  g_clear_pointer (&restoring->recovery_key, tessera_secret_free);
  g_free (restoring->worker);
  g_free (restoring);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Restoring, restoring_free)

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (Restoring) restoring = data;
  TesseraRestoreDialog *self = restoring->dialog;
  g_autoptr (GError) error = NULL;
  gboolean restored = tessera_backup_restore_finish (result, &error);
  GtkWidget *key_row = NULL;

  g_clear_object (&self->cancellable);
  if (self->session == NULL)
    return;
  if (restored) {
    g_autoptr (TesseraSession) session = g_object_ref (self->session);
    g_autofree char *folder = g_strdup (self->folder);

    gtk_window_destroy (GTK_WINDOW (self));
    tessera_session_move (session, folder);
    return;
  }
  key_row = restoring->passphrase != NULL ? self->passphrase_row : self->recovery_row;
  if (g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE))
    gtk_editable_set_text (GTK_EDITABLE (key_row), "");
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self, error->message);
  update (self);
  gtk_widget_grab_focus (key_row);
}

static void
restore_cb (TesseraRestoreDialog *self) {
  const char *name = get_text (self->name_row);
  const char *passphrase = get_text (self->passphrase_row);
  const char *recovery_key = get_text (self->recovery_row);
  Restoring *restoring = NULL;

  if (self->cancellable != NULL || self->folder == NULL || (*passphrase == '\0' && *recovery_key == '\0'))
    return;
  restoring = g_new0 (Restoring, 1);
  restoring->dialog = g_object_ref (self);
  restoring->worker = *name != '\0' ? g_strdup (name) : NULL;
  if (*passphrase != '\0')
    restoring->passphrase = tessera_secret_new_from_bytes (passphrase, strlen (passphrase));
  else
    restoring->recovery_key = tessera_secret_new_from_bytes (recovery_key, strlen (recovery_key));
  restoring->restore = (TesseraRestore) { .path = self->backup->path,
                                          .folder = self->folder,
                                          .worker = restoring->worker,
                                          .passphrase = restoring->passphrase,
                                          .recovery_key = restoring->recovery_key,
                                          .registry = tessera_session_get_registry (self->session) };
  self->cancellable = g_cancellable_new ();
  show_message (self, NULL);
  update (self);
  tessera_backup_restore_async (&restoring->restore, progress_cb, self, self->cancellable, restored_cb, restoring);
}

static void
folder_chosen_cb (TesseraRestoreDialog *self, int response) {
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  if (file != NULL) {
    g_free (self->folder);
    self->folder = g_file_get_path (file);
  }
  g_clear_object (&self->chooser);
  show_folder (self);
}

static void
choose_folder_cb (TesseraRestoreDialog *self) {
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Folder of the Vault"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("Choose"), _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (folder_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
tessera_restore_dialog_dispose (GObject *object) {
  TesseraRestoreDialog *self = TESSERA_RESTORE_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->session != NULL) {
    /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
    gtk_editable_set_text (GTK_EDITABLE (self->passphrase_row), "");
    gtk_editable_set_text (GTK_EDITABLE (self->recovery_row), "");
  }
  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (tessera_restore_dialog_parent_class)->dispose (object);
}

static void
tessera_restore_dialog_finalize (GObject *object) {
  TesseraRestoreDialog *self = TESSERA_RESTORE_DIALOG (object);

  g_clear_pointer (&self->backup, tessera_backup_free);
  g_clear_object (&self->cancellable);
  g_free (self->folder);
  G_OBJECT_CLASS (tessera_restore_dialog_parent_class)->finalize (object);
}

static void
tessera_restore_dialog_class_init (TesseraRestoreDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_restore_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_restore_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-restore-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, facts_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, fields);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, folder_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, folder_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, passphrase_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, recovery_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraRestoreDialog, restore_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, restore_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
}

static void
tessera_restore_dialog_init (TesseraRestoreDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  tessera_screen_guard_entry (GTK_EDITABLE (self->recovery_row));
}

static void
show_facts (TesseraRestoreDialog *self) {
  g_autofree char *date = tessera_text_instant (self->backup->created);
  g_autofree char *size = g_format_size (self->backup->size);
  /* Translators: the first %s is a date and time, the second a size such as "12.3 MB". */
  g_autofree char *text = g_strdup_printf (_("A backup of %s, %s. It opens with the passphrases of that day."), date,
                                           size);

  gtk_label_set_label (self->facts_label, text);
  gtk_widget_set_visible (self->name_row, self->backup->n_workers > 1);
}

static void
open_dialog (TesseraSession *session, GtkWindow *parent, TesseraBackup *backup) {
  TesseraRestoreDialog *self
    = g_object_new (TESSERA_TYPE_RESTORE_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  gboolean first = tessera_session_get_state (session) == TESSERA_SESSION_EMPTY;

  self->session = g_object_ref (session);
  self->backup = backup;
  /* Where there is no vault yet it goes where one is looked for. */
  if (first)
    self->folder = g_strdup (tessera_session_get_folder (session));
  gtk_widget_set_visible (GTK_WIDGET (self->folder_row), !first);
  show_facts (self);
  show_folder (self);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (self->backup->n_workers > 1 ? self->name_row : self->passphrase_row);
}

static void
refuse (GtkWindow *parent, const char *text) {
  GtkWidget *dialog = adw_message_dialog_new (parent, _("This Is No Backup to Restore"), text);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

#define CHOOSER_KEY "tessera-restore-chooser"

static void
file_chosen_cb (GtkWindow *parent, int response, GtkFileChooserNative *chooser) {
  TesseraSession *session = g_object_get_data (G_OBJECT (chooser), "session");
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  TesseraBackup *backup = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    backup = tessera_backup_inspect (path, &error);
  if (backup != NULL)
    open_dialog (session, parent, backup);
  else if (error != NULL)
    refuse (parent, error->message);
  g_object_set_data (G_OBJECT (parent), CHOOSER_KEY, NULL);
}

void
tessera_restore_dialog_ask (TesseraSession *session, GtkWindow *parent) {
  GtkFileChooserNative *chooser = NULL;

  if (g_object_get_data (G_OBJECT (parent), CHOOSER_KEY) != NULL)
    return;
  chooser = gtk_file_chooser_native_new (_("Restore a Backup"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, _("Open"),
                                         _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_object_set_data_full (G_OBJECT (chooser), "session", g_object_ref (session), g_object_unref);
  g_object_set_data_full (G_OBJECT (parent), CHOOSER_KEY, chooser, g_object_unref);
  g_signal_connect_object (chooser, "response", G_CALLBACK (file_chosen_cb), parent, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
