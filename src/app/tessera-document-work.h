/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-document-work.h: files on their way into and out of the vault, in a thread of their own.
 *
 * The screen says which file and what for; whatever may be slow (a stick, a network drive) is waited for here.
 */
#pragma once

#include "tessera-session.h"

G_BEGIN_DECLS

/** TesseraDocumentProgress: @done from 0 to 1; in the main context. */
typedef void (*TesseraDocumentProgress) (GObject *listener, double done);

/**
 * tessera_document_work_take_async:
 * @client: id of the client
 * @listener: told about the progress, and kept until the end
 */
void tessera_document_work_take_async (TesseraSession *session, const char *client, GFile *file,
                                       GCancellable *cancellable, GObject *listener,
                                       TesseraDocumentProgress progress, GAsyncReadyCallback callback,
                                       gpointer user_data);

/** tessera_document_work_save_async: a copy of the document with @id goes to @file, in place of what may be there. */
void tessera_document_work_save_async (TesseraSession *session, const char *id, GFile *file,
                                       GCancellable *cancellable, GObject *listener,
                                       TesseraDocumentProgress progress, GAsyncReadyCallback callback,
                                       gpointer user_data);

/** tessera_document_work_finish: (transfer full): for both: id of the document. */
char *tessera_document_work_finish (GAsyncResult *result, GError **error);

/** tessera_document_work_get_file: (transfer none): the file the request was about. */
GFile *tessera_document_work_get_file (GAsyncResult *result);

G_END_DECLS
