/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync.c: when which carrier is visited, and what is told about it.
 *
 * What the network monitor says is a hint to try, never a reason not to: behind a hotel's login page it says online, and
 * a carrier may be in this building. One job runs at a time; after it, settings and counts are read again.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-store.h"
#include "tessera-sync-job.h"
#include "tessera-sync-private.h"

/* @due: monotonic milliseconds */
typedef struct {
  TesseraSync *sync;
  TesseraCarrierSettings *settings;
  gint64 due;
  gint64 succeeded_at;
  gboolean waits_for_line;
  gboolean was_visited;
  gboolean goes_on;
  gboolean more;
  TesseraSyncWatch *watch;
  GPtrArray *mailboxes;
} Entry;

struct _TesseraSync {
  GObject parent_instance;

  TesseraStore *store;
  const TesseraExchangeWays *ways;
  TesseraSchedulePace pace;
  GHashTable *entries; /* name to Entry */
  GQueue jobs;         /* TesseraSyncJob: asked for by people */
  TesseraSyncJob *job;
  char *working_on;
  TesseraPostProgress progress;
  GNetworkMonitor *network;
  gulong network_handler;
  gulong store_handler;
  GSource *timer;
  TesseraPostCounts counts;
  gint64 last_success;
  gint64 hinted_at;
  int metered;
  gboolean is_started;
  gboolean is_first;
  gboolean is_refreshing;
  gboolean refresh_again;
  gboolean online;
};

G_DEFINE_FINAL_TYPE (TesseraSync, tessera_sync, G_TYPE_OBJECT)

enum { PROP_ONLINE = 1, PROP_WORKING, PROP_WAITING, PROP_ON_THE_WAY, PROP_LAST_SUCCESS, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { SIGNAL_CHANGED, SIGNAL_PROGRESS, SIGNAL_VISITED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void arm (TesseraSync *self);
static void refresh (TesseraSync *self);

static gint64
get_time (void) {
  return g_get_monotonic_time () / 1000;
}

/* ---- carriers ---- */

static void
entry_free (gpointer data) {
  Entry *entry = data;

  g_clear_pointer (&entry->settings, tessera_carrier_settings_free);
  g_clear_pointer (&entry->watch, tessera_sync_watch_free);
  g_clear_pointer (&entry->mailboxes, g_ptr_array_unref);
  g_free (entry);
}

/* From the calendar, in which settings are, to the clock that nobody sets. */
static gint64
to_due (gint64 when, gint64 now) {
  return when == TESSERA_SCHEDULE_NEVER ? TESSERA_SCHEDULE_NEVER : get_time () + MAX (when - now, 0);
}

static void
schedule_next (TesseraSync *self, Entry *entry) {
  gint64 now = tessera_now ();

  entry->due = entry->goes_on ? get_time () : to_due (tessera_schedule_next (&self->pace, entry->settings, now), now);
  entry->goes_on = FALSE;
}

static void
schedule_soon (Entry *entry, gint64 delay) {
  gint64 now = tessera_now ();

  entry->due = MIN (entry->due, to_due (tessera_schedule_soon (entry->settings, now, delay), now));
}

static gboolean
is_metered (TesseraSync *self) {
  return self->metered >= 0 ? self->metered > 0 : g_network_monitor_get_network_metered (self->network);
}

static gboolean
may_use_line (TesseraSync *self, Entry *entry) {
  return entry->settings->kind == TESSERA_CARRIER_FOLDER || entry->settings->metered || !is_metered (self);
}

/* Our own files appear there too; one look more than needed does no harm. */
static gboolean
on_appeared (gpointer data) {
  Entry *entry = data;

  schedule_soon (entry, MIN (entry->sync->pace.hint, 2000));
  arm (entry->sync);
  return G_SOURCE_REMOVE;
}

static void
watch (TesseraSync *self, Entry *entry) {
  g_autofree char *folder = NULL;

  if (!self->is_started || entry->settings->paused || entry->settings->kind != TESSERA_CARRIER_FOLDER) {
    g_clear_pointer (&entry->watch, tessera_sync_watch_free);
    return;
  }
  folder = g_filename_from_uri (entry->settings->uri, NULL, NULL);
  if (!entry->watch)
    entry->watch = tessera_sync_watch_new (on_appeared, entry);
  if (folder)
    tessera_sync_watch_set (entry->watch, folder, entry->mailboxes);
}

/* A person changed something that makes it worth trying now. */
static gboolean
is_released (const TesseraCarrierSettings *before, const TesseraCarrierSettings *after) {
  return (before->paused && !after->paused) || (before->needs_person && !after->needs_person)
         || !g_str_equal (before->uri, after->uri) || g_strcmp0 (before->user, after->user) != 0
         || g_strcmp0 (before->pin, after->pin) != 0 || (!before->metered && after->metered);
}

static void
update_entry (TesseraSync *self, TesseraCarrierSettings *settings) {
  Entry *entry = g_hash_table_lookup (self->entries, settings->name);
  gboolean released = FALSE;

  if (!entry) {
    entry = g_new0 (Entry, 1);
    entry->sync = self;
    g_hash_table_insert (self->entries, g_strdup (settings->name), entry);
    released = !settings->paused && (!settings->needs_person || settings->kind == TESSERA_CARRIER_FOLDER);
    entry->due = TESSERA_SCHEDULE_NEVER;
  } else {
    released = !entry->was_visited && !settings->paused && is_released (entry->settings, settings);
    tessera_carrier_settings_free (entry->settings);
  }
  entry->settings = settings;
  entry->succeeded_at = MAX (entry->succeeded_at, settings->succeeded_at);
  self->last_success = MAX (self->last_success, entry->succeeded_at);
  if (released)
    entry->due = get_time ();
  else if (entry->was_visited || settings->paused)
    schedule_next (self, entry);
  entry->was_visited = FALSE;
  watch (self, entry);
}

/* ---- reading settings and counts ---- */

typedef struct {
  GPtrArray *carriers;
  TesseraPostCounts counts;
} Snapshot;

static void
snapshot_free (gpointer data) {
  Snapshot *snapshot = data;

  g_clear_pointer (&snapshot->carriers, g_ptr_array_unref);
  g_free (snapshot);
}

static gboolean
read_snapshot (TesseraTransaction *transaction, gpointer data, GError **error) {
  Snapshot *snapshot = data;

  snapshot->carriers = tessera_carriers_list (transaction, error);
  return snapshot->carriers && tessera_post_count (transaction, &snapshot->counts, error);
}

static gboolean
is_gone (gpointer name, gpointer entry, gpointer data) {
  return !g_hash_table_contains (data, name);
}

static void
apply (TesseraSync *self, Snapshot *snapshot) {
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) carriers = g_steal_pointer (&snapshot->carriers);

