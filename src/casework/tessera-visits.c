/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-visits.c: a visit and everything that follows from it, in one save.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-intake.h"
#include "tessera-visits.h"

static void
fill_defaults (TesseraTransaction *transaction, TesseraRecord *visit, TesseraRecord *client) {
  if (!tessera_record_get (visit, "at"))
    tessera_record_set_integer (visit, "at", tessera_transaction_get_now (transaction));
  tessera_casework_set_if_empty (visit, "worker", tessera_transaction_get_worker (transaction));
  tessera_casework_set_if_empty (visit, "language", tessera_record_get (client, "language"));
}

static gboolean
move_last_contact (TesseraTransaction *transaction, TesseraRecord *client, TesseraRecord *visit,
                   GError **error) {
  gint64 at = tessera_record_get_integer (visit, "at");

  if (tessera_record_get (client, "last_contact")
      && tessera_record_get_integer (client, "last_contact") >= at)
    return TRUE;
  tessera_record_set_integer (client, "last_contact", at);
  return tessera_transaction_save (transaction, client, error);
}

static void
copy_next_step (TesseraRecord *task, TesseraRecord *visit) {
  tessera_record_set (task, "client", tessera_record_get (visit, "client"));
  tessera_record_set (task, "visit", tessera_record_get_id (visit));
  tessera_record_set (task, "text", tessera_record_get (visit, "next_step"));
  tessera_record_set (task, "who", tessera_record_get (visit, "next_who"));
  tessera_record_set (task, "due", tessera_record_get (visit, "next_by"));
  tessera_record_set (task, "worker", tessera_record_get (visit, "worker"));
}

static gboolean
add_task (TesseraTransaction *transaction, TesseraRecord *visit, GError **error) {
  g_autoptr (TesseraRecord) task = NULL;

  if (!tessera_record_get (visit, "next_step"))
    return TRUE;
  task = tessera_transaction_new_record (transaction, "task");
  copy_next_step (task, visit);
  return tessera_transaction_save (transaction, task, error);
}

static gboolean
add_advice (TesseraTransaction *transaction, TesseraRecord *visit, GError **error) {
  g_auto (GStrv) domains = tessera_record_get_set (visit, "domains");
  g_autoptr (TesseraRecord) advice = NULL;

  if (!tessera_record_get (visit, "told"))
    return TRUE;
  advice = tessera_transaction_new_record (transaction, "advice");
  tessera_record_set (advice, "client", tessera_record_get (visit, "client"));
  tessera_record_set (advice, "visit", tessera_record_get_id (visit));
  tessera_record_set (advice, "at", tessera_record_get (visit, "at"));
  tessera_record_set (advice, "text", tessera_record_get (visit, "told"));
  /* Several topics and one advice: which it was about is not for us to guess. */
  if (g_strv_length (domains) == 1)
    tessera_record_set (advice, "domain", domains[0]);
  return tessera_transaction_save (transaction, advice, error);
}

gboolean
tessera_visits_record (TesseraTransaction *transaction, TesseraRecord *visit, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_casework_point_to_client (transaction, visit, error);

  if (!client)
    return FALSE;
  fill_defaults (transaction, visit, client);
  return tessera_transaction_save (transaction, visit, error)
         && move_last_contact (transaction, client, visit, error)
         && add_task (transaction, visit, error)
         && add_advice (transaction, visit, error);
}

static gboolean
is_corrected (TesseraTransaction *transaction, const char *visit, gboolean *ret_is, GError **error) {
  g_autoptr (GPtrArray) others = NULL;

  /* Few visits of one client: no index on corrects is needed. */
  others = tessera_transaction_select_records (transaction, "visit",
                                               "WHERE client = (SELECT client FROM visit WHERE id = ?1)"
                                               " AND corrects = ?1 LIMIT 1", visit, error);
  *ret_is = others && others->len > 0;
  return others != NULL;
}

