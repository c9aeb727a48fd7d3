/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-store.c: a store on a disk that fails: opened as a vault opens it, worked on by a script, and judged.
 */
#include "config.h"

#include "fault-store.h"

#include <sodium.h>
#include <string.h>

#define STORE "/vault/store.db"

static const guint8 store_id[TESSERA_PAGE_ID_BYTES] = "synthetic vault";

/* ---- chance, so that a run can be had again ---- */

static guint64 chance = 1;

static const char *
chance_name (void)
{
  return "fault";
}

static void
chance_fill (void *bytes, size_t size)
{
  guint8 *out = bytes;

  for (size_t i = 0; i < size; i++)
    out[i] = (guint8) (fault_random (&chance) >> 32);
}

static uint32_t
chance_next (void)
{
  return (uint32_t) fault_random (&chance);
}

/* Nonces that repeat are no harm to synthetic pages. */
static void
fix_chance (guint64 seed)
{
  static randombytes_implementation implementation = {
    .implementation_name = chance_name,
    .random = chance_next,
    .buf = chance_fill,
  };

  chance = seed;
  randombytes_set_implementation (&implementation);
  g_assert_cmpint (sodium_init (), >=, 0);
  sqlite3_test_control (SQLITE_TESTCTRL_PRNG_SEED, (int) (seed & G_MAXINT), NULL);
}

FaultStore *
fault_store_new (const FaultScript *script)
{
  FaultStore *self = g_new0 (FaultStore, 1);

  fix_chance (script->seed);
  self->script = script;
  self->vfs = fault_vfs_new ();
  self->key = tessera_secret_new_random (TESSERA_PAGE_KEY_BYTES);
  self->promises = g_array_new (FALSE, FALSE, sizeof (FaultPromise));
  self->trouble = g_string_new (NULL);
  return self;
}

void
fault_store_free (FaultStore *self)
{
  if (self == NULL)
    return;
  fault_store_close (self);
  fault_vfs_free (self->vfs);
  tessera_secret_free (self->key);
  g_array_unref (self->promises);
  g_string_free (self->trouble, TRUE);
  g_free (self);
}

void
fault_store_complain (FaultStore *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->trouble, format, arguments);
  va_end (arguments);
  g_string_append (self->trouble, "; ");
}

gboolean
fault_is_clean_error (int code)
{
  switch (code & 0xff) {
  case SQLITE_IOERR:
    return code != SQLITE_IOERR_DATA;
  case SQLITE_FULL:
  case SQLITE_CANTOPEN:
  case SQLITE_NOMEM:
    return TRUE;
  default:
    return FALSE;
  }
}

/* ---- statements ---- */

static int
note_answer (void *data, int columns, char **values, char **names)
{
  FaultStore *self = data;

  g_strlcpy (self->answer, values[0] != NULL ? values[0] : "", sizeof self->answer);
  return 0;
}

static int
run (FaultStore *self, sqlite3 *database, const char *sql)
{
  int rc;

  self->answer[0] = '\0';
  rc = sqlite3_exec (database, sql, note_answer, self, NULL);
  /* In the middle of a script, exec() tells the code only. */
  return rc == SQLITE_OK ? rc : sqlite3_extended_errcode (database);
}

/* ---- opening and closing ---- */

static const char *
vfs_name (FaultStore *self)
{
  TesseraPageVfsOptions options = {
    .store = STORE,
    .id = store_id,
    .key = self->key,
    .beneath = fault_vfs_get_name (self->vfs),
  };

  if (self->script->setting->is_plain)
    return options.beneath;
  if (self->pages == NULL)
    self->pages = tessera_page_vfs_register (&options);
  return self->pages != NULL ? tessera_page_vfs_get_name (self->pages) : NULL;
}

