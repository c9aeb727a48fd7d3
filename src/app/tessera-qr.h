/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-qr.h: a text as a picture that a camera reads.
 *
 * Black on white whatever the theme, with the margin that readers need. What the text says is not its business.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_QR (tessera_qr_get_type ())
G_DECLARE_FINAL_TYPE (TesseraQr, tessera_qr, TESSERA, QR, GObject)

/** tessera_qr_new: (transfer full) (nullable): @text as one QR code; %NULL when it is too long for one. */
GdkPaintable *tessera_qr_new (const char *text);

G_END_DECLS
