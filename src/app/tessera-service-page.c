/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-page.c: one service of the directory; see the header.
 *
 * Texts come from outside: they are shown as plain text, each in the direction of its own language.
 */
#include "config.h"
#include "tessera-service-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-directory-view.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-screen.h"
#include "tessera-service-list.h"
#include "tessera-text.h"
#include "tessera-window.h"

/* Languages shown beside each other; more would be too narrow to read. */
#define MOST_EDITIONS 4

struct _TesseraServicePage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *service_id;
  char *name;

  AdwSplitButton *verify_button;
  GtkStack *stack;
  GtkLabel *alert_label;
  GtkLabel *organization_label;
  GtkLabel *freshness_label;
  GtkFlowBox *editions;
  AdwPreferencesGroup *facts_group;
  AdwPreferencesGroup *places_group;
  AdwStatusPage *missing_page;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraServicePage,
                               tessera_service_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  char *id;
  char *language;
  GPtrArray *views; /* the reader's language first */
} Loading;

static void
loading_free (gpointer data) {
  Loading *loading = data;

  g_free (loading->id);
  g_free (loading->language);
  g_clear_pointer (&loading->views, g_ptr_array_unref);
  g_free (loading);
}

static gboolean
load_views (TesseraTransaction *transaction, gpointer data, GError **error) {
  Loading *loading = data;
  TesseraServiceView *first
    = tessera_directory_load_service (transaction, loading->id, loading->language, error);

  if (first == NULL)
    return FALSE;
  loading->views = g_ptr_array_new_with_free_func ((GDestroyNotify)tessera_service_view_free);
  g_ptr_array_add (loading->views, first);
  for (guint i = 0; first->available[i] != NULL && loading->views->len < MOST_EDITIONS; i++) {
    TesseraServiceView *view = NULL;

    if (g_strcmp0 (first->available[i], first->language) == 0)
      continue;
    view = tessera_directory_load_service (transaction, loading->id, first->available[i], error);
    if (view == NULL)
      return FALSE;
    g_ptr_array_add (loading->views, view);
  }
  return TRUE;
}

/* ---- showing
 * ----------------------------------------------------------------------------------------------------- */

static GtkWidget *
make_label (const char *text, const char *language, const char *css_class) {
  g_autofree char *isolated = tessera_screen_isolate (text, language);
  GtkWidget *label = gtk_label_new (isolated);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
  gtk_widget_set_direction (label, tessera_language_get_direction (language));
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_text (GtkBox *box, const char *title, const char *text, const char *language) {
  GtkWidget *label = NULL;

  if (text == NULL || *text == '\0')
    return;
  if (title != NULL) {
    gtk_box_append (box, make_label (title, language, "caption-heading"));
  }
  label = make_label (text, language, NULL);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (box, label);
}

static char *
get_field_label (gpointer data) {
  const TesseraField *field = data;

  return g_strdup (tessera_field_get_label (field));
}

/* Headings of an edition are in its own language where we have it. */
static void
add_field (TesseraServicePage *self, GtkBox *box, TesseraServiceView *view, const char *name) {
  const TesseraEntity *entity
    = tessera_registry_get_entity (tessera_session_get_registry (self->session), "service");
  int index = tessera_entity_find_field (entity, name);
  g_autofree char *title
    = tessera_screen_in_language (view->language, get_field_label, (gpointer)&entity->fields[index]);

  add_text (box, title, tessera_service_view_get (view, name), view->language);
}

static char *
get_documents_label (gpointer data) {
  return g_strdup (_("What to bring"));
}

static GtkWidget *
make_edition (TesseraServicePage *self, TesseraServiceView *view) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *language = NULL;
  g_autofree char *endonym = tessera_language_get_endonym (view->language);
  g_autofree char *documents = g_strjoinv ("\n", view->documents);
  g_autofree char *documents_label = tessera_screen_in_language (view->language, get_documents_label, NULL);

  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "edition");
  gtk_widget_set_direction (box, tessera_language_get_direction (view->language));
  language = make_label (endonym, view->language, "caption");
  gtk_widget_add_css_class (language, "dim-label");
  gtk_box_append (GTK_BOX (box), language);
  gtk_box_append (GTK_BOX (box),
                  make_label (tessera_service_view_get (view, "name"), view->language, "title-4"));
  add_text (GTK_BOX (box), NULL, tessera_service_view_get (view, "description"), view->language);
  add_field (self, GTK_BOX (box), view, "eligibility_description");
  add_field (self, GTK_BOX (box), view, "application_process");
  add_text (GTK_BOX (box), documents_label, documents, view->language);
  add_field (self, GTK_BOX (box), view, "fees_description");
  add_field (self, GTK_BOX (box), view, "interpretation_services");
  return box;
}

