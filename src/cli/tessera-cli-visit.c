/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-visit.c: `visit …`: what happened at the desk.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-fields.h"
#include "tessera-visits.h"

#define COLUMNS "at how language worker domains summary next_step"

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) visit = NULL;

  if (client == NULL)
    return FALSE;
  visit = tessera_transaction_new_record (transaction, "visit");
  tessera_record_set (visit, "client", tessera_record_get_id (client));
  tessera_record_set (visit, "how", "in-person");
  if (!tessera_cli_parse_fields (self, transaction, visit, 1, error)
      || !tessera_visits_record (transaction, visit, error))
    return FALSE;
  tessera_cli_put_record (self, visit);
  return TRUE;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (GPtrArray) visits = NULL;
  guint64 limit;

  if (client == NULL || !tessera_cli_get_number (self, "limit", G_MAXINT32, 0, &limit, error))
    return FALSE;
  visits = tessera_visits_list (transaction, tessera_record_get_id (client), (guint) limit, error);
  if (visits == NULL)
    return FALSE;
  tessera_cli_put_records (self, visits, COLUMNS);
  return TRUE;
}

/* The visit as it should have read: everything of the old one, with the fields given now. */
static gboolean
correct (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) wrong = NULL;
  g_autoptr (TesseraRecord) right = NULL;
  const TesseraEntity *entity;

  wrong = tessera_cli_resolve (transaction, "visit", tessera_cli_get_argument (self, 0), error);
  if (wrong == NULL)
    return FALSE;
  right = tessera_transaction_new_record (transaction, "visit");
  entity = tessera_record_get_entity (wrong);
  for (guint i = 0; i < entity->n_fields; i++) {
    if ((entity->fields[i].flags & TESSERA_FIELD_AUTOMATIC) == 0)
      tessera_record_set_at (right, i, tessera_record_get_at (wrong, i));
  }
  if (!tessera_cli_parse_fields (self, transaction, right, 1, error)
      || !tessera_visits_correct (transaction, tessera_record_get_id (wrong), right, error))
    return FALSE;
  tessera_cli_put_record (self, right);
  return TRUE;
}

const TesseraCommand tessera_visit_commands[] = {
  { "visit", "add", "CLIENT FIELD=VALUE…", N_("Writes down a visit; a next step becomes a task."),
    TESSERA_ACCESS_WRITE, add },
  { "visit", "correct", "ID FIELD=VALUE…", N_("Adds the visit as it should have read; both stay."),
    TESSERA_ACCESS_WRITE, correct },
  { "visit", "list", "CLIENT [--limit N]", N_("Lists visits, newest first."), TESSERA_ACCESS_READ, list },
  { NULL },
};
