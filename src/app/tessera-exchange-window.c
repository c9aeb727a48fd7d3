/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-window.c: "Team and Exchange"; see the header.
 *
 * The laptops are read again whenever they or their workers change; the row that is open stays open.
 */
#include "config.h"
#include "tessera-exchange-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-admit-dialog.h"
#include "tessera-carriers-box.h"
#include "tessera-exchange-work.h"
#include "tessera-page.h"
#include "tessera-screen.h"
#include "tessera-text.h"

static const char *const roles[] = { "worker", "mediator", "supervisor" };

struct _TesseraExchangeWindow {
  AdwPreferencesWindow parent_instance;

  TesseraSession *session;
  TesseraTeamFacts *facts;
  GPtrArray *rows;         /* AdwExpanderRow, with the id of the laptop as data */
  GtkFileChooserNative *chooser;
  TesseraCarriersBox *carriers_box;
  TesseraTeamDecision *undo;  /* what takes back the last one, as long as that is offered */
  gboolean busy;

  GtkWidget *notice_group;
  GtkLabel *notice;
  AdwPreferencesGroup *team_group;
  GtkWidget *admit_group;
  GtkWidget *admit_button;
  GtkLabel *message;
  GtkWidget *undo_button;
  GtkLabel *organization_label;
  AdwActionRow *root_row;
  AdwPreferencesGroup *exchange_group;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraExchangeWindow, tessera_exchange_window, ADW_TYPE_PREFERENCES_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static void load (TesseraExchangeWindow *self);

/* Whether there is anybody left to tell, after something that took its time. */
static gboolean
is_alive (TesseraExchangeWindow *self) {
  return self->session != NULL;
}

/* In place of a toast, which screen readers in GTK 4.8 neither say nor find, and which goes by itself. */
static void
show_message_full (TesseraExchangeWindow *self, const char *text, TesseraTeamDecision *undo) {
  g_clear_pointer (&self->undo, tessera_team_decision_free);
  self->undo = undo;
  if (undo == NULL && gtk_widget_has_focus (self->undo_button))
    gtk_widget_grab_focus (self->admit_button);
  gtk_widget_set_visible (self->undo_button, undo != NULL);
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
show_message (TesseraExchangeWindow *self, const char *text) {
  show_message_full (self, text, NULL);
}

/* ---- deciding ---- */

static void
decide_later (TesseraExchangeWindow *self, TesseraTeamDecision *decision, GAsyncReadyCallback callback) {
  TesseraStore *store = is_alive (self) ? tessera_session_get_store (self->session) : NULL;

  if (store == NULL || self->busy) {
    tessera_team_decision_free (decision);
    return;
  }
  self->busy = TRUE;
  show_message (self, NULL);
  tessera_store_write_async (store, tessera_exchange_decide, decision, tessera_team_decision_free, NULL, callback,
                             g_object_ref (self));
}

/* The rows say what holds now, also when it was refused. */
static void
decided_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraExchangeWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean decided = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraTeamDecision *decision = tessera_store_result_get_data (result);

  if (!is_alive (self))
    return;
  self->busy = FALSE;
  if (!decided)
    show_message (self, error->message);
  else if (decision->verb != TESSERA_TEAM_SET_ROLE)
    show_message (self, _("Done. Exchange soon, so that the others know."));
  load (self);
}

static void
undo_cb (TesseraExchangeWindow *self) {
  if (self->undo != NULL)
    decide_later (self, g_steal_pointer (&self->undo), decided_cb);
}

static TesseraTeamDecision *
make_undo (const TesseraTeamDecision *decision) {
  TesseraTeamDecision *undo = tessera_team_decision_new (TESSERA_TEAM_SET_ROLE, decision->device);

  undo->role = g_strdup (decision->before);
  return undo;
}

static void
role_set_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraExchangeWindow) self = data;
  g_autoptr (GError) error = NULL;

  tessera_store_finish (TESSERA_STORE (source), result, &error);
  if (!is_alive (self))
    return;
  self->busy = FALSE;
  if (error == NULL)
    show_message_full (self, _("The role was changed."), make_undo (tessera_store_result_get_data (result)));
  else
    show_message (self, error->message);
  load (self);
}

static void
role_chosen_cb (TesseraExchangeWindow *self, GParamSpec *pspec, AdwComboRow *row) {
  const char *before = g_object_get_data (G_OBJECT (row), "role");
  guint selected = adw_combo_row_get_selected (row);
  TesseraTeamDecision *decision = NULL;

  if (selected >= G_N_ELEMENTS (roles) || g_strcmp0 (roles[selected], before) == 0)
    return;
  decision = tessera_team_decision_new (TESSERA_TEAM_SET_ROLE, g_object_get_data (G_OBJECT (row), "device"));
  decision->role = g_strdup (roles[selected]);
  decision->before = g_strdup (before);
  decide_later (self, decision, role_set_cb);
}

