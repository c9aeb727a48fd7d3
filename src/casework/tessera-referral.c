/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral.c: making referrals and taking our steps.
 *
 * What comes from the other side is in tessera-referral-receive.c; the rules themselves in
 * tessera-referral-life.c.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-consent.h"
#include "tessera-intake.h"
#include "tessera-referral.h"

const char *
tessera_referral_get_side (TesseraRecord *referral) {
  return g_strcmp0 (tessera_record_get (referral, "direction"), "in") == 0 ? "receiver" : "sender";
}

char *
tessera_referral_get_due (const char *priority, gint64 from) {
  int days = 14;

  if (g_strcmp0 (priority, "emergency") == 0)
    days = 1;
  else if (g_strcmp0 (priority, "urgent") == 0)
    days = 3;
  return tessera_casework_date (from, days);
}

static TesseraRecord *
find_consent (TesseraTransaction *transaction, TesseraRecord *referral, const char *const *groups,
              GError **error) {
  const char *id = tessera_record_get (referral, "consent");
  TesseraRecord *consent;
  g_autoptr (GError) local_error = NULL;

  if (id)
    return tessera_casework_load (transaction, "consent", id, error);
  consent = tessera_consent_find_valid (transaction, tessera_record_get (referral, "client"),
                                        tessera_record_get (referral, "partner"), groups, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (!consent)
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                         _("The client has not agreed to share this with that partner; ask for consent first."));
  return consent;
}

static gboolean
check_consent_fits (TesseraTransaction *transaction, TesseraRecord *referral, TesseraRecord *consent,
                    GError **error) {
  g_autoptr (GPtrArray) ids = tessera_intake_list_ids (transaction, tessera_record_get (referral, "client"),
                                                       error);
  const char *subject = tessera_record_get (consent, "client");

  if (!ids || !tessera_consent_check (consent, tessera_transaction_get_now (transaction), error))
    return FALSE;
  if (!subject || !g_ptr_array_find_with_equal_func (ids, subject, g_str_equal, NULL)
      || g_strcmp0 (tessera_record_get (consent, "partner"), tessera_record_get (referral, "partner")) != 0) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                         _("This consent is for another client or another partner; choose the one that fits."));
    return FALSE;
  }
  return TRUE;
}

static gboolean
is_left_out (TesseraRecord *referral, const char *group) {
  return g_strcmp0 (tessera_record_get (referral, "kind"), "ask-opinion") == 0
         && (strcmp (group, "identity") == 0 || strcmp (group, "contact") == 0);
}

/* Everything agreed, unless less was asked for; an opinion is asked without a name. */
static void
default_groups (TesseraRecord *referral, TesseraRecord *consent) {
  g_auto (GStrv) groups = tessera_record_get_set (consent, "groups");
  g_autoptr (GString) chosen = g_string_new (NULL);

  for (guint i = 0; groups[i]; i++)
    if (!is_left_out (referral, groups[i]))
      g_string_append_printf (chosen, "%s%s", chosen->len ? "," : "", groups[i]);
  tessera_record_set (referral, "groups", chosen->str);
}

static gboolean
check_groups (TesseraRecord *referral, TesseraRecord *consent, GError **error) {
  g_auto (GStrv) groups = tessera_record_get_set (referral, "groups");

  for (guint i = 0; groups[i]; i++) {
    if (is_left_out (referral, groups[i])) {
      g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                   _("An opinion is asked without a name; take “%s” out of what is shared."), groups[i]);
      return FALSE;
    }
    if (!tessera_record_set_contains (consent, "groups", groups[i])) {
      g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                   _("The client has not agreed to share “%s”; leave it out or ask them."), groups[i]);
      return FALSE;
    }
  }
  return TRUE;
}

static void
fill_referral (TesseraTransaction *transaction, TesseraRecord *referral) {
  const char *service = tessera_record_get (referral, "service");

  tessera_record_set (referral, "direction", "out");
  tessera_record_set (referral, "status", "draft");
  tessera_casework_set_if_empty (referral, "kind", "refer");
  tessera_casework_set_if_empty (referral, "priority", "routine");
  tessera_casework_set_if_empty (referral, "worker", tessera_transaction_get_worker (transaction));
  tessera_record_set_integer (referral, "created_at", tessera_transaction_get_now (transaction));
  tessera_record_set_integer (referral, "status_at", tessera_transaction_get_now (transaction));
  if (service && !tessera_record_get (referral, "service_name")) {
    g_autoptr (TesseraRecord) found = tessera_transaction_find (transaction, "service", service);

    if (found)
      tessera_record_set (referral, "service_name", tessera_record_get (found, "name"));
  }
}

