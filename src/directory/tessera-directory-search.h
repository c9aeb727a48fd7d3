/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-search.h: finding services by words, theme and condition, in any language and script.
 */
#pragma once

#include "tessera-directory-freshness.h"
#include "tessera-directory-terms.h"

G_BEGIN_DECLS

/**
 * TesseraDirectoryQuery: everything zero or %NULL finds all services that are offered.
 * @words: (nullable): every word must begin a word of the service, its organization, a place, a term, or a
 *   translation of one of them
 * @language: (nullable): language of the rows
 * @theme: (nullable): id, code or name of a theme
 * @condition: (nullable): id, code or name of a condition
 * @organization: (nullable): id
 * @all_states: also services that are inactive or have ended
 * @limit: most rows to return; 0 is no limit
 * @offset: rows to leave out in front
 */
typedef struct {
  const char *words;
  const char *language;
  const char *theme;
  const char *condition;
  const char *organization;
  gboolean all_states;
  guint limit;
  guint offset;
} TesseraDirectoryQuery;

#define TESSERA_TYPE_SERVICE_ROW (tessera_service_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraServiceRow, tessera_service_row, TESSERA, SERVICE_ROW, GObject)

/**
 * TesseraServiceRow: one line of a list of services; an object so that list models hold it. Read only.
 * @language: language @name is in, which may be the base language
 * @place: (nullable): name of the first place, else its city
 * @theme: (nullable): name of the first theme
 */
struct _TesseraServiceRow {
  GObject parent_instance;

  char *id;
  char *name;
  char *language;
  char *organization_id;
  char *organization;
  char *place;
  char *theme;
  char *theme_code;
  char *status;
  char *assured_date;
  TesseraFreshness freshness;
  int age;
  /*< private >*/
  guint score;
  char *sort_key;
};

/** tessera_service_row_to_json: (transfer full): `id name language organization_id organization place theme
 * theme_code status assured_date freshness age_days`. */
JsonObject *tessera_service_row_to_json (TesseraServiceRow *self);

/**
 * tessera_directory_find:
 * @ret_count: (out) (optional): how many there are without limit and offset
 *
 * Order: services not checked for over a year last; then those whose name matches more of the words; then by
 * name.
 *
 * Returns: (transfer full) (element-type TesseraServiceRow)
 */
GPtrArray *tessera_directory_find (TesseraTransaction *transaction, const TesseraDirectoryQuery *query,
                                   guint *ret_count, GError **error);

G_END_DECLS