static void
leave_response_cb (TesseraExchangeWindow *self, const char *response, GtkWidget *dialog) {
  const char *device = g_object_get_data (G_OBJECT (dialog), "device");

  if (g_strcmp0 (response, "retire") == 0)
    decide_later (self, tessera_team_decision_new (TESSERA_TEAM_RETIRE, device), decided_cb);
  else if (g_strcmp0 (response, "revoke") == 0)
    decide_later (self, tessera_team_decision_new (TESSERA_TEAM_REVOKE, device), decided_cb);
}

static void
ask (TesseraExchangeWindow *self, GtkWidget *button, const char *heading, const char *body, const char *response,
     const char *label) {
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), response, label, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), response, ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "device", g_strdup (g_object_get_data (G_OBJECT (button), "device")),
                          g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (leave_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
retire_cb (TesseraExchangeWindow *self, GtkWidget *button) {
  ask (self, button, _("Retire This Laptop?"),
       _("It gets nothing more; what was written on it stays. To use it again it must ask again and be admitted."),
       "retire", _("Retire"));
}

static void
revoke_cb (TesseraExchangeWindow *self, GtkWidget *button) {
  ask (self, button, _("Revoke This Laptop?"),
       _("It gets nothing more, and what is written on it from now on counts for nothing; what came from it until now "
         "stays. It can never be admitted again. What is on it stays there, behind the passphrases of who worked on "
         "it."),
       "revoke", _("Revoke"));
}

/* ---- rows ---- */

static AdwActionRow *
add_fact (AdwExpanderRow *parent, const char *title, const char *text) {
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup != NULL ? markup : "");
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_expander_row_add_row (parent, row);
  return ADW_ACTION_ROW (row);
}

static void
add_role_row (TesseraExchangeWindow *self, AdwExpanderRow *parent, const TesseraTeamLaptop *member) {
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  guint selected = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++) {
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("role", roles[i]));
    if (g_str_equal (roles[i], member->role))
      selected = i;
  }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Role"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (labels));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_object_set_data_full (G_OBJECT (row), "device", g_strdup (member->device), g_free);
  g_object_set_data_full (G_OBJECT (row), "role", g_strdup (member->role), g_free);
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (role_chosen_cb), self, G_CONNECT_SWAPPED);
  adw_expander_row_add_row (parent, row);
}

static void
add_leave_row (TesseraExchangeWindow *self, AdwExpanderRow *parent, const TesseraTeamLaptop *member, const char *title,
               const char *label, GCallback callback) {
  AdwActionRow *row = add_fact (parent, title, NULL);
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "device", g_strdup (member->device), g_free);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

static void
add_decisions (TesseraExchangeWindow *self, AdwExpanderRow *row, const TesseraTeamLaptop *member) {
  if (!self->facts->may_change || member->is_own)
    return;
  if (member->state == TESSERA_DEVICE_ACTIVE) {
    add_role_row (self, row, member);
    add_leave_row (self, row, member, _("No longer used"), _("Retire…"), G_CALLBACK (retire_cb));
  }
  if (member->state != TESSERA_DEVICE_REVOKED)
    add_leave_row (self, row, member, _("Lost or stolen"), _("Revoke…"), G_CALLBACK (revoke_cb));
}

static const char *
name_state (const TesseraTeamLaptop *member) {
  switch (member->state) {
  case TESSERA_DEVICE_RETIRED:
    return C_("state of a laptop", "Retired");
  case TESSERA_DEVICE_REVOKED:
    return C_("state of a laptop", "Revoked");
  case TESSERA_DEVICE_ACTIVE:
  default:
    return C_("state of a laptop", "Active");
  }
}

static char *
describe_heard (const TesseraTeamLaptop *member) {
  if (member->is_own)
    return g_strdup (_("This laptop"));
  return member->heard_at > 0 ? tessera_text_instant (member->heard_at) : g_strdup (_("Never"));
}

static char *
join_names (GPtrArray *names) {
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? _(", ") : "", (char *) g_ptr_array_index (names, i));
  return g_string_free (text, FALSE);
}

/* In what role, who, and how it is: what one looks for. First a word of the reader's language, which gives the line its
 * direction. */
