/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page.h: what the window asks of a screen.
 *
 * Every screen is a widget that can say its title, and can put what it shows and what is half-written in it
 * into a #GVariant so that the same screen, built again in another language, goes on where it was.
 *
 * A screen is made by a function `tessera_…_page_new (TesseraSession *, const char *argument)` and named by a
 * kind in the table of tessera-desk.c. A screen that is a #GtkWindow is presented as a modal dialog, any
 * other is pushed on the page stack of the current section.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_PAGE (tessera_page_get_type ())
G_DECLARE_INTERFACE (TesseraPage, tessera_page, TESSERA, PAGE, GtkWidget)

/**
 * TesseraPageInterface:
 * @get_title: (transfer full): for the header bar and the screen reader, in the current language
 * @get_subtitle: (transfer full) (nullable): second line of the header bar; may be left out
 * @get_header_widget: (transfer none) (nullable): buttons for the end of the header bar, owned by the page;
 * may be left out. Define it beside the template in the .ui file and bind it as a template child.
 * @save_state: (transfer full, may be floating) (nullable): everything a rebuilt page needs: selection,
 * scroll, half-written forms; may be left out
 * @restore_state: takes what save_state gave; the page may still be loading, so keep it until then; may be
 * left out
 * @focus: puts the keyboard focus where work begins; may be left out
 */
struct _TesseraPageInterface {
  GTypeInterface parent;

  char *(*get_title) (TesseraPage *self);
  char *(*get_subtitle) (TesseraPage *self);
  GtkWidget *(*get_header_widget) (TesseraPage *self);
  GVariant *(*save_state) (TesseraPage *self);
  void (*restore_state) (TesseraPage *self, GVariant *state);
  void (*focus) (TesseraPage *self);
};

char *tessera_page_get_title (TesseraPage *self);
char *tessera_page_get_subtitle (TesseraPage *self);
GtkWidget *tessera_page_get_header_widget (TesseraPage *self);
/** tessera_page_save_state: (transfer full) (nullable) */
GVariant *tessera_page_save_state (TesseraPage *self);
void tessera_page_restore_state (TesseraPage *self, GVariant *state);
void tessera_page_focus (TesseraPage *self);

/** tessera_page_title_changed: tells the window to read title and subtitle again (signal
 * TesseraPage::title-changed). */
void tessera_page_title_changed (TesseraPage *self);

G_END_DECLS
