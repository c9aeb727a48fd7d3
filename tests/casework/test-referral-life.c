/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-referral-life.c: which steps are legal, and the state that events in any order lead to.
 */
#include <locale.h>
#include <string.h>

#include "tessera-referral.h"

static TesseraRegistry *registry;

/* Everything that is legal: from, side, then the steps. What is not here must be refused. */
static const char *const legal[][3] = {
  { "draft", "sender", "sent void" },
  { "sent", "sender", "received withdrawn expired" },
  { "sent", "receiver", "received under_review info_needed accepted declined" },
  { "received", "sender", "withdrawn expired" },
  { "received", "receiver", "under_review info_needed accepted declined" },
  { "under_review", "sender", "withdrawn expired" },
  { "under_review", "receiver", "info_needed accepted declined" },
  { "info_needed", "sender", "sent withdrawn expired" },
  { "accepted", "sender", "completed failed withdrawn" },
  { "accepted", "receiver", "waitlisted scheduled in_progress completed failed" },
  { "waitlisted", "sender", "withdrawn" },
  { "waitlisted", "receiver", "scheduled declined" },
  { "scheduled", "sender", "completed failed withdrawn" },
  { "scheduled", "receiver", "in_progress completed failed" },
  { "in_progress", "sender", "completed failed withdrawn" },
  { "in_progress", "receiver", "completed failed" },
  { "expired", "sender", "sent" },
};

static gboolean
is_in_table (const char *from, const char *side, const char *kind) {
  for (guint i = 0; i < G_N_ELEMENTS (legal); i++)
    if (strcmp (legal[i][0], from) == 0 && strcmp (legal[i][1], side) == 0) {
      g_auto (GStrv) kinds = g_strsplit (legal[i][2], " ", -1);

      return g_strv_contains ((const char *const *) kinds, kind);
    }
  return FALSE;
}

static void
test_table (void) {
  const TesseraVocabulary *statuses = tessera_vocabulary_find ("referral_status");
  const char *const sides[] = { "sender", "receiver" };

  for (guint from = 0; from < statuses->n_choices; from++)
    for (guint to = 0; to < statuses->n_choices; to++)
      for (guint side = 0; side < 2; side++)
        g_assert_cmpint (tessera_referral_is_legal (statuses->choices[from].code, statuses->choices[to].code,
                                                    sides[side]), ==,
                         is_in_table (statuses->choices[from].code, sides[side], statuses->choices[to].code));
  g_assert_false (tessera_referral_is_legal ("draft", "sent", "nobody"));
  g_assert_false (tessera_referral_is_legal ("draft", "sent", NULL));
  g_assert_false (tessera_referral_is_legal ("moon", "sent", "sender"));
  g_assert_false (tessera_referral_is_legal (NULL, "sent", "sender"));
}

static void
test_codes (void) {
  const TesseraVocabulary *statuses = tessera_vocabulary_find ("referral_status");
  const TesseraVocabulary *codes = tessera_vocabulary_find ("referral_code");

  for (guint i = 0; i < statuses->n_choices; i++) {
    g_autofree const char **list = tessera_referral_list_codes (statuses->choices[i].code);

    for (guint j = 0; list[j]; j++)
      g_assert_true (tessera_vocabulary_has (codes, list[j]));
  }
}

static void
add_event (GPtrArray *events, const char *side, int number, const char *kind, gint64 at) {
  TesseraRecord *event = tessera_record_new (registry, "referral_event");

  tessera_record_set (event, "side", side);
  tessera_record_set_integer (event, "number", number);
  tessera_record_set (event, "kind", kind);
  tessera_record_set_integer (event, "at", at);
  g_ptr_array_add (events, event);
}

/* "S:sent R:received S:withdrawn": the order of the words is the order of the clocks. */
static GPtrArray *
make_events (const char *story) {
  g_auto (GStrv) words = g_strsplit (story, " ", -1);
  GPtrArray *events = g_ptr_array_new_with_free_func (g_object_unref);
  int numbers[2] = { 0, 0 };

  for (guint i = 0; words[i] && *words[i]; i++) {
    gboolean is_sender = words[i][0] == 'S';

    add_event (events, is_sender ? "sender" : "receiver", ++numbers[is_sender], words[i] + 2, 1000 + i);
  }
  return events;
}

static const struct {
  const char *story;
  const char *status;
  gboolean collision;
} stories[] = {
  { "", "draft" },
  { "S:sent", "sent" },
  { "S:void", "void" },
  { "S:sent R:received", "received" },
  { "S:sent R:received R:accepted", "accepted" },
  { "S:sent R:declined", "declined" },
  /* a clock over there that is late by hours */
  { "R:received R:accepted S:sent", "accepted" },
  { "R:received R:info_needed S:sent S:sent", "sent" },
  { "S:sent S:sent R:received R:info_needed", "sent" },
  { "S:sent R:info_needed S:sent R:accepted", "accepted" },
  { "S:sent S:sent R:info_needed R:accepted", "accepted" },
  /* both write down the same */
  { "S:sent S:received R:received R:accepted", "accepted" },
  { "S:sent R:received R:accepted S:received", "accepted" },
  { "S:sent R:accepted R:completed S:completed", "completed" },
  /* the client's withdrawal wins whenever it arrives */
  { "S:sent R:accepted S:withdrawn", "withdrawn" },
  { "S:sent S:withdrawn R:received R:accepted", "withdrawn" },
  { "S:sent S:withdrawn R:declined", "withdrawn" },
  { "S:sent R:accepted R:completed S:withdrawn", "withdrawn" },
  /* an answer beats the clock's guess */
  { "S:sent S:expired", "expired" },
  { "S:sent S:expired R:accepted", "accepted" },
  { "S:sent R:accepted S:expired", "accepted" },
  { "S:sent S:expired S:sent R:accepted", "accepted" },
  { "S:sent R:received R:under_review S:expired", "expired" },
  /* outcomes that exclude each other: a person must look */
  { "S:sent R:accepted S:completed R:failed", "failed", TRUE },
  { "S:sent R:accepted R:failed S:completed", "completed", TRUE },
  { "S:sent R:accepted R:waitlisted R:scheduled R:in_progress R:completed", "completed" },
  { "S:sent R:moon R:accepted", "accepted" },
};

