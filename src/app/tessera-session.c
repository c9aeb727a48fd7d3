/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-session.c: who sits at this desk; see the header.
 */
#include "config.h"
#include "tessera-session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-demo-shop.h"
#include "tessera-documents.h"
#include "tessera-identity.h"

struct _TesseraSession {
  GObject parent_instance;

  char *folder;
  gboolean demo;
  TesseraWorkFactor work_factor;
  TesseraRegistry *registry;
  TesseraVault *vault;
  TesseraStore *store;
  TesseraRecord *worker;
  GPtrArray *workers;
  char *organization;
  char *last_name;
  TesseraSecret *recovery_key;
};

G_DEFINE_FINAL_TYPE (TesseraSession, tessera_session, G_TYPE_OBJECT)

enum {
  SIGNAL_STATE_CHANGED,
  SIGNAL_LOCKING,
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* What the slow thread needs and gives back. */
typedef struct {
  char *organization;
  char *worker;
  char *language;
  TesseraSecret *secret;
  gboolean recovery;
  TesseraWorkFactor work_factor;
  TesseraVault *vault;
  TesseraStore *store;
  TesseraSecret *recovery_key;
} Opening;

static void
opening_free (gpointer data) {
  Opening *opening = data;

  g_free (opening->organization);
  g_free (opening->worker);
  g_free (opening->language);
  g_clear_pointer (&opening->secret, tessera_secret_free);
  g_clear_pointer (&opening->recovery_key, tessera_secret_free);
  if (opening->store != NULL)
    tessera_store_close (opening->store);
  g_clear_object (&opening->store);
  if (opening->vault != NULL)
    tessera_vault_close (opening->vault);
  g_clear_object (&opening->vault);
  g_free (opening);
}

TesseraSessionState
tessera_session_get_state (TesseraSession *self) {
  g_return_val_if_fail (TESSERA_IS_SESSION (self), TESSERA_SESSION_EMPTY);
  if (self->store != NULL)
    return TESSERA_SESSION_OPEN;
  return tessera_vault_exists (self->folder) ? TESSERA_SESSION_LOCKED : TESSERA_SESSION_EMPTY;
}

const char *
tessera_session_get_folder (TesseraSession *self) {
  return self->folder;
}

gboolean
tessera_session_is_demo (TesseraSession *self) {
  return self->demo;
}

TesseraStore *
tessera_session_get_store (TesseraSession *self) {
  return self->store;
}

TesseraVault *
tessera_session_get_vault (TesseraSession *self) {
  return self->vault;
}

TesseraRegistry *
tessera_session_get_registry (TesseraSession *self) {
  return self->registry;
}

TesseraRecord *
tessera_session_get_worker (TesseraSession *self) {
  return self->worker;
}

const char *
tessera_session_get_worker_id (TesseraSession *self) {
  return self->worker != NULL ? tessera_record_get_id (self->worker) : NULL;
}

GPtrArray *
tessera_session_get_workers (TesseraSession *self) {
  return self->workers;
}

const char *
tessera_session_get_worker_name (TesseraSession *self, const char *id) {
  for (guint i = 0; id != NULL && i < self->workers->len; i++) {
    TesseraRecord *worker = g_ptr_array_index (self->workers, i);

    if (strcmp (tessera_record_get_id (worker), id) == 0)
      return tessera_record_get (worker, "name");
  }
  return NULL;
}

const char *
tessera_session_get_organization (TesseraSession *self) {
  return self->organization;
}

gboolean
tessera_session_concerns (const char *entities, const char *entity) {
  g_auto (GStrv) names = g_strsplit (entities, ",", -1);

  return g_strv_contains ((const char *const *) names, entity);
}

typedef struct {
  GPtrArray *workers;
  char *organization;
} Staff;

static gboolean
read_staff (TesseraTransaction *transaction, gpointer data, GError **error) {
  Staff *staff = data;

  staff->organization = tessera_transaction_get_setting (transaction, "organization.name");
  staff->workers = tessera_transaction_select_records (transaction, "worker", "ORDER BY name", NULL, error);
  return staff->workers != NULL;
}

static void
take_staff (TesseraSession *self, Staff *staff) {
  g_free (self->organization);
  self->organization = staff->organization;
  if (staff->workers == NULL)
    return;
  g_ptr_array_unref (self->workers);
  self->workers = staff->workers;
}

static void
staff_read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraSession) self = user_data;
  Staff *staff = tessera_store_result_get_data (result);

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL))
    take_staff (self, staff);
}

