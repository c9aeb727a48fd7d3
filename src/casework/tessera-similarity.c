/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-similarity.c: how alike two people are, and who is like somebody.
 *
 * Names are compared word by word in any order: spelled alike in Latin letters, or sounding alike. Birth,
 * phone and email strengthen or weaken. The numbers are weights we chose; only their order is shown to
 * people.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-fold.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

/* Below this nobody is shown. */
#define LEAST_SCORE 35
/* A single name says less than several. */
#define ONE_NAME_SCORE 48
#define FULL_NAME_SCORE 72
#define MAX_WORDS 16

static const TesseraChoice reasons[] = {
  { "same-code", N_("Same client code") },
  { "same-name", N_("Same name") },
  { "swapped-name", N_("Same names in another order") },
  { "other-spelling", N_("Same name in another spelling or script") },
  { "part-of-name", N_("Part of the name is the same") },
  { "close-name", N_("Almost the same name") },
  { "words", N_("The words were found") },
  { "same-birth-date", N_("Same date of birth") },
  { "swapped-birth-date", N_("Same date of birth with day and month swapped") },
  { "same-birth-year", N_("Same year of birth") },
  { "same-phone", N_("Same phone number") },
  { "phone-digits", N_("Same last four digits of the phone") },
  { "same-email", N_("Same email address") },
};

const char *
tessera_similarity_get_reason_label (const char *reason) {
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (strcmp (reasons[i].code, reason) == 0)
      return _(reasons[i].label);
  return reason;
}

void
tessera_similarity_free (TesseraSimilarity *self) {
  g_clear_object (&self->client);
  g_strfreev (self->reasons);
  g_free (self);
}

/* What is compared of one person, prepared once. */
typedef struct {
  char **words;    /* of the name, in Latin letters */
  char **sounds;   /* of the same words */
  char **all_words;   /* and of every other name */
  char **all_sounds;
  char *name;      /* as written */
  char *birth_date;
  int birth_year;
  char *digits;    /* of the phone */
  char *email;
  char *gender;
} Features;

static void
features_clear (Features *self) {
  g_clear_pointer (&self->words, g_strfreev);
  g_clear_pointer (&self->sounds, g_strfreev);
  g_clear_pointer (&self->all_words, g_strfreev);
  g_clear_pointer (&self->all_sounds, g_strfreev);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->birth_date, g_free);
  g_clear_pointer (&self->digits, g_free);
  g_clear_pointer (&self->email, g_free);
  g_clear_pointer (&self->gender, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Features, features_clear)

/* Digits of any script as ASCII. */
static char *
take_digits (const char *text) {
  GString *digits = g_string_new (NULL);

  for (const char *c = text ? text : ""; *c; c = g_utf8_next_char (c)) {
    int digit = g_unichar_digit_value (g_utf8_get_char (c));

    if (digit >= 0)
      g_string_append_c (digits, (char) ('0' + digit));
  }
  return g_string_free (digits, FALSE);
}

static char **
split_words (const char *folded) {
  return *folded ? g_strsplit (folded, " ", MAX_WORDS) : g_new0 (char *, 1);
}

static void
set_names (Features *self, const char *name, const char *call, const char *others) {
  const char *main_name = name ? name : call;
  g_autofree char *all = g_strjoin (" ", name ? name : "", call ? call : "", others ? others : "", NULL);
  g_autofree char *latin = tessera_fold_latin (main_name ? main_name : "");
  g_autofree char *sound = tessera_fold_sound (latin);
  g_autofree char *all_latin = NULL;
  g_autofree char *all_sound = NULL;

  self->words = split_words (latin);
  self->sounds = split_words (sound);
  self->name = g_strdup (main_name ? main_name : "");
  if ((!call || !name) && !others) {
    self->all_words = g_strdupv (self->words);
    self->all_sounds = g_strdupv (self->sounds);
    return;
  }
  all_latin = tessera_fold_latin (all);
  all_sound = tessera_fold_sound (all_latin);
  self->all_words = split_words (all_latin);
  self->all_sounds = split_words (all_sound);
}

static void
features_init (Features *self, TesseraRecord *client) {
  const char *email = tessera_record_get (client, "email");

  memset (self, 0, sizeof *self);
  set_names (self, tessera_record_get (client, "name"), tessera_record_get (client, "how_to_call"),
             tessera_record_get (client, "other_names"));
  self->birth_date = g_strdup (tessera_record_get (client, "birth_date"));
  self->birth_year = (int) tessera_record_get_integer (client, "birth_year");
  if (!self->birth_year && self->birth_date)
    self->birth_year = atoi (self->birth_date);
  self->digits = take_digits (tessera_record_get (client, "phone"));
  self->email = email ? g_utf8_strdown (email, -1) : NULL;
  self->gender = g_strdup (tessera_record_get (client, "gender"));
}

