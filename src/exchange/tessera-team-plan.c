/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-plan.c: what colleagues have not been sent.
 *
 * For each colleague of a circle we keep how much of our stream was sealed to them or is acknowledged by them; the next
 * bundle begins where the one who has least ends. Whoever is new is first heard of by an acknowledgement, after the
 * snapshot; then they too are sent what it did not have.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "tessera-base32.h"
#include "tessera-team-contents.h"
#include "tessera-team-private.h"

#define MINUTE G_GINT64_CONSTANT (60000)
#define DAY (24 * 60 * MINUTE)
/* An acknowledgement alone is sent at most this often for each member, so that a large team does not only say "thanks". */
#define ACKNOWLEDGE_MINUTES 10
/* A colleague who was heard of this long after, and still lacks what was sealed to them, is sent it again. */
#define AGAIN_DAYS 3
/* Versions of the roster that one bundle brings. */
#define MOST_ROSTERS 50

void
tessera_team_letter_free (TesseraTeamLetter *self) {
  if (!self)
    return;
  g_free (self->circle);
  g_free (self->mailbox);
  g_free (self->stream);
  g_free (self->team);
  g_clear_pointer (&self->fills, g_ptr_array_unref);
  g_free (self->audience);
  g_clear_pointer (&self->contents, g_ptr_array_unref);
  g_clear_pointer (&self->after, g_hash_table_unref);
  g_clear_pointer (&self->readers, g_ptr_array_unref);
  g_clear_pointer (&self->keys, g_array_unref);
  g_clear_pointer (&self->rosters, g_ptr_array_unref);
  tessera_manifest_free (self->manifest);
  g_free (self->name);
  g_free (self->manifest_hash);
  g_free (self);
}

char *
tessera_team_device_mailbox (const char *circle_mailbox, const char *device) {
  guint8 hash[16];

  crypto_generichash (hash, sizeof hash, (const guint8 *) device, strlen (device), (const guint8 *) circle_mailbox,
                      strlen (circle_mailbox));
  return tessera_base32_encode (hash, sizeof hash);
}

/* ---- what is remembered of a circle: {"have":{device:n},"seen":{stream:n},"at":t,"roster":v,"snapshot":{device:t},
 * "contents":{stream:n}} ---- */

static char *
book_key (const char *circle) {
  return g_strconcat ("exchange.circle.", circle, NULL);
}

JsonObject *
tessera_team_book_load (TesseraTransaction *transaction, const char *circle) {
  g_autofree char *key = book_key (circle);
  g_autofree char *text = tessera_transaction_get_setting (transaction, key);
  g_autoptr (JsonNode) node = text ? json_from_string (text, NULL) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_object_ref (json_node_get_object (node)) : json_object_new ();
}

gboolean
tessera_team_book_save (TesseraTransaction *transaction, const char *circle, JsonObject *book, GError **error) {
  g_autofree char *key = book_key (circle);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, book);
  text = json_to_string (node, FALSE);
  return tessera_transaction_set_setting (transaction, key, text, error);
}

JsonObject *
tessera_team_book_get_part (JsonObject *book, const char *name) {
  if (!json_object_has_member (book, name))
    json_object_set_object_member (book, name, json_object_new ());
  return json_object_get_object_member (book, name);
}

static gint64
get_number (JsonObject *object, const char *name, gint64 otherwise) {
  return json_object_get_int_member_with_default (object, name, otherwise);
}

/* ---- readers ---- */

static gboolean
is_everybodys (const TesseraRoster *roster, const TesseraRosterCircle *circle) {
  return circle == roster->circles->pdata[0];
}

TesseraTeamLetter *
tessera_team_letter_new (TesseraFlow flow, const TesseraRoster *roster, const TesseraRosterCircle *circle) {
  TesseraTeamLetter *letter = g_new0 (TesseraTeamLetter, 1);

  letter->flow = flow;
  letter->team = is_everybodys (roster, circle) ? NULL : g_strdup (circle->id);
  letter->circle = g_strdup (circle->id);
  letter->mailbox = g_strdup (circle->mailbox);
  letter->readers = g_ptr_array_new_with_free_func (g_free);
  letter->keys = g_array_new (FALSE, FALSE, sizeof (guint8));
  return letter;
}

