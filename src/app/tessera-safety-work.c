/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-safety-work.c: who can unlock the vault; see the header.
 */
#include "config.h"
#include "tessera-identity.h"
#include "tessera-safety-work.h"

typedef struct _Job Job;

struct _Job {
  gboolean (*run) (Job *job, GError **error);
  TesseraStore *store;
  TesseraVault *vault;
  GCancellable *work;
  TesseraWorkFactor work_factor;
  char *name;
  TesseraRecord *worker;
  TesseraSecret *present;
  TesseraSecret *fresh;
};

static void
job_free (gpointer data) {
  Job *job = data;

  g_clear_object (&job->store);
  g_clear_object (&job->vault);
  g_clear_object (&job->work);
  g_clear_object (&job->worker);
  g_clear_pointer (&job->present, tessera_secret_free);
  g_clear_pointer (&job->fresh, tessera_secret_free);
  g_free (job->name);
  g_free (job);
}

static Job *
job_new (TesseraSession *session, const char *name, gboolean (*run) (Job *job, GError **error)) {
  Job *job = g_new0 (Job, 1);

  job->run = run;
  job->name = g_strdup (name);
  job->store = g_object_ref (tessera_session_get_store (session));
  job->vault = g_object_ref (tessera_session_get_vault (session));
  job->work_factor = tessera_session_get_work_factor (session);
  job->work = tessera_session_begin_work (session);
  return job;
}

static void
job_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  Job *job = task_data;
  GError *error = NULL;
  gboolean done = job->run (job, &error);

  tessera_session_end_work (source, g_steal_pointer (&job->work));
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
job_start (TesseraSession *session, Job *job, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (session, NULL, callback, user_data);

  g_task_set_source_tag (task, job_start);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, job_thread);
}

static gboolean
change_passphrase (Job *job, GError **error) {
  return tessera_vault_verify_passphrase (job->vault, job->name, job->present, error)
         && tessera_vault_change_passphrase (job->vault, job->name, job->fresh, job->work_factor, error);
}

void
tessera_safety_change_passphrase_async (TesseraSession *session, TesseraSecret *present, TesseraSecret *fresh,
                                        GAsyncReadyCallback callback, gpointer user_data) {
  Job *job = job_new (session, tessera_record_get (tessera_session_get_worker (session), "name"), change_passphrase);

  job->present = present;
  job->fresh = fresh;
  job_start (session, job, callback, user_data);
}

typedef struct {
  TesseraRecord *worker;
  guint slot;
} NewWorker;

static gboolean
save_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  NewWorker *new = data;

  return tessera_transaction_save (transaction, new->worker, error)
         && tessera_identity_set_slot (transaction, new->slot, tessera_record_get_id (new->worker), error);
}

/* The slot first: a row without one would be somebody who cannot get in. */
static gboolean
add_worker (Job *job, GError **error) {
  NewWorker new = { job->worker, 0 };

  if (!tessera_vault_add_worker (job->vault, job->name, job->fresh, job->work_factor, &new.slot, error))
    return FALSE;
  if (tessera_store_write (job->store, save_worker, &new, error))
    return TRUE;
  tessera_vault_remove_worker (job->vault, job->name, NULL);
  return FALSE;
}

void
tessera_safety_add_worker_async (TesseraSession *session, const char *name, const char *role, const char *language,
                                 TesseraSecret *passphrase, GAsyncReadyCallback callback, gpointer user_data) {
  Job *job = job_new (session, name, add_worker);

  job->fresh = passphrase;
  job->worker = tessera_record_new (tessera_session_get_registry (session), "worker");
  tessera_record_set (job->worker, "name", name);
  tessera_record_set (job->worker, "role", role);
  tessera_record_set (job->worker, "language", language);
  tessera_record_set_boolean (job->worker, "active", TRUE);
  job_start (session, job, callback, user_data);
}

/* The row stays, for the visits it is named in. */
static gboolean
retire_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) worker = tessera_transaction_load (transaction, "worker", data, error);

  if (worker == NULL)
    return FALSE;
  tessera_record_set_boolean (worker, "active", FALSE);
  return tessera_identity_clear_worker (transaction, tessera_record_get_id (worker), error)
         && tessera_transaction_save (transaction, worker, error);
}

static gboolean
remove_worker (Job *job, GError **error) {
  return tessera_vault_remove_worker (job->vault, job->name, error)
         && tessera_store_write (job->store, retire_worker, (gpointer) tessera_record_get_id (job->worker), error);
}

void
tessera_safety_remove_worker_async (TesseraSession *session, const char *name, GAsyncReadyCallback callback,
                                    gpointer user_data) {
  GPtrArray *workers = tessera_session_get_unlockers (session);
  Job *job = job_new (session, name, remove_worker);

  for (guint i = 0; i < workers->len; i++) {
    TesseraRecord *worker = g_ptr_array_index (workers, i);

    if (g_strcmp0 (tessera_record_get (worker, "name"), name) == 0)
      g_set_object (&job->worker, worker);
  }
  g_return_if_fail (job->worker != NULL);
  job_start (session, job, callback, user_data);
}

gboolean
tessera_safety_finish (TesseraSession *session, GAsyncResult *result, GError **error) {
  return g_task_propagate_boolean (G_TASK (result), error);
}
