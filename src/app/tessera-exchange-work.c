/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-work.c: laptops and carriers; see the header.
 */
#include "config.h"
#include "tessera-exchange-work.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-fingerprint.h"
#include "tessera-identity.h"
#include "tessera-merge.h"
#include "tessera-team.h"
#include "tessera-webdav-carrier.h"

/* ---- laptops ---- */

static void
member_free (gpointer data) {
  TesseraTeamLaptop *member = data;

  g_free (member->device);
  g_free (member->name);
  g_free (member->worker);
  g_free (member->role);
  g_free (member->fingerprint);
  g_ptr_array_unref (member->circles);
  g_free (member);
}

void
tessera_team_facts_free (gpointer data) {
  TesseraTeamFacts *facts = data;

  g_clear_pointer (&facts->members, g_ptr_array_unref);
  g_clear_pointer (&facts->circles, g_ptr_array_unref);
  g_free (facts->fingerprint);
  g_free (facts);
}

/* Rosters write ids without dashes, rows with them. */
static char *
make_uuid (const char *digits) {
  GString *uuid = g_string_new (digits);

  for (gssize i = 0; uuid->len >= 32 && i < 4; i++)
    g_string_insert_c (uuid, 8 + 5 * i, '-');
  return g_string_free (uuid, FALSE);
}

static char *
find_worker_name (TesseraTransaction *transaction, const char *digits) {
  g_autofree char *uuid = digits != NULL ? make_uuid (digits) : NULL;
  g_autoptr (TesseraRecord) worker = uuid != NULL ? tessera_transaction_find (transaction, "worker", uuid) : NULL;

  return worker != NULL ? g_strdup (tessera_record_get (worker, "name")) : NULL;
}

static TesseraTeamLaptop *
describe_member (TesseraTransaction *transaction, const TesseraRoster *roster, const TesseraRosterDevice *device) {
  TesseraTeamLaptop *member = g_new0 (TesseraTeamLaptop, 1);
  g_autofree char *uuid = make_uuid (device->id);
  g_autoptr (GHashTable) vector = tessera_transaction_get_acknowledged (transaction, device->id, &member->heard_at,
                                                                        NULL);

  member->device = g_strdup (device->id);
  member->name = g_strdup (device->name);
  member->worker = find_worker_name (transaction, device->worker);
  member->role = g_strdup (device->role);
  member->fingerprint = tessera_fingerprint_new (device->signing_key);
  member->circles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < device->circles->len; i++) {
    const TesseraRosterCircle *circle = tessera_roster_find_circle (roster, device->circles->pdata[i]);

    if (circle != NULL)
      g_ptr_array_add (member->circles, g_strdup (circle->name));
  }
  member->state = device->state;
  member->since = device->since;
  member->is_own = g_strcmp0 (uuid, tessera_transaction_get_device (transaction)) == 0;
  return member;
}

static gboolean
is_supervisor (TesseraTransaction *transaction) {
  const char *id = tessera_transaction_get_worker (transaction);
  g_autoptr (TesseraRecord) worker = id != NULL ? tessera_transaction_find (transaction, "worker", id) : NULL;

  return worker != NULL && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0;
}

gboolean
tessera_exchange_load_team (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraTeamFacts *facts = data;
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);

  if (roster == NULL)
    return FALSE;
  facts->members = g_ptr_array_new_with_free_func (member_free);
  for (guint i = 0; i < roster->devices->len; i++)
    g_ptr_array_add (facts->members, describe_member (transaction, roster, roster->devices->pdata[i]));
  facts->circles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < roster->circles->len; i++)
    g_ptr_array_add (facts->circles, g_strdup (((TesseraRosterCircle *) roster->circles->pdata[i])->name));
  facts->has_root = tessera_identity_has_root (transaction);
  facts->may_change = facts->has_root && is_supervisor (transaction);
  facts->is_expired = tessera_roster_is_expired (roster, tessera_transaction_get_now (transaction));
  facts->fingerprint = tessera_identity_get_fingerprint (transaction, error);
  return facts->fingerprint != NULL;
}

TesseraTeamDecision *
tessera_team_decision_new (TesseraTeamVerb verb, const char *device) {
  TesseraTeamDecision *decision = g_new0 (TesseraTeamDecision, 1);

  decision->verb = verb;
  decision->device = g_strdup (device);
  return decision;
}

