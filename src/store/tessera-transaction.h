/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-transaction.h: reading and writing records inside one transaction.
 *
 * Every save writes the row, one change in the change log, its search words and the audit entry together. Functions
 * here may only be called from a #TesseraStoreFunc, on the thread that runs it.
 */
#pragma once

#include "tessera-record.h"
#include "tessera-secret.h"

G_BEGIN_DECLS

typedef struct _TesseraTransaction TesseraTransaction;

#define TESSERA_TYPE_STATEMENT (tessera_statement_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStatement, tessera_statement, TESSERA, STATEMENT, GObject)

TesseraRegistry *tessera_transaction_get_registry (TesseraTransaction *self);

/** tessera_transaction_get_now: one time for the whole transaction, milliseconds UTC. */
gint64 tessera_transaction_get_now (TesseraTransaction *self);

/** tessera_transaction_get_worker: (nullable): id of the acting worker. */
const char *tessera_transaction_get_worker (TesseraTransaction *self);

/** tessera_transaction_get_device: id of this device (a row of `device`). */
const char *tessera_transaction_get_device (TesseraTransaction *self);

/** tessera_transaction_new_record: a fresh record of @entity. */
TesseraRecord *tessera_transaction_new_record (TesseraTransaction *self, const char *entity);

/** tessera_transaction_load: (transfer full): the row with @id, or %TESSERA_STORE_ERROR_NOT_FOUND. */
TesseraRecord *tessera_transaction_load (TesseraTransaction *self, const char *entity, const char *id,
                                         GError **error);

/** tessera_transaction_find: (transfer full) (nullable): the same without an error when there is none. */
TesseraRecord *tessera_transaction_find (TesseraTransaction *self, const char *entity, const char *id);

/**
 * tessera_transaction_save:
 *
 * Inserts @record, or updates the fields that differ from the stored row (nothing differs: nothing is written).
 * Required fields must be there. Changing a row of an append-only entity is refused.
 */
gboolean tessera_transaction_save (TesseraTransaction *self, TesseraRecord *record, GError **error);

/** tessera_transaction_delete: removes a row (a `delete` change); its history stays in the change log. */
gboolean tessera_transaction_delete (TesseraTransaction *self, TesseraRecord *record, GError **error);

/**
 * tessera_transaction_select:
 * @tail: what follows FROM entity: "WHERE client = ?1 ORDER BY at DESC LIMIT 20", or ""; columns are field names and id
 *
 * A query for whole records; never pass text a person typed in @tail: bind it.
 * Returns: (transfer full): step it with tessera_statement_step() and read with tessera_statement_get_record()
 */
TesseraStatement *tessera_transaction_select (TesseraTransaction *self, const char *entity, const char *tail,
                                              GError **error);

/** tessera_transaction_prepare: any reading statement (counts, joins). Tables are named like entities; quote
 * "conflict", "language" and the like. */
TesseraStatement *tessera_transaction_prepare (TesseraTransaction *self, const char *sql, GError **error);

/** tessera_transaction_select_records: (transfer container full) (element-type TesseraRecord): select with at most one
 * id bound to ?1; for the common "all rows of this client". */
GPtrArray *tessera_transaction_select_records (TesseraTransaction *self, const char *entity, const char *tail,
                                               const char *id, GError **error);

void tessera_statement_bind_text (TesseraStatement *self, int place, const char *value);
void tessera_statement_bind_integer (TesseraStatement *self, int place, gint64 value);
/** tessera_statement_bind_id: @uuid (nullable) in text form; ids and references are stored as 16 bytes. */
void tessera_statement_bind_id (TesseraStatement *self, int place, const char *uuid);
void tessera_statement_bind_bytes (TesseraStatement *self, int place, GBytes *value);