static void
store_changed_cb (TesseraSession *self, const char *entities) {
  if (tessera_session_concerns (entities, "worker"))
    tessera_store_read_async (self->store, read_staff, g_new0 (Staff, 1), g_free, NULL, staff_read_cb,
                              g_object_ref (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, entities);
}

/* The recovery key opens for whoever holds it: the work is then entered under the first supervisor. */
static TesseraRecord *
find_worker (TesseraSession *self, guint slot) {
  TesseraRecord *supervisor = NULL;

  for (guint i = 0; i < self->workers->len; i++) {
    TesseraRecord *worker = g_ptr_array_index (self->workers, i);

    if (slot != 0 && tessera_record_get_integer (worker, "slot") == slot)
      return worker;
    if (supervisor == NULL && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0)
      supervisor = worker;
  }
  return slot == 0 ? supervisor : NULL;
}

static void
close_store (TesseraSession *self) {
  if (self->store != NULL) {
    g_signal_handlers_disconnect_by_data (self->store, self);
    tessera_store_close (self->store);
  }
  g_clear_object (&self->store);
  g_clear_object (&self->worker);
  g_ptr_array_set_size (self->workers, 0);
  if (self->vault != NULL)
    tessera_vault_close (self->vault);
  g_clear_object (&self->vault);
}

/* The vault may be one whose making was interrupted. */
static gboolean
check_identity (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_identity_check (transaction, error);
}

static gboolean
sign_in (TesseraSession *self, GError **error) {
  Staff staff = { NULL, NULL };
  TesseraRecord *worker = NULL;

  if (!tessera_store_read (self->store, check_identity, NULL, error))
    return FALSE;
  if (!tessera_store_read (self->store, read_staff, &staff, error)) {
    g_free (staff.organization);
    g_clear_pointer (&staff.workers, g_ptr_array_unref);
    return FALSE;
  }
  take_staff (self, &staff);
  worker = find_worker (self, tessera_vault_get_slot (self->vault));
  g_set_object (&self->worker, worker);
  g_free (self->last_name);
  self->last_name = worker != NULL ? g_strdup (tessera_record_get (worker, "name")) : NULL;
  if (worker != NULL)
    tessera_store_set_worker (self->store, tessera_record_get_id (worker));
  return TRUE;
}

typedef struct {
  TesseraSession *session;
  const Opening *opening;
  guint slot;
} Founding;

/* Organization, keys, device and first worker: without keys there is no card and nothing can be sealed. */
static gboolean
found_organization (TesseraTransaction *transaction, gpointer data, GError **error) {
  Founding *founding = data;
  TesseraIdentityFacts facts = { .organization = founding->opening->organization,
                                 .worker = founding->opening->worker,
                                 .role = "supervisor",
                                 .language = founding->opening->language,
                                 .slot = founding->slot };
  g_autoptr (TesseraRecord) worker = tessera_identity_create (transaction, &facts, error);

  return worker != NULL;
}

/* Takes the unlocked vault out of @opening and opens the store in it. On failure everything is closed again.
 */
/* What was removed and not yet gone when the vault was locked or the program died. */
static gboolean
purge_documents (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_documents_purge (transaction, NULL, error);
}

static gboolean
open_store (TesseraSession *self, Opening *opening, GError **error) {
  self->vault = g_steal_pointer (&opening->vault);
  if (opening->store != NULL)
    self->store = g_steal_pointer (&opening->store);
  else
    self->store = tessera_store_open (self->vault, self->registry, error);
  if (self->store != NULL && opening->organization != NULL && !self->demo) {
    Founding founding = { self, opening, tessera_vault_get_slot (self->vault) };

    if (founding.slot == 0)
      founding.slot = 1;
    if (!tessera_store_write (self->store, found_organization, &founding, error)) {
      close_store (self);
      return FALSE;
    }
  }
  if (self->store == NULL || !sign_in (self, error)) {
    close_store (self);
    return FALSE;
  }
  g_signal_connect_object (self->store, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  tessera_store_post (self->store, purge_documents, NULL, NULL);
  return TRUE;
}

static void
create_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  TesseraSession *self = source;
  Opening *opening = task_data;
  g_autofree char *parent = g_path_get_dirname (self->folder);
  GError *error = NULL;

  g_mkdir_with_parents (parent, 0700);
  opening->vault = tessera_vault_create (self->folder, opening->worker, opening->secret, opening->work_factor,
                                         &opening->recovery_key, &error);
  if (opening->vault == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
unlock_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  TesseraSession *self = source;
  Opening *opening = task_data;
  GError *error = NULL;

  if (opening->recovery)
    opening->vault = tessera_vault_unlock_with_recovery_key (self->folder, opening->secret, &error);
  else
    opening->vault = tessera_vault_unlock (self->folder, opening->worker, opening->secret, &error);
  if (opening->vault == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
tessera_session_create_async (TesseraSession *self, const char *organization, const char *worker,
                              const char *language, TesseraSecret *passphrase, GAsyncReadyCallback callback,
                              gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->organization = g_strdup (organization);
  opening->worker = g_strdup (worker);
  opening->language = g_strdup (language);
  opening->secret = passphrase;
  opening->work_factor = self->work_factor;
  g_task_set_source_tag (task, tessera_session_create_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, create_thread);
}

static void
demo_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  TesseraSession *self = source;
  Opening *opening = task_data;
  GError *error = NULL;

  opening->vault = tessera_vault_create (self->folder, opening->worker, opening->secret, opening->work_factor,
                                         &opening->recovery_key, &error);
  if (opening->vault != NULL)
    opening->store = tessera_store_open (opening->vault, self->registry, &error);
  if (opening->store != NULL) {
    Founding founding = { self, opening, tessera_vault_get_slot (opening->vault) };

    if (tessera_store_write (opening->store, found_organization, &founding, &error) &&
        tessera_demo_shop_fill (opening->store, &error)) {
      g_task_return_boolean (task, TRUE);
      return;
    }
  }
  g_task_return_error (task, error);
}

void
tessera_session_create_demo_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->organization = g_strdup (_("Example Shop"));
  opening->worker = g_strdup ("Robin Example");
  opening->language = g_strdup ("en");
  opening->secret = tessera_secret_new_from_bytes (TESSERA_SESSION_DEMO_PASSPHRASE,
                                                   strlen (TESSERA_SESSION_DEMO_PASSPHRASE));
  opening->work_factor = TESSERA_WORK_FACTOR_MINIMUM;
  g_task_set_source_tag (task, tessera_session_create_demo_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, demo_thread);
}

gboolean
tessera_session_create_finish (TesseraSession *self, GAsyncResult *result, GError **error) {
  Opening *opening = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error) || !open_store (self, opening, error))
    return FALSE;
  /* Nobody needs to get back into a demonstration. */
  if (!self->demo)
    self->recovery_key = g_steal_pointer (&opening->recovery_key);
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  return TRUE;
}

