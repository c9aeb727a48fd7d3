/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-pathway.c: the rule that suggests a step, assessments, steps, goals, tasks, procedures.
 */
#include "casework-fixture.h"
#include "tessera-pathway.h"

/* Levels in domain order, what must be suggested, whether to close, and why. */
static const struct {
  int levels[TESSERA_N_DOMAINS];
  const char *step;
  gboolean close;
  const char *reasons;
} rule[] = {
  { { 0 }, NULL, FALSE, "unasked:home unasked:essentials unasked:safety unasked:health" },
  { { 1 }, "basic-needs", FALSE, "home" },
  { { 5, 5, 5, 2, 5, 5, 5, 5, 5, 5, 5, 5 }, "basic-needs", FALSE, "health" },
  { { 2, 0, 0, 0 }, "basic-needs", FALSE, "home" },
  { { 1, 2, 1, 2 }, "basic-needs", FALSE, "home essentials safety health" },
  /* moving up needs the four basics answered */
  { { 5, 5, 5, 0, 5, 5, 5, 5, 5, 5, 5, 5 }, NULL, FALSE, "unasked:health" },
  { { 5, 5, 0, 5, 1 }, NULL, FALSE, "unasked:safety" },
  { { 3, 3, 3, 3, 3 }, "inclusion", FALSE, "language" },
  { { 5, 5, 5, 5, 1, 5, 5, 5, 5, 5 }, "inclusion", FALSE, "language" },
  { { 3, 5, 5, 5, 4, 4, 4, 4, 4, 3 }, "inclusion", FALSE, "people" },
  /* four inclusion domains of 4 or more, the others not below 3 or not asked */
  { { 4, 4, 4, 4, 4, 4, 4, 4, 0, 0 }, "autonomy", FALSE, "language rights learning work" },
  { { 4, 4, 4, 4, 4, 4, 4, 4, 3, 3 }, "autonomy", FALSE, "language rights learning work" },
  { { 4, 4, 4, 4, 4, 4, 4, 4, 2, 5 }, "inclusion", FALSE, "family" },
  { { 4, 4, 4, 4, 4, 4, 4, 3, 3, 3 }, "inclusion", FALSE, "work family people" },
  { { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 }, "autonomy", TRUE, "language rights learning work family people" },
  { { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0 }, "autonomy", FALSE,
    "language rights learning work family people" },
  { { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3 }, "autonomy", FALSE,
    "language rights learning work family people" },
  /* nothing that was asked speaks for inclusion, and too little for autonomy */
  { { 4, 4, 4, 4, 5, 5, 5 }, NULL, FALSE, "unasked:work unasked:family unasked:people" },
  { { 3, 4, 4, 4, 5, 5, 5, 5, 5, 5 }, NULL, FALSE, "home" },
};

static void
test_rule (void) {
  for (guint i = 0; i < G_N_ELEMENTS (rule); i++) {
    g_autoptr (TesseraSuggestion) suggestion = tessera_pathway_suggest (rule[i].levels);
    g_autofree char *reasons = g_strjoinv (" ", suggestion->reasons);
    g_autofree char *sentence = tessera_suggestion_describe (suggestion);

    g_assert_cmpstr (suggestion->step, ==, rule[i].step);
    g_assert_cmpint (suggestion->ready_to_close, ==, rule[i].close);
    g_assert_cmpstr (reasons, ==, rule[i].reasons);
    g_assert_cmpuint (strlen (sentence), >, 10);
  }
}

/* An unasked domain never pulls down: asking it and hearing 5 never lowers the step. */
static void
test_unasked_never_counts (void) {
  for (guint i = 0; i < 2000; i++) {
    int levels[TESSERA_N_DOMAINS];
    guint domain = (guint) g_test_rand_int_range (4, TESSERA_N_DOMAINS);
    g_autoptr (TesseraSuggestion) without = NULL;
    g_autoptr (TesseraSuggestion) with = NULL;

    for (guint j = 0; j < TESSERA_N_DOMAINS; j++)
      levels[j] = g_test_rand_int_range (0, 6);
    levels[domain] = 0;
    without = tessera_pathway_suggest (levels);
    levels[domain] = 5;
    with = tessera_pathway_suggest (levels);
    if (g_strcmp0 (without->step, "autonomy") == 0)
      g_assert_cmpstr (with->step, ==, "autonomy");
    if (g_strcmp0 (without->step, "basic-needs") == 0)
      g_assert_cmpstr (with->step, ==, "basic-needs");
  }
}

