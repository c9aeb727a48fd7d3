/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-intake.h: a person comes in: are they here already, and if not, register them.
 *
 * Also finding a client by id or code, and merging two records of one person (with undo). A merge changes no
 * row but one: the dropped client's `merged_into`; whoever reads a client's rows asks
 * tessera_intake_list_ids() for all ids.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * tessera_intake_register:
 * @client: a filled `client` record; needs a name or how_to_call
 *
 * Gives @client its code, time of registration, step (basic-needs), open case and worker (the acting one
 * unless set), and saves it. Similar clients never stand in the way.
 */
gboolean tessera_intake_register (TesseraTransaction *transaction, TesseraRecord *client, GError **error);

/** tessera_intake_close_case / tessera_intake_reopen_case: set the case state; data stays. */
gboolean tessera_intake_close_case (TesseraTransaction *transaction, TesseraRecord *client, GError **error);
gboolean tessera_intake_reopen_case (TesseraTransaction *transaction, TesseraRecord *client, GError **error);

/**
 * tessera_intake_resolve:
 * @id_or_code: a UUID, or a client code as a person typed it (t7k3f92qx …)
 *
 * Follows merges: asking for a dropped client gives the kept one.
 * Returns: (transfer full): or %TESSERA_CASEWORK_ERROR_NOT_FOUND, %TESSERA_CASEWORK_ERROR_INVALID (mistyped
 * code)
 */
TesseraRecord *tessera_intake_resolve (TesseraTransaction *transaction, const char *id_or_code,
                                       GError **error);

/** tessera_intake_list_ids: (transfer full) (element-type utf8): ids of every client record that stands for
 * the same person as @client (an id), the kept one first. */
GPtrArray *tessera_intake_list_ids (TesseraTransaction *transaction, const char *client, GError **error);

/**
 * TesseraSimilarity:
 * @score: 0 to 100; 100 is the same in everything that was compared
 * @reasons: why similar: codes, %NULL-terminated; show with tessera_similarity_get_reason_label()
 */
typedef struct {
  TesseraRecord *client;
  int score;
  char **reasons;
} TesseraSimilarity;

void tessera_similarity_free (TesseraSimilarity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSimilarity, tessera_similarity_free)

/** tessera_similarity_get_reason_label: translated now: "Same name in another spelling" … */
const char *tessera_similarity_get_reason_label (const char *reason);

/**
 * tessera_intake_compare:
 * @ret_reasons: (out) (optional) (transfer full): reason codes
 *
 * How alike two client records are. Pure.
 * Returns: 0 to 100
 */
int tessera_intake_compare (TesseraRecord *a, TesseraRecord *b, char ***ret_reasons);

/**
 * tessera_intake_find_similar:
 * @client: a `client` record, saved or not, with whatever is known yet
 *
 * Clients that may be the same person: names compared across scripts and spellings, in any order, one-name
 * people, year-only births, last four digits of the phone. Never @client itself.
 * Returns: (transfer full) (element-type TesseraSimilarity): most alike first, at most @limit
 */
GPtrArray *tessera_intake_find_similar (TesseraTransaction *transaction, TesseraRecord *client, guint limit,
                                        GError **error);

/** tessera_intake_find: (transfer full) (element-type TesseraSimilarity): the same from words a person typed:
 * names, a year or date of birth, phone digits or a client code, in any order. */
GPtrArray *tessera_intake_find (TesseraTransaction *transaction, const char *words, guint limit,
                                GError **error);

/** tessera_intake_merge: @drop (an id) becomes an alias of @keep (an id); the rows of both are shown
 * together. */
gboolean tessera_intake_merge (TesseraTransaction *transaction, const char *keep, const char *drop,
                               GError **error);

/** tessera_intake_unmerge: @dropped (an id) is a client of its own again, with the rows it had. */
gboolean tessera_intake_unmerge (TesseraTransaction *transaction, const char *dropped, GError **error);

/** tessera_intake_select: (transfer full) (element-type TesseraRecord): rows of @entity whose field `client`
 * is any of the ids of @client (an id, merges followed). @tail: (nullable): conditions and order, e.g. "AND
 * done_at IS NULL ORDER BY due"; fixed text only. */
GPtrArray *tessera_intake_select (TesseraTransaction *transaction, const char *entity, const char *client,
                                  const char *tail, GError **error);

G_END_DECLS
