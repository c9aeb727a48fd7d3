/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-referral.c: consents, and referrals in every state there is.
 */
#include "config.h"

#include "tessera-demo-private.h"
#include "tessera-identifier.h"
#include "tessera-referral.h"

/* The last of the partners was never checked: nothing is sent to it. */
#define N_UNCHECKED 1

/* One event of a life: which side ("s" sender, "r" receiver) takes it to which state, with which code. */
typedef struct {
  char side;
  const char *kind;
  const char *code;
} Event;

/* A life: its events, how long ago it began at least and at most (days), and how often it is met. */
typedef struct {
  Event events[6];
  int youngest;
  int oldest;
  guint weight;
} Life;

/* clang-format off */
static const Life lives[] = {
  { { { 0 } }, 0, 5, 4 },
  { { { 's', "sent" } }, 0, 20, 14 },
  { { { 's', "sent" }, { 'r', "received" } }, 1, 18, 10 },
  { { { 's', "sent" }, { 'r', "received" }, { 'r', "under_review" } }, 3, 20, 8 },
  { { { 's', "sent" }, { 'r', "received" }, { 'r', "info_needed" } }, 3, 20, 5 },
  { { { 's', "sent" }, { 'r', "received" }, { 'r', "accepted" } }, 4, 60, 16 },
  { { { 's', "sent" }, { 'r', "accepted" }, { 'r', "waitlisted" } }, 10, 90, 5 },
  { { { 's', "sent" }, { 'r', "accepted" }, { 'r', "scheduled" } }, 6, 40, 8 },
  { { { 's', "sent" }, { 'r', "received" }, { 'r', "accepted" }, { 'r', "scheduled" }, { 'r', "in_progress" } }, 20, 90, 6 },
  { { { 's', "sent" }, { 'r', "received" }, { 'r', "declined", "full" } }, 5, 120, 6 },
  { { { 's', "sent" }, { 'r', "declined", "language_not_covered" } }, 5, 120, 3 },
  { { { 's', "sent" }, { 'r', "accepted" }, { 'r', "in_progress" }, { 'r', "completed", "need_met" } }, 30, 300, 16 },
  { { { 's', "sent" }, { 'r', "accepted" }, { 'r', "completed", "partly_met" } }, 30, 300, 6 },
  { { { 's', "sent" }, { 'r', "accepted" }, { 'r', "scheduled" }, { 'r', "failed", "appointment_missed" } }, 20, 200, 4 },
  { { { 's', "sent" }, { 's', "withdrawn", "client_moved" } }, 8, 200, 3 },
  { { { 's', "sent" }, { 's', "expired" } }, 40, 300, 4 },
  { { { 's', "void" } }, 1, 200, 1 },
};
/* clang-format on */

static const Life *
pick_life (TesseraDemo *self, guint index) {
  guint weights[G_N_ELEMENTS (lives)];

  /* The first clients go through all of them, so that even a small shop shows every state. */
  if (index < 2 * G_N_ELEMENTS (lives))
    return &lives[index % G_N_ELEMENTS (lives)];
  for (guint i = 0; i < G_N_ELEMENTS (lives); i++)
    weights[i] = lives[i].weight;
  return &lives[tessera_demo_random_weighted (&self->random, weights, G_N_ELEMENTS (weights))];
}

static TesseraRecord *
add_consent (TesseraDemo *self, TesseraRecord *client, TesseraRecord *partner, gint64 at, GError **error) {
  static const char *const groups[] = { "identity,needs", "contact,identity,needs",
                                        "household,identity,needs", "identity,needs,visits" };
  static const char *const how[] = { "read-aloud", "mediator", "read-alone", "phone-interpreter" };
  static const char *const signatures[] = { "ink", "ink", "screen", "verbal", "thumb" };
  g_autoptr (TesseraRecord) consent = tessera_demo_new_row (self, "consent", at);
  g_autofree char *text = NULL;

  tessera_record_set (consent, "client", tessera_record_get_id (client));
  tessera_record_set (consent, "partner", tessera_record_get_id (partner));
  tessera_record_set (consent, "purpose", "share_for_service");
  tessera_record_set (consent, "groups", TESSERA_DEMO_PICK (&self->random, groups));
  tessera_record_set (consent, "answer", "yes");
  text = g_strdup_printf ("You agree that we show %s: %s. You can take this back at any time.",
                          tessera_record_get (partner, "name"), tessera_record_get (consent, "groups"));
  tessera_record_set (consent, "text", text);
  tessera_record_set (consent, "text_version", "demo");
  tessera_record_set (consent, "language", tessera_record_get (client, "language"));
  tessera_record_set (consent, "how", TESSERA_DEMO_PICK (&self->random, how));
  tessera_record_set (consent, "given_by", "self");
  tessera_record_set (consent, "signature", TESSERA_DEMO_PICK (&self->random, signatures));
  tessera_record_set (consent, "explained_by", tessera_record_get_id (tessera_demo_pick_worker (self)));
  tessera_record_set_integer (consent, "given_at", at);
  tessera_demo_set_date (consent, "expires_on", at + 365 * TESSERA_DEMO_DAY);
  if (!tessera_transaction_save (self->transaction, consent, error))
    return NULL;
  return g_steal_pointer (&consent);
}