const TesseraSecret *
tessera_session_get_recovery_key (TesseraSession *self) {
  return self->recovery_key;
}

void
tessera_session_forget_recovery_key (TesseraSession *self) {
  g_clear_pointer (&self->recovery_key, tessera_secret_free);
}

const char *
tessera_session_get_last_name (TesseraSession *self) {
  return self->last_name;
}

void
tessera_session_unlock_async (TesseraSession *self,
                              const char *worker,
                              TesseraSecret *secret,
                              gboolean recovery,
                              GAsyncReadyCallback callback,
                              gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->worker = g_strdup (worker);
  opening->secret = secret;
  opening->recovery = recovery;
  g_task_set_source_tag (task, tessera_session_unlock_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, unlock_thread);
}

gboolean
tessera_session_unlock_finish (TesseraSession *self, GAsyncResult *result, GError **error) {
  Opening *opening = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error) || !open_store (self, opening, error))
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  return TRUE;
}

void
tessera_session_lock (TesseraSession *self) {
  g_return_if_fail (TESSERA_IS_SESSION (self));
  if (self->store == NULL)
    return;
  g_signal_emit (self, signals[SIGNAL_LOCKING], 0);
  close_store (self);
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

static void
tessera_session_dispose (GObject *object) {
  close_store (TESSERA_SESSION (object));
  G_OBJECT_CLASS (tessera_session_parent_class)->dispose (object);
}

static void
tessera_session_finalize (GObject *object) {
  TesseraSession *self = TESSERA_SESSION (object);

  g_ptr_array_unref (self->workers);
  g_clear_object (&self->registry);
  g_clear_pointer (&self->recovery_key, tessera_secret_free);
  g_free (self->last_name);
  g_free (self->organization);
  g_free (self->folder);
  G_OBJECT_CLASS (tessera_session_parent_class)->finalize (object);
}

static void
tessera_session_class_init (TesseraSessionClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tessera_session_dispose;
  object_class->finalize = tessera_session_finalize;
  signals[SIGNAL_STATE_CHANGED] = g_signal_new ("state-changed", TESSERA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                                NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOCKING] =
    g_signal_new ("locking", TESSERA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TESSERA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tessera_session_init (TesseraSession *self) {
  self->registry = tessera_registry_new ();
  self->workers = g_ptr_array_new_with_free_func (g_object_unref);
}

TesseraSession *
tessera_session_new (const char *folder, gboolean demo, TesseraWorkFactor work_factor) {
  TesseraSession *self = g_object_new (TESSERA_TYPE_SESSION, NULL);

  self->folder = g_strdup (folder);
  self->demo = demo;
  self->work_factor = work_factor;
  return self;
}
