/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-partner-dialog.h: making sure that a partner's card is really theirs, by reading fingerprints
 * aloud.
 *
 * What they read has to be typed: their fingerprint is not shown before it matches, so that nobody agrees by
 * habit.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_PARTNER_DIALOG (tessera_partner_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraPartnerDialog, tessera_partner_dialog, TESSERA, PARTNER_DIALOG, AdwWindow)

/** tessera_partner_dialog_new: @own_fingerprint: (nullable): ours, to be read to them. */
TesseraPartnerDialog *tessera_partner_dialog_new (TesseraSession *session,
                                                  GtkWindow *parent,
                                                  TesseraRecord *partner,
                                                  const char *own_fingerprint);

G_END_DECLS