  g_ptr_array_set_free_func (carriers, NULL);
  for (guint i = 0; i < carriers->len; i++) {
    TesseraCarrierSettings *settings = carriers->pdata[i];

    g_hash_table_add (names, settings->name);
    update_entry (self, settings);
  }
  g_hash_table_foreach_remove (self->entries, is_gone, names);
  self->counts = snapshot->counts;
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = PROP_WAITING; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_refreshed (GObject *store, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSync) self = data;
  g_autoptr (GError) error = NULL;

  self->is_refreshing = FALSE;
  if (tessera_store_finish (TESSERA_STORE (store), result, &error))
    apply (self, tessera_store_result_get_data (result));
  if (g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED)) {
    tessera_sync_stop (self);
    return;
  }
  if (self->refresh_again)
    refresh (self);
  else
    arm (self);
}

static void
refresh (TesseraSync *self) {
  self->refresh_again = self->is_refreshing;
  if (self->is_refreshing)
    return;
  self->is_refreshing = TRUE;
  tessera_store_read_async (self->store, read_snapshot, g_new0 (Snapshot, 1), snapshot_free, NULL, on_refreshed,
                            g_object_ref (self));
}

/* ---- jobs ---- */

static void
on_progress (TesseraSyncJob *job, gpointer data) {
  TesseraSync *self = data;
  g_autofree char *carrier = tessera_sync_job_peek (job, &self->progress);

  if (g_strcmp0 (carrier, self->working_on) != 0) {
    g_free (self->working_on);
    self->working_on = g_steal_pointer (&carrier);
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  }
  g_signal_emit (self, signals[SIGNAL_PROGRESS], 0);
}

