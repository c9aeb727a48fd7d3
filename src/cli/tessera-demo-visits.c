/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-visits.c: visits with what was said, advice given and tasks left.
 */
#include "config.h"

#include "tessera-demo-private.h"

/* A visit and what follows from it. */
typedef struct {
  TesseraDemo *demo;
  TesseraRecord *client;
  const TesseraDemoTopic *topic;
  TesseraRecord *worker;
  gint64 at;
} Scene;

/* Early topics for people on an early step. */
static const TesseraDemoTopic *
pick_topic (TesseraDemo *self, TesseraRecord *client) {
  const char *step = tessera_record_get (client, "step");
  guint reach = g_strcmp0 (step, "basic-needs") == 0 ? 7 : g_strcmp0 (step, "inclusion") == 0 ? 11 : 12;
  guint first = g_strcmp0 (step, "autonomy") == 0 ? 4 : 0;

  return &tessera_demo_topics[first + tessera_demo_random_below (&self->random, reach - first)];
}

static char *
make_summary (const Scene *scene) {
  TesseraDemo *self = scene->demo;
  const char *language = tessera_record_get (scene->worker, "language");
  const TesseraDemoTopic *topic = scene->topic;

  if (g_strcmp0 (language, "fr") == 0)
    return g_strdup (tessera_demo_pick_sentence (self, topic->said_fr));
  if (g_strcmp0 (language, "ar") == 0)
    return g_strdup (tessera_demo_pick_sentence (self, topic->said_ar));
  return g_strconcat (tessera_demo_pick_sentence (self, tessera_demo_openings),
                      tessera_demo_pick_sentence (self, topic->said),
                      tessera_demo_pick_sentence (self, tessera_demo_closings), NULL);
}

/* One or two domains, in byte order as a set is kept. */
static char *
make_domains (const Scene *scene) {
  const char *one = scene->topic->domain;
  const char *two = pick_topic (scene->demo, scene->client)->domain;

  if (g_str_equal (one, two) || tessera_demo_random_chance (&scene->demo->random, 60))
    return g_strdup (one);
  return g_strcmp0 (one, two) < 0 ? g_strjoin (",", one, two, NULL) : g_strjoin (",", two, one, NULL);
}

static void
set_language (const Scene *scene, TesseraRecord *visit) {
  static const char *const help[] = { "present", "present", "phone", "not-available" };
  gboolean needed = g_strcmp0 (tessera_record_get (scene->client, "interpreter_needed"), "no") != 0;

  tessera_record_set (visit, "language", needed ? tessera_record_get (scene->client, "language") : "en");
  tessera_record_set (visit, "mediator",
                      needed ? TESSERA_DEMO_PICK (&scene->demo->random, help) : "not-needed");
}

static gboolean
add_advice (const Scene *scene, TesseraRecord *visit, GError **error) {
  g_autoptr (TesseraRecord) advice = tessera_demo_new_row (scene->demo, "advice", scene->at);

  tessera_record_set (advice, "client", tessera_record_get_id (scene->client));
  tessera_record_set (advice, "visit", tessera_record_get_id (visit));
  tessera_record_set_integer (advice, "at", scene->at);
  tessera_record_set (advice, "domain", scene->topic->domain);
  tessera_record_set (advice, "text", tessera_record_get (visit, "told"));
  return tessera_transaction_save (scene->demo->transaction, advice, error);
}

/* Old tasks are mostly done, in time and more and more by the client alone. */
static void
finish_task (const Scene *scene, TesseraRecord *task, gint64 due) {
  static const char *const by[] = { "client", "together", "together", "worker" };
  TesseraDemo *self = scene->demo;

  if (due > self->now
      || !tessera_demo_random_chance (&self->random, due > self->now - 10 * TESSERA_DEMO_DAY ? 50 : 93))
    return;
  tessera_record_set_integer (task, "done_at",
                              due - tessera_demo_random_below (&self->random, 3) * TESSERA_DEMO_DAY / 2);
  tessera_record_set (task, "done_by",
                      g_strcmp0 (tessera_record_get (scene->client, "step"), "autonomy") == 0
                        ? "client"
                        : TESSERA_DEMO_PICK (&self->random, by));
}

