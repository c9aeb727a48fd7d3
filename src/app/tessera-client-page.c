/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-client-page.c: one person: head, timeline, pathway.
 *
 * The head stays where it is; under it the whole story in one list, beside it the pathway. Everything shown
 * is read in one transaction, and again whenever something about clients changes.
 */
#include "config.h"
#include "tessera-client-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-client-row.h"
#include "tessera-columns.h"
#include "tessera-erase-dialog.h"
#include "tessera-disagreement.h"
#include "tessera-intake.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-pathway-view.h"
#include "tessera-text.h"
#include "tessera-timeline-row.h"
#include "tessera-window.h"
#include "tessera-wrap-layout.h"

/* Events shown at first; the rest comes when asked for. */
#define FIRST_EVENTS 40
/* More fields with two versions are in the inbox. */
#define MOST_CONFLICTS 5

struct _TesseraClientPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraRecord *client;
  guint limit;
  double scroll;
  gboolean stale;
  TesseraPathwayView *pathway;
  GtkListBox *timeline;
  GtkWidget *more_button;
  GtkWidget *empty_label;
  GtkToggleButton *filters[TESSERA_TIMELINE_N_GROUPS];
  GtkWidget *visit_button;

  GtkWidget *header_menu;
  GSimpleAction *erase_action; /* of its group */
  GtkWidget *head;
  AdwAvatar *avatar;
  GtkLabel *call_label;
  GtkLabel *name_label;
  GtkLabel *step_label;
  AdwBin *facts_bin;
  GtkLabel *warning_label;
  AdwBin *conflicts_bin;
  GtkLabel *next_label;
  AdwBin *actions_bin;
  GtkScrolledWindow *scroller;
  AdwBin *body_bin;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraClientPage, tessera_client_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

/* Everything about one person, read together. */
typedef struct {
  char *client_id;
  guint limit;
  TesseraRecord *client;
  GPtrArray *timeline;
  TesseraDomainStates *states;
  GPtrArray *tasks;
  GPtrArray *goals;
  GPtrArray *conflicts;
} Story;

static void
story_free (gpointer data) {
  Story *story = data;

  g_free (story->client_id);
  g_clear_object (&story->client);
  g_clear_pointer (&story->timeline, g_ptr_array_unref);
  g_clear_pointer (&story->states, tessera_domain_states_free);
  g_clear_pointer (&story->tasks, g_ptr_array_unref);
  g_clear_pointer (&story->goals, g_ptr_array_unref);
  g_clear_pointer (&story->conflicts, g_ptr_array_unref);
  g_free (story);
}

static gboolean
read_story (TesseraTransaction *transaction, gpointer data, GError **error) {
  Story *story = data;
  const char *id = NULL;

  story->client = tessera_intake_resolve (transaction, story->client_id, error);
  if (story->client == NULL)
    return FALSE;
  id = tessera_record_get_id (story->client);
  story->timeline = tessera_timeline_load (transaction, id, story->limit, error);
  if (story->timeline == NULL)
    return FALSE;
  story->states = tessera_pathway_load_states (transaction, id, error);
  if (story->states == NULL)
    return FALSE;
  story->tasks
    = tessera_intake_select (transaction, "task", id, "AND done_at IS NULL ORDER BY due IS NULL, due", error);
  if (story->tasks == NULL)
    return FALSE;
  story->goals = tessera_intake_select (transaction, "goal", id, "AND done_at IS NULL ORDER BY id", error);
  if (story->goals == NULL)
    return FALSE;
  story->conflicts = tessera_disagreement_list (transaction, id, MOST_CONFLICTS, error);
  return story->conflicts != NULL;
}

static TesseraWindow *
get_window (TesseraClientPage *self) {
  return tessera_window_get_for (GTK_WIDGET (self));
}

static const char *
get_call (TesseraRecord *client) {
  const char *call = tessera_record_get (client, "how_to_call");

  if (call == NULL)
    call = tessera_record_get (client, "name");
  return call != NULL ? call : tessera_record_get (client, "code");
}

static void
add_fact (GtkWidget *box, const char *icon, const char *text, const char *said) {
  GtkWidget *fact = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "caption");
  if (icon != NULL)
    gtk_box_append (GTK_BOX (fact), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (fact), label);
  gtk_widget_add_css_class (fact, "client-fact");
  gtk_widget_set_tooltip_text (fact, said);
  gtk_box_append (GTK_BOX (box), fact);
}

