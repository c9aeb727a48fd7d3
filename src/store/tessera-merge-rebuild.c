/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-merge-rebuild.c: a row made again from every change of it in the log.
 *
 * A pure function of the set of changes and of what their authors had seen, so every device that has the same changes
 * comes to the same row. Used where change by change is not enough: two devices made the same row, a row that was
 * deleted is written to, a revoked device's changes are taken back.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-merge-private.h"

typedef struct {
  TesseraDot dot;
  TesseraChangeKind kind;
  const GArray *seen;    /* of the streams */
  char *body;            /* NULL for a deletion */
} Event;

typedef struct {
  TesseraStreams *streams;
  const TesseraEntity *entity;
  GArray *events;        /* of Event, each after all it had seen */
  GArray *makers;        /* of TesseraDot: creations no other creation had seen */
  GHashTable *keys;      /* field or member -> GArray of TesseraSiblingWrite */
  TesseraChangeLine line;
} Rebuild;

static void
event_clear (gpointer pointer) {
  g_free (((Event *) pointer)->body);
}

static void
rebuild_clear (Rebuild *self) {
  g_clear_pointer (&self->events, g_array_unref);
  g_clear_pointer (&self->makers, g_array_unref);
  g_clear_pointer (&self->keys, g_hash_table_unref);
  tessera_change_line_clear (&self->line);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rebuild, rebuild_clear)

static void
rebuild_init (Rebuild *self, TesseraStreams *streams, const TesseraEntity *entity) {
  self->streams = streams;
  self->entity = entity;
  self->events = g_array_new (FALSE, FALSE, sizeof (Event));
  g_array_set_clear_func (self->events, event_clear);
  self->makers = g_array_new (FALSE, FALSE, sizeof (TesseraDot));
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  tessera_change_line_init (&self->line);
}

static int
compare_events (gconstpointer a, gconstpointer b, gpointer data) {
  return tessera_streams_compare (data, &((const Event *) a)->dot, &((const Event *) b)->dot);
}

static gboolean
load_events (Rebuild *self, const guint8 *id, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->streams->transaction->connection,
    "SELECT sid, seq, clock, kind, body FROM change WHERE row = ?1 AND (body IS NOT NULL OR kind = 3)"
    " AND entity = ?2 AND (flags & 2) = 0", NULL, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, id, 16);
  tessera_statement_bind_integer (statement, 2, self->entity->number);
  while (tessera_statement_step (statement, &local_error)) {
    Event event = {
      { tessera_statement_get_integer (statement, 0), tessera_statement_get_integer (statement, 1),
        tessera_statement_get_integer (statement, 2) },
      (TesseraChangeKind) tessera_statement_get_integer (statement, 3),
      NULL,
      g_strdup (tessera_statement_get_text (statement, 4)),
    };

    event.seen = tessera_streams_seen (self->streams, &event.dot, &local_error);
    g_array_append_val (self->events, event);
    if (local_error)
      break;
  }
  /* A clock is always ahead of everything its author had seen. */
  g_array_sort_with_data (self->events, compare_events, self->streams);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* ---- one event ---- */

static void
drop_seen (GArray *writes, const Event *event) {
  for (guint i = writes->len; i > 0; i--)
    if (tessera_dot_saw (&event->dot, event->seen, &g_array_index (writes, TesseraSiblingWrite, i - 1).dot))
      g_array_remove_index (writes, i - 1);
}

static void
add_write (Rebuild *self, const Event *event, const char *key, const char *value) {
  GArray *writes = g_hash_table_lookup (self->keys, key);
  TesseraSiblingWrite write = { event->dot, g_strdup (value) };

  if (!writes) {
    writes = g_array_new (FALSE, FALSE, sizeof (TesseraSiblingWrite));
    g_array_set_clear_func (writes, tessera_sibling_write_clear);
    g_hash_table_insert (self->keys, g_strdup (key), writes);
  }
  drop_seen (writes, event);
  g_array_append_val (writes, write);
}

static void
add_members (Rebuild *self, const Event *event, const char *field, const char *codes, const char *value) {
  g_auto (GStrv) list = g_strsplit (codes ? codes : "", ",", -1);

  for (guint i = 0; list[i]; i++)
    if (*list[i]) {
      g_autofree char *key = tessera_member_key (field, list[i]);

      add_write (self, event, key, value);
    }
}

static void
add_fields (Rebuild *self, const Event *event) {
  for (guint i = 0; i < self->line.fields->len; i++) {
    const TesseraLineField *value = &g_array_index (self->line.fields, TesseraLineField, i);
    int index = tessera_entity_find_field (self->entity, value->name);

    if (index < 0 || !tessera_value_fits (&self->entity->fields[index], value))
      continue;
    if (self->entity->fields[index].merge != TESSERA_MERGE_SET) {
      add_write (self, event, value->name, value->text);
      continue;
    }
    add_members (self, event, value->name, value->text, "1");
    add_members (self, event, value->name, value->removed, "0");
  }
}

