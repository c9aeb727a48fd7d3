/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-work.c: what the inbox reads and writes; see the header.
 */
#include "config.h"
#include "tessera-inbox-work.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "tessera-colleagues.h"
#include "tessera-disagreement.h"
#include "tessera-identity.h"
#include "tessera-partners.h"
#include "tessera-post.h"

#define LIMIT G_STRINGIFY (TESSERA_INBOX_LIMIT)
#define REFUSED_SEEN "inbox.refused-seen"
/* Changes of colleagues are news for a week. */
#define NEWS_MSEC (G_GINT64_CONSTANT (7) * 24 * 60 * 60 * 1000)

TesseraInboxFacts *
tessera_inbox_facts_new (void) {
  return g_new0 (TesseraInboxFacts, 1);
}

void
tessera_inbox_facts_free (gpointer data) {
  TesseraInboxFacts *self = data;

  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->answered, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->conflicts, g_ptr_array_unref);
  g_clear_pointer (&self->settled, g_ptr_array_unref);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  g_clear_pointer (&self->parked, g_ptr_array_unref);
  g_clear_pointer (&self->set_aside, g_ptr_array_unref);
  g_clear_pointer (&self->unknown, g_ptr_array_unref);
  g_clear_pointer (&self->refused, g_ptr_array_unref);
  g_clear_pointer (&self->colleagues, g_hash_table_unref);
  g_clear_pointer (&self->partners, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self->fingerprint);
  g_free (self);
}

static gboolean
load_referrals (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->asked = tessera_transaction_select_records (
    transaction, "referral",
    "WHERE direction = 'in' AND (status IN ('sent', 'received', 'under_review', 'info_needed')"
    " OR erasure_asked_at IS NOT NULL) "
    "ORDER BY CASE priority WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END, status_at DESC "
    "LIMIT " LIMIT,
    NULL, error);
  if (self->asked == NULL)
    return FALSE;
  self->answered
    = tessera_transaction_select_records (transaction, "referral",
                                          "WHERE direction = 'out' AND status NOT IN ('draft', 'sent', "
                                          "'received', 'under_review', 'withdrawn', 'void') "
                                          "ORDER BY status_at DESC LIMIT " LIMIT,
                                          NULL, error);
  if (self->answered == NULL)
    return FALSE;
  self->waiting = tessera_transaction_select_records (
    transaction, "referral",
    "WHERE direction = 'out' AND status IN ('draft', 'sent', 'received', 'under_review') "
    "ORDER BY due_on, created_at LIMIT " LIMIT,
    NULL, error);
  return self->waiting != NULL;
}

static gboolean
load_partners (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->partners = tessera_transaction_select_records (transaction, "partner",
                                                       "ORDER BY revoked_at IS NOT NULL, name", NULL, error);
  if (self->partners == NULL)
    return FALSE;
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < self->partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (self->partners, i);

    g_hash_table_insert (self->names, g_strdup (tessera_record_get_id (partner)),
                         g_strdup (tessera_record_get (partner, "name")));
  }
  return TRUE;
}

/* ---- bundles that came ---- */

static void
line_free (gpointer data) {
  TesseraInboxLine *self = data;

  g_free (self->sender);
  g_free (self->reason);
  g_free (self);
}

/* @sql gives sender, reason, number of bundles, of changes, and time; ?1 is @since. */
static GPtrArray *
load_lines (TesseraTransaction *transaction, const char *sql, gint64 since, GError **error) {
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);
  GError *local_error = NULL;

  if (statement == NULL)
    return NULL;
  tessera_statement_bind_integer (statement, 1, since);
  while (tessera_statement_step (statement, &local_error)) {
    TesseraInboxLine *line = g_new0 (TesseraInboxLine, 1);

    line->sender = g_strdup (tessera_statement_get_text (statement, 0));
    line->reason = g_strdup (tessera_statement_get_text (statement, 1));
    line->n_bundles = (guint) tessera_statement_get_integer (statement, 2);
    line->n_changes = tessera_statement_get_integer (statement, 3);
    line->at = tessera_statement_get_integer (statement, 4);
    g_ptr_array_add (lines, line);
  }
  if (local_error == NULL)
    return g_steal_pointer (&lines);
  g_propagate_error (error, local_error);
  return NULL;
}

#define CHANGES                                                                                                        \
  "SELECT sender, NULL, count(*), sum(number), max(\"at\") FROM bundle WHERE direction = 'in' AND state = 'applied'"    \
  " AND flow IN ('team', 'snapshot') AND number > 0 AND \"at\" >= ?1"                                                  \
  " GROUP BY sender, date(\"at\" / 1000, 'unixepoch', 'localtime') ORDER BY max(\"at\") DESC LIMIT " LIMIT
/* Beside min() SQLite gives the columns of the row that has it. */
#define PARKED                                                                                                         \
  "SELECT sender, reason, count(*), 0, min(\"at\") FROM bundle WHERE direction = 'in' AND state = 'parked'"            \
  " AND \"at\" >= ?1 GROUP BY sender ORDER BY 5 LIMIT " LIMIT
