/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-clients-page.c: the caseload: search first, one row per person.
 *
 * Search, filter and order happen in the store; the page only says what is asked.
 */
#include "config.h"
#include "tessera-clients-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-caseload-model.h"
#include "tessera-client-row.h"
#include "tessera-page.h"
#include "tessera-window.h"
#include "tessera-wrap-layout.h"

typedef enum {
  FILTER_MINE,
  FILTER_BASIC_NEEDS,
  FILTER_INCLUSION,
  FILTER_AUTONOMY,
  FILTER_OVERDUE,
  FILTER_CLOSED,
  N_FILTERS,
} Filter;

static const char *const filter_steps[N_FILTERS] = {
  [FILTER_BASIC_NEEDS] = "basic-needs",
  [FILTER_INCLUSION] = "inclusion",
  [FILTER_AUTONOMY] = "autonomy",
};

static const char *const orders[] = { "name", "silent", "newest" };

struct _TesseraClientsPage {
  AdwBin parent_instance;

  TesseraSession *session;
  TesseraCaseloadModel *model;
  GSimpleAction *order_action;
  GtkToggleButton *filters[N_FILTERS];
  TesseraCaseloadOrder order;
  double scroll;
  char *asked;
  gboolean setting;
  gboolean stale;

  GtkWidget *header_box;
  GtkSearchEntry *search_entry;
  AdwBin *chips_bin;
  GtkScrolledWindow *list_pane;
  GtkListView *list_view;
  AdwStatusPage *empty_pane;
  GtkButton *empty_button;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraClientsPage, tessera_clients_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static const char *
get_words (TesseraClientsPage *self) {
  return gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
}

static gboolean
has_filter (TesseraClientsPage *self) {
  for (guint i = 0; i < N_FILTERS; i++)
    if (gtk_toggle_button_get_active (self->filters[i]))
      return TRUE;
  return *get_words (self) != '\0';
}

static void
ask (TesseraClientsPage *self) {
  const char *words = get_words (self);
  TesseraCaseloadQuery query = { .words = *words != '\0' ? words : NULL, .order = self->order };

  for (guint i = 0; i < N_FILTERS; i++)
    if (filter_steps[i] != NULL && gtk_toggle_button_get_active (self->filters[i]))
      query.step = filter_steps[i];
  if (gtk_toggle_button_get_active (self->filters[FILTER_MINE]))
    query.worker = tessera_session_get_worker_id (self->session);
  g_free (self->asked);
  self->asked = g_strdup (words);
  query.overdue = gtk_toggle_button_get_active (self->filters[FILTER_OVERDUE]);
  query.closed = gtk_toggle_button_get_active (self->filters[FILTER_CLOSED]);
  tessera_caseload_model_set_query (self->model, &query);
}

static void
query_changed_cb (TesseraClientsPage *self) {
  if (self->setting || self->session == NULL)
    return;
  self->scroll = 0;
  ask (self);
}

/* Comes late, also for words set by a restored state, which are already asked for. */
static void
search_changed_cb (TesseraClientsPage *self) {
  if (g_strcmp0 (get_words (self), self->asked) != 0)
    query_changed_cb (self);
}

static void
filter_toggled_cb (TesseraClientsPage *self, GtkToggleButton *chip) {
  if (self->setting)
    return;
  /* One step at a time: a person is in one. */
  self->setting = TRUE;
  for (guint i = FILTER_BASIC_NEEDS; i <= FILTER_AUTONOMY; i++)
    if (gtk_toggle_button_get_active (chip) && chip != self->filters[i] &&
        (chip == self->filters[FILTER_BASIC_NEEDS] || chip == self->filters[FILTER_INCLUSION] ||
         chip == self->filters[FILTER_AUTONOMY]))
      gtk_toggle_button_set_active (self->filters[i], FALSE);
  self->setting = FALSE;
  query_changed_cb (self);
}

/* Before the first answer neither is shown: no empty list, and no claim that there are no clients. */
static void
show_pane (TesseraClientsPage *self, GtkWidget *pane) {
  gtk_widget_set_visible (GTK_WIDGET (self->list_pane), pane == GTK_WIDGET (self->list_pane));
  gtk_widget_set_visible (GTK_WIDGET (self->empty_pane), pane == GTK_WIDGET (self->empty_pane));
}

static void
show_empty (TesseraClientsPage *self) {
  gboolean words = *get_words (self) != '\0';

  if (words) {
    adw_status_page_set_title (self->empty_pane, _("Nobody Found"));
    adw_status_page_set_description (self->empty_pane, _("Try another spelling, or fewer letters."));
  } else if (has_filter (self)) {
    adw_status_page_set_title (self->empty_pane, _("Nobody Here"));
    adw_status_page_set_description (self->empty_pane, _("No client fits these filters."));
  } else {
    adw_status_page_set_title (self->empty_pane, _("No Clients Yet"));
    adw_status_page_set_description (self->empty_pane,
                                     _("Whoever comes through the door is registered once."));
  }
  gtk_button_set_label (self->empty_button,
                        has_filter (self) ? _("New Client") : _("Register the First Client"));
  show_pane (self, GTK_WIDGET (self->empty_pane));
}

static gboolean
restore_scroll_cb (gpointer user_data) {
  TesseraClientsPage *self = user_data;

  if (self->list_pane != NULL)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_pane), self->scroll);
  return G_SOURCE_REMOVE;
}

