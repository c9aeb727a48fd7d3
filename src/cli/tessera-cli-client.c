/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-client.c: `client …`: register, change, list, find and merge people's records.
 *
 * Registering many from a table is in tessera-cli-import.c.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-caseload.h"
#include "tessera-cli-erasure.h"
#include "tessera-cli-fields.h"
#include "tessera-cli-import.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

/* Candidates shown when someone registers a person who may be here already. */
#define MOST_SIMILAR 3
#define MOST_FOUND 20

static gboolean
warn_of_similar (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *client, GError **error) {
  g_autoptr (GPtrArray) similar = tessera_intake_find_similar (transaction, client, MOST_SIMILAR, error);

  for (guint i = 0; similar != NULL && i < similar->len; i++) {
    const TesseraSimilarity *item = g_ptr_array_index (similar, i);

    tessera_cli_warn (self, _("Perhaps already here: %s %s (%d of 100)."),
                      tessera_record_get (item->client, "code"), tessera_record_get (item->client, "name"),
                      item->score);
  }
  return similar != NULL;
}

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (transaction, "client");

  if (!tessera_cli_parse_fields (self, transaction, client, 0, error)
      || !warn_of_similar (self, transaction, client, error)
      || !tessera_intake_register (transaction, client, error))
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

static gboolean
edit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);

  if (client == NULL || !tessera_cli_parse_fields (self, transaction, client, 1, error)
      || !tessera_transaction_save (transaction, client, error))
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

static gboolean
show (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);

  if (client == NULL)
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
describe_row (const TesseraCaseloadRow *row) {
  JsonObject *object = json_object_new ();

  set_text (object, "id", row->client_id);
  set_text (object, "code", row->code);
  set_text (object, "name", row->name);
  set_text (object, "how_to_call", row->how_to_call);
  set_text (object, "language", row->language);
  set_text (object, "interpreter_needed", row->interpreter_needed);
  set_text (object, "step", row->step);
  if (row->last_contact != 0)
    json_object_set_int_member (object, "last_contact", row->last_contact);
  set_text (object, "next_due", row->next_due);
  set_text (object, "next_what", row->next_what);
  set_text (object, "household_name", row->household_name);
  set_text (object, "worker_name", row->worker_name);
  return object;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraCaseloadQuery query = { .step = tessera_cli_get_option (self, "step"),
                                 .overdue = tessera_cli_has (self, "overdue"),
                                 .closed = tessera_cli_has (self, "closed") };
  g_autofree char *worker = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  JsonArray *array;
  guint64 limit;

  if (!tessera_cli_check_code ("step", query.step, error)
      || !tessera_cli_resolve_option (self, transaction, "worker", "worker", &worker, error)
      || !tessera_cli_get_number (self, "limit", G_MAXINT32, G_MAXINT32, &limit, error))
    return FALSE;
  query.worker = worker;
  rows = tessera_caseload_page (transaction, &query, 0, (guint) limit, error);
  if (rows == NULL)
    return FALSE;
  array = json_array_sized_new (rows->len);
  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, describe_row (g_ptr_array_index (rows, i)));
  tessera_cli_put_objects (self, array, "code name language step next_due next_what worker_name");
  return TRUE;
}

static JsonObject *
describe_similarity (TesseraCli *self, const TesseraSimilarity *item) {
  JsonObject *object = tessera_record_to_json (item->client);
  JsonArray *reasons = json_array_new ();

  for (guint i = 0; item->reasons[i] != NULL; i++)
    json_array_add_string_element (reasons, tessera_cli_is_json (self)
                                              ? item->reasons[i]
                                              : tessera_similarity_get_reason_label (item->reasons[i]));
  json_object_set_int_member (object, "score", item->score);
  json_object_set_array_member (object, "reasons", reasons);
  return object;
}

static gboolean
find (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autofree char *words = tessera_cli_join_arguments (self, 0);
  g_autoptr (GPtrArray) found = tessera_intake_find (transaction, words, MOST_FOUND, error);
  JsonArray *array;

  if (found == NULL)
    return FALSE;
  array = json_array_sized_new (found->len);
  for (guint i = 0; i < found->len; i++)
    json_array_add_object_element (array, describe_similarity (self, g_ptr_array_index (found, i)));
  tessera_cli_put_objects (self, array, "score code name birth_date birth_year language reasons");
  return TRUE;
}

static gboolean
merge (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) keep = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) drop =
    keep != NULL ? tessera_cli_resolve_client (self, transaction, 1, error) : NULL;

  if (drop == NULL
      || !tessera_intake_merge (transaction, tessera_record_get_id (keep), tessera_record_get_id (drop),
                                error))
    return FALSE;
  tessera_cli_put_record (self, keep);
  return TRUE;
}

