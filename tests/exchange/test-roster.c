/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-roster.c: rosters: their text and its limits, which version follows which, what a supervisor decides, and the root
 * key on paper.
 */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-card.h"
#include "tessera-fixture.h"
#include "tessera-fingerprint.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-merge.h"
#include "tessera-root.h"
#include "tessera-roster.h"
#include "tessera-team.h"

#define NOW G_GINT64_CONSTANT (1795262400000)
#define ORGANIZATION "11111111111111111111111111111111"
#define FIRST "22222222222222222222222222222222"
#define SECOND "33333333333333333333333333333333"
#define WORKER "44444444444444444444444444444444"
#define STREAM "55555555555555555555555555555555"

/* ---- texts ---- */

static TesseraSecret *
root_key (void) {
  g_autoptr (TesseraSecret) seed = tessera_secret_new (TESSERA_MINISIGN_SEED_SIZE);

  return tessera_minisign_key_from_seed (seed);
}

static void
fill_device (TesseraRoster *roster, const char *id, const char *role) {
  g_autoptr (TesseraSecret) signing = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) encryption = tessera_age_key_generate ();
  TesseraRosterDevice *device = tessera_roster_add_device (roster, id);
  guint8 key[TESSERA_AGE_KEY_SIZE];

  tessera_minisign_key_get_public (signing, device->signing_key);
  tessera_age_key_get_public (encryption, key);
  g_ptr_array_add (device->encryption, tessera_age_public_key_to_text (key));
  device->name = g_strdup ("Laptop of Ana Exemplo");
  device->role = g_strdup (role);
  device->since = NOW;
  tessera_roster_put_in (device, ((TesseraRosterCircle *) roster->circles->pdata[0])->id);
}

static TesseraRoster *
make_roster (void) {
  TesseraRoster *roster = tessera_roster_new ();

  roster->organization = g_strdup (ORGANIZATION);
  roster->name = g_strdup ("Harbor Aid");
  roster->version = 1;
  roster->created = NOW;
  roster->expires = NOW + TESSERA_IDENTITY_DAY;
  tessera_roster_add_circle (roster, NULL, "Everybody");
  fill_device (roster, FIRST, "supervisor");
  fill_device (roster, SECOND, "worker");
  return roster;
}

static TesseraRosterDevice *
device_of (TesseraRoster *roster, guint index) {
  return roster->devices->pdata[index];
}

static TesseraRoster *
parse (const char *text, gsize length, GError **error) {
  g_autoptr (TesseraSecret) root = root_key ();
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  tessera_minisign_key_get_public (root, key);
  return tessera_roster_parse (text, length, key, error);
}

static void
test_round_trip (void) {
  g_autoptr (TesseraSecret) root = root_key ();
  g_autoptr (TesseraRoster) roster = make_roster ();
  g_autoptr (TesseraRoster) copy = NULL;
  g_autoptr (TesseraRoster) read = NULL;
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  TesseraRosterDevice *device = device_of (roster, 1);

  roster->version = 7;
  roster->previous = g_strnfill (64, 'a');
  roster->card = g_strdup ("{\"fmt\":\"x\"}\nsecond line\n");
  device->worker = g_strdup (WORKER);
  device->state = TESSERA_DEVICE_REVOKED;
  device->last = tessera_vector_new ();
  tessera_vector_set (device->last, STREAM, 12);
  tessera_vector_set (device->last, FIRST, 0);
  copy = tessera_roster_copy (roster);
  text = tessera_roster_sign (copy, root, &error);
  g_assert_no_error (error);
  read = parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpint (read->version, ==, 7);
  g_assert_cmpstr (read->previous, ==, roster->previous);
  g_assert_cmpstr (read->card, ==, roster->card);
  g_assert_cmpuint (read->devices->len, ==, 2);
  g_assert_cmpint (tessera_vector_get (tessera_roster_find_device (read, SECOND)->last, STREAM), ==, 12);
  g_assert_true (g_hash_table_contains (tessera_roster_find_device (read, SECOND)->last, FIRST));
  g_assert_null (tessera_roster_find_device (read, FIRST)->last);
  g_assert_cmpstr (tessera_roster_find_signer (read, device->signing_key)->id, ==, SECOND);
  g_assert_cmpuint (tessera_roster_count_members (read, ((TesseraRosterCircle *) read->circles->pdata[0])->id), ==, 1);
  g_assert_false (tessera_roster_is_expired (read, NOW));
  g_assert_true (tessera_roster_is_expired (read, NOW + 2 * TESSERA_IDENTITY_DAY));
  again = tessera_roster_sign (read, root, NULL);
  /* All but the signature's randomness, of which Ed25519 has none. */
  g_assert_cmpstr (again, ==, text);
}

