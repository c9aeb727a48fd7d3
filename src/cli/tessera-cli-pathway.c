/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-pathway.c: `assessment`, `step`, `need`, `goal`, `task`, `procedure`: where a client stands and
 * goes.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <string.h>

#include "tessera-cli-fields.h"
#include "tessera-intake.h"
#include "tessera-pathway.h"

typedef gboolean (*AddFunc) (TesseraTransaction *transaction, TesseraRecord *record, GError **error);

/* One level of DOMAIN=WORKER/CLIENT: 1 to 5, or "-" or nothing for not given. */
static gboolean
parse_level (const char *text, int *ret_level, GError **error) {
  guint64 level = 0;

  *ret_level = 0;
  if (*text == '\0' || g_str_equal (text, "-"))
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, TESSERA_N_LEVELS, &level, NULL)) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("“%s” is not a level; levels are 1 to %d."), text, TESSERA_N_LEVELS);
    return FALSE;
  }
  *ret_level = (int) level;
  return TRUE;
}

/* "home=2/3", "home=2", "home=/3", or a code of `unasked`: "home=not-said". */
static gboolean
parse_score (const char *argument, TesseraScore *score, GError **error) {
  g_auto (GStrv) parts = g_strsplit (argument, "=", 2);
  g_auto (GStrv) levels = NULL;
  int domain;

  if (parts[1] == NULL) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                 _("“%s” is not of the form DOMAIN=WORKER/CLIENT."), argument);
    return FALSE;
  }
  if (!tessera_cli_check_code ("domain", parts[0], error))
    return FALSE;
  domain = tessera_pathway_find_domain (parts[0]);
  score->domain = tessera_pathway_get_domain ((guint) domain);
  if (tessera_vocabulary_has (tessera_vocabulary_find ("unasked"), parts[1])) {
    score->unasked = strchr (argument, '=') + 1;
    return TRUE;
  }
  levels = g_strsplit (parts[1], "/", 2);
  return parse_level (levels[0] != NULL ? levels[0] : "", &score->worker_level, error)
         && (levels[0] == NULL || levels[1] == NULL || parse_level (levels[1], &score->client_level, error));
}

static JsonObject *
describe_assessment (TesseraTransaction *transaction, TesseraRecord *assessment, GError **error) {
  g_autoptr (GPtrArray) scores = NULL;
  JsonArray *array;
  JsonObject *object;

  scores =
    tessera_transaction_select_records (transaction, "assessment_score", "WHERE assessment = ?1 ORDER BY id",
                                        tessera_record_get_id (assessment), error);
  if (scores == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; i < scores->len; i++)
    json_array_add_object_element (array, tessera_record_to_json (g_ptr_array_index (scores, i)));
  object = tessera_record_to_json (assessment);
  json_object_set_array_member (object, "scores", array);
  return object;
}

/* What the rule makes of everything asked so far; only a suggestion. */
static gboolean
add_suggestion (TesseraTransaction *transaction, JsonObject *object, const char *client, GError **error) {
  g_autoptr (TesseraDomainStates) states = tessera_pathway_load_states (transaction, client, error);
  g_autoptr (TesseraSuggestion) suggestion = NULL;
  g_autofree char *sentence = NULL;
  int levels[TESSERA_N_DOMAINS];

  if (states == NULL)
    return FALSE;
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    levels[i] = states->domains[i].worker_level;
  suggestion = tessera_pathway_suggest (levels);
  sentence = tessera_suggestion_describe (suggestion);
  if (suggestion->step != NULL)
    json_object_set_string_member (object, "suggested_step", suggestion->step);
  json_object_set_boolean_member (object, "ready_to_close", suggestion->ready_to_close);
  json_object_set_string_member (object, "suggestion", sentence);
  return TRUE;
}

static gboolean
put_assessment (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *assessment,
                GError **error) {
  g_autoptr (JsonObject) object = describe_assessment (transaction, assessment, error);

  if (object == NULL
      || !add_suggestion (transaction, object, tessera_record_get (assessment, "client"), error))
    return FALSE;
  tessera_cli_put_object (self, g_steal_pointer (&object));
  return TRUE;
}