gboolean
tessera_team_letter_add_reader (TesseraTeamLetter *letter, const TesseraRosterDevice *device, GError **error) {
  guint8 key[TESSERA_AGE_KEY_SIZE];

  if (device->encryption->len == 0 || !tessera_age_public_key_from_text (device->encryption->pdata[0], key, error))
    return FALSE;
  g_array_append_vals (letter->keys, key, sizeof key);
  g_ptr_array_add (letter->readers, g_strdup (device->id));
  return TRUE;
}

const TesseraRosterCircle *
tessera_team_get_audience (const TesseraRoster *roster, const TesseraRosterDevice *device) {
  for (guint i = 0; i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];

    if (tessera_roster_device_is_in (device, circle->id))
      return circle;
  }
  return NULL;
}

gboolean
tessera_team_is_reader (const TesseraRoster *roster, const TesseraRosterDevice *device, const char *circle,
                        const char *self) {
  const TesseraRosterCircle *audience = tessera_team_get_audience (roster, device);

  return device->state == TESSERA_DEVICE_ACTIVE && strcmp (device->id, self) != 0 && audience
         && strcmp (audience->id, circle) == 0;
}

gboolean
tessera_team_letter_add_readers (TesseraTeamLetter *letter, const TesseraRoster *roster, const char *self, GError **error) {
  for (guint i = 0; i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (tessera_team_is_reader (roster, device, letter->circle, self) && !tessera_team_letter_add_reader (letter, device, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- the kinds of letters ---- */

typedef struct {
  TesseraTransaction *transaction;
  const TesseraRoster *roster;
  const TesseraRosterCircle *circle;
  const TesseraRosterDevice *own;
  JsonObject *book;
  GHashTable *vector;
  char *stream;
  gint64 sequence;
  GPtrArray *letters;
} Planning;

/* A colleague who was away still goes by an old roster, and the bundle with the next one may be gone. */
static gboolean
somebody_is_behind (Planning *self) {
  gint64 now = tessera_transaction_get_now (self->transaction);

  return json_object_has_member (self->book, "behind") && now - get_number (self->book, "roster_at", 0) > DAY;
}

/* Only the next version is accepted, so those before go with it. */
static gboolean
add_rosters (Planning *self, TesseraTeamLetter *letter, GError **error) {
  letter->rosters = g_ptr_array_new_with_free_func (g_free);
  for (gint64 version = MAX (1, self->roster->version - MOST_ROSTERS + 1); version <= self->roster->version; version++) {
    char *text = tessera_roster_load_text (self->transaction, version, NULL);

    if (text)
      g_ptr_array_add (letter->rosters, text);
  }
  if (letter->rosters->len > 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING,
                       _("The list of the organization's laptops is not here; restore a backup."));
  return FALSE;
}

static gboolean
plan_roster (Planning *self, GError **error) {
  g_autoptr (TesseraTeamLetter) letter = NULL;

  if (!tessera_identity_has_root (self->transaction)
      || (get_number (self->book, "roster", 0) >= self->roster->version && !somebody_is_behind (self)))
    return TRUE;
  letter = tessera_team_letter_new (TESSERA_FLOW_ROSTER, self->roster, self->circle);
  if (!add_rosters (self, letter, error) || !tessera_team_letter_add_readers (letter, self->roster, self->own->id, error))
    return FALSE;
  if (letter->readers->len > 0)
    g_ptr_array_add (self->letters, g_steal_pointer (&letter));
  return TRUE;
}

/* Whoever holds the root key admitted them, and has everything. */
static gboolean
plan_snapshots (Planning *self, GError **error) {
  JsonObject *done = tessera_team_book_get_part (self->book, "snapshot");

  if (!tessera_identity_has_root (self->transaction))
    return TRUE;
  for (guint i = 0; i < self->roster->devices->len; i++) {
    const TesseraRosterDevice *device = self->roster->devices->pdata[i];
    g_autoptr (TesseraTeamLetter) letter = NULL;
    gint64 heard_at = 0;

    if (!tessera_team_is_reader (self->roster, device, self->circle->id, self->own->id) || json_object_has_member (done, device->id))
      continue;
    letter = tessera_team_letter_new (TESSERA_FLOW_SNAPSHOT, self->roster, self->circle);
    letter->after = tessera_transaction_get_acknowledged (self->transaction, device->id, &heard_at, error);
    if (!letter->after)
      return FALSE;
    letter->everybody = TRUE;
    g_free (letter->mailbox);
    letter->mailbox = tessera_team_device_mailbox (self->circle->mailbox, device->id);
    if (!tessera_team_letter_add_reader (letter, device, error))
      return FALSE;
    g_ptr_array_add (self->letters, g_steal_pointer (&letter));
  }
  return TRUE;
}

/* Clients who came to the team: the whole story, once. */
static gboolean
plan_fills (Planning *self, GError **error) {
  g_autoptr (TesseraTeamLetter) letter = NULL;
  JsonObject *fills;
  g_autoptr (GList) names = NULL;

  if (!json_object_has_member (self->book, "fills"))
    return TRUE;
  fills = json_object_get_object_member (self->book, "fills");
  names = json_object_get_members (fills);
  if (!names)
    return TRUE;
  letter = tessera_team_letter_new (TESSERA_FLOW_SNAPSHOT, self->roster, self->circle);
  letter->fills = g_ptr_array_new_with_free_func (g_free);
  for (GList *name = names; name; name = name->next)
    g_ptr_array_add (letter->fills, g_strdup (name->data));
  if (!tessera_team_letter_add_readers (letter, self->roster, self->own->id, error))
    return FALSE;
  if (letter->readers->len > 0)
    g_ptr_array_add (self->letters, g_steal_pointer (&letter));
  return TRUE;
}

/* Up to where everybody who was heard of has, or was sealed, our stream. */
static gint64
find_start (Planning *self, gboolean *ret_any) {
  JsonObject *have = tessera_team_book_get_part (self->book, "have");
  gint64 start = self->sequence;

  *ret_any = FALSE;
  for (guint i = 0; i < self->roster->devices->len; i++) {
    const TesseraRosterDevice *device = self->roster->devices->pdata[i];

    if (!tessera_team_is_reader (self->roster, device, self->circle->id, self->own->id))
      continue;
    *ret_any = TRUE;
    if (json_object_has_member (have, device->id))
      start = MIN (start, get_number (have, device->id, 0));
  }
  return start;
}

/* Something was taken in since we last said what we have. */
static gboolean
owes_acknowledgement (Planning *self, guint n_members) {
  JsonObject *seen = tessera_team_book_get_part (self->book, "seen");
  gint64 now = tessera_transaction_get_now (self->transaction);
  GHashTableIter iter;
  gpointer stream, sequence;

  if (json_object_has_member (self->book, "at") && get_number (self->book, "at", 0) <= now
      && now - get_number (self->book, "at", 0) < ACKNOWLEDGE_MINUTES * MINUTE * n_members)
    return FALSE;
  g_hash_table_iter_init (&iter, self->vector);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    if (strcmp (stream, self->stream) != 0 && get_number (seen, stream, 0) < *(gint64 *) sequence)
      return TRUE;
  return FALSE;
}

static gboolean
plan_changes (Planning *self, GError **error) {
  g_autoptr (TesseraTeamLetter) letter = tessera_team_letter_new (TESSERA_FLOW_TEAM, self->roster, self->circle);
  gboolean any;
  gint64 start = find_start (self, &any);

  if (!any || !tessera_team_letter_add_readers (letter, self->roster, self->own->id, error))
    return !any;
  if (start >= self->sequence && !owes_acknowledgement (self, letter->readers->len))
    return TRUE;
  letter->stream = g_strdup (self->stream);
  letter->after = tessera_vector_new ();
  tessera_vector_set (letter->after, self->stream, start);
  g_ptr_array_add (self->letters, g_steal_pointer (&letter));
  return TRUE;
}

/* Who is gone, and may come back, begins with a snapshot. */
static void
forget_gone (Planning *self) {
  JsonObject *have = tessera_team_book_get_part (self->book, "have");
  JsonObject *done = tessera_team_book_get_part (self->book, "snapshot");

  for (guint i = 0; i < self->roster->devices->len; i++) {
    const TesseraRosterDevice *device = self->roster->devices->pdata[i];

    if (device->state != TESSERA_DEVICE_ACTIVE) {
      json_object_remove_member (have, device->id);
      json_object_remove_member (done, device->id);
    }
  }
}

static gboolean
plan_circle (Planning *self, GError **error) {
  gboolean ok;

  self->stream = tessera_transaction_get_own_stream (self->transaction, error);
  if (!self->stream)
    return FALSE;
  self->book = tessera_team_book_load (self->transaction, self->circle->id);
  self->vector = tessera_transaction_get_vector (self->transaction, error);
  self->sequence = self->vector ? tessera_vector_get (self->vector, self->stream) : 0;
  forget_gone (self);
  ok = self->vector && plan_roster (self, error) && plan_snapshots (self, error) && plan_changes (self, error)
       && plan_fills (self, error);
  g_clear_pointer (&self->vector, g_hash_table_unref);
  g_clear_pointer (&self->book, json_object_unref);
  g_clear_pointer (&self->stream, g_free);
  return ok;
}

/* ---- teams that hold their own clients only ---- */

static gboolean
is_member (const char *device, const char *team, gpointer data) {
  const TesseraRosterDevice *found = tessera_roster_find_device (data, device);

  return found && tessera_roster_device_is_in (found, team);
}

static gboolean
add_fills (TesseraTransaction *transaction, const char *team, GPtrArray *subjects, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, team);
  JsonObject *fills = tessera_team_book_get_part (book, "fills");

  for (guint i = 0; i < subjects->len; i++)
    json_object_set_boolean_member (fills, subjects->pdata[i], TRUE);
  return tessera_team_book_save (transaction, team, book, error);
}

/* Whoever holds the root key keeps the teams complete. How far it has looked is kept with the organization's circle. */
static gboolean
find_fills (TesseraTransaction *transaction, TesseraRoster *roster, GError **error) {
  const TesseraRosterCircle *everybodys = roster->circles->pdata[0];
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, everybodys->id);
  gboolean first = !json_object_has_member (book, "looked");
  JsonObject *looked = tessera_team_book_get_part (book, "looked");
  g_autoptr (GHashTable) after = tessera_vector_new ();
  g_autoptr (GHashTable) now = tessera_transaction_get_vector (transaction, error);
  g_autoptr (GHashTable) moved = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!now)
    return FALSE;
  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    tessera_vector_set (after, key, first ? *(gint64 *) value : get_number (looked, key, 0));
    json_object_set_int_member (looked, key, *(gint64 *) value);
  }
  moved = tessera_transaction_list_moved (transaction, after, is_member, roster, error);
  if (!moved)
    return FALSE;
  g_hash_table_iter_init (&iter, moved);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!add_fills (transaction, key, value, error))
      return FALSE;
  return tessera_team_book_save (transaction, everybodys->id, book, error);
}