static char *
describe_languages (TesseraRecord *client) {
  const char *first = tessera_record_get (client, "language");
  g_auto (GStrv) others = tessera_record_get_set (client, "languages");
  g_autoptr (GString) text = g_string_new ("");

  if (first != NULL) {
    g_autofree char *name = tessera_language_get_name (first);

    g_string_append (text, name);
  }
  for (guint i = 0; others[i] != NULL; i++) {
    g_autofree char *name = tessera_language_get_name (others[i]);

    if (g_strcmp0 (others[i], first) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", name);
  }
  return g_strdup (text->str);
}

static void
show_facts (TesseraClientPage *self) {
  GtkWidget *box = tessera_wrap_box_new ();
  TesseraRecord *client = self->client;
  g_autofree char *languages = describe_languages (client);
  const char *mediator = tessera_record_get (client, "interpreter_needed");
  const char *phone = tessera_record_get (client, "phone");
  const char *safe = tessera_record_get (client, "safe_contact");
  const char *worker = tessera_session_get_worker_name (self->session, tessera_record_get (client, "worker"));

  add_fact (box, NULL, tessera_record_get (client, "code"), _("Client code"));
  if (*languages != '\0')
    add_fact (box, "tessera-language-symbolic", languages, _("Languages"));
  if (mediator != NULL && g_strcmp0 (mediator, "no") != 0) {
    /* Translators: %s is "Always" or "For difficult things". */
    g_autofree char *text
      = g_strdup_printf (_("Mediator: %s"), tessera_vocabulary_get_label ("interpreter", mediator));

    add_fact (box, "tessera-mediator-symbolic", text, _("Needs a mediator"));
  }
  if (phone != NULL) {
    /* A number is read left to right in every language. */
    g_autofree char *number = g_strdup_printf ("\xe2\x81\xa6%s\xe2\x81\xa9", phone);

    add_fact (box, "call-start-symbolic", number, _("Phone"));
  }
  if (safe != NULL)
    add_fact (box, NULL, tessera_vocabulary_get_label ("safe_contact", safe), _("Safe way to reach them"));
  if (worker != NULL)
    add_fact (box, "tessera-clients-symbolic", worker, _("Case worker"));
  adw_bin_set_child (self->facts_bin, box);
}

/* What must not be overlooked before anybody calls. */
static void
show_warning (TesseraClientPage *self) {
  const char *safe = tessera_record_get (self->client, "safe_contact");
  const char *do_not = tessera_record_get (self->client, "do_not");
  const char *times = tessera_record_get (self->client, "safe_times");
  g_autoptr (GString) text = g_string_new ("");

  if (g_strcmp0 (safe, "none") == 0)
    g_string_append (text, _("Do not contact them."));
  else if (g_strcmp0 (safe, "through-us") == 0)
    g_string_append (text, _("Reach them only through us."));
  if (do_not != NULL) {
    g_autofree char *isolated = tessera_text_isolate (do_not);

    g_string_append_printf (text, text->len > 0 ? " %s: %s" : "%s: %s", _("Do not"), isolated);
  }
  if (times != NULL) {
    g_autofree char *isolated = tessera_text_isolate (times);

    g_string_append_printf (text, text->len > 0 ? " · %s: %s" : "%s: %s", _("Safe times"), isolated);
  }
  if (g_strcmp0 (tessera_record_get (self->client, "case_state"), "closed") == 0)
    g_string_append_printf (text, text->len > 0 ? " · %s" : "%s", _("This case is closed."));
  gtk_label_set_label (self->warning_label, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->warning_label), text->len > 0);
}

static void
conflict_clicked_cb (GtkWidget *button) {
  tessera_window_push (tessera_window_get_for (button), "conflict", g_object_get_data (G_OBJECT (button), "conflict"));
}

/* Two laptops wrote the same field: what is shown may not be what is right. */
static void
show_conflicts (TesseraClientPage *self, GPtrArray *conflicts) {
  GtkWidget *box = tessera_wrap_box_new ();

  for (guint i = 0; i < conflicts->len; i++) {
    const TesseraDisagreement *conflict = g_ptr_array_index (conflicts, i);
    /* Translators: %s is the name of a field, such as "Phone". */
    g_autofree char *text = g_strdup_printf (_("Two versions: %s"), tessera_field_get_label (conflict->field));
    GtkWidget *button = gtk_button_new_with_label (text);

    gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), PANGO_ELLIPSIZE_END);
    gtk_widget_set_halign (button, GTK_ALIGN_START);
    gtk_widget_add_css_class (button, "conflict-button");
    g_object_set_data_full (G_OBJECT (button), "conflict", g_strdup (conflict->id), g_free);
    g_signal_connect (button, "clicked", G_CALLBACK (conflict_clicked_cb), NULL);
    gtk_box_append (GTK_BOX (box), button);
  }
  adw_bin_set_child (self->conflicts_bin, box);
  gtk_widget_set_visible (GTK_WIDGET (self->conflicts_bin), conflicts->len > 0);
}

