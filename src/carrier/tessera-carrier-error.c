/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-error.c: the error domain of carriers, and the system's reasons in its words.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <errno.h>

#include "tessera-carrier-private.h"

G_DEFINE_QUARK (tessera-carrier-error-quark, tessera_carrier_error)

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
