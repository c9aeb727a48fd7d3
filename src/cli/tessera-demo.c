/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo.c: the run: staff first, then clients in batches.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-demo-private.h"
#include "tessera-identifier.h"

/* Large enough that commits cost nothing, small enough to fit in memory. */
#define CLIENTS_PER_BATCH 500

typedef struct {
  TesseraDemo *demo;
  guint first;
  guint count;
} Batch;

TesseraRecord *
tessera_demo_new_row (TesseraDemo *self, const char *entity, gint64 at) {
  TesseraRegistry *registry = tessera_transaction_get_registry (self->transaction);
  g_autofree char *id = tessera_demo_random_uuid (&self->random, at);

  return tessera_record_new_for (registry, tessera_registry_get_entity (registry, entity), id);
}

void
tessera_demo_set_date (TesseraRecord *record, const char *field, gint64 at) {
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (at / 1000);
  g_autofree char *date = g_date_time_format (time, "%Y-%m-%d");

  tessera_record_set (record, field, date);
}

/* Weekends move to the Friday before; 1 January 1970 was a Thursday. */
gint64
tessera_demo_at_desk (TesseraDemo *self, int days) {
  gint64 day = self->now / TESSERA_DEMO_DAY - days;
  gint64 weekday = (day + 4) % 7;
  gint64 at;

  if (weekday == 0)
    day -= 2;
  else if (weekday == 6)
    day -= 1;
  at = day * TESSERA_DEMO_DAY + tessera_demo_random_between (&self->random, 9 * 12, 17 * 12) * 300000;
  return MIN (at, self->now - tessera_demo_random_between (&self->random, 1, 90) * 60000);
}

TesseraRecord *
tessera_demo_pick_worker (TesseraDemo *self) {
  /* The last one in the list is the one who is signed in. */
  if (self->own != NULL && tessera_demo_random_chance (&self->random, 30))
    return g_ptr_array_index (self->workers, self->workers->len - 1);
  return g_ptr_array_index (self->workers, tessera_demo_random_below (&self->random, self->workers->len));
}

const char *
tessera_demo_pick_sentence (TesseraDemo *self, const char *const *list) {
  return list[tessera_demo_random_below (&self->random, g_strv_length ((char **) list))];
}

static void
demo_service_free (gpointer data) {
  TesseraDemoService *service = data;

  g_free (service->id);
  g_free (service->name);
  g_free (service);
}

static gboolean
check_empty (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  statement = tessera_transaction_prepare (transaction, "SELECT count(*) FROM client", error);
  if (statement == NULL || !tessera_statement_step (statement, error))
    return FALSE;
  if (tessera_statement_get_integer (statement, 0) == 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED,
                       _("This vault has clients already; make the demonstration in a new folder."));
  return FALSE;
}

static gboolean
run_staff (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraDemo *demo = data;

  demo->transaction = transaction;
  demo->random.state = demo->seed;
  return check_empty (transaction, error) && tessera_demo_add_staff (demo, error);
}

static gboolean
run_batch (TesseraTransaction *transaction, gpointer data, GError **error) {
  Batch *batch = data;

  batch->demo->transaction = transaction;
  for (guint i = batch->first; i < batch->first + batch->count; i++) {
    if (!tessera_demo_add_client (batch->demo, i, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run (TesseraStore *store, TesseraDemo *demo, const TesseraDemoOptions *options, GError **error) {
  if (!tessera_store_write (store, run_staff, demo, error))
    return FALSE;
  for (guint done = 0; done < options->clients; done += CLIENTS_PER_BATCH) {
    Batch batch = { demo, done, MIN (CLIENTS_PER_BATCH, options->clients - done) };

    if (!tessera_store_write (store, run_batch, &batch, error))
      return FALSE;
    if (options->progress != NULL)
      options->progress (done + batch.count, options->clients, options->progress_data);
  }
  return TRUE;
}

gboolean
tessera_demo_fill (TesseraStore *store, const TesseraDemoOptions *options, GError **error) {
  TesseraDemo demo = { .seed = options->seed,
                       .now = options->now != 0 ? options->now : tessera_now (),
                       .visits_per_client = options->visits_per_client };
  gboolean done;

  if (options->clients > TESSERA_DEMO_MOST_CLIENTS || options->visits_per_client > TESSERA_DEMO_MOST_VISITS) {
    g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED,
                 _("A demonstration has at most %d clients and %d visits each."), TESSERA_DEMO_MOST_CLIENTS,
                 TESSERA_DEMO_MOST_VISITS);
    return FALSE;
  }
  demo.workers = g_ptr_array_new_with_free_func (g_object_unref);
  demo.partners = g_ptr_array_new_with_free_func (g_object_unref);
  demo.services = g_ptr_array_new_with_free_func (demo_service_free);
  done = run (store, &demo, options, error);
  g_ptr_array_unref (demo.workers);
  g_ptr_array_unref (demo.partners);
  g_ptr_array_unref (demo.services);
  g_free (demo.household);
  return done;
}
