/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-out.c: what waits for a partner, sealed one person at a time.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-bundle-writer.h"
#include "tessera-casework-error.h"
#include "tessera-consent.h"
#include "tessera-erasure.h"
#include "tessera-identifier.h"
#include "tessera-identity-private.h"
#include "tessera-outbox.h"
#include "tessera-partners.h"
#include "tessera-post-private.h"
#include "tessera-referral.h"

#define DAY G_GINT64_CONSTANT (86400000)
#define EXPIRE_DAYS 90

/* Own side of referral r, and the last own event that a bundle of this device carried. Each device sends what was written
 * on it: colleagues have the referral too, but not our bundles. */
#define OWN_SIDE "CASE r.direction WHEN 'out' THEN 'sender' ELSE 'receiver' END"
#define OWN_DEVICE "_sid IN (SELECT sid FROM stream WHERE device = (SELECT device FROM stream WHERE sid = 1))"
#define CARRIED "(SELECT coalesce(max(b.number), 0) FROM bundle b WHERE b.referral = r.id AND b.direction = 'out')"
#define WAITING "FROM referral r WHERE (?1 IS NULL OR r.partner = ?1) AND (?2 IS NULL OR r.id = ?2)" \
  " AND ((r.direction = 'out' AND r.status = 'draft' AND r." OWN_DEVICE ") OR EXISTS (SELECT 1 FROM referral_event e" \
  " WHERE e.referral = r.id AND e.side = " OWN_SIDE " AND e.number > " CARRIED " AND e." OWN_DEVICE "))" \
  " AND NOT (r.direction = 'out' AND r.status IN ('void', 'withdrawn', 'expired') AND " CARRIED " = 0" \
  " AND NOT EXISTS (SELECT 1 FROM referral_event e WHERE e.referral = r.id AND e.kind = 'sent'))"
#define OWN_EVENTS "WHERE referral = ?1 AND side = ?2 AND number > ?3 AND " OWN_DEVICE " ORDER BY number, at"

/* What is to be said about referrals whose person is gone, by whoever erased. */
#define ERASURES "FROM erasure_request r WHERE (?1 IS NULL OR r.partner = ?1) AND r.answered_at IS NULL AND r." OWN_DEVICE \
  " AND r.number > (SELECT coalesce(max(b.number), 0) FROM bundle b WHERE b.referral = r.referral AND b.direction = 'out')"

void
tessera_post_letter_free (TesseraPostLetter *self) {
  if (!self)
    return;
  g_free (self->referral);
  g_free (self->name);
  g_free (self);
}

static gboolean
get_carried (TesseraTransaction *transaction, const char *referral, gint64 *ret_number, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT coalesce(max(number), 0) FROM bundle WHERE referral = ?1 AND direction = 'out'", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, referral);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  *ret_number = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static GPtrArray *
list_waiting (TesseraTransaction *transaction, const char *partner, const char *referral, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT r.id " WAITING " ORDER BY r.created_at, r.id", error);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, partner);
  tessera_statement_bind_id (statement, 2, referral);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (ids, tessera_statement_get_id (statement, 0));
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  return g_steal_pointer (&ids);
}

/* Whether the consent of a referral of ours still holds; somebody else's referral needs none of ours. */
static gboolean
check_consent (TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  const char *id = tessera_record_get (referral, "consent");
  g_autoptr (TesseraRecord) consent = NULL;

  if (g_strcmp0 (tessera_record_get (referral, "direction"), "out") != 0)
    return TRUE;
  if (!id) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                         _("The client has not agreed to this referral yet; ask them and record the answer."));
    return FALSE;
  }
  consent = tessera_transaction_load (transaction, "consent", id, error);
  return consent && tessera_consent_check (consent, tessera_transaction_get_now (transaction), error);
}

static GPtrArray *
list_own_events (TesseraTransaction *transaction, TesseraRecord *referral, gint64 after, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (transaction, "referral_event", OWN_EVENTS, error);

  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, tessera_record_get_id (referral));
  tessera_statement_bind_text (statement, 2, tessera_referral_get_side (referral));
  tessera_statement_bind_integer (statement, 3, after);
  return tessera_statement_collect (statement, error);
}

static gboolean
is_sent (TesseraRecord *event) {
  return g_strcmp0 (tessera_record_get (event, "kind"), "sent") == 0;
}

