/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-pages.c: what sealing pages costs: the same SQL on a vault's store and on plain SQLite, in one run.
 *
 *   bench-pages [CLIENTS [VISITS-PER-CLIENT [MEGABYTES]]]   default 100000 10 1024
 *
 * A case-work load of plain SQL, without the layers above, so that nothing but the page layer differs: both have
 * write-ahead log, a cache of 64 MiB, and the same order of work. Tasks run in turn on both; figures are medians, the
 * ratio is the median of the ratios. At the end a store of MEGABYTES is opened, to see what unlocking costs besides
 * the passphrase. bench-store.c measures the whole application at a smaller size.
 */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tessera-fixture.h"
#include "tessera-vault.h"

#define ROUNDS 5
#define RECENT 500 /* clients */

typedef struct {
  TesseraVault *vault; /* NULL for plain SQLite */
  char *path;
  sqlite3 *database;
  GRand *random; /* the same numbers for both */
} Subject;

static guint client_count, visits_per_client;

typedef void (*Task) (Subject *subject);

static const char schema[] =
  "CREATE TABLE client (id INTEGER PRIMARY KEY, code TEXT, name TEXT, family_name TEXT, birth TEXT, language TEXT,"
  " step TEXT, phone TEXT, address TEXT, last_contact INTEGER, note TEXT);"
  "CREATE INDEX client_contact ON client (last_contact);"
  "CREATE VIRTUAL TABLE client_words USING fts5 (words, content='', detail=none, prefix='2 3');"
  "CREATE TABLE visit (id INTEGER PRIMARY KEY, client INTEGER, at INTEGER, how TEXT, worker INTEGER, summary TEXT);"
  "CREATE INDEX visit_client ON visit (client, at);";

static const char *const words[] = {
  "Amal",  "Olena", "Sara",   "Mohammed", "Nguyen", "Fatima",  "Ivan",   "Grace",  "Yusuf",  "Leila", "Daniel",
  "Maria", "Chen",  "Samira", "Viktor",   "Aisha",  "Tesfaye", "Hodan",  "Bilal",  "Rosa",   "Jamal", "Nadia",
  "Petro", "Zainab", "Omar",  "Lucia",    "Kofi",   "Parisa",  "Andrei", "Mehdi",  "Joyce",  "Ahmad",
};

