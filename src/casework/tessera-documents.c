/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-documents.c: a paper comes into the file, a copy goes out, a paper is taken out of the file.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-contents.h"
#include "tessera-documents.h"
#include "tessera-intake.h"

/* "scan of the lease.pdf" is called "scan of the lease" until somebody gives it a better title. */
static char *
make_title (const char *file_name) {
  const char *ending = strrchr (file_name, '.');

  return ending && ending > file_name ? g_strndup (file_name, ending - file_name) : g_strdup (file_name);
}

static void
fill_defaults (TesseraTransaction *transaction, TesseraRecord *document, TesseraAttachment *content,
               const char *file_name) {
  g_autofree char *name = file_name ? tessera_documents_clean_name (file_name) : NULL;
  g_autofree char *title = name ? make_title (name) : NULL;
  g_autofree char *type = tessera_documents_guess_type (tessera_attachment_get_head (content), name);

  tessera_casework_set_if_empty (document, "title", title);
  tessera_casework_set_if_empty (document, "kind", "other");
  tessera_record_set (document, "file_name", name);
  tessera_record_set (document, "media_type", type);
  tessera_record_set_integer (document, "size", tessera_attachment_get_size (content));
  tessera_record_set (document, "attachment", tessera_attachment_get_id (content));
  tessera_record_set (document, "worker", tessera_transaction_get_worker (transaction));
  if (!tessera_record_get (document, "added_at"))
    tessera_record_set_integer (document, "added_at", tessera_transaction_get_now (transaction));
}

gboolean
tessera_documents_add (TesseraTransaction *transaction, TesseraRecord *document, TesseraAttachment *content,
                       const char *file_name, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, document, error);

  if (!client)
    return FALSE;
  if (tessera_attachment_get_size (content) == 0) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                         _("This file is empty; scan or copy it once more."));
    return FALSE;
  }
  fill_defaults (transaction, document, content, file_name);
  return tessera_transaction_keep_attachment (transaction, content, error)
         && tessera_transaction_save (transaction, document, error);
}

typedef struct {
  TesseraRecord *document;
  TesseraAttachment *content;
  const char *file_name;
} Taking;

static gboolean
add_taken (TesseraTransaction *transaction, gpointer data, GError **error) {
  Taking *taking = data;

  return tessera_documents_add (transaction, taking->document, taking->content, taking->file_name, error);
}

static gint64
get_size (GFileInputStream *stream, GCancellable *cancellable) {
  g_autoptr (GFileInfo) info = g_file_input_stream_query_info (stream, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                               cancellable, NULL);

  return info && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_STANDARD_SIZE) ? g_file_info_get_size (info)
                                                                                  : -1;
}

gboolean
tessera_documents_take_file (TesseraStore *store, TesseraRecord *document, GFile *file,
                             GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                             GError **error) {
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = base ? g_filename_display_name (base) : NULL;
  g_autoptr (TesseraAttachment) content = NULL;
  Taking taking = { document, NULL, name };

  if (!stream)
    return FALSE;
  content = tessera_store_add_attachment (store, G_INPUT_STREAM (stream), get_size (stream, cancellable),
                                          cancellable, progress, data, error);
  taking.content = content;
  return content && tessera_store_write (store, add_taken, &taking, error);
}

GPtrArray *
tessera_documents_list (TesseraTransaction *transaction, const char *client, GError **error) {
  return tessera_intake_select (transaction, "document", client,
                                "AND removed_at IS NULL ORDER BY added_at DESC, id DESC", error);
}

TesseraRecord *
tessera_documents_load (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) document = tessera_casework_load (transaction, "document", id, error);

  if (!document || !tessera_record_get (document, "removed_at"))
    return g_steal_pointer (&document);
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                       _("This document was removed from the file."));
  return NULL;
}

gboolean
tessera_documents_is_awaited (TesseraTransaction *transaction, TesseraRecord *document) {
  const char *attachment = tessera_record_get (document, "attachment");
  gboolean awaited = FALSE;

  return attachment
         && tessera_transaction_is_content_awaited (transaction, tessera_record_get_id (document), attachment, &awaited,
                                                    NULL)
         && awaited;
}

typedef struct {
  const char *id;
  char *attachment;
} Copying;

static gboolean
enter_copy (TesseraTransaction *transaction, gpointer data, GError **error) {
  Copying *copying = data;
  g_autoptr (TesseraRecord) document = tessera_documents_load (transaction, copying->id, error);

  if (!document)
    return FALSE;
  copying->attachment = g_strdup (tessera_record_get (document, "attachment"));
  if (!copying->attachment) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                         _("Only the title of this document is here; its content stayed with who has it."));
    return FALSE;
  }
  if (tessera_documents_is_awaited (transaction, document)) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                         _("The content of this document has not arrived yet; exchange with your colleagues and try "
                           "again."));
    return FALSE;
  }
  return tessera_transaction_audit (transaction, "export", "document", copying->id, NULL, error);
}

static GFileOutputStream *
open_target (GFile *file, gboolean replace, GCancellable *cancellable, GError **error) {
  if (!replace)
    return g_file_create (file, G_FILE_CREATE_PRIVATE, cancellable, error);
  return g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                         cancellable, error);
}

/* Closing under a canceled cancellable throws away what would have replaced the old file. */
static void
throw_away (GFileOutputStream *stream, GFile *file, gboolean replace) {
  g_autoptr (GCancellable) canceled = g_cancellable_new ();

  g_cancellable_cancel (canceled);
  g_output_stream_close (G_OUTPUT_STREAM (stream), canceled, NULL);
  if (!replace)
    g_file_delete (file, NULL, NULL);
}

gboolean
tessera_documents_save_file (TesseraStore *store, const char *id, GFile *file, gboolean replace,
                             GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                             GError **error) {
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autofree char *attachment = NULL;
  Copying copying = { id, NULL };
  gboolean entered = tessera_store_write (store, enter_copy, &copying, error);

  attachment = copying.attachment;
  if (!entered)
    return FALSE;
  stream = open_target (file, replace, cancellable, error);
  if (!stream)
    return FALSE;
  if (tessera_store_copy_attachment (store, attachment, G_OUTPUT_STREAM (stream), cancellable, progress, data, error)
      && g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error))
    return TRUE;
  throw_away (stream, file, replace);
  return FALSE;
}

gboolean
tessera_documents_remove (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) document = tessera_documents_load (transaction, id, error);

  if (!document)
    return FALSE;
  tessera_record_set_integer (document, "removed_at", tessera_transaction_get_now (transaction));
  return tessera_transaction_save (transaction, document, error);
}

gboolean
tessera_documents_restore (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) document = tessera_casework_load (transaction, "document", id, error);

  if (!document)
    return FALSE;
  tessera_record_set (document, "removed_at", NULL);
  return tessera_transaction_save (transaction, document, error);
}

gboolean
tessera_documents_purge (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (GPtrArray) removed = NULL;

  removed = tessera_transaction_select_records (transaction, "document", id ? "WHERE id = ?1 AND removed_at IS NOT NULL"
                                                                            : "WHERE removed_at IS NOT NULL", id, error);
  for (guint i = 0; removed && i < removed->len; i++)
    if (!tessera_transaction_delete (transaction, g_ptr_array_index (removed, i), error))
      return FALSE;
  return removed != NULL;
}
