/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-bundle.c: `bundle …`: sealed files to and from partners.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-bundle.h"
#include "tessera-cli-fields.h"
#include "tessera-partners.h"
#include "tessera-post.h"

static JsonObject *
describe_letter (const TesseraPostLetter *letter, const char *target) {
  JsonObject *object = json_object_new ();
  g_autofree char *path = g_file_test (target, G_FILE_TEST_IS_DIR)
                            ? g_build_filename (target, letter->name, NULL)
                            : g_strdup (target);

  json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "name", letter->name);
  json_object_set_string_member (object, "referral", letter->referral);
  json_object_set_int_member (object, "size", letter->size);
  json_object_set_boolean_member (object, "again", letter->again);
  return object;
}

/* One bundle speaks of one person. Into a folder go all that wait, into a file the oldest. */
static gboolean
export_bundle (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *target = tessera_cli_get_argument (self, 0);
  TesseraVault *vault = tessera_store_get_vault (tessera_cli_get_store (self));
  g_autofree char *outbox = g_build_filename (tessera_vault_get_folder (vault), "outbox", NULL);
  g_autoptr (TesseraRecord) partner = NULL;
  g_autoptr (JsonArray) done = json_array_new ();
  g_autofree char *referral = NULL;
  gboolean into_folder = g_file_test (target, G_FILE_TEST_IS_DIR);
  gint64 waiting;

  if (!tessera_cli_check_target (self, target, error))
    return FALSE;
  partner = tessera_partners_resolve (transaction, tessera_cli_get_option (self, "to"), error);
  if (partner == NULL
      || !tessera_cli_resolve_option (self, transaction, "referral", "referral", &referral, error))
    return FALSE;
  do {
    GError *local_error = NULL;
    g_autoptr (TesseraPostLetter) letter = NULL;

    letter = tessera_post_deliver (transaction, outbox, tessera_record_get_id (partner), referral, target,
                                   &local_error);
    if (local_error != NULL) {
      g_propagate_error (error, local_error);
      return FALSE;
    }
    if (letter == NULL) {
      g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                   _("Nothing waits for %s; create a referral or answer one first."),
                   tessera_record_get (partner, "name"));
      return FALSE;
    }
    json_array_add_object_element (done, describe_letter (letter, target));
    waiting = tessera_post_count_waiting (transaction, tessera_record_get_id (partner), error);
    if (waiting < 0)
      return FALSE;
  } while (into_folder && referral == NULL && waiting > 0);
  if (waiting > 0 && referral == NULL)
    tessera_cli_warn (self, _("%d more wait for %s; export again, or name a folder instead of a file."),
                      (int) waiting, tessera_record_get (partner, "name"));
  if (!into_folder)
    tessera_cli_put_object (self, json_object_ref (json_array_get_object_element (done, 0)));
  else
    tessera_cli_put_objects (self, g_steal_pointer (&done), "file referral size again");
  return TRUE;
}

static GBytes *
read_bundle (TesseraCli *self, GError **error) {
  return tessera_cli_read_file (tessera_cli_get_argument (self, 0), TESSERA_BUNDLE_MAX_FILE, error);
}

static gboolean
inspect (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GBytes) file = read_bundle (self, error);
  g_autoptr (JsonNode) seen = file != NULL ? tessera_post_inspect (transaction, file, error) : NULL;

  if (seen == NULL)
    return FALSE;
  tessera_cli_put_object (self, json_node_dup_object (seen));
  return TRUE;
}

static gboolean
verify (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GBytes) file = read_bundle (self, error);
  g_autofree char *name = NULL;
  JsonObject *object;

  if (file == NULL || !tessera_post_verify (transaction, file, error))
    return FALSE;
  name = tessera_bundle_name (file);
  object = json_object_new ();
  json_object_set_string_member (object, "file", tessera_cli_get_argument (self, 0));
  json_object_set_string_member (object, "name", name);
  json_object_set_boolean_member (object, "valid", TRUE);
  tessera_cli_put_object (self, object);
  return TRUE;
}

typedef struct {
  GBytes *file;
  const char *reason;
  TesseraPostArrival *arrival;
} Arrival;

static gboolean
take_in (TesseraTransaction *transaction, gpointer data, GError **error) {
  Arrival *arrival = data;

  arrival->arrival = tessera_post_take_in (transaction, arrival->file, error);
  return arrival->arrival != NULL;
}

static gboolean
note_refusal (TesseraTransaction *transaction, gpointer data, GError **error) {
  Arrival *arrival = data;

  return tessera_post_note_refusal (transaction, arrival->file, arrival->reason, error);
}

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
describe_arrival (const TesseraPostArrival *arrival, const char *path) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "file", path);
  set_text (object, "partner", arrival->partner);
  set_text (object, "referral", arrival->referral);
  set_text (object, "manifest", arrival->manifest);
  json_object_set_boolean_member (object, "known", arrival->known);
  json_object_set_boolean_member (object, "new", arrival->is_new);
  json_object_set_boolean_member (object, "answered", arrival->answered && !arrival->is_new);
  return object;
}

/* A refusal changes nothing but the inbox's memory of it. */
static JsonObject *
import_file (TesseraCli *self, const char *path, GError **error) {
  g_autoptr (GBytes) file = tessera_cli_read_file (path, TESSERA_BUNDLE_MAX_FILE, error);
  Arrival arrival = { file, NULL, NULL };
  GError *local_error = NULL;
  JsonObject *object;

  if (file == NULL)
    return NULL;
  if (!tessera_store_write (tessera_cli_get_store (self), take_in, &arrival, &local_error)) {
    g_clear_pointer (&arrival.arrival, tessera_post_arrival_free);
    arrival.reason = local_error->message;
    if (local_error->domain == TESSERA_BUNDLE_ERROR)
      tessera_store_write (tessera_cli_get_store (self), note_refusal, &arrival, NULL);
    g_propagate_error (error, local_error);
    return NULL;
  }
  object = describe_arrival (arrival.arrival, path);
  g_clear_pointer (&arrival.arrival, tessera_post_arrival_free);
  return object;
}

static gboolean
import_bundles (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (JsonArray) done = json_array_new ();
  gboolean finished = tessera_cli_for_each_file (self, import_file, done, error);

  tessera_cli_put_objects (self, g_steal_pointer (&done), "file partner referral new answered known");
  return finished;
}

const TesseraCommand tessera_bundle_commands[] = {
  { "bundle", "export", "--to PARTNER FILE [--referral ID]",
    N_("Seals the oldest message that waits for a partner into a file, or all of them into a folder."),
    TESSERA_ACCESS_WRITE, export_bundle },
  { "bundle", "inspect", "FILE", N_("Shows exactly what a reader would see; changes nothing."),
    TESSERA_ACCESS_READ, inspect },
  { "bundle", "verify", "FILE", N_("Checks signature, addressee and hashes."), TESSERA_ACCESS_READ, verify },
  { "bundle", "import", "FILE…", N_("Takes in referrals and answers."), TESSERA_ACCESS_STORE,
    import_bundles },
  { NULL },
};
