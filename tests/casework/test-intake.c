/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-intake.c: registering, codes, similar people across scripts, merging and its undo.
 */
#include "casework-fixture.h"
#include "tessera-timeline.h"
#include "tessera-visits.h"

static gboolean
register_clients (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) called = casework_new (tx, "client", "how_to_call", "Auntie", NULL);
  g_autoptr (TesseraRecord) nobody = casework_new (tx, "client", "language", "ar", NULL);
  g_autofree char *normal = tessera_client_code_normalize (tessera_record_get (client, "code"));

  g_assert_cmpstr (normal, ==, tessera_record_get (client, "code"));
  g_assert_cmpstr (tessera_record_get (client, "step"), ==, "basic-needs");
  g_assert_cmpstr (tessera_record_get (client, "case_state"), ==, "open");
  g_assert_cmpstr (tessera_record_get (client, "worker"), ==, tessera_transaction_get_worker (tx));
  g_assert_cmpint (tessera_record_get_integer (client, "registered_at"), ==,
                   tessera_transaction_get_now (tx));
  g_assert_true (tessera_intake_register (tx, called, error));
  g_assert_false (tessera_intake_register (tx, nobody, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID);
  g_clear_error (error);
  g_assert_true (tessera_intake_close_case (tx, client, error));
  g_assert_true (tessera_intake_reopen_case (tx, client, error));
  g_assert_cmpstr (tessera_record_get (client, "case_state"), ==, "reopened");
  return TRUE;
}

static void
assert_resolves (TesseraTransaction *tx, const char *text, TesseraRecord *expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) found = tessera_intake_resolve (tx, text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (tessera_record_get_id (found), ==, tessera_record_get_id (expected));
}

static void
refuse_to_resolve (TesseraTransaction *tx, const char *text, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_intake_resolve (tx, text, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, code);
}

static gboolean
resolve (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autofree char *sloppy = g_ascii_strdown (tessera_record_get (client, "code") + 2, -1);
  g_autofree char *upper = g_ascii_strup (tessera_record_get_id (client), -1);
  g_autofree char *other = NULL;
  g_autofree char *unused = NULL;
  g_autoptr (TesseraRecord) twin = NULL;

  assert_resolves (tx, tessera_record_get_id (client), client);
  assert_resolves (tx, upper, client);
  assert_resolves (tx, tessera_record_get (client, "code"), client);
  assert_resolves (tx, sloppy, client);
  unused = tessera_client_code_new ();
  refuse_to_resolve (tx, unused, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  refuse_to_resolve (tx, "Amal", TESSERA_CASEWORK_ERROR_INVALID);
  refuse_to_resolve (tx, "", TESSERA_CASEWORK_ERROR_INVALID);
  refuse_to_resolve (tx, NULL, TESSERA_CASEWORK_ERROR_INVALID);
  /* two devices that made the same code while apart */
  twin = casework_new (tx, "client", "name", "Twin", "code", tessera_record_get (client, "code"), NULL);
  casework_save (tx, twin);
  refuse_to_resolve (tx, tessera_record_get (client, "code"), TESSERA_CASEWORK_ERROR_AMBIGUOUS);
  return TRUE;
}

static TesseraRecord *
make_person (TesseraRegistry *registry, const char *name, const char *birth, const char *phone) {
  TesseraRecord *person = tessera_record_new (registry, "client");

  tessera_record_set (person, "name", name);
  if (birth)
    tessera_record_set (person, strlen (birth) == 4 ? "birth_year" : "birth_date", birth);
  tessera_record_set (person, "phone", phone);
  return person;
}

/* Two people, and whether a worker would want to be told; and one reason that must be named. */
static const struct {
  const char *name_a, *birth_a, *phone_a;
  const char *name_b, *birth_b, *phone_b;
  int least, most;
  const char *reason;
} pairs[] = {
  { "Amal Haddad", NULL, NULL, "Amal Haddad", NULL, NULL, 65, 100, "same-name" },
  { "Amal Haddad", NULL, NULL, "Haddad Amal", NULL, NULL, 65, 100, "swapped-name" },
  { "Muhammad Haddad", NULL, NULL, "محمد حداد", NULL, NULL, 55, 100, "other-spelling" },
  { "Мухаммад Хаддад", NULL, NULL, "محمد حداد", NULL, NULL, 55, 100, "other-spelling" },
  { "Mohamed Hadad", NULL, NULL, "Muḥammad Ḥaddād", NULL, NULL, 55, 100, "other-spelling" },
  { "Oksana Kovalenko", NULL, NULL, "Оксана Коваленко", NULL, NULL, 55, 100, "other-spelling" },
  { "Selam", NULL, NULL, "Selam", NULL, NULL, 40, 60, "same-name" },
  { "Selam", NULL, NULL, "Selam Tesfaye", NULL, NULL, 35, 60, "part-of-name" },
  { "Amal Haddad", "1990-05-04", NULL, "Amal Haddad", "1990", NULL, 75, 100, "same-birth-year" },
  { "Amal Haddad", "1990-05-04", NULL, "Amal Haddad", "1990-04-05", NULL, 75, 100, "swapped-birth-date" },
  { "Amal Haddad", "1990-05-04", "0791 555 012", "Amal Haddad", "1990-05-04", "+962 791555012", 100, 100,
    "same-phone" },
  { "Amal Haddad", NULL, "0791 555 012", "Amal Hadad", NULL, "5012", 70, 100, "phone-digits" },
  { "Amal Haddad", NULL, "٠٧٩١ ٥٥٥ ٠١٢", "Amal Haddad", NULL, "0791555012", 90, 100, "same-phone" },
  /* strangers, also with one of the commonest names in common */
  { "Amal Haddad", NULL, NULL, "Yusuf Karimi", NULL, NULL, 0, 20, NULL },
  { "Mohammed Haddad", NULL, NULL, "Mohammed Karimi", NULL, NULL, 0, 34, NULL },
  { "Amal Haddad", "1990", NULL, "Yusuf Karimi", "1990", NULL, 0, 34, NULL },
  /* a namesake of another generation is shown lower than one of the same age */
  { "Amal Haddad", "1990", NULL, "Amal Haddad", "1955", NULL, 35, 50, "same-name" },
  { "", NULL, NULL, "", NULL, NULL, 0, 0, NULL },
};

static void
test_compare (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autoptr (TesseraRecord) a = make_person (registry, pairs[i].name_a, pairs[i].birth_a, pairs[i].phone_a);
    g_autoptr (TesseraRecord) b = make_person (registry, pairs[i].name_b, pairs[i].birth_b, pairs[i].phone_b);
    g_auto (GStrv) reasons = NULL;
    int score = tessera_intake_compare (a, b, &reasons);

    g_test_message ("%s / %s: %d", pairs[i].name_a, pairs[i].name_b, score);
    g_assert_cmpint (score, >=, pairs[i].least);
    g_assert_cmpint (score, <=, pairs[i].most);
    g_assert_cmpint (tessera_intake_compare (b, a, NULL), ==, score);
    if (pairs[i].reason)
      g_assert_true (g_strv_contains ((const char *const *) reasons, pairs[i].reason));
    for (guint j = 0; reasons[j]; j++)
      g_assert_cmpstr (tessera_similarity_get_reason_label (reasons[j]), !=, reasons[j]);
  }
}

