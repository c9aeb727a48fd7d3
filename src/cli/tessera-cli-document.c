/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-document.c: `document …`: papers kept in a client's file, in and out.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "tessera-cli-fields.h"
#include "tessera-documents.h"

#define COLUMNS "id title kind date size file_name added_at"
#define KIB 1024

typedef struct {
  TesseraCli *cli;
  TesseraRecord *document;
} Naming;

/* The record that the file will belong to, before the file itself is touched. */
static gboolean
name_document (TesseraTransaction *transaction, gpointer data, GError **error) {
  Naming *naming = data;
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (naming->cli, transaction, 0, error);

  if (client == NULL)
    return FALSE;
  naming->document = tessera_transaction_new_record (transaction, "document");
  tessera_record_set (naming->document, "client", tessera_record_get_id (client));
  return tessera_cli_parse_fields (naming->cli, transaction, naming->document, 2, error);
}

static void
show_progress (goffset done, goffset total, gpointer data) {
  if (total > 0)
    tessera_cli_progress (data, (guint) (done / KIB), (guint) (total / KIB));
}

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 1);
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (TesseraRecord) document = NULL;
  TesseraStore *store = tessera_cli_get_store (self);
  Naming naming = { self, NULL };
  gboolean named = tessera_store_read (store, name_document, &naming, error);

  document = naming.document;
  if (!named)
    return FALSE;
  if (!tessera_documents_take_file (store, document, file, NULL, show_progress, self, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  tessera_cli_put_record (self, document);
  return TRUE;
}

static gboolean
edit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) document = NULL;

  document = tessera_documents_load (transaction, tessera_cli_get_argument (self, 0), error);
  if (document == NULL || !tessera_cli_parse_fields (self, transaction, document, 1, error)
      || !tessera_transaction_save (transaction, document, error))
    return FALSE;
  tessera_cli_put_record (self, document);
  return TRUE;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (GPtrArray) documents = NULL;

  if (client == NULL)
    return FALSE;
  documents = tessera_documents_list (transaction, tessera_record_get_id (client), error);
  if (documents == NULL)
    return FALSE;
  tessera_cli_put_records (self, documents, COLUMNS);
  return TRUE;
}

/* A copy outside is as readable as any other file: said each time. */
static gboolean
save (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 1);
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  JsonObject *object;

  if (!tessera_cli_check_target (self, path, error))
    return FALSE;
  if (!tessera_documents_save_file (tessera_cli_get_store (self), tessera_cli_get_argument (self, 0), file, FALSE, NULL,
                                    show_progress, self, error)) {
    if (error != NULL && g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_EXISTS)) {
      g_clear_error (error);
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                   _("%s is there already and is not overwritten; choose another name."), path);
    }
    return FALSE;
  }
  tessera_cli_warn (self, _("The copy in %s is not protected; delete it when it has served."), path);
  object = json_object_new ();
  json_object_set_string_member (object, "file", path);
  tessera_cli_put_object (self, object);
  return TRUE;
}

static gboolean
remove_document (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *id = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) document = tessera_documents_load (transaction, id, error);

  if (document == NULL || !tessera_documents_remove (transaction, id, error)
      || !tessera_documents_purge (transaction, id, error))
    return FALSE;
  tessera_cli_put_record (self, document);
  return TRUE;
}

static gboolean
limit (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  guint64 bytes;
  JsonObject *object;

  if (!tessera_cli_get_number (self, "set", TESSERA_ATTACHMENT_MOST, 0, &bytes, error)
      || (bytes > 0 && !tessera_transaction_set_attachment_limit (transaction, (gint64) bytes, error)))
    return FALSE;
  object = json_object_new ();
  json_object_set_int_member (object, "limit", tessera_transaction_get_attachment_limit (transaction));
  tessera_cli_put_object (self, object);
  return TRUE;
}

const TesseraCommand tessera_document_commands[] = {
  { "document", "add", "CLIENT FILE [FIELD=VALUE…]", N_("Keeps a copy of a file in the client's file."),
    TESSERA_ACCESS_STORE, add },
  { "document", "edit", "ID FIELD=VALUE…", N_("Changes title, kind, date or note."), TESSERA_ACCESS_WRITE, edit },
  { "document", "list", "CLIENT", N_("Lists the documents kept for a client, newest first."), TESSERA_ACCESS_READ, list },
  { "document", "save", "ID FILE", N_("Writes an unprotected copy to FILE, which must not exist."),
    TESSERA_ACCESS_STORE, save },
  { "document", "remove", "ID", N_("Removes a document and its content for good."), TESSERA_ACCESS_WRITE,
    remove_document },
  { "document", "limit", "[--set BYTES]", N_("Tells, or sets, how large one document may be."), TESSERA_ACCESS_WRITE,
    limit },
  { NULL },
};
