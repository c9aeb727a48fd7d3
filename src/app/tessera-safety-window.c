/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-safety-window.c: passphrase, locking, backups, and for supervisors who can unlock; see the header.
 *
 * One thing is done at a time: while something runs the other buttons wait.
 */
#include "config.h"
#include "tessera-safety-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-backup.h"
#include "tessera-check.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-safety-work.h"
#include "tessera-screen.h"
#include "tessera-text.h"

#define LOCK_ACTION "lock-after"
#define PASSPHRASE_LENGTH 8

static const guint minutes[] = { 1, 2, 5, 10, 15, 30, 60 };
static const char *const roles[] = { "worker", "mediator", "supervisor" };

struct _TesseraSafetyWindow {
  AdwPreferencesWindow parent_instance;

  TesseraSession *session;
  GCancellable *cancellable;   /* of what runs and can be canceled */
  GtkFileChooserNative *chooser;
  GPtrArray *worker_rows;
  gboolean busy;
  gboolean setting;

  AdwActionRow *outside_row;
  AdwActionRow *local_row;
  AdwActionRow *check_row;
  GtkWidget *backup_button;
  GtkWidget *check_button;
  GtkWidget *progress_row;
  GtkProgressBar *progress_bar;
  GtkLabel *backup_message;
  AdwComboRow *lock_row;
  AdwExpanderRow *passphrase_expander;
  GtkWidget *present_row;
  GtkWidget *fresh_row;
  GtkWidget *again_row;
  GtkWidget *change_button;
  GtkLabel *passphrase_message;
  AdwPreferencesGroup *workers_group;
  GtkWidget *manage_group;
  AdwExpanderRow *add_expander;
  GtkWidget *name_row;
  AdwComboRow *role_row;
  GtkWidget *their_row;
  GtkWidget *their_again_row;
  GtkWidget *add_button;
  GtkWidget *rotate_button;
  GtkLabel *worker_message;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraSafetyWindow, tessera_safety_window, ADW_TYPE_PREFERENCES_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static void show_workers (TesseraSafetyWindow *self);

static const char *
get_text (GtkWidget *row) {
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static TesseraSecret *
get_secret (GtkWidget *row) {
  const char *text = get_text (row);

  return tessera_secret_new_from_bytes (text, strlen (text));
}

static void
show_message (GtkLabel *label, const char *text) {
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

static gboolean
is_good_pair (GtkWidget *row, GtkWidget *again) {
  return g_utf8_strlen (get_text (row), -1) >= PASSPHRASE_LENGTH && strcmp (get_text (row), get_text (again)) == 0;
}

static void
update (TesseraSafetyWindow *self) {
  gboolean may_change = *get_text (self->present_row) != '\0' && is_good_pair (self->fresh_row, self->again_row);
  gboolean may_add = *get_text (self->name_row) != '\0' && is_good_pair (self->their_row, self->their_again_row);

  gtk_widget_set_sensitive (self->backup_button, !self->busy);
  gtk_widget_set_sensitive (self->check_button, !self->busy);
  gtk_widget_set_sensitive (self->rotate_button, !self->busy);
  gtk_widget_set_sensitive (self->change_button, !self->busy && may_change);
  gtk_widget_set_sensitive (self->add_button, !self->busy && may_add);
  for (guint i = 0; i < self->worker_rows->len; i++)
    gtk_widget_set_sensitive (g_ptr_array_index (self->worker_rows, i), !self->busy);
  gtk_widget_set_visible (self->progress_row, self->cancellable != NULL);
}

static void
passphrase_changed_cb (TesseraSafetyWindow *self) {
  const char *again = get_text (self->again_row);

  if (*again != '\0' && !g_str_has_prefix (get_text (self->fresh_row), again))
    show_message (self->passphrase_message, _("The two passphrases are different."));
  else if (*again != '\0')
    show_message (self->passphrase_message, NULL);
  update (self);
}

static void
worker_changed_cb (TesseraSafetyWindow *self) {
  const char *again = get_text (self->their_again_row);

  if (*again != '\0' && !g_str_has_prefix (get_text (self->their_row), again))
    show_message (self->worker_message, _("The two passphrases are different."));
  else if (*again != '\0')
    show_message (self->worker_message, NULL);
  update (self);
}

/* Whether there is anybody left to tell, after something that took its time. */
static gboolean
is_alive (TesseraSafetyWindow *self) {
  return self->session != NULL;
}

static void
begin (TesseraSafetyWindow *self, GtkLabel *message) {
  self->busy = TRUE;
  show_message (message, NULL);
  update (self);
}

static void
end (TesseraSafetyWindow *self) {
  self->busy = FALSE;
  g_clear_object (&self->cancellable);
  update (self);
}

/* ---- backups ---- */

static gboolean
read_state (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraBackupState **state = data;

  *state = tessera_transaction_get_backup_state (transaction);
  return TRUE;
}

static void
state_free (gpointer data) {
  TesseraBackupState **state = data;

  g_clear_pointer (state, tessera_backup_state_free);
  g_free (state);
}

static void
show_backups (TesseraSafetyWindow *self, const TesseraBackupState *state) {
  const TesseraBackup *outside = state->elsewhere != NULL ? state->elsewhere : state->outside;
  g_autofree char *ago = outside != NULL ? tessera_text_ago (outside->created) : NULL;
  g_autofree char *local = state->local != NULL ? tessera_text_ago (state->local->created) : NULL;
  g_autofree char *here = NULL;

  if (state->elsewhere == NULL && ago != NULL)
    /* Translators: %s is how long ago, such as "5 days ago". */
    here = g_strdup_printf (_("%s, but on the disk of this computer: it goes when that goes."), ago);
  adw_action_row_set_subtitle (self->outside_row, here != NULL ? here
                                                  : ago != NULL
                                                    ? ago
                                                    : _("None yet. Keep one on a stick, in a locked place."));
  adw_action_row_set_subtitle (self->local_row, local != NULL ? local : _("None yet: one is made every day."));
  if (state->is_reminder_due)
    gtk_widget_add_css_class (self->backup_button, "suggested-action");
  else
    gtk_widget_remove_css_class (self->backup_button, "suggested-action");
}

static void
state_read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  TesseraBackupState **state = tessera_store_result_get_data (result);

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL) && is_alive (self))
    show_backups (self, *state);
}