gboolean
tessera_referral_create (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, referral, error);
  g_autoptr (TesseraRecord) partner = NULL;
  g_autoptr (TesseraRecord) consent = NULL;
  g_auto (GStrv) groups = tessera_record_get_set (referral, "groups");

  if (!client)
    return FALSE;
  partner = tessera_casework_load (transaction, "partner", tessera_record_get (referral, "partner"), error);
  if (!partner)
    return FALSE;
  fill_referral (transaction, referral);
  consent = find_consent (transaction, referral, (const char *const *) groups, error);
  if (!consent || !check_consent_fits (transaction, referral, consent, error))
    return FALSE;
  tessera_record_set (referral, "consent", tessera_record_get_id (consent));
  if (!groups[0])
    default_groups (referral, consent);
  return check_groups (referral, consent, error) && tessera_transaction_save (transaction, referral, error);
}

GPtrArray *
tessera_referral_list_events (TesseraTransaction *transaction, const char *referral, const char *side,
                              GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  statement = tessera_transaction_select (transaction, "referral_event",
                                          side ? "WHERE referral = ?1 AND side = ?2 ORDER BY number, id"
                                               : "WHERE referral = ?1 ORDER BY side DESC, number, id", error);
  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, referral);
  if (side)
    tessera_statement_bind_text (statement, 2, side);
  return tessera_statement_collect (statement, error);
}

/* "Since" stands on the other side's clock, and what waits too long is found by it: a clock that is years off may
 * neither hide a referral from us nor let it run out at once. */
static gint64
get_since (TesseraTransaction *transaction, TesseraRecord *referral, gint64 at) {
  gint64 now = tessera_transaction_get_now (transaction);
  gint64 created = tessera_record_get_integer (referral, "created_at");

  return MIN (MAX (at, created), now);
}

static gboolean
store_state (TesseraTransaction *transaction, TesseraRecord *referral, GPtrArray *events, GError **error) {
  TesseraReferralState state = tessera_referral_derive (events);

  tessera_record_set (referral, "status", state.status);
  tessera_record_set (referral, "code", state.code);
  if (state.at)
    tessera_record_set_integer (referral, "status_at", get_since (transaction, referral, state.at));
  return tessera_transaction_save (transaction, referral, error);
}

gboolean
tessera_referral_update (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) referral = tessera_casework_load (transaction, "referral", id, error);
  g_autoptr (GPtrArray) events = NULL;

  if (!referral)
    return FALSE;
  events = tessera_referral_list_events (transaction, id, NULL, error);
  return events && store_state (transaction, referral, events, error);
}

static gboolean
check_legal (const char *status, const char *kind, const char *side, GError **error) {
  g_autofree const char **next = NULL;
  g_autofree char *possible = NULL;

  if (tessera_referral_is_legal (status, kind, side))
    return TRUE;
  next = tessera_referral_list_next (status, side);
  possible = g_strjoinv (", ", (char **) next);
  if (*possible)
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP,
                 _("This referral is in state “%s” and cannot become “%s” now; possible is: %s."), status,
                 kind, possible);
  else
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP,
                 _("This referral is in state “%s”, which we cannot change; make a new referral if needed."),
                 status);
  return FALSE;
}

static gboolean
needs_code (const char *kind) {
  return strcmp (kind, "declined") == 0 || strcmp (kind, "failed") == 0;
}

static gboolean
check_code (const char *kind, const char *code, GError **error) {
  g_autofree const char **codes = tessera_referral_list_codes (kind);
  g_autofree char *list = g_strjoinv (", ", (char **) codes);

  if (!code && !needs_code (kind))
    return TRUE;
  if (code && g_strv_contains (codes, code))
    return TRUE;
  if (!codes[0])
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("The answer “%s” takes no reason code; leave “%s” out."), kind, code);
  else
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                 _("The answer “%s” needs a reason; use one of: %s."), kind, list);
  return FALSE;
}

static gint64
count_side (GPtrArray *events, const char *side) {
  gint64 last = 0;

  for (guint i = 0; i < events->len; i++) {
    TesseraRecord *event = g_ptr_array_index (events, i);

    if (g_strcmp0 (tessera_record_get (event, "side"), side) == 0)
      last = MAX (last, tessera_record_get_integer (event, "number"));
  }
  return last;
}

