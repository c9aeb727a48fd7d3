/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-in.c: bundles from partners, taken in line by line after everything about them was verified.
 *
 * What came about a person is kept in the referral's `received` field, beside the caseload, until a person here accepts.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-error.h"
#include "tessera-erasure.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"
#include "tessera-partners.h"
#include "tessera-post-private.h"
#include "tessera-referral.h"
#include "tessera-strict-json.h"

typedef struct {
  TesseraTransaction *transaction;
  TesseraRecord *partner;         /* known once the sender is */
  TesseraRecord *referral;        /* the form, as it came */
  GPtrArray *events;              /* TesseraRecord */
  JsonArray *received;            /* everything else, as it came */
  gsize size;
} Reading;

static void
reading_clear (Reading *reading) {
  g_clear_object (&reading->partner);
  g_clear_object (&reading->referral);
  g_clear_pointer (&reading->events, g_ptr_array_unref);
  g_clear_pointer (&reading->received, json_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

void
tessera_post_arrival_free (TesseraPostArrival *self) {
  if (!self)
    return;
  g_free (self->partner);
  g_free (self->referral);
  g_free (self->manifest);
  g_free (self);
}

static gboolean
refuse (GError **error, TesseraBundleError code, const char *message) {
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, (gint) code, message);
  return FALSE;
}

/* ---- the sender ---- */

static gboolean
find_key (TesseraBundleSigner signer, const guint8 *number, guint8 *public_key, gpointer data) {
  Reading *reading = data;
  g_autoptr (GPtrArray) partners = NULL;

  if (signer != TESSERA_BUNDLE_SIGNER_ORGANIZATION)
    return FALSE;
  partners = tessera_transaction_select_records (reading->transaction, "partner", "", NULL, NULL);
  for (guint i = 0; partners && i < partners->len; i++) {
    guint8 candidate[TESSERA_MINISIGN_NUMBER_SIZE];

    if (!tessera_minisign_public_key_from_text (tessera_record_get (partners->pdata[i], "organization_key"), public_key,
                                                NULL, NULL))
      continue;
    tessera_minisign_key_number (public_key, candidate);
    if (memcmp (candidate, number, sizeof candidate) == 0) {
      g_set_object (&reading->partner, partners->pdata[i]);
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
accept_sender (const TesseraManifest *manifest, const guint8 *signing_key, const guint8 *organization_key,
               gpointer data, GError **error) {
  Reading *reading = data;
  const char *text = reading->partner ? tessera_record_get (reading->partner, "card") : NULL;
  g_autoptr (TesseraCard) card = NULL;

  if (!organization_key || !text)
    return refuse (error, TESSERA_BUNDLE_ERROR_UNKNOWN_SENDER,
                   _("This bundle is from somebody unknown; import the sender's card and compare the fingerprint."));
  if (tessera_record_get (reading->partner, "revoked_at"))
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle is from a partner who was revoked here; it was not taken in."));
  if (manifest->flow != TESSERA_FLOW_REFERRAL)
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("A partner may only send referrals and answers; this bundle is of another kind."));
  card = tessera_card_parse (text, strlen (text), 0, error);
  if (!card)
    return FALSE;
  if (strcmp (card->organization, manifest->organization) != 0)
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle names another organization than the card of its sender; it was not taken in."));
  return TRUE;
}

static TesseraBundle *
open_bundle (Reading *reading, GBytes *file, GError **error) {
  g_autoptr (GPtrArray) keys = tessera_identity_get_encryption_keys (reading->transaction, error);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (file);
  TesseraBundleTrust trust = { find_key, accept_sender, reading, 1, tessera_transaction_get_now (reading->transaction) };

  if (!keys)
    return NULL;
  return tessera_bundle_open (stream, (const TesseraSecret *const *) keys->pdata, keys->len, &trust, error);
}

/* ---- the lines ---- */

static const char *
peek_text (JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         ? json_node_get_string (node) : NULL;
}

static gboolean
malformed (GError **error) {
  return refuse (error, TESSERA_BUNDLE_ERROR_MALFORMED,
                 _("This bundle is authentic, but its data does not follow the format; ask the sender to update Tessera "
                   "and send it again."));
}

/* What nobody may send, such as a worker's notes or who is in charge, is not taken from anybody either. */
static void
drop_unshared (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].share == TESSERA_SHARE_NEVER)
      tessera_record_set_at (record, i, NULL);
}

/* A record of a known entity from one line; fields we do not know are left out. */
static TesseraRecord *
read_record (TesseraRegistry *registry, JsonObject *line, GError **error) {
  const char *name = peek_text (line, "e");
  const char *id = peek_text (line, "i");
  const TesseraEntity *entity = name ? tessera_registry_get_entity (registry, name) : NULL;
  JsonNode *fields = json_object_get_member (line, "f");
  g_autoptr (TesseraRecord) record = NULL;
  guint8 bytes[16];

  if (!entity || !id || !tessera_uuid_parse (id, bytes) || !fields || !JSON_NODE_HOLDS_OBJECT (fields)) {
    malformed (error);
    return NULL;
  }
  record = tessera_record_new_for (registry, entity, id);
  if (!tessera_record_set_from_json (record, json_node_get_object (fields), NULL, NULL)) {
    malformed (error);
    return NULL;
  }
  drop_unshared (record);
  return g_steal_pointer (&record);
}

static gboolean
read_form (Reading *reading, JsonObject *line, GError **error) {
  if (reading->referral)
    return malformed (error);
  reading->referral = read_record (tessera_transaction_get_registry (reading->transaction), line, error);
  return reading->referral != NULL;
}

static gboolean
read_event (Reading *reading, JsonObject *line, GError **error) {
  TesseraRecord *event = read_record (tessera_transaction_get_registry (reading->transaction), line, error);

  if (!event)
    return FALSE;
  g_ptr_array_add (reading->events, event);
  return TRUE;
}

static gboolean
read_line (const char *text, gsize length, guint64 number, gpointer data, GError **error) {
  Reading *reading = data;
  g_autoptr (JsonNode) root = tessera_strict_json_parse (text, length);
  JsonObject *line = root ? json_node_get_object (root) : NULL;
  const char *entity = line ? peek_text (line, "e") : NULL;

  reading->size += length;
  if (number > TESSERA_POST_MAX_LINES || reading->size > TESSERA_POST_MAX_SIZE)
    return refuse (error, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                   _("This bundle holds more than one person's data can be; it was not taken in."));
  if (!entity)
    return malformed (error);
  if (strcmp (entity, "referral") == 0)
    return read_form (reading, line, error);
  if (strcmp (entity, "referral_event") == 0)
    return read_event (reading, line, error);
  json_array_add_object_element (reading->received, json_object_ref (line));
  return TRUE;
}

/* ---- applying ---- */

static char *
find_known (TesseraTransaction *transaction, const char *manifest, const char *partner) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT referral FROM bundle WHERE manifest_id = ?1 AND partner = ?2 AND direction = 'in'"
                 " AND state = 'applied'", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_text (statement, 1, manifest);
  tessera_statement_bind_id (statement, 2, partner);
  if (!tessera_statement_step (statement, NULL))
    return NULL;
  return tessera_statement_is_null (statement, 0) ? g_strdup ("") : tessera_statement_get_id (statement, 0);
}

