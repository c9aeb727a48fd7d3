/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-fault-memory.c: whatever request for memory fails, the answer is a plain error, and nothing is lost.
 *
 * SQLite's allocator, from which the page layer takes its memory too, fails at each request of a small day's
 * work, and at every seventh with all that follow, opening and closing included. The answer must be "no memory", or success if it
 * was not needed; nothing may leak; and the next program finds what was committed. "-m slow" is the campaign;
 * without it, a piece of it.
 */
#include "config.h"

#include "fault-store.h"

#define TROUBLES_SHOWN 5

static const FaultSetting settings[] = {
  { "log", "WAL", "DELETE", TRUE, 4096, 6 },
  { "journal", "DELETE", "WAL", TRUE, 1024, 0, .no_search = TRUE },
};

/* ---- an allocator that fails ---- */

static sqlite3_mem_methods genuine;
static guint requests, fail_at = G_MAXUINT, failures;
static gboolean lasting;

static gboolean
must_fail (void)
{
  guint request = requests++;

  if (request < fail_at || (request > fail_at && !lasting))
    return FALSE;
  failures++;
  return TRUE;
}

static void *
memory_allocate (int size)
{
  return must_fail () ? NULL : genuine.xMalloc (size);
}

static void *
memory_change (void *memory, int size)
{
  return must_fail () ? NULL : genuine.xRealloc (memory, size);
}

static void
install (void)
{
  sqlite3_mem_methods failing;

  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_GETMALLOC, &genuine), ==, SQLITE_OK);
  failing = genuine;
  failing.xMalloc = memory_allocate;
  failing.xRealloc = memory_change;
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_MALLOC, &failing), ==, SQLITE_OK);
}

static void
fail_request (guint request, gboolean from_then_on)
{
  requests = failures = 0;
  fail_at = request;
  lasting = from_then_on;
}

/* ---- the campaign ---- */

/* Up to the first error. Returns its code. */
static int
do_steps (FaultStore *store, const FaultStep **ret_step)
{
  int rc = fault_store_open (store, SQLITE_OPEN_CREATE);

  *ret_step = NULL;
  for (guint i = 0; rc == SQLITE_OK && i < store->script->steps->len; i++) {
    *ret_step = g_ptr_array_index (store->script->steps, i);
    rc = fault_store_step (store, *ret_step);
  }
  return rc;
}

/* Of what a connection in trouble still reads, nothing may be wrong. */
static void
read_on (FaultStore *store, FaultPromise promised)
{
  guint64 digest;
  int state;

  if (store->writer == NULL || promised.least < 0)
    return;
  if (!sqlite3_get_autocommit (store->writer))
    sqlite3_exec (store->writer, "ROLLBACK", NULL, NULL, NULL);
  if (fault_digest (store->writer, &digest) != SQLITE_OK) {
    fault_store_complain (store, "reading afterwards did not work");
    return;
  }
  state = fault_script_find_state (store->script, digest);
  if (state < promised.least || state > promised.most)
    fault_store_complain (store, "commit %d was read, where %d to %d was promised", state, promised.least,
                          promised.most);
}

static gboolean
is_answer_clean (int rc)
{
  return rc == SQLITE_OK || (rc & 0xff) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM;
}

/* Returns whether the request came at all. */
static gboolean
try_request (FaultStore *store, guint request, gboolean from_then_on, guint *ret_errors)
{
  g_autoptr (FaultDisk) disk = fault_disk_new ();
  const FaultStep *step;
  gboolean came;
  int rc, state;

  fault_store_begin (store, disk);
  fail_request (request, from_then_on);
  rc = do_steps (store, &step);
  came = failures > 0;
  *ret_errors += rc != SQLITE_OK;
  fail_request (G_MAXUINT, FALSE);
  if (!is_answer_clean (rc))
    fault_store_complain (store, "the answer was %d", rc);
  if (store->pages != NULL && tessera_page_vfs_take_problem (store->pages) != TESSERA_PAGE_PROBLEM_NONE)
    fault_store_complain (store, "damage was reported");
  read_on (store, store->promise);
  fault_store_close (store);
  if (store->trouble->len == 0)
    fault_store_find (store, disk, store->promise, request % 2 == 0, &state);
  if (sqlite3_memory_used () != 0)
    fault_store_complain (store, "%d bytes were not given back", (int) sqlite3_memory_used ());
  if (store->trouble->len > 0)
    fault_store_complain (store, "at %.100s", step != NULL && step->sql != NULL ? step->sql : "open or close");
  return came;
}

static void
test_memory (gconstpointer data)
{
  const FaultSetting *setting = data;
  g_autoptr (FaultScript) script = fault_script_new (setting, 20260203);
  g_autoptr (FaultStore) store = fault_store_new (script);
  guint tries = 0, errors = 0, troubles = 0, step = g_test_slow () ? 1 : 61;

  for (guint from_then_on = 0; from_then_on < 2; from_then_on++)
    for (guint request = 0; troubles < 50 && try_request (store, request, from_then_on, &errors);
         request += from_then_on ? 7 * step : step) {
      tries++;
      if (store->trouble->len > 0 && troubles++ < TROUBLES_SHOWN)
        g_test_message ("%s, request %u%s: %s", setting->name, request, from_then_on ? " and all later ones" : "",
                        store->trouble->str);
    }
  g_test_message ("%s: memory was refused %u times (%u errors seen)", setting->name, tries, errors);
  if (troubles > 0)
    g_test_fail_printf ("%u times there was trouble", troubles);
}

int
main (int argc, char **argv)
{
  install ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *path = g_strconcat ("/fault/memory/", settings[i].name, NULL);

    g_test_add_data_func (path, &settings[i], test_memory);
  }
  return g_test_run ();
}
