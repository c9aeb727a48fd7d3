/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-record.c: `record …`: what the registry knows, and rows of entities that have no noun of their
 * own.
 *
 * Rows that rules guard (clients, visits, referrals, consents …) can be read here, but are only made and
 * changed by their own commands.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-fields.h"

static const char *
get_type_name (TesseraFieldType type) {
  switch (type) {
  case TESSERA_FIELD_TEXT:
    return "text";
  case TESSERA_FIELD_INTEGER:
    return "integer";
  case TESSERA_FIELD_NUMBER:
    return "number";
  case TESSERA_FIELD_DATE:
    return "date";
  case TESSERA_FIELD_INSTANT:
    return "instant";
  case TESSERA_FIELD_BOOLEAN:
    return "boolean";
  case TESSERA_FIELD_CHOICE:
    return "choice";
  case TESSERA_FIELD_LANGUAGE:
    return "language";
  case TESSERA_FIELD_ID:
    return "id";
  case TESSERA_FIELD_REFERENCE:
    return "reference";
  case TESSERA_FIELD_SET:
    return "set";
  case TESSERA_FIELD_BLOB:
    return "blob";
  default:
    return "unknown";
  }
}

static const char *
get_share_name (TesseraShare share) {
  static const char *const names[] = { "never", "consent", "referral", "public" };

  return names[share];
}

static JsonArray *
list_codes (const TesseraField *field) {
  const TesseraVocabulary *vocabulary = field->of != NULL ? tessera_vocabulary_find (field->of) : NULL;
  JsonArray *codes = json_array_new ();

  for (guint i = 0; vocabulary != NULL && i < vocabulary->n_choices; i++)
    json_array_add_string_element (codes, vocabulary->choices[i].code);
  return codes;
}

static JsonObject *
describe_field (const TesseraField *field) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", field->name);
  json_object_set_string_member (object, "label", tessera_field_get_label (field));
  json_object_set_string_member (object, "type", get_type_name (field->type));
  json_object_set_string_member (object, "category", tessera_category_get_code (field->category));
  json_object_set_string_member (object, "share", get_share_name (field->share));
  json_object_set_boolean_member (object, "required", (field->flags & TESSERA_FIELD_REQUIRED) != 0);
  json_object_set_boolean_member (object, "automatic", (field->flags & TESSERA_FIELD_AUTOMATIC) != 0);
  if (field->type == TESSERA_FIELD_REFERENCE)
    json_object_set_string_member (object, "of", field->of);
  if (field->type == TESSERA_FIELD_CHOICE || field->type == TESSERA_FIELD_SET)
    json_object_set_array_member (object, "codes", list_codes (field));
  return object;
}

static const TesseraEntity *
find_entity (TesseraCli *self, GError **error) {
  const char *name = tessera_cli_get_argument (self, 0);
  const TesseraEntity *entity = tessera_registry_get_entity (tessera_cli_get_registry (self), name);
  const TesseraEntity *const *all = tessera_registry_get_entities (tessera_cli_get_registry (self));
  g_autoptr (GString) known = NULL;

  if (entity != NULL)
    return entity;
  known = g_string_new (NULL);
  for (guint i = 0; all[i] != NULL; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", all[i]->name);
  g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_UNKNOWN_ENTITY,
               _("There is no entity “%s”; there are: %s."), name, known->str);
  return NULL;
}

static gboolean
fields (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const TesseraEntity *entity = find_entity (self, error);
  JsonArray *array;

  if (entity == NULL)
    return FALSE;
  array = json_array_new ();
  for (guint i = 0; i < entity->n_fields; i++)
    json_array_add_object_element (array, describe_field (&entity->fields[i]));
  tessera_cli_put_objects (self, array, "name type category share label codes");
  return TRUE;
}