/* Whether one letter changed, came or went. */
static gboolean
is_one_apart (const char *a, const char *b) {
  gsize la = strlen (a), lb = strlen (b), start = 0, end = 0;

  if (la > lb + 1 || lb > la + 1)
    return FALSE;
  while (start < la && start < lb && a[start] == b[start])
    start++;
  while (end < la - start && end < lb - start && a[la - 1 - end] == b[lb - 1 - end])
    end++;
  return MAX (la, lb) - start - end <= 1;
}

/* 0 to 10: how alike two words of names are. */
static int
compare_words (const char *word_a, const char *sound_a, const char *word_b, const char *sound_b) {
  gsize shorter = MIN (strlen (word_a), strlen (word_b));

  if (strcmp (word_a, word_b) == 0)
    return 10;
  if (shorter == 1 && word_a[0] == word_b[0])
    return 4;   /* an initial */
  if (strcmp (sound_a, sound_b) == 0)
    return strlen (sound_a) >= 2 ? 9 : 5;
  if (shorter >= 5 && is_one_apart (word_a, word_b))
    return 7;
  if (MIN (strlen (sound_a), strlen (sound_b)) >= 3 && is_one_apart (sound_a, sound_b))
    return 5;
  return 0;
}

/* Pairs words greedily, best pairs first; 0 to 10 times the number of pairs. */
static int
pair_words (char **words_a, char **sounds_a, char **words_b, char **sounds_b, guint *ret_pairs) {
  guint na = MIN (g_strv_length (words_a), g_strv_length (sounds_a));
  guint nb = MIN (g_strv_length (words_b), g_strv_length (sounds_b));
  guint32 used = 0, taken = 0;
  int total = 0;

  *ret_pairs = 0;
  for (int wanted = 10; wanted >= 4; wanted--)
    for (guint i = 0; i < na; i++)
      for (guint j = 0; j < nb && !(taken & (1u << i)); j++)
        if (!(used & (1u << j))
            && compare_words (words_a[i], sounds_a[i], words_b[j], sounds_b[j]) == wanted) {
          used |= 1u << j;
          taken |= 1u << i;
          total += wanted;
          (*ret_pairs)++;
        }
  return total;
}

static gboolean
is_same_order (char **a, char **b) {
  return g_strv_equal ((const char *const *) a, (const char *const *) b);
}

static int
score_pairs (int total, guint pairs, guint shorter, guint longer) {
  int full = shorter > 1 ? FULL_NAME_SCORE : ONE_NAME_SCORE;

  if (pairs == 0)
    return 0;
  /* All words of the shorter name matter most; a longer name beside it costs a little. */
  return full * total * 7 / (100 * (int) shorter) + full * total * 3 / (100 * (int) longer);
}

static const char *
name_reason (const Features *a, const Features *b, int total, guint pairs, guint shorter, guint longer) {
  if (total == 10 * (int) longer && shorter == longer) {
    if (!is_same_order (a->words, b->words))
      return "swapped-name";
    return strcmp (a->name, b->name) == 0 || (g_str_is_ascii (a->name) && g_str_is_ascii (b->name))
           ? "same-name" : "other-spelling";
  }
  if (pairs < longer || pairs < shorter)
    return "part-of-name";
  return total >= 9 * (int) pairs ? "other-spelling" : "close-name";
}

static int
score_names (const Features *a, const Features *b, const char **ret_reason) {
  guint na = g_strv_length (a->words), nb = g_strv_length (b->words);
  guint shorter = MIN (na, nb), longer = MAX (na, nb), pairs, other_pairs;
  int total, score, others;

  *ret_reason = NULL;
  if (shorter == 0)
    return 0;
  total = pair_words (a->words, a->sounds, b->words, b->sounds, &pairs);
  score = score_pairs (total, pairs, shorter, longer);
  /* One shared word of two full names (every second Mohammed) is no likeness by itself. */
  if (pairs == 1 && shorter > 1)
    score /= 2;
  if (pairs > 0)
    *ret_reason = name_reason (a, b, total, pairs, shorter, longer);
  if (score >= ONE_NAME_SCORE)
    return score;
  others = pair_words (a->all_words, a->all_sounds, b->all_words, b->all_sounds, &other_pairs);
  if (other_pairs >= shorter && other_pairs > pairs) {
    score = MAX (score, score_pairs (others, other_pairs, other_pairs, MAX (longer, other_pairs)) * 9 / 10);
    *ret_reason = "part-of-name";
  }
  return score;
}

