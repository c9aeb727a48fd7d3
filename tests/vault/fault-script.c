/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-script.c: a day's work on a store, the same each time, and what the store must hold after each commit.
 */
#include "config.h"

#include "fault-disk.h"
#include "fault-script.h"

#include <string.h>

#define CLIENTS 16
#define VISITS 48
#define WORDS 24
#define ROWS_WITH_SEARCH 10 /* in the schema; there are five tables of the search index */

/* With a search index, or with a table in its place. */
#define SCHEMA \
  "BEGIN;" \
  "CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT, born TEXT, note TEXT);" \
  "CREATE INDEX client_name ON client (name);" \
  "CREATE TABLE visit (id INTEGER PRIMARY KEY, client INTEGER, day TEXT, what TEXT);" \
  "CREATE INDEX visit_client ON visit (client, day);" \
  "CREATE%s TABLE words%s;" \
  "CREATE TABLE serial (n);" \
  "INSERT INTO serial VALUES (0);" \
  "CREATE TABLE probe (n);" \
  "COMMIT"

/* ---- digest ---- */

static guint64
mix (guint64 digest, gconstpointer bytes, gsize size)
{
  const guint8 *each = bytes;

  for (gsize i = 0; i < size; i++)
    digest = (digest ^ each[i]) * 0x100000001b3u;
  return digest ^ (digest >> 29);
}

static int
digest_query (sqlite3 *database, const char *sql, guint64 *digest, guint *ret_rows)
{
  sqlite3_stmt *statement = NULL;
  guint rows = 0;
  int rc = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  while (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count (statement); i++) {
      const unsigned char *text = sqlite3_column_text (statement, i);
      int size = sqlite3_column_bytes (statement, i);

      if (text == NULL && sqlite3_column_type (statement, i) != SQLITE_NULL) {
        rc = SQLITE_NOMEM;
        break;
      }
      *digest = mix (*digest, &size, sizeof size);
      *digest = mix (*digest, text, (gsize) size);
    }
    rows++;
    if (rc == SQLITE_ROW)
      rc = SQLITE_OK;
  }
  if (rc == SQLITE_DONE)
    rc = SQLITE_OK;
  sqlite3_finalize (statement);
  *ret_rows = rows;
  return rc;
}

int
fault_digest (sqlite3 *database, guint64 *ret_digest)
{
  static const char *const queries[] = {
    "SELECT id, name, born, note FROM client ORDER BY id",
    "SELECT name, id FROM client INDEXED BY client_name WHERE name > '' ORDER BY name, id",
    "SELECT id, client, day, what FROM visit ORDER BY id",
    "SELECT rowid, text FROM words ORDER BY rowid",
    "SELECT n FROM serial",
    "SELECT rowid FROM words WHERE words MATCH 'housing' ORDER BY rowid",
  };
  guint64 digest = 1;
  guint rows, count = G_N_ELEMENTS (queries);
  int rc = digest_query (database, "SELECT type, name, sql FROM sqlite_schema ORDER BY name", &digest, &rows);

  /* An empty store, and one without a search index. */
  if (rows == 0)
    count = 0;
  else if (rows < ROWS_WITH_SEARCH)
    count--;
  /* One snapshot for all of it is not needed: nobody else writes meanwhile. */
  for (guint i = 0; rc == SQLITE_OK && i < count; i++) {
    guint ignored;

    rc = digest_query (database, queries[i], &digest, &ignored);
  }
  *ret_digest = digest;
  return rc;
}

int
fault_script_find_state (const FaultScript *self, guint64 digest)
{
  for (guint i = self->states->len; i > 0; i--)
    if (g_array_index (self->states, guint64, i - 1) == digest)
      return (int) i - 1;
  return -1;
}

/* ---- statements ---- */

static guint
roll (FaultScript *self, guint sides)
{
  return (guint) (fault_random (&self->random) % sides);
}

/* Readable text of about @size bytes, different each time. */
static void
add_text (FaultScript *self, GString *sql, guint size)
{
  static const char *const words[] = { "housing", "letter", "school", "Tuesday",   "interpreter", "family",
                                       "papers",  "asked",  "came",   "synthetic", "doctor",      "again" };
  gsize end = sql->len + size;

  g_string_append_c (sql, '\'');
  while (sql->len < end)
    g_string_append_printf (sql, "%s %u ", words[roll (self, G_N_ELEMENTS (words))], roll (self, 10000));
  g_string_append_c (sql, '\'');
}

