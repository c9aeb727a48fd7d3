/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier.c: names are checked here, once for every kind of carrier; the rest is theirs.
 */
#include "config.h"

#include "tessera-carrier.h"

#include <string.h>

#include "tessera-carrier-private.h"

#define NAME_DIGITS "abcdefghijklmnopqrstuvwxyz234567"
#define NAME_SUFFIX ".age"

G_DEFINE_INTERFACE (TesseraCarrier, tessera_carrier, G_TYPE_OBJECT)

static void
tessera_carrier_default_init (TesseraCarrierInterface *interface) {
}

TesseraCarrierItem *
tessera_carrier_item_new (const char *name, gint64 size) {
  TesseraCarrierItem *self = g_new (TesseraCarrierItem, 1);

  self->name = g_strdup (name);
  self->size = size;
  return self;
}

void
tessera_carrier_item_free (TesseraCarrierItem *self) {
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self);
}

gboolean
tessera_carrier_is_name (const char *name) {
  gsize digits = strspn (name, NAME_DIGITS);

  return digits == TESSERA_CARRIER_NAME_LENGTH - strlen (NAME_SUFFIX)
         && strcmp (name + digits, NAME_SUFFIX) == 0;
}

gboolean
tessera_carrier_is_mailbox (const char *name) {
  gsize digits = strspn (name, NAME_DIGITS);

  return digits == TESSERA_CARRIER_MAILBOX_LENGTH && name[digits] == '\0';
}

static int
compare_items (gconstpointer a, gconstpointer b) {
  const TesseraCarrierItem *const *one = a, *const *other = b;

  return strcmp ((*one)->name, (*other)->name);
}

void
tessera_carrier_sort_items (GPtrArray *items) {
  guint kept = 0;

  g_ptr_array_sort (items, compare_items);
  for (guint i = 0; i < items->len; i++) {
    TesseraCarrierItem *item = g_ptr_array_index (items, i);

    if (kept > 0 && strcmp (item->name, ((TesseraCarrierItem *) g_ptr_array_index (items, kept - 1))->name) == 0)
      continue;
    items->pdata[i] = items->pdata[kept];
    items->pdata[kept++] = item;
  }
  g_ptr_array_set_size (items, (int) kept);
}

/* @name may be %NULL: the call is about the mailbox. */
static gboolean
check_names (const char *mailbox, const char *name, GError **error) {
  if (!tessera_carrier_is_mailbox (mailbox))
    tessera_carrier_set_name_error (error, mailbox);
  else if (name != NULL && !tessera_carrier_is_name (name))
    tessera_carrier_set_name_error (error, name);
  else
    return TRUE;
  return FALSE;
}

gboolean
tessera_carrier_check (TesseraCarrier *self, GCancellable *cancellable, GError **error) {
  return TESSERA_CARRIER_GET_IFACE (self)->check (self, cancellable, error);
}

GPtrArray *
tessera_carrier_list (TesseraCarrier *self, const char *mailbox, GCancellable *cancellable, GError **error) {
  if (!check_names (mailbox, NULL, error))
    return NULL;
  return TESSERA_CARRIER_GET_IFACE (self)->list (self, mailbox, cancellable, error);
}

gboolean
tessera_carrier_fetch (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                       TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error) {
  return check_names (mailbox, name, error)
         && TESSERA_CARRIER_GET_IFACE (self)->fetch (self, mailbox, name, path, progress, data, cancellable, error);
}

gboolean
tessera_carrier_put (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                     TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error) {
  return check_names (mailbox, name, error)
         && TESSERA_CARRIER_GET_IFACE (self)->put (self, mailbox, name, path, progress, data, cancellable, error);
}

gboolean
tessera_carrier_remove (TesseraCarrier *self, const char *mailbox, const char *name, GCancellable *cancellable,
                        GError **error) {
  return check_names (mailbox, name, error)
         && TESSERA_CARRIER_GET_IFACE (self)->remove (self, mailbox, name, cancellable, error);
}

gboolean
tessera_carrier_flush (TesseraCarrier *self, GCancellable *cancellable, GError **error) {
  return TESSERA_CARRIER_GET_IFACE (self)->flush (self, cancellable, error);
}
