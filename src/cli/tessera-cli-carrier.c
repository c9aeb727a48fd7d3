/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-carrier.c: `carrier …` and `sync`: by which ways files go and come, and making them do so.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-carriers.h"
#include "tessera-cli-arrival.h"
#include "tessera-identifier.h"
#include "tessera-post-office.h"
#include "tessera-webdav-carrier.h"

/* Enough for whoever was away for years; somebody who fills a mailbox with rubbish does not keep us for ever. */
#define MOST_VISITS 100

/* ---- carrier ---- */

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static void
set_instant (JsonObject *object, const char *name, gint64 instant) {
  g_autofree char *text = instant > 0 ? tessera_instant_format (instant) : NULL;

  set_text (object, name, text);
}

static const char *
get_state (const TesseraCarrierSettings *settings) {
  if (settings->paused)
    return "paused";
  if (settings->problem == NULL)
    return "idle";
  return settings->needs_person ? "needs-attention" : "waiting";
}

static JsonObject *
describe_settings (const TesseraCarrierSettings *settings) {
  JsonObject *object = json_object_new ();
  g_autofree char *place = tessera_carrier_settings_get_place (settings);

  set_text (object, "name", settings->name);
  set_text (object, "kind", settings->kind == TESSERA_CARRIER_FOLDER ? "folder" : "webdav");
  set_text (object, "place", place);
  set_text (object, "user", settings->user);
  set_text (object, "pin", settings->pin);
  json_object_set_boolean_member (object, "metered", settings->metered);
  set_text (object, "state", get_state (settings));
  set_instant (object, "last_exchange", settings->succeeded_at);
  set_text (object, "problem", settings->problem);
  set_instant (object, "next_try", settings->next_try);
  return object;
}

static gboolean
check_folder (TesseraCli *self, const TesseraCarrierSettings *settings, GError **error) {
  g_autofree char *path = NULL;

  if (settings->kind != TESSERA_CARRIER_FOLDER)
    return TRUE;
  path = g_filename_from_uri (settings->uri, NULL, error);
  if (path == NULL)
    return FALSE;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return tessera_cli_check_target (self, path, error);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("There is no folder “%s”; plug in the drive, make the folder, or check how it is written."), path);
  return FALSE;
}

/* Who has a user's name also has a password; a password alone is nobody's. */
static gboolean
read_password (TesseraCli *self, const TesseraCarrierSettings *settings, TesseraSecret **ret_password,
               GError **error) {
  gboolean is_given = tessera_cli_get_option (self, "password-fd") != NULL
                      || tessera_cli_get_option (self, "password-file") != NULL;
  g_autoptr (GPtrArray) lines = NULL;

  *ret_password = NULL;
  if (settings->user == NULL && is_given) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("A password belongs to a user; give --user too."));
    return FALSE;
  }
  if (settings->user == NULL)
    return TRUE;
  lines = tessera_cli_read_secrets (self, "password", _("Password on the server"), 1, error);
  if (lines == NULL)
    return FALSE;
  if (lines->len == 1)
    *ret_password = tessera_secret_copy (g_ptr_array_index (lines, 0));
  else
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_LOCKED, _("No password was given."));
  return *ret_password != NULL;
}

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = tessera_carrier_settings_new (tessera_cli_get_argument (self, 0),
                                                                              tessera_cli_get_argument (self, 1), error);
  g_autoptr (TesseraSecret) password = NULL;

  if (settings == NULL || !tessera_carrier_settings_set_user (settings, tessera_cli_get_option (self, "user"), error)
      || !tessera_carrier_settings_set_pin (settings, tessera_cli_get_option (self, "pin"), error)
      || !check_folder (self, settings, error) || !read_password (self, settings, &password, error))
    return FALSE;
  settings->metered = tessera_cli_has (self, "metered");
  if (!tessera_carriers_add (transaction, settings, password, error))
    return FALSE;
  tessera_cli_put_object (self, describe_settings (settings));
  return TRUE;
}

