/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-error.c: the error domain of carriers, and the system's reasons in its words.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <errno.h>

#include "tessera-carrier-private.h"

typedef struct {
  guint retry_after;
} TesseraCarrierErrorPrivate;

static void
tessera_carrier_error_private_init (TesseraCarrierErrorPrivate *private) {
  private->retry_after = 0;
}

static void
tessera_carrier_error_private_copy (const TesseraCarrierErrorPrivate *from, TesseraCarrierErrorPrivate *to) {
  *to = *from;
}

static void
tessera_carrier_error_private_clear (TesseraCarrierErrorPrivate *private) {
}

G_DEFINE_EXTENDED_ERROR (TesseraCarrierError, tessera_carrier_error)

gboolean
tessera_carrier_error_is_temporary (const GError *error) {
  if (error == NULL || error->domain != TESSERA_CARRIER_ERROR)
    return FALSE;
  switch ((TesseraCarrierError) error->code) {
  case TESSERA_CARRIER_ERROR_NOT_FOUND:
  case TESSERA_CARRIER_ERROR_NOT_COMPLETE:
  case TESSERA_CARRIER_ERROR_FAILED:
  case TESSERA_CARRIER_ERROR_OFFLINE:
  case TESSERA_CARRIER_ERROR_BUSY:
    return TRUE;
  case TESSERA_CARRIER_ERROR_FULL:
  case TESSERA_CARRIER_ERROR_READ_ONLY:
  case TESSERA_CARRIER_ERROR_UNSAFE:
  case TESSERA_CARRIER_ERROR_NOT_ALLOWED:
  case TESSERA_CARRIER_ERROR_CERTIFICATE:
  case TESSERA_CARRIER_ERROR_ELSEWHERE:
  default:
    return FALSE;
  }
}

guint
tessera_carrier_error_get_retry_after (const GError *error) {
  if (error == NULL || error->domain != TESSERA_CARRIER_ERROR)
    return 0;
  return tessera_carrier_error_get_private (error)->retry_after;
}

void
tessera_carrier_error_set_retry_after (GError *error, guint seconds) {
  tessera_carrier_error_get_private (error)->retry_after = seconds;
}

void
tessera_carrier_set_write_error (GError **error, int reason, const char *where) {
  switch (reason) {
  case ENOSPC:
  case EDQUOT:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FULL,
                 _("There is no space left in “%s”; free some or choose another place."), where);
    return;
  case EROFS:
  case EACCES:
  case EPERM:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_READ_ONLY,
                 _("“%s” may not be written to; remove its write protection or choose another place."),
                   where);
    return;
  case ENOENT:
  case ENOTDIR:
    tessera_carrier_set_missing_error (error, where);
    return;
  default:
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED,
                 _("“%s” cannot be written to (%s); check the drive or the connection and try again."), where,
                 g_strerror (reason));
  }
}

void
tessera_carrier_set_read_error (GError **error, int reason, const char *where) {
  if (reason == ENOENT || reason == ENOTDIR)
    tessera_carrier_set_missing_error (error, where);
  else if (reason == ELOOP || reason == ENXIO)
    tessera_carrier_set_unsafe_error (error, where);
  else
    g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED,
                 _("“%s” cannot be read (%s); check the drive or the connection and try again."), where,
                 g_strerror (reason));
}

void
tessera_carrier_set_missing_error (GError **error, const char *where) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND,
               _("“%s” is not there; plug in the drive or connect to the server and try again."), where);
}

void
tessera_carrier_set_unsafe_error (GError **error, const char *where) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
               _("“%s” is a link, a device or a folder and is left alone; remove it or choose another name."),
                 where);
}

void
tessera_carrier_set_name_error (GError **error, const char *name) {
  g_autofree char *shown = g_utf8_make_valid (name, -1);

  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
               _("“%s” is not a name that carriers use; nothing was read or written."), shown);
}

void
tessera_carrier_set_size_error (GError **error, const char *name) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
               _("The file “%s” is larger than 256 MiB and is left alone; ask who sent it."), name);
}

void
tessera_carrier_set_gone_error (GError **error, const char *name) {
  g_set_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_NOT_FOUND,
               _("The file “%s” is no longer in the mailbox; if it is still needed, its sender will bring it again."),
               name);
}
