/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-pathway.c: needs, assessments that fit the step, step changes, goals, and what is planned.
 */
#include "config.h"

#include "tessera-demo-private.h"
#include "tessera-pathway.h"

/* Levels that lead to each step by the rule, for basic, inclusion and autonomy domains. */
static const struct {
  const char *step;
  int least[3];
  int most[3];
} levels[] = {
  { "basic-needs", { 1, 1, 1 }, { 3, 3, 2 } },
  { "inclusion", { 3, 1, 1 }, { 5, 3, 3 } },
  { "autonomy", { 4, 4, 2 }, { 5, 5, 5 } },
};

static guint
find_step (const char *step) {
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    if (g_strcmp0 (levels[i].step, step) == 0)
      return i;
  }
  return 0;
}

static TesseraRecord *
new_row_of (TesseraDemo *self, const char *entity, TesseraRecord *client, gint64 at) {
  TesseraRecord *row = tessera_demo_new_row (self, entity, at);

  tessera_record_set (row, "client", tessera_record_get_id (client));
  return row;
}

static gboolean
add_score (TesseraDemo *self, TesseraRecord *assessment, guint domain, guint step, GError **error) {
  g_autoptr (TesseraRecord) score =
    tessera_demo_new_row (self, "assessment_score", tessera_record_get_integer (assessment, "at"));
  guint group = find_step (tessera_pathway_get_domain_step (tessera_pathway_get_domain (domain)));
  int level =
    tessera_demo_random_between (&self->random, levels[step].least[group], levels[step].most[group]);

  tessera_record_set (score, "assessment", tessera_record_get_id (assessment));
  tessera_record_set (score, "client", tessera_record_get (assessment, "client"));
  tessera_record_set (score, "domain", tessera_pathway_get_domain (domain));
  if (tessera_demo_random_chance (&self->random, 4)) {
    tessera_record_set (score, "unasked", "not-said");
    return tessera_transaction_save (self->transaction, score, error);
  }
  tessera_record_set_integer (score, "worker_level", level);
  if (tessera_demo_random_chance (&self->random, 60))
    tessera_record_set_integer (score, "client_level",
                                CLAMP (level + tessera_demo_random_between (&self->random, -1, 1), 1, 5));
  return tessera_transaction_save (self->transaction, score, error);
}