static void
assert_first (GPtrArray *found, TesseraRecord *expected) {
  TesseraSimilarity *first;

  g_assert_nonnull (found);
  g_assert_cmpuint (found->len, >, 0);
  first = g_ptr_array_index (found, 0);
  g_assert_cmpstr (tessera_record_get_id (first->client), ==, tessera_record_get_id (expected));
  g_assert_nonnull (first->reasons[0]);
}

static gboolean
find_similar (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) muhammad = casework_add_client (tx, "محمد الحداد");
  g_autoptr (TesseraRecord) oksana = casework_add_client (tx, "Оксана Коваленко");
  g_autoptr (TesseraRecord) selam = casework_add_client (tx, "Selam");
  g_autoptr (TesseraRecord) probe = casework_new (tx, "client", "name", "Oksana Kovalenko", NULL);
  g_autoptr (GPtrArray) like = NULL;
  g_autoptr (GPtrArray) typed = NULL;
  g_autoptr (GPtrArray) code = NULL;
  g_autoptr (GPtrArray) digits = NULL;
  g_autoptr (GPtrArray) prefix = NULL;
  g_autoptr (GPtrArray) self = NULL;

  tessera_record_set (selam, "phone", "0777 123 987");
  casework_save (tx, selam);
  like = tessera_intake_find_similar (tx, probe, 5, error);
  assert_first (like, oksana);
  g_assert_cmpuint (like->len, ==, 1);
  typed = tessera_intake_find (tx, "mohammad hadad", 5, error);
  g_assert_nonnull (typed);
  code = tessera_intake_find (tx, tessera_record_get (muhammad, "code"), 5, error);
  assert_first (code, muhammad);
  digits = tessera_intake_find (tx, "selam 3987", 5, error);
  assert_first (digits, selam);
  prefix = tessera_intake_find (tx, "Окс", 5, error);
  assert_first (prefix, oksana);
  self = tessera_intake_find_similar (tx, selam, 5, error);
  g_assert_cmpuint (self->len, ==, 0);
  return TRUE;
}

static void
add_visit (TesseraTransaction *tx, TesseraRecord *client, const char *at) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraRecord) visit = casework_new (tx, "visit", "client", tessera_record_get_id (client),
                                                  "how", "phone", NULL);

  tessera_record_parse (visit, "at", at, &error);
  g_assert_no_error (error);
  tessera_visits_record (tx, visit, &error);
  g_assert_no_error (error);
}

