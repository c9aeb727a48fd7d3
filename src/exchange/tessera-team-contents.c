/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-contents.c: which contents go to whom, and into which bundle.
 *
 * A circle is owed what this device's documents hold; a device that gets a snapshot, everything, from who made it; a circle
 * to which a client comes, that client's. A colleague who was never heard of is owed nothing by the circle: what was
 * written before comes with the snapshot, what was written since when they are heard of. What is owed is in the store
 * (tessera-contents.h), so that nothing is lost and nothing sent twice.
 */
#include "config.h"
#include <string.h>

#include "tessera-attachment.h"
#include "tessera-contents.h"
#include "tessera-team-contents.h"

/* Of one audience in one go; the rest goes with the next exchange. */
#define MOST_LETTERS 8

typedef struct {
  TesseraTransaction *transaction;
  const TesseraRoster *roster;
  const char *own;
  GPtrArray *letters;
} Planning;

/* ---- what this device owes to a circle ---- */

static GHashTable *
load_looked (JsonObject *book) {
  JsonObject *looked = tessera_team_book_get_part (book, "contents");
  GHashTable *vector = tessera_vector_new ();
  JsonObjectIter iter;
  const char *stream;
  JsonNode *sequence;

  json_object_iter_init (&iter, looked);
  while (json_object_iter_next (&iter, &stream, &sequence))
    tessera_vector_set (vector, stream, json_node_get_int (sequence));
  return vector;
}

static gboolean
note_looked (JsonObject *book, GHashTable *vector, GPtrArray *streams) {
  JsonObject *looked = tessera_team_book_get_part (book, "contents");
  gboolean moved = FALSE;

  for (guint i = 0; i < streams->len; i++) {
    const char *stream = streams->pdata[i];
    gint64 sequence = tessera_vector_get (vector, stream);

    if (json_object_get_int_member_with_default (looked, stream, -1) == sequence)
      continue;
    json_object_set_int_member (looked, stream, sequence);
    moved = TRUE;
  }
  return moved;
}

static gboolean
is_anybody_heard (Planning *self, JsonObject *book, const TesseraRosterCircle *circle) {
  JsonObject *have = tessera_team_book_get_part (book, "have");

  for (guint i = 0; i < self->roster->devices->len; i++) {
    const TesseraRosterDevice *device = self->roster->devices->pdata[i];

    if (tessera_team_is_reader (self->roster, device, circle->id, self->own) && json_object_has_member (have, device->id))
      return TRUE;
  }
  return FALSE;
}

static const char *
get_team (const TesseraRoster *roster, const TesseraRosterCircle *circle) {
  return circle == roster->circles->pdata[0] ? NULL : circle->id;
}

static gboolean
owe_circle (Planning *self, const TesseraRosterCircle *circle, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (self->transaction, circle->id);
  g_autoptr (GHashTable) looked = load_looked (book);
  g_autoptr (GHashTable) now = tessera_transaction_get_vector (self->transaction, error);
  g_autoptr (GPtrArray) streams = now ? tessera_transaction_list_streams (self->transaction, self->own, error) : NULL;

  if (!streams
      || (is_anybody_heard (self, book, circle)
          && !tessera_transaction_owe_own_contents (self->transaction, circle->id, get_team (self->roster, circle), looked,
                                                    now, error)))
    return FALSE;
  return !note_looked (book, now, streams) || tessera_team_book_save (self->transaction, circle->id, book, error);
}

gboolean
tessera_team_owe_colleague (TesseraTransaction *transaction, const char *circle, const char *device, GHashTable *vector,
                            GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);
  const TesseraRosterCircle *found = roster ? tessera_roster_find_circle (roster, circle) : NULL;
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, circle);
  g_autoptr (GHashTable) looked = load_looked (book);

  return found
         && tessera_transaction_owe_own_contents (transaction, device, get_team (roster, found), vector, looked, error);
}

/* ---- letters ---- */

/* The next letter's part of @owed, from @first on. */
static TesseraTeamLetter *
take_some (Planning *self, const TesseraRosterCircle *circle, const char *audience, GPtrArray *owed, guint *first) {
  TesseraTeamLetter *letter = tessera_team_letter_new (TESSERA_FLOW_TEAM, self->roster, circle);
  gint64 size = 0;

  letter->audience = g_strdup (audience);
  letter->contents = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_content_due_free);
  for (; *first < owed->len && letter->contents->len < TESSERA_BUNDLE_MAX_BLOBS; (*first)++) {
    TesseraContentDue *due = owed->pdata[*first];

    if (letter->contents->len > 0 && size + due->size > TESSERA_TEAM_MAX_CONTENTS)
      break;
    size += due->size;
    g_ptr_array_add (letter->contents, g_steal_pointer (&owed->pdata[*first]));
  }
  return letter;
}

static gboolean
address (Planning *self, TesseraTeamLetter *letter, const TesseraRosterDevice *device, GError **error) {
  char *mailbox;

  if (!device)
    return tessera_team_letter_add_readers (letter, self->roster, self->own, error);
  mailbox = tessera_team_device_mailbox (letter->mailbox, device->id);
  g_free (letter->mailbox);
  letter->mailbox = mailbox;
  return tessera_team_letter_add_reader (letter, device, error);
}

