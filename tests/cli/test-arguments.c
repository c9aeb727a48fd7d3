/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-arguments.c: the option parser, usage lines as grammars, exit statuses, and tables of comma-separated
 * values.
 */
#include "config.h"

#include "tessera-cli.h"
#include "tessera-csv.h"

static const TesseraCommand things[] = {
  { "thing", "make", "NAME FIELD=VALUE… [--color COLOR] [--loud]", "", TESSERA_ACCESS_NONE, NULL },
  { "thing", "list", "[NAME] [--worker WORKER] [--in|--out]", "", TESSERA_ACCESS_NONE, NULL },
  { "thing", "send", "--to PARTNER FILE [--kind refer|hand-over]", "", TESSERA_ACCESS_NONE, NULL },
  { "thing", "part add", "NAME", "", TESSERA_ACCESS_NONE, NULL },
  { "thing", "score", "CLIENT DOMAIN=WORKER[/CLIENT]…", "", TESSERA_ACCESS_NONE, NULL },
  { NULL },
};
static const TesseraCommand others[] = {
  { "sync", NULL, "[--carrier NAME]", "", TESSERA_ACCESS_NONE, NULL },
  { NULL },
};
static const TesseraCommand *const tables[] = { things, others, NULL };

static TesseraArguments *
parse (const char *line, GError **error) {
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  const TesseraCommand *command = NULL;

  if (*line == '\0')
    g_clear_pointer (&words[0], g_free);
  return tessera_arguments_parse (tables, (const char *const *) words, &command, error);
}

static TesseraArguments *
parse_good (const char *line) {
  g_autoptr (GError) error = NULL;
  TesseraArguments *arguments = parse (line, &error);

  g_assert_no_error (error);
  g_assert_nonnull (arguments);
  return arguments;
}

static void
assert_refused (const char *line) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraArguments) arguments = parse (line, &error);

  if (arguments != NULL)
    g_error ("taken: %s", line);
  g_assert_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE);
  g_assert_cmpint (tessera_cli_get_status (error), ==, 2);
}

static void
test_anywhere (void) {
  static const char *const lines[] = {
    "--vault DIR --json thing make chair color=red --loud --color blue",
    "thing --vault=DIR make --color=blue --loud chair --json color=red",
    "thing make --json --vault DIR --loud --color blue -- chair color=red",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (TesseraArguments) arguments = parse_good (lines[i]);

    g_assert_true (tessera_arguments_get_command (arguments) == &things[0]);
    g_assert_cmpstr (tessera_arguments_get_general (arguments, "vault"), ==, "DIR");
    g_assert_cmpstr (tessera_arguments_get_option (arguments, "color"), ==, "blue");
    g_assert_true (tessera_arguments_has (arguments, "json"));
    g_assert_true (tessera_arguments_has (arguments, "loud"));
    g_assert_cmpuint (tessera_arguments_count (arguments), ==, 2);
    g_assert_cmpstr (tessera_arguments_get (arguments, 0), ==, "chair");
    g_assert_cmpstr (tessera_arguments_get (arguments, 1), ==, "color=red");
    g_assert_null (tessera_arguments_get (arguments, 2));
  }
}

/* An option that both know is the command's behind the verb, and the general one before. */
static void
test_whose (void) {
  g_autoptr (TesseraArguments) arguments = parse_good ("--worker Ana thing list --worker Bea");

  g_assert_cmpstr (tessera_arguments_get_general (arguments, "worker"), ==, "Ana");
  g_assert_cmpstr (tessera_arguments_get_option (arguments, "worker"), ==, "Bea");
}

static void
test_grammar (void) {
  g_autoptr (TesseraArguments) sent = parse_good ("thing send FILE --to X --kind hand-over");
  g_autoptr (TesseraArguments) scored = parse_good ("thing score T home=1/2 work=3");
  g_autoptr (TesseraArguments) listed = parse_good ("thing list --out");
  g_autoptr (TesseraArguments) synced = parse_good ("sync --carrier stick");

  g_assert_cmpstr (tessera_arguments_get_option (sent, "kind"), ==, "hand-over");
  g_assert_cmpuint (tessera_arguments_count (scored), ==, 3);
  g_assert_true (tessera_arguments_has (listed, "out"));
  g_assert_false (tessera_arguments_has (listed, "in"));
  g_assert_cmpstr (tessera_arguments_get_option (synced, "carrier"), ==, "stick");
}

/* A verb of two words; options may stand between them. */
static void
test_two_words (void) {
  static const char *const lines[] = { "thing part add leg", "thing part --json add leg" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (TesseraArguments) arguments = parse_good (lines[i]);

    g_assert_cmpstr (tessera_arguments_get_command (arguments)->verb, ==, "part add");
    g_assert_cmpuint (tessera_arguments_count (arguments), ==, 1);
    g_assert_cmpstr (tessera_arguments_get (arguments, 0), ==, "leg");
  }
  assert_refused ("thing part");
  assert_refused ("thing part remove leg");
  assert_refused ("thing part part add leg");
}

static void
test_dashes (void) {
  g_autoptr (TesseraArguments) arguments = parse_good ("thing make -- --loud -x=1 --");
  g_autoptr (TesseraArguments) alone = parse_good ("thing list -");

  g_assert_cmpuint (tessera_arguments_count (arguments), ==, 3);
  g_assert_cmpstr (tessera_arguments_get (arguments, 0), ==, "--loud");
  g_assert_false (tessera_arguments_has (arguments, "loud"));
  g_assert_cmpstr (tessera_arguments_get (alone, 0), ==, "-");
}