static gboolean
assessment_add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) assessment = NULL;
  TesseraScore scores[TESSERA_N_DOMAINS] = { 0 };
  guint n_scores = tessera_cli_count_arguments (self) - 1;

  if (client == NULL)
    return FALSE;
  if (n_scores > TESSERA_N_DOMAINS) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("There are only %d domains."),
                 TESSERA_N_DOMAINS);
    return FALSE;
  }
  for (guint i = 0; i < n_scores; i++) {
    if (!parse_score (tessera_cli_get_argument (self, i + 1), &scores[i], error))
      return FALSE;
  }
  assessment = tessera_pathway_assess (transaction, tessera_record_get_id (client), scores, n_scores,
                                       tessera_cli_get_option (self, "answered-by"),
                                       tessera_cli_get_option (self, "language"),
                                       tessera_cli_get_option (self, "notes"), error);
  return assessment != NULL && put_assessment (self, transaction, assessment, error);
}

static gboolean
assessment_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (GPtrArray) assessments = NULL;
  g_autoptr (JsonArray) array = NULL;

  if (client == NULL)
    return FALSE;
  assessments = tessera_intake_select (transaction, "assessment", tessera_record_get_id (client),
                                       "ORDER BY at DESC, id DESC", error);
  if (assessments == NULL)
    return FALSE;
  array = json_array_new ();
  for (guint i = 0; i < assessments->len; i++) {
    JsonObject *object = describe_assessment (transaction, g_ptr_array_index (assessments, i), error);

    if (object == NULL)
      return FALSE;
    json_array_add_object_element (array, object);
  }
  tessera_cli_put_objects (self, g_steal_pointer (&array), "id at answered_by");
  return TRUE;
}

static gboolean
step_set (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) change = NULL;
  const char *step = tessera_cli_get_argument (self, 1);
  const char *reason = tessera_cli_get_option (self, "reason");

  if (client == NULL || !tessera_cli_check_code ("step", step, error)
      || !tessera_cli_check_code ("step_reason", reason, error))
    return FALSE;
  change = tessera_pathway_set_step (transaction, tessera_record_get_id (client), step, reason,
                                     tessera_cli_get_option (self, "notes"), error);
  if (change == NULL)
    return FALSE;
  tessera_cli_put_record (self, change);
  return TRUE;
}

static gboolean
step_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (GPtrArray) changes = NULL;

  if (client == NULL)
    return FALSE;
  changes = tessera_intake_select (transaction, "step_change", tessera_record_get_id (client),
                                   "ORDER BY at DESC, id DESC", error);
  if (changes == NULL)
    return FALSE;
  tessera_cli_put_records (self, changes, "at from_step to_step reason worker");
  return TRUE;
}

static gboolean
add_row (TesseraCli *self, TesseraTransaction *transaction, const char *entity, AddFunc save,
         GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) row = NULL;

  if (client == NULL)
    return FALSE;
  row = tessera_transaction_new_record (transaction, entity);
  tessera_record_set (row, "client", tessera_record_get_id (client));
  if (!tessera_cli_parse_fields (self, transaction, row, 1, error) || !save (transaction, row, error))
    return FALSE;
  tessera_cli_put_record (self, row);
  return TRUE;
}

/* @open: the condition of what is still to do, unless --all is given. */
static gboolean
list_rows (TesseraCli *self, TesseraTransaction *transaction, const char *entity, const char *open,
           const char *order, const char *columns, GError **error) {
  g_autofree char *tail =
    g_strdup_printf ("%s ORDER BY %s", tessera_cli_has (self, "all") ? "" : open, order);
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (GPtrArray) rows = NULL;

  if (client == NULL)
    return FALSE;
  rows = tessera_intake_select (transaction, entity, tessera_record_get_id (client), tail, error);
  if (rows == NULL)
    return FALSE;
  tessera_cli_put_records (self, rows, columns);
  return TRUE;
}

static gboolean
put_row (TesseraCli *self, TesseraTransaction *transaction, const char *entity, const char *id,
         GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_load (transaction, entity, id, error);

  if (row == NULL)
    return FALSE;
  tessera_cli_put_record (self, row);
  return TRUE;
}

