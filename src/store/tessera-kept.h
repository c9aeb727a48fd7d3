/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-kept.h: statements that stay prepared and are found by number instead of by their text: what each of a hundred
 * thousand changes asks. They are SQLite's own: bind every place, run, and leave nothing open. Private to the store layer.
 */
#pragma once

#include "tessera-connection.h"

G_BEGIN_DECLS

/** TesseraKept: those of one entity, then the others. */
typedef enum {
  TESSERA_KEPT_INSERT,       /* ?1 id, then the fields, _sid, _seq, _clock */
  TESSERA_KEPT_LOAD,         /* ?1 id: id, the fields, _rowid, _sid, _seq, _clock */
  TESSERA_KEPT_ADD_WORDS,    /* ?1 number of the row, ?2 words */
  TESSERA_KEPT_DROP_WORDS,   /* ?1 number of the row */
  TESSERA_KEPT_ADD_CHANGE,   /* as in tessera_change_insert() */
  TESSERA_KEPT_FIND_ERASED,  /* ?1 subject */
  TESSERA_KEPT_FIND_HISTORY, /* ?1 row */
  TESSERA_KEPT_KINDS,
} TesseraKept;

/** tessera_kept_get: (transfer none): @entity is %NULL for those that are of none. */
sqlite3_stmt *tessera_kept_get (TesseraConnection *connection, TesseraKept kept, const TesseraEntity *entity,
                                GError **error);

/** tessera_kept_run: to the end, for what gives no rows. */
gboolean tessera_kept_run (TesseraConnection *connection, sqlite3_stmt *statement, GError **error);

/** tessera_kept_find: the first row, if there is one: then look at its columns and call tessera_kept_done(). */
gboolean tessera_kept_find (TesseraConnection *connection, sqlite3_stmt *statement, gboolean *ret_found,
                            GError **error);
void tessera_kept_done (sqlite3_stmt *statement);

/** tessera_kept_bind_field: @value (nullable) in the column type of @field; it must live until the statement ran. */
void tessera_kept_bind_field (sqlite3_stmt *statement, int place, const TesseraField *field, const char *value);

/** tessera_kept_clear: when the connection's handle goes. */
void tessera_kept_clear (TesseraConnection *connection);

G_END_DECLS
