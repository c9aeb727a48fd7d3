/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-demo.c: `demo create`: a synthetic shop in --vault, which is made if there is none.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-private.h"
#include "tessera-cli-setup.h"
#include "tessera-demo.h"

/* Bundles that wait in the inbox. */
#define LETTERS 3
#define CLIENTS_WITH_PAPERS 20

static void
show_progress (guint done, guint total, gpointer data) {
  tessera_cli_progress (data, done, total);
}

static gboolean
parse_options (TesseraCli *self, TesseraDemoOptions *options, GError **error) {
  guint64 clients, visits;
  const char *seed = tessera_cli_get_option (self, "seed");

  if (!tessera_cli_get_number (self, "clients", TESSERA_DEMO_MOST_CLIENTS, 200, &clients, error)
      || !tessera_cli_get_number (self, "visits-per-client", TESSERA_DEMO_MOST_VISITS, 6, &visits, error))
    return FALSE;
  options->clients = (guint) clients;
  options->visits_per_client = (guint) visits;
  options->seed = 1;
  if (seed != NULL && !g_ascii_string_to_unsigned (seed, 10, 0, G_MAXUINT64, &options->seed, error)) {
    g_prefix_error (error, "--seed: ");
    (*error)->domain = TESSERA_CLI_ERROR;
    (*error)->code = TESSERA_CLI_ERROR_USAGE;
    return FALSE;
  }
  return TRUE;
}

static gboolean
create (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraSetup setup = { .organization = tessera_cli_get_option (self, "organization"),
                         .worker = tessera_cli_get_worker (self) };
  TesseraDemoOptions options = { .progress = show_progress, .progress_data = self };
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!parse_options (self, &options, error)
      || !tessera_cli_parse_work_factor (self, &setup.work_factor, error))
    return FALSE;
  if (tessera_vault_exists (tessera_cli_get_folder (self))) {
    if (!tessera_cli_open (self, error))
      return FALSE;
    object = json_object_new ();
  } else {
    if (setup.organization == NULL)
      setup.organization = "Example Shop";
    if (setup.worker == NULL)
      setup.worker = "Demo";
    object = tessera_cli_set_up (self, &setup, &recovery_key, error);
    if (object == NULL)
      return FALSE;
    json_object_set_string_member (object, "recovery_key",
                                   (const char *) tessera_secret_get_data (recovery_key));
  }
  if (!tessera_demo_import_directory (self->store, error) || !tessera_demo_fill (self->store, &options, error)
      || !tessera_demo_add_documents (self->store, CLIENTS_WITH_PAPERS, options.seed, error)
      || !tessera_demo_add_post (self->store, LETTERS, options.seed, error))
    return FALSE;
  json_object_set_int_member (object, "clients", options.clients);
  json_object_set_int_member (object, "seed", (gint64) options.seed);
  tessera_cli_put_object (self, g_steal_pointer (&object));
  return TRUE;
}

const TesseraCommand tessera_demo_commands[] = {
  { "demo", "create",
    "[--clients N] [--visits-per-client M] [--seed S] [--organization NAME] [--work-factor measured|minimum]",
    N_("Fills the vault with people who do not exist; makes the vault if there is none."),
    TESSERA_ACCESS_NONE, create },
  { NULL },
};
