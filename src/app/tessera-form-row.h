/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-form-row.h: one row of a form: the widget for one field, seen as text in and text out.
 *
 * What goes in and comes out is what a person typed: canonical text when it is valid, anything while it is
 * not. Only tessera-form.c uses it.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

typedef struct _TesseraFormRow TesseraFormRow;

/** tessera_form_row_new: (nullable): @changed is called with @data when a person changed it; %NULL for a
 * field type that forms cannot show. */
TesseraFormRow *tessera_form_row_new (TesseraSession *session, const TesseraField *field,
                                      void (*changed) (TesseraFormRow *row, gpointer data), gpointer data);
void tessera_form_row_free (TesseraFormRow *self);

const TesseraField *tessera_form_row_get_field (TesseraFormRow *self);
/** tessera_form_row_get_widget: the row for the boxed list. */
GtkWidget *tessera_form_row_get_widget (TesseraFormRow *self);
/** tessera_form_row_get_message: the row under it that shows what is wrong; hidden while nothing is. */
GtkWidget *tessera_form_row_get_message (TesseraFormRow *self);

/** tessera_form_row_get_text: (transfer full): never %NULL. */
char *tessera_form_row_get_text (TesseraFormRow *self);
void tessera_form_row_set_text (TesseraFormRow *self, const char *text);

void tessera_form_row_set_title (TesseraFormRow *self, const char *title);
/** tessera_form_row_show_error: @message (nullable) */
void tessera_form_row_show_error (TesseraFormRow *self, const char *message);

/** tessera_form_row_get_cursor: place of the cursor in characters, or -1 when the focus is elsewhere. */
int tessera_form_row_get_cursor (TesseraFormRow *self);
/** tessera_form_row_get_place: the same wherever the focus is. */
int tessera_form_row_get_place (TesseraFormRow *self);
/** tessera_form_row_focus: puts the focus there; @cursor -1 for where it was. */
void tessera_form_row_focus (TesseraFormRow *self, int cursor);

G_END_DECLS