static void
run (sqlite3 *database, const char *sql)
{
  char *message = NULL;

  if (sqlite3_exec (database, sql, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s: %s", sql, message);
}

static sqlite3_stmt *
prepare (sqlite3 *database, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (database));
  return statement;
}

static void
drain (sqlite3_stmt *statement)
{
  int rc;

  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    sqlite3_column_text (statement, 0);
  g_assert_cmpint (rc, ==, SQLITE_DONE);
  sqlite3_reset (statement);
}

static const char *
any_word (Subject *subject)
{
  return words[g_rand_int_range (subject->random, 0, G_N_ELEMENTS (words))];
}

/* ---- the two ---- */

static void
connect_subject (Subject *self)
{
  if (self->vault != NULL) {
    g_autoptr (GError) error = NULL;

    self->database = tessera_vault_open_database (self->vault, TRUE, &error);
    g_assert_no_error (error);
    return;
  }
  g_assert_cmpint (sqlite3_open_v2 (self->path, &self->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                    "unix-excl"),
                   ==, SQLITE_OK);
  run (self->database, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;"
                       "PRAGMA secure_delete = ON;"
                       "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
}

static void
reconnect (Subject *self)
{
  sqlite3_close (self->database);
  connect_subject (self);
}

/* ---- filling ---- */

static void
add_visit (Subject *self, sqlite3_stmt *statement, guint client)
{
  g_autofree char *summary = g_strdup_printf (
    "%s came with %s about the language class, the letter from the landlord and the school place of %s; we rang the "
    "office together and wrote down what to bring on Thursday.",
    any_word (self), any_word (self), any_word (self));

  sqlite3_bind_int64 (statement, 1, client);
  sqlite3_bind_int64 (statement, 2, 1700000000000 + (gint64) g_rand_int (self->random));
  sqlite3_bind_int64 (statement, 3, g_rand_int_range (self->random, 1, 40));
  sqlite3_bind_text (statement, 4, summary, -1, SQLITE_TRANSIENT);
  drain (statement);
}

#define INSERT_VISIT "INSERT INTO visit (client, at, how, worker, summary) VALUES (?1, ?2, 'in-person', ?3, ?4)"

static void
load_clients (Subject *self)
{
  sqlite3_stmt *client = prepare (self->database,
                                  "INSERT INTO client VALUES (?1, printf ('T-%06X', ?1), ?2, ?3, '1990-01-01', 'ar',"
                                  " 'inclusion', '+00 555 0100', 'Example Street 1', ?4, 'prefers to be called')");
  sqlite3_stmt *text = prepare (self->database, "INSERT INTO client_words (rowid, words) VALUES (?1, ?2 || ' ' || ?3)");

  for (guint i = 1; i <= client_count; i++) {
    const char *name = any_word (self), *family_name = any_word (self);

    if (i % 1000 == 1)
      run (self->database, "BEGIN");
    sqlite3_bind_int64 (client, 1, i);
    sqlite3_bind_text (client, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_text (client, 3, family_name, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (client, 4, 1700000000000 + (gint64) g_rand_int (self->random));
    drain (client);
    sqlite3_bind_int64 (text, 1, i);
    sqlite3_bind_text (text, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_text (text, 3, family_name, -1, SQLITE_STATIC);
    drain (text);
    if (i % 1000 == 0 || i == client_count)
      run (self->database, "COMMIT");
  }
  sqlite3_finalize (client);
  sqlite3_finalize (text);
}

/* Clients in no order, as they come. */
static void
load_visits (Subject *self)
{
  sqlite3_stmt *visit = prepare (self->database, INSERT_VISIT);
  guint count = client_count * visits_per_client;

  for (guint i = 1; i <= count; i++) {
    if (i % 1000 == 1)
      run (self->database, "BEGIN");
    add_visit (self, visit, (guint) g_rand_int_range (self->random, 1, (gint32) client_count + 1));
    if (i % 1000 == 0 || i == count)
      run (self->database, "COMMIT");
  }
  sqlite3_finalize (visit);
}

static void
settle (Subject *self)
{
  run (self->database, "ANALYZE; PRAGMA wal_checkpoint (TRUNCATE)");
}

/* ---- the work of a day ---- */

static void
open_clients (Subject *self, guint times, guint among)
{
  sqlite3_stmt *client = prepare (self->database, "SELECT * FROM client WHERE id = ?1");
  sqlite3_stmt *visits = prepare (self->database, "SELECT * FROM visit WHERE client = ?1 ORDER BY at DESC");

  for (guint i = 0; i < times; i++) {
    guint id = (guint) g_rand_int_range (self->random, 1, (gint32) among + 1);

    sqlite3_bind_int64 (client, 1, id);
    drain (client);
    sqlite3_bind_int64 (visits, 1, id);
    drain (visits);
  }
  sqlite3_finalize (client);
  sqlite3_finalize (visits);
}

static void
open_warm (Subject *self)
{
  open_clients (self, 5000, MIN (1000, client_count));
}

static void
open_cold (Subject *self)
{
  reconnect (self);
  open_clients (self, 1000, client_count);
}

static void
search (Subject *self, guint times)
{
  sqlite3_stmt *statement = prepare (self->database, "SELECT rowid FROM client_words WHERE client_words MATCH ?1 LIMIT 50");

  for (guint i = 0; i < times; i++) {
    g_autofree char *typed = g_strdup_printf ("%.*s* %s*", g_rand_int_range (self->random, 2, 5), any_word (self),
                                              any_word (self));

    sqlite3_bind_text (statement, 1, typed, -1, SQLITE_STATIC);
    drain (statement);
  }
  sqlite3_finalize (statement);
}

static void
search_300 (Subject *self)
{
  search (self, 300);
}

static void
list (Subject *self, guint times)
{
  sqlite3_stmt *statement = prepare (
    self->database, "SELECT id, name, family_name, step, language, last_contact FROM client WHERE last_contact < ?1"
                    " ORDER BY last_contact DESC LIMIT 50");

  for (guint i = 0; i < times; i++) {
    sqlite3_bind_int64 (statement, 1, 1700000000000 + (gint64) g_rand_int (self->random));
    drain (statement);
  }
  sqlite3_finalize (statement);
}

static void
list_50 (Subject *self)
{
  list (self, 50);
}

static void
scan_cold (Subject *self)
{
  sqlite3_stmt *statement;

  reconnect (self);
  statement = prepare (self->database, "SELECT count (*), sum (length (summary)) FROM visit NOT INDEXED");
  drain (statement);
  sqlite3_finalize (statement);
}

/* One visit, and the client's last contact, in a transaction. */
static void
save (Subject *self, guint times, guint among)
{
  sqlite3_stmt *visit = prepare (self->database, INSERT_VISIT);
  sqlite3_stmt *contact = prepare (self->database, "UPDATE client SET last_contact = ?2 WHERE id = ?1");

  for (guint i = 0; i < times; i++) {
    guint client = (guint) g_rand_int_range (self->random, 1, (gint32) among + 1);

    run (self->database, "BEGIN IMMEDIATE");
    add_visit (self, visit, client);
    sqlite3_bind_int64 (contact, 1, client);
    sqlite3_bind_int64 (contact, 2, 1700000000000 + (gint64) g_rand_int (self->random));
    drain (contact);
    run (self->database, "COMMIT");
  }
  sqlite3_finalize (visit);
  sqlite3_finalize (contact);
}

static void
save_full (Subject *self)
{
  run (self->database, "PRAGMA synchronous = FULL");
  save (self, 500, client_count);
}

static void
save_normal (Subject *self)
{
  run (self->database, "PRAGMA synchronous = NORMAL");
  save (self, 500, client_count);
  run (self->database, "PRAGMA synchronous = FULL");
}

static void
report (Subject *self)
{
  sqlite3_stmt *statement = prepare (
    self->database, "SELECT worker, count (*), count (DISTINCT client) FROM visit WHERE client BETWEEN ?1 AND ?1 + 2000"
                    " GROUP BY worker");

  sqlite3_bind_int64 (statement, 1, g_rand_int_range (self->random, 1, (gint32) client_count + 1));
  drain (statement);
  sqlite3_finalize (statement);
}

/* What the desks of a shop do all day: look people up, read, look at lists, write, now and then a report. Mostly with
 * the people of these weeks, of whom there are some hundreds, sometimes with anybody. */
static void
mixed (Subject *self)
{
  for (guint i = 0; i < 40; i++) {
    search (self, 5);
    list (self, 5);
    open_clients (self, 40, MIN (RECENT, client_count));
    open_clients (self, 4, client_count);
    save (self, 10, MIN (RECENT, client_count));
  }
  report (self);
}

static void
mixed_full (Subject *self)
{
  run (self->database, "PRAGMA synchronous = FULL");
  mixed (self);
}

static void
mixed_normal (Subject *self)
{
  run (self->database, "PRAGMA synchronous = NORMAL");
  mixed (self);
  run (self->database, "PRAGMA synchronous = FULL");
}

/* ---- measuring ---- */

typedef struct {
  double wall; /* milliseconds: what a person waits */
  double work; /* milliseconds of the processor, which other programs and the disk disturb less */
} Cost;

static double
processor_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_THREAD, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000.0 +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
}

static Cost
time_task (Subject *subject, Task task)
{
  gint64 start = g_get_monotonic_time ();
  double work = processor_time ();

  task (subject);
  return (Cost){ (double) (g_get_monotonic_time () - start) / 1000.0, processor_time () - work };
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

static double
median (double *numbers, guint count)
{
  qsort (numbers, count, sizeof *numbers, compare_numbers);
  return numbers[count / 2];
}

static void
compare (const char *name, Subject *sealed, Subject *plain, Task task, guint rounds)
{
  double sealed_times[ROUNDS], plain_times[ROUNDS], ratios[ROUNDS], work_ratios[ROUNDS];

  for (guint i = 0; i < rounds; i++) {
    Cost first = time_task (sealed, task);
    Cost second = time_task (plain, task);

    sealed_times[i] = first.wall;
    plain_times[i] = second.wall;
    ratios[i] = first.wall / second.wall;
    work_ratios[i] = first.work / second.work;
  }
  g_print ("%-48s %9.1f ms %9.1f ms   %5.2f   %5.2f\n", name, median (sealed_times, rounds),
           median (plain_times, rounds), median (ratios, rounds), median (work_ratios, rounds));
}

/* What comes after the passphrase: keys are there, no page has been read. */
static void
measure_opening (Subject *sealed, guint megabytes)
{
  double times[ROUNDS];
  GStatBuf facts;

  run (sealed->database, "CREATE TABLE filler (bytes BLOB)");
  do {
    run (sealed->database, "INSERT INTO filler SELECT randomblob (1000000) FROM (VALUES (1), (2), (3), (4), (5))");
    g_assert_cmpint (g_stat (sealed->path, &facts), ==, 0);
  } while (facts.st_size / (1024 * 1024) < megabytes);
  settle (sealed);
  for (guint i = 0; i < ROUNDS; i++) {
    gint64 start;

    sqlite3_close (sealed->database);
    start = g_get_monotonic_time ();
    connect_subject (sealed);
    list (sealed, 1);
    times[i] = (double) (g_get_monotonic_time () - start) / 1000.0;
  }
  g_print ("\nopening a store of %" G_GINT64_FORMAT " MiB and its first list, after the passphrase: %.1f ms\n",
           (gint64) facts.st_size / (1024 * 1024), median (times, ROUNDS));
}

int
main (int argc, char **argv)
{
  guint megabytes = argc > 3 ? (guint) atoi (argv[3]) : 1024;
  g_autofree char *folder = NULL;
  g_autofree char *inside = NULL;
  Subject sealed = { 0 }, plain = { 0 };

  client_count = argc > 1 ? (guint) atoi (argv[1]) : 100000;
  visits_per_client = argc > 2 ? (guint) atoi (argv[2]) : 10;
  folder = fixture_make_folder ();
  inside = g_build_filename (folder, "vault", NULL);
  sealed = (Subject){ .vault = fixture_create_vault (inside), .path = g_build_filename (inside, "store.db", NULL) };
  plain = (Subject){ .path = g_build_filename (folder, "plain.db", NULL) };
  sealed.random = g_rand_new_with_seed (1);
  plain.random = g_rand_new_with_seed (1);
  connect_subject (&sealed);
  connect_subject (&plain);
  run (sealed.database, schema);
  run (plain.database, schema);

  g_print ("%u clients, %u visits\n%-48s %12s %12s   %5s   %5s\n", client_count, client_count * visits_per_client, "",
           "vault", "plain SQLite", "ratio", "of work");
  compare ("bulk load: clients with search words", &sealed, &plain, load_clients, 1);
  compare ("bulk load: visits with an index, in no order", &sealed, &plain, load_visits, 1);
  settle (&sealed);
  settle (&plain);
  compare ("open 5000 clients with visits, warm", &sealed, &plain, open_warm, ROUNDS);
  compare ("open 1000 clients with visits, cold", &sealed, &plain, open_cold, ROUNDS);
  compare ("300 searches", &sealed, &plain, search_300, ROUNDS);
  compare ("50 pages of a list", &sealed, &plain, list_50, ROUNDS);
  compare ("full scan of the visits, cold", &sealed, &plain, scan_cold, ROUNDS);
  compare ("500 visits saved, anybody's, FULL", &sealed, &plain, save_full, ROUNDS);
  compare ("500 visits saved, anybody's, NORMAL", &sealed, &plain, save_normal, ROUNDS);
  compare ("a shop's day, mixed, FULL", &sealed, &plain, mixed_full, ROUNDS);
  compare ("a shop's day, mixed, NORMAL", &sealed, &plain, mixed_normal, ROUNDS);
  if (megabytes > 0)
    measure_opening (&sealed, megabytes);

  sqlite3_close (sealed.database);
  sqlite3_close (plain.database);
  g_rand_free (sealed.random);
  g_rand_free (plain.random);
  g_free (sealed.path);
  g_free (plain.path);
  tessera_vault_close (sealed.vault);
  g_object_unref (sealed.vault);
  fixture_remove_folder (folder);
  return 0;
}
