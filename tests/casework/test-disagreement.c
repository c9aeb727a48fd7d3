/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-disagreement.c: a colleague's laptop writes a field without knowing what was written here, and a person decides.
 */
#include "casework-fixture.h"
#include "tessera-disagreement.h"
#include "tessera-merge.h"

/* Theirs: as 32 digits, and the device as it stands in a row. */
#define THEIR_STREAM "11111111222233334444555555555555"
#define OTHER_STREAM "21111111222233334444555555555555"
#define THEIR_DEVICE "aaaaaaaabbbb4ccc8dddeeeeeeeeeeee"
#define OTHER_DEVICE "baaaaaaabbbb4ccc8dddeeeeeeeeeeee"
#define THEIR_UUID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

typedef struct {
  char *client;
  char *own;          /* our stream */
  char *circle;
  gint64 seen;        /* what the others had of it */
  const char *field;
  const char *value;
} World;

static gboolean
may_all (TesseraTransaction *tx, const TesseraMergeChange *change, gpointer data, GError **error) {
  return TRUE;
}

static gboolean
begin_world (TesseraTransaction *tx, gpointer data, GError **error) {
  World *world = data;
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");
  g_autoptr (GHashTable) vector = NULL;

  tessera_record_set (client, "name", "Zarzuela Exemplo");
  tessera_record_set (client, "phone", "+351 000 000");
  if (!tessera_intake_register (tx, client, error))
    return FALSE;
  world->client = g_strdup (tessera_record_get_id (client));
  world->circle = tessera_transaction_get_circle (tx, error);
  world->own = tessera_transaction_get_own_stream (tx, error);
  vector = tessera_transaction_get_vector (tx, error);
  world->seen = tessera_vector_get (vector, world->own);
  return TRUE;
}

static gboolean
write_ours (TesseraTransaction *tx, gpointer data, GError **error) {
  World *world = data;
  g_autoptr (TesseraRecord) client = tessera_transaction_load (tx, "client", world->client, error);

  tessera_record_set (client, world->field, world->value);
  return tessera_transaction_save (tx, client, error);
}

static gboolean
merge (TesseraTransaction *tx, World *world, const char *stream, const char *device, gint64 number, GError **error) {
  g_autoptr (TesseraMerging) merging = tessera_merging_new (tx, may_all, NULL);
  gint64 clock = (tessera_transaction_get_now (tx) + 60000) << 16;
  g_autofree char *segment = g_strdup_printf (
    "{\"k\":\"segment\",\"s\":\"%s\",\"d\":\"%s\",\"c\":\"%s\",\"from\":%" G_GINT64_FORMAT ",\"deps\":{\"%s\":%" G_GINT64_FORMAT
    "}}", stream, device, world->circle, number, world->own, world->seen);
  g_autofree char *value = world->value ? g_strdup_printf ("\"%s\"", world->value) : g_strdup ("null");
  g_autofree char *change = g_strdup_printf (
    "{\"n\":%" G_GINT64_FORMAT ",\"t\":%" G_GINT64_FORMAT ",\"k\":\"put\",\"e\":\"client\",\"i\":\"%s\",\"p\":\"%s\",\"v\":1,"
    "\"f\":{\"%s\":%s}}", number, clock, world->client, world->client, world->field, value);

  return tessera_merging_line (merging, segment, strlen (segment), error)
         && tessera_merging_line (merging, change, strlen (change), error)
         && tessera_merging_finish (merging, NULL, NULL, error);
}

static gboolean
write_theirs (TesseraTransaction *tx, gpointer data, GError **error) {
  return merge (tx, data, THEIR_STREAM, THEIR_DEVICE, 1, error);
}

static gboolean
write_others (TesseraTransaction *tx, gpointer data, GError **error) {
  return merge (tx, data, OTHER_STREAM, OTHER_DEVICE, 1, error);
}

static void
run (Fixture *fixture, TesseraStoreFunc func, gpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, func, data, &error);
  g_assert_no_error (error);
}