static void
test_words (void) {
  const TesseraVocabulary *domains = tessera_vocabulary_find ("domain");

  g_assert_cmpuint (domains->n_choices, ==, TESSERA_N_DOMAINS);
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    const char *domain = tessera_pathway_get_domain (i);

    g_assert_cmpstr (domain, ==, domains->choices[i].code);
    g_assert_cmpint (tessera_pathway_find_domain (domain), ==, (int) i);
    g_assert_true (tessera_vocabulary_has (tessera_vocabulary_find ("step"),
                                           tessera_pathway_get_domain_step (domain)));
    for (int level = 1; level <= TESSERA_N_LEVELS; level++) {
      g_assert_cmpuint (strlen (tessera_pathway_get_domain_anchor (domain, level)), >, 5);
      g_assert_cmpuint (strlen (tessera_pathway_get_level_name (level)), >, 5);
    }
  }
  g_assert_cmpint (tessera_pathway_find_domain ("magic"), ==, -1);
  g_assert_cmpint (tessera_pathway_find_domain (NULL), ==, -1);
}

static void
assess (TesseraTransaction *tx, const char *client, const TesseraScore *scores, guint n_scores) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) assessment = tessera_pathway_assess (tx, client, scores, n_scores, "together",
                                                                 NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (tessera_record_get (assessment, "language"), ==, "ar");
}

static gboolean
assess_twice (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  const TesseraScore first[] = { { "home", 2, 4 }, { "health", 3, 0 }, { "work", 0, 0, "not-said" } };
  const TesseraScore second[] = { { "home", 4, 4 }, { "health", 0, 0, "not-asked" } };
  g_autoptr (TesseraDomainStates) states = NULL;

  assess (tx, id, first, G_N_ELEMENTS (first));
  assess (tx, id, second, G_N_ELEMENTS (second));
  states = tessera_pathway_load_states (tx, id, error);
  g_assert_nonnull (states);
  g_assert_cmpint (states->domains[0].worker_level, ==, 4);
  g_assert_cmpint (states->domains[0].previous_worker_level, ==, 2);
  g_assert_cmpint (states->domains[0].previous_client_level, ==, 4);
  g_assert_cmpint (states->domains[3].worker_level, ==, 3);
  g_assert_cmpstr (states->domains[3].unasked, ==, "not-asked");
  g_assert_cmpint (states->domains[7].worker_level, ==, 0);
  g_assert_cmpstr (states->domains[7].unasked, ==, "not-said");
  g_assert_null (states->domains[1].unasked);
  return TRUE;
}