static char *
received_to_text (JsonArray *received) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  json_node_set_array (node, received);
  return json_to_string (node, FALSE);
}

static const char *
find_their_code (Reading *reading) {
  for (guint i = 0; i < json_array_get_length (reading->received); i++) {
    JsonObject *line = json_array_get_object_element (reading->received, i);
    JsonNode *fields = json_object_get_member (line, "f");

    if (g_strcmp0 (peek_text (line, "e"), "client") == 0 && fields && JSON_NODE_HOLDS_OBJECT (fields))
      return peek_text (json_node_get_object (fields), "code");
  }
  return NULL;
}

/* Every row that came must be readable before any is kept: what cannot be shown must not be accepted. And of two
 * people one would be shown and the other forgotten. */
static gboolean
check_received (Reading *reading, GError **error) {
  TesseraRegistry *registry = tessera_transaction_get_registry (reading->transaction);
  guint n_people = 0;

  for (guint i = 0; i < json_array_get_length (reading->received); i++) {
    JsonObject *line = json_array_get_object_element (reading->received, i);
    const char *name = peek_text (line, "e");
    g_autoptr (TesseraRecord) record = NULL;

    n_people += g_str_equal (name, "client");
    if (!tessera_registry_get_entity (registry, name))
      continue;   /* of a newer colleague: kept, shown after an update */
    record = read_record (registry, line, error);
    if (!record)
      return FALSE;
  }
  return n_people <= 1 || malformed (error);
}

