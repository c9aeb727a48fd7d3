/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-merge.h: changes of other devices become rows here, and ours become lines for them (design section 6).
 *
 * A change line is {"n":sequence,"t":clock,"k":kind,"e":entity,"i":row,"p":subject,"v":schema,"f":{field:value}}; a
 * segment line {"k":"segment","s":stream,"d":device,"c":circle,"from":n,"deps":{stream:n}} stands before the changes of
 * its stream and says what their author had seen. After {"k":"fill"} come changes that are here as stubs. Every device that applied the same changes holds the same rows and the
 * same siblings, in whatever order they came. Who may write what is for the caller to say; this file knows no roles.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_MERGE_ERROR (tessera_merge_error_quark ())
GQuark tessera_merge_error_quark (void);

/**
 * TesseraMergeError:
 * @TESSERA_MERGE_ERROR_MALFORMED: a line that no Tessera writes
 * @TESSERA_MERGE_ERROR_GAP: changes before these are missing; the message names how many of which stream
 * @TESSERA_MERGE_ERROR_NEEDS: their author had seen changes that have not arrived
 * @TESSERA_MERGE_ERROR_NOT_ALLOWED: the author may not make this change
 * @TESSERA_MERGE_ERROR_CLOCK: a time that no clock shows (after the year 2100)
 *
 * After a gap or a need, what came before it is applied: tessera_merging_finish() and commit, keep the bundle, and try it
 * again later. After any other error the transaction must be rolled back.
 */
typedef enum {
  TESSERA_MERGE_ERROR_MALFORMED,
  TESSERA_MERGE_ERROR_GAP,
  TESSERA_MERGE_ERROR_NEEDS,
  TESSERA_MERGE_ERROR_NOT_ALLOWED,
  TESSERA_MERGE_ERROR_CLOCK,
} TesseraMergeError;

/** TesseraChangeKind: numbers and words of the format; never reuse one. */
typedef enum {
  TESSERA_CHANGE_PUT = 1,    /* `put`: fields of a row */
  TESSERA_CHANGE_ADD = 2,    /* `add`: an append-only row */
  TESSERA_CHANGE_DELETE = 3, /* `delete` */
  TESSERA_CHANGE_ERASE = 4,  /* `erase`: everything about the subject, for ever */
  TESSERA_CHANGE_STUB = 5,   /* `stub`: its content is no longer kept */
  TESSERA_CHANGE_NEW = 6,    /* `new`: a new row that may be changed later */
} TesseraChangeKind;

/* ---- version vectors ---- */

/** tessera_vector_new: (transfer full) (element-type utf8 gint64): stream (32 hexadecimal digits) to sequence, kept as
 * pointers to gint64. */
GHashTable *tessera_vector_new (void);
void tessera_vector_set (GHashTable *vector, const char *stream, gint64 sequence);
gint64 tessera_vector_get (GHashTable *vector, const char *stream);

/** tessera_transaction_get_vector: (transfer full): what is applied here. */
GHashTable *tessera_transaction_get_vector (TesseraTransaction *self, GError **error);

/** tessera_transaction_has_applied: whether everything of @vector is here; of a revoked stream what counts of it. */
gboolean tessera_transaction_has_applied (TesseraTransaction *self, GHashTable *vector, gboolean *ret_has,
                                          GError **error);

/** tessera_transaction_get_own_stream: (transfer full): the stream this device writes. */
char *tessera_transaction_get_own_stream (TesseraTransaction *self, GError **error);

/** tessera_transaction_get_circle: (transfer full): the circle this device was made in: 32 hexadecimal digits. */
char *tessera_transaction_get_circle (TesseraTransaction *self, GError **error);

/** TESSERA_SETTING_TEAM: circle that new clients belong to; unset on a device that holds everybody's. */
#define TESSERA_SETTING_TEAM "exchange.team"

/** tessera_transaction_enter_circle: a device that has written nothing yet (it is joining) leaves the circle it made for
 * itself. There is one stream for each device; circles say who reads what of it. */
gboolean tessera_transaction_enter_circle (TesseraTransaction *self, const char *circle, GError **error);

/** tessera_transaction_list_streams: (transfer full) (element-type utf8): known streams of @device (32 digits). */
GPtrArray *tessera_transaction_list_streams (TesseraTransaction *self, const char *device, GError **error);

/* ---- out ---- */

/** TesseraChangeLineFunc: one line without its end. %FALSE stops. */
typedef gboolean (*TesseraChangeLineFunc) (const char *line, gsize length, gpointer data, GError **error);

