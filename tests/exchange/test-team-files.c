/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-team-files.c: what is in documents travels between the laptops of an organization: to colleagues, to a new laptop, to
 * another team, early, twice, under a wrong name, and not at all to whom it does not concern.
 */
#include <locale.h>
#include <string.h>

#include "team-fixture.h"
#include "tessera-attachment.h"
#include "tessera-contents.h"
#include "tessera-documents.h"
#include "tessera-erasing.h"
#include "tessera-merge.h"
#include "tessera-team.h"

typedef struct {
  const char *client;
  const char *team;
  char *id;
  TesseraAttachment *content;
  gboolean awaited;
} Paper;

static gboolean
add_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  char **id = data;
  g_autoptr (TesseraRecord) record = tessera_transaction_new_record (transaction, "client");

  tessera_record_set (record, "name", "Amal Test");
  *id = g_strdup (tessera_record_get_id (record));
  return tessera_transaction_save (transaction, record, error);
}

static gboolean
save_paper (TesseraTransaction *transaction, gpointer data, GError **error) {
  Paper *paper = data;
  g_autoptr (TesseraRecord) document = tessera_transaction_new_record (transaction, "document");

  tessera_record_set (document, "client", paper->client);
  paper->id = g_strdup (tessera_record_get_id (document));
  return tessera_documents_add (transaction, document, paper->content, "scan.pdf", error);
}

/* As long as several chunks, and every byte says which one it is of. */
static GBytes *
make_content (guint seed, gsize size) {
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (seed * 31 + i * 7 + i / 251);
  return g_bytes_new_take (bytes, size);
}

