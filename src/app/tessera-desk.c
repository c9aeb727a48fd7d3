/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-desk.c: the unlocked face of the window; see the header.
 *
 * Every section keeps its own stack of pages, so that looking something up elsewhere and coming back costs
 * nothing.
 */
#include "config.h"
#include "tessera-desk.h"

#include <glib/gi18n-lib.h>

#include "tessera-assessment-page.h"
#include "tessera-client-page.h"
#include "tessera-clients-page.h"
#include "tessera-conflict-dialog.h"
#include "tessera-directory-page.h"
#include "tessera-disagreement.h"
#include "tessera-document-dialog.h"
#include "tessera-documents-page.h"
#include "tessera-edit-page.h"
#include "tessera-exchange-window.h"
#include "tessera-inbox-page.h"
#include "tessera-intake-dialog.h"
#include "tessera-language.h"
#include "tessera-modest-bin.h"
#include "tessera-refer-page.h"
#include "tessera-safety-window.h"
#include "tessera-service-page.h"
#include "tessera-step-dialog.h"
#include "tessera-sync-foot.h"
#include "tessera-today-page.h"
#include "tessera-visit-page.h"

typedef struct {
  const char *name;
  const char *title;
  const char *icon;
  GtkWidget *(*create) (TesseraSession *session, const char *argument);
} Section;

typedef struct {
  const char *kind;
  GtkWidget *(*create) (TesseraSession *session, const char *argument);
} Kind;

static const Section sections[] = {
  { "today", N_("Today"), "tessera-today-symbolic", tessera_today_page_new },
  { "clients", N_("Clients"), "tessera-clients-symbolic", tessera_clients_page_new },
  { "inbox", N_("Inbox"), "tessera-inbox-symbolic", tessera_inbox_page_new },
  { "directory", N_("Directory"), "tessera-directory-symbolic", tessera_directory_page_new },
};

static const Kind kinds[] = {
  { "client", tessera_client_page_new },
  { "edit", tessera_edit_page_new },
  { "visit", tessera_visit_page_new },
  { "assessment", tessera_assessment_page_new },
  { "refer", tessera_refer_page_new },
  { "documents", tessera_documents_page_new },
  { "service", tessera_service_page_new },
  { "intake", tessera_intake_dialog_new },
  { "step", tessera_step_dialog_new },
  { "safety", tessera_safety_window_new },
  { "exchange", tessera_exchange_window_new },
  { "document", tessera_document_dialog_new },
  { "conflict", tessera_conflict_dialog_new },
};

/* One open screen. Root pages of sections have kind NULL. */
typedef struct {
  const char *kind;
  char *argument;
  GtkWidget *page;
  gboolean dialog;
  gulong title_handler;
} Opened;

struct _TesseraDesk {
  AdwBin parent_instance;

  TesseraSession *session;
  guint section;
  GPtrArray *opened[G_N_ELEMENTS (sections)];
  GPtrArray *dialogs;
  gboolean selecting;

  AdwLeaflet *leaflet;
  GtkListBox *section_list;
  GtkLabel *organization_label;
  GtkLabel *worker_label;
  GtkLabel *count_label;   /* in the row of the inbox */
  TesseraSyncFoot *sync_foot;
  AdwHeaderBar *content_header;
  AdwWindowTitle *content_title;
  GtkButton *back_button;
  TesseraModestBin *page_bin;
  GtkBox *page_box;
  AdwBin *header_end;
  GtkMenuButton *language_button;
  AdwButtonContent *language_content;
};

G_DEFINE_FINAL_TYPE (TesseraDesk, tessera_desk, ADW_TYPE_BIN)

static void
opened_free (gpointer data) {
  Opened *opened = data;

  g_clear_signal_handler (&opened->title_handler, opened->page);
  if (!opened->dialog)
    g_clear_object (&opened->page);
  g_free (opened->argument);
  g_free (opened);
}

static Opened *
get_top (TesseraDesk *self) {
  GPtrArray *stack = self->opened[self->section];

  return stack->len > 0 ? g_ptr_array_index (stack, stack->len - 1) : NULL;
}

static void
update_header (TesseraDesk *self) {
  Opened *top = get_top (self);
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;

  if (top == NULL)
    return;
  title = tessera_page_get_title (TESSERA_PAGE (top->page));
  subtitle = tessera_page_get_subtitle (TESSERA_PAGE (top->page));
  adw_window_title_set_title (self->content_title, title != NULL ? title : "");
  adw_window_title_set_subtitle (self->content_title, subtitle != NULL ? subtitle : "");
  gtk_widget_set_visible (GTK_WIDGET (self->back_button),
                          tessera_desk_can_pop (self) || adw_leaflet_get_folded (self->leaflet));
}

