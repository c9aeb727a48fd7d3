/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-shop.c: what `tessera --demo` fills its vault with; see the header.
 */
#include "config.h"
#include "tessera-demo-shop.h"

#include "tessera-demo.h"
#include "tessera-directory-import.h"
#include "tessera-hsds-reader.h"

#define CLIENTS 200
#define VISITS_PER_CLIENT 6

typedef struct {
  TesseraHsds *hsds;
  const char *language;
} Edition;

static gboolean
import_edition (TesseraTransaction *transaction, gpointer data, GError **error) {
  Edition *edition = data;

  return tessera_directory_import (transaction, edition->hsds, edition->language, TRUE, NULL, error);
}

/* A demonstration without its sample directory is still one: a missing file is no error. */
static gboolean
add_edition (TesseraStore *store, const char *name, const char *language, GError **error) {
  const char *data_dir = g_getenv ("TESSERA_DATA_DIR");
  g_autofree char *path =
    g_build_filename (data_dir != NULL ? data_dir : PACKAGE_DATA_DIR, "directory", name, NULL);
  g_autoptr (TesseraHsds) hsds = NULL;
  Edition edition = { NULL, language };

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  hsds = tessera_hsds_read_file (tessera_store_get_registry (store), path, error);
  if (hsds == NULL)
    return FALSE;
  edition.hsds = hsds;
  return tessera_store_write (store, import_edition, &edition, error);
}

static gboolean
find_first_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (GPtrArray) workers = tessera_transaction_select_records (transaction, "worker", "LIMIT 1", NULL, error);
  char **ret_id = data;

  if (workers == NULL || workers->len == 0)
    return FALSE;
  *ret_id = g_strdup (tessera_record_get_id (workers->pdata[0]));
  return TRUE;
}

gboolean
tessera_demo_shop_fill (TesseraStore *store, GError **error) {
  const TesseraDemoOptions options = { .clients = CLIENTS, .visits_per_client = VISITS_PER_CLIENT, .seed = 1 };
  g_autofree char *worker = NULL;

  if (!tessera_store_read (store, find_first_worker, &worker, error))
    return FALSE;
  tessera_store_set_worker (store, worker);
  return add_edition (store, "services-jordan-2015.en.hsds.json", "en", error) &&
         add_edition (store, "services-jordan-2015.ar.hsds.json", "ar", error) &&
         tessera_demo_fill (store, &options, error);
}
