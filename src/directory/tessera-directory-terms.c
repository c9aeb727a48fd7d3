/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-terms.c: terms are few and read whole; services point to them.
 */
#include "config.h"
#include <string.h>

#include "tessera-directory-terms.h"
#include "tessera-fold.h"

/* @words: id to folded words of the name in every language there is: people search in theirs, whatever is
 *   shown. */
struct _TesseraTerms {
  GHashTable *terms;
  GHashTable *words;
  GHashTable *by_service;
};

static const char *const kind_names[] = { "theme", "audience", "condition", "mode", "step", "access" };

/* Codes that name their kind even where a publisher leaves `taxonomy` out. */
static const char *const audiences[] = { "all", "women", "men", "families", "minors", "unaccompanied-minors",
                                         "65+", "LGBTIQ", "people-with-disability", "asylum-seekers", NULL };
static const char *const conditions[] = { "open-to-all-residents", "no-papers-asked", "appointment-needed",
                                          "walk-in", "referral-needed", "first-name-enough", NULL };
static const char *const modes[] = { "in-person", "phone", "online", "home-visit", NULL };
static const char *const steps[] = { "basic-needs", "inclusion", "autonomy", NULL };
static const char *const accesses[] = { "step-free", "lift", "childcare-on-site", "prayer-space",
                                        "gender-of-staff", NULL };

static TesseraTermKind
kind_of (const char *taxonomy, const char *code) {
  for (guint i = 0; taxonomy != NULL && i < G_N_ELEMENTS (kind_names); i++) {
    if (g_ascii_strcasecmp (taxonomy, kind_names[i]) == 0)
      return (TesseraTermKind) i;
  }
  if (code == NULL)
    return TESSERA_TERM_THEME;
  if (g_strv_contains (conditions, code))
    return TESSERA_TERM_CONDITION;
  if (g_strv_contains (audiences, code))
    return TESSERA_TERM_AUDIENCE;
  if (g_strv_contains (modes, code))
    return TESSERA_TERM_MODE;
  if (g_strv_contains (steps, code))
    return TESSERA_TERM_STEP;
  return g_strv_contains (accesses, code) ? TESSERA_TERM_ACCESS : TESSERA_TERM_THEME;
}

const char *
tessera_term_kind_get_code (TesseraTermKind kind) {
  return kind_names[kind];
}

void
tessera_term_free (TesseraTerm *term) {
  g_free (term->id);
  g_free (term->code);
  g_free (term->name);
  g_free (term);
}

TesseraTerm *
tessera_term_copy (const TesseraTerm *term) {
  TesseraTerm *copy = g_new0 (TesseraTerm, 1);

  *copy = *term;
  copy->id = g_strdup (term->id);
  copy->code = g_strdup (term->code);
  copy->name = g_strdup (term->name);
  return copy;
}

static void
string_free (gpointer string) {
  g_string_free (string, TRUE);
}

void
tessera_terms_free (TesseraTerms *self) {
  g_hash_table_unref (self->by_service);
  g_hash_table_unref (self->words);
  g_hash_table_unref (self->terms);
  g_free (self);
}

static gboolean
finish (GError *local_error, GError **error) {
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static void
add_words (TesseraTerms *self, const char *term, const char *name) {
  g_autofree char *folded = tessera_fold_latin (name != NULL ? name : "");
  GString *words = g_hash_table_lookup (self->words, term);

  if (words == NULL) {
    words = g_string_new (NULL);
    g_hash_table_insert (self->words, g_strdup (term), words);
  }
  g_string_append_printf (words, " %s", folded);
}

static gboolean
read_translated_words (TesseraTerms *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction, "SELECT \"row\", text FROM translation"
                                           " WHERE entity = 'taxonomy_term' AND field = 'name'", error);
  if (statement == NULL)
    return FALSE;
  while (tessera_statement_step (statement, &local_error))
    add_words (self, tessera_statement_get_text (statement, 0), tessera_statement_get_text (statement, 1));
  return finish (local_error, error);
}

