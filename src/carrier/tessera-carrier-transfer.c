/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-transfer.c: opening our files, and bringing what is fetched under its name.
 */
#include "config.h"

#include "tessera-carrier-transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-carrier-private.h"

#define PART_SUFFIX ".part"

gboolean
tessera_carrier_descriptor_fits (int descriptor, const char *name, TesseraCarrierCheck check) {
  g_autoptr (GInputStream) stream = NULL;
  gboolean fits;

  if (lseek (descriptor, 0, SEEK_SET) != 0)
    return FALSE;
  stream = g_unix_input_stream_new (descriptor, FALSE);
  fits = check (name, stream, NULL);
  return lseek (descriptor, 0, SEEK_SET) == 0 && fits;
}

static gboolean
check_source (int descriptor, const char *path, const char *name, TesseraCarrierCheck check, gint64 *ret_size,
              GError **error) {
  struct stat status;

  if (fstat (descriptor, &status) != 0)
    tessera_carrier_set_read_error (error, errno, path);
  else if (!S_ISREG (status.st_mode))
    tessera_carrier_set_unsafe_error (error, path);
  else if (status.st_size > TESSERA_CARRIER_SIZE_LIMIT)
    tessera_carrier_set_size_error (error, name);
  else if (!tessera_carrier_descriptor_fits (descriptor, name, check))
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE,
                 _("The file “%s” does not fit its name and was not written; make it again."), name);
  else {
    *ret_size = status.st_size;
    return TRUE;
  }
  return FALSE;
}

int
tessera_carrier_open_source (const char *path, const char *name, TesseraCarrierCheck check, gint64 *ret_size,
                             GError **error) {
  int descriptor = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (descriptor < 0) {
    tessera_carrier_set_read_error (error, errno, path);
    return -1;
  }
  if (check_source (descriptor, path, name, check, ret_size, error))
    return descriptor;
  close (descriptor);
  return -1;
}

/* An earlier call's rest is gone on with, unless it is nothing we can have made. */
static gboolean
transfer_open (TesseraTransfer *self, GError **error) {
  struct stat status;

  self->descriptor
    = open (self->part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, (mode_t) 0600);
  if (self->descriptor < 0 || fstat (self->descriptor, &status) != 0) {
    tessera_carrier_set_write_error (error, errno, self->part);
    return FALSE;
  }
  if (!S_ISREG (status.st_mode)) {
    tessera_carrier_set_unsafe_error (error, self->part);
    return FALSE;
  }
  if (status.st_size > TESSERA_CARRIER_SIZE_LIMIT)
    return tessera_transfer_restart (self, error);
  self->size = lseek (self->descriptor, 0, SEEK_END);
  return TRUE;
}

gboolean
tessera_transfer_restart (TesseraTransfer *self, GError **error) {
  self->size = 0;
  if (ftruncate (self->descriptor, 0) == 0 && lseek (self->descriptor, 0, SEEK_SET) == 0)
    return TRUE;
  tessera_carrier_set_write_error (error, errno, self->part);
  return FALSE;
}

gboolean
tessera_transfer_write (TesseraTransfer *self, gconstpointer data, gsize size, GError **error) {
  int reason;

  if ((gint64) size > TESSERA_CARRIER_SIZE_LIMIT - self->size) {
    tessera_transfer_restart (self, NULL);
    tessera_carrier_set_size_error (error, self->name);
    return FALSE;
  }
  reason = tessera_carrier_write_all (self->descriptor, data, size);
  if (reason != 0) {
    /* A full disk is not left full. */
    if (reason == ENOSPC || reason == EDQUOT)
      tessera_transfer_restart (self, NULL);
    tessera_carrier_set_write_error (error, reason, self->part);
    return FALSE;
  }
  self->size += (gint64) size;
  return TRUE;
}

/* Nobody else writes in that folder, so an existing file of this name is an older copy of the same. */
static gboolean
transfer_finish (TesseraTransfer *self, GError **error) {
  int reason = tessera_carrier_sync (self->descriptor);

  if (reason == 0 && rename (self->part, self->path) != 0)
    reason = errno;
  if (reason == 0)
    return TRUE;
  tessera_carrier_set_write_error (error, reason, self->path);
  return FALSE;
}

static gboolean
transfer_fill (TesseraTransfer *self, TesseraCarrierCheck check, TesseraTransferSource source, gpointer data,
               GError **error) {
  gboolean resumed = self->size > 0;

  if (!source (self, data, error))
    return FALSE;
  if (tessera_carrier_descriptor_fits (self->descriptor, self->name, check))
    return transfer_finish (self, error);
  if (!tessera_transfer_restart (self, error))
    return FALSE;
  if (resumed)
    return transfer_fill (self, check, source, data, error);
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_COMPLETE,
               _("The file “%s” is not complete or was changed; wait until it is copied or ask for it again."),
               self->name);
  return FALSE;
}

gboolean
tessera_transfer_run (const char *name, const char *path, TesseraCarrierCheck check, TesseraTransferSource source,
                      gpointer data, GError **error) {
  g_autofree char *part = g_strconcat (path, PART_SUFFIX, NULL);
  TesseraTransfer self = { .name = name, .path = path, .part = part, .descriptor = -1 };
  gboolean done = FALSE;

  if (transfer_open (&self, error)) {
    done = transfer_fill (&self, check, source, data, error);
    /* What has arrived so far waits for the next call. */
    if (!done && self.size == 0)
      unlink (part);
  }
  if (self.descriptor >= 0)
    close (self.descriptor);
  return done;
}