/* How much of what was written here somebody who holds everything has. */
static gboolean
get_safe (TesseraTransaction *transaction, const TesseraRoster *roster, const char *own, gint64 *ret_safe,
          GError **error) {
  const TesseraRosterCircle *everybodys = roster->circles->pdata[0];
  g_autofree char *stream = tessera_transaction_get_own_stream (transaction, error);

  *ret_safe = 0;
  for (guint i = 0; stream && i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];
    g_autoptr (GHashTable) vector = NULL;

    if (!tessera_team_is_reader (roster, device, everybodys->id, own))
      continue;
    vector = tessera_transaction_get_acknowledged (transaction, device->id, NULL, error);
    if (!vector)
      return FALSE;
    *ret_safe = MAX (*ret_safe, tessera_vector_get (vector, stream));
  }
  return stream != NULL;
}

/* Which clients are held here follows the roster. */
static gboolean
keep_to_team (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraRosterDevice *own,
              GError **error) {
  const TesseraRosterCircle *audience = tessera_team_get_audience (roster, own);
  gboolean everybody = !audience || is_everybodys (roster, audience);
  const char *teams[] = { audience ? audience->id : NULL, NULL };
  g_autofree char *known = tessera_transaction_get_setting (transaction, TESSERA_SETTING_TEAM);
  gint64 safe;

  if (everybody)
    return !known || !*known || tessera_transaction_set_setting (transaction, TESSERA_SETTING_TEAM, "", error);
  if (g_strcmp0 (known, audience->id) != 0
      && !tessera_transaction_set_setting (transaction, TESSERA_SETTING_TEAM, audience->id, error))
    return FALSE;
  return get_safe (transaction, roster, own->id, &safe, error)
         && tessera_transaction_forget_others (transaction, teams, safe, error);
}

