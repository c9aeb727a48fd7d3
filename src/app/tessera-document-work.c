/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-document-work.c: the thread and its news; see the header.
 */
#include "config.h"
#include "tessera-document-work.h"

#include "tessera-documents.h"

typedef struct {
  TesseraStore *store;
  TesseraRecord *document; /* NULL when a copy goes out */
  char *id;
  GFile *file;
  GObject *listener;
  TesseraDocumentProgress progress;
} Work;

typedef struct {
  GObject *listener;
  TesseraDocumentProgress progress;
  double done;
} News;

static void
work_free (gpointer data) {
  Work *work = data;

  g_clear_object (&work->store);
  g_clear_object (&work->document);
  g_clear_object (&work->file);
  g_clear_object (&work->listener);
  g_free (work->id);
  g_free (work);
}

static void
news_free (gpointer data) {
  News *news = data;

  g_object_unref (news->listener);
  g_free (news);
}

static gboolean
tell_cb (gpointer data) {
  News *news = data;

  news->progress (news->listener, news->done);
  return G_SOURCE_REMOVE;
}

static void
tell (goffset done, goffset total, gpointer data) {
  Work *work = g_task_get_task_data (data);
  News *news = NULL;

  if (total <= 0)
    return;
  news = g_new0 (News, 1);
  news->listener = g_object_ref (work->listener);
  news->progress = work->progress;
  news->done = MIN (1.0, (double) done / (double) total);
  g_main_context_invoke_full (g_task_get_context (data), G_PRIORITY_DEFAULT, tell_cb, news, news_free);
}

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Work *work = data;
  GError *error = NULL;
  gboolean done = FALSE;

  if (work->document != NULL)
    done = tessera_documents_take_file (work->store, work->document, work->file, cancellable, tell, task, &error);
  else
    done = tessera_documents_save_file (work->store, work->id, work->file, TRUE, cancellable, tell, task, &error);
  if (done)
    g_task_return_pointer (task, g_strdup (work->id), g_free);
  else
    g_task_return_error (task, error);
}

static void
start (TesseraSession *session, Work *work, GFile *file, GCancellable *cancellable, GObject *listener,
       TesseraDocumentProgress progress, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (session, cancellable, callback, user_data);
  TesseraStore *store = tessera_session_get_store (session);

  work->file = g_object_ref (file);
  work->listener = g_object_ref (listener);
  work->progress = progress;
  g_task_set_source_tag (task, start);
  g_task_set_task_data (task, work, work_free);
  /* What was kept was kept: a late cancel must not hide it. */
  g_task_set_check_cancellable (task, FALSE);
  if (store == NULL) {
    g_task_return_new_error (task, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED, "locked");
    return;
  }
  work->store = g_object_ref (store);
  g_task_run_in_thread (task, work_thread);
}

void
tessera_document_work_take_async (TesseraSession *session, const char *client, GFile *file, GCancellable *cancellable,
                                  GObject *listener, TesseraDocumentProgress progress, GAsyncReadyCallback callback,
                                  gpointer user_data) {
  Work *work = g_new0 (Work, 1);

  work->document = tessera_record_new (tessera_session_get_registry (session), "document");
  tessera_record_set (work->document, "client", client);
  work->id = g_strdup (tessera_record_get_id (work->document));
  start (session, work, file, cancellable, listener, progress, callback, user_data);
}

void
tessera_document_work_save_async (TesseraSession *session, const char *id, GFile *file, GCancellable *cancellable,
                                  GObject *listener, TesseraDocumentProgress progress, GAsyncReadyCallback callback,
                                  gpointer user_data) {
  Work *work = g_new0 (Work, 1);

  work->id = g_strdup (id);
  start (session, work, file, cancellable, listener, progress, callback, user_data);
}

char *
tessera_document_work_finish (GAsyncResult *result, GError **error) {
  return g_task_propagate_pointer (G_TASK (result), error);
}

GFile *
tessera_document_work_get_file (GAsyncResult *result) {
  Work *work = g_task_get_task_data (G_TASK (result));

  return work->file;
}
