/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-clipboard.h: secrets on the clipboard, for a short while.
 *
 * What is copied here stays in guarded memory, is marked for clipboard managers as nothing to remember, and is taken
 * back. Text that is no secret is copied as anywhere else.
 */
#pragma once

#include <gtk/gtk.h>

#include "tessera-secret.h"

G_BEGIN_DECLS

/** TESSERA_CLIPBOARD_SECONDS: how long a secret stays. */
#define TESSERA_CLIPBOARD_SECONDS 45

/** tessera_clipboard_copy_secret: puts text on the clipboard of @widget's display for TESSERA_CLIPBOARD_SECONDS, or until
 * something else is copied or tessera_clipboard_clear(). */
void tessera_clipboard_copy_secret (GtkWidget *widget, const TesseraSecret *text);

/** tessera_clipboard_clear: takes back at once what was copied so and is still there; nothing else. */
void tessera_clipboard_clear (GdkDisplay *display);

G_END_DECLS
