/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-client.c: one person of the shop, their household, and what happened at the desk.
 */
#include "config.h"

#include "tessera-demo-private.h"

#define OLDEST_CASE_DAYS 540

static const TesseraDemoOrigin *
pick_origin (TesseraDemo *self) {
  guint weights[32];

  g_assert (tessera_demo_n_origins <= G_N_ELEMENTS (weights));
  for (guint i = 0; i < tessera_demo_n_origins; i++)
    weights[i] = tessera_demo_origins[i].weight;
  return &tessera_demo_origins[tessera_demo_random_weighted (&self->random, weights, tessera_demo_n_origins)];
}

static const TesseraDemoName *
pick_name (TesseraDemo *self, const TesseraDemoName *names, guint n_names) {
  return &names[tessera_demo_random_below (&self->random, n_names)];
}

static char *
join_name (const TesseraDemoOrigin *origin, const char *given, const char *second, const char *family) {
  if (origin->family_first)
    return g_strjoin (" ", family, given, NULL);
  if (second == NULL)
    return g_strjoin (" ", given, family, NULL);
  return g_strjoin (" ", given, second, family, NULL);
}

/* Half of the people are written in their own script with the Latin spelling beside it, half the other way
 * round, as desks do. */
static void
set_names (TesseraDemo *self, TesseraRecord *client, const TesseraDemoOrigin *origin,
           const TesseraDemoName *family) {
  gboolean woman = g_strcmp0 (tessera_record_get (client, "gender"), "man") != 0;
  const TesseraDemoName *given =
    woman ? pick_name (self, origin->women, origin->n_women) : pick_name (self, origin->men, origin->n_men);
  const TesseraDemoName *father = pick_name (self, origin->men, origin->n_men);
  const TesseraDemoName *second =
    father != given && tessera_demo_random_chance (&self->random, 50) ? father : NULL;
  g_autofree char *native =
    join_name (origin, given->native, second != NULL ? second->native : NULL, family->native);
  g_autofree char *latin =
    join_name (origin, given->latin, second != NULL ? second->latin : NULL, family->latin);
  gboolean latin_first = tessera_demo_random_chance (&self->random, 50);

  tessera_record_set (client, "how_to_call", given->latin);
  tessera_record_set (client, "name", latin_first ? latin : native);
  if (!g_str_equal (native, latin))
    tessera_record_set (client, "other_names", latin_first ? native : latin);
}

/* People of the household who are no clients themselves. */
static gboolean
add_members (TesseraDemo *self, const char *household, const TesseraDemoOrigin *origin,
             const TesseraDemoName *family, guint n_members, guint n_children, gint64 at, GError **error) {
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (self->now / 1000);

  for (guint i = 0; i < n_members; i++) {
    g_autoptr (TesseraRecord) member = tessera_demo_new_row (self, "household_member", at);
    const TesseraDemoName *given = tessera_demo_random_chance (&self->random, 50)
                                     ? pick_name (self, origin->women, origin->n_women)
                                     : pick_name (self, origin->men, origin->n_men);
    g_autofree char *name = join_name (origin, given->latin, NULL, family->latin);
    gboolean child = i < n_children;
    int age = child ? tessera_demo_random_between (&self->random, 0, 17)
                    : tessera_demo_random_between (&self->random, 20, 70);

    tessera_record_set (member, "household", household);
    tessera_record_set (member, "name", name);
    tessera_record_set (member, "relation",
                        child             ? "child"
                        : age > 55        ? "parent"
                        : i == n_children ? "partner"
                                          : "relative");
    tessera_record_set_integer (member, "birth_year", g_date_time_get_year (now) - age);
    if (!tessera_transaction_save (self->transaction, member, error))
      return FALSE;
  }
  return TRUE;
}

