/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-merge-private.h: what the files of merging share: streams and what their authors had seen, and one row.
 */
#pragma once

#include "tessera-change-line.h"
#include "tessera-connection.h"

G_BEGIN_DECLS

/** Flags of a change. */
enum {
  TESSERA_CHANGE_PENDING = 1 << 0, /* something in it is not known here yet */
  TESSERA_CHANGE_UNDONE = 1 << 1,  /* by a revoked device after its last good change */
};

/** TesseraDot: which change wrote something. */
typedef struct {
  gint64 sid;
  gint64 sequence;
  gint64 clock;
} TesseraDot;

/** A part of a stream whose author had seen the same; @seen: sequence by stream number. */
typedef struct {
  gint64 first;
  GArray *seen;
} TesseraSegment;

typedef struct {
  gint64 sid;
  guint8 id[TESSERA_STREAM_SIZE];
  guint8 device[TESSERA_STREAM_SIZE];
  guint8 circle[TESSERA_STREAM_SIZE];
  gint64 sequence;
  gint64 clock;
  gint64 last;         /* -1, or its last good change when its device was revoked */
  GPtrArray *segments; /* of TesseraSegment; NULL until asked for */
} TesseraStream;

/** TesseraStreams: all streams this store knows, by number. */
typedef struct {
  TesseraTransaction *transaction;
  GPtrArray *by_sid; /* of TesseraStream; NULL where there is none */
} TesseraStreams;

TesseraStreams *tessera_streams_load (TesseraTransaction *transaction, GError **error);
void tessera_streams_free (TesseraStreams *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraStreams, tessera_streams_free)

TesseraStream *tessera_streams_get (TesseraStreams *self, gint64 sid);
TesseraStream *tessera_streams_find (TesseraStreams *self, const guint8 *id);
/** tessera_stream_format: @id as 32 hexadecimal digits and a zero byte. */
void tessera_stream_format (const guint8 *id, char ret_text[2 * TESSERA_STREAM_SIZE + 1]);

/** tessera_streams_add: a stream heard of for the first time. */
TesseraStream *tessera_streams_add (TesseraStreams *self, const guint8 *id, const guint8 *device, const guint8 *circle,
                                    GError **error);

/** tessera_streams_settle_circle: a stream that was only known by name is of @circle. */
gboolean tessera_streams_settle_circle (TesseraStreams *self, TesseraStream *stream, const guint8 *circle,
                                        GError **error);

/** tessera_streams_add_segment: @deps as JSON text. */
gboolean tessera_streams_add_segment (TesseraStreams *self, TesseraStream *stream, gint64 first, const char *deps,
                                      GArray *seen, GError **error);

/** tessera_streams_seen: (transfer none) (nullable): what the author of @dot had seen, by stream number. */
GArray *tessera_streams_seen (TesseraStreams *self, const TesseraDot *dot, GError **error);

/** tessera_dot_saw: whether the author of @dot, who had seen @seen, knew of @other. */
gboolean tessera_dot_saw (const TesseraDot *dot, const GArray *seen, const TesseraDot *other);

/** tessera_streams_compare: which write is shown: by clock, then by the stream's id; positive when @a is. */
int tessera_streams_compare (TesseraStreams *self, const TesseraDot *a, const TesseraDot *b);

/** tessera_streams_save: sequence and clock of @stream. */
gboolean tessera_streams_save (TesseraStreams *self, const TesseraStream *stream, GError **error);

/** TesseraRowWrite: one change of one row, as merging needs it; @fields as in #TesseraChangeLine. */
typedef struct {
  TesseraDot dot;
  const GArray *seen;
  const GArray *fields;
} TesseraRowWrite;

/** TesseraMergeRow: the row itself and who made it. */
typedef struct {
  TesseraRecord *record;
  gint64 number;
  TesseraDot dot;
} TesseraMergeRow;

void tessera_merge_row_clear (TesseraMergeRow *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TesseraMergeRow, tessera_merge_row_clear)

/** tessera_merge_row_load: @self->record stays %NULL when there is no such row. */
gboolean tessera_merge_row_load (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *id,
                                 TesseraMergeRow *self, GError **error);

/** tessera_merge_row_insert: a row nobody had, as @record. */
gboolean tessera_merge_row_insert (TesseraTransaction *transaction, TesseraRecord *record, const TesseraDot *dot,
                                   GError **error);