#define REFUSED                                                                                                        \
  "SELECT sender, reason, count(*), 0, max(\"at\") FROM bundle WHERE direction = 'in' AND state = 'refused'"           \
  " AND \"at\" > ?1 GROUP BY sender, reason ORDER BY 5 DESC LIMIT " LIMIT

#define IN_STATE(state) "WHERE direction = 'in' AND state = '" state "' ORDER BY \"at\" DESC LIMIT " LIMIT

static gint64
get_refused_seen (TesseraTransaction *transaction) {
  g_autofree char *seen = tessera_transaction_get_setting (transaction, REFUSED_SEEN);

  return seen != NULL ? g_ascii_strtoll (seen, NULL, 10) : 0;
}

static gboolean
load_bundles (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->changes = load_lines (transaction, CHANGES, tessera_transaction_get_now (transaction) - NEWS_MSEC, error);
  if (self->changes == NULL)
    return FALSE;
  self->parked = load_lines (transaction, PARKED, 0, error);
  if (self->parked == NULL)
    return FALSE;
  self->refused = load_lines (transaction, REFUSED, get_refused_seen (transaction), error);
  if (self->refused == NULL)
    return FALSE;
  self->set_aside = tessera_transaction_select_records (transaction, "bundle", IN_STATE ("quarantined"), NULL, error);
  if (self->set_aside == NULL)
    return FALSE;
  self->unknown = tessera_transaction_select_records (transaction, "bundle", IN_STATE ("unknown_sender"), NULL, error);
  return self->unknown != NULL;
}

static gboolean
load_team (TesseraTransaction *transaction, TesseraInboxFacts *self, GError **error) {
  self->colleagues = tessera_colleagues_load (transaction, error);
  if (self->colleagues == NULL)
    return FALSE;
  self->conflicts = tessera_disagreement_list (transaction, NULL, TESSERA_INBOX_LIMIT, error);
  if (self->conflicts == NULL)
    return FALSE;
  self->settled = tessera_disagreement_list_settled (transaction, TESSERA_INBOX_LIMIT, error);
  return self->settled != NULL;
}

gboolean
tessera_inbox_facts_load (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxFacts *self = data;

  if (!load_referrals (transaction, self, error) || !load_partners (transaction, self, error)
      || !load_bundles (transaction, self, error) || !load_team (transaction, self, error))
    return FALSE;
  self->n_unsealed = MAX (0, tessera_post_count_waiting (transaction, NULL, NULL));
  self->fingerprint = tessera_identity_get_fingerprint (transaction, NULL);
  return TRUE;
}

static gboolean
has_row (TesseraTransaction *transaction, const char *sql, const char *name) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, NULL);

  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_step (statement, NULL);
}

gboolean
tessera_inbox_is_waiting (TesseraTransaction *transaction, const char *name) {
  return has_row (transaction,
                  "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'in'"
                  " AND state IN ('parked', 'quarantined', 'unknown_sender')",
                  name);
}

gboolean
tessera_inbox_is_on_the_way (TesseraTransaction *transaction, const char *name) {
  return has_row (transaction,
                  "SELECT 1 FROM bundle WHERE file_name = ?1 AND direction = 'out' AND state <> 'spooled'", name);
}

/* ---- a file that is taken in ---- */

/* What a referral is after its bundle came: one of ours that was answered, a new one to us, or news about one. */
typedef struct {
  const char *referral;
  gboolean is_answer;
  gboolean is_new;
} Letter;

static gboolean
look_at_letter (TesseraTransaction *transaction, gpointer data, GError **error) {
  Letter *letter = data;
  g_autoptr (TesseraRecord) referral = tessera_transaction_find (transaction, "referral", letter->referral);
  g_autoptr (TesseraStatement) statement
    = tessera_transaction_prepare (transaction, "SELECT count(*) FROM referral_event WHERE referral = ?1", error);

  if (referral == NULL || statement == NULL)
    return FALSE;
  tessera_statement_bind_id (statement, 1, letter->referral);
  letter->is_answer = g_strcmp0 (tessera_record_get (referral, "direction"), "out") == 0;
  letter->is_new = !letter->is_answer && tessera_statement_step (statement, error)
                   && tessera_statement_get_integer (statement, 0) <= 2;
  return TRUE;
}

static char *
describe_letter (TesseraStore *store, const TesseraArrival *arrival) {
  Letter letter = { .referral = arrival->referral };

  if (!tessera_store_read (store, look_at_letter, &letter, NULL))
    return g_strdup (_("Taken in."));
  return g_strdup (letter.is_new      ? _("A referral to us has arrived.")
                   : letter.is_answer ? _("An answer has arrived.")
                                      : _("Taken in."));
}

static char *
describe_changes (const TesseraArrival *arrival) {
  g_autofree char *conflicts = NULL;
  g_autofree char *changes = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u change of a colleague was taken in.", "%u changes of a colleague were taken in.",
                 (gulong) arrival->n_changes), (guint) arrival->n_changes);

  if (arrival->n_conflicts == 0)
    return g_steal_pointer (&changes);
  conflicts = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u field has two versions now.",
                                            "%u fields have two versions now.", (gulong) arrival->n_conflicts),
                               (guint) arrival->n_conflicts);
  return g_strconcat (changes, " ", conflicts, NULL);
}

