/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-status.c: the one place where errors of all layers become exit statuses.
 */
#include "config.h"

#include "tessera-cli.h"

enum {
  STATUS_DONE,
  STATUS_REFUSED,
  STATUS_USAGE,
  STATUS_LOCKED,
  STATUS_DAMAGED,
  STATUS_SOME_REFUSED,
};

static int
get_own_status (int code) {
  switch ((TesseraCliError) code) {
  case TESSERA_CLI_ERROR_USAGE:
    return STATUS_USAGE;
  case TESSERA_CLI_ERROR_LOCKED:
    return STATUS_LOCKED;
  case TESSERA_CLI_ERROR_DAMAGED:
    return STATUS_DAMAGED;
  case TESSERA_CLI_ERROR_SOME_REFUSED:
    return STATUS_SOME_REFUSED;
  case TESSERA_CLI_ERROR_REFUSED:
  case TESSERA_CLI_ERROR_INCOMPLETE:
  default:
    return STATUS_REFUSED;
  }
}

int
tessera_cli_get_status (const GError *error) {
  if (error == NULL)
    return STATUS_DONE;
  if (error->domain == TESSERA_CLI_ERROR)
    return get_own_status (error->code);
  if (g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE)
      || g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WAIT))
    return STATUS_LOCKED;
  if (g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED)
      || g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN))
    return STATUS_DAMAGED;
  return STATUS_REFUSED;
}
