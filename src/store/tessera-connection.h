/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-connection.h: what one store thread owns: a connection, its prepared statements, its place in the change
 * log. Private to the store layer.
 */
#pragma once

#include "tessera-transaction.h"
#include "tessera-vault.h"

G_BEGIN_DECLS

/** TesseraConnection: used by exactly one thread. */
typedef struct {
  sqlite3 *database;
  TesseraRegistry *registry;
  GHashTable *statements;      /* SQL text -> TesseraCachedStatement */
  GPtrArray *kept;             /* see tessera-kept.h; NULL until asked for */
  GThread *thread;             /* asserted on every use; NULL while opening */
  TesseraSecret *audit_key;
  char *folder;                /* of the vault */
  char *device;                /* UUID text of this device */
  gint64 stream;               /* number of this device's stream */
  gint64 sequence;             /* last change written */
  gint64 clock;                /* last clock given */
  TesseraSecret *attachment_key;
  TesseraSecret *erased_key;   /* seals the list of what was erased */
  gint64 last_attachment;      /* last number given; the writing connection's, like the two below */
  GHashTable *pending;         /* numbers of attachments that are being taken in */
  gboolean unswept;            /* there may be attachments that belong to nobody */
  gboolean unscrubbed;         /* something was erased whose words may still lie in the files */
} TesseraConnection;

/* One transaction on it. */
struct _TesseraTransaction {
  TesseraConnection *connection;
  gboolean writable;
  gint64 now;
  char *worker;
  GHashTable *changed;         /* names of entities with changed rows */
  GHashTable *attachments;     /* ids that may have lost their last row; NULL for none */
};

/** tessera_connection_new: not open; the caller sets the database. */
TesseraConnection *tessera_connection_new (TesseraRegistry *registry);
TesseraConnection *tessera_connection_open (TesseraVault *vault, TesseraRegistry *registry, gboolean writable,
                                            GError **error);
void tessera_connection_close (TesseraConnection *self);
/** tessera_connection_renew: the same over a new handle; %FALSE leaves the old one. No statement may be in use. */
gboolean tessera_connection_renew (TesseraConnection *self, TesseraVault *vault, gboolean writable, GError **error);

/** tessera_connection_execute: one or more statements without result. */
gboolean tessera_connection_execute (TesseraConnection *self, const char *sql, GError **error);

/** tessera_connection_prepare: (transfer full): from the cache when idle. */
TesseraStatement *tessera_connection_prepare (TesseraConnection *self, const char *sql, const TesseraEntity *entity,
                                              GError **error);

/** tessera_statement_run: steps to the end a statement that gives no rows. */
gboolean tessera_statement_run (TesseraStatement *self, GError **error);
/** tessera_statement_bind_text_of_length: @value (nullable) of @length bytes, or up to its zero byte when it is -1. */
void tessera_statement_bind_text_of_length (TesseraStatement *self, int place, const char *value, gssize length);
void tessera_statement_bind_null (TesseraStatement *self, int place);
void tessera_statement_bind_raw (TesseraStatement *self, int place, const guint8 *bytes, gsize size);
/** tessera_statement_bind_secret: without a copy: @secret must live until the statement is freed. */
void tessera_statement_bind_secret (TesseraStatement *self, int place, const TesseraSecret *secret);
/** tessera_statement_bind_field: @value in the column type of @field. */
void tessera_statement_bind_field (TesseraStatement *self, int place, const TesseraField *field, const char *value);

/** tessera_statement_peek_bytes: (transfer none) (nullable): a blob column without copying it, until the next step. */
gconstpointer tessera_statement_peek_bytes (TesseraStatement *self, int column, gsize *ret_size);

/** tessera_column_get_id: %FALSE when the column holds none. */
gboolean tessera_column_get_id (sqlite3_stmt *statement, int column, char ret_text[37]);
/** tessera_column_get_record: (transfer full) (nullable): the row, whose columns begin with id and all fields. */
TesseraRecord *tessera_column_get_record (sqlite3_stmt *statement, TesseraRegistry *registry,
                                          const TesseraEntity *entity);

/** tessera_statement_get_secret: (transfer full) (nullable): a blob column in guarded memory. */
TesseraSecret *tessera_statement_get_secret (TesseraStatement *self, int column);

