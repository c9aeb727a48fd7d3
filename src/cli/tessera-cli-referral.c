/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-referral.c: `referral …`: ask a partner for help, see what became of it, answer what partners
 * ask.
 *
 * Nothing leaves by these commands; `bundle export` makes the file.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-erasure.h"
#include "tessera-cli-fields.h"
#include "tessera-post.h"
#include "tessera-referral.h"

#define COLUMNS "id direction status client partner service_name kind due_on status_at erasure_asked_at"

/* The referral with its events, so that one look tells the whole story. */
static gboolean
put_referral (TesseraCli *self, TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraRecord) referral = tessera_transaction_load (transaction, "referral", id, error);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *object;
  JsonArray *array;

  if (referral == NULL)
    return FALSE;
  events = tessera_referral_list_events (transaction, id, NULL, error);
  if (events == NULL)
    return FALSE;
  if (!tessera_cli_is_json (self)) {
    tessera_cli_put_record (self, referral);
    if (events->len > 0)
      tessera_cli_put_line (self, "%s", "");
    tessera_cli_put_records (self, events, "at side kind code text");
    return TRUE;
  }
  array = json_array_new ();
  for (guint i = 0; i < events->len; i++)
    json_array_add_object_element (array, tessera_record_to_json (g_ptr_array_index (events, i)));
  object = tessera_record_to_json (referral);
  json_object_set_array_member (object, "events", array);
  tessera_cli_put_object (self, object);
  return TRUE;
}

static gboolean
set_service (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  const char *text = tessera_cli_get_option (self, "service");
  g_autoptr (TesseraRecord) service = NULL;

  if (text == NULL)
    return TRUE;
  service = tessera_cli_resolve (transaction, "service", text, error);
  if (service == NULL)
    return FALSE;
  tessera_record_set (referral, "service", tessera_record_get_id (service));
  tessera_record_set (referral, "service_name", tessera_record_get (service, "name"));
  return TRUE;
}

/* The options that are plain fields of the form. */
static gboolean
set_fields (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *referral, GError **error) {
  static const char *const options[] = { "partner",  "reason", "consent",     "kind",
                                         "priority", "groups", "service-name" };
  static const char *const fields[] = { "partner",  "reason", "consent",     "kind",
                                        "priority", "groups", "service_name" };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++) {
    const char *value = tessera_cli_get_option (self, options[i]);

    if (value != NULL && !tessera_cli_parse_field (transaction, referral, fields[i], value, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
create (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_cli_resolve_client (self, transaction, 0, error);
  g_autoptr (TesseraRecord) referral = NULL;

  if (client == NULL)
    return FALSE;
  referral = tessera_transaction_new_record (transaction, "referral");
  tessera_record_set (referral, "client", tessera_record_get_id (client));
  return set_service (self, transaction, referral, error) && set_fields (self, transaction, referral, error)
         && tessera_referral_create (transaction, referral, error)
         && put_referral (self, transaction, tessera_record_get_id (referral), error);
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  TesseraReferralQuery query = { .status = tessera_cli_get_option (self, "status"),
                                 .waiting = tessera_cli_has (self, "waiting") };
  g_autofree char *client = NULL;
  g_autofree char *partner = NULL;
  g_autoptr (GPtrArray) referrals = NULL;
  guint64 limit;

  if (tessera_cli_has (self, "in") != tessera_cli_has (self, "out"))
    query.direction = tessera_cli_has (self, "in") ? "in" : "out";
  if (!tessera_cli_check_code ("referral_status", query.status, error)
      || !tessera_cli_resolve_option (self, transaction, "client", "client", &client, error)
      || !tessera_cli_resolve_option (self, transaction, "partner", "partner", &partner, error)
      || !tessera_cli_get_number (self, "limit", G_MAXINT32, 0, &limit, error))
    return FALSE;
  query.client = client;
  query.partner = partner;
  referrals = tessera_referral_list (transaction, &query, (guint) limit, error);
  if (referrals == NULL)
    return FALSE;
  tessera_cli_put_records (self, referrals, COLUMNS);
  return TRUE;
}

static gboolean
show (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) referral = tessera_cli_resolve (transaction, "referral", text, error);

  return referral != NULL && put_referral (self, transaction, tessera_record_get_id (referral), error);
}

static gboolean
answer (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) referral = tessera_cli_resolve (transaction, "referral", text, error);
  g_autoptr (TesseraRecord) after = NULL;

  if (referral == NULL
      || !tessera_cli_check_code ("referral_code", tessera_cli_get_option (self, "code"), error))
    return FALSE;
  if (g_strcmp0 (tessera_cli_get_argument (self, 1), "erase-done") == 0)
    return tessera_cli_erase_referral (self, transaction, tessera_record_get_id (referral), error);
  after = tessera_post_answer (transaction, tessera_record_get_id (referral),
                               tessera_cli_get_argument (self, 1), tessera_cli_get_option (self, "code"),
                               tessera_cli_get_option (self, "text"), tessera_cli_get_option (self, "on"),
                               tessera_cli_has (self, "may-tell-client"), error);
  return after != NULL && put_referral (self, transaction, tessera_record_get_id (referral), error);
}

/* An incoming referral is about this client of ours. */
static gboolean
link_client (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) referral = tessera_cli_resolve (transaction, "referral", text, error);
  g_autoptr (TesseraRecord) client =
    referral != NULL ? tessera_cli_resolve_client (self, transaction, 1, error) : NULL;

  return client != NULL
         && tessera_referral_link_client (transaction, tessera_record_get_id (referral),
                                          tessera_record_get_id (client), error)
         && put_referral (self, transaction, tessera_record_get_id (referral), error);
}

static gboolean
expire (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  JsonObject *object;
  guint count = 0;

  if (!tessera_referral_expire_due (transaction, &count, error))
    return FALSE;
  object = json_object_new ();
  json_object_set_int_member (object, "expired", count);
  tessera_cli_put_object (self, object);
  return TRUE;
}

const TesseraCommand tessera_referral_commands[] = {
  { "referral", "create",
    "CLIENT --partner PARTNER --reason TEXT [--service ID] [--service-name NAME] [--consent ID] "
    "[--kind refer|hand-over|ask-opinion] [--priority emergency|urgent|routine] [--groups GROUP,…]",
    N_("Drafts a referral under a consent; bundle export sends it."), TESSERA_ACCESS_WRITE, create },
  { "referral", "list",
    "[--in|--out] [--waiting] [--status STATUS] [--client CLIENT] [--partner PARTNER] [--limit N]",
    N_("Lists referrals, newest first."), TESSERA_ACCESS_READ, list },
  { "referral", "show", "ID", N_("Prints a referral with its status and events."), TESSERA_ACCESS_READ,
    show },
  { "referral", "answer", "ID ANSWER [--code CODE] [--text TEXT] [--on DATE] [--may-tell-client]",
    N_("Takes a step: accept, decline, receive, review, info, waitlist, schedule, start, complete, fail, "
        "withdraw; erase-done when they asked to erase somebody who was never registered here."),
    TESSERA_ACCESS_WRITE, answer },
  { "referral", "link", "ID CLIENT", N_("An incoming referral is about this client."), TESSERA_ACCESS_WRITE,
    link_client },
  { "referral", "expire", "", N_("Ends those without an answer for thirty days; for a nightly job."),
    TESSERA_ACCESS_WRITE, expire },
  { NULL },
};