/* Entities that no rule guards. */
static const TesseraEntity *
find_free_entity (TesseraCli *self, GError **error) {
  static const char *const free_entities[] = { "household", "household_member", "appointment",        "note",
                                               "story",     "agreement",        "procedure_template", NULL };
  const TesseraEntity *entity = find_entity (self, error);
  g_autofree char *known = NULL;

  if (entity == NULL || g_strv_contains (free_entities, entity->name))
    return entity;
  known = g_strjoinv (", ", (char **) free_entities);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("Rows of “%s” are made and changed by commands of their own; here it can be: %s."),
               entity->name, known);
  return NULL;
}

static void
set_now (TesseraTransaction *transaction, TesseraRecord *row) {
  if (tessera_entity_find_field (tessera_record_get_entity (row), "at") >= 0
      && tessera_record_get (row, "at") == NULL)
    tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
}

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const TesseraEntity *entity = find_free_entity (self, error);
  g_autoptr (TesseraRecord) row = NULL;

  if (entity == NULL)
    return FALSE;
  row = tessera_transaction_new_record (transaction, entity->name);
  if (!tessera_cli_parse_fields (self, transaction, row, 1, error))
    return FALSE;
  set_now (transaction, row);
  if (!tessera_transaction_save (transaction, row, error))
    return FALSE;
  tessera_cli_put_record (self, row);
  return TRUE;
}

static gboolean
edit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const TesseraEntity *entity = find_free_entity (self, error);
  g_autoptr (TesseraRecord) row = NULL;

  if (entity == NULL)
    return FALSE;
  row = tessera_cli_resolve (transaction, entity->name, tessera_cli_get_argument (self, 1), error);
  if (row == NULL || !tessera_cli_parse_fields (self, transaction, row, 2, error)
      || !tessera_transaction_save (transaction, row, error))
    return FALSE;
  tessera_cli_put_record (self, row);
  return TRUE;
}

static gboolean
show (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const TesseraEntity *entity = find_entity (self, error);
  g_autoptr (TesseraRecord) row = NULL;

  if (entity == NULL)
    return FALSE;
  row = tessera_cli_resolve (transaction, entity->name, tessera_cli_get_argument (self, 1), error);
  if (row == NULL)
    return FALSE;
  tessera_cli_put_record (self, row);
  return TRUE;
}

/* The first fields of an entity tell its rows apart. */
static char *
choose_columns (const TesseraEntity *entity) {
  GString *columns = g_string_new ("id");

  for (guint i = 0; i < entity->n_fields && i < 5; i++)
    g_string_append_printf (columns, " %s", entity->fields[i].name);
  return g_string_free (columns, FALSE);
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const TesseraEntity *entity = find_entity (self, error);
  g_autofree char *client = NULL;
  g_autofree char *columns = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (entity == NULL || !tessera_cli_resolve_option (self, transaction, "client", "client", &client, error))
    return FALSE;
  if (client != NULL && tessera_entity_find_field (entity, "client") < 0) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("Rows of “%s” are not about a client."), entity->name);
    return FALSE;
  }
  rows = tessera_transaction_select_records (transaction, entity->name,
                                             client != NULL ? "WHERE client = ?1 ORDER BY id" : "ORDER BY id",
                                             client, error);
  if (rows == NULL)
    return FALSE;
  columns = choose_columns (entity);
  tessera_cli_put_records (self, rows, columns);
  return TRUE;
}

const TesseraCommand tessera_record_commands[] = {
  { "record", "fields", "ENTITY", N_("Lists the fields of an entity, with types and codes."),
    TESSERA_ACCESS_NONE, fields },
  { "record", "add", "ENTITY FIELD=VALUE…", N_("Adds a household, appointment, note, agreement …"),
    TESSERA_ACCESS_WRITE, add },
  { "record", "edit", "ENTITY ID FIELD=VALUE…", N_("Changes such a row."), TESSERA_ACCESS_WRITE, edit },
  { "record", "show", "ENTITY ID", N_("Prints any row."), TESSERA_ACCESS_READ, show },
  { "record", "list", "ENTITY [--client CLIENT]", N_("Lists the rows of any entity."), TESSERA_ACCESS_READ,
    list },
  { NULL },
};
