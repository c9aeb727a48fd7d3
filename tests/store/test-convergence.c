/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-convergence.c: random histories of several devices that write, publish, lose, repeat, reorder and take in each
 * other's changes, with clocks years apart, interrupted imports, snapshots, erasures, a revoked laptop and logs that forget. In the end all
 * must hold the same rows, the same siblings and the same conflicts, nothing may be lost, and a model kept beside them
 * says which edits were concurrent.
 *
 *   test-convergence            a thousand histories
 *   TESSERA_HISTORIES=100000 TESSERA_SEED=7 test-convergence
 */
#include <locale.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-merge.h"
#include "tessera-store.h"

#define MOST_DEVICES 8
/* Checkers of memory make each history several times as long. */
#ifdef __SANITIZE_ADDRESS__
#define HISTORIES 100
#else
#define HISTORIES 1000
#endif
#define N_SERVICES 3

/* A write of a sensitive field, as the model remembers it. */
typedef struct {
  char *row;
  const char *field;
  char *value;
  char *stream;
  gint64 sequence;
  GHashTable *seen;
} Write;

typedef struct {
  char *stream;
  GPtrArray *lines;
} Post;

typedef struct {
  TesseraConnection *connection;
  char *stream;
  gint64 published;
  gint64 skew;          /* milliseconds */
  gboolean undone;      /* it has heard of the revocation */
} Device;

typedef struct {
  GRand *random;
  Device devices[MOST_DEVICES];
  guint n_devices;
  GPtrArray *posts;
  GPtrArray *clients;
  GPtrArray *writes;
  GHashTable *visits;   /* id -> number of its writer, or -1 once its client was erased */
  GHashTable *erased;
  GHashTable *deleted;
  int revoked;          /* -1 */
  gint64 last_good;
  gint64 now;
  gboolean compacts;    /* then no laptop is lost: what was forgotten cannot come back */
} World;

typedef struct {
  guint64 histories, changes, deliveries, repeated, parked, crashes, snapshots, conflicts, erasures, revocations,
    deletions, double_rows, compacted;
} Counts;

static Counts counts;
static TesseraRegistry *registry;
static sqlite3 *template;
static TesseraSecret *audit_key;

/* ---- devices ---- */

static TesseraConnection *
connect_memory (void) {
  TesseraConnection *connection = tessera_connection_new (registry);
  sqlite3_backup *backup;
  g_autoptr (GError) error = NULL;

  connection->audit_key = tessera_secret_copy (audit_key);
  g_assert_cmpint (sqlite3_open (":memory:", &connection->database), ==, SQLITE_OK);
  if (template) {
    backup = sqlite3_backup_init (connection->database, "main", template, "main");
    g_assert_cmpint (sqlite3_backup_step (backup, -1), ==, SQLITE_DONE);
    sqlite3_backup_finish (backup);
  } else {
    g_assert_true (tessera_schema_prepare (connection, &error));
  }
  return connection;
}

static void
make_template (void) {
  TesseraConnection *connection = connect_memory ();
  sqlite3_backup *backup;

  g_assert_cmpint (sqlite3_open (":memory:", &template), ==, SQLITE_OK);
  backup = sqlite3_backup_init (template, "main", connection->database, "main");
  g_assert_cmpint (sqlite3_backup_step (backup, -1), ==, SQLITE_DONE);
  sqlite3_backup_finish (backup);
  tessera_connection_close (connection);
}

/* Every device is a copy of the template, so it gets a stream, a device and the common circle of its own. */
static void
start_device (World *world, guint number) {
  Device *device = &world->devices[number];
  g_autofree char *sql = g_strdup_printf (
    "UPDATE stream SET id = x'%02x%030x', device = x'%032x', circle = x'%032x'", g_rand_int_range (world->random, 0, 256),
    number + 1, number + 1, 7);
  g_autoptr (GError) error = NULL;

  device->connection = connect_memory ();
  g_assert_true (tessera_connection_execute (device->connection, sql, &error));
  g_assert_true (tessera_change_log_open (device->connection, &error));
  device->published = 0;
  device->undone = FALSE;
  device->skew = g_rand_int_range (world->random, 0, 4) == 0
    ? (gint64) g_rand_int_range (world->random, -40, 40) * G_GINT64_CONSTANT (31536000000) / 4 : 0;
}