/* No byte of a roster can be changed, and none be missing. */
static void
test_changed (void) {
  g_autoptr (TesseraSecret) root = root_key ();
  g_autoptr (TesseraRoster) roster = make_roster ();
  g_autofree char *text = tessera_roster_sign (roster, root, NULL);
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    g_autofree char *changed = g_strdup (text);
    g_autoptr (TesseraRoster) read = NULL;
    g_autoptr (TesseraRoster) cut = parse (text, i, NULL);

    changed[i] ^= 1;
    read = parse (changed, length, NULL);
    /* The untrusted comment and the key number are for people; nothing depends on them. */
    if (read)
      g_assert_cmpstr (read->name, ==, roster->name);
    g_assert_null (cut);
    if (i < (gsize) (strchr (text, '\n') - text))
      g_assert_null (read);
  }
}

/* Properly signed texts that break a rule, one each. */
static void
test_malformed (void) {
  static const struct {
    const char *old;
    const char *new;
    int code;
  } cases[] = {
    { "\"fmt\":\"tessera-roster/1\"", "\"fmt\":\"tessera-roster/2\"", TESSERA_BUNDLE_ERROR_TOO_NEW },
    { "\"fmt\":\"tessera-roster/1\"", "\"fmt\":\"tessera-card/1\"", TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE },
    { "\"n\":1", "\"n\":0", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"n\":1", "\"n\":2", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"n\":1", "\"n\":1.5", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"n\":1", "\"n\":1,\"prev\":\"aaaa\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"org\":\"1111", "\"org\":\"XXXX", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"name\":\"Harbor Aid\"", "\"name\":\"\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"name\":\"Harbor Aid\"", "\"name\":\"Harbor\\nAid\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"role\":\"worker\"", "\"role\":\"owner\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"state\":\"active\"", "\"state\":\"asleep\"", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"state\":\"active\"", "\"state\":\"active\",\"last\":{}", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"state\":\"active\"", "\"state\":\"revoked\",\"last\":{\"x\":1}", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"state\":\"active\"", "\"state\":\"revoked\",\"last\":{\"" STREAM "\":-1}", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"id\":\"33333333333333333333333333333333\"", "\"id\":\"22222222222222222222222222222222\"",
      TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"enc\":[\"age1", "\"enc\":[\"bge1", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"enc\":[", "\"enc\":[],\"was\":[", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"devices\":[", "\"devices\":[],\"was\":[", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"circles\":[{", "\"circles\":[],\"was\":[{", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"mailbox\":\"", "\"mailbox\":\"A", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"created\":\"2", "\"created\":\"x", TESSERA_BUNDLE_ERROR_MALFORMED },
    { "\"org\":", "\"card\":5,\"org\":", -1 },
    { "\"org\":", "\"later\":{\"a\":[1]},\"org\":", -1 },
  };
  g_autoptr (TesseraSecret) root = root_key ();
  g_autoptr (TesseraRoster) roster = make_roster ();
  g_autofree char *text = tessera_roster_sign (roster, root, NULL);
  g_autofree char *line = g_strndup (text, (gsize) (strchr (text, '\n') + 1 - text));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) changed = g_string_new (line);
    g_autofree char *signature = NULL;
    g_autoptr (TesseraRoster) read = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (g_string_replace (changed, cases[i].old, cases[i].new, 1), ==, 1);
    signature = tessera_minisign_sign (root, changed->str, changed->len, TESSERA_ROSTER_FORMAT " x", NULL);
    g_string_append (changed, signature);
    read = parse (changed->str, changed->len, &error);
    g_test_message ("%s -> %s", cases[i].old, cases[i].new);
    if (cases[i].code < 0 && g_str_has_prefix (cases[i].new, "\"later"))
      g_assert_no_error (error);
    else if (cases[i].code < 0)
      g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED);
    else
      g_assert_error (error, TESSERA_BUNDLE_ERROR, cases[i].code);
    g_assert_true (!read == !!error);
  }
}