/**
 * tessera_transaction_write_changes:
 * @after: (element-type utf8 gint64): up to where the receiver has each stream
 * @streams: (nullable): only these; %NULL: all, for a snapshot
 * @team: (nullable): of changes about people only those about clients of this team; of others only that there were some
 *
 * Hands out the lines of every change after @after, in an order in which each can be applied.
 */
gboolean tessera_transaction_write_changes (TesseraTransaction *self, const char *team, const char *const *streams,
                                            GHashTable *after, TesseraChangeLineFunc func, gpointer data,
                                            GError **error);

/**
 * tessera_transaction_write_fill:
 * @subjects: (element-type utf8): clients (UUID)
 *
 * Hands out every change about them, for devices that were only told before that there were some.
 */
gboolean tessera_transaction_write_fill (TesseraTransaction *self, GPtrArray *subjects, TesseraChangeLineFunc func,
                                         gpointer data, GError **error);

/**
 * tessera_transaction_list_moved:
 * @after: (element-type utf8 gint64): how far this was asked before
 * @is_member: whether the device of a change (32 digits) holds the clients of a team
 *
 * Changes that the devices of a team should have and were not sent by their author: the client came to the team, or the
 * author did not know that it is there.
 * Returns: (transfer full) (element-type utf8 GPtrArray): team to clients
 */
typedef gboolean (*TesseraHoldsTeam) (const char *device, const char *team, gpointer data);
GHashTable *tessera_transaction_list_moved (TesseraTransaction *self, GHashTable *after, TesseraHoldsTeam is_member,
                                            gpointer data, GError **error);

/**
 * tessera_transaction_forget_others:
 * @teams: (array zero-terminated=1): this device holds their clients only
 * @sent: up to where those who hold everything have this device's changes
 *
 * Whoever went to another team is forgotten here: rows, search words, attachments, bodies in the log; unless something
 * written here about them has not reached anybody yet.
 */
gboolean tessera_transaction_forget_others (TesseraTransaction *self, const char *const *teams, gint64 sent,
                                            GError **error);

/* ---- in ---- */

/**
 * TesseraMergeChange: what is asked about a foreign change before it is applied.
 * @stream, @device: 32 hexadecimal digits
 * @fields: (element-type utf8): names of the fields it writes
 * @exists: whether the row is here already
 * @is_fill: a change that is here, without what was in it
 */
typedef struct {
  const char *stream;
  const char *device;
  gint64 sequence;
  gint64 clock; /* milliseconds shifted by 16 bits */
  TesseraChangeKind kind;
  const char *entity;
  const char *row;
  const char *subject;
  GPtrArray *fields;
  gboolean exists;
  gboolean is_fill;
} TesseraMergeChange;

/** TesseraMergeMay: sets %TESSERA_MERGE_ERROR_NOT_ALLOWED to refuse; everything else is left alone. */
typedef gboolean (*TesseraMergeMay) (TesseraTransaction *transaction, const TesseraMergeChange *change, gpointer data,
                                     GError **error);

typedef struct _TesseraMerging TesseraMerging;

/** tessera_merging_new: begins to take in changes; @may is asked about each. Returns: (transfer full) */
TesseraMerging *tessera_merging_new (TesseraTransaction *transaction, TesseraMergeMay may, gpointer data);

/** tessera_merging_line: applies a line; changes that are here already are passed over. */
gboolean tessera_merging_line (TesseraMerging *self, const char *line, gsize length, GError **error);

/**
 * tessera_merging_finish:
 * @ret_changes: (out) (optional): changes applied
 * @ret_conflicts: (out) (optional): fields that a person must now decide
 *
 * To be called in the same transaction, after the last line.
 */
gboolean tessera_merging_finish (TesseraMerging *self, gint64 *ret_changes, gint64 *ret_conflicts, GError **error);

void tessera_merging_free (TesseraMerging *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMerging, tessera_merging_free)

/**
 * tessera_transaction_undo_stream:
 * @device: whose it is; a stream that was never heard of is remembered too, so that nobody waits for it
 * @last: its last good change
 *
 * Takes back every change of @stream after @last, here and for good, and ignores what may still come of it: rows it made
 * go, fields get the values that the remaining changes give them. Erasures stay.
 */
gboolean tessera_transaction_undo_stream (TesseraTransaction *self, const char *device, const char *stream, gint64 last,
                                          GError **error);

/* ---- what others have ---- */

/** tessera_transaction_note_acknowledged: @device (32 digits) says it has applied @vector; it never says less. */
gboolean tessera_transaction_note_acknowledged (TesseraTransaction *self, const char *device, GHashTable *vector,
                                                GError **error);