static TesseraTransaction
begin (World *world, Device *device) {
  TesseraTransaction tx = { device->connection, TRUE, MAX (1, world->now + device->skew), NULL,
                            g_hash_table_new (g_str_hash, g_str_equal), NULL };

  g_assert_true (tessera_connection_execute (device->connection, "BEGIN IMMEDIATE", NULL));
  return tx;
}

static void
end (TesseraTransaction *tx) {
  g_hash_table_unref (tx->changed);
  g_clear_pointer (&tx->attachments, g_hash_table_unref);
}

static void
commit (TesseraTransaction *tx) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_change_log_finish (tx, &error));
  g_assert_no_error (error);
  g_assert_true (tessera_connection_execute (tx->connection, "COMMIT", &error));
  end (tx);
}

/* As the store does when a transaction fails, or the computer is switched off. */
static void
roll_back (TesseraTransaction *tx) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_connection_execute (tx->connection, "ROLLBACK", &error));
  g_clear_pointer (&tx->connection->device, g_free);
  g_assert_true (tessera_change_log_open (tx->connection, &error));
  end (tx);
}

/* ---- writing ---- */

static void
write_free (gpointer pointer) {
  Write *write = pointer;

  g_free (write->row);
  g_free (write->value);
  g_free (write->stream);
  g_hash_table_unref (write->seen);
  g_free (write);
}

static void
remember (World *world, TesseraTransaction *tx, const char *row, const char *field, const char *value) {
  Write *write = g_new0 (Write, 1);

  write->row = g_strdup (row);
  write->field = field;
  write->value = g_strdup (value);
  write->stream = tessera_transaction_get_own_stream (tx, NULL);
  write->sequence = tx->connection->sequence;
  write->seen = tessera_transaction_get_vector (tx, NULL);
  tessera_vector_set (write->seen, write->stream, write->sequence - 1);
  g_ptr_array_add (world->writes, write);
}

static char *
make_value (World *world) {
  return g_strdup_printf ("value %d", g_rand_int_range (world->random, 0, 5));
}

static void
save (TesseraTransaction *tx, TesseraRecord *record) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_transaction_save (tx, record, &error));
  g_assert_no_error (error);
}

static void
make_client (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (&tx, "client");
  g_autofree char *name = make_value (world);

  tessera_record_set (client, "name", name);
  if (g_rand_boolean (world->random))
    tessera_record_set (client, "languages", "ar,fr");
  save (&tx, client);
  remember (world, &tx, tessera_record_get_id (client), "name", name);
  remember (world, &tx, tessera_record_get_id (client), "phone", NULL);
  g_ptr_array_add (world->clients, g_strdup (tessera_record_get_id (client)));
  commit (&tx);
}

static const char *
pick_client (World *world) {
  return world->clients->len ? world->clients->pdata[g_rand_int_range (world->random, 0, (int) world->clients->len)]
                             : NULL;
}

static void
edit_client (World *world, Device *device) {
  static const char *const sets[] = { NULL, "ar", "fr", "ti", "ar,ti", "fr,ti", "ar,fr,ti" };
  TesseraTransaction tx = begin (world, device);
  g_autoptr (TesseraRecord) client = tessera_transaction_find (&tx, "client", pick_client (world));
  g_autofree char *value = make_value (world);
  const char *field = g_rand_boolean (world->random) ? "name" : "phone";

  if (client) {
    gboolean sensitive = g_rand_int_range (world->random, 0, 3) > 0;
    gboolean differs = g_strcmp0 (tessera_record_get (client, field), value) != 0;

    if (sensitive)
      tessera_record_set (client, field, value);
    if (g_rand_int_range (world->random, 0, 3) == 0)
      tessera_record_set (client, "email", value);
    if (g_rand_int_range (world->random, 0, 3) == 0)
      tessera_record_set (client, "languages", sets[g_rand_int_range (world->random, 0, G_N_ELEMENTS (sets))]);
    save (&tx, client);
    if (sensitive && differs)
      remember (world, &tx, tessera_record_get_id (client), field, value);
  }
  commit (&tx);
}

