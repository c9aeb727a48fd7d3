/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-freshness.h: how long ago a person checked a service, whom to call next, and noting the
 * answer.
 *
 * Only `assured_date` counts: `last_modified` says that a file changed, not that anybody asked.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** Months a check is good for (green), and after which nobody should rely on it (red). */
#define TESSERA_FRESH_MONTHS 6
#define TESSERA_STALE_MONTHS 12

/**
 * TesseraFreshness:
 * @TESSERA_FRESHNESS_CHECKED: checked within six months (green)
 * @TESSERA_FRESHNESS_AMBER: six to twelve months ago
 * @TESSERA_FRESHNESS_RED: longer ago; goes to the end of every list
 * @TESSERA_FRESHNESS_NEVER: never checked (gray), or "checked" on a day that has not come
 */
typedef enum {
  TESSERA_FRESHNESS_CHECKED,
  TESSERA_FRESHNESS_AMBER,
  TESSERA_FRESHNESS_RED,
  TESSERA_FRESHNESS_NEVER,
} TesseraFreshness;

/** tessera_freshness_of: of a service last checked on @assured_date (nullable), as seen on @today (both ISO
 * 8601).
 * @ret_age (out) (optional): days since, or -1 when never. */
TesseraFreshness tessera_freshness_of (const char *assured_date, const char *today, int *ret_age);

/** tessera_freshness_get_code: "checked", "amber", "red", "never"; for JSON and style classes. */
const char *tessera_freshness_get_code (TesseraFreshness freshness);
/** tessera_freshness_get_label: translated now, in the current language. */
const char *tessera_freshness_get_label (TesseraFreshness freshness);

/**
 * TesseraDueService: one line of the call list.
 * @phone: (nullable): of the service, else of its organization, else of its place
 * @referrals: sent to it in the last six months
 * @age: days since the last check, or -1
 */
typedef struct {
  char *id;
  char *name;
  char *organization;
  char *phone;
  char *email;
  char *assured_date;
  TesseraFreshness freshness;
  int age;
  guint referrals;
} TesseraDueService;

void tessera_due_service_free (TesseraDueService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraDueService, tessera_due_service_free)

/** tessera_due_service_to_json: (transfer full) */
JsonObject *tessera_due_service_to_json (TesseraDueService *self);

/** tessera_directory_due: (transfer full) (element-type TesseraDueService): services whose check is older
 * than six months, those most relied on first (referrals sent in six months, times age). @language
 * (nullable): of the names. */
GPtrArray *tessera_directory_due (TesseraTransaction *transaction, const char *language, GError **error);

/**
 * tessera_directory_verify:
 * @service: id
 * @result: code of the vocabulary `verification_result`: "confirmed", "changed", "not-reached" or "ended"
 * @notes: (nullable): what was said
 *
 * Notes that the acting worker asked today. `confirmed`, `changed` and `ended` make today the day of the last
 * check; `ended` also sets the service to `defunct`; `not-reached` changes nothing but is remembered.
 *
 * Returns: (transfer full): the verification
 */
TesseraRecord *tessera_directory_verify (TesseraTransaction *transaction, const char *service,
                                         const char *result, const char *notes, GError **error);

G_END_DECLS