/* A task that is still open says what the correction says; one that was done or is none of ours stays. */
static gboolean
correct_task (TesseraTransaction *transaction, TesseraRecord *old, TesseraRecord *corrected, GError **error) {
  g_autoptr (GPtrArray) tasks = NULL;

  tasks = tessera_transaction_select_records (transaction, "task",
                                              "WHERE client = (SELECT client FROM visit WHERE id = ?1)"
                                              " AND visit = ?1 ORDER BY id", tessera_record_get_id (old), error);
  if (!tasks)
    return FALSE;
  if (tasks->len == 0)
    return add_task (transaction, corrected, error);
  for (guint i = 0; i < tasks->len; i++) {
    TesseraRecord *task = g_ptr_array_index (tasks, i);

    if (tessera_record_get (task, "done_at"))
      continue;
    if (tessera_record_get (corrected, "next_step"))
      copy_next_step (task, corrected);
    if (!tessera_transaction_save (transaction, task, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_correctable (TesseraTransaction *transaction, TesseraRecord *old, GError **error) {
  gboolean corrected;

  if (!is_corrected (transaction, tessera_record_get_id (old), &corrected, error))
    return FALSE;
  if (corrected)
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                         _("This visit was corrected already; correct the newer one."));
  return !corrected;
}

gboolean
tessera_visits_correct (TesseraTransaction *transaction, const char *visit, TesseraRecord *corrected,
                        GError **error) {
  g_autoptr (TesseraRecord) old = tessera_casework_load (transaction, "visit", visit, error);
  g_autoptr (TesseraRecord) client = NULL;

  if (!old || !check_correctable (transaction, old, error))
    return FALSE;
  if (strcmp (tessera_record_get_id (corrected), visit) == 0) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                         _("A visit cannot be overwritten; write the correction as a visit of its own."));
    return FALSE;
  }
  tessera_casework_set_if_empty (corrected, "client", tessera_record_get (old, "client"));
  tessera_casework_set_if_empty (corrected, "at", tessera_record_get (old, "at"));
  tessera_casework_set_if_empty (corrected, "how", tessera_record_get (old, "how"));
  tessera_record_set (corrected, "corrects", visit);
  client = tessera_casework_point_to_client (transaction, corrected, error);
  if (!client)
    return FALSE;
  fill_defaults (transaction, corrected, client);
  return tessera_transaction_save (transaction, corrected, error)
         && tessera_casework_refresh_last_contact (transaction, client, error)
         && correct_task (transaction, old, corrected, error)
         && add_advice (transaction, corrected, error);
}

GPtrArray *
tessera_visits_list (TesseraTransaction *transaction, const char *client, guint limit, GError **error) {
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) visits = NULL;
  g_autoptr (GHashTable) corrected = g_hash_table_new (g_str_hash, g_str_equal);

  all = tessera_intake_select (transaction, "visit", client, "ORDER BY \"at\" DESC, id DESC", error);
  if (!all)
    return NULL;
  for (guint i = 0; i < all->len; i++) {
    const char *corrects = tessera_record_get (g_ptr_array_index (all, i), "corrects");

    if (corrects)
      g_hash_table_add (corrected, (gpointer) corrects);
  }
  visits = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < all->len && (limit == 0 || visits->len < limit); i++) {
    TesseraRecord *visit = g_ptr_array_index (all, i);

    if (!g_hash_table_contains (corrected, tessera_record_get_id (visit)))
      g_ptr_array_add (visits, g_object_ref (visit));
  }
  return g_steal_pointer (&visits);
}

gboolean
tessera_casework_refresh_last_contact (TesseraTransaction *transaction, TesseraRecord *client,
                                       GError **error) {
  g_autoptr (GPtrArray) newest = tessera_visits_list (transaction, tessera_record_get_id (client), 1, error);

  if (!newest)
    return FALSE;
  if (newest->len == 0)
    return TRUE;
  tessera_record_set (client, "last_contact", tessera_record_get (g_ptr_array_index (newest, 0), "at"));
  return tessera_transaction_save (transaction, client, error);
}