/* Number of the step with which the referral first went out, 0 if it did not: later ones of that kind are answers. */
static gint64
find_first_sent (TesseraTransaction *transaction, TesseraRecord *referral) {
  g_autoptr (GPtrArray) events = tessera_referral_list_events (transaction, tessera_record_get_id (referral), "sender",
                                                               NULL);

  for (guint i = 0; events && i < events->len; i++)
    if (is_sent (events->pdata[i]))
      return tessera_record_get_integer (events->pdata[i], "number");
  return 0;
}

/* Whether the next letter is the one that brings the person: it was never sent, or what says so was not carried. */
static gboolean
brings_person (TesseraTransaction *transaction, TesseraRecord *referral, gint64 carried) {
  g_autoptr (GPtrArray) events = NULL;
  gint64 first;

  if (g_strcmp0 (tessera_record_get (referral, "direction"), "out") != 0)
    return FALSE;
  if (g_strcmp0 (tessera_record_get (referral, "status"), "draft") == 0)
    return TRUE;
  first = find_first_sent (transaction, referral);
  events = list_own_events (transaction, referral, carried, NULL);
  for (guint i = 0; events && i < events->len; i++)
    if (is_sent (events->pdata[i]) && tessera_record_get_integer (events->pdata[i], "number") == first)
      return TRUE;
  return FALSE;
}

/* A referral that would carry a person's data under a consent that has ended must not hold up the others. */
static gboolean
is_ready (TesseraTransaction *transaction, const char *id) {
  g_autoptr (TesseraRecord) referral = tessera_transaction_load (transaction, "referral", id, NULL);
  gint64 carried;

  return referral && get_carried (transaction, id, &carried, NULL)
         && (!brings_person (transaction, referral, carried) || check_consent (transaction, referral, NULL));
}

static gint64
count_erasures (TesseraTransaction *transaction, const char *partner, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, "SELECT count(*) " ERASURES, error);

  if (!statement)
    return -1;
  tessera_statement_bind_id (statement, 1, partner);
  return tessera_statement_step (statement, error) ? tessera_statement_get_integer (statement, 0) : -1;
}

gint64
tessera_post_count_waiting (TesseraTransaction *transaction, const char *partner, GError **error) {
  g_autoptr (GPtrArray) ids = list_waiting (transaction, partner, NULL, error);
  gint64 count = count_erasures (transaction, partner, error);

  if (!ids || count < 0)
    return -1;
  for (guint i = 0; i < ids->len; i++)
    count += is_ready (transaction, ids->pdata[i]);
  return count;
}

/* The oldest that can be sent; when there is none, the oldest that cannot, so that its sentence is heard. */
static char *
find_next (TesseraTransaction *transaction, const char *partner, const char *referral, GError **error) {
  g_autoptr (GPtrArray) ids = list_waiting (transaction, partner, referral, error);

  for (guint i = 0; ids && i < ids->len; i++)
    if (is_ready (transaction, ids->pdata[i]))
      return g_strdup (ids->pdata[i]);
  return ids && ids->len > 0 ? g_strdup (ids->pdata[0]) : NULL;
}

/* {"e":entity,"i":row,"f":{field:value}} */
static gboolean
add_line (TesseraBundleWriter *writer, TesseraRecord *record, GError **error) {
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *line = json_object_new ();
  JsonObject *fields = tessera_record_to_json (record);
  g_autofree char *text = NULL;

  json_object_remove_member (fields, "id");
  json_object_set_string_member (line, "e", tessera_record_get_entity (record)->name);
  json_object_set_string_member (line, "i", tessera_record_get_id (record));
  json_object_set_object_member (line, "f", fields);
  json_node_take_object (root, line);
  text = json_to_string (root, FALSE);
  return tessera_bundle_writer_add_line (writer, text, strlen (text), error);
}

/* The form's own fields: what goes with any referral whatever was agreed. */
static TesseraRecord *
make_form (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  TesseraRecord *form = tessera_record_copy (record);

  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].share != TESSERA_SHARE_REFERRAL)
      tessera_record_set_at (form, i, NULL);
  return form;
}

static gboolean
add_form_line (TesseraBundleWriter *writer, TesseraRecord *record, GError **error) {
  g_autoptr (TesseraRecord) form = make_form (record);

  return add_line (writer, form, error);
}