static void
folded_cb (TesseraDesk *self) {
  update_header (self);
  /* Without this the sidebar keeps the width it had while it was alone. */
  gtk_widget_queue_resize (GTK_WIDGET (self->leaflet));
}

/* A box with one visible page, not a stack: in GTK 4.8 the pages of a stack are seen by screen readers while
 * hidden, and asking for one that was just added may end the program. */
static void
show_page (TesseraDesk *self, GtkWidget *shown) {
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  /* Hiding the widget with the focus makes GTK 4.8 move the focus one on a frame later, wherever it is then. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->page_box))
      && !gtk_widget_is_ancestor (focus, shown))
    gtk_root_set_focus (root, NULL);
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (self->page_box)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_widget_set_visible (page, page == shown);
}

static void
show_top (TesseraDesk *self) {
  Opened *top = get_top (self);

  show_page (self, top->page);
  adw_bin_set_child (self->header_end, tessera_page_get_header_widget (TESSERA_PAGE (top->page)));
  update_header (self);
}

static void
select_section_row (TesseraDesk *self) {
  self->selecting = TRUE;
  gtk_list_box_select_row (self->section_list,
                           gtk_list_box_get_row_at_index (self->section_list, self->section));
  self->selecting = FALSE;
}

static void
focus_top (TesseraDesk *self) {
  Opened *top = get_top (self);

  if (top != NULL && gtk_widget_get_root (GTK_WIDGET (self)) != NULL)
    tessera_page_focus (TESSERA_PAGE (top->page));
}

static Opened *
open_page (TesseraDesk *self, guint section, const char *kind, const char *argument, GtkWidget *page) {
  Opened *opened = g_new0 (Opened, 1);

  opened->kind = kind;
  opened->argument = g_strdup (argument);
  opened->page = g_object_ref_sink (page);
  opened->title_handler =
    g_signal_connect_object (page, "title-changed", G_CALLBACK (update_header), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->opened[section], opened);
  gtk_widget_set_visible (page, FALSE);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (self->page_box, page);
  return opened;
}

static void
dialog_destroyed_cb (TesseraDesk *self, GtkWidget *dialog) {
  for (guint i = 0; i < self->dialogs->len; i++) {
    Opened *opened = g_ptr_array_index (self->dialogs, i);

    if (opened->page == dialog) {
      g_ptr_array_remove_index (self->dialogs, i);
      return;
    }
  }
}

static Opened *
open_dialog (TesseraDesk *self, const char *kind, const char *argument, GtkWidget *dialog) {
  Opened *opened = g_new0 (Opened, 1);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  opened->kind = kind;
  opened->argument = g_strdup (argument);
  /* Not held: destroying a window only drops the toolkit's own reference. */
  opened->page = dialog;
  opened->dialog = TRUE;
  g_ptr_array_add (self->dialogs, opened);
  g_signal_connect_object (dialog, "destroy", G_CALLBACK (dialog_destroyed_cb), self, G_CONNECT_SWAPPED);
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  if (root != NULL)
    gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (root));
  return opened;
}

static const Kind *
find_kind (const char *name) {
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, name) == 0)
      return &kinds[i];
  return NULL;
}

/* Makes the screen; dialogs are presented by the caller when everything around them stands. */
static Opened *
create (TesseraDesk *self, guint section, const char *name, const char *argument) {
  const Kind *kind = find_kind (name);
  GtkWidget *page = NULL;

  g_return_val_if_fail (kind != NULL, NULL);
  page = kind->create (self->session, argument);
  if (GTK_IS_WINDOW (page))
    return open_dialog (self, kind->kind, argument, page);
  return open_page (self, section, kind->kind, argument, page);
}

void
tessera_desk_open_section (TesseraDesk *self, const char *section) {
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++) {
    if (g_strcmp0 (sections[i].name, section) != 0)
      continue;
    self->section = i;
    select_section_row (self);
    show_top (self);
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
    focus_top (self);
  }
}

void
tessera_desk_push (TesseraDesk *self, const char *kind, const char *argument) {
  Opened *top = get_top (self);

  if (top != NULL && g_strcmp0 (top->kind, kind) == 0 && g_strcmp0 (top->argument, argument) == 0)
    return;
  top = create (self, self->section, kind, argument);
  if (top == NULL)
    return;
  if (GTK_IS_WINDOW (top->page)) {
    gtk_window_present (GTK_WINDOW (top->page));
    tessera_page_focus (TESSERA_PAGE (top->page));
    return;
  }
  show_top (self);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
  focus_top (self);
}

