/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-form.h: rows to fill in, made from the registry.
 *
 * Given an entity and field names it makes one libadwaita row per field by its type: entry, several lines,
 * choice, language, chips for a set, date with a calendar, switch. Every keystroke goes, coalesced, into a
 * draft of the store. It does not save: the screen takes the record and saves it by the rules of casework.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_FORM (tessera_form_get_type ())
G_DECLARE_FINAL_TYPE (TesseraForm, tessera_form, TESSERA, FORM, GtkBox)

/*
 * Signals:
 * TesseraForm::changed (self, const char *field): a person changed a field (not set_record or a draft).
 * TesseraForm::draft-loaded (self, gboolean found): tessera_form_load_draft() is done; values are in the
 * rows.
 */

/**
 * tessera_form_new:
 * @entity: of the registry
 * @fields: %NULL-terminated names, in the order of the rows: one boxed list without a title. An empty list is
 *   allowed: use tessera_form_add_group()
 * @draft_key: (nullable): e.g. "visit:CLIENT-UUID"; %NULL for a form without draft
 */
GtkWidget *tessera_form_new (TesseraSession *session, const char *entity, const char *const *fields,
                             const char *draft_key);

/** tessera_form_add_group: one more boxed list under @title (nullable, translated) with @description
 * (nullable). */
void tessera_form_add_group (TesseraForm *self, const char *title, const char *description,
                             const char *const *fields);

/** tessera_form_get_record: (transfer none): the record with what is in the rows; a value that is not valid
 * is left out. Its id stays the same for the life of the form and its draft, so saving twice does not make
 * two rows. */
TesseraRecord *tessera_form_get_record (TesseraForm *self);

/** tessera_form_set_record: shows the values of @record and edits its copy (same id). */
void tessera_form_set_record (TesseraForm *self, TesseraRecord *record);

/** tessera_form_set_value: canonical text (nullable) into the row of @field, and into the record even if it
 * has no row. */
void tessera_form_set_value (TesseraForm *self, const char *field, const char *value);
/** tessera_form_get_value: (nullable): what the record holds of @field. */
const char *tessera_form_get_value (TesseraForm *self, const char *field);

/** tessera_form_get_row: (nullable): the row of @field, to add a suffix, hide it or set its title. */
GtkWidget *tessera_form_get_row (TesseraForm *self, const char *field);

/** tessera_form_set_title: another label for a field than the registry's. */
void tessera_form_set_title (TesseraForm *self, const char *field, const char *title);

/** tessera_form_validate: shows a message under every row that cannot be saved (wrong, or required and
 * empty), puts the focus on the first, and tells whether there was none. */
gboolean tessera_form_validate (TesseraForm *self);

/** tessera_form_show_error: a message under one row, until it changes. */
void tessera_form_show_error (TesseraForm *self, const char *field, const char *message);

/** tessera_form_is_empty: whether a person has typed nothing (values set by program do not count). */
gboolean tessera_form_is_empty (TesseraForm *self);

/** tessera_form_load_draft: reads the draft and fills the rows; ends with TesseraForm::draft-loaded. */
void tessera_form_load_draft (TesseraForm *self);

/** tessera_form_drop_draft: after saving, or when the worker throws it away. Later changes make a new one. */
void tessera_form_drop_draft (TesseraForm *self);

/** tessera_form_flush: writes the draft at once; also done when the session locks and when the form goes. */
void tessera_form_flush (TesseraForm *self);

/** tessera_form_save_state: (transfer full): for TesseraPage.save_state; includes half-valid text and the
 * focus. */
GVariant *tessera_form_save_state (TesseraForm *self);
void tessera_form_restore_state (TesseraForm *self, GVariant *state);

/** tessera_form_focus: into the first row. */
void tessera_form_focus (TesseraForm *self);

/** tessera_form_focus_field: into the row of @field, at the end of what stands there; into the first row where
 * there is no such row. */
void tessera_form_focus_field (TesseraForm *self, const char *field);

G_END_DECLS
