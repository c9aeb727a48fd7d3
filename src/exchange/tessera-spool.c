/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-spool.c: memory first, then an age file without a name.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "tessera-age.h"
#include "tessera-spool.h"

#define FIRST_ALLOCATION 4096

struct _TesseraSpool {
  char *folder;
  gsize limit;
  guint8 *memory;
  gsize n_memory;
  gsize n_allocated;
  guint64 size;

  int descriptor;
  TesseraSecret *key;
  TesseraAgeWriter *writer;
};

TesseraSpool *
tessera_spool_new (const char *folder, gsize memory)
{
  TesseraSpool *self = g_new0 (TesseraSpool, 1);

  self->folder = g_strdup (folder);
  self->limit = folder != NULL ? memory : G_MAXSIZE;
  self->descriptor = -1;

  return self;
}

static void
clear_memory (TesseraSpool *self)
{
  if (self->memory != NULL)
    sodium_memzero (self->memory, self->n_allocated);
  g_clear_pointer (&self->memory, g_free);
  self->n_memory = 0;
  self->n_allocated = 0;
}

static gboolean
fail (TesseraSpool *self, int code, GError **error)
{
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
               _("The bundle cannot be prepared in “%s” (%s); make room there and try again."), self->folder,
               g_strerror (code));
  return FALSE;
}

/* A file that nobody can find; where the folder cannot do that, one that has a name for a moment. */
static int
open_unnamed (const char *folder)
{
  int descriptor = open (folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  g_autofree char *path = NULL;

  if (descriptor >= 0)
    return descriptor;
  path = g_build_filename (folder, ".tessera-spool-XXXXXX", NULL);
  descriptor = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0)
    g_unlink (path);

  return descriptor;
}

static gboolean
move_to_file (TesseraSpool *self, GError **error)
{
  guint8 public_key[TESSERA_AGE_KEY_SIZE];
  g_autoptr (GOutputStream) output = NULL;
  gboolean good;

  self->descriptor = open_unnamed (self->folder);
  if (self->descriptor < 0)
    return fail (self, errno, error);
  self->key = tessera_age_key_generate ();
  tessera_age_key_get_public (self->key, public_key);
  output = g_unix_output_stream_new (self->descriptor, FALSE);
  self->writer = tessera_age_writer_new (output, public_key, 1, FALSE, error);
  good = self->writer != NULL && tessera_age_writer_write (self->writer, self->memory, self->n_memory, error);
  clear_memory (self);

  return good;
}

/* What was in the smaller place is wiped, so that no copies pile up. */
static void
keep_in_memory (TesseraSpool *self, gconstpointer data, gsize size)
{
  if (self->n_memory + size > self->n_allocated) {
    gsize n_larger = MAX (self->n_allocated, FIRST_ALLOCATION);
    guint8 *larger;
    gsize n_kept = self->n_memory;

    while (n_larger < n_kept + size)
      n_larger *= 2;
    larger = g_malloc (n_larger);
    if (n_kept > 0)
      memcpy (larger, self->memory, n_kept);
    clear_memory (self);
    self->memory = larger;
    self->n_memory = n_kept;
    self->n_allocated = n_larger;
  }
  if (size > 0)
    memcpy (self->memory + self->n_memory, data, size);
  self->n_memory += size;
}

gboolean
tessera_spool_write (TesseraSpool *self, gconstpointer data, gsize size, GError **error)
{
  self->size += size;
  if (self->descriptor < 0 && size <= self->limit - self->n_memory) {
    keep_in_memory (self, data, size);
    return TRUE;
  }
  if (self->descriptor < 0 && !move_to_file (self, error))
    return FALSE;

  return tessera_age_writer_write (self->writer, data, size, error);
}

guint64
tessera_spool_get_size (TesseraSpool *self)
{
  return self->size;
}

gsize
tessera_spool_get_memory (TesseraSpool *self)
{
  return self->n_memory;
}

const guint8 *
tessera_spool_peek_memory (TesseraSpool *self)
{
  return self->memory;
}

gboolean
tessera_spool_finish (TesseraSpool *self, GError **error)
{
  return self->writer == NULL || tessera_age_writer_finish (self->writer, error);
}

GInputStream *
tessera_spool_open (TesseraSpool *self, GError **error)
{
  const TesseraSecret *keys[] = { self->key };
  g_autoptr (GInputStream) sealed = NULL;

  if (self->descriptor < 0)
    return g_memory_input_stream_new_from_data (self->memory, (gssize) self->n_memory, NULL);
  if (lseek (self->descriptor, 0, SEEK_SET) < 0) {
    fail (self, errno, error);
    return NULL;
  }
  sealed = g_unix_input_stream_new (self->descriptor, FALSE);

  return (GInputStream *) tessera_age_input_stream_new (sealed, keys, 1, error);
}

void
tessera_spool_free (TesseraSpool *self)
{
  if (self == NULL)
    return;
  clear_memory (self);
  tessera_age_writer_free (self->writer);
  tessera_secret_free (self->key);
  if (self->descriptor >= 0)
    close (self->descriptor);
  g_free (self->folder);
  g_free (self);
}