static JsonObject *
describe_carrier (TesseraTransaction *transaction, const TesseraCarrierSettings *settings, GError **error) {
  TesseraPostCounts counts;
  JsonObject *object;

  if (!tessera_post_count_on (transaction, settings->name, &counts, error))
    return NULL;
  object = describe_settings (settings);
  json_object_set_int_member (object, "waiting", counts.n_waiting);
  json_object_set_int_member (object, "on_the_way", counts.n_on_the_way);
  return object;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) carriers = tessera_carriers_list (transaction, error);
  g_autoptr (JsonArray) objects = json_array_new ();
  TesseraPostCounts counts;

  if (carriers == NULL || !tessera_post_count (transaction, &counts, error))
    return FALSE;
  for (guint i = 0; i < carriers->len; i++) {
    JsonObject *object = describe_carrier (transaction, g_ptr_array_index (carriers, i), error);

    if (object == NULL)
      return FALSE;
    json_array_add_object_element (objects, object);
  }
  tessera_cli_put_objects (self, g_steal_pointer (&objects), "name place state last_exchange waiting on_the_way problem");
  tessera_cli_put_line (self, _("Waiting to be sent: %d. On the way: %d."), (int) counts.n_waiting,
                        (int) counts.n_on_the_way);
  return TRUE;
}

static gboolean
remove_carrier (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, tessera_cli_get_argument (self, 0),
                                                                       error);

  if (settings == NULL || !tessera_carriers_remove (transaction, settings->name, error))
    return FALSE;
  tessera_cli_put_object (self, describe_settings (settings));
  return TRUE;
}

typedef struct {
  const char *name;
  TesseraCarrier *carrier;
  TesseraCarrierSettings *settings;
} Opened;

static gboolean
open_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  Opened *opened = data;

  opened->settings = tessera_carriers_find (transaction, opened->name, error);
  opened->carrier = opened->settings != NULL ? tessera_carriers_open (transaction, opened->settings, error) : NULL;
  return opened->carrier != NULL;
}

/* A server that nobody vouches for: its fingerprint, to be compared with what its keeper says. */
static void
tell_fingerprint (TesseraCli *self, TesseraCarrier *carrier) {
  const char *pin = TESSERA_IS_WEBDAV_CARRIER (carrier)
                      ? tessera_webdav_carrier_get_seen_pin (TESSERA_WEBDAV_CARRIER (carrier)) : NULL;

  if (pin != NULL)
    tessera_cli_warn (self, _("The server's certificate has the fingerprint %s; if its keeper tells you the same, add "
                              "the carrier anew with --pin."), pin);
}

static gboolean
check (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  Opened opened = { .name = tessera_cli_get_argument (self, 0) };
  gboolean works = tessera_store_read (tessera_cli_get_store (self), open_carrier, &opened, error)
                   && tessera_carrier_check (opened.carrier, NULL, error);

  if (works) {
    JsonObject *object = describe_settings (opened.settings);

    json_object_set_boolean_member (object, "works", TRUE);
    tessera_cli_put_object (self, object);
  } else if (opened.carrier != NULL) {
    tell_fingerprint (self, opened.carrier);
  }
  g_clear_object (&opened.carrier);
  g_clear_pointer (&opened.settings, tessera_carrier_settings_free);
  return works;
}

/* ---- sync ---- */

typedef struct {
  guint n_failed;
  guint n_refused;
  guint n_carriers;
} Tally;

static void
show_progress (const TesseraPostProgress *progress, gpointer data) {
  if (progress->n_files > 0)
    tessera_cli_progress (data, progress->n_done, progress->n_files);
}

static gboolean
read_carriers (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray **ret_carriers = data;

  *ret_carriers = tessera_carriers_list (transaction, error);
  return *ret_carriers != NULL;
}

