/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * make-vectors.c: writes the stored vectors that are missing: `make-exchange-vectors tests/exchange/vectors`. Sealing
 * is random, so a vector made again has other bytes of the same meaning; delete only those whose recipe changed.
 */
#include "config.h"

#include "bundle-cases.h"
#include "exchange-fixture.h"
#include "team-cases.h"

static void
write_file (const char *folder, const char *name, const char *data, gssize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, data, size, &error))
    g_error ("%s", error->message);
}

static char *
public_text (const char *name)
{
  g_autoptr (TesseraSecret) key = fixture_signing_key (name);
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  tessera_minisign_key_get_public (key, public_key);

  return tessera_minisign_public_key_to_file (public_key);
}

/* Rosters, requests and invitations, in a folder of their own. */
static void
write_team (const char *folder)
{
  g_autofree char *team = g_build_filename (folder, "team", NULL);
  g_autoptr (GString) index = g_string_new (NULL);

  g_mkdir_with_parents (team, 0755);
  for (guint i = 0; i < n_team_cases; i++) {
    g_autofree char *path = g_build_filename (team, team_cases[i].name, NULL);
    g_autofree char *text = team_case_make (&team_cases[i]);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      write_file (team, team_cases[i].name, text, -1);
    g_string_append_printf (index, "%s\t%s\t%s\n", team_cases[i].name, fixture_code_name (team_cases[i].code),
                            team_cases[i].what);
  }
  write_file (team, "INDEX", index->str, index->len);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GString) index = g_string_new (NULL);
  g_autoptr (TesseraSecret) reader = fixture_age_key ("reader");
  g_autoptr (TesseraSecret) text = tessera_age_key_to_text (reader);
  g_autofree char *line = g_strdup_printf ("%s\n", (const char *) tessera_secret_get_data (text));
  g_autofree char *sender = public_text ("sender");
  g_autofree char *root = public_text ("root");

  if (argc != 2)
    return 2;
  for (guint i = 0; i < n_bundle_cases; i++) {
    g_autoptr (GBytes) file = bundle_cases[i].make ();
    g_autofree char *name = g_strconcat (bundle_cases[i].name, ".age", NULL);

    g_autofree char *path = g_build_filename (argv[1], name, NULL);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      write_file (argv[1], name, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
    g_string_append_printf (index, "%s\t%s\t%s\n", name, fixture_code_name (bundle_cases[i].code),
                            bundle_cases[i].what);
  }
  write_team (argv[1]);
  write_file (argv[1], "INDEX", index->str, index->len);
  write_file (argv[1], "reader.key", line, -1);
  write_file (argv[1], "sender.pub", sender, -1);
  write_file (argv[1], "root.pub", root, -1);

  return 0;
}
