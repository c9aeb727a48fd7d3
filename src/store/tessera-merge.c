/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-merge.c: taking in the lines of other devices, one by one, in the caller's transaction.
 *
 * A change is applied only when everything its author had seen is here, so whatever order bundles come in, each device
 * builds the same state. Numbers that are here already are passed over, so a bundle may come twice.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-merge-private.h"

/* The year 2100, in the units of the change log's clock. */
#define CLOCK_LIMIT (G_GINT64_CONSTANT (4102444800000) << 16)

struct _TesseraMerging {
  TesseraTransaction *transaction;
  TesseraMergeMay may;
  gpointer data;
  TesseraStreams *streams;       /* NULL until the first line */
  TesseraChangeLine line;
  TesseraStream *author;         /* of the current segment */
  GArray *seen;                  /* what it had seen */
  char *deps;                    /* the same as text */
  gint64 from;
  gboolean segment_kept;
  gboolean filling;              /* what comes is here as stubs */
  GHashTable *filled;            /* "entity row" of rows to be made again */
  gboolean some_erased;          /* there is a subject that was erased, so each has to be looked for */
  gint64 open_before;            /* conflicts before we began */
  gint64 n_changes;
  GPtrArray *field_names;
  GPtrArray *values;             /* of the line, in the order of its entity's fields */
  char author_text[33];
  char device_text[33];
};

G_DEFINE_QUARK (tessera-merge-error-quark, tessera_merge_error)

TesseraMerging *
tessera_merging_new (TesseraTransaction *transaction, TesseraMergeMay may, gpointer data) {
  TesseraMerging *self = g_new0 (TesseraMerging, 1);

  g_return_val_if_fail (transaction->writable, NULL);
  self->transaction = transaction;
  self->may = may;
  self->data = data;
  self->field_names = g_ptr_array_new ();
  self->values = g_ptr_array_new ();
  self->filled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  tessera_change_line_init (&self->line);
  return self;
}

void
tessera_merging_free (TesseraMerging *self) {
  if (!self)
    return;
  g_clear_pointer (&self->streams, tessera_streams_free);
  g_clear_pointer (&self->seen, g_array_unref);
  g_ptr_array_unref (self->field_names);
  g_ptr_array_unref (self->values);
  g_hash_table_unref (self->filled);
  tessera_change_line_clear (&self->line);
  g_free (self->deps);
  g_free (self);
}

static gboolean
set_malformed (GError **error) {
  g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_MALFORMED,
               _("This bundle has changes that no Tessera writes; ask the sender to update Tessera and send it again."));
  return FALSE;
}

static gboolean
count_conflicts (TesseraTransaction *transaction, gint64 *ret_count, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    transaction->connection, "SELECT count(*) FROM \"conflict\" WHERE resolved_at IS NULL", NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  *ret_count = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static gboolean
look_for_erased (TesseraMerging *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "SELECT EXISTS (SELECT 1 FROM erased)", NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  self->some_erased = tessera_statement_get_integer (statement, 0) != 0;
  return TRUE;
}

/* ---- segments ---- */

static gboolean
save_author (TesseraMerging *self, GError **error) {
  return !self->author || tessera_streams_save (self->streams, self->author, error);
}

static gboolean
set_needs (const TesseraLineSeen *entry, gint64 have, GError **error) {
  char stream[33];

  tessera_stream_format (entry->stream, stream);
  g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NEEDS,
               _("Its author had seen changes that have not arrived here yet (%" PRId64 " of stream %.8s); it waits for them."),
               entry->sequence - have, stream);
  return FALSE;
}

/* What a revoked device wrote after its last good change is needed by nobody. */
static gboolean
check_seen (TesseraMerging *self, GError **error) {
  for (guint i = 0; i < self->line.seen->len; i++) {
    const TesseraLineSeen *entry = &g_array_index (self->line.seen, TesseraLineSeen, i);
    TesseraStream *stream = tessera_streams_find (self->streams, entry->stream);
    gint64 have = stream ? stream->sequence : 0;

    if (entry->sequence <= have || (stream && stream->last >= 0 && have >= stream->last))
      continue;
    return set_needs (entry, have, error);
  }
  return TRUE;
}

