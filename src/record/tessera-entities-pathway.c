/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-entities-pathway.c: needs, assessments, steps, goals, tasks, procedures.
 */
#include "tessera-entities.h"

static const TesseraField need_fields[] = {
  { "client", N_("Client"), REFERENCE, NEEDS, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "domain", N_("Domain"), CHOICE, NEEDS, CONSENT, LAST, REQUIRED, "domain" },
  { "text", N_("What is needed"), TEXT, NEEDS, CONSENT, LAST, LONG, NULL },
  { "urgent", N_("Urgent"), BOOLEAN, NEEDS, CONSENT, LAST, PLAIN, NULL },
  { "opened_at", N_("Since"), INSTANT, NEEDS, CONSENT, LAST, AUTOMATIC, NULL },
  { "met_at", N_("Met"), INSTANT, NEEDS, CONSENT, LAST, PLAIN, NULL },
};

static const TesseraField assessment_fields[] = {
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "at", N_("When"), INSTANT, PATHWAY, CONSENT, APPEND, REQUIRED | INDEXED, NULL },
  { "worker", N_("Worker"), REFERENCE, PATHWAY, NEVER, APPEND, PLAIN, "worker" },
  { "language", N_("Language used"), LANGUAGE, PATHWAY, CONSENT, APPEND, PLAIN, NULL },
  { "answered_by", N_("Answered by"), CHOICE, PATHWAY, CONSENT, APPEND, PLAIN, "answered_by" },
  { "notes", N_("Worker's notes"), TEXT, NOTES, NEVER, APPEND, LONG, NULL },
};

static const TesseraField assessment_score_fields[] = {
  { "assessment", N_("Assessment"), REFERENCE, PATHWAY, NEVER, APPEND, REQUIRED | INDEXED, "assessment" },
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "domain", N_("Domain"), CHOICE, PATHWAY, CONSENT, APPEND, REQUIRED, "domain" },
  { "worker_level", N_("Level"), INTEGER, PATHWAY, CONSENT, APPEND, PLAIN, NULL },
  { "client_level", N_("Client's own level"), INTEGER, PATHWAY, CONSENT, APPEND, PLAIN, NULL },
  { "unasked", N_("Not asked because"), CHOICE, PATHWAY, CONSENT, APPEND, PLAIN, "unasked" },
};

static const TesseraField step_change_fields[] = {
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "from_step", N_("From"), CHOICE, PATHWAY, CONSENT, APPEND, PLAIN, "step" },
  { "to_step", N_("To"), CHOICE, PATHWAY, CONSENT, APPEND, REQUIRED, "step" },
  { "at", N_("When"), INSTANT, PATHWAY, CONSENT, APPEND, REQUIRED | INDEXED, NULL },
  { "worker", N_("Worker"), REFERENCE, PATHWAY, NEVER, APPEND, PLAIN, "worker" },
  { "suggested", N_("Suggested by the rule"), CHOICE, PATHWAY, NEVER, APPEND, AUTOMATIC, "step" },
  { "reason", N_("Reason"), CHOICE, PATHWAY, CONSENT, APPEND, REQUIRED, "step_reason" },
  { "notes", N_("Worker's notes"), TEXT, NOTES, NEVER, APPEND, LONG, NULL },
};

static const TesseraField goal_fields[] = {
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "domain", N_("Domain"), CHOICE, PATHWAY, CONSENT, LAST, PLAIN, "domain" },
  { "text", N_("Goal, in the client's words"), TEXT, PATHWAY, CONSENT, LAST, REQUIRED | LONG, NULL },
  { "language", N_("Language"), LANGUAGE, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "by", N_("By when"), DATE, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "done_at", N_("Done"), INSTANT, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "done_by", N_("Done by"), CHOICE, PATHWAY, CONSENT, LAST, PLAIN, "who" },
};

static const TesseraField task_fields[] = {
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "goal", N_("Goal"), REFERENCE, PATHWAY, NEVER, LAST, PLAIN, "goal" },
  { "visit", N_("Visit"), REFERENCE, PATHWAY, NEVER, LAST, PLAIN, "visit" },
  { "text", N_("What"), TEXT, PATHWAY, CONSENT, LAST, REQUIRED, NULL },
  { "who", N_("Who"), CHOICE, PATHWAY, CONSENT, LAST, PLAIN, "who" },
  { "worker", N_("Worker"), REFERENCE, PATHWAY, NEVER, LAST, PLAIN, "worker" },
  { "due", N_("Due"), DATE, PATHWAY, CONSENT, LAST, INDEXED, NULL },
  { "done_at", N_("Done"), INSTANT, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "done_by", N_("Done by"), CHOICE, PATHWAY, CONSENT, LAST, PLAIN, "who" },
};

static const TesseraField procedure_template_fields[] = {
  { "code", N_("Code"), TEXT, NONE, PUBLIC, LAST, REQUIRED | INDEXED, NULL },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, REQUIRED | TRANSLATED, NULL },
  { "steps", N_("Steps, one per line"), TEXT, NONE, PUBLIC, LAST, LONG | TRANSLATED, NULL },
};

static const TesseraField procedure_fields[] = {
  { "client", N_("Client"), REFERENCE, PATHWAY, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "template", N_("Procedure"), REFERENCE, PATHWAY, NEVER, LAST, REQUIRED, "procedure_template" },
  { "position", N_("Step"), INTEGER, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "waits_for", N_("Waits for"), TEXT, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "due", N_("Due"), DATE, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "started_at", N_("Started"), INSTANT, PATHWAY, CONSENT, LAST, PLAIN, NULL },
  { "done_at", N_("Done"), INSTANT, PATHWAY, CONSENT, LAST, PLAIN, NULL },
};

const TesseraEntity tessera_pathway_entities[] = {
  TESSERA_ENTITY (need, N_("Need"), 20, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (assessment, N_("Assessment"), 21, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (assessment_score, N_("Assessment score"), 22, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (step_change, N_("Step change"), 23, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (goal, N_("Goal"), 24, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (task, N_("Task"), 25, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (procedure_template, N_("Procedure template"), 26, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (procedure, N_("Procedure"), 27, TESSERA_ENTITY_PLAIN, "client"),
};
const guint tessera_n_pathway_entities = G_N_ELEMENTS (tessera_pathway_entities);