static void
refuse_scores (TesseraTransaction *tx, const char *client, const TesseraScore *scores, guint n) {
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_pathway_assess (tx, client, scores, n, NULL, NULL, NULL, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
}

static gboolean
refuse_bad_scores (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  g_autoptr (GError) local_error = NULL;

  refuse_scores (tx, id, NULL, 0);
  refuse_scores (tx, id, &(TesseraScore) { "home", 6, 0 }, 1);
  refuse_scores (tx, id, &(TesseraScore) { "home", -1, 0 }, 1);
  refuse_scores (tx, id, &(TesseraScore) { "moon", 3, 0 }, 1);
  refuse_scores (tx, id, &(TesseraScore) { NULL, 3, 0 }, 1);
  refuse_scores (tx, id, &(TesseraScore) { "home", 0, 0, "no-idea" }, 1);
  refuse_scores (tx, id, (TesseraScore[]) { { "home", 1, 0 }, { "home", 2, 0 } }, 2);
  g_assert_null (tessera_pathway_assess (tx, "nobody", &(TesseraScore) { "home", 1, 0 }, 1, NULL, NULL, NULL,
                                         &local_error));
  g_assert_error (local_error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  return TRUE;
}

static gboolean
set_steps (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  const TesseraScore scores[] = { { "home", 1, 1 } };
  g_autoptr (TesseraRecord) up = NULL;
  g_autoptr (TesseraRecord) back = NULL;
  g_autoptr (TesseraRecord) now = NULL;

  assess (tx, id, scores, 1);
  up = tessera_pathway_set_step (tx, id, "inclusion", "client-wish", "a note", error);
  g_assert_nonnull (up);
  g_assert_cmpstr (tessera_record_get (up, "from_step"), ==, "basic-needs");
  g_assert_cmpstr (tessera_record_get (up, "suggested"), ==, "basic-needs");
  back = tessera_pathway_set_step (tx, id, "basic-needs", "lost-home", NULL, error);
  g_assert_nonnull (back);
  g_assert_cmpstr (tessera_record_get (back, "from_step"), ==, "inclusion");
  now = casework_reload (tx, client);
  g_assert_cmpstr (tessera_record_get (now, "step"), ==, "basic-needs");
  g_assert_null (tessera_pathway_set_step (tx, id, "paradise", "client-wish", NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
  g_clear_error (error);
  g_assert_null (tessera_pathway_set_step (tx, id, "autonomy", NULL, NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
  g_clear_error (error);
  return TRUE;
}

static gboolean
goals_and_tasks (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  g_autoptr (TesseraRecord) goal = casework_new (tx, "goal", "client", id, "text", "a door of my own", NULL);
  g_autoptr (TesseraRecord) task = casework_new (tx, "task", "client", id, "text", "call", "due", TODAY,
                                                 NULL);
  g_autoptr (TesseraRecord) need = casework_new (tx, "need", "client", id, "domain", "home", NULL);
  g_autoptr (TesseraRecord) done = NULL;
  g_autofree char *first = NULL;

  g_assert_true (tessera_pathway_add_goal (tx, goal, error));
  g_assert_cmpstr (tessera_record_get (goal, "language"), ==, "ar");
  g_assert_true (tessera_pathway_add_task (tx, task, error));
  g_assert_cmpstr (tessera_record_get (task, "worker"), ==, tessera_transaction_get_worker (tx));
  g_assert_true (tessera_pathway_add_need (tx, need, error));
  g_assert_nonnull (tessera_record_get (need, "opened_at"));
  g_assert_true (tessera_pathway_meet_need (tx, tessera_record_get_id (need), error));
  g_assert_true (tessera_pathway_complete_goal (tx, tessera_record_get_id (goal), "client", error));
  g_assert_true (tessera_pathway_complete_task (tx, tessera_record_get_id (task), "client", error));
  g_assert_true (tessera_pathway_complete_task (tx, tessera_record_get_id (task), "worker", error));
  done = casework_reload (tx, task);
  g_assert_cmpstr (tessera_record_get (done, "done_by"), ==, "client");
  g_assert_false (tessera_pathway_complete_task (tx, tessera_record_get_id (task), "a ghost", error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
  g_clear_error (error);
  return TRUE;
}

static gboolean
procedures (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  const char *id = tessera_record_get_id (client);
  g_autoptr (TesseraRecord) template = casework_new (tx, "procedure_template", "code", "school", "name",
                                                     "School", "steps", "Ask\n\n  Fill in\nWait\n", NULL);
  g_autoptr (TesseraRecord) empty = casework_new (tx, "procedure_template", "code", "empty", "name", "E",
                                                  NULL);
  g_autoptr (TesseraRecord) started = NULL;

  casework_save (tx, template);
  casework_save (tx, empty);
  started = tessera_pathway_start_procedure (tx, id, "school", error);
  g_assert_nonnull (started);
  g_assert_cmpint (tessera_record_get_integer (started, "position"), ==, 1);
  for (gint64 position = 2; position <= 4; position++) {
    g_autoptr (TesseraRecord) next = tessera_pathway_advance_procedure (tx, tessera_record_get_id (started),
                                                                        "a letter", "2026-12-01", error);

    g_assert_nonnull (next);
    g_assert_cmpint (tessera_record_get_integer (next, "position"), ==, MIN (position, 3));
    g_assert_cmpint (tessera_record_get (next, "done_at") != NULL, ==, position == 4);
    g_assert_cmpint (tessera_record_get (next, "due") != NULL, ==, position < 4);
  }
  g_assert_null (tessera_pathway_advance_procedure (tx, tessera_record_get_id (started), NULL, NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  g_assert_null (tessera_pathway_start_procedure (tx, id, "empty", error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
  g_clear_error (error);
  g_assert_null (tessera_pathway_start_procedure (tx, id, "none", error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  g_clear_error (error);
  return TRUE;
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pathway/rule", test_rule);
  g_test_add_func ("/pathway/unasked-never-counts", test_unasked_never_counts);
  g_test_add_func ("/pathway/words", test_words);
  casework_add ("/pathway/assess-twice", assess_twice);
  casework_add ("/pathway/refuse-bad-scores", refuse_bad_scores);
  casework_add ("/pathway/set-steps", set_steps);
  casework_add ("/pathway/goals-and-tasks", goals_and_tasks);
  casework_add ("/pathway/procedures", procedures);
  return g_test_run ();
}