static void
load_backups (TesseraSafetyWindow *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_read_async (store, read_state, g_new0 (TesseraBackupState *, 1), state_free, NULL, state_read_cb,
                              g_object_ref (self));
}

static void
show_progress (TesseraSafetyWindow *self, const char *text, guint64 done, guint64 total) {
  if (!is_alive (self))
    return;
  gtk_progress_bar_set_text (self->progress_bar, text);
  gtk_progress_bar_set_fraction (self->progress_bar, total > 0 ? (double) done / (double) total : 0);
}

static void
backup_progress_cb (TesseraBackupStage stage, guint64 done, guint64 total, gpointer data) {
  show_progress (data, stage == TESSERA_BACKUP_STAGE_COPY ? _("Copying") : _("Reading it again"), done, total);
}

static void
tell_backup (TesseraSafetyWindow *self, const TesseraBackup *backup) {
  g_autofree char *size = g_format_size (backup->size);
  g_autofree char *text = NULL;

  if (backup->is_elsewhere)
    /* Translators: %s is a size, such as "12.3 MB". */
    text = g_strdup_printf (_("Done and checked: %s. It opens with today's passphrases."), size);
  else
    text = g_strdup_printf (_("Done and checked: %s. But it lies on the disk of this computer: copy it to a stick, too."),
                            size);
  show_message (self->backup_message, text);
}

static void
backed_up_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraBackup) backup = tessera_store_backup_finish (TESSERA_STORE (source), result, &error);

  if (!is_alive (self))
    return;
  end (self);
  if (backup != NULL)
    tell_backup (self, backup);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self->backup_message, _("Canceled. Nothing was left behind."));
  else
    show_message (self->backup_message, error->message);
  load_backups (self);
}

/* The file chooser has asked before a file is replaced. */
static void
back_up_to (TesseraSafetyWindow *self, const char *path) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  show_progress (self, _("Copying"), 0, 0);
  begin (self, self->backup_message);
  tessera_store_backup_async (store, path, TESSERA_BACKUP_OVERWRITE, backup_progress_cb, self, self->cancellable,
                              backed_up_cb, g_object_ref (self));
}

static void
file_chosen_cb (TesseraSafetyWindow *self, int response) {
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  if (file != NULL)
    path = g_file_get_path (file);
  g_clear_object (&self->chooser);
  if (path != NULL)
    back_up_to (self, path);
  else if (file != NULL)
    show_message (self->backup_message, _("This place cannot be written to like a folder; choose a folder or a stick."));
}

