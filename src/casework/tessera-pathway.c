/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway.c: assessments, steps, needs, goals and tasks of one client.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-intake.h"
#include "tessera-pathway.h"

static gboolean
check_level (const TesseraScore *score, int level, GError **error) {
  if (level >= 0 && level <= TESSERA_N_LEVELS)
    return TRUE;
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
               _("The level of %s is %d; levels go from 1 to 5."),
               tessera_vocabulary_get_label ("domain", score->domain), level);
  return FALSE;
}

static gboolean
check_scores (const TesseraScore *scores, guint n_scores, GError **error) {
  gboolean seen[TESSERA_N_DOMAINS] = { FALSE };

  if (n_scores == 0) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                         _("An assessment needs at least one domain."));
    return FALSE;
  }
  for (guint i = 0; i < n_scores; i++) {
    int index = tessera_pathway_find_domain (scores[i].domain);

    if (index < 0)
      return tessera_casework_check_code ("domain", scores[i].domain ? scores[i].domain : "", error);
    if (seen[index]) {
      g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                   _("The domain %s is there twice; give it one level."), scores[i].domain);
      return FALSE;
    }
    seen[index] = TRUE;
    if (!check_level (&scores[i], scores[i].worker_level, error)
        || !check_level (&scores[i], scores[i].client_level, error)
        || !tessera_casework_check_code ("unasked", scores[i].unasked, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
save_score (TesseraTransaction *transaction, TesseraRecord *assessment, const TesseraScore *score,
            GError **error) {
  g_autoptr (TesseraRecord) record = tessera_transaction_new_record (transaction, "assessment_score");

  tessera_record_set (record, "assessment", tessera_record_get_id (assessment));
  tessera_record_set (record, "client", tessera_record_get (assessment, "client"));
  tessera_record_set (record, "domain", score->domain);
  if (score->worker_level)
    tessera_record_set_integer (record, "worker_level", score->worker_level);
  if (score->client_level)
    tessera_record_set_integer (record, "client_level", score->client_level);
  if (!score->worker_level && !score->client_level)
    tessera_record_set (record, "unasked", score->unasked ? score->unasked : "not-asked");
  return tessera_transaction_save (transaction, record, error);
}

TesseraRecord *
tessera_pathway_assess (TesseraTransaction *transaction, const char *client_id, const TesseraScore *scores,
                        guint n_scores, const char *answered_by, const char *language, const char *notes,
                        GError **error) {
  g_autoptr (TesseraRecord) assessment = NULL;
  g_autoptr (TesseraRecord) client = NULL;

  if (!check_scores (scores, n_scores, error)
      || !tessera_casework_check_code ("answered_by", answered_by, error))
    return NULL;
  client = tessera_casework_resolve_client (transaction, client_id, error);
  if (!client)
    return NULL;
  assessment = tessera_transaction_new_record (transaction, "assessment");
  tessera_record_set (assessment, "client", tessera_record_get_id (client));
  tessera_record_set_integer (assessment, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (assessment, "worker", tessera_transaction_get_worker (transaction));
  tessera_record_set (assessment, "language", language ? language : tessera_record_get (client, "language"));
  tessera_record_set (assessment, "answered_by", answered_by);
  tessera_record_set (assessment, "notes", notes);
  if (!tessera_transaction_save (transaction, assessment, error))
    return NULL;
  for (guint i = 0; i < n_scores; i++)
    if (!save_score (transaction, assessment, &scores[i], error))
      return NULL;
  return g_steal_pointer (&assessment);
}

void
tessera_domain_states_free (TesseraDomainStates *self) {
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    g_free (self->domains[i].unasked);
  g_free (self);
}

/* Scores come newest first: the first with a level is the newest, the second the previous one. */
static void
take_score (TesseraDomainState *state, int worker_level, int client_level, const char *unasked, gint64 at) {
  if (!worker_level && !client_level) {
    if (!state->at && !state->unasked)
      state->unasked = g_strdup (unasked);
  } else if (!state->at) {
    state->worker_level = worker_level;
    state->client_level = client_level;
    state->at = at;
  } else if (!state->previous_at) {
    state->previous_worker_level = worker_level;
    state->previous_client_level = client_level;
    state->previous_at = at;
  }
}

static gboolean
read_scores (TesseraTransaction *transaction, const char *client, TesseraDomainStates *states,
             GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) ids = tessera_intake_list_ids (transaction, client, error);
  g_autoptr (GString) sql = NULL;
  GError *local_error = NULL;

  if (!ids)
    return FALSE;
  sql = g_string_new ("SELECT s.domain, s.worker_level, s.client_level, s.unasked, a.\"at\""
                      " FROM assessment_score s JOIN assessment a ON a.id = s.assessment WHERE s.client IN (");
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (sql, "%s?%u", i ? "," : "", i + 1);
  g_string_append (sql, ") ORDER BY a.\"at\" DESC, a.id DESC");
  statement = tessera_transaction_prepare (transaction, sql->str, error);
  if (!statement)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    tessera_statement_bind_id (statement, (int) i + 1, g_ptr_array_index (ids, i));
  while (tessera_statement_step (statement, &local_error)) {
    int index = tessera_pathway_find_domain (tessera_statement_get_text (statement, 0));

    if (index >= 0)
      take_score (&states->domains[index], (int) tessera_statement_get_integer (statement, 1),
                  (int) tessera_statement_get_integer (statement, 2),
                  tessera_statement_get_text (statement, 3),
                  tessera_statement_get_integer (statement, 4));
  }
  if (local_error)
    g_propagate_error (error, local_error);
  return local_error == NULL;
}

TesseraDomainStates *
tessera_pathway_load_states (TesseraTransaction *transaction, const char *client, GError **error) {
  g_autoptr (TesseraDomainStates) states = g_new0 (TesseraDomainStates, 1);

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    states->domains[i].domain = tessera_pathway_get_domain (i);
  return read_scores (transaction, client, states, error) ? g_steal_pointer (&states) : NULL;
}

static TesseraSuggestion *
suggest_for (TesseraTransaction *transaction, const char *client, GError **error) {
  g_autoptr (TesseraDomainStates) states = tessera_pathway_load_states (transaction, client, error);
  int levels[TESSERA_N_DOMAINS];

  if (!states)
    return NULL;
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    levels[i] = states->domains[i].worker_level;
  return tessera_pathway_suggest (levels);
}

static gboolean
check_step (const char *step, const char *reason, GError **error) {
  if (!tessera_casework_check_code ("step", step ? step : "", error))
    return FALSE;
  if (reason)
    return tessera_casework_check_code ("step_reason", reason, error);
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                       _("A step needs a reason; choose one."));
  return FALSE;
}

TesseraRecord *
tessera_pathway_set_step (TesseraTransaction *transaction, const char *client_id, const char *step,
                          const char *reason, const char *notes, GError **error) {
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (TesseraRecord) change = NULL;
  g_autoptr (TesseraSuggestion) suggestion = NULL;

  if (!check_step (step, reason, error))
    return NULL;
  client = tessera_casework_resolve_client (transaction, client_id, error);
  suggestion = client ? suggest_for (transaction, client_id, error) : NULL;
  if (!suggestion)
    return NULL;
  change = tessera_transaction_new_record (transaction, "step_change");
  tessera_record_set (change, "client", tessera_record_get_id (client));
  tessera_record_set (change, "from_step", tessera_record_get (client, "step"));
  tessera_record_set (change, "to_step", step);
  tessera_record_set_integer (change, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (change, "worker", tessera_transaction_get_worker (transaction));
  tessera_record_set (change, "suggested", suggestion->step);
  tessera_record_set (change, "reason", reason);
  tessera_record_set (change, "notes", notes);
  tessera_record_set (client, "step", step);
  if (!tessera_transaction_save (transaction, change, error)
      || !tessera_transaction_save (transaction, client, error))
    return NULL;
  return g_steal_pointer (&change);
}

gboolean
tessera_pathway_add_need (TesseraTransaction *transaction, TesseraRecord *need, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, need, error);

  if (!client)
    return FALSE;
  if (!tessera_record_get (need, "opened_at"))
    tessera_record_set_integer (need, "opened_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, need, error);
}

gboolean
tessera_pathway_add_goal (TesseraTransaction *transaction, TesseraRecord *goal, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, goal, error);

  if (!client)
    return FALSE;
  tessera_casework_set_if_empty (goal, "language", tessera_record_get (client, "language"));
  return tessera_transaction_save (transaction, goal, error);
}

gboolean
tessera_pathway_add_task (TesseraTransaction *transaction, TesseraRecord *task, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, task, error);

  if (!client)
    return FALSE;
  tessera_casework_set_if_empty (task, "worker", tessera_transaction_get_worker (transaction));
  return tessera_transaction_save (transaction, task, error);
}

