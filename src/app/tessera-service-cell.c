/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-cell.c: one line of a list of services; see the header.
 */
#include "config.h"
#include "tessera-service-cell.h"

#include "tessera-screen.h"
#include "tessera-service-list.h"
#include "tessera-text.h"

struct _TesseraServiceCell {
  GtkBox parent_instance;

  GtkLabel *name_label;
  GtkLabel *where_label;
  GtkLabel *freshness_label;
};

G_DEFINE_FINAL_TYPE (TesseraServiceCell, tessera_service_cell, GTK_TYPE_BOX)

static void
tessera_service_cell_dispose (GObject *object) {
  gtk_widget_dispose_template (GTK_WIDGET (object), TESSERA_TYPE_SERVICE_CELL);
  G_OBJECT_CLASS (tessera_service_cell_parent_class)->dispose (object);
}

static void
tessera_service_cell_class_init (TesseraServiceCellClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_service_cell_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-service-cell.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceCell, name_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceCell, where_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceCell, freshness_label);
}

static void
tessera_service_cell_init (TesseraServiceCell *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_service_cell_new (void) {
  return g_object_new (TESSERA_TYPE_SERVICE_CELL, NULL);
}

static void
append_part (GString *text, const char *part) {
  g_autofree char *isolated = NULL;

  if (part == NULL || *part == '\0')
    return;
  isolated = tessera_text_isolate (part);
  g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", isolated);
}

char *
tessera_service_cell_show (TesseraServiceCell *self, TesseraServiceRow *row) {
  g_autoptr (GString) where = g_string_new (NULL);
  g_autofree char *name = tessera_screen_isolate (row->name, row->language);

  append_part (where, row->organization);
  append_part (where, row->place);
  append_part (where, row->theme);
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->where_label, where->str);
  tessera_freshness_show (self->freshness_label, row->freshness, row->age);
  return g_strdup_printf ("%s, %s, %s", row->name, where->str, gtk_label_get_label (self->freshness_label));
}
