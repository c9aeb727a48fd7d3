/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral-life.c: which steps a referral may take, and where a set of events has brought it. Pure.
 *
 * The two sides are often offline and their clocks disagree, so the order between the sides is not read from
 * times. We look for the interleaving of the two numbered sequences in which the fewest events are illegal:
 * that is how it must have gone.
 */
#include "config.h"
#include <string.h>

#include "tessera-referral.h"

typedef enum {
  DRAFT, SENT, RECEIVED, UNDER_REVIEW, INFO_NEEDED, ACCEPTED, WAITLISTED, SCHEDULED, IN_PROGRESS, DECLINED,
  COMPLETED, FAILED, WITHDRAWN, EXPIRED, VOID, N_STATUSES,
} Status;

/* In the order above; also the order of precedence when nothing else tells two outcomes apart. */
static const char *const names[N_STATUSES] = {
  "draft", "sent", "received", "under_review", "info_needed", "accepted", "waitlisted", "scheduled", "in_progress",
  "declined", "completed", "failed", "withdrawn", "expired", "void",
};

#define B(status) (1u << (status))

/* Steps of the sender: ours to send, call back, let expire, and to close the loop when the client told us. */
static const guint32 sender_steps[N_STATUSES] = {
  [DRAFT] = B (SENT) | B (VOID),
  [SENT] = B (RECEIVED) | B (WITHDRAWN) | B (EXPIRED),
  [RECEIVED] = B (WITHDRAWN) | B (EXPIRED),
  [UNDER_REVIEW] = B (WITHDRAWN) | B (EXPIRED),
  [INFO_NEEDED] = B (SENT) | B (WITHDRAWN) | B (EXPIRED),
  [ACCEPTED] = B (COMPLETED) | B (FAILED) | B (WITHDRAWN),
  [WAITLISTED] = B (WITHDRAWN),
  [SCHEDULED] = B (COMPLETED) | B (FAILED) | B (WITHDRAWN),
  [IN_PROGRESS] = B (COMPLETED) | B (FAILED) | B (WITHDRAWN),
  [EXPIRED] = B (SENT),
};

static const guint32 receiver_steps[N_STATUSES] = {
  [SENT] = B (RECEIVED) | B (UNDER_REVIEW) | B (ACCEPTED) | B (DECLINED) | B (INFO_NEEDED),
  [RECEIVED] = B (UNDER_REVIEW) | B (ACCEPTED) | B (DECLINED) | B (INFO_NEEDED),
  [UNDER_REVIEW] = B (ACCEPTED) | B (DECLINED) | B (INFO_NEEDED),
  [ACCEPTED] = B (WAITLISTED) | B (SCHEDULED) | B (IN_PROGRESS) | B (COMPLETED) | B (FAILED),
  [WAITLISTED] = B (SCHEDULED) | B (DECLINED),
  [SCHEDULED] = B (IN_PROGRESS) | B (COMPLETED) | B (FAILED),
  [IN_PROGRESS] = B (COMPLETED) | B (FAILED),
};

/* Both sides may write down the same thing; the second time says nothing new. */
static const guint32 said_twice = B (RECEIVED) | B (COMPLETED) | B (FAILED);

static const guint32 final_statuses = B (DECLINED) | B (COMPLETED) | B (FAILED) | B (WITHDRAWN) | B (EXPIRED) | B (VOID);
static const guint32 waiting_statuses = B (SENT) | B (RECEIVED) | B (UNDER_REVIEW);

