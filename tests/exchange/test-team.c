/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-team.c: laptops of one organization exchange sealed bundles: joining by invitation, snapshot, changes both ways,
 * acknowledgements, gaps, conflicts, an erased client, a revoked laptop, and everything a hostile carrier can try.
 */
#include <locale.h>
#include <string.h>

#include "team-fixture.h"
#include "tessera-erasing.h"
#include "tessera-fixture.h"
#include "tessera-identifier.h"
#include "tessera-identity-private.h"
#include "tessera-merge.h"
#include "tessera-team.h"

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

  team_run (laptop, count_conflicts, &count);
  return count;
}

static void
assert_phone (Laptop *laptop, const char *id, const char *expected) {
  Client client = { .id = id };

  team_run (laptop, read_phone, &client);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  assert_phone (&b, id, "+000 1");
  client.id = id;
  client.phone = "+000 2";
  team_run (&b, edit_phone, &client);
  team_exchange (&carrier, laptops, 2, 1);
  assert_phone (&a, id, "+000 2");
  /* A third one comes later, and what the second wrote before it knew of it comes too. */
  team_add_laptop (&a, &c, "Mina Test", "supervisor");
  client.phone = "+000 3";
  team_run (&b, edit_phone, &client);
  team_send (&b, &carrier);
  team_exchange (&carrier, laptops, 3, 3);
  assert_phone (&c, id, "+000 3");
  client.phone = "+000 4";
  team_run (&c, edit_phone, &client);
  team_exchange (&carrier, laptops, 3, 1);
  assert_phone (&a, id, "+000 4");
  assert_phone (&b, id, "+000 4");
  g_assert_cmpint (conflicts (&a), ==, 0);
  team_close_laptop (&c);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

static void
test_conflict (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  client.id = id;
  client.phone = "+000 2";
  team_run (&a, edit_phone, &client);
  client.phone = "+000 3";
  team_run (&b, edit_phone, &client);
  team_exchange (&carrier, laptops, 2, 1);
  g_assert_cmpint (conflicts (&a), ==, 1);
  g_assert_cmpint (conflicts (&b), ==, 1);
  client.phone = "+000 5";
  team_run (&b, edit_phone, &client);
  team_exchange (&carrier, laptops, 2, 1);
  g_assert_cmpint (conflicts (&a), ==, 0);
  g_assert_cmpint (conflicts (&b), ==, 0);
  assert_phone (&a, id, "+000 5");
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  client.id = id;
  n = carrier.paths->len;
  client.phone = "+000 2";
  team_run (&a, edit_phone, &client);
  g_assert_cmpuint (team_send (&a, &carrier), ==, 1);
  client.phone = "+000 3";
  team_run (&a, edit_phone, &client);
  g_assert_cmpuint (team_send (&a, &carrier), ==, 1);
  early = team_take (&b, carrier.paths->pdata[n + 1]);
  g_assert_cmpint (early->state, ==, TESSERA_ARRIVAL_PARKED);
  g_assert_nonnull (early->reason);
  assert_phone (&b, id, "+000 1");
  late = team_take (&b, carrier.paths->pdata[n]);
  g_assert_cmpint (late->state, ==, TESSERA_ARRIVAL_APPLIED);
  assert_phone (&b, id, "+000 3");
  again = team_take (&b, carrier.paths->pdata[n]);
  g_assert_cmpint (again->state, ==, TESSERA_ARRIVAL_KNOWN);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_run (laptop, read_erasures, &states);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  assert_phone (&b, id, "+000 1");
  /* Its snapshot is sealed, and carried by hand, before the client is erased. */
  team_add_laptop (&a, &c, "Mina Test", "worker");
  g_assert_cmpuint (team_send (&a, &carrier), >, 0);
  team_keep_copies (&a, &carrier);
  team_run (&a, erase, id);
  g_assert_true (tessera_exchange_finish_erasing (a.store, NULL, NULL, NULL));
  assert_erased_on (&a, 1);
  client.id = id;
  client.phone = "+000 9";
  team_run (&b, edit_phone, &client);
  team_run (&b, visit_again, id);
  team_fetch (&c, &carrier);
  assert_phone (&c, id, "+000 1");
  team_exchange (&carrier, laptops, 3, 4);
  for (guint again = 0; again < 2; again++) {
    for (guint i = 0; i < 3; i++) {
      assert_phone (laptops[i], id, NULL);
      team_run (laptops[i], count_all_visits, &visits);
      g_assert_cmpint (visits, ==, 0);
      laptops[i]->n_taken = 0;
      team_fetch (laptops[i], &carrier);
    }
  }
  assert_erased_on (&a, 3);
  team_close_laptop (&c);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_drop_copies (&carrier);
  team_carrier_clear (&carrier);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_add_laptop (&a, &c, "Mina Test", "worker");
  team_exchange (&carrier, laptops, 3, 3);
  /* What the lost laptop writes reaches one colleague before the news does. */
  client.id = id;
  client.phone = "+000 6";
  team_run (&b, edit_phone, &client);
  n = carrier.paths->len;
  team_send (&b, &carrier);
  team_fetch (&c, &carrier);
  assert_phone (&c, id, "+000 6");
  team_run (&a, revoke_second, (gpointer) "Omar Test");
  team_send (&a, &carrier);
  arrival = team_take (&a, carrier.paths->pdata[n]);
  g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_REFUSED);
  team_fetch (&c, &carrier);
  assert_phone (&c, id, "+000 1");
  assert_phone (&a, id, "+000 1");
  team_close_laptop (&c);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_run (laptop, count_visits, &client);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  everybodys = g_steal_pointer (&client.found);
  team_run (&a, add_teams, NULL);
  team_add_laptop_to (&a, &north, "Omar Test", "worker", "North");
  team_add_laptop_to (&a, &south, "Mina Test", "worker", "South");
  team_exchange (&carrier, laptops, 3, 3);
  /* Who belongs to no team is known to those only who hold everybody. */
  assert_phone (&north, everybodys, NULL);
  team_run (&north, add_client, &client);
  norths = g_steal_pointer (&client.found);
  client.id = norths;
  team_run (&north, add_visit, &client);
  team_exchange (&carrier, laptops, 3, 2);
  assert_phone (&a, norths, "+000 1");
  assert_phone (&south, norths, NULL);
  /* The client moves to the other town; what was written meanwhile in the first is not lost. */
  client.name = "South";
  team_run (&a, move, &client);
  client.phone = "+000 2";
  team_run (&north, edit_phone, &client);
  team_run (&north, add_visit, &client);
  team_exchange (&carrier, laptops, 3, 4);
  assert_phone (&a, norths, "+000 2");
  assert_phone (&south, norths, "+000 2");
  assert_visits (&south, norths, 2);
  assert_phone (&north, norths, NULL);
  team_run (&north, count_bodies, &client);
  g_assert_cmpint (client.count, ==, 0);
  /* And back, with what the second team wrote. */
  team_run (&south, add_visit, &client);
  client.name = "North";
  team_exchange (&carrier, laptops, 3, 1);
  team_run (&a, move, &client);
  team_exchange (&carrier, laptops, 3, 4);
  assert_phone (&north, norths, "+000 2");
  assert_visits (&north, norths, 3);
  assert_phone (&south, norths, NULL);
  team_close_laptop (&south);
  team_close_laptop (&north);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_found (&other);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  client.id = id;
  client.phone = "+000 2";
  team_run (&a, edit_phone, &client);
  n = carrier.paths->len;
  team_send (&a, &carrier);
  g_assert_true (g_file_get_contents (carrier.paths->pdata[n], &contents, &size, NULL));
  bad = g_build_filename (b.folder, "bad.age", NULL);
  for (guint i = 0; i < 200; i++) {
    gsize place = (size * i) / 200;
    g_autoptr (TesseraArrival) arrival = NULL;

    contents[place] ^= 0x20;
    g_assert_true (g_file_set_contents (bad, contents, (gssize) size, NULL));
    contents[place] ^= 0x20;
    arrival = team_take (&b, bad);
    g_assert_cmpint (arrival->state, !=, TESSERA_ARRIVAL_APPLIED);
    g_assert_nonnull (arrival->reason);
  }
  assert_phone (&b, id, "+000 1");
  /* To somebody it was not sealed to, it says nothing. */
  {
    g_autoptr (TesseraArrival) arrival = team_take (&other, carrier.paths->pdata[n]);

    g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_REFUSED);
  }
  team_close_laptop (&other);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  today = tessera_instant_format (tessera_now ());
  g_setenv ("TESSERA_NOW", "2099-01-01T00:00:00Z", TRUE);
  client.id = id;
  client.phone = "+000 7";
  team_run (&b, edit_phone, &client);
  n = carrier.paths->len;
  g_setenv ("TESSERA_NOW", today, TRUE);
  team_send (&b, &carrier);
  arrival = team_take (&a, carrier.paths->pdata[n]);
  g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_PARKED);
  assert_phone (&a, id, "+000 1");
  team_run (&a, trust_clock, (gpointer) "Omar Test");
  g_assert_true (tessera_exchange_retry_parked (a.store, &applied, &error));
  g_assert_cmpuint (applied, ==, 1);
  assert_phone (&a, id, "+000 7");
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* Somebody shows a laptop the mailbox of long ago: everything in it is known, and nothing goes back. */
static void
test_old_mailbox (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  client.id = id;
  for (guint i = 2; i < 5; i++) {
    g_autofree char *phone = g_strdup_printf ("+000 %u", i);

    client.phone = phone;
    team_run (&a, edit_phone, &client);
    team_exchange (&carrier, laptops, 2, 1);
  }
  assert_phone (&b, id, "+000 4");
  for (guint i = 0; i < carrier.paths->len; i++) {
    g_autoptr (TesseraArrival) arrival = NULL;

    if (g_str_has_prefix (carrier.paths->pdata[i], b.folder))
      continue;
    arrival = team_take (&b, carrier.paths->pdata[i]);
    g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_KNOWN);
    g_assert_cmpint (arrival->n_changes, ==, 0);
  }
  assert_phone (&b, id, "+000 4");
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_many, NULL);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_send (&a, &carrier);
  team_fetch (&b, &carrier);
  b.n_taken = 0;
  team_run (&b, count_clients, &count);
  g_assert_cmpint (count, ==, 2000);
  team_close_laptop (&b);
  /* Another one, whose import is broken off four times. */
  team_add_laptop (&a, &b, "Mina Test", "worker");
  team_send (&a, &carrier);
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
      team_run (&b, count_clients, &count);
      g_assert_cmpint (count, ==, 0);
    }
  }
  team_fetch (&b, &carrier);
  team_run (&b, count_clients, &count);
  g_assert_cmpint (count, ==, 2000);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* A supervisor no longer is one, but has not heard of it, or will not: the old roster that is named does not help. */