static void
take_note (TesseraSync *self, TesseraPostVisit *visit) {
  Entry *entry = g_hash_table_lookup (self->entries, visit->carrier);

  if (entry) {
    entry->was_visited = TRUE;
    entry->waits_for_line = FALSE;
    entry->more = visit->more;
    entry->goes_on = visit->more && !visit->error && tessera_post_visit_is_fruitful (visit);
    if (!visit->error)
      entry->succeeded_at = tessera_now ();
    if (visit->mailboxes) {
      g_clear_pointer (&entry->mailboxes, g_ptr_array_unref);
      entry->mailboxes = g_ptr_array_ref (visit->mailboxes);
    }
  }
  g_signal_emit (self, signals[SIGNAL_VISITED], 0, visit);
}

static void
set_job (TesseraSync *self, TesseraSyncJob *job) {
  self->job = job;
  g_clear_pointer (&self->working_on, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKING]);
}

static void
on_job_end (TesseraSyncJob *job, gpointer data) {
  TesseraSync *self = data;

  set_job (self, NULL);
  for (guint i = 0; i < job->visits->len; i++)
    take_note (self, job->visits->pdata[i]);
  if (job->task)
    g_task_return_pointer (job->task, g_steal_pointer (&job->visits), (GDestroyNotify) g_ptr_array_unref);
  tessera_sync_job_free (job);
  refresh (self);
}

static void
begin (TesseraSync *self, TesseraSyncJob *job) {
  job->is_first = self->is_first;
  self->is_first = FALSE;
  set_job (self, job);
  tessera_sync_job_begin (job, G_OBJECT (self), on_progress, on_job_end);
}

/* ---- time ---- */

static gboolean
on_timer (gpointer data) {
  TesseraSync *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  arm (self);
  return G_SOURCE_REMOVE;
}

static void
stop_timer (TesseraSync *self) {
  if (self->timer)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
wait_until (TesseraSync *self, gint64 due) {
  gint64 delay = CLAMP (due - get_time (), 0, G_MAXINT);

  self->timer = g_timeout_source_new ((guint) delay);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* Those whose time has come; and when that of the next one comes. */
static char **
choose_due (TesseraSync *self, gint64 *ret_next) {
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gint64 now = get_time ();
  GHashTableIter iterator;
  gpointer data;

  *ret_next = TESSERA_SCHEDULE_NEVER;
  g_hash_table_iter_init (&iterator, self->entries);
  while (g_hash_table_iter_next (&iterator, NULL, &data)) {
    Entry *entry = data;

    if (entry->due <= now && may_use_line (self, entry)) {
      g_strv_builder_add (names, entry->settings->name);
    } else if (entry->due <= now) {
      entry->waits_for_line = TRUE;
      entry->due = now + self->pace.server;
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }
    *ret_next = MIN (*ret_next, entry->due);
  }
  return g_strv_builder_end (names);
}

static void
arm (TesseraSync *self) {
  g_auto (GStrv) names = NULL;
  gint64 next;

  stop_timer (self);
  if (self->job || self->is_refreshing)
    return;
  if (!g_queue_is_empty (&self->jobs)) {
    begin (self, g_queue_pop_head (&self->jobs));
    return;
  }
  if (!self->is_started)
    return;
  names = choose_due (self, &next);
  if (names[0])
    begin (self, tessera_sync_job_new (self->store, self->ways, (const char *const *) names, NULL));
  else if (next != TESSERA_SCHEDULE_NEVER)
    wait_until (self, next);
}

/* ---- hints ---- */

static void
hurry (TesseraSync *self) {
  GHashTableIter iterator;
  gpointer data;

  g_hash_table_iter_init (&iterator, self->entries);
  while (g_hash_table_iter_next (&iterator, NULL, &data)) {
    Entry *entry = data;

    if (entry->settings->kind == TESSERA_CARRIER_WEBDAV && !entry->settings->paused && !entry->settings->needs_person)
      entry->due = get_time ();
  }
  arm (self);
}

static void
on_network_changed (TesseraSync *self, gboolean available) {
  gint64 now = get_time ();

  if (self->online != available) {
    self->online = available;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ONLINE]);
  }
  if (!available || (self->hinted_at > 0 && now - self->hinted_at < self->pace.hint))
    return;
  self->hinted_at = now;
  hurry (self);
}

static gboolean
is_for_others (TesseraSync *self, const char *name) {
  const TesseraEntity *entity = tessera_registry_get_entity (tessera_store_get_registry (self->store), name);

  return entity && !(entity->flags & TESSERA_ENTITY_LOCAL);
}