static void
settle (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    &tx, "SELECT \"row\", field FROM \"conflict\" WHERE resolved_at IS NULL LIMIT 1", NULL);

  if (tessera_statement_step (statement, NULL)) {
    g_autofree char *row = g_strdup (tessera_statement_get_text (statement, 0));
    const char *field = strcmp (tessera_statement_get_text (statement, 1), "name") == 0 ? "name" : "phone";
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) siblings = tessera_transaction_list_siblings (&tx, "client", row, field, &error);
    const TesseraSibling *chosen;

    g_assert_no_error (error);
    g_assert_cmpuint (siblings->len, >, 1);
    chosen = siblings->pdata[g_rand_int_range (world->random, 0, (int) siblings->len)];
    g_clear_object (&statement);
    g_assert_true (tessera_transaction_settle (&tx, "client", row, field, chosen->value, &error));
    remember (world, &tx, row, field, chosen->value);
  }
  g_clear_object (&statement);
  commit (&tx);
}

static void
add_visit (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (TesseraRecord) client = tessera_transaction_find (&tx, "client", pick_client (world));

  if (client) {
    g_autoptr (TesseraRecord) visit = tessera_transaction_new_record (&tx, "visit");

    tessera_record_set (visit, "client", tessera_record_get_id (client));
    tessera_record_set_integer (visit, "at", world->now);
    tessera_record_set (visit, "how", "desk");
    tessera_record_set (visit, "summary", "Said \"hello\"\nمرحبا");
    save (&tx, visit);
    g_hash_table_insert (world->visits, g_strdup (tessera_record_get_id (visit)),
                         g_strdup_printf ("%d %" G_GINT64_FORMAT " %s", (int) (device - world->devices),
                                          tx.connection->sequence, tessera_record_get_id (client)));
  }
  commit (&tx);
}

/* The same service on several devices, as when they import the same directory. */
static void
write_service (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autofree char *id = g_strdup_printf ("01900000-0000-7000-8000-00000000000%d",
                                         g_rand_int_range (world->random, 0, N_SERVICES));
  g_autoptr (TesseraRecord) service = tessera_transaction_find (&tx, "service", id);
  g_autofree char *value = make_value (world);

  if (!service) {
    service = tessera_record_new_for (registry, tessera_registry_get_entity (registry, "service"), id);
    counts.double_rows++;
  }
  tessera_record_set (service, "name", value);
  if (g_rand_boolean (world->random))
    tessera_record_set (service, "email", g_rand_boolean (world->random) ? value : NULL);
  save (&tx, service);
  commit (&tx);
}

static void
delete_something (World *world, Device *device) {
  gboolean is_client = g_rand_int_range (world->random, 0, 3) == 0;
  TesseraTransaction tx = begin (world, device);
  g_autofree char *service = g_strdup_printf ("01900000-0000-7000-8000-00000000000%d",
                                              g_rand_int_range (world->random, 0, N_SERVICES));
  const char *id = is_client ? pick_client (world) : service;
  g_autoptr (TesseraRecord) record = tessera_transaction_find (&tx, is_client ? "client" : "service", id);
  g_autoptr (GError) error = NULL;

  if (record) {
    g_assert_true (tessera_transaction_delete (&tx, record, &error));
    g_assert_no_error (error);
    g_hash_table_add (world->deleted, g_strdup (id));
    counts.deletions++;
  }
  commit (&tx);
}

static void
erase (World *world) {
  Device *device = &world->devices[0];
  TesseraTransaction tx = begin (world, device);
  const char *id = pick_client (world);
  g_autoptr (TesseraRecord) client = tessera_transaction_find (&tx, "client", id);
  g_autoptr (GError) error = NULL;

  if (client) {
    g_assert_true (tessera_transaction_erase (&tx, id, "asked", &error));
    g_assert_no_error (error);
    g_hash_table_add (world->erased, g_strdup (id));
    counts.erasures++;
  }
  commit (&tx);
}

