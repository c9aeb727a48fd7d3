/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-window.h: the application window: locked, first run, or at the desk.
 *
 * It owns nothing of the work itself: pages load from the session's store.
 */
#pragma once

#include <adwaita.h>

#include "tessera-page.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_WINDOW (tessera_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWindow, tessera_window, TESSERA, WINDOW, AdwApplicationWindow)

TesseraWindow *tessera_window_new (GtkApplication *application, TesseraSession *session);

/** tessera_window_get_for: (nullable): the window that @widget is in, or that its dialog belongs to. */
TesseraWindow *tessera_window_get_for (GtkWidget *widget);

/** tessera_window_open_section: "today", "clients", "inbox" or "directory". */
void tessera_window_open_section (TesseraWindow *self, const char *section);

/**
 * tessera_window_push:
 * @kind: "client", "edit", "visit", "assessment", "refer", "documents", "service"; or the dialogs "intake",
 * "step", "document", "safety", "exchange"
 * @argument: (nullable): id of the client (or service, or document) it is about
 *
 * Opens a screen over the current one. The page already on top with the same kind and argument is only shown.
 */
void tessera_window_push (TesseraWindow *self, const char *kind, const char *argument);

/** tessera_window_pop: goes back from the page on top, as the back button does; a half-written form stays a
 * draft. */
void tessera_window_pop (TesseraWindow *self);

/** tessera_window_open_client: tessera_window_push() of the client page. */
void tessera_window_open_client (TesseraWindow *self, const char *client_id);

/** tessera_window_toast: one short sentence; also said to screen readers. */
void tessera_window_toast (TesseraWindow *self, const char *text);

/** tessera_window_toast_error: the same with the message of @error. */
void tessera_window_toast_error (TesseraWindow *self, const GError *error);

/** tessera_window_toast_undo: with an Undo button that calls @undo (@data); @destroy (nullable) frees @data.
 */
void tessera_window_toast_undo (
  TesseraWindow *self, const char *text, void (*undo) (gpointer data), gpointer data, GDestroyNotify destroy);

/** tessera_window_warn: says that it is about to be locked, in the window a person looks at; 0 takes that back. */
void tessera_window_warn (TesseraWindow *self, guint seconds);

/** tessera_window_rebuild: builds everything shown again, in the language that is now current, losing
 * nothing. */
void tessera_window_rebuild (TesseraWindow *self);

G_END_DECLS