static gboolean
add_new_referral (Reading *reading, GError **error) {
  const char *id = tessera_record_get_id (reading->referral);
  const char *partner = tessera_record_get_id (reading->partner);
  g_autoptr (TesseraRecord) saved = NULL;
  g_autofree char *received = received_to_text (reading->received);

  if (!check_received (reading, error)
      || !tessera_referral_receive (reading->transaction, reading->referral, partner, error))
    return FALSE;
  saved = tessera_transaction_load (reading->transaction, "referral", id, error);
  if (!saved)
    return FALSE;
  tessera_record_set (saved, "received", received);
  tessera_record_set (saved, "client_code", find_their_code (reading));
  return tessera_transaction_save (reading->transaction, saved, error);
}

static gboolean
acknowledge (Reading *reading, const char *id, GError **error) {
  TesseraReferralStep step = { .kind = "received" };
  g_autoptr (TesseraRecord) event = tessera_referral_append (reading->transaction, id, &step, error);

  return event != NULL;
}

static gboolean
add_events (Reading *reading, TesseraPostArrival *arrival, gboolean is_ours, GError **error) {
  for (guint i = 0; i < reading->events->len; i++) {
    TesseraRecord *event = reading->events->pdata[i];
    gboolean is_new = FALSE;

    if (g_strcmp0 (tessera_record_get (event, "referral"), arrival->referral) != 0)
      tessera_record_set (event, "referral", arrival->referral);
    if (!tessera_referral_receive_event (reading->transaction, event, arrival->partner, &is_new, error))
      return FALSE;
    arrival->answered |= is_new && is_ours;
  }
  return TRUE;
}

/* First contact is remembered as such; it is not trust. */
static gboolean
note_first_use (Reading *reading, GError **error) {
  if (g_strcmp0 (tessera_record_get (reading->partner, "trust"), "none") != 0)
    return TRUE;
  tessera_record_set (reading->partner, "trust", "first-use");
  return tessera_transaction_save (reading->transaction, reading->partner, error);
}

/* Carriers keep no order, so a letter that names one we do not have is taken in all the same; but somebody may want to
 * ask for the other. */
static gboolean
follows_unknown (Reading *reading, const TesseraManifest *manifest) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    reading->transaction, "SELECT 1 FROM bundle WHERE manifest_hash = ?1 AND partner = ?2 AND direction = 'in'"
                          " AND state = 'applied'", NULL);

  if (!statement || !manifest->previous)
    return FALSE;
  tessera_statement_bind_text (statement, 1, manifest->previous);
  tessera_statement_bind_id (statement, 2, tessera_record_get_id (reading->partner));
  return !tessera_statement_step (statement, NULL);
}

static gboolean
note_arrival (Reading *reading, TesseraBundle *bundle, GBytes *file, TesseraPostArrival *arrival, GError **error) {
  const TesseraManifest *manifest = tessera_bundle_get_manifest (bundle);
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (reading->transaction, "bundle");
  g_autofree char *name = tessera_bundle_name (file);

  arrival->follows_unknown = follows_unknown (reading, manifest);
  if (arrival->follows_unknown)
    tessera_record_set (row, "reason", _("The bundle that this partner sent before this one has not arrived."));
  tessera_record_set (row, "direction", "in");
  tessera_record_set (row, "manifest_id", manifest->id);
  tessera_record_set (row, "flow", tessera_flow_to_text (manifest->flow));
  tessera_record_set (row, "partner", arrival->partner);
  tessera_record_set (row, "referral", arrival->referral);
  tessera_record_set_integer (row, "number", manifest->upto);
  tessera_record_set (row, "manifest_hash", tessera_bundle_get_manifest_hash (bundle));
  tessera_record_set (row, "file_name", name);
  tessera_record_set_integer (row, "size", (gint64) g_bytes_get_size (file));
  tessera_record_set (row, "state", "applied");
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (reading->transaction));
  return tessera_transaction_save (reading->transaction, row, error)
         && tessera_transaction_audit (reading->transaction, "import", "referral", arrival->referral, manifest->id,
                                       error);
}