/* The dropped record is named by its id or code; resolving would give the kept one. */
static TesseraRecord *
find_dropped (TesseraTransaction *transaction, const char *text, GError **error) {
  g_autofree char *code = tessera_client_code_normalize (text);
  g_autofree char *id = g_ascii_strdown (text, -1);
  g_autoptr (TesseraStatement) statement = NULL;
  guint8 bytes[16];

  statement =
    tessera_transaction_select (transaction, "client", "WHERE (id = ?1 OR code = ?2) LIMIT 1", error);
  if (statement == NULL)
    return NULL;
  tessera_statement_bind_id (statement, 1, tessera_uuid_parse (id, bytes) ? id : NULL);
  tessera_statement_bind_text (statement, 2, code);
  if (tessera_statement_step (statement, error))
    return tessera_statement_get_record (statement);
  if (error == NULL || *error == NULL)
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                 _("There is no client with the id or code “%s”."), text);
  return NULL;
}

static gboolean
unmerge (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) dropped = find_dropped (transaction, tessera_cli_get_argument (self, 0), error);
  g_autoptr (TesseraRecord) client = NULL;

  if (dropped == NULL || !tessera_intake_unmerge (transaction, tessera_record_get_id (dropped), error))
    return FALSE;
  client = tessera_transaction_load (transaction, "client", tessera_record_get_id (dropped), error);
  if (client == NULL)
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

static gboolean
close_case (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);

  if (client == NULL || !tessera_intake_close_case (transaction, client, error))
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

static gboolean
reopen_case (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);

  if (client == NULL || !tessera_intake_reopen_case (transaction, client, error))
    return FALSE;
  tessera_cli_put_record (self, client);
  return TRUE;
}

/* Everything we keep about a person, by entity; the person may ask for it (access package). */
static gboolean
export_client (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (JsonObject) package = NULL;
  const TesseraEntity *const *entities = tessera_registry_get_entities (tessera_cli_get_registry (self));

  if (client == NULL)
    return FALSE;
  package = json_object_new ();
  json_object_set_object_member (package, "client", tessera_record_to_json (client));
  for (guint i = 0; entities[i] != NULL; i++) {
    g_autoptr (GPtrArray) rows = NULL;
    JsonArray *array;

    if (g_strcmp0 (entities[i]->subject, "client") != 0)
      continue;
    rows =
      tessera_intake_select (transaction, entities[i]->name, tessera_record_get_id (client), NULL, error);
    if (rows == NULL)
      return FALSE;
    array = json_array_sized_new (rows->len);
    for (guint j = 0; j < rows->len; j++)
      json_array_add_object_element (array, tessera_record_to_json (g_ptr_array_index (rows, j)));
    json_object_set_array_member (package, entities[i]->name, array);
  }
  tessera_cli_put_object (self, g_steal_pointer (&package));
  return tessera_transaction_audit (transaction, "export", "client", tessera_record_get_id (client), NULL,
                                    error);
}

const TesseraCommand tessera_client_commands[] = {
  { "client", "add", "FIELD=VALUE…", N_("Registers a person; says who may be the same."),
    TESSERA_ACCESS_WRITE, add },
  { "client", "edit", "CLIENT FIELD=VALUE…", N_("Changes fields."), TESSERA_ACCESS_WRITE, edit },
  { "client", "show", "CLIENT", N_("Prints one record."), TESSERA_ACCESS_READ, show },
  { "client", "list", "[--step STEP] [--worker WORKER] [--overdue] [--closed] [--limit N]",
    N_("Lists open cases."), TESSERA_ACCESS_READ, list },
  { "client", "find", "WORDS…", N_("Finds who may be meant, in any script and spelling, and says why."),
    TESSERA_ACCESS_READ, find },
  { "client", "merge", "KEEP DROP", N_("Two records are one person: shows them together under the first."),
    TESSERA_ACCESS_WRITE, merge },
  { "client", "unmerge", "CLIENT", N_("Takes a merge back."), TESSERA_ACCESS_WRITE, unmerge },
  { "client", "close", "CLIENT", N_("Closes the case; nothing is deleted."), TESSERA_ACCESS_WRITE,
    close_case },
  { "client", "reopen", "CLIENT", N_("Opens a closed case again."), TESSERA_ACCESS_WRITE, reopen_case },
  { "client", "import", "FILE.csv [--map FILE]",
    N_("Registers the people of a table; --map has lines COLUMN=FIELD."), TESSERA_ACCESS_STORE,
    tessera_cli_import_clients },
  { "client", "export", "CLIENT", N_("Prints everything kept about a person."), TESSERA_ACCESS_WRITE,
    export_client },
  { "client", "erase", "CLIENT --reason CODE",
    N_("Erases a person for ever, here and on colleagues' laptops, and asks partners to; only a supervisor may."),
    TESSERA_ACCESS_STORE, tessera_cli_erase_client },
  { "client", "erased", "", N_("Lists erasures: on how many laptops they are done, which partners answered."),
    TESSERA_ACCESS_READ, tessera_cli_list_erased },
  { NULL },
};