static char *
add_paper (Laptop *laptop, const char *client, GBytes *content) {
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (content);
  g_autoptr (GError) error = NULL;
  Paper paper = { .client = client };

  paper.content = tessera_store_add_attachment (laptop->store, stream, -1, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  team_run (laptop, save_paper, &paper);
  g_object_unref (paper.content);
  return paper.id;
}

/* ---- what is there ---- */

static gboolean
read_paper (TesseraTransaction *transaction, gpointer data, GError **error) {
  Paper *paper = data;
  g_autoptr (TesseraRecord) document = tessera_transaction_find (transaction, "document", paper->id);

  paper->awaited = document && tessera_documents_is_awaited (transaction, document);
  paper->id = document ? g_strdup (tessera_record_get (document, "attachment")) : NULL;
  return TRUE;
}

static GBytes *
read_content (Laptop *laptop, const char *id) {
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autofree char *attachment = NULL;
  Paper paper = { .id = (char *) id };

  team_run (laptop, read_paper, &paper);
  attachment = paper.id;
  if (!attachment || !tessera_store_copy_attachment (laptop->store, attachment, out, NULL, NULL, NULL, &error)) {
    g_assert_true (!error || g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND));
    return NULL;
  }
  g_output_stream_close (out, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static void
assert_content (Laptop *laptop, const char *id, GBytes *expected) {
  g_autoptr (GBytes) found = read_content (laptop, id);

  if (!expected)
    g_assert_null (found);
  else
    g_assert_true (found && g_bytes_equal (found, expected));
}

static void
assert_awaited (Laptop *laptop, const char *id, gboolean expected) {
  Paper paper = { .id = (char *) id };

  team_run (laptop, read_paper, &paper);
  g_assert_cmpint (paper.awaited, ==, expected);
  g_free (paper.id);
}

static gboolean
verify (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_transaction_verify_attachments (transaction, data, error);
}

static gboolean
count_due (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) FROM content_due WHERE audience <> ''", error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  *(gint64 *) data = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

static gint64
ask (Laptop *laptop, Func func) {
  gint64 count = 0;

  team_run (laptop, func, &count);
  return count;
}

/* ---- tests ---- */

static void
test_colleagues (void) {
  Laptop a, b, c;
  Laptop *const laptops[] = { &a, &b, &c };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *twin = NULL;
  g_autoptr (GBytes) large = make_content (1, 700001);
  g_autoptr (GBytes) small = make_content (2, 10);
  guint n;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  first = add_paper (&a, client, large);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  /* What was there before comes after the snapshot. */
  team_exchange (&carrier, laptops, 2, 2);
  assert_content (&b, first, large);
  second = add_paper (&b, client, small);
  twin = add_paper (&b, client, large);
  team_exchange (&carrier, laptops, 2, 1);
  assert_content (&a, second, small);
  assert_content (&a, twin, large);
  g_assert_cmpint (ask (&a, verify), ==, 2);
  g_assert_cmpint (ask (&b, verify), ==, 2);
  /* Nothing is sent twice. */
  n = carrier.paths->len;
  team_exchange (&carrier, laptops, 2, 3);
  g_assert_cmpint (ask (&a, count_due), ==, 0);
  g_assert_cmpint (ask (&b, count_due), ==, 0);
  g_assert_cmpuint (carrier.paths->len - n, <=, 2);
  /* A third one gets everybody's from the supervisor. */
  team_add_laptop (&a, &c, "Mina Test", "worker");
  team_exchange (&carrier, laptops, 3, 3);
  assert_content (&c, first, large);
  assert_content (&c, second, small);
  assert_content (&c, twin, large);
  team_close_laptop (&c);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* The content is there before its row, and the row before its content. */
static void
test_early (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GBytes) content = make_content (3, 200000);
  guint n;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  id = add_paper (&a, client, content);
  n = carrier.paths->len;
  g_assert_cmpuint (team_send (&a, &carrier), ==, 2);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (TesseraArrival) arrival = team_take (&b, carrier.paths->pdata[n + i]);

    /* Which of the two stands first in the folder is chance. */
    if (i == 0 && arrival->state == TESSERA_ARRIVAL_PARKED)
      g_assert_nonnull (strstr (arrival->reason, "waits"));
    else if (i == 0)
      assert_awaited (&b, id, TRUE);
    if (i == 0)
      g_assert_cmpint (ask (&b, verify), ==, 0);
  }
  assert_content (&b, id, content);
  assert_awaited (&b, id, FALSE);
  {
    g_autoptr (TesseraArrival) again = team_take (&b, carrier.paths->pdata[n]);

    g_assert_cmpint (again->state, ==, TESSERA_ARRIVAL_KNOWN);
  }
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

static gboolean
erase (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_transaction_erase (transaction, data, "asked", error);
}

static void
test_erased (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GBytes) content = make_content (4, 1000);

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  team_add_laptop (&a, &b, "Omar Test", "supervisor");
  team_exchange (&carrier, laptops, 2, 2);
  id = add_paper (&a, client, content);
  team_let_time_pass ();
  team_send (&a, &carrier);
  team_run (&b, erase, client);
  team_fetch (&b, &carrier);
  assert_content (&b, id, NULL);
  g_assert_cmpint (ask (&b, verify), ==, 0);
  team_exchange (&carrier, laptops, 2, 2);
  assert_content (&a, id, NULL);
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
  Paper *paper = data;

  return tessera_team_move_client (transaction, paper->client, paper->team, error);
}

static void
test_teams (void) {
  Laptop a, north, south;
  Laptop *const laptops[] = { &a, &north, &south };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GBytes) content = make_content (5, 300000);
  Paper paper = { .team = "South" };

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_teams, NULL);
  team_add_laptop_to (&a, &north, "Omar Test", "worker", "North");
  team_add_laptop_to (&a, &south, "Mina Test", "worker", "South");
  team_exchange (&carrier, laptops, 3, 3);
  team_run (&north, add_client, &client);
  id = add_paper (&north, client, content);
  team_exchange (&carrier, laptops, 3, 2);
  assert_content (&a, id, content);
  assert_content (&south, id, NULL);
  g_assert_cmpint (ask (&south, verify), ==, 0);
  paper.client = client;
  team_run (&a, move, &paper);
  team_exchange (&carrier, laptops, 3, 4);
  assert_content (&south, id, content);
  assert_content (&north, id, NULL);
  /* Back where it was written: it is no damage that it is not there at once, and it comes. */
  paper.team = "North";
  team_run (&a, move, &paper);
  team_exchange (&carrier, laptops, 3, 4);
  assert_content (&north, id, content);
  g_assert_cmpint (ask (&north, verify), ==, 1);
  assert_content (&south, id, NULL);
  team_close_laptop (&south);
  team_close_laptop (&north);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* ---- wrong ones ---- */