static void
test_stories (void) {
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++) {
    g_autoptr (GPtrArray) events = make_events (stories[i].story);
    TesseraReferralState state = tessera_referral_derive (events);

    g_test_message ("%s", stories[i].story);
    g_assert_cmpstr (state.status, ==, stories[i].status);
    g_assert_cmpint (state.collision, ==, stories[i].collision);
  }
}

static void
shuffle (GPtrArray *events) {
  for (guint i = events->len; i > 1; i--) {
    guint j = (guint) g_test_rand_int_range (0, (gint32) i);
    gpointer swap = events->pdata[i - 1];

    events->pdata[i - 1] = events->pdata[j];
    events->pdata[j] = swap;
  }
}

static void
assert_same_in_any_order (GPtrArray *events) {
  TesseraReferralState expected = tessera_referral_derive (events);

  for (guint i = 0; i < 5; i++) {
    TesseraReferralState state;

    shuffle (events);
    /* a bundle that came twice */
    if (events->len)
      g_ptr_array_add (events, g_object_ref (events->pdata[0]));
    state = tessera_referral_derive (events);
    if (events->len)
      g_ptr_array_remove_index (events, events->len - 1);
    g_assert_cmpstr (state.status, ==, expected.status);
    g_assert_cmpint (state.collision, ==, expected.collision);
    g_assert_cmpint (state.at, ==, expected.at);
  }
}

/* Arbitrary nonsense from both sides: same result in every order, withdrawal always wins. */
static void
test_any_events (void) {
  const TesseraVocabulary *statuses = tessera_vocabulary_find ("referral_status");

  for (guint round = 0; round < 400; round++) {
    g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
    gint32 n = g_test_rand_int_range (0, 12);
    gboolean withdrawn = FALSE;

    for (gint32 i = 0; i < n; i++) {
      const char *kind = statuses->choices[g_test_rand_int_range (0, (gint32) statuses->n_choices)].code;
      gboolean is_sender = g_test_rand_int_range (0, 2);

      withdrawn = withdrawn || (is_sender && strcmp (kind, "withdrawn") == 0);
      add_event (events, is_sender ? "sender" : "receiver", g_test_rand_int_range (1, 8), kind,
                 g_test_rand_int_range (0, 100));
    }
    assert_same_in_any_order (events);
    if (withdrawn)
      g_assert_cmpstr (tessera_referral_derive (events).status, ==, "withdrawn");
  }
}

/* Legal lives, one step at a time and both sides seeing all: the derived state is always the last step, no
 * collision. */
static void
test_legal_lives (void) {
  const char *const sides[] = { "receiver", "sender" };

  for (guint round = 0; round < 400; round++) {
    g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
    const char *status = "draft";
    int numbers[2] = { 0, 0 };

    for (guint i = 0; i < 12; i++) {
      guint side = (guint) g_test_rand_int_range (0, 2);
      g_autofree const char **next = tessera_referral_list_next (status, sides[side]);
      guint n = g_strv_length ((char **) next);
      TesseraReferralState state;

      if (n == 0)
        continue;
      status = next[g_test_rand_int_range (0, (gint32) n)];
      add_event (events, sides[side], ++numbers[side], status, (gint64) i);
      state = tessera_referral_derive (events);
      g_assert_cmpstr (state.status, ==, status);
      g_assert_false (state.collision);
    }
    assert_same_in_any_order (events);
  }
}

/* As many events as anybody may send cost no noticeable time. */
static void
test_many_events (void) {
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 start = g_get_monotonic_time ();

  for (int i = 1; i <= 3 * TESSERA_REFERRAL_EVENT_LIMIT; i++) {
    add_event (events, "sender", i, "sent", i);
    add_event (events, "receiver", i, "info_needed", i);
  }
  tessera_referral_derive (events);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv) {
  int result;

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  registry = tessera_registry_new ();
  g_test_add_func ("/referral-life/table", test_table);
  g_test_add_func ("/referral-life/codes", test_codes);
  g_test_add_func ("/referral-life/stories", test_stories);
  g_test_add_func ("/referral-life/any-events", test_any_events);
  g_test_add_func ("/referral-life/legal-lives", test_legal_lives);
  g_test_add_func ("/referral-life/many-events", test_many_events);
  result = g_test_run ();
  g_object_unref (registry);
  return result;
}
