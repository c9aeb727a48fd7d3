/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-bundle.c: `bundle …`: sealed files to and from partners and colleagues, carried by hand.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-bundle.h"
#include "tessera-cli-arrival.h"
#include "tessera-cli-fields.h"
#include "tessera-exchange-inspect.h"
#include "tessera-outbox.h"
#include "tessera-partners.h"
#include "tessera-post.h"

/* The word for all colleagues, beside the names of circles. */
#define TEAM "team"

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
export_to_partner (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraCli *self = data;
  const char *target = tessera_cli_get_argument (self, 0);
  TesseraVault *vault = tessera_store_get_vault (tessera_cli_get_store (self));
  g_autofree char *outbox = g_build_filename (tessera_vault_get_folder (vault), "outbox", NULL);
  g_autoptr (TesseraRecord) partner = NULL;
  g_autoptr (JsonArray) done = json_array_new ();
  g_autofree char *referral = NULL;
  gboolean into_folder = g_file_test (target, G_FILE_TEST_IS_DIR);
  gint64 waiting;

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

/* ---- to colleagues ---- */

typedef struct {
  const char *to;
  gboolean is_team;
  char *mailbox;     /* of one circle; NULL for all */
  GPtrArray *names;  /* of files in the outbox */
} Colleagues;

static void
colleagues_clear (Colleagues *self) {
  g_free (self->mailbox);
  g_clear_pointer (&self->names, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Colleagues, colleagues_clear)

static gboolean
find_circle (TesseraTransaction *transaction, gpointer data, GError **error) {
  Colleagues *colleagues = data;
  g_autoptr (GPtrArray) mailboxes = tessera_exchange_list_mailboxes (transaction, error);

  colleagues->is_team = g_ascii_strcasecmp (colleagues->to, TEAM) == 0;
  for (guint i = 0; mailboxes != NULL && i < mailboxes->len; i++) {
    const TesseraMailbox *mailbox = g_ptr_array_index (mailboxes, i);

    if (colleagues->is_team || !mailbox->reads || mailbox->may_remove
        || g_strcmp0 (mailbox->label, colleagues->to) != 0)
      continue;
    colleagues->is_team = TRUE;
    colleagues->mailbox = g_strdup (mailbox->name);
  }
  return mailboxes != NULL;
}

static gboolean
list_sealed (TesseraTransaction *transaction, gpointer data, GError **error) {
  Colleagues *colleagues = data;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT file_name FROM bundle WHERE direction = 'out' AND flow IN ('team', 'snapshot', 'roster')"
                 " AND state IN ('spooled', 'on_carrier') AND file_name IS NOT NULL"
                 " AND (?1 IS NULL OR mailbox = ?1) ORDER BY _rowid", error);
  GError *local_error = NULL;

  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_text (statement, 1, colleagues->mailbox);
  while (tessera_statement_step (statement, &local_error))
    g_ptr_array_add (colleagues->names, g_strdup (tessera_statement_get_text (statement, 0)));
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return local_error == NULL;
}

/* Whole and on the disk, or not at all. */
static gboolean
copy_file (const char *from, const char *folder, const char *name, goffset *ret_size, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_path (from);
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, error);
  g_autoptr (GOutputStream) output = input != NULL ? tessera_outbox_begin (folder, error) : NULL;
  gssize size = output != NULL ? g_output_stream_splice (output, G_INPUT_STREAM (input), G_OUTPUT_STREAM_SPLICE_NONE,
                                                         NULL, error) : -1;

  *ret_size = size;
  return size >= 0 && tessera_outbox_commit (output, name, error);
}

static JsonObject *
export_file (TesseraCli *self, const char *name, const char *target, GError **error) {
  const char *vault = tessera_vault_get_folder (tessera_store_get_vault (tessera_cli_get_store (self)));
  gboolean into_folder = g_file_test (target, G_FILE_TEST_IS_DIR);
  g_autofree char *from = g_build_filename (vault, "outbox", name, NULL);
  g_autofree char *folder = into_folder ? g_strdup (target) : g_path_get_dirname (target);
  g_autofree char *as = into_folder ? g_strdup (name) : g_path_get_basename (target);
  g_autofree char *path = g_build_filename (folder, as, NULL);
  goffset size;
  JsonObject *object;

  if (!copy_file (from, folder, as, &size, error))
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "name", name);
  json_object_set_int_member (object, "size", size);
  return object;
}

/* Colleagues need every file: one alone would wait for those before it. */
static gboolean
check_room (const Colleagues *colleagues, const char *target, GError **error) {
  if (colleagues->names->len == 0) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("Nothing waits for the team; colleagues have everything, or there are none yet."));
    return FALSE;
  }
  if (colleagues->names->len == 1 || g_file_test (target, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("%u files wait for the team, and each is needed; name a folder to write them into."),
               colleagues->names->len);
  return FALSE;
}

static gboolean
export_to_colleagues (TesseraCli *self, Colleagues *colleagues, GError **error) {
  const char *target = tessera_cli_get_argument (self, 0);
  TesseraStore *store = tessera_cli_get_store (self);
  g_autoptr (JsonArray) done = json_array_new ();

  colleagues->names = g_ptr_array_new_with_free_func (g_free);
  if (!tessera_exchange_seal_waiting (store, NULL, NULL, NULL, NULL, error)
      || !tessera_store_read (store, list_sealed, colleagues, error) || !check_room (colleagues, target, error))
    return FALSE;
  for (guint i = 0; i < colleagues->names->len; i++) {
    JsonObject *object = export_file (self, g_ptr_array_index (colleagues->names, i), target, error);

    if (object == NULL)
      return FALSE;
    json_array_add_object_element (done, object);
  }
  tessera_cli_put_objects (self, g_steal_pointer (&done), "file size");
  return TRUE;
}

