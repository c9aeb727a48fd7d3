/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-search.c: sets of services per word and filter, intersected, then read as rows.
 *
 * One full-text query cannot answer "clinic Irbid": one word may stand in the service, the other in its
 * place. So each word yields its own set. A national directory has some thousand services; sets of that size
 * cost nothing.
 */
#include "config.h"
#include <string.h>

#include "tessera-directory-search.h"
#include "tessera-fold.h"
#include "tessera-identifier.h"

#define WORD_LIMIT 12

G_DEFINE_FINAL_TYPE (TesseraServiceRow, tessera_service_row, G_TYPE_OBJECT)

static void
tessera_service_row_finalize (GObject *object) {
  TesseraServiceRow *self = TESSERA_SERVICE_ROW (object);

  g_free (self->id);
  g_free (self->name);
  g_free (self->language);
  g_free (self->organization_id);
  g_free (self->organization);
  g_free (self->place);
  g_free (self->theme);
  g_free (self->theme_code);
  g_free (self->status);
  g_free (self->assured_date);
  g_free (self->sort_key);
  G_OBJECT_CLASS (tessera_service_row_parent_class)->finalize (object);
}

static void
tessera_service_row_class_init (TesseraServiceRowClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_service_row_finalize;
}

static void
tessera_service_row_init (TesseraServiceRow *self) {
}

static void
set_optional (JsonObject *object, const char *member, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, member, value);
}

JsonObject *
tessera_service_row_to_json (TesseraServiceRow *self) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", self->id);
  set_optional (object, "name", self->name);
  set_optional (object, "language", self->language);
  set_optional (object, "organization_id", self->organization_id);
  set_optional (object, "organization", self->organization);
  set_optional (object, "place", self->place);
  set_optional (object, "theme", self->theme);
  set_optional (object, "theme_code", self->theme_code);
  set_optional (object, "status", self->status);
  set_optional (object, "assured_date", self->assured_date);
  json_object_set_string_member (object, "freshness", tessera_freshness_get_code (self->freshness));
  if (self->age >= 0)
    json_object_set_int_member (object, "age_days", self->age);
  return object;
}

