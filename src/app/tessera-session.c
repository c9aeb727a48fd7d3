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
#include "tessera-joining.h"

struct _TesseraSession {
  GObject parent_instance;

  char *folder;
  gboolean demo;
  TesseraWorkFactor work_factor;
  TesseraRegistry *registry;
  TesseraVault *vault;
  TesseraStore *store;
  TesseraSync *sync;       /* as long as the store is open */
  gboolean no_exchange;
  gboolean joining;        /* has not joined yet, or nothing of the organization has come */
  TesseraRecord *worker;
  GPtrArray *workers;
  GPtrArray *unlockers;
  char *organization;
  char *last_name;
  TesseraSecret *recovery_key;
  GVariant *place;         /* read while unlocking */
  GCancellable *rotation;  /* while it goes on */
  char *run;               /* places of another run of the program count for nothing */

  GMutex lock;             /* guards what follows */
  GCond idle;
  guint n_closing;
  GPtrArray *work;         /* of GCancellable */
};

G_DEFINE_FINAL_TYPE (TesseraSession, tessera_session, G_TYPE_OBJECT)

enum {
  SIGNAL_STATE_CHANGED,
  SIGNAL_LOCKING,
  SIGNAL_PROGRESS,
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* What the slow thread needs and gives back. Without an organization the vault is to join one, as @device. */
typedef struct {
  char *organization;
  char *device;
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
  g_free (opening->device);
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
    return self->joining ? TESSERA_SESSION_JOINING : TESSERA_SESSION_OPEN;
  if (self->rotation != NULL && self->vault != NULL)
    return TESSERA_SESSION_ROTATING;
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

TesseraSync *
tessera_session_get_sync (TesseraSession *self) {
  return self->sync;
}

void
tessera_session_refuse_exchange (TesseraSession *self) {
  g_return_if_fail (self->store == NULL);
  self->no_exchange = TRUE;
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

GPtrArray *
tessera_session_get_unlockers (TesseraSession *self) {
  return self->unlockers;
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

static char *
make_place_key (const char *worker_id) {
  return g_strconcat ("place.", worker_id, NULL);
}

/* Of @slot, unless it is 0, also who has it. */
typedef struct {
  guint slot;
  TesseraRecord *own;
  GPtrArray *workers;
  GPtrArray *unlockers;
  char *organization;
  gboolean joining;
  gboolean is_empty;
} Staff;

/* Who has a key slot, but whose row comes only with the first exchange. */
static void
add_expected (Staff *staff) {
  for (guint i = 0; i < staff->unlockers->len; i++) {
    TesseraRecord *unlocker = g_ptr_array_index (staff->unlockers, i);
    const char *id = tessera_record_get_id (unlocker);
    gboolean known = FALSE;

    for (guint j = 0; j < staff->workers->len && !known; j++)
      known = g_str_equal (tessera_record_get_id (g_ptr_array_index (staff->workers, j)), id);
    if (!known)
      g_ptr_array_add (staff->workers, g_object_ref (unlocker));
  }
}

/* Joined, but no list of the organization's laptops is here, and so nothing that they wrote. */
static gboolean
is_empty (TesseraTransaction *transaction) {
  g_autofree char *roster = NULL;

  if (tessera_identity_has_root (transaction))
    return FALSE;
  roster = tessera_roster_load_text (transaction, 0, NULL);
  return roster == NULL;
}

static gboolean
read_staff (TesseraTransaction *transaction, gpointer data, GError **error) {
  Staff *staff = data;

  staff->organization = tessera_transaction_get_setting (transaction, "organization.name");
  staff->joining = tessera_identity_is_joining (transaction);
  staff->is_empty = is_empty (transaction);
  staff->workers = tessera_transaction_select_records (transaction, "worker", "ORDER BY name", NULL, error);
  staff->unlockers = staff->workers != NULL ? tessera_identity_list_unlockers (transaction, error) : NULL;
  if (staff->unlockers == NULL)
    return FALSE;
  add_expected (staff);
  if (staff->slot != 0)
    staff->own = tessera_identity_find_worker (transaction, staff->slot);
  return TRUE;
}

static void
staff_clear (Staff *staff) {
  g_clear_object (&staff->own);
  g_clear_pointer (&staff->organization, g_free);
  g_clear_pointer (&staff->workers, g_ptr_array_unref);
  g_clear_pointer (&staff->unlockers, g_ptr_array_unref);
}

static void
take_staff (TesseraSession *self, Staff *staff) {
  g_free (self->organization);
  self->organization = staff->organization;
  if (staff->workers == NULL)
    return;
  g_ptr_array_unref (self->workers);
  g_ptr_array_unref (self->unlockers);
  self->workers = staff->workers;
  self->unlockers = staff->unlockers;
}

static void
staff_read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraSession) self = user_data;
  Staff *staff = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, NULL))
    return;
  /* Locked meanwhile: nobody is to be known any more. */
  if (TESSERA_STORE (source) != self->store) {
    staff_clear (staff);
    return;
  }
  take_staff (self, staff);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, "worker");
}