/* Later letters only name the referral: what the form says the other side has, and nothing is said again. */
static gboolean
add_name_line (TesseraBundleWriter *writer, TesseraRecord *referral, GError **error) {
  g_autoptr (TesseraRecord) name = tessera_record_new_for (
    tessera_record_get_registry (referral), tessera_record_get_entity (referral), tessera_record_get_id (referral));

  return add_line (writer, name, error);
}

/* Without a name, the consent may not lead to it either: the same client may have been referred by name under the same
 * consent, and its id, day and words would join the two. */
static gboolean
add_anonymous_forms (TesseraBundleWriter *writer, TesseraRecord *referral, TesseraRecord *consent, GError **error) {
  g_autofree char *id = tessera_uuid_new ();
  g_autoptr (TesseraRecord) form = make_form (referral);
  g_autoptr (TesseraRecord) agreed = tessera_record_new_for (tessera_record_get_registry (consent),
                                                             tessera_record_get_entity (consent), id);

  tessera_record_set (form, "consent", id);
  tessera_record_set (agreed, "purpose", tessera_record_get (consent, "purpose"));
  tessera_record_set (agreed, "groups", tessera_record_get (referral, "groups"));
  tessera_record_set (agreed, "answer", tessera_record_get (consent, "answer"));
  return add_line (writer, form, error) && add_line (writer, agreed, error);
}

static gboolean
add_forms (TesseraBundleWriter *writer, TesseraRecord *referral, TesseraRecord *consent, GError **error) {
  if (g_strcmp0 (tessera_record_get (referral, "kind"), "ask-opinion") == 0)
    return add_anonymous_forms (writer, referral, consent, error);
  return add_form_line (writer, referral, error) && add_form_line (writer, consent, error);
}

static gboolean
add_person (TesseraTransaction *transaction, TesseraBundleWriter *writer, TesseraRecord *referral, GError **error) {
  g_auto (GStrv) groups = tessera_record_get_set (referral, "groups");
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!check_consent (transaction, referral, error))
    return FALSE;
  consent = tessera_transaction_load (transaction, "consent", tessera_record_get (referral, "consent"), error);
  if (!consent)
    return FALSE;
  rows = tessera_consent_collect (transaction, consent, tessera_record_get (referral, "client"),
                                  tessera_record_get (referral, "kind"), (const char *const *) groups, error);
  if (!rows || !add_forms (writer, referral, consent, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!add_line (writer, rows->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_events (TesseraTransaction *transaction, TesseraBundleWriter *writer, TesseraRecord *referral, gint64 after,
            TesseraManifest *manifest, GError **error) {
  g_autoptr (GPtrArray) events = list_own_events (transaction, referral, after, error);
  gboolean may_speak = check_consent (transaction, referral, NULL);

  manifest->from = after + 1;
  manifest->upto = after;
  if (!events)
    return FALSE;
  for (guint i = 0; i < events->len; i++) {
    gint64 number = tessera_record_get_integer (events->pdata[i], "number");

    /* That it ended they must hear; what was written about the client no longer goes. */
    if (!may_speak)
      tessera_record_set (events->pdata[i], "text", NULL);
    if (!add_form_line (writer, events->pdata[i], error))
      return FALSE;
    if (i == 0)
      manifest->from = number;
    manifest->upto = MAX (manifest->upto, number);
  }
  return TRUE;
}

static char *
find_previous (TesseraTransaction *transaction, const char *partner) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT manifest_hash FROM bundle WHERE partner = ?1 AND direction = 'out'"
                 " ORDER BY _rowid DESC LIMIT 1", NULL);

  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, partner);
  return tessera_statement_step (statement, NULL) ? g_strdup (tessera_statement_get_text (statement, 0)) : NULL;
}

/* A quotation mark inside a name must not look like the end of it. */
static char *
build_comment (TesseraTransaction *transaction, TesseraRecord *partner) {
  g_autofree char *from = tessera_identity_get_organization_name (transaction);
  g_autofree char *to = g_strdup (tessera_record_get (partner, "name"));

  g_strdelimit (from, "\"", '\'');
  g_strdelimit (to, "\"", '\'');
  return g_strdup_printf ("from=\"%s\" to=\"%s\"", from, to);
}

