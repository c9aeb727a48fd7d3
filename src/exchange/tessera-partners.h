/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-partners.h: whom we exchange with, and how sure we are that they are who they say.
 */
#pragma once

#include "tessera-card.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_PARTNERS_ERROR (tessera_partners_error_quark ())
GQuark tessera_partners_error_quark (void);

/**
 * TesseraPartnersError:
 * @TESSERA_PARTNERS_ERROR_OWN_CARD: the card is our own
 * @TESSERA_PARTNERS_ERROR_OLDER: we hold a newer card of this partner
 * @TESSERA_PARTNERS_ERROR_MISMATCH: the fingerprint that was read is not the card's
 * @TESSERA_PARTNERS_ERROR_NOT_TRUSTED: the fingerprint was never compared; nothing is sent
 * @TESSERA_PARTNERS_ERROR_REVOKED: the partner was revoked here
 * @TESSERA_PARTNERS_ERROR_NOT_FOUND: no such partner
 * @TESSERA_PARTNERS_ERROR_EXPIRED: their card is over; ask for a new one
 */
typedef enum {
  TESSERA_PARTNERS_ERROR_OWN_CARD,
  TESSERA_PARTNERS_ERROR_OLDER,
  TESSERA_PARTNERS_ERROR_MISMATCH,
  TESSERA_PARTNERS_ERROR_NOT_TRUSTED,
  TESSERA_PARTNERS_ERROR_REVOKED,
  TESSERA_PARTNERS_ERROR_NOT_FOUND,
  TESSERA_PARTNERS_ERROR_EXPIRED,
} TesseraPartnersError;

/** tessera_partners_add: (transfer full): reads a card and makes or renews the `partner` row; trust of a new one is
 * `none`, and a renewed card with the same root key keeps its trust. */
TesseraRecord *tessera_partners_add (TesseraTransaction *transaction, const char *card, gsize length, GError **error);

/** tessera_partners_resolve: (transfer full): by id, by fingerprint, or by exact name if only one has it. */
TesseraRecord *tessera_partners_resolve (TesseraTransaction *transaction, const char *text, GError **error);

/** tessera_partners_trust: compares @fingerprint, as it was read aloud or shown, with the card's; @how is `spoken` or
 * `in-person`. */
gboolean tessera_partners_trust (TesseraTransaction *transaction, const char *partner, const char *fingerprint,
                                 const char *how, GError **error);

/** tessera_partners_revoke: nothing is sent to or taken from them any more; what they have cannot be taken back. */
gboolean tessera_partners_revoke (TesseraTransaction *transaction, const char *partner, GError **error);

/** tessera_partners_check_sending: whether something may be sealed to @partner now. */
gboolean tessera_partners_check_sending (TesseraRecord *partner, gint64 now, GError **error);

G_END_DECLS
