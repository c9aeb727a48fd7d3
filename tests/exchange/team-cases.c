/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * team-cases.c: see the header. All keys are made from names, so that rosters and requests come out the same each time; an
 * invitation is sealed, and differs.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "team-cases.h"
#include "tessera-age-armor.h"
#include "tessera-age.h"
#include "tessera-joining.h"
#include "tessera-roster.h"
#include "tessera-certificate.h"

#define CIRCLE "66666666666666666666666666666666"
#define SECOND "77777777777777777777777777777777"
#define WORKER "88888888888888888888888888888888"
#define MAILBOX "abcdefghijklmnopqrstuvwxya"
#define WEEK (G_GINT64_CONSTANT (7) * 86400 * 1000)

/* clang-format off */
const TeamCase team_cases[] = {
  { "ok-roster", "roster", -1, NULL, NULL, "root", "two devices, one of them revoked" },
  { "ok-roster-unknown-field", "roster", -1, "\"org\"", "\"colour\":\"blue\",\"org\"", "root", "a field nobody knows" },
  { "roster-other-key", "roster", TESSERA_BUNDLE_ERROR_BAD_SIGNATURE, NULL, NULL, "sender", "signed by another key" },
  { "roster-newer", "roster", TESSERA_BUNDLE_ERROR_TOO_NEW, "tessera-roster/1", "tessera-roster/2", "root", "fmt tessera-roster/2" },
  { "roster-other-format", "roster", TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, "tessera-roster/1", "tessera-card/1", "root", "the fmt of a card under the signature of a roster" },
  { "roster-comment", "roster", TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, "{\"fmt\"", "/**/{\"fmt\"", "root", "JSON with a comment in it" },
  { "roster-repeated-name", "roster", TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE, "\"org\"", "\"fmt\":\"tessera-roster/1\",\"org\"", "root", "the same name twice" },
  { "roster-no-previous", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"prev\"", "\"was\"", "root", "version 3 that follows nothing" },
  { "roster-first-with-previous", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"n\":3", "\"n\":1", "root", "version 1 that follows something" },
  { "roster-no-devices", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"devices\":[", "\"devices\":[],\"was\":[", "root", "no devices" },
  { "roster-device-twice", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "{\"id\":\"" SECOND, "{\"id\":\"" FIXTURE_DEVICE, "root", "two devices with one id" },
  { "roster-unknown-role", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"supervisor\"", "\"owner\"", "root", "a role that is none" },
  { "roster-unknown-circle", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"circles\":[\"6", "\"circles\":[\"5", "root", "a device in a circle that is not listed" },
  { "roster-circle-mailbox", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"" MAILBOX "\"", "\"../x\"", "root", "a mailbox with a path" },
  { "roster-active-with-last", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"state\":\"revoked\"", "\"state\":\"active\"", "root", "last good changes of a device that is not revoked" },
  { "roster-negative-last", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\":12", "\":-12", "root", "a last good change before the first" },
  { "roster-no-key", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"enc\":[\"", "\"enc\":[],\"was\":[\"", "root", "a device without an encryption key" },
  { "roster-bad-date", "roster", TESSERA_BUNDLE_ERROR_MALFORMED, "\"created\":\"2026-11-20", "\"created\":\"2026-02-31", "root", "31 February" },
  { "ok-request", "request", -1, NULL, NULL, "sender", "of a new device" },
  { "request-other-key", "request", TESSERA_BUNDLE_ERROR_BAD_SIGNATURE, NULL, NULL, "root", "signed by another key than it names" },
  { "request-newer", "request", TESSERA_BUNDLE_ERROR_TOO_NEW, "tessera-request/1", "tessera-request/2", "sender", "fmt tessera-request/2" },
  { "request-empty-name", "request", TESSERA_BUNDLE_ERROR_MALFORMED, "\"Reception\"", "\"\"", "sender", "a device without a name" },
  { "request-hidden-text", "request", TESSERA_BUNDLE_ERROR_MALFORMED, "\"Reception\"", "\"Rec\\u202eption\"", "sender", "a name that reorders text" },
  { "request-no-key", "request", TESSERA_BUNDLE_ERROR_MALFORMED, "\"enc\":\"age1", "\"enc\":\"bge1", "sender", "an encryption key that is none" },
  { "ok-invitation", "invitation", -1, NULL, NULL, "root", "sealed to reader.key" },
  { "invitation-other-key", "invitation", TESSERA_BUNDLE_ERROR_BAD_SIGNATURE, NULL, NULL, "sender", "signed by another key than it names" },
  { "invitation-newer", "invitation", TESSERA_BUNDLE_ERROR_TOO_NEW, "tessera-invitation/1", "tessera-invitation/2", "root", "fmt tessera-invitation/2" },
  { "invitation-other-device", "invitation", TESSERA_BUNDLE_ERROR_MALFORMED, "\"dev\":\"2", "\"dev\":\"3", "root", "the certificate of another device" },
  { "invitation-changed-certificate", "invitation", TESSERA_BUNDLE_ERROR_BAD_SIGNATURE, "\\\"created\\\":\\\"2026-11-20", "\\\"created\\\":\\\"2026-11-19", "root", "a certificate that was changed after signing" },
  { "invitation-no-circle", "invitation", TESSERA_BUNDLE_ERROR_MALFORMED, "\"circles\":[", "\"circles\":[],\"was\":[", "root", "no circle" },
};
/* clang-format on */