static gboolean
is_swapped_date (const char *a, const char *b) {
  return strlen (a) == 10 && strlen (b) == 10 && strncmp (a, b, 5) == 0 && strncmp (a + 5, b + 8, 2) == 0
         && strncmp (a + 8, b + 5, 2) == 0;
}

static int
score_birth (const Features *a, const Features *b, const char **ret_reason) {
  int apart = abs (a->birth_year - b->birth_year);

  *ret_reason = NULL;
  if (a->birth_date && b->birth_date) {
    if (strcmp (a->birth_date, b->birth_date) == 0) {
      *ret_reason = "same-birth-date";
      /* The first of January is what is written when nobody knows. */
      return g_str_has_suffix (a->birth_date, "-01-01") ? 12 : 20;
    }
    if (is_swapped_date (a->birth_date, b->birth_date)) {
      *ret_reason = "swapped-birth-date";
      return 14;
    }
  }
  if (!a->birth_year || !b->birth_year)
    return 0;
  if (apart == 0) {
    *ret_reason = "same-birth-year";
    return 12;
  }
  return apart <= 2 ? -4 : apart <= 5 ? -15 : -30;
}

static int
score_phone (const Features *a, const Features *b, const char **ret_reason) {
  gsize la = strlen (a->digits), lb = strlen (b->digits);

  *ret_reason = NULL;
  if (la < 4 || lb < 4 || strcmp (a->digits + la - 4, b->digits + lb - 4) != 0)
    return 0;
  if (la >= 8 && lb >= 8 && strcmp (a->digits + la - 8, b->digits + lb - 8) == 0) {
    *ret_reason = "same-phone";
    return 35;
  }
  *ret_reason = "phone-digits";
  return 15;
}

static int
compare_features (const Features *a, const Features *b, GStrvBuilder *builder) {
  const char *reason;
  int name = score_names (a, b, &reason), score = name;

  if (reason && builder)
    g_strv_builder_add (builder, reason);
  score += score_birth (a, b, &reason);
  if (reason && builder)
    g_strv_builder_add (builder, reason);
  score += score_phone (a, b, &reason);
  if (reason && builder)
    g_strv_builder_add (builder, reason);
  if (a->email && b->email && strcmp (a->email, b->email) == 0) {
    score += 35;
    if (builder)
      g_strv_builder_add (builder, "same-email");
  }
  if (a->gender && b->gender && strcmp (a->gender, b->gender) != 0)
    score -= 6;
  return CLAMP (score, 0, 100);
}

int
tessera_intake_compare (TesseraRecord *a, TesseraRecord *b, char ***ret_reasons) {
  g_auto (Features) features_a = { 0 };
  g_auto (Features) features_b = { 0 };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  int score;

  features_init (&features_a, a);
  features_init (&features_b, b);
  score = compare_features (&features_a, &features_b, builder);
  if (ret_reasons)
    *ret_reasons = g_strv_builder_end (builder);
  return score;
}

typedef struct {
  gint64 row;
  int score;
} Hit;

static int
compare_hits (gconstpointer a, gconstpointer b) {
  const Hit *first = a, *second = b;

  if (first->score != second->score)
    return second->score - first->score;
  return first->row < second->row ? -1 : first->row > second->row;
}

static char *
copy_column (TesseraStatement *statement, int column) {
  return g_strdup (tessera_statement_get_text (statement, column));
}

static void
features_init_from_row (Features *self, TesseraStatement *row) {
  g_autofree char *name = copy_column (row, 2);
  g_autofree char *call = copy_column (row, 3);
  g_autofree char *others = copy_column (row, 4);

  memset (self, 0, sizeof *self);
  set_names (self, name, call, others);
  self->birth_date = copy_column (row, 5);
  self->birth_year = (int) tessera_statement_get_integer (row, 6);
  if (!self->birth_year && self->birth_date)
    self->birth_year = atoi (self->birth_date);
  self->digits = take_digits (tessera_statement_get_text (row, 7));
  self->email = tessera_statement_get_text (row, 8)
                ? g_utf8_strdown (tessera_statement_get_text (row, 8), -1) : NULL;
  self->gender = copy_column (row, 9);
}

static void
append_term (GString *expression, const char *before, const char *word, const char *after) {
  g_string_append_printf (expression, "%s%s%s%s", expression->len ? " OR " : "", before, word, after);
}