/* Names of those to visit: the one that was named, or all that are not paused. */
static GPtrArray *
choose_carriers (TesseraCli *self, GError **error) {
  const char *named = tessera_cli_get_option (self, "carrier");
  g_autoptr (GPtrArray) carriers = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (named != NULL) {
    g_ptr_array_add (names, g_strdup (named));
    return g_steal_pointer (&names);
  }
  if (!tessera_store_read (tessera_cli_get_store (self), read_carriers, &carriers, error))
    return NULL;
  for (guint i = 0; i < carriers->len; i++) {
    const TesseraCarrierSettings *settings = g_ptr_array_index (carriers, i);

    if (!settings->paused)
      g_ptr_array_add (names, g_strdup (settings->name));
  }
  if (names->len > 0)
    return g_steal_pointer (&names);
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
               _("There is no carrier to exchange over; add one with “carrier add”."));
  return NULL;
}

static void
add_to (JsonObject *object, const char *name, gint64 count) {
  json_object_set_int_member (object, name, json_object_get_int_member_with_default (object, name, 0) + count);
}

static void
put_arrival (TesseraCli *self, JsonArray *arrivals, const TesseraPostItem *item, Tally *tally) {
  const TesseraArrival *arrival = item->arrival;
  JsonObject *object = tessera_cli_describe_arrival (arrival, item->file);

  set_text (object, "mailbox", item->mailbox);
  json_array_add_object_element (arrivals, object);
  if (!tessera_cli_arrival_is_refused (arrival))
    return;
  tally->n_refused++;
  tessera_cli_warn (self, "%s: %s", item->file, arrival->reason != NULL ? arrival->reason : "");
}

static void
add_visit (TesseraCli *self, JsonObject *object, const TesseraPostVisit *visit, Tally *tally) {
  JsonArray *arrivals = json_object_get_array_member (object, "arrivals");

  add_to (object, "sealed", visit->n_sealed);
  add_to (object, "sent", visit->n_sent);
  add_to (object, "came", visit->items->len);
  add_to (object, "applied", tessera_post_visit_count (visit, TESSERA_ARRIVAL_APPLIED));
  add_to (object, "parked", tessera_post_visit_count (visit, TESSERA_ARRIVAL_PARKED));
  add_to (object, "set_aside", tessera_post_visit_count (visit, TESSERA_ARRIVAL_QUARANTINED)
                                 + tessera_post_visit_count (visit, TESSERA_ARRIVAL_UNKNOWN_SENDER));
  add_to (object, "refused", tessera_post_visit_count (visit, TESSERA_ARRIVAL_REFUSED));
  add_to (object, "removed", visit->n_removed);
  json_object_set_int_member (object, "incomplete", visit->n_incomplete);
  json_object_set_int_member (object, "withheld", visit->n_withheld);
  json_object_set_int_member (object, "missing", visit->n_missing);
  json_object_set_boolean_member (object, "more", visit->more);
  for (guint i = 0; i < visit->items->len; i++)
    put_arrival (self, arrivals, g_ptr_array_index (visit->items, i), tally);
}

static void
put_line (TesseraCli *self, JsonObject *object, const char *name, const char *problem) {
  int sent = (int) json_object_get_int_member (object, "sent");
  int came = (int) json_object_get_int_member (object, "came");
  int applied = (int) json_object_get_int_member (object, "applied");
  int parked = (int) json_object_get_int_member (object, "parked");
  int aside = (int) json_object_get_int_member (object, "set_aside");
  int refused = (int) json_object_get_int_member (object, "refused");

  tessera_cli_put_line (self, _("%s: %d sent, %d came: %d taken in, %d wait for something, %d set aside, %d refused."),
                        name, sent, came, applied, parked, aside, refused);
  if (problem != NULL)
    tessera_cli_put_line (self, "  %s", problem);
  if (json_object_get_int_member (object, "withheld") > 0)
    tessera_cli_put_line (self, "  %s", _("Letters are held back: a consent was withdrawn or has ended, or a partner is no "
                                          "longer trusted."));
  if (json_object_get_int_member (object, "missing") > 0)
    tessera_cli_put_line (self, "  %s", _("Sealed files are missing in the vault's outbox; send what they held again."));
  if (json_object_get_boolean_member (object, "more"))
    tessera_cli_put_line (self, "  %s", _("More is waiting there; run sync again."));
}

