/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-conflict.c: `conflict …`: fields that two laptops wrote differently, and a person's decision.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-cli.h"
#include "tessera-colleagues.h"
#include "tessera-disagreement.h"
#include "tessera-identifier.h"

#define MOST 10000

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static void
set_instant (JsonObject *object, const char *name, gint64 instant) {
  g_autofree char *text = instant > 0 ? tessera_instant_format (instant) : NULL;

  set_text (object, name, text);
}

static void
set_device (JsonObject *object, GHashTable *colleagues, const char *device) {
  const TesseraColleague *colleague = device != NULL ? g_hash_table_lookup (colleagues, device) : NULL;

  set_text (object, "device", device);
  set_text (object, "device_name", colleague != NULL ? colleague->device : NULL);
  set_text (object, "worker", colleague != NULL ? colleague->worker : NULL);
}

static JsonObject *
describe_version (const TesseraVersion *version, GHashTable *colleagues) {
  JsonObject *object = json_object_new ();

  if (version->value != NULL)
    json_object_set_string_member (object, "value", version->value);
  else
    json_object_set_null_member (object, "value");
  set_text (object, "text", version->text);
  set_device (object, colleagues, version->device);
  set_instant (object, "at", version->at);
  json_object_set_boolean_member (object, "mine", version->mine);
  json_object_set_boolean_member (object, "shown", version->shown);
  return object;
}

static JsonArray *
describe_versions (const TesseraDisagreement *one, GHashTable *colleagues) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < one->versions->len; i++)
    json_array_add_object_element (array, describe_version (g_ptr_array_index (one->versions, i), colleagues));
  return array;
}

static JsonObject *
describe (const TesseraDisagreement *one, GHashTable *colleagues) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", one->id);
  if (one->client != NULL) {
    set_text (object, "client", tessera_record_get_id (one->client));
    set_text (object, "code", tessera_record_get (one->client, "code"));
  }
  json_object_set_string_member (object, "entity", one->entity->name);
  json_object_set_string_member (object, "row", one->row);
  json_object_set_string_member (object, "field", one->field->name);
  json_object_set_string_member (object, "label", tessera_field_get_label (one->field));
  set_instant (object, "opened_at", one->opened_at);
  if (one->resolved_at > 0) {
    JsonObject *by = json_object_new ();

    set_instant (object, "resolved_at", one->resolved_at);
    set_device (by, colleagues, one->resolved_on);
    json_object_set_object_member (object, "resolved_by", by);
  }
  json_object_set_array_member (object, "values", describe_versions (one, colleagues));
  return object;
}

static void
put_text (TesseraCli *self, const TesseraDisagreement *one, GHashTable *colleagues) {
  const char *code = one->client != NULL ? tessera_record_get (one->client, "code") : NULL;

  tessera_cli_put_line (self, "%s  %s  %s", one->id, code != NULL ? code : "–", tessera_field_get_label (one->field));
  for (guint i = 0; i < one->versions->len; i++) {
    const TesseraVersion *version = g_ptr_array_index (one->versions, i);
    const TesseraColleague *colleague
      = version->device != NULL ? g_hash_table_lookup (colleagues, version->device) : NULL;
    g_autofree char *at = tessera_instant_format (version->at);

    tessera_cli_put_line (self, "  %s “%s”  %s  %s", version->mine ? _("mine:") : _("theirs:"),
                          version->text != NULL ? version->text : "",
                          colleague != NULL && colleague->device != NULL ? colleague->device : "–", at);
  }
}

static void
put_list (TesseraCli *self, GPtrArray *list, GHashTable *colleagues) {
  g_autoptr (JsonArray) objects = json_array_new ();

  for (guint i = 0; i < list->len; i++) {
    json_array_add_object_element (objects, describe (g_ptr_array_index (list, i), colleagues));
    put_text (self, g_ptr_array_index (list, i), colleagues);
  }
  if (tessera_cli_is_json (self))
    tessera_cli_put_objects (self, g_steal_pointer (&objects), "id");
}

static gboolean
list_conflicts (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) colleagues = tessera_colleagues_load (transaction, error);
  g_autoptr (GPtrArray) list = NULL;

  if (colleagues == NULL)
    return FALSE;
  list = tessera_cli_has (self, "settled") ? tessera_disagreement_list_settled (transaction, MOST, error)
                                           : tessera_disagreement_list (transaction, NULL, MOST, error);
  if (list == NULL)
    return FALSE;
  put_list (self, list, colleagues);
  return TRUE;
}

/* A value as a person types it: for a choice its code, as everywhere on the command line. */
static gboolean
read_value (const TesseraDisagreement *one, const char *text, char **ret_value, GError **error) {
  *ret_value = *text != '\0' ? tessera_field_check (one->field, text, error) : NULL;
  return *text == '\0' || *ret_value != NULL;
}

static gboolean
join (const TesseraDisagreement *one, char **ret_value, GError **error) {
  *ret_value = tessera_disagreement_join (one);
  if (*ret_value != NULL)
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("“%s” cannot be both; choose mine or theirs, or give the value."), tessera_field_get_label (one->field));
  return FALSE;
}

static gboolean
choose (const TesseraDisagreement *one, const char *word, char **ret_value, GError **error) {
  const char *value = NULL;

  if (strcmp (word, "both") == 0)
    return join (one, ret_value, error);
  if (strcmp (word, "mine") != 0 && strcmp (word, "theirs") != 0)
    return read_value (one, word, ret_value, error);
  if (strcmp (word, "mine") == 0 ? !tessera_disagreement_get_mine (one, &value, error)
                                 : !tessera_disagreement_get_theirs (one, &value, error))
    return FALSE;
  *ret_value = g_strdup (value);
  return TRUE;
}

static gboolean
resolve (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *id = tessera_cli_get_argument (self, 0);
  g_autoptr (GHashTable) colleagues = tessera_colleagues_load (transaction, error);
  g_autoptr (TesseraDisagreement) one = colleagues != NULL ? tessera_disagreement_load (transaction, id, error) : NULL;
  g_autoptr (TesseraDisagreement) after = NULL;
  g_autofree char *value = NULL;

  if (one == NULL || !tessera_disagreement_check_open (one, error)
      || !choose (one, tessera_cli_get_argument (self, 1), &value, error)
      || !tessera_disagreement_settle (transaction, one, value, error))
    return FALSE;
  after = tessera_disagreement_load (transaction, id, error);
  if (after == NULL)
    return FALSE;
  put_text (self, after, colleagues);
  if (tessera_cli_is_json (self))
    tessera_cli_put_object (self, describe (after, colleagues));
  return TRUE;
}

const TesseraCommand tessera_conflict_commands[] = {
  { "conflict", "list", "[--settled]",
    N_("Lists the fields that two laptops wrote differently, with every value; or those decided in the last 30 days."),
    TESSERA_ACCESS_READ, list_conflicts },
  { "conflict", "resolve", "ID VALUE",
    N_("Decides: “mine”, “theirs”, “both”, or the value itself. It then holds on every laptop."), TESSERA_ACCESS_WRITE,
    resolve },
  { NULL },
};
