/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-modest-bin.c: holds one child and asks for little; see the header.
 */
#include "config.h"
#include "tessera-modest-bin.h"

struct _TesseraModestBin {
  GtkWidget parent_instance;

  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (TesseraModestBin, tessera_modest_bin, GTK_TYPE_WIDGET)

static void
tessera_modest_bin_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline) {
  TesseraModestBin *self = TESSERA_MODEST_BIN (widget);

  if (self->child == NULL)
    return;
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *natural = *minimum;
}

static void
tessera_modest_bin_size_allocate (GtkWidget *widget, int width, int height, int baseline) {
  TesseraModestBin *self = TESSERA_MODEST_BIN (widget);

  if (self->child != NULL)
    gtk_widget_allocate (self->child, width, height, baseline, NULL);
}

static GtkSizeRequestMode
tessera_modest_bin_get_request_mode (GtkWidget *widget) {
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_modest_bin_dispose (GObject *object) {
  TesseraModestBin *self = TESSERA_MODEST_BIN (object);

  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_modest_bin_parent_class)->dispose (object);
}

static void
tessera_modest_bin_class_init (TesseraModestBinClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_modest_bin_dispose;
  widget_class->measure = tessera_modest_bin_measure;
  widget_class->size_allocate = tessera_modest_bin_size_allocate;
  widget_class->get_request_mode = tessera_modest_bin_get_request_mode;
}

static void
tessera_modest_bin_init (TesseraModestBin *self) {
}

void
tessera_modest_bin_set_child (TesseraModestBin *self, GtkWidget *child) {
  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = child;
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