/** tessera_merge_row_insert_values: the same without a record; @values (each nullable) in the order of the fields. */
gboolean tessera_merge_row_insert_values (TesseraTransaction *transaction, const TesseraEntity *entity,
                                          const guint8 *id, const char *const *values, const TesseraDot *dot,
                                          GError **error);

/** tessera_merge_row_keep: copies the values of a row that was never changed into the change that made it, so that the
 * log alone can build it again. */
gboolean tessera_merge_row_keep (TesseraTransaction *transaction, const TesseraMergeRow *self, GError **error);

/** tessera_merge_row_write: applies @write to a row that is here. */
gboolean tessera_merge_row_write (TesseraStreams *streams, TesseraMergeRow *self, const TesseraRowWrite *write,
                                  GError **error);

/** tessera_merge_row_rebuild: the row as all changes of it in the log make it, whatever was there before. */
gboolean tessera_merge_row_rebuild (TesseraStreams *streams, const TesseraEntity *entity, const guint8 *id,
                                    GError **error);

/** tessera_merge_row_list_spent: (transfer full) (element-type TesseraDot): changes of the row, older than @clock, without
 * which the same row is rebuilt, now and after anything whose author had seen what is within @cut (gint64 by stream
 * number). */
GArray *tessera_merge_row_list_spent (TesseraStreams *streams, const TesseraEntity *entity, const guint8 *id,
                                      const GArray *cut, gint64 clock, GError **error);

/** tessera_merge_row_replace: what the table has becomes @after (%NULL: no row) with @dot. */
gboolean tessera_merge_row_replace (TesseraTransaction *transaction, TesseraMergeRow *self, TesseraRecord *after,
                                    const TesseraDot *dot, GError **error);

/** tessera_merge_row_has_history: whether the log has bodies or deletions of this row. */
gboolean tessera_merge_row_has_history (TesseraTransaction *transaction, const guint8 *id, gboolean *ret_has,
                                        GError **error);

/** tessera_value_fits: whether @field can hold what came. */
gboolean tessera_value_fits (const TesseraField *field, const TesseraLineField *value);

/* ---- siblings: the writes of a field that no other write had seen, when they are more than the row's own ---- */

typedef struct {
  TesseraDot dot;
  char *value;
} TesseraSiblingWrite;

void tessera_sibling_write_clear (gpointer pointer);
/** tessera_siblings_load: (transfer full) (element-type TesseraSiblingWrite) */
GArray *tessera_siblings_load (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                               const char *field, GError **error);
gboolean tessera_siblings_add (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                               const char *field, const TesseraSiblingWrite *write, GError **error);
gboolean tessera_siblings_drop (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                                const char *field, const TesseraDot *dot, GError **error);
gboolean tessera_siblings_drop_row (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                                    GError **error);

/** tessera_member_key: (transfer full): name under which the siblings of one member of a set are kept. */
char *tessera_member_key (const char *field, const char *member);

/** tessera_conflict_note: opens or closes the conflict of a field by the number of different values among its
 * siblings. */
gboolean tessera_conflict_note (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                                const TesseraField *field, const char *subject, const GArray *siblings, GError **error);
gboolean tessera_conflict_drop_row (TesseraTransaction *transaction, const TesseraEntity *entity, const guint8 *row,
                                    GError **error);

/** tessera_erase_is_part: whether a row of @entity goes with the row that @field names, even if it belongs to nobody. */
gboolean tessera_erase_is_part (const TesseraEntity *entity, const TesseraField *field);

/** tessera_erase_contents: rows, words, attachments, drafts, bodies in the log. */
gboolean tessera_erase_contents (TesseraTransaction *transaction, const guint8 *subject, GError **error);
/** tessera_erase_apply: what an erasing change does here. */
gboolean tessera_erase_apply (TesseraTransaction *transaction, const guint8 *subject, const TesseraDot *dot,
                              const char *reason, GError **error);
gboolean tessera_erase_is_erased (TesseraTransaction *transaction, const guint8 *subject, gboolean *ret_erased,
                                  GError **error);

/** tessera_change_insert: a row of the log; @body (nullable) of @body_length bytes. */
gboolean tessera_change_insert (TesseraTransaction *transaction, const TesseraDot *dot, guint entity, const guint8 *row,
                                const guint8 *subject, TesseraChangeKind kind, gint64 schema, guint flags,
                                const char *body, gssize body_length, GError **error);

/** tessera_pending_apply: what could not be understood when it came, and now can. */
gboolean tessera_pending_apply (TesseraTransaction *transaction, GError **error);

G_END_DECLS
