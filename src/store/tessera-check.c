/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-check.c: whether everything in a vault is what was once written there.
 *
 * It reads through a connection of its own, so it finds what is on the disk and not what the application still has in
 * memory, and lets the application go on.
 */
#include "config.h"

#include "tessera-check.h"

#include <glib/gi18n-lib.h>

#include "tessera-attachment.h"
#include "tessera-backup-private.h"
#include "tessera-connection.h"
#include "tessera-identifier.h"
#include "tessera-store-private.h"

#define STEPS_BETWEEN_QUESTIONS 10000
#define MOST_FINDINGS "1"

/* One check at work. */
typedef struct {
  TesseraStore *store;
  TesseraConnection *connection;
  TesseraTransaction transaction; /* a snapshot, for the parts that read records */
  GCancellable *cancellable;
  TesseraCheckProgressFunc progress;
  gpointer progress_data;
  TesseraRelay *relay;
  int number;                     /* of the part at work ... */
  const char *name;               /* ... and its name */
  GError *stopped;
} Check;

/** CheckFunc: %FALSE with a sentence about what is wrong. *@count grows by what was looked at. */
typedef gboolean (*CheckFunc) (Check *self, gint64 *count, GError **error);

static gboolean
is_stopped (Check *self) {
  return self->stopped || tessera_store_should_stop (self->store, self->cancellable, &self->stopped);
}

static gboolean
go_on (guint64 done, guint64 total, gpointer data) {
  Check *self = data;

  if (self->relay)
    tessera_relay_tell (self->relay, self->name, self->number, done, total);
  else if (self->progress)
    self->progress (self->name, done, total, self->progress_data);
  return !is_stopped (self);
}

/* Called by SQLite every so often while it works. */
static int
interrupt (gpointer data) {
  return is_stopped (data);
}

/* ---- the parts ---- */

static gboolean
count_pages (guint64 done, guint64 total, gpointer data) {
  gpointer *arguments = data;

  *(gint64 *) arguments[1] = (gint64) total;
  return go_on (done, total, arguments[0]);
}

static gboolean
check_pages (Check *self, gint64 *count, GError **error) {
  gpointer arguments[] = { self, count };
  int rc = tessera_database_read_all (self->connection->database, count_pages, arguments);

  if (rc == SQLITE_OK)
    return TRUE;
  tessera_vault_set_sqlite_error (error, self->connection->database, rc);
  return FALSE;
}

