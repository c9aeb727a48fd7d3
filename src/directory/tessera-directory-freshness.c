/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-freshness.c: freshness, the call list and verifications.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "tessera-directory-freshness.h"
#include "tessera-directory-language.h"
#include "tessera-identifier.h"

/* A service nobody ever checked waits as if it had been checked this many days ago. */
#define NEVER_AGE 3650

static gboolean
parse_day (const char *text, GDate *ret_day) {
  guint year, month, day;

  g_date_clear (ret_day, 1);
  if (text == NULL || !tessera_date_is_valid (text) || sscanf (text, "%4u-%2u-%2u", &year, &month, &day) != 3)
    return FALSE;
  g_date_set_dmy (ret_day, (GDateDay) day, (GDateMonth) month, (GDateYear) year);
  return TRUE;
}

TesseraFreshness
tessera_freshness_of (const char *assured_date, const char *today, int *ret_age) {
  GDate then, now, limit;
  int age;

  if (ret_age != NULL)
    *ret_age = -1;
  if (!parse_day (assured_date, &then) || !parse_day (today, &now))
    return TESSERA_FRESHNESS_NEVER;
  age = g_date_days_between (&then, &now);
  /* One day ahead is another time zone; more is a slip that would otherwise stay green for years. */
  if (age < -1)
    return TESSERA_FRESHNESS_NEVER;
  if (ret_age != NULL)
    *ret_age = MAX (age, 0);
  limit = then;
  g_date_add_months (&limit, TESSERA_FRESH_MONTHS);
  if (g_date_compare (&now, &limit) <= 0)
    return TESSERA_FRESHNESS_CHECKED;
  limit = then;
  g_date_add_months (&limit, TESSERA_STALE_MONTHS);
  return g_date_compare (&now, &limit) <= 0 ? TESSERA_FRESHNESS_AMBER : TESSERA_FRESHNESS_RED;
}

const char *
tessera_freshness_get_code (TesseraFreshness freshness) {
  static const char *const codes[] = { "checked", "amber", "red", "never" };

  return codes[freshness];
}

const char *
tessera_freshness_get_label (TesseraFreshness freshness) {
  switch (freshness) {
  case TESSERA_FRESHNESS_CHECKED:
    return _("Checked");
  case TESSERA_FRESHNESS_AMBER:
    return _("Checked over six months ago");
  case TESSERA_FRESHNESS_RED:
    return _("Checked over a year ago");
  case TESSERA_FRESHNESS_NEVER:
  default:
    return _("Never checked");
  }
}

void
tessera_due_service_free (TesseraDueService *self) {
  g_free (self->id);
  g_free (self->name);
  g_free (self->organization);
  g_free (self->phone);
  g_free (self->email);
  g_free (self->assured_date);
  g_free (self);
}

static void
set_optional (JsonObject *object, const char *member, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, member, value);
}

JsonObject *
tessera_due_service_to_json (TesseraDueService *self) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", self->id);
  set_optional (object, "name", self->name);
  set_optional (object, "organization", self->organization);
  set_optional (object, "phone", self->phone);
  set_optional (object, "email", self->email);
  set_optional (object, "assured_date", self->assured_date);
  json_object_set_string_member (object, "freshness", tessera_freshness_get_code (self->freshness));
  if (self->age >= 0)
    json_object_set_int_member (object, "age_days", self->age);
  json_object_set_int_member (object, "referrals", self->referrals);
  return object;
}

static gboolean
finish (GError *local_error, GError **error) {
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Referrals sent per service since @since. */
static GHashTable *
count_referrals (TesseraTransaction *transaction, gint64 since, GError **error) {
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
                                           "SELECT service, count(*) FROM referral WHERE service IS NOT NULL"
                                           " AND direction = 'out' AND created_at >= ?1 GROUP BY service",
                                           error);
  if (statement == NULL)
    return NULL;
  tessera_statement_bind_integer (statement, 1, since);
  while (tessera_statement_step (statement, &local_error))
    g_hash_table_insert (counts, tessera_statement_get_id (statement, 0),
                         GUINT_TO_POINTER ((guint) tessera_statement_get_integer (statement, 1)));
  return finish (local_error, error) ? g_steal_pointer (&counts) : NULL;
}

/* The nearest phone: of the service, its organization, its places. */
static char *
find_phone (TesseraTransaction *transaction, const char *service, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  statement = tessera_transaction_prepare (
    transaction,
    "SELECT number, 1 AS distance FROM phone WHERE service = ?1"
    " UNION ALL SELECT p.number, 2 FROM phone p JOIN service s ON p.organization = s.organization"
    " WHERE s.id = ?1"
    " UNION ALL SELECT p.number, 3 FROM phone p JOIN service_at_location l ON p.location = l.location"
    " WHERE l.service = ?1 ORDER BY distance LIMIT 1",
    error);
  if (statement == NULL)
    return NULL;
  tessera_statement_bind_id (statement, 1, service);
  return tessera_statement_step (statement, error) ? g_strdup (tessera_statement_get_text (statement, 0))
                                                   : NULL;
}

