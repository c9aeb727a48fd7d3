/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-demo.c: the demonstration shop obeys the rules of the real one.
 */
#include "config.h"

#include "tessera-demo-random.h"
#include "tessera-demo.h"
#include "tessera-fixture.h"
#include "tessera-identifier.h"
#include "tessera-pathway.h"
#include "tessera-referral.h"

/* 2026-11-20T12:00:00Z, a Friday. */
#define NOW G_GINT64_CONSTANT (1795176000000)

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data) {
  TesseraDemoOptions options = { .clients = 80, .visits_per_client = 4, .seed = 5, .now = NOW };
  g_autoptr (GError) error = NULL;

  self->folder = fixture_make_folder ();
  self->vault = fixture_create_vault (self->folder);
  self->store = fixture_open_store (self->vault);
  tessera_demo_fill (self->store, &options, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data) {
  fixture_close (&self->store, &self->vault);
  fixture_remove_folder (self->folder);
  g_free (self->folder);
}

static void
run (Fixture *self, TesseraStoreFunc func) {
  g_autoptr (GError) error = NULL;

  tessera_store_read (self->store, func, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
check_rows (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraRegistry *registry = tessera_transaction_get_registry (transaction);
  const TesseraEntity *const *entities = tessera_registry_get_entities (registry);

  /* Every value would also be taken from a person. */
  for (guint i = 0; entities[i] != NULL; i++) {
    g_autoptr (GPtrArray) rows =
      tessera_transaction_select_records (transaction, entities[i]->name, "", NULL, error);

    g_assert_nonnull (rows);
    for (guint j = 0; j < rows->len; j++) {
      for (guint k = 0; k < entities[i]->n_fields; k++) {
        const char *value = tessera_record_get_at (g_ptr_array_index (rows, j), k);
        gboolean typed = value != NULL && (entities[i]->fields[k].flags & TESSERA_FIELD_AUTOMATIC) == 0;
        g_autofree char *checked = typed ? tessera_field_check (&entities[i]->fields[k], value, error) : NULL;

        if (typed)
          g_assert_cmpstr (checked, ==, value);
      }
    }
  }
  return TRUE;
}

static void
test_rows (Fixture *self, gconstpointer data) {
  run (self, check_rows);
}

static gboolean
check_referrals (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (GPtrArray) referrals =
    tessera_transaction_select_records (transaction, "referral", "", NULL, error);

  g_assert_cmpuint (referrals->len, >, 30);
  for (guint i = 0; i < referrals->len; i++) {
    TesseraRecord *referral = g_ptr_array_index (referrals, i);
    g_autoptr (GPtrArray) events = NULL;
    TesseraReferralState state;
    const char *last = NULL;
    gint64 at = 0;

    events = tessera_referral_list_events (transaction, tessera_record_get_id (referral), NULL, error);
    for (guint j = 0; j < events->len; j++) {
      TesseraRecord *event = g_ptr_array_index (events, j);

      g_assert_cmpint (tessera_record_get_integer (event, "at"), <=, NOW);
      if (tessera_record_get_integer (event, "at") >= at) {
        at = tessera_record_get_integer (event, "at");
        last = tessera_record_get (event, "kind");
      }
    }
    state = tessera_referral_derive (events);
    g_assert_cmpstr (tessera_record_get (referral, "status"), ==, state.status);
    g_assert_false (state.collision);
    if (last != NULL)
      g_assert_cmpstr (state.status, ==, last);
  }
  return TRUE;
}

static void
test_referrals (Fixture *self, gconstpointer data) {
  run (self, check_referrals);
}

static gboolean
check_order (TesseraTransaction *transaction, gpointer data, GError **error) {
  static const char *const questions[] = {
    "SELECT count(*) FROM visit v JOIN client c ON c.id = v.client WHERE v.at < c.registered_at OR v.at > "
    "c.last_contact",
    "SELECT count(*) FROM client WHERE last_contact > ?1 OR registered_at > ?1",
    "SELECT count(*) FROM client c WHERE last_contact <> (SELECT max(at) FROM visit v WHERE v.client = c.id)",
    "SELECT count(*) FROM step_change WHERE from_step = to_step",
    "SELECT count(*) FROM client c WHERE step <> 'basic-needs' AND step <> coalesce((SELECT to_step FROM "
    "step_change s"
    " WHERE s.client = c.id ORDER BY at DESC LIMIT 1), '')",
    "SELECT count(*) FROM (SELECT code FROM client GROUP BY code HAVING count(*) > 1)",
    "SELECT count(*) FROM task WHERE done_at > ?1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++) {
    g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, questions[i], error);

    g_assert_nonnull (statement);
    if (strstr (questions[i], "?1") != NULL)
      tessera_statement_bind_integer (statement, 1, NOW);
    g_assert_true (tessera_statement_step (statement, error));
    if (tessera_statement_get_integer (statement, 0) != 0)
      g_error ("%d: %s", (int) tessera_statement_get_integer (statement, 0), questions[i]);
  }
  return TRUE;
}

static void
test_order (Fixture *self, gconstpointer data) {
  run (self, check_order);
}

static void
test_twice (Fixture *self, gconstpointer data) {
  TesseraDemoOptions options = { .clients = 1, .visits_per_client = 1, .seed = 5 };
  g_autoptr (GError) error = NULL;

  g_assert_false (tessera_demo_fill (self->store, &options, &error));
  g_assert_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED);
}

/* Known values of splitmix64 for seed 1234567, as other implementations give them. */
static void
test_random (void) {
  TesseraDemoRandom random = { 1234567 };

  g_assert_cmpuint (tessera_demo_random_next (&random), ==, G_GUINT64_CONSTANT (6457827717110365317));
  g_assert_cmpuint (tessera_demo_random_next (&random), ==, G_GUINT64_CONSTANT (3203168211198807973));
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *code = tessera_demo_random_code (&random);
    g_autofree char *same = tessera_client_code_normalize (code);
    g_autofree char *id = tessera_demo_random_uuid (&random, NOW);
    int number = tessera_demo_random_between (&random, -2, 2);

    g_assert_cmpstr (code, ==, same);
    g_assert_true (g_uuid_string_is_valid (id));
    g_assert_true (number >= -2 && number <= 2);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/random", test_random);
  g_test_add ("/demo/rows", Fixture, NULL, set_up, test_rows, tear_down);
  g_test_add ("/demo/referrals", Fixture, NULL, set_up, test_referrals, tear_down);
  g_test_add ("/demo/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/demo/twice", Fixture, NULL, set_up, test_twice, tear_down);
  return g_test_run ();
}