static void
collect_seen (TesseraMerging *self) {
  GString *deps = g_string_new ("{");

  g_clear_pointer (&self->seen, g_array_unref);
  self->seen = g_array_new (FALSE, TRUE, sizeof (gint64));
  for (guint i = 0; i < self->line.seen->len; i++) {
    const TesseraLineSeen *entry = &g_array_index (self->line.seen, TesseraLineSeen, i);
    TesseraStream *stream = tessera_streams_find (self->streams, entry->stream);

    g_string_append (deps, i > 0 ? ",\"" : "\"");
    tessera_json_append_hex (deps, entry->stream);
    g_string_append_printf (deps, "\":%" PRId64, entry->sequence);
    if (!stream)
      continue;
    if ((gint64) self->seen->len <= stream->sid)
      g_array_set_size (self->seen, (guint) stream->sid + 1);
    g_array_index (self->seen, gint64, stream->sid) = entry->sequence;
  }
  g_string_append_c (deps, '}');
  g_free (self->deps);
  self->deps = g_string_free (deps, FALSE);
}

static gboolean
begin_segment (TesseraMerging *self, GError **error) {
  const TesseraChangeLine *line = &self->line;
  TesseraStream *stream = tessera_streams_find (self->streams, line->stream);

  if (!save_author (self, error))
    return FALSE;
  self->author = NULL;
  if (stream && !tessera_streams_settle_circle (self->streams, stream, line->circle, error))
    return FALSE;
  if (stream && (memcmp (stream->device, line->device, TESSERA_STREAM_SIZE) != 0
                 || memcmp (stream->circle, line->circle, TESSERA_STREAM_SIZE) != 0))
    return set_malformed (error);
  if (!stream)
    stream = tessera_streams_add (self->streams, line->stream, line->device, line->circle, error);
  if (!stream || !check_seen (self, error))
    return FALSE;
  collect_seen (self);
  self->author = stream;
  self->from = line->from;
  self->segment_kept = FALSE;
  tessera_stream_format (stream->id, self->author_text);
  tessera_stream_format (stream->device, self->device_text);
  return TRUE;
}

/* A segment stands where its first change does; what comes twice may begin in the middle of one. */
static gboolean
keep_segment (TesseraMerging *self, GError **error) {
  const TesseraDot next = { self->author->sid, self->author->sequence + 1, 0 };
  GArray *known;

  if (self->segment_kept)
    return TRUE;
  self->segment_kept = TRUE;
  known = tessera_streams_seen (self->streams, &next, NULL);
  if (known && self->from < next.sequence && known->len == self->seen->len
      && memcmp (known->data, self->seen->data, known->len * sizeof (gint64)) == 0)
    return TRUE;
  return tessera_streams_add_segment (self->streams, self->author, MAX (self->from, 1), self->deps, self->seen, error);
}

/* ---- one change ---- */

static gboolean
check_number (TesseraMerging *self, gboolean *ret_known, GError **error) {
  const TesseraChangeLine *line = &self->line;
  TesseraStream *author = self->author;

  if (!author || line->sequence < self->from)
    return set_malformed (error);
  *ret_known = line->sequence <= author->sequence || (author->last >= 0 && line->sequence > author->last);
  if (*ret_known)
    return TRUE;
  if (line->sequence > author->sequence + 1) {
    g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_GAP,
                 _("%" PRId64 " changes that come before these have not arrived yet; it waits for them."),
                 line->sequence - author->sequence - 1);
    return FALSE;
  }
  if (line->clock >= CLOCK_LIMIT) {
    g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_CLOCK,
                 _("These changes say they were written after the year 2100; set the clock of the computer they come from."));
    return FALSE;
  }
  return line->clock > author->clock || set_malformed (error);
}

static gboolean
ask (TesseraMerging *self, gboolean exists, GError **error) {
  const TesseraChangeLine *line = &self->line;
  char row[37] = "", subject[37] = "";
  TesseraMergeChange change = {
    .stream = self->author_text, .device = self->device_text, .sequence = line->sequence, .clock = line->clock,
    .kind = line->kind,
    .entity = line->entity, .row = row, .subject = line->has_subject ? subject : NULL, .fields = self->field_names,
    .exists = exists, .is_fill = self->filling,
  };

  if (!self->may)
    return TRUE;
  tessera_uuid_format (line->row, row);
  if (line->has_subject)
    tessera_uuid_format (line->subject, subject);
  g_ptr_array_set_size (self->field_names, 0);
  for (guint i = 0; i < line->fields->len; i++)
    g_ptr_array_add (self->field_names, (gpointer) g_array_index (line->fields, TesseraLineField, i).name);
  return self->may (self->transaction, &change, self->data, error);
}

