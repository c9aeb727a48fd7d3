/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers-box.c: the carriers of this laptop; see the header.
 *
 * What is on disk comes from the settings, what goes on now from TesseraSync. Rows are made again only when a carrier
 * came or went, so that nobody loses their place while a visit goes on.
 */
#include "config.h"
#include "tessera-carriers-box.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-carrier-dialog.h"
#include "tessera-exchange-work.h"
#include "tessera-screen.h"
#include "tessera-text.h"

struct _TesseraCarriersBox {
  AdwBin parent_instance;

  TesseraSession *session;
  TesseraSync *sync;       /* the one that is listened to */
  GPtrArray *rows;
  GtkFileChooserNative *chooser;
  TesseraRemovedCarrier *removed;  /* what Undo brings back, as long as it is offered */
  gboolean asked;          /* an exchange that was asked for here goes on */
  gboolean setting;

  AdwActionRow *now_row;
  GtkWidget *now_button;
  GtkWidget *progress_row;
  GtkProgressBar *progress_bar;
  GtkLabel *message;
  GtkWidget *undo_button;
  AdwPreferencesGroup *carriers_group;
  GtkWidget *folder_button;
};

G_DEFINE_FINAL_TYPE (TesseraCarriersBox, tessera_carriers_box, ADW_TYPE_BIN)

enum {
  SIGNAL_VISITED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* The widgets of one carrier. */
typedef struct {
  char *name;
  AdwExpanderRow *row;
  AdwActionRow *place_row;
  AdwActionRow *last_row;
  AdwActionRow *next_row;
  GtkSwitch *paused;
  GtkSwitch *metered;
} Row;

static void load (TesseraCarriersBox *self);

static void
row_free (gpointer data) {
  Row *row = data;

  g_free (row->name);
  g_free (row);
}

/* In place of a toast, which screen readers in GTK 4.8 neither say nor find, and which goes by itself. */
static void
show_message_full (TesseraCarriersBox *self, const char *text, TesseraRemovedCarrier *removed) {
  g_clear_pointer (&self->removed, tessera_removed_carrier_free);
  self->removed = removed;
  if (removed == NULL && gtk_widget_has_focus (self->undo_button))
    gtk_widget_grab_focus (self->folder_button);
  gtk_widget_set_visible (self->undo_button, removed != NULL);
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
show_message (TesseraCarriersBox *self, const char *text) {
  show_message_full (self, text, NULL);
}

/* Whether there is anybody left to tell, after something that took its time. */
static gboolean
is_alive (TesseraCarriersBox *self) {
  return self->session != NULL;
}

static TesseraSync *
get_sync (TesseraCarriersBox *self) {
  return is_alive (self) ? tessera_session_get_sync (self->session) : NULL;
}

static gboolean
is_working (TesseraCarriersBox *self) {
  gboolean working = FALSE;

  if (get_sync (self) != NULL)
    g_object_get (get_sync (self), "working", &working, NULL);
  return working || self->asked;
}

static void
update (TesseraCarriersBox *self) {
  gtk_widget_set_sensitive (self->now_button, get_sync (self) != NULL && !is_working (self) && self->rows->len > 0);
  gtk_widget_set_visible (self->progress_row, is_working (self));
}

/* ---- what goes on ---- */

/* Of what is known by size: bytes move more evenly than files. */
static double
get_fraction (const TesseraPostProgress *progress) {
  if (progress->bytes > 0)
    return CLAMP ((double) progress->bytes_done / (double) progress->bytes, 0, 1);
  return progress->n_files > 0 ? CLAMP ((double) progress->n_done / progress->n_files, 0, 1) : 0;
}

static void
progress_cb (TesseraCarriersBox *self) {
  const char *carrier = NULL;
  TesseraPostProgress progress = { 0 };
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (get_sync (self) == NULL || !tessera_sync_get_progress (get_sync (self), &carrier, &progress))
    return;
  name = tessera_text_isolate (carrier);
  /* Translators: the first %s is the name of a carrier, the second what is being done, such as "Sending". */
  text = g_strdup_printf (_("%s: %s"), name, tessera_post_phase_to_text (progress.phase));
  gtk_progress_bar_set_text (self->progress_bar, text);
  gtk_progress_bar_set_fraction (self->progress_bar, get_fraction (&progress));
}

static void
working_cb (TesseraCarriersBox *self) {
  if (!is_working (self))
    gtk_progress_bar_set_fraction (self->progress_bar, 0);
  update (self);
}

static void
visited_cb (TesseraCarriersBox *self) {
  g_signal_emit (self, signals[SIGNAL_VISITED], 0);
}

static void
add_line (GString *text, const char *name, const char *what) {
  g_autofree char *isolated = tessera_text_isolate (name);

  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, _("%s: %s"), isolated, what);
}

static char *
describe_visit (const TesseraPostVisit *visit) {
  guint came = tessera_post_visit_count (visit, TESSERA_ARRIVAL_APPLIED);
  g_autofree char *sent = NULL;
  g_autofree char *received = NULL;

  if (visit->error != NULL)
    return g_strdup (visit->error->message);
  if (visit->n_sent == 0 && came == 0)
    return g_strdup (_("Done; there was nothing new."));
  sent = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file sent", "%u files sent", visit->n_sent), visit->n_sent);
  received = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u taken in", "%u taken in", came), came);
  /* Translators: both are numbers of files: "2 files sent", "1 taken in". */
  return g_strdup_printf (_("Done: %s, %s."), sent, received);
}

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraCarriersBox) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) visits = tessera_sync_now_finish (TESSERA_SYNC (source), result, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (!is_alive (self))
    return;
  self->asked = FALSE;
  for (guint i = 0; visits != NULL && i < visits->len; i++) {
    const TesseraPostVisit *visit = g_ptr_array_index (visits, i);
    g_autofree char *what = describe_visit (visit);

    add_line (text, visit->carrier, what);
  }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self, error->message);
  else if (text->len > 0)
    show_message (self, text->str);
  else
    show_message (self, _("All carriers are paused."));
  load (self);
  update (self);
}