/* Whoever shares the beginning of a word, the sound of one, or digits of the phone: only they are compared in
 * full. */
static char *
build_candidates (const Features *probe) {
  GString *expression = g_string_new (NULL);
  gsize n_digits = strlen (probe->digits);

  for (guint i = 0; probe->all_words[i]; i++)
    append_term (expression, "\"", probe->all_words[i], "\" *");
  for (guint i = 0; probe->all_sounds[i]; i++) {
    g_autofree char *start = g_strndup (probe->all_words[i] ? probe->all_words[i] : "", 2);

    if (strlen (probe->all_sounds[i]) >= 3)
      append_term (expression, "\"_", probe->all_sounds[i], "\"");
    else if (*start)
      append_term (expression, "\"", start, "\" *");   /* too short to have left its sound */
  }
  if (n_digits >= 4)
    append_term (expression, "\"", probe->digits + n_digits - 4, "\"");
  return g_string_free (expression, FALSE);
}

static TesseraStatement *
select_candidates (TesseraTransaction *transaction, const Features *probe, const char *self, GError **error) {
  g_autofree char *expression = build_candidates (probe);
  g_autoptr (GString) sql = g_string_new (NULL);
  TesseraStatement *statement;

  g_string_append_printf (sql,
                          "SELECT _rowid, id, name, how_to_call, other_names, birth_date, birth_year, phone,"
                               " email, gender FROM client WHERE id IS NOT ?1 AND (%s OR (?2 IS NOT NULL AND"
                               " lower (email) = ?2))",
                          *expression ? "_rowid IN (SELECT rowid FROM client_words WHERE client_words MATCH ?3)"
                                      : "FALSE");
  statement = tessera_transaction_prepare (transaction, sql->str, error);
  if (!statement)
    return NULL;
  tessera_statement_bind_id (statement, 1, self);
  tessera_statement_bind_text (statement, 2, probe->email);
  if (*expression)
    tessera_statement_bind_text (statement, 3, expression);
  return statement;
}

static GArray *
scan_clients (TesseraTransaction *transaction, const Features *probe, const char *self, GError **error) {
  g_autoptr (TesseraStatement) statement = select_candidates (transaction, probe, self, error);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (Hit));
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    g_auto (Features) features = { 0 };
    Hit hit = { 0 };

    features_init_from_row (&features, statement);
    hit.row = tessera_statement_get_integer (statement, 0);
    hit.score = compare_features (probe, &features, NULL);
    if (hit.score >= LEAST_SCORE)
      g_array_append_val (hits, hit);
  }
  if (local_error) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  g_array_sort (hits, compare_hits);
  return g_steal_pointer (&hits);
}

static TesseraSimilarity *
make_similarity (TesseraRecord *client, const Features *probe) {
  TesseraSimilarity *similarity = g_new0 (TesseraSimilarity, 1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (Features) features = { 0 };

  features_init (&features, client);
  similarity->client = g_object_ref (client);
  similarity->score = compare_features (probe, &features, builder);
  similarity->reasons = g_strv_builder_end (builder);
  return similarity;
}

static TesseraRecord *
load_row (TesseraTransaction *transaction, gint64 row, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  statement = tessera_transaction_select (transaction, "client", "WHERE _rowid = ?1", error);
  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, row);
  return tessera_statement_step (statement, error) ? tessera_statement_get_record (statement) : NULL;
}

static gboolean
has_client (GPtrArray *found, TesseraRecord *client) {
  for (guint i = 0; i < found->len; i++) {
    TesseraSimilarity *similarity = g_ptr_array_index (found, i);

    if (strcmp (tessera_record_get_id (similarity->client), tessera_record_get_id (client)) == 0)
      return TRUE;
  }
  return FALSE;
}

/* A record that was merged stands for the one that was kept, by the name it was known by. */
static gboolean
add_hit (TesseraTransaction *transaction, GPtrArray *found, const Features *probe, const char *self,
         gint64 row, GError **error) {
  g_autoptr (TesseraRecord) client = load_row (transaction, row, error);
  g_autoptr (TesseraRecord) kept = NULL;
  TesseraSimilarity *similarity;

  kept = client ? tessera_casework_resolve_client (transaction, tessera_record_get_id (client), error) : NULL;
  if (!kept)
    return FALSE;
  if (has_client (found, kept) || g_strcmp0 (tessera_record_get_id (kept), self) == 0)
    return TRUE;
  similarity = make_similarity (client, probe);
  g_set_object (&similarity->client, kept);
  g_ptr_array_add (found, similarity);
  return TRUE;
}