/* Whether everything in the line is known here; %FALSE with an error when a value cannot be. */
static gboolean
check_fields (TesseraMerging *self, const TesseraEntity *entity, gboolean *ret_all_known, GError **error) {
  *ret_all_known = TRUE;
  g_ptr_array_set_size (self->values, 0);
  g_ptr_array_set_size (self->values, (int) entity->n_fields);
  for (guint i = 0; i < self->line.fields->len; i++) {
    const TesseraLineField *value = &g_array_index (self->line.fields, TesseraLineField, i);
    int index = tessera_entity_find_field (entity, value->name);

    if (index < 0 || value->kind == TESSERA_VALUE_OTHER)
      *ret_all_known = FALSE;
    else if (!tessera_value_fits (&entity->fields[index], value))
      return set_malformed (error);
    else if (value->text && *value->text)
      self->values->pdata[index] = (gpointer) value->text;
  }
  return TRUE;
}

static gboolean
log_change (TesseraMerging *self, const TesseraEntity *entity, guint flags, gboolean with_body, GError **error) {
  const TesseraChangeLine *line = &self->line;
  const TesseraDot dot = { self->author->sid, line->sequence, line->clock };

  return tessera_change_insert (self->transaction, &dot, entity ? entity->number : 0, line->row,
                                line->has_subject ? line->subject : NULL, line->kind, line->schema, flags,
                                with_body ? line->body : NULL, (gssize) line->body_length, error);
}

/* The row serves as the body of the change that made it, unless there is something in it that no column holds. */
static gboolean
make_row (TesseraMerging *self, const TesseraEntity *entity, gboolean all_known, GError **error) {
  const TesseraDot dot = { self->author->sid, self->line.sequence, self->line.clock };

  return tessera_merge_row_insert_values (self->transaction, entity, self->line.row,
                                          (const char *const *) self->values->pdata, &dot, error)
         && log_change (self, entity, all_known ? 0 : TESSERA_CHANGE_PENDING, !all_known, error);
}

static gboolean
write_fields (TesseraMerging *self, const TesseraEntity *entity, TesseraMergeRow *row, gboolean all_known,
              GError **error) {
  const TesseraRowWrite write = {
    { self->author->sid, self->line.sequence, self->line.clock }, self->seen, self->line.fields,
  };

  return tessera_merge_row_keep (self->transaction, row, error)
         && log_change (self, entity, all_known ? 0 : TESSERA_CHANGE_PENDING, TRUE, error)
         && tessera_merge_row_write (self->streams, row, &write, error);
}

static gboolean
rebuild_row (TesseraMerging *self, const TesseraEntity *entity, const TesseraMergeRow *row, gboolean all_known,
             GError **error) {
  return (!row->record || tessera_merge_row_keep (self->transaction, row, error))
         && log_change (self, entity, all_known ? 0 : TESSERA_CHANGE_PENDING, self->line.body != NULL, error)
         && tessera_merge_row_rebuild (self->streams, entity, self->line.row, error);
}

/* The subject that a line names must be the one its row is about. */
static gboolean
check_subject (TesseraMerging *self, const TesseraEntity *entity, const TesseraMergeRow *row, GError **error) {
  const TesseraChangeLine *line = &self->line;
  const char *subject = NULL;
  guint8 bytes[16];

  if (!entity->subject)
    return !line->has_subject || set_malformed (error);
  if (strcmp (entity->subject, "id") == 0)
    return (line->has_subject && memcmp (line->row, line->subject, 16) == 0) || set_malformed (error);
  if (row->record)
    return TRUE;
  for (guint i = 0; i < line->fields->len && !subject; i++) {
    const TesseraLineField *value = &g_array_index (line->fields, TesseraLineField, i);

    if (strcmp (value->name, entity->subject) == 0)
      subject = value->text;
  }
  if (line->kind == TESSERA_CHANGE_NEW || line->kind == TESSERA_CHANGE_ADD)
    return (subject ? line->has_subject && tessera_uuid_parse (subject, bytes) && memcmp (bytes, line->subject, 16) == 0
                    : !line->has_subject) || set_malformed (error);
  return TRUE;
}

static gboolean
apply_to_row (TesseraMerging *self, const TesseraEntity *entity, GError **error) {
  gboolean append_only = (entity->flags & TESSERA_ENTITY_APPEND_ONLY) != 0;
  TesseraChangeKind kind = self->line.kind;
  g_auto (TesseraMergeRow) row = { 0 };
  gboolean all_known, has_history = FALSE;

  if ((entity->flags & TESSERA_ENTITY_LOCAL) || (append_only && kind == TESSERA_CHANGE_PUT)
      || (append_only ? kind == TESSERA_CHANGE_NEW : kind == TESSERA_CHANGE_ADD))
    return set_malformed (error);
  if (!check_fields (self, entity, &all_known, error)
      || !tessera_merge_row_load (self->transaction, entity, self->line.row, &row, error)
      || !check_subject (self, entity, &row, error) || !ask (self, row.record != NULL, error))
    return FALSE;
  if (row.record && kind == TESSERA_CHANGE_PUT)
    return write_fields (self, entity, &row, all_known, error);
  if (!row.record && kind != TESSERA_CHANGE_DELETE
      && !tessera_merge_row_has_history (self->transaction, self->line.row, &has_history, error))
    return FALSE;
  if (!row.record && !has_history && (kind == TESSERA_CHANGE_NEW || kind == TESSERA_CHANGE_ADD))
    return make_row (self, entity, all_known, error);
  return rebuild_row (self, entity, &row, all_known, error);
}