static void
loaded_cb (TesseraClientsPage *self) {
  if (g_list_model_get_n_items (G_LIST_MODEL (self->model)) == 0)
    show_empty (self);
  else
    show_pane (self, GTK_WIDGET (self->list_pane));
  if (self->scroll > 0)
    g_idle_add_full (G_PRIORITY_LOW, restore_scroll_cb, g_object_ref (self), g_object_unref);
  tessera_page_title_changed (TESSERA_PAGE (self));
}

static void
failed_cb (TesseraClientsPage *self, const char *message) {
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));

  if (window != NULL)
    tessera_window_toast (window, message);
}

static void
open_place (TesseraClientsPage *self, guint place) {
  g_autoptr (TesseraCaseloadItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), place);
  const TesseraCaseloadRow *row = item != NULL ? tessera_caseload_item_get_row (item) : NULL;

  if (row != NULL)
    tessera_window_open_client (tessera_window_get_for (GTK_WIDGET (self)), row->client_id);
}

static void
activated_cb (TesseraClientsPage *self, guint place) {
  open_place (self, place);
}

static void
register_cb (TesseraClientsPage *self) {
  const char *words = get_words (self);

  tessera_window_push (tessera_window_get_for (GTK_WIDGET (self)), "intake", *words != '\0' ? words : NULL);
}

static void
open_first_cb (TesseraClientsPage *self) {
  if (*get_words (self) != '\0')
    open_place (self, 0);
}

static gboolean
key_pressed_cb (TesseraClientsPage *self, guint key) {
  if (key != GDK_KEY_Down || g_list_model_get_n_items (G_LIST_MODEL (self->model)) == 0)
    return FALSE;
  return gtk_widget_child_focus (GTK_WIDGET (self->list_view), GTK_DIR_TAB_FORWARD);
}

/* Read at once while on the screen, and when next shown otherwise. */
static void
session_changed_cb (TesseraClientsPage *self, const char *entities) {
  if (!tessera_session_concerns (entities, "client") && !tessera_session_concerns (entities, "visit") &&
      !tessera_session_concerns (entities, "task"))
    return;
  self->stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->stale)
    tessera_caseload_model_refresh (self->model);
}

static void
tessera_clients_page_map (GtkWidget *widget) {
  TesseraClientsPage *self = TESSERA_CLIENTS_PAGE (widget);

  GTK_WIDGET_CLASS (tessera_clients_page_parent_class)->map (widget);
  if (self->stale)
    tessera_caseload_model_refresh (self->model);
  self->stale = FALSE;
}

static void
order_changed_cb (TesseraClientsPage *self, GVariant *value) {
  const char *name = g_variant_get_string (value, NULL);

  g_simple_action_set_state (self->order_action, value);
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    if (g_strcmp0 (orders[i], name) == 0)
      self->order = i;
  query_changed_cb (self);
}

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item) {
  gtk_list_item_set_child (list_item, tessera_client_row_new ());
}

static void
bind_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item) {
  tessera_client_row_set_item (TESSERA_CLIENT_ROW (gtk_list_item_get_child (list_item)),
                               gtk_list_item_get_item (list_item));
}

static void
unbind_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item) {
  tessera_client_row_set_item (TESSERA_CLIENT_ROW (gtk_list_item_get_child (list_item)), NULL);
}

static void
set_up_list (TesseraClientsPage *self) {
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSingleSelection) selection = gtk_single_selection_new (NULL);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_row_cb), NULL);
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_model (selection, G_LIST_MODEL (self->model));
  gtk_list_view_set_factory (self->list_view, factory);
  gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (selection));
}

