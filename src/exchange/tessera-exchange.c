/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange.c: a file that came in finds its way, and what became of it is written down.
 *
 * Authentic bundles that cannot be applied are kept in the inbox: parked ones until what they wait for is here, those that
 * break a rule until a supervisor decides. Of everything else only the sentence why is kept.
 */
#include "config.h"
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tessera-card.h"
#include "tessera-casework-error.h"
#include "tessera-erasing.h"
#include "tessera-joining.h"
#include "tessera-outbox.h"
#include "tessera-partners.h"
#include "tessera-post.h"
#include "tessera-team-in.h"

#define DAY G_GINT64_CONSTANT (86400000)
#define KEEP_DAYS 60
/* What a team is sent about a client who came to it is not acknowledged by itself. */
#define FILL_DAYS 14
/* A clock that is ahead by less is nobody's fault. */
#define CLOCK_TOLERANCE G_GINT64_CONSTANT (600000)

void
tessera_arrival_free (TesseraArrival *self) {
  if (!self)
    return;
  g_free (self->flow);
  g_free (self->sender);
  g_free (self->bundle);
  g_free (self->referral);
  g_free (self->reason);
  g_free (self);
}

static void
replace_text (char **place, const char *text) {
  g_free (*place);
  *place = g_strdup (text);
}

typedef struct {
  TesseraStore *store;
  const char *path;
  char *name;                  /* on a carrier */
  GBytes *bytes;               /* of a partner's bundle */
  GInputStream *source;
  TesseraTeamArrival team;
  gboolean is_team;
  TesseraArrival *arrival;
  GFileProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
} TakingIn;

static void
taking_in_clear (TakingIn *self) {
  g_free (self->name);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_object (&self->source);
  tessera_team_arrival_clear (&self->team);
  g_clear_pointer (&self->arrival, tessera_arrival_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TakingIn, taking_in_clear)

/* ---- the file ---- */

static char *
get_inbox (TesseraStore *store) {
  return g_build_filename (tessera_vault_get_folder (tessera_store_get_vault (store)), "inbox", NULL);
}

static gboolean
open_file (TakingIn *self, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  GError *cause = NULL;

  self->source = G_INPUT_STREAM (g_file_read (file, self->cancellable, &cause));
  if (self->source)
    self->name = tessera_bundle_name_of_stream (self->source, &cause);
  if (self->name && g_seekable_seek (G_SEEKABLE (self->source), 0, G_SEEK_SET, NULL, &cause))
    return TRUE;
  if (g_error_matches (cause, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE)) {
    g_propagate_error (error, cause);
    return FALSE;
  }
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
               _("The file “%s” cannot be read: %s. Copy it to this computer and try again."), self->path,
               cause->message);
  g_clear_error (&cause);
  return FALSE;
}

/* Where it stays while it waits; it may be there already. */
static gboolean
keep_file (TakingIn *self, GError **error) {
  g_autofree char *inbox = get_inbox (self->store);
  g_autofree char *kept = g_build_filename (inbox, self->name, NULL);
  g_autoptr (GOutputStream) output = NULL;

  if (g_file_test (kept, G_FILE_TEST_EXISTS))
    return TRUE;
  g_mkdir_with_parents (inbox, 0700);
  output = tessera_outbox_begin (inbox, error);
  return output && g_seekable_seek (G_SEEKABLE (self->source), 0, G_SEEK_SET, NULL, error)
         && g_output_stream_splice (output, self->source, G_OUTPUT_STREAM_SPLICE_NONE, self->cancellable, error) >= 0
         && tessera_outbox_commit (output, self->name, error);
}

static void
drop_file (TakingIn *self) {
  g_autofree char *inbox = get_inbox (self->store);
  g_autofree char *kept = g_build_filename (inbox, self->name, NULL);

  g_unlink (kept);
}

/* ---- the row ---- */

static TesseraRecord *
find_row (TesseraTransaction *transaction, const char *name) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "bundle", "WHERE file_name = ?1 AND direction = 'in' ORDER BY _rowid DESC LIMIT 1", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_record (statement) : NULL;
}