static void
back_up_cb (TesseraSafetyWindow *self) {
  g_autofree char *name = tessera_backup_suggest_name ();

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Back Up"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                               _("Back Up"), _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (file_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
cancel_cb (TesseraSafetyWindow *self) {
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

/* ---- the check ---- */

static const char *
name_part (const char *part) {
  static const struct {
    const char *code;
    const char *label;
  } parts[] = {
    { "pages", N_("Pages") },     { "tables", N_("Tables") },   { "schema", N_("Structure") },
    { "search", N_("Search") },   { "audit", N_("Audit trail") }, { "changes", N_("Changes") },
    { "attachments", N_("Attachments") }, { "backups", N_("Backups") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_strcmp0 (parts[i].code, part) == 0)
      return _(parts[i].label);
  return part;
}

static void
check_progress_cb (const char *part, guint64 done, guint64 total, gpointer data) {
  show_progress (data, name_part (part), done, total);
}

static void
show_check (TesseraSafetyWindow *self, GPtrArray *parts) {
  g_autoptr (GString) text = g_string_new (NULL);

  if (tessera_check_is_ok (parts)) {
    show_message (self->backup_message, _("Everything is whole."));
    return;
  }
  g_string_append (text, _("Something is damaged. Do not go on working here; restore a backup into a new folder."));
  for (guint i = 0; i < parts->len; i++) {
    const TesseraCheckPart *part = g_ptr_array_index (parts, i);

    if (part->problem != NULL)
      g_string_append_printf (text, "\n%s: %s", name_part (part->name), part->problem);
  }
  show_message (self->backup_message, text->str);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = tessera_store_check_finish (TESSERA_STORE (source), result, &error);

  if (!is_alive (self))
    return;
  end (self);
  if (parts != NULL)
    show_check (self, parts);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self->backup_message, error->message);
}

static void
check_cb (TesseraSafetyWindow *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  show_progress (self, _("Pages"), 0, 0);
  begin (self, self->backup_message);
  tessera_store_check_async (store, check_progress_cb, self, self->cancellable, checked_cb, g_object_ref (self));
}

/* ---- locking ---- */

static guint
get_lock_minutes (void) {
  g_autoptr (GVariant) state
    = g_action_group_get_action_state (G_ACTION_GROUP (g_application_get_default ()), LOCK_ACTION);

  return state != NULL ? g_variant_get_uint32 (state) : 0;
}

static void
set_up_lock (TesseraSafetyWindow *self) {
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  guint now = get_lock_minutes ();
  guint selected = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++) {
    g_autofree char *label
      = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "After %u minute", "After %u minutes", minutes[i]), minutes[i]);

    gtk_string_list_append (labels, label);
    if (minutes[i] == now)
      selected = i;
  }
  self->setting = TRUE;
  adw_combo_row_set_model (self->lock_row, G_LIST_MODEL (labels));
  adw_combo_row_set_selected (self->lock_row, selected);
  self->setting = FALSE;
}

static void
lock_chosen_cb (TesseraSafetyWindow *self) {
  guint selected = adw_combo_row_get_selected (self->lock_row);

  if (!self->setting && self->session != NULL && selected < G_N_ELEMENTS (minutes))
    g_action_group_change_action_state (G_ACTION_GROUP (g_application_get_default ()), LOCK_ACTION,
                                        g_variant_new_uint32 (minutes[selected]));
}

/* ---- passphrase ---- */

static void
empty (GtkWidget *row) {
  gtk_editable_set_text (GTK_EDITABLE (row), "");
}

static void
passphrase_set_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean changed = tessera_safety_finish (TESSERA_SESSION (source), result, &error);

  if (!is_alive (self))
    return;
  empty (self->present_row);
  if (changed) {
    empty (self->fresh_row);
    empty (self->again_row);
    adw_expander_row_set_expanded (self->passphrase_expander, FALSE);
  }
  end (self);
  show_message (self->passphrase_message,
                changed ? _("Changed. Older backups still open with the passphrase of their day.") : error->message);
  if (!changed)
    gtk_widget_grab_focus (self->present_row);
}