/* ---- the post ---- */

static void
post_free (gpointer pointer) {
  Post *post = pointer;

  g_free (post->stream);
  g_ptr_array_unref (post->lines);
  g_free (post);
}

static gboolean
keep_line (const char *line, gsize length, gpointer data, GError **error) {
  g_ptr_array_add (data, g_strndup (line, length));
  return TRUE;
}

static void
post (World *world, Device *device, GHashTable *after, gboolean everything) {
  TesseraTransaction tx = begin (world, device);
  const char *streams[] = { device->stream, NULL };
  Post *made = g_new0 (Post, 1);
  g_autoptr (GError) error = NULL;

  made->stream = g_strdup (device->stream);
  made->lines = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (tessera_transaction_write_changes (&tx, NULL, everything ? NULL : streams, after, keep_line, made->lines,
                                                    &error));
  g_assert_no_error (error);
  commit (&tx);
  g_ptr_array_add (world->posts, made);
}

/* Only what is new, or (a colleague asked again) from somewhere before. */
static void
publish (World *world, Device *device) {
  g_autoptr (GHashTable) after = tessera_vector_new ();
  gint64 from = device->published;

  if (from > 0 && g_rand_int_range (world->random, 0, 4) == 0)
    from = g_rand_int_range (world->random, 0, (int) from);
  tessera_vector_set (after, device->stream, from);
  post (world, device, after, FALSE);
  device->published = device->connection->sequence;
}

static void
publish_snapshot (World *world, Device *device) {
  Device *other = &world->devices[g_rand_int_range (world->random, 0, (int) world->n_devices)];
  TesseraTransaction tx = begin (world, other);
  g_autoptr (GHashTable) after = tessera_transaction_get_vector (&tx, NULL);

  commit (&tx);
  post (world, device, after, TRUE);
  counts.snapshots++;
}

/* %TRUE when it could be applied. */
static gboolean
deliver (World *world, Device *device, const Post *letter, gboolean may_crash) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (TesseraMerging) merging = tessera_merging_new (&tx, NULL, NULL);
  guint crash = may_crash && g_rand_int_range (world->random, 0, 8) == 0
    ? (guint) g_rand_int_range (world->random, 0, (int) letter->lines->len + 1) : G_MAXUINT;
  gint64 n_changes = 0;
  g_autoptr (GError) error = NULL;

  counts.deliveries++;
  for (guint i = 0; i < letter->lines->len; i++) {
    const char *line = letter->lines->pdata[i];

    if (i == crash || !tessera_merging_line (merging, line, strlen (line), &error))
      break;
  }
  if (crash <= letter->lines->len && !error) {
    counts.crashes++;
    g_clear_pointer (&merging, tessera_merging_free);
    roll_back (&tx);
    return FALSE;
  }
  if (error && !g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_GAP)
      && !g_error_matches (error, TESSERA_MERGE_ERROR, TESSERA_MERGE_ERROR_NEEDS))
    g_error ("%s", error->message);
  counts.parked += error != NULL;
  g_assert_true (tessera_merging_finish (merging, &n_changes, NULL, NULL));
  counts.repeated += n_changes == 0;
  g_clear_pointer (&merging, tessera_merging_free);
  commit (&tx);
  return error == NULL;
}

/* Mostly something new; now and then an old one again. */
static void
deliver_something (World *world, Device *device) {
  int n = (int) world->posts->len;
  int from = g_rand_int_range (world->random, 0, 4) == 0 ? 0 : MAX (0, n - 6);

  if (n > 0)
    deliver (world, device, world->posts->pdata[g_rand_int_range (world->random, from, n)], TRUE);
}

/* ---- a lost laptop ---- */

