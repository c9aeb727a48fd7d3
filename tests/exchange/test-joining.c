/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-joining.c: requests and invitations as files, and two vaults of which one joins the other's organization, in every
 * wrong way too; what a revoked laptop wrote is taken back.
 */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "tessera-age-armor.h"
#include "tessera-age.h"
#include "tessera-certificate.h"
#include "tessera-fixture.h"
#include "tessera-identity-private.h"
#include "tessera-identifier.h"
#include "tessera-joining.h"
#include "tessera-merge.h"
#include "tessera-root.h"
#include "tessera-team.h"

#define NOW G_GINT64_CONSTANT (1795262400000)
#define ORGANIZATION "11111111111111111111111111111111"
#define DEVICE "22222222222222222222222222222222"
#define WORKER "44444444444444444444444444444444"

/* ---- armor ---- */

static void
test_armor (void) {
  for (guint size = 0; size < 200; size++) {
    g_autofree guint8 *data = g_malloc0 (size + 1);
    g_autoptr (GBytes) file = NULL;
    g_autoptr (GBytes) read = NULL;
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;

    data[0] = 0xff;
    file = g_bytes_new (data, size);
    text = tessera_age_armor (file);
    read = tessera_age_dearmor (text, strlen (text), &error);
    if (size == 0)
      g_assert_null (read);
    else
      g_assert_true (read && g_bytes_equal (read, file));
    for (gsize length = 0; length + 1 < strlen (text); length += 7) {
      g_autoptr (GBytes) cut = tessera_age_dearmor (text, length, NULL);

      g_assert_null (cut);
    }
  }
}

static void
test_armor_strict (void) {
  static const char *const wrong[] = {
    "", "hello", "-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nAAA\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\nAAAA\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nAA==\nAAAA\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nAB==\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\nmore\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\n AAAA\n-----END AGE ENCRYPTED FILE-----\n",
    "-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (tessera_age_dearmor (wrong[i], strlen (wrong[i]), &error));
    g_assert_nonnull (error);
  }
}

/* ---- files ---- */

static TesseraRequest *
make_request (const TesseraSecret *signing) {
  TesseraRequest *request = g_new0 (TesseraRequest, 1);
  g_autoptr (TesseraSecret) encryption = tessera_age_key_generate ();
  guint8 key[TESSERA_AGE_KEY_SIZE];

  request->device = g_strdup (DEVICE);
  request->name = g_strdup ("Reception");
  request->worker = g_strdup ("Bruno Exemplo");
  request->language = g_strdup ("pt");
  tessera_minisign_key_get_public (signing, request->signing_key);
  tessera_age_key_get_public (encryption, key);
  request->encryption = tessera_age_public_key_to_text (key);
  request->created = NOW;
  return request;
}

static void
test_request (void) {
  g_autoptr (TesseraSecret) signing = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) other = tessera_minisign_key_generate ();
  g_autoptr (TesseraRequest) request = make_request (signing);
  g_autofree char *text = tessera_request_sign (request, signing, NULL);
  g_autofree char *forged = tessera_request_sign (request, other, NULL);
  g_autoptr (TesseraRequest) read = NULL;
  g_autoptr (GError) error = NULL;
  gsize line = (gsize) (strchr (text, '\n') - text);

  read = tessera_request_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->name, ==, "Reception");
  g_assert_cmpstr (read->encryption, ==, request->encryption);
  g_assert_null (tessera_request_parse (forged, strlen (forged), &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  for (gsize i = 0; i < line; i++) {
    g_autofree char *changed = g_strdup (text);

    changed[i] ^= 1;
    g_assert_null (tessera_request_parse (changed, strlen (text), NULL));
    g_assert_null (tessera_request_parse (text, i, NULL));
  }
}

static TesseraInvitation *
make_invitation (const TesseraSecret *root) {
  TesseraInvitation *invitation = tessera_invitation_new ();
  TesseraCertificate certificate = { (char *) ORGANIZATION, (char *) DEVICE, { 1 }, NOW, NOW + TESSERA_IDENTITY_DAY };

  invitation->organization = g_strdup (ORGANIZATION);
  invitation->name = g_strdup ("Harbor Aid");
  tessera_minisign_key_get_public (root, invitation->root_key);
  invitation->languages = g_strdup ("en,pt");
  invitation->device = g_strdup (DEVICE);
  invitation->worker = g_strdup (WORKER);
  invitation->role = g_strdup ("mediator");
  invitation->certificate = tessera_certificate_to_text (&certificate);
  invitation->certificate_signature = tessera_certificate_sign (root, invitation->certificate, NULL);
  invitation->roster = 3;
  invitation->created = NOW;
  invitation->expires = NOW + TESSERA_IDENTITY_DAY;
  g_ptr_array_add (invitation->circles,
                   tessera_roster_circle_new (ORGANIZATION, "Everybody", "abcdefghijklmnopqrstuvwxya"));
  return invitation;
}

static TesseraInvitation *
seal_and_open (const TesseraInvitation *invitation, const TesseraSecret *signer, GError **error) {
  g_autoptr (TesseraSecret) reader = tessera_age_key_generate ();
  const TesseraSecret *keys[] = { reader };
  guint8 key[TESSERA_AGE_KEY_SIZE];
  g_autofree char *recipient = NULL;
  g_autofree char *text = NULL;

  tessera_age_key_get_public (reader, key);
  recipient = tessera_age_public_key_to_text (key);
  text = tessera_invitation_seal (invitation, signer, recipient, error);
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), <=, TESSERA_INVITATION_QR_SIZE);
  return tessera_invitation_open (text, strlen (text), keys, 1, error);
}

