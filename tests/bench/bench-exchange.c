/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-exchange.c: a first exchange with an empty laptop, and later ones, against what one would use instead.
 *
 *   bench-exchange FOLDER-OF-THIS-FILE [CLIENTS [VISITS]]     default 10000 100000
 *
 * The floor is the same rows in a plain database through `sqlite3 .dump | zstd -3 | age` and back: no merging, no rights,
 * no search, no encryption at rest. If the environment variable TESSERA_POUCHDB names a folder in which `npm install
 * pouchdb` was run, PouchDB replicates the same documents in the same run. Everything is timed by the clock on the wall and
 * by the processor's; the latter says more on a busy computer. Sealing and taking in run in a process of their own each,
 * as on two laptops, so that the peak memory of each is its own.
 */
#include <locale.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tessera-exchange.h"
#include "tessera-fixture.h"
#include "tessera-identity.h"
#include "tessera-joining.h"

#define BATCH 1000

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Laptop;

typedef struct {
  GRand *random;
  GPtrArray *clients;
  guint n;
  guint done;
  FILE *documents;       /* the same rows as JSON lines, for PouchDB */
  sqlite3 *plain;        /* and in a plain database, for the floor */
} Filling;

static const char *const words[] = {
  "came", "with", "letter", "from", "school", "about", "rent", "and", "asked", "for", "help", "to", "write", "answer",
  "appointment", "doctor", "children", "language", "course", "bus", "ticket", "papers", "landlord", "heating", "food",
  "work", "contract", "family", "reunion", "lawyer", "translator", "office", "waiting", "form", "signed", "copy",
};

static char *
make_text (GRand *random, guint n) {
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i ? " " : "", words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))]);
  return g_string_free (text, FALSE);
}

static double
seconds_since (gint64 start) {
  return (double) (g_get_monotonic_time () - start) / 1e6;
}

/* What a process or its children used of the processors. */
static double
get_work (int whose) {
  struct rusage usage;

  getrusage (whose, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

typedef struct {
  double seconds;
  double work;
  double peak;           /* MiB */
  gint64 bytes;
} Measure;

/* ---- memory ---- */

static void
reset_peak (void) {
  malloc_trim (0);
  g_file_set_contents ("/proc/self/clear_refs", "5", 1, NULL);
}

static double
get_peak (void) {
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, "VmHWM:");
  return line ? (double) g_ascii_strtoull (line + 6 + strspn (line + 6, " \t"), NULL, 10) / 1024 : 0;
}

/* ---- the same rows three times ---- */

static void
write_document (Filling *self, TesseraRecord *record) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = tessera_record_to_json (record);
  g_autofree char *id = g_strdup (tessera_record_get_id (record));
  g_autofree char *text = NULL;

  json_object_remove_member (object, "id");
  json_object_set_string_member (object, "_id", id);
  json_object_set_string_member (object, "type", tessera_record_get_entity (record)->name);
  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  fprintf (self->documents, "%s\n", text);
}

static void
write_plain (Filling *self, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  g_autoptr (GString) sql = g_string_new (NULL);
  sqlite3_stmt *statement;

  g_string_append_printf (sql, "INSERT INTO %s VALUES (?1", entity->name);
  for (guint i = 0; i < entity->n_fields; i++)
    g_string_append_printf (sql, ", ?%u", i + 2);
  g_string_append_c (sql, ')');
  g_assert_cmpint (sqlite3_prepare_v2 (self->plain, sql->str, -1, &statement, NULL), ==, SQLITE_OK);
  sqlite3_bind_text (statement, 1, tessera_record_get_id (record), -1, SQLITE_TRANSIENT);
  for (guint i = 0; i < entity->n_fields; i++)
    sqlite3_bind_text (statement, (int) i + 2, tessera_record_get_at (record, i), -1, SQLITE_TRANSIENT);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
  sqlite3_finalize (statement);
}