/* Signed by another key, or as another kind of text. */
static void
test_other_signer (void) {
  g_autoptr (TesseraSecret) other = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) root = root_key ();
  g_autoptr (TesseraRoster) roster = make_roster ();
  g_autofree char *text = tessera_roster_sign (roster, other, NULL);
  g_autofree char *good = tessera_roster_sign (roster, root, NULL);
  g_autofree char *line = g_strndup (good, (gsize) (strchr (good, '\n') + 1 - good));
  g_autofree char *signature = tessera_minisign_sign (root, line, strlen (line), "tessera-card/1 x", NULL);
  g_autofree char *passed_off = g_strconcat (line, signature, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (text, strlen (text), &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (parse (passed_off, strlen (passed_off), &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
}

static void
test_limits (void) {
  g_autoptr (TesseraSecret) root = root_key ();
  g_autoptr (TesseraRoster) roster = make_roster ();
  g_autoptr (GError) error = NULL;
  g_autofree char *full = NULL;
  g_autofree char *long_text = g_malloc0 (TESSERA_ROSTER_MAX_SIZE + 1);

  for (guint i = 0; i < TESSERA_ROSTER_MAX_MEMBERS - 2; i++) {
    g_autofree char *id = g_strdup_printf ("%032x", i + 1);

    fill_device (roster, id, "worker");
  }
  full = tessera_roster_sign (roster, root, &error);
  g_assert_no_error (error);
  fill_device (roster, "ffffffffffffffffffffffffffffffff", "worker");
  g_assert_null (tessera_roster_sign (roster, root, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED);
  g_clear_error (&error);
  device_of (roster, 5)->state = TESSERA_DEVICE_RETIRED;
  g_free (tessera_roster_sign (roster, root, &error));
  g_assert_no_error (error);
  memset (long_text, ' ', TESSERA_ROSTER_MAX_SIZE + 1);
  g_assert_null (parse (long_text, TESSERA_ROSTER_MAX_SIZE + 1, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE);
}

/* ---- in the store ---- */

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

static gboolean
found (TesseraTransaction *tx, gpointer data, GError **error) {
  TesseraIdentityFacts facts = { "Harbor Aid", "Ana Exemplo", NULL, "en", 1 };
  g_autoptr (TesseraRecord) worker = tessera_identity_create (tx, &facts, error);

  if (!worker)
    return FALSE;
  *(char **) data = g_strdup (tessera_record_get_id (worker));
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autofree char *worker = NULL;
  g_autoptr (GError) error = NULL;

  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  tessera_store_write (fixture->store, found, &worker, &error);
  g_assert_no_error (error);
  tessera_store_set_worker (fixture->store, worker);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static void
run (Fixture *fixture, TesseraStoreFunc func) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, func, fixture, &error);
  g_assert_no_error (error);
}

/* A colleague's laptop, without going through request and invitation. */
static gboolean
add_laptop (TesseraTransaction *tx, const char *id, const char *name, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_begin_next (tx, error);
  TesseraRosterDevice *device;

  if (!roster)
    return FALSE;
  fill_device (roster, id, "worker");
  device = device_of (roster, roster->devices->len - 1);
  g_free (device->name);
  device->name = g_strdup (name);
  return tessera_roster_publish (tx, roster, error);
}

static gboolean
load_before (TesseraTransaction *tx, gpointer data, GError **error) {
  g_assert_null (tessera_roster_load (tx, error));
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING);
  g_clear_error (error);
  return TRUE;
}

static gboolean
load_first (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (tx, error);
  g_autofree char *circle = tessera_transaction_get_circle (tx, error);
  g_autofree char *own = tessera_identity_get_device (tx);
  g_autoptr (TesseraCard) card = NULL;

  g_assert_no_error (*error);
  g_assert_cmpint (roster->version, ==, 1);
  g_assert_null (roster->previous);
  g_assert_cmpuint (roster->devices->len, ==, 1);
  g_assert_cmpstr (device_of (roster, 0)->id, ==, own);
  g_assert_cmpstr (device_of (roster, 0)->role, ==, "supervisor");
  g_assert_cmpstr (((TesseraRosterCircle *) roster->circles->pdata[0])->id, ==, circle);
  card = tessera_card_parse (roster->card, strlen (roster->card), 0, error);
  g_assert_no_error (*error);
  g_assert_cmpuint (card->devices->len, ==, 1);
  g_assert_nonnull (card->mailbox);
  return TRUE;
}

static void
test_first (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_store_read (fixture->store, load_before, NULL, &error));
  run (fixture, load_first);
  run (fixture, load_first);
  g_assert_true (tessera_store_read (fixture->store, load_first, NULL, &error));
}

static gboolean
chain (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *first = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (TesseraRoster) second = NULL;
  g_autoptr (TesseraRoster) card_after = NULL;
  g_autofree char *card_text = NULL;
  g_autoptr (TesseraCard) card = NULL;
  g_autoptr (TesseraRecord) row = NULL;

  if (!add_laptop (tx, SECOND, "Reception", error))
    return FALSE;
  first = tessera_roster_load_text (tx, 1, error);
  hash = tessera_roster_hash (first);
  second = tessera_roster_load (tx, error);
  g_assert_cmpint (second->version, ==, 2);
  g_assert_cmpstr (second->previous, ==, hash);
  card_text = tessera_identity_make_card (tx, error);
  card = tessera_card_parse (card_text, strlen (card_text), 0, error);
  g_assert_cmpuint (card->devices->len, ==, 2);
  g_assert_cmpint (card->number, ==, 2);
  row = tessera_transaction_load (tx, "device", "33333333-3333-3333-3333-333333333333", error);
  g_assert_cmpstr (tessera_record_get (row, "name"), ==, "Reception");
  return TRUE;
}

static void
test_chain (Fixture *fixture, gconstpointer data) {
  run (fixture, chain);
}

/* The text of @roster under the organization's key, whatever it says. */
static char *
sign_as_ours (TesseraTransaction *tx, TesseraRoster *roster) {
  g_autoptr (TesseraSecret) root = tessera_identity_get_root (tx, NULL);
  g_autoptr (GError) error = NULL;
  char *text = tessera_roster_sign (roster, root, &error);

  g_assert_no_error (error);
  return text;
}

static void
expect_refused (TesseraTransaction *tx, TesseraRoster *roster, int code) {
  g_autofree char *text = sign_as_ours (tx, roster);
  g_autoptr (GError) error = NULL;
  gboolean is_new = TRUE;

  g_assert_false (tessera_roster_take_in (tx, text, strlen (text), &is_new, &error));
  g_assert_error (error, TESSERA_ROSTER_ERROR, code);
  g_assert_false (is_new);
}

static gboolean
take_in (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = NULL;
  g_autofree char *second = NULL;
  g_autofree char *first = NULL;
  g_autofree char *next = NULL;
  gboolean is_new = TRUE;

  g_assert_true (add_laptop (tx, SECOND, "Reception", error));
  first = tessera_roster_load_text (tx, 1, error);
  second = tessera_roster_load_text (tx, 0, error);
  roster = tessera_roster_load (tx, error);
  /* What is here already, newest or older. */
  g_assert_true (tessera_roster_take_in (tx, second, strlen (second), &is_new, error));
  g_assert_false (is_new);
  g_assert_true (tessera_roster_take_in (tx, first, strlen (first), &is_new, error));
  g_assert_false (is_new);
  /* Another second version; one after the next; one that follows another second version. */
  roster->created += 1000;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_FORKED);
  roster->version = 4;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_GAP);
  roster->version = 3;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_FORKED);
  g_free (roster->previous);
  roster->previous = tessera_roster_hash (second);
  g_free (roster->organization);
  roster->organization = g_strdup (ORGANIZATION);
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_REFUSED);
  g_free (roster->organization);
  roster->organization = tessera_identity_get_organization (tx, error);
  /* And the one that is right. */
  next = sign_as_ours (tx, roster);
  g_assert_true (tessera_roster_take_in (tx, next, strlen (next), &is_new, error));
  g_assert_true (is_new);
  return TRUE;
}