static char *
describe_member (const TesseraTeamLaptop *member) {
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (member->is_own)
    g_ptr_array_add (parts, g_strdup (_("This laptop")));
  g_ptr_array_add (parts, g_strdup (tessera_vocabulary_get_label ("role", member->role)));
  if (member->worker != NULL)
    g_ptr_array_add (parts, tessera_text_isolate (member->worker));
  if (member->state != TESSERA_DEVICE_ACTIVE) {
    g_ptr_array_add (parts, g_strdup (name_state (member)));
  } else if (!member->is_own) {
    g_autofree char *ago = tessera_text_ago (member->heard_at);

    /* Translators: %s is "Today", "5 days ago", "Never" and the like. */
    g_ptr_array_add (parts, g_strdup_printf (_("Last heard: %s"), ago));
  }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

static GtkWidget *
make_row (TesseraExchangeWindow *self, const TesseraTeamLaptop *member) {
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *text = describe_member (member);
  g_autofree char *markup = g_markup_escape_text (text, -1);
  g_autofree char *heard = describe_heard (member);
  g_autofree char *since = tessera_text_instant (member->since);
  g_autofree char *circles = join_names (member->circles);
  g_autofree char *state = g_strdup_printf (_("%s, since %s"), name_state (member), since);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), member->name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), markup);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, member->name, -1);
  g_object_set_data_full (G_OBJECT (row), "device", g_strdup (member->device), g_free);
  add_fact (ADW_EXPANDER_ROW (row), _("State"), state);
  add_fact (ADW_EXPANDER_ROW (row), _("Last heard"), heard);
  add_fact (ADW_EXPANDER_ROW (row), _("Fingerprint"), member->fingerprint);
  add_fact (ADW_EXPANDER_ROW (row), _("Circles"), circles);
  add_decisions (self, ADW_EXPANDER_ROW (row), member);
  return row;
}

/* The id of the laptop whose row is open. */
static char *
find_open (TesseraExchangeWindow *self) {
  for (guint i = 0; i < self->rows->len; i++)
    if (adw_expander_row_get_expanded (g_ptr_array_index (self->rows, i)))
      return g_strdup (g_object_get_data (g_ptr_array_index (self->rows, i), "device"));
  return NULL;
}

static void
clear_rows (TesseraExchangeWindow *self) {
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  /* libadwaita 1.2 tells a row that had the focus once more when it has gone. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->team_group)))
    gtk_window_set_focus (GTK_WINDOW (self), self->admit_button);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->team_group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
}

static void
show_rows (TesseraExchangeWindow *self) {
  g_autofree char *open = find_open (self);

  clear_rows (self);
  for (guint i = 0; i < self->facts->members->len; i++) {
    const TesseraTeamLaptop *member = g_ptr_array_index (self->facts->members, i);
    GtkWidget *row = make_row (self, member);

    adw_preferences_group_add (self->team_group, row);
    g_ptr_array_add (self->rows, row);
    if (g_strcmp0 (open, member->device) == 0)
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  }
}

/* Rosters do not say who holds the key; supervisors know. */
static char *
name_supervisors (TesseraExchangeWindow *self) {
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->facts->members->len; i++) {
    const TesseraTeamLaptop *member = g_ptr_array_index (self->facts->members, i);

    if (!member->is_own && member->state == TESSERA_DEVICE_ACTIVE && g_str_equal (member->role, "supervisor"))
      g_ptr_array_add (names, tessera_text_isolate (member->worker != NULL ? member->worker : member->name));
  }
  return names->len > 0 ? join_names (names) : g_strdup ("–");
}

static char *
describe_notice (TesseraExchangeWindow *self) {
  g_autofree char *names = name_supervisors (self);

  if (self->facts->is_expired && self->facts->may_change)
    return g_strdup (_("This list is past its date. It still holds; admitting a laptop or changing a role writes a new "
                       "one."));
  if (self->facts->is_expired)
    /* Translators: %s is one or more names of people. */
    return g_strdup_printf (_("This list is past its date. It still holds, but no newer one has come for a long time: "
                              "exchange with %s."), names);
  if (!self->facts->has_root)
    return g_strdup_printf (_("The organization’s root key is not on this laptop, so laptops are admitted and revoked on "
                              "another one. Ask %s."), names);
  if (!self->facts->may_change)
    return g_strdup (_("Only a supervisor admits laptops, changes their role and revokes them."));
  return NULL;
}