static void
store_changed_cb (TesseraSession *self, const char *entities) {
  /* Said once more when the workers are known. */
  if (tessera_session_concerns (entities, "worker"))
    tessera_store_read_async (self->store, read_staff, g_new0 (Staff, 1), g_free, NULL, staff_read_cb,
                              g_object_ref (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, entities);
}

/* The recovery key opens for whoever holds it: the work is then entered under the first supervisor. */
static TesseraRecord *
find_supervisor (TesseraSession *self) {
  for (guint i = 0; i < self->workers->len; i++) {
    TesseraRecord *worker = g_ptr_array_index (self->workers, i);

    if (g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0)
      return worker;
  }
  return NULL;
}

/* What the session lets go of when it locks. */
typedef struct {
  TesseraStore *store;
  TesseraVault *vault;
} Opened;

static void
opened_free (gpointer data) {
  Opened *opened = data;

  g_clear_object (&opened->store);
  g_clear_object (&opened->vault);
  g_free (opened);
}

/* ---- exchange by itself, as long as the store is open ---- */

static void
begin_exchange (TesseraSession *self, gboolean joining) {
  if (self->no_exchange || joining || self->sync != NULL)
    return;
  self->sync = tessera_sync_new (self->store);
  tessera_sync_start (self->sync);
}

/* Does not wait for what goes on: closing the store does. */
static void
end_exchange (TesseraSession *self) {
  if (self->sync != NULL)
    tessera_sync_stop (self->sync);
  g_clear_object (&self->sync);
}

static Opened *
let_go (TesseraSession *self) {
  Opened *opened = g_new0 (Opened, 1);

  end_exchange (self);
  if (self->store != NULL) {
    g_signal_handlers_disconnect_by_data (self->store, self);
    tessera_store_refuse (self->store);
  }
  opened->store = g_steal_pointer (&self->store);
  opened->vault = g_steal_pointer (&self->vault);
  g_clear_object (&self->worker);
  g_ptr_array_set_size (self->workers, 0);
  g_ptr_array_set_size (self->unlockers, 0);
  g_clear_pointer (&self->organization, g_free);
  g_clear_pointer (&self->place, g_variant_unref);
  g_clear_pointer (&self->recovery_key, tessera_secret_free);
  g_mutex_lock (&self->lock);
  self->n_closing++;
  for (guint i = 0; i < self->work->len; i++)
    g_cancellable_cancel (g_ptr_array_index (self->work, i));
  g_mutex_unlock (&self->lock);
  return opened;
}

/* In any thread. Nothing is closed under the feet of whoever works with it. */
static void
close_opened (TesseraSession *self, Opened *opened) {
  g_mutex_lock (&self->lock);
  while (self->work->len > 0)
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
  if (opened->store != NULL)
    tessera_store_close (opened->store);
  if (opened->vault != NULL)
    tessera_vault_close (opened->vault);
  g_mutex_lock (&self->lock);
  self->n_closing--;
  g_cond_broadcast (&self->idle);
  while (self->n_closing > 0)
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
wait_until_closed (TesseraSession *self) {
  g_mutex_lock (&self->lock);
  while (self->n_closing > 0)
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
close_store (TesseraSession *self) {
  Opened *opened = let_go (self);

  close_opened (self, opened);
  opened_free (opened);
}

typedef struct {
  char *key;
  char *text;
} Place;

static void
place_free (gpointer data) {
  Place *place = data;

  g_free (place->key);
  g_free (place->text);
  g_free (place);
}

static gboolean
write_place (TesseraTransaction *transaction, gpointer data, GError **error) {
  Place *place = data;

  return tessera_transaction_set_setting (transaction, place->key, place->text, error);
}

static gboolean
read_place (TesseraTransaction *transaction, gpointer data, GError **error) {
  Place *place = data;

  place->text = tessera_transaction_get_setting (transaction, place->key);
  return TRUE;
}

/* A place that cannot be read is only an inconvenience. */
static void
find_place (TesseraSession *self) {
  Place *place = NULL;

  if (self->worker == NULL)
    return;
  place = g_new0 (Place, 1);
  place->key = make_place_key (tessera_record_get_id (self->worker));
  if (tessera_store_read (self->store, read_place, place, NULL) && place->text != NULL
      && g_str_has_prefix (place->text, self->run)) {
    self->place = g_variant_parse (NULL, place->text + strlen (self->run), NULL, NULL, NULL);
    g_free (place->text);
    place->text = g_strdup ("");
    tessera_store_write_async (self->store, write_place, place, place_free, NULL, NULL, NULL);
    return;
  }
  place_free (place);
}

void
tessera_session_keep_place (TesseraSession *self, GVariant *state) {
  g_autoptr (GVariant) kept = g_variant_ref_sink (state);
  g_autofree char *text = g_variant_print (kept, TRUE);
  Place *place = NULL;

  if (self->store == NULL || self->worker == NULL)
    return;
  place = g_new0 (Place, 1);
  place->key = make_place_key (tessera_record_get_id (self->worker));
  place->text = g_strconcat (self->run, text, NULL);
  tessera_store_write_async (self->store, write_place, place, place_free, NULL, NULL, NULL);
}

GVariant *
tessera_session_take_place (TesseraSession *self, const GVariantType *type) {
  g_autoptr (GVariant) place = g_steal_pointer (&self->place);

  return place != NULL && g_variant_is_of_type (place, type) ? g_steal_pointer (&place) : NULL;
}

/* The vault may be one whose making was interrupted. */
static gboolean
check_identity (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_identity_is_joining (transaction) || tessera_identity_check (transaction, error);
}

static gboolean
sign_in (TesseraSession *self, GError **error) {
  Staff staff = { .slot = tessera_vault_get_slot (self->vault) };
  g_autoptr (TesseraRecord) own = NULL;
  TesseraRecord *worker = NULL;

  if (!tessera_store_read (self->store, check_identity, NULL, error))
    return FALSE;
  if (!tessera_store_read (self->store, read_staff, &staff, error)) {
    staff_clear (&staff);
    return FALSE;
  }
  take_staff (self, &staff);
  own = staff.own;
  worker = staff.slot != 0 ? own : find_supervisor (self);
  g_set_object (&self->worker, worker);
  g_free (self->last_name);
  self->last_name = worker != NULL ? g_strdup (tessera_record_get (worker, "name")) : NULL;
  if (worker != NULL)
    tessera_store_set_worker (self->store, tessera_record_get_id (worker));
  find_place (self);
  self->joining = staff.joining || staff.is_empty;
  begin_exchange (self, staff.joining);
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

/* Keys for a vault that is to join an organization. */
static gboolean
prepare_joining (TesseraTransaction *transaction, gpointer data, GError **error) {
  Founding *founding = data;
  TesseraJoiningFacts facts = { .worker = founding->opening->worker,
                                .language = founding->opening->language,
                                .device = founding->opening->device,
                                .slot = founding->slot };

  return tessera_joining_prepare (transaction, &facts, error);
}

/* What was removed and not yet gone when the vault was locked or the program died. */
static gboolean
purge_documents (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_documents_purge (transaction, NULL, error);
}

/* Takes the unlocked vault out of @opening and opens the store in it. On failure everything is closed again. */
static gboolean
open_store (TesseraSession *self, Opening *opening, GError **error) {
  self->vault = g_steal_pointer (&opening->vault);
  if (opening->store != NULL)
    self->store = g_steal_pointer (&opening->store);
  else
    self->store = tessera_store_open (self->vault, self->registry, error);
  if (self->store != NULL && (opening->organization != NULL || opening->device != NULL) && !self->demo) {
    Founding founding = { self, opening, tessera_vault_get_slot (self->vault) };

    if (founding.slot == 0)
      founding.slot = 1;
    if (!tessera_store_write (self->store, opening->device != NULL ? prepare_joining : found_organization, &founding,
                              error)) {
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

  /* It may still be closing from the last time. */
  wait_until_closed (self);
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

void
tessera_session_create_joining_async (TesseraSession *self, const char *device, const char *worker, const char *language,
                                      TesseraSecret *passphrase, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->device = g_strdup (device);
  opening->worker = g_strdup (worker);
  opening->language = g_strdup (language);
  opening->secret = passphrase;
  opening->work_factor = self->work_factor;
  g_task_set_source_tag (task, tessera_session_create_joining_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, create_thread);
}

gboolean
tessera_session_note_joined (TesseraSession *self, GError **error) {
  g_return_val_if_fail (self->store != NULL, FALSE);
  return sign_in (self, error);
}

void
tessera_session_enter (TesseraSession *self) {
  g_return_if_fail (self->store != NULL);
  /* What the first exchange brought says more of the workers than the invitation did. */
  sign_in (self, NULL);
  self->joining = FALSE;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
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

static void
close_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  close_opened (source, task_data);
  g_task_return_boolean (task, TRUE);
}

/* Screens hear of it twice: to write down what is pending, and when there is nothing any more. */
static Opened *
begin_locking (TesseraSession *self) {
  gboolean open = self->vault != NULL;
  Opened *opened = NULL;

  if (self->store != NULL)
    g_signal_emit (self, signals[SIGNAL_LOCKING], 0);
  opened = let_go (self);
  if (open)
    g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  return opened;
}

void
tessera_session_lock_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (TESSERA_IS_SESSION (self));
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, tessera_session_lock_async);
  g_task_set_task_data (task, begin_locking (self), opened_free);
  g_task_run_in_thread (task, close_thread);
}

void
tessera_session_lock_finish (TesseraSession *self, GAsyncResult *result) {
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

void
tessera_session_lock (TesseraSession *self) {
  Opened *opened = NULL;

  g_return_if_fail (TESSERA_IS_SESSION (self));
  opened = begin_locking (self);
  close_opened (self, opened);
  opened_free (opened);
}

GCancellable *
tessera_session_begin_work (TesseraSession *self) {
  GCancellable *work = g_cancellable_new ();

  g_return_val_if_fail (self->vault != NULL, work);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->work, work);
  g_mutex_unlock (&self->lock);
  return g_object_ref (work);
}

void
tessera_session_end_work (TesseraSession *self, GCancellable *work) {
  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->work, work);
  g_cond_broadcast (&self->idle);
  g_mutex_unlock (&self->lock);
  g_object_unref (work);
}

/* ---- another key ---- */

/* What a rotation works on, and how far it is. */
typedef struct {
  TesseraSession *session;
  TesseraStore *store;
  TesseraVault *vault;
  GCancellable *cancellable;
  gint64 told;             /* microseconds, when it was told last */
} Rotation;

static void
rotation_free (gpointer data) {
  Rotation *rotation = data;

  g_clear_object (&rotation->store);
  g_clear_object (&rotation->vault);
  g_clear_object (&rotation->cancellable);
  g_free (rotation);
}

typedef struct {
  TesseraSession *session;
  double fraction;
} Told;

static gboolean
tell_progress_cb (gpointer data) {
  Told *told = data;

  if (told->session->rotation != NULL)
    g_signal_emit (told->session, signals[SIGNAL_PROGRESS], 0, told->fraction);
  return G_SOURCE_REMOVE;
}

static void
told_free (gpointer data) {
  Told *told = data;

  g_object_unref (told->session);
  g_free (told);
}

/* In the thread of the rotation; ten times a second is enough for an eye. */
static void
rotation_progress (gint64 done, gint64 total, gpointer data) {
  Rotation *rotation = data;
  gint64 now = g_get_monotonic_time ();
  Told *told = NULL;

  if (total <= 0 || now - rotation->told < G_USEC_PER_SEC / 10)
    return;
  rotation->told = now;
  told = g_new0 (Told, 1);
  told->session = g_object_ref (rotation->session);
  told->fraction = (double) done / (double) total;
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, tell_progress_cb, told, told_free);
}

static void
rotate_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable) {
  TesseraSession *self = source;
  Rotation *rotation = task_data;
  GError *error = NULL;
  gboolean rotated = FALSE;

  tessera_store_close (rotation->store);
  g_clear_object (&rotation->store);
  rotated = tessera_vault_rotate (rotation->vault, rotation_progress, rotation, rotation->cancellable, &error);
  tessera_session_end_work (self, g_steal_pointer (&rotation->cancellable));
  if (rotated)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
tessera_session_rotate_async (TesseraSession *self, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Rotation *rotation = NULL;

  g_return_if_fail (self->store != NULL && self->rotation == NULL);
  g_signal_emit (self, signals[SIGNAL_LOCKING], 0);
  end_exchange (self);
  g_signal_handlers_disconnect_by_data (self->store, self);
  tessera_store_refuse (self->store);
  rotation = g_new0 (Rotation, 1);
  rotation->session = self;
  rotation->vault = g_object_ref (self->vault);
  rotation->store = g_steal_pointer (&self->store);
  rotation->cancellable = tessera_session_begin_work (self);
  self->rotation = g_object_ref (rotation->cancellable);
  g_task_set_source_tag (task, tessera_session_rotate_async);
  g_task_set_task_data (task, rotation, rotation_free);
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  g_task_run_in_thread (task, rotate_thread);
}

/* Opens the store again, whether there is another key now or not. */
static gboolean
reopen (TesseraSession *self, GError **error) {
  self->store = tessera_store_open (self->vault, self->registry, error);
  if (self->store == NULL || !sign_in (self, error)) {
    close_store (self);
    return FALSE;
  }
  g_signal_connect_object (self->store, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  return TRUE;
}

gboolean
tessera_session_rotate_finish (TesseraSession *self, GAsyncResult *result, GError **error) {
  Rotation *rotation = g_task_get_task_data (G_TASK (result));
  gboolean rotated = g_task_propagate_boolean (G_TASK (result), error);

  g_clear_object (&self->rotation);
  /* Locked meanwhile: whoever locked it has closed it, too. */
  if (self->vault != rotation->vault)
    return rotated;
  if (!reopen (self, rotated ? error : NULL))
    rotated = FALSE;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  return rotated;
}

void
tessera_session_cancel_rotation (TesseraSession *self) {
  if (self->rotation != NULL)
    g_cancellable_cancel (self->rotation);
}

TesseraWorkFactor
tessera_session_get_work_factor (TesseraSession *self) {
  return self->work_factor;
}

void
tessera_session_move (TesseraSession *self, const char *folder) {
  g_return_if_fail (self->vault == NULL);
  g_free (self->folder);
  self->folder = g_strdup (folder);
  g_clear_pointer (&self->last_name, g_free);
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

  g_ptr_array_unref (self->unlockers);
  g_ptr_array_unref (self->workers);
  g_ptr_array_unref (self->work);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  g_free (self->run);
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
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", TESSERA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TESSERA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tessera_session_init (TesseraSession *self) {
  self->registry = tessera_registry_new ();
  self->workers = g_ptr_array_new_with_free_func (g_object_unref);
  self->unlockers = g_ptr_array_new_with_free_func (g_object_unref);
  self->work = g_ptr_array_new_with_free_func (g_object_unref);
  self->run = g_uuid_string_random ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
}

TesseraSession *
tessera_session_new (const char *folder, gboolean demo, TesseraWorkFactor work_factor) {
  TesseraSession *self = g_object_new (TESSERA_TYPE_SESSION, NULL);

  self->folder = g_strdup (folder);
  self->demo = demo;
  self->work_factor = work_factor;
  return self;
}
