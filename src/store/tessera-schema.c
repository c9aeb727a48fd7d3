/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-schema.c: the tables, made from the registry.
 *
 * Fields that were added to the registry become columns when the store is next opened; nothing is ever dropped. What
 * is not an entity (change log, audit, drafts, settings) is written out here. Version numbers are for changes that
 * adding a column cannot express.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-store.h"

#define SCHEMA_VERSION 1
#define APPLICATION_NUMBER 0x54455352 /* "TESR", PRAGMA application_id */

/* A stream is one device in one circle, and a new one when the device's store was restored. */
#define STREAM_COLUMNS                                                                                                  \
  "(sid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, device BLOB NOT NULL, circle BLOB NOT NULL,"                      \
  " state TEXT NOT NULL DEFAULT 'active', last INTEGER) STRICT;"

/* The change log's tables. */
static const char base_tables[] =
  "CREATE TABLE stream " STREAM_COLUMNS
  "CREATE TABLE vv (sid INTEGER PRIMARY KEY, seq INTEGER NOT NULL, clock INTEGER NOT NULL,"
  " floor INTEGER NOT NULL DEFAULT 0) STRICT;"
  "CREATE TABLE segment (sid INTEGER NOT NULL, first INTEGER NOT NULL, deps TEXT NOT NULL,"
  " PRIMARY KEY (sid, first)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE change (sid INTEGER NOT NULL, seq INTEGER NOT NULL, clock INTEGER NOT NULL, entity INTEGER NOT NULL,"
  " row BLOB NOT NULL, subject BLOB, kind INTEGER NOT NULL, schema INTEGER NOT NULL, flags INTEGER NOT NULL DEFAULT 0,"
  " body TEXT, PRIMARY KEY (sid, seq)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX change_subject ON change (subject) WHERE subject IS NOT NULL;"
  "CREATE TABLE sibling (entity INTEGER NOT NULL, row BLOB NOT NULL, field TEXT NOT NULL, sid INTEGER NOT NULL,"
  " seq INTEGER NOT NULL, clock INTEGER NOT NULL, value TEXT,"
  " PRIMARY KEY (entity, row, field, sid, seq)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE erased (subject BLOB PRIMARY KEY, sid INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
  " reason TEXT) STRICT, WITHOUT ROWID;"
  "CREATE TABLE audit (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, worker BLOB, action TEXT NOT NULL,"
  " entity TEXT, row BLOB, detail TEXT, hash BLOB NOT NULL) STRICT;"
  "CREATE TABLE draft (key TEXT PRIMARY KEY, worker BLOB, at INTEGER NOT NULL, body TEXT NOT NULL)"
  " STRICT, WITHOUT ROWID;"
  "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/* Came later than the tables above, to stores that were there already. A name is unique and missing while the content
 * belongs to nobody; see tessera-attachment.c. */
static const char attachment_tables[] =
  "CREATE TABLE IF NOT EXISTS attachment (number INTEGER PRIMARY KEY, id TEXT UNIQUE, size INTEGER NOT NULL,"
  " chunks INTEGER NOT NULL, created INTEGER NOT NULL) STRICT;"
  "CREATE TABLE IF NOT EXISTS attachment_chunk (attachment INTEGER NOT NULL, number INTEGER NOT NULL,"
  " hash BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE (attachment, number)) STRICT;";

/* Every version of the roster that came, as it was signed; see tessera-roster.h. */
static const char roster_table[] =
  "CREATE TABLE IF NOT EXISTS roster (version INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;";

/* Streams had no id of their own, and a device only one. */
static const char streams_with_ids[] =
  "CREATE TABLE stream_with_id " STREAM_COLUMNS
  "INSERT INTO stream_with_id SELECT sid, device, device, circle, state, NULL FROM stream;"
  "DROP TABLE stream;"
  "ALTER TABLE stream_with_id RENAME TO stream;";