static gboolean
read_terms (TesseraTerms *self, TesseraTransaction *transaction, TesseraTexts *texts, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  if (!tessera_texts_preload (texts, "taxonomy_term", "name", error))
    return FALSE;
  statement =
    tessera_transaction_prepare (transaction, "SELECT id, code, name, taxonomy FROM taxonomy_term", error);
  if (statement == NULL)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    TesseraTerm *term = g_new0 (TesseraTerm, 1);

    term->id = tessera_statement_get_id (statement, 0);
    term->code = g_strdup (tessera_statement_get_text (statement, 1));
    term->name = g_strdup (tessera_texts_get (texts, "taxonomy_term", term->id, "name",
                                              tessera_statement_get_text (statement, 2)));
    term->kind = kind_of (tessera_statement_get_text (statement, 3), term->code);
    g_hash_table_insert (self->terms, term->id, term);
    add_words (self, term->id, tessera_statement_get_text (statement, 2));
  }
  return finish (local_error, error);
}

static void
add_link (TesseraTerms *self, const char *service, const char *term_id, gboolean counted) {
  TesseraTerm *term = term_id != NULL ? g_hash_table_lookup (self->terms, term_id) : NULL;
  GPtrArray *list = g_hash_table_lookup (self->by_service, service);

  if (term == NULL)
    return;
  if (list == NULL) {
    list = g_ptr_array_new ();
    g_hash_table_insert (self->by_service, g_strdup (service), list);
  }
  if (g_ptr_array_find (list, term, NULL))
    return;
  g_ptr_array_add (list, term);
  term->count += counted;
}

static GHashTable *
read_offered (TesseraTransaction *transaction, GError **error) {
  g_autoptr (GHashTable) offered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (TesseraStatement) statement = NULL;
  GError *local_error = NULL;

  statement = tessera_transaction_prepare (transaction, "SELECT id FROM service WHERE status IS NULL"
                                           " OR status NOT IN ('inactive', 'defunct')", error);
  if (statement == NULL)
    return NULL;
  while (tessera_statement_step (statement, &local_error))
    g_hash_table_add (offered, tessera_statement_get_id (statement, 0));
  return finish (local_error, error) ? g_steal_pointer (&offered) : NULL;
}

/* @service (nullable): only the links of this one. */
static TesseraStatement *
prepare_links (TesseraTransaction *transaction, const char *service, GError **error) {
  g_autofree char *sql = g_strconcat ("SELECT link_id, taxonomy_term FROM attribute WHERE link_id ",
                                      service != NULL ? "= ?1" : "IS NOT NULL",
                                      " AND link_entity = 'service' ORDER BY _rowid", NULL);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);

  if (statement != NULL && service != NULL)
    tessera_statement_bind_text (statement, 1, service);
  return g_steal_pointer (&statement);
}

static gboolean
read_links (TesseraTerms *self, TesseraTransaction *transaction, const char *only, GHashTable *offered,
            GError **error) {
  g_autoptr (TesseraStatement) statement = prepare_links (transaction, only, error);
  GError *local_error = NULL;

  if (statement == NULL)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    const char *service = tessera_statement_get_text (statement, 0);
    g_autofree char *term = tessera_statement_get_id (statement, 1);

    add_link (self, service, term, offered != NULL && g_hash_table_contains (offered, service));
  }
  return finish (local_error, error);
}

static TesseraTerms *
terms_alloc (void) {
  TesseraTerms *self = g_new0 (TesseraTerms, 1);

  self->terms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) tessera_term_free);
  self->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, string_free);
  self->by_service = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) g_ptr_array_unref);
  return self;
}

TesseraTerms *
tessera_terms_new (TesseraTransaction *transaction, TesseraTexts *texts, GError **error) {
  g_autoptr (TesseraTerms) self = terms_alloc ();
  g_autoptr (GHashTable) offered = read_offered (transaction, error);

  if (offered == NULL || !read_terms (self, transaction, texts, error)
      || !read_translated_words (self, transaction, error)
      || !read_links (self, transaction, NULL, offered, error))
    return NULL;
  return g_steal_pointer (&self);
}

