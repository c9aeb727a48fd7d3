/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-intake.c: registering, finding by code, merging.
 *
 * How alike two people are is decided in tessera-similarity.c.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

/* Two devices may merge two records into each other, and chains stay short: both end here. */
#define MERGE_DEPTH 64

#define CODE_TRIES 100

static TesseraRecord *
find_by_code (TesseraTransaction *transaction, const char *code, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) found = NULL;

  statement = tessera_transaction_select (transaction, "client", "WHERE code = ?1 ORDER BY id LIMIT 2",
                                          error);
  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, code);
  found = tessera_statement_collect (statement, error);
  if (!found || found->len == 0)
    return NULL;
  if (found->len > 1) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS,
                 _("Two clients have the code %s; find the right one by name."), code);
    return NULL;
  }
  return g_object_ref (g_ptr_array_index (found, 0));
}

static char *
make_code (TesseraTransaction *transaction, GError **error) {
  for (guint i = 0; i < CODE_TRIES; i++) {
    g_autofree char *code = tessera_client_code_new ();
    g_autoptr (GError) local_error = NULL;
    g_autoptr (TesseraRecord) taken = find_by_code (transaction, code, &local_error);

    if (taken || g_error_matches (local_error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS))
      continue;
    if (local_error) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
    return g_steal_pointer (&code);
  }
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                       _("No free client code was found; try again."));
  return NULL;
}

gboolean
tessera_intake_register (TesseraTransaction *transaction, TesseraRecord *client, GError **error) {
  g_autofree char *code = NULL;

  if (!tessera_record_get (client, "name") && !tessera_record_get (client, "how_to_call")) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                         _("A new client needs a name or how to call them; give one of the two."));
    return FALSE;
  }
  if (!tessera_record_get (client, "code")) {
    code = make_code (transaction, error);
    if (!code)
      return FALSE;
    tessera_record_set (client, "code", code);
  }
  if (!tessera_record_get (client, "registered_at"))
    tessera_record_set_integer (client, "registered_at", tessera_transaction_get_now (transaction));
  tessera_casework_set_if_empty (client, "step", "basic-needs");
  tessera_casework_set_if_empty (client, "case_state", "open");
  tessera_casework_set_if_empty (client, "worker", tessera_transaction_get_worker (transaction));
  return tessera_transaction_save (transaction, client, error);
}

static gboolean
set_case_state (TesseraTransaction *transaction, TesseraRecord *client, const char *state, GError **error) {
  tessera_record_set (client, "case_state", state);
  return tessera_transaction_save (transaction, client, error);
}

gboolean
tessera_intake_close_case (TesseraTransaction *transaction, TesseraRecord *client, GError **error) {
  return set_case_state (transaction, client, "closed", error);
}

gboolean
tessera_intake_reopen_case (TesseraTransaction *transaction, TesseraRecord *client, GError **error) {
  if (g_strcmp0 (tessera_record_get (client, "case_state"), "closed") != 0)
    return TRUE;
  return set_case_state (transaction, client, "reopened", error);
}

/* Merged into each other in a ring: the smallest id stands for all, on every device. */
static TesseraRecord *
break_ring (TesseraTransaction *transaction, GPtrArray *seen, const char *entered, GError **error) {
  const char *smallest = NULL;
  gboolean inside = FALSE;

  for (guint i = 0; i < seen->len; i++) {
    const char *id = g_ptr_array_index (seen, i);

    inside = inside || strcmp (id, entered) == 0;
    if (inside && (!smallest || strcmp (id, smallest) < 0))
      smallest = id;
  }
  return tessera_transaction_load (transaction, "client", smallest, error);
}

static gboolean
has_text (GPtrArray *texts, const char *text) {
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

TesseraRecord *
tessera_casework_resolve_client (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TesseraRecord) client = tessera_casework_load (transaction, "client", id, error);

  while (client) {
    const char *into = tessera_record_get (client, "merged_into");
    TesseraRecord *next;

    if (!into)
      return g_steal_pointer (&client);
    g_ptr_array_add (seen, g_strdup (tessera_record_get_id (client)));
    if (has_text (seen, into) || seen->len >= MERGE_DEPTH)
      return break_ring (transaction, seen, has_text (seen, into) ? into : tessera_record_get_id (client),
                         error);
    next = tessera_transaction_find (transaction, "client", into);
    if (!next)
      return g_steal_pointer (&client);   /* the kept one was erased, or has not arrived yet */
    g_object_unref (client);
    client = next;
  }
  return NULL;
}