static int
find_status (const char *name) {
  for (int i = 0; name && i < N_STATUSES; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

static guint32
get_steps (int from, gboolean is_sender) {
  return from < 0 ? 0 : is_sender ? sender_steps[from] : receiver_steps[from];
}

gboolean
tessera_referral_is_legal (const char *from, const char *kind, const char *side) {
  int to = find_status (kind);
  gboolean is_sender = g_strcmp0 (side, "sender") == 0;

  if (to < 0 || (!is_sender && g_strcmp0 (side, "receiver") != 0))
    return FALSE;
  return (get_steps (find_status (from), is_sender) & B (to)) != 0;
}

const char **
tessera_referral_list_next (const char *from, const char *side) {
  g_autoptr (GPtrArray) next = g_ptr_array_new ();

  for (int i = 0; i < N_STATUSES; i++)
    if (tessera_referral_is_legal (from, names[i], side))
      g_ptr_array_add (next, (gpointer) names[i]);
  g_ptr_array_add (next, NULL);
  return (const char **) g_ptr_array_steal (next, NULL);
}

static gboolean
is_among (const char *status, guint32 statuses) {
  int index = find_status (status);

  return index >= 0 && (statuses & B (index));
}

gboolean
tessera_referral_is_final (const char *status) {
  return is_among (status, final_statuses);
}

gboolean
tessera_referral_is_waiting (const char *status) {
  return is_among (status, waiting_statuses);
}

/* Skipping an expiry is almost free: it is the clock's guess, and an answer that came after all beats it. */
#define SKIP_COST 1000
#define SKIP_EXPIRED_COST 1
#define NEVER G_MAXINT

typedef struct {
  int kind;
  gint64 at;
  const char *code;
} Step;

/* The cheapest way to stand in one status after some events of each side, and the event that led there. */
typedef struct {
  int cost;
  const Step *step;
} Place;

static int
compare_events (gconstpointer a, gconstpointer b) {
  TesseraRecord *first = *(TesseraRecord *const *) a;
  TesseraRecord *second = *(TesseraRecord *const *) b;
  gint64 number = tessera_record_get_integer (first, "number")
                  - tessera_record_get_integer (second, "number");
  gint64 at = tessera_record_get_integer (first, "at") - tessera_record_get_integer (second, "at");

  if (number != 0)
    return number < 0 ? -1 : 1;
  if (at != 0)
    return at < 0 ? -1 : 1;
  return strcmp (tessera_record_get_id (first), tessera_record_get_id (second));
}

/* One side's events in its own order; codes of a newer Tessera are no steps to us. */
static GArray *
take_side (GPtrArray *events, const char *side) {
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  const char *last_id = NULL;

  for (guint i = 0; i < events->len; i++)
    if (g_strcmp0 (tessera_record_get (g_ptr_array_index (events, i), "side"), side) == 0)
      g_ptr_array_add (sorted, g_ptr_array_index (events, i));
  g_ptr_array_sort (sorted, compare_events);
  for (guint i = 0; i < sorted->len && steps->len < TESSERA_REFERRAL_EVENT_LIMIT; i++) {
    TesseraRecord *event = g_ptr_array_index (sorted, i);
    Step step = { find_status (tessera_record_get (event, "kind")), tessera_record_get_integer (event, "at"),
                  tessera_record_get (event, "code") };

    if (step.kind >= 0 && g_strcmp0 (last_id, tessera_record_get_id (event)) != 0)
      g_array_append_val (steps, step);
    last_id = tessera_record_get_id (event);
  }
  return steps;
}

static gboolean
is_better (const Place *place, int cost, const Step *step) {
  if (cost != place->cost)
    return cost < place->cost;
  return step && (!place->step || step->at > place->step->at);
}

static void
reach (Place *places, int status, int cost, const Step *step) {
  if (is_better (&places[status], cost, step)) {
    places[status].cost = cost;
    places[status].step = step;
  }
}

/* Takes one more event of a side from every place in @from to the places in @to. */
static void
advance (const Place *from, Place *to, const Step *step, gboolean is_sender) {
  for (int status = 0; status < N_STATUSES; status++) {
    const Place *place = &from[status];

    if (place->cost == NEVER)
      continue;
    if (get_steps (status, is_sender) & B (step->kind))
      reach (to, step->kind, place->cost, step);
    else if (status == step->kind && (said_twice & B (status)))
      reach (to, status, place->cost, place->step);
    reach (to, status, place->cost + (step->kind == EXPIRED ? SKIP_EXPIRED_COST : SKIP_COST), place->step);
  }
}

static void
clear_places (Place *places) {
  for (int i = 0; i < N_STATUSES; i++)
    places[i] = (Place) { NEVER, NULL };
}

static int
choose (const Place *places) {
  int best = DRAFT;

  for (int i = 1; i < N_STATUSES; i++) {
    const Place *place = &places[i];
    gint64 at = place->step ? place->step->at : G_MININT64;
    gint64 best_at = places[best].step ? places[best].step->at : G_MININT64;

    if (place->cost < places[best].cost
        || (place->cost == places[best].cost && place->cost != NEVER && at >= best_at))
      best = i;
  }
  return best;
}

/* All interleavings at once: @row holds the places after i events of the sender and j of the receiver. */
static void
walk (GArray *sender, GArray *receiver, Place ret_places[N_STATUSES]) {
  guint width = receiver->len + 1;
  g_autofree Place *before = g_new (Place, width * N_STATUSES);
  g_autofree Place *row = g_new (Place, width * N_STATUSES);

  for (guint i = 0; i <= sender->len; i++) {
    Place *swap = before;

    before = row;
    row = swap;
    for (guint j = 0; j < width; j++) {
      Place *places = row + j * N_STATUSES;

      clear_places (places);
      if (i == 0 && j == 0)
        places[DRAFT].cost = 0;
      if (i > 0)
        advance (before + j * N_STATUSES, places, &g_array_index (sender, Step, i - 1), TRUE);
      if (j > 0)
        advance (places - N_STATUSES, places, &g_array_index (receiver, Step, j - 1), FALSE);
    }
  }
  memcpy (ret_places, row + (width - 1) * N_STATUSES, sizeof (Place) * N_STATUSES);
}

/* The last step of that kind, or NULL. */
static const Step *
find_step (GArray *steps, int kind) {
  for (guint i = steps->len; i > 0; i--)
    if (g_array_index (steps, Step, i - 1).kind == kind)
      return &g_array_index (steps, Step, i - 1);
  return NULL;
}

TesseraReferralState
tessera_referral_derive (GPtrArray *events) {
  g_autoptr (GArray) sender = take_side (events, "sender");
  g_autoptr (GArray) receiver = take_side (events, "receiver");
  Place places[N_STATUSES];
  TesseraReferralState state = { .status = "draft" };
  const Step *withdrawn = find_step (sender, WITHDRAWN);
  const Step *step;
  int status;

  walk (sender, receiver, places);
  status = choose (places);
  step = places[status].step;
  state.collision = places[status].cost >= SKIP_COST;
  /* What the client took back stays taken back, whatever the other side did in the meantime. */
  if (withdrawn) {
    status = WITHDRAWN;
    step = withdrawn;
    state.collision = FALSE;
  }
  state.status = names[status];
  state.code = step ? step->code : NULL;
  state.at = step ? step->at : 0;
  return state;
}

/* Which steps need or take a reason code, and which codes. */
static const char *const declined_codes[] = {
  "full", "waiting_list_closed", "outside_area", "not_for_this_group", "missing_document", "service_ended",
  "language_not_covered", "wrong_service", "cannot_reach_client", "already_served", "client_declined", "client_moved",
  "client_got_help_elsewhere", "in_work_or_training", "no_transport", "no_childcare", "afraid_or_no_trust", "no_show",
  "other", NULL,
};

static const char *const failed_codes[] = {
  "no_contact", "appointment_missed", "no_show", "service_not_given", "refused_at_door", "cost", "client_declined",
  "client_moved", "no_transport", "no_childcare", "afraid_or_no_trust", "other", NULL,
};

static const char *const completed_codes[] = {
  "need_met", "partly_met", "not_met_referred_on", "advice_only", "unknown", NULL,
};

static const char *const withdrawn_codes[] = {
  "consent_withdrawn", "client_declined", "client_moved", "client_got_help_elsewhere", "in_work_or_training",
  "wrong_service", "other", NULL,
};

static const char *const void_codes[] = { "wrong_service", "consent_withdrawn", "other", NULL };

static const char *const no_codes[] = { NULL };

const char **
tessera_referral_list_codes (const char *kind) {
  const char *const *codes = no_codes;

  switch (find_status (kind)) {
  case DECLINED: codes = declined_codes; break;
  case FAILED: codes = failed_codes; break;
  case COMPLETED: codes = completed_codes; break;
  case WITHDRAWN: codes = withdrawn_codes; break;
  case VOID: codes = void_codes; break;
  default: break;
  }
  return g_memdup2 (codes, (g_strv_length ((char **) codes) + 1) * sizeof (char *));
}