static guint8 *
collect_recipients (TesseraRecord *partner, gsize *ret_count, GError **error) {
  const char *text = tessera_record_get (partner, "card");
  g_autoptr (TesseraCard) card = tessera_card_parse (text, strlen (text), 0, error);
  guint8 *keys;

  if (!card)
    return NULL;
  keys = g_malloc (card->devices->len * TESSERA_AGE_KEY_SIZE);
  *ret_count = card->devices->len;
  for (guint i = 0; i < card->devices->len; i++) {
    const TesseraCardDevice *device = card->devices->pdata[i];

    if (!tessera_age_public_key_from_text (device->encryption, keys + i * TESSERA_AGE_KEY_SIZE, error)) {
      g_free (keys);
      return NULL;
    }
  }
  return keys;
}

/* @referral: (nullable): for an acknowledgement that speaks of none. */
static gboolean
fill_manifest (TesseraTransaction *transaction, TesseraManifest *manifest, const char *partner, const char *referral,
               GError **error) {
  gint64 now = tessera_transaction_get_now (transaction) / 1000 * 1000;
  g_auto (GStrv) parts = g_strsplit (referral ? referral : "", "-", -1);

  manifest->flow = TESSERA_FLOW_REFERRAL;
  manifest->id = tessera_manifest_new_id ();
  manifest->organization = tessera_identity_get_organization (transaction, error);
  manifest->device = tessera_identity_get_device (transaction);
  manifest->stream = referral ? g_strjoinv (NULL, parts) : NULL;
  manifest->previous = find_previous (transaction, partner);
  manifest->created = now;
  manifest->expires = now + EXPIRE_DAYS * DAY;
  return manifest->organization != NULL
         && tessera_post_fill_vector (transaction, partner, manifest->version_vector, error);
}

/* Where this partner looks for what is from us; older cards do not say. */
static char *
get_mailbox (TesseraTransaction *transaction, TesseraRecord *partner) {
  const char *text = tessera_record_get (partner, "card");
  g_autoptr (TesseraCard) card = text ? tessera_card_parse (text, strlen (text), 0, NULL) : NULL;
  g_autofree char *own = tessera_identity_get_organization (transaction, NULL);

  return card && card->mailbox && own ? tessera_card_relation_mailbox (card->mailbox, own) : NULL;
}

static gboolean
note_letter (TesseraTransaction *transaction, const TesseraPostLetter *letter, const TesseraManifest *manifest,
             TesseraRecord *partner, const char *hash, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (transaction, "bundle");
  g_autofree char *mailbox = get_mailbox (transaction, partner);

  tessera_record_set (row, "direction", "out");
  tessera_record_set (row, "manifest_id", manifest->id);
  tessera_record_set (row, "flow", "referral");
  tessera_record_set (row, "partner", tessera_record_get_id (partner));
  tessera_record_set (row, "mailbox", mailbox);
  tessera_record_set (row, "referral", letter->referral);
  tessera_record_set_integer (row, "number", manifest->upto);
  tessera_record_set (row, "manifest_hash", hash);
  tessera_record_set (row, "file_name", letter->name);
  tessera_record_set_integer (row, "size", letter->size);
  tessera_record_set (row, "state", "spooled");
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, row, error)
         && tessera_transaction_audit (transaction, "share", "referral", letter->referral,
                                       tessera_record_get (row, "manifest_id"), error);
}

/* On the disk under its name when this returns %TRUE. */
static gboolean
write_letter (TesseraPostLetter *letter, TesseraBundleWriter *writer, TesseraManifest *manifest,
              const TesseraBundleSeal *seal, const char *outbox, char **ret_hash, GError **error) {
  g_autoptr (GOutputStream) stream = tessera_outbox_begin (outbox, error);

  if (!stream || !tessera_bundle_writer_finish (writer, manifest, seal, stream, &letter->name, ret_hash, error))
    return FALSE;
  letter->size = tessera_outbox_get_size (stream);
  return tessera_outbox_commit (stream, letter->name, error);
}

static gboolean
seal (TesseraTransaction *transaction, TesseraPostLetter *letter, TesseraBundleWriter *writer,
      TesseraManifest *manifest, TesseraRecord *partner, const char *outbox, char **ret_hash, GError **error) {
  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *comment = build_comment (transaction, partner);
  g_autofree guint8 *keys = NULL;
  g_autoptr (TesseraSecret) signing = tessera_identity_get_signing_key (transaction, error);
  TesseraBundleSeal seal = { .comment = comment, .key = signing };

  if (!signing || !tessera_identity_get_certificate (transaction, &certificate, &signature, error))
    return FALSE;
  keys = collect_recipients (partner, &seal.n_public_keys, error);
  if (!keys)
    return FALSE;
  seal.certificate = certificate;
  seal.certificate_signature = signature;
  seal.public_keys = keys;
  return write_letter (letter, writer, manifest, &seal, outbox, ret_hash, error);
}