static void
now_cb (TesseraCarriersBox *self) {
  if (get_sync (self) == NULL || is_working (self))
    return;
  self->asked = TRUE;
  show_message (self, NULL);
  gtk_progress_bar_set_text (self->progress_bar, tessera_post_phase_to_text (TESSERA_POST_LOOKING));
  tessera_sync_now_async (get_sync (self), NULL, NULL, exchanged_cb, g_object_ref (self));
  update (self);
}

static void
cancel_cb (TesseraCarriersBox *self) {
  if (get_sync (self) != NULL)
    tessera_sync_cancel (get_sync (self));
}

/* ---- changing a carrier ---- */

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraCarriersBox) self = data;
  g_autoptr (GError) error = NULL;

  tessera_store_finish (TESSERA_STORE (source), result, &error);
  if (is_alive (self))
    show_message (self, error != NULL ? error->message : NULL);
  load (self);
}

static void
write_later (TesseraCarriersBox *self, TesseraStoreFunc func, gpointer data, GDestroyNotify destroy,
             GAsyncReadyCallback callback) {
  TesseraStore *store = is_alive (self) ? tessera_session_get_store (self->session) : NULL;

  if (store == NULL)
    destroy (data);
  else
    tessera_store_write_async (store, func, data, destroy, NULL, callback, g_object_ref (self));
}

static void
switch_later (TesseraCarriersBox *self, const char *name, int paused, int metered) {
  if (!self->setting)
    write_later (self, tessera_exchange_switch_carrier, tessera_carrier_switch_new (name, paused, metered),
                 tessera_carrier_switch_free, changed_cb);
}

static void
paused_cb (TesseraCarriersBox *self, GParamSpec *pspec, GtkSwitch *widget) {
  switch_later (self, g_object_get_data (G_OBJECT (widget), "carrier"), gtk_switch_get_active (widget), -1);
}

static void
metered_cb (TesseraCarriersBox *self, GParamSpec *pspec, GtkSwitch *widget) {
  switch_later (self, g_object_get_data (G_OBJECT (widget), "carrier"), -1, gtk_switch_get_active (widget));
}

