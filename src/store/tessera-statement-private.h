/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-statement-private.h: how a connection lends out its prepared statements.
 */
#pragma once

#include "tessera-connection.h"

G_BEGIN_DECLS

/** TesseraCachedStatement: one that stays prepared; @lent while somebody has it. */
typedef struct {
  sqlite3_stmt *statement;
  gboolean lent;
} TesseraCachedStatement;

/** tessera_statement_new: wraps a statement of @connection, which is the one of @cached (nullable); @entity (nullable) is
 * what its rows are records of. */
TesseraStatement *tessera_statement_new (TesseraConnection *connection, sqlite3_stmt *statement,
                                         TesseraCachedStatement *cached, const TesseraEntity *entity);

/** tessera_connection_give_back: for the next who asks for it; one that is not cached goes. */
void tessera_connection_give_back (sqlite3_stmt *statement, TesseraCachedStatement *cached);

G_END_DECLS