GPtrArray *
tessera_team_plan (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) letters = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_team_letter_free);
  g_autofree char *device = tessera_identity_get_device (transaction);
  g_autoptr (TesseraRoster) roster = NULL;
  Planning planning = { .transaction = transaction, .letters = letters };
  GError *local_error = NULL;

  roster = tessera_roster_load (transaction, &local_error);
  if (g_error_matches (local_error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING)) {
    g_clear_error (&local_error);
    return g_steal_pointer (&letters);
  }
  if (!roster) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  planning.roster = roster;
  planning.own = tessera_roster_find_device (roster, device);
  if (!planning.own || planning.own->state != TESSERA_DEVICE_ACTIVE)
    return g_steal_pointer (&letters);
  if (!keep_to_team (transaction, roster, planning.own, error)
      || (roster->circles->len > 1 && tessera_identity_has_root (transaction)
          && !find_fills (transaction, roster, error)))
    return NULL;
  for (guint i = 0; i < roster->circles->len; i++) {
    planning.circle = roster->circles->pdata[i];
    if (!plan_circle (&planning, error))
      return NULL;
  }
  return g_steal_pointer (&letters);
}

/* ---- what became of it ---- */

static void
note_readers (JsonObject *book, TesseraTeamLetter *letter) {
  JsonObject *have = tessera_team_book_get_part (book, "have");
  gint64 start = tessera_vector_get (letter->after, letter->stream);

  for (guint i = 0; i < letter->readers->len; i++) {
    const char *device = letter->readers->pdata[i];

    if (json_object_has_member (have, device) && get_number (have, device, 0) >= start)
      json_object_set_int_member (have, device, MAX (get_number (have, device, 0), letter->manifest->upto));
  }
}