/* ---- of whom is gone ---- */

static TesseraRecord *
find_event (Reading *reading, const char *kind) {
  for (guint i = 0; i < reading->events->len; i++)
    if (g_strcmp0 (tessera_record_get (reading->events->pdata[i], "kind"), kind) == 0)
      return reading->events->pdata[i];
  return NULL;
}

static gint64
find_last_sent (TesseraTransaction *transaction, const char *referral) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT coalesce(max(number), 0) FROM bundle WHERE referral = ?1 AND direction = 'out'", NULL);

  if (!statement)
    return 0;
  tessera_statement_bind_id (statement, 1, referral);
  return tessera_statement_step (statement, NULL) ? tessera_statement_get_integer (statement, 0) : 0;
}

static gboolean
note_answered (TesseraTransaction *transaction, TesseraRecord *request, GError **error) {
  if (tessera_record_get (request, "answered_at"))
    return TRUE;
  tessera_record_set_integer (request, "answered_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, request, error);
}

/* The person was erased here, or never came here: old letters bring nobody back, requests are answered, answers noted. */
static gboolean
apply_without_person (Reading *reading, TesseraPostArrival *arrival, GError **error) {
  g_autoptr (TesseraRecord) request = tessera_erasure_find_request (reading->transaction, arrival->referral);

  if (request && g_strcmp0 (tessera_record_get (request, "partner"), arrival->partner) != 0)
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle speaks of a referral with another partner; it was not taken in."));
  if (tessera_record_get (reading->referral, "kind"))
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle is about a person who was erased here; it was not taken in."));
  if (find_event (reading, "erase_request"))
    return tessera_erasure_note_request (reading->transaction, arrival->referral, arrival->partner, "in",
                                         find_last_sent (reading->transaction, arrival->referral), NULL, error);
  if (request && find_event (reading, "erase_done")) {
    arrival->answered = TRUE;
    return note_answered (reading->transaction, request, error);
  }
  return TRUE;
}

static gboolean
is_about_nobody (Reading *reading, const char *referral, TesseraRecord *existing) {
  return !existing && (tessera_referral_is_erased (reading->transaction, referral)
                       || (find_event (reading, "erase_request") && !tessera_record_get (reading->referral, "kind")));
}

static gboolean
apply (Reading *reading, TesseraPostArrival *arrival, GError **error) {
  g_autoptr (TesseraRecord) existing = NULL;

  if (!reading->referral)
    return malformed (error);
  arrival->referral = g_strdup (tessera_record_get_id (reading->referral));
  existing = tessera_transaction_find (reading->transaction, "referral", arrival->referral);
  if (existing && g_strcmp0 (tessera_record_get (existing, "partner"), arrival->partner) != 0)
    return refuse (error, TESSERA_BUNDLE_ERROR_REFUSED,
                   _("This bundle speaks of a referral with another partner; it was not taken in."));
  if (is_about_nobody (reading, arrival->referral, existing))
    return apply_without_person (reading, arrival, error);
  /* Later letters only name the referral they speak of. */
  if (!existing && !tessera_record_get (reading->referral, "kind"))
    return refuse (error, TESSERA_BUNDLE_ERROR_TOO_EARLY,
                   _("This bundle speaks of a referral that is not here; import the earlier bundles of this partner "
                     "first, or ask them to send those again."));
  if (!existing) {
    arrival->is_new = TRUE;
    if (!add_new_referral (reading, error))
      return FALSE;
  }
  if (!add_events (reading, arrival, existing && g_strcmp0 (tessera_record_get (existing, "direction"), "out") == 0,
                   error))
    return FALSE;
  return !arrival->is_new || acknowledge (reading, arrival->referral, error);
}

static gboolean
is_acknowledgement (Reading *reading) {
  return !reading->referral && reading->events->len == 0 && json_array_get_length (reading->received) == 0;
}

/* What the rules below have against a letter is a refusal of the letter: it is told, and kept, as one; unless it only came
 * too early. A missing field or an impossible step is nothing that a person here could fill in. */
static void
tell_as_refusal (GError **error) {
  if (!error || !*error)
    return;
  if (g_error_matches (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_ILLEGAL_STEP)
      || (*error)->domain == TESSERA_RECORD_ERROR) {
    g_clear_error (error);
    malformed (error);
  } else if ((*error)->domain == TESSERA_CASEWORK_ERROR) {
    gboolean is_early = (*error)->code == TESSERA_CASEWORK_ERROR_OUT_OF_ORDER;
    g_autofree char *message = g_strdup ((*error)->message);

    g_clear_error (error);
    refuse (error, is_early ? TESSERA_BUNDLE_ERROR_TOO_EARLY : TESSERA_BUNDLE_ERROR_REFUSED, message);
  }
}

TesseraPostArrival *
tessera_post_take_in (TesseraTransaction *transaction, GBytes *file, GError **error) {
  g_auto (Reading) reading = { .transaction = transaction };
  g_autoptr (TesseraPostArrival) arrival = g_new0 (TesseraPostArrival, 1);
  g_autoptr (TesseraBundle) bundle = NULL;

  reading.events = g_ptr_array_new_with_free_func (g_object_unref);
  reading.received = json_array_new ();
  bundle = open_bundle (&reading, file, error);
  if (!bundle)
    return NULL;
  arrival->partner = g_strdup (tessera_record_get_id (reading.partner));
  arrival->manifest = g_strdup (tessera_bundle_get_manifest (bundle)->id);
  arrival->referral = find_known (transaction, arrival->manifest, arrival->partner);
  if (arrival->referral) {
    arrival->known = TRUE;
    return g_steal_pointer (&arrival);
  }
  if (!tessera_bundle_read (bundle, read_line, NULL, &reading, error)
      || !tessera_post_note_vector (transaction, arrival->partner,
                                    tessera_bundle_get_manifest (bundle)->version_vector, error)
      || (!is_acknowledgement (&reading) && !apply (&reading, arrival, error))
      || !note_first_use (&reading, error) || !note_arrival (&reading, bundle, file, arrival, error)) {
    tell_as_refusal (error);
    return NULL;
  }
  return g_steal_pointer (&arrival);
}

gboolean
tessera_post_note_refusal (TesseraTransaction *transaction, GBytes *file, const char *reason, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (transaction, "bundle");
  g_autofree char *name = tessera_bundle_name (file);

  tessera_record_set (row, "direction", "in");
  tessera_record_set (row, "file_name", name);
  tessera_record_set_integer (row, "size", (gint64) g_bytes_get_size (file));
  tessera_record_set (row, "state", "refused");
  tessera_record_set (row, "reason", reason);
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, row, error)
         && tessera_transaction_audit (transaction, "refuse", NULL, NULL, name, error);
}