/* What a newer Tessera wrote is kept whole, to be applied after an update. */
static gboolean
keep_unknown (TesseraMerging *self, const char *line, gsize length, GError **error) {
  const TesseraChangeLine *parsed = &self->line;
  const TesseraDot dot = { self->author->sid, parsed->sequence, parsed->clock };

  return ask (self, FALSE, error)
         && tessera_change_insert (self->transaction, &dot, 0, parsed->row, parsed->has_subject ? parsed->subject : NULL,
                                   parsed->kind, parsed->schema, TESSERA_CHANGE_PENDING, line, (gssize) length, error);
}

static gboolean
keep_stub (TesseraMerging *self, GError **error) {
  static const guint8 nobody[16] = { 0 };
  const TesseraDot dot = { self->author->sid, self->line.sequence, self->line.clock };

  return tessera_change_insert (self->transaction, &dot, 0, nobody, self->line.has_subject ? self->line.subject : NULL,
                                TESSERA_CHANGE_STUB, 1, 0, NULL, 0, error);
}

static gboolean
erase_subject (TesseraMerging *self, GError **error) {
  const TesseraDot dot = { self->author->sid, self->line.sequence, self->line.clock };
  const TesseraEntity *entity = tessera_registry_get_entity (self->transaction->connection->registry, self->line.entity);

  self->some_erased = TRUE;
  return ask (self, TRUE, error) && log_change (self, entity, 0, FALSE, error)
         && tessera_erase_apply (self->transaction, self->line.subject, &dot, self->line.reason, error);
}