/* Most say yes to keeping a file; a few say no or later, and are served all the same. */
static gboolean
add_file_consent (TesseraDemo *self, TesseraRecord *client, GError **error) {
  static const char *const answers[] = { "yes", "yes", "yes", "yes", "yes", "yes", "later", "no" };
  gint64 at = tessera_record_get_integer (client, "registered_at") + 300000;
  g_autoptr (TesseraRecord) consent = NULL;

  if (!tessera_demo_random_chance (&self->random, 40))
    return TRUE;
  consent = tessera_demo_new_row (self, "consent", at);
  tessera_record_set (consent, "client", tessera_record_get_id (client));
  tessera_record_set (consent, "purpose", "store_file");
  tessera_record_set (consent, "answer", TESSERA_DEMO_PICK (&self->random, answers));
  tessera_record_set (consent, "language", tessera_record_get (client, "language"));
  tessera_record_set (consent, "given_by", "self");
  tessera_record_set_integer (consent, "given_at", at);
  tessera_demo_set_date (consent, "expires_on", at + 365 * TESSERA_DEMO_DAY);
  return tessera_transaction_save (self->transaction, consent, error);
}

static void
set_service (TesseraDemo *self, TesseraRecord *referral) {
  const TesseraDemoTopic *topic = &tessera_demo_topics[tessera_demo_random_below (&self->random, 12)];

  tessera_record_set (referral, "reason", tessera_demo_pick_sentence (self, topic->said));
  if (self->services->len > 0) {
    const TesseraDemoService *service =
      g_ptr_array_index (self->services, tessera_demo_random_below (&self->random, self->services->len));

    tessera_record_set (referral, "service", service->id);
    tessera_record_set (referral, "service_name", service->name);
  } else {
    tessera_record_set (referral, "service_name", tessera_demo_pick_sentence (self, topic->services));
  }
}

static TesseraRecord *
make_event (TesseraDemo *self, TesseraRecord *referral, const Event *event, int number, gint64 at) {
  TesseraRecord *row = tessera_demo_new_row (self, "referral_event", at);
  gboolean sent_by_us = g_strcmp0 (tessera_record_get (referral, "direction"), "out") == 0;

  tessera_record_set (row, "referral", tessera_record_get_id (referral));
  tessera_record_set (row, "client", tessera_record_get (referral, "client"));
  tessera_record_set (row, "side", event->side == 's' ? "sender" : "receiver");
  tessera_record_set_integer (row, "number", number);
  tessera_record_set (row, "kind", event->kind);
  tessera_record_set (row, "code", event->code);
  tessera_record_set_integer (row, "at", at);
  if (g_str_equal (event->kind, "scheduled"))
    tessera_demo_set_date (row, "on_date",
                           at + tessera_demo_random_between (&self->random, 3, 20) * TESSERA_DEMO_DAY);
  if ((event->side == 's') == sent_by_us)
    tessera_record_set (row, "worker", tessera_record_get_id (tessera_demo_pick_worker (self)));
  return row;
}