static void
hear_of_revocation (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (GError) error = NULL;

  if (world->revoked >= 0 && !device->undone && device != &world->devices[world->revoked]) {
    g_autofree char *id = g_strdup_printf ("%032x", world->revoked + 1);

    g_assert_true (tessera_transaction_undo_stream (&tx, id, world->devices[world->revoked].stream, world->last_good,
                                                    &error));
    g_assert_no_error (error);
    device->undone = TRUE;
  }
  commit (&tx);
}

static void
lose_laptop (World *world) {
  TesseraTransaction tx;
  g_autoptr (GHashTable) vector = NULL;

  if (world->compacts || world->revoked >= 0 || world->n_devices < 3)
    return;
  world->revoked = g_rand_int_range (world->random, 1, (int) world->n_devices);
  tx = begin (world, &world->devices[0]);
  vector = tessera_transaction_get_vector (&tx, NULL);
  world->last_good = tessera_vector_get (vector, world->devices[world->revoked].stream);
  if (world->last_good > 0 && g_rand_boolean (world->random))
    world->last_good = g_rand_int_range (world->random, 0, (int) world->last_good + 1);
  commit (&tx);
  counts.revocations++;
  hear_of_revocation (world, &world->devices[0]);
}

/* ---- logs that forget ---- */

/* What all who are left have; nothing while somebody wrote what is not here, for they may not have seen the rest. */
static GHashTable *
find_stable (World *world, Device *device) {
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  GHashTable *stable;
  TesseraTransaction tx;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < world->n_devices; i++) {
    g_autoptr (GHashTable) vector = NULL;

    if (device == &world->devices[i] || world->revoked == (int) i)
      continue;
    tx = begin (world, &world->devices[i]);
    vector = tessera_transaction_get_vector (&tx, NULL);
    commit (&tx);
    g_ptr_array_add (others, g_strdup_printf ("%032x", i + 1));
    tx = begin (world, device);
    g_assert_true (tessera_transaction_note_acknowledged (&tx, others->pdata[others->len - 1], vector, &error));
    commit (&tx);
  }
  tx = begin (world, device);
  stable = tessera_transaction_get_stable (&tx, others, &error);
  g_assert_no_error (error);
  commit (&tx);
  return stable;
}

static void
compact (World *world, Device *device) {
  g_autoptr (GHashTable) stable = find_stable (world, device);
  TesseraTransaction tx = begin (world, device);
  gint64 older = g_rand_boolean (world->random) ? world->now : G_GINT64_CONSTANT (4000000000000);
  gint64 count = 0;
  gboolean more = TRUE;
  g_autoptr (GError) error = NULL;

  while (more) {
    g_assert_true (tessera_transaction_compact (&tx, stable, older, &count, &more, &error));
    g_assert_no_error (error);
    counts.compacted += (guint64) count;
  }
  count = 0;
  g_assert_true (tessera_change_log_check (&tx, &count, &error));
  commit (&tx);
}

/* One laptop hears from all the others first, as the one that exchanges most does. */
static void
hear_all_and_compact (World *world, Device *device) {
  for (guint i = 0; i < world->n_devices; i++) {
    g_autoptr (GHashTable) nothing = tessera_vector_new ();

    if (device == &world->devices[i])
      continue;
    post (world, &world->devices[i], nothing, TRUE);
    deliver (world, device, world->posts->pdata[world->posts->len - 1], FALSE);
  }
  compact (world, device);
}

/* ---- the end ---- */

static void
bring_together (World *world) {
  gboolean moved = TRUE;

  for (guint i = 0; i < world->n_devices; i++) {
    g_autoptr (GHashTable) nothing = tessera_vector_new ();

    post (world, &world->devices[i], nothing, FALSE);
  }
  for (guint round = 0; moved && round < 40; round++) {
    moved = FALSE;
    for (guint i = 0; i < world->n_devices; i++) {
      if (world->revoked == (int) i)
        continue;
      for (guint j = world->posts->len - world->n_devices; j < world->posts->len; j++) {
        Device *device = &world->devices[i];

        hear_of_revocation (world, device);
        moved |= !deliver (world, device, world->posts->pdata[j], FALSE);
      }
    }
  }
  g_assert_false (moved);
}

