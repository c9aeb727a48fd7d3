/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-check.h: whether everything in a vault is what was once written there.
 *
 * It reads and tells; it repairs nothing.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * TesseraCheckPart:
 * @name: code of the part: "pages", "tables", "schema", "search", "audit", "changes", "attachments", "backups"
 * @count: how many of its things were looked at (pages, tables, rows with words, entries, changes, attachments, files)
 * @problem: (nullable): one sentence fit to be shown, or %NULL when all is well
 *
 * One part of a vault, checked.
 */
typedef struct {
  const char *name;
  gint64 count;
  char *problem;
} TesseraCheckPart;

/**
 * TesseraCheckProgressFunc:
 * @part: code of the part at work
 * @done: of @total of its things; both 0 where that is not known
 *
 * Runs in the thread of the check, or, of an `_async` one, in the caller's thread-default main context.
 */
typedef void (*TesseraCheckProgressFunc) (const char *part, guint64 done, guint64 total, gpointer data);

/**
 * tessera_store_check:
 * @progress: (nullable)
 *
 * Checks every page, free ones too, SQLite's own structures, the tables against the registry, the words that are
 * searched against the rows they are of, the chain of the audit, the numbering of the change log, attachments, and the
 * backups in the vault's own folder. One damaged part does not keep the others from being checked. The store may be
 * worked on meanwhile.
 *
 * Returns: (transfer full) (element-type TesseraCheckPart): every part; %NULL with an error only if the check itself
 * could not be made (closed, cancelled)
 */
GPtrArray *tessera_store_check (TesseraStore *self, TesseraCheckProgressFunc progress, gpointer progress_data,
                                GCancellable *cancellable, GError **error);
void tessera_store_check_async (TesseraStore *self, TesseraCheckProgressFunc progress, gpointer progress_data,
                                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *tessera_store_check_finish (TesseraStore *self, GAsyncResult *result, GError **error);

/** tessera_check_is_ok: whether no part has a problem. */
gboolean tessera_check_is_ok (GPtrArray *parts);

G_END_DECLS