static GHashTable *
set_new (void) {
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gboolean
finish (GError *local_error, GError **error) {
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Each finds services (column 0) by the words of one kind of row. */
static const char *const word_queries[] = {
  "SELECT s.id FROM service_words w JOIN service s ON s._rowid = w.rowid WHERE service_words MATCH ?1",
  "SELECT s.id FROM organization_words w JOIN organization o ON o._rowid = w.rowid"
  " JOIN service s ON s.organization = o.id WHERE organization_words MATCH ?1",
  "SELECT a.service FROM location_words w JOIN location l ON l._rowid = w.rowid"
  " JOIN service_at_location a ON a.location = l.id WHERE location_words MATCH ?1",
};

static gboolean
add_ids (TesseraStatement *statement, GHashTable *services, GError **error) {
  GError *local_error = NULL;

  while (tessera_statement_step (statement, &local_error)) {
    char *id = tessera_statement_get_id (statement, 0);

    if (id != NULL)
      g_hash_table_add (services, id);
  }
  return finish (local_error, error);
}

static gboolean
add_services_of (TesseraTransaction *transaction, const char *sql, const char *id, GHashTable *services,
                 GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);

  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_id (statement, 1, id);
  return add_ids (statement, services, error);
}

/* A translated text leads to the service it belongs to, or to those of the organization or at the place. */
static gboolean
add_translated (TesseraTransaction *transaction, const char *entity, const char *row, GHashTable *services,
                GError **error) {
  if (strcmp (entity, "service") == 0) {
    g_hash_table_add (services, g_strdup (row));
    return TRUE;
  }
  if (strcmp (entity, "organization") == 0)
    return add_services_of (transaction, "SELECT id FROM service WHERE organization = ?1", row, services,
                            error);
  if (strcmp (entity, "location") == 0)
    return add_services_of (transaction, "SELECT service FROM service_at_location WHERE location = ?1", row,
                            services, error);
  return TRUE;
}

static gboolean
match_translations (TesseraTransaction *transaction, const char *expression, GHashTable *services,
                    GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction,
    "SELECT DISTINCT t.entity, t.\"row\" FROM translation_words w JOIN translation t ON t._rowid = w.rowid"
    " WHERE translation_words MATCH ?1", error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_text (statement, 1, expression);
  while (tessera_statement_step (statement, &local_error)) {
    if (!add_translated (transaction, tessera_statement_get_text (statement, 0),
                         tessera_statement_get_text (statement, 1), services, error))
      return FALSE;
  }
  return finish (local_error, error);
}

static gboolean
match_form (TesseraTransaction *transaction, const char *form, GHashTable *services, GError **error) {
  g_autofree char *expression = tessera_search_query (form);

  if (expression == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (word_queries); i++) {
    g_autoptr (TesseraStatement) statement =
      tessera_transaction_prepare (transaction, word_queries[i], error);

    if (statement == NULL)
      return FALSE;
    tessera_statement_bind_text (statement, 1, expression);
    if (!add_ids (statement, services, error))
      return FALSE;
  }
  return match_translations (transaction, expression, services, error);
}

/* Arabic writes the article at the word; people search with and without it. NULL when there is no
 * other form. */
static char *
other_form (const char *word) {
  static const char article[] = "\xd8\xa7\xd9\x84";

  if (g_unichar_get_script (g_utf8_get_char (word)) != G_UNICODE_SCRIPT_ARABIC)
    return NULL;
  if (!g_str_has_prefix (word, article))
    return g_strconcat (article, word, NULL);
  return g_utf8_strlen (word, -1) > 4 ? g_strdup (word + strlen (article)) : NULL;
}

static GHashTable *
match_word (TesseraTransaction *transaction, TesseraTerms *terms, const char *word, GError **error) {
  g_autoptr (GHashTable) services = set_new ();
  g_autofree char *other = other_form (word);

  if (!match_form (transaction, word, services, error)
      || (other != NULL && !match_form (transaction, other, services, error)))
    return NULL;
  tessera_terms_match_word (terms, word, services);
  if (other != NULL)
    tessera_terms_match_word (terms, other, services);
  return g_steal_pointer (&services);
}

static void
intersect (GHashTable **services, GHashTable *with) {
  GHashTableIter iter;
  gpointer id;

  if (*services == NULL) {
    *services = g_hash_table_ref (with);
    return;
  }
  g_hash_table_iter_init (&iter, *services);
  while (g_hash_table_iter_next (&iter, &id, NULL)) {
    if (!g_hash_table_contains (with, id))
      g_hash_table_iter_remove (&iter);
  }
}

static gboolean
is_word (const char *text) {
  g_autofree char *folded = tessera_fold_latin (text);

  return *folded != '\0';
}

/* *@ret_services stays NULL when nothing limits the services. */
static gboolean
match_query (TesseraTransaction *transaction, const TesseraDirectoryQuery *query, TesseraTerms *terms,
             GHashTable **ret_services, GError **error) {
  g_auto (GStrv) words = g_strsplit_set (query->words != NULL ? query->words : "", " \t\n", -1);
  guint count = 0;

  if (query->theme != NULL) {
    g_autoptr (GHashTable) of_theme = tessera_terms_match (terms, TESSERA_TERM_THEME, query->theme);

    intersect (ret_services, of_theme);
  }
  if (query->condition != NULL) {
    g_autoptr (GHashTable) of_condition =
      tessera_terms_match (terms, TESSERA_TERM_CONDITION, query->condition);

    intersect (ret_services, of_condition);
  }
  for (guint i = 0; words[i] != NULL && count < WORD_LIMIT; i++) {
    g_autoptr (GHashTable) of_word = NULL;

    if (!is_word (words[i]))
      continue;
    count++;
    of_word = match_word (transaction, terms, words[i], error);
    if (of_word == NULL)
      return FALSE;
    intersect (ret_services, of_word);
  }
  return TRUE;
}

static gboolean
begins_with (const char *text, const char *word) {
  /* "al": the Arabic article, as the folding writes it. */
  return g_str_has_prefix (text, word)
         || (g_str_has_prefix (text, "al") && g_str_has_prefix (text + 2, word));
}

/* How many of the words begin a word of the name. */
static guint
score_name (const char *name, char **words) {
  g_autofree char *folded = tessera_fold_latin (name);
  g_auto (GStrv) parts = g_strsplit (folded, " ", -1);
  guint score = 0;

  for (guint i = 0; words[i] != NULL; i++) {
    gboolean found = FALSE;

    for (guint j = 0; parts[j] != NULL && !found; j++)
      found = *words[i] != '\0' && begins_with (parts[j], words[i]);
    score += found;
  }
  return score;
}

/* People type in one language and read in another, so the base name counts as much as the one shown. */
static guint
score_row (TesseraServiceRow *row, const char *base, char **words) {
  guint shown, in_base;

  if (words[0] == NULL || row->name == NULL)
    return 0;
  shown = score_name (row->name, words);
  in_base = base != NULL && strcmp (base, row->name) != 0 ? score_name (base, words) : 0;
  return MAX (shown, in_base);
}

static TesseraServiceRow *
read_row (TesseraStatement *statement, TesseraTexts *texts, const char *today) {
  TesseraServiceRow *row = g_object_new (TESSERA_TYPE_SERVICE_ROW, NULL);
  const char *translated;

  row->id = tessera_statement_get_id (statement, 0);
  translated = tessera_texts_lookup (texts, "service", row->id, "name");
  row->name = g_strdup (translated != NULL ? translated : tessera_statement_get_text (statement, 1));
  row->language =
    g_strdup (translated != NULL ? tessera_texts_get_language (texts) : tessera_texts_get_base (texts));
  row->status = g_strdup (tessera_statement_get_text (statement, 2));
  row->assured_date = g_strdup (tessera_statement_get_text (statement, 3));
  row->organization_id = tessera_statement_get_id (statement, 4);
  if (row->organization_id != NULL)
    row->organization = g_strdup (tessera_texts_get (texts, "organization", row->organization_id, "name",
                                                     tessera_statement_get_text (statement, 5)));
  row->freshness = tessera_freshness_of (row->assured_date, today, &row->age);
  row->sort_key = g_utf8_collate_key (row->name != NULL ? row->name : "", -1);
  return row;
}

static TesseraStatement *
prepare_rows (TesseraTransaction *transaction, const TesseraDirectoryQuery *query, GError **error) {
  g_autofree char *sql = g_strconcat (
    "SELECT s.id, s.name, s.status, s.assured_date, s.organization, o.name FROM service s"
    " LEFT JOIN organization o ON o.id = s.organization WHERE ",
    query->all_states ? "1" : "(s.status IS NULL OR s.status NOT IN ('inactive', 'defunct'))",
    query->organization != NULL ? " AND s.organization = ?1" : "", NULL);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);

  if (statement != NULL && query->organization != NULL)
    tessera_statement_bind_id (statement, 1, query->organization);
  return g_steal_pointer (&statement);
}

