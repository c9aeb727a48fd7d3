/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-view.c: gathers the rows around one service.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-directory-view.h"
#include "tessera-identifier.h"

static void
place_free (gpointer data) {
  TesseraServicePlace *place = data;

  g_free (place->id);
  g_free (place->name);
  g_free (place->address);
  g_free (place->transportation);
  g_free (place->accessibility);
  g_free (place);
}

static void
schedule_free (gpointer data) {
  TesseraServiceSchedule *schedule = data;

  g_free (schedule->place);
  g_free (schedule->description);
  g_free (schedule->days);
  g_free (schedule->frequency);
  g_free (schedule->opens_at);
  g_free (schedule->closes_at);
  g_free (schedule->valid_from);
  g_free (schedule->valid_to);
  g_free (schedule->notes);
  g_free (schedule);
}

void
tessera_service_view_free (TesseraServiceView *self) {
  g_free (self->id);
  g_free (self->language);
  g_clear_object (&self->record);
  g_hash_table_unref (self->texts);
  g_free (self->organization_id);
  g_free (self->organization);
  g_free (self->organization_description);
  g_strfreev (self->available);
  g_strfreev (self->phones);
  g_strfreev (self->languages);
  g_strfreev (self->documents);
  g_strfreev (self->areas);
  g_strfreev (self->costs);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  g_clear_pointer (&self->schedules, g_ptr_array_unref);
  g_clear_pointer (&self->terms, g_ptr_array_unref);
  g_free (self);
}

/* What the gathering functions share. */
typedef struct {
  TesseraTransaction *transaction;
  TesseraTexts *texts;
  TesseraServiceView *view;
} Gather;

/* A text of @record in the wanted language; reads the row's translations when first asked. */
static const char *
text_of (Gather *self, TesseraRecord *record, const char *field) {
  return tessera_texts_get (self->texts, tessera_record_get_entity (record)->name,
                            tessera_record_get_id (record), field, tessera_record_get (record, field));
}

static GPtrArray *
select_translated (Gather *self, const char *entity, const char *tail, const char *id, GError **error) {
  g_autoptr (GPtrArray) records = NULL;

  records = tessera_transaction_select_records (self->transaction, entity, tail, id, error);
  for (guint i = 0; records != NULL && i < records->len; i++) {
    if (!tessera_texts_load_row (self->texts, entity, tessera_record_get_id (g_ptr_array_index (records, i)),
                                 error))
      return NULL;
  }
  return g_steal_pointer (&records);
}

static gboolean
gather_texts (Gather *self, GError **error) {
  TesseraRecord *record = self->view->record;
  const TesseraEntity *entity = tessera_record_get_entity (record);

  if (!tessera_texts_load_row (self->texts, "service", self->view->id, error))
    return FALSE;
  for (guint i = 0; i < entity->n_fields; i++) {
    const char *text = tessera_texts_lookup (self->texts, "service", self->view->id, entity->fields[i].name);

    if (text != NULL)
      g_hash_table_insert (self->view->texts, g_strdup (entity->fields[i].name), g_strdup (text));
  }
  self->view->language = g_strdup (g_hash_table_contains (self->view->texts, "name")
                                     ? tessera_texts_get_language (self->texts)
                                     : tessera_texts_get_base (self->texts));
  return TRUE;
}

static gboolean
gather_available (Gather *self, GError **error) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (self->transaction,
                                           "SELECT DISTINCT language FROM translation"
                                           " WHERE entity = 'service' AND \"row\" = ?1 ORDER BY language",
                                           error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_text (statement, 1, self->view->id);
  g_strv_builder_add (builder, tessera_texts_get_base (self->texts));
  while (tessera_statement_step (statement, &local_error))
    g_strv_builder_add (builder, tessera_statement_get_text (statement, 0));
  self->view->available = g_strv_builder_end (builder);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
gather_organization (Gather *self, GError **error) {
  const char *id = tessera_record_get (self->view->record, "organization");
  g_autoptr (GPtrArray) found = NULL;

  if (id == NULL)
    return TRUE;
  self->view->organization_id = g_strdup (id);
  found = select_translated (self, "organization", "WHERE id = ?1", id, error);
  if (found == NULL)
    return FALSE;
  if (found->len > 0) {
    TesseraRecord *record = g_ptr_array_index (found, 0);

    self->view->organization = g_strdup (text_of (self, record, "name"));
    self->view->organization_description = g_strdup (text_of (self, record, "description"));
  }
  return TRUE;
}

/* "Main street 1, 6230-000 Fundão": what there is, in an order that reads everywhere. */
static char *
format_address (Gather *self, TesseraRecord *address) {
  static const char *const parts[] = { "address_1", "address_2", "postal_code",
                                       "city",      "region",    "state_province" };
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    const char *text = text_of (self, address, parts[i]);

    if (text == NULL)
      continue;
    if (line->len > 0)
      g_string_append (line,
                       strcmp (parts[i], "city") == 0 && tessera_record_get (address, "postal_code") != NULL
                         ? " "
                         : ", ");
    g_string_append (line, text);
  }
  return line->len > 0 ? g_strdup (line->str) : NULL;
}

