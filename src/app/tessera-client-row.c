/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-client-row.c: one person in the list of clients.
 */
#include "config.h"
#include "tessera-client-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-language.h"
#include "tessera-text.h"
#include "tessera-wrap-layout.h"

struct _TesseraClientRow {
  AdwBin parent_instance;

  TesseraCaseloadItem *item;
  gulong changed_handler;

  AdwAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *contact_label;
  GtkLabel *step_label;
  GtkLabel *code_label;
  GtkLabel *language_label;
  GtkImage *mediator_icon;
  GtkLabel *due_label;
  GtkWidget *facts_box;
};

G_DEFINE_FINAL_TYPE (TesseraClientRow, tessera_client_row, ADW_TYPE_BIN)

void
tessera_client_row_style_step (GtkLabel *label, const char *step) {
  static const char *const steps[] = { "basic-needs", "inclusion", "autonomy" };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (label), steps[i]);
  gtk_widget_set_visible (GTK_WIDGET (label), step != NULL);
  if (step == NULL)
    return;
  gtk_widget_add_css_class (GTK_WIDGET (label), "pill-label");
  gtk_widget_add_css_class (GTK_WIDGET (label), step);
  gtk_label_set_label (label, tessera_vocabulary_get_label ("step", step));
}

static const char *
get_name (const TesseraCaseloadRow *row) {
  if (row->how_to_call != NULL)
    return row->how_to_call;
  return row->name != NULL ? row->name : row->code;
}

/* "Call me" first where the full name does not say it already. */
static char *
describe_name (const TesseraCaseloadRow *row) {
  g_autofree char *full = NULL;

  if (row->name != NULL && (row->how_to_call == NULL || strstr (row->name, row->how_to_call) != NULL))
    return g_strdup (row->name);
  if (row->name == NULL)
    return g_strdup (get_name (row));
  full = tessera_text_isolate (row->name);
  return g_strdup_printf ("%s · %s", row->how_to_call, full);
}

static void
show_due (TesseraClientRow *self, const TesseraCaseloadRow *row) {
  gboolean late = FALSE;
  g_autofree char *due = row->next_due != NULL ? tessera_text_due (row->next_due, &late) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->due_label), due != NULL);
  gtk_label_set_label (self->due_label, due != NULL ? due : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->due_label), row->next_what);
  if (late)
    gtk_widget_add_css_class (GTK_WIDGET (self->due_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->due_label), "error");
}

static void
show_language (TesseraClientRow *self, const TesseraCaseloadRow *row) {
  g_autofree char *language = row->language != NULL ? tessera_language_get_name (row->language) : NULL;
  gboolean mediator = row->interpreter_needed != NULL && g_strcmp0 (row->interpreter_needed, "no") != 0;

  gtk_label_set_label (self->language_label, language != NULL ? language : "");
  gtk_widget_set_visible (GTK_WIDGET (self->language_label), language != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->mediator_icon), mediator);
}

static char *
describe (TesseraClientRow *self, const TesseraCaseloadRow *row) {
  g_autoptr (GString) text = g_string_new (gtk_label_get_label (self->name_label));

  g_string_append_printf (text, ", %s", row->code);
  if (row->step != NULL)
    g_string_append_printf (text, ", %s", tessera_vocabulary_get_label ("step", row->step));
  if (row->language != NULL)
    g_string_append_printf (text, ", %s", gtk_label_get_label (self->language_label));
  if (gtk_widget_get_visible (GTK_WIDGET (self->mediator_icon)))
    g_string_append_printf (text, ", %s", _("Needs a mediator"));
  if (row->next_due != NULL)
    g_string_append_printf (text, ", %s", gtk_label_get_label (self->due_label));
  return g_strdup (text->str);
}

static void
update (TesseraClientRow *self) {
  const TesseraCaseloadRow *row = tessera_caseload_item_get_row (self->item);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *name = NULL;
  g_autofree char *contact = NULL;
  g_autofree char *description = NULL;

  gtk_widget_set_opacity (GTK_WIDGET (self), row != NULL ? 1 : 0);
  if (row == NULL)
    return;
  name = describe_name (row);
  contact = tessera_text_ago (row->last_contact);
  adw_avatar_set_text (self->avatar, get_name (row));
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->code_label, row->code != NULL ? row->code : "");
  gtk_label_set_label (self->contact_label, contact);
  tessera_client_row_style_step (self->step_label, row->step);
  show_language (self, row);
  show_due (self, row);
  description = describe (self, row);
  /* The list row has no name of its own in GTK 4.8. */
  if (parent != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL, description, -1);
}

void
tessera_client_row_set_item (TesseraClientRow *self, TesseraCaseloadItem *item) {
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_handler, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  self->changed_handler = g_signal_connect_swapped (item, "changed", G_CALLBACK (update), self);
  update (self);
}

static void
tessera_client_row_dispose (GObject *object) {
  tessera_client_row_set_item (TESSERA_CLIENT_ROW (object), NULL);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), TESSERA_TYPE_CLIENT_ROW);
  G_OBJECT_CLASS (tessera_client_row_parent_class)->dispose (object);
}

static void
tessera_client_row_class_init (TesseraClientRowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_client_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-client-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, contact_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, step_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, code_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, language_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, mediator_icon);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, due_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraClientRow, facts_box);
}

static void
tessera_client_row_init (TesseraClientRow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Where the window is narrow, what is due goes under the rest instead of being cut. */
  gtk_widget_set_layout_manager (self->facts_box, tessera_wrap_layout_new ());
}

GtkWidget *
tessera_client_row_new (void) {
  return g_object_new (TESSERA_TYPE_CLIENT_ROW, NULL);
}