static void
test_invitation (void) {
  g_autoptr (TesseraSecret) root = tessera_minisign_key_generate ();
  g_autoptr (TesseraSecret) other = tessera_minisign_key_generate ();
  g_autoptr (TesseraInvitation) invitation = make_invitation (root);
  g_autoptr (TesseraInvitation) read = NULL;
  g_autoptr (TesseraInvitation) full = NULL;
  g_autoptr (GError) error = NULL;

  read = seal_and_open (invitation, root, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->certificate, ==, invitation->certificate);
  g_assert_cmpstr (read->languages, ==, "en,pt");
  g_assert_cmpuint (read->circles->len, ==, 1);
  g_assert_cmpint (read->roster, ==, 3);
  /* More circles than fit: the first ones are in it. */
  for (guint i = 0; i < 64; i++) {
    g_autofree char *id = g_strdup_printf ("%032x", i);

    g_ptr_array_add (invitation->circles, tessera_roster_circle_new (id, "Another one", "bbcdefghijklmnopqrstuvwxya"));
  }
  full = seal_and_open (invitation, root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (full->circles->len, >, 1);
  g_assert_cmpuint (full->circles->len, <, 64);
  g_assert_cmpstr (((TesseraRosterCircle *) full->circles->pdata[0])->name, ==, "Everybody");
  /* Not signed by the key it names. */
  g_assert_null (seal_and_open (invitation, other, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  g_clear_error (&error);
  /* A certificate that somebody else signed, and one of another device. */
  g_free (invitation->certificate_signature);
  invitation->certificate_signature = tessera_certificate_sign (other, invitation->certificate, NULL);
  g_assert_null (seal_and_open (invitation, root, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE);
  g_clear_error (&error);
  g_free (invitation->certificate_signature);
  invitation->certificate_signature = tessera_certificate_sign (root, invitation->certificate, NULL);
  g_free (invitation->device);
  invitation->device = g_strdup (WORKER);
  g_assert_null (seal_and_open (invitation, root, &error));
  g_assert_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED);
}

/* ---- two vaults ---- */

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} House;

typedef struct {
  House shop;
  House desk;
  char *request;
  char *fingerprint;
  char *invitation;
  char *roster;
  const char *role;
  const char *circles[3];
  GPtrArray *lines;
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

static gboolean
prepare (TesseraTransaction *tx, gpointer data, GError **error) {
  TesseraJoiningFacts facts = { "Bruno Exemplo", "pt", "Reception", 1 };
  g_autoptr (TesseraStatement) count = NULL;

  g_assert_true (tessera_joining_prepare (tx, &facts, error));
  g_assert_false (tessera_joining_prepare (tx, &facts, error));
  g_assert_error (*error, TESSERA_JOINING_ERROR, TESSERA_JOINING_ERROR_JOINED);
  g_clear_error (error);
  g_assert_true (tessera_identity_is_joining (tx));
  g_assert_false (tessera_identity_check (tx, error));
  g_clear_error (error);
  /* Nothing that would have to be told to others. */
  count = tessera_transaction_prepare (tx, "SELECT count(*) FROM change", error);
  g_assert_true (tessera_statement_step (count, error));
  g_assert_cmpint (tessera_statement_get_integer (count, 0), ==, 0);
  return TRUE;
}

static void
run (House *house, TesseraStoreFunc func, gpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (house->store, func, data, &error);
  g_assert_no_error (error);
}

static void
open_house (House *house) {
  house->folder = fixture_make_folder ();
  house->vault = fixture_create_vault (house->folder);
  house->store = fixture_open_store (house->vault);
}

static void
close_house (House *house) {
  fixture_close (&house->store, &house->vault);
  fixture_remove_folder (house->folder);
  g_free (house->folder);
}

static void
set_up (Fixture *fixture, gconstpointer data) {
  g_autofree char *worker = NULL;

  open_house (&fixture->shop);
  open_house (&fixture->desk);
  run (&fixture->shop, found, &worker);
  tessera_store_set_worker (fixture->shop.store, worker);
  run (&fixture->desk, prepare, NULL);
  fixture->role = "worker";
  fixture->lines = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data) {
  close_house (&fixture->shop);
  close_house (&fixture->desk);
  g_free (fixture->request);
  g_free (fixture->fingerprint);
  g_free (fixture->invitation);
  g_free (fixture->roster);
  g_ptr_array_unref (fixture->lines);
}

static gboolean
ask (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  g_clear_pointer (&fixture->request, g_free);
  g_clear_pointer (&fixture->fingerprint, g_free);
  fixture->request = tessera_joining_request (tx, &fixture->fingerprint, error);
  return fixture->request != NULL;
}

static gboolean
admit (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;
  TesseraAdmission admission = { fixture->role, fixture->fingerprint, NULL,
                                 fixture->circles[0] ? fixture->circles : NULL };

  g_clear_pointer (&fixture->invitation, g_free);
  g_clear_pointer (&fixture->roster, g_free);
  fixture->invitation =
    tessera_joining_admit (tx, fixture->request, strlen (fixture->request), &admission, NULL, error);
  fixture->roster = fixture->invitation ? tessera_roster_load_text (tx, 0, error) : NULL;
  return fixture->roster != NULL;
}

static gboolean
join (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  return tessera_joining_join (tx, fixture->invitation, strlen (fixture->invitation), NULL, error);
}

static gboolean
take_roster (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;
  gboolean is_new = FALSE;

  g_assert_true (tessera_roster_take_in (tx, fixture->roster, strlen (fixture->roster), &is_new, error));
  g_assert_true (is_new);
  return TRUE;
}

static void
become_one (Fixture *fixture) {
  run (&fixture->desk, ask, fixture);
  run (&fixture->shop, admit, fixture);
  run (&fixture->desk, join, fixture);
}

static gboolean
look_at_joined (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;
  g_autoptr (TesseraRecord) worker = tessera_identity_find_worker (tx, 1);
  g_autoptr (GPtrArray) circles = tessera_joining_list_circles (tx);
  g_autofree char *circle = tessera_transaction_get_circle (tx, error);
  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;

  g_assert_true (tessera_identity_check (tx, error));
  g_assert_false (tessera_identity_has_root (tx));
  g_assert_cmpstr (tessera_record_get (worker, "name"), ==, "Bruno Exemplo");
  g_assert_cmpstr (tessera_record_get (worker, "role"), ==, fixture->role);
  g_assert_cmpuint (circles->len, ==, 1);
  g_assert_cmpstr (((TesseraRosterCircle *) circles->pdata[0])->id, ==, circle);
  g_assert_true (tessera_identity_get_certificate (tx, &certificate, &signature, error));
  g_assert_null (tessera_identity_make_card (tx, error));
  g_clear_error (error);
  return TRUE;
}

static gboolean
look_at_card (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autofree char *card = tessera_identity_make_card (tx, error);
  g_autoptr (TesseraRoster) roster = tessera_roster_load (tx, error);

  g_assert_no_error (*error);
  g_assert_cmpstr (card, ==, roster->card);
  return TRUE;
}

static void
test_join (Fixture *fixture, gconstpointer data) {
  become_one (fixture);
  run (&fixture->desk, look_at_joined, fixture);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, look_at_card, fixture);
}

/* ---- an old roster for a new device ---- */

static gboolean
load_old (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  g_free (fixture->roster);
  fixture->roster = tessera_roster_load_text (tx, 1, error);
  return fixture->roster != NULL;
}

static gboolean
refuse_old (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  g_assert_false (tessera_roster_take_in (tx, fixture->roster, strlen (fixture->roster), NULL, error));
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED);
  g_clear_error (error);
  return TRUE;
}

static void
test_old_roster (Fixture *fixture, gconstpointer data) {
  become_one (fixture);
  run (&fixture->shop, load_old, fixture);
  run (&fixture->desk, refuse_old, fixture);
}

/* ---- the root key on a device whose roster has not come ---- */

static gboolean
print_root (TesseraTransaction *tx, gpointer data, GError **error) {
  *(GPtrArray **) data = tessera_root_print (tx, TRUE, error);
  return *(GPtrArray **) data != NULL;
}

static gboolean
restore_too_early (TesseraTransaction *tx, gpointer data, GError **error) {
  g_assert_true (tessera_root_restore (tx, data, error));
  g_assert_null (tessera_roster_load (tx, error));
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_MISSING);
  g_clear_error (error);
  return TRUE;
}