/* A referral that was never carried goes with the person's data; later letters carry only events. */
static gboolean
collect (TesseraTransaction *transaction, TesseraRecord *referral, TesseraManifest *manifest,
         TesseraBundleWriter *writer, GError **error) {
  const char *id = tessera_record_get_id (referral);
  gboolean ours = g_strcmp0 (tessera_record_get (referral, "direction"), "out") == 0;
  g_autoptr (TesseraRecord) event = NULL;
  g_autoptr (TesseraRecord) sent = NULL;
  gboolean with_person;
  gint64 carried;

  if (!get_carried (transaction, id, &carried, error))
    return FALSE;
  with_person = brings_person (transaction, referral, carried);
  if (ours && g_strcmp0 (tessera_record_get (referral, "status"), "draft") == 0) {
    event = tessera_referral_send (transaction, id, manifest->id, error);
    /* Sending sets the day the answer is due, which the receiver is told. */
    sent = event ? tessera_transaction_load (transaction, "referral", id, error) : NULL;
    if (!sent)
      return FALSE;
    referral = sent;
  }
  if (with_person) {
    if (!add_person (transaction, writer, referral, error))
      return FALSE;
  } else if (!add_name_line (writer, referral, error)) {
    return FALSE;
  }
  return add_events (transaction, writer, referral, carried, manifest, error);
}

TesseraPostLetter *
tessera_post_seal_next (TesseraTransaction *transaction, const char *outbox, const char *partner_id,
                        const char *wanted, GError **error) {
  g_autoptr (TesseraPostLetter) letter = g_new0 (TesseraPostLetter, 1);
  g_autoptr (TesseraManifest) manifest = tessera_manifest_new ();
  g_autoptr (TesseraBundleWriter) writer = NULL;
  g_autoptr (TesseraRecord) partner = NULL;
  g_autoptr (TesseraRecord) referral = NULL;
  g_autofree char *hash = NULL;

  letter->referral = find_next (transaction, partner_id, wanted, error);
  if (!letter->referral)
    return NULL;
  referral = tessera_transaction_load (transaction, "referral", letter->referral, error);
  partner = tessera_transaction_load (transaction, "partner", partner_id, error);
  writer = tessera_bundle_writer_new (outbox, error);
  if (!referral || !partner || !writer
      || !tessera_partners_check_sending (partner, tessera_transaction_get_now (transaction), error)
      || !fill_manifest (transaction, manifest, partner_id, letter->referral, error)
      || !collect (transaction, referral, manifest, writer, error)
      || !seal (transaction, letter, writer, manifest, partner, outbox, &hash, error)
      || !note_letter (transaction, letter, manifest, partner, hash, error))
    return NULL;
  return g_steal_pointer (&letter);
}

/* Only what we have; nothing about anybody. */
static TesseraPostLetter *
seal_acknowledgement (TesseraTransaction *transaction, const char *outbox, const char *partner_id, GError **error) {
  g_autoptr (TesseraPostLetter) letter = g_new0 (TesseraPostLetter, 1);
  g_autoptr (TesseraManifest) manifest = tessera_manifest_new ();
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (outbox, error);
  g_autoptr (TesseraRecord) partner = tessera_transaction_load (transaction, "partner", partner_id, error);
  g_autofree char *hash = NULL;

  if (!writer || !partner || !fill_manifest (transaction, manifest, partner_id, NULL, error)
      || !seal (transaction, letter, writer, manifest, partner, outbox, &hash, error)
      || !note_letter (transaction, letter, manifest, partner, hash, error))
    return NULL;
  return g_steal_pointer (&letter);
}

/* One event of our side, with no person in it. */
static TesseraRecord *
make_erasure_event (TesseraTransaction *transaction, TesseraRecord *request) {
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  gboolean asks = g_strcmp0 (tessera_record_get (request, "direction"), "out") == 0;
  TesseraRecord *event = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "referral_event"),
                                                 tessera_record_get (request, "event"));

  tessera_record_set (event, "side", asks ? "sender" : "receiver");
  tessera_record_set (event, "kind", asks ? "erase_request" : "erase_done");
  tessera_record_set_integer (event, "number", tessera_record_get_integer (request, "number"));
  tessera_record_set_integer (event, "at", tessera_record_get_integer (request, "asked_at"));
  return event;
}