static void
on_store_changed (TesseraSync *self, const char *entities) {
  g_auto (GStrv) names = g_strsplit (entities, ",", -1);
  gboolean is_news = FALSE;
  GHashTableIter iterator;
  gpointer data;

  for (guint i = 0; names[i]; i++)
    is_news |= is_for_others (self, names[i]);
  g_hash_table_iter_init (&iterator, self->entries);
  while (is_news && g_hash_table_iter_next (&iterator, NULL, &data))
    schedule_soon (data, self->pace.after_save);
  if (!self->job)
    refresh (self);
}

/* ---- what people see ---- */

void
tessera_sync_status_free (TesseraSyncStatus *self) {
  g_free (self->name);
  g_free (self->sentence);
  g_free (self);
}

static TesseraSyncState
get_state (TesseraSync *self, const Entry *entry) {
  if (self->job && g_strcmp0 (self->working_on, entry->settings->name) == 0)
    return TESSERA_SYNC_WORKING;
  if (entry->settings->paused)
    return TESSERA_SYNC_PAUSED;
  if (entry->settings->problem)
    return entry->settings->needs_person ? TESSERA_SYNC_NEEDS_ATTENTION : TESSERA_SYNC_WAITING;
  return entry->waits_for_line ? TESSERA_SYNC_WAITING : TESSERA_SYNC_IDLE;
}

static const char *
get_sentence (TesseraSync *self, const Entry *entry, TesseraSyncState state) {
  if (state == TESSERA_SYNC_WORKING)
    return tessera_post_phase_to_text (self->progress.phase);
  if (state == TESSERA_SYNC_PAUSED)
    return _("Paused; nothing is exchanged over it.");
  if (entry->settings->problem)
    return entry->settings->problem;
  if (entry->waits_for_line)
    return _("Waits for a line that does not cost by the amount.");
  if (entry->more)
    return _("More is waiting there; the next visit fetches it.");
  return entry->succeeded_at > 0 ? _("Everything is exchanged.") : _("Nothing was exchanged over it yet.");
}

static TesseraSyncStatus *
describe (TesseraSync *self, const Entry *entry) {
  TesseraSyncStatus *status = g_new0 (TesseraSyncStatus, 1);

  status->name = g_strdup (entry->settings->name);
  status->kind = entry->settings->kind;
  status->state = get_state (self, entry);
  status->sentence = g_strdup (get_sentence (self, entry, status->state));
  status->succeeded_at = entry->succeeded_at;
  if (self->is_started && entry->due != TESSERA_SCHEDULE_NEVER)
    status->next_try = tessera_now () + MAX (entry->due - get_time (), 0);
  return status;
}

static int
compare_status (gconstpointer a, gconstpointer b) {
  return g_utf8_collate ((*(TesseraSyncStatus *const *) a)->name, (*(TesseraSyncStatus *const *) b)->name);
}

GPtrArray *
tessera_sync_list_status (TesseraSync *self) {
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_sync_status_free);
  GHashTableIter iterator;
  gpointer entry;

  g_hash_table_iter_init (&iterator, self->entries);
  while (g_hash_table_iter_next (&iterator, NULL, &entry))
    g_ptr_array_add (list, describe (self, entry));
  g_ptr_array_sort (list, compare_status);
  return list;
}

gboolean
tessera_sync_get_progress (TesseraSync *self, const char **ret_carrier, TesseraPostProgress *ret_progress) {
  if (!self->job || !self->working_on)
    return FALSE;
  if (ret_carrier)
    *ret_carrier = self->working_on;
  if (ret_progress)
    *ret_progress = self->progress;
  return TRUE;
}

gboolean
tessera_sync_get_online (TesseraSync *self) {
  return self->online;
}

gint64
tessera_sync_get_waiting (TesseraSync *self) {
  return self->counts.n_waiting;
}

gint64
tessera_sync_get_on_the_way (TesseraSync *self) {
  return self->counts.n_on_the_way;
}

gint64
tessera_sync_get_last_success (TesseraSync *self) {
  return self->last_success;
}

/* ---- what people ask ---- */

void
tessera_sync_now_async (TesseraSync *self, const char *carrier, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data) {
  const char *names[] = { carrier, NULL };
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  g_queue_push_tail (&self->jobs, tessera_sync_job_new (self->store, self->ways, carrier ? names : NULL, task));
  arm (self);
}