/* ---- looking without taking ---- */

JsonNode *
tessera_post_inspect (TesseraTransaction *transaction, GBytes *file, GError **error) {
  g_auto (Reading) reading = { .transaction = transaction };
  g_autoptr (TesseraBundle) bundle = open_bundle (&reading, file, error);
  JsonNode *seen = bundle ? tessera_bundle_inspect (bundle, TESSERA_POST_MAX_LINES, error) : NULL;
  JsonObject *partner;

  if (!seen)
    return NULL;
  partner = json_object_new ();
  json_object_set_string_member (partner, "id", tessera_record_get_id (reading.partner));
  json_object_set_string_member (partner, "name", tessera_record_get (reading.partner, "name"));
  json_object_set_string_member (partner, "fingerprint", tessera_record_get (reading.partner, "fingerprint"));
  json_object_set_string_member (partner, "trust", tessera_record_get (reading.partner, "trust"));
  json_object_set_object_member (json_node_get_object (seen), "partner", partner);
  return seen;
}

gboolean
tessera_post_verify (TesseraTransaction *transaction, GBytes *file, GError **error) {
  g_auto (Reading) reading = { .transaction = transaction };
  g_autoptr (TesseraBundle) bundle = open_bundle (&reading, file, error);

  return bundle && tessera_bundle_verify (bundle, error);
}

