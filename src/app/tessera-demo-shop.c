/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-shop.c: what `tessera --demo` fills its vault with; see the header.
 */
#include "config.h"
#include "tessera-demo-shop.h"

#include "tessera-demo.h"

#define CLIENTS 200
#define VISITS_PER_CLIENT 6
#define LETTERS_WAITING 3
#define CLIENTS_WITH_PAPERS 20

static gboolean
find_first_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (GPtrArray) workers
    = tessera_transaction_select_records (transaction, "worker", "LIMIT 1", NULL, error);
  char **ret_id = data;

  if (workers == NULL || workers->len == 0)
    return FALSE;
  *ret_id = g_strdup (tessera_record_get_id (workers->pdata[0]));
  return TRUE;
}

gboolean
tessera_demo_shop_fill (TesseraStore *store, GError **error) {
  const TesseraDemoOptions options
    = { .clients = CLIENTS, .visits_per_client = VISITS_PER_CLIENT, .seed = 1 };
  g_autofree char *worker = NULL;

  if (!tessera_store_read (store, find_first_worker, &worker, error))
    return FALSE;
  tessera_store_set_worker (store, worker);
  return tessera_demo_import_directory (store, error) && tessera_demo_fill (store, &options, error)
         && tessera_demo_add_documents (store, CLIENTS_WITH_PAPERS, options.seed, error)
         && tessera_demo_add_post (store, LETTERS_WAITING, options.seed, error);
}
