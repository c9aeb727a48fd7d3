/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-team-root.c: `team root …`: the organization's root key on paper.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-team.h"
#include "tessera-identity.h"
#include "tessera-root.h"

static void
put_sheet_lines (TesseraCli *self, GPtrArray *sheets, const char *fingerprint) {
  tessera_cli_put_line (self, _("Root key of the organization with the fingerprint %s"), fingerprint);
  for (guint i = 0; i < sheets->len; i++)
    tessera_cli_put_line (self, _("Sheet %u of %u: %s"), i + 1, sheets->len,
                          (const char *) tessera_secret_get_data (sheets->pdata[i]));
  tessera_cli_put_line (self, "%s",
                        sheets->len == 1
                          ? _("Whoever has it decides who belongs to the organization; keep it under lock and key.")
                          : _("Each sheet alone is worth nothing; give them to two supervisors, who keep them apart."));
}

gboolean
tessera_cli_root_print (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) sheets = tessera_root_print (transaction, tessera_cli_has (self, "split"), error);
  g_autofree char *fingerprint = sheets != NULL ? tessera_identity_get_fingerprint (transaction, error) : NULL;
  JsonObject *object;
  JsonArray *texts;

  if (fingerprint == NULL)
    return FALSE;
  if (!tessera_cli_is_json (self)) {
    put_sheet_lines (self, sheets, fingerprint);
    return TRUE;
  }
  object = json_object_new ();
  texts = json_array_new ();
  for (guint i = 0; i < sheets->len; i++)
    json_array_add_string_element (texts, (const char *) tessera_secret_get_data (sheets->pdata[i]));
  json_object_set_string_member (object, "fingerprint", fingerprint);
  json_object_set_array_member (object, "sheets", texts);
  tessera_cli_put_object (self, object);
  return TRUE;
}

static void
put_state (TesseraCli *self, const char *state) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "root_key", state);
  tessera_cli_put_object (self, object);
}

gboolean
tessera_cli_root_restore (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) sheets =
    tessera_cli_read_secrets (self, "root", _("Sheet; leave it empty after the last one"), TESSERA_ROOT_MAX_SHEETS,
                              error);

  if (sheets == NULL || !tessera_root_restore (transaction, sheets, error))
    return FALSE;
  put_state (self, "restored");
  return TRUE;
}

gboolean
tessera_cli_root_remove (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  if (!tessera_root_remove (transaction, error))
    return FALSE;
  put_state (self, "removed");
  return TRUE;
}