/** tessera_transaction_get_acknowledged: (transfer full): empty when it was never heard of; @ret_heard_at (out)
 * (optional): when it was last, 0 for never. */
GHashTable *tessera_transaction_get_acknowledged (TesseraTransaction *self, const char *device, gint64 *ret_heard_at,
                                                  GError **error);

/* ---- what the log need not remember ---- */

/** tessera_transaction_get_stable: (transfer full): what every one of @devices (element-type utf8: 32 digits) has, as far
 * as they said; nothing while one of them said more about its own changes than is here. */
GHashTable *tessera_transaction_get_stable (TesseraTransaction *self, const GPtrArray *devices, GError **error);

/**
 * tessera_transaction_compact:
 * @stable: (element-type utf8 gint64): what every device has
 * @older_than: Unix milliseconds: changes of that time and later keep their contents
 * @ret_count: (out): changes whose content is gone
 * @ret_more: (out): whether another call goes on with other rows
 *
 * Takes the contents of changes that count for nothing any more from the log: those overwritten by changes within @stable
 * that had seen them, and all of a deleted row. Rows stay as they are, and are rebuilt to the same.
 */
gboolean tessera_transaction_compact (TesseraTransaction *self, GHashTable *stable, gint64 older_than, gint64 *ret_count,
                                      gboolean *ret_more, GError **error);

/* ---- conflicts ---- */

/** TesseraSibling: one of several values that were written without knowing of each other.
 * @value: (nullable): canonical text
 * @device, @worker_at: who wrote it: device (UUID); when, as milliseconds (a claim of that device's clock) */
typedef struct {
  char *value;
  char *device;
  char *stream;
  gint64 sequence;
  gint64 at;
  gboolean shown; /* the one the row has now */
  gboolean mine;  /* written on this device */
} TesseraSibling;

void tessera_sibling_free (TesseraSibling *self);

/**
 * Each open conflict is a row of `conflict` (its id is the same on every device; local, made and removed by merging).
 * tessera_transaction_list_siblings: (transfer full) (element-type TesseraSibling): the shown one first; fewer than two
 * when it is settled.
 */
GPtrArray *tessera_transaction_list_siblings (TesseraTransaction *self, const char *entity, const char *row,
                                              const char *field, GError **error);

/** tessera_transaction_settle: an ordinary write of @value that has seen all siblings, even if the value is the one
 * shown, so that the conflict is closed everywhere. */
gboolean tessera_transaction_settle (TesseraTransaction *self, const char *entity, const char *row, const char *field,
                                     const char *value, GError **error);

/* ---- erasing ---- */

/**
 * tessera_transaction_erase:
 * @reason: a code, no personal data
 *
 * Everything about @subject (a client): rows of every entity, siblings, attachments, search words, bodies in the change
 * log, drafts; what later comes about it counts for nothing. Call tessera_store_scrub() afterwards.
 */
gboolean tessera_transaction_erase (TesseraTransaction *self, const char *subject, const char *reason, GError **error);

/**
 * tessera_transaction_erase_row:
 *
 * The same for one row that belongs to nobody and speaks of somebody: a household whose last member goes, a referral that
 * was never accepted.
 */
gboolean tessera_transaction_erase_row (TesseraTransaction *self, const char *entity, const char *id, const char *reason,
                                        GError **error);

/** Settings that say what still has to follow an erasure, whoever erased: scrubbing the store, making the vault's own
 * backups anew, and withdrawing bundles (ids of what was erased, separated by commas). */
#define TESSERA_ERASE_SETTING_SCRUB "erase.scrub"
#define TESSERA_ERASE_SETTING_BACKUPS "erase.backups"
#define TESSERA_ERASE_SETTING_BUNDLES "erase.bundles"

/**
 * TesseraErasure: one erasure, as the change log knows it; no personal data.
 * @client: random id of who is gone
 * @device, @stream: 32 hexadecimal digits; %NULL when it is only known from the list beside a backup
 */
typedef struct {
  char *client;
  char *reason;
  char *device;
  char *stream;
  gint64 sequence;
  gint64 at;
} TesseraErasure;

void tessera_erasure_free (TesseraErasure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraErasure, tessera_erasure_free)

/** tessera_transaction_list_erasures: (transfer full) (element-type TesseraErasure): of clients, newest first. */
GPtrArray *tessera_transaction_list_erasures (TesseraTransaction *self, GError **error);

/** tessera_transaction_is_erased: whether the row, or everything about it, was erased for ever. */
gboolean tessera_transaction_is_erased (TesseraTransaction *self, const char *subject);

G_END_DECLS