static void
show_editions (TesseraServicePage *self, GPtrArray *views) {
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->editions))) != NULL)
    gtk_flow_box_remove (self->editions, child);
  for (guint i = 0; i < views->len; i++) {
    GtkWidget *edition = make_edition (self, g_ptr_array_index (views, i));

    gtk_flow_box_append (self->editions, edition);
    gtk_widget_set_focusable (gtk_widget_get_parent (edition), FALSE);
  }
}

static void
add_list (TesseraServicePage *self, const char *title, char **texts) {
  g_autofree char *joined = g_strjoinv ("\n", texts);

  tessera_screen_add_fact (self->facts_group, title, joined);
}

static void
add_schedules (TesseraServicePage *self, GPtrArray *schedules) {
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < schedules->len; i++) {
    g_autofree char *line = tessera_service_schedule_format (g_ptr_array_index (schedules, i));

    if (*line != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", line);
  }
  tessera_screen_add_fact (self->facts_group, _("Opening times"), text->str);
}

static void
add_terms (TesseraServicePage *self, GPtrArray *terms) {
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < terms->len; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "",
                            ((TesseraTerm *)g_ptr_array_index (terms, i))->name);
  tessera_screen_add_fact (self->facts_group, _("Themes"), text->str);
}

/* A number reads from left to right whatever the language around it. */
static char **
isolate_numbers (char **numbers) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; numbers[i] != NULL; i++) {
    g_autofree char *number = g_strconcat ("\u2066", numbers[i], "\u2069", NULL);

    g_strv_builder_add (builder, number);
  }
  return g_strv_builder_end (builder);
}

static void
show_facts (TesseraServicePage *self, TesseraServiceView *view) {
  g_auto (GStrv) phones = isolate_numbers (view->phones);

  tessera_screen_clear (self->facts_group);
  add_schedules (self, view->schedules);
  add_list (self, _("Phone"), phones);
  tessera_screen_add_fact (self->facts_group, _("Email"), tessera_service_view_get (view, "email"));
  tessera_screen_add_fact (self->facts_group, _("Website"), tessera_service_view_get (view, "url"));
  add_list (self, _("Languages spoken"), view->languages);
  add_list (self, _("Cost"), view->costs);
  add_list (self, _("For people from"), view->areas);
  add_terms (self, view->terms);
  tessera_screen_add_fact (self->facts_group, _("About the organization"), view->organization_description);
}

static void
show_places (TesseraServicePage *self, TesseraServiceView *view) {
  tessera_screen_clear (self->places_group);
  for (guint i = 0; i < view->places->len; i++) {
    TesseraServicePlace *place = g_ptr_array_index (view->places, i);
    g_autoptr (GString) text = g_string_new (place->address != NULL ? place->address : "");

    if (place->transportation != NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", place->transportation);
    if (place->accessibility != NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", place->accessibility);
    if (text->len > 0)
      tessera_screen_add_fact (self->places_group, place->name != NULL ? place->name : _("Address"),
                               text->str);
    else
      tessera_screen_add_fact (self->places_group, _("Place"), place->name);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->places_group), view->places->len > 0);
}

static void
show_view (TesseraServicePage *self, GPtrArray *views) {
  TesseraServiceView *view = g_ptr_array_index (views, 0);
  const char *alert = tessera_service_view_get (view, "alert");
  const char *status = tessera_record_get (view->record, "status");
  g_autofree char *state = NULL;

  if (status != NULL && g_strcmp0 (status, "active") != 0)
    state = g_strdup_printf (_("This service is marked: %s."),
                             tessera_vocabulary_get_label ("service_status", status));
  g_free (self->name);
  self->name = g_strdup (tessera_service_view_get (view, "name"));
  gtk_widget_set_visible (GTK_WIDGET (self->alert_label), alert != NULL || state != NULL);
  gtk_label_set_label (self->alert_label, state != NULL ? state : alert != NULL ? alert : "");
  tessera_text_show (self->organization_label, view->organization);
  tessera_freshness_show (self->freshness_label, view->freshness, view->age);
  show_editions (self, views);
  show_facts (self, view);
  show_places (self, view);
  gtk_stack_set_visible_child_name (self->stack, "service");
  tessera_page_title_changed (TESSERA_PAGE (self));
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraServicePage) self = data;
  g_autoptr (GError) error = NULL;
  Loading *loading = tessera_store_result_get_data (result);

  if (self->stack == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    g_autofree char *escaped = g_markup_escape_text (error->message, -1);

    adw_status_page_set_description (self->missing_page, escaped);
    gtk_stack_set_visible_child_name (self->stack, "missing");
    return;
  }
  show_view (self, loading->views);
}

