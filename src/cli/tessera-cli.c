/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli.c: from the words of a command line to an exit status.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include <stdio.h>

#include "tessera-cli-private.h"
#include "tessera-identifier.h"

/* In the order in which --help shows them. */
extern const TesseraCommand tessera_vault_commands[];
extern const TesseraCommand tessera_client_commands[];
extern const TesseraCommand tessera_visit_commands[];
extern const TesseraCommand tessera_document_commands[];
extern const TesseraCommand tessera_pathway_commands[];
extern const TesseraCommand tessera_consent_commands[];
extern const TesseraCommand tessera_directory_commands[];
extern const TesseraCommand tessera_partner_commands[];
extern const TesseraCommand tessera_team_commands[];
extern const TesseraCommand tessera_conflict_commands[];
extern const TesseraCommand tessera_referral_commands[];
extern const TesseraCommand tessera_bundle_commands[];
extern const TesseraCommand tessera_carrier_commands[];
extern const TesseraCommand tessera_record_commands[];
extern const TesseraCommand tessera_report_commands[];
extern const TesseraCommand tessera_demo_commands[];

const TesseraCommand *const tessera_commands[] = {
  tessera_vault_commands,
  tessera_client_commands,
  tessera_visit_commands,
  tessera_document_commands,
  tessera_pathway_commands,
  tessera_consent_commands,
  tessera_directory_commands,
  tessera_partner_commands,
  tessera_team_commands,
  tessera_conflict_commands,
  tessera_referral_commands,
  tessera_bundle_commands,
  tessera_carrier_commands,
  tessera_record_commands,
  tessera_report_commands,
  tessera_demo_commands,
  NULL,
};

const char *
tessera_cli_get_argument (TesseraCli *self, guint place) {
  return tessera_arguments_get (self->arguments, place);
}

guint
tessera_cli_count_arguments (TesseraCli *self) {
  return tessera_arguments_count (self->arguments);
}

const char *
tessera_cli_get_option (TesseraCli *self, const char *name) {
  return tessera_arguments_get_option (self->arguments, name);
}

gboolean
tessera_cli_has (TesseraCli *self, const char *name) {
  return tessera_arguments_has (self->arguments, name);
}

gboolean
tessera_cli_get_number (TesseraCli *self, const char *name, guint64 most, guint64 fallback,
                        guint64 *ret_number, GError **error) {
  const char *text = tessera_cli_get_option (self, name);

  *ret_number = fallback;
  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (text, 10, 1, most, ret_number, NULL))
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
               _("“%s” is not a number from 1 to %" PRIu64 " (--%s)."), text, most, name);
  return FALSE;
}

const char *
tessera_cli_get_worker (TesseraCli *self) {
  return tessera_arguments_get_general (self->arguments, "worker");
}

gboolean
tessera_cli_is_json (TesseraCli *self) {
  return self->json;
}

TesseraRegistry *
tessera_cli_get_registry (TesseraCli *self) {
  return self->registry;
}

TesseraStore *
tessera_cli_get_store (TesseraCli *self) {
  return self->store;
}

TesseraVault *
tessera_cli_get_vault (TesseraCli *self) {
  return self->vault;
}

const char *
tessera_cli_get_folder (TesseraCli *self) {
  const char *given = tessera_arguments_get_general (self->arguments, "vault");

  if (given != NULL)
    return given;
  if (self->folder == NULL)
    self->folder = g_build_filename (g_get_user_data_dir (), "tessera", "vault", NULL);
  return self->folder;
}

static TesseraCli *
tessera_cli_new (TesseraArguments *arguments) {
  TesseraCli *self = g_new0 (TesseraCli, 1);

  self->arguments = arguments;
  self->json = tessera_arguments_has (arguments, "json");
  self->registry = tessera_registry_new ();
  self->text = g_string_new (NULL);
  return self;
}

static void
tessera_cli_free (TesseraCli *self) {
  tessera_cli_close (self);
  g_clear_object (&self->registry);
  g_clear_pointer (&self->document, json_node_unref);
  g_string_free (self->text, TRUE);
  g_free (self->folder);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraCli, tessera_cli_free)