gboolean
tessera_pathway_meet_need (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) need = tessera_casework_load (transaction, "need", id, error);

  if (!need)
    return FALSE;
  if (tessera_record_get (need, "met_at"))
    return TRUE;
  tessera_record_set_integer (need, "met_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, need, error);
}

static gboolean
complete (TesseraTransaction *transaction, const char *entity, const char *id, const char *done_by,
          GError **error) {
  g_autoptr (TesseraRecord) record = NULL;

  if (!tessera_casework_check_code ("who", done_by, error))
    return FALSE;
  record = tessera_casework_load (transaction, entity, id, error);
  if (!record)
    return FALSE;
  if (tessera_record_get (record, "done_at"))
    return TRUE;
  tessera_record_set_integer (record, "done_at", tessera_transaction_get_now (transaction));
  tessera_record_set (record, "done_by", done_by);
  return tessera_transaction_save (transaction, record, error);
}

gboolean
tessera_pathway_complete_goal (TesseraTransaction *transaction, const char *goal, const char *done_by,
                               GError **error) {
  return complete (transaction, "goal", goal, done_by, error);
}

gboolean
tessera_pathway_complete_task (TesseraTransaction *transaction, const char *task, const char *done_by,
                               GError **error) {
  return complete (transaction, "task", task, done_by, error);
}
