/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-colleagues.c: the laptops of the organization and whose they are; see the header.
 */
#include "config.h"
#include "tessera-colleagues.h"

#include "tessera-identity-private.h"
#include "tessera-roster.h"

static void
colleague_free (gpointer data) {
  TesseraColleague *self = data;

  g_free (self->device);
  g_free (self->worker);
  g_free (self);
}

static char *
name_worker (TesseraTransaction *transaction, const char *hex) {
  g_autofree char *id = hex ? tessera_identity_add_dashes (hex) : NULL;
  g_autoptr (TesseraRecord) worker = id ? tessera_transaction_find (transaction, "worker", id) : NULL;

  return worker ? g_strdup (tessera_record_get (worker, "name")) : NULL;
}

static gboolean
add_rows (TesseraTransaction *transaction, GHashTable *colleagues, GError **error) {
  g_autoptr (GPtrArray) devices = tessera_transaction_select_records (transaction, "device", "", NULL, error);

  for (guint i = 0; devices && i < devices->len; i++) {
    TesseraColleague *colleague = g_new0 (TesseraColleague, 1);

    colleague->device = g_strdup (tessera_record_get (devices->pdata[i], "name"));
    g_hash_table_insert (colleagues, g_strdup (tessera_record_get_id (devices->pdata[i])), colleague);
  }
  return devices != NULL;
}

static void
add_from_roster (TesseraTransaction *transaction, GHashTable *colleagues, const TesseraRosterDevice *device) {
  TesseraColleague *colleague = g_new0 (TesseraColleague, 1);

  colleague->device = g_strdup (device->name);
  colleague->worker = name_worker (transaction, device->worker);
  colleague->active = device->state == TESSERA_DEVICE_ACTIVE;
  g_hash_table_replace (colleagues, tessera_identity_add_dashes (device->id), colleague);
}

GHashTable *
tessera_colleagues_load (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) colleagues = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, colleague_free);
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);
  TesseraColleague *own = NULL;

  if (!add_rows (transaction, colleagues, error))
    return NULL;
  for (guint i = 0; roster && i < roster->devices->len; i++)
    add_from_roster (transaction, colleagues, roster->devices->pdata[i]);
  own = g_hash_table_lookup (colleagues, tessera_transaction_get_device (transaction));
  if (own)
    own->own = TRUE;
  return g_steal_pointer (&colleagues);
}

guint
tessera_colleagues_count (GHashTable *colleagues) {
  GHashTableIter iterator;
  gpointer data;
  guint n = 0;

  g_hash_table_iter_init (&iterator, colleagues);
  while (g_hash_table_iter_next (&iterator, NULL, &data))
    n += ((TesseraColleague *) data)->active && !((TesseraColleague *) data)->own;
  return n;
}