/* A household of its own, perhaps open for the next client to join. */
static gboolean
add_household (TesseraDemo *self, TesseraRecord *client, const TesseraDemoOrigin *origin,
               const TesseraDemoName *family, gint64 at, GError **error) {
  static const char *const situations[] = { "Two rooms, shared kitchen.", "With relatives for now.",
                                            "Own flat since autumn.", "The children sleep in the hall." };
  g_autoptr (TesseraRecord) household = tessera_demo_new_row (self, "household", at);
  guint size = (guint) tessera_demo_random_between (&self->random, 2, 6);
  guint n_children = tessera_demo_random_below (&self->random, size);
  gboolean is_joined = size - n_children >= 2 && tessera_demo_random_chance (&self->random, 35);

  tessera_record_set (household, "name", family->latin);
  tessera_record_set_integer (household, "size", size);
  tessera_record_set_integer (household, "children", n_children);
  if (tessera_demo_random_chance (&self->random, 30))
    tessera_record_set (household, "situation", TESSERA_DEMO_PICK (&self->random, situations));
  if (!tessera_transaction_save (self->transaction, household, error))
    return FALSE;
  tessera_record_set (client, "household", tessera_record_get_id (household));
  tessera_record_set_integer (client, "household_size", size);
  if (is_joined) {
    self->household = g_strdup (tessera_record_get_id (household));
    self->household_size = size;
    self->origin = origin;
    self->family = family;
  }
  return add_members (self, tessera_record_get_id (household), origin, family, size - 1 - is_joined,
                      n_children, at, error);
}

static void
join_household (TesseraDemo *self, TesseraRecord *client) {
  tessera_record_set (client, "household", self->household);
  tessera_record_set_integer (client, "household_size", self->household_size);
  g_clear_pointer (&self->household, g_free);
}

static void
set_birth (TesseraDemo *self, TesseraRecord *client) {
  gint64 born =
    self->now - tessera_demo_random_between (&self->random, 17 * 365, 72 * 365) * TESSERA_DEMO_DAY;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (born / 1000);

  if (tessera_demo_random_chance (&self->random, 60))
    tessera_demo_set_date (client, "birth_date", born);
  else
    tessera_record_set_integer (client, "birth_year", g_date_time_get_year (time));
}

static void
set_languages (TesseraDemo *self, TesseraRecord *client, const TesseraDemoOrigin *origin) {
  static const char *const interpreter[] = { "yes", "yes", "sometimes", "sometimes", "no" };
  g_autofree char *both = NULL;

  tessera_record_set (client, "language", origin->language);
  if (origin->also != NULL && tessera_demo_random_chance (&self->random, 60)) {
    /* A set is kept in byte order. */
    if (g_strcmp0 (origin->language, origin->also) < 0)
      both = g_strjoin (",", origin->language, origin->also, NULL);
    else
      both = g_strjoin (",", origin->also, origin->language, NULL);
  }
  tessera_record_set (client, "languages", both != NULL ? both : origin->language);
  tessera_record_set (client, "interpreter_needed", TESSERA_DEMO_PICK (&self->random, interpreter));
}

/* Telephone numbers with 555, which nobody has. */
static void
set_contact (TesseraDemo *self, TesseraRecord *client) {
  static const char *const ways[] = { "phone", "phone", "message", "message", "through-us", "email", "none" };
  static const char *const streets[] = { "Sample Street", "Example Square", "Rua do Exemplo", "Specimen Lane",
                                         "Largo da Amostra" };

  if (tessera_demo_random_chance (&self->random, 80)) {
    g_autofree char *number =
      g_strdup_printf ("+351 555 %03u %03u", tessera_demo_random_below (&self->random, 1000),
                       tessera_demo_random_below (&self->random, 1000));
    tessera_record_set (client, "phone", number);
  }
  if (tessera_demo_random_chance (&self->random, 55)) {
    g_autofree char *address = g_strdup_printf ("%s %d", TESSERA_DEMO_PICK (&self->random, streets),
                                                tessera_demo_random_between (&self->random, 1, 180));
    tessera_record_set (client, "address", address);
  }
  tessera_record_set (client, "safe_contact", TESSERA_DEMO_PICK (&self->random, ways));
}