static void
append_query (GString *out, TesseraTransaction *tx, const char *sql) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (tx, sql, &error);

  g_assert_no_error (error);
  while (tessera_statement_step (statement, &error))
    g_string_append_printf (out, "%s\n", tessera_statement_get_text (statement, 0));
  g_assert_no_error (error);
}

static char *
describe (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  GString *out = g_string_new (NULL);

  append_query (out, &tx, "SELECT 'client ' || hex(c.id) || '|' || ifnull(name, '-') || '|' || ifnull(phone, '-') || '|' ||"
                          " ifnull(email, '-') || '|' || ifnull(languages, '-') || '|' || hex(s.id) || ' ' || c._seq"
                          " FROM client c JOIN stream s ON s.sid = c._sid ORDER BY c.id");
  append_query (out, &tx, "SELECT 'visit ' || hex(c.id) || '|' || summary || '|' || hex(s.id) || ' ' || c._seq"
                          " FROM visit c JOIN stream s ON s.sid = c._sid ORDER BY c.id");
  append_query (out, &tx, "SELECT 'service ' || hex(c.id) || '|' || name || '|' || ifnull(email, '-') || '|' ||"
                          " hex(s.id) || ' ' || c._seq FROM service c JOIN stream s ON s.sid = c._sid ORDER BY c.id");
  append_query (out, &tx, "SELECT 'sibling ' || b.entity || ' ' || hex(b.row) || ' ' || field || ' ' || hex(s.id) || ' ' ||"
                          " b.seq || ' ' || ifnull(value, '-') FROM sibling b JOIN stream s USING (sid)"
                          " ORDER BY b.entity, b.row, field, s.id, b.seq");
  append_query (out, &tx, "SELECT 'conflict ' || \"row\" || ' ' || field FROM \"conflict\" WHERE resolved_at IS NULL"
                          " ORDER BY \"row\", field");
  append_query (out, &tx, "SELECT 'erased ' || hex(subject) FROM erased ORDER BY subject");
  append_query (out, &tx, "SELECT 'words ' || hex(c.id) || ' ' || ifnull((SELECT words FROM client_words w"
                          " WHERE w.rowid = c._rowid), '-') FROM client c ORDER BY c.id");
  commit (&tx);
  return g_string_free (out, FALSE);
}

/* Change by change or from the log alone: the same. */
static void
rebuild_everything (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraStreams) streams = tessera_streams_load (&tx, &error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    &tx, "SELECT DISTINCT row, entity FROM change WHERE kind <> 5 AND kind <> 4 AND entity IN (4, 6, 62)", &error);

  g_assert_no_error (error);
  while (tessera_statement_step (statement, &error)) {
    gsize size;
    guint8 *row = g_malloc (17);

    memcpy (row, tessera_statement_peek_bytes (statement, 0, &size), 16);
    row[16] = (guint8) tessera_statement_get_integer (statement, 1);
    g_ptr_array_add (rows, row);
  }
  g_clear_object (&statement);
  for (guint i = 0; i < rows->len; i++) {
    const guint8 *row = rows->pdata[i];

    g_assert_true (tessera_merge_row_rebuild (streams, tessera_registry_get_entity_by_number (registry, row[16]), row,
                                              &error));
    g_assert_no_error (error);
  }
  commit (&tx);
}

static gboolean
counts_for_nothing (World *world, const char *stream, gint64 sequence) {
  return world->revoked >= 0 && strcmp (world->devices[world->revoked].stream, stream) == 0
         && sequence > world->last_good;
}