static GPtrArray *
read_rows (TesseraTransaction *transaction, const TesseraDirectoryQuery *query, TesseraTexts *texts,
           GHashTable *services, GError **error) {
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (TesseraStatement) statement = prepare_rows (transaction, query, error);
  g_autofree char *today = tessera_today ();
  g_autofree char *folded = tessera_fold_latin (query->words != NULL ? query->words : "");
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);
  GError *local_error = NULL;

  if (statement == NULL)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *id = tessera_statement_get_id (statement, 0);
    TesseraServiceRow *row;

    if (services != NULL && !g_hash_table_contains (services, id))
      continue;
    row = read_row (statement, texts, today);
    row->score = score_row (row, tessera_statement_get_text (statement, 1), words);
    g_ptr_array_add (rows, row);
  }
  return finish (local_error, error) ? g_steal_pointer (&rows) : NULL;
}

static int
compare_rows (gconstpointer a, gconstpointer b) {
  const TesseraServiceRow *one = *(const TesseraServiceRow *const *) a;
  const TesseraServiceRow *other = *(const TesseraServiceRow *const *) b;
  gboolean one_red = one->freshness == TESSERA_FRESHNESS_RED;
  gboolean other_red = other->freshness == TESSERA_FRESHNESS_RED;
  int order;

  if (one_red != other_red)
    return one_red ? 1 : -1;
  if (one->score != other->score)
    return one->score < other->score ? 1 : -1;
  order = strcmp (one->sort_key, other->sort_key);
  return order != 0 ? order : strcmp (one->id, other->id);
}

