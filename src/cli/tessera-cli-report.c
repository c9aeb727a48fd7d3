/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-report.c: `report …`: the caseload, the indicators, facts for analysts and the audit.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-caseload.h"
#include "tessera-cli-facts.h"
#include "tessera-cli-fields.h"
#include "tessera-cli-indicators.h"
#include "tessera-identifier.h"

#define NEWEST_ENTRIES 100

static gboolean
caseload (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) counts = tessera_caseload_summarize (transaction, error);
  JsonArray *array;

  if (counts == NULL)
    return FALSE;
  array = json_array_new ();
  for (guint i = 0; i < counts->len; i++) {
    const TesseraCaseloadCount *count = g_ptr_array_index (counts, i);
    JsonObject *object = json_object_new ();

    if (count->worker != NULL)
      json_object_set_string_member (object, "worker", count->worker);
    if (count->worker_name != NULL)
      json_object_set_string_member (object, "worker_name", count->worker_name);
    json_object_set_int_member (object, "basic-needs", count->basic_needs);
    json_object_set_int_member (object, "inclusion", count->inclusion);
    json_object_set_int_member (object, "autonomy", count->autonomy);
    json_object_set_int_member (object, "overdue", count->overdue);
    json_array_add_object_element (array, object);
  }
  tessera_cli_put_objects (self, array, "worker_name basic-needs inclusion autonomy overdue");
  return TRUE;
}

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
describe_entry (TesseraStatement *statement) {
  g_autofree char *worker = tessera_statement_get_id (statement, 2);
  g_autofree char *row = tessera_statement_get_id (statement, 5);
  g_autofree char *at = tessera_instant_format (tessera_statement_get_integer (statement, 1));
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "number", tessera_statement_get_integer (statement, 0));
  set_text (object, "at", at);
  set_text (object, "worker", worker);
  set_text (object, "worker_name", tessera_statement_get_text (statement, 7));
  set_text (object, "action", tessera_statement_get_text (statement, 3));
  set_text (object, "entity", tessera_statement_get_text (statement, 4));
  set_text (object, "row", row);
  set_text (object, "detail", tessera_statement_get_text (statement, 6));
  return object;
}

static gboolean
list_entries (TesseraCli *self, TesseraTransaction *transaction, guint64 limit, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (JsonArray) array = json_array_new ();
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (
    transaction,
    "SELECT a.number, a.at, a.worker, a.action, a.entity, a.\"row\", a.detail, w.name FROM audit a"
    " LEFT JOIN worker w ON w.id = a.worker ORDER BY a.number DESC LIMIT ?1",
    error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, (gint64) limit);
  while (tessera_statement_step (statement, &local_error))
    json_array_add_object_element (array, describe_entry (statement));
  if (local_error != NULL) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  tessera_cli_put_objects (self, g_steal_pointer (&array), "number at worker_name action entity row detail");
  return TRUE;
}

static gboolean
audit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  JsonObject *object;
  gint64 count = 0;
  guint64 limit;

  if (!tessera_cli_get_number (self, "limit", G_MAXINT32, NEWEST_ENTRIES, &limit, error))
    return FALSE;
  if (!tessera_cli_has (self, "verify"))
    return list_entries (self, transaction, limit, error);
  if (!tessera_transaction_verify_audit (transaction, &count, error))
    return FALSE;
  object = json_object_new ();
  json_object_set_string_member (object, "audit", "ok");
  json_object_set_int_member (object, "entries", count);
  tessera_cli_put_object (self, object);
  return TRUE;
}

const TesseraCommand tessera_report_commands[] = {
  { "report", "caseload", "", N_("Open cases by worker and step."), TESSERA_ACCESS_READ, caseload },
  { "report", "indicators", "--from DATE --to DATE [--format csv|json]",
    N_("What was done between two days, with small numbers hidden."), TESSERA_ACCESS_WRITE,
    tessera_cli_report_indicators },
  { "report", "facts", "--from DATE --to DATE [--format csv|sql] [--smallest N] [--aggregate] FOLDER",
    N_("Rows without names, or counts, for analysts with PostgreSQL."), TESSERA_ACCESS_STORE, tessera_cli_report_facts },
  { "report", "audit", "[--verify] [--limit N]",
    N_("Who did what, newest first; or whether the trail is whole."), TESSERA_ACCESS_READ, audit },
  { NULL },
};