static void
set_story (TesseraDemo *self, TesseraRecord *client) {
  static const char *const risks[] = { "none", "none", "none", "low", "medium", "high" };

  if (tessera_demo_random_chance (&self->random, 60))
    tessera_record_set (client, "expectation", tessera_demo_pick_sentence (self, tessera_demo_expectations));
  if (tessera_demo_random_chance (&self->random, 15))
    tessera_record_set (client, "access_needs", tessera_demo_pick_sentence (self, tessera_demo_health));
  if (tessera_demo_random_chance (&self->random, 25))
    tessera_record_set (client, "notes", tessera_demo_pick_sentence (self, tessera_demo_notes));
  if (tessera_demo_random_chance (&self->random, 50))
    tessera_record_set (client, "risk_level", TESSERA_DEMO_PICK (&self->random, risks));
}

static TesseraRecord *
make_client (TesseraDemo *self, int first_day) {
  static const guint weights[] = { 50, 46, 2, 2 };
  static const char *const genders[] = { "woman", "man", "other", "unsaid" };
  gint64 at = tessera_demo_at_desk (self, first_day);
  TesseraRecord *client = tessera_demo_new_row (self, "client", at);
  g_autofree char *code = tessera_demo_random_code (&self->random);

  tessera_record_set (client, "code", code);
  tessera_record_set_integer (client, "registered_at", at);
  tessera_record_set (client, "gender",
                      genders[tessera_demo_random_weighted (&self->random, weights, G_N_ELEMENTS (weights))]);
  tessera_record_set (client, "case_state",
                      first_day > 200 && tessera_demo_random_chance (&self->random, 8) ? "closed" : "open");
  tessera_record_set (client, "worker", tessera_record_get_id (tessera_demo_pick_worker (self)));
  set_birth (self, client);
  set_contact (self, client);
  set_story (self, client);
  return client;
}

/* Three of four were here in the last weeks; the others have fallen silent. */
static int
pick_last_day (TesseraDemo *self, int first_day) {
  if (first_day < 32 || tessera_demo_random_chance (&self->random, 75))
    return tessera_demo_random_between (&self->random, 0, MIN (first_day, 28));
  return tessera_demo_random_between (&self->random, 31, first_day);
}

/* How far along someone is depends on how long they have come. */
static void
set_step (TesseraDemo *self, TesseraRecord *client, int first_day) {
  static const char *const steps[] = { "basic-needs", "inclusion", "autonomy" };
  static const guint fresh[] = { 85, 14, 1 }, settled[] = { 40, 45, 15 }, old[] = { 18, 47, 35 };
  const guint *weights = first_day < 60 ? fresh : first_day < 240 ? settled : old;

  tessera_record_set (client, "step", steps[tessera_demo_random_weighted (&self->random, weights, 3)]);
}

static gboolean
add_home (TesseraDemo *self, TesseraRecord *client, gint64 at, GError **error) {
  const TesseraDemoOrigin *origin = self->household != NULL ? self->origin : pick_origin (self);
  const TesseraDemoName *family =
    self->household != NULL ? self->family : pick_name (self, origin->families, origin->n_families);

  set_names (self, client, origin, family);
  set_languages (self, client, origin);
  if (self->household != NULL)
    join_household (self, client);
  else if (tessera_demo_random_chance (&self->random, 45))
    return add_household (self, client, origin, family, at, error);
  else
    tessera_record_set_integer (client, "household_size", 1);
  return TRUE;
}

gboolean
tessera_demo_add_client (TesseraDemo *self, guint index, GError **error) {
  g_autoptr (TesseraRecord) client = NULL;
  int first_day, last_day;

  self->random.state = self->seed ^ (index + 1) * G_GUINT64_CONSTANT (0xd1342543de82ef95);
  first_day = tessera_demo_random_between (&self->random, 1, OLDEST_CASE_DAYS);
  last_day = pick_last_day (self, first_day);
  client = make_client (self, first_day);
  set_step (self, client, first_day);
  if (self->visits_per_client > 0)
    tessera_record_set_integer (
      client, "last_contact",
      MAX (tessera_demo_at_desk (self, last_day), tessera_record_get_integer (client, "registered_at")));
  return add_home (self, client, tessera_record_get_integer (client, "registered_at"), error)
         && tessera_transaction_save (self->transaction, client, error)
         && tessera_demo_add_visits (self, client, first_day, last_day, error)
         && tessera_demo_add_pathway (self, client, first_day, last_day, error)
         && tessera_demo_add_referrals (self, client, index, first_day, error);
}
