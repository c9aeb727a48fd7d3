/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange-stand-in.c: the few functions of tessera-exchange.h that visits to a fake exchange link against.
 */
#include "config.h"

#include "tessera-exchange.h"

void
tessera_arrival_free (TesseraArrival *self) {
  if (!self)
    return;
  g_free (self->flow);
  g_free (self->sender);
  g_free (self->bundle);
  g_free (self->referral);
  g_free (self->reason);
  g_free (self);
}

void
tessera_mailbox_free (TesseraMailbox *self) {
  if (!self)
    return;
  g_free (self->name);
  g_free (self->label);
  g_free (self);
}

gboolean
tessera_exchange_seal_waiting (TesseraStore *store, guint *count, GFileProgressCallback progress, gpointer data,
                               GCancellable *cancellable, GError **error) {
  return TRUE;
}

TesseraArrival *
tessera_exchange_take_in (TesseraStore *store, const char *path, GFileProgressCallback progress, gpointer data,
                          GCancellable *cancellable, GError **error) {
  g_assert_not_reached ();
}

gboolean
tessera_exchange_retry_parked (TesseraStore *store, guint *ret_applied, GError **error) {
  return TRUE;
}

GPtrArray *
tessera_exchange_list_mailboxes (TesseraTransaction *transaction, GError **error) {
  return g_ptr_array_new ();
}

gboolean
tessera_exchange_has_file (TesseraTransaction *transaction, const char *name) {
  return FALSE;
}

gboolean
tessera_exchange_is_done (TesseraTransaction *transaction, TesseraRecord *bundle) {
  return FALSE;
}
