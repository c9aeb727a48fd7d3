/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-team-vectors.c: the stored rosters, requests and invitations are read as docs/bundle-format.md says, and stock tools
 * open and verify them.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "team-cases.h"
#include "tessera-joining.h"
#include "tessera-roster.h"

static char *
vector_path (const char *name) {
  return g_test_build_filename (G_TEST_DIST, "exchange", "vectors", "team", name, NULL);
}

static int
read_vector (const char *kind, const char *text, gsize length) {
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  const TesseraSecret *keys[] = { reader };
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autoptr (GError) error = NULL;

  tessera_minisign_key_get_public (root, key);
  if (strcmp (kind, "roster") == 0)
    tessera_roster_free (tessera_roster_parse (text, length, key, &error));
  else if (strcmp (kind, "request") == 0)
    tessera_request_free (tessera_request_parse (text, length, &error));
  else
    tessera_invitation_free (tessera_invitation_open (text, length, keys, 1, &error));
  g_assert_true (!error || error->domain == TESSERA_BUNDLE_ERROR);
  return error ? error->code : -1;
}

/* As stored, and as this program makes them today. */
static void
test_vector (gconstpointer data) {
  const TeamCase *self = data;
  g_autofree char *path = vector_path (self->name);
  g_autofree char *stored = NULL;
  g_autofree char *made = team_case_make (self);
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &stored, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture_code_name (read_vector (self->kind, stored, length)), ==, fixture_code_name (self->code));
  g_assert_cmpstr (fixture_code_name (read_vector (self->kind, made, strlen (made))), ==, fixture_code_name (self->code));
  if (strcmp (self->kind, "invitation") != 0)
    g_assert_cmpstr (stored, ==, made);
}

static void
run_shell (const char *command) {
  g_autofree char *folder = vector_path ("");
  char *words[] = { (char *) "/bin/sh", (char *) "-ec", (char *) command, NULL };
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (folder, words, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &said, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("%s", said);
  g_assert_cmpint (status, ==, 0);
}

/* docs/bundle-format.md: “By hand”. */
static void
test_by_hand (void) {
  run_shell ("d=$(mktemp -d); trap 'rm -r $d' EXIT; head -n 1 ok-roster > $d/line; tail -n +2 ok-roster > $d/line.minisig;"
             "minisign -VHm $d/line -p ../root.pub >/dev/null");
  run_shell ("d=$(mktemp -d); trap 'rm -r $d' EXIT; age -d -i ../reader.key ok-invitation > $d/all;"
             "head -n 1 $d/all > $d/line; tail -n +2 $d/all > $d/line.minisig;"
             "minisign -VHm $d/line -p ../root.pub >/dev/null");
}

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_team_cases; i++) {
    g_autofree char *path = g_strconcat ("/team-vectors/", team_cases[i].name, NULL);

    g_test_add_data_func (path, &team_cases[i], test_vector);
  }
  g_test_add_func ("/team-vectors/by-hand", test_by_hand);
  return g_test_run ();
}
