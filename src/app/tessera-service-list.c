/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-list.c: the services of the directory; see the header.
 */
#include "config.h"
#include "tessera-service-list.h"

#include <glib/gi18n-lib.h>

#include "tessera-language.h"
#include "tessera-screen.h"
#include "tessera-service-cell.h"
#include "tessera-wrap-layout.h"

#define STATE_TYPE "(sssd)"

struct _TesseraServiceList {
  GtkBox parent_instance;

  TesseraSession *session;
  GListStore *rows;
  GPtrArray *themes;    /* codes or names to query by; [0] is NULL */
  GPtrArray *languages; /* tags; [0] is NULL */
  char *wanted_theme;
  char *wanted_language;
  double wanted_scroll;
  GCancellable *cancellable;
  gboolean filling;

  GtkSearchEntry *search_entry;
  GtkBox *filters;
  GtkDropDown *theme_drop_down;
  GtkDropDown *language_drop_down;
  GtkLabel *count_label;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkListView *list_view;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (TesseraServiceList, tessera_service_list, GTK_TYPE_BOX)

char *
tessera_freshness_describe (TesseraFreshness freshness, int age_days) {
  int months = age_days / 30;

  if (freshness == TESSERA_FRESHNESS_NEVER || age_days < 0)
    return g_strdup (_("Never checked"));
  if (age_days == 0)
    return g_strdup (_("Checked today"));
  if (age_days < 60)
    return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Checked %d day ago", "Checked %d days ago", age_days), age_days);
  if (age_days < 730)
    return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Checked %d month ago", "Checked %d months ago", months), months);
  return g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "Checked %d year ago", "Checked %d years ago", age_days / 365),
    age_days / 365);
}

void
tessera_freshness_show (GtkLabel *label, TesseraFreshness freshness, int age_days) {
  static const TesseraFreshness all[]
    = { TESSERA_FRESHNESS_CHECKED, TESSERA_FRESHNESS_AMBER, TESSERA_FRESHNESS_RED, TESSERA_FRESHNESS_NEVER };
  g_autofree char *text = tessera_freshness_describe (freshness, age_days);

  gtk_label_set_label (label, text);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (label), tessera_freshness_get_code (all[i]));
  gtk_widget_add_css_class (GTK_WIDGET (label), tessera_freshness_get_code (freshness));
}

/* ---- store work
 * -------------------------------------------------------------------------------------------------- */

typedef struct {
  char *words;
  char *theme;
  char *spoken;
  char *language;
  GPtrArray *rows;
  GPtrArray *themes;
  GPtrArray *languages;
  guint total;
} Finding;

static void
finding_free (gpointer data) {
  Finding *finding = data;

  g_free (finding->words);
  g_free (finding->theme);
  g_free (finding->spoken);
  g_free (finding->language);
  g_clear_pointer (&finding->rows, g_ptr_array_unref);
  g_clear_pointer (&finding->themes, g_ptr_array_unref);
  g_clear_pointer (&finding->languages, g_ptr_array_unref);
  g_free (finding);
}

/* Ids of the services where @tag is spoken. */
static GHashTable *
find_speaking (TesseraTransaction *transaction, const char *tag, GError **error) {
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT service FROM \"language\" WHERE code = ?1 AND service IS NOT NULL", error);

  if (statement == NULL)
    return NULL;
  tessera_statement_bind_text (statement, 1, tag);
  while (tessera_statement_step (statement, &local_error))
    g_hash_table_add (ids, tessera_statement_get_id (statement, 0));
  if (local_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return NULL;
  }
  return g_steal_pointer (&ids);
}

static gboolean
keep_speaking (TesseraTransaction *transaction, Finding *finding, GError **error) {
  g_autoptr (GHashTable) ids = NULL;

  if (finding->spoken == NULL)
    return TRUE;
  ids = find_speaking (transaction, finding->spoken, error);
  if (ids == NULL)
    return FALSE;
  for (guint i = finding->rows->len; i > 0; i--) {
    TesseraServiceRow *row = g_ptr_array_index (finding->rows, i - 1);

    if (!g_hash_table_contains (ids, row->id))
      g_ptr_array_remove_index (finding->rows, i - 1);
  }
  return TRUE;
}

static gboolean
find (TesseraTransaction *transaction, gpointer data, GError **error) {
  Finding *finding = data;
  TesseraDirectoryQuery query
    = { .words = finding->words, .language = finding->language, .theme = finding->theme };

  finding->rows = tessera_directory_find (transaction, &query, NULL, error);
  return finding->rows != NULL && keep_speaking (transaction, finding, error);
}

