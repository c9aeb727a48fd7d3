/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-disagreement.c: what a person needs to decide between versions of a field; see the header.
 */
#include "config.h"
#include "tessera-disagreement.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-intake.h"
#include "tessera-merge.h"
#include "tessera-pathway.h"

static void
version_free (gpointer data) {
  TesseraVersion *self = data;

  g_free (self->value);
  g_free (self->text);
  g_free (self->device);
  g_free (self);
}

void
tessera_disagreement_free (TesseraDisagreement *self) {
  if (!self)
    return;
  g_free (self->id);
  g_clear_object (&self->client);
  g_free (self->row);
  g_clear_pointer (&self->versions, g_ptr_array_unref);
  g_free (self->resolved_on);
  g_free (self);
}

/* ---- reading ---- */

/* A reference is read as the name of what it refers to. */
static char *
describe_value (TesseraTransaction *transaction, const TesseraField *field, const char *value) {
  g_autoptr (TesseraRecord) other = NULL;

  if (!value)
    return NULL;
  if (field->type != TESSERA_FIELD_REFERENCE)
    return tessera_field_format (field, value);
  other = tessera_transaction_find (transaction, field->of, value);
  if (other && tessera_entity_find_field (tessera_record_get_entity (other), "name") >= 0
      && tessera_record_get (other, "name"))
    return g_strdup (tessera_record_get (other, "name"));
  return g_strdup (value);
}

static void
add_version (TesseraTransaction *transaction, TesseraDisagreement *self, const TesseraSibling *sibling) {
  TesseraVersion *version = g_new0 (TesseraVersion, 1);

  version->value = g_strdup (sibling->value);
  version->text = describe_value (transaction, self->field, sibling->value);
  version->device = g_strdup (sibling->device);
  version->at = sibling->at;
  version->mine = sibling->mine;
  version->shown = sibling->shown;
  g_ptr_array_add (self->versions, version);
}

/* Of a decided one, the value that holds is all that is left. */
static void
add_holding (TesseraTransaction *transaction, TesseraDisagreement *self) {
  g_autoptr (TesseraRecord) record = tessera_transaction_find (transaction, self->entity->name, self->row);
  TesseraSibling holding = { .device = self->resolved_on, .at = self->resolved_at, .shown = TRUE };

  if (!record)
    return;
  holding.value = (char *) tessera_record_get (record, self->field->name);
  holding.mine = g_strcmp0 (self->resolved_on, tessera_transaction_get_device (transaction)) == 0;
  add_version (transaction, self, &holding);
}

static gboolean
add_versions (TesseraTransaction *transaction, TesseraDisagreement *self, GError **error) {
  g_autoptr (GPtrArray) siblings = NULL;

  if (self->resolved_at > 0) {
    add_holding (transaction, self);
    return TRUE;
  }
  siblings = tessera_transaction_list_siblings (transaction, self->entity->name, self->row, self->field->name, error);
  for (guint i = 0; siblings && i < siblings->len; i++)
    add_version (transaction, self, siblings->pdata[i]);
  return siblings != NULL;
}

/* %NULL without an error when it is about something that this Tessera does not know. */
static TesseraDisagreement *
read_row (TesseraTransaction *transaction, TesseraRecord *row, GError **error) {
  g_autoptr (TesseraDisagreement) self = g_new0 (TesseraDisagreement, 1);
  const char *client = tessera_record_get (row, "client");
  const char *name = tessera_record_get (row, "entity");
  int index = -1;

  self->entity = name ? tessera_registry_get_entity (tessera_transaction_get_registry (transaction), name) : NULL;
  if (self->entity && tessera_record_get (row, "field") && tessera_record_get (row, "row"))
    index = tessera_entity_find_field (self->entity, tessera_record_get (row, "field"));
  if (index < 0)
    return NULL;
  self->field = &self->entity->fields[index];
  self->id = g_strdup (tessera_record_get_id (row));
  self->row = g_strdup (tessera_record_get (row, "row"));
  self->opened_at = tessera_record_get_integer (row, "opened_at");
  self->resolved_at = tessera_record_get_integer (row, "resolved_at");
  self->resolved_on = g_strdup (tessera_record_get (row, "resolved_on"));
  self->versions = g_ptr_array_new_with_free_func (version_free);
  self->client = client ? tessera_casework_resolve_client (transaction, client, NULL) : NULL;
  return add_versions (transaction, self, error) ? g_steal_pointer (&self) : NULL;
}