const guint n_team_cases = G_N_ELEMENTS (team_cases);

static char *
age_public (const char *name) {
  g_autoptr (TesseraSecret) key = fixture_age_key (name);
  guint8 public_key[TESSERA_AGE_KEY_SIZE];

  tessera_age_key_get_public (key, public_key);
  return tessera_age_public_key_to_text (public_key);
}

static void
signing_public (const char *name, guint8 *public_key) {
  g_autoptr (TesseraSecret) key = fixture_signing_key (name);

  tessera_minisign_key_get_public (key, public_key);
}

static TesseraRosterDevice *
add_device (TesseraRoster *roster, const char *id, const char *name, const char *role, const char *signing) {
  TesseraRosterDevice *device = tessera_roster_add_device (roster, id);

  device->name = g_strdup (name);
  device->worker = g_strdup (WORKER);
  device->role = g_strdup (role);
  signing_public (signing, device->signing_key);
  g_ptr_array_add (device->encryption, age_public (signing));
  tessera_roster_put_in (device, CIRCLE);
  device->since = FIXTURE_NOW - WEEK;
  return device;
}

static char *
make_roster (void) {
  g_autoptr (TesseraRoster) roster = tessera_roster_new ();
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  TesseraRosterDevice *lost;

  roster->organization = g_strdup (FIXTURE_ORGANIZATION);
  roster->name = g_strdup ("Harbour Aid");
  roster->version = 3;
  roster->previous = g_strnfill (64, 'a');
  roster->created = FIXTURE_NOW - 86400000;
  roster->expires = FIXTURE_NOW + WEEK;
  g_ptr_array_add (roster->circles, tessera_roster_circle_new (CIRCLE, "Harbour Aid", MAILBOX));
  add_device (roster, FIXTURE_DEVICE, "Office", "supervisor", "sender");
  lost = add_device (roster, SECOND, "Reception", "worker", "lost");
  lost->state = TESSERA_DEVICE_REVOKED;
  lost->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (lost->last, g_strdup (FIXTURE_STREAM), g_memdup2 (&(gint64) { 12 }, sizeof (gint64)));
  return tessera_roster_sign (roster, root, NULL);
}

static char *
make_request (void) {
  g_autoptr (TesseraRequest) request = g_new0 (TesseraRequest, 1);
  g_autoptr (TesseraSecret) key = fixture_signing_key ("sender");

  request->device = g_strdup (FIXTURE_DEVICE);
  request->name = g_strdup ("Reception");
  request->worker = g_strdup ("Bruno Exemplo");
  request->language = g_strdup ("pt");
  signing_public ("sender", request->signing_key);
  request->encryption = age_public ("reader");
  request->created = FIXTURE_NOW;
  return tessera_request_sign (request, key, NULL);
}

static char *
unseal (const char *armored) {
  g_autoptr (GBytes) file = tessera_age_dearmor (armored, strlen (armored), NULL);
  g_autoptr (GBytes) plain = fixture_decrypt (file);

  return g_strndup (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));
}

static char *
seal (const char *text) {
  g_autoptr (GBytes) file = fixture_encrypt (text, strlen (text), (const char *[]) { "reader", NULL });

  return tessera_age_armor (file);
}

static char *
make_invitation (void) {
  g_autoptr (TesseraInvitation) invitation = tessera_invitation_new ();
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  g_autofree char *reader = age_public ("reader");
  g_autofree char *armored = NULL;

  invitation->organization = g_strdup (FIXTURE_ORGANIZATION);
  invitation->name = g_strdup ("Harbour Aid");
  signing_public ("root", invitation->root_key);
  invitation->languages = g_strdup ("en,pt");
  invitation->device = g_strdup (FIXTURE_DEVICE);
  invitation->worker = g_strdup (WORKER);
  invitation->role = g_strdup ("mediator");
  invitation->certificate = fixture_certificate (FIXTURE_DEVICE, FIXTURE_NOW + WEEK, &invitation->certificate_signature);
  invitation->roster = 3;
  invitation->created = FIXTURE_NOW;
  invitation->expires = FIXTURE_NOW + 2 * WEEK;
  g_ptr_array_add (invitation->circles, tessera_roster_circle_new (CIRCLE, "Harbour Aid", MAILBOX));
  armored = tessera_invitation_seal (invitation, root, reader, NULL);
  return unseal (armored);
}

char *
team_case_make (const TeamCase *self) {
  gboolean is_invitation = strcmp (self->kind, "invitation") == 0;
  g_autofree char *good = is_invitation ? make_invitation ()
                          : strcmp (self->kind, "roster") == 0 ? make_roster () : make_request ();
  g_autoptr (GString) text = g_string_new_len (good, strchr (good, '\n') + 1 - good);
  g_autoptr (TesseraSecret) key = fixture_signing_key (self->signer);
  g_autofree char *comment = g_strdup_printf ("tessera-%s/1 made for tests", self->kind);
  g_autofree char *signature = NULL;

  if (self->old)
    g_assert_cmpuint (g_string_replace (text, self->old, self->new, 1), ==, 1);
  signature = tessera_minisign_sign (key, text->str, text->len, comment, NULL);
  g_string_append (text, signature);
  return is_invitation ? seal (text->str) : g_strdup (text->str);
}