/* The values that no other write had seen, worked out from the model alone. */
static void
check_conflicts (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);

  for (guint i = 0; i < world->writes->len; i++) {
    const Write *one = world->writes->pdata[i];
    g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (TesseraRecord) client = tessera_transaction_find (&tx, "client", one->row);
    g_autoptr (TesseraStatement) statement = NULL;
    gboolean open;

    if (g_hash_table_contains (world->erased, one->row) || g_hash_table_contains (world->deleted, one->row))
      continue;
    for (guint j = 0; j < world->writes->len; j++) {
      const Write *candidate = world->writes->pdata[j];
      gboolean seen = FALSE;

      if (strcmp (candidate->row, one->row) != 0 || candidate->field != one->field
          || counts_for_nothing (world, candidate->stream, candidate->sequence))
        continue;
      for (guint k = 0; k < world->writes->len && !seen; k++) {
        const Write *later = world->writes->pdata[k];

        seen = later != candidate && strcmp (later->row, one->row) == 0 && later->field == one->field
               && !counts_for_nothing (world, later->stream, later->sequence)
               && tessera_vector_get (later->seen, candidate->stream) >= candidate->sequence;
      }
      if (!seen)
        g_hash_table_add (values, (gpointer) (candidate->value ? candidate->value : ""));
    }
    if (!client) {
      /* Made by the lost laptop after its last good change. */
      g_assert_cmpint (world->revoked, >=, 0);
      continue;
    }
    statement = tessera_transaction_prepare (
      &tx, "SELECT 1 FROM \"conflict\" WHERE \"row\" = ?1 AND field = ?2 AND resolved_at IS NULL", NULL);
    tessera_statement_bind_text (statement, 1, one->row);
    tessera_statement_bind_text (statement, 2, one->field);
    open = tessera_statement_step (statement, NULL);
    g_assert_cmpint (open, ==, g_hash_table_size (values) > 1);
    counts.conflicts += open;
    g_assert_true (g_hash_table_contains (values, tessera_record_get (client, one->field)
                                                    ? tessera_record_get (client, one->field) : ""));
  }
  commit (&tx);
}

static void
check_visits (World *world, Device *device) {
  TesseraTransaction tx = begin (world, device);
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, world->visits);
  while (g_hash_table_iter_next (&iter, &id, &value)) {
    g_auto (GStrv) parts = g_strsplit (value, " ", 3);
    const char *stream = world->devices[atoi (parts[0])].stream;
    g_autoptr (TesseraRecord) visit = tessera_transaction_find (&tx, "visit", id);
    gboolean expected = !counts_for_nothing (world, stream, g_ascii_strtoll (parts[1], NULL, 10))
                        && !g_hash_table_contains (world->erased, parts[2]);

    g_assert_cmpint (visit != NULL, ==, expected);
  }
  commit (&tx);
}

/* ---- one history ---- */

static void
take_step (World *world) {
  Device *device = &world->devices[g_rand_int_range (world->random, 0, (int) world->n_devices)];

  world->now += g_rand_int_range (world->random, 0, 100000);
  switch (g_rand_int_range (world->random, 0, 24)) {
  case 0:
    make_client (world, device);
    break;
  case 1: case 2:
  case 3: case 4: case 5: case 6:
    edit_client (world, device);
    break;
  case 7: case 8:
    add_visit (world, device);
    break;
  case 9:
    write_service (world, device);
    break;
  case 10:
    settle (world, device);
    break;
  case 11:
    if (g_rand_int_range (world->random, 0, 3) == 0)
      delete_something (world, device);
    break;
  case 12:
    if (g_rand_int_range (world->random, 0, 4) == 0)
      erase (world);
    break;
  case 13:
    if (g_rand_int_range (world->random, 0, 6) == 0)
      lose_laptop (world);
    hear_of_revocation (world, device);
    break;
  case 14:
    if (world->compacts && g_rand_int_range (world->random, 0, 3) == 0)
      hear_all_and_compact (world, device);
    else
      publish_snapshot (world, device);
    break;
  case 15: case 16: case 17:
    publish (world, device);
    break;
  default:
    deliver_something (world, device);
  }
}