static GPtrArray *
read_rows (TesseraTransaction *transaction, GPtrArray *rows, guint limit, GError **error) {
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_disagreement_free);

  for (guint i = 0; i < MIN (rows->len, limit); i++) {
    GError *local_error = NULL;
    TesseraDisagreement *one = read_row (transaction, rows->pdata[i], &local_error);

    if (one)
      g_ptr_array_add (list, one);
    if (local_error) {
      g_propagate_error (error, local_error);
      return NULL;
    }
  }
  return g_steal_pointer (&list);
}

GPtrArray *
tessera_disagreement_list (TesseraTransaction *transaction, const char *client, guint limit, GError **error) {
  g_autoptr (GPtrArray) rows = NULL;

  if (client)
    rows = tessera_intake_select (transaction, "conflict", client, "AND resolved_at IS NULL ORDER BY opened_at, id", error);
  else
    rows = tessera_transaction_select_records (transaction, "conflict", "WHERE resolved_at IS NULL ORDER BY opened_at, id",
                                               NULL, error);
  return rows ? read_rows (transaction, rows, limit, error) : NULL;
}

GPtrArray *
tessera_disagreement_list_settled (TesseraTransaction *transaction, guint limit, GError **error) {
  gint64 since = tessera_transaction_get_now (transaction) - TESSERA_DISAGREEMENT_KEPT_DAYS * TESSERA_DAY_MSEC;
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "conflict", "WHERE resolved_at >= ?1 ORDER BY resolved_at DESC, id", error);
  g_autoptr (GPtrArray) rows = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, since);
  rows = tessera_statement_collect (statement, error);
  return rows ? read_rows (transaction, rows, limit, error) : NULL;
}

guint
tessera_disagreement_count (TesseraTransaction *transaction) {
  g_autoptr (TesseraStatement) statement
    = tessera_transaction_prepare (transaction, "SELECT count(*) FROM \"conflict\" WHERE resolved_at IS NULL",
                                   NULL);

  return statement && tessera_statement_step (statement, NULL) ? (guint) tessera_statement_get_integer (statement, 0) : 0;
}

TesseraDisagreement *
tessera_disagreement_load (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_casework_load (transaction, "conflict", id, error);
  GError *local_error = NULL;
  TesseraDisagreement *self = row ? read_row (transaction, row, &local_error) : NULL;

  if (local_error)
    g_propagate_error (error, local_error);
  else if (row && !self)
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                         _("This conflict is about something that a newer Tessera knows; update this one."));
  return self;
}

/* ---- choosing ---- */

gboolean
tessera_disagreement_may_write (const TesseraDisagreement *self) {
  return !(self->field->flags & TESSERA_FIELD_AUTOMATIC);
}

static gboolean
has_value_before (const TesseraDisagreement *self, guint place) {
  const TesseraVersion *version = self->versions->pdata[place];

  for (guint i = 0; i < place; i++)
    if (g_strcmp0 (((TesseraVersion *) self->versions->pdata[i])->value, version->value) == 0)
      return TRUE;
  return FALSE;
}

char *
tessera_disagreement_join (const TesseraDisagreement *self) {
  const char *between = self->field->flags & TESSERA_FIELD_LONG ? "\n" : " / ";
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->field->type != TESSERA_FIELD_TEXT || !tessera_disagreement_may_write (self))
    return NULL;
  for (guint i = 0; i < self->versions->len; i++) {
    const TesseraVersion *version = self->versions->pdata[i];

    if (version->value && !has_value_before (self, i))
      g_string_append_printf (text, "%s%s", text->len ? between : "", version->value);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
tessera_disagreement_get_mine (const TesseraDisagreement *self, const char **ret_value, GError **error) {
  for (guint i = 0; i < self->versions->len; i++) {
    const TesseraVersion *version = self->versions->pdata[i];

    if (version->mine) {
      *ret_value = version->value;
      return TRUE;
    }
  }
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS,
                       _("None of the values was written on this laptop; give the value that is right."));
  return FALSE;
}

