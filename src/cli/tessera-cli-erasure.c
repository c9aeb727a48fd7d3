/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-erasure.c: erasing a client for ever, and how far erasures got.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-backup.h"
#include "tessera-cli-erasure.h"
#include "tessera-cli-fields.h"
#include "tessera-erasing.h"
#include "tessera-erasure.h"
#include "tessera-identifier.h"

typedef struct {
  TesseraCli *cli;
  char *client;
  guint n_partners;
} Erasing;

static void
set_instant (JsonObject *object, const char *name, gint64 instant) {
  g_autofree char *text = tessera_instant_format (instant);

  json_object_set_string_member (object, name, text);
}

static gboolean
erase (TesseraTransaction *transaction, gpointer data, GError **error) {
  Erasing *self = data;
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self->cli, transaction, 0, error);

  if (client == NULL
      || !tessera_exchange_erase (transaction, tessera_record_get_id (client),
                                  tessera_cli_get_option (self->cli, "reason"), &self->n_partners, error))
    return FALSE;
  self->client = g_strdup (tessera_record_get_id (client));
  return TRUE;
}

/* ---- how far ---- */

static JsonObject *
describe (const TesseraErasureState *state) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "erased", state->erased);
  if (state->at > 0)
    set_instant (object, "at", state->at);
  if (state->reason != NULL)
    json_object_set_string_member (object, "reason", state->reason);
  if (state->device != NULL)
    json_object_set_string_member (object, "by", state->device);
  json_object_set_int_member (object, "devices", state->n_devices);
  json_object_set_int_member (object, "devices_done", state->n_done);
  json_object_set_int_member (object, "partners_asked", state->n_asked);
  json_object_set_int_member (object, "partners_answered", state->n_answered);
  return object;
}

typedef struct {
  const char *client;
  JsonObject *object;
} Looking;

static gboolean
look (TesseraTransaction *transaction, gpointer data, GError **error) {
  Looking *self = data;
  g_autoptr (GPtrArray) states = tessera_exchange_list_erasures (transaction, error);

  for (guint i = 0; states != NULL && i < states->len && self->object == NULL; i++) {
    const TesseraErasureState *state = g_ptr_array_index (states, i);

    if (g_strcmp0 (state->erased, self->client) == 0)
      self->object = describe (state);
  }
  return states != NULL;
}

/* Backups that lie elsewhere are out of reach. */
static void
tell_of_backups (TesseraCli *self, TesseraStore *store, JsonObject *object) {
  g_autoptr (TesseraBackupState) state = tessera_store_get_last_backup (store, NULL);
  const TesseraBackup *last = state == NULL ? NULL : state->outside;

  if (last == NULL)
    return;
  json_object_set_string_member (object, "backup_file", last->path);
  set_instant (object, "backup_at", last->created);
  tessera_cli_warn (self, _("Backups made elsewhere before now still hold this person, the last of them at “%s”: make a "
                            "new one and destroy the old ones. A restored one erases again when the file “erased” of "
                            "this vault lies beside it."), last->path);
}

gboolean
tessera_cli_erase_client (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraStore *store = tessera_cli_get_store (self);
  Erasing erasing = { .cli = self };
  g_autofree char *client = NULL;
  Looking looking = { 0 };
  gboolean scrubbed = FALSE;

  if (!tessera_store_write (store, erase, &erasing, error)) {
    g_free (erasing.client);
    return FALSE;
  }
  looking.client = client = erasing.client;
  if (!tessera_exchange_finish_erasing (store, &scrubbed, NULL, error)
      || !tessera_store_read (store, look, &looking, error))
    return FALSE;
  if (looking.object == NULL)
    looking.object = json_object_new ();
  json_object_set_boolean_member (looking.object, "scrubbed", scrubbed);
  tell_of_backups (self, store, looking.object);
  tessera_cli_put_object (self, looking.object);
  return TRUE;
}

gboolean
tessera_cli_list_erased (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) states = tessera_exchange_list_erasures (transaction, error);
  JsonArray *array;

  if (states == NULL)
    return FALSE;
  array = json_array_sized_new (states->len);
  for (guint i = 0; i < states->len; i++)
    json_array_add_object_element (array, describe (g_ptr_array_index (states, i)));
  tessera_cli_put_objects (self, array, "at reason by devices_done devices partners_answered partners_asked erased");
  return TRUE;
}

gboolean
tessera_cli_erase_referral (TesseraCli *self, TesseraTransaction *transaction, const char *referral, GError **error) {
  JsonObject *object;

  if (!tessera_referral_erase (transaction, referral, error))
    return FALSE;
  object = json_object_new ();
  json_object_set_string_member (object, "erased", referral);
  tessera_cli_put_object (self, object);
  return TRUE;
}