/* The events one after the other up to now; an expiry comes when its thirty days are over. */
static GPtrArray *
make_events (TesseraDemo *self, TesseraRecord *referral, const Life *life, gint64 at) {
  GPtrArray *events = g_ptr_array_new_with_free_func (g_object_unref);
  int numbers[2] = { 0, 0 };
  gint64 pause = (self->now - at) / (2 * (gint64) G_N_ELEMENTS (life->events));

  for (guint i = 0; i < G_N_ELEMENTS (life->events) && life->events[i].kind != NULL; i++) {
    const Event *event = &life->events[i];

    if (g_str_equal (event->kind, "expired"))
      at += TESSERA_REFERRAL_EXPIRE_DAYS * TESSERA_DEMO_DAY;
    else if (i > 0)
      at += MIN (pause, tessera_demo_random_between (&self->random, 1, 6) * TESSERA_DEMO_DAY);
    g_ptr_array_add (events, make_event (self, referral, event, ++numbers[event->side == 'r'], at));
  }
  return events;
}

static void
add_line (TesseraDemo *self, JsonArray *lines, TesseraRecord *row) {
  JsonObject *line = json_object_new ();
  JsonObject *fields = tessera_record_to_json (row);

  json_object_remove_member (fields, "id");
  json_object_set_string_member (line, "e", tessera_record_get_entity (row)->name);
  json_object_set_string_member (line, "i", tessera_record_get_id (row));
  json_object_set_object_member (line, "f", fields);
  json_array_add_object_element (lines, line);
}

/* A person the partner tells us of, whom nobody here knows yet; in the lines of docs/bundle-format.md. */
static char *
make_received (TesseraDemo *self, TesseraRecord *referral, gint64 at) {
  const TesseraDemoOrigin *origin =
    &tessera_demo_origins[tessera_demo_random_below (&self->random, tessera_demo_n_origins)];
  const TesseraDemoName *given = &origin->women[tessera_demo_random_below (&self->random, origin->n_women)];
  const TesseraDemoName *family =
    &origin->families[tessera_demo_random_below (&self->random, origin->n_families)];
  const TesseraDemoTopic *topic = &TESSERA_DEMO_PICK (&self->random, tessera_demo_topics);
  g_autoptr (TesseraRecord) client = tessera_demo_new_row (self, "client", at);
  g_autoptr (TesseraRecord) need = tessera_demo_new_row (self, "need", at);
  g_autofree char *name = g_strdup_printf ("%s %s", given->native, family->native);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *lines = json_array_new ();

  tessera_record_set (client, "code", tessera_record_get (referral, "client_code"));
  tessera_record_set (client, "name", name);
  tessera_record_set (client, "how_to_call", given->latin);
  tessera_record_set (client, "language", origin->language);
  tessera_record_set (client, "gender", "woman");
  tessera_record_set (need, "domain", topic->domain);
  tessera_record_set (need, "text", tessera_demo_pick_sentence (self, topic->needs));
  add_line (self, lines, client);
  add_line (self, lines, need);
  json_node_take_array (root, lines);
  return json_to_string (root, FALSE);
}

static TesseraRecord *
make_referral (TesseraDemo *self, TesseraRecord *client, TesseraRecord *partner, TesseraRecord *consent,
               gint64 at) {
  static const char *const priorities[] = {
    "routine", "routine", "routine", "urgent", "urgent", "emergency"
  };
  static const char *const kinds[] = { "refer", "refer", "refer", "refer", "hand-over" };
  TesseraRecord *referral = tessera_demo_new_row (self, "referral", at);
  g_autofree char *due = NULL;

  tessera_record_set (referral, "direction", consent != NULL ? "out" : "in");
  if (client != NULL)
    tessera_record_set (referral, "client", tessera_record_get_id (client));
  tessera_record_set (referral, "partner", tessera_record_get_id (partner));
  set_service (self, referral);
  tessera_record_set (referral, "kind", TESSERA_DEMO_PICK (&self->random, kinds));
  tessera_record_set (referral, "priority", TESSERA_DEMO_PICK (&self->random, priorities));
  if (consent != NULL) {
    tessera_record_set (referral, "consent", tessera_record_get_id (consent));
    tessera_record_set (referral, "groups", tessera_record_get (consent, "groups"));
  } else {
    g_autofree char *code = tessera_demo_random_code (&self->random);
    g_autofree char *received = NULL;

    tessera_record_set (referral, "groups", "identity,needs");
    tessera_record_set (referral, "client_code", code);
    received = make_received (self, referral, at);
    tessera_record_set (referral, "received", received);
  }
  if (client != NULL)
    tessera_record_set (referral, "worker", tessera_record_get (client, "worker"));
  tessera_record_set_integer (referral, "created_at", at);
  due = tessera_referral_get_due (tessera_record_get (referral, "priority"), at);
  tessera_record_set (referral, "due_on", due);
  return referral;
}