static gboolean
become_supervisor (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) worker = tessera_identity_find_worker (tx, 1);

  *(char **) data = g_strdup (tessera_record_get_id (worker));
  return tessera_transaction_save (tx, worker, error);
}

static gboolean
publish_here (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  if (!tessera_team_add_circle (tx, "North", error))
    return FALSE;
  g_free (fixture->roster);
  fixture->roster = tessera_roster_load_text (tx, 0, error);
  return TRUE;
}

/* A second supervisor with the root key goes on where the first stopped, and the first follows. */
static void
test_second_root (Fixture *fixture, gconstpointer data) {
  g_autoptr (GPtrArray) sheets = NULL;
  g_autofree char *worker = NULL;

  fixture->role = "supervisor";
  become_one (fixture);
  run (&fixture->shop, print_root, &sheets);
  run (&fixture->desk, become_supervisor, &worker);
  tessera_store_set_worker (fixture->desk.store, worker);
  run (&fixture->desk, restore_too_early, sheets);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, publish_here, fixture);
  run (&fixture->shop, take_roster, fixture);
  run (&fixture->shop, look_at_card, fixture);
}

/* ---- several circles ---- */

static gboolean
add_circles (TesseraTransaction *tx, gpointer data, GError **error) {
  return tessera_team_add_circle (tx, "North", error) && tessera_team_add_circle (tx, "South", error);
}