static void
show_next (TesseraClientPage *self, GPtrArray *tasks) {
  TesseraRecord *next = tasks->len > 0 ? tasks->pdata[0] : NULL;
  const char *date = next != NULL ? tessera_record_get (next, "due") : NULL;
  gboolean late = FALSE;
  g_autofree char *due = date != NULL ? tessera_text_due (date, &late) : NULL;
  g_autofree char *what = next != NULL ? tessera_text_isolate (tessera_record_get (next, "text")) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->next_label), next != NULL);
  if (next == NULL)
    return;
  /* Translators: what is to be done next. */
  text
    = due != NULL ? g_strdup_printf (_("Next: %s · %s"), what, due) : g_strdup_printf (_("Next: %s"), what);
  gtk_label_set_label (self->next_label, text);
  if (late)
    gtk_widget_add_css_class (GTK_WIDGET (self->next_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->next_label), "error");
}

static void
show_head (TesseraClientPage *self) {
  const char *call = get_call (self->client);
  const char *name = tessera_record_get (self->client, "name");

  adw_avatar_set_text (self->avatar, call);
  gtk_label_set_label (self->call_label, call);
  gtk_label_set_label (self->name_label, name != NULL ? name : "");
  gtk_widget_set_visible (GTK_WIDGET (self->name_label), name != NULL && g_strcmp0 (name, call) != 0);
  tessera_client_row_style_step (self->step_label, tessera_record_get (self->client, "step"));
  show_facts (self);
  show_warning (self);
  gtk_widget_set_visible (self->head, TRUE);
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer user_data) {
  TesseraClientPage *self = user_data;
  guint group = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "group"));
  gboolean any = FALSE;

  for (guint i = 0; i < TESSERA_TIMELINE_N_GROUPS; i++)
    any |= gtk_toggle_button_get_active (self->filters[i]);
  return !any || gtk_toggle_button_get_active (self->filters[group]);
}

static void
clear_timeline (TesseraClientPage *self) {
  GtkWidget *row = NULL;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->timeline))) != NULL)
    gtk_list_box_remove (self->timeline, row);
}

static void
show_timeline (TesseraClientPage *self, GPtrArray *items) {
  clear_timeline (self);
  for (guint i = 0; i < items->len; i++) {
    TesseraTimelineItem *item = items->pdata[i];
    GtkWidget *row = tessera_timeline_row_new (self->session, item);

    g_object_set_data (G_OBJECT (row), "group",
                       GUINT_TO_POINTER (tessera_timeline_row_get_group (item->kind)));
    gtk_list_box_append (self->timeline, row);
  }
  gtk_widget_set_visible (self->more_button, self->limit > 0 && items->len >= self->limit);
}

static gboolean
restore_scroll_cb (gpointer user_data) {
  TesseraClientPage *self = user_data;

  if (self->scroller != NULL)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), self->scroll);
  self->scroll = 0;
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraClientPage) self = user_data;
  Story *story = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean read = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL)
    return;
  if (!read) {
    if (get_window (self) != NULL
        && !g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED))
      tessera_window_toast_error (get_window (self), error);
    return;
  }
  g_set_object (&self->client, story->client);
  show_head (self);
  show_conflicts (self, story->conflicts);
  show_next (self, story->tasks);
  show_timeline (self, story->timeline);
  tessera_pathway_view_show (self->pathway, story->client, story->states, story->tasks, story->goals);
  gtk_widget_set_visible (GTK_WIDGET (self->body_bin), TRUE);
  tessera_page_title_changed (TESSERA_PAGE (self));
  if (self->scroll > 0)
    g_idle_add_full (G_PRIORITY_LOW, restore_scroll_cb, g_object_ref (self), g_object_unref);
}