static void
test_take_in (Fixture *fixture, gconstpointer data) {
  run (fixture, take_in);
}

static gboolean
take_in_forged (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (tx, error);
  g_autoptr (TesseraSecret) other = tessera_minisign_key_generate ();
  g_autofree char *before = tessera_roster_load_text (tx, 0, error);
  g_autofree char *text = NULL;

  roster->version = 2;
  roster->previous = tessera_roster_hash (before);
  text = tessera_roster_sign (roster, other, error);
  g_assert_false (tessera_roster_take_in (tx, text, strlen (text), NULL, error));
  g_assert_error (*error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  g_clear_error (error);
  return TRUE;
}

static void
test_forged (Fixture *fixture, gconstpointer data) {
  run (fixture, take_in_forged);
}

/* ---- a supervisor's decisions ---- */

static gboolean
revoke_laptop (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = NULL;
  g_autofree char *before = NULL;
  TesseraRosterDevice *device;

  g_assert_true (add_laptop (tx, SECOND, "Reception", error));
  g_assert_true (tessera_team_revoke (tx, "Reception", 0, error));
  roster = tessera_roster_load (tx, error);
  device = device_of (roster, 1);
  g_assert_cmpint (device->state, ==, TESSERA_DEVICE_REVOKED);
  g_assert_nonnull (device->last);
  /* It does not come back: neither active, nor retired, nor forgotten. */
  before = tessera_roster_load_text (tx, 0, error);
  roster->version++;
  g_free (roster->previous);
  roster->previous = tessera_roster_hash (before);
  g_clear_pointer (&device->last, g_hash_table_unref);
  device->state = TESSERA_DEVICE_ACTIVE;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_REFUSED);
  device->state = TESSERA_DEVICE_RETIRED;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_REFUSED);
  g_ptr_array_remove_index (roster->devices, 1);
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_REFUSED);
  /* Nor does any device get another signing key. */
  device_of (roster, 0)->signing_key[0] ^= 1;
  expect_refused (tx, roster, TESSERA_ROSTER_ERROR_REFUSED);
  return TRUE;
}