static void
add_client (FaultScript *self, GString *sql)
{
  g_string_append_printf (sql, "INSERT OR REPLACE INTO client VALUES (%u, ", roll (self, CLIENTS));
  add_text (self, sql, 20);
  g_string_append_printf (sql, ", '19%02u-01-01', ", roll (self, 100));
  add_text (self, sql, roll (self, 12) == 0 ? 6000 : 30 + roll (self, 200));
  g_string_append (sql, ");");
}

static void
add_visit (FaultScript *self, GString *sql)
{
  guint id = roll (self, VISITS), words = roll (self, WORDS);

  g_string_append_printf (sql, "INSERT OR REPLACE INTO visit VALUES (%u, %u, '2026-%02u-01', ", id,
                          roll (self, CLIENTS), 1 + roll (self, 12));
  add_text (self, sql, 40 + roll (self, 500));
  g_string_append_printf (sql, ");DELETE FROM words WHERE rowid = %u;INSERT INTO words (rowid, text) VALUES (%u, ",
                          words, words);
  add_text (self, sql, 40 + roll (self, 60));
  g_string_append (sql, ");");
}

static void
add_large_change (FaultScript *self, GString *sql)
{
  switch (roll (self, 3)) {
  case 0:
    g_string_append_printf (sql,
                            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
                            " INSERT OR REPLACE INTO visit SELECT i, i %% 7, '2027-01-02',"
                            " printf ('%%.*c', %u + i * 9, 'v') || %u FROM n;",
                            VISITS - 1, 300 + roll (self, 500), roll (self, 10000));
    break;
  case 1:
    g_string_append_printf (sql, "DELETE FROM visit WHERE id %% %u = 1;", 2 + roll (self, 3));
    g_string_append_printf (sql, "DELETE FROM words WHERE rowid > %u;", roll (self, WORDS));
    break;
  default:
    g_string_append_printf (sql, "UPDATE visit SET what = substr (what, 1, %u) || 'changed', day = '2028-%02u-03';",
                            50 + roll (self, 300), 1 + roll (self, 12));
    break;
  }
}

/* What a transaction does. */
static void
add_changes (FaultScript *self, GString *sql)
{
  guint count = 1 + roll (self, 3);

  if (roll (self, 5) == 0)
    add_large_change (self, sql);
  for (guint i = 0; i < count; i++)
    (roll (self, 3) == 0 ? add_client : add_visit) (self, sql);
  if (roll (self, 4) == 0) {
    g_string_append (sql, "SAVEPOINT s;");
    add_large_change (self, sql);
    add_visit (self, sql);
    g_string_append (sql, roll (self, 3) > 0 ? "ROLLBACK TO s;RELEASE s;" : "RELEASE s;");
    add_client (self, sql);
  }
}

/* ---- steps ---- */

static void
step_free (gpointer data)
{
  FaultStep *self = data;

  g_free (self->sql);
  g_free (self);
}

