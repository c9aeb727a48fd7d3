/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-team.c: laptops of one organization exchange sealed bundles: joining by invitation, snapshot, changes both ways,
 * acknowledgements, gaps, conflicts, an erased client, a revoked laptop, and everything a hostile carrier can try.
 */
#include <locale.h>
#include <string.h>

#include "tessera-erasing.h"
#include "tessera-exchange.h"
#include "tessera-fixture.h"
#include "tessera-identifier.h"
#include "tessera-identity-private.h"
#include "tessera-joining.h"
#include "tessera-merge.h"
#include "tessera-team.h"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
  guint n_taken;               /* files of the post that it looked at */
} Laptop;

typedef struct {
  GPtrArray *paths;            /* of files on the carrier, in the order they came */
  GHashTable *names;
  char *copies;        /* folder of files that their author no longer has; NULL for none */
} Carrier;

typedef gboolean (*Func) (TesseraTransaction *transaction, gpointer data, GError **error);

static void
run (Laptop *laptop, Func func, gpointer data) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_store_write (laptop->store, func, data, &error));
  g_assert_no_error (error);
}

static void
set_worker (Laptop *laptop, TesseraRecord *worker) {
  tessera_store_set_worker (laptop->store, tessera_record_get_id (worker));
}

static gboolean
create_organization (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraRecord **worker = data;
  TesseraIdentityFacts facts = { .organization = "Harbour Aid", .worker = "Sara Test", .role = "supervisor",
                                 .language = "en" };

  *worker = tessera_identity_create (transaction, &facts, error);
  return *worker != NULL;
}

static void
open_laptop (Laptop *laptop) {
  laptop->folder = fixture_make_folder ();
  laptop->vault = fixture_create_vault (laptop->folder);
  laptop->store = fixture_open_store (laptop->vault);
  laptop->n_taken = 0;
}

static void
close_laptop (Laptop *laptop) {
  fixture_close (&laptop->store, &laptop->vault);
  fixture_remove_folder (laptop->folder);
  g_free (laptop->folder);
}

/* ---- joining ---- */

typedef struct {
  const char *name;
  const char *role;
  char *request;
  char *invitation;
  const char *const *circles;
} Joining;

static gboolean
ask (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;
  TesseraJoiningFacts facts = { .worker = joining->name, .language = "en" };

  if (!tessera_joining_prepare (transaction, &facts, error))
    return FALSE;
  joining->request = tessera_joining_request (transaction, NULL, error);
  return joining->request != NULL;
}

static gboolean
admit (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;
  TesseraAdmission admission = { .role = joining->role, .circles = joining->circles };

  joining->invitation = tessera_joining_admit (transaction, joining->request, strlen (joining->request), &admission,
                                               NULL, error);
  return joining->invitation != NULL;
}

static gboolean
join (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;

  return tessera_joining_join (transaction, joining->invitation, strlen (joining->invitation), NULL, error);
}

static void
add_laptop_to (Laptop *supervisor, Laptop *laptop, const char *name, const char *role, const char *circle) {
  const char *circles[] = { circle, NULL };
  Joining joining = { name, role, NULL, NULL, circle ? circles : NULL };

  open_laptop (laptop);
  run (laptop, ask, &joining);
  run (supervisor, admit, &joining);
  run (laptop, join, &joining);
  g_free (joining.request);
  g_free (joining.invitation);
}

static void
add_laptop (Laptop *supervisor, Laptop *laptop, const char *name, const char *role) {
  add_laptop_to (supervisor, laptop, name, role, NULL);
}

static void
found (Laptop *laptop) {
  g_autoptr (TesseraRecord) worker = NULL;

  open_laptop (laptop);
  run (laptop, create_organization, &worker);
  set_worker (laptop, worker);
}

/* ---- carrying ---- */

static void
carrier_init (Carrier *carrier) {
  carrier->paths = g_ptr_array_new_with_free_func (g_free);
  carrier->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  carrier->copies = NULL;
}

static void
carrier_clear (Carrier *carrier) {
  g_ptr_array_unref (carrier->paths);
  g_hash_table_unref (carrier->names);
}