void
tessera_team_decision_free (gpointer data) {
  TesseraTeamDecision *decision = data;

  g_free (decision->device);
  g_free (decision->role);
  g_free (decision->before);
  g_free (decision);
}

gboolean
tessera_exchange_decide (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraTeamDecision *decision = data;

  switch (decision->verb) {
  case TESSERA_TEAM_SET_ROLE:
    return tessera_team_set_role (transaction, decision->device, decision->role, error);
  case TESSERA_TEAM_RETIRE:
    return tessera_team_retire (transaction, decision->device, error);
  case TESSERA_TEAM_REVOKE:
  default:
    return tessera_team_revoke (transaction, decision->device, 0, error);
  }
}

void
tessera_admitting_free (gpointer data) {
  TesseraAdmitting *admitting = data;

  g_clear_pointer (&admitting->request, g_bytes_unref);
  g_free (admitting->role);
  g_free (admitting->name);
  g_strfreev (admitting->circles);
  g_free (admitting->invitation);
  g_free (admitting->fingerprint);
  g_free (admitting);
}

gboolean
tessera_exchange_admit (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraAdmitting *admitting = data;
  TesseraAdmission admission = { .role = admitting->role,
                                 .name = admitting->name,
                                 .circles = (const char *const *) admitting->circles };

  admitting->invitation = tessera_joining_admit (transaction, g_bytes_get_data (admitting->request, NULL),
                                                 g_bytes_get_size (admitting->request), &admission, NULL, error);
  if (admitting->invitation == NULL)
    return FALSE;
  admitting->fingerprint = tessera_identity_get_fingerprint (transaction, error);
  return admitting->fingerprint != NULL;
}

/* ---- carriers ---- */

void
tessera_carrier_facts_free (gpointer data) {
  TesseraCarrierFacts *facts = data;

  g_clear_pointer (&facts->carriers, g_ptr_array_unref);
  g_free (facts);
}

static gboolean
find_oldest (TesseraTransaction *transaction, gint64 *ret_oldest, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT min(at) FROM bundle WHERE direction = 'out' AND mailbox IS NOT NULL"
                 " AND state = 'spooled'", error);

  if (statement == NULL || !tessera_statement_step (statement, error))
    return FALSE;
  *ret_oldest = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

gboolean
tessera_exchange_load_carriers (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraCarrierFacts *facts = data;

  facts->carriers = tessera_carriers_list (transaction, error);
  return facts->carriers != NULL && tessera_post_count (transaction, &facts->counts, error)
         && find_oldest (transaction, &facts->oldest, error);
}

TesseraCarrierSwitch *
tessera_carrier_switch_new (const char *name, int paused, int metered) {
  TesseraCarrierSwitch *self = g_new0 (TesseraCarrierSwitch, 1);

  self->name = g_strdup (name);
  self->paused = paused;
  self->metered = metered;
  return self;
}

void
tessera_carrier_switch_free (gpointer data) {
  TesseraCarrierSwitch *self = data;

  g_free (self->name);
  g_free (self);
}

gboolean
tessera_exchange_switch_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraCarrierSwitch *self = data;
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, self->name, error);

  if (settings == NULL)
    return FALSE;
  if (self->paused >= 0)
    settings->paused = self->paused > 0;
  if (self->metered >= 0)
    settings->metered = self->metered > 0;
  return tessera_carriers_save (transaction, settings, error);
}

TesseraRemovedCarrier *
tessera_removed_carrier_new (const char *name) {
  TesseraRemovedCarrier *self = g_new0 (TesseraRemovedCarrier, 1);

  self->name = g_strdup (name);
  return self;
}

TesseraRemovedCarrier *
tessera_removed_carrier_steal (TesseraRemovedCarrier *self) {
  TesseraRemovedCarrier *other = tessera_removed_carrier_new (self->name);

  other->settings = g_steal_pointer (&self->settings);
  other->password = g_steal_pointer (&self->password);
  return other;
}

void
tessera_removed_carrier_free (gpointer data) {
  TesseraRemovedCarrier *self = data;

  g_free (self->name);
  g_clear_pointer (&self->settings, tessera_carrier_settings_free);
  g_clear_pointer (&self->password, tessera_secret_free);
  g_free (self);
}