static gboolean
seal_erasure (TesseraTransaction *transaction, const char *outbox, TesseraRecord *request, GError **error) {
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  const char *partner_id = tessera_record_get (request, "partner");
  g_autoptr (TesseraPostLetter) letter = g_new0 (TesseraPostLetter, 1);
  g_autoptr (TesseraManifest) manifest = tessera_manifest_new ();
  g_autoptr (TesseraBundleWriter) writer = tessera_bundle_writer_new (outbox, error);
  g_autoptr (TesseraRecord) partner = tessera_transaction_load (transaction, "partner", partner_id, error);
  g_autoptr (TesseraRecord) event = make_erasure_event (transaction, request);
  g_autoptr (TesseraRecord) name = tessera_record_new_for (
    registry, tessera_registry_get_entity (registry, "referral"), tessera_record_get (request, "referral"));
  g_autofree char *hash = NULL;

  letter->referral = g_strdup (tessera_record_get (request, "referral"));
  if (!writer || !partner || !fill_manifest (transaction, manifest, partner_id, letter->referral, error))
    return FALSE;
  manifest->from = manifest->upto = tessera_record_get_integer (request, "number");
  return add_line (writer, name, error) && add_form_line (writer, event, error)
         && seal (transaction, letter, writer, manifest, partner, outbox, &hash, error)
         && note_letter (transaction, letter, manifest, partner, hash, error);
}

static gboolean
seal_erasures (TesseraTransaction *transaction, const char *outbox, const char *partner, guint *count, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (
    transaction, "erasure_request", "WHERE id IN (SELECT r.id " ERASURES ") ORDER BY id", error);
  g_autoptr (GPtrArray) requests = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, partner);
  requests = tessera_statement_collect (statement, error);
  for (guint i = 0; requests && i < requests->len; i++) {
    if (!seal_erasure (transaction, outbox, requests->pdata[i], error))
      return FALSE;
    (*count)++;
  }
  return requests != NULL;
}

gboolean
tessera_post_seal_waiting (TesseraTransaction *transaction, const char *outbox, const char *partner, guint *count,
                           GError **error) {
  g_autoptr (TesseraPostLetter) acknowledgement = NULL;
  g_autoptr (GPtrArray) ids = list_waiting (transaction, partner, NULL, error);

  if (!ids)
    return FALSE;
  g_mkdir_with_parents (outbox, 0700);
  for (guint i = 0; i < ids->len; i++) {
    g_autoptr (TesseraPostLetter) letter = NULL;

    if (!is_ready (transaction, ids->pdata[i]))
      continue;
    letter = tessera_post_seal_next (transaction, outbox, partner, ids->pdata[i], error);
    if (!letter)
      return FALSE;
    (*count)++;
  }
  if (!seal_erasures (transaction, outbox, partner, count, error))
    return FALSE;
  if (!tessera_post_owes_acknowledgement (transaction, partner))
    return TRUE;
  acknowledgement = seal_acknowledgement (transaction, outbox, partner, error);
  *count += acknowledgement != NULL;
  return acknowledgement != NULL;
}

static gboolean
copy_file (const char *path, const char *folder, const char *name, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, error);
  g_autoptr (GOutputStream) output = input ? tessera_outbox_begin (folder, error) : NULL;

  return output
         && g_output_stream_splice (output, G_INPUT_STREAM (input), G_OUTPUT_STREAM_SPLICE_NONE, NULL, error) >= 0
         && tessera_outbox_commit (output, name, error);
}

/* Written beside, synced and renamed, so that a carrier never shows half a file. */
static gboolean
write_to_target (const TesseraPostLetter *letter, const char *outbox, const char *target, GError **error) {
  g_autofree char *kept = g_build_filename (outbox, letter->name, NULL);
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;

  if (!target)
    return TRUE;
  if (g_file_test (target, G_FILE_TEST_IS_DIR))
    return copy_file (kept, target, letter->name, error);
  folder = g_path_get_dirname (target);
  name = g_path_get_basename (target);
  return copy_file (kept, folder, name, error);
}

/* Once more is also sending: to whom, and whether the client still agrees, is asked again. @is_first: the letter that
 * carried the person. */