static void
world_init (World *world, Fixture *fixture, const char *field, const char *ours, const char *theirs) {
  memset (world, 0, sizeof *world);
  run (fixture, begin_world, world);
  world->field = field;
  world->value = ours;
  run (fixture, write_ours, world);
  world->value = theirs;
  run (fixture, write_theirs, world);
}

static void
world_clear (World *world) {
  g_free (world->client);
  g_free (world->own);
  g_free (world->circle);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static TesseraDisagreement *
get_only (TesseraTransaction *tx, GError **error) {
  g_autoptr (GPtrArray) list = tessera_disagreement_list (tx, NULL, 10, error);

  g_assert_no_error (*error);
  g_assert_cmpuint (list->len, ==, 1);
  return tessera_disagreement_load (tx, ((TesseraDisagreement *) list->pdata[0])->id, error);
}

/* ---- what is seen ---- */

static gboolean
look_at_phone (TesseraTransaction *tx, gpointer data, GError **error) {
  World *world = data;
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);
  g_autoptr (GPtrArray) about = tessera_disagreement_list (tx, world->client, 10, error);
  g_autofree char *both = tessera_disagreement_join (one);
  const TesseraVersion *first = one->versions->pdata[0];
  const TesseraVersion *second = one->versions->pdata[1];
  const char *value = NULL;

  g_assert_cmpuint (about->len, ==, 1);
  g_assert_cmpuint (tessera_disagreement_count (tx), ==, 1);
  g_assert_cmpstr (one->entity->name, ==, "client");
  g_assert_cmpstr (one->field->name, ==, "phone");
  g_assert_cmpstr (tessera_record_get (one->client, "name"), ==, "Zarzuela Exemplo");
  g_assert_cmpuint (one->versions->len, ==, 2);
  g_assert_cmpstr (first->value, ==, "+351 222 222");
  g_assert_true (first->shown && !first->mine);
  g_assert_cmpstr (first->device, ==, THEIR_UUID);
  g_assert_cmpint (first->at, >, tessera_transaction_get_now (tx));
  g_assert_cmpstr (second->value, ==, "+351 111 111");
  g_assert_true (second->mine && !second->shown);
  g_assert_cmpstr (both, ==, "+351 222 222 / +351 111 111");
  g_assert_true (tessera_disagreement_get_mine (one, &value, error));
  g_assert_cmpstr (value, ==, "+351 111 111");
  g_assert_true (tessera_disagreement_get_theirs (one, &value, error));
  g_assert_cmpstr (value, ==, "+351 222 222");
  return TRUE;
}

static gboolean
keep_mine (TesseraTransaction *tx, gpointer data, GError **error) {
  World *world = data;
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);
  g_autoptr (TesseraRecord) client = NULL;
  g_autoptr (GPtrArray) settled = NULL;
  GError *again = NULL;

  g_assert_true (tessera_disagreement_settle (tx, one, "+351 111 111", error));
  client = tessera_transaction_find (tx, "client", world->client);
  g_assert_cmpstr (tessera_record_get (client, "phone"), ==, "+351 111 111");
  g_assert_cmpuint (tessera_disagreement_count (tx), ==, 0);
  settled = tessera_disagreement_list_settled (tx, 10, error);
  g_assert_cmpuint (settled->len, ==, 1);
  g_assert_cmpstr (((TesseraDisagreement *) settled->pdata[0])->resolved_on, ==, tessera_transaction_get_device (tx));
  g_assert_cmpstr (((TesseraVersion *) ((TesseraDisagreement *) settled->pdata[0])->versions->pdata[0])->value, ==,
                   "+351 111 111");
  g_assert_false (tessera_disagreement_settle (tx, one, "+351 222 222", &again));
  g_assert_error (again, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (&again);
  return TRUE;
}

static void
test_phone (Fixture *fixture, gconstpointer data) {
  g_auto (World) world = { 0 };

  world_init (&world, fixture, "phone", "+351 111 111", "+351 222 222");
  run (fixture, look_at_phone, &world);
  run (fixture, keep_mine, &world);
}