static void
test_refused (void) {
  static const char *const lines[] = {
    "",
    "--json",
    "nothing",
    "thing",
    "thing break",
    "thing make",
    "thing make chair",
    "thing make chair a=b --size 3",
    "thing make chair a=b --color",
    "thing make chair a=b --color --loud",
    "thing make chair a=b --loud=yes",
    "thing make chair a=b --loud --loud",
    "thing make chair a=b -l",
    "thing list one two",
    "thing list --color red",
    "thing send FILE",
    "thing send --to X",
    "thing score T",
    "--color red thing make chair a=b",
    "--vault DIR --vault DIR sync",
    "sync now",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    assert_refused (lines[i]);
}

static void
test_help (void) {
  g_autoptr (TesseraArguments) all = parse_good ("--help");
  g_autoptr (TesseraArguments) noun = parse_good ("thing -h");
  g_autoptr (TesseraArguments) verb = parse_good ("thing make --help");

  g_assert_null (tessera_arguments_get_command (all));
  g_assert_cmpstr (tessera_arguments_get_noun (noun), ==, "thing");
  g_assert_null (tessera_arguments_get_command (noun));
  g_assert_true (tessera_arguments_get_command (verb) == &things[0]);
}

/* The real tables: every usage line is a grammar, no command stands there twice, every one has a sentence. */
static void
test_tables (void) {
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; tessera_commands[i] != NULL; i++) {
    for (const TesseraCommand *command = tessera_commands[i]; command->noun != NULL; command++) {
      const char *words[] = { command->noun, command->verb, "--help", NULL };
      g_autoptr (TesseraArguments) arguments = tessera_arguments_parse (tessera_commands, words, NULL, NULL);

      g_assert_true (tessera_arguments_get_command (arguments) == command);
      g_assert_true (g_hash_table_add (seen, tessera_command_format_usage (command)));
      g_assert_true (g_str_has_suffix (command->summary, ".") || g_str_has_suffix (command->summary, "…"));
      g_assert_nonnull (command->run);
    }
  }
  g_assert_cmpuint (g_hash_table_size (seen), >, 50);
}

static void
test_status (void) {
  g_autoptr (GError) wrong =
    g_error_new_literal (TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE, "x");
  g_autoptr (GError) damaged = g_error_new_literal (TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED, "x");
  g_autoptr (GError) full = g_error_new_literal (TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FULL, "x");
  g_autoptr (GError) some = g_error_new_literal (TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_SOME_REFUSED, "x");
  g_autoptr (GError) missing = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "x");

  g_assert_cmpint (tessera_cli_get_status (NULL), ==, 0);
  g_assert_cmpint (tessera_cli_get_status (wrong), ==, 3);
  g_assert_cmpint (tessera_cli_get_status (damaged), ==, 4);
  g_assert_cmpint (tessera_cli_get_status (full), ==, 1);
  g_assert_cmpint (tessera_cli_get_status (some), ==, 5);
  g_assert_cmpint (tessera_cli_get_status (missing), ==, 1);
}

static char *
read_table (const char *text, gssize size) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows =
    tessera_csv_parse (text, size < 0 ? strlen (text) : (gsize) size, NULL, &error);
  GString *seen = g_string_new (NULL);

  if (rows == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  for (guint i = 0; rows != NULL && i < rows->len; i++) {
    g_autofree char *row = g_strjoinv ("|", g_ptr_array_index (rows, i));

    g_string_append_printf (seen, "%s/", row);
  }
  return g_string_free (seen, rows == NULL);
}

static void
test_csv (void) {
  static const struct {
    const char *text;
    const char *rows;
  } tables_of_values[] = {
    { "a,b\n1,2\n", "a|b/1|2/" },
    { "a;b\r\n1,5;2", "a|b/1,5|2/" },
    { "a\tb\r1\t2\r", "a|b/1|2/" },
    { "\xef\xbb\xbf"
      "a,b\n\n\n1,\n",
      "a|b/1|/" },
    { "a,b\n\"x\"\"y\",\"1\n2\"\n", "a|b/x\"y|1\n2/" },
    { "a,b\n\"x\" y,2\n", "a|b/x y|2/" },
    { "a,b\nx\"y,2\n", "a|b/x\"y|2/" },
    { "", "" },
    { "\n\r\n", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables_of_values); i++) {
    g_autofree char *seen = read_table (tables_of_values[i].text, -1);

    g_assert_cmpstr (seen, ==, tables_of_values[i].rows);
  }
  g_assert_null (read_table ("a,b\n\"never", -1));
  g_assert_null (read_table ("a,\xff\n", -1));
  g_assert_null (read_table ("a\0b", 3));
}

static void
test_csv_lines (void) {
  const char *text = "a,b\n\n\"1\n2\",x\n3,y\n";
  g_autoptr (GArray) lines = NULL;
  g_autoptr (GPtrArray) rows = tessera_csv_parse (text, strlen (text), &lines, NULL);

  g_assert_cmpuint (rows->len, ==, 3);
  g_assert_cmpuint (g_array_index (lines, guint, 0), ==, 1);
  g_assert_cmpuint (g_array_index (lines, guint, 1), ==, 3);
  g_assert_cmpuint (g_array_index (lines, guint, 2), ==, 5);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arguments/anywhere", test_anywhere);
  g_test_add_func ("/arguments/whose", test_whose);
  g_test_add_func ("/arguments/grammar", test_grammar);
  g_test_add_func ("/arguments/two-words", test_two_words);
  g_test_add_func ("/arguments/dashes", test_dashes);
  g_test_add_func ("/arguments/refused", test_refused);
  g_test_add_func ("/arguments/help", test_help);
  g_test_add_func ("/arguments/tables", test_tables);
  g_test_add_func ("/arguments/status", test_status);
  g_test_add_func ("/csv/read", test_csv);
  g_test_add_func ("/csv/lines", test_csv_lines);
  return g_test_run ();
}