static gboolean
find_languages (TesseraTransaction *transaction, Finding *finding, GError **error) {
  g_autoptr (GError) local_error = NULL;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction,
    "SELECT code, count(*) FROM \"language\" WHERE code IS NOT NULL AND service IS NOT NULL GROUP BY code "
    "ORDER BY 2 DESC, 1 LIMIT 60",
    error);

  if (statement == NULL)
    return FALSE;
  finding->languages = g_ptr_array_new_with_free_func (g_free);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (finding->languages, g_strdup (tessera_statement_get_text (statement, 0)));
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return *error == NULL;
}

static gboolean
find_filters (TesseraTransaction *transaction, gpointer data, GError **error) {
  Finding *finding = data;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (TesseraStatement) statement
    = tessera_transaction_prepare (transaction, "SELECT count(*) FROM service", error);

  if (statement == NULL)
    return FALSE;
  if (tessera_statement_step (statement, &local_error))
    finding->total = (guint)tessera_statement_get_integer (statement, 0);
  finding->themes
    = tessera_directory_list_terms (transaction, TESSERA_TERM_THEME, finding->language, &local_error);
  if (finding->themes == NULL || !find_languages (transaction, finding, &local_error)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  return TRUE;
}

static Finding *
make_finding (TesseraServiceList *self) {
  Finding *finding = g_new0 (Finding, 1);
  guint theme = gtk_drop_down_get_selected (self->theme_drop_down);
  guint language = gtk_drop_down_get_selected (self->language_drop_down);

  finding->words = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  finding->language = g_strdup (tessera_language_get_current ()->tag);
  if (theme < self->themes->len)
    finding->theme = g_strdup (g_ptr_array_index (self->themes, theme));
  if (language < self->languages->len)
    finding->spoken = g_strdup (g_ptr_array_index (self->languages, language));
  return finding;
}

/* ---- showing
 * ----------------------------------------------------------------------------------------------------- */

static gboolean
is_filtered (const Finding *finding) {
  return finding->theme != NULL || finding->spoken != NULL
         || (finding->words != NULL && *finding->words != '\0');
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraServiceList) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *count = NULL;
  Finding *finding = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  if (self->session == NULL)
    return;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)),
                       finding->rows->pdata, finding->rows->len);
  count = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u service", "%u services", finding->rows->len),
                           finding->rows->len);
  gtk_label_set_label (self->count_label, count);
  if (finding->rows->len > 0)
    gtk_stack_set_visible_child_name (self->stack, "list");
  else
    gtk_stack_set_visible_child_name (self->stack, is_filtered (finding) ? "nothing" : "empty");
  gtk_widget_set_visible (GTK_WIDGET (self->filters), finding->rows->len > 0 || is_filtered (finding));
  tessera_screen_scroll_later (self->scroller, self->wanted_scroll);
  self->wanted_scroll = 0;
}

/* The newest question is the one that counts: older ones that have not begun are dropped. */
static void
ask (TesseraServiceList *self) {
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;

  if (store == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  tessera_store_read_async (store, find, make_finding (self), finding_free, self->cancellable, found_cb,
                            g_object_ref (self));
}

static void
query_changed_cb (TesseraServiceList *self) {
  if (!self->filling)
    ask (self);
}

static void
fill_themes (TesseraServiceList *self, GPtrArray *terms) {
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  g_ptr_array_set_size (self->themes, 0);
  g_ptr_array_add (self->themes, NULL);
  gtk_string_list_append (names, _("Every Theme"));
  for (guint i = 0; i < terms->len; i++) {
    TesseraTerm *term = g_ptr_array_index (terms, i);
    g_autofree char *label = g_strdup_printf ("%s (%u)", term->name, term->count);

    g_ptr_array_add (self->themes, g_strdup (term->id));
    gtk_string_list_append (names, label);
    if (g_strcmp0 (term->id, self->wanted_theme) == 0)
      selected = i + 1;
  }
  gtk_drop_down_set_model (self->theme_drop_down, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->theme_drop_down, selected);
  gtk_widget_set_visible (GTK_WIDGET (self->theme_drop_down), terms->len > 0);
}

static void
fill_languages (TesseraServiceList *self, GPtrArray *tags) {
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  g_ptr_array_set_size (self->languages, 0);
  g_ptr_array_add (self->languages, NULL);
  gtk_string_list_append (names, _("Every Language"));
  for (guint i = 0; i < tags->len; i++) {
    g_autofree char *name = tessera_language_get_name (g_ptr_array_index (tags, i));

    g_ptr_array_add (self->languages, g_strdup (g_ptr_array_index (tags, i)));
    gtk_string_list_append (names, name);
    if (g_strcmp0 (g_ptr_array_index (tags, i), self->wanted_language) == 0)
      selected = i + 1;
  }
  gtk_drop_down_set_model (self->language_drop_down, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->language_drop_down, selected);
  /* Many directories do not say what is spoken; a filter that only empties the list helps nobody. */
  gtk_widget_set_visible (GTK_WIDGET (self->language_drop_down), tags->len > 0);
}

static void
filters_found_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraServiceList) self = data;
  g_autoptr (GError) error = NULL;
  Finding *finding = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  if (self->session == NULL)
    return;
  self->filling = TRUE;
  fill_themes (self, finding->themes);
  fill_languages (self, finding->languages);
  self->filling = FALSE;
  ask (self);
}