static gboolean
look_at_circles (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (GPtrArray) circles = tessera_joining_list_circles (tx);

  g_assert_cmpuint (circles->len, ==, 2);
  return TRUE;
}

static void
test_circles (Fixture *fixture, gconstpointer data) {
  run (&fixture->shop, add_circles, NULL);
  fixture->circles[0] = "North";
  fixture->circles[1] = "South";
  become_one (fixture);
  run (&fixture->desk, look_at_circles, NULL);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, look_at_circles, NULL);
}

/* ---- what a revoked laptop wrote ---- */

static gboolean
write_client (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");

  tessera_record_set (client, "name", data);
  return tessera_transaction_save (tx, client, error);
}

static gboolean
keep_line (const char *line, gsize length, gpointer data, GError **error) {
  g_ptr_array_add (data, g_strndup (line, length));
  return TRUE;
}

static gboolean
write_out (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;
  g_autoptr (GHashTable) nothing = tessera_vector_new ();

  return tessera_transaction_write_changes (tx, NULL, NULL, nothing, keep_line, fixture->lines, error);
}

static gboolean
allow (TesseraTransaction *tx, const TesseraMergeChange *change, gpointer data, GError **error) {
  return TRUE;
}

static gboolean
merge_in (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;
  g_autoptr (TesseraMerging) merging = tessera_merging_new (tx, allow, NULL);

  for (guint i = 0; i < fixture->lines->len; i++)
    if (!tessera_merging_line (merging, fixture->lines->pdata[i], strlen (fixture->lines->pdata[i]), error))
      return FALSE;
  return tessera_merging_finish (merging, NULL, NULL, error);
}

static gint64
count_clients (TesseraTransaction *tx) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, "SELECT count(*) FROM client", NULL);

  g_assert_true (tessera_statement_step (statement, NULL));
  return tessera_statement_get_integer (statement, 0);
}

typedef struct {
  gint64 until;
  gint64 expected;
} Revoking;

static gboolean
revoke_laptop (TesseraTransaction *tx, gpointer data, GError **error) {
  const Revoking *revoking = data;

  if (!tessera_team_revoke (tx, "Reception", revoking->until, error))
    return FALSE;
  g_assert_cmpint (count_clients (tx), ==, revoking->expected);
  return TRUE;
}

/* @ret: the moment between the two clients. */
static void
write_two (Fixture *fixture, gint64 *ret) {
  run (&fixture->desk, write_client, (gpointer) "Zarzuela Exemplo");
  g_usleep (3000);
  *ret = g_get_real_time () / 1000;
  g_usleep (3000);
  run (&fixture->desk, write_client, (gpointer) "Yolanda Exemplo");
  run (&fixture->desk, write_out, fixture);
  run (&fixture->shop, merge_in, fixture);
}