/* @device: (nullable): for it alone */
static gboolean
plan_audience (Planning *self, const TesseraRosterCircle *circle, const TesseraRosterDevice *device, GError **error) {
  const char *audience = device ? device->id : circle->id;
  g_autoptr (GPtrArray) owed = tessera_transaction_list_owed_contents (
    self->transaction, audience, get_team (self->roster, circle), TESSERA_TEAM_LARGEST_CONTENT, error);
  guint next = 0;

  for (guint n = 0; owed && next < owed->len && n < MOST_LETTERS; n++) {
    g_autoptr (TesseraTeamLetter) letter = take_some (self, circle, audience, owed, &next);

    if (!address (self, letter, device, error))
      return FALSE;
    if (letter->readers->len > 0)
      g_ptr_array_add (self->letters, g_steal_pointer (&letter));
  }
  return owed != NULL;
}

static gboolean
plan_circle (Planning *self, const TesseraRosterCircle *circle, GError **error) {
  if (!owe_circle (self, circle, error) || !plan_audience (self, circle, NULL, error))
    return FALSE;
  for (guint i = 0; i < self->roster->devices->len; i++) {
    const TesseraRosterDevice *device = self->roster->devices->pdata[i];

    if (device->state != TESSERA_DEVICE_ACTIVE) {
      if (!tessera_transaction_drop_owed_contents (self->transaction, device->id, error))
        return FALSE;
    } else if (tessera_team_is_reader (self->roster, device, circle->id, self->own)
               && !plan_audience (self, circle, device, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

GPtrArray *
tessera_team_plan_contents (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) letters = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_team_letter_free);
  g_autofree char *own = tessera_identity_get_device (transaction);
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);
  const TesseraRosterDevice *device = roster ? tessera_roster_find_device (roster, own) : NULL;
  Planning self = { transaction, roster, own, letters };

  if (!device || device->state != TESSERA_DEVICE_ACTIVE)
    return g_steal_pointer (&letters);
  for (guint i = 0; i < roster->circles->len; i++)
    if (!plan_circle (&self, roster->circles->pdata[i], error))
      return NULL;
  return g_steal_pointer (&letters);
}

/* ---- sealing ---- */

static char *
make_line (const TesseraContentDue *due, const char *hash) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *line = json_object_new ();

  json_object_set_string_member (line, "k", "blob");
  json_object_set_string_member (line, "e", "document");
  json_object_set_string_member (line, "i", due->row);
  json_object_set_string_member (line, "p", due->client);
  json_object_set_string_member (line, "a", due->attachment);
  json_object_set_string_member (line, "b", hash);
  json_node_take_object (node, line);
  return json_to_string (node, FALSE);
}

static gboolean
add_content (TesseraTransaction *transaction, const TesseraContentDue *due, TesseraBundleWriter *writer, GError **error) {
  g_autoptr (GInputStream) stream = tessera_transaction_read_attachment (transaction, due->attachment, error);
  g_autofree char *hash = NULL;
  g_autofree char *line = NULL;

  if (!stream || !tessera_bundle_writer_add_blob (writer, stream, &hash, error))
    return FALSE;
  line = make_line (due, hash);
  return tessera_bundle_writer_add_line (writer, line, strlen (line), error);
}

/* What went meanwhile, or cannot be read, must not hold up the others; the vault check tells people. */
static gboolean
is_whole (TesseraTransaction *transaction, const TesseraContentDue *due) {
  return tessera_transaction_verify_attachment (transaction, due->attachment, NULL);
}

gboolean
tessera_team_add_contents (TesseraTransaction *transaction, const TesseraTeamLetter *letter, TesseraBundleWriter *writer,
                           TesseraStore *store, GCancellable *cancellable, GError **error) {
  for (guint i = 0; i < letter->contents->len; i++) {
    const TesseraContentDue *due = letter->contents->pdata[i];

    if (!tessera_store_should_go_on (store, cancellable, error)
        || (is_whole (transaction, due) && !add_content (transaction, due, writer, error)))
      return FALSE;
  }
  return TRUE;
}

/* ---- what became of it ---- */

gboolean
tessera_team_note_contents (TesseraTransaction *transaction, const TesseraTeamLetter *letter, GError **error) {
  for (guint i = 0; letter->contents && i < letter->contents->len; i++)
    if (!tessera_transaction_note_content_sent (transaction, letter->audience, letter->manifest->id,
                                                letter->contents->pdata[i], error))
      return FALSE;
  for (guint i = 0; letter->fills && i < letter->fills->len; i++)
    if (!tessera_transaction_owe_contents_of (transaction, letter->circle, letter->fills->pdata[i], error))
      return FALSE;
  return letter->flow != TESSERA_FLOW_SNAPSHOT || letter->fills
         || tessera_transaction_owe_all_contents (transaction, letter->readers->pdata[0], letter->team, error);
}