/** tessera_statement_step: %TRUE when there is a row; %FALSE at the end, or on an error (then @error is set). */
gboolean tessera_statement_step (TesseraStatement *self, GError **error);
TesseraRecord *tessera_statement_get_record (TesseraStatement *self);
/** Column getters of the current row, counted from 0. Text is valid until the next step. */
const char *tessera_statement_get_text (TesseraStatement *self, int column);
gint64 tessera_statement_get_integer (TesseraStatement *self, int column);
double tessera_statement_get_number (TesseraStatement *self, int column);
/** tessera_statement_get_id: (transfer full) (nullable): a UUID column as text. */
char *tessera_statement_get_id (TesseraStatement *self, int column);
/** tessera_statement_get_bytes: (transfer full) (nullable) */
GBytes *tessera_statement_get_bytes (TesseraStatement *self, int column);
gboolean tessera_statement_is_null (TesseraStatement *self, int column);
/** tessera_statement_collect: (transfer full) (element-type TesseraRecord): all remaining records. */
GPtrArray *tessera_statement_collect (TesseraStatement *self, GError **error);

/**
 * tessera_transaction_search:
 * @entity: (nullable): only rows of this entity, or all
 * @words: what a person typed; every word must match the beginning of a word, in any script; a client code matches too
 *
 * Full-text search with scripts folded.
 * Returns: (transfer full) (element-type TesseraRecord): best first, at most @limit
 */
GPtrArray *tessera_transaction_search (TesseraTransaction *self, const char *entity, const char *words, guint limit,
                                       GError **error);

/**
 * tessera_search_query:
 *
 * @words as an FTS5 expression. Every entity with searched fields has a full-text table named ENTITY_words whose rowid
 * is the row's _rowid, for joins in lists:
 * "SELECT c.id FROM client_words w JOIN client c ON c._rowid = w.rowid WHERE client_words MATCH ?1".
 * Returns: (transfer full) (nullable): %NULL when @words has no word
 */
char *tessera_search_query (const char *words);

/**
 * tessera_transaction_audit:
 * @action: a code such as "open", "share", "export", "override"
 * @entity: (nullable), @id: (nullable): what it was done to
 * @detail: (nullable): codes and counts, never personal data
 *
 * Adds an entry to the hash-chained audit. Saves and deletes are entered by themselves.
 */
gboolean tessera_transaction_audit (TesseraTransaction *self, const char *action, const char *entity, const char *id,
                                    const char *detail, GError **error);

/** tessera_transaction_verify_audit: walks the chain; %FALSE with an error naming the first broken entry.
 * @ret_count (out) (optional): entries seen. */
gboolean tessera_transaction_verify_audit (TesseraTransaction *self, gint64 *ret_count, GError **error);

/**
 * Drafts: what is typed and not yet saved, one per key (e.g. "visit:CLIENT-UUID", "client:new"). Local to the device,
 * body is JSON made by the form.
 */
gboolean tessera_transaction_put_draft (TesseraTransaction *self, const char *key, const char *body, GError **error);
/** tessera_transaction_get_draft: (transfer full) (nullable) */
char *tessera_transaction_get_draft (TesseraTransaction *self, const char *key);
gboolean tessera_transaction_drop_draft (TesseraTransaction *self, const char *key, GError **error);
/** tessera_transaction_list_drafts: (transfer full) (element-type utf8): keys, newest first. */
GPtrArray *tessera_transaction_list_drafts (TesseraTransaction *self);

/** Settings: small facts of the organization or this device ("organization.name"). Local to the device. */
char *tessera_transaction_get_setting (TesseraTransaction *self, const char *key);
gboolean tessera_transaction_set_setting (TesseraTransaction *self, const char *key, const char *value,
                                          GError **error);
/** tessera_transaction_drop_setting: %TRUE also when there is none. */
gboolean tessera_transaction_drop_setting (TesseraTransaction *self, const char *key, GError **error);

/** Secrets: this device's private keys ("device.signing"). They are bound and read without passing through ordinary
 * strings. */
gboolean tessera_transaction_put_secret (TesseraTransaction *self, const char *name, const TesseraSecret *secret,
                                         GError **error);
/** tessera_transaction_get_secret: (transfer full) (nullable): %NULL when there is none of that name. */
TesseraSecret *tessera_transaction_get_secret (TesseraTransaction *self, const char *name);
/** tessera_transaction_drop_secret: %TRUE also when there is none; its bytes are overwritten (secure_delete). */
gboolean tessera_transaction_drop_secret (TesseraTransaction *self, const char *name, GError **error);

G_END_DECLS