static gboolean
need_add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return add_row (self, transaction, "need", tessera_pathway_add_need, error);
}

static gboolean
need_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return list_rows (self, transaction, "need", "AND met_at IS NULL", "opened_at, id",
                    "id domain text urgent met_at", error);
}

static gboolean
need_met (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) need = tessera_cli_resolve (transaction, "need", text, error);

  return need != NULL && tessera_pathway_meet_need (transaction, tessera_record_get_id (need), error)
         && put_row (self, transaction, "need", tessera_record_get_id (need), error);
}

static gboolean
goal_add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return add_row (self, transaction, "goal", tessera_pathway_add_goal, error);
}

static gboolean
goal_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return list_rows (self, transaction, "goal", "AND done_at IS NULL", "id",
                    "id domain text by done_at done_by", error);
}

static gboolean
goal_done (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *by = tessera_cli_get_option (self, "by");
  g_autoptr (TesseraRecord) goal = NULL;

  goal = tessera_cli_resolve (transaction, "goal", tessera_cli_get_argument (self, 0), error);
  return goal != NULL && tessera_cli_check_code ("who", by, error)
         && tessera_pathway_complete_goal (transaction, tessera_record_get_id (goal), by, error)
         && put_row (self, transaction, "goal", tessera_record_get_id (goal), error);
}

static gboolean
task_add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return add_row (self, transaction, "task", tessera_pathway_add_task, error);
}

#define TASK_COLUMNS "id client text who due done_at done_by"

static gboolean
task_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) tasks = NULL;

  if (tessera_cli_count_arguments (self) > 0)
    return list_rows (self, transaction, "task", "AND done_at IS NULL", "due IS NULL, due, id", TASK_COLUMNS,
                      error);
  tasks = tessera_transaction_select_records (transaction, "task",
                                              tessera_cli_has (self, "all")
                                                ? "ORDER BY due IS NULL, due, id"
                                                : "WHERE done_at IS NULL ORDER BY due IS NULL, due, id",
                                              NULL, error);
  if (tasks == NULL)
    return FALSE;
  tessera_cli_put_records (self, tasks, TASK_COLUMNS);
  return TRUE;
}

static gboolean
task_done (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *by = tessera_cli_get_option (self, "by");
  g_autoptr (TesseraRecord) task = NULL;

  task = tessera_cli_resolve (transaction, "task", tessera_cli_get_argument (self, 0), error);
  return task != NULL && tessera_cli_check_code ("who", by, error)
         && tessera_pathway_complete_task (transaction, tessera_record_get_id (task), by, error)
         && put_row (self, transaction, "task", tessera_record_get_id (task), error);
}

static gboolean
procedure_start (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) template = NULL;
  g_autoptr (TesseraRecord) procedure = NULL;

  if (client == NULL)
    return FALSE;
  template =
    tessera_cli_resolve (transaction, "procedure_template", tessera_cli_get_argument (self, 1), error);
  if (template == NULL)
    return FALSE;
  procedure = tessera_pathway_start_procedure (transaction, tessera_record_get_id (client),
                                               tessera_record_get_id (template), error);
  if (procedure == NULL)
    return FALSE;
  tessera_cli_put_record (self, procedure);
  return TRUE;
}

/* The running procedure that is meant: the one of the template given, or the only one. */
static TesseraRecord *
find_running (TesseraCli *self, TesseraTransaction *transaction, const char *client, GError **error) {
  g_autoptr (GPtrArray) running =
    tessera_intake_select (transaction, "procedure", client, "AND done_at IS NULL ORDER BY id", error);
  g_autoptr (TesseraRecord) template = NULL;
  TesseraRecord *found = NULL;
  guint n_found = 0;

  if (running == NULL)
    return NULL;
  if (tessera_cli_count_arguments (self) > 1) {
    template =
      tessera_cli_resolve (transaction, "procedure_template", tessera_cli_get_argument (self, 1), error);
    if (template == NULL)
      return NULL;
  }
  for (guint i = 0; i < running->len; i++) {
    TesseraRecord *procedure = g_ptr_array_index (running, i);

    if (template != NULL
        && g_strcmp0 (tessera_record_get (procedure, "template"), tessera_record_get_id (template)) != 0)
      continue;
    found = procedure;
    n_found++;
  }
  if (n_found == 1)
    return g_object_ref (found);
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR,
                       n_found == 0 ? TESSERA_CASEWORK_ERROR_NOT_FOUND : TESSERA_CASEWORK_ERROR_AMBIGUOUS,
                       n_found == 0
                         ? _("No such procedure is running for this client.")
                         : _("Several procedures are running for this client; name the template."));
  return NULL;
}