static gboolean
damage_contents (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "UPDATE attachment_chunk SET bytes = zeroblob(length(bytes))", error);

  return statement && (tessera_statement_step (statement, error) || !*error);
}

static gboolean
spoil_key (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "UPDATE secret SET value = randomblob(32) WHERE name = 'attachment.key'", error);

  return statement && (tessera_statement_step (statement, error) || !*error);
}

static void
test_other_key (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *id = NULL;
  g_autofree char *own = NULL;
  g_autoptr (GBytes) content = make_content (6, 1000);
  guint n, n_refused = 0;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  /* As if it had joined before invitations brought the key: what comes is not what its name says here. */
  team_run (&b, spoil_key, NULL);
  id = add_paper (&a, client, content);
  n = carrier.paths->len;
  team_send (&a, &carrier);
  for (guint round = 0; round < 2; round++)
    for (guint i = n; i < carrier.paths->len; i++) {
      g_autoptr (TesseraArrival) arrival = team_take (&b, carrier.paths->pdata[i]);

      if (arrival->state == TESSERA_ARRIVAL_REFUSED) {
        g_assert_nonnull (strstr (arrival->reason, "not what belongs to it"));
        n_refused++;
      }
    }
  g_assert_cmpuint (n_refused, >, 0);
  assert_content (&b, id, NULL);
  assert_awaited (&b, id, TRUE);
  /* Its own documents work as before. */
  own = add_paper (&b, client, content);
  assert_content (&b, own, content);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* Damaged content holds up nothing and nobody. */
static void
test_damaged (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  g_autofree char *client = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *good = NULL;
  g_autoptr (GBytes) content = make_content (7, 1000);
  g_autoptr (GBytes) other = make_content (8, 1000);

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &client);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  bad = add_paper (&a, client, content);
  team_run (&a, damage_contents, NULL);
  good = add_paper (&a, client, other);
  team_exchange (&carrier, laptops, 2, 2);
  assert_content (&b, good, other);
  assert_content (&b, bad, NULL);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

/* Scans of somebody who is erased go from where they wait; what else was in the bundle goes again. */
static void
test_withdrawn (void) {
  Laptop a, b;
  Laptop *const laptops[] = { &a, &b };
  Carrier carrier;
  g_autofree char *gone = NULL;
  g_autofree char *stays = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GBytes) content = make_content (9, 1000);
  g_autoptr (GBytes) other = make_content (10, 1000);
  guint n, n_left = 0;

  team_carrier_init (&carrier);
  team_found (&a);
  team_run (&a, add_client, &gone);
  team_run (&a, add_client, &stays);
  team_add_laptop (&a, &b, "Omar Test", "worker");
  team_exchange (&carrier, laptops, 2, 2);
  g_free (add_paper (&a, gone, content));
  id = add_paper (&a, stays, other);
  n = carrier.paths->len;
  g_assert_cmpuint (team_send (&a, &carrier), ==, 2);
  team_run (&a, erase, gone);
  g_assert_true (tessera_exchange_withdraw (a.store, NULL));
  for (guint i = n; i < carrier.paths->len; i++)
    n_left += g_file_test (carrier.paths->pdata[i], G_FILE_TEST_EXISTS);
  g_assert_cmpuint (n_left, ==, 0);
  team_exchange (&carrier, laptops, 2, 2);
  assert_content (&b, id, other);
  g_assert_cmpint (ask (&b, verify), ==, 1);
  team_close_laptop (&b);
  team_close_laptop (&a);
  team_carrier_clear (&carrier);
}

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/team-files/colleagues", test_colleagues);
  g_test_add_func ("/team-files/early", test_early);
  g_test_add_func ("/team-files/erased", test_erased);
  g_test_add_func ("/team-files/teams", test_teams);
  g_test_add_func ("/team-files/other-key", test_other_key);
  g_test_add_func ("/team-files/damaged", test_damaged);
  g_test_add_func ("/team-files/withdrawn", test_withdrawn);
  return g_test_run ();
}
