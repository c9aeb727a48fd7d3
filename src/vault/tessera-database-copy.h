/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-database-copy.h: every page of a database, copied to another or only read.
 *
 * Works on open connections; where they lead to, it does not know.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/** TesseraCopyFunc: told how far it is, in pages, every few hundred of them. Returning %FALSE stops the copy. */
typedef gboolean (*TesseraCopyFunc) (guint64 done, guint64 total, gpointer data);

/**
 * tessera_database_copy:
 * @from: in a read transaction, so that it stays as it is while others write
 * @to: in no transaction; what it held is lost
 * @progress: (nullable)
 *
 * Copies the database page by page, the free pages too.
 * Returns: SQLITE_OK, SQLITE_ABORT if @progress stopped it, or what was wrong
 */
int tessera_database_copy (sqlite3 *from, sqlite3 *to, TesseraCopyFunc progress, gpointer data);

/** tessera_database_read_all: the same, but the copy goes nowhere: every page is read and so authenticated. */
int tessera_database_read_all (sqlite3 *from, TesseraCopyFunc progress, gpointer data);

G_END_DECLS