static void
show_facts (TesseraExchangeWindow *self) {
  g_autofree char *notice = describe_notice (self);

  gtk_widget_set_visible (self->notice_group, notice != NULL);
  gtk_label_set_label (self->notice, notice != NULL ? notice : "");
  gtk_widget_set_visible (self->admit_group, self->facts->may_change);
  gtk_label_set_label (self->organization_label, self->facts->fingerprint);
  adw_action_row_set_subtitle (
    self->root_row, self->facts->has_root
                      ? _("It is on this laptop. Print it on two sheets and keep them apart: tessera-cli team root print "
                          "--split")
                      : _("It is not on this laptop. A supervisor brings it here from its sheets: tessera-cli team root "
                          "restore"));
  show_rows (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraExchangeWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean loaded = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraTeamFacts *facts = tessera_store_result_get_data (result);

  if (!is_alive (self))
    return;
  if (!loaded) {
    gtk_widget_set_visible (self->notice_group, TRUE);
    gtk_label_set_label (self->notice, error->message);
    gtk_widget_set_visible (self->admit_group, FALSE);
    return;
  }
  g_clear_pointer (&self->facts, tessera_team_facts_free);
  self->facts = g_memdup2 (facts, sizeof *facts);
  memset (facts, 0, sizeof *facts);
  show_facts (self);
}

static void
load (TesseraExchangeWindow *self) {
  TesseraStore *store = is_alive (self) ? tessera_session_get_store (self->session) : NULL;

  if (store != NULL)
    tessera_store_write_async (store, tessera_exchange_load_team, g_new0 (TesseraTeamFacts, 1), tessera_team_facts_free,
                               NULL, loaded_cb, g_object_ref (self));
}

static void
store_changed_cb (TesseraExchangeWindow *self, const char *entities) {
  if (tessera_session_concerns (entities, "device") || tessera_session_concerns (entities, "worker"))
    load (self);
}

/* ---- admitting ---- */

static void
request_read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraExchangeWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = tessera_exchange_read_file_finish (G_FILE (source), result, &error);
  GtkWidget *dialog = NULL;

  if (!is_alive (self) || self->facts == NULL)
    return;
  if (request != NULL)
    dialog = tessera_admit_dialog_new (self->session, GTK_WINDOW (self), request, self->facts->circles, &error);
  show_message (self, dialog == NULL ? error->message : NULL);
  if (dialog != NULL)
    gtk_window_present (GTK_WINDOW (dialog));
}

static void
request_chosen_cb (TesseraExchangeWindow *self, int response) {
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file != NULL)
    tessera_exchange_read_file_async (file, TESSERA_REQUEST_MAX_SIZE, request_read_cb, g_object_ref (self));
}

static void
admit_cb (TesseraExchangeWindow *self) {
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Request of the Laptop"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _("Open"), _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (request_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- the screen ---- */

static gboolean
is_exchange_shown (TesseraExchangeWindow *self) {
  return g_strcmp0 (adw_preferences_window_get_visible_page_name (ADW_PREFERENCES_WINDOW (self)), "exchange") == 0;
}

static char *
tessera_exchange_window_get_title (TesseraPage *page) {
  return g_strdup (_("Team and Exchange"));
}

static GVariant *
tessera_exchange_window_save_state (TesseraPage *page) {
  return g_variant_new_boolean (is_exchange_shown (TESSERA_EXCHANGE_WINDOW (page)));
}

static void
tessera_exchange_window_restore_state (TesseraPage *page, GVariant *state) {
  if (g_variant_is_of_type (state, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (state))
    adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (page), "exchange");
}

static void
tessera_exchange_window_focus (TesseraPage *page) {
  TesseraExchangeWindow *self = TESSERA_EXCHANGE_WINDOW (page);

  if (is_exchange_shown (self))
    tessera_carriers_box_focus (self->carriers_box);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_exchange_window_get_title;
  iface->save_state = tessera_exchange_window_save_state;
  iface->restore_state = tessera_exchange_window_restore_state;
  iface->focus = tessera_exchange_window_focus;
}

static void
tessera_exchange_window_dispose (GObject *object) {
  TesseraExchangeWindow *self = TESSERA_EXCHANGE_WINDOW (object);

  if (self->session != NULL)
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (tessera_exchange_window_parent_class)->dispose (object);
}

static void
tessera_exchange_window_finalize (GObject *object) {
  TesseraExchangeWindow *self = TESSERA_EXCHANGE_WINDOW (object);

  g_clear_pointer (&self->facts, tessera_team_facts_free);
  g_clear_pointer (&self->undo, tessera_team_decision_free);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (tessera_exchange_window_parent_class)->finalize (object);
}

static void
tessera_exchange_window_class_init (TesseraExchangeWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_exchange_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_exchange_window_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-exchange-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, notice_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, team_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, admit_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, admit_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, undo_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, organization_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, root_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraExchangeWindow, exchange_group);
  gtk_widget_class_bind_template_callback (widget_class, admit_cb);
  gtk_widget_class_bind_template_callback (widget_class, undo_cb);
}

static void
tessera_exchange_window_init (TesseraExchangeWindow *self) {
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->organization_label), GTK_TEXT_DIR_LTR);
}

GtkWidget *
tessera_exchange_window_new (TesseraSession *session, const char *argument) {
  TesseraExchangeWindow *self = g_object_new (TESSERA_TYPE_EXCHANGE_WINDOW, NULL);

  self->session = g_object_ref (session);
  self->carriers_box = TESSERA_CARRIERS_BOX (tessera_carriers_box_new (session));
  adw_preferences_group_add (self->exchange_group, GTK_WIDGET (self->carriers_box));
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  if (g_strcmp0 (argument, "exchange") == 0)
    adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (self), "exchange");
  load (self);
  return GTK_WIDGET (self);
}