static void
test_revoke (Fixture *fixture, gconstpointer data) {
  run (fixture, revoke_laptop);
}

static void
expect_not_done (gboolean done, GError **error) {
  g_assert_false (done);
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED);
  g_clear_error (error);
}

static gboolean
decide (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *own = tessera_identity_get_device (tx);
  g_autoptr (TesseraRoster) roster = NULL;
  g_autofree char *fingerprint = NULL;

  g_assert_true (add_laptop (tx, SECOND, "Reception", error));
  g_assert_true (add_laptop (tx, FIRST, "Reception", error));
  expect_not_done (tessera_team_retire (tx, "Reception", error), error);
  expect_not_done (tessera_team_retire (tx, "Nowhere", error), error);
  expect_not_done (tessera_team_retire (tx, own, error), error);
  expect_not_done (tessera_team_revoke (tx, own, 0, error), error);
  expect_not_done (tessera_team_set_role (tx, SECOND, "owner", error), error);
  expect_not_done (tessera_team_set_role (tx, own, "worker", error), error);
  g_assert_true (tessera_team_add_circle (tx, "North", error));
  expect_not_done (tessera_team_add_circle (tx, "North", error), error);
  expect_not_done (tessera_team_add_circle (tx, "a\nb", error), error);
  expect_not_done (tessera_team_put_in_circle (tx, SECOND, "South", error), error);
  g_assert_true (tessera_team_put_in_circle (tx, "33333333-3333-3333-3333-333333333333", "North", error));
  roster = tessera_roster_load (tx, error);
  /* The supervisor's is in it by itself, the other laptop is not. */
  g_assert_cmpuint (roster->circles->len, ==, 2);
  g_assert_cmpuint (device_of (roster, 0)->circles->len, ==, 2);
  g_assert_cmpuint (tessera_roster_find_device (roster, SECOND)->circles->len, ==, 2);
  g_assert_cmpuint (tessera_roster_find_device (roster, FIRST)->circles->len, ==, 1);
  fingerprint = tessera_fingerprint_new (tessera_roster_find_device (roster, FIRST)->signing_key);
  g_assert_true (tessera_team_set_role (tx, fingerprint, "supervisor", error));
  g_assert_true (tessera_team_retire (tx, SECOND, error));
  expect_not_done (tessera_team_retire (tx, SECOND, error), error);
  g_clear_pointer (&roster, tessera_roster_free);
  roster = tessera_roster_load (tx, error);
  g_assert_cmpuint (tessera_roster_find_device (roster, FIRST)->circles->len, ==, 2);
  g_assert_cmpint (tessera_roster_find_device (roster, SECOND)->state, ==, TESSERA_DEVICE_RETIRED);
  g_assert_null (tessera_roster_find_device (roster, SECOND)->last);
  return TRUE;
}