/* Streams could not be revoked, and a new row had no kind of its own. */
static const char streams_that_end[] =
  "ALTER TABLE stream ADD COLUMN last INTEGER;"
  "UPDATE change SET kind = 6 WHERE kind = 1 AND (body IS NULL OR body LIKE '{\"id\":%');";

/* What merging looks for: everything that was written to a row after it was made, and what waits to be understood. */
static const char change_indexes[] =
  "CREATE INDEX IF NOT EXISTS change_row ON change (row) WHERE body IS NOT NULL OR kind = 3;"
  "CREATE INDEX IF NOT EXISTS change_flags ON change (flags) WHERE flags <> 0;";

/* What devices (as 32 hexadecimal digits) said they have of each stream. */
static const char acknowledgement_table[] =
  "CREATE TABLE IF NOT EXISTS acknowledgement (device TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,"
  " at INTEGER NOT NULL, PRIMARY KEY (device, stream)) STRICT, WITHOUT ROWID;";

/* Content that is still to be sent to an audience (a circle or a device, as 32 hexadecimal digits); under an empty
 * audience, what was let go of here and may come back. And what is under way in which bundle. */
static const char content_table[] =
  "CREATE TABLE IF NOT EXISTS content_due (audience TEXT NOT NULL, \"row\" BLOB NOT NULL, attachment TEXT NOT NULL,"
  " PRIMARY KEY (audience, \"row\", attachment)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS content_sent (bundle TEXT NOT NULL, audience TEXT NOT NULL, \"row\" BLOB NOT NULL,"
  " attachment TEXT NOT NULL, PRIMARY KEY (bundle, \"row\", attachment)) STRICT, WITHOUT ROWID;";

/* Orders that lists are read in; a single column's index comes from the registry. */
static const char list_indexes[] =
  "CREATE INDEX IF NOT EXISTS client_list ON client (name, _rowid, merged_into, case_state, step, worker,"
  " last_contact, registered_at);"
  "CREATE INDEX IF NOT EXISTS client_silence ON client (last_contact, _rowid, merged_into, case_state, step, worker,"
  " registered_at);"
  "CREATE INDEX IF NOT EXISTS visit_of_client ON visit (client, at);"
  "CREATE INDEX IF NOT EXISTS task_of_client ON task (client, done_at, due);"
  "CREATE INDEX IF NOT EXISTS task_due_open ON task (due) WHERE done_at IS NULL;"
  "CREATE INDEX IF NOT EXISTS score_of_client ON assessment_score (client, domain);"
  "CREATE INDEX IF NOT EXISTS event_of_referral ON referral_event (referral, side, number);"
  "CREATE INDEX IF NOT EXISTS translation_of_row ON translation (\"row\", language);";

static const char *
column_type (TesseraFieldType type) {
  if (type == TESSERA_FIELD_INTEGER || type == TESSERA_FIELD_INSTANT || type == TESSERA_FIELD_BOOLEAN)
    return "INTEGER";
  if (type == TESSERA_FIELD_REFERENCE || type == TESSERA_FIELD_ID)
    return "BLOB";
  return "TEXT";
}

char *
tessera_entity_columns (const TesseraEntity *entity) {
  GString *sql = g_string_new ("id");

  for (guint i = 0; i < entity->n_fields; i++) {
    g_string_append (sql, ", \"");
    g_string_append (sql, entity->fields[i].name);
    g_string_append_c (sql, '"');
  }
  return g_string_free (sql, FALSE);
}

gboolean
tessera_entity_is_searched (const TesseraEntity *entity) {
  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].flags & TESSERA_FIELD_SEARCHED)
      return TRUE;
  return FALSE;
}

static void
append_table (GString *sql, const TesseraEntity *entity) {
  g_string_append_printf (sql, "CREATE TABLE \"%s\" (_rowid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE",
                          entity->name);
  for (guint i = 0; i < entity->n_fields; i++)
    g_string_append_printf (sql, ", \"%s\" %s", entity->fields[i].name, column_type (entity->fields[i].type));
  g_string_append (sql, ", _sid INTEGER NOT NULL DEFAULT 0, _seq INTEGER NOT NULL DEFAULT 0,"
                        " _clock INTEGER NOT NULL DEFAULT 0) STRICT;");
  /* The words are folded before they come here, so the tokenizer only parts them; _ marks the sound of a name. */
  if (tessera_entity_is_searched (entity))
    g_string_append_printf (sql, "CREATE VIRTUAL TABLE %s_words USING fts5(words, detail=none,"
                                 " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\");", entity->name);
}

