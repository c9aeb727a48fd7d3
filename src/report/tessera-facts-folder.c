/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-facts-folder.c: files that appear together, and never in place of others.
 */
#include "config.h"
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "tessera-casework-error.h"
#include "tessera-facts-private.h"

#define PART ".part"

struct _TesseraFactsFolder {
  char *path;
  gboolean is_ours;
  gboolean is_published;
  GPtrArray *names;
};

static char *
locate (TesseraFactsFolder *self, const char *name, gboolean as_part) {
  g_autofree char *file = g_strconcat (name, as_part ? PART : "", NULL);

  return g_build_filename (self->path, file, NULL);
}

TesseraFactsFolder *
tessera_facts_folder_new (const char *path, GError **error) {
  gboolean is_ours = g_mkdir (path, 0700) == 0;
  int problem = errno;
  TesseraFactsFolder *self;

  if (!is_ours && !g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
                 _("%s cannot be made a folder: %s. Choose a folder, or a new name in one."), path,
                 g_strerror (problem));
    return NULL;
  }
  self = g_new0 (TesseraFactsFolder, 1);
  self->path = g_strdup (path);
  self->is_ours = is_ours;
  self->names = g_ptr_array_new_with_free_func (g_free);
  return self;
}

GPtrArray *
tessera_facts_folder_get_names (TesseraFactsFolder *self) {
  return self->names;
}

static gboolean
refuse_taken (const char *path, GError **error) {
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
               _("%s is there already and is not written over; choose an empty folder."), path);
  return FALSE;
}

static gboolean
check_free (const char *path, GError **error) {
  return g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK)
           ? refuse_taken (path, error)
           : TRUE;
}

GOutputStream *
tessera_facts_folder_create (TesseraFactsFolder *self, const char *name, GError **error) {
  g_autofree char *path = locate (self, name, FALSE);
  g_autofree char *part = locate (self, name, TRUE);
  g_autoptr (GFile) file = g_file_new_for_path (part);
  g_autoptr (GFileOutputStream) stream = NULL;

  if (!check_free (path, error) || !check_free (part, error))
    return NULL;
  stream = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, error);
  if (!stream)
    return NULL;
  g_ptr_array_add (self->names, g_strdup (name));
  return g_buffered_output_stream_new (G_OUTPUT_STREAM (stream));
}

static gboolean
publish_one (TesseraFactsFolder *self, const char *name, GError **error) {
  g_autofree char *path = locate (self, name, FALSE);
  g_autofree char *part = locate (self, name, TRUE);
  g_autoptr (GFile) from = g_file_new_for_path (part);
  g_autoptr (GFile) to = g_file_new_for_path (path);

  return check_free (path, error) && g_file_move (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, error);
}

gboolean
tessera_facts_folder_publish (TesseraFactsFolder *self, GError **error) {
  for (guint i = 0; i < self->names->len; i++) {
    if (publish_one (self, self->names->pdata[i], error))
      continue;
    for (guint j = 0; j < i; j++) {
      g_autofree char *path = locate (self, self->names->pdata[j], FALSE);

      g_unlink (path);
    }
    return FALSE;
  }
  self->is_published = TRUE;
  return TRUE;
}

void
tessera_facts_folder_free (TesseraFactsFolder *self) {
  for (guint i = 0; !self->is_published && i < self->names->len; i++) {
    g_autofree char *part = locate (self, self->names->pdata[i], TRUE);

    g_unlink (part);
  }
  if (!self->is_published && self->is_ours)
    g_rmdir (self->path);
  g_ptr_array_unref (self->names);
  g_free (self->path);
  g_free (self);
}