static void
load (TesseraClientPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Story *story = NULL;

  if (store == NULL)
    return;
  story = g_new0 (Story, 1);
  story->client_id = g_strdup (self->client_id);
  story->limit = self->limit;
  if (self->scroll <= 0)
    self->scroll = gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller));
  tessera_store_read_async (store, read_story, story, story_free, NULL, read_cb, g_object_ref (self));
}

static void
session_changed_cb (TesseraClientPage *self, const char *entities) {
  static const char *const watched[]
    = { "client",  "visit",    "step_change",    "assessment",  "task", "goal",   "need",
        "consent", "referral", "referral_event", "appointment", "note", "advice", "procedure", "document", "conflict" };
  gboolean concerned = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    concerned |= tessera_session_concerns (entities, watched[i]);
  if (!concerned)
    return;
  self->stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->stale)
    load (self);
}

static void
tessera_client_page_map (GtkWidget *widget) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (widget);

  GTK_WIDGET_CLASS (tessera_client_page_parent_class)->map (widget);
  if (self->stale)
    load (self);
  self->stale = FALSE;
}

typedef struct {
  TesseraSession *session;
  TesseraWindow *window;
  char *entity;
  char *id;
  char *who;
} Deed;

static void
deed_free (gpointer data) {
  Deed *deed = data;

  g_object_unref (deed->session);
  g_clear_object (&deed->window);
  g_free (deed->entity);
  g_free (deed->id);
  g_free (deed->who);
  g_free (deed);
}

static Deed *
deed_copy (const Deed *deed) {
  Deed *copy = g_new0 (Deed, 1);

  copy->session = g_object_ref (deed->session);
  copy->window = g_object_ref (deed->window);
  copy->entity = g_strdup (deed->entity);
  copy->id = g_strdup (deed->id);
  copy->who = g_strdup (deed->who);
  return copy;
}

static gboolean
do_deed (TesseraTransaction *transaction, gpointer data, GError **error) {
  Deed *deed = data;

  if (g_str_equal (deed->entity, "goal"))
    return tessera_pathway_complete_goal (transaction, deed->id, deed->who, error);
  return tessera_pathway_complete_task (transaction, deed->id, deed->who, error);
}

static gboolean
undo_deed (TesseraTransaction *transaction, gpointer data, GError **error) {
  Deed *deed = data;
  g_autoptr (TesseraRecord) record = tessera_transaction_load (transaction, deed->entity, deed->id, error);

  if (record == NULL)
    return FALSE;
  tessera_record_set (record, "done_at", NULL);
  tessera_record_set (record, "done_by", NULL);
  return tessera_transaction_save (transaction, record, error);
}

static void
undo_cb (gpointer data) {
  Deed *deed = data;
  TesseraStore *store = tessera_session_get_store (deed->session);

  if (store != NULL)
    tessera_store_write_async (store, undo_deed, deed_copy (deed), deed_free, NULL, NULL, NULL);
}

static void
deed_done_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  Deed *deed = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;

  if (tessera_store_finish (TESSERA_STORE (source), result, &error))
    tessera_window_toast_undo (deed->window, _("Marked as done"), undo_cb, deed_copy (deed), deed_free);
  else
    tessera_window_toast_error (deed->window, error);
}

static void
done_cb (TesseraClientPage *self, const char *entity, const char *id, const char *who) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Deed *deed = NULL;

  if (store == NULL || get_window (self) == NULL)
    return;
  deed = g_new0 (Deed, 1);
  deed->session = g_object_ref (self->session);
  deed->window = g_object_ref (get_window (self));
  deed->entity = g_strdup (entity);
  deed->id = g_strdup (id);
  deed->who = g_strdup (who);
  tessera_store_write_async (store, do_deed, deed, deed_free, NULL, deed_done_cb, NULL);
}

static gboolean
toggle_case (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_load (transaction, "client", data, error);

  if (client == NULL)
    return FALSE;
  if (g_strcmp0 (tessera_record_get (client, "case_state"), "closed") == 0)
    return tessera_intake_reopen_case (transaction, client, error);
  return tessera_intake_close_case (transaction, client, error);
}

static void
toggle_case_undo_cb (gpointer data) {
  TesseraClientPage *self = data;
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;

  if (store != NULL)
    tessera_store_write_async (store, toggle_case, g_strdup (self->client_id), g_free, NULL, NULL, NULL);
}