static void
undo_cb (TesseraCarriersBox *self) {
  if (self->removed != NULL)
    write_later (self, tessera_exchange_restore_carrier, g_steal_pointer (&self->removed), tessera_removed_carrier_free,
                 changed_cb);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraCarriersBox) self = data;
  g_autoptr (GError) error = NULL;

  tessera_store_finish (TESSERA_STORE (source), result, &error);
  if (!is_alive (self))
    return;
  if (error != NULL)
    show_message (self, error->message);
  else
    show_message_full (self, _("Removed. What lies on it stays there."),
                       tessera_removed_carrier_steal (tessera_store_result_get_data (result)));
  load (self);
}

static void
remove_cb (TesseraCarriersBox *self, GtkWidget *button) {
  write_later (self, tessera_exchange_remove_carrier,
               tessera_removed_carrier_new (g_object_get_data (G_OBJECT (button), "carrier")),
               tessera_removed_carrier_free, removed_cb);
}

/* ---- rows ---- */

static AdwActionRow *
add_fact_row (Row *row, const char *title) {
  GtkWidget *fact = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (fact), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (fact), title);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (fact), 0);
  adw_expander_row_add_row (row->row, fact);
  return ADW_ACTION_ROW (fact);
}

static GtkSwitch *
add_switch_row (TesseraCarriersBox *self, Row *row, const char *title, GCallback callback) {
  AdwActionRow *fact = add_fact_row (row, title);
  GtkWidget *widget = gtk_switch_new ();

  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (widget), "carrier", g_strdup (row->name), g_free);
  g_signal_connect_object (widget, "notify::active", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (fact, widget);
  adw_action_row_set_activatable_widget (fact, widget);
  return GTK_SWITCH (widget);
}

static void
add_remove_row (TesseraCarriersBox *self, Row *row) {
  AdwActionRow *fact = add_fact_row (row, _("No longer used"));
  GtkWidget *button = gtk_button_new_with_label (_("Remove"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "carrier", g_strdup (row->name), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (fact, button);
}

static Row *
make_row (TesseraCarriersBox *self, const TesseraCarrierSettings *settings) {
  gboolean server = settings->kind == TESSERA_CARRIER_WEBDAV;
  Row *row = g_new0 (Row, 1);

  row->name = g_strdup (settings->name);
  row->row = ADW_EXPANDER_ROW (adw_expander_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->row), settings->name);
  adw_expander_row_set_icon_name (row->row, server ? "network-server-symbolic" : "folder-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->row), GTK_ACCESSIBLE_PROPERTY_LABEL, settings->name, -1);
  row->place_row = add_fact_row (row, _("Place"));
  row->last_row = add_fact_row (row, _("Last exchange"));
  row->next_row = add_fact_row (row, _("Next try"));
  row->paused = add_switch_row (self, row, _("Paused"), G_CALLBACK (paused_cb));
  if (server)
    row->metered = add_switch_row (self, row, _("Also on lines that cost by the amount"), G_CALLBACK (metered_cb));
  add_remove_row (self, row);
  return row;
}

static void
show_settings (const Row *row, const TesseraCarrierSettings *settings) {
  g_autofree char *place = tessera_carrier_settings_get_place (settings);
  g_autofree char *last = settings->succeeded_at > 0 ? tessera_text_instant (settings->succeeded_at) : NULL;
  g_autofree char *markup = g_markup_escape_text (place, -1);
  g_autofree char *problem = settings->problem != NULL ? g_markup_escape_text (settings->problem, -1) : NULL;

  adw_action_row_set_subtitle (row->place_row, markup);
  adw_action_row_set_subtitle (row->last_row, last != NULL ? last : _("Never"));
  adw_expander_row_set_subtitle (row->row, problem != NULL ? problem : "");
  gtk_switch_set_active (row->paused, settings->paused);
  if (row->metered != NULL)
    gtk_switch_set_active (row->metered, settings->metered);
}

static void
show_status (const Row *row, const TesseraSyncStatus *status) {
  g_autofree char *next = status->next_try > 0 ? tessera_text_instant (status->next_try) : NULL;
  g_autofree char *last = status->succeeded_at > 0 ? tessera_text_instant (status->succeeded_at) : NULL;
  g_autofree char *sentence = g_markup_escape_text (status->sentence, -1);

  adw_expander_row_set_subtitle (row->row, sentence);
  adw_action_row_set_subtitle (row->next_row, next != NULL ? next : _("Not by itself"));
  adw_action_row_set_subtitle (row->last_row, last != NULL ? last : _("Never"));
  if (status->state == TESSERA_SYNC_NEEDS_ATTENTION)
    gtk_widget_add_css_class (GTK_WIDGET (row->row), "attention");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row->row), "attention");
}

