/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-columns.c: two widgets, side by side or stacked; see the header.
 */
#include "config.h"
#include "tessera-columns.h"

/* From this width on both columns are comfortable to read. */
#define WIDE 680
#define SIDE_WIDTH 300
#define GAP 24

struct _TesseraColumns {
  GtkWidget parent_instance;

  GtkWidget *main_child;
  GtkWidget *side_child;
};

G_DEFINE_FINAL_TYPE (TesseraColumns, tessera_columns, GTK_TYPE_WIDGET)

static int
measure_height (GtkWidget *child, int width) {
  int height = 0;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

static void
tessera_columns_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline) {
  TesseraColumns *self = TESSERA_COLUMNS (widget);
  int main_minimum = 0;
  int side_minimum = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    gtk_widget_measure (self->main_child, orientation, -1, &main_minimum, NULL, NULL, NULL);
    gtk_widget_measure (self->side_child, orientation, -1, &side_minimum, NULL, NULL, NULL);
    *minimum = MAX (main_minimum, side_minimum);
    *natural = MAX (*minimum, WIDE + GAP + SIDE_WIDTH);
  } else if (for_size >= WIDE || for_size < 0) {
    int width = MAX (for_size, WIDE);

    *minimum = *natural = MAX (measure_height (self->main_child, width - SIDE_WIDTH - GAP),
                               measure_height (self->side_child, SIDE_WIDTH));
  } else {
    *minimum = *natural =
      measure_height (self->main_child, for_size) + GAP + measure_height (self->side_child, for_size);
  }
}

static void
place (GtkWidget *child, int x, int y, int width, int height) {
  GtkAllocation area = { x, y, width, height };

  gtk_widget_size_allocate (child, &area, -1);
}

static void
tessera_columns_size_allocate (GtkWidget *widget, int width, int height, int baseline) {
  TesseraColumns *self = TESSERA_COLUMNS (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int main_width = width - SIDE_WIDTH - GAP;

  if (width >= WIDE) {
    place (self->main_child, mirrored ? SIDE_WIDTH + GAP : 0, 0, main_width,
           measure_height (self->main_child, main_width));
    place (self->side_child, mirrored ? 0 : main_width + GAP, 0, SIDE_WIDTH,
           measure_height (self->side_child, SIDE_WIDTH));
  } else {
    /* Where there is one column the way ahead comes first, and the long story under it. */
    int side_height = measure_height (self->side_child, width);

    place (self->side_child, 0, 0, width, side_height);
    place (self->main_child, 0, side_height + GAP, width, measure_height (self->main_child, width));
  }
}

static GtkSizeRequestMode
tessera_columns_get_request_mode (GtkWidget *widget) {
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_columns_dispose (GObject *object) {
  TesseraColumns *self = TESSERA_COLUMNS (object);

  g_clear_pointer (&self->main_child, gtk_widget_unparent);
  g_clear_pointer (&self->side_child, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_columns_parent_class)->dispose (object);
}

static void
tessera_columns_class_init (TesseraColumnsClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_columns_dispose;
  widget_class->measure = tessera_columns_measure;
  widget_class->size_allocate = tessera_columns_size_allocate;
  widget_class->get_request_mode = tessera_columns_get_request_mode;
}

static void
tessera_columns_init (TesseraColumns *self) {
}

GtkWidget *
tessera_columns_new (GtkWidget *main_child, GtkWidget *side_child) {
  TesseraColumns *self = g_object_new (TESSERA_TYPE_COLUMNS, NULL);

  self->main_child = main_child;
  self->side_child = side_child;
  gtk_widget_set_parent (main_child, GTK_WIDGET (self));
  gtk_widget_set_parent (side_child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