gboolean
tessera_desk_can_pop (TesseraDesk *self) {
  return self->opened[self->section]->len > 1;
}

static void
close_page (TesseraDesk *self, GPtrArray *stack) {
  Opened *opened = g_ptr_array_index (stack, stack->len - 1);

  adw_bin_set_child (self->header_end, NULL);
  gtk_box_remove (self->page_box, opened->page);
  g_ptr_array_remove_index (stack, stack->len - 1);
}

void
tessera_desk_pop (TesseraDesk *self) {
  GPtrArray *stack = self->opened[self->section];

  if (stack->len <= 1) {
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
    return;
  }
  close_page (self, stack);
  show_top (self);
  focus_top (self);
}

TesseraPage *
tessera_desk_get_page (TesseraDesk *self) {
  Opened *top = get_top (self);

  return top != NULL ? TESSERA_PAGE (top->page) : NULL;
}

static void
add_opened (GVariantBuilder *builder, guint section, const Opened *opened) {
  g_autoptr (GVariant) state = tessera_page_save_state (TESSERA_PAGE (opened->page));

  g_variant_builder_add (builder, "(umsmsmv)", section, opened->kind, opened->argument, state);
}

GVariant *
tessera_desk_save_state (TesseraDesk *self) {
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(umsmsmv)"));
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    for (guint j = 0; j < self->opened[i]->len; j++)
      add_opened (&builder, i, g_ptr_array_index (self->opened[i], j));
  for (guint i = 0; i < self->dialogs->len; i++)
    add_opened (&builder, G_N_ELEMENTS (sections), g_ptr_array_index (self->dialogs, i));
  return g_variant_ref_sink (g_variant_new (TESSERA_DESK_STATE_TYPE, self->section,
                                            g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet),
                                                       "content") == 0,
                                            &builder));
}

static void
restore_opened (TesseraDesk *self, guint section, const char *kind, const char *argument, GVariant *state) {
  Opened *opened = NULL;

  if (kind == NULL && section < G_N_ELEMENTS (sections))
    opened = g_ptr_array_index (self->opened[section], 0);
  else if (kind != NULL)
    opened = create (self, MIN (section, G_N_ELEMENTS (sections) - 1), kind, argument);
  if (opened != NULL && state != NULL)
    tessera_page_restore_state (TESSERA_PAGE (opened->page), state);
}

void
tessera_desk_restore_state (TesseraDesk *self, GVariant *state) {
  g_autoptr (GVariantIter) iter = NULL;
  gboolean content = FALSE;
  guint section = 0;
  const char *kind = NULL;
  const char *argument = NULL;
  GVariant *page_state = NULL;
  guint page_section = 0;

  g_variant_get (state, TESSERA_DESK_STATE_TYPE, &section, &content, &iter);
  while (g_variant_iter_loop (iter, "(um&sm&smv)", &page_section, &kind, &argument, &page_state))
    restore_opened (self, page_section, kind, argument, page_state);
  self->section = MIN (section, G_N_ELEMENTS (sections) - 1);
  select_section_row (self);
  show_top (self);
  if (content)
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
  focus_top (self);
  for (guint i = 0; i < self->dialogs->len; i++)
    gtk_window_present (GTK_WINDOW (((Opened *) g_ptr_array_index (self->dialogs, i))->page));
}

static void
section_activated_cb (TesseraDesk *self, GtkListBoxRow *row) {
  guint index = gtk_list_box_row_get_index (row);

  if (self->selecting)
    return;
  /* Choosing the section one is in goes back to its first page. */
  while (index == self->section && tessera_desk_can_pop (self))
    tessera_desk_pop (self);
  tessera_desk_open_section (self, sections[index].name);
}

/* ---- what needs a person, beside the inbox ---- */

static gboolean
count_conflicts (TesseraTransaction *transaction, gpointer data, GError **error) {
  *(guint *) data = tessera_disagreement_count (transaction);
  return TRUE;
}