static gint64
weight_of (const TesseraDueService *self) {
  return (gint64) (self->referrals + 1) * (self->age >= 0 ? self->age : NEVER_AGE);
}

static int
compare_due (gconstpointer a, gconstpointer b) {
  const TesseraDueService *one = *(const TesseraDueService *const *) a;
  const TesseraDueService *other = *(const TesseraDueService *const *) b;
  gint64 difference = weight_of (other) - weight_of (one);

  if (difference != 0)
    return difference > 0 ? 1 : -1;
  return g_strcmp0 (one->name, other->name);
}

static TesseraDueService *
read_due (TesseraStatement *statement, TesseraTexts *texts, GHashTable *referrals, const char *today) {
  TesseraDueService *due = g_new0 (TesseraDueService, 1);
  g_autofree char *organization = tessera_statement_get_id (statement, 4);

  due->id = tessera_statement_get_id (statement, 0);
  due->name = g_strdup (tessera_texts_get (texts, "service", due->id, "name",
                                           tessera_statement_get_text (statement, 1)));
  due->assured_date = g_strdup (tessera_statement_get_text (statement, 2));
  due->email = g_strdup (tessera_statement_get_text (statement, 3));
  if (organization != NULL)
    due->organization = g_strdup (tessera_texts_get (texts, "organization", organization, "name",
                                                     tessera_statement_get_text (statement, 5)));
  due->referrals = GPOINTER_TO_UINT (g_hash_table_lookup (referrals, due->id));
  due->freshness = tessera_freshness_of (due->assured_date, today, &due->age);
  return due;
}

static void
free_due (gpointer due) {
  tessera_due_service_free (due);
}

static GPtrArray *
read_all_due (TesseraTransaction *transaction, TesseraTexts *texts, GHashTable *referrals, GError **error) {
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_due);
  g_autoptr (TesseraStatement) statement = NULL;
  g_autofree char *today = tessera_today ();
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
    "SELECT s.id, s.name, s.assured_date, coalesce (s.email, o.email), o.id, o.name FROM service s"
    " LEFT JOIN organization o ON o.id = s.organization"
    " WHERE s.status IS NULL OR s.status NOT IN ('inactive', 'defunct')", error);
  if (statement == NULL)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    TesseraDueService *due = read_due (statement, texts, referrals, today);

    if (due->freshness == TESSERA_FRESHNESS_CHECKED)
      tessera_due_service_free (due);
    else
      g_ptr_array_add (list, due);
  }
  return finish (local_error, error) ? g_steal_pointer (&list) : NULL;
}

GPtrArray *
tessera_directory_due (TesseraTransaction *transaction, const char *language, GError **error) {
  g_autoptr (TesseraTexts) texts = tessera_texts_new (transaction, language);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GHashTable) referrals = NULL;
  gint64 half_year = G_GINT64_CONSTANT (183) * 24 * 60 * 60 * 1000;

  referrals = count_referrals (transaction, tessera_transaction_get_now (transaction) - half_year, error);
  if (referrals == NULL || !tessera_texts_preload (texts, "service", "name", error)
      || !tessera_texts_preload (texts, "organization", "name", error))
    return NULL;
  list = read_all_due (transaction, texts, referrals, error);
  if (list == NULL)
    return NULL;
  g_ptr_array_sort (list, compare_due);
  for (guint i = 0; i < list->len; i++) {
    TesseraDueService *due = g_ptr_array_index (list, i);
    GError *local_error = NULL;

    due->phone = find_phone (transaction, due->id, &local_error);
    if (!finish (local_error, error))
      return NULL;
  }
  return g_steal_pointer (&list);
}

static gboolean
apply_result (TesseraTransaction *transaction, TesseraRecord *service, const char *result, const char *today,
              GError **error) {
  if (strcmp (result, "not-reached") == 0)
    return TRUE;
  tessera_record_set (service, "assured_date", today);
  if (strcmp (result, "ended") == 0)
    tessera_record_set (service, "status", "defunct");
  return tessera_transaction_save (transaction, service, error);
}

TesseraRecord *
tessera_directory_verify (TesseraTransaction *transaction, const char *service, const char *result,
                          const char *notes, GError **error) {
  g_autoptr (TesseraRecord) record = tessera_transaction_load (transaction, "service", service, error);
  g_autoptr (TesseraRecord) verification = NULL;
  g_autofree char *today = tessera_today ();

  if (record == NULL)
    return NULL;
  verification = tessera_transaction_new_record (transaction, "verification");
  tessera_record_set (verification, "service", tessera_record_get_id (record));
  tessera_record_set (verification, "on_date", today);
  tessera_record_set (verification, "worker", tessera_transaction_get_worker (transaction));
  if (!tessera_record_parse (verification, "result", result, error)
      || !tessera_record_parse (verification, "notes", notes, error)
      || !tessera_transaction_save (transaction, verification, error)
      || !apply_result (transaction, record, result, today, error))
    return NULL;
  return g_steal_pointer (&verification);
}