static gboolean
check_tables (Check *self, gint64 *count, GError **error) {
  g_autoptr (TesseraStatement) tables = tessera_transaction_prepare (
    &self->transaction, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'", error);
  g_autoptr (TesseraStatement) findings = tessera_transaction_prepare (
    &self->transaction, "PRAGMA integrity_check (" MOST_FINDINGS ")", error);

  if (!tables || !findings || !tessera_statement_step (tables, error) || !tessera_statement_step (findings, error))
    return FALSE;
  *count = tessera_statement_get_integer (tables, 0);
  if (g_strcmp0 (tessera_statement_get_text (findings, 0), "ok") == 0)
    return TRUE;
  /* What SQLite found is a list of pages; what to do is the same for all of them. */
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The tables of the store contradict each other or cannot be read; restore a backup."));
  return FALSE;
}

static gboolean
check_schema (Check *self, gint64 *count, GError **error) {
  return tessera_schema_check (&self->transaction, count, error);
}

static gboolean
check_index (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_search_check_index (transaction, error);
}

/* The index itself is checked on the writing thread: SQLite takes the order for it for a change. */
static gboolean
check_search (Check *self, gint64 *count, GError **error) {
  return tessera_search_check (&self->transaction, count, error)
         && tessera_store_write (self->store, check_index, NULL, error);
}

static gboolean
check_audit (Check *self, gint64 *count, GError **error) {
  return tessera_transaction_verify_audit (&self->transaction, count, error);
}

static gboolean
check_changes (Check *self, gint64 *count, GError **error) {
  return tessera_change_log_check (&self->transaction, count, error);
}

static gboolean
check_attachments (Check *self, gint64 *count, GError **error) {
  return tessera_transaction_verify_attachments (&self->transaction, count, error);
}

/* Those made before the data key was changed are left out: their pages open with the passphrases of that time only. */
static gboolean
check_backups (Check *self, gint64 *count, GError **error) {
  TesseraVault *vault = tessera_store_get_vault (self->store);
  g_autoptr (GPtrArray) paths = tessera_backup_list_paths (tessera_vault_get_folder (vault));

  for (guint i = 0; i < paths->len; i++) {
    g_autoptr (TesseraBackupFile) file = tessera_backup_file_open (paths->pdata[i], error);
    TesseraBackupWork work = { .store = self->store, .cancellable = self->cancellable };

    if (!file)
      return FALSE;
    if (!tessera_backup_file_opens_with (file, vault))
      continue;
    if (!go_on (i, paths->len, self)
        || !tessera_backup_work_verify (&work, paths->pdata[i], NULL, error))
      return FALSE;
    (*count)++;
  }
  return TRUE;
}

/* In this order. Damaged pages make most of the others fail too; that is said of each. */
static const struct {
  const char *name;
  CheckFunc run;
} parts[] = {
  { "pages", check_pages },   { "tables", check_tables },   { "schema", check_schema },   { "search", check_search },
  { "audit", check_audit },   { "changes", check_changes },
  { "attachments", check_attachments },                     { "backups", check_backups },
};

/* ---- the whole ---- */

static void
part_free (gpointer pointer) {
  TesseraCheckPart *part = pointer;

  g_free (part->problem);
  g_free (part);
}

static void
run_part (Check *self, guint number, GPtrArray *done) {
  TesseraCheckPart *part = g_new0 (TesseraCheckPart, 1);
  g_autoptr (GError) error = NULL;

  part->name = self->name = parts[number].name;
  self->number = (int) number;
  g_ptr_array_add (done, part);
  if (go_on (0, 0, self) && !parts[number].run (self, &part->count, &error))
    part->problem = g_strdup (error ? error->message : _("It could not be read; restore a backup."));
}

static gboolean
run_parts (Check *self, GPtrArray *done, GError **error) {
  if (!tessera_connection_execute (self->connection, "BEGIN", error))
    return FALSE;
  sqlite3_progress_handler (self->connection->database, STEPS_BETWEEN_QUESTIONS, interrupt, self);
  for (guint i = 0; i < G_N_ELEMENTS (parts) && !self->stopped; i++)
    run_part (self, i, done);
  sqlite3_progress_handler (self->connection->database, 0, NULL, NULL);
  if (is_stopped (self)) {
    g_propagate_error (error, g_steal_pointer (&self->stopped));
    return FALSE;
  }
  return TRUE;
}

static GPtrArray *
check (Check *self, GError **error) {
  g_autoptr (GPtrArray) done = g_ptr_array_new_with_free_func (part_free);
  gboolean finished;

  if (!tessera_store_begin_long (self->store, error))
    return NULL;
  self->connection = tessera_connection_open (tessera_store_get_vault (self->store),
                                              tessera_store_get_registry (self->store), FALSE, error);
  finished = self->connection != NULL;
  if (finished) {
    self->connection->thread = g_thread_self ();
    self->transaction = (TesseraTransaction) { self->connection, FALSE, tessera_now (), NULL, NULL };
    finished = run_parts (self, done, error);
  }
  tessera_connection_close (self->connection);
  tessera_store_end_long (self->store);
  return finished ? g_steal_pointer (&done) : NULL;
}

GPtrArray *
tessera_store_check (TesseraStore *self, TesseraCheckProgressFunc progress, gpointer progress_data,
                     GCancellable *cancellable, GError **error) {
  Check work = { .store = self, .cancellable = cancellable, .progress = progress, .progress_data = progress_data };

  return check (&work, error);
}

gboolean
tessera_check_is_ok (GPtrArray *done) {
  for (guint i = 0; i < done->len; i++)
    if (((TesseraCheckPart *) done->pdata[i])->problem)
      return FALSE;
  return TRUE;
}

/* ---- in a thread ---- */

typedef struct {
  TesseraCheckProgressFunc progress;
  gpointer progress_data;
  TesseraRelay *relay;
} Order;

static void
order_free (gpointer pointer) {
  Order *order = pointer;

  g_clear_pointer (&order->relay, tessera_relay_unref);
  g_free (order);
}

static void
relay_progress (const char *what, int number, guint64 done, guint64 total, gpointer data) {
  Order *order = data;

  order->progress (what, done, total, order->progress_data);
}

static void
run_check (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Order *order = data;
  Check work = { .store = source, .cancellable = cancellable, .relay = order->relay };
  GError *error = NULL;
  GPtrArray *done = check (&work, &error);

  if (done)
    g_task_return_pointer (task, done, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
tessera_store_check_async (TesseraStore *self, TesseraCheckProgressFunc progress, gpointer progress_data,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data) {
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Order *order = g_new0 (Order, 1);

  order->progress = progress;
  order->progress_data = progress_data;
  if (progress)
    order->relay = tessera_relay_new (relay_progress, order);
  g_task_set_source_tag (task, tessera_store_check_async);
  g_task_set_task_data (task, order, order_free);
  g_task_run_in_thread (task, run_check);
}

GPtrArray *
tessera_store_check_finish (TesseraStore *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