static void
case_toggled_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraClientPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean written = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL || get_window (self) == NULL)
    return;
  if (written)
    tessera_window_toast_undo (get_window (self), _("The state of the case was changed"), toggle_case_undo_cb,
                               g_object_ref (self), g_object_unref);
  else
    tessera_window_toast_error (get_window (self), error);
}

static void
toggle_case_cb (TesseraClientPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL && self->client != NULL)
    tessera_store_write_async (store, toggle_case, g_strdup (tessera_record_get_id (self->client)), g_free,
                               NULL, case_toggled_cb, g_object_ref (self));
}

static gboolean
is_supervisor (TesseraClientPage *self) {
  TesseraRecord *worker = tessera_session_get_worker (self->session);

  return worker != NULL && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0;
}

static void
erase_cb (TesseraClientPage *self) {
  TesseraWindow *window = get_window (self);

  if (self->client != NULL && window != NULL && is_supervisor (self))
    gtk_window_present (GTK_WINDOW (tessera_erase_dialog_new (self->session, GTK_WINDOW (window), self->client)));
}

/* client.push with the kind of screen: visit, step, assessment, refer, documents, edit. */
static void
push_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (widget);

  if (self->client != NULL)
    tessera_window_push (get_window (self), g_variant_get_string (parameter, NULL),
                         tessera_record_get_id (self->client));
}

static void
edit_cb (TesseraClientPage *self) {
  gtk_widget_activate_action (GTK_WIDGET (self), "client.push", "s", "edit");
}

static void
copy_code_cb (TesseraClientPage *self) {
  if (self->client == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          tessera_record_get (self->client, "code"));
  tessera_window_toast (get_window (self), _("Client code copied"));
}

static void
more_cb (TesseraClientPage *self) {
  self->limit = 0;
  load (self);
}

static GtkWidget *
add_action_button (
  GtkWidget *box, const char *icon, const char *label, const char *kind, gboolean suggested) {
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = adw_button_content_new ();

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), icon);
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), label);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "client.push");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", kind);
  if (suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

/* The menu stands in the header bar, outside of this page: its actions come along with it. */
static void
build_menu (TesseraClientPage *self) {
  static const struct {
    const char *name;
    void (*activate) (TesseraClientPage *self);
  } entries[] = { { "edit", edit_cb }, { "copy-code", copy_code_cb }, { "toggle-case", toggle_case_cb },
                { "erase", erase_cb } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++) {
    g_autoptr (GSimpleAction) action = g_simple_action_new (entries[i].name, NULL);

    g_signal_connect_object (action, "activate", G_CALLBACK (entries[i].activate), self, G_CONNECT_SWAPPED);
    g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  }
  self->erase_action = G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (group), "erase"));
  g_simple_action_set_enabled (self->erase_action, FALSE);
  gtk_widget_insert_action_group (self->header_menu, "client", G_ACTION_GROUP (group));
}

static void
build_actions (TesseraClientPage *self) {
  GtkWidget *box = tessera_wrap_box_new ();

  self->visit_button = add_action_button (box, "tessera-visit-symbolic", _("Record Visit"), "visit", TRUE);
  gtk_widget_set_tooltip_text (self->visit_button, "Ctrl+N");
  add_action_button (box, "tessera-step-symbolic", _("Set Step"), "step", FALSE);
  add_action_button (box, "tessera-goal-symbolic", _("Assess"), "assessment", FALSE);
  add_action_button (box, "tessera-refer-symbolic", _("Refer"), "refer", FALSE);
  add_action_button (box, "tessera-document-symbolic", _("Documents"), "documents", FALSE);
  adw_bin_set_child (self->actions_bin, box);
}

static void
build_filters (TesseraClientPage *self, GtkBox *box) {
  GtkWidget *chips = tessera_wrap_box_new ();

  for (guint i = 0; i < TESSERA_TIMELINE_N_GROUPS; i++) {
    const char *label = tessera_timeline_row_group_label (i);
    GtkWidget *chip = gtk_toggle_button_new_with_label (label);

    gtk_widget_add_css_class (chip, "chip");
    gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    g_signal_connect_object (chip, "toggled", G_CALLBACK (gtk_list_box_invalidate_filter), self->timeline,
                             G_CONNECT_SWAPPED);
    gtk_box_append (GTK_BOX (chips), chip);
    self->filters[i] = GTK_TOGGLE_BUTTON (chip);
  }
  gtk_box_append (box, chips);
}

