/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-qr.c: a text as a picture that a camera reads; see the header.
 */
#include "config.h"
#include "tessera-qr.h"

#include <math.h>
#include <qrencode.h>
#include <string.h>

/* Squares of margin on each side. */
#define MARGIN 4
/* Below this many bytes there is room for more that may be dirty or cut. */
#define SHORT_TEXT 1200

struct _TesseraQr {
  GObject parent_instance;

  QRcode *code;
};

static void paintable_iface_init (GdkPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraQr, tessera_qr, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_iface_init))

/* How many squares wide, the margin included. */
static guint
get_size (TesseraQr *self) {
  return (guint) self->code->width + 2 * MARGIN;
}

static gboolean
is_dark (TesseraQr *self, int x, int y) {
  return x < self->code->width && (self->code->data[y * self->code->width + x] & 1) != 0;
}

/* One rectangle for each run of dark squares. */
static void
draw_row (TesseraQr *self, cairo_t *cr, int y) {
  int begin = -1;

  for (int x = 0; x <= self->code->width; x++) {
    if (is_dark (self, x, y) && begin < 0)
      begin = x;
    if (!is_dark (self, x, y) && begin >= 0) {
      cairo_rectangle (cr, begin + MARGIN, y + MARGIN, x - begin, 1);
      begin = -1;
    }
  }
}

/* Squares of whole pixels stay sharp; where that would waste half of the room they are smoothed instead. */
static void
tessera_qr_snapshot (GdkPaintable *paintable, GdkSnapshot *snapshot, double width, double height) {
  TesseraQr *self = TESSERA_QR (paintable);
  guint size = get_size (self);
  double square = MIN (width, height) / size;
  cairo_t *cr = gtk_snapshot_append_cairo (GTK_SNAPSHOT (snapshot), &GRAPHENE_RECT_INIT (0, 0, (float) width,
                                                                                         (float) height));

  if (square >= 2)
    square = floor (square);
  cairo_set_antialias (cr, square >= 2 ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_DEFAULT);
  cairo_translate (cr, floor ((width - square * size) / 2), floor ((height - square * size) / 2));
  cairo_scale (cr, square, square);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, size, size);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  for (int y = 0; y < self->code->width; y++)
    draw_row (self, cr, y);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static int
tessera_qr_get_intrinsic_size (GdkPaintable *paintable) {
  return (int) get_size (TESSERA_QR (paintable)) * 3;
}

static double
tessera_qr_get_aspect_ratio (GdkPaintable *paintable) {
  return 1;
}

static GdkPaintableFlags
tessera_qr_get_flags (GdkPaintable *paintable) {
  return GDK_PAINTABLE_STATIC_SIZE | GDK_PAINTABLE_STATIC_CONTENTS;
}

static void
paintable_iface_init (GdkPaintableInterface *iface) {
  iface->snapshot = tessera_qr_snapshot;
  iface->get_intrinsic_width = tessera_qr_get_intrinsic_size;
  iface->get_intrinsic_height = tessera_qr_get_intrinsic_size;
  iface->get_intrinsic_aspect_ratio = tessera_qr_get_aspect_ratio;
  iface->get_flags = tessera_qr_get_flags;
}

static void
tessera_qr_finalize (GObject *object) {
  g_clear_pointer (&TESSERA_QR (object)->code, QRcode_free);
  G_OBJECT_CLASS (tessera_qr_parent_class)->finalize (object);
}

static void
tessera_qr_class_init (TesseraQrClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_qr_finalize;
}

static void
tessera_qr_init (TesseraQr *self) {
}

GdkPaintable *
tessera_qr_new (const char *text) {
  size_t length = strlen (text);
  QRcode *code = length <= G_MAXINT ? QRcode_encodeData ((int) length, (const unsigned char *) text, 0,
                                                         length <= SHORT_TEXT ? QR_ECLEVEL_M : QR_ECLEVEL_L)
                                    : NULL;
  TesseraQr *self = NULL;

  if (code == NULL)
    return NULL;
  self = g_object_new (TESSERA_TYPE_QR, NULL);
  self->code = code;
  return GDK_PAINTABLE (self);
}
