/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-documents.h: papers of a client that are kept in the file.
 *
 * Taking a file in, listing, giving a copy out (which the audit remembers), removing with the possibility to think
 * again. It does not show what is in a paper and never writes one down but where a person asked for it.
 */
#pragma once

#include "tessera-attachment.h"
#include "tessera-casework-error.h"

G_BEGIN_DECLS

/**
 * tessera_documents_add:
 * @document: a new `document` record with its client; what is not filled in (title, kind) is made from the file
 * @content: what tessera_store_add_attachment() took in
 * @file_name: (nullable): as it was called outside
 *
 * Saves the record together with its content. An empty file is refused: a scan went wrong.
 */
gboolean tessera_documents_add (TesseraTransaction *transaction, TesseraRecord *document,
                                TesseraAttachment *content, const char *file_name, GError **error);

/**
 * tessera_documents_take_file:
 * @document: as for tessera_documents_add()
 * @progress: (nullable): in the calling thread; the total is -1 when it is not known
 *
 * Reads @file into the store and saves @document. Blocks: call it from a thread of its own.
 */
gboolean tessera_documents_take_file (TesseraStore *store, TesseraRecord *document, GFile *file,
                                      GCancellable *cancellable, GFileProgressCallback progress,
                                      gpointer data, GError **error);

/** tessera_documents_list: (transfer full) (element-type TesseraRecord): of @client (an id, merges followed),
 * newest first, without the removed ones. */
GPtrArray *tessera_documents_list (TesseraTransaction *transaction, const char *client, GError **error);

/** tessera_documents_load: (transfer full): the document with @id; %TESSERA_CASEWORK_ERROR_NOT_FOUND also when it was
 * removed. */
TesseraRecord *tessera_documents_load (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_documents_is_awaited: whether the content of @document is on its way from a colleague's laptop. */
gboolean tessera_documents_is_awaited (TesseraTransaction *transaction, TesseraRecord *document);

/**
 * tessera_documents_save_file:
 * @replace: whether a file that is there may be replaced (the person was asked)
 *
 * Writes an unprotected copy, readable by this user of the computer alone. The audit has its entry before the first
 * byte is written; what could not be written whole is removed again. Blocks.
 */
gboolean tessera_documents_save_file (TesseraStore *store, const char *id, GFile *file, gboolean replace,
                                      GCancellable *cancellable, GFileProgressCallback progress,
                                      gpointer data, GError **error);

/** tessera_documents_remove: takes it out of the file; tessera_documents_restore() brings it back until it is
 * purged. */
gboolean tessera_documents_remove (TesseraTransaction *transaction, const char *id, GError **error);
gboolean tessera_documents_restore (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_documents_purge: deletes the removed document with @id, or all removed ones for %NULL, and their content
 * with them unless another document has the same; one that is not removed stays. */
gboolean tessera_documents_purge (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_documents_clean_name: (transfer full) (nullable): @name as it may be shown and written on any disk: no
 * folders, nothing invisible, not too long; %NULL if nothing is left. */
char *tessera_documents_clean_name (const char *name);

/** tessera_documents_guess_type: (transfer full): media type of content that begins with @head. The bytes decide;
 * @name (nullable) can only say it more exactly (a document inside a zip archive), never something else. */
char *tessera_documents_guess_type (GBytes *head, const char *name);

G_END_DECLS