static void
run_history (guint32 seed) {
  World world = { .random = g_rand_new_with_seed (seed), .revoked = -1, .now = G_GINT64_CONSTANT (1795262400000) };
  guint n_steps = (guint) g_rand_int_range (world.random, 40, 200);
  g_autofree char *expected = NULL;

  /* Most of the time few, so that they write to the same people. */
  world.n_devices = (guint) g_rand_int_range (world.random, 2, g_rand_boolean (world.random) ? 4 : MOST_DEVICES + 1);
  world.compacts = g_rand_boolean (world.random);
  world.posts = g_ptr_array_new_with_free_func (post_free);
  world.clients = g_ptr_array_new_with_free_func (g_free);
  world.writes = g_ptr_array_new_with_free_func (write_free);
  world.visits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world.erased = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  world.deleted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < world.n_devices; i++) {
    TesseraTransaction tx;

    start_device (&world, i);
    tx = begin (&world, &world.devices[i]);
    world.devices[i].stream = tessera_transaction_get_own_stream (&tx, NULL);
    commit (&tx);
  }
  for (guint i = 0; i < n_steps; i++)
    take_step (&world);
  bring_together (&world);
  for (guint i = 0; i < world.n_devices; i++) {
    Device *device = &world.devices[i];
    g_autofree char *found = NULL;

    counts.changes += (guint64) device->connection->sequence;
    if (world.revoked == (int) i)
      continue;
    found = describe (&world, device);
    if (!expected)
      expected = g_strdup (found);
    g_assert_cmpstr (found, ==, expected);
    check_visits (&world, device);
  }
  check_conflicts (&world, &world.devices[0]);
  for (guint i = 0; i < 2 && world.revoked != (int) i; i++) {
    g_autofree char *rebuilt = NULL;

    if (i == 1)
      compact (&world, &world.devices[i]);
    rebuild_everything (&world, &world.devices[i]);
    rebuilt = describe (&world, &world.devices[i]);
    g_assert_cmpstr (rebuilt, ==, expected);
  }
  for (guint i = 0; i < world.n_devices; i++) {
    tessera_connection_close (world.devices[i].connection);
    g_free (world.devices[i].stream);
  }
  g_ptr_array_unref (world.posts);
  g_ptr_array_unref (world.clients);
  g_ptr_array_unref (world.writes);
  g_hash_table_unref (world.visits);
  g_hash_table_unref (world.erased);
  g_hash_table_unref (world.deleted);
  g_rand_free (world.random);
  counts.histories++;
}

static void
test_histories (void) {
  const char *many = g_getenv ("TESSERA_HISTORIES");
  const char *first = g_getenv ("TESSERA_SEED");
  guint64 n = many ? g_ascii_strtoull (many, NULL, 10) : HISTORIES;
  guint32 seed = first ? (guint32) g_ascii_strtoull (first, NULL, 10) : 1;

  for (guint64 i = 0; i < n; i++) {
    g_test_message ("history %u", seed + (guint32) i);
    if (g_getenv ("TESSERA_SHOW"))
      g_printerr ("history %u\n", seed + (guint32) i);
    run_history (seed + (guint32) i);
  }
  g_print ("# %" G_GUINT64_FORMAT " histories: %" G_GUINT64_FORMAT " changes, %" G_GUINT64_FORMAT " deliveries (%"
           G_GUINT64_FORMAT " brought nothing new, %" G_GUINT64_FORMAT " waited, %" G_GUINT64_FORMAT " interrupted), %"
           G_GUINT64_FORMAT " snapshots, %" G_GUINT64_FORMAT " open conflicts, %" G_GUINT64_FORMAT " erasures, %"
           G_GUINT64_FORMAT " deletions, %" G_GUINT64_FORMAT " services made, %" G_GUINT64_FORMAT " revocations, %" G_GUINT64_FORMAT " forgotten\n",
           counts.histories, counts.changes, counts.deliveries, counts.repeated, counts.parked, counts.crashes,
           counts.snapshots, counts.conflicts, counts.erasures, counts.deletions, counts.double_rows, counts.revocations,
           counts.compacted);
}

int
main (int argc, char *argv[]) {
  int result;

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  registry = tessera_registry_new ();
  audit_key = tessera_secret_new_from_bytes ("0123456789abcdef0123456789abcdef", 32);
  make_template ();
  g_test_add_func ("/convergence/histories", test_histories);
  result = g_test_run ();
  sqlite3_close (template);
  tessera_secret_free (audit_key);
  g_object_unref (registry);
  return result;
}
