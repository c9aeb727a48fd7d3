/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * casework-fixture.h: a store with a worker, and short ways to make synthetic people.
 */
#pragma once

#include <locale.h>
#include <string.h>

#include "tessera-casework-error.h"
#include "tessera-fixture.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

typedef struct {
  char *folder;
  TesseraVault *vault;
  TesseraStore *store;
} Fixture;

/* Noon, far from midnight in every time zone the tests may run in. */
#define TODAY "2026-11-21"
#define TODAY_NOON TODAY "T12:00:00Z"

static inline void
casework_set_now (const char *now) {
  if (g_strcmp0 (g_getenv ("TESSERA_NOW"), now) != 0)
    g_setenv ("TESSERA_NOW", now, TRUE);
}

static inline gboolean
casework_add_worker (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) worker = tessera_transaction_new_record (tx, "worker");
  char **ret_id = data;

  tessera_record_set (worker, "name", "Test Worker");
  tessera_record_set (worker, "role", "worker");
  *ret_id = g_strdup (tessera_record_get_id (worker));
  return tessera_transaction_save (tx, worker, error);
}

G_GNUC_UNUSED static void
casework_set_up (Fixture *fixture, gconstpointer data) {
  g_autofree char *worker = NULL;
  g_autoptr (GError) error = NULL;

  casework_set_now (TODAY_NOON);
  fixture->folder = fixture_make_folder ();
  fixture->vault = fixture_create_vault (fixture->folder);
  fixture->store = fixture_open_store (fixture->vault);
  tessera_store_write (fixture->store, casework_add_worker, &worker, &error);
  g_assert_no_error (error);
  tessera_store_set_worker (fixture->store, worker);
}

G_GNUC_UNUSED static void
casework_tear_down (Fixture *fixture, gconstpointer data) {
  fixture_close (&fixture->store, &fixture->vault);
  fixture_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* Runs @data, a TesseraStoreFunc, in a writing transaction. */
G_GNUC_UNUSED static void
casework_run (Fixture *fixture, gconstpointer data) {
  g_autoptr (GError) error = NULL;

  tessera_store_write (fixture->store, (TesseraStoreFunc) data, NULL, &error);
  g_assert_no_error (error);
}

#define casework_add(path, func) g_test_add (path, Fixture, func, casework_set_up, casework_run, casework_tear_down)

/* Fields in pairs of name and value, ended by NULL. */
G_GNUC_UNUSED static TesseraRecord *
casework_new (TesseraTransaction *tx, const char *entity, ...) {
  TesseraRecord *record = tessera_transaction_new_record (tx, entity);
  const char *field;
  va_list fields;

  va_start (fields, entity);
  while ((field = va_arg (fields, const char *)))
    tessera_record_set (record, field, va_arg (fields, const char *));
  va_end (fields);
  return record;
}

G_GNUC_UNUSED static TesseraRecord *
casework_add_client (TesseraTransaction *tx, const char *name) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *client = casework_new (tx, "client", "name", name, "language", "ar", NULL);

  tessera_intake_register (tx, client, &error);
  g_assert_no_error (error);
  return client;
}

G_GNUC_UNUSED static TesseraRecord *
casework_add_partner (TesseraTransaction *tx, const char *name) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *partner = casework_new (tx, "partner", "name", name, "organization_key", name, NULL);

  tessera_transaction_save (tx, partner, &error);
  g_assert_no_error (error);
  return partner;
}

G_GNUC_UNUSED static void
casework_save (TesseraTransaction *tx, TesseraRecord *record) {
  g_autoptr (GError) error = NULL;

  tessera_transaction_save (tx, record, &error);
  g_assert_no_error (error);
}

G_GNUC_UNUSED static TesseraRecord *
casework_reload (TesseraTransaction *tx, TesseraRecord *record) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *loaded = tessera_transaction_load (tx, tessera_record_get_entity (record)->name,
                                                    tessera_record_get_id (record), &error);

  g_assert_no_error (error);
  return loaded;
}