static void
create_plain (Filling *self, TesseraRegistry *registry, const char *path) {
  const char *names[] = { "client", "visit" };

  g_assert_cmpint (sqlite3_open (path, &self->plain), ==, SQLITE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const TesseraEntity *entity = tessera_registry_get_entity (registry, names[i]);
    g_autoptr (GString) sql = g_string_new (NULL);

    g_string_append_printf (sql, "CREATE TABLE %s (id TEXT PRIMARY KEY", names[i]);
    for (guint j = 0; j < entity->n_fields; j++)
      g_string_append_printf (sql, ", \"%s\" TEXT", entity->fields[j].name);
    g_string_append_c (sql, ')');
    g_assert_cmpint (sqlite3_exec (self->plain, sql->str, NULL, NULL, NULL), ==, SQLITE_OK);
  }
  sqlite3_exec (self->plain, "BEGIN", NULL, NULL, NULL);
}

static gboolean
keep (Filling *self, TesseraTransaction *transaction, TesseraRecord *record, GError **error) {
  if (self->documents)
    write_document (self, record);
  if (self->plain)
    write_plain (self, record);
  return tessera_transaction_save (transaction, record, error);
}

static gboolean
add_clients (TesseraTransaction *transaction, gpointer data, GError **error) {
  Filling *self = data;

  for (guint i = 0; i < BATCH && self->done < self->n; i++, self->done++) {
    g_autoptr (TesseraRecord) client = tessera_transaction_new_record (transaction, "client");
    g_autofree char *name = g_strdup_printf ("Test Person %u", self->done);
    g_autofree char *phone = g_strdup_printf ("+000 %07u", g_rand_int_range (self->random, 0, 9999999));
    g_autofree char *address = make_text (self->random, 6);
    g_autofree char *wish = make_text (self->random, 30);

    tessera_record_set (client, "name", name);
    tessera_record_set (client, "phone", phone);
    tessera_record_set (client, "address", address);
    tessera_record_set (client, "expectation", wish);
    tessera_record_set (client, "language", "ar");
    tessera_record_set (client, "languages", "ar,fr");
    tessera_record_set (client, "step", "inclusion");
    tessera_record_set (client, "case_state", "open");
    tessera_record_set_integer (client, "birth_year", g_rand_int_range (self->random, 1950, 2010));
    tessera_record_set_integer (client, "registered_at", tessera_transaction_get_now (transaction));
    g_ptr_array_add (self->clients, g_strdup (tessera_record_get_id (client)));
    if (!keep (self, transaction, client, error))
      return FALSE;
  }
  return TRUE;
}

static TesseraRecord *
make_visit (Filling *self, TesseraTransaction *transaction) {
  TesseraRecord *visit = tessera_transaction_new_record (transaction, "visit");
  g_autofree char *summary = make_text (self->random, 45);
  g_autofree char *told = make_text (self->random, 20);

  tessera_record_set (visit, "client",
                      self->clients->pdata[g_rand_int_range (self->random, 0, (int) self->clients->len)]);
  tessera_record_set_integer (visit, "at", tessera_transaction_get_now (transaction));
  tessera_record_set (visit, "how", "desk");
  tessera_record_set (visit, "language", "ar");
  tessera_record_set_integer (visit, "minutes", g_rand_int_range (self->random, 5, 60));
  tessera_record_set (visit, "domains", "home,work");
  tessera_record_set (visit, "summary", summary);
  tessera_record_set (visit, "told", told);
  return visit;
}

static gboolean
add_visits (TesseraTransaction *transaction, gpointer data, GError **error) {
  Filling *self = data;

  for (guint i = 0; i < BATCH && self->done < self->n; i++, self->done++) {
    g_autoptr (TesseraRecord) visit = make_visit (self, transaction);

    if (!keep (self, transaction, visit, error))
      return FALSE;
  }
  return TRUE;
}