static char *
join_texts (Gather *self, GPtrArray *records, const char *field) {
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++) {
    const char *text = text_of (self, g_ptr_array_index (records, i), field);

    if (text != NULL)
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? "; " : "", text);
  }
  return joined->len > 0 ? g_strdup (joined->str) : NULL;
}

static gboolean
gather_place (Gather *self, TesseraRecord *location, GError **error) {
  const char *id = tessera_record_get_id (location);
  const char *latitude = tessera_record_get (location, "latitude");
  const char *longitude = tessera_record_get (location, "longitude");
  g_autoptr (GPtrArray) addresses = NULL;
  g_autoptr (GPtrArray) accessibility = NULL;
  TesseraServicePlace *place;

  addresses = select_translated (self, "address", "WHERE location = ?1 ORDER BY _rowid", id, error);
  if (addresses == NULL)
    return FALSE;
  accessibility = select_translated (self, "accessibility", "WHERE location = ?1 ORDER BY _rowid", id, error);
  if (accessibility == NULL)
    return FALSE;
  place = g_new0 (TesseraServicePlace, 1);
  place->id = g_strdup (id);
  place->name = g_strdup (text_of (self, location, "name"));
  place->transportation = g_strdup (text_of (self, location, "transportation"));
  place->accessibility = join_texts (self, accessibility, "description");
  if (addresses->len > 0)
    place->address = format_address (self, g_ptr_array_index (addresses, 0));
  place->has_coordinates = latitude != NULL && longitude != NULL;
  place->latitude = latitude != NULL ? g_ascii_strtod (latitude, NULL) : 0;
  place->longitude = longitude != NULL ? g_ascii_strtod (longitude, NULL) : 0;
  g_ptr_array_add (self->view->places, place);
  return TRUE;
}

static gboolean
gather_places (Gather *self, GError **error) {
  g_autoptr (GPtrArray) locations = NULL;

  locations = select_translated (self, "location", "WHERE id IN (SELECT location FROM service_at_location"
                                 " WHERE service = ?1) ORDER BY name", self->view->id, error);
  for (guint i = 0; locations != NULL && i < locations->len; i++) {
    if (!gather_place (self, g_ptr_array_index (locations, i), error))
      return FALSE;
  }
  return locations != NULL;
}

static char *
place_name_of (Gather *self, TesseraRecord *schedule) {
  const char *at = tessera_record_get (schedule, "service_at_location");
  g_autoptr (TesseraRecord) link = tessera_transaction_find (self->transaction, "service_at_location", at);
  const char *location =
    link != NULL ? tessera_record_get (link, "location") : tessera_record_get (schedule, "location");

  for (guint i = 0; location != NULL && i < self->view->places->len; i++) {
    TesseraServicePlace *place = g_ptr_array_index (self->view->places, i);

    if (strcmp (place->id, location) == 0)
      return g_strdup (place->name);
  }
  return NULL;
}

static void
add_schedule (Gather *self, TesseraRecord *record) {
  TesseraServiceSchedule *schedule = g_new0 (TesseraServiceSchedule, 1);

  schedule->place = place_name_of (self, record);
  schedule->description = g_strdup (text_of (self, record, "description"));
  schedule->notes = g_strdup (text_of (self, record, "notes"));
  schedule->days = g_strdup (tessera_record_get (record, "byday"));
  schedule->frequency = g_strdup (tessera_record_get (record, "freq"));
  schedule->opens_at = g_strdup (tessera_record_get (record, "opens_at"));
  schedule->closes_at = g_strdup (tessera_record_get (record, "closes_at"));
  schedule->valid_from = g_strdup (tessera_record_get (record, "valid_from"));
  schedule->valid_to = g_strdup (tessera_record_get (record, "valid_to"));
  g_ptr_array_add (self->view->schedules, schedule);
}

static gboolean
gather_schedules (Gather *self, GError **error) {
  g_autoptr (GPtrArray) records = NULL;

  records =
    select_translated (self, "schedule",
                       "WHERE service = ?1 OR service_at_location IN (SELECT id FROM service_at_location"
                       " WHERE service = ?1) OR location IN (SELECT location FROM service_at_location"
                       " WHERE service = ?1) ORDER BY _rowid",
                       self->view->id, error);
  for (guint i = 0; records != NULL && i < records->len; i++)
    add_schedule (self, g_ptr_array_index (records, i));
  return records != NULL;
}