TesseraRecord *
tessera_intake_resolve (TesseraTransaction *transaction, const char *id_or_code, GError **error) {
  g_autofree char *lower = id_or_code ? g_ascii_strdown (id_or_code, -1) : g_strdup ("");
  g_autofree char *code = NULL;
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (GError) local_error = NULL;
  guint8 bytes[16];

  g_strstrip (lower);
  if (tessera_uuid_parse (lower, bytes))
    return tessera_casework_resolve_client (transaction, lower, error);
  code = tessera_client_code_normalize (id_or_code ? id_or_code : "");
  if (!code) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” is not a client code; check it against the card, it looks like T-7K3F-92QX."),
                 id_or_code ? id_or_code : "");
    return NULL;
  }
  client = find_by_code (transaction, code, &local_error);
  if (client)
    return tessera_casework_resolve_client (transaction, tessera_record_get_id (client), error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                 _("No client here has the code %s; find them by name."), code);
  return NULL;
}

/* Adds the ids of all records merged into @id; what is there already is not followed again. */
static gboolean
add_aliases (TesseraTransaction *transaction, GPtrArray *ids, const char *id, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
                                           "SELECT id FROM client WHERE merged_into = ?1 ORDER BY id", error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, id);
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *alias = tessera_statement_get_id (statement, 0);

    if (!has_text (ids, alias))
      g_ptr_array_add (ids, g_steal_pointer (&alias));
  }
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  return TRUE;
}

GPtrArray *
tessera_intake_list_ids (TesseraTransaction *transaction, const char *client, GError **error) {
  g_autoptr (TesseraRecord) kept = tessera_casework_resolve_client (transaction, client, error);
  g_autoptr (GPtrArray) ids = NULL;

  if (!kept)
    return NULL;
  ids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (ids, g_strdup (tessera_record_get_id (kept)));
  for (guint i = 0; i < ids->len; i++)
    if (!add_aliases (transaction, ids, g_ptr_array_index (ids, i), error))
      return NULL;
  return g_steal_pointer (&ids);
}

GPtrArray *
tessera_intake_select (TesseraTransaction *transaction, const char *entity, const char *client,
                       const char *tail, GError **error) {
  g_autoptr (GPtrArray) ids = tessera_intake_list_ids (transaction, client, error);
  g_autoptr (GString) where = NULL;
  g_autoptr (TesseraStatement) statement = NULL;

  if (!ids)
    return NULL;
  where = g_string_new ("WHERE client IN (");
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (where, "%s?%u", i ? "," : "", i + 1);
  g_string_append_printf (where, ") %s", tail ? tail : "");
  statement = tessera_transaction_select (transaction, entity, where->str, error);
  if (!statement)
    return NULL;
  for (guint i = 0; i < ids->len; i++)
    tessera_statement_bind_id (statement, (int) i + 1, g_ptr_array_index (ids, i));
  return tessera_statement_collect (statement, error);
}

gboolean
tessera_intake_merge (TesseraTransaction *transaction, const char *keep, const char *drop, GError **error) {
  g_autoptr (TesseraRecord) kept = tessera_casework_resolve_client (transaction, keep, error);
  g_autoptr (TesseraRecord) dropped = NULL;

  dropped = kept ? tessera_casework_resolve_client (transaction, drop, error) : NULL;
  if (!dropped)
    return FALSE;
  if (strcmp (tessera_record_get_id (kept), tessera_record_get_id (dropped)) == 0) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("These two are one client already; there is nothing to merge."));
    return FALSE;
  }
  /* In a ring the one that stands for all still points somewhere: cut it there. */
  tessera_record_set (kept, "merged_into", NULL);
  tessera_record_set (dropped, "merged_into", tessera_record_get_id (kept));
  return tessera_transaction_save (transaction, dropped, error)
         && tessera_transaction_save (transaction, kept, error)
         && tessera_casework_refresh_last_contact (transaction, kept, error);
}

gboolean
tessera_intake_unmerge (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) dropped = tessera_casework_load (transaction, "client", id, error);
  g_autoptr (TesseraRecord) kept = NULL;
  g_autofree char *into = NULL;

  if (!dropped)
    return FALSE;
  into = g_strdup (tessera_record_get (dropped, "merged_into"));
  if (!into) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("This client is not merged into another; there is nothing to undo."));
    return FALSE;
  }
  tessera_record_set (dropped, "merged_into", NULL);
  if (!tessera_transaction_save (transaction, dropped, error)
      || !tessera_casework_refresh_last_contact (transaction, dropped, error))
    return FALSE;
  kept = tessera_transaction_find (transaction, "client", into);
  return !kept || tessera_casework_refresh_last_contact (transaction, kept, error);
}
