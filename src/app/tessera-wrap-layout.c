/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-wrap-layout.c: see tessera-wrap-layout.h.
 */
#include "config.h"

#include "tessera-wrap-layout.h"

struct _TesseraWrapLayout {
  GtkLayoutManager parent_instance;

  int spacing;
};

G_DEFINE_FINAL_TYPE (TesseraWrapLayout, tessera_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

/* The width a child gets in a line of @width: its natural one, unless that is more than the whole line. */
static int
child_width (GtkWidget *child, int width) {
  int minimum, natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return MAX (minimum, MIN (natural, width));
}

/* Walks the lines; places the children when @allocate, and returns the height that was needed. */
static int
lay_out (TesseraWrapLayout *self, GtkWidget *widget, int width, gboolean allocate) {
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int x = 0, y = 0, line_height = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child)) {
    int own_width, own_height;

    if (!gtk_widget_should_layout (child))
      continue;

    own_width = child_width (child, width);
    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, own_width, NULL, &own_height, NULL, NULL);
    if (x > 0 && x + own_width > width) {
      x = 0;
      y += line_height + self->spacing;
      line_height = 0;
    }
    if (allocate)
      gtk_widget_size_allocate (
        child, &(GtkAllocation){ mirrored ? width - x - own_width : x, y, own_width, own_height }, -1);
    x += own_width + self->spacing;
    line_height = MAX (line_height, own_height);
  }
  return y + line_height;
}

static GtkSizeRequestMode
tessera_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget) {
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_wrap_layout_measure (GtkLayoutManager *manager,
                             GtkWidget *widget,
                             GtkOrientation orientation,
                             int for_size,
                             int *minimum,
                             int *natural,
                             int *minimum_baseline,
                             int *natural_baseline) {
  TesseraWrapLayout *self = TESSERA_WRAP_LAYOUT (manager);
  int narrowest = 0, widest = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child)) {
    int child_minimum, child_natural;

    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL, NULL);
    narrowest = MAX (narrowest, child_minimum);
    widest += child_natural + (widest > 0 ? self->spacing : 0);
  }
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = narrowest;
    *natural = widest;
  } else {
    *minimum = *natural = lay_out (self, widget, for_size < 0 ? MAX (narrowest, widest) : for_size, FALSE);
  }
}

static void
tessera_wrap_layout_allocate (
  GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline) {
  lay_out (TESSERA_WRAP_LAYOUT (manager), widget, width, TRUE);
}

static void
tessera_wrap_layout_class_init (TesseraWrapLayoutClass *klass) {
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->get_request_mode = tessera_wrap_layout_get_request_mode;
  manager_class->measure = tessera_wrap_layout_measure;
  manager_class->allocate = tessera_wrap_layout_allocate;
}

static void
tessera_wrap_layout_init (TesseraWrapLayout *self) {}

GtkLayoutManager *
tessera_wrap_layout_new (int spacing) {
  TesseraWrapLayout *self = g_object_new (TESSERA_TYPE_WRAP_LAYOUT, NULL);

  self->spacing = spacing;
  return GTK_LAYOUT_MANAGER (self);
}
