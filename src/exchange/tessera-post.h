/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post.h: referrals and their answers, out as bundles and in again.
 *
 * Between the rules (casework) and the format (tessera-bundle.h). It moves no files: a caller gets or gives bytes.
 * Lines of data are {"e":entity,"i":row,"f":{field:value}}, as docs/bundle-format.md lists them for flow `referral`.
 */
#pragma once

#include "tessera-bundle.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * tessera_post_count_waiting:
 *
 * How many messages wait for @partner (%NULL: for anybody): referrals created and not yet sent, and events of ours that
 * the other side has not been sent.
 */
gint64 tessera_post_count_waiting (TesseraTransaction *transaction, const char *partner, GError **error);

/** TesseraPostLetter: one sealed bundle about one person, kept in the outbox. @name is its name there and on a carrier;
 * @again says that it had been sealed before. */
typedef struct {
  char *referral;
  char *name;
  gint64 size;
  gboolean again;
} TesseraPostLetter;

void tessera_post_letter_free (TesseraPostLetter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraPostLetter, tessera_post_letter_free)

/**
 * tessera_post_seal_next:
 * @outbox: the vault's outbox folder, where the letter is on the disk when this returns
 * @partner: partner id
 * @referral: (nullable): only this one
 *
 * Seals the oldest waiting message to @partner: for a new outgoing referral what its consent allows (exactly
 * tessera_consent_collect()) with the consent and the referral form, otherwise our events they have not had. Checks
 * trust and consent again, writes the `sent` event and a `bundle` row. One bundle never speaks of two people.
 *
 * Returns: (transfer full) (nullable): %NULL without an error when nothing waits
 */
TesseraPostLetter *tessera_post_seal_next (TesseraTransaction *transaction, const char *outbox, const char *partner,
                                           const char *referral, GError **error);

/**
 * tessera_post_deliver:
 * @outbox: the vault's outbox folder; the letter is kept there until it is answered
 * @target: (nullable): a folder (the letter gets its carrier name) or the path of a file to write
 *
 * tessera_post_seal_next(), with the files written and synced before the transaction can commit: a crash may leave a file
 * nobody counts on, never a sent referral without its file. When nothing new waits, the last letter to @partner is
 * written to @target once more, since files get lost.
 *
 * Returns: (transfer full) (nullable): %NULL without an error when there was never anything to send
 */
TesseraPostLetter *tessera_post_deliver (TesseraTransaction *transaction, const char *outbox, const char *partner,
                                         const char *referral, const char *target, GError **error);

/**
 * tessera_post_seal_waiting:
 * @count: (inout): grows by what was sealed
 *
 * Everything that waits for @partner and can be sent, into @outbox; and, when something came and nothing goes, a letter
 * that only says what we have.
 */
gboolean tessera_post_seal_waiting (TesseraTransaction *transaction, const char *outbox, const char *partner,
                                    guint *count, GError **error);

/** tessera_post_is_acknowledged: whether the partner said it has what the outgoing @bundle carried. */
gboolean tessera_post_is_acknowledged (TesseraTransaction *transaction, TesseraRecord *bundle);

/**
 * TesseraPostArrival: what an imported bundle did.
 * @known: it had been imported before; nothing changed
 * @referral: id of the referral it speaks of
 * @is_new: a referral to us that we had not seen
 * @answered: an event of theirs about a referral of ours
 * @follows_unknown: the bundle that the partner sent before it is not here; noted as the reason in its `bundle` row
 */
typedef struct {
  char *partner;
  char *referral;
  char *manifest;
  gboolean known;
  gboolean is_new;
  gboolean answered;
  gboolean follows_unknown;
} TesseraPostArrival;

void tessera_post_arrival_free (TesseraPostArrival *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraPostArrival, tessera_post_arrival_free)

/**
 * tessera_post_take_in:
 * @file: a whole bundle
 *
 * Opens, verifies, and applies a bundle of flow `referral` from a partner whose card we hold: the referral is kept in
 * `received` beside the caseload with our automatic `received` event; a partner can only add events to a referral we
 * sent to or got from that partner. %TESSERA_BUNDLE_ERROR_TOO_EARLY: steps or a referral before it are missing, so keep
 * the file and try again after others have come. Any refusal leaves nothing changed (the caller may note it with
 * tessera_post_note_refusal() in a transaction of its own).
 */
TesseraPostArrival *tessera_post_take_in (TesseraTransaction *transaction, GBytes *file, GError **error);

/** tessera_post_note_refusal: keeps a `bundle` row with state `refused` and the sentence why, for the inbox. */
gboolean tessera_post_note_refusal (TesseraTransaction *transaction, GBytes *file, const char *reason, GError **error);

/** tessera_post_may_go: whether a letter that was sealed (a record of `bundle`) may still be handed over: its partner is
 * trusted as before, and the client has not changed their mind. Colleagues' files always may. */
gboolean tessera_post_may_go (TesseraTransaction *transaction, TesseraRecord *bundle, GError **error);

/** tessera_post_inspect: (transfer full): exactly what a reader sees: manifest, sender, trust, every line of data.
 * Changes nothing. */
JsonNode *tessera_post_inspect (TesseraTransaction *transaction, GBytes *file, GError **error);

/** tessera_post_verify: signature, addressee, hashes; without reading the data. */
gboolean tessera_post_verify (TesseraTransaction *transaction, GBytes *file, GError **error);

/** tessera_post_get_received: (transfer full) (element-type TesseraRecord) (nullable): what an incoming referral brought:
 * client, household … as records with the sender's words, for showing; none of them is in the store. */
GPtrArray *tessera_post_get_received (TesseraTransaction *transaction, TesseraRecord *referral, GError **error);

/**
 * tessera_post_answer:
 *
 * tessera_referral_answer() for both directions; accepting an incoming referral also registers the client from what was
 * received (unless the referral is linked to one already) with step and file of our own.
 * Returns: (transfer full): the referral as it now is
 */
TesseraRecord *tessera_post_answer (TesseraTransaction *transaction, const char *referral, const char *answer,
                                    const char *code, const char *text, const char *on_date, gboolean may_tell_client,
                                    GError **error);

G_END_DECLS
