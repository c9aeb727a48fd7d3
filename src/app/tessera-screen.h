/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-screen.h: small things that several screens do the same way.
 *
 * Only what is about showing and loading; rules belong to casework, widgets to their own files.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"
#include "tessera-window.h"

G_BEGIN_DECLS

/** TesseraScreenLoad: data of a request made by tessera_screen_load_client(); @record is the answer. */
typedef struct {
  char *id;
  TesseraRecord *record;
} TesseraScreenLoad;

/** tessera_screen_load_client: reads the client with @id (merges followed); does nothing while locked.
 * @callback fetches with tessera_store_finish() and tessera_store_result_get_data(), a #TesseraScreenLoad. */
void tessera_screen_load_client (TesseraSession *session,
                                 const char *id,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/** tessera_screen_name_client: (transfer full): what to call them on a screen; the code if there is no name.
 */
char *tessera_screen_name_client (TesseraRecord *client);

/** tessera_screen_toast: into the window of @widget, if it still has one. */
void tessera_screen_toast (GtkWidget *widget, const char *text);
void tessera_screen_toast_error (GtkWidget *widget, const GError *error);

/** tessera_screen_scroll_later: to @value, as soon as the content is that tall (or half a second has passed).
 */
void tessera_screen_scroll_later (GtkScrolledWindow *scroller, double value);

/** tessera_screen_add_fact: a row "title: text" in @group; nothing when @text is empty. The text may be
 * selected and takes its own direction. Returns: (nullable): the row */
GtkWidget *tessera_screen_add_fact (AdwPreferencesGroup *group, const char *title, const char *text);

/** tessera_screen_clear: removes the rows that were added with tessera_screen_add_row() or _add_fact(). */
void tessera_screen_clear (AdwPreferencesGroup *group);

/** tessera_screen_focus_first_row: puts the keyboard on the first of those rows. Returns: %FALSE when the group is
 * hidden or has none */
gboolean tessera_screen_focus_first_row (AdwPreferencesGroup *group);

/** tessera_screen_add_row: adds @row so that tessera_screen_clear() finds it again. */
void tessera_screen_add_row (AdwPreferencesGroup *group, GtkWidget *row);

/**
 * tessera_screen_in_language:
 * @tag: a language of the user interface; any other leaves the current one
 * @make: makes a text with gettext
 *
 * Runs @make while messages come in the language @tag, for what a client reads; nothing else changes.
 * Returns: (transfer full)
 */
char *tessera_screen_in_language (const char *tag, char *(*make) (gpointer data), gpointer data);

/** tessera_screen_isolate: (transfer full): @text (nullable), every line of which reads in the direction of
 * @language, also when it begins with a foreign name. */
char *tessera_screen_isolate (const char *text, const char *language);

/** tessera_screen_get_folder: (transfer full): path of "outbox" or "inbox" in the vault. */
char *tessera_screen_get_folder (TesseraSession *session, const char *name);

/** tessera_screen_get_living_window: (transfer none) (nullable): the window of a screen that is being left, or %NULL when
 * the window goes too or the vault was locked, and there is nobody left to tell anything. */
TesseraWindow *tessera_screen_get_living_window (GtkWidget *screen, TesseraSession *session);

/** tessera_screen_guard_entry: what is typed into @entry is a secret though it can be seen: it stays in guarded memory and
 * out of the history of changes, as with password entries. */
void tessera_screen_guard_entry (GtkEditable *entry);

G_END_DECLS