static TesseraRecord *
make_event (TesseraTransaction *transaction, TesseraRecord *referral, const TesseraReferralStep *step,
            gint64 number, GError **error) {
  g_autoptr (TesseraRecord) event = tessera_transaction_new_record (transaction, "referral_event");
  const char *code = step->code;

  if (!code && strcmp (step->kind, "completed") == 0)
    code = "unknown";
  tessera_record_set (event, "referral", tessera_record_get_id (referral));
  tessera_record_set (event, "client", tessera_record_get (referral, "client"));
  tessera_record_set (event, "side", tessera_referral_get_side (referral));
  tessera_record_set_integer (event, "number", number);
  tessera_record_set (event, "kind", step->kind);
  tessera_record_set (event, "code", code);
  tessera_record_set_boolean (event, "may_tell_client", step->may_tell_client);
  tessera_record_set_integer (event, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (event, "worker", tessera_transaction_get_worker (transaction));
  tessera_record_set (event, "bundle", step->bundle);
  if ((step->text && !tessera_record_parse (event, "text", step->text, error))
      || (step->on_date && !tessera_record_parse (event, "on_date", step->on_date, error)))
    return NULL;
  return g_steal_pointer (&event);
}

/* Whatever is sent, also an answer to a question, is sent under a consent that still holds; and the clock
 * starts. */
static gboolean
prepare_sending (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  const char *id = tessera_record_get (referral, "consent");
  g_autoptr (TesseraRecord) consent = NULL;
  g_autofree char *due = NULL;

  if (!id) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                         _("This referral has no consent; ask the client before sending it."));
    return FALSE;
  }
  consent = tessera_casework_load (transaction, "consent", id, error);
  if (!consent || !check_consent_fits (transaction, referral, consent, error)
      || !check_groups (referral, consent, error))
    return FALSE;
  due = tessera_referral_get_due (tessera_record_get (referral, "priority"),
                                  tessera_transaction_get_now (transaction));
  tessera_record_set (referral, "due_on", due);
  return TRUE;
}

/* A message to the other side goes under the consent as the first letter did; a bare step may always be told. */
static gboolean
check_text (TesseraTransaction *transaction, TesseraRecord *referral, const TesseraReferralStep *step,
            GError **error) {
  const char *id = tessera_record_get (referral, "consent");
  g_autoptr (TesseraRecord) consent = NULL;

  if (!step->text || !*step->text || !id || strcmp (tessera_referral_get_side (referral), "sender") != 0
      || strcmp (step->kind, "void") == 0)
    return TRUE;
  consent = tessera_casework_load (transaction, "consent", id, error);
  return consent && tessera_consent_check (consent, tessera_transaction_get_now (transaction), error);
}

TesseraRecord *
tessera_referral_append (TesseraTransaction *transaction, const char *id, const TesseraReferralStep *step,
                         GError **error) {
  g_autoptr (TesseraRecord) referral = tessera_casework_load (transaction, "referral", id, error);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (TesseraRecord) event = NULL;
  const char *side;
  gint64 number;

  if (!referral || !tessera_casework_check_code ("referral_status", step->kind, error))
    return NULL;
  events = tessera_referral_list_events (transaction, id, NULL, error);
  if (!events)
    return NULL;
  side = tessera_referral_get_side (referral);
  number = count_side (events, side) + 1;
  if (!check_legal (tessera_referral_derive (events).status, step->kind, side, error)
      || !check_code (step->kind, step->code, error)
      || !check_text (transaction, referral, step, error))
    return NULL;
  if (number > TESSERA_REFERRAL_EVENT_LIMIT) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("This referral has gone back and forth too often; make a new one."));
    return NULL;
  }
  if (strcmp (step->kind, "sent") == 0 && !prepare_sending (transaction, referral, error))
    return NULL;
  event = make_event (transaction, referral, step, number, error);
  if (!event || !tessera_transaction_save (transaction, event, error))
    return NULL;
  g_ptr_array_add (events, g_object_ref (event));
  return store_state (transaction, referral, events, error) ? g_steal_pointer (&event) : NULL;
}

TesseraRecord *
tessera_referral_send (TesseraTransaction *transaction, const char *referral, const char *bundle,
                       GError **error) {
  TesseraReferralStep step = { .kind = "sent", .bundle = bundle, .may_tell_client = TRUE };

  return tessera_referral_append (transaction, referral, &step, error);
}

static const struct {
  const char *answer;
  const char *kind;
} answers[] = {
  { "send", "sent" }, { "receive", "received" }, { "review", "under_review" }, { "info", "info_needed" },
  { "ask", "info_needed" }, { "accept", "accepted" }, { "waitlist", "waitlisted" },
  { "schedule", "scheduled" },
  { "start", "in_progress" }, { "decline", "declined" }, { "complete", "completed" }, { "fail", "failed" },
  { "withdraw", "withdrawn" },
};