/** tessera_schema_prepare: makes or migrates every table from the registry; in one transaction. */
gboolean tessera_schema_prepare (TesseraConnection *self, GError **error);
gboolean tessera_entity_is_searched (const TesseraEntity *entity);
/** tessera_entity_columns: (transfer full): id and all fields, quoted, for SELECT and INSERT. */
char *tessera_entity_columns (const TesseraEntity *entity);

/* Parts of a save, one file each. @before is NULL for a new row, @after NULL for a deleted one. */
gboolean tessera_change_log_open (TesseraConnection *self, GError **error);
gboolean tessera_change_log_add (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after,
                                 gint64 *ret_sequence, gint64 *ret_clock, GError **error);
gboolean tessera_change_log_finish (TesseraTransaction *self, GError **error);
/** tessera_change_log_start_stream: ends the device's stream and begins a new one: the numbers of the old one may have
 * been given to other changes elsewhere. */
gboolean tessera_change_log_start_stream (TesseraTransaction *self, GError **error);
/** tessera_change_log_next: the number and clock of a change that the caller writes. */
gboolean tessera_change_log_next (TesseraTransaction *self, gint64 *ret_sequence, gint64 *ret_clock, GError **error);
/** tessera_change_log_confirm: writes the value of one field once more, having seen all others. */
gboolean tessera_change_log_confirm (TesseraTransaction *self, TesseraRecord *record, guint index, GError **error);
/** tessera_change_log_note_seen: what was taken in counts as seen by whatever is written here next. */
gboolean tessera_change_log_note_seen (TesseraTransaction *self, GError **error);

/* Rows without change log and search. */
/** tessera_transaction_insert_row: @values (each nullable) in the order of the fields of @entity. */
gboolean tessera_transaction_insert_row (TesseraTransaction *self, const TesseraEntity *entity, const guint8 *id,
                                         const char *const *values, gint64 sid, gint64 sequence, gint64 clock,
                                         GError **error);
gboolean tessera_transaction_update_row (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after,
                                         GError **error);
gboolean tessera_transaction_find_row_number (TesseraTransaction *self, TesseraRecord *record, gint64 *ret_row,
                                              GError **error);
/** tessera_search_add: the words of a new row. */
gboolean tessera_search_add (TesseraTransaction *self, const TesseraEntity *entity, const char *const *values,
                             gint64 row, GError **error);
gboolean tessera_search_update (TesseraTransaction *self, TesseraRecord *before, TesseraRecord *after, gint64 row,
                                GError **error);

/* What attachments ask of their surroundings: a key when a connection opens; which rows were saved; a look at the end of
 * a transaction at what they no longer refer to; and idle moments of the writing thread. */
gboolean tessera_attachments_open (TesseraConnection *self, TesseraVault *vault, gboolean writable, GError **error);
void tessera_attachments_note (TesseraTransaction *transaction, TesseraRecord *record);
void tessera_attachments_note_values (TesseraTransaction *transaction, const TesseraEntity *entity,
                                      const char *const *values);
gboolean tessera_attachments_finish (TesseraTransaction *transaction, GError **error);
/** tessera_attachments_sweep: clears a little away of what belongs to nobody; %TRUE when there may be more. */
gboolean tessera_attachments_sweep (TesseraConnection *self);

/* What an erasure asks of an idle moment of the writing thread. */
void tessera_scrub_open (TesseraConnection *self);
/** tessera_scrub: %FALSE when somebody still reads what was erased, or the disk failed; try again. */
gboolean tessera_scrub (TesseraConnection *self, GError **error);

/* What the check asks of each part. *@count grows by what was looked at. */
gboolean tessera_schema_check (TesseraTransaction *self, gint64 *count, GError **error);
gboolean tessera_search_check (TesseraTransaction *self, gint64 *count, GError **error);
/** tessera_search_check_index: SQLite's own check of the indexes; needs a writing transaction, but writes nothing. */
gboolean tessera_search_check_index (TesseraTransaction *self, GError **error);
gboolean tessera_change_log_check (TesseraTransaction *self, gint64 *count, GError **error);

G_END_DECLS