/* Of ten changes five are new visits, four edits of a client, one a correction. */
static gboolean
make_changes (TesseraTransaction *transaction, gpointer data, GError **error) {
  Filling *self = data;

  for (guint i = 0; i < self->n; i++) {
    g_autoptr (TesseraRecord) record = NULL;

    if (i % 10 < 6) {
      record = make_visit (self, transaction);
    } else {
      g_autofree char *phone = g_strdup_printf ("+001 %07u", g_rand_int_range (self->random, 0, 9999999));

      record = tessera_transaction_load (
        transaction, "client", self->clients->pdata[g_rand_int_range (self->random, 0, (int) self->clients->len)], error);
      if (!record)
        return FALSE;
      tessera_record_set (record, "phone", phone);
    }
    if (!tessera_transaction_save (transaction, record, error))
      return FALSE;
  }
  return TRUE;
}

static void
run (Laptop *laptop, TesseraStoreFunc func, gpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (laptop->store, func, data, &error);
  g_assert_no_error (error);
}

static void
fill (Laptop *laptop, Filling *filling, guint n_clients, guint n_visits) {
  gint64 start = g_get_monotonic_time ();

  filling->n = n_clients;
  while (filling->done < filling->n)
    run (laptop, add_clients, filling);
  filling->n = n_visits;
  filling->done = 0;
  while (filling->done < filling->n)
    run (laptop, add_visits, filling);
  sqlite3_exec (filling->plain, "COMMIT", NULL, NULL, NULL);
  g_clear_pointer (&filling->plain, sqlite3_close);
  g_clear_pointer (&filling->documents, fclose);
  g_print ("%u clients and %u visits written in %.1f s\n\n", n_clients, n_visits, seconds_since (start));
}

/* ---- two laptops ---- */

static gboolean
create_organization (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraIdentityFacts facts = { .organization = "Harbour Aid", .worker = "Sara Test", .role = "supervisor",
                                 .language = "en" };
  TesseraRecord **worker = data;

  *worker = tessera_identity_create (transaction, &facts, error);
  return *worker != NULL;
}

static gboolean
ask (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraJoiningFacts facts = { .worker = "Omar Test", .language = "en" };

  return tessera_joining_prepare (transaction, &facts, error)
         && (*(char **) data = tessera_joining_request (transaction, NULL, error)) != NULL;
}

static gboolean
admit (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraAdmission admission = { .role = "worker" };
  char **text = data;
  char *invitation = tessera_joining_admit (transaction, *text, strlen (*text), &admission, NULL, error);

  g_free (*text);
  *text = invitation;
  return invitation != NULL;
}

static gboolean
join (TesseraTransaction *transaction, gpointer data, GError **error) {
  char **text = data;

  return tessera_joining_join (transaction, *text, strlen (*text), NULL, error);
}

static void
create_laptop (Laptop *laptop) {
  laptop->folder = fixture_make_folder ();
  laptop->vault = fixture_create_vault (laptop->folder);
  laptop->store = fixture_open_store (laptop->vault);
}

static void
open_laptop (Laptop *laptop) {
  laptop->vault = fixture_unlock_vault (laptop->folder);
  laptop->store = fixture_open_store (laptop->vault);
}

static void
close_laptop (Laptop *laptop) {
  fixture_close (&laptop->store, &laptop->vault);
}

static GPtrArray *
list_outbox (const char *folder) {
  g_autofree char *outbox = g_build_filename (folder, "outbox", NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) entries = g_dir_open (outbox, 0, NULL);
  const char *name;

  while (entries && (name = g_dir_read_name (entries)))
    g_ptr_array_add (names, g_build_filename (outbox, name, NULL));
  return names;
}

/* ---- the processes of the two laptops ---- */

static void
seal_waiting (Laptop *laptop) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_exchange_seal_waiting (laptop->store, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
take_in_outbox (Laptop *laptop, const char *from) {
  g_autoptr (GPtrArray) names = list_outbox (from);

  for (guint i = 0; i < names->len; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TesseraArrival) arrival = tessera_exchange_take_in (laptop->store, names->pdata[i], NULL, NULL, NULL,
                                                                   &error);

    g_assert_no_error (error);
    /* What comes before the list of laptops waits for it. */
    g_assert_true (arrival->state == TESSERA_ARRIVAL_APPLIED || arrival->state == TESSERA_ARRIVAL_PARKED);
  }
}

