/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-text.h: dates and free text as people read them on the screen.
 *
 * Formats by the language chosen in the program (through ICU, so that it also works where the C library lacks
 * the locale), with European digits, as in codes and phone numbers. Main thread only.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** tessera_text_date: (transfer full): an ISO 8601 date as a local date, "21 Nov 2026"; @iso itself if it is
 * none. */
char *tessera_text_date (const char *iso);

/** tessera_text_instant: (transfer full): milliseconds UTC as local date and time. */
char *tessera_text_instant (gint64 instant);

/** tessera_text_time: (transfer full): only the time of day. */
char *tessera_text_time (gint64 instant);

/** tessera_text_ago: (transfer full): "Today", "Yesterday", "5 days ago"; the date when it is long ago;
 * "Never" for 0. */
char *tessera_text_ago (gint64 instant);

/** tessera_text_due: (transfer full): an ISO date as "Due today", "Due tomorrow", "3 days late", "Due 21 Nov
 * 2026".
 * @ret_late (out) (optional): whether it is before today. */
char *tessera_text_due (const char *iso, gboolean *ret_late);

/** tessera_text_direction: direction of @text by its letters; the window's when it has none. */
GtkTextDirection tessera_text_direction (const char *text);

/** tessera_text_isolate: (transfer full): @text between first-strong isolates, for use inside another
 * sentence. */
char *tessera_text_isolate (const char *text);

/** tessera_text_show: puts free @text (nullable) into @label in its own direction, aligned to where it
 * begins. */
void tessera_text_show (GtkLabel *label, const char *text);

G_END_DECLS