static void
test_revoked (Fixture *fixture, gconstpointer data) {
  gint64 between;
  Revoking all = { 0, 2 };
  Revoking some = { 0, 1 };
  Revoking early = { 1, 0 };

  become_one (fixture);
  write_two (fixture, &between);
  some.until = between;
  run (&fixture->shop, revoke_laptop, &all);
  run (&fixture->shop, revoke_laptop, &some);
  /* Never less than before: keeping everything now brings nothing back. */
  all.expected = 1;
  run (&fixture->shop, revoke_laptop, &all);
  run (&fixture->shop, revoke_laptop, &early);
  /* And what comes of it later counts for nothing. */
  run (&fixture->shop, merge_in, fixture);
  run (&fixture->shop, revoke_laptop, &early);
}

static gboolean
load_newest (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  g_free (fixture->roster);
  fixture->roster = tessera_roster_load_text (tx, 0, error);
  return fixture->roster != NULL;
}

static gboolean
refuse_revoked (TesseraTransaction *tx, gpointer data, GError **error) {
  Fixture *fixture = data;

  g_assert_false (tessera_joining_join (tx, fixture->invitation, strlen (fixture->invitation), NULL, error));
  g_clear_error (error);
  return TRUE;
}

/* The laptop itself hears of it: it takes back nothing, and cannot be admitted any more. */
static void
test_told (Fixture *fixture, gconstpointer data) {
  Revoking all = { 0, 0 };
  g_autoptr (GError) error = NULL;

  become_one (fixture);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->shop, revoke_laptop, &all);
  run (&fixture->shop, load_newest, fixture);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, refuse_revoked, fixture);
  run (&fixture->desk, ask, fixture);
  g_assert_false (tessera_store_write (fixture->shop.store, admit, fixture, &error));
  g_assert_error (error, TESSERA_JOINING_ERROR, TESSERA_JOINING_ERROR_REVOKED);
}

/* ---- another key without the root key ---- */

static gboolean
rotate (TesseraTransaction *tx, gpointer data, GError **error) {
  gboolean published = TRUE;

  g_assert_true (tessera_team_rotate (tx, &published, error));
  g_assert_false (published);
  return TRUE;
}

static gboolean
rotate_again (TesseraTransaction *tx, gpointer data, GError **error) {
  gboolean published = TRUE;

  g_assert_false (tessera_team_rotate (tx, &published, error));
  g_assert_error (*error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED);
  g_clear_error (error);
  return TRUE;
}

static gboolean
look_at_keys (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRoster) roster = tessera_roster_load (tx, error);
  g_autoptr (GPtrArray) keys = tessera_identity_get_encryption_keys (tx, error);
  g_autofree char *own = tessera_identity_get_device (tx);
  const TesseraRosterDevice *device = tessera_roster_find_device (roster, own);

  g_assert_cmpuint (device->encryption->len, ==, 2);
  g_assert_cmpuint (keys->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    guint8 key[TESSERA_AGE_KEY_SIZE];
    g_autofree char *text = NULL;

    tessera_age_key_get_public (keys->pdata[i], key);
    text = tessera_age_public_key_to_text (key);
    g_assert_cmpstr (device->encryption->pdata[i], ==, text);
  }
  return TRUE;
}

static void
test_rotate (Fixture *fixture, gconstpointer data) {
  become_one (fixture);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, rotate, NULL);
  run (&fixture->desk, rotate_again, NULL);
  run (&fixture->desk, ask, fixture);
  run (&fixture->shop, admit, fixture);
  run (&fixture->desk, take_roster, fixture);
  run (&fixture->desk, look_at_keys, NULL);
  run (&fixture->desk, rotate, NULL);
}

#define ADD(name, function) g_test_add ("/joining/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[]) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/joining/armor/round-trip", test_armor);
  g_test_add_func ("/joining/armor/strict", test_armor_strict);
  g_test_add_func ("/joining/request", test_request);
  g_test_add_func ("/joining/invitation", test_invitation);
  ADD ("join", test_join);
  ADD ("old-roster", test_old_roster);
  ADD ("second-root", test_second_root);
  ADD ("circles", test_circles);
  ADD ("revoked", test_revoked);
  ADD ("told", test_told);
  ADD ("rotate", test_rotate);
  return g_test_run ();
}