static void
show_count (TesseraDesk *self, guint count) {
  g_autofree char *number = g_strdup_printf ("%u", count);
  g_autofree char *said = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u field has two versions", "%u fields have two versions", count), count);
  g_autofree char *row = count > 0 ? g_strdup_printf ("%s · %s", _("Inbox"), said) : g_strdup (_("Inbox"));

  gtk_label_set_label (self->count_label, number);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->count_label), said);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), count > 0);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (gtk_widget_get_ancestor (GTK_WIDGET (self->count_label), GTK_TYPE_LIST_BOX_ROW)),
    GTK_ACCESSIBLE_PROPERTY_LABEL, row, -1);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraDesk) self = data;

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL) && self->session != NULL)
    show_count (self, *(guint *) tessera_store_result_get_data (result));
}

static void
count (TesseraDesk *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_read_async (store, count_conflicts, g_new0 (guint, 1), g_free, NULL, counted_cb, g_object_ref (self));
}

static void
session_changed_cb (TesseraDesk *self, const char *entities) {
  if (tessera_session_concerns (entities, "conflict"))
    count (self);
}

static void
add_count (TesseraDesk *self, GtkWidget *box) {
  self->count_label = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->count_label), "count-label");
  gtk_widget_set_hexpand (GTK_WIDGET (self->count_label), TRUE);
  gtk_widget_set_halign (GTK_WIDGET (self->count_label), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (self->count_label), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), FALSE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->count_label));
}

static void
add_section_row (TesseraDesk *self, const Section *section) {
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_(section->title));

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (section->icon));
  gtk_box_append (GTK_BOX (box), label);
  if (g_str_equal (section->name, "inbox"))
    add_count (self, box);
  gtk_widget_add_css_class (box, "section-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, _(section->title), -1);
  gtk_list_box_append (self->section_list, row);
}

static void
show_who (TesseraDesk *self) {
  TesseraRecord *worker = tessera_session_get_worker (self->session);
  const char *organization = tessera_session_get_organization (self->session);

  gtk_label_set_label (self->organization_label, organization != NULL ? organization : "Tessera");
  gtk_label_set_label (self->worker_label, worker != NULL ? tessera_record_get (worker, "name") : "");
}

static void
tessera_desk_dispose (GObject *object) {
  TesseraDesk *self = TESSERA_DESK (object);

  if (self->header_end != NULL)
    adw_bin_set_child (self->header_end, NULL);
  while (self->dialogs != NULL && self->dialogs->len > 0) {
    GtkWidget *dialog = ((Opened *) g_ptr_array_index (self->dialogs, 0))->page;

    g_signal_handlers_disconnect_by_data (dialog, self);
    g_ptr_array_remove_index (self->dialogs, 0);
    gtk_window_destroy (GTK_WINDOW (dialog));
  }
  g_clear_pointer (&self->dialogs, g_ptr_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    g_clear_pointer (&self->opened[i], g_ptr_array_unref);
  /* First, because disposing the template frees a bound child that the bin would unparent once more. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_DESK);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_desk_parent_class)->dispose (object);
}

static void
tessera_desk_class_init (TesseraDeskClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TESSERA_TYPE_MODEST_BIN);
  g_type_ensure (TESSERA_TYPE_SYNC_FOOT);
  G_OBJECT_CLASS (klass)->dispose = tessera_desk_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-desk.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, leaflet);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, section_list);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, organization_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, worker_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, sync_foot);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, content_header);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, content_title);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, back_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, page_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, header_end);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, language_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraDesk, language_content);
  gtk_widget_class_bind_template_callback (widget_class, section_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, folded_cb);
}

static void
tessera_desk_init (TesseraDesk *self) {
  g_autoptr (GMenuModel) languages = tessera_language_make_menu ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (self->language_button, languages);
  adw_button_content_set_label (self->language_content, tessera_language_get_current ()->endonym);
  self->page_box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  tessera_modest_bin_set_child (self->page_bin, GTK_WIDGET (self->page_box));
  self->dialogs = g_ptr_array_new_with_free_func (opened_free);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++) {
    self->opened[i] = g_ptr_array_new_with_free_func (opened_free);
    add_section_row (self, &sections[i]);
  }
}

GtkWidget *
tessera_desk_new (TesseraSession *session) {
  TesseraDesk *self = g_object_new (TESSERA_TYPE_DESK, NULL);

  self->session = g_object_ref (session);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    open_page (self, i, NULL, NULL, sections[i].create (session, NULL));
  self->section = 0;
  select_section_row (self);
  show_top (self);
  /* Where only one fits, work comes before the list of sections. */
  adw_leaflet_set_visible_child_name (self->leaflet, "content");
  show_who (self);
  tessera_sync_foot_follow (self->sync_foot, session);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  count (self);
  return GTK_WIDGET (self);
}