/* A row made again after it was deleted begins anew. */
static void
add_maker (Rebuild *self, const Event *event) {
  GHashTableIter iter;
  gpointer writes;

  for (guint i = self->makers->len; i > 0; i--)
    if (tessera_dot_saw (&event->dot, event->seen, &g_array_index (self->makers, TesseraDot, i - 1)))
      g_array_remove_index (self->makers, i - 1);
  g_array_append_val (self->makers, event->dot);
  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, NULL, &writes))
    drop_seen (writes, event);
}

static gboolean
add_event (Rebuild *self, const Event *event, GError **error) {
  if (event->kind == TESSERA_CHANGE_DELETE || !event->body)
    return TRUE;
  if (!tessera_change_line_parse_body (&self->line, event->body, strlen (event->body), error))
    return FALSE;
  if (event->kind != TESSERA_CHANGE_PUT)
    add_maker (self, event);
  add_fields (self, event);
  return TRUE;
}

/* Edit beats delete: one write that no deletion had seen keeps the row. */
static gboolean
is_alive (Rebuild *self) {
  for (guint i = 0; i < self->events->len; i++) {
    const Event *event = &g_array_index (self->events, Event, i);
    gboolean gone = event->kind == TESSERA_CHANGE_DELETE;

    for (guint j = 0; j < self->events->len && !gone; j++) {
      const Event *other = &g_array_index (self->events, Event, j);

      gone = other->kind == TESSERA_CHANGE_DELETE && tessera_dot_saw (&other->dot, other->seen, &event->dot);
    }
    if (!gone)
      return self->makers->len > 0;
  }
  return FALSE;
}

/* ---- the result ---- */

static TesseraDot
get_row_dot (Rebuild *self) {
  TesseraDot dot = g_array_index (self->makers, TesseraDot, 0);

  for (guint i = 1; i < self->makers->len; i++)
    if (tessera_streams_compare (self->streams, &g_array_index (self->makers, TesseraDot, i), &dot) < 0)
      dot = g_array_index (self->makers, TesseraDot, i);
  return dot;
}

