/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers-open.c: from settings to a carrier; the only place that knows all kinds.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-bundle.h"
#include "tessera-carriers.h"
#include "tessera-folder-carrier.h"
#include "tessera-webdav-carrier.h"

static TesseraCarrier *
open_folder (const TesseraCarrierSettings *settings, GError **error) {
  g_autofree char *path = g_filename_from_uri (settings->uri, NULL, error);

  return path ? TESSERA_CARRIER (tessera_folder_carrier_new (path, tessera_bundle_check_name)) : NULL;
}

static char *
copy_password (gpointer data) {
  const TesseraSecret *password = data;

  return g_strndup ((const char *) tessera_secret_get_data (password), tessera_secret_get_size (password));
}

static TesseraCarrier *
open_server (const TesseraCarrierSettings *settings, const TesseraSecret *password, GError **error) {
  g_autoptr (TesseraWebdavCarrier) carrier = tessera_webdav_carrier_new (settings->uri, tessera_bundle_check_name,
                                                                         error);

  if (!carrier || !tessera_webdav_carrier_set_pin (carrier, settings->pin, error))
    return NULL;
  if (settings->user && password)
    tessera_webdav_carrier_set_credentials (
      carrier, settings->user, copy_password,
      tessera_secret_new_from_bytes (tessera_secret_get_data (password), tessera_secret_get_size (password)),
      (GDestroyNotify) tessera_secret_free);
  return TESSERA_CARRIER (g_steal_pointer (&carrier));
}

TesseraCarrier *
tessera_carrier_settings_open (const TesseraCarrierSettings *settings, const TesseraSecret *password, GError **error) {
  return settings->kind == TESSERA_CARRIER_FOLDER ? open_folder (settings, error)
                                                  : open_server (settings, password, error);
}

TesseraCarrier *
tessera_carriers_open (TesseraTransaction *transaction, const TesseraCarrierSettings *settings, GError **error) {
  g_autoptr (TesseraSecret) password = tessera_carriers_get_password (transaction, settings->name);

  return tessera_carrier_settings_open (settings, password, error);
}