static gboolean
run_in_transaction (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraCli *self = data;
  gboolean done;

  self->transaction = transaction;
  done = tessera_arguments_get_command (self->arguments)->run (self, transaction, error);
  self->transaction = NULL;
  return done;
}

static gboolean
run_command (TesseraCli *self, GError **error) {
  const TesseraCommand *command = tessera_arguments_get_command (self->arguments);

  if (command->access != TESSERA_ACCESS_NONE && !tessera_cli_open (self, error))
    return FALSE;
  if (command->access == TESSERA_ACCESS_READ)
    return tessera_store_read (self->store, run_in_transaction, self, error);
  if (command->access == TESSERA_ACCESS_WRITE)
    return tessera_store_write (self->store, run_in_transaction, self, error);
  return command->run (self, NULL, error);
}

/* Every command of @noun, or of all when it is NULL. */
static void
print_help (const char *noun) {
  if (noun == NULL)
    printf ("%s\n\n  tessera-cli %s NOUN VERB …\n", _("Tessera case work, from the command line."),
            TESSERA_GENERAL_USAGE);
  for (guint i = 0; tessera_commands[i] != NULL; i++) {
    if (noun == NULL)
      putchar ('\n');
    for (const TesseraCommand *command = tessera_commands[i]; command->noun != NULL; command++) {
      g_autofree char *usage = NULL;

      if (noun != NULL && !g_str_equal (command->noun, noun))
        continue;
      usage = tessera_command_format_usage (command);
      printf ("  %s\n      %s\n", usage, _(command->summary));
    }
  }
  if (noun == NULL)
    printf ("\n%s\n%s\n",
            _("CLIENT is a code such as T-33FM-TGRF or an id. “record fields client” lists the fields of a client "
              "with their codes; so it does for visit, need, goal, task and all others."),
            _("Exit status: 0 done; 1 refused; 2 usage; 3 locked; 4 damaged; 5 some inputs refused."));
}

static void
print_command_help (const TesseraCommand *command) {
  g_autofree char *usage = tessera_command_format_usage (command);

  printf ("%s\n    %s\n", usage, _(command->summary));
}

/* --help and --version; they need no vault. */
static gboolean
answer_general (TesseraArguments *arguments) {
  if (tessera_arguments_has (arguments, "version")) {
    printf ("tessera-cli %s\n", PACKAGE_VERSION);
    return TRUE;
  }
  if (!tessera_arguments_has (arguments, "help"))
    return FALSE;
  if (tessera_arguments_get_command (arguments) != NULL)
    print_command_help (tessera_arguments_get_command (arguments));
  else
    print_help (tessera_arguments_get_noun (arguments));
  return TRUE;
}

static int
report (const GError *error, const TesseraCommand *command) {
  fprintf (stderr, "tessera-cli: %s\n", error->message);
  if (g_error_matches (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE)) {
    if (command != NULL) {
      g_autofree char *usage = tessera_command_format_usage (command);

      fprintf (stderr, "%s %s\n", _("Usage:"), usage);
    } else {
      fprintf (stderr, "%s\n", _("See tessera-cli --help."));
    }
  }
  return tessera_cli_get_status (error);
}

/* Whether what a command did before this is worth printing. */
static gboolean
has_result (const GError *error) {
  return g_error_matches (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_SOME_REFUSED)
         || g_error_matches (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_INCOMPLETE)
         || g_error_matches (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_DAMAGED);
}

int
tessera_cli_main (const char *const *words) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraArguments) arguments = NULL;
  g_autoptr (TesseraCli) self = NULL;
  const TesseraCommand *command = NULL;
  gboolean printed;

  arguments = tessera_arguments_parse (tessera_commands, words, &command, &error);
  if (arguments == NULL)
    return report (error, command);
  if (answer_general (arguments))
    return 0;
  self = tessera_cli_new (arguments);
  if (!run_command (self, &error) && !has_result (error))
    return report (error, command);
  printed = tessera_cli_print (self, error == NULL ? &error : NULL);
  if (error != NULL)
    return report (error, command);
  return printed ? 0 : 1;
}