/* ---- what cannot be both ---- */

static gboolean
look_at_birth (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);

  g_assert_null (tessera_disagreement_join (one));
  g_assert_true (tessera_disagreement_may_write (one));
  g_assert_true (tessera_disagreement_settle (tx, one, "1990-03-03", error));
  g_assert_cmpuint (tessera_disagreement_count (tx), ==, 0);
  return TRUE;
}

static void
test_birth (Fixture *fixture, gconstpointer data) {
  g_auto (World) world = { 0 };

  world_init (&world, fixture, "birth_date", "1990-01-01", "1990-02-02");
  run (fixture, look_at_birth, &world);
}

/* ---- somebody emptied it ---- */

static gboolean
look_at_emptied (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);
  const char *value = "";

  g_assert_true (tessera_disagreement_get_theirs (one, &value, error));
  g_assert_null (value);
  g_assert_true (tessera_disagreement_settle (tx, one, NULL, error));
  g_assert_cmpuint (tessera_disagreement_count (tx), ==, 0);
  return TRUE;
}

static void
test_emptied (Fixture *fixture, gconstpointer data) {
  g_auto (World) world = { 0 };

  world_init (&world, fixture, "address", "Sample Street 1", NULL);
  run (fixture, look_at_emptied, &world);
}

/* ---- three laptops ---- */

static gboolean
look_at_three (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);
  g_autofree char *both = tessera_disagreement_join (one);
  const char *value = NULL;
  GError *ambiguous = NULL;

  g_assert_cmpuint (one->versions->len, ==, 3);
  g_assert_false (tessera_disagreement_get_theirs (one, &value, &ambiguous));
  g_assert_error (ambiguous, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_AMBIGUOUS);
  g_assert_nonnull (strstr (ambiguous->message, "Street 3"));
  g_clear_error (&ambiguous);
  g_assert_nonnull (strstr (both, "\n"));
  g_assert_true (tessera_disagreement_settle (tx, one, both, error));
  return TRUE;
}

static void
test_three (Fixture *fixture, gconstpointer data) {
  g_auto (World) world = { 0 };

  world_init (&world, fixture, "address", "Sample Street 1", "Sample Street 2");
  world.value = "Sample Street 3";
  run (fixture, write_others, &world);
  run (fixture, look_at_three, &world);
}

/* ---- asking ---- */

static gboolean
ask_twice (TesseraTransaction *tx, gpointer data, GError **error) {
  World *world = data;
  g_autoptr (TesseraDisagreement) one = get_only (tx, error);
  g_autoptr (GPtrArray) tasks = NULL;
  const char *text = NULL;

  g_assert_true (tessera_disagreement_ask (tx, one, error));
  g_assert_true (tessera_disagreement_ask (tx, one, error));
  tasks = tessera_intake_select (tx, "task", world->client, "AND done_at IS NULL", error);
  g_assert_cmpuint (tasks->len, ==, 1);
  text = tessera_record_get (tasks->pdata[0], "text");
  g_assert_nonnull (strstr (text, "Health"));
  /* A task may be shared where the health of somebody may not. */
  g_assert_null (strstr (text, "inhaler"));
  g_assert_cmpuint (tessera_disagreement_count (tx), ==, 1);
  return TRUE;
}

static void
test_ask (Fixture *fixture, gconstpointer data) {
  g_auto (World) world = { 0 };

  world_init (&world, fixture, "health_note", "Has an inhaler.", "Lost the inhaler.");
  run (fixture, ask_twice, &world);
}

int
main (int argc, char **argv) {
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = { { "/disagreement/phone", test_phone },
                { "/disagreement/birth", test_birth },
                { "/disagreement/emptied", test_emptied },
                { "/disagreement/three", test_three },
                { "/disagreement/ask", test_ask } };

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, casework_set_up, tests[i].test, casework_tear_down);
  return g_test_run ();
}
