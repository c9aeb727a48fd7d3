/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-directory.c: `directory …`: the service map in and out, finding in it, and keeping it fresh.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-fields.h"
#include "tessera-directory-freshness.h"
#include "tessera-directory-import.h"
#include "tessera-directory-search.h"
#include "tessera-directory-view.h"
#include "tessera-hsds-reader.h"
#include "tessera-hsds-writer.h"

typedef struct {
  TesseraCli *cli;
  TesseraHsds *hsds;
  TesseraDirectorySummary *summary;
} Import;

/* Absent, or a language tag. */
static gboolean
get_language (TesseraCli *self, const char **ret_language, GError **error) {
  *ret_language = tessera_cli_get_option (self, "language");
  if (*ret_language == NULL || tessera_language_is_valid (*ret_language))
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("“%s” is not a language tag; write it like en, ar or pt-BR."), *ret_language);
  return FALSE;
}

static gboolean
store_file (TesseraTransaction *transaction, gpointer data, GError **error) {
  Import *import = data;

  return tessera_directory_import (transaction, import->hsds,
                                   tessera_cli_get_option (import->cli, "language"),
                                   tessera_cli_has (import->cli, "complete"), &import->summary, error);
}

/* (transfer full): what happened with one file, or %NULL. Each file is one transaction. */
static JsonObject *
import_file (TesseraCli *self, const char *path, GError **error) {
  Import import = { self, NULL, NULL };
  JsonObject *object = NULL;

  import.hsds = tessera_hsds_read_file (tessera_cli_get_registry (self), path, error);
  if (import.hsds == NULL)
    return NULL;
  if (tessera_store_write (tessera_cli_get_store (self), store_file, &import, error)) {
    object = tessera_directory_summary_to_json (import.summary);
    json_object_set_string_member (object, "file", path);
    for (guint i = 0; i < import.summary->warnings->len; i++)
      tessera_cli_warn (self, "%s: %s", path, (char *) g_ptr_array_index (import.summary->warnings, i));
  }
  g_clear_pointer (&import.summary, tessera_directory_summary_free);
  tessera_hsds_free (import.hsds);
  return object;
}

static gboolean
import_files (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (JsonArray) done = json_array_new ();
  const char *language;
  gboolean finished;

  if (!get_language (self, &language, error))
    return FALSE;
  finished = tessera_cli_for_each_file (self, import_file, done, error);
  tessera_cli_put_objects (self, g_steal_pointer (&done),
                           "file language services added changed translations");
  return finished;
}

static gboolean
export_file (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  g_autoptr (GBytes) text = NULL;
  const char *language;
  JsonObject *object;

  if (!get_language (self, &language, error) || !tessera_cli_check_target (self, path, error))
    return FALSE;
  text = tessera_hsds_write (transaction, language, error);
  if (text == NULL
      || !g_file_set_contents (path, g_bytes_get_data (text, NULL), (gssize) g_bytes_get_size (text), error))
    return FALSE;
  object = json_object_new ();
  json_object_set_string_member (object, "file", path);
  json_object_set_int_member (object, "size", (gint64) g_bytes_get_size (text));
  tessera_cli_put_object (self, object);
  return TRUE;
}

static gboolean
find (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autofree char *words = tessera_cli_join_arguments (self, 0);
  TesseraDirectoryQuery query = { .words = words,
                                  .theme = tessera_cli_get_option (self, "theme"),
                                  .condition = tessera_cli_get_option (self, "condition"),
                                  .all_states = tessera_cli_has (self, "all") };
  g_autoptr (GPtrArray) rows = NULL;
  JsonArray *array;
  guint64 limit;

  if (!get_language (self, &query.language, error)
      || !tessera_cli_get_number (self, "limit", G_MAXINT32, 0, &limit, error))
    return FALSE;
  query.limit = (guint) limit;
  rows = tessera_directory_find (transaction, &query, NULL, error);
  if (rows == NULL)
    return FALSE;
  array = json_array_sized_new (rows->len);
  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, tessera_service_row_to_json (g_ptr_array_index (rows, i)));
  tessera_cli_put_objects (self, array, "id name organization place freshness");
  return TRUE;
}

static gboolean
show (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) service = tessera_cli_resolve (transaction, "service", text, error);
  g_autoptr (TesseraServiceView) view = NULL;
  const char *language;

  if (service == NULL || !get_language (self, &language, error))
    return FALSE;
  view = tessera_directory_load_service (transaction, tessera_record_get_id (service), language, error);
  if (view == NULL)
    return FALSE;
  tessera_cli_put_object (self, tessera_service_view_to_json (view));
  return TRUE;
}

static gboolean
due (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) services = NULL;
  const char *language;
  JsonArray *array;

  if (!get_language (self, &language, error))
    return FALSE;
  services = tessera_directory_due (transaction, language, error);
  if (services == NULL)
    return FALSE;
  array = json_array_sized_new (services->len);
  for (guint i = 0; i < services->len; i++)
    json_array_add_object_element (array, tessera_due_service_to_json (g_ptr_array_index (services, i)));
  tessera_cli_put_objects (self, array, "id name organization phone assured_date");
  return TRUE;
}

static gboolean
verify (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  const char *result = tessera_cli_get_option (self, "result");
  g_autoptr (TesseraRecord) service = tessera_cli_resolve (transaction, "service", text, error);
  g_autoptr (TesseraRecord) verification = NULL;

  if (service == NULL || !tessera_cli_check_code ("verification_result", result, error))
    return FALSE;
  verification = tessera_directory_verify (transaction, tessera_record_get_id (service),
                                           result != NULL ? result : "confirmed",
                                           tessera_cli_get_option (self, "notes"), error);
  if (verification == NULL)
    return FALSE;
  tessera_cli_put_record (self, verification);
  return TRUE;
}

const TesseraCommand tessera_directory_commands[] = {
  { "directory", "import", "FILE… [--language TAG] [--complete]",
    N_("Takes in HSDS files; the same ids in a second language become translations."), TESSERA_ACCESS_STORE,
    import_files },
  { "directory", "export", "FILE [--language TAG]", N_("Writes the directory as HSDS."), TESSERA_ACCESS_READ,
    export_file },
  { "directory", "find",
    "[WORDS…] [--language TAG] [--theme THEME] [--condition CONDITION] [--all] [--limit N]",
    N_("Finds services."), TESSERA_ACCESS_READ, find },
  { "directory", "show", "ID [--language TAG]", N_("Prints one service, whole."), TESSERA_ACCESS_READ,
    show },
  { "directory", "due", "[--language TAG]", N_("Services to call: nobody has checked them for half a year."),
    TESSERA_ACCESS_READ, due },
  { "directory", "verify", "ID [--result confirmed|changed|not-reached|ended] [--notes TEXT]",
    N_("Somebody asked today."), TESSERA_ACCESS_WRITE, verify },
  { NULL },
};
