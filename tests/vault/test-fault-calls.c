/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-fault-calls.c: whatever call to the disk fails, the answer is a plain error, and nothing is lost.
 *
 * One step of each kind is done on a disk in memory, again and again, and each time another call fails, once
 * or until somebody mends the disk, in each of the ways such a call can. The error must say that something did
 * not work and not that the store is damaged. Then the same connection must read what was committed, the step
 * must work when it is tried again, and the rest after it. What a power cut at the moment of the error would
 * leave must be whole as well. "-m slow" is the campaign; without it, a piece of it.
 */
#include "config.h"

#include "fault-store.h"

#define TROUBLES_SHOWN 5

static const FaultSetting settings[] = {
  { "log", "WAL", "DELETE", TRUE, 4096, 0 },
  { "log-same-connection", "WAL", "PERSIST", TRUE, 4096, 0, .no_search = TRUE },
  { "journal-delete", "DELETE", "WAL", TRUE, 4096, 0 },
  { "journal-truncate-same-connection", "TRUNCATE", "WAL", TRUE, 1024, 0, .no_search = TRUE },
  { "journal-persist-same-connection", "PERSIST", "WAL", TRUE, 4096, 0, .no_search = TRUE },
};

typedef struct {
  const FaultSetting *setting;
  FaultStore *store;
  FaultDisk *disk;
  FaultDisk *at_error; /* the disk when the call had failed, or NULL */
  FaultPromise promise_at_error;
  int state; /* commit that must be there */
  guint calls;
  guint turns[FAULT_CALLS];
  guint tries;
  guint errors;
  guint cuts;
  guint troubles;
} Campaign;

static void
tell_trouble (Campaign *self, guint call, const FaultError *error, gboolean lasting, const FaultStep *step)
{
  if (self->troubles++ < TROUBLES_SHOWN)
    g_test_message ("%s, call %u: %s%s; %.100s: %s", self->setting->name, call, error->name,
                    lasting ? " from then on" : "", step != NULL && step->sql != NULL ? step->sql : "open or close",
                    self->store->trouble->str);
}

/* Damage must not be spoken of: a person would look for a backup, and lose what came after it. */
static void
check_error (Campaign *self, int rc)
{
  FaultStore *store = self->store;

  self->errors++;
  if (!fault_is_clean_error (rc))
    fault_store_complain (store, "the error was %d", rc);
  if (store->pages != NULL && tessera_page_vfs_take_problem (store->pages) != TESSERA_PAGE_PROBLEM_NONE)
    fault_store_complain (store, "damage was reported");
}

static void
remember_disk (Campaign *self, const FaultStep *step)
{
  if (self->at_error != NULL)
    return;
  self->at_error = fault_disk_copy (self->disk);
  self->promise_at_error = (FaultPromise){ 0, self->state, MAX ((int) step->state, self->state) };
}

/* Reads what is there; while the disk is not mended that may fail too. */
static gboolean
read_state (Campaign *self, const FaultStep *step, gboolean must_work)
{
  FaultStore *store = self->store;
  guint64 digest;
  int rc = fault_digest (store->writer, &digest), found;

  if (rc != SQLITE_OK) {
    if (must_work)
      fault_store_complain (store, "reading afterwards gave %d", rc);
    else
      check_error (self, rc);
    return FALSE;
  }
  found = fault_script_find_state (store->script, digest);
  if (found != self->state && !(step->kind == FAULT_STEP_COMMIT && found == (int) step->state))
    fault_store_complain (store, "commit %d was found, where %d or %u was expected", found, self->state, step->state);
  self->state = found;
  return TRUE;
}

/* SQLite's search index (FTS5 of 3.40) does not always forget what a failed statement left in memory: who uses it
 * must open a new connection after an error. A connection without search goes on. */
static int
begin_again (Campaign *self)
{
  FaultStore *store = self->store;
  gboolean is_pinned = store->reader != NULL;
  int rc;

  if (!self->setting->no_search)
    fault_store_close (store);
  if (store->writer != NULL)
    return SQLITE_OK;
  rc = fault_store_open (store, 0);
  if (rc == SQLITE_OK && is_pinned)
    rc = fault_store_step (store, &(FaultStep){ .kind = FAULT_STEP_PIN });
  return rc;
}

/* A step failed: everything must be as before, or as after it, and work again. */
static gboolean
recover (Campaign *self, const FaultStep *step, int rc)
{
  FaultStore *store = self->store;

  check_error (self, rc);
  remember_disk (self, step);
  if (store->writer != NULL && !sqlite3_get_autocommit (store->writer))
    sqlite3_exec (store->writer, "ROLLBACK", NULL, NULL, NULL);
  if (store->writer != NULL)
    read_state (self, step, FALSE);
  fault_vfs_mend (store->vfs);
  if (store->writer != NULL && !read_state (self, step, TRUE))
    return FALSE;
  if (step->kind == FAULT_STEP_COMMIT && self->state == (int) step->state)
    return TRUE;
  rc = begin_again (self);
  if (rc == SQLITE_OK)
    rc = fault_store_step (store, step);
  if (rc != SQLITE_OK)
    fault_store_complain (store, "trying again gave %d (%s)", rc, sqlite3_errmsg (store->writer));
  return rc == SQLITE_OK;
}