static gboolean
add_task (const Scene *scene, TesseraRecord *visit, gint64 due, GError **error) {
  g_autoptr (TesseraRecord) task = tessera_demo_new_row (scene->demo, "task", scene->at);

  tessera_record_set (task, "client", tessera_record_get_id (scene->client));
  tessera_record_set (task, "visit", tessera_record_get_id (visit));
  tessera_record_set (task, "text", tessera_record_get (visit, "next_step"));
  tessera_record_set (task, "who", tessera_record_get (visit, "next_who"));
  tessera_record_set (task, "worker", tessera_record_get_id (scene->worker));
  tessera_demo_set_date (task, "due", due);
  finish_task (scene, task, due);
  return tessera_transaction_save (scene->demo->transaction, task, error);
}

/* Sets what happens next; gives the day it is due, or 0 for nothing. */
static gint64
set_next (const Scene *scene, TesseraRecord *visit) {
  static const char *const who[] = { "client", "together", "worker", "worker", "partner" };
  TesseraDemo *self = scene->demo;
  gint64 due = scene->at + tessera_demo_random_between (&self->random, 2, 21) * TESSERA_DEMO_DAY;

  if (!tessera_demo_random_chance (&self->random, 25))
    return 0;
  /* Something is always due today. */
  if (due > self->now && tessera_demo_random_chance (&self->random, 15))
    due = self->now;
  tessera_record_set (visit, "next_step", tessera_demo_pick_sentence (self, scene->topic->next));
  tessera_record_set (visit, "next_who", TESSERA_DEMO_PICK (&self->random, who));
  tessera_demo_set_date (visit, "next_by", due);
  return due;
}

static gboolean
add_visit (const Scene *scene, GError **error) {
  static const char *const how[] = { "in-person", "in-person", "in-person", "in-person", "phone",
                                     "phone",     "home",      "outreach",  "online" };
  TesseraDemo *self = scene->demo;
  g_autoptr (TesseraRecord) visit = tessera_demo_new_row (self, "visit", scene->at);
  g_autofree char *summary = make_summary (scene);
  g_autofree char *domains = make_domains (scene);
  gint64 due;

  tessera_record_set (visit, "client", tessera_record_get_id (scene->client));
  tessera_record_set_integer (visit, "at", scene->at);
  tessera_record_set (visit, "worker", tessera_record_get_id (scene->worker));
  tessera_record_set (visit, "how", TESSERA_DEMO_PICK (&self->random, how));
  set_language (scene, visit);
  tessera_record_set_integer (visit, "minutes", tessera_demo_random_between (&self->random, 1, 18) * 5);
  tessera_record_set (visit, "domains", domains);
  tessera_record_set (visit, "summary", summary);
  if (tessera_demo_random_chance (&self->random, 25))
    tessera_record_set (visit, "told", tessera_demo_pick_sentence (self, scene->topic->told));
  if (tessera_demo_random_chance (&self->random, 6))
    tessera_record_set (visit, "notes", tessera_demo_pick_sentence (self, tessera_demo_notes));
  due = set_next (scene, visit);
  return tessera_transaction_save (self->transaction, visit, error)
         && (tessera_record_get (visit, "told") == NULL || add_advice (scene, visit, error))
         && (due == 0 || add_task (scene, visit, due, error));
}

gboolean
tessera_demo_add_visits (TesseraDemo *self, TesseraRecord *client, int first_day, int last_day,
                         GError **error) {
  int half = (int) self->visits_per_client / 2;
  int count = (int) self->visits_per_client + tessera_demo_random_between (&self->random, -half, half);

  for (int i = 0; i < count; i++) {
    /* From the first to the last day, the first and the last of them exactly. */
    int day = count == 1 ? last_day : first_day - (first_day - last_day) * i / (count - 1);
    Scene scene = { self, client, pick_topic (self, client), tessera_demo_pick_worker (self), 0 };

    if (i > 0 && i + 1 < count)
      day = CLAMP (day + tessera_demo_random_between (&self->random, -3, 3), last_day, first_day);
    scene.at =
      i + 1 == count ? tessera_record_get_integer (client, "last_contact") : tessera_demo_at_desk (self, day);
    if (i == 0 && count > 1)
      scene.at = tessera_record_get_integer (client, "registered_at") + 600000;
    scene.at = MAX (scene.at, tessera_record_get_integer (client, "registered_at"));
    scene.at = MIN (scene.at, tessera_record_get_integer (client, "last_contact"));
    if (!add_visit (&scene, error))
      return FALSE;
  }
  return TRUE;
}