static void
load (TesseraServicePage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Loading *loading = NULL;

  if (store == NULL)
    return;
  loading = g_new0 (Loading, 1);
  loading->id = g_strdup (self->service_id);
  loading->language = g_strdup (tessera_language_get_current ()->tag);
  tessera_store_read_async (store, load_views, loading, loading_free, NULL, loaded_cb, g_object_ref (self));
}

static void
store_changed_cb (TesseraServicePage *self, const char *entities) {
  if (tessera_session_concerns (entities, "service") || tessera_session_concerns (entities, "verification")
      || tessera_session_concerns (entities, "translation"))
    load (self);
}

/* ---- checking
 * ---------------------------------------------------------------------------------------------------- */

typedef struct {
  char *id;
  char *result;
} Verifying;

static void
verifying_free (gpointer data) {
  Verifying *verifying = data;

  g_free (verifying->id);
  g_free (verifying->result);
  g_free (verifying);
}

static gboolean
verify (TesseraTransaction *transaction, gpointer data, GError **error) {
  Verifying *verifying = data;
  g_autoptr (TesseraRecord) done
    = tessera_directory_verify (transaction, verifying->id, verifying->result, NULL, error);

  return done != NULL;
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraServicePage) self = data;
  g_autoptr (GError) error = NULL;
  Verifying *verifying = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error))
    tessera_screen_toast_error (GTK_WIDGET (self), error);
  else if (g_strcmp0 (verifying->result, "not-reached") == 0)
    tessera_screen_toast (GTK_WIDGET (self),
                          _("Noted: nobody was reached. The last check stays as it was."));
  else
    tessera_screen_toast (GTK_WIDGET (self), _("Noted: checked today"));
}

static void
verify_as (TesseraServicePage *self, const char *result) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Verifying *verifying = NULL;

  if (store == NULL)
    return;
  verifying = g_new0 (Verifying, 1);
  verifying->id = g_strdup (self->service_id);
  verifying->result = g_strdup (result);
  tessera_store_write_async (store, verify, verifying, verifying_free, NULL, verified_cb,
                             g_object_ref (self));
}

static void
verify_clicked_cb (TesseraServicePage *self) {
  verify_as (self, "confirmed");
}

static void
verify_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data) {
  verify_as (TESSERA_SERVICE_PAGE (data), g_variant_get_string (parameter, NULL));
}

static void
add_actions (TesseraServicePage *self) {
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) action = g_simple_action_new ("verify", G_VARIANT_TYPE_STRING);

  g_signal_connect_object (action, "activate", G_CALLBACK (verify_action_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  gtk_widget_insert_action_group (GTK_WIDGET (self->verify_button), "service", G_ACTION_GROUP (group));
}

/* ---- the page
 * ---------------------------------------------------------------------------------------------------- */

static char *
tessera_service_page_get_title (TesseraPage *page) {
  TesseraServicePage *self = TESSERA_SERVICE_PAGE (page);

  return g_strdup (self->name != NULL ? self->name : _("Service"));
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_service_page_get_title;
}

static void
tessera_service_page_dispose (GObject *object) {
  TesseraServicePage *self = TESSERA_SERVICE_PAGE (object);

  /* The child is bound as well: without this both the template and AdwBin would unparent it. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_SERVICE_PAGE);
  self->stack = NULL;
  g_clear_pointer (&self->service_id, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_service_page_parent_class)->dispose (object);
}

static void
tessera_service_page_class_init (TesseraServicePageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_service_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-service-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, verify_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, alert_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, organization_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, freshness_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, editions);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, facts_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, places_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraServicePage, missing_page);
  gtk_widget_class_bind_template_callback (widget_class, verify_clicked_cb);
}

static void
tessera_service_page_init (TesseraServicePage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  add_actions (self);
}

GtkWidget *
tessera_service_page_new (TesseraSession *session, const char *service) {
  TesseraServicePage *self = g_object_new (TESSERA_TYPE_SERVICE_PAGE, NULL);

  self->session = g_object_ref (session);
  self->service_id = g_strdup (service);
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  load (self);
  return GTK_WIDGET (self);
}
