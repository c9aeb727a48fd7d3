/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-statement-private.h: how a connection lends out its prepared statements.
 */
#pragma once

#include "tessera-connection.h"

G_BEGIN_DECLS

/** tessera_statement_new: wraps a statement of @connection; @entity (nullable) is what its rows are records of. */
TesseraStatement *tessera_statement_new (TesseraConnection *connection, sqlite3_stmt *statement,
                                         const TesseraEntity *entity);

/** tessera_connection_give_back: takes the statement into the cache again. */
void tessera_connection_give_back (TesseraConnection *self, sqlite3_stmt *statement);

G_END_DECLS
