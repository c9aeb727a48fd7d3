/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-wrap-layout.c: children that wrap like words; see the header.
 */
#include "config.h"
#include "tessera-wrap-layout.h"

#define SPACING 6

struct _TesseraWrapLayout {
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (TesseraWrapLayout, tessera_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

/* Walks the lines for @width and places children when @place. Returns: the height used. */
static int
lay_out (GtkWidget *widget, int width, gboolean place) {
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int x = 0;
  int y = 0;
  int line = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkRequisition size;

    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_get_preferred_size (child, NULL, &size);
    /* A child that asks for all the room is a heading: a line of its own. */
    size.width = gtk_widget_get_hexpand (child) ? MAX (width, 1) : MIN (size.width, MAX (width, 1));
    if (x > 0 && x + size.width > width) {
      x = 0;
      y += line + SPACING;
      line = 0;
    }
    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, size.width, NULL, &size.height, NULL, NULL);
    if (place) {
      int start = gtk_widget_get_halign (child) == GTK_ALIGN_END ? width - size.width : x;
      GtkAllocation area = { mirrored ? width - start - size.width : start, y, size.width,
                             MAX (line, size.height) };

      gtk_widget_size_allocate (child, &area, -1);
    }
    line = MAX (line, size.height);
    x += size.width + SPACING;
  }
  return y + line;
}

static void
measure_width (GtkWidget *widget, int *minimum, int *natural) {
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int child_minimum = 0;
    int child_natural = 0;

    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL, NULL);
    *minimum = MAX (*minimum, child_minimum);
    *natural += child_natural + (*natural > 0 ? SPACING : 0);
  }
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
  int least = 0;
  int most = 0;

  measure_width (widget, &least, &most);
  *minimum = least;
  *natural = MAX (most, least);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = lay_out (widget, for_size >= 0 ? for_size : MAX (most, least), FALSE);
}

static void
tessera_wrap_layout_allocate (
  GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline) {
  lay_out (widget, width, TRUE);
}

static GtkSizeRequestMode
tessera_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget) {
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_wrap_layout_class_init (TesseraWrapLayoutClass *klass) {
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->measure = tessera_wrap_layout_measure;
  manager_class->allocate = tessera_wrap_layout_allocate;
  manager_class->get_request_mode = tessera_wrap_layout_get_request_mode;
}

static void
tessera_wrap_layout_init (TesseraWrapLayout *self) {
}

GtkLayoutManager *
tessera_wrap_layout_new (void) {
  return g_object_new (TESSERA_TYPE_WRAP_LAYOUT, NULL);
}

GtkWidget *
tessera_wrap_box_new (void) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_layout_manager (box, tessera_wrap_layout_new ());
  return box;
}