static gboolean
gather_phones (Gather *self, GError **error) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) phones = NULL;

  phones =
    select_translated (self, "phone",
                       "WHERE service = ?1 OR organization = (SELECT organization FROM service WHERE id = ?1)"
                       " OR service_at_location IN (SELECT id FROM service_at_location WHERE service = ?1)"
                       " OR location IN (SELECT location FROM service_at_location WHERE service = ?1)"
                       " ORDER BY service IS NULL, organization IS NULL, _rowid",
                       self->view->id, error);
  if (phones == NULL)
    return FALSE;
  for (guint i = 0; i < phones->len; i++) {
    TesseraRecord *phone = g_ptr_array_index (phones, i);
    const char *extension = tessera_record_get (phone, "extension");
    const char *description = text_of (self, phone, "description");
    g_autofree char *line =
      g_strconcat (tessera_record_get (phone, "number"), extension != NULL ? " / " : "",
                   extension != NULL ? extension : "", description != NULL ? " (" : "",
                   description != NULL ? description : "", description != NULL ? ")" : "", NULL);

    g_strv_builder_add (builder, line);
  }
  self->view->phones = g_strv_builder_end (builder);
  return TRUE;
}

/* The first of @fields (NULL-terminated) that has a text, of every row of @entity under the service. */
static char **
gather_list (Gather *self, const char *entity, const char *const *fields, GError **error) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) records = NULL;

  records = select_translated (self, entity, "WHERE service = ?1 ORDER BY _rowid", self->view->id, error);
  if (records == NULL)
    return NULL;
  for (guint i = 0; i < records->len; i++) {
    const char *text = NULL;

    for (guint j = 0; fields[j] != NULL && text == NULL; j++)
      text = text_of (self, g_ptr_array_index (records, i), fields[j]);
    if (text != NULL)
      g_strv_builder_add (builder, text);
  }
  return g_strv_builder_end (builder);
}

static gboolean
gather_lists (Gather *self, GError **error) {
  static const char *const language[] = { "name", "code", NULL };
  static const char *const document[] = { "document", NULL };
  static const char *const area[] = { "name", "description", NULL };
  static const char *const cost[] = { "option", "amount_description", "amount", NULL };

  self->view->languages = gather_list (self, "language", language, error);
  if (self->view->languages != NULL)
    self->view->documents = gather_list (self, "required_document", document, error);
  if (self->view->documents != NULL)
    self->view->areas = gather_list (self, "service_area", area, error);
  if (self->view->areas != NULL)
    self->view->costs = gather_list (self, "cost_option", cost, error);
  return self->view->costs != NULL;
}

static gboolean
gather_terms (Gather *self, GError **error) {
  g_autoptr (TesseraTerms) terms = NULL;
  GPtrArray *list;

  terms = tessera_terms_new_for_service (self->transaction, self->texts, self->view->id, error);
  if (terms == NULL)
    return FALSE;
  list = tessera_terms_of (terms, self->view->id);
  for (guint i = 0; list != NULL && i < list->len; i++)
    g_ptr_array_add (self->view->terms, tessera_term_copy (g_ptr_array_index (list, i)));
  return TRUE;
}

static TesseraServiceView *
view_new (TesseraRecord *record) {
  TesseraServiceView *self = g_new0 (TesseraServiceView, 1);
  g_autofree char *today = tessera_today ();

  self->id = g_strdup (tessera_record_get_id (record));
  self->record = g_object_ref (record);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->places = g_ptr_array_new_with_free_func (place_free);
  self->schedules = g_ptr_array_new_with_free_func (schedule_free);
  self->terms = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_term_free);
  self->freshness = tessera_freshness_of (tessera_record_get (record, "assured_date"), today, &self->age);
  return self;
}

TesseraServiceView *
tessera_directory_load_service (TesseraTransaction *transaction, const char *id, const char *language,
                                GError **error) {
  g_autoptr (TesseraRecord) record = tessera_transaction_load (transaction, "service", id, error);
  g_autoptr (TesseraServiceView) view = NULL;
  g_autoptr (TesseraTexts) texts = NULL;
  Gather gather;

  if (record == NULL)
    return NULL;
  view = view_new (record);
  texts = tessera_texts_new (transaction, language);
  gather = (Gather) { .transaction = transaction, .texts = texts, .view = view };
  if (!gather_texts (&gather, error) || !gather_available (&gather, error)
      || !gather_organization (&gather, error) || !gather_places (&gather, error)
      || !gather_schedules (&gather, error) || !gather_phones (&gather, error)
      || !gather_lists (&gather, error) || !gather_terms (&gather, error))
    return NULL;
  return g_steal_pointer (&view);
}

const char *
tessera_service_view_get (TesseraServiceView *self, const char *field) {
  const char *text = g_hash_table_lookup (self->texts, field);

  return text != NULL ? text : tessera_record_get (self->record, field);
}