static void
note_seen (JsonObject *book, GHashTable *vector) {
  JsonObject *seen = tessera_team_book_get_part (book, "seen");
  GHashTableIter iter;
  gpointer stream, sequence;

  g_hash_table_iter_init (&iter, vector);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    json_object_set_int_member (seen, stream, *(gint64 *) sequence);
}

static gboolean
add_row (TesseraTransaction *transaction, const TesseraTeamLetter *letter, GError **error) {
  g_autoptr (TesseraRecord) row = tessera_transaction_new_record (transaction, "bundle");
  g_autofree char *stream = tessera_transaction_get_own_stream (transaction, error);
  gint64 written;

  if (!stream)
    return FALSE;
  /* Whoever says to have this much of ours has read what was sealed together with it. */
  written = letter->flow == TESSERA_FLOW_SNAPSHOT ? tessera_vector_get (letter->manifest->version_vector, stream) : 0;
  tessera_record_set (row, "direction", "out");
  tessera_record_set (row, "manifest_id", letter->manifest->id);
  tessera_record_set (row, "flow", tessera_flow_to_text (letter->flow));
  tessera_record_set (row, "stream", stream);
  tessera_record_set_integer (row, "first", letter->manifest->from);
  tessera_record_set_integer (row, "number", letter->manifest->upto > 0 ? letter->manifest->upto : written);
  tessera_record_set (row, "manifest_hash", letter->manifest_hash);
  tessera_record_set (row, "file_name", letter->name);
  tessera_record_set_integer (row, "size", letter->size);
  tessera_record_set (row, "mailbox", letter->mailbox);
  tessera_record_set (row, "state", "spooled");
  tessera_record_set_integer (row, "at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, row, error);
}

gboolean
tessera_team_note_sealed (TesseraTransaction *transaction, TesseraTeamLetter *letter, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, letter->circle);
  gint64 now = tessera_transaction_get_now (transaction);

  if (letter->flow == TESSERA_FLOW_ROSTER) {
    json_object_set_int_member (book, "roster", letter->manifest->roster);
    json_object_set_int_member (book, "roster_at", now);
    json_object_remove_member (book, "behind");
  }
  for (guint i = 0; letter->fills && i < letter->fills->len; i++)
    json_object_remove_member (tessera_team_book_get_part (book, "fills"), letter->fills->pdata[i]);
  if (letter->flow == TESSERA_FLOW_SNAPSHOT && !letter->fills)
    json_object_set_int_member (tessera_team_book_get_part (book, "snapshot"), letter->readers->pdata[0], now);
  if (letter->flow == TESSERA_FLOW_TEAM && !letter->contents) {
    if (letter->manifest->upto > 0)
      note_readers (book, letter);
    note_seen (book, letter->manifest->version_vector);
    json_object_set_int_member (book, "at", now);
  }
  return add_row (transaction, letter, error) && tessera_team_book_save (transaction, letter->circle, book, error)
         && tessera_team_note_contents (transaction, letter, error);
}