static gboolean
export_bundle (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_auto (Colleagues) colleagues = { .to = tessera_cli_get_option (self, "to") };
  TesseraStore *store = tessera_cli_get_store (self);

  if (!tessera_cli_check_target (self, tessera_cli_get_argument (self, 0), error)
      || !tessera_store_read (store, find_circle, &colleagues, error))
    return FALSE;
  return colleagues.is_team ? export_to_colleagues (self, &colleagues, error)
                            : tessera_store_write (store, export_to_partner, self, error);
}

/* ---- looking ---- */

/* What is too large to be a bundle is not even opened; that also tells a missing file by its name. */
static gboolean
check_size (const char *path, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL,
                                                  error);

  if (info == NULL)
    return FALSE;
  if (g_file_info_get_size (info) <= (goffset) TESSERA_BUNDLE_MAX_FILE)
    return TRUE;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED, _("%s is too large to be what it should be."), path);
  return FALSE;
}

static gboolean
inspect (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  g_autoptr (JsonNode) seen = check_size (path, error) ? tessera_exchange_inspect (transaction, path, error) : NULL;

  if (seen == NULL)
    return FALSE;
  tessera_cli_put_object (self, json_node_dup_object (seen));
  return TRUE;
}

static gboolean
verify (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autofree char *name = NULL;
  JsonObject *object;

  if (!check_size (path, error) || !tessera_exchange_verify (transaction, path, error))
    return FALSE;
  stream = g_file_read (file, NULL, error);
  name = stream != NULL ? tessera_bundle_name_of_stream (G_INPUT_STREAM (stream), error) : NULL;
  if (name == NULL)
    return FALSE;
  object = json_object_new ();
  json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "name", name);
  json_object_set_boolean_member (object, "valid", TRUE);
  tessera_cli_put_object (self, object);
  return TRUE;
}

/* ---- in ---- */

typedef struct {
  const TesseraArrival *arrival;
  JsonObject *object;
} Described;

/* What a partner's letter did, as scripts ask: is it a new referral to us, is it an answer to one of ours? */
static gboolean
describe_letter_in (TesseraTransaction *transaction, gpointer data, GError **error) {
  Described *described = data;
  const TesseraArrival *arrival = described->arrival;
  gboolean is_applied = arrival->state == TESSERA_ARRIVAL_APPLIED;
  g_autoptr (TesseraRecord) referral = tessera_transaction_find (transaction, "referral", arrival->referral);
  g_autoptr (TesseraStatement) statement = NULL;
  gboolean is_first, is_ours;

  if (referral == NULL)
    return TRUE;
  statement = tessera_transaction_prepare (
    transaction, "SELECT count(*) FROM bundle WHERE referral = ?1 AND direction = 'in' AND state = 'applied'", error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_id (statement, 1, arrival->referral);
  if (!tessera_statement_step (statement, error))
    return FALSE;
  is_first = tessera_statement_get_integer (statement, 0) == 1;
  is_ours = g_strcmp0 (tessera_record_get (referral, "direction"), "out") == 0;
  json_object_set_string_member (described->object, "partner", tessera_record_get (referral, "partner"));
  json_object_set_boolean_member (described->object, "new", is_applied && is_first && !is_ours);
  json_object_set_boolean_member (described->object, "answered", is_applied && is_ours);
  return TRUE;
}

static JsonObject *
describe_import (TesseraCli *self, const TesseraArrival *arrival, const char *path, GError **error) {
  g_autoptr (JsonObject) object = tessera_cli_describe_arrival (arrival, path);
  Described described = { arrival, object };

  json_object_set_boolean_member (object, "known", arrival->state == TESSERA_ARRIVAL_KNOWN);
  if (arrival->referral != NULL
      && !tessera_store_read (tessera_cli_get_store (self), describe_letter_in, &described, error))
    return NULL;
  return g_steal_pointer (&object);
}

static void
show_progress (goffset done, goffset total, gpointer data) {
  if (total > 0)
    tessera_cli_progress (data, (guint) (done >> 10), (guint) (total >> 10));
}

/* What is refused or set aside changes nothing but the inbox's memory of it. */
static JsonObject *
import_file (TesseraCli *self, const char *path, GError **error) {
  g_autoptr (TesseraArrival) arrival =
    tessera_exchange_take_in (tessera_cli_get_store (self), path, show_progress, self, NULL, error);

  if (arrival == NULL)
    return NULL;
  if (!tessera_cli_arrival_is_refused (arrival))
    return describe_import (self, arrival, path, error);
  g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                       arrival->reason != NULL ? arrival->reason : _("It was not taken in."));
  return NULL;
}

static gboolean
import_bundles (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (JsonArray) done = json_array_new ();
  gboolean finished = tessera_cli_for_each_file (self, import_file, done, error);

  tessera_cli_put_objects (self, g_steal_pointer (&done), "file state flow sender changes conflicts reason");
  return finished;
}

const TesseraCommand tessera_bundle_commands[] = {
  { "bundle", "export", "--to PARTNER|TEAM FILE [--referral ID]",
    N_("Seals the oldest message that waits for a partner into a file, or all of them into a folder; “--to team”: what "
       "colleagues do not have yet."),
    TESSERA_ACCESS_STORE, export_bundle },
  { "bundle", "inspect", "FILE", N_("Shows exactly what a reader would see; changes nothing."),
    TESSERA_ACCESS_READ, inspect },
  { "bundle", "verify", "FILE", N_("Checks signature, addressee and hashes."), TESSERA_ACCESS_READ, verify },
  { "bundle", "import", "FILE…", N_("Takes in what partners and colleagues sent."), TESSERA_ACCESS_STORE,
    import_bundles },
  { NULL },
};
