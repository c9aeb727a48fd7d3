/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main.c: tessera-cli; everything it does is in tessera-cli.c and the tables of commands.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <locale.h>

#include "tessera-cli.h"
#include "tessera-process.h"

int
main (int argc, char **argv) {
  const char *locale_dir = g_getenv ("TESSERA_LOCALE_DIR");

  tessera_process_harden ();
  /* What libraries log is not what was asked for. */
  g_log_writer_default_set_use_stderr (TRUE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return tessera_cli_main ((const char *const *) argv + (argc > 0 ? 1 : 0));
}
