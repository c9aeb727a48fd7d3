/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-facts.c: `report facts`: rows without names, or counts, for analysts.
 *
 * The files get their names only once the audit says that they were made.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-facts.h"
#include "tessera-facts.h"

typedef struct {
  TesseraFactsOptions options;
  TesseraFactsFolder *folder;
  TesseraFactsSummary summary;
} Export;

static gboolean
write_facts (TesseraTransaction *transaction, gpointer data, GError **error) {
  Export *export = data;

  return tessera_facts_write (transaction, &export->options, export->folder, &export->summary, error);
}

static gboolean
note_export (TesseraTransaction *transaction, gpointer data, GError **error) {
  Export *export = data;
  g_autofree char *detail = g_strdup_printf (
    "facts %s %s %s %s smallest=%u people=%u suppressed=%u rows=%" G_GUINT64_FORMAT, export->options.from,
    export->options.to, export->options.aggregate ? "counts" : "rows", export->options.one_file ? "sql" : "csv",
    export->options.smallest, export->summary.people, export->summary.suppressed, export->summary.rows);

  return tessera_transaction_audit (transaction, "export", NULL, NULL, detail, error);
}

static gboolean
read_options (TesseraCli *self, TesseraFactsOptions *options, GError **error) {
  const char *format = tessera_cli_get_option (self, "format");
  guint64 smallest;

  if (format != NULL && !g_str_equal (format, "csv") && !g_str_equal (format, "sql")) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
                 _("“%s” is not a format to write in; use csv or sql."), format);
    return FALSE;
  }
  if (!tessera_cli_get_number (self, "smallest", TESSERA_FACTS_SMALLEST_MOST, TESSERA_FACTS_SMALLEST, &smallest, error))
    return FALSE;
  if (smallest < TESSERA_FACTS_SMALLEST_LEAST) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("A group of %u people is too small to hide anybody in; take at least %d."), (guint) smallest,
                 TESSERA_FACTS_SMALLEST_LEAST);
    return FALSE;
  }
  options->from = tessera_cli_get_option (self, "from");
  options->to = tessera_cli_get_option (self, "to");
  options->smallest = (guint) smallest;
  options->aggregate = tessera_cli_has (self, "aggregate");
  options->one_file = g_strcmp0 (format, "sql") == 0;
  return TRUE;
}

static void
put_summary (TesseraCli *self, const Export *export) {
  GPtrArray *names = tessera_facts_folder_get_names (export->folder);
  JsonArray *files = json_array_new ();
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < names->len; i++)
    json_array_add_string_element (files, names->pdata[i]);
  json_object_set_string_member (object, "folder", tessera_cli_get_argument (self, 0));
  json_object_set_array_member (object, "files", files);
  json_object_set_int_member (object, "people", export->summary.people);
  json_object_set_int_member (object, "suppressed", export->summary.suppressed);
  json_object_set_int_member (object, "left_out", export->summary.left_out);
  json_object_set_int_member (object, "rows", (gint64) export->summary.rows);
  tessera_cli_put_object (self, object);
}

gboolean
tessera_cli_report_facts (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  TesseraStore *store = tessera_cli_get_store (self);
  g_autoptr (TesseraFactsFolder) folder = NULL;
  Export export = { 0 };

  if (!read_options (self, &export.options, error) || !tessera_cli_check_target (self, path, error))
    return FALSE;
  folder = export.folder = tessera_facts_folder_new (path, error);
  if (folder == NULL || !tessera_store_read (store, write_facts, &export, error)
      || !tessera_store_write (store, note_export, &export, error)
      || !tessera_facts_folder_publish (folder, error))
    return FALSE;
  put_summary (self, &export);
  if (!export.options.aggregate)
    tessera_cli_warn (self, _("These rows have no names, but they are still personal data: give them only to who may "
                              "have them, and see docs/facts.md."));
  return TRUE;
}