static void
show_statuses (TesseraCarriersBox *self) {
  g_autoptr (GPtrArray) statuses = get_sync (self) != NULL ? tessera_sync_list_status (get_sync (self)) : NULL;

  for (guint i = 0; i < self->rows->len; i++) {
    const Row *row = g_ptr_array_index (self->rows, i);
    const TesseraSyncStatus *found = NULL;

    for (guint j = 0; statuses != NULL && j < statuses->len; j++) {
      const TesseraSyncStatus *status = g_ptr_array_index (statuses, j);

      if (g_str_equal (status->name, row->name))
        found = status;
    }
    gtk_widget_set_visible (GTK_WIDGET (row->next_row), found != NULL);
    if (found != NULL)
      show_status (row, found);
  }
}

static gboolean
are_rows_of (TesseraCarriersBox *self, GPtrArray *carriers) {
  for (guint i = 0; i < carriers->len && i < self->rows->len; i++)
    if (!g_str_equal (((Row *) g_ptr_array_index (self->rows, i))->name,
                      ((TesseraCarrierSettings *) g_ptr_array_index (carriers, i))->name))
      return FALSE;
  return carriers->len == self->rows->len;
}

static void
make_rows (TesseraCarriersBox *self, GPtrArray *carriers) {
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean had_focus = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->carriers_group));

  /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
  if (had_focus)
    gtk_widget_grab_focus (self->folder_button);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->carriers_group, GTK_WIDGET (((Row *) g_ptr_array_index (self->rows, i))->row));
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < carriers->len; i++) {
    Row *row = make_row (self, g_ptr_array_index (carriers, i));

    g_ptr_array_add (self->rows, row);
    adw_preferences_group_add (self->carriers_group, GTK_WIDGET (row->row));
  }
}

/* "3 to be sent since 21 Nov 2026 10:15", or %NULL. */
static char *
describe_unsent (const TesseraCarrierFacts *facts) {
  guint count = (guint) facts->counts.n_waiting;
  g_autofree char *text = NULL;
  g_autofree char *since = NULL;

  if (count == 0)
    return NULL;
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u to be sent", "%u to be sent", count), count);
  if (facts->oldest == 0)
    return g_steal_pointer (&text);
  since = tessera_text_instant (facts->oldest);
  /* Translators: "3 to be sent", and a date and time. */
  return g_strdup_printf (_("%s since %s"), text, since);
}

static char *
describe_waiting (const TesseraCarrierFacts *facts) {
  guint count = (guint) facts->counts.n_on_the_way;
  g_autofree char *unsent = describe_unsent (facts);
  g_autofree char *away = NULL;

  if (count == 0)
    return unsent != NULL ? g_steal_pointer (&unsent) : g_strdup (_("Nothing; everybody has everything."));
  away = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u on the way to its readers", "%u on the way to their readers", count), count);
  /* Translators: "3 to be sent", "2 on the way to their readers". */
  return unsent != NULL ? g_strdup_printf (_("%s; %s"), unsent, away) : g_steal_pointer (&away);
}

static void
show (TesseraCarriersBox *self, const TesseraCarrierFacts *facts) {
  g_autofree char *waiting = describe_waiting (facts);

  self->setting = TRUE;
  if (!are_rows_of (self, facts->carriers))
    make_rows (self, facts->carriers);
  for (guint i = 0; i < self->rows->len; i++)
    show_settings (g_ptr_array_index (self->rows, i), g_ptr_array_index (facts->carriers, i));
  self->setting = FALSE;
  adw_action_row_set_subtitle (self->now_row, self->rows->len > 0 || facts->counts.n_waiting > 0
                                                ? waiting
                                                : _("No carrier yet: add one, so that others get what is written here."));
  show_statuses (self);
  update (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraCarriersBox) self = data;

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL) && is_alive (self))
    show (self, tessera_store_result_get_data (result));
}

