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
