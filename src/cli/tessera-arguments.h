/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-arguments.h: the words after `tessera-cli`, sorted into command, options and arguments.
 *
 * Options are long ("--limit 5" or "--limit=5"), in any order, before or after the noun and verb; "--" ends
 * them. An option that a command declares is the command's when it stands after the verb; otherwise it is a
 * general one, e.g.
 * `--worker` of `client list` is a filter, before the noun it says who unlocks.
 * It knows nothing of what commands do.
 */
#pragma once

#include "tessera-command.h"

G_BEGIN_DECLS

#define TESSERA_CLI_ERROR (tessera_cli_error_quark ())
GQuark tessera_cli_error_quark (void);

/**
 * TesseraCliError:
 * @TESSERA_CLI_ERROR_USAGE: the words do not make a command
 * @TESSERA_CLI_ERROR_REFUSED: the command will not do that, the message says why
 * @TESSERA_CLI_ERROR_LOCKED: no passphrase was given
 * @TESSERA_CLI_ERROR_DAMAGED: a check found damage
 * @TESSERA_CLI_ERROR_SOME_REFUSED: of several inputs some were refused; each was named on standard error
 * @TESSERA_CLI_ERROR_INCOMPLETE: something could not be done; what was done is printed all the same
 */
typedef enum {
  TESSERA_CLI_ERROR_USAGE,
  TESSERA_CLI_ERROR_REFUSED,
  TESSERA_CLI_ERROR_LOCKED,
  TESSERA_CLI_ERROR_DAMAGED,
  TESSERA_CLI_ERROR_SOME_REFUSED,
  TESSERA_CLI_ERROR_INCOMPLETE,
} TesseraCliError;

/** TESSERA_GENERAL_USAGE: the options every command takes, in the grammar of usage lines. */
#define TESSERA_GENERAL_USAGE                                                                                \
  "[--vault DIR] [--passphrase-fd N | --passphrase-file FILE] [--new-passphrase-fd N | "                     \
  "--new-passphrase-file FILE] "                                                                             \
  "[--worker NAME] [--json] [--help] [--version]"

typedef struct _TesseraArguments TesseraArguments;

/**
 * tessera_arguments_parse:
 * @commands: %NULL-terminated tables, as #tessera_commands
 * @words: (array zero-terminated=1): without the program's name
 * @ret_command: (out) (optional): the command the words name, also when they are otherwise wrong, so that its
 * usage can be shown; %NULL when they name none
 *
 * Returns: (transfer full) (nullable): %NULL with %TESSERA_CLI_ERROR_USAGE
 */
TesseraArguments *tessera_arguments_parse (const TesseraCommand *const *commands, const char *const *words,
                                           const TesseraCommand **ret_command, GError **error);
void tessera_arguments_free (TesseraArguments *self);

/** tessera_arguments_get_command: (nullable): %NULL when only help or the version was asked for. */
const TesseraCommand *tessera_arguments_get_command (TesseraArguments *self);

/** tessera_arguments_get_noun: (nullable): the noun given, for `NOUN --help`. */
const char *tessera_arguments_get_noun (TesseraArguments *self);

/** tessera_arguments_get_option: (nullable): value of the command's own option @name (without dashes). */
const char *tessera_arguments_get_option (TesseraArguments *self, const char *name);
/** tessera_arguments_get_general: (nullable): value of the general option @name. */
const char *tessera_arguments_get_general (TesseraArguments *self, const char *name);
/** tessera_arguments_has: whether the command's own or the general flag @name was given. */
gboolean tessera_arguments_has (TesseraArguments *self, const char *name);

/** tessera_arguments_get: (nullable): argument number @place, counted from 0, after noun and verb. */
const char *tessera_arguments_get (TesseraArguments *self, guint place);
guint tessera_arguments_count (TesseraArguments *self);

/** tessera_command_format_usage: (transfer full): "tessera-cli client show ID". */
char *tessera_command_format_usage (const TesseraCommand *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraArguments, tessera_arguments_free)

G_END_DECLS
