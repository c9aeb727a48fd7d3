/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erasure.h: a person's record goes, for ever: here, with colleagues, and, as far as asking goes, with partners.
 *
 * It decides what is about the person and who must be asked; that nothing is left in files is the store's matter, and
 * what becomes of bundles that are under way is exchange's.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * tessera_client_erase:
 * @client: id
 * @reason: a code of vocabulary `erasure_reason`
 * @ret_partners: (out) (optional): how many partners' referrals there are to ask about
 *
 * Everything about the person, under every id that was merged into theirs; the household, when nobody else is in it. For
 * each referral that a partner was sent, a row of `erasure_request` is left, which has no personal data and waits to be
 * sent; likewise for one that a partner asked us to erase, to say that it is done.
 *
 * Only a supervisor (the acting worker) may: %TESSERA_CASEWORK_ERROR_NOT_ALLOWED.
 */
gboolean tessera_client_erase (TesseraTransaction *transaction, const char *client, const char *reason,
                               guint *ret_partners, GError **error);

/**
 * tessera_referral_erase:
 * @referral: id of an incoming referral whose sender asked us to erase it, and which has no client here
 *
 * What was received goes; the sender is told. One that has a client goes with the client: %TESSERA_CASEWORK_ERROR_NOT_ALLOWED.
 */
gboolean tessera_referral_erase (TesseraTransaction *transaction, const char *referral, GError **error);

/**
 * tessera_erasure_note_request:
 * @direction: "out": we ask; "in": they asked, and it is done
 * @last: the last number of our side that the partner may have seen
 * @erased: (nullable): the erased client
 *
 * Leaves the row that makes exchange tell @partner; once for each referral.
 */
gboolean tessera_erasure_note_request (TesseraTransaction *transaction, const char *referral, const char *partner,
                                       const char *direction, gint64 last, const char *erased, GError **error);

/** tessera_erasure_find_request: (transfer full) (nullable): the row that is left of @referral (an id). */
TesseraRecord *tessera_erasure_find_request (TesseraTransaction *transaction, const char *referral);

/** tessera_referral_is_erased: whether @referral (an id) was here and its person was erased. */
gboolean tessera_referral_is_erased (TesseraTransaction *transaction, const char *referral);

G_END_DECLS