static GPtrArray *
take_page (GPtrArray *rows, const TesseraDirectoryQuery *query) {
  GPtrArray *page = g_ptr_array_new_with_free_func (g_object_unref);
  guint end = query->limit > 0 && query->limit < rows->len - MIN (query->offset, rows->len)
                ? query->offset + query->limit : rows->len;

  for (guint i = query->offset; i < end; i++)
    g_ptr_array_add (page, g_object_ref (g_ptr_array_index (rows, i)));
  return page;
}

static gboolean
add_place (TesseraTransaction *transaction, TesseraTexts *texts, TesseraServiceRow *row, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autofree char *place = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (
    transaction,
    "SELECT l.id, l.name, (SELECT a.city FROM address a WHERE a.location = l.id LIMIT 1)"
    " FROM service_at_location x JOIN location l ON l.id = x.location"
    " WHERE x.service = ?1 ORDER BY x._rowid LIMIT 1",
    error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_id (statement, 1, row->id);
  if (tessera_statement_step (statement, &local_error)) {
    place = tessera_statement_get_id (statement, 0);
    row->place = g_strdup (tessera_texts_get (texts, "location", place, "name",
                                              tessera_statement_get_text (statement, 1)));
    if (row->place == NULL)
      row->place = g_strdup (tessera_statement_get_text (statement, 2));
  }
  return finish (local_error, error);
}

static void
add_theme (TesseraTerms *terms, TesseraServiceRow *row) {
  GPtrArray *list = tessera_terms_of (terms, row->id);

  for (guint i = 0; list != NULL && i < list->len && row->theme == NULL; i++) {
    TesseraTerm *term = g_ptr_array_index (list, i);

    if (term->kind == TESSERA_TERM_THEME) {
      row->theme = g_strdup (term->name);
      row->theme_code = g_strdup (term->code);
    }
  }
}

GPtrArray *
tessera_directory_find (TesseraTransaction *transaction, const TesseraDirectoryQuery *query, guint *ret_count,
                        GError **error) {
  g_autoptr (TesseraTexts) texts = tessera_texts_new (transaction, query->language);
  g_autoptr (TesseraTerms) terms = tessera_terms_new (transaction, texts, error);
  g_autoptr (GHashTable) services = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) page = NULL;

  if (terms == NULL || !match_query (transaction, query, terms, &services, error)
      || !tessera_texts_preload (texts, "service", "name", error)
      || !tessera_texts_preload (texts, "organization", "name", error)
      || !tessera_texts_preload (texts, "location", "name", error))
    return NULL;
  rows = read_rows (transaction, query, texts, services, error);
  if (rows == NULL)
    return NULL;
  g_ptr_array_sort (rows, compare_rows);
  if (ret_count != NULL)
    *ret_count = rows->len;
  page = take_page (rows, query);
  for (guint i = 0; i < page->len; i++) {
    TesseraServiceRow *row = g_ptr_array_index (page, i);

    if (!add_place (transaction, texts, row, error))
      return NULL;
    add_theme (terms, row);
  }
  return g_steal_pointer (&page);
}