gboolean
tessera_team_note_behind (TesseraTransaction *transaction, const char *circle, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, circle);

  json_object_set_boolean_member (book, "behind", TRUE);
  return tessera_team_book_save (transaction, circle, book, error);
}

gboolean
tessera_team_note_heard (TesseraTransaction *transaction, const char *circle, const char *device, GHashTable *vector,
                         GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, circle);
  g_autofree char *stream = tessera_transaction_get_own_stream (transaction, NULL);
  JsonObject *have = tessera_team_book_get_part (book, "have");
  JsonObject *again = tessera_team_book_get_part (book, "lacking");
  gint64 now = tessera_transaction_get_now (transaction);
  gint64 has = stream ? tessera_vector_get (vector, stream) : 0;
  gint64 had = get_number (have, device, -1);
  gboolean begins = FALSE;

  if (!tessera_transaction_note_acknowledged (transaction, device, vector, error))
    return FALSE;
  if (has >= had) {
    begins = had < 0;
    json_object_set_int_member (have, device, has);
    json_object_remove_member (again, device);
  } else if (!json_object_has_member (again, device)) {
    json_object_set_int_member (again, device, now);
  } else if (now - get_number (again, device, now) > AGAIN_DAYS * DAY) {
    /* It is still there, and what was sealed to it did not reach it. */
    begins = TRUE;
    json_object_set_int_member (have, device, has);
    json_object_remove_member (again, device);
  }
  return tessera_team_book_save (transaction, circle, book, error)
         && (!begins || tessera_team_owe_colleague (transaction, circle, device, vector, error));
}

/* ---- what was taken back ---- */

static gboolean
take_back (TesseraTransaction *transaction, const char *circle, const char *stream, gint64 first, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, circle);
  g_autoptr (GList) devices = json_object_get_members (tessera_team_book_get_part (book, "have"));
  JsonObject *have = tessera_team_book_get_part (book, "have");

  for (GList *item = devices; item; item = item->next) {
    g_autoptr (GHashTable) vector = tessera_transaction_get_acknowledged (transaction, item->data, NULL, error);
    gint64 has;

    if (!vector)
      return FALSE;
    has = MAX (tessera_vector_get (vector, stream), first - 1);
    json_object_set_int_member (have, item->data, MIN (get_number (have, item->data, 0), has));
  }
  return tessera_team_book_save (transaction, circle, book, error);
}

gboolean
tessera_team_note_withdrawn (TesseraTransaction *transaction, const char *mailbox, const char *stream, gint64 first,
                             GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);

  if (!roster)
    return FALSE;
  for (guint i = 0; i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];

    if (g_strcmp0 (circle->mailbox, mailbox) == 0 && !take_back (transaction, circle->id, stream, first, error))
      return FALSE;
  }
  return TRUE;
}

/* Which of them were in it is not kept. */
static gboolean
fill_again (TesseraTransaction *transaction, const char *team, GError **error) {
  g_autoptr (GPtrArray) subjects = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT id FROM client WHERE team = ?1", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, team);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (subjects, tessera_statement_get_id (statement, 0));
  if (!local_error)
    return add_fills (transaction, team, subjects, error);
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
send_snapshot_again (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraRosterCircle *circle,
                     const char *mailbox, GError **error) {
  g_autoptr (JsonObject) book = tessera_team_book_load (transaction, circle->id);

  for (guint i = 0; i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];
    g_autofree char *own = tessera_team_device_mailbox (circle->mailbox, device->id);

    if (strcmp (own, mailbox) == 0 && !json_object_has_member (tessera_team_book_get_part (book, "have"), device->id))
      json_object_remove_member (tessera_team_book_get_part (book, "snapshot"), device->id);
  }
  return tessera_team_book_save (transaction, circle->id, book, error);
}

gboolean
tessera_team_note_snapshot_withdrawn (TesseraTransaction *transaction, const char *mailbox, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);

  if (!roster)
    return FALSE;
  for (guint i = 0; mailbox && i < roster->circles->len; i++) {
    const TesseraRosterCircle *circle = roster->circles->pdata[i];

    if (strcmp (circle->mailbox, mailbox) == 0 ? !fill_again (transaction, circle->id, error)
                                               : !send_snapshot_again (transaction, roster, circle, mailbox, error))
      return FALSE;
  }
  return TRUE;
}