static void
test_decide (Fixture *fixture, gconstpointer data) {
  run (fixture, decide);
}

static gboolean
fill_circle (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_begin_next (tx, error);

  for (guint i = 0; i < TESSERA_ROSTER_MAX_MEMBERS; i++) {
    g_autofree char *id = g_strdup_printf ("%032x", i + 1);

    fill_device (roster, id, "worker");
  }
  expect_not_done (tessera_roster_publish (tx, roster, error), error);
  return TRUE;
}

static void
test_full_circle (Fixture *fixture, gconstpointer data) {
  run (fixture, fill_circle);
}

static gboolean
be_worker (TesseraTransaction *tx, gpointer data, GError **error) {
  expect_not_done (tessera_team_add_circle (tx, "North", error), error);
  g_assert_null (tessera_root_print (tx, FALSE, error));
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED);
  g_clear_error (error);
  return TRUE;
}

static void
test_only_supervisors (Fixture *fixture, gconstpointer data) {
  tessera_store_set_worker (fixture->store, NULL);
  run (fixture, be_worker);
}


static gboolean
rotate (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) before = tessera_identity_get_encryption_keys (tx, error);
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (TesseraRoster) roster = NULL;
  gboolean published = FALSE;

  g_assert_cmpuint (before->len, ==, 1);
  g_assert_true (tessera_team_rotate (tx, &published, error));
  g_assert_true (published);
  after = tessera_identity_get_encryption_keys (tx, error);
  g_assert_cmpuint (after->len, ==, 2);
  g_assert_cmpmem (tessera_secret_get_data (before->pdata[0]), 32, tessera_secret_get_data (after->pdata[1]), 32);
  roster = tessera_roster_load (tx, error);
  g_assert_cmpuint (device_of (roster, 0)->encryption->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    guint8 key[TESSERA_AGE_KEY_SIZE];
    g_autofree char *text = NULL;

    tessera_age_key_get_public (after->pdata[i], key);
    text = tessera_age_public_key_to_text (key);
    g_assert_cmpstr (device_of (roster, 0)->encryption->pdata[i], ==, text);
  }
  /* The card and the row name the new one. */
  g_assert_nonnull (strstr (roster->card, device_of (roster, 0)->encryption->pdata[0]));
  return TRUE;
}

static void
test_rotate (Fixture *fixture, gconstpointer data) {
  run (fixture, rotate);
}

/* ---- the root key on paper ---- */

static void
test_sheets (void) {
  g_autoptr (TesseraSecret) seed = tessera_secret_new_random (TESSERA_MINISIGN_SEED_SIZE);

  for (guint n = 1; n <= TESSERA_ROOT_MAX_SHEETS; n++) {
    g_autoptr (GPtrArray) sheets = tessera_root_split (seed, n);
    g_autoptr (TesseraSecret) joined = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (sheets->len, ==, n);
    joined = tessera_root_join (sheets, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (tessera_secret_get_data (joined), 32, tessera_secret_get_data (seed), 32);
    if (n == 2) {
      g_clear_pointer (&joined, tessera_secret_free);
      g_ptr_array_remove_index (sheets, 1);
      joined = tessera_root_join (sheets, NULL);
      g_assert_true (memcmp (tessera_secret_get_data (joined), tessera_secret_get_data (seed), 32) != 0);
    }
    tessera_secret_get_writable (sheets->pdata[0])[0] ^= 1;
    g_assert_null (tessera_root_join (sheets, &error));
    g_assert_nonnull (error);
  }
}

static void
expect_invalid (gboolean done, GError **error) {
  g_assert_false (done);
  g_assert_error (*error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID);
  g_clear_error (error);
}

static gboolean
on_paper (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) sheets = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autofree char *card = NULL;

  expect_invalid (tessera_root_remove (tx, error), error);
  sheets = tessera_root_print (tx, TRUE, error);
  g_assert_cmpuint (sheets->len, ==, 2);
  others = tessera_root_print (tx, TRUE, error);
  expect_invalid (tessera_root_restore (tx, sheets, error), error);
  g_assert_true (tessera_root_remove (tx, error));
  g_assert_false (tessera_identity_has_root (tx));
  /* Without it nothing is decided, but the card goes on. */
  g_assert_false (tessera_team_add_circle (tx, "North", error));
  g_clear_error (error);
  g_assert_null (tessera_identity_make_card (tx, error));
  g_clear_error (error);
  /* One sheet, two of different printings, none. */
  g_ptr_array_add (one, sheets->pdata[0]);
  expect_invalid (tessera_root_restore (tx, one, error), error);
  g_ptr_array_add (one, others->pdata[1]);
  expect_invalid (tessera_root_restore (tx, one, error), error);
  g_ptr_array_set_size (one, 0);
  expect_invalid (tessera_root_restore (tx, one, error), error);
  g_assert_true (tessera_root_restore (tx, sheets, error));
  g_assert_true (tessera_team_add_circle (tx, "North", error));
  g_assert_true (tessera_root_remove (tx, error));
  card = tessera_identity_make_card (tx, error);
  g_assert_nonnull (card);
  return TRUE;
}