/* What we said of it has been carried: otherwise it would still wait to be sent. */
static gboolean
add_bundle (TesseraDemo *self, TesseraRecord *referral, GPtrArray *events, GError **error) {
  const char *own = tessera_referral_get_side (referral);
  g_autoptr (TesseraRecord) bundle = NULL;
  TesseraRecord *last = NULL;

  for (guint i = 0; i < events->len; i++) {
    if (g_strcmp0 (tessera_record_get (g_ptr_array_index (events, i), "side"), own) == 0)
      last = g_ptr_array_index (events, i);
  }
  if (last == NULL)
    return TRUE;
  bundle = tessera_demo_new_row (self, "bundle", tessera_record_get_integer (last, "at"));
  tessera_record_set (bundle, "direction", "out");
  tessera_record_set (bundle, "flow", "referral");
  tessera_record_set (bundle, "partner", tessera_record_get (referral, "partner"));
  tessera_record_set (bundle, "referral", tessera_record_get_id (referral));
  tessera_record_set (bundle, "number", tessera_record_get (last, "number"));
  tessera_record_set (bundle, "state",
                      last == g_ptr_array_index (events, events->len - 1) ? "on_carrier" : "acknowledged");
  tessera_record_set (bundle, "at", tessera_record_get (last, "at"));
  return tessera_transaction_save (self->transaction, bundle, error);
}

static gboolean
save_referral (TesseraDemo *self, TesseraRecord *referral, GPtrArray *events, GError **error) {
  TesseraReferralState state = tessera_referral_derive (events);

  tessera_record_set (referral, "status", state.status);
  tessera_record_set (referral, "code", state.code);
  tessera_record_set_integer (referral, "status_at",
                              state.at != 0 ? state.at : tessera_record_get_integer (referral, "created_at"));
  if (events->len == 0)
    tessera_record_set (referral, "due_on", NULL);
  if (!tessera_transaction_save (self->transaction, referral, error))
    return FALSE;
  for (guint i = 0; i < events->len; i++) {
    if (!tessera_transaction_save (self->transaction, g_ptr_array_index (events, i), error))
      return FALSE;
  }
  return add_bundle (self, referral, events, error);
}

static gboolean
is_taken (const Life *life) {
  for (guint i = 0; i < G_N_ELEMENTS (life->events) && life->events[i].kind != NULL; i++) {
    if (g_str_equal (life->events[i].kind, "accepted"))
      return TRUE;
  }
  return FALSE;
}

/* Incoming ones began at the partner; the person is ours once we accepted. */
static gboolean
add_referral (TesseraDemo *self, TesseraRecord *client, const Life *life, gboolean incoming, int first_day,
              GError **error) {
  TesseraRecord *partner = g_ptr_array_index (
    self->partners, tessera_demo_random_below (&self->random, self->partners->len - N_UNCHECKED));
  int days = CLAMP (tessera_demo_random_between (&self->random, life->youngest, life->oldest), life->youngest,
                    MAX (first_day, life->youngest));
  gint64 at = tessera_demo_at_desk (self, days);
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (TesseraRecord) referral = NULL;
  g_autoptr (GPtrArray) events = NULL;

  if (!incoming) {
    consent = add_consent (self, client, partner, at - 60000, error);
    if (consent == NULL)
      return FALSE;
  }
  referral = make_referral (self, incoming && !is_taken (life) ? NULL : client, partner, consent, at);
  events = make_events (self, referral, life, at);
  return save_referral (self, referral, events, error);
}

gboolean
tessera_demo_add_referrals (TesseraDemo *self, TesseraRecord *client, guint index, int first_day,
                            GError **error) {
  const Life *life = pick_life (self, index);
  gboolean is_shown = index < 2 * G_N_ELEMENTS (lives);
  gboolean incoming = life->events[0].kind != NULL && g_str_equal (life->events[0].kind, "sent")
                      && tessera_demo_random_chance (&self->random, 20);

  if (!add_file_consent (self, client, error))
    return FALSE;
  if (!is_shown && !tessera_demo_random_chance (&self->random, 30))
    return TRUE;
  if (life->youngest > first_day)
    life = &lives[1];
  return add_referral (self, client, life, incoming, first_day, error);
}
