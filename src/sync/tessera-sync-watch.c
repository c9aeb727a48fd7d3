/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-watch.c: events of a folder carrier, where there are any.
 *
 * A file that gets its final name, or a mailbox that is made, is worth a look. Servers' folders and many synchronized
 * ones send no events, which is why they are looked at every minute all the same.
 */
#include "config.h"

#include "tessera-sync-private.h"

struct _TesseraSyncWatch {
  GSourceFunc appeared;
  gpointer data;
  GHashTable *monitors; /* path to GFileMonitor */
};

static void
monitor_free (gpointer monitor) {
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

TesseraSyncWatch *
tessera_sync_watch_new (GSourceFunc appeared, gpointer data) {
  TesseraSyncWatch *self = g_new0 (TesseraSyncWatch, 1);

  self->appeared = appeared;
  self->data = data;
  self->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, monitor_free);
  return self;
}

void
tessera_sync_watch_free (TesseraSyncWatch *self) {
  if (!self)
    return;
  g_hash_table_unref (self->monitors);
  g_free (self);
}

static gboolean
is_worth_a_look (const char *name) {
  return tessera_carrier_is_name (name) || tessera_carrier_is_mailbox (name)
         || g_str_equal (name, TESSERA_CARRIER_ROOT);
}

static void
on_event (TesseraSyncWatch *self, GFile *file, GFile *other, GFileMonitorEvent event) {
  GFile *subject = event == G_FILE_MONITOR_EVENT_RENAMED && other ? other : file;
  g_autofree char *name = g_file_get_basename (subject);

  if (event != G_FILE_MONITOR_EVENT_RENAMED && event != G_FILE_MONITOR_EVENT_MOVED_IN
      && event != G_FILE_MONITOR_EVENT_CREATED && event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT)
    return;
  if (name && is_worth_a_look (name))
    self->appeared (self->data);
}

static void
watch_folder (TesseraSyncWatch *self, GHashTable *before, char *path) {
  g_autoptr (GFile) file = NULL;
  GFileMonitor *monitor = NULL;
  gpointer key;

  if (g_hash_table_steal_extended (before, path, &key, (gpointer *) &monitor)) {
    g_hash_table_insert (self->monitors, key, monitor);
    g_free (path);
    return;
  }
  file = g_file_new_for_path (path);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (!monitor) {
    g_free (path);
    return;
  }
  g_signal_connect_swapped (monitor, "changed", G_CALLBACK (on_event), self);
  g_hash_table_insert (self->monitors, path, monitor);
}

void
tessera_sync_watch_set (TesseraSyncWatch *self, const char *folder, GPtrArray *mailboxes) {
  g_autoptr (GHashTable) before = self->monitors;

  self->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, monitor_free);
  watch_folder (self, before, g_strdup (folder));
  watch_folder (self, before, g_build_filename (folder, TESSERA_CARRIER_ROOT, NULL));
  for (guint i = 0; mailboxes && i < mailboxes->len; i++) {
    TesseraMailbox *mailbox = mailboxes->pdata[i];

    if (mailbox->reads && tessera_carrier_is_mailbox (mailbox->name))
      watch_folder (self, before, g_build_filename (folder, TESSERA_CARRIER_ROOT, mailbox->name, NULL));
  }
}