static void
test_on_paper (Fixture *fixture, gconstpointer data) {
  run (fixture, on_paper);
}

/* ---- slots ---- */

/* As a vault of before wrote it: into the row. */
static gboolean
slots (TesseraTransaction *tx, gpointer data, GError **error) {
  const char *ana = tessera_transaction_get_worker (tx);
  g_autoptr (TesseraStatement) forget =
    tessera_transaction_prepare (tx, "DELETE FROM setting WHERE key GLOB 'slot.*'", error);
  g_autoptr (TesseraRecord) row = tessera_transaction_load (tx, "worker", ana, error);
  g_autoptr (TesseraRecord) other = tessera_transaction_new_record (tx, "worker");
  g_autoptr (TesseraRecord) found_one = NULL;
  g_autoptr (TesseraRecord) found_two = NULL;
  g_autoptr (TesseraRecord) gone = NULL;
  g_autoptr (GPtrArray) unlockers = NULL;

  tessera_statement_step (forget, error);
  g_clear_object (&forget);
  tessera_record_set_integer (row, "slot", 1);
  tessera_record_set (other, "name", "Bruno Exemplo");
  tessera_record_set (other, "role", "worker");
  g_assert_true (tessera_transaction_save (tx, row, error) && tessera_transaction_save (tx, other, error));
  found_one = tessera_identity_find_worker (tx, 1);
  g_assert_cmpstr (tessera_record_get_id (found_one), ==, ana);
  g_assert_null (tessera_identity_find_worker (tx, 2));
  /* The first setting takes the rows along; from then on they count for nothing. */
  g_assert_true (tessera_identity_set_slot (tx, 2, tessera_record_get_id (other), error));
  unlockers = tessera_identity_list_unlockers (tx, error);
  g_assert_cmpuint (unlockers->len, ==, 2);
  tessera_record_set_integer (other, "slot", 7);
  g_assert_true (tessera_transaction_save (tx, other, error));
  g_assert_null (tessera_identity_find_worker (tx, 7));
  found_two = tessera_identity_find_worker (tx, 2);
  g_assert_cmpstr (tessera_record_get_id (found_two), ==, tessera_record_get_id (other));
  g_assert_true (tessera_identity_clear_worker (tx, tessera_record_get_id (other), error));
  gone = tessera_identity_find_worker (tx, 2);
  g_assert_null (gone);
  return TRUE;
}

static void
test_slots (Fixture *fixture, gconstpointer data) {
  run (fixture, slots);
}

#define ADD(name, function) g_test_add ("/roster/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roster/text/round-trip", test_round_trip);
  g_test_add_func ("/roster/text/changed", test_changed);
  g_test_add_func ("/roster/text/malformed", test_malformed);
  g_test_add_func ("/roster/text/other-signer", test_other_signer);
  g_test_add_func ("/roster/text/limits", test_limits);
  g_test_add_func ("/roster/sheets", test_sheets);
  ADD ("first", test_first);
  ADD ("chain", test_chain);
  ADD ("take-in", test_take_in);
  ADD ("forged", test_forged);
  ADD ("revoke", test_revoke);
  ADD ("decide", test_decide);
  ADD ("full-circle", test_full_circle);
  ADD ("only-supervisors", test_only_supervisors);
  ADD ("rotate", test_rotate);
  ADD ("on-paper", test_on_paper);
  ADD ("slots", test_slots);
  return g_test_run ();
}