static void
change_passphrase_cb (TesseraSafetyWindow *self) {
  if (self->busy || !is_good_pair (self->fresh_row, self->again_row) || *get_text (self->present_row) == '\0'
      || tessera_session_get_worker (self->session) == NULL)
    return;
  begin (self, self->passphrase_message);
  tessera_safety_change_passphrase_async (self->session, get_secret (self->present_row), get_secret (self->fresh_row),
                                          passphrase_set_cb, g_object_ref (self));
}

/* ---- who can unlock ---- */

static void
worker_done (TesseraSafetyWindow *self, const char *text) {
  end (self);
  show_message (self->worker_message, text);
  show_workers (self);
}

static void
worker_added_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean added = tessera_safety_finish (TESSERA_SESSION (source), result, &error);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (!is_alive (self))
    return;
  name = tessera_text_isolate (get_text (self->name_row));
  if (added) {
    /* Translators: %s is the name of a worker. */
    text = g_strdup_printf (_("%s can unlock from now on."), name);
    empty (self->name_row);
    empty (self->their_row);
    empty (self->their_again_row);
    adw_expander_row_set_expanded (self->add_expander, FALSE);
  }
  worker_done (self, added ? text : error->message);
}

static void
add_worker_cb (TesseraSafetyWindow *self) {
  guint role = MIN (adw_combo_row_get_selected (self->role_row), G_N_ELEMENTS (roles) - 1);

  if (self->busy || *get_text (self->name_row) == '\0' || !is_good_pair (self->their_row, self->their_again_row))
    return;
  begin (self, self->worker_message);
  tessera_safety_add_worker_async (self->session, get_text (self->name_row), roles[role],
                                   tessera_language_get_current ()->tag, get_secret (self->their_row),
                                   worker_added_cb, g_object_ref (self));
}

static void
worker_removed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSafetyWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean removed = tessera_safety_finish (TESSERA_SESSION (source), result, &error);

  if (is_alive (self))
    worker_done (self, removed ? _("Removed. Change the key as well if they may have kept a copy of the vault.")
                               : error->message);
}

static void
remove_response_cb (TesseraSafetyWindow *self, const char *response, GtkWidget *dialog) {
  if (g_strcmp0 (response, "remove") != 0 || self->busy || tessera_session_get_store (self->session) == NULL)
    return;
  begin (self, self->worker_message);
  tessera_safety_remove_worker_async (self->session, g_object_get_data (G_OBJECT (dialog), "worker"),
                                      worker_removed_cb, g_object_ref (self));
}

static void
remove_clicked_cb (TesseraSafetyWindow *self, GtkWidget *button) {
  const char *name = g_object_get_data (G_OBJECT (button), "worker");
  g_autofree char *isolated = tessera_text_isolate (name);
  /* Translators: %s is the name of a worker. */
  g_autofree char *body = g_strdup_printf (_("%s can no longer unlock this vault. What they wrote stays."), isolated);
  /* Without the name: it would be the title of a window. */
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Remove This Worker?"), NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "remove", _("Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "worker", g_strdup (name), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkWidget *
make_worker_row (TesseraSafetyWindow *self, TesseraRecord *worker) {
  GtkWidget *row = adw_action_row_new ();
  const char *name = tessera_record_get (worker, "name");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               tessera_vocabulary_get_label ("role", tessera_record_get (worker, "role")));
  if (worker != tessera_session_get_worker (self->session)
      && g_strcmp0 (tessera_record_get_id (worker), tessera_session_get_worker_id (self->session)) != 0) {
    GtkWidget *button = gtk_button_new_with_label (_("Remove…"));

    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    g_object_set_data_full (G_OBJECT (button), "worker", g_strdup (name), g_free);
    g_signal_connect_object (button, "clicked", G_CALLBACK (remove_clicked_cb), self, G_CONNECT_SWAPPED);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  }
  return row;
}

static void
show_workers (TesseraSafetyWindow *self) {
  GPtrArray *workers = tessera_session_get_unlockers (self->session);
  TesseraRecord *present = tessera_session_get_worker (self->session);
  gboolean supervisor = present != NULL && g_strcmp0 (tessera_record_get (present, "role"), "supervisor") == 0;

  for (guint i = 0; i < self->worker_rows->len; i++)
    adw_preferences_group_remove (self->workers_group, g_ptr_array_index (self->worker_rows, i));
  g_ptr_array_set_size (self->worker_rows, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->workers_group), supervisor);
  gtk_widget_set_visible (self->manage_group, supervisor);
  for (guint i = 0; supervisor && i < workers->len; i++) {
    TesseraRecord *worker = g_ptr_array_index (workers, i);
    GtkWidget *row = make_worker_row (self, worker);

    adw_preferences_group_add (self->workers_group, row);
    g_ptr_array_add (self->worker_rows, row);
  }
}

