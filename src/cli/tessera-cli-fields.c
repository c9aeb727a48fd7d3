/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-fields.c: FIELD=VALUE arguments and the naming of rows.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <string.h>

#include "tessera-cli-fields.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

static char *
list_fields (const TesseraEntity *entity) {
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < entity->n_fields; i++) {
    if ((entity->fields[i].flags & TESSERA_FIELD_AUTOMATIC) == 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", entity->fields[i].name);
  }
  return g_string_free (names, FALSE);
}

static const TesseraField *
find_writable_field (TesseraRecord *record, const char *name, GError **error) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  int index = tessera_entity_find_field (entity, name);

  if (index < 0) {
    g_autofree char *known = list_fields (entity);

    g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_UNKNOWN_FIELD,
                 _("%s has no field “%s”; there are: %s."), entity->name, name, known);
    return NULL;
  }
  if (entity->fields[index].flags & TESSERA_FIELD_AUTOMATIC) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("The field “%s” is filled by Tessera itself; leave it out."), name);
    return NULL;
  }
  return &entity->fields[index];
}

gboolean
tessera_cli_parse_field (TesseraTransaction *transaction, TesseraRecord *record, const char *name,
                         const char *value, GError **error) {
  const TesseraField *field = find_writable_field (record, name, error);
  g_autoptr (TesseraRecord) target = NULL;

  if (field == NULL)
    return FALSE;
  if (field->type != TESSERA_FIELD_REFERENCE || *value == '\0')
    return tessera_record_parse (record, name, value, error);
  target = tessera_cli_resolve (transaction, field->of, value, error);
  if (target == NULL) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  tessera_record_set (record, name, tessera_record_get_id (target));
  return TRUE;
}

gboolean
tessera_cli_parse_fields (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *record,
                          guint first, GError **error) {
  for (guint place = first; place < tessera_cli_count_arguments (self); place++) {
    const char *argument = tessera_cli_get_argument (self, place);
    const char *equals = strchr (argument, '=');
    g_autofree char *name = NULL;

    if (equals == NULL) {
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                   _("“%s” is not of the form FIELD=VALUE."), argument);
      return FALSE;
    }
    name = g_strndup (argument, equals - argument);
    if (!tessera_cli_parse_field (transaction, record, name, equals + 1, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_field (TesseraTransaction *transaction, const char *entity, const char *field) {
  return tessera_entity_find_field (
           tessera_registry_get_entity (tessera_transaction_get_registry (transaction), entity), field)
         >= 0;
}

/* Rows of @entity whose @field is @text; a second one makes the name useless. */
static TesseraRecord *
find_by_field (TesseraTransaction *transaction, const char *entity, const char *field, const char *text,
               GError **error) {
  g_autofree char *tail = g_strdup_printf ("WHERE %s = ?1 LIMIT 2", field);
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (transaction, entity, tail, error);
  g_autoptr (GPtrArray) found = NULL;

  if (statement == NULL)
    return NULL;
  tessera_statement_bind_text (statement, 1, text);
  found = tessera_statement_collect (statement, error);
  if (found == NULL)
    return NULL;
  if (found->len > 1) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS,
                 _("More than one %s is called “%s”; use the id."), entity, text);
    return NULL;
  }
  return found->len == 1 ? g_object_ref (g_ptr_array_index (found, 0)) : NULL;
}

TesseraRecord *
tessera_cli_resolve (TesseraTransaction *transaction, const char *entity, const char *text, GError **error) {
  static const char *const naming_fields[] = { "code", "fingerprint", "name" };
  g_autofree char *id = NULL;
  guint8 bytes[16];

  if (g_str_equal (entity, "client"))
    return tessera_intake_resolve (transaction, text, error);
  id = g_ascii_strdown (text, -1);
  if (tessera_uuid_parse (id, bytes))
    return tessera_transaction_load (transaction, entity, id, error);
  for (guint i = 0; i < G_N_ELEMENTS (naming_fields); i++) {
    GError *local_error = NULL;
    TesseraRecord *found = NULL;

    if (has_field (transaction, entity, naming_fields[i]))
      found = find_by_field (transaction, entity, naming_fields[i], text, &local_error);
    if (found != NULL)
      return found;
    if (local_error != NULL) {
      g_propagate_error (error, local_error);
      return NULL;
    }
  }
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
               _("There is no %s with the id or name “%s”."), entity, text);
  return NULL;
}

TesseraRecord *
tessera_cli_resolve_client (TesseraCli *self, TesseraTransaction *transaction, guint place, GError **error) {
  return tessera_intake_resolve (transaction, tessera_cli_get_argument (self, place), error);
}

gboolean
tessera_cli_resolve_option (TesseraCli *self, TesseraTransaction *transaction, const char *name,
                            const char *entity, char **ret_id, GError **error) {
  const char *text = tessera_cli_get_option (self, name);
  g_autoptr (TesseraRecord) found = NULL;

  *ret_id = NULL;
  if (text == NULL)
    return TRUE;
  found = tessera_cli_resolve (transaction, entity, text, error);
  if (found == NULL)
    return FALSE;
  *ret_id = g_strdup (tessera_record_get_id (found));
  return TRUE;
}

gboolean
tessera_cli_check_code (const char *vocabulary_name, const char *code, GError **error) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (vocabulary_name);
  g_autoptr (GString) known = NULL;

  if (code == NULL || tessera_vocabulary_has (vocabulary, code))
    return TRUE;
  known = g_string_new (NULL);
  for (guint i = 0; i < vocabulary->n_choices; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", vocabulary->choices[i].code);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("There is no code “%s” here; there are: %s."), code, known->str);
  return FALSE;
}