/* About somebody, or a part of something, that is gone for ever. */
static gboolean
is_of_erased (TesseraMerging *self, const TesseraEntity *entity, gboolean *ret_erased, GError **error) {
  const TesseraChangeLine *line = &self->line;

  *ret_erased = FALSE;
  if (!self->some_erased)
    return TRUE;
  if ((line->has_subject && !tessera_erase_is_erased (self->transaction, line->subject, ret_erased, error))
      || (!*ret_erased && !tessera_erase_is_erased (self->transaction, line->row, ret_erased, error)))
    return FALSE;
  for (guint i = 0; entity && i < line->fields->len && !*ret_erased; i++) {
    const TesseraLineField *value = &g_array_index (line->fields, TesseraLineField, i);
    int index = tessera_entity_find_field (entity, value->name);
    guint8 id[16];

    if (index >= 0 && tessera_erase_is_part (entity, &entity->fields[index]) && value->text
        && tessera_uuid_parse (value->text, id)
        && !tessera_erase_is_erased (self->transaction, id, ret_erased, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
apply (TesseraMerging *self, const char *line, gsize length, GError **error) {
  const TesseraChangeLine *parsed = &self->line;
  const TesseraEntity *entity = parsed->entity
    ? tessera_registry_get_entity (self->transaction->connection->registry, parsed->entity) : NULL;
  gboolean erased;

  if (parsed->kind == TESSERA_CHANGE_STUB)
    return keep_stub (self, error);
  if (parsed->kind == TESSERA_CHANGE_ERASE)
    return erase_subject (self, error);
  if (!is_of_erased (self, entity, &erased, error))
    return FALSE;
  if (erased)
    return keep_stub (self, error);
  return entity ? apply_to_row (self, entity, error) : keep_unknown (self, line, length, error);
}

/* ---- filling ---- */

/* Which kind a change has here; a fill that comes before its change waits. */
static gboolean
find_kind (TesseraMerging *self, gint64 *ret_kind, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "SELECT kind FROM change WHERE sid = ?1 AND seq = ?2", NULL, error);
  GError *local_error = NULL;

  *ret_kind = 0;
  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, self->author->sid);
  tessera_statement_bind_integer (statement, 2, self->line.sequence);
  if (tessera_statement_step (statement, &local_error))
    *ret_kind = tessera_statement_get_integer (statement, 0);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
replace_stub (TesseraMerging *self, const TesseraEntity *entity, GError **error) {
  const TesseraChangeLine *line = &self->line;
  const TesseraDot dot = { self->author->sid, line->sequence, line->clock };
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->transaction->connection, "DELETE FROM change WHERE sid = ?1 AND seq = ?2 AND clock = ?3 AND kind = 5", NULL,
    error);
  char row[37];

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, dot.sid);
  tessera_statement_bind_integer (statement, 2, dot.sequence);
  tessera_statement_bind_integer (statement, 3, dot.clock);
  if (!tessera_statement_run (statement, error))
    return FALSE;
  if (sqlite3_changes (self->transaction->connection->database) != 1)
    return set_malformed (error);
  tessera_uuid_format (line->row, row);
  g_hash_table_add (self->filled, g_strdup_printf ("%u %s", entity->number, row));
  self->n_changes++;
  return tessera_change_insert (self->transaction, &dot, entity->number, line->row,
                                line->has_subject ? line->subject : NULL, line->kind, line->schema, 0, line->body,
                                (gssize) line->body_length, error);
}

static gboolean
fill (TesseraMerging *self, GError **error) {
  const TesseraChangeLine *line = &self->line;
  const TesseraEntity *entity = line->entity
    ? tessera_registry_get_entity (self->transaction->connection->registry, line->entity) : NULL;
  gboolean erased, all_known;
  gint64 kind;

  if (!self->author)
    return set_malformed (error);
  if (line->sequence > self->author->sequence) {
    g_set_error (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_GAP,
                 _("%" PRId64 " changes that come before these have not arrived yet; it waits for them."),
                 line->sequence - self->author->sequence);
    return FALSE;
  }
  if (!entity || line->kind == TESSERA_CHANGE_ERASE || line->kind == TESSERA_CHANGE_STUB)
    return TRUE;
  if (!is_of_erased (self, entity, &erased, error))
    return FALSE;
  if (erased)
    return TRUE;
  if ((entity->flags & TESSERA_ENTITY_LOCAL) || !check_fields (self, entity, &all_known, error)
      || !ask (self, FALSE, error) || !find_kind (self, &kind, error))
    return FALSE;
  return kind != TESSERA_CHANGE_STUB || replace_stub (self, entity, error);
}

static gboolean
make_filled_rows (TesseraMerging *self, GError **error) {
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (self->filled, NULL);

  for (guint i = 0; keys[i]; i++) {
    char *row = NULL;
    guint number = (guint) g_ascii_strtoull (keys[i], &row, 10);
    const TesseraEntity *entity = tessera_registry_get_entity_by_number (self->transaction->connection->registry, number);
    guint8 id[16];

    if (!tessera_uuid_parse (row + 1, id) || !tessera_merge_row_rebuild (self->streams, entity, id, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
begin (TesseraMerging *self, GError **error) {
  if (self->streams)
    return TRUE;
  /* Own changes of this transaction count too. */
  if (!tessera_change_log_finish (self->transaction, error) || !tessera_pending_apply (self->transaction, error)
      || !count_conflicts (self->transaction, &self->open_before, error) || !look_for_erased (self, error))
    return FALSE;
  self->streams = tessera_streams_load (self->transaction, error);
  return self->streams != NULL;
}

gboolean
tessera_merging_line (TesseraMerging *self, const char *line, gsize length, GError **error) {
  gboolean known;

  if (!begin (self, error) || !tessera_change_line_parse (&self->line, line, length, error))
    return FALSE;
  if (self->line.is_fill) {
    self->filling = TRUE;
    return save_author (self, error);
  }
  if (self->line.is_segment)
    return begin_segment (self, error);
  if (self->filling)
    return fill (self, error);
  if (!check_number (self, &known, error))
    return FALSE;
  if (known)
    return TRUE;
  if (!keep_segment (self, error) || !apply (self, line, length, error))
    return FALSE;
  self->author->sequence = self->line.sequence;
  self->author->clock = self->line.clock;
  self->n_changes++;
  return TRUE;
}

/* What is written here from now on has seen all of this. */
gboolean
tessera_merging_finish (TesseraMerging *self, gint64 *ret_changes, gint64 *ret_conflicts, GError **error) {
  gint64 open_after = 0;

  if (!begin (self, error) || !save_author (self, error) || !make_filled_rows (self, error)
      || !count_conflicts (self->transaction, &open_after, error))
    return FALSE;
  if (ret_changes)
    *ret_changes = self->n_changes;
  if (ret_conflicts)
    *ret_conflicts = MAX (0, open_after - self->open_before);
  return self->n_changes == 0 || tessera_change_log_note_seen (self->transaction, error);
}
