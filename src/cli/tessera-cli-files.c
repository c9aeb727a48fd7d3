/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-files.c: reading files with a limit, and commands over several of them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <stdlib.h>
#include <string.h>

#include "tessera-cli-fields.h"

GBytes *
tessera_cli_read_file (const char *path, gsize most, GError **error) {
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree char *contents = NULL;
  g_autoptr (GFileInfo) info = NULL;
  gsize size, read;

  if (stream == NULL)
    return NULL;
  info = g_file_input_stream_query_info (stream, G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, error);
  if (info == NULL)
    return NULL;
  size = (gsize) g_file_info_get_size (info);
  if (size > most) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("%s is too large to be what it should be."), path);
    return NULL;
  }
  contents = g_malloc (size + 1);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), contents, size, &read, NULL, error))
    return NULL;
  contents[read] = '\0';
  return g_bytes_new_take (g_steal_pointer (&contents), read);
}

static gboolean
lies_inside (const char *path, const char *folder) {
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

gboolean
tessera_cli_check_target (TesseraCli *self, const char *path, GError **error) {
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *parent = is_folder ? g_strdup (path) : g_path_get_dirname (path);
  char *place = realpath (parent, NULL);
  char *vault = realpath (tessera_cli_get_folder (self), NULL);
  gboolean inside = place != NULL && vault != NULL && lies_inside (place, vault);

  free (place);
  free (vault);
  if (inside) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("%s lies inside the vault, whose files belong to Tessera; choose another place."), path);
    return FALSE;
  }
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !is_folder && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("%s is not a file that can be written anew; choose another place."), path);
    return FALSE;
  }
  return TRUE;
}

gboolean
tessera_cli_for_each_file (TesseraCli *self, TesseraCliFileFunc func, JsonArray *done, GError **error) {
  guint n_files = tessera_cli_count_arguments (self);
  guint n_refused = 0;

  for (guint place = 0; place < n_files; place++) {
    const char *path = tessera_cli_get_argument (self, place);
    g_autoptr (GError) local_error = NULL;
    JsonObject *object = func (self, path, &local_error);

    if (object != NULL) {
      json_array_add_object_element (done, object);
    } else if (n_files == 1) {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", path);
      return FALSE;
    } else {
      n_refused++;
      tessera_cli_warn (self, "%s: %s", path, local_error->message);
    }
    tessera_cli_progress (self, place + 1, n_files);
  }
  if (n_refused == 0)
    return TRUE;
  if (n_refused == n_files)
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("All %u files were refused; nothing was taken in."), n_files);
  else
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_SOME_REFUSED,
                 _("%u of %u files were refused; the others were taken in."), n_refused, n_files);
  return FALSE;
}

char *
tessera_cli_join_arguments (TesseraCli *self, guint first) {
  GString *words = g_string_new (NULL);

  for (guint place = first; place < tessera_cli_count_arguments (self); place++)
    g_string_append_printf (words, "%s%s", place > first ? " " : "", tessera_cli_get_argument (self, place));
  return g_string_free (words, FALSE);
}