static gboolean
procedure_next (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) procedure = NULL;
  g_autoptr (TesseraRecord) after = NULL;

  if (client == NULL)
    return FALSE;
  procedure = find_running (self, transaction, tessera_record_get_id (client), error);
  if (procedure == NULL)
    return FALSE;
  after = tessera_pathway_advance_procedure (transaction, tessera_record_get_id (procedure),
                                             tessera_cli_get_option (self, "waits-for"),
                                             tessera_cli_get_option (self, "due"), error);
  if (after == NULL)
    return FALSE;
  tessera_cli_put_record (self, after);
  return TRUE;
}

static gboolean
procedure_list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  return list_rows (self, transaction, "procedure", "AND done_at IS NULL", "due IS NULL, due, id",
                    "id template position waits_for due done_at", error);
}

const TesseraCommand tessera_pathway_commands[] = {
  { "assessment", "add", "CLIENT DOMAIN=WORKER[/CLIENT]… [--answered-by WHO] [--language TAG] [--notes TEXT]",
    N_("Keeps the levels (1 to 5) of the domains asked, and suggests a step."), TESSERA_ACCESS_WRITE,
    assessment_add },
  { "assessment", "list", "CLIENT", N_("Lists assessments, newest first."), TESSERA_ACCESS_READ,
    assessment_list },
  { "step", "set", "CLIENT STEP --reason CODE [--notes TEXT]", N_("Moves a client to a step."),
    TESSERA_ACCESS_WRITE, step_set },
  { "step", "list", "CLIENT", N_("Lists step changes, newest first."), TESSERA_ACCESS_READ, step_list },
  { "need", "add", "CLIENT FIELD=VALUE…", N_("Adds a need."), TESSERA_ACCESS_WRITE, need_add },
  { "need", "list", "CLIENT [--all]", N_("Lists needs not met, or all."), TESSERA_ACCESS_READ, need_list },
  { "need", "met", "ID", N_("The need is met."), TESSERA_ACCESS_WRITE, need_met },
  { "goal", "add", "CLIENT FIELD=VALUE…", N_("Adds a goal, in the client's words."), TESSERA_ACCESS_WRITE,
    goal_add },
  { "goal", "list", "CLIENT [--all]", N_("Lists open goals, or all."), TESSERA_ACCESS_READ, goal_list },
  { "goal", "done", "ID --by client|together|worker|partner", N_("The goal is reached; who did it."),
    TESSERA_ACCESS_WRITE, goal_done },
  { "task", "add", "CLIENT FIELD=VALUE…", N_("Adds a task."), TESSERA_ACCESS_WRITE, task_add },
  { "task", "list", "[CLIENT] [--all]", N_("Lists open tasks by due date, or all."), TESSERA_ACCESS_READ,
    task_list },
  { "task", "done", "ID --by client|together|worker|partner", N_("The task is done; who did it."),
    TESSERA_ACCESS_WRITE, task_done },
  { "procedure", "start", "CLIENT TEMPLATE", N_("Starts a procedure of several steps."),
    TESSERA_ACCESS_WRITE, procedure_start },
  { "procedure", "next", "CLIENT [TEMPLATE] [--waits-for TEXT] [--due DATE]", N_("Goes one step on."),
    TESSERA_ACCESS_WRITE, procedure_next },
  { "procedure", "list", "CLIENT [--all]", N_("Lists running procedures, or all."), TESSERA_ACCESS_READ,
    procedure_list },
  { NULL },
};