gboolean
tessera_exchange_remove_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraRemovedCarrier *self = data;

  self->settings = tessera_carriers_find (transaction, self->name, error);
  if (self->settings == NULL)
    return FALSE;
  self->password = tessera_carriers_get_password (transaction, self->name);
  return tessera_carriers_remove (transaction, self->name, error);
}

gboolean
tessera_exchange_restore_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraRemovedCarrier *self = data;

  return tessera_carriers_add (transaction, self->settings, self->password, error);
}

/* ---- a new carrier ---- */

typedef struct {
  TesseraStore *store;
  TesseraCarrierSettings *settings;
  TesseraSecret *password;
  GCancellable *work;
  char *pin;
} Adding;

static void
adding_free (gpointer data) {
  Adding *adding = data;

  g_clear_object (&adding->store);
  g_clear_pointer (&adding->settings, tessera_carrier_settings_free);
  g_clear_pointer (&adding->password, tessera_secret_free);
  g_clear_object (&adding->work);
  g_free (adding->pin);
  g_free (adding);
}

static gboolean
add_carrier (TesseraTransaction *transaction, gpointer data, GError **error) {
  Adding *adding = data;

  return tessera_carriers_add (transaction, adding->settings, adding->password, error);
}

static gboolean
check_carrier (Adding *adding, GError **error) {
  g_autoptr (TesseraCarrier) carrier = tessera_carrier_settings_open (adding->settings, adding->password, error);

  if (carrier == NULL)
    return FALSE;
  if (tessera_carrier_check (carrier, adding->work, error))
    return TRUE;
  if (TESSERA_IS_WEBDAV_CARRIER (carrier))
    adding->pin = g_strdup (tessera_webdav_carrier_get_seen_pin (TESSERA_WEBDAV_CARRIER (carrier)));
  return FALSE;
}

static void
cancel_work (GCancellable *cancellable, gpointer data) {
  g_cancellable_cancel (data);
}

static void
add_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  Adding *adding = task_data;
  GError *error = NULL;
  gulong handler = cancellable != NULL
                     ? g_cancellable_connect (cancellable, G_CALLBACK (cancel_work), g_object_ref (adding->work),
                                              g_object_unref)
                     : 0;
  gboolean added = check_carrier (adding, &error) && tessera_store_write (adding->store, add_carrier, adding, &error);

  g_cancellable_disconnect (cancellable, handler);
  tessera_session_end_work (source, g_steal_pointer (&adding->work));
  if (added)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
tessera_exchange_add_carrier_async (TesseraSession *session, TesseraCarrierSettings *settings, TesseraSecret *password,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (session, cancellable, callback, user_data);
  Adding *adding = g_new0 (Adding, 1);

  adding->store = g_object_ref (tessera_session_get_store (session));
  adding->settings = settings;
  adding->password = password;
  adding->work = tessera_session_begin_work (session);
  g_task_set_source_tag (task, tessera_exchange_add_carrier_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, adding, adding_free);
  g_task_run_in_thread (task, add_thread);
}

gboolean
tessera_exchange_add_carrier_finish (TesseraSession *session, GAsyncResult *result, char **ret_pin, GError **error) {
  Adding *adding = g_task_get_task_data (G_TASK (result));

  *ret_pin = g_steal_pointer (&adding->pin);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- small files ---- */

static GBytes *
read_file (GFile *file, gsize limit, GError **error) {
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree char *buffer = g_malloc (limit + 1);
  gsize length = 0;

  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), buffer, limit + 1, &length, NULL, error))
    return NULL;
  if (length <= limit)
    return g_bytes_new_take (g_steal_pointer (&buffer), length);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _("This file is too large to be a request or an invitation; choose another."));
  return NULL;
}

static void
read_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  GError *error = NULL;
  GBytes *bytes = read_file (source, GPOINTER_TO_SIZE (task_data), &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

void
tessera_exchange_read_file_async (GFile *file, gsize limit, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (file, NULL, callback, user_data);

  g_task_set_source_tag (task, tessera_exchange_read_file_async);
  g_task_set_task_data (task, GSIZE_TO_POINTER (limit), NULL);
  g_task_run_in_thread (task, read_thread);
}

GBytes *
tessera_exchange_read_file_finish (GFile *file, GAsyncResult *result, GError **error) {
  return g_task_propagate_pointer (G_TASK (result), error);
}
