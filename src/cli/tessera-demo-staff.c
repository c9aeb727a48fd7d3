/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-staff.c: who works in the shop, and the services it knows.
 */
#include "config.h"

#include "tessera-demo-private.h"

/* Enough of the directory for referrals to look varied. */
#define MOST_SERVICES 400

/* clang-format off */
static const struct {
  const char *name;
  const char *role;
  const char *language;
  const char *languages;
} staff[] = {
  { "Inês Exemplo", "worker", "en", "en,pt" },
  { "Tomé Ensaio", "worker", "en", "en,es,pt" },
  { "Hélène Modèle", "worker", "fr", "en,fr" },
  { "Samira Al-Mithal", "mediator", "ar", "ar,en,fr" },
  { "Bikash Namuna", "mediator", "en", "bn,en,ne" },
  { "Luísa Amostra", "supervisor", "en", "en,fr,pt" },
};
/* clang-format on */

/* How long ago the shop began: everything in it is younger. */
#define SHOP_DAYS 600

static gboolean
add_workers (TesseraDemo *self, GError **error) {
  const char *own = tessera_transaction_get_worker (self->transaction);

  for (guint i = 0; i < G_N_ELEMENTS (staff); i++) {
    TesseraRecord *worker = tessera_demo_new_row (self, "worker", self->now - SHOP_DAYS * TESSERA_DEMO_DAY);

    g_ptr_array_add (self->workers, worker);
    tessera_record_set (worker, "name", staff[i].name);
    tessera_record_set (worker, "role", staff[i].role);
    tessera_record_set (worker, "language", staff[i].language);
    tessera_record_set (worker, "languages", staff[i].languages);
    tessera_record_set_boolean (worker, "active", TRUE);
    if (!tessera_transaction_save (self->transaction, worker, error))
      return FALSE;
  }
  if (own != NULL) {
    TesseraRecord *worker = tessera_transaction_load (self->transaction, "worker", own, error);

    if (worker == NULL)
      return FALSE;
    g_ptr_array_add (self->workers, worker);
    self->own = tessera_record_get_id (worker);
  }
  return TRUE;
}

static gboolean
load_services (TesseraDemo *self, GError **error) {
  g_autofree char *sql =
    g_strdup_printf ("SELECT id, name FROM service WHERE status IS NULL OR status = 'active'"
                     " ORDER BY id LIMIT %d",
                     MOST_SERVICES);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (self->transaction, sql, error);
  GError *local_error = NULL;

  if (statement == NULL)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    TesseraDemoService *service = g_new0 (TesseraDemoService, 1);

    service->id = tessera_statement_get_id (statement, 0);
    service->name = g_strdup (tessera_statement_get_text (statement, 1));
    g_ptr_array_add (self->services, service);
  }
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_demo_add_staff (TesseraDemo *self, GError **error) {
  return add_workers (self, error) && tessera_demo_add_partners (self, error) && load_services (self, error);
}