static const char *
state_to_text (TesseraArrivalState state) {
  static const char *const texts[] = { "applied", "applied", "parked", "quarantined", "unknown_sender", "refused" };

  return texts[state];
}

static gboolean
note_row (TesseraTransaction *transaction, gpointer data, GError **error) {
  TakingIn *self = data;
  TesseraArrival *arrival = self->arrival;
  g_autoptr (TesseraRecord) row = find_row (transaction, self->name);

  /* A partner's letter that was applied has its row. */
  if (arrival->state == TESSERA_ARRIVAL_KNOWN && row)
    return TRUE;
  if (!row)
    row = tessera_transaction_new_record (transaction, "bundle");
  tessera_record_set (row, "direction", "in");
  tessera_record_set (row, "file_name", self->name);
  if (arrival->flow)
    tessera_record_set (row, "flow", arrival->flow);
  if (arrival->bundle)
    tessera_record_set (row, "manifest_id", arrival->bundle);
  if (arrival->sender)
    tessera_record_set (row, "sender", arrival->sender);
  tessera_record_set (row, "state", state_to_text (arrival->state));
  tessera_record_set (row, "reason", arrival->reason);
  /* Of what was parked, some may have been applied before. */
  if (self->is_team)
    tessera_record_set_integer (row, "number", tessera_record_get_integer (row, "number") + arrival->n_changes);
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, row, error);
}

/* ---- what it is ---- */

static TesseraArrivalState
classify (const GError *error) {
  if (error->domain == TESSERA_MERGE_ERROR)
    return error->code == TESSERA_MERGE_ERROR_GAP || error->code == TESSERA_MERGE_ERROR_NEEDS
               || error->code == TESSERA_MERGE_ERROR_CLOCK
             ? TESSERA_ARRIVAL_PARKED : TESSERA_ARRIVAL_QUARANTINED;
  if (error->domain == TESSERA_ROSTER_ERROR)
    return error->code == TESSERA_ROSTER_ERROR_GAP || error->code == TESSERA_ROSTER_ERROR_MISSING
             ? TESSERA_ARRIVAL_PARKED : TESSERA_ARRIVAL_QUARANTINED;
  if (error->domain != TESSERA_BUNDLE_ERROR)
    return TESSERA_ARRIVAL_REFUSED;
  if (error->code == TESSERA_BUNDLE_ERROR_TOO_EARLY || error->code == TESSERA_BUNDLE_ERROR_TOO_NEW)
    return TESSERA_ARRIVAL_PARKED;
  if (error->code == TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER)
    return TESSERA_ARRIVAL_UNKNOWN_SENDER;
  return TESSERA_ARRIVAL_REFUSED;
}

/* The store or the disk: nothing is known about the bundle. */
static gboolean
is_failure (const GError *error) {
  return error->domain == TESSERA_VAULT_ERROR || error->domain == TESSERA_STORE_ERROR || error->domain == G_IO_ERROR
         || g_error_matches (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED);
}

static gboolean
go_on (gint64 n_lines, gpointer data, GError **error) {
  TakingIn *self = data;

  if (self->progress)
    self->progress (n_lines, -1, self->data);
  return tessera_store_should_go_on (self->store, self->cancellable, error);
}

static gboolean
load_bytes (TakingIn *self, GError **error) {
  g_autoptr (GMappedFile) file = g_mapped_file_new (self->path, FALSE, error);

  if (!file)
    return FALSE;
  self->bytes = g_mapped_file_get_bytes (file);
  return TRUE;
}

static gboolean
take_from_partner (TesseraTransaction *transaction, TakingIn *self, GError **error) {
  TesseraArrival *arrival = self->arrival;
  g_autoptr (TesseraPostArrival) post = NULL;

  replace_text (&arrival->flow, "referral");
  if (!load_bytes (self, error))
    return FALSE;
  post = tessera_post_take_in (transaction, self->bytes, error);
  if (!post)
    return FALSE;
  arrival->state = post->known ? TESSERA_ARRIVAL_KNOWN : TESSERA_ARRIVAL_APPLIED;
  arrival->n_changes = post->known ? 0 : 1;
  replace_text (&arrival->bundle, post->manifest);
  replace_text (&arrival->referral, post->referral);
  if (post->partner) {
    g_autoptr (TesseraRecord) partner = tessera_transaction_find (transaction, "partner", post->partner);

    replace_text (&arrival->sender, partner ? tessera_record_get (partner, "name") : NULL);
  }
  return TRUE;
}