static gboolean
demote (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_team_set_role (transaction, data, "worker", error);
}

static void
test_demoted (void) {
  Laptop a, c;
  Laptop *const laptops[] = { &a, &c };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;
  g_autoptr (TesseraArrival) arrival = NULL;
  guint n;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &c, "Mina Test", "supervisor");
  team_exchange (&carrier, laptops, 2, 2);
  team_run (&a, demote, (gpointer) "Mina Test");
  team_run (&c, erase, id);
  n = carrier.paths->len;
  team_send (&c, &carrier);
  arrival = team_take (&a, carrier.paths->pdata[n]);
  g_assert_cmpint (arrival->state, ==, TESSERA_ARRIVAL_QUARANTINED);
  assert_phone (&a, id, "+000 1");
  team_close_laptop (&c);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* What a partner sent about one person is a single field of a row, and may be large; it holds up nobody. */
static gboolean
write_much (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_load (transaction, "client", data, error);
  g_autofree char *text = g_strnfill (3 << 20, '"');

  if (!client)
    return FALSE;
  tessera_record_set (client, "notes", text);
  return tessera_transaction_save (transaction, client, error);
}

static gboolean
read_much (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_load (transaction, "client", data, error);

  g_assert_nonnull (client);
  g_assert_cmpuint (strlen (tessera_record_get (client, "notes")), ==, 3 << 20);
  return TRUE;
}

static void
test_large (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  Client client = { .name = "Amal Test" };
  g_autofree char *id = NULL;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  id = g_steal_pointer (&client.found);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  team_run (&a, write_much, id);
  team_exchange (&carrier, laptops, 2, 1);
  team_run (&b, read_much, id);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
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
  g_test_add_func ("/team/demoted", test_demoted);
  g_test_add_func ("/team/large", test_large);
  g_test_add_func ("/team/broken-off", test_broken_off);
  return g_test_run ();
}