static JsonArray *
strings_to_json (char **strings) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  return array;
}

static void
set_optional (JsonObject *object, const char *member, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, member, value);
}

static JsonArray *
places_to_json (GPtrArray *places) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < places->len; i++) {
    TesseraServicePlace *place = g_ptr_array_index (places, i);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "id", place->id);
    set_optional (object, "name", place->name);
    set_optional (object, "address", place->address);
    set_optional (object, "transportation", place->transportation);
    set_optional (object, "accessibility", place->accessibility);
    if (place->has_coordinates) {
      json_object_set_double_member (object, "latitude", place->latitude);
      json_object_set_double_member (object, "longitude", place->longitude);
    }
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
schedules_to_json (GPtrArray *schedules) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < schedules->len; i++) {
    TesseraServiceSchedule *schedule = g_ptr_array_index (schedules, i);
    JsonObject *object = json_object_new ();

    set_optional (object, "place", schedule->place);
    set_optional (object, "description", schedule->description);
    set_optional (object, "days", schedule->days);
    set_optional (object, "frequency", schedule->frequency);
    set_optional (object, "opens_at", schedule->opens_at);
    set_optional (object, "closes_at", schedule->closes_at);
    set_optional (object, "valid_from", schedule->valid_from);
    set_optional (object, "valid_to", schedule->valid_to);
    set_optional (object, "notes", schedule->notes);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
terms_to_json (GPtrArray *terms) {
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < terms->len; i++) {
    TesseraTerm *term = g_ptr_array_index (terms, i);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "kind", tessera_term_kind_get_code (term->kind));
    set_optional (object, "code", term->code);
    json_object_set_string_member (object, "name", term->name);
    json_array_add_object_element (array, object);
  }
  return array;
}

JsonObject *
tessera_service_view_to_json (TesseraServiceView *self) {
  JsonObject *object = tessera_record_to_json (self->record);
  GHashTableIter iter;
  gpointer field, text;

  g_hash_table_iter_init (&iter, self->texts);
  while (g_hash_table_iter_next (&iter, &field, &text))
    json_object_set_string_member (object, field, text);
  json_object_remove_member (object, "extra");
  json_object_set_string_member (object, "language", self->language);
  set_optional (object, "organization_name", self->organization);
  json_object_set_string_member (object, "freshness", tessera_freshness_get_code (self->freshness));
  if (self->age >= 0)
    json_object_set_int_member (object, "age_days", self->age);
  json_object_set_array_member (object, "available", strings_to_json (self->available));
  json_object_set_array_member (object, "phones", strings_to_json (self->phones));
  json_object_set_array_member (object, "languages", strings_to_json (self->languages));
  json_object_set_array_member (object, "documents", strings_to_json (self->documents));
  json_object_set_array_member (object, "areas", strings_to_json (self->areas));
  json_object_set_array_member (object, "costs", strings_to_json (self->costs));
  json_object_set_array_member (object, "places", places_to_json (self->places));
  json_object_set_array_member (object, "schedules", schedules_to_json (self->schedules));
  json_object_set_array_member (object, "terms", terms_to_json (self->terms));
  return object;
}

/* Day names of the locale: 2024-01-01 was a Monday. Unknown codes ("2MO") stay as they are. */
static char *
format_days (const char *days) {
  static const char *const codes[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
  g_auto (GStrv) parts = g_strsplit (days, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    for (guint j = 0; j < G_N_ELEMENTS (codes); j++) {
      g_autoptr (GDateTime) day = NULL;

      if (strcmp (g_strstrip (parts[i]), codes[j]) != 0)
        continue;
      day = g_date_time_new_utc (2024, 1, 1 + (int) j, 12, 0, 0);
      g_free (parts[i]);
      parts[i] = g_date_time_format (day, "%a");
      break;
    }
  }
  /* TRANSLATORS: separates the words of a short list */
  return g_strjoinv (C_("list separator", ", "), parts);
}

char *
tessera_service_schedule_format (const TesseraServiceSchedule *self) {
  g_autofree char *days = self->days != NULL ? format_days (self->days) : NULL;
  g_autofree char *hours = NULL;

  if (self->opens_at != NULL && self->closes_at != NULL)
    hours = g_strdup_printf (_("%s to %s"), self->opens_at, self->closes_at);
  else if (self->opens_at != NULL)
    hours = g_strdup_printf (_("from %s"), self->opens_at);
  if (self->description != NULL)
    return hours != NULL ? g_strconcat (self->description, ", ", hours, NULL) : g_strdup (self->description);
  if (days != NULL && hours != NULL)
    return g_strconcat (days, ", ", hours, NULL);
  return g_strdup (days != NULL ? days : hours != NULL ? hours : "");
}