static void
changed_cb (TesseraSafetyWindow *self, const char *entities) {
  if (tessera_session_concerns (entities, "worker"))
    show_workers (self);
}

/* ---- the key ---- */

/* The windows were made anew around it: what is left of this one may be gone. */
static void
rotated_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GtkWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (tessera_session_rotate_finish (TESSERA_SESSION (source), result, &error))
    tessera_screen_toast (GTK_WIDGET (window), _("The vault has another key. Make a backup: older ones have the old one."));
  else
    tessera_screen_toast_error (GTK_WIDGET (window), error);
}

static gboolean
rotate_later_cb (gpointer data) {
  TesseraSafetyWindow *self = data;
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (is_alive (self) && tessera_session_get_store (self->session) != NULL && parent != NULL)
    tessera_session_rotate_async (self->session, rotated_cb, g_object_ref (parent));
  return G_SOURCE_REMOVE;
}

static void
rotate_response_cb (TesseraSafetyWindow *self, const char *response) {
  if (g_strcmp0 (response, "rotate") == 0 && !self->busy)
    g_idle_add_full (G_PRIORITY_HIGH, rotate_later_cb, g_object_ref (self), g_object_unref);
}

static void
rotate_cb (TesseraSafetyWindow *self) {
  GtkWidget *dialog = adw_message_dialog_new (
    GTK_WINDOW (self), _("Change the Key of the Vault?"),
    _("The record is sealed again, page by page; nobody can work in it meanwhile. With many clients that takes some "
      "minutes and as much room on the disk as the vault has. Make a backup first."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "rotate", _("Change the Key"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "rotate", ADW_RESPONSE_SUGGESTED);
  g_signal_connect_object (dialog, "response", G_CALLBACK (rotate_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the screen ---- */

static char *
tessera_safety_window_get_title (TesseraPage *page) {
  return g_strdup (_("Safety"));
}

static void
tessera_safety_window_focus (TesseraPage *page) {
  gtk_widget_grab_focus (TESSERA_SAFETY_WINDOW (page)->backup_button);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_safety_window_get_title;
  iface->focus = tessera_safety_window_focus;
}

/* Secrets first: an entry may live on in the hands of whoever looks at it last. */
static void
tessera_safety_window_dispose (GObject *object) {
  TesseraSafetyWindow *self = TESSERA_SAFETY_WINDOW (object);

  if (self->session != NULL) {
    GtkWidget *const secrets[] = { self->present_row, self->fresh_row, self->again_row, self->their_row,
                                   self->their_again_row };

    g_clear_object (&self->session);
    cancel_cb (self);
    /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
    for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
      empty (secrets[i]);
  }
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (tessera_safety_window_parent_class)->dispose (object);
}

static void
tessera_safety_window_finalize (GObject *object) {
  g_ptr_array_unref (TESSERA_SAFETY_WINDOW (object)->worker_rows);
  G_OBJECT_CLASS (tessera_safety_window_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, outside_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, local_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, check_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, backup_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, check_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, progress_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, backup_message);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, lock_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, passphrase_expander);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, present_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, fresh_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, again_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, change_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, passphrase_message);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, workers_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, manage_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, add_expander);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, role_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, their_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, their_again_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, add_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, rotate_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSafetyWindow, worker_message);
}

static void
tessera_safety_window_class_init (TesseraSafetyWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_safety_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_safety_window_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-safety-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, back_up_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, lock_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, passphrase_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, change_passphrase_cb);
  gtk_widget_class_bind_template_callback (widget_class, worker_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_worker_cb);
  gtk_widget_class_bind_template_callback (widget_class, rotate_cb);
}

static void
tessera_safety_window_init (TesseraSafetyWindow *self) {
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  self->worker_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("role", roles[i]));
  adw_combo_row_set_model (self->role_row, G_LIST_MODEL (labels));
}

GtkWidget *
tessera_safety_window_new (TesseraSession *session, const char *argument) {
  TesseraSafetyWindow *self = g_object_new (TESSERA_TYPE_SAFETY_WINDOW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  set_up_lock (self);
  show_workers (self);
  load_backups (self);
  update (self);
  return GTK_WIDGET (self);
}