static gboolean
rewind_source (TakingIn *self, GError **error) {
  return g_seekable_seek (G_SEEKABLE (self->source), 0, G_SEEK_SET, NULL, error);
}

static void
describe_team (TakingIn *self) {
  TesseraArrival *arrival = self->arrival;

  if (!self->team.manifest)
    return;
  replace_text (&arrival->flow, tessera_flow_to_text (self->team.flow));
  replace_text (&arrival->bundle, self->team.manifest);
  replace_text (&arrival->sender, self->team.sender);
}

static gboolean
take_from_colleague (TesseraTransaction *transaction, TakingIn *self, GError **error) {
  TesseraArrival *arrival = self->arrival;

  if (!tessera_team_take_in (transaction, self->source, go_on, self, &self->team, error))
    return FALSE;
  arrival->state = self->team.known ? TESSERA_ARRIVAL_KNOWN
                   : self->team.incomplete ? TESSERA_ARRIVAL_PARKED : TESSERA_ARRIVAL_APPLIED;
  arrival->n_changes = self->team.n_changes;
  arrival->n_conflicts = self->team.n_conflicts;
  describe_team (self);
  if (self->team.incomplete)
    replace_text (&arrival->reason, self->team.incomplete->message);
  return note_row (transaction, self, error);
}

static gboolean
take_in_transaction (TesseraTransaction *transaction, gpointer data, GError **error) {
  TakingIn *self = data;

  self->is_team = tessera_team_is_ours (transaction, self->source);
  if (!rewind_source (self, error))
    return FALSE;
  if (self->is_team)
    return take_from_colleague (transaction, self, error);
  return take_from_partner (transaction, self, error) && note_row (transaction, self, error);
}

static gboolean
take_in_once (TakingIn *self, GError **error) {
  GError *cause = NULL;

  if (tessera_store_write (self->store, take_in_transaction, self, &cause))
    return self->arrival->state != TESSERA_ARRIVAL_PARKED || keep_file (self, error);
  if (is_failure (cause)) {
    g_propagate_error (error, cause);
    return FALSE;
  }
  self->arrival->state = classify (cause);
  replace_text (&self->arrival->reason, cause->message);
  describe_team (self);
  g_clear_error (&cause);
  if (self->arrival->state != TESSERA_ARRIVAL_REFUSED && !keep_file (self, error))
    return FALSE;
  return tessera_store_write (self->store, note_row, self, error);
}

static TesseraArrival *
take_in_file (TesseraStore *store, const char *path, GFileProgressCallback progress, gpointer data,
              GCancellable *cancellable, GError **error) {
  g_auto (TakingIn) self = { .store = store, .path = path, .progress = progress, .data = data,
                             .cancellable = cancellable };
  GError *cause = NULL;

  self.arrival = g_new0 (TesseraArrival, 1);
  if (!open_file (&self, &cause)) {
    if (!g_error_matches (cause, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE)) {
      g_propagate_error (error, cause);
      return NULL;
    }
    self.arrival->state = TESSERA_ARRIVAL_REFUSED;
    self.arrival->reason = g_strdup (cause->message);
    g_clear_error (&cause);
    return g_steal_pointer (&self.arrival);
  }
  if (!take_in_once (&self, error))
    return NULL;
  if (self.arrival->state == TESSERA_ARRIVAL_APPLIED || self.arrival->state == TESSERA_ARRIVAL_KNOWN)
    drop_file (&self);
  return g_steal_pointer (&self.arrival);
}

/* ---- what waits ---- */

