/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral-dialog.h: one referral: what was received or sent, what happened, and our next step.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_REFERRAL_DIALOG (tessera_referral_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TesseraReferralDialog, tessera_referral_dialog, TESSERA, REFERRAL_DIALOG, AdwWindow)

/** tessera_referral_dialog_new: @referral: id. */
TesseraReferralDialog *
tessera_referral_dialog_new (TesseraSession *session, GtkWindow *parent, const char *referral);

G_END_DECLS