/* Exchange begins only when the laptop has joined, which may be while this is shown. */
static void
listen (TesseraCarriersBox *self) {
  TesseraSync *sync = get_sync (self);

  if (sync == self->sync)
    return;
  if (self->sync != NULL)
    g_signal_handlers_disconnect_by_data (self->sync, self);
  g_set_object (&self->sync, sync);
  if (sync == NULL)
    return;
  g_signal_connect_object (sync, "changed", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sync, "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sync, "notify::working", G_CALLBACK (working_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sync, "visited", G_CALLBACK (visited_cb), self, G_CONNECT_SWAPPED);
}

static void
load (TesseraCarriersBox *self) {
  TesseraStore *store = is_alive (self) ? tessera_session_get_store (self->session) : NULL;

  if (store == NULL)
    return;
  listen (self);
  tessera_store_read_async (store, tessera_exchange_load_carriers, g_new0 (TesseraCarrierFacts, 1),
                            tessera_carrier_facts_free, NULL, loaded_cb, g_object_ref (self));
}

static void
store_changed_cb (TesseraCarriersBox *self, const char *entities) {
  if (tessera_session_concerns (entities, "setting") || tessera_session_concerns (entities, "bundle"))
    load (self);
}

/* ---- adding ---- */

static void
open_dialog (TesseraCarriersBox *self, const char *folder) {
  GtkWidget *dialog = tessera_carrier_dialog_new (self->session, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                                  folder);

  gtk_window_present (GTK_WINDOW (dialog));
  tessera_carrier_dialog_focus (TESSERA_CARRIER_DIALOG (dialog));
}

static void
folder_chosen_cb (TesseraCarriersBox *self, int response) {
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  path = file != NULL ? g_file_get_path (file) : NULL;
  g_clear_object (&self->chooser);
  if (path != NULL)
    open_dialog (self, path);
  else if (file != NULL)
    show_message (self, _("This place cannot be written to like a folder; choose a folder or a stick."));
}

static void
add_folder_cb (TesseraCarriersBox *self) {
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Add a Folder"),
                                               GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("Choose"), _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (folder_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
add_server_cb (TesseraCarriersBox *self) {
  open_dialog (self, NULL);
}

void
tessera_carriers_box_focus (TesseraCarriersBox *self) {
  gtk_widget_grab_focus (gtk_widget_is_sensitive (self->now_button) ? self->now_button : self->folder_button);
}

/* ---- the widget ---- */

static void
tessera_carriers_box_dispose (GObject *object) {
  TesseraCarriersBox *self = TESSERA_CARRIERS_BOX (object);

  if (self->sync != NULL)
    g_signal_handlers_disconnect_by_data (self->sync, self);
  g_clear_object (&self->sync);
  g_clear_pointer (&self->removed, tessera_removed_carrier_free);
  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (tessera_carriers_box_parent_class)->dispose (object);
}

static void
tessera_carriers_box_finalize (GObject *object) {
  g_ptr_array_unref (TESSERA_CARRIERS_BOX (object)->rows);
  G_OBJECT_CLASS (tessera_carriers_box_parent_class)->finalize (object);
}

static void
tessera_carriers_box_class_init (TesseraCarriersBoxClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_carriers_box_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_carriers_box_finalize;
  signals[SIGNAL_VISITED] = g_signal_new ("visited", TESSERA_TYPE_CARRIERS_BOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-carriers-box.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, now_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, now_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, progress_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, undo_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, carriers_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraCarriersBox, folder_button);
  gtk_widget_class_bind_template_callback (widget_class, now_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, undo_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_server_cb);
}

static void
tessera_carriers_box_init (TesseraCarriersBox *self) {
  self->rows = g_ptr_array_new_with_free_func (row_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_carriers_box_new (TesseraSession *session) {
  TesseraCarriersBox *self = g_object_new (TESSERA_TYPE_CARRIERS_BOX, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  update (self);
  load (self);
  return GTK_WIDGET (self);
}
