/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main.c: tessera-cli; everything it does is in tessera-cli.c and the tables of commands.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <locale.h>

#include "tessera-cli.h"

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return tessera_cli_main ((const char *const *) argv + (argc > 0 ? 1 : 0));
}
