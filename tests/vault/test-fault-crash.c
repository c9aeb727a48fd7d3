/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-fault-crash.c: whatever moment a crash falls on, no commit is lost and nothing else is found.
 *
 * A day's work is recorded on a disk in memory. Then, after each single operation of that disk, the power goes
 * or the program dies, the disk is found in several ways, and the store must open with all that was promised
 * by then, be sound, and go on. The recovery itself is interrupted in the same manner. Only disks with
 * different contents are counted. "-m slow" is the campaign; without it, a piece of it.
 * TESSERA_FAULT_SEED draws other days and other crashes.
 */
#include "config.h"

#include "fault-store.h"

#include <string.h>

#define TROUBLES_SHOWN 5

static const FaultSetting settings[] = {
  { "log", "WAL", "DELETE", TRUE, 4096, 45 },
  { "log-normal", "WAL", NULL, FALSE, 4096, 30 },
  { "log-small-pages", "WAL", "TRUNCATE", TRUE, 1024, 18 },
  { "journal-delete", "DELETE", "WAL", TRUE, 4096, 18 },
  { "journal-truncate", "TRUNCATE", "WAL", TRUE, 4096, 14 },
  { "journal-persist", "PERSIST", "WAL", TRUE, 4096, 18 },
  { "journal-small-pages", "DELETE", NULL, TRUE, 1024, 12 },
};

typedef struct {
  const FaultSetting *setting;
  FaultStore *store;
  const FaultDisk *recorded;
  guint64 seed;
  GHashTable *seen; /* guint64: disks that were found */
  guint operations;
  guint found[FAULT_FOUND_WAYS];
  guint again; /* found after a crash in the recovery */
  guint troubles;
} Campaign;

static guint64
get_seed (void)
{
  const char *text = g_getenv ("TESSERA_FAULT_SEED");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 20260201;
}

/* Whether this disk, about which so much was promised, was not found before. */
static gboolean
is_new (Campaign *self, const FaultDisk *disk, FaultPromise promise)
{
  guint64 hash = fault_disk_hash (disk) * 31 + (guint64) promise.least * 7 + (guint64) promise.most;

  return g_hash_table_add (self->seen, g_memdup2 (&hash, sizeof hash));
}

static void
tell_trouble (Campaign *self, const char *where)
{
  if (self->troubles++ < TROUBLES_SHOWN)
    g_test_message ("%s, seed %" G_GUINT64_FORMAT ", %s: %s", self->setting->name, self->seed, where,
                    self->store->trouble->str);
}

/* The next program works on @disk, which is recorded; every moment of it is a crash. */
static void
crash_again (Campaign *self, FaultDisk *disk, FaultPromise promise, gboolean change_mode, guint64 random,
             const char *where)
{
  g_autoptr (FaultDisk) before = fault_disk_copy (disk);
  int state;

  fault_disk_record (disk);
  if (!fault_store_find (self->store, disk, promise, change_mode, &state)) {
    tell_trouble (self, where);
    return;
  }
  for (guint i = 0; i < fault_disk_get_recorded (disk); i++) {
    fault_disk_replay (before, disk, i);
    for (guint way = 0; way < FAULT_FOUND_WAYS; way++) {
      g_autoptr (FaultDisk) found = fault_disk_find (before, way, fault_random (&random));

      if (!is_new (self, found, promise))
        continue;
      self->again++;
      if (!fault_store_find (self->store, found, promise, change_mode, &state)) {
        g_autofree char *operation = fault_disk_describe (disk, i);
        g_autofree char *here =
          g_strdup_printf ("%s, again after %s, %s", where, operation, fault_found_get_name (way));

        tell_trouble (self, here);
      }
    }
  }
}

/* A mark in the head of the store: everything hangs on when it is on the disk. */
static gboolean
writes_mark (const FaultDisk *recorded, guint operation)
{
  gint64 offset;
  gsize size;

  return fault_disk_is_write (recorded, operation, &offset, &size) && offset % TESSERA_PAGE_SIZE == 0 &&
         offset >= TESSERA_PAGE_SIZE && offset < TESSERA_PAGE_HEAD_BYTES && size < FAULT_SECTOR;
}

static void
crash_after (Campaign *self, const FaultDisk *disk, guint operation, FaultPromise promise)
{
  g_autofree char *described = fault_disk_describe (self->recorded, operation);
  guint64 random = self->seed * 1000003 + operation;
  gboolean is_mark = writes_mark (self->recorded, operation);
  gboolean twice = fault_random (&random) % (is_mark ? 16 : 80) == 0;
  FaultFound twice_way =
    is_mark ? FAULT_FOUND_KEPT : (FaultFound) (fault_random (&random) % FAULT_FOUND_WAYS);
  int state;

  for (guint way = 0; way < FAULT_FOUND_WAYS; way++) {
    guint64 chance = fault_random (&random);
    g_autoptr (FaultDisk) found = fault_disk_find (disk, way, chance);
    g_autofree char *where = g_strdup_printf ("after %s, %s", described, fault_found_get_name (way));

    if (!is_new (self, found, promise))
      continue;
    self->found[way]++;
    if (!fault_store_find (self->store, found, promise, operation % 2 == 0, &state))
      tell_trouble (self, where);
    if (twice && way == twice_way) {
      /* Only if the program died, what is not synchronized is still on its way to the disk. */
      g_autoptr (FaultDisk) same =
        way == FAULT_FOUND_KEPT ? fault_disk_copy (disk) : fault_disk_find (disk, way, chance);

      crash_again (self, same, promise, operation % 2 == 0, random, where);
    }
  }
}

static void
tell_counts (Campaign *self)
{
  guint once = 0;
  g_autoptr (GString) ways = g_string_new (NULL);

  for (guint way = 0; way < FAULT_FOUND_WAYS; way++) {
    once += self->found[way];
    g_string_append_printf (ways, ", %u %s", self->found[way], fault_found_get_name (way));
  }
  g_test_message ("%s: seed %" G_GUINT64_FORMAT ", %u operations, %u disks found (%u after one crash%s; %u after two)",
                  self->setting->name, self->seed, self->operations, once + self->again, once, ways->str,
                  self->again);
}

static void
test_crash (gconstpointer data)
{
  const FaultSetting *setting = data;
  g_autoptr (FaultScript) script = NULL;
  g_autoptr (FaultStore) store = NULL;
  g_autoptr (FaultDisk) recorded = fault_disk_new ();
  g_autoptr (FaultDisk) disk = fault_disk_new ();
  Campaign self = { .setting = setting, .seed = get_seed () };
  guint step = g_test_slow () ? 1 : 29;

  script = fault_script_new (setting, self.seed);
  store = fault_store_new (script);
  self.store = store;
  self.recorded = recorded;
  self.seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  fault_store_run (store, recorded);
  self.operations = fault_disk_get_recorded (recorded);
  for (guint i = 0; i < self.operations && self.troubles < 50; i++) {
    fault_disk_replay (disk, recorded, i);
    if (i % step == 0)
      crash_after (&self, disk, i, fault_store_get_promise (store, i + 1));
  }
  tell_counts (&self);
  g_hash_table_unref (self.seen);
  if (self.troubles > 0)
    g_test_fail_printf ("%u disks were not as promised", self.troubles);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *path = g_strconcat ("/fault/crash/", settings[i].name, NULL);

    g_test_add_data_func (path, &settings[i], test_crash);
  }
  return g_test_run ();
}
