/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-indicators.c: `report indicators`: the numbers that may leave the house.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-indicators.h"
#include "tessera-indicators.h"

static void
put_csv (TesseraCli *self, const TesseraIndicators *indicators) {
  g_autofree char *csv = tessera_indicators_to_csv (indicators);

  /* The last line end is put by the line itself, after the carriage return. */
  csv[strlen (csv) - 1] = '\0';
  tessera_cli_put_line (self, "%s", csv);
}

static void
put_json (TesseraCli *self, const TesseraIndicators *indicators) {
  JsonObject *object = tessera_indicators_to_json (indicators);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (tessera_cli_is_json (self)) {
    tessera_cli_put_object (self, object);
    return;
  }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  text = json_to_string (node, TRUE);
  tessera_cli_put_line (self, "%s", text);
}

static void
put_table (TesseraCli *self, const TesseraIndicators *indicators) {
  JsonArray *array = json_array_sized_new (indicators->rows->len);

  for (guint i = 0; i < indicators->rows->len; i++) {
    const TesseraIndicator *row = g_ptr_array_index (indicators->rows, i);
    g_autofree char *value = tessera_indicator_format (row);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "group", tessera_indicator_get_group_label (row));
    json_object_set_string_member (object, "label", tessera_indicator_get_label (row));
    json_object_set_string_member (object, "value", value);
    json_object_set_string_member (object, "unit", row->unit == TESSERA_INDICATOR_PERCENT ? "%" : "");
    json_array_add_object_element (array, object);
  }
  tessera_cli_put_objects (self, array, "group label value unit");
}

static gboolean
check_format (TesseraCli *self, const char *format, GError **error) {
  if (format == NULL || g_str_equal (format, "json")
      || (g_str_equal (format, "csv") && !tessera_cli_is_json (self)))
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
               _("“%s” is not a format to write in; use csv or json (and --json only with json)."), format);
  return FALSE;
}

gboolean
tessera_cli_report_indicators (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *from = tessera_cli_get_option (self, "from");
  const char *to = tessera_cli_get_option (self, "to");
  const char *format = tessera_cli_get_option (self, "format");
  g_autoptr (TesseraIndicators) collected = NULL;
  g_autofree char *period = g_strdup_printf ("indicators %s %s", from, to);

  if (!check_format (self, format, error))
    return FALSE;
  collected = tessera_indicators_collect (transaction, from, to, error);
  if (collected == NULL || !tessera_transaction_audit (transaction, "export", NULL, NULL, period, error))
    return FALSE;
  if (tessera_cli_is_json (self) || g_strcmp0 (format, "json") == 0)
    put_json (self, collected);
  else if (format != NULL)
    put_csv (self, collected);
  else
    put_table (self, collected);
  return TRUE;
}
