/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-view.h: one service, whole, in one language: what its page, a printed sheet and a
 * referral show.
 *
 * Texts are plain text as the publisher wrote them; whoever shows them must not interpret markup in them.
 */
#pragma once

#include "tessera-directory-freshness.h"
#include "tessera-directory-terms.h"

G_BEGIN_DECLS

/**
 * TesseraServicePlace: where it is.
 * @address: (nullable): one line, without the name
 * @latitude: degrees, if @has_coordinates
 */
typedef struct {
  char *id;
  char *name;
  char *address;
  char *transportation;
  char *accessibility;
  gboolean has_coordinates;
  double latitude;
  double longitude;
} TesseraServicePlace;

/**
 * TesseraServiceSchedule: when it is open.
 * @place: (nullable): name, when the times are those of one place
 * @days: (nullable): iCalendar day codes with commas (RFC 5545 section 3.3.10), e.g. "MO,TU"
 * @opens_at: (nullable): HH:MM
 * @valid_from: (nullable): ISO 8601; the row is true from then …
 * @valid_to: (nullable): … until then
 */
typedef struct {
  char *place;
  char *description;
  char *days;
  char *frequency;
  char *opens_at;
  char *closes_at;
  char *valid_from;
  char *valid_to;
  char *notes;
} TesseraServiceSchedule;

/**
 * TesseraServiceView:
 * @record: the row in the base language, for the fields that have no translation
 * @texts: (element-type utf8 utf8): texts of the service in the wanted language by field name; see
 *   tessera_service_view_get()
 * @language: language of the name
 * @available: %NULL-terminated: languages the service has texts in, base language first
 * @phones: %NULL-terminated: numbers with extension, of the service, then of its organization and places
 * @languages: %NULL-terminated: names or codes of the languages spoken
 * @documents: %NULL-terminated: what to bring
 * @areas: %NULL-terminated
 * @costs: %NULL-terminated
 * @places: (element-type TesseraServicePlace)
 * @schedules: (element-type TesseraServiceSchedule)
 * @terms: (element-type TesseraTerm): all kinds; each has its kind
 * @age: days since the last check, or -1
 */
typedef struct {
  char *id;
  char *language;
  TesseraRecord *record;
  GHashTable *texts;
  char *organization_id;
  char *organization;
  char *organization_description;
  char **available;
  char **phones;
  char **languages;
  char **documents;
  char **areas;
  char **costs;
  GPtrArray *places;
  GPtrArray *schedules;
  GPtrArray *terms;
  TesseraFreshness freshness;
  int age;
} TesseraServiceView;

/** tessera_directory_load_service: (transfer full): @language (nullable) falls back to the base language,
 * text by text. %TESSERA_STORE_ERROR_NOT_FOUND when there is no such service. */
TesseraServiceView *tessera_directory_load_service (TesseraTransaction *transaction, const char *id,
                                                    const char *language, GError **error);

void tessera_service_view_free (TesseraServiceView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraServiceView, tessera_service_view_free)

/** tessera_service_view_get: (nullable): a field of the service in the language of the view ("name",
 * "description", "application_process" …); fields without translations as they are. */
const char *tessera_service_view_get (TesseraServiceView *self, const char *field);

/** tessera_service_view_to_json: (transfer full): the fields of the service under the registry's names, and
 * the members above. */
JsonObject *tessera_service_view_to_json (TesseraServiceView *self);

/** tessera_service_schedule_format: (transfer full): one line a person reads, in the current language of the
 * process (call it in the main thread): the description if there is one, else days and hours. */
char *tessera_service_schedule_format (const TesseraServiceSchedule *self);

G_END_DECLS
