/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-casework-private.c: small things every rule needs.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

TesseraRecord *
tessera_casework_load (TesseraTransaction *transaction, const char *entity, const char *id, GError **error) {
  guint8 bytes[16];

  if (!id || !tessera_uuid_parse (id, bytes)) {
    g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_FOUND,
                 _("There is no %s with the id “%s”; look it up in the list and try again."), entity,
                 id ? id : "");
    return NULL;
  }
  return tessera_transaction_load (transaction, entity, id, error);
}

TesseraRecord *
tessera_casework_point_to_client (TesseraTransaction *transaction, TesseraRecord *record, GError **error) {
  TesseraRecord *client = tessera_casework_resolve_client (transaction, tessera_record_get (record, "client"),
                                                           error);

  if (client)
    tessera_record_set (record, "client", tessera_record_get_id (client));
  return client;
}

gboolean
tessera_casework_check_code (const char *name, const char *code, GError **error) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (name);
  g_autoptr (GString) known = NULL;

  if (!code || tessera_vocabulary_has (vocabulary, code))
    return TRUE;
  known = g_string_new (NULL);
  for (guint i = 0; i < vocabulary->n_choices; i++)
    g_string_append_printf (known, "%s%s", i ? ", " : "", vocabulary->choices[i].code);
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
               _("“%s” is not one of the choices here; use one of: %s."), code, known->str);
  return FALSE;
}

void
tessera_casework_set_if_empty (TesseraRecord *record, const char *field, const char *value) {
  if (!tessera_record_get (record, field))
    tessera_record_set (record, field, value);
}

char *
tessera_casework_date (gint64 instant, int days) {
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (instant / 1000);
  g_autoptr (GDateTime) day = then ? g_date_time_add_days (then, days) : NULL;

  return day ? g_date_time_format (day, "%Y-%m-%d") : g_strdup ("9999-12-31");
}