static char *
describe_arrival (TesseraStore *store, const TesseraArrival *arrival) {
  if (arrival->state == TESSERA_ARRIVAL_KNOWN)
    return g_strdup (_("This bundle was taken in before; nothing changed."));
  if (arrival->state != TESSERA_ARRIVAL_APPLIED)
    return g_strdup (arrival->reason != NULL ? arrival->reason : _("Refused"));
  if (arrival->referral != NULL)
    return describe_letter (store, arrival);
  return arrival->n_changes > 0 ? describe_changes (arrival) : g_strdup (_("Taken in."));
}

/* What is kept lies there under the name that the row has; what has another name was copied. */
static gboolean
is_kept (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_inbox_is_waiting (transaction, data);
}

static void
tidy_inbox (TesseraStore *store, const char *path) {
  g_autofree char *inbox = g_build_filename (tessera_vault_get_folder (tessera_store_get_vault (store)), "inbox", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);

  if (g_strcmp0 (inbox, folder) == 0 && !tessera_store_read (store, is_kept, name, NULL))
    g_unlink (path);
}

gboolean
tessera_inbox_take_in (TesseraStore *store, const char *path, TesseraArrivalState *ret_state, char **ret_sentence,
                       GCancellable *cancellable, GError **error) {
  g_autoptr (TesseraArrival) arrival = tessera_exchange_take_in (store, path, NULL, NULL, cancellable, error);

  if (arrival == NULL)
    return FALSE;
  *ret_state = arrival->state;
  *ret_sentence = describe_arrival (store, arrival);
  tidy_inbox (store, path);
  return TRUE;
}

/* ---- cards ---- */

TesseraInboxCard *
tessera_inbox_card_new (GBytes *bytes) {
  TesseraInboxCard *self = g_new0 (TesseraInboxCard, 1);

  self->bytes = g_bytes_ref (bytes);
  return self;
}

void
tessera_inbox_card_free (gpointer data) {
  TesseraInboxCard *self = data;

  g_bytes_unref (self->bytes);
  g_clear_object (&self->partner);
  g_free (self);
}

gboolean
tessera_inbox_take_card (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraInboxCard *self = data;
  gsize length = 0;
  const char *text = g_bytes_get_data (self->bytes, &length);

  self->partner = tessera_partners_add (transaction, text != NULL ? text : "", length, error);
  return self->partner != NULL;
}

/* ---- what a person says about bundles ---- */

static gboolean
check_supervisor (TesseraTransaction *transaction, GError **error) {
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = id != NULL ? tessera_transaction_find (transaction, "worker", id) : NULL;

  if (worker != NULL && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_REFUSED,
                       _("Only a supervisor can drop what was set aside; ask one."));
  return FALSE;
}

gboolean
tessera_inbox_drop (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) bundle = NULL;

  if (!check_supervisor (transaction, error))
    return FALSE;
  bundle = tessera_transaction_load (transaction, "bundle", data, error);
  if (bundle == NULL)
    return FALSE;
  /* The row stays, so that the file is not fetched again. */
  tessera_record_set (bundle, "state", "refused");
  return tessera_transaction_save (transaction, bundle, error)
         && tessera_transaction_audit (transaction, "drop", "bundle", data, tessera_record_get (bundle, "manifest_id"),
                                       error);
}

gboolean
tessera_inbox_forget_refused (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, tessera_transaction_get_now (transaction));

  return tessera_transaction_set_setting (transaction, REFUSED_SEEN, now, error);
}

gboolean
tessera_inbox_make_card (TesseraTransaction *transaction, gpointer data, GError **error) {
  char **ret_text = data;

  *ret_text = tessera_identity_make_card (transaction, error);
  return *ret_text != NULL;
}

/* As many letters as wait for one partner: one bundle speaks of one person only. */
static gboolean
seal_for (TesseraTransaction *transaction, const char *outbox, TesseraRecord *partner, GError **error) {
  const char *id = tessera_record_get_id (partner);
  gint64 waiting = tessera_post_count_waiting (transaction, id, error);

  for (; waiting > 0; waiting--) {
    g_autoptr (GError) local_error = NULL;
    g_autoptr (TesseraPostLetter) letter
      = tessera_post_deliver (transaction, outbox, id, NULL, NULL, &local_error);

    if (local_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (letter == NULL)
      break;
  }
  return waiting >= 0;
}

gboolean
tessera_inbox_seal_waiting (TesseraTransaction *transaction, gpointer data, GError **error) {
  const char *outbox = data;
  gint64 now = tessera_transaction_get_now (transaction);
  g_autoptr (GPtrArray) partners
    = tessera_transaction_select_records (transaction, "partner", "ORDER BY name", NULL, error);

  if (partners == NULL)
    return FALSE;
  for (guint i = 0; i < partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (partners, i);

    if (tessera_partners_check_sending (partner, now, NULL)
        && !seal_for (transaction, outbox, partner, error))
      return FALSE;
  }
  return TRUE;
}
