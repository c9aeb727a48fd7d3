/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-consent.h: what a client agreed to show, to whom and until when; and exactly what that lets out.
 *
 * The filter is an allow-list read from the registry: a field that nobody thought about stays in the house.
 * "No" and "later" are kept too and respected. Consent is the client's permission to show data to another
 * organization; it is not the legal basis of keeping the file.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_CONSENT_MONTHS: how long a consent lasts when nobody says otherwise. */
#define TESSERA_CONSENT_MONTHS 12

/** TESSERA_CONSENT_TEXT_VERSION: version of the wording of tessera_consent_build_text(). */
#define TESSERA_CONSENT_TEXT_VERSION "1"

/**
 * TesseraConsentGift: what a client answered. Everything but @client, @purpose and @answer may be %NULL.
 * @client: client id (merges followed)
 * @partner: partner id; required for purposes that share
 * @groups: category codes, %NULL-terminated
 * @answer: "yes" (also when %NULL), "no" or "later"
 * @expires_on: date it ends on (that day still counts); %NULL for twelve months from today
 * @text: the text as it was read to the client; its SHA-256 is kept as "sha256:HEX" in text_hash
 */
typedef struct {
  const char *client;
  const char *partner;
  const char *purpose;
  const char *const *groups;
  const char *answer;
  const char *expires_on;
  const char *language;
  const char *how;
  const char *given_by;
  const char *signature;
  const char *text;
} TesseraConsentGift;

/** tessera_consent_give: (transfer full): saves the answer as a `consent`. Groups nobody may share (notes)
 * are refused. */
TesseraRecord *tessera_consent_give (TesseraTransaction *transaction, const TesseraConsentGift *gift,
                                     GError **error);

/**
 * tessera_consent_withdraw:
 * @consent: id
 * @reason: (nullable): in words
 *
 * The consent ends now. Every open referral sent under it gets a `withdrawn` event with code
 * consent_withdrawn, which travels to the partner as a recall. Withdrawing twice changes nothing.
 */
gboolean tessera_consent_withdraw (TesseraTransaction *transaction, const char *consent, const char *reason,
                                   GError **error);

/** tessera_consent_is_valid: whether it allows sharing at @now (milliseconds UTC): yes, for a purpose that
 * shares, not withdrawn, not over. Pure. */
gboolean tessera_consent_is_valid (TesseraRecord *consent, gint64 now);

/** tessera_consent_check: the same as an error that says what is wrong (%TESSERA_CASEWORK_ERROR_NO_CONSENT or
 * %TESSERA_CASEWORK_ERROR_CONSENT_ENDED). */
gboolean tessera_consent_check (TesseraRecord *consent, gint64 now, GError **error);

/**
 * tessera_consent_find_valid:
 * @groups: (nullable): category codes all of which it must name
 *
 * Returns: (transfer full) (nullable): the valid consent of @client (an id, merges followed) to @partner that
 * lasts longest, or without @groups the one given last, since what a client said last is what they want now;
 * %NULL without an error when there is none
 */
TesseraRecord *tessera_consent_find_valid (TesseraTransaction *transaction, const char *client,
                                           const char *partner, const char *const *groups, GError **error);

/** tessera_consent_list: (transfer full) (element-type TesseraRecord): all of @client's, newest first. */
GPtrArray *tessera_consent_list (TesseraTransaction *transaction, const char *client, GError **error);

/** tessera_consent_allows: whether @field may leave under @consent at @now. Pure; the one rule everything
 * else uses. */
gboolean tessera_consent_allows (TesseraRecord *consent, const TesseraField *field, gint64 now);

/** tessera_consent_filter: (transfer full): copy of @record (any entity) with only the fields that may leave
 * under @consent at @now; same id. For the rows of the referral itself (referral, referral_event,
 * consent). */
TesseraRecord *tessera_consent_filter (TesseraRecord *consent, TesseraRecord *record, gint64 now);

/**
 * tessera_consent_collect:
 * @consent: a `consent` record
 * @client: client id (merges followed; must be the consent's client)
 * @kind: (nullable): code of vocabulary `referral_kind`; "ask-opinion" goes out without identity, contact,
 *   names or ids: the code is a pseudonym made for this one occasion, and row ids are fresh
 * @groups: (nullable): narrower than the consent: only these of its groups
 *
 * Exactly the rows and fields about @client that may leave: the client (fields of the referral form, and
 * those whose category was agreed), the household and its members, needs, visits … by the category of each
 * field. Corrected visits stay at home; so do other referrals and consents. Records hold only allowed fields,
 * and references only to rows that are in the result or public. Used for the preview and for the bundle, so
 * that both are the same.
 * Returns: (transfer full) (element-type TesseraRecord): the client first; an error when the consent does not
 * hold
 */
GPtrArray *tessera_consent_collect (TesseraTransaction *transaction, TesseraRecord *consent,
                                    const char *client, const char *kind, const char *const *groups,
                                    GError **error);

/**
 * tessera_consent_build_text:
 * @partner: name of the receiving organization
 * @organization: name of ours
 * @groups: category codes
 * @expires_on: (nullable): date
 *
 * The text read to the client, in the language of the current locale (call it on the main thread): who, what,
 * until when, that saying no costs nothing and that it can be taken back.
 * Returns: (transfer full)
 */
char *tessera_consent_build_text (const char *partner, const char *organization, const char *const *groups,
                                  const char *expires_on);

G_END_DECLS