static gboolean
list_parked (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray *names = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT file_name FROM bundle WHERE direction = 'in' AND state IN ('parked', 'unknown_sender')"
                 " ORDER BY _rowid", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (names, g_strdup (tessera_statement_get_text (statement, 0)));
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
retry_round (TesseraStore *store, guint *applied, GError **error) {
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *inbox = get_inbox (store);

  if (!tessera_store_read (store, list_parked, names, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = names->pdata[i] ? g_build_filename (inbox, names->pdata[i], NULL) : NULL;
    g_autoptr (TesseraArrival) arrival = NULL;

    if (!path || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
      continue;
    arrival = take_in_file (store, path, NULL, NULL, NULL, error);
    if (!arrival)
      return FALSE;
    *applied += arrival->state == TESSERA_ARRIVAL_APPLIED || arrival->n_changes > 0;
  }
  return TRUE;
}

gboolean
tessera_exchange_retry_parked (TesseraStore *store, guint *ret_applied, GError **error) {
  guint total = 0, applied;

  do {
    applied = 0;
    if (!retry_round (store, &applied, error))
      return FALSE;
    total += applied;
  } while (applied > 0);
  if (ret_applied)
    *ret_applied = total;
  return TRUE;
}

TesseraArrival *
tessera_exchange_take_in (TesseraStore *store, const char *path, GFileProgressCallback progress, gpointer data,
                          GCancellable *cancellable, GError **error) {
  g_autoptr (TesseraArrival) arrival = take_in_file (store, path, progress, data, cancellable, error);

  if (!arrival)
    return NULL;
  if ((arrival->state == TESSERA_ARRIVAL_APPLIED || arrival->n_changes > 0)
      && !tessera_exchange_retry_parked (store, NULL, error))
    return NULL;
  /* What a colleague erased; where it fails now, it is done with the next bundle, backup or start. */
  if (arrival->n_changes > 0)
    tessera_exchange_finish_erasing (store, NULL, cancellable, NULL);
  return g_steal_pointer (&arrival);
}

/* ---- mailboxes ---- */

void
tessera_mailbox_free (TesseraMailbox *self) {
  if (!self)
    return;
  g_free (self->name);
  g_free (self->label);
  g_free (self);
}

static void
add_mailbox (GPtrArray *list, char *name, const char *label, gboolean reads, gboolean may_remove) {
  TesseraMailbox *mailbox = g_new0 (TesseraMailbox, 1);

  mailbox->name = name;
  mailbox->label = g_strdup (label);
  mailbox->reads = reads;
  mailbox->may_remove = may_remove;
  g_ptr_array_add (list, mailbox);
}

static void
add_circle (GPtrArray *list, const TesseraRosterCircle *circle, const char *device) {
  add_mailbox (list, g_strdup (circle->mailbox), circle->name, TRUE, FALSE);
  add_mailbox (list, tessera_team_device_mailbox (circle->mailbox, device), circle->name, TRUE, TRUE);
}

/* A device that is joining has no roster yet, but its invitation. */
static void
add_invited (TesseraTransaction *transaction, GPtrArray *list, const char *own) {
  g_autoptr (GPtrArray) circles = tessera_joining_list_circles (transaction);

  for (guint i = 0; circles && i < circles->len; i++)
    add_circle (list, circles->pdata[i], own);
}

static void
add_circles (TesseraTransaction *transaction, GPtrArray *list) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);
  g_autofree char *own = tessera_identity_get_device (transaction);
  const TesseraRosterDevice *device = roster ? tessera_roster_find_device (roster, own) : NULL;

  if (!roster)
    add_invited (transaction, list, own);
  for (guint i = 0; device && device->state == TESSERA_DEVICE_ACTIVE && i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];

    if (circle == tessera_team_get_audience (roster, device))
      add_circle (list, circle, own);
    else
      add_mailbox (list, g_strdup (circle->mailbox), circle->name, FALSE, FALSE);
  }
}

static gboolean
add_partners (TesseraTransaction *transaction, GPtrArray *list, GError **error) {
  g_autoptr (GPtrArray) partners = tessera_transaction_select_records (transaction, "partner", "WHERE revoked_at IS NULL",
                                                                       NULL, error);
  g_autofree char *own = tessera_identity_get_organization (transaction, NULL);
  g_autofree char *own_mailbox = tessera_transaction_get_setting (transaction, "card.mailbox");

  for (guint i = 0; partners && own && i < partners->len; i++) {
    const char *text = tessera_record_get (partners->pdata[i], "card");
    g_autoptr (TesseraCard) card = text ? tessera_card_parse (text, strlen (text), 0, NULL) : NULL;

    if (!card)
      continue;
    if (own_mailbox)
      add_mailbox (list, tessera_card_relation_mailbox (own_mailbox, card->organization),
                   tessera_record_get (partners->pdata[i], "name"), TRUE, TRUE);
    if (card->mailbox)
      add_mailbox (list, tessera_card_relation_mailbox (card->mailbox, own),
                   tessera_record_get (partners->pdata[i], "name"), FALSE, FALSE);
  }
  return partners != NULL;
}

