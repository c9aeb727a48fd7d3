/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-directory.c: the service directory that comes with Tessera, in all its languages.
 */
#include "config.h"

#include "tessera-demo.h"
#include "tessera-directory-import.h"

#define SUFFIX ".hsds.json"

static gboolean
import (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_directory_import (transaction, data, NULL, FALSE, NULL, error);
}

/* English first: the first language is the directory's base. */
static int
compare_names (gconstpointer a, gconstpointer b) {
  const char *const *one = a, *const *other = b;
  gboolean one_english = g_strrstr (*one, ".en.") != NULL, other_english = g_strrstr (*other, ".en.") != NULL;

  return one_english != other_english ? other_english - one_english : g_strcmp0 (*one, *other);
}

static GPtrArray *
list_files (void) {
  const char *data = g_getenv ("TESSERA_DATA_DIR");
  g_autofree char *folder = g_build_filename (data != NULL ? data : PACKAGE_DATA_DIR, "directory", NULL);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
    if (g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  }
  g_ptr_array_sort (files, compare_names);
  return files;
}

gboolean
tessera_demo_import_directory (TesseraStore *store, GError **error) {
  g_autoptr (GPtrArray) files = list_files ();

  for (guint i = 0; i < files->len; i++) {
    g_autoptr (TesseraHsds) hsds =
      tessera_hsds_read_file (tessera_store_get_registry (store), g_ptr_array_index (files, i), error);

    if (hsds == NULL || !tessera_store_write (store, import, hsds, error))
      return FALSE;
  }
  return TRUE;
}