/* A cache so small that pages of open transactions reach the disk. */
static int
configure (FaultStore *self, sqlite3 *database)
{
  const FaultSetting *setting = self->script->setting;
  int reserved = TESSERA_PAGE_RESERVED;
  char settings[256];
  int rc;

  g_snprintf (settings, sizeof settings,
              "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA temp_store = MEMORY;"
              "PRAGMA mmap_size = 0; PRAGMA secure_delete = ON; PRAGMA cache_size = 8;"
              "PRAGMA wal_autocheckpoint = 40; PRAGMA synchronous = %s",
              setting->page_size, setting->is_durable ? "FULL" : "NORMAL");
  sqlite3_extended_result_codes (database, 1);
  rc = sqlite3_file_control (database, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  if (rc == SQLITE_OK)
    rc = run (self, database, settings);
  return rc;
}

static int
connect (FaultStore *self, int flags, sqlite3 **ret_database)
{
  const char *name = vfs_name (self);
  int rc;

  *ret_database = NULL;
  if (name == NULL)
    return SQLITE_NOMEM;
  rc = sqlite3_open_v2 (STORE, ret_database, SQLITE_OPEN_READWRITE | flags, name);
  if (rc == SQLITE_OK)
    rc = configure (self, *ret_database);
  else if (*ret_database != NULL)
    rc = sqlite3_extended_errcode (*ret_database);
  if (rc != SQLITE_OK) {
    sqlite3_close (*ret_database);
    *ret_database = NULL;
  }
  return rc;
}

int
fault_store_open (FaultStore *self, int flags)
{
  return connect (self, flags, &self->writer);
}

static void
close_one (FaultStore *self, sqlite3 **database)
{
  int rc = sqlite3_close (*database);

  if (rc != SQLITE_OK) {
    fault_store_complain (self, "closing gave %d", rc);
    sqlite3_close_v2 (*database);
  }
  *database = NULL;
}

void
fault_store_close (FaultStore *self)
{
  close_one (self, &self->reader);
  close_one (self, &self->writer);
  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  if (fault_vfs_get_open_files (self->vfs) > 0)
    fault_store_complain (self, "%u files stayed open", fault_vfs_get_open_files (self->vfs));
}

/* ---- steps ---- */

static void
promise (FaultStore *self, int least, int most)
{
  self->promise = (FaultPromise){ fault_disk_get_recorded (fault_vfs_get_disk (self->vfs)), least, most };
  g_array_append_val (self->promises, self->promise);
}

static int
step_commit (FaultStore *self, const FaultStep *step)
{
  int state = (int) step->state;
  int rc;

  promise (self, self->promise.least, state);
  rc = run (self, self->writer, step->sql);
  if (rc == SQLITE_OK)
    promise (self, self->script->setting->is_durable && self->promise.least >= 0 ? state : self->promise.least,
             state);
  return rc;
}

/* Whether it worked is in its answer: "0" for "was not busy", or the new mode. */
static int
step_checkpoint (FaultStore *self, const FaultStep *step)
{
  int rc = run (self, self->writer, step->sql);

  if (rc == SQLITE_OK && (strcmp (self->answer, "0") == 0 || strcmp (self->answer, "") == 0 ||
                          g_ascii_strcasecmp (strrchr (step->sql, ' ') + 1, self->answer) == 0))
    promise (self, (int) step->state, (int) step->state);
  return rc;
}

/* The last one who closes brings the log into the database. */
static int
step_reopen (FaultStore *self, const FaultStep *step)
{
  int rc;

  if (self->writer != NULL) {
    fault_store_close (self);
    promise (self, (int) step->state, (int) step->state);
  }
  rc = fault_store_open (self, 0);
  if (rc == SQLITE_OK) {
    g_autofree char *sql = g_strdup_printf ("PRAGMA journal_mode = %s", self->script->setting->journal);

    rc = run (self, self->writer, sql);
    if (rc != SQLITE_OK)
      close_one (self, &self->writer);
  }
  return rc;
}

static int
step_pin (FaultStore *self)
{
  int rc = self->reader == NULL ? connect (self, 0, &self->reader) : SQLITE_OK;

  if (rc == SQLITE_OK && sqlite3_get_autocommit (self->reader))
    rc = run (self, self->reader, "BEGIN");
  if (rc == SQLITE_OK)
    rc = fault_digest (self->reader, &self->pinned);
  return rc;
}

static int
step_unpin (FaultStore *self)
{
  guint64 digest;
  int rc;

  if (self->reader == NULL)
    return SQLITE_OK;
  rc = fault_digest (self->reader, &digest);
  if (rc != SQLITE_OK)
    return rc;
  if (digest != self->pinned)
    fault_store_complain (self, "a reader saw its content change");
  close_one (self, &self->reader);
  return SQLITE_OK;
}

int
fault_store_step (FaultStore *self, const FaultStep *step)
{
  switch (step->kind) {
  case FAULT_STEP_COMMIT:
    return step_commit (self, step);
  case FAULT_STEP_KEEP:
    return run (self, self->writer, step->sql);
  case FAULT_STEP_CHECKPOINT:
    return step_checkpoint (self, step);
  case FAULT_STEP_REOPEN:
    return step_reopen (self, step);
  case FAULT_STEP_PIN:
    return step_pin (self);
  case FAULT_STEP_UNPIN:
  default:
    return step_unpin (self);
  }
}

void
fault_store_begin (FaultStore *self, FaultDisk *disk)
{
  fault_vfs_insert (self->vfs, disk);
  g_string_truncate (self->trouble, 0);
  g_array_set_size (self->promises, 0);
  promise (self, -1, 0);
}

void
fault_store_run (FaultStore *self, FaultDisk *disk)
{
  fault_store_begin (self, disk);
  fault_disk_record (disk);
  g_assert_cmpint (fault_store_open (self, SQLITE_OPEN_CREATE), ==, SQLITE_OK);
  for (guint i = 0; i < self->script->steps->len; i++) {
    const FaultStep *step = g_ptr_array_index (self->script->steps, i);
    int rc = fault_store_step (self, step);

    if (rc != SQLITE_OK)
      g_error ("%s: %.200s: %d, and nothing failed", self->script->setting->name, step->sql, rc);
  }
  fault_store_close (self);
  g_assert_cmpstr (self->trouble->str, ==, "");
}

FaultPromise
fault_store_get_promise (const FaultStore *self, guint operations)
{
  guint i = self->promises->len;

  while (i > 1 && g_array_index (self->promises, FaultPromise, i - 1).at > operations)
    i--;
  return g_array_index (self->promises, FaultPromise, i - 1);
}

/* ---- judging ---- */

static gboolean
judge_soundness (FaultStore *self, int state)
{
  int rc = run (self, self->writer, "PRAGMA integrity_check");

  if (rc != SQLITE_OK || strcmp (self->answer, "ok") != 0) {
    fault_store_complain (self, "integrity_check gave %d, “%s”", rc, self->answer);
    return FALSE;
  }
  rc = state > 0 && !self->script->setting->no_search
         ? run (self, self->writer, "INSERT INTO words (words) VALUES ('integrity-check')") : SQLITE_OK;
  if (rc != SQLITE_OK)
    fault_store_complain (self, "the search index is not sound (%d)", rc);
  return rc == SQLITE_OK;
}

gboolean
fault_store_judge (FaultStore *self, FaultPromise expected, int *ret_state)
{
  guint64 digest;
  int rc = fault_digest (self->writer, &digest);

  if (rc != SQLITE_OK) {
    fault_store_complain (self, "reading gave %d (%s)", rc, sqlite3_errmsg (self->writer));
    return FALSE;
  }
  *ret_state = fault_script_find_state (self->script, digest);
  if (*ret_state < MAX (expected.least, 0) || *ret_state > expected.most) {
    fault_store_complain (self, "commit %d was found, where %d to %d was promised", *ret_state, expected.least,
                          expected.most);
    return FALSE;
  }
  return judge_soundness (self, *ret_state);
}

static gboolean
write_probe (FaultStore *self, gboolean change_mode)
{
  g_autofree char *mode =
    g_strdup_printf ("PRAGMA journal_mode = %s", change_mode ? "WAL" : self->script->setting->journal);
  int rc = run (self, self->writer, mode);

  if (rc == SQLITE_OK)
    rc = run (self, self->writer,
              "PRAGMA synchronous = FULL; INSERT INTO probe VALUES (zeroblob (3000));"
              "SELECT count (*) > 0 FROM probe");
  if (rc == SQLITE_OK && strcmp (self->answer, "1") == 0)
    return TRUE;
  fault_store_complain (self, "writing afterwards gave %d (%s)", rc, sqlite3_errmsg (self->writer));
  return FALSE;
}

/* A store that nobody was promised may be anything, but reading it must not go wrong without a word. */
static gboolean
find_unpromised (int rc)
{
  return rc == SQLITE_NOTADB || (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN;
}

gboolean
fault_store_find (FaultStore *self, FaultDisk *disk, FaultPromise expected, gboolean change_mode, int *ret_state)
{
  gboolean good;
  int rc;

  *ret_state = -1;
  fault_vfs_insert (self->vfs, disk);
  g_string_truncate (self->trouble, 0);
  rc = fault_store_open (self, 0);
  if (rc != SQLITE_OK) {
    good = expected.least < 0 && find_unpromised (rc);
    if (!good)
      fault_store_complain (self, "opening gave %d", rc);
  } else if (expected.least < 0 && fault_digest (self->writer, &(guint64){ 0 }) != SQLITE_OK)
    good = TRUE;
  else
    good = fault_store_judge (self, expected, ret_state) &&
           (*ret_state == 0 || write_probe (self, change_mode));
  fault_store_close (self);
  return good && self->trouble->len == 0;
}