GPtrArray *
tessera_exchange_list_mailboxes (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_mailbox_free);

  add_circles (transaction, list);
  return add_partners (transaction, list, error) ? g_steal_pointer (&list) : NULL;
}

gboolean
tessera_exchange_has_file (TesseraTransaction *transaction, const char *name) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM bundle WHERE file_name = ?1 LIMIT 1", NULL);

  if (!statement)
    return TRUE;
  tessera_statement_bind_text (statement, 1, name);
  return tessera_statement_step (statement, NULL);
}

/* ---- done ---- */

static gboolean
has_acknowledged (TesseraTransaction *transaction, const char *device, const char *stream, gint64 upto) {
  g_autoptr (GHashTable) vector = tessera_transaction_get_acknowledged (transaction, device, NULL, NULL);

  return vector && tessera_vector_get (vector, stream) >= upto;
}

/* Whether @mailbox is one that @device reads: its circle's, or its own. */
static gboolean
reads (const TesseraRoster *roster, const TesseraRosterDevice *device, const char *mailbox) {
  const TesseraRosterCircle *audience = tessera_team_get_audience (roster, device);
  g_autofree char *own = audience ? tessera_team_device_mailbox (audience->mailbox, device->id) : NULL;

  return audience && (strcmp (audience->mailbox, mailbox) == 0 || strcmp (own, mailbox) == 0);
}

/* Every colleague who is active and reads this mailbox said they have this much of our stream. */
static gboolean
all_have (TesseraTransaction *transaction, const char *mailbox, const char *stream, gint64 upto) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);
  g_autofree char *own = tessera_identity_get_device (transaction);

  for (guint i = 0; roster && i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (device->state == TESSERA_DEVICE_ACTIVE && strcmp (device->id, own) != 0 && reads (roster, device, mailbox)
        && !has_acknowledged (transaction, device->id, stream, upto))
      return FALSE;
  }
  return roster != NULL;
}

/* For one device alone, or a client's whole story for a team. */
static gboolean
is_for_one (TesseraTransaction *transaction, const char *mailbox) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);

  for (guint i = 0; roster && i < roster->circles->len; i++)
    if (strcmp (((TesseraRosterCircle *) roster->circles->pdata[i])->mailbox, mailbox) == 0)
      return FALSE;
  return TRUE;
}

gboolean
tessera_exchange_is_done (TesseraTransaction *transaction, TesseraRecord *bundle) {
  gint64 age = tessera_transaction_get_now (transaction) - tessera_record_get_integer (bundle, "at");
  const char *flow = tessera_record_get (bundle, "flow");
  const char *mailbox = tessera_record_get (bundle, "mailbox");
  gint64 upto = tessera_record_get_integer (bundle, "number");

  if (age > KEEP_DAYS * DAY || !flow)
    return TRUE;
  if (strcmp (flow, "team") == 0 && mailbox && upto > 0)
    return all_have (transaction, mailbox, tessera_record_get (bundle, "stream"), upto);
  /* Contents of documents: nobody says that they have them. */
  if (strcmp (flow, "team") == 0 && !tessera_record_get (bundle, "stream"))
    return FALSE;
  if (strcmp (flow, "snapshot") == 0 && mailbox && upto > 0)
    return all_have (transaction, mailbox, tessera_record_get (bundle, "stream"), upto)
           && (age > FILL_DAYS * DAY || is_for_one (transaction, mailbox));
  /* An acknowledgement says nothing that the next one does not. */
  if (strcmp (flow, "team") == 0)
    return age > DAY;
  if (strcmp (flow, "referral") == 0)
    return tessera_post_is_acknowledged (transaction, bundle);
  return FALSE;
}