static void
set_up_filters (TesseraClientsPage *self) {
  GtkWidget *box = tessera_wrap_box_new ();

  for (guint i = 0; i < N_FILTERS; i++) {
    const char *label = filter_steps[i] != NULL ? tessera_vocabulary_get_label ("step", filter_steps[i])
                        : i == FILTER_MINE      ? _("My Clients")
                        : i == FILTER_OVERDUE   ? _("Overdue")
                                                : _("Closed");
    GtkWidget *chip = gtk_toggle_button_new_with_label (label);

    gtk_widget_add_css_class (chip, "chip");
    gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    g_signal_connect_object (chip, "toggled", G_CALLBACK (filter_toggled_cb), self, G_CONNECT_SWAPPED);
    gtk_box_append (GTK_BOX (box), chip);
    self->filters[i] = GTK_TOGGLE_BUTTON (chip);
  }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->filters[FILTER_OVERDUE]),
                               _("Something is late, or no contact for thirty days"));
  adw_bin_set_child (self->chips_bin, box);
}

static void
set_up_order (TesseraClientsPage *self) {
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  self->order_action
    = g_simple_action_new_stateful ("order", G_VARIANT_TYPE_STRING, g_variant_new_string ("name"));
  g_signal_connect_object (self->order_action, "change-state", G_CALLBACK (order_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (self->order_action));
  gtk_widget_insert_action_group (self->header_box, "clients", G_ACTION_GROUP (group));
}

static char *
tessera_clients_page_get_title (TesseraPage *page) {
  return g_strdup (_("Clients"));
}

static char *
tessera_clients_page_get_subtitle (TesseraPage *page) {
  guint count = g_list_model_get_n_items (G_LIST_MODEL (TESSERA_CLIENTS_PAGE (page)->model));

  return count > 0 ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u person", "%u people", count), count)
                   : NULL;
}

static GtkWidget *
tessera_clients_page_get_header_widget (TesseraPage *page) {
  return TESSERA_CLIENTS_PAGE (page)->header_box;
}

static GVariant *
tessera_clients_page_save_state (TesseraPage *page) {
  TesseraClientsPage *self = TESSERA_CLIENTS_PAGE (page);
  guint filters = 0;

  for (guint i = 0; i < N_FILTERS; i++)
    filters |= gtk_toggle_button_get_active (self->filters[i]) ? 1u << i : 0;
  return g_variant_new ("(suud)", get_words (self), filters, (guint) self->order,
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->list_pane)));
}

static void
tessera_clients_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraClientsPage *self = TESSERA_CLIENTS_PAGE (page);
  const char *words = NULL;
  guint filters = 0;
  guint order = 0;

  g_variant_get (state, "(&suud)", &words, &filters, &order, &self->scroll);
  self->setting = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), words);
  for (guint i = 0; i < N_FILTERS; i++)
    gtk_toggle_button_set_active (self->filters[i], (filters & (1u << i)) != 0);
  self->order = MIN (order, G_N_ELEMENTS (orders) - 1);
  g_simple_action_set_state (self->order_action, g_variant_new_string (orders[self->order]));
  ask (self);
  self->setting = FALSE;
}

static void
tessera_clients_page_focus (TesseraPage *page) {
  gtk_widget_grab_focus (GTK_WIDGET (TESSERA_CLIENTS_PAGE (page)->search_entry));
}

static void
tessera_clients_page_dispose (GObject *object) {
  TesseraClientsPage *self = TESSERA_CLIENTS_PAGE (object);

  self->setting = TRUE;
  g_clear_pointer (&self->asked, g_free);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_CLIENTS_PAGE);
  g_clear_object (&self->order_action);
  g_clear_object (&self->model);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_clients_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_clients_page_get_title;
  iface->get_subtitle = tessera_clients_page_get_subtitle;
  iface->get_header_widget = tessera_clients_page_get_header_widget;
  iface->save_state = tessera_clients_page_save_state;
  iface->restore_state = tessera_clients_page_restore_state;
  iface->focus = tessera_clients_page_focus;
}

static void
tessera_clients_page_class_init (TesseraClientsPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_clients_page_dispose;
  widget_class->map = tessera_clients_page_map;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-clients-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, header_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, chips_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, list_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, list_view);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, empty_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientsPage, empty_button);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_first_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, register_cb);
}

static void
tessera_clients_page_init (TesseraClientsPage *self) {
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->search_entry), keys);
}

GtkWidget *
tessera_clients_page_new (TesseraSession *session, const char *argument) {
  TesseraClientsPage *self = g_object_new (TESSERA_TYPE_CLIENTS_PAGE, NULL);

  self->session = g_object_ref (session);
  self->model = tessera_caseload_model_new (session);
  g_signal_connect_object (self->model, "loaded", G_CALLBACK (loaded_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "failed", G_CALLBACK (failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  set_up_filters (self);
  set_up_order (self);
  set_up_list (self);
  ask (self);
  return GTK_WIDGET (self);
}