static guint
count_visits (TesseraTransaction *tx, TesseraRecord *client) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) visits = tessera_visits_list (tx, tessera_record_get_id (client), 0, &error);

  g_assert_no_error (error);
  return visits->len;
}

static gboolean
merge_and_undo (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) kept = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) dropped = casework_add_client (tx, "Amal Sintetic");
  g_autoptr (TesseraRecord) merged = NULL;
  g_autoptr (TesseraRecord) undone = NULL;
  const char *keep = tessera_record_get_id (kept), *drop = tessera_record_get_id (dropped);
  g_autoptr (GPtrArray) timeline = NULL;

  add_visit (tx, kept, "2026-11-01T10:00:00Z");
  add_visit (tx, dropped, "2026-11-05T10:00:00Z");
  g_assert_true (tessera_intake_merge (tx, keep, drop, error));
  assert_resolves (tx, drop, kept);
  assert_resolves (tx, tessera_record_get (dropped, "code"), kept);
  g_assert_cmpuint (count_visits (tx, kept), ==, 2);
  g_assert_cmpuint (count_visits (tx, dropped), ==, 2);
  merged = casework_reload (tx, kept);
  g_assert_cmpint (tessera_record_get_integer (merged, "last_contact"), >,
                   tessera_record_get_integer (kept, "last_contact"));
  timeline = tessera_timeline_load (tx, keep, 0, error);
  g_assert_cmpuint (timeline->len, ==, 4);
  g_assert_cmpstr (((TesseraTimelineItem *) timeline->pdata[2])->source, ==, tessera_record_get (dropped,
                                                                                                 "code"));
  g_assert_false (tessera_intake_merge (tx, keep, drop, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  g_assert_false (tessera_intake_unmerge (tx, keep, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED);
  g_clear_error (error);
  g_assert_true (tessera_intake_unmerge (tx, drop, error));
  assert_resolves (tx, drop, dropped);
  g_assert_cmpuint (count_visits (tx, kept), ==, 1);
  g_assert_cmpuint (count_visits (tx, dropped), ==, 1);
  undone = casework_reload (tx, kept);
  g_assert_cmpint (tessera_record_get_integer (undone, "last_contact"), <,
                   tessera_record_get_integer (merged, "last_contact"));
  return TRUE;
}

/* What a merge on two devices at once may leave: everybody still stands for one and the same. */
static gboolean
merge_ring (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) a = casework_add_client (tx, "A");
  g_autoptr (TesseraRecord) b = casework_add_client (tx, "B");
  g_autoptr (TesseraRecord) c = casework_add_client (tx, "C");
  g_autoptr (GPtrArray) ids = NULL;

  tessera_record_set (a, "merged_into", tessera_record_get_id (b));
  tessera_record_set (b, "merged_into", tessera_record_get_id (a));
  tessera_record_set (c, "merged_into", tessera_record_get_id (b));
  casework_save (tx, a);
  casework_save (tx, b);
  casework_save (tx, c);
  /* ids grow with time: the smallest is the first that was registered */
  assert_resolves (tx, tessera_record_get_id (a), a);
  assert_resolves (tx, tessera_record_get_id (b), a);
  assert_resolves (tx, tessera_record_get_id (c), a);
  ids = tessera_intake_list_ids (tx, tessera_record_get_id (c), error);
  g_assert_cmpuint (ids->len, ==, 3);
  return TRUE;
}

static gboolean
merge_chain (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 8; i++)
    g_ptr_array_add (clients, casework_add_client (tx, "Link"));
  for (guint i = 0; i + 1 < clients->len; i++)
    g_assert_true (tessera_intake_merge (tx, tessera_record_get_id (clients->pdata[i + 1]),
                                         tessera_record_get_id (clients->pdata[i]), error));
  for (guint i = 0; i < clients->len; i++) {
    g_autoptr (GPtrArray) ids = tessera_intake_list_ids (tx, tessera_record_get_id (clients->pdata[i]),
                                                         error);

    assert_resolves (tx, tessera_record_get_id (clients->pdata[i]), clients->pdata[clients->len - 1]);
    g_assert_cmpuint (ids->len, ==, clients->len);
  }
  /* undone in the middle: two people again */
  g_assert_true (tessera_intake_unmerge (tx, tessera_record_get_id (clients->pdata[3]), error));
  assert_resolves (tx, tessera_record_get_id (clients->pdata[0]), clients->pdata[3]);
  assert_resolves (tx, tessera_record_get_id (clients->pdata[4]), clients->pdata[clients->len - 1]);
  return TRUE;
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  casework_set_now (TODAY_NOON);
  g_test_add_func ("/intake/compare", test_compare);
  casework_add ("/intake/register", register_clients);
  casework_add ("/intake/resolve", resolve);
  casework_add ("/intake/find-similar", find_similar);
  casework_add ("/intake/merge-and-undo", merge_and_undo);
  casework_add ("/intake/merge-ring", merge_ring);
  casework_add ("/intake/merge-chain", merge_chain);
  return g_test_run ();
}
