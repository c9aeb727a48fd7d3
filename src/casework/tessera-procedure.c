/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-procedure.c: things that go by fixed steps (school enrolment, recognition of a diploma …).
 *
 * A template is data: one step per line. A procedure is where one client stands in it, counted from 1.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-casework-private.h"
#include "tessera-identifier.h"
#include "tessera-pathway.h"

char **
tessera_pathway_split_steps (const char *steps) {
  g_auto (GStrv) lines = g_strsplit (steps ? steps : "", "\n", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; lines[i]; i++)
    if (*g_strstrip (lines[i]))
      g_strv_builder_add (builder, lines[i]);
  return g_strv_builder_end (builder);
}

static TesseraRecord *
find_template (TesseraTransaction *transaction, const char *id_or_code, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;
  guint8 bytes[16];

  if (tessera_uuid_parse (id_or_code, bytes))
    return tessera_transaction_load (transaction, "procedure_template", id_or_code, error);
  statement = tessera_transaction_select (transaction, "procedure_template",
                                          "WHERE code = ?1 ORDER BY id LIMIT 1", error);
  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, id_or_code);
  if (tessera_statement_step (statement, &local_error))
    return tessera_statement_get_record (statement);
  if (local_error)
    g_propagate_error (error, local_error);
  else
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                 _("There is no procedure “%s”; choose one from the list of templates."), id_or_code);
  return NULL;
}

static guint
count_steps (TesseraRecord *template) {
  g_auto (GStrv) steps = tessera_pathway_split_steps (tessera_record_get (template, "steps"));

  return g_strv_length (steps);
}

TesseraRecord *
tessera_pathway_start_procedure (TesseraTransaction *transaction, const char *client_id,
                                 const char *template_, GError **error) {
  g_autoptr (TesseraRecord) template = find_template (transaction, template_ ? template_ : "", error);
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (TesseraRecord) procedure = NULL;

  if (!template)
    return NULL;
  if (count_steps (template) == 0) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("The procedure “%s” has no steps yet; write them into its template first."),
                 tessera_record_get (template, "name"));
    return NULL;
  }
  client = tessera_casework_resolve_client (transaction, client_id, error);
  if (!client)
    return NULL;
  procedure = tessera_transaction_new_record (transaction, "procedure");
  tessera_record_set (procedure, "client", tessera_record_get_id (client));
  tessera_record_set (procedure, "template", tessera_record_get_id (template));
  tessera_record_set_integer (procedure, "position", 1);
  tessera_record_set_integer (procedure, "started_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, procedure, error) ? g_steal_pointer (&procedure) : NULL;
}

TesseraRecord *
tessera_pathway_advance_procedure (TesseraTransaction *transaction, const char *id, const char *waits_for,
                                   const char *due, GError **error) {
  g_autoptr (TesseraRecord) procedure = tessera_casework_load (transaction, "procedure", id, error);
  g_autoptr (TesseraRecord) template = NULL;
  gint64 position;

  if (!procedure)
    return NULL;
  if (tessera_record_get (procedure, "done_at")) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("This procedure is done; start it again if it is needed again."));
    return NULL;
  }
  template = tessera_transaction_load (transaction, "procedure_template",
                                       tessera_record_get (procedure, "template"), error);
  if (!template)
    return NULL;
  position = tessera_record_get_integer (procedure, "position");
  if (position >= (gint64) count_steps (template)) {
    tessera_record_set_integer (procedure, "done_at", tessera_transaction_get_now (transaction));
    waits_for = due = NULL;
  } else {
    tessera_record_set_integer (procedure, "position", position + 1);
  }
  tessera_record_set (procedure, "waits_for", waits_for);
  if (!tessera_record_parse (procedure, "due", due, error))
    return NULL;
  return tessera_transaction_save (transaction, procedure, error) ? g_steal_pointer (&procedure) : NULL;
}