/* --seal FOLDER, or --take FOLDER FROM; says on standard output what it took. */
static int
serve (char *argv[]) {
  Laptop laptop = { .folder = argv[2] };
  Measure measure;
  gint64 start;

  open_laptop (&laptop);
  reset_peak ();
  start = g_get_monotonic_time ();
  measure.work = get_work (RUSAGE_SELF);
  if (argv[3])
    take_in_outbox (&laptop, argv[3]);
  else
    seal_waiting (&laptop);
  measure.seconds = seconds_since (start);
  measure.work = get_work (RUSAGE_SELF) - measure.work;
  measure.peak = get_peak ();
  fwrite (&measure, sizeof measure, 1, stdout);
  fflush (stdout);
  close_laptop (&laptop);
  return 0;
}

static Measure
ask_process (const char *what, const char *folder, const char *from) {
  const char *arguments[] = { "/proc/self/exe", what, folder, from, NULL };
  g_autofree char *path = g_file_read_link (arguments[0], NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GError) error = NULL;
  Measure measure;

  arguments[0] = path;
  process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_cmpuint (g_bytes_get_size (output), ==, sizeof measure);
  memcpy (&measure, g_bytes_get_data (output, NULL), sizeof measure);
  return measure;
}

static Measure
ask_to_seal (const char *folder) {
  return ask_process ("--seal", folder, NULL);
}

static Measure
ask_to_take (const char *folder, const char *from) {
  g_autoptr (GPtrArray) names = list_outbox (from);
  Measure measure = ask_process ("--take", folder, from);

  measure.bytes = 0;
  for (guint i = 0; i < names->len; i++) {
    GStatBuf status;

    g_stat (names->pdata[i], &status);
    measure.bytes += status.st_size;
    g_unlink (names->pdata[i]);
  }
  return measure;
}

/* ---- what one would use instead ---- */

static Measure
time_command (const char *command, const char *folder, char **ret_output) {
  const char *arguments[] = { "sh", "-c", command, NULL };
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  Measure measure = { .work = get_work (RUSAGE_CHILDREN) };
  int status;

  g_spawn_sync (folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, ret_output, NULL, &status, &error);
  g_assert_no_error (error);
  measure.work = get_work (RUSAGE_CHILDREN) - measure.work;
  measure.seconds = g_spawn_check_wait_status (status, NULL) ? seconds_since (start) : -1;
  return measure;
}

static Measure
time_floor (const char *folder) {
  time_command ("age-keygen -o key.txt 2>age.log && age-keygen -y key.txt > key.pub", folder, NULL);
  return time_command ("sqlite3 plain.db .dump | zstd -q -3 | age -R key.pub -o floor.age && rm -f back.db &&"
                       " age -d -i key.txt floor.age | zstd -q -d | sqlite3 back.db", folder, NULL);
}

static double
time_pouchdb (const char *source, const char *folder, double *ret_later) {
  const char *modules = g_getenv ("TESSERA_POUCHDB");
  g_autofree char *command = NULL;
  g_autofree char *output = NULL;
  g_auto (GStrv) parts = NULL;

  if (!modules)
    return -1;
  command = g_strdup_printf ("cp '%s/pouchdb.cjs' '%s/' && cd '%s' && node pouchdb.cjs '%s/documents.ndjson'", source,
                             modules, modules, folder);
  if (time_command (command, folder, &output).seconds < 0)
    return -1;
  parts = g_strsplit (output, " ", 3);
  *ret_later = parts[0] && parts[1] ? g_ascii_strtod (parts[1], NULL) : 0;
  return g_ascii_strtod (parts[0], NULL);
}

/* ---- the story ---- */

typedef struct {
  Laptop a;
  Laptop b;
  Filling filling;
  const char *source;
  char *folder;
  guint n_clients;
  guint n_visits;
} Story;