static int
compare_keys (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
set_member (TesseraRecord *record, const char *field, const char *member, const GArray *writes) {
  const char *now = tessera_record_get (record, field);
  g_autofree char *joined = NULL;

  for (guint i = 0; i < writes->len; i++)
    if (g_strcmp0 (g_array_index (writes, TesseraSiblingWrite, i).value, "1") == 0) {
      joined = now ? g_strconcat (now, ",", member, NULL) : g_strdup (member);
      tessera_record_set (record, field, joined);
      return;
    }
}

static void
set_value (Rebuild *self, TesseraRecord *record, const char *field, const GArray *writes) {
  const TesseraSiblingWrite *shown = NULL;

  for (guint i = 0; i < writes->len; i++) {
    const TesseraSiblingWrite *write = &g_array_index (writes, TesseraSiblingWrite, i);

    if (!shown || tessera_streams_compare (self->streams, &write->dot, &shown->dot) > 0)
      shown = write;
  }
  if (shown)
    tessera_record_set (record, field, shown->value);
}

static gboolean
keep_siblings (Rebuild *self, const guint8 *id, const char *key, const TesseraDot *dot, const GArray *writes,
               GError **error) {
  const TesseraSiblingWrite *first = &g_array_index (writes, TesseraSiblingWrite, 0);

  if (writes->len == 1 && first->dot.sid == dot->sid && first->dot.sequence == dot->sequence)
    return TRUE;
  for (guint i = 0; i < writes->len; i++)
    if (!tessera_siblings_add (self->streams->transaction, self->entity, id, key,
                               &g_array_index (writes, TesseraSiblingWrite, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
note_conflicts (Rebuild *self, const guint8 *id, TesseraRecord *record, GError **error) {
  const char *subject = self->entity->subject ? tessera_record_get (record, self->entity->subject) : NULL;

  for (guint i = 0; i < self->entity->n_fields; i++) {
    const TesseraField *field = &self->entity->fields[i];
    const GArray *writes = g_hash_table_lookup (self->keys, field->name);

    if (writes && field->merge == TESSERA_MERGE_CONFLICT
        && !tessera_conflict_note (self->streams->transaction, self->entity, id, field, subject, writes, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
fill (Rebuild *self, const guint8 *id, const TesseraDot *dot, TesseraRecord *record, GError **error) {
  guint n_keys;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (self->keys, &n_keys);

  /* In order, so that the members of a set are. */
  qsort (keys, n_keys, sizeof *keys, compare_keys);
  for (guint i = 0; i < n_keys; i++) {
    const GArray *writes = g_hash_table_lookup (self->keys, keys[i]);
    const char *slash = strchr (keys[i], '/');

    if (writes->len == 0)
      continue;
    if (slash) {
      g_autofree char *field = g_strndup (keys[i], (gsize) (slash - (char *) keys[i]));

      set_member (record, field, slash + 1, writes);
    } else {
      set_value (self, record, keys[i], writes);
    }
    if (!keep_siblings (self, id, keys[i], dot, writes, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
tessera_merge_row_rebuild (TesseraStreams *streams, const TesseraEntity *entity, const guint8 *id, GError **error) {
  TesseraTransaction *transaction = streams->transaction;
  g_auto (TesseraMergeRow) row = { 0 };
  g_auto (Rebuild) self = { 0 };
  g_autoptr (TesseraRecord) after = NULL;
  TesseraDot dot = { 0 };
  char text[37];

  rebuild_init (&self, streams, entity);
  if (!tessera_merge_row_load (transaction, entity, id, &row, error)
      || (row.record && !tessera_merge_row_keep (transaction, &row, error)) || !load_events (&self, id, error))
    return FALSE;
  for (guint i = 0; i < self.events->len; i++)
    if (!add_event (&self, &g_array_index (self.events, Event, i), error))
      return FALSE;
  if (!tessera_siblings_drop_row (transaction, entity, id, error))
    return FALSE;
  if (is_alive (&self)) {
    tessera_uuid_format (id, text);
    after = tessera_record_new_for (transaction->connection->registry, entity, text);
    dot = get_row_dot (&self);
    if (!fill (&self, id, &dot, after, error))
      return FALSE;
  }
  return tessera_merge_row_replace (transaction, &row, after, &dot, error)
         && (after ? note_conflicts (&self, id, after, error)
                   : tessera_conflict_drop_row (transaction, entity, id, error));
}

/* ---- what is not needed ---- */

static gboolean
is_within (const GArray *cut, const TesseraDot *dot) {
  return dot->sid < (gint64) cut->len && dot->sequence <= g_array_index (cut, gint64, dot->sid);
}

/* Of a live row: overwritten as a whole, so that no write of it is left. What it wrote that is not known here counts as
 * left. */
static gboolean
is_overwritten (Rebuild *self, const Event *event, GError **error) {
  GHashTableIter iter;
  gpointer writes;

  if (event->kind != TESSERA_CHANGE_PUT || !tessera_change_line_parse_body (&self->line, event->body,
                                                                            strlen (event->body), error)
      || self->line.fields->len == 0)
    return FALSE;
  for (guint i = 0; i < self->line.fields->len; i++) {
    const TesseraLineField *value = &g_array_index (self->line.fields, TesseraLineField, i);
    int index = tessera_entity_find_field (self->entity, value->name);

    if (index < 0 || !tessera_value_fits (&self->entity->fields[index], value))
      return FALSE;
  }
  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, NULL, &writes))
    for (guint i = 0; i < ((GArray *) writes)->len; i++) {
      const TesseraDot *dot = &g_array_index ((GArray *) writes, TesseraSiblingWrite, i).dot;

      if (dot->sid == event->dot.sid && dot->sequence == event->dot.sequence)
        return FALSE;
    }
  return TRUE;
}

/* Only what everybody has can make something else superfluous. */
static gboolean
keep_within (Rebuild *self, const GArray *cut) {
  gboolean all = TRUE;

  for (guint i = self->events->len; i > 0; i--)
    if (!is_within (cut, &g_array_index (self->events, Event, i - 1).dot)) {
      g_array_remove_index (self->events, i - 1);
      all = FALSE;
    }
  return all;
}

static gboolean
is_all_old (Rebuild *self, gint64 clock) {
  for (guint i = 0; i < self->events->len; i++)
    if (g_array_index (self->events, Event, i).dot.clock >= clock)
      return FALSE;
  return TRUE;
}

static GArray *
list_spent (Rebuild *self, gboolean gone, gint64 clock, GError **error) {
  g_autoptr (GArray) spent = g_array_new (FALSE, FALSE, sizeof (TesseraDot));
  GError *local_error = NULL;

  for (guint i = 0; i < self->events->len && !local_error; i++) {
    const Event *event = &g_array_index (self->events, Event, i);

    if (gone || (event->dot.clock < clock && is_overwritten (self, event, &local_error)))
      g_array_append_val (spent, event->dot);
  }
  if (!local_error)
    return g_steal_pointer (&spent);
  g_propagate_error (error, local_error);
  return NULL;
}

GArray *
tessera_merge_row_list_spent (TesseraStreams *streams, const TesseraEntity *entity, const guint8 *id, const GArray *cut,
                              gint64 clock, GError **error) {
  g_auto (Rebuild) self = { 0 };
  gboolean all;

  rebuild_init (&self, streams, entity);
  if (!load_events (&self, id, error))
    return NULL;
  all = keep_within (&self, cut);
  for (guint i = 0; i < self.events->len; i++)
    if (!add_event (&self, &g_array_index (self.events, Event, i), error))
      return NULL;
  return list_spent (&self, all && is_all_old (&self, clock) && !is_alive (&self), clock, error);
}