/* Takes over @sql. */
static void
add_step (FaultScript *self, FaultStepKind kind, char *sql)
{
  FaultStep *step = g_new0 (FaultStep, 1);
  guint64 digest;

  step->kind = kind;
  step->sql = sql;
  if (kind == FAULT_STEP_COMMIT) {
    g_assert_cmpint (sqlite3_exec (self->model, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_cmpint (fault_digest (self->model, &digest), ==, SQLITE_OK);
    g_array_append_val (self->states, digest);
  }
  step->state = self->states->len - 1;
  g_ptr_array_add (self->steps, step);
}

static void
add_keep (FaultScript *self, const char *sql)
{
  add_step (self, FAULT_STEP_KEEP, g_strdup (sql));
}

static void
add_commit (FaultScript *self)
{
  GString *sql = g_string_new ("BEGIN;");

  add_changes (self, sql);
  g_string_append_printf (sql, "UPDATE serial SET n = %u;COMMIT", ++self->serial);
  add_step (self, FAULT_STEP_COMMIT, g_string_free (sql, FALSE));
}

static void
add_rollback (FaultScript *self)
{
  GString *sql = g_string_new ("BEGIN;");

  add_large_change (self, sql);
  add_changes (self, sql);
  g_string_append (sql, "ROLLBACK");
  add_step (self, FAULT_STEP_KEEP, g_string_free (sql, FALSE));
}

static gboolean
is_log (const char *journal)
{
  return strcmp (journal, "WAL") == 0;
}

/* A reader looks on while others write, which only a log allows. */
static void
add_reader (FaultScript *self)
{
  add_step (self, FAULT_STEP_PIN, NULL);
  for (guint i = 0; i < 3; i++)
    add_commit (self);
  add_keep (self, "PRAGMA wal_checkpoint (PASSIVE)");
  add_commit (self);
  add_step (self, FAULT_STEP_UNPIN, NULL);
}

static void
add_checkpoint (FaultScript *self, const char *kind)
{
  add_step (self, FAULT_STEP_CHECKPOINT, g_strdup_printf ("PRAGMA wal_checkpoint (%s)", kind));
}

/* The journal mode is another for a while. */
static void
add_change_of_mode (FaultScript *self)
{
  add_keep (self, "PRAGMA wal_checkpoint (PASSIVE)");
  add_step (self, FAULT_STEP_CHECKPOINT, g_strdup_printf ("PRAGMA journal_mode = %s", self->setting->changed));
  add_commit (self);
  add_rollback (self);
  add_commit (self);
  add_step (self, FAULT_STEP_CHECKPOINT, g_strdup_printf ("PRAGMA journal_mode = %s", self->setting->journal));
}

static void
add_something (FaultScript *self)
{
  gboolean logged = is_log (self->setting->journal);

  switch (roll (self, 24)) {
  case 0:
  case 1:
    add_rollback (self);
    break;
  case 2:
    add_keep (self, "PRAGMA incremental_vacuum (3)");
    break;
  case 3:
    add_keep (self, "VACUUM");
    break;
  case 4:
    add_step (self, FAULT_STEP_REOPEN, NULL);
    break;
  case 5:
    if (self->setting->changed != NULL)
      add_change_of_mode (self);
    break;
  case 6:
  case 7:
    if (logged)
      add_reader (self);
    break;
  case 8:
  case 9:
    if (logged)
      add_keep (self, "PRAGMA wal_checkpoint (PASSIVE)");
    break;
  case 10:
    if (logged)
      add_checkpoint (self, "TRUNCATE");
    break;
  case 11:
    if (logged)
      add_checkpoint (self, "RESTART");
    break;
  default:
    add_commit (self);
    break;
  }
}

/* One of each kind. */
static void
add_tour (FaultScript *self)
{
  gboolean logged = is_log (self->setting->journal);

  add_commit (self);
  if (logged)
    add_reader (self);
  add_rollback (self);
  add_keep (self, "VACUUM");
  if (self->setting->changed != NULL)
    add_change_of_mode (self);
  add_commit (self);
  if (logged)
    add_checkpoint (self, "TRUNCATE");
  add_keep (self, "PRAGMA incremental_vacuum (3)");
  add_commit (self);
}

FaultScript *
fault_script_new (const FaultSetting *setting, guint64 seed)
{
  FaultScript *self = g_new0 (FaultScript, 1);
  guint64 empty;

  self->setting = setting;
  self->seed = self->random = seed;
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->states = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_assert_cmpint (sqlite3_open (":memory:", &self->model), ==, SQLITE_OK);
  g_assert_cmpint (fault_digest (self->model, &empty), ==, SQLITE_OK);
  g_array_append_val (self->states, empty);

  add_step (self, FAULT_STEP_COMMIT,
            setting->no_search ? g_strdup_printf (SCHEMA, "", " (rowid INTEGER PRIMARY KEY, text)")
                               : g_strdup_printf (SCHEMA, " VIRTUAL", " USING fts5 (text)"));
  add_step (self, FAULT_STEP_REOPEN, NULL);
  if (setting->length == 0)
    add_tour (self);
  while (self->steps->len < setting->length)
    add_something (self);
  add_step (self, FAULT_STEP_REOPEN, NULL);
  g_clear_pointer (&self->model, sqlite3_close);
  return self;
}

void
fault_script_free (FaultScript *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->steps);
  g_array_unref (self->states);
  g_free (self);
}