static gboolean
check_again (TesseraTransaction *transaction, const char *partner_id, const char *referral_id, gboolean is_first,
             GError **error) {
  g_autoptr (TesseraRecord) partner = tessera_transaction_load (transaction, "partner", partner_id, error);
  g_autoptr (TesseraRecord) referral = NULL;

  if (!partner || !tessera_partners_check_sending (partner, tessera_transaction_get_now (transaction), error))
    return FALSE;
  referral = tessera_transaction_load (transaction, "referral", referral_id, error);
  return referral && (!is_first || check_consent (transaction, referral, error));
}

static gboolean
is_first_letter (TesseraTransaction *transaction, const char *bundle) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT 1 FROM bundle b WHERE b.id = ?1 AND EXISTS (SELECT 1 FROM bundle c"
                 " WHERE c.referral = b.referral AND c.direction = 'out' AND c._rowid < b._rowid)", NULL);

  if (!statement)
    return TRUE;
  tessera_statement_bind_id (statement, 1, bundle);
  return !tessera_statement_step (statement, NULL);
}

gboolean
tessera_post_may_go (TesseraTransaction *transaction, TesseraRecord *bundle, GError **error) {
  const char *referral = tessera_record_get (bundle, "referral");
  g_autoptr (TesseraRecord) partner = NULL;

  if (!tessera_record_get (bundle, "partner"))
    return TRUE;
  if (referral && !tessera_referral_is_erased (transaction, referral))
    return check_again (transaction, tessera_record_get (bundle, "partner"), referral,
                        is_first_letter (transaction, tessera_record_get_id (bundle)), error);
  partner = tessera_transaction_load (transaction, "partner", tessera_record_get (bundle, "partner"), error);
  return partner && tessera_partners_check_sending (partner, tessera_transaction_get_now (transaction), error);
}

static TesseraPostLetter *
find_last (TesseraTransaction *transaction, const char *outbox, const char *partner, const char *referral,
           GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT b.referral, b.file_name, NOT EXISTS (SELECT 1 FROM bundle c WHERE c.referral = b.referral"
                 " AND c.direction = 'out' AND c._rowid < b._rowid) FROM bundle b WHERE b.partner = ?1"
                 " AND (?2 IS NULL OR b.referral = ?2) AND b.direction = 'out' AND b.referral IS NOT NULL ORDER BY b._rowid DESC LIMIT 1", error);
  g_autoptr (TesseraPostLetter) letter = g_new0 (TesseraPostLetter, 1);
  g_autofree char *path = NULL;
  GStatBuf status;

  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, partner);
  tessera_statement_bind_id (statement, 2, referral);
  if (!tessera_statement_step (statement, error))
    return NULL;
  letter->referral = tessera_statement_get_id (statement, 0);
  letter->name = g_strdup (tessera_statement_get_text (statement, 1));
  letter->again = TRUE;
  if (!check_again (transaction, partner, letter->referral, tessera_statement_get_integer (statement, 2) != 0, error))
    return NULL;
  path = g_build_filename (outbox, letter->name, NULL);
  if (g_stat (path, &status) != 0)
    return NULL;
  letter->size = status.st_size;
  return g_steal_pointer (&letter);
}

/* What could not be handed over was not sent, and the next try seals it anew. */
static gboolean
hand_over (const TesseraPostLetter *letter, const char *outbox, const char *target, GError **error) {
  g_autofree char *kept = NULL;

  if (write_to_target (letter, outbox, target, error))
    return TRUE;
  kept = g_build_filename (outbox, letter->name, NULL);
  g_unlink (kept);
  return FALSE;
}

TesseraPostLetter *
tessera_post_deliver (TesseraTransaction *transaction, const char *outbox, const char *partner, const char *referral,
                      const char *target, GError **error) {
  GError *local_error = NULL;
  g_autoptr (TesseraPostLetter) letter = NULL;

  g_mkdir_with_parents (outbox, 0700);
  letter = tessera_post_seal_next (transaction, outbox, partner, referral, &local_error);
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  if (letter)
    return hand_over (letter, outbox, target, error) ? g_steal_pointer (&letter) : NULL;
  letter = target ? find_last (transaction, outbox, partner, referral, error) : NULL;
  return letter && write_to_target (letter, outbox, target, error) ? g_steal_pointer (&letter) : NULL;
}