static guint
send (Laptop *laptop, Carrier *carrier) {
  g_autofree char *outbox = g_build_filename (laptop->folder, "outbox", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;
  guint count;

  g_assert_true (tessera_exchange_seal_waiting (laptop->store, &count, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  folder = g_dir_open (outbox, 0, NULL);
  while (folder && (name = g_dir_read_name (folder)))
    if (tessera_bundle_is_name (name) && g_hash_table_add (carrier->names, g_strdup (name)))
      g_ptr_array_add (carrier->paths, g_build_filename (outbox, name, NULL));
  return count;
}

/* The author takes files back that carry somebody who was erased; this keeps them as somebody would who has a copy. */
static void
keep_copies (Laptop *laptop, Carrier *carrier) {
  if (!carrier->copies)
    carrier->copies = g_dir_make_tmp ("tessera-copies-XXXXXX", NULL);
  for (guint i = 0; i < carrier->paths->len; i++) {
    g_autofree char *name = g_path_get_basename (carrier->paths->pdata[i]);
    g_autofree char *contents = NULL;
    gsize size;

    if (!g_str_has_prefix (carrier->paths->pdata[i], laptop->folder)
        || !g_file_get_contents (carrier->paths->pdata[i], &contents, &size, NULL))
      continue;
    g_free (carrier->paths->pdata[i]);
    carrier->paths->pdata[i] = g_build_filename (carrier->copies, name, NULL);
    g_assert_true (g_file_set_contents (carrier->paths->pdata[i], contents, (gssize) size, NULL));
  }
}

static void
drop_copies (Carrier *carrier) {
  if (carrier->copies)
    fixture_remove_folder (carrier->copies);
  g_clear_pointer (&carrier->copies, g_free);
}

static TesseraArrival *
take (Laptop *laptop, const char *path) {
  g_autoptr (GError) error = NULL;
  TesseraArrival *arrival = tessera_exchange_take_in (laptop->store, path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return arrival;
}

/* Everything on the carrier that this laptop has not looked at; its own and others' too. */
static gint64
fetch (Laptop *laptop, Carrier *carrier) {
  gint64 n_changes = 0;

  for (; laptop->n_taken < carrier->paths->len; laptop->n_taken++) {
    const char *path = carrier->paths->pdata[laptop->n_taken];
    g_autoptr (TesseraArrival) arrival = NULL;

    if (g_str_has_prefix (path, laptop->folder) || !g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    arrival = take (laptop, path);
    n_changes += arrival->n_changes;
  }
  return n_changes;
}

/* An hour later, so that nobody finds it too early to say what they have. */
static void
let_time_pass (void) {
  g_autofree char *now = tessera_instant_format (tessera_now () + 3600000);

  g_setenv ("TESSERA_NOW", now, TRUE);
}

static void
exchange (Carrier *carrier, Laptop *const *laptops, guint n_laptops, guint rounds) {
  for (guint round = 0; round < rounds; round++) {
    let_time_pass ();
    for (guint i = 0; i < n_laptops; i++)
      send (laptops[i], carrier);
    for (guint i = 0; i < n_laptops; i++)
      fetch (laptops[i], carrier);
  }
}

/* ---- what is there ---- */

typedef struct {
  const char *id;
  const char *name;
  const char *phone;
  char *found;
  gint64 count;
} Client;

static gboolean
add_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraRecord) record = tessera_transaction_new_record (transaction, "client");

  tessera_record_set (record, "name", client->name);
  tessera_record_set (record, "phone", "+000 1");
  tessera_record_set (record, "languages", "ar,fr");
  client->found = g_strdup (tessera_record_get_id (record));
  return tessera_transaction_save (transaction, record, error);
}

static gboolean
edit_phone (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraRecord) record = tessera_transaction_load (transaction, "client", client->id, error);

  if (!record)
    return FALSE;
  tessera_record_set (record, "phone", client->phone);
  return tessera_transaction_save (transaction, record, error);
}

static gboolean
read_phone (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraRecord) record = tessera_transaction_find (transaction, "client", client->id);

  g_clear_pointer (&client->found, g_free);
  client->found = record ? g_strdup (tessera_record_get (record, "phone")) : NULL;
  return TRUE;
}

static gboolean
count_conflicts (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) FROM \"conflict\" WHERE resolved_at IS NULL", error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  *(gint64 *) data = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static gint64
conflicts (Laptop *laptop) {
  gint64 count;

  run (laptop, count_conflicts, &count);
  return count;
}

static void
assert_phone (Laptop *laptop, const char *id, const char *expected) {
  Client client = { .id = id };

  run (laptop, read_phone, &client);
  g_assert_cmpstr (client.found, ==, expected);
  g_free (client.found);
}

static gboolean
erase (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_transaction_erase (transaction, data, "asked", error);
}

/* ---- tests ---- */

static void
test_joining (void) {
  Laptop a, b, c;
  Laptop *const laptops[] = { &a, &b, &c };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  assert_phone (&b, id, "+000 1");
  client.id = id;
  client.phone = "+000 2";
  run (&b, edit_phone, &client);
  exchange (&carrier, laptops, 2, 1);
  assert_phone (&a, id, "+000 2");
  /* A third one comes later, and what the second wrote before it knew of it comes too. */
  add_laptop (&a, &c, "Mina Test", "supervisor");
  client.phone = "+000 3";
  run (&b, edit_phone, &client);
  send (&b, &carrier);
  exchange (&carrier, laptops, 3, 3);
  assert_phone (&c, id, "+000 3");
  client.phone = "+000 4";
  run (&c, edit_phone, &client);
  exchange (&carrier, laptops, 3, 1);
  assert_phone (&a, id, "+000 4");
  assert_phone (&b, id, "+000 4");
  g_assert_cmpint (conflicts (&a), ==, 0);
  close_laptop (&c);
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

static void
test_conflict (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  client.id = id;
  client.phone = "+000 2";
  run (&a, edit_phone, &client);
  client.phone = "+000 3";
  run (&b, edit_phone, &client);
  exchange (&carrier, laptops, 2, 1);
  g_assert_cmpint (conflicts (&a), ==, 1);
  g_assert_cmpint (conflicts (&b), ==, 1);
  client.phone = "+000 5";
  run (&b, edit_phone, &client);
  exchange (&carrier, laptops, 2, 1);
  g_assert_cmpint (conflicts (&a), ==, 0);
  g_assert_cmpint (conflicts (&b), ==, 0);
  assert_phone (&a, id, "+000 5");
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* The first of two bundles is lost for a while. */
static void
test_gap (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  g_autoptr (TesseraArrival) early = NULL;
  g_autoptr (TesseraArrival) late = NULL;
  g_autoptr (TesseraArrival) again = NULL;
  guint n;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  client.id = id;
  n = carrier.paths->len;
  client.phone = "+000 2";
  run (&a, edit_phone, &client);
  g_assert_cmpuint (send (&a, &carrier), ==, 1);
  client.phone = "+000 3";
  run (&a, edit_phone, &client);
  g_assert_cmpuint (send (&a, &carrier), ==, 1);
  early = take (&b, carrier.paths->pdata[n + 1]);
  g_assert_cmpint (early->state, ==, TESSERA_ARRIVAL_PARKED);
  g_assert_nonnull (early->reason);
  assert_phone (&b, id, "+000 1");
  late = take (&b, carrier.paths->pdata[n]);
  g_assert_cmpint (late->state, ==, TESSERA_ARRIVAL_APPLIED);
  assert_phone (&b, id, "+000 3");
  again = take (&b, carrier.paths->pdata[n]);
  g_assert_cmpint (again->state, ==, TESSERA_ARRIVAL_KNOWN);
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

static gboolean
visit_again (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (transaction, "visit");

  tessera_record_set (visit, "client", data);
  tessera_record_set_integer (visit, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (visit, "how", "phone");
  tessera_record_set (visit, "summary", "Called again");
  return tessera_transaction_save (transaction, visit, error);
}

static gboolean
count_all_visits (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, "SELECT count(*) FROM visit", error);

  *(gint64 *) data = statement && tessera_statement_step (statement, error)
                       ? tessera_statement_get_integer (statement, 0) : -1;
  return TRUE;
}

static gboolean
read_erasures (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray **states = data;

  *states = tessera_exchange_list_erasures (transaction, error);
  return *states != NULL;
}

static void
assert_erased_on (Laptop *laptop, guint n_done) {
  g_autoptr (GPtrArray) states = NULL;
  const TesseraErasureState *state;

  run (laptop, read_erasures, &states);
  g_assert_cmpuint (states->len, ==, 1);
  state = states->pdata[0];
  g_assert_cmpstr (state->reason, ==, "asked");
  g_assert_cmpuint (state->n_devices, ==, 3);
  g_assert_cmpuint (state->n_done, ==, n_done);
}

/* A colleague who was away edits the client and adds a visit; a snapshot from before comes after; everything that was
 * ever sent comes once more. */
static void
test_erased (void) {
  Laptop a, b, c;
  Laptop *const laptops[] = { &a, &b, &c };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  gint64 visits;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  assert_phone (&b, id, "+000 1");
  /* Its snapshot is sealed, and carried by hand, before the client is erased. */
  add_laptop (&a, &c, "Mina Test", "worker");
  g_assert_cmpuint (send (&a, &carrier), >, 0);
  keep_copies (&a, &carrier);
  run (&a, erase, id);
  g_assert_true (tessera_exchange_finish_erasing (a.store, NULL, NULL, NULL));
  assert_erased_on (&a, 1);
  client.id = id;
  client.phone = "+000 9";
  run (&b, edit_phone, &client);
  run (&b, visit_again, id);
  fetch (&c, &carrier);
  assert_phone (&c, id, "+000 1");
  exchange (&carrier, laptops, 3, 4);
  for (guint again = 0; again < 2; again++) {
    for (guint i = 0; i < 3; i++) {
      assert_phone (laptops[i], id, NULL);
      run (laptops[i], count_all_visits, &visits);
      g_assert_cmpint (visits, ==, 0);
      laptops[i]->n_taken = 0;
      fetch (laptops[i], &carrier);
    }
  }
  assert_erased_on (&a, 3);
  close_laptop (&c);
  close_laptop (&b);
  close_laptop (&a);
  drop_copies (&carrier);
  carrier_clear (&carrier);
}

static gboolean
revoke_second (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);

  for (guint i = 0; roster && i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (g_strcmp0 (device->name, data) == 0)
      return tessera_team_revoke (transaction, device->id, 0, error);
  }
  return FALSE;
}

static void
test_revoked (void) {
  Laptop a, b, c;
  Laptop *const laptops[] = { &a, &b, &c };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  g_autoptr (TesseraArrival) arrival = NULL;
  guint n;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  add_laptop (&a, &c, "Mina Test", "worker");
  exchange (&carrier, laptops, 3, 3);
  /* What the lost laptop writes reaches one colleague before the news does. */
  client.id = id;
  client.phone = "+000 6";
  run (&b, edit_phone, &client);
  n = carrier.paths->len;
  send (&b, &carrier);
  fetch (&c, &carrier);
  assert_phone (&c, id, "+000 6");
  run (&a, revoke_second, (gpointer) "Omar Test");
  send (&a, &carrier);
  arrival = take (&a, carrier.paths->pdata[n]);
  g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_REFUSED);
  fetch (&c, &carrier);
  assert_phone (&c, id, "+000 1");
  assert_phone (&a, id, "+000 1");
  close_laptop (&c);
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* ---- teams ---- */

static gboolean
add_teams (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_team_add_circle (transaction, "North", error) && tessera_team_add_circle (transaction, "South", error);
}

static gboolean
move (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;

  return tessera_team_move_client (transaction, client->id, client->name, error);
}

static gboolean
add_visit (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (transaction, "visit");

  tessera_record_set (visit, "client", client->id);
  tessera_record_set_integer (visit, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (visit, "how", "desk");
  tessera_record_set (visit, "summary", "Marker of a visit");
  return tessera_transaction_save (transaction, visit, error);
}

static gboolean
count_visits (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) FROM visit WHERE client = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, client->id);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  client->count = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static void
assert_visits (Laptop *laptop, const char *id, gint64 expected) {
  Client client = { .id = id };

  run (laptop, count_visits, &client);
  g_assert_cmpint (client.count, ==, expected);
}

/* Nothing about this client is left in the log of that laptop. */
static gboolean
count_bodies (TesseraTransaction *transaction, gpointer data, GError **error) {
  Client *client = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) FROM change WHERE subject = ?1 AND (body IS NOT NULL OR kind <> 5)", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, client->id);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  client->count = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static void
test_teams (void) {
  Laptop a, north, south;
  Laptop *const laptops[] = { &a, &north, &south };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *everybodys = NULL;
  g_autofree char *norths = NULL;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  everybodys = g_steal_pointer (&client.found);
  run (&a, add_teams, NULL);
  add_laptop_to (&a, &north, "Omar Test", "worker", "North");
  add_laptop_to (&a, &south, "Mina Test", "worker", "South");
  exchange (&carrier, laptops, 3, 3);
  /* Who belongs to no team is known to those only who hold everybody. */
  assert_phone (&north, everybodys, NULL);
  run (&north, add_client, &client);
  norths = g_steal_pointer (&client.found);
  client.id = norths;
  run (&north, add_visit, &client);
  exchange (&carrier, laptops, 3, 2);
  assert_phone (&a, norths, "+000 1");
  assert_phone (&south, norths, NULL);
  /* The client moves to the other town; what was written meanwhile in the first is not lost. */
  client.name = "South";
  run (&a, move, &client);
  client.phone = "+000 2";
  run (&north, edit_phone, &client);
  run (&north, add_visit, &client);
  exchange (&carrier, laptops, 3, 4);
  assert_phone (&a, norths, "+000 2");
  assert_phone (&south, norths, "+000 2");
  assert_visits (&south, norths, 2);
  assert_phone (&north, norths, NULL);
  run (&north, count_bodies, &client);
  g_assert_cmpint (client.count, ==, 0);
  /* And back, with what the second team wrote. */
  run (&south, add_visit, &client);
  client.name = "North";
  exchange (&carrier, laptops, 3, 1);
  run (&a, move, &client);
  exchange (&carrier, laptops, 3, 4);
  assert_phone (&north, norths, "+000 2");
  assert_visits (&north, norths, 3);
  assert_phone (&south, norths, NULL);
  close_laptop (&south);
  close_laptop (&north);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* ---- hostile carriers ---- */

static void
test_hostile (void) {
  Laptop a, b, other;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *contents = NULL;
  gsize size;
  guint n;

  carrier_init (&carrier);
  found (&a);
  found (&other);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  client.id = id;
  client.phone = "+000 2";
  run (&a, edit_phone, &client);
  n = carrier.paths->len;
  send (&a, &carrier);
  g_assert_true (g_file_get_contents (carrier.paths->pdata[n], &contents, &size, NULL));
  bad = g_build_filename (b.folder, "bad.age", NULL);
  for (guint i = 0; i < 200; i++) {
    gsize place = (size * i) / 200;
    g_autoptr (TesseraArrival) arrival = NULL;

    contents[place] ^= 0x20;
    g_assert_true (g_file_set_contents (bad, contents, (gssize) size, NULL));
    contents[place] ^= 0x20;
    arrival = take (&b, bad);
    g_assert_cmpint (arrival->state, !=, TESSERA_ARRIVAL_APPLIED);
    g_assert_nonnull (arrival->reason);
  }
  assert_phone (&b, id, "+000 1");
  /* To somebody it was not sealed to, it says nothing. */
  {
    g_autoptr (TesseraArrival) arrival = take (&other, carrier.paths->pdata[n]);

    g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_REFUSED);
  }
  close_laptop (&other);
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* A laptop whose clock stands in 2099: what it writes waits, changes nothing, and is not lost. */
static gboolean
trust_clock (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_team_trust_clock (transaction, data, error);
}

static void
test_clock (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  g_autofree char *today = NULL;
  g_autoptr (TesseraArrival) arrival = NULL;
  guint n, applied = 0;
  g_autoptr (GError) error = NULL;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  today = tessera_instant_format (tessera_now ());
  g_setenv ("TESSERA_NOW", "2099-01-01T00:00:00Z", TRUE);
  client.id = id;
  client.phone = "+000 7";
  run (&b, edit_phone, &client);
  n = carrier.paths->len;
  g_setenv ("TESSERA_NOW", today, TRUE);
  send (&b, &carrier);
  arrival = take (&a, carrier.paths->pdata[n]);
  g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_PARKED);
  assert_phone (&a, id, "+000 1");
  run (&a, trust_clock, (gpointer) "Omar Test");
  g_assert_true (tessera_exchange_retry_parked (a.store, &applied, &error));
  g_assert_cmpuint (applied, ==, 1);
  assert_phone (&a, id, "+000 7");
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* Somebody shows a laptop the mailbox of long ago: everything in it is known, and nothing goes back. */
static void
test_old_mailbox (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  add_laptop (&a, &b, "Omar Test", "worker");
  exchange (&carrier, laptops, 2, 2);
  client.id = id;
  for (guint i = 2; i < 5; i++) {
    g_autofree char *phone = g_strdup_printf ("+000 %u", i);

    client.phone = phone;
    run (&a, edit_phone, &client);
    exchange (&carrier, laptops, 2, 1);
  }
  assert_phone (&b, id, "+000 4");
  for (guint i = 0; i < carrier.paths->len; i++) {
    g_autoptr (TesseraArrival) arrival = NULL;

    if (g_str_has_prefix (carrier.paths->pdata[i], b.folder))
      continue;
    arrival = take (&b, carrier.paths->pdata[i]);
    g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_KNOWN);
    g_assert_cmpint (arrival->n_changes, ==, 0);
  }
  assert_phone (&b, id, "+000 4");
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

/* Everything again after each of many attempts that were broken off in the middle. */
static void
stop_at (goffset done, goffset total, gpointer data) {
  gpointer *arguments = data;

  if (done >= GPOINTER_TO_INT (arguments[1]))
    g_cancellable_cancel (arguments[0]);
}

static gboolean
add_many (TesseraTransaction *transaction, gpointer data, GError **error) {
  for (guint i = 0; i < 2000; i++) {
    g_autofree char *name = g_strdup_printf ("Test Person %u", i);
    Client client = { .name = name };

    if (!add_client (transaction, &client, error))
      return FALSE;
    g_free (client.found);
  }
  return TRUE;
}

static gboolean
count_clients (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, "SELECT count(*) FROM client", error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  *(gint64 *) data = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static void
test_broken_off (void) {
  Laptop a, b;
  Carrier carrier;
  gint64 count;

  carrier_init (&carrier);
  found (&a);
  run (&a, add_many, NULL);
  add_laptop (&a, &b, "Omar Test", "worker");
  send (&a, &carrier);
  fetch (&b, &carrier);
  b.n_taken = 0;
  run (&b, count_clients, &count);
  g_assert_cmpint (count, ==, 2000);
  close_laptop (&b);
  /* Another one, whose import is broken off four times. */
  add_laptop (&a, &b, "Mina Test", "worker");
  send (&a, &carrier);
  for (guint i = 0; i < carrier.paths->len; i++) {
    for (int limit = 256; limit <= 1600; limit += 400) {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      gpointer arguments[] = { cancellable, GINT_TO_POINTER (limit) };
      g_autoptr (GError) error = NULL;
      g_autoptr (TesseraArrival) arrival = tessera_exchange_take_in (b.store, carrier.paths->pdata[i], stop_at, arguments,
                                                                     cancellable, &error);

      if (arrival)
        continue;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      run (&b, count_clients, &count);
      g_assert_cmpint (count, ==, 0);
    }
  }
  fetch (&b, &carrier);
  run (&b, count_clients, &count);
  g_assert_cmpint (count, ==, 2000);
  close_laptop (&b);
  close_laptop (&a);
  carrier_clear (&carrier);
}

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/team/joining", test_joining);
  g_test_add_func ("/team/conflict", test_conflict);
  g_test_add_func ("/team/gap", test_gap);
  g_test_add_func ("/team/erased", test_erased);
  g_test_add_func ("/team/revoked", test_revoked);
  g_test_add_func ("/team/teams", test_teams);
  g_test_add_func ("/team/hostile", test_hostile);
  g_test_add_func ("/team/clock", test_clock);
  g_test_add_func ("/team/old-mailbox", test_old_mailbox);
  g_test_add_func ("/team/broken-off", test_broken_off);
  return g_test_run ();
}