/* The words people use come first; the codes of events serve scripts. */
static const char *
find_kind (const char *answer, GError **error) {
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    if (g_strcmp0 (answers[i].answer, answer) == 0)
      return answers[i].kind;
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", answers[i].answer);
  }
  if (answer != NULL && tessera_vocabulary_has (tessera_vocabulary_find ("referral_status"), answer))
    return answer;
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
               _("“%s” is not one of the choices here; use one of: %s."), answer ? answer : "", known->str);
  return NULL;
}

TesseraRecord *
tessera_referral_answer (TesseraTransaction *transaction, const char *referral, const char *answer,
                         const char *code, const char *text, const char *on_date, gboolean may_tell_client,
                         GError **error) {
  TesseraReferralStep step = { .kind = find_kind (answer, error), .code = code, .text = text,
                               .on_date = on_date, .may_tell_client = may_tell_client };

  return step.kind != NULL ? tessera_referral_append (transaction, referral, &step, error) : NULL;
}

gboolean
tessera_referral_expire_due (TesseraTransaction *transaction, guint *ret_count, GError **error) {
  gint64 limit = tessera_transaction_get_now (transaction) - TESSERA_REFERRAL_EXPIRE_DAYS * TESSERA_DAY_MSEC;
  g_autoptr (TesseraStatement) statement = NULL;
  g_autoptr (GPtrArray) referrals = NULL;
  TesseraReferralStep step = { .kind = "expired", .may_tell_client = TRUE };

  statement = tessera_transaction_select (transaction, "referral",
                                          "WHERE status IN ('sent', 'received', 'under_review')"
                                          " AND direction = 'out' AND status_at < ?1 ORDER BY id", error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, limit);
  referrals = tessera_statement_collect (statement, error);
  if (!referrals)
    return FALSE;
  for (guint i = 0; i < referrals->len; i++) {
    g_autoptr (TesseraRecord) event = NULL;

    event = tessera_referral_append (transaction, tessera_record_get_id (g_ptr_array_index (referrals, i)),
                                     &step, error);
    if (!event)
      return FALSE;
  }
  if (ret_count)
    *ret_count = referrals->len;
  return TRUE;
}

static void
add_condition (GString *tail, const char *condition) {
  g_string_append_printf (tail, "%s %s", tail->len ? " AND" : "WHERE", condition);
}

/* Places: ?1 direction, ?2 partner, ?3 status, ?4 limit, ?5 and on the client's ids. */
static char *
build_list_tail (const TesseraReferralQuery *query, GPtrArray *ids) {
  GString *tail = g_string_new (NULL);

  if (query->direction)
    add_condition (tail, "direction = ?1");
  if (query->partner)
    add_condition (tail, "partner = ?2");
  if (query->status)
    add_condition (tail, "status = ?3");
  if (query->waiting)
    add_condition (tail, "status IN ('sent', 'received', 'under_review')");
  if (ids) {
    add_condition (tail, "client IN (");
    for (guint i = 0; i < ids->len; i++)
      g_string_append_printf (tail, "%s?%u", i ? "," : "", i + 5);
    g_string_append_c (tail, ')');
  }
  g_string_append (tail, " ORDER BY created_at DESC, id DESC LIMIT ?4");
  return g_string_free (tail, FALSE);
}

GPtrArray *
tessera_referral_list (TesseraTransaction *transaction, const TesseraReferralQuery *query, guint limit,
                       GError **error) {
  g_autoptr (GPtrArray) ids = NULL;
  g_autofree char *tail = NULL;
  g_autoptr (TesseraStatement) statement = NULL;

  if (query->client) {
    ids = tessera_intake_list_ids (transaction, query->client, error);
    if (!ids)
      return NULL;
  }
  tail = build_list_tail (query, ids);
  statement = tessera_transaction_select (transaction, "referral", tail, error);
  if (!statement)
    return NULL;
  if (query->direction)
    tessera_statement_bind_text (statement, 1, query->direction);
  if (query->partner)
    tessera_statement_bind_id (statement, 2, query->partner);
  if (query->status)
    tessera_statement_bind_text (statement, 3, query->status);
  tessera_statement_bind_integer (statement, 4, limit ? (gint64) limit : -1);
  for (guint i = 0; ids && i < ids->len; i++)
    tessera_statement_bind_id (statement, (int) i + 5, g_ptr_array_index (ids, i));
  return tessera_statement_collect (statement, error);
}