GPtrArray *
tessera_sync_now_finish (TesseraSync *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
tessera_sync_cancel (TesseraSync *self) {
  if (self->job)
    g_cancellable_cancel (self->job->cancellable);
}

void
tessera_sync_start (TesseraSync *self) {
  if (self->is_started)
    return;
  self->is_started = self->is_first = TRUE;
  self->network_handler = g_signal_connect_swapped (self->network, "network-changed", G_CALLBACK (on_network_changed),
                                                    self);
  refresh (self);
}

void
tessera_sync_stop (TesseraSync *self) {
  GHashTableIter iterator;
  gpointer entry;

  self->is_started = FALSE;
  stop_timer (self);
  g_clear_signal_handler (&self->network_handler, self->network);
  g_hash_table_iter_init (&iterator, self->entries);
  while (g_hash_table_iter_next (&iterator, NULL, &entry))
    g_clear_pointer (&((Entry *) entry)->watch, tessera_sync_watch_free);
  while (!g_queue_is_empty (&self->jobs))
    tessera_sync_job_refuse (g_queue_pop_head (&self->jobs));
  tessera_sync_cancel (self);
}

void
tessera_sync_set_pace (TesseraSync *self, const TesseraSchedulePace *pace) {
  self->pace = *pace;
}

void
tessera_sync_set_ways (TesseraSync *self, const TesseraExchangeWays *ways) {
  self->ways = ways;
}

void
tessera_sync_set_metered (TesseraSync *self, int metered) {
  self->metered = metered;
}

/* ---- the object ---- */

static void
tessera_sync_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  TesseraSync *self = TESSERA_SYNC (object);

  switch (id) {
  case PROP_ONLINE:
    g_value_set_boolean (value, self->online);
    break;
  case PROP_WORKING:
    g_value_set_boolean (value, self->job != NULL);
    break;
  case PROP_WAITING:
    g_value_set_int64 (value, self->counts.n_waiting);
    break;
  case PROP_ON_THE_WAY:
    g_value_set_int64 (value, self->counts.n_on_the_way);
    break;
  case PROP_LAST_SUCCESS:
    g_value_set_int64 (value, self->last_success);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tessera_sync_dispose (GObject *object) {
  TesseraSync *self = TESSERA_SYNC (object);

  tessera_sync_stop (self);
  if (self->store)
    g_clear_signal_handler (&self->store_handler, self->store);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_sync_parent_class)->dispose (object);
}

static void
tessera_sync_finalize (GObject *object) {
  TesseraSync *self = TESSERA_SYNC (object);

  g_hash_table_unref (self->entries);
  g_free (self->working_on);
  G_OBJECT_CLASS (tessera_sync_parent_class)->finalize (object);
}

static GParamSpec *
count_property (const char *name) {
  return g_param_spec_int64 (name, NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
flag_property (const char *name) {
  return g_param_spec_boolean (name, NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
tessera_sync_class_init (TesseraSyncClass *class) {
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = G_TYPE_FROM_CLASS (class);

  object_class->get_property = tessera_sync_get_property;
  object_class->dispose = tessera_sync_dispose;
  object_class->finalize = tessera_sync_finalize;
  properties[PROP_ONLINE] = flag_property ("online");
  properties[PROP_WORKING] = flag_property ("working");
  properties[PROP_WAITING] = count_property ("waiting");
  properties[PROP_ON_THE_WAY] = count_property ("on-the-way");
  properties[PROP_LAST_SUCCESS] = count_property ("last-success");
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_VISITED] = g_signal_new ("visited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                          G_TYPE_POINTER);
}

static void
tessera_sync_init (TesseraSync *self) {
  self->pace = tessera_schedule_pace;
  self->ways = &tessera_exchange_ways;
  self->metered = -1;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->network = g_network_monitor_get_default ();
  self->online = g_network_monitor_get_network_available (self->network);
  g_queue_init (&self->jobs);
}

TesseraSync *
tessera_sync_new (TesseraStore *store) {
  TesseraSync *self = g_object_new (TESSERA_TYPE_SYNC, NULL);

  self->store = g_object_ref (store);
  self->store_handler = g_signal_connect_swapped (store, "changed", G_CALLBACK (on_store_changed), self);
  refresh (self);
  return self;
}