static char *
list_values (const TesseraDisagreement *self) {
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->versions->len; i++) {
    const TesseraVersion *version = self->versions->pdata[i];

    if (!has_value_before (self, i))
      g_string_append_printf (text, "%s“%s”", text->len ? ", " : "", version->text ? version->text : "");
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
tessera_disagreement_get_theirs (const TesseraDisagreement *self, const char **ret_value, GError **error) {
  g_autofree char *values = NULL;
  guint n = 0;

  for (guint i = 0; i < self->versions->len; i++) {
    const TesseraVersion *version = self->versions->pdata[i];

    if (version->mine || has_value_before (self, i))
      continue;
    *ret_value = version->value;
    n++;
  }
  if (n == 1)
    return TRUE;
  values = list_values (self);
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS,
               _("More than one value came from others (%s); give the one that is right."), values);
  return FALSE;
}

gboolean
tessera_disagreement_check_open (const TesseraDisagreement *self, GError **error) {
  if (self->resolved_at == 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                       _("Somebody has decided this already; look at the record, and edit it if it is still wrong."));
  return FALSE;
}

/* Between looking and deciding a colleague's decision may have come. */
static gboolean
check_still_open (TesseraTransaction *transaction, const TesseraDisagreement *self, GError **error) {
  g_autoptr (TesseraDisagreement) now = tessera_disagreement_load (transaction, self->id, error);

  return now && tessera_disagreement_check_open (now, error);
}

static gboolean
check_value (const TesseraDisagreement *self, const char *value, GError **error) {
  gboolean known = FALSE;

  for (guint i = 0; i < self->versions->len && !known; i++)
    known = g_strcmp0 (((TesseraVersion *) self->versions->pdata[i])->value, value) == 0;
  if (known || tessera_disagreement_may_write (self))
    return TRUE;
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
               _("“%s” is not for people to write; choose one of the values."), tessera_field_get_label (self->field));
  return FALSE;
}

gboolean
tessera_disagreement_settle (TesseraTransaction *transaction, const TesseraDisagreement *self, const char *value,
                             GError **error) {
  if (!check_still_open (transaction, self, error) || !check_value (self, value, error))
    return FALSE;
  if (!value && self->field->flags & TESSERA_FIELD_REQUIRED) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” cannot be empty; choose another value."), tessera_field_get_label (self->field));
    return FALSE;
  }
  return tessera_transaction_settle (transaction, self->entity->name, self->row, self->field->name, value, error);
}

static gboolean
has_task (TesseraTransaction *transaction, const char *client, const char *text, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM task WHERE client = ?1 AND text = ?2 AND done_at IS NULL", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, client);
  tessera_statement_bind_text (statement, 2, text);
  return tessera_statement_step (statement, error);
}

/* The values themselves stay where they are: a task may be shared under another consent than they. */
gboolean
tessera_disagreement_ask (TesseraTransaction *transaction, const TesseraDisagreement *self, GError **error) {
  g_autoptr (TesseraRecord) task = NULL;
  g_autofree char *text = NULL;
  g_autofree char *today = tessera_casework_date (tessera_transaction_get_now (transaction), 0);
  GError *local_error = NULL;

  if (!self->client) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("This is not about a client; decide it here."));
    return FALSE;
  }
  /* Translators: a task. %s is the name of a field ("Phone"). */
  text = g_strdup_printf (_("Ask what is right: %s"), tessera_field_get_label (self->field));
  if (!check_still_open (transaction, self, error))
    return FALSE;
  if (has_task (transaction, tessera_record_get_id (self->client), text, &local_error))
    return TRUE;
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  task = tessera_transaction_new_record (transaction, "task");
  tessera_record_set (task, "client", tessera_record_get_id (self->client));
  tessera_record_set (task, "text", text);
  tessera_record_set (task, "who", "worker");
  tessera_record_set (task, "due", today);
  return tessera_pathway_add_task (transaction, task, error);
}