/* The four basic domains always, of the others some; all twelve later on. */
static gboolean
add_assessment (TesseraDemo *self, TesseraRecord *client, gint64 at, guint step, GError **error) {
  static const char *const answered_by[] = { "together", "together", "self", "worker" };
  g_autoptr (TesseraRecord) assessment = new_row_of (self, "assessment", client, at);

  tessera_record_set_integer (assessment, "at", at);
  tessera_record_set (assessment, "worker", tessera_record_get_id (tessera_demo_pick_worker (self)));
  tessera_record_set (assessment, "language", tessera_record_get (client, "language"));
  tessera_record_set (assessment, "answered_by", TESSERA_DEMO_PICK (&self->random, answered_by));
  if (!tessera_transaction_save (self->transaction, assessment, error))
    return FALSE;
  for (guint domain = 0; domain < TESSERA_N_DOMAINS; domain++) {
    if (domain >= 4 && !tessera_demo_random_chance (&self->random, step == 0 ? 25 : step == 1 ? 50 : 90))
      continue;
    if (!add_score (self, assessment, domain, step, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_step_change (TesseraDemo *self, TesseraRecord *client, gint64 at, guint from, guint to, GError **error) {
  static const char *const forward[] = { "assessment", "assessment", "goal-reached", "client-wish" };
  static const char *const back[] = { "lost-home", "lost-work", "crisis" };
  g_autoptr (TesseraRecord) change = new_row_of (self, "step_change", client, at);

  tessera_record_set (change, "from_step", levels[from].step);
  tessera_record_set (change, "to_step", levels[to].step);
  tessera_record_set_integer (change, "at", at);
  tessera_record_set (change, "worker", tessera_record_get_id (tessera_demo_pick_worker (self)));
  tessera_record_set (change, "suggested", levels[to].step);
  tessera_record_set (change, "reason",
                      to > from ? TESSERA_DEMO_PICK (&self->random, forward)
                                : TESSERA_DEMO_PICK (&self->random, back));
  return tessera_transaction_save (self->transaction, change, error);
}

/* From basic needs up to where the client is, some with one step back on the way; an assessment at each. */
static gboolean
add_way (TesseraDemo *self, TesseraRecord *client, int first_day, int last_day, GError **error) {
  guint step = find_step (tessera_record_get (client, "step"));
  gint64 begin = tessera_record_get_integer (client, "registered_at") + 1200000;
  gint64 end = MAX (begin, tessera_demo_at_desk (self, last_day));
  gint64 piece = (end - begin) / (step + 2);

  if (tessera_demo_random_chance (&self->random, 75) && !add_assessment (self, client, begin, 0, error))
    return FALSE;
  if (step == 0 && first_day > 120 && tessera_demo_random_chance (&self->random, 25))
    return add_step_change (self, client, begin + piece / 2, 0, 1, error)
           && add_step_change (self, client, begin + piece, 1, 0, error);
  for (guint i = 1; i <= step; i++) {
    gint64 at = begin + piece * i;

    if ((tessera_demo_random_chance (&self->random, 60) && !add_assessment (self, client, at, i, error))
        || !add_step_change (self, client, at + 300000, i - 1, i, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_needs (TesseraDemo *self, TesseraRecord *client, GError **error) {
  guint step = find_step (tessera_record_get (client, "step"));
  gint64 at = tessera_record_get_integer (client, "registered_at") + 600000;
  guint n_needs = tessera_demo_random_below (&self->random, 3);
  guint first = tessera_demo_random_below (&self->random, 6);

  for (guint i = 0; i < n_needs; i++) {
    const TesseraDemoTopic *topic = &tessera_demo_topics[(first + i * 3 + step * 3) % 12];
    g_autoptr (TesseraRecord) need = new_row_of (self, "need", client, at);

    tessera_record_set (need, "domain", topic->domain);
    tessera_record_set (need, "text", tessera_demo_pick_sentence (self, topic->needs));
    tessera_record_set_boolean (need, "urgent", step == 0 && tessera_demo_random_chance (&self->random, 20));
    tessera_record_set_integer (need, "opened_at", at);
    if (tessera_demo_random_chance (&self->random, 20 + 25 * step))
      tessera_record_set_integer (need, "met_at", MIN (at + 20 * TESSERA_DEMO_DAY, self->now));
    if (!tessera_transaction_save (self->transaction, need, error))
      return FALSE;
  }
  return TRUE;
}

/* In the client's words and language where we have words in it. */
static void
set_goal_text (TesseraDemo *self, TesseraRecord *goal, TesseraRecord *client, const TesseraDemoTopic *topic) {
  const char *language = tessera_record_get (client, "language");
  const char *text = NULL;

  if (g_strcmp0 (language, "ar") == 0)
    text = topic->goal_ar;
  else if (g_strcmp0 (language, "fr") == 0)
    text = topic->goal_fr;
  tessera_record_set (goal, "text", text != NULL ? text : tessera_demo_pick_sentence (self, topic->goals));
  tessera_record_set (goal, "language", text != NULL ? language : "en");
}

static gboolean
add_goals (TesseraDemo *self, TesseraRecord *client, int first_day, GError **error) {
  static const char *const by[] = { "client", "together", "together" };
  guint step = find_step (tessera_record_get (client, "step"));
  gint64 at = tessera_record_get_integer (client, "registered_at") + 900000;
  guint n_goals = tessera_demo_random_below (&self->random, 2 + step);

  for (guint i = 0; i < n_goals; i++) {
    const TesseraDemoTopic *topic = &tessera_demo_topics[tessera_demo_random_below (&self->random, 12)];
    g_autoptr (TesseraRecord) goal = new_row_of (self, "goal", client, at);

    tessera_record_set (goal, "domain", topic->domain);
    set_goal_text (self, goal, client, topic);
    tessera_demo_set_date (
      goal, "by", self->now + tessera_demo_random_between (&self->random, -30, 120) * TESSERA_DEMO_DAY);
    if (first_day > 60 && tessera_demo_random_chance (&self->random, 35)) {
      tessera_record_set_integer (
        goal, "done_at", self->now - tessera_demo_random_between (&self->random, 1, 50) * TESSERA_DEMO_DAY);
      tessera_record_set (goal, "done_by", step == 2 ? "client" : TESSERA_DEMO_PICK (&self->random, by));
    }
    if (!tessera_transaction_save (self->transaction, goal, error))
      return FALSE;
  }
  return TRUE;
}

/* For some who still come: in the next two weeks, some today. */
static gboolean
add_appointment (TesseraDemo *self, TesseraRecord *client, int last_day, GError **error) {
  static const char *const places[] = { "Room 1", "Room 2", "Welcome desk", "By telephone" };
  g_autoptr (TesseraRecord) appointment = NULL;
  const TesseraDemoTopic *topic;
  gint64 at;

  if (last_day > 28 || !tessera_demo_random_chance (&self->random, 25)
      || g_strcmp0 (tessera_record_get (client, "case_state"), "open") != 0)
    return TRUE;
  appointment = new_row_of (self, "appointment", client, self->now - last_day * TESSERA_DEMO_DAY);
  topic = &tessera_demo_topics[tessera_demo_random_below (&self->random, 12)];
  at = (self->now / TESSERA_DEMO_DAY + tessera_demo_random_between (&self->random, 0, 13)) * TESSERA_DEMO_DAY
       + tessera_demo_random_between (&self->random, 9 * 4, 17 * 4) * 900000;
  tessera_record_set_integer (appointment, "at", at);
  tessera_record_set (appointment, "worker", tessera_record_get_id (tessera_demo_pick_worker (self)));
  tessera_record_set (appointment, "place", TESSERA_DEMO_PICK (&self->random, places));
  tessera_record_set (appointment, "about", tessera_demo_pick_sentence (self, topic->next));
  tessera_record_set (appointment, "state", at < self->now ? "kept" : "planned");
  return tessera_transaction_save (self->transaction, appointment, error);
}

gboolean
tessera_demo_add_pathway (TesseraDemo *self, TesseraRecord *client, int first_day, int last_day,
                          GError **error) {
  return add_needs (self, client, error) && add_way (self, client, first_day, last_day, error)
         && add_goals (self, client, first_day, error) && add_appointment (self, client, last_day, error);
}
