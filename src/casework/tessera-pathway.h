/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway.h: the twelve domains, the three steps, goals, tasks and procedures.
 *
 * A rule only ever suggests a step; people decide. The cut-offs are our own proposal and not validated:
 * reports that show steps say so.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_N_DOMAINS 12
#define TESSERA_N_LEVELS 5

/** TESSERA_PATHWAY_REASSESS_DAYS: after this many days a new assessment is suggested. */
#define TESSERA_PATHWAY_REASSESS_DAYS 90

/** tessera_pathway_get_domain: code of domain @index (0 to 11) in step order: home … affairs. */
const char *tessera_pathway_get_domain (guint index);
/** tessera_pathway_find_domain: index of @domain, or -1. */
int tessera_pathway_find_domain (const char *domain);
/** tessera_pathway_get_domain_step: the step code a domain belongs to. */
const char *tessera_pathway_get_domain_step (const char *domain);
/** tessera_pathway_get_level_name: translated name of level 1 to 5, the same for every domain. */
const char *tessera_pathway_get_level_name (int level);
/** tessera_pathway_get_domain_anchor: translated: what @level (1 to 5) means in @domain, in a short
 * phrase. */
const char *tessera_pathway_get_domain_anchor (const char *domain, int level);
/** tessera_pathway_get_step_description: translated: what a step is about, one sentence. */
const char *tessera_pathway_get_step_description (const char *step);

/**
 * TesseraScore:
 * @domain: domain code
 * @worker_level: 1 to 5, or 0 for not asked
 * @client_level: the client's own level, 1 to 5, or 0 for none
 * @unasked: (nullable): code of vocabulary `unasked` when both are 0
 */
typedef struct {
  const char *domain;
  int worker_level;
  int client_level;
  const char *unasked;
} TesseraScore;

/**
 * tessera_pathway_assess:
 * @client: client id (merges followed)
 * @scores: the domains looked at; the others are simply not part of this assessment
 * @answered_by: (nullable): code of vocabulary `answered_by`
 * @language: (nullable): language the questions were asked in; the client's when %NULL
 * @notes: (nullable): the worker's own; never leave the organization
 *
 * Returns: (transfer full): the saved `assessment`
 */
TesseraRecord *tessera_pathway_assess (TesseraTransaction *transaction, const char *client,
                                       const TesseraScore *scores, guint n_scores, const char *answered_by,
                                       const char *language, const char *notes, GError **error);

/**
 * TesseraDomainState:
 * @worker_level, @client_level: newest, 0 when not asked
 * @unasked: (nullable): why the newest assessment has no level, if that is so
 * @previous_worker_level, @previous_client_level: of the assessment before, 0 when there is none
 * @at: when the newest level was given, milliseconds UTC; 0 when never
 *
 * A domain that the newest assessment left out or did not ask keeps the last level given.
 */
typedef struct {
  const char *domain;
  int worker_level;
  int client_level;
  char *unasked;
  int previous_worker_level;
  int previous_client_level;
  gint64 at;
  gint64 previous_at;
} TesseraDomainState;

/** TesseraDomainStates: all twelve, in step order. */
typedef struct {
  TesseraDomainState domains[TESSERA_N_DOMAINS];
} TesseraDomainStates;

void tessera_domain_states_free (TesseraDomainStates *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraDomainStates, tessera_domain_states_free)

/** tessera_pathway_load_states: (transfer full): newest and previous levels of @client (an id, merges
 * followed). */
TesseraDomainStates *tessera_pathway_load_states (TesseraTransaction *transaction, const char *client,
                                                  GError **error);

/**
 * TesseraSuggestion:
 * @step: suggested step code; %NULL when too little was asked to suggest any
 * @ready_to_close: in autonomy, with navigate and affairs 4 or more: ask the client whether to close
 * @reasons: %NULL-terminated codes: the domain codes that decided, or "unasked:DOMAIN" for what is missing
 */
typedef struct {
  const char *step;
  gboolean ready_to_close;
  char **reasons;
} TesseraSuggestion;

void tessera_suggestion_free (TesseraSuggestion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSuggestion, tessera_suggestion_free)

/** tessera_pathway_suggest: (transfer full): the rule. @levels: worker levels in domain order, 0 for not
 * asked, which never counts for or against. Pure. */
TesseraSuggestion *tessera_pathway_suggest (const int levels[TESSERA_N_DOMAINS]);

/** tessera_suggestion_describe: (transfer full): the suggestion and its reasons as one translated
 * sentence. */
char *tessera_suggestion_describe (const TesseraSuggestion *self);

/**
 * tessera_pathway_set_step:
 * @step: any step, also one back or the same
 * @reason: code of vocabulary `step_reason`
 * @notes: (nullable): the worker's own; never leave the organization
 *
 * Writes a `step_change` (with what the rule suggested) and the client's step.
 * Returns: (transfer full): the saved `step_change`
 */
TesseraRecord *tessera_pathway_set_step (TesseraTransaction *transaction, const char *client,
                                         const char *step, const char *reason, const char *notes,
                                         GError **error);

/** tessera_pathway_add_need / _add_goal / _add_task: save a filled record; `client` may be a merged id. Fill
 * opened_at of a need, and language of a goal and worker of a task, where empty. */
gboolean tessera_pathway_add_need (TesseraTransaction *transaction, TesseraRecord *need, GError **error);
gboolean tessera_pathway_add_goal (TesseraTransaction *transaction, TesseraRecord *goal, GError **error);
gboolean tessera_pathway_add_task (TesseraTransaction *transaction, TesseraRecord *task, GError **error);

/** tessera_pathway_meet_need: the need is met now. */
gboolean tessera_pathway_meet_need (TesseraTransaction *transaction, const char *need, GError **error);

/** tessera_pathway_complete_goal / _complete_task: done now; @done_by: code of vocabulary `who`. Doing it
 * twice changes nothing. */
gboolean tessera_pathway_complete_goal (TesseraTransaction *transaction, const char *goal,
                                        const char *done_by, GError **error);
gboolean tessera_pathway_complete_task (TesseraTransaction *transaction, const char *task,
                                        const char *done_by, GError **error);

/**
 * tessera_pathway_start_procedure:
 * @template_: id or code of a `procedure_template`
 *
 * Returns: (transfer full): the saved `procedure` at its first step
 */
TesseraRecord *tessera_pathway_start_procedure (TesseraTransaction *transaction, const char *client,
                                                const char *template_, GError **error);

/**
 * tessera_pathway_advance_procedure:
 * @waits_for: (nullable): what the new step waits for
 * @due: (nullable): date of the new step
 *
 * One step on; after the last step the procedure is done. Returns: (transfer full): the saved `procedure`
 */
TesseraRecord *tessera_pathway_advance_procedure (TesseraTransaction *transaction, const char *procedure,
                                                  const char *waits_for, const char *due, GError **error);

/** tessera_pathway_split_steps: (transfer full): lines of a template's `steps`, without empty ones. */
char **tessera_pathway_split_steps (const char *steps);

G_END_DECLS