void
tessera_service_list_reload (TesseraServiceList *self) {
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;

  if (store != NULL)
    tessera_store_read_async (store, find_filters, make_finding (self), finding_free, NULL, filters_found_cb,
                              g_object_ref (self));
}

static void
choose (TesseraServiceList *self, guint position) {
  g_autoptr (TesseraServiceRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

  if (row != NULL)
    g_signal_emit (self, chosen_signal, 0, row);
}

static void
row_activated_cb (TesseraServiceList *self, guint position) {
  choose (self, position);
}

/* Enter in the search entry takes the first line, as everybody expects. */
static void
search_activated_cb (TesseraServiceList *self) {
  if (g_list_model_get_n_items (G_LIST_MODEL (self->rows)) > 0)
    gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item) {
  gtk_list_item_set_child (item, tessera_service_cell_new ());
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item) {
  GtkWidget *cell = gtk_list_item_get_child (item);
  g_autofree char *name
    = tessera_service_cell_show (TESSERA_SERVICE_CELL (cell), gtk_list_item_get_item (item));

  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (cell)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
tessera_service_list_dispose (GObject *object) {
  TesseraServiceList *self = TESSERA_SERVICE_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_SERVICE_LIST);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->themes, g_ptr_array_unref);
  g_clear_pointer (&self->languages, g_ptr_array_unref);
  g_clear_pointer (&self->wanted_theme, g_free);
  g_clear_pointer (&self->wanted_language, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_service_list_parent_class)->dispose (object);
}

static void
tessera_service_list_class_init (TesseraServiceListClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_service_list_dispose;
  chosen_signal = g_signal_new ("chosen", TESSERA_TYPE_SERVICE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, TESSERA_TYPE_SERVICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-service-list.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, search_entry);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, filters);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, theme_drop_down);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, language_drop_down);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, count_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceList, list_view);
  gtk_widget_class_bind_template_callback (widget_class, query_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
tessera_service_list_init (TesseraServiceList *self) {
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->filling = TRUE;
  self->themes = g_ptr_array_new_with_free_func (g_free);
  self->languages = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (GTK_WIDGET (self->filters), tessera_wrap_layout_new ());
  self->rows = g_list_store_new (TESSERA_TYPE_SERVICE_ROW);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->rows))));
  gtk_list_view_set_model (self->list_view, selection);
  gtk_list_view_set_factory (self->list_view, factory);
  self->filling = FALSE;
}

void
tessera_service_list_start (TesseraServiceList *self, TesseraSession *session) {
  g_set_object (&self->session, session);
  tessera_service_list_reload (self);
}

void
tessera_service_list_focus (TesseraServiceList *self) {
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

static const char *
get_selected (GPtrArray *codes, GtkDropDown *drop_down) {
  guint selected = gtk_drop_down_get_selected (drop_down);
  const char *code = selected < codes->len ? g_ptr_array_index (codes, selected) : NULL;

  return code != NULL ? code : "";
}

GVariant *
tessera_service_list_save_state (TesseraServiceList *self) {
  return g_variant_new (STATE_TYPE, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)),
                        get_selected (self->themes, self->theme_drop_down),
                        get_selected (self->languages, self->language_drop_down),
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)));
}

void
tessera_service_list_restore_state (TesseraServiceList *self, GVariant *state) {
  const char *words = NULL;

  g_clear_pointer (&self->wanted_theme, g_free);
  g_clear_pointer (&self->wanted_language, g_free);
  g_variant_get (state, "(&sssd)", &words, &self->wanted_theme, &self->wanted_language, &self->wanted_scroll);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), words);
  gtk_editable_set_position (GTK_EDITABLE (self->search_entry), -1);
}