/* ---- what came, and what people here make of it ---- */

/* The person first, the agreement last: the order people read in. */
static int
get_reading_order (TesseraRecord *record) {
  const char *entity = tessera_record_get_entity (record)->name;

  return strcmp (entity, "client") == 0 ? 0 : strcmp (entity, "consent") == 0 ? 2 : 1;
}

static void
add_in_reading_order (GPtrArray *records, TesseraRecord *record) {
  guint place = records->len;

  while (place > 0 && get_reading_order (records->pdata[place - 1]) > get_reading_order (record))
    place--;
  g_ptr_array_insert (records, (int) place, record);
}

GPtrArray *
tessera_post_get_received (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  const char *text = tessera_record_get (referral, "received");
  g_autoptr (JsonNode) root = text ? json_from_string (text, NULL) : NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  JsonArray *lines = root && JSON_NODE_HOLDS_ARRAY (root) ? json_node_get_array (root) : NULL;

  for (guint i = 0; lines && i < json_array_get_length (lines); i++) {
    JsonObject *line = json_array_get_object_element (lines, i);
    const char *name = peek_text (line, "e");
    TesseraRecord *record;

    if (!name || !tessera_registry_get_entity (registry, name))
      continue;
    record = read_record (registry, line, error);
    if (!record)
      return NULL;
    add_in_reading_order (records, record);
  }
  return g_steal_pointer (&records);
}

static TesseraRecord *
find_received_client (GPtrArray *records) {
  for (guint i = 0; records && i < records->len; i++)
    if (strcmp (tessera_record_get_entity (records->pdata[i])->name, "client") == 0)
      return records->pdata[i];
  return NULL;
}

/* A file of our own: their words, our code, our step. */
static gboolean
register_client (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  g_autoptr (GPtrArray) records = tessera_post_get_received (transaction, referral, error);
  TesseraRecord *received = find_received_client (records);
  g_autoptr (TesseraRecord) client = NULL;

  if (!records)
    return FALSE;
  client = tessera_transaction_new_record (transaction, "client");
  for (guint i = 0; received && i < tessera_record_get_entity (client)->n_fields; i++) {
    const TesseraField *field = &tessera_record_get_entity (client)->fields[i];

    if (!(field->flags & TESSERA_FIELD_AUTOMATIC) && field->type != TESSERA_FIELD_REFERENCE)
      tessera_record_set_at (client, i, tessera_record_get_at (received, i));
  }
  if (!tessera_record_get (client, "name") && !tessera_record_get (client, "how_to_call"))
    tessera_record_set (client, "how_to_call", tessera_record_get (referral, "client_code"));
  return tessera_intake_register (transaction, client, error)
         && tessera_referral_link_client (transaction, tessera_record_get_id (referral), tessera_record_get_id (client),
                                          error);
}

static gboolean
needs_client (TesseraRecord *referral) {
  return g_strcmp0 (tessera_record_get (referral, "direction"), "in") == 0
         && g_strcmp0 (tessera_record_get (referral, "status"), "accepted") == 0
         && g_strcmp0 (tessera_record_get (referral, "kind"), "ask-opinion") != 0
         && !tessera_record_get (referral, "client");
}

TesseraRecord *
tessera_post_answer (TesseraTransaction *transaction, const char *id, const char *answer, const char *code,
                     const char *text, const char *on_date, gboolean may_tell_client, GError **error) {
  g_autoptr (TesseraRecord) event = tessera_referral_answer (transaction, id, answer, code, text, on_date,
                                                             may_tell_client, error);
  g_autoptr (TesseraRecord) referral = NULL;

  if (!event)
    return NULL;
  referral = tessera_transaction_load (transaction, "referral", id, error);
  if (!referral || (needs_client (referral) && !register_client (transaction, referral, error)))
    return NULL;
  return tessera_transaction_load (transaction, "referral", id, error);
}
