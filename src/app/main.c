/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main.c: starts the application. Everything else is in the library, where tests can reach it.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "tessera-application.h"
#include "tessera-process.h"
#include "tessera-resources.h"

int
main (int argc, char **argv) {
  g_autoptr (TesseraApplication) application = NULL;
  const char *locale_dir = g_getenv ("TESSERA_LOCALE_DIR");

  tessera_process_harden ();
  /* No textdomain(): GLib decides once whether that domain is translated, and would stay with the first language. */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_resources_register (tessera_get_resource ());
  application = tessera_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