/* Does all steps. Returns the one at which there was trouble, or NULL. */
static const FaultStep *
do_steps (Campaign *self)
{
  FaultStore *store = self->store;

  for (guint i = 0; i < store->script->steps->len; i++) {
    const FaultStep *step = g_ptr_array_index (store->script->steps, i);
    int rc = fault_store_step (store, step);

    /* Until a new store was closed, a vault makes it anew if anything goes wrong. */
    if (rc != SQLITE_OK && store->promise.least < 0) {
      check_error (self, rc);
      self->state = -1;
      return NULL;
    }
    if (rc != SQLITE_OK && !recover (self, step, rc))
      return step;
    self->state = (int) step->state;
    if (store->trouble->len > 0)
      return step;
  }
  return NULL;
}

/* What the next program finds, and what it would find if the power had gone with the error. */
static void
look_again (Campaign *self)
{
  FaultPromise exactly = { 0, self->state, self->state };
  g_autoptr (FaultDisk) found = NULL;
  FaultFound way;
  int state;

  if (self->state < 0 || !fault_store_find (self->store, self->disk, exactly, FALSE, &state) ||
      self->at_error == NULL)
    return;
  way = (FaultFound) (self->tries % FAULT_FOUND_WAYS);
  found = fault_disk_find (self->at_error, way, self->tries);
  self->cuts++;
  if (!fault_store_find (self->store, found, self->promise_at_error, TRUE, &state))
    fault_store_complain (self->store, "power cut at the error, %s", fault_found_get_name (way));
}

static void
fail_call (Campaign *self, guint call, const FaultError *error, gboolean lasting)
{
  FaultStore *store = self->store;
  const FaultStep *step = NULL;
  int rc;

  self->disk = fault_disk_new ();
  self->state = 0;
  self->tries++;
  fault_store_begin (store, self->disk);
  fault_vfs_fail (store->vfs, call, error, lasting);
  rc = fault_store_open (store, SQLITE_OPEN_CREATE);
  if (rc != SQLITE_OK) {
    check_error (self, rc);
    self->state = -1;
  } else
    step = do_steps (self);
  fault_vfs_mend (store->vfs);
  fault_store_close (store);
  if (store->trouble->len == 0)
    look_again (self);
  if (store->trouble->len > 0)
    tell_trouble (self, call, error, lasting, step);
  g_clear_pointer (&self->at_error, fault_disk_free);
  g_clear_pointer (&self->disk, fault_disk_free);
}

/* Reads and writes are many: of the ways in which they fail, each gets the next one. */
static void
fail_call_somehow (Campaign *self, guint call, FaultCall kind)
{
  gboolean is_frequent = kind == FAULT_CALL_READ || kind == FAULT_CALL_WRITE || kind == FAULT_CALL_SIZE;
  guint ways = 0, way = 0;

  for (const FaultError *error = fault_errors; error->name != NULL; error++)
    ways += error->call == kind ? 2 : 0;
  for (const FaultError *error = fault_errors; error->name != NULL; error++)
    for (guint lasting = 0; error->call == kind && lasting < 2; lasting++, way++)
      if (!is_frequent || way == self->turns[kind] % ways)
        fail_call (self, call, error, lasting);
  self->turns[kind]++;
}

static GByteArray *
list_calls (FaultStore *store)
{
  g_autoptr (FaultDisk) disk = fault_disk_new ();
  GByteArray *calls = g_byte_array_new ();

  fault_store_run (store, disk);
  for (guint i = 0; i < fault_vfs_get_calls (store->vfs); i++) {
    guint8 call = (guint8) fault_vfs_get_call (store->vfs, i);

    g_byte_array_append (calls, &call, 1);
  }
  return calls;
}

static void
test_calls (gconstpointer data)
{
  const FaultSetting *setting = data;
  g_autoptr (FaultScript) script = fault_script_new (setting, 20260202);
  g_autoptr (FaultStore) store = fault_store_new (script);
  g_autoptr (GByteArray) calls = list_calls (store);
  Campaign self = { .setting = setting, .store = store, .calls = calls->len };
  guint step = g_test_slow () ? 1 : 41;

  for (guint i = 0; i < calls->len && self.troubles < 50; i += step)
    fail_call_somehow (&self, i, calls->data[i]);
  g_test_message ("%s: %u calls, %u times one of them failed (%u errors seen), %u power cuts with the error",
                  setting->name, self.calls, self.tries, self.errors, self.cuts);
  if (self.troubles > 0)
    g_test_fail_printf ("%u times there was trouble", self.troubles);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *path = g_strconcat ("/fault/calls/", settings[i].name, NULL);

    g_test_add_data_func (path, &settings[i], test_calls);
  }
  return g_test_run ();
}