TesseraTerms *
tessera_terms_new_for_service (TesseraTransaction *transaction, TesseraTexts *texts, const char *service,
                               GError **error) {
  g_autoptr (TesseraTerms) self = terms_alloc ();

  if (!read_terms (self, transaction, texts, error) || !read_links (self, transaction, service, NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

GPtrArray *
tessera_terms_of (TesseraTerms *self, const char *service) {
  return g_hash_table_lookup (self->by_service, service);
}

typedef gboolean (*TermTest) (const TesseraTerm *term, gconstpointer data);

static void
collect_services (TesseraTerms *self, TermTest test, gconstpointer data, GHashTable *services) {
  GHashTableIter iter;
  gpointer service, list;

  g_hash_table_iter_init (&iter, self->by_service);
  while (g_hash_table_iter_next (&iter, &service, &list)) {
    GPtrArray *terms = list;

    for (guint i = 0; i < terms->len; i++) {
      if (test (g_ptr_array_index (terms, i), data)) {
        g_hash_table_add (services, g_strdup (service));
        break;
      }
    }
  }
}

typedef struct {
  TesseraTermKind kind;
  const char *wanted;
  char *folded;
} Wanted;

static gboolean
is_wanted (const TesseraTerm *term, gconstpointer data) {
  const Wanted *wanted = data;
  g_autofree char *name = NULL;

  if (term->kind != wanted->kind)
    return FALSE;
  if (strcmp (term->id, wanted->wanted) == 0
      || (term->code != NULL && g_ascii_strcasecmp (term->code, wanted->wanted) == 0))
    return TRUE;
  name = g_utf8_casefold (term->name, -1);
  return strcmp (name, wanted->folded) == 0;
}

GHashTable *
tessera_terms_match (TesseraTerms *self, TesseraTermKind kind, const char *text) {
  GHashTable *services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Wanted wanted = { .kind = kind, .wanted = text, .folded = g_utf8_casefold (text, -1) };

  collect_services (self, is_wanted, &wanted, services);
  g_free (wanted.folded);
  return services;
}

static gboolean
is_term (const TesseraTerm *term, gconstpointer id) {
  return strcmp (term->id, id) == 0;
}

void
tessera_terms_match_word (TesseraTerms *self, const char *word, GHashTable *services) {
  g_autofree char *folded = tessera_fold_latin (word);
  g_autofree char *beginning = g_strconcat (" ", folded, NULL);
  GHashTableIter iter;
  gpointer id, words;

  if (*folded == '\0')
    return;
  g_hash_table_iter_init (&iter, self->words);
  while (g_hash_table_iter_next (&iter, &id, &words)) {
    if (strstr (((GString *) words)->str, beginning) != NULL)
      collect_services (self, is_term, id, services);
  }
}

static int
compare_counts (gconstpointer a, gconstpointer b) {
  const TesseraTerm *one = *(const TesseraTerm *const *) a;
  const TesseraTerm *other = *(const TesseraTerm *const *) b;

  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  return strcmp (one->name, other->name);
}

GPtrArray *
tessera_directory_list_terms (TesseraTransaction *transaction, TesseraTermKind kind, const char *language,
                              GError **error) {
  g_autoptr (TesseraTexts) texts = tessera_texts_new (transaction, language);
  g_autoptr (TesseraTerms) terms = tessera_terms_new (transaction, texts, error);
  GPtrArray *list;
  GHashTableIter iter;
  gpointer term;

  if (terms == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_term_free);
  g_hash_table_iter_init (&iter, terms->terms);
  while (g_hash_table_iter_next (&iter, NULL, &term)) {
    if (((TesseraTerm *) term)->kind == kind && ((TesseraTerm *) term)->count > 0)
      g_ptr_array_add (list, tessera_term_copy (term));
  }
  g_ptr_array_sort (list, compare_counts);
  return list;
}