/* Visits until nothing useful comes any more. */
static JsonObject *
exchange (TesseraCli *self, const char *name, Tally *tally) {
  JsonObject *object = json_object_new ();
  g_autofree char *problem = NULL;
  gboolean goes_on = TRUE;

  set_text (object, "carrier", name);
  json_object_set_array_member (object, "arrivals", json_array_new ());
  for (guint i = 0; goes_on && i < MOST_VISITS; i++) {
    g_autoptr (TesseraPostVisit) visit = tessera_post_visit_by_name (tessera_cli_get_store (self), name, show_progress,
                                                                     self, NULL);

    add_visit (self, object, visit, tally);
    goes_on = visit->error == NULL && visit->more && tessera_post_visit_is_fruitful (visit);
    problem = visit->error != NULL ? g_strdup (visit->error->message) : NULL;
  }
  set_text (object, "state", problem != NULL ? "failed" : "done");
  set_text (object, "problem", problem);
  put_line (self, object, name, problem);
  tally->n_carriers++;
  if (problem != NULL) {
    tally->n_failed++;
    tessera_cli_warn (self, "%s: %s", name, problem);
  }
  return object;
}

static gboolean
judge (const Tally *tally, GError **error) {
  if (tally->n_failed > 0)
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_INCOMPLETE,
                 _("%u of %u carriers could not be used to the end; nothing is lost, and it goes on the next time."),
                 tally->n_failed, tally->n_carriers);
  else if (tally->n_refused > 0)
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_SOME_REFUSED,
                 g_dngettext (GETTEXT_PACKAGE, "%u file that came was not taken in.",
                              "%u files that came were not taken in.", tally->n_refused), tally->n_refused);
  return tally->n_failed == 0 && tally->n_refused == 0;
}

static gboolean
sync_carriers (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) names = choose_carriers (self, error);
  JsonArray *objects;
  Tally tally = { 0 };

  if (names == NULL || !tessera_exchange_retry_parked (tessera_cli_get_store (self), NULL, error))
    return FALSE;
  objects = json_array_new ();
  for (guint i = 0; i < names->len; i++)
    json_array_add_object_element (objects, exchange (self, g_ptr_array_index (names, i), &tally));
  if (tessera_cli_is_json (self))
    tessera_cli_put_objects (self, objects, "carrier");
  else
    json_array_unref (objects);
  return judge (&tally, error);
}

const TesseraCommand tessera_carrier_commands[] = {
  { "carrier", "add", "NAME URI [--user USER] [--password-fd N | --password-file FILE] [--pin SHA256] [--metered]",
    N_("Files go and come over a folder (a stick, a synchronized one) or a WebDAV server; --metered: on lines that cost "
       "by the amount, too."),
    TESSERA_ACCESS_WRITE, add },
  { "carrier", "list", "", N_("Lists carriers, what waits for each, and how the last exchange went."),
    TESSERA_ACCESS_READ, list },
  { "carrier", "remove", "NAME", N_("Forgets a carrier; what lies on it stays there."), TESSERA_ACCESS_WRITE,
    remove_carrier },
  { "carrier", "check", "NAME", N_("Whether a carrier can be reached and used now."), TESSERA_ACCESS_STORE, check },
  { "sync", NULL, "[--carrier NAME]", N_("Sends what waits and takes in what came, over one carrier or all."),
    TESSERA_ACCESS_STORE, sync_carriers },
  { NULL },
};