static GPtrArray *
find_like (TesseraTransaction *transaction, TesseraRecord *probe, guint limit, GError **error) {
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_similarity_free);
  const char *self = tessera_record_get_id (probe);
  g_autoptr (GArray) hits = NULL;
  g_auto (Features) features = { 0 };

  features_init (&features, probe);
  hits = scan_clients (transaction, &features, self, error);
  if (!hits)
    return NULL;
  for (guint i = 0; i < hits->len && found->len < limit; i++)
    if (!add_hit (transaction, found, &features, self, g_array_index (hits, Hit, i).row, error))
      return NULL;
  return g_steal_pointer (&found);
}

GPtrArray *
tessera_intake_find_similar (TesseraTransaction *transaction, TesseraRecord *client, guint limit,
                             GError **error) {
  return find_like (transaction, client, limit, error);
}

/* Puts typed words where they belong: a date, a year, digits of a phone; the rest is a name. */
static TesseraRecord *
make_probe (TesseraTransaction *transaction, const char *words) {
  TesseraRecord *probe = tessera_transaction_new_record (transaction, "client");
  g_auto (GStrv) tokens = g_strsplit_set (words, " \t,;", -1);
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint i = 0; tokens[i]; i++) {
    g_autofree char *digits = take_digits (tokens[i]);
    gsize n_digits = strlen (digits);

    if (tessera_date_is_valid (tokens[i])) {
      tessera_record_set (probe, "birth_date", tokens[i]);
    } else if (n_digits >= 4 && n_digits * 2 > (gsize) g_utf8_strlen (tokens[i], -1)) {
      if (n_digits == 4 && atoi (digits) > 1890 && atoi (digits) < 2100)
        tessera_record_set (probe, "birth_year", digits);
      tessera_record_set (probe, "phone", digits);
    } else if (*tokens[i]) {
      g_string_append_printf (name, "%s%s", name->len ? " " : "", tokens[i]);
    }
  }
  tessera_record_set (probe, "name", name->str);
  return probe;
}

static void
add_found (GPtrArray *found, TesseraRecord *client, int score, const char *reason) {
  const char *codes[] = { reason, NULL };
  TesseraSimilarity *similarity;

  if (has_client (found, client))
    return;
  similarity = g_new0 (TesseraSimilarity, 1);
  similarity->client = g_object_ref (client);
  similarity->score = score;
  similarity->reasons = g_strdupv ((char **) codes);
  g_ptr_array_add (found, similarity);
}

static int
compare_similarities (gconstpointer a, gconstpointer b) {
  const TesseraSimilarity *first = *(TesseraSimilarity *const *) a;
  const TesseraSimilarity *second = *(TesseraSimilarity *const *) b;

  if (first->score != second->score)
    return second->score - first->score;
  return strcmp (tessera_record_get_id (first->client), tessera_record_get_id (second->client));
}

/* Beginnings of words, as every search knows them; merged records count as the one they were merged into. */
static gboolean
add_searched (TesseraTransaction *transaction, GPtrArray *found, const char *words, guint limit,
              GError **error) {
  g_autoptr (GPtrArray) clients = tessera_transaction_search (transaction, "client", words, limit, error);

  if (!clients)
    return FALSE;
  for (guint i = 0; i < clients->len; i++) {
    TesseraRecord *client = g_ptr_array_index (clients, i);
    g_autoptr (TesseraRecord) kept = NULL;

    kept = tessera_casework_resolve_client (transaction, tessera_record_get_id (client), error);
    if (!kept)
      return FALSE;
    add_found (found, kept, 50, "words");
  }
  return TRUE;
}

GPtrArray *
tessera_intake_find (TesseraTransaction *transaction, const char *words, guint limit, GError **error) {
  g_autofree char *code = tessera_client_code_normalize (words);
  g_autoptr (TesseraRecord) client = code ? tessera_intake_resolve (transaction, code, NULL) : NULL;
  g_autoptr (TesseraRecord) probe = make_probe (transaction, words);
  g_autoptr (GPtrArray) found = NULL;

  found = find_like (transaction, probe, limit, error);
  if (!found || !add_searched (transaction, found, words, limit, error))
    return NULL;
  if (client)
    add_found (found, client, 100, "same-code");
  g_ptr_array_sort (found, compare_similarities);
  if (found->len > limit)
    g_ptr_array_set_size (found, (int) limit);
  return g_steal_pointer (&found);
}
