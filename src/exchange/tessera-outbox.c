/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-outbox.c: a stream onto a temporary file, and the order of sync and rename that makes it last.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-outbox.h"

#define PREFIX ".tessera-sealing-"
/* Nobody seals one file for that long: what is older was left by a crash. */
#define ABANDONED_SECONDS 86400

#define TESSERA_TYPE_OUTBOX_STREAM (tessera_outbox_stream_get_type ())
G_DECLARE_FINAL_TYPE (TesseraOutboxStream, tessera_outbox_stream, TESSERA, OUTBOX_STREAM, GOutputStream)

struct _TesseraOutboxStream {
  GOutputStream parent_instance;

  char *folder;
  char *path; /* temporary; NULL once it has its name */
  int descriptor;
  gint64 size;
};

G_DEFINE_FINAL_TYPE (TesseraOutboxStream, tessera_outbox_stream, G_TYPE_OUTPUT_STREAM)

static gboolean
fail (const char *folder, int code, GError **error)
{
  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
               _("The bundle could not be written to “%s”: %s. Nothing was sent; choose another place."), folder,
               g_strerror (code));
  return FALSE;
}

static void
remove_if_abandoned (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf status;

  if (g_lstat (path, &status) == 0 && S_ISREG (status.st_mode)
      && status.st_mtime < g_get_real_time () / G_USEC_PER_SEC - ABANDONED_SECONDS)
    g_unlink (path);
}

static void
remove_abandoned (const char *folder)
{
  g_autoptr (GDir) names = g_dir_open (folder, 0, NULL);
  const char *name;

  while (names != NULL && (name = g_dir_read_name (names)) != NULL)
    if (g_str_has_prefix (name, PREFIX))
      remove_if_abandoned (folder, name);
}

GOutputStream *
tessera_outbox_begin (const char *folder, GError **error)
{
  g_autoptr (TesseraOutboxStream) self = g_object_new (TESSERA_TYPE_OUTBOX_STREAM, NULL);
  g_autofree char *path = g_build_filename (folder, PREFIX "XXXXXX", NULL);

  self->folder = g_strdup (folder);
  remove_abandoned (folder);
  self->descriptor = g_mkstemp_full (path, O_WRONLY | O_CLOEXEC, 0600);
  if (self->descriptor < 0) {
    fail (folder, errno, error);
    return NULL;
  }
  self->path = g_steal_pointer (&path);

  return G_OUTPUT_STREAM (g_steal_pointer (&self));
}

gint64
tessera_outbox_get_size (GOutputStream *stream)
{
  return TESSERA_OUTBOX_STREAM (stream)->size;
}

/* Without it the name itself could be lost. Some network folders cannot be synced; there the file is all we can keep. */
static gboolean
sync_folder (const char *folder, GError **error)
{
  int descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int code = 0;

  if (descriptor < 0)
    return fail (folder, errno, error);
  if (fsync (descriptor) != 0 && errno != EINVAL && errno != EROFS)
    code = errno;
  close (descriptor);

  return code == 0 || fail (folder, code, error);
}

gboolean
tessera_outbox_commit (GOutputStream *stream, const char *name, GError **error)
{
  TesseraOutboxStream *self = TESSERA_OUTBOX_STREAM (stream);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_return_val_if_fail (self->path != NULL && self->descriptor >= 0, FALSE);

  if (fsync (self->descriptor) != 0)
    return fail (self->folder, errno, error);
  if (!g_output_stream_close (stream, NULL, error))
    return FALSE;
  if (g_rename (self->path, path) != 0)
    return fail (self->folder, errno, error);
  g_clear_pointer (&self->path, g_free);

  return sync_folder (self->folder, error);
}

static gssize
tessera_outbox_stream_write (GOutputStream *stream, const void *data, gsize size, GCancellable *cancellable,
                             GError **error)
{
  TesseraOutboxStream *self = TESSERA_OUTBOX_STREAM (stream);
  gssize written;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  do
    written = write (self->descriptor, data, size);
  while (written < 0 && errno == EINTR);
  if (written < 0)
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  else
    self->size += written;

  return written;
}

static gboolean
tessera_outbox_stream_close (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  TesseraOutboxStream *self = TESSERA_OUTBOX_STREAM (stream);
  int descriptor = self->descriptor;

  self->descriptor = -1;
  if (descriptor < 0 || close (descriptor) == 0)
    return TRUE;

  return fail (self->folder, errno, error);
}

static void
tessera_outbox_stream_finalize (GObject *object)
{
  TesseraOutboxStream *self = TESSERA_OUTBOX_STREAM (object);

  if (self->path != NULL)
    g_unlink (self->path);
  g_free (self->path);
  g_free (self->folder);

  G_OBJECT_CLASS (tessera_outbox_stream_parent_class)->finalize (object);
}

static void
tessera_outbox_stream_class_init (TesseraOutboxStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tessera_outbox_stream_finalize;
  G_OUTPUT_STREAM_CLASS (class)->write_fn = tessera_outbox_stream_write;
  G_OUTPUT_STREAM_CLASS (class)->close_fn = tessera_outbox_stream_close;
}

static void
tessera_outbox_stream_init (TesseraOutboxStream *self)
{
  self->descriptor = -1;
}