static gboolean
has_column (TesseraConnection *self, const char *table, const char *column) {
  return sqlite3_table_column_metadata (self->database, "main", table, column, NULL, NULL, NULL, NULL, NULL)
         == SQLITE_OK;
}

static void
append_entity (TesseraConnection *self, GString *sql, const TesseraEntity *entity) {
  if (!has_column (self, entity->name, "id")) {
    append_table (sql, entity);
  } else {
    for (guint i = 0; i < entity->n_fields; i++)
      if (!has_column (self, entity->name, entity->fields[i].name))
        g_string_append_printf (sql, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s;", entity->name,
                                entity->fields[i].name, column_type (entity->fields[i].type));
  }
  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].flags & TESSERA_FIELD_INDEXED)
      g_string_append_printf (sql, "CREATE INDEX IF NOT EXISTS \"%s_by_%s\" ON \"%s\" (\"%s\");", entity->name,
                              entity->fields[i].name, entity->name, entity->fields[i].name);
}

static gboolean
read_version (TesseraConnection *self, gint64 *ret_version, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self, "PRAGMA user_version", NULL, error);

  if (!statement || !tessera_statement_step (statement, error))
    return FALSE;
  *ret_version = tessera_statement_get_integer (statement, 0);
  return TRUE;
}

/* This device's stream, and the circle of devices that may read the same people. */
static gboolean
add_own_stream (TesseraConnection *self, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  g_autofree char *device = tessera_uuid_new ();
  g_autofree char *circle = tessera_uuid_new ();

  statement = tessera_connection_prepare (
    self, "INSERT INTO stream (sid, id, device, circle) VALUES (1, randomblob(16), ?1, ?2)", NULL, error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, device);
  tessera_statement_bind_id (statement, 2, circle);
  return tessera_statement_run (statement, error)
         && tessera_connection_execute (self, "INSERT INTO vv (sid, seq, clock) VALUES (1, 0, 0)", error);
}

static gboolean
build (TesseraConnection *self, gint64 version, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (self->registry);
  g_autoptr (GString) sql = g_string_new (NULL);

  if (version == 0)
    g_string_append (sql, base_tables);
  else if (!has_column (self, "stream", "id"))
    g_string_append (sql, streams_with_ids);
  else if (!has_column (self, "stream", "last"))
    g_string_append (sql, streams_that_end);
  g_string_append (sql, attachment_tables);
  g_string_append (sql, roster_table);
  g_string_append (sql, change_indexes);
  g_string_append (sql, acknowledgement_table);
  g_string_append (sql, content_table);
  for (guint i = 0; entities[i]; i++)
    append_entity (self, sql, entities[i]);
  g_string_append (sql, list_indexes);
  /* Setting them writes a page: opening to read must go on a full disk. */
  if (version != SCHEMA_VERSION)
    g_string_append_printf (sql, "PRAGMA user_version = %d; PRAGMA application_id = %d;", SCHEMA_VERSION,
                            APPLICATION_NUMBER);
  return tessera_connection_execute (self, sql->str, error) && (version > 0 || add_own_stream (self, error));
}

gboolean
tessera_schema_prepare (TesseraConnection *self, GError **error) {
  gint64 version;

  if (!read_version (self, &version, error))
    return FALSE;
  if (version > SCHEMA_VERSION) {
    g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_TOO_NEW,
                 _("This vault was last used by a newer Tessera; update Tessera on this computer to open it."));
    return FALSE;
  }
  if (!tessera_connection_execute (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (build (self, version, error) && tessera_connection_execute (self, "COMMIT", error))
    return TRUE;
  sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
