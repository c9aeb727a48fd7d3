/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-scrub.c: after an erasure, nothing that was erased is left in the files either.
 *
 * Rows are overwritten when they are deleted (secure_delete), but the search keeps old segments and the log keeps old
 * pages. That it is still to be done is a setting, so that a crash or somebody who reads only puts it off. Old contents of
 * flash memory and snapshots of file systems are out of reach.
 */
#include "config.h"

#include "tessera-connection.h"
#include "tessera-erased-list.h"
#include "tessera-merge.h"

#define TRIES 20
#define PAUSE 25000 /* microseconds; together as long as somebody may wait for a save */

void
tessera_scrub_open (TesseraConnection *self) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self, "SELECT 1 FROM setting WHERE key = '" TESSERA_ERASE_SETTING_SCRUB "'", NULL, NULL);

  self->unscrubbed = statement && tessera_statement_step (statement, NULL);
}

/* Only merging all segments forgets the words of rows that are gone. */
static gboolean
scrub_words (TesseraConnection *self, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->registry);

  for (guint i = 0; entities[i]; i++) {
    g_autofree char *sql = NULL;

    if (!tessera_entity_is_searched (entities[i]))
      continue;
    sql = g_strdup_printf ("INSERT INTO %s_words (%s_words) VALUES ('optimize')", entities[i]->name, entities[i]->name);
    if (!tessera_connection_execute (self, sql, error))
      return FALSE;
  }
  return TRUE;
}

/* The pages as they were are in the log until it is emptied, which is only possible while nobody reads from it. */
static gboolean
empty_log (TesseraConnection *self, GError **error) {
  int rc = SQLITE_BUSY;

  for (guint i = 0; i < TRIES && (rc == SQLITE_BUSY || rc == SQLITE_LOCKED); i++) {
    if (i > 0)
      g_usleep (PAUSE);
    rc = sqlite3_wal_checkpoint_v2 (self->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  }
  if (rc == SQLITE_OK)
    return TRUE;
  tessera_vault_set_sqlite_error (error, self->database, rc);
  return FALSE;
}

gboolean
tessera_scrub (TesseraConnection *self, GError **error) {
  if (!self->unscrubbed)
    return TRUE;
  while (tessera_attachments_sweep (self))
    ;
  if (!scrub_words (self, error) || !empty_log (self, error) || !tessera_erased_list_save (self, error)
      || !tessera_connection_execute (
        self, "DELETE FROM setting WHERE key = '" TESSERA_ERASE_SETTING_SCRUB "'", error))
    return FALSE;
  self->unscrubbed = FALSE;
  return TRUE;
}