static void
build_body (TesseraClientPage *self) {
  GtkWidget *story = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *title = gtk_label_new (_("Timeline"));
  GtkWidget *nothing = gtk_label_new (_("Nothing of this kind."));

  self->pathway = TESSERA_PATHWAY_VIEW (tessera_pathway_view_new ());
  g_signal_connect_object (self->pathway, "done", G_CALLBACK (done_cb), self, G_CONNECT_SWAPPED);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  self->timeline = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->timeline, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->timeline), "boxed-list");
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_set_margin_top (nothing, 18);
  gtk_widget_set_margin_bottom (nothing, 18);
  gtk_list_box_set_placeholder (self->timeline, nothing);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->timeline), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Timeline"), -1);
  self->more_button = gtk_button_new_with_label (_("Show Everything Earlier"));
  gtk_widget_set_halign (self->more_button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->more_button, "pill");
  gtk_widget_set_visible (self->more_button, FALSE);
  g_signal_connect_object (self->more_button, "clicked", G_CALLBACK (more_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (story), title);
  build_filters (self, GTK_BOX (story));
  gtk_list_box_set_filter_func (self->timeline, filter_row, self, NULL);
  gtk_box_append (GTK_BOX (story), GTK_WIDGET (self->timeline));
  gtk_box_append (GTK_BOX (story), self->more_button);
  adw_bin_set_child (self->body_bin, tessera_columns_new (story, GTK_WIDGET (self->pathway)));
  gtk_widget_set_visible (GTK_WIDGET (self->body_bin), FALSE);
}

static char *
tessera_client_page_get_title (TesseraPage *page) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (page);

  return g_strdup (self->client != NULL ? get_call (self->client) : "");
}

static char *
tessera_client_page_get_subtitle (TesseraPage *page) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (page);

  return self->client != NULL ? g_strdup (tessera_record_get (self->client, "code")) : NULL;
}

static GtkWidget *
tessera_client_page_get_header_widget (TesseraPage *page) {
  return TESSERA_CLIENT_PAGE (page)->header_menu;
}

static GVariant *
tessera_client_page_save_state (TesseraPage *page) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (page);
  guint filters = 0;

  for (guint i = 0; i < TESSERA_TIMELINE_N_GROUPS; i++)
    filters |= gtk_toggle_button_get_active (self->filters[i]) ? 1u << i : 0;
  return g_variant_new ("(duu)",
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)),
                        self->limit, filters);
}

static void
tessera_client_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (page);
  guint filters = 0;

  g_variant_get (state, "(duu)", &self->scroll, &self->limit, &filters);
  for (guint i = 0; i < TESSERA_TIMELINE_N_GROUPS; i++)
    gtk_toggle_button_set_active (self->filters[i], (filters & (1u << i)) != 0);
  if (self->limit != FIRST_EVENTS)
    load (self);
}

static void
tessera_client_page_focus (TesseraPage *page) {
  gtk_widget_grab_focus (TESSERA_CLIENT_PAGE (page)->visit_button);
}

static void
tessera_client_page_dispose (GObject *object) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (object);

  if (self->timeline != NULL)
    gtk_list_box_set_filter_func (self->timeline, NULL, NULL, NULL);
  self->timeline = NULL;
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_CLIENT_PAGE);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  G_OBJECT_CLASS (tessera_client_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_client_page_get_title;
  iface->get_subtitle = tessera_client_page_get_subtitle;
  iface->get_header_widget = tessera_client_page_get_header_widget;
  iface->save_state = tessera_client_page_save_state;
  iface->restore_state = tessera_client_page_restore_state;
  iface->focus = tessera_client_page_focus;
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, header_menu);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, head);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, call_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, step_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, facts_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, warning_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, conflicts_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, next_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, actions_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientPage, body_bin);
}

static void
tessera_client_page_class_init (TesseraClientPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_client_page_dispose;
  widget_class->map = tessera_client_page_map;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-client-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "client.push", "s", push_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "client.push", "s", "edit");
}

static void
tessera_client_page_init (TesseraClientPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  self->limit = FIRST_EVENTS;
  build_menu (self);
  build_actions (self);
  build_body (self);
}

GtkWidget *
tessera_client_page_new (TesseraSession *session, const char *argument) {
  TesseraClientPage *self = g_object_new (TESSERA_TYPE_CLIENT_PAGE, NULL);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (argument);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  g_simple_action_set_enabled (self->erase_action, is_supervisor (self));
  load (self);
  return GTK_WIDGET (self);
}