/* The second laptop is empty, and may read everything. */
static void
prepare (Story *self) {
  g_autoptr (TesseraRecord) worker = NULL;
  g_autofree char *plain = g_build_filename (self->folder, "plain.db", NULL);
  g_autofree char *documents = g_build_filename (self->folder, "documents.ndjson", NULL);
  g_autofree char *text = NULL;

  self->filling.clients = g_ptr_array_new_with_free_func (g_free);
  self->filling.documents = fopen (documents, "w");
  create_laptop (&self->a);
  run (&self->a, create_organization, &worker);
  tessera_store_set_worker (self->a.store, tessera_record_get_id (worker));
  create_plain (&self->filling, tessera_store_get_registry (self->a.store), plain);
  fill (&self->a, &self->filling, self->n_clients, self->n_visits);
  create_laptop (&self->b);
  run (&self->b, ask, &text);
  run (&self->a, admit, &text);
  run (&self->b, join, &text);
  close_laptop (&self->a);
  close_laptop (&self->b);
}

static void
print_measure (const char *what, const Measure *measure) {
  g_print ("%-26s%7.3f s, processor %7.3f s", what, measure->seconds, measure->work);
  if (measure->peak > 0)
    g_print (", peak memory %.0f MiB", measure->peak);
  g_print ("\n");
}

static void
exchange_first (Story *self) {
  Measure seal = ask_to_seal (self->a.folder);
  Measure take = ask_to_take (self->b.folder, self->a.folder);
  Measure base = time_floor (self->folder);
  double pouch, pouch_later = 0;

  g_print ("first exchange, %.1f MB\n", (double) take.bytes / 1e6);
  print_measure ("  sealing", &seal);
  print_measure ("  taking in", &take);
  print_measure ("sqlite3 | zstd | age", &base);
  g_print ("ratio                     %7.2f    processor %7.2f\n", (seal.seconds + take.seconds) / base.seconds,
           (seal.work + take.work) / base.work);
  pouch = time_pouchdb (self->source, self->folder, &pouch_later);
  if (pouch > 0)
    g_print ("PouchDB                   %7.2f s, %.1f times as long; 1000 later changes %.3f s\n", pouch,
             pouch / (seal.seconds + take.seconds), pouch_later);
  else
    g_print ("PouchDB                   not measured: TESSERA_POUCHDB names no folder with it\n");
  ask_to_seal (self->b.folder);
  ask_to_take (self->a.folder, self->b.folder);
}

static void
exchange_later (Story *self, guint n_changes) {
  g_autofree char *what = g_strdup_printf ("%5u later changes", n_changes);
  Measure seal, take;

  self->filling.n = n_changes;
  open_laptop (&self->a);
  run (&self->a, make_changes, &self->filling);
  close_laptop (&self->a);
  seal = ask_to_seal (self->a.folder);
  take = ask_to_take (self->b.folder, self->a.folder);
  g_print ("%s, %.0f kB, %.0f us each, processor %.0f us each\n", what, (double) take.bytes / 1e3,
           (seal.seconds + take.seconds) * 1e6 / n_changes, (seal.work + take.work) * 1e6 / n_changes);
  print_measure ("  sealing", &seal);
  print_measure ("  taking in", &take);
}

int
main (int argc, char *argv[]) {
  static const guint steps[] = { 1000, 1000, 2000, 4000 };
  Story story = { .source = argc > 1 ? argv[1] : "." };

  setlocale (LC_ALL, "");
  if (argc > 2 && g_str_has_prefix (argv[1], "--"))
    return serve (argv);
  story.n_clients = argc > 2 ? (guint) atoi (argv[2]) : 10000;
  story.n_visits = argc > 3 ? (guint) atoi (argv[3]) : 100000;
  story.filling.random = g_rand_new_with_seed (1);
  story.folder = fixture_make_folder ();
  prepare (&story);
  exchange_first (&story);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    exchange_later (&story, steps[i]);
  fixture_remove_folder (story.a.folder);
  fixture_remove_folder (story.b.folder);
  fixture_remove_folder (story.folder);
  g_ptr_array_unref (story.filling.clients);
  g_rand_free (story.filling.random);
  g_free (story.a.folder);
  g_free (story.b.folder);
  g_free (story.folder);
  return 0;
}
